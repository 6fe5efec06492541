#!/usr/bin/env python3
"""Single sign-on, against the real oidc-provider (tests/oidc)."""
import atexit
import contextlib
import signal
import sqlite3
import urllib.parse

import console_page
from daemon import *
from people import *
from scenario import *

HERE = pathlib.Path(os.environ.get("WARD_SOURCE_ROOT", ".")) / "tests/oidc"
PLACE = BUILD / "oidc-provider"
SECRET = "a lamp: /+% & a hill"
ANSWER_S = 2  # for one answer of the provider: enough for it on a busy machine


def install():
    """oidc-provider as package-lock.json has it, once for a build folder."""
    lock = (HERE / "package-lock.json").read_bytes()
    done = PLACE / "installed.json"
    if not done.is_file() or done.read_bytes() != lock:
        PLACE.mkdir(exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, PLACE / name)
        if not shutil.which("node") or not shutil.which("npm"):
            raise Skip("Node.js or npm is missing")
        try:
            got = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=PLACE,
                                 capture_output=True, timeout=240)
        except subprocess.TimeoutExpired:
            raise Skip("npm ci took too long: is there a registry?") from None
        if got.returncode != 0:
            raise Skip("npm ci does not install oidc-provider: is there a registry?")
        done.write_bytes(lock)
    shutil.copy(HERE / "server.mjs", PLACE / "server.mjs")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Provider:
    def __init__(self, port, *returns):
        self.port = port
        self.process = subprocess.Popen(
            ["node", "server.mjs", str(port), "ward", SECRET, ",".join(returns)], cwd=PLACE,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        atexit.register(self.kill)
        wait_until(self.answers)

    def answers(self):
        try:
            return self.tell()
        except OSError:
            return False

    def kill(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait()

    def tell(self, **what):
        """Says who logs in there and how, and what goes wrong; answers what it counted."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("POST", "/control", json.dumps(what))
        told = json.loads(connection.getresponse().read())
        connection.close()
        return told


class World:
    """A provider and two installations: one asks its own second factor, one trusts the provider's."""

    def __init__(self):
        install()
        self.port = free_port()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ward-oidc-"))
        atexit.register(shutil.rmtree, self.folder, True)
        self.careful = self.daemon("careful", "")
        self.trusting = self.daemon("trusting", "trust_second_factor = yes\n acr = \"urn:two\"\n"
                                    " clock_skew = 0\n")
        self.returns = [f"http://127.0.0.1:{daemon.port}/v1/session/oidc/return"
                        for daemon in (self.careful, self.trusting)]
        self.provider = Provider(self.port, *self.returns)

    def daemon(self, name, more):
        place = workspace(self.folder / name)
        secret = place / "keys/oidc.secret"
        secret.write_text(SECRET + "\n")
        secret.chmod(0o600)
        conf = (f'oidc {{ issuer = "http://127.0.0.1:{self.port}"\n client_id = "ward"\n'
                f' name = "The harbour\'s log-in"\n time_max = {ANSWER_S}s\n {more}}}\n')
        made = Daemon(place, demo=False, conf=conf)
        atexit.register(made.kill)
        return made


worlds = []


def world(trusting=False, **said):
    """The provider, as it is at first but for what is said; and one of the two."""
    if not worlds:
        try:
            worlds.append(World())
        except Skip as why:
            worlds.append(why)
    if isinstance(worlds[0], Skip):
        raise worlds[0]
    one = worlds[0]
    one.provider.tell(**{"sub": "nobody", "amr": None, "acr": None, "spoil": None, "refuse": False, **said})
    return one.provider, one.trusting if trusting else one.careful


def visit(address, jar=None):
    """What a browser does there, until it is sent back; the path it comes back to."""
    jar = {} if jar is None else jar
    place = urllib.parse.urlsplit(address)
    for _ in range(8):
        connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=20)
        connection.request("GET", f"{place.path}?{place.query}",
                           headers={"Cookie": "; ".join(f"{k}={v}" for k, v in jar.items())})
        got = connection.getresponse()
        text = got.read()
        connection.close()
        for given in got.headers.get_all("Set-Cookie") or []:
            name, _, value = given.split(";")[0].partition("=")
            jar[name] = value
        assert got.status in (302, 303), (got.status, text[:500])
        next_place = urllib.parse.urlsplit(urllib.parse.urljoin(place.geturl(), got.headers["Location"]))
        if next_place.path == "/v1/session/oidc/return":
            return f"{next_place.path}?{next_place.query}"
        place = next_place
    raise AssertionError("the provider leads round and round")


FOREIGN = {"Origin": None, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}


def change(address, **fields):
    """The address with other fields; None takes one away."""
    place = urllib.parse.urlsplit(address)
    query = dict(urllib.parse.parse_qsl(place.query))
    query.update(fields)
    return place._replace(query=urllib.parse.urlencode(
        {name: value for name, value in query.items() if value is not None})).geturl()


def come_back(browser, path):
    """Back from a foreign page: the session's own cookie (SameSite=Strict) does not come along."""
    kept, browser.cookie = browser.cookie, None
    answer = browser.get(path, status=303, headers=FOREIGN)
    browser.cookie = browser.cookie or kept
    return answer.headers["location"]


def journey(browser, body=None, path="/v1/session/oidc", jar=None):
    address = browser.post(path, body or {}, status=200).json["address"]
    return come_back(browser, visit(address, jar))


def outcome(browser):
    return browser.get("/v1/session/oidc", status=200).json


def refused(browser, words):
    told = outcome(browser)
    equal(told["state"], "refused")
    assert words in told["detail"], told
    browser.get("/v1/session", status=401)


def session(browser):
    told = browser.get("/v1/session", status=200).json
    browser.person = told["person"]
    return told


def audit(daemon, action):
    store = sqlite3.connect(daemon.place / "ward.db")
    rows = store.execute("SELECT actor, object, detail FROM audit_rows WHERE action = ? ORDER BY number",
                         (action,)).fetchall()
    store.close()
    return rows


def joined(daemon, provider, login, sub, roles="reviewer"):
    """Somebody who has joined by their invitation, through the provider, with a code generator."""
    browser = Browser(daemon)
    provider.tell(sub=sub)
    equal(journey(browser, {"invitation": invite(daemon.place, login, roles)}), "/console/")
    browser.csrf = session(browser)["csrf"]
    browser.secret = browser.post("/v1/session/totp", status=200).json["secret"]
    browser.codes = browser.ask("PUT", "/v1/session/totp", {"code": browser.code()},
                                status=200).json["recovery_codes"]
    session(browser)
    return browser


@case("who is invited joins through the provider, and from then on it is the first of two factors")
def _(folder):
    provider, daemon = world(sub="mara-1", amr=["pwd", "mfa"])
    code = invite(daemon.place, "mara", "reviewer")
    browser = Browser(daemon)
    equal(browser.get("/v1/session/providers", status=200).json["providers"][0]["name"],
          "The harbour's log-in")
    begun = browser.post("/v1/session/oidc", {"invitation": code.upper()}, status=200)
    equal(sorted(begun.headers["set-cookie"].split("; ")[1:]),
          ["HttpOnly", "Max-Age=600", "Path=/", "SameSite=Lax"])
    asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(begun.json["address"]).query))
    equal(asked["scope"], "openid")
    equal(asked["code_challenge_method"], "S256")
    equal(outcome(browser)["state"], "waiting")
    equal(come_back(browser, visit(begun.json["address"])), "/console/")
    told = session(browser)
    equal((told["how"], told["enrolling"], told["permissions"]), ("oidc+invitation", True, []))
    browser.get("/v1/people", status=403)
    browser.csrf, first = told["csrf"], browser.cookie
    browser.secret = browser.post("/v1/session/totp", status=200).json["secret"]
    told = browser.ask("PUT", "/v1/session/totp", {"code": browser.code()}, status=200).json
    equal((told["how"], len(told["recovery_codes"])), ("oidc+totp", 10))
    assert browser.cookie != first and "job.decide" in told["permissions"]
    whole = browser.cookie
    browser.ask("DELETE", "/v1/session", status=204)
    # The provider's second factor is not trusted here: ward asks for its own.
    equal(journey(browser), "/console/#oidc")
    browser.get("/v1/session", status=401)
    told = outcome(browser)
    equal((told["state"], told["next"]), ("second", ["totp", "recovery"]))
    browser.post("/v1/session", {"ticket": told["ticket"], "totp": "000000"}, status=401)
    told = browser.post("/v1/session", {"ticket": told["ticket"], "totp": browser.code()}, status=200)
    equal(told.json["how"], "oidc+totp")
    assert browser.cookie not in (first, whole)
    # The invitation is used up, also for somebody else's account.
    provider.tell(sub="somebody-else")
    Browser(daemon).post("/v1/session/oidc", {"invitation": code}, status=401)
    person = f"person:{browser.person}"
    equal([row[:2] for row in audit(daemon, "person.linked")], [(person, person)])
    assert [row for row in audit(daemon, "person.login") if row[1] == person and "oidc+totp" in row[2]]


@case("an account that is linked to nobody opens nothing, and is told so in a sentence")
def _(folder):
    provider, daemon = world(sub="a-stranger")
    browser = Browser(daemon)
    before = len(audit(daemon, "person.refused"))
    equal(journey(browser), "/console/#oidc")
    refused(browser, "linked to nobody here")
    rows = audit(daemon, "person.refused")[before:]
    equal(len(rows), 1)
    equal((rows[0][0], rows[0][2]), ("system", '{"how":"oidc","why":"unlinked"}'))
    assert "a-stranger" not in "".join(rows[0])
    # A person who is switched off is told no more.
    one = joined(daemon, provider, "off", "gone-1")
    ward("person", "off", "-w", daemon.place, "off", status=0)
    again = Browser(daemon)
    journey(again)
    refused(again, "may not log in here now")
    one.get("/v1/session", status=401)


@case("an answer opens one log-in, once, in the browser that began it")
def _(folder):
    provider, daemon = world()
    joined(daemon, provider, "ben", "ben-1")
    victim, thief = Browser(daemon), Browser(daemon)
    address = victim.post("/v1/session/oidc", {}, status=200).json["address"]
    back = visit(address)
    # Another browser, with no log-in under way and with its own; then another state.
    equal(come_back(thief, back), "/console/#oidc")
    thief.get("/v1/session/oidc", status=404)
    thief.post("/v1/session/oidc", {}, status=200)
    equal(come_back(thief, back), "/console/#oidc")
    equal(outcome(thief)["state"], "waiting")
    for state in ("", "x", "A" * 43, None):
        come_back(victim, change(back, state=state))
        equal(outcome(victim)["state"], "waiting")
    asked = provider.tell()["asked"]
    equal(come_back(victim, back), "/console/#oidc")
    equal(outcome(victim)["state"], "second")
    # The same answer again is nobody's: the provider is not even asked.
    equal(come_back(victim, back), "/console/#oidc")
    equal(outcome(victim)["state"], "second")
    equal(provider.tell()["asked"], asked + 1)
    # A code that was redeemed, in another log-in.
    other = Browser(daemon)
    address = other.post("/v1/session/oidc", {}, status=200).json["address"]
    state = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))["state"]
    come_back(other, change(back, state=state))
    refused(other, "did not hold")


@case("what does not answer our own question is refused: nonce, proof, issuer, state, trouble")
def _(folder):
    provider, daemon = world()
    joined(daemon, provider, "cora", "cora-1")
    for field, wrong in (("nonce", "another"), ("nonce", None), ("code_challenge", "A" * 43)):
        browser = Browser(daemon)
        address = browser.post("/v1/session/oidc", {}, status=200).json["address"]
        come_back(browser, visit(change(address, **{field: wrong})))
        refused(browser, "did not hold")
    for wrong in ("http://127.0.0.1:1", f"http://127.0.0.1:{provider.port}/", None):
        browser = Browser(daemon)
        back = visit(browser.post("/v1/session/oidc", {}, status=200).json["address"])
        come_back(browser, change(back, iss=wrong))
        refused(browser, "did not hold")
    browser = Browser(daemon)
    provider.tell(refuse=True)
    journey(browser)
    refused(browser, "turned back")
    # Nobody chooses where a browser is led.
    for more in ("&redirect_uri=https://x.example", "&next=//x.example", "&code=a&state=b&iss=c"):
        equal(come_back(Browser(daemon), "/v1/session/oidc/return?x=1" + more), "/console/#oidc")


@case("a token that is wrong in any way opens nothing")
def _(folder):
    provider, daemon = world()
    joined(daemon, provider, "dora", "dora-1")
    now = int(time.time())
    for spoil in ({"claims": {"aud": "another"}}, {"claims": {"aud": ["ward", "another"]}},
                  {"claims": {"azp": "another"}}, {"claims": {"iss": "http://127.0.0.1:1"}},
                  {"claims": {"exp": now - 100}}, {"claims": {"iat": now + 1000}},
                  {"claims": {"iat": now - 2000}}, {"claims": {"nonce": "x"}},
                  {"claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}}, {"claims": {"sub": ""}},
                  {"head": {"alg": "none"}, "unsigned": True}, {"head": {"alg": "HS256"}},
                  {"head": {"kid": "key-0"}}, {"head": {"crit": ["exp"]}},
                  {"head": {"typ": "logout+jwt"}}, {"unsigned": True}):
        browser = Browser(daemon)
        provider.tell(spoil=spoil)
        journey(browser)
        refused(browser, "did not hold")
    provider.tell(spoil={"claims": {}})
    journey(browser)
    equal(outcome(browser)["state"], "second")
    # What is no token at all is the provider's trouble.
    for body in ({"id_token": 7}, {"token_type": "mac"}, {"id_token": "a.b"}):
        browser = Browser(daemon)
        provider.tell(spoil={"body": body})
        journey(browser)
        equal(outcome(browser)["state"], "refused")


@case("keys change while people log in; each of the four signatures, and both ways to show the secret, do")
def _(folder):
    provider, daemon = world()
    joined(daemon, provider, "eva", "eva-1")
    for said in ({"rotate": True}, {"alg": "ES256"}, {"alg": "PS256"}, {"alg": "EdDSA"}, {"alg": "RS256"}):
        # A key that is not there is looked for five times a second.
        time.sleep(.25)
        provider.tell(**said)
        browser = Browser(daemon)
        journey(browser)
        equal((said, outcome(browser)["state"]), (said, "second"))
    provider.tell(auth="client_secret_post")
    # What the provider says of itself is kept for ten minutes: another process asks anew.
    with Daemon(daemon.place, demo=False) as other:
        browser = Browser(other)
        address = browser.post("/v1/session/oidc", {}, status=200).json["address"]
        own = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))["redirect_uri"]
        assert own.endswith(f":{other.port}/v1/session/oidc/return"), own
        provider.tell(returns=[own])
        come_back(browser, visit(address))
        equal(outcome(browser)["state"], "second")
    provider.tell(auth="client_secret_basic")


@case("where the operator trusts it, the provider's second factor is enough, when it says that there was one")
def _(folder):
    provider, daemon = world(trusting=True, sub="finn-1", amr=["pwd", "mfa"])
    browser = Browser(daemon)
    code = invite(daemon.place, "finn", "reviewer")
    equal(journey(browser, {"invitation": code}), "/console/")
    told = session(browser)
    equal((told["how"], told["enrolling"]), ("oidc", False))
    browser.csrf = told["csrf"]
    own = browser.get(f"/v1/people/{browser.person}", status=200).json
    equal((own["state"], own["password"], own["totp"], own["identities"]), ("active", False, False, 1))
    Browser(daemon).post("/v1/session/oidc", {"invitation": code}, status=401)
    # The vault's phrase is a thing of its own.
    equal(told["unlocked_s"], 0)
    # By acr; and not by what says nothing of a second factor, without one of ward's own.
    for said, state in (({"amr": None, "acr": "urn:two"}, "in"), ({"amr": ["pwd"], "acr": "0"}, "out"),
                        ({"amr": "mfa", "acr": None}, "out"), ({"amr": None, "acr": None}, "out")):
        other = Browser(daemon)
        provider.tell(**said)
        equal((said, journey(other)), (said, "/console/" if state == "in" else "/console/#oidc"))
        if state == "out":
            refused(other, "no second factor here")


@case("who has no password proves themselves by a log-in for which the provider asks anew")
def _(folder):
    provider, daemon = world(trusting=True, sub="gus-1", amr=["mfa"])
    jar, browser = {}, Browser(daemon)
    journey(browser, {"invitation": invite(daemon.place, "gus", "reviewer")}, jar=jar)
    browser.csrf = session(browser)["csrf"]
    equal(browser.post("/v1/session/totp", {}, status=403).json["type"], "urn:ward:problem:not-proven")
    # The provider remembers the person, and would not ask.
    equal(journey(browser, jar=jar), "/console/")
    equal(session(browser)["how"], "oidc")
    browser.csrf = session(browser)["csrf"]
    browser.post("/v1/session/totp", {}, status=403)
    time.sleep(1.05)
    address = browser.post("/v1/session/oidc", {"fresh": True}, status=200).json["address"]
    come_back(browser, visit(change(address, prompt=None, max_age=None), jar))
    told = outcome(browser)
    equal(told["state"], "refused")
    assert "did not hold" in told["detail"]
    equal(journey(browser, {"fresh": True}, jar=jar), "/console/")
    told = session(browser)
    equal(told["how"], "oidc+fresh")
    browser.csrf = told["csrf"]
    browser.secret = browser.post("/v1/session/totp", {}, status=200).json["secret"]


@case("a provider that is away, slow, or talks nonsense keeps nobody else out, and is taken up again")
def _(folder):
    provider, daemon = world(sub="hal-1")
    other = joined(daemon, provider, "hal", "hal-1")
    ivy = member(daemon, "ivy", "reviewer")
    away = Browser(daemon)
    address = away.post("/v1/session/oidc", {}, status=200).json["address"]
    back = visit(address)
    provider.process.send_signal(signal.SIGSTOP)
    try:
        begun = time.time()
        equal(come_back(away, back), "/console/#oidc")
        assert time.time() - begun < 2 * ANSWER_S
        refused(away, "does not answer as it should")
        with Daemon(daemon.place, demo=False) as fresh:
            begun = time.time()
            told = Browser(fresh).post("/v1/session/oidc", {}, status=502)
            equal(told.json["type"], "urn:ward:problem:provider")
            assert time.time() - begun < 2 * ANSWER_S
            # It is not asked by everybody who comes.
            begun = time.time()
            Browser(fresh).post("/v1/session/oidc", {}, status=502)
            assert time.time() - begun < ANSWER_S / 2
            equal(Browser(fresh).post("/v1/session", {"name": "ivy", "password": PASSWORD}).status, 202)
            there = Browser(fresh)
            there.cookie, there.csrf = ivy.cookie, ivy.csrf
            there.post("/v1/session/identities", {"password": PASSWORD}, status=502)
    finally:
        provider.process.send_signal(signal.SIGCONT)
    again = Browser(daemon)
    provider.tell(sub="hal-1")
    equal(journey(again), "/console/#oidc")
    equal(outcome(again)["state"], "second")
    session(other)
    # Nobody's words are in the log: no code, no state, no subject.
    for word in ("hal-1", "code=" + dict(urllib.parse.parse_qsl(back.partition("?")[2]))["code"],
                 dict(urllib.parse.parse_qsl(back.partition("?")[2]))["state"]):
        assert word not in daemon.log()


@case("an admin says which account is an invited person's, and of nobody who has joined")
def _(folder):
    provider, daemon = world()
    admin = member(daemon, "ada", "admin")
    made = admin.post("/v1/people", {"login": "jo", "name": "Jo Hafen", "roles": ["reviewer"]},
                      status=201).json
    path = f"/v1/people/{made['id']}/identities"
    for wrong in ("", "a b", "x" * 256, "\x01"):
        admin.post(path, {"subject": wrong}, status=400)
    told = admin.post(path, {"subject": "jo-1"}, status=201).json["identities"]
    equal([(row["subject"], row["used"]) for row in told], [("jo-1", None)])
    other = admin.post("/v1/people", {"login": "kim", "name": "Kim", "roles": ["reviewer"]},
                       status=201).json
    admin.post(f"/v1/people/{other['id']}/identities", {"subject": "jo-1"}, status=409)
    admin.post("/v1/people/nobody/identities", {"subject": "n-1"}, status=404)
    provider.tell(sub="jo-1")
    browser = Browser(daemon)
    equal(journey(browser), "/console/")
    told = session(browser)
    equal((told["how"], told["enrolling"]), ("oidc+invitation", True))
    browser.csrf = told["csrf"]
    browser.secret = browser.post("/v1/session/totp", status=200).json["secret"]
    browser.ask("PUT", "/v1/session/totp", {"code": browser.code()}, status=200)
    session(browser)
    # Now it would be a way in to what Jo may see.
    equal(admin.post(path, {"subject": "ada-at-the-provider"}, status=409).json["type"],
          "urn:ward:problem:conflict")
    equal(len(admin.get(path, status=200).json["identities"]), 1)
    # Kim's is none of Jo's business.
    browser.post(f"/v1/people/{other['id']}/identities", {"subject": "x"}, status=403)
    browser.get(f"/v1/people/{other['id']}/identities", status=403)
    browser.ask("DELETE", f"/v1/people/{other['id']}/identities/x", status=403)
    mine = browser.get(path, status=200).json["identities"][0]["id"]
    # Not the last thing one logs in with; but an admin may, and the sessions are over.
    browser.ask("DELETE", f"{path}/{mine}", status=409)
    admin.ask("DELETE", f"{path}/{mine}", status=204)
    browser.get("/v1/session", status=401)
    journey(browser)
    refused(browser, "linked to nobody here")


@case("within a session a person links an account of their own, and takes it back")
def _(folder):
    provider, daemon = world(sub="lou-1")
    lou, max_ = member(daemon, "lou", "reviewer"), member(daemon, "max", "reviewer")
    lou.post("/v1/session/identities", {"password": "not this one, no"}, status=403)
    equal(journey(lou, {"password": PASSWORD}, "/v1/session/identities"), "/console/#oidc")
    equal(outcome(lou)["state"], "linked")
    session(lou)
    # It is one person's.
    journey(max_, {"password": PASSWORD}, "/v1/session/identities")
    told = outcome(max_)
    equal(told["state"], "refused")
    assert "somebody else" in told["detail"]
    session(max_)
    browser = Browser(daemon)
    journey(browser)
    told = outcome(browser)
    equal(told["state"], "second")
    browser.secret, browser.last_step = lou.secret, lou.last_step
    equal(browser.post("/v1/session", {"ticket": told["ticket"], "totp": browser.code()},
                       status=200).json["how"], "oidc+totp")
    path = f"/v1/people/{lou.person}/identities"
    row = lou.get(path, status=200).json["identities"][0]
    lou.ask("DELETE", f"{path}/{row['id']}", status=204)
    lou.ask("DELETE", f"{path}/{row['id']}", status=404)
    session(lou)
    browser.get("/v1/session", status=401)
    # A session that ended meanwhile links nothing.
    address = lou.post("/v1/session/identities", {"password": PASSWORD}, status=200).json["address"]
    lou.ask("DELETE", "/v1/session", status=204)
    come_back(lou, visit(address))
    refused(lou, "session ended")


@case("another site's page begins nothing, and what is no provider's is not found")
def _(folder):
    provider, daemon = world()
    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        equal(Browser(daemon, origin=False).post("/v1/session/oidc", {}, status=403, headers=headers)
              .json["type"], "urn:ward:problem:forged")
    Browser(daemon).post("/v1/session/oidc", {"invitation": "wrong-code"}, status=401)
    with Daemon(workspace(folder), demo=False, conf="") as plain:
        equal(Browser(plain).get("/v1/session/providers", status=200).json["providers"], [])
        Browser(plain).post("/v1/session/oidc", {}, status=404)
        Browser(plain).get("/v1/session/oidc", status=404)
        ann = member(plain, "ann", "admin")
        own = f"/v1/people/{ann.person}/identities"
        ann.post("/v1/session/identities", {"password": PASSWORD}, status=404)
        ann.post("/v1/session/identities", {"password": 7}, status=400)
        ann.post(own, {"subject": "x"}, status=404)
        ann.get("/v1/people/nobody/identities", status=404)
        Browser(plain).post("/v1/session/oidc", {"fresh": "yes"}, status=400)
        for method, path in (("POST", "/v1/session/identities"), ("GET", own), ("POST", own),
                             ("DELETE", own + "/x")):
            Browser(plain).ask(method, path, {}, status=401)
        equal(come_back(Browser(plain), "/v1/session/oidc/return?code=a&state=b"), "/console/#oidc")


@case("wardd --check says what is wrong with a provider's settings")
def _(folder):
    place = workspace(folder)
    secret = place / "keys/oidc.secret"

    def check(conf):
        (place / "ward.conf").write_text(conf)
        done = subprocess.run([WARDD, "-w", str(place), "--check"], capture_output=True, text=True,
                              env=environment())
        return done.returncode, done.stderr

    good = 'oidc { issuer = "https://login.example.org", client_id = "ward" }\n'
    assert "cannot be read" in check(good)[1]
    secret.write_text("a lamp\n")
    secret.chmod(0o640)
    assert "chmod 600" in check(good)[1]
    secret.chmod(0o600)
    equal(check(good), (0, ""))
    for issuer in ("http://login.example.org", "https://a@login.example.org", "ftp://x", "x",
                   "http://127.0.0.1:80@login.example.org", "https://login.example.org/#a"):
        status, words = check(good.replace("https://login.example.org", issuer))
        assert status == 2 and "issuer" in words, (issuer, status, words)
    assert "client_id" in check('oidc { issuer = "https://login.example.org" }\n')[1]


@case("every answer was as the contract says, and all that it describes were seen")
def _(_):
    world()
    if not CONTRACT:
        raise Skip("jsonschema or yaml is missing (tools/deps test gets them)")
    # As in the scenario of people: what others show, or only a failure of the machine.
    described = {(operation["operationId"], status)
                 for _, _, operation in CONTRACT.operations()
                 if operation["operationId"] in SINGLE_SIGN_ON
                 for status in operation["responses"]
                 if status not in ("408", "413", "415", "429", "500", "503")}
    equal(sorted(described - seen), [])


BUTTON = "Log in with The harbour's log-in"
PROVIDER_DOWN = "The other log-in page cannot be asked now. Log in another way, or try again in a while."


browsers = []


@contextlib.contextmanager
def console(daemon, where=""):
    """The console before its log-in, in a browser that has been nowhere."""
    if not browsers:
        try:
            browsers.append(console_page.chromium.Chromium())
        except console_page.chromium.Missing as missing:
            raise Skip(missing) from None
        atexit.register(browsers[0].close)
    page = browsers[0].page()
    page.send("Network.clearBrowserCookies")
    page.size(1280, 720)
    try:
        here = console_page.Console(page, daemon, name="127.0.0.1")
        here.open(where)
        yield here
    finally:
        page.close()


def went_nowhere_else(here, provider, daemon):
    """Nothing but the two was asked, and neither code nor state is left where a browser keeps things."""
    for _, url, _ in here.page.requests():
        assert url.startswith((f"http://127.0.0.1:{provider.port}/", f"http://127.0.0.1:{daemon.port}/", "about:")), url
    kept = here.page.evaluate("location.href + document.title + JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "code=" not in kept and "state=" not in kept, kept


@case("in the console: an invitation, the provider's button, a code generator; then the button and a code are the log-in")
def _(folder):
    provider, daemon = world(sub="nell-1")
    with console(daemon, f"#join={invite(daemon.place, 'nell', 'reviewer')}") as here:
        here.press(BUTTON)
        here.press("Set up a code generator")
        here.page.wait("!!document.querySelector('.secret')")
        here.secret = here.page.evaluate("document.querySelector('.secret').innerText").replace(" ", "")
        here.fill("input.code", here.code())
        here.page.key("Enter")
        here.see("Recovery codes")
        here.page.click("input[type=checkbox]")
        here.press("Go on")
        here.page.wait("!!document.querySelector('header .who')")
        equal(here.fetch("GET", "/v1/session")[1]["how"], "oidc+totp")
        here.press("Log out")
        here.see("Log in")
        here.press(BUTTON)
        here.fill("input[autocomplete=one-time-code]", here.code())
        went_nowhere_else(here, provider, daemon)
        here.page.key("Enter")
        here.page.wait("!!document.querySelector('header .who')")
        equal(here.fetch("GET", "/v1/session")[1]["how"], "oidc+totp")


@case("in the console: who has a password links their account there, sees it, and comes in by it")
def _(folder):
    provider, daemon = world(sub="olga-at-the-provider")
    with console(daemon) as here:
        here.join(invite(daemon.place, "olga", "reviewer"))
        here.go("#/account")
        here.press("Link")
        here.fill("dialog input[type=password]", "not the password at all")
        here.page.key("Enter")
        here.see("That is not right")
        here.fill("dialog input[type=password]", PASSWORD)
        here.page.key("Enter")
        here.see("olga-at-the-provider")
        went_nowhere_else(here, provider, daemon)
        here.press("Log out")
        here.press(BUTTON)
        here.fill("input[autocomplete=one-time-code]", here.code())
        here.page.key("Enter")
        here.page.wait("!!document.querySelector('header .who')")
        here.go("#/account")
        here.see("olga-at-the-provider")


@case("in the console: who is linked to nobody, or turned back there, is told so and can begin anew")
def _(folder):
    provider, daemon = world(sub="another-stranger")
    with console(daemon) as here:
        here.press(BUTTON)
        here.see("linked to nobody here")
        assert "another-stranger" not in here.text()
        equal(here.fetch("GET", "/v1/queues")[0], 401)
        here.press("Begin anew")
        here.page.wait("!!document.querySelector('input[autocomplete=username]')")
    # The provider knows nobody here yet, so that it asks, and is told no.
    provider.tell(refuse=True)
    with console(daemon) as here:
        here.press(BUTTON)
        here.see("turned back")
        here.press("Begin anew")
        here.page.wait("!!document.querySelector('input[autocomplete=username]')")


@case("in the console: a provider that is down is said to be down, and a password still comes in")
def _(folder):
    provider, daemon = world()
    with Daemon(daemon.place, demo=False) as fresh:
        pat = Browser(fresh)
        pat.join(invite(fresh.place, "pat", "reviewer"))
        provider.process.send_signal(signal.SIGSTOP)
        try:
            with console(fresh) as here:
                here.press(BUTTON)
                here.see(PROVIDER_DOWN)
                equal(here.page.evaluate("!!document.querySelector('[role=alert]')"), True)
                equal(here.page.evaluate("location.pathname"), "/console/")
                here.secret, here.last_step = pat.secret, pat.last_step
                here.fill("input[autocomplete=username]", "pat")
                here.fill("input[type=password]", PASSWORD)
                here.page.key("Enter")
                here.fill("input[autocomplete=one-time-code]", here.code())
                here.page.key("Enter")
                here.page.wait("!!document.querySelector('header .who')")
        finally:
            provider.process.send_signal(signal.SIGCONT)


run_cases()
