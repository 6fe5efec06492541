#!/usr/bin/env python3
"""The ICAP server with real clients: c-icap-client, Squid, and some that behave badly."""
import concurrent.futures
import resource

from icap_squid import *
from scenario import *

CLIENT = shutil.which("c-icap-client")


def icap_client(stage, service, *options):
    """What c-icap-client makes of an answer: its standard output and error."""
    if not CLIENT:
        raise Skip("there is no c-icap-client here")
    return subprocess.run([CLIENT, "-i", "127.0.0.1", "-p", str(stage.port), "-s", service, *map(str, options)],
                          capture_output=True, timeout=60)


def request_of(path="/page", method="REQMOD", service="req", fields="Allow: 204\r\n", url="http://site.example"):
    head = f"GET {url}{path} HTTP/1.1\r\nHost: site.example\r\n\r\n"
    return (f"{method} icap://127.0.0.1/{service} ICAP/1.0\r\nHost: a\r\n{fields}"
            f"Encapsulated: req-hdr=0, null-body={len(head)}\r\n\r\n{head}").encode()


def hear(sock, until=b"\r\n\r\n", seconds=10):
    """Reads up to these bytes, or to the end."""
    sock.settimeout(seconds)
    heard = b""
    while not heard.endswith(until) or until == b"":
        piece = sock.recv(65536)
        if not piece:
            break
        heard += piece
    return heard


def dial(stage):
    sock = socket.create_connection(("127.0.0.1", stage.port), 10)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


@case("c-icap-client asks in every way it knows, and gets its files back byte by byte")
def _(folder):
    small, large = folder / "small", folder / "large"
    small.write_bytes(body_of(700))
    large.write_bytes(body_of(30_000_000))
    with Stage(folder, "http://site.example/listed") as stage:
        assert b"Options" in icap_client(stage, "res", "-v").stderr or icap_client(stage, "res").returncode == 0
        for file in (small, large):
            for service, options in [("echores", ()), ("echores", ("-nopreview",)), ("echores", ("-no204",)),
                                     ("echores", ("-nopreview", "-no204")), ("echores", ("-noreshdr", "-no204"))]:
                out = folder / "out"
                done = icap_client(stage, service, "-f", file, "-o", out, *options)
                equal(done.returncode, 0)
                # After a 204 the client has nothing to write.
                if out.exists():
                    assert out.read_bytes() == file.read_bytes(), f"{file.name} {options}"
                    out.unlink()
                else:
                    assert "-no204" not in options or "-nopreview" not in options, f"{file.name} {options}"
        # Behind a preview of nothing it does not read what it is answered.
        done = icap_client(stage, "req", "-nopreview", "-req", "http://site.example/listed", "-f", small, "-o", folder / "out")
        assert b"This page is listed." in (folder / "out").read_bytes(), done
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            outs = list(pool.map(lambda n: icap_client(stage, "echores", "-nopreview", "-no204", "-f", small,
                                                       "-o", folder / f"out-{n}").returncode, range(64)))
        equal(outs, [0] * 64)
        for number in range(64):
            assert (folder / f"out-{number}").read_bytes() == small.read_bytes()
        counters = stage.stop()
        equal((counters["broken"], counters["timed_out"], counters["waiting"]), (0, 0, 0))
        assert counters["drained"]


@case("ten thousand idle clients cost little, and one more is served at once")
def _(folder):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 10500:
        raise Skip(f"a process may open {hard} files here, and this needs 10500")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with Stage(folder, "http://site.example/listed") as stage:
        with contextlib.ExitStack() as crowd:
            before = stage.resident_kb()
            for _ in range(10000):
                crowd.enter_context(dial(stage))
            with dial(stage) as sock:
                began = time.monotonic()
                sock.sendall(request_of("/listed"))
                assert b"403 Forbidden" in hear(sock, b"0\r\n\r\n")
                assert time.monotonic() - began < 1
                # Another of its loops may have the last of the crowd in hand, and not counted it yet.
                count, until = stage.count()["connections"], time.monotonic() + 5
                while count < 10001 and time.monotonic() < until:
                    time.sleep(.02)
                    count = stage.count()["connections"]
                equal(count, 10001)
            grown = stage.resident_kb() - before
            assert grown < 10000, f"10000 idle clients take {grown} kB"
            cpu = stage.cpu_s()
            time.sleep(1)
            assert stage.cpu_s() - cpu < .1
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@case("slow, hasty, half-closed and broken clients get what they asked for, or a status")
def _(folder):
    with Stage(folder, "http://site.example/listed") as stage:
        with dial(stage) as sock:  # all at once, and no more to say
            sock.sendall(request_of("/a") + request_of("/listed") + request_of("/b"))
            sock.shutdown(socket.SHUT_WR)
            answers = hear(sock, b"")
            equal([line.split()[1] for line in answers.split(b"\r\n") if line.startswith(b"ICAP/")],
                  [b"204", b"200", b"204"])
        with dial(stage) as sock:  # byte by byte
            for byte in request_of("/listed"):
                sock.sendall(bytes([byte]))
            assert b"403 Forbidden" in hear(sock, b"0\r\n\r\n")
        for broken, status in [(b"GET / HTTP/1.1\r\n\r\n", b"400"), (request_of(service="none"), b"404"),
                               (request_of(method="RESPMOD"), b"405"), (request_of(method="PATCHMOD"), b"501"),
                               (b"REQMOD icap://a/req ICAP/1.0\r\nX: " + b"x" * 140000, b"413"),
                               (request_of().replace(b"ICAP/1.0", b"ICAP/2.0"), b"505")]:
            with dial(stage) as sock:
                sock.sendall(broken)
                heard = hear(sock, b"")
                equal(heard.split()[1], status)
                assert b"site.example" not in heard
        with dial(stage) as sock:  # leaves in the midst of a picture
            head = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n"
            sock.sendall((f"RESPMOD icap://a/res ICAP/1.0\r\nEncapsulated: res-hdr=0, res-body={len(head)}\r\n\r\n"
                          f"{head}5\r\nhello\r\n").encode())
        while stage.count()["connections"] > 0:
            time.sleep(.01)
        counters = stage.stop()
        assert counters["drained"]
        # Two were well said, and asked for what there is not; one left in the midst of a picture.
        equal((counters["broken"], counters["unknown"], counters["waiting"]), (4 + 1, 2, 0))


@case("through Squid a listed page is a block page, a search is a safe one, and the rest is as it was")
def _(folder):
    with origin() as site, Stage(folder) as stage, \
            Squid(folder, *reqmod(stage.port), *respmod(stage.port)) as squid:
        at = f"site.example:{site.server_port}"
        stage.list(f"http://{at}/listed", f"http://{at}/posted")
        status, body = squid.curl(f"http://{at}/listed")
        equal(status, 403)
        assert b"This page is listed." in body
        equal(squid.curl(f"http://{at}/posted", "-d", "x=1")[0], 403)
        equal(squid.curl(f"http://{at}/listed", "-I")[0], 403)
        equal(site.asked, [])
        for size in (1, 1000, 1023, 1024, 1025, 5000, 65536):
            for kind in ("", ".png"):
                status, body = squid.curl(f"http://{at}/{size}{kind}")
                assert (status, body) == (200, body_of(size)), f"{size}{kind}: {status}, {len(body)} bytes"
        for size in (1, 1024, 200_000):
            (folder / "form").write_bytes(body_of(size))
            for more in ((), ("-H", "Transfer-Encoding: chunked")) if size == 1 else ((),):
                status, body = squid.curl(f"http://{at}/form", "--data-binary", f"@{folder / 'form'}")
                equal((status, body.decode()), (200, f"{size} {hashlib.sha256(body_of(size)).hexdigest()}"))
        equal(squid.curl(f"http://{at}/picture/bridge")[0], 200)
        status, body = squid.curl(f"http://{at}/picture/lighthouse")
        equal(status, 403)
        assert b"lighthouse" not in body
        # Of one so large that Squid 5 gets stuck the head may be gone before the verdict; of the picture nothing is.
        status, body = squid.curl(f"http://{at}/picture/lighthouse/200000")
        assert (status, body) == (200, b"") or status == 403, f"{status}, {len(body)} bytes"
        # No verdict, and a verdict that there is none: this service fails closed.
        equal(squid.curl(f"http://{at}/picture/silence")[0], 503)
        equal(squid.curl(f"http://{at}/picture/trouble")[0], 503)
        # Another list has another tag, which Squid hears with the next answer.
        assert 'ISTag: "list-2"' in squid.icap_log().replace("%22", '"').replace("%20", " ")
        equal(squid.curl(f"http://{at}/new")[0], 200)
        stage.list(f"http://{at}/new")
        equal(squid.curl(f"http://{at}/new")[0], 403)
        equal(squid.curl(f"http://{at}/listed")[0], 200)
        assert 'ISTag: "list-3"' in squid.icap_log().replace("%22", '"').replace("%20", " ")
        counters = stage.stop()
        equal((counters["broken"], counters["timed_out"], counters["unknown"]), (0, 0, 0))
        equal((counters["late"], counters["failed_closed"]), (1, 2))
        assert counters["passed_204"] > 20


@case("a hundred megabytes go through both ways, byte by byte, and are not kept in memory")
def _(folder):
    with origin() as site, Stage(folder) as stage, \
            Squid(folder, *reqmod(stage.port), *respmod(stage.port)) as squid:
        at, size = f"site.example:{site.server_port}", 100_000_000
        large = body_of(size)
        (folder / "large").write_bytes(large)
        digest = hashlib.sha256(large).hexdigest()
        status, body = squid.curl(f"http://{at}/form", "-T", folder / "large", "-X", "POST")
        equal((status, body.decode()), (200, f"{size} {digest}"))
        for small in (65535, 65536, 70_000, 300_000):
            status, body = squid.curl(f"http://{at}/{small}.png", seconds=4)
            assert (status, body) == (200, body_of(small)), f"{small}: {status}, {len(body)} bytes"
        # Both pass behind their preview, the picture because it is more than the service looks at.
        for kind, length in (("", size), (".png", 10_000_000)):
            status, _ = squid.curl(f"http://{at}/{length}{kind}", "-o", folder / "back")
            assert (status, (folder / "back").read_bytes()) == (200, large[:length]), f"{kind}: {status}"
        assert stage.resident_kb() < 40000, f"the stage has grown to {stage.resident_kb()} kB"
        # Looked at whole, within its limit: held in a file, and then sent on.
        (folder / "other").mkdir()
        with Squid(folder / "other", *respmod(stage.port, "whole")) as other:
            status, _ = other.curl(f"http://{at}/1000000", "-o", folder / "back")
            equal((status, (folder / "back").read_bytes() == body_of(1_000_000)), (200, True))
            equal(other.curl(f"http://{at}/1100000")[0], 503)
        counters = stage.stop()
        equal((counters["over"], counters["broken"], counters["timed_out"]), (2, 0, 0))


@case("when ward is gone Squid blocks or passes as it was told, and goes on when ward is back")
def _(folder):
    closed, opened = folder / "closed", folder / "opened"
    closed.mkdir()
    opened.mkdir()
    folder.chmod(0o755)
    with origin() as site, Stage(folder) as stage:
        at, port = f"site.example:{site.server_port}", stage.port
        listed = f"http://{at}/listed"
        stage.list(listed)
        with Squid(closed, *reqmod(port), *respmod(port)) as shut, \
                Squid(opened, *reqmod(port, "reqopen", "on"), *respmod(port, "resopen", "on")) as open_:
            for squid in (shut, open_):
                equal(squid.curl(listed)[0], 403)
                equal(squid.curl(f"http://{at}/page")[0], 200)
            # No verdict on a picture: the service that fails open passes it on.
            equal(open_.curl(f"http://{at}/picture/silence")[0], 200)
            equal(open_.curl(f"http://{at}/picture/trouble")[0], 200)
            # Killed while a verdict is waited for.
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                asked = [pool.submit(squid.curl, f"http://{at}/picture/silence") for squid in (shut, open_)]
                time.sleep(.3)
                stage.kill()
                # Of a picture Squid has no copy left to pass on when it was shown more than its preview.
                assert asked[0].result()[0] >= 500
                assert asked[1].result()[0] in (200, 500, 502, 503)
            assert shut.curl(f"http://{at}/page")[0] >= 500
            equal(open_.curl(f"http://{at}/page")[0], 200)
            with Stage(folder, listed, port=port) as again:
                for squid in (shut, open_):
                    for _ in range(100):
                        if squid.curl(listed)[0] == 403 and squid.curl(f"http://{at}/page")[0] == 200:
                            break
                        time.sleep(.1)
                    else:
                        raise AssertionError("Squid does not come back to a server that does")
                shut.stop()
                shut.start()
                equal(shut.curl(listed)[0], 403)
                equal(shut.curl(f"http://{at}/page")[0], 200)
                again.stop()


def make_certificates(folder):
    """An authority that nobody trusts, and a site of its own."""
    for name in ("ca", "site"):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-keyout",
                        folder / f"{name}.key", "-out", folder / f"{name}.pem", "-subj", f"/CN={name}.example",
                        "-addext", "subjectAltName=DNS:site.example"], check=True, capture_output=True)
    (folder / "both.pem").write_bytes((folder / "ca.key").read_bytes() + (folder / "ca.pem").read_bytes())
    (folder / "both.pem").chmod(0o644)


@case("where the operator owns the devices Squid can open TLS, and ward sees the page")
def _(folder):
    helper = pathlib.Path("/usr/lib/squid/security_file_certgen")
    if not helper.exists():
        raise Skip("this Squid cannot make certificates (squid-openssl)")
    make_certificates(folder)
    folder.chmod(0o777)
    subprocess.run([helper, "-c", "-s", folder / "certificates", "-M", "4MB"], check=True, capture_output=True)
    for path in [folder / "certificates", *(folder / "certificates").rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o666)
    bump = f" ssl-bump generate-host-certificates=on dynamic_cert_mem_cache_size=4MB tls-cert={folder / 'both.pem'}"
    with origin((folder / "site.pem", folder / "site.key")) as site, Stage(folder) as stage:
        at = f"site.example:{site.server_port}"
        stage.list(f"https://{at}/listed")
        with Squid(folder, *reqmod(stage.port), *respmod(stage.port), "acl step1 at_step SslBump1",
                   "ssl_bump peek step1", "ssl_bump bump all", "sslcrtd_children 1",
                   f"sslcrtd_program {helper} -s {folder / 'certificates'} -M 4MB",
                   f"tls_outgoing_options cafile={folder / 'site.pem'}", port_options=bump) as squid:
            trust = ("--cacert", folder / "ca.pem")
            status, body = squid.curl(f"https://{at}/listed", *trust)
            equal(status, 403)
            assert b"This page is listed." in body
            status, body = squid.curl(f"https://{at}/5000", *trust)
            equal((status, body == body_of(5000)), (200, True))
            equal(squid.curl(f"https://{at}/picture/lighthouse", *trust)[0], 403)
            # A device that does not trust the authority sees that it is there, and nothing else.
            equal(squid.curl(f"https://{at}/5000")[0], 0)


run_cases()
