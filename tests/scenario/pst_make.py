"""Mailboxes of Outlook by [MS-PST], for tests: numbers of sections are of that.

Nothing in Debian writes such a file.  That these are ones is shown by `readpst`, which knows nothing
of us, reading them (documents.t).  Before 2003 (ansi), since (unicode), and an OST's since 2013 (4k).
"""
import pathlib
import re
import struct
import zlib

# [MS-OXRTFCP] 3.1.1: "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}", packed
RTF = bytes.fromhex("2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0")

ROOT, TOP = 0x122, 0x8022  # 2.4.1; and what a person sees as the topmost folder
PICTURE_METHOD, MESSAGE_METHOD, OLE_METHOD = 1, 5, 6


def _turns():
    """5.1: the two tables, from where they stand already; readpst has its own."""
    text = (pathlib.Path(__file__).resolve().parents[2] / "src/decode/pst_permute.c").read_text()
    tables = re.findall(r"_turn\[256\] = \{(.*?)\};", text, re.S)
    return [bytes(map(int, re.findall(r"\d+", table))) for table in tables]


def _undone(table):
    return bytes(table.index(i) for i in range(256))


def _sum(data):
    return ~zlib.crc32(data, 0xffffffff) & 0xffffffff


def _signature(at, bid):
    mixed = (at ^ bid) & 0xffffffff
    return (mixed >> 16 ^ mixed) & 0xffff


class Heap:
    """2.3.1: values in blocks, each with a map of where they lie behind them."""

    def __init__(self, of, client):
        self.of, self.client, self.blocks = of, client, [[]]

    def add(self, value):
        used = sum(map(len, self.blocks[-1])) + 2 * len(self.blocks[-1]) + 96
        if used + len(value) > self.of.block_max:
            self.blocks.append([])
        self.blocks[-1].append(value)
        return len(self.blocks[-1]) << 5 | len(self.blocks) - 1 << (19 if self.of.is_4k else 16)

    def tree(self, key, size, records):
        """2.3.2: one level."""
        leaf = self.add(b"".join(records)) if records else 0
        return self.add(struct.pack("<BBBBI", 0xb5, key, size, 0, leaf))

    def done(self, root):
        out = []
        for number, values in enumerate(self.blocks):
            if number == 0:
                head = 12
            else:
                head = 66 if number % 128 == 8 else 2
            places = [head]
            for value in values:
                places.append(places[-1] + len(value))
            at = places[-1] + places[-1] % 2
            begin = struct.pack("<H", at)
            if number == 0:
                begin += struct.pack("<BBI", 0xec, self.client, root)
            out.append((begin.ljust(head, b"\0") + b"".join(values)).ljust(at, b"\0")
                       + struct.pack("<HH", len(values), 0)
                       + b"".join(struct.pack("<H", place) for place in places))
        return out


class Mailbox:
    def __init__(self, shape="unicode", method=0, small=False):
        self.is_4k, self.wide, self.method, self.small = shape == "4k", shape != "ansi", method, small
        self.number = "Q" if self.wide else "I"
        self.block_max = {"unicode": 8176, "ansi": 8180, "4k": 60000}[shape]
        # `small` is without the first map of what is free, for which readers have no use.
        self.out = bytearray(1024 if small else 0x4600)
        self.blocks, self.nodes, self.next, self.next_below = [], [], 4, 0x8000
        first, second = _turns()
        self.tables = first, second, _undone(first)
        self.folder_count = 0

    # ---- blocks ----

    def _hide(self, bid, data):
        if self.method == 1:
            return data.translate(self.tables[0])
        if self.method == 2:
            turn, out = (bid ^ bid >> 16) & 0xffff, bytearray()
            for byte in data:
                low, high = turn & 255, turn >> 8
                byte = self.tables[1][self.tables[0][byte + low & 255] + high & 255]
                out.append(self.tables[2][byte - high & 255] - low & 255)
                turn = turn + 1 & 0xffff
            return bytes(out)
        return data

    def block(self, data, internal=False):
        bid = self.next | (2 if internal else 0)
        self.next += 4
        stored = data if internal else self._hide(bid, data)
        if self.is_4k:
            stored = min(stored, zlib.compress(stored), key=len)
        unit, trailer = (512, 24) if self.is_4k else (64, 16 if self.wide else 12)
        self.out += bytes(-len(self.out) % unit)
        at, facts = len(self.out), (len(stored), _signature(len(self.out), bid))
        if self.wide:
            end = struct.pack("<HHIQ", *facts, _sum(stored), bid)
        else:
            end = struct.pack("<HHII", *facts, bid, _sum(stored))
        if self.is_4k:
            end += struct.pack("<HHI", 0, len(data), 0)
        self.out += stored + bytes(-(len(stored) + trailer) % unit) + end
        self.blocks.append((bid, at, len(stored), len(data)))
        return bid

    def data(self, pieces):
        """2.2.2.8.3.2: one block, or a list of them, or a list of lists."""
        bids, total = [self.block(piece) for piece in pieces], sum(map(len, pieces))
        level = 1
        while len(bids) > 1:
            most = 8 if self.small else 1000
            groups = [bids[i:i + most] for i in range(0, len(bids), most)]
            bids = [self.block(struct.pack("<BBHI", 1, level, len(group), total)
                               + b"".join(struct.pack("<" + self.number, bid) for bid in group), True)
                    for group in groups]
            level += 1
        return bids[0]

    def subnodes(self, nodes):
        if not nodes:
            return 0
        pad = bytes(4 if self.wide else 0)
        rows = [struct.pack("<3" + self.number, *node) for node in sorted(nodes)]
        lists = [rows[i:i + 300] for i in range(0, len(rows), 300)]
        bids = [self.block(struct.pack("<BBH", 2, 0, len(rows)) + pad + b"".join(rows), True)
                for rows in lists]
        if len(bids) == 1:
            return bids[0]
        firsts = [sorted(nodes)[i][0] for i in range(0, len(nodes), 300)]
        return self.block(struct.pack("<BBH", 2, 1, len(bids)) + pad + b"".join(
            struct.pack("<2" + self.number, *pair) for pair in zip(firsts, bids)), True)

    # ---- nodes ----

    def below(self, kind):
        self.next_below += 0x20
        return self.next_below | kind

    def props(self, values, below=()):
        """2.3.3: what a node says of itself; `values` by tag: numbers, text or bytes.  Its two blocks."""
        heap, records, nodes = Heap(self, 0xbc), [], list(below)
        for tag, value in sorted(values.items()):
            kind = 3
            if isinstance(value, str):
                kind = 0x1f if self.wide else 0x1e
                value = value.encode("utf-16-le" if self.wide else "latin-1")
            elif isinstance(value, tuple):  # a node, as an object
                kind, value = 0xd, struct.pack("<II", value[0], 0)
            elif isinstance(value, bool):
                kind = 0xb
            elif isinstance(value, bytes):
                kind = 0x102
            if isinstance(value, bytes) and len(value) > 3580:
                nid = self.below(0x1f)
                pieces = [value[i:i + self.block_max] for i in range(0, len(value), self.block_max)]
                nodes.append((nid, self.data(pieces), 0))
                value = nid
            elif isinstance(value, bytes):
                value = heap.add(value) if value else 0
            records.append(struct.pack("<HHI", tag, kind, value))
        return self.data(heap.done(heap.tree(2, 6, records))), self.subnodes(nodes)

    def table(self, numbers):
        """2.3.4: rows of a number each, and of how they are attached."""
        heap, columns = Heap(self, 0x7c), ((0x3705, 8, 2), (0x67f2, 0, 0), (0x67f3, 4, 1))
        index = heap.tree(4, 4 if self.wide else 2, [
            struct.pack("<II" if self.wide else "<IH", number, row)
            for row, number in enumerate(numbers)])
        rows = heap.add(b"".join(struct.pack("<IIIB", number, row, 1, 0xe0)
                                 for row, number in enumerate(numbers)))
        root = heap.add(struct.pack("<BB4HIII", 0x7c, 3, 12, 12, 12, 13, index, rows, 0) + b"".join(
            struct.pack("<HHHBB", 3, tag, at, 4, bit) for tag, at, bit in columns))
        return self.data(heap.done(root))

    def node(self, nid, blocks, parent):
        self.nodes.append((nid, *blocks, parent))

    # ---- what people have ----

    def begin(self):
        top = bytes(4) + bytes(range(16)) + struct.pack("<I", TOP)
        self.node(0x21, self.props({0x0ff9: bytes(range(16)), 0x3001: "Mailbox", 0x35df: 0x89,
                                    0x35e0: top}), 0)
        self.node(ROOT, self.props({0x3001: "", 0x3602: 0, 0x3603: 0, 0x360a: True}), ROOT)
        self.folder("Top", ROOT)

    def folder(self, name, parent=TOP, count=1):
        nid = TOP + 0x20 * self.folder_count
        self.folder_count += 1
        self.node(nid, self.props({0x3001: name, 0x3602: count, 0x3603: 0, 0x360a: True}), parent)
        return nid

    def letter(self, subject, body="", page=b"", attached=(), rtf=b""):
        """The blocks of a message; `attached` are triples of a name, what it is, and a method."""
        values = {0x001a: "IPM.Note", 0x0017: 1, 0x0e07: 1, 0x0037: subject}
        if body:
            values[0x1000] = body
        if page:
            values[0x1013] = page
        if rtf:
            values[0x1009] = rtf
        below, numbers = [], []
        for name, what, method in attached:
            numbers.append(self.below(5))
            below.append((numbers[-1], *self.attachment(name, what, method)))
        if numbers:
            below.append((0x671, self.table(numbers), 0))
        return self.props(values, below)

    def attachment(self, name, what, method):
        values, below = {0x3705: method, 0x370b: 0xffffffff}, []
        if name:
            values[0x3707] = name
        is_letter = isinstance(what, tuple)  # whatever the method says
        if method == PICTURE_METHOD:
            values[0x3701] = what
        else:
            nid = self.below(4 if is_letter else 0x1f)
            below.append((nid, *(what if is_letter else (self.data([what]), 0))))
            values[0x3701] = (nid,)
        return self.props(values, below)

    def message(self, folder, subject, *rest, **more):
        nid = 0x200004 + 0x20 * len(self.nodes)
        self.node(nid, self.letter(subject, *rest, **more), folder)
        return nid

    # ---- the file ----

    def _pages(self, kind, rows, most):
        """2.2.2.7.7: leaves, and lists of them, until it is one."""
        size, trailer = (4096, 24) if self.is_4k else (512, 16 if self.wide else 12)
        facts, level = (4056 if self.is_4k else 488 if self.wide else 496), 0
        while True:
            width, places = len(rows[0][1]), []
            most = min(most, facts // width, 255)
            for i in range(0, len(rows), most):
                group = rows[i:i + most]
                bid, page = self.next, b"".join(row for _, row in group).ljust(facts, b"\0")
                self.next += 4
                self.out += bytes(-len(self.out) % size)
                at = len(self.out)
                page += struct.pack("<HHBB2x" if self.is_4k else "<BBBB", len(group), most, width, level)
                page = page.ljust(size - trailer, b"\0")
                head = struct.pack("<BBH", kind, kind, _signature(at, bid))
                if self.wide:
                    page += head + struct.pack("<IQ", _sum(page), bid) + bytes(8 if self.is_4k else 0)
                else:
                    page += head + struct.pack("<II", bid, _sum(page))
                self.out += page
                places.append((group[0][0], bid, at))
            if len(places) == 1:
                return places[0][1:]
            rows = [(key, struct.pack("<3" + self.number, key, bid, at)) for key, bid, at in places]
            level += 1

    def _head(self, nodes, blocks):
        """2.2.2.6"""
        root = struct.pack(f"<I4{self.number}", 0, len(self.out), 0x4400, 0, 0) \
            + struct.pack(f"<4{self.number}", *nodes, *blocks) + struct.pack("<BBH", 2, 0, 0)
        ids = struct.pack("<32I", *[0x400] * 32)
        maps = b"\xff" * 256
        version = 36 if self.is_4k else 23 if self.wide else 15
        end = struct.pack("<BBH", 0x80, self.method, 0)
        rest = struct.pack("<HHBBII", version, 19, 1, 1, 0, 0)
        if self.wide:
            rest += struct.pack("<QQI", 0, self.next, 1) + ids + bytes(8) + root + bytes(4) + maps + end
            rest += struct.pack("<Q", self.next)
        else:
            rest += struct.pack("<III", self.next, self.next, 1) + ids + root + maps + end
        rest = b"SM" + rest
        if self.wide:
            rest += struct.pack("<I", _sum(rest[:516]))
        return b"!BDN" + struct.pack("<I", _sum(rest[:471])) + rest

    def _map(self):
        """2.2.2.7.2: all of it is taken."""
        page, trailer = b"\xff" * (496 if self.wide else 500), struct.pack("<BBH", 0x84, 0x84, 0)
        if self.wide:
            return page + trailer + struct.pack("<IQ", _sum(page), 0x4400)
        return page + trailer + struct.pack("<II", 0x4400, _sum(page))

    def bytes(self, most=255):
        """The file; `most` entries a page, so that a small one has pages above pages."""
        number, blocks, nodes = self.number, [], []
        for bid, at, stored, meant in sorted(self.blocks):
            row = struct.pack(f"<2{number}HH", bid, at, stored, meant if self.is_4k else 2)
            blocks.append((bid, row + (struct.pack("<HH", 2, 0) if self.is_4k else
                                       bytes(4 if self.wide else 0))))
        for nid, data, below, parent in sorted(self.nodes):
            nodes.append((nid, struct.pack(f"<3{number}I", nid, data, below, parent)
                          + bytes(4 if self.wide else 0)))
        trees = self._pages(0x81, nodes, most), self._pages(0x80, blocks, most)
        head = self._head(*([bid, at] for bid, at in trees))
        self.out[:len(head)] = head
        if not self.small:
            self.out[0x4400:0x4600] = self._map()
        return bytes(self.out)


def mailbox(shape, method, picture, other, most=255, small=False):
    """One with all that is read: `picture` attached, in a message within one, and in OLE's place."""
    box = Mailbox(shape, method, small)
    box.begin()
    inbox = box.folder("Inbox")
    boats = box.folder("Boats", inbox)
    box.message(inbox, "\1\5RE: The lamp", "The lamp is lit.\r\n", b"<p>The lamp</p>",
                [("lighthouse.png", picture, PICTURE_METHOD), ("bridge.png", other, PICTURE_METHOD)])
    inner = box.letter("Inner", "Below.", attached=[("deep.png", picture, PICTURE_METHOD)], rtf=RTF)
    box.message(boats, "", "Forwarded." + " Long." * 700, attached=[
        ("The way", inner, MESSAGE_METHOD), ("", other, PICTURE_METHOD),
        ("object", picture, OLE_METHOD)])
    return box.bytes(most)


def bomb():
    """A small one whose attachment is the same block over and over, by lists of lists."""
    box = Mailbox("unicode", 0, small=True)
    box.begin()
    pair = struct.Struct("<BBHI")
    block = box.block(bytes(8000))
    for level in 1, 2:
        block = box.block(pair.pack(1, level, 1000, 8000) + struct.pack("<Q", block) * 1000, True)
    nid, below = box.below(5), box.below(0x1f)
    heap = Heap(box, 0xbc)
    record = struct.pack("<HHI", 0x3701, 0x102, below)
    data = box.data(heap.done(heap.tree(2, 6, [record])))
    letter, _ = box.props({0x0037: "Again"})
    box.node(0x200004, (letter, box.subnodes([(nid, data, box.subnodes([(below, block, 0)]))])), TOP)
    return box.bytes()


SEEDS = {
    "unicode": lambda: mailbox("unicode", 1, b"lighthouse" * 820, b"bridge", 4, True),
    "ansi": lambda: mailbox("ansi", 2, b"lighthouse" * 820, b"bridge", 4, True),
    "4k": lambda: mailbox("4k", 0, b"lighthouse" * 820, b"bridge", 255, True),
    "bomb": bomb,
}

if __name__ == "__main__":  # the seeds of src/decode/pst_fuzz.c
    for name, make in SEEDS.items():
        (pathlib.Path(__file__).resolve().parents[1] / "corpus/pst" / name).write_bytes(make())
