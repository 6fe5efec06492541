#!/usr/bin/env python3
"""bench/icap/network.py BUILD ROUNDS SECONDS [DOMAINS] - a network that ward serves, beside e2guardian

Squid with wardd as it is shipped (site list of DOMAINS, requests; then answers and 10 000 terms, too), and
e2guardian with the same domains, without phrases, with the same 10 000 as phrases, and with its own.  Each is
loaded by 32 clients of wrk, with the same small origin behind it, in turns.  Prints a JSON object for each
round and server; CPU is that of all its processes, by the kernel's count, a request.
"""
import os
import pathlib
import sys
import tempfile

os.environ["WARD_BUILD_ROOT"] = sys.argv[1]
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests/scenario"))
from icap_squid import *
from e2guardian import E2guardian
from load_wrk import CLIENTS, wrk

DOMAINS = int(sys.argv[4]) if len(sys.argv) > 4 else 1_000_000
MORE = ("icap_log none", "cache_mem 64 MB", "memory_pools on", "max_filedescriptors 4096")
WORDS = "harbour lighthouse quay pier lantern keeper tide rope anchor gull sail mast".split()


def domains():
    return (f"{WORDS[i % 12]}{i:x}.{WORDS[i * 7 % 12]}.example" for i in range(DOMAINS))


def terms():
    return (f"{WORDS[i % 12]}{WORDS[i // 12 % 12]} {i:x}zz" for i in range(10000))


class Ward:
    """wardd with the door open."""

    def __init__(self, folder):
        place = folder / "ws"
        self.port = free_port()
        subprocess.run([scenario.WARD, "init", place], check=True, capture_output=True)
        listed = folder / "domains.txt"
        listed.write_text("".join(name + "\n" for name in domains()))
        subprocess.run([scenario.WARD, "site", "import", "-w", place, "big", listed, "--no-progress", "--quiet"], check=True,
                       capture_output=True)
        lines = folder / "terms.txt"
        lines.write_text("".join(term + "\n" for term in terms()))
        subprocess.run([scenario.WARD, "text", "compile", lines, "-o", place / "terms.ward"], check=True, capture_output=True)
        with open(place / "ward.conf", "a") as conf:
            conf.write(f'icap {{ listen = "127.0.0.1:{self.port}" }}\nnetwork {{ terms = terms.ward }}\n')
        wardd = os.environ.get("WARDD_PROGRAM") or str(scenario.BUILD / "src/bin/wardd")
        self.process = subprocess.Popen([wardd, "-w", place, "--listen", "127.0.0.1:0", "--demo"], stderr=subprocess.DEVNULL)
        wait_for_port(self.port, self.process)

    def lines(self, answers):
        ask = reqmod(self.port, "request")
        return ask + respmod(self.port, "response") if answers else ask

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def cpu_s(*processes):
    """Of the processes and those that they made."""
    total, left = 0, [process.pid for process in processes]
    while left:
        pid = left.pop()
        with contextlib.suppress(OSError):
            words = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(words[11]) + int(words[12])
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                left += map(int, (task / "children").read_text().split())
    return total / os.sysconf("SC_CLK_TCK")


def measured(folder, server, url, seconds):
    port, processes = server
    before = cpu_s(*processes)
    result = wrk(folder, port, url, seconds)
    result["cpu_us"] = (cpu_s(*processes) - before) / result["requests"] * 1e6
    return result


def main():
    if not os.access(SQUID, os.X_OK) or not shutil.which("wrk"):
        print(json.dumps({"skipped": "there is no Squid or no wrk here"}))
        return
    rounds, seconds = int(sys.argv[2]), int(sys.argv[3])
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ward-bench-"))
    folder.chmod(0o777)
    try:
        with contextlib.ExitStack() as stack:
            site = stack.enter_context(Program(PROGRAMS / "icap_origin"))
            ward = stack.enter_context(Ward(folder))
            urls = [f"http://127.0.0.1:{site.port}/{size}" for size in (1000, 63000)]
            servers = {}
            for name, answers in (("squid+ward requests", False), ("squid+ward all", True)):
                inner = folder / f"squid-{answers}"
                inner.mkdir()
                squid = stack.enter_context(Squid(inner, *ward.lines(answers), *MORE))
                servers[name] = squid.port, (squid.process, ward.process)
            try:
                for at, (name, phrases) in enumerate((("e2guardian", ()), ("e2guardian with phrases", terms()), ("e2guardian as it comes", None))):
                    peer = stack.enter_context(E2guardian(folder, f"e2-{at}", domains(), phrases))
                    servers[name] = peer.port, (peer.process,)
            except Skip as why:
                print(json.dumps({"note": str(why)}), flush=True)
            for _ in range(rounds):
                for name, server in servers.items():
                    wrk(folder, server[0], urls[0], 1)
                    small, large = (measured(folder, server, url, seconds) for url in urls)
                    print(json.dumps({"server": name, "domains": DOMAINS, "small": small, "large": large}), flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
