#!/usr/bin/env python3
"""ward audit: the log from outside, and the ways to change it behind its back."""
import sqlite3
import stat

from scenario import *


def row_digest(previous, number, at, *texts):
    """What src/audit/audit.c says is digested, in another language."""
    import hashlib
    data = b"ward.audit.1\0" + struct.pack("<Qq", number, at)
    for text in texts:
        data += struct.pack("<I", len(text.encode())) + text.encode()
    return hashlib.sha256(data + previous).digest()


def logged(folder, count=5):
    """A workspace whose log has some rows, put there by a writer that is not ward."""
    place = workspace(folder)
    ward("audit", "verify", "-w", place, status=0)
    db, previous = sqlite3.connect(place / "ward.db"), bytes(32)
    first = db.execute("SELECT number, digest FROM audit_head").fetchone()
    start, previous = first[0], first[1] or bytes(32)
    for number in range(start + 1, start + count + 1):
        texts = ("person:ann", "analyst", "item.opened" if number % 2 else "item.sealed", f"item:{number}", "",
                 "it is a bridge", "{}")
        digest = row_digest(previous, number, 1767225600 + number, *texts)
        db.execute("INSERT INTO audit_rows VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                   (number, 1767225600 + number, *texts, previous, digest))
        previous = digest
    db.execute("UPDATE audit_head SET number = ?, digest = ?", (start + count, previous))
    db.commit()
    db.close()
    return place


def tamper(place, sql):
    db = sqlite3.connect(place / "ward.db")
    db.executescript(sql)
    db.commit()
    db.close()


@case("a log is verified, signed, and shown newest first")
def _(folder):
    place = logged(folder)
    answer = rows(ward("audit", "verify", "-w", place, "--json", status=0))[0]
    equal((answer["well"], answer["what"], answer["row"], answer["rows"]), (True, None, None, 5))
    line = ward("audit", "checkpoint", "-w", place, status=0).stdout
    equal((place / "audit/checkpoints").read_bytes(), line)
    equal(stat.S_IMODE((place / "audit/checkpoints").stat().st_mode), 0o600)
    equal(stat.S_IMODE((place / "keys/signing.key").stat().st_mode), 0o600)
    # Signing what is signed already adds nothing.
    equal(ward("audit", "checkpoint", "-w", place, status=0).stdout, line)
    equal((place / "audit/checkpoints").read_bytes(), line)
    answer = rows(ward("audit", "verify", "-w", place, "--json", status=0))[0]
    equal((answer["checkpoints"], answer["checkpoints_in_file"], answer["newest_signed"]), (1, 1, 5))
    shown = rows(ward("audit", "show", "-w", place, "--json", status=0))
    equal([row["number"] for row in shown], [5, 4, 3, 2, 1])
    equal((shown[0]["actor"], shown[0]["reason"], shown[0]["digest"]),
          ("person:ann", "it is a bridge", None))


@case("rows are asked for by what they are about, and by the page")
def _(folder):
    place = logged(folder)

    def numbers(*options):
        return [row["number"] for row in
                rows(ward("audit", "show", "-w", place, "--json", *options, status=0))]
    equal(numbers("--object", "item:3"), [3])
    equal(numbers("--action", "item.sealed"), [4, 2])
    equal(numbers("--action", "item.", "--max", 2), [5, 4])
    equal(numbers("--before", 4, "--max", 2), [3, 2])
    equal(numbers("--actor", "person:bob"), [])
    equal(numbers("--since", "2026-01-01T00:00:03Z", "--until", "2026-01-01T00:00:05Z"), [4, 3])
    ward("audit", "show", "-w", place, "--since", "soon", status=2)


@case("each thing that is wrong is told with its row, and by the exit status")
def _(folder):
    for sql, row, words in (
            ("UPDATE audit_rows SET reason = 'it is a boat' WHERE number = 2", 2, "was changed"),
            ("DELETE FROM audit_rows WHERE number = 3", 3, "is missing"),
            ("DELETE FROM audit_rows WHERE number = 5", 5, "was signed"),
            ("UPDATE audit_head SET number = 4", 5, "rows were added"),
            ("DELETE FROM audit_checkpoints", 5, "no longer in the store"),
            ("UPDATE audit_checkpoints SET at = at + 1", 5, "signature")):
        (folder / str(row)).mkdir(exist_ok=True)
        inside = pathlib.Path(tempfile.mkdtemp(dir=folder))
        place = logged(inside)
        ward("audit", "checkpoint", "-w", place, status=0)
        tamper(place, sql)
        answer = rows(ward("audit", "verify", "-w", place, "--json", status=1))[0]
        equal((answer["well"], answer["row"]), (False, row))
        assert words in answer["what"], (sql, answer["what"])
        done = ward("audit", "verify", "-w", place, status=1)
        assert done.stdout.startswith(b"WRONG: "), done.stdout


@case("a copy that gets the newest checkpoint each day is well on a day without a new row")
def _(folder):
    place, copy = logged(folder), folder / "copy"
    line = ward("audit", "checkpoint", "-w", place, status=0).stdout
    copy.write_bytes(line + ward("audit", "checkpoint", "-w", place, status=0).stdout)
    equal(copy.read_bytes(), 2 * line)
    answer = rows(ward("audit", "verify", "-w", place, "-c", copy, "--json", status=0))[0]
    equal((answer["well"], answer["checkpoints"], answer["checkpoints_in_file"]), (True, 1, 1))


@case("a log that was written and signed anew is found by a copy kept elsewhere")
def _(folder):
    (folder / "one").mkdir()
    (folder / "two").mkdir()
    place, other = logged(folder / "one"), logged(folder / "two", 6)
    (folder / "pub").write_bytes(ward("audit", "key", "-w", place, status=0).stdout)
    (folder / "copy").write_bytes(ward("audit", "checkpoint", "-w", place, status=0).stdout)
    ward("audit", "verify", "-w", place, "-k", folder / "pub", "-c", folder / "copy", status=0)
    ward("audit", "checkpoint", "-w", other, status=0)
    done = ward("audit", "verify", "-w", other, "-k", folder / "pub", status=1)
    assert b"another key" in done.stdout, done.stdout
    # The same key in the other place: then the copy alone tells.
    for name in ("signing.key", "signing.pub"):
        shutil.copy(place / "keys" / name, other / "keys" / name)
    tamper(other, "DELETE FROM audit_checkpoints")
    (other / "audit/checkpoints").unlink()
    ward("audit", "checkpoint", "-w", other, status=0)
    ward("audit", "verify", "-w", other, "-k", folder / "pub", status=0)
    done = ward("audit", "verify", "-w", other, "-k", folder / "pub", "-c", folder / "copy", status=1)
    assert b"WRONG" in done.stdout, done.stdout


@case("an empty log is well, and there is nothing in it to sign")
def _(folder):
    place = workspace(folder)
    ward("audit", "verify", "-w", place, status=0)
    done = ward("audit", "checkpoint", "-w", place, status=2)
    assert b"the log is empty" in done.stderr, done.stderr
    ward("audit", "verify", "-w", place, "-c", folder / "missing", status=2)
    ward("audit", "verify", "-w", place, "-k", folder / "missing", status=2)


@case("words of a row do not steer the terminal that shows them")
def _(folder):
    place = logged(folder)
    tamper(place, "UPDATE audit_rows SET reason = 'a' || char(27) || '[2Jb' || char(155) WHERE number = 5")
    shown = ward("audit", "show", "-w", place, status=0).stdout
    assert b"a?[2Jb?" in shown and b"\x1b" not in shown and "\x9b".encode() not in shown, shown


run_cases()
