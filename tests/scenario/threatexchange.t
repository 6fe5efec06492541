#!/usr/bin/env python3
"""ward beside the threatexchange client: its files come in whole, and both match alike.

It is skipped where the client is not at hand; tools/peers gets it.
"""
import csv
import os
import random
import shutil

from scenario import *

try:
    from threatexchange.cli.dataset.simple_serialization import CliIndicatorSerialization
    from threatexchange.exchanges.clients.fb_threatexchange.descriptor import (
        SimpleDescriptorRollup)
    from threatexchange.signal_type.pdq.signal import PdqSignal
    MISSING = None
except ImportError as why:
    MISSING = f"the threatexchange client is not installed here ({why.name})"


def peer():
    if MISSING:
        raise Skip(MISSING)


def new_workspace(folder):
    place = folder / "workspace"
    ward("init", place, status=0)
    return place


def hashes(seed, count):
    rng = random.Random(seed)
    return ["%064x" % rng.getrandbits(256) for _ in range(count)]


def near(rng, hash_, most):
    """The hash with up to so many bits flipped."""
    value = int(hash_, 16)
    for bit in rng.sample(range(256), rng.randint(0, most)):
        value ^= 1 << bit
    return "%064x" % value


def listed(place, name):
    done = ward("list", "show", "-w", place, "--all", "--json", name, status=0)
    return {(one["type"], one["signal"]): (row["labels"], row.get("ref"))
            for row in rows(done)[1:] for one in row["signals"]}


def client(home, *args):
    """Runs the client's own command with a home of its own."""
    done = subprocess.run([sys.executable, "-m", "threatexchange", *map(str, args)],
                          env=environment(HOME=str(home), PYTHONPATH=os.environ.get("WARD_PEERS", "")),
                          capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@case("the state that the client keeps of an exchange comes in whole, with ids and tags")
def _(folder):
    peer()
    place = new_workspace(folder)
    items = [CliIndicatorSerialization(kind, signal, SimpleDescriptorRollup(
                 1000 + i, "2021-03-04T05:06:07+0000", {f"tag{i % 3}", "all"}))
             for kind, signals in (("HASH_PDQ", hashes(1, 200)),
                                   ("HASH_VIDEO_MD5", [one[:32] for one in hashes(2, 200)]))
             for i, signal in enumerate(signals)]
    files = CliIndicatorSerialization.store(folder, items)
    equal(len(files), 2)
    answer = rows(ward("list", "import", "-w", place, "--json", "--keep-degenerate", "state",
                       *files, status=0))[0]
    equal((answer["format"], answer["added"], answer["bad"], answer["partly"]),
          ("threatexchange", 400, 0, 0))
    kinds = {"HASH_PDQ": "pdq", "HASH_VIDEO_MD5": "md5"}
    got = listed(place, "state")
    for item in items:
        labels, ref = got[kinds[item.indicator_type], item.indicator]
        equal(sorted(labels), sorted("threatexchange:" + tag for tag in item.rollup.labels))
        equal(ref, str(item.rollup.first_descriptor_id))


@case("a local file of the client, and what it prints of it, come in whole")
def _(folder):
    peer()
    place = new_workspace(folder)
    pdq, md5 = hashes(3, 50), [one[:32] for one in hashes(4, 50)]
    local = folder / "local.txt"
    local.write_text("".join(f"pdq {one}\n" for one in pdq) +
                     "".join(f"video_md5 {one}\n" for one in md5) + "url lamp.example/\n")
    want = {("pdq", one) for one in pdq} | {("md5", one) for one in md5}
    answer = rows(ward("list", "import", "-w", place, "--json", "--keep-degenerate", "local",
                       local, status=0))[0]
    equal((answer["added"], answer["bad"]), (100, 1))
    equal(set(listed(place, "local")), want)
    client(folder, "config", "collab", "edit", "local_file", "--create", "mine", "--filename",
           local)
    client(folder, "fetch")
    for name, options in ("csv", ["--csv"]), ("plain", ["-S"]):
        (folder / name).write_bytes(client(folder, "dataset", "-c", "mine", "-P", *options))
        answer = rows(ward("list", "import", "-w", place, "--json", "--keep-degenerate", name,
                           folder / name, status=0))[0]
        equal((name, answer["added"], answer["guessed"]), (name, 100, 0))
        equal(set(listed(place, name)), want)


@case("what ward writes for the client is read by it")
def _(folder):
    peer()
    place = new_workspace(folder)
    pdq = hashes(5, 20)
    (folder / "list.txt").write_text("".join(f"pdq:{one}\n" for one in pdq))
    ward("list", "import", "-w", place, "--keep-degenerate", "list", folder / "list.txt", status=0)
    ward("list", "export", "-w", place, "-f", "threatexchange", "-o", folder / "out", "list",
         status=0)
    client(folder, "config", "collab", "edit", "local_file", "--create", "mine", "--filename",
           folder / "out")
    client(folder, "fetch")
    lines = client(folder, "dataset", "-c", "mine", "-P", "-S", "-s", "pdq").decode().split()
    equal(sorted(lines), sorted(pdq))


def same_matches(folder, known, asked):
    """Asks both for every entry within 31; how many pairs there were."""
    place = new_workspace(folder)
    (folder / "known.txt").write_text("".join(f"pdq:{one}\n" for one in known))
    ward("list", "import", "-w", place, "--keep-degenerate", "known", folder / "known.txt",
         status=0)
    index = PdqSignal.get_index_cls().build([(one, i) for i, one in enumerate(known)])
    done = ward("match", "-w", place, "-l", "known", "--radius", 31, "--json", "-",
                stdin="".join(one + "\n" for one in asked).encode())
    answers = rows(done)
    equal(len(answers), len(asked))
    pairs = 0
    for one, answer in zip(asked, answers):
        equal(answer["signal"], one)
        want = sorted((match.metadata, match.similarity_info.distance)
                      for match in index.query(one))
        equal(sorted((hit["entry"], hit["distance"]) for hit in answer["hits"]), want)
        pairs += len(want)
    return pairs


@case("ward match finds what the client's PDQ index finds, in the published set")
def _(folder):
    peer()
    data = GOLDEN / "matching"
    if not data.is_dir():
        raise Skip("no golden data here")
    pairs = same_matches(folder, (data / "db.txt").read_text().split(),
                         (data / "queries.txt").read_text().split())
    assert pairs > 0


@case("ward match finds what the client's PDQ index finds, in random and in crowded sets")
def _(folder):
    peer()
    for seed in range(3):
        rng = random.Random(seed)
        centres = hashes(seed, 40)
        known = hashes(100 + seed, 3000) + [near(rng, rng.choice(centres), 25)
                                            for _ in range(3000)]
        known += known[-50:]  # duplicates are kept apart
        rng.shuffle(known)
        asked = hashes(200 + seed, 20) + [near(rng, rng.choice(centres), 20) for _ in range(60)]
        asked += [near(rng, rng.choice(known), 33) for _ in range(120)]
        part = folder / str(seed)
        part.mkdir()
        pairs = same_matches(part, known, asked)
        assert pairs > 200, pairs
        shutil.rmtree(part)


run_cases()
