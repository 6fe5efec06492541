#!/usr/bin/env python3
"""What was decided is carried out by wardd: reports are filed once, items are held and listed."""
import shutil
import sqlite3

from cybertip import *
from daemon import *
from people import *
from scenario import *

INCIDENT = "Misleading Domain Name"
PHRASES = {"ada": "a quiet harbour in the fog", "bo": "seven boats upon the water"}


class World:
    """One daemon, a server and people that the cases share."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ward-sender-"))
        self.server = Server()
        self.place = workspace(self.folder, known=["sha256:" + hashlib.sha256(b"x").hexdigest()])
        put_account(self.place)
        self.conf = (f'cybertip {{\n\turl = "http://127.0.0.1:{self.server.port}/ispws"\n'
                     '\temail = "desk@harbour.example"\n}\nexposure { shadow_days = 0 }\n')
        (self.place / "ward.conf").write_text(self.conf)
        self.key = add_key(self.place, "platform", "--scope", "report")
        self.scans = add_key(self.place, "scans", "--scope", "scan")
        self.daemon = Daemon(self.place, demo=False)
        self.ada, self.bo = (member(self.daemon, name, "senior") for name in ("ada", "bo"))
        self.rae = member(self.daemon, "rae", "reviewer")
        chief = member(self.daemon, "chief", "supervisor")
        chief.ask("PUT", "/v1/policies/harm", {"title": "Harm", "labels": "ward:lamp"}, status=200)
        for name, person in (("ada", self.ada), ("bo", self.bo)):
            person.ask("PUT", "/v1/session/key", {"phrase": PHRASES[name]}, status=200)
        ward("vault", "init", "-w", self.place, "--give", "review=ada", "--give", "review=bo", status=0)
        ward("vault", "sender", "-w", self.place, "--as", "ada", "--second", "bo", "--reason", "reports leave",
             stdin="".join(PHRASES[name] + "\n" for name in ("ada", "bo")).encode(), status=0)
        self.unlock()
        self.number = 0

    def unlock(self):
        for name, person in (("ada", self.ada), ("bo", self.bo)):
            person.post("/v1/session/unlock", {"phrase": PHRASES[name]}, status=200)

    def restart(self):
        self.daemon.kill()
        self.daemon = Daemon(self.place, demo=False)
        for person in (self.ada, self.bo, self.rae):
            person.daemon = self.daemon
        self.unlock()

    def end(self):
        self.daemon.kill()
        self.server.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def job(self, person=None, urgency="any"):
        """A job with a drawn picture, which the person has taken; and the picture."""
        self.number += 1
        picture = draw_png(self.folder / "lamp.png", lambda x, y: (int(x * 16) * 37 * self.number) % 256, 64, 64).read_bytes()
        body = (b'--edge\r\nContent-Disposition: form-data; name="report"\r\n\r\n' + json.dumps(
            {"items": [{"kind": "media", "file": "a", "type": "image/png"},
                       {"kind": "account", "text": f"boats/keeper{self.number}"}], "urgency": urgency}).encode() +
            b'\r\n--edge\r\nContent-Disposition: form-data; name="a"; filename="a.png"\r\n\r\n' + picture +
            b"\r\n--edge--\r\n")
        self.daemon.ask("POST", "/v1/reports", body, key=self.key, status=201,
                        headers={"Content-Type": "multipart/form-data; boundary=edge"})
        return (person or self.ada).post("/v1/queues/inbox/take", status=200).json["id"], picture

    def draft(self, job, person=None):
        """A sound draft of the job."""
        person = person or self.ada
        begun = person.post("/v1/filings", {"job": job}, status=201).json
        draft = person.get(f"/v1/filings/{begun['id']}/draft", status=200).json
        draft["draft"]["report"]["incidentSummary"]["incidentType"] = INCIDENT
        told = person.ask("PUT", f"/v1/filings/{begun['id']}", {"draft": draft["draft"], "sha256": draft["sha256"]},
                          status=200).json
        equal((told["sound"], told["findings"]), (True, []))
        return told

    def decide(self, job, *actions, person=None):
        body = {"outcome": "violation", "policy": "harm", "reason": "seen", "undo_seconds": 0,
                "actions": [{"kind": kind, "parameters": parameters} for kind, parameters in actions]}
        return (person or self.ada).post(f"/v1/jobs/{job}/decisions", body, status=201).json["decision"]

    def report(self, job, told):
        return self.decide(job, ("report", {"authority": "ncmec", "incident": INCIDENT, "filing": told["id"],
                                            "sha256": told["sha256"]}))

    def filing(self, name, person=None):
        return (person or self.ada).get(f"/v1/filings/{name}", status=200).json

    def until(self, name, state):
        def reached():
            row = self.filing(name)
            return row if row["state"] == state else None
        try:
            return wait_until(reached)
        except Exception:
            raise AssertionError(f"{self.filing(name)}\n{self.daemon.log()[-3000:]}") from None

    def action(self, job):
        return self.ada.get(f"/v1/jobs/{job}", status=200).json["actions"]

    def finished(self, action):
        """The job's only action, when it is carried out."""
        return wait_until(lambda: next((row for row in self.action(action) if row["state"] in ("done", "dead")), None))

    def ask(self, sql):
        with sqlite3.connect(self.place / "ward.db", timeout=20) as store:
            return store.execute(sql).fetchall()

    def hurry(self):
        """As if the time to wait were over."""
        with sqlite3.connect(self.place / "ward.db", timeout=20) as store:
            store.execute("UPDATE filings SET due_at = 0")


WORLD = None


def world():
    global WORLD
    WORLD = WORLD or World()
    return WORLD


@case("a decision files a report once, with its file from the vault, and the receipt is seen over HTTP")
def _(folder):
    w = world()
    job, picture = w.job()
    told = w.draft(job)
    # Begun once more it stays as it is, and another draft is not put in its place.
    equal(w.bo.post("/v1/filings", {"job": job}, status=200).json["sha256"], told["sha256"])
    w.bo.post("/v1/filings", {"job": job, "draft": {"report": {}}}, status=409)
    equal(w.bo.post("/v1/filings", {"job": job, "name": "more", "draft": {"report": {}}}, status=201).json["sound"],
          False)
    equal([row["id"] for row in w.ada.get(f"/v1/filings?job={job}&state=draft", status=200).json["filings"]],
          [w.ada.get("/v1/filings?limit=1", status=200).json["filings"][0]["id"], told["id"]])
    w.report(job, told)
    row = w.until(told["id"], "finished")
    equal((row["job"], row["alert"], row["environment"], row["files_told"]), (job, None, "test", 1))
    equal([call["call"] for call in row["calls"]], ["submit", "upload", "fileinfo", "finish"])
    equal([file["viewed"] for file in row["file_list"]], [False])
    filed = w.server.control()["reports"][-1]
    equal((filed["state"], filed["number"]), ("finished", row["report"]))
    equal(filed["files"][0]["md5"], hashlib.md5(picture).hexdigest())
    receipt = w.ada.get(f"/v1/filings/{told['id']}/receipt", status=200)
    assert receipt.body.startswith(b"<reportDoneResponse>"), receipt
    for action in ("report.drafted", "report.approved", "report.opened", "report.filed"):
        assert action in [entry["action"] for entry in row["history"]], row["history"]
    equal(w.finished(job)["answer"], "approved")
    # What was released is not any more, and the file is kept as the law has it.
    # That is a work of its own, behind the finish.
    wait_until(lambda: w.ask("SELECT count(*) FROM vault_releases") == [(0,)])
    equal(w.ask("SELECT count(*) FROM vault_holds WHERE basis = 'us-2258a-h'"), [(1,)])
    tar = w.ada.get(f"/v1/filings/{told['id']}/package", status=200).body
    (folder / "package.tar").write_bytes(tar)
    listed = subprocess.run(["tar", "tf", folder / "package.tar"], capture_output=True, check=True).stdout
    equal(listed.decode().split(), ["report.pdf", "report.json", "report.xml", "MANIFEST"])
    w.ada.post(f"/v1/filings/{told['id']}/retract", {"reason": "a slip"}, status=409)


@case("a report says that a file was viewed when somebody was shown all of it clear, and else not")
def _(folder):
    w = world()
    for level, viewed in (("L3", False), ("L5", True)):
        job, _ = w.job()
        item = w.ada.get(f"/v1/jobs/{job}", status=200).json["items"][0]
        w.ada.post(f"/v1/items/{item}/views", {"level": level, "reason": "the letters on the tower"}, status=200)
        told = w.draft(job)
        w.report(job, told)
        row = w.until(told["id"], "finished")
        equal([file["viewed"] for file in row["file_list"]], [viewed])
        equal(w.ada.get(f"/v1/jobs/{job}", status=200).json["decisions"][0]["exposure"], level)


@case("who may not approve prepares, and a colleague lets the report go")
def _(folder):
    w = world()
    job, _ = w.job(w.rae)
    told = w.draft(job, w.rae)
    named = {"authority": "ncmec", "incident": INCIDENT, "filing": told["id"], "sha256": told["sha256"]}
    w.rae.post(f"/v1/jobs/{job}/decisions", {"outcome": "violation", "policy": "harm", "undo_seconds": 0,
                                             "actions": [{"kind": "report", "parameters": named}]}, status=403)
    w.rae.post(f"/v1/filings/{told['id']}/approve", {"sha256": told["sha256"]}, status=403)
    # Nothing was decided yet.
    w.ada.post(f"/v1/filings/{told['id']}/approve", {"sha256": told["sha256"]}, status=403)
    w.decide(job, ("report", {"authority": "ncmec", "incident": INCIDENT}), person=w.rae)
    equal(w.finished(job)["answer"], "draft")
    equal(len(w.ada.get(f"/v1/filings?job={job}", status=200).json["filings"]), 1)
    w.ada.post(f"/v1/filings/{told['id']}/approve", {"sha256": "0" * 64}, status=409)
    # Who lets it go releases its file, for which their key has to be unlocked.
    w.ada.ask("DELETE", "/v1/session/unlock", status=204)
    w.ada.post(f"/v1/filings/{told['id']}/approve", {"sha256": told["sha256"]}, status=423)
    w.unlock()
    w.ada.post(f"/v1/filings/{told['id']}/approve", {"sha256": told["sha256"], "reason": "seen"}, status=200)
    row = w.until(told["id"], "finished")
    equal([(who["person"], who["counts"]) for who in row["approved_by"]], [(w.ada.person, True)])


@case("a decision that names no draft gets one, and what is wrong with it is told")
def _(folder):
    w = world()
    job, picture = w.job()
    w.decide(job, ("report", {"authority": "ncmec", "incident": INCIDENT}))
    w.finished(job)
    row = w.ada.get(f"/v1/filings?job={job}", status=200).json["filings"][0]
    draft = w.ada.get(f"/v1/filings/{row['id']}/draft", status=200).json["draft"]
    equal(draft["report"]["incidentSummary"]["incidentType"], INCIDENT)
    equal(draft["report"]["reporter"]["reportingPerson"]["email"], "desk@harbour.example")
    equal(draft["report"]["personOrUserReported"]["espIdentifier"], f"keeper{w.number}")
    equal(draft["files"][0]["sha256"], hashlib.sha256(picture).hexdigest())
    equal(w.ada.get(f"/v1/filings/{row['id']}/findings", status=200).json["sound"], True)
    draft["report"]["incidentSummary"]["incidentDateTime"] = "2999-01-01T00:00:00Z"
    told = w.ada.ask("PUT", f"/v1/filings/{row['id']}", {"draft": draft}, status=200).json
    equal([(f["rule"], f["severity"]) for f in told["findings"]], [("incidentSummary/incidentDateTime", "error")])
    w.ada.post(f"/v1/filings/{row['id']}/approve", {"sha256": told["sha256"]}, status=400)
    w.ada.ask("PUT", f"/v1/filings/{row['id']}", {"draft": draft, "sha256": row["draft_sha256"]}, status=409)
    # Evidence of another job is none of this one's.
    other = w.ask("SELECT payload FROM intake_items WHERE payload IS NOT NULL ORDER BY id LIMIT 1")[0][0]
    draft["report"]["incidentSummary"]["incidentDateTime"] = "2026-01-01T00:00:00Z"
    draft["files"] = [{"item": other, "details": {}}]
    told = w.ada.ask("PUT", f"/v1/filings/{row['id']}", {"draft": draft}, status=200).json
    w.ada.post(f"/v1/filings/{row['id']}/approve", {"sha256": told["sha256"]}, status=409)
    w.ada.post(f"/v1/filings/{row['id']}/retract", {"reason": "no report after all"}, status=200)
    equal(w.filing(row["id"])["state"], "abandoned")
    equal(w.action(job)[0]["state"], "done")


@case("an urgent report wants a second person, who confirms just this draft")
def _(folder):
    w = world()
    job, _ = w.job(urgency="now")
    w.decide(job, ("report", {"authority": "ncmec", "incident": INCIDENT}))
    waiting = w.action(job)[0]
    equal(waiting["state"], "waiting")
    w.bo.post(f"/v1/actions/{waiting['id']}/agree", {"agree": True}, status=200)
    w.finished(job)
    row = w.ada.get(f"/v1/filings?job={job}", status=200).json["filings"][0]
    approve = {"sha256": row["draft_sha256"], "reason": "a child may be in danger"}
    second = w.ada.post(f"/v1/filings/{row['id']}/approve", approve, status=202).json["second"]
    equal(w.ada.post(f"/v1/filings/{row['id']}/approve", approve, status=202).json["second"], second)
    w.ada.post(f"/v1/seconds/{second}", {"confirm": True, "reason": "it is"}, status=403)
    w.bo.post(f"/v1/seconds/{second}", {"confirm": True, "reason": "it is"}, status=204)
    w.ada.post(f"/v1/filings/{row['id']}/approve", approve, status=200)
    row = w.until(row["id"], "finished")
    equal(sorted(who["person"] for who in row["approved_by"]), sorted([w.ada.person, w.bo.person]))


@case("while the server is away nothing is lost, and when it is back the report is filed once")
def _(folder):
    w = world()
    job, _ = w.job()
    told = w.draft(job)
    w.server.control(faults=[{"kind": "lose_before", "times": 1000}])
    w.report(job, told)
    row = wait_until(lambda: (r := w.filing(told["id"]))["tries"] > 0 and r)
    assert row["state"] in ("approved", "opening") and row["message"], row
    w.server.control(faults=[])
    w.hurry()
    row = w.until(told["id"], "finished")
    equal([r["state"] for r in w.server.control()["reports"] if r["number"] == row["report"]], ["finished"])


@case("killed in the middle of a file and started again, wardd files the report once")
def _(folder):
    w = world()
    before = w.server.states().count("finished")
    job, _ = w.job()
    told = w.draft(job)
    w.server.control(faults=[{"call": "upload", "kind": "slow", "seconds": 1, "times": 1}])
    w.report(job, told)
    wait_until(lambda: w.filing(told["id"])["state"] == "uploading")
    w.restart()
    row = w.until(told["id"], "finished")
    equal(w.server.states().count("finished"), before + 1)
    assert "lost" in [call["outcome"] for call in row["calls"]], row["calls"]
    wait_until(lambda: w.ask("SELECT count(*) FROM vault_releases") == [(0,)])


@case("a report is taken back while it is on its way")
def _(folder):
    w = world()
    job, _ = w.job()
    told = w.draft(job)
    w.server.control(faults=[{"call": "upload", "kind": "slow", "seconds": 1, "times": 1}])
    w.report(job, told)
    wait_until(lambda: w.filing(told["id"])["state"] == "uploading")
    w.ada.post(f"/v1/filings/{told['id']}/retract", {}, status=400)
    w.rae.post(f"/v1/filings/{told['id']}/retract", {"reason": "a slip"}, status=403)
    w.ada.post(f"/v1/filings/{told['id']}/retract", {"reason": "the wrong person"}, status=200)
    row = w.until(told["id"], "retracted")
    equal(row["report"], None)
    w.ada.get(f"/v1/filings/{told['id']}/receipt", status=404)
    w.ada.post(f"/v1/filings/{told['id']}/again", {"reason": "after all"}, status=409)


@case("what stays in the house is done once: items are held, a picture comes onto a list and is found")
def _(folder):
    w = world()
    job, picture = w.job()
    w.decide(job, ("hold", {"authority": "us-2703-f", "reference": "letter 9"}), ("hold", {"authority": "nobody"}),
             ("list", {"list": "known"}), ("list", {"list": "nowhere"}))
    for row in w.action(job):
        if row["kind"] == "list":
            equal(row["state"], "waiting")
            w.bo.post(f"/v1/actions/{row['id']}/agree", {"agree": True}, status=200)
    wait_until(lambda: all(row["state"] in ("done", "dead") for row in w.action(job)))
    equal(sorted((row["kind"], row["state"], row["answer"]) for row in w.action(job)),
          [("hold", "dead", "not_found"), ("hold", "done", "held-2"),
           ("list", "dead", "not_found"), ("list", "done", "listed-1")])
    equal(w.ask("SELECT count(*) FROM vault_holds WHERE basis = 'us-2703-f' AND reference = 'letter 9'"), [(2,)])
    found = w.ada.get("/v1/actions?state=dead", status=200).json["actions"]
    equal(sorted(row["kind"] for row in found if row["job"] == job), ["hold", "list"])
    found = rows(ward("match", "-w", w.place, "--json", "sha256:" + hashlib.sha256(picture).hexdigest(), status=1))
    equal([(hit["list"], hit["labels"]) for hit in found[0]["hits"]], [("known", ["ward:lamp"])])


@case("a scan that names a queue becomes one job, and its report is there before the verdict is told")
def _(folder):
    w = world()
    picture = draw_png(folder / "lighthouse.png", lighthouse).read_bytes()
    import_list(w.place, "lighthouses", ["sha256:" + hashlib.sha256(picture).hexdigest()])

    def scan():
        answer = w.daemon.post("/v1/scan", picture, key=w.scans, status=200)
        check_answer("POST", "/v1/scan", answer)
        return answer.json["files"][0]

    first = wait_until(lambda: (f := scan())["verdict"]["kind"] == "block" and f)
    equal(first["verdict"]["queue"], "known")
    equal(scan()["report"], first["report"])
    job = w.ada.get(f"/v1/jobs?kind=report&value={first['report']}", status=200).json["jobs"]
    equal([(j["priority"], j["facts"]["finding"], j["facts"]["list"], j["facts"]["channel"]) for j in job],
          [(90, "known", "lighthouses", "scan")])
    equal(w.ask("SELECT count(*) FROM intake_reports WHERE channel = 'scan'"), [(1,)])
    w.restart()
    equal(scan()["report"], first["report"])
    # What nobody has to look at is not kept.
    clean = w.daemon.post("/v1/scan", b"a bridge", key=w.scans, status=200).json["files"][0]
    assert "report" not in clean, clean


@case("without a vault a verdict is told as ever, unless the operator wants none that is not kept")
def _(folder):
    picture = draw_png(folder / "lighthouse.png", lighthouse).read_bytes()
    place = workspace(folder, lighthouses=["sha256:" + hashlib.sha256(picture).hexdigest()])
    with Daemon(place) as daemon:
        file = daemon.post("/v1/scan", picture, status=200).json["files"][0]
        equal((file["verdict"]["kind"], "report" in file), ("block", False))
    with Daemon(place, conf="intake {\n\tscans_closed = yes\n}\n") as daemon:
        answer = daemon.post("/v1/scan", picture, status=503)
        check_answer("POST", "/v1/scan", answer)
        equal(answer.json["type"], "urn:ward:problem:no-store")
        equal(daemon.post("/v1/scan", b"a bridge", status=200).json["verdict"], "allow")
    ward("vault", "init", "-w", place, status=0)
    with Daemon(place) as daemon:
        assert daemon.post("/v1/scan", picture, status=200).json["files"][0]["report"]


@case("mails of the Maildir become jobs while wardd runs, each once, also when wardd is killed")
def _(folder):
    place, maildir = workspace(folder), folder / "mail"
    ward("vault", "init", "-w", place, status=0)
    for name in ("new", "cur", "tmp"):
        (maildir / name).mkdir(parents=True)
    add_key(place, "platform", "--scope", "report")
    with Daemon(place, demo=False, conf=f'intake {{\n\tmaildir = "{maildir}"\n}}\n') as daemon:
        (maildir / "new/1.a").write_text("Subject: x\n\na bridge\n")
        wait_until(lambda: list((maildir / "cur").iterdir()))
        daemon.kill()
    # As if the kill had come before it was moved.
    (maildir / "new/1.a").write_text("Subject: x\n\na bridge\n")
    (maildir / "new/2.a").write_text("Subject: x\n\nanother bridge\n")
    with Daemon(place, demo=False) as daemon:
        wait_until(lambda: not list((maildir / "new").iterdir()))
        equal(daemon.stop(), 0)
    equal(len(rows(ward("intake", "ls", "-w", place, "--json", "--channel", "mail", status=0))), 2)


def members(folder, tar):
    """A package's files by their names; its manifest proves each."""
    (folder / "package.tar").write_bytes(tar)
    subprocess.run(["tar", "xf", folder / "package.tar", "-C", folder], check=True)
    subprocess.run(["sha256sum", "--quiet", "-c", "MANIFEST"], cwd=folder, check=True)
    return subprocess.run(["tar", "tf", folder / "package.tar"], capture_output=True, check=True).stdout.decode().split()


def ask_for(w, authority, **more):
    """A job whose decision asks for a report to this authority; the draft that it begins, made sound."""
    job, _ = w.job(**more)
    w.decide(job, ("report", {"authority": authority, "incident": INCIDENT}))
    if more:
        w.bo.post(f"/v1/actions/{w.action(job)[0]['id']}/agree", {"agree": True}, status=200)
    equal(w.finished(job)["answer"], "draft")
    row = w.ada.get(f"/v1/filings?job={job}", status=200).json["filings"][0]
    equal((row["authority"], row["state"]), (authority, "draft"))
    return row


@case("a report for another authority is a sealed package, which a person takes out, sends and gets an answer to")
def _(folder):
    w = world()
    calls = len(w.server.control()["reports"])
    row = ask_for(w, "nca")
    path = f"/v1/filings/{row['id']}"
    w.ada.post(path + "/download", {"reason": "x"}, status=409)
    # Nothing of the vault leaves with it, so nobody's key is wanted to approve.
    w.ada.ask("DELETE", "/v1/session/unlock", status=204)
    w.ada.post(path + "/approve", {"sha256": row["draft_sha256"], "reason": "seen"}, status=200)
    row = w.until(row["id"], "ready")
    equal((row["package"]["pages"], row["authority_name"], row["alert"]), (True, "National Crime Agency, United Kingdom", None))
    w.ada.get(path + "/package", status=409)
    w.ada.post(path + "/sent", {"at": "2026-11-01", "reference": "P-1", "way": "by hand"}, status=409)
    answer = w.ada.post(path + "/download", {"reason": "to hand it over"})
    equal(answer.status, 423)
    w.unlock()
    w.rae.post(path + "/download", {"reason": "to hand it over"}, status=403)
    w.ada.post(path + "/download", {"reason": ""}, status=400)
    answer = w.ada.post(path + "/download", {"reason": "to hand it over"}, status=200)
    check_answer("POST", "/v1/filings/{filing}/download", answer)
    equal(members(folder, answer.body), ["report.pdf", "report.json", "report.xml", "MANIFEST"])
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF-")
    equal(hashlib.sha256(answer.body).hexdigest(), row["package"]["sha256"])
    equal(w.ada.post(path + "/download", {"reason": "once more"}, status=200).body, answer.body)
    for at, status in (("2999-01-01", 400), ("yesterday", 400), ("2020-01-01", 400)):
        w.ada.post(path + "/sent", {"at": at, "reference": "P-1", "way": "by hand"}, status=status)
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    for _ in range(2):
        w.ada.post(path + "/sent", {"at": now, "reference": "P-1", "way": "by hand"}, status=200)
    w.ada.get(path + "/receipt", status=404)
    w.ada.post(path + "/acknowledged", {"text": "We have it. \u0645\u0646\u0627\u0631\u0629"}, status=200)
    row = w.filing(row["id"])
    equal((row["state"], row["package"]["way"], row["package"]["reference"]), ("acknowledged", "by hand", "P-1"))
    equal(w.ada.get(path + "/receipt", status=200).body.decode(), "We have it. \u0645\u0646\u0627\u0631\u0629")
    for action in ("report.drafted", "report.approved", "report.packaged", "report.downloaded", "report.sent",
                   "report.acknowledged"):
        assert action in [entry["action"] for entry in row["history"]], row["history"]
    equal(w.ask("SELECT count(*) FROM vault_holds WHERE reference = 'P-1'"), [(1,)])
    w.ada.post(path + "/retract", {"reason": "a slip"}, status=409)
    # NCMEC heard nothing of it.
    equal(len(w.server.control()["reports"]), calls)


@case("a package that the store does not take keeps no report from NCMEC")
def _(folder):
    w = world()
    w.server.control(faults=[])
    row = ask_for(w, "nca")
    with sqlite3.connect(w.place / "ward.db", timeout=20) as store:
        store.execute("CREATE TRIGGER stuck BEFORE INSERT ON filing_packages BEGIN INSERT INTO nowhere VALUES (1); END")
    try:
        w.ada.post(f"/v1/filings/{row['id']}/approve", {"sha256": row["draft_sha256"], "reason": "seen"}, status=200)
        wait_until(lambda: "sender_failed" in w.daemon.log())
        job, _ = w.job()
        told = w.draft(job)
        w.report(job, told)
        # An answer of NCMEC's that was lost on the way is asked for again after a minute.
        wait_until(lambda: w.hurry() or w.filing(told["id"])["state"] == "finished")
        equal(w.filing(row["id"])["state"], "approved")
    finally:
        with sqlite3.connect(w.place / "ward.db", timeout=20) as store:
            store.execute("DROP TRIGGER stuck")
    w.until(row["id"], "ready")


@case("what was sent is held, though nobody describes its authority any more")
def _(folder):
    w = world()
    described = w.place / "authorities" / "pier.json"
    described.parent.mkdir(exist_ok=True)
    described.write_text(json.dumps({"authority": "The pier", "title": "Report", "labels": {}, "clock": "own"}))
    job, _ = w.job()
    w.decide(job, ("report", {"authority": "pier", "incident": INCIDENT}))
    equal(w.finished(job)["answer"], "draft")
    row = w.ada.get(f"/v1/filings?job={job}", status=200).json["filings"][0]
    path = f"/v1/filings/{row['id']}"
    w.ada.post(path + "/approve", {"sha256": row["draft_sha256"], "reason": "seen"}, status=200)
    w.until(row["id"], "ready")
    w.ada.post(path + "/download", {"reason": "to hand it over"}, status=200)
    described.unlink()
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    w.ada.post(path + "/sent", {"at": now, "reference": "P-7", "way": "by hand"}, status=200)
    equal(w.filing(row["id"])["state"], "sent")
    equal(w.ask("SELECT basis FROM vault_holds WHERE reference = 'P-7'"), [("us-2258a-h",)])


@case("an authority that nobody describes is put aside for people, and an urgent report wants two of them")
def _(folder):
    w = world()
    job, _ = w.job()
    w.decide(job, ("report", {"authority": "../nca", "incident": INCIDENT}))
    row = w.finished(job)
    equal((row["state"], row["answer"]), ("dead", "unsupported"))
    w.ada.post("/v1/filings", {"job": job, "authority": "nobody"}, status=400)
    row = ask_for(w, "generic", urgency="now")
    approve = {"sha256": row["draft_sha256"], "reason": "a child may be in danger"}
    second = w.ada.post(f"/v1/filings/{row['id']}/approve", approve, status=202).json["second"]
    w.bo.post(f"/v1/seconds/{second}", {"confirm": True, "reason": "it is"}, status=204)
    w.ada.post(f"/v1/filings/{row['id']}/approve", approve, status=200)
    equal(w.until(row["id"], "ready")["approvals"], 2)


@case("killed while it makes a package wardd makes it once, and without pages it says so until they are there")
def _(folder):
    w = world()
    slow, none = folder / "slow", folder / "none"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    none.write_text("#!/bin/sh\nexit 5\n")
    for program in (slow, none):
        program.chmod(0o755)
    row = ask_for(w, "nca")
    path = f"/v1/filings/{row['id']}"
    os.environ["WARD_PAGES"] = str(slow)
    w.restart()
    w.ada.post(path + "/approve", {"sha256": row["draft_sha256"], "reason": "seen"}, status=200)
    time.sleep(0.5)
    equal(w.filing(row["id"])["state"], "approved")
    os.environ["WARD_PAGES"] = str(none)
    w.restart()
    wait_until(lambda: w.filing(row["id"])["alert"] == "pages")
    equal(w.filing(row["id"])["state"], "approved")
    for tries in (2, 3):
        w.hurry()
        wait_until(lambda: (r := w.filing(row["id"]))["state"] == "ready" or r["tries"] >= tries)
    row = w.until(row["id"], "ready")
    equal((row["alert"], row["package"]["pages"]), ("pages", False))
    tar = w.ada.post(path + "/download", {"reason": "to hand it over"}, status=200).body
    equal(members(folder, tar), ["MISSING.txt", "report.json", "report.xml", "MANIFEST"])
    del os.environ["WARD_PAGES"]
    w.restart()
    w.ada.post(path + "/again", {"reason": "it has fonts now"}, status=200)
    row = w.until(row["id"], "ready")
    equal((row["alert"], row["package"]["pages"]), (None, True))
    w.ada.post(path + "/again", {"reason": "x"}, status=409)
    equal(w.ask(f"SELECT count(*) FROM vault_items WHERE origin = 'filing:{row['id']}'"), [(2,)])


@case("a report is nobody's whose job is not theirs to see")
def _(folder):
    w = world()
    job, _ = w.job()
    told = w.draft(job)
    w.ask("UPDATE desk_queues SET everyone = 0 WHERE id = 'inbox'")
    try:
        for path in ("", "/draft", "/findings", "/receipt", "/package"):
            equal(w.bo.get(f"/v1/filings/{told['id']}{path}").status, 404)
        for path, body in (("approve", {"sha256": told["sha256"]}), ("retract", {"reason": "x"}),
                           ("again", {"reason": "x"}), ("download", {"reason": "x"}),
                           ("sent", {"at": "2026-01-01", "reference": "x", "way": "x"}),
                           ("acknowledged", {"text": "x"})):
            equal(w.bo.post(f"/v1/filings/{told['id']}/{path}", body).status, 404)
        equal(w.bo.ask("PUT", f"/v1/filings/{told['id']}", {"draft": {"report": {}}}).status, 404)
        equal(w.bo.post("/v1/filings", {"job": job}).status, 404)
        equal(w.bo.get("/v1/filings", status=200).json["filings"], [])
    finally:
        w.ask("UPDATE desk_queues SET everyone = 1 WHERE id = 'inbox'")
    w.bo.get(f"/v1/filings/{told['id']}", status=200)


@case("the log of all that is whole, and wardd says nothing of what it sent")
def _(folder):
    w = world()
    log = w.daemon.log()
    for word in ("keeper", "letter 9", "harbour.example", "lamp:and sea"):
        assert word not in log, word
    equal(w.server.control()["refused"], [])
    ward("audit", "verify", "-w", w.place, status=0)


try:
    run_cases()
finally:
    if WORLD:
        WORLD.end()
