#!/usr/bin/env python3
"""The portal in a real browser: widths, colours, directions, the keyboard, and axe."""
import contextlib
import sys

from portal_page import *
from scenario import *

ROOT = pathlib.Path(os.environ.get("WARD_SOURCE_ROOT", "."))
sys.path.insert(0, str(ROOT / "tests"))
import chromium

AXE = pathlib.Path(os.environ.get("WARD_AXE") or ROOT / "build/axe/node_modules/axe-core/axe.min.js")
LANGUAGES = ["en", "fr", "es", "ar"]
NAMES = ["", "report", "help?country=FR", "back", "stop", "children", "nine", "twelve", "teens",
         "parents", "teachers", "privacy", "transparency", "nothing"]
LONG = "www.example.org/" + "averylongpathwithoutanyblank" * 12
PICTURES = os.environ.get("WARD_PICTURES")  # a folder: keeps what was looked at


@contextlib.contextmanager
def new_page():
    try:
        browser = chromium.Chromium()
    except chromium.Missing as missing:
        raise Skip(missing) from None
    with browser:
        yield browser.page()


def keep(page, name):
    if PICTURES:
        page.screenshot(pathlib.Path(PICTURES) / f"{name}.png")


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


def show(page, stage, html):
    """A page that only a form leads to, under the portal's own address so that its style loads."""
    page.open(f"http://127.0.0.1:{stage.port}/portal.svg")
    page.open(f"http://127.0.0.1:{stage.port}/en/")
    frame = page.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
    page.send("Page.setDocumentContent", {"frameId": frame, "html": html})
    page.evaluate("""new Promise(done => { const look = () => document.styleSheets.length &&
        document.readyState === "complete" ? done(true) : setTimeout(look, 5); look(); })""")


def overflow(page):
    """What sticks out of the page at its side."""
    return page.evaluate("""(() => { const wide = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= wide) return "";
        return [...document.querySelectorAll("body *")].filter(e => {
            const box = e.getBoundingClientRect();
            return box.width > 1 && (box.right > wide + 1 || box.left < -1);
        }).map(e => e.outerHTML.slice(0, 120)).join("\\n") || "something"; })()""")


@case("no page is wider than a screen of 240, 360 or 1280 pixels, in any language")
def _(folder):
    with Stage(folder, "--operator", "The Lighthouse") as stage, new_page() as page:
        # The narrowest is looked at in every language; what fits there fits the others.
        made = list(states(stage, LANGUAGES))
        for width, height, languages in ((240, 320, LANGUAGES), (360, 720, ["ar"]),
                                         (1280, 720, ["fr"])):
            page.size(width, height)
            for language in languages:
                for name in NAMES:
                    page.open(f"http://127.0.0.1:{stage.port}/{language}/{name}")
                    assert not overflow(page), (width, language, name, overflow(page))
                    keep(page, f"{width}-{language}-{name.split('?')[0] or 'first'}")
            for name, made_page in made:
                if name[:2] not in languages:
                    continue
                show(page, stage, made_page.body.decode())
                assert not overflow(page), (width, name, overflow(page))
                keep(page, f"{width}-{name}")


@case("axe finds nothing wrong on any page, light or dark, from left or from right")
def _(folder):
    if not AXE.is_file():
        raise Skip("axe-core is not here (tools/axe build/axe gets it)")
    script = AXE.read_text()
    look = """axe.run(document, { resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa",
        "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then(found => found.violations.map(v =>
        v.impact + " " + v.id + ": " + v.nodes.map(n => n.html.slice(0, 150)).join(" | ")))"""
    with Stage(folder, "--operator", "The Lighthouse") as stage, new_page() as page:
        page.size(360, 720)
        looked = 0
        # Languages differ in words and direction, the schemes in colours: not every pair is new.
        for scheme, languages in ("light", ["ar"]), ("dark", ["en"]):
            pages = [(f"{language}/{name}", None) for language in languages for name in NAMES]
            pages += [(name, made.body.decode()) for name, made in states(stage, languages)]
            page.media(prefers_color_scheme=scheme)
            for name, html in pages:
                if html:
                    show(page, stage, html)
                else:
                    page.open(f"http://127.0.0.1:{stage.port}/{name}")
                page.evaluate(script + "; 1")
                found = page.evaluate(look)
                assert not found, (scheme, name, found)
                looked += 1
            keep(page, f"axe-{scheme}")
        print(f"# axe looked at {looked} pages")


@case("a report is made with the keyboard alone, without a script, and Enter is the next step")
def _(folder):
    with Stage(folder) as stage, new_page() as page:
        page.size(360, 720)
        page.scripts(False)

        def tab_to(what):
            """Presses the tab key until the element that is focused is that one."""
            for _ in range(80):
                page.key("Tab")
                if page.evaluate(f"document.activeElement.matches({json.dumps(what)})"):
                    return
            raise AssertionError(f"the keyboard does not reach {what}")

        def press_enter():
            page.forget()
            page.key("Enter")
            page.event("Page.loadEventFired")

        page.open(f"http://127.0.0.1:{stage.port}/en/report")
        tab_to("[name=what]")
        page.key(" ")
        page.key("ArrowDown")
        press_enter()
        assert "Step 2" in page.evaluate("document.body.textContent")
        tab_to("#address")
        page.type("somewhere")
        tab_to("[name=place]")
        page.key(" ")
        tab_to("button.go")
        press_enter()
        tab_to("[name=topic]")
        page.key(" ")
        tab_to("#words")
        page.type("typed, not clicked")
        tab_to("button.go")
        press_enter()
        tab_to("#mail")
        page.type("a@example.org")
        press_enter()  # the contact is none: the address is kept, and not used
        assert "Check and send" in page.evaluate("document.body.textContent")
        wait_until_sendable()
        tab_to("button.go")
        press_enter()
        assert "Your report is here" in page.evaluate("document.body.textContent")
        row = stage.did("file")[0]
        equal([row["what"], row["address"], row["words"], row["mail"]],
              ["picture", "somewhere", "typed, not clicked", ""])


@case("what is focused is seen, and the skip link is the first stop")
def _(folder):
    with Stage(folder) as stage, new_page() as page:
        page.size(360, 720)
        page.open(f"http://127.0.0.1:{stage.port}/en/")
        page.key("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.evaluate("document.activeElement.getBoundingClientRect().height") > 15
        for _ in range(12):
            page.key("Tab")
            style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            equal(style, "solid")


@case("nothing is loaded from elsewhere, nothing breaks the policy, no cookie is there")
def _(folder):
    with Stage(folder) as stage, new_page() as page:
        for language in ["en"]:
            for name in NAMES:
                page.open(f"http://127.0.0.1:{stage.port}/{language}/{name}")
                for _, url, _ in page.requests():
                    assert url.startswith(f"http://127.0.0.1:{stage.port}/"), url
                for words in page.complaints():
                    assert "404" in words and name == "nothing", words
        equal(page.send("Network.getCookies")["cookies"], [])


@case("on paper there is the text and no button")
def _(folder):
    with Stage(folder) as stage, new_page() as page:
        page.media("print")
        page.open(f"http://127.0.0.1:{stage.port}/en/parents")
        shown = page.evaluate("""[...document.querySelectorAll("nav, .leave, .danger, .skip")].filter(
            e => e.getClientRects().length > 0).length""")
        equal(shown, 0)
        assert page.evaluate("document.querySelector('ol').getClientRects().length") == 1


run_cases()
