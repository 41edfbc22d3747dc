"""Who issued a plate: judged by its look, and by its text as far as serial formats tell; often nobody can say.

A small network sees the plate in colour and tells US states, some provinces, and the look of other countries' plates
apart. What the serial formats (``region_table``) say of the text is a second witness, of less weight: a text alone
never makes a state probable, since one form is that of twenty states. Of plates that look European two things name the
country: the format, weighed by how many cars each country has, and the letters in the blue band (``band``). Where the
band cannot be read and several countries' formats fit, none is certain.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from lpr.errors import ModelError
from lpr.plates import Candidate, Jurisdiction, Transcript
from lpr.recognition.band import BandReader
from lpr.recognition.network import Network, open_network
from lpr.recognition.plate_view import prepare, to_input
from lpr.recognition.region_table import regions

#: The class of plates that look European, and that of all that the network does not know.
EUROPEAN, OTHER = "eu", "other"
#: The weight of the text beside the look: chosen on the validation split (docs/recognition.md).
TEXT_WEIGHT = 0.5
#: The share of plates whose text has none of their region's forms: vanity, specialty, old issues, misreads.
_FREE = 0.15
#: The probability of any one arrangement of letters and digits among texts without a form.
_ARRANGEMENT = 0.02
#: Candidates whose texts are weighed.
_CANDIDATES = 3
#: Cars (millions) in countries whose plates look European and that the tables do not have.
_ELSEWHERE = 60.0
#: Those of them whose letters in the band are known, 2021 or 2022, rounded (national statistics).
_BAND_ALONE = {"tr": 14.3, "ua": 10.0, "rs": 2.3, "ba": 1.0, "al": 0.7, "md": 0.7, "mk": 0.45, "me": 0.23}
#: The share of European plates whose letters a photo shows, the country's band being there.
_SHOWN = 0.6
#: The share of plates with the letters, where it is far below that of the rest: the band is new, or left to the owner.
_BANDED = {"gb": 0.4, "no": 0.6, "dk": 0.6, "hr": 0.5, "se": 0.8, "fi": 0.8, "ch": 0.0}
#: How probable a European look must be for the band to be read at all.
_LOOKS_EUROPEAN = 0.2


class PlateJudge(Protocol):
    """Says who issued a plate; any object with this method can be given to Recognizer."""

    def judge(self, crop: np.ndarray, transcript: Transcript) -> Jurisdiction | None:
        """The most probable issuer of the plate in ``crop`` (height × width × 3, uint8, BGR, with a small margin).

        ``transcript`` is what was read of it. However doubtful, the most probable one is given; None when the plate
        is of no jurisdiction that this judge knows.
        """
        ...


@dataclass(frozen=True)
class Look:
    """What the network was trained to tell: its ``classes`` in order, and the ``temperature`` of its logits."""

    classes: tuple[str, ...]
    temperature: float

    @staticmethod
    def read(path: Path) -> Look:
        """From the JSON beside the weights. Raises ModelError."""
        try:
            row = json.loads(path.read_text(encoding="utf-8"))
            return Look(tuple(row["classes"]), float(row["temperature"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{path} does not describe the jurisdiction network; install lpr again") from error


class OnnxJudge:
    """The shipped network (``plates`` in, ``logits`` out), the tables, and the reader of bands, None for no such.

    Raises ModelError, EngineError.
    """

    def __init__(
        self,
        path: Path,
        look: Look,
        text_weight: float = TEXT_WEIGHT,
        threads: int | None = None,
        network: Network | None = None,
        bands: BandReader | None = None,
    ) -> None:
        self._network = network if network is not None else open_network(path, threads)
        self._look = look
        self._text_weight = text_weight
        self._bands = bands

    def judge(self, crop: np.ndarray, transcript: Transcript) -> Jurisdiction | None:
        logits = self._network(to_input([prepare(crop)]))[0]
        read_band = None if self._bands is None else partial(self._bands.read, crop)
        return most_probable(logits, self._look, transcript.candidates, self._text_weight, read_band)


def most_probable(
    logits: np.ndarray,
    look: Look,
    candidates: Sequence[Candidate],
    text_weight: float = TEXT_WEIGHT,
    read_band: Callable[[], Mapping[str, float]] | None = None,
) -> Jurisdiction | None:
    """The most probable issuer by the network's ``logits`` (one per class) and the texts that were read.

    ``read_band`` gives what the letters in the band speak for (see BandReader); it is asked only where the plate may
    be one of Europe.
    """
    texts = [c for c in candidates if c.text][:_CANDIDATES]
    by_code = _by_look(logits, look, texts, text_weight)
    looks_european = by_code.get(EUROPEAN, 0.0) + by_code.get("gb", 0.0) >= _LOOKS_EUROPEAN
    band = read_band() if read_band is not None and looks_european else {}
    european = by_code.pop(EUROPEAN, 0.0)
    none = by_code.pop(OTHER, 0.0)
    if not band:
        countries = _countries(texts)
        unnamed = 1.0 - sum(countries.values())
    else:
        countries = _countries_by_band(texts, band)
        # With clear letters a plate is hardly one of the Americas; Britain's look is a class of its own.
        factor = sum(countries.values())
        countries = {code: share / factor for code, share in countries.items()}
        unnamed = countries.pop(OTHER)
        european *= factor
        if "gb" in by_code:
            by_code["gb"] *= _speaks_for("gb", band)
        total = european + none + sum(by_code.values())
        european, none = european / total, none / total
        by_code = {code: probability / total for code, probability in by_code.items()}
    for code, share in countries.items():
        by_code[code] = by_code.get(code, 0.0) + european * share
    code, probability = max(by_code.items(), key=lambda item: item[1])
    # A European plate whose country is not told is of nobody, like one of the class "other".
    return Jurisdiction(code, min(1.0, probability)) if probability > none + european * unnamed else None


def _by_look(logits: np.ndarray, look: Look, texts: Sequence[Candidate], text_weight: float) -> dict[str, float]:
    """The probability of each class by the look and, with its weight, by the text."""
    scaled = logits.astype(np.float64) / look.temperature
    scores = scaled - scaled.max()
    if texts:
        chances = [_chance(code, texts) for code in look.classes]
        scores = scores + text_weight * np.log(chances)
    weights = np.exp(scores - scores.max())
    return dict(zip(look.classes, (weights / weights.sum()).tolist(), strict=True))


def _chance(code: str, texts: Sequence[Candidate]) -> float:
    """The probability of what was read, were the plate one of ``code``."""
    table = regions()
    total = 0.0
    for candidate in texts:
        free = _free(candidate.text)
        if code == EUROPEAN:
            fleet = sum(region.cars for region in table.values()) + _ELSEWHERE
            formed = sum(region.cars * region.chance(candidate.text) for region in table.values()) / fleet
        else:
            formed = table[code].chance(candidate.text) if code in table else free
        total += candidate.probability * (_FREE * free + (1 - _FREE) * formed)
    return total


def _countries(texts: Sequence[Candidate]) -> dict[str, float]:
    """The share of each European country in plates that look European and bear one of ``texts``."""
    if not texts:
        return {}
    table = {code: region for code, region in regions().items() if region.cars}
    weights = {
        code: region.cars * sum(c.probability * region.chance(c.text) for c in texts) for code, region in table.items()
    }
    elsewhere = sum(c.probability * _free(c.text) for c in texts)
    total = sum(weights.values()) + (_ELSEWHERE + _FREE * sum(r.cars for r in table.values())) * elsewhere
    return {code: weight / total for code, weight in weights.items() if weight > 0.0} if total > 0.0 else {}


def _countries_by_band(texts: Sequence[Candidate], band: Mapping[str, float]) -> dict[str, float]:
    """The share of each European country in plates that look European and bear one of ``texts``, times what ``band``
    speaks for it; together they are the factor of a European plate. ``other`` are countries that nobody knows."""
    table = {code: region for code, region in regions().items() if region.cars}
    cars = {code: region.cars for code, region in table.items()} | _BAND_ALONE
    cars[OTHER] = _ELSEWHERE - sum(_BAND_ALONE.values())
    free = sum(c.probability * _free(c.text) for c in texts)
    weights = {}
    for code, number in cars.items():
        if not texts:
            weights[code] = number
        elif code in table:
            formed = sum(c.probability * table[code].chance(c.text) for c in texts)
            weights[code] = number * (formed + _FREE * free)
        else:
            weights[code] = number * free
    total = sum(weights.values())
    return {code: weight / total * _speaks_for(code, band) for code, weight in weights.items()}


def _speaks_for(code: str, band: Mapping[str, float]) -> float:
    """How many times more probable the picture of the band is on a plate of ``code`` than on one that has none."""
    shown = _SHOWN * _BANDED.get(code, 1.0) if code in band else 0.0
    return shown * band.get(code, 0.0) + 1.0 - shown


def _free(text: str) -> float:
    """The probability of a text that has no form: of its arrangement, times that of its characters in it."""
    digits = sum(c.isdigit() for c in text)
    return _ARRANGEMENT * math.pow(10, -digits) * math.pow(26, digits - len(text))
