"""Overwriting what SQLite leaves behind in the database file.

``PRAGMA secure_delete`` zeroes what is deleted where it stood. But when SQLite moves rows between the pages of a tree,
it leaves copies in the unused middle of pages, and these it never finds again: after a purge, a plate could still be
read there. Here the unused parts of all pages are looked through and zeroed, in the file itself.

That is safe beside other programs: it is done while holding SQLite's write lock, when all of the WAL has been carried
into the file, so that nobody else writes to it; only bytes that hold nothing are touched, so that readers do not
notice, and half a write does no harm; and each step ends with a commit, after which every other connection forgets the
pages that it remembers. The layout of pages is that of https://www.sqlite.org/fileformat2.html, section 1.6.
"""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from lpr.records.schema import now, open_database

if TYPE_CHECKING:
    from lpr.records.schema import Database

_MAGIC = b"SQLite format 3\0"
#: First byte of a tree's page → size of its header. All other pages of a file below ``_LARGEST`` begin with a zero.
_HEADERS = {2: 12, 5: 12, 10: 8, 13: 8}
_LARGEST = 1 << 24
_HEADER_OF_FILE = 100
#: Pages for one holding of the write lock, and the pause after it, seconds, in which others get their turn.
_STEP, _PAUSE = 256, 0.004
#: Pages that are read at once.
_BLOCK = 4096
_ATTEMPTS = 50


def scrub(database: Database) -> bool:
    """Zero all unused bytes of the database file.

    Returns False when it could not be finished, because another program reads all the time, or when the file is too
    large (2**24 pages), and nothing is done.
    """
    found = database.file.stat()
    raw = _raw(database.file.absolute(), found.st_dev, found.st_ino)
    page, size, usable = _layout(raw)
    if not size:
        return True  # encrypted: what is left in there, nobody can read
    if size >= _LARGEST:
        return False

    def trees(numbers: list[int]) -> Iterator[tuple[int, bytes | None]]:
        return ((number, _clean(_read(raw, number, page), number, usable)) for number in numbers)

    def unused(numbers: list[int]) -> Iterator[tuple[int, bytes | None]]:
        still = set(_free_pages(raw, page, usable))
        return ((number, bytes(page)) for number in numbers if number in still)

    dirty = list(_dirty(raw, page, size, usable))
    free = [number for number in _free_pages(raw, page, usable) if _read(raw, number, page).strip(b"\0")]
    if not dirty and not free:
        return True
    with open_database(database.file) as writer:
        # To find out which pages are free takes long: while others wait, it is done only for those that were.
        for numbers, cleaned in ((dirty, trees), (free, unused)):
            for begin in range(0, len(numbers), _STEP):
                if not _step(database, writer, raw, numbers[begin : begin + _STEP], page, cleaned):
                    return False
                time.sleep(_PAUSE)
    os.fsync(raw.fileno())
    return True


def _step(
    database: Database,
    writer: Database,
    raw: BinaryIO,
    numbers: list[int],
    page: int,
    cleaned: Callable[[list[int]], Iterator[tuple[int, bytes | None]]],
) -> bool:
    for attempt in range(_ATTEMPTS):
        for number in numbers:
            _read(raw, number, page)  # from the disk into memory, while nobody waits
        version = database.settled()
        with writer.atomic():
            # Nobody can write now; if all that was written is in the file, the file is the truth. It is when nobody
            # wrote since; where somebody always does, they wait for once until the rest is carried.
            if database.version() == version or (attempt >= _ATTEMPTS // 2 and database.checkpoint()):
                for number, clean in cleaned(numbers):
                    if clean is not None:
                        raw.seek((number - 1) * page)
                        raw.write(clean)
                writer.execute(
                    "INSERT INTO purged (day, what, list, count) VALUES (?, 'pages', '', ?) "
                    "ON CONFLICT DO UPDATE SET count = count + excluded.count",
                    (now()[:10], len(numbers)),
                )
                return True
        time.sleep(_PAUSE)
    return False


def _dirty(raw: BinaryIO, page: int, size: int, usable: int) -> Iterator[int]:
    """The pages of trees in which unused bytes are not zero, looked at while others write: some may be wrong.

    The headers of many pages are taken apart at once; what is done for each page is to compare its middle with zeros.
    """
    import numpy as np

    zeros = bytes(page)
    block = bytearray(_BLOCK * page)
    for first in range(0, size, _BLOCK):
        raw.seek(first * page)
        many = cast("Any", raw).readinto(block) // page
        pages = np.frombuffer(block, np.uint8, many * page).reshape(many, page)
        heads = pages[:, :8].astype(np.int64)
        if first == 0:
            heads[0] = pages[0, _HEADER_OF_FILE : _HEADER_OF_FILE + 8]
        kinds = heads[:, 0]
        blocks, content = heads[:, 1] * 256 + heads[:, 2], heads[:, 5] * 256 + heads[:, 6]
        content[content == 0] = 65536
        gap = np.where(kinds < 8, 12, 8) + 2 * (heads[:, 3] * 256 + heads[:, 4])
        if first == 0:
            gap[0] += _HEADER_OF_FILE
        tree = np.isin(kinds, list(_HEADERS)) & (gap <= content) & (content <= usable)
        chosen = np.flatnonzero(tree & ((blocks > 0) | (gap < content)))
        columns = (of[chosen].tolist() for of in (np.arange(many), gap, content, blocks))
        view = memoryview(block)
        for i, begin, end, free in zip(*columns, strict=True):
            at = i * page
            if view[at + begin : at + end] != zeros[: end - begin] or (
                free and _clean(bytes(view[at : at + page]), first + i + 1, usable) is not None
            ):
                yield first + i + 1


def _clean(page: bytes, number: int, usable: int) -> bytes | None:
    """A page with its unused bytes zeroed; None when there is nothing to do, or it is none of a tree."""
    begin = _HEADER_OF_FILE if number == 1 else 0
    size = _HEADERS.get(page[begin])
    if size is None:
        return None
    cells = int.from_bytes(page[begin + 3 : begin + 5], "big")
    content = int.from_bytes(page[begin + 5 : begin + 7], "big") or 65536
    gap = begin + size + 2 * cells
    if not gap <= content <= usable:
        return None
    dirty = [(gap, content)] if page[gap:content].strip(b"\0") else []
    # Free blocks: the place of the next one and the own size, two bytes each, then nothing of use.
    block, after = int.from_bytes(page[begin + 1 : begin + 3], "big"), content
    while block:
        length = int.from_bytes(page[block + 2 : block + 4], "big")
        if block < after or block + length > usable or length < 4:
            return None
        if page[block + 4 : block + length].strip(b"\0"):
            dirty.append((block + 4, block + length))
        block, after = int.from_bytes(page[block : block + 2], "big"), block + length
    if not dirty:
        return None
    cleaned = bytearray(page)
    for start, end in dirty:
        cleaned[start:end] = bytes(end - start)
    return bytes(cleaned)


def _free_pages(raw: BinaryIO, page: int, usable: int) -> Iterator[int]:
    """The pages that belong to no tree and hold nothing; those that list them are not among them."""
    trunk = int.from_bytes(_read(raw, 1, page)[32:36], "big")
    seen: set[int] = set()
    while trunk and trunk not in seen:
        seen.add(trunk)
        data = _read(raw, trunk, page)
        if len(data) < page:
            return
        after, count = struct.unpack_from(">II", data)
        if count > usable // 4 - 2:
            return
        yield from struct.unpack_from(f">{count}I", data, 8)
        trunk = after


def _layout(raw: BinaryIO) -> tuple[int, int, int]:
    """Size of a page, number of pages, and how many bytes of a page SQLite uses; no pages for what is no plain file."""
    raw.seek(0)
    head = raw.read(_HEADER_OF_FILE)
    if not head.startswith(_MAGIC):
        return 0, 0, 0
    page = int.from_bytes(head[16:18], "big")
    page = 65536 if page == 1 else page
    return page, os.fstat(raw.fileno()).st_size // page, page - head[20]


def _read(raw: BinaryIO, number: int, page: int) -> bytes:
    raw.seek((number - 1) * page)
    return raw.read(page)


@cache
def _raw(file: Path, device: int, inode: int) -> BinaryIO:
    # Never closed: on POSIX systems, closing any handle of a file drops all locks that the process holds on it, and
    # with them those of SQLite (https://www.sqlite.org/howtocorrupt.html, section 2.2).
    return cast("BinaryIO", file.open("r+b", buffering=0))
