"""e2guardian as Debian configures it, with lists of ours in place of its own: what the benches run beside ward."""
import os
import re
import shutil
import subprocess

from icap_squid import Skip, free_port, wait_for_port

PROGRAM = "/usr/sbin/e2guardian"
PHRASES = ("bannedphraselist", "weightedphraselist", "exceptionphraselist")


class E2guardian:
    """With `domains` banned; `phrases` of no weight that counts, or, with None, its own lists of phrases."""

    def __init__(self, folder, name, domains=(), phrases=None):
        if not os.access(PROGRAM, os.X_OK):
            raise Skip("there is no e2guardian here")
        # It reads the names of included files in lower case: so must the folder's be.
        self.port, self.etc = free_port(), folder / name
        shutil.copytree("/etc/e2guardian", self.etc, symlinks=True)
        with open(self.etc / "lists/bannedsitelist", "w") as lists:
            lists.writelines(f"{domain}\n" for domain in domains)
        self.move_paths()
        self.set("e2guardian.conf", filterports=self.port, transparenthttpsport=free_port(), filterip="127.0.0.1", nologger="on",
                 loglevel=0, filecachedir=f"'{folder}'", pidfilename=f"'{self.etc}/pid'", loglocation=f"'{self.etc}/log'")
        if phrases is not None:
            self.set("e2guardianf1.conf", naughtynesslimit=1000000)
            for kind in PHRASES:
                (self.etc / "lists" / kind).write_text("# none\n")
            (self.etc / "lists/weightedphraselist").write_text("".join(f"< {phrase} ><1>\n" for phrase in phrases))
        # It becomes a user of its own.
        folder.chmod(0o777)
        for path in [self.etc, *self.etc.rglob("*")]:
            path.chmod(0o777 if path.is_dir() else 0o666)
        self.start()

    def move_paths(self):
        for path in self.etc.rglob("*"):
            if path.is_file() and path.suffix in (".conf", ".story", "") and path.stat().st_size < 1 << 20:
                text = path.read_text(errors="surrogateescape").replace("/etc/e2guardian", str(self.etc))
                path.write_text(text, errors="surrogateescape")

    def set(self, file, **values):
        text = (self.etc / file).read_text()
        for name, value in values.items():
            line = f"{name} = {value}"
            text, found = re.subn(rf"(?m)^{name} *=.*$", line, text)
            if not found:
                text += f"\n{line}\n"
        (self.etc / file).write_text(text)

    def start(self):
        self.log = open(self.etc / "out.txt", "wb")
        self.process = subprocess.Popen([PROGRAM, "-N", "-c", self.etc / "e2guardian.conf"], stdout=self.log, stderr=self.log)
        try:
            wait_for_port(self.port, self.process, 120)
        except AssertionError as error:
            self.stop()
            raise Skip(f"e2guardian does not start: {(self.etc / 'out.txt').read_text(errors='replace')[-300:]}") from error

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:  # it waits for connections that nobody ends
            self.process.kill()
            self.process.wait()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
