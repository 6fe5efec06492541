#!/usr/bin/env python3
"""A zoo of media that were broken on purpose: each is answered, in its time, and nobody but a jailed worker may fall.

Whole pictures, videos, archives, mails and PDFs are changed by chance (the seed is said, and each
file's way is its name), and scanned as a user would.  WARD_ZOO is how many; `make soak` has 10 000.
"""
import email.message
import io
import os
import random
import subprocess
import tarfile
import time
import zipfile

from scenario import *

COUNT = int(os.environ.get("WARD_ZOO", "240"))
SEED = int(os.environ.get("WARD_ZOO_SEED", "5"))
AT_ONCE = 1000  # so many lie on the disk
LIMIT_S = 10
# The limit is the worker's own; then it is killed, and another one started.
LATE_S = LIMIT_S + (20 if "sanitized" in str(BUILD) else 5)
KEEP = os.environ.get("WARD_ZOO_KEEP")  # a folder for those at which a worker fell
SOURCE = pathlib.Path(os.environ.get("WARD_SOURCE_ROOT", pathlib.Path(__file__).parents[2]))


# ---- whole ones ----

def of_containers(picture):
    packed, tarred, mail = io.BytesIO(), io.BytesIO(), email.message.EmailMessage()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.png", picture)
        archive.writestr("folder/b.png", picture)
    with tarfile.open(fileobj=tarred, mode="w:gz") as archive:
        member = tarfile.TarInfo("a.png")
        member.size = len(picture)
        archive.addfile(member, io.BytesIO(picture))
    mail["From"], mail["Subject"] = "keeper@lighthouse.example", "The lamp"
    mail.set_content("The lamp is lit.\n")
    mail.add_attachment(picture, maintype="image", subtype="png", filename="a.png")
    mail.add_attachment(packed.getvalue(), maintype="application", subtype="zip", filename="a.zip")
    return {"zip": packed.getvalue(), "tgz": tarred.getvalue(), "eml": mail.as_bytes()}


def of_films(folder):
    """One picture as a film of each container, two seconds long."""
    if not shutil.which("ffmpeg"):
        return {}
    whole = {}
    for name, codec in (("mp4", "libx264"), ("mkv", "libvpx"), ("avi", "mpeg4"), ("flv", "flv"), ("mpg", "mpeg1video"),
                        ("gif", "gif"), ("apng", "apng"), ("webp", "libwebp_anim")):
        path = folder / f"film.{name}"
        done = subprocess.run(["ffmpeg", "-nostdin", "-v", "quiet", "-f", "lavfi", "-i", "testsrc=s=96x64:d=1:r=25", "-c:v",
                               codec, path])
        if done.returncode == 0 and path.stat().st_size > 0:
            whole[f"film.{name}"] = path.read_bytes()
        path.unlink(missing_ok=True)
    return whole


def of_goldens():
    whole = {}
    if not GOLDEN.is_dir():
        print(f"# {GOLDEN} is not there: drawn media alone")
        return whole
    for path in sorted([*(GOLDEN / "images").rglob("*"), *(GOLDEN / "videos").iterdir()]):
        if path.is_file() and path.stat().st_size < 300_000:
            whole[path.name] = path.read_bytes()
    return whole


def of_corpora():
    """What fuzz targets begin with: small files of the rarer formats."""
    return {f"{kind}-{path.name}": path.read_bytes() for kind in ("heif", "tiff", "webp", "bmp", "pdf", "jpeg", "png", "gif")
            for path in sorted((SOURCE / "tests/corpus" / kind).iterdir()) if path.stat().st_size < 200_000}


# ---- and what is done to them ----

def flip(by, data):
    for _ in range(by.choice((1, 1, 3, 30))):
        at = by.randrange(len(data))
        data[at] ^= 1 << by.randrange(8)


def flip_early(by, data):
    """Where facts, sizes and tables stand."""
    for _ in range(by.choice((1, 2, 5))):
        data[by.randrange(min(len(data), 512))] = by.choice((0, 1, 0x7f, 0x80, 0xff, by.randrange(256)))


def cut(by, data):
    del data[by.randrange(len(data)):]


def drop(by, data):
    at = by.randrange(len(data))
    del data[at:at + by.randrange(1, 4096)]


def double(by, data):
    at, size = by.randrange(len(data)), by.randrange(1, 4096)
    data[at:at] = data[at:at + size] * by.choice((1, 1, 40))


def enlarge(by, data):
    """A number becomes a very large one."""
    at, size = by.randrange(len(data)), by.choice((2, 4, 8))
    data[at:at + size] = by.choice((b"\xff", b"\x7f", b"\x00", b"\x80")) * size


def empty(by, data):
    at = by.randrange(len(data))
    size = min(by.randrange(1, 4096), len(data) - at)
    data[at:at + size] = bytes(size)


CHANGES = (flip, flip_early, cut, drop, double, enlarge, empty)


def broken(by, groups):
    """A family first, or the many small files would be most of the zoo."""
    whole = by.choice(groups)
    name = by.choice(sorted(whole))
    data, ways = bytearray(whole[name]), []
    for _ in range(by.choice((1, 1, 2, 3))):
        change = by.choice((*CHANGES, None))
        if not data:
            break
        if change:
            change(by, data)
        else:
            other = by.choice(groups)
            other = other[by.choice(sorted(other))]
            data[by.randrange(len(data)):] = other[by.randrange(len(other)):]
        ways.append(change.__name__ if change else "splice")
    return f"{'-'.join(ways)}.{name}", bytes(data)


# ---- the visit ----

def scan(place, folder, names):
    """A row for each, none of which was long in coming."""
    process = subprocess.Popen([WARD, "scan", "-w", place, "--json", "--borders", "--time-limit", str(LIMIT_S), folder],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    got, slowest, before = {}, 0, time.monotonic()
    for line in process.stdout:
        row, now = json.loads(line), time.monotonic()
        slowest, before = max(slowest, now - before), now
        if "path" in row:
            name = pathlib.Path(row["path"]).name
            assert name not in got, name
            got[name] = row
    words = process.stderr.read()
    process.stderr.close()
    assert process.wait() in (0, 1, 2), (process.returncode, words[-2000:])
    equal(sorted(got), sorted(names))
    assert slowest < LATE_S, (slowest, list(got)[-1])
    return got, slowest


def outcome(row):
    assert "findings" in row, row
    kinds = {finding.get("error") or finding["kind"] for finding in row["findings"]}
    for kind in ("worker", "timeout", "known", "near"):
        if kind in kinds:
            return kind
    return "unreadable" if kinds else "clean"


@case(f"{COUNT} broken pictures, videos, archives, mails and documents are each answered within their time")
def _(folder):
    picture = draw_png(folder / "light.png", lighthouse)
    place = workspace(folder, lights=["pdq:" + hash_of(picture)["pdq"]])
    groups = [group for group in (of_goldens(), of_films(folder), of_containers(picture.read_bytes()), of_corpora()) if group]
    by, zoo, seen, slowest = random.Random(SEED), folder / "zoo", {}, 0
    for first in range(0, COUNT, AT_ONCE):
        zoo.mkdir()
        names = []
        for number in range(first, min(first + AT_ONCE, COUNT)):
            name, data = broken(by, groups)
            names.append(f"{number}-{name}")
            (zoo / names[-1]).write_bytes(data)
        got, longest = scan(place, zoo, names)
        slowest = max(slowest, longest)
        for name, row in got.items():
            kind = outcome(row)
            seen[kind] = seen.get(kind, 0) + 1
            if kind in ("worker", "timeout"):
                print(f"# {kind}: {name}: {row['findings']}")
                if KEEP:
                    shutil.copy(zoo / name, KEEP)
        shutil.rmtree(zoo)
    print(f"# seed {SEED}, of {sum(map(len, groups))} whole files: {dict(sorted(seen.items()))}; longest wait {slowest:.1f} s")
    # A jailed worker may fall, and is told of; on what we know it does not.
    equal(seen.get("worker", 0), 0)


@case("a film of two rows has nothing to compare, and is no trouble")
def _(folder):
    if not shutil.which("ffmpeg"):
        raise Skip("there is no ffmpeg to write a film with")
    place = workspace(folder, lights=["pdq:" + hash_of(draw_png(folder / "light.png", lighthouse))["pdq"]])
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "color=s=96x2:d=2", "-c:v", "flv", folder / "a.flv"],
                   check=True)
    row = rows(ward("scan", "-w", place, "--json", folder / "a.flv", status=0))[0]
    equal((row["findings"], row["items"][0]["height"]), ([], 2))


run_cases()
