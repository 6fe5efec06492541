"""A real Postfix of one's own on loopback: its doors ask a milter, can do without one, or have none."""
import contextlib
import os
import pathlib
import pwd
import shutil
import smtplib
import socket
import struct
import subprocess
import tempfile
import time

MASTER = """
127.0.0.1:{closed} inet n - n - - smtpd
127.0.0.1:{open}   inet n - n - - smtpd
  -o smtpd_milters=inet:127.0.0.1:{milter_open} -o milter_default_action=accept
127.0.0.1:{bare}   inet n - n - - smtpd
  -o smtpd_milters=
pickup   unix n - n 60 1 pickup
cleanup  unix n - n - 0 cleanup
qmgr     unix n - n 300 1 qmgr
rewrite  unix - - n - - trivial-rewrite
bounce   unix - - n - 0 bounce
defer    unix - - n - 0 bounce
trace    unix - - n - 0 bounce
verify   unix - - n - 1 verify
flush    unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error    unix - - n - - error
retry    unix - - n - - error
discard  unix - - n - - discard
local    unix - n n - - local
virtual  unix - n n - - virtual
anvil    unix - - n - 1 anvil
scache   unix - - n - 1 scache
postlog  unix-dgram n - n - 1 postlogd
"""

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
virtual_mailbox_domains = b.example
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:box/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
virtual_mailbox_limit = 0
message_size_limit = 30000000
smtpd_milters = inet:127.0.0.1:{milter_closed}
milter_default_action = tempfail
milter_connect_timeout = 3s
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_error_sleep_time = 0
in_flow_delay = 0
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
"""


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def until(what, seconds=20):
    end = time.time() + seconds
    while not (found := what()):
        assert time.time() < end, "waited in vain"
        time.sleep(.02)
    return found


class Postfix:
    """One for all cases: a door whose milter must answer, and one that does without."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ward-postfix-"))
        self.folder.chmod(0o755)
        names = ("closed", "open", "bare", "milter_closed", "milter_open")
        self.ports = dict(zip(names, free_ports(len(names))))
        nobody = pwd.getpwnam("nobody")
        for name, user in (("queue", 0), ("data", pwd.getpwnam("postfix").pw_uid), ("mail", nobody.pw_uid), ("conf", 0)):
            (self.folder / name).mkdir()
            os.chown(self.folder / name, user, -1)
        words = dict(self.ports, folder=self.folder, uid=nobody.pw_uid, gid=nobody.pw_gid)
        (self.folder / "conf/main.cf").write_text(MAIN.format(**words))
        (self.folder / "conf/master.cf").write_text(MASTER.format(**words))
        self.run = subprocess.Popen(["/usr/sbin/postfix", "-c", self.folder / "conf", "start-fg"],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self.answers)

    def answers(self):
        assert self.run.poll() is None, self.log()
        try:
            socket.create_connection(("127.0.0.1", self.ports["open"]), 1).close()
            return True
        except OSError:
            return False

    def log(self):
        with contextlib.suppress(OSError):
            return (self.folder / "mail.log").read_text(errors="replace")[-3000:]

    def stop(self):
        subprocess.run(["/usr/sbin/postfix", "-c", self.folder / "conf", "stop"], capture_output=True)
        self.run.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def box(self):
        """Mails that were delivered, and not yet looked at."""
        place = self.folder / "mail/box/new"
        return [path.read_bytes() for path in place.iterdir()] if place.is_dir() else []

    def waits(self):
        return [path for name in ("incoming", "active") for path in (self.folder / "queue" / name).rglob("*") if path.is_file()]

    def empty(self):
        until(lambda: not self.waits())
        shutil.rmtree(self.folder / "mail/box", ignore_errors=True)
        self.super("-d", "ALL")

    def super(self, *words):
        """Again while it fails: Postfix runs one of its own as it starts, and the two take files from each other."""
        done = None

        def went():
            nonlocal done
            done = subprocess.run(["/usr/sbin/postsuper", "-c", self.folder / "conf", *words], capture_output=True)
            return done.returncode == 0

        try:
            until(went)
        except AssertionError:
            raise AssertionError(done.stderr) from None

    def held(self):
        return [path.name for path in (self.folder / "queue/hold").rglob("*") if path.is_file()]

    def send(self, mail, door="closed", sender="keeper@lighthouse.example", to=("ann@b.example",)):
        """The status and the words that the sender is told."""
        with smtplib.SMTP("127.0.0.1", self.ports[door], timeout=30) as peer:
            peer.ehlo("lighthouse.example")
            for answer in [peer.mail(sender), *(peer.rcpt(one) for one in to)]:
                if answer[0] != 250:
                    return answer
            return peer.data(mail if isinstance(mail, bytes) else bytes(mail))


class Words:
    """What a mail server says to a milter, a word at a time, by a socket of a file."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(str(path))
        self.file = self.socket.makefile("rb")
        # Version, all that may be done, no step that may be left out.
        assert self.ask(b"O" + struct.pack(">III", 6, 0x1ff, 0))[:1] == b"O"
        for word in (b"Clighthouse.example\0U", b"Hlighthouse.example\0", b"M<keeper@lighthouse.example>\0", b"R<ann@b.example>\0"):
            assert self.ask(word) == b"c"

    def say(self, word):
        self.socket.sendall(struct.pack(">I", len(word)) + word)

    def hear(self):
        """None: it has closed the connection."""
        try:
            size = self.file.read(4)
            return self.file.read(struct.unpack(">I", size)[0]) if len(size) == 4 else None
        except ConnectionError:
            return None

    def ask(self, word):
        with contextlib.suppress(ConnectionError):
            self.say(word)
        return self.hear()

    def begin(self, mail):
        """All but the end of a mail without a header of its own that matters."""
        for word in (b"LMIME-Version\0 1.0\0", b"LContent-Type\0 " + mail["Content-Type"].encode() + b"\0", b"N"):
            assert self.ask(word) == b"c"
        body = bytes(mail).split(b"\n\n", 1)[1]
        for at in range(0, len(body), 60000):
            assert self.ask(b"B" + body[at:at + 60000]) == b"c"
