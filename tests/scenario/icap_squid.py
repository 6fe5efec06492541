"""What the scenario, the soak and the bench of ICAP share: the stage, an origin, a real Squid between them."""
import contextlib
import hashlib
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time

import scenario
from scenario import Skip

PROGRAMS = scenario.BUILD / "tests/icap"
SQUID = shutil.which("squid") or "/usr/sbin/squid"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, process, seconds=20):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None:
            break
        time.sleep(.02)
    raise AssertionError(f"nothing listens on port {port}; its process says {process.poll()}")


class Program:
    """One that prints "ready PORT"."""

    def __init__(self, *command):
        self.process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("ready "), f"{command[0]} says {line!r}"
        self.port = int(line.split()[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def signal(self, which):
        self.process.send_signal(which)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def cpu_s(self):
        words = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def resident_kb(self):
        return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{self.process.pid}/status").read_text())[1])


class Stage(Program):
    """The ICAP server with its known owner (tests/icap/stage.c)."""

    def __init__(self, folder, *listed, port=0, options=()):
        self.path = pathlib.Path(folder) / "listed.txt"
        self.path.write_text("".join(url + "\n" for url in listed))
        super().__init__(PROGRAMS / "icap_stage", "--list", self.path, "--listen", f"127.0.0.1:{port}", *options)

    def list(self, *urls):
        """Another list, which is there when this returns."""
        self.path.write_text("".join(url + "\n" for url in urls))
        before = self.count()["lists"]
        self.signal(signal.SIGHUP)
        for _ in range(200):
            if self.count()["lists"] > before:
                return
            time.sleep(.01)
        raise AssertionError("the list was not read again")

    def count(self):
        self.signal(signal.SIGUSR1)
        return json.loads(self.process.stdout.readline())

    def stop(self):
        self.signal(signal.SIGTERM)
        counters = json.loads(self.process.stdout.readline())
        status = self.process.wait(20)
        assert status == 0, f"the stage ended with {status}"
        return counters


class Site(http.server.BaseHTTPRequestHandler):
    """An origin: GET /N or /N.png gives N bytes, /picture/WORD/N a picture that begins so; POST gives back what came."""
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def answer(self, body, kind="text/html"):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        path = self.path.split("?")[0]
        self.server.asked.append((self.headers["Host"], path))
        if found := re.fullmatch(r"/(\d+)(\.png)?", path):
            self.answer(body_of(int(found[1])), "image/png" if found[2] else "text/html")
        elif found := re.fullmatch(r"/picture/(\w+)(?:/(\d+))?", path):
            self.answer(((found[1] + " ").encode() * 400) + body_of(int(found[2] or 0)), "image/png")
        else:
            self.answer(b"<p>a page of " + self.headers["Host"].encode())

    def do_POST(self):
        self.server.asked.append((self.headers["Host"], self.path))
        left = int(self.headers.get("Content-Length") or 0)
        digest, length = hashlib.sha256(), left
        while left > 0:
            piece = self.rfile.read(min(left, 1 << 20))
            if not piece:
                return
            digest.update(piece)
            left -= len(piece)
        self.answer(f"{length} {digest.hexdigest()}".encode(), "text/plain")


def body_of(size):
    """So many bytes, no two kilobytes alike."""
    piece = b"".join(hashlib.sha256(str(n).encode()).digest() for n in range(2048))
    return (piece * (size // len(piece) + 1))[:size]


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

    def handle_error(self, *_):
        """One that is gone is gone."""


@contextlib.contextmanager
def origin(certificate=None):
    server = Server(("127.0.0.1", 0), Site)
    server.asked = []
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


# Squid 5 takes a full buffer of a request for the end of an upload, with ICAP or without: when a client on the
# same machine is faster than the origin the upload breaks.  So that buffer is never full here.
SQUID_CONF = """\
http_port 127.0.0.1:{port}{port_options}
http_access allow all
cache deny all
cache_mem 8 MB
memory_pools off
shutdown_lifetime 0 seconds
pid_filename {folder}/squid.pid
cache_log {folder}/cache.log
access_log none
coredump_dir {folder}
netdb_filename none
pinger_enable off
hosts_file {folder}/hosts
visible_hostname proxy.example
client_request_buffer_max_size 256 MB
icap_enable on
icap_persistent_connections on
icap_preview_enable on
icap_preview_size 1024
icap_206_enable off
icap_service_failure_limit -1
icap_service_revival_delay 1
icap_connect_timeout 1 second
icap_io_timeout 5 seconds
icap_send_client_ip on
icap_log {folder}/icap.log answers
"""


class Squid:
    """A real Squid in the foreground; `services` are lines of squid.conf."""

    def __init__(self, folder, *lines, port_options=""):
        if not os.access(SQUID, os.X_OK):
            raise Skip("there is no Squid here (squid-openssl)")
        self.folder = pathlib.Path(folder)
        self.port = free_port()
        # Started by root it becomes the user "proxy", who must be able to write here.
        self.folder.chmod(0o777)
        (self.folder / "hosts").write_text("127.0.0.1 site.example search.example safe.example other.example\n")
        conf = "logformat answers %icap::rm %icap::Hs %icap::<h\n" + \
            SQUID_CONF.format(port=self.port, port_options=port_options, folder=self.folder)
        self.conf = self.folder / "squid.conf"
        self.conf.write_text(conf + "".join(line + "\n" for line in lines))
        self.start()

    def start(self):
        with open(self.folder / "out.txt", "ab") as out:
            self.process = subprocess.Popen([SQUID, "-N", "-f", self.conf], stdout=out, stderr=out)
        try:
            wait_for_port(self.port, self.process)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{(self.folder / 'out.txt').read_text()[-1500:]}") from None

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def stop(self):
        """As an operator stops it, which takes it a second or two."""
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self.kill()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def icap_log(self):
        path = self.folder / "icap.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def cpu_s(self):
        words = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def curl(self, url, *options, seconds=30):
        """Through it: the status, and the body."""
        done = subprocess.run(["curl", "-sS", "--proxy", f"http://127.0.0.1:{self.port}", "--noproxy", "",
                               "-m", str(seconds), "-w", "\n%{http_code}", *map(str, options), url], capture_output=True)
        body, _, status = done.stdout.rpartition(b"\n")
        return int(status or 0), body


def reqmod(port, service="req", bypass="off"):
    return (f"icap_service asks reqmod_precache bypass={bypass} icap://127.0.0.1:{port}/{service}",
            "adaptation_access asks allow all")


def respmod(port, service="res", bypass="off"):
    return (f"icap_service answers reqmod_precache bypass={bypass} icap://127.0.0.1:{port}/{service}"
            .replace("reqmod", "respmod"), "adaptation_access answers allow all")
