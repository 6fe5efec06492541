#!/usr/bin/env python3
"""ward agent: folders, a Maildir, a medium; the quarantine, the spool, and the real wardd."""
import email.message
import email.policy
import hashlib
import mmap
import resource
import signal
import time
import zipfile

import elsewhere
from daemon import *
from scenario import *

AGENT = BUILD / "src/bin/ward-agent"
SLOW = 6 if "sanitized" in str(BUILD) else 1


def until(what, says, seconds=20):
    end = time.monotonic() + seconds * SLOW
    while time.monotonic() < end:
        got = what()
        if got:
            return got
        time.sleep(.03)
    raise AssertionError(f"not within {seconds} s: {says}")


def read_or_not(path):
    try:
        return path.read_text()
    except OSError:
        return ""


class Site:
    """A workspace with a list, keys, a watched folder, and what the agent needs."""

    def __init__(self, folder, more="", watch="", act="", wardd=True, whole="yes", quarantine=""):
        self.folder = folder
        self.light = draw_png(folder / "light.png", lighthouse)
        self.harbour = draw_png(folder / "harbour.png", bridge)
        sha = hashlib.sha256(self.light.read_bytes()).hexdigest()
        self.place = workspace(folder, lights=["sha256:" + sha])
        self.home = folder / "home"
        self.home.mkdir()
        self.secret = folder / "secret"
        public = ward("verify", "--new-secret", self.secret, status=0).stdout.decode().strip()
        self.token = folder / "token"
        self.own = folder / "own"
        self.conf = folder / "agent.conf"
        self.port = 9  # nobody's
        self.more, self.watch, self.act, self.public, self.wardd, self.whole = more, watch, act, public, wardd, whole
        self.quarantine, self.process = quarantine, None
        self.write()

    def write(self):
        wardd = f'wardd {{ url = "http://127.0.0.1:{self.port}"; token = "{self.token}" }}' if self.wardd else ""
        self.conf.write_text(f"""
            agent {{ workspace = "{self.place}"; folder = "{self.own}"; name = desk-7 }}
            watch "home" {{ folder = "{self.home}"
                {self.watch} }}
            act {{ {self.act} }}
            quarantine {{ key = "{self.public}"; {self.quarantine} }}
            {wardd}
            limits {{ settle = 100ms; worker_idle = 2s; refresh = 300ms; battery_waits = no; whole = {self.whole} }}
            {self.more}
        """)

    def agent(self, *args, **more):
        return ward("agent", "--settings", self.conf, *args, **more)

    def start(self):
        with open(self.folder / "agent.log", "ab") as log:
            self.process = subprocess.Popen([WARD, "agent", "--settings", str(self.conf)], stderr=log, stdout=log,
                                            env=environment())
        count = self.log().count(" ready ")
        until(lambda: self.log().count(" ready ") > count or self.process.poll() is not None, "the agent is ready")
        assert self.process.poll() is None, self.log()
        return self

    def log(self):
        path = self.folder / "agent.log"
        return path.read_text() if path.exists() else ""

    def kill(self, number=signal.SIGKILL):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(30)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill(signal.SIGTERM)

    def drop(self, name="photo.png", source=None):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((source or self.light).read_bytes())
        return path

    def status(self):
        return rows(self.agent("status", "--json"))[0]

    def workers(self):
        found = pathlib.Path("/proc").glob("[0-9]*/stat")
        return [stat.parent for stat in found if " (ward-worker) " in (text := read_or_not(stat))
                and int(text.rsplit(")", 1)[1].split()[1]) == self.process.pid]

    def held(self, *args):
        return rows(self.agent("held", "list", "--json", *args, status=0))

    def waiting(self):
        return len(list((self.own / "spool").glob("*.report")))

    def reports(self):
        """What came to wardd, as its store has it."""
        return rows(ward("intake", "ls", "-w", self.place, "--json", status=0))


    def serve(self):
        """wardd, and the agent told where it is; a key that may do nothing but report."""
        if not self.token.exists():
            ward("vault", "init", "-w", self.place, status=0)
            done = ward("key", "add", "-w", self.place, "desk-7", "--scope", "report", status=0)
            self.token.write_bytes(done.stdout.strip().split()[-1])
        listen = [] if self.port == 9 else ["--listen", f"127.0.0.1:{self.port}"]
        running = Daemon(self.place, *listen, demo=False)
        self.port = running.port
        self.write()
        return running


def came(site, count):
    until(lambda: len(site.reports()) >= count, f"wardd has {count} reports")
    until(lambda: site.waiting() == 0, "none waits")
    equal(len(site.reports()), count)


@case("a watched folder that is missing, made anew, renamed away or mounted over is heard again")
def _(folder):
    site = Site(folder)
    site.home.rename(folder / "elsewhere")
    site.home.symlink_to(folder / "elsewhere")  # as is no folder
    assert b"missing now" in site.agent("check", status=0).stdout
    site.home.unlink()

    def heard_by(*words):
        until(lambda: site.status()["places"][0]["heard_by"] in words, f"heard by {words}")

    def holds(name):
        path = site.drop(name)
        until(lambda: not path.exists(), f"{name} is held")

    with site:
        heard_by("missing")
        assert "watch_missing" in site.log()
        holds("first.png")
        heard_by("inotify", "whole file system")
        assert "watch_back" in site.log()
        before = site.home.rename(folder / "before")
        holds("second.png")
        shutil.copy(site.light, before / "left.png")
        if os.geteuid() == 0 and not subprocess.run(["mount", "-t", "tmpfs", "home", site.home], capture_output=True).returncode:
            try:
                holds("over.png")
                holds("in/over.png")
                until(lambda: subprocess.run(["umount", site.home], capture_output=True).returncode == 0, "unmounted", 5)
            finally:
                subprocess.run(["umount", "-l", site.home], capture_output=True)
            holds("under.png")
        assert (before / "left.png").exists(), "what was renamed away"


@case("what cannot be opened, or has too long a path, is told and counted, and a later sweep looks at it")
def _(folder):
    site = Site(folder, whole="no")
    with site:
        first = site.drop("first.png")
        until(lambda: not first.exists(), "a worker is there")
        limit = resource.prlimit(site.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(site.process.pid, resource.RLIMIT_NOFILE, (3, limit[1]))
        path = site.drop()
        until(lambda: "not_opened" in site.log(), "it cannot be opened")
        resource.prlimit(site.process.pid, resource.RLIMIT_NOFILE, limit)
        until(lambda: site.status()["not_opened"] >= 1, "status says so")
        assert path.exists()
        deep, name = [os.open(site.home, os.O_RDONLY)], "n" * 250
        for _ in range(18):
            os.mkdir(name, dir_fd=deep[-1])
            deep.append(os.open(name, os.O_RDONLY, dir_fd=deep[-1]))
        import_list(site.place, "bridges", ["sha256:" + hashlib.sha256(site.harbour.read_bytes()).hexdigest()])
        until(lambda: not path.exists(), "it is held")
        until(lambda: site.status()["too_long"] >= 1, "a path is too long")
        assert "too_long" in site.log() and "nnn" not in site.log()
        while len(deep) > 1:
            os.close(deep.pop())
            os.rmdir(name, dir_fd=deep[-1])
        os.close(deep.pop())


@case("a known picture is held and told of once, and comes back byte for byte")
def _(folder):
    site = Site(folder)
    bytes_ = site.light.read_bytes()
    with site.serve(), site:
        other = site.drop("harbour.png", site.harbour)
        path = site.drop("deep/er/photo.png")
        until(lambda: not path.exists(), "the picture is gone")
        workers = site.workers()
        assert workers, "a worker waits for more"
        for worker in workers:
            assert "CapEff:\t0000000000000000" in (worker / "status").read_text(), "a worker with root's rights"
        came(site, 1)
        assert other.exists()
        [one] = site.held()
        assert "path" not in one, "a name without the key"
        [named] = site.held("--key", site.secret)
        equal(named["path"], str(path))
        # Sealed: nothing of it lies about in the clear.
        for file in site.own.rglob("*"):
            assert not file.is_file() or bytes_[:64] not in file.read_bytes()
        shown = json.dumps(rows(ward("intake", "show", "-w", site.place, "--json", site.reports()[0]["id"], status=0)))
        assert one["id"] in shown and "desk-7" in shown and "photo.png" not in shown, shown
        # Given back it is left alone, also by the next sweep.
        site.agent("held", "restore", one["id"], "--key", site.secret, status=0)
        equal(path.read_bytes(), bytes_)
        until(lambda: site.status()["left_as_restored"], "it is left alone")
    (site.own / "looked").unlink()
    with site.serve(), site:
        until(lambda: site.status()["left_as_restored"], "it is left alone by a sweep, too")
        assert path.exists()
        equal(site.held(), [])
        equal(len(site.reports()), 1)
    for word in ("photo", "deep"):
        assert word not in site.log(), "a name in the log"


@case("what could not be looked at is not passed by later on")
def _(folder):
    site = Site(folder)
    with zipfile.ZipFile(folder / "packed", "w") as archive:
        for number in range(200):  # more than ten milliseconds have room for
            archive.writestr(f"{number}.png", site.harbour.read_bytes() + bytes([number]))
        archive.write(site.light, "photo.png")
    conf, in_time = site.place / "ward.conf", (site.place / "ward.conf").read_text()
    conf.write_text(in_time + "\nscan { time_max = 10ms }\n")
    with site:
        path = site.drop("photos.zip", folder / "packed")
        until(lambda: site.status()["failed"] >= 1, "its time is over before it was looked at")
        assert path.exists()
    conf.write_text(in_time)
    with site:
        until(lambda: not path.exists(), "it is looked at, and held")


def written_by_memory(site):
    """Its size and times are those of what was there, and clean, when it was looked at."""
    picture = site.light.read_bytes()
    path, looked = site.home / "mapped.png", site.status()["looked_at"]
    with open(path, "w+b") as file:
        file.truncate(len(picture))
        with mmap.mmap(file.fileno(), len(picture)) as memory:
            memory[:] = bytes(len(picture) - 1) + b"."
            until(lambda: site.status()["looked_at"] > looked, "it is looked at")
            memory[:] = picture
    until(lambda: not path.exists(), "what was written by memory is held")


def comes_in_every_way(folder, whole, heard_by):
    site = Site(folder, watch='exclude = [left, "*.part"]', whole=whole)
    before = site.drop("before.png")
    with site:
        until(lambda: not before.exists(), "the first sweep finds it")
        outside = folder / "outside" / "in" / "ner"
        outside.mkdir(parents=True)
        shutil.copy(site.light, outside / "a.png")
        (folder / "outside").rename(site.home / "moved")
        shutil.copy(site.light, folder / "b.png")
        (folder / "b.png").rename(site.home / "b.png")
        shutil.copy(site.light, folder / "c.png")
        os.link(folder / "c.png", site.home / "c.png")
        until(lambda: len(site.held()) == 4, "four are held")
        left = [site.drop("left/in/d.png"), site.drop("e.png.part")]
        for i in range(12):
            site.drop(f"quick/{i}/{i}/{i}.png")
        until(lambda: len(site.held()) == 16, "those of folders made quickly")
        assert all(path.exists() for path in left), "what is excluded"
        assert (folder / "c.png").exists(), "the other name of a file"
        written_by_memory(site)
        status = site.status()
        equal(status["places"][0]["heard_by"], heard_by)


@case("what was there before, came by a rename, a link or a folder is found by inotify")
def _(folder):
    comes_in_every_way(folder, "no", "inotify")


@case("the same is found by fanotify, where the system lets us")
def _(folder):
    # CAP_DAC_READ_SEARCH and CAP_SYS_ADMIN; and a file system that gives handles.
    may = int(re.search(r"CapEff:\s*(\w+)", pathlib.Path("/proc/self/status").read_text())[1], 16)
    if not (may >> 2 & 1 and may >> 21 & 1):
        raise Skip("fanotify for whole file systems wants root")
    (folder / "try").mkdir()
    site = Site(folder / "try")
    with site:
        status = site.status()
        if status["places"][0]["heard_by"] == "inotify":
            raise Skip("this file system cannot be listened to as a whole")
    comes_in_every_way(folder, "yes", "whole file system")


@case("without wardd reports wait, and are told once when it is back, also over a kill")
def _(folder):
    site = Site(folder)
    with site.serve() as running:
        running.stop()
        with site:
            paths = [site.drop(f"{i}.png") for i in range(3)]
            until(lambda: not any(path.exists() for path in paths), "held without wardd")
            until(lambda: site.waiting() == 3, "they are told of")
            site.kill()
        # Behind them one that is no report, and one that the disk does not give.
        spool = site.own / "spool"
        (spool / "00000000000000f0.report").write_text("words")
        (spool / "00000000000000f1.report").symlink_to("00000000000000f1.report")
        site.start()
        try:
            until(lambda: site.waiting() == 5, "they still wait")
            with site.serve():
                came(site, 3)
                equal(len(site.reports()), 3)
                until(lambda: " reports_aside " in site.log(), "that the two were put aside is said")
                until(lambda: (site.status()["damaged"], site.status()["unread"]) == (1, 1), "and counted")
        finally:
            site.kill(signal.SIGTERM)


@case("killed again and again while it works, it loses no file and tells each once")
def _(folder):
    site = Site(folder)
    with site.serve():
        for turn in range(4):
            site.start()
            paths = [site.drop(f"{turn}-{i}.png") for i in range(4)]
            time.sleep(.25 + .05 * turn)
            site.kill()
        site.start()
        try:
            until(lambda: not list(site.home.glob("*.png")), "all are held")
            came(site, 16)
        finally:
            site.kill(signal.SIGTERM)
        equal(len(site.held()), 16)
    for one in site.held():
        site.agent("held", "restore", one["id"], "--key", site.secret, status=0)
    equal(len(list(site.home.glob("*.png"))), 16)
    for path in site.home.glob("*.png"):
        equal(path.read_bytes(), site.light.read_bytes())


@case("a message in a Maildir is looked into, told of and left where only telling is wanted")
def _(folder):
    site = Site(folder, watch="kind = maildir; act = tell")
    for name in ("tmp", "new", "cur"):
        (site.home / name).mkdir()
    message = email.message.EmailMessage(email.policy.SMTP)
    message["Subject"], message["From"] = "a lighthouse", "anna@harbour.example"
    message.set_content("see the picture")
    message.add_attachment(site.light.read_bytes(), maintype="image", subtype="png", filename="light.png")
    with site.serve(), site:
        draft = site.home / "tmp" / "1.host"
        draft.write_bytes(bytes(message))
        draft.rename(site.home / "new" / "1.host")
        site.drop("index.png")
        came(site, 1)
        assert (site.home / "new" / "1.host").exists()
        (site.home / "new" / "1.host").rename(site.home / "cur" / "1.host:2,S")
        time.sleep(.6)
    equal(site.held(), [])


@case("a link put in a file's or a folder's place leads nowhere")
def _(folder):
    site = Site(folder, watch="every = 1s")
    precious = folder / "precious"
    precious.mkdir()
    shutil.copy(site.light, precious / "photo.png")
    with site:
        (site.home / "link.png").symlink_to(precious / "photo.png")
        (site.home / "folder").symlink_to(precious)
        (site.home / "loop").symlink_to(site.home)
        for _ in range(20):
            (site.home / "swap").mkdir(exist_ok=True)
            shutil.copy(site.light, site.home / "swap" / "photo.png")
            (site.home / "swap").rename(site.home / "was")
            (site.home / "swap").symlink_to(precious)
            time.sleep(.03)
            (site.home / "swap").unlink()
            shutil.rmtree(site.home / "was")
        last = site.drop("last.png")
        until(lambda: not last.exists(), "the last one is held")
        time.sleep(.5)
        assert (precious / "photo.png").exists(), "a file outside was taken away"


@case("the agent's own folders are never looked into, whatever is watched")
def _(folder):
    site = Site(folder)
    site.own.mkdir(mode=0o700)
    site.conf.write_text(site.conf.read_text().replace(f'folder = "{site.home}"', f'folder = "{folder}"'))
    inside = site.own / "photo.png"
    shutil.copy(site.light, inside)
    with site:
        until(lambda: not site.light.exists(), "the one outside is held")
        shutil.copy(inside, site.own / "more.png")
        time.sleep(.5)
    assert inside.exists() and (site.own / "more.png").exists()


@case("a medium that is mounted is swept and watched, and can be unmounted")
def _(folder):
    root = folder / "media"
    medium = root / "stick"
    medium.mkdir(parents=True)
    site = Site(folder, more=f'media {{ folder = "{root}" }}')
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "stick", medium], capture_output=True).returncode:
        raise Skip("mounting wants root")
    subprocess.run(["umount", medium], check=True)
    with site:
        subprocess.run(["mount", "-t", "tmpfs", "stick", medium], check=True)
        try:
            shutil.copy(site.light, medium / "a.png")
            until(lambda: not (medium / "a.png").exists(), "what is on it is held")
            (medium / "in").mkdir()
            shutil.copy(site.light, medium / "in" / "b.png")
            until(lambda: not (medium / "in" / "b.png").exists(), "what comes onto it is held")
            until(lambda: subprocess.run(["umount", medium], capture_output=True).returncode == 0, "unmounted", 5)
        finally:
            subprocess.run(["umount", "-l", medium], capture_output=True)
        until(lambda: " unmounted " in site.log(), "the agent has seen it go")
        subprocess.run(["mount", "-t", "tmpfs", "stick", medium], check=True)
        try:
            shutil.copy(site.light, medium / "c.png")
            until(lambda: not (medium / "c.png").exists(), "mounted once more")
        finally:
            subprocess.run(["umount", "-l", medium], check=True)


def holds_and_gives_back(site, share, served):
    """What lies on a server that is mounted: taken from there, sealed here, and given back to there."""
    # As somebody else would put it there, whom no kernel here tells of.
    shutil.copy(site.light, served / "light.png")
    shutil.copy(site.harbour, served / "harbour.png")
    with site:
        until(lambda: not (served / "light.png").exists(), "the server has it no more")
        until(lambda: not (share / "light.png").exists(), "nor does the mount")
        until(lambda: len(site.held()) == 1 and site.waiting() == 1, "it is held, and told of")
        equal((served / "harbour.png").read_bytes(), site.harbour.read_bytes())
        [one] = site.held("--key", site.secret)
        equal((one["path"], one["bytes"]), (str(share / "light.png"), len(site.light.read_bytes())))
        sealed = (site.own / "held" / (one["id"] + ".held")).read_bytes()
        assert site.light.read_bytes()[:64] not in sealed, "it lies there in the clear"
        site.agent("held", "restore", one["id"], "--key", site.secret, status=0)
        until(lambda: (served / "light.png").exists() and
              (served / "light.png").read_bytes() == site.light.read_bytes(), "the server has it again")
        until(lambda: site.status()["left_as_restored"] >= 1, "and there it is left alone")
        equal(site.held(), [])
        status = site.status()
        equal([place["heard_by"] for place in status["places"] if place["folder"] == str(site.home)],
              ["inotify, swept"])


@case("what lies on a real WebDAV server, mounted by davfs2, is held from there, and given back to there")
def _(folder):
    site = Site(folder, watch="every = 1s")
    with elsewhere.webdav(folder, site.home) as served:
        holds_and_gives_back(site, site.home, served)


@case("what lies on a real Samba server, mounted by smbnetfs, is held from there, and given back to there")
def _(folder):
    site = Site(folder, watch="every = 1s")
    with elsewhere.smb(folder, site.home) as served:
        holds_and_gives_back(site, site.home / "127.0.0.1/share", served)


@case("without room for a sealed copy the file stays, which is told once, and it is held when there is room")
def _(folder):
    small = folder / "small"
    small.mkdir()
    site = Site(folder, quarantine=f'folder = "{small}"')
    mount = ["mount", "-t", "tmpfs", "-o", "size=12k,mode=700", "small", small]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        raise Skip("mounting wants root")
    try:
        with site:
            path = site.drop()
            until(lambda: "not_held" in site.log(), "it cannot be held")
            equal(path.read_bytes(), site.light.read_bytes())
            until(lambda: site.waiting() == 1, "that is told")
            until(lambda: (site.status()["trouble"] or "").startswith("not_held"), "and status says it")
            equal(list(small.glob("*.new")), [])
            subprocess.run(["mount", "-o", "remount,size=10m", small], check=True)
            site.drop()
            until(lambda: not path.exists(), "it is held")
            until(lambda: site.waiting() == 2, "and that is told")
    finally:
        subprocess.run(["umount", "-l", small], check=True)


@case("a rule that is changed, and a list that is imported meanwhile, are asked of old files, too")
def _(folder):
    site = Site(folder)
    path = site.drop("harbour.png", site.harbour)
    conf = site.place / "ward.conf"
    rules = conf.read_text()
    conf.write_text(rules + 'rule "all" { verdict = allow }\n')
    light = site.drop()
    with site:
        until(lambda: site.status()["remembered"] == 2, "both are looked at, and left")
    assert light.exists()
    conf.write_text(rules)
    with site:
        until(lambda: not light.exists(), "the listed one is held")
        import_list(site.place, "bridges", ["sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()])
        until(lambda: not path.exists(), "the newly listed one is held", 30)


@case("check and status say what is watched, and by which means")
def _(folder):
    site = Site(folder, wardd=False)
    said = site.agent("check", status=0).stdout.decode()
    assert str(site.home) in said and "block: hold" in said and "is not told" in said, said
    assert b"no agent has run" in site.agent("status", status=2).stderr
    with site:
        until(lambda: (site.own / "status.json").exists(), "a status")
        status = site.status()
        equal([place["folder"] for place in status["places"]], [str(site.home)])
        assert status["places"][0]["heard_by"] in ("inotify", "whole file system")
        assert b"desk-7" in site.agent("status", status=0).stdout
        assert b"open" in site.agent(status=2).stderr, "a second agent"
    assert b"does not run" in site.agent("status", status=2).stderr
    site.conf.write_text(site.conf.read_text().replace("settle", "setle"))
    assert b"agent.conf:8: there is no setting" in site.agent("check", status=2).stderr
    site.conf.write_text(site.conf.read_text().replace("setle", "settle").replace(f'key = "{site.public}"', ""))
    assert b"quarantine.key is wanted" in site.agent("check", status=2).stderr


if __name__ == "__main__":
    run_cases()
