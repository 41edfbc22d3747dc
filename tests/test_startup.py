"""What a fresh interpreter loads: importing lpr, asking for help and hot lists must stay quick everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = {"cv2", "easyocr", "numpy", "onnxruntime", "openvino", "PIL", "av", "scipy", "torch", "ultralytics"}

#: Runs a statement; an exit with status 0 is fine; then prints what is loaded.
PROBE = """
import sys
try:
    {statement}
except SystemExit as end:
    if end.code:
        raise
print("LOADED", *sorted({{name.partition(".")[0] for name in sys.modules}}))
"""


def loaded(statement: str, folder: Path) -> set[str]:
    """The top-level modules of a fresh interpreter after ``statement``."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LPR_DB": str(folder / "lpr.db")}
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(statement=statement)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    line = next(line for line in done.stdout.splitlines() if line.startswith("LOADED "))
    return set(line.split()[1:])


def command(*words: str) -> str:
    return f"from cli.main import cli; cli({list(words)!r}, prog_name='lpr')"


ADD = command("hotlist", "add", "ABC123", "--list", "mine", "--reason", "stolen vehicle")


@pytest.mark.parametrize(
    "statement",
    [
        "import lpr",
        "import lpr; lpr.normalize('ab-1'); lpr.SourceError",
        "import lpr; lpr.Box; lpr.Sighting",
        command("--help"),
        command("--version"),
        command("scan", "--help"),
        command("watch", "--help"),
        command("cameras", "check", "--help"),
        command("hotlist", "--help"),
        command("train", "--help"),
        command("hotlist", "template"),
        ADD,
        command("hotlist", "import", str(ROOT / "hotlists/example.csv"), "--list", "example"),
    ],
)
def test_nothing_heavy_is_loaded(statement: str, tmp_path: Path) -> None:
    assert loaded(statement, tmp_path) & HEAVY == set()


@pytest.mark.parametrize(
    "statement",
    [
        command("hotlist", "list"),
        command("hotlist", "check", "ABC123"),
        command("cameras", "status"),
        command("search", "?BC123", "--near", "1,2"),
        command("history", "ABC123"),
        command("convoy", "ABC123"),
        command("incident", "list"),
        command("report", "plate", "ABC123", "-o", "x.kml"),
    ],
)
def test_asking_an_existing_database_loads_nothing_heavy(statement: str, tmp_path: Path) -> None:
    loaded(ADD, tmp_path)
    assert loaded(statement, tmp_path) & HEAVY == set()


def test_the_command_line_is_not_loaded_with_the_library(tmp_path: Path) -> None:
    assert loaded("import lpr", tmp_path) & {"cli", "click", "rich", "sqlite_utils", "platformdirs"} == set()


def test_the_probe_would_notice(tmp_path: Path) -> None:
    assert "numpy" in loaded("import numpy", tmp_path)


def test_the_cpu_engine_loads_neither_torch_nor_what_brings_it(tmp_path: Path) -> None:
    statement = "from lpr.recognition.recognizer import Recognizer; Recognizer(engine='cpu')"
    assert loaded(statement, tmp_path) & {"easyocr", "torch", "torchvision", "ultralytics"} == set()
