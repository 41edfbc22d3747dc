"""``lpr export``: evidence packages, and from trained weights the files that both engines load."""

from __future__ import annotations

from pathlib import Path

import click

from .export_evidence import evidence, key
from .export_labels import labels

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_TO = click.option(
    "--to",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder for the files; default: the installed package's own, whose manifest is renewed.",
)


@click.group()
def export() -> None:
    """Export evidence packages, or trained networks for both engines.

    \b
    Examples:
      lpr export evidence incident 26-0417 -o 26-0417.zip
      lpr export detector runs/detector/train/weights/best.pt
      lpr export reader runs/reader/plate_reader.pth --to my-models/
    """


export.add_command(evidence)
export.add_command(key)
export.add_command(labels)


@export.command()
@click.argument("weights", type=_FILE)
@_TO
def detector(weights: Path, folder: Path | None) -> None:
    """Export the detector WEIGHTS (.pt) as plate_detector.pt and plate_detector.onnx.

    \b
    Example:
      lpr export detector runs/detector/train/weights/best.pt
    """
    from lpr.models.weights import FOLDER
    from lpr.training.export import export_detector

    for path in export_detector(weights, folder or FOLDER):
        click.echo(path)


@export.command()
@click.argument("weights", type=_FILE)
@_TO
def reader(weights: Path, folder: Path | None) -> None:
    """Export the reader WEIGHTS (.pth) as plate_reader.pth and plate_reader.onnx.

    \b
    Example:
      lpr export reader runs/reader/plate_reader.pth
    """
    from lpr.models.weights import FOLDER
    from lpr.training.export import export_reader

    for path in export_reader(weights, folder or FOLDER):
        click.echo(path)


@export.command()
@click.argument("weights", type=_FILE)
@_TO
def jurisdiction(weights: Path, folder: Path | None) -> None:
    """Export the jurisdiction WEIGHTS (.pt, its JSON beside it) as plate_jurisdiction.onnx and .json.

    \b
    Example:
      lpr export jurisdiction runs/jurisdiction/plate_jurisdiction.pt
    """
    from lpr.models.weights import FOLDER
    from lpr.training.export_jurisdiction import export_jurisdiction

    for path in export_jurisdiction(weights, folder or FOLDER):
        click.echo(path)


@export.command()
@click.argument("weights", type=_FILE)
@_TO
def band(weights: Path, folder: Path | None) -> None:
    """Export the band WEIGHTS (.pt, its JSON beside it) as plate_band.onnx and .json.

    \b
    Example:
      lpr export band runs/band/plate_band.pt
    """
    from lpr.models.weights import FOLDER
    from lpr.training.export_band import export_band

    for path in export_band(weights, folder or FOLDER):
        click.echo(path)
