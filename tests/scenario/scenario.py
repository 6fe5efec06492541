"""What the scenarios share: running programs, drawing pictures, TAP.

A scenario starts the built programs and looks at them from outside, as a user
would.  Its cases are functions; each is named by a sentence and gets a fresh
folder.  Pictures are drawn by code; "known bad" is a lighthouse.
"""
import functools
import json
import math
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import traceback
import zlib

BUILD = pathlib.Path(os.environ.get("WARD_BUILD_ROOT", "build"))
GOLDEN = pathlib.Path(os.environ.get("WARD_GOLDEN", "../shared/golden"))
WARD = os.environ.get("WARD_PROGRAM") or next(
    (str(p) for p in (BUILD / "ward", BUILD / "src/bin/ward") if p.is_file()), "ward")

# The peers of tools/peers; behind what this Python has itself.
if os.environ.get("WARD_PEERS"):
    sys.path.append(os.environ["WARD_PEERS"])

cases = []


def case(sentence):
    """Marks a function as a case: it is called with a folder of its own."""
    def keep(function):
        cases.append((sentence, function))
        return function
    return keep


class Skip(Exception):
    """Raised by a case that cannot run here; says why."""


def run_cases():
    failures = 0
    print(f"1..{len(cases)}")
    for number, (sentence, function) in enumerate(cases, 1):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="ward-scenario-"))
        outcome, words = "ok", ""
        try:
            function(folder)
        except Skip as why:
            words = f" # SKIP {why}"
        except Exception:
            outcome = "not ok"
            failures += 1
            print("".join("# " + line + "\n" for line in traceback.format_exc().splitlines()),
                  end="")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        print(f"{outcome} {number} - {sentence}{words}", flush=True)
    sys.exit(failures != 0)


def environment(**more):
    """Without a workspace of the person who runs the tests."""
    env = {k: v for k, v in os.environ.items() if k != "WARD_HOME"}
    env.update(more)
    return env


def ward(*args, stdin=None, status=None, **more):
    """Runs ward; `status`, when given, must be its exit status."""
    done = subprocess.run([WARD, *map(str, args)], input=stdin, capture_output=True,
                          env=environment(), timeout=120, **more)
    if status is not None and done.returncode != status:
        raise AssertionError(f"ward {' '.join(map(str, args))}: exit status {done.returncode}, "
                             f"want {status}\n{done.stdout[-2000:].decode(errors='replace')}"
                             f"{done.stderr[-2000:].decode(errors='replace')}")
    return done


def rows(done):
    """The JSON objects that a command printed, one a line."""
    return [json.loads(line) for line in done.stdout.splitlines()]


def equal(got, want):
    assert got == want, f"got {got!r}, want {want!r}"


# ---- pictures ----

def lighthouse(x, y):
    """Brightness 0..255 at a place 0..1 by 0..1."""
    sky = 200 - 110 * y + 30 * math.sin(5 * x + 2 * y)
    if (x - .62) ** 2 + (y - .17) ** 2 < .003:
        return 255
    if abs(x - .62) < .03 + .06 * y and .2 < y < .83:
        return 245 if int(y * 9) % 2 else 60
    if y > .8 + .03 * math.sin(9 * x):
        return 70 + 30 * math.sin(31 * x) * math.cos(50 * y)
    if x < .3 and y > .55 + .4 * x:
        return 40 + 60 * x
    return sky


def bridge(x, y):
    deck = abs(y - .6) < .03
    arch = abs((y - .95) ** 2 * 3 + (x - .5) ** 2 - .12) < .02
    cable = int(x * 24) % 3 == 0 and .25 < y < .6
    return 30 if deck or arch else 90 if cable else 180 + 50 * math.cos(4 * x * x + 3 * y)


@functools.lru_cache(maxsize=64)
def drawn(look, width, height):
    return [look((x + .5) / width, (y + .5) / height) for y in range(height) for x in range(width)]


def samples(look, width, height, change=None):
    values = drawn(look, width, height)
    return bytes(max(0, min(255, int(change(value) if change else value))) for value in values)


# At 300 by 300 the reference's windows lie evenly, and a mirrored picture has the very hash
# that the orientations foretell; at other sizes it is some bits off.
def draw_png(path, look, width=300, height=300, change=None):
    pixels = samples(look, width, height, change)
    lines = b"".join(b"\0" + pixels[y * width:(y + 1) * width] for y in range(height))

    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    path.write_bytes(b"\x89PNG\r\n\x1a\n" +
                     chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) +
                     chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))
    return path


@functools.lru_cache
def png_of(look, *size):
    """A PNG's bytes, made once."""
    with tempfile.TemporaryDirectory() as folder:
        return draw_png(pathlib.Path(folder) / "a.png", look, *size).read_bytes()


def draw_pgm(path, look, width=300, height=300, change=None):
    path.write_bytes(b"P5\n%d %d\n255\n" % (width, height) +
                     samples(look, width, height, change))
    return path


# ---- workspaces ----

def workspace(folder, **lists):
    """A new workspace with a list of each name; a list is a sequence of signals."""
    place = folder / "workspace"
    ward("init", place, status=0)
    for name, signals in lists.items():
        import_list(place, name, signals)
    return place


def import_list(place, name, signals):
    text = place.parent / f"{name}.txt"
    text.write_text("".join(signal + "\n" for signal in signals))
    ward("list", "import", "-w", place, name, text, status=0)


def hash_of(path):
    """What `ward hash --exact --json` says of one file."""
    return rows(ward("hash", "--exact", "--json", path, status=0))[0]
