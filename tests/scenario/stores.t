#!/usr/bin/env python3
"""ward scan of files that programs keep pictures in: compound files, thumbnails, databases."""
import io
import sqlite3
import struct
import zipfile
import zlib

import pst_make
from scenario import *

NONE, END, TABLE = 0xffffffff, 0xfffffffe, 0xfffffffd


def compound(tree, version=3):
    """A compound file, [MS-CFB]: a dictionary is a storage, bytes are a stream."""
    sector = 512 if version == 3 else 4096
    entries = [["Root Entry", 5, NONE, NONE, b""]]  # name, type, right, child, bytes

    def add(folder):
        first = before = NONE
        for name, content in folder.items():
            number = len(entries)
            is_folder = isinstance(content, dict)
            entries.append([name, 1 if is_folder else 2, NONE, NONE, b"" if is_folder else content])
            if is_folder:
                entries[number][3] = add(content)
            if before == NONE:
                first = number
            else:
                entries[before][2] = number
            before = number
        return first

    entries[0][3] = add(tree)
    small, small_table, chains, starts = b"", [], [], {}
    for number, (_, kind, _, _, content) in enumerate(entries):
        if kind == 2 and 0 < len(content) < 4096:
            count = -(-len(content) // 64)
            starts[number] = len(small_table)
            small_table += [len(small_table) + 1 + i for i in range(count - 1)] + [END]
            small += content.ljust(count * 64, b"\0")
    per_sector = sector // 4
    parts = {"directory": b"\0" * (len(entries) * 128), "small": small,
             "small table": b"".join(struct.pack("<I", n) for n in small_table)}
    parts.update({n: e[4] for n, e in enumerate(entries) if e[1] == 2 and len(e[4]) >= 4096})
    tables = 1
    while True:
        table, data, first = [TABLE] * tables, [], {}
        for key, content in parts.items():
            count = -(-len(content) // sector)
            first[key] = len(table) if count else END
            table += [len(table) + 1 + i for i in range(count - 1)] + [END] * (count > 0)
        if len(table) <= tables * per_sector:
            break
        tables += 1
    listing = b""
    for number, (name, kind, right, child, content) in enumerate(entries):
        start = first["small"] if number == 0 else first.get(number, starts.get(number, END))
        size = len(small) if number == 0 else len(content)
        units = name.encode("utf-16-le") + b"\0\0"
        listing += (units.ljust(64, b"\0") + struct.pack("<HBBIII", len(units), kind, 1, NONE, right, child)
                    + bytes(36) + struct.pack("<IQ", start, size))
    parts["directory"] = listing
    table += [NONE] * (tables * per_sector - len(table))
    out = struct.pack("<8s16xHHHHH6xIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 62, version, 0xfffe,
                      9 if version == 3 else 12, 6, 0, tables, first["directory"], 0, 4096,
                      first["small table"], -(-len(small_table) // per_sector), END, 0, 0)[:76]
    out += b"".join(struct.pack("<I", i if i < tables else NONE) for i in range(109))
    out = out.ljust(sector, b"\0") + b"".join(struct.pack("<I", n) for n in table)
    for content in parts.values():
        out += content.ljust(-(-len(content) // sector) * sector, b"\0")
    return out


def set_up(folder):
    """A workspace that knows a lighthouse, and pictures of it and of a bridge."""
    draw_png(folder / "lighthouse.png", lighthouse)
    draw_png(folder / "bridge.png", bridge)
    place = workspace(folder, lighthouses=["pdq:" + hash_of(folder / "lighthouse.png")["pdq"]])
    return place, (folder / "lighthouse.png").read_bytes(), (folder / "bridge.png").read_bytes()


def scanned(place, path, status):
    """What `ward scan` finds in one file: pairs of a path within it and a kind of finding."""
    row = rows(ward("scan", "-w", place, "--json", path, status=status))[0]
    return [(finding.get("path", ""), finding["kind"]) for finding in row["findings"]]


def wide(text):
    return text.encode("utf-16-le")


# ---- compound files ----

def catalog(names):
    out = struct.pack("<HHIII", 16, 7, len(names), 96, 96)
    for number, name in names.items():
        units = wide(name) + b"\0\0\0\0"
        out += struct.pack("<IIQ", 16 + len(units), number, 0) + units
    return out


@case("a thumbnail in Thumbs.db is found by the name of the file that it was made of")
def _(folder):
    place, known, other = set_up(folder)
    head = struct.pack("<III", 12, 1, len(known))
    for version in 3, 4:
        (folder / "Thumbs.db").write_bytes(compound({
            "Catalog": catalog({1: "Brücke.png", 12: "Turm am Meer.png"}),
            "1": head + other, "21": head + bytes(12) + known,
        }, version))
        equal(scanned(place, folder / "Thumbs.db", 1),
              [("Turm am Meer.png thumbnail 12 picture 1.png", "known")])
    # As Windows Vista and later write them on shares: no list, and names of their own.
    (folder / "Thumbs.db").write_bytes(compound({"256_3a8fef0f": head + bytes(12) + known}))
    equal(scanned(place, folder / "Thumbs.db", 1), [("256_3a8fef0f picture 1.png", "known")])


def message(text="", attachments=()):
    out = {"__properties_version1.0": bytes(32), "__substg1.0_0037001F": wide("The lamp"),
           "__substg1.0_1000001F": wide(text), "__substg1.0_10090102": pst_make.RTF}
    for number, (name, content) in enumerate(attachments):
        inside = {"__properties_version1.0": bytes(8), "__substg1.0_3707001F": wide(name)}
        if isinstance(content, dict):
            inside["__substg1.0_3701000D"] = content
        else:
            inside["__substg1.0_37010102"] = content
        out[f"__attach_version1.0_#{number:08X}"] = inside
    return out


@case("what is attached to a message of Outlook is found, in messages within it and in archives")
def _(folder):
    place, known, other = set_up(folder)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.png", known)
    (folder / "letter.msg").write_bytes(compound(message("The lamp is lit.", [
        ("bridge.png", other), ("Leuchtt\u00fcrme.png", known), ("photo.zip", packed.getvalue()),
        ("Old letter", message("Older.", [("b.png", known)]))])))
    row = rows(ward("scan", "-w", place, "--json", folder / "letter.msg", status=1))[0]
    equal([item.get("path", "") for item in row["items"]], [
        "", "body.txt", "body.rtf", "body.rtf!text.txt", "bridge.png", "Leuchtt\u00fcrme.png", "photo.zip", "photo.zip!a.png",
        "Old letter!body.txt", "Old letter!body.rtf",
        "Old letter!body.rtf!text.txt", "Old letter!b.png"])
    equal(row["items"][2]["bytes"], 43)
    equal([finding.get("path") for finding in row["findings"]],
          ["Leuchtt\u00fcrme.png", "photo.zip!a.png", "Old letter!b.png"])


@case("pictures in old Office documents are found, and a locked one is told")
def _(folder):
    place, known, other = set_up(folder)
    blip = struct.pack("<HHI", 0x6e00, 0xf01e, 17 + len(known)) + bytes(17) + known
    (folder / "a.doc").write_bytes(compound({
        "WordDocument": struct.pack("<HHHHHH", 0xa5ec, 193, 0, 0, 0, 0).ljust(4096, b"\0"),
        "1Table": bytes(4096), "Data": bytes(68) + blip}))
    equal(scanned(place, folder / "a.doc", 1), [("Data picture 1.png", "known")])
    (folder / "a.ppt").write_bytes(compound({"PowerPoint Document": bytes(99), "Pictures": blip + blip}))
    equal(scanned(place, folder / "a.ppt", 1),
          [("Pictures picture 1.png", "known"), ("Pictures picture 2.png", "known")])
    native = struct.pack("<IH", 9, 2) + b"t.png\0C:\\t.png\0" + struct.pack("<III", 0, 1, 0)[:4]
    native += struct.pack("<I", 1) + b"\0" + struct.pack("<I", len(known)) + known
    (folder / "a.xls").write_bytes(compound({
        "Workbook": struct.pack("<HH", 0x809, 4) + bytes(4),
        "MBD00": {"\1Ole10Native": native}}))
    equal(scanned(place, folder / "a.xls", 1), [("MBD00/Ole10Native", "known")])
    # A workbook's drawings go on in records of 8224 bytes, whose heads lie within the picture.
    art = bytes(50) + known + bytes(20)
    records = b"".join(struct.pack("<HH", 0x3c if at else 0xeb, len(art[at:at + 8224])) + art[at:at + 8224] for at in range(0, len(art), 8224))
    assert len(art) > 8224
    (folder / "drawn.xls").write_bytes(compound({"WORKBOOK": struct.pack("<HH", 0x809, 4) + bytes(4) + records}))
    equal(scanned(place, folder / "drawn.xls", 1), [("WORKBOOK picture 1.png", "known")])
    # In a record of any other kind it is found as well.
    (folder / "other.xls").write_bytes(compound({"Workbook": struct.pack("<HH", 0x809, 4) + bytes(4) + struct.pack("<HH", 0x7f, 8000)
                                                 + bytes(9) + known}))
    equal(scanned(place, folder / "other.xls", 1), [("Workbook picture 1.png", "known")])
    # PowerPoint packs what other programs put into it; so does Office with drawings, of which it keeps bitmaps.
    inner = zlib.compress(compound({"CONTENTS": known}))
    (folder / "b.ppt").write_bytes(compound({
        "PowerPoint Document": bytes(99) + struct.pack("<HHII", 0x10, 0x1011, 4 + len(inner), 0) + inner}))
    equal(scanned(place, folder / "b.ppt", 1), [("PowerPoint Document picture 1.ole!CONTENTS", "known")])
    (folder / "a.rtf").write_bytes(b"{\\rtf1 The lamp.{\\pict\\pngblip\n" + known.hex().encode() + b"}{\\object{\\*\\objdata "
                                   + (struct.pack("<IIIII", 0x501, 2, 0, 0, 0) + native).hex().encode() + b"}}}")
    equal(scanned(place, folder / "a.rtf", 1), [("picture 1.png", "known"), ("object 1", "known")])
    locked = {"a.doc": ("WordDocument", struct.pack("<HHHHHH", 0xa5ec, 193, 0, 0, 0, 0x100)),
              "a.xls": ("Workbook", struct.pack("<HHIHH", 0x809, 4, 0, 0x2f, 0)),
              "a.ppt": ("Current User", bytes(12) + b"\xdf\xc4\xd1\xf3"),
              "a.docx": ("EncryptedPackage", b"sealed")}
    for name, (stream, content) in locked.items():
        (folder / name).write_bytes(compound({stream: content}))
        equal(scanned(place, folder / name, 1), [(stream, "encrypted")])


@case("a compound file that breaks off gives what is there, and is told")
def _(folder):
    place, known, other = set_up(folder)
    assert len(known) > 4096 or len(other) > 0
    whole = compound({"a": known.ljust(5000, b"\0"), "b": other.ljust(9000, b"\0")})
    (folder / "a.db").write_bytes(whole[:-8192])
    found = scanned(place, folder / "a.db", 1)
    assert ("", "unreadable") in found and ("a", "known") in found, found


# ---- thumbnails of Windows ----

def thumbcache(version, pictures):
    out = struct.pack("<4sIIIII", b"CMMM", version, 4, 24, 0, len(pictures))
    for name, picture in pictures.items():
        units = wide(name)
        between = b"" if version != 20 else wide(".png")[:8].ljust(8, b"\0")
        tail = bytes(20 if version <= 21 else 28)
        head = struct.pack("<III", len(units), 2, len(picture)) + tail
        size = 16 + len(between) + len(head) + len(units) + 2 + len(picture)
        out += b"CMMM" + struct.pack("<IQ", size, 7) + between + head + units + bytes(2) + picture
    return out + struct.pack("<4sI", b"CMMM", 4096).ljust(4096, b"\0")


@case("a thumbnail that Windows kept is found in its cache, of the first version and the last")
def _(folder):
    place, known, other = set_up(folder)
    for version in 20, 32:  # the others are in the unit test
        (folder / "thumbcache_256.db").write_bytes(
            thumbcache(version, {"1a2b": other, "482d656ee647f25e": known}))
        equal(scanned(place, folder / "thumbcache_256.db", 1), [("482d656ee647f25e.png", "known")])


# ---- what macOS keeps of a folder ----

@case("a .DS_Store gives its names, and an image of a disc of UDF alone is told")
def _(folder):
    place, known, other = set_up(folder)
    leaf = struct.pack(">II", 0, 2)
    for name in "bridge.png", "lighthouse.png":
        leaf += struct.pack(">I", len(name)) + name.encode("utf-16-be") + b"IlocblobXXXX"[:8]
        leaf += struct.pack(">I", 16) + bytes(16)
    places = struct.pack(">III", 2048 | 11, 4096 | 5, 8192 | 12)
    listing = struct.pack(">II", 3, 0) + places.ljust(1024, b"\0") + struct.pack(">IB4sI", 1, 4, b"DSDB", 1)
    out = bytearray(12400)
    for at, part in ((0, struct.pack(">I4sIII", 1, b"Bud1", 2048, 2048, 2048)), (4 + 2048, listing),
                     (4 + 4096, struct.pack(">IIIII", 2, 0, 2, 1, 4096)), (4 + 8192, leaf)):
        out[at:at + len(part)] = part
    (folder / "DS_Store").write_bytes(out)
    row = rows(ward("scan", "-w", place, "--json", folder / "DS_Store", status=0))[0]
    equal([(item.get("path"), item["bytes"], item["kind"]) for item in row["items"]][1:],
          [("names.txt", len("bridge.png\nlighthouse.png\n"), "text")])
    disc = bytearray(40960)
    disc[32768:32775] = b"\0BEA01\1"
    (folder / "disc.udf").write_bytes(disc)
    equal(scanned(place, folder / "disc.udf", 1), [("", "unreadable")])


# ---- databases ----

def database(path, page=4096, encoding="UTF-8"):
    path.unlink(missing_ok=True)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(f"PRAGMA page_size={page}")
    db.execute(f"PRAGMA encoding='{encoding}'")
    db.execute("PRAGMA secure_delete=OFF")
    return db


@case("a picture in a column is found by its table, its row and its column")
def _(folder):
    place, known, other = set_up(folder)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.png", known)
    path = folder / "chat.db"
    for page, encoding in (512, "UTF-8"), (65536, "UTF-16be"):
        db = database(path, page, encoding)
        db.execute('CREATE TABLE messages (id INTEGER PRIMARY KEY, words VARCHAR(20), "the picture" BLOB)')
        db.execute("CREATE TABLE packs (name TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID")
        db.execute("CREATE INDEX by_words ON messages (words)")
        for row in range(1, 300):
            db.execute("INSERT INTO messages VALUES (?,?,?)", (row, f"lamp {row}" * 9, bytes(row)))
        db.execute("INSERT INTO messages VALUES (700,'b',?)", (other,))
        db.execute("INSERT INTO messages VALUES (701,'a',?)", (known,))
        db.execute("INSERT INTO messages VALUES (702,'c',?)", (b"bplist00 of a chat" + known + b"end",))
        db.execute("INSERT INTO packs VALUES ('p',?)", (packed.getvalue(),))
        db.close()
        equal(scanned(place, path, 1), [
            ("messages!701!the picture", "known"), ("messages!702!the picture picture 1.png", "known"),
            ("packs!1!column 2!a.png", "known")])


@case("a row that was deleted is found while its pages are there")
def _(folder):
    place, known, other = set_up(folder)
    path = folder / "chat.db"
    db = database(path)
    db.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, picture BLOB)")
    db.execute("CREATE TABLE more (id INTEGER PRIMARY KEY, picture BLOB)")
    for row in range(1, 200):
        db.execute("INSERT INTO messages VALUES (?,?)", (row, bytes(1000)))
    db.execute("INSERT INTO messages VALUES (500,?)", (known,))
    db.execute("DROP TABLE messages")
    db.close()
    found = scanned(place, path, 1)
    equal(found, [("lost!500!column 2", "known")])


@case("what a write-ahead log or a rollback journal beside a database has is found")
def _(folder):
    place, known, other = set_up(folder)
    path = folder / "chat.db"
    db = database(path)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA wal_autocheckpoint=0")
    db.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, picture BLOB)")
    db.execute("INSERT INTO messages VALUES (7,?)", (other,))
    db.execute("INSERT INTO messages VALUES (8,?)", (known,))
    with zipfile.ZipFile(folder / "phone.zip", "w") as archive:
        for name in "chat.db", "chat.db-wal":
            archive.write(folder / name, name)
    equal(scanned(place, folder / "phone.zip", 1), [("chat.db-wal!messages!8!picture", "known")])
    # Deleted, it is in an older image of its page.
    db.execute("DELETE FROM messages WHERE id=8")
    equal(scanned(place, folder / "chat.db-wal", 1), [("lost!8!column 2", "known")])
    db.execute("PRAGMA journal_mode=DELETE")
    db.execute("PRAGMA synchronous=OFF")  # else its mark is written late
    db.execute("INSERT INTO messages VALUES (9,?)", (known,))
    db.execute("BEGIN")
    db.execute("UPDATE messages SET picture=zeroblob(length(picture))")
    found = scanned(place, folder / "chat.db-journal", 1)
    assert [what for _, what in found] == ["known"], found
    db.close()


@case("a picture behind another in a column is found, and one whose row alone was deleted")
def _(folder):
    place, known, other = set_up(folder)
    path = folder / "chat.db"
    db = database(path)
    db.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, picture BLOB)")
    db.execute("INSERT INTO messages VALUES (1,?)", (other + bytes(9) + known,))
    equal(scanned(place, path, 1), [("messages!1!picture!picture 2.png", "known")])
    # The first overflow page that is freed is written over; the next ones are not.
    for row, picture in (2, other), (3, known), (4, b"the end"):
        db.execute("INSERT INTO messages VALUES (?,?)", (row, picture))
    for row in 1, 2, 3:
        db.execute("DELETE FROM messages WHERE id=?", (row,))
    db.close()
    found = scanned(place, path, 1)
    assert any(where.startswith("lost!page") and what == "known" for where, what in found), found


@case("a database that is damaged gives what is there, and is told; one that is sound is clean")
def _(folder):
    place, known, other = set_up(folder)
    path = folder / "chat.db"
    db = database(path)
    db.execute("CREATE TABLE a (picture BLOB)")
    db.execute("CREATE TABLE b (picture BLOB)")
    db.execute("INSERT INTO a VALUES (?)", (other,))
    db.execute("INSERT INTO b VALUES (?)", (other,))
    db.close()
    equal(scanned(place, path, 0), [])
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("UPDATE a SET picture=?", (known,))
    db.close()
    data = bytearray(path.read_bytes())
    data[8192:8192 + 8] = b"\7" * 8  # the root of b
    path.write_bytes(data)
    found = scanned(place, path, 1)
    assert ("a!1!picture", "known") in found and ("", "unreadable") in found, found


run_cases()
