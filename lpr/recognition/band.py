"""The country's letters in the blue band at the left end of European plates, read by a small network of their own.

The network says how probable each country's letters are, and none at all. What counts for the plate's issuer is not
that probability, which depends on how often each country came in training, but how many times more the picture speaks
for the letters than for an end without them (Bayes' factor): illegible letters speak for nobody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from lpr.errors import ModelError
from lpr.recognition.network import Network, open_network
from lpr.recognition.plate_view import prepare, to_input

#: The network's input, pixels: of a plate of 110 mm its letters are 8 to 10 pixels high.
BAND_HEIGHT, BAND_WIDTH = 56, 48
#: How much of a crop is its left end: as a share of its height, and at most of its width.
_OF_HEIGHT, _OF_WIDTH = 0.9, 0.26
#: Crops shorter than this for their height are of plates of two lines, whose band is beside the upper one.
_TWO_LINES, _UPPER = 2.2, 0.6
#: Crops narrower than this, pixels, are not read: narrower plates it has never seen, nor could anybody read them.
NARROWEST = 64
#: The class of ends without a country's letters.
NONE = "none"
#: However clear a few letters are, they speak no more than this for one class against another, as a factor.
_MOST = 1000.0


class BandReader(Protocol):
    """Reads the band of a plate; any object with this method can be given to OnnxJudge."""

    def read(self, crop: np.ndarray) -> Mapping[str, float]:
        """Code of a country → how many times more the left end of ``crop`` speaks for its letters than for none.

        ``crop`` is height × width × 3, uint8, BGR, the plate with a small margin. Empty where it is too small.
        """
        ...


@dataclass(frozen=True)
class Bands:
    """What the network was trained to tell: ``classes`` in order, their ``shares`` in training, ``temperature``."""

    classes: tuple[str, ...]
    shares: tuple[float, ...]
    temperature: float

    @staticmethod
    def read(path: Path) -> Bands:
        """From the JSON beside the weights. Raises ModelError."""
        try:
            row = json.loads(path.read_text(encoding="utf-8"))
            bands = Bands(
                tuple(row["classes"]), tuple(float(share) for share in row["shares"]), float(row["temperature"])
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{path} does not describe the band network; install lpr again") from error
        if NONE not in bands.classes or len(bands.classes) != len(bands.shares) or min(bands.shares) <= 0:
            raise ModelError(f"{path} does not describe the band network; install lpr again")
        return bands

    def factors(self, logits: np.ndarray) -> dict[str, float]:
        """Of each country the factor that ``BandReader.read`` gives, by the network's ``logits`` (one per class)."""
        scores = logits.astype(np.float64) / self.temperature - np.log(self.shares)
        scores = np.maximum(scores, scores.max() - np.log(_MOST))
        factors = np.exp(scores - scores[self.classes.index(NONE)]).tolist()
        return {code: factor for code, factor in zip(self.classes, factors, strict=True) if code != NONE}


class OnnxBandReader:
    """The shipped network (``plates`` in, ``logits`` out). Raises ModelError, EngineError."""

    def __init__(self, path: Path, bands: Bands, threads: int | None = None, network: Network | None = None) -> None:
        self._network = network if network is not None else open_network(path, threads)
        self._bands = bands

    def read(self, crop: np.ndarray) -> dict[str, float]:
        if crop.shape[1] < NARROWEST:
            return {}
        return self._bands.factors(self._network(to_input([left_end(crop)]))[0])


def left_end(crop: np.ndarray) -> np.ndarray:
    """The left end of ``crop`` (height × width × 3, BGR, uint8) as BAND_HEIGHT × BAND_WIDTH × 3, uint8."""
    height, width = crop.shape[:2]
    if width < _TWO_LINES * height:
        height = max(1, round(_UPPER * height))
    end = crop[:height, : max(1, round(min(_OF_HEIGHT * height, _OF_WIDTH * width)))]
    return prepare(end, BAND_HEIGHT, BAND_WIDTH)
