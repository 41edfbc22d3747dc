"""How cameras fare, as a table: on a terminal in colours while they are watched, or as plain lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lpr.live.health import Health
from lpr.live.state import CONNECTING, LIVE, NOT_WATCHED, OFF

if TYPE_CHECKING:
    from rich.table import Table

HEADER = (
    *("CAMERA", "STATE", "FPS", "RATE", "SEEN", "PROCESSED", "DROPPED", "AGE", "READS", "REJECTED", "SIGHTINGS"),
    *("HITS", "DELAY"),
)
_QUIET = {OFF, NOT_WATCHED, CONNECTING}


def cells(one: Health) -> list[str]:
    """A camera's cells below HEADER."""
    rate = f"{one.rate:.1f}" if one.rate >= one.wanted_rate else f"{one.rate:.1f} of {one.wanted_rate:g}"
    return [
        one.camera,
        one.state,
        f"{one.fps:.0f}",
        rate,
        f"{one.seen:,}",
        f"{one.processed:,}",
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


def rich_table(health: Sequence[Health]) -> Table:
    """The table in colours, problems below their cameras."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold dim")
    for name in HEADER:
        table.add_column(name, justify="left" if name in ("CAMERA", "STATE") else "right", no_wrap=name != "CAMERA")
    for one in health:
        style = "green" if one.state == LIVE else "dim" if one.state in _QUIET else "bold red"
        values: list[Text | str] = [*cells(one)]
        values[1] = Text(one.state, style=style)
        if one.rate < one.wanted_rate:
            values[3] = Text(str(values[3]), style="yellow")
        table.add_row(*values)
    return table


def problems(health: Sequence[Health]) -> list[str]:
    """A line for each camera that has a problem."""
    return [f"{one.camera}: {one.problem}" for one in health if one.problem is not None]
