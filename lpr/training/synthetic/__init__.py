"""Procedural plates: seeded, drawn with open fonts, seen through a camera that is rarely kind."""
