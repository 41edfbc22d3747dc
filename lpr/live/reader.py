"""The thread that reads one camera and keeps only its newest picture.

Each reader owns its connection and its counters; nobody else touches them but by ``take`` and ``health``, under the
reader's lock. Whatever goes wrong with the camera becomes a state and is told once; the thread only ends when it is
stopped. The worker that takes pictures never waits for a reader, nor a reader for it.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone

from lpr.live.camera import Camera
from lpr.live.connection import BEHIND, Connection, Lost, Picture, Timeouts, connect
from lpr.live.state import CONNECTING, FROZEN, GARBLED, LIVE, LOST, OFF, State

#: A camera that was live for so many seconds has come back for good.
_STOOD = 10.0


@dataclass(frozen=True)
class Patience:
    """How long a reader waits, seconds.

    ``first`` to ``longest`` are the pauses between attempts to reach a lost camera: each is twice the one before.
    The longest lets a camera be back within 5 s of its return. One that refuses the password is asked more rarely
    (``refused``): many cameras lock an account that fails too often. The same picture for ``frozen`` is none: then the
    connection is made anew. ``garbled`` is how long there may be nothing but damaged pictures.
    """

    timeouts: Timeouts = field(default_factory=Timeouts)
    first: float = 0.5
    longest: float = 3.0
    refused: float = 30.0
    frozen: float = 30.0
    garbled: float = 5.0


@dataclass(frozen=True, eq=False)
class Taken:
    """The newest picture; ``seconds`` counts from the begin of the watch and never falls, ``index`` counts pictures."""

    picture: Picture
    seconds: float
    index: int


@dataclass(frozen=True)
class Reading:
    """How a reader fares. ``seen`` pictures were decoded, ``damaged`` could not be; ``since`` is that of the state.

    ``arrived`` is time.monotonic() of the last whole picture, ``last_at`` the same by the clock. ``fps`` is measured
    over the last seconds. ``behind`` is how many seconds the decoder lags behind the camera.
    """

    state: State = CONNECTING
    since: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    problem: str | None = None
    description: str = ""
    seen: int = 0
    damaged: int = 0
    connections: int = 0
    arrived: float | None = None
    last_at: datetime | None = None
    fps: float = 0.0
    behind: float = 0.0


class Reader(threading.Thread):
    """Reads ``camera`` until ``stop``. ``wake`` is set for each picture; ``tell`` gets (state, text,
    trouble) of each change."""

    def __init__(
        self,
        camera: Camera,
        began: float,
        wake: threading.Event,
        tell: Callable[[State, str, bool], None],
        patience: Patience | None = None,
        opener: Callable[..., Connection] = connect,
    ) -> None:
        # A camera that is silent holds its thread for the whole timeout: lpr does not wait for that to end.
        super().__init__(name=f"reader {camera.name}", daemon=True)
        self._camera, self._began, self._wake, self._tell = camera, began, wake, tell
        self._patience = patience or Patience()
        self._opener = opener
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._reading = Reading()
        self._newest: Taken | None = None
        self._seconds = 0.0
        self._times: deque[float] = deque(maxlen=60)
        self._told: set[str] = set()
        self._lost_at: float | None = None
        self._live_at: float | None = None
        self._waiting_since = 0.0
        self._skipping = False

    def take(self) -> Taken | None:
        """The newest picture, if none took it before."""
        with self._lock:
            taken, self._newest = self._newest, None
            return taken

    def waiting_since(self) -> float | None:
        """When the first picture came after the last one that was taken, time.monotonic(); None when there is none."""
        with self._lock:
            return None if self._newest is None else self._waiting_since

    def health(self) -> Reading:
        with self._lock:
            now, times = time.monotonic(), [t for t in self._times if t > time.monotonic() - 5.0]
            fps = (len(times) - 1) / (times[-1] - times[0]) if len(times) > 2 and now - times[-1] < 2.0 else 0.0
            return replace(self._reading, fps=fps)

    def stop(self) -> None:
        """Ask the thread to end; it does at the next picture or timeout."""
        self._ended.set()

    def run(self) -> None:
        pause, patience = 0.0, self._patience
        while not self._ended.is_set():
            if not self._camera.hours.hold(datetime.now(timezone.utc)):
                self._enter(OFF, None, "outside its hours, not watched")
                self._lost_at = None
                pause = 0.0
                self._ended.wait(1.0)
                continue
            if self._reading.state == OFF:
                self._enter(CONNECTING, None, "its hours begin")
            self._live_at = None
            try:
                self._read()
                pause = 0.0
            except Lost as lost:
                self._lost(lost)
                # A camera that is lost again as soon as it comes back is asked ever more rarely.
                stood = self._live_at is not None and time.monotonic() - self._live_at > _STOOD
                pause = patience.first if stood or pause == 0.0 else min(patience.longest, 2 * pause)
                if lost.why == "refused":
                    pause = patience.refused
                # So that cameras behind one switch do not all come at the same moment.
                self._ended.wait(pause * random.uniform(0.85, 1.0))  # noqa: S311 - no secret depends on it

    def _read(self) -> None:
        """Read one connection until its hours are over or the reader is stopped. Raises Lost."""
        connection = self._opener(
            self._camera.address, self._camera.transport, self._patience.timeouts, self._camera.trust
        )
        try:
            with self._lock:
                self._reading = replace(
                    self._reading, connections=self._reading.connections + 1, description=connection.description
                )
            base = time.monotonic() - self._began
            whole = changed = time.monotonic()
            before: int | None = None
            checked = 0.0
            for picture in connection.pictures():
                now = time.monotonic()
                if self._ended.is_set():
                    return
                if now - checked > 1.0:
                    checked = now
                    if not self._camera.hours.hold(datetime.now(timezone.utc)):
                        return
                if picture is None:
                    with self._lock:
                        self._reading = replace(self._reading, damaged=self._reading.damaged + 1)
                    if now - whole > self._patience.garbled:
                        raise Lost(f"sends nothing but damaged pictures for {self._patience.garbled:g} s", "garbled")
                    continue
                whole = now
                if picture.fingerprint != before:
                    before, changed = picture.fingerprint, now
                elif now - changed > self._patience.frozen:
                    raise Lost(f"sends the very same picture for {self._patience.frozen:g} s", "frozen")
                self._keep(picture, base, connection.behind)
        finally:
            connection.close()

    def _keep(self, picture: Picture, base: float, behind: float) -> None:
        with self._lock:
            # The connections' clocks differ; the camera's time must not fall.
            self._seconds = max(self._seconds, base + picture.seconds)
            if self._newest is None:
                self._waiting_since = picture.arrived
            self._newest = Taken(picture, self._seconds, self._reading.seen)
            self._reading = replace(
                self._reading,
                seen=self._reading.seen + 1,
                arrived=picture.arrived,
                last_at=picture.taken_at,
                behind=behind,
            )
            self._times.append(picture.arrived)
        if self._live_at is None:
            self._live_at = picture.arrived
        if self._reading.state != LIVE:
            self._live()
        if behind > BEHIND and not self._skipping:
            self._skipping = True
            self._tell(LIVE, f"cannot keep up: decoding is {behind:.1f} s behind, pictures are left out", True)
        elif behind == 0.0:
            self._skipping = False
        self._wake.set()

    def _live(self) -> None:
        if self._lost_at is None:
            self._enter(LIVE, None, f"live, {self._reading.description}")
        else:
            away = time.monotonic() - self._lost_at
            self._enter(LIVE, None, f"live again after {away:.1f} s")
        self._lost_at = None
        self._told.clear()

    def _lost(self, lost: Lost) -> None:
        """Told once, and once more when it is for another reason."""
        if self._lost_at is None:
            self._lost_at = time.monotonic()
        state = {"garbled": GARBLED, "frozen": FROZEN}.get(lost.why, LOST)
        text = str(lost)
        with self._lock:
            self._newest = None
        self._enter(state, text, f"{state}: {text}", quiet=text in self._told)
        self._told.add(text)

    def _enter(self, state: State, problem: str | None, text: str, quiet: bool = False) -> None:
        with self._lock:
            changed = self._reading.state != state
            since = datetime.now(timezone.utc) if changed else self._reading.since
            self._reading = replace(self._reading, state=state, since=since, problem=problem)
        if not quiet and (changed or problem is not None):
            self._tell(state, text, state != LIVE)
