"""Cars in Blender: body, wheels, mirrors, and the plate screwed on."""

from __future__ import annotations

from dataclasses import dataclass

import bmesh
import bpy
import numpy as np

from studio.matter import Material, block, image, lathe, mesh
from studio.paint import Panel, paint_front, paint_rear, paint_side, paint_top
from studio.plates import LAYOUTS, draw_plate
from studio.shapes import PICKUP, SHAPES, Shape, body, front, rear


@dataclass(frozen=True)
class Car:
    """A car of the scene: where its rear bumper's middle stands, which way it heads (0: away), what it shows."""

    shape: str
    paint: tuple[float, float, float]
    x: float
    y: float
    heading: float = 0.0  # degrees, anticlockwise
    plate: str = ""  # as written on it; empty: no plate that the camera could see
    layout: str = "eu"
    country: str = ""
    brake: float = 0.0  # strength of the tail lamps
    lamps: float = 0.0  # strength of the headlamps
    plate_light: float = 0.0
    matt: float = 0.28
    plate_front: bool = False


def _panel_material(name: str, panel: Panel) -> Material:
    made = Material(name)
    colour = made.texture(image(panel.colour, data=False))
    finish = made.texture(image(panel.finish, data=True))
    split = made.node("ShaderNodeSeparateColor")
    made.join(finish.outputs["Color"], split.inputs[0])
    made.join(colour.outputs["Color"], "Base Color")
    made.join(colour.outputs["Alpha"], "Alpha")
    made.join(split.outputs[0], "Roughness")
    made.join(split.outputs[1], "Metallic")
    made.join(split.outputs[2], "Coat Weight")
    made.set("Coat Roughness", 0.04)
    peak = float(panel.glow.max())
    if peak > 0:
        glow = made.texture(image(panel.glow / peak, data=False))
        made.join(glow.outputs["Color"], "Emission Color")
        made.set("Emission Strength", peak)
    return made


def _body(shape: Shape, panels: list[Panel], parent: bpy.types.Object) -> None:
    vertices, quads = body(shape)
    raw = mesh("body", vertices, quads, [_panel_material("panel", panel) for panel in panels], smooth=True)
    solid = bmesh.new()
    solid.from_mesh(raw.data)
    bmesh.ops.remove_doubles(solid, verts=solid.verts, dist=0.0005)
    bmesh.ops.recalc_face_normals(solid, faces=solid.faces)
    layer = solid.loops.layers.uv.new("uv")
    for face in solid.faces:
        n = face.normal
        if n.z > 0.62:
            slot, (a, b) = 3, (0, 1)
        elif abs(n.x) > 0.75 or n.z < -0.7:
            slot, (a, b) = 2, (1, 2)
        else:
            slot, (a, b) = (0 if n.y < 0 else 1), (0, 2)
        panel = panels[slot]
        face.material_index = slot
        for loop in face.loops:
            p = loop.vert.co
            loop[layer].uv = ((p[a] - panel.left) / panel.width, (p[b] - panel.low) / panel.height)
    solid.to_mesh(raw.data)
    solid.free()
    raw.parent = parent


def _wheel(shape: Shape, x: float, y: float, side: float, parent: bpy.types.Object) -> None:
    r = shape.wheel
    rubber = Material("rubber", (0.012, 0.012, 0.012), 0.75)
    alloy = Material("alloy", (0.42, 0.42, 0.43), 0.28, Metallic=1.0)
    dark = Material("dark", (0.01, 0.01, 0.01), 0.6)
    wide = 0.11
    tyre = [
        (r * 0.66, -wide),
        (r * 0.94, -wide),
        (r, -wide * 0.75),
        (r, wide * 0.75),
        (r * 0.94, wide),
        (r * 0.66, wide),
    ]
    parts = [
        lathe("tyre", tyre, rubber),
        lathe("rim", [(r * 0.70, wide), (r * 0.64, wide * 0.95), (r * 0.62, wide * 0.45)], alloy),
        lathe("well", [(r * 0.66, wide * 0.45), (0.0, wide * 0.40)], dark),
        lathe("hub", [(r * 0.17, wide * 0.4), (r * 0.15, wide * 0.82), (0.0, wide * 0.85)], alloy),
    ]
    for turn in np.arange(5) * 2 * np.pi / 5:
        spoke = block("spoke", (wide * 0.5, -0.028, 0.03), (wide * 0.88, 0.028, r * 0.66), alloy, bevel=0.008)
        spoke.rotation_euler = (turn, 0, 0)
        parts.append(spoke)
    holder = bpy.data.objects.new("wheel", None)
    bpy.context.scene.collection.objects.link(holder)
    for part in parts:
        part.parent = holder
    holder.location = (x, y, r)
    holder.scale = (side, 1, 1)
    holder.parent = parent


def _mirrors(shape: Shape, paint: tuple[float, float, float], parent: bpy.types.Object) -> None:
    shell = Material("mirror", paint, 0.3, Coat_Weight=1.0)
    glass = Material("mirror glass", (0.7, 0.7, 0.72), 0.03, Metallic=1.0)
    for side in (1, -1):
        x, y, z = side * (shape.half_width + 0.02), shape.side_glass[1] - 0.28, shape.belt + 0.10
        case = block("mirror", (-0.12, -0.05, -0.075), (0.12, 0.07, 0.075), shell, bevel=0.045)
        case.location = (x + side * 0.06, y, z)
        pane = block("pane", (-0.09, -0.056, -0.05), (0.09, -0.051, 0.05), glass)
        pane.location = case.location
        for part in (case, pane):
            part.parent = parent


def _plate(car: Car, shape: Shape, rng: np.random.Generator, parent: bpy.types.Object) -> bpy.types.Object:
    layout = LAYOUTS[car.layout]
    w, h = layout.width / 1000, layout.height / 1000
    colours, relief = draw_plate(car.layout, car.plate, car.country, rng)
    made = Material("plate", rough=0.42, Specular_IOR_Level=0.35)
    picture = made.texture(image(colours, data=False))
    made.join(picture.outputs["Color"], "Base Color")
    made.bump(made.texture(image(relief, data=True)).outputs["Color"], 0.0012)
    if car.plate_light:
        made.join(picture.outputs["Color"], "Emission Color")
        made.set("Emission Strength", car.plate_light)
    face = np.array([[-w / 2, 0, -h / 2], [w / 2, 0, -h / 2], [w / 2, 0, h / 2], [-w / 2, 0, h / 2]])
    uv = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)
    sheet = mesh("plate", face, [[0, 1, 2, 3]], [made], uv=uv)
    back = block(
        "plate back",
        (-w / 2 - 0.008, 0.003, -h / 2 - 0.008),
        (w / 2 + 0.008, 0.04, h / 2 + 0.008),
        Material("holder", (0.01, 0.01, 0.01), 0.5),
    )
    back.parent = sheet
    sheet.parent = parent
    flat = np.array([0.0])
    if car.plate_front:
        z = 0.46 + (shape.belt - 0.93)
        sheet.location = (0, float(front(shape, flat, np.array([z]))[0]) + 0.03, z)
        sheet.rotation_euler = (0, 0, np.pi)
    else:
        z = shape.plate_height
        low = min(float(rear(shape, flat, np.array([z + d]))[0]) for d in (-h / 2, 0, h / 2))
        sheet.location = (0, low - 0.02, z)
        sheet.rotation_euler = (-0.04, 0, float(rng.normal(0, 0.004)))
    return sheet


def build_car(car: Car, rng: np.random.Generator) -> tuple[bpy.types.Object, bpy.types.Object | None]:
    """The car's root object and its plate, whose corners are the label; None without a plate."""
    shape = SHAPES[car.shape]
    root = bpy.data.objects.new("car", None)
    bpy.context.scene.collection.objects.link(root)
    layout = LAYOUTS[car.layout]
    size = (layout.width / 1000, layout.height / 1000)
    panels = [
        paint_rear(shape, car.paint, car.matt, size, car.brake),
        paint_front(shape, car.paint, car.matt, car.lamps),
        paint_side(shape, car.paint, car.matt, car.brake),
        paint_top(shape, car.paint, car.matt),
    ]
    for panel in panels[:3]:  # the fourth looks upward: rain keeps it clean
        panel.soil(rng)
    _body(shape, panels, root)
    for axle in shape.axles:
        for side in (1, -1):
            _wheel(shape, side * (shape.half_width - 0.13), axle, side, root)
    hollow = Material("underneath", (0.004, 0.004, 0.004), 0.9)
    block(
        "underneath",
        (-shape.half_width + 0.28, 0.35, 0.16),
        (shape.half_width - 0.28, shape.length - 0.5, 0.62),
        hollow,
    ).parent = root
    _mirrors(shape, car.paint if shape is not PICKUP else (0.02, 0.02, 0.02), root)
    if shape.height < 1.6:
        fin = block("antenna", (-0.02, 0, 0), (0.02, 0.16, 0.05), Material("fin", car.paint, 0.3), bevel=0.018)
        fin.location = (0, shape.pillars[0] + 0.15, shape.height + 0.01)
        fin.parent = root
    plate = _plate(car, shape, rng, root) if car.plate else None
    root.location = (car.x, car.y, 0)
    root.rotation_euler = (0, 0, np.radians(car.heading))
    return root, plate
