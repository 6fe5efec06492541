#!/usr/bin/env python3
"""ward list, from outside: what is imported, what is left out, and what a crash leaves."""
import gzip
import hashlib
import os
import random
import resource
import signal
import stat
import subprocess
import time

from scenario import *

PDQ = "a448cb33f332c7335ce230cc8ddcda3327dd5a8aa5760f6df02227ddd8208d74"
OTHER = "5b48cb33f332c7335ce230cc8ddcda3327dd5a8aa5760f6df02227ddd8208d74"
MD5 = "e1747fb2ef9c4aa0f54a76d3e4a7588a"
EMPTY_MD5 = "d41d8cd98f00b204e9800998ecf8427e"


def new_workspace(folder):
    place = folder / "workspace"
    ward("init", place, status=0)
    return place


def digests(seed, count):
    return [hashlib.md5(f"{seed} {i}".encode()).hexdigest() for i in range(count)]


def hashes(seed, count):
    """Hashes with exactly half their bits set, as pictures have."""
    rng = random.Random(seed)
    found = []
    for _ in range(count):
        bits = [1] * 128 + [0] * 128
        rng.shuffle(bits)
        found.append("%064x" % int("".join(map(str, bits)), 2))
    return found


def write(path, lines):
    path.write_text("".join(line + "\n" for line in lines))
    return path


def entries(place, name):
    """The entries of a list, as (number, signals)."""
    done = ward("list", "show", "-w", place, "--all", "--json", name, status=0)
    return [(row["entry"], [one["signal"] for one in row["signals"]]) for row in rows(done)[1:]]


def quarantined(place):
    return [json.loads(line) for file in sorted((place / "quarantine").iterdir())
            for line in file.read_text().splitlines()]


@case("a bad record is told with its line, put aside with its reason, and not fatal")
def _(folder):
    place = new_workspace(folder)
    text = write(folder / "list.txt", [f"pdq:{PDQ}", "the lighthouse", MD5, "pdq:0123"])
    done = ward("list", "import", "-w", place, "--json", "mixed", text, status=0)
    answer = rows(done)[0]
    equal((answer["records"], answer["added"], answer["bad"]), (4, 2, 2))
    lines = done.stderr.decode().splitlines()
    equal(len(lines), 2)
    assert "line 2" in lines[0] and "record 1" in lines[0] and "list.txt" in lines[0], lines
    assert "lighthouse" not in done.stderr.decode(), "content was repeated"
    equal(entries(place, "mixed"), [(0, [PDQ]), (2, [MD5])])
    put_aside = quarantined(place)
    equal([(row["record"], row["line"], row["raw"]) for row in put_aside],
          [(1, 2, "the lighthouse"), (3, 4, "pdq:0123")])
    file = pathlib.Path(answer["quarantine"])
    equal(stat.S_IMODE(file.stat().st_mode), 0o600)


@case("fingerprints of no picture are put aside, unless they are asked for")
def _(folder):
    place = new_workspace(folder)
    lines = ["pdq:" + "0" * 64, "pdq:" + "f" * 64, "pdq:" + "1" * 64, f"pdq:{PDQ}", EMPTY_MD5,
             "0" * 32]
    text = write(folder / "list.txt", lines)
    answer = rows(ward("list", "import", "-w", place, "--json", "some", text, status=0))[0]
    # 64 ones are the fewest a hash may have.
    equal((answer["added"], answer["degenerate"], answer["bad"]), (2, 4, 0))
    equal([number for number, _ in entries(place, "some")], [2, 3])
    equal([row["record"] for row in quarantined(place)], [0, 1, 4, 5])
    answer = rows(ward("list", "import", "-w", place, "--json", "--keep-degenerate", "all", text,
                       status=0))[0]
    equal((answer["added"], answer["degenerate"], answer["quarantine"]), (6, 0, None))


@case("the digest of the empty file may stand on a list of known-good files")
def _(folder):
    place = new_workspace(folder)
    text = write(folder / "list.txt", [EMPTY_MD5, MD5])
    answer = rows(ward("list", "import", "-w", place, "--json", "--sense", "allow", "good", text,
                       status=0))[0]
    equal((answer["added"], answer["degenerate"]), (2, 0))


@case("a file of nothing that can be used does not empty a good list")
def _(folder):
    place = new_workspace(folder)
    import_list(place, "good", [MD5])
    text = write(folder / "notes.txt", ["dear keeper", "the lamp is lit"])
    done = ward("list", "import", "-w", place, "good", text, status=2)
    assert b"nothing was imported" in done.stderr, done.stderr
    equal(entries(place, "good"), [(0, [MD5])])
    equal(quarantined(place), [])


@case("records are numbered through all files, and a delta goes on where the list ends")
def _(folder):
    place = new_workspace(folder)
    one, two, three = digests("a", 3), digests("b", 2), digests("c", 2)
    ward("list", "import", "-w", place, "many", write(folder / "1", one), write(folder / "2", two),
         status=0)
    equal([number for number, _ in entries(place, "many")], [0, 1, 2, 3, 4])
    ward("list", "import", "-w", place, "--delta", "many", "-",
         stdin=("\n".join(three) + "\n").encode(), status=0)
    equal(entries(place, "many"), list(enumerate([one_] for one_ in one + two + three)))
    ward("match", "-w", place, three[1], status=1)
    ward("list", "compact", "-w", place, "many", status=0)
    equal(entries(place, "many"), list(enumerate([one_] for one_ in one + two + three)))


@case("a delta to a list that is not there, or a file that is not there, changes nothing")
def _(folder):
    place = new_workspace(folder)
    text = write(folder / "list.txt", [MD5])
    done = ward("list", "import", "-w", place, "--delta", "none", text, status=2)
    assert b"there is no list named none" in done.stderr, done.stderr
    ward("list", "import", "-w", place, "none", text, folder / "missing", status=2)
    equal(ward("list", "ls", "-w", place, "--json", status=0).stdout, b"")


@case("what a list says about itself is kept by imports and changed by set")
def _(folder):
    place = new_workspace(folder)
    text = write(folder / "list.txt", [f"pdq:{PDQ}"])
    ward("list", "import", "-w", place, "--source", "the keeper", "--label", "industry:A1",
         "--scheme", "industry", "--licence", "ours", "--radius", 20, "--expires", "2099-01-01",
         "ours", text, status=0)
    ward("list", "import", "-w", place, "ours", text, status=0)
    info = rows(ward("list", "ls", "-w", place, "--json", status=0))[0]
    equal((info["source"], info["label"], info["radius"], info["licence"], info["scheme"]),
          ("the keeper", "industry:A1", 20, "ours", "industry"))
    equal((info["expires"], info["sense"], info["enabled"]), ("2099-01-01T00:00:00Z", "deny", True))
    answer = rows(ward("match", "-w", place, "--json", OTHER, status=1))[0]
    equal(answer["hits"][0]["labels"], ["industry:A1"])
    ward("list", "set", "-w", place, "ours", "--radius", 3, status=0)
    ward("match", "-w", place, OTHER, status=0)
    ward("list", "set", "-w", place, "ours", "--radius", 31, "--disable", status=0)
    ward("match", "-w", place, OTHER, status=0)
    ward("list", "set", "-w", place, "ours", "--enable", "--expires", "2001-01-01", status=0)
    ward("match", "-w", place, OTHER, status=0)
    ward("list", "set", "-w", place, "ours", "--expires", "never", status=0)
    ward("match", "-w", place, OTHER, status=1)
    for wrong in (["--radius", "64"], ["--sense", "maybe"], ["--label", "bad"],
                  ["--expires", "soon"], ["--enable", "--disable"]):
        ward("list", "set", "-w", place, "ours", *wrong, status=2)


@case("an exclusion list beats any hit, and a dispute is told with it")
def _(folder):
    place = new_workspace(folder)
    import_list(place, "bad", [MD5, f"pdq:{PDQ}"])
    ward("list", "opine", "-w", place, "bad", MD5, "dispute", "--who", "anna", status=2)
    ward("list", "opine", "-w", place, "bad", MD5, "dispute", "--who", "anna", "--reason",
         "a lamp", status=0)
    ward("list", "opine", "-w", place, "bad", MD5, "affirm", "--who", "ben", status=0)
    hit = rows(ward("match", "-w", place, "--json", MD5, status=1))[0]["hits"][0]
    equal((hit["affirmed"], hit["disputed"]), (1, 1))
    said = rows(ward("list", "opinions", "-w", place, "--json", "bad", status=0))
    equal([(one["opinion"], one["signal"], one["who"], one["reason"]) for one in said],
          [("dispute", MD5, "anna", "a lamp"), ("affirm", MD5, "ben", "")])
    assert b"anna  a lamp\n" in ward("list", "opinions", "-w", place, "bad", status=0).stdout
    # Nobody's opinion may be lost on a slip of the pen.
    for wrong in ("f" * 32, "affirm", "--who", "ben"), (MD5, "dispute", "--who", "b", "--reason",
                                                        "two\nlines"), (MD5, "maybe"):
        ward("list", "opine", "-w", place, "bad", *wrong, status=2)
    text = write(folder / "no.txt", [f"pdq:{OTHER}"])
    ward("list", "import", "-w", place, "--sense", "exclude", "--radius", 0, "not", text, status=0)
    hit = rows(ward("match", "-w", place, "--json", OTHER, status=0))[0]["hits"][0]
    equal(hit.get("excluded"), True)
    assert "excluded" not in rows(ward("match", "-w", place, "--json", PDQ, status=1))[0]["hits"][0]


@case("a list is renamed with all it has, unless the name is taken or a rule would be lost")
def _(folder):
    place = new_workspace(folder)
    import_list(place, "old", [MD5, f"pdq:{PDQ}"])
    import_list(place, "taken", [f"pdq:{OTHER}"])
    ward("list", "opine", "-w", place, "old", MD5, "affirm", "--who", "ben", status=0)
    for wrong in ("old", "taken"), ("old", "old"), ("old", "../x"), ("none", "new"), ("old",):
        ward("list", "rename", "-w", place, *wrong, status=2)
    ward("list", "rename", "-w", place, "old", "new", status=0)
    assert b"no list named old" in ward("list", "show", "-w", place, "old", status=2).stderr
    hit = rows(ward("match", "-w", place, "--json", MD5, status=1))[0]["hits"][0]
    equal((hit["list"], hit["affirmed"]), ("new", 1))
    rule = 'rule "%s" { list = %s; verdict = hold }\n'
    (place / "ward.conf").write_text(rule % ("first", "new"))
    told = ward("list", "rename", "-w", place, "new", "newer", status=2).stderr
    assert b'rule "first"' in told, told
    # A rule for the new name beside it: none is lost.
    (place / "ward.conf").write_text(rule % ("first", "new") + rule % ("second", "newer"))
    ward("list", "rename", "-w", place, "new", "newer", status=0)


@case("an entry is switched off for a time or for good, is told, and is switched on again")
def _(folder):
    place = new_workspace(folder)
    import_list(place, "bad", [MD5, f"pdq:{PDQ}"])
    for wrong in (("bad", "0"), ("bad", "x", "off"), ("bad", "0", "of"), ("bad", "7", "off"),
                  ("none", "0", "off"), ("bad", "0", "on", "--until", "2100-01-01"),
                  ("bad", "0", "off", "--until", "2020-01-01"), ("bad", "0", "off", "--until", "x"),
                  ("bad", "0", "off", "--note", "n" * 256)):
        ward("list", "switch", "-w", place, *wrong, status=2)
    ward("list", "switch", "-w", place, "bad", "0", "off", "--note", "a lamp", status=0)
    ward("list", "switch", "-w", place, "bad", "1", "off", "--until", "2100-01-01", status=0)
    for signal in (MD5, PDQ):
        hit = rows(ward("match", "-w", place, "--json", signal, status=0))[0]["hits"][0]
        equal(hit["excluded"], True)
    shown = ward("list", "show", "-w", place, "bad", status=0).stdout
    assert b"off  note a lamp\n" in shown and b"off until 2100-01-01T00:00:00Z\n" in shown, shown
    entries = rows(ward("list", "show", "-w", place, "--json", "bad", status=0))[1:]
    equal([(e["off_until"], e.get("note")) for e in entries],
          [(None, "a lamp"), ("2100-01-01T00:00:00Z", None)])
    ward("list", "switch", "-w", place, "bad", "0", "on", status=0)
    hit = rows(ward("match", "-w", place, "--json", MD5, status=1))[0]["hits"][0]
    assert "excluded" not in hit
    ward("list", "compact", "-w", place, "bad", status=0)
    assert b"note a lamp\n" in ward("list", "show", "-w", place, "bad", status=0).stdout
    ward("list", "switch", "-w", place, "bad", "0", "on", "--note", "", status=0)
    assert b"note" not in ward("list", "show", "-w", place, "bad", status=0).stdout


@case("entries are removed by signal, the list only when that is meant")
def _(folder):
    place = new_workspace(folder)
    import_list(place, "some", [MD5, f"pdq:{PDQ}", f"pdq:{OTHER}"])
    done = ward("list", "remove", "-w", place, "some", "--signal", MD5, status=0)
    equal(done.stdout, b"1 entry removed\n")
    ward("match", "-w", place, MD5, status=0)
    equal([number for number, _ in entries(place, "some")], [1, 2])
    ward("list", "remove", "-w", place, "some", stdin=b"", status=2)
    equal(len(entries(place, "some")), 2)
    ward("list", "remove", "-w", place, "--yes", "some", status=0)
    ward("list", "show", "-w", place, "some", status=2)
    equal(list((place / "lists").iterdir()), [])


@case("what is exported imports to the same entries")
def _(folder):
    place = new_workspace(folder)
    signals = [f"pdq:{one}" for one in hashes(1, 50)] + digests("x", 50)
    import_list(place, "first", signals)
    ward("list", "export", "-w", place, "first", "-o", folder / "out.jsonl", status=0)
    equal(stat.S_IMODE((folder / "out.jsonl").stat().st_mode), 0o600)
    ward("list", "import", "-w", place, "second", folder / "out.jsonl", status=0)
    equal(entries(place, "second"), entries(place, "first"))
    done = ward("list", "export", "-w", place, "first", status=0)
    equal(done.stdout, (folder / "out.jsonl").read_bytes())
    ward("list", "diff", "-w", place, "first", "second", status=0)
    ward("list", "diff", "-w", place, "first", folder / "out.jsonl", status=0)
    ward("list", "export", "-w", place, "first", "--format", "nsrl", status=2)


@case("a difference is told with its sign, and counted")
def _(folder):
    place = new_workspace(folder)
    old, new = digests("x", 6), digests("x", 6)
    del old[4], new[1]
    import_list(place, "old", old)
    text = write(folder / "new.txt", new + [new[0]])
    for other in (text, "new"):
        if other == "new":
            ward("list", "import", "-w", place, "new", text, status=0)
        done = ward("list", "diff", "-w", place, "old", other, status=1)
        lines = done.stdout.decode().splitlines()
        equal([line[0] for line in lines[:-1]], ["-", "+", "+"])
        assert digests("x", 6)[1] in lines[0] and digests("x", 6)[4] in lines[1], lines
        equal(lines[-1], "4 the same, 2 added, 1 removed, 0 changed")
    totals = rows(ward("list", "diff", "-w", place, "--summary", "--json", "old", "new",
                       status=1))[0]
    equal((totals["same"], totals["added"], totals["removed"]), (4, 2, 1))


@case("a list that was damaged is told by verify, by ls, and by whoever would use it")
def _(folder):
    place = new_workspace(folder)
    import_list(place, "sound", digests("s", 1000))
    import_list(place, "hurt", digests("h", 1000))
    ward("list", "verify", "-w", place, status=0)
    data = max((place / "lists/hurt").iterdir(), key=lambda file: file.stat().st_size)
    content = bytearray(data.read_bytes())
    content[len(content) // 2] ^= 1
    data.write_bytes(content)
    done = ward("list", "verify", "-w", place, status=2)
    assert b"hurt" in done.stderr and b"sound: 1000 entries, sound" in done.stdout, done
    (place / "lists/hurt/manifest.json").write_text("{")
    done = ward("list", "ls", "-w", place, "--json", status=2)
    equal([row["name"] for row in rows(done)], ["sound"])
    ward("match", "-w", place, MD5, status=2)


def peak_kib(*args, feed):
    """Runs ward with what `feed` yields as standard input; its peak memory in KiB."""
    child = subprocess.Popen([WARD, *map(str, args)], stdin=subprocess.PIPE,
                             stdout=subprocess.DEVNULL, env=environment())
    for piece in feed:
        child.stdin.write(piece)
    child.stdin.close()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    equal(child.returncode, 0)
    return usage.ru_maxrss


def vics(count, miniature):
    yield b'{"value":[{"MediaID":0,"MD5":"%s"}' % MD5.encode()
    for i, md5 in enumerate(digests("v", count)):
        yield b',{"MediaID":%d,"Miniature":"%s","MD5":"%s"}\n' % (i, miniature, md5.encode())
    yield b"]}"


def ncmec(count, name):
    yield b"<queryResult><images>"
    for i, md5 in enumerate(digests("n", count)):
        yield (b'<image><member id="1">%s</member><id>%d</id><fingerprints><md5>%s</md5>'
               b"</fingerprints></image>" % (name, i, md5.encode()))
    yield b"</images></queryResult>"


@case("a document of any size is read in the same little memory")
def _(folder):
    place = new_workspace(folder)
    for name, document in ("vics", vics), ("ncmec", ncmec):
        small = peak_kib("list", "import", "-w", place, "-f", name, name, "-",
                         feed=document(1000, b"QUJD" * 10))
        large = peak_kib("list", "import", "-w", place, "-f", name, name, "-",
                         feed=document(1000, b"QUJD" * 32768))
        assert large < small + 8192, f"{name}: {large} KiB for 130 MB, {small} for a little"


@case("a kind that a file names is meant, and what was guessed is told")
def _(folder):
    place = new_workspace(folder)
    text = write(folder / "list.csv", ["hash,type", f"{PDQ},sha256", f"{OTHER},tlsh", f"{OTHER},"])
    answer = rows(ward("list", "import", "-w", place, "--json", "kinds", text, status=0))[0]
    equal(answer["signals"], {"md5": 0, "sha1": 0, "sha256": 1, "pdq": 1, "photodna": 0,
                              "ed2k": 0, "aich": 0, "tth": 0, "btroot": 0, "btih": 0, "btmh": 0, "vpdq": 0, "tmk": 0})
    equal((answer["bad"], answer["guessed"]), (1, 1))
    ward("match", "-w", place, "sha256:" + PDQ, status=1)
    ward("match", "-w", place, "pdq:" + PDQ, "--radius", 0, status=0)


@case("what wraps a list is named with the command that unwraps it")
def _(folder):
    place = new_workspace(folder)
    packed = folder / "list.gz"
    packed.write_bytes(gzip.compress(MD5.encode()))
    done = ward("list", "import", "-w", place, "list", packed, status=2)
    assert b"list.gz" in done.stderr and b"import what zcat makes of it" in done.stderr
    equal(len(done.stderr.splitlines()), 1)


@case("files without a record do not take a list's entries away")
def _(folder):
    place = new_workspace(folder)
    import_list(place, "list", [MD5])
    for content in "", "md5,label\n", "# nothing today\n", "<queryResult><images/></queryResult>":
        (folder / "empty").write_text(content)
        done = ward("list", "import", "-w", place, "list", folder / "empty", status=2)
        assert b"--allow-empty" in done.stderr, done.stderr
        equal(len(entries(place, "list")), 1)
        ward("list", "import", "-w", place, "--delta", "list", folder / "empty", status=0)
    ward("list", "import", "-w", place, "--allow-empty", "list", folder / "empty", status=0)
    equal(entries(place, "list"), [])
    ward("match", "-w", place, MD5, status=0)


def page(*entries_):
    return "<queryResult><images>" + "".join(
        f'<{tag}><member id="1"/><id>{id_}</id><classification>{code}</classification>'
        f"<fingerprints><md5>{md5}</md5></fingerprints></{tag}>"
        for tag, id_, code, md5 in entries_) + "</images></queryResult>"


@case("pages of NCMEC's feed change and recall what earlier ones said")
def _(folder):
    place = new_workspace(folder)
    one, two, three = digests("p", 3)
    (folder / "1").write_text(page(("image", "a", "A1", one), ("image", "b", "A1", two)))
    (folder / "2").write_text(page(("image", "a", "A2", one), ("deletedImage", "b", "", "")))
    (folder / "3").write_text(page(("image", "a", "B1", one), ("image", "c", "A1", three)))
    (folder / "4").write_text(page(("deletedImage", "a", "", "")))

    def labels(status):
        return [hit["labels"] for hit in
                rows(ward("match", "-w", place, "--json", one, status=status))[0]["hits"]]
    ward("list", "import", "-w", place, "feed", folder / "1", folder / "2", status=0)
    equal((len(entries(place, "feed")), labels(1)), (1, [["industry:A2"]]))
    ward("list", "import", "-w", place, "--delta", "feed", folder / "3", status=0)
    equal((len(entries(place, "feed")), labels(1)), (2, [["industry:B1"]]))
    ward("list", "import", "-w", place, "--delta", "feed", folder / "4", status=0)
    equal((len(entries(place, "feed")), labels(0)), (1, []))
    ward("list", "compact", "-w", place, "feed", status=0)
    ward("list", "verify", "-w", place, "feed", status=0)


@case("what an examiner found to be nothing is not denied, and labels choose")
def _(folder):
    place = new_workspace(folder)
    none, one, two = digests("v", 3)
    (folder / "set.json").write_text(json.dumps({
        "@odata.context": "http://x/DataModels/2.0.xml/US/$metadata#Media",
        "value": [{"MediaID": i, "Category": i, "MD5": md5}
                  for i, md5 in enumerate((none, one, two))]}))
    answer = rows(ward("list", "import", "-w", place, "--json", "bad", folder / "set.json",
                       status=0))[0]
    equal((answer["added"], answer["harmless"]), (2, 1))
    equal([row["record"] for row in quarantined(place)], [0])
    ward("match", "-w", place, none, status=0)
    answer = rows(ward("list", "import", "-w", place, "--json", "--sense", "allow", "--only",
                       "vics-us:0", "good", folder / "set.json", status=0))[0]
    equal((answer["added"], answer["passed_over"]), (1, 2))
    hit = rows(ward("match", "-w", place, "--json", none, status=1))[0]["hits"][0]
    equal((hit["list"], hit["labels"]), ("good", ["vics-us:0"]))


@case("labels that their scheme does not know are kept and told")
def _(folder):
    place = new_workspace(folder)
    text = write(folder / "list.csv", ["md5,label", f"{MD5},A1", f"{MD5},A7"])
    done = ward("list", "import", "-w", place, "--scheme", "industry", "some", text, status=0)
    assert b"1 with a label that its scheme does not know, kept; the first is record 1" in \
        done.stdout, done.stdout
    hits = rows(ward("match", "-w", place, "--json", MD5, status=1))[0]["hits"]
    equal([hit["labels"] for hit in hits], [["industry:A1"], ["industry:A7"]])
    # The file's labels are of the list's scheme, also when the two are compared.
    ward("list", "diff", "-w", place, "some", text, status=0)
    for scheme in "a b", "a:b", "schéma":
        ward("list", "set", "-w", place, "some", "--scheme", scheme, status=2)


@case("what a format has no place for is told, and VICS keeps its profile")
def _(folder):
    place = new_workspace(folder)
    import_list(place, "some", [f"pdq:{PDQ}", f"{MD5} vics-us:2"])
    done = ward("list", "export", "-w", place, "-f", "vics", "some", status=0)
    assert b"1 of the list's signals, videos and labels have no place in vics" in done.stderr, done.stderr
    ward("list", "import", "-w", place, "again", "-", stdin=done.stdout, status=0)
    hits = rows(ward("match", "-w", place, "-l", "again", "--json", MD5, status=1))[0]["hits"]
    equal(hits[0]["labels"], ["vics-us:2"])
    equal(ward("list", "export", "-w", place, "some", status=0).stderr, b"")


@case("names that are none are refused, and nothing is made of them")
def _(folder):
    place = new_workspace(folder)
    text = write(folder / "list.txt", [MD5])
    for name in ("../x", "", ".", "..", "a/b", "a b", ".hidden", "ünï", "a" * 64, "a\nb"):
        for verb in (["import", name, text], ["show", name], ["export", name], ["verify", name],
                     ["remove", "--yes", name], ["set", name, "--radius", "3"], ["compact", name]):
            ward("list", *verb[:1], "-w", place, "--", *verb[1:2], *verb[2:], status=2)
    equal(list((place / "lists").iterdir()), [])
    equal(sorted(one.name for one in folder.iterdir()), ["list.txt", "workspace"])


@case("a list in a folder of another name is not passed over in silence")
def _(folder):
    place = new_workspace(folder)
    import_list(place, "list", [MD5])
    (place / "lists/list").rename(place / "lists/my list")
    for verb in (["list", "ls"], ["match", MD5]):
        done = ward(*verb, "-w", place, status=2)
        assert b"rename it" in done.stderr, done.stderr


@case("without a place for its quarantine nothing is imported")
def _(folder):
    place = new_workspace(folder)
    import_list(place, "list", [MD5])
    text = write(folder / "list.txt", ["the lamp is lit", *digests("q", 3)])
    (place / "quarantine").rmdir()
    (place / "quarantine").symlink_to("/dev/full")
    done = ward("list", "import", "-w", place, "--quiet", "list", text, status=2)
    assert b"nothing was imported" in done.stderr and len(done.stderr.splitlines()) == 1, done
    equal(len(entries(place, "list")), 1)
    # Where it was merely cleared away it is made again.
    (place / "quarantine").unlink()
    ward("list", "import", "-w", place, "--quiet", "list", text, status=0)
    equal(stat.S_IMODE((place / "quarantine").stat().st_mode), 0o700)
    equal(len(quarantined(place)), 1)


def killed(after, *args):
    """Starts ward and kills it after some seconds; its exit status when it had ended by then."""
    child = subprocess.Popen([WARD, *map(str, args)], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, env=environment())
    try:
        return child.wait(timeout=after)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        return None


def killed_import(place, name, text, after):
    """Whether the import had ended when it was to be killed."""
    return killed(after, "list", "import", "-w", place, name, text) is not None


@case("kill -9 of an import at any moment leaves the old list or the new one")
def _(folder):
    place = new_workspace(folder)
    old = write(folder / "old.txt", [f"pdq:{one}" for one in hashes(1, 2000)] + digests("o", 9000))
    new = write(folder / "new.txt", [f"pdq:{one}" for one in hashes(2, 3000)] + digests("n", 9000))
    counts = {11000: digests("o", 1)[0], 12000: digests("n", 1)[0]}
    ward("list", "import", "-w", place, "list", old, status=0)
    start = time.monotonic()
    ward("list", "import", "-w", place, "list", new, status=0)
    took = time.monotonic() - start
    rng = random.Random(7)
    seen = {11000: 0, 12000: 0}
    kills = 0
    for i in range(100):
        kills += not killed_import(place, "list", (old, new)[i % 2], rng.uniform(0, took))
        done = ward("list", "verify", "-w", place, "list", status=0)
        count = int(done.stdout.split()[1])
        assert count in counts, f"{count} entries after {i} kills"
        seen[count] += 1
        ward("match", "-w", place, counts[count], status=1)
    assert kills >= 25, f"only {kills} of 100 imports were still running when killed"
    print(f"# killed {kills} times, old {seen[11000]}, new {seen[12000]}")
    # What the dead left behind goes with the next import.
    ward("list", "import", "-w", place, "list", old, status=0)
    files = sorted(file.name for file in (place / "lists/list").iterdir())
    assert len(files) <= 4, files


@case("kill -9 of a delta, a removal, a compaction or a setting leaves the old list or the new")
def _(folder):
    place = new_workspace(folder)
    base = [f"pdq:{one}" for one in hashes(1, 2000)] + digests("o", 4000)
    import_list(place, "list", base)
    start = time.monotonic()
    import_list(place, "spare", digests("s", 500))
    took = time.monotonic() - start
    rng = random.Random(11)
    count, radius, gone, kills, news = len(base), 31, 0, 0, 0
    for i in range(200):
        verb = rng.choice(["delta", "delta", "remove", "compact", "set"])
        text = write(folder / "more.txt", digests(f"d{i}", 500))
        wanted = rng.randrange(64)
        command, want = {
            "delta": (["import", "--delta", "list", text], (count + 500, radius)),
            "remove": (["remove", "list", "--signal", digests("o", 4000)[gone]],
                       (count - 1, radius)),
            "compact": (["compact", "list"], (count, radius)),
            "set": (["set", "list", "--radius", wanted], (count, wanted)),
        }[verb]
        outcome = killed(rng.uniform(0, 1.2 * took), "list", command[0], "-w", place, *command[1:])
        assert outcome in (None, 0), (verb, outcome)
        kills += outcome is None
        info = next(row for row in rows(ward("list", "ls", "-w", place, "--json", status=0))
                    if row["name"] == "list")
        now = (info["entries"], info["radius"])
        # One that had ended has done it; a killed one may have.
        assert now == want or (outcome is None and now == (count, radius)), (verb, now, want)
        news += outcome is None and now == want and now != (count, radius)
        gone += verb == "remove" and now == want
        count, radius = now
        if i % 20 == 0:
            ward("list", "verify", "-w", place, "list", status=0)
    assert kills >= 20, f"only {kills} of 200 were still running when killed"
    print(f"# killed {kills} times, {news} of them behind the change")
    ward("list", "verify", "-w", place, "list", status=0)
    ward("match", "-w", place, "--radius", 0, base[0], status=1)


@case("kill -9 of the first import leaves no list, and no harm")
def _(folder):
    place = new_workspace(folder)
    text = write(folder / "list.txt", digests("k", 20000))
    rng = random.Random(9)
    for i in range(12):
        name = f"list{i}"
        killed_import(place, name, text, rng.uniform(0, .05))
        ward("match", "-w", place, MD5, status=0)
        ward("list", "ls", "-w", place, status=0)
        ward("list", "import", "-w", place, name, text, status=0)
        equal(int(ward("list", "verify", "-w", place, name, status=0).stdout.split()[1]), 20000)
        ward("list", "remove", "-w", place, "--yes", name, status=0)


@case("a full disk is an error and the old list")
def _(folder):
    place = new_workspace(folder)
    import_list(place, "list", digests("o", 100))
    big = write(folder / "big.txt", digests("n", 30000))

    for limit in (0, 4096, 20000, 100000, 300000):
        done = ward("list", "import", "-w", place, "list", big, status=2,
                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        assert len(done.stderr.splitlines()) == 1, done.stderr
        equal(int(ward("list", "verify", "-w", place, "list", status=0).stdout.split()[1]), 100)
    bad = write(folder / "bad.txt", digests("n", 10) + ["lamp " * 20] * 3000)
    done = ward("list", "import", "-w", place, "--quiet", "list", bad, status=2,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40000, 40000)))
    equal(int(ward("list", "verify", "-w", place, "list", status=0).stdout.split()[1]), 100)
    equal(list((place / "quarantine").iterdir()), [])
    ward("list", "import", "-w", place, "list", big, status=0)
    equal(int(ward("list", "verify", "-w", place, "list", status=0).stdout.split()[1]), 30000)


@case("of imports at once one is refused or comes after the other, and the list is whole")
def _(folder):
    place = new_workspace(folder)
    texts = [write(folder / f"{i}.txt", digests(str(i), 5000 + i)) for i in range(4)]
    import_list(place, "list", [MD5])
    for _ in range(4):
        running = [subprocess.Popen([WARD, "list", "import", "-w", place, "list", text],
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                    env=environment()) for text in texts]
        outcomes = [(child, *child.communicate(timeout=60)) for child in running]
        assert any(child.returncode == 0 for child, _, _ in outcomes)
        for child, _, errors in outcomes:
            assert child.returncode == 0 or (child.returncode == 2 and errors), (child, errors)
        count = int(ward("list", "verify", "-w", place, "list", status=0).stdout.split()[1])
        assert 5000 <= count < 5004, count


@case("without a workspace, and in one that is none, it is said what to do")
def _(folder):
    for verb in (["list", "ls"], ["policy", "show"], ["key", "ls"], ["match", MD5],
                 ["scan", folder]):
        done = ward(*verb, status=2)
        assert b"ward init" in done.stderr, (verb, done.stderr)
    done = ward("list", "ls", "-w", folder, status=2)
    assert b"ward init" in done.stderr, done.stderr


run_cases()
