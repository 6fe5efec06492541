#!/usr/bin/env python3
"""ward disk, from outside: images made by the real tools, with lighthouses where they may hide."""
import csv
import ctypes
import hashlib
import io
import os
import random
import select
import signal
import struct
import subprocess
import zipfile
import zlib

import apfs
import ex01
import watching_fs
from scenario import *

os.environ["PATH"] += ":/usr/sbin:/sbin"
LETTER = b"Dear keeper, the lamp is lit.\n"
# Each its own picture, so that a find says which of them it is; width by height.
PLANTED = {"lamp": (300, 300), "gone": (320, 240), "packed": (260, 300), "lost": (200, 280),
           "gap": (240, 240)}


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            raise Skip(f"{program} is not here")


def run(*command, stdin=None):
    done = subprocess.run([str(c) for c in command], input=stdin, capture_output=True, timeout=60,
                          env=environment(MTOOLS_SKIP_CHECK="1"))
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


def set_up(folder):
    """A workspace that knows the planted pictures by MD5, and files for a disk."""
    tree = folder / "tree"
    (tree / "Users/keeper/Pictures").mkdir(parents=True)
    bytes_of = {name: png_of(lighthouse, *size) for name, size in PLANTED.items()}
    (tree / "bridge.png").write_bytes(png_of(bridge))
    (tree / "note.txt").write_bytes(b"Dear keeper, all is well.\n")
    (tree / "letter.txt").write_bytes(LETTER)
    (tree / "Users/keeper/Pictures/lamp.png").write_bytes(bytes_of["lamp"])
    (tree / "Users/keeper/Pictures/gone.png").write_bytes(bytes_of["gone"])
    with zipfile.ZipFile(tree / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("in/packed.png", bytes_of["packed"])
        archive.write(tree / "bridge.png", "in/bridge.png")
    signals = [hashlib.md5(data).hexdigest() for data in [*bytes_of.values(), LETTER]]
    return workspace(folder, known=signals), tree, bytes_of


def plant(image, data, begin, end):
    """Writes data where nothing is: into the first run of zeroes that is long enough."""
    length = (len(data) + 511) // 512 * 512 + 8192
    with open(image, "r+b") as file:
        file.seek(begin)
        space = file.read(end - begin)
        for at in range((len(space) - length) // 4096 * 4096, 0, -4096):
            if space.count(0, at, at + length) == length:
                file.seek(begin + at + 4096)
                file.write(data)
                return begin + at + 4096
    raise AssertionError("no place")


def blank(path, megabytes):
    with open(path, "wb") as file:
        file.truncate(megabytes << 20)
    return path


def ext(path, tree, megabytes=16):
    need("mkfs.ext4", "debugfs")
    blank(path, megabytes)
    run("mkfs.ext4", "-q", "-d", tree, path)
    run("debugfs", "-w", "-R", "rm Users/keeper/Pictures/gone.png", path)
    return path


def fat(path, tree, megabytes=40):
    need("mkfs.fat", "mcopy", "mdel")
    blank(path, megabytes)
    run("mkfs.fat", "-F", "32", path)
    run("mcopy", "-s", "-i", path, *sorted(tree.iterdir()), "::")
    run("mdel", "-i", path, "::Users/keeper/Pictures/gone.png")
    return path


def ntfs(path, tree, megabytes=16):
    need("mkntfs", "ntfscp")
    blank(path, megabytes)
    run("mkntfs", "-F", "-q", "-f", path)
    for source in sorted(p for p in tree.rglob("*") if p.is_file()):
        run("ntfscp", path, source, source.name)
    return path


def rotated_sum(data, skip=()):
    """exFAT's check of names and of a file's entries."""
    total = 0
    for i, byte in enumerate(data):
        if i not in skip:
            total = ((total >> 1 | total << 15) + byte) & 0xffff
    return total


def exfat_put(image, name, data):
    """A file in an exFAT's root folder, by the published description: no tool writes one unmounted."""
    with open(image, "r+b") as file:
        boot = file.read(512)
        heap, clusters, root = struct.unpack_from("<III", boot, 88)
        cluster = 1 << boot[108] + boot[109]

        def place(number):
            return (heap << boot[108]) + (number - 2) * cluster

        file.seek(place(root))
        folder = bytearray(file.read(cluster))
        bitmap = next(i for i in range(0, cluster, 32) if folder[i] == 0x81)
        at = place(struct.unpack_from("<I", folder, bitmap + 20)[0])
        file.seek(at)
        used = bytearray(file.read(struct.unpack_from("<Q", folder, bitmap + 24)[0]))
        start = clusters // 2
        for number in range(start, start + -(-len(data) // cluster)):
            used[(number - 2) // 8] |= 1 << (number - 2) % 8
        file.seek(at)
        file.write(used)
        file.seek(place(start))
        file.write(data)
        text = name.encode("utf-16le")
        parts = [b"\xc1\0" + text[i:i + 30].ljust(30, b"\0") for i in range(0, len(text), 30)]
        entry = bytearray(struct.pack("<BBHHHIII12x", 0x85, 1 + len(parts), 0, 0x20, 0, *[0x5a210000] * 3))
        entry += struct.pack("<BBBBHHQIIQ", 0xc0, 3, 0, len(name), rotated_sum(name.upper().encode("utf-16le")),
                             0, len(data), 0, start, len(data)) + b"".join(parts)
        struct.pack_into("<H", entry, 2, rotated_sum(entry, (2, 3)))
        free = next(i for i in range(0, cluster, 32) if folder[i] == 0)
        folder[free:free + len(entry)] = entry
        file.seek(place(root))
        file.write(folder)


def disk(place, *args, status=1, **more):
    return ward("disk", "-w", place, "--json", *args, status=status, **more)


def files_of(done):
    return [row for row in rows(done) if "path" in row and "error" not in row]


def watch_writes(path):
    libc = ctypes.CDLL(None)
    watch = libc.inotify_init1(os.O_NONBLOCK)
    # IN_MODIFY, IN_ATTRIB, IN_CLOSE_WRITE, IN_MOVE_SELF, IN_DELETE_SELF
    assert libc.inotify_add_watch(watch, os.fsencode(path), 2 | 4 | 8 | 0x800 | 0x400) > 0
    return watch


def image_of(done):
    return next(row for row in rows(done) if "image" in row)


def finds(done):
    """Every finding that is a hit, as path!member, with the file's state."""
    return sorted((row["path"] + ("!" + found["path"] if "path" in found else ""), row["state"])
                  for row in files_of(done) for found in row["findings"]
                  if found["kind"] in ("known", "near"))


IN_TREE = [("p1:/Users/keeper/Pictures/lamp.png", "allocated"), ("p1:/all.zip!in/packed.png",
                                                                 "allocated"),
           ("p1:/letter.txt", "allocated")]


@case("on ext4: what is there, in archives, deleted and lost is found, and nothing else")
def _(folder):
    place, tree, planted = set_up(folder)
    image = ext(folder / "ext.dd", tree)
    offset = plant(image, planted["lost"], 4 << 20, 16 << 20)
    done = disk(place, image)
    equal(finds(done), sorted([*IN_TREE, ("p1:/Users/keeper/Pictures/gone.png", "deleted"),
                               (f"p1:unallocated/{offset}.png", "carved")]))
    row = next(row for row in files_of(done) if row["path"].endswith("lamp.png"))
    with open(image, "rb") as file:
        file.seek(row["offset"])
        equal(file.read(len(planted["lamp"])), planted["lamp"])
    told = image_of(done)
    equal([told[k] for k in ("files", "deleted", "carved", "carved_again")], [5, 1, 1, 1])
    equal(told["sha256"], hashlib.sha256(image.read_bytes()).hexdigest())
    equal(told["changed"], False)


@case("on FAT32: the same")
def _(folder):
    place, tree, planted = set_up(folder)
    image = fat(folder / "fat.dd", tree)
    offset = plant(image, planted["lost"], 20 << 20, 40 << 20)
    done = disk(place, image)
    deleted = [path for path, state in finds(done) if state == "deleted"]
    # Deleting overwrites the first letter of a short name.
    equal([path.lower()[-7:] for path in deleted], ["one.png"])
    equal(finds(done), sorted([*IN_TREE, (deleted[0], "deleted"),
                               (f"p1:unallocated/{offset}.png", "carved")]))


@case("on NTFS: files, and small ones that lie in its own table")
def _(folder):
    place, tree, planted = set_up(folder)
    image = ntfs(folder / "ntfs.dd", tree)
    offset = plant(image, planted["lost"], 10 << 20, 16 << 20)
    done = disk(place, image)
    equal(finds(done), sorted([("p1:/all.zip!in/packed.png", "allocated"),
                               ("p1:/gone.png", "allocated"), ("p1:/lamp.png", "allocated"),
                               ("p1:/letter.txt", "allocated"),
                               (f"p1:unallocated/{offset}.png", "carved")]))
    letter = next(row for row in files_of(done) if row["path"] == "p1:/letter.txt")
    assert "offset" not in letter, letter


@case("on HFS+, alone and beside ISO 9660")
def _(folder):
    place, tree, planted = set_up(folder)
    need("xorriso")
    run("xorriso", "-as", "mkisofs", "-quiet", "-hfsplus", "-R", "-o", folder / "both.iso", tree)
    done = disk(place, "--no-carving", folder / "both.iso")
    want = {"Users/keeper/Pictures/lamp.png", "Users/keeper/Pictures/gone.png", "letter.txt", "all.zip!in/packed.png"}
    # The pieces that its table has of the CD are no volumes, and the CD as a whole is one.
    told = {path.lower() for path, _ in finds(done)}
    volumes = {path.split(":")[0] for path in told}
    equal(len(volumes), 2)
    equal(told, {f"{volume}:/{path.lower()}" for volume in volumes for path in want})
    assert any(row["path"].endswith(":/$CatalogFile") for row in files_of(done)), done.stdout
    # The volume's own head is 1024 bytes behind its beginning.
    data = (folder / "both.iso").read_bytes()
    at = data.index(b"H+\0\4")
    block, blocks = struct.unpack_from(">II", data, at + 40)
    (folder / "hfs.dd").write_bytes(data[at - 1024:at - 1024 + block * blocks])
    done = disk(place, folder / "hfs.dd")
    equal(finds(done), sorted((f"p1:/{path}", "allocated") for path in want))
    row = next(row for row in files_of(done) if row["path"].endswith("lamp.png"))
    with open(folder / "hfs.dd", "rb") as file:
        file.seek(row["offset"])
        equal(file.read(len(planted["lamp"])), planted["lamp"])


def gpt(image, sector, parts):
    """A table in sectors of any size: Debian's fdisk makes one of 512 bytes alone in a file."""
    last = image.stat().st_size // sector - 1
    linux = bytes.fromhex("af3dc60f838472478e793d69d8477de4")
    entries = b"".join(linux + bytes([i + 1]) * 16 + struct.pack("<QQQ72x", first, first + count - 1, 0)
                       for i, (first, count) in enumerate(parts)).ljust(128 * 128, b"\0")

    def head(here, other, table):
        made = struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, 0, 0, here, other, 40, last - 40, b"lamp" * 4,
                           table, 128, 128, zlib.crc32(entries))
        return made[:16] + struct.pack("<I", zlib.crc32(made)) + made[20:]

    with open(image, "r+b") as file:
        for at, data in ((446, struct.pack("<4xB3xII", 0xee, 1, last)), (510, b"\x55\xaa"), (sector, head(1, last, 2)),
                         (2 * sector, entries), ((last - 4) * sector, entries), (last * sector, head(last, 1, last - 4))):
            file.seek(at)
            file.write(data)


@case("of a disk whose sectors have 4096 bytes, by a GPT and by a boot sector's table")
def _(folder):
    place, tree, _ = set_up(folder)
    part = ext(folder / "ext", tree, 4).read_bytes()
    for name in ("gpt", "boot"):
        image = blank(folder / name, 10)
        if name == "gpt":
            gpt(image, 4096, [(256, 1024), (1280, 1024)])
        with open(image, "r+b") as file:
            if name == "boot":
                file.seek(446)
                file.write(struct.pack("<4xB3xII4xB3xII", 0x83, 256, 1024, 0x83, 1280, 1024))
                file.seek(510)
                file.write(b"\x55\xaa")
            for at in (256, 1280):
                file.seek(at * 4096)
                file.write(part)
        found = [path for path, _ in finds(disk(place, "--no-carving", image))]
        equal(sorted(found), sorted(f"p{number}:/{path}" for number in (1, 2) for path in
                                    ("Users/keeper/Pictures/lamp.png", "Users/keeper/Pictures/gone.png", "all.zip!in/packed.png", "letter.txt")))


@case("on ext4, a folder and a file in more pieces than its inode has room to list")
def _(folder):
    place, _, planted = set_up(folder)
    need("mkfs.ext4", "debugfs")
    # Each name fills a fifth of a block, and each file's own blocks lie between those of the folder.
    crowd = folder / "crowd/in"
    crowd.mkdir(parents=True)
    for i in range(460):
        (crowd / f"{i:03}{'n' * 190}").write_bytes(b"%d" % i)
    (crowd / ("z" * 200 + ".png")).write_bytes(planted["lamp"])
    image = blank(folder / "crowd.dd", 2)
    run("mkfs.ext4", "-q", "-b", "1024", "-N", "1024", "-O", "^has_journal", "-d", folder / "crowd", image)
    # Into the holes that are left of every other.
    large = folder / "large.png"
    large.write_bytes(planted["gap"][:-12] + struct.pack(">I", 150000) + b"hiDe" + random.Random(2).randbytes(150000) + bytes(4) + planted["gap"][-12:])
    lines = [f"rm in/{i:03}{'n' * 190}" for i in range(0, 460, 2)] + [f"write {large} large.png"]
    (folder / "lines").write_text("\n".join(lines) + "\n")
    run("debugfs", "-w", "-f", folder / "lines", image)
    done = disk(place, "--no-carving", "--no-deleted", "--no-digest", image)
    equal([row for row in rows(done) if "error" in row], [])
    equal(finds(done), [("p1:/in/" + "z" * 200 + ".png", "allocated")])
    row = next(row for row in files_of(done) if row["path"] == "p1:/large.png")
    equal(row["items"][0]["md5"], hashlib.md5(large.read_bytes()).hexdigest())


@case("on ISO 9660, on exFAT and in its free space")
def _(folder):
    place, tree, planted = set_up(folder)
    need("genisoimage", "mkfs.exfat")
    run("genisoimage", "-quiet", "-R", "-J", "-o", folder / "cd.iso", tree)
    found = {path.split("/")[-1].lower() for path, _ in finds(disk(place, folder / "cd.iso"))}
    equal(found, {"lamp.png", "gone.png", "letter.txt", "packed.png"})
    image = blank(folder / "exfat.dd", 16)
    run("mkfs.exfat", image)
    exfat_put(image, "a lamp in the house.png", planted["lamp"])
    run("fsck.exfat", "-n", image)
    offset = plant(image, planted["lost"], 12 << 20, 16 << 20)
    equal(finds(disk(place, image)), [("p1:/a lamp in the house.png", "allocated"),
                                      (f"p1:unallocated/{offset}.png", "carved")])


def apfs_disk(folder, planted):
    """A disk with one partition, an APFS container that its file system's own check passes."""
    need("mkapfs", "apfsck")
    one, image, begin = blank(folder / "one.apfs", 128), blank(folder / "apfs.dd", 132), 2 << 20
    run("mkapfs", "-L", "Lamp", one)
    made = apfs.Container(one)
    pictures = made.folder(apfs.ROOT, "Pictures")
    made.put_file(pictures, "lamp.png", planted["lamp"], (0x6000, 8))
    made.put_file(pictures, "Zwei Stücke.png", planted["gap"], (0x6101, 1), (0x6080, 8))
    made.put_file(apfs.PRIVATE, f"{made.next:#x}-dead", planted["gone"], (0x6200, 8))
    made.link(apfs.ROOT, "shown", "Pictures/lamp.png")
    made.packed(apfs.ROOT, "letter.txt", 3, len(LETTER), zlib.compress(LETTER))
    made.close()
    run("apfsck", "-c", one)
    with open(one, "rb") as source, open(image, "r+b") as file:
        file.seek(446)
        file.write(struct.pack("<4xB3xII", 0xaf, begin // 512, (128 << 20) // 512).ljust(64, b"\0") + b"\x55\xaa")
        file.seek(begin + 0x7000 * apfs.BLOCK)
        file.write(planted["lost"])
        at = 0
        while (at := next_data(source, at)) is not None:
            source.seek(at)
            file.seek(begin + at)
            at += file.write(source.read(65536))
    return image, begin


def next_data(file, at):
    try:
        return os.lseek(file.fileno(), at, os.SEEK_DATA)
    except OSError:
        return None


@case("on APFS: files of a container's volume, and what is lost in the container, once")
def _(folder):
    place, _, planted = set_up(folder)
    assert len(planted["gap"]) > apfs.BLOCK
    image, begin = apfs_disk(folder, planted)
    done = disk(place, "--no-digest", image)
    lost = (f"p1:unallocated/{begin + 0x7000 * apfs.BLOCK}.png", "carved")
    want = [("p1v1:/Pictures/Zwei Stücke.png", "allocated"), ("p1v1:/Pictures/lamp.png", "allocated"),
            ("p1v1:/letter.txt", "allocated"), ("p1v1:/$Private/0x13-dead", "allocated")]
    equal(finds(done), sorted([lost, *want]))
    equal([row for row in rows(done) if "error" in row], [])
    equal([image_of(done)[k] for k in ("files", "deleted", "carved", "carved_again")], [4, 0, 1, 0])
    row = next(row for row in files_of(done) if row["path"].endswith("lamp.png"))
    equal((row["offset"], row["modified"], row["inode"]), (begin + 0x6000 * apfs.BLOCK, "2023-11-14T22:13:20Z", 17))

    made = apfs.Container(image, begin)
    carved = [lost, *((f"p1:unallocated/{begin + block * apfs.BLOCK}.png", "carved") for block in (0x6000, 0x6200))]
    all_blocks = "which blocks are free cannot be read: all of them are looked through"

    def number(at, value):
        return lambda block: block[:at] + struct.pack("<Q", value) + block[at + 8:]

    for block, change, told, found in (
            (made.volume, number(216, 2), [("p1v1:", "2 snapshots of it are not read: files that only they hold are not seen")],
             [lost, *want]),
            (made.volume, number(264, 0), [("p1v1:", "it is encrypted (FileVault): its files cannot be read")], [lost]),
            (made.volume, number(56, 0x21), [("p1v1:", "it is a sealed volume of the system's own files, whose places are not read")],
             [lost]),
            # Another packing; and of a volume without its tree of places, files are no free blocks.
            (made.tree, lambda block: block.replace(b"fpmc\3", b"fpmc\x0c"),
             [("p1v1:/letter.txt", "it is packed in a way that is not read, or damaged")], [lost, *want[:2], want[3]]),
            (made.volume, number(128, 0x7000), [("p1v1:", "its file system is damaged"), ("p1:", all_blocks)],
             carved),
            (made.spaceman, lambda block: block[:32] + bytes(apfs.BLOCK - 32), [("p1:", all_blocks)], [lost, *want]),
            (0, number(64, 0x102), [("p1:", "it is one half of a Fusion drive (APFS), which is not read")],
             carved)):
        before = made.read(block)
        made.write(block, change(bytearray(before)))
        made.file.flush()
        done = disk(place, "--no-digest", image, status=2)
        made.write(block, before)
        equal([(row["path"], row["message"]) for row in rows(done) if "error" in row], told)
        equal(finds(done), sorted(found))


@case("which digest is expected of a disk in parts, in whatever form it is written: of the whole, of all or of some")
def _(folder):
    place = workspace(folder)
    data = random.Random(4).randbytes(3 << 12)
    for i in range(3):
        (folder / f"split.00{i + 1}").write_bytes(data[i << 12:i + 1 << 12])

    def told(text, status=2, beside="split.001.sha256"):
        (folder / beside).write_text(text)
        done = disk(place, "--no-carving", folder / "split.001", status=status)
        (folder / beside).unlink()
        fits = [image_of(done).get(k) for k in ("as_expected", "files_as_expected")]
        equal("corrupt" in [row.get("error") for row in rows(done)], fits == [False, None])
        return fits, done

    whole = hashlib.sha256(data).hexdigest()
    sums = [f"{hashlib.md5(part.read_bytes()).hexdigest().upper()} *{part.name}\r\n"
            for part in sorted(folder.glob("split.0*"))]
    equal(told(f"SHA256 (split.dd) = {whole}\n")[0], [True, None])
    equal(told(f" MD5 checksum:    {hashlib.md5(data).hexdigest()} : verified\n", beside="split.001.txt")[0], [True, None])
    equal(told(whole, beside="split.md5")[0], [True, None])
    equal(told(sums[0][:32])[0], [None, True])
    equal(told("".join(sums))[0], [True, None])
    equal(told("".join(sums[:-1]) + "0" * 32 + " *split.003\n")[0], [False, None])
    fits, done = told("see the log\n")
    equal(fits, [None, None])
    assert [row for row in rows(done) if row.get("path", "").endswith("split.001.sha256") and row["error"] == "format"], done.stdout


@case("of a partitioned disk every part is read, and the gaps between, in one file or in many")
def _(folder):
    place, tree, planted = set_up(folder)
    need("sfdisk")
    first, second = fat(folder / "fat", tree), ext(folder / "ext", tree)
    image = blank(folder / "disk.dd", 64)
    run("sfdisk", "-q", image,
        stdin=b"label: gpt\nstart=2048, size=81920\nstart=86016, size=32768\n")
    with open(image, "r+b") as file:
        for part, at in ((first, 2048), (second, 86016)):
            file.seek(at * 512)
            file.write(part.read_bytes())
    offset = plant(image, planted["gap"], 60 << 20, 63 << 20)
    want = finds(disk(place, image))
    paths = [path for path, _ in want]
    assert "p1:/Users/keeper/Pictures/lamp.png" in paths, paths
    assert "p2:/Users/keeper/Pictures/gone.png" in paths, paths
    assert [p for p in paths if p.startswith("gap") and p.endswith(f"/{offset}.png")], paths
    equal(len(want), 9)
    data = image.read_bytes()
    for i, at in enumerate(range(0, len(data), 5 << 20)):
        (folder / f"split.{i + 1:03}").write_bytes(data[at:at + (5 << 20)])
    done = disk(place, folder / "split.001")
    equal(finds(done), want)
    equal([image_of(done)[k] for k in ("segments", "bytes")], [13, 64 << 20])
    equal(image_of(done)["sha256"], hashlib.sha256(data).hexdigest())
    # A part that is missing is told, when others follow it; when it is the last, by what it held.
    (folder / "split.005").unlink()
    done = disk(place, folder / "split.001", status=2)
    assert b"the part .005 before it is not" in done.stderr, done.stderr
    short = blank(folder / "short.dd", 20)
    run("sfdisk", "-q", short, stdin=b"label: gpt\nstart=2048, size=4096\nstart=8192, size=4096\nstart=32768, size=2048\n")
    os.truncate(short, 15 << 20)
    done = disk(place, short, status=2)
    assert [row for row in rows(done) if "1 of its partitions lie behind its end" in row.get("message", "")], done.stdout


@case("what is in use and has no name, lies beside a table, or within another picture is found")
def _(folder):
    place, tree, planted = set_up(folder)
    image = ext(folder / "ext.dd", tree)
    run("debugfs", "-w", "-R", "unlink Users/keeper/Pictures/lamp.png", image)
    # A chunk that no program shows, with a picture in it at the beginning of a sector.
    bridge_png, lost = (tree / "bridge.png").read_bytes(), planted["lost"]
    begins = len(bridge_png) - 12 + 8
    filling = bytes(-begins % 512) + lost
    within = bridge_png[:-12] + len(filling).to_bytes(4, "big") + b"hiDe" + filling
    within += zlib.crc32(b"hiDe" + filling).to_bytes(4, "big") + bridge_png[-12:]
    offset = plant(image, within, 4 << 20, 16 << 20) + begins + -begins % 512
    found = finds(disk(place, image))
    nameless = [path for path, _ in found if path.startswith("p1:/$Nameless/")]
    equal(len(nameless), 1)
    equal(found, sorted([("p1:/all.zip!in/packed.png", "allocated"), ("p1:/letter.txt", "allocated"), (nameless[0], "allocated"),
                         ("p1:/Users/keeper/Pictures/gone.png", "deleted"), (f"p1:unallocated/{offset}.png", "carved")]))
    # $AttrDef, and $ObjId, which lies in $Extend.
    image = blank(folder / "ntfs.dd", 8)
    run("mkntfs", "-F", "-q", "-f", image)
    run("ntfscp", "-i", "-N", "hidden", image, tree / "letter.txt", "4")
    run("ntfscp", "-i", "-N", "too", image, tree / "letter.txt", "25")
    equal(finds(disk(place, image)), [("p1:/$AttrDef:hidden", "allocated"), ("p1:/$Extend/$ObjId:too", "allocated")])


@case("behind a file's end, in its own last block, is looked at as well")
def _(folder):
    place, tree, planted = set_up(folder)
    need("mkfs.fat", "mcopy")
    image = blank(folder / "fat.dd", 64)
    run("mkfs.fat", "-s", "64", image)
    run("mcopy", "-i", image, tree / "letter.txt", tree / "note.txt", "::")
    rows_of = {row["path"]: row for row in files_of(disk(place, image))}
    offset = rows_of["p1:/letter.txt"]["offset"] + 512
    with open(image, "r+b") as file:
        file.seek(offset)
        file.write(planted["lost"])
        # Half of one, which does not go on behind the next file's end.
        file.seek(rows_of["p1:/note.txt"]["offset"] + 32768 - 8192)
        file.write(planted["gap"][:8192])
    done = disk(place, image)
    equal(finds(done), [("p1:/letter.txt", "allocated"), (f"p1:slack/{offset}.png", "carved")])
    equal([(row["size"], row["partial"]) for row in files_of(done)
           if row["path"].startswith("p1:slack/") and row.get("partial")], [(8192, True)])


@case("bytes that are made to look like endless lost pictures come to an end, which is told")
def _(folder):
    place, _, _ = set_up(folder)
    image = folder / "flood.dd"
    # Each sector is the head of a BMP of a megabyte.
    head = struct.pack("<2sIIIIiiHHI", b"BM", 1 << 20, 0, 54, 40, 500, 500, 1, 24, 0).ljust(512, b"\x55")
    image.write_bytes(head * 4096)
    done = disk(place, "--no-digest", image, status=2)
    messages = [row["message"] for row in rows(done) if "message" in row]
    assert any("lost files are 16 times what is free" in m for m in messages), messages
    assert 30 < image_of(done)["carved"] < 2100, image_of(done)


@case("the image is opened to be read, by us and the worker, and its digest is compared")
def _(folder):
    place, tree, _ = set_up(folder)
    image = ext(folder / "ext.dd", tree)
    image.chmod(0o444)
    before = (image.stat().st_mtime_ns, hashlib.sha256(image.read_bytes()).hexdigest())
    watch = watch_writes(image)
    done = disk(place, "--expect", before[1].upper(), image)
    equal(select.select([watch], [], [], 0)[0], [])
    os.close(watch)
    equal((image.stat().st_mtime_ns, hashlib.sha256(image.read_bytes()).hexdigest()), before)
    told = image_of(done)
    equal([told[k] for k in ("as_expected", "changed")], [True, False])
    (folder / "ext.dd.md5").write_text("0" * 32 + "  ext.dd\n")
    done = disk(place, image, status=2)
    equal([image_of(done)[k] for k in ("expected", "as_expected")], ["0" * 32, False])
    equal([row["error"] for row in rows(done) if "error" in row], ["corrupt"])


def flags_of(pid, image):
    """How a process and its children have the image open, by the kernel's word."""
    flags = set()
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
            if str(pid) not in (entry.name, parent):
                continue
            for fd in (entry / "fd").iterdir():
                if os.readlink(fd) == str(image):
                    info = (entry / "fdinfo" / fd.name).read_text()
                    flags.add(int(info.split("flags:")[1].split()[0], 8) & os.O_ACCMODE)
        except OSError:
            pass  # it went away
    return flags


@case("whoever has the image open has it to read alone, and nothing is written while it is read")
def _(folder):
    place, tree, _ = set_up(folder)
    image = ext(folder / "ext.dd", tree).resolve()
    before = image.stat()
    watch = watch_writes(image)
    flags = set()
    scan = subprocess.Popen([WARD, "disk", "-w", place, "--json", "--verify", image],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment())
    while scan.poll() is None:
        flags |= flags_of(scan.pid, image)
    out = scan.stdout.read()
    equal(scan.returncode, 1)
    equal(flags, {os.O_RDONLY})
    equal(select.select([watch], [], [], 0)[0], [])
    os.close(watch)
    after = image.stat()
    equal((after.st_mtime_ns, after.st_ctime_ns), (before.st_mtime_ns, before.st_ctime_ns))
    equal(json.loads(out.split(b"\n")[-2])["verified"], True)


@case("on a file system that lets every change be made, none is asked for: of images raw, in parts and packed")
def _(folder):
    place, tree, _ = set_up(folder)
    evidence = folder / "evidence"
    evidence.mkdir()
    image = ext(evidence / "disk.dd", tree, 4)
    data = image.read_bytes()
    for i in range(2):
        (evidence / f"disk.00{i + 1}").write_bytes(data[i * len(data) // 2:(i + 1) * len(data) // 2])
    (evidence / "disk.001.md5").write_text("not said\n")
    ex01.write(evidence / "disk", data, 64)
    try:
        with watching_fs.Mounted(evidence, folder / "mount", folder / "log") as watching:
            # It sees what it is for.
            with open(watching.path / "disk.dd", "r+b") as file:
                file.write(b"x")
            os.utime(watching.path / "disk.dd")
            os.truncate(watching.path / "disk.dd", 5)
            os.chmod(watching.path / "disk.001", 0o600)
            equal(watching.asked(), ["open /disk.dd", "write /disk.dd", "utimens /disk.dd", "truncate /disk.dd", "chmod /disk.001"])
            for name, status in (("disk.dd", 1), ("disk.001", 2), ("disk.Ex01", 1)):
                done = disk(place, "--verify", "--state", folder / name, "--report", f"html={folder / (name + '.html')}",
                            watching.path / name, status=status)
                equal([image_of(done)[k] for k in ("sha256", "verified")], [hashlib.sha256(data).hexdigest(), True])
                equal(watching.asked(), [])
    except watching_fs.Missing as why:
        raise Skip(why)
    equal(image.read_bytes(), data)


@case("an image that is written to under the scan is told, though its time of writing is set back")
def _(folder):
    place, tree, _ = set_up(folder)
    # More rows than a pipe holds: it cannot end before they are read.
    for i in range(300):
        (tree / f"f{i}").write_bytes(b"%d" % i)
    image = ext(folder / "ext.dd", tree)
    stamp = image.stat()
    scan = subprocess.Popen([WARD, "disk", "-w", place, "--json", image],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment())
    scan.stdout.read(1)
    with open(image, "r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"x")
    os.utime(image, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    told = [json.loads(line) for line in scan.stdout.read().split(b"\n")[1:] if line]
    equal(scan.wait(), 2)
    equal([row["error"] for row in told if "error" in row], ["conflict"])
    equal([row["changed"] for row in told if "image" in row], [True])


@case("in EnCase's files: the same finds, the digest they hold is compared, damage is told")
def _(folder):
    place, tree, planted = set_up(folder)
    need("ewfacquire", "qemu-img")
    image = ext(folder / "ext.dd", tree)
    plant(image, planted["lost"], 4 << 20, 16 << 20)
    noise = random.Random(3).randbytes(3 << 20)
    with open(image, "r+b") as file:
        file.seek(12 << 20)
        file.write(noise)
    want = finds(disk(place, image))
    assert len(want) == 5, want
    for kind, packing, piece in (("encase6", "best", 1 << 20), ("encase5", "none", 2 << 20)):
        target = folder / kind
        run("ewfacquire", "-u", "-q", "-t", target, "-c", packing, "-S", piece, "-f", kind, image)
        done = disk(place, f"{target}.E01")
        equal(finds(done), want)
        told = image_of(done)
        assert told["segments"] > 2 and told["as_expected"] is True, told
        equal(told["sha256"], hashlib.sha256(image.read_bytes()).hexdigest())
    damaged = bytearray((folder / "encase6.E01").read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (folder / "encase6.E01").write_bytes(damaged)
    done = disk(place, folder / "encase6.E01", status=2)
    assert [row for row in rows(done) if row.get("error")], done.stdout
    # Before its end, the sectors that could not be read when it was made.
    run("ewfacquire", "-u", "-q", "-t", folder / "torn", "-f", "encase5", tree / "bridge.png")
    torn = (folder / "torn.E01").read_bytes()
    end, spans = len(torn) - 76, struct.pack("<II", 2, 5)
    content = struct.pack("<I512x", 1) + zlib.adler32(struct.pack("<I512x", 1)).to_bytes(4, "little") + spans
    content += zlib.adler32(spans).to_bytes(4, "little")
    for name, at, length in ((b"error2", end + 76 + len(content), 76 + len(content)), (b"done", end + 76 + len(content), 76)):
        head = struct.pack("<16sQQ40x", name, at, length)
        torn = torn[:end] + head + zlib.adler32(head).to_bytes(4, "little") + (content if name == b"error2" else b"")
        end = len(torn)
    (folder / "torn.E01").write_bytes(torn)
    assert b"5 sectors could not be read when the image was made" in disk(place, folder / "torn.E01", status=2).stdout
    (folder / "encase5.E02").unlink()
    done = disk(place, folder / "encase5.E01", status=2)
    assert b"the part .E02 before it is not" in done.stderr, done.stderr
    (folder / "old.vmdk").write_bytes(b"COWD" + bytes(4092))
    done = disk(place, folder / "old.vmdk", status=2)
    equal([row["error"] for row in rows(done) if "error" in row], ["unsupported"])


@case("in EnCase 7's Ex01: the same finds, to the last bit, in one file or a hundred; damage and ciphers are told")
def _(folder):
    place, tree, planted = set_up(folder)
    image = ext(folder / "ext.dd", tree, 4)
    plant(image, planted["lost"], 1 << 20, 4 << 20)
    data = image.read_bytes() + b"lampe!!!" * 5000 + random.Random(3).randbytes(448)
    image.write_bytes(data)
    want = finds(disk(place, image))
    assert len(want) == 5, want
    one, = ex01.write(folder / "one", data, packing=False)
    many = ex01.write(folder / "many", data, 1)
    equal([path.suffix for path in many[98:101]], [".Ex99", ".ExAA", ".ExAB"])
    for path in (one, many[0]):
        done = disk(place, path)
        equal(finds(done), want)
        told = image_of(done)
        equal([told[k] for k in ("sha256", "expected", "as_expected")],
              [hashlib.sha256(data).hexdigest(), hashlib.sha1(data).hexdigest(), True])
    damaged = bytearray(one.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    one.write_bytes(damaged)
    done = disk(place, "--no-carving", one, status=2)
    assert any("damaged" in row.get("message", "") for row in rows(done)), done.stdout
    many[100].unlink()
    assert b"the part .ExAB before it is not" in disk(place, many[0], status=2).stderr
    for path in many[100:]:
        path.unlink(missing_ok=True)
    assert b"it is not whole" in disk(place, many[0], status=2).stdout
    torn, = ex01.write(folder / "torn", data[:4096], unread=[(1, 2), (6, 1)])
    assert b"3 sectors could not be read when the image was made" in disk(place, torn, status=2).stdout
    shut, = ex01.write(folder / "shut", data[:4096], enciphered=True)
    equal([(row["error"], "encrypted" in row["message"]) for row in rows(disk(place, shut, status=2)) if "error" in row],
          [("unsupported", True)])


VIRTUAL = {
    "v2.qcow2": ("qcow2", "compat=0.10"), "small.qcow2": ("qcow2", "cluster_size=512"),
    "packed.qcow2": ("qcow2", "compression_type=zlib", "-c"),
    "zstd.qcow2": ("qcow2", "compression_type=zstd", "-c"),
    "one.vmdk": ("vmdk", "subformat=monolithicSparse"),
    "flat.vmdk": ("vmdk", "subformat=monolithicFlat"),
    "stream.vmdk": ("vmdk", "subformat=streamOptimized"),
    "parts.vmdk": ("vmdk", "subformat=twoGbMaxExtentSparse"),
    "pieces.vmdk": ("vmdk", "subformat=twoGbMaxExtentFlat"),
    "dynamic.vhd": ("vpc", "force_size=on"), "fixed.vhd": ("vpc", "subformat=fixed,force_size=on"),
    "dynamic.vhdx": ("vhdx", "subformat=dynamic"), "fixed.vhdx": ("vhdx", "subformat=fixed"),
    "dynamic.vdi": ("vdi", "static=off"), "fixed.vdi": ("vdi", "static=on")}


@case("in the files of virtual machines: the same finds, and the same disk to the last bit")
def _(folder):
    place, tree, planted = set_up(folder)
    need("qemu-img")
    image = ext(folder / "ext.dd", tree, 8)
    plant(image, planted["lost"], 4 << 20, 8 << 20)
    done = disk(place, image)
    want = finds(done), image_of(done)["sha256"]
    equal(len(want[0]), 5)
    for name, (kind, options, *more) in VIRTUAL.items():
        run("qemu-img", "convert", "-O", kind, "-o", options, *more, image, folder / name)
        done = disk(place, folder / name)
        equal((finds(done), image_of(done)["sha256"]), want)


@case("what a virtual machine's file holds and is not read is told")
def _(folder):
    place, tree, _ = set_up(folder)
    need("qemu-img")
    image = ext(folder / "ext.dd", tree, 8)
    run("qemu-img", "convert", "-O", "qcow2", image, folder / "disk.qcow2")
    told = hashlib.sha256((folder / "disk.qcow2").read_bytes()).hexdigest()
    (folder / "disk.qcow2.sha256").write_text(told + "  disk.qcow2\n")
    equal(image_of(disk(place, folder / "disk.qcow2"))["as_expected"], True)
    run("qemu-img", "create", "-q", "-f", "qcow2", "-b", "disk.qcow2", "-F", "qcow2",
        folder / "over.qcow2")
    done = disk(place, folder / "over.qcow2", status=2)
    assert b"backing file" in done.stdout, done.stdout
    run("qemu-img", "convert", "-O", "vmdk", "-o", "subformat=monolithicFlat", image,
        folder / "flat.vmdk")
    (folder / "flat-flat.vmdk").unlink()
    assert b"missing" in disk(place, folder / "flat.vmdk", status=2).stdout
    # A disk whose owner wrote another's head before the boot sector's own end.
    two = bytearray((folder / "disk.qcow2").read_bytes())
    two[510:512] = b"\x55\xaa"
    (folder / "two.dd").write_bytes(two)
    done = disk(place, folder / "two.dd", status=2)
    assert b"--raw" in done.stdout and "p1:/letter.txt" in [path for path, _ in finds(done)]
    equal(image_of(ward("disk", "-w", place, "--json", "--raw", folder / "two.dd"))["bytes"],
          len(two))


@case("as a table for people, and one for their programs")
def _(folder):
    place, tree, _ = set_up(folder)
    (tree / "=cmd.txt").write_bytes(LETTER)
    image = ext(folder / "ext.dd", tree)
    done = ward("disk", "-w", place, image, status=1)
    text = done.stdout.decode()
    assert "gone.png [deleted, inode " in text and "all.zip!in/packed.png [inode " in text, text
    assert b"SHA-256 " in done.stderr, done.stderr
    done = ward("disk", "-w", place, "--csv", image, status=1)
    table = list(csv.DictReader(io.StringIO(done.stdout.decode(), newline="")))
    equal(sorted((r["path"].lstrip("'"), r["member"], r["state"]) for r in table),
          [("p1:/=cmd.txt", "", "allocated"),
           ("p1:/Users/keeper/Pictures/gone.png", "", "deleted"),
           ("p1:/Users/keeper/Pictures/lamp.png", "", "allocated"),
           ("p1:/all.zip", "in/packed.png", "allocated"), ("p1:/letter.txt", "", "allocated")])
    equal(next(r["md5"] for r in table if r["path"] == "p1:/letter.txt"),
          hashlib.md5(LETTER).hexdigest())


@case("likely files come first, and what was left out is not told")
def _(folder):
    place, tree, planted = set_up(folder)
    image = ext(folder / "ext.dd", tree)
    plant(image, planted["lost"], 4 << 20, 16 << 20)
    done = disk(place, "-j", "1", "--no-deleted", "--no-carving", "--no-digest", image)
    equal([path.split("/")[-1] for path in (row["path"] for row in files_of(done))][:2],
          ["lamp.png", "bridge.png"])
    equal(finds(done), sorted(IN_TREE))
    assert "sha256" not in image_of(done)


@case("a scan that was killed is taken up again: every file is told, clean ones once")
def _(folder):
    place, tree, _ = set_up(folder)
    for i in range(300):
        (tree / f"f{i}").write_bytes(b"%d " % i * 2000)
    image = ext(folder / "ext.dd", tree, 24)
    state = folder / "state"
    command = [WARD, "disk", "-w", str(place), "--json", "--state", str(state), str(image)]
    told, kills = [], 0
    random.seed(5)
    for attempt in range(20):
        with open(folder / "out", "wb") as out:
            scan = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL,
                                    env=environment())
            try:
                scan.wait(timeout=random.uniform(.01, .02 + .01 * attempt) if attempt < 19 else 60)
            except subprocess.TimeoutExpired:
                scan.send_signal(signal.SIGKILL)
                scan.wait()
                kills += 1
        for line in (folder / "out").read_bytes().split(b"\n"):
            try:
                told.append(json.loads(line))
            except ValueError:
                pass  # the line it was killed in
        if scan.returncode == 1:
            break
    equal(scan.returncode, 1)
    equal(len({row["path"] for row in told if "path" in row}), 306)
    # A row is told before it is remembered: each thread may have one such in hand when it dies.
    clean = [row["path"] for row in told if "path" in row and not row["findings"]]
    assert len(clean) - len(set(clean)) <= kills * os.cpu_count(), (len(clean), kills)
    again = disk(place, "--state", state, image)
    equal(len(files_of(again)), 4)
    print(f"# killed {kills} times")


@case("a truncated image and an encrypted or empty one are told, never clean")
def _(folder):
    place, tree, _ = set_up(folder)
    image = ext(folder / "ext.dd", tree)
    (folder / "cut.dd").write_bytes(image.read_bytes()[:1 << 20])
    done = disk(place, folder / "cut.dd", status=2)
    assert [row for row in rows(done) if "error" in row], done.stdout
    done = disk(place, blank(folder / "zero.dd", 1), status=2)
    equal([(row["path"], row["error"]) for row in rows(done) if "error" in row],
          [("p1:", "unsupported")])
    disk(place, folder / "nowhere.dd", status=2)
    (folder / "empty.dd").write_bytes(b"")
    disk(place, folder / "empty.dd", status=2)


@case("damaged file systems: each image is answered, whatever becomes of the worker")
def _(folder):
    place, tree, planted = set_up(folder)
    makers = {"ext.dd": ext, "fat.dd": fat, "ntfs.dd": ntfs}
    random.seed(11)
    answered = troubles = 0
    for name, make in makers.items():
        image = make(folder / name, tree)
        data = image.read_bytes()
        # Where the file system's own tables are.
        places = [i for i in range(0, len(data), 512) if data.count(0, i, i + 512) < 512]
        for number in range(12):
            damaged = bytearray(data)
            for _ in range(1 << number % 7):
                at = random.choice(places[:40 if number % 2 else len(places)])
                for _ in range(random.choice((1, 4, 64))):
                    damaged[at + random.randrange(512)] = random.choice((0, 1, 0x7f, 0xff,
                                                                         random.randrange(256)))
            (folder / "damaged.dd").write_bytes(damaged)
            done = ward("disk", "-w", place, "--json", "--no-digest", "--volume-time", "10",
                        folder / "damaged.dd")
            assert done.returncode in (0, 1, 2), (done.returncode, done.stderr[-500:])
            answered += "image" in rows(done)[-1] or any("image" in r for r in rows(done))
            troubles += done.returncode == 2
    equal(answered, 36)
    print(f"# {troubles} of 36 with trouble")


run_cases()
