#!/usr/bin/env python3
"""ward scan, from outside."""
import hashlib
import io
import os
import random
import re
import signal
import subprocess
import tarfile
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


def bordered(look, x0, x1, y0, y1, colour):
    """The picture within x0..x1 and y0..y1 of a plain ground."""
    return lambda x, y: (look((x - x0) / (x1 - x0), (y - y0) / (y1 - y0))
                         if x0 <= x < x1 and y0 <= y < y1 else colour)


@case("a picture within bars or a frame is found when borders are cut, mirrored ones too")
def _(folder):
    place, files = set_up(folder)
    for name, borders in (("letterbox", (0, 1, .2, .8, 0)), ("pillarbox", (.15, .85, 0, 1, 255)),
                          ("frame", (.1, .9, .1, .9, 90))):
        copy = draw_png(folder / (name + ".png"), bordered(lighthouse, *borders), 400, 400)
        ward("scan", "-w", place, "--no-borders", copy, status=0)
        ward("scan", "-w", place, "--set", "borders=no", copy, status=0)
        row = rows(ward("scan", "-w", place, "--json", copy, status=1))[0]
        equal(row["findings"][0]["orientation"], "borders cut")
        equal(row["items"][0]["frames"][0]["inner"], hash_of(copy)["inner"])
        mirror = draw_png(folder / (name + "-mirror.png"),
                          bordered(lambda x, y: lighthouse(1 - x, y), *borders), 400, 400)
        ward("scan", "-w", place, "--borders", mirror, status=0)
        row = rows(ward("scan", "-w", place, "--json", "--borders", "--any-orientation", mirror,
                        status=1))[0]
        equal(row["findings"][0]["orientation"], "borders cut, flipy")
    ward("scan", "-w", place, "--borders", "--any-orientation", files / "bridge.png", status=0)


@case("what is within borders has the hash of the picture cropped")
def _(folder):
    copy = draw_png(folder / "copy.png", bordered(lighthouse, .1, .9, .1, .9, 0), 400, 400)
    inner = draw_png(folder / "inner.png", lighthouse, 320, 320)
    equal(hash_of(copy)["inner"], hash_of(inner)["pdq"])
    equal(hash_of(inner)["inner"], None)


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


@case("files scanned together have the digests that each has alone")
def _(folder):
    place, files = set_up(folder)
    draw = random.Random(9)
    sizes = [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1 << 20, (1 << 20) + 1, 3 << 20]
    sizes += [int(4 ** (10 * draw.random())) for _ in range(400)]
    wanted = {}
    for i, size in enumerate(sizes):
        data = draw.randbytes(size)
        (files / f"f{i}").write_bytes(data)
        wanted[f"f{i}"] = [getattr(hashlib, name)(data).hexdigest()
                           for name in ("md5", "sha1", "sha256")]
    for threads in ("1", "3"):
        found = told(ward("scan", "-w", place, "--json", "-j", threads, files, status=1))
        for name, digests in wanted.items():
            item = found[name]["items"][0]
            equal([item.get(digest) for digest in ("md5", "sha1", "sha256")], digests)
            equal(item["bytes"], sizes[int(name[1:])])
        equal(found["letter.txt"]["findings"][0]["kind"], "known")


@case("few open files are enough for many threads")
def _(folder):
    place, files = set_up(folder)
    for i in range(600):
        (files / f"f{i}").write_bytes(b"x" * i)
    command = f"ulimit -n 300; exec '{WARD}' scan -w '{place}' --json -j 16 '{files}'"
    done = subprocess.run(["bash", "-c", command], env=environment(), capture_output=True)
    equal(done.returncode, 1)
    equal(len(rows(done)), 604)


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


def zipped(*members):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return data.getvalue()


@case("names cannot speak to the terminal, be they of files or of members")
def _(folder):
    place, files = set_up(folder)
    broken = b"\x89PNG\r\n\x1a\nno header"
    names = [b"\x1b[31mred\x07", b"\xc2\x9b31m", b"\x9b31m\xff", "\u202egnp.exe".encode(), b"a\nb"]
    for name in names:
        with open(os.fsencode(folder) + b"/" + name, "wb") as file:
            file.write(broken)
    with tarfile.open(folder / "all.tar", "w") as archive:
        for name in [*names, b"../../up", b"/top"]:
            member = tarfile.TarInfo(os.fsdecode(name))
            member.size = len(broken)
            archive.addfile(member, io.BytesIO(broken))
    paths = [os.fsencode(folder) + b"/" + name for name in names]
    done = subprocess.run([WARD, "scan", "-w", place, folder / "all.tar", *paths, b"no\x1b[31m"],
                          capture_output=True, env=environment())
    equal(done.returncode, 2)
    told = done.stdout + done.stderr
    for bad in (b"\x1b", b"\x07", b"\x9b", b"\xff", "\u202e".encode()):
        assert bad not in told, told
    assert b"all.tar!../../up\n" in told and b"?gnp.exe" in told, told
    assert not (folder.parent / "up").exists()
    told = subprocess.run([WARD, "hash", *paths], capture_output=True, env=environment()).stdout
    equal(len(told.splitlines()), len(names))
    assert b"\x1b" not in told and b"\x9b" not in told, told


@case("a name that is no UTF-8 is told whole in path_hex")
def _(folder):
    place, files = set_up(folder)
    path = os.fsencode(folder) + b"/\xff\xfename"
    with open(path, "wb") as file:
        file.write(b"a bridge\n")
    for words in (["scan", "-w", place, "--json"], ["hash", "--json"]):
        done = subprocess.run([WARD, *words, path], capture_output=True, env=environment())
        equal(bytes.fromhex(json.loads(done.stdout)["path_hex"]), path)
    assert "path_hex" not in rows(ward("scan", "-w", place, "--json", files / "note.txt"))[0]


@case("limits are set on the command line, and each is a finding that says so")
def _(folder):
    place, files = set_up(folder)
    picture = files / "lighthouse.png"
    (folder / "deep.zip").write_bytes(zipped(("b.zip", zipped(("c.zip", zipped(("d", b"d")))))))
    (folder / "many.zip").write_bytes(zipped(*((f"{i}", b"x") for i in range(20))))
    (folder / "large.zip").write_bytes(zipped(("zeroes", bytes(20 << 20))))
    for setting, path in (("pixels_max=1000", picture), ("bytes_max=100b", picture),
                          ("depth_max=2", folder / "deep.zip"),
                          ("parts_max=10", folder / "many.zip"),
                          ("bytes_max=10MB", folder / "large.zip")):
        row = rows(ward("scan", "-w", place, "--json", "--set", setting, path, status=1))[0]
        equal((setting, row["findings"][0]["kind"]), (setting, "limit"))
        assert row["findings"][0]["message"], row
    for path in (picture, folder / "deep.zip", folder / "many.zip", folder / "large.zip"):
        done = ward("scan", "-w", place, "--json", "--set", "depth_max=64", path)
        assert done.returncode == (path == picture), done.stderr
    row = rows(ward("hash", "--json", "--set", "pixels_max=1000", picture, status=2))[0]
    equal(row["error"], "limit")
    for wrong in ("pixel_max=1", "pixels_max", "pixels_max=some", "pixels_max=1 } server { port=1"):
        assert b"--set" in ward("scan", "-w", place, "--set", wrong, picture, status=2).stderr


@case("a bomb of archives in archives ends at its time, and says so")
def _(folder):
    place, files = set_up(folder)
    bomb = zipped(("zeroes", bytes(30 << 20)))
    for level in range(5):
        bomb = zipped(*((f"{level}-{i}.zip", bomb) for i in range(16)))
    (folder / "bomb.zip").write_bytes(bomb)
    began = time.monotonic()
    row = rows(ward("scan", "-w", place, "--json", "--set", "time_max=500ms", folder / "bomb.zip",
                    files / "letter.txt", status=1))
    assert time.monotonic() - began < 60
    bombs = [r for r in row if r["path"].endswith("bomb.zip")]
    assert bombs[0]["findings"][0]["kind"] in ("unreadable", "limit"), bombs[0]["findings"][0]
    equal(len(row), 2)


@case("folders deeper than a path may be long are scanned to their ends")
def _(folder):
    place, files = set_up(folder)
    top = folder / "deep"
    top.mkdir()
    at = os.open(top, os.O_RDONLY)
    for _ in range(40):
        os.mkdir("d" * 200, dir_fd=at)
        inner = os.open("d" * 200, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = inner
    file = os.open("letter.txt", os.O_WRONLY | os.O_CREAT, dir_fd=at)
    os.write(file, b"Dear keeper, the lamp is lit.\n")
    os.close(file)
    os.symlink("letter.txt", "link", dir_fd=at)
    os.close(at)
    done = ward("scan", "-w", place, "--json", "--found", "--follow", "--progress", top, status=1)
    equal(sorted(told(done)), ["letter.txt", "link"])
    equal(len(ward("hash", top, status=0).stdout.splitlines()), 1)


@case("a scan that cannot write its rows does not call the files seen")
def _(folder):
    place, files = set_up(folder)
    with open("/dev/full", "wb") as full:
        done = subprocess.run([WARD, "scan", "-w", place, "--json", "--state", folder / "state",
                               files], stdout=full, stderr=subprocess.PIPE, env=environment())
    equal(done.returncode, 2)
    again = ward("scan", "-w", place, "--json", "--state", folder / "state", files, status=1)
    equal(len(rows(again)), 4)


@case("Ctrl-C finishes the files in hand, tells the totals, and is passed on")
def _(folder):
    place, files = set_up(folder)
    for i in range(3000):
        (files / f"f{i}").write_bytes(b"%d " % i)
    (files / "zz").write_bytes(b"last")
    scan = subprocess.Popen([WARD, "scan", "-w", place, "--json", "--state", folder / "state",
                             files, "--files-from", "-"], env=environment(),
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            bufsize=0,  # or communicate would miss what readline read ahead
                            # Whoever runs the tests in the background has it ignored.
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    first = scan.stdout.readline()
    scan.send_signal(signal.SIGINT)
    out, err = scan.communicate(timeout=60)
    equal(scan.returncode, -signal.SIGINT)
    assert b"stopping" in err, err
    names = [json.loads(line)["path"] for line in [first, *out.splitlines()]]
    again = ward("scan", "-w", place, "--json", "--state", folder / "state", files, status=1)
    names += [row["path"] for row in rows(again)]
    equal(len(set(names)), 3005)


@case("without a workspace it says what to do")
def _(folder):
    done = ward("scan", folder, status=2)
    assert b"ward init" in done.stderr, done.stderr


run_cases()
