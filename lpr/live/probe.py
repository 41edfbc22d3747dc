"""One try at a camera: whether it can be reached, and what it sends."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timezone

import numpy as np

from lpr.live.camera import Camera
from lpr.live.connection import Lost, Timeouts, connect
from lpr.live.mask import Mask


@dataclass(frozen=True, eq=False)
class Probe:
    """What came of it. ``problem`` is None when a picture came, ``seconds`` after the begin.

    ``image`` is that picture, height × width × 3, uint8, BGR, black where nothing counts.
    """

    camera: Camera
    description: str
    seconds: float
    watched_now: bool
    problem: str | None
    image: np.ndarray | None


def probe(camera: Camera, timeouts: Timeouts | None = None) -> Probe:
    """Connect to ``camera``, wait for one whole picture, and let go of it."""
    began, limits = time.monotonic(), timeouts or Timeouts()
    now = camera.hours.hold(datetime.now(timezone.utc))
    try:
        connection = connect(camera.address, camera.transport, limits, camera.trust)
    except Lost as lost:
        return Probe(camera, "", time.monotonic() - began, now, str(lost), None)
    try:
        for picture in connection.pictures():
            passed = time.monotonic() - began
            if picture is not None:
                image = Mask(camera.masks, camera.areas).painted(picture.exposure.develop())
                description = f"{image.shape[1]}×{image.shape[0]} {connection.description.rpartition(' ')[2]}"
                return Probe(camera, description, passed, now, None, image)
            if passed > limits.connect + limits.silence:
                break
        raise Lost("sends nothing but damaged pictures", "garbled")
    except Lost as lost:
        return Probe(camera, connection.description, time.monotonic() - began, now, str(lost), None)
    finally:
        connection.close()
