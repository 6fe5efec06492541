#!/usr/bin/env python3
"""A bucket as the agent's source, from a server of our own that checks each request's signature."""
import time

import elsewhere
from bucket import *
from scenario import *

STAGE = BUILD / "src/agent/s3_stage"


def stage(folder, store, *names, url=None, reader=None):
    keys = folder / "keys"
    keys.write_text(store.keys)
    done = subprocess.run([STAGE, url or store.url, keys, *names], capture_output=True, timeout=60,
                          env=environment(WARD_BUCKET=str(reader or BUILD / "src/bin/ward-bucket")))
    equal(done.returncode, 0)
    return [line.split(" ", 1) for line in done.stdout.decode().splitlines()]


def until(what, says, seconds=20):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, says()
        time.sleep(.03)


@case("every page of a list is read, and every name opens what it stands for")
def _(folder):
    keys = ["a.png", "b c+d&e.png", "caf\u00e9/lamp=1.png", "d/../e", "f%20g", "h/", "i", "j~_-.k", "(l)*'!"]
    with bucket() as store:
        for key in keys:
            store.put(key, b"body of " + key.encode(), 1767225600)
        store.put("nothing", b"")
        told = stage(folder, store, *("s3:harbour/" + key for key in keys))
        objects = [words for kind, words in told if kind == "object"]
        opened = [words for kind, words in told if kind == "opened"]
        equal([words for kind, words in told if kind == "failed"], [])
        equal(sorted(words.rsplit(" ", 3)[0] for words in objects), sorted("s3:harbour/" + key for key in keys))
        equal(sum("list-type" in path for path in store.asked), 4)
        equal(sorted(store.fetched), sorted(keys))
        # The same facts from the list as from the object, so that it is known again.
        for words in objects:
            assert any(other.startswith(words + " body of") for other in opened), words


@case("another object under the same name is another one; a wrong key, a wrong name, a large one are told")
def _(folder):
    with bucket() as store:
        store.put("a", b"one", 1767225600)
        before = stage(folder, store)
        store.put("a", b"two", 1767225600)
        after = stage(folder, store)
        assert before != after, before
        # What is too large is not fetched with each sweep, and that is said.
        store.put("large", bytes(6 << 20))
        told = stage(folder, store, "s3:harbour/large", "s3:harbour/gone", "s3:other/a", "s3:harbour/a")
        equal([kind for kind, _ in told], ["object", "failed", "failed", "failed", "failed", "opened"])
        assert told[0][1].startswith("s3:harbour/a ") and "1 objects" in told[1][1], told
        assert "larger" in told[2][1] and "no such" in told[3][1], told
        store.keys = "HARBOUR7:other\n"
        assert "refuses us (403)" in stage(folder, store)[0][1]
        store.keys = "no colon\n"
        equal(stage(folder, store)[0][0], "failed")


@case("a list is read by a program that sits in a jail: one that dies, or has no answer, tells nothing")
def _(folder):
    with bucket() as store:
        store.put("a", b"one")
        told = stage(folder, store, reader="/bin/false")
        equal([kind for kind, _ in told], ["failed"])
        equal([kind for kind, _ in stage(folder, store)], ["object"])
        store.list = lambda words: b"<ListBucketResult><Contents><Key>a</Key>"
        told = stage(folder, store)
        equal([kind for kind, _ in told], ["failed"])
        assert "no answer" in told[0][1], told


@case("only https is asked, or this machine; a list that does not go on ends the sweep")
def _(folder):
    with bucket() as store:
        for url in ("http://bucket.example/harbour", "ftp://127.0.0.1:1/a", "https://a@b.example/c", store.url + "?a=b"):
            equal(stage(folder, store, url=url)[0][0], "failed")
        equal(store.asked, [])
        for number in range(7):
            store.put(f"{number}", b"a")
        plain = store.list
        store.list = lambda words: plain({**words, "continuation-token": ""})
        told = stage(folder, store)
        assert told[-1][0] == "failed" and "does not go on" in told[-1][1], told[-1]


def lamp_and_list(folder):
    """A workspace that knows the lamp; the lamp, and another picture."""
    place = workspace(folder)
    lamp, deck = draw_png(folder / "lamp.png", lighthouse), draw_png(folder / "deck.png", bridge)
    import_list(place, "lights", ["pdq:" + hash_of(lamp)["pdq"]])
    return place, lamp, deck


@contextlib.contextmanager
def agent(folder, place, store):
    """One that sweeps a bucket by the second; yields what it has told so far."""
    (folder / "keys").write_text(store.keys)
    (folder / "agent.conf").write_text(f"""
        agent {{ workspace = "{place}"; folder = "{folder}/own"; name = desk-7 }}
        bucket "harbour" {{ url = "{store.url}"; keys = "{folder}/keys"; every = 1s; bytes_max = 1MB }}
        act {{ block = tell; hold = tell }}
        limits {{ battery_waits = no; refresh = 300ms }}
    """)
    with open(folder / "log", "wb") as log:
        running = subprocess.Popen([WARD, "agent", "--settings", folder / "agent.conf"], stderr=log, stdout=log,
                                   env=environment())

    def reports():
        return [json.loads(path.read_bytes().split(b"\n", 1)[1]) for path in (folder / "own/spool").glob("*.report")]

    try:
        yield reports
    finally:
        running.terminate()
        running.wait(20)


@case("the agent tells what lies in a bucket once, leaves it there, and looks again only at what was replaced")
def _(folder):
    place, lamp, deck = lamp_and_list(folder)
    with bucket() as store:
        for number in range(7):
            store.put(f"deck {number}.png", deck.read_bytes(), 1767225600 + number)
        store.put("caf\u00e9/lamp+1.png", lamp.read_bytes(), 1767225600)
        store.put("large.png", bytes(2 << 20), 1767225600)
        with agent(folder, place, store) as reports:
            told = ward("agent", "check", "--settings", folder / "agent.conf", status=0).stdout.decode()
            assert store.url in told and "nothing is taken" in told, told
            until(lambda: len(store.fetched) == 8 and reports(), lambda: (folder / "log").read_text())
            sweeps = len(store.asked)
            until(lambda: len(store.asked) > sweeps + 3, lambda: "no second sweep")
            equal(len(store.fetched), 8)
            equal(len(reports()), 1)
            # What is too large is not fetched at all, and said once.
            equal((folder / "log").read_text().count(" too_large "), 1)
            said = rows(ward("agent", "status", "--json", "--settings", folder / "agent.conf"))[0]
            assert said["places"][0]["swept"], said
            assert "lamp+1.png" in json.dumps(reports()[0], ensure_ascii=False), reports()
            assert "lamp" not in (folder / "log").read_text()
            store.put("deck 3.png", lamp.read_bytes(), 1767225700)
            until(lambda: len(reports()) == 2, lambda: (folder / "log").read_text())
            equal(sorted(store.fetched)[4:6], ["deck 3.png", "deck 3.png"])
            equal(len(store.objects), 9)


@case("what lies in a real bucket, s3rver's, is told of once, and again when it is replaced, and stays")
def _(folder):
    place, lamp, deck = lamp_and_list(folder)
    with elsewhere.s3rver(folder) as store:
        store.put("caf\u00e9/lamp+1 (a).png", lamp)
        store.put("deck.png", deck)
        with agent(folder, place, store) as reports:
            until(reports, lambda: (folder / "log").read_text())
            time.sleep(2.5)  # two more sweeps
            equal(len(reports()), 1)
            assert "caf\u00e9/lamp+1 (a).png" in json.dumps(reports()[0], ensure_ascii=False), reports()
            store.put("deck.png", lamp)
            until(lambda: len(reports()) == 2, lambda: (folder / "log").read_text())
        equal(store.holds("caf\u00e9/lamp+1 (a).png"), lamp.read_bytes())
        equal(store.holds("deck.png"), lamp.read_bytes())


run_cases()
