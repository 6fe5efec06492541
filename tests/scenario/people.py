"""What the scenarios of people share: inviting them, logging in, asking as one of them."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import re
import struct
import time

from daemon import Answer
from scenario import *

PASSWORD = "a lamp on the distant hill"

try:
    from contract import Contract
    CONTRACT = Contract((pathlib.Path(os.environ.get("WARD_SOURCE_ROOT", ".")) /
                         "api/openapi.yaml").read_text())
except ImportError:
    CONTRACT = None
seen = set()
# What the scenario `oidc` looks at, where there is a provider.
SINGLE_SIGN_ON = {"listProviders", "beginOidc", "getOidc", "returnOidc", "linkOwnIdentity", "listIdentities",
                  "linkIdentity", "unlinkIdentity"}


def check_answer(method, path, answer):
    """Holds an answer about people and their work against api/openapi.yaml, where there is what reads it."""
    for wanted, pattern, operation in CONTRACT.operations() if CONTRACT else []:
        if wanted != method or \
                not {"people", "desk", "reports", "exposure", "filings", "files", "stats"} & set(operation["tags"]) or \
                not re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path.partition("?")[0]):
            continue
        described = CONTRACT.answer(operation, answer.status)
        assert described, f"{method} {path}: {answer.status} is not described: {answer!r}"
        kind = answer.headers.get("content-type", "").split(";")[0]
        if "content" in described and kind.endswith("json"):
            equal(CONTRACT.problems(described["content"][kind]["schema"], answer.json, True), [])
        elif "content" in described:
            assert kind in described["content"], f"{method} {path}: {kind} is not described"
            if kind.startswith("text/"):
                equal(CONTRACT.problems(described["content"][kind]["schema"], answer.body.decode(), True), [])
        for name, header in described.get("headers", {}).items():
            assert name.lower() in answer.headers, f"{method} {path}: {name} is missing"
            content = CONTRACT.follow(header).get("content", {}).get("application/json")
            if content:
                equal(CONTRACT.problems(content["schema"], json.loads(answer.headers[name.lower()]), True), [])
        seen.add((operation["operationId"], str(answer.status)))
        return


def totp(secret, at=None):
    """The code of RFC 6238 for a secret in base32."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    step = int((time.time() if at is None else at) // 30)
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place:place + 4])[0] & 0x7fffffff) % 1000000:06}"


def text64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Authenticator:
    """A device with one key for one service, that has verified its person (WebAuthn)."""

    def __init__(self):
        try:
            from cryptography.hazmat.primitives.asymmetric import ec
        except ImportError:
            raise Skip("python3-cryptography is missing (tools/deps test gets it)") from None
        self.key, self.id, self.counter = ec.generate_private_key(ec.SECP256R1()), os.urandom(20), 0

    def client(self, asked, kind, origin):
        return json.dumps({"type": kind, "challenge": asked["challenge"], "origin": origin,
                           "crossOrigin": False}).encode()

    def data(self, rp_id, flags):
        return (hashlib.sha256(rp_id.encode()).digest() +
                struct.pack(">BI", flags, self.counter))

    def create(self, asked, origin, **wrong):
        numbers = self.key.public_key().public_numbers()
        data = self.data(wrong.get("rp_id", asked["rp_id"]), wrong.get("flags", 0x45)) + bytes(16)
        data += struct.pack(">H", len(self.id)) + self.id
        data += (b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + numbers.x.to_bytes(32, "big") +
                 b"\x22\x58\x20" + numbers.y.to_bytes(32, "big"))
        told = (b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59" +
                struct.pack(">H", len(data)) + data)
        client = self.client(asked, wrong.get("type", "webauthn.create"), wrong.get("origin", origin))
        return {"ticket": asked["ticket"], "label": "the key in the drawer",
                "client_data": text64(client), "attestation": text64(told)}

    def get(self, asked, origin, flags=0x05, id=None):
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        client = self.client(asked, "webauthn.get", origin)
        data = self.data(asked["rp_id"], flags)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return {"ticket": asked["ticket"], "passkey": {
            "id": text64(id or self.id), "client_data": text64(client),
            "authenticator_data": text64(data), "signature": text64(signature)}}


class Browser:
    """Keeps the cookie and sends the word that goes with it."""

    def __init__(self, daemon, origin=True, name="127.0.0.1"):
        self.daemon, self.cookie, self.csrf, self.origin = daemon, None, None, origin
        self.name = name
        self.secret = self.codes = None
        self.flow = None
        self.last_step = 0

    def site(self):
        return f"http://{self.name}:{self.daemon.port}"

    def ask(self, method, path, body=None, status=None, headers=None):
        own = {"Origin": self.site(), "Sec-Fetch-Site": "same-origin"} if self.origin else {}
        own["Host"] = self.site().removeprefix("http://")
        if self.cookie or self.flow:
            own["Cookie"] = "; ".join(filter(None, (self.cookie, self.flow)))
        if self.csrf and method != "GET":
            own["X-Ward-Token"] = self.csrf
        own.update(headers or {})
        own = {name: value for name, value in own.items() if value is not None}
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=60)
        connection.request(method, path, body, own)
        got = connection.getresponse()
        answer = Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read())
        connection.close()
        if status is not None and answer.status != status:
            raise AssertionError(f"{method} {path}: want {status}, got {answer!r}\n"
                                 f"{self.daemon.log()[-1500:]}")
        check_answer(method, path, answer)
        given = answer.headers.get("set-cookie")
        if given and "ward-login=" in given:
            self.flow = given.split(";")[0]
        elif given:
            self.cookie = given.split(";")[0] if "Max-Age=0" not in given else None
        if answer.status in (200, 201) and answer.body.startswith(b"{") and "csrf" in answer.json:
            self.csrf = answer.json["csrf"]
        return answer

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.ask("POST", path, body if body is not None else {}, **more)

    def code(self):
        """A code that was not used yet; waits for the next step when it has to."""
        step = max(int(time.time() // 30) - 1, self.last_step + 1)
        while step > int(time.time() // 30) + 1:
            time.sleep(.2)
        self.last_step = step
        return totp(self.secret, step * 30)

    def join(self, invitation, password=PASSWORD):
        """From an invitation to a whole session."""
        self.post("/v1/session", {"invitation": invitation, "password": password}, status=200)
        self.secret = self.post("/v1/session/totp", status=200).json["secret"]
        answer = self.ask("PUT", "/v1/session/totp", {"code": self.code()}, status=200)
        self.codes = answer.json["recovery_codes"]
        return answer

    def login(self, name, password=PASSWORD, code=None):
        first = self.post("/v1/session", {"name": name, "password": password})
        if first.status != 202:
            return first
        return self.post("/v1/session", {"ticket": first.json["ticket"],
                                         "totp": code or self.code()})


def invite(place, login, roles, name="Mara Licht"):
    """The code of an invitation by the operator."""
    done = ward("person", "add", "-w", place, "--name", name, "--role", roles, login, status=0)
    return done.stdout.decode().strip().rsplit("=", 1)[-1]


def member(daemon, login, roles):
    """Somebody who works here and has logged in."""
    browser = Browser(daemon)
    browser.join(invite(daemon.place, login, roles))
    browser.person = browser.get("/v1/session", status=200).json["person"]
    return browser
