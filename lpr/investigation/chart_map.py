"""A map as an SVG, drawn without any map server: places to scale, the way between them, an incident with its circle."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from lpr.places import EARTH, Place

_WIDTH, _HEIGHT, _MARGIN = 480, 380, 46
#: The shortest way across that is drawn, in metres: one place alone needs some surroundings.
_LEAST = 300.0
_METRES = math.pi * EARTH / 180
_STEPS = tuple(step * 10**power for power in range(1, 7) for step in (1, 2, 5))


@dataclass(frozen=True)
class Spot:
    """A place on the map: what it is called, and how often something was seen there."""

    name: str
    place: Place
    times: int


class _Plane:
    """Pixels for places: metres east and north of the middle, to one scale."""

    def __init__(self, places: Sequence[Place], event: Place | None, within: float) -> None:
        self._north = sum(place.latitude for place in places) / len(places)
        self._east = _METRES * max(0.01, math.cos(math.radians(self._north)))
        self._first = places[0].longitude
        points = [self._metres(place) for place in places]
        if event is not None:  # its circle is on the map
            x, y = self._metres(event)
            points += [(x - within, y - within), (x + within, y + within)]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        self._middle = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
        across = max(max(xs) - min(xs), _LEAST)
        down = max(max(ys) - min(ys), _LEAST)
        self.scale = min((_WIDTH - 2 * _MARGIN) / across, (_HEIGHT - 2 * _MARGIN) / down)

    def _metres(self, place: Place) -> tuple[float, float]:
        east = (place.longitude - self._first + 180) % 360 - 180
        return east * self._east, (place.latitude - self._north) * _METRES

    def pixel(self, place: Place) -> tuple[float, float]:
        x, y = self._metres(place)
        return (
            round(_WIDTH / 2 + (x - self._middle[0]) * self.scale, 1),
            round(_HEIGHT / 2 - (y - self._middle[1]) * self.scale, 1),
        )


def map_svg(
    spots: Sequence[Spot],
    track: Sequence[Place] = (),
    event: Place | None = None,
    within: float | None = None,
    event_name: str = "",
) -> str:
    """The spots with their names and counts, the ``track`` from place to place, and an event with its circle (metres).

    North is up. Needs one spot or an event; raises ValueError otherwise.
    """
    places = [spot.place for spot in spots] + ([event] if event is not None else [])
    if not places:
        raise ValueError("a map needs a place")
    plane = _Plane(places, event, within or 0.0)
    parts = [f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="Map">', _grid(plane)]
    if event is not None and within:
        x, y = plane.pixel(event)
        parts.append(f'<circle class="event" cx="{x}" cy="{y}" r="{within * plane.scale:.1f}" stroke-dasharray="5 4"/>')
    stops = [plane.pixel(place) for i, place in enumerate(track) if i == 0 or place != track[i - 1]]
    if len(stops) > 1:
        parts.append(f'<polyline class="track" points="{" ".join(f"{x},{y}" for x, y in stops)}"/>')
        parts += [_arrow(a, b) for a, b in dict.fromkeys(pairwise(stops))]
    boxes: list[tuple[float, float, float, float]] = []
    for spot in sorted(spots, key=lambda spot: -spot.times):
        x, y = plane.pixel(spot.place)
        radius = min(5 + 2.2 * math.sqrt(spot.times), 16)
        parts.append(f'<circle class="dot" cx="{x}" cy="{y}" r="{radius:.1f}"/>')
        parts.append(_label(f"{spot.name} ({spot.times})" if spot.times > 1 else spot.name, x, y, radius, boxes))
    if event is not None:
        x, y = plane.pixel(event)
        parts.append(f'<path class="eventmark" d="M{x - 7} {y}h14M{x} {y - 7}v14" stroke="currentColor"/>')
        parts.append(f'<path class="event" d="M{x - 7} {y - 7}l14 14m0 -14l-14 14" stroke-width="2.5"/>')
        parts.append(_label(event_name or "incident", x, y, 9, boxes))
    return "".join([*parts, _legend(plane), "</svg>"])


def _grid(plane: _Plane) -> str:
    """Squares of the length that the scale bar has."""
    step = _bar(plane) * plane.scale
    lines = [f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fbfcfd"/>', '<g class="grid" stroke-width="0.6">']
    x = (_WIDTH / 2) % step
    while x < _WIDTH:
        lines.append(f'<path d="M{x:.1f} 0V{_HEIGHT}"/>')
        x += step
    y = (_HEIGHT / 2) % step
    while y < _HEIGHT:
        lines.append(f'<path d="M0 {y:.1f}H{_WIDTH}"/>')
        y += step
    return "".join([*lines, "</g>"])


def _bar(plane: _Plane) -> float:
    """A round number of metres about a quarter of the map wide."""
    return float(min(_STEPS, key=lambda step: abs(step * plane.scale - _WIDTH / 4)))


def _legend(plane: _Plane) -> str:
    metres = _bar(plane)
    length = metres * plane.scale
    said = f"{metres:g} m" if metres < 1000 else f"{metres / 1000:g} km"
    return (
        f'<path d="M14 {_HEIGHT - 14}v-6v6h{length:.1f}v-6" fill="none" stroke="#1b1f24" stroke-width="1.5"/>'
        f'<text class="halo" x="{20 + length:.1f}" y="{_HEIGHT - 12}">{said}</text>'
        f'<path d="M{_WIDTH - 20} 34V14l-5 9m5 -9l5 9" fill="none" stroke="#1b1f24" stroke-width="1.5"/>'
        f'<text class="halo" x="{_WIDTH - 20}" y="48" text-anchor="middle">N</text>'
    )


def _arrow(a: tuple[float, float], b: tuple[float, float]) -> str:
    """A small arrowhead in the middle of a line."""
    length = math.hypot(b[0] - a[0], b[1] - a[1])
    if length < 30:
        return ""
    x, y = (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
    turn = math.degrees(math.atan2(b[1] - a[1], b[0] - a[0]))
    moved = f"translate({x:.1f} {y:.1f}) rotate({turn:.0f})"
    return f'<path d="M-5 -4L4 0L-5 4" class="track" stroke-dasharray="none" transform="{moved}"/>'


def _label(text: str, x: float, y: float, radius: float, boxes: list[tuple[float, float, float, float]]) -> str:
    """The text beside a point, where it is inside the map and covers no other one, as far as there is such a place."""
    text = text if len(text) <= 34 else f"{text[:33]}…"
    width = 7.2 * len(text)
    places = (
        (x + radius + 4, y + 4), (x - radius - 4 - width, y + 4), (x - width / 2, y - radius - 6),
        (x - width / 2, y + radius + 15), (x + radius + 2, y - radius - 2), (x + radius + 2, y + radius + 12),
    )  # fmt: skip
    inside = [(left, base) for left, base in places if 2 <= left <= _WIDTH - width - 2 and 14 <= base <= _HEIGHT - 4]
    free = [at for at in inside if not any(_overlap((*at, width), box) for box in boxes)]
    left, base = (free or inside or [(max(2.0, min(x - width / 2, _WIDTH - width - 2)), max(14.0, y - radius - 6))])[0]
    boxes.append((left, base - 12, left + width, base + 4))
    return f'<text class="halo" x="{left:.1f}" y="{base:.1f}">{escape(text)}</text>'


def _overlap(at: tuple[float, float, float], box: tuple[float, float, float, float]) -> bool:
    left, base, width = at
    return left < box[2] and box[0] < left + width and base - 12 < box[3] and box[1] < base + 4
