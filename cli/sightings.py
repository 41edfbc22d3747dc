"""Sightings as people read them: a line each, as it is found, and a card for every possible match below it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from lpr.hotlist.entry import ADVICE, CONFLICTS, Hit
from lpr.plates import Sighting

if TYPE_CHECKING:
    from rich.console import Console

    from lpr.scan import Scanned

#: A read below this confidence is shown with its other candidates.
DOUBTFUL = 0.9
#: Other candidates that are shown: so many, and none that is less probable.
_OTHERS, _LEAST = 2, 0.02

_COLUMNS = (("PLATE", 10), ("SURE", 5), ("OR PERHAPS", 24), ("TIME", 20), ("SOURCE", 0))


class SightingTable:
    """Writes sightings to standard output line by line: with colours on a terminal, plain and aligned elsewhere.

    The source stands last, because its length is not known before it comes.
    """

    def __init__(self) -> None:
        self._begun = False
        self._console: Console | None = None
        if sys.stdout.isatty():
            from rich.console import Console

            self._console = Console(highlight=False)

    def add(self, scanned: Scanned) -> None:
        if not self._begun:
            self._begun = True
            self._write(_line([name for name, _ in _COLUMNS]), "bold dim")
        seen = scanned.sighting
        cells = [seen.text, percent(seen.confidence).rjust(4), others(seen), when(seen), seen.source]
        style = "bold yellow" if scanned.hits else ("" if seen.confidence >= DOUBTFUL else "dim")
        self._write(_line(cells), style)
        for line in card(scanned.hits):
            self._write(line, "yellow")

    def _write(self, line: str, style: str) -> None:
        if self._console is None:
            import click

            click.echo(line)
            return
        from rich.text import Text

        self._console.print(Text(line, style=style), soft_wrap=True)


def others(seen: Sighting) -> str:
    """The candidates beside the text of a doubtful read, with their probabilities."""
    if seen.confidence >= DOUBTFUL:
        return ""
    likely = [c for c in seen.candidates if c.text != seen.text and c.probability >= _LEAST]
    return ", ".join(f"{c.text} {percent(c.probability)}" for c in likely[:_OTHERS])


def percent(share: float) -> str:
    """Whole percents, never rounded up: no read is certain."""
    return f"{min(99, int(share * 100))}%"


def when(seen: Sighting) -> str:
    """The time in the footage, ``0:01:23.4``; of a photo the time when it was taken, UTC."""
    if seen.first_seen is not None:
        minutes, seconds = divmod(round(seen.first_seen, 1), 60)
        return f"{int(minutes) // 60}:{int(minutes) % 60:02}:{seconds:04.1f}"
    if seen.taken_at is not None:
        return seen.taken_at.strftime("%Y-%m-%d %H:%M:%SZ")
    return "-"


def card(hits: Iterable[Hit]) -> list[str]:
    """Every possible match with what must be verified."""
    lines: list[str] = []
    for hit in hits:
        lines.append(f"  > {ADVICE}")
        # The list says so, not lpr: it may be out of date, and the read may be wrong.
        why = f", reason given: {hit.reason}" if hit.reason else ""
        lines.append(f"    on list {hit.list}: {hit.plate}, {hit.state or 'state unknown'}{why}")
        conflict = ", STATE CONFLICTS" if hit.state_agreement == CONFLICTS else ""
        stale = ", LIST IS STALE" if hit.stale else ""
        lines.append(f"    {hit.tier}, score {hit.score:.2g}{conflict}{stale}")
        for difference in hit.differs:
            read, entry = difference.read or "nothing", difference.entry or "nothing"
            lines.append(f"    character {difference.position + 1}: read {read}, on the list {entry}")
    return lines


def _line(cells: Iterable[str]) -> str:
    padded = (cell.ljust(width) for cell, (_, width) in zip(cells, _COLUMNS, strict=True))
    return "  ".join(padded).rstrip()
