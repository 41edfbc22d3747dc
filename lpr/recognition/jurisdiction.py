"""Who issued a plate: judged by its look, and by its text as far as serial formats tell; often nobody can say.

A small network sees the plate in colour and tells US states, some provinces, and the look of other countries' plates
apart. What the serial formats (``region_table``) say of the text is a second witness, of less weight: a text alone
never makes a state probable, since one form is that of twenty states. Of plates that look European the format alone
names the country, weighed by how many cars each has; where several countries fit, none is certain.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from lpr.errors import ModelError
from lpr.plates import Candidate, Jurisdiction, Transcript
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
    """The shipped network (``plates`` in, ``logits`` out) and the tables. Raises ModelError, EngineError."""

    def __init__(
        self,
        path: Path,
        look: Look,
        text_weight: float = TEXT_WEIGHT,
        threads: int | None = None,
        network: Network | None = None,
    ) -> None:
        self._network = network if network is not None else open_network(path, threads)
        self._look = look
        self._text_weight = text_weight

    def judge(self, crop: np.ndarray, transcript: Transcript) -> Jurisdiction | None:
        logits = self._network(to_input([prepare(crop)]))[0]
        return most_probable(logits, self._look, transcript.candidates, self._text_weight)


def most_probable(
    logits: np.ndarray, look: Look, candidates: Sequence[Candidate], text_weight: float = TEXT_WEIGHT
) -> Jurisdiction | None:
    """The most probable issuer by the network's ``logits`` (one per class) and the texts that were read."""
    scaled = logits.astype(np.float64) / look.temperature
    scores = scaled - scaled.max()
    texts = [c for c in candidates if c.text][:_CANDIDATES]
    if texts:
        chances = [_chance(code, texts) for code in look.classes]
        scores = scores + text_weight * np.log(chances)
    weights = np.exp(scores - scores.max())
    probabilities = (weights / weights.sum()).tolist()
    by_code = dict(zip(look.classes, probabilities, strict=True))
    european = by_code.pop(EUROPEAN, 0.0)
    none = by_code.pop(OTHER, 0.0)
    for code, share in _countries(texts).items():
        by_code[code] = by_code.get(code, 0.0) + european * share
    code, probability = max(by_code.items(), key=lambda item: item[1])
    # A European plate whose country its text does not tell is of nobody, like one of the class "other".
    unknown = none + european * (1.0 - sum(_countries(texts).values()))
    return Jurisdiction(code, min(1.0, probability)) if probability > unknown else None


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


def _free(text: str) -> float:
    """The probability of a text that has no form: of its arrangement, times that of its characters in it."""
    digits = sum(c.isdigit() for c in text)
    return _ARRANGEMENT * math.pow(10, -digits) * math.pow(26, digits - len(text))
