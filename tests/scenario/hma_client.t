#!/usr/bin/env python3
"""The client that HMA's own tests speak through (Werkzeug's, under Flask's) meets wardd in HMA's place.

HMA's tests call their application in the process; here it is a gateway to
wardd, so that the client, its encodings and its reading of answers are the
very ones.  What is asked, in which order and with what answer, is what those
tests ask of HMA.
"""
import http.client
from random import Random

from daemon import *
from scenario import *

try:
    from werkzeug.test import Client
    from werkzeug.wrappers import Request, Response
except ImportError as missing:
    print(f"1..0 # skip {missing.name} is missing (python3-werkzeug has it)")
    sys.exit(0)


def gateway(daemon):
    """An application that hands each request to wardd, below /hma."""
    @Request.application
    def application(request):
        query = request.query_string.decode()
        target = "/hma" + request.path + ("?" + query if query else "")
        connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=60)
        connection.request(request.method, target, request.get_data(),
                           {"Content-Type": request.content_type} if request.content_type else {})
        told = connection.getresponse()
        return Response(told.read(), told.status, content_type=told.headers["content-type"])
    return Client(application)


def signals(count):
    random = Random(3)
    return [f"{random.getrandbits(256):064x}" for _ in range(count)]


def make_bank(client, name):
    made = client.post("/c/banks", json={"name": name})
    equal((made.status_code, made.json), (201, {"matching_enabled_ratio": 1.0, "name": name}))


@case("a bank's life: made, renamed, off, at half, listed, deleted twice")
def _(folder):
    with Daemon(workspace(folder)) as daemon:
        client = gateway(daemon)
        equal(client.get("/status").data, b"I-AM-ALIVE")
        equal(client.get("/c/banks").json, [])
        for name in ("01_TEST_BANK", "my_test_bank"):
            equal(client.post("/c/banks", json={"name": name}).status_code, 400)
        make_bank(client, "MY_TEST_BANK")
        equal(client.put("/c/bank/MY_TEST_BANK", json={"name": "1_invalid"}).status_code, 400)
        for path, change, name, ratio in (
                ("MY_TEST_BANK", {"name": "MY_TEST_BANK_RENAMED"}, "MY_TEST_BANK_RENAMED", 1),
                ("MY_TEST_BANK_RENAMED", {"enabled": False}, "MY_TEST_BANK_RENAMED", 0),
                ("MY_TEST_BANK_RENAMED", {"enabled_ratio": .5}, "MY_TEST_BANK_RENAMED", .5)):
            told = client.put("/c/bank/" + path, json=change)
            equal((told.status_code, told.get_json()),
                  (200, {"name": name, "matching_enabled_ratio": ratio}))
        equal(client.get("/c/banks").get_json(),
              [{"name": "MY_TEST_BANK_RENAMED", "matching_enabled_ratio": .5}])
        for _ in range(2):
            equal(client.delete("/c/bank/MY_TEST_BANK_RENAMED").status_code, 200)


@case("content: added, shown, switched off for a year, not for ever, deleted")
def _(folder):
    picture = draw_png(folder / "a.png", lighthouse)
    with Daemon(workspace(folder)) as daemon:
        client = gateway(daemon)
        equal(client.get("/c/bank/TEST_BANK/content/1").status_code, 404)
        make_bank(client, "TEST_BANK")
        equal(client.get("/c/bank/TEST_BANK/content/1").status_code, 404)
        with open(picture, "rb") as file:
            added = client.post("/c/bank/TEST_BANK/content", data={"photo": file, "note": "seen"})
        equal((added.status_code, added.json["signals"]), (200, {"pdq": hash_of(picture)["pdq"]}))
        one = f"/c/bank/TEST_BANK/content/{added.json['id']}"
        shown = client.get(one, query_string={"include_signals": "true"})
        equal((shown.json["id"], shown.json["signals"], shown.json["note"]),
              (added.json["id"], added.json["signals"], "seen"))
        for kind, want in ("video_md5", {}), ("pdq", added.json["signals"]):
            equal(client.get(f"{one}?signal_type={kind}").json["signals"], want)
        refused = client.get(one + "?signal_type=invalid")
        equal(refused.status_code, 400)
        assert "No such signal type" in refused.json["message"]
        year = int(time.time()) + 365 * 86400
        told = client.put(one, json={"disable_until_ts": year})
        equal((told.status_code, told.json["disable_until_ts"]), (200, year))
        equal(client.put(one, json={"disable_until_ts": 9999999999}).status_code, 400)
        told = client.delete(one)
        equal((told.status_code, told.json), (200, {"deleted": 1}))


@case("signals: added one by one, counted, found in their banks and only those asked")
def _(folder):
    known = signals(16)
    with Daemon(workspace(folder)) as daemon:
        client, ids = gateway(daemon), {}
        for bank in ("BANK_A", "BANK_B", "BANK_C"):
            make_bank(client, bank)
        for signal in known:
            ids[signal] = client.post("/c/bank/BANK_A/signal", json={"pdq": signal}).json["id"]
        for bank in ("BANK_B", "BANK_C"):
            equal(client.post(f"/c/bank/{bank}/signal", json={"pdq": known[0]}).status_code, 200)
        built = client.get("/m/index/status?signal_type=pdq").json["pdq"]
        equal((built["present"], built["size"]), (True, 18))
        equal(client.get(f"/m/lookup?signal_type=pdq&signal={known[-1]}").json,
              {"BANK_A": [{"bank_content_id": ids[known[-1]], "distance": "0"}]})
        equal(client.get("/m/lookup?signal_type=pdq&signal=" + "5" * 64).json, {})
        asked = {"signal": known[0], "signal_type": "pdq"}
        for banks, count in ((None, 3), ("BANK_A", 1), ("BANK_A,BANK_C", 2), ("NONE", 0)):
            query = asked | ({"banks": banks} if banks else {})
            equal(len(client.get("/m/raw_lookup", query_string=query).json["matches"]), count)
            equal(len(client.get("/m/lookup", query_string=query).json), count)
            # Python's own True, as the tests send it.
            told = client.get("/m/raw_lookup", query_string=query | {"include_distance": True})
            equal([set(match) for match in told.json["matches"]],
                  [{"bank_content_id", "distance"}] * count)


if __name__ == "__main__":
    run_cases()
