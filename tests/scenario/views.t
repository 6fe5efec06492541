#!/usr/bin/env python3
"""Looking at little over HTTP: the ladder, what is counted, and what nobody gets to see."""
import atexit
import random
import sqlite3
import threading

from daemon import *
from people import *
from scenario import *

PHRASE = "a quiet harbour in the fog"
FAR = "2020-01-01T00:00:00Z"
PICTURE = "image/png"


class House:
    """One daemon with its people, for all cases: logging in takes its time."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ward-views-"))
        self.place = workspace(self.folder)
        self.key = add_key(self.place, "platform", "--scope", "report")
        self.daemon = Daemon(self.place, demo=False, conf="exposure { items = 4\n severe = 2 }\n")
        atexit.register(self.end)
        for name, role in (("anna", "senior"), ("bert", "senior"), ("tess", "trainee"), ("chief", "supervisor")):
            setattr(self, name, member(self.daemon, name, role))
        for who in (self.anna, self.bert):
            who.ask("PUT", "/v1/session/key", {"phrase": PHRASE}, status=200)
        ward("vault", "init", "-w", self.place, "--give", "review=anna", "--give", "review=bert", status=0)

    def end(self):
        self.daemon.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def report(self, *items, files=(), **more):
        """Reports what is there; the ids of its items."""
        body = {"items": list(items), **more}
        sent = form(("report", None, json.dumps(body).encode()), *[(name, name, data) for name, data in files])
        told = self.daemon.ask("POST", "/v1/reports", sent["body"], sent["headers"], key=self.key, status=201).json
        return [item["id"] for item in self.daemon.get(f"/v1/reports/{told['report']}", key=self.key,
                                                       status=200).json["items"]]

    def picture(self, data, **more):
        return self.report({"kind": "media", "file": "a", "type": PICTURE}, files=[("a", data)], **more)[0]

    def read(self, sql, *values):
        with sqlite3.connect(self.place / "ward.db") as store:
            return store.execute(sql, values).fetchall()


house = None


def at_work():
    """The house, with Anna and Bert unlocked and nothing used of this day."""
    global house
    house = house or House()
    with sqlite3.connect(house.place / "ward.db", timeout=30) as store:
        for table in ("exposure_steps", "exposure_days", "exposure_opt_outs", "exposure_people"):
            store.execute(f"DELETE FROM {table}")
    for who in (house.anna, house.bert):
        house.chief.ask("PUT", f"/v1/exposure/team/{who.person}", {"started": FAR, "reason": "long since"}, status=204)
        if not who.get("/v1/session", status=200).json["unlocked_s"]:
            who.post("/v1/session/unlock", {"phrase": PHRASE}, status=200)
    return house


def drawn(folder, seed=0, side=80):
    """Waves, of which each seed gives others that look like no other."""
    dice = random.Random(seed)
    waves = [(dice.uniform(2, 25), dice.uniform(2, 25), dice.uniform(0, 6), dice.uniform(10, 30)) for _ in range(6)]

    def look(x, y):
        return 128 + sum(high * math.sin(a * x + b * y + c) for a, b, c, high in waves)

    return draw_png(folder / "a.png", look, side, side).read_bytes()


def view(who, item, level, status=200, **asked):
    return who.post(f"/v1/items/{item}/views", {"level": level, **asked}, status=status)


def about(answer):
    return json.loads(answer.headers["ward-view"])


def problem(answer):
    return answer.json["type"].rsplit(":", 1)[1]


def rungs(who, item):
    """Step by step: "may", or why not."""
    facts = who.get(f"/v1/items/{item}", status=200).json
    return {rung["step"]: rung["why"] or "may" for rung in facts["ladder"]}


def filmed(folder):
    """Three seconds of a drawing, with a tone; its place and title are in the file."""
    draw_png(folder / "v.png", lambda x, y: 40 + x + y, 64, 48)
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-loop", "1", "-i", folder / "v.png", "-f", "lavfi", "-i",
                    "sine=frequency=440:duration=3", "-t", "3", "-r", "10", "-c:v", "mpeg4", "-c:a", "aac",
                    "-metadata", "title=HARBOUR", folder / "v.mp4"], check=True)
    return (folder / "v.mp4").read_bytes()


@case("a video is known by its facts when it comes, is shown by frames, and is never said to have been seen whole")
def _(folder):
    house = at_work()
    data = filmed(folder)
    item = house.report({"kind": "media", "file": "a", "type": "video/mp4"}, files=[("a", data)])[0]
    known = house.anna.get(f"/v1/items/{item}", status=200).json["picture"]
    equal(known, {"kind": "video", "width": 64, "height": 48, "frames": 30, "duration_ms": 3000, "sound": True})
    for level in ("L1", "L2", "L3", "L4", "L5"):
        shown = view(house.anna, item, level, reason="the letters")
        told = about(shown)
        equal((told["frames"], told["columns"], len(told["times_ms"])), (12, 3, 12))
        assert sorted(told["times_ms"]) == told["times_ms"] and told["times_ms"][-1] < 3000
        assert b"HARBOUR" in data and b"HARBOUR" not in shown.body
    one = view(house.anna, item, "L5", reason="the letters", at_ms=told["times_ms"][4])
    equal((about(one)["frames"], about(one)["width"], about(one)["times_ms"]), (1, 64, [told["times_ms"][4]]))
    equal(problem(view(house.anna, item, "L2", status=400, at_ms=0)), "bad-request")
    # A clear frame counts as an item that was looked at; the file as a whole was not.
    equal(house.anna.get("/v1/exposure", status=200).json["used"]["items"], 1)
    equal(house.read("SELECT COUNT(*) FROM exposure_items")[0][0], 0)
    equal(house.read("SELECT COUNT(*) FROM exposure_steps WHERE whole = 1")[0][0], 0)
    picture = house.picture(drawn(folder, 77))
    equal(problem(view(house.anna, picture, "L5", status=422, reason="x", at_ms=0)), "no-view")
    cut = house.report({"kind": "media", "file": "a", "type": "video/mp4"}, files=[("a", data[:40])])[0]
    equal(house.anna.get(f"/v1/items/{cut}", status=200).json["picture"], None)
    equal(problem(view(house.anna, cut, "L1", status=422)), "no-view")


@case("an item is known by its facts first; each step shows more, wants more, and is counted")
def _(folder):
    house = at_work()
    data = drawn(folder)
    item = house.picture(data)
    facts = house.anna.get(f"/v1/items/{item}", status=200).json
    equal((facts["kind"], facts["type"], facts["state"], facts["bytes"]), ("media", PICTURE, "here", len(data)))
    equal(facts["sha256"], hashlib.sha256(data).hexdigest())
    equal((facts["decided"], facts["severe"], facts["picture"], facts["views"]["count"]), (None, False, None, 0))
    equal(rungs(house.anna, item), dict.fromkeys(("L1", "L2", "reveal", "L3", "L4", "L5"), "may"))
    equal([rung["needs"] for rung in facts["ladder"]], [[], [], ["reason"], [], ["reason"], ["reason"]])
    equal(rungs(house.tess, item), {"L1": "may", **dict.fromkeys(("L2", "reveal", "L3", "L4", "L5"), "role")})
    shown = view(house.anna, item, "L1")
    assert shown.body.startswith(b"\x89PNG") and shown.headers["cache-control"] == "no-store"
    equal((about(shown)["picture"], about(shown)["frames"]),
          ({"kind": "png", "width": 80, "height": 80, "frames": 1, "duration_ms": 0, "sound": False}, 1))
    view(house.anna, item, "L2")
    view(house.anna, item, "L3")
    equal(house.anna.get("/v1/exposure", status=200).json["used"], {"items": 0, "seconds": 0, "severe": 0})
    for level, more in (("L4", {}), ("L5", {}), ("L2", {"reveal": {"x": 9, "y": 9}})):
        equal(problem(view(house.anna, item, level, status=400, **more)), "bad-request")
    equal(house.read("SELECT COUNT(*) FROM exposure_items")[0][0], 0)
    small = view(house.anna, item, "L4", reason="the letters on the tower")
    assert max(about(small)["width"], about(small)["height"]) <= 320
    clear = view(house.anna, item, "L5", reason="the letters on the tower")
    assert clear.body.startswith(b"\xff\xd8\xff") and data[40:80] not in clear.body
    facts = house.anna.get(f"/v1/items/{item}", status=200).json
    equal((facts["views"]["count"], facts["views"]["highest"]), (5, "L5"))
    equal(facts["picture"], {"kind": "png", "width": 80, "height": 80, "frames": 1, "duration_ms": 0, "sound": False})
    equal(house.bert.get(f"/v1/items/{item}", status=200).json["views"]["count"], 0)
    used = house.anna.get("/v1/exposure", status=200).json["used"]
    equal((used["items"], used["seconds"]), (1, 120))
    # Who stops looking gets back what is left; who looks on takes more.
    path = f"/v1/items/{item}/views/{about(clear)['view']}"
    house.anna.post(path, status=200)
    house.anna.ask("DELETE", path, status=204)
    house.anna.ask("DELETE", path, status=204)
    house.anna.post(path, status=409)
    house.bert.post(path, status=404)
    assert house.anna.get("/v1/exposure", status=200).json["used"]["seconds"] < 120
    # What a report may say comes from this count.
    payload = house.read("SELECT payload FROM intake_items WHERE id = ?", item)[0][0]
    assert house.read("SELECT file_at FROM exposure_items WHERE item = ?", payload)[0][0] > 0
    job = facts["job"]
    house.anna.post(f"/v1/jobs/{job}/take", status=200)
    house.anna.post(f"/v1/jobs/{job}/decisions", {"outcome": "none"}, status=201)
    equal(house.anna.get(f"/v1/jobs/{job}", status=200).json["decisions"][0]["exposure"], "L5")
    ward("audit", "verify", "-w", house.place, status=0)
    custody = [row["action"] for row in rows(ward("vault", "show", "-w", house.place, payload, status=0))[0]["custody"]]
    # Each of five was opened, and two clear ones were told for their own sake.
    equal(custody.count("item.opened"), 7)


@case("what was decided is known when it comes again, and nobody has to look")
def _(folder):
    house = at_work()
    data = drawn(folder, 3)
    first = house.picture(data)
    job = house.anna.get(f"/v1/items/{first}", status=200).json["job"]
    house.anna.post(f"/v1/jobs/{job}/take", status=200)
    told = house.anna.post(f"/v1/jobs/{job}/decisions", {"outcome": "none"}, status=201).json["decision"]
    again = house.picture(data)
    facts = house.bert.get(f"/v1/items/{again}", status=200).json
    assert facts["job"] != job
    equal((facts["first"], facts["alike"], facts["decided"]["decision"], facts["decided"]["outcome"]),
          (first, "digest", told, "none"))
    equal(house.bert.get(f"/v1/jobs/{facts['job']}", status=200).json["known_decision"], told)
    equal(facts["ladder"][0]["needs"], ["reason"])
    equal(problem(view(house.bert, again, "L1", status=400)), "bad-request")
    view(house.bert, again, "L1", reason="an appeal")


@case("what is in a queue of others, or nowhere, is not there, by no path")
def _(folder):
    house = at_work()
    house.chief.ask("PUT", "/v1/queues/narrow", {"title": "Narrow", "everyone": False}, status=200)
    house.chief.ask("PUT", f"/v1/queues/narrow/people/{house.anna.person}", status=200)
    route = house.chief.post("/v1/routes", {"mode": "live", "conditions": {"label": "own:narrow"},
                                            "queue": "narrow"}, status=201).json["id"]
    picture = drawn(folder, 5)
    item = house.picture(picture, context={"labels": "own:narrow"})
    pdq = house.anna.get(f"/v1/items/{item}", status=200).json["pdq"]
    shown = about(view(house.anna, item, "L1"))["view"]
    for who, there in ((house.anna, 200), (house.bert, 404)):
        who.get(f"/v1/items/{item}", status=there)
        view(who, item, "L1", status=there)
        who.post(f"/v1/items/{item}/views/{shown}", status=there)
        who.post(f"/v1/items/{item}/text", status=409 if there == 200 else 404)
        near = who.post("/v1/jobs/search", {"pdq": pdq}, status=200).json["jobs"]
        equal([(row["item"], row["distance"]) for row in near], [(item, 0)] if there == 200 else [])
    view(house.anna, "no-such-item", "L1", status=404)
    house.chief.get(f"/v1/items/{item}", status=403)
    house.chief.ask("DELETE", f"/v1/routes/{route}", status=200)


@case("a locked vault shows nothing, and a key that nobody gave opens nothing")
def _(folder):
    house = at_work()
    item = house.picture(drawn(folder, 7))
    house.bert.ask("DELETE", "/v1/session/unlock", status=204)
    equal(problem(view(house.bert, item, "L1", status=423)), "locked")
    facts = house.bert.get(f"/v1/items/{item}", status=200).json
    equal((facts["unlocked"], facts["ladder"][0]["needs"]), (False, ["unlock"]))
    equal(problem(view(house.tess, item, "L1", status=423)), "locked")
    house.tess.ask("PUT", "/v1/session/key", {"phrase": PHRASE})
    house.tess.post("/v1/session/unlock", {"phrase": PHRASE}, status=200)
    equal(problem(view(house.tess, item, "L1", status=403)), "permission")
    equal(problem(view(house.tess, item, "L2", status=403)), "permission")
    equal(house.read("SELECT COUNT(*) FROM exposure_steps WHERE shown_at <> 0")[0][0], 0)


@case("budgets end the day for what is clear, and a supervisor adds once, with a reason")
def _(folder):
    house = at_work()
    items = [house.picture(drawn(folder, 20 + number)) for number in range(6)]
    for item in items[:4]:
        view(house.anna, item, "L4", reason="the letters")
    equal(problem(view(house.anna, items[4], "L4", status=403, reason="the letters")), "exposure")
    equal({rungs(house.anna, items[4])[step] for step in ("reveal", "L4", "L5")}, {"items"})
    view(house.anna, items[4], "L3")
    view(house.anna, items[0], "L5", reason="it counts already")
    more = f"/v1/exposure/team/{house.anna.person}"
    house.anna.ask("PUT", more, {"items": 1, "reason": "for myself"}, status=403)
    house.chief.ask("PUT", more, {"items": 3, "reason": "too many"}, status=400)
    house.chief.ask("PUT", more, {"items": 1}, status=400)
    house.chief.ask("PUT", more, {"items": 1, "reason": "two are ill"}, status=204)
    house.chief.ask("PUT", more, {"items": 1, "reason": "again"}, status=409)
    house.chief.ask("PUT", "/v1/exposure/team/nobody", {"items": 1, "reason": "who?"}, status=404)
    view(house.anna, items[4], "L4", reason="the letters")
    view(house.anna, items[5], "L4", status=403, reason="the letters")
    mine = house.anna.get("/v1/exposure", status=200).json
    equal((mine["used"]["items"], mine["budget"]["items"], mine["raised"]["items"], mine["level_max"], mine["warn"]),
          (5, 5, 1, "L3", True))
    team = house.chief.get("/v1/exposure/team", status=200).json
    equal((team["people"], team["used"]["items"], team["check_ins"]), (1, 5, None))
    equal(house.chief.get("/v1/exposure/team?date=2020-02-02", status=200).json["people"], 0)
    house.chief.get("/v1/exposure/team?date=noon", status=400)
    house.anna.get("/v1/exposure/team", status=403)


@case("who is new sees mosaics, and gets nothing of the gravest class")
def _(folder):
    house = at_work()
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
    house.chief.ask("PUT", f"/v1/exposure/team/{house.bert.person}", {"started": soon, "reason": "they are new"},
                    status=204)
    house.chief.ask("PUT", "/v1/policies/grave", {"title": "Grave", "labels": "own:grave", "severe": True}, status=200)
    item = house.picture(drawn(folder, 40), context={"labels": "own:grave"}, urgency="now")
    equal(rungs(house.bert, item), {"L1": "may", **dict.fromkeys(("L2", "reveal", "L3", "L4", "L5"), "new")})
    view(house.bert, item, "L1")
    equal(problem(view(house.bert, item, "L2", status=403)), "exposure")
    job = house.bert.get(f"/v1/items/{item}", status=200).json["job"]
    house.bert.post(f"/v1/jobs/{job}/take", status=403)
    equal(house.anna.post("/v1/queues/inbox/take", status=200).json["id"], job)
    house.anna.ask("PUT", "/v1/exposure/themes/own:grave", status=204)
    equal(house.anna.get("/v1/exposure/themes", status=200).json["themes"], ["own:grave"])
    house.anna.post(f"/v1/jobs/{job}/release", status=200)
    house.anna.post(f"/v1/jobs/{job}/take", status=403)
    house.anna.ask("DELETE", "/v1/exposure/themes/own:grave", status=204)
    house.anna.post(f"/v1/jobs/{job}/take", status=200)
    house.anna.post(f"/v1/jobs/{job}/release", status=200)


@case("the gravest class is shown clear when a second person agrees, once")
def _(folder):
    house = at_work()
    house.chief.ask("PUT", "/v1/policies/grave", {"title": "Grave", "labels": "own:grave", "severe": True}, status=200)
    item = house.picture(drawn(folder, 50), context={"labels": "own:grave"})
    facts = house.anna.get(f"/v1/items/{item}", status=200).json
    equal((facts["severe"], facts["ladder"][5]["needs"]), (True, ["reason", "second"]))
    view(house.anna, item, "L2")
    second = view(house.anna, item, "L5", status=202, reason="the face of the keeper").json["second"]
    equal(view(house.anna, item, "L5", status=202, reason="the face of the keeper").json["second"], second)
    equal(house.anna.get("/v1/exposure", status=200).json["used"]["items"], 0)
    waits = next(row for row in house.chief.get("/v1/seconds", status=200).json["waiting"] if row["id"] == second)
    equal((waits["kind"], waits["object"], waits["detail"]["step"], waits["detail"]["labels"]),
          ("item.severe", f"item:{item}", "L5", "own:grave"))
    answer = {"confirm": True, "reason": "it is needed"}
    house.anna.post(f"/v1/seconds/{second}", answer, status=403)
    house.chief.post(f"/v1/seconds/{second}", answer, status=204)
    equal([(row["state"], row["step"]) for row in
           house.anna.get(f"/v1/items/{item}", status=200).json["seconds"]], [("confirmed", "L5")])
    # It is for this step, of this person.
    view(house.anna, item, "L4", status=202, reason="the face of the keeper")
    view(house.bert, item, "L5", status=202, reason="the face of the keeper")
    view(house.anna, item, "L5", reason="the face of the keeper")
    view(house.anna, item, "L5", status=202, reason="once more")
    equal(house.anna.get("/v1/exposure", status=200).json["used"]["severe"], 1)


@case("the quiet key ends what is open and keeps it dark until it is lifted")
def _(folder):
    house = at_work()
    item = house.picture(drawn(folder, 60))
    note = house.report({"kind": "text", "text": "The lamp is out."})[0]
    shown = about(view(house.anna, item, "L5", reason="the letters"))["view"]
    house.anna.ask("PUT", "/v1/exposure/quiet", status=204)
    equal(house.anna.get("/v1/session", status=200).json["unlocked_s"], 0)
    mine = house.anna.get("/v1/exposure", status=200).json
    equal((mine["quiet"], mine["level_max"], mine["may_severe"]), (True, "L0", False))
    house.anna.post(f"/v1/items/{item}/views/{shown}", status=409)
    house.anna.post("/v1/session/unlock", {"phrase": PHRASE}, status=200)
    equal(set(rungs(house.anna, item).values()), {"quiet"})
    equal(problem(view(house.anna, item, "L1", status=403)), "exposure")
    equal(problem(house.anna.post(f"/v1/items/{note}/text", status=403)), "exposure")
    view(house.bert, item, "L1")
    house.anna.ask("DELETE", "/v1/exposure/quiet", status=204)
    view(house.anna, item, "L1")
    house.anna.post("/v1/exposure/break", status=204)
    house.anna.ask("PUT", "/v1/exposure/shift", {"until": "2099-01-01T00:00:00Z"}, status=204)
    equal(house.anna.get("/v1/exposure", status=200).json["shift_until"], "2099-01-01T00:00:00Z")
    house.anna.ask("PUT", "/v1/exposure/shift", {"until": "soon"}, status=400)
    house.anna.ask("PUT", "/v1/exposure/shift", {"until": None}, status=204)
    equal(house.anna.get("/v1/exposure", status=200).json["shift_until"], None)


@case("words are read as L0, from the vault, and a picture has none")
def _(folder):
    house = at_work()
    words = "The lamp is out, said the keeper. \u00bfQui\u00e9n?"
    note, site = house.report({"kind": "text", "text": words},
                              {"kind": "url", "text": "HTTPS://Harbour.example/lamp#top"})
    told = house.anna.post(f"/v1/items/{note}/text", status=200).json
    equal((told["text"], told["whole"], told["bytes"]), (words, True, len(words.encode())))
    equal(house.anna.post(f"/v1/items/{site}/text", status=200).json["text"], "HTTPS://Harbour.example/lamp#top")
    facts = house.anna.get(f"/v1/items/{site}", status=200).json
    equal((facts["form"], facts["host"], facts["ladder"][0]["why"]), ("harbour.example/lamp", "harbour.example", "kind"))
    equal(problem(view(house.anna, note, "L1", status=422)), "no-view")
    long = house.report({"kind": "text", "text": "lamp " * 60000})[0]
    told = house.anna.post(f"/v1/items/{long}/text", status=200).json
    equal((told["whole"], len(told["text"])), (False, 256 * 1024))
    item = house.picture(drawn(folder, 70))
    house.anna.post(f"/v1/items/{item}/text", status=409)
    assert words[:12] not in house.daemon.log()


def counted(house):
    return (house.anna.get("/v1/exposure", status=200).json["used"],
            house.read("SELECT COUNT(*) FROM exposure_steps WHERE shown_at <> 0")[0][0])


@case("what gives no view is not counted: a damaged file, another kind, a worker that dies of it")
def _(folder):
    house = at_work()
    broken = house.picture(drawn(folder, 80)[:60])
    letter = house.picture(b"Dear keeper, the lamp is lit.\n")
    for item in (broken, letter):
        equal(problem(view(house.anna, item, "L5", status=422, reason="the letters")), "no-view")
    view(house.anna, broken, "L9", status=400)
    view(house.anna, broken, "L1", status=400, cells=2)
    # Large enough for the worker to be at it for a while.
    line = b"\0" + bytes((x * 7 + x // 13) % 256 for x in range(5000))
    path = folder / "large.png"

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 5000, 5000, 8, 0, 0, 0, 0)) +
                     chunk(b"IDAT", zlib.compress(line * 5000, 1)) + chunk(b"IEND", b""))
    large, told = house.picture(path.read_bytes()), []
    asking = threading.Thread(target=lambda: told.append(
        view(house.anna, large, "L5", status=422, reason="the letters")))
    asking.start()
    while asking.is_alive():
        for child in house.daemon.children():
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(.01)
    asking.join()
    equal(problem(told[0]), "no-view")
    assert "counted" in told[0].json["detail"], told[0]
    equal(counted(house), ({"items": 0, "seconds": 0, "severe": 0}, 0))
    # Who leaves while it is made sees nothing of it, and nothing is counted.
    for leave, statuses in (("/v1/exposure/quiet", (403, 409, 423)), ("/v1/session/unlock", (423,))):
        told.clear()
        asking = threading.Thread(target=lambda: told.append(
            view(house.anna, large, "L5", status=None, reason="the letters")))
        asking.start()
        time.sleep(.05)
        house.anna.ask("PUT" if "quiet" in leave else "DELETE", leave, status=204)
        asking.join()
        assert told[0].status in statuses and told[0].json, told[0]
        house.anna.ask("DELETE", "/v1/exposure/quiet", status=204)
        house.anna.post("/v1/session/unlock", {"phrase": PHRASE}, status=200)
    used, views = counted(house)
    equal((used["items"], views), (0, 0))
    assert about(view(house.anna, large, "L1"))["picture"]["width"] == 5000


def animated(frames, side=40):
    """A GIF without compression: codes of eight bits, with a clear code now and then."""
    data = b"GIF89a" + struct.pack("<HHBBB", side, side, 0xf6, 0, 0) + bytes(v for n in range(128) for v in (2 * n,) * 3)
    for frame in range(frames):
        bits, count, out = 0, 0, b""
        codes = []
        for place in range(side * side):
            codes += [128] if place % 100 == 0 else []
            codes.append((place * (frame + 3) // 7) % 128)
        for code in codes + [129]:
            bits, count = bits | code << count, count + 8
            while count >= 8:
                out, bits, count = out + bytes((bits & 255,)), bits >> 8, count - 8
        data += b"\x21\xf9\x04\x04\x0a\0\0\0\x2c" + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\x07"
        for at in range(0, len(out), 255):
            data += bytes((len(out[at:at + 255]),)) + out[at:at + 255]
        data += b"\0"
    return data + b"\x3b"


@case("what moves is a sheet of frames, and a sheet is not the file")
def _(folder):
    house = at_work()
    item = house.picture(animated(12))
    shown = about(view(house.anna, item, "L5", reason="the letters"))
    equal((shown["frames"], shown["picture"]["kind"]), (9, "gif"))
    payload = house.read("SELECT payload FROM intake_items WHERE id = ?", item)[0][0]
    equal(house.read("SELECT file_at FROM exposure_items WHERE item = ? AND file_at <> 0", payload), [])
    equal(house.anna.get(f"/v1/items/{item}", status=200).json["views"]["highest"], "L5")


@case("a check-in is for the one who said it: nobody else, no row of the log, no locked session")
def _(folder):
    house = at_work()
    before = house.read("SELECT COUNT(*) FROM audit_rows")[0][0]
    said = {"sleep": "the fog horn kept me awake", "wish": 3}
    told = house.anna.post("/v1/exposure/check-ins", {"answers": said}, status=201).json["id"]
    equal(house.read("SELECT COUNT(*) FROM audit_rows")[0][0], before)
    mine = house.anna.get("/v1/exposure/check-ins", status=200).json
    equal((mine["unlocked"], mine["due"], [row["answers"] for row in mine["check_ins"]]), (True, False, [said]))
    equal(house.anna.get("/v1/exposure", status=200).json["check_in_due"], False)
    equal(house.bert.get("/v1/exposure/check-ins", status=200).json["check_ins"], [])
    house.bert.ask("DELETE", f"/v1/exposure/check-ins/{told}", status=404)
    for path in house.place.rglob("ward.db*"):
        assert b"fog horn" not in path.read_bytes(), path
    house.anna.ask("DELETE", "/v1/session/unlock", status=204)
    mine = house.anna.get("/v1/exposure/check-ins", status=200).json
    equal((mine["unlocked"], mine["check_ins"][0]["answers"]), (False, None))
    house.anna.post("/v1/exposure/check-ins", {"answers": "fine"}, status=400)
    house.anna.post("/v1/exposure/check-ins", {"answers": {"long": "x" * 5000}}, status=400)
    house.chief.post("/v1/exposure/check-ins", {"answers": {}}, status=409)
    house.anna.ask("DELETE", f"/v1/exposure/check-ins/{told}", status=204)


@case("jobs are found by a picture like theirs, which is kept nowhere")
def _(folder):
    house = at_work()
    path = draw_png(folder / "bridge.png", bridge)
    pdq = hash_of(path)["pdq"]
    # What the sender says of a picture that is there counts less than what we see.
    item, other = house.report({"kind": "media", "file": "a", "type": PICTURE, "pdq": "0f" * 32},
                               {"kind": "media", "file": "b", "type": PICTURE},
                               files=[("a", path.read_bytes()), ("b", b"a letter")])
    facts = house.anna.get(f"/v1/items/{item}", status=200).json
    equal((facts["pdq"], facts["pdq_quality"]), (pdq, 100))
    equal(house.anna.get(f"/v1/items/{other}", status=200).json["pdq"], None)
    brighter = draw_png(folder / "other.png", bridge, 260, 260, lambda value: value * .8 + 30)
    sent = form(("file", "other.png", brighter.read_bytes()))
    kept = sorted(house.place.rglob("*"))
    found = house.anna.ask("POST", "/v1/jobs/search", sent["body"], headers=sent["headers"], status=200).json
    equal([row["item"] for row in found["jobs"]], [item])
    assert found["jobs"][0]["distance"] <= 31 and found["quality"] >= 50, found
    equal(found["jobs"][0]["job"]["id"], house.anna.get(f"/v1/items/{item}", status=200).json["job"])
    equal(sorted(house.place.rglob("*")), kept)
    # A picture that looks the same joins the job.
    same = house.picture(brighter.read_bytes())
    facts = house.anna.get(f"/v1/items/{same}", status=200).json
    equal((facts["alike"], facts["first"], facts["job"]), ("near", item, found["jobs"][0]["job"]["id"]))
    equal(house.anna.post("/v1/jobs/search", {"pdq": pdq}, status=200).json["quality"], None)
    house.anna.post("/v1/jobs/search", {"pdq": "0f"}, status=400)
    sent = form(("file", "letter.txt", b"Dear keeper, the lamp is lit.\n"))
    equal(problem(house.anna.ask("POST", "/v1/jobs/search", sent["body"], headers=sent["headers"], status=422)), "no-view")
    house.tess.post("/v1/jobs/search", {"pdq": pdq}, status=403)


@case("what is kept longer than it is needed goes by itself")
def _(folder):
    place = workspace(folder)
    ward("vault", "init", "-w", place, status=0)
    (place / "ward.conf").write_text("exposure { keep_days = 10 }\n")
    now, row = int(time.time()), "INSERT INTO exposure_steps VALUES (?, 'p-anna', 's', 'i', 0, 1, 0, 0, ?, 0, 0, ?, " \
        "?, 0, ?, 0, 0, 0, 0, 0, 3, 0)"
    with sqlite3.connect(place / "ward.db") as store:
        for name, age in (("old", 11), ("new", 9)):
            at = now - age * 86400
            store.execute(row, (name, at // 86400, at, at, at + 60))
    left = place / "vault" / "01" / "01a21902-5372-70f1-a251-97aca158812b.sealed"
    left.parent.mkdir(exist_ok=True)
    fresh = left.with_name("01a21902-5372-70f1-a251-97aca158812c.sealed")
    for path in (left, fresh):
        path.write_bytes(b"nobody speaks of it")
    os.utime(left, (now - 2 * 86400,) * 2)
    with Daemon(place, demo=False):
        wait_until(lambda: not left.exists())
        with sqlite3.connect(place / "ward.db") as store:
            wait_until(lambda: store.execute("SELECT id FROM exposure_steps").fetchall() == [("new",)])
    assert fresh.exists()


if __name__ == "__main__":
    run_cases()
