#!/usr/bin/env python3
"""ward intake: reports by hand, table and mail, from outside."""
import sqlite3

from scenario import *


def house(folder):
    """A workspace whose vault has its keys."""
    place = folder / "workspace"
    ward("init", place, status=0)
    ward("vault", "init", "-w", place, status=0)
    return place


def count(place, sql):
    db = sqlite3.connect(place / "ward.db")
    try:
        return db.execute(sql).fetchone()[0]
    finally:
        db.close()


@case("nothing is taken while the vault has no keys, and nothing is left behind")
def _(folder):
    place = folder / "workspace"
    ward("init", place, status=0)
    table, maildir = folder / "reports.csv", folder / "mail"
    table.write_text("kind,value\nurl,https://example.org/\n")
    for name in ("new", "cur", "tmp"):
        (maildir / name).mkdir(parents=True)
    (maildir / "new/1.a").write_text("Subject: x\n\na bridge\n")
    for words in (["add", "--url", "https://example.org/"], ["csv", table]):
        done = ward("intake", words[0], "-w", place, *words[1:], status=2)
        assert b"no keys" in done.stderr and not done.stdout, done
    done = ward("intake", "mail", "-w", place, maildir, status=2)
    equal(done.stdout, b"0 added, 0 there already, 1 not taken\n")
    assert (maildir / "new/1.a").exists()
    equal(count(place, "SELECT COUNT(*) FROM intake_reports"), 0)
    equal(ward("intake", "ls", "-w", place, "--json", status=0).stdout, b"")


@case("what makes no sense is told with what to write, and repeats nothing")
def _(folder):
    place = folder / "workspace"
    ward("init", place, status=0)
    for wrong in (["--reporter", "lighthouse"], ["--urgency", "lighthouse"], []):
        done = ward("intake", "add", "-w", place, *wrong, status=2)
        assert done.stderr and b"lighthouse" not in done.stderr, done.stderr
    ward("intake", "show", "-w", place, "0190", status=2)
    ward("intake", "mail", "-w", place, status=2)


@case("a report by hand is there once, and its items say what they are like")
def _(folder):
    place = house(folder)
    picture = draw_png(folder / "bridge.png", bridge)
    words = ["--url", "HTTP://Example.org:80/a/../b", "--reporter", "parent", "--key", "call-7", "--receipt"]
    first = ward("intake", "add", "-w", place, *words, picture, status=0).stdout.decode().split("\n")
    again = ward("intake", "add", "-w", place, *words, picture, status=0)
    equal(again.stdout.decode().split("\n"), first)
    assert b"already" in again.stderr
    equal(len(first[1].split()), 6)
    ward("intake", "add", "-w", place, "-u", "https://example.org/b#x", picture, status=0)
    reports = rows(ward("intake", "ls", "-w", place, "--json", status=0))
    equal([(r["channel"], r["reporter"], r["receipt"]) for r in reports],
          [("console", "public", False), ("console", "parent", True)])
    shown = rows(ward("intake", "show", "-w", place, "--json", reports[0]["id"], status=0))[0]
    equal([(i["kind"], i["alike"], i["sealed"]) for i in shown["items"]],
          [("url", "form", True), ("media", "digest", True)])
    # Nothing of what was sent lies in the store or the vault in the clear.
    for file in [place / "ward.db", *(place / "vault").rglob("*")]:
        if file.is_file():
            assert b"example.org/b#x" not in file.read_bytes(), file


@case("what comes in is kept as long as the workspace's own table of clocks says")
def _(folder):
    place = house(folder)
    share = pathlib.Path(__file__).resolve().parents[2] / "share/legal-clocks.json"
    table = json.loads(share.read_text())
    next(clock for clock in table["clocks"] if clock["code"] == "own")["keep"] = "P100Y"
    (place / "legal-clocks.json").write_text(json.dumps(table))
    ward("intake", "add", "-w", place, "--text", "a bridge", status=0)
    hold = rows(ward("vault", "holds", "-w", place, "--json", status=0))[0]
    equal(int(hold["end"][:4]), int(hold["start"][:4]) + 100)


@case("a table and a Maildir are taken once")
def _(folder):
    place = house(folder)
    table = folder / "reports.csv"
    table.write_text('kind,value,reporter\nurl,https://example.org/1,police\ntext,"a, bridge",\nlight,x,\n')
    done = ward("intake", "csv", "-w", place, table, status=2)
    equal(done.stdout, b"2 added, 0 there already, 1 not taken\n")
    assert b"line 4" in done.stderr, done.stderr
    done = ward("intake", "csv", "-w", place, table, status=2)
    equal(done.stdout, b"0 added, 2 there already, 1 not taken\n")
    maildir = folder / "mail"
    for name in ("new", "cur", "tmp"):
        (maildir / name).mkdir(parents=True)
    (maildir / "new/1.a").write_text("Subject: x\n\na bridge\n")
    (place / "ward.conf").write_text(f'intake {{ maildir = "{maildir}" }}\n')
    done = ward("intake", "mail", "-w", place, status=0)
    equal(done.stdout, b"1 added, 0 there already, 0 not taken\n")
    assert (maildir / "cur/1.a:2,S").exists()


run_cases()
