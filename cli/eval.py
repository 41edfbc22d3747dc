"""``lpr eval``: measure the models on labelled photos or crops."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

if TYPE_CHECKING:
    from lpr.recognition.engine import Engine
    from lpr.recognition.recognizer import Recognizer
    from lpr.training.evaluate import Evaluation

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("dataset", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "csv", "openalpr", "yolo"]),
    help="What the labels are written in; by default what DATASET looks like.",
)
@click.option("--split", default=None, help="Only rows of this split (train, val, test); default: all rows.")
@click.option("--crops", is_flag=True, help="The reader alone, on the folder's labelled plate crops.")
@click.option(
    "--jurisdictions", type=_FILE, help="CSV image,plate,jurisdiction: who issued plates whose labels do not say."
)
@click.option("--region", metavar="CODES", help="Serial formats that speak for a reading, as in lpr scan.")
@click.option("--engine", type=click.Choice(["auto", "cpu", "torch"]), default="auto", show_default=True)
@click.option("--device", help="Device of the torch engine, such as cuda:0.")
@click.option("--misses", type=_NEW_FILE, help="Write every misread plate to this CSV.")
@click.option(
    "--sheet", type=_NEW_FILE, help="Write a picture: calibration, what a threshold costs, the worst failures."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
def evaluate(
    dataset: Path,
    form: str | None,
    split: str | None,
    crops: bool,
    jurisdictions: Path | None,
    region: str | None,
    engine: str,
    device: str | None,
    misses: Path | None,
    sheet: Path | None,
    as_json: bool,
) -> None:
    """Measure detection and reading on DATASET, a folder of labelled photos or a file of labels.

    \b
    Labels may be
      jsonl     photos.jsonl, a photo a line: image, plates with box and text
      csv       labels.csv, a plate a row: image,x1,y1,x2,y2,text (or x,y,w,h) and state, country, split
      openalpr  beside each photo a text file: file x y w h TEXT, with tabs; one plate of each photo is labelled
      yolo      images/ and labels/, or text files beside the photos: class cx cy w h TEXT, the text if known

    Prints recall and precision of plates at IoU 0.3 and 0.5; exact texts end to end, strict and with O/0 and I/1
    folded, among the ten candidates, and the rate of wrong characters, by plate width, country, state and length;
    how far confidences can be trusted and what accept thresholds cost; which characters are mistaken for which;
    how well the jurisdiction is told. Each share has its 95 % interval.

    \b
    Examples:
      lpr eval plates/ --split val --sheet failures.png
      lpr eval plates/ --split val --crops --json
      lpr eval benchmarks/endtoend/us --format openalpr
    """
    began = time.monotonic()
    recognizer, threshold = _recognizer(cast("Engine", engine), device, region)
    result = (_crops if crops else _photos)(dataset, form, split, jurisdictions, recognizer, threshold)
    seconds = time.monotonic() - began
    if misses is not None:
        _write_misses(result, misses)
    if sheet is not None:
        from lpr.training.sheet import write_sheet

        shown = write_sheet(result, sheet, f"{dataset.resolve().name}{f', split {split}' if split else ''}")
        click.echo(f"{sheet}: {shown} of {len(result.misses)} failures", err=True)
    if as_json:
        about = {"dataset": str(dataset), "split": split, "engine": recognizer.engine, "version": recognizer.version}
        click.echo(json.dumps(about | {"seconds": round(seconds, 1)} | result.as_dict(), indent=1))
    else:
        from .eval_tables import report

        click.echo(report(result))
        click.echo(f"{recognizer.version}, engine {recognizer.engine}, {seconds:.0f} s", err=True)


def _recognizer(engine: Engine, device: str | None, region: str | None) -> tuple[Recognizer, float]:
    """One that states every jurisdiction, however doubtful, and the threshold from which it usually would."""
    from lpr.recognition.recognizer import Recognizer
    from lpr.recognition.region import narrowed
    from lpr.recognition.settings import Settings

    usual = Settings()
    settings = replace(usual, min_jurisdiction_confidence=0.0)
    if region is not None:
        settings = narrowed(settings, region)
    return Recognizer(engine=engine, device=device, settings=settings), usual.min_jurisdiction_confidence


def _photos(
    dataset: Path, form: str | None, split: str | None, labels: Path | None, recognizer: Recognizer, threshold: float
) -> Evaluation:
    from lpr.training.evaluate import evaluate_photos
    from lpr.training.jurisdiction_data import read_labels
    from lpr.training.jurisdiction_score import with_labels
    from lpr.training.labels import read_dataset

    photos = read_dataset(dataset, split, form)
    if labels is not None:
        photos = with_labels(photos, read_labels(labels))
    with click.progressbar(photos, label="photos", file=sys.stderr) as shown:
        return evaluate_photos(shown, recognizer, threshold)


def _crops(
    dataset: Path, form: str | None, split: str | None, labels: Path | None, recognizer: Recognizer, threshold: float
) -> Evaluation:
    from lpr.training.evaluate import evaluate_crops
    from lpr.training.jurisdiction_data import read_labels
    from lpr.training.jurisdiction_score import crops_with_labels
    from lpr.training.labels import read_labelled_crops

    crops = read_labelled_crops(dataset, split, form)
    if labels is not None:
        crops = crops_with_labels(crops, read_labels(labels), dataset)
    with click.progressbar(crops, label="crops", file=sys.stderr) as shown:
        return evaluate_crops(shown, recognizer.reader, recognizer.judge, threshold, recognizer.settings)


def _write_misses(result: Evaluation, path: Path) -> None:
    import csv

    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["image", "box", "text", "read", "confidence", "why"])
        for miss in result.misses:
            box = " ".join(f"{v:.0f}" for v in miss.box)
            writer.writerow([miss.image, box, miss.text, miss.read, miss.confidence, miss.why])
