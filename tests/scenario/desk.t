#!/usr/bin/env python3
"""The desk over HTTP: reports become jobs, people take and decide them, and what they may."""
import http.server
import threading

from daemon import *
from people import *
from scenario import *


def start(folder, keys=None, **scopes):
    """A running daemon; with a key of each name and scope, put into `keys`."""
    place = workspace(folder)
    ward("vault", "init", "-w", place, status=0)
    for name, scope in scopes.items():
        keys[name] = add_key(place, name, "--scope", scope)
    return Daemon(place, demo=False)


def report(place, *what):
    """A report taken in by hand."""
    ward("intake", "add", "-w", place, *what, status=0)


def held(browser, path, **more):
    """As browser.get, held against the contract."""
    return browser.get(path, status=200, **more).json


@case("a report becomes a job, one person takes it, decides it, and can undo that")
def _(folder):
    with start(folder) as daemon:
        anna = member(daemon, "anna", "reviewer")
        bert = member(daemon, "bert", "reviewer")
        report(daemon.place, "--text", "The lamp is out.")
        queues = held(anna, "/v1/queues")["queues"]
        equal([(q["id"], q["open"]) for q in queues], [("inbox", 1)])
        page = held(anna, "/v1/queues/inbox/jobs")
        equal(len(page["jobs"]), 1)
        equal(page["next"], None)
        job = anna.post("/v1/queues/inbox/take", status=200).json
        equal(job["lease_person"], anna.person)
        bert.post("/v1/queues/inbox/take", status=404)
        bert.post(f"/v1/jobs/{job['id']}/take", status=409)
        bert.post(f"/v1/jobs/{job['id']}/decisions", {"outcome": "none"}, status=409)
        anna.post(f"/v1/jobs/{job['id']}/comments", {"words": "I look at it."}, status=201)
        told = anna.post(f"/v1/jobs/{job['id']}/decisions", {"outcome": "none"}, status=201).json
        whole = held(anna, f"/v1/jobs/{job['id']}")
        equal(whole["state"], "decided")
        equal(whole["decisions"][0]["exposure"], "L0")
        equal(whole["comments"][0]["words"], "I look at it.")
        bert.post(f"/v1/decisions/{told['decision']}/undo", status=403)
        anna.post(f"/v1/decisions/{told['decision']}/undo", {"reason": "a slip"}, status=200)
        equal(held(anna, f"/v1/jobs/{job['id']}")["lease_person"], anna.person)
        actions = [row["action"] for row in held(anna, f"/v1/jobs/{job['id']}/history")["history"]]
        for action in ("job.taken", "job.decided", "job.undone"):
            assert action in actions, actions
    ward("audit", "verify", "-w", daemon.place, status=0)


def form(fields):
    """A form with files, and the header that says so."""
    parts = b""
    for name, value in fields.items():
        file = "" if isinstance(value, str) else f'; filename="{name}.png"'
        parts += f'--edge\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode()
        parts += (value.encode() if isinstance(value, str) else value) + b"\r\n"
    return parts + b"--edge--\r\n", {"Content-Type": "multipart/form-data; boundary=edge"}


@case("a platform's report is kept once, sealed, and becomes a job; a key sees its own alone")
def _(folder):
    keys = {}
    with start(folder, keys, one="report", other="report", scans="scan") as daemon:
        picture = draw_png(folder / "lighthouse.png", lighthouse).read_bytes()
        body, kind = form({"report": json.dumps({"items": [{"kind": "media", "file": "a", "type": "image/png"},
                                                           {"kind": "account", "text": "boats/anna"}],
                                                 "urgency": "soon", "receipt": True}), "a": picture})

        def send(key, body=body, once="first", **want):
            answer = daemon.ask("POST", "/v1/reports", body, key=keys[key],
                                headers={**kind, "Idempotency-Key": once}, **want)
            check_answer("POST", "/v1/reports", answer)
            return answer

        told = send("one", status=201).json
        equal((told["again"], len(told["receipt"].split())), (False, 6))
        again = send("one", status=200).json
        equal((again["report"], again["again"]), (told["report"], True))
        send("one", body.replace(b'"soon"', b'"any"'), status=409)
        equal(send("other", status=201).json["again"], False)
        send("scans", status=403)
        seen = daemon.get(f"/v1/reports/{told['report']}", key=keys["one"], status=200)
        check_answer("GET", f"/v1/reports/{told['report']}", seen)
        seen = seen.json
        equal([item["kind"] for item in seen["items"]], ["media", "account"])
        equal(seen["items"][0]["sha256"], hashlib.sha256(picture).hexdigest())
        equal(seen["state"], "received")
        daemon.get(f"/v1/reports/{told['report']}", key=keys["other"], status=404)
        for wrong in ({}, {"items": []}, {"items": [{"kind": "shoe"}]}, {"items": [{"kind": "url"}]},
                      {"items": [{"kind": "media", "file": "b"}]}, {"items": [{"kind": "text", "text": "x"}],
                                                                   "urgency": "never"}):
            daemon.ask("POST", "/v1/reports", wrong, key=keys["one"], status=400)
        # The picture is nowhere as it came.
        for path in daemon.place.rglob("*"):
            assert not path.is_file() or picture[200:400] not in path.read_bytes(), path
        # Both reports were about the same account: one job, which is decided, and the senders learn so.
        anna = member(daemon, "anna", "reviewer")
        job = anna.post("/v1/queues/inbox/take", status=200).json
        equal((job["reports"], len(job["items"]), job["priority"]), (2, 4, 75))
        anna.post(f"/v1/jobs/{job['id']}/decisions", {"outcome": "none"}, status=201)
        equal(daemon.get(f"/v1/reports/{told['report']}", key=keys["one"], status=200).json["state"], "done")
    ward("audit", "verify", "-w", daemon.place, status=0)


class Platform(http.server.BaseHTTPRequestHandler):
    """The operator's own service: keeps what it was sent, and answers as it was told."""
    calls, answers = [], []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Platform.calls.append((dict(self.headers), body))
        self.send_response(Platform.answers.pop(0) if Platform.answers else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def is_signed(folder, headers, body):
    """With the common tools, as whoever gets a call would: Ed25519 over kind, NUL, SHA-256."""
    parts = dict(part.split("=", 1) for part in headers["Ward-Signature"].split(","))
    said = b"ward.call\0" + hashlib.sha256(parts["t"].encode() + b"." + body).digest()
    (folder / "said").write_bytes(said)
    (folder / "sig").write_bytes(bytes.fromhex(parts["sig"]))
    # RFC 8410: what stands before the 32 bytes of a public key.
    (folder / "key").write_bytes(bytes.fromhex("302a300506032b6570032100" + parts["key"]))
    done = subprocess.run(["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey",
                           folder / "key", "-in", folder / "said", "-sigfile", folder / "sig"],
                          capture_output=True)
    return done.returncode == 0, parts["key"]


@case("an action of the operator's own is a signed call, tried again, and dead when it is refused")
def _(folder):
    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Platform)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    with start(folder) as daemon:
        anna = member(daemon, "anna", "reviewer")
        chief = member(daemon, "chief", "supervisor")
        chief.ask("PUT", "/v1/action-kinds/hide", {
            "title": "Hide it", "url": f"http://127.0.0.1:{listener.server_port}/hide",
            "parameters": [{"name": "days", "type": "number", "required": True}]}, status=200)

        def decide(**asked):
            report(daemon.place, "--text", f"The lamp {len(Platform.calls)} is out.")
            job = anna.post("/v1/queues/inbox/take", status=200).json["id"]
            anna.post(f"/v1/jobs/{job}/decisions",
                      {"outcome": "none", "undo_seconds": 0,
                       "actions": [{"kind": "hide", "parameters": {"days": 7}}]}, status=201)
            return job

        def wait_for(job, state):
            for _ in range(200):
                actions = held(anna, f"/v1/jobs/{job}")["actions"]
                if actions[0]["state"] == state:
                    return actions[0]
                time.sleep(.1)
            raise AssertionError(actions)

        job = decide()
        done = wait_for(job, "done")
        equal(done["answer"], "200")
        headers, body = Platform.calls[0]
        told = json.loads(body)
        equal((told["action"], told["job"], told["parameters"]), (done["id"], job, {"days": 7}))
        equal(headers["Ward-Action"], done["id"])
        fine, key = is_signed(folder, headers, body)
        assert fine
        assert not is_signed(folder, headers, body + b" ")[0]
        equal(ward("audit", "key", "-w", daemon.place, status=0).stdout.decode().strip(),
              "ed25519:" + base64.b64encode(bytes.fromhex(key)).decode())
        # Nobody who works here, and no words of theirs, go out.
        assert anna.person not in body.decode() and "reason" not in told
        Platform.answers = [410]
        equal(wait_for(decide(), "dead")["tries"], 1)
        dead = held(anna, "/v1/actions?state=dead")["actions"][0]
        anna.post(f"/v1/actions/{dead['id']}/revive", status=403)
        chief.post(f"/v1/actions/{dead['id']}/revive", status=200)
        wait_for(dead["job"], "done")
        Platform.answers = [503]
        job = decide()
        for _ in range(100):
            action = held(anna, f"/v1/jobs/{job}")["actions"][0]
            if action["answer"]:
                break
            time.sleep(.1)
        equal((action["state"], action["tries"], action["answer"]), ("due", 1, "503"))
    listener.shutdown()


@case("a dry run says what would become of many jobs and keeps nothing; the run itself decides them")
def _(folder):
    with start(folder) as daemon:
        may = {role["name"]: set(role["permissions"]) for role in
               json.loads(subprocess.run([WARDD, "--permissions"], capture_output=True, check=True).stdout)["roles"]}
        role = next(name for name, has in may.items() if {"job.bulk", "job.decide", "job.take"} <= has)
        anna, bert = member(daemon, "anna", role), member(daemon, "bert", "reviewer")
        for number in range(3):
            report(daemon.place, "--text", f"Lamp {number} is out.")
        jobs = [job["id"] for job in held(anna, "/v1/queues/inbox/jobs")["jobs"]]
        bert.post(f"/v1/jobs/{jobs[0]}/take", status=200)
        asked = {"jobs": jobs + ["no-such-job"], "outcome": "none", "dry_run": True}
        told = anna.post("/v1/jobs/bulk", asked, status=200).json
        equal([row["fine"] for row in told["jobs"]], [False, True, True, False])
        assert all("decision" not in row for row in told["jobs"])
        equal(len(held(anna, "/v1/queues/inbox/jobs")["jobs"]), 3)
        equal(held(anna, f"/v1/jobs/{jobs[1]}")["lease_person"], None)
        told = anna.post("/v1/jobs/bulk", {**asked, "dry_run": False}, status=200).json
        equal([row["fine"] for row in told["jobs"]], [False, True, True, False])
        equal([row["code"] for row in told["jobs"] if not row["fine"]], ["conflict", "not_found"])
        equal([job["id"] for job in held(anna, "/v1/queues/inbox/jobs")["jobs"]], jobs[:1])
        bert.post("/v1/jobs/bulk", asked, status=403)


@case("whoever is touched by a decision appeals with sealed words, and another person reads and settles it")
def _(folder):
    keys = {}
    with start(folder, keys, one="report", other="report") as daemon:
        anna, bert, cleo = (member(daemon, name, role) for name, role in
                            (("anna", "senior"), ("bert", "senior"), ("cleo", "reviewer")))
        bert.ask("PUT", "/v1/session/key", {"phrase": "a quiet harbour in the fog"}, status=200)
        daemon.ask("POST", "/v1/reports", {"items": [{"kind": "account", "text": "boats/anna"}]}, key=keys["one"],
                   status=201)
        job = anna.post("/v1/queues/inbox/take", status=200).json["id"]
        anna.ask("PUT", "/v1/session/key", {"phrase": "seven boats upon the water"}, status=200)
        decision = anna.post(f"/v1/jobs/{job}/decisions", {"outcome": "none", "undo_seconds": 0}, status=201).json["decision"]
        path = f"/v1/decisions/{decision}/appeals"

        def appeal(key, words, **want):
            answer = daemon.ask("POST", path, {"words": words} if words else {}, key=keys[key], **want)
            check_answer("POST", path, answer)
            return answer

        words = "It was a drawing of mine, quince zanzibar."
        appeal("other", words, status=404)
        appeal("one", "x" * 20001, status=400)
        told = appeal("one", words, status=201).json["appeal"]
        appeal("one", words, status=409)
        daemon.ask("POST", "/v1/decisions/none/appeals", {}, key=keys["one"], status=404)
        cleo.get("/v1/appeals", status=403)
        cleo.post(path, {}, status=409)
        equal([(row["id"], row["decision"]) for row in held(bert, "/v1/appeals")["appeals"]], [(told, decision)])
        bert.post(f"/v1/appeals/{told}/text", status=423)
        bert.post("/v1/session/unlock", {"phrase": "a quiet harbour in the fog"}, status=200)
        # Unlocked, but nobody has given him the role's key.
        bert.post(f"/v1/appeals/{told}/text", status=403)
        anna.post(f"/v1/appeals/{told}/settle", {"reverse": True, "reason": "mine"}, status=403)
        bert.post(f"/v1/appeals/{told}/settle", {"reverse": True, "reason": "it was a drawing"}, status=200)
        equal(held(anna, f"/v1/jobs/{job}")["decisions"][0]["undone_at"] is None, False)
        for path_of in daemon.place.rglob("*"):
            assert not path_of.is_file() or b"zanzibar" not in path_of.read_bytes(), path_of
    ward("audit", "verify", "-w", daemon.place, status=0)


@case("what lies in a queue for named people is told to nobody else, by no path")
def _(folder):
    keys = {}
    with start(folder, keys, one="report") as daemon:
        anna, bert = member(daemon, "anna", "senior"), member(daemon, "bert", "senior")
        chief = member(daemon, "chief", "supervisor")
        chief.ask("PUT", "/v1/queues/narrow", {"title": "Narrow", "everyone": False}, status=200)
        chief.ask("PUT", f"/v1/queues/narrow/people/{anna.person}", status=200)
        chief.post("/v1/routes", {"mode": "live", "conditions": {}, "queue": "narrow"}, status=201)
        told = daemon.ask("POST", "/v1/reports", {"items": [{"kind": "account", "text": "boats/anna"}]},
                          key=keys["one"], status=201).json
        job = held(anna, "/v1/queues/narrow/jobs")["jobs"][0]["id"]
        held(anna, f"/v1/reports/{told['report']}")
        bert.get(f"/v1/reports/{told['report']}", status=404)
        for path in (f"/v1/jobs/{job}", f"/v1/jobs/{job}/related", f"/v1/jobs/{job}/history"):
            bert.get(path, status=404)
        bert.get("/v1/queues/narrow/jobs", status=403)
        for path, body in ((f"/v1/jobs/{job}/take", {}), (f"/v1/jobs/{job}/comments", {"words": "?"})):
            equal(bert.post(path, body).status, 404)
        equal(bert.ask("PUT", f"/v1/jobs/{job}/star").status, 404)
        equal(held(bert, "/v1/jobs?by=account&value=boats/anna")["jobs"], [])
        equal(held(bert, "/v1/jobs")["jobs"], [])
        assert "narrow" not in [queue["id"] for queue in held(bert, "/v1/queues")["queues"]]
        anna.post("/v1/queues/narrow/take", status=200)
        anna.post(f"/v1/jobs/{job}/decisions", {"outcome": "none"}, status=201)
        equal(len(held(anna, "/v1/decisions")["decisions"]), 1)
        equal(held(bert, "/v1/decisions")["decisions"], [])


@case("what an operator arranges is arranged by who may, and holds for the next report")
def _(folder):
    with start(folder) as daemon:
        anna = member(daemon, "anna", "reviewer")
        chief = member(daemon, "chief", "supervisor")
        may = set(chief.get("/v1/session", status=200).json["permissions"])
        # Whoever has the permission; the table says which role that is.
        for who, path, body in (("queue.change", "/v1/queues/urgent", {"title": "Urgent"}),
                                ("policy.change", "/v1/policies/harm", {"title": "Harm", "severe": True})):
            equal(anna.ask("PUT", path, body).status, 403)
            equal(chief.ask("PUT", path, body).status, 200 if who in may else 403)


@case("nothing is there without a session, and nothing for a key")
def _(folder):
    keys = {}
    with start(folder, keys, all="all") as daemon:
        anna = member(daemon, "anna", "reviewer")
        for method, path in (("GET", "/v1/queues"), ("GET", "/v1/jobs/x"), ("POST", "/v1/jobs/x/take")):
            equal(Browser(daemon).ask(method, path, {} if method == "POST" else None).status, 401)
            equal(daemon.ask(method, path, {} if method == "POST" else None, key=keys["all"]).status, 401)
        anna.get("/v1/jobs/no-such-job", status=404)
        anna.get("/v1/queues/no-such-queue/jobs", status=404)
        anna.get("/v1/queues/inbox/jobs?state=blue", status=400)
        anna.get("/v1/queues/inbox/jobs?after=blue", status=400)


if __name__ == "__main__":
    run_cases()
