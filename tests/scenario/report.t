#!/usr/bin/env python3
"""ward report, from a draft to its receipt, against a server of our own."""
import signal
import time

from cybertip import *
from scenario import *

DRAFT = {
    "report": {
        "reporter": {"reportingPerson": {"email": "desk@harbour.example"}},
        "incidentSummary": {"incidentDateTime": "2025-12-01T00:00:00Z",
                            "incidentType": "Misleading Domain Name", "platform": "case-1"}},
    "files": [{"item": "lamp.bin", "details": {"originalFileName": "lamp.bin"}}]}


def new_workspace(folder, port, production="no", tag="test"):
    place = folder / "workspace"
    ward("init", place, status=0)
    (place / "ward.conf").write_text(
        f'cybertip {{\n\turl = "http://127.0.0.1:{port}/ispws"\n\tproduction = {production}\n}}\n')
    put_account(place, tag)
    (folder / "evidence").mkdir()
    (folder / "evidence/lamp.bin").write_bytes(b"lamp" * 1000)
    (folder / "draft.json").write_text(json.dumps(DRAFT))
    return place


def put(folder, place, reference="case-1"):
    done = ward("report", "draft", folder / "draft.json", "-r", reference, "-w", place, status=0)
    name = done.stdout.decode().strip()
    ward("report", "approve", name, "-p", "ada", "--reason", "seen", "-w", place, status=0)
    return name


def shown(place, name):
    return json.loads(ward("report", "show", name, "--json", "-w", place, status=0).stdout)


@case("a draft is checked without a workspace, and every fault is told with its place and rule")
def _(folder):
    (folder / "good.json").write_text(json.dumps(DRAFT))
    ward("report", "check", folder / "good.json", status=0)
    bad = json.loads(json.dumps(DRAFT))
    bad["report"]["incidentSummary"]["incidentDateTime"] = "2999-01-01T00:00:00Z"
    bad["report"]["reporter"]["reportingPerson"]["email"] = "nobody"
    bad["report"]["hat"] = 1
    bad["files"][0]["details"]["fileViewedByEsp"] = True
    (folder / "bad.json").write_text(json.dumps(bad))
    done = ward("report", "check", folder / "bad.json", "--json", status=1)
    rules = sorted(json.loads(line)["rule"] for line in done.stdout.splitlines())
    equal(rules, ["email", "fileDetails/fileViewedByEsp", "incidentSummary/incidentDateTime",
                  "schema/report"])
    (folder / "no.json").write_text("{")
    ward("report", "check", folder / "no.json", status=2)


@case("evidence that cannot be read is told, and nothing is opened for it")
def _(folder):
    with Server() as server:
        place = new_workspace(folder, server.port)
        done = ward("report", "status", "-w", place, status=0)
        assert done.stdout.startswith(b"TEST "), done.stdout
        name = put(folder, place)
        done = ward("report", "send", "-w", place, status=1)
        assert done.stdout.startswith(b"TEST ") and b"--files" in done.stdout, done.stdout
        equal(server.states(), [])
        row = shown(place, name)
        equal((row["state"], row["alert"], row["test"]), ("approved", "evidence", True))


@case("what is sent is filed once, its receipt is NCMEC's answer, and the log has it")
def _(folder):
    with Server() as server:
        place = new_workspace(folder, server.port)
        name = put(folder, place)
        done = ward("report", "send", "--files", folder / "evidence", "-w", place, status=0)
        assert done.stdout.startswith(b"TEST ") and b"finished" in done.stdout, done.stdout
        equal(server.states(), ["finished"])
        receipt = ward("report", "show", name, "--receipt", "-w", place, status=0).stdout
        assert receipt.startswith(b"<reportDoneResponse>"), receipt
        assert ward("report", "ls", "-w", place, status=0).stdout.startswith(b"TEST ")
        # The same again is the same report.
        again = ward("report", "draft", folder / "draft.json", "-r", "case-1", "-w", place)
        equal(again.stdout.decode().strip(), name)
        ward("report", "send", "--files", folder / "evidence", "-w", place, status=0)
        equal(server.states(), ["finished"])
        ward("report", "retract", name, "-w", place, status=2)
        log = ward("audit", "show", "--json", "-w", place, status=0).stdout.decode()
        for action in ("report.drafted", "report.approved", "report.opened", "report.filed"):
            assert action in log, action
        ward("audit", "verify", "-w", place, status=0)
        details = server.control()["reports"][0]["files"][0]["details"]
        assert "<fileViewedByEsp>false</fileViewedByEsp>" in details, details


@case("production wants the setting and the account, and its own address")
def _(folder):
    with Server() as server:
        place = new_workspace(folder, server.port, production="yes", tag="test")
        done = ward("report", "status", "-w", place, status=0)
        assert done.stdout.startswith(b"TEST ") and b"goes to TEST" in done.stderr, done
        account = place / "keys/cybertip.json"
        account.write_text(account.read_text().replace('"test"', '"production"'))
        done = ward("report", "status", "-w", place, status=2)
        assert b"NCMEC's own address" in done.stderr, done.stderr
        account.chmod(0o644)
        done = ward("report", "status", "-w", place, status=2)
        assert b"chmod 600" in done.stderr and b"lamp:and" not in done.stderr, done.stderr


@case("a schema that has changed is told")
def _(folder):
    with Server() as server:
        place = new_workspace(folder, server.port)
        ward("report", "drift", "-w", place, status=0)
        server.control(faults=[{"call": "xsd", "kind": "drift"}])
        done = ward("report", "drift", "-w", place, status=1)
        assert b"has changed" in done.stdout, done.stdout


@case("a sender that is killed leaves the lock, and the next one goes on")
def _(folder):
    with Server() as server:
        place = new_workspace(folder, server.port)
        name = put(folder, place)
        server.control(faults=[{"call": "upload", "kind": "slow", "seconds": 3}])
        sender = subprocess.Popen([WARD, "report", "send", "--files", folder / "evidence", "-w", place])
        deadline = time.monotonic() + 30
        while "open" not in server.states() and time.monotonic() < deadline:
            time.sleep(0.05)
        done = ward("report", "send", "-w", place, status=2)
        assert b"another ward" in done.stderr, done.stderr
        sender.send_signal(signal.SIGKILL)
        sender.wait()
        ward("report", "send", "--files", folder / "evidence", "-w", place, status=0)
        equal(server.states(), ["finished", "retracted"])
        equal(shown(place, name)["state"], "finished")


@case("two persons are wanted for a report that is escalated, and the same one is one")
def _(folder):
    with Server() as server:
        place = new_workspace(folder, server.port)
        urgent = json.loads(json.dumps(DRAFT))
        urgent["report"]["incidentSummary"]["escalateToHighPriority"] = "stand-in"
        (folder / "draft.json").write_text(json.dumps(urgent))
        name = put(folder, place)
        ward("report", "approve", name, "-p", "ada", "-w", place, status=0)
        ward("report", "send", "--files", folder / "evidence", "-w", place, status=0)
        equal(server.states(), [])
        ward("report", "approve", name, "-p", "bo", "-w", place, status=0)
        ward("report", "send", "--files", folder / "evidence", "-w", place, status=0)
        equal(server.states(), ["finished"])


@case("a report becomes a folder for another authority when it is approved, and once")
def _(folder):
    # In a sanitized build, what fontconfig keeps until the program ends is no leak of ours.
    os.environ["ASAN_OPTIONS"] = "detect_leaks=0"
    with Server() as server:
        place = new_workspace(folder, server.port)
        generic = SERVER.parent.parent / "data/authorities/generic.json"
        done = ward("report", "draft", folder / "draft.json", "-r", "case-1", "-w", place, status=0)
        name = done.stdout.decode().strip()
        ward("report", "package", name, "--for", generic, "-o", folder / "out", "-w", place, status=2)
        name = put(folder, place)
        ward("report", "package", name, "--for", generic, "-o", folder / "out", "-w", place, status=0)
        equal(sorted(p.name for p in (folder / "out").iterdir()),
              ["MANIFEST", "report.json", "report.pdf", "report.xml"])
        assert (folder / "out/report.pdf").read_bytes().startswith(b"%PDF-")
        ward("report", "package", name, "--for", generic, "-o", folder / "out", "-w", place, status=2)
        ward("report", "package", name, "--for", "no-such", "-o", folder / "o2", "-w", place, status=2)


@case("a report for another authority is never sent to NCMEC: a person hands its folder over, and says so")
def _(folder):
    os.environ["ASAN_OPTIONS"] = "detect_leaks=0"
    with Server() as server:
        place = new_workspace(folder, server.port)
        # A draft comes through a pipe, too.
        ward("report", "check", "-", stdin=(folder / "draft.json").read_bytes(), status=0)
        ward("report", "draft", folder / "draft.json", "-r", "c", "--authority", "no-such", "-w", place, status=2)
        name = ward("report", "draft", folder / "draft.json", "-r", "case-1", "--authority", "nca", "-w", place,
                    status=0).stdout.decode().strip()
        ward("report", "draft", folder / "draft.json", "-r", "case-1", "-w", place, status=2)
        ward("report", "sent", name, "--number", "P-1", "--way", "by hand", "-w", place, status=2)
        ward("report", "approve", name, "-p", "bo", "-w", place, status=0)
        ward("report", "send", "--files", folder / "evidence", "-w", place, status=0)
        ward("report", "send", name, "--files", folder / "evidence", "-w", place, status=2)
        equal(server.states(), [])
        ward("report", "package", name, "--for", "generic", "-o", folder / "out", "-w", place, status=2)
        ward("report", "package", name, "-o", folder / "out", "-w", place, status=0)
        ward("report", "answered", name, "-", "-w", place, stdin=b"We have it.", status=2)
        ward("report", "sent", name, "--number", "P-1", "--way", "by hand", "-w", place, status=0)
        ward("report", "show", name, "--receipt", "-w", place, status=2)
        ward("report", "answered", name, "-", "-w", place, stdin=b"We have it.", status=0)
        equal(ward("report", "show", name, "--receipt", "-w", place, status=0).stdout, b"We have it.")
        row = json.loads(ward("report", "show", name, "--json", "-w", place, status=0).stdout)
        equal((row["authority"], row["state"]), ("nca", "acknowledged"))
        ward("report", "retract", name, "-w", place, status=2)


run_cases()
