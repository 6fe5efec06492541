#!/usr/bin/env python3
"""bench/dns/dns_bench.py BUILD [NAMES] - ward's CDB in dnsdist, beside dnsdist alone and Unbound's RPZ

Prints one JSON object.  dnsdist runs the shipped examples/network/dnsdist.conf;
alone it runs the same without ward's part.  Behind both is one Unbound that
answers every name.  The load is dnsperf's, on the same processors, in turns.
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
ROUNDS, SECONDS, DOMAIN = 5, 1, "bench.example"
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
        return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024

    def stop(self):
        self.child.kill()
        self.child.wait()


def load(to, questions, seconds=SECONDS, most=None):
    words = ["dnsperf", "-s", "127.0.0.1", "-p", to, "-d", questions, "-l", seconds, "-c", 8, "-q", 200]
    text = run(*words, *(["-Q", most] if most else [])).decode()
    return {"per_s": float(re.search(r"Queries per second:\s+([\d.]+)", text)[1]),
            "lost": int(re.search(r"Queries lost:\s+(\d+)", text)[1])}


def names(count, seed):
    draw = random.Random(seed)
    return [f"{draw.getrandbits(48):x}.{draw.choice('abcdefgh')}{i}.example" for i in range(count)]


def configuration(folder, listen, resolver, with_ward, console=None):
    text = (ROOT / "examples/network/dnsdist.conf").read_text()
    text = text.replace("/var/lib/ward/dns/", f"{folder}/").replace("0.0.0.0:53", f"127.0.0.1:{listen}")
    text = text.replace("127.0.0.1:5353", f"127.0.0.1:{resolver}")
    if not with_ward:
        text = text[:text.index("-- No such domain")]
    if console:
        text += f'\ncontrolSocket("127.0.0.1:{console}")\nsetKey("{KEY}")\n'
    path = folder / f"dnsdist-{listen}.conf"
    path.write_text(text)
    return path


def dnsdist(folder, log, resolver, with_ward, console=None):
    listen = port()
    path = configuration(folder, listen, resolver, with_ward, console)
    server = Server(["dnsdist", "--supervised", "-C", path], listen, log)
    server.port, server.path = listen, path
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
        load(server.port, folder / "steady.txt", 10, 5000)))
    runner.start()
    mtime, draw = int(time.time()) + 10, random.Random(7)
    for _ in range(3):
        for source, want in ((without, 0), (full, 3)):
            time.sleep(0.2 + draw.random())
            mtime += 1
            shutil.copy(source, folder / "next.cdb")
            os.utime(folder / "next.cdb", (mtime, mtime))
            start = time.monotonic()
            os.rename(folder / "next.cdb", folder / "ward.cdb")
            if told:
                run("dnsdist", "-C", server.path, "-e", "names:reload()")
            while ask(name, server.port) != want:
                time.sleep(0.001)
                if time.monotonic() - start > 10:
                    raise SystemExit("a new list was not seen")
            times.append(time.monotonic() - start)
    runner.join()
    return statistics.median(times), max(times), lost["lost"]


def rates(bare, ours, folder):
    """In turns, so that both have the machine's good and bad moments."""
    found = {}
    for kind in ("listed", "open"):
        for server in (bare, ours):
            load(server.port, folder / f"{kind}.txt", 1)
        theirs, mine = [], []
        for _ in range(ROUNDS):
            theirs.append(load(bare.port, folder / f"{kind}.txt")["per_s"])
            mine.append(load(ours.port, folder / f"{kind}.txt")["per_s"])
        found[f"{kind}_per_s"] = statistics.median(mine)
        found[f"bare_{kind}_per_s"] = statistics.median(theirs)
        found[f"{kind}_of_bare"] = statistics.median(a / b for a, b in zip(mine, theirs))
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
        for with_ward, times in ((True, ready), (False, bare_ready)):
            server = dnsdist(folder, log, resolver.port, with_ward)
            times.append(server.ready_s)
            server.stop()
    row.update(ready_s=statistics.median(ready), bare_ready_s=statistics.median(bare_ready))
    bare, ours = dnsdist(folder, log, resolver.port, False), dnsdist(folder, log, resolver.port, True)
    row["resident_mb_idle"] = ours.resident_mb()
    row.update(rates(bare, ours, folder))
    questions(folder / "all.txt", listed, 4)
    load(ours.port, folder / "all.txt", 2)
    row.update(resident_mb=ours.resident_mb(), bare_mb=bare.resident_mb())
    bare.stop()
    row["swap_s"], row["swap_worst_s"], row["swap_lost"] = swaps(
        folder, ours, folder / "without.cdb", folder / "full.cdb", listed[0], False)
    ours.stop()
    ours = dnsdist(folder, log, resolver.port, True, port())
    row["told_s"], row["told_worst_s"], row["told_lost"] = swaps(
        folder, ours, folder / "without.cdb", folder / "full.cdb", listed[0], True)
    ours.stop()
    row.update(rpz(folder, log, workspace))
    resolver.stop()
    return row


with tempfile.TemporaryDirectory(dir=os.environ.get("WARD_SCRATCH", "/var/tmp")) as place:
    print(json.dumps(measure(pathlib.Path(place))))
