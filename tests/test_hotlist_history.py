"""Entries by hand, attributes of lists, the retention rule, looking back, and the registry of sources."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from lpr.errors import HotListError
from lpr.hotlist.attributes import ignore, purge, unignore
from lpr.hotlist.changes import Why
from lpr.hotlist.importer import import_file
from lpr.hotlist.lists import HotLists
from lpr.hotlist.sync import LOADED, NOT_LISTED, UNCHANGED, read_registry, sync
from lpr.plates import Box, Candidate, Sighting
from lpr.records.row import to_record
from lpr.records.schema import Database, now, open_database

DAY = timedelta(days=1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "lpr.db") as opened:
        yield opened


def test_edit_keeps_the_old_version_and_says_why(database: Database) -> None:
    lists = HotLists(database)
    first = lists.add("ABC123", "bolo", "CA", "seen", details={"color": "red"}, why=Why("report", "26-1"))
    before, after = lists.edit(
        "abc 123", "BOLO", {"plate": "ABC128", "caution": "armed", "color": ""}, why=Why("mistyped")
    )
    assert (before, after.plate, after.details) == (first, "ABC128", {"caution": "armed"})
    assert lists.entries("bolo") == [after]
    assert [hit.tier for hit in lists.check("ABC128")] == ["exact"]
    old, new = database.rows("SELECT active, replaces, removed_in, added_in FROM entries ORDER BY id")
    assert (old["active"], new["active"], new["replaces"], old["removed_in"]) == (0, 1, first.id, new["added_in"])
    added, edited = lists.log("bolo")
    assert (added.action, added.purpose, added.case) == ("add", "report", "26-1")
    assert (edited.action, edited.purpose, edited.before, edited.after) == (
        "edit",
        "mistyped",
        {"plate": "ABC123", "state": "CA", "reason": "seen", "color": "red"},
        {"plate": "ABC128", "state": "CA", "reason": "seen", "caution": "armed"},
    )


def test_edit_wants_to_know_which_entry(database: Database) -> None:
    lists = HotLists(database)
    one, two = (lists.add("ABC123", "bolo", state, "seen") for state in ("CA", "NV"))
    with pytest.raises(HotListError) as caught:
        lists.edit("ABC123", "bolo", {"reason": "x"})
    assert str(caught.value) == (
        f"list 'bolo' has 2 entries ABC123; say which one (--id {one.id}: CA, seen; --id {two.id}: NV, seen)"
    )
    assert lists.edit("ABC123", "bolo", {"reason": "x"}, state="nv")[0] == two
    assert lists.edit("ABC123", "bolo", {"reason": "y"}, entry_id=one.id)[0] == one


def test_an_entry_cannot_expire_before_it_begins(database: Database) -> None:
    moment = datetime.now(timezone.utc)
    with pytest.raises(HotListError, match="before it begins"):
        HotLists(database).add("ABC1", "bolo", "CA", "x", expires=moment + DAY, effective=moment + 2 * DAY)


def test_attributes_are_kept_and_changes_told_once(database: Database) -> None:
    lists = HotLists(database)
    assert lists.set("ncic", {"priority": 2, "max_age": 86400, "tiers": ["look-alike", "exact"], "origin": "FBI"})
    assert not lists.set("ncic", {"priority": 2})
    lists.set("other", {"kind": "AMBER", "priority": 1})
    first, second = lists.lists()
    assert (first.name, first.kind, first.priority) == ("other", "AMBER", 1)  # the most urgent first
    assert (second.tiers, second.max_age, second.origin, second.stale) == (("exact", "look-alike"), 86400, "FBI", False)
    assert [(c.action, c.list) for c in lists.log()] == [("set", "ncic"), ("set", "other")]
    for wrong, message in (({"tiers": ["odd"]}, "odd is no tier"), ({"colour": 1}, "a list has no 'colour'")):
        with pytest.raises(HotListError, match=message):
            lists.set("ncic", wrong)


def test_known_false_alerts_raise_no_hit(database: Database) -> None:
    lists = HotLists(database)
    lists.add("8MZ5536", "bolo", "CA", "x")
    ignore(database, "bolo", "8MZS536", "the neighbour's", Why("26 false alerts"))
    assert (len(lists.check("8MZS536")), len(lists.check("8MZ5536"))) == (0, 1)
    assert lists.lists()[0].ignored == ("8MZS536",)
    unignore(database, "bolo", "8mz-s536")
    assert len(lists.check("8MZS536")) == 1
    assert [c.action for c in lists.log(plate="8MZS536")] == ["ignore", "unignore"]
    with pytest.raises(HotListError, match="does not ignore"):
        unignore(database, "bolo", "8MZS536")


def test_only_the_retention_rule_forgets(database: Database) -> None:
    lists = HotLists(database)
    for name in ("short", "for ever"):
        lists.add("ABC1", name, "CA", "x")
        lists.add("ABC2", name, "CA", "x")
        lists.remove("ABC1", name)
    lists.set("short", {"retention": 30})
    assert purge(database) == {}
    later = datetime.now(timezone.utc) + 31 * DAY
    assert purge(database, later) == {"short": 1}
    rows = database.rows("SELECT name, plate FROM entries JOIN hotlists ON hotlists.id = list_id ORDER BY entries.id")
    assert [(row["name"], row["plate"]) for row in rows] == [
        ("short", "ABC2"), ("for ever", "ABC1"), ("for ever", "ABC2"),
    ]  # fmt: skip
    assert [(c.action, c.plate) for c in lists.log("short")] == [("add", "ABC2"), ("set", None), ("purge", None)]
    assert purge(database, later) == {}


def add_sighting(database: Database, number: int, text: str, *candidates: str, days: float = 0.0) -> None:
    """A sighting on record, taken ``days`` ago, in the scan that is also ``number``."""
    source = database.insert(
        "sources",
        {"name": f"{number}.jpg", "path": f"/{number}.jpg", "sha256": str(number), "bytes": 1, "kind": "photo",
         "created_at": now()},
    )  # fmt: skip
    scan = database.insert(
        "scans",
        {"source_id": source, "lpr_version": "1", "version": "1", "settings": "{}", "run": "r", "started_at": now(),
         "status": "done"},
    )  # fmt: skip
    share = 0.8 if candidates else 1.0
    sighting = Sighting(
        source="", frame=0, seconds=None, taken_at=datetime.now(timezone.utc) - days * DAY, first_seen=None,
        last_seen=None, reads=1, raw=text, text=text, confidence=0.9, characters=(),
        candidates=(Candidate(text, share), *(Candidate(c, 0.2 / len(candidates)) for c in candidates)),
        box=Box(0, 0, 9, 9), detector_confidence=0.9, jurisdiction=None,
    )  # fmt: skip
    database.insert("sightings", {"scan_id": scan, "number": 1, "created_at": now(), **to_record(sighting)})


def test_looking_back_finds_sightings_and_their_candidates(tmp_path: Path, database: Database) -> None:
    add_sighting(database, 1, "ABC723", "ABC123", days=2)  # a candidate of the reader's
    add_sighting(database, 2, "ABC123", days=1)
    add_sighting(database, 3, "ABC123", days=40)  # too long ago
    add_sighting(database, 4, "XYZ999", days=1)
    add_sighting(database, 5, "ABC123", days=1)
    database.execute("UPDATE scans SET replaced_by = 2 WHERE id = 5")  # the same passing as another scan's
    lists = HotLists(database)
    entry = lists.add("ABC 123", "bolo", "CA", "seen")
    found = lists.look_back(30 * DAY, entry)
    assert [(one.source, one.hit.tier, one.hit.entry_id) for one in found] == [
        ("1.jpg", "candidate", entry.id),
        ("2.jpg", "exact", entry.id),
    ]
    rows = database.rows("SELECT sighting_id, entry_id, historical FROM hits ORDER BY sighting_id")
    assert [tuple(row.values()) for row in rows] == [(1, entry.id, 1), (2, entry.id, 1)]
    assert len(lists.look_back(50 * DAY, entry)) == 3
    assert len(database.rows("SELECT * FROM hits")) == 3  # each on record once
    # an import looks back for what it adds, not for what stood there before
    path = tmp_path / "list.csv"
    path.write_text("plate,state,reason\nXYZ999,CA,wanted\nABC123,CA,seen\n")
    imported = import_file(database, path, "list")
    assert sorted(one.source for one in lists.look_back(30 * DAY, change_id=imported.change_id)) == [
        "1.jpg", "2.jpg", "4.jpg",
    ]  # fmt: skip
    path.write_text("plate,state,reason\nXYZ999,CA,wanted\nABC123,CA,seen\nNEW1,CA,x\n")
    assert lists.look_back(30 * DAY, change_id=import_file(database, path, "list").change_id) == []


def test_looking_back_by_the_index_finds_what_comparing_everything_finds(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The better the shipped reader, the rarer what it misreads without a doubt: here neighbours are near all the same.
    monkeypatch.setattr("lpr.hotlist.matcher.LEAST_NEAR", 2e-5)
    chance = random.Random(8)
    letters = "ABDOQ0128SZGTTTM"
    mistaken = {"W": "M", "M": "W", "V": "Y", "Y": "V", "G": "C", "0": "O", "8": "B", "T": "1", "1": "T"}
    listed = ["".join(chance.choices(letters, k=6)) for _ in range(12)]
    with database.atomic():
        for number in range(400):
            plate = chance.choice(listed)
            other, text = list(plate), list(plate)
            for i in chance.sample(range(6), chance.choice((0, 1, 1, 2, 5))):
                text[i] = chance.choice((chance.choice(letters), mistaken.get(text[i], "7")))
            if chance.random() < 0.5:
                other[chance.randrange(6)] = chance.choice(letters)
            add_sighting(database, number, "".join(text), "".join(other), days=chance.randrange(40))
    lists = HotLists(database)
    lists.set("list", {"tiers": ["exact", "look-alike", "candidate", "near", "partial"]})
    path = tmp_path / "list.csv"
    path.write_text("plate,state,reason\n" + "".join(f"{text},CA,x\n" for text in [*listed, f"{listed[0][:4]}*"]))
    change_id = import_file(database, path, "list").change_id

    def found() -> list[tuple[int, str, str, float]]:
        hits = lists.look_back(30 * DAY, change_id=change_id)
        return sorted((one.sighting_id, one.hit.plate, one.hit.tier, one.hit.score) for one in hits)

    by_index = found()
    monkeypatch.setattr("lpr.hotlist.lookback.FEW", 0)
    assert by_index == found()
    assert {tier for _, _, tier, _ in by_index} == {"exact", "look-alike", "candidate", "near", "partial"}


REGISTRY = """
[[list]]
name = "daily"
file = "in/daily*.csv"
kind = "stolen vehicle"
priority = 1
max_age = "24h"
map = { plate = "LIC", state = "LIS" }

[[list]]
name = "weekly"
file = "in/weekly.csv"
reason = "stolen plate"
max_age = "1w"
"""


def test_sync_loads_what_is_new_and_tells_what_is_old(tmp_path: Path, database: Database) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    registry = tmp_path / "sources.toml"
    registry.write_text(REGISTRY)
    HotLists(database).add("HAND1", "bolo", "CA", "seen")

    def deliver(name: str, text: str, hours: float) -> None:
        (folder / name).write_text(text)
        then = datetime.now().timestamp() - hours * 3600
        os.utime(folder / name, (then, then))

    def synced() -> list[tuple[str, str, bool, str | None]]:
        return [
            (one.list, one.outcome, one.stale, one.problem and one.problem.removeprefix(f"{folder}/"))
            for one in sync(database, read_registry(registry), Why("cron"))
        ]

    deliver("daily-1.csv", "LIC,LIS\nABC1,CA\n", 30)
    missing = "weekly.csv: cannot be read (No such file or directory); check the name and its permissions"
    assert synced() == [
        ("daily", LOADED, True, None),
        ("weekly", "failed", False, missing),
        ("bolo", NOT_LISTED, False, None),
    ]
    deliver("daily-2.csv", "LIC,LIS\nABC1,CA\nABC2,CA\n", 1)
    deliver("weekly.csv", "plate\nXYZ1\n", 30)
    assert [one[:3] for one in synced()] == [
        ("daily", LOADED, False), ("weekly", LOADED, False), ("bolo", NOT_LISTED, False),
    ]  # fmt: skip
    assert [one[:2] for one in synced()][:2] == [("daily", UNCHANGED), ("weekly", UNCHANGED)]
    daily, weekly = HotLists(database).lists()[0], HotLists(database).lists()[-1]
    assert (daily.name, daily.kind, daily.priority, daily.entries) == ("daily", "stolen vehicle", 1, 2)
    assert [e.reason for e in HotLists(database).entries(weekly.name)] == ["stolen plate"]
    # what needs force is not loaded by a timer
    deliver("daily-3.csv", "LIC,LIS\nABC3,CA\n", 0)
    (first, *_) = synced()
    assert first[1] == "failed" and first[3] is not None and "would remove 2 of 2 entries" in first[3]
    assert {c.purpose for c in HotLists(database).log("daily")} == {"cron"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"must hold tables \[\[list\]\]"),
        ('[[list]]\nname = "x"', "list 1: name and file are needed"),
        ('[[list]]\nname = "x"\nfile = "y"\nurl = "z"', "list 1: 'url' is unknown; keys are name, file"),
        ('[[list]]\nname = "x"\nfile = "y"\nkind = "odd"', "list 1: kind 'odd' is none of stolen vehicle"),
        ('[[list]]\nname = "x"\nfile = "y"\nmax_age = "soon"', "'soon' is no span of time"),
    ],
)
def test_a_registry_that_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(text)
    with pytest.raises(HotListError, match=message):
        read_registry(path)


def test_the_shipped_registry() -> None:
    shipped = Path(__file__).parents[1] / "hotlists" / "sources.toml"
    assert [(one.name, one.file.name) for one in read_registry(shipped)] == [("example", "example.csv")]
