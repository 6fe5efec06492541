#!/usr/bin/env python3
"""ward_test.py MAKE-LIST - the package ward against the library of this build."""
import gc
import hashlib
import os
import pathlib
import shlex
import subprocess
import sys
import tarfile
import threading

ROOT = pathlib.Path(os.environ["WARD_SOURCE_ROOT"])
sys.path[:0] = [str(ROOT / "python"), str(ROOT / "tests/scenario")]
from scenario import *

import ward
from ward import _c

MAKE_LIST = sys.argv[1]


def lists(folder, *signals):
    subprocess.run([MAKE_LIST, folder / "lists", "bad", *signals], check=True)
    return folder / "lists"


def raises(code, function, *args, **more):
    try:
        function(*args, **more)
    except ward.WardError as error:
        equal(error.code, code)
        assert str(error), "an error says something"
        return
    raise AssertionError(f"no WardError {code}")


@case("the structs are laid out as the C compiler does it")
def _(folder):
    source = ["#include <ward/ward.h>", "#include <stdio.h>", "int main(void) {"]
    want = []
    for struct, name in _c.STRUCTS.items():
        source.append(f'printf("%zu\\n", sizeof({name}));')
        want.append((name, _c.ctypes.sizeof(struct)))
        for field, _ in struct._fields_:
            source.append(f'printf("%zu\\n", offsetof({name}, {field}));')
            want.append((f"{name}.{field}", getattr(struct, field).offset))
            source.append(f'printf("%zu\\n", sizeof((({name} *)0)->{field}));')
            want.append((f"size of {name}.{field}", getattr(struct, field).size))
    for name, value in _c.CONSTANTS.items():
        source.append(f'printf("%d\\n", (int){name});')
        want.append((name, value))
    (folder / "layout.c").write_text("\n".join(source + ["return 0; }"]))
    subprocess.run([*shlex.split(os.environ["CC"]), "-I", ROOT / "include", folder / "layout.c",
                    "-o", folder / "layout"], check=True)
    said = subprocess.run([folder / "layout"], check=True, capture_output=True, text=True).stdout
    equal([(name, int(line)) for (name, _), line in zip(want, said.split())], want)


@case("digests are hashlib's, of a file and of bytes")
def _(folder):
    file = folder / "file"
    content = b"lighthouse\n" * 9999
    file.write_bytes(content)
    for source in [file, str(file), content, bytearray(content), memoryview(content)]:
        item = ward.hash(source)
        equal((item.bytes, item.error, item.pdq), (len(content), None, None))
        for name in ["md5", "sha1", "sha256"]:
            equal(getattr(item, name), hashlib.new(name, content).hexdigest())


@case("a picture has the hashes of its pixels")
def _(folder):
    item = ward.hash(draw_png(folder / "a.png", lighthouse, 640, 400))
    pixels = bytes(samples(lighthouse, 640, 400))
    equal((item.kind, item.width, item.height, item.error), ("png", 640, 400, None))
    equal((item.pdq, item.quality), ward.hash_pixels(pixels, 640, 400, 1))
    equal(item.pdq512, ward.hash_pixels(memoryview(pixels), 640, 400, 1, path="pdq512")[0])
    equal(item.frames[0].dihedral512[0], item.pdq512)
    equal(len(set(item.frames[0].dihedral512)), 8)
    equal(ward.distance(item.pdq, item.pdq), 0)
    rgb = bytes(value for value in pixels for _ in range(3))
    equal(ward.hash_pixels(rgb, 640, 400), ward.hash_pixels(pixels, 640, 400, 1))


@case("a list answers with every entry within the radius, nearest first")
def _(folder):
    one = "a448cb33f332c7335ce230cc8ddcda3327dd5a8aa5760f6df02227ddd8208d74"
    by_8 = "5b" + one[2:]
    bad = lists(folder, "pdq:" + by_8, "pdq:" + one, "0" * 32) / "bad"
    equal([(hit.entry, hit.distance, hit.signal) for hit in ward.match(bad, one)],
          [(1, 0, one), (0, 8, by_8)])
    equal([hit.entry for hit in ward.match(str(bad), one, radius=7)], [1])
    equal([hit.entry for hit in ward.match(bad, "0" * 32)], [2])
    equal(ward.match(bad, "sha256:" + one), [])
    with ward.List(bad) as opened:
        equal(len(opened), 3)
        equal(opened.match("pdq:" + one.upper(), 0)[0].entry, 1)
    raises("argument", opened.match, one)
    raises("argument", ward.match, bad, one, 64)
    raises("argument", ward.match, bad, one, -1)
    raises("argument", ward.match, bad, "lamp")


@case("a scan tells what is known, what is near, and what is neither")
def _(folder):
    good = draw_png(folder / "bridge.png", bridge)
    bad = draw_png(folder / "lighthouse.png", lighthouse)
    near = draw_png(folder / "near.png", lighthouse, change=lambda value: value * .9 + 10)
    text = b"lighthouse\n"
    bank = lists(folder, "pdq:" + ward.hash(bad).pdq, hashlib.md5(text).hexdigest())
    report = ward.scan(text, bank)
    equal((report.verdict, report.findings[0].kind), ("block", "known"))
    equal((report.findings[0].list, report.findings[0].entry), ("bad", 1))
    report = ward.scan(near, bank)
    equal((report.verdict, report.findings[0].kind), ("hold", "near"))
    assert 0 < report.findings[0].distance <= 31, report
    equal(report.findings[0].asked, report.items[0].pdq)
    equal(ward.scan(good.read_bytes(), bank).verdict, "allow")
    assert report in {report}, "what comes back are values"
    with ward.Bank(bank) as opened, ward.Scanner() as scanner:
        equal(scanner.scan(bad, opened).verdict, "block")
        equal(scanner.scan(bad, opened, radius=0).findings[0].distance, 0)
        equal(opened.refresh(), False)


@case("a list that changes is taken up by refresh")
def _(folder):
    text = b"lighthouse\n"
    place = lists(folder, "0" * 32)
    with ward.Bank(place) as bank, ward.Scanner() as scanner:
        equal(scanner.scan(text, bank).verdict, "allow")
        lists(folder, hashlib.md5(text).hexdigest())
        equal((bank.refresh(), bank.refresh()), (True, False))
        equal(scanner.scan(text, bank).verdict, "block")


@case("a broken picture is a finding, not an exception")
def _(folder):
    bank = lists(folder, "0" * 32)
    broken = draw_png(folder / "a.png", lighthouse).read_bytes()[:200]
    report = ward.scan(broken, bank)
    equal((report.verdict, report.findings[0].kind), ("hold", "unreadable"))
    assert ward.hash(broken).error


@case("what cannot be done is an exception that says why")
def _(folder):
    os.mkfifo(folder / "pipe")
    raises("argument", ward.hash, folder)
    raises("argument", ward.hash, folder / "pipe")
    raises("argument", ward.distance, "0" * 63, "0" * 64)
    raises("argument", ward.hash_pixels, b"1234", 1, 1)
    raises("not_found", ward.match, folder / "none", "0" * 32)
    try:
        ward.hash(folder / "none")
        raise AssertionError("a file that is not there was hashed")
    except FileNotFoundError:
        pass
    scanner = ward.Scanner(worker="/nowhere/ward-worker")
    try:
        scanner.hash(draw_png(folder / "a.png", lighthouse))
        raise AssertionError("a picture was read without a worker")
    except ward.WardError as error:
        assert error.code in ("not_found", "io"), error.code
    scanner.close()
    scanner.close()
    raises("argument", scanner.hash, b"")


@case("threads that scan at once get their own answers")
def _(folder):
    bank, answers = lists(folder, hashlib.md5(b"3").hexdigest()), {}

    def work(number):
        answers[number] = [ward.scan(str(number).encode(), bank).verdict for _ in range(20)]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(6):
        equal(set(answers[number]), {"block" if number == 3 else "allow"})


def resident_kb():
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024


@case("doing it all many times takes no more memory and leaves nothing open")
def _(folder):
    picture = draw_png(folder / "a.png", lighthouse).read_bytes()
    place = lists(folder, "pdq:" + ward.hash(picture).pdq, "0" * 32)

    def work(times):
        for _ in range(times):
            with ward.Bank(place) as bank, ward.Scanner() as scanner:
                for _ in range(5):
                    equal(scanner.scan(b"bridge" * 1000, bank).verdict, "allow")
                    equal(scanner.scan(picture, bank).verdict, "block")
            equal(len(ward.match(place / "bad", ward.hash(picture).pdq)), 1)
            ward.hash_pixels(bytes(10000), 100, 100, 1)
            raises("argument", ward.match, place / "bad", "0")

    work(10)
    memory, files = resident_kb(), len(os.listdir("/proc/self/fd"))
    work(60)
    equal(len(os.listdir("/proc/self/fd")), files)
    grown = resident_kb() - memory
    assert grown < 1500, f"{grown} kB more after 60 rounds"


run_cases()
