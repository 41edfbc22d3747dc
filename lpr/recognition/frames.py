"""Frames: the pictures of a photo or of footage, one after the other, with the times they carry."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal

import numpy as np

from lpr.errors import SourceError
from lpr.places import Place

if TYPE_CHECKING:
    from lpr.recognition.clock import Clock

#: A picture of more pixels is refused before it is decoded (a 30,000 × 30,000 header asks for 2.7 GB). The largest
#: phone cameras' ordinary pictures, 108 megapixels, pass.
LARGEST_PICTURE = 120_000_000
#: Endings of the files that a folder is searched for. A file named by itself is judged by its content alone.
PHOTO_SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".mpo", ".png", ".tif", ".tiff", ".webp"})
FOOTAGE_SUFFIXES = frozenset(
    {".3gp", ".asf", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov"}
    | {".mp4", ".mpeg", ".mpg", ".mts", ".ts", ".webm", ".wmv"}
)

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://")
# Up to the last @ before the path: passwords may hold an @ themselves.
_CREDENTIALS = re.compile(r"(?<=://)[^/?#]*@")


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a source.

    ``image`` is height × width × 3, uint8, BGR, upright. ``index`` counts from 0, skipped frames included.
    ``seconds`` is the time since the footage began, from the frame's own time stamp; None for a photo.
    ``taken_at`` is aware, UTC; None when the file does not say it, or says it without a time zone. ``place`` is where a
    photo says that it was taken.
    """

    image: np.ndarray
    source: str
    index: int
    seconds: float | None
    taken_at: datetime | None
    place: Place | None = None


@dataclass(frozen=True)
class Part:
    """A part of footage: from ``begin`` to before ``end``, seconds; None is its own end."""

    begin: float = 0.0
    end: float | None = None

    def length(self, whole: float) -> float:
        """How long the part is, of footage of ``whole`` seconds."""
        return max(0.0, (whole if self.end is None else min(whole, self.end)) - self.begin)


@dataclass(frozen=True, eq=False)
class Exposure:
    """A frame that is decoded but not yet in BGR: most frames of footage are never looked at closely.

    ``width`` and ``height`` are those of the picture, upright. The other fields are those of Frame.
    """

    source: str
    index: int
    seconds: float | None
    taken_at: datetime | None
    width: int
    height: int
    develop: Callable[[], np.ndarray]
    grey: Callable[[], np.ndarray]
    place: Place | None = None

    def frame(self) -> Frame:
        """The Frame; its image is made anew with each call."""
        return Frame(self.develop(), self.source, self.index, self.seconds, self.taken_at, self.place)

    @staticmethod
    def of(frame: Frame) -> Exposure:
        """A frame that is in BGR already."""
        height, width = frame.image.shape[:2]
        image = frame.image

        def given() -> np.ndarray:
            return image

        return Exposure(
            frame.source, frame.index, frame.seconds, frame.taken_at, width, height, given, given, frame.place
        )


class Frames:
    """The frames of one open source: iterate over it once, close it by ``with``, ``close`` or by reaching the end.

    ``kind`` says what the file is by content. ``total`` is the number of frames that the iteration will yield as far
    as the file itself says, ``seconds`` its length; None where that is unknown. ``begins_at`` is the time at which
    footage begins (aware, UTC), None where nobody says it. ``exposures`` are the same frames, each developed only on
    demand; iterate over these or over the frames, not over both.
    """

    def __init__(
        self,
        source: str,
        kind: Literal["photo", "footage"],
        exposures: Iterator[Exposure],
        total: int | None,
        seconds: float | None,
        begins_at: datetime | None = None,
    ) -> None:
        self.source = source
        self.kind = kind
        self.total = total
        self.seconds = seconds
        self.begins_at = begins_at
        self.exposures = exposures

    def __iter__(self) -> Iterator[Frame]:
        return (exposure.frame() for exposure in self.exposures)

    def __enter__(self) -> Frames:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        close = getattr(self.exposures, "close", None)
        if close is not None:
            close()


def open_frames(
    source: str | Path,
    every: int = 1,
    part: Part | None = None,
    clock: Clock | None = None,
    thin: bool = False,
    hardware: bool = False,
) -> Frames:
    """Open the photo or footage file ``source`` and give its frames; of footage every ``every``-th, the first included.

    What a file is, its content says, not its name. A photo is decoded here, footage while iterating, ahead of what
    is asked for, on a thread of its own. ``part`` is the part of footage to give, the whole by default; ``clock``
    says when it was taken, by default what the file itself says. ``thin`` leaves out frames that no other frame is
    built on (B-frames), where the file has such: that makes decoding cheaper, indexes and times stay the same.
    ``hardware`` decodes by a graphics processor where there is one; that there is none is told in the log.

    Raises SourceError, with a remedy, for a file that is missing, empty, cut off, too large or neither photo nor
    footage. Footage that breaks off gives the frames before, then raises a SourceError that says at which second.
    Raises ValueError when ``every`` is less than 1.
    """
    if every < 1:
        raise ValueError(f"every must be 1 or more, not {every}")
    name = without_credentials(str(source))
    if _SCHEME.match(str(source)):
        raise SourceError(f"{name}: an address, not a file; record it to a file and name that")
    path = Path(source)
    _check_file(path, name)
    from lpr.recognition import photo

    if photo.is_photo(path):
        frame = photo.read_photo(path, name)
        return Frames(name, "photo", iter([Exposure.of(frame)]), total=1, seconds=None)
    # The import of PyAV is paid by footage alone.
    from lpr.recognition import footage
    from lpr.recognition.hardware import HARDWARE

    opened = footage.open_footage(path, name, HARDWARE if hardware else None)
    chosen = part if part is not None else Part()
    begins_at = opened.created_at if clock is None else clock.begin(path, opened.created_at)
    total = opened.total
    if total is not None and opened.seconds and chosen != Part():
        total = round(total * min(1.0, chosen.length(opened.seconds) / opened.seconds))
    total = None if total is None else -(-total // every)
    exposures = opened.exposures(every, chosen, begins_at, thin)
    return Frames(name, "footage", exposures, total, opened.seconds, begins_at)


def without_credentials(source: str) -> str:
    """``source`` with user name and password removed from an address; a file's path comes back unchanged."""
    return _CREDENTIALS.sub("", source) if _SCHEME.match(source) else source


def _check_file(path: Path, name: str) -> None:
    try:
        if path.is_dir():
            raise SourceError(f"{name}: a folder, not a file; name the photos or footage in it")
        with path.open("rb") as stream:
            empty = not stream.read(1)
    except FileNotFoundError as error:
        raise SourceError(f"{name}: no such file; check the path") from error
    except (OSError, ValueError) as error:
        # ValueError: a name with a NUL character.
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(f"{name}: cannot be opened ({reason}); check its permissions") from error
    if empty:
        raise SourceError(f"{name}: the file is empty; copy it again from where it came from")
