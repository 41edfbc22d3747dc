"""Hot lists of a database and of files: entries by hand, what counts when, and that both answer alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from lpr.errors import HotListError, PlateError
from lpr.hotlist.expiry import parse_expiry
from lpr.hotlist.lists import HotLists
from lpr.plates import Box, Candidate, Jurisdiction, Sighting
from lpr.records.schema import Database, open_database

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "lpr.db") as opened:
        yield opened


def plates(lists: HotLists, name: str) -> list[tuple[str, str | None]]:
    return [(e.plate, e.state) for e in lists.entries(name)]


def test_add_makes_the_list_and_counts_at_once(database: Database) -> None:
    lists = HotLists(database)
    entry = lists.add(" abc-1234 ", "bolo", "0H", "stolen vehicle", details={"case": "26-1"})
    assert (entry.plate, entry.text, entry.state, entry.list) == ("abc-1234", "ABC1234", "OH", "bolo")
    (hit,) = lists.check("ABC 1234", state="Ohio")
    assert (hit.entry_id, hit.plate, hit.tier, hit.state_agreement) == (entry.id, "abc-1234", "exact", "agrees")
    assert lists.entries("BOLO") == [entry]


def test_add_again_replaces_the_entry_of_the_same_plate_state_and_reason(database: Database) -> None:
    lists = HotLists(database)
    first = lists.add("ABC1234", "bolo", "AL", "seen")
    lists.add("ABC1234", "bolo", "AL", "another reason")
    lists.add("ABC1234", "bolo", None, "seen")
    second = lists.add("ABC-1234", "bolo", "AL", "seen", details={"comment": "twice"})
    assert first.id not in [e.id for e in lists.entries("bolo")]
    assert sorted((e.id or 0, e.reason, e.state) for e in lists.entries("bolo"))[-1] == (second.id, "seen", "AL")
    assert len(lists.entries("bolo")) == 3


def test_remove_keeps_the_entry_inactive(database: Database) -> None:
    lists = HotLists(database)
    lists.add("B0B 1", "bolo", "AL", "x")
    lists.add("BOB1", "bolo", "NV", "y")
    lists.add("BDB1", "bolo", "NV", "a look-alike, not the same plate")
    assert [e.plate for e in lists.remove("bob-1", "bolo", state="nv")] == ["BOB1"]
    assert [e.plate for e in lists.remove("bob-1", "BOLO")] == ["B0B 1"]
    assert plates(lists, "bolo") == [("BDB1", "NV")]
    assert [h.plate for h in lists.check("BOB1")] == ["BDB1"]
    kept = database.rows("SELECT plate, removed_at, removed_by FROM entries WHERE active = 0 ORDER BY id")
    assert [row["plate"] for row in kept] == ["B0B 1", "BOB1"]
    assert all(row["removed_at"] and row["removed_by"] for row in kept)


def test_remove_tells_what_is_not_there(database: Database) -> None:
    lists = HotLists(database)
    lists.add("ABC1", "bolo", "AL", "x")
    for plate, name, state, message in (
        ("ABC2", "bolo", None, "list 'bolo' has no plate ABC2; see: lpr hotlist list 'bolo'"),
        ("ABC1", "bolo", "NV", "list 'bolo' has no plate ABC1 of state NV; see: lpr hotlist list 'bolo'"),
        ("ABC1", "other", None, "there is no hot list 'other'; see: lpr hotlist list"),
    ):
        with pytest.raises(HotListError) as caught:
            lists.remove(plate, name, state)
        assert str(caught.value) == message
    assert plates(lists, "bolo") == [("ABC1", "AL")]


def test_an_expired_entry_is_shown_and_matches_nothing(database: Database) -> None:
    lists = HotLists(database)
    soon = datetime.now(timezone.utc) + timedelta(hours=1)
    lists.add("ABC1", "bolo", "AL", "x", expires=soon)
    assert len(lists.check("ABC1")) == 1
    database.execute("UPDATE entries SET expires_at = '2020-01-01T00:00:00.000+00:00'")
    assert lists.check("ABC1") == []
    (one,) = lists.lists()
    assert (one.entries, one.expired, plates(lists, "bolo")) == (0, 1, [("ABC1", "AL")])


def test_what_cannot_be_added(database: Database) -> None:
    lists = HotLists(database)
    with pytest.raises(HotListError, match="would have expired"):
        lists.add("ABC1", "bolo", "AL", "x", expires=NOW - timedelta(days=365))
    with pytest.raises(PlateError, match="only 2 known characters"):
        lists.add("A?1*", "bolo", "AL", "x")
    assert lists.lists() == []


def test_lists_of_files_answer_like_those_of_a_database(tmp_path: Path, database: Database) -> None:
    path = tmp_path / "bolo.csv"
    path.write_text("plate,state,reason\nABC123,CA,a\nA8C123,NV,b\nABC723,,c\nZZZ999,TX,d\n")
    lists = HotLists(database)
    lists.import_file(path, "bolo")
    of_files = HotLists.from_files([path])
    candidates = (Candidate("ABC123", 0.8), Candidate("ABC723", 0.2))
    seen = Jurisdiction("us-nv", 0.9)
    ours, theirs = (found.match("ABC123", candidates, seen) for found in (lists, of_files))
    assert [(h.plate, h.tier, h.state_agreement) for h in ours] == [
        ("ABC123", "exact", "conflicts"),
        ("A8C123", "look-alike", "agrees"),
        ("ABC723", "candidate", "unknown"),
    ]
    assert [{**h.as_row(), "entry_id": None} for h in ours] == [h.as_row() for h in theirs]


def test_a_sighting_brings_its_candidates_and_state(tmp_path: Path) -> None:
    path = tmp_path / "bolo.csv"
    path.write_text("plate,state\nABC723,CA\n")
    sighting = Sighting(
        source="a.jpg", frame=0, seconds=None, taken_at=None, first_seen=None, last_seen=None, reads=1, raw="ABC123",
        text="ABC123", confidence=0.8, characters=(), box=Box(0, 0, 9, 9), detector_confidence=0.9,
        candidates=(Candidate("ABC123", 0.8), Candidate("ABC723", 0.2)), jurisdiction=Jurisdiction("us-ca", 0.9),
    )  # fmt: skip
    (hit,) = HotLists.from_files([path]).match(sighting)
    assert hit.as_row() == {
        "list": "bolo",
        "plate": "ABC723",
        "state": "CA",
        "tier": "candidate",
        "differs": [{"position": 3, "read": "1", "entry": "7"}],
        "score": pytest.approx(0.2, abs=0.03),  # the table of confusions takes a little
        "state_agreement": "agrees",
        "reason": "",
        "entry_id": None,
        "text": "ABC123",
        "candidate": "ABC723",
        "rule": "the reader's candidate ABC723 (20 %) is the entry's",
        "stale": False,
    }


def test_lists_of_files_cannot_be_changed(tmp_path: Path) -> None:
    path = tmp_path / "bolo.csv"
    path.write_text("plate\nABC123\n")
    with pytest.raises(HotListError, match="edit the files"):
        HotLists.from_files([path]).add("ABC1", "bolo", "AL", "x")


def test_looking_up_uses_the_index(database: Database) -> None:
    HotLists(database).add("ABC1", "bolo", "AL", "x")
    plan = database.rows(
        "EXPLAIN QUERY PLAN SELECT * FROM entries JOIN hotlists ON hotlists.id = entries.list_id "
        "WHERE entries.look_alike_key IN ('A', 'B') AND entries.active = 1"
    )
    assert [row["detail"].split(" (")[0] for row in plan] == [
        "SEARCH entries USING INDEX entries_look_alike_key",
        "SEARCH hotlists USING INTEGER PRIMARY KEY",
    ]


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("72h", NOW + timedelta(hours=72)),
        ("90 min", NOW + timedelta(minutes=90)),
        ("3d", NOW + timedelta(days=3)),
        ("2w", NOW + timedelta(weeks=2)),
        ("2026-12-31T18:00:00+00:00", datetime(2026, 12, 31, 18, tzinfo=timezone.utc)),
        ("2026-12-31T18:00:00Z", datetime(2026, 12, 31, 18, tzinfo=timezone.utc)),
        # a day ends with the day, where the machine stands
        ("2026-12-31", datetime(2027, 1, 1).astimezone(timezone.utc)),
        ("20261231", datetime(2027, 1, 1).astimezone(timezone.utc)),
        ("12/31/2026", datetime(2027, 1, 1).astimezone(timezone.utc)),
        ("12/31/2026 18:30", datetime(2026, 12, 31, 18, 30).astimezone(timezone.utc)),
        ("12/31/2026 6:30 PM", datetime(2026, 12, 31, 18, 30).astimezone(timezone.utc)),
    ],
)
def test_parse_expiry(written: str, moment: datetime) -> None:
    assert parse_expiry(written, NOW) == moment


@pytest.mark.parametrize("written", ["soon", "72", "31/12/2026", "2026-02-30", "99999999999999d", ""])
def test_what_is_no_expiry(written: str) -> None:
    with pytest.raises(HotListError, match="is no expiry"):
        parse_expiry(written, NOW)
