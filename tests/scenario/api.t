#!/usr/bin/env python3
"""wardd over HTTP: scans, look-ups, lists, keys, the page."""
import base64
import hashlib
import html.parser
import threading
import zipfile

from daemon import *
from scenario import *

LETTER = b"Dear keeper, the lamp is lit.\n"
MD5 = hashlib.md5(LETTER).hexdigest()


def set_up(folder):
    """A workspace that knows a lighthouse and a letter, and the lighthouse's bytes and hash."""
    picture = draw_png(folder / "lighthouse.png", lighthouse)
    pdq = hash_of(picture)["pdq"]
    return workspace(folder, lighthouses=["pdq:" + pdq], letters=[MD5]), picture.read_bytes(), pdq


@case("a listed picture is blocked, a changed copy held, another allowed")
def _(folder):
    place, picture, pdq = set_up(folder)
    copy = draw_png(folder / "copy.png", lighthouse, 280, 260, lambda v: v * .9 + 12).read_bytes()
    other = draw_png(folder / "other.png", bridge).read_bytes()
    with Daemon(place) as daemon:
        known = daemon.post("/v1/scan", picture, status=200).json
        equal(known["verdict"], "block")
        equal(known["files"][0]["findings"][0]["list"], "lighthouses")
        near = daemon.post("/v1/scan", copy, status=200).json
        equal(near["verdict"], "hold")
        assert 0 < near["files"][0]["findings"][0]["distance"] <= 31
        equal(daemon.post("/v1/scan?radius=0", copy, status=200).json["verdict"], "allow")
        equal(daemon.post("/v1/scan", other, status=200).json["verdict"], "allow")
        equal(daemon.post("/v1/scan", LETTER, status=200).json["verdict"], "block")


@case("several files go in one form, each with its report; every part is scanned")
def _(folder):
    place, picture, _ = set_up(folder)
    with Daemon(place) as daemon:
        told = daemon.post("/v1/scan", status=200, **form(
            ("a", "a.png", picture), ("b", "b.txt", b"hello"), ("c", None, LETTER))).json
        equal([f["verdict"]["kind"] for f in told["files"]], ["block", "allow", "block"])
        equal([f["field"] for f in told["files"]], ["a", "b", "c"])
        equal([f["items"][0]["md5"] for f in told["files"]],
              [hashlib.md5(d).hexdigest() for d in (picture, b"hello", LETTER)])
        equal(told["verdict"], "block")


@case("chunks of a body, a large body and an archive come to the same")
def _(folder):
    place, picture, _ = set_up(folder)
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("inside.png", picture)
    large = bytes(20 << 20) + LETTER
    with Daemon(place) as daemon:
        told = daemon.post("/v1/scan", iter([picture[:7], picture[7:5000], picture[5000:]]),
                           status=200).json
        equal(told["verdict"], "block")
        told = daemon.post("/v1/scan", large, status=200).json
        equal(told["files"][0]["items"][0]["sha256"], hashlib.sha256(large).hexdigest())
        told = daemon.post("/v1/scan", (folder / "a.zip").read_bytes(), status=200).json
        equal(told["files"][0]["findings"][0]["path"], "inside.png")
        # What arrived is gone: nothing is left beside the workspace's own files.
        equal([p.name for p in place.iterdir() if p.name.startswith("tmp")], [])


@case("a file that cannot be read is held, never clean")
def _(folder):
    place, picture, _ = set_up(folder)
    with Daemon(place) as daemon:
        told = daemon.post("/v1/scan", picture[:len(picture) // 2], status=200).json
        equal(told["verdict"], "hold")
        equal(told["files"][0]["findings"][0]["kind"], "unreadable")


@case("hashes are those of the command")
def _(folder):
    place, picture, _ = set_up(folder)
    want = hash_of(folder / "lighthouse.png")
    with Daemon(place) as daemon:
        item = daemon.post("/v1/hash", picture, status=200).json["files"][0]["items"][0]
        equal([item[k] for k in ("md5", "sha1", "sha256")],
              [want[k] for k in ("md5", "sha1", "sha256")])
        equal([item["frames"][0][k] for k in ("pdq", "quality", "pdq512")],
              [want[k] for k in ("pdq", "quality", "pdq512")])


@case("signals are looked up one by one and together")
def _(folder):
    place, _, pdq = set_up(folder)
    flipped = f"{int(pdq[0], 16) ^ 1:x}" + pdq[1:]
    with Daemon(place) as daemon:
        one = daemon.get(f"/v1/match?type=pdq&signal={flipped}", status=200).json
        equal((one["total"], one["hits"][0]["list"], one["hits"][0]["distance"]),
              (1, "lighthouses", 1))
        equal(one["hits"][0]["signal"], pdq)
        equal(daemon.get(f"/v1/match?signal=pdq:{flipped}&radius=0", status=200).json["hits"], [])
        equal(daemon.get(f"/v1/match?signal={MD5}&lists=lighthouses", status=200).json["hits"], [])
        many = daemon.post("/v1/match", {"signals": [MD5, "pdq:" + flipped, "f" * 40, {
            "type": "pdq", "signal": pdq}] * 300}, status=200).json["answers"]
        equal(len(many), 1200)
        equal([a["total"] for a in many[-4:]], [1, 1, 0, 1])
        equal(daemon.get("/v1/match?signal=" + pdq).status, 400)
        equal(daemon.get(f"/v1/match?signal={MD5}&lists=none").status, 404)
        equal(daemon.post("/v1/match", {"signals": ["x"]}).status, 400)


@case("two files or two signals are compared")
def _(folder):
    place, picture, pdq = set_up(folder)
    mirror = draw_png(folder / "mirror.png", lambda x, y: lighthouse(1 - x, y)).read_bytes()
    with Daemon(place) as daemon:
        told = daemon.post("/v1/compare", {"a": "pdq:" + pdq, "b": "pdq:" + pdq[:-1] + "0"},
                           status=200).json
        equal((told["distance"], told["similar"]), (bin(int(pdq[-1], 16)).count("1"), True))
        told = daemon.post("/v1/compare", status=200, **form(
            ("a", "a", picture), ("b", "b", mirror))).json
        assert told["distance"] > 31 and told["nearest"] <= 31, told
        equal((told["orientation"], told["similar"], told["identical"]), ("flipy", True, False))
        equal(daemon.post("/v1/compare", {"a": MD5, "b": "pdq:" + pdq}).status, 400)
        equal(daemon.post("/v1/compare", **form(("a", "a", picture))).status, 400)


@case("a list is imported, shown page by page, changed, disputed and deleted")
def _(folder):
    place, picture, pdq = set_up(folder)
    lines = "".join(hashlib.md5(b"%d" % i).hexdigest() + "\n" for i in range(250)) + "nonsense\n"
    with Daemon(place) as daemon:
        made = daemon.post("/v1/lists/sums/import?source=harbour", lines.encode(),
                           status=201).json
        equal([made[k] for k in ("records", "added", "bad")], [251, 250, 1])
        assert made["quarantine"] and "/" not in made["quarantine"]
        equal(daemon.post("/v1/lists/sums/import?delta=1", MD5.encode(), status=200).json["added"],
              1)
        seen, path = [], "/v1/lists/sums/entries?limit=100"
        while path:
            page = daemon.get(path, status=200).json
            seen += [e["entry"] for e in page["entries"]]
            path = page["next"] and f"/v1/lists/sums/entries?limit=100&cursor={page['next']}"
        equal(len(seen), 251)
        equal(seen, sorted(set(seen)))
        cursor = daemon.get("/v1/lists/sums/entries?limit=3").json["next"]
        equal(daemon.post("/v1/scan", LETTER).json["verdict"], "block")
        now = daemon.ask("PATCH", "/v1/lists/sums", {"enabled": False, "licence": "ours"},
                         status=200).json
        equal((now["enabled"], now["licence"], now["entries"]), (False, "ours", 251))
        daemon.post("/v1/lists/letters/opinions", {
            "kind": "dispute", "signal": MD5, "reason": "it is a letter"}, status=201)
        hit = daemon.get("/v1/match?signal=" + MD5).json["hits"][0]
        equal((hit["list"], hit["disputed"]), ("letters", 1))
        equal(daemon.post("/v1/lists/letters/opinions",
                          {"kind": "dispute", "signal": MD5}).status, 400)
        daemon.post("/v1/lists/sums/import", MD5.encode(), status=200)
        equal(daemon.get(f"/v1/lists/sums/entries?cursor={cursor}").status, 409)
        daemon.ask("DELETE", "/v1/lists/sums", status=200)
        equal(daemon.get("/v1/lists/sums").status, 404)
        equal(daemon.ask("DELETE", "/v1/lists/sums").status, 404)
        for bad in ({"name": "x"}, {"radius": 64}, {"sense": "maybe"}, {"enabled": 1}, [],
                    {"source": "a\nb"}, {"expires": "soon"}):
            equal(daemon.ask("PATCH", "/v1/lists/letters", bad).status, 400)


@case("a long import passes in pieces, and one that breaks off changes nothing")
def _(folder):
    place, _, _ = set_up(folder)
    lines = b"".join(hashlib.md5(b"%d" % i).hexdigest().encode() + b"\n" for i in range(100000))

    def pieces():
        for at in range(0, len(lines), 50000):
            yield lines[at:at + 50000]

    with Daemon(place) as daemon:
        equal(daemon.post("/v1/lists/long/import", pieces(), status=201).json["added"], 100000)
        version = daemon.get("/v1/lists/long").json["version"]
        with socket.create_connection(("127.0.0.1", daemon.port)) as peer:
            peer.sendall(b"POST /v1/lists/long/import HTTP/1.1\r\nHost: localhost\r\n"
                         b"Content-Length: 3300000\r\n\r\n" + lines[:1000000])
        time.sleep(.5)
        equal(daemon.get("/v1/lists/long").json["version"], version)
        # The thread that changes lists is free again.
        daemon.post("/v1/lists/next/import", MD5.encode(), status=201)


@case("an import that grows too large while it arrives is refused, and changes nothing")
def _(folder):
    place, _, _ = set_up(folder)
    with Daemon(place, conf="scan { bytes_max = 10KB }\n") as daemon:
        for size in (6000, 30000, 3000000) * 5:
            pieces = iter([MD5.encode() + b"\n", bytes(size), bytes(size)])
            told = daemon.post("/v1/lists/letters/import", pieces, status=413)
            equal(told.json["detail"], "A body here is at most 10240 bytes.")
            equal(daemon.get("/v1/lists/letters").json["deltas"], 0)
        daemon.post("/v1/lists/letters/import", iter([MD5.encode()]), status=200)


@case("an import of nothing does not empty the list that is there")
def _(folder):
    place, _, _ = set_up(folder)
    with Daemon(place) as daemon:
        for body in (b"", iter([])):
            for query in ("", "?delta", "?format=csv"):
                daemon.post("/v1/lists/letters/import" + query, body, status=400)
        equal(daemon.post("/v1/scan", LETTER).json["verdict"], "block")


@case("a list that the command changes is in use within a second, also while scans run")
def _(folder):
    place, picture, _ = set_up(folder)
    with Daemon(place, conf="server { refresh_time = 100ms }\n") as daemon:
        done, wrong = threading.Event(), []

        def scan():
            while not done.is_set():
                told = daemon.post("/v1/scan", picture)
                if told.status != 200 or told.json["verdict"] != "block":
                    wrong.append(told)

        threads = [threading.Thread(target=scan) for _ in range(3)]
        for thread in threads:
            thread.start()
        for i in range(6):
            data = b"letter %d" % i
            equal(daemon.post("/v1/scan", data).json["verdict"], "allow")
            import_list(place, "growing", [hashlib.md5(data).hexdigest()])
            wait_until(lambda: daemon.post("/v1/scan", data).json["verdict"] == "block", 5)
        done.set()
        for thread in threads:
            thread.join()
        equal(wrong, [])


# ---- keys ----

@case("without a key nothing is answered but health")
def _(folder):
    place, picture, _ = set_up(folder)
    with Daemon(place, demo=False) as daemon:
        told = daemon.post("/v1/scan", picture, status=401)
        equal(told.headers["content-type"], "application/problem+json")
        equal(told.json["type"], "urn:ward:problem:no-key")
        assert told.headers["www-authenticate"].startswith("Bearer")
        for path in ("/", "/metrics", "/v1/lists", "/hma/c/banks"):
            daemon.get(path, status=401)
        daemon.get("/v1/lists", key="ward_" + "A" * 43, status=401)
        equal(daemon.get("/v1/health/live", status=200).body, b"live\n")
        equal(daemon.get("/v1/health/ready", status=200).body, b"ready\n")


@case("a key may do what its scopes say, comes in three ways, and is noticed when it is made")
def _(folder):
    place, picture, _ = set_up(folder)
    with Daemon(place, demo=False, conf="server { refresh_time = 100ms }\n") as daemon:
        scan = add_key(place, "scanner", "--scope", "scan")
        wait_until(lambda: daemon.get("/v1/match?signal=" + MD5, key=scan).status == 200, 10)
        daemon.post("/v1/scan", picture, key=scan, status=200)
        daemon.post("/v1/scan", picture, headers={"X-Api-Key": scan}, status=200)
        told = daemon.get("/v1/lists", key=scan, status=403)
        assert "read" in told.json["detail"], told
        daemon.post("/v1/lists/x/import", MD5.encode(), key=scan, status=403)
        watch = add_key(place, "watcher", "--scope", "metrics,read")
        wait_until(lambda: daemon.get("/metrics", key=watch).status == 200, 10)
        daemon.get("/v1/lists", key=watch, status=200)
        daemon.post("/v1/scan", picture, key=watch, status=403)
        basic = base64.b64encode(b"me:" + watch.encode()).decode()
        daemon.get("/", headers={"Authorization": "Basic " + basic}, status=200)
        ward("key", "remove", "-w", place, "scanner", status=0)
        wait_until(lambda: daemon.post("/v1/scan", picture, key=scan).status == 401, 10)
        assert scan not in daemon.log() and watch not in daemon.log()


@case("a key that asks too often is told when to come back, another is not")
def _(folder):
    place, _, _ = set_up(folder)
    few, many = add_key(place, "few", "--rate", "5"), add_key(place, "many")
    with Daemon(place, demo=False) as daemon:
        answers = [daemon.get("/v1/match?signal=" + MD5, key=few) for _ in range(8)]
        equal([a.status for a in answers], [200] * 5 + [429] * 3)
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 13, answers[-1]
        daemon.get("/v1/match?signal=" + MD5, key=many, status=200)


@case("the demonstration answers no page of another site")
def _(folder):
    place, picture, _ = set_up(folder)
    with Daemon(place) as daemon:
        daemon.get("/v1/lists", status=200)
        daemon.get("/v1/lists", headers={"Host": "evil.example"}, status=401)
        daemon.post("/v1/scan", picture, headers={"Origin": "https://evil.example"}, status=401)
        daemon.ask("DELETE", "/v1/lists/letters", headers={"Sec-Fetch-Site": "cross-site"},
                   status=401)


# ---- the rest ----

@case("what is wrong is a problem with a way out, and repeats nothing")
def _(folder):
    place, picture, _ = set_up(folder)
    with Daemon(place) as daemon:
        for method, path, body, status in (
                ("GET", "/secret", None, 404), ("PUT", "/v1/scan", b"secret", 405),
                ("POST", "/v1/scan", b"", 400), ("POST", "/v1/scan?radius=secret", picture, 400),
                ("POST", "/v1/match", b"{secret", 400), ("POST", "/v1/scan?exact=secret", b"x", 400),
                ("GET", "/v1/lists/secret", None, 404), ("GET", "/v1/match?signal=secret", None, 400),
                ("POST", "/v1/scan?url=http://secret.example/", None, 403),
                ("POST", "/v1/lists/.secret/import", b"x", 400),
                ("POST", "/v1/lists/x/import?format=secret", b"x", 400)):
            told = daemon.ask(method, path, body, status=status)
            assert b"secret" not in told.body, told
            problem = told.json
            equal(sorted(problem), ["detail", "instance", "status", "title", "type"])
            equal(problem["status"], status)
            assert problem["instance"].endswith(told.headers["x-request-id"])
        equal(daemon.ask("PUT", "/v1/lists/letters").headers["allow"], "GET, PATCH, DELETE")
        assert "secret" not in daemon.log()


@case("every answer has the headers that keep browsers in check")
def _(folder):
    place, _, _ = set_up(folder)
    with Daemon(place) as daemon:
        for path in ("/", "/v1/lists", "/nowhere", "/metrics", "/v1/health/live"):
            headers = daemon.get(path).headers
            equal(headers["x-content-type-options"], "nosniff")
            equal(headers["cache-control"], "no-store")
            equal(headers["referrer-policy"], "no-referrer")
            assert headers["content-security-policy"].startswith("default-src 'none'")
            assert "unsafe" not in headers["content-security-policy"]
            assert headers["x-request-id"]


@case("metrics count what was done")
def _(folder):
    place, picture, _ = set_up(folder)
    with Daemon(place) as daemon:
        daemon.post("/v1/scan", picture)
        daemon.post("/v1/scan", b"hello")
        daemon.get("/nowhere")
        text = wait_until(lambda: (t := daemon.get("/metrics").body.decode())
                          and 'route="/v1/scan",status="200"} 2' in t and t)
        values = dict(line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")
        equal(values['ward_scans_total{verdict="block"}'], "1")
        equal(values['ward_scans_total{verdict="allow"}'], "1")
        equal(values['ward_findings_total{kind="known"}'], "1")
        equal(values['ward_http_requests_total{method="other",route="other",status="404"}'], "1")
        equal(values['ward_list_entries{list="letters",sense="deny",enabled="1"}'], "1")
        equal(values['ward_http_request_seconds_count{method="POST",route="/v1/scan"}'], "2")
        equal(values['ward_scanned_bytes_total'], str(len(picture) + 5))
        assert int(values["process_resident_memory_bytes"]) > 1 << 20
        for name in {re.split(r"[{ ]", line)[0] for line in values}:
            base = re.sub(r"_(bucket|sum|count)$", "", name)
            assert f"# TYPE {base} " in text, base


class Page(html.parser.HTMLParser):
    """Every element that is opened is closed, in order."""
    void = {"meta", "link", "br", "hr", "img"}

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        equal(len(names), len(set(names)))
        assert not any(name.startswith("on") or name == "style" for name in names), attrs
        self.seen.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag):
        equal(self.open.pop(), tag)


@case("the page is well-formed, without script, in three languages and both directions")
def _(folder):
    place, _, _ = set_up(folder)
    with Daemon(place) as daemon:
        for query, lang, direction in (("", "en", "ltr"), ("?lang=es", "es", "ltr"),
                                       ("?lang=ar", "ar", "rtl"), ("?lang=%3Cx%3E", "en", "ltr")):
            got = daemon.get("/" + query, status=200)
            text = got.body.decode()
            page = Page()
            page.feed(text)
            page.close()
            equal(page.open, [])
            assert text.startswith("<!doctype html>")
            tags = [tag for tag, _ in page.seen]
            assert "script" not in tags and "style" not in tags
            root = page.seen[0][1]
            equal((root["lang"], root["dir"]), (lang, direction))
            ids = [attrs["id"] for _, attrs in page.seen if "id" in attrs]
            equal(len(ids), len(set(ids)))
            for _, attrs in page.seen:
                if "aria-labelledby" in attrs:
                    assert attrs["aria-labelledby"] in ids
            assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}
                    ) in page.seen
            assert "lighthouses" in text and "letters" in text
            assert "lists" in ids and "<x>" not in text
        equal(daemon.get("/", headers={"Accept-Language": "fr, ar-EG;q=.8"}).body.count(b'dir="rtl"'),
              1)
        style = daemon.get("/status.css", status=200).body.decode()
        assert "prefers-color-scheme:dark" in style
        # The page turns with its direction: nothing is tied to a side but the command line.
        equal(re.findall(r"(?:margin|padding|border)-(?:left|right)|text-align:(?:left|right)",
                         style), ["text-align:left"])


@case("the configuration is checked, and a mistake in it starts nothing")
def _(folder):
    place, _, _ = set_up(folder)

    def run(*args):
        return subprocess.run([WARDD, *map(str, args)], capture_output=True, text=True,
                              env=environment(), timeout=60)

    equal(run("-w", place, "-n").returncode, 0)
    (place / "ward.conf").write_text("server { port = lots }\n")
    for args in (("-w", place, "-n"), ("-w", place)):
        done = run(*args)
        equal(done.returncode, 2)
        assert "line 1" in done.stderr or ":1" in done.stderr, done.stderr
    equal(run("-w", folder / "nowhere").returncode, 2)
    equal(run("--nonsense").returncode, 2)
    equal(run("-w", place, "--listen", "everywhere").returncode, 2)
    equal(run("--help").returncode, 0)
    assert "POST\t/v1/scan\tscan\t-\tfiles\tscan\n" in run("--routes").stdout


@case("SIGHUP reads ward.conf again, and keeps the old one when the new is wrong")
def _(folder):
    place, picture, _ = set_up(folder)
    with Daemon(place, conf="server { body_max = 1MB }\n") as daemon:
        daemon.post("/v1/scan", bytes(2000), status=200)
        (place / "ward.conf").write_text("server { body_max = 1KB }\n")
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: daemon.post("/v1/scan", bytes(2000)).status == 413)
        (place / "ward.conf").write_text("server { body_max = none }\n")
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "refresh_failed" in daemon.log())
        equal(daemon.post("/v1/scan", bytes(2000)).status, 413)
        daemon.post("/v1/scan", bytes(900), status=200)


if __name__ == "__main__":
    run_cases()
