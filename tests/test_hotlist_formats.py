"""Formats of hot list files: every one reads its own example lines, and is found without being named."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path

import pytest

from lpr.hotlist.format import Example, Format, format_names, shipped_formats
from lpr.hotlist.lines import Doubts, Line, read_lines
from lpr.hotlist.listfile import ListFile

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
EXAMPLES = [(one, example) for one in shipped_formats() for example in one.examples]


def said(line: Line) -> dict[str, str]:
    """What a line says, by column, without what is empty."""
    found = {"plate": line.plate, "state": line.state, "reason": line.reason, "expires": line.expires}
    if line.effective is not None:
        found["effective"] = line.effective
    if line.removes:
        found["action"] = "remove"
    return {name: value for name, value in found.items() if value} | json.loads(line.details)


def local_day(text: str) -> str:
    """The start of a day, where the machine stands, as an entry has it."""
    return datetime.strptime(text, "%Y-%m-%d").astimezone(timezone.utc).isoformat(timespec="seconds")


@pytest.mark.parametrize(("one", "example"), EXAMPLES, ids=[f.name for f, _ in EXAMPLES])
def test_a_format_reads_its_own_example(tmp_path: Path, one: Format, example: Example) -> None:
    path = tmp_path / "list.txt"
    path.write_text(example.text.removeprefix("\n"))
    with ListFile(path) as file:
        assert file.format.name == one.name  # found out
    with ListFile(path, one.name) as file:
        lines = list(read_lines(file, NOW, Doubts()))
        assert file.shortfall is None
    wanted = [{n: local_day(v) if n == "effective" else v for n, v in entry.items()} for entry in example.entries]
    assert [said(line) for line in lines if isinstance(line, Line)] == wanted
    assert [line.line for line in lines if not isinstance(line, Line)] == list(example.refused)


def test_every_format_has_an_example() -> None:
    assert [one.name for one in shipped_formats() if not one.examples] == []
    assert {"ca-clew", "genetec", "il-leads", "mi", "mn-ncic", "ncic", "nj-snap", "ny", "oh-leads", "openalpr",
            "tx-ncic", "tx-tcic", "vigilant", "wa-ncic", "wa-stolen"} <= set(format_names())  # fmt: skip
