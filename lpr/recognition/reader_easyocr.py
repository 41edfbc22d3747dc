"""The plate reader of the torch engine: EasyOCR with the plate network as its recognition network."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import numpy as np

from lpr.errors import ModelError
from lpr.plates import Transcript
from lpr.recognition.ctc import TEMPERATURE
from lpr.recognition.reader import transcribe

# What easyocr.Reader raises for a network, description or weights that are missing or do not fit each other.
_NOT_LOADED = (OSError, RuntimeError, ValueError, LookupError, TypeError, ImportError, EOFError, pickle.UnpicklingError)


class EasyOcrReader:
    """``easyocr.Reader`` over ``folder`` (plate_reader.py, .yaml, .pth), on ``device`` as torch names it.

    ``easyocr`` is that reader, for whoever wants it. Its own ``recognize`` gives one text with one confidence; the
    network is therefore run directly, on the same prepared pictures, to have the logits of every place.
    Raises ModelError.
    """

    def __init__(self, folder: Path, temperature: float = TEMPERATURE, device: str = "cpu") -> None:
        import easyocr

        before = list(sys.path)
        try:
            self.easyocr = easyocr.Reader(
                ["en"],
                gpu=False if device == "cpu" else device,
                detector=False,
                download_enabled=False,
                quantize=False,
                verbose=False,
                recog_network="plate_reader",
                user_network_directory=str(folder),
                model_storage_directory=str(folder),
            )
        except _NOT_LOADED as error:
            raise ModelError(f"{folder}: EasyOCR cannot load plate_reader from here; install lpr again") from error
        finally:
            # EasyOCR appends the folder, and again for every reader; once the network is imported it is of no use.
            sys.path[:] = before
        self._device = device
        self._temperature = temperature
        self.easyocr.recognizer.eval()

    def read(self, crops: list[np.ndarray]) -> list[Transcript]:
        return transcribe(crops, self._logits, self._temperature)

    def _logits(self, batch: np.ndarray) -> np.ndarray:
        import torch

        with torch.inference_mode():
            logits = self.easyocr.recognizer(torch.from_numpy(batch).to(self._device), None)
        answer: np.ndarray = logits.float().cpu().numpy()
        return answer
