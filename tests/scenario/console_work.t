#!/usr/bin/env python3
"""The work of a desk in the console: every press that an API test makes, made by the pages in a real browser."""
import http.server
import threading

from console_page import *
from cybertip import *

INCIDENT = "Misleading Domain Name"
PHRASES = {"fay": "a quiet harbour in the fog", "sol": "seven boats upon the water", "rae": "nine gulls above a grey pier"}
WORLD = None


class Platform(http.server.BaseHTTPRequestHandler):
    """What a callback of the operator's goes to."""

    answers = []

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.answers.pop() if self.answers else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class World:
    """One daemon, one browser, and people whose sessions it is lent."""

    def __init__(self):
        try:
            self.browser = chromium.Chromium()
        except chromium.Missing as missing:
            raise Skip(missing) from None
        self.server = None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ward-work-"))
        self.place = workspace(self.folder, lamps=["sha256:" + hashlib.sha256(bytes([n])).hexdigest() for n in range(9)])
        self.key = add_key(self.place, "platform", "--scope", "report")
        conf = "exposure { shadow_days = 0 }\n"
        if shutil.which("xmllint"):
            self.server = Server()
            put_account(self.place)
            conf += (f'cybertip {{\n\turl = "http://127.0.0.1:{self.server.port}/ispws"\n'
                     '\temail = "desk@harbour.example"\n}\n')
        self.daemon = Daemon(self.place, demo=False, conf=conf)
        self.people = {name: member(self.daemon, name, roles) for name, roles in (
            ("sam", "supervisor,lists"), ("ada", "admin"), ("ann", "admin"), ("fay", "senior"), ("sol", "senior"),
            ("rae", "reviewer"), ("bo", "reviewer"))}
        self.sam.ask("PUT", "/v1/policies/harm", {"title": "Harm", "labels": "ward:lamp", "help": "Lamps."}, status=200)
        for name, phrase in PHRASES.items():
            self.people[name].ask("PUT", "/v1/session/key", {"phrase": phrase}, status=200)
        ward("vault", "init", "-w", self.place, *(word for name in PHRASES for word in ("--give", f"review={name}")), status=0)
        ward("vault", "sender", "-w", self.place, "--as", "fay", "--second", "sol", "--reason", "reports leave",
             stdin="".join(PHRASES[name] + "\n" for name in ("fay", "sol")).encode(), status=0)

    def __getattr__(self, name):
        return self.__dict__["people"][name]

    def report(self, *options):
        ward("intake", "add", "-w", self.place, *options, status=0)

    def picture(self, path, *items):
        """A report with a picture, as a platform sends it: it is hashed on its way in."""
        told = json.dumps({"items": [{"kind": "media", "file": "a", "type": "image/png"}, *items]})
        body = b"".join([b'--edge\r\nContent-Disposition: form-data; name="report"\r\n\r\n', told.encode(),
                         b'\r\n--edge\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n',
                         pathlib.Path(path).read_bytes(), b"\r\n--edge--\r\n"])
        self.daemon.ask("POST", "/v1/reports", body, key=self.key, status=201,
                        headers={"Content-Type": "multipart/form-data; boundary=edge"})

    def taken(self, person, *options):
        """A job of a new report, which the person has taken."""
        self.report(*(options or ("--text", f"Lamp {time.time()} is out.")))
        return self.people[person].post("/v1/queues/inbox/take", status=200).json["id"]

    def decide(self, person, job, outcome="none", **more):
        return self.people[person].post(f"/v1/jobs/{job}/decisions", {"outcome": outcome, "undo_seconds": 0, **more},
                                        status=201).json["decision"]

    def end(self):
        self.browser.close()
        self.daemon.kill()
        if self.server:
            self.server.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def world():
    global WORLD
    if isinstance(WORLD, Skip):
        raise WORLD
    if not WORLD:
        try:
            WORLD = World()
            # Nothing is begun that its pages could not end.
            if WORLD.daemon.get("/console/").status == 404:
                WORLD.end()
                raise Skip("this ward was built without its console")
        except Skip as skip:
            WORLD = skip
            raise
    return WORLD


def console(name):
    return as_person(world().browser, world().people[name])


def unlock(here, name):
    """The vault, as the window over the page asks for it."""
    here.fill("dialog[open] input[type=password]", PHRASES[name])
    here.page.key("Enter")


def decide(here):
    """Without taking the next one."""
    here.page.wait("[...document.querySelectorAll('aside button:not(.main)')].at(-1)?.disabled === false")
    here.page.evaluate("[...document.querySelectorAll('aside button:not(.main)')].at(-1).click(); 1")


@case("a report from the telephone is entered once, gets its receipt, and is a job that the search finds")
def _(folder):
    w = world()
    with console("fay") as here:
        settle(here, "intake")
        here.fill("fieldset textarea", "Somebody says that the lamp is out.")
        here.press("Another item")
        select(here, "fieldset:nth-of-type(2) select", "account")
        here.fill("fieldset:nth-of-type(2) input", "boats/keeper")
        select(here, ".two select", "teacher")
        here.page.click("form input[type=checkbox]")
        here.press("Keep the report")
        here.see("Tell them these words")
        equal(len(here.page.evaluate("document.querySelector('strong.code').innerText").split()), 6)
        here.press("Find its job")
        here.page.wait("document.querySelectorAll('tbody tr').length === 1")
        assert "a teacher" in here.text()
        asked = here.page.evaluate("location.hash")
        assert "keeper" not in asked and "lamp" not in asked, asked
        # Nor is an account that is searched for, in what the browser keeps or offers again.
        settle(here, "search")
        here.fill("input[type=search]", "boats/keeper")
        here.page.key("Enter")
        here.page.wait("document.querySelectorAll('tbody tr').length === 1 && location.hash.includes('by=account')")
        kept = here.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, history.state, document.title, location.href])")
        assert "keeper" not in kept, kept
        equal(here.page.evaluate("[...document.querySelectorAll('input[type=search]')].filter(f => f.autocomplete !== 'off').length"), 0)
        equal(here.page.complaints(), [])
    held = [w.fay.get(f"/v1/jobs/{row['id']}", status=200).json for row in w.fay.get("/v1/jobs?state=open", status=200).json["jobs"]]
    equal([(len(job["report_ids"]), len(job["items"])) for job in held], [(1, 2)])


@case("a picture finds the jobs of pictures that look the same, and is not kept")
def _(folder):
    w = world()
    picture = draw_png(folder / "a.png", lighthouse, 400, 300)
    w.picture(picture)
    before = [w.fay.get("/v1/jobs?state=open", status=200).json["jobs"], len(list((w.place / "vault").rglob("*")))]
    with console("fay") as here:
        settle(here, "search")
        here.press("By a picture")
        here.page.choose_files("details input[type=file]", draw_png(folder / "b.png", lighthouse, 380, 285))
        here.page.wait("!!document.querySelector('details tbody tr')")
        assert "bits away" in here.text(), here.text()
        equal(here.page.evaluate("document.querySelectorAll('img').length"), 0)
        # Its name is nowhere in what was sent.
        assert "b.png" not in "".join(body for _, _, body in here.page.requests())
    equal([w.fay.get("/v1/jobs?state=open", status=200).json["jobs"], len(list((w.place / "vault").rglob("*")))], before)


@case("many jobs are tried first, told of one by one, and decided alike")
def _(folder):
    w = world()
    for number in range(3):
        w.report("--text", f"A buoy is adrift {number}.")
    with console("fay") as here:
        settle(here, "search")
        here.press("All on this page")
        here.press("Decide")
        count = here.page.evaluate("document.querySelectorAll('tbody input:checked').length")
        assert count >= 4, count
        here.press("Try it")
        here.see(f"{count} of them would be decided")
        equal(len(w.fay.get("/v1/jobs?state=open", status=200).json["jobs"]), count)
        here.press("Do it")
        here.see(f"{count} are decided")
    equal(w.fay.get("/v1/jobs?state=open", status=200).json["jobs"], [])


@case("a decision is taken back by the page of decisions while nothing has left")
def _(folder):
    w = world()
    job = w.taken("rae")
    w.rae.post(f"/v1/jobs/{job}/decisions", {"outcome": "none", "undo_seconds": 60}, status=201)
    with console("rae") as here:
        settle(here, "appeals/decided")
        equal(here.page.evaluate("document.querySelectorAll('tbody tr').length"), 1)
        here.press("Undo")
        here.see("The decision is undone")
        here.page.wait(f"location.hash.startsWith('#/job/{job}')")
        settle(here, "appeals/decided")
        here.see("undone")
    equal(w.rae.get(f"/v1/jobs/{job}", status=200).json["state"], "open")
    w.decide("rae", job)


@case("a second person labels without learning of the first; a third settles, and the page says how well they agree")
def _(folder):
    w = world()
    w.sam.ask("PUT", "/v1/queues/inbox", {"title": "Inbox", "double_percent": 100}, status=200)
    job = w.taken("rae")
    with console("rae") as here:
        settle(here, f"job/{job}")
        here.page.evaluate("document.activeElement.blur(); 1")
        here.page.key("o")
        decide(here)
        here.see("Decided")
    with console("bo") as here:
        settle(here, "queue/inbox")
        here.page.key("n")
        here.see("yours for")
        assert "Decisions" not in here.text().replace("Decided", ""), here.text()
        here.page.evaluate("document.activeElement.blur(); 1")
        here.page.key("v")
        here.page.click("input[value=harm]")
        decide(here)
        here.see("Decided")
    equal(w.bo.get(f"/v1/jobs/{job}", status=200).json["waits"], "between")
    with console("fay") as here:
        settle(here, f"job/{job}")
        equal(here.page.evaluate("document.querySelectorAll('.about .told li').length"), 2)
        here.press("Take this job")
        here.see("yours for")
        here.page.evaluate("document.activeElement.blur(); 1")
        here.page.key("o")
        decide(here)
        here.page.wait("document.querySelectorAll('.about .told li').length === 3")
        settle(here, "stats/agreement")
        here.see("0 of 1")
    w.sam.ask("PUT", "/v1/queues/inbox", {"title": "Inbox", "double_percent": 0}, status=200)


@case("an appeal comes by telephone, is read from the vault, hidden by one key, and answered")
def _(folder):
    w = world()
    job = w.taken("rae")
    w.decide("rae", job, "violation", policy="harm", reason="seen")
    words = "It was a lighthouse and no lamp."
    with console("fay") as here:
        settle(here, f"job/{job}")
        here.press("An appeal came")
        here.fill("dialog textarea", words)
        send_form(here)
        here.see("The appeal is kept")
    with console("sol") as here:
        settle(here, "appeals/appeals")
        here.press("Read and answer")
        here.press("Read")
        unlock(here, "sol")
        here.see(words)
        here.keep("appeal")
        # What it says is not in what a browser keeps.
        kept = here.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.title, location.href])")
        assert "lighthouse" not in kept, kept
        here.page.key("Escape")
        here.see("Everything is hidden")
        assert words not in here.page.evaluate("document.documentElement.outerHTML")
        here.press("Go on")
        settle(here, "appeals/appeals")
        here.press("Read and answer")
        here.page.click("dialog input[value=reversed]")
        here.fill("dialog textarea", "they are right")
        send_form(here)
        here.see("The appeal is settled")
        equal(here.page.complaints(), [])
    assert w.sol.get(f"/v1/jobs/{job}", status=200).json["decisions"][0]["undone_at"]


@case("an action that was refused for good is tried anew from its page, and leaves")
def _(folder):
    w = world()
    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Platform)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    w.sam.ask("PUT", "/v1/action-kinds/hide", {"title": "Hide it", "url": f"http://127.0.0.1:{listener.server_port}/hide"},
              status=200)
    Platform.answers = [410]
    job = w.taken("rae")
    w.decide("rae", job, actions=[{"kind": "hide"}])
    state = lambda: w.rae.get(f"/v1/jobs/{job}", status=200).json["actions"][0]["state"]
    wait_until(lambda: state() == "dead")
    with console("sam") as here:
        settle(here, "appeals/dead")
        here.see("410")
        here.press("Try anew")
        here.see("It is tried anew")
        here.see("No action was given up")
    wait_until(lambda: state() == "done")
    listener.shutdown()


@case("a report to NCMEC is begun, changed, approved, sent again after a fault, and another taken back")
def _(folder):
    w = world()
    if not w.server:
        raise Skip("xmllint is not installed")
    w.fay.post("/v1/session/unlock", {"phrase": PHRASES["fay"]}, status=200)

    def begun(here):
        """A draft, by the pages alone; its id."""
        number = len(w.fay.get("/v1/filings", status=200).json["filings"]) + 2
        w.picture(draw_png(folder / "a.png", lambda x, y: (int(x * 16) * 37 * number) % 256, 64, 64),
                  {"kind": "account", "text": f"boats/keeper{number}"})
        job = w.rae.post("/v1/queues/inbox/take", status=200).json["id"]
        w.decide("rae", job, "violation", policy="harm", reason="seen",
                 actions=[{"kind": "report", "parameters": {"authority": "ncmec", "incident": INCIDENT}}])
        wait_until(lambda: w.rae.get(f"/v1/jobs/{job}", status=200).json["actions"][0]["state"] == "done")
        settle(here, f"job/{job}")
        here.press("Report to NCMEC")
        here.page.wait("location.hash.startsWith('#/filings/')")
        return here.page.evaluate("location.hash.split('/').pop()")

    def approve(here):
        here.press("Approve")
        here.fill("dialog textarea", "it is as it was seen")
        send_form(here)
        here.see("It is approved")

    def until(filing, *states):
        return wait_until(lambda: (row := w.fay.get(f"/v1/filings/{filing}", status=200).json)["state"] in states and row)

    with console("fay") as here:
        filing = begun(here)
        here.press("Read the draft")
        here.press("Change the draft")
        text = here.page.evaluate("document.querySelector('dialog textarea').value")
        here.fill("dialog textarea", text[:-2])
        here.see("This is no JSON object yet")
        draft = json.loads(text)
        draft["report"]["additionalInfo"] = "The lamp was seen from the pier."
        here.fill("dialog textarea", json.dumps(draft, indent=2))
        send_form(here)
        here.see("0 errors")
        here.see("from the pier")
        w.server.control(faults=[{"call": "submit", "kind": "code", "code": 4000, "times": 50}])
        approve(here)
        until(filing, "failed")
        w.server.control(faults=[])
        here.page.evaluate("document.activeElement.blur(); 1")
        here.page.key("r")
        here.press("Send again")
        here.fill("dialog textarea", "it was mended there")
        send_form(here)
        here.see("It is sent again")
        until(filing, "finished")
        here.page.evaluate("document.activeElement.blur(); 1")
        here.page.key("r")
        here.see("Receipt")
        assert "Take back" not in here.text()
        other = begun(here)
        here.press("Take back")
        here.fill("dialog textarea", "no report after all")
        send_form(here)
        here.see("It is taken back")
        until(other, "abandoned", "retracted")
        equal(here.page.complaints(), [])


@case("what a report needs is chosen from what there is, and an approval opens the vault where it is locked")
def _(folder):
    w = world()
    if not w.server:
        raise Skip("xmllint is not installed")
    w.picture(draw_png(folder / "a.png", lambda x, y: (int(y * 16) * 53) % 256, 64, 64),
              {"kind": "account", "text": "boats/pilot"})
    job = w.rae.post("/v1/queues/inbox/take", status=200).json["id"]
    with console("rae") as here:
        settle(here, f"job/{job}")
        here.page.key("v")
        here.page.click("input[name=policy][value=harm]")
        here.page.evaluate("""[...document.querySelectorAll("label")].find(label =>
            label.innerText.startsWith("Report to an authority")).click(); 1""")
        here.page.wait("document.querySelectorAll('.parameters select').length === 2")
        offered = here.page.evaluate("[...document.querySelectorAll('.parameters option')].map(option => option.value)")
        assert {"ncmec", "nca", "ncecc", INCIDENT} <= set(offered), offered
        assert "sha256" not in here.text()
        select(here, ".parameters label:nth-of-type(1) select", "ncmec")
        select(here, ".parameters label:nth-of-type(2) select", INCIDENT)
        here.page.click(".decide .buttons button:not([type=submit])")
        here.see("Undo")
        asked = w.rae.get(f"/v1/jobs/{job}", status=200).json["actions"][0]
        equal(asked["parameters"], {"authority": "ncmec", "incident": INCIDENT})
        here.press("Undo")
        wait_until(lambda: w.rae.get(f"/v1/jobs/{job}", status=200).json["state"] == "open")
        equal(here.page.complaints(), [])
    w.rae.post(f"/v1/jobs/{job}/take", status=200)
    w.decide("rae", job, "violation", policy="harm", reason="seen",
             actions=[{"kind": "report", "parameters": {"authority": "ncmec", "incident": INCIDENT}}])
    wait_until(lambda: "done" in [action["state"] for action in w.rae.get(f"/v1/jobs/{job}", status=200).json["actions"]])
    w.fay.ask("DELETE", "/v1/session/unlock", status=204)
    filing = w.fay.get(f"/v1/filings?job={job}", status=200).json["filings"][0]["id"]
    with console("fay") as here:
        settle(here, f"filings/{filing}")
        here.press("Read the draft")
        here.press("Approve")
        here.fill("dialog textarea", "it is as it was seen")
        send_form(here)
        here.see("releases its files")
        unlock(here, "fay")
        here.see("It is approved")
        wait_until(lambda: w.fay.get(f"/v1/filings/{filing}", status=200).json["state"] == "finished")


@case("who lost everything is proposed for a new invitation by one, confirmed by another, and given it")
def _(folder):
    w = world()
    lost = w.people["bo"].person
    with console("ada") as here:
        settle(here, f"people/person/{lost}")
        here.press("Invite anew")
        here.fill("dialog textarea", "the telephone fell into the harbour")
        send_form(here)
        here.see("It now waits for a second person")
    with console("ann") as here:
        settle(here, "seconds")
        here.fill("main .told input", "she has told me, too")
        here.press("Confirm")
        here.see("Your answer is kept")
    with console("ada") as here:
        settle(here, f"people/person/{lost}")
        here.press("Invite anew")
        here.fill("dialog textarea", "the telephone fell into the harbour")
        send_form(here)
        here.see("shown now and never again")
        code = here.page.evaluate("document.querySelector('dialog code').innerText")
        assert code not in here.page.evaluate("location.href + document.title + JSON.stringify({...localStorage})")
        here.press("I have it")
        assert code not in here.page.evaluate("document.documentElement.outerHTML")
    bo = Browser(w.daemon)
    bo.post("/v1/session", {"invitation": code, "password": PASSWORD}, status=200)


@case("a session is ended elsewhere by an admin, and what is asked there then leads to the log-in")
def _(folder):
    w = world()
    kim = member(w.daemon, "kim", "reviewer")
    cookie = kim.cookie
    with as_person(w.browser, kim) as there:
        settle(there, "queue")
    with console("ada") as here:
        settle(here, f"people/person/{kim.person}")
        here.press("End it")
        here.see("Not logged in anywhere")
    kim.get("/v1/queues", status=401)
    kim.cookie = cookie
    with as_person(w.browser, kim) as there:
        there.see("Log in")
        assert not there.page.evaluate("!!document.querySelector('#pages a')")


@case("a check-in is sealed for its person: they read it again by their phrase, and nobody else does")
def _(folder):
    w = world()
    with console("rae") as here:
        settle(here, "exposure")
        here.page.evaluate("[...document.querySelectorAll('details')].forEach(d => { d.open = true; }); 1")
        here.page.click("input[name=slept][value='2']")
        here.fill("details textarea", "The fog was thick.")
        here.press("Seal and keep")
        here.see("It is sealed and kept")
        assert "The fog was thick." not in here.text()
        settle(here, "account")
        settle(here, "exposure")
        here.page.wait("!!document.querySelector('details input[type=password]')")
        here.page.evaluate("[...document.querySelectorAll('details')].forEach(d => { d.open = true; }); 1")
        here.fill("details input[type=password]", PHRASES["rae"])
        here.page.key("Enter")
        here.see("The fog was thick.")
        equal(here.page.complaints(), [])
    told = json.dumps([w.sam.get("/v1/exposure/team", status=200).json, w.sam.get("/v1/exposure/check-ins", status=200).json])
    assert "fog" not in told and w.rae.person not in told
    for file in w.place.glob("ward.db*"):
        assert b"fog was thick" not in file.read_bytes()


@case("a list is switched off, an entry disputed, and the list deleted when its name is typed")
def _(folder):
    w = world()
    with console("sam") as here:
        settle(here, "lists/lamps")
        here.press("Change")
        here.page.click("dialog input[type=checkbox]")
        send_form(here)
        here.page.wait("!document.querySelector('dialog') && !!document.querySelector('h2 .tag')")
        equal(w.sam.get("/v1/lists/lamps", status=200).json["enabled"], False)
        here.page.click(".signal button:last-child")
        select(here, "dialog select", "dispute")
        here.fill("dialog input", "it is a buoy")
        send_form(here)
        here.see("The opinion is kept")
        here.press("Delete")
        here.page.wait("document.querySelector('dialog button[type=submit]').disabled")
        here.fill("dialog input", "lamps")
        send_form(here)
        here.page.wait("location.hash === '#/lists'")
    equal(w.sam.get("/v1/lists", status=200).json["lists"], [])


@case("a rule is a draft, then tried, then live, and from then on routes; a policy is changed and switched off")
def _(folder):
    w = world()
    w.sam.ask("PUT", "/v1/queues/buoys", {"title": "Buoys"}, status=200)

    def mode(here, code):
        settle(here, "policy/routes")
        here.press("Change")
        select(here, "dialog select", code)
        send_form(here)
        here.page.wait("!document.querySelector('dialog')")

    with console("sam") as here:
        settle(here, "policy/routes")
        here.page.key("n")
        select(here, "dialog .field:nth-child(2) select", "buoys")
        here.fill("dialog .small input", "console")
        send_form(here)
        here.page.wait("document.querySelectorAll('tbody tr').length === 1")
        route = w.sam.get("/v1/routes", status=200).json["routes"][0]
        equal((route["mode"], route["queue"], route["conditions"]), ("draft", "buoys", {"channel": "console"}))
        mode(here, "test")
        equal(w.sam.get("/v1/routes", status=200).json["routes"][0]["mode"], "test")
        mode(here, "live")
        equal(w.sam.get("/v1/routes", status=200).json["routes"][0]["mode"], "live")
        settle(here, "policy/tree")
        here.page.click(".leaf button")
        here.fill("dialog input", "Harm to lamps")
        here.page.evaluate("[...document.querySelectorAll('dialog input[type=checkbox]')].at(-1).click(); 1")
        send_form(here)
        here.see("Harm to lamps")
        equal(w.sam.get("/v1/policies", status=200).json["policies"][0]["active"], False)
    with console("fay") as here:
        settle(here, "intake")
        here.fill("fieldset textarea", "A buoy went out.")
        here.press("Keep the report")
        here.see("The report is kept")
    equal([job["queue"] for job in w.fay.get("/v1/jobs?state=open", status=200).json["jobs"]], ["buoys"])


try:
    run_cases()
finally:
    if WORLD and not isinstance(WORLD, Skip):
        WORLD.end()
