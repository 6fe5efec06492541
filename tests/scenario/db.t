#!/usr/bin/env python3
"""ward db: the store from outside: checked, kept aside, brought back, moved."""
import sqlite3
import stat

from scenario import *

ROOT = pathlib.Path(os.environ.get("WARD_SOURCE_ROOT", "."))
ROWS = 400


def filled(folder, name="place"):
    """A workspace whose log has rows, put there by a writer that is not ward."""
    place = folder / name
    ward("init", place, status=0)
    db = sqlite3.connect(place / "ward.db")
    for number in range(1, ROWS + 1):
        db.execute("INSERT INTO audit_rows VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                   (number, 1767225600, "person:ann", "analyst", "item.opened", f"item:{number}", "",
                    "a bridge, naïve", "{}", bytes(32), bytes([number % 256]) * 32))
    db.commit()
    db.close()
    return place


def log_of(place):
    db = sqlite3.connect(place / "ward.db")
    got = db.execute("SELECT * FROM audit_rows ORDER BY number").fetchall()
    db.close()
    return got


def new(folder, name):
    ward("init", folder / name, status=0)
    return folder / name


@case("init makes a store that is its owner's alone, and check finds it good")
def _(folder):
    place = new(folder, "place")
    equal(stat.S_IMODE((place / "ward.db").stat().st_mode), 0o600)
    assert b"good: SQLite" in ward("db", "check", "-w", place, status=0).stderr


@case("a backup is restored into a new workspace, by file and by pipe")
def _(folder):
    place, copy = filled(folder), folder / "copy.db"
    said = ward("db", "backup", "-w", place, copy, status=0).stderr.decode()
    assert int(said.split(": ")[1].split(" ")[0]) >= ROWS, said
    equal(stat.S_IMODE(copy.stat().st_mode), 0o600)
    equal([p.name for p in folder.glob("copy*")], ["copy.db"])
    one, two = new(folder, "one"), new(folder, "two")
    ward("db", "restore", "-w", one, copy, status=0)
    equal(log_of(one), log_of(place))
    stream = ward("db", "backup", "-w", place, "-", status=0).stdout
    ward("db", "restore", "-w", two, "-", stdin=stream, status=0)
    equal(log_of(two), log_of(place))
    ward("db", "check", "-w", two, status=0)


@case("a store of an older version is backed up as it is, before it is brought to this one")
def _(folder):
    place = folder / "workspace"
    ward("init", place, status=0)
    # The last migration undone by hand: whoever adds one says here how it is undone.
    with sqlite3.connect(place / "ward.db") as store:
        last, = store.execute("SELECT max(number) FROM ward_migration").fetchone()
        store.execute("DELETE FROM ward_migration WHERE number = 18")
        store.execute("ALTER TABLE site_appeals DROP COLUMN applied_at")
    equal(last, 18)
    said = ward("db", "check", "-w", place, status=2).stderr.decode()
    assert 'version 17, and this ward wants 18: run "ward db migrate", after a "ward db backup"' in said, said
    said = ward("db", "backup", "-w", place, folder / "copy", status=0).stderr.decode()
    assert "version 17" in said, said
    ward("db", "check", "-w", place, status=2)
    ward("db", "migrate", "-w", place, status=0)
    assert b"version 18" in ward("db", "check", "-w", place, status=0).stderr
    again = folder / "again"
    ward("init", again, status=0)
    (again / "ward.db").unlink()
    for more in ("-wal", "-shm"):
        (again / f"ward.db{more}").unlink(missing_ok=True)
    ward("db", "restore", "-w", again, folder / "copy", status=0)
    assert b"version 18" in ward("db", "check", "-w", again, status=0).stderr


@case("a backup overwrites nothing, and one that fails leaves nothing")
def _(folder):
    place, copy = filled(folder), folder / "copy.db"
    copy.write_bytes(b"older")
    assert b"overwrites nothing" in ward("db", "backup", "-w", place, copy, status=2).stderr
    equal(copy.read_bytes(), b"older")
    ward("db", "backup", "-w", place, folder / "missing" / "copy.db", status=2)
    equal(sorted(p.name for p in folder.iterdir()), ["copy.db", "place"])


@case("a store that holds a row is not restored into, nor from what is cut or changed")
def _(folder):
    place, copy = filled(folder), folder / "copy.db"
    ward("db", "backup", "-w", place, copy, status=0)
    assert b"not empty" in ward("db", "restore", "-w", place, copy, status=2).stderr
    equal(len(log_of(place)), ROWS)
    whole, other = copy.read_bytes(), new(folder, "other")
    for bad in [whole[:-1], whole[:len(whole) // 2], whole + b"x", b"",
                whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:]]:
        ward("db", "restore", "-w", other, "-", stdin=bad, status=2)
        equal(log_of(other), [])
    ward("db", "restore", "-w", other, copy, status=0)
    equal(log_of(other), log_of(place))


@case("a store that has gone is told, and made anew only when that is asked for")
def _(folder):
    place, copy = filled(folder), folder / "copy.db"
    ward("db", "backup", "-w", place, copy, status=0)
    (place / "ward.db").unlink()
    said = ward("db", "check", "-w", place, status=2).stderr
    assert b"ward db restore" in said and b"ward db migrate" in said, said
    assert not (place / "ward.db").exists()
    ward("db", "restore", "-w", place, copy, status=0)
    equal(len(log_of(place)), ROWS)


@case("a newer ward's store is refused and stays as it is")
def _(folder):
    place = filled(folder)
    db = sqlite3.connect(place / "ward.db")
    db.execute("INSERT INTO ward_migration VALUES (9000, 'later', x'00', 0)")
    db.commit()
    db.close()
    for verb in ["check", "migrate"]:
        assert b"newer ward" in ward("db", verb, "-w", place, status=2).stderr
    equal(len(log_of(place)), ROWS)


@case("damage is found")
def _(folder):
    place = filled(folder)
    with open(place / "ward.db", "r+b") as file:
        size = file.seek(0, 2)
        for page in range(size // 4096 // 2, size // 4096):
            file.seek(page * 4096)
            file.write(b"\x07" * 64)
    assert b"damaged" in ward("db", "check", "-w", place, status=2).stderr


@case("a store goes to PostgreSQL and back")
def _(folder):
    place, back = filled(folder), new(folder, "back")
    server = new(folder, "server")
    copy = folder / "copy.db"
    script = f'''set -e
        "{WARD}" db migrate-to -w {place} "$WARD_TEST_STORE"
        printf 'store {{ place = "%s" }}' "$WARD_TEST_STORE" >{server}/ward.conf
        "{WARD}" db check -w {server} 2>&1 | grep "good: PostgreSQL"
        if "{WARD}" db migrate-to -w {place} "$WARD_TEST_STORE"; then exit 5; fi
        "{WARD}" db backup -w {server} {copy}
        "{WARD}" db restore -w {back} {copy}'''
    done = subprocess.run([ROOT / "tools/postgresql", "--tap", "sh", "-c", script], timeout=120,
                          capture_output=True, text=True, env=environment())
    if "SKIP" in done.stdout:
        raise Skip(done.stdout.split("SKIP ")[1].strip())
    equal((done.returncode, done.stderr if done.returncode else ""), (0, ""))
    equal(log_of(back), log_of(place))


@case("wrong words are told, and an address is not repeated")
def _(folder):
    place = filled(folder)
    for words in [["check", "x"], ["backup"], ["restore"], ["migrate", "x"], ["migrate-to"],
                  ["restore", folder / "none"]]:
        ward("db", *words, "-w", place, status=2)
    # Nor any piece of its password, when that has a sign that an address reads otherwise.
    for address in ["postgresql://ann:lantern@/none?host=/nonexistent",
                    "postgresql://ann:a%zzlantern@/none?host=/nonexistent",
                    "postgresql://ann:1/lantern@/none?host=/nonexistent",
                    "postgresql://ann:lantern/1@/none?host=/nonexistent",
                    "postgresql://ann:a@lantern@localhost:1/none",
                    "postgresql://ann:a/b?lantern=@localhost:1/none",
                    "postgresql://ann:lantern@[::1/none",
                    "mysql://ann:lantern@localhost/none", "PostgreSQL://ann:lantern@localhost/none"]:
        said = ward("db", "migrate-to", "-w", place, address, status=2).stderr
        assert said and b"lantern" not in said, (address, said)
    equal([p.name for p in folder.iterdir()], ["place"])


run_cases()
