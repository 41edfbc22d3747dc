"""Pictures that a scan leaves behind: the plates as they were read, and the pictures with the reads drawn in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import numpy as np

    from lpr.lookout import Watched
    from lpr.scan import Scanned

_JPEG_QUALITY = 92


class Pictures:
    """Writes into ``crops`` and ``annotated``, made where missing; None leaves either out. Nothing is ever overwritten.

    All plates of a photo are drawn into one picture, written by ``end``. Of footage each sighting has its own.
    Raises click.ClickException when a picture cannot be written.
    """

    def __init__(self, crops: Path | None, annotated: Path | None) -> None:
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
        if scanned.crop is None or scanned.image is None:
            return None
        seen = scanned.sighting
        stem = Path(seen.source).stem
        moment = "" if seen.seconds is None else f"-{seen.frame:06}"
        crop = None
        if self._crops is not None:
            # PNG: a crop is evidence of single pixels, and small.
            crop = _write(self._crops, f"{stem}{moment}-{seen.text}", ".png", scanned.crop)
        if self._annotated is not None and seen.seconds is None:
            self._photo.append(scanned)
        elif self._annotated is not None:
            _write(self._annotated, f"{stem}{moment}-{seen.text}", ".jpg", _drawn([scanned]))
        return crop

    def end(self) -> None:
        """The source has ended: the photo, if it was one, is written."""
        if self._annotated is not None and self._photo:
            _write(self._annotated, Path(self._photo[0].sighting.source).stem, ".jpg", _drawn(self._photo))
        self._photo = []


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
