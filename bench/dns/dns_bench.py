#!/usr/bin/env python3
"""bench/dns/dns_bench.py BUILD [NAMES] - ward's CDB in dnsdist, beside dnsdist alone and Unbound's RPZ

Prints one JSON object.  dnsdist runs the shipped examples/network/dnsdist.conf; "bare" it runs the same
without ward's part, and "plain" also without the two settings that cost it memory and calls of the system,
as it comes.  Behind all is one Unbound that answers every name.  The load is dnsperf's, on the same
processors, in turns; as many queries underway as a socket's buffer holds, for else the first of them are
lost before anybody reads.  CPU is dnsdist's, by the kernel's count, a query.
"""
import json
import os
import pathlib
import random
import re
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time

BUILD = pathlib.Path(sys.argv[1]).absolute()
NAMES = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
RPZ_NAMES = min(NAMES, 100_000)  # so that it comes to an end
ROUNDS, SECONDS, DOMAIN = 7, 1, "bench.example"
ROOT = pathlib.Path(__file__).absolute().parents[2]
WARD = next(str(p) for p in (BUILD / "ward", BUILD / "src/bin/ward") if p.is_file())
KEY = "PVhWbFlKTzFRd3BYbWJlV0VhTXpPRDRQN1E2WFdHVHo="


def run(*words, **more):
    return subprocess.run([str(w) for w in words], check=True, capture_output=True, **more).stdout


def port(free=iter(range(20000 + os.getpid() % 10000, 32000))):
    """Below those that the system gives away, so that nobody takes it meanwhile."""
    for number in free:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            try:
                sock.bind(("127.0.0.1", number))
                return number
            except OSError:
                continue
    raise SystemExit("no port is free")


def ask(name, to, seconds=1.0):
    labels = b"".join(bytes([len(l)]) + l for l in name.encode().split(b".")) + b"\0"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(seconds)
        sock.connect(("127.0.0.1", to))
        sock.send(struct.pack(">HHHHHH", 7, 0x100, 1, 0, 0, 0) + labels + struct.pack(">HH", 1, 1))
        return sock.recv(4096)[3] & 15


class Server:
    def __init__(self, words, to, log, name="open." + DOMAIN):
        self.start = time.monotonic()
        self.child = subprocess.Popen([str(w) for w in words], stdout=log, stderr=log,
                                      stdin=subprocess.DEVNULL)
        while True:
            try:
                ask(name, to, 0.05)
                break
            except OSError:
                if self.child.poll() is not None or time.monotonic() - self.start > (60 if "unbound" in str(words[0]) else 5):
                    raise SystemExit(f"{words[0]} does not answer: " +
                                     pathlib.Path(log.name).read_text(errors="replace")[-2000:])
                time.sleep(0.002)
        self.ready_s = time.monotonic() - self.start

    def resident_mb(self):
        text = pathlib.Path(f"/proc/{self.child.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) * 1024 / 1e6

    def cpu_s(self):
        words = pathlib.Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.child.kill()
        self.child.wait()


def load(to, questions, seconds=SECONDS, most=None):
    words = ["dnsperf", "-s", "127.0.0.1", "-p", to, "-d", questions, "-l", seconds, "-c", 8, "-q", 100]
    text = run(*words, *(["-Q", most] if most else [])).decode()
    return {"per_s": float(re.search(r"Queries per second:\s+([\d.]+)", text)[1]),
            "answered": int(re.search(r"Queries completed:\s+(\d+)", text)[1]),
            "lost": int(re.search(r"Queries lost:\s+(\d+)", text)[1])}


def names(count, seed):
    draw = random.Random(seed)
    return [f"{draw.getrandbits(48):x}.{draw.choice('abcdefgh')}{i}.example" for i in range(count)]


def configuration(folder, listen, resolver, kind, console):
    text = (ROOT / "examples/network/dnsdist.conf").read_text()
    text = re.sub("/var/lib/ward-dns/|/etc/dnsdist/", f"{folder}/", text)
    text = text.replace("0.0.0.0:53", f"127.0.0.1:{listen}").replace("127.0.0.1:5353", f"127.0.0.1:{resolver}")
    if kind != "ward":
        text = text[:text.index("-- No such domain")]
    if kind == "plain":
        text = re.sub(r"(?m)^setMaxUDPOutstanding.*\n|^setUDPMultiple.*\n", "", text)
    (folder / "console.conf").unlink(missing_ok=True)
    if console:
        (folder / "console.conf").write_text(f'controlSocket("127.0.0.1:{console}")\nsetKey("{KEY}")\n')
    path = folder / f"dnsdist-{listen}.conf"
    path.write_text(text)
    return path


def dnsdist(folder, log, resolver, kind, console=None):
    listen = port()
    path = configuration(folder, listen, resolver, kind, console)
    server = Server(["dnsdist", "--supervised", "-C", path], listen, log)
    server.port = listen
    return server


def unbound(folder, log, more="", start="open." + DOMAIN):
    listen = port()
    path = folder / f"unbound-{listen}.conf"
    path.write_text(f"""server:
	interface: 127.0.0.1@{listen}
	do-daemonize: no
	chroot: ""
	username: ""
	directory: "{folder}"
	pidfile: ""
	use-syslog: no
	num-threads: 2
	do-ip6: no
	trust-anchor-file: ""
	module-config: "respip iterator"
	local-zone: "{DOMAIN}." redirect
	local-data: "{DOMAIN}. 60 A 198.51.100.1"
	local-zone: "." static
	local-zone: "example." redirect
	local-data: "example. 60 A 198.51.100.1"
{more}remote-control:
	control-enable: no
""")
    server = Server(["unbound", "-d", "-c", path], listen, log, start)
    server.port = listen
    return server


def swaps(folder, server, without, full, name, told):
    """The list swapped while names are asked for: when it is seen, and what is lost."""
    times, lost = [], {}
    runner = threading.Thread(target=lambda: lost.update(
        load(server.port, folder / "steady.txt", 15, 5000)))
    runner.start()
    mtime, draw = int(time.time()) + 10, random.Random(7)
    for _ in range(ROUNDS):
        for source, want in ((without, 0), (full, 3)):
            time.sleep(0.2 + draw.random())
            mtime += 1
            shutil.copy(source, folder / "next.cdb")
            os.utime(folder / "next.cdb", (mtime, mtime))
            # As ward does it: the version before stays.
            os.link(folder / "ward.cdb", folder / "held")
            start = time.monotonic()
            os.rename(folder / "next.cdb", folder / "ward.cdb")
            if told:
                run("dnsdist", "-C", folder / "console.conf", "-e", "look()")
            while ask(name, server.port) != want:
                time.sleep(0.001)
                if time.monotonic() - start > 10:
                    raise SystemExit("a new list was not seen")
            times.append(time.monotonic() - start)
            os.rename(folder / "held", folder / "ward.cdb.old")
    runner.join()
    return statistics.median(times), max(times), lost["lost"], lost["answered"]


def asked(server, questions):
    before = server.cpu_s()
    told = load(server.port, questions)
    return told["per_s"], (server.cpu_s() - before) / told["answered"] * 1e6


def rates(servers, folder):
    """In turns, so that all have the machine's good and bad moments."""
    found = {}
    for kind in ("listed", "open"):
        for server in servers.values():
            load(server.port, folder / f"{kind}.txt", 1)
        told = {name: [] for name in servers}
        for _ in range(ROUNDS):
            for name, server in servers.items():
                told[name].append(asked(server, folder / f"{kind}.txt"))
        for name, rows in told.items():
            found[f"{kind}_{name}_per_s"], found[f"{kind}_{name}_cpu_us"] = (statistics.median(column) for column in zip(*rows))
            if name != "ward":
                pairs = list(zip(told["ward"], rows))
                found[f"{kind}_of_{name}"] = statistics.median(our[0] / their[0] for our, their in pairs)
                found[f"{kind}_cpu_of_{name}"] = statistics.median(their[1] / our[1] for our, their in pairs)
    return found


def rpz(folder, log, workspace):
    run(WARD, "site", "export", "rpz", "small", "-o", folder / "rpz.zone", "-w", workspace)
    server = unbound(folder, log, "rpz:\n\tname: rpz.ward\n\tzonefile: " + str(folder / "rpz.zone") + "\n")
    row = {"rpz_names": RPZ_NAMES, "rpz_ready_s": server.ready_s, "rpz_mb": server.resident_mb()}
    load(server.port, folder / "rpz.txt", 1)
    row["rpz_listed_per_s"] = statistics.median(load(server.port, folder / "rpz.txt")["per_s"]
                                                for _ in range(3))
    server.stop()
    return row


def questions(path, some, seed):
    path.write_text("".join(f"{name} A\n" for name in random.Random(seed).sample(some, min(20000, len(some)))))


def measure(folder):
    workspace = folder / "workspace"
    listed, log = names(NAMES, 1), open(folder / "log", "ab")
    run(WARD, "init", workspace)
    (folder / "big.txt").write_text("\n".join(listed) + "\n")
    (folder / "small.txt").write_text("\n".join(listed[:RPZ_NAMES]) + "\n")
    questions(folder / "listed.txt", listed, 2)
    questions(folder / "rpz.txt", listed[:RPZ_NAMES], 2)
    questions(folder / "open.txt", [f"n{i}.{DOMAIN}" for i in range(20000)], 3)
    # Those that are asked for under a swap are in both versions, or in neither.
    (folder / "steady.txt").write_text("".join(f"{n} A\nn{i}.{DOMAIN} A\n"
                                               for i, n in enumerate(listed[1:5000])))
    start = time.monotonic()
    run(WARD, "site", "import", "big", folder / "big.txt", "-w", workspace, "--no-progress")
    row = {"names": NAMES, "import_s": time.monotonic() - start}
    run(WARD, "site", "import", "small", folder / "small.txt", "-w", workspace, "--no-progress")
    made = []
    for _ in range(3):
        start = time.monotonic()
        run(WARD, "site", "export", "cdb", "big", "-o", folder / "full.cdb", "-w", workspace)
        made.append(time.monotonic() - start)
    row["cdb_s"] = statistics.median(made)
    row["cdb_mb"] = os.path.getsize(folder / "full.cdb") / 1e6
    run(WARD, "site", "import", "big", "-", "--delta", "-w", workspace, "--no-progress",
        input=json.dumps({"entry": listed[0], "op": "remove"}).encode())
    run(WARD, "site", "export", "cdb", "big", "-o", folder / "without.cdb", "-w", workspace)
    shutil.copy(folder / "full.cdb", folder / "ward.cdb")

    resolver = unbound(folder, log)
    ready, bare_ready = [], []
    for _ in range(ROUNDS):
        for kind, times in (("ward", ready), ("bare", bare_ready)):
            server = dnsdist(folder, log, resolver.port, kind)
            times.append(server.ready_s)
            server.stop()
    row.update(ready_s=statistics.median(ready), bare_ready_s=statistics.median(bare_ready))
    servers = {kind: dnsdist(folder, log, resolver.port, kind) for kind in ("ward", "bare", "plain")}
    row.update(rates(servers, folder))
    ours = servers.pop("ward")
    questions(folder / "all.txt", listed, 4)
    load(ours.port, folder / "all.txt", 2)
    row["resident_mb"] = ours.resident_mb()
    for kind, server in servers.items():
        row[f"{kind}_mb"] = server.resident_mb()
        server.stop()
    for kind, console in (("swap", None), ("told", port())):
        ours.stop()
        ours = dnsdist(folder, log, resolver.port, "ward", console)
        row[f"{kind}_s"], row[f"{kind}_worst_s"], row[f"{kind}_lost"], row[f"{kind}_answered"] = swaps(
            folder, ours, folder / "without.cdb", folder / "full.cdb", listed[0], kind == "told")
    ours.stop()
    row.update(rpz(folder, log, workspace))
    resolver.stop()
    return row


with tempfile.TemporaryDirectory(dir=os.environ.get("WARD_SCRATCH", "/var/tmp")) as place:
    print(json.dumps(measure(pathlib.Path(place))))
