"""Photos: decoded whole or refused, upright, with the time that their EXIF data gives."""

from __future__ import annotations

import re
import struct
import warnings
from datetime import datetime, timezone
from pathlib import Path

import cv2
import numpy as np
from PIL import (
    BmpImagePlugin,  # noqa: F401
    GifImagePlugin,  # noqa: F401
    Image,
    ImageOps,
    JpegImagePlugin,  # noqa: F401
    PngImagePlugin,  # noqa: F401
    TiffImagePlugin,  # noqa: F401
    UnidentifiedImageError,
    WebPImagePlugin,  # noqa: F401
)

from lpr.errors import SourceError
from lpr.recognition.frames import LARGEST_PICTURE, Frame

# Only these decoders of Pillow are let near a file: among the others are some that start programs (EPS).
# A phone's multi-picture JPEG (MPO) goes by JPEG. Their imports above keep Pillow from importing all forty.
_FORMATS = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"II*\0", b"MM\0*", b"GIF87a", b"GIF89a")
# HEIF pictures are MP4-like containers by their first bytes, and neither Pillow nor OpenCV reads them.
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"})
_DATETIME_ORIGINAL, _OFFSET_TIME, _OFFSET_TIME_ORIGINAL, _SUBSECONDS_ORIGINAL = 0x9003, 0x9010, 0x9011, 0x9291
_EXIF = 0x8769


def is_photo(path: Path) -> bool:
    """Whether the file begins as a photo does; its name plays no part. Raises OSError."""
    with path.open("rb") as stream:
        head = stream.read(16)
    return (
        head.startswith(_BEGINNINGS)
        or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
        or (head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS)
    )


def read_photo(path: Path, name: str) -> Frame:
    """The photo as a Frame under the name ``name``. Raises SourceError for a cut off, damaged or too large photo.

    Pillow decodes, not OpenCV: it reports a JPEG that is cut off, where ``cv2.imread`` returns it half grey.
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns from 89 megapixels on; the limit that counts is checked below, before decoding.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            # Pillow's warnings about odd metadata are no reason to refuse a picture.
            warnings.simplefilter("ignore", UserWarning)
            picture = Image.open(path, formats=_FORMATS)
    except UnidentifiedImageError as error:
        raise SourceError(_unidentified(path, name)) from error
    except Image.DecompressionBombError as error:
        raise SourceError(f"{name}: too large to decode; {_scale_down()}") from error
    except (OSError, SyntaxError, ValueError, struct.error) as error:
        raise SourceError(f"{name}: a damaged photo ({error}); copy it again from where it came from") from error
    with picture:
        if picture.width * picture.height > LARGEST_PICTURE:
            raise SourceError(f"{name}: {picture.width} × {picture.height} pixels are too many; {_scale_down()}")
        try:
            taken_at = _taken_at(picture)
            image = _pixels(picture)
        except (OSError, SyntaxError, ValueError, IndexError, struct.error, MemoryError) as error:
            # SyntaxError is what Pillow raises for a broken PNG chunk, IndexError for a broken GIF or TIFF.
            raise SourceError(
                f"{name}: the photo is cut off or damaged ({error}); copy it again from where it came from"
            ) from error
    return Frame(image, name, 0, None, taken_at)


def _pixels(picture: Image.Image) -> np.ndarray:
    picture.load()
    upright = ImageOps.exif_transpose(picture)
    if upright.mode.startswith(("I", "F")):
        return _stretched(np.asarray(upright))
    if upright.mode in ("LA", "PA", "RGBA", "P", "La", "RGBa"):
        # What is transparent is shown on white, as a viewer shows it.
        over = upright.convert("RGBA")
        white = Image.new("RGBA", over.size, (255, 255, 255, 255))
        upright = Image.alpha_composite(white, over)
    return cv2.cvtColor(np.asarray(upright.convert("RGB")), cv2.COLOR_RGB2BGR)


def _stretched(values: np.ndarray) -> np.ndarray:
    """A grey picture of 16 or 32 bits, as thermal and infra-red cameras write it, spread over 8 bits, as BGR."""
    as_float = values.astype(np.float32)
    low, high = float(as_float.min()), float(as_float.max())
    spread = (as_float - low) * (255.0 / (high - low) if high > low else 0.0)
    return cv2.cvtColor(spread.astype(np.uint8), cv2.COLOR_GRAY2BGR)


def _taken_at(picture: Image.Image) -> datetime | None:
    """EXIF's time of exposure, when the offset from UTC stands beside it: a bare local time names no moment."""
    details = picture.getexif().get_ifd(_EXIF)
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


def _word(value: object) -> str:
    return value.strip("\0 ") if isinstance(value, str) else ""


def _unidentified(path: Path, name: str) -> str:
    with path.open("rb") as stream:
        head = stream.read(12)
    if head[4:8] == b"ftyp":
        return f"{name}: a HEIC or AVIF photo, which lpr does not read; convert it to JPEG"
    return f"{name}: begins like a photo but is none, or is cut off; copy it again or leave it out"


def _scale_down() -> str:
    return f"lpr reads up to {LARGEST_PICTURE // 1_000_000} megapixels, scale it down first"
