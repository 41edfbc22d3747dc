"""Export the trained jurisdiction network: ONNX for both engines, and the JSON that says what its figures mean."""

from __future__ import annotations

import json
from pathlib import Path

from lpr.errors import ModelError
from lpr.models.weights import FOLDER, write_manifest
from lpr.training.onnx_file import trace
from lpr.training.train_jurisdiction import NETWORK


def export_jurisdiction(weights: Path, folder: Path = FOLDER) -> list[Path]:
    """Write ``plate_jurisdiction.onnx`` (any number of plates at a time) and ``plate_jurisdiction.json``.

    ``weights`` is the .pt that ``lpr train jurisdiction`` wrote, with its JSON beside it. Raises ModelError for
    files that do not belong together.
    """
    import torch

    from lpr.recognition.jurisdiction import Look
    from lpr.recognition.plate_view import VIEW_HEIGHT, VIEW_WIDTH
    from lpr.training.jurisdiction_network import build

    if not weights.is_file():
        raise ModelError(f"{weights} is no file; give the {NETWORK}.pt that lpr train jurisdiction wrote")
    look = Look.read(weights.with_suffix(".json"))
    network = build(len(look.classes))
    try:
        network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    except RuntimeError as error:
        raise ModelError(f"{weights} does not fit the network and the classes beside it; train again") from error
    network.eval()
    described, traced = folder / f"{NETWORK}.json", folder / f"{NETWORK}.onnx"
    trace(network, torch.zeros(2, 3, VIEW_HEIGHT, VIEW_WIDTH), "plates", traced)
    content = {"classes": list(look.classes), "temperature": look.temperature}
    described.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    if folder == FOLDER:
        write_manifest([described.name, traced.name])
    return [described, traced]
