#!/usr/bin/env python3
"""ward site serve --oblivious and ward site ask: both real programs, and strangers between them."""
import contextlib
import hashlib
import http.client
import http.server
import re
import signal
import socket
import threading
import time

from scenario import *

PLACES = ["lighthouse.example", "pages.example.com/lamp", "files.example.com/tower/...",
          "=exact.example.org", "192.0.2.7", "198.51.100.0/24"]
LINES = str(BUILD / "tests/site_lines")


def put_list(place, lines, name="places"):
    (place / "sites").mkdir(exist_ok=True)
    subprocess.run([LINES, str(place / "sites" / name)], input="".join(f"{l}\n" for l in lines).encode(), check=True)


def keys(place, name, scope="ask"):
    done = ward("key", "add", "-w", place, name, "--scope", scope, status=0)
    path = place.parent / f"{name}.key"
    path.write_bytes(done.stdout)
    return path


class Server:
    """ward site serve on a port of its own."""

    def __init__(self, place, *more, lists=("places",)):
        self.path = place.parent / f"serve-{time.monotonic_ns()}.log"
        with open(self.path, "wb") as log:
            self.process = subprocess.Popen([WARD, "site", "serve", "-w", str(place), "--oblivious", "--listen",
                                             "127.0.0.1:0", *map(str, more), *lists], stderr=log, env=environment())
        for _ in range(400):
            found = re.search(r" ready address=(\S+) identity=([0-9a-f]{64})", self.log())
            if found or self.process.poll() is not None:
                break
            time.sleep(.02)
        if not found:
            raise AssertionError(self.log())
        self.url, self.identity = found[1], found[2]
        self.port = int(self.url.rsplit(":", 1)[1])

    def log(self):
        return self.path.read_text()

    def stop(self):
        self.process.terminate()
        return self.process.wait(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def http(self, method, path, body=None, key=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Authorization": "Bearer " + key.read_text().strip()} if key else {}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()


def ask(server, key, *links, url=None, identity=None, status=None, more=()):
    return ward("site", "ask", "--server", url or server.url, "--identity", identity or server.identity, "--key", key,
                "--json", *more, *links, status=status)


def start(folder, *more):
    place = workspace(folder)
    put_list(place, PLACES)
    return place, keys(place, "client"), Server(place, *more)


@case("who asks learns whether a link is listed, and by what kind of entry")
def _(folder):
    place, key, server = start(folder)
    with server:
        done = ask(server, key, "https://www.lighthouse.example/a?b", "http://pages.example.com/lamp?x=1",
                   "files.example.com/tower/2", "exact.example.org", "http://192.0.2.7/x", status=1)
        equal([(row["listed"], row["kinds"]) for row in rows(done)],
              [(True, ["domain"]), (True, ["page"]), (True, ["prefix"]), (True, ["host"]), (True, ["domain"])])
        done = ask(server, key, "https://example.org/", "http://pages.example.com/lamps", "sub.exact.example.org",
                   "http://198.51.100.7/", status=0)
        equal([(row["listed"], row["kinds"], row["whole"]) for row in rows(done)], [(False, [], True)] * 4)
        equal(ward("site", "ask", "--server", server.url, "--key", key, "lighthouse.example", status=1).stdout,
              b"listed\tdomain\tlighthouse.example\n")
    assert " left_out networks=1 hashes=0" in server.log(), server.log()


@case("the server is told nothing of a link: bytes, sizes and log are the same for every question")
def _(folder):
    place, key, server = start(folder)
    seen = []

    class Between(http.server.BaseHTTPRequestHandler):
        def answer(self, body):
            status, headers, reply = server.http(self.command, self.path, body, key)
            seen.append((self.command, self.path, body, dict(self.headers), len(reply)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def do_GET(self):
            self.answer(None)

        def do_POST(self):
            self.answer(self.rfile.read(int(self.headers["Content-Length"])))

        def log_message(self, *_):
            pass

    with server, http.server.HTTPServer(("127.0.0.1", 0), Between) as between:
        threading.Thread(target=between.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{between.server_port}"
        links = ["lighthouse.example", "https://a.b.c.d.example.org/1/2/3/4?q=secret-word", "lighthouse.example"]
        for link in links:
            ask(server, key, link, url=url)
        between.shutdown()
    posts = [s for s in seen if s[0] == "POST"]
    equal(len(posts), 3)
    equal({(len(p[2]), p[4]) for p in posts}, {(1056, 1112 + 256 * 16)})
    # One table and shelf; of the points none is met again, also of the same link.
    equal(len({p[2][:32] for p in posts}), 1)
    points = [p[2][32 + 32 * i:64 + 32 * i] for p in posts for i in range(32)]
    equal(len(set(points)), 96)
    told = repr(seen) + server.log()
    for word in ("lighthouse", "secret-word", "example"):
        assert word not in told, word


@case("an answer under a key that was not published is refused, and so is a server of another name")
def _(folder):
    place, key, server = start(folder)
    other_place = workspace(folder / "other")
    put_list(other_place, ["nothing.example"])
    other_key = keys(other_place, "client")
    other = Server(other_place)

    class Forger(http.server.BaseHTTPRequestHandler):
        """Publishes what the first says, and answers with the second's key in the first's name."""

        def do_GET(self):
            self.reply(*server.http("GET", self.path, None, key))

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            ours = other.http("GET", "/v1/site/oblivious", None, other_key)[2]
            status, headers, reply = other.http("POST", self.path, body[:8] + ours[32:48] + body[24:], other_key)
            self.reply(status, headers, reply[:8] + body[8:24] + reply[24:])

        def reply(self, status, headers, reply):
            self.send_response(status)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_):
            pass

    with server, other, http.server.HTTPServer(("127.0.0.1", 0), Forger) as forger:
        threading.Thread(target=forger.serve_forever, daemon=True).start()
        done = ask(server, key, "lighthouse.example", url=f"http://127.0.0.1:{forger.server_port}", status=2)
        assert b"did not use the key that it has published" in done.stderr, done.stderr
        equal(done.stdout, b"")
        forger.shutdown()
        done = ask(server, key, "lighthouse.example", identity=other.identity, status=2)
        assert b"is not the one whose key was given" in done.stderr, done.stderr
        # It is the same one after a restart.
        server.stop()
        with Server(place) as again:
            equal(again.identity, server.identity)


@case("a key has its quota, a key without the scope asks nothing, and one that is taken away no more")
def _(folder):
    place, key, server = start(folder, "--quota", "3")
    reader = keys(place, "reader", "scan,read")
    with server:
        for _ in range(3):
            ask(server, key, "example.org", status=0)
        done = ask(server, key, "lighthouse.example", status=2)
        assert b"quota" in done.stderr, done.stderr
        status, headers, _ = server.http("POST", "/v1/site/oblivious", bytes(1056), key)
        equal(status, 429)
        assert 3000 < int(headers["retry-after"]) <= 3600, headers
        assert b"does not know" in ask(server, reader, "example.org", status=2).stderr
        equal(server.http("GET", "/v1/site/oblivious")[0], 401)
        # A key that is made while it runs has a count of its own.
        late = keys(place, "late")
        ward("key", "remove", "-w", place, "client", status=0)
        server.process.send_signal(signal.SIGHUP)
        for _ in range(150):
            if server.http("GET", "/v1/site/oblivious", None, late)[0] == 200:
                break
            time.sleep(.1)
        ask(server, late, "lighthouse.example", status=1)
        equal(server.http("GET", "/v1/site/oblivious", None, key)[0], 401)
        equal(server.stop(), 0)
    assert " over_quota questions=2" in server.log(), server.log()
    assert " over_quota=2" in server.log(), server.log()


@case("hostile bytes are refused, and questions go on")
def _(folder):
    place, key, server = start(folder)
    with server:
        status, headers, info = server.http("GET", "/v1/site/oblivious", None, key)
        equal((status, len(info)), (200, 208))
        path = "/v1/site/oblivious"
        good = b"WOBQ\1\0\0\0" + info[32:48] + bytes(8)
        for body, wanted in ((b"", 400), (b"x", 400), (bytes(1056), 400), (bytes(1057), 413), (bytes(500000), 413),
                             (good + bytes(1024), 400), (good + b"\xff" * 1024, 400),
                             (good[:24] + b"\xff" * 8 + bytes(1024), 400),
                             (good[:8] + bytes(16) + good[24:] + bytes(1024), 409)):
            equal((len(body), server.http("POST", path, body, key)[0]), (len(body), wanted))
        for method, where, wanted in (("GET", "/", 404), ("GET", path + "/common/", 404), ("POST", "/v1/other", 404),
                                      ("GET", path + "/common/" + "0" * 64, 404), ("DELETE", path, 405)):
            equal((where, server.http(method, where, None, key)[0]), (where, wanted))
        for raw in (b"\0" * 100, b"GET " + b"a" * 100000, b"POST /v1/site/oblivious HTTP/1.1\r\nContent-Length: -1\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", server.port), timeout=5) as peer:
                with contextlib.suppress(OSError):
                    peer.sendall(raw)
                    peer.shutdown(socket.SHUT_WR)
                    while peer.recv(65536):
                        pass
        ask(server, key, "lighthouse.example", status=1)


@case("a list that changes is in the table, under a new key, and nobody is told wrongly meanwhile")
def _(folder):
    place, key, server = start(folder)
    cache = folder / "not/yet/there"
    with server:
        before = server.http("GET", "/v1/site/oblivious", None, key)[2]
        ask(server, key, "new.example", status=0, more=("--cache", cache))
        equal(len(list(cache.iterdir())), 1)
        put_list(place, PLACES + ["new.example", "beacon"])
        server.process.send_signal(signal.SIGHUP)
        for _ in range(150):
            if server.http("GET", "/v1/site/oblivious", None, key)[2][32:48] != before[32:48]:
                break
            time.sleep(.1)
        after = server.http("GET", "/v1/site/oblivious", None, key)[2]
        assert before[48:80] != after[48:80]
        ask(server, key, "new.example", status=1, more=("--cache", cache))
        # What has no shelf comes by the common part, from the network or the cache.
        ask(server, key, "any.name.beacon", status=1, more=("--cache", cache))
        # One file a server, however many tables there have been; what is wrong in it is fetched again.
        kept, = cache.iterdir()
        equal(kept.name, server.identity + ".common")
        equal(hashlib.sha256(kept.read_bytes()).digest(), after[80:112])
        kept.write_bytes(bytes(1024))
        ask(server, key, "any.name.beacon", status=1, more=("--cache", cache))
        # Where nothing can be kept, the answer is the same, and it is said.
        told = ask(server, key, "any.name.beacon", status=1, more=("--cache", kept))
        assert b"nothing is kept for the next time" in told.stderr, told.stderr


@case("a table whose common part cannot be had is trouble for each link, and tells of none that it is not listed")
def _(folder):
    place = workspace(folder)
    put_list(place, PLACES + ["beacon"])
    key, server = keys(place, "client"), Server(place)
    state = {"over": False, "lost": True}

    class Between(http.server.BaseHTTPRequestHandler):
        """Says once that the table is over, and then has no common part any more."""

        def do_GET(self):
            if state["over"] and state["lost"] and "/common/" in self.path:
                return self.reply(404, b"{}")
            status, _, reply = server.http("GET", self.path, None, key)
            self.reply(status, reply)

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if not state["over"]:
                state["over"] = True
                return self.reply(409, b"{}")
            status, _, reply = server.http("POST", self.path, body, key)
            self.reply(status, reply)

        def reply(self, status, reply):
            self.send_response(status)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_):
            pass

    with server, http.server.HTTPServer(("127.0.0.1", 0), Between) as between:
        threading.Thread(target=between.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{between.server_port}"
        done = ask(server, key, "example.org", "any.name.beacon", "lighthouse.example", url=url, status=2)
        equal((done.stdout, done.stderr.count(b"status 404")), (b"", 3))
        state.update(over=False, lost=False)
        equal([row["listed"] for row in rows(ask(server, key, "example.org", "any.name.beacon", url=url))], [False, True])
        between.shutdown()


@case("a link with more parts than are asked for is trouble, not one that is not listed")
def _(folder):
    place, key, server = start(folder)
    deep = "https://www.example.org/" + "a/" * 60
    with server:
        done = ask(server, key, deep, "example.org", status=2)
        equal([(row["listed"], row["whole"]) for row in rows(done)], [(False, False), (False, True)])
        assert b"link 1 has more parts" in done.stderr, done.stderr
        equal(ward("site", "ask", "--server", server.url, "--key", key, deep, status=2).stdout.split(b"\t")[0], b"not known")
        # What is found is found, however many there are.
        ask(server, key, deep.replace("example.org", "lighthouse.example"), status=1)


@case("wrong calls are told so, and a list that is not there")
def _(folder):
    place = workspace(folder)
    put_list(place, PLACES)
    key = keys(place, "client")
    for words in (("serve", "-w", place, "places"), ("serve", "-w", place, "--oblivious"),
                  ("serve", "-w", place, "--oblivious", "--listen", "127.0.0.1:0", "other"),
                  ("serve", "-w", place, "--oblivious", "--listen", "nowhere", "places"),
                  ("ask", "--key", key, "a.example"), ("ask", "--key", key, "--server", "http://example.org", "a.example"),
                  ("ask", "--server", "http://127.0.0.1:1", "--key", key, "a.example"),
                  ("ask", "--server", "http://127.0.0.1:1", "a.example"), ("ask", "--server", "http://127.0.0.1:1"),
                  ("ask", "--server", "http://127.0.0.1:1", "--identity", "00", "--key", key, "a.example")):
        done = ward("site", *words, status=2)
        assert b"ward site " + words[0].encode() + b": " in done.stderr, done.stderr


run_cases()
