#!/usr/bin/env python3
"""The page's hasher (pdq.wasm) under Node.js: it imports nothing, and hashes as ward does, bit by bit."""
import shutil
from random import Random

from scenario import *

WASM = pathlib.Path(os.environ.get("WARD_BUILD_ROOT", "build")) / "web/portal/pdq/pdq.wasm"

# Reads pictures (two 32-bit sides, then RGBA) and prints "HASH QUALITY" for each.
SCRIPT = """
const fs = require("fs");
const module_ = new WebAssembly.Module(fs.readFileSync(process.argv[1]));
console.log(JSON.stringify({ imports: WebAssembly.Module.imports(module_),
	exports: WebAssembly.Module.exports(module_).map(one => one.name) }));
const hasher = new WebAssembly.Instance(module_).exports;
const data = fs.readFileSync(0);
for (let at = 0; at < data.length;) {
	const width = data.readUInt32LE(at), height = data.readUInt32LE(at + 4);
	const size = width * height * 4, place = hasher.pixels(width, height);
	new Uint8Array(hasher.memory.buffer).set(data.subarray(at + 8, at + 8 + size), place);
	at += 8 + size;
	const quality = hasher.hash();
	const wiped = new Uint8Array(hasher.memory.buffer, place, size).every(byte => byte === 0);
	console.log(Buffer.from(hasher.memory.buffer, hasher.result(), 32).toString("hex"), quality,
		wiped);
}
for (const [width, height] of [[0, 9], [9, 0], [100001, 1000], [4294967295, 4294967295]])
	console.log(hasher.pixels(width, height), hasher.hash());
"""

NODE = next(filter(None, map(shutil.which, ("node", "nodejs"))), None)
if not NODE or not WASM.is_file():
    print("1..0 # skip " + ("there is no Node.js (tools/deps test gets it)" if not NODE else
                            "pdq.wasm is not built (tools/deps build gets what makes it)"))
    sys.exit(0)


def run(pictures):
    data = b"".join(struct.pack("<II", width, height) + rgba for width, height, rgba in pictures)
    done = subprocess.run([NODE, "-e", SCRIPT, WASM], input=data, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    first, *lines = done.stdout.decode().splitlines()
    return json.loads(first), [line.split() for line in lines]


def colours(width, height, seed):
    """Shapes and noise in three colours, and something behind that must not count."""
    random = Random(seed)
    out = bytearray()
    for y in range(height):
        for x in range(width):
            light = lighthouse((x + .5) / width, (y + .5) / height)
            rgb = (light, light * .8 + random.randrange(40), 255 - light + random.randrange(9))
            out += bytes(max(0, min(255, int(v))) for v in rgb) + bytes([random.randrange(256)])
    return width, height, bytes(out)


def grey(width, height, look):
    return width, height, b"".join(bytes([v, v, v, 255]) for v in samples(look, width, height))


def noise(width, height, seed):
    return width, height, Random(seed).randbytes(width * height * 4)


def ppm(path, picture):
    width, height, rgba = picture
    rgb = bytearray(width * height * 3)
    for channel in range(3):
        rgb[channel::3] = rgba[channel::4]
    path.write_bytes(b"P6\n%d %d\n255\n" % (width, height) + bytes(rgb))
    return path


@case("it imports nothing, is small, and refuses what has no pixels or too many")
def _(_):
    told, lines = run([])
    equal(told["imports"], [])
    equal(sorted(told["exports"]), ["hash", "memory", "pixels", "result"])
    equal(lines, [["0", "-1"]] * 4)
    assert WASM.stat().st_size < 27000, WASM.stat().st_size


@case("it hashes as ward does, and wipes what it was given")
def _(folder):
    pictures = [colours(w, h, w * h) for w, h in (
        (5, 5), (6, 9), (63, 64), (64, 64), (65, 63), (127, 129), (128, 128), (300, 300),
        (511, 200), (512, 512), (513, 300), (40, 700), (1000, 31))]
    pictures += [grey(200, 150, bridge), grey(64, 64, lighthouse), grey(300, 300, lambda x, y: 77)]
    pictures += [noise(w, h, h) for w, h in ((4, 4), (3, 90), (257, 255), (1, 1), (700, 520))]
    files = [ppm(folder / f"{n:02}.ppm", picture) for n, picture in enumerate(pictures)]
    native = rows(ward("hash", "--json", "--exact", *files, status=0))
    _, lines = run(pictures)
    for file, want, got in zip(files, native, lines):
        equal((file.name, *got), (file.name, want["pdq"], str(want["quality"]), "true"))
    print(f"# {len(files)} pictures")


if __name__ == "__main__":
    run_cases()
