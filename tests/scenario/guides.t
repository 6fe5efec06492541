#!/usr/bin/env python3
"""The guides of networks, typed line by line on a machine of their own: real Squid, dnsdist and Unbound.

A guide's files are what stands behind a line that ends with a path in backticks and a colon; its
commands stand behind "# " in blocks of "console", and what is shown below one is what it must print.
The machine is a network namespace; its /etc, /srv and /var/lib are folders of the test, and
"systemctl" starts and stops the programs themselves.
"""
import contextlib
import ctypes
import http.server
import re
import shlex
import socket
import ssl
import threading
import time

from daemon import WARDD
from scenario import *

ROOT = pathlib.Path(os.environ.get("WARD_SOURCE_ROOT", "."))
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
CLONE_NEWNET = 0x40000000
WORLD = "198.51.100.1"
NAMES = ("a.root-servers.net", "open.example", "news.example", "play.example", "shop.example", "listed.example", "www.search.example")


def own_network():
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or libc.unshare(CLONE_NEWNET) != 0:
        return "a network of one's own needs root"
    try:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        for address in ("10.0.0.1/24", "10.0.0.2/24", f"{WORLD}/32"):
            subprocess.run(["ip", "addr", "add", address, "dev", "lo"], check=True)
    except (OSError, subprocess.CalledProcessError):
        return "there is no ip(8) to begin a network with"
    return None


ALONE = own_network()


class Page(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        body = b"<p>a page of the world"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Machine:
    """Where a guide is typed."""

    def __init__(self, folder):
        self.folder, self.running, self.outputs = folder, {}, []
        self.stopping, self.watching, self.told = threading.Event(), [], []
        # Squid, started by root, becomes the user "proxy".
        folder.chmod(0o755)
        for name in ("etc/squid/conf.d", "etc/dnsdist", "etc/haproxy", "etc/unbound/unbound.conf.d", "etc/systemd/system", "srv/lists", "var/lib", "squid"):
            (folder / name).mkdir(parents=True)
        (folder / "squid").chmod(0o777)
        self.env = environment(PATH=f"{scenario_folder()}:{PATH}")
        self.write_world()
        self.servers = [http.server.ThreadingHTTPServer((WORLD, port), Page) for port in (80, 443)]
        self.servers[1].socket = self.tls().wrap_socket(self.servers[1].socket, server_side=True)
        for server in self.servers:
            threading.Thread(target=server.serve_forever, args=(.05,), daemon=True).start()

    def tls(self):
        """A certificate of nobody's, for the world's HTTPS."""
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                        "/CN=world.example", "-keyout", self.folder / "world.key", "-out", self.folder / "world.pem"],
                       check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "world.pem", self.folder / "world.key")
        return context

    def write_world(self):
        etc = self.folder / "etc"
        conf = pathlib.Path("/etc/squid/squid.conf").read_text()
        (etc / "squid/squid.conf").write_text(self.here(conf) + f"""
pid_filename {self.folder}/squid/pid
cache_log {self.folder}/squid/cache.log
coredump_dir {self.folder}/squid
netdb_filename none
pinger_enable off
shutdown_lifetime 0 seconds
visible_hostname proxy.example
""")
        data = "".join(f'\tlocal-zone: "{n}." redirect\n\tlocal-data: "{n}. A {WORLD}"\n' for n in NAMES)
        (etc / "unbound/unbound.conf").write_text(f"""server:
\tchroot: ""
\tusername: ""
\tdirectory: "{self.folder}"
\tpidfile: ""
\tuse-syslog: no
\tlogfile: ""
\tdo-daemonize: no
{data}
include-toplevel: "{etc}/unbound/unbound.conf.d/*.conf"
""")

    def here(self, text):
        """A text of the guide, with this machine's folders; whoever runs the test is the user "ward"."""
        text = text.replace(" -o ward ", " ")
        return re.sub(r"(?<![\w/.])/(etc/(?:squid|dnsdist|haproxy|unbound|systemd)|srv|var/lib/\w+)\b", rf"{self.folder}/\1", text)

    # ---- what systemd does ----

    PROGRAMS = {
        "wardd": lambda m: [WARDD, "-w", f"{m.folder}/var/lib/ward"],
        "squid": lambda m: ["squid", "-N", "-f", f"{m.folder}/etc/squid/squid.conf"],
        "unbound": lambda m: ["unbound", "-d", "-c", f"{m.folder}/etc/unbound/unbound.conf"],
        "haproxy": lambda m: ["haproxy", "-db", "-f", f"{m.folder}/etc/haproxy/haproxy.cfg"],
        "dnsdist": lambda m: ["dnsdist", "--supervised", "--disable-syslog", "-C", f"{m.folder}/etc/dnsdist/dnsdist.conf"],
    }
    READY = {"wardd": ("127.0.0.1", 8750), "squid": ("10.0.0.1", 3128), "haproxy": ("10.0.0.2", 443), "unbound": ("127.0.0.1", 53), "dnsdist": ("10.0.0.1", 53)}

    def stop(self, name):
        child = self.running.pop(name, None)
        if child:
            child.terminate()
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def start(self, name):
        self.stop(name)
        log = self.folder / f"{name}.log"
        with open(log, "ab") as to:
            words = self.PROGRAMS[name](self)
            child = subprocess.Popen([shutil.which(words[0], path=PATH) or words[0], *words[1:]], stdout=to, stderr=to,
                                     stdin=subprocess.DEVNULL, env=self.env)
        self.running[name] = child
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                with socket.create_connection(self.READY[name], 1):
                    return
            except OSError:
                if child.poll() is not None:
                    break
                time.sleep(.02)
        raise AssertionError(f"{name} does not start:\n{log.read_text(errors='replace')[-3000:]}")

    def watch(self, name):
        """A path unit: its service runs each time when the path changes."""
        units = self.folder / "etc/systemd/system"
        path = re.search(r"(?m)^PathChanged=(.*)$", (units / f"{name}.path").read_text())[1]
        command = re.search(r"(?m)^ExecStart=(.*)$", (units / f"{name}.service").read_text())[1]

        def seen():
            with contextlib.suppress(OSError):
                return os.stat(path).st_ino, os.stat(path).st_mtime
            return None

        def look(last):
            while not self.stopping.wait(.005):
                if last != (last := seen()):
                    done = subprocess.run(shlex.split(command), capture_output=True, text=True, env=self.env)
                    self.told.append((done.returncode, done.stdout + done.stderr))

        thread = threading.Thread(target=look, args=(seen(),))
        self.watching.append(thread)
        thread.start()

    def systemctl(self, words):
        action, name = words[1], words[-1]
        if name.endswith(".path"):
            equal(words[1:3], ["enable", "--now"])
            self.watch(name[:-len(".path")])
            return
        if action == "stop":
            self.stop(name)
        elif action in ("restart", "start") or words[1:3] == ["enable", "--now"]:
            self.start(name)
        else:
            raise AssertionError(f"this machine knows no {' '.join(words)}")

    # ---- typing ----

    def type(self, line, shown):
        words = shlex.split(line)
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            self.env[name] = self.here(value)
            return
        if words[0] == "systemctl":
            self.systemctl(words)
            return
        done = subprocess.run(["bash", "-c", self.here(line)], capture_output=True, text=True, cwd=ROOT, env=self.env, timeout=60)
        for file in (self.folder / "etc").rglob("*"):
            if file.suffix in (".conf", ".cfg", ".path", ".service"):
                file.write_text(self.here(file.read_text()))
        assert done.returncode == 0 or shown, f"{line}: status {done.returncode}\n{done.stdout}{done.stderr}"
        if shown and done.stdout.split() != "\n".join(shown).split():
            raise AssertionError(f"{line}\nprints\n{done.stdout}{done.stderr}\nand the guide says\n" + "\n".join(shown) +
                                 "\n" + "".join(f"== {n}: {(self.folder / (n + '.log')).read_text(errors='replace')[-1200:]}\n"
                                                for n in self.running))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.watching:
            thread.join()
        for name in list(self.running):
            self.stop(name)
        for server in self.servers:
            server.shutdown()
            server.server_close()


def scenario_folder():
    return pathlib.Path(WARD).resolve().parent


def follow(machine, text):
    """Types the guide; returns how many lines that were."""
    typed, path = 0, None
    for paragraph, kind, block in re.findall(r"([^\n]*)\n\n```(\w*)\n(.*?)^```$", text, re.S | re.M):
        found = re.search(r"`(/[^`]+)`:$", paragraph)
        if kind == "" and found:
            path = pathlib.Path(machine.here(found[1]))
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "a") as file:
                file.write(machine.here(block))
        elif kind == "console":
            lines = block.splitlines()
            for at, line in enumerate(lines):
                if line.startswith("# "):
                    shown = []
                    for below in lines[at + 1:]:
                        if below.startswith("# "):
                            break
                        shown.append(below)
                    machine.type(line[2:], shown)
                    typed += 1
    return typed


def need(*programs):
    if ALONE:
        raise Skip(ALONE)
    for program in programs:
        if not shutil.which(program, path=PATH):
            raise Skip(f"{program} is not installed")


@case("the guide for a school works, typed line by line")
def _(folder):
    need("squid", "dnsdist", "unbound", "curl", "dig")
    with Machine(folder) as machine:
        typed = follow(machine, (ROOT / "docs/guide/school.md").read_text())
        assert typed >= 20, typed


@case("the guide for a provider works, typed line by line")
def _(folder):
    need("squid", "dnsdist", "unbound", "haproxy", "curl", "dig")
    with Machine(folder) as machine:
        typed = follow(machine, (ROOT / "docs/guide/provider.md").read_text())
        assert typed >= 25, typed
        # wardd, started again, writes its files again: dnsdist is told.
        machine.start("wardd")
        until = time.monotonic() + 10
        while not machine.told and time.monotonic() < until:
            time.sleep(.02)
        equal(machine.told[:1], [(0, "")])


run_cases()
