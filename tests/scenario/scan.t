#!/usr/bin/env python3
"""ward scan, from outside."""
import hashlib
import os
import random
import re
import signal
import subprocess
import time
import zipfile

from scenario import *


def md5(data):
    return hashlib.md5(data).hexdigest()


def set_up(folder):
    """A workspace that knows a lighthouse and a text; samples beside it."""
    files = folder / "files"
    files.mkdir()
    draw_png(files / "lighthouse.png", lighthouse)
    draw_png(files / "bridge.png", bridge)
    (files / "letter.txt").write_bytes(b"Dear keeper, the lamp is lit.\n")
    (files / "note.txt").write_bytes(b"Dear keeper, all is well.\n")
    place = workspace(folder, lighthouses=["pdq:" + hash_of(files / "lighthouse.png")["pdq"]],
                      letters=[md5(b"Dear keeper, the lamp is lit.\n")])
    return place, files


def told(done):
    return {pathlib.Path(row["path"]).name: row for row in rows(done)}


@case("a listed picture and a listed text are found, the rest is not")
def _(folder):
    place, files = set_up(folder)
    done = ward("scan", "-w", place, files, status=1)
    text = done.stdout.decode()
    assert "lighthouse.png" in text and "letter.txt" in text, text
    assert "bridge.png" not in text and "note.txt" not in text, text
    assert b"4  files scanned" in done.stderr, done.stderr


@case("nothing found is exit status 0 and no row")
def _(folder):
    place, files = set_up(folder)
    done = ward("scan", "-w", place, files / "bridge.png", files / "note.txt", status=0)
    equal(done.stdout, b"")


@case("a changed copy is near, with its distance")
def _(folder):
    place, files = set_up(folder)
    copy = draw_png(folder / "copy.png", lighthouse, 280, 260, lambda v: v * .9 + 12)
    row = rows(ward("scan", "-w", place, "--json", copy, status=1))[0]
    finding = row["findings"][0]
    equal(finding["kind"], "near")
    assert 0 < finding["distance"] <= 31, finding
    equal(finding["list"], "lighthouses")
    equal(row["verdict"]["kind"], "hold")
    if finding["distance"] > 1:
        row = rows(ward("scan", "-w", place, "--json", "--radius", 1, copy, status=0))[0]
        equal(row["findings"], [])


@case("a mirrored copy is found when any orientation is asked for")
def _(folder):
    place, files = set_up(folder)
    mirror = draw_png(folder / "mirror.png", lambda x, y: lighthouse(1 - x, y))
    ward("scan", "-w", place, mirror, status=0)
    row = rows(ward("scan", "-w", place, "--json", "--any-orientation", mirror, status=1))[0]
    equal(row["findings"][0]["orientation"], "flipy")


@case("--json tells every file once, --found only those with findings")
def _(folder):
    place, files = set_up(folder)
    done = ward("scan", "-w", place, "--json", files, status=1)
    equal(sorted(told(done)), ["bridge.png", "letter.txt", "lighthouse.png", "note.txt"])
    row = told(done)["letter.txt"]
    equal(row["verdict"]["kind"], "block")
    equal(row["items"][0]["md5"], md5(b"Dear keeper, the lamp is lit.\n"))
    done = ward("scan", "-w", place, "--json", "--found", files, status=1)
    equal(sorted(told(done)), ["letter.txt", "lighthouse.png"])


@case("--summary gives the totals alone")
def _(folder):
    place, files = set_up(folder)
    done = ward("scan", "-w", place, "--json", "--summary", files, status=1)
    totals = rows(done)
    equal(len(totals), 1)
    equal([totals[0][k] for k in ("files", "found", "known", "near", "unreadable", "failed")],
          [4, 2, 2, 0, 0, 0])
    equal(totals[0]["bytes"], sum(p.stat().st_size for p in files.iterdir()))


@case("hidden names and symbolic links are left out, counted, and scanned when asked for")
def _(folder):
    place, files = set_up(folder)
    (files / ".hidden").write_bytes(b"hidden\n")
    (files / "link").symlink_to("note.txt")
    (files / "circle").symlink_to(".")
    done = ward("scan", "-w", place, "--json", "--summary", files)
    equal(rows(done)[0]["skipped"], {"seen": 0, "hidden": 1, "links": 2, "special": 0})
    done = ward("scan", "-w", place, "--json", "--hidden", files)
    assert ".hidden" in told(done)
    done = ward("scan", "-w", place, "--json", "--follow", files, status=2)
    assert "link" in told(done)
    assert "error" in told(done)["circle"], told(done)["circle"]


@case("standard input is scanned, from a file and from a pipe")
def _(folder):
    place, files = set_up(folder)
    data = (files / "lighthouse.png").read_bytes()
    row = rows(ward("scan", "-w", place, "--json", "-", stdin=data, status=1))[0]
    equal(row["path"], "-")
    equal(row["findings"][0]["kind"], "known")
    with open(files / "letter.txt", "rb") as file:
        done = subprocess.run([WARD, "scan", "-w", place, "--json", "-"], stdin=file,
                              capture_output=True, env=environment())
    equal(done.returncode, 1)


@case("names come from a file, from a pipe, and with NULs")
def _(folder):
    place, files = set_up(folder)
    odd = files / "two\nlines"
    odd.write_bytes(b"Dear keeper, the lamp is lit.\n")
    names = folder / "names"
    names.write_text(f"{files}/letter.txt\n{files}/note.txt\n")
    done = ward("scan", "-w", place, "--json", "--files-from", names, status=1)
    equal(sorted(told(done)), ["letter.txt", "note.txt"])
    done = ward("scan", "-w", place, "--json", "--null", "--files-from", "-",
                stdin=f"{odd}\0{files}/note.txt\0".encode(), status=1)
    equal(sorted(told(done)), ["note.txt", "two\nlines"])


@case("a file that is not there is told, counted, and the rest is scanned")
def _(folder):
    place, files = set_up(folder)
    done = ward("scan", "-w", place, folder / "nowhere", files / "letter.txt", status=2)
    assert b"nowhere: No such file" in done.stderr, done.stderr
    assert b"letter.txt" in done.stdout
    done = ward("scan", "-w", place, "--json", folder / "nowhere", status=2)
    equal(rows(done)[0]["error"], "not_found")


@case("a broken picture is a finding, never clean")
def _(folder):
    place, files = set_up(folder)
    whole = (files / "bridge.png").read_bytes()
    (files / "broken.png").write_bytes(whole[:len(whole) // 2])
    row = rows(ward("scan", "-w", place, "--json", files / "broken.png", status=1))[0]
    equal(row["findings"][0]["kind"], "unreadable")
    equal(row["verdict"]["kind"], "hold")
    assert row["findings"][0]["message"], row


@case("a member of an archive is found and named")
def _(folder):
    place, files = set_up(folder)
    with zipfile.ZipFile(files / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(files / "bridge.png", "pictures/bridge.png")
        archive.write(files / "lighthouse.png", "pictures/lighthouse.png")
    row = rows(ward("scan", "-w", place, "--json", files / "all.zip", status=1))[0]
    equal(row["findings"][0]["path"], "pictures/lighthouse.png")
    equal(len(row["items"]), 3)
    ward("scan", "-w", place, "--no-archives", files / "all.zip", status=0)


@case("many threads put out whole lines, every file once")
def _(folder):
    place, files = set_up(folder)
    for i in range(700):
        (files / f"f{i}").write_bytes(b"%d\n" % i * 50)
    done = ward("scan", "-w", place, "--json", "-j", 8, files)
    equal(len(rows(done)), 704)
    equal(len(told(done)), 704)


@case("progress is drawn on standard error when asked for")
def _(folder):
    place, files = set_up(folder)
    (files / "large").write_bytes(bytes(150 << 20))
    done = ward("scan", "-w", place, "--progress", "--json", files)
    assert b"files" in done.stderr and b"found" in done.stderr, done.stderr
    equal(len(rows(done)), 5)
    done = ward("scan", "-w", place, "--json", files)
    equal(done.stderr, b"")


@case("a scan taken up again passes over finished files and tells what was found again")
def _(folder):
    place, files = set_up(folder)
    state = folder / "state"
    first = ward("scan", "-w", place, "--json", "--state", state, files, status=1)
    equal(len(rows(first)), 4)
    again = ward("scan", "-w", place, "--json", "--state", state, files, status=1)
    equal(sorted(told(again)), ["letter.txt", "lighthouse.png"])
    (files / "note.txt").write_bytes(b"Dear keeper, all is not well.\n")
    again = ward("scan", "-w", place, "--json", "--state", state, files, status=1)
    equal(sorted(told(again)), ["letter.txt", "lighthouse.png", "note.txt"])


@case("a list that changed makes a scan start over")
def _(folder):
    place, files = set_up(folder)
    state = folder / "state"
    ward("scan", "-w", place, "--json", "--state", state, files, status=1)
    import_list(place, "more", [md5(b"Dear keeper, all is well.\n")])
    again = ward("scan", "-w", place, "--json", "--state", state, files, status=1)
    equal(len(rows(again)), 4)
    equal(told(again)["note.txt"]["findings"][0]["list"], "more")


@case("killed at any moment, a scan taken up again has told every file")
def _(folder):
    place, files = set_up(folder)
    for i in range(400):
        (files / f"f{i}").write_bytes(b"%d " % i * 3000)
    command = [WARD, "scan", "-w", str(place), "--json", "--state", str(folder / "state"),
               str(files)]
    names = set()
    kills = 0
    random.seed(7)
    for attempt in range(60):
        with open(folder / "out", "wb") as out:
            scan = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL,
                                    env=environment())
            try:
                scan.wait(timeout=random.uniform(.002, .03) if attempt < 50 else 60)
            except subprocess.TimeoutExpired:
                scan.send_signal(signal.SIGKILL)
                scan.wait()
                kills += 1
        for line in (folder / "out").read_bytes().split(b"\n"):
            try:
                names.add(json.loads(line)["path"])
            except ValueError:
                pass  # the line it was killed in
        if scan.returncode == 1:
            break
    equal(scan.returncode, 1)
    equal(len(names), 404)
    print(f"# killed {kills} times")


@case("table and totals in one file: the totals stand behind the whole table")
def _(folder):
    # Longer than what standard output holds back: only then could they mix.
    (folder / "files").mkdir()
    for i in range(200):
        (folder / "files" / f"letter-{i}").write_text(f"letter {i}")
    place = workspace(folder, letters=[hashlib.md5(b"letter %d" % i).hexdigest()
                                       for i in range(200)])
    done = subprocess.run([WARD, "scan", "-w", place, folder / "files"], env=environment(),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    lines = done.stdout.decode().splitlines()
    equal(lines.index(""), 201)
    assert all(re.search(r"/letter-\d+$", line) for line in lines[1:201])


@case("a reader that goes away ends the scan")
def _(folder):
    place, files = set_up(folder)
    for i in range(3000):
        (files / f"f{i}").write_bytes(b"x")
    scan = subprocess.Popen([WARD, "scan", "-w", place, "--json", files], env=environment(),
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    scan.stdout.readline()
    scan.stdout.close()
    equal(scan.wait(timeout=60), 2)
    scan.stderr.close()


@case("without a workspace it says what to do")
def _(folder):
    done = ward("scan", folder, status=2)
    assert b"ward init" in done.stderr, done.stderr


run_cases()
