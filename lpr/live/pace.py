"""How often a camera is looked at: as often as was asked for, or as the machine can."""

from __future__ import annotations

#: Never fewer looks a second than this, unless fewer were asked for.
LOWEST_RATE = 1.0
#: Seconds over which it is counted whether a camera keeps up.
PERIOD = 5.0
#: Share of the looks that may be missed. More than that in two periods in a row, and the rate is lowered.
_MISSED = 0.2
#: How much of what was possible is aimed at, and how much more is tried after a calm time.
_LOWER, _HIGHER = 0.9, 1.3
#: Periods of calm before a higher rate is tried; each try that fails doubles that, up to the last.
_CALM, _LONGEST_CALM = 4, 120


class Pace:
    """When one camera is due. ``rate`` is the present one, looks a second, ``wanted`` the one asked for.

    ``dropped`` counts the looks that were due, with a picture there, and were missed because the machine was busy.
    All times are time.monotonic().
    """

    def __init__(self, wanted: float, now: float) -> None:
        self.wanted = self.rate = wanted
        self.due = now
        self.processed = self.dropped = 0
        self._began = now
        self._looked = self._missed = 0
        self._strikes = self._calm = 0
        self._needs = _CALM
        self._lowered = False

    def took(self, now: float, waiting_since: float) -> None:
        """A picture was taken at ``now``, the first one since the last look having come at ``waiting_since``."""
        step = 1.0 / self.rate
        missed = max(0, int((now - max(self.due, waiting_since)) / step))
        self.processed += 1
        self._looked += 1
        self.dropped += missed
        self._missed += missed
        self.due = self.due + step if now - self.due < step else now + step

    def review(self, now: float) -> str | None:
        """Change the rate where that is called for; what there is to tell about it."""
        if now - self._began < PERIOD:
            return None
        looked, missed, passed = self._looked, self._missed, now - self._began
        self._looked = self._missed = 0
        self._began = now
        if not looked:
            return None
        if missed > _MISSED * (looked + missed):
            self._calm = 0
            self._strikes += 1
            return self._lower(looked / passed) if self._strikes > 1 else None
        self._strikes = 0
        self._calm += 1
        return self._higher() if self.rate < self.wanted and self._calm >= self._needs else None

    def _lower(self, possible: float) -> str | None:
        lowest = min(self.wanted, LOWEST_RATE)
        if self.rate <= lowest:
            return None
        self.rate = max(lowest, min(self.rate, possible) * _LOWER)
        self._strikes = 0
        self._needs = min(_LONGEST_CALM, 2 * self._needs)
        if self._lowered:
            return None
        self._lowered = True
        return f"cannot keep up: {self.rate:.1f} frames a second are looked at instead of {self.wanted:g}"

    def _higher(self) -> str | None:
        self._calm = 0
        self.rate = min(self.wanted, self.rate * _HIGHER)
        if self.rate < self.wanted:
            return None
        self._lowered = False
        return f"keeps up again: {self.wanted:g} frames a second are looked at"
