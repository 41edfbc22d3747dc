"""``lpr scan samples/`` with the shipped networks: the first command that a newcomer runs."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import cli
from lpr.models.weights import MANIFEST
from lpr.normalize import fold, normalize

SAMPLES = Path(__file__).parents[1] / "samples"

pytestmark = pytest.mark.skipif(not MANIFEST.is_file(), reason="no networks are shipped yet")


def test_the_plates_of_the_samples_are_read(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        cli, ["scan", str(SAMPLES), "--db", str(tmp_path / "lpr.db"), "--engine", "cpu", "--nl"], prog_name="lpr"
    )
    assert result.exit_code == 0, result.stderr
    read: dict[str, set[str]] = defaultdict(set)
    for line in result.stdout.splitlines():
        row = json.loads(line)
        read[Path(row["source"]).name].add(fold(row["text"]))
    with (SAMPLES / "expected.csv").open(newline="", encoding="utf-8") as stream:
        expected = [(row["file"], fold(normalize(row["text"]))) for row in csv.DictReader(stream)]
    found = [text in read[file] for file, text in expected]
    # What the models must reach on photos of the street; samples are no harder.
    assert sum(found) >= 0.75 * len(expected), [pair for pair, hit in zip(expected, found, strict=True) if not hit]
