#!/usr/bin/env python3
"""videos.py WARD DRAW GOLDEN FOLDER FILMS OTHERS - what is still found of a video that somebody changed.

FILMS are made of drawn scenes, each two seconds long, in which the camera moves; those of GOLDEN that are not made of each
other come to them.  All are listed, by the hashes of their frames (vPDQ) and by TMK+PDQF, with OTHERS more films that nobody
asks for.  Each is changed in each way of WAYS and scanned as it is, with borders cut, in all orientations, and both; and
compared with its original by the reference's own rules (`ward compare`: 80 % of either side's frames alike, at 31 bits and quality
50; TMK 0.7 and 0.7), which is what the tools published for these hashes do.
"""
import concurrent.futures
import json
import os
import pathlib
import random
import subprocess
import sys

SCENES = ("lighthouse", "bridge", "hills", "shapes", "city")
SIDES = (320, 240)
SCENE_S, SCENES_A_FILM = 2, 6
SCANS = {"plain": ["--no-borders"], "borders": [], "turned": ["--no-borders", "--any-orientation"], "both": ["--any-orientation"]}
LENGTH = SCENE_S * SCENES_A_FILM

# A chain of the ffmpeg command's filters, with parts of the film's length, and words before the output.
WAYS = {
    "as it is": ("null",),
    "encoded anew, small (crf 36)": ("null", "-crf", "36"),
    "half the size": ("scale=iw/2:ih/2",),
    "a quarter of the size": ("scale=iw/4:-2",),
    "another format (MPEG-4 part 2, AVI)": ("null", "avi"),
    "15 frames a second": ("fps=15",),
    "letterbox, black": ("pad=iw:ih*1.3:0:(oh-ih)/2",),
    "bars at the sides, black": ("pad=iw*1.4:ih:(ow-iw)/2:0",),
    "frame, white, 10 %": ("pad=iw*1.2:ih*1.2:(ow-iw)/2:(oh-ih)/2:white",),
    "mirrored": ("hflip",),
    "turned 90": ("transpose=1",),
    "mirrored, letterbox": ("hflip,pad=iw:ih*1.3:0:(oh-ih)/2",),
    "a tenth faster": ("setpts=PTS/1.1",),
    "a tenth slower": ("setpts=PTS*1.1",),
    "its middle half": ("trim=QUARTER:THREE,setpts=PTS-STARTPTS",),
    "a third of it": ("trim=THIRD:TWO,setpts=PTS-STARTPTS",),
    "without its middle third": ("select='lt(t,THIRD)+gt(t,TWO)',setpts=N/FRAME_RATE/TB",),
    "logo": ("drawbox=iw*.8:ih*.05:iw*.15:ih*.15:red:fill",),
    "words below": ("drawbox=0:ih*.85:iw:ih*.1:black@.6:fill",),
    "blur": ("gblur=2",),
    "crop 2 %": ("crop=iw*.98:ih*.98",),
    "crop 5 %": ("crop=iw*.95:ih*.95",),
    "grey": ("hue=s=0",),
    "gamma 1.5": ("eq=gamma=1.5",),
    "noise": ("noise=alls=20:allf=t",),
}


def run(*words, **more):
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, **more)


def film(task):
    draw, folder, number = task
    dice = random.Random(number)
    words, chains = [], []
    for scene in range(SCENES_A_FILM):
        picture = folder / f"f{number}-{scene}.png"
        run(draw, "--one", dice.choice(SCENES), dice.randrange(1 << 20), 640, 480, picture)
        words += ["-loop", "1", "-framerate", "25", "-t", SCENE_S, "-i", picture]
        pan = dice.choice(("iw/2-iw/zoom/2", "0", "iw-iw/zoom"))
        chains.append(f"[{scene}]zoompan=z='1+.002*on':x='{pan}':y='ih/2-ih/zoom/2':d=1:s={SIDES[0]}x{SIDES[1]}:fps=25[v{scene}]")
    path = folder / f"film{number:03}.mp4"
    joined = "".join(f"[v{scene}]" for scene in range(SCENES_A_FILM))
    run("ffmpeg", "-nostdin", "-v", "error", *words, "-filter_complex", ";".join([*chains, f"{joined}concat=n={SCENES_A_FILM}"]),
        "-t", LENGTH, "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", path)
    return path


def change(task):
    path, folder, number, way = task
    chain, *words = WAYS[way]
    length = float(run("ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path, text=True).stdout)
    for part, share in (("QUARTER", .25), ("THREE", .75), ("THIRD", 1 / 3), ("TWO", 2 / 3)):
        chain = chain.replace(part, f"{length * share:.3f}")
    target = folder / f"{number:02}-{path.stem}.{'avi' if words == ['avi'] else 'mp4'}"
    coded = ["-c:v", "mpeg4", "-q:v", "6"] if words == ["avi"] else ["-c:v", "libx264", "-preset", "veryfast", *words]
    run("ffmpeg", "-nostdin", "-v", "error", "-i", path, "-an", "-vf", chain + ",scale=trunc(iw/2)*2:trunc(ih/2)*2", *coded,
        "-pix_fmt", "yuv420p", target)
    return target


def golden_films(golden):
    """Of those made of each other, one."""
    return [path for path in (golden / "videos/doorknob-hd-no-bar.mp4", golden / "videos/pattern-sd-grey-bar.mp4") if path.is_file()]


def compare(task):
    ward, original, changed = task
    told = json.loads(subprocess.run([ward, "compare", "--json", original, changed], capture_output=True, text=True).stdout)
    return all(side["percent"] >= 80 for side in told["vpdq"]), told["tmk_level1"] >= .7 and told["tmk_level2"] >= .7


def main():
    ward, draw, golden, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), pathlib.Path(sys.argv[4])
    films_count, others = map(int, sys.argv[5:])
    made = folder / "films"
    made.mkdir()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        films = list(pool.map(film, [(draw, made, number) for number in range(films_count + others)]))
        asked = golden_films(golden) + films[:films_count]
        places = {}
        for kind in ("vpdq", "tmk"):
            places[kind] = folder / f"{kind}-place"
            run(ward, "init", places[kind])
        for path in asked + films[films_count:]:
            told = json.loads(run(ward, "hash", "--vpdq", "--json", path, text=True).stdout)
            run(ward, "list", "import", "-w", places["vpdq"], path.stem, "-", input=json.dumps({"vpdq": told["vpdq"]}), text=True)
            features = folder / "features"
            features.mkdir(exist_ok=True)
            run(ward, "hash", "--tmk", "-o", features, path)
        for path in sorted((folder / "features").iterdir()):
            run(ward, "list", "import", "-w", places["tmk"], path.stem.split(".")[0], path)
        print(json.dumps({"asked": len(asked), "golden": len(golden_films(golden)), "listed": len(asked) + others}), flush=True)
        for number, way in enumerate(WAYS):
            target = folder / f"way{number}"
            target.mkdir()
            copies = list(pool.map(change, [(path, target, i, way) for i, path in enumerate(asked)]))
            compared = list(pool.map(compare, [(ward, path, copy) for path, copy in zip(asked, copies)]))
            row = {"way": way, "asked": len(asked), "peer_vpdq": sum(v for v, _ in compared), "peer_tmk": sum(t for _, t in compared)}
            for kind, place in places.items():
                for scan, words in SCANS.items():
                    if kind == "tmk" and scan != "plain":
                        continue
                    out = subprocess.run([ward, "scan", "-w", place, "--json", *words, target], capture_output=True, text=True).stdout
                    right = wrong = 0
                    times = []
                    for told in map(json.loads, out.splitlines()):
                        if "findings" not in told:
                            continue
                        own = pathlib.Path(told["path"]).stem[3:]
                        named = {found["list"] for found in told["findings"] if found.get("type") in ("video", "tmk")}
                        right += own in named
                        wrong += bool(named - {own})
                        times.append(told["time_us"])
                    row[f"{kind} {scan}"] = {"right": right, "wrong": wrong, "us": sorted(times)[len(times) // 2] if times else 0}
            print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
