"""Export the trained band network: ONNX for both engines, and the JSON that says what its figures mean."""

from __future__ import annotations

import json
from pathlib import Path

from lpr.errors import ModelError
from lpr.models.weights import FOLDER, write_manifest
from lpr.training.onnx_file import trace
from lpr.training.train_band import NETWORK


def export_band(weights: Path, folder: Path = FOLDER) -> list[Path]:
    """Write ``plate_band.onnx`` (any number of plates at a time) and ``plate_band.json``.

    ``weights`` is the .pt that ``lpr train band`` wrote, with its JSON beside it. Raises ModelError for files that do
    not belong together.
    """
    import torch

    from lpr.recognition.band import BAND_HEIGHT, BAND_WIDTH, Bands
    from lpr.training.band_network import BandNetwork

    if not weights.is_file():
        raise ModelError(f"{weights} is no file; give the {NETWORK}.pt that lpr train band wrote")
    bands = Bands.read(weights.with_suffix(".json"))
    network = BandNetwork(len(bands.classes))
    try:
        network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    except RuntimeError as error:
        raise ModelError(f"{weights} does not fit the network and the classes beside it; train again") from error
    network.eval()
    described, traced = folder / f"{NETWORK}.json", folder / f"{NETWORK}.onnx"
    trace(network, torch.zeros(2, 3, BAND_HEIGHT, BAND_WIDTH), "plates", traced)
    content = {"classes": bands.classes, "shares": bands.shares, "temperature": bands.temperature}
    described.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    if folder == FOLDER:
        write_manifest([described.name, traced.name])
    return [described, traced]
