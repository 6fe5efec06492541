#!/usr/bin/env python3
"""ward init, policy and key, and what ward.conf does to the other verbs."""
import stat

from scenario import *

MD5 = "e1747fb2ef9c4aa0f54a76d3e4a7588a"


def new_workspace(folder, conf=None):
    place = folder / "workspace"
    ward("init", place, status=0)
    if conf is not None:
        (place / "ward.conf").write_text(conf)
    return place


@case("a new workspace is for its owner alone, and is made once")
def _(folder):
    place = new_workspace(folder)
    equal(stat.S_IMODE(place.stat().st_mode), 0o700)
    for inside in place.iterdir():
        equal(stat.S_IMODE(inside.stat().st_mode), 0o700 if inside.is_dir() else 0o600)
    (place / "ward.conf").write_text("# mine\n")
    done = ward("init", place, status=2)
    assert b"workspace already" in done.stderr, done.stderr
    equal((place / "ward.conf").read_text(), "# mine\n")


@case("the ward.conf that init writes says the defaults, and says them right")
def _(folder):
    place = new_workspace(folder)
    text = (place / "ward.conf").read_text()
    before = ward("policy", "show", "-w", place, status=0).stdout
    assert b'rule "known"' in before
    # Every line that is commented out is a line that may stand there.
    (place / "ward.conf").write_text("".join(
        line.split("#", 1)[1].split(" # ")[0].rstrip() + "\n"
        if line.lstrip().startswith("#") and ("=" in line or "rule" in line or line == "# }")
        and "Rules:" not in line and "rules" not in line else
        line + "\n" if not line.startswith("#") else "" for line in text.splitlines()))
    equal(ward("policy", "show", "-w", place, status=0).stdout, before)


@case("a mistake in ward.conf is told with its line by every verb")
def _(folder):
    place = new_workspace(folder, "scan {\n\tradius = 31\n\ttime_mx = 3s\n}\n")
    for verb in (["list", "ls"], ["scan", folder], ["match", MD5], ["policy", "show"]):
        done = ward(verb[0], *verb[1:], "-w", place, status=2)
        assert b"ward.conf:3: " in done.stderr and b"time_max" in done.stderr, done.stderr


@case("files are included from below the workspace and from nowhere else")
def _(folder):
    place = new_workspace(folder, '.include "rules.conf"\n')
    (place / "rules.conf").write_text('rule "mine" { verdict = hold }\n')
    assert b'rule "mine"' in ward("policy", "show", "-w", place, status=0).stdout
    (folder / "outside.conf").write_text('rule "outside" { verdict = hold }\n')
    (place / "link.conf").symlink_to(folder / "outside.conf")
    for name in ("../outside.conf", str(folder / "outside.conf"), "link.conf", "missing.conf",
                 "ward.conf"):
        (place / "ward.conf").write_text(f'\n.include "{name}"\n')
        done = ward("policy", "show", "-w", place, status=2)
        assert b"ward.conf:" in done.stderr, done.stderr


@case("settings stand behind the options of scan and match")
def _(folder):
    one = "a448cb33f332c7335ce230cc8ddcda3327dd5a8aa5760f6df02227ddd8208d74"
    by_8 = "5b48cb33f332c7335ce230cc8ddcda3327dd5a8aa5760f6df02227ddd8208d74"
    place = workspace(folder, first=["pdq:" + one])
    (place / "ward.conf").write_text("scan { radius = 7 }\n")
    ward("match", "-w", place, by_8, status=0)
    ward("match", "-w", place, "--radius", 8, by_8, status=1)
    (place / "ward.conf").write_text("scan { radius = 8; bytes_max = 10 }\n")
    ward("match", "-w", place, by_8, status=1)
    picture = draw_png(folder / "bridge.png", bridge)
    row = rows(ward("scan", "-w", place, "--json", picture, status=1))[0]
    equal(row["findings"][0]["kind"], "limit")


@case("policy test tells which rule decides about a finding, and why the others do not")
def _(folder):
    place = new_workspace(folder, """
rule "ours" { finding = known near; list = ours; distance_max = 10; verdict = block
    queue = first; priority = 99 }
rule "others" { finding = [known, near]; disputed_max = 0; verdict = hold; queue = "second" }
rule "good" { finding = allowed; verdict = allow }
""")
    findings = folder / "findings.json"
    findings.write_text(json.dumps({"kind": "near", "list": "ours", "distance": 11}) + "\n" +
                        json.dumps([{"kind": "known", "list": "theirs", "disputed": 2},
                                    {"kind": "near", "list": "ours", "distance": 10}]) + "\n" +
                        json.dumps({"findings": []}) + "\n")
    answers = rows(ward("policy", "test", "-w", place, "--json", findings, status=1))
    equal([(a["verdict"]["kind"], a["verdict"]["rule"], a["verdict"]["queue"]) for a in answers],
          [("hold", "others", "second"), ("block", "ours", "first"), ("allow", "default", "")])
    equal(answers[0]["rules"], [{"name": "ours", "matches": False, "misses": ["distance"]},
                                {"name": "others", "matches": True, "finding": 0}])
    equal(answers[1]["rules"][0]["finding"], 1)
    equal([rule["matches"] for rule in answers[2]["rules"]], [False, False, False])
    text = ward("policy", "test", "-w", place, findings, status=1).stdout.decode()
    assert 'rule ours: does not match (finding 1 fails "distance")' in text, text
    assert "rule others: decides (finding 1)" in text and "not asked" in text, text
    done = ward("policy", "test", "-w", place, "-", stdin=b'{"kind":"allowed"}', status=0)
    assert b"by rule good" in done.stdout, done.stdout


@case("policy test scans files, and takes what scan printed")
def _(folder):
    place = workspace(folder, letters=["b1946ac92492d2347c6235b4d2611184"])
    (folder / "hello.txt").write_text("hello\n")
    done = ward("policy", "test", "-w", place, folder / "hello.txt", status=1)
    assert b"block" in done.stdout and b"rule known: decides" in done.stdout, done.stdout
    scanned = ward("scan", "-w", place, "--json", folder / "hello.txt", status=1).stdout
    done = ward("policy", "test", "-w", place, "-", stdin=scanned, status=1)
    assert b"rule known: decides" in done.stdout and b"hello.txt" in done.stdout, done.stdout


@case("a score may hold and never block, whatever the rules say")
def _(folder):
    place = new_workspace(folder, 'rule "all" { verdict = block }\n')
    answer = rows(ward("policy", "test", "-w", place, "--json", "-", status=1,
                       stdin=b'{"kind":"score","score":1}'))[0]
    equal((answer["verdict"]["kind"], answer["verdict"]["softened"]), ("hold", True))


@case("findings that make no sense are told without repeating them")
def _(folder):
    place = new_workspace(folder)
    for wrong in (b'{"kind":"lighthouse"}', b'{"kind":"near","distance":"lighthouse"}',
                  b'{lighthouse', b'[{"kind":"near","labels":["lighthouse",3]}]', b'"lighthouse"',
                  b'{"findings":{"lighthouse":1}}'):
        done = ward("policy", "test", "-w", place, "-", stdin=wrong, status=2)
        assert done.stderr and b"lighthouse" not in done.stderr, done.stderr


@case("a key is shown once, and the workspace keeps nothing that opens")
def _(folder):
    place = new_workspace(folder)
    done = ward("key", "add", "-w", place, "frontend", "--scope", "scan,read", "--rate", 600,
                "--expires", "2099-01-01", status=0)
    token = done.stdout.decode().strip()
    assert token.startswith("ward_") and len(token) == 48, token
    for file in place.rglob("*"):
        if file.is_file():
            equal(stat.S_IMODE(file.stat().st_mode) & 0o077, 0)
            assert token.encode()[5:] not in file.read_bytes(), file
    key = rows(ward("key", "ls", "-w", place, "--json", status=0))[0]
    equal((key["name"], key["scopes"], key["rate"], key["expires"]),
          ("frontend", ["scan", "read"], 600, "2099-01-01T00:00:00Z"))
    done = ward("key", "add", "-w", place, "frontend", status=2)
    assert b"there is a key named frontend" in done.stderr, done.stderr
    ward("key", "remove", "-w", place, "frontend", status=0)
    ward("key", "remove", "-w", place, "frontend", status=2)
    equal(ward("key", "ls", "-w", place, "--json", status=0).stdout, b"")


@case("a key that makes no sense is refused with what to write")
def _(folder):
    place = new_workspace(folder)
    for wrong in (["a b"], ["x" * 64], ["a", "--scope", "root"], ["a", "--expires", "soon"],
                  ["a", "--expires", "2001-01-01"], ["a", "--rate", "-1"], []):
        done = ward("key", "add", "-w", place, *wrong, status=2)
        assert done.stderr and not done.stdout, (wrong, done)
    equal(ward("key", "ls", "-w", place, "--json", status=0).stdout, b"")


@case("every verb and action has help, and none takes an option that it does not have")
def _(folder):
    table = ward("--table", status=0).stdout.decode()
    for line in table.splitlines():
        verb, action, option = line.split("\t")[:3]
        if option:
            continue
        words = [verb] + ([action] if action else [])
        assert ward(*words, "--help", status=0).stdout.startswith(b"usage: ward " +
                                                                  " ".join(words).encode())
        ward(*words, "--lighthouse", status=2)


run_cases()
