"""Servers that are not ours, on loopback, and what is mounted from them: WebDAV, SMB, and a bucket.

Each is skipped, with a line that says why, where its programs are not, or where nothing can be mounted.
"""
import contextlib
import hashlib
import pathlib
import socket
import subprocess
import tempfile
import time
import urllib.parse

from scenario import *

S3RVER = BUILD / "s3rver"


def soak_only():
    """What weighs more than a run of CI should: dozens of megabytes of packages."""
    if not os.environ.get("WARD_ELSEWHERE"):
        raise Skip("make soak has it (WARD_ELSEWHERE=yes)")


def want(*programs):
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    missing = [name for name in programs if not shutil.which(name, path=path)]
    if missing:
        raise Skip(f"{', '.join(missing)} is missing")
    return [shutil.which(name, path=path) for name in programs]


def want_fuse():
    if os.geteuid() != 0:
        raise Skip("mounting wants root")
    try:
        os.close(os.open("/dev/fuse", os.O_RDWR))
    except OSError as why:
        raise Skip(f"there is no FUSE here: {why.strerror}") from None


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def soon(what, says, seconds=20):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, f"not within {seconds} s: {says}"
        time.sleep(.02)


def answers(port, process):
    def asked():
        assert process.poll() is None, "the server has ended"
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
    return asked


@contextlib.contextmanager
def program(log, *args, **more):
    with open(log, "wb") as out:
        process = subprocess.Popen([*map(str, args)], stdout=out, stderr=out, stdin=subprocess.DEVNULL, **more)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)


# ---- WebDAV: lighttpd, and davfs2 ----

# A folder is listed in pieces as large as the kernel asks for, which is more than davfs2's default.
DAVFS = "ask_auth 0\nuse_locks 0\ndelay_upload 0\ndir_refresh 1\nfile_refresh 0\nbuf_size 256\n"


@contextlib.contextmanager
def webdav(folder, place):
    """Mounts at `place` what lighttpd serves from the folder that is yielded."""
    want_fuse()
    lighttpd, mount = want("lighttpd", "mount.davfs")
    if not pathlib.Path("/usr/lib/lighttpd/mod_webdav.so").exists():
        raise Skip("lighttpd-mod-webdav is missing")
    served, port = folder / "served", free_port()
    served.mkdir()
    (folder / "lighttpd.conf").write_text(
        f'server.document-root = "{served}"\nserver.port = {port}\nserver.bind = "127.0.0.1"\n'
        f'server.modules = ("mod_webdav")\nserver.upload-dirs = ("{folder}")\n'
        'webdav.activate = "enable"\nwebdav.is-readonly = "disable"\n')
    # davfs2 works as a user of its own, which does not come into a test's folder.
    cache = pathlib.Path(tempfile.mkdtemp(prefix="ward-davfs-"))
    try:
        shutil.chown(cache, "root", "davfs2")
        cache.chmod(0o775)
        (folder / "davfs2.conf").write_text(DAVFS + f"cache_dir {cache}\n")
        with program(folder / "lighttpd.log", lighttpd, "-D", "-f", folder / "lighttpd.conf") as server:
            soon(answers(port, server), "lighttpd answers")
            done = subprocess.run([mount, "-o", f"conf={folder}/davfs2.conf", f"http://127.0.0.1:{port}/", place],
                                  stdin=subprocess.DEVNULL, capture_output=True)
            if done.returncode:
                raise Skip(f"davfs2 does not mount: {done.stderr.decode().strip()}")
            try:
                yield served
            finally:
                # Without davfs2's own help, which waits by the second.
                subprocess.run(["umount", "-i", "-l", place], capture_output=True)
    finally:
        shutil.rmtree(cache, ignore_errors=True)


# ---- SMB: Samba, and smbnetfs ----

# A kernel's own client wants cifs in the kernel; this one is a program, and asks at the port that all ask.
SMB = """[global]
server role = standalone server
interfaces = 127.0.0.1
bind interfaces only = yes
smb ports = 445
map to guest = bad user
guest account = root
load printers = no
disable spoolss = yes
private dir = {state}
lock directory = {state}
state directory = {state}
cache directory = {state}
pid directory = {state}
ncalrpc dir = {state}/rpc
log file = {state}/log
[share]
path = {served}
read only = no
guest ok = yes
"""


@contextlib.contextmanager
def smb(folder, place):
    """Mounts at `place`/127.0.0.1/share what Samba serves from the folder that is yielded."""
    soak_only()
    want_fuse()
    smbd, smbnetfs, unshare, _ = want("smbd", "smbnetfs", "unshare", "ip")
    served, state, home = folder / "served", folder / "state", folder / "samba-home"
    for made in (served, state, home / ".smb"):
        made.mkdir(parents=True)
    for conf in (folder / "smb.conf", home / ".smb/smb.conf"):
        conf.write_text(SMB.format(state=state, served=served))
    own = home / ".smb/smbnetfs.conf"
    own.write_text("host 127.0.0.1 visible=true\nsmb_timeout 5000\n")
    own.chmod(0o600)
    # A network of their own, and they end with it.
    script = (f'ip link set lo up; "{smbd}" -s "{folder}/smb.conf" -F --no-process-group & '
              f'until ss -Hltn | grep -q :445; do sleep .05; done; '
              f'HOME="{home}" exec "{smbnetfs}" "{place}" -o allow_other -f')
    with program(folder / "samba.log", unshare, "-n", "-p", "-f", "--kill-child", "sh", "-c", script) as both:
        share = place / "127.0.0.1/share"

        def is_there():
            assert both.poll() is None, (folder / "samba.log").read_text()
            with contextlib.suppress(OSError):
                return (share / "first").exists()

        try:
            (served / "first").write_text("")
            soon(is_there, "the share is mounted")
            yield served
        finally:
            subprocess.run(["umount", "-l", place], capture_output=True)


# ---- a bucket: s3rver, from npm ----

class S3rver:
    def __init__(self, folder, port):
        self.url, self.keys = f"http://127.0.0.1:{port}/uploads", "S3RVER:S3RVER\n"
        self.folder = folder

    def put(self, key, path):
        subprocess.run(["curl", "-sSf", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user", self.keys.strip(),
                        "-H", "x-amz-content-sha256: " + hashlib.sha256(path.read_bytes()).hexdigest(),
                        "-T", path, f"{self.url}/{urllib.parse.quote(key)}"], check=True, capture_output=True)

    def holds(self, key):
        return (self.folder / "uploads" / (key + "._S3rver_object")).read_bytes()


def install_s3rver():
    """As tests/s3rver/package-lock.json has it, once for a build folder."""
    node, npm, _ = want("node", "npm", "curl")
    source = pathlib.Path(os.environ.get("WARD_SOURCE_ROOT", ".")) / "tests/s3rver"
    lock, done = (source / "package-lock.json").read_bytes(), S3RVER / "installed.json"
    if not done.is_file() or done.read_bytes() != lock:
        S3RVER.mkdir(exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(source / name, S3RVER / name)
        try:
            got = subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=S3RVER,
                                 capture_output=True, timeout=240)
        except subprocess.TimeoutExpired:
            raise Skip("npm ci took too long: is there a registry?") from None
        if got.returncode != 0:
            raise Skip("npm ci does not install s3rver: is there a registry?")
        done.write_bytes(lock)
    return node


@contextlib.contextmanager
def s3rver(folder):
    soak_only()
    node = install_s3rver()
    port, kept = free_port(), folder / "buckets"
    kept.mkdir()
    with program(folder / "s3rver.log", node, S3RVER / "node_modules/.bin/s3rver", "-d", kept, "-a", "127.0.0.1",
                 "-p", port, "--silent", "--configure-bucket", "uploads") as server:
        soon(answers(port, server), "s3rver answers")
        yield S3rver(kept, port)
