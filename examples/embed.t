#!/usr/bin/env python3
"""embed.t EMBED MAKE-LIST - the example asks libward, and is built by pkg-config alone."""
import hashlib
import os
import pathlib
import shlex
import shutil
import subprocess
import sys

ROOT = pathlib.Path(os.environ["WARD_SOURCE_ROOT"])
sys.path.insert(0, str(ROOT / "tests/scenario"))
from scenario import *

EMBED, MAKE_LIST = sys.argv[1:3]


def embed(*args, program=EMBED):
    done = subprocess.run([program, *map(str, args)], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout.splitlines(), done.stderr


def lists(folder, *signals):
    subprocess.run([MAKE_LIST, folder / "lists", "bad", *signals], check=True)
    return folder / "lists"


@case("a listed file is blocked, another is allowed")
def _(folder):
    listed, other = folder / "listed", folder / "other"
    listed.write_bytes(b"lighthouse\n" * 99)
    other.write_bytes(b"bridge\n" * 99)
    bank = lists(folder, hashlib.md5(listed.read_bytes()).hexdigest())
    status, lines, _ = embed(bank, listed)
    equal((status, lines[-1]), (1, "block"))
    assert lines[0].startswith("known bad"), lines
    equal(embed(bank, other)[:2], (0, ["allow"]))


@case("what cannot be read is trouble, and said")
def _(folder):
    bank = lists(folder, "0" * 32)
    status, lines, words = embed(bank, folder / "nothing")
    equal((status, lines), (2, []))
    assert words.startswith("embed: "), words


@case("pkg-config alone is enough to build it")
def _(folder):
    if not shutil.which("pkg-config") or not shutil.which("meson"):
        raise Skip("there is no pkg-config, or no meson to install with")
    if "WARD_SANITIZED" in os.environ:
        raise Skip("a sanitized library wants a sanitized program")
    # Of what runs only the library is wanted, so no program need be built for this.
    subprocess.run(["meson", "install", "-C", BUILD, "--quiet", "--no-rebuild", "--destdir",
                    folder / "root", "--tags", "devel"], check=True, capture_output=True)
    found = next((folder / "root").rglob("ward.pc")).parent
    for library in (BUILD / "src/lib").glob("libward.so.0*"):
        if library.is_file():
            shutil.copy(library, found.parent, follow_symlinks=False)
    env = environment(PKG_CONFIG_SYSROOT_DIR=str(folder / "root"), PKG_CONFIG_LIBDIR=str(found))
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "ward"], env=env, check=True,
                           capture_output=True, text=True).stdout.split()
    program = folder / "embed"
    subprocess.run([*shlex.split(os.environ["CC"]), ROOT / "examples/embed.c", "-o", program, *flags,
                    f"-Wl,-rpath,{found.parent}"], check=True)
    file = folder / "file"
    file.write_bytes(b"bridge\n")
    equal(embed(lists(folder, "0" * 32), file, program=program)[:2], (0, ["allow"]))


run_cases()
