"""A hot list file as bytes and text: unpacked, its encoding found, its fingerprint taken."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, BinaryIO, cast

from lpr.errors import HotListError

_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_UNREADABLE = {b"\xd0\xcf\x11\xe0": "an old Excel workbook, or one with a password", b"%PDF": "a PDF"}

_OTHER_ARCHIVES = {
    "word/document.xml": "a Word document",
    "content.xml": "an OpenDocument file",
    "xl/workbook.bin": "a binary Excel workbook",
    "Index/Document.iwa": "a Numbers or Pages file",
}
#: Bytes that Windows-1252 does not have. A text without them that has others above 0x7F is more likely in it than in
#: Latin-1, where those from 0x80 on are invisible signs: its dashes would make plates unreadable.
_NOT_WINDOWS = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))
#: What DOS and mainframe programs put at the end of a text.
_END_OF_TEXT = "\x1a"

#: What reading a damaged or broken off file raises, plain or packed.
BROKEN = (OSError, EOFError, zlib.error, zipfile.BadZipFile, UnicodeDecodeError)


@dataclass(frozen=True)
class Source:
    """An open hot list file; close ``stream`` when done.

    ``stream`` stands at the beginning of the unpacked file. ``encoding`` is None for an Excel workbook. ``sha256`` is
    the whole file's as it lies there, ``changed_at`` (aware, UTC) when it, or its member of an archive, was changed.
    """

    path: Path
    stream: BinaryIO
    encoding: str | None
    sha256: str
    changed_at: datetime

    def text(self) -> Iterator[str]:
        """The unpacked file as lines of text, their ends as they are."""
        assert self.encoding is not None
        for line in io.TextIOWrapper(self.stream, encoding=self.encoding, newline=""):
            if _END_OF_TEXT in line:
                line = line.replace(_END_OF_TEXT, "")
                if not line:
                    continue
            yield line


def open_source(path: Path) -> Source:
    """Raises HotListError when the file cannot be read or unpacked, or is neither text nor an Excel workbook."""
    try:
        raw: BinaryIO = path.open("rb")
        changed_at = datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)
    except OSError as e:
        raise HotListError(f"{path}: cannot be read ({e.strerror}); check the name and its permissions") from e
    try:
        digest = hashlib.sha256()
        head = b""
        while chunk := raw.read(_CHUNK):
            head = head or chunk[:8]
            digest.update(chunk)
        raw.seek(0)
        for magic, what in _UNREADABLE.items():
            if head.startswith(magic):
                raise HotListError(f"{path}: is {what}, not a list; save the list as CSV or XLSX")
        stream: BinaryIO = raw
        if head.startswith(_GZIP):
            stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw, mode="rb"))
        elif head.startswith(_ZIP):
            member, packed_at = _member(path, raw)
            if member is None:
                raw.seek(0)
                return Source(path, raw, None, digest.hexdigest(), changed_at)
            stream, changed_at = member, packed_at
        encoding = _survey(path, stream)
        stream.seek(0)
        return Source(path, stream, encoding, digest.hexdigest(), changed_at)
    except BROKEN as e:
        raw.close()
        raise HotListError(f"{path}: breaks off or is damaged ({e}); get the file again") from e
    except BaseException:
        raw.close()
        raise


def _member(path: Path, raw: BinaryIO) -> tuple[BinaryIO | None, datetime]:
    """The one file of an archive and when it was changed; None for an Excel workbook, which is an archive too."""
    archive = zipfile.ZipFile(raw)
    names = archive.namelist()
    if "xl/workbook.xml" in names:
        return None, datetime.now(timezone.utc)
    for part, what in _OTHER_ARCHIVES.items():
        if part in names:
            raise HotListError(f"{path}: is {what}, not a list; save the list as CSV or XLSX")
    members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
    if len(members) != 1:
        raise HotListError(f"{path}: holds {len(members)} files; unpack it and import each file into a list of its own")
    if members[0].flag_bits & 1:
        raise HotListError(f"{path}: is encrypted; unpack it first")
    stream: IO[bytes] = archive.open(members[0])
    # What an archive calls a time has no zone: it is that of the machine that packed it, most likely of this one's.
    return cast(BinaryIO, stream), datetime(*members[0].date_time).astimezone(timezone.utc)


def _survey(path: Path, stream: BinaryIO) -> str:
    """The encoding of a whole text, read once in pieces."""
    head = b""
    utf8 = codecs.getincrementaldecoder("utf-8")()
    valid = windows = True
    while chunk := stream.read(_CHUNK):
        head = head or chunk[:65536]
        if valid:
            try:
                utf8.decode(chunk)
            except UnicodeDecodeError:
                valid = False
        windows = windows and len(chunk.translate(None, _NOT_WINDOWS)) == len(chunk)
    encoding = _encoding(
        head.rstrip(_END_OF_TEXT.encode()), "utf-8-sig" if valid else "cp1252" if windows else "latin-1"
    )
    if encoding is None:
        raise HotListError(f"{path}: is no text file; save the list as CSV (UTF-8)")
    return encoding


def _encoding(head: bytes, of_bytes: str) -> str | None:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in head:
        # Plates and headers are ASCII: in UTF-16 without its mark every other byte is zero.
        evens, odds = head[0::2].count(0), head[1::2].count(0)
        half = len(head) // 2 * 0.8
        return "utf-16-le" if odds > half > evens else "utf-16-be" if evens > half > odds else None
    if any(b < 9 or 13 < b < 27 for b in head):
        return None
    return of_bytes
