#!/usr/bin/env python3
"""A bucket as the agent's source, from a server of our own that checks each request's signature."""
from bucket import *
from scenario import *

STAGE = BUILD / "src/agent/s3_stage"


def stage(folder, store, *names, url=None):
    keys = folder / "keys"
    keys.write_text(store.keys)
    done = subprocess.run([STAGE, url or store.url, keys, *names], capture_output=True, timeout=60)
    equal(done.returncode, 0)
    return [line.split(" ", 1) for line in done.stdout.decode().splitlines()]


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
        store.put("large", bytes(6 << 20))
        told = stage(folder, store, "s3:harbour/large", "s3:harbour/gone", "s3:other/a", "s3:harbour/a")
        equal([kind for kind, _ in told], ["object", "object", "failed", "failed", "failed", "opened"])
        assert "larger" in told[2][1] and "no such" in told[3][1], told
        store.keys = "HARBOUR7:other\n"
        assert "refuses us (403)" in stage(folder, store)[0][1]
        store.keys = "no colon\n"
        equal(stage(folder, store)[0][0], "failed")


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


run_cases()
