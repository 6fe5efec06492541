#!/usr/bin/env python3
"""Every answer of wardd is what api/openapi.yaml says: statuses, headers, types, bodies.

Each operation is asked, with success and with what can go wrong, and every
answer is held against the document, whose objects are closed for this.  The
last case looks whether every described answer was seen.
"""
import concurrent.futures
import fcntl
import hashlib
import pathlib
import struct
import urllib.parse
import zipfile

from daemon import *
from scenario import *

try:
    from contract import Contract
except ImportError as missing:
    print(f"1..0 # skip {missing.name} is missing (tools/deps test gets it)")
    sys.exit(0)

ROOT = pathlib.Path(os.environ.get("WARD_SOURCE_ROOT", "."))
CONTRACT = Contract((ROOT / "api/openapi.yaml").read_text())


def is_peoples(operation):
    """What only a session opens, or logs in, or is reported: the scenarios people and desk hold those."""
    schemes = {name for way in operation["security"] for name in way}
    return schemes == {"session"} or bool({"people", "reports", "console"} & set(operation["tags"]))


OPERATIONS = {operation["operationId"]: (method, path, operation)
              for method, path, operation in CONTRACT.operations() if not is_peoples(operation)}

# What no test can bring about here, and why.  "*" is every operation.
NOT_SEEN = {
    ("*", 500): "only the machine's failure or a mistake of ours makes one",
    ("*", 502): "fetching never speaks to this machine, and a test speaks to no other",
    ("*", 504): "as 502",
    ("hmaHashUrl", 200): "as 502; the POST answers alike",
    ("hmaHashUrl", 507): "as 502",
    ("hmaLookup", 507): "as 502",
}

LETTER = b"Dear keeper, the lamp is lit.\n"
MD5 = hashlib.md5(LETTER).hexdigest()
PHOTODNA = "photodna:" + "01" * 144
seen = set()


# ---- an answer and the document ----

def operation_of(method, path):
    """None when the document has none, as for a 405."""
    for wanted, pattern, operation in OPERATIONS.values():
        if wanted == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path):
            return operation, pattern
    return None, None


def check_headers(described, answer):
    for name, header in described.get("headers", {}).items():
        header = CONTRACT.follow(header)
        value = answer.headers.get(name.lower())
        assert value is not None, f"{name} is missing: {answer!r}"
        if header["schema"]["type"] == "integer":
            value = int(value)
        equal(CONTRACT.problems(header["schema"], value, True), [])


def check_answer(described, answer):
    check_headers(described, answer)
    if "content" not in described:
        equal((answer.body, answer.headers.get("content-type")), (b"", None))
        return
    kind = answer.headers["content-type"].split(";")[0]
    assert kind in described["content"], f"{kind} is not described: {answer!r}"
    value = answer.json if kind.endswith("json") else answer.body.decode()
    equal(CONTRACT.problems(described["content"][kind]["schema"], value, True), [])
    if kind == "application/problem+json" and answer.status != 408:
        equal(value["status"], answer.status)
        equal(value["instance"], "urn:uuid:" + answer.headers["x-request-id"])


def query_value(schema, text):
    """A parameter's text as what its schema speaks of."""
    schema = CONTRACT.follow(schema)
    if schema.get("type") == "integer":
        return int(text)
    return text.split(",") if schema.get("type") == "array" else text


def check_request(operation, pattern, query, body):
    """What was well taken must be well described."""
    described = {p["name"]: p for p in CONTRACT.parameters(pattern, operation)}
    for name, text in urllib.parse.parse_qsl(query, keep_blank_values=True):
        assert name in described, f"{operation['operationId']}: {name} is not described"
        schema = described[name]["schema"]
        equal(CONTRACT.problems(schema, query_value(schema, text), False), [])
    if isinstance(body, (dict, list)):
        content = CONTRACT.follow(operation["requestBody"])["content"]
        equal(CONTRACT.problems(content["application/json"]["schema"], body, False), [])


def check(method, target, body, answer):
    path, _, query = target.partition("?")
    operation, pattern = operation_of(method, path)
    if operation:
        described = CONTRACT.answer(operation, answer.status)
        assert described, f"{method} {target}: {answer.status} is not described: {answer!r}"
        seen.add((operation["operationId"], answer.status))
        if answer.status < 300:
            check_request(operation, pattern, query, body)
    else:
        family = "Hma" if path.startswith("/hma/") else ""
        name = {404: "NotFound", 405: "MethodNotAllowed"}[answer.status]
        described = CONTRACT.document["components"]["responses"][family + name]
    check_answer(described, answer)


class Watched(Daemon):
    """A wardd whose every answer is held against the document."""

    def ask(self, method, path, body=None, headers=None, **more):
        answer = super().ask(method, path, body, headers, **more)
        check(method, path, body, answer)
        return answer


# ---- what is asked ----

SUMS = "".join(hashlib.md5(b"%d" % i).hexdigest() + "\n" for i in range(7)).encode()


def set_up(folder):
    picture = draw_png(folder / "lighthouse.png", lighthouse)
    pdq = hash_of(picture)["pdq"]
    return workspace(folder, lighthouses=["pdq:" + pdq], letters=[MD5], LIGHTS=["pdq:" + pdq]), \
        picture.read_bytes(), pdq


def sample(name, picture, pdq, content=0):
    """One plain request to the operation: method, path, body."""
    method, path, operation = OPERATIONS[name]
    path = path.replace("{name}", "pdq" if name == "hmaChangeSignalType" else
                        "LIGHTS" if path.startswith("/hma") else "letters")
    path = path.replace("{id}", str(content))
    query = {"matchSignal": f"?signal={MD5}",
             "hmaHashUrl": "?url=http://127.0.0.1/lighthouse.png",
             "hmaRawLookup": f"?signal_type=pdq&signal={pdq}",
             "hmaLookup": f"?signal_type=pdq&signal={pdq}"}.get(name, "")
    body = {
        "scanFiles": picture, "hashFiles": picture, "hmaHash": picture, "hmaLookupFile": picture,
        "hmaAddContent": picture, "importList": MD5.encode(),
        "matchSignals": {"signals": [MD5]}, "compareTwo": {"a": MD5, "b": MD5},
        "changeList": {"radius": 20}, "hmaCreateBank": {"name": "HARBOUR"},
        "addOpinion": {"kind": "affirm", "signal": MD5}, "hmaChangeBank": {"enabled": True},
        "hmaCompare": {"pdq": [pdq, pdq]}, "hmaAddSignal": {"pdq": pdq},
        "checkSites": {"links": ["http://quay.example/"]}, "hmaChangeContent": {"disable_until_ts": 1},
        "hmaChangeSignalType": {"enabled_ratio": 1}}.get(name)
    return method, path + query, body


def described(status, **wanted):
    """The operations that describe this answer."""
    for name, (method, _, operation) in OPERATIONS.items():
        if str(status) in operation["responses"] and \
                all(operation.get(key.replace("_", "-")) == value for key, value in wanted.items()):
            yield name


# ---- what goes well ----

@case("watching: the page, its style, metrics, health, this document")
def _(folder):
    place, _, _ = set_up(folder)
    with Watched(place) as daemon:
        for path in ("/", "/?lang=ar", "/status.css", "/metrics", "/v1/health/live",
                     "/v1/health/ready", "/hma/status", "/hma/status/live",
                     "/hma/livez", "/hma/readyz"):
            daemon.get(path, status=200)
        told = daemon.get("/v1/openapi.yaml", status=200)
        equal(told.body, (ROOT / "api/openapi.yaml").read_bytes())
        for path in ("/", "/v1/scan", "/hma/status"):
            daemon.ask("PUT", path, b"", status=405)
        for path in ("/nowhere", "/v1/lists/a/b", "/hma/nowhere"):
            daemon.get(path, status=404)


def write_archive(folder, picture):
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("lighthouse.png", picture)
        archive.writestr("letter.txt", LETTER)
        archive.writestr("broken.png", picture[:3000])
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        archive.write(folder / "a.zip", "a.zip")
    data = bytearray((folder / "b.zip").read_bytes())
    # The first member says that it is encrypted.
    struct.pack_into("<H", data, 6, struct.unpack_from("<H", data, 6)[0] | 1)
    (folder / "locked.zip").write_bytes(data)


@case("files: reports of what is known, near, allowed, excluded, broken, packed, and of several")
def _(folder):
    place, picture, pdq = set_up(folder)
    near = draw_png(folder / "near.png", lighthouse, 280, 260, lambda v: v * .9 + 12).read_bytes()
    mirror = draw_png(folder / "mirror.png", lambda x, y: lighthouse(1 - x, y)).read_bytes()
    plain = draw_pgm(folder / "plain.pgm", lambda x, y: 128).read_bytes()
    large = draw_pgm(folder / "large.pgm", bridge, 400, 400).read_bytes()
    write_archive(folder, picture)
    with Watched(place, conf="scan { pixels_max = 100000 }\n") as daemon:
        kinds = set()

        def scan(body, query="", **more):
            told = daemon.post("/v1/scan" + query, body, status=200, **more).json
            kinds.update(f["kind"] for file in told["files"] for f in file["findings"])
            return told

        equal(scan(picture)["verdict"], "block")
        equal(scan(near)["verdict"], "hold")
        equal(scan(mirror, "?any_orientation&radius=20")["files"][0]["findings"][0]["orientation"],
              "flipy")
        scan(picture[:len(picture) // 2])
        for name in ("a.zip", "b.zip", "locked.zip"):
            scan((folder / name).read_bytes())
        scan((folder / "a.zip").read_bytes(), "?archives=no&exact=1")
        scan(plain)
        scan(large)
        several = form(("a", "a.png", picture), ("b" * 80, "b.txt", b""), ("c", None, LETTER))
        equal([f["field"] for f in scan(several["body"], headers=several["headers"])["files"]],
              ["a", "b" * 63, "c"])
        daemon.post("/v1/lists/good/import?sense=allow", MD5.encode(), status=201)
        daemon.post("/v1/lists/out/import?sense=exclude", ("pdq:" + pdq).encode(), status=201)
        daemon.post("/v1/lists/lighthouses/opinions", {
            "kind": "dispute", "signal": "pdq:" + pdq, "reason": "it is a bridge"}, status=201)
        scan(picture)
        scan(LETTER)
        daemon.ask("PATCH", "/v1/lists/out", {"enabled": False}, status=200)
        findings = scan(picture)["files"][0]["findings"]
        equal([f["disputed"] for f in findings if "disputed" in f], [1])
        # All that there are but a score: no model is asked here.
        equal(sorted(kinds), ["allowed", "encrypted", "excluded", "known", "limit", "near",
                              "unreadable"])
        for body in (picture, near, plain, LETTER, (folder / "a.zip").read_bytes()):
            for query in ("", "?exact=0"):
                daemon.post("/v1/hash" + query, body, status=200)
        daemon.post("/v1/hash", **form(("a", "a.png", picture), ("b", "b", b"")), status=200)
        daemon.post("/v1/compare", status=200, **form(("a", "a", picture), ("b", "b", mirror)))
        daemon.post("/v1/compare?radius=0", status=200, **form(("a", "a", LETTER), ("b", "b", b"x")))


@case("signals: looked up one by one and together, compared")
def _(folder):
    place, _, pdq = set_up(folder)
    with Watched(place) as daemon:
        daemon.post("/v1/lists/out/import?sense=exclude", MD5.encode(), status=201)
        for query in (f"signal=pdq:{pdq}", f"signal={MD5}&lists=letters,lighthouses&max=1",
                      f"type=pdq&signal={pdq}&radius=63", f"signal={PHOTODNA}",
                      f"type=auto&signal={MD5.upper()}", f"type=sha256&signal={pdq}"):
            daemon.get("/v1/match?" + query, status=200)
        assert daemon.get(f"/v1/match?signal={MD5}").json["hits"][0]["excluded"]
        daemon.post("/v1/match", {"signals": [MD5, {"type": "pdq", "signal": pdq}, PHOTODNA],
                                  "lists": ["letters"], "radius": 0, "max": 3}, status=200)
        daemon.post("/v1/match", {"signals": ["pdq:" + pdq], "radius": None, "max": None},
                    status=200)
        for a, b in ((MD5, MD5), ("pdq:" + pdq, {"type": "pdq", "signal": pdq}),
                     (PHOTODNA, PHOTODNA), ("sha256:" + pdq, "sha256:" + pdq), ("0" * 40, "1" * 40)):
            daemon.post("/v1/compare", {"a": a, "b": b}, status=200)


@case("lists: imported, shown page by page, changed, disputed, deleted")
def _(folder):
    place, _, pdq = set_up(folder)
    table = f"pdq,quality,label,ref\n{pdq},100,demo:lighthouse,l-1\n{pdq},10,demo:lighthouse,l-2\n"
    with Watched(place) as daemon:
        made = daemon.post("/v1/lists/table/import?source=harbour&scheme=demo&label=demo:x&licence=ours"
                           "&radius=20&sense=deny&format=csv", table.encode(), status=201).json
        equal((made["added"], made["low_quality"], made["list"]["radius"]), (1, 1, 20))
        daemon.post("/v1/lists/table/import?format=csv&keep_degenerate", table.encode(), status=200)
        daemon.post("/v1/lists/table/import?delta=yes&type=md5", SUMS + b"nonsense\n", status=200)
        page = daemon.get("/v1/lists/table/entries?limit=3", status=200).json
        assert page["next"]
        daemon.get(f"/v1/lists/table/entries?cursor={page['next']}", status=200)
        daemon.ask("PATCH", "/v1/lists/table", {
            "source": "quay", "scheme": "", "default_label": "demo:y", "licence": "", "radius": 31,
            "sense": "deny", "photodna_distance_max": 7, "expires": "2100-01-01T00:00:00Z",
            "enabled": True}, status=200)
        daemon.ask("PATCH", "/v1/lists/table", {"expires": None, "radius": 31.0}, status=200)
        daemon.get("/v1/lists", status=200)
        daemon.get("/v1/lists/table", status=200)
        for opinion in ({"kind": "affirm", "signal": MD5},
                        {"kind": "dispute", "type": "md5", "signal": MD5, "reason": "a letter",
                         "who": "ann"}):
            daemon.post("/v1/lists/letters/opinions", opinion, status=201)
        daemon.ask("DELETE", "/v1/lists/table", status=200)


@case("an import counts as the command does, and empties a list only when that is said to be meant")
def _(folder):
    place, _, pdq = set_up(folder)
    rows = [f"{MD5},vics-us:0", f"{hashlib.md5(b'a').hexdigest()},vics-us:1", f"{pdq},vics-us:9",
            "nonsense,vics-us:1", "d41d8cd98f00b204e9800998ecf8427e,vics-us:1"]
    feed = ("<queryResult><images>" + "".join(
        f"<image><member id='1'/><timestamp>2026-01-01T00:00:00Z</timestamp><id>{name}</id>"
        f"<classification>A1</classification><fingerprints><md5>{MD5}</md5></fingerprints></image>"
        for name in ("a", "b", "a")) + "</images></queryResult>").encode()
    table = "\n".join(["hash,label", *rows]).encode()
    with Watched(place, conf="server { request_time = 500ms }\n") as daemon:
        for name, body in (("table", table), ("feed", feed)):
            (folder / name).write_bytes(body)
            told = daemon.post(f"/v1/lists/{name}/import", body, status=201).json
            done = ward("list", "import", "-w", place, "--quiet", "--json", "again", folder / name,
                        status=0)
            want = json.loads(done.stdout)
            del want["list"], want["quarantine"]
            equal({key: told[key] for key in want}, want)
            equal(set(told) - set(want), {"list", "quarantine"})
            if name == "table":
                equal((told["harmless"], told["guessed"], told["unknown_labels"], told["bad"],
                       told["degenerate"]), (1, 1, 1, 1, 1))
            else:
                equal((told["format"], told["replaced"]), ("ncmec", 1))
        before = daemon.get("/v1/lists/letters", status=200).json
        for body in (b"", b"md5,label\n", b"# nothing today\n",
                     b"<queryResult><images/></queryResult>"):
            told = daemon.post("/v1/lists/letters/import", body, status=400)
            assert '"allow_empty"' in told.json["detail"] and "--" not in told.json["detail"], told
            daemon.post("/v1/lists/letters/import?allow_empty=no", body, status=400)
            equal(daemon.get("/v1/lists/letters").json, before)
            assert daemon.get(f"/v1/match?signal={MD5}&lists=letters").json["hits"]
        # What cannot be read is never an empty list.
        daemon.post("/v1/lists/letters/import?allow_empty", b"nonsense\n", status=400)
        equal(daemon.get("/v1/lists/letters").json, before)
        # Nor is a body that was announced and did not come.
        got = daemon.raw(b"POST /v1/lists/letters/import?allow_empty HTTP/1.1\r\nHost: localhost\r\n"
                         b"Content-Length: 900\r\n\r\n")
        equal(got.split()[1], b"408")
        equal(daemon.get("/v1/lists/letters").json, before)
        for body in (b"", iter([]), b"md5,label\n"):
            daemon.post("/v1/lists/letters/import?format=text", MD5.encode(), status=200)
            told = daemon.post("/v1/lists/letters/import?allow_empty=true", body, status=200).json
            equal((told["records"], told["list"]["entries"]), (0, 0))
            equal(daemon.get(f"/v1/match?signal={MD5}&lists=letters").json["hits"], [])
        daemon.post("/v1/lists/fresh/import", b"", status=400)
        equal(daemon.post("/v1/lists/fresh/import?allow_empty", b"", status=201).json["added"], 0)


@case("a scheme is one word, wherever it is set")
def _(folder):
    place, _, _ = set_up(folder)
    with Watched(place) as daemon:
        for word in ("two words", "a:b", "-a", "x" * 64, "\n", "é"):
            query = urllib.parse.urlencode({"scheme": word})
            for path in ("/v1/lists/fresh/import?", "/v1/lists/letters/import?"):
                told = daemon.post(path + query, MD5.encode(), status=400)
                assert '"scheme" is one word' in told.json["detail"], told
            daemon.ask("PATCH", "/v1/lists/letters", {"scheme": word}, status=400)
        daemon.get("/v1/lists/fresh", status=404)
        told = daemon.post("/v1/lists/letters/import?scheme=vics-us", f"{MD5},label\n".encode(),
                           status=200)
        equal(told.json["list"]["scheme"], "vics-us")
        for word in ("industry", "x" * 63, ""):
            equal(daemon.ask("PATCH", "/v1/lists/letters", {"scheme": word}, status=200)
                  .json["scheme"], word)


@case("HMA's routes: banks, content, signals, look-ups, types")
def _(folder):
    place, picture, pdq = set_up(folder)
    plain = draw_pgm(folder / "plain.pgm", lambda x, y: 128).read_bytes()
    photo, video = form(("photo", "a.png", picture)), form(("video", "a.mp4", b"a film"))
    with Watched(place) as daemon:
        for path in ("/hma/site-map", "/hma/c/banks", "/hma/c/bank/LIGHTS", "/hma/c/signal_type",
                     "/hma/c/signal_type/index", "/hma/c/content_type", "/hma/c/exchanges",
                     "/hma/c/exchanges/apis", "/hma/m/index/status",
                     "/hma/m/index/status?signal_type=pdq"):
            daemon.get(path, status=200)
        daemon.post("/hma/c/banks", {"name": "QUAY", "enabled_ratio": 1.0}, status=201)
        daemon.ask("PUT", "/hma/c/bank/QUAY", {"enabled": False}, status=200)
        daemon.ask("PUT", "/hma/c/bank/QUAY", {"enabled_ratio": 1, "name": "QUAY"}, status=200)
        added, equal_one = (daemon.post("/hma/c/bank/QUAY/content", status=200, **photo).json
                            for _ in range(2))
        daemon.post("/hma/c/bank/QUAY/content", status=200, **video)
        daemon.post("/hma/c/bank/QUAY/signal", {"pdq": pdq, "md5": MD5, "sha1": "0" * 40,
                                                "photodna": "01" * 144, "note": "x"}, status=200)
        content = f"/hma/c/bank/QUAY/content/{added['id']}"
        for query in ("", "?include_signals=true", "?signal_type=pdq", "?include_signals"):
            daemon.get(content + query, status=200)
        for body in ({}, {"disable_until_ts": 1}, {"disable_until_ts": None},
                     {"disable_until_ts": 1.0}, {"disable_until_ts": 1700000000},
                     {"disable_until_ts": int(time.time()) + 9999}, {"disable_until_ts": 0},
                     {"disable_until_ts": "1"}, {"note": "by the sea"}, {"note": None}):
            equal(daemon.ask("PUT", content, body, status=200).json,
                  daemon.get(content, status=200).json)
        for path in ("/hma/h/hash", "/hma/h/hash?types=pdq,video_md5"):
            daemon.post(path, status=200, **photo)
        daemon.post("/hma/h/hash", status=200, **video)
        daemon.post("/hma/h/hash?content_type=photo", picture, status=200)
        equal(daemon.post("/hma/h/hash", plain, status=200).json, {"pdq": ""})
        for query in ("", "&include_distance=true", "&banks=QUAY,LIGHTS"):
            daemon.get(f"/hma/m/raw_lookup?signal_type=pdq&signal={pdq}{query}", status=200)
        for query in ("", "&banks=QUAY", "&bypass_coinflip=true"):
            daemon.get(f"/hma/m/lookup?signal_type=pdq&signal={pdq}{query}", status=200)
        daemon.ask("PUT", "/hma/c/bank/QUAY", {"enabled_ratio": .5}, status=200)
        daemon.get(f"/hma/m/lookup?signal_type=pdq&signal={pdq}&seed=content+7", status=200)
        daemon.ask("PUT", "/hma/c/bank/QUAY", {"enabled_ratio": "1", "name": "PIER"}, status=200)
        daemon.ask("PUT", "/hma/c/bank/PIER", {"name": "QUAY"}, status=200)
        daemon.ask("PUT", "/hma/c/bank/QUAY", {"name": "LIGHTS"}, status=403)
        daemon.ask("PUT", "/hma/c/signal_type/pdq", {"enabled_ratio": 1.0}, status=204)
        daemon.ask("PUT", "/hma/c/signal_type/pdq", {"enabled_ratio": .5}, status=501)
        daemon.post("/hma/m/lookup?banks=QUAY&bypass_coinflip=1", status=200, **photo)
        film = daemon.post("/hma/m/lookup?content_type=video", b"a film", status=200).json
        equal([m["distance"] for m in film["video_md5"]["QUAY"]], ["-"])
        told = daemon.get(f"/hma/m/raw_lookup?signal_type=photodna&signal={'01' * 144}"
                          "&include_distance", status=200).json
        equal([m["distance"] for m in told["matches"]], ["0"])
        daemon.post("/hma/m/compare", {"pdq": [pdq, pdq], "video_md5": [MD5, MD5],
                                       "photodna": ["01" * 144] * 2}, status=200)
        daemon.post("/hma/m/compare", {}, status=200)
        equal(daemon.ask("DELETE", content, status=200).json, {"deleted": 1})
        daemon.ask("DELETE", content, status=404)
        daemon.get(f"/hma/c/bank/QUAY/content/{equal_one['id']}", status=200)
        daemon.ask("DELETE", "/hma/c/bank/QUAY", status=200)
        daemon.ask("DELETE", "/hma/c/bank/QUAY", status=200)


# ---- what goes wrong ----

@case("requests that make no sense are 400, and what is not there 404")
def _(folder):
    place, picture, pdq = set_up(folder)
    with Watched(place) as daemon:
        for path in ("/v1/scan", "/v1/hash", "/hma/h/hash", "/hma/m/lookup",
                     "/hma/c/bank/LIGHTS/content"):
            daemon.post(path, b"", status=400)
            daemon.post(path + "?exact=perhaps", picture, status=400)
            daemon.post(path + "?radius=64", picture, status=400)
            daemon.post(path, b"--y\r\n", headers={
                "Content-Type": "multipart/form-data; boundary=x"}, status=400)
        for query in ("", "?signal=x", f"?signal={pdq}", f"?signal={MD5}&type=lamp",
                      f"?signal={MD5}&radius=-1", f"?signal={MD5}&max=0", f"?signal={MD5}&lists=-"):
            daemon.get("/v1/match" + query, status=400)
        daemon.get(f"/v1/match?signal={MD5}&lists=none", status=404)
        for body in (b"", b"[", b"[]", {}, {"signals": []}, {"signals": [7]},
                     {"signals": [MD5], "max": 0}, {"signals": [MD5], "radius": "1"},
                     {"signals": [MD5], "lists": "letters"}, {"signals": [MD5], "lists": [1]}):
            daemon.post("/v1/match", body, status=400)
        daemon.post("/v1/match", {"signals": [MD5], "lists": ["none"]}, status=404)
        for body in (b"", {}, {"a": MD5}, {"a": MD5, "b": "0" * 40}):
            daemon.post("/v1/compare", body, status=400)
        daemon.post("/v1/compare?radius=64", {"a": MD5, "b": MD5}, status=400)
        for body in ({"name": "x"}, {"radius": 64}, {"radius": 1.5}, {"sense": "x"}, {"enabled": 1}, [],
                     {"source": "\n"},
                     {"expires": "x"}, {"photodna_distance_max": -1}, {"licence": "x" * 256}):
            daemon.ask("PATCH", "/v1/lists/letters", body, status=400)
        for method, path, body in (("GET", "", None), ("PATCH", "", {}), ("DELETE", "", None),
                                   ("GET", "/entries", None), ("POST", "/import?delta", b"x"),
                                   ("POST", "/opinions", {"kind": "affirm", "signal": MD5})):
            daemon.ask(method, "/v1/lists/none" + path, body, status=404)
        daemon.ask("DELETE", "/v1/lists/-", status=400)
        daemon.get("/v1/lists/letters/entries?limit=1001", status=400)
        daemon.get("/v1/lists/letters/entries?cursor=elsewhere.0", status=409)
        for query, body in (("", b"nonsense\n"), ("", b""), ("", iter([])), ("?format=x", b"x"),
                            ("?type=x", b"x"), ("?sense=x", b"x"), ("?radius=x", b"x"), ("?delta=x", b"x"),
                            ("?allow_empty=x", b"x"), ("?keep_degenerate=x", b"x"), ("?scheme=a%20b", b"x"),
                            ("?label=boat", b"x"), ("?source=" + "x" * 256, b"x"), ("?format=vics", b"{")):
            daemon.post("/v1/lists/letters/import" + query, body, status=400)
        equal(daemon.get("/v1/lists/letters").json["entries"], 1)
        for body in (b"", {}, {"kind": "praise", "signal": MD5}, {"kind": "affirm", "signal": "x"},
                     {"kind": "dispute", "signal": MD5},
                     {"kind": "affirm", "signal": MD5, "who": "x" * 64},
                     {"kind": "affirm", "signal": MD5, "who": 7},
                     {"kind": "affirm", "signal": MD5, "type": 7}):
            daemon.post("/v1/lists/letters/opinions", body, status=400)
        wrong_hma(daemon, picture, pdq)


def wrong_hma(daemon, picture, pdq):
    for query in ("", "?signal_type=pdq", "?signal_type=lamp&signal=x", "?signal_type=pdq&signal=x",
                  f"?signal_type=pdq&signal={pdq}&include_distance=perhaps"):
        daemon.get("/hma/m/raw_lookup" + query, status=400)
    daemon.get("/hma/m/lookup", status=400)
    daemon.get("/hma/h/hash", status=400)
    daemon.get("/hma/m/index/status?signal_type=lamp", status=400)
    daemon.post("/hma/h/hash", status=400, **form(("photo", None, picture)))
    daemon.post("/hma/h/hash", status=400, **form(("lamp", "a.png", picture)))
    for body in (b"", {"lamp": [pdq, pdq]}, {"pdq": [pdq]}, {"pdq": ["x", "y"]}):
        daemon.post("/hma/m/compare", body, status=400)
    for body in (b"", {}, {"name": "quay"}, {"name": "QUAY", "enabled_ratio": 1.5},
                 {"name": "QUAY", "enabled": "no"}):
        daemon.post("/hma/c/banks", body, status=400)
    daemon.post("/hma/c/banks", {"name": "LIGHTS"}, status=403)
    for body in (b"", {"name": "quay"}, {"name": 7}, {"enabled_ratio": 2}, {"enabled": 1}):
        daemon.ask("PUT", "/hma/c/bank/LIGHTS", body, status=400)
    daemon.ask("PUT", "/hma/c/signal_type/pdq", {"enabled_ratio": 2}, status=400)
    daemon.ask("PUT", "/hma/c/signal_type/lamp", {"enabled_ratio": 1}, status=404)
    for body in (b"", {}, {"lamp": pdq}, {"pdq": "x"}):
        daemon.post("/hma/c/bank/LIGHTS/signal", body, status=400)
    for method, path, body in (("GET", "NONE", None), ("PUT", "NONE", {}), ("DELETE", "-", None),
                               ("POST", "NONE/content", picture), ("GET", "LIGHTS/content/1", None),
                               ("PUT", "LIGHTS/content/1", {}), ("PUT", "NONE/content/1", {}),
                               ("DELETE", "LIGHTS/content/1", None), ("GET", "NONE/content/1", None),
                               ("POST", "NONE/signal", {"pdq": pdq})):
        daemon.ask(method, "/hma/c/bank/" + path, body, status=404)
    content = daemon.get(f"/hma/m/raw_lookup?signal_type=pdq&signal={pdq}").json["matches"][0]
    for query in ("?signal_type=lamp", "?include_signals=perhaps"):
        daemon.get(f"/hma/c/bank/LIGHTS/content/{content}" + query, status=400)
    for body in (b"", b"[]", {"disable_until_ts": -1}, {"disable_until_ts": 1.5}, {"note": 7},
                 {"disable_until_ts": "soon"}, {"disable_until_ts": True}, {"note": "n" * 256},
                 {"disable_until_ts": 1 << 40}):
        daemon.ask("PUT", f"/hma/c/bank/LIGHTS/content/{content}", body, status=400)


@case("every operation that wants a key refuses none, a wrong one, and one that asks too often")
def _(folder):
    place, picture, pdq = set_up(folder)
    scopes = ("scan", "read", "write", "metrics")
    others = {scope: add_key(place, "no-" + scope, "--scope", ",".join(s for s in scopes if s != scope))
              for scope in scopes}
    often = add_key(place, "often", "--scope", "all", "--rate", "1")
    with Watched(place, demo=False) as daemon:
        daemon.get("/metrics", key=often, status=200)
        for name in described(401):
            method, path, body = sample(name, picture, pdq)
            told = daemon.ask(method, path, body, status=401)
            if name == "getStatusPage":
                assert "Basic" in told.headers["www-authenticate"], told
            scope = OPERATIONS[name][2]["x-scope"]
            daemon.ask(method, path, body, key=others[scope], status=403)
            daemon.ask(method, path, body, key=often, status=429)
        for name in set(OPERATIONS) - set(described(401)):
            equal(OPERATIONS[name][2]["x-scope"], "none")


@case("site lists are shown, links are asked about, and what was blocked is told in numbers")
def _(folder):
    place, _, _ = set_up(folder)
    ward("site", "import", "-w", place, "quays", "-", "--category", "games", "--mandatory",
         stdin=b"quay.example\nlamp.example/page\n", status=0)
    with open(place / "ward.conf", "a") as conf:
        conf.write('group "crew" { networks = [10.0.0.0/8] }\nsite_rule "crew" { group = crew; answer = note }\n')
    with Watched(place) as daemon:
        equal([row["entries"] for row in daemon.get("/v1/sites", status=200).json["lists"]], [2])
        told = daemon.post("/v1/sites/check", {"links": ["http://quay.example/x", "free.example"], "client": "10.1.1.1"},
                           status=200).json["answers"]
        equal([(row["answer"], row["rule"], row["group"]) for row in told], [("block", None, "crew"), ("note", "crew", "crew")])
        daemon.post("/v1/sites/check", {"links": ["quay.example"], "group": "crew", "user": "Mara"}, status=200)
        for wrong in ({"links": []}, {"links": ["http://"]}, {"links": ["a.example"], "group": "none"},
                      {"links": ["a.example"], "client": "nobody"}, {"links": "a.example"}):
            daemon.post("/v1/sites/check", wrong, status=400)
        for path in ("/v1/sites/counts", "/v1/sites/hosts"):
            daemon.get(path + "?days=7", status=200)
            daemon.get(path + "?days=none", status=400)
        daemon.get("/v1/sites/hosts?limit=3", status=200)


@case("URLs are not fetched unless that is allowed, and never from a private address")
def _(folder):
    place, picture, pdq = set_up(folder)
    wanted = [name for name in OPERATIONS if any(
        p["name"] == "url" for p in CONTRACT.parameters(OPERATIONS[name][1], OPERATIONS[name][2]))]
    assert len(wanted) == 7, wanted
    for conf, kind in (("", "fetch-off"), ("fetch { enabled = true }\n", "fetch-denied")):
        with Watched(place, conf=conf) as daemon:
            for name in wanted:
                method, path, _ = sample(name, picture, pdq)
                told = daemon.ask(method, path.split("?")[0] + "?url=http://127.0.0.1:1/a", status=403)
                if not path.startswith("/hma"):
                    equal(told.json["type"], "urn:ward:problem:" + kind)
    # With fetching on: both a file and a url, and no URL at all.
    with Watched(place, conf="fetch { enabled = true }\n") as daemon:
        daemon.post("/v1/scan?url=http://127.0.0.1/", picture, status=400)
        daemon.post("/v1/scan?url=lamp", status=400)


@case("bodies that are too large, coded, in parts where none go, or that do not come, are refused")
def _(folder):
    place, picture, pdq = set_up(folder)
    sums = ",".join(f"list-{i}" for i in range(65))
    with Watched(place, conf="server { body_max = 1KB; request_time = 500ms }\n"
                             "scan { bytes_max = 2KB }\n") as daemon:
        for name in described(413):
            method, path, _ = sample(name, b"", pdq)
            if name == "matchSignal":
                daemon.get(f"/v1/match?signal={MD5}&lists={sums}", status=413)
            else:
                path = path.partition("?")[0]
                daemon.ask(method, path, bytes(4000), status=413)
                daemon.ask(method, path, iter([bytes(3000), bytes(3000)]), status=413)
        for name in described(415):
            method, path, _ = sample(name, b"", pdq)
            daemon.ask(method, path, b"x", {"Content-Encoding": "gzip"}, status=415)
            daemon.ask(method, path, b"x", {"Content-Type": "multipart/mixed; boundary=x"}, status=415)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda name: too_slow(daemon, name, pdq), described(408)))


def too_slow(daemon, name, pdq):
    method, path, _ = sample(name, b"", pdq)
    got = daemon.raw(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n"
                     .encode(), b"{")
    head, _, body = got.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:])}
    equal(int(headers["content-length"]), len(body))
    check(method, path, b"", Answer(int(lines[0].split()[1]), headers, body))


@case("while it stops, what has to wait is refused and told when to come back")
def _(folder):
    place, picture, pdq = set_up(folder)
    with Watched(place, conf="server { drain_time = 1min; request_time = 1min }\n") as daemon:
        # A request that has not arrived wholly keeps it from being gone at once.
        with socket.create_connection(("127.0.0.1", daemon.port)) as slow:
            slow.sendall(b"POST /v1/scan HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx")
            wait_until(lambda: "ward_requests_in_flight 2" in daemon.get("/metrics").body.decode())
            daemon.process.send_signal(signal.SIGTERM)
            wait_until(lambda: daemon.get("/v1/health/ready").status == 503)
            for name in described(503):
                method, path, body = sample(name, picture, pdq)
                if "url=" in path:
                    path = path.partition("?")[0]
                told = daemon.ask(method, path, body, status=503)
                if OPERATIONS[name][2]["x-lane"] != "at-once":
                    assert int(told.headers["retry-after"]) >= 1
            for name in OPERATIONS:
                if OPERATIONS[name][2]["x-lane"] == "at-once" and name not in described(503):
                    method, path, body = sample(name, picture, pdq)
                    daemon.ask(method, path, body, status=200)


@case("a list that somebody else changes is a 409, one that cannot be written a 507, and neither "
      "tells where it lies")
def _(folder):
    place, picture, pdq = set_up(folder)
    with Watched(place) as daemon:
        content = daemon.get(f"/hma/m/raw_lookup?signal_type=pdq&signal={pdq}").json["matches"][0]

        def all_say(status, names):
            for name in names:
                told = daemon.ask(*sample(name, picture, pdq, content), status=status)
                assert str(place).encode() not in told.body, told

        (place / "lists/HARBOUR").mkdir()
        held = [open(place / "lists" / name / "lock", "w") for name in ("letters", "LIGHTS", "HARBOUR")]
        for lock in held:
            fcntl.flock(lock, fcntl.LOCK_EX)
        all_say(409, (name for name in described(409) if name != "getListEntries"))
        for lock in held:
            os.unlink(lock.name)
            lock.close()
        for name in ("letters", "LIGHTS", "HARBOUR"):
            (place / "lists" / name / "lock").mkdir()
        (place / "lists/letters/opinions.jsonl").mkdir()
        all_say(507, described(507, x_lane="lists"))
        # Something that is no folder stands where the list would.
        (place / "lists/QUAY").write_bytes(b"")
        told = daemon.post("/hma/c/banks", {"name": "QUAY"}, status=409)
        assert str(place).encode() not in told.body, told
        # Files that are not small go beside the workspace's own.
        os.rename(place, folder / "elsewhere")
        for name in described(507, x_lane="scan"):
            method, path, _ = sample(name, picture, pdq)
            if method == "POST":
                large = form(("a", "a", bytes(9 << 20)), ("b", "b", b""))
                told = daemon.ask(method, path, status=507, **large)
                assert str(place).encode() not in told.body, told


@case("every described answer was seen")
def _(_):
    missing = []
    for name, (_, _, operation) in OPERATIONS.items():
        for status in map(int, operation["responses"]):
            if (name, status) not in seen and not {("*", status), (name, status)} & set(NOT_SEEN):
                missing.append((name, status))
    equal(missing, [])
    # Nor is anything excused that was seen.
    equal([row for row in NOT_SEEN if row in seen], [])


if __name__ == "__main__":
    run_cases()
