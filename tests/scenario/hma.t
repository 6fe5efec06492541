#!/usr/bin/env python3
"""wardd as a client of HMA sees it: banks, content, signals, hashes, look-ups under /hma."""
import hashlib
import signal
from random import Random

from daemon import *
from scenario import *

PDQ = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"


class Client:
    """Speaks as HMA's users do: /hma is all that it is told."""

    def __init__(self, daemon):
        self.daemon = daemon

    def get(self, path, status=200):
        return self.daemon.get("/hma" + path, status=status).json

    def send(self, method, path, body=None, status=200):
        more = {"headers": {"Content-Type": "application/json"}} if body is not None else {}
        return self.daemon.ask(method, "/hma" + path, body, status=status, **more).json

    def upload(self, path, data, field="photo", status=200):
        return self.daemon.post("/hma" + path, status=status, **form((field, "x.png", data))).json


def flipped(pdq, *bits):
    value = int(pdq, 16)
    for bit in bits:
        value ^= 1 << bit
    return f"{value:064x}"


@case("the status is HMA's word, and the banks of a new place are none")
def _(folder):
    with Daemon(workspace(folder)) as daemon:
        told = daemon.get("/hma/status", status=200)
        equal(told.body, b"I-AM-ALIVE")
        assert told.headers["content-type"].startswith("text/html")
        client = Client(daemon)
        equal(client.get("/c/banks"), [])
        equal(client.get("/c/exchanges"), [])
        equal(client.get("/c/content_type"), [{"name": "photo", "enabled": True},
                                              {"name": "video", "enabled": True}])
        equal(client.get("/c/signal_type"), [{"name": "pdq", "enabled_ratio": 1.0},
                                             {"name": "video_md5", "enabled_ratio": 1.0}])
        equal(client.get("/m/index/status"), {
            name: {"present": False, "built_to": -1, "size": 0} for name in ("pdq", "video_md5")})
        equal(client.get("/c/exchange/NONE", status=404).keys(), {"message"})
        assert "/m/lookup" in client.get("/site-map")


@case("a bank is made, shown, switched off and on, and deleted twice")
def _(folder):
    with Daemon(workspace(folder)) as daemon:
        client = Client(daemon)
        bank = {"name": "HARBOUR_01", "matching_enabled_ratio": 1.0}
        for name in ("01_HARBOUR", "harbour", "", "A-B", "A" * 300, 7, None):
            equal(client.send("POST", "/c/banks", {"name": name}, 400).keys(), {"message"})
        equal(client.send("POST", "/c/banks", {"name": "HARBOUR_01"}, 201), bank)
        client.send("POST", "/c/banks", {"name": "HARBOUR_01"}, 403)
        equal(client.get("/c/banks"), [bank])
        equal(client.get("/c/bank/HARBOUR_01"), bank)
        client.get("/c/bank/OTHER", status=404)
        off = dict(bank, matching_enabled_ratio=0.0)
        equal(client.send("PUT", "/c/bank/HARBOUR_01", {"enabled": False}), off)
        equal(client.send("PUT", "/c/bank/HARBOUR_01", {"enabled_ratio": 1.0}), bank)
        equal(client.send("PUT", "/c/bank/HARBOUR_01", {"enabled_ratio": 0}), off)
        for ratio in (-.1, 1.1, "much", "nan", [1]):
            client.send("PUT", "/c/bank/HARBOUR_01", {"enabled_ratio": ratio}, 400)
        client.send("PUT", "/c/bank/HARBOUR_01", {"name": "1_BAD"}, 400)
        client.send("PUT", "/c/bank/OTHER", {"enabled": True}, 404)
        for _ in range(2):
            equal(client.send("DELETE", "/c/bank/HARBOUR_01"), {"message": "Done"})
        equal(client.get("/c/banks"), [])


@case("a bank's ratio comes back exactly, outlives the daemon, and a change of the bank")
def _(folder):
    place = workspace(folder)
    with Daemon(place) as daemon:
        client = Client(daemon)
        equal(client.send("POST", "/c/banks", {"name": "A", "enabled_ratio": .1}, 201),
              {"name": "A", "matching_enabled_ratio": .1})
        for ratio in (.5, 1 / 3, 1e-9, "0.25", .9999999999999999):
            equal(client.send("PUT", "/c/bank/A", {"enabled_ratio": ratio}),
                  {"name": "A", "matching_enabled_ratio": float(ratio)})
        client.send("POST", "/c/bank/A/signal", {"pdq": PDQ})
        ward("list", "set", "A", "--source", "harbour", "-w", place, status=0)
        ward("list", "compact", "A", "-w", place, status=0)
    with Daemon(place) as daemon:
        client = Client(daemon)
        equal(client.get("/c/bank/A")["matching_enabled_ratio"], .9999999999999999)
        equal(client.send("PUT", "/c/bank/A", {"enabled": False})["matching_enabled_ratio"], 0)
        equal(client.send("PUT", "/c/bank/A", {"enabled": True})["matching_enabled_ratio"], 1)


@case("a look-up's coin leaves banks out by their ratio, the same for one seed, as HMA's does")
def _(folder):
    place = workspace(folder)
    with Daemon(place) as daemon:
        client = Client(daemon)
        ratios = {"NEVER": 0, "SELDOM": .2, "OFTEN": .7, "ALWAYS": 1}
        for name, ratio in ratios.items():
            client.send("POST", "/c/banks", {"name": name, "enabled_ratio": ratio}, 201)
            client.send("POST", f"/c/bank/{name}/signal", {"pdq": PDQ})
        lookup = f"/m/lookup?signal_type=pdq&signal={PDQ}"
        seen = set()
        for seed in range(40):
            coin = Random(f"content {seed}").random()
            found = client.get(lookup + f"&seed=content+{seed}").keys()
            equal(found, {name for name, ratio in ratios.items() if ratio >= coin})
            seen.add(frozenset(found))
        equal(len(seen), 3)
        # Without a seed it falls anew each time.
        falls = [len(client.get(lookup)) for _ in range(60)]
        equal(set(falls), {1, 2, 3})
        equal(client.get(lookup + "&bypass_coinflip=true").keys(), ratios.keys())
        equal(len(client.get(lookup.replace("lookup", "raw_lookup"))["matches"]), 4)
        equal(client.get(lookup + "&banks=SELDOM&seed=content-1").keys(), {"SELDOM"})
        # Chance is HMA's alone: ward's own answers have every bank that is on.
        for _ in range(20):
            hits = daemon.get(f"/v1/match?signal=pdq:{PDQ}", status=200).json["hits"]
            equal({hit["list"] for hit in hits}, {"SELDOM", "OFTEN", "ALWAYS"})


@case("a bank is renamed with its content, ids and notes; a name that is taken is refused")
def _(folder):
    place = workspace(folder)
    with Daemon(place) as daemon:
        client = Client(daemon)
        for name in ("OLD", "TAKEN"):
            client.send("POST", "/c/banks", {"name": name}, 201)
        one = client.send("POST", "/c/bank/OLD/signal", {"pdq": PDQ, "note": "a boat"})["id"]
        client.send("PUT", "/c/bank/OLD", {"name": "TAKEN"}, 403)
        # Nothing of a change that is refused is done.
        client.send("PUT", "/c/bank/OLD", {"name": "TAKEN", "enabled": False}, 403)
        equal(client.send("PUT", "/c/bank/OLD", {"name": "OLD"})["name"], "OLD")
        equal(client.send("PUT", "/c/bank/OLD", {"name": "NEW", "enabled_ratio": .5}),
              {"name": "NEW", "matching_enabled_ratio": .5})
        client.get("/c/bank/OLD", status=404)
        equal([bank["name"] for bank in client.get("/c/banks")], ["NEW", "TAKEN"])
        shown = client.get(f"/c/bank/NEW/content/{one}")
        equal((shown["id"], shown["note"], shown["bank"]["name"]), (one, "a boat", "NEW"))
        equal(client.get(f"/m/raw_lookup?signal_type=pdq&signal={PDQ}"), {"matches": [one]})
        # A bank that takes the old name is another, with other ids.
        client.send("POST", "/c/banks", {"name": "OLD"}, 201)
        assert client.send("POST", "/c/bank/OLD/signal", {"pdq": PDQ})["id"] != one
        (place / "ward.conf").write_text("rule \"new\" { list = NEW; verdict = block }\n")
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "reloaded" in daemon.log())
        assert "rule" in client.send("PUT", "/c/bank/NEW", {"name": "C"}, 400)["message"]
        equal(client.get("/c/bank/NEW")["name"], "NEW")


@case("content is switched off for a time, for good and on again, and everywhere")
def _(folder):
    picture = draw_png(folder / "a.png", lighthouse).read_bytes()
    place = workspace(folder)
    with Daemon(place) as daemon:
        client, year = Client(daemon), 365 * 86400
        client.send("POST", "/c/banks", {"name": "LIGHTS"}, 201)
        first = client.upload("/c/bank/LIGHTS/content", picture)["id"]
        second = client.upload("/c/bank/LIGHTS/content", picture)["id"]
        one = f"/c/bank/LIGHTS/content/{first}"
        known = lambda: [m["bank_content_id"] for m in
                         client.upload("/m/lookup?bypass_coinflip=true", picture)["pdq"]["LIGHTS"]]
        for wrong in (-1, int(time.time()) + 5 * year + 99, 9999999999, "soon", [1], 1e300):
            client.send("PUT", one, {"disable_until_ts": wrong}, 400)
        equal(known(), [first, second])
        later = int(time.time()) + 5 * year - 99
        for until in (later, str(later), 0):
            shown = client.send("PUT", one, {"disable_until_ts": until})
            equal((shown["disable_until_ts"], shown["id"]), (int(until), first))
            equal(client.get(one)["disable_until_ts"], int(until))
            equal(known(), [second])
        # The raw look-up takes no notice, as in HMA.
        pdq = client.get(one + "?include_signals=true")["signals"]["pdq"]
        raw = client.get(f"/m/raw_lookup?signal_type=pdq&signal={pdq}")
        equal(sorted(raw["matches"]), sorted([first, second]))
        # Ward's own answers tell it as excluded.
        hits = daemon.get(f"/v1/match?signal=pdq:{pdq}", status=200).json["hits"]
        equal([hit.get("excluded", False) for hit in hits], [True, False])
        client.send("DELETE", f"/c/bank/LIGHTS/content/{second}")
        verdict = daemon.post("/v1/scan", picture, status=200).json
        equal({finding["kind"] for finding in verdict["files"][0]["findings"]}, {"excluded"})
        scanned = ward("scan", "--json", folder / "a.png", "-w", place, status=0)
        assert b'"excluded"' in scanned.stdout
    with Daemon(place) as daemon:
        client = Client(daemon)
        equal(client.get(one)["disable_until_ts"], 0)
        equal(client.upload("/m/lookup", picture), {"pdq": {}})
        client.send("PUT", one, {"disable_until_ts": 1})
        equal(known(), [first])
        # It comes back by itself.
        client.send("PUT", one, {"disable_until_ts": int(time.time()) + 2})
        equal(client.upload("/m/lookup", picture), {"pdq": {}})
        wait_until(lambda: client.upload("/m/lookup", picture)["pdq"].get("LIGHTS"))


@case("a note is kept with the content")
def _(folder):
    picture = draw_png(folder / "a.png", lighthouse).read_bytes()
    with Daemon(workspace(folder)) as daemon:
        client = Client(daemon)
        client.send("POST", "/c/banks", {"name": "LIGHTS"}, 201)
        told = form(("photo", "x.png", picture), ("note", None, "the old pier \u26f5".encode()))
        one = daemon.post("/hma/c/bank/LIGHTS/content", status=200, **told).json["id"]
        one = f"/c/bank/LIGHTS/content/{one}"
        equal(client.get(one)["note"], "the old pier \u26f5")
        equal(client.send("PUT", one, {"note": "n" * 255})["note"], "n" * 255)
        for wrong in ("n" * 256, 7):
            client.send("PUT", one, {"note": wrong}, 400)
        client.send("PUT", one, {"disable_until_ts": 0})
        equal(client.get(one)["note"], "n" * 255)
        assert "note" not in client.send("PUT", one, {"note": None})
        equal(client.get(one)["disable_until_ts"], 0)
        long_note = form(("photo", "x.png", picture), ("note", None, b"n" * 2000))
        daemon.post("/hma/c/bank/LIGHTS/content", status=400, **long_note)
        client.send("POST", "/c/bank/LIGHTS/signal", {"pdq": PDQ, "note": "n" * 256}, 400)


@case("probes, types and exchanges answer as HMA without exchanges does")
def _(folder):
    with Daemon(workspace(folder)) as daemon:
        client = Client(daemon)
        equal(daemon.get("/hma/livez", status=200).body, b"OK")
        equal(daemon.get("/hma/readyz", status=200).body, b"READY")
        equal(client.get("/c/exchanges/apis"), [])
        equal(client.get("/c/exchange/NONE/status", status=404).keys(), {"message"})
        equal(client.send("POST", "/c/exchanges", {"bank": "A", "api": "x"}, 405).keys(),
              {"message"})
        daemon.ask("PUT", "/hma/c/signal_type/pdq", {"enabled_ratio": 1.0}, status=204)
        client.send("PUT", "/c/signal_type/pdq", {"enabled_ratio": .5}, 501)
        client.send("PUT", "/c/signal_type/pdq", {}, 400)
        client.send("PUT", "/c/signal_type/none", {"enabled_ratio": 1}, 404)


@case("signals are added, found by bank with their distance, and their bank may be off")
def _(folder):
    with Daemon(workspace(folder)) as daemon:
        client, ids = Client(daemon), {}
        md5 = hashlib.md5(b"waves").hexdigest()
        for bank in ("BANK_A", "BANK_B", "BANK_C"):
            client.send("POST", "/c/banks", {"name": bank}, 201)
            added = client.send("POST", f"/c/bank/{bank}/signal", {"pdq": PDQ})
            equal(added["signals"], {"pdq": PDQ})
            ids[bank] = added["id"]
        assert all(isinstance(i, int) and 0 < i < 1 << 53 for i in ids.values())
        video = client.send("POST", "/c/bank/BANK_A/signal", {"video_md5": md5.upper()})["id"]
        near = f"/m/raw_lookup?signal_type=pdq&signal={flipped(PDQ, 0, 5, 200)}"
        equal(sorted(client.get(near)["matches"]), sorted(ids.values()))
        equal(client.get(near + "&banks=BANK_A")["matches"], [ids["BANK_A"]])
        equal(client.get(near + "&banks=NONE"), {"matches": []})
        for yes in ("true", "True", "1"):
            equal(client.get(near + f"&include_distance={yes}&banks=BANK_B"),
                  {"matches": [{"bank_content_id": ids["BANK_B"], "distance": "3"}]})
        lookup = f"/m/lookup?signal_type=pdq&signal={PDQ}"
        equal(client.get(lookup), {
            bank: [{"bank_content_id": ids[bank], "distance": "0"}] for bank in ids})
        equal(client.get(lookup + "&banks=BANK_A,BANK_C").keys(), {"BANK_A", "BANK_C"})
        equal(client.get(f"/m/lookup?signal_type=video_md5&signal={md5}"),
              {"BANK_A": [{"bank_content_id": video, "distance": "-"}]})
        far = flipped(PDQ, *range(0, 256, 8))
        equal(client.get(f"/m/lookup?signal_type=pdq&signal={far}"), {})
        client.send("PUT", "/c/bank/BANK_B", {"enabled": False})
        equal(client.get(lookup).keys(), {"BANK_A", "BANK_C"})
        equal(len(client.get(near)["matches"]), 3)
        status = client.get("/m/index/status")
        equal((status["pdq"]["present"], status["pdq"]["size"], status["video_md5"]["size"]),
              (True, 3, 1))
        index = client.get("/c/signal_type/index")["pdq"]
        equal((index["db_size"], index["index_size"], index["index_out_of_date"]), (3, 3, False))
        for query in ("", "?signal=" + PDQ, "?signal_type=pdq", "?signal_type=pdq&signal=ff",
                      "?signal_type=none&signal=" + PDQ):
            equal(client.get("/m/lookup" + query, status=400).keys(), {"message"})
            client.get("/m/raw_lookup" + query, status=400)
        for body in ({}, {"pdq": "x"}, {"none": PDQ}, [PDQ], {"pdq": None}):
            client.send("POST", "/c/bank/BANK_A/signal", body, 400)
        client.send("POST", "/c/bank/NONE/signal", {"pdq": PDQ}, 404)


@case("a photo is banked, found by a changed copy, shown and deleted; an equal one stays")
def _(folder):
    picture = draw_png(folder / "a.png", lighthouse).read_bytes()
    copy = draw_png(folder / "b.png", lighthouse, 280, 260, lambda v: v * .9 + 12).read_bytes()
    pdq = hash_of(folder / "a.png")["pdq"]
    with Daemon(workspace(folder)) as daemon:
        client = Client(daemon)
        client.send("POST", "/c/banks", {"name": "LIGHTS"}, 201)
        content = "/c/bank/LIGHTS/content"
        first = client.upload(content, picture)
        equal(first["signals"], {"pdq": pdq})
        second = client.upload(content, picture)["id"]
        assert second != first["id"]
        found = client.upload("/m/lookup", copy)
        equal(found.keys(), {"pdq"})
        equal({m["bank_content_id"] for m in found["pdq"]["LIGHTS"]}, {first["id"], second})
        assert all(0 < int(m["distance"]) <= 31 for m in found["pdq"]["LIGHTS"])
        one = f"{content}/{first['id']}"
        shown = client.get(one)
        equal((shown["id"], shown["bank"]["name"], "signals" in shown),
              (first["id"], "LIGHTS", False))
        equal(client.get(one + "?include_signals=true")["signals"], {"pdq": pdq})
        equal(client.get(one + "?signal_type=video_md5")["signals"], {})
        client.get(one + "?signal_type=none", status=400)
        client.get(content + "/1", status=404)
        equal(client.send("PUT", one, {"disable_until_ts": 1})["id"], first["id"])
        equal(client.send("DELETE", one), {"deleted": 1})
        client.get(one, status=404)
        equal(client.upload("/m/lookup", picture),
              {"pdq": {"LIGHTS": [{"bank_content_id": second, "distance": "0"}]}})
        client.upload("/c/bank/NONE/content", picture, status=404)
        client.upload(content, picture, field="music", status=400)
        client.upload(content, b"no picture", status=400)
        equal(client.upload("/m/lookup", b"waves", field="video"), {"video_md5": {}})


@case("uploads are hashed; a plain picture has an empty hash and no look-up")
def _(folder):
    picture = draw_png(folder / "a.png", lighthouse).read_bytes()
    plain = draw_png(folder / "p.png", lambda x, y: 128).read_bytes()
    with Daemon(workspace(folder)) as daemon:
        client = Client(daemon)
        equal(client.upload("/h/hash", picture), {"pdq": hash_of(folder / "a.png")["pdq"]})
        equal(client.upload("/h/hash?types=pdq", picture).keys(), {"pdq"})
        client.upload("/h/hash?types=none", picture, status=400)
        equal(client.upload("/h/hash", b"waves", field="video"),
              {"video_md5": hashlib.md5(b"waves").hexdigest()})
        equal(client.upload("/h/hash", plain), {"pdq": ""})
        assert "invalid signal" in client.upload("/m/lookup", plain, status=400)["message"]
        client.get("/h/hash", status=400)
        client.get("/h/hash?url=http://127.0.0.1/", status=403)
        two = form(("photo", "a", picture), ("photo", "b", picture))
        equal(daemon.post("/hma/h/hash", status=400, **two).json.keys(), {"message"})


@case("pairs are compared")
def _(folder):
    with Daemon(workspace(folder)) as daemon:
        client = Client(daemon)
        md5 = "0" * 32
        equal(client.send("POST", "/m/compare", {
            "pdq": [PDQ, flipped(PDQ, 1, 2)], "video_md5": [md5, md5]}),
            {"pdq": [True, {"distance": 2}], "video_md5": [True, {}]})
        equal(client.send("POST", "/m/compare", {"pdq": [PDQ, flipped(PDQ, *range(40))]}),
              {"pdq": [False, {"distance": 40}]})
        for body in ([], {"pdq": PDQ}, {"pdq": [PDQ]}, {"pdq": [PDQ, "x"]}, {"none": [PDQ, PDQ]}):
            equal(client.send("POST", "/m/compare", body, 400).keys(), {"message"})


# ---- beside the peers themselves ----

@case("hashes of the golden pictures are those of pdqhash")
def _(folder):
    try:
        import pdqhash
        import PIL.Image
        import numpy
    except ImportError as error:
        raise Skip(f"there is no {error.name}; tools/peers gets it") from None
    pictures = sorted((GOLDEN / "images").rglob("*.png")) if GOLDEN.is_dir() else []
    if not pictures:
        raise Skip("there are no golden pictures; WARD_GOLDEN names their folder")
    with Daemon(workspace(folder)) as daemon:
        client, compared = Client(daemon), 0
        for path in pictures:
            with PIL.Image.open(path) as picture:
                # Elsewhere the two stacks agree on no pixels: palettes, alpha, 16 bits.
                if picture.mode not in ("RGB", "L"):
                    continue
                bits, quality = pdqhash.compute(numpy.asarray(picture.convert("RGB")))
            if quality < 50:
                continue
            want = f"{int(''.join(str(bit) for bit in bits), 2):064x}"
            got = client.upload("/h/hash", path.read_bytes())["pdq"]
            assert got == want, f"{path.name}: got {got}, want {want}"
            compared += 1
        print(f"# {compared} pictures")
        assert compared >= 5


@case("look-ups find what the index of threatexchange finds")
def _(folder):
    try:
        from threatexchange.signal_type.pdq.signal import PdqSignal
    except ImportError as error:
        raise Skip(f"there is no {error.name}; tools/peers gets it") from None
    place = workspace(folder)
    random = Random(7)
    known = [f"{random.getrandbits(256):064x}" for _ in range(400)]
    known += [flipped(known[i], *random.sample(range(256), i % 45)) for i in range(200)]
    asked = [flipped(h, *random.sample(range(256), n % 40)) for n, h in enumerate(known[:150])]
    import_list(place, "KNOWN", ["pdq:" + h for h in known])
    index = PdqSignal.get_index_cls().build([(h, n) for n, h in enumerate(known)])
    with Daemon(place) as daemon:
        client, hits = Client(daemon), 0
        for signal in asked:
            want = sorted((match.metadata, match.similarity_info.pretty_str())
                          for match in index.query(signal))
            query = f"signal_type=pdq&signal={signal}"
            raw = client.get(f"/m/raw_lookup?{query}&include_distance=true")["matches"]
            # The number of an entry stands in the lower half of its id.
            got = sorted((m["bank_content_id"] & 0xffffffff, m["distance"]) for m in raw)
            equal(got, want)
            equal(len(client.get("/m/lookup?" + query).get("KNOWN", [])), len(want))
            hits += len(want)
        print(f"# {hits} hits")
        assert hits > 100


if __name__ == "__main__":
    run_cases()
