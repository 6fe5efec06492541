#!/usr/bin/env python3
"""console.py BUILD ROUNDS - what the console costs in Chromium, as JSON lines: its first load, and the next job

A daemon of its own on loopback, with drawn reports; every round loads the page with nothing kept, and decides 20 jobs.
Prints {"skipped": why} where there is no Chromium or no console.
"""
import json
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD, ROUNDS = pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2])
os.environ |= {"WARD_SOURCE_ROOT": str(ROOT), "WARD_BUILD_ROOT": str(BUILD)}
sys.path.insert(0, str(ROOT / "tests/scenario"))

from console_page import *  # noqa: E402

JOBS = 20


def measure(folder, browser):
    place = workspace(folder)
    ward("vault", "init", "-w", place, status=0)
    with Daemon(place, demo=False) as daemon:
        rae = member(daemon, "rae", "reviewer")
        with as_person(browser, rae) as console:
            for _ in range(ROUNDS):
                for number in range(JOBS + 1):
                    rae.post("/v1/reports", {"items": [{"kind": "text", "text": f"Lamp {time.time()} {number} is out."}]}, status=201)
                size = first_load(console)
                # The row that is there may be older than the reports.
                console.page.wait("document.querySelectorAll('tbody tr').length > 0")
                console.page.key("n")
                console.see("yours for")
                took = job_to_next(console.page, JOBS)
                print(json.dumps({"first_load_bytes": size, "median_ms": took[JOBS // 2], "p95_ms": took[JOBS * 95 // 100 - 1]}))
                for job in rae.get("/v1/jobs?state=open", status=200).json["jobs"]:
                    rae.post(f"/v1/jobs/{job['id']}/release")


try:
    with tempfile.TemporaryDirectory(prefix="ward-bench-") as folder, chromium.Chromium() as browser:
        measure(pathlib.Path(folder), browser)
except (chromium.Missing, Skip) as why:
    print(json.dumps({"skipped": str(why)}))
