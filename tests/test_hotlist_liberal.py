"""Files as agencies export them: titles above the header, odd names, traces of Excel. All is read or refused."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from lpr.errors import HotListError
from lpr.hotlist.expiry import is_never, parse_expiry, parse_start
from lpr.hotlist.lines import Doubts, Line, Refused, read_lines
from lpr.hotlist.listfile import ListFile

NOW = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)


def read(path: Path, content: str | bytes, mapped: dict[str, str] | None = None) -> tuple[list[Line], list[Refused]]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with ListFile(path, "auto", mapped) as file:
        found = list(read_lines(file, NOW, Doubts()))
    return [one for one in found if isinstance(one, Line)], [one for one in found if isinstance(one, Refused)]


@pytest.mark.parametrize(
    ("content", "entries"),
    [
        # a title and a date before the header
        ("STOLEN PLATES\nPrinted 11/25/2026,,\n\nLic #,Lic St,Offense\n1ABC234,CA,STOLEN\n", ["1ABC234 CA STOLEN"]),
        # names that no table has, one each that can mean plate and state; the owner's state is not the plate's
        ("Vehicle Reg. Plate No.,Plate Issuing State/Prov,Owner State\nABC1234,AL,GA\n", ["ABC1234 AL "]),
        ("LICENSEPLATENBR\tIssuingSt\tCharge\nABC1234\tAL\ttheft\n", ["ABC1234 AL theft"]),
        # the plate's own state goes before another one
        ("State,License Plate,License Plate State\nGA,ABC1234,AL\n", ["ABC1234 AL "]),
        # a line break inside the names
        ('"License\nPlate","Issuing\nState"\nABC1234,AL\n', ["ABC1234 AL "]),
        # a code where there is no reason
        ("plateNumber,plateState,reasonCode\nABC123,US-CA,V\n", ["ABC123 CA V"]),
        # Excel's ways to keep a number a text
        ('plate,state\n="0012345",NV\n\'0012346,NV\n', ["0012345 NV ", "'0012346 NV "]),
        # blanks, lines of blanks, lower case
        ('plate,state\n abc-1234 , al \n   \n"", \n,,\n', ["abc-1234 AL "]),
        # the end of a text as DOS writes it, the ends of line as old Macs write them
        ("plate,state\nABC1234,AL\n\x1a", ["ABC1234 AL "]),
        ("plate,state\rABC1234,AL\rXYZ789,TX\r", ["ABC1234 AL ", "XYZ789 TX "]),
        # Windows-1252 has dashes where Latin-1 has nothing
        ("plate,state,reason\nABC–1234,AL,“BOLO”\n".encode("cp1252"), ["ABC–1234 AL “BOLO”"]),
        # JSON with objects inside, and of texts alone
        ('{"vehicles": [{"plate": {"text": "ABC123", "state": "CA"}, "why": 1}]}', ["ABC123 CA "]),
        ('["ABC123", "XYZ 789"]', ["ABC123 None ", "XYZ 789 None "]),
        # California's count and date, written a little otherwise
        ("DATE: 07/02/2018 09:00:00\nABC123  CA0120180627\nTOTAL RECORDS: 1\n", ["ABC123 CA "]),
    ],
)
def test_what_agencies_export_is_read(tmp_path: Path, content: str | bytes, entries: list[str]) -> None:
    lines, refused = read(tmp_path / "list.txt", content)
    assert [f"{line.plate} {line.state} {line.reason}" for line in lines] == entries
    assert not refused


@pytest.mark.parametrize(
    "content", ["ABC123,x,CA\nXYZ789,y,TX\n", "Number,Why,Where\nABC123,x,CA\nXYZ789,y,TX\n", "Tag,,St\nABC123,x,CA\n"]
)
def test_columns_by_their_numbers(tmp_path: Path, content: str) -> None:
    lines, refused = read(tmp_path / "list.csv", content, {"plate": "1", "state": "3"})
    assert [(line.plate, line.state) for line in lines][-2:] == [
        pair for pair in (("ABC123", "CA"), ("XYZ789", "TX")) if pair[0] in content
    ]
    assert not refused


def test_a_number_that_no_column_has(tmp_path: Path) -> None:
    with pytest.raises(HotListError, match="has 2 columns; --map counts them from 1"):
        read(tmp_path / "list.csv", "ABC123,CA\n", {"plate": "3"})


@pytest.mark.parametrize(
    "plate", ["12-Mar", "Mar-12", "2026-03-12", "3/12/2026", "1.23E+06", "#N/A", "ABC123 / ABC124"]
)
def test_what_excel_made_of_a_plate_is_refused(tmp_path: Path, plate: str) -> None:
    lines, refused = read(tmp_path / "list.csv", f"plate,state\n{plate},CA\nABC1234,AL\n")
    assert [line.plate for line in lines] == ["ABC1234"]
    assert [one.line for one in refused] == [2]


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[[dict[str, list[list[object]]]], Path]:
    openpyxl = pytest.importorskip("openpyxl")

    def write(sheets: dict[str, list[list[object]]]) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        path = tmp_path / "list.xlsx"
        book.save(path)
        return path

    return write


def test_a_workbook_with_a_cover(workbook: Callable[[dict[str, list[list[object]]]], Path]) -> None:
    path = workbook(
        {
            "Cover": [["Hot list of Springfield"]],
            "List": [
                ["Springfield PD"],
                [],
                ["Plate #", "State", "Expires", "NIC"],
                [1234567.0, "NV", datetime(2026, 12, 31), 1234567890],
                [datetime(2026, 3, 12), "NV"],
                [None, None],
                ["abc-12", "nv", 46387],
            ],
        }
    )
    with ListFile(path) as file:
        found = list(read_lines(file, NOW, Doubts()))
        assert file.skipped == 1
    ends = (datetime(2027, 1, 1).astimezone(timezone.utc)).isoformat(timespec="seconds")
    assert [(one.line, one.plate, one.expires) for one in found if isinstance(one, Line)] == [
        (4, "1234567", ends),
        (7, "abc-12", ends),
    ]
    assert json.loads(next(one.details for one in found if isinstance(one, Line))) == {"nic": "1234567890"}
    assert [(one.line, "is a date" in one.problem) for one in found if isinstance(one, Refused)] == [(5, True)]


def test_a_workbook_with_two_lists_loses_none(workbook: Callable[[dict[str, list[list[object]]]], Path]) -> None:
    rows: list[list[object]] = [["plate", "state"], ["ABC123", "NV"]]
    with pytest.raises(HotListError, match=r"has 2 sheets with plates \(A, B\); save each as a file of its own"):
        ListFile(workbook({"A": rows, "B": rows}))


def test_a_workbook_that_says_it_is_smaller_than_it_is(
    workbook: Callable[[dict[str, list[list[object]]]], Path], tmp_path: Path
) -> None:
    path = workbook({"A": [["plate", "state"], ["ABC123", "NV"], ["ABC124", "NV"]]})
    small = tmp_path / "small.xlsx"
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(small, "w") as written:
        for name in whole.namelist():
            written.writestr(name, whole.read(name).replace(b'<dimension ref="A1:B3"', b'<dimension ref="A1:A1"'))
    assert small.stat().st_size and b"A1:A1" in zipfile.ZipFile(small).read("xl/worksheets/sheet1.xml")
    with ListFile(small) as file:
        assert [fields for _, fields, _ in file.records()] == [["ABC123", "NV"], ["ABC124", "NV"]]


def local(*parts: int) -> datetime:
    return datetime(*parts).astimezone(timezone.utc)  # type: ignore[arg-type]


LAST = local(2027, 1, 1)
EVENING = local(2026, 12, 31, 23, 59)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        *((day, LAST) for day in ("2026-12-31", "2026/12/31", "20261231", "12312026", "12/31/2026", "12-31-2026")),
        *(
            (day, LAST)
            for day in ("12/31/26", "31-DEC-2026", "31-Dec-26", "31DEC2026", "31 dec 2026", "Dec. 31st, 2026")
        ),
        *((day, LAST) for day in ("December 31, 2026", "Thursday, December 31, 2026", "31.12.2026", "46387")),
        *((at, EVENING) for at in ("2026-12-31T23:59", "2026-12-31 23:59:00.000", "202612312359", "20261231 2359")),
        *(
            (at, EVENING)
            for at in ("12/31/2026 11:59 PM", "12/31/26 11:59:00 p.m.", "12/31/2026 2359", "Dec 31 2026 23:59")
        ),
        *((at, EVENING) for at in ("12/31/2026 2359 hrs", "31-DEC-2026:23:59:00", "12/31/2026  23:59")),
        ("12/31/2026 12:30 AM", local(2026, 12, 31, 0, 30)),
        ("12/31/2026 2400", LAST),
        ("2026-12-31T23:59:59Z", datetime(2026, 12, 31, 23, 59, 59, tzinfo=timezone.utc)),
        ("2026-12-31T17:59:59.000-06:00", datetime(2026, 12, 31, 23, 59, 59, tzinfo=timezone.utc)),
        ("2026-12-31 23:59:59 +0000", datetime(2026, 12, 31, 23, 59, 59, tzinfo=timezone.utc)),
        ("12/31/2026 18:59:59 EST", datetime(2026, 12, 31, 23, 59, 59, tzinfo=timezone.utc)),
        ("1798761599", datetime(2026, 12, 31, 23, 59, 59, tzinfo=timezone.utc)),
        ("1798761599000", datetime(2026, 12, 31, 23, 59, 59, tzinfo=timezone.utc)),
        ("12/31/99", local(2100, 1, 1)),
        ("72h", NOW + timedelta(hours=72)),
    ],
)
def test_dates_as_exports_write_them(written: str, moment: datetime) -> None:
    assert parse_expiry(written, NOW) == moment
    assert not is_never(written)


@pytest.mark.parametrize(
    "written",
    ["", "never", "N/A", "NONEXP", "Until Cancelled", "12/31/9999", "9999-12-31T23:59:59", "00/00/0000", "0",
     "00000000", "0001-01-01T00:00:00", "1/1/1900"],
)  # fmt: skip
def test_what_means_no_expiry(written: str) -> None:
    assert is_never(written)


@pytest.mark.parametrize(
    "written",
    ["13/05/2026", "05.04.2026", "02/30/2026", "2026-13-01", "261231", "5", "soon", "2026-12", "25:00", "12/31"],
)
def test_what_may_mean_two_days_or_none_is_refused(written: str) -> None:
    assert not is_never(written)
    with pytest.raises(HotListError, match="is no expiry"):
        parse_expiry(written, NOW)


def test_a_beginning_of_the_last_century() -> None:
    assert parse_start("01/15/98", NOW) == local(1998, 1, 15)
    assert parse_start("01/15/26", NOW) == local(2026, 1, 15)
