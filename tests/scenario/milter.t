#!/usr/bin/env python3
"""ward milter between a real Postfix and a real mailbox, all on loopback."""
import concurrent.futures
import contextlib
import email
import email.message
import http.server
import io
import itertools
import pwd
import re
import signal
import smtplib
import socket
import threading
import zipfile

from postfix import *
from scenario import *

postfix = None


def need():
    global postfix
    if os.geteuid() != 0:
        raise Skip("a mail server of one's own needs root")
    if not os.path.exists("/usr/sbin/postfix"):
        raise Skip("postfix is not installed")
    if not postfix:
        postfix = Postfix()
    postfix.empty()
    return postfix


@functools.lru_cache(maxsize=None)
def set_up():
    """A workspace that knows a lighthouse, and pictures of it and of a bridge."""
    folder = postfix.folder / "known"
    folder.mkdir()
    draw_png(folder / "lighthouse.png", lighthouse)
    draw_png(folder / "bridge.png", bridge)
    place = workspace(folder, lighthouses=["pdq:" + hash_of(folder / "lighthouse.png")["pdq"]])
    return place, (folder / "lighthouse.png").read_bytes(), (folder / "bridge.png").read_bytes()


class Milter:
    def __init__(self, folder, *options, door="closed", place=None, **env):
        place = place or set_up()[0]
        self.log_path, self.out = folder / "milter.log", folder / "milter.json"
        self.log_path.unlink(missing_ok=True)
        with open(self.log_path, "ab") as log, open(self.out, "ab") as out:
            self.process = subprocess.Popen(
                [WARD, "milter", "-w", place, "--json", "--listen", f"inet:{postfix.ports['milter_' + door]}@127.0.0.1",
                 *map(str, options)], stdout=out, stderr=log, env=environment(**env))
        until(lambda: " ready " in self.log() or self.process.poll() is not None)
        assert self.process.poll() is None, self.log()

    def log(self):
        return self.log_path.read_text(errors="replace")

    def rows(self):
        return [json.loads(line) for line in self.out.read_text().splitlines()]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # As if the power failed; libmilter looks only every five seconds whether it is to end.
        self.process.kill()
        self.process.wait(20)


class Told(http.server.BaseHTTPRequestHandler):
    """wardd, as far as it counts reports by their keys."""
    server_version, protocol_version = "wardd", "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        key = self.headers["Idempotency-Key"]
        again = key in self.server.reports
        same = self.server.reports.setdefault(key, json.loads(body)) == json.loads(body)
        self.server.calls += 1
        self.send_response(409 if not same else 200 if again else 201)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def wardd(folder):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Told)
    server.reports, server.calls = {}, 0
    threading.Thread(target=server.serve_forever, args=(.05,), daemon=True).start()
    (folder / "key").write_text("ward_test\n")
    server.options = ("--spool", folder / "spool", "--wardd", f"http://127.0.0.1:{server.server_port}", "--key", folder / "key")
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


numbers = itertools.count(1)


def letter(*pictures, subject="The lamp", words="The lamp is lit.\n"):
    mail = email.message.EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "keeper@lighthouse.example", "ann@b.example", subject
    # Or the mail server adds its own, each time others.
    mail["Message-ID"], mail["Date"] = f"<{next(numbers)}@lighthouse.example>", "Fri, 27 Nov 2026 12:00:00 +0000"
    mail.set_content(words)
    for name, picture in pictures:
        mail.add_attachment(picture, maintype="image", subtype="png", filename=name)
    return mail


def zipped(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return out.getvalue()


def arrived(count=1):
    until(lambda: len(postfix.box()) >= count)
    return [email.message_from_bytes(mail) for mail in postfix.box()]


# ---- what is let through, and what is not ----

@case("a clean mail arrives as it was, with our word and without forged ones")
def _(folder):
    postfix = need()
    _, _, other = set_up()
    mail = letter(("bridge.png", other))
    mail["X-Ward"] = "checked by somebody"
    del mail["Date"]
    raw = bytes(mail).replace(b"Subject:", b"x-wARD: checked\r\nSubject:").replace(b"\n", b"\r\n").replace(b"\r\r", b"\r")
    with Milter(folder) as milter:
        equal(postfix.send(raw)[0], 250)
        equal(postfix.send(letter())[0], 250)
        got = arrived(2)
        equal([mail.get_all("X-Ward") for mail in got], [["checked"], ["checked"]])
        pictures = [part.get_payload(decode=True) for mail in got for part in mail.walk() if part.get_filename()]
        equal(pictures, [other])
        equal(milter.rows(), [])
    equal(postfix.held(), [])


@case("a known picture is held, wherever in the mail it is, told once, and never in the mailbox")
def _(folder):
    postfix = need()
    _, known, other = set_up()
    inner = letter(("bridge.png", other))
    inner.add_attachment(zipped(lamp_png=known), maintype="application", subtype="zip", filename="lamp.zip")
    forwarded = letter(subject="Fwd: The lamp")
    forwarded.add_attachment(inner)
    with wardd(folder) as server, Milter(folder, *server.options) as milter:
        plain = letter(("a.png", known))
        equal(postfix.send(plain)[0], 250)
        equal(postfix.send(forwarded)[0], 250)
        until(lambda: len(postfix.held()) == 2)
        until(lambda: server.calls == 2)
        # Handed in again, as after an answer that was lost: another one is held, under an id of its own.
        equal(postfix.send(plain)[0], 250)
        until(lambda: len(server.reports) == 3)
        equal(server.calls, 3)
        held = postfix.held()
        for id in held:
            equal(sum(f" Id: {id}. " in report["items"][0]["text"] for report in server.reports.values()), 1)
        equal(len(held), 3)
        equal(postfix.box(), [])
        rows = milter.rows()
        equal([(row["action"], row["verdict"], row["told"]) for row in rows], [("hold", "block", True)] * 3)
        equal({row["id"] for row in rows}, set(held))
        equal([finding["list"] for finding in rows[1]["findings"]], ["lighthouses"])
        for report in server.reports.values():
            equal(report["items"][1], {"kind": "account", "text": "mail/keeper@lighthouse.example"})
            equal((report["context"]["finding"], report["context"]["list"]), ("known", "lighthouses"))
        # Nothing of what is in a mail stands in what is logged.
        for word in ("lamp.zip", "a.png", "keeper", "ann@"):
            assert word not in milter.log() + milter.out.read_text(), word
        # A person lets it go: it says no more than any other.
        postfix.super("-H", held[0])
        subprocess.run(["/usr/sbin/postqueue", "-c", postfix.folder / "conf", "-f"], check=True)
        equal(arrived()[0].get_all("X-Ward"), ["checked"])


@case("a refused mail is told nothing but that; a list that comes later is asked from then on")
def _(folder):
    postfix = need()
    place, known, other = set_up()
    draw_png(folder / "tower.png", lambda x, y: 255 if int(9 * x) % 2 and int(7 * x * y) % 2 else 40 + 90 * x)
    tower = (folder / "tower.png").read_bytes()
    with wardd(folder) as server, Milter(folder, "--block", "reject", *server.options) as milter:
        refused = letter(("a.png", known))
        for calls in (1, 2):
            equal(postfix.send(refused), (550, b"5.7.1 Message not accepted"))
            until(lambda: server.calls == calls)
        equal(len(server.reports), 1)
        equal(postfix.send(letter(("b.png", tower)))[0], 250)
        import_list(place, "towers", ["pdq:" + hash_of(folder / "tower.png")["pdq"]])
        until(lambda: postfix.send(letter(("b.png", tower)))[0] == 550)
        ward("list", "drop", "-w", place, "towers")
    equal(postfix.held(), [])


# ---- when something fails ----

@case("when a worker dies, a mail is tried again, or let through unchecked where that was chosen")
def _(folder):
    postfix = need()
    _, known, _ = set_up()
    (folder / "bin").mkdir()
    os.symlink(BUILD.resolve() / "src/bin/ward-worker", folder / "bin/ward-worker")
    os.symlink("/bin/false", folder / "bin/ward-worker-document")
    worker = {"WARD_WORKER": str(folder / "bin/ward-worker")}
    with Milter(folder, **worker) as milter:
        equal(postfix.send(letter()), (451, b"4.7.1 Try again later"))
        equal(milter.rows()[0]["state"], "failed")
    with Milter(folder, "--fail", "hold", **worker):
        equal(postfix.send(letter())[0], 250)
        equal((len(postfix.held()), postfix.box()), (1, []))
    with Milter(folder, "--fail", "pass", **worker):
        equal(postfix.send(letter(("a.png", known)))[0], 250)
        equal(arrived()[0].get_all("X-Ward"), ["unchecked"])


@case("without the milter Postfix does as it was told: refuses for now, or goes on")
def _(folder):
    postfix = need()
    set_up()
    equal(postfix.send(letter())[0] // 100, 4)
    with Milter(folder) as milter, smtplib.SMTP("127.0.0.1", postfix.ports["closed"], timeout=30) as peer:
        peer.ehlo("lighthouse.example")
        equal([peer.mail("keeper@lighthouse.example")[0], peer.rcpt("ann@b.example")[0]], [250, 250])
        milter.process.kill()
        equal(peer.docmd("DATA")[0] // 100, 4)
    equal(postfix.send(letter(), door="open")[0], 250)
    equal(arrived()[0].get_all("X-Ward"), None)


# ---- large, broken, many ----

@case("a mail of 9 MB is looked at whole; one over the bound is as the operator chose")
def _(folder):
    postfix = need()
    _, known, _ = set_up()
    large = letter(("noise", os.urandom(6 << 20)), ("a.png", known))
    assert len(bytes(large)) > 8 << 20
    with Milter(folder) as milter:
        equal(postfix.send(large)[0], 250)
        equal((len(postfix.held()), postfix.box()), (1, []))
        equal(milter.rows()[0]["action"], "hold")
    with Milter(folder, "--max-message", "1", "--large", "pass") as milter:
        equal(postfix.send(large)[0], 250)
        equal(arrived()[0].get_all("X-Ward"), ["unchecked"])
        equal(milter.rows()[1]["state"], "large")


@case("a mail whose header or parts are broken is looked into all the same")
def _(folder):
    postfix = need()
    _, known, _ = set_up()
    whole = bytes(letter(("a.png", known))).replace(b"\n", b"\r\n")
    broken = [
        whole.replace(b"Subject:", b"Sub\x01ject\x7f:\xff\xfe"),
        b"X-Only: \x02\r\n" + whole[whole.index(b"Content-Type: multipart"):],
        whole[:whole.rindex(b"--")].rstrip(b"-= \r\n"),      # no closing boundary
        b"Content-Type: text/plain\r\n" + whole,              # which of the two is it?
    ]
    with Milter(folder) as milter:
        for mail in broken:
            equal(postfix.send(mail)[0], 250)
        states = [(row["state"], row["action"]) for row in milter.rows()]
        equal(len(postfix.held()), len(states))
        # The last is read as its first field says by some and as its second by others.
        equal(states[:3], [("looked", "hold")] * 3)
        for junk in (b"\r\n", b"no colon here\r\nat all\r\n", b"MIME-Version: 1.0\r\n" * 50):
            equal(postfix.send(junk)[0], 250)
        arrived(3)


@case("of many mails at once each goes its way, and each that is held was told once")
def _(folder):
    postfix = need()
    _, known, other = set_up()
    mails = [letter(("a.png", known if number % 4 == 0 else other), subject=f"lamp {number}") for number in range(48)]
    with wardd(folder) as server, Milter(folder, "--scans", "2", *server.options):
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            equal(set(answer[0] for answer in pool.map(postfix.send, mails)), {250})
        equal(len(arrived(36)), 36)
        equal(len(postfix.held()), 12)
        until(lambda: server.calls == 12)
        equal(len(server.reports), 12)
        assert not any(mail["Subject"] == "lamp 4" for mail in arrived())


def knocks_in_vain(door):
    with socket.socket(socket.AF_UNIX) as knock:
        try:
            knock.connect(str(door))
            return False
        except OSError:
            return True


@case("by a socket of a file, as another user: it is no other's while it listens, and ends with what it has in hand")
def _(folder):
    need()
    place, known, _ = set_up()
    door, mail = folder / "door", letter(("a.png", known))
    shutil.copytree(place, folder / "known")
    subprocess.run(["chown", "-R", "nobody", folder], check=True)
    options = ("--user", "nobody", "--listen", f"unix:{door}", "--spool", folder / "spool")
    with Milter(folder, *options, place=folder / "known") as milter:
        status = pathlib.Path(f"/proc/{milter.process.pid}/status").read_text()
        nobody = pwd.getpwnam("nobody")
        equal(re.search(r"Uid:\s+(.*)", status)[1].split(), [str(nobody.pw_uid)] * 4)
        equal(re.search(r"Groups:\s*(.*)", status)[1].split(), [str(nobody.pw_gid)])
        equal((door.stat().st_uid, door.stat().st_mode & 0o777), (nobody.pw_uid, 0o660))
        other = ward("milter", "-w", place, "--listen", f"unix:{door}", status=2)
        assert b"another listens there" in other.stderr, other.stderr
        whole, half = Words(door), Words(door)
        half.begin(mail)
        whole.begin(mail)
        whole.say(b"E")
        # It is in hand: in the spool, durably, before it is answered.
        until(lambda: list((folder / "spool").glob("*.report")))
        milter.process.send_signal(signal.SIGTERM)
        equal([whole.hear()[:1] for _ in range(3)], [b"q", b"h", b"c"])
        # When somebody knocks, libmilter looks whether it is to end, and else each five seconds.
        until(lambda: knocks_in_vain(door))
        # Half a mail is cut off without an answer, which to a mail server is: not now.
        until(lambda: half.ask(b"B and on") is None)
        equal(milter.process.wait(20), 0)
    # One that was killed leaves its socket behind.
    for _ in range(2):
        with Milter(folder, *options, place=folder / "known"):
            again = Words(door)
            again.begin(mail)
            equal(again.ask(b"E")[:1], b"q")


try:
    run_cases()
finally:
    if postfix:
        postfix.stop()
