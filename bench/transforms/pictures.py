#!/usr/bin/env python3
"""pictures.py WARD DRAW GOLDEN FOLDER KNOWN OTHERS UNLISTED - what is still found of a picture that somebody changed.

Listed are KNOWN drawn pictures, the photographs of GOLDEN (if that is there) and OTHERS more that nobody asks for.  Each
of the first two, and UNLISTED that are on no list, is changed in each way of WAYS and scanned four times: as it is, with
borders cut, in all orientations, and both.  An object a line: of each way how many were found by their own entry, how many
hits there were on another's, and on pictures that are not listed; the peer is pdqhash's distance to the original.
"""
import concurrent.futures
import functools
import json
import pathlib
import random
import statistics
import subprocess
import sys

import numpy
import pdqhash
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

SCENES = ("lighthouse", "bridge", "hills", "shapes", "city")
NEAR = 31
APART = 70  # originals that are nearer to each other are left out: what would be right?
SCANS = {"plain": ["--no-borders"], "borders": [], "turned": ["--no-borders", "--any-orientation"], "both": ["--any-orientation"]}


# ---- what is done to them: a picture and a dice in, a picture out, and how it is written ----

def resized(image, across, down=None):
    return image.resize((max(8, round(image.width * across)), max(8, round(image.height * (down or across)))), Image.LANCZOS)


def cropped(image, share, dice):
    """So much of each side's length is gone, somewhere."""
    across, down = image.width * share, image.height * share
    left, top = dice.random() * across, dice.random() * down
    return image.crop((round(left), round(top), round(image.width - across + left), round(image.height - down + top)))


def framed(image, colour, left, top=None, right=None, bottom=None):
    """Shares of the picture's own sides; of one all are made."""
    top = left if top is None else top
    right = left if right is None else right
    bottom = top if bottom is None else bottom
    out = Image.new("RGB", (round(image.width * (1 + left + right)), round(image.height * (1 + top + bottom))), colour)
    out.paste(image, (round(image.width * left), round(image.height * top)))
    return out


def rounded(image, colour, share):
    out = framed(image, colour, share)
    mask = Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, image.width - 1, image.height - 1), min(image.size) // 12, fill=255)
    out.paste(Image.new("RGB", image.size, colour), (round(image.width * share), round(image.height * share)),
              ImageOps.invert(mask))
    return out



def captioned(image, dice, bar):
    """White letters on the picture, or black ones on a white bar above it."""
    out = framed(image, "white", 0, bar, 0, 0) if bar else image.copy()
    size = max(10, out.height // 12)
    words = " ".join(dice.choice(("LIGHT", "HOUSE", "SEA", "LAMP", "KEEPER")) for _ in range(3))
    draw = ImageDraw.Draw(out)
    font = draw.getfont()
    try:
        font = font.font_variant(size=size)
    except AttributeError:
        pass
    place = (out.width // 12, max(0, round(image.height * bar) - size - 4) if bar else out.height - size * 2)
    draw.text(place, words, fill="black" if bar else "white", font=font, stroke_width=0 if bar else 2, stroke_fill="black")
    return out


def logo(image, share):
    out, side = image.copy(), round(min(image.size) * share)
    box = (out.width - side - side // 4, out.height - side - side // 4)
    draw = ImageDraw.Draw(out)
    draw.ellipse((*box, box[0] + side, box[1] + side), fill=(200, 30, 60), outline="white", width=max(1, side // 12))
    draw.rectangle((box[0] + side // 3, box[1] + side // 3, box[0] + 2 * side // 3, box[1] + 2 * side // 3), fill="white")
    return out


def noisy(image, sigma, dice):
    noise = numpy.random.default_rng(dice.getrandbits(32)).normal(0, sigma, (image.height, image.width, 3))
    return Image.fromarray(numpy.clip(numpy.asarray(image, dtype=numpy.float64) + noise, 0, 255).astype(numpy.uint8))


def gamma(image, power):
    return image.point([round(255 * (i / 255) ** power) for i in range(256)] * 3)


def tilted(image, degrees):
    return image.rotate(degrees, Image.BICUBIC, expand=False, fillcolor="black")


def screenshot(image, dice, dark):
    """A telephone's screen: a bar above with marks, the picture as wide as the screen, keys below."""
    ground, ink = ((16, 16, 20), "white") if dark else ((250, 250, 250), "black")
    scale = 540 / image.width
    picture = image.resize((540, round(image.height * scale)), Image.LANCZOS)
    out = Image.new("RGB", (540, max(960, picture.height + 260)), ground)
    top = (out.height - picture.height) // 2
    out.paste(picture, (0, top))
    draw = ImageDraw.Draw(out)
    draw.text((20, 12), f"{dice.randrange(24):02}:{dice.randrange(60):02}", fill=ink)
    for i in range(3):
        draw.rectangle((430 + 32 * i, 12, 450 + 32 * i, 26), outline=ink)
        draw.ellipse((90 + 160 * i, out.height - 70, 130 + 160 * i, out.height - 30), outline=ink, width=3)
    return out


def filmed(image, dice):
    """A photograph of a screen: askew, with the screen's lines against the camera's, its light uneven."""
    width, height = image.size
    out = framed(image, (12, 12, 14), .06)
    lean = [dice.uniform(0, .03) for _ in range(8)]
    corners = [(lean[0], lean[1]), (lean[2], 1 - lean[3]), (1 - lean[4], 1 - lean[5]), (1 - lean[6], lean[7])]
    out = out.transform(out.size, Image.QUAD, [n for x, y in corners for n in (x * out.width, y * out.height)], Image.BICUBIC)
    pixels = numpy.asarray(out, dtype=numpy.float64)
    y, x = numpy.mgrid[0:out.height, 0:out.width]
    lines = 1 + .06 * numpy.sin(x * 1.9 + y * .13) * numpy.sin(y * 2.1)
    light = 1.05 - .35 * (((x / out.width - .5) ** 2 + (y / out.height - .4) ** 2))
    pixels = 255 * numpy.clip(pixels * (lines * light)[:, :, None] / 255, 0, 1) ** .85
    out = Image.fromarray(numpy.clip(pixels, 0, 255).astype(numpy.uint8)).filter(ImageFilter.GaussianBlur(.8))
    return noisy(resized(out, .8), 5, dice)


def even(colour):
    return lambda image, dice: framed(image, colour, .1, .1)


WAYS = {
    "as it is": lambda i, d: i,
    "JPEG 50": (lambda i, d: i, 50),
    "JPEG 20": (lambda i, d: i, 20),
    "JPEG 10": (lambda i, d: i, 10),
    "half the size": lambda i, d: resized(i, .5),
    "a quarter of the size": lambda i, d: resized(i, .25),
    "twice the size": lambda i, d: resized(i, 2),
    "a tenth wider": lambda i, d: resized(i, 1.1, 1),
    "crop 1 %": lambda i, d: cropped(i, .01, d),
    "crop 2 %": lambda i, d: cropped(i, .02, d),
    "crop 5 %": lambda i, d: cropped(i, .05, d),
    "crop 10 %": lambda i, d: cropped(i, .1, d),
    "letterbox, black, 10 %": lambda i, d: framed(i, "black", 0, .1),
    "letterbox, black, 10 %, JPEG 30": (lambda i, d: framed(i, "black", 0, .1), 30),
    "bars at the sides, 20 %": lambda i, d: framed(i, "black", .2, 0),
    "frame, black, 2 %": lambda i, d: framed(i, "black", .02, .02),
    "frame, white, 10 %": even("white"),
    "frame, grey, 10 %": even((120, 120, 120)),
    "frame, green, 10 %": even((20, 130, 60)),
    "frame, white, 30 %": lambda i, d: framed(i, "white", .3, .3),
    "frame, white, 10 %, half the size, JPEG 40": (lambda i, d: resized(framed(i, "white", .1, .1), .5), 40),
    "frame, white, round corners": lambda i, d: rounded(i, "white", .08),
    "a bar above, white, 15 %": lambda i, d: framed(i, "white", 0, .15, 0, 0),
    "a bar above with words": lambda i, d: captioned(i, d, .15),
    "words on it": lambda i, d: captioned(i, d, 0),
    "logo, 10 %": lambda i, d: logo(i, .1),
    "logo, 25 %": lambda i, d: logo(i, .25),
    "blur 1": lambda i, d: i.filter(ImageFilter.GaussianBlur(1)),
    "blur 4": lambda i, d: i.filter(ImageFilter.GaussianBlur(4)),
    "noise 8": lambda i, d: noisy(i, 8, d),
    "noise 32": lambda i, d: noisy(i, 32, d),
    "gamma 0.6": lambda i, d: gamma(i, .6),
    "gamma 1.6": lambda i, d: gamma(i, 1.6),
    "grey": lambda i, d: ImageOps.grayscale(i).convert("RGB"),
    "contrast 1.5": lambda i, d: ImageEnhance.Contrast(i).enhance(1.5),
    "mirrored": lambda i, d: ImageOps.mirror(i),
    "upside down": lambda i, d: ImageOps.flip(i),
    "turned 90": lambda i, d: i.transpose(Image.ROTATE_90),
    "turned 180": lambda i, d: i.transpose(Image.ROTATE_180),
    "turned 270": lambda i, d: i.transpose(Image.ROTATE_270),
    "tilted 2": lambda i, d: tilted(i, 2),
    "tilted 5": lambda i, d: tilted(i, 5),
    "mirrored, frame, white, 10 %": lambda i, d: framed(ImageOps.mirror(i), "white", .1, .1),
    "screenshot, light": lambda i, d: screenshot(i, d, False),
    "screenshot, dark": lambda i, d: screenshot(i, d, True),
    "photograph of a screen": lambda i, d: filmed(i, d),
}


# ---- the pictures ----

def draw(program, path, number):
    dice = random.Random(number)
    size = dice.choice(((640, 480), (480, 640), (800, 450), (600, 600)))
    subprocess.run([program, "--one", SCENES[number % len(SCENES)], str(number), *map(str, size), path], check=True)


def hash_of(image):
    vector, quality = pdqhash.compute(numpy.asarray(image.convert("RGB")))
    return int("".join("1" if bit else "0" for bit in vector), 2), quality


def photographs(golden):
    found = []
    for folder in ("bridge-mods", "misc-images", "reg-test-input"):
        found += sorted(path for path in (golden / "images/orig" / folder).rglob("*")
                        if path.suffix in (".jpg", ".png") and "dih" not in path.parts) if golden.is_dir() else []
    return found


def apart(hashes, more):
    """Of `more`, names with their hashes, those that are far from all so far, which they join."""
    taken = []
    for name, (value, quality) in more:
        if quality >= 50 and all(bin(value ^ other).count("1") >= APART for other in hashes.values()):
            hashes[name] = value
            taken.append(name)
    return taken


def change(task):
    """One picture in every way."""
    source, folder, name = task
    image = Image.open(source).convert("RGB")
    if max(image.size) > 800:
        image.thumbnail((800, 800))
    distances = []
    original = hash_of(image)[0]
    for number, (way, how) in enumerate(WAYS.items()):
        how, quality = how if isinstance(how, tuple) else (how, 90)
        changed = how(image, random.Random(f"{name}{way}"))
        changed.save(folder / str(number) / f"{name}.jpg", quality=quality)
        distances.append(bin(hash_of(Image.open(folder / str(number) / f"{name}.jpg"))[0] ^ original).count("1"))
    return name, distances


def main():
    ward, program, golden, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), pathlib.Path(sys.argv[4])
    known_count, others, unlisted_count = map(int, sys.argv[5:])
    drawn = folder / "drawn"
    drawn.mkdir()
    for number in range(len(WAYS)):
        (folder / "changed" / str(number)).mkdir(parents=True)
    count = known_count + others + unlisted_count
    with concurrent.futures.ProcessPoolExecutor() as pool:
        paths = [drawn / f"d{number:05}.png" for number in range(count)]
        list(pool.map(functools.partial(draw, program), paths, range(count), chunksize=16))
        photos = photographs(golden)
        hashes = {}
        hashed = list(pool.map(hash_file, [*photos, *paths], chunksize=16))
        taken_photos = apart(hashes, [(path, value) for path, value in zip(photos, hashed)])
        taken = apart(hashes, [(path, value) for path, value in zip(paths, hashed[len(photos):])])
        asked = taken_photos + taken[:known_count]
        unlisted = taken[known_count:known_count + unlisted_count]
        listed = asked + taken[known_count + unlisted_count:]
        tasks = [(path, folder / "changed", f"{'k' if i < len(asked) else 'u'}{i:05}") for i, path in enumerate(asked + unlisted)]
        distances = dict(pool.map(change, tasks, chunksize=1))
    # What is listed is what ward makes of the picture that was changed, at the size it was changed from.
    originals = folder / "originals"
    originals.mkdir()
    entry_of = {}
    lines = []
    for i, path in enumerate(listed):
        image = Image.open(path).convert("RGB")
        if max(image.size) > 800:
            image.thumbnail((800, 800))
        image.save(originals / f"{i:05}.png")
    for row in map(json.loads, subprocess.run([ward, "hash", "--json", *sorted(originals.iterdir())], check=True, capture_output=True,
                                              text=True).stdout.splitlines()):
        number = int(pathlib.Path(row["path"]).stem)
        entry_of[number] = row["frames"][0]["pdq"] if "frames" in row else row["pdq"]
        lines.append(f"pdq:{entry_of[number]}")
    place = folder / "workspace"
    subprocess.run([ward, "init", place], check=True, capture_output=True)
    subprocess.run([ward, "list", "import", "-w", place, "known", "-"], input="\n".join(lines), text=True, check=True,
                   capture_output=True)
    print(json.dumps({"asked": len(asked), "photographs": len(taken_photos), "listed": len(listed), "unlisted": len(unlisted)}),
          flush=True)
    for number, way in enumerate(WAYS):
        row = {"way": way, "asked": len(asked), "unlisted": len(unlisted),
               "peer": sum(distances[f"k{i:05}"][number] <= NEAR for i in range(len(asked)))}
        for scan, words in SCANS.items():
            right = wrong = strangers = 0
            times = []
            out = subprocess.run([ward, "scan", "-w", place, "--json", "--exact", *words, folder / "changed" / str(number)], text=True,
                                 capture_output=True).stdout
            for told in map(json.loads, out.splitlines()):
                if "findings" not in told:
                    continue
                name = pathlib.Path(told["path"]).stem
                listed_hits = {found["listed"] for found in told["findings"] if found.get("type") == "pdq"}
                times.append(told["time_us"])
                if name[0] == "u":
                    strangers += bool(listed_hits)
                else:
                    own = entry_of[int(name[1:])]
                    right += own in listed_hits
                    wrong += bool(listed_hits - {own})
            row[scan] = {"right": right, "wrong": wrong, "strangers": strangers, "us": statistics.median(times)}
        print(json.dumps(row), flush=True)


def hash_file(path):
    image = Image.open(path).convert("RGB")
    if max(image.size) > 800:
        image.thumbnail((800, 800))
    return hash_of(image)


if __name__ == "__main__":
    main()
