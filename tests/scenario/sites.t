#!/usr/bin/env python3
"""ward site audit, from outside: what a list takes down that nobody meant."""
from scenario import *


def site_list(place, name, *lines, options=()):
    ward("site", "import", "-w", place, *options, name, "-", stdin="\n".join(lines).encode(), status=0)


def found(place, *more, status=1):
    told = rows(ward("site", "audit", "-w", place, "--json", *more, status=status))
    return {(row["level"], row["finding"], row["place"]) for row in told}


@case("what takes down more than was meant, or nothing, is told with how serious it is and what to write instead")
def _(folder):
    place = workspace(folder)
    site_list(place, "games", "co.uk", "jsdelivr.net", "192.0.2.0/24", "198.51.0.0/8", "lighthouse.example",
              "https://lighthouse.example/page", "harbour.example", "beacon", "https://lamp.example/a#part",
              "https://jsdelivr.net/a/page")
    ward("site", "add", "-w", place, "--expires", "2020-01-01", "games", "buoy.example", status=0)
    site_list(place, "fine", "harbour.example", options=("--sense", "allow"))
    told = found(place)
    assert {("grave", "public-suffix", "co.uk"), ("grave", "shared-host", "jsdelivr.net"),
            ("grave", "wide-network", "198.0.0.0/8"), ("warning", "address", "192.0.2.0/24"),
            ("warning", "covered", "lighthouse.example/page"), ("warning", "contrary", "harbour.example"),
            ("note", "no-name", "beacon"), ("warning", "fragment", "lamp.example/a"),
            ("note", "expired", "buoy.example")} <= told, told
    assert not [row for row in told if row[2] == "jsdelivr.net/a/page" and row[1] == "shared-host"], told
    lines = ward("site", "audit", "-w", place, "games", status=1).stdout.decode()
    assert "co.uk: everything under a public suffix is taken down; name the host" in lines, lines


@case("of a hidden list no entry is told, a list that is fine says nothing, and one that is not there is trouble")
def _(folder):
    place = workspace(folder)
    site_list(place, "national", "co.uk", options=("--hidden",))
    site_list(place, "played", "lighthouse.example", "http://harbour.example/page")
    told = ward("site", "audit", "-w", place, "--json", status=1).stdout
    assert b"public-suffix" in told and b"co.uk" not in told, told
    equal(found(place, "played", status=0), set())
    assert b"no site list named nowhere" in ward("site", "audit", "-w", place, "nowhere", status=2).stderr


run_cases()
