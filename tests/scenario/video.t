#!/usr/bin/env python3
"""ward hash and ward compare of videos, from outside."""
import hashlib

from scenario import *


def draw_video(path, *words, seconds=4):
    """Ten drawn pictures a second: a lighthouse whose light moves, by the ffmpeg command."""
    if not shutil.which("ffmpeg"):
        raise Skip("there is no ffmpeg to write a video with")
    width, height = 160, 120
    frames = b"".join(
        drawn_rgb(width, height, n / (10 * seconds)) for n in range(10 * seconds))
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s",
                    f"{width}x{height}", "-r", "10", "-i", "/dev/fd/0", "-c:v", "libx264",
                    "-preset", "ultrafast", "-pix_fmt", "yuv420p", *words, path],
                   input=frames, check=True)
    return path


def drawn_rgb(width, height, at):
    row = []
    for y in range(height):
        for x in range(0, width, 8):
            light = 250 if abs(x / width - at) < .12 and y < height // 2 else 20 + y
            wall = 200 if (x // 24 + y // 15) % 3 == 0 else 30
            row.append(bytes((light, wall, wall // 2 + y)) * 8)
    return b"".join(row)


@case("frames of a video have lines, and with --json the signal that others read")
def _(folder):
    path = draw_video(folder / "a.mp4")
    lines = ward("hash", "--vpdq", path, status=0).stdout.decode().splitlines()
    equal(len(lines), 4)
    for n, line in enumerate(lines):
        assert line.startswith("pdq:") and f"  frame {10 * n}  {n}.000 s  " in line, line
    row = rows(ward("hash", "--vpdq", "--json", path, status=0))[0]
    equal([text.split(",")[0] for text in row["vpdq"]], [line[4:68] for line in lines])
    equal([text.split(",")[2] for text in row["vpdq"]], ["0.0", "1.0", "2.0", "3.0"])
    equal((row["kind"], row["partial"]), ("video", None))
    assert "tmk_sha256" not in row
    equal(len(rows(ward("hash", "--vpdq", "--seconds", "0.5", "--json", path))[0]["vpdq"]), 8)
    equal(len(rows(ward("hash", "--vpdq", "--seconds", "0", "--json", path))[0]["vpdq"]), 40)


@case("hashes are written as the files of their tools, and never over another")
def _(folder):
    path = draw_video(folder / "a.mp4")
    ward("hash", "--vpdq", "--tmk", "-o", folder, path, status=0)
    text = (folder / "a.mp4.vpdq").read_text()
    equal([line.split(",")[0] for line in text.splitlines()], ["0", "10", "20", "30"])
    feature = (folder / "a.mp4.tmk").read_bytes()
    equal((len(feature), feature[:12]), (263344, b"TMK1FVECPDQF"))
    row = rows(ward("hash", "--tmk", "--json", path))[0]
    equal(row["tmk_sha256"], hashlib.sha256(feature).hexdigest())
    equal(row["tmk_frames"], struct.unpack_from("<i", feature, 28)[0])
    equal(ward("hash", "--vpdq", "-o", "-", path, status=0).stdout.decode(), text)
    equal(ward("hash", "--tmk", "-o", "-", path, status=0).stdout, feature)
    with path.open("rb") as file:
        equal(ward("hash", "--tmk", "-o", "-", "-", stdin=file.read(), status=0).stdout, feature)
    done = ward("hash", "--tmk", "-o", folder, path, status=2)
    assert b"is there already" in done.stderr, done.stderr


@case("a cut video has the hashes of what is there, and says so")
def _(folder):
    path = draw_video(folder / "a.mp4", "-movflags", "+faststart", "-g", "5")
    whole = rows(ward("hash", "--vpdq", "--seconds", "0", "--json", path))[0]["vpdq"]
    data = path.read_bytes()
    path.write_bytes(data[:len(data) * 2 // 3])
    row = rows(ward("hash", "--vpdq", "--seconds", "0", "--json", path, status=2))[0]
    some = row["vpdq"]
    assert 5 < len(some) < len(whole), (len(some), len(whole))
    equal(some[:-2], whole[:len(some) - 2])
    equal(row["partial"], "a part of it is broken or missing")
    done = ward("hash", "--vpdq", path, status=2)
    assert b"only what comes before this was hashed" in done.stderr, done.stderr
    row = rows(ward("hash", "--vpdq", "--json", "--set", "frames_max=2", path, status=2))[0]
    equal((len(row["vpdq"]), row["partial"]), (2, "it has more frames than the limit of 2"))


@case("what is no video is hashed as ever, and a broken one says why it is not")
def _(folder):
    picture = draw_png(folder / "a.png", lighthouse)
    row = rows(ward("hash", "--vpdq", "--tmk", "--json", picture, status=0))[0]
    equal((row["vpdq"], row["tmk_sha256"], row["partial"]), (None, None, None))
    equal(row["pdq"], hash_of(picture)["pdq"])
    broken = folder / "b.mp4"
    broken.write_bytes(b"\0\0\0\x18ftypisom" + bytes(300))
    row = rows(ward("hash", "--vpdq", "--json", broken, status=2))[0]
    equal((row["vpdq"], row["kind"]), (None, "video"))
    assert row["message"], row
    ward("hash", broken, status=0)  # its digests are all that is asked for


@case("options that make no sense are refused")
def _(folder):
    path = folder / "a.mp4"
    path.write_bytes(b"x")
    for words in (["-o", "-"], ["--seconds", "1"], ["--vpdq", "--seconds", "often"],
                  ["--vpdq", "--seconds", "1.2345"], ["--vpdq", "--tmk", "-o", "-"],
                  ["--vpdq", "--json", "-o", "-"], ["--vpdq", "-o", "-", path]):
        done = ward("hash", *words, path, status=2)
        assert b"Try: ward hash --help" in done.stderr, (words, done.stderr)


@case("a video is like its copy, its clip, and the files of their hashes")
def _(folder):
    a = draw_video(folder / "a.mp4")
    clip, other = folder / "clip.mkv", folder / "b.mp4"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-ss", "1", "-i", a, "-t", "2", "-crf", "30", clip,
                    "-vf", "negate", "-crf", "20", other], check=True)
    ward("hash", "--vpdq", "--tmk", "-o", folder, a, clip, status=0)
    row = rows(ward("compare", "--json", a, clip, status=1))[0]
    equal((row["similar"], row["vpdq"][1]["percent"]), (True, 100))
    assert row["vpdq"][1]["frames"] == row["vpdq"][1]["found"] == 2, row
    assert 0 < row["tmk_level2"] < 1, row
    row = rows(ward("compare", "--json", folder / "a.mp4.vpdq", clip, status=1))[0]
    equal((row["vpdq"][1]["percent"], "tmk_level1" in row), (100, False))
    row = rows(ward("compare", "--json", folder / "a.mp4.tmk", a, status=1))[0]
    equal((row["tmk_level1"], row["tmk_level2"], "vpdq" in row), (1, 1, False))
    done = ward("compare", a, other, status=0)
    assert b"0 of 4 different frames" in done.stdout and b"not alike" in done.stdout, done.stdout
    done = ward("compare", folder / "a.mp4.tmk", folder / "a.mp4.vpdq", status=2)
    assert b"different kinds" in done.stderr, done.stderr
    (folder / "a.mp4.tmk").write_bytes(b"TMK1 and more")
    assert b"TMK" in ward("compare", folder / "a.mp4.tmk", a, status=2).stderr
    picture = draw_png(folder / "a.png", lighthouse)
    assert b"not alike" in ward("compare", a, picture, status=0).stdout


@case("published videos have the published hashes")
def _(folder):
    name = "derived-pattern-rot90meta"
    path = GOLDEN / "videos" / f"{name}.mp4"
    if not path.exists():
        raise Skip("there are no golden videos; WARD_GOLDEN names their folder")
    equal(ward("hash", "--vpdq", "-o", "-", path, status=0).stdout,
          (GOLDEN / "vpdq" / f"{name}.r1.c.txt").read_bytes())
    sums = dict(line.split("\t")[:2] for line in
                (GOLDEN / "tmk" / "tmk_sha256.tsv").read_text().splitlines())
    equal(rows(ward("hash", "--tmk", "--json", path))[0]["tmk_sha256"], sums[name])


run_cases()
