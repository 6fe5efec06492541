#!/usr/bin/env python3
"""The whole way, as people go it: reported, taken, looked at little, decided, filed, answered, appealed, proved.

The people work in a real browser; NCMEC is a stand-in that validates with the real schema; the store is a file, or
a server where WARD_TEST_STORE names one.
"""
import atexit

from console_page import *
from cybertip import Server, put_account
from portal_page import Stage, fill_report, wait_until_sendable

INCIDENT = "Misleading Domain Name"
PHRASES = {"rae": PHRASE, "sam": "seven boats upon the water"}


class Portal(Stage):
    """The portal of a running wardd."""

    def __init__(self, daemon):
        self.port = int(re.search(r"portal_ready address=http://127\.0\.0\.1:(\d+)", daemon.log())[1])


class House:
    """An installation with a portal, three people and a browser before it."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ward-journey-"))
        atexit.register(self.end)
        self.daemon = self.browser = None
        self.server = Server()
        try:
            self.browser = chromium.Chromium()
        except chromium.Missing as missing:
            raise Skip(missing) from None
        self.place = self.folder / "workspace"
        ward("init", self.place, status=0)
        with open(self.place / "ward.conf", "a") as conf:
            conf.write(f'\ncybertip {{\n\turl = "http://127.0.0.1:{self.server.port}/ispws"\n'
                       '\temail = "desk@harbour.example"\n}\nexposure { shadow_days = 0 }\n')
            if store := os.environ.get("WARD_TEST_STORE"):
                conf.write(f'store {{ place = "{store}" }}\n')
        if os.environ.get("WARD_TEST_STORE"):
            ward("db", "migrate", "-w", self.place, status=0)
        put_account(self.place)
        self.key = add_key(self.place, "platform", "--scope", "report")
        self.daemon = Daemon(self.place, demo=False)
        self.sam = member(self.daemon, "sam", "senior")
        self.chief = member(self.daemon, "chief", "supervisor")
        self.admin = member(self.daemon, "ada", "admin")
        self.sam.ask("PUT", "/v1/session/key", {"phrase": PHRASES["sam"]}, status=200)
        self.chief.ask("PUT", "/v1/policies/harm", {"title": "Harm", "labels": "ward:lamp"}, status=200)
        self.page = self.browser.page()
        self.page.size(1280, 720)
        self.console = Console(self.page, self.daemon)
        self.console.join(invite(self.place, "rae", "senior", "Rae Lund"))
        equal(self.console.fetch("PUT", "/v1/session/key", {"phrase": PHRASES["rae"]})[0], 200)
        self.rae = self.console.fetch("GET", "/v1/session")[1]["person"]
        ward("vault", "init", "-w", self.place, "--give", "review=rae", "--give", "review=sam", status=0)
        ward("vault", "sender", "-w", self.place, "--as", "rae", "--second", "sam", "--reason", "reports leave",
             stdin="".join(PHRASES[name] + "\n" for name in ("rae", "sam")).encode(), status=0)
        # The portal begins when the vault has keys.
        with open(self.place / "ward.conf", "a") as conf:
            conf.write('portal { listen = "127.0.0.1:0"; operator = "The Lighthouse" }\n')
        self.daemon.kill()
        port = self.daemon.port
        self.daemon = Daemon(self.place, "--listen", f"127.0.0.1:{port}", demo=False)
        for person in (self.sam, self.chief, self.admin):
            person.daemon = self.daemon
        self.sam.post("/v1/session/unlock", {"phrase": PHRASES["sam"]}, status=200)
        self.portal = Portal(self.daemon)

    def end(self):
        if self.browser:
            self.browser.close()
        if self.daemon:
            self.daemon.kill()
        self.server.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def report(self, picture, urgency="any"):
        """As a platform sends it; its id."""
        body = (b'--edge\r\nContent-Disposition: form-data; name="report"\r\n\r\n' + json.dumps(
            {"items": [{"kind": "media", "file": "a", "type": "image/png"}, {"kind": "account", "text": "boats/keeper"}],
             "urgency": urgency}).encode() +
            b'\r\n--edge\r\nContent-Disposition: form-data; name="a"; filename="a.png"\r\n\r\n' + picture +
            b"\r\n--edge--\r\n")
        return self.daemon.ask("POST", "/v1/reports", body, key=self.key, status=201,
                               headers={"Content-Type": "multipart/form-data; boundary=edge"}).json["report"]

    def until(self, filing, state):
        def reached():
            row = self.sam.get(f"/v1/filings/{filing}", status=200).json
            return row if row["state"] == state else None
        return wait_until(reached, 30)


house = None


def at_house():
    global house
    if isinstance(house, Skip):
        raise house
    try:
        house = house or House()
    except Skip as skip:
        house = skip
        raise
    return house


def take_next(house):
    house.console.open("#/queue/inbox")
    house.console.see("Take the next job")
    house.page.wait("!!document.querySelector('tbody tr')")
    house.page.evaluate("document.activeElement.blur(); 1")
    house.page.key("n")
    house.console.see("yours for")
    house.page.wait("!!document.querySelector('.facts')")
    return house.page.evaluate("location.hash.split('?')[0].split('/').pop()")


@case("a picture is reported, looked at step by step, decided, approved, filed with its receipt, and all of it is proved")
def _(folder):
    h = at_house()
    page, console = h.page, h.console
    picture = draw_png(folder / "lighthouse.png", lighthouse).read_bytes()
    report = h.report(picture, "soon")
    job = take_next(h)
    for key in "jk" * 20:
        if page.evaluate("!!document.querySelector('.ladder')"):
            break
        page.key(key)
        time.sleep(.3)
    # The ladder, by its keys: sealed, then a mosaic, grey and blurred, and all of it with a reason alone.
    page.key("1")
    console.fill("dialog input[type=password]", PHRASES["rae"])
    page.key("Enter")
    seen = set()
    for key in "125":
        if key != "1":
            page.key(key)
        if key == "5":
            console.fill("dialog textarea", "the mosaic does not tell")
            console.press("Show it")
        page.wait("(i => i?.complete && i.naturalWidth > 0 && "
                  f"!{json.dumps(sorted(seen))}.includes(i.src))(document.querySelector('.view img'))")
        seen.add(page.evaluate("document.querySelector('.view img').src"))
    page.key("0")
    page.wait("!document.querySelector('.view img')")
    # The draft of the report is made of what is known, and checked by all of the authority's rules.
    status, begun = console.fetch("POST", "/v1/filings", {"job": job})
    equal(status, 201)
    draft = console.fetch("GET", f"/v1/filings/{begun['id']}/draft")[1]
    draft["draft"]["report"]["incidentSummary"]["incidentType"] = INCIDENT
    status, told = console.fetch("PUT", f"/v1/filings/{begun['id']}", {"draft": draft["draft"], "sha256": draft["sha256"]})
    equal((status, told["sound"], told["findings"]), (200, True, []))
    status, decided = console.fetch("POST", f"/v1/jobs/{job}/decisions", {
        "outcome": "violation", "policy": "harm", "reason": "it is what it seems", "undo_seconds": 0,
        "actions": [{"kind": "report", "parameters": {"authority": "ncmec", "incident": INCIDENT, "filing": begun["id"],
                                                       "sha256": told["sha256"]}}]})
    equal(status, 201)
    filed = h.until(begun["id"], "finished")
    equal((filed["alert"], filed["approved_by"][0]["person"]), (None, h.rae))
    receipt = h.sam.get(f"/v1/filings/{begun['id']}/receipt", status=200)
    assert b"reportDoneResponse" in receipt.body, receipt
    held = h.server.control()["reports"]
    equal([row["state"] for row in held], ["finished"])
    # What NCMEC holds is the very file, and says that it was viewed, for it was shown whole.
    assert hashlib.md5(picture).hexdigest() in json.dumps(held), held
    assert "fileViewedByEsp>true" in json.dumps(held).replace("\\", ""), held
    equal(h.daemon.get(f"/v1/reports/{report}", key=h.key, status=200).json["state"], "done")
    ward("audit", "verify", "-w", h.place, status=0)
    h.job, h.decision = job, decided["decision"]


@case("who is touched appeals, and another person reads why and reverses it")
def _(folder):
    h = at_house()
    words = "It was a drawing of mine, quince zanzibar."
    told = h.daemon.ask("POST", f"/v1/decisions/{h.decision}/appeals", {"words": words}, key=h.key, status=201).json
    equal(h.console.fetch("POST", f"/v1/appeals/{told['appeal']}/settle", {"reverse": True, "reason": "mine"})[0], 403)
    equal(h.sam.post(f"/v1/appeals/{told['appeal']}/text", status=200).json["text"], words)
    h.sam.post(f"/v1/appeals/{told['appeal']}/settle", {"reverse": True, "reason": "it was a drawing"}, status=200)
    assert h.sam.get(f"/v1/jobs/{h.job}", status=200).json["decisions"][0]["undone_at"]


@case("an urgent report leaves when two persons have said so")
def _(folder):
    h = at_house()
    h.report(draw_png(folder / "bridge.png", bridge).read_bytes(), "now")
    job = take_next(h)
    h.console.fetch("POST", f"/v1/jobs/{job}/decisions", {
        "outcome": "violation", "policy": "harm", "reason": "now", "undo_seconds": 0,
        "actions": [{"kind": "report", "parameters": {"authority": "ncmec", "incident": INCIDENT}}]})
    waiting = h.sam.get(f"/v1/jobs/{job}", status=200).json["actions"][0]
    equal(waiting["state"], "waiting")
    h.sam.post(f"/v1/actions/{waiting['id']}/agree", {"agree": True}, status=200)
    wait_until(lambda: h.sam.get(f"/v1/jobs/{job}", status=200).json["actions"][0]["state"] in ("done", "dead"))
    begun = h.sam.get(f"/v1/filings?job={job}", status=200).json["filings"][0]
    approve = {"sha256": begun["draft_sha256"], "reason": "a child may be in danger"}
    status, proposed = h.console.fetch("POST", f"/v1/filings/{begun['id']}/approve", approve)
    equal(status, 202)
    # In the console, as the second person: not by whoever proposed it.
    equal(h.console.fetch("POST", f"/v1/seconds/{proposed['second']}", {"confirm": True, "reason": "it is"})[0], 403)
    h.sam.post(f"/v1/seconds/{proposed['second']}", {"confirm": True, "reason": "it is"}, status=204)
    equal(h.console.fetch("POST", f"/v1/filings/{begun['id']}/approve", approve)[0], 200)
    row = h.until(begun["id"], "finished")
    equal(sorted(who["person"] for who in row["approved_by"]), sorted([h.rae, h.sam.person]))


@case("what the public reports without a script is answered, and its words open the answer")
def _(folder):
    h = at_house()
    page = fill_report(h.portal, address="https://example.org/lamp", words="the lamp is lit")
    wait_until_sendable()
    page = page.press("send")
    code = re.search(r'class="code"[^>]*><bdi>([^<]*)', page.body.decode())[1]
    job = take_next(h)
    h.page.key("o")
    h.page.wait("!!document.querySelector('input[value=none]:checked')")
    h.console.settle()
    h.page.key("Enter", modifiers=2)
    h.console.see("Decided")
    equal(h.sam.get(f"/v1/jobs/{job}", status=200).json["state"], "decided")
    page = h.portal.get("/en/back").press("open", code=code)
    assert "Nobody has read it yet" not in page.text and "Where it stands" in page.text, page.text


@case("whoever lost their second factor gets in again by two persons' word, and what they held before is worth nothing")
def _(folder):
    h = at_house()
    path = f"/v1/people/{h.rae}/invitation"
    proposed = h.admin.post(path, {"reason": "the telephone is lost"}, status=202).json["second"]
    h.chief.post(f"/v1/seconds/{proposed}", {"confirm": True, "reason": "I have seen them"}, status=204)
    invitation = h.admin.post(path, {"reason": "the telephone is lost"}, status=201).json["invitation"]
    h.console.press("Log out")
    h.console.join(invitation)
    equal(h.console.fetch("GET", "/v1/session")[1]["person"], h.rae)
    equal([words for words in h.page.complaints() if "status of 40" not in words], [])
    equal(h.daemon.stop(), 0)
    ward("audit", "verify", "-w", h.place, status=0)
    ward("vault", "check", "-w", h.place, status=0)
    ward("db", "check", "-w", h.place, status=0)


run_cases()
