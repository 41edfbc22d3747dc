"""The pictures: what stands where, in which light, seen by which camera. All plates, streets and firms are invented."""

from __future__ import annotations

from dataclasses import dataclass

from studio.camera import Faults
from studio.cars import Car
from studio.scene import Lens, Light, Scene
from studio.street import Street

RED, BLUE, SILVER = (0.24, 0.012, 0.012), (0.012, 0.035, 0.15), (0.30, 0.31, 0.32)
BLACK, WHITE, GREEN = (0.008, 0.008, 0.009), (0.62, 0.62, 0.60), (0.02, 0.07, 0.04)
SAND, GREY = (0.26, 0.21, 0.14), (0.07, 0.075, 0.08)

DAYLIGHT = Faults()


@dataclass(frozen=True)
class Photo:
    """One still. ``states`` names the issuer of each plate, in the cars' order."""

    file: str
    taken_at: str
    camera: str
    states: tuple[str, ...]
    scene: Scene
    faults: Faults = DAYLIGHT
    samples: int = 4


@dataclass(frozen=True)
class Clip:
    """A passing car: its rear bumper moves from ``start`` to ``end`` (x, y) over the clip."""

    file: str
    taken_at: str
    camera: str
    state: str
    scene: Scene
    start: tuple[float, float]
    end: tuple[float, float]
    frames: int
    rate: int
    rendered: tuple[int, ...]  # frames, the first and the last among them; see motion.py
    readable: int  # px of width from which a person could read the plate
    faults: Faults = DAYLIGHT
    samples: int = 4
    crf: int = 27

    def place(self, frame: int) -> tuple[float, float, float]:
        share = frame / (self.frames - 1)
        (x1, y1), (x2, y2) = self.start, self.end
        return x1 + (x2 - x1) * share, y1 + (y2 - y1) * share, 0.0


PHOTOS = (
    Photo(
        "01-day-california.jpg",
        "2025-05-14T15:42:09-07:00",
        "CAM 03 NORTHBOUND",
        ("US-CA",),
        Scene(
            Street(11, marks="yellow"),
            Light(44, 214, 0.085, exposure=-0.25),
            Lens((0.3, -7.6, 2.9), (1.75, 1.2, 1.05), 62),
            (
                Car("sedan", SILVER, 2.1, 0.0, plate="7KDR482", layout="ca", heading=1.0),
                Car("suv", GREY, -2.2, 17.0, heading=180),
                Car("hatch", RED, 3.0, 25.0, heading=180),
            ),
            101,
        ),
    ),
    Photo(
        "02-dusk-texas.jpg",
        "2025-11-03T17:51:30-06:00",
        "CAM 11 GATE",
        ("US-TX",),
        Scene(
            Street(22, lit=0.35, lamps=70, marks="yellow"),
            Light(1.5, 330, 0.15, exposure=1.5),
            Lens((0.9, -7.2, 1.75), (1.75, 1.0, 1.28), 62),
            (
                Car("pickup", SAND, 2.0, 0.2, plate="BXT·4019", layout="tx", brake=3.0, plate_light=0.05, heading=-3.0),
                Car("sedan", GREY, -2.0, 30.0, heading=180, lamps=10),
            ),
            202,
        ),
        Faults(noise=4.2, softness=0.9, bloom=0.16),
    ),
    Photo(
        "03-night-infrared.jpg",
        "2025-08-22T02:17:44-07:00",
        "CAM 07 IR",
        ("US-CA",),
        Scene(
            Street(33, lit=0.0, trees=4),
            Light(None, strength=0.012, sky=(1, 1, 1), infrared=2600, exposure=1.9),
            Lens((0.6, -7.8, 2.5), (1.8, 1.0, 0.9), 68),
            (
                Car("sedan", BLUE, 2.0, 0.3, plate="8MZS536", layout="ca", brake=1.0, plate_light=0.32, heading=1.2),
                Car("suv", SAND, 3.0, 9.0, heading=180),
            ),
            303,
        ),
        Faults(noise=4.5, softness=0.95, grey=True, vignette=0.5, black=12, sharpening=0.8, quality=78),
    ),
    Photo(
        "04-rain-britain.jpg",
        "2025-10-09T08:26:51+01:00",
        "HIGH ST 2",
        ("GB",),
        Scene(
            Street(44, wet=0.9, lit=0.25),
            Light(None, strength=0.62, sky=(0.62, 0.68, 0.76), exposure=0.3),
            Lens((-0.6, -7.4, 2.6), (-1.75, 1.2, 1.0), 50),
            (
                Car("hatch", BLUE, -2.0, 0.4, plate="LK63 VRT", layout="uk", brake=1.6, heading=-1.0),
                Car("van", WHITE, 2.1, 18.0, heading=180, lamps=8),
            ),
            404,
        ),
        Faults(rain=480, noise=3.4, softness=0.9, black=14, quality=80),
    ),
    Photo(
        "05-close-germany.jpg",
        "2025-06-02T11:08:15+02:00",
        "ZUFAHRT 1",
        ("DE",),
        Scene(
            Street(55, marks="none"),
            Light(52, 160, 0.085, exposure=-0.2),
            Lens((0.7, -3.8, 1.5), (1.75, 0.0, 0.88), 44),
            (
                Car("suv", GREEN, 1.95, 0.0, plate="M KV 2087", layout="eu", country="D", heading=4.0),
                Car("hatch", SILVER, -2.2, 16.0, heading=180),
            ),
            505,
        ),
    ),
    Photo(
        "06-far-florida.jpg",
        "2025-03-27T13:15:02-04:00",
        "CAM 01 OVERVIEW",
        ("US-FL",),
        Scene(
            Street(66, marks="yellow", trees=6),
            Light(58, 190, 0.085, exposure=-0.3),
            Lens((-1.6, -8.0, 4.4), (0.7, 6.0, 0.9), 58),
            (
                Car("suv", RED, 2.0, 2.0, plate="KTW R53", layout="fl"),
                Car("sedan", WHITE, -2.1, 19.0, heading=180),
                Car("hatch", BLUE, 3.1, 21.0, heading=180),
            ),
            606,
        ),
        Faults(noise=2.4),
    ),
    Photo(
        "07-two-cars-france.jpg",
        "2025-09-18T16:33:27+02:00",
        "CAMERA 4",
        ("FR", "FR"),
        Scene(
            Street(77),
            Light(46, 196, 0.09),
            Lens((-0.1, -8.6, 3.0), (0.2, 1.5, 1.0), 52),
            (
                Car("hatch", RED, 2.0, 0.2, plate="FG-618-TW", layout="eu", country="F", heading=1.0),
                Car(
                    "van",
                    WHITE,
                    -1.95,
                    7.2,
                    plate="HB-297-QK",
                    layout="eu",
                    country="F",
                    heading=179.0,
                    plate_front=True,
                ),
            ),
            707,
        ),
    ),
    Photo(
        "08-two-lines-germany.jpg",
        "2025-07-11T09:55:40+02:00",
        "HOF OST",
        ("DE",),
        Scene(
            Street(88, marks="none"),
            Light(38, 130, 0.10),
            Lens((3.7, -5.4, 2.2), (1.75, 0.6, 0.95), 54),
            (Car("van", BLUE, 1.95, 0.1, plate="HH/TK 482", layout="eu2", country="D", heading=-4.0),),
            808,
        ),
    ),
    Photo(
        "09-shop-no-plate.jpg",
        "2025-04-05T10:20:00+02:00",
        "PASSAGE 2",
        (),
        Scene(
            Street(95, trees=2, shop_shade=0.35, leaf=0.045),
            Light(48, 250, 0.085),
            Lens((-3.2, -5.6, 2.4), (5.4, 4.6, 2.0), 33),
            (Car("hatch", SILVER, -2.2, 19.0, heading=180), Car("sedan", GREY, 3.0, 21.0, heading=180)),
            909,
        ),
    ),
    Photo(
        "10-brazil.jpg",
        "2025-01-30T14:12:36-03:00",
        "PORTARIA",
        ("BR",),
        Scene(
            Street(110, marks="dashed"),
            Light(60, 170, 0.08, exposure=-0.2),
            Lens((-0.7, -6.2, 2.0), (1.75, 0.9, 1.0), 60),
            (
                Car("hatch", GREY, 1.95, 0.0, plate="RKT5D82", layout="br", heading=4.0),
                Car("hatch", WHITE, -2.1, 20.0, heading=180),
                Car("sedan", RED, 3.1, 15.0, heading=180),
            ),
            1010,
        ),
    ),
    Photo(
        "11-front-new-york.jpg",
        "2025-02-12T12:47:19-05:00",
        "CAM 05 SOUTHBOUND",
        ("US-NY",),
        Scene(
            Street(121, marks="yellow", trees=0),
            Light(None, strength=1.0, sky=(0.66, 0.70, 0.76), exposure=0.2),
            Lens((-0.3, -5.9, 2.4), (-1.75, 1.5, 0.95), 60),
            (
                Car("sedan", RED, -2.0, 5.4, plate="KLD 5290", layout="ny", heading=178.0, plate_front=True),
                Car("suv", BLACK, 3.0, 19.0, heading=180),
            ),
            1111,
        ),
        Faults(noise=3.2),
    ),
    Photo(
        "12-night-spain.jpg",
        "2025-12-06T21:38:05+01:00",
        "CAM 09",
        ("ES",),
        Scene(
            Street(132, lit=0.45, lamps=190, wet=0.35),
            Light(None, strength=0.02, sky=(0.35, 0.42, 0.7), exposure=1.5),
            Lens((0.4, -6.6, 2.1), (1.75, 1.0, 1.0), 54),
            (
                Car("sedan", WHITE, 2.0, 0.2, plate="4821 KMT", layout="eu", country="E", brake=3.0, plate_light=0.10),
                Car("van", GREY, -2.1, 24.0, heading=180, lamps=12),
            ),
            1212,
        ),
        Faults(noise=5.5, softness=1.0, bloom=0.22, quality=78, tint=(1.0, 0.98, 0.94)),
    ),
)

CLIP = Clip(
    "clip.mp4",
    "2025-05-14T15:44:31-07:00",
    "CAM 03 NORTHBOUND",
    "US-TX",
    Scene(
        Street(11, marks="yellow"),
        Light(44, 214, 0.085, exposure=-0.25),
        Lens((0.2, -8.2, 3.2), (1.9, 3.0, 0.8), 60),
        (Car("suv", BLUE, 2.1, -20.0, plate="KDP·8253", layout="tx"),),
        1313,
    ),
    start=(2.25, -4.0),
    end=(2.0, 7.0),
    frames=46,
    rate=12,
    rendered=(0, 3, 6, 9, 13, 18, 23, 29, 37, 45),  # from one to the next the car shrinks by an eighth
    readable=56,
    faults=Faults(noise=1.6, softness=0.8, quality=0),
)
