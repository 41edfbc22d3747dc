"""One picture: a street, cars, light and a camera, rendered by Cycles; and where the plates fall in it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import addon_utils
import bpy
import mathutils
import numpy as np
from bpy_extras.object_utils import world_to_camera_view
from PIL import Image

from studio.cars import Car, build_car
from studio.shapes import SHAPES
from studio.street import Street, build_street

WIDTH, HEIGHT = 1280, 720
Part = tuple[int, int, int, int]


@dataclass(frozen=True)
class Light:
    """Sky and what else shines. ``sun`` and ``azimuth`` in degrees; a sun of None is an overcast or night sky."""

    sun: float | None = 40.0
    azimuth: float = 200.0
    strength: float = 0.12
    sky: tuple[float, float, float] = (0.5, 0.55, 0.6)  # of an overcast or night sky
    exposure: float = 0.0
    infrared: float = 0.0  # watts of a lamp beside the lens


@dataclass(frozen=True)
class Lens:
    """Where the camera hangs, what it looks at, and its focal length on a 36 mm wide sensor."""

    place: tuple[float, float, float]
    target: tuple[float, float, float]
    focal: float = 50.0
    roll: float = 0.0


@dataclass(frozen=True)
class Scene:
    street: Street
    light: Light
    lens: Lens
    cars: tuple[Car, ...] = field(default=())
    seed: int = 1


def _sky(light: Light) -> None:
    world = bpy.data.worlds.new("world")
    world.use_nodes = True
    bpy.context.scene.world = world
    ground = world.node_tree.nodes["Background"]
    ground.inputs[1].default_value = light.strength
    if light.sun is None:
        ground.inputs[0].default_value = (*light.sky, 1.0)
        return
    sky = world.node_tree.nodes.new("ShaderNodeTexSky")
    sky.sky_type = "MULTIPLE_SCATTERING"
    sky.sun_elevation, sky.sun_rotation = np.radians(light.sun), np.radians(light.azimuth)
    sky.sun_size = np.radians(1.2)
    world.node_tree.links.new(sky.outputs[0], ground.inputs[0])


def _headlights(car: Car, root: bpy.types.Object, length: float) -> None:
    for side in (1, -1):
        data = bpy.data.lights.new("headlight", "SPOT")
        data.energy, data.spot_size, data.spot_blend, data.color = 90.0, 1.0, 0.7, (1.0, 0.92, 0.8)
        data.shadow_soft_size = 0.06
        lamp = bpy.data.objects.new("headlight", data)
        lamp.parent = root
        lamp.location, lamp.rotation_euler = (side * 0.66, length + 0.1, 0.62), (np.radians(84), 0, 0)
        bpy.context.scene.collection.objects.link(lamp)


def _camera(lens: Lens, light: Light) -> bpy.types.Object:
    data = bpy.data.cameras.new("camera")
    data.lens = lens.focal
    camera = bpy.data.objects.new("camera", data)
    camera.location = lens.place
    look = mathutils.Vector(lens.target) - camera.location
    camera.rotation_euler = look.to_track_quat("-Z", "Y").to_euler()
    camera.rotation_euler.rotate_axis("Z", np.radians(lens.roll))
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.scene.camera = camera
    if light.infrared:
        shine = bpy.data.lights.new("infrared", "SPOT")
        shine.energy, shine.spot_size, shine.spot_blend, shine.shadow_soft_size = light.infrared, 0.62, 1.0, 0.05
        lamp = bpy.data.objects.new("infrared", shine)
        lamp.parent = camera
        lamp.location = (0.12, 0.10, 0)
        bpy.context.scene.collection.objects.link(lamp)
    return camera


@dataclass
class Stage:
    """The built scene: its camera, and each car's root and plate."""

    camera: bpy.types.Object
    cars: list[tuple[Car, bpy.types.Object, bpy.types.Object | None]]

    def corners(self, plate: bpy.types.Object) -> list[tuple[float, float]]:
        """A plate's corners in pixels of the picture, as it stands now."""
        bpy.context.view_layer.update()
        seen = [
            world_to_camera_view(bpy.context.scene, self.camera, plate.matrix_world @ v.co) for v in plate.data.vertices
        ]
        return [(p.x * WIDTH, (1 - p.y) * HEIGHT) for p in seen]

    def rear_face(self, number: int) -> np.ndarray:
        """Corners of a car's rear face in pixels (4 × 2), as it stands now."""
        bpy.context.view_layer.update()
        car, root, _ = self.cars[number]
        shape = SHAPES[car.shape]
        low, high, half = shape.clearance, shape.height - 0.1, shape.half_width - 0.05
        points = [(-half, 0, low), (half, 0, low), (half, 0, high), (-half, 0, high)]
        scene = bpy.context.scene
        seen = [world_to_camera_view(scene, self.camera, root.matrix_world @ mathutils.Vector(p)) for p in points]
        return np.array([(p.x * WIDTH, (1 - p.y) * HEIGHT) for p in seen])

    def render(self, samples: int, threads: int, share: float = 1.0, part: Part | None = None) -> np.ndarray:
        """The picture, or ``part`` of it (x1, y1, x2, y2 in pixels), as height × width × 3, uint8, RGB.

        ``share`` of the pixels each way is rendered and enlarged: a street camera's picture is soft anyway.
        """
        settings = bpy.context.scene.render
        bpy.context.scene.cycles.samples = samples
        settings.resolution_percentage = round(share * 100)
        settings.threads_mode, settings.threads = "FIXED", threads
        settings.use_border = settings.use_crop_to_border = part is not None
        x1, y1, x2, y2 = part or (0, 0, WIDTH, HEIGHT)
        settings.border_min_x, settings.border_max_x = x1 / WIDTH, x2 / WIDTH
        settings.border_min_y, settings.border_max_y = 1 - y2 / HEIGHT, 1 - y1 / HEIGHT
        with tempfile.TemporaryDirectory() as folder:
            settings.filepath = str(Path(folder) / "clean.png")
            bpy.ops.render.render(write_still=True)
            made = Image.open(settings.filepath).convert("RGB")
        return np.asarray(made.resize((x2 - x1, y2 - y1), Image.Resampling.LANCZOS))


def build(scene: Scene) -> Stage:
    """An empty Blender filled with the scene."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    addon_utils.enable("cycles")
    current = bpy.context.scene
    current.render.engine = "CYCLES"
    current.cycles.use_denoising = True
    current.cycles.denoising_quality = "FAST"  # the camera's noise hides what it misses
    current.cycles.seed = scene.seed
    current.cycles.max_bounces = 4
    current.cycles.use_adaptive_sampling, current.cycles.adaptive_threshold = True, 0.06
    current.render.resolution_x, current.render.resolution_y = WIDTH, HEIGHT
    current.view_settings.view_transform = "Filmic"
    current.view_settings.look = "Medium High Contrast"
    current.view_settings.exposure = scene.light.exposure
    current.render.use_persistent_data = True  # a clip's frames share all but one place
    rng = np.random.default_rng(scene.seed)
    _sky(scene.light)
    build_street(scene.street)
    cars = []
    for car in scene.cars:
        root, plate = build_car(car, rng)
        cars.append((car, root, plate))
        if car.lamps:
            _headlights(car, root, SHAPES[car.shape].length)
    return Stage(_camera(scene.lens, scene.light), cars)
