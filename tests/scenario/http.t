#!/usr/bin/env python3
"""wardd on the wire: what strangers, broken clients and bad moments do to it."""
import collections
import hashlib
import ssl
import threading
import urllib.request
import warnings

from daemon import *
from scenario import *

LETTER = b"Dear keeper, the lamp is lit.\n"
HOST = b"Host: localhost\r\n"
PART = b'--xx\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n'


def set_up(folder):
    return workspace(folder, letters=[hashlib.md5(LETTER).hexdigest()])


def scan_request(body, more=b""):
    return (b"POST /v1/scan HTTP/1.1\r\n" + HOST + more +
            b"Content-Length: %d\r\n\r\n" % len(body) + body)


def status_of(answer):
    return int(answer.split(b" ", 2)[1])


def memory_of(pid):
    """Most that was resident, in kB."""
    with open(f"/proc/{pid}/status") as file:
        return int(re.search(r"VmHWM:\s+(\d+)", file.read())[1])


@case("requests sent one behind the other are answered in order")
def _(folder):
    with Daemon(set_up(folder)) as daemon:
        got = daemon.raw(scan_request(LETTER) * 20 + scan_request(b"other", b"Connection: close\r\n"))
        equal(re.findall(rb'"verdict":"(\w+)"}\n', got), [b"block"] * 20 + [b"allow"])


@case("a sender that closes its side is still answered, one that asks first is told to go on")
def _(folder):
    with Daemon(set_up(folder)) as daemon:
        with socket.create_connection(("127.0.0.1", daemon.port), timeout=20) as peer:
            peer.sendall(scan_request(LETTER))
            peer.shutdown(socket.SHUT_WR)
            equal(status_of(peer.recv(65536)), 200)
        asks = b"Expect: 100-continue\r\nConnection: close\r\n"
        head = scan_request(LETTER, asks)[:-len(LETTER)]
        got = daemon.raw(head, LETTER, wait=.2)
        equal(re.findall(rb"HTTP/1.1 (\d+)", got), [b"100", b"200"])
        got = daemon.raw(b"POST /v1/scan HTTP/1.1\r\n" + HOST + asks +
                         b"Content-Length: 99999999999\r\n\r\n")
        equal(re.findall(rb"HTTP/1.1 (\d+)", got), [b"413"])


@case("what two readers could read in two ways is refused")
def _(folder):
    with Daemon(set_up(folder)) as daemon:
        post, close = b"POST /v1/scan HTTP/1.1\r\n", b"Connection: close\r\n\r\n"
        for request in (
                post + HOST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                post + HOST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
                post + HOST + b"Content-Length: +5\r\n\r\nhello",
                post + HOST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
                post + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
                b"GET /v1/lists HTTP/1.1\r\n" + HOST + HOST + close,
                b"GET /v1/lists HTTP/1.1\r\n" + close,
                b"GET /v1/lists HTTP/1.1\r\nHost : localhost\r\n" + close):
            equal(status_of(daemon.raw(request)), 400)
        # A path does not end where a NUL is written.
        for path in (b"/v1/lists%00/letters", b"/v1/lists%00", b"/%00/v1/lists"):
            got = daemon.raw(b"GET " + path + b" HTTP/1.1\r\n" + HOST + close)
            equal(status_of(got), 404)
        equal(status_of(daemon.raw(b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 200000 +
                                   b"\r\n\r\n")), 431)
        equal(daemon.get("/v1/lists").status, 200)


@case("a form of too many parts, of parts in parts, or without an end is refused as a whole")
def _(folder):
    with Daemon(set_up(folder)) as daemon:
        def told(body, boundary="xx"):
            return daemon.post("/v1/scan", body, headers={
                "Content-Type": f"multipart/form-data; boundary={boundary}"}).status

        part = PART + b"\r\n" + LETTER + b"\r\n"
        equal(told(part + b"--xx--\r\n"), 200)
        equal(told(b"before\r\n" + part + b"--xx--\r\nbehind"), 200)
        equal(told(part * 100 + b"--xx--\r\n"), 200)
        equal(told(part * 101 + b"--xx--\r\n"), 413)
        equal(told(part * 100000 + b"--xx--\r\n"), 413)
        equal(told(part), 400)
        equal(told(b""), 400)
        equal(told(b"--xx--\r\n"), 400)
        equal(told(part + b"--xx--\r\n", "x" * 1000), 400)
        equal(told(PART + b"X: " + b"a" * 100000 + b"\r\n\r\n\r\n--xx--\r\n"), 400)
        equal(told(PART + b"Content-Type: multipart/mixed; boundary=yy\r\n\r\n--yy\r\n\r\n" +
                   LETTER + b"\r\n--yy--\r\n--xx--\r\n"), 415)
        equal(told(PART + b"Content-Transfer-Encoding: base64\r\n\r\naGk=\r\n--xx--\r\n"), 415)


@case("a body of half a gigabyte passes through, and is not held in memory")
def _(folder):
    def pieces():
        for _ in range(512):
            yield bytes(1 << 20)

    with Daemon(set_up(folder), conf="server { body_max = 1GB; request_time = 5min }\n") as daemon:
        told = daemon.post("/v1/scan", pieces(), status=200).json
        equal(told["files"][0]["items"][0]["bytes"], 512 << 20)
        assert memory_of(daemon.process.pid) < 200 << 10, memory_of(daemon.process.pid)
        # Nothing stays behind.
        equal(sorted(p.name for p in daemon.place.iterdir() if not p.name.startswith(("ward.db", "audit", "vault"))),
              ["keys", "lists", "quarantine", "ward.conf"])


@case("who sends a byte now and then is cut, others are answered meanwhile")
def _(folder):
    with Daemon(set_up(folder), conf="server { request_time = 1s }\n") as daemon:
        with socket.create_connection(("127.0.0.1", daemon.port), timeout=20) as peer:
            peer.sendall(b"POST /v1/scan HTTP/1.1\r\n" + HOST + b"Content-Length: 1000\r\n\r\n")
            begun = time.time()
            for _ in range(4):
                peer.sendall(b"x")
                time.sleep(.2)
                daemon.post("/v1/scan", LETTER, status=200)
            equal(status_of(peer.recv(65536)), 408)
            assert time.time() - begun < 10
        wait_until(lambda: "too_slow" in daemon.log())


@case("connections that ask nothing keep nobody out")
def _(folder):
    with Daemon(set_up(folder), conf="server { connections_max = 20 }\n") as daemon:
        idle = []
        for _ in range(400):
            idle.append(socket.create_connection(("127.0.0.1", daemon.port), timeout=20))
        begun = time.time()
        equal(daemon.post("/v1/scan", LETTER, status=200).json["verdict"], "block")
        assert time.time() - begun < 5
        open_now = int(re.search(r"\nward_connections (\d+)",
                                 daemon.get("/metrics").body.decode())[1])
        assert open_now <= 20 + 64, open_now
        wait_until(lambda: "connections_full" in daemon.log())
        for peer in idle:
            peer.close()


@case("connections that all ask are told to come back when there are too many")
def _(folder):
    with Daemon(set_up(folder), conf="server { connections_max = 4 }\n") as daemon:
        asking = []
        for _ in range(4):
            peer = socket.create_connection(("127.0.0.1", daemon.port), timeout=20)
            peer.sendall(scan_request(LETTER)[:-1])
            asking.append(peer)
        time.sleep(.3)
        told = daemon.post("/v1/scan", LETTER, status=503)
        equal((told.headers["retry-after"], told.headers["connection"].lower()), ("1", "close"))
        for peer in asking:
            peer.sendall(LETTER[-1:])
            equal(status_of(peer.recv(65536)), 200)
            peer.close()
        daemon.post("/v1/scan", LETTER, status=200)


@case("more than can be scanned is refused at once, and every accepted file gets its verdict")
def _(folder):
    place = set_up(folder)
    with Daemon(place, conf="server { workers = 1; queue_max = 2 }\n") as daemon:
        count, wrong, slow = collections.Counter(), [], []

        def ask():
            for _ in range(40):
                begun = time.time()
                told = daemon.post("/v1/scan", LETTER)
                count[told.status] += 1
                if told.status == 503:
                    slow.append(time.time() - begun)
                    if told.headers.get("retry-after") != "1":
                        wrong.append(told)
                elif told.status != 200 or told.json["verdict"] != "block":
                    wrong.append(told)

        threads = [threading.Thread(target=ask) for _ in range(16)]
        for thread in threads:
            thread.start()
        daemon.get("/v1/health/live", status=200)
        for thread in threads:
            thread.join()
        equal(wrong, [])
        equal(sum(count.values()), 640)
        assert count[200] > 0 and count[503] > 0, count
        assert sorted(slow)[len(slow) // 2] < 1, sorted(slow)[-5:]
        text = daemon.get("/metrics").body.decode()
        equal(int(re.search(r'ward_scans_total\{verdict="block"\} (\d+)', text)[1]), count[200])


@case("asked to stop, it finishes what was begun and refuses what is new")
def _(folder):
    with Daemon(set_up(folder), conf="server { workers = 1; drain_time = 20s }\n") as daemon:
        peer = socket.create_connection(("127.0.0.1", daemon.port), timeout=20)
        peer.sendall(scan_request(LETTER)[:-5])
        time.sleep(.3)
        daemon.process.send_signal(signal.SIGTERM)
        wait_until(lambda: " stopping " in daemon.log())
        told = daemon.post("/v1/scan", LETTER, status=503)
        equal((told.json["type"], told.headers["retry-after"]), ("urn:ward:problem:stopping", "5"))
        equal(daemon.get("/v1/health/ready").status, 503)
        peer.sendall(LETTER[-5:])
        got = peer.recv(65536)
        equal(status_of(got), 200)
        assert b'"block"' in got
        equal(daemon.process.wait(20), 0)


@case("who never finishes sending keeps it from stopping no longer than drain_time")
def _(folder):
    with Daemon(set_up(folder), conf="server { drain_time = 1s }\n") as daemon:
        peer = socket.create_connection(("127.0.0.1", daemon.port), timeout=20)
        peer.sendall(scan_request(LETTER)[:-5])
        time.sleep(.3)
        begun = time.time()
        equal(daemon.stop(), 0)
        assert time.time() - begun < 10
        peer.close()


@case("workers that are killed cost a file its answer at most, and never say it is clean")
def _(folder):
    with Daemon(set_up(folder), conf="server { workers = 2 }\n") as daemon:
        done, verdicts, killed = threading.Event(), collections.Counter(), 0
        picture = draw_png(folder / "bridge.png", bridge).read_bytes()

        def ask():
            while not done.is_set():
                told = daemon.post("/v1/scan", picture)
                file = told.json["files"][0]
                # One for which no worker could be had has no findings but a failure of its own.
                if "findings" not in file:
                    verdicts["failed", told.json.get("verdict") == "allow"] += 1
                    continue
                finding = (file["findings"] or [{"kind": "none"}])[0]["kind"]
                verdicts[told.status, told.json["verdict"], finding] += 1

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        for _ in range(15):
            time.sleep(.05)
            for child in daemon.children()[:1]:
                try:
                    os.kill(child, signal.SIGKILL)
                    killed += 1
                except ProcessLookupError:
                    pass
        done.set()
        for thread in threads:
            thread.join()
        assert killed > 0
        assert set(verdicts) <= {(200, "allow", "none"), (200, "hold", "unreadable"), ("failed", False)}, verdicts
        equal(daemon.post("/v1/scan", picture, status=200).json["verdict"], "allow")


@case("killed, it is back at once; a second one is told that the port is taken")
def _(folder):
    place = set_up(folder)
    with Daemon(place) as daemon:
        daemon.post("/v1/scan", LETTER, status=200)
        again = ["--listen", f"127.0.0.1:{daemon.port}"]
        done = subprocess.run([WARDD, "-w", place, *again], capture_output=True, text=True,
                              timeout=20)
        equal(done.returncode, 2)
        assert "another program" in done.stderr, done.stderr
        daemon.post("/v1/scan", LETTER, status=200)
        daemon.kill()
        with Daemon(place, *again) as second:
            equal(second.port, daemon.port)
            equal(second.post("/v1/scan", LETTER, status=200).json["verdict"], "block")


@case("with a certificate it speaks TLS 1.2 and 1.3 and nothing older; a wrong one is told")
def _(folder):
    place = set_up(folder)
    try:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", place / "key.pem",
                        "-out", place / "cert.pem", "-days", "3", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=IP:127.0.0.1"], capture_output=True, check=True)
    except FileNotFoundError:
        raise Skip("there is no openssl") from None
    conf = 'server { certificate = "cert.pem"; private_key = "key.pem" }\n'
    with Daemon(place, conf=conf) as daemon:
        equal(daemon.scheme, "https")
        url = f"https://127.0.0.1:{daemon.port}/v1/scan"
        for version, works in ((ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, True),
                               (ssl.TLSVersion.TLSv1_1, False)):
            context = ssl.create_default_context(cafile=place / "cert.pem")
            context.set_ciphers("ALL:@SECLEVEL=0")
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = version
            try:
                with urllib.request.urlopen(urllib.request.Request(url, LETTER), timeout=20,
                                            context=context) as got:
                    assert works and b'"block"' in got.read(), version
                    equal(got.headers["Strict-Transport-Security"], "max-age=31536000")
            except OSError as error:
                assert not works, (version, error)
    for wrong in ('private_key = "cert.pem"', 'private_key = "none.pem"', ""):
        (place / "ward.conf").write_text('server { certificate = "cert.pem"\n%s }\n' % wrong)
        done = subprocess.run([WARDD, "-w", place, "--listen", "127.0.0.1:0"], capture_output=True,
                              text=True, timeout=20)
        equal(done.returncode, 2)
        assert re.search(r"private_key|none\.pem", done.stderr), done.stderr
    equal(subprocess.run([WARDD, "-w", place, "-n"], capture_output=True).returncode, 2)


@case("a url is fetched only when that is switched on, and never from this machine")
def _(folder):
    place = set_up(folder)
    urls = [f"http://{host}/x" for host in (
        "127.0.0.1:9", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "127.1",
        "10.0.0.1", "192.168.1.1", "169.254.169.254", "[fe80::1]", "[fd00::1]", "[64:ff9b::7f00:1]",
        "0.0.0.0", "[::]")]
    with Daemon(place) as daemon:
        equal(daemon.post("/v1/scan?url=" + urls[0], status=403).json["type"],
              "urn:ward:problem:fetch-off")
    with Daemon(place, conf="fetch { enabled = yes; time_max = 5s }\n") as daemon:
        for url in urls:
            told = daemon.post("/v1/scan?url=" + url)
            equal((told.status, told.json["type"]), (403, "urn:ward:problem:fetch-denied"))
        for url in ("file:///etc/passwd", "gopher://127.0.0.1/", "//x", "ftp://127.0.0.1/"):
            equal(daemon.post("/v1/scan?url=" + url).status, 400)
        assert "169.254" not in daemon.log() and "passwd" not in daemon.log()


if __name__ == "__main__":
    run_cases()
