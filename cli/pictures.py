"""Pictures that a scan leaves behind: the plates as they were read, and the pictures with the reads drawn in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import numpy as np

    from lpr.lookout import Watched
    from lpr.records.pictures import Kind
    from lpr.records.schema import Database
    from lpr.scan import Scanned

_JPEG_QUALITY = 92


#: A picture that was written, what it is, and what it shows.
Written = Callable[[Path, "Kind", "Sequence[Scanned | Watched]"], None]
#: Carries out a write to the record, at once or as soon as that is possible.
Writer = Callable[[Callable[[], None]], object]


class Pictures:
    """Writes into ``crops`` and ``annotated``, made where missing; None leaves either out. Nothing is ever overwritten.

    All plates of a photo are drawn into one picture, written by ``end``. Of footage each sighting has its own.
    ``written`` hears of each picture. Without ``every``, only plates that hit a list are shown.
    Raises click.ClickException when a picture cannot be written.
    """

    def __init__(
        self, crops: Path | None, annotated: Path | None, written: Written | None = None, every: bool = True
    ) -> None:
        self._written = written
        self._every = every
        self._crops = crops
        self._annotated = annotated
        self._photo: list[Scanned | Watched] = []
        for folder in (crops, annotated):
            if folder is not None:
                try:
                    folder.mkdir(parents=True, exist_ok=True)
                except OSError as error:
                    raise _failure(folder, error) from error

    def add(self, scanned: Scanned | Watched) -> Path | None:
        """Writes what there is to write; the crop's file."""
        if scanned.crop is None or scanned.image is None or not (self._every or scanned.hits):
            return None
        seen = scanned.sighting
        stem = Path(seen.source).stem
        moment = "" if seen.seconds is None else f"-{seen.frame:06}"
        crop = None
        if self._crops is not None:
            # PNG: a crop is evidence of single pixels, and small.
            crop = _write(self._crops, f"{stem}{moment}-{seen.text}", ".png", scanned.crop)
            self._tell(crop, "crop", [scanned])
        if self._annotated is not None and seen.seconds is None:
            self._photo.append(scanned)
        elif self._annotated is not None:
            path = _write(self._annotated, f"{stem}{moment}-{seen.text}", ".jpg", _drawn([scanned]))
            self._tell(path, "annotated", [scanned])
        return crop

    def end(self) -> None:
        """The source has ended: the photo, if it was one, is written."""
        if self._annotated is not None and self._photo:
            path = _write(self._annotated, Path(self._photo[0].sighting.source).stem, ".jpg", _drawn(self._photo))
            self._tell(path, "annotated", self._photo)
        self._photo = []

    def _tell(self, path: Path, kind: Kind, shown: Sequence[Scanned | Watched]) -> None:
        if self._written is not None:
            self._written(path, kind, list(shown))


def pictures_of(
    crops: Path | None, annotated: Path | None, database: Database | None, writer: Writer | None = None
) -> Pictures:
    """Pictures that go with their sightings on record when these are purged, and only those that its policy allows."""
    if database is None:
        return Pictures(crops, annotated)
    from lpr.records.pictures import add_picture
    from lpr.records.privacy import Privacy

    record = database

    def written(path: Path, kind: Kind, shown: Sequence[Scanned | Watched]) -> None:
        def note() -> None:
            # Of a live vehicle the sighting may be on record only when this is carried out.
            ids = (one.sighting_id for one in shown)
            add_picture(record, path, kind, [one for one in ids if one is not None])

        if writer is None:
            note()
        else:
            writer(note)

    return Pictures(crops, annotated, written, every=Privacy(database).shows(hit=False))


def _drawn(found: Sequence[Scanned | Watched]) -> np.ndarray:
    from lpr.recognition.draw import Mark, annotate

    image = found[0].image
    assert image is not None  # add() took in none without
    marks = [
        Mark(
            scanned.sighting.box,
            scanned.sighting.text,
            scanned.sighting.confidence,
            f"possible match: {', '.join(sorted({hit.list for hit in scanned.hits}))}" if scanned.hits else "",
        )
        for scanned in found
    ]
    return annotate(image, marks)


def _write(folder: Path, stem: str, suffix: str, image: np.ndarray) -> Path:
    """The image under the first free one of the names ``stem``, ``stem-2``, ``stem-3``, …; its file."""
    import cv2

    options = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY] if suffix == ".jpg" else []
    _, encoded = cv2.imencode(suffix, image, options)
    number = 1
    while True:
        path = folder / f"{stem}{'' if number == 1 else f'-{number}'}{suffix}"
        try:
            with path.open("xb") as stream:
                stream.write(encoded.tobytes())
            return path
        except FileExistsError:
            number += 1
        except OSError as error:
            raise _failure(path, error) from error


def _failure(path: Path, error: OSError) -> click.ClickException:
    return click.ClickException(f"{path} cannot be written ({error.strerror}); name another folder, or make room")
