"""What ``lpr scan`` and ``lpr watch`` have in common: the recognizer, and the hot lists to compare with."""

from __future__ import annotations

from collections.abc import Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lpr.errors import HotListError
from lpr.plates import Sighting
from lpr.scanned import Matcher

from .progress import number

if TYPE_CHECKING:
    from lpr.hotlist import Hit, HotLists
    from lpr.recognition.engine import Engine
    from lpr.recognition.recognizer import Recognizer
    from lpr.records.schema import Database


def recognizer_of(
    engine: Engine, device: str | None, min_confidence: float | None, region: str | None = None
) -> Recognizer:
    """A recognizer with the settings that commands offer; ``region`` as in ``us-al,us-ga``."""
    from lpr.recognition.recognizer import Recognizer
    from lpr.recognition.region import narrowed
    from lpr.recognition.settings import Settings

    settings = Settings() if min_confidence is None else Settings(min_confidence=min_confidence)
    if region is not None:
        settings = narrowed(settings, region)
    return Recognizer(engine=engine, device=device, settings=settings)


def compare_with(database: Database | None, files: Sequence[Path], names: Sequence[str]) -> tuple[Matcher | None, int]:
    """What to compare with, and how many lines of ``files`` made no entry; those are told.

    Raises HotListError for a file that is no hot list and for a name that no list has.
    """
    from lpr.hotlist import HotLists

    if database is None:
        if not files:
            return None, 0
        from_files = HotLists.from_files(files)
        for line in from_files.refused:
            click.echo(f"Refused: {line}", err=True)
        return from_files, len(from_files.refused)
    lists = HotLists(database)
    refused = 0
    for file in files:
        imported = lists.import_file(file, file.stem)
        refused += imported.refused
        if imported.refused:
            lines = number(imported.refused, "line")
            click.echo(f"Refused: {lines} of {file}; see {imported.rejected_file}", err=True)
    known = {one.name.casefold(): one.name for one in lists.lists()}
    for name in names:
        if name.casefold() not in known:
            there = ", ".join(sorted(known.values())) or "none"
            raise HotListError(f"there is no hot list {name!r}; there are: {there}")
    only = {known[name.casefold()] for name in (*names, *(file.stem for file in files))}
    return (_Only(lists, only) if names else lists), refused


class _Only:
    """Some of the hot lists."""

    def __init__(self, lists: HotLists, names: Set[str]) -> None:
        self._lists = lists
        self._names = names

    def match(self, read: Sighting) -> list[Hit]:
        return [hit for hit in self._lists.match(read) if hit.list in self._names]
