"""Export a network whose classes a JSON beside it names: ONNX for both engines, and that JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from lpr.errors import ModelError
from lpr.models.weights import FOLDER, write_manifest
from lpr.training.onnx_file import trace

if TYPE_CHECKING:
    import torch

    from lpr.recognition.band import Bands
    from lpr.recognition.jurisdiction import Look


def export_described(
    weights: Path,
    folder: Path,
    name: str,
    read: Callable[[Path], Look | Bands],
    build: Callable[[int], torch.nn.Module],
    size: tuple[int, int],
) -> list[Path]:
    """Write ``name``.onnx (any number of plates at a time) and ``name``.json into ``folder``; returns their paths.

    ``weights`` is the .pt that ``lpr train`` wrote, with its JSON beside it, which ``read`` understands. ``build``
    makes the network for so many classes, ``size`` is its input's height and width. Raises ModelError for files that
    do not belong together.
    """
    import torch

    if not weights.is_file():
        raise ModelError(f"{weights} is no file; give the {name}.pt that lpr train {name.split('_')[1]} wrote")
    meaning = read(weights.with_suffix(".json"))
    network = build(len(meaning.classes))
    try:
        network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    except RuntimeError as error:
        raise ModelError(f"{weights} does not fit the network and the classes beside it; train again") from error
    network.eval()
    described, traced = folder / f"{name}.json", folder / f"{name}.onnx"
    trace(network, torch.zeros(2, 3, *size), "plates", traced)
    described.write_text(json.dumps(asdict(meaning), indent=1) + "\n", encoding="utf-8")
    if folder == FOLDER:
        write_manifest([described.name, traced.name])
    return [described, traced]
