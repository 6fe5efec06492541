"""What the scenarios of wardd share: starting it, asking it, reading what it says."""
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time
import uuid

import scenario

WARDD = os.environ.get("WARDD_PROGRAM") or str(scenario.BUILD / "src/bin/wardd")


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body[:300]!r}"


class Daemon:
    """A running wardd on a port of its own; use it with `with`."""

    def __init__(self, place, *args, demo=True, conf=None):
        self.place = pathlib.Path(place)
        if conf is not None:
            (self.place / "ward.conf").write_text(conf)
        self.log_path = self.place.parent / f"wardd-{uuid.uuid4().hex}.log"
        command = [WARDD, "-w", str(place), "--listen", "127.0.0.1:0", *args]
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(command + (["--demo"] if demo else []), stderr=log,
                                            env=scenario.environment())
        for _ in range(600):
            found = re.search(r" ready address=(https?)://127\.0\.0\.1:(\d+)", self.log())
            if found:
                self.scheme, self.port = found[1], int(found[2])
                return
            if self.process.poll() is not None:
                break
            time.sleep(.02)
        self.kill()
        raise AssertionError(f"wardd does not start: {self.log()[-2000:]}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def log(self):
        return self.log_path.read_text(errors="replace")

    def children(self):
        """The ids of its processes."""
        found = []
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(stat.read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            if parent == self.process.pid:
                found.append(int(stat.parent.name))
        return found

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def stop(self):
        """Asks it to stop, and returns its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def connection(self, timeout=60):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, method, path, body=None, headers=None, status=None, key=None):
        connection = self.connection()
        headers = dict(headers or {})
        if key:
            headers["Authorization"] = f"Bearer {key}"
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
        connection.request(method, path, body, headers)
        got = connection.getresponse()
        answer = Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read())
        connection.close()
        if status is not None and answer.status != status:
            raise AssertionError(f"{method} {path}: want {status}, got {answer!r}\n"
                                 f"{self.log()[-1500:]}")
        return answer

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, path, body=b"", **more):
        return self.ask("POST", path, body, **more)

    def raw(self, *pieces, wait=0, timeout=30):
        """Sends bytes as they are, a piece at a time, and returns all that comes back."""
        got = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as peer:
            try:
                for piece in pieces:
                    peer.sendall(piece)
                    time.sleep(wait)
                while chunk := peer.recv(65536):
                    got += chunk
            except OSError:
                pass
        return got


def form(*files):
    """A multipart/form-data body of (field, file name or None, bytes): its headers and bytes."""
    boundary = uuid.uuid4().hex
    body = b""
    for field, name, data in files:
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"'.encode()
        body += (f'; filename="{name}"' if name is not None else "").encode()
        body += b"\r\n\r\n" + data + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return {"headers": {"Content-Type": f"multipart/form-data; boundary={boundary}"},
            "body": body}


def add_key(place, name, *options):
    """The token of a new key."""
    done = scenario.ward("key", "add", "-w", place, name, *options, status=0)
    return re.search(rb"ward_[A-Za-z0-9_-]+", done.stdout)[0].decode()


def wait_until(what, seconds=20):
    end = time.time() + seconds
    while not (found := what()):
        if time.time() > end:
            raise AssertionError("waited in vain")
        time.sleep(.05)
    return found
