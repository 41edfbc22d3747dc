"""What an import will not do unless told to, what it does to a list in either mode, and what it leaves on record."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from lpr.errors import HotListError
from lpr.hotlist.changes import Why
from lpr.hotlist.comparison import Comparison
from lpr.hotlist.importer import How, import_file
from lpr.hotlist.lists import HotLists
from lpr.records.schema import Database, open_database

FORCE = How(force=True)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "lpr.db") as opened:
        yield opened


def write(path: Path, *plates: str, age: float = 0.0) -> Path:
    """A list of plates of California; changed ``age`` seconds ago."""
    path.write_text("plate,state,reason\n" + "".join(f"{plate},CA,stolen vehicle\n" for plate in plates))
    then = path.stat().st_mtime - age
    os.utime(path, (then, then))
    return path


def plates(database: Database) -> list[str]:
    return [entry.plate for entry in HotLists(database).entries("list")]


TEN = tuple(f"AAA{n:03}" for n in range(10))


def test_a_fifth_may_go_and_no_more(tmp_path: Path, database: Database) -> None:
    path = write(tmp_path / "list.csv", *TEN)
    import_file(database, path, "list")
    with pytest.raises(HotListError, match=r"would remove 3 of 10 entries \(30%\); nothing is changed; lpr"):
        import_file(database, write(path, *TEN[3:]), "list")
    assert plates(database) == list(TEN)
    assert import_file(database, write(path, *TEN[2:]), "list").removed == 2
    forced = import_file(database, write(path, "BBB111"), "list", how=FORCE)
    assert (forced.removed, forced.doubts) == (8, ("would remove 8 of 8 entries (100%)",))


def test_changed_entries_and_those_by_hand_are_not_removed(tmp_path: Path, database: Database) -> None:
    path = write(tmp_path / "list.csv", *TEN)
    import_file(database, path, "list")
    HotLists(database).add("HAND1", "list", "CA", "seen")
    path.write_text(path.read_text().replace("stolen vehicle", "stolen plate"))
    imported = import_file(database, path, "list")
    assert (imported.changed, imported.removed, imported.by_hand, imported.doubts) == (10, 0, 1, ())


def test_an_older_file_needs_force(tmp_path: Path, database: Database) -> None:
    path = write(tmp_path / "list.csv", *TEN)
    import_file(database, path, "list")
    with pytest.raises(HotListError, match=r"is from 20.* UTC, older than the loaded one of 20.* UTC; nothing"):
        import_file(database, write(path, *TEN, age=3600), "list")
    assert import_file(database, path, "list", how=FORCE).unchanged == 10


def test_a_file_that_fails_its_own_count_needs_force(tmp_path: Path, database: Database) -> None:
    path = tmp_path / "svs.tbl"
    path.write_text("DATE07/02/2018 09:00\nABC123  CA0120180627\nTOTAL RECORD 0000072\n")
    told = import_file(database, path, "list", dry_run=True)
    assert told.doubts == ("its last line counts 72 records, but it has 1",)
    with pytest.raises(HotListError, match="counts 72 records"):
        import_file(database, path, "list")
    assert HotLists(database).lists() == []
    import_file(database, path, "list", how=How(force=True, reason="felony vehicle"))
    (one,) = HotLists(database).lists()
    assert (one.format, one.entries) == ("ca-clew", 1)
    assert one.dated_at is not None
    dated_at = datetime.fromisoformat(one.dated_at)
    assert dated_at == datetime(2018, 7, 2, 9, 0).astimezone(timezone.utc)  # where the machine stands


def test_incremental_leaves_alone_what_the_file_does_not_name(tmp_path: Path, database: Database) -> None:
    import_file(database, write(tmp_path / "list.csv", *TEN), "list")
    path = tmp_path / "changes.csv"
    path.write_text(
        "plate,state,reason,action\n"
        "AAA000,CA,recovered,delete\n"
        "AAA001,CA,stolen plate,add\n"  # another reason than before
        "AAA002,CA,stolen vehicle,add\n"  # says nothing new
        "NEW1,CA,wanted,add\n"
        "NONE1,CA,,delete\n"
    )
    imported = import_file(database, path, "list", how=How(mode="incremental"))
    assert (imported.added, imported.removed, imported.changed, imported.unchanged) == (1, 1, 1, 1)
    assert imported.warnings == ("1 line takes a plate off the list that does not stand there",)
    assert plates(database) == [*TEN[1:], "NEW1"]
    found = {entry.plate: entry.reason for entry in HotLists(database).entries("list")}
    assert (found["AAA001"], found["AAA003"]) == ("stolen plate", "stolen vehicle")


def test_a_system_that_numbers_its_entries_may_change_a_plate(tmp_path: Path, database: Database) -> None:
    path = tmp_path / "pois.json"

    def poi(number: int, status: str, plate: str) -> dict[str, str]:
        return {"ID": str(number), "Status": status, "PlateNumber": plate, "PlateSt": "NJ", "Reason": "BOLO ALERT"}

    path.write_text(json.dumps({"POIs": [poi(1, "ADD", "ABC1"), poi(2, "ADD", "ABC2"), poi(3, "ADD", "ABC3")]}))
    first = import_file(database, path, "list")
    assert (first.format, first.mode, first.added) == ("nj-snap", "incremental", 3)
    path.write_text(json.dumps({"POIs": [poi(1, "EDIT", "XYZ1"), poi(3, "DELETE", "ABC3")]}))
    second = import_file(database, path, "list")
    assert (second.added, second.removed, second.doubts) == (1, 2, ())
    assert plates(database) == ["ABC2", "XYZ1"]


def test_partial_plates_and_twins(tmp_path: Path, database: Database) -> None:
    path = tmp_path / "list.csv"
    path.write_text("plate,state\nAB?12*,PA\nABC-O12,PA\nABC013,CA\nK**9?1,\n")
    imported = import_file(database, path, "list")
    assert imported.warnings == (
        "PA issues both letter O and zero: 1 line may stand for two vehicles; verify the plate",
    )
    found = {entry.plate: (entry.text, entry.partial) for entry in HotLists(database).entries("list")}
    assert found == {
        "AB?12*": ("AB?12*", True),
        "ABC-O12": ("ABCO12", False),
        "ABC013": ("ABC013", False),
        "K**9?1": ("K*9?1", True),
    }
    assert [(hit.plate, hit.tier) for hit in HotLists(database).check("ABX129")] == [("AB?12*", "partial")]


def test_an_entry_counts_from_when_it_begins(tmp_path: Path, database: Database) -> None:
    path = tmp_path / "list.csv"
    path.write_text("plate,effective\nABC1,2099-01-01\nABC2,2020-01-01\n")
    import_file(database, path, "list")
    lists = HotLists(database)
    assert ([hit.plate for hit in lists.check("ABC1")], [hit.plate for hit in lists.check("ABC2")]) == ([], ["ABC2"])


def test_hits_of_a_list_over_its_age_say_so(tmp_path: Path, database: Database) -> None:
    path = write(tmp_path / "list.csv", "ABC123", age=7200)
    import_file(database, path, "list")
    lists = HotLists(database)
    for max_age, stale in ((3600, True), (10800, False), (None, False)):
        lists.set("list", {"max_age": max_age})
        assert [hit.stale for hit in lists.check("ABC123")] == [stale]
        assert [one.stale for one in lists.lists()] == [stale]


def test_an_import_is_on_record_with_its_reason(tmp_path: Path, database: Database) -> None:
    path = write(tmp_path / "list.csv", *TEN)
    import_file(database, path, "list", how=How(why=Why("daily load", "26-1")))
    path.write_text(path.read_text().replace("AAA003,CA,stolen vehicle", "AAA003,CA,stolen plate"))
    import_file(database, path, "list")
    first, second = HotLists(database).log("list")
    assert (first.action, first.purpose, first.case, first.plate, first.before) == (
        "import", "daily load", "26-1", None, None,
    )  # fmt: skip
    assert first.after is not None and (first.after["file"], first.after["added"]) == (str(path), 10)
    assert second.after is not None and (second.after["changed"], second.after["unchanged"]) == (1, 9)
    # of a plate: what became of it, by whichever import
    history = [(c.action, c.before and c.before["reason"], c.after and c.after["reason"]) for c in
               HotLists(database).log(plate="AAA-003")]  # fmt: skip
    assert history == [("import", None, "stolen vehicle"), ("import", "stolen vehicle", "stolen plate")]


def test_what_changes_during_the_comparison_is_compared_again(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "list.csv", *TEN)
    import_file(database, path, "list")

    class Disturbed(Comparison):
        """Another program removes a plate right after the first comparison."""

        times = 0

        def compare(self, list_id: int | None, incremental: bool) -> None:
            super().compare(list_id, incremental)
            self.times += 1
            if self.times == 1:
                with open_database(tmp_path / "lpr.db") as other:
                    HotLists(other).remove("AAA003", "list")

    monkeypatch.setattr("lpr.hotlist.importer.Comparison", Disturbed)
    imported = import_file(database, path, "list")
    assert (imported.added, imported.unchanged) == (1, 9)
    assert plates(database) == list(TEN)
