"""``lpr scan`` as its user sees it: whole outputs, what goes to standard error, exit codes, files left behind."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from conftest import fake_recognizer, picture, write_footage, write_photo

import lpr
from cli.main import COMMANDS, SUMMARIES, cli
from cli.scan import COLUMNS

ROOT = Path(__file__).parents[1]
RED, GREEN, BLUE, DIM, BLANK = (0, 0, 255), (0, 255, 0), (255, 0, 0), (255, 255, 0), (255, 0, 255)

TABLE = """\
PLATE       SURE   OR PERHAPS                TIME                  SOURCE
ABC1234      98%                             -                     photos/a.png
  > possible match: verify plate, state and vehicle
    on list wanted: ABC1234, AL, reason given: stolen vehicle
    exact, score 0.98
XYZ0O8       75%   XYZ0OB 20%                -                     photos/a.png
  > possible match: verify plate, state and vehicle
    on list wanted: XYZ 00B, state unknown
    look-alike, score SCORE
    character 5: read O, on the list 0
    character 6: read 8, on the list B
AL5SHOP      91%                             -                     photos/b.png
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two photos and a hot list in an empty folder, with a database of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LPR_DB", str(tmp_path / "lpr.db"))
    write_photo(Path("photos/a.png"), RED, GREEN)
    write_photo(Path("photos/b.png"), DIM, BLANK, BLUE)
    Path("wanted.csv").write_text("plate,state,reason\nABC1234,AL,stolen vehicle\nXYZ 00B,,\n")
    return tmp_path


def scan(*arguments: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["scan", *arguments], prog_name="lpr", obj=fake_recognizer(), input=stdin)


def told(result: Result) -> str:
    """Standard error with its clock stopped."""
    return re.sub(r"\d+\.\d s:", "T s:", result.stderr)


def with_score(text: str) -> str:
    """Output with SCORE for the look-alike's: the candidate's 20 % and a little that the table of confusions adds."""
    return re.sub(r"(?<=look-alike, score )0\.2\d?$", "SCORE", text, flags=re.MULTILINE)


def test_text(folder: Path) -> None:
    result = scan("photos", "--hotlist", "wanted.csv")
    assert with_score(result.stdout) == TABLE
    assert told(result) == (
        "2 files read in T s: 2 frames, 5 plates found, 3 reads accepted, 3 sightings.\n"
        "Rejected: 1 confidence below threshold, 1 no text.\n"
        "2 possible matches: verify plate, state and vehicle.\n"
    )
    assert result.exit_code == 0


def test_a_second_scan_shows_the_record(folder: Path) -> None:
    scan("photos/a.png", "photos/b.png")
    result = scan("photos", "--hotlist", "wanted.csv")
    assert with_score(result.stdout) == TABLE
    assert told(result) == (
        "2 files skipped, scanned before: 3 sightings on record, compared with the hot lists of today; "
        "--again reads anew.\n"
        "2 possible matches: verify plate, state and vehicle.\n"
    )
    assert told(scan("photos", "--again")).startswith("2 files read in T s: ")


def test_footage(folder: Path) -> None:
    write_footage(Path("clip.mkv"), [(BLUE, 2, 14), (RED, 60, 70)], 80)
    result = scan("clip.mkv", "--every", "2", "--no-db")
    assert result.stdout == (
        "PLATE       SURE   OR PERHAPS                TIME                  SOURCE\n"
        "AL5SHOP      99%                             0:00:00.2             clip.mkv\n"
        "ABC1234      99%                             0:00:06.0             clip.mkv\n"
    )
    assert told(result) == (
        "1 file read in T s: 40 frames, 11 plates found, 11 reads accepted, 2 sightings.\nNo possible match.\n"
    )
    assert not Path("lpr.db").exists()


def test_json_nl_and_csv_say_the_same(folder: Path) -> None:
    as_json = scan("photos", "--hotlist", "wanted.csv", "--json")
    rows = json.loads(as_json.stdout)
    assert [list(row) for row in rows] == [list(COLUMNS)] * 3
    assert (
        *("source", "frame", "seconds", "taken_at", "first_seen", "last_seen", "reads", "raw", "text", "confidence"),
        *("characters", "candidates", "box", "detector_confidence", "jurisdiction", "camera", "latitude", "longitude"),
        *("direction", "entered", "exited", "dwell", "picture_sha256"),
        "hits",
    ) == COLUMNS
    assert [(row["text"], row["box"], [hit["plate"] for hit in row["hits"]]) for row in rows] == [
        ("ABC1234", [20, 50, 80, 70], ["ABC1234"]),
        ("XYZ0O8", [110, 50, 170, 70], ["XYZ 00B"]),
        ("AL5SHOP", [200, 50, 260, 70], []),
    ]
    assert [json.loads(line) for line in scan("photos", "--nl").stdout.splitlines()] == rows
    table = list(csv.DictReader(io.StringIO(scan("photos", "--csv").stdout)))
    nested = ("characters", "candidates", "box", "hits")
    assert [{**row, **{name: json.loads(row[name]) for name in nested}} for row in table] == [
        {name: value if name in nested else "" if value is None else str(value) for name, value in row.items()}
        for row in rows
    ]


def test_nothing_found_is_an_empty_array_and_an_empty_table(folder: Path) -> None:
    write_photo(Path("none.png"))
    assert scan("none.png", "--json").stdout == "[]\n"
    assert scan("none.png", "--nl").stdout == ""
    assert scan("none.png", "--csv").stdout == ",".join(COLUMNS) + "\n"
    assert scan("none.png").stdout == ""


def test_one_bad_source_does_not_stop_the_others(folder: Path) -> None:
    Path("photos/bad.jpg").write_bytes(b"nothing")
    result = scan("missing.png", "photos", "--no-db", "--nl")
    assert (result.exit_code, len(result.stdout.splitlines())) == (1, 3)
    assert told(result) == (
        "Error: missing.png: no such file; check the path\n"
        "Error: photos/bad.jpg: neither a photo nor footage that lpr can read; leave it out, or convert it to JPEG "
        "or MP4\n"
        "2 files read, 2 failed in T s: 2 frames, 5 plates found, 3 reads accepted, 3 sightings.\n"
        "Rejected: 1 confidence below threshold, 1 no text.\n"
        "No possible match.\n"
    )


def test_names_on_standard_input(folder: Path) -> None:
    result = scan("-", "--no-db", "--quiet", stdin=b"photos/a.png\r\n\nphotos/b.png")
    assert result.stdout.count("photos/") == 3
    assert (result.stderr, result.exit_code) == ("", 0)


def test_quiet_still_tells_errors(folder: Path) -> None:
    result = scan("missing.png", "photos/b.png", "--quiet")
    assert (result.stderr, result.exit_code) == ("Error: missing.png: no such file; check the path\n", 1)


@pytest.mark.parametrize(
    "arguments, status",
    [
        (["photos/a.png", "--hotlist", "wanted.csv"], 0),
        (["photos/a.png", "--hotlist", "wanted.csv", "--exit-code"], 3),
        (["photos/b.png", "--hotlist", "wanted.csv", "--exit-code"], 0),
        (["missing.png", "photos/a.png", "--hotlist", "wanted.csv", "--exit-code"], 3),  # a hit outweighs an error
        (["missing.png", "photos/b.png", "--hotlist", "wanted.csv", "--exit-code"], 1),
        ([], 2),
        (["photos", "--every", "0"], 2),
        (["photos", "--min-confidence", "2"], 2),
        (["photos", "--no-db", "--db", "other.db"], 2),
        (["photos", "--no-db", "--list", "wanted"], 2),
    ],
)
def test_exit_status(arguments: list[str], status: int) -> None:
    assert scan(*arguments).exit_code == status


def test_only_the_lists_named(folder: Path) -> None:
    Path("other.csv").write_text("plate\nAL5SHOP\n")
    with lpr.open_database() as database:
        lpr.HotLists(database).import_file("wanted.csv", "Wanted")
        lpr.HotLists(database).import_file("other.csv", "other")

    def lists(*arguments: str) -> list[str]:
        rows = json.loads(scan("photos", *arguments, "--json").stdout)
        return [hit["list"] for row in rows for hit in row["hits"]]

    assert lists() == ["Wanted", "Wanted", "other"]
    assert lists("--list", "other") == ["other"]
    assert lists("--list", "wanted") == ["Wanted", "Wanted"]
    Path("third.csv").write_text("plate\nABC1234\n")
    assert lists("--list", "other", "--hotlist", "third.csv") == ["third", "other"]
    result = scan("photos", "--list", "nobody")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: there is no hot list 'nobody'; there are: Wanted, other, third\n"


def test_a_hot_list_with_bad_lines_is_used_and_told(folder: Path) -> None:
    Path("bad.csv").write_text("plate,state,reason\nABC1234,AL,wanted\n***,AL,wanted\n")
    result = scan("photos/a.png", "--hotlist", "bad.csv", "--quiet")
    assert (result.exit_code, result.stdout.count("possible match")) == (1, 1)
    assert result.stderr == "Refused: 1 line of bad.csv; see bad.csv.rejected.csv\n"
    result = scan("photos/a.png", "--hotlist", "bad.csv", "--quiet", "--no-db")
    assert (result.exit_code, result.stdout.count("possible match")) == (1, 1)
    assert result.stderr.startswith("Refused: ")


@pytest.mark.parametrize("options", [[], ["--no-db"]])
def test_without_a_usable_hot_list_nothing_is_scanned(folder: Path, options: list[str]) -> None:
    result = scan("photos/a.png", "--hotlist", "missing.csv", *options)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: missing.csv: ")
    assert result.stderr.count("\n") == 1


def test_an_unwritable_database_is_told_in_one_line(folder: Path) -> None:
    result = scan("photos", "--db", "nowhere/lpr.db")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "Error: the database nowhere/lpr.db cannot be used (No such file or directory); "
        "name a writable place with --db or LPR_DB, or use --no-db\n"
    )


def test_crops_and_annotated_pictures(folder: Path) -> None:
    write_footage(Path("clip.mkv"), [(BLUE, 2, 14)], 20)
    arguments = ["photos", "clip.mkv", "--save-crops", "out/crops", "--annotate", "out/read", "--every", "1"]
    assert scan(*arguments, "--hotlist", "wanted.csv").exit_code == 0
    crops = {"a-ABC1234", "a-XYZ0O8", "b-AL5SHOP", "clip-000004-AL5SHOP"}
    read = {"a", "b", "clip-000004-AL5SHOP"}
    assert {path.stem for path in Path("out/crops").glob("*.png")} == crops
    assert {path.stem for path in Path("out/read").glob("*.jpg")} == read
    crop = cv2.imread("out/crops/a-ABC1234.png")
    assert crop.shape == (24, 68, 3)  # the plate and its margin
    assert tuple(crop[12, 32]) == RED
    drawn, original = cv2.imread("out/read/a.jpg").astype(int), picture(RED, GREEN).astype(int)
    assert drawn.shape == original.shape
    assert np.abs(drawn - original).max() > 100
    # The second time the plates come from the record, their pictures from the files; nothing is overwritten.
    before = {path: path.read_bytes() for path in Path("out").rglob("*.*")}
    assert scan(*arguments, "--hotlist", "wanted.csv").exit_code == 0
    assert {path: path.read_bytes() for path in before} == before
    assert len(list(Path("out").rglob("*.*"))) == 2 * len(before)
    assert Path("out/read/a-2.jpg").read_bytes() == Path("out/read/a.jpg").read_bytes()


def test_annotating_beside_the_photos_leaves_them_alone(folder: Path) -> None:
    write_photo(Path("photos/c.jpg"), RED)
    before = Path("photos/c.jpg").read_bytes()
    assert scan("photos/c.jpg", "--annotate", "photos").exit_code == 0
    assert Path("photos/c.jpg").read_bytes() == before
    assert Path("photos/c-2.jpg").is_file()


def test_what_is_written_into_a_folder_is_not_read_from_it(folder: Path) -> None:
    for _ in range(2):
        assert scan("photos", "--save-crops", "photos/crops", "--no-db", "--quiet").stdout.count("\n") == 4


def test_an_unwritable_folder_for_pictures(folder: Path) -> None:
    Path("file").touch()
    result = scan("photos", "--save-crops", "file/crops")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: file/crops cannot be written (Not a directory); name another folder, or make room\n"


def test_a_reader_that_leaves_is_no_error_to_tell(folder: Path) -> None:
    code = (
        f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'tests')!r}]\n"
        "from conftest import fake_recognizer\nfrom cli.main import cli\n"
        "cli(['scan', 'photos', '--nl', '--quiet'], obj=fake_recognizer(), prog_name='lpr')"
    )
    inside, outside = os.pipe()
    os.close(inside)
    done = subprocess.run([sys.executable, "-c", code], stdout=outside, stderr=subprocess.PIPE, check=False)
    os.close(outside)
    assert done.stderr == b""


def test_help_loads_nothing_heavy_and_knows_every_command() -> None:
    code = (
        "import sys\nfrom cli.main import cli\ntry:\n cli(['--help'])\nexcept SystemExit:\n pass\n"
        "heavy = {'cv2', 'numpy', 'openvino', 'onnxruntime', 'torch', 'sqlite_utils', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert all(f"  {command} " in done.stdout for command in COMMANDS)
    assert SUMMARIES.keys() == COMMANDS.keys()


def test_an_unknown_command_is_a_usage_error() -> None:
    result = CliRunner().invoke(cli, ["scam"], prog_name="lpr")
    assert result.exit_code == 2
    assert "No such command 'scam'" in result.stderr
