#!/usr/bin/env python3
"""ward vault and ward verify, from outside: keys, holds, the end of an item, and its way out."""
import re
import sqlite3
import stat

from scenario import *

PEOPLE = BUILD / "tests/vault_people"
PHRASES = {"mara": "a quiet harbour in the fog", "jon": "seven boats upon the water",
           "ines": "the keeper climbs the tower"}


def helper(*args):
    done = subprocess.run([PEOPLE, *map(str, args)], capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def phrases(*logins):
    return "".join(PHRASES[login] + "\n" for login in logins).encode()


def vault(place, *args, as_=(), status=0):
    """Runs an action of the vault; `as_` is who does it, and who is the second."""
    who = [word for pair in zip(("--as", "--second"), as_) for word in pair]
    return ward("vault", args[0], "-w", place, *who, *args[1:], stdin=phrases(*as_), status=status)


def filled(folder, items=1):
    """A workspace with three people, a vault, its shares, and items."""
    place = workspace(folder)
    for login in ("mara", "jon", "ines"):
        helper("person", place, login, "senior", PHRASES[login])
    printed = vault(place, "init", "--give", "review=mara", "--give", "filing=jon").stdout.decode()
    shares = {"master": [], "backup": []}
    for text in re.split(r"\n\n", printed.strip()):
        key = re.search(r'the key "(\w+)"', text).group(1)
        path = folder / f"{key}-{len(shares[key]) + 1}"
        path.write_text(text + "\n")
        shares[key].append(path)
    ids = []
    for number in range(items):
        text = folder / f"text-{number}"
        text.write_text(f"what somebody wrote of lighthouse {number}")
        ids.append(helper("item", place, text, "report:7"))
    return place, shares, ids


@case("keys are made once, and the shares tell what they are of")
def _(folder):
    place, shares, _ = filled(folder, 0)
    equal([len(shares["master"]), len(shares["backup"])], [3, 5])
    vault(place, "init", status=2)
    done = vault(place, "shares", *shares["master"], *shares["backup"]).stdout.decode()
    assert 'share 2 of 3 of the key "master", generation 1; any 2 open it' in done, done
    keys = {row["name"]: row for row in rows(vault(place, "keys", "--json"))}
    equal(sorted(keys), ["backup", "filing", "master", "review"])
    equal(len(keys["review"]["holders"]), 1)
    slip = folder / "slip"
    text = shares["backup"][1].read_text().splitlines()
    words = text[3].split()
    words[1] = ("g" if words[1][0] == "b" else "b") + words[1][1:]
    slip.write_text("\n".join([*text[:3], " ".join(words), *text[4:]]))
    done = vault(place, "shares", slip, status=1).stdout.decode()
    assert "line 2 is not as it was printed" in done, done


@case("an item is listed and shown without being opened")
def _(folder):
    place, _, ids = filled(folder, 2)
    listed = rows(vault(place, "ls", "--json"))
    equal(sorted(row["id"] for row in listed), sorted(ids))
    shown = rows(vault(place, "show", ids[0]))[0]
    equal(shown["bytes"], len("what somebody wrote of lighthouse 0"))
    equal([hold["basis"] for hold in shown["holds"]], ["own"])
    equal([row["action"] for row in shown["custody"]], ["item.sealed"])
    vault(place, "show", "nothing", status=2)
    assert "no legal advice" in vault(place, "clocks").stderr.decode()


@case("a package is exported by two, checked by a stranger, and opened by its recipient")
def _(folder):
    place, _, ids = filled(folder, 2)
    secret, package, out = folder / "secret", folder / "package.tar", folder / "out"
    public = ward("verify", "--new-secret", secret, status=0).stdout.decode().strip()
    equal(stat.S_IMODE(secret.stat().st_mode), 0o600)
    words = ("export", *ids, "-o", package, "--recipient", "harbour police", "--to", public,
             "--reason", "letter 9")
    vault(place, *words, as_=("mara", "mara"), status=2)
    vault(place, *words, as_=("mara",), status=2)
    assert not package.exists()
    vault(place, *words, as_=("mara", "jon"))
    vault(place, *words, as_=("mara", "jon"), status=2)  # it is there
    equal(stat.S_IMODE(package.stat().st_mode), 0o600)
    told = rows(ward("verify", "--json", package, status=0))[0]
    equal((told["items"], told["payloads"], told["trusted"]), (2, "sealed", False))
    assert told["checkpoint_row"] > 0
    key = place / "keys/signing.pub"
    equal(rows(ward("verify", "--json", "--key", key, package, status=0))[0]["trusted"], True)
    equal(key.read_text().strip(), told["signer"])
    ward("verify", "--key", "ed25519:" + "A" * 43 + "=", package, status=1)
    ward("verify", "--open", ids[1], "--secret", secret, "-o", out, package, status=0)
    equal(out.read_text(), "what somebody wrote of lighthouse 1")
    ward("verify", "--open", ids[1], "--secret", secret, "-o", out, package, status=2)
    ward("verify", "--new-secret", folder / "other", status=0)
    ward("verify", "--open", ids[1], "--secret", folder / "other", "-o", folder / "not", package,
         status=2)
    assert not (folder / "not").exists()
    changed = bytearray(package.read_bytes())
    changed[-1200] ^= 1
    package.write_bytes(changed)
    ward("verify", package, status=1)


@case("a package is checked by hand, as its VERIFY.txt says")
def _(folder):
    place, _, ids = filled(folder)
    package, box = folder / "package.tar", folder / "box"
    vault(place, "export", ids[0], "-o", package, "--recipient", "a court\x9b7m\x1b[7m", "--clear",
          "--reason", "an order", as_=("mara", "jon"))
    # What could steer a terminal is not printed.
    assert b" for a court?7m?[7m\n" in ward("verify", package, status=0).stdout
    box.mkdir()
    commands = """
        tar xf ../package.tar
        { printf 'ward.package\\0'; openssl dgst -sha256 -binary manifest.json; } > statement
        openssl pkeyutl -verify -pubin -inkey signing.pem -rawin -in statement -sigfile manifest.sig
        openssl pkey -pubin -in signing.pem -outform DER | tail -c 32 | base64
        sha256sum VERIFY.txt custody.jsonl items/*
    """
    done = subprocess.run(["sh", "-e", "-c", commands], cwd=box, capture_output=True, timeout=60)
    equal(done.returncode, 0)
    lines = done.stdout.decode().splitlines()
    equal(lines[0], "Signature Verified Successfully")
    equal("ed25519:" + lines[1], (place / "keys/signing.pub").read_text().strip())
    manifest = json.loads((box / "manifest.json").read_text())
    equal([line.split() for line in lines[2:]],
          [[member["sha256"], member["name"]] for member in manifest["members"]])
    for line in (box / "VERIFY.txt").read_text().splitlines():
        assert len(line) <= 78, line
    for command in commands.split("\n"):
        word = command.strip().split("-in statement")[0].split(" > ")[0].replace("../package.tar", "FILE")
        assert word.strip() in (box / "VERIFY.txt").read_text(), word
    equal((box / f"items/{ids[0]}").read_text(), "what somebody wrote of lighthouse 0")


@case("a package's manifest is as its schema says")
def _(folder):
    try:
        import jsonschema
    except ImportError:
        raise Skip("there is no jsonschema here") from None
    schema = pathlib.Path(__file__).resolve().parents[2] / "docs/package.schema.json"
    place, _, ids = filled(folder)
    public = ward("verify", "--new-secret", folder / "secret", status=0).stdout.decode().strip()
    for name, words in (("clear", ["--clear"]), ("sealed", ["--to", public])):
        package = folder / name
        vault(place, "export", ids[0], "-o", package, "--recipient", "a court", *words,
              "--reason", "an order", as_=("mara", "jon"))
        text = subprocess.run(["tar", "xOf", package, "manifest.json"], capture_output=True,
                              check=True, timeout=60).stdout
        jsonschema.validate(json.loads(text), json.loads(schema.read_text()))


@case("holds are placed, renewed and released, and what is due is destroyed by two")
def _(folder):
    place, _, ids = filled(folder, 2)
    vault(place, "hold", ids[0], "-b", "us-2703-f", as_=("mara",), status=2)
    hold = vault(place, "hold", ids[0], "-b", "us-2703-f", "--reference", "letter 9", "--reason",
                 "they asked", as_=("mara",)).stdout.decode().strip()
    vault(place, "renew", hold, "--reference", "letter 10", as_=("jon",))
    row = next(row for row in rows(vault(place, "holds", ids[0], "--json")) if row["id"] == hold)
    equal((row["renewals"], row["reference"], row["authority"]), (1, "letter 10", True))
    own = next(row["id"] for row in rows(vault(place, "holds", ids[0], "--json"))
               if row["basis"] == "own")
    equal(vault(place, "purge").stdout, b"")
    for one in (hold, own):
        vault(place, "release", one, "--reason", "over", as_=("mara", "mara"), status=2)
        vault(place, "release", one, "--reason", "over", as_=("mara", "jon"))
    equal(vault(place, "purge").stdout.decode().split()[0], ids[0])
    vault(place, "purge", "--destroy", ids[1], "--reason", "over", as_=("mara", "jon"), status=2)
    vault(place, "purge", "--destroy", "--reason", "over", as_=("mara", "jon"))
    shown = rows(vault(place, "show", ids[0]))[0]
    equal(shown["destruction"]["bases"], "own, us-2703-f")
    assert not (place / "vault" / ids[0][-2:] / f"{ids[0]}.sealed").exists()
    assert (place / "vault" / ids[1][-2:] / f"{ids[1]}.sealed").exists()
    vault(place, "check")


@case("a role is given by who holds it, by shares, and replaced when somebody leaves")
def _(folder):
    place, shares, ids = filled(folder)
    out = folder / "a"
    words = ("export", ids[0], "-o", out, "--recipient", "x", "--clear", "--reason", "y")
    vault(place, *words, as_=("ines", "jon"), status=2)
    vault(place, "give", "filing", "ines", as_=("mara",), status=2)  # she does not hold it
    vault(place, "give", "review", "ines", as_=("mara",))
    vault(place, *words, as_=("ines", "jon"))
    out.unlink()
    vault(place, "rotate", "review", "--without", "ines", as_=("mara",))
    vault(place, *words, as_=("ines", "jon"), status=2)
    vault(place, "take", "review", "mara", "--reason", "she left", as_=("jon",))
    vault(place, *words, as_=("mara", "jon"), status=2)
    two = [word for path in shares["master"][1:] for word in ("--share", path)]
    vault(place, "unlock", "review", "ines", *two[:2], "--reason", "z", as_=("mara", "jon"), status=2)
    vault(place, "unlock", "review", "ines", *two, "--reason", "z", as_=("mara", "mara"), status=2)
    vault(place, "unlock", "review", "ines", *two, "--reason", "nobody holds it",
          as_=("mara", "jon"))
    vault(place, *words, as_=("ines", "jon"))
    ward("audit", "verify", "-w", place, status=0)


@case("keys are listed, however often they were rotated")
def _(folder):
    place, _, _ = filled(folder, 0)
    columns = "name, split, needed, shares, public_key, made_at"
    db = sqlite3.connect(place / "ward.db")
    for number in range(2, 72):
        db.execute(f"INSERT INTO vault_keys (id, generation, retired_at, {columns}) "
                   f"SELECT 'old-' || ?1, ?1, 1, {columns} FROM vault_keys "
                   "WHERE name = 'review' AND generation = 1", (number,))
    db.commit()
    db.close()
    equal([row["name"] for row in rows(vault(place, "keys", "--json"))],
          ["filing", *["review"] * 71, "backup", "master"])


@case("a wrong phrase, and a role that may not, are refused")
def _(folder):
    place, _, ids = filled(folder)
    helper("person", place, "otto", "trainee", "a long and winding phrase")
    done = ward("vault", "hold", "-w", place, ids[0], "-b", "own", "--as", "mara",
                stdin=b"not her phrase at all\n", status=2)
    assert b"not the vault phrase" in done.stderr
    done = ward("vault", "hold", "-w", place, ids[0], "-b", "own", "--as", "otto",
                stdin=b"a long and winding phrase\n", status=2)
    assert b"vault.hold" in done.stderr
    ward("vault", "hold", "-w", place, ids[0], "-b", "own", status=2)
    ward("vault", "hold", "-w", place, ids[0], "-b", "own", "--as", "nobody", stdin=b"x\n", status=2)


@case("a check finds what was damaged behind its back")
def _(folder):
    place, _, ids = filled(folder, 3)
    equal(vault(place, "check").stdout, b"")
    path = place / "vault" / ids[1][-2:] / f"{ids[1]}.sealed"
    data = bytearray(path.read_bytes())
    data[70] ^= 1
    path.write_bytes(data)
    (place / "vault" / ids[2][-2:] / f"{ids[2]}.sealed").unlink()
    done = vault(place, "check", status=1).stdout.decode().split()
    equal(sorted(zip(done[::2], done[1::2])), [("damaged", ids[1]), ("missing", ids[2])])


run_cases()
