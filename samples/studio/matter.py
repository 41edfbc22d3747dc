"""Materials and meshes in Blender: short ways to make the few kinds that the street needs."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import bpy
import cv2
import numpy as np

_SCRATCH = Path(tempfile.mkdtemp(prefix="studio-"))
_NUMBER = count()
Colour = Sequence[float]


def image(picture: np.ndarray, data: bool) -> bpy.types.Image:
    """A Blender image of an array: uint8 RGB, or float in linear light. ``data``: no colours."""
    path = _SCRATCH / f"{next(_NUMBER)}.png"
    if picture.dtype != np.uint8:
        linear = picture.clip(0, 1)
        if not data:
            rgb = linear[..., :3]
            encoded = np.where(rgb <= 0.0031308, rgb * 12.92, 1.055 * np.maximum(rgb, 1e-9) ** (1 / 2.4) - 0.055)
            linear = np.concatenate([encoded, linear[..., 3:]], -1)
        picture = (linear * 255 + 0.5).astype(np.uint8)
    if picture.ndim == 3:
        picture = picture[..., [2, 1, 0, 3][: picture.shape[2]]]
    cv2.imwrite(str(path), picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    loaded = bpy.data.images.load(str(path))
    loaded.colorspace_settings.name = "Non-Color" if data else "sRGB"
    return loaded


class Material:
    """A principled surface whose node graph grows call by call."""

    def __init__(self, name: str, colour: Colour = (0.5, 0.5, 0.5), rough: float = 0.5, **inputs: float) -> None:
        self.made = bpy.data.materials.new(name)
        self.made.use_nodes = True
        self.tree = self.made.node_tree
        self.surface = self.tree.nodes["Principled BSDF"]
        self.set("Base Color", (*colour[:3], 1.0))
        self.set("Roughness", rough)
        for key, value in inputs.items():
            self.set(key.replace("_", " "), value)

    def set(self, name: str, value: object) -> None:
        self.surface.inputs[name].default_value = value

    def node(self, kind: str, **inputs: object) -> bpy.types.Node:
        made = self.tree.nodes.new(kind)
        for key, value in inputs.items():
            made.inputs[key.replace("_", " ")].default_value = value
        return made

    def join(self, source: bpy.types.NodeSocket, target: bpy.types.NodeSocket | str) -> None:
        self.tree.links.new(source, self.surface.inputs[target] if isinstance(target, str) else target)

    def texture(self, picture: bpy.types.Image, repeat: bool = False) -> bpy.types.Node:
        made = self.node("ShaderNodeTexImage")
        made.image = picture
        made.extension = "REPEAT" if repeat else "EXTEND"
        return made

    def noise(self, scale: float, detail: float = 4.0, rough: float = 0.6) -> bpy.types.NodeSocket:
        """Noise in metres of the world, 0 to 1."""
        place = self.node("ShaderNodeNewGeometry")
        made = self.node("ShaderNodeTexNoise", Scale=scale, Detail=detail, Roughness=rough)
        self.join(place.outputs["Position"], made.inputs["Vector"])
        return made.outputs[0]

    def ramp(self, value: bpy.types.NodeSocket, stops: Sequence[tuple[float, Colour]]) -> bpy.types.NodeSocket:
        made = self.node("ShaderNodeValToRGB")
        elements = made.color_ramp.elements
        while len(elements) < len(stops):
            elements.new(0.5)
        for element, (at, colour) in zip(elements, stops, strict=True):
            element.position = at
            element.color = (*colour[:3], 1.0)
        self.join(value, made.inputs[0])
        return made.outputs[0]

    def mix(self, share: bpy.types.NodeSocket, first: object, second: object, how: str = "MIX") -> bpy.types.NodeSocket:
        made = self.tree.nodes.new("ShaderNodeMixRGB")
        made.blend_type = how
        self.join(share, made.inputs[0]) if hasattr(share, "links") else setattr(made.inputs[0], "default_value", share)
        for socket, value in ((made.inputs[1], first), (made.inputs[2], second)):
            if hasattr(value, "links"):
                self.join(value, socket)
            else:
                socket.default_value = (*value[:3], 1.0)
        return made.outputs[0]

    def bump(self, height: bpy.types.NodeSocket, distance: float, strength: float = 1.0) -> None:
        made = self.node("ShaderNodeBump", Strength=strength, Distance=distance)
        self.join(height, made.inputs["Height"])
        self.join(made.outputs[0], "Normal")

    def glow(self, colour: Colour, strength: float) -> Material:
        self.set("Emission Color", (*colour[:3], 1.0))
        self.set("Emission Strength", strength)
        return self


def mesh(
    name: str,
    vertices: np.ndarray,
    faces: np.ndarray | list[list[int]],
    materials: Sequence[Material],
    smooth: bool = False,
    uv: np.ndarray | None = None,
    slots: np.ndarray | None = None,
) -> bpy.types.Object:
    """An object in the scene. ``uv`` is (corners × 2) in the faces' order, ``slots`` one material number a face."""
    data = bpy.data.meshes.new(name)
    data.from_pydata([tuple(v) for v in np.asarray(vertices).tolist()], [], [list(map(int, f)) for f in faces])
    for material in materials:
        data.materials.append(material.made)
    if slots is not None:
        data.polygons.foreach_set("material_index", np.asarray(slots, np.int32))
    if smooth:
        data.polygons.foreach_set("use_smooth", np.ones(len(data.polygons), bool))
    if uv is not None:
        layer = data.uv_layers.new(name="uv")
        layer.data.foreach_set("uv", np.asarray(uv, np.float32).ravel())
    data.update()
    made = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(made)
    return made


_CUBE = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]


def block(
    name: str, low: Sequence[float], high: Sequence[float], material: Material, bevel: float = 0.0
) -> bpy.types.Object:
    """An upright box between two corners, in metres."""
    corners = np.array(
        [[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])], float
    )
    made = mesh(name, corners, _CUBE, [material])
    if bevel:
        modifier = made.modifiers.new("bevel", "BEVEL")
        modifier.width, modifier.segments = bevel, 3
    return made


def lathe(name: str, profile: Sequence[tuple[float, float]], material: Material, steps: int = 40) -> bpy.types.Object:
    """A profile (radius, x) turned about the x axis."""
    turns = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    rings = [np.stack([np.full(steps, x), r * np.cos(turns), r * np.sin(turns)], 1) for r, x in profile]
    faces = [
        [i * steps + j, i * steps + (j + 1) % steps, (i + 1) * steps + (j + 1) % steps, (i + 1) * steps + j]
        for i in range(len(profile) - 1)
        for j in range(steps)
    ]
    return mesh(name, np.concatenate(rings), faces, [material], smooth=True)


def wall(name: str, corners: Sequence[Sequence[float]], material: Material) -> bpy.types.Object:
    """One quad, its texture upright: corners from lower left, anticlockwise as seen."""
    uv = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)
    return mesh(name, np.array(corners, float), [[0, 1, 2, 3]], [material], uv=uv)
