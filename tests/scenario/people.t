#!/usr/bin/env python3
"""People: invitations, logging in, sessions, and what each role may."""
import sqlite3

from daemon import *
from people import *
from scenario import *

ROLES = ["trainee", "reviewer", "senior", "filer", "lists", "supervisor", "admin", "auditor"]


def start(folder, conf=None):
    return Daemon(workspace(folder), demo=False, conf=conf)


def table():
    text = subprocess.run([WARDD, "--permissions"], capture_output=True, check=True).stdout
    return json.loads(text)


def routes():
    text = subprocess.run([WARDD, "--routes"], capture_output=True, text=True, check=True).stdout
    return [line.split("\t") for line in text.splitlines()]


@case("who is invited sets a password and a code generator, logs out, and logs in again")
def _(folder):
    with start(folder) as daemon:
        browser = Browser(daemon)
        code = invite(daemon.place, "mara", "reviewer")
        told = browser.post("/v1/session", {"invitation": code.upper().replace("-", " "),
                                            "password": PASSWORD}, status=200).json
        assert told["enrolling"] and told["permissions"] == []
        # Nothing but a second factor may come now.
        browser.get("/v1/people", status=403)
        browser.get("/v1/permissions", status=403)
        first = browser.cookie
        told = browser.join(code).json
        assert not told["enrolling"] and "job.decide" in told["permissions"]
        equal(told["pseudonym"], "reviewer 1")
        equal(len(set(told["recovery_codes"])), 10)
        assert browser.cookie != first
        whole = browser.cookie
        browser.ask("DELETE", "/v1/session", status=204)
        equal(browser.cookie, None)
        browser.cookie = whole
        browser.get("/v1/session", status=401)
        browser = browser_of(browser)
        equal(browser.login("mara").status, 200)
        equal(browser.get("/v1/session", status=200).json["how"], "password+totp")
        # The invitation is used up.
        Browser(daemon).post("/v1/session", {"invitation": code, "password": PASSWORD}, status=401)


def browser_of(other):
    """The same person with a new browser."""
    browser = Browser(other.daemon)
    browser.secret, browser.codes, browser.last_step = other.secret, other.codes, other.last_step
    return browser


@case("a cookie is HttpOnly, SameSite=Strict, without Domain, and opens nothing when it is changed")
def _(folder):
    with start(folder) as daemon:
        browser = Browser(daemon)
        answer = browser.join(invite(daemon.place, "mara", "reviewer"))
        parts = answer.headers["set-cookie"].split("; ")
        equal(sorted(parts[1:]), ["HttpOnly", "Path=/", "SameSite=Strict"])
        name, token = parts[0].split("=")
        equal(name, "ward")
        equal(len(token), 43)
        for other in (token[:-1] + ("A" if token[-1] != "A" else "E"), "A" * 43, token[1:], "",
                      "a" + token, token + "=", "../" + token[3:]):
            Browser(daemon).ask("GET", "/v1/session", status=401, headers={"Cookie": f"ward={other}"})
        Browser(daemon).ask("GET", "/v1/session", status=401,
                            headers={"Cookie": f"__Host-ward={token}"})
        browser.get("/v1/session", status=200)


@case("under an https origin the cookie is __Host-ward and Secure, and another origin is refused")
def _(folder):
    origin = {"Origin": "https://ward.example.org"}
    with start(folder, conf='people { origin = "https://ward.example.org" }\n') as daemon:
        code = invite(daemon.place, "mara", "reviewer")
        browser = Browser(daemon, origin=False)
        body = {"invitation": code, "password": PASSWORD}
        for wrong in ("http://ward.example.org", "https://ward.example.org.example.com", "null",
                      f"http://127.0.0.1:{daemon.port}", "https://ward.example.org:444"):
            equal(browser.post("/v1/session", body, status=403, headers={"Origin": wrong})
                  .json["type"], "urn:ward:problem:forged")
        browser.post("/v1/session", body, status=403, headers={"Sec-Fetch-Site": "cross-site"})
        answer = browser.post("/v1/session", body, status=200, headers=origin)
        assert answer.headers["set-cookie"].startswith("__Host-ward=")
        assert answer.headers["set-cookie"].endswith("; Secure")


@case("another site's page changes nothing: every unsafe method wants the session's own word")
def _(folder):
    with start(folder) as daemon:
        admin = member(daemon, "ada", "admin")
        other = member(daemon, "ben", "admin")
        for method, path, scope, permission, body, lane in routes():
            if permission == "-" or method == "GET":
                continue
            path = path.replace("{id}", admin.person).replace("{name}", "x").replace("{session}", "x")
            for headers in ({"X-Ward-Token": None}, {"X-Ward-Token": other.csrf},
                            {"X-Ward-Token": admin.csrf[:-1]}, {"X-Ward-Token": ""},
                            {"Origin": "https://elsewhere.example"}, {"Origin": "null"},
                            {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
                            {"Host": "elsewhere.example"}):
                told = admin.ask(method, path, {}, headers=headers)
                equal((method, path, told.status), (method, path, 403))
                equal(told.json["type"], "urn:ward:problem:forged")
        admin.get("/v1/session", status=200)
        # Logging somebody in from another site's page is refused, too.
        Browser(daemon, origin=False).post("/v1/session", {"name": "ada", "password": PASSWORD},
                                           status=403, headers={"Origin": "https://x.example"})


@case("every route in every role: exactly those who have its permission get past it")
def _(folder):
    roles = {role["name"]: set(role["permissions"]) for role in table()["roles"]}
    equal(sorted(roles), sorted(ROLES))
    asked = 0
    with start(folder) as daemon:
        for role in ROLES:
            browser = member(daemon, role, role)
            equal(set(browser.get("/v1/session").json["permissions"]), roles[role])
            for method, path, scope, permission, body, lane in routes():
                if (method, path) == ("DELETE", "/v1/session"):
                    continue
                # An id that nobody has: what is asked for is not there, which is another answer.
                target = re.sub(r"\{\w+\}", "01a2178c-d15d-7e26-96d2-c2c96b90fcc4", path)
                if permission == "anyone" and path.startswith("/v1/people/{id}"):
                    target = path.replace("{id}", browser.person).replace("{session}", "none")
                answer = browser.ask(method, target, b"{}" if body != "-" else None)
                kind = answer.json.get("type", "") if answer.body[:1] == b"{" else ""
                refused = kind == "urn:ward:problem:permission"
                may = permission in roles[role] or permission in ("anyone", "enrolling")
                if permission == "-":
                    # A session opens nothing that is for keys alone.
                    assert scope == "-" or answer.status == 401, (role, method, path, answer)
                else:
                    equal((role, method, path, refused), (role, method, path, not may))
                    assert answer.status != 401, (role, method, path, answer)
                asked += 1
    assert asked > 8 * 60, asked


@case("without a session, and with one that has ended, nothing is told")
def _(folder):
    with start(folder) as daemon:
        browser = member(daemon, "ada", "admin")
        told = browser.get(f"/v1/people/{browser.person}/sessions", status=200).json["sessions"]
        equal([s["own"] for s in told], [True])
        # At once, by a colleague.
        other = member(daemon, "ben", "admin")
        other.ask("DELETE", f"/v1/people/{browser.person}/sessions/{told[0]['id']}", status=204)
        for method, path, scope, permission, body, lane in routes():
            if permission == "-":
                continue
            path = re.sub(r"\{\w+\}", "x", path)
            for asker in (Browser(daemon), browser_with(browser)):
                equal((path, asker.ask(method, path, b"{}" if body != "-" else None).status),
                      (path, 401))


def browser_with(other):
    copy = Browser(other.daemon)
    copy.cookie, copy.csrf = other.cookie, other.csrf
    return copy


@case("a session that was not used, and one that lasted long enough, is over")
def _(folder):
    with start(folder) as daemon:
        browser = member(daemon, "mara", "reviewer")
        store = daemon.place / "ward.db"
        for change in ("used_at = used_at - 1801", "ends_at = ends_at - 43201"):
            browser = browser_of(browser)
            equal(browser.login("mara").status, 200)
            browser.get("/v1/session", status=200)
            with sqlite3.connect(store) as tables:
                tables.execute(f"UPDATE people_sessions SET {change}")
            equal(browser_with(browser).get("/v1/session").status, 401)


@case("a code is taken once, and a wrong one is not told from a wrong password or an unknown name")
def _(folder):
    with start(folder) as daemon:
        browser = member(daemon, "mara", "reviewer")
        code = browser.code()
        equal(browser_of(browser).login("mara", code=code).status, 200)
        replayed = browser_of(browser).login("mara", code=code)
        wrong = browser_of(browser).login("mara", password="not the lamp at all")
        unknown = browser_of(browser).login("nobody")
        for answer in (replayed, wrong, unknown):
            equal(answer.status, 401)
        equal(len({answer.json["detail"] for answer in (replayed, wrong, unknown)}), 1)


@case("who guesses waits, and is told how long")
def _(folder):
    with start(folder) as daemon:
        member(daemon, "mara", "reviewer")
        statuses = [Browser(daemon).login("mara", password=f"wrong number {n}").status
                    for n in range(9)]
        equal(statuses[:5], [401] * 5)
        assert 429 in statuses[5:], statuses
        # So does a name that nobody has; another name does not.
        answers = [Browser(daemon).login("nobody", password=f"wrong number {n}")
                   for n in range(9)]
        waits = [int(a.headers["retry-after"]) for a in answers[5:] if a.status == 429]
        assert waits and min(waits) >= 1, answers
        equal(Browser(daemon).login("jon", password="wrong").status, 401)


@case("a lost device: a recovery code once, or a new invitation that two persons give")
def _(folder):
    with start(folder) as daemon:
        mara = member(daemon, "mara", "reviewer")
        lost = Browser(daemon)
        for status in (200, 401):
            ticket = lost.post("/v1/session", {"name": "mara", "password": PASSWORD},
                               status=202).json
            equal(ticket["next"], ["totp", "recovery"])
            lost.post("/v1/session", {"ticket": ticket["ticket"], "recovery": mara.codes[0]},
                      status=status)
        ada, ben = member(daemon, "ada", "admin"), member(daemon, "ben", "supervisor")
        path = f"/v1/people/{mara.person}/invitation"
        second = ada.post(path, {"reason": "the telephone is lost"}, status=202).json["second"]
        # Not by oneself, and not before somebody else has said so.
        ada.post(f"/v1/seconds/{second}", {"confirm": True, "reason": "me"}, status=403)
        equal(ada.post(path, {"reason": "again"}, status=202).json["second"], second)
        waiting = ben.get("/v1/seconds", status=200).json["waiting"]
        equal([w["id"] for w in waiting], [second])
        equal(waiting[0]["reason"], "the telephone is lost")
        equal(mara.get("/v1/seconds", status=200).json, {"waiting": [], "own": []})
        mara.post(f"/v1/seconds/{second}", {"confirm": True, "reason": "please"}, status=403)
        ben.post(f"/v1/seconds/{second}", {"confirm": True, "reason": "I saw them"}, status=204)
        code = ada.post(path, {"reason": "again"}, status=201).json["invitation"]
        ada.post(path, {"reason": "and again"}, status=202)
        Browser(daemon).join(code, "another lamp, another hill")
        mara.get("/v1/session", status=401)
        equal(browser_of(mara).login("mara").status, 401)


@case("a new password ends all other sessions and changes the token of this one")
def _(folder):
    with start(folder) as daemon:
        mara = member(daemon, "mara", "reviewer")
        other = browser_of(mara)
        equal(other.login("mara").status, 200)
        before = other.cookie
        other.ask("PUT", "/v1/session/password", {"password": "wrong", "new": "x" * 20}, status=403)
        other.ask("PUT", "/v1/session/password", {"password": PASSWORD, "new": "short"}, status=400)
        other.ask("PUT", "/v1/session/password",
                  {"password": PASSWORD, "new": "another lamp, another hill"}, status=200)
        assert other.cookie != before
        other.get("/v1/session", status=200)
        mara.get("/v1/session", status=401)
        stale = Browser(daemon)
        stale.cookie = before
        stale.get("/v1/session", status=401)


@case("an admin invites, gives roles and switches off; names are for them alone")
def _(folder):
    with start(folder) as daemon:
        ada = member(daemon, "ada", "admin")
        told = ada.post("/v1/people", {"login": "jon", "name": "Jon Damm", "roles": ["lists"]},
                        status=201).json
        ada.post("/v1/people", {"login": "jon", "name": "Jon", "roles": ["lists"]}, status=409)
        ada.post("/v1/people", {"login": "eva", "name": "Eva", "roles": ["lists", "none"]}, status=400)
        ada.post("/v1/people", {"login": "eva", "name": "Eva", "roles": ["admin", "senior"]}, status=400)
        jon = Browser(daemon)
        jon.join(told["invitation"])
        equal(jon.get(f"/v1/people/{told['id']}", status=200).json["name"], "Jon Damm")
        jon.get("/v1/people", status=403)
        jon.get(f"/v1/people/{ada.person}", status=403)
        supervisor = member(daemon, "sam", "supervisor")
        people = supervisor.get("/v1/people", status=200).json["people"]
        equal({p["pseudonym"]: (p["name"], p["login"]) for p in people},
              {"admin 1": (None, None), "lists 2": (None, None), "supervisor 3": (None, None)})
        ada.ask("PATCH", f"/v1/people/{told['id']}", {"roles": ["supervisor"]}, status=200)
        jon.get("/v1/session", status=401)
        ada.ask("PATCH", f"/v1/people/{ada.person}", {"roles": ["supervisor"]}, status=403)
        ada.ask("PATCH", f"/v1/people/{ada.person}", {"off": True}, status=403)
        equal(ada.ask("PATCH", f"/v1/people/{told['id']}", {"off": True}, status=200).json["state"],
              "off")
        equal(browser_of(jon).login("jon").status, 401)
        ada.ask("PATCH", "/v1/people/none", {"off": True}, status=404)


@case("a role of the operator's own is made of permissions, and never of content and people")
def _(folder):
    with start(folder) as daemon:
        ada = member(daemon, "ada", "admin")
        ada.ask("PUT", "/v1/roles/night", {"says": "Looks at night.", "permissions":
                                           ["queue.see", "stats.read"]}, status=200)
        ada.ask("PUT", "/v1/roles/both", {"says": "Too much.", "permissions":
                                          ["item.facts", "people.see", "people.change"]}, status=400)
        ada.ask("PUT", "/v1/roles/admin", {"says": "Wider.", "permissions": ["item.facts"]}, status=409)
        ada.ask("PUT", "/v1/roles/night", {"says": "x", "permissions": ["lamp.light"]}, status=400)
        nora = member(daemon, "nora", "night")
        equal(nora.get("/v1/session").json["permissions"], ["queue.see", "stats.read"])
        ada.ask("DELETE", "/v1/roles/night", status=409)
        ada.ask("PATCH", f"/v1/people/{nora.person}", {"roles": ["auditor"]}, status=200)
        ada.ask("DELETE", "/v1/roles/night", status=204)
        ada.ask("DELETE", "/v1/roles/night", status=404)


@case("the vault is unlocked by a phrase for one session, and locked by the quiet key")
def _(folder):
    phrase = {"phrase": "seven grey gulls at noon"}
    with start(folder) as daemon:
        mara = member(daemon, "mara", "reviewer")
        mara.post("/v1/session/unlock", phrase, status=404)
        mara.ask("PUT", "/v1/session/key", {"phrase": "short"}, status=400)
        mara.ask("PUT", "/v1/session/key", phrase, status=200)
        mara.ask("PUT", "/v1/session/key", phrase, status=409)
        mara.post("/v1/session/unlock", {"phrase": "seven grey gulls"}, status=403)
        equal(mara.get("/v1/session").json["unlocked_s"], 0)
        assert mara.post("/v1/session/unlock", phrase, status=200).json["unlocked_s"] > 800
        other = browser_of(mara)
        equal(other.login("mara").status, 200)
        equal(other.get("/v1/session").json["unlocked_s"], 0)
        assert mara.get("/v1/session").json["unlocked_s"] > 800
        mara.ask("DELETE", "/v1/session/unlock", status=204)
        equal(mara.get("/v1/session").json["unlocked_s"], 0)
        mara.ask("PUT", "/v1/session/key", {"old": phrase["phrase"], "phrase": "eight grey gulls at noon"},
                 status=200)
        mara.post("/v1/session/unlock", phrase, status=403)
        mara.post("/v1/session/unlock", {"phrase": "eight grey gulls at noon"}, status=200)


@case("nothing secret is in the log, the store or the audit")
def _(folder):
    with start(folder) as daemon:
        mara = member(daemon, "mara", "reviewer")
        mara.ask("PUT", "/v1/session/key", {"phrase": "seven grey gulls at noon"}, status=200)
        secrets = [PASSWORD, mara.secret, mara.cookie.split("=")[1], mara.csrf, mara.codes[0],
                   mara.codes[0].replace("-", ""), "seven grey gulls"]
        log = daemon.log()
        store = b"".join(path.read_bytes() for path in daemon.place.glob("ward.db*"))
        raw = base64.b32decode(mara.secret)
        for secret in secrets:
            assert secret not in log and secret.encode() not in store, secret
        assert raw not in store
        assert "Mara" not in log and "mara" not in log
        daemon.stop()
        audit = ward("audit", "show", "-w", daemon.place, "--json", status=0).stdout.decode()
        assert "Mara" not in audit
        assert "person.login" not in audit or "person" in audit
        ward("audit", "verify", "-w", daemon.place, status=0)
        equal((daemon.place / "keys/people.key").stat().st_mode & 0o777, 0o600)


@case("the operator adds, shows, resets and switches off people from the command line")
def _(folder):
    place = workspace(folder)
    code = invite(place, "mara", "admin")
    assert re.fullmatch(r"([0-9a-z]{4}-){5}[0-9a-z]{4}", code), code
    link = ward("person", "add", "-w", place, "--name", "J", "--role", "lists", "jon", status=0).stdout.decode()
    assert re.fullmatch(r"http://localhost:8750/console/#join=([0-9a-z]{4}-){5}[0-9a-z]{4}\n", link), link
    equal(ward("person", "add", "-w", place, "--name", "M", "--role", "admin", "mara").returncode, 2)
    equal(ward("person", "add", "-w", place, "--name", "M", "--role", "admin,senior", "m2").returncode, 2)
    equal(ward("person", "add", "-w", place, "--name", "M", "--role", "keeper", "m2").returncode, 2)
    person = next(row for row in rows(ward("person", "ls", "-w", place, "--json", status=0)) if row["login"] == "mara")
    equal((person["login"], person["state"], person["roles"]), ("mara", "invited", ["admin"]))
    ward("person", "role", "-w", place, "mara", "lists,supervisor", status=0)
    shown = rows(ward("person", "show", "-w", place, "mara", "--json", status=0))[0]
    equal(shown["roles"], ["lists", "supervisor"])
    assert b"lists,supervisor" in ward("person", "show", "-w", place, "mara", status=0).stdout
    assert ward("person", "reset", "-w", place, "mara", status=0).stdout.decode().strip().rsplit("=", 1)[-1] != code
    ward("person", "off", "-w", place, "mara", status=0)
    equal({row["login"]: row["state"] for row in rows(ward("person", "ls", "-w", place, "--json"))},
          {"mara": "off", "jon": "invited"})
    equal(ward("person", "reset", "-w", place, "mara").returncode, 2)
    ward("person", "off", "-w", place, "--undo", "mara", status=0)
    equal(ward("person", "show", "-w", place, "nobody").returncode, 2)
    actors = {row["actor"] for row in rows(ward("audit", "show", "-w", place, "--json", status=0))}
    equal(actors, {"operator"})


@case("a passkey is set up in place of a code generator, logs in alone, and is removed")
def _(folder):
    with start(folder) as daemon:
        device, other = Authenticator(), Authenticator()
        browser = Browser(daemon, name="localhost")
        browser.post("/v1/session", {"invitation": invite(daemon.place, "mara", "reviewer"),
                                     "password": PASSWORD}, status=200)
        asked = browser.post("/v1/session/passkeys/challenge", status=200).json
        equal((asked["rp_id"], asked["exclude"]), ("localhost", []))
        good = device.create(asked, browser.site())
        for wrong in ({"origin": "http://127.0.0.1:1"}, {"rp_id": "example.org"}, {"flags": 0x41},
                      {"type": "webauthn.get"}):
            again = browser.post("/v1/session/passkeys/challenge", status=200).json
            browser.post("/v1/session/passkeys", device.create(again, **{"origin": browser.site(), **wrong}),
                         status=403)
        enrolling = browser.cookie
        told = browser.post("/v1/session/passkeys", good, status=200).json
        assert not told["enrolling"] and len(told["recovery_codes"]) == 10
        assert browser.cookie != enrolling
        # A challenge is good once.
        browser.post("/v1/session/passkeys", good, status=403)
        fresh = Browser(daemon, name="localhost")
        asked = fresh.post("/v1/session/challenge", status=200).json
        equal(fresh.post("/v1/session", device.get(asked, fresh.site()), status=200).json["how"],
              "passkey")
        # The same answer once more, a forged one, one of another's device: nothing.
        for forged in (device.get(asked, fresh.site()), None, other):
            asked = asked if forged and forged is not other else \
                fresh.post("/v1/session/challenge", status=200).json
            body = device.get(asked, fresh.site(), flags=0x01) if forged is None else \
                other.get(asked, fresh.site(), id=device.id) if forged is other else forged
            Browser(daemon, name="localhost").post("/v1/session", body, status=401)
        # A second one wants the password; the same one is not taken twice.
        fresh.post("/v1/session/passkeys/challenge", {"password": "wrong"}, status=403)
        asked = fresh.post("/v1/session/passkeys/challenge", {"password": PASSWORD}, status=200).json
        equal(asked["exclude"], [text64(device.id)])
        fresh.post("/v1/session/passkeys", device.create(asked, fresh.site()), status=409)
        asked = fresh.post("/v1/session/passkeys/challenge", {"password": PASSWORD}, status=200).json
        fresh.post("/v1/session/passkeys", other.create(asked, fresh.site()), status=200)
        fresh.post("/v1/session/passkeys", {"label": "x"}, status=400)
        fresh.post("/v1/session/passkeys/challenge", b"[]", status=400)
        rows = fresh.get("/v1/session/passkeys", status=200).json["passkeys"]
        equal([row["label"] for row in rows], ["the key in the drawer"] * 2)
        assert rows[0]["used"] and not rows[1]["used"]
        fresh.ask("DELETE", "/v1/session/passkeys/none", status=404)
        fresh.ask("DELETE", f"/v1/session/passkeys/{rows[0]['id']}", status=204)
        fresh.ask("DELETE", f"/v1/session/passkeys/{rows[1]['id']}", status=409)
        asked = fresh.post("/v1/session/challenge", status=200).json
        Browser(daemon, name="localhost").post("/v1/session", device.get(asked, fresh.site()),
                                               status=401)
        # A copy of a device that counts does not know how far it was.
        for counter, status in ((5, 200), (5, 401), (4, 401), (6, 200)):
            asked = fresh.post("/v1/session/challenge", status=200).json
            other.counter = counter
            Browser(daemon, name="localhost").post(
                "/v1/session", other.get(asked, fresh.site()), status=status)
        enrolling = Browser(daemon)
        enrolling.post("/v1/session", {"invitation": invite(daemon.place, "eva", "lists"),
                                       "password": PASSWORD}, status=200)
        enrolling.get("/v1/session/passkeys", status=403)


@case("what makes no sense is a 400, what is not there a 404, and what has changed a 409")
def _(folder):
    none = "01a2178c-d15d-7e26-96d2-c2c96b90fcc4"
    with start(folder) as daemon:
        enrolling = Browser(daemon)
        enrolling.post("/v1/session", {"invitation": invite(daemon.place, "eva", "lists"),
                                       "password": PASSWORD}, status=200)
        enrolling.get("/v1/seconds", status=403)
        ada, sam = member(daemon, "ada", "admin"), member(daemon, "sam", "supervisor")
        for path in (f"/v1/people/{none}", f"/v1/people/{none}/sessions"):
            ada.get(path, status=404)
        sam.get(f"/v1/people/{ada.person}/sessions", status=403)
        for method, path in (("POST", "/v1/session/totp"), ("PUT", "/v1/session/totp"),
                             ("POST", "/v1/session/recovery"), ("POST", "/v1/session/unlock"),
                             ("PATCH", f"/v1/people/{sam.person}"),
                             ("POST", f"/v1/people/{sam.person}/invitation"),
                             ("PUT", "/v1/roles/night"), ("POST", "/v1/people")):
            for body in (b"lamp", b"[]", b'{"password":1,"code":1,"phrase":1,"name":1,"reason":1,'
                         b'"says":1,"login":1}', b'{"a":"\\ud800"}'):
                ada.ask(method, path, body, status=400)
        # Six wrong proofs above would have been counted; these were none.
        codes = ada.post("/v1/session/recovery", {"password": PASSWORD}, status=200).json
        assert set(codes["recovery_codes"]).isdisjoint(ada.codes)
        ada.ask("PATCH", f"/v1/people/{sam.person}", {"pseudonym": "admin 2"}, status=409)
        ada.ask("PATCH", f"/v1/people/{sam.person}", {"pseudonym": "night owl"}, status=200)
        path = f"/v1/people/{sam.person}/invitation"
        second = ada.post(path, {"reason": "lost"}, status=202).json["second"]
        ada.post(f"/v1/seconds/{none}", {"confirm": True, "reason": "x"}, status=404)
        sam.ask("DELETE", f"/v1/seconds/{second}", status=403)
        ada.ask("DELETE", f"/v1/seconds/{second}", status=204)
        ada.ask("DELETE", f"/v1/seconds/{second}", status=409)
        sam.post(f"/v1/seconds/{second}", {"confirm": True, "reason": "x"}, status=409)
        ada.ask("PATCH", f"/v1/people/{sam.person}", {"off": True}, status=200)
        ada.post(path, {"reason": "lost"}, status=202)
        code = ada.post("/v1/people", {"login": "ron", "name": "Ron", "roles": ["lists"]}, status=201)
        ron = code.json["id"]
        # One who has never come in is invited again by one person alone; one who is off is not.
        ada.post(f"/v1/people/{ron}/invitation", {"reason": "the letter was lost"}, status=201)
        Browser(daemon).post("/v1/session", {"invitation": code.json["invitation"],
                                             "password": PASSWORD}, status=401)


# What the cases above do not bring about, and why.
NOT_SEEN = {
    "408": "the scenario of HTTP has slow bodies", "413": "likewise", "415": "likewise",
    "500": "only the machine's failure or a mistake of ours makes one",
    "503": "the scenario of stopping has those",
    "429": "one is like the other; logging in shows it",
}


@case("every answer was as the contract says, and all that it describes were seen")
def _(_):
    if not CONTRACT:
        raise Skip("jsonschema or yaml is missing (tools/deps test gets them)")
    described = {(operation["operationId"], status)
                 for _, _, operation in CONTRACT.operations() if "people" in operation["tags"]
                 and operation["operationId"] not in SINGLE_SIGN_ON
                 for status in operation["responses"] if status not in NOT_SEEN}
    # Whoever has a session may ask who they are; a role that is not there is made; and who is off
    # and was in already wants two persons first.
    equal(sorted(described - seen), [("getSession", "403"), ("resetPerson", "409"),
                                     ("setRole", "404")])
    assert ("logIn", "429") in seen


if __name__ == "__main__":
    run_cases()
