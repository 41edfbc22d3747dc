"""``lpr eval``: measure the models on labelled photos or crops."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

if TYPE_CHECKING:
    from lpr.recognition.engine import Engine
    from lpr.training.evaluate import Evaluation, ReadingScore


@click.command()
@click.argument("dataset", type=click.Path(exists=True, path_type=Path))
@click.option("--split", default=None, help="Only rows of this split (train, val, test); default: all rows.")
@click.option("--crops", is_flag=True, help="The reader alone, on the folder's labelled plate crops.")
@click.option("--engine", type=click.Choice(["auto", "cpu", "torch"]), default="auto", show_default=True)
@click.option("--device", help="Device of the torch engine, such as cuda:0.")
@click.option(
    "--misses", type=click.Path(dir_okay=False, path_type=Path), help="Write every misread plate to this CSV."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
def evaluate(
    dataset: Path, split: str | None, crops: bool, engine: str, device: str | None, misses: Path | None, as_json: bool
) -> None:
    """Measure detection and reading on DATASET: a folder with photos.jsonl (or that file itself).

    Prints recall and precision of plates at IoU 0.3 and 0.5, and exact texts end to end, strict and with O/0 and
    I/1 folded, by plate width, country and length; each share with its 95 % interval.

    \b
    Examples:
      lpr eval plates/ --split val
      lpr eval plates/ --split val --crops --json
    """
    from lpr.recognition.engine import choose, load_reader
    from lpr.recognition.recognizer import Recognizer
    from lpr.training.dataset import read_crops, read_photos
    from lpr.training.evaluate import evaluate_crops, evaluate_photos

    recognizer = Recognizer(engine=cast("Engine", engine), device=device)
    began = time.monotonic()
    if crops:
        rows = read_crops(dataset if dataset.is_dir() else dataset.parent, split)
        result = evaluate_crops(rows, load_reader(*choose(cast("Engine", engine), device)))
    else:
        photos = read_photos(dataset / "photos.jsonl" if dataset.is_dir() else dataset, split)
        with click.progressbar(photos, label="photos", file=sys.stderr) as shown:
            result = evaluate_photos(shown, recognizer)
    seconds = time.monotonic() - began
    if misses is not None:
        _write_misses(result, misses)
    if as_json:
        about = {"dataset": str(dataset), "split": split, "engine": recognizer.engine, "version": recognizer.version}
        click.echo(json.dumps(about | {"seconds": round(seconds, 1)} | result.as_dict(), indent=1))
    else:
        click.echo(_text(result))
        click.echo(f"{recognizer.version}, engine {recognizer.engine}, {seconds:.0f} s", err=True)


def _text(result: Evaluation) -> str:
    lines = []
    if result.photos:
        lines.append(f"photos {result.photos}")
        for least, share in result.recall.items():
            lines.append(f"plates at IoU {least}: recall {share}   precision {result.precision[least]}")
        width_order = ("<20", "20-34", "35-59", "60-99", "100-199", ">=200")
        for name in width_order:
            if name in result.recall_by_width:
                lines.append(f"  recall at IoU 0.5, {name:>8} px wide: {result.recall_by_width[name]}")
        if result.false_plates_on_empty:
            lines.append(
                "photos without a plate: " + ", ".join(f"{k} {v}" for k, v in result.false_plates_on_empty.items())
            )
        rejects = ", ".join(f"{reason} {count}" for reason, count in result.rejected.most_common())
        lines.append(f"boxes rejected: {rejects or 'none'}")
    if result.crops:
        lines.append(f"crops {result.crops}")
    lines.append("")
    lines.append(f"{'texts':32} {'exact, O/0 I/1 folded':36} {'strict':>8} {'in ten':>8} {'wrong':>8} {'CER':>7}")
    for name, score in sorted(result.reading.items(), key=_order):
        lines.append(_line(name, score))
    return "\n".join(lines)


def _order(item: tuple[str, ReadingScore]) -> tuple[int, int, str]:
    name, score = item
    first = 0 if name.startswith(("all", "at least")) else 1 if name.startswith(("width", "one", "two")) else 2
    return first, -score.folded.of if first == 2 else 0, name


def _line(name: str, score: ReadingScore) -> str:
    def percent(value: float | None) -> str:
        return "–" if value is None else f"{100 * value:.1f} %"

    rate = score.edits / score.characters if score.characters else None
    cells = [percent(score.strict.value), percent(score.among_ten.value), percent(score.wrong.value)]
    return f"{name:32} {score.folded!s:36} " + " ".join(f"{cell:>8}" for cell in cells) + f" {percent(rate):>7}"


def _write_misses(result: Evaluation, path: Path) -> None:
    import csv

    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["image", "box", "text", "read", "confidence"])
        for miss in result.misses:
            writer.writerow([miss.image, " ".join(f"{v:.0f}" for v in miss.box), miss.text, miss.read, miss.confidence])
