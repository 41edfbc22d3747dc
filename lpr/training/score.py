"""Scores: shares with their uncertainty, edit distances, and which found plate belongs to which labelled one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Corners = tuple[float, float, float, float]


@dataclass
class Share:
    """``right`` of ``of`` cases, with Wilson's 95 % interval (E. B. Wilson, JASA 22, 1927, p. 209)."""

    right: int = 0
    of: int = 0

    def count(self, right: bool) -> None:
        self.right += right
        self.of += 1

    @property
    def value(self) -> float | None:
        """0 to 1; None when there is no case: not measured is not zero."""
        return self.right / self.of if self.of else None

    def as_dict(self) -> dict[str, float | int | None]:
        low, high = self.interval()
        value = self.value
        return {
            "value": None if value is None else round(value, 4),
            "right": self.right,
            "of": self.of,
            "low": round(low, 4),
            "high": round(high, 4),
        }

    def interval(self) -> tuple[float, float]:
        if not self.of:
            return 0.0, 1.0
        z = 1.959964
        share = self.right / self.of
        spread = z * math.sqrt(share * (1 - share) / self.of + z * z / (4 * self.of**2))
        middle, bottom = share + z * z / (2 * self.of), 1 + z * z / self.of
        return max(0.0, (middle - spread) / bottom), min(1.0, (middle + spread) / bottom)

    def __str__(self) -> str:
        if not self.of:
            return "–"
        low, high = self.interval()
        return f"{100 * self.right / self.of:5.1f} % ({self.right}/{self.of}, {100 * low:.1f}–{100 * high:.1f})"


def overlap(a: Corners, b: Corners) -> float:
    """Intersection over union of two boxes x1, y1, x2, y2."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


def pair(found: Sequence[Corners], labelled: Sequence[Corners], least: float) -> dict[int, int]:
    """Labelled index → found index, each used once, pairs of the greatest overlap first, none below ``least``."""
    overlaps = [(overlap(f, t), i, j) for i, f in enumerate(found) for j, t in enumerate(labelled)]
    pairs: dict[int, int] = {}
    used: set[int] = set()
    for value, i, j in sorted(overlaps, reverse=True):
        if value < least:
            break
        if i not in used and j not in pairs:
            pairs[j] = i
            used.add(i)
    return pairs


def bin_of(width: float, edges: Sequence[int] = (20, 35, 60, 100, 200)) -> str:
    """The name of the width's bin, in pixels: ``<20``, ``20-34``, … ``>=200``."""
    for below, edge in zip((None, *edges), edges, strict=False):
        if width < edge:
            return f"<{edge}" if below is None else f"{below}-{edge - 1}"
    return f">={edges[-1]}"


def calibration_error(pairs: Sequence[tuple[float, bool]], bins: int = 10) -> float | None:
    """Expected calibration error: the mean gap between confidence and share right over equal bins of confidence,
    each weighted by its cases (Guo et al., ICML 2017). None without a case.
    """
    if not pairs:
        return None
    total = 0.0
    for k in range(bins):
        inside = [(c, right) for c, right in pairs if min(bins - 1, int(c * bins)) == k]
        if inside:
            total += abs(sum(c for c, _ in inside) - sum(right for _, right in inside))
    return total / len(pairs)


@dataclass(frozen=True)
class ConfidenceBin:
    """Reads whose confidence lies from ``low`` to ``high``: their mean confidence, and how many of them were right."""

    low: float
    high: float
    confidence: float
    right: Share


def reliability(pairs: Sequence[tuple[float, bool]], bins: int = 10) -> list[ConfidenceBin]:
    """The reliability diagram of (confidence, right) pairs: equal bins of confidence, empty ones left out."""
    answer = []
    for k in range(bins):
        inside = [(c, right) for c, right in pairs if min(bins - 1, int(c * bins)) == k]
        if inside:
            share = Share(sum(right for _, right in inside), len(inside))
            answer.append(ConfidenceBin(k / bins, (k + 1) / bins, sum(c for c, _ in inside) / len(inside), share))
    return answer


#: Thresholds of the accept curve.
THRESHOLDS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995)


@dataclass(frozen=True)
class AcceptPoint:
    """What accepting reads from confidence ``threshold`` on means: ``accepted`` of all plates, ``wrong`` of those."""

    threshold: float
    accepted: Share
    wrong: Share


def accept_curve(
    pairs: Sequence[tuple[float, bool]], plates: int, thresholds: Sequence[float] = THRESHOLDS
) -> list[AcceptPoint]:
    """For each threshold the share of ``plates`` whose read is accepted, and the share of these that is wrong."""
    answer = []
    for threshold in thresholds:
        accepted = [right for confidence, right in pairs if confidence >= threshold]
        wrong = Share(len(accepted) - sum(accepted), len(accepted))
        answer.append(AcceptPoint(threshold, Share(len(accepted), plates), wrong))
    return answer
