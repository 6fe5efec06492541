"""What the scenarios of the console share: a desk with people, a browser before it, and what is looked at."""
import contextlib
import pathlib
import sys

from daemon import *
from people import *
from scenario import *

ROOT = pathlib.Path(os.environ.get("WARD_SOURCE_ROOT", "."))
sys.path.insert(0, str(ROOT / "tests"))
import chromium

AXE = pathlib.Path(os.environ.get("WARD_AXE") or ROOT / "build/axe/node_modules/axe-core/axe.min.js")
PICTURES = os.environ.get("WARD_PICTURES")  # a folder: keeps what was looked at
LANGUAGES = ["en", "fr", "es", "ar"]


PHRASE = "a quiet harbour in the fog"

# Behind the second frame, as what a page does once it is drawn (who listens to which key) is behind the first.
DRAWN = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(1)))))"


def key_when_drawn(page, *what, key=chromium.Page.key, **more):
    """Nobody presses the next key before the page has drawn what the last one did."""
    with contextlib.suppress(chromium.Failed):
        if page.evaluate("location.pathname.startsWith('/console')"):
            page.evaluate(DRAWN)
    key(page, *what, **more)


chromium.Page.key = key_when_drawn


def start(folder):
    """A running daemon, whose vault has no keys yet."""
    return Daemon(workspace(folder), demo=False)


def open_vault(daemon, *people, reports=()):
    """Makes the vault's keys and gives the reviewers' one to these; then reports, each a list of options and files."""
    give = [word for login in people for word in ("--give", f"review={login}")]
    ward("vault", "init", "-w", daemon.place, *give, status=0)
    for what in reports:
        ward("intake", "add", "-w", daemon.place, *what, status=0)


@contextlib.contextmanager
def new_page(width=1280, height=720):
    try:
        browser = chromium.Chromium()
    except chromium.Missing as missing:
        raise Skip(missing) from None
    with browser:
        page = browser.page()
        page.size(width, height)
        yield page


class Console:
    """The console in a browser, as one person."""

    def __init__(self, page, daemon, name="localhost"):
        self.page, self.daemon = page, daemon
        self.site = f"http://{name}:{daemon.port}"
        self.secret, self.last_step = None, 0
        if page.evaluate("1") and not self.open(""):
            raise Skip("this ward was built without its console")

    def open(self, where):
        """False when there is no console in this build."""
        # An address that differs behind its # alone is no new page for a browser.
        self.page.open("about:blank")
        self.page.open(f"{self.site}/console/{where}")
        return not self.page.evaluate("document.title.includes('no console')")

    def go(self, where):
        """To another page of it, as by a link; once it returns, the page before is no longer what is looked at."""
        self.page.evaluate(f"""new Promise(done => {{
            const before = location.hash;
            addEventListener("hashchange", () => done(1), {{ once: true }});
            location.hash = {json.dumps(where)};
            if (location.hash === before)
                done(1);
        }})""")
        self.settle()

    def see(self, words, seconds=chromium.PATIENCE_S):
        """Waits until the page says so."""
        try:
            self.page.wait(f"document.body?.innerText.includes({json.dumps(words)})", seconds)
        except chromium.Failed:
            raise AssertionError(f"\"{words}\" is not there:\n{self.text()[-1500:]}") from None

    def text(self):
        return self.page.evaluate("document.body.innerText")

    def fill(self, selector, text):
        """As typed: selected, and written over."""
        self.page.wait(f"!!document.querySelector({json.dumps(selector)})?.getClientRects().length")
        self.page.evaluate(f"(f => {{ f.focus(); f.select(); }})(document.querySelector({json.dumps(selector)})); 1")
        self.page.type(text)
        equal(self.page.evaluate(f"document.querySelector({json.dumps(selector)}).value.length"), len(text))
        self.settle()

    def settle(self):
        """Nobody presses the next key before the page has drawn what the last one did."""
        self.page.evaluate(DRAWN)

    def press(self, words):
        """The button or link with these words."""
        found = f"""[...document.querySelectorAll("dialog[open] button, dialog[open] a, dialog[open] summary")]
            .concat([...document.querySelectorAll("button, a, summary, [role=option]")])
            .find(e => e.innerText.trim().startsWith({json.dumps(words)}) && e.getClientRects().length)"""
        self.page.wait(f"!!{found} && !{found}.disabled")
        self.page.evaluate(f"{found}.click(); 1")

    def fetch(self, method, path, body=None):
        """Asks the API as the page would; its status and JSON."""
        return self.page.evaluate(f"""(async () => {{
            const csrf = (await (await fetch("/v1/session")).json()).csrf;
            const answer = await fetch({json.dumps(path)}, {{ method: {json.dumps(method)}, headers: {{
                "X-Ward-Token": csrf, "Content-Type": "application/json" }},
                body: {json.dumps(json.dumps(body)) if body is not None else "undefined"} }});
            return [answer.status, answer.status === 204 ? null : await answer.json()];
        }})()""")

    def code(self):
        """A code that was not used yet."""
        step = max(int(time.time() // 30) - 1, self.last_step + 1)
        self.last_step = step
        return totp(self.secret, step * 30)

    def join(self, invitation):
        """From an invitation to a whole session, through every page of it."""
        self.open("")
        self.go(f"#join={invitation}")
        self.fill("input[autocomplete=new-password]", PASSWORD)
        self.page.key("Enter")
        self.press("Set up a code generator")
        self.page.wait("!!document.querySelector('.secret')")
        self.secret = self.page.evaluate("document.querySelector('.secret').innerText").replace(" ", "")
        self.fill("input.code", self.code())
        self.page.key("Enter")
        self.see("Recovery codes")
        codes = self.page.evaluate("[...document.querySelectorAll('.codes code')].map(e => e.innerText)")
        self.page.click("input[type=checkbox]")
        self.press("Go on")
        self.page.wait("!!document.querySelector('header .who')")
        return codes

    def keep(self, name):
        if PICTURES:
            self.page.screenshot(pathlib.Path(PICTURES) / f"{name}.png")


@contextlib.contextmanager
def as_person(browser, person, width=1280, height=720):
    """The console in a page of its own, with this person's session and nothing that another left behind."""
    page = browser.page()
    page.size(width, height)
    key, _, value = person.cookie.partition("=")
    page.send("Network.clearBrowserCookies")
    page.send("Network.setCookie", {"name": key, "value": value, "url": person.site(), "httpOnly": True,
                                    "sameSite": "Strict"})
    try:
        here = Console(page, person.daemon, name="127.0.0.1")
        # What is kept, not what the page says of itself: until its words are there it is English.
        if page.evaluate("[localStorage.getItem('ward-language'), localStorage.getItem('ward-theme')].join()") != "en,light":
            choose(here, "en", "light")
        yield here
    finally:
        page.close()


def settle(here, where):
    """To a place, until what it asked for is there."""
    here.go(f"#/{where}")
    here.page.wait(f"location.hash === {json.dumps('#/' + where)} && !!document.querySelector('main h1') && "
                   "!document.querySelector('.waiting') && !document.querySelector('[aria-busy=true]')")


def choose(here, language, theme):
    """In this language and these colours from now on."""
    here.page.evaluate(f"localStorage.setItem('ward-language', '{language}'); localStorage.setItem('ward-theme', '{theme}'); 1")
    here.open("")


STRAY = """(() => { const at = document.activeElement, over = document.querySelector("dialog[open]");
    return over && at !== document.body && ![...document.querySelectorAll("dialog[open]")].at(-1).contains(at) ? at.outerHTML.slice(0, 150) : ""; })()"""
UNSEEN = """(() => { const at = document.activeElement;
    if (at === document.body || at.matches("h1, main")) return "";
    const look = getComputedStyle(at), box = at.getBoundingClientRect();
    return look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2 && box.width > 0 && box.height > 0
        ? "" : at.outerHTML.slice(0, 150); })()"""
UNREACHED = """[...document.querySelectorAll("main a[href], main button, main input, main select, main textarea, main summary")]
    .filter(e => !e.disabled && e.checkVisibility() && e.visited !== walk && !(e.type === "radio" &&
        [...document.getElementsByName(e.name)].some(other => other.visited === walk))).map(e => e.outerHTML.slice(0, 150))"""


def by_tab(here, most=200):
    """Goes through the page by Tab (a date has several stops in itself): what it does not come to, and where it does not show that it is there."""
    page, unseen = here.page, []
    # What stays from page to page was visited in another walk.
    page.evaluate("window.walk = {}; document.activeElement.blur(); 1")
    for _ in range(most):
        page.key("Tab")
        told = page.evaluate(f"(() => {{ const at = document.activeElement, again = at.visited === walk && at !== window.before; at.visited = walk; window.before = at; return [again, {UNSEEN}]; }})()")
        if told[1]:
            unseen.append(told[1])
        if told[0]:
            break
    return page.evaluate(UNREACHED), unseen


def window(here, words):
    """Opens the window of the button with these words by the keyboard, looks at it, and leaves it by Escape."""
    page = here.page
    opener = f"""[...document.querySelectorAll("main button")].find(e => e.innerText.trim().startsWith({json.dumps(words)}) && e.checkVisibility())"""
    page.wait(f"!!{opener}")
    page.evaluate(f"window.opener_ = {opener}; window.opener_.focus(); 1")
    page.key("Enter")
    page.wait("!!document.querySelector('dialog[open]') && !document.querySelector('dialog .waiting')")
    wrong = axe(page)
    for _ in range(25):
        page.key("Tab")
        wrong += filter(None, [page.evaluate(STRAY), page.evaluate(UNSEEN)])
    page.key("Escape")
    page.wait("!document.querySelector('dialog[open]')")
    if not page.evaluate("document.activeElement === window.opener_"):
        wrong.append(f"the focus does not come back to {words}")
    return wrong


def send_form(here):
    """The form of the window that is open, as by its button."""
    here.page.evaluate("[...document.querySelectorAll('dialog[open] form')].at(-1).requestSubmit(); 1")


def select(here, selector, value):
    here.page.wait(f"[...document.querySelector({json.dumps(selector)})?.options ?? []].some(o => o.value === {json.dumps(value)})")
    here.page.evaluate(f"""(field => {{ field.value = {json.dumps(value)};
        field.dispatchEvent(new Event("change", {{ bubbles: true }})); }})(document.querySelector({json.dumps(selector)})); 1""")
    here.settle()


def job_to_next(page, count):
    """Milliseconds from the press that decides to the frame with the next job's facts, sorted."""
    return sorted(page.evaluate(f"""(async () => {{
        const took = [], frame = () => new Promise(done => requestAnimationFrame(done));
        for (let i = 0; i < {count}; i++) {{
            while (!document.querySelector("aside input[value=none]") || !document.querySelector(".facts"))
                await frame();
            document.querySelector("aside input[value=none]").click();
            await frame();
            const before = location.hash, button = document.querySelector("aside button.main"), at = performance.now();
            button.click();
            while (location.hash === before || !document.querySelector(".facts") || !document.querySelector("aside"))
                await frame();
            took.push(performance.now() - at);
        }}
        return took;
    }})()"""))


def first_load(console):
    """Bytes that came over the wire, heads and answers of the API with them, until the queue is there; nothing was kept."""
    page = console.page
    page.send("Network.clearBrowserCache")
    console.open("#/queue")
    page.wait("!!document.querySelector('table, .empty')")
    return sum(message["params"]["encodedDataLength"] for message in page.browser.kept
               if message.get("method") == "Network.loadingFinished" and message.get("sessionId") == page.session)


def overflow(page):
    """What sticks out of the page at its side."""
    return page.evaluate("""(() => { const wide = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= wide) return "";
        return [...document.querySelectorAll("body *")].filter(e => {
            const box = e.getBoundingClientRect();
            return box.width > 1 && (box.right > wide + 1 || box.left < -1);
        }).map(e => e.outerHTML.slice(0, 120)).join("\\n") || "something"; })()""")


def axe(page, where="document"):
    """What axe finds wrong."""
    if not AXE.is_file():
        raise Skip("axe-core is not here (tools/axe build/axe gets it)")
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE.read_text() + "; 1")
    return page.evaluate("""axe.run(""" + where + """, { resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa",
        "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then(found => found.violations.map(v =>
        v.impact + " " + v.id + ": " + v.nodes.map(n => n.html.slice(0, 200)).join(" | ")))""")
