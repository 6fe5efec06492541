#!/usr/bin/env python3
"""ward view, from outside."""
import struct
import zlib

from scenario import *


def view(*words, status=0):
    return ward("view", *words, status=status)


def read_png(data):
    """Width, height and the grey samples of a PNG without filters."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n", data[:8]
    at, parts, kinds = 8, b"", []
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        kinds.append(kind)
        if kind == b"IHDR":
            width, height, bits, colour = struct.unpack(">IIBB", data[at + 8:at + 18])
        if kind == b"IDAT":
            parts += data[at + 8:at + 8 + size]
        at += 12 + size
    equal(set(kinds), {b"IHDR", b"IDAT", b"IEND"})
    equal((bits, colour), (8, 0))
    rows = zlib.decompress(parts)
    return width, height, [rows[y * (width + 1) + 1:(y + 1) * (width + 1)] for y in range(height)]


@case("a mosaic is what is shown unless more is asked for")
def _(folder):
    path = draw_png(folder / "a.png", lighthouse)
    out = folder / "view.png"
    view(path, "-o", out)
    width, height, rows = read_png(out.read_bytes())
    tile = (max(width, height) + 15) // 16
    for y in range(height):
        for x in range(width):
            equal(rows[y][x], rows[y - y % tile][x - x % tile])
    equal(out.stat().st_mode & 0o777, 0o600)


@case("each level has its kind, and standard output is a place, too")
def _(folder):
    path = draw_png(folder / "a.png", lighthouse)
    for level, start in (("L1", b"\x89PNG"), ("L2", b"\xff\xd8\xff"), ("l3", b"\x89PNG"),
                         ("L4", b"\xff\xd8\xff"), ("L5", b"\xff\xd8\xff")):
        done = view(path, "--level", level, "-o", "-")
        assert done.stdout.startswith(start), (level, done.stdout[:8])
        assert level.upper().encode() in done.stderr, done.stderr


@case("a level's own size may be made smaller, never larger")
def _(folder):
    path = draw_png(folder / "a.png", lighthouse)
    small = read_png(view(path, "--side", 40, "-o", "-").stdout)
    assert max(small[:2]) == 40, small[:2]
    view(path, "--side", 8, "-o", "-", status=2)
    view(path, "--level", "L2", "--blur", 10, "-o", "-", status=2)
    view(path, "--level", "L4", "--reveal", "3,4", "-o", "-", status=2)
    view(path, "--level", "L2", "--reveal", "3", "-o", "-", status=2)
    view(path, "--level", "L2", "--reveal", "3,4", "-o", "-")


@case("L0 has no picture, and what is no picture has no view")
def _(folder):
    path = draw_png(folder / "a.png", lighthouse)
    assert b"L0 shows no picture" in view(path, "--level", "L0", "-o", "-", status=2).stderr
    text = folder / "words.txt"
    text.write_text("a lighthouse by the sea\n")
    assert b"no picture" in view(text, "-o", folder / "out", status=2).stderr
    view(folder / "missing.png", "-o", folder / "out", status=2)
    cut = folder / "cut.png"
    cut.write_bytes(path.read_bytes()[:60])
    view(cut, "-o", folder / "out", status=2)
    assert not (folder / "out").exists()


@case("a damaged picture is shown as far as it goes, and that is said")
def _(folder):
    path = draw_png(folder / "a.png", lighthouse)
    path.write_bytes(path.read_bytes()[:-400])
    done = view(path, "-o", folder / "out")
    assert b"in part only" in done.stderr, done.stderr


run_cases()
