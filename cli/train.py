"""``lpr train``: plate detector, plate reader, jurisdictions and bands, from labelled photos, crops and fonts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

_RUN = click.option(
    "--run", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder for checkpoints."
)
_SEED = click.option(
    "--seed", type=int, default=0, show_default=True, help="Start of all chance; the same again, the same training."
)
_RESUME = click.option("--resume", is_flag=True, help="Go on from the last checkpoint in --run.")


@click.group()
def train() -> None:
    """Train the plate detector, the plate reader, or the networks that tell jurisdictions.

    A training writes checkpoints below its --run folder and goes on from them with --resume. `lpr export` then
    makes the files of both engines from the best weights.

    \b
    Example:
      lpr train reader --data plates/ --fonts fonts/ --run runs/reader
      lpr export reader runs/reader/plate_reader.pth
    """


@train.command()
@click.option("--data", type=_FOLDER, required=True, help="Folder with photos.jsonl and the photos it names.")
@click.option(
    "--fonts", type=_FOLDER, help="Folder of fonts; drawn plates then stand in for some (docs/recognition.md)."
)
@click.option(
    "--corrections",
    type=_FILE,
    help="JSON lines with labels put right: plates to add, labels to drop, places to hide (docs/recognition.md).",
)
@_RUN
@click.option("--epochs", type=click.IntRange(1), default=30, show_default=True, help="Rounds, each with a checkpoint.")
@click.option("--scenes", type=click.IntRange(1), default=4000, show_default=True, help="Scenes in each round.")
@click.option("--imgsz", type=click.IntRange(64), default=640, show_default=True, help="Size of a scene in pixels.")
@click.option("--batch", type=click.IntRange(1), default=8, show_default=True, help="Scenes a step.")
@click.option("--hours", type=float, help="End by the clock instead, the learning rate following.")
@click.option("--learning-rate", type=float, default=0.001, show_default=True, help="Highest learning rate.")
@click.option("--start", type=_FILE, help="Weights (.pt) to begin from, as for fine-tuning on your own cameras.")
@_SEED
@click.option("--device", help="cpu, or a GPU's number; default: a GPU where there is one.")
@_RESUME
def detector(
    data: Path,
    run: Path,
    fonts: Path | None,
    corrections: Path | None,
    device: str | None,
    resume: bool,
    **recipe: Any,
) -> None:
    """Train the plate detector: an Ultralytics YOLO of nano size with one class.

    Learns from scenes: windows of the photos of split `train` of photos.jsonl, at sizes and in lights of chance.
    Compare weights on split `val` with `lpr eval`.

    \b
    Example:
      lpr train detector --data plates/ --fonts fonts/ --run runs/detector --epochs 40
    """
    from lpr.training.train_detector import DetectorRecipe, train_detector

    best = train_detector(data, run, DetectorRecipe(**recipe), device, resume, fonts=fonts, corrections=corrections)
    click.echo(best)


@train.command()
@click.option(
    "--data", type=_FOLDER, required=True, help="Folder with photo_crops.jsonl, crops.jsonl or us_states.jsonl."
)
@click.option(
    "--fonts", type=_FOLDER, required=True, help="Folder of fonts for synthetic plates (docs/recognition.md)."
)
@_RUN
@click.option("--steps", type=click.IntRange(1), default=4000, show_default=True, help="Steps of the optimizer.")
@click.option("--batch", type=click.IntRange(1), default=64, show_default=True, help="Plates a step.")
@click.option("--hours", type=float, help="End by the clock instead, the learning rate following.")
@click.option("--learning-rate", type=float, default=1.2e-3, show_default=True, help="Highest learning rate.")
@click.option("--start", type=_FILE, help="Weights (.pth) to begin from, as for fine-tuning on your own cameras.")
@click.option(
    "--also", type=_FILE, help="JSON lines of more crops to learn from: `lpr train pseudolabels` writes them."
)
@click.option("--every", type=click.IntRange(1), default=250, show_default=True, help="Steps between two checkpoints.")
@click.option("--workers", type=click.IntRange(0), default=1, show_default=True, help="Processes that make plates.")
@_SEED
@click.option("--device", help="cpu or cuda; default: a GPU where there is one.")
@_RESUME
def reader(
    data: Path,
    fonts: Path,
    run: Path,
    start: Path | None,
    also: Path | None,
    every: int,
    device: str | None,
    resume: bool,
    **recipe: Any,
) -> None:
    """Train the plate reader on synthetic plates and on real crops seen anew.

    Keeps the weights that read most of split `val` right, in EasyOCR's form.

    \b
    Example:
      lpr train reader --data plates/ --fonts fonts/ --run runs/reader --steps 20000
    """
    from lpr.training.recipe import ReaderRecipe
    from lpr.training.train_reader import Progress, train_reader

    def say(progress: Progress) -> None:
        exact = "" if progress.exact is None else f"  val exact {100 * progress.exact:.1f} %"
        click.echo(f"step {progress.step}  loss {progress.loss:.3f}{exact}  {progress.seconds:.0f} s", err=True)

    best = train_reader(data, fonts, run, ReaderRecipe(**recipe), device, resume, start, also, every, say)
    click.echo(best)


@train.command()
@click.option(
    "--data", type=_FOLDER, required=True, help="Folder with us_state_crops.jsonl, us_states.jsonl, photo_crops.jsonl."
)
@click.option("--fonts", type=_FOLDER, required=True, help="Folder of fonts for drawn plates (docs/recognition.md).")
@_RUN
@click.option("--labels", type=_FILE, help="CSV image,plate,jurisdiction: who issued plates whose labels do not say.")
@click.option("--views", type=click.IntRange(1), default=600, show_default=True, help="Batches of plates to look at.")
@click.option("--steps", type=click.IntRange(1), default=6400, show_default=True, help="Steps of the optimizer.")
@click.option("--batch", type=click.IntRange(1), default=64, show_default=True, help="Plates a step.")
@click.option("--learning-rate", type=float, default=2e-3, show_default=True, help="Highest learning rate.")
@click.option("--every", type=click.IntRange(1), default=200, show_default=True, help="Steps between two checkpoints.")
@click.option("--threads", type=click.IntRange(1), help="Processor cores to use; default: all.")
@_SEED
@click.option("--device", help="cpu or cuda; default: a GPU where there is one.")
@_RESUME
def jurisdiction(
    data: Path,
    fonts: Path,
    run: Path,
    labels: Path | None,
    every: int,
    threads: int | None,
    device: str | None,
    resume: bool,
    **recipe: Any,
) -> None:
    """Train the network that tells which state or country issued a plate.

    Learns from split `train` of plates whose issuer is known and from drawn ones, on top of the shipped reader's
    first layers; keeps the weights that do best on `val`.

    \b
    Example:
      lpr train jurisdiction --data plates/ --fonts fonts/ --run runs/jurisdiction
      lpr export jurisdiction runs/jurisdiction/plate_jurisdiction.pt
    """
    from lpr.training.train_jurisdiction import JurisdictionProgress, JurisdictionRecipe, train_jurisdiction

    def say(progress: JurisdictionProgress) -> None:
        right = "  ".join(f"{kind} {100 * share:.1f} %" for kind, share in progress.right.items())
        click.echo(f"step {progress.step}  loss {progress.loss:.3f}  {right}  {progress.seconds:.0f} s", err=True)

    def seen(number: int) -> None:
        if number % 50 == 0:
            click.echo(f"{number} batches of plates seen", err=True)

    settings = JurisdictionRecipe(**recipe)
    click.echo(train_jurisdiction(data, fonts, run, settings, labels, device, resume, every, threads, say, seen))


@train.command()
@click.option("--data", type=_FOLDER, required=True, help="Folder with crops.jsonl, photo_crops.jsonl.")
@click.option("--fonts", type=_FOLDER, required=True, help="Folder of fonts for drawn plates (docs/recognition.md).")
@click.option(
    "--labels", type=_FILE, required=True, help="CSV image,plate,jurisdiction: whose letters are in the band, or none."
)
@_RUN
@click.option("--views", type=click.IntRange(1), default=24000, show_default=True, help="Pictures of plates to make.")
@click.option("--steps", type=click.IntRange(1), default=8000, show_default=True, help="Steps of the optimizer.")
@click.option("--batch", type=click.IntRange(1), default=64, show_default=True, help="Plates a step.")
@click.option("--learning-rate", type=float, default=2e-3, show_default=True, help="Highest learning rate.")
@click.option("--every", type=click.IntRange(1), default=500, show_default=True, help="Steps between two checkpoints.")
@click.option("--threads", type=click.IntRange(1), help="Processor cores to use; default: all.")
@_SEED
@click.option("--device", help="cpu or cuda; default: a GPU where there is one.")
@_RESUME
def band(
    data: Path,
    fonts: Path,
    labels: Path,
    run: Path,
    every: int,
    threads: int | None,
    device: str | None,
    resume: bool,
    **recipe: Any,
) -> None:
    """Train the network that reads the country's letters in the band of European plates.

    Learns from drawn plates and from those of split `train` that --labels names.

    \b
    Example:
      lpr train band --data plates/ --fonts fonts/ --labels bands.csv --run runs/band
      lpr export band runs/band/plate_band.pt
    """
    from lpr.training.train_band import BandProgress, BandRecipe, train_band

    def say(progress: BandProgress) -> None:
        right = f"val right {100 * progress.right:.1f} %"
        click.echo(f"step {progress.step}  loss {progress.loss:.3f}  {right}  {progress.seconds:.0f} s", err=True)

    click.echo(train_band(data, fonts, labels, run, BandRecipe(**recipe), device, resume, every, threads, say))


@train.command()
@click.argument("pictures", type=_FILE)
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File to write.")
@click.option("--reader", "weights", type=_FILE, help="Another plate_reader.onnx than the shipped one.")
def pseudolabels(pictures: Path, to: Path, weights: Path | None) -> None:
    """Label plates that nobody has labelled, where the reader is sure, for it to learn from.

    PICTURES is a JSON lines file with image and country on each line, pictures beside it. Kept is what the reader
    says the same way, surely, in three cuts of the plate, in the form of a serial of that country.

    \b
    Example:
      lpr train pseudolabels plates/unlabelled.jsonl --to pseudo.jsonl
      lpr train reader --data plates/ --fonts fonts/ --run runs/reader --also pseudo.jsonl
    """
    import json

    from lpr.models import weights as models
    from lpr.recognition.reader_onnx import OnnxReader
    from lpr.training.pseudolabels import label

    rows = list(label(pictures, OnnxReader(weights or models.weights("plate_reader.onnx"))))
    to.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    click.echo(f"{len(rows)} plates labelled in {to}", err=True)
