#!/usr/bin/env python3
"""The portal in a real browser: widths, colours, directions, the keyboard, and axe."""
import sys

import chromium
from chromium import Chromium
from portal_page import *
from scenario import *

ROOT = pathlib.Path(os.environ.get("WARD_SOURCE_ROOT", "."))
AXE = ROOT / "tests/portal/node_modules/axe-core/axe.min.js"
LANGUAGES = ["en", "fr", "es", "ar"]
NAMES = ["", "report", "help?country=FR", "back", "stop", "children", "nine", "twelve", "teens",
         "parents", "teachers", "privacy", "transparency", "nothing"]
LONG = "www.example.org/" + "averylongpathwithoutanyblank" * 12
PICTURES = os.environ.get("WARD_PICTURES")  # a folder: keeps what was looked at


def needs_browser():
    if not chromium.PROGRAM:
        raise Skip("Chromium is not here")


def keep(browser, name):
    if PICTURES:
        browser.picture(pathlib.Path(PICTURES) / f"{name}.png")


def states(stage, languages):
    """Pages behind forms, as HTML: each step, empty, wrong and filled, receipt and answer."""
    for language in languages:
        steps = [fill_report(stage, language, until) for until in
                 ("what", "address", "topic", "contact")]
        yield from ((f"{language}-step{i + 1}", step) for i, step in enumerate(steps))
        yield f"{language}-wrong1", steps[0].press("next")
        yield f"{language}-wrong2", steps[1].press("next")
        yield f"{language}-wrong3", steps[2].press("next", date="x")
        yield f"{language}-wrong4", steps[3].press("next", contact="mail", mail="x")
        yield f"{language}-help", steps[1].press("danger", address="x").press("danger", country="BE")
        check = fill_report(stage, language, address=LONG, words="the lamp is lit\n" + LONG +
                            "\n0123 456789", contact="mail", mail="somebody@example.org")
        yield f"{language}-check", check
        yield f"{language}-soon", check.press("send")
        wait_until_sendable()
        sent = check.press("send")
        yield f"{language}-sent", sent
        code = re.search(r'class="code"[^>]*><bdi>([^<]*)', sent.body.decode())[1]
        opened = stage.get(f"/{language}/back").press("open", code=code)
        yield f"{language}-answer", opened.press("add", words=LONG)
        yield f"{language}-wrongcode", stage.get(f"/{language}/back").press("open", code=LONG)


def show(browser, stage, html):
    """A page that only a form leads to, under the portal's own address so that its style loads."""
    browser.open(f"http://127.0.0.1:{stage.port}/portal.svg")
    browser.open(f"http://127.0.0.1:{stage.port}/en/")
    frame = browser.ask("Page.getFrameTree")["frameTree"]["frame"]["id"]
    browser.ask("Page.setDocumentContent", frameId=frame, html=html)
    browser.run("""new Promise(done => { const look = () => document.styleSheets.length &&
        document.readyState === "complete" ? done(true) : setTimeout(look, 5); look(); })""")


def overflow(browser):
    """What sticks out of the page at its side."""
    return browser.run("""(() => { const wide = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= wide) return "";
        return [...document.querySelectorAll("body *")].filter(e => {
            const box = e.getBoundingClientRect();
            return box.width > 1 && (box.right > wide + 1 || box.left < -1);
        }).map(e => e.outerHTML.slice(0, 120)).join("\\n") || "something"; })()""")


@case("no page is wider than a screen of 240, 360 or 1280 pixels, in any language")
def _(folder):
    needs_browser()
    with Stage(folder, "--operator", "The Lighthouse") as stage, Chromium(folder) as browser:
        # The narrowest is looked at in every language; what fits there fits the others.
        made = list(states(stage, LANGUAGES))
        for width, height, languages in ((240, 320, LANGUAGES), (360, 720, ["ar"]),
                                         (1280, 720, ["fr"])):
            browser.size(width, height)
            for language in languages:
                for name in NAMES:
                    browser.open(f"http://127.0.0.1:{stage.port}/{language}/{name}")
                    assert not overflow(browser), (width, language, name, overflow(browser))
                    keep(browser, f"{width}-{language}-{name.split('?')[0] or 'first'}")
            for name, page in made:
                if name[:2] not in languages:
                    continue
                show(browser, stage, page.body.decode())
                assert not overflow(browser), (width, name, overflow(browser))
                keep(browser, f"{width}-{name}")


@case("axe finds nothing wrong on any page, light or dark, from left or from right")
def _(folder):
    needs_browser()
    if not AXE.is_file():
        raise Skip("axe-core is not here (npm ci in tests/portal)")
    script = AXE.read_text()
    look = """axe.run(document, { resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa",
        "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then(found => found.violations.map(v =>
        v.impact + " " + v.id + ": " + v.nodes.map(n => n.html.slice(0, 150)).join(" | ")))"""
    with Stage(folder, "--operator", "The Lighthouse") as stage, Chromium(folder) as browser:
        browser.size(360, 720)
        looked = 0
        # Languages differ in words and direction, the schemes in colours: not every pair is new.
        for scheme, languages in ("light", ["en", "ar"]), ("dark", ["fr"]):
            pages = [(f"{language}/{name}", None) for language in languages for name in NAMES]
            pages += [(name, page.body.decode()) for name, page in states(stage, languages)]
            browser.media(prefers_color_scheme=scheme)
            for name, html in pages:
                if html:
                    show(browser, stage, html)
                else:
                    browser.open(f"http://127.0.0.1:{stage.port}/{name}")
                browser.run(script + "; 1")
                found = browser.run(look)
                assert not found, (scheme, name, found)
                looked += 1
            keep(browser, f"axe-{scheme}")
        print(f"# axe looked at {looked} pages")


@case("a report is made with the keyboard alone, without a script, and Enter is the next step")
def _(folder):
    needs_browser()
    with Stage(folder) as stage, Chromium(folder) as browser:
        browser.size(360, 720)
        browser.scripts(False)

        def tab_to(what):
            """Presses the tab key until the element that is focused is that one."""
            for _ in range(80):
                browser.key("Tab", 9)
                if browser.run(f"document.activeElement.matches({json.dumps(what)})"):
                    return
            raise AssertionError(f"the keyboard does not reach {what}")

        def press_enter():
            browser.events.clear()
            browser.key("Enter", 13, "\r")
            browser.wait_for("Page.loadEventFired")

        browser.open(f"http://127.0.0.1:{stage.port}/en/report")
        tab_to("[name=what]")
        browser.key(" ", 32, " ")
        browser.key("ArrowDown", 40)
        press_enter()
        assert "Step 2" in browser.run("document.body.textContent")
        tab_to("#address")
        browser.type("somewhere")
        tab_to("[name=place]")
        browser.key(" ", 32, " ")
        tab_to("button.go")
        press_enter()
        tab_to("[name=topic]")
        browser.key(" ", 32, " ")
        tab_to("#words")
        browser.type("typed, not clicked")
        tab_to("button.go")
        press_enter()
        tab_to("#mail")
        browser.type("a@example.org")
        press_enter()  # the contact is none: the address is kept, and not used
        assert "Check and send" in browser.run("document.body.textContent")
        wait_until_sendable()
        tab_to("button.go")
        press_enter()
        assert "Your report is here" in browser.run("document.body.textContent")
        row = stage.did("file")[0]
        equal([row["what"], row["address"], row["words"], row["mail"]],
              ["picture", "somewhere", "typed, not clicked", ""])


@case("what is focused is seen, and the skip link is the first stop")
def _(folder):
    needs_browser()
    with Stage(folder) as stage, Chromium(folder) as browser:
        browser.size(360, 720)
        browser.open(f"http://127.0.0.1:{stage.port}/en/")
        browser.key("Tab", 9)
        assert browser.run("document.activeElement.className") == "skip"
        assert browser.run("document.activeElement.getBoundingClientRect().height") > 15
        for _ in range(12):
            browser.key("Tab", 9)
            style = browser.run("getComputedStyle(document.activeElement).outlineStyle")
            equal(style, "solid")


@case("nothing is loaded from elsewhere, nothing breaks the policy, no cookie is there")
def _(folder):
    needs_browser()
    with Stage(folder) as stage, Chromium(folder) as browser:
        for language in ["en"]:
            for name in NAMES:
                browser.open(f"http://127.0.0.1:{stage.port}/{language}/{name}")
                for event in browser.events:
                    if event.get("method") == "Network.requestWillBeSent":
                        url = event["params"]["request"]["url"]
                        assert url.startswith(f"http://127.0.0.1:{stage.port}/"), url
                    if event.get("method") == "Log.entryAdded":
                        entry = event["params"]["entry"]
                        assert "404" in entry["text"] and name == "nothing", entry
        equal(browser.ask("Network.getCookies")["cookies"], [])


@case("on paper there is the text and no button")
def _(folder):
    needs_browser()
    with Stage(folder) as stage, Chromium(folder) as browser:
        browser.media("print")
        browser.open(f"http://127.0.0.1:{stage.port}/en/parents")
        shown = browser.run("""[...document.querySelectorAll("nav, .leave, .danger, .skip")].filter(
            e => e.getClientRects().length > 0).length""")
        equal(shown, 0)
        assert browser.run("document.querySelector('ol').getClientRects().length") == 1


run_cases()
