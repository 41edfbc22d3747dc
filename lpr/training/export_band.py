"""Export the trained band network."""

from __future__ import annotations

from pathlib import Path

from lpr.models.weights import FOLDER
from lpr.training.export_described import export_described
from lpr.training.train_band import NETWORK


def export_band(weights: Path, folder: Path = FOLDER) -> list[Path]:
    """Write ``plate_band.onnx`` and ``plate_band.json``: see ``export_described``. Raises ModelError."""
    from lpr.recognition.band import BAND_HEIGHT, BAND_WIDTH, Bands
    from lpr.training.band_network import BandNetwork

    return export_described(weights, folder, NETWORK, Bands.read, BandNetwork, (BAND_HEIGHT, BAND_WIDTH))
