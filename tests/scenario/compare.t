#!/usr/bin/env python3
"""ward compare and ward hash, from outside."""
import random

from scenario import *

NAMES = ["path", "bytes", "kind", "width", "height", "orientation", "md5", "sha1", "sha256", "pdq",
         "quality", "inner", "quality_inner", "pdq512", "quality512", "dihedral512"]


def distance(a, b):
    return bin(int(a, 16) ^ int(b, 16)).count("1")


@case("the same file is the same, bit by bit")
def _(folder):
    path = draw_png(folder / "a.png", lighthouse)
    row = rows(ward("compare", "--json", path, path, status=1))[0]
    equal((row["identical"], row["similar"], row["distance"]), (True, True, 0))


@case("a changed copy is alike, another picture is not")
def _(folder):
    a = draw_png(folder / "a.png", lighthouse)
    b = draw_png(folder / "b.png", lighthouse, change=lambda v: v * .9 + 10)
    c = draw_png(folder / "c.png", bridge)
    row = rows(ward("compare", "--json", a, b, status=1))[0]
    equal((row["identical"], row["similar"]), (False, True))
    equal(row["distance"], distance(row["a"]["pdq"], row["b"]["pdq"]))
    row = rows(ward("compare", "--json", a, c, status=0))[0]
    assert row["distance"] > 60, row
    assert b"not alike" in ward("compare", a, c, status=0).stdout


@case("the nearest of the 8 orientations is told")
def _(folder):
    a = draw_png(folder / "a.png", lighthouse)
    for name, look in (("flipy", lambda x, y: lighthouse(1 - x, y)),
                       ("flipx", lambda x, y: lighthouse(x, 1 - y)),
                       ("rot180", lambda x, y: lighthouse(1 - x, 1 - y)),
                       ("transpose", lambda x, y: lighthouse(y, x))):
        b = draw_png(folder / "b.png", look)
        row = rows(ward("compare", "--json", a, b, status=1))[0]
        equal(row["orientation"], name)
        assert row["nearest"] <= 16 < row["distance"], row


@case("what is within even borders is compared as well")
def _(folder):
    a = draw_png(folder / "a.png", lighthouse)
    boxed = draw_png(folder / "boxed.png", lambda x, y: lighthouse(x, (y - .2) / .6) if .2 <= y <= .8 else 0, 300, 500)
    known = hash_of(a)["pdq"]
    for pair in ((a, boxed), (boxed, a), (boxed, known), (known, boxed)):
        row = rows(ward("compare", "--json", *pair, status=1))[0]
        assert row["inner"] <= 8 and row["distance"] > 31, row
    assert b"with even borders cut." in ward("compare", a, boxed, status=1).stdout
    assert "inner" not in rows(ward("compare", "--json", a, a, status=1))[0]


@case("hashes are compared with files and with each other")
def _(folder):
    a = draw_png(folder / "a.png", lighthouse)
    known = hash_of(a)
    row = rows(ward("compare", "--json", a, known["pdq"], status=1))[0]
    equal(row["distance"], 0)
    last = "0" if known["pdq"][-1] != "0" else "1"
    row = rows(ward("compare", "--json", "pdq:" + known["pdq"], known["pdq"][:-1] + last,
                    status=1))[0]
    equal(row["distance"], distance(known["pdq"], known["pdq"][:-1] + last))
    ward("compare", a, known["md5"], status=1)
    ward("compare", a, known["md5"][::-1], status=0)
    ward("compare", a, "lamp", status=2)


@case("ward hash --exact --json has every name, for a picture and for a text")
def _(folder):
    draw_png(folder / "a.png", lighthouse, 700, 530)
    (folder / "b.txt").write_bytes(b"a bridge\n")
    picture, text = rows(ward("hash", "--exact", "--json", folder / "a.png", folder / "b.txt",
                              status=0))
    equal(list(picture), NAMES)
    equal(list(text), NAMES)
    equal((picture["width"], picture["height"], picture["orientation"]), (700, 530, 1))
    equal(len(picture["dihedral512"]), 8)
    equal(picture["dihedral512"][0], picture["pdq512"])
    equal(text["bytes"], 9)
    equal((text["pdq"], text["dihedral512"]), (None, None))


@case("ward hash says what could not be read, and goes on")
def _(folder):
    path = draw_png(folder / "a.png", lighthouse)
    broken = folder / "broken.png"
    broken.write_bytes(path.read_bytes()[:200])
    done = ward("hash", "--exact", "--json", broken, folder / "nowhere", path, status=2)
    first, second, third = rows(done)
    assert first["error"] and first["message"] and first["md5"], first
    equal(second["error"], "not_found")
    assert "error" not in third


@case("ward hash reads standard input")
def _(folder):
    path = draw_png(folder / "a.png", lighthouse)
    row = rows(ward("hash", "--exact", "--json", "-", stdin=path.read_bytes(), status=0))[0]
    want = hash_of(path)
    equal(row["path"], "-")
    equal({**row, "path": want["path"]}, want)


def golden_rows(name):
    path = GOLDEN / name
    if not path.is_file():
        raise Skip("no golden data here")
    lines = path.read_text().splitlines()
    names = lines[0].lstrip("# ").split("\t")
    return [dict(zip(names, line.split("\t"))) for line in lines[1:]]


@case("every golden picture has its published hashes, to the bit")
def _(folder):
    want = {row["file"]: row for row in golden_rows("golden.tsv")}
    full = {row["file"]: row for row in golden_rows("golden-full.tsv")}
    names = sorted(name for name in want if "true16" not in name)
    paths = [GOLDEN / "images" / name if (GOLDEN / "images" / name).exists() else GOLDEN / name
             for name in names]
    wrong = []
    for name, row in zip(names, rows(ward("hash", "--exact", "--json", *paths))):
        expected = want[name]
        dihedral = [expected[key] for key in expected if key.startswith("dih_")]
        if (row.get("pdq512"), row.get("quality512")) != (expected["pdq"],
                                                          int(expected["quality"])):
            wrong.append(f"{name}: pdq512 {row.get('message', '')}")
        elif row["dihedral512"] != dihedral:
            wrong.append(f"{name}: dihedral512")
        elif row["sha256"] != expected["sha256"]:
            wrong.append(f"{name}: sha256")
        elif name in full and row["pdq"] != full[name]["pdq"]:
            wrong.append(f"{name}: pdq")
    assert not wrong, f"{len(wrong)} of {len(names)}:\n" + "\n".join(wrong[:20])


def noise_pgm(path, width, height, seed):
    path.write_bytes(b"P5\n%d %d\n255\n" % (width, height) +
                     random.Random(seed).randbytes(width * height))
    return path


def noise_ppm(path, width, height, seed):
    path.write_bytes(b"P6\n%d %d\n255\n" % (width, height) +
                     random.Random(seed).randbytes(3 * width * height))
    return path


@case("the package pdqhash says the same of noise at any size, to the bit")
def _(folder):
    try:
        import numpy
        import pdqhash
    except ImportError as why:
        raise Skip(f"{why.name} of PyPI is not installed")
    sizes = [(5, 5), (63, 64), (64, 64), (100, 77), (128, 128), (129, 300), (511, 513), (512, 512),
             (640, 480), (1023, 767), (7, 900), (900, 7), (1500, 1100)]
    for seed, (width, height) in enumerate(sizes):
        for draw, channels in ((noise_ppm, 3), (noise_pgm, 1)):
            path = draw(folder / "noise", width, height, seed)
            got = hash_of(path)
            pixels = numpy.frombuffer(path.read_bytes()[-width * height * channels:], numpy.uint8)
            pixels = pixels.reshape(height, width, channels)
            bits, quality = pdqhash.compute(numpy.repeat(pixels, 3, axis=2)
                                            if channels == 1 else pixels)
            want = "%064x" % int("".join(str(int(bit)) for bit in bits), 2)
            equal((width, height, channels, got["pdq"], got["quality"]),
                  (width, height, channels, want, quality))


run_cases()
