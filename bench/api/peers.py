#!/usr/bin/env python3
"""peers.py HASHES PICTURE - what HMA does with an upload, without its HTTP

HASHES holds one hash of 64 digits a line.  Pillow decodes PICTURE, pdqhash
hashes it and FAISS multi-hash (16 tables of 16 bits, 1 flip: HMA's index)
answers at radius 31.  Prints one JSON line: the median of one such request,
on one thread.
"""
import importlib.metadata
import json
import statistics
import sys
import time

import faiss
import numpy
import pdqhash
from PIL import Image


def main():
    with open(sys.argv[1], "rb") as file:
        digits = file.read().replace(b"\n", b"")
    hashes = numpy.frombuffer(bytes.fromhex(digits.decode()), dtype=numpy.uint8).reshape(-1, 32)
    faiss.omp_set_num_threads(1)
    index = faiss.IndexBinaryMultiHash(256, 16, 16)
    index.nflip = 1
    index.add(hashes)
    times = []
    for _ in range(101):
        start = time.perf_counter()
        with Image.open(sys.argv[2]) as image:
            vector, _ = pdqhash.compute(numpy.asarray(image.convert("RGB")))
        index.range_search(numpy.packbits(vector).reshape(1, 32), 32)
        times.append(time.perf_counter() - start)
    middle = statistics.median(times[1:])
    print(json.dumps({"bench": "api peer", "ms": round(middle * 1e3, 3),
                      "per_s": round(1 / middle, 1), "count": len(hashes),
                      "version": f"faiss-cpu {faiss.__version__}, pdqhash "
                                 f"{importlib.metadata.version('pdqhash')} (PyPI)"}))


if __name__ == "__main__":
    main()
