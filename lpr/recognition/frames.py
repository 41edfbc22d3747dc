"""Frames: the pictures of a photo or of footage, one after the other, with the times they carry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Literal

import numpy as np

from lpr.errors import SourceError
from lpr.places import Place

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


class Frames:
    """The frames of one open source: iterate over it once, close it by ``with``, ``close`` or by reaching the end.

    ``kind`` says what the file is by content. ``total`` is the number of frames that the iteration will yield as far
    as the file itself says, ``seconds`` its length; None where that is unknown.
    """

    def __init__(
        self,
        source: str,
        kind: Literal["photo", "footage"],
        frames: Iterator[Frame],
        total: int | None,
        seconds: float | None,
    ) -> None:
        self.source = source
        self.kind = kind
        self.total = total
        self.seconds = seconds
        self._frames = frames

    def __iter__(self) -> Iterator[Frame]:
        return self._frames

    def __enter__(self) -> Frames:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        close = getattr(self._frames, "close", None)
        if close is not None:
            close()


def open_frames(source: str | Path, every: int = 1) -> Frames:
    """Open the photo or footage file ``source`` and give its frames; of footage every ``every``-th, the first included.

    What a file is, its content says, not its name. A photo is decoded here, footage while iterating.

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
        return Frames(name, "photo", iter([frame]), total=1, seconds=None)
    # The import of PyAV is paid by footage alone.
    from lpr.recognition import footage

    opened = footage.open_footage(path, name)
    total = None if opened.total is None else -(-opened.total // every)
    return Frames(name, "footage", opened.frames(every), total, opened.seconds)


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
