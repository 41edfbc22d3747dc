"""The bodies of cars as one smooth surface: a rounded box bent by profiles of height, width and both ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray


@dataclass(frozen=True)
class Shape:
    """One body, in metres: y runs from the rear end (0) to the front (``length``), z up from the road."""

    length: float
    half_width: float
    height: float
    belt: float  # where the side windows begin
    clearance: float
    top: tuple[tuple[float, float], ...]  # the silhouette from the side: (y, z)
    rear_lean: float  # how far the hatch leans forward, metres a metre above the belt
    front_screen: tuple[float, float]  # y of its upper and its lower edge
    rear_screen: tuple[float, float] | None  # y of its lower and its upper edge; None: it is in the rear face
    side_glass: tuple[float, float]  # y of its ends
    pillars: tuple[float, ...]
    axles: tuple[float, float]
    wheel: float  # outer radius
    plate_height: float  # z of the rear plate's centre


SEDAN = Shape(
    length=4.65,
    half_width=0.91,
    height=1.45,
    belt=0.93,
    clearance=0.20,
    top=(
        (0, 1.03),
        (0.12, 1.07),
        (0.75, 1.10),
        (1.50, 1.40),
        (2.0, 1.45),
        (2.55, 1.44),
        (2.85, 1.38),
        (3.55, 1.00),
        (3.75, 0.95),
        (4.40, 0.84),
        (4.65, 0.70),
    ),
    rear_lean=0.05,
    front_screen=(2.86, 3.52),
    rear_screen=(0.80, 1.48),
    side_glass=(1.10, 3.20),
    pillars=(1.42, 2.25),
    axles=(0.98, 3.75),
    wheel=0.33,
    plate_height=0.80,
)
HATCH = Shape(
    length=4.15,
    half_width=0.88,
    height=1.48,
    belt=0.95,
    clearance=0.19,
    top=(
        (0, 1.36),
        (0.15, 1.43),
        (0.7, 1.48),
        (1.6, 1.49),
        (2.1, 1.46),
        (2.4, 1.39),
        (3.12, 1.00),
        (3.3, 0.95),
        (3.95, 0.83),
        (4.15, 0.68),
    ),
    rear_lean=0.50,
    front_screen=(2.42, 3.08),
    rear_screen=None,
    side_glass=(0.50, 2.85),
    pillars=(0.95, 1.85),
    axles=(0.78, 3.35),
    wheel=0.32,
    plate_height=0.62,
)
SUV = Shape(
    length=4.60,
    half_width=0.94,
    height=1.70,
    belt=1.06,
    clearance=0.25,
    top=(
        (0, 1.58),
        (0.15, 1.65),
        (0.8, 1.70),
        (2.0, 1.70),
        (2.4, 1.66),
        (2.7, 1.57),
        (3.35, 1.15),
        (3.55, 1.10),
        (4.35, 1.00),
        (4.60, 0.84),
    ),
    rear_lean=0.34,
    front_screen=(2.72, 3.32),
    rear_screen=None,
    side_glass=(0.42, 3.10),
    pillars=(0.90, 2.05),
    axles=(0.88, 3.72),
    wheel=0.37,
    plate_height=0.86,
)
PICKUP = Shape(
    length=5.60,
    half_width=0.98,
    height=1.84,
    belt=1.18,
    clearance=0.34,
    top=(
        (0, 1.17),
        (1.70, 1.18),
        (1.86, 1.66),
        (2.0, 1.80),
        (2.6, 1.84),
        (3.1, 1.82),
        (3.45, 1.72),
        (4.05, 1.24),
        (4.2, 1.20),
        (5.3, 1.12),
        (5.60, 0.95),
    ),
    rear_lean=0.0,
    front_screen=(3.44, 4.02),
    rear_screen=(1.73, 1.90),
    side_glass=(1.98, 3.85),
    pillars=(2.85,),
    axles=(1.15, 4.65),
    wheel=0.40,
    plate_height=0.63,
)
VAN = Shape(
    length=4.95,
    half_width=0.96,
    height=1.95,
    belt=1.10,
    clearance=0.21,
    top=(
        (0, 1.86),
        (0.12, 1.92),
        (0.8, 1.95),
        (2.8, 1.95),
        (3.2, 1.90),
        (3.5, 1.78),
        (4.15, 1.18),
        (4.3, 1.12),
        (4.8, 0.95),
        (4.95, 0.80),
    ),
    rear_lean=0.10,
    front_screen=(3.52, 4.12),
    rear_screen=None,
    side_glass=(0.40, 3.85),
    pillars=(1.55, 2.80),
    axles=(0.90, 4.00),
    wheel=0.34,
    plate_height=0.70,
)
SHAPES = {"sedan": SEDAN, "hatch": HATCH, "suv": SUV, "pickup": PICKUP, "van": VAN}


def top(shape: Shape, y: Array) -> Array:
    """Height of the silhouette at ``y``, its corners rounded off."""
    fine = np.linspace(-0.3, shape.length + 0.3, 800)
    points = np.array(shape.top)
    z = np.interp(fine, points[:, 0], points[:, 1])
    steps = np.arange(-40, 41) * (fine[1] - fine[0])
    kernel = np.exp(-((steps / 0.055) ** 2) / 2)
    z = np.convolve(np.pad(z, 40, mode="edge"), kernel / kernel.sum(), mode="valid")
    return np.interp(y, fine, z)


def half_width(shape: Shape, y: Array, z: Array) -> Array:
    """Half the width at a place: drawn in towards both ends and the roof, full at hip height."""
    to_rear = np.clip(1 - y / 0.9, 0, 1)
    to_front = np.clip(1 - (shape.length - y) / 1.1, 0, 1)
    plan = 1 - 0.05 * to_rear**2 - 0.11 * to_front**2
    hips = 1 - 0.05 * np.clip((0.62 - z) / 0.42, 0, 1.2) ** 2 - 0.02 * np.clip((z - 0.62) / 0.4, 0, 1) ** 2
    above = np.clip((z - shape.belt) / max(shape.height - shape.belt, 0.3), 0, 1)
    # A crease below the windows catches the light, as door panels do.
    crease = 0.012 * np.exp(-(((z - shape.belt + 0.13) / 0.035) ** 2))
    return shape.half_width * (plan * hips * (1 - 0.20 * above**1.15)) + crease


def rear(shape: Shape, x: Array, z: Array) -> Array:
    """y of the rear face: curved in plan, the bumper standing out, the hatch leaning forward."""
    bumper = 0.06 * np.clip((0.70 - z) / 0.05, 0, 1) * (0.4 if shape is PICKUP else 1)
    lean = shape.rear_lean * np.clip(z - shape.belt + 0.05, 0, None)
    return 0.16 * (np.abs(x) / shape.half_width) ** 3 - bumper + lean


def front(shape: Shape, x: Array, z: Array) -> Array:
    """y of the front face, likewise."""
    bumper = 0.07 * np.clip((0.58 - z) / 0.08, 0, 1)
    return shape.length - 0.34 * (np.abs(x) / shape.half_width) ** 2.4 + bumper - 0.10 * np.clip(z - 0.6, 0, None)


def body(shape: Shape, radius: float = 0.10) -> tuple[Array, Array]:
    """Vertices (n × 3, metres) and quads (m × 4) of the six bent faces; neighbours share no vertices yet."""
    half = np.array([shape.half_width, shape.length / 2, (shape.height - shape.clearance) / 2])
    counts = np.array([40, 110, 44])
    vertices, quads, start = [], [], 0
    for axis in range(3):
        u, v = [a for a in range(3) if a != axis]
        for side in (-1.0, 1.0):
            gu, gv = np.meshgrid(np.linspace(-1, 1, counts[u] + 1), np.linspace(-1, 1, counts[v] + 1), indexing="ij")
            cube = np.empty((*gu.shape, 3))
            cube[..., u], cube[..., v], cube[..., axis] = gu, gv, side
            metric = cube * half
            inner = np.clip(metric, -(half - radius), half - radius)
            away = metric - inner
            length = np.linalg.norm(away, axis=-1, keepdims=True)
            limit = np.abs(away).max(-1, keepdims=True)
            metric = inner + away / np.maximum(length, 1e-9) * np.where(length > 0, limit, 0)
            vertices.append((metric / half).reshape(-1, 3))
            index = start + np.arange(gu.size).reshape(gu.shape)
            quad = np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], -1).reshape(-1, 4)
            right_handed = (u, v) in ((0, 1), (1, 2))
            quads.append(quad if (side > 0) == right_handed else quad[:, ::-1])
            start += gu.size
    unit = np.concatenate(vertices)
    share_y, share_z = (unit[:, 1] + 1) / 2, (unit[:, 2] + 1) / 2
    y = share_y * shape.length
    z = shape.clearance + share_z * (top(shape, y) - shape.clearance)
    x = unit[:, 0] * half_width(shape, y, z)
    z = z + 0.025 * (1 - unit[:, 0] ** 2) * share_z**6  # the roof's and bonnet's crown
    begin, end = rear(shape, x, z), front(shape, x, z)
    # The ends bend only what is near them, or the wheels and doors would shift with height.
    y = y + begin * np.clip(1 - share_y / 0.30, 0, 1) + (end - shape.length) * np.clip((share_y - 0.75) / 0.25, 0, 1)
    return np.stack([x, y, z], 1), np.concatenate(quads)
