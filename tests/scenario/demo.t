#!/usr/bin/env python3
"""The demo that `make start` shows, from its first picture to Ctrl-C."""
import json
import os
import re
import signal
import socket
import subprocess
import threading
import urllib.request

from scenario import BUILD, Skip, case, environment, equal, run_cases

ROOT = os.environ.get("WARD_SOURCE_ROOT", ".")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start(folder, listen):
    return subprocess.Popen([f"{ROOT}/tools/demo", folder, listen, f"127.0.0.1:{free_port()}"], text=True,
                            env=environment(WARD_BUILD=str(BUILD.absolute())), start_new_session=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)


def read_until(demo, words):
    told = ""
    watch = threading.Timer(120, demo.kill)
    watch.start()
    for line in demo.stdout:
        told += line
        if words in line:
            break
    watch.cancel()
    return told


def works(place, url, told):
    """The desk: as one of the people whom the demo names, by what it tells of them."""
    assert re.search(r"^[1-9]\d* reports came in", told, re.M), told
    password = re.search(r'password of each is\s+"([^"]*)"', told)[1]
    code = subprocess.run([f"{ROOT}/tools/demo-desk", "code", place, "mara"], check=True,
                          capture_output=True, text=True).stdout.strip()
    answer, _ = ask(url, "/v1/session", {"name": "mara", "password": password})
    _, cookie = ask(url, "/v1/session", {"ticket": answer["ticket"], "totp": code})
    queues, _ = ask(url, "/v1/queues", None, cookie)
    open_jobs = {queue["id"]: queue["open"] for queue in queues["queues"]}
    assert open_jobs["inbox"] >= 1 and open_jobs["sites"] >= 1, open_jobs
    with urllib.request.urlopen(re.search(r"public reports: (\S+)", told)[1], timeout=30) as got:
        assert "The Lighthouse Keepers" in got.read().decode()


def ask(url, path, body, cookie=None):
    request = urllib.request.Request(url + path, json.dumps(body).encode() if body else None,
                                     {"Origin": url, "Content-Type": "application/json",
                                      **({"Cookie": cookie} if cookie else {})})
    with urllib.request.urlopen(request, timeout=30) as got:
        return json.loads(got.read()), (got.headers.get("Set-Cookie") or "").split(";")[0]


@case("it finds the changed copies, leaves the harmless alone, serves, fills a desk, and ends on Ctrl-C")
def _(folder):
    if not (BUILD / "wardd").exists() or not (BUILD / "ward-draw").exists():
        raise Skip("wardd or ward-draw was not built")
    if not any(os.access(f"{p}/curl", os.X_OK) for p in os.environ["PATH"].split(":")):
        raise Skip("there is no curl")
    listen = f"127.0.0.1:{free_port()}"
    demo = start(folder / "demo", listen)
    told = read_until(demo, "Ctrl-C ends it")
    try:
        assert "Ctrl-C ends it" in told, told
        found = set(re.findall(r"lighthouses .*/samples/(\S+)", told))
        wanted = {"album.zip!recompressed.jpg", "backup.tar.gz!recompressed.jpg", "animation.gif",
                  "broken.jpg", "copy.png", "phone.jpg", "recompressed.jpg", "holiday/mirrored.jpg",
                  "holiday/turned.png"}
        wanted |= {f"holiday/IMG_000{n}" for n in range(1, 9)}
        equal({name.split(".")[0] if "IMG" in name else name for name in found}, wanted)
        # The one file that cannot be read is told, and no other.
        equal(set(re.findall(r"unreadable .*/samples/(\S+)", told)), {"broken.jpg"})
        path, url = re.search(r"curl --data-binary @(\S+) (\S+)", told).groups()
        with open(path, "rb") as file:
            with urllib.request.urlopen(urllib.request.Request(url, file.read()), timeout=30) as got:
                answer = got.read().decode()
        assert '"lighthouses"' in answer and '"verdict"' in answer, answer
        works(folder / "demo", re.search(r"The console: (\S+)/console/", told)[1], told)
    finally:
        os.killpg(demo.pid, signal.SIGINT)
        rest, _ = demo.communicate(timeout=60)
    equal(demo.returncode, 0)
    assert "has stopped" in rest, rest


@case("it says that the port is taken before it begins, and names the way out")
def _(folder):
    if not any(os.access(f"{p}/curl", os.X_OK) for p in os.environ["PATH"].split(":")):
        raise Skip("there is no curl")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        demo = start(folder / "demo", f"127.0.0.1:{other.getsockname()[1]}")
        told, _ = demo.communicate(timeout=60)
    equal(demo.returncode, 2)
    assert "another program" in told and "PORT=" in told, told
    assert not (folder / "demo").exists()


@case("it does not throw away a folder that is not its own")
def _(folder):
    mine = folder / "mine"
    mine.mkdir()
    (mine / "letter").write_text("keep me\n")
    demo = start(mine, "127.0.0.1:1")
    told, _ = demo.communicate(timeout=60)
    equal(demo.returncode, 2)
    assert "was not made by the demo" in told, told
    equal((mine / "letter").read_text(), "keep me\n")


run_cases()
