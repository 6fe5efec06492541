"""The load of the benches: 32 clients of wrk that ask a proxy for one page."""
import json
import subprocess

CLIENTS = 32

SCRIPT = """
request = function() return wrk.format("GET", "%s") end
done = function(summary, latency)
  io.write(string.format('{"requests":%%d,"seconds":%%f,"median_ms":%%f,"p99_ms":%%f,"bad":%%d}\\n', summary.requests,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
"""


def wrk(folder, port, url, seconds):
    script = folder / "wrk.lua"
    script.write_text(SCRIPT % url)
    done = subprocess.run(["wrk", "-t1", f"-c{CLIENTS}", f"-d{seconds}s", "--timeout", "30s", "-s", script, f"http://127.0.0.1:{port}"],
                          capture_output=True, text=True)
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["bad"] == 0, result
    result["per_s"] = result["requests"] / result["seconds"]
    return result
