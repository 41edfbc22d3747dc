"""The letters in the blue band: read where they are legible, weighed with the format, silent where they are not."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from lpr.errors import ModelError
from lpr.models.weights import weights
from lpr.plates import Candidate, Jurisdiction, Transcript
from lpr.recognition.band import BAND_HEIGHT, BAND_WIDTH, Bands, OnnxBandReader, left_end
from lpr.recognition.jurisdiction import Look, OnnxJudge, most_probable
from lpr.recognition.plate_view import to_input
from lpr.recognition.settings import Settings

LOOK = Look(("us-ca", "us-ny", "eu", "gb", "other"), 2.0)
STATED = Settings().min_jurisdiction_confidence
EUROPEAN = np.asarray([0.0, 0.0, 14.0, 0.0, 0.0], np.float32)
BANDS = Bands(("de", "fi", "none", "se"), (0.2, 0.2, 0.4, 0.2), 1.0)


def texts(*candidates: tuple[str, float]) -> tuple[Candidate, ...]:
    return tuple(Candidate(text, p) for text, p in candidates)


def told(text: str, look: np.ndarray = EUROPEAN, **band: float) -> Jurisdiction | None:
    return most_probable(look, LOOK, texts((text, 0.95)), read_band=partial(dict, band))


def test_letters_decide_between_countries_whose_format_fits() -> None:
    assert (guess := told("ABC123")) is None or guess.confidence < STATED
    swedish = told("ABC123", se=800.0, fi=0.5, hu=0.1)
    assert swedish is not None and (swedish.code, swedish.confidence > STATED) == ("se", True)
    finnish = told("ABC123", se=0.5, fi=800.0, hu=0.1)
    assert finnish is not None and (finnish.code, finnish.confidence > STATED) == ("fi", True)


def test_clear_letters_name_a_country_whose_format_nobody_knows() -> None:
    turkish = told("MHUDGINS", tr=900.0, de=0.01)
    assert turkish is not None and (turkish.code, turkish.confidence > STATED) == ("tr", True)


def test_a_format_of_one_country_is_not_undone_by_letters_that_are_hardly_legible() -> None:
    romanian = told("IF99STK", ro=1.5, se=4.0, de=2.0)
    assert romanian is not None and (romanian.code, romanian.confidence > STATED) == ("ro", True)


def test_no_band_leaves_what_the_format_says() -> None:
    unread = most_probable(EUROPEAN, LOOK, texts(("IF99STK", 0.95)))
    empty = told("IF99STK", **dict.fromkeys(("ro", "de", "hu", "fr", "tr", "gb", "pl", "it", "bg"), 0.001))
    assert unread is not None and empty is not None
    # A little less sure: countries whose plates have no band, or that nobody knows, are somewhat more probable.
    assert (empty.code, empty.confidence) == (unread.code, pytest.approx(unread.confidence, abs=0.05))


def test_an_american_plate_s_band_is_not_even_looked_at() -> None:
    def read() -> dict[str, float]:
        raise AssertionError("read")

    american = np.asarray([9.0, 0.0, 0.0, 0.0, 0.0], np.float32)
    guess = most_probable(american, LOOK, texts(("7KDR482", 0.95)), read_band=read)
    assert guess == most_probable(american, LOOK, texts(("7KDR482", 0.95)))
    with pytest.raises(AssertionError, match="read"):
        most_probable(EUROPEAN, LOOK, texts(("7KDR482", 0.95)), read_band=read)


def test_factors_compare_with_an_end_without_letters() -> None:
    factors = BANDS.factors(np.log(np.asarray([0.1, 0.2, 0.4, 0.3])))
    assert factors == {"de": pytest.approx(0.5), "fi": pytest.approx(1.0), "se": pytest.approx(1.5)}
    # However sure the network is, no factor is without bounds; what else is possible is still told apart.
    factors = BANDS.factors(np.log(np.asarray([1e-9, 0.02, 1e-9, 0.2])))
    assert factors == {"de": pytest.approx(1.0), "fi": pytest.approx(100.0), "se": pytest.approx(1000.0)}


def test_the_left_end_has_one_size_and_is_the_upper_line_s() -> None:
    plate = np.zeros((50, 240, 3), np.uint8)
    plate[:, :30] = (200, 60, 10)
    end = left_end(plate)
    assert end.shape == (BAND_HEIGHT, BAND_WIDTH, 3)
    assert end[20, 5].tolist() == [200, 60, 10] and end[20, 45].tolist() == [0, 0, 0]
    two = np.zeros((100, 150, 3), np.uint8)
    two[60:] = 255
    assert left_end(two).max() == 0
    assert left_end(np.zeros((1, 1, 3), np.uint8)).shape == (BAND_HEIGHT, BAND_WIDTH, 3)
    batch = to_input([end, end])
    assert batch.shape == (2, 3, BAND_HEIGHT, BAND_WIDTH) and (batch.min(), batch.dtype) == (-1.0, np.float32)


@pytest.mark.parametrize(
    "content",
    ['{"classes": 3}', '{"classes": ["de"], "shares": [1], "temperature": 1}', "no JSON",
     '{"classes": ["de", "none"], "shares": [1], "temperature": 1}',
     '{"classes": ["de", "none"], "shares": [1, 0], "temperature": 1}'],
)  # fmt: skip
def test_a_description_that_is_none_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "band.json").write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=r"band\.json does not describe"):
        Bands.read(tmp_path / "band.json")


def write(image: np.ndarray, word: str, middle: tuple[int, int], size: int, ink: tuple[int, int, int]) -> None:
    face = ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans-Bold.ttf"), size)
    picture = Image.fromarray(image)
    ImageDraw.Draw(picture).text(middle, word, fill=ink, font=face, anchor="mm")
    image[:] = np.asarray(picture)


def plate(word: str | None, width: int = 260) -> np.ndarray:
    """A white plate with a margin of grey, drawn by hand and not by the generator: the band, its stars, its letters."""
    image = np.full((132, 582, 3), 90, np.uint8)
    image[11:121, 31:551] = 240
    cv2.rectangle(image, (31, 11), (550, 120), (30, 30, 30), 2)
    if word is not None:
        image[13:119, 33:78] = (170, 60, 10)
        for k in range(12):
            turn = k * np.pi / 6
            cv2.circle(image, (round(55 + 15 * np.sin(turn)), round(45 - 15 * np.cos(turn))), 2, (40, 205, 240), -1)
        write(image, word, (55, 98), 30 if len(word) < 3 else 22, (255, 255, 255))
    write(image, "ABC 123", (316, 66), 92, (20, 20, 20))
    return cv2.resize(image, (width, round(width * 132 / 582)), interpolation=cv2.INTER_AREA)


@pytest.fixture(scope="module")
def shipped() -> OnnxBandReader:
    return OnnxBandReader(weights("plate_band.onnx"), Bands.read(weights("plate_band.json")), threads=1)


@pytest.mark.parametrize(
    ("word", "code"), [("S", "se"), ("FIN", "fi"), ("LT", "lt"), ("D", "de"), ("RO", "ro"), ("F", "fr"), ("PL", "pl")]
)
def test_the_shipped_network_reads_legible_letters(word: str, code: str, shipped: OnnxBandReader) -> None:
    factors = shipped.read(plate(word))
    assert max(factors, key=factors.__getitem__) == code
    assert factors[code] > 50


def test_the_shipped_network_sees_that_there_is_no_band(shipped: OnnxBandReader) -> None:
    assert max(shipped.read(plate(None)).values()) < 1


def test_letters_that_are_too_small_are_not_read(shipped: OnnxBandReader) -> None:
    assert shipped.read(plate("S", 60)) == {}
    assert most_probable(EUROPEAN, LOOK, texts(("IF99STK", 0.95)), read_band=dict) == most_probable(
        EUROPEAN, LOOK, texts(("IF99STK", 0.95))
    )


class SaysEuropean:
    def __call__(self, batch: np.ndarray) -> np.ndarray:
        return np.repeat(EUROPEAN[None], len(batch), 0)


@pytest.mark.parametrize(("word", "code"), [("S", "se"), ("FIN", "fi"), ("LT", "lt"), (None, None)])
def test_a_judge_states_the_country_of_a_legible_band_and_none_without_one(
    word: str | None, code: str | None, shipped: OnnxBandReader, tmp_path: Path
) -> None:
    judge = OnnxJudge(tmp_path / "none.onnx", LOOK, network=SaysEuropean(), bands=shipped)
    guess = judge.judge(plate(word), Transcript("ABC123", "ABC123", 0.95, (), texts(("ABC123", 0.95))))
    stated = guess.code if guess is not None and guess.confidence >= STATED else None
    assert stated == code
