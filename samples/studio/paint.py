"""What is painted on a car's body: lamps, glass, shut lines, trim; four projections of it, one for each side.

Each panel is three pictures in one projection: colour with opacity, (roughness, metal, coat), and glow.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from studio.shapes import PICKUP, Shape, top

DENSITY = 280  # pixels a metre
FLAKES = 0.35  # how metallic a paint is
Colour = tuple[float, float, float]
GLASS: Colour = (0.010, 0.012, 0.014)
PLASTIC: Colour = (0.020, 0.020, 0.021)
CHROME: Colour = (0.62, 0.62, 0.63)


@dataclass
class Panel:
    """A projection: ``left`` and ``low`` are the metres at its left and lower edge; colours are linear, 0 to 1."""

    left: float
    low: float
    colour: np.ndarray
    finish: np.ndarray
    glow: np.ndarray

    @classmethod
    def blank(cls, left: float, right: float, low: float, high: float, paint: Colour, matt: float) -> Panel:
        size = (round((high - low) * DENSITY), round((right - left) * DENSITY))
        colour = np.ones((*size, 4), np.float32)
        colour[..., :3] = paint
        finish = np.empty((*size, 3), np.float32)
        finish[:] = (matt, FLAKES if max(paint) < 0.5 else 0.0, 1.0)  # white cars seldom are metallic
        return cls(left, low, colour, finish, np.zeros((*size, 3), np.float32))

    @property
    def width(self) -> float:
        return self.colour.shape[1] / DENSITY

    @property
    def height(self) -> float:
        return self.colour.shape[0] / DENSITY

    def _pixels(self, points: list[tuple[float, float]]) -> np.ndarray:
        p = np.array(points, np.float64)
        x = (p[:, 0] - self.left) * DENSITY
        y = self.colour.shape[0] - (p[:, 1] - self.low) * DENSITY
        return np.round(np.stack([x, y], 1) * 16).astype(np.int32)

    def polygon(self, points: list[tuple[float, float]], rounding: float = 0.0) -> np.ndarray:
        """A mask, 0 to 1, of a shape given in metres, its corners rounded by a radius in metres."""
        mask = np.zeros(self.colour.shape[:2], np.uint8)
        cv2.fillPoly(mask, [self._pixels(points)], 255, cv2.LINE_AA, 4)
        if rounding:
            soft = cv2.GaussianBlur(mask, (0, 0), rounding * DENSITY)
            mask = np.clip((soft.astype(np.float32) - 127) * 6 + 127, 0, 255).astype(np.uint8)
        return mask.astype(np.float32) / 255

    def box(self, x1: float, z1: float, x2: float, z2: float, rounding: float = 0.0) -> np.ndarray:
        return self.polygon([(x1, z1), (x2, z1), (x2, z2), (x1, z2)], rounding)

    def disc(self, x: float, z: float, radius: float, squash: float = 1.0) -> np.ndarray:
        turns = np.linspace(0, 2 * np.pi, 49)[:-1]
        return self.polygon([(x + radius * np.cos(t), z + radius * squash * np.sin(t)) for t in turns])

    def line(self, points: list[tuple[float, float]], wide: float) -> np.ndarray:
        mask = np.zeros(self.colour.shape[:2], np.uint8)
        cv2.polylines(mask, [self._pixels(points)], False, 255, max(1, round(wide * DENSITY)), cv2.LINE_AA, 4)
        return mask.astype(np.float32) / 255

    def fill(self, mask: np.ndarray, colour: Colour, rough: float, metal: float = 0.0, coat: float = 0.0) -> None:
        x, y, wide, high = cv2.boundingRect((mask > 0).astype(np.uint8))
        where = np.s_[y : y + high, x : x + wide]  # most masks are small, most panels are not
        share = mask[where][..., None]
        kept = self.colour[where][..., :3]
        kept[:] = kept * (1 - share) + np.array(colour, np.float32) * share
        self.finish[where] = self.finish[where] * (1 - share) + np.array([rough, metal, coat], np.float32) * share

    def shine(self, mask: np.ndarray, colour: Colour, strength: float) -> None:
        self.glow[:] = np.maximum(self.glow, mask[..., None] * np.array(colour, np.float32) * strength)

    def soil(self, rng: np.random.Generator) -> None:
        """Road dust, thickest near the road; the last thing put on."""
        rows, columns = self.colour.shape[:2]
        height = (rows - np.arange(rows, dtype=np.float32)) / DENSITY + self.low
        near = np.clip((0.75 - height) / 0.6, 0, 1)[:, None] ** 1.3
        small = rng.random((max(2, rows // 40), max(2, columns // 40)), dtype=np.float32)
        share = (near * 0.55 + 0.06) * (0.35 + 0.65 * cv2.resize(small, (columns, rows), interpolation=cv2.INTER_CUBIC))
        self.fill(np.clip(share, 0, 0.6), (0.075, 0.068, 0.058), 0.8)

    def groove(self, points: list[tuple[float, float]], wide: float = 0.006) -> None:
        """A shut line: dark, with a faint light edge below it."""
        lower = [(x, z - wide * 0.9) for x, z in points]
        edge = self.line(lower, wide * 0.7) * 0.25
        self.colour[..., :3] += edge[..., None] * 0.12
        self.fill(self.line(points, wide), (0.006, 0.006, 0.006), 0.6)


def _both(x: float) -> tuple[tuple[float, float], ...]:
    return ((1.0, x), (-1.0, x))


def _tail_lamp(panel: Panel, shape: Shape, outline: list[tuple[float, float]], brake: float) -> None:
    for side in (1.0, -1.0):
        mirrored = [(side * x, z) for x, z in outline]
        outer = panel.polygon(mirrored, 0.012)
        xs, zs = [abs(x) for x, _ in mirrored], [z for _, z in mirrored]
        panel.fill(outer, (0.085, 0.003, 0.004), 0.04, coat=1.0)
        x1, x2, z1, z2 = min(xs), max(xs), min(zs), max(zs)
        wide, high = x2 - x1, z2 - z1
        ribs = panel.box(side * (x1 + 0.12 * wide), z1 + 0.14 * high, side * (x2 - 0.02 * wide), z1 + 0.86 * high, 0.01)
        bars = (np.sin(np.arange(panel.colour.shape[0]) * 2 * np.pi / 13)[:, None] > 0).astype(np.float32)
        panel.fill(outer * ribs * (0.35 + 0.4 * bars), (0.17, 0.005, 0.006), 0.08, coat=1.0)
        if high > wide:
            reverse = panel.box(side * x1, z1 + 0.28 * high, side * x2, z1 + 0.42 * high, 0.006)
        else:
            reverse = panel.box(
                side * (x1 + 0.05 * wide), z1 + 0.1 * high, side * (x1 + 0.3 * wide), z1 + 0.5 * high, 0.006
            )
        panel.fill(outer * reverse, (0.30, 0.30, 0.30), 0.1, coat=1.0)
        panel.fill(np.clip(outer - cv2.erode(outer, np.ones((5, 5), np.uint8)), 0, 1), (0.01, 0.01, 0.01), 0.3)
        if brake:
            panel.shine(outer * ribs * (0.4 + 0.6 * bars) * (1 - reverse), (1.0, 0.035, 0.02), brake)


def paint_rear(shape: Shape, paint: Colour, matt: float, plate: tuple[float, float], brake: float) -> Panel:
    """The rear face over (x, z). ``plate`` is its width and height in metres; ``brake`` the lamps' strength."""
    w, z0 = shape.half_width, shape.plate_height
    panel = Panel.blank(-w - 0.1, w + 0.1, 0.0, shape.height + 0.1, paint, matt)
    bumper_top = 0.70
    panel.fill(
        panel.polygon([(-w, 0.1), (w, 0.1), (w, 0.36), (0.6, 0.42), (-0.6, 0.42), (-w, 0.36)], 0.02), PLASTIC, 0.55
    )
    if shape is PICKUP:
        panel.fill(panel.box(-w - 0.1, 0.30, w + 0.1, 0.76, 0.01), CHROME, 0.16, metal=1.0)
        panel.fill(panel.box(-0.30, 0.50, 0.30, 0.76, 0.01), PLASTIC, 0.5)
        panel.fill(panel.box(-w, 0.655, w, 0.685), PLASTIC, 0.6)
        panel.fill(panel.box(-w, 0.1, w, 0.42), PLASTIC, 0.7)
        panel.groove([(-0.76, 0.78), (-0.76, 1.16), (0.76, 1.16), (0.76, 0.78), (-0.76, 0.78)], 0.010)
        panel.fill(panel.box(-0.12, 1.02, 0.12, 1.09, 0.012), PLASTIC, 0.4)
        _tail_lamp(panel, shape, [(0.78, 0.80), (w + 0.1, 0.80), (w + 0.1, 1.14), (0.78, 1.14)], brake)
    else:
        panel.groove([(-w - 0.1, bumper_top), (w + 0.1, bumper_top)])
        lid = 0.66 if shape.rear_screen else w - 0.13
        panel.groove([(-lid, bumper_top), (-lid, shape.belt + 0.5), (lid, shape.belt + 0.5), (lid, bumper_top)])
        for side, _ in _both(0):
            panel.fill(panel.box(side * 0.52, 0.46, side * 0.74, 0.495, 0.006), (0.11, 0.003, 0.004), 0.1, coat=1.0)
            panel.fill(panel.disc(side * 0.55, 0.27, 0.055, 0.62), (0.004, 0.004, 0.004), 0.5)
            ring = panel.disc(side * 0.55, 0.27, 0.062, 0.62) - panel.disc(side * 0.55, 0.27, 0.05, 0.6)
            panel.fill(np.clip(ring, 0, 1), CHROME, 0.15, metal=1.0)
    if shape.rear_screen is None:
        panel.fill(
            panel.polygon(
                [
                    (-w + 0.17, shape.belt + 0.05),
                    (w - 0.17, shape.belt + 0.05),
                    (w - 0.29, shape.height - 0.13),
                    (-w + 0.29, shape.height - 0.13),
                ],
                0.035,
            ),
            GLASS,
            0.03,
            coat=1.0,
        )
        panel.fill(panel.line([(0.0, shape.belt + 0.07), (0.30, shape.belt + 0.16)], 0.014), PLASTIC, 0.4)
        panel.fill(panel.box(-0.16, shape.height - 0.085, 0.16, shape.height - 0.065, 0.004), (0.2, 0.005, 0.006), 0.1)
        high = 0.30 if shape.half_width < 0.95 else 0.46
        outline = [
            (w - 0.17, shape.belt - high + 0.06),
            (w + 0.1, shape.belt - high + 0.02),
            (w + 0.1, shape.belt + 0.16),
            (w - 0.20, shape.belt + 0.06),
        ]
        _tail_lamp(panel, shape, outline, brake)
    elif shape is not PICKUP:
        _tail_lamp(panel, shape, [(0.46, 0.80), (w + 0.1, 0.77), (w + 0.1, 0.98), (0.46, 0.95)], brake)
    pw, ph = plate[0] / 2 + 0.05, plate[1] / 2 + 0.035
    if shape is not PICKUP:
        hollow = panel.box(-pw, z0 - ph, pw, z0 + ph, 0.02)
        dark = tuple(0.45 * c for c in paint)
        panel.fill(hollow, dark, 0.4)  # type: ignore[arg-type]
        panel.fill(panel.box(-pw, z0 + ph - 0.03, pw, z0 + ph) * hollow, (0.008, 0.008, 0.008), 0.5)
        panel.fill(panel.box(-pw - 0.02, z0 + ph, pw + 0.02, z0 + ph + 0.028, 0.004), CHROME, 0.18, metal=1.0)
    badge = min(z0 + ph + 0.10, shape.belt - 0.02) if shape is not PICKUP else 1.0
    panel.fill(panel.disc(0, badge, 0.042), CHROME, 0.15, metal=1.0)
    panel.fill(panel.disc(0, badge, 0.027), (0.02, 0.03, 0.08), 0.2)
    return panel


def paint_front(shape: Shape, paint: Colour, matt: float, lamps: float) -> Panel:
    """The front face over (x, z)."""
    w = shape.half_width
    panel = Panel.blank(-w - 0.1, w + 0.1, 0.0, shape.height + 0.1, paint, matt)
    rise = shape.belt - 0.93
    low, high = 0.52 + rise, 0.72 + rise * 1.1
    panel.fill(panel.polygon([(-0.62, 0.16), (0.62, 0.16), (0.54, 0.38), (-0.54, 0.38)], 0.02), PLASTIC, 0.5)
    panel.fill(panel.box(-w, 0.1, w, 0.24), PLASTIC, 0.6)
    grille = panel.polygon([(-0.42, low), (0.42, low), (0.50, high), (-0.50, high)], 0.02)
    panel.fill(grille, (0.006, 0.006, 0.006), 0.4)
    slats = (np.sin(np.arange(panel.colour.shape[0]) * 2 * np.pi / 17)[:, None] > 0.3).astype(np.float32)
    panel.fill(grille * slats, (0.10, 0.10, 0.10), 0.25, metal=0.8)
    rim = np.clip(cv2.dilate(grille, np.ones((9, 9), np.uint8)) - grille, 0, 1)
    panel.fill(rim, CHROME, 0.15, metal=1.0)
    panel.fill(panel.disc(0, (low + high) / 2 + 0.03, 0.058), CHROME, 0.12, metal=1.0)
    for side, _ in _both(0):
        lamp = panel.polygon(
            [
                (side * 0.53, low + 0.04),
                (side * (w + 0.1), low + 0.09),
                (side * (w + 0.1), high + 0.06),
                (side * 0.53, high),
            ],
            0.012,
        )
        panel.fill(lamp, (0.16, 0.17, 0.18), 0.05, metal=0.5, coat=1.0)
        for x in (0.61, 0.74):
            bulb = panel.disc(side * x, (low + high) / 2 + 0.035, 0.052)
            panel.fill(bulb, (0.7, 0.72, 0.75), 0.08, metal=1.0, coat=1.0)
            if lamps:
                panel.shine(bulb, (1.0, 0.93, 0.80), lamps)
        panel.fill(panel.box(side * 0.54, low + 0.05, side * (w - 0.02), low + 0.07), (0.4, 0.16, 0.02), 0.1, coat=1.0)
        panel.fill(panel.box(side * 0.62, 0.32, side * 0.80, 0.41, 0.012), (0.006, 0.006, 0.006), 0.5)
        panel.fill(panel.disc(side * 0.71, 0.365, 0.034), (0.5, 0.5, 0.52), 0.1, metal=0.6, coat=1.0)
        panel.groove([(side * 0.53, high + 0.01), (side * (w + 0.1), high + 0.08)])
    panel.groove([(-0.53, high + 0.02), (0.53, high + 0.02)])
    return panel


def paint_side(shape: Shape, paint: Colour, matt: float, brake: float) -> Panel:
    """Either side over (y, z); the wheel arches are cut out by opacity."""
    panel = Panel.blank(-0.2, shape.length + 0.2, 0.0, shape.height + 0.1, paint, matt)
    rows, columns = panel.colour.shape[:2]
    y = np.arange(columns)[None] / DENSITY + panel.left
    z = (rows - np.arange(rows)[:, None]) / DENSITY + panel.low
    roof = top(shape, y.ravel())[None]
    glass = ((z > shape.belt + 0.035) & (z < roof - 0.10)).astype(np.float32)
    slant = 0.5 * (z - shape.belt)
    glass *= (y > shape.side_glass[0] + slant * 0.6) & (y < shape.side_glass[1] - slant * 0.2)
    glass = np.clip((cv2.GaussianBlur(glass, (0, 0), 10) - 0.5) * 12 + 0.5, 0, 1)
    trim = np.clip(cv2.dilate(glass, np.ones((11, 11), np.uint8)), 0, 1)
    panel.fill(trim, PLASTIC, 0.4)
    panel.fill(glass, GLASS, 0.03, coat=1.0)
    for post in shape.pillars:
        panel.fill(panel.line([(post, shape.belt), (post + 0.06, shape.height)], 0.055) * trim, PLASTIC, 0.3)
    doors = [shape.pillars[-1], shape.side_glass[1] - 0.02]
    if len(shape.pillars) > 1:
        doors.insert(0, shape.pillars[0] - 0.05)
    for at in doors:
        panel.groove([(at, shape.belt + 0.03), (at - 0.01, 0.62), (at, 0.30)])
    panel.groove([(doors[0], 0.30), (doors[-1], 0.30)])
    for at in doors[:-1]:
        panel.fill(
            panel.box(at + 0.10, shape.belt - 0.15, at + 0.30, shape.belt - 0.115, 0.006), CHROME, 0.2, metal=0.8
        )
    panel.fill(panel.box(shape.axles[0], shape.clearance - 0.05, shape.axles[1], shape.clearance + 0.07), PLASTIC, 0.55)
    rear_lamp = (0.77, 0.98) if shape.rear_screen and shape is not PICKUP else (shape.belt - 0.28, shape.belt + 0.15)
    reach = 0.30 if shape.rear_screen and shape is not PICKUP else 0.16
    lamp = panel.polygon(
        [(-0.2, rear_lamp[0]), (reach, rear_lamp[0] + 0.05), (reach - 0.04, rear_lamp[1]), (-0.2, rear_lamp[1])], 0.01
    )
    panel.fill(lamp, (0.10, 0.003, 0.004), 0.05, coat=1.0)
    if brake:
        panel.shine(lamp, (1.0, 0.035, 0.02), brake * 0.4)
    rise = shape.belt - 0.93
    panel.fill(
        panel.polygon(
            [
                (shape.length - 0.42, 0.66 + rise),
                (shape.length + 0.2, 0.60 + rise),
                (shape.length + 0.2, 0.80 + rise),
                (shape.length - 0.46, 0.78 + rise),
            ],
            0.01,
        ),
        (0.3, 0.3, 0.32),
        0.05,
        metal=0.4,
        coat=1.0,
    )
    for axle in shape.axles:
        arch = panel.disc(axle, shape.wheel + 0.01, shape.wheel + 0.055)
        lip = panel.disc(axle, shape.wheel + 0.01, shape.wheel + 0.085)
        panel.fill(lip, PLASTIC if shape.height > 1.6 else tuple(0.6 * c for c in paint), 0.5)  # type: ignore[arg-type]
        panel.colour[..., 3] *= 1 - arch
    return panel


def paint_top(shape: Shape, paint: Colour, matt: float) -> Panel:
    """Everything that looks upward, over (x, y): screens, bonnet, boot lid, a pick-up's bed."""
    w = shape.half_width
    panel = Panel.blank(-w - 0.1, w + 0.1, -0.2, shape.length + 0.2, paint, matt)
    up, down = shape.front_screen
    screen = [(-w + 0.28, up), (w - 0.28, up), (w - 0.12, down + 0.03), (0, down + 0.11), (-w + 0.12, down + 0.03)]
    panel.fill(panel.polygon(screen, 0.03), GLASS, 0.03, coat=1.0)
    panel.fill(panel.line([(-0.62, down - 0.01), (0.05, down + 0.05)], 0.016), PLASTIC, 0.4)
    panel.fill(panel.line([(0.02, down + 0.0), (0.6, down + 0.02)], 0.016), PLASTIC, 0.4)
    panel.groove([(-w + 0.10, down + 0.10), (0, down + 0.17), (w - 0.10, down + 0.10)], 0.012)
    for side, _ in _both(0):
        panel.groove([(side * (w - 0.13), down + 0.10), (side * (w - 0.22), shape.length - 0.32)])
        panel.groove([(side * (w - 0.29), up - 0.05), (side * (w - 0.27), shape.side_glass[0] + 0.35)], 0.012)
    if shape.rear_screen:
        low, high = shape.rear_screen
        panel.fill(
            panel.polygon([(-w + 0.15, low), (w - 0.15, low), (w - 0.29, high), (-w + 0.29, high)], 0.03),
            GLASS,
            0.03,
            coat=1.0,
        )
        if shape is PICKUP:
            panel.fill(panel.box(-w + 0.14, 0.10, w - 0.14, 1.64, 0.02), (0.008, 0.008, 0.008), 0.8)
        else:
            panel.groove([(-0.66, 0.0), (-0.68, low - 0.10), (0.68, low - 0.10), (0.66, 0.0)])
    return panel
