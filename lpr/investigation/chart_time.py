"""Sightings along time as an SVG: a lane for each place, and the hours of the day as columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from html import escape

_WIDTH, _LEFT, _RIGHT, _TOP, _LANE = 480, 110, 14, 22, 24
#: Width of a letter below the marks.
_LETTER = 7.2
#: Lanes that are drawn: all other places share the last one.
MOST_LANES = 10
# Seconds between two marks, and how they are written.
_TICKS = (
    *((1, "%H:%M:%S"), (5, "%H:%M:%S"), (15, "%H:%M:%S"), (60, "%H:%M"), (300, "%H:%M"), (900, "%H:%M")),
    *((3600, "%H:%M"), (3 * 3600, "%a %H:%M"), (6 * 3600, "%a %H:%M"), (12 * 3600, "%d %b %H:%M"), (86400, "%d %b")),
    *((2 * 86400, "%d %b"), (7 * 86400, "%d %b"), (14 * 86400, "%d %b"), (30 * 86400, "%d %b"), (90 * 86400, "%b %Y")),
    *((365 * 86400, "%Y"), (3650 * 86400, "%Y")),
)


def timeline_svg(lanes: Sequence[tuple[str, Sequence[datetime]]], event: datetime | None = None) -> str:
    """One lane for each (name, times); ``event`` is a line through all of them. All times are shown in UTC.

    Raises ValueError when there is no time at all.
    """
    if len(lanes) > MOST_LANES:
        others = [moment for _, times in lanes[MOST_LANES - 1 :] for moment in times]
        lanes = [*lanes[: MOST_LANES - 1], (f"{len(lanes) - MOST_LANES + 1} other places", others)]
    moments = [moment for _, times in lanes for moment in times] + ([event] if event is not None else [])
    if not moments:
        raise ValueError("a timeline needs a time")
    first, last = min(moments), max(moments)
    spread = max((last - first).total_seconds(), 10.0)
    start = first - timedelta(seconds=spread * 0.04)
    seconds = spread * 1.08
    bottom = _TOP + _LANE * len(lanes)

    def x(moment: datetime) -> float:
        return _LEFT + (moment - start).total_seconds() / seconds * (_WIDTH - _LEFT - _RIGHT)

    parts = [f'<svg viewBox="0 0 {_WIDTH} {bottom + 30}" role="img" aria-label="Timeline">']
    step, form = next((tick for tick in _TICKS if _fit(seconds / tick[0], start.strftime(tick[1]))), _TICKS[-1])
    mark = datetime.fromtimestamp((start.timestamp() // step + 1) * step, timezone.utc)
    while mark <= start + timedelta(seconds=seconds):
        at = x(mark)
        parts.append(f'<path class="grid" d="M{at:.1f} {_TOP - 6}V{bottom}"/>')
        said = mark.strftime(form)
        # The middle of the word stays on the page.
        middle = min(max(at, _LEFT), _WIDTH - _LETTER / 2 * len(said) - 2)
        parts.append(f'<text class="dim" x="{middle:.1f}" y="{bottom + 18}" text-anchor="middle">{escape(said)}</text>')
        mark += timedelta(seconds=step)
    for row, (name, times) in enumerate(lanes):
        y = _TOP + _LANE * row + _LANE / 2
        parts.append(f'<path class="lane" d="M{_LEFT} {y}H{_WIDTH - _RIGHT}"/>')
        short = name if len(name) <= 15 else f"{name[:14]}…"
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{escape(short)}</text>')
        parts += [f'<circle class="dot" cx="{x(moment):.1f}" cy="{y}" r="5"/>' for moment in times]
    if event is not None:
        parts.append(f'<path class="event" d="M{x(event):.1f} {_TOP - 8}V{bottom}"/>')
        parts.append(
            f'<text x="{min(max(x(event), _LEFT), _WIDTH - 40):.1f}" y="11" text-anchor="middle">incident</text>'
        )
    return "".join([*parts, "</svg>"])


def _fit(marks: float, said: str) -> bool:
    """Whether so many words, five at most, stand beside each other."""
    return marks <= 5 and marks * (len(said) + 1) * _LETTER <= _WIDTH - _LEFT - _RIGHT


def hours_svg(hours: Sequence[int]) -> str:
    """24 columns, one for each hour of the day."""
    height, base = 150, 124
    most = max([*hours, 1])
    width = (_WIDTH - 28) / 24
    parts = [f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="Hours of the day">']
    for hour, times in enumerate(hours):
        left = 14 + hour * width
        tall = times / most * (base - 26)
        top, middle = base - tall, f'x="{left + width / 2:.1f}" text-anchor="middle"'
        rectangle = f'x="{left + 1.5:.1f}" y="{top:.1f}" width="{width - 3:.1f}" height="{tall:.1f}"'
        parts.append(f'<rect class="dot" {rectangle}/>')
        if times:
            parts.append(f'<text class="dim" {middle} y="{top - 4:.1f}">{times}</text>')
        if hour % 3 == 0:
            parts.append(f'<text class="dim" {middle} y="{height - 8}">{hour:02}</text>')
    parts.append(f'<path class="lane" d="M14 {base}H{_WIDTH - 14}"/>')
    return "".join([*parts, "</svg>"])
