"""How cameras fare, as a table: on a terminal in colours while they are watched, or as plain lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lpr.live.health import Health
from lpr.live.state import CONNECTING, LIVE, NOT_WATCHED, OFF

if TYPE_CHECKING:
    from rich.table import Table

HEADER = (
    *("CAMERA", "STATE", "FPS", "RATE", "SEEN", "PROCESSED", "LOOKED", "DROPPED", "AGE", "READS"),
    *("REJECTED", "SIGHTINGS", "HITS", "DELAY"),
)
_QUIET = {OFF, NOT_WATCHED, CONNECTING}


def cells(one: Health) -> list[str]:
    """A camera's cells below HEADER."""
    rate = f"{one.rate:.1f}" if one.rate >= one.wanted_rate else f"{one.rate:.1f}/{one.wanted_rate:g}"
    return [
        one.camera,
        one.state,
        f"{one.fps:.0f}",
        rate,
        f"{one.seen:,}",
        f"{one.processed:,}",
        f"{one.looked:,}",
        f"{one.dropped:,}",
        "-" if one.age is None else span(one.age),
        f"{one.reads:,}",
        f"{sum(one.rejected.values()):,}",
        f"{one.sightings:,}",
        f"{one.hits:,}",
        "-" if one.delay is None else f"{one.delay:.1f}s",
    ]


def span(seconds: float) -> str:
    """Seconds as people say them: 0.4s, 12s, 5m, 3h, 2d."""
    if seconds < 10:
        return f"{seconds:.1f}s"
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f}{name}"
    return f"{seconds:.0f}s"


#: Columns that a terminal of fewer characters does without.
_NARROW = ((130, {"LOOKED"}), (120, {"FPS", "SIGHTINGS", "DELAY"}), (94, {"SEEN", "REJECTED"}))


def rich_table(health: Sequence[Health], width: int) -> Table:
    """The table in colours, for a terminal of ``width`` characters."""
    from rich.table import Table
    from rich.text import Text

    left_out = set[str]().union(*(names for least, names in _NARROW if width < least))
    table = Table(box=None, padding=(0, 2 if width >= _NARROW[1][0] else 1, 0, 0), header_style="bold dim")
    for name in HEADER:
        if name == "CAMERA":
            # Its width alone gives way: the numbers are what one looks for.
            table.add_column(name, no_wrap=True, overflow="ellipsis", max_width=40 if not left_out else 22)
        elif name not in left_out:
            table.add_column(name, justify="left" if name == "STATE" else "right", no_wrap=True)
    for one in health:
        style = "green" if one.state == LIVE else "dim" if one.state in _QUIET else "bold red"
        values = {name: Text(cell) for name, cell in zip(HEADER, cells(one), strict=True) if name not in left_out}
        values["STATE"].stylize(style)
        if one.rate < one.wanted_rate:
            values["RATE"].stylize("yellow")
        table.add_row(*values.values())
    return table


def problems(health: Sequence[Health]) -> list[str]:
    """A line for each camera that has a problem."""
    return [f"{one.camera}: {one.problem}" for one in health if one.problem is not None]
