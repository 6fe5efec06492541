#!/usr/bin/env python3
"""The page in place of a blocked one: what it says, what it keeps to itself, and "this is a mistake"."""
import contextlib
import shutil
import sys

from portal_page import *
from scenario import *

ROOT = pathlib.Path(os.environ.get("WARD_SOURCE_ROOT", "."))
sys.path.insert(0, str(ROOT / "tests"))
import chromium

AXE = pathlib.Path(os.environ.get("WARD_AXE") or ROOT / "build/axe/node_modules/axe-core/axe.min.js")
PICTURES = os.environ.get("WARD_PICTURES")  # a folder: keeps what was looked at
LANGUAGES = ["en", "fr", "es", "ar"]
KINDS = ["abuse", "category", "held", "time", "ordered"]
WORDS = {code: json.loads((ROOT / f"web/portal/words/{code}.json").read_text()) for code in LANGUAGES}
HOME = "http://help.localhost"


def start(folder, *more):
    return Stage(folder, "--operator", "Network of Exampleland", "--block", HOME, "--country", "GB", "--contact",
                 "net@example.org", "--authority", "Office of Orders", *more)


def blocked(stage, kind, language="en", path="/some/page?who=me", method="GET", body=None):
    return stage.ask(method, path, body, {"Host": f"{kind}.example:8080", "Accept-Language": language})


def mistake(stage, kind, language="en"):
    """The form, by the link of the page."""
    link = next(l for l in blocked(stage, kind, language).links if "/mistake?" in l)
    assert link.startswith(f"{HOME}/{language}/mistake?about="), link
    return stage.get(link.removeprefix(HOME))


@case("a name that leads here and is not ours is told to be blocked, for its reason, in the reader's language")
def _(folder):
    with start(folder) as stage:
        for kind in KINDS:
            for language in LANGUAGES:
                page, words = blocked(stage, kind, language), WORDS[language]
                equal((kind, page.status), (kind, 451 if kind == "ordered" else 403))
                equal(page.headers["content-language"], language)
                equal(words["block.worried_says"] in page.text, kind in ("abuse", "ordered"))
                equal(words["block.held_says"] in page.text, kind == "held")
                equal(words["block.category_says"] in page.text, kind == "category")
                equal(words["block.time_until"].replace("{}", "16:00") in page.text, kind == "time")
                equal(words["block.order"].replace("{}", "Office of Orders") in page.text, kind == "ordered")
                assert "Network of Exampleland" in page.text and "net@example.org" in page.text
                # Lists that name nothing have their names told to nobody.
                equal(f"{kind}.example" in page.text, kind not in ("abuse", "ordered"))
        # Whatever is asked of it, by whatever method.
        for method, body in (("POST", b"password=secret"), ("HEAD", None), ("PUT", b"x"), ("OPTIONS", None)):
            equal(blocked(stage, "category", method=method, body=body).status, 403)
        # Its own pages are there, by its name, by an address and as an onion.
        for host in ("help.localhost", "HELP.localhost:443", "help.localhost.:80", "127.0.0.1", "[::1]:80", "abcdef.onion", "localhost"):
            equal((host, stage.ask("GET", "/en/", None, {"Host": host}).status), (host, 200))


@case("help is shown for who was hurt and for who is worried about themselves, and nothing is fetched")
def _(folder):
    with start(folder) as stage:
        page = blocked(stage, "abuse")
        assert {"tel:08001111", "tel:08081000900", f"{HOME}/en/help", f"{HOME}/en/stop"} <= set(page.links), page.links
        fetched = [(tag, a) for tag, a in page.tags if tag in ("script", "img", "iframe", "form", "object") or
                   (tag == "link" and a["href"] != "data:,")]
        equal(fetched, [])
        assert len(page.body) < 12000, len(page.body)
        headers = page.headers
        equal(headers["cache-control"], "no-store")
        equal(headers["referrer-policy"], "no-referrer")
        assert "default-src 'none'" in headers["content-security-policy"] and "form-action 'none'" in \
            headers["content-security-policy"]
        assert not {"set-cookie", "strict-transport-security", "location"} & headers.keys(), headers
        said = stage.err.read_text() + stage.out.read_text()
    assert "who=me" not in said and "abuse.example" not in said, said


@case("'this is a mistake' goes by a link that tells nothing, through a form, to the operator, once")
def _(folder):
    with start(folder) as stage:
        for language in LANGUAGES:
            form = mistake(stage, "category", language)
            equal(form.status, 200)
            assert "category.example" in form.text and "category" not in form.path
            sent = form.press(None, words=f"only lamps\nof {language}", contact="keeper@example.org")
            equal((sent.status, sent.headers["location"]), (303, f"/{language}/heard"))
            equal(form.press(None, words=f"only lamps\nof {language}", contact="keeper@example.org").status, 303)
            assert WORDS[language]["mistake.sent_says"] in stage.get(f"/{language}/heard").text
        rows = stage.did("mistake")
        equal(len(rows), 8)
        equal(len({row["key"] for row in rows}), 4)
        equal({k: rows[0][k] for k in ("blocked", "ordered", "list", "entry", "host", "words", "contact", "language")},
              {"blocked": "category", "ordered": False, "list": "played", "entry": "category.example",
               "host": "category.example", "words": "only lamps\nof en", "contact": "keeper@example.org",
               "language": "en"})
        form = mistake(stage, "ordered")
        assert "Office of Orders" in form.text and "ordered.example" not in form.text
        equal(form.press(None, words="lamps").status, 303)
        row = stage.did("mistake")[-1]
        equal((row["ordered"], row["list"], row["entry"], row["host"]), (True, "national", "7", ""))


@case("what is missing is asked for, what cannot be kept is still there, and no other token counts")
def _(folder):
    with start(folder, "--reports-per-minute", "1") as stage:
        form = mistake(stage, "held")
        assert WORDS["en"]["mistake.need"] in form.press(None, words="  ").text
        long = form.press(None, words="x" * 4001)
        equal(long.status, 200)
        assert "4000" in long.text
        failed = form.press(None, words="the disk is full <b>", contact="me")
        equal(failed.status, 503)
        assert WORDS["en"]["check.failed"] in failed.text and "the disk is full &lt;b&gt;" in failed.body.decode()
        equal(failed.press(None).status, 303)
        token = dict(form.forms[0].fields)["about"]
        for wrong in ("", "x", token[:-2], token[:40] + ("A" if token[40] != "A" else "B") + token[41:], "A" * 5000):
            equal(stage.get(f"/en/mistake?about={wrong}").status, 410)
            equal(stage.post("/en/mistake", {"about": wrong, "words": "w"}).status, 410)
        equal(stage.post("/en/mistake", {"about": token, "words": "w"}, **{"Sec-Fetch-Site": "cross-site"}).status, 403)
        statuses = [form.press(None, words=f"number {i}").status for i in range(12)]
        equal((statuses[0], statuses[-1]), (303, 503))
        assert "retry-after" in form.press(None, words="more").headers
        said = stage.err.read_text()
    assert "portal_full" in said and "number" not in said and "held.example" not in said, said


@case("what is no name in Host is neither shown nor asked to be opened")
def _(folder):
    with start(folder) as stage:
        for host in ("*.example", ".example", "0.0.0.0/0", "=x.example", "a b.example", "x.example/y", "<b>.example",
                     "caf\xe9.example", "x" * 300 + ".example"):
            page = stage.ask("GET", "/", None, {"Host": host, "Accept-Language": "en"})
            equal((host, page.status), (host, 403))
            assert "example" not in page.text.replace("net@example.org", ""), (host, page.text)
            form = stage.get(next(l for l in page.links if "/mistake?" in l).removeprefix(HOME))
            equal(form.press(None, words="lamps").status, 303)
        equal({(row["list"], row["entry"], row["host"]) for row in stage.did("mistake")}, {("dns", "", "")})


@case("without block no name is closed, and with it the portal has to know its own")
def _(folder):
    with Stage(folder) as stage:
        equal(stage.ask("GET", "/en/", None, {"Host": "abuse.example"}).status, 200)
    done = subprocess.run([STAGE, "--block", "help"], capture_output=True, timeout=20)
    equal(done.returncode, 2)
    assert b"portal.address" in done.stderr, done.stderr


@case("text browsers show it whole")
def _(folder):
    programs = [p for p in (["lynx", "-dump", "-force_html", "-display_charset=utf-8"],
                            ["w3m", "-dump", "-T", "text/html", "-O", "utf-8"]) if shutil.which(p[0])]
    if not programs:
        raise Skip("neither lynx nor w3m is here")
    with start(folder) as stage:
        for kind in KINDS:
            (folder / "page.html").write_bytes(blocked(stage, kind).body)
            for program in programs:
                text = subprocess.run([*program, str(folder / "page.html")], capture_output=True, timeout=30,
                                      env={**os.environ, "LANG": "C.UTF-8"}).stdout.decode()
                for words in ("Network of Exampleland", "Is this a mistake?", "Say that it is a mistake"):
                    assert words in " ".join(text.split()), (program[0], kind, text)
                assert ":root" not in text, text


# ---- in a browser ----

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


OVERFLOW = """(() => { const wide = document.documentElement.clientWidth;
    return document.documentElement.scrollWidth <= wide ? "" : [...document.querySelectorAll("body *")].filter(e =>
        e.getBoundingClientRect().right > wide + 1).map(e => e.outerHTML.slice(0, 120)).join("\\n") || "something"; })()"""


def show_all(stage, page, widths):
    """Every page on every screen: its kind and width, when it is shown."""
    form = mistake(stage, "category", "ar").path
    for width, height, scheme, language in widths:
        page.size(width, height)
        page.media(prefers_color_scheme=scheme)
        page.send("Network.enable")
        page.send("Network.setExtraHTTPHeaders", {"headers": {"Accept-Language": language}})
        places = [(kind, f"http://{kind}.localhost:{stage.port}/a/page") for kind in KINDS]
        places.append(("form", f"http://127.0.0.1:{stage.port}{form.replace('/ar/', f'/{language}/')}"))
        for kind, url in places:
            page.open(url)
            equal(page.evaluate("document.documentElement.lang"), language)
            keep(page, f"block-{width}-{scheme}-{language}-{kind}")
            yield kind, width


SCREENS = [(1280, 720, "light", "en"), (360, 720, "dark", "fr"), (360, 720, "light", "ar")]


@case("in a browser it fits any screen, and the keyboard reaches all of it")
def _(folder):
    with start(folder) as stage, new_page() as page:
        for kind, width in show_all(stage, page, [*SCREENS, (240, 320, "light", "es")]):
            assert not page.evaluate(OVERFLOW), (width, kind, page.evaluate(OVERFLOW))
        page.size(1280, 720)
        page.send("Network.setExtraHTTPHeaders", {"headers": {"Accept-Language": "en"}})
        page.open(f"http://abuse.localhost:{stage.port}/")
        equal(page.evaluate("getComputedStyle(document.body).maxWidth !== 'none' && document.cookie === ''"), True)
        links = page.evaluate("document.querySelectorAll('a').length")
        assert links > 5, links
        seen = set()
        for _ in range(links):
            page.key("Tab")
            seen.add(page.evaluate("document.activeElement.href || ''"))
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        equal(len(seen - {""}), links)


@case("axe finds nothing wrong on any of them")
def _(folder):
    if not AXE.is_file():
        raise Skip("axe-core is not here")
    script = AXE.read_text()
    look = """axe.run(document, { resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa",
        "wcag22aa", "best-practice"] }).then(found => found.violations.map(v => v.impact + " " + v.id + ": " +
        v.nodes.map(n => n.html.slice(0, 150)).join(" | ")))"""
    with start(folder) as stage, new_page() as page:
        for kind, _ in show_all(stage, page, SCREENS):
            page.evaluate(script + "; true")
            equal((kind, page.evaluate(look)), (kind, []))


run_cases()
