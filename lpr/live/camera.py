"""A camera: where its pictures come from, where it stands, what of them is looked at and when."""

from __future__ import annotations

from dataclasses import dataclass, field

from lpr.live.address import Address, parse_address
from lpr.live.hours import ALWAYS, Hours
from lpr.live.trust import Trust
from lpr.places import Place
from lpr.recognition.areas import Polygon

#: Frames of each camera that are looked at in a second, unless it asks for another rate.
RATE = 5.0


@dataclass(frozen=True)
class Camera:
    """One camera. Rows and alerts name it by ``name``.

    ``place`` is where it stands, ``heading`` where it looks, degrees clockwise from north.
    ``region`` are the codes of the regions whose serial formats speak for a reading (``us-tx``, ``us-al,us-ga``),
    None for all of them. Nothing inside ``masks`` is looked at
    or kept; where there are ``areas``, nothing outside of them is. ``lists`` are the hot lists that it is compared
    with, None for all. ``rate`` is how many frames a second are looked at. ``transport`` is ``tcp`` or ``udp``, of
    RTSP alone. ``trust`` is whether its certificate must be valid, of https and rtsps.
    """

    name: str
    address: Address
    place: Place | None = None
    heading: float | None = None
    region: str | None = None
    masks: tuple[Polygon, ...] = ()
    areas: tuple[Polygon, ...] = ()
    hours: Hours = ALWAYS
    lists: tuple[str, ...] | None = None
    rate: float = RATE
    transport: str = "tcp"
    trust: Trust = field(default_factory=Trust)


def camera_at(written: str) -> Camera:
    """The camera at an address alone; it is named after the part of the address that may be shown.

    Raises CameraError.
    """
    address = parse_address(written)
    name = f"webcam {address.shown}" if address.shown.isdecimal() else address.shown
    return Camera(name, address)
