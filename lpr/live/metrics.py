"""Cameras' health as Prometheus metrics, by prometheus_client, over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from lpr.errors import CameraError
from lpr.live.health import Health
from lpr.live.state import LIVE

if TYPE_CHECKING:
    from prometheus_client import Metric

_COUNTERS = {
    "frames_seen": ("seen", "Frames decoded"),
    "frames_damaged": ("damaged", "Frames that could not be decoded whole"),
    "frames_processed": ("processed", "Frames searched for what moves, and for plates where something does"),
    "frames_looked": ("looked", "Frames among the processed ones that went through the networks"),
    "frames_dropped": ("dropped", "Frames that should have been processed while the machine was busy"),
    "plates": ("plates", "Plates that the detector saw"),
    "reads": ("reads", "Reads accepted"),
    "sightings": ("sightings", "Vehicles that passed"),
    "hits": ("hits", "Possible matches"),
    "alerts": ("alerts", "Alerts raised"),
    "connections": ("connections", "Times that the camera was reached"),
}
_GAUGES = {
    "last_frame_age_seconds": ("age", "Age of the last frame"),
    "fps": ("fps", "Frames a second that come from the camera"),
    "rate": ("rate", "Frames a second that are processed"),
    "wanted_rate": ("wanted_rate", "Frames a second that should be processed"),
    "behind_seconds": ("behind", "How far decoding is behind the camera"),
    "alert_delay_seconds": ("delay", "Median of the time from the arrival of a frame to the announcement of its hit"),
}


class _Cameras:
    """Asks for the health each time somebody asks for the metrics; the label is the camera's name, and no plate."""

    def __init__(self, health: Callable[[], Sequence[Health]]) -> None:
        self._health = health

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        cameras = self._health()
        up = GaugeMetricFamily("lpr_camera_up", "Whether the camera is live", labels=["camera"])
        state = GaugeMetricFamily("lpr_camera_state", "The state that the camera is in", labels=["camera", "state"])
        rejected = CounterMetricFamily("lpr_camera_rejected", "Plates rejected", labels=["camera", "reason"])
        for one in cameras:
            up.add_metric([one.camera], float(one.state == LIVE))
            state.add_metric([one.camera, one.state], 1.0)
            for reason, count in one.rejected.items():
                rejected.add_metric([one.camera, reason], count)
        yield from (up, state, rejected)
        for name, (field, text) in _COUNTERS.items():
            counter = CounterMetricFamily(f"lpr_camera_{name}", text, labels=["camera"])
            for one in cameras:
                counter.add_metric([one.camera], getattr(one, field))
            yield counter
        for name, (field, text) in _GAUGES.items():
            gauge = GaugeMetricFamily(f"lpr_camera_{name}", text, labels=["camera"])
            for one in cameras:
                value = getattr(one, field)
                if value is not None:
                    gauge.add_metric([one.camera], value)
            yield gauge


def serve_metrics(health: Callable[[], Sequence[Health]], port: int, host: str = "127.0.0.1") -> Callable[[], None]:
    """Serve the metrics at http://host:port/metrics from threads of their own; what ends that.

    Raises CameraError when the port cannot be had.
    """
    from prometheus_client import CollectorRegistry, start_http_server

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Cameras(health))
    try:
        server, thread = start_http_server(port, host, registry)
    except (OSError, OverflowError) as error:
        raise CameraError(f"metrics cannot be served at {host}:{port} ({error}); name another port") from error

    def close() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return close
