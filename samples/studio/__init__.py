"""The studio that made the sample pictures: plates, cars, a street, a renderer and a camera's faults.

Everything is procedural: no photo, texture file or 3D model of anybody goes in. ``../make_samples.py`` drives it.
"""

import bpy  # noqa: F401  # first: only this import makes bmesh, mathutils and bpy_extras importable
