#!/usr/bin/env python3
"""bench/icap/network.py BUILD ROUNDS SECONDS [DOMAINS] - a network that ward serves, beside e2guardian

Squid with wardd as it is shipped (site list of DOMAINS, requests; then answers and 10 000 terms, too), and
e2guardian with the same domains (without phrase lists, and with those that it comes with).  Each is
loaded by 32 clients of wrk, with the same small origin behind it, in turns.  Prints a JSON object for each
round and server.
"""
import os
import pathlib
import sys
import tempfile

os.environ["WARD_BUILD_ROOT"] = sys.argv[1]
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests/scenario"))
from icap_squid import *
from load_wrk import CLIENTS, wrk

DOMAINS = int(sys.argv[4]) if len(sys.argv) > 4 else 1_000_000
MORE = ("icap_log none", "cache_mem 64 MB", "memory_pools on", "max_filedescriptors 4096")
WORDS = "harbour lighthouse quay pier lantern keeper tide rope anchor gull sail mast".split()


def domains():
    return (f"{WORDS[i % 12]}{i:x}.{WORDS[i * 7 % 12]}.example" for i in range(DOMAINS))


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
        terms = folder / "terms.txt"
        terms.write_text("".join(f"{WORDS[i % 12]}{WORDS[i // 12 % 12]} {i:x}zz\n" for i in range(10000)))
        subprocess.run([scenario.WARD, "text", "compile", terms, "-o", place / "terms.ward"], check=True, capture_output=True)
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


class E2guardian:
    """e2guardian as Debian configures it, with our list in place of its own."""

    def __init__(self, folder, phrases):
        if not shutil.which("e2guardian", path=os.environ["PATH"] + ":/usr/sbin"):
            raise Skip("there is no e2guardian here")
        self.port, etc = free_port(), folder / f"e2-{phrases}"
        shutil.copytree("/etc/e2guardian", etc, symlinks=True)
        with open(etc / "lists/bannedsitelist", "w") as lists:
            lists.writelines(name + "\n" for name in domains())
        for path in etc.rglob("*"):
            if path.is_file() and path.suffix in (".conf", ".story", "") and path.stat().st_size < 1 << 20:
                text = path.read_text(errors="surrogateescape").replace("/etc/e2guardian", str(etc))
                path.write_text(text, errors="surrogateescape")
        conf = (etc / "e2guardian.conf").read_text()
        for name, value in (("filterports", self.port), ("filterip", "127.0.0.1"), ("nologger", "on"), ("loglevel", 0),
                            ("filecachedir", f"'{folder}'")):
            conf = re.sub(rf"(?m)^{name} *=.*$", f"{name} = {value}", conf)
        (etc / "e2guardian.conf").write_text(conf + f"\npidfilename = '{etc}/pid'\nloglocation = '{etc}/log'\n")
        if not phrases:
            for name in ("bannedphraselist", "weightedphraselist", "exceptionphraselist"):
                (etc / "lists" / name).write_text("# none\n")
        folder.chmod(0o777)
        for path in [etc, *etc.rglob("*")]:
            path.chmod(0o777 if path.is_dir() else 0o666)
        self.log = open(etc / "out.txt", "wb")
        self.process = subprocess.Popen(["/usr/sbin/e2guardian", "-N", "-c", etc / "e2guardian.conf"], stdout=self.log,
                                        stderr=self.log)
        try:
            wait_for_port(self.port, self.process, 120)
        except AssertionError as error:
            self.process.kill()
            raise Skip(f"e2guardian does not start: {(etc / 'out.txt').read_text(errors='replace')[-300:]}") from error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.log.close()


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
            ports = {}
            for name, answers in (("squid+ward requests", False), ("squid+ward all", True)):
                inner = folder / f"squid-{answers}"
                inner.mkdir()
                ports[name] = stack.enter_context(Squid(inner, *ward.lines(answers), *MORE)).port
            try:
                for name, phrases in (("e2guardian", False), ("e2guardian with phrases", True)):
                    ports[name] = stack.enter_context(E2guardian(folder, phrases)).port
            except Skip as why:
                print(json.dumps({"note": str(why)}), flush=True)
            for _ in range(rounds):
                for name, port in ports.items():
                    wrk(folder, port, urls[0], 1)
                    small, large = (wrk(folder, port, url, seconds) for url in urls)
                    print(json.dumps({"server": name, "domains": DOMAINS, "small": small, "large": large}), flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
