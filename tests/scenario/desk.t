#!/usr/bin/env python3
"""The desk over HTTP: reports become jobs, people take and decide them, and what they may."""
from daemon import *
from people import *
from scenario import *


def start(folder):
    place = workspace(folder)
    ward("vault", "init", "-w", place, status=0)
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


@case("what an operator arranges is arranged by who may, and holds for the next report")
def _(folder):
    with start(folder) as daemon:
        anna = member(daemon, "anna", "reviewer")
        chief = member(daemon, "chief", "admin")
        may = set(chief.get("/v1/session", status=200).json["permissions"])
        # Whoever has the permission; the table says which role that is.
        for who, path, body in (("queue.change", "/v1/queues/urgent", {"title": "Urgent"}),
                                ("policy.change", "/v1/policies/harm", {"title": "Harm", "severe": True})):
            equal(anna.ask("PUT", path, body).status, 403)
            equal(chief.ask("PUT", path, body).status, 200 if who in may else 403)


@case("nothing is there without a session, and nothing for a key")
def _(folder):
    with start(folder) as daemon:
        key = ward("key", "add", "-w", daemon.place, "all", "--scope", "all", status=0) \
            .stdout.decode().strip()
        anna = member(daemon, "anna", "reviewer")
        for method, path in (("GET", "/v1/queues"), ("GET", "/v1/jobs/x"), ("POST", "/v1/jobs/x/take")):
            equal(Browser(daemon).ask(method, path, {} if method == "POST" else None).status, 401)
            equal(daemon.ask(method, path, {} if method == "POST" else None, key=key).status, 401)
        anna.get("/v1/jobs/no-such-job", status=404)
        anna.get("/v1/queues/no-such-queue/jobs", status=404)
        anna.get("/v1/queues/inbox/jobs?state=blue", status=400)
        anna.get("/v1/queues/inbox/jobs?after=blue", status=400)


if __name__ == "__main__":
    run_cases()
