"""libward as ctypes sees it: its structs, its functions, and its errors as exceptions.

The structs repeat include/ward/*.h; the test compares each size and offset
with what a C compiler says.  Nothing here is for users of the package.
"""
import ctypes
import ctypes.util
import os
from ctypes import (POINTER, Structure, c_bool, c_char, c_char_p, c_double, c_int, c_int64, c_size_t,
                    c_uint8, c_uint32, c_uint64, c_void_p)


class Str(Structure):
    _fields_ = [("ptr", c_void_p), ("len", c_size_t)]

    def text(self) -> str:
        return ctypes.string_at(self.ptr, self.len).decode(errors="replace") if self.len else ""


class Bytes(Structure):
    _fields_ = [("ptr", c_void_p), ("len", c_size_t)]


class Error(Structure):
    _fields_ = [("code", c_int), ("message", c_char * 240)]


class Signal(Structure):
    _fields_ = [("kind", c_int), ("bytes", c_uint8 * 144)]

    def text(self) -> str:
        room = ctypes.create_string_buffer(193)
        return library.ward_signal_format(ctypes.byref(self), room).decode()


class Pdq(Structure):
    _fields_ = [("word", c_uint64 * 4)]

    def text(self) -> str:
        return library.ward_pdq_format(self, ctypes.create_string_buffer(65)).decode()


class PdqResult(Structure):
    _fields_ = [("hash", Pdq), ("quality", c_int)]


class Digests(Structure):
    _fields_ = [("md5", c_uint8 * 16), ("sha1", c_uint8 * 20), ("sha256", c_uint8 * 32),
                ("bytes", c_uint64)]


class SharingHashes(Structure):
    _fields_ = [("ed2k", c_uint8 * 16), ("aich", c_uint8 * 20), ("tth", c_uint8 * 24),
                ("btroot", c_uint8 * 32), ("bytes", c_uint64)]


class Image(Structure):
    _fields_ = [("pixels", c_void_p), ("stride", c_size_t), ("width", c_uint32),
                ("height", c_uint32), ("channels", c_uint32)]


class Limits(Structure):
    _fields_ = [("bytes_max", c_uint64), ("pixels_max", c_uint64), ("memory_max", c_uint64),
                ("frames_max", c_uint32), ("parts_max", c_uint32), ("depth_max", c_uint32),
                ("time_ms", c_uint32)]


class PictureFacts(Structure):
    _fields_ = [("kind", c_int), ("width", c_uint32), ("height", c_uint32),
                ("orientation", c_uint32), ("frames", c_uint32), ("bits", c_uint32),
                ("has_alpha", c_bool), ("is_cmyk", c_bool), ("has_sound", c_bool),
                ("duration_ms", c_uint64), ("rate_num", c_uint32), ("rate_den", c_uint32)]


class Hit(Structure):
    _fields_ = [("list", c_void_p), ("entry", c_uint64), ("signal", Signal), ("labels", Str),
                ("distance", c_uint32), ("affirmed", c_uint32), ("disputed", c_uint32),
                ("excluded", c_bool)]


class Hits(Structure):
    _fields_ = [("at", POINTER(Hit)), ("count", c_size_t), ("room", c_size_t), ("max", c_size_t),
                ("total", c_uint64)]


class Finding(Structure):
    _fields_ = [("kind", c_int), ("path", Str), ("frame", c_uint32), ("orientation", Str),
                ("has_time", c_bool), ("from_s", c_double), ("until_s", c_double), ("video", c_void_p),
                ("list", Str), ("source", Str), ("labels", Str), ("asked", Signal),
                ("listed", Signal), ("entry", c_uint64), ("distance", c_uint32),
                ("affirmed", c_uint32), ("disputed", c_uint32), ("err", c_int), ("message", Str),
                ("score", c_double), ("link", Str)]


class Verdict(Structure):
    _fields_ = [("kind", c_int), ("queue", Str), ("priority", c_int), ("rule", Str),
                ("finding", c_size_t), ("softened", c_bool)]


class ScanOptions(Structure):
    _fields_ = [("limits", Limits), ("size", c_int), ("all_orientations", c_bool),
                ("archives", c_bool), ("videos", c_bool), ("sharing", c_bool), ("hash_only", c_bool), ("both_paths", c_bool),
                ("apply_orientation", c_bool), ("borders", c_bool), ("radius", c_int), ("now", c_int64), ("video_time_ms", c_uint32),
                ("sites", c_void_p), ("terms", c_void_p), ("terms_from", c_double)]


class FrameHash(Structure):
    _fields_ = [("frame", c_uint32), ("view", c_int), ("scale", c_uint32), ("pdq", PdqResult),
                ("has_512", c_bool), ("pdq512", PdqResult), ("dihedral512", Pdq * 8),
                ("has_upright", c_bool), ("upright", Pdq), ("has_inner", c_bool),
                ("inner", PdqResult)]


class Item(Structure):
    _fields_ = [("path", Str), ("kind", c_int), ("bytes", c_uint64), ("has_digests", c_bool),
                ("digests", Digests), ("has_sharing", c_bool), ("sharing", SharingHashes),
                ("facts", PictureFacts), ("frames", POINTER(FrameHash)),
                ("frame_count", c_size_t), ("err", c_int), ("message", Str)]


class Report(Structure):
    _fields_ = [("items", POINTER(Item)), ("item_count", c_size_t), ("findings", POINTER(Finding)),
                ("finding_count", c_size_t), ("verdict", Verdict), ("time_us", c_uint64)]


class ScannerOptions(Structure):
    _fields_ = [("worker", c_char_p), ("memory_max", c_size_t)]


# Each struct and what C calls it.
STRUCTS = {Str: "ward_str", Bytes: "ward_bytes", Error: "struct ward_error",
           Signal: "struct ward_signal", Pdq: "struct ward_pdq",
           PdqResult: "struct ward_pdq_result", Digests: "struct ward_digests",
           SharingHashes: "struct ward_sharing_hashes",
           Image: "struct ward_image", Limits: "struct ward_limits",
           PictureFacts: "struct ward_picture_facts", Hit: "struct ward_hit",
           Hits: "struct ward_hits", Finding: "struct ward_finding",
           Verdict: "struct ward_verdict", ScanOptions: "struct ward_scan_options",
           FrameHash: "struct ward_frame_hash", Item: "struct ward_item",
           Report: "struct ward_report", ScannerOptions: "struct ward_scanner_options"}

# Constants of the headers that are used here; the test compares them, too.
CONSTANTS = {"WARD_PDQ_FULL": 0, "WARD_PDQ_512": 1, "WARD_DECODE_FULL": 0, "WARD_DECODE_FAST": 1,
             "WARD_SIGNAL_NONE": 0, "WARD_SIGNAL_PDQ": 4, "WARD_MEDIA_UNKNOWN": 0,
             "WARD_E_ARGUMENT": 13}

# Each function: what it returns and takes.
FUNCTIONS = {
    "ward_err_name": (c_char_p, [c_int]),
    "ward_media_name": (c_char_p, [c_int]),
    "ward_verdict_name": (c_char_p, [c_int]),
    "ward_finding_kind_name": (c_char_p, [c_int]),
    "ward_signal_kind_name": (c_char_p, [c_int]),
    "ward_signal_kind_from": (c_int, [Str]),
    "ward_signal_parse": (c_bool, [c_int, Str, POINTER(Signal)]),
    "ward_signal_format": (c_char_p, [POINTER(Signal), c_char_p]),
    "ward_pdq_parse": (c_bool, [Str, POINTER(Pdq)]),
    "ward_pdq_format": (c_char_p, [Pdq, c_char_p]),
    "ward_pdq_distance": (c_int, [Pdq, Pdq]),
    "ward_pdq_hasher_new": (c_void_p, []),
    "ward_pdq_hasher_free": (None, [c_void_p]),
    "ward_pdq_hash": (c_int, [c_void_p, POINTER(Image), c_int, POINTER(PdqResult),
                              POINTER(Error)]),
    "ward_image_fits": (c_bool, [POINTER(Image), c_size_t]),
    "ward_digest": (c_int, [Bytes, POINTER(Digests)]),
    "ward_list_open": (c_int, [c_char_p, POINTER(c_void_p), POINTER(Error)]),
    "ward_list_free": (None, [c_void_p]),
    "ward_list_entries": (c_uint64, [c_void_p]),
    "ward_list_search": (c_int, [c_void_p, POINTER(Signal), c_int, POINTER(Hits),
                                 POINTER(Error)]),
    "ward_hits_free": (None, [POINTER(Hits)]),
    "ward_bank_open": (c_int, [c_char_p, POINTER(c_void_p), POINTER(Error)]),
    "ward_bank_free": (None, [c_void_p]),
    "ward_bank_refresh": (c_int, [c_void_p, POINTER(c_bool), POINTER(Error)]),
    "ward_bank_acquire": (c_void_p, [c_void_p]),
    "ward_bank_release": (None, [c_void_p]),
    "ward_policy_default": (c_void_p, []),
    "ward_policy_free": (None, [c_void_p]),
    "ward_scan_options_default": (ScanOptions, []),
    "ward_scanner_new": (c_void_p, [POINTER(ScannerOptions)]),
    "ward_scanner_free": (None, [c_void_p]),
    "ward_scan_fd": (c_int, [c_void_p, c_int, c_uint64, c_void_p, c_void_p, POINTER(ScanOptions),
                             POINTER(POINTER(Report)), POINTER(Error)]),
    "ward_scan_bytes": (c_int, [c_void_p, Bytes, c_void_p, c_void_p, POINTER(ScanOptions),
                                POINTER(POINTER(Report)), POINTER(Error)]),
}


class WardError(Exception):
    """What libward could not do: `code` is a short stable word, the text a sentence."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


def open_library() -> ctypes.CDLL:
    """$WARD_LIBRARY, or the installed one."""
    name = os.environ.get("WARD_LIBRARY") or ctypes.util.find_library("ward") or "libward.so.0"
    try:
        opened = ctypes.CDLL(name)
        for function, (returns, takes) in FUNCTIONS.items():
            getattr(opened, function).restype = returns
            getattr(opened, function).argtypes = takes
    except (OSError, AttributeError) as error:
        raise ImportError(f"libward cannot be used: {error}; install it, or say where it is in "
                          "WARD_LIBRARY") from None
    return opened


library = open_library()


def call(function: str, *arguments) -> None:
    """Calls a function whose last parameter is a struct ward_error; a failure is raised."""
    error = Error()
    code = getattr(library, function)(*arguments, ctypes.byref(error))
    if code:
        raise WardError(library.ward_err_name(code).decode(),
                        error.message.decode(errors="replace"))


def refuse(message: str) -> WardError:
    return WardError(library.ward_err_name(CONSTANTS["WARD_E_ARGUMENT"]).decode(), message)


def need(pointer):
    """What a function without struct ward_error returned: nothing means no memory."""
    if not pointer:
        raise MemoryError("libward has no memory")
    return pointer


def borrow(data: bytes, kind):
    """A Str or Bytes over Python's own memory, valid as long as `data` is."""
    return kind(ctypes.cast(ctypes.c_char_p(data), c_void_p), len(data))
