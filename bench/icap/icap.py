#!/usr/bin/env python3
"""bench/icap/icap.py BUILD ROUNDS SECONDS - ward's ICAP server beside c-icap's echo, alone and behind Squid

A round runs each of them in turn: 32 clients that ask and wait (tests/icap/load.c), and Squid with 32
clients of wrk before it and a small origin behind it.  Prints a JSON object for each round and server.
CPU is that of the ICAP server's processes, by the kernel's count, a request.
"""
import os
import pathlib
import sys
import tempfile

os.environ["WARD_BUILD_ROOT"] = sys.argv[1]
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests/scenario"))
from icap_squid import *
from load_wrk import CLIENTS, wrk

# Squid's own numbers move with its memory and its log; both are out of the way.
MORE = ("icap_log none", "cache_mem 64 MB", "memory_pools on", "max_filedescriptors 4096")


class Echo:
    """c-icap with the service that passes everything."""

    def __init__(self, folder):
        self.port = free_port()
        modules = next(iter(sorted(pathlib.Path("/usr/lib").glob("*/c_icap/srv_echo.so"))), None)
        if not modules or not shutil.which("c-icap"):
            raise Skip("there is no c-icap here")
        conf = folder / "c-icap.conf"
        conf.write_text(f"PidFile {folder}/c-icap.pid\nCommandsSocket {folder}/c-icap.ctl\nPort 127.0.0.1:{self.port}\n"
                        "Timeout 300\nKeepAliveTimeout 600\nMaxKeepAliveRequests -1\nStartServers 1\nMaxServers 1\n"
                        "MinSpareThreads 10\nMaxSpareThreads 100\nThreadsPerChild 80\nMaxRequestsPerChild 0\n"
                        f"ModulesDir {modules.parent}\nServicesDir {modules.parent}\nTmpDir {folder}\n"
                        f"LoadMagicFile /etc/c-icap/c-icap.magic\nServerLog {folder}/server.log\nDebugLevel 0\n"
                        "Service echo srv_echo.so\n")
        self.process = subprocess.Popen(["c-icap", "-N", "-f", conf], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_port(self.port, self.process)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def cpu_s(self):
        """Of its process and those that it made."""
        total, left = 0, [self.process.pid]
        while left:
            pid = left.pop()
            with contextlib.suppress(OSError):
                words = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
                total += int(words[11]) + int(words[12])
                left += map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return total / os.sysconf("SC_CLK_TCK")


def measured(server, run):
    """What `run` prints, and the CPU of the server a request."""
    before = server.cpu_s()
    result = run()
    result["cpu_us"] = (server.cpu_s() - before) / result["requests"] * 1e6
    return result


def load(server, service, kind, requests):
    done = subprocess.run([PROGRAMS / "icap_load", "127.0.0.1", str(server.port), service, kind, str(CLIENTS),
                           str(requests)], capture_output=True, text=True)
    result = json.loads(done.stdout)
    assert result["wrong"] == 0, result
    return result


def behind_squid(folder, server, lines, seconds, size):
    inner = folder / f"squid-{time.monotonic_ns()}"
    inner.mkdir()
    with Program(PROGRAMS / "icap_origin") as site, Squid(inner, *lines, *MORE) as squid:
        url = f"http://site.example:{site.port}/{size}"
        wrk(inner, squid.port, url, 1)
        before = squid.cpu_s()
        result = measured(server, lambda: wrk(inner, squid.port, url, seconds))
        result["squid_cpu_us"] = (squid.cpu_s() - before) / result["requests"] * 1e6
        return result


def main():
    if not os.access(SQUID, os.X_OK) or not shutil.which("wrk"):
        print(json.dumps({"skipped": "there is no Squid or no wrk here"}))
        return
    rounds, seconds = int(sys.argv[2]), int(sys.argv[3])
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ward-bench-"))
    folder.chmod(0o777)
    try:
        with Stage(folder, "http://site.example/listed") as stage, Echo(folder) as echo:
            for _ in range(rounds):
                for name, server, req, res in (("ward", stage, "req", "res"), ("c-icap echo", echo, "echo", "echo")):
                    ask, answer = reqmod(server.port, req), respmod(server.port, res)
                    print(json.dumps({
                        "server": name,
                        "reqmod": measured(server, lambda: load(server, req, "pass", 20000 * seconds)),
                        "respmod": measured(server, lambda: load(server, res, "preview", 20000 * seconds)),
                        "squid_req": behind_squid(folder, server, ask, seconds, 1000),
                        "squid_both": behind_squid(folder, server, ask + answer, seconds, 1000),
                        "squid_large": behind_squid(folder, server, ask + answer, seconds, 63000),
                    }), flush=True)
    except Skip as why:
        print(json.dumps({"skipped": str(why)}))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
