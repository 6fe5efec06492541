#!/usr/bin/env python3
"""The vault over HTTP: what is kept, for whom it is held, who holds its keys, its way out and its end."""
import os
import tempfile

from daemon import *
from people import *
from scenario import *

PHRASE = "a quiet harbour in the fog"
RECIPIENT = "harbour police"


class House:
    """One daemon for all cases: Anna and Bert, seniors of everything; Cleo, who is of another queue; a supervisor."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.place = workspace(pathlib.Path(self.folder.name))
        if store := os.environ.get("WARD_TEST_STORE"):
            with open(self.place / "ward.conf", "a") as conf:
                conf.write(f'store {{ place = "{store}" }}\n')
            ward("db", "migrate", "-w", self.place, status=0)
        self.daemon = Daemon(self.place, demo=False)
        self.key = add_key(self.place, "one", "--scope", "report")
        self.anna, self.bert, self.cleo = (self.person(name, "senior") for name in ("anna", "bert", "cleo"))
        self.chief, self.fil = self.person("chief", "supervisor"), self.person("fil", "filer")
        for who in (self.anna, self.bert, self.cleo):
            who.ask("PUT", "/v1/session/key", {"phrase": PHRASE}, status=200)
        ward("vault", "init", "-w", self.place, "--give", "review=anna", "--give", "filing=anna", status=0)
        self.chief.ask("PUT", "/v1/queues/narrow", {"title": "Narrow", "everyone": False}, status=200)
        for who in (self.anna, self.bert):
            self.chief.ask("PUT", f"/v1/queues/narrow/people/{who.person}", status=200)
        self.chief.post("/v1/routes", {"mode": "live", "conditions": {}, "queue": "narrow"}, status=201)

    def person(self, name, role):
        return member(self.daemon, name, role)

    def job(self, items=1, decided=True):
        """A job with texts that were sealed; and its items."""
        told = wait_until(lambda: self.daemon.ask("POST", "/v1/reports", {"items": [
            {"kind": "text", "text": f"what somebody wrote of lighthouse {number}-{time.time()}"}
            for number in range(items)]}, key=self.key))
        equal(told.status, 201)
        job = self.anna.post("/v1/queues/narrow/take", status=200)
        job = job.json
        if decided:
            self.anna.post(f"/v1/jobs/{job['id']}/decisions", {"outcome": "none", "undo_seconds": 0}, status=201)
        else:
            self.anna.post(f"/v1/jobs/{job['id']}/release", status=200)
        return job["id"], job["items"]

    def confirm(self, second, by=None, yes=True):
        (by or self.bert).post(f"/v1/seconds/{second}", {"confirm": yes, "reason": "as the letter says"}, status=204)

    def unlock(self, who):
        who.post("/v1/session/unlock", {"phrase": PHRASE}, status=200)

    def custody(self, item):
        return [row["action"] for row in
                self.anna.get(f"/v1/items/{item}/custody", status=200).json["custody"][0]["rows"]]

    def end(self):
        self.daemon.stop()
        self.folder.cleanup()


HOUSE = None


def house():
    global HOUSE
    HOUSE = HOUSE or House()
    return HOUSE


def recipient(folder):
    """A key pair of whoever a package is for: the line to send, and the file of the secret."""
    secret = folder / "secret"
    done = ward("verify", "--new-secret", secret, status=0)
    return done.stdout.decode().strip().splitlines()[-1].split()[-1], secret


def kind(answer):
    return answer.json["type"].rpartition(":")[2]


@case("what is kept is told with its end, and its custody row by row")
def _(folder):
    it = house()
    job, items = it.job(2)
    kept = it.anna.get(f"/v1/jobs/{job}/vault", status=200).json["items"]
    equal(sorted(row["item"] for row in kept), sorted(items))
    equal({(row["state"], row["job"], row["authority_until"]) for row in kept}, {("here", job, None)})
    first = it.anna.get(f"/v1/jobs/{job}/vault?limit=1", status=200).json["items"]
    rest = it.anna.get(f"/v1/jobs/{job}/vault?after={first[0]['item']}", status=200).json["items"]
    equal([row["item"] for row in first + rest], [row["item"] for row in kept])
    everything, after = [], ""
    while True:
        page = it.anna.get(f"/v1/vault/items?limit=1&after={after}", status=200).json["items"]
        if not page:
            break
        everything += page
        after = page[-1]["item"]
    equal(sorted(row["item"] for row in everything),
          sorted(row["item"] for row in it.anna.get("/v1/vault/items", status=200).json["items"]))
    assert set(items) <= {row["item"] for row in everything}
    equal(it.anna.get("/v1/vault/items?state=due", status=200).json["items"], [])
    it.anna.get("/v1/vault/items?state=blue", status=400)
    equal(it.custody(items[0])[-1], "item.sealed")
    told = it.anna.get(f"/v1/jobs/{job}/custody", status=200).json["custody"]
    equal(sorted(row["item"] for row in told), sorted(items))
    codes = [clock["code"] for clock in it.chief.get("/v1/vault/clocks", status=200).json["clocks"]]
    assert "own" in codes and "authority" in codes, codes


@case("nobody learns of an item, or of an act about it, of a queue that is not theirs")
def _(folder):
    it = house()
    job, (item,) = it.job()
    it.unlock(it.cleo)
    for path in (f"/v1/jobs/{job}/vault", f"/v1/jobs/{job}/custody", f"/v1/items/{item}/custody",
                 f"/v1/jobs/{job}/holds"):
        it.cleo.get(path, status=404)
    for path, body in (("holds", {"basis": "authority", "reference": "x 1"}), ("holds/release", {"basis": "own"}),
                       ("destruction", {}), ("export", {"recipient": RECIPIENT, "key": "0" * 64})):
        it.cleo.post(f"/v1/jobs/{job}/{path}", {**body, "reason": "to see what is there"}, status=404)
    for path, name in (("items", "items"), ("holds", "holds"), ("destructions", "destructions")):
        equal(it.cleo.get(f"/v1/vault/{path}", status=200).json[name], [])
    it.anna.post(f"/v1/jobs/{job}/holds", {"basis": "authority", "reference": f"{RECIPIENT}, letter 1",
                                           "reason": "their letter"}, status=201)
    equal(it.cleo.get("/v1/vault/holds", status=200).json["holds"], [])
    second = it.anna.post(f"/v1/jobs/{job}/holds/release", {
        "basis": "authority", "reference": f"{RECIPIENT}, letter 1", "reason": "they wrote again"}, status=202).json["second"]
    assert second not in [row["id"] for row in it.cleo.get("/v1/seconds", status=200).json["waiting"]]
    it.cleo.post(f"/v1/seconds/{second}", {"confirm": True, "reason": "no"}, status=404)
    assert second in [row["id"] for row in it.bert.get("/v1/seconds", status=200).json["waiting"]]
    it.anna.ask("DELETE", f"/v1/seconds/{second}", status=204)


@case("who could be the blind second learns nothing of it here")
def _(folder):
    it = house()
    job, (item,) = it.job(decided=False)
    it.chief.ask("PUT", "/v1/queues/narrow", {"title": "Narrow", "everyone": False, "double_percent": 100}, status=200)
    it.anna.post(f"/v1/jobs/{job}/take", status=200)
    it.anna.post(f"/v1/jobs/{job}/decisions", {"outcome": "none", "undo_seconds": 0}, status=201)
    it.chief.ask("PUT", "/v1/queues/narrow", {"title": "Narrow", "everyone": False, "double_percent": 0}, status=200)
    for path in (f"/v1/jobs/{job}/vault", f"/v1/jobs/{job}/custody", f"/v1/items/{item}/custody"):
        it.anna.get(path, status=200)
        it.bert.get(path, status=409)
    assert item not in [row["item"] for row in it.bert.get("/v1/vault/items?limit=200", status=200).json["items"]]
    it.bert.post(f"/v1/jobs/{job}/take", status=200)
    it.bert.post(f"/v1/jobs/{job}/decisions", {"outcome": "none", "undo_seconds": 0}, status=201)
    it.bert.get(f"/v1/jobs/{job}/vault", status=200)


@case("a letter holds all items of a job until its end, and two persons let them go")
def _(folder):
    it = house()
    job, items = it.job(2)
    path, letter = f"/v1/jobs/{job}/holds", {"basis": "authority", "reference": f"{RECIPIENT}, letter 9"}
    for wrong in ({**letter, "basis": "no-such"}, {**letter, "until": "2001-01-01"}, {**letter, "until": "soon"},
                  {"basis": "authority"}, {**letter, "reason": " "}):
        it.anna.post(path, {"reason": "their letter", **wrong}, status=400)
    equal(it.anna.post(path, {**letter, "until": "2041-03-01", "reason": "their letter"}, status=201).json, {"held": 2})
    rows = {row["basis"]: row for row in it.anna.get(path, status=200).json["holds"]}
    equal((rows["authority"]["items"], rows["authority"]["end_at"], rows["authority"]["reference"]),
          (2, "2041-03-01T00:00:00Z", letter["reference"]))
    equal({row["authority_until"] for row in it.anna.get(f"/v1/jobs/{job}/vault", status=200).json["items"]},
          {"2041-03-01T00:00:00Z"})
    # A reviewer's roles say nothing of letters; a supervisor who confirms destructions knows of them.
    rosa = it.person("rosa", "trainee")
    it.chief.ask("PUT", f"/v1/queues/narrow/people/{rosa.person}", status=200)
    seen = {row["item"]: row["authority_until"] for row in rosa.get("/v1/vault/items?limit=200", status=200).json["items"]}
    equal([seen[item] for item in items], [None, None])
    assert job in [row["job"] for row in it.anna.get("/v1/vault/holds", status=200).json["holds"]]
    ask = {**letter, "reason": "they wrote that it is over"}
    second = it.anna.post(f"{path}/release", ask, status=202).json["second"]
    equal(it.anna.post(f"{path}/release", ask, status=202).json["second"], second)
    it.anna.post(f"/v1/seconds/{second}", {"confirm": True, "reason": "mine"}, status=403)
    it.confirm(second)
    equal(it.anna.post(f"{path}/release", ask, status=200).json, {"released": 2})
    it.anna.post(f"{path}/release", ask, status=409)
    equal(it.custody(items[0])[:2], ["item.hold_released", "item.held"])


@case("a package is two persons', is fetched by who made it, and ward verify alone proves it")
def _(folder):
    it = house()
    job, items = it.job(3)
    key, secret = recipient(folder)
    path, ask = f"/v1/jobs/{job}/export", {"recipient": RECIPIENT, "key": key, "reason": "letter 9"}
    it.anna.ask("DELETE", "/v1/session/unlock", status=204)
    equal(kind(it.anna.post(path, ask, status=423)), "locked")
    it.unlock(it.anna)
    for wrong in ({"key": "x25519:abc"}, {"recipient": " "}, {"reason": ""}, {"recipient": "x" * 128}):
        it.anna.post(path, {**ask, **wrong}, status=400)
    it.chief.post(path, ask, status=403)
    second = it.anna.post(path, ask, status=202).json["second"]
    waiting = [row for row in it.bert.get("/v1/seconds", status=200).json["waiting"] if row["id"] == second][0]
    equal((waiting["object"], waiting["detail"]["recipient"], waiting["detail"]["items"]), (f"job:{job}", RECIPIENT, 3))
    it.anna.get(f"/v1/exports/{second}", status=404)
    it.confirm(second)
    # What is confirmed is this recipient: for another one a colleague is asked anew.
    other = it.anna.post(path, {**ask, "recipient": "another one"}, status=202).json["second"]
    it.confirm(other, yes=False)
    made = it.anna.post(path, ask, status=201).json
    equal(made["export"], second)
    # Used up: the same once more is proposed anew.
    it.anna.ask("DELETE", "/v1/seconds/" + it.anna.post(path, ask, status=202).json["second"], status=204)
    got = it.anna.get(f"/v1/exports/{second}", status=200)
    equal((got.headers["content-type"], len(got.body)), ("application/x-tar", made["bytes"]))
    equal(got.headers["content-disposition"], f'attachment; filename="{second}.tar"')
    equal(it.anna.get(f"/v1/exports/{second}", status=200).body, got.body)
    package = folder / "package.tar"
    package.write_bytes(got.body)
    verified = ward("verify", package, status=0).stdout.decode()
    assert "3 items" in verified and RECIPIENT in verified, verified
    opened = folder / "opened"
    payload = it.anna.get(f"/v1/items/{items[0]}/custody", status=200).json["custody"][0]["payload"]
    ward("verify", "--open", payload, "--secret", secret, "-o", opened, package, status=0)
    assert opened.read_text().startswith("what somebody wrote of lighthouse"), opened.read_text()
    changed = bytearray(got.body)
    changed[len(changed) // 2] ^= 1
    package.write_bytes(changed)
    equal(ward("verify", package).returncode != 0, True)
    equal(it.custody(items[0])[0], "item.exported")
    for who, status in ((it.bert, 404), (it.cleo, 404), (it.fil, 404), (it.chief, 403)):
        who.get(f"/v1/exports/{second}", status=status)
    for name in ("..%2Fward.conf", "none", other):
        it.anna.get(f"/v1/exports/{name}", status=404)
    log = ward("audit", "show", "-w", it.place, "--object", f"job:{job}", status=0).stdout.decode()
    assert log.count("export.fetched") == 2, log
    # It lies in a folder that is the service's own, and is gone after a day.
    file = it.place / "exports" / f"{second}.tar"
    equal((file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777), (0o600, 0o700))
    equal([path.name for path in file.parent.iterdir()], [file.name])


@case("who may not open the items makes no package of them")
def _(folder):
    it = house()
    job, _ = it.job()
    key, _ = recipient(folder)
    it.unlock(it.bert)
    # Unlocked, but nobody gave him a role's key.
    it.bert.post(f"/v1/jobs/{job}/export", {"recipient": RECIPIENT, "key": key, "reason": "letter 9"}, status=403)


@case("ahead of its time an item is asked to be destroyed by one and destroyed when another agrees")
def _(folder):
    it = house()
    job, items = it.job(2)
    open_job, _ = it.job(decided=False)
    path, ask = f"/v1/jobs/{job}/destruction", {"reason": "sent by mistake"}
    it.anna.post(f"/v1/jobs/{open_job}/destruction", ask, status=409)
    it.chief.post(path, ask, status=403)
    it.fil.post(path, ask, status=403)
    it.anna.post(f"/v1/jobs/{job}/holds", {"basis": "us-2258a-h", "reason": "a report was made"}, status=201)
    it.anna.post(path, ask, status=409)
    release = {"basis": "us-2258a-h", "reference": "", "reason": "no report was made"}
    it.confirm(it.anna.post(f"/v1/jobs/{job}/holds/release", release, status=202).json["second"])
    it.anna.post(f"/v1/jobs/{job}/holds/release", release, status=200)
    refused = it.anna.post(path, ask, status=202).json["second"]
    it.confirm(refused, yes=False)
    second = it.anna.post(path, ask, status=202).json["second"]
    assert second != refused
    # Killed between the question and the answer: it still waits, and nothing is gone.
    it.daemon.kill()
    it.daemon = Daemon(it.place, demo=False)
    for who in (it.anna, it.bert, it.cleo, it.chief, it.fil):
        who.daemon = it.daemon
    equal({row["state"] for row in it.anna.get(f"/v1/jobs/{job}/vault", status=200).json["items"]}, {"here"})
    it.confirm(second)
    it.daemon.kill()
    it.daemon = Daemon(it.place, demo=False)
    for who in (it.anna, it.bert, it.cleo, it.chief, it.fil):
        who.daemon = it.daemon
    # A letter that came meanwhile goes before it, though it was confirmed.
    letter = {"basis": "authority", "reference": "letter 4"}
    it.anna.post(f"/v1/jobs/{job}/holds", {**letter, "reason": "it came"}, status=201)
    it.anna.post(path, ask, status=409)
    it.confirm(it.anna.post(f"/v1/jobs/{job}/holds/release", {**letter, "reason": "over"}, status=202).json["second"])
    it.anna.post(f"/v1/jobs/{job}/holds/release", {**letter, "reason": "over"}, status=200)
    # For another reason than the one that was agreed to a colleague is asked anew.
    other = it.anna.post(path, {"reason": "nobody needs it"}, status=202).json["second"]
    assert other != second
    it.anna.ask("DELETE", f"/v1/seconds/{other}", status=204)
    equal(it.anna.post(path, ask, status=200).json, {"destroyed": 2})
    it.anna.post(path, ask, status=409)
    records = [row for row in it.anna.get("/v1/vault/destructions", status=200).json["destructions"] if row["job"] == job]
    equal({(row["first"], row["second"], row["reason"]) for row in records},
          {(f"person:{it.anna.person}", f"person:{it.bert.person}", "sent by mistake")})
    equal(sorted(row["item"] for row in records), sorted(items))
    equal({row["state"] for row in it.anna.get(f"/v1/jobs/{job}/vault", status=200).json["items"]}, {"destroyed"})
    first = it.anna.get("/v1/vault/destructions?limit=1", status=200).json["destructions"]
    rest = it.anna.get(f"/v1/vault/destructions?after={first[0]['item']}", status=200).json["destructions"]
    equal(len(first + rest), len(records))
    for row in records:
        equal(list((it.place / "vault").rglob(f"{row['payload']}*")), [])
    equal(it.custody(items[0])[:2], ["item.destroyed", "item.hold_released"])


@case("a role's key goes from hand to hand, by two persons, and comes back")
def _(folder):
    it = house()
    give = f"/v1/vault/keys/review/holders/{it.bert.person}"
    why = {"reason": "begins today"}
    it.unlock(it.bert)
    it.anna.ask("DELETE", "/v1/session/unlock", status=204)
    equal(kind(it.anna.post(give, why, status=423)), "locked")
    it.unlock(it.anna)
    keys = {key["name"]: key for key in it.anna.get("/v1/vault/keys", status=200).json["keys"]}
    equal(sorted(keys), ["backup", "filing", "master", "review"])
    equal([holder["person"] for holder in keys["review"]["holders"]], [it.anna.person])
    people = [row["person"] for row in it.anna.get("/v1/vault/keys", status=200).json["people"]]
    assert it.bert.person in people and it.chief.person not in people and it.fil.person not in people
    # Who does not hold it does not give it, nobody gives it to who sees no content, and no split key is given.
    it.bert.post(f"/v1/vault/keys/review/holders/{it.cleo.person}", why, status=403)
    it.anna.post(f"/v1/vault/keys/review/holders/{it.chief.person}", why, status=409)
    it.anna.post(f"/v1/vault/keys/review/holders/{it.fil.person}", why, status=409)
    it.anna.post(f"/v1/vault/keys/master/holders/{it.bert.person}", why, status=409)
    it.anna.post("/v1/vault/keys/review/holders/nobody", why, status=404)
    it.chief.post(give, why, status=403)
    second = it.anna.post(give, why, status=202).json["second"]
    it.confirm(second, by=it.chief)
    it.anna.post(give, why, status=200)
    job, (item,) = it.job()
    it.bert.post(f"/v1/items/{item}/text", {"reason": "to see that it opens"}, status=200)
    # Asked for again it is an act of its own.
    it.anna.ask("DELETE", "/v1/seconds/" + it.anna.post(give, why, status=202).json["second"], status=204)
    it.unlock(it.cleo)
    it.cleo.post(f"{give}/take", {"reason": "x"}, status=403)
    it.bert.post(f"{give}/take", {"reason": ""}, status=400)
    it.anna.post(f"{give}/take", {"reason": "works elsewhere now"}, status=200)
    it.bert.post(f"/v1/items/{item}/text", {"reason": "to see that it is shut"}, status=403)
    equal(it.anna.post(f"/v1/vault/keys/review/holders/{it.anna.person}/take", {"reason": "x"}, status=409).status, 409)
    log = ward("audit", "show", "-w", it.place, "--object", "key:review", status=0).stdout.decode()
    assert "key.given" in log and "key.taken" in log, log


@case("all of it is in the log, which verifies, and the vault is whole")
def _(folder):
    it = house()
    ward("audit", "verify", "-w", it.place, status=0)
    ward("vault", "check", "-w", it.place, status=0)


if __name__ == "__main__":
    try:
        run_cases()
    finally:
        if HOUSE:
            HOUSE.end()
