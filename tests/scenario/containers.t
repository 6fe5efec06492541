#!/usr/bin/env python3
"""A drawn lighthouse in each kind of container, and what is no fair container."""
import gzip
import io
import os
import shutil
import struct
import subprocess
import tarfile
import zipfile
import zlib

from scenario import *


def set_up(folder):
    """A workspace that knows a lighthouse; the picture, in a folder of its own."""
    shelf = folder / "shelf"
    shelf.mkdir()
    picture = draw_png(shelf / "lighthouse.png", lighthouse)
    (shelf / "note.txt").write_bytes(b"Dear keeper, all is well.\n")
    place = workspace(folder, lighthouses=["pdq:" + hash_of(picture)["pdq"]])
    return place, shelf


def found(place, path, *options):
    """Paths within the file at which the lighthouse was found."""
    row = rows(ward("scan", "-w", place, "--json", *options, path, status=1))[0]
    return sorted(finding.get("path", "") for finding in row["findings"]
                  if finding.get("list") == "lighthouses")


def make(*command, **more):
    if not shutil.which(command[0]):
        raise Skip(f"there is no {command[0]}")
    done = subprocess.run([str(word) for word in command], capture_output=True, timeout=60, **more)
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout


# ---- what only other people's programs write: stored members, by the formats' own descriptions ----

def rar4(members):
    def block(kind, flags, body, data=b""):
        head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
        return struct.pack("<H", zlib.crc32(head) & 0xffff) + head + data

    out = b"Rar!\x1a\x07\0" + block(0x73, 0, bytes(6))
    for name, data in members:
        body = struct.pack("<IIBIIBBHI", len(data), len(data), 3, zlib.crc32(data), 0x3c214000, 20,
                           0x30, len(name), 0o100644) + name.encode()
        out += block(0x74, 0x8000, body, data)
    return out + block(0x7b, 0x4000, b"")


def vint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def rar5(members):
    def block(body, data=b""):
        sized = vint(len(body)) + body
        return struct.pack("<I", zlib.crc32(sized)) + sized + data

    out = b"Rar!\x1a\x07\1\0" + block(vint(1) + vint(0) + vint(0))
    for name, data in members:
        out += block(vint(2) + vint(2) + vint(len(data)) + vint(4) + vint(len(data)) +
                     vint(0o100644) + struct.pack("<I", zlib.crc32(data)) + vint(0) + vint(1) +
                     vint(len(name)) + name.encode(), data)
    return out + block(vint(5) + vint(0) + vint(0))


def crc16(data):
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xa001 if crc & 1 else 0)
    return crc


def lha(members):
    out = b""
    for name, data in members:
        head = b"-lh0-" + struct.pack("<IIIBBB", len(data), len(data), 0x3c214000, 0x20, 0,
                                      len(name)) + name.encode() + struct.pack("<H", crc16(data))
        out += bytes([len(head), sum(head) & 255]) + head + data
    return out + b"\0"


def shelved(shelf):
    return [("lighthouse.png", (shelf / "lighthouse.png").read_bytes()),
            ("note.txt", (shelf / "note.txt").read_bytes())]


# ---- found in each ----

@case("RAR, of both generations, and LHA")
def _(folder):
    place, shelf = set_up(folder)
    for name, written in (("old.rar", rar4), ("new.rar", rar5), ("one.lzh", lha)):
        (folder / name).write_bytes(written(shelved(shelf)))
        equal(found(place, folder / name), ["lighthouse.png"])


@case("an image of a disc, plain, with Joliet, Rock Ridge or UDF beside, and with a boot record")
def _(folder):
    place, shelf = set_up(folder)
    long_name = "the keeper's lighthouse at the harbour, in ümlaut light.png"
    shutil.copy(shelf / "lighthouse.png", shelf / long_name)
    for options in (["-J"], ["-R"], ["-J", "-R", "-udf"]):
        image = folder / "disc.iso"
        make("genisoimage", "-quiet", "-input-charset", "utf-8", *options, "-o", image, shelf)
        paths = found(place, image)
        assert any(path in ("lighthouse.png", long_name) for path in paths), (options, paths)
    plain = folder / "plain.iso"
    (shelf / long_name).unlink()
    make("genisoimage", "-quiet", "-o", plain, shelf)
    paths = found(place, plain)
    assert len(paths) == 1 and paths[0].upper().startswith("LIGHTHOU"), paths
    # What a disc can be started by stands in its first sectors, and may be any bytes.
    data = bytearray(plain.read_bytes())
    data[:32768] = b"\xeb\x63\x90" + os.urandom(32765)
    plain.write_bytes(data)
    equal(found(place, plain), paths)


@case("an image of a disc by xorriso")
def _(folder):
    place, shelf = set_up(folder)
    image = folder / "disc.iso"
    make("xorriso", "-as", "mkisofs", "-quiet", "-J", "-R", "-o", image, shelf)
    equal(found(place, image), ["lighthouse.png"])


@case("a cabinet, stored and compressed")
def _(folder):
    place, shelf = set_up(folder)
    for options in ([], ["-z"]):
        make("gcab", "-c", *options, "-n", folder / "one.cab", "lighthouse.png", "note.txt", cwd=shelf)
        equal(found(place, folder / "one.cab"), ["lighthouse.png"])


@case("cpio, and a Debian package around a tar")
def _(folder):
    place, shelf = set_up(folder)
    for form in ("newc", "crc", "odc"):
        (folder / "one.cpio").write_bytes(make("cpio", "--quiet", "-o", "-H", form, cwd=shelf,
                                               input=b"lighthouse.png\nnote.txt\n"))
        equal(found(place, folder / "one.cpio"), ["lighthouse.png"])
    with tarfile.open(folder / "data.tar.gz", "w:gz") as archive:
        archive.add(shelf / "lighthouse.png", "usr/lighthouse.png")
    (folder / "debian-binary").write_bytes(b"2.0\n")
    make("ar", "rc", "one.deb", "debian-binary", "data.tar.gz", cwd=folder)
    equal(found(place, folder / "one.deb"), ["data.tar.gz!data.tar!usr/lighthouse.png"])


@case("streams by lz4, lzip, lzma and compress")
def _(folder):
    place, shelf = set_up(folder)
    picture = (shelf / "lighthouse.png").read_bytes()
    for command in (["lz4", "-c"], ["lzip", "-c"], ["xz", "--format=lzma", "-c"], ["compress", "-c", "-f"]):
        if shutil.which(command[0]):
            (folder / "stream").write_bytes(make(*command, input=picture))
            assert len(found(place, folder / "stream")) == 1, command


@case("one within the other, with the way to it as the path")
def _(folder):
    place, shelf = set_up(folder)
    (shelf / "inner.rar").write_bytes(rar5(shelved(shelf)))
    (shelf / "lighthouse.png").unlink()
    make("gcab", "-c", "-n", folder / "middle.cab", "inner.rar", cwd=shelf)
    with zipfile.ZipFile(folder / "outer.zip", "w") as archive:
        archive.write(folder / "middle.cab", "middle.cab")
    equal(found(place, folder / "outer.zip"), ["middle.cab!inner.rar!lighthouse.png"])


def exif_of(thumbnail):
    ifd = struct.pack("<HHHIIHHIII", 2, 0x201, 4, 1, 44, 0x202, 4, 1, len(thumbnail), 0)
    return b"II*\0\x08\0\0\0" + bytes(2) + struct.pack("<I", 14) + ifd + thumbnail


@case("the thumbnail that a changed picture kept")
def _(folder):
    place, shelf = set_up(folder)
    small = draw_pgm(folder / "small.pgm", lighthouse, 160, 160)
    other = draw_pgm(folder / "other.pgm", bridge)
    quiet = ("ffmpeg", "-loglevel", "error", "-y", "-i")
    make(*quiet, small, "-q:v", "2", folder / "small.jpg")
    make(*quiet, other, folder / "other.jpg")
    exif = exif_of((folder / "small.jpg").read_bytes())
    photo = (folder / "other.jpg").read_bytes()
    changed = folder / "changed.jpg"
    segment = b"Exif\0\0" + exif
    changed.write_bytes(photo[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment +
                        photo[2:])
    equal(found(place, changed), ["thumbnail"])
    with zipfile.ZipFile(folder / "album.zip", "w") as archive:
        archive.write(changed, "changed.jpg")
    equal(found(place, folder / "album.zip"), ["changed.jpg!thumbnail"])
    # Damage to the picture itself is told, and does not hide it.
    changed.write_bytes(changed.read_bytes()[:-400])
    equal(found(place, changed), ["thumbnail"])
    # As PNG has it.
    picture = draw_png(folder / "changed.png", bridge).read_bytes()
    chunk = b"eXIf" + exif
    changed = folder / "changed.png"
    changed.write_bytes(picture[:33] + struct.pack(">I", len(exif)) + chunk +
                        struct.pack(">I", zlib.crc32(chunk)) + picture[33:])
    equal(found(place, changed), ["thumbnail"])


GIF = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
BMP = struct.pack("<2sIIIIiiHHIIiiII", b"BM", 58, 0, 54, 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0) + b"abc\0"
WEBP = bytes.fromhex("524946461a000000574542505650384c0d0000002f00000010071011118888fe0700")


@case("other pictures of a multi-picture file, and the film behind a photo")
def _(folder):
    place, shelf = set_up(folder)
    quiet = ("ffmpeg", "-loglevel", "error", "-y", "-i")
    make(*quiet, draw_pgm(folder / "other.pgm", bridge), folder / "other.jpg")
    make(*quiet, draw_pgm(folder / "known.pgm", lighthouse), "-q:v", "2", folder / "known.jpg")
    other, known = ((folder / name).read_bytes() for name in ("other.jpg", "known.jpg"))
    (folder / "two.jpg").write_bytes(other + bytes(37) + other + known)
    equal(found(place, folder / "two.jpg"), ["picture 3.jpg"])
    make("ffmpeg", "-loglevel", "error", "-y", "-loop", "1", "-i", folder / "known.pgm", "-t", "2",
         "-pix_fmt", "yuv420p", folder / "film.mp4")
    (folder / "moving.jpg").write_bytes(other + b"MotionPhoto_Data" + (folder / "film.mp4").read_bytes())
    assert set(found(place, folder / "moving.jpg")) == {"picture 2.mp4"}
    # A film ends where its boxes do; more segments than any camera writes, junk and lone markers hide nothing.
    make("ffmpeg", "-loglevel", "error", "-y", "-loop", "1", "-i", folder / "other.pgm", "-t", "1",
         "-pix_fmt", "yuv420p", folder / "film.mp4")
    film = (folder / "film.mp4").read_bytes()
    (folder / "odd.jpg").write_bytes(other[:2] + b"\xff\xfe\0\2" * 600 + b"junk\xff\x01\xff\xd3" + other[2:] + film + known)
    equal(found(place, folder / "odd.jpg"), ["picture 3.jpg"])
    # An archive right behind a picture is opened.
    (folder / "both.jpg").write_bytes(other + zipped(("a.jpg", known)))
    equal(found(place, folder / "both.jpg"), ["behind!a.jpg"])
    # So is one behind some bytes more, or behind a picture without its end.
    for between in other + b"\n", other[:-2]:
        (folder / "both.jpg").write_bytes(between + zipped(("a.jpg", known)))
        equal([name for name in found(place, folder / "both.jpg") if name], ["behind!a.jpg"])
    # Nor does a picture of another kind.
    png = draw_png(folder / "plain.png", bridge).read_bytes()
    make(*quiet, folder / "plain.png", folder / "plain.tif")
    tiff = (folder / "plain.tif").read_bytes()
    for name, before in ("a.png", png), ("a.tif", tiff), ("a.gif", GIF), ("a.bmp", BMP), ("a.webp", WEBP):
        (folder / name).write_bytes(before + b"words" + known)
        equal(found(place, folder / name), ["picture 2.jpg"])
    (folder / "one.jpg").write_bytes(other + b"behind it are words that are no picture")
    equal(len(rows(ward("scan", "-w", place, "--json", folder / "one.jpg", status=0))[0]["items"]), 1)


# ---- what is no fair container ----

def answered(place, path, *options):
    """The file has one answer, which says what was not looked at; the scan goes on behind it."""
    done = ward("scan", "-w", place, "--json", *options, path, path.parent / "shelf", status=1)
    told = rows(done)
    assert any(row["path"].endswith("lighthouse.png") and row["findings"] for row in told), told
    row = next(row for row in told if row["path"] == str(path))
    return [finding["kind"] for finding in row["findings"]], row


def zipped(*members):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return data.getvalue()


def overlapping(kernel, count):
    """A zip whose list names the same compressed bytes again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(kernel) + packer.flush()
    crc = zlib.crc32(kernel)
    facts = struct.pack("<HHHHHIII", 20, 0, 8, 0, 33, crc, len(packed), len(kernel))
    out = b"PK\3\4" + facts + struct.pack("<HH", 1, 0) + b"a" + packed
    entry = (b"PK\1\2" + struct.pack("<H", 20) + facts +
             struct.pack("<HHHHHII", 1, 0, 0, 0, 0, 0, 0) + b"a")
    return (out + entry * count + b"PK\5\6" +
            struct.pack("<HHHHIIH", 0, 0, count, count, len(entry) * count, len(out), 0))


def sparse(size):
    """A tar of some kilobytes whose one member is a hole of `size` bytes, in GNU's form."""
    info = tarfile.TarInfo("hole")
    head = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    head[156:157] = b"S"
    # One piece, at the end; what needs more than 11 digits is not written in digits.
    def number(value):
        return b"%011o\0" % value if value < 1 << 33 else b"\x80" + value.to_bytes(11, "big")

    head[386:398] = number(size - 512)
    head[398:410] = b"%011o\0" % 512
    head[124:136] = b"%011o\0" % 512
    head[483:495] = number(size)
    head[148:156] = b"        "
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head) + bytes(512) + bytes(1024)


LIMITS = ("--set", "bytes_max=16MB", "--set", "parts_max=1000")


@case("bombs are bounded and answered: nested, 42-like, overlapping, sparse, many discs in one")
def _(folder):
    place, shelf = set_up(folder)
    zeroes = zipped(("zeroes", bytes(4 << 20)))
    wide = zeroes
    for level in range(4):
        wide = zipped(*((f"{level}-{i}.zip", wide) for i in range(16)))
    nested = b"x"
    for _ in range(12):
        nested = gzip.compress(nested)
    zoo = {
        "wide.zip": wide,
        "deep.gz": nested,
        "overlap.zip": overlapping(bytes(1 << 20), 900),
        "sparse.tar": sparse(1 << 32),
        "stored.rar": rar5([(f"{i}.gz", gzip.compress(bytes(2 << 20))) for i in range(20)]),
        "many.lzh": lha([(f"{i}", b"x") for i in range(1500)]),
    }
    for name, data in zoo.items():
        path = folder / name
        path.write_bytes(data)
        assert len(data) < 1 << 20, (name, len(data))
        kinds, row = answered(place, path, *LIMITS)
        if name == "overlap.zip":  # what is there once is looked at once
            equal(len(row["items"]), 2)
        else:
            assert "limit" in kinds, (name, row)


def quoting(kernel, count):
    """A zip whose members each hold the local headers of those behind, and the same last bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(kernel) + packer.flush()
    plain, members = kernel, []
    for number in reversed(range(count)):
        if members:  # a stored block that is not the last one, around the next member's header
            quoted = members[0][0]
            packed = struct.pack("<BHH", 0, len(quoted), len(quoted) ^ 0xffff) + quoted + packed
            plain = quoted + plain
        name = b"%04d" % number
        facts = struct.pack("<HHHHHIII", 20, 0, 8, 0, 33, zlib.crc32(plain), len(packed), len(plain))
        members.insert(0, (b"PK\3\4" + facts + struct.pack("<HH", 4, 0) + name, facts, name))
    # Only the first member's bytes are written: the others lie within.
    out, listing, at = members[0][0] + packed, b"", 0
    for head, facts, name in members:
        listing += (b"PK\1\2" + struct.pack("<H", 20) + facts +
                    struct.pack("<HHHHHII", 4, 0, 0, 0, 0, 0, at) + name)
        at += len(head) + 5
    return (out + listing + b"PK\5\6" +
            struct.pack("<HHHHIIH", 0, 0, count, count, len(listing), len(out), 0))


def droste():
    """A gzip that unpacks to itself: blocks that are stored, and copies of what was before."""
    def block(*bits):  # of Huffman's fixed codes: a value, how many bits, and whether the highest is first
        text = "".join(format(value, f"0{count}b")[::1 if highest else -1] for value, count, highest in bits)
        return bytes(int(text[i:i + 8][::-1], 2) for i in range(0, 40, 8))

    def copy(length, distance):  # 3 to 10 bytes, from 17 to 24 back
        return (length - 2, 7, True), (8, 5, True), (distance - 17, 3, False)

    def stored(count):
        return struct.pack("<BHH", 0, count, count ^ 0xffff)

    begin, end = (2, 3, False), (0, 7, True)
    again = block(begin, *copy(10, 20), *copy(10, 20), end)
    last = block(begin, *copy(10, 18), *copy(8, 18), end)
    none, one, four, eighteen = stored(0), stored(5), stored(20), stored(18)
    head = b"\x1f\x8b\x08\x08" + bytes(6) + b"q.gz\0"

    def written(crc):
        tail = b"\1\0\0\xff\xff" + struct.pack("<I", crc)
        parts = [head, four, head, four, again, one, again, one, one, four, again, one, one, four, again,
                 four, again, four, again, four, again, four, again, none, none, eighteen, again, none,
                 none, eighteen, last, tail, b"size", last, tail, b"size"]
        size = sum(map(len, parts))
        return b"".join(struct.pack("<I", size) if part == b"size" else part for part in parts)

    # Its own sum is in it: 32 equations, each linear, since sums are.
    zero = zlib.crc32(written(0))
    rows_of_bits = []
    for bit in range(32):
        rows_of_bits.append(sum(((zlib.crc32(written(1 << column)) ^ zero) >> bit & 1) << column
                         for column in range(32)) ^ 1 << bit | (zero >> bit & 1) << 32)
    pivots = []
    for column in range(32):
        pivot = next((i for i in range(len(pivots), 32) if rows_of_bits[i] >> column & 1), None)
        if pivot is None:
            continue
        where = len(pivots)
        rows_of_bits[where], rows_of_bits[pivot] = rows_of_bits[pivot], rows_of_bits[where]
        for i in range(32):
            if i != where and rows_of_bits[i] >> column & 1:
                rows_of_bits[i] ^= rows_of_bits[where]
        pivots.append(column)
    out = written(sum((rows_of_bits[i] >> 32 & 1) << column for i, column in enumerate(pivots)))
    assert gzip.decompress(out) == out
    return out


@case("members within members, an archive of itself, a hole of a petabyte: answered within the budget")
def _(folder):
    place, shelf = set_up(folder)
    itself = droste()
    zoo = {
        "quoting.zip": quoting(bytes(1 << 20), 200),
        "itself.gz": itself,
        "itself.zip": zipped(*((f"{i}.gz", itself) for i in range(200))),
        "petabyte.tar": sparse(1 << 50),
        "two.tar": sparse(1 << 40) * 2,
    }
    for name, data in zoo.items():
        path = folder / name
        path.write_bytes(data)
        assert len(data) < 1 << 20, (name, len(data))
        kinds, row = answered(place, path, *LIMITS)
        assert "limit" in kinds, (name, row)
        # What was looked at is no more than was agreed to.
        inside = [item for item in row["items"] if item.get("path")]
        assert sum(item["bytes"] for item in inside) <= 16 << 20 and len(inside) <= 1000, (name, row)


@case("RAR that breaks off or is damaged is told, and gives what was before")
def _(folder):
    place, shelf = set_up(folder)
    for written in (rar4, rar5):
        whole = written(shelved(shelf) + [("more.bin", bytes(range(256)) * 40)])
        (folder / "cut.rar").write_bytes(whole[:-5000])
        equal(found(place, folder / "cut.rar"), ["lighthouse.png"])
        kinds, row = answered(place, folder / "cut.rar")
        assert "unreadable" in kinds, row


run_cases()
