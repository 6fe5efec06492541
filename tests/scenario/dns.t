#!/usr/bin/env python3
"""Site lists answered by real resolvers, as examples/network sets them up, in a network of our own."""
import base64
import ctypes
import http.server
import random
import re
import socket
import threading
import time

from scenario import *

ROOT = pathlib.Path(os.environ.get("WARD_SOURCE_ROOT", "."))
EXAMPLES = ROOT / "examples/network"
CLONE_NEWNET = 0x40000000
A, AAAA, TXT, HTTPS = 1, 28, 16, 65
NOERROR, NXDOMAIN = 0, 3
REAL = "198.51.100.1"


def own_network():
    """From here on this process and its children have a network where nothing else is."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or libc.unshare(CLONE_NEWNET) != 0:
        return "a network of one's own needs root"
    try:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        for address in ("192.0.2.66/32", "198.51.100.66/32"):
            subprocess.run(["ip", "addr", "add", address, "dev", "lo"], check=True)
    except (OSError, subprocess.CalledProcessError):
        return "there is no ip(8) to begin a network with"
    return None


ALONE = own_network()


def need(*programs):
    if ALONE:
        raise Skip(ALONE)
    for program in programs:
        if not shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
            raise Skip(f"{program} is not installed")


# ---- asking ----

def question(name, kind, number, recursion=True):
    labels = b"".join(bytes([len(l)]) + l for l in name.encode().split(b".")) + b"\0"
    return struct.pack(">HHHHHH", number, 0x100 if recursion else 0, 1, 0, 0, 1) + labels + \
        struct.pack(">HH", kind, 1) + b"\0" + struct.pack(">HHIH", 41, 1232, 0, 0)


def skip_name(data, at):
    while True:
        length = data[at]
        if length >= 0xc0:
            return at + 2
        at += 1 + length
        if length == 0:
            return at


def answer(data):
    """The status, the addresses and names that answer, and Extended DNS Errors."""
    counts = struct.unpack(">HHHH", data[4:12])
    at, found, errors = 12, [], []
    for _ in range(counts[0]):
        at = skip_name(data, at) + 4
    for index in range(sum(counts[1:])):
        at = skip_name(data, at)
        kind, _, _, length = struct.unpack(">HHIH", data[at:at + 10])
        body = data[at + 10:at + 10 + length]
        at += 10 + length
        if kind == 41:
            while len(body) >= 4:
                code, size = struct.unpack(">HH", body[:4])
                if code == 15:
                    errors.append(struct.unpack(">H", body[4:6])[0])
                body = body[4 + size:]
        elif index < counts[1] and kind in (A, AAAA):
            found.append(socket.inet_ntop(socket.AF_INET if kind == A else socket.AF_INET6, body))
        elif index < counts[1]:
            found.append(kind)
    return data[3] & 15, found, errors


def ask(name, kind=A, port=53, seconds=5):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(seconds)
        number = random.randrange(65536)
        sock.sendto(question(name, kind, number), ("127.0.0.1", port))
        data = sock.recv(4096)
        assert struct.unpack(">H", data[:2])[0] == number
        return answer(data)


def says(name, status, found=(), kind=A, port=53):
    equal((name, *ask(name, kind, port)[:2]), (name, status, list(found)))


# ---- servers ----

class Running:
    """Programs that end with the case; each is waited for until it answers."""
    def __init__(self, folder):
        self.folder, self.children = folder, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in self.children:
            child.terminate()
        for child in self.children:
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def start(self, *words, port=None, name="open.example", log="log"):
        path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
        with open(self.folder / log, "ab") as to:
            child = subprocess.Popen([shutil.which(words[0], path=path), *map(str, words[1:])],
                                     stdout=to, stderr=to, stdin=subprocess.DEVNULL)
        self.children.append(child)
        end = time.monotonic() + 15
        while port:
            try:
                if ask(name, port=port, seconds=0.2)[0] == NOERROR:
                    break
            except OSError:
                pass
            if child.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"{words[0]} does not answer\n" +
                                     (self.folder / log).read_text(errors="replace")[-3000:])
            time.sleep(0.02)
        return child


UNBOUND = """server:
	do-daemonize: no
	chroot: ""
	username: ""
	directory: "{folder}"
	pidfile: ""
	use-syslog: no
	do-not-query-localhost: no
	do-ip6: no
	num-threads: 1
	trust-anchor-file: ""
"""
FORWARD = """forward-zone:
	name: "."
	forward-addr: 127.0.0.1@5302
"""
NAMES = ["open.example", "quay.example", "shop.quay.example", "old.quay.example", "x.old.quay.example",
         "lamp.example", "below.lamp.example", "pier.example", "www.pier.example", "dune.example",
         "always.example", "never.example", "some.example"]


def example(folder, name):
    """The example as it is shipped, with its files in the case's folder."""
    text = (EXAMPLES / name).read_text()
    assert "/var/lib/ward-dns/" in text or name in ("bind-options.conf", "unbound-resolver.conf")
    path = folder / name
    path.write_text(re.sub("/var/lib/ward-dns/|/etc/dnsdist/|/etc/unbound/", f"{folder}/", text))
    return path


def authority(running):
    """A small Internet: every name has its real address."""
    folder = running.folder
    lines = [f'\tlocal-data: "{name}. 5 A {REAL}"\n\tlocal-data: "{name}. 5 TXT real"\n'
             for name in NAMES + ["www.google.com", "www.youtube.com"]]
    lines += ['\tlocal-data: "forcesafesearch.google.com. 5 A 198.51.100.7"\n',
              '\tlocal-data: "restrict.youtube.com. 5 A 198.51.100.8"\n']
    (folder / "authority.conf").write_text(
        UNBOUND.format(folder=folder) + "\tinterface: 127.0.0.1@5302\n\tmodule-config: \"iterator\"\n"
        '\tlocal-zone: "." static\n' + "".join(lines) + "remote-control:\n\tcontrol-enable: no\n")
    running.start("unbound", "-d", "-c", folder / "authority.conf", port=5302, log="authority.log")


def lists(folder):
    """A workspace whose lists block, allow and steer."""
    place = folder / "workspace"
    ward("init", place, status=0)
    for name, text, *options in (
            ("sea", "quay.example\n=lamp.example\npier.example/a\n192.0.2.66\nalways.example\n"),
            ("law", "dune.example\n", "--mandatory"),
            ("good", "=old.quay.example\ndune.example\n", "--sense", "allow"),
            ("none", "")):
        ward("site", "import", name, "-", *options, "-w", place, stdin=text.encode(), status=0)
    return place


def export(place, form, *options, status=0):
    return ward("site", "export", form, *options, "-w", place, status=status)


# ---- what every resolver must say ----

def blocked_and_not(port=53, exact=True, page=None):
    """`page`: the addresses of the block page; else there is no such name."""
    status, found = (NOERROR, page) if page else (NXDOMAIN, [])
    says("quay.example", status, found, port=port)
    says("shop.quay.example", status, found, port=port)
    says("dune.example", status, found, port=port)
    says("open.example", NOERROR, [REAL], port=port)
    says("below.lamp.example", NOERROR, [REAL], port=port)
    says("www.pier.example", NOERROR, [REAL], port=port)
    if exact:
        says("lamp.example", status, found, port=port)
        says("old.quay.example", NOERROR, [REAL], port=port)
        says("x.old.quay.example", status, found, port=port)


@case("an import tells and keeps what it left out, and refuses what would empty or halve a list")
def _(folder):
    place = folder / "workspace"
    ward("init", place, status=0)

    def put(text, *options, status=0):
        return ward("site", "import", "sea", "-", *options, "-w", place, stdin=text.encode(),
                    status=status)

    def entries():
        return export(place, "lines", "sea").stdout.decode().split()

    four = "a.example\nb.example\nc.example\nd.example\n"
    row = json.loads(put("! a list\n||a.example^\n||b.example^$script\n@@||c.example^\n",
                         "--json", "-n").stdout)
    equal([row[k] for k in ("format", "read", "added", "unsupported", "exceptions", "dry_run")],
          ["adblock", 3, 1, 1, 1, True])
    equal(export(place, "lines").stdout, b"")
    equal(ward("site", "ls", "--json", "-w", place, status=0).stdout, b"")
    done = put(four + "two words\n")
    assert b"line 5: left out: there is more than one word in the line" in done.stderr, done.stderr
    kept = [json.loads(line) for line in next((place / "quarantine").iterdir()).open()]
    equal([(row["line"], row["raw"]) for row in kept], [(5, "two words")])
    done = put("", status=2)
    assert b"--allow-empty says that it is meant" in done.stderr, done.stderr
    done = put("a.example\n", status=2)
    assert b"from 4 entries to 1" in done.stderr and b"--force" in done.stderr, done.stderr
    equal(entries(), four.split())
    put("a.example\n", "--max-shrink", "80")
    put("b.example\n", "--delta")
    equal(entries(), ["a.example", "b.example"])
    put("||c.example^\n||d.example^\n@@||d.example^\n")
    equal(entries(), ["c.example"])
    put("", "--allow-empty")
    equal(entries(), [])


class Feed:
    """A web server on this machine with one file."""
    def __init__(self, path):
        handler = type("Handler", (http.server.BaseHTTPRequestHandler,), {
            "log_message": lambda *_: None, "do_GET": lambda self: self.give()})

        def give(self):
            body = path.read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        handler.give = give
        self.server = http.server.HTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/feed"


@case("a publisher's pages are fetched, checked and applied; what is not theirs is refused and the "
      "list stays")
def _(folder):
    mine, theirs, feed = folder / "mine", folder / "theirs", folder / "feed"
    for place in (mine, theirs):
        ward("init", place, status=0)
    key = ward("site", "key", "--make", "-w", mine, status=0).stdout.decode().strip()
    equal(os.stat(mine / "keys/site.key").st_mode & 0o777, 0o600)

    def publish(text, *options):
        ward("site", "import", "sea", "-", "--force", "-w", mine, stdin=text.encode(), status=0)
        ward("site", "sign", "sea", "--urn", "urn:ward:list:sea", "-o", feed, *options, "-w", mine,
             status=0)

    publish("quay.example\npier.example/a\n")
    server = Feed(feed)
    ward("site", "update", "sea", server.url, "--urn", "urn:ward:list:sea", "--publisher", key,
         "-w", theirs, status=2)  # an address of this machine, unless it is meant
    ward("site", "update", "sea", server.url, "--urn", "urn:ward:list:sea", "--publisher", key,
         "--private", "-w", theirs, status=0)
    old = feed.read_bytes()
    publish("quay.example\n")
    done = ward("site", "update", "sea", server.url, "--private", "--json", "-w", theirs, status=0)
    row = json.loads(done.stdout)
    equal((row["outcome"], row["sequence"], row["retracted"]), ("updated", 2, 1))
    assert ward("site", "update", "sea", feed, "-w", theirs, status=0).stdout.startswith(
        b"sea: nothing new")
    (folder / "old").write_bytes(old)
    done = ward("site", "update", "sea", folder / "old", "-w", theirs, status=2)
    assert b"refused, and the list stays as it is: the pages are older" in done.stderr, done.stderr
    equal(export(theirs, "lines", "sea").stdout, b"quay.example\n")
    # A list with a publisher takes nothing else.
    done = ward("site", "import", "sea", "-", "-w", theirs, stdin=b"a.example\n", status=2)
    assert b"has a publisher" in done.stderr, done.stderr
    # One that was removed is not begun again with pages of before, unless its publisher says so.
    ward("site", "rm", "--yes", "sea", "-w", theirs, status=0)
    shutil.rmtree(theirs / "sites/sea", ignore_errors=True)
    again = ("--urn", "urn:ward:list:sea", "--publisher", key, "-w", theirs)
    done = ward("site", "update", "sea", folder / "old", *again, status=2)
    assert b"older than what was in force here before the list was removed" in done.stderr, done
    ward("site", "update", "sea", feed, *again, status=0)
    ward("site", "rm", "--yes", "sea", "-w", theirs, status=0)
    ward("site", "update", "other", folder / "old", *again, status=2)
    ward("site", "update", "sea", folder / "old", "--anew", *again, status=0)
    assert b"pier.example" in export(theirs, "lines", "sea").stdout
    # A list that is there speaks for itself: another feed of the same name and key may be taken beside it.
    ward("site", "sign", "sea", "--urn", "urn:ward:list:sea", "-o", folder / "hashed", "--hashed", "-w", mine, status=0)
    ward("site", "update", "hashes", folder / "hashed", *again, status=0)
    ward("site", "update", "sea", feed, *again, status=0)
    ward("site", "rm", "--yes", "hashes", "-w", theirs, status=0)
    equal(ward("site", "update", "sea", feed, *again, status=0).stdout[:16], b"sea: nothing new")


@case("dnsdist answers listed names and those below them, lets all others through, and steers hosts "
      "with a listed page to the proxy")
def _(folder):
    need("dnsdist", "unbound")
    place = lists(folder)
    with Running(folder) as running:
        authority(running)
        export(place, "unbound", "none", "--safe-search", "strict", "-o", folder / "ward-safe.conf")
        resolver = example(folder, "unbound-resolver.conf")
        (folder / "resolver.conf").write_text(
            UNBOUND.format(folder=folder) + '\tmodule-config: "iterator"\n' +
            f"include: {resolver}\n" + FORWARD + "remote-control:\n\tcontrol-enable: no\n")
        running.start("unbound", "-d", "-c", folder / "resolver.conf", port=5353)
        export(place, "cdb", "--steer", "192.0.2.20", "-o", folder / "ward.cdb")
        console = folder / "console.conf"
        console.write_text('controlSocket("127.0.0.1:5199")\nsetKey("' + base64.b64encode(os.urandom(32)).decode() + '")\n')
        running.start("dnsdist", "--supervised", "-C", example(folder, "dnsdist.conf"), port=53)
        blocked_and_not()
        says("QUAY.example", NXDOMAIN)
        says("pier.example", NOERROR, ["192.0.2.20"])
        says("pier.example", NOERROR, [], kind=AAAA)
        says("pier.example", NOERROR, [], kind=HTTPS)
        says("use-application-dns.net", NXDOMAIN)
        # The resolver behind it takes engines to their safe host, with its address.
        says("www.google.com", NOERROR, [5, "198.51.100.7"])
        says("www.youtube.com", NOERROR, [5, "198.51.100.8"])
        # Another answer, by the next file.
        export(place, "cdb", "--page", "192.0.2.10", "-o", folder / "ward.cdb")
        wait_for(lambda: ask("quay.example")[0] == NOERROR)
        blocked_and_not(page=["192.0.2.10"])
        says("shop.quay.example", NOERROR, ["2001:db8::10"], kind=AAAA)
        says("shop.quay.example", NOERROR, [], kind=HTTPS)
        says("pier.example", NOERROR, [REAL])
        # Told by its console, it has the next file at once.
        export(place, "cdb", "-o", folder / "ward.cdb")
        done = subprocess.run(["dnsdist", "-C", console, "-e", "look()"], capture_output=True)
        equal((done.returncode, done.stdout, done.stderr), (0, b"", b""))
        says("quay.example", NXDOMAIN)
        swapped_under_load(folder, place)


@case("systemd takes the units that tell dnsdist of a new list")
def _(folder):
    need("systemd-analyze", "dnsdist")
    units = [folder / f"ward-dnsdist.{kind}" for kind in ("path", "service")]
    for unit in units:
        shutil.copy(EXAMPLES / unit.name, unit)
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True)
    equal((done.returncode, done.stdout, done.stderr), (0, b"", b""))


def wait_for(what, seconds=10):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.02)


def swapped_under_load(folder, place):
    """Lists change while names are asked for: no query is lost, and none answered wrongly."""
    export(place, "cdb", "-o", folder / "ward.cdb")
    wait_for(lambda: ask("always.example")[0] == NXDOMAIN)
    stop, wrong, counts = threading.Event(), [], [0, 0, 0]

    def load(which):
        while not stop.is_set():
            for name, good in (("always.example", [NXDOMAIN]), ("never.example", [NOERROR]),
                               ("some.example", [NOERROR, NXDOMAIN])):
                try:
                    status, found, _ = ask(name)
                except OSError as why:
                    wrong.append((name, repr(why)))
                    continue
                counts[which] += 1
                if status not in good or (status == NOERROR and found != [REAL]):
                    wrong.append((name, status, found))

    threads = [threading.Thread(target=load, args=(i,)) for i in range(3)]
    for thread in threads:
        thread.start()
    try:
        # Two versions within one second, too: each is younger than the one before it.
        for turn in range(3):
            for op in ("add", "remove"):
                line = json.dumps({"entry": "some.example", "op": op}) + "\n"
                ward("site", "import", "sea", "-", "--delta", "-w", place, stdin=line.encode(),
                     status=0)
                export(place, "cdb", "-o", folder / "ward.cdb")
                if turn == 0:
                    wait_for(lambda: (ask("some.example")[0] == NXDOMAIN) == (op == "add"))
        wait_for(lambda: ask("some.example")[0] == NOERROR)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    equal(wrong[:5], [])
    assert sum(counts) > 300, counts


@case("Unbound answers from the response policy zone")
def _(folder):
    need("unbound")
    place = lists(folder)
    with Running(folder) as running:
        authority(running)
        export(place, "rpz", "--page", "192.0.2.10,2001:db8::10", "--steer", "192.0.2.20",
               "--safe-search", "strict", "-o", folder / "rpz.zone")
        (folder / "unbound.conf").write_text(
            UNBOUND.format(folder=folder) + "\tinterface: 127.0.0.1@5301\n"
            f"include: {example(folder, 'unbound-rpz.conf')}\n" + FORWARD +
            "remote-control:\n\tcontrol-enable: no\n")
        running.start("unbound", "-d", "-c", folder / "unbound.conf", port=5301)
        blocked_and_not(5301, page=["192.0.2.10"])
        says("quay.example", NOERROR, ["2001:db8::10"], kind=AAAA, port=5301)
        says("pier.example", NOERROR, ["192.0.2.20"], port=5301)
        says("www.google.com", NOERROR, [5, "198.51.100.7"], port=5301)


@case("PowerDNS Recursor answers from the zones, says why, and takes a new one up when told")
def _(folder):
    need("pdns_recursor", "rec_control", "unbound")
    place = lists(folder)
    with Running(folder) as running:
        authority(running)
        export(place, "rpz", "--page", "192.0.2.10", "-o", folder / "law.zone", "law")
        zone = ("rpz", "--page", "192.0.2.10,2001:db8::10", "--steer", "192.0.2.20", "--safe-search", "strict",
                "-o", folder / "rpz.zone")
        export(place, *zone)
        (folder / "recursor.conf").write_text(
            "local-address=127.0.0.1\nlocal-port=5307\nforward-zones-recurse=.=127.0.0.1:5302\n"
            f"dnssec=off\nhint-file=no\nsecurity-poll-suffix=\nthreads=1\nsocket-dir={folder}\n"
            f"lua-config-file={example(folder, 'recursor.lua')}\n")
        running.start("pdns_recursor", f"--config-dir={folder}", "--daemon=no", port=5307)
        blocked_and_not(5307, page=["192.0.2.10"])
        says("quay.example", NOERROR, ["2001:db8::10"], kind=AAAA, port=5307)
        says("pier.example", NOERROR, ["192.0.2.20"], port=5307)
        says("www.google.com", NOERROR, [5, "198.51.100.7"], port=5307)
        equal([ask(name, port=5307)[2] for name in ("quay.example", "dune.example", "open.example")], [[15], [16], []])
        says("some.example", NOERROR, [REAL], port=5307)
        ward("site", "import", "sea", "-", "--delta", "-w", place, status=0,
             stdin=b'{"entry":"some.example"}\n{"entry":"quay.example","op":"remove"}\n')
        export(place, *zone)
        for words in (("reload-lua-config",), ("wipe-cache", "$")):  # the second for what it answered before
            subprocess.run(["rec_control", f"--socket-dir={folder}", *words], check=True, capture_output=True)
        wait_for(lambda: ask("some.example", port=5307)[1:] == (["192.0.2.10"], [15]))
        says("quay.example", NOERROR, [REAL], port=5307)


@case("BIND answers from the zone, and takes what changed as updates without being reloaded")
def _(folder):
    need("named", "nsupdate", "unbound")
    place = lists(folder)
    with Running(folder) as running:
        authority(running)
        zone = folder / "rpz.zone"
        export(place, "rpz", "--steer", "192.0.2.20", "--safe-search", "strict", "-o", zone)
        shutil.copy(zone, folder / "bind-rpz.zone")
        (folder / "named.conf").write_text(
            f'options {{ directory "{folder}"; listen-on port 5303 {{ 127.0.0.1; }};\n'
            f'listen-on-v6 {{ none; }}; pid-file none; session-keyfile "{folder}/session.key";\n'
            "recursion yes; forward only; forwarders { 127.0.0.1 port 5302; };\n"
            "dnssec-validation no;\n"
            f'include "{example(folder, "bind-options.conf")}"; }};\n'
            f'include "{example(folder, "bind-zone.conf")}";\ncontrols {{ }};\n')
        running.start("named", "-g", "-c", folder / "named.conf", port=5303)
        wait_for(lambda: ask("quay.example", port=5303)[0] == NXDOMAIN)
        blocked_and_not(5303)
        says("pier.example", NOERROR, ["192.0.2.20"], port=5303)
        says("www.google.com", NOERROR, [5, "198.51.100.7"], port=5303)
        ward("site", "import", "sea", "-", "--delta", "-w", place, status=0,
             stdin=b'{"entry":"some.example"}\n{"entry":"quay.example","op":"remove"}\n')
        export(place, "rpz", "--steer", "192.0.2.20", "--safe-search", "strict", "-o", zone,
               "--update", folder / "up")
        update(folder, 0)
        wait_for(lambda: ask("some.example", port=5303)[0] == NXDOMAIN)
        says("quay.example", NOERROR, [REAL], port=5303)
        says("shop.quay.example", NOERROR, [REAL], port=5303)
        says("lamp.example", NXDOMAIN, port=5303)
        # Played again it starts from a serial that is no more, and nothing is taken.
        assert update(folder) != 0


def update(folder, status=None):
    text = (folder / "up").read_text()
    done = subprocess.run(["nsupdate", "-k", folder / "session.key"], capture_output=True,
                          input=("server 127.0.0.1 5303\n" + text).encode())
    if status is not None:
        equal((done.returncode, done.stderr), (status, b""))
    return done.returncode


@case("dnsmasq answers from the list")
def _(folder):
    need("dnsmasq", "unbound")
    place = lists(folder)
    with Running(folder) as running:
        authority(running)
        export(place, "dnsmasq", "--steer", "192.0.2.20", "-o", folder / "dnsmasq.conf")
        snippet = folder / "example.conf"
        snippet.write_text((EXAMPLES / "dnsmasq.conf").read_text().replace("/var/lib/ward-dns",
                                                                          str(folder)))
        running.start("dnsmasq", "--keep-in-foreground", "--port=5305", "--listen-address=127.0.0.1",
                      "--bind-interfaces", "--user=root", "--no-resolv", "--no-hosts",
                      "--server=127.0.0.1#5302", "--pid-file=", f"--conf-file={snippet}", port=5305)
        blocked_and_not(5305)
        says("pier.example", NOERROR, ["192.0.2.20"], port=5305)


@case("Unbound answers from its own kind of list, where there is no zone")
def _(folder):
    need("unbound")
    place = lists(folder)
    with Running(folder) as running:
        authority(running)
        export(place, "unbound", "--page", "192.0.2.10", "--steer", "192.0.2.20", "-o",
               folder / "local.conf")
        (folder / "unbound.conf").write_text(
            UNBOUND.format(folder=folder) + "\tinterface: 127.0.0.1@5306\n"
            f"\tmodule-config: \"iterator\"\ninclude: {folder / 'local.conf'}\n" + FORWARD +
            "remote-control:\n\tcontrol-enable: no\n")
        running.start("unbound", "-d", "-c", folder / "unbound.conf", port=5306)
        says("quay.example", NOERROR, ["192.0.2.10"], port=5306)
        says("shop.quay.example", NOERROR, ["192.0.2.10"], port=5306)
        says("lamp.example", NOERROR, ["192.0.2.10"], port=5306)
        says("below.lamp.example", NOERROR, [REAL], port=5306)
        says("pier.example", NOERROR, ["192.0.2.20"], port=5306)
        says("open.example", NOERROR, [REAL], port=5306)


def reach(address):
    with socket.socket() as sock:
        sock.settimeout(2)
        try:
            sock.connect((address, 9))
        except ConnectionRefusedError:
            return "there"
        except OSError:
            return "blocked"


@case("the firewall blocks listed addresses, and takes a new list in one step")
def _(folder):
    need("nft")
    place = lists(folder)
    nft = shutil.which("nft", path="/usr/sbin:/sbin:/usr/bin")
    equal((reach("192.0.2.66"), reach("198.51.100.66")), ("there", "there"))
    export(place, "nft", "-o", folder / "addresses.nft")
    done = subprocess.run([nft, "-f", example(folder, "nftables.conf")], capture_output=True)
    if b"not supported" in done.stderr or b"No such file or directory" in done.stderr:
        raise Skip("the kernel has no nftables here")
    equal((done.returncode, done.stderr), (0, b""))
    equal((reach("192.0.2.66"), reach("198.51.100.66")), ("blocked", "there"))
    ward("site", "import", "sea", "-", "-w", place, "--force", stdin=b"198.51.100.0/24\n", status=0)
    export(place, "nft", "-o", folder / "addresses.nft")
    subprocess.run([nft, "-f", folder / "addresses.nft"], check=True)
    equal((reach("192.0.2.66"), reach("198.51.100.66")), ("there", "blocked"))
    subprocess.run([nft, "flush", "ruleset"], check=True)


run_cases()
