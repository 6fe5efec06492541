#!/usr/bin/env python3
"""ward watch, with real servers on loopback: FFmpeg's for RTMP, GStreamer's for RTSP, files for HLS and DASH."""
import collections
import contextlib
import http.server
import signal
import socket
import ssl
import threading
import time

from scenario import *

SHOWN_S = 2  # when the lighthouse appears in the film
LATE_S = 6 if "sanitized" in str(BUILD) else 2  # a sanitizer takes its time to start

RTSP = """
import sys, gi
gi.require_version("Gst", "1.0"); gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtspServer, GLib
Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1"); server.set_service(sys.argv[1])
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(f"( filesrc location={sys.argv[2]} ! qtdemux ! rtph264pay name=pay0 config-interval=1 )")
server.get_mount_points().add_factory("/live", factory)
server.attach(None)
print("ready", flush=True)
GLib.MainLoop().run()
"""


films = {}


def film(folder, shown=SHOWN_S):
    """A bridge, from `shown` on a lighthouse for two seconds, and the bridge again."""
    if not shutil.which("ffmpeg"):
        raise Skip("there is no ffmpeg to write a film with")
    a, b, path = draw_png(folder / "bridge.png", bridge), draw_png(folder / "light.png", lighthouse), folder / "film.mp4"
    if shown in films:
        path.write_bytes(films[shown])
        return path
    words = []
    for picture, seconds in ((a, shown), (b, 2), (a, 4)):
        words += ["-loop", "1", "-framerate", "10", "-t", str(seconds), "-i", picture]
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *words, "-filter_complex", "concat=n=3", "-pix_fmt", "yuv420p",
                    "-c:v", "libx264", "-preset", "ultrafast", "-g", "5", "-bf", "0", path], check=True)
    films[shown] = path.read_bytes()
    return path


def place_of(folder):
    return workspace(folder, lights=["pdq:" + hash_of(folder / "light.png")["pdq"]])


def place_of_bridge(folder):
    draw_png(folder / "bridge.png", bridge)
    return workspace(folder, lights=["pdq:" + hash_of(folder / "bridge.png")["pdq"]])


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def running(*words, **more):
    process = subprocess.Popen([*map(str, words)], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def ffmpeg(path, *words):
    return running("ffmpeg", "-nostdin", "-v", "quiet", "-re", "-i", path, "-c", "copy", *words)


def listens(port, state="0A"):
    """Without a connection, which would be the one that the server takes; "01": somebody is connected."""
    return any(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == state
               for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:])


@contextlib.contextmanager
def rtmp(path, port):
    with ffmpeg(path, "-f", "flv", "-listen", "1", f"rtmp://127.0.0.1:{port}/live/a") as process:
        while not listens(port):
            time.sleep(.02)
        yield process


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass

    def copyfile(self, source, to):
        with contextlib.suppress(OSError):  # a client that has what it wanted
            super().copyfile(source, to)


@contextlib.contextmanager
def serving(handler, port=0):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(.05,), daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def folder_server(folder, port=0):
    return serving(functools.partial(Quiet, directory=str(folder)), port)


def start(place, *words):
    return subprocess.Popen([WARD, "watch", "-w", place, "--private", "--json", *map(str, words)],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())


def next_row(process):
    """A line's object, with the time when it was there."""
    line = process.stdout.readline()
    assert line, process.stderr.read().decode()
    return json.loads(line) | {"seen": time.time()}


def rows_until_found(process):
    got = [next_row(process)]
    while not got[-1].get("findings"):
        assert "failures" not in got[-1], (got, process.stderr.read())
        got.append(next_row(process))
    return got


def stop(process, status):
    process.send_signal(signal.SIGINT)
    out, words = process.communicate(timeout=10)
    equal((process.returncode, words.decode()), (status, ""))
    return json.loads(out.splitlines()[-1])


def child_of(process):
    children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    equal(len(children), 1)
    return int(children[0])


def peak_kib(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmHWM:")[1].split()[0])


def is_lighthouse(row):
    equal(row["verdict"]["kind"] in ("block", "hold"), True)
    equal(row["findings"][0]["list"], "lights")
    assert row["lag_ms"] < 2000 and row["quality"] > 40 and len(row["pdq"]) == 64, row


# ---- a lighthouse appears ----

def see_hls(folder, path, place):
    live = folder / "hls"
    live.mkdir()
    with ffmpeg(path, "-f", "hls", "-hls_time", "0.5", "-hls_list_size", "6", live / "a.m3u8"), \
            folder_server(live) as port:
        while not (live / "a.m3u8").is_file():
            time.sleep(.02)
        begun = (live / "a0.ts").stat().st_mtime - .5
        process = start(place, f"http://127.0.0.1:{port}/a.m3u8")
        row = rows_until_found(process)[-1]
        is_lighthouse(row)
        assert row["seen"] - begun - SHOWN_S < LATE_S, row["seen"] - begun
        return stop(process, 1)


def see_dash(folder, path, place):
    live = folder / "dash"
    live.mkdir()
    with ffmpeg(path, "-f", "dash", "-seg_duration", "0.5", "-window_size", "6", live / "a.mpd"), \
            folder_server(live) as port:
        while not (live / "a.mpd").is_file():
            time.sleep(.02)
        begun = (live / "chunk-stream0-00001.m4s").stat().st_mtime - .5
        process = start(place, f"http://127.0.0.1:{port}/a.mpd")
        row = rows_until_found(process)[-1]
        is_lighthouse(row)
        assert row["seen"] - begun - SHOWN_S < LATE_S, row["seen"] - begun
        return stop(process, 1)


def see_rtmp(folder, path, place):
    port = free_port()
    with rtmp(path, port):
        return see_connection(place, port, f"rtmp://127.0.0.1:{port}/live/a")


def see_rtsp(folder, path, place):
    port = free_port()
    with running("/usr/bin/python3", "-c", RTSP, port, path, stdout=subprocess.PIPE) as server:
        if server.stdout.readline() != b"ready\n":
            return None
        return see_connection(place, port, f"rtsp://127.0.0.1:{port}/live")


def see_connection(place, port, url):
    """The server begins when it is connected to."""
    process = start(place, url)
    while not listens(port, "01") and process.poll() is None:
        time.sleep(.01)
    begun = time.time()
    got = rows_until_found(process)
    is_lighthouse(got[-1])
    assert SHOWN_S * 1000 <= got[-1]["stream_ms"] < SHOWN_S * 1000 + 1200, got[-1]
    assert got[-1]["seen"] - begun - SHOWN_S < LATE_S, got[-1]["seen"] - begun
    for pid, most in ((process.pid, 60_000), (child_of(process), 120_000)):
        peak = peak_kib(pid)
        print(f"# peak of {'ward-watch' if pid == process.pid else 'its reader'}: {peak} KiB")
        assert "sanitized" in str(BUILD) or peak < most, (peak, most)  # a sanitizer has memory of its own
    return stop(process, 1)


@case("a lighthouse in a stream by HLS, DASH, RTMP and RTSP has its verdict within two seconds")
def _(folder):
    path = film(folder)
    place = place_of(folder)
    outcome = {}

    def run(see):
        try:
            outcome[see.__name__] = see(folder, path, place)
        except BaseException as trouble:
            outcome[see.__name__] = trouble

    threads = [threading.Thread(target=run, args=(see,)) for see in (see_hls, see_dash, see_rtmp, see_rtsp)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, totals in outcome.items():
        if isinstance(totals, BaseException):
            raise totals
        if totals is None:
            print(f"# {name}: no RTSP server here (gir1.2-gst-rtsp-server-1.0)")
            continue
        assert totals["found"] >= 1 and totals["failures"] == 0 and totals["connections"] == 1, totals


def see_files(folder, path, place, name, mark, *words):
    """What lies on the web whole, by a list that the ffmpeg command wrote."""
    web = folder / name.replace(".", "-")
    web.mkdir()
    (web / "a.key").write_bytes(bytes(range(16)))
    (web / "keys").write_text(f"a.key\n{web / 'a.key'}\n")
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", path, "-c", "copy", *words, web / name], check=True, cwd=web)
    assert mark in (web / name).read_text(), (web / name).read_text()
    with folder_server(web) as port:
        process = start(place, "--every", 200, "--tries", 1, f"http://127.0.0.1:{port}/{name}")
        is_lighthouse(rows_until_found(process)[-1])
        return stop(process, 1)


@case("pieces that are encrypted, that are listed, or that lie within one file are read")
def _(folder):
    path, place = film(folder, .4), place_of(folder)
    dash = ("-f", "dash", "-seg_duration", "0.5", "-use_template", "0", "-use_timeline", "0")
    for name, mark, *words in (("a.m3u8", "METHOD=AES-128", "-f", "hls", "-hls_time", "0.5", "-hls_list_size", "0",
                                "-hls_key_info_file", "keys"),
                               ("list.mpd", "<SegmentURL media=", *dash),
                               ("ranges.mpd", "mediaRange=", *dash, "-single_file", "1")):
        totals = see_files(folder, path, place, name, mark, *words)
        equal((name, totals["failures"], totals["connections"]), (name, 0, 1))


# ---- by TLS ----

def certificate(folder, name="127.0.0.1"):
    key, path = folder / f"{name}.key", folder / f"{name}.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out",
                    path, "-days", "2", "-subj", "/CN=watch", "-addext", f"subjectAltName=IP:{name}"],
                   check=True, capture_output=True)
    return path, key


def carry(one, other):
    with contextlib.suppress(OSError):
        while piece := one.recv(65536):
            other.sendall(piece)
    for end in (one, other):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def behind_tls(port, files):
    """A port at which a server that knows no TLS is spoken to by TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError):
            while True:
                outer = context.wrap_socket(listener.accept()[0], server_side=True, do_handshake_on_connect=False)
                try:
                    outer.do_handshake()
                    inner = socket.create_connection(("127.0.0.1", port))
                except OSError:
                    outer.close()
                    continue
                for pair in ((outer, inner), (inner, outer)):
                    threading.Thread(target=carry, args=pair, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@case("streams by TLS are read where the certificate is trusted, and nowhere else")
def _(folder):
    path, place, files = film(folder, .4), place_of(folder), certificate(folder)
    other = certificate(folder, "127.0.0.2")
    live = folder / "hls"
    live.mkdir()
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", path, "-c", "copy", "-f", "hls", "-hls_time", "0.5", "-hls_list_size",
                    "0", live / "a.m3u8"], check=True)
    with folder_server(live) as plain, behind_tls(plain, files) as port:
        url = f"https://127.0.0.1:{port}/a.m3u8"
        for trusted in ((), ("--ca-file", other[0])):
            done = ward("watch", "-w", place, "--private", *trusted, url, status=2)
            assert b"certificate of the stream's server is not trusted" in done.stderr, done.stderr
        process = start(place, "--every", 200, "--tries", 2, "--ca-file", files[0], url)
        is_lighthouse(rows_until_found(process)[-1])
        stop(process, 1)
    plain = free_port()
    with rtmp(path, plain), behind_tls(plain, files) as port:
        process = start(place, "--every", 200, "--tries", 2, "--ca-file", files[0], f"rtmps://127.0.0.1:{port}/live/a")
        is_lighthouse(rows_until_found(process)[-1])
        stop(process, 1)
    plain = free_port()
    with running("/usr/bin/python3", "-c", RTSP, plain, path, stdout=subprocess.PIPE) as server:
        if server.stdout.readline() != b"ready\n":
            print("# no RTSP server here (gir1.2-gst-rtsp-server-1.0)")
            return
        with behind_tls(plain, files) as port:
            process = start(place, "--every", 200, "--tries", 2, "--ca-file", files[0], f"rtsps://127.0.0.1:{port}/live")
            is_lighthouse(rows_until_found(process)[-1])
            stop(process, 1)


# ---- trouble on the way ----

@case("a server that is killed and comes back is connected to again, and a list that came meanwhile is asked")
def _(folder):
    path = film(folder)
    place, port = workspace(folder), free_port()
    with rtmp(path, port):
        process = start(place, f"rtmp://127.0.0.1:{port}/live/a", "--every", "100")
        first = next_row(process)
        import_list(place, "lights", ["pdq:" + hash_of(folder / "light.png")["pdq"]])
    with rtmp(path, port):
        row = rows_until_found(process)[-1]
    is_lighthouse(row)
    assert row["stream_ms"] > first["stream_ms"], (first, row)
    process.send_signal(signal.SIGINT)
    out, words = process.communicate(timeout=10)
    totals = json.loads(out.splitlines()[-1])
    assert totals["connections"] == 2 and totals["failures"] >= 1, totals
    assert b"the stream has ended" in words or b"broke off" in words, words
    equal(process.returncode, 1)


@case("a page in the stream's place, while its server is mended, does not end a watch")
def _(folder):
    place = place_of_bridge(folder)
    piece = folder / "a.ts"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", film(folder), "-t", "0.5", "-c", "copy", piece], check=True)
    answers = [piece.read_bytes(), b"<html>back soon</html>", b"<html>back soon</html>", piece.read_bytes()]

    class Mended(Quiet):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answers.pop(0) if len(answers) > 1 else answers[0])

    with serving(Mended) as port:
        process = start(place, "--every", 100, f"http://127.0.0.1:{port}/a.ts")
        while process.poll() is None and len(answers) > 1:
            time.sleep(.05)
        row = rows_until_found(process)[-1]
        while row["stream_ms"] < 1000:  # of the second time
            row = rows_until_found(process)[-1]
        process.send_signal(signal.SIGINT)
        out, words = process.communicate(timeout=10)
    totals = json.loads(out.splitlines()[-1])
    assert totals["connections"] >= 2 and totals["failures"] >= 3 and b"no stream that is read here" in words, (totals, words)
    equal(process.returncode, 1)


@case("whoever is slow misses pictures, and is in step with the stream all the same")
def _(folder):
    path = film(folder)
    place, port = place_of(folder), free_port()
    with rtmp(path, port):
        process = start(place, f"rtmp://127.0.0.1:{port}/live/a", "--every", "100", "--radius", "0")
        for _ in range(10):  # what was there when it came
            last = next_row(process)
        process.send_signal(signal.SIGSTOP)
        time.sleep(1.2)
        process.send_signal(signal.SIGCONT)
        late = next_row(process)  # was there when it was stopped
        for _ in range(4):
            late = next_row(process)
    assert late["dropped"] - last["dropped"] > 6, (last, late)
    drift = (late["seen"] - last["seen"]) * 1000 - (late["stream_ms"] - last["stream_ms"])
    assert abs(drift) < 400, drift
    process.kill()
    process.communicate()


@case("a watch without an end can be given one, and says what it saw")
def _(folder):
    path, port = film(folder), free_port()
    place = place_of(folder)
    with rtmp(path, port):
        done = ward("watch", "-w", place, "--private", "--for", 1, "--every", 200, f"rtmp://127.0.0.1:{port}/live/a", status=0)
    text = done.stdout.decode()
    assert "pictures looked at in 1." in text and "found: 0 known, 0 near" in text, text


# ---- whom one cannot trust ----

class Hostile(Quiet):
    asked = collections.Counter()

    def answer(self, text, status=200, **heads):
        self.send_response(status)
        for name, value in heads.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    def do_GET(self):
        port = self.server.server_address[1]
        Hostile.asked[self.path] += 1
        head = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n"
        if self.path == "/endless.m3u8":
            self.answer(head)
            with contextlib.suppress(OSError):
                while True:
                    self.wfile.write(b"#EXTINF:1,\na.ts\n" * 4000)
        elif self.path == "/files.m3u8":
            self.answer(head + "file:///etc/passwd\n#EXTINF:1,\n/etc/passwd\n")
        elif self.path == "/away.m3u8":
            self.answer("", 302, Location="file:///etc/passwd")
        elif self.path == "/round.m3u8":
            self.answer("", 302, Location=f"http://127.0.0.1:{port}/round.m3u8")
        elif self.path == "/circle.m3u8":
            self.answer("#EXTM3U\n" + "#EXT-X-STREAM-INF:BANDWIDTH=1\ncircle.m3u8\n" * 3)
        elif self.path == "/other.m3u8":
            self.answer(head + "tcp://127.0.0.1:1/a.ts\n#EXTINF:1,\ngopher://127.0.0.1:1/a.ts\n")
        elif self.path == "/large.mpd":
            self.answer("<MPD>" + "<Period/>" * 600_000)
        elif self.path == "/files.mpd":
            self.answer('<MPD><Period><AdaptationSet contentType="video"><Representation>'
                        '<SegmentTemplate duration="1" media="file:///etc/passwd"/></Representation></AdaptationSet>'
                        '</Period></MPD>'.replace("<MPD>", '<MPD mediaPresentationDuration="PT9S">'))
        elif self.path == "/page":
            self.answer("<html>no stream</html>")
        else:
            self.answer("", 404)


def ended(process):
    """Its output, its words, and the largest it was, or a reader of its, in KiB."""
    out, words = process.stdout.read(), process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return out, words, used.ru_maxrss


@case("hostile playlists are refused, each within its bounds")
def _(folder):
    draw_png(folder / "light.png", lighthouse)
    place = place_of(folder)
    with serving(Hostile) as port:
        names = ("endless.m3u8", "files.m3u8", "away.m3u8", "round.m3u8", "circle.m3u8", "other.m3u8", "large.mpd",
                 "files.mpd", "page")
        all_of_them = [start(place, "--tries", 1, "--stall", 2, "--every", 500, f"http://127.0.0.1:{port}/{name}") for name in names]
        for name, process in zip(names, all_of_them):
            out, words, peak = ended(process)
            totals = json.loads(out.splitlines()[-1])
            equal((name, process.returncode, totals["frames"]), (name, 2, 0))
            assert b"SIG" not in words and b"given up" in words, (name, words)
            assert "sanitized" in str(BUILD) or peak < 300_000, (name, peak)
    asked = Hostile.asked
    once = {path: count for path, count in asked.items() if path not in ("/endless.m3u8", "/circle.m3u8", "/round.m3u8", "/other.m3u8", "/a.ts")}
    equal(once, {f"/{name}": 1 for name in ("files.m3u8", "away.m3u8", "large.mpd", "files.mpd", "page")})
    assert asked["/round.m3u8"] <= 10 and asked["/endless.m3u8"] <= 4 and asked["/other.m3u8"] <= 10, asked
    assert asked["/circle.m3u8"] + asked["/a.ts"] <= 1000, asked  # of two readers: 200, and 20 a second each


@case("without --private nothing of the own network is asked")
def _(folder):
    draw_png(folder / "light.png", lighthouse)
    place = place_of(folder)
    with serving(Hostile) as port:
        wanted = {f"{scheme}://127.0.0.1:{port}/a.m3u8": b"not on the public Internet" for scheme in ("http", "rtmp", "rtmps", "rtsp")}
        for url in ("file:///etc/passwd", "/etc/passwd", "https:", "rtp://a.example/b"):
            wanted[url] = b"this is no http, https, rtmp, rtmps, rtsp or rtsps address"
        asked = {url: subprocess.Popen([WARD, "watch", "-w", place, url], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                       env=environment()) for url in wanted}
        for url, process in asked.items():
            words = process.communicate(timeout=30)[1]
            assert process.returncode == 2 and wanted[url] in words, (url, words)


run_cases()
