#!/usr/bin/env python3
"""agent_bench.py BUILD SECONDS - what ward agent costs a workstation

Once with a watch for each of 10 000 folders (inotify), once with whole file systems (fanotify) where that
may be had: processor time and memory of all its processes while nothing happens, the memory while it works,
how soon a picture that is dropped is held, and how long the first sweep takes.  The settings are those
that hold when nothing is said, but for a worker's idle time.
"""
import hashlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

FOLDERS, FILES = 10000, 10000


def processes(pid):
    found, ahead = [], [pid]
    while ahead:
        one = ahead.pop()
        found.append(one)
        try:
            for thread in os.listdir(f"/proc/{one}/task"):
                with open(f"/proc/{one}/task/{thread}/children") as file:
                    ahead += [int(word) for word in file.read().split()]
        except OSError:
            pass
    return found




def schedule_s(pid):
    """To the nanosecond, of all threads: a tick is 10 ms, and an idle agent takes fewer."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
            total += int(file.read().split()[0])
    return total / 1e9


def memory_mb(pids, field):
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/smaps_rollup") as file:
                total += int(file.read().split(field + ":")[1].split()[0])
        except (OSError, IndexError):
            pass
    return total / 1024


def make_tree(home):
    for i in range(FOLDERS // 100):
        for j in range(99):
            os.makedirs(os.path.join(home, f"{i:03}", f"{j:02}"))
    folders = [os.path.join(home, f"{i:03}", f"{j:02}") for i in range(FOLDERS // 100) for j in range(99)]
    for i in range(FILES):
        with open(os.path.join(folders[i % len(folders)], f"{i}.txt"), "w") as file:
            file.write(f"words about a harbour, number {i}\n" * 20)


def wait(what, seconds=300):
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            raise RuntimeError("it takes too long")
        time.sleep(.005)


class Agent:
    """Running, with the settings that hold when nothing is said but for those given."""

    def __init__(self, program, folder, whole, limits):
        self.own = os.path.join(folder, f"own-{whole}")
        conf = os.path.join(folder, f"agent-{whole}.conf")
        with open(os.path.join(folder, "public")) as file:
            public = file.read().strip()
        with open(conf, "w") as file:
            file.write(f'agent {{ workspace = "{folder}/place"; folder = "{self.own}" }}\n'
                       f'watch "home" {{ folder = "{folder}/home" }}\nquarantine {{ key = "{public}" }}\n'
                       f'limits {{ whole = {whole}; battery_waits = no; {limits} }}\n')
        self.begun = time.monotonic()
        self.process = subprocess.Popen([program, "agent", "--settings", conf], stderr=subprocess.DEVNULL)

    def status(self):
        try:
            with open(os.path.join(self.own, "status.json")) as file:
                said = json.load(file)
            return said if said["process"] == self.process.pid else {}
        except OSError:
            return {}

    def has_swept(self):
        said = self.status()
        return said and all(place["swept"] for place in said["places"]) and not said["sweeping"] and not said["queue"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


def measure(program, folder, whole, seconds):
    with Agent(program, folder, whole, "refresh = 100ms") as agent:
        wait(agent.has_swept)
        swept = time.monotonic() - agent.begun
    with Agent(program, folder, whole, "worker_idle = 2s") as agent:
        time.sleep(2)
        pid, held, busy = agent.process.pid, [], 0
        for i in range(5):
            path = os.path.join(folder, "home", "050", "50", f"light{i}.pgm")
            shutil.copy(os.path.join(folder, "light.pgm"), path)
            closed = time.monotonic()
            while os.path.exists(path):
                busy = max(busy, memory_mb(processes(pid), "Pss"))
                time.sleep(.005)
            held.append(time.monotonic() - closed)
        time.sleep(4)
        pids, before = processes(pid), schedule_s(pid)
        time.sleep(seconds)
        used, said = schedule_s(pid) - before, agent.status()
        return {"heard_by": said["places"][0]["heard_by"], "folders": said["folders"], "idle_percent": 100 * used / seconds,
                "idle_processes": len(pids), "idle_rss_mb": memory_mb(pids, "Rss"), "idle_pss_mb": memory_mb(pids, "Pss"),
                "busy_pss_mb": busy, "held_s": statistics.median(held), "sweep_s": swept, "files": FILES}


def main():
    build, seconds = sys.argv[1], float(sys.argv[2])
    program = os.path.join(build, "src/bin/ward")
    with tempfile.TemporaryDirectory() as folder:
        home, place = os.path.join(folder, "home"), os.path.join(folder, "place")
        make_tree(home)
        subprocess.run([program, "init", place], check=True, stdout=subprocess.DEVNULL)
        light = os.path.join(folder, "light.pgm")
        with open(light, "wb") as file:
            file.write(b"P5\n256 256\n255\n" + bytes((x * y // 200 + 40 * (x // 32 % 2)) & 255 for y in range(256) for x in range(256)))
        with open(light, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        lists = os.path.join(folder, "lights.txt")
        with open(lists, "w") as file:
            file.write(f"sha256:{digest}\n")
        subprocess.run([program, "list", "import", "-w", place, "lights", lists], check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(folder, "public"), "w") as public:
            subprocess.run([program, "verify", "--new-secret", os.path.join(folder, "secret")], check=True, stdout=public,
                           stderr=subprocess.DEVNULL)
        for whole in ("no", "yes"):
            row = measure(program, folder, whole, seconds)
            if whole == "no" or row["heard_by"] != "inotify":
                print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
