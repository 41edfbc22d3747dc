"""Photos: decoded whole or refused, upright, with the time that their EXIF data gives."""

from __future__ import annotations

import math
import re
import struct
import warnings
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import SupportsFloat

import cv2
import numpy as np
from PIL import Image, ImageOps
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from lpr.errors import PlaceError, SourceError
from lpr.places import Place
from lpr.recognition.frames import LARGEST_PICTURE, Frame

# What a file begins with, and its decoder. Not ``Image.open``: that lets every decoder of Pillow near the file, among
# them some that start programs (EPS), and importing ultralytics replaces it by one that installs a package by pip
# for each file it does not know.
_DECODERS: tuple[tuple[re.Pattern[bytes], Callable[[Path], ImageFile]], ...] = (
    (re.compile(rb"\xff\xd8\xff"), JpegImageFile),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), PngImageFile),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), WebPImageFile),
    (re.compile(rb"BM"), BmpImageFile),
    (re.compile(rb"II[*+]\0|MM\0[*+]"), TiffImageFile),
    (re.compile(rb"GIF8[79]a"), GifImageFile),
)
# By their first bytes they are MP4; neither Pillow everywhere nor OpenCV reads them.
_HEIF = re.compile(rb"....ftyp(hei[cxms]|mif1|msf1|avi[fs])", re.DOTALL)
_DATETIME_ORIGINAL, _OFFSET_TIME, _OFFSET_TIME_ORIGINAL, _SUBSECONDS_ORIGINAL = 0x9003, 0x9010, 0x9011, 0x9291
_EXIF, _GPS = 0x8769, 0x8825
# Within the GPS data. A status of V is void: the receiver had no position.
_LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE, _STATUS = 1, 2, 3, 4, 9
# What Pillow raises for files that are cut off or damaged: SyntaxError for a broken chunk, IndexError in GIF and TIFF.
_DAMAGED = (OSError, SyntaxError, ValueError, LookupError, TypeError, EOFError, struct.error, MemoryError)


def is_photo(path: Path) -> bool:
    """Whether the file begins as a photo does; its name plays no part. Raises OSError."""
    head = _head(path)
    return _decoder(head) is not None or _HEIF.match(head) is not None


def read_photo(path: Path, name: str) -> Frame:
    """The photo as a Frame under the name ``name``. Raises SourceError for a cut off, damaged or too large photo.

    Pillow decodes, not OpenCV: it reports a JPEG that is cut off, where ``cv2.imread`` returns it half grey.
    """
    decoder = _decoder(_head(path))
    if decoder is None:
        raise SourceError(f"{name}: a HEIC or AVIF photo, which lpr does not read; convert it to JPEG")
    try:
        with warnings.catch_warnings():
            # Pillow's warnings about odd metadata are no reason to refuse a picture, or to trouble anyone.
            warnings.simplefilter("ignore", UserWarning)
            with decoder(path) as picture:
                _check_size(picture, name)
                return Frame(_pixels(picture), name, 0, None, _taken_at(picture), _place(picture))
    except _DAMAGED as error:
        raise SourceError(
            f"{name}: the photo is cut off or damaged ({error}); copy it again from where it came from"
        ) from error


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(16)


def _decoder(head: bytes) -> Callable[[Path], ImageFile] | None:
    return next((decoder for beginning, decoder in _DECODERS if beginning.match(head)), None)


def _check_size(picture: Image.Image, name: str) -> None:
    if picture.width * picture.height > LARGEST_PICTURE:
        raise SourceError(
            f"{name}: {picture.width} × {picture.height} pixels are too many; "
            f"lpr reads up to {LARGEST_PICTURE // 1_000_000} megapixels, scale it down first"
        )


def _pixels(picture: Image.Image) -> np.ndarray:
    picture.load()
    upright = _upright(picture)
    if upright.mode.startswith(("I", "F")):
        return _stretched(np.asarray(upright))
    if upright.mode in ("LA", "PA", "RGBA", "P", "La", "RGBa"):
        # What is transparent is shown on white, as a viewer shows it.
        over = upright.convert("RGBA")
        white = Image.new("RGBA", over.size, (255, 255, 255, 255))
        upright = Image.alpha_composite(white, over)
    return cv2.cvtColor(np.asarray(upright.convert("RGB")), cv2.COLOR_RGB2BGR)


def _upright(picture: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except _DAMAGED:
        # The pixels are there; EXIF data that cannot be understood say nothing about how the camera was held.
        return picture


def _stretched(values: np.ndarray) -> np.ndarray:
    """A grey picture of 16 or 32 bits, as thermal and infra-red cameras write it, spread over 8 bits, as BGR."""
    as_float = values.astype(np.float32)
    low, high = float(as_float.min()), float(as_float.max())
    spread = (as_float - low) * (255.0 / (high - low) if high > low else 0.0)
    return cv2.cvtColor(spread.astype(np.uint8), cv2.COLOR_GRAY2BGR)


def _taken_at(picture: Image.Image) -> datetime | None:
    """EXIF's time of exposure, when the offset from UTC stands beside it: a bare local time names no moment."""
    try:
        details = picture.getexif().get_ifd(_EXIF)
    except _DAMAGED:
        return None
    written = _word(details.get(_DATETIME_ORIGINAL))
    offset = _word(details.get(_OFFSET_TIME_ORIGINAL)) or _word(details.get(_OFFSET_TIME))
    if not re.fullmatch(r"(\+|-)\d\d:\d\d|Z", offset):
        return None
    part = _word(details.get(_SUBSECONDS_ORIGINAL))
    microseconds = part[:6].ljust(6, "0") if part.isdigit() else "000000"
    try:
        local = datetime.strptime(f"{written}.{microseconds}{offset}", "%Y:%m:%d %H:%M:%S.%f%z")
        return local.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        # Cameras with an unset clock write 0000:00:00, and offsets such as +99:99 occur.
        return None


def _place(picture: Image.Image) -> Place | None:
    """EXIF's place: degrees, minutes and seconds, and the letters of the hemispheres."""
    try:
        position = picture.getexif().get_ifd(_GPS)
        north, east = position.get(_LATITUDE), position.get(_LONGITUDE)
        if not north or not east or _word(position.get(_STATUS)) == "V":
            return None
        latitude = _degrees(north) * (-1 if _word(position.get(_LATITUDE_REF)).upper() == "S" else 1)
        longitude = _degrees(east) * (-1 if _word(position.get(_LONGITUDE_REF)).upper() == "W" else 1)
    except (*_DAMAGED, ZeroDivisionError):
        return None
    # Cameras without a fix write zeros, or 0/0, which is no number.
    if not (math.isfinite(latitude) and math.isfinite(longitude)) or (latitude, longitude) == (0.0, 0.0):
        return None
    try:
        return Place(round(latitude, 7), round(longitude, 7))
    except PlaceError:
        return None


def _degrees(parts: Iterable[SupportsFloat]) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3600


def _word(value: object) -> str:
    return value.strip("\0 ") if isinstance(value, str) else ""
