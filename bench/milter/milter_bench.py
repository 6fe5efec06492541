#!/usr/bin/env python3
"""milter_bench BUILD MAILS - mails through a real Postfix with ward milter, and without, turn and turn about.

A mail has a text and a drawn picture of 300 x 300. Eight at a time: how many a second; one at a time: how long
from the last byte of the mail to Postfix's answer.
"""
import concurrent.futures
import os
import pathlib
import statistics
import sys

os.environ["WARD_BUILD_ROOT"] = sys.argv[1]
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests/scenario"))
import email.message
import smtplib
import tempfile

from postfix import *
from scenario import *

ROUNDS, AT_ONCE = 5, 8


def letter(picture, number):
    mail = email.message.EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "keeper@lighthouse.example", "ann@b.example", f"lamp {number}"
    mail.set_content("The lamp is lit.\n" * 20)
    mail.add_attachment(picture, maintype="image", subtype="png", filename="bridge.png")
    return bytes(mail)


def one_by_one(postfix, door, mails):
    took = []
    with smtplib.SMTP("127.0.0.1", postfix.ports[door], timeout=30) as peer:
        peer.ehlo("lighthouse.example")
        for mail in mails:
            peer.mail("keeper@lighthouse.example")
            peer.rcpt("ann@b.example")
            begun = time.perf_counter()
            assert peer.data(mail)[0] == 250
            took.append((time.perf_counter() - begun) * 1000)
    return took


def at_once(postfix, door, mails):
    begun = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda part: one_by_one(postfix, door, part), [mails[i::AT_ONCE] for i in range(AT_ONCE)]))
    return len(mails) / (time.perf_counter() - begun)


def memory(pid):
    found = 0
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            if stat.parent.name == str(pid) or stat.read_text().rsplit(")", 1)[1].split()[1] == str(pid):
                text = (stat.parent / "smaps_rollup").read_text()
                found += int(next(line for line in text.splitlines() if line.startswith("Pss:")).split()[1])
        except OSError:
            pass
    return found / 1024


def main():
    count = int(sys.argv[2])
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ward-bench-"))
    postfix = Postfix()
    place = workspace(folder, lighthouses=["pdq:" + hash_of(draw_png(folder / "a.png", lighthouse))["pdq"]])
    picture = draw_png(folder / "b.png", bridge).read_bytes()
    milter = subprocess.Popen([WARD, "milter", "-w", place, "--listen", f"inet:{postfix.ports['milter_closed']}@127.0.0.1"],
                              stderr=subprocess.PIPE, env=environment())
    try:
        milter.stderr.readline()
        mails = [letter(picture, number) for number in range(count)]
        speed, took = {"closed": [], "bare": []}, {"closed": [], "bare": []}
        for door in speed:
            one_by_one(postfix, door, mails[:5])
        for _ in range(ROUNDS):
            for door in speed:
                speed[door].append(at_once(postfix, door, mails))
                took[door] += one_by_one(postfix, door, mails[:count // 4])
        row = {"mails": count, "bytes": len(mails[0]), "milter_mb": memory(milter.pid)}
        for door, name in (("closed", "with"), ("bare", "without")):
            row[f"{name}_per_s"] = statistics.median(speed[door])
            cuts = statistics.quantiles(took[door], n=100)
            row[f"{name}_p50_ms"], row[f"{name}_p99_ms"] = cuts[49], cuts[98]
        print(json.dumps(row))
    finally:
        milter.kill()
        milter.wait()
        postfix.stop()
        shutil.rmtree(folder, ignore_errors=True)


main()
