#!/usr/bin/env python3
"""peers.py FOLDER - pdqhash (PyPI) hashes what hash_bench wrote into FOLDER.

Prints one JSON line for each measurement: the pixels of 512x512 in memory, and
the large JPEG end to end with Pillow as its decoder, which is what
threatexchange and HMA do with an upload.  One thread, medians.
"""
import importlib.metadata
import json
import statistics
import sys
import time

import numpy
import pdqhash
from PIL import Image


def median_ms(work, rounds):
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        answer = work()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3, answer


def hexadecimal(vector):
    return "".join(f"{byte:02x}" for byte in numpy.packbits(vector))


def main():
    folder = sys.argv[1]
    pixels = numpy.fromfile(f"{folder}/pixels.rgb", dtype=numpy.uint8).reshape(512, 512, 3)

    def end_to_end():
        with Image.open(f"{folder}/large.jpg") as image:
            return pdqhash.compute(numpy.asarray(image))

    version = " and ".join(f"{name} {importlib.metadata.version(name)}"
                           for name in ("pdqhash", "pillow"))
    for part, work, rounds in [("pixels", lambda: pdqhash.compute(pixels), 25),
                               ("jpeg", end_to_end, 7)]:
        ms, (vector, quality) = median_ms(work, rounds)
        print(json.dumps({"bench": "hash peer", "part": part, "ms": round(ms, 4),
                          "hash": hexadecimal(vector), "quality": int(quality),
                          "version": version + " (PyPI)"}), flush=True)


if __name__ == "__main__":
    main()
