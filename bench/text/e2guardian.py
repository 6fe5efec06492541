#!/usr/bin/env python3
"""bench/text/e2guardian.py BUILD [ROUNDS] - ward's terms beside e2guardian's scan for phrases, on the same pages

Pages of 64 kB of made-up words, common ones oftener, and 10 000 made-up words to look for.  e2guardian
fetches each page from an origin, with the phrases and, in turns, without any: the difference of its CPU
is the scan.  ward folds and looks through the same pages as text, which is its scan, and reads them as the door
for proxies does (encoding, HTML, score), without and with each hit told (text_pages.c).  One line of JSON.
"""
import http.client
import http.server
import os
import pathlib
import random
import statistics
import sys
import tempfile
import threading

os.environ["WARD_BUILD_ROOT"] = sys.argv[1]
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/scenario"), str(ROOT / "bench/icap")]
from icap_squid import *
from e2guardian import E2guardian

ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
PAGES, PAGE_BYTES, WORDS, TERMS = 40, 65536, 20000, 10000
SYLLABLES = "ba de ki lo mu na pe ri so tu va ze cha sho ter lin mar gon ves pol".split()


def made_up(draw, least, most):
    return "".join(draw.choices(SYLLABLES, k=draw.randint(least, most)))


def pages(draw):
    vocabulary = [made_up(draw, 1, 4) for _ in range(WORDS)]
    for _ in range(PAGES):
        words, size = [], 0
        while size < PAGE_BYTES:
            words.append(vocabulary[int(draw.random() ** 2 * WORDS)] + draw.choices(("", ",", "."), (88, 7, 5))[0])
            size += len(words[-1]) + 1
        yield ("<html><head><title>a page</title></head><body><p>" + " ".join(words) + "</body></html>").encode()


class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pages = []

    def log_message(self, *_):
        pass

    def do_GET(self):
        body = self.pages[int(self.path[1:])]
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def process_s(process):
    words = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def fetched_s(guard, origin):
    """CPU of e2guardian for all pages, of which each must come as it is."""
    before = process_s(guard.process)
    for number, page in enumerate(Origin.pages):
        connection = http.client.HTTPConnection("127.0.0.1", guard.port, timeout=60)
        connection.request("GET", f"http://127.0.0.1:{origin}/{number}")
        assert connection.getresponse().read() == page, "e2guardian gives another page"
        connection.close()
    return process_s(guard.process) - before


def read_by_ward(terms, files):
    done = subprocess.run([scenario.BUILD / "bench/text/text_pages", terms, *files], check=True, capture_output=True)
    return json.loads(done.stdout)


def measure(folder, origin):
    draw = random.Random(7)
    terms = sorted({made_up(draw, 3, 6) for _ in range(TERMS + TERMS // 10)})[:TERMS]
    Origin.pages = list(pages(draw))
    (folder / "terms.txt").write_text("".join(term + "\n" for term in terms))
    files = []
    for number, page in enumerate(Origin.pages):
        files.append(folder / f"page-{number}.html")
        files[-1].write_bytes(page)
    size, ours, theirs = sum(map(len, Origin.pages)), [], []
    with E2guardian(folder, "with", (), terms) as guard, E2guardian(folder, "without", (), ()) as bare:
        for peer in (guard, bare):
            fetched_s(peer, origin)
        for _ in range(ROUNDS):
            theirs.append(fetched_s(guard, origin) - fetched_s(bare, origin))
            ours.append(read_by_ward(folder / "terms.txt", files))
    theirs = [size / seconds / 1e6 for seconds in theirs]
    row = {"terms": len(terms), "pages": PAGES, "bytes": size, "rounds": ROUNDS, "e2guardian_mb_s": statistics.median(theirs)}
    for name in ("text", "page", "told"):
        row[f"{name}_mb_s"] = statistics.median(our[f"{name}_mb_s"] for our in ours)
        row[f"{name}_ratio"] = statistics.median(our[f"{name}_mb_s"] / their for our, their in zip(ours, theirs))
    return row


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Origin)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ward-bench-"))
    try:
        print(json.dumps(measure(folder, server.server_port)))
    except Skip as why:
        print(json.dumps({"skipped": str(why)}))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        server.shutdown()


main()
