"""Fonts that look like plate dies, and their glyphs as masks.

None is shipped. Any folder of TrueType, OpenType or WOFF files serves; the recipe of the shipped reader used the
npm packages that ``docs/recognition.md`` lists and the fonts of the distribution.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from lpr.errors import DatasetError
from lpr.normalize import ALPHABET

#: Height of a cached glyph, pixels; plates are drawn with glyphs scaled down from it.
GLYPH_HEIGHT = 96

_SUFFIXES = {".ttf", ".otf", ".woff", ".woff2"}
#: Faces whose capitals and digits resemble stamped dies; others serve for headers, slogans and dealers' frames.
DIES = (
    "archivo-narrow", "barlow-condensed", "barlow-semi-condensed", "b612-mono", "big-shoulders", "dosis", "fjalla-one",
    "liberationsansnarrow", "oswald", "overpass", "pathway-gothic", "pt-sans-narrow", "rajdhani", "roboto-condensed",
    "saira", "share-tech", "sofia-sans", "antonio", "league-gothic", "dejavusansmono", "dejavusanscondensed",
    "freesansbold", "robotocondensed",
)  # fmt: skip
_WEIGHTS = ("400-normal", "500-normal", "600-normal", "700-normal", "800-normal")


class Die:
    """One face's glyphs of the plate alphabet, as float32 masks of GLYPH_HEIGHT rows, 0 to 1."""

    def __init__(self, path: Path) -> None:
        from PIL import Image, ImageDraw, ImageFont

        self.name = path.stem
        font = ImageFont.truetype(str(path), GLYPH_HEIGHT)
        left, top, right, bottom = font.getbbox("H")
        font = ImageFont.truetype(str(path), round(GLYPH_HEIGHT * GLYPH_HEIGHT / max(1, bottom - top)))
        _, top, _, bottom = font.getbbox("H")
        self.masks: dict[str, np.ndarray] = {}
        for character in ALPHABET:
            left, high, right, low = font.getbbox(character)
            high, low = min(high, top), max(low, bottom)
            picture = Image.new("L", (max(1, int(right - left)), max(1, int(low - high))))
            ImageDraw.Draw(picture).text((-left, -high), character, fill=255, font=font)
            mask = np.asarray(picture, np.float32) / 255
            if low - high > 1.04 * (bottom - top):  # descenders of a Q would shrink its bowl: cut them instead
                mask = mask[: round(1.04 * (bottom - top))]
            width = max(4, round(mask.shape[1] * GLYPH_HEIGHT / mask.shape[0]))
            self.masks[character] = cv2.resize(mask, (width, GLYPH_HEIGHT), interpolation=cv2.INTER_AREA)
        #: A G that is a C with a short bar, as Italian and some American dies stamp it.
        self.plain_g = _plain_g(self.masks["C"], self.masks["G"])
        if len({mask.tobytes() for mask in self.masks.values()}) < len(ALPHABET) - 1:  # O and 0 are one in some dies
            raise DatasetError(f"{path} draws two plate characters alike; take it out of the font folder")


def _plain_g(c: np.ndarray, g: np.ndarray) -> np.ndarray:
    height, width = g.shape
    bar = np.zeros_like(g)
    bar[round(0.48 * height) : round(0.74 * height), round(0.55 * width) :] = 1
    plain: np.ndarray = np.maximum(cv2.resize(c, (width, height), interpolation=cv2.INTER_AREA), g * bar)
    return plain


class Lettering:
    """A face for small print: states, slogans, dealers. Lines are drawn once per text and kept."""

    def __init__(self, path: Path) -> None:
        from PIL import ImageFont

        self._font = ImageFont.truetype(str(path), 40)
        self._lines: dict[str, np.ndarray] = {}

    def line(self, text: str) -> np.ndarray:
        from PIL import Image, ImageDraw

        if text not in self._lines:
            left, top, right, bottom = self._font.getbbox(text)
            picture = Image.new("L", (max(1, int(right - left)), max(1, int(bottom - top))))
            ImageDraw.Draw(picture).text((-left, -top), text, fill=255, font=self._font)
            if len(self._lines) > 400:
                self._lines.clear()
            self._lines[text] = np.asarray(picture, np.float32) / 255
        return self._lines[text]


def font_files(folder: Path) -> list[Path]:
    """The font files below ``folder``, sorted; of web font packages only the Latin upright files, one format each.

    Raises DatasetError when there is none.
    """
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)
    chosen = [path for path in files if "@fontsource" not in path.parts or _is_wanted_web_font(path)]
    if not chosen:
        raise DatasetError(
            f"{folder} holds no fonts; install some (docs/recognition.md) and name the folder with --fonts"
        )
    return chosen


def _is_wanted_web_font(path: Path) -> bool:
    return (
        path.suffix == ".woff"
        and "-latin-ext-" not in path.name
        and "-latin-" in path.name
        and path.stem.endswith(_WEIGHTS)
    )


def load_fonts(folder: Path) -> tuple[list[Die], list[Lettering]]:
    """Dies and lettering of the fonts below ``folder``; faces that cannot draw a plate serve for lettering only."""
    dies, letterings = [], []
    for path in font_files(folder):
        name = path.stem.lower()
        if any(die in name for die in DIES) and "italic" not in name and "oblique" not in name:
            dies.append(Die(path))
        letterings.append(Lettering(path))
    if not dies:
        raise DatasetError(f"{folder} holds no font that resembles a plate's die; lpr knows {', '.join(DIES)}")
    return dies, letterings
