"""The plate reader of the cpu engine: the exported network."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lpr.plates import Transcript
from lpr.recognition.ctc import TEMPERATURE
from lpr.recognition.network import Network, open_network
from lpr.recognition.reader import transcribe


class OnnxReader:
    """The network ``plate_reader.onnx``: ``plates`` in, ``logits`` out. Raises ModelError, EngineError."""

    def __init__(
        self,
        path: Path,
        temperature: float = TEMPERATURE,
        threads: int | None = None,
        network: Network | None = None,
    ) -> None:
        self._network = network if network is not None else open_network(path, threads)
        self._temperature = temperature

    def read(self, crops: list[np.ndarray]) -> list[Transcript]:
        return transcribe(crops, self._network, self._temperature)
