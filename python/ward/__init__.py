"""ward: find known abuse material in files, by digests and by PDQ hashes.

    import ward

    ward.hash("picture.jpg").pdq             # fingerprints of a file, or of bytes
    ward.match("lists/bad", signal)          # the entries of one list on or near a signal
    ward.scan("upload.zip", "lists")         # verdict and findings over a folder of lists

Objects that hold something of the library are context managers: List, Bank and
Scanner.  A failure is a WardError, whose `code` is a short stable word.  What a
file could not be read for is not a failure: it is a finding, and in an item's
`error`.

A Scanner works for one thread at a time; the functions keep one for each
thread.  List and Bank may be shared.
"""
import contextlib
import ctypes
import os
import stat
import threading
import time
from typing import List as ListOf
from typing import Optional, Tuple, Union

from . import _c
from ._c import WardError
from ._found import Finding, Frame, Hit, Item, Report, hit_of, report_of

__all__ = ["Bank", "Finding", "Frame", "Hit", "Item", "List", "Report", "Scanner", "WardError",
           "distance", "hash", "hash_pixels", "match", "scan"]

Source = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview]
Folder = Union[str, "os.PathLike[str]"]


# ---- signals ----

def _parse_signal(text: str) -> _c.Signal:
    """Like a line of a list: with its kind in front, or told by its length; 64 digits are PDQ."""
    signal, data = _c.Signal(), text.encode()
    kinds = [_c.CONSTANTS["WARD_SIGNAL_NONE"], _c.CONSTANTS["WARD_SIGNAL_PDQ"]]
    for kind in kinds:
        if _c.library.ward_signal_parse(kind, _c.borrow(data, _c.Str), ctypes.byref(signal)):
            return signal
    raise _c.refuse("a signal is an MD5, SHA-1, PDQ or PhotoDNA hash, or has its kind in front, as "
                    '"sha256:..."')


def _parse_pdq(text: str) -> _c.Pdq:
    pdq, data = _c.Pdq(), text.encode()
    if not _c.library.ward_pdq_parse(_c.borrow(data, _c.Str), ctypes.byref(pdq)):
        raise _c.refuse("a PDQ hash is 64 hexadecimal digits")
    return pdq


def distance(one: str, other: str) -> int:
    """How many of the 256 bits of two PDQ hashes differ; 31 or fewer is "the same picture"."""
    return _c.library.ward_pdq_distance(_parse_pdq(one), _parse_pdq(other))


def hash_pixels(pixels: Union[bytes, bytearray, memoryview], width: int, height: int,
                channels: int = 3, path: str = "pdq") -> Tuple[str, int]:
    """PDQ hash and quality of rows of 8-bit RGB or grey samples.

    `path` is "pdq", over the full size, or "pdq512", as the reference command computes it.
    """
    if path not in ("pdq", "pdq512"):
        raise _c.refuse('the path is "pdq" or "pdq512"')
    data = bytes(pixels)
    if min(width, height, channels) < 0 or len(data) != width * height * channels:
        raise _c.refuse(f"{len(data)} bytes are not {width} times {height} times {channels}")
    image = _c.Image(_c.borrow(data, _c.Bytes).ptr, width * channels, width, height, channels)
    result = _c.PdqResult()
    hasher = _c.need(_c.library.ward_pdq_hasher_new())
    try:
        _c.call("ward_pdq_hash", hasher, ctypes.byref(image),
                _c.CONSTANTS["WARD_PDQ_512" if path == "pdq512" else "WARD_PDQ_FULL"],
                ctypes.byref(result))
    finally:
        _c.library.ward_pdq_hasher_free(hasher)
    return result.hash.text(), result.quality


# ---- what holds something of the library ----

class _Handle:
    """A pointer of the library's that is freed once: by close, `with`, or in the end."""

    _free: str

    def __init__(self, pointer):
        self._pointer = pointer

    def _use(self):
        if not self._pointer:
            raise _c.refuse(f"this {type(self).__name__} was closed")
        return self._pointer

    def close(self) -> None:
        pointer, self._pointer = getattr(self, "_pointer", None), None
        if pointer:
            getattr(_c.library, self._free)(pointer)

    def __enter__(self):
        self._use()
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        self.close()


class List(_Handle):
    """One list, a folder that `ward list import` made; its version stays until it is closed."""

    _free = "ward_list_free"

    def __init__(self, folder: Folder):
        pointer = ctypes.c_void_p()
        _c.call("ward_list_open", os.fsencode(folder), ctypes.byref(pointer))
        super().__init__(pointer)

    def __len__(self) -> int:
        return _c.library.ward_list_entries(self._use())

    def match(self, signal: str, radius: Optional[int] = None) -> ListOf[Hit]:
        """Every entry on or within `radius` of the signal (None: the list's own), nearest first."""
        hits = _c.Hits()
        asked = _parse_signal(signal)
        if radius is not None and radius < 0:
            raise _c.refuse("a radius is 0 or more")
        try:
            _c.call("ward_list_search", self._use(), ctypes.byref(asked),
                    -1 if radius is None else radius, ctypes.byref(hits))
            found = [hit_of(hits.at[i]) for i in range(hits.count)]
        finally:
            _c.library.ward_hits_free(ctypes.byref(hits))
        return sorted(found, key=lambda hit: (hit.distance, hit.entry))


class Bank(_Handle):
    """All lists below a folder.  `refresh` looks for new versions; scans under way go on."""

    _free = "ward_bank_free"

    def __init__(self, folder: Folder):
        pointer = ctypes.c_void_p()
        _c.call("ward_bank_open", os.fsencode(folder), ctypes.byref(pointer))
        super().__init__(pointer)

    def refresh(self) -> bool:
        """True when a list had changed."""
        changed = ctypes.c_bool()
        _c.call("ward_bank_refresh", self._use(), ctypes.byref(changed))
        return changed.value

    @contextlib.contextmanager
    def _view(self):
        view = _c.need(_c.library.ward_bank_acquire(self._use()))
        try:
            yield view
        finally:
            _c.library.ward_bank_release(view)


class Scanner(_Handle):
    """Scans and hashes; keeps a jailed worker process between files.

    `worker` is the path of ward-worker, when it is not installed with the library.
    """

    _free = "ward_scanner_free"

    def __init__(self, worker: Optional[Folder] = None):
        options = _c.ScannerOptions(os.fsencode(worker) if worker is not None else None, 0)
        super().__init__(_c.need(_c.library.ward_scanner_new(ctypes.byref(options))))
        self._policy = _c.need(_c.library.ward_policy_default())
        self._lock = threading.Lock()

    def close(self) -> None:
        super().close()
        policy, self._policy = getattr(self, "_policy", None), None
        if policy:
            _c.library.ward_policy_free(policy)

    def hash(self, source: Source, exact: bool = True) -> Item:
        """Digests and, of a picture, PDQ hashes: `pdq` and, when exact, `pdq512`."""
        options = self._options(exact)
        options.hash_only = True
        options.archives = False
        options.both_paths = exact
        return self._run(source, None, options).items[0]

    def scan(self, source: Source, bank: Union[Bank, Folder], *, exact: bool = False,
             orientations: bool = False, archives: bool = True,
             radius: Optional[int] = None, borders: bool = False) -> Report:
        """What the lists of a bank say of a file, of bytes, and of what archives hold.

        `exact` decodes large pictures in full.  `orientations` asks for the picture turned and
        mirrored as well, `borders` for what is within even borders.  `radius` is each list's own unless given.
        """
        options = self._options(exact)
        options.all_orientations = orientations
        options.archives = archives
        options.borders = borders
        options.radius = -1 if radius is None else radius
        if isinstance(bank, Bank):
            with bank._view() as view:
                return self._run(source, view, options)
        with Bank(bank) as opened, opened._view() as view:
            return self._run(source, view, options)

    @staticmethod
    def _options(exact: bool) -> _c.ScanOptions:
        options = _c.library.ward_scan_options_default()
        options.size = _c.CONSTANTS["WARD_DECODE_FULL" if exact else "WARD_DECODE_FAST"]
        options.now = int(time.time())
        return options

    def _run(self, source: Source, view, options: _c.ScanOptions) -> Report:
        report = ctypes.POINTER(_c.Report)()
        more = (view, self._policy, ctypes.byref(options), ctypes.byref(report))
        with self._lock:
            if isinstance(source, (bytes, bytearray, memoryview)):
                data = bytes(source)
                _c.call("ward_scan_bytes", self._use(), _c.borrow(data, _c.Bytes), *more)
            else:
                # A pipe without a writer would block, were it not for O_NONBLOCK.
                fd = os.open(source, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
                try:
                    about = os.fstat(fd)
                    if not stat.S_ISREG(about.st_mode):
                        raise _c.refuse("only a regular file can be scanned")
                    _c.call("ward_scan_fd", self._use(), fd, about.st_size, *more)
                finally:
                    os.close(fd)
            return report_of(report.contents)


# ---- in one call ----

_mine = threading.local()


def _scanner() -> Scanner:
    if not hasattr(_mine, "scanner"):
        _mine.scanner = Scanner()
    return _mine.scanner


def hash(source: Source, exact: bool = True) -> Item:  # pylint: disable=redefined-builtin
    """Fingerprints of a file (str or path) or of bytes; see Scanner.hash."""
    return _scanner().hash(source, exact)


def scan(source: Source, bank: Union[Bank, Folder], **options) -> Report:
    """Verdict and findings for a file (str or path) or bytes; see Scanner.scan."""
    return _scanner().scan(source, bank, **options)


def match(folder: Folder, signal: str, radius: Optional[int] = None) -> ListOf[Hit]:
    """Asks one list once; open a List to ask it more often."""
    with List(folder) as opened:
        return opened.match(signal, radius)
