#!/usr/bin/env python3
"""A file system of one folder that lets every change be made, and writes each that was asked for down.

    watching_fs.py FOLDER MOUNT LOG

What is asked for to be changed is not changed, and the asker is told that it was: so a program that would write to what
it should only read is not stopped by an error, and is seen.
"""
import errno
import os
import pathlib
import shutil
import subprocess
import sys
import time

# Where another Python comes first, Debian's modules are still at their place.
sys.path.append("/usr/lib/python3/dist-packages")
CHANGES = ("write", "truncate", "chmod", "chown", "utimens", "create", "mkdir", "mknod", "unlink", "rmdir", "rename",
           "link", "symlink", "setxattr", "removexattr")


class Missing(Exception):
    """It cannot be had here; says why."""


def serve(folder, mount, log):
    from fusepy import FUSE, FuseOSError, Operations

    class Watching(Operations):
        def __call__(self, operation, *args):
            if operation in CHANGES:
                print(operation, args[0], file=out, flush=True)
                return len(args[1]) if operation == "write" else 0
            if not hasattr(self, operation):
                raise FuseOSError(errno.ENOSYS)
            try:
                return getattr(self, operation)(*args)
            except OSError as error:
                raise FuseOSError(error.errno)

        def getattr(self, path, handle=None):
            found = os.lstat(folder + path)
            return {name: getattr(found, name) for name in
                    ("st_mode", "st_nlink", "st_size", "st_uid", "st_gid", "st_atime", "st_mtime", "st_ctime")}

        def readdir(self, path, handle):
            return [".", "..", *os.listdir(folder + path)]

        def open(self, path, flags):
            if flags & (os.O_ACCMODE | os.O_TRUNC | os.O_APPEND | os.O_CREAT):
                print("open", path, file=out, flush=True)
            return os.open(folder + path, os.O_RDONLY)

        def read(self, path, size, offset, handle):
            return os.pread(handle, size, offset)

        def release(self, path, handle):
            os.close(handle)

    with open(log, "a") as out:
        FUSE(Watching(), mount, foreground=True, nothreads=True, fsname="watching")


class Mounted:
    """The folder's files are in `path` while this is entered; `asked()` is what was asked for since last time."""

    def __init__(self, folder, mount, log):
        self.folder, self.path, self.log, self.at = str(folder), pathlib.Path(mount), pathlib.Path(log), 0

    def __enter__(self):
        try:
            import fusepy
        except (ImportError, OSError) as why:
            raise Missing(f"no FUSE for Python (Debian: python3-fusepy): {why}")
        if not os.access("/dev/fuse", os.R_OK | os.W_OK):
            raise Missing("/dev/fuse is not here, or not ours")
        self.path.mkdir()
        self.log.write_text("")
        self.server = subprocess.Popen([sys.executable, __file__, self.folder, self.path, self.log],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _ in range(2000):
            if os.path.ismount(self.path):
                return self
            if self.server.poll() is not None:
                break
            time.sleep(.005)
        self.server.kill()
        raise Missing("nothing can be mounted here: " + self.server.communicate()[1].decode().strip().split("\n")[-1])

    def asked(self):
        lines = self.log.read_text().split("\n")[:-1]
        new, self.at = lines[self.at:], len(lines)
        return new

    def __exit__(self, *_):
        for command in (["umount", self.path], ["fusermount3", "-u", self.path], ["fusermount", "-u", self.path]):
            if shutil.which(command[0]) and subprocess.run(command, capture_output=True).returncode == 0:
                break
        else:
            self.server.terminate()
        self.server.wait(timeout=30)
        self.server.stderr.close()


if __name__ == "__main__":
    serve(*sys.argv[1:])
