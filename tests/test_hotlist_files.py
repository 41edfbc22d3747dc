"""Hot list files of all sorts: packed, from Excel, as JSON, with names of their own, with formats that users write."""

from __future__ import annotations

import gzip
import os
import time
import zipfile
from datetime import datetime, timezone
from pathlib import Path

import openpyxl
import pytest

from lpr.errors import HotListError
from lpr.hotlist.format import find_format, parse_map
from lpr.hotlist.lines import Doubts, Line, Refused, read_lines
from lpr.hotlist.listfile import ListFile

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
CSV = "plate,state,reason\r\nABC123,CA,stolen vehicle\r\n0012345,0H,wanted\r\n"
LIST = [(2, "ABC123", "CA", "stolen vehicle"), (3, "0012345", "OH", "wanted")]


def lines(path: Path, format_name: str = "auto", mapped: str = "") -> list[tuple[int, str, str | None, str]]:
    with ListFile(path, format_name, parse_map(mapped) if mapped else None) as file:
        found = list(read_lines(file, NOW, Doubts()))
    assert [str(one) for one in found if isinstance(one, Refused)] == []
    return [(one.line, one.plate, one.state, one.reason) for one in found if isinstance(one, Line)]


def test_gzip(tmp_path: Path) -> None:
    path = tmp_path / "list.csv.gz"
    path.write_bytes(gzip.compress(CSV.encode("utf-16")))
    assert lines(path) == LIST


def test_zip(tmp_path: Path) -> None:
    path = tmp_path / "list.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("folder/list.csv", (2026, 2, 3, 4, 5, 6)), CSV)
    assert lines(path) == LIST
    with ListFile(path) as file:  # its member's date, not when it was fetched
        assert file.dated_at == datetime(2026, 2, 3, 4, 5, 6).astimezone(timezone.utc)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("other.csv", CSV)
    with pytest.raises(HotListError, match=r"list.zip: holds 2 files; unpack it"):
        ListFile(path)


@pytest.mark.parametrize("cut", [10, -12])
@pytest.mark.parametrize("name", ["list.csv.gz", "list.zip", "list.xlsx"])
def test_a_packed_file_that_breaks_off(tmp_path: Path, name: str, cut: int) -> None:
    path = tmp_path / name
    if name.endswith("gz"):
        path.write_bytes(gzip.compress(CSV.encode()))
    elif name.endswith("zip"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("list.csv", CSV)
    else:
        openpyxl.Workbook().save(path)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(HotListError, match=f"{name}: .*(get the file again|save it again)"):
        lines(path)


def test_excel(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    book = openpyxl.Workbook()
    for row in (
        ("License Plate", "ST", "Alert", "Expires", "VYR"),
        ("ABC123", "CA", "stolen vehicle", datetime(2030, 1, 2), 2019),
        (None, None, None, None, None),
        (12345, "0H", "wanted", None, 2014.0),
    ):
        book.active.append(row)
    book.save(path)
    assert lines(path) == [(2, "ABC123", "CA", "stolen vehicle"), (4, "12345", "OH", "wanted")]
    with ListFile(path) as file:
        found = [one for one in read_lines(file, NOW, Doubts()) if isinstance(one, Line)]
    ends = datetime(2030, 1, 3).astimezone(timezone.utc).isoformat(timespec="seconds")
    assert [(one.expires, one.details) for one in found] == [(ends, '{"year": "2019"}'), (None, '{"year": "2014"}')]


@pytest.mark.parametrize(
    "text",
    [
        '[{"plate": "ABC123", "state": "CA", "reason": "x"}, {"plate": "XYZ9", "state": null, "reason": "y"}]',
        '{"plate": "ABC123", "state": "CA", "reason": "x"}\n{"reason": "y", "plate": "XYZ9"}\n',
        '{"entries": [{"LIC": "ABC123", "LIS": "CA", "Reason": "x"}, {"LIC": "XYZ9", "Reason": "y"}]}',
    ],
)
def test_json(tmp_path: Path, text: str) -> None:
    path = tmp_path / "list.json"
    path.write_text(text)
    assert lines(path) == [(1, "ABC123", "CA", "x"), (2, "XYZ9", None, "y")]


def test_json_that_is_no_list(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    for text, message in (
        ('{"plate": ', "line 1: is no JSON"),
        ('[{"name": "x"}]', "no column for the plate among name; name it: --map plate=NAME"),
        ("[]", "no column for the plate among none"),
    ):
        path.write_text(text)
        with pytest.raises(HotListError, match=message):
            lines(path)


def test_names_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Tag,Plate,Where,Why\n77,ABC123,CA,stolen vehicle\n78,0012345,0H,wanted\n")
    assert lines(path, mapped="plate=plate,state=Where,reason=why") == LIST
    with pytest.raises(HotListError, match=r"list.csv: has no column 'LIC' for the plate; it has: Tag, Plate, Where"):
        lines(path, mapped="plate=LIC")
    for wrong in ("plate", "colour=X", "plate="):
        with pytest.raises(HotListError, match=r"is no column=name; columns are plate, state"):
            parse_map(wrong)


def test_a_format_that_a_user_writes(tmp_path: Path) -> None:
    (tmp_path / "county.toml").write_text(
        'title = "county"\nkind = "fixed"\n[columns]\nstate = [0, 2]\nplate = [2, 9]\n'
        '[constants]\nreason = "unpaid"\n[footer]\npattern = "^END (?P<count>\\\\d+)"\nrequired = true\n'
    )
    path = tmp_path / "list.txt"
    path.write_text("CAABC123 \n\nOH0012345\nEND 2\n")
    with ListFile(path, str(tmp_path / "county.toml")) as file:
        found = list(read_lines(file, NOW, Doubts()))
        assert [(one.line, one.plate, one.state, one.reason) for one in found if isinstance(one, Line)] == [
            (1, "ABC123", "CA", "unpaid"),
            (3, "0012345", "OH", "unpaid"),
        ]
        assert file.shortfall is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = ", "is no TOML file"),
        ('title = "x"', "'kind' is missing"),
        ('title = "x"\nkind = "odd"', "kind is 'odd', not one of table, columns"),
        ('title = "x"\nkind = "fixed"\n[columns]\nstate = [0, 2]', "no column is the plate"),
        ('title = "x"\nkind = "fixed"\ncolumn = 3', "'column' is none of its keys"),
        ('title = "x"\nkind = "pattern"\npatterns = ["(?P<plate"]', "is no hot list format"),
        ('title = "x"\nkind = "columns"\n[columns]\nplate = 1\nstate = 1', "numbered from 1, each number once"),
    ],
)
def test_a_format_that_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(HotListError, match=message):
        find_format(str(path))


def test_an_unknown_format() -> None:
    with pytest.raises(HotListError, match=r"there is no format 'nlets'; one of ca-clew, generic, genetec"):
        find_format("nlets")


def test_a_file_is_dated_by_its_header_or_by_its_change(tmp_path: Path) -> None:
    path = tmp_path / "list.tbl"
    path.write_text("DATE07/02/2018 09:00\nABC123  CA0120180627\nTOTAL RECORD 0000001\n")
    with ListFile(path) as file:
        assert file.dated_at == datetime(2018, 7, 2, 9, 0).astimezone(timezone.utc)
    path.write_text("plate\nABC123\n")
    then = time.time() - 1000
    os.utime(path, (then, then))
    with ListFile(path) as file:
        assert file.dated_at.timestamp() == pytest.approx(then, abs=0.001)


@pytest.mark.parametrize(
    ("text", "shortfall"),
    [
        ("DATE07/02/2018 09:00\nABC123  CA0120180627\nTOTAL RECORD 0000001\n", None),
        ("DATE07/02/2018 09:00\nABC123  CA0120180627\nTOTAL RECORD 0000072\n", "counts 72 records, but it has 1"),
        ("DATE07/02/2018 09:00\nABC123  CA0120180627\n", "is missing: the file breaks off"),
        ("ABC123  CA0120180627\nTOTAL RECORD 0000001\n", "is not the header that this format has"),
    ],
)
def test_a_file_counts_itself(tmp_path: Path, text: str, shortfall: str | None) -> None:
    path = tmp_path / "list.tbl"
    path.write_text(text)
    with ListFile(path, "ca-clew") as file:
        assert len(list(read_lines(file, NOW, Doubts()))) == 1
        assert shortfall is None if file.shortfall is None else shortfall is not None and shortfall in file.shortfall
        assert (file.shortfall is None) == (shortfall is None)


def test_a_header_is_not_taken_for_a_record_nor_a_record_for_a_header(tmp_path: Path) -> None:
    record = "V123456789LA057020020190509AB123456  CA2009MC2009YAMACYLMCBLK"
    path = tmp_path / "ncic.txt"
    for text, at in ((f"{record}\n", 1), (f"2019-05-10 NCIC\r\n{record}\r\n", 2)):
        path.write_text(text)
        assert lines(path) == [(at, "AB123456", "CA", "stolen vehicle")]
