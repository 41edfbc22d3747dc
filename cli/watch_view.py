"""What ``lpr watch`` shows while it runs: cameras' health on standard error, vehicles as lines on standard output."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lpr.live.health import Health
from lpr.live.state import LIVE
from lpr.plates import Sighting

from .health_table import problems, rich_table
from .progress import number
from .sightings import DOUBTFUL, card, others, percent

if TYPE_CHECKING:
    from rich.console import Console, Group
    from rich.live import Live

    from lpr.lookout import Watched
    from lpr.watch import Told

#: Of the log file, bytes until a new one is begun, and how many old ones are kept.
_LOG_BYTES, _LOG_FILES = 10_000_000, 5
_WIDTHS = (8, 24, 10, 5, 5, 24)


class WatchView:
    """A live table on a terminal; elsewhere lines of a log. Use it in ``with``.

    ``health`` is asked from the table's own thread. ``table`` wants one where standard error is a terminal.
    """

    def __init__(self, health: Callable[[], Sequence[Health]], table: bool, quiet: bool, log: Path | None) -> None:
        self._health, self._quiet = health, quiet
        self._wants_table = table and not quiet and sys.stderr.isatty()
        self._began = time.monotonic()
        self._console: Console | None = None
        self._live: Live | None = None
        self._handlers = _handlers(log, quiet, self._wants_table)

    def __enter__(self) -> WatchView:
        logger = logging.getLogger("lpr.watch")
        logger.setLevel(logging.INFO)
        logger.propagate = False
        for handler in self._handlers:
            logger.addHandler(handler)
        if self._wants_table:
            from rich.console import Console
            from rich.live import Live

            self._console = Console(stderr=True)
            self._live = Live(
                get_renderable=self._drawn,
                console=self._console,
                refresh_per_second=2,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        logger = logging.getLogger("lpr.watch")
        for handler in self._handlers:
            logger.removeHandler(handler)
            handler.close()

    def stop(self) -> None:
        """Take the table off the terminal for good."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def write(self, line: str, style: str = "", err: bool = False) -> None:
        """A line on standard output (``err``: standard error), above the table where both are on one terminal.

        ``style`` is rich's: bold, dim, yellow.
        """
        if self._live is not None and (err or sys.stdout.isatty()):
            from rich.text import Text

            # Through the table's own console, which knows where the table is.
            self._live.console.print(Text(line, style=style), soft_wrap=True)
        else:
            click.secho(line, err=err, fg="yellow" if "yellow" in style else None, dim="dim" in style or None)

    def hear(self, told: Told) -> None:
        """A camera's state changed; without a table the log says so."""
        if self._live is not None:
            style = "green" if told.state == LIVE else "red"
            self.write(f"{datetime.now():%H:%M:%S}  {told.camera}: {told.text}", style, err=True)

    def summary(self) -> str:
        """What the watch came to, one or more lines."""
        health = self._health()
        seen, processed, dropped, reads, sightings, hits, alerts = (
            sum(getattr(one, name) for one in health)
            for name in ("seen", "processed", "dropped", "reads", "sightings", "hits", "alerts")
        )
        rejected: dict[str, int] = {}
        for one in health:
            for reason, count in one.rejected.items():
                rejected[reason] = rejected.get(reason, 0) + count
        lines = [
            f"{number(len(health), 'camera')} watched for {time.monotonic() - self._began:.1f} s: "
            f"{number(seen, 'frame')} seen, {processed:,} processed, {dropped:,} dropped, "
            f"{number(reads, 'read')} accepted, {number(sightings, 'sighting')}."
        ]
        if rejected:
            ordered = sorted(rejected.items(), key=lambda item: -item[1])
            lines.append(f"Rejected: {', '.join(f'{count:,} {reason}' for reason, count in ordered)}.")
        matches = number(hits, "possible match", "possible matches")
        new = f", {number(alerts, 'new alert')}" if alerts else ""
        lines.append(f"{matches}{new}: verify plate, state and vehicle." if hits else "No possible match.")
        return "\n".join(lines)

    def _drawn(self) -> Group:
        from rich.console import Group
        from rich.text import Text

        health = self._health()
        width = self._console.width if self._console is not None else 80
        passed = int(time.monotonic() - self._began)
        running = f"{passed // 3600}:{passed // 60 % 60:02}:{passed % 60:02}"
        head = f"{number(len(health), 'camera')} · {running} · Ctrl-C ends"
        return Group(
            Text(head, style="dim"), rich_table(health, width), *(Text(line, style="red") for line in problems(health))
        )


class WatchLines:
    """Vehicles as lines: with a card as soon as there is a possible match, and once more when they have passed."""

    def __init__(self, write: Callable[[str, str], None]) -> None:
        self._begun = False
        self._write = write

    def add(self, seen: Watched) -> None:
        if not self._begun:
            self._begun = True
            self._write(_line(("TIME", "CAMERA", "PLATE", "SURE", "READS", "OR PERHAPS")), "bold dim")
        one = seen.sighting
        sure = percent(one.confidence).rjust(4)
        line = _line((clock(one), one.camera or "", one.text, sure, f"{one.reads:>5}", others(one)))
        if seen.event == "sighting":
            self._write(line, "yellow" if seen.hits else "" if one.confidence >= DOUBTFUL else "dim")
            return
        self._write(f"{line}  IN SIGHT", "bold yellow")
        for words in card(seen.hits):
            self._write(words, "yellow")
        if seen.alerts:
            alerts = ", ".join(map(str, seen.alerts))
            self._write(f"    alert {alerts}; then: lpr alerts show {seen.alerts[0]}", "yellow")


def clock(seen: Sighting) -> str:
    """When the best read was taken, by the clock of this machine."""
    return "-" if seen.taken_at is None else f"{seen.taken_at.astimezone():%H:%M:%S}"


def _line(cells: Sequence[str]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=True)).rstrip()


def _handlers(log: Path | None, quiet: bool, table: bool) -> list[logging.Handler]:
    """Where the log goes: the file, and standard error where no table is."""
    made: list[logging.Handler] = []
    if log is not None:
        try:
            made.append(RotatingFileHandler(log, maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8"))
        except OSError as error:
            raise click.ClickException(f"{log} cannot be written ({error.strerror}); name another file") from error
    if not table:
        shown = logging.StreamHandler(sys.stderr)
        shown.setLevel(logging.WARNING if quiet else logging.INFO)
        made.append(shown)
    for handler in made:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    return made
