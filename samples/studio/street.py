"""A street for cars to stand in: asphalt, marks, kerbs, houses, trees, lamps. It runs along y."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from studio.facades import paint_facade
from studio.matter import Material, block, image, lathe, mesh, wall

ROAD = 4.0  # half its width, metres


@dataclass(frozen=True)
class Street:
    """What varies from street to street."""

    seed: int
    wet: float = 0.0  # 0 dry, 1 a film of water with puddles
    lit: float = 0.05  # share of the windows with light
    lamps: float = 0.0  # watts of a street lamp
    marks: str = "dashed"  # "dashed", "yellow", "none"
    trees: int = 5
    shops: bool = True
    far: float = 60.0
    houses: bool = True
    shop_shade: float = 1.0  # of the shop fronts' paint
    leaf: float = 0.085  # metres; the nearer the camera, the smaller


def _asphalt(street: Street) -> Material:
    made = Material("asphalt", rough=0.85)
    grain, patch = made.noise(320.0, 2.0), made.noise(0.35, 5.0)
    dark = 0.45 if street.wet else 1.0
    tone = made.ramp(patch, [(0.3, [0.055 * dark] * 3), (0.7, [0.115 * dark, 0.112 * dark, 0.105 * dark])])
    speckle = made.ramp(grain, [(0.35, [0.55] * 3), (0.68, [1.5] * 3)])
    colour = made.mix(1.0, tone, speckle, "MULTIPLY")
    place = made.node("ShaderNodeNewGeometry")
    warped = made.node("ShaderNodeTexVoronoi", Scale=0.42)
    warped.feature = "DISTANCE_TO_EDGE"
    offset = made.node("ShaderNodeTexNoise", Scale=2.2, Detail=6.0)
    made.join(place.outputs["Position"], offset.inputs["Vector"])
    shift = made.node("ShaderNodeVectorMath")
    made.join(place.outputs["Position"], shift.inputs[0])
    made.join(offset.outputs["Color"], shift.inputs[1])
    made.join(shift.outputs[0], warped.inputs["Vector"])
    crack = made.ramp(warped.outputs["Distance"], [(0.0, [0.25] * 3), (0.012, [1.0] * 3)])
    where = made.ramp(made.noise(0.22, 2.0), [(0.50, [1.0] * 3), (0.58, [0.0] * 3)])
    crack = made.mix(where, crack, (1.0, 1.0, 1.0))
    colour = made.mix(1.0, colour, crack, "MULTIPLY")
    made.join(colour, "Base Color")
    if street.wet:
        film = made.ramp(made.noise(0.55, 4.0), [(0.36, [0.05] * 3), (0.70, [0.34 + 0.2 * (1 - street.wet)] * 3)])
        made.join(film, "Roughness")
        made.set("Specular IOR Level", 0.6)
        made.bump(grain, 0.0007)
    else:
        made.bump(grain, 0.006)
    return made


def _worn_paint(name: str, colour: tuple[float, float, float], wet: float) -> Material:
    made = Material(name, colour, 0.6 - 0.35 * wet)
    worn = made.ramp(made.noise(14.0, 8.0, 0.7), [(0.30, [0.0] * 3), (0.42, [1.0] * 3)])
    made.join(worn, "Alpha")
    return made


def _strip(x1: float, x2: float, y1: float, y2: float, z: float, material: Material) -> None:
    wall("strip", [(x1, y1, z), (x2, y1, z), (x2, y2, z), (x1, y2, z)], material)


def _ground(street: Street, rng: np.random.Generator) -> None:
    asphalt = _asphalt(street)
    _strip(-ROAD, ROAD, -30, street.far + 30, 0.0, asphalt)
    white = _worn_paint("white paint", (0.62, 0.61, 0.57), street.wet)
    yellow = _worn_paint("yellow paint", (0.60, 0.38, 0.05), street.wet)
    if street.marks == "dashed":
        for y in np.arange(-28.0, street.far, 6.0):
            _strip(-0.06, 0.06, y, y + 2.6, 0.003, white)
    elif street.marks == "yellow":
        for x in (-0.16, 0.06):
            _strip(x, x + 0.10, -30, street.far, 0.003, yellow)
        for x in (-ROAD + 0.3, ROAD - 0.4):
            _strip(x, x + 0.10, -30, street.far, 0.003, white)
    stone = Material("kerb", rough=0.8 - 0.4 * street.wet)
    shade = 0.6 if street.wet else 1.0
    stone.join(stone.ramp(stone.noise(14, 6), [(0.3, [0.20 * shade] * 3), (0.7, [0.36 * shade] * 3)]), "Base Color")
    slabs = Material("slabs", rough=0.85 - 0.5 * street.wet)
    place = slabs.node("ShaderNodeNewGeometry")
    brick = slabs.node("ShaderNodeTexBrick", Scale=1.0, Mortar_Size=0.012, Brick_Width=0.6, Row_Height=0.4)
    slabs.join(place.outputs["Position"], brick.inputs["Vector"])
    brick.inputs["Color1"].default_value = (0.24 * shade, 0.23 * shade, 0.215 * shade, 1)
    brick.inputs["Color2"].default_value = (0.17 * shade, 0.165 * shade, 0.155 * shade, 1)
    brick.inputs["Mortar"].default_value = (0.06, 0.06, 0.055, 1)
    stains = slabs.ramp(slabs.noise(1.3, 6), [(0.35, [0.6] * 3), (0.65, [1.1] * 3)])
    slabs.join(slabs.mix(1.0, brick.outputs["Color"], stains, "MULTIPLY"), "Base Color")
    for side in (-1, 1):
        for y in np.arange(-30.0, street.far + 20, 1.5):
            inner, outer = sorted((side * ROAD, side * (ROAD + 0.22)))
            jitter = rng.normal(0, 0.004)
            block("kerb", (inner, y + 0.006, -0.1), (outer, y + 1.494, 0.13 + jitter), stone, bevel=0.025)
        inner, outer = sorted((side * (ROAD + 0.22), side * 40))
        _strip(inner, outer, -30, street.far + 30, 0.12, slabs)
    iron = Material("iron", (0.05, 0.048, 0.045), 0.45, Metallic=0.7)
    for x, y in ((1.1, 7.0), (-2.6, 22.0)):
        lid = lathe("lid", [(0.34, -0.004), (0.33, 0.006), (0.0, 0.006)], iron)
        lid.rotation_euler = (0, -np.pi / 2, 0)
        lid.location = (x, y, 0.0)


def _houses(street: Street, rng: np.random.Generator) -> None:
    for side in (-1, 1):
        y, number = -24.0, int(rng.integers(6))
        front = side * (ROAD + 3.6)
        while y < street.far:
            wide, high = float(rng.uniform(8, 14)), 3.1 * int(rng.integers(2, 5)) + 0.8
            shop = number if street.shops and rng.random() < 0.5 else None
            number += 1
            drawn = paint_facade(rng, wide, high, street.lit, shop, street.shop_shade)
            made = Material("front")
            made.join(made.texture(image(drawn.colour, data=False)).outputs["Color"], "Base Color")
            made.join(made.texture(image(drawn.rough, data=True)).outputs["Color"], "Roughness")
            peak = float(drawn.glow.max())
            if peak > 0:
                made.join(made.texture(image(drawn.glow / peak, data=False)).outputs["Color"], "Emission Color")
                made.set("Emission Strength", peak * (0.35 if street.lit < 0.15 else 0.8))
            setback = side * float(rng.uniform(0, 0.5))
            x = front + setback
            ends = [(x, y + wide), (x, y)] if side > 0 else [(x, y), (x, y + wide)]
            wall("front", [(*ends[0], 0.1), (*ends[1], 0.1), (*ends[1], high), (*ends[0], high)], made)
            plain = Material("gable", (0.20, 0.17, 0.15), 0.9)
            block(
                "house",
                (min(x + side * 0.02, x + side * 9), y, 0),
                (max(x + side * 0.02, x + side * 9), y + wide, high),
                plain,
            )
            cornice = Material("cornice", (0.4, 0.39, 0.37), 0.8)
            block(
                "cornice",
                (min(x, x - side * 0.35), y, high - 0.35),
                (max(x, x - side * 0.35), y + wide, high),
                cornice,
                0.04,
            )
            if shop is not None:
                cloth = Material("awning", [float(c) for c in rng.uniform(0.03, 0.35, 3)], 0.8)
                wall(
                    "awning",
                    [
                        (x - side * 1.3, ends[0][1], 2.45),
                        (x - side * 1.3, ends[1][1], 2.45),
                        (x, ends[1][1], 3.2 - 0.62),
                        (x, ends[0][1], 3.2 - 0.62),
                    ],
                    cloth,
                )
            y += wide + (float(rng.uniform(1.5, 4)) if rng.random() < 0.2 else 0.0)
    end = paint_facade(rng, 40, 13.2, street.lit, None)
    made = Material("end")
    made.join(made.texture(image(end.colour, data=False)).outputs["Color"], "Base Color")
    wall(
        "end",
        [(-20, street.far + 12, 0), (20, street.far + 12, 0), (20, street.far + 12, 13), (-20, street.far + 12, 13)],
        made,
    )


def _trees(street: Street, rng: np.random.Generator) -> None:
    bark = Material("bark", (0.055, 0.042, 0.032), 0.9)
    leaf = Material("leaf", rough=0.6)
    leaf.join(leaf.ramp(leaf.noise(3.0, 3), [(0.3, (0.028, 0.06, 0.012)), (0.7, (0.085, 0.13, 0.03))]), "Base Color")
    count = round(5200 * 0.085 / street.leaf)
    towards = rng.normal(size=(count, 3))
    towards /= np.linalg.norm(towards, axis=1, keepdims=True)
    lumps = rng.normal(size=(14, 3))
    lumps /= np.linalg.norm(lumps, axis=1, keepdims=True)
    reach = 0.72 + 0.38 * np.max(towards @ lumps.T, axis=1) ** 6
    centre = towards * (reach * rng.random(count) ** 0.28)[:, None] * np.array([1.9, 1.9, 1.6]) + np.array([0, 0, 4.3])
    a = rng.normal(size=(count, 3)) * street.leaf
    b = rng.normal(size=(count, 3)) * street.leaf
    corners = np.stack([centre - a, centre + b, centre + a, centre - b], 1).reshape(-1, 3)
    crown = mesh("crown", corners, np.arange(count * 4).reshape(-1, 4), [leaf]).data
    bpy.data.objects.remove(bpy.data.objects["crown"])
    for number in range(street.trees * 2):
        side = 1 if number % 2 else -1
        x, y = side * (ROAD + 1.0), 9.0 + (number // 2) * 11.0 + float(rng.uniform(-1.5, 1.5))
        trunk = lathe("trunk", [(0.17, 0.1), (0.12, 1.4), (0.10, 3.2), (0.05, 4.6)], bark, 10)
        trunk.rotation_euler = (0, -np.pi / 2, 0)
        trunk.location = (x, y, 0)
        top = bpy.data.objects.new("crown", crown)
        bpy.context.scene.collection.objects.link(top)
        size = float(rng.uniform(0.8, 1.15))
        top.location, top.scale, top.rotation_euler = (x, y, 0), (size, size, size), (0, 0, float(rng.uniform(0, 6)))


def _lamps(street: Street) -> None:
    steel = Material("steel", (0.10, 0.11, 0.11), 0.5, Metallic=0.6)
    head = Material("lamp", (0.6, 0.6, 0.6), 0.4)
    if street.lamps:
        head.glow((1.0, 0.72, 0.40), 40.0)
    for number, y in enumerate(np.arange(-10.0, street.far, 17.0)):
        side = 1 if number % 2 else -1
        x = side * (ROAD + 0.6)
        block("pole", (x - 0.055, y - 0.055, 0), (x + 0.055, y + 0.055, 6.4), steel, 0.03)
        block("arm", (min(x, x - side * 1.3), y - 0.03, 6.34), (max(x, x - side * 1.3), y + 0.03, 6.42), steel)
        block("head", (x - side * 1.3 - 0.25, y - 0.10, 6.28), (x - side * 1.3 + 0.25, y + 0.10, 6.34), head, 0.02)
        if street.lamps:
            data = bpy.data.lights.new("lamp", "AREA")
            data.energy, data.size, data.color = street.lamps, 0.4, (1.0, 0.70, 0.38)
            lamp = bpy.data.objects.new("lamp", data)
            lamp.location = (x - side * 1.3, float(y), 6.24)
            bpy.context.scene.collection.objects.link(lamp)


def build_street(street: Street) -> None:
    """Puts the whole street into the scene."""
    rng = np.random.default_rng(street.seed)
    _ground(street, rng)
    if street.houses:
        _houses(street, rng)
    _trees(street, rng)
    _lamps(street)
