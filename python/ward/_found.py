"""What comes back from libward, copied out of its memory."""
from dataclasses import dataclass
from typing import Optional, Tuple

from . import _c


@dataclass(frozen=True)
class Frame:
    """The hashes of one picture; an animation has several."""
    index: int
    view: str  #: "stored", or "composited" over white where that looks different
    scale: int  #: 1 is exact; else the picture was decoded to 1/scale, and the hash is near
    pdq: str
    quality: int
    pdq512: Optional[str] = None
    quality512: Optional[int] = None
    dihedral512: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """A file, or a member of an archive."""
    path: str  #: within the archive; "" for the file itself
    kind: str  #: "jpeg", "zip", "unknown", ...
    bytes: int
    md5: Optional[str]
    sha1: Optional[str]
    sha256: Optional[str]
    width: int
    height: int
    orientation: int
    frames: Tuple[Frame, ...]
    error: Optional[str]  #: why it could not be read

    @property
    def pdq(self) -> Optional[str]:
        return self.frames[0].pdq if self.frames else None

    @property
    def quality(self) -> Optional[int]:
        return self.frames[0].quality if self.frames else None

    @property
    def pdq512(self) -> Optional[str]:
        return self.frames[0].pdq512 if self.frames else None


@dataclass(frozen=True)
class Hit:
    """An entry of a list that lies on or near a signal."""
    entry: int  #: the record's number in the imported file
    signal: str
    distance: int
    labels: Tuple[str, ...]
    affirmed: int
    disputed: int


@dataclass(frozen=True)
class Finding:
    """One thing that was found, with its evidence."""
    kind: str  #: "known", "near", "allowed", "excluded", "unreadable", "limit", "encrypted", "score", "link"
    path: str
    frame: int
    orientation: str
    list: str
    source: str
    labels: Tuple[str, ...]
    asked: str
    listed: str
    entry: int
    distance: int
    affirmed: int
    disputed: int
    message: str
    link: str = ""


@dataclass(frozen=True)
class Report:
    """What a scan found, gravest first, and what the policy makes of it."""
    verdict: str  #: "allow", "hold" or "block"
    queue: str
    priority: int
    rule: str
    findings: Tuple[Finding, ...]
    items: Tuple[Item, ...]
    time_us: int


def digest(item: _c.Item, name: str) -> Optional[str]:
    return bytes(getattr(item.digests, name)).hex() if item.has_digests else None


def frame_of(frame: _c.FrameHash) -> Frame:
    more = {}
    if frame.has_512:
        more = {"pdq512": frame.pdq512.hash.text(), "quality512": frame.pdq512.quality,
                "dihedral512": tuple(pdq.text() for pdq in frame.dihedral512)}
    return Frame(index=frame.frame, view="composited" if frame.view else "stored",
                 scale=frame.scale, pdq=frame.pdq.hash.text(), quality=frame.pdq.quality, **more)


def hit_of(hit: _c.Hit) -> Hit:
    return Hit(entry=hit.entry, signal=hit.signal.text(), distance=hit.distance,
               labels=tuple(hit.labels.text().split()), affirmed=hit.affirmed,
               disputed=hit.disputed)


def item_of(item: _c.Item) -> Item:
    return Item(path=item.path.text(), kind=_c.library.ward_media_name(item.kind).decode(),
                bytes=item.bytes, md5=digest(item, "md5"), sha1=digest(item, "sha1"),
                sha256=digest(item, "sha256"), width=item.facts.width, height=item.facts.height,
                orientation=item.facts.orientation,
                frames=tuple(frame_of(item.frames[i]) for i in range(item.frame_count)),
                error=item.message.text() if item.err else None)


def signal_text(signal: _c.Signal) -> str:
    return signal.text() if signal.kind else ""


def finding_of(finding: _c.Finding) -> Finding:
    return Finding(kind=_c.library.ward_finding_kind_name(finding.kind).decode(),
                   path=finding.path.text(), frame=finding.frame,
                   orientation=finding.orientation.text(), list=finding.list.text(),
                   source=finding.source.text(), labels=tuple(finding.labels.text().split()),
                   asked=signal_text(finding.asked), listed=signal_text(finding.listed),
                   entry=finding.entry, distance=finding.distance, affirmed=finding.affirmed,
                   disputed=finding.disputed, message=finding.message.text(),
                   link=finding.link.text())


def report_of(report: _c.Report) -> Report:
    return Report(verdict=_c.library.ward_verdict_name(report.verdict.kind).decode(),
                  queue=report.verdict.queue.text(), priority=report.verdict.priority,
                  rule=report.verdict.rule.text(),
                  findings=tuple(finding_of(report.findings[i])
                                 for i in range(report.finding_count)),
                  items=tuple(item_of(report.items[i]) for i in range(report.item_count)),
                  time_us=report.time_us)
