#!/usr/bin/env python3
"""The portal in wardd, before the real intake, store and vault."""
import hashlib

from daemon import *
from portal_page import *
from scenario import *

CONF = 'portal { listen = "127.0.0.1:0"; operator = "The Lighthouse" }\n'


def ready(folder):
    """A workspace whose vault has keys."""
    place = workspace(folder)
    subprocess.run([BUILD / "tests/portal/portal_keys", place], check=True, timeout=60)
    return place


class Portal(Stage):
    """The portal of a running wardd."""

    def __init__(self, daemon):
        self.port = int(re.search(r"portal_ready address=http://127\.0\.0\.1:(\d+)", daemon.log())[1])


def report(portal, words):
    page = fill_report(portal, address="https://Example.org/lamp", words=words)
    wait_until_sendable()
    page = page.press("send")
    assert "Your report is here" in page.text, page.text
    return re.search(r'class="code"[^>]*><bdi>([^<]*)', page.body.decode())[1]


@case("a report that has a receipt is there after a kill, and its words open it")
def _(folder):
    place = ready(folder)
    with Daemon(place, conf=CONF) as daemon:
        portal = Portal(daemon)
        assert "The Lighthouse" in portal.get("/en/").text
        words = report(portal, "the lamp is lit")
        key = add_key(place, "watch", "--scope", "metrics")
        wait_until(lambda: b"ward_portal_reports_total 1\n" in daemon.ask("GET", "/metrics", key=key).body)
        counted = daemon.ask("GET", "/metrics", key=key, status=200).body.decode()
        assert int(re.search(r"ward_portal_pages_total (\d+)", counted)[1]) > 3, counted
        assert 'ward_portal_refused_total{reason="full"} 0' in counted
        daemon.process.kill()
        daemon.process.wait()
    with Daemon(place, conf=CONF) as daemon:
        portal = Portal(daemon)
        page = portal.get("/en/back").press("open", code=words)
        assert "Nobody has read it yet" in page.text, page.text
        page = page.press("add", words="I saw more.")
        assert "I saw more." in page.text
        page = page.press("withdraw", sure="yes")
        assert "You took it back" in page.text
        log = daemon.log()
        for word in words.split() + ["lamp", "example"]:
            assert f" {word} " not in log
        equal(daemon.stop(), 0)


@case("what was written is in no file of the workspace that can be read")
def _(folder):
    place = ready(folder)
    with Daemon(place, conf=CONF) as daemon:
        words = report(Portal(daemon), "zanzibar quince")
        equal(daemon.stop(), 0)
    secret = [b"zanzibar", words.encode(), b"127.0.0.1"]
    for path in place.rglob("*"):
        if path.is_file() and path.name != "ward.conf":
            data = path.read_bytes()
            for what in secret:
                assert what not in data, (path, what)
    equal((place / "keys/portal.key").stat().st_mode & 0o777, 0o600)


@case("the API answers on its own address, and neither knows the other's pages")
def _(folder):
    with Daemon(ready(folder), conf=CONF) as daemon:
        portal = Portal(daemon)
        for path in ("/v1/lists", "/v1/health/live", "/metrics", "/hma/status"):
            equal(portal.get(path).status, 404)
        equal(daemon.get("/en/report").status, 404)
        equal(daemon.get("/v1/health/live").status, 200)


@case("without keys in the vault a portal has block pages, the form behind them and whom to call, and takes no report")
def _(folder):
    place = workspace(folder)
    conf = CONF.replace(" }", '; reports = no; block = on; address = "https://help.example.org" }')
    with Daemon(place, conf=conf) as daemon:
        portal = Portal(daemon)
        for path in ("/en/", "/fr/", "/en/help", "/en/privacy"):
            page = portal.get(path)
            equal((path, page.status), (path, 200))
            assert not any("/report" in link or "/back" in link or "/transparency" in link for link in page.links), page.links
        assert "Choose" in portal.get("/en/").text or "country" in portal.get("/en/").text.lower()
        for path in ("/en/report", "/en/back", "/en/stop", "/en/transparency", "/en/teens"):
            page = portal.get(path)
            equal((path, page.status), (path, 404))
            assert "No reports are taken here" in page.text, page.text
        equal(portal.ask("POST", "/en/report", b"step=what", {"Content-Type": "application/x-www-form-urlencoded"}).status, 404)
        page = portal.ask("GET", "/", None, {"Host": "lighthouse.example"})
        equal(page.status, 403)
        assert not any(link.endswith(("/report", "/stop")) for link in page.links), page.links
        link = next(l for l in page.links if "/mistake?" in l).removeprefix("https://help.example.org")
        equal(portal.get(link).press(None, words="It is a museum of lamps.").status, 303)
        shown = rows(ward("site", "appeals", "-w", place, "--json", status=0))
        equal([(row["host"], row["words"]) for row in shown], [("lighthouse.example", "It is a museum of lamps.")])
        equal(daemon.stop(), 0)


@case("a block that is a mistake is said, read by a person, and lifted by an entry of the operator's own list")
def _(folder):
    from people import member
    place = ready(folder)
    conf = CONF.replace(" }", '; block = on; address = "https://help.example.org"; contact = "net@example.org" }')
    ward("site", "import", "-w", place, "games", "-", "--category", "games", stdin=b"pier.example\n", status=0)
    ward("site", "import", "-w", place, "court", "-", "--category", "abuse", "--mandatory", "--hidden", stdin=b"shut.example\n",
         status=0)
    with Daemon(place, conf=conf, demo=False) as daemon:
        portal = Portal(daemon)
        anna, cleo = member(daemon, "anna", "senior"), member(daemon, "cleo", "reviewer")

        def say(host, **more):
            page = portal.ask("GET", "/some/page?who=me", None, {"Host": host})
            equal(page.status, 403)
            assert host in page.text and "net@example.org" in page.text
            link = next(l for l in page.links if "/mistake?" in l).removeprefix("https://help.example.org")
            equal(portal.get(link).press(None, **more).status, 303)

        say("lighthouse.example", words="There are only lamps on it.", contact="keeper@example.org")
        say("harbour.example", words="It is a harbour.")
        say("pier.example", words="It is a \x1b[2J pier.")
        # The gate says why: a list by order, that names nothing, is told as such.
        shut = portal.ask("GET", "/", None, {"Host": "www.shut.example"})
        equal(shut.status, 451)
        assert "shut.example" not in shut.text, shut.text
        form = portal.get(next(l for l in shut.links if "/mistake?" in l).removeprefix("https://help.example.org"))
        equal(form.press(None, words="It is open by right.").status, 303)
        cleo.get("/v1/site/appeals", status=403)
        anna.get("/v1/site/appeals?state=upheld", status=400)
        one, two, three, four = anna.get("/v1/site/appeals", status=200).json["appeals"]
        # Nor is it told to who reads what was written: it cannot be lifted.
        equal((four["list"], four["entry"], four["host"], four["ordered"]), ("court", "(hidden)", None, True))
        anna.post(f"/v1/site/appeals/{four['id']}/settle", {"lift": True, "reason": "right"}, status=403)
        anna.post(f"/v1/site/appeals/{four['id']}/settle", {"lift": False, "reason": "an order"}, status=200)
        equal({k: one[k] for k in ("blocked", "list", "entry", "host", "words", "contact", "ordered", "state", "person")},
              {"blocked": "category", "list": "dns", "entry": "lighthouse.example", "host": "lighthouse.example",
               "words": "There are only lamps on it.", "contact": "keeper@example.org", "ordered": False,
               "state": "open", "person": None})
        equal(two["contact"], None)
        equal((three["list"], three["entry"]), ("games", "pier.example"))
        anna.post(f"/v1/site/appeals/{one['id']}/settle", {"reason": "lamps"}, status=400)
        anna.post("/v1/site/appeals/none/settle", {"lift": True, "reason": "lamps"}, status=404)
        anna.post(f"/v1/site/appeals/{one['id']}/settle", {"lift": True, "reason": "lamps"}, status=200)
        anna.post(f"/v1/site/appeals/{one['id']}/settle", {"lift": False, "reason": "lamps"}, status=409)
        anna.post(f"/v1/site/appeals/{two['id']}/settle", {"lift": False, "reason": "no"}, status=200)
        equal([row["id"] for row in anna.get("/v1/site/appeals", status=200).json["appeals"]], [three["id"]])
        lifted, = anna.get("/v1/site/appeals?state=lifted", status=200).json["appeals"]
        equal((lifted["contact"], lifted["reason"], lifted["state"]), (None, "lamps", "lifted"))
        assert lifted["applied_at"], lifted
        assert lifted["person"].startswith("person:")
        equal([row["id"] for row in anna.get("/v1/site/appeals?state=kept", status=200).json["appeals"]],
              [two["id"], four["id"]])
        # The operator does the same by hand.
        shown = ward("site", "appeals", "-w", place, status=0).stdout
        assert three["id"].encode() in shown and b"pier" in shown and b"\x1b" not in shown, shown
        ward("site", "appeals", "-w", place, "--lift", three["id"], status=2)
        ward("site", "appeals", "-w", place, "--lift", three["id"], "--reason", "it is a pier", status=0)
        ward("site", "appeals", "-w", place, "--keep", three["id"], "--reason", "x", status=2)
        row = rows(ward("site", "appeals", "-w", place, "--state", "lifted", "--json", status=0))[-1]
        equal((row["id"], row["person"], row["reason"]), (three["id"], "operator", "it is a pier"))
        equal(len(rows(ward("site", "appeals", "-w", place, "--json", status=0))), 0)
        assert "allowed" in ward("site", "ls", "-w", place, status=0).stdout.decode()
        assert "lighthouse" not in daemon.log() and "who=me" not in daemon.log()
        equal(daemon.stop(), 0)
    shown = [row["action"] for row in rows(ward("audit", "show", "-w", place, "--json", status=0))]
    for action in ("site-appeal.received", "site-appeal.lifted", "site-appeal.kept"):
        assert action in shown, shown


@case("an appeal against an entry that is a salted hash names what it stands for, and the lift opens it")
def _(folder):
    place = ready(folder)
    conf = CONF.replace(" }", '; block = on; address = "https://help.example.org" }')
    digest = hashlib.sha256(b"pepper" + b"lamps.example/").hexdigest()
    ward("site", "import", "-w", place, "hotline", "-", "--salt", b"pepper".hex(), stdin=f"sha256:{digest}\n".encode(), status=0)
    ward("site", "check", "-w", place, "http://www.lamps.example/a", status=1)
    with Daemon(place, conf=conf, demo=False) as daemon:
        portal = Portal(daemon)
        page = portal.ask("GET", "/", None, {"Host": "www.lamps.example"})
        equal(page.status, 403)
        link = next(l for l in page.links if "/mistake?" in l).removeprefix("https://help.example.org")
        equal(portal.get(link).press(None, words="There are only lamps.").status, 303)
        one, = rows(ward("site", "appeals", "-w", place, "--json", status=0))
        equal((one["list"], one["entry"]), ("hotline", "lamps.example"))
        ward("site", "appeals", "-w", place, "--lift", one["id"], "--reason", "lamps", status=0)
        ward("site", "check", "-w", place, "http://www.lamps.example/a", status=0)
        equal(daemon.stop(), 0)


@case("a lift that is decided while the list cannot be changed is done by the next daemon, also when this one was killed")
def _(folder):
    import fcntl
    from people import member
    place = ready(folder)
    conf = CONF.replace(" }", '; block = on; address = "https://help.example.org" }')
    ward("site", "import", "-w", place, "games", "-", "--category", "games", stdin=b"pier.example\n", status=0)
    ward("site", "add", "-w", place, "allowed", "quay.example", status=0)
    ward("site", "set", "-w", place, "allowed", "sense=allow", status=0)
    with Daemon(place, conf=conf, demo=False) as daemon:
        portal = Portal(daemon)
        anna = member(daemon, "anna", "senior")
        page = portal.ask("GET", "/", None, {"Host": "pier.example"})
        link = next(l for l in page.links if "/mistake?" in l).removeprefix("https://help.example.org")
        equal(portal.get(link).press(None, words="It is a pier.").status, 303)
        one, = anna.get("/v1/site/appeals", status=200).json["appeals"]
        with open(place / "sites/allowed/lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            anna.post(f"/v1/site/appeals/{one['id']}/settle", {"lift": True, "reason": "a pier"}, status=200)
            lifted, = anna.get("/v1/site/appeals?state=lifted", status=200).json["appeals"]
            equal(lifted["applied_at"], None)
            assert b"yet" in ward("site", "appeals", "-w", place, "--state", "lifted", status=0).stdout
            daemon.process.kill()
            daemon.process.wait()
        assert b"pier" not in ward("site", "show", "-w", place, "allowed", "--entries", status=0).stdout
    with Daemon(place, conf=conf, demo=False) as daemon:
        wait_until(lambda: b"pier.example" in ward("site", "show", "-w", place, "allowed", "--entries", status=0).stdout)
        equal(daemon.stop(), 0)


@case("without an address there is no portal, with a wrong one nothing starts")
def _(folder):
    place = ready(folder)
    with Daemon(place) as daemon:
        assert "portal_ready" not in daemon.log()
    (place / "ward.conf").write_text('portal { listen = "somewhere" }\n')
    done = subprocess.run([WARDD, "-w", place, "--listen", "127.0.0.1:0"], capture_output=True,
                          text=True, timeout=60, env=environment())
    equal(done.returncode, 2)
    assert "the portal listens on an address" in done.stderr
    # Reports could not be sealed: that is said at the start, and not to a child at the end.
    bare = folder / "bare"
    ward("init", bare, status=0)
    (bare / "ward.conf").write_text(CONF)
    done = subprocess.run([WARDD, "-w", bare, "--listen", "127.0.0.1:0"], capture_output=True,
                          text=True, timeout=60, env=environment())
    equal(done.returncode, 2)
    assert "vault has no keys" in done.stderr
    (place / "lines.json").write_text('{"countries": []}')
    (place / "ward.conf").write_text('portal { listen = "127.0.0.1:0"; helplines = "lines.json" }\n')
    done = subprocess.run([WARDD, "-w", place, "-n"], capture_output=True, text=True, timeout=60,
                          env=environment())
    equal(done.returncode, 2)
    assert "helplines" in done.stderr


run_cases()
