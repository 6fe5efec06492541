#!/usr/bin/env python3
"""peers.py FOLDER - other engines answer the set that match_bench --write made.

Prints one JSON line for each engine: what HMA and threatexchange use (FAISS
multi-hash, 16 tables of 16 bits, 1 flip), the fastest exact multi-hash of
FAISS (11 tables of 23 bits, 2 flips), and FAISS without tables.  One thread,
one query at a time, radius 31; the median of five passes over different
queries, each checked against the answers that are known.
"""
import json
import os
import statistics
import sys
import time

import faiss
import numpy

RADIUS = 31
PASSES = 5


def resident_mb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def multi_hash(tables, bits, flips):
    index = faiss.IndexBinaryMultiHash(256, tables, bits)
    index.nflip = flips
    return index


ENGINES = [
    ("faiss 16x16 flip 1 (HMA)", lambda: multi_hash(16, 16, 1), 40),
    ("faiss 11x23 flip 2", lambda: multi_hash(11, 23, 2), 200),
    ("faiss flat", lambda: faiss.IndexBinaryFlat(256), 20),
]


def main():
    folder = sys.argv[1]
    only = sys.argv[2:]
    hashes = numpy.memmap(f"{folder}/hashes", dtype=numpy.uint8).reshape(-1, 32)
    queries = numpy.fromfile(f"{folder}/queries", dtype=numpy.uint8).reshape(-1, 32)
    step = len(hashes) // len(queries)
    faiss.omp_set_num_threads(1)
    for name, make, asked in ENGINES:
        if only and not any(word in name for word in only):
            continue
        before = resident_mb()
        start = time.monotonic()
        index = make()
        for at in range(0, len(hashes), 1_000_000):
            index.add(numpy.ascontiguousarray(hashes[at:at + 1_000_000]))
        build = time.monotonic() - start
        memory = resident_mb() - before
        seconds, wrong = [], 0
        for at in range(PASSES):
            chosen = range(at * asked, (at + 1) * asked)
            start = time.monotonic()
            answers = [index.range_search(queries[i:i + 1], RADIUS + 1) for i in chosen]
            seconds.append((time.monotonic() - start) / asked)
            for i, (_, distances, ids) in zip(chosen, answers):
                found = sorted(set(zip(ids.tolist(), distances.tolist())))
                wrong += found != [(i * step, i % 32)]
        middle = statistics.median(seconds)
        print(json.dumps({
            "bench": "match peer", "engine": name, "version": f"faiss-cpu {faiss.__version__} (PyPI)",
            "count": len(hashes), "mean_us": round(middle * 1e6, 1),
            "per_s": round(1 / middle, 1), "build_s": round(build, 1),
            "memory_mb": round(memory), "wrong": wrong,
        }), flush=True)
        del index


if __name__ == "__main__":
    main()
