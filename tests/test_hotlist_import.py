"""Hot list files: how they may look, which lines are refused, and what an import changes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from lpr.errors import HotListError, RecordsError
from lpr.hotlist.comparison import EntryChange
from lpr.hotlist.details import TEMPLATE
from lpr.hotlist.importer import How, Imported, import_file
from lpr.hotlist.listfile import ListFile
from lpr.hotlist.lists import HotLists
from lpr.hotlist.rejected import rejected_path
from lpr.records.schema import Database, open_database

FORCE = How(force=True)
EXAMPLES = Path(__file__).parents[1] / "hotlists"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "lpr.db") as opened:
        yield opened


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def entries(path: Path) -> list[tuple[str, str | None, str]]:
    lists = HotLists.from_files([path])
    assert lists.refused == ()
    return [(e.plate, e.state, e.reason) for e in lists.entries(path.stem)]


LIST = [("ABC123", "CA", "stolen vehicle"), ("XYZ 9", "OH", "wanted")]


@pytest.mark.parametrize(
    "text",
    [
        "plate,state,reason\nABC123,CA,stolen vehicle\nXYZ 9,OH,wanted\n",
        "plate,state,reason\r\nABC123,CA,stolen vehicle\r\nXYZ 9,OH,wanted",  # Windows, no end of the last line
        "plate;state;reason\nABC123;CA;stolen vehicle\nXYZ 9;OH;wanted\n",
        "plate\tstate\treason\nABC123\tCA\tstolen vehicle\nXYZ 9\tOH\twanted\n",
        "sep=|\nplate|state|reason\nABC123|CA|stolen vehicle\nXYZ 9|OH|wanted\n",  # Excel names its delimiter
        "\n,,\nplate,state,reason\n\nABC123,CA,stolen vehicle\n,,\nXYZ 9,OH,wanted\n",  # blank lines
        '"plate","state","reason"\n"ABC123","CA","stolen vehicle"\n"XYZ 9","0H","wanted"\n',  # O as zero
        " License Plate , State/Province,Alert Type\nABC123,California,stolen vehicle\nXYZ 9,oh,wanted\n",
        "REASON,LIS,LIC\nstolen vehicle,CA,ABC123\nwanted,0H,XYZ 9\n",  # NCIC's names, another order
        "Hot Plate,ST,Reason,\nABC123,CA,stolen vehicle,\nXYZ 9,OH,wanted,\n",  # a column without name or content
    ],
)
def test_layouts_that_mean_the_same(tmp_path: Path, text: str) -> None:
    assert entries(written(tmp_path / "list.csv", text)) == LIST


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path / "list.csv", "plate,state,reason\nABC123,CA,volé\nDEF456,QC,recherché\n", encoding)
    assert entries(path) == [("ABC123", "CA", "volé"), ("DEF456", "QC", "recherché")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; its first line must be a header such as plate,state,reason"),
        (b"\n  \n,,\n", "is empty; its first line must be a header such as plate,state,reason"),
        (b"plate,state,reason\n", "no line makes an entry (it holds no line after the header); "),
        (b"plate,state\n,CA\n", "no line makes an entry ("),
        (
            b"ABC123,CA,stolen\n",
            "no column for the plate in the first line (ABC123,CA,stolen); it must be a header such as "
            "plate,state,reason (see: lpr hotlist template); or say which column it is: --map plate=NAME, in a file "
            "without header --map plate=1,state=2",
        ),
        (b"PK\x03\x04rest", "breaks off or is damaged (File is not a zip file); get the file again"),
        (b"\x1f\x8brest", "breaks off or is damaged ("),
        (b"%PDF-1.4", "is a PDF, not a list; save the list as CSV or XLSX"),
        (b"\x7fELF\x02\x01\x01\x00\x00\x00\x00", "is no text file; save the list as CSV (UTF-8)"),
        (b"\x01\x02\x03plate", "is no text file; save the list as CSV (UTF-8)"),
        (b"plate,state\nABC123,\xe2\x82", "breaks off or is damaged (unexpected end of data); get the file again"),
    ],
)
def test_files_that_are_no_hot_list(tmp_path: Path, database: Database, content: bytes, message: str) -> None:
    good = written(tmp_path / "good.csv", "plate,state\nABC123,CA\n")
    import_file(database, good, "bolo")
    bad = tmp_path / "bad.csv"
    bad.write_bytes(content)
    with pytest.raises(HotListError) as caught:
        import_file(database, bad, "bolo")
    assert str(caught.value).startswith(f"{bad}: {message}")
    assert [e.plate for e in HotLists(database).entries("bolo")] == ["ABC123"]


def test_a_missing_file_and_a_folder(tmp_path: Path, database: Database) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(HotListError, match="cannot be read"):
            import_file(database, path, "bolo")
    assert HotLists(database).lists() == []


BAD = """plate,state,reason,expires
GOOD1,CA,fine,
,CA,no plate,
A?*2,CA,says too little,
# a remark,,,
1HGCM82633A004352,CA,a VIN,
АВС12,CA,Cyrillic,
FIELDS,CA,one, too,many
DATE1,CA,no date,soon
QUOTE,CA,"never closed,
GOOD2,QQ,unknown state,2099-12-31
GOOD3,CA,"two
lines",
"""


def test_refused_lines_are_written_out_and_the_rest_goes_on(tmp_path: Path, database: Database) -> None:
    path = written(tmp_path / "list.csv", BAD)
    imported = import_file(database, path, "bolo")
    assert (imported.added, imported.refused, imported.rejected_file) == (3, 8, str(tmp_path / "list.csv.rejected.csv"))
    assert imported.warnings == ("state 'QQ' is no US or Canadian code, kept as written (1 line)",)
    with rejected_path(path).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["line", "problem", "plate", "state", "reason", "expires"]
    assert [(row[0], row[1].split(";")[0], row[2]) for row in rows[1:]] == [
        ("3", "the plate is empty", ""),
        ("4", "'A?*2' has only 2 known characters", "A?*2"),
        ("5", "'# a remark' has the character '#'", "# a remark"),
        ("6", "'1HGCM82633A004352' has 17 characters", "1HGCM82633A004352"),
        ("7", "'АВС12' has the character 'А'", "АВС12"),
        ("8", "5 fields where the header has 4", "FIELDS"),
        ("9", "'soon' is no expiry", "DATE1"),
        ("10", "a quotation mark is missing or misplaced", 'QUOTE,CA,"never closed,'),
    ]
    found = {e.plate: (e.line, e.reason) for e in HotLists(database).entries("bolo")}
    assert found == {"GOOD1": (2, "fine"), "GOOD2": (11, "unknown state"), "GOOD3": (12, "two\nlines")}
    assert sorted(p.name for p in tmp_path.glob("list*")) == ["list.csv", "list.csv.rejected.csv"]


def test_an_unclosed_quotation_mark_swallows_no_entry(tmp_path: Path) -> None:
    lines = "".join(f"A{n},CA,x\n" for n in range(100))
    path = written(tmp_path / "list.csv", f'plate,state,reason\nBAD1,CA,"open\n{lines}BAD2,CA,"open at the end\n')
    lists = HotLists.from_files([path])
    assert [e.plate for e in lists.entries("list")] == [f"A{n}" for n in range(100)]
    assert [str(r) for r in lists.refused] == [
        f"{path}, line 2: a quotation mark is missing or misplaced",
        f"{path}, line 103: a quotation mark is missing or misplaced",
    ]


def test_the_rejected_file_of_an_earlier_import_goes(tmp_path: Path, database: Database) -> None:
    path = written(tmp_path / "list.csv", BAD)
    import_file(database, path, "bolo")
    written(path, "plate\nABC123\n")
    assert import_file(database, path, "bolo", how=FORCE).rejected_file is None
    assert not rejected_path(path).exists()


def test_a_file_of_the_users_own_stays(tmp_path: Path, database: Database) -> None:
    path = written(tmp_path / "list.csv", "plate\nABC123\n")
    own = written(rejected_path(path), "mine\n")
    import_file(database, path, "bolo")
    assert own.read_text() == "mine\n"


def test_reimport_replaces_the_list(tmp_path: Path, database: Database) -> None:
    path = tmp_path / "list.csv"
    written(path, "plate,state,reason,comment\nSAME1,CA,a,\nGONE1,CA,b,\nMORE1,CA,c,red\nMORE1,NV,other state,\n")
    first = import_file(database, path, "bolo")
    lists = HotLists(database)
    before = {(e.plate, e.state): e.id for e in lists.entries("bolo")}
    lists.add("HAND1", "bolo", "CA", "by hand")
    written(path, "plate,state,reason,comment\nMORE1,CA,c,blue\nSAME1,CA,a,\nMORE1,NV,other state,\nNEW 1,TX,d,\n")
    second = import_file(database, path, "Bolo", how=FORCE)
    assert (first.created, second.created, second.list) == (True, False, "bolo")
    assert (second.added, second.removed, second.changed, second.unchanged, second.by_hand) == (1, 1, 1, 2, 1)
    assert second.changes == (
        EntryChange("added", "NEW 1", "TX", None, "d"),
        EntryChange("removed", "GONE1", "CA", "b", None),
        EntryChange("changed", "MORE1", "CA", "c; comment: red", "c; comment: blue"),
    )
    after = {(e.plate, e.state): (e.id, e.line) for e in lists.entries("bolo")}
    assert after.keys() == {("MORE1", "CA"), ("SAME1", "CA"), ("MORE1", "NV"), ("NEW 1", "TX"), ("HAND1", "CA")}
    # what did not change is the same entry, with the line that brought it; a changed one is a new one beside the old
    assert after["SAME1", "CA"] == (before["SAME1", "CA"], 2)
    assert after["MORE1", "CA"][0] != before["MORE1", "CA"]
    kept = database.rows("SELECT plate, details, removed_at, removed_by FROM entries WHERE active = 0 ORDER BY plate")
    assert [(row["plate"], row["details"]) for row in kept] == [("GONE1", "{}"), ("MORE1", '{"comment": "red"}')]
    assert all(row["removed_at"] and row["removed_by"] for row in kept)


def test_importing_again_changes_nothing(tmp_path: Path, database: Database) -> None:
    path = written(tmp_path / "list.csv", "plate,state\nABC123,CA\nABC123,\n0012345,NV\n1E5,NV\n")
    import_file(database, path, "bolo")
    ids = [e.id for e in HotLists(database).entries("bolo")]
    again = import_file(database, path, "bolo")
    assert (again.added, again.removed, again.changed, again.unchanged) == (0, 0, 0, 4)
    assert [e.id for e in HotLists(database).entries("bolo")] == ids
    assert {e.text for e in HotLists(database).entries("bolo")} == {"ABC123", "0012345", "1E5"}


def test_repeated_lines_count_once_and_other_reasons_stay(tmp_path: Path, database: Database) -> None:
    path = written(tmp_path / "list.csv", "plate,state,reason\nABC123,CA,a\nABC123,CA,b\nABC123,CA,a\nABC123,NV,a\n")
    imported = import_file(database, path, "bolo")
    assert (imported.added, imported.repeated) == (3, 1)
    assert len(HotLists(database).check("ABC123")) == len(HotLists.from_files([path]).check("ABC123")) == 3


def test_a_file_takes_over_what_was_added_by_hand(tmp_path: Path, database: Database) -> None:
    lists = HotLists(database)
    lists.add("ABC123", "bolo", "CA", "seen")
    path = written(tmp_path / "list.csv", "plate,state,reason\nABC123,CA,stolen vehicle\n")
    imported = import_file(database, path, "bolo")
    assert (imported.added, imported.changed, imported.by_hand) == (0, 1, 0)
    assert [(e.reason, e.line) for e in lists.entries("bolo")] == [("stolen vehicle", 2)]


def test_dry_run_changes_nothing(tmp_path: Path, database: Database) -> None:
    path = written(tmp_path / "list.csv", BAD)
    told = import_file(database, path, "bolo", dry_run=True)
    assert (told.added, told.refused, told.rejected_file) == (3, 8, None)
    assert HotLists(database).lists() == []
    assert not rejected_path(path).exists()


def test_a_failure_in_the_middle_leaves_the_old_list(tmp_path: Path, database: Database) -> None:
    path = written(tmp_path / "list.csv", "plate\nOLD1\nOLD2\n")
    import_file(database, path, "bolo")
    database.execute(
        "CREATE TRIGGER full BEFORE INSERT ON entries WHEN NEW.plate = 'NEW2' "
        "BEGIN SELECT raise(ABORT, 'database or disk is full'); END"
    )
    written(path, "plate\nNEW1\nNEW2\n")
    with pytest.raises(RecordsError, match="make room"):
        import_file(database, path, "bolo", how=FORCE)
    assert [e.plate for e in HotLists(database).entries("bolo")] == ["OLD1", "OLD2"]


def test_other_columns_are_kept_with_the_entry(tmp_path: Path) -> None:
    path = written(tmp_path / "list.csv", "LIC,LIS,OCA,VYR,VMA,Zone,Zone\nABC123,CA,26-1,2019,HONDA,4,north\n")
    (entry,) = HotLists.from_files([path]).entries("list")
    assert entry.details == {"case": "26-1", "year": "2019", "make": "HONDA", "zone": "4", "zone 7": "north"}


def test_a_list_name_must_be_one(tmp_path: Path, database: Database) -> None:
    path = written(tmp_path / "list.csv", "plate\nABC123\n")
    for name in ("", "  ", "x" * 61, "a\x07b", "--db"):
        with pytest.raises(HotListError, match="is no name for a hot list"):
            import_file(database, path, name)


def test_the_import_is_on_record(tmp_path: Path, database: Database) -> None:
    path = written(tmp_path / "list.csv", "plate\nABC123\n")
    imported: Imported = import_file(database, path, "bolo", kind="BOLO")
    (one,) = HotLists(database).lists()
    assert imported.created
    assert (one.name, one.kind, one.entries, one.source_file) == ("bolo", "BOLO", 1, str(path))
    assert one.source_sha256 == "6944be4f12f1f658b5222843d8e8524dffd1b6d9a786575cd0613087751f84f5"
    (row,) = database.rows("SELECT created_at, created_by FROM entries")
    assert (row["created_at"], bool(row["created_by"])) == (one.imported_at, True)


def test_the_shipped_lists() -> None:
    with ListFile(EXAMPLES / "template.csv") as template:
        assert template.header == TEMPLATE
    lists = HotLists.from_files([EXAMPLES / "example.csv"])
    assert (len(lists.entries("example")), lists.refused) == (15, ())
    # what the samples show
    assert [(h.plate, h.tier) for plate in ("7KDR482", "BXT4019", "8MZS536") for h in lists.check(plate)] == [
        ("7KDR482", "exact"),
        ("BXT4O19", "exact"),
        ("8MZ5536", "look-alike"),
    ]
