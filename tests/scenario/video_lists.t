#!/usr/bin/env python3
"""Videos on lists, from outside: made, exchanged, found, and said where."""
import random

from daemon import *
from scenario import *

WIDTH, HEIGHT, RATE, SCENE_S = 160, 120, 5, 2


def scene(number):
    """Blocks of light that each scene has elsewhere, drawn by code; the same every time."""
    dice = random.Random(number)
    blocks = [(dice.randrange(0, 120), dice.randrange(0, 90), dice.randrange(20, 60),
               dice.randrange(20, 50), dice.randrange(60, 256)) for _ in range(9)]
    rows_of = []
    for y in range(HEIGHT):
        row = bytearray(30 + (x + y) // 4 for x in range(WIDTH))
        for left, top, wide, high, light in blocks:
            if top <= y < top + high:
                row[left:left + wide] = bytes([light]) * len(row[left:left + wide])
        rows_of.append(bytes(row))
    return b"".join(rows_of)


def write(path, scenes, *words):
    """A video of scenes, two seconds each."""
    if not shutil.which("ffmpeg"):
        raise Skip("there is no ffmpeg to write a video with")
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "rawvideo", "-pix_fmt", "gray", "-s",
                    f"{WIDTH}x{HEIGHT}", "-r", str(RATE), "-i", "/dev/fd/0", "-c:v", "libx264",
                    "-preset", "ultrafast", "-pix_fmt", "yuv420p", *words, path],
                   input=b"".join(scene(number) * (RATE * SCENE_S) for number in scenes), check=True)
    return path


def listed(folder, scenes=range(20, 28)):
    """A workspace with one film on a list."""
    place = workspace(folder)
    told = ward("hash", "--vpdq", "--json", write(folder / "film.mp4", scenes)).stdout
    # Its frames alone: the digests would find the very file.
    frames = json.dumps({"vpdq": json.loads(told)["vpdq"], "ref": "film", "labels": ["ward:lamp"]})
    ward("list", "import", "-w", place, "films", "-", stdin=frames.encode(), status=0)
    return place


def scan(place, *words, status=1):
    return rows(ward("scan", "-w", place, "--json", *words, status=status))[0]["findings"]


def near(pair, want):
    assert all(abs(got - hoped) <= 1 for got, hoped in zip(pair, want)), (pair, want)


@case("a film is found by a clip of it that was encoded anew, and it is said where")
def _(folder):
    place = listed(folder)
    clip = write(folder / "clip.mkv", [23, 24, 25], "-vf", "scale=120:90", "-crf", "36")
    found, = scan(place, clip)
    equal((found["kind"], found["list"], found["type"], found["labels"]),
          ("near", "films", "video", ["ward:lamp"]))
    told = found["video"]
    # Frames that are equal count once, so it is about three of eight scenes.
    assert told["asked_percent"] == 100 and 30 < told["listed_percent"] < 45, told
    near(told["spans"][0]["asked"], (0, 5))
    near(told["spans"][0]["listed"], (6, 11))
    table = ward("scan", "-w", place, clip, status=1).stdout.decode()
    assert "100 % of it, " in table and " of the listed one; 0:00-0:05 is 0:06-0:11" in table, table
    equal(scan(place, write(folder / "other.mp4", range(60, 66)), status=0), [])


@case("a clip that is listed is found in a longer film, and one taken out leaves two pieces")
def _(folder):
    place = listed(folder, [23, 24, 25])
    found, = scan(place, write(folder / "long.mp4", range(20, 30)))
    equal(found["video"]["listed_percent"], 100)
    near(found["video"]["spans"][0]["asked"], (6, 11))
    place = listed(folder / "whole")
    found, = scan(place, write(folder / "short.mp4", [20, 21, 22, 26, 27]))
    equal([span["frames"] for span in found["video"]["spans"]], [6, 4])
    near(found["video"]["spans"][1]["listed"], (12, 15))


@case("mirrored it is found when all looks are asked for")
def _(folder):
    place = listed(folder)
    turned = write(folder / "mirrored.mp4", range(20, 28), "-vf", "hflip")
    equal(scan(place, turned, status=0), [])
    found, = scan(place, "--any-orientation", turned)
    assert found["orientation"] == "flipy" and found["video"]["asked_percent"] >= 80, found


@case("letterboxed it is found when borders are cut")
def _(folder):
    place = listed(folder)
    boxed = write(folder / "boxed.mp4", range(20, 28), "-vf", "pad=160:200:0:40")
    equal(scan(place, "--no-borders", boxed, status=0), [])
    found, = scan(place, boxed)
    equal(found["orientation"], "borders cut")
    assert found["video"]["asked_percent"] >= 80, found
    both = write(folder / "both.mp4", range(20, 28), "-vf", "hflip,pad=160:200:0:40")
    equal(scan(place, both, status=0), [])
    found, = scan(place, "--any-orientation", both)
    equal(found["orientation"], "borders cut, flipy")


@case("a listed picture is found in a video, with the time it is shown")
def _(folder):
    place = workspace(folder)
    film = write(folder / "film.mp4", range(20, 28))
    still = folder / "still.png"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-ss", "9", "-i", film, "-frames:v", "1",
                    still], check=True)
    ward("list", "import", "-w", place, "pictures", "-",
         stdin=("pdq:" + hash_of(still)["pdq"] + " ward:lamp\n").encode(), status=0)
    found, = scan(place, film)
    equal((found["list"], found["type"], found["seconds"]), ("pictures", "pdq", [8, 9]))
    assert found["distance"] <= 6, found
    assert b"(at 0:08-0:09)" in ward("scan", "-w", place, film, status=1).stdout
    equal(scan(place, "--no-videos", film, status=0), [])


@case("by TMK a film is found as a whole, with both scores")
def _(folder):
    place = workspace(folder)
    film = write(folder / "film.mp4", range(20, 28))
    ward("hash", "--tmk", "--vpdq", "-o", folder, film, status=0)
    done = ward("list", "import", "-w", place, "films", folder / "film.mp4.tmk", status=0)
    assert b"1 tmk" in done.stdout, done.stdout
    again = write(folder / "again.mkv", range(20, 28), "-vf", "scale=120:90", "-crf", "36")
    found, = scan(place, again)
    assert found["video"]["tmk_level1"] > .9 and found["video"]["tmk_level2"] > .9, found
    equal(scan(place, write(folder / "other.mp4", range(60, 68)), status=0), [])
    shown = ward("list", "show", "-w", place, "films", status=0).stdout
    assert b"tmk of " in shown and b"ref film.mp4" in shown, shown


@case("what is exported is imported again, whole")
def _(folder):
    place = listed(folder)
    for form in ("jsonl", "threatexchange"):
        ward("list", "export", "-w", place, "-f", form, "-o", folder / form, "films", status=0)
        ward("list", "import", "-w", place, form, folder / form, status=0)
        found = scan(place, folder / "film.mp4")
        assert {one["list"] for one in found} >= {"films", form}, found
    equal(ward("list", "diff", "-w", place, "films", "jsonl", status=0).stdout.split(b",")[0],
          b"1 the same")
    done = ward("list", "export", "-w", place, "-f", "csv", "films", status=0)
    assert b"1 of the list's signals, videos and labels" in done.stderr, done.stderr


@case("an excluded video does not count, nor does an entry that is off")
def _(folder):
    place = listed(folder)
    ward("list", "export", "-w", place, "-o", folder / "copy", "films", status=0)
    ward("list", "import", "-w", place, "--sense", "exclude", "mistakes", folder / "copy", status=0)
    found, = scan(place, folder / "film.mp4", status=0)
    equal(found["kind"], "excluded")


@case("of a cut video what is there is found, and a broken one is never called clean")
def _(folder):
    place = listed(folder)
    film = write(folder / "cut.mp4", range(20, 28), "-movflags", "+faststart", "-g", "5")
    data = film.read_bytes()
    film.write_bytes(data[:len(data) * 2 // 3])
    kinds = {one["kind"]: one for one in scan(place, film)}
    equal(set(kinds), {"near", "unreadable"})
    assert kinds["unreadable"]["message"].startswith("seen as far as "), kinds
    equal(kinds["near"]["video"]["asked_percent"], 100)
    film.write_bytes(data[:64] + bytes(random.Random(1).randbytes(4000)))
    found, = scan(place, film)
    equal(found["kind"], "unreadable")
    long = write(folder / "long.mp4", range(20, 28))
    found = scan(place, "--set", "video_time_max=100ms", long)
    assert found, found


@case("without its worker a video is told as not looked into")
def _(folder):
    place = listed(folder)
    programs = folder / "programs"
    programs.mkdir()
    for name in ("ward", "ward-worker"):
        shutil.copy(BUILD / name, programs / name)
    done = subprocess.run([programs / "ward", "scan", "-w", place, "--json", folder / "film.mp4"],
                          capture_output=True, timeout=60, env={"PATH": os.environ["PATH"]})
    found = json.loads(done.stdout)["findings"]
    equal([(one["kind"], one["error"]) for one in found], [("unreadable", "unsupported")])


@case("the service finds the same, within the time of a request")
def _(folder):
    place = listed(folder)
    clip = write(folder / "clip.mkv", [23, 24, 25])
    with Daemon(place) as daemon:
        told = daemon.post("/v1/scan", clip.read_bytes(), status=200).json
        equal(told["files"][0]["findings"], scan(place, clip))
        told = daemon.post("/v1/scan?videos=no", clip.read_bytes(), status=200).json
        equal(told["files"][0]["findings"], [])
        entry = daemon.get("/v1/lists/films/entries", status=200).json["entries"][0]
        equal((entry["vpdq_frames"], entry["seconds"], entry["signals"]), (16, 15, []))


run_cases()
