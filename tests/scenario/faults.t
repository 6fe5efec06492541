#!/usr/bin/env python3
"""wardd while its database goes away, its disk is full, or it is killed: nothing acknowledged is lost."""
import os
import random
import resource
import shutil
import signal
import threading
import time

from daemon import *
from scenario import *


class Database:
    """A PostgreSQL of the test's own, that can be killed and started again."""

    def __init__(self):
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        if not found:
            raise Skip("there is no PostgreSQL server here (Debian: postgresql)")
        self.bin = found[-1].parent
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ward-pg-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK)
                                                    else None))
        self.user = {}
        if os.getuid() == 0:
            shutil.chown(self.folder, "nobody", "nogroup")
            self.user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        subprocess.run([self.bin / "initdb", "-D", self.folder / "data", "-U", "ward", "-A", "trust", "-E", "UTF8",
                        "-N"], check=True, capture_output=True, cwd=self.folder, **self.user)
        self.process = None
        self.start()

    def address(self):
        return f"postgresql://ward@/postgres?host={self.folder}"

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [self.bin / "postgres", "-D", self.folder / "data", "-k", self.folder, "-c", "listen_addresses="],
                stdout=log, stderr=log, cwd=self.folder, **self.user)
        for _ in range(500):
            if subprocess.run([self.bin / "pg_isready", "-q", "-h", self.folder]).returncode == 0:
                return
            time.sleep(.02)
        raise AssertionError((self.folder / "log").read_text()[-2000:])

    def stop(self):
        """At once, as when it crashes; what it had said yes to is in its log."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder)


def house(folder, store=None):
    place = folder / "workspace"
    ward("init", place, status=0)
    if store:
        with open(place / "ward.conf", "a") as conf:
            conf.write(f'\nstore {{ place = "{store}" }}\n')
        ward("db", "migrate", "-w", place, status=0)
    ward("vault", "init", "-w", place, status=0)
    return place, add_key(place, "platform", "--scope", "report")


class Platform:
    """Sends reports, one after the other, each again until it is acknowledged; knows which were."""

    def __init__(self, daemon, key, name):
        self.daemon, self.key, self.name = daemon, key, name
        self.acknowledged, self.refused, self.statuses = {}, 0, set()
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def send(self, once):
        body = json.dumps({"items": [{"kind": "account", "text": f"{self.name}/{once}"}]}).encode()
        try:
            answer = self.daemon.ask("POST", "/v1/reports", body, key=self.key,
                                     headers={"Idempotency-Key": once, "Content-Type": "application/json"})
        except OSError:
            return False
        self.statuses.add(answer.status)
        if answer.status not in (200, 201):
            self.refused += 1
            return False
        report = answer.json["report"]
        assert self.acknowledged.setdefault(once, report) == report, "one report became two"
        return True

    def run(self):
        number = 0
        while not self.ending.is_set():
            if self.send(f"{self.name}-{number}"):
                number += 1
            else:
                time.sleep(.05)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join(60)
        assert not self.thread.is_alive()


def are_all_there(place, *platforms):
    """Each acknowledged report, once, with its job; and nobody has changed the log."""
    listed = rows(ward("intake", "ls", "-w", place, "--json", "--max", "100000", status=0))
    ids = [row["id"] for row in listed]
    equal(len(ids), len(set(ids)))
    for platform in platforms:
        assert platform.acknowledged, "nothing was acknowledged: the test shows nothing"
        missing = set(platform.acknowledged.values()) - set(ids)
        equal(missing, set())
    ward("audit", "verify", "-w", place, status=0)


@case("while the database is away files are still scanned, reports are refused, and then go on: none lost, none twice")
def _(folder):
    picture = draw_png(folder / "lighthouse.png", lighthouse).read_bytes()
    with Database() as database:
        place, key = house(folder, database.address())
        scans = add_key(place, "scans", "--scope", "scan")
        with Daemon(place, demo=False) as daemon, Platform(daemon, key, "a") as a, Platform(daemon, key, "b") as b:
            for _ in range(3):
                before = len(a.acknowledged) + len(b.acknowledged)
                wait_until(lambda: len(a.acknowledged) + len(b.acknowledged) > before + 20)
                database.stop()
                refused = a.refused
                wait_until(lambda: a.refused > refused)
                equal(daemon.ask("POST", "/v1/scan", picture, key=scans).json["verdict"], "allow")
                database.start()
                before = len(a.acknowledged)
                wait_until(lambda: len(a.acknowledged) > before + 5)
            assert a.statuses <= {200, 201, 503}, a.statuses
        are_all_there(place, a, b)


@case("when the disk is full reports are refused, none is lost that was not, and they go on when there is room")
def _(folder):
    place, key = house(folder)
    with Daemon(place, demo=False) as daemon, Platform(daemon, key, "a") as a:
        wait_until(lambda: len(a.acknowledged) > 20)
        room = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE)
        for _ in range(3):
            # What a file cannot grow beyond, no write of it can pass: a disk without room, for this program.
            resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (4096, room[1]))
            refused = a.refused
            wait_until(lambda: a.refused > refused + 2)
            assert daemon.process.poll() is None, daemon.log()[-1500:]
            resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, room)
            before = len(a.acknowledged)
            wait_until(lambda: len(a.acknowledged) > before + 10)
        assert a.statuses <= {200, 201, 503, 507}, a.statuses
    are_all_there(place, a)


@case("killed again and again while reports come in, it has each that it acknowledged, once")
def _(folder):
    place, key = house(folder)
    chance = random.Random(7)
    daemon = Daemon(place, demo=False)
    with Platform(daemon, key, "a") as a, Platform(daemon, key, "b") as b:
        for _ in range(8):
            time.sleep(chance.uniform(.05, .4))
            daemon.kill()
            daemon = a.daemon = b.daemon = Daemon(place, demo=False)
        before = len(a.acknowledged)
        wait_until(lambda: len(a.acknowledged) > before + 5)
    daemon.kill()
    are_all_there(place, a, b)


run_cases()
