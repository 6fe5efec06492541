#!/usr/bin/env python3
"""The work in numbers: by HTTP for who may read it, and by the command for pages and tables."""
import csv
import datetime
import io

from daemon import *
from people import *
from scenario import *

TODAY = datetime.datetime.now(datetime.timezone.utc).date().isoformat()


def start(folder):
    """A daemon whose desk has two jobs, one of them decided."""
    place = workspace(folder)
    ward("vault", "init", "-w", place, status=0)
    daemon = Daemon(place, demo=False)
    anna = member(daemon, "anna", "reviewer")
    for words in ("The lamp is out.", "The bell is gone."):
        ward("intake", "add", "-w", place, "--text", words, status=0)
    job = anna.post("/v1/queues/inbox/take", status=200).json
    anna.post(f"/v1/jobs/{job['id']}/decisions", {"outcome": "none"}, status=201)
    return daemon, anna


def numbers(answer, metric, key=None):
    """What today's row of a metric's table says."""
    table, = [table for table in answer["tables"] if table["metric"] == metric]
    row, = [row for row in table["rows"] if row["period"] == TODAY and row["key"] == key]
    return row


@case("what came in and was decided is counted, for who may read it, by HTTP and by the command")
def _(folder):
    daemon, anna = start(folder)
    with daemon:
        anna.get("/v1/stats", status=403)
        sam = member(daemon, "sam", "supervisor")
        told = sam.get("/v1/stats", status=200).json
        equal((told["to"], told["step"], len(told["tables"][0]["rows"])), (TODAY, "day", 30))
        equal(numbers(told, "reports_received")["value"], 2)
        equal(numbers(told, "backlog")["value"], 1)
        share = numbers(told, "hash_only_share")
        equal((share["value"], share["of"], share["share"]), (1, 1, 1.0))
        assert numbers(told, "time_to_assess")["median_s"] < 600
        split = sam.get("/v1/stats?by=channel&metric=reports_received,time_to_assess", status=200).json
        equal([table["metric"] for table in split["tables"]], ["reports_received", "time_to_assess"])
        equal(numbers(split, "reports_received", "console")["value"], 2)
        # Of children only in whole months that are over, each band there is.
        ages = sam.get("/v1/stats?by=age&from=2026-01-01&to=2026-02-28&step=day", status=200).json
        table = ages["tables"][0]
        equal((table["guarded"], table["step"], len(table["rows"])), (True, "month", 16))
        equal([row["key"] for row in table["rows"][:8]],
              ["0-2", "3-6", "7-10", "11-13", "14-15", "16-17", "not said", None])
        for csv_wanted in (sam.get("/v1/stats?format=csv", status=200),
                           sam.get("/v1/stats", headers={"Accept": "text/csv"}, status=200)):
            rows = list(csv.DictReader(io.StringIO(csv_wanted.body.decode())))
            equal([row["value"] for row in rows
                   if row["metric"] == "reports_received" and row["period"] == TODAY], ["2"])
        catalogue = sam.get("/v1/stats/catalogue", status=200).json
        equal({row["id"] for row in catalogue["metrics"]}, {table["metric"] for table in told["tables"]})
        for wrong in ("from=yesterday", "step=hour", "by=person", "metric=shoes", "format=xml",
                      "from=2026-02-02&to=2026-02-01"):
            sam.get(f"/v1/stats?{wrong}", status=400)
        sam.get("/v1/stats?from=2024-01-01", status=413)
        # The command tells the same, and writes a page that needs nothing else.
        place = daemon.place
        told = json.loads(ward("stats", "-w", place, "--json", status=0).stdout)
        answer = sam.get("/v1/stats", status=200).json
        del told["made_at"], answer["made_at"]
        equal(told, answer)
        lines = ward("stats", "-w", place, "--metric", "reports_received", "--by", "channel", status=0).stdout.decode()
        assert f"  {TODAY}  console                   2\n" in lines, lines
        assert "time_to_assess" in ward("stats", "--catalogue", status=0).stdout.decode()
        page = folder / "numbers.html"
        ward("stats", "-w", place, "--html", page, status=0)
        text = page.read_text()
        assert "<svg" in text and "Reports received" in text
        for never in ("<script", "http:", "https:", anna.person, "lamp"):
            assert never not in text, never
        ward("stats", "-w", place, "--json", "--csv", status=2)
        ward("stats", "-w", place, "--by", "person", status=2)



if __name__ == "__main__":
    run_cases()
