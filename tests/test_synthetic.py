"""The generator of synthetic plates: reproducible, legible, of the reader's form."""

from __future__ import annotations

import random
import re
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import pytest

from lpr.errors import DatasetError
from lpr.normalize import ALPHABET, normalize
from lpr.recognition.crop import INPUT_HEIGHT, INPUT_WIDTH
from lpr.training.synthetic import serials
from lpr.training.synthetic.camera import expose
from lpr.training.synthetic.canvas import Canvas
from lpr.training.synthetic.fonts import Die, font_files
from lpr.training.synthetic.generator import PlateGenerator
from lpr.training.synthetic.stamping import write_serial

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
DIE = FONTS / "DejaVuSansMono-Bold.ttf"


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fonts")
    for name in ("DejaVuSansMono-Bold.ttf", "DejaVuSans.ttf", "DejaVuSerif.ttf"):
        (folder / name).write_bytes((FONTS / name).read_bytes())
    return folder


def test_same_seed_gives_the_same_plates_and_another_seed_others(fonts: Path) -> None:
    one, two, other = (PlateGenerator(fonts, seed) for seed in (7, 7, 8))
    first = [one.crop() for _ in range(8)]
    again = [two.crop() for _ in range(8)]
    assert [crop.text for crop in first] == [crop.text for crop in again]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(first, again, strict=True))
    assert [crop.text for crop in first] != [other.crop().text for _ in range(8)]


def test_crops_have_the_readers_form_and_texts_its_alphabet(fonts: Path) -> None:
    generator = PlateGenerator(fonts, 1)
    crops = [generator.crop() for _ in range(60)]
    assert {crop.image.shape for crop in crops} == {(INPUT_HEIGHT, INPUT_WIDTH)}
    assert {crop.image.dtype for crop in crops} == {np.dtype(np.uint8)}
    assert all(1 <= len(crop.text) <= 12 and set(crop.text) <= set(ALPHABET) for crop in crops)
    assert np.median([crop.image.std() for crop in crops]) > 15  # something is to be seen on most of them


def test_a_stamped_character_looks_like_its_glyph() -> None:
    die = Die(DIE)
    canvas = Canvas(60, 80, (255, 255, 255))
    write_serial(canvas, random.Random(0), die, "T", (10, 10, 50, 70), (0, 0, 0), 0.0, (1.0, 1.0))
    dark = canvas.image[..., 0] < 128
    rows, columns = np.nonzero(dark)
    assert (rows.min(), rows.max()) == (10, 69)  # as high as its box
    bar, foot = dark[12:16].sum(), dark[60:66].sum()
    assert bar > foot  # a T: the bar above is wider than its foot
    assert abs(columns.mean() - 30) < 3


@pytest.mark.parametrize(
    ("formats", "text"),
    [
        (("@@@-####",), lambda t: t[:3].isalpha() and t[3] == "-" and t[4:].isdigit()),
        (("#@@@###",), lambda t: t[0].isdigit() and t[1:4].isalpha() and t[4:].isdigit()),
    ],
)
def test_serials_follow_their_format(formats: tuple[str, ...], text: object) -> None:
    rng = random.Random(3)
    assert callable(text)
    assert all(text(serials.serial(rng, formats)) for _ in range(50))


def test_indian_serials_begin_with_a_state_and_break_once() -> None:
    rng = random.Random(3)
    drawn = [serials.indian(rng, serials.INDIA_TWO_LINE) for _ in range(200)]
    assert all(text.count("|") == 1 for text in drawn)
    assert {text[:2] for text in drawn} >= {"MH", "DL", "KA", "TN"}
    assert all(
        re.fullmatch(r"[A-Z]{2}[0-9]{1,2}[A-Z]{1,3}[0-9]{4}", normalize(text.replace("|", ""))) for text in drawn
    )


def test_vanity_plates_fit_on_a_plate() -> None:
    rng = random.Random(5)
    drawn = [serials.vanity(rng) for _ in range(300)]
    assert all(2 <= len(text) <= 8 for text in drawn)
    assert len(set(drawn)) > 200


def test_exposure_keeps_form_and_is_seeded() -> None:
    ramp = np.tile(np.arange(0, 240, 2, dtype=np.uint8), (40, 1))
    one, two = expose(ramp, random.Random(9)), expose(ramp, random.Random(9))
    assert one.shape == ramp.shape and one.dtype == np.uint8
    assert np.array_equal(one, two)


def test_a_folder_without_fonts_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"holds no fonts; .*--fonts"):
        PlateGenerator(tmp_path, 0)


def test_web_font_packages_give_one_upright_latin_file_a_weight(tmp_path: Path) -> None:
    folder = tmp_path / "@fontsource" / "overpass" / "files"
    folder.mkdir(parents=True)
    for name in (
        "overpass-latin-400-normal.woff", "overpass-latin-400-normal.woff2", "overpass-latin-400-italic.woff",
        "overpass-latin-ext-400-normal.woff", "overpass-latin-200-normal.woff", "overpass-cyrillic-400-normal.woff",
    ):  # fmt: skip
        (folder / name).write_bytes(b"")
    assert [path.name for path in font_files(tmp_path)] == ["overpass-latin-400-normal.woff"]


def test_a_drawn_plate_can_be_told_from_its_ground(fonts: Path) -> None:
    """Square to the viewer and in full light every family's characters stand out by Otsu's threshold."""
    from lpr.training.synthetic.fonts import load_fonts
    from lpr.training.synthetic.layouts import Draughtsman

    draughtsman = Draughtsman(*load_fonts(fonts))
    rng = random.Random(11)
    contrasts = []
    for _ in range(40):
        grey = cv2.cvtColor(draughtsman.draw(rng).image, cv2.COLOR_BGR2GRAY)
        level, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)
        contrasts.append(float(grey[grey > level].mean()) - float(grey[grey <= level].mean()))
    assert np.median(contrasts) > 90
