"""A writer of EnCase 7's Ex01, for tests: Debian's ewfacquire (20140813) writes none.

From the public description of the Expert Witness Compression Format, version 2.  What it writes was read by
ewfverify and ewfexport of libewf 20260924, and gave the disk and both digests back.
"""
import hashlib
import pathlib
import struct
import zlib

SECTOR, PER_CHUNK = 512, 64
DEVICE, CASE, SECTORS, TABLE, ERRORS, MD5, SHA1, NEXT, DONE = 1, 2, 3, 4, 5, 8, 9, 0xd, 0xf


def _aligned(data):
    return data + bytes(-len(data) % 16)


def _checked(data):
    return data + struct.pack("<I", zlib.adler32(data))


def _text(names, values):
    lines = f"1\nmain\n{chr(9).join(names)}\n{chr(9).join(values)}\n\n"
    return zlib.compress(b"\xff\xfe" + lines.encode("utf-16le"))


class _File:
    def __init__(self, number, enciphered):
        self.bytes = b"EVF2\r\n\x81\0" + struct.pack("<BBHI", 2, 1, 1, number) + b"a set of files."
        self.bytes = self.bytes.ljust(32, b"\0")
        self.before, self.flags = 0, 1 | 2 * enciphered

    def section(self, kind, data=b"", padding=None):
        content = _aligned(data)
        padding = len(content) - len(data) if padding is None else padding
        foot = struct.pack("<IIQQII16s12x", kind, self.flags, self.before, len(content), 64, padding,
                           hashlib.md5(content).digest())
        self.bytes += content
        self.before = len(self.bytes)
        self.bytes += _checked(foot)


def _chunk(data, packing):
    """How it is stored, its flags; and what stands in place of its offset."""
    if packing and len(data) % 8 == 0 and data == data[:8] * (len(data) // 8):
        return b"", 1 | 4, data[:8]
    packed = zlib.compress(data)
    if packing and len(packed) < len(data):
        return packed, 1, None
    return _checked(data), 2, None


def write(target, disk, chunks_per_file=10**6, packing=True, enciphered=False, unread=()):
    """TARGET.Ex01 and, when there are more chunks, TARGET.Ex02 and so on; gives the paths."""
    size = SECTOR * PER_CHUNK
    chunks = [disk[at:at + size] for at in range(0, len(disk), size)]
    device = _text(["sn", "md", "lb", "ts", "hs", "dc", "dt", "pid", "rs", "ls", "bp", "ph"],
                   ["", "", "", str(len(disk) // SECTOR), "", "", "f", "", "", "", str(SECTOR), "1"])
    case = _text(["nm", "cn", "en", "ex", "nt", "av", "os", "tt", "at", "tb", "cp", "sb", "gr", "wb"],
                 ["lamp", "", "", "", "", "", "", "", "", str(len(chunks)), "1", str(PER_CHUNK), "64", ""])
    paths = []
    for first in range(0, len(chunks), chunks_per_file):
        number, some = first // chunks_per_file + 1, chunks[first:first + chunks_per_file]
        file = _File(number, enciphered)
        file.section(DEVICE, device)
        file.section(CASE, case)
        stored, entries = b"", b""
        for data in some:
            piece, flags, pattern = _chunk(data, packing)
            place = pattern or struct.pack("<Q", len(file.bytes) + len(stored))
            entries += place + struct.pack("<II", len(piece), flags)
            stored += _aligned(piece)
        file.section(SECTORS, stored)
        head = _checked(struct.pack("<QI4x", first, len(some)))
        file.section(TABLE, _aligned(head) + _aligned(entries + struct.pack("<I", zlib.adler32(entries))), 24)
        last = first + chunks_per_file >= len(chunks)
        if last and unread:
            spans = b"".join(struct.pack("<QI4x", *span) for span in unread)
            file.section(ERRORS, _aligned(_checked(struct.pack("<I12x", len(unread)))) +
                         _aligned(spans + struct.pack("<I", zlib.adler32(spans))), 24)
        if last:
            file.section(MD5, _checked(hashlib.md5(disk).digest()))
            file.section(SHA1, _checked(hashlib.sha1(disk).digest()))
        file.section(DONE if last else NEXT)
        letters = number - 100
        suffix = f"{number:02}" if number < 100 else chr(65 + letters // 26) + chr(65 + letters % 26)
        paths.append(pathlib.Path(f"{target}.Ex{suffix}"))
        paths[-1].write_bytes(file.bytes)
    return paths
