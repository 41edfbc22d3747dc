"""Sources as people name them (files, folders, patterns), and the files that they stand for."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from lpr.errors import SourceError

_ADDRESS = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://")


def expand(sources: Iterable[str | Path], exclude: Iterable[str | Path] = ()) -> Iterator[str | SourceError]:
    """The files that ``sources`` stand for, each once, as they come; what stands for none gives its error as a value.

    A file stands for itself, whatever it is. A folder stands for the photos and footage in it and in the folders
    below, by name, in the order of their names; hidden ones are left out. A pattern (``*``, ``?``, ``[…]``, ``**``)
    that is no file's name stands for what it matches. Nothing below the folders ``exclude`` is found in folders: what
    lpr writes is no source.
    """
    seen: set[str] = set()
    left_out = {os.path.realpath(folder) for folder in exclude}
    for source in sources:
        for name in _files(str(source), left_out):
            if isinstance(name, SourceError):
                yield name
                continue
            # Not the resolved path: two links to one file are two names that someone chose.
            path = os.path.abspath(name)  # noqa: PTH100 - Path.absolute() keeps "..", so one file would count twice
            if path not in seen:
                seen.add(path)
                yield name


def printable(name: str) -> str:
    """``name`` as text that can be stored and printed: bytes of a file name that are no UTF-8 become ``\\xNN``."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _files(source: str, exclude: set[str]) -> Iterator[str | SourceError]:
    # A file may have a pattern's characters in its name.
    if _ADDRESS.match(source) or "\0" in source or os.path.lexists(source) or not glob.has_magic(source):
        yield from _file_or_folder(source, exclude)
        return
    matches = sorted(glob.glob(source, recursive=True))  # noqa: PTH207 - Path.glob() takes no absolute pattern
    if not matches:
        yield SourceError(f"{source}: no file matches this pattern; check the path")
    for match in matches:
        yield from _file_or_folder(match, exclude)


def _file_or_folder(source: str, exclude: set[str]) -> Iterator[str | SourceError]:
    if "\0" in source or not Path(source).is_dir():
        yield source
        return
    from lpr.recognition.frames import FOOTAGE_SUFFIXES, PHOTO_SUFFIXES

    found = False
    problems: list[OSError] = []
    for folder, folders, files in os.walk(source, onerror=problems.append):
        folders[:] = sorted(f for f in folders if f[0] != "." and os.path.realpath(Path(folder, f)) not in exclude)
        for file in sorted(files):
            path = Path(folder, file)
            if file[0] != "." and path.suffix.lower() in PHOTO_SUFFIXES | FOOTAGE_SUFFIXES:
                found = True
                yield str(path)
    for problem in problems:
        yield SourceError(
            f"{problem.filename}: the folder cannot be opened ({problem.strerror}); check its permissions"
        )
    if not found and not problems:
        yield SourceError(
            f"{source}: the folder holds no photos or footage; name another folder, or the files themselves"
        )
