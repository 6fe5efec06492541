"""Files put into an empty APFS container that mkapfs made: no tool on Linux writes one unmounted.

Structures: Apple File System Reference (2020-06-22).  All records go into the one leaf that the
volume's tree has then, so names and files are few; blocks that files take are marked as used.
"""
import stat
import struct
import unicodedata

BLOCK = 4096
ROOT, PRIVATE = 2, 3  # inodes of the volume's root folder, and of that of deleted files that are open
# Kinds of records in a volume's tree; the number is kept in a key's upper four bits.
EXTENT, INODE, XATTR, STREAM, FILE_EXTENT, NAME = 2, 3, 4, 6, 8, 9
TABLE, FOOT = 56, 40  # where a root's table begins; how long what stands at its end is
WHEN = 1700000000 * 10**9
NO_RESOURCE_FORK, COMPRESSED = 0x8000, 0x20
CRC32C = []
for number in range(256):
    for _ in range(8):
        number = number >> 1 ^ (0x82f63b78 if number & 1 else 0)
    CRC32C.append(number)


def name_hash(name):
    value = 0xffffffff
    for byte in unicodedata.normalize("NFD", name.casefold()).encode("utf-32le"):
        value = CRC32C[(value ^ byte) & 255] ^ value >> 8
    return value & 0x3fffff


def checksum(block):
    low = high = 0
    for word in struct.unpack("<1022I", block[8:]):
        low += word
        high += low
    first = 0xffffffff - (low + high) % 0xffffffff
    return first | 0xffffffff - (low + first) % 0xffffffff << 32


def key(inode, kind, rest=b""):
    return struct.pack("<Q", inode | kind << 60) + rest


def order(record):
    """Whose, of what kind, and then by an offset or a name's hash, which its length is no part of."""
    of, rest = struct.unpack_from("<Q", record[0])[0], record[0][8:]
    number = int.from_bytes(rest[:4], "little") >> 10 if of >> 60 == NAME else \
        int.from_bytes(rest, "little") if of >> 60 == FILE_EXTENT else 0
    return of & (1 << 60) - 1, of >> 60, number, rest


class Container:
    def __init__(self, path, begin=0):
        self.file = open(path, "r+b")
        self.begin = begin
        head = self.read(0)
        base, = struct.unpack_from("<Q", head, 112)
        count, = struct.unpack_from("<I", head, 104)
        blocks = [self.read(base + i) for i in range(min(count, 8))]
        last = next(b for b in blocks if b[32:36] == b"NXSB")
        mapped = next(b for b in blocks if struct.unpack_from("<H", b, 24)[0] == 12)
        places = {struct.unpack_from("<Q", mapped, 64 + i * 40)[0]: struct.unpack_from("<Q", mapped, 72 + i * 40)[0]
                  for i in range(struct.unpack_from("<I", mapped, 36)[0])}
        self.spaceman = places[struct.unpack_from("<Q", last, 152)[0]]
        self.volume = self.look_up(struct.unpack_from("<Q", last, 160)[0])
        above = self.read(self.volume)
        self.tree = self.look_up(struct.unpack_from("<Q", above, 128)[0])
        self.extents, = struct.unpack_from("<Q", above, 144)
        self.next = max(16, struct.unpack_from("<Q", above, 176)[0])
        self.used, self.files, self.folders, self.links = [], 0, 0, 0
        self.records, self.children = self.records_of(self.tree), {}

    def read(self, block):
        self.file.seek(self.begin + block * BLOCK)
        return bytearray(self.file.read(BLOCK))

    def write(self, block, data, is_object=True):
        if is_object:
            struct.pack_into("<Q", data, 0, checksum(data))
        self.file.seek(self.begin + block * BLOCK)
        self.file.write(data)

    def look_up(self, omap):
        """Where the one object lies that an object map of mkapfs names."""
        root = self.read(struct.unpack_from("<Q", self.read(omap), 48)[0])
        return struct.unpack_from("<Q", root, BLOCK - FOOT - 8)[0]

    def records_of(self, block):
        leaf, found = self.read(block), []
        keys = TABLE + struct.unpack_from("<H", leaf, 42)[0]
        for i in range(struct.unpack_from("<I", leaf, 36)[0]):
            at, length, back, size = struct.unpack_from("<4H", leaf, TABLE + i * 8)
            value = BLOCK - FOOT - back
            found.append((bytes(leaf[keys + at:keys + at + length]), bytes(leaf[value:value + size])))
        return found

    def write_records(self, block, records):
        leaf = self.read(block)
        table = max(128, len(records) * 8)
        keys, values, rows = b"", b"", b""
        for name, value in sorted(records, key=order):
            values = value + values
            rows += struct.pack("<4H", len(keys), len(name), len(values), len(value))
            keys += name
        free = BLOCK - TABLE - FOOT - table - len(keys) - len(values)
        assert free >= 0, "one leaf is full"
        struct.pack_into("<I6H", leaf, 36, len(records), 0, table, len(keys), free, 0xffff, 0)
        leaf[TABLE:BLOCK - FOOT] = rows.ljust(table, b"\0") + keys + bytes(free) + values
        struct.pack_into("<IIQ", leaf, BLOCK - 24, max(len(k) for k, _ in records),
                         max(len(v) for _, v in records), len(records))
        self.write(block, leaf)

    def put(self, parent, name, mode, links=1, fields=(), flags=0, bsd=0):
        """An inode and its name; the number that it got."""
        inode, self.next = self.next, self.next + 1
        text = name.encode() + b"\0"
        fields = [(4, 2, text), *fields]
        padded = [data.ljust(-len(data) % 8 + len(data), b"\0") for _, _, data in fields]
        value = bytearray(struct.pack("<7QiIIIIIHHQ", ROOT if parent == PRIVATE else parent, inode, *[WHEN] * 4, flags, links, 0, 0, bsd,
                                      99, 99, mode, 0, 0))
        value += struct.pack("<HH", len(fields), sum(map(len, padded)))
        value += b"".join(struct.pack("<BBH", kind, how, len(data)) for kind, how, data in fields) + b"".join(padded)
        self.records.append((key(inode, INODE), bytes(value)))
        self.records.append((key(parent, NAME, struct.pack("<I", name_hash(name) << 10 | len(text)) + text),
                             struct.pack("<QQH", inode, WHEN, stat.S_IFMT(mode) >> 12)))
        self.children[parent] = self.children.get(parent, 0) + 1
        return inode

    def folder(self, parent, name):
        self.folders += 1
        return self.put(parent, name, stat.S_IFDIR | 0o755)

    def put_file(self, parent, name, data, *places):
        """Its blocks go to `places`, each (block, how many of them).  In PRIVATE it has no other name."""
        room = sum(count for _, count in places) * BLOCK
        inode = self.put(parent, name, stat.S_IFREG | 0o644, links=int(parent != PRIVATE), flags=NO_RESOURCE_FORK,
                         fields=[(8, 0x20, struct.pack("<5Q", len(data), room, 0, len(data), 0))])
        self.files += 1
        self.records.append((key(inode, STREAM), struct.pack("<I", 1)))
        at = 0
        for block, count in places:
            self.records.append((key(inode, FILE_EXTENT, struct.pack("<Q", at)),
                                 struct.pack("<QQQ", count * BLOCK, block, 0)))
            self.used.append((block, count, inode))
            self.file.seek(self.begin + block * BLOCK)
            self.file.write(data[at:at + count * BLOCK])
            at += count * BLOCK
        assert at >= len(data)
        return inode

    def attribute(self, inode, name, data, how=2):
        text = name.encode() + b"\0"
        self.records.append((key(inode, XATTR, struct.pack("<H", len(text)) + text),
                             struct.pack("<HH", how, len(data)) + data))

    def link(self, parent, name, target):
        self.links += 1
        self.attribute(self.put(parent, name, stat.S_IFLNK | 0o755), "com.apple.fs.symlink", target.encode() + b"\0", 6)

    def packed(self, parent, name, kind, size, data):
        """A file that macOS packed into an attribute of its own."""
        self.files += 1
        inode = self.put(parent, name, stat.S_IFREG | 0o644, flags=NO_RESOURCE_FORK, bsd=COMPRESSED)
        self.attribute(inode, "com.apple.decmpfs", struct.pack("<4sIQ", b"fpmc", kind, size) + data)

    def close(self):
        """Writes the tree, where files' blocks lie and whose they are, and the counts."""
        for i, (name, value) in enumerate(self.records):
            inode, kind = struct.unpack("<Q", name[:8])[0] & (1 << 60) - 1, name[7] >> 4
            if kind == INODE and stat.S_ISDIR(struct.unpack_from("<H", value, 80)[0]):
                self.records[i] = name, value[:56] + struct.pack("<I", self.children.get(inode, 0)) + value[60:]
        self.write_records(self.tree, self.records)
        self.write_records(self.extents, [(key(block, EXTENT), struct.pack("<QQI", count | 1 << 60, inode, 1))
                                          for block, count, inode in self.used])
        taken = sum(count for _, count, _ in self.used)
        volume = self.read(self.volume)
        allocated, = struct.unpack_from("<Q", volume, 88)
        struct.pack_into("<Q", volume, 88, allocated + taken)
        struct.pack_into("<4Q", volume, 176, self.next, self.files, self.folders, self.links)
        self.write(self.volume, volume)
        spaceman = self.read(self.spaceman)
        free, = struct.unpack_from("<Q", spaceman, 72)
        struct.pack_into("<Q", spaceman, 72, free - taken)
        self.write(self.spaceman, spaceman)
        chunks = struct.unpack_from("<Q", spaceman, struct.unpack_from("<I", spaceman, 80)[0])[0]
        chunk = self.read(chunks)
        free, = struct.unpack_from("<I", chunk, 60)
        struct.pack_into("<I", chunk, 60, free - taken)
        self.write(chunks, chunk)
        bitmap = struct.unpack_from("<Q", chunk, 64)[0]
        bits = self.read(bitmap)
        for block, count, _ in self.used:
            for i in range(block, block + count):
                assert not bits[i // 8] & 1 << i % 8, "a block is taken"
                bits[i // 8] |= 1 << i % 8
        self.write(bitmap, bits, False)
        self.file.close()
