#!/usr/bin/env python3
"""ward match, from outside."""
import subprocess

from scenario import *

ONE = "a448cb33f332c7335ce230cc8ddcda3327dd5a8aa5760f6df02227ddd8208d74"
# The same with 1, 8 and 40 bits flipped.
BY_1 = "b448cb33f332c7335ce230cc8ddcda3327dd5a8aa5760f6df02227ddd8208d74"
BY_8 = "5b48cb33f332c7335ce230cc8ddcda3327dd5a8aa5760f6df02227ddd8208d74"
BY_40 = "5bb734cc0c32c7335ce230cc8ddcda3327dd5a8aa5760f6df02227ddd8208d74"
SHA256 = "51ee92c282371042432559d43cb50ac49b2ea7efddee3719329a343e6eb54dcd"
MD5 = "e1747fb2ef9c4aa0f54a76d3e4a7588a"


def set_up(folder):
    return workspace(folder, first=["pdq:" + ONE, "pdq:" + BY_8, "pdq:" + ONE],
                     second=[MD5, "sha256:" + SHA256])


def distances(row):
    return [(hit["entry"], hit["distance"]) for hit in row["hits"]]


@case("every entry within the radius is told, duplicates kept apart")
def _(folder):
    place = set_up(folder)
    row = rows(ward("match", "-w", place, "-l", "first", "--radius", 31, "--json", ONE,
                    status=1))[0]
    equal(row["signal"], ONE)
    equal(sorted(distances(row)), [(0, 0), (1, 8), (2, 0)])
    equal(row["hits"][0]["list"], "first")
    equal(row["hits"][0]["signal"], ONE)
    assert isinstance(row["hits"][0]["labels"], list)
    row = rows(ward("match", "-w", place, "-l", "first", "--radius", 6, "--json", BY_1))[0]
    equal(sorted(distances(row)), [(0, 1), (2, 1)])


@case("signals come one a line, and each has its answer in order")
def _(folder):
    place = set_up(folder)
    lines = [BY_40, ONE, MD5, "sha256:" + SHA256, MD5.replace("e", "f"), "pdq:" + BY_8]
    answers = rows(ward("match", "-w", place, "--json", "-", stdin="\n".join(lines).encode(),
                        status=1))
    equal([len(row["hits"]) for row in answers], [0, 3, 1, 1, 0, 3])


@case("64 digits are a PDQ hash unless the type says otherwise")
def _(folder):
    place = set_up(folder)
    ward("match", "-w", place, SHA256, status=0)
    ward("match", "-w", place, "--type", "sha256", SHA256, status=1)


@case("a line that is no signal is told and does not stop the rest")
def _(folder):
    place = set_up(folder)
    done = ward("match", "-w", place, "--json", "-", stdin=f"lamp\n{ONE}\n\n# no\n".encode(),
                status=2)
    answers = rows(done)
    equal(answers[0]["error"], "format")
    equal(len(answers[1]["hits"]), 3)
    equal(len(answers), 2)


@case("a line of any length is answered once, and the next ones, too")
def _(folder):
    place = set_up(folder)
    text = b"a" * 200000 + b"\n" + ONE.encode() + b"\n\0\xff\n" + b"b" * 9000
    done = ward("match", "-w", place, "--json", "-", stdin=text, status=2)
    answers = rows(done)
    equal(["error" in row for row in answers], [True, False, True, True])
    equal(len(answers[1]["hits"]), 3)
    assert len(answers[0]["signal"]) < 100
    equal(len(done.stderr.splitlines()), 1)


@case("an answer comes before the next question is asked")
def _(folder):
    place = set_up(folder)
    match = subprocess.Popen([WARD, "match", "-w", place, "--json", "-"], env=environment(),
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for i in range(3):
        match.stdin.write((ONE + "\n").encode())
        match.stdin.flush()
        equal(len(json.loads(match.stdout.readline())["hits"]), 3)
    match.stdin.close()
    equal(match.wait(timeout=20), 1)
    match.stdout.close()


@case("a list is found by the folder it lies in, without a workspace")
def _(folder):
    place = set_up(folder)
    ward("match", "-l", place / "lists" / "second", MD5, status=1)
    ward("match", "-l", place / "lists" / "first", MD5, status=0)


@case("a list that is not there is named")
def _(folder):
    place = set_up(folder)
    done = ward("match", "-w", place, "-l", "third", ONE, status=2)
    assert b"third" in done.stderr


@case("a mirrored picture is found when any orientation is asked for")
def _(folder):
    known = draw_png(folder / "lighthouse.png", lighthouse)
    turned = draw_png(folder / "turned.png", lambda x, y: lighthouse(y, 1 - x))
    place = workspace(folder, lighthouses=["pdq:" + hash_of(known)["pdq"]])
    ward("match", "-w", place, hash_of(turned)["pdq"], status=0)
    done = ward("match", "-w", place, "--json", "--any-orientation", turned, status=1)
    hits = [hit for row in rows(done) for hit in row["hits"]]
    equal(len(hits), 1)
    assert hits[0]["orientation"].startswith("rot"), hits


@case("many thousand lines go through with the published answers")
def _(folder):
    data = GOLDEN / "matching"
    if not data.is_dir():
        raise Skip("no golden data here")
    place = folder / "workspace"
    ward("init", place, status=0)
    text = folder / "db.txt"
    text.write_text("".join(f"pdq:{line}\n" for line in (data / "db.txt").read_text().split()))
    ward("list", "import", "-w", place, "--keep-degenerate", "golden", text, status=0)
    queries = (data / "queries.txt").read_text().split()
    want = set()
    for line in (data / "expected_le31.tsv").read_text().splitlines():
        fields = line.split("\t")
        if fields[0].isdigit():
            want.add(tuple(int(field) for field in fields[:3]))
    done = ward("match", "-w", place, "-l", "golden", "--radius", 31, "--json", "-",
                stdin="\n".join(queries * 40).encode(), status=1)
    answers = rows(done)
    equal(len(answers), 40 * len(queries))
    got = {(i, hit["entry"], hit["distance"]) for i, row in enumerate(answers[:len(queries)])
           for hit in row["hits"]}
    equal(got, want)
    equal(answers[-len(queries):], answers[:len(queries)])


run_cases()
