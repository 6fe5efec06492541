#!/usr/bin/env python3
"""What file-sharing networks call a file: hashed, listed, found in traffic and on disks."""
import hashlib
import zipfile

from scenario import *

LETTER = b"Dear keeper, the lamp is lit.\n" * 2000
KINDS = ["ed2k", "aich", "tth", "btroot"]


def write(path, lines):
    path.write_text("".join(line + "\n" for line in lines))
    return path


def hashed(path):
    return rows(ward("hash", "--sharing", "--json", path, status=0))[0]


def lines_of(path):
    return [line.split()[0] for line in ward("hash", "--sharing", path, status=0).stdout.decode().splitlines()
            if line.split(":")[0] in KINDS]


@case("a file's hashes are printed, and are lines of a list")
def _(folder):
    (folder / "letter").write_bytes(LETTER)
    told = hashed(folder / "letter")
    lines = lines_of(folder / "letter")
    equal(lines, [f"{kind}:{told[kind]}" for kind in KINDS])
    place = workspace(folder, networks=lines)
    for line in lines:
        row = rows(ward("match", "-w", place, "--json", line, status=1))[0]
        equal((row["type"], len(row["hits"])), (line.split(":")[0], 1))
    (folder / "nothing").write_bytes(b"")
    equal(hashed(folder / "nothing")["btroot"], None)
    assert "ed2k" not in rows(ward("hash", "--json", folder / "letter", status=0))[0]


@case("links in a list of traffic are looked up, each hash with its answer")
def _(folder):
    (folder / "letter").write_bytes(LETTER)
    told = hashed(folder / "letter")
    place = workspace(folder, networks=[f"tth:{told['tth']}", f"ed2k:{told['ed2k']}", "btih:" + "ab" * 20])
    seen = [f"ed2k://|file|light house.txt|{len(LETTER)}|{told['ed2k'].upper()}|h={told['aich']}|/",
            f"magnet:?xt=urn:tree:tiger:{told['tth'].lower()}&dn=letter",
            "magnet:?xt=urn:btih:" + "ab" * 20 + "&tr=udp%3A%2F%2Ft.example",
            "magnet:?xt=urn:btih:" + "cd" * 20, "magnet:?xt=urn:unheard:1"]
    answers = rows(ward("match", "-w", place, "--json", "-", stdin="\n".join(seen).encode()))
    equal([(row.get("type"), len(row.get("hits", []))) for row in answers],
          [("ed2k", 1), ("aich", 0), ("tth", 1), ("btih", 1), ("btih", 0), (None, 0)])
    equal(answers[-1]["error"], "format")


@case("a link in a file of a list is a record of all that it names")
def _(folder):
    link = f"magnet:?xt=urn:btih:{'ab' * 20}&xt=urn:btmh:1220{'cd' * 32}&dn=x"
    place = workspace(folder, torrents=[link])
    for signal in ("btih:" + "ab" * 20, "btmh:" + "cd" * 32):
        hit, = rows(ward("match", "-w", place, "--json", signal, status=1))[0]["hits"]
        equal(hit["entry"], 0)
    table = ward("list", "export", "-w", place, "-f", "csv", "torrents", status=0).stdout.decode().splitlines()
    row = dict(zip(table[0].split(","), table[1].split(",")))
    equal((row["btih"], row["btmh"]), ("ab" * 20, "cd" * 32))
    write(folder / "table.csv", table)
    ward("list", "import", "-w", place, "again", folder / "table.csv", status=0)
    ward("match", "-w", place, "-l", "again", "btmh:" + "cd" * 32, status=1)


@case("a scan computes them once a list asks for it, in archives as well")
def _(folder):
    files = folder / "files"
    files.mkdir()
    (files / "letter.txt").write_bytes(LETTER)
    (files / "note.txt").write_bytes(b"Dear keeper, all is well.\n")
    with zipfile.ZipFile(files / "box.zip", "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr("inside.txt", LETTER)
    told = hashed(files / "letter.txt")
    place = workspace(folder, networks=["tth:" + told["tth"]])
    found = rows(ward("scan", "-w", place, "--json", files, status=1))
    equal(sorted(pathlib.Path(row["path"]).name for row in found if row["findings"]), ["box.zip", "letter.txt"])
    finding, = next(row for row in found if row["path"].endswith("letter.txt"))["findings"]
    equal((finding["kind"], finding["list"]), ("known", "networks"))
    ward("list", "remove", "-w", place, "networks", "--yes", status=0)
    equal([row["findings"] for row in rows(ward("scan", "-w", place, "--json", files, status=0))], [[], [], []])


@case("an MD4 can be forged, so a known-good list's counts for nothing, and its Tiger does")
def _(folder):
    (folder / "letter.txt").write_bytes(LETTER)
    told = hashed(folder / "letter.txt")
    place = workspace(folder, networks=["tth:" + told["tth"]])
    good = write(folder / "good", ["ed2k:" + told["ed2k"]])
    ward("list", "import", "-w", place, "--sense", "allow", "good", good, status=0)
    ward("scan", "-w", place, folder / "letter.txt", status=1)
    write(good, ["btroot:" + told["btroot"]])
    ward("list", "import", "-w", place, "good", good, status=0)
    found = rows(ward("scan", "-w", place, "--json", folder / "letter.txt"))
    assert any(f["kind"] == "allowed" for row in found for f in row["findings"]), found


def torrent_of(path, piece=15):
    """What mktorrent makes of a file or folder; pieces of 2^piece bytes."""
    if not shutil.which("mktorrent"):
        raise Skip("there is no mktorrent to make a torrent with")
    made = path.parent / (path.name + ".torrent")
    made.unlink(missing_ok=True)
    subprocess.run(["mktorrent", "-l", str(piece), "-a", "http://tracker.example/announce", "-o", made, path.name],
                   cwd=path.parent, check=True, stdout=subprocess.DEVNULL)
    return made


@case("a torrent is told by its own hash, and found when that is listed")
def _(folder):
    (folder / "letter").write_bytes(LETTER * 4)
    torrent = torrent_of(folder / "letter")
    data = torrent.read_bytes()
    info = data[data.index(b"4:info") + 6:-1]
    told = hashed(torrent)
    equal((told["kind"], told["btih"], told["btmh"]), ("torrent", hashlib.sha1(info).hexdigest(), None))
    lines = ward("hash", "--sharing", torrent, status=0).stdout.decode().splitlines()
    assert any(line.startswith(f"btih:{told['btih']} ") for line in lines), lines
    equal(hashed(folder / "letter")["btih"], None)
    place = workspace(folder, torrents=["btih:" + told["btih"]])
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.write(torrent, "in/it.torrent")
    found = rows(ward("scan", "-w", place, "--json", folder / "a.zip", status=1))[0]["findings"]
    equal([(one["kind"], one["path"], one["type"]) for one in found], [("known", "in/it.torrent", "btih")])
    torrent.write_bytes(data[:-30])
    found = rows(ward("scan", "-w", place, "--json", torrent, status=1))[0]["findings"]
    equal([(one["kind"], one["error"]) for one in found], [("unreadable", "format")])


@case("whether a file is one that a torrent tells of is said by its pieces")
def _(folder):
    many = folder / "many"
    many.mkdir()
    (many / "a note").write_bytes(b"Dear keeper, all is well.\n")
    (many / "letter").write_bytes(LETTER * 4)
    torrent = torrent_of(many)
    row = rows(ward("compare", "--json", torrent, many / "letter", status=1))[0]
    equal((row["similar"], row["file"], row["same_root"]), (True, "letter", False))
    assert row["pieces"] == row["equal"] >= 5, row
    assert b"the same, " in ward("compare", many / "letter", torrent, status=1).stdout
    (many / "letter").write_bytes(LETTER * 3 + LETTER[::-1])
    row = rows(ward("compare", "--json", torrent, many / "letter", status=0))[0]
    assert not row["similar"] and 0 < row["equal"] < row["pieces"], row
    assert b"shares its pieces" in ward("compare", torrent, many / "a note", status=0).stdout
    (many / "letter").write_bytes(b"short")
    assert b"none of the torrent's 2 files" in ward("compare", torrent, many / "letter", status=0).stdout


run_cases()
