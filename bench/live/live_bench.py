#!/usr/bin/env python3
"""live_bench.py BUILD SECONDS - what watching a stream costs, beside FFmpeg's own command on the same one

A stream of 1280 x 720 at 25 pictures a second, by HLS with pieces of one second, from ffmpeg and
python's web server on loopback.  ward looks at a picture a second, ffmpeg decodes and keeps one a second.
The lag is ward's own word: from when a picture's bytes could be had to the verdict.
"""
import http.server
import functools
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass


def cpu_s(pid):
    """Of a process and its children that live."""
    total = 0
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        for child in [pid, *file.read().split()]:
            with open(f"/proc/{child}/stat") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def memory_mb(pid, field):
    with open(f"/proc/{pid}/status") as file:
        return int(file.read().split(field)[1].split()[0]) / 1024


def main():
    build, seconds = sys.argv[1], int(sys.argv[2])
    program = os.path.join(build, "src/bin/ward")
    words = ["ffmpeg", "-nostdin", "-v", "quiet"]
    with tempfile.TemporaryDirectory() as folder:
        live, place = os.path.join(folder, "live"), os.path.join(folder, "place")
        os.mkdir(live)
        subprocess.run([program, "init", place], check=True, stdout=subprocess.DEVNULL)
        film = os.path.join(folder, "film.mp4")
        subprocess.run([*words, "-f", "lavfi", "-i", "testsrc2=s=1280x720:r=25", "-t", str(seconds + 20), "-c:v", "libx264",
                        "-preset", "veryfast", "-g", "25", "-pix_fmt", "yuv420p", film], check=True)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=live))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/a.m3u8"
        sender = subprocess.Popen([*words, "-re", "-i", film, "-c", "copy", "-f", "hls", "-hls_time", "1", "-hls_list_size", "6",
                                   "-hls_flags", "delete_segments", os.path.join(live, "a.m3u8")])
        while not os.path.exists(os.path.join(live, "a.m3u8")):
            time.sleep(.05)
        peer = subprocess.Popen([*words, "-live_start_index", "-1", "-threads", "1", "-i", url, "-vf", "fps=1", "-f", "null", "-"])
        ward = subprocess.Popen([program, "watch", "-w", place, "--private", "--json", url], stdout=subprocess.PIPE)
        ward.stdout.readline()
        time.sleep(5)
        before = cpu_s(ward.pid), cpu_s(peer.pid), time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - before[2]
        ours, theirs = (cpu_s(ward.pid) - before[0]) / took, (cpu_s(peer.pid) - before[1]) / took
        with open(f"/proc/{ward.pid}/task/{ward.pid}/children") as file:
            reader = int(file.read().split()[0])
        row = {"cpu_percent": 100 * ours, "ffmpeg_cpu_percent": 100 * theirs, "watch_mb": memory_mb(ward.pid, "VmHWM:"),
               "reader_mb": memory_mb(reader, "VmHWM:"), "ffmpeg_mb": memory_mb(peer.pid, "VmHWM:")}
        ward.send_signal(signal.SIGINT)
        lines = [json.loads(line) for line in ward.communicate()[0].splitlines()]
        for process in (peer, sender):
            process.kill()
            process.wait()
        lags = sorted(line["lag_ms"] for line in lines[:-1])
        row |= {"frames": lines[-1]["frames"], "dropped": lines[-1]["dropped"], "lag_ms": statistics.median(lags),
                "lag_p99_ms": lags[min(len(lags) - 1, len(lags) * 99 // 100)], "seconds": took}
        print(json.dumps(row))


main()
