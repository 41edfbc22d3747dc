"""Progress and summary of a scan, both on standard error."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from lpr.events import Ended, Event, Listed, Looked, Opened, Went

if TYPE_CHECKING:
    from rich.progress import Progress


class ScanProgress:
    """Hears a scan's events: tells failures at once, draws a bar on a terminal, and sums up at the end.

    Use it in ``with``. Without ``bar`` there is none even on a terminal. ``failed`` and ``hits`` count as the scan
    goes on.
    """

    def __init__(self, bar: bool) -> None:
        self.failed = 0
        self.hits = 0
        self._wants_bar = bar
        self._done = self._skipped = self._on_record = 0
        self._frames = self._plates = self._reads = self._sightings = 0
        self._rejected: Counter[str] = Counter()
        self._files: int | None = None
        # Of each open file how many frames it has, and how many have been gone through.
        self._open: dict[str, tuple[int | None, int]] = {}
        self._began = time.monotonic()
        self._bar: Progress | None = None

    def __enter__(self) -> ScanProgress:
        if self._wants_bar and sys.stderr.isatty():
            self._bar = _bar()
            self._bar.add_task("", total=None, counts="starting")
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the bar off the terminal for good."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The bar is off the terminal meanwhile, so that something else can be written to it."""
        if self._bar is None:
            yield
            return
        self._bar.stop()
        try:
            yield
        finally:
            self._bar.start()

    def hear(self, event: Event) -> None:
        if isinstance(event, Listed):
            self._files = event.sources
        elif isinstance(event, Opened):
            self._open[event.source] = event.frames, 0
        elif isinstance(event, Went):
            self._open[event.source] = self._open.get(event.source, (None, 0))[0], event.frame
        elif isinstance(event, Looked):
            self._frames += 1
            self._plates += event.plates
            self._reads += event.reads
        else:
            self._end(event)
        self._draw()

    def hit(self, count: int) -> None:
        """So many possible matches more."""
        self.hits += count

    def summary(self) -> str:
        """What the scan came to, one or more lines."""
        took = f"in {time.monotonic() - self._began:.1f} s"
        lines = []
        if self._done or self.failed or not self._skipped:
            failed = f", {self.failed:,} failed" if self.failed else ""
            lines.append(
                f"{number(self._done, 'file')} read{failed} {took}: {number(self._frames, 'frame')}, "
                f"{number(self._plates, 'plate')} found, {number(self._reads, 'read')} accepted, "
                f"{number(self._sightings, 'sighting')}."
            )
        if self._rejected:
            reasons = ", ".join(f"{count:,} {reason}" for reason, count in self._rejected.most_common())
            lines.append(f"Rejected: {reasons}.")
        if self._skipped:
            lines.append(
                f"{number(self._skipped, 'file')} skipped, scanned before: {number(self._on_record, 'sighting')} "
                "on record, compared with the hot lists of today; --again reads anew."
            )
        matches = number(self.hits, "possible match", "possible matches")
        lines.append(f"{matches}: verify plate, state and vehicle." if self.hits else "No possible match.")
        return "\n".join(lines)

    def _end(self, event: Ended) -> None:
        if event.status == "skipped":
            self._skipped += 1
            self._on_record += event.counts.sightings
        else:
            self._done += event.status == "done"
            self._sightings += event.counts.sightings
            self._rejected.update(event.counts.rejected)
        if event.error is not None:
            self.failed += 1
            with self.paused():
                click.echo(f"Error: {event.error}", err=True)
        self._open.pop(event.source, None)

    def _draw(self) -> None:
        if self._bar is None:
            return
        ended = self._done + self._skipped + self.failed
        within = sum(min(1.0, done / frames) for frames, done in self._open.values() if frames)
        of = "" if self._files is None else f"/{self._files:,}"
        counts = f"{ended:,}{of} files · {number(self._frames, 'frame')} · "
        counts += f"{number(self._reads, 'read')} · {number(self.hits, 'hit')}"
        for task in self._bar.task_ids:
            self._bar.update(task, total=self._files, completed=ended + within, counts=counts)


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns: list[Any] = [
        BarColumn(bar_width=24),
        TextColumn("{task.fields[counts]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    ]
    return Progress(
        *columns, console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False
    )


def number(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
