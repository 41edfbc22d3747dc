"""Export the trained jurisdiction network."""

from __future__ import annotations

from pathlib import Path

from lpr.models.weights import FOLDER
from lpr.training.export_described import export_described
from lpr.training.train_jurisdiction import NETWORK


def export_jurisdiction(weights: Path, folder: Path = FOLDER) -> list[Path]:
    """Write ``plate_jurisdiction.onnx`` and ``.json``: see ``export_described``. Raises ModelError."""
    from lpr.recognition.jurisdiction import Look
    from lpr.recognition.plate_view import VIEW_HEIGHT, VIEW_WIDTH
    from lpr.training.jurisdiction_network import build

    return export_described(weights, folder, NETWORK, Look.read, build, (VIEW_HEIGHT, VIEW_WIDTH))
