#!/usr/bin/env python3
"""The console in a real browser: from an invitation to a decision that is undone, by the keyboard, in four languages."""
import atexit

from console_page import *

PAGES = ["queue", "search", "seconds", "account"]


class Desk:
    """One daemon and one browser for all cases: logging in takes its time."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ward-console-"))
        atexit.register(self.end)
        self.daemon = start(self.folder)
        self.browser = None
        self.open_browser()
        self.page = self.browser.page()
        self.page.size(1280, 720)
        self.console = Console(self.page, self.daemon)

    def open_browser(self):
        try:
            self.browser = chromium.Chromium()
        except chromium.Missing as missing:
            raise Skip(missing) from None

    def end(self):
        if self.browser:
            self.browser.close()
        if hasattr(self, "daemon"):
            self.daemon.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def chief(self):
        """Who sets up the policy and another queue, over the API."""
        chief = member(self.daemon, "chief", "supervisor")
        for code, title, severe in (("harm", "Harm", False), ("harm.known", "Known material", True),
                                    ("other", "Other rules", False)):
            chief.ask("PUT", f"/v1/policies/{code}", {"title": title, "severe": severe, "help": "What it is.",
                                                      "labels": "scheme:a1"}, status=200)
        chief.ask("PUT", "/v1/queues/grave", {"title": "The grave ones"}, status=200)
        return chief

    def jobs(self, count):
        for number in range(count):
            ward("intake", "add", "-w", self.daemon.place, "--text", f"Lamp {time.time()} {number} is out.", status=0)


desk = None


def at_desk():
    """The desk, with nobody's page open."""
    global desk
    if isinstance(desk, Skip):
        raise desk
    try:
        desk = desk or Desk()
    except Skip as skip:
        desk = skip
        raise
    return desk


def complaints(page):
    """What the browser says went wrong, but for answers that say no."""
    return [words for words in page.complaints() if "status of 40" not in words]


def load_again_until(page, count):
    """By the key that loads the queue again, until so many jobs have come in."""
    for _ in range(30):
        page.key("r")
        with contextlib.suppress(chromium.Failed):
            return page.wait(f"document.querySelectorAll('tbody tr').length >= {count}", 2)
    raise AssertionError(f"{count} jobs do not come in")


@case("somebody invited comes from the link to a whole session, and is let in again by a code")
def _(folder):
    desk = at_desk()
    page, console = desk.page, desk.console
    codes = console.join(invite(desk.daemon.place, "anna", "senior"))
    equal(len(set(codes)), 10)
    # The code is good once, and no longer in the address.
    equal(page.evaluate("location.hash"), "#/")
    equal(complaints(page), [])
    console.press("senior")
    console.see("10 recovery codes are left")
    # Out, and in again: what is wrong is said, and what was open is there again.
    page.key("Escape")
    console.press("Log out")
    console.fill("input[autocomplete=username]", "anna")
    console.fill("input[type=password]", "not the password at all")
    page.key("Enter")
    console.see("That is not right")
    console.fill("input[type=password]", PASSWORD)
    page.key("Enter")
    console.fill("input[autocomplete=one-time-code]", console.code())
    page.key("Enter")
    console.see("10 recovery codes are left")
    # Another's invitation is not taken up over this session, and waits until it is over.
    console.go("#join=" + invite(desk.daemon.place, "bo", "senior"))
    console.see("An invitation is for one person")
    console.press("Log out")
    console.see("Choose a password")
    console.press("I have an account already")
    console.go("#/account")
    # Without the code generator.
    console.fill("input[autocomplete=username]", "anna")
    console.fill("input[type=password]", PASSWORD)
    page.key("Enter")
    console.press("Use a recovery code")
    console.fill("input[autocomplete=off]", codes[0])
    page.key("Enter")
    console.see("9 recovery codes are left")
    equal(complaints(page), [])


@case("a passkey is added, and logs in alone")
def _(folder):
    desk = at_desk()
    page, console = desk.page, desk.console
    page.authenticator(transport="internal")
    console.go("#/account")
    page.wait("!!document.querySelector('form.inline input')")
    console.fill("form.inline input", "the key in the drawer")
    page.key("Enter")
    console.fill("dialog input[type=password]", PASSWORD)
    page.key("Enter")
    console.see("the key in the drawer")
    console.press("Log out")
    console.press("Log in with a passkey")
    console.see("the key in the drawer")
    equal(console.fetch("GET", "/v1/session")[1]["how"], "passkey")
    # A session elsewhere is seen, and ended here.
    elsewhere = Browser(desk.daemon, name="localhost")
    elsewhere.secret, elsewhere.last_step = console.secret, console.last_step
    elsewhere.login("anna")
    console.last_step = elsewhere.last_step
    elsewhere.get("/v1/queues", status=200)
    console.open("#/account")
    console.see("Password and code")
    console.press("End it")
    page.wait("!document.body.innerText.includes('Password and code')")
    elsewhere.get("/v1/queues", status=401)
    equal(complaints(page), [])


@case("by the keyboard alone: the next job, its facts, a mosaic, quiet, a decision, the next job, and undo")
def _(folder):
    desk = at_desk()
    page, console = desk.page, desk.console
    chief = desk.chief()
    equal(console.fetch("PUT", "/v1/session/key", {"phrase": PHRASE})[0], 200)
    picture = draw_png(folder / "a.png", lighthouse, 400, 300)
    open_vault(desk.daemon, "anna", reports=[["--text", "The lamp is out.", "--account", "boats/anna", str(picture)]])
    anna = console.fetch("GET", "/v1/session")[1]["person"]
    chief.ask("PUT", f"/v1/exposure/team/{anna}", {"started": "2020-01-01T00:00:00Z", "reason": "long since"}, status=204)
    desk.jobs(2)
    console.open("#/queue/inbox")
    load_again_until(page, 3)
    # j and k go through the rows; Enter opens one; n takes what is next.
    page.key("j")
    page.key("j")
    page.key("k")
    second = page.evaluate("[...document.querySelectorAll('tbody a')].map(a => a.hash)")[1]
    equal(page.evaluate("document.activeElement.hash"), second)
    page.key("Enter")
    page.wait(f"location.hash == {json.dumps(second)}")
    console.press("Queue")
    console.see("Take the next job")
    page.wait("!!document.querySelector('tbody tr')")
    page.key("n")
    console.see("yours for")
    first = page.evaluate("location.hash")
    page.wait("!!document.querySelector('.facts')")
    # Nothing of an item came by itself: no picture, no words.
    sent = [url for _, url, _ in page.requests()]
    assert not [url for url in sent if "/views" in url or "/text" in url], sent
    equal(page.evaluate("document.querySelectorAll('img, blockquote').length"), 0)
    for _ in range(3):
        if page.evaluate("!!document.querySelector('.ladder')"):
            break
        page.key("j")
        time.sleep(.3)
    # A step up: the vault is opened for it, and what comes is the server's mosaic.
    page.key("1")
    console.fill("dialog input[type=password]", PHRASE)
    page.key("Enter")
    page.wait("document.querySelector('.view img')?.complete && document.querySelector('.view img').naturalWidth > 0")
    console.see("looked once")
    console.keep("mosaic")
    bad = axe(page)
    assert not bad, bad
    # What is clear wants a reason; without one nothing is asked for.
    page.key("4")
    page.wait("!!document.querySelector('dialog textarea:required')")
    page.key("Escape")
    page.wait("!document.querySelector('dialog[open]')")
    page.key("1")
    page.wait("!!document.querySelector('.view img')")
    address = page.evaluate("document.querySelector('.view img').src")
    # One key: gone, here and at the server.
    page.key("Escape")
    page.wait("!!document.querySelector('.cover') && !document.querySelector('img')")
    equal(complaints(page), [])
    equal(page.evaluate(f"""new Promise(done => {{ const image = new Image(); image.src = {json.dumps(address)};
        image.onload = () => done("there"); image.onerror = () => done("gone"); }})"""), "gone")
    page.forget()  # the browser says that it found nothing there, as it should
    equal(console.fetch("GET", "/v1/exposure")[1]["quiet"], True)
    equal(console.fetch("GET", "/v1/session")[1]["unlocked_s"], 0)
    page.key("Enter")
    console.see("yours for")
    # A letter that is typed into a field decides nothing.
    page.key("v")
    page.wait("!!document.querySelector('input[value=violation]:checked')")
    page.click("input[value='harm.known']")
    console.see("scheme:a1")
    console.settle()
    page.key("Enter", modifiers=2)  # a severe policy wants a reason, so nothing is sent
    console.fill("aside textarea", "the lamp on the hill")
    page.key("n")
    equal(page.evaluate("location.hash"), first)
    page.key("Enter", modifiers=2)
    console.see("Decided: Against the policy.")
    page.wait(f"location.hash != {json.dumps(first)}")
    console.see("yours for")
    page.evaluate("document.activeElement.blur(); 1")
    page.key("u")
    page.wait(f"location.hash.startsWith({json.dumps(first)})")
    console.see("The decision is undone")
    whole = console.fetch("GET", "/v1/jobs/" + first.rsplit("/", 1)[1])[1]
    equal((whole["state"], whole["lease_person"]), ("open", anna))
    equal((whole["decisions"][0]["policy"], whole["decisions"][0]["exposure"]), ("harm.known", "L1"))
    assert whole["decisions"][0]["undone_at"]
    equal(complaints(page), [])


@case("a job is moved, a colleague asked, a comment made; what somebody else holds is told")
def _(folder):
    desk = at_desk()
    page, console = desk.page, desk.console
    page.evaluate("document.activeElement.blur(); 1")
    console.press("Comments")
    console.fill(".about textarea", "I look at it.")
    console.press("Add")
    console.see("you, now")
    page.evaluate("document.activeElement.blur(); 1")
    page.key("m")
    page.wait("document.querySelectorAll('dialog option').length > 1")
    page.evaluate("""(s => { s.value = "grave"; s.dispatchEvent(new Event("change", { bubbles: true })); })(
        document.querySelector("dialog select")); 1""")
    console.fill("dialog textarea", "it belongs there")
    console.press("Move")
    console.see("The job is in the other queue")
    moved = page.evaluate("location.hash.split('?')[0].split('/').pop()")
    equal(console.fetch("GET", f"/v1/jobs/{moved}")[1]["queue"], "grave")
    console.go("#/queue/inbox")
    console.see("Inbox")
    page.wait("!!document.querySelector('tbody tr')")
    page.evaluate("document.activeElement.blur(); 1")
    page.key("n")
    console.see("Ask a colleague")
    console.settle()
    page.key("a")
    console.fill("dialog textarea", "what do you think?")
    console.press("Ask a colleague")
    console.see("A colleague is asked")
    bert = member(desk.daemon, "bert", "reviewer")
    bert.post("/v1/queues/grave/take", status=200)
    console.open(f"#/job/{moved}")
    console.see("Take the next job")
    equal(page.evaluate("!!document.querySelector('aside')"), False)
    equal(complaints(page), [])


@case("a decision leads to the next job, twenty times over, and it is said how long that takes")
def _(folder):
    desk = at_desk()
    page, console = desk.page, desk.console
    for hold in console.fetch("GET", "/v1/jobs?limit=200")[1]["jobs"]:
        console.fetch("POST", f"/v1/jobs/{hold['id']}/release")
    desk.jobs(24)
    console.open("#/queue/inbox")
    load_again_until(page, 24)
    page.key("n")
    console.see("yours for")

    def open_jobs():
        return {job["id"] for job in console.fetch("GET", "/v1/jobs?state=open&limit=200")[1]["jobs"]}

    before = open_jobs()
    took = job_to_next(page, 20)
    if os.environ.get("WARD_TIMES"):
        print(page.evaluate("""JSON.stringify(performance.getEntriesByType("resource").slice(-9).map(e =>
            [e.name.slice(-60), Math.round(e.startTime), Math.round(e.duration)]), null, 1)"""))
    print(f"# job to next job: median {took[10]:.0f} ms, p95 {took[18]:.0f} ms (wanted: 150)")
    equal((len(before - open_jobs()), open_jobs() - before), (20, set()))


@case("axe finds nothing wrong, light or dark, from left or from right, and nothing is wider than its screen")
def _(folder):
    desk = at_desk()
    page, console = desk.page, desk.console
    console.see("yours for")
    job = page.evaluate("location.hash.replace('#/', '').split('?')[0]")
    looked = 0
    for language, scheme, width, height in (("en", "light", 1280, 720), ("ar", "dark", 1280, 720), ("fr", "light", 360, 720),
                                            ("es", "dark", 820, 1180)):
        page.media(prefers_color_scheme=scheme)
        page.size(width, height)
        page.evaluate(f"localStorage.setItem('ward-language', '{language}')")
        console.open("#/queue")
        for name in [*PAGES, job, "nothing"]:
            console.go(f"#/{name}")
            page.wait("!!document.querySelector('main h1') && !document.querySelector('.waiting')")
            if name == job:
                page.wait("!!document.querySelector('aside form')")
                page.click("input[value=violation]")
                page.click("input[value='harm.known']")
            time.sleep(.1)
            assert not overflow(page), (language, name, width, overflow(page))
            equal(page.evaluate("document.documentElement.dir"), "rtl" if language == "ar" else "ltr")
            # Languages differ in words, widths in where things stand: axe looks at the two that differ in more.
            if width == 1280:
                found = axe(page)
                assert not found, (language, name, found)
                looked += 1
            console.keep(f"{language}-{width}-{name.split('/')[0]}")
        page.key("k", modifiers=2)
        page.wait("!!document.querySelector('dialog[open]')")
        if width == 1280:
            found = axe(page)
            assert not found, (language, "palette", found)
            looked += 1
        console.keep(f"{language}-{width}-palette")
        page.key("Escape")
    print(f"# axe looked at {looked} pages")
    page.evaluate("localStorage.setItem('ward-language', 'en')")
    page.media(prefers_color_scheme="light")
    page.size(1280, 720)
    equal(complaints(page), [])


@case("it is small, kept by its digest, and its policy lets in nothing of others")
def _(folder):
    desk = at_desk()
    page, console = desk.page, desk.console
    console.open("")
    page.wait("!!document.querySelector('table, .empty')")
    for _, url, _ in page.requests():
        assert url.startswith(console.site + "/") or url == "about:blank", url
    equal(complaints(page), [])
    said = desk.daemon.get("/console/", status=200, headers={"Accept-Encoding": "gzip"})
    equal((said.headers["content-encoding"], said.headers["vary"]), ("gzip", "Accept-Encoding"))
    for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'",
                 "require-trusted-types-for 'script'"):
        assert part in said.headers["content-security-policy"]
    again = desk.daemon.get("/console/", status=304, headers={"If-None-Match": said.headers["etag"]})
    equal(again.body, b"")
    names = re.findall(r'/console/(assets/[\w.-]+)', desk.daemon.get("/console/", status=200).body.decode())
    assert len(names) >= 2
    for name in names:
        answer = desk.daemon.get(f"/console/{name}", status=200)
        assert "immutable" in answer.headers["cache-control"], name
        assert "content-encoding" not in answer.headers
    for name in ("assets/nothing.js", "assets/..%2findex.html", "index.html"):
        desk.daemon.get(f"/console/{name}", status=404)
    # Nothing that a script wrote into the page becomes a script.
    equal(page.evaluate("""(() => { try { document.body.innerHTML = "<b>x</b>"; return "taken"; }
        catch (error) { return error.name; } })()"""), "TypeError")
    kept = page.evaluate("JSON.stringify([Object.keys(localStorage), Object.keys(sessionStorage)])")
    equal(json.loads(kept), [["ward-language"], []])


run_cases()
