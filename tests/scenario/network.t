#!/usr/bin/env python3
"""A network that ward serves: wardd's door for proxies, the gate's rules, what is counted; asked as a proxy asks."""
import gzip

from daemon import *
from icap_squid import *
from scenario import *

DOOR = 'icap {{ listen = "127.0.0.1:{port}" {more} }}\n'


def site_list(place, name, text, *options):
    """A list of places, one a line."""
    ward("site", "import", "-w", place, name, "-", *options, stdin=text.encode(), status=0)


@contextlib.contextmanager
def network(folder, conf="", more="", lists=(), prepare=None):
    """A workspace with lists, and its wardd with the door open."""
    place = folder / "ws"
    ward("init", place, status=0)
    if prepare:
        prepare(place)
    for name, text, *options in lists:
        site_list(place, name, text, *options)
    door = free_port()
    with open(place / "ward.conf", "a") as file:
        file.write(DOOR.format(port=door, more=more) + "server { refresh_time = 100ms }\n" + conf)
    with Daemon(place) as daemon:
        daemon.door = door
        yield daemon


class Heard:
    """An ICAP answer: its status and fields, and the HTTP head and body in it."""

    def __init__(self, raw):
        head, _, rest = raw.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        self.icap = int(lines[0].split()[1])
        self.fields = {k.lower(): v.strip() for k, v in (line.split(":", 1) for line in lines[1:])}
        http, _, body = rest.partition(b"\r\n\r\n")
        self.http, self.body = http.decode(errors="replace"), b""
        while body:
            size, _, body = body.partition(b"\r\n")
            count = int(size.split(b";")[0] or b"0", 16)
            self.body, body = self.body + body[:count], body[count + 2:]
            if count == 0:
                break
        self.status = int(self.http.split()[1]) if self.http.startswith("HTTP/") else 0


def hear(sock):
    """One whole answer."""
    raw = b""
    sock.settimeout(20)
    while True:
        if b"\r\n\r\n" in raw:
            head = raw.partition(b"\r\n\r\n")[0].lower()
            if b"-body=" not in head or b"null-body=" in head or raw.endswith(b"\r\n0\r\n\r\n"):
                if head.startswith(b"icap/1.0 204") or b"null-body=0" in head or b"-body=" in head:
                    return Heard(raw)
        piece = sock.recv(65536)
        if not piece:
            return Heard(raw)
        raw += piece


def icap(daemon, path, encapsulated, fields=""):
    with socket.create_connection(("127.0.0.1", daemon.door), 10) as sock:
        method = "REQMOD" if path == "request" else "RESPMOD"
        sock.sendall(f"{method} icap://127.0.0.1/{path} ICAP/1.0\r\nHost: x\r\nAllow: 204\r\n{fields}".encode() + encapsulated)
        return hear(sock)


def asks(daemon, url, client="", user="", method="GET", fields=""):
    """What the door says to a request."""
    host = url.split("/")[2] if "://" in url else url
    head = f"{method} {url} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\n{fields}\r\n"
    icap_fields = (f"X-Client-IP: {client}\r\n" if client else "") + (f"X-Client-Username: {user}\r\n" if user else "")
    return icap(daemon, "request", f"Encapsulated: req-hdr=0, null-body={len(head)}\r\n\r\n{head}".encode(), icap_fields)


def answers(daemon, url, body, kind="text/html", client="", fields="", status=200):
    """What the door says to an answer."""
    request = f"GET {url} HTTP/1.1\r\nHost: {url.split('/')[2]}\r\nAccept: text/html\r\n\r\n"
    response = f"HTTP/1.1 {status} OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{fields}\r\n"
    head = (f"Encapsulated: req-hdr=0, res-hdr={len(request)}, res-body={len(request) + len(response)}\r\n\r\n"
            f"{request}{response}").encode()
    chunk = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n" if body else b"0\r\n\r\n"
    return icap(daemon, "response", head + chunk, f"X-Client-IP: {client}\r\n" if client else "")


LISTS = [("games", "play.example\nshop.example/games/...\n", "--category", "games"),
         ("court", "http://news.example/bad/page\nlisted.example\n", "--mandatory", "--hidden", "--category", "abuse",
          "--source", "the court of Harbourtown"),
         ("allowed", "good.play.example\nlisted.example\n", "--sense", "allow")]


@case("a listed page is blocked at the door, and the rest of its host is not")
def _(folder):
    with network(folder, lists=LISTS) as daemon:
        for url, status in [("http://news.example/bad/page", 403), ("http://news.example/bad/%70age?x=1", 403),
                            ("http://NEWS.example:8080/bad/./page", 403), ("http://news.example/", 0),
                            ("http://news.example/bad/page/2", 0), ("http://www.news.example/bad/page", 0),
                            ("http://play.example/", 403), ("http://a.play.example/b", 403),
                            ("http://good.play.example/", 0), ("http://listed.example/", 403),
                            ("http://shop.example/games/x/y", 403), ("http://shop.example/games2", 0)]:
            heard = asks(daemon, url)
            equal((url, heard.status, heard.icap), (url, status, 200 if status else 204))


@case("through a tunnel only what is said of hosts counts")
def _(folder):
    with network(folder, lists=[("pages", "front.example/\nfront.example/a\n"), ("hosts", "whole.example\n")]) as daemon:
        equal(asks(daemon, "front.example:443", method="CONNECT").icap, 204)
        equal(asks(daemon, "whole.example:443", method="CONNECT").status, 403)
        equal(asks(daemon, "http://front.example/").status, 403)


@case("the page in place of a blocked one is kind, says why, and names nothing of a hidden list")
def _(folder):
    with network(folder, 'network { status_451 = yes; }\nportal { operator = "Harbour School"; address = "http://block.school.example" }\n',
                 lists=LISTS) as daemon:
        heard = asks(daemon, "http://news.example/bad/page", fields="Accept-Language: fr\r\n")
        equal(heard.status, 451)
        page = heard.body.decode()
        assert "news.example" not in page and "/bad" not in page and 'lang="fr"' in page, page[:2000]
        # Which list it is is told by nothing, its source neither; whom to ask is the operator's to say.
        assert "Harbour School" in page and "Harbourtown" not in page and "court" not in page, page
        for field in ("cache-control: no-store", "referrer-policy: no-referrer", "content-security-policy:"):
            assert field in heard.http.lower(), heard.http
        assert "set-cookie" not in heard.http.lower()
        heard = asks(daemon, "http://play.example/x/secret", fields="Accept-Language: en\r\n")
        page = heard.body.decode()
        assert heard.status == 403 and "games" in page.lower() and "/x/secret" not in page, page
        assert "http://block.school.example" in page, page
        # A picture in a page gets a few bytes, not a page.
        equal(asks(daemon, "http://play.example/a.png", fields="Accept: image/png\r\n").status, 403)
        text = (daemon.place / "ward.conf").read_text()
        (daemon.place / "ward.conf").write_text(text.replace("operator =", 'authority = "Office of Orders"; operator ='))
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: b"Office of Orders" in asks(daemon, "http://news.example/bad/page").body)


@case("groups have hours, and an address or a name says who is in them")
def _(folder):
    conf = """
group "class 7" { networks = [10.7.0.0/16]; users = [class7-*] }
site_rule "no news in lessons" { category = news; group = "class 7"; days = mon-sun; hours = 00:00-24:00; answer = block }
site_rule "news" { category = news; answer = pass }
"""
    with network(folder, conf, lists=[("news", "news.example\n", "--category", "news")]) as daemon:
        equal(asks(daemon, "http://news.example/").icap, 204)
        equal(asks(daemon, "http://news.example/", client="10.8.0.1").icap, 204)
        equal(asks(daemon, "http://news.example/", client="10.7.0.1").status, 403)
        equal(asks(daemon, "http://news.example/", user="class7-jo").status, 403)
        told = ward("site", "check", "-w", daemon.place, "--client", "10.7.3.3", "--json", "http://news.example/", status=1)
        told = json.loads(told.stdout)
        equal((told["answer"], told["rule"], told["group"], told["cause"]), ("block", "no news in lessons", "class 7", "hours"))
        told = daemon.post("/v1/sites/check", {"links": ["http://news.example/"], "user": "class7-jo"},
                           headers={"Content-Type": "application/json"}, status=200).json["answers"][0]
        equal((told["answer"], told["rule"], told["hits"][0]["entry"]), ("block", "no news in lessons", "news.example"))


@case("a list that changes is in force a moment later, and a proxy is told by another ISTag")
def _(folder):
    with network(folder, lists=[("games", "play.example\n")]) as daemon:
        before = asks(daemon, "http://new.example/")
        equal(before.icap, 204)
        site_list(daemon.place, "games", "new.example\n", "--force")
        for _ in range(100):
            after = asks(daemon, "http://new.example/")
            if after.status == 403:
                break
            time.sleep(.05)
        equal(after.status, 403)
        assert after.fields["istag"] != before.fields["istag"]
        equal(asks(daemon, "http://play.example/").icap, 204)


@case("a known picture is kept back, as an upload would be, and another passes")
def _(folder):
    known, other = folder / "known.png", folder / "other.png"
    draw_png(known, lighthouse)
    draw_png(other, bridge)
    with network(folder) as daemon:
        signals = ward("hash", "--json", known, status=0).stdout.splitlines()[0]
        sha256 = json.loads(signals)["sha256"]
        ward("list", "import", "-w", daemon.place, "known", "-", stdin=f"sha256:{sha256}\n".encode(), status=0)
        for _ in range(100):
            heard = answers(daemon, "http://pictures.example/a.png", known.read_bytes(), "image/png")
            if heard.status == 403:
                break
            time.sleep(.05)
        equal(heard.status, 403)
        equal(answers(daemon, "http://pictures.example/b.png", other.read_bytes(), "image/png").icap, 204)
        # What cannot be looked at is no verdict: closed unless said otherwise.
        equal(answers(daemon, "http://pictures.example/c.png", other.read_bytes()[:2000], "image/png").status, 503)
        equal(answers(daemon, "http://pictures.example/d.png", other.read_bytes(), "image/png", status=206).status, 503)


@case("what is a picture is said by its bytes: not by its type alone, and not before it is unpacked")
def _(folder):
    known, other = folder / "known.png", folder / "other.png"
    draw_png(known, lighthouse)
    draw_png(other, bridge)
    with network(folder) as daemon:
        signals = ward("hash", "--json", known, status=0).stdout.splitlines()[0]
        sha256 = json.loads(signals)["sha256"]
        ward("list", "import", "-w", daemon.place, "known", "-", stdin=f"sha256:{sha256}\n".encode(), status=0)
        url, bad, good = "http://pictures.example/a", known.read_bytes(), other.read_bytes()
        for _ in range(100):
            if answers(daemon, url, bad, "image/png").status == 403:
                break
            time.sleep(.05)
        gzipped, deflated = "Content-Encoding: gzip\r\n", "Content-Encoding: deflate\r\n"
        for kind in ("image/png", "text/css", "application/octet-stream", "text/html", "", "video/mp4"):
            for fields, pack in (("", bytes), (gzipped, gzip.compress), (deflated, zlib.compress)):
                equal((kind, fields, answers(daemon, url, pack(bad), kind, fields=fields).status), (kind, fields, 403))
                equal((kind, fields, answers(daemon, url, pack(good), kind, fields=fields).icap), (kind, fields, 204))
        # The type that a browser takes may be the second, and so may the coding.
        equal(answers(daemon, url, bad, "text/css", fields="Content-Type: image/png\r\n").status, 403)
        equal(answers(daemon, url, gzip.compress(bad), "image/png", fields="Content-Encoding: identity\r\n" + gzipped).status, 403)
        # What cannot be unpacked cannot be looked at; what is no picture passes however it is packed.
        twice = gzip.compress(gzip.compress(good))
        for fields in (gzipped + gzipped, "Content-Encoding: gzip, gzip\r\n"):
            equal(answers(daemon, url, twice, "image/png", fields=fields).status, 503)
            equal(answers(daemon, url, twice, "text/css", fields=fields).status, 503)
        equal(answers(daemon, url, gzip.compress(good)[:-9], "image/png", fields=gzipped).status, 503)
        equal(answers(daemon, url, good, "text/css", status=206).status, 503)
        # Larger, unpacked, than what is looked at.
        for kind in ("image/png", "text/css"):
            equal(answers(daemon, url, gzip.compress(good + bytes(30_000_000)), kind, fields=gzipped).status, 503)
        style = b"body { color: grey }\n" * 200
        for fields, body in (("", style), (gzipped, gzip.compress(style)), ("Content-Encoding: utf-8\r\n", style)):
            equal(answers(daemon, url, body, "text/css", fields=fields).icap, 204)
            equal(answers(daemon, url, body, "text/css", fields=fields, status=206).icap, 204)


@case("an address that cannot be read is not asked for, though the door for requests is open in doubt")
def _(folder):
    with network(folder, more="; requests_open = yes;", lists=LISTS) as daemon:
        equal(asks(daemon, "http://play.example/").status, 403)
        assert asks(daemon, "http://play.example/" + "\xff" * 20000).status in (400, 403)
        equal(asks(daemon, "http://play.example:99999/").status, 400)
        equal(asks(daemon, "http://free.example/").icap, 204)


@case("a search is made a safe one, and asks for what was typed")
def _(folder):
    with network(folder, "network { safe_search = yes }\n") as daemon:
        heard = asks(daemon, "http://www.google.com/search?q=c%2B%2B%20%26%20x#top")
        equal(heard.http.split()[1], "http://forcesafesearch.google.com/search?q=c%2B%2B%20%26%20x")
        equal(asks(daemon, "http://www.google.com").http.split()[1], "http://forcesafesearch.google.com/")


@case("a page's words are noted, and block where the operator has said so for the profile")
def _(folder):
    conf = """
network { terms = terms.ward }
profile "child" { scores_block = yes }
group "class 2" { networks = [10.2.0.0/16]; profile = child }
"""
    place = folder / "words"
    place.write_text("zorbel\tweight=40\nquizzle pod\tweight=40\n")
    page = ("<html><head><title>Z0rbel</title><body>" + "the harbour is wide and calm " * 30 +
            "<p>zorbel and a QUIZZLE&nbsp;pod, zor<b>bel</b></p></body></html>").encode()
    ward("text", "compile", place, "-o", folder / "terms.ward", status=0)

    def after_init(ws):
        shutil.copy(folder / "terms.ward", ws / "terms.ward")

    with network(folder, conf, lists=LISTS, prepare=after_init) as daemon:
        url = "http://free.example/page"
        for fields, body in (("", page), ("Content-Encoding: gzip\r\n", gzip.compress(page)),
                             ("Content-Encoding: deflate\r\n", zlib.compress(page))):
            equal(answers(daemon, url, body, client="10.9.0.1", fields=fields).icap, 204)
            heard = answers(daemon, url, body, client="10.2.0.1", fields=fields)
            assert heard.status == 403 and b"<html" in heard.body and b"zorbel" not in heard.body.lower(), heard.body[:500]
        # An answer that comes without its request is read all the same, and so is one without a type.
        linked = page + b"<a href=/x>x</a><a href=//play.example/>y</a>"
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
        lone = f"Encapsulated: res-hdr=0, res-body={len(head)}\r\n\r\n{head}{len(linked):x}\r\n".encode() + linked + b"\r\n0\r\n\r\n"
        equal(icap(daemon, "response", lone, "X-Client-IP: 10.2.0.1\r\n").status, 403)
        equal(answers(daemon, url, linked, kind="", client="10.2.0.1").status, 403)
        equal(answers(daemon, url, linked, kind="text/css", client="10.2.0.1", fields="Content-Type: text/html\r\n").status, 403)
        # What an allowing list lets pass is not read; other types are no pages.
        equal(answers(daemon, "http://good.play.example/", page, client="10.2.0.1").icap, 204)
        equal(answers(daemon, url, page, kind="application/json", client="10.2.0.1").icap, 204)
        # A coding that nobody knows, and one that breaks off, cannot be looked at.
        equal(answers(daemon, url, page, client="10.2.0.1", fields="Content-Encoding: rot13\r\n").status, 503)
        equal(answers(daemon, url, gzip.compress(page)[:100], client="10.2.0.1", fields="Content-Encoding: gzip\r\n").status, 503)
        metrics = daemon.get("/metrics").body.decode()
        assert 'ward_site_answers_total{list="",cause="words",answer="block"} 6' in metrics, metrics[-3000:]


@case("a host that a list has as a new one weighs a little on its pages' score")
def _(folder):
    conf = """
network { terms = terms.ward }
profile "child" { scores_block = yes; block_from = 42 }
group "class 2" { networks = [10.2.0.0/16]; profile = child }
"""
    place = folder / "words"
    place.write_text("zorbel\tweight=40\n")
    ward("text", "compile", place, "-o", folder / "terms.ward", status=0)
    page = ("<p>" + "the harbour is wide and calm " * 300 + "zorbel").encode()
    fresh = ("fresh", "young.example\n", "--sense", "log", "--category", "new")
    with network(folder, conf, lists=[*LISTS, fresh],
                 prepare=lambda ws: shutil.copy(folder / "terms.ward", ws / "terms.ward")) as daemon:
        equal(answers(daemon, "http://free.example/", page, client="10.2.0.1").icap, 204)
        equal(answers(daemon, "http://young.example/", page, client="10.2.0.1").status, 403)
        equal(answers(daemon, "http://young.example/", page.replace(b"zorbel", b"lantern"), client="10.2.0.1").icap, 204)


@case("what is blocked is counted by list and cause, and a host only when enough different clients asked")
def _(folder):
    with network(folder, "network { least = 3 }\n", lists=LISTS) as daemon:
        for client in ("10.0.0.1", "10.0.0.2", "10.0.0.2", "10.0.0.3"):
            asks(daemon, "http://play.example/x", client=client)
        for _ in range(5):
            asks(daemon, "http://shop.example/games/1", client="10.0.0.1")
        for number in range(5):
            asks(daemon, "http://listed.example/", client=f"10.0.0.{number}")
        metrics = daemon.get("/metrics").body.decode()
        assert 'ward_site_answers_total{list="games",cause="listed",answer="block"} 9' in metrics, metrics[-3000:]
        equal(daemon.stop(), 0)
        told = json.loads(ward("site", "top", "-w", daemon.place, "--json", status=0).stdout)
        equal({(row["list"], row["cause"], row["answer"]): row["count"] for row in told["counts"]},
              {("games", "listed", "block"): 9, ("court", "order", "block"): 5})
        equal(told["hosts"], [{"host": "play.example", "list": "games", "count": 4}])
        log = daemon.log()
        for word in ("play.example", "listed.example", "10.0.0."):
            assert word not in log, log
        place = pathlib.Path(daemon.place)
        for file in place.rglob("ward.db*"):
            text = file.read_bytes()
            assert b"shop.example" not in text and b"listed.example" not in text and b"10.0.0.2" not in text, file


@case("a check of ward.conf says what would keep the door shut")
def _(folder):
    place = folder / "ws"
    ward("init", place, status=0)
    conf = (place / "ward.conf").read_text()

    def check(more):
        (place / "ward.conf").write_text(conf + more)
        return subprocess.run([WARDD, "-w", place, "-n"], capture_output=True, text=True, timeout=60, env=environment()).returncode

    equal(check(""), 0)
    equal(check("network { terms = none.ward; }\n"), 2)
    equal(check('dns { cdb = names.cdb; page = "no address"; }\n'), 2)
    equal(check(""), 0)


@case("a real Squid asks it, and people behind Squid get the pages that are not listed")
def _(folder):
    with network(folder, lists=[("games", "other.example\nsite.example/listed\n", "--category", "games")]) as daemon, \
            origin() as server:
        port = server.server_address[1]
        lines = (f"icap_service asks reqmod_precache bypass=off icap://127.0.0.1:{daemon.door}/request",
                 "adaptation_access asks allow all",
                 f"icap_service answers respmod_precache bypass=off icap://127.0.0.1:{daemon.door}/response",
                 "adaptation_access answers allow all")
        squid_folder = folder / "squid"
        squid_folder.mkdir()
        folder.chmod(0o755)
        with Squid(squid_folder, *lines) as squid:
            equal(squid.curl(f"http://site.example:{port}/page")[0], 200)
            equal(squid.curl(f"http://site.example:{port}/5000"), (200, body_of(5000)))
            status, page = squid.curl(f"http://site.example:{port}/listed")
            assert status == 403 and b"<html" in page, (status, page)
            equal(squid.curl(f"http://other.example:{port}/")[0], 403)
            equal(squid.curl(f"http://site.example:{port}/300000.png"), (200, body_of(300000)))


run_cases()
