"""Alerts: when they are raised, how they are decided, what is counted, and what their screens say."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import fake_recognizer, write_photo

import lpr
from cli.main import cli
from lpr.errors import HotListError
from lpr.hotlist import alert, report
from lpr.hotlist.entry import Difference, Hit
from lpr.plates import Box, Character, Jurisdiction, Sighting
from lpr.records.row import to_record
from lpr.records.schema import Value, now, timestamp

RED, GREEN = (0, 0, 255), (0, 255, 0)
NOON = datetime(2026, 7, 1, 12, tzinfo=timezone.utc)
HIT = Hit(
    "bolo", "8MZ5536", "CA", "look-alike", (Difference(3, "S", "5"),), 0.06, "unknown", "missing person", None,
    "8MZS536", "8MZS536", "only look-alikes differ: S for 5",
)  # fmt: skip
SEEN = Sighting(
    source="cam-1", frame=7, seconds=None, taken_at=NOON, first_seen=None, last_seen=None, reads=3, raw="8MZ S536",
    text="8MZS536", confidence=0.9, characters=(Character("8", 0.9),), candidates=(), box=Box(1, 2, 61, 22),
    detector_confidence=0.8, jurisdiction=Jurisdiction("us-ca", 0.4),
)  # fmt: skip


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> lpr.Database:
    monkeypatch.setenv("LPR_DB", str(tmp_path / "lpr.db"))
    monkeypatch.setattr(alert, "user", lambda: "kim")
    database = lpr.open_database()
    source: dict[str, Value] = {
        "name": "a",
        "path": "/a",
        "sha256": "0",
        "bytes": 1,
        "kind": "photo",
        "created_at": now(),
    }
    scan: dict[str, Value] = {
        "source_id": database.insert("sources", source),
        "lpr_version": "0",
        "version": "v",
        "settings": "{}",
    }
    database.insert("scans", {**scan, "run": "r", "started_at": now(), "status": "running"})
    return database


def passing(database: lpr.Database, sighting: Sighting = SEEN) -> int:
    """A sighting on record."""
    number = len(database.rows("SELECT id FROM sightings")) + 1
    return database.insert("sightings", {"scan_id": 1, "number": number, "created_at": now(), **to_record(sighting)})


def later(seconds: float, source: str = "cam-1") -> Sighting:
    return replace(SEEN, source=source, taken_at=NOON + timedelta(seconds=seconds))


def raised(database: lpr.Database, *sightings: Sighting, hit: Hit = HIT) -> list[int]:
    """How many alerts each passing raises."""
    return [len(alert.raise_alerts(database, passing(database, s), s, [hit])) for s in sightings]


def test_one_alert_for_each_entry_and_passing(database: lpr.Database) -> None:
    sighting_id = passing(database)
    other = replace(HIT, plate="8MZS536", tier="exact", differs=())
    assert len(alert.raise_alerts(database, sighting_id, SEEN, [HIT])) == 1
    # the agreed text changes while the vehicle passes, and another entry matches
    assert len(alert.raise_alerts(database, sighting_id, SEEN, [HIT, other])) == 1
    assert alert.raise_alerts(database, sighting_id, SEEN, [HIT, other]) == ()
    assert [(a.plate, a.repeats) for a in alert.alerts(database)] == [("8MZS536", 0), ("8MZ5536", 0)]


def test_a_conflict_of_states_raises_none(database: lpr.Database) -> None:
    assert raised(database, SEEN, hit=replace(HIT, state_agreement="conflicts")) == [0]


@pytest.mark.parametrize(
    ("passings", "alerts"),
    [
        ([later(0), later(600)], [1, 0]),  # within the cooldown
        ([later(0), later(601)], [1, 1]),
        ([later(0), later(400), later(800)], [1, 0, 0]),  # counted from the last passing
        ([later(0), later(10, "cam-2")], [1, 1]),  # another camera
        ([replace(SEEN, taken_at=None, seconds=s) for s in (0.0, 90.0, 900.0)], [1, 0, 1]),  # footage without a clock
        ([replace(SEEN, taken_at=None)] * 2, [1, 0]),  # twice in one photo
    ],
)
def test_cooldown(database: lpr.Database, passings: list[Sighting], alerts: list[int]) -> None:
    assert raised(database, *passings) == alerts
    assert sum(a.repeats for a in alert.alerts(database)) == alerts.count(0)


def test_another_entry_of_the_same_plate_has_its_own_alert(database: lpr.Database) -> None:
    assert raised(database, SEEN) + raised(database, later(1), hit=replace(HIT, list="amber")) == [1, 1]


def test_a_scan_that_starts_over_raises_nothing_twice(database: lpr.Database) -> None:
    assert raised(database, SEEN) == [1]
    alert.decide(database, 1, "correct")
    database.execute("DELETE FROM sightings")
    assert raised(database, SEEN) == [0]
    (found,) = alert.alerts(database)
    assert (found.status, found.repeats, found.sighting_id) == ("decided", 0, 1)


def test_new_seen_decided_and_decided_again(database: lpr.Database) -> None:
    raised(database, SEEN)
    assert alert.find(database, 1).status == "new"
    first = alert.see(database, 1)
    assert (first.status, first.seen_by, first.decision) == ("seen", "kim", None)
    assert alert.see(database, 1) == first
    alert.decide(database, 1, "correct")
    last = alert.decide(database, 1, "misread", "a 5")
    assert (last.status, last.decision, last.decided_by, last.note) == ("decided", "misread", "kim", "a 5")
    assert last.seen_at == first.seen_at
    events = database.rows("SELECT event, decision, note, by FROM alert_events ORDER BY id")
    assert [tuple(row.values()) for row in events] == [
        ("seen", None, None, "kim"),
        ("decided", "correct", None, "kim"),
        ("decided", "misread", "a 5", "kim"),
    ]


@pytest.mark.parametrize(
    ("alert_id", "decision", "message"),
    [
        (9, "correct", "there is no alert 9; see: lpr alerts list"),
        (1, "guilty", "'guilty' is no decision; there are: correct, misread, wrong-state, stale, other"),
        (1, "other", "other needs a note that says what it was"),
    ],
)
def test_what_cannot_be_decided(database: lpr.Database, alert_id: int, decision: str, message: str) -> None:
    raised(database, SEEN)
    with pytest.raises(HotListError, match=message):
        alert.decide(database, alert_id, decision)
    assert alert.find(database, 1).status == "new"


def test_the_counts_that_laws_ask_for(database: lpr.Database) -> None:
    database.insert("hotlists", {"name": "empty", "kind": "custom", "created_at": now()})
    raised(database, later(0), later(1000), later(2000), later(2001))
    for sighting_id, agreement in ((1, "unknown"), (2, "unknown"), (3, "unknown"), (4, "conflicts")):
        row: dict[str, Value] = {
            "sighting_id": sighting_id,
            "list": "bolo",
            "plate": "8MZ5536",
            "tier": "look-alike",
            "differs": "[]",
        }
        database.insert("hits", {**row, "score": 0.1, "state_agreement": agreement, "created_at": now()})
    alert.decide(database, 1, "correct")
    alert.decide(database, 2, "wrong-state")
    day = timedelta(days=1)
    today = datetime.now(timezone.utc)
    counted = report.report(database, timestamp(today - day), timestamp(today + day))
    assert counted == [
        report.ListCounts("bolo", 4, 4, 1, 3, 1, 0, 1, 0, 0, 1),
        report.ListCounts("empty", 4, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    ]
    before = report.report(database, timestamp(today - 2 * day), timestamp(today - day))
    assert [(line.plates_scanned, line.matches, line.alerts) for line in before] == [(0, 0, 0)]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments), obj=fake_recognizer(), prog_name="lpr")


def test_from_the_photo_to_the_decision(
    database: lpr.Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("lpr.hotlist.alert.now", lambda: "2026-07-01T12:00:00.000+00:00")
    write_photo(tmp_path / "a.png", RED, GREEN)
    added = ("--state", "AL", "--reason", "stolen vehicle", "--nic", "V123", "--vehicle", "2019 Honda")
    assert run("hotlist", "add", "XYZ 00B", "--list", "bolo", *added).exit_code == 0
    assert run("scan", "a.png", "--save-crops", "crops", "-q").exit_code == 0
    listed = json.loads(run("alerts", "list", "--json").stdout)
    assert [(row["id"], row["status"], row["text"], row["plate"]) for row in listed] == [
        (1, "new", "XYZ0O8", "XYZ 00B")
    ]
    shown = run("alerts", "show", "1").stdout
    score = f"{listed[0]['score']:.2g}"
    assert shown == (
        "Alert 1: possible match: verify plate, state and vehicle\n"
        "\n"
        "           read      on the list\n"
        "  plate    XYZ0O8    XYZ00B\n"
        "               ^^        ^^\n"
        "  state    unknown   AL   (not compared)\n"
        "\n"
        f"  why      look-alike, score {score}: only look-alikes differ: 8 for B\n"
        "  list     bolo, reason given: stolen vehicle\n"
        "  nic      V123\n"
        "  vehicle  2019 Honda\n"
        "\n"
        "  seen     a.png\n"
        f"  crop     {tmp_path / 'crops' / 'a-XYZ0O8.png'}\n"
        "  box      110 50 170 70\n"
        "\n"
        "  Before anything else is done:\n"
        "  [ ] look at the picture: compare the plate, the marked characters first, and the vehicle\n"
        "  [ ] confirm the state: AL\n"
        "  [ ] confirm with the live system that the entry still stands (NIC V123)\n"
        "\n"
        "  Seen 2026-07-01 12:00 UTC by kim. Then: lpr alerts decide 1 correct|misread|wrong-state|stale|other\n"
    )
    assert (tmp_path / "crops" / "a-XYZ0O8.png").is_file()
    assert run("alerts", "decide", "1", "misread", "--note", "a B").stdout == (
        "Alert 1: the plate was misread (decided by kim)\n"
    )
    assert run("alerts", "show", "1").stdout.endswith(
        "  Decided 2026-07-01 12:00 UTC by kim: the plate was misread: a B\n"
    )
    assert run("alerts", "list", "--status", "new").stderr == "There are no such alerts\n"
    counted = run("alerts", "report", "--since", "2026-07-01", "--until", "2026-07-01").stdout
    assert counted.splitlines()[1].split() == [
        *("list", "matches", "conflicts", "alerts", "correct", "misread", "wrong_state", "stale", "other", "undecided")
    ]
    assert counted.splitlines()[2].split() == ["bolo", "0", "0", "1", "0", "1", "0", "0", "0", "0"]
    assert run("scan", "a.png", "-q").exit_code == 0  # from the record: nothing new
    assert len(list(alert.alerts(database))) == 1


def test_gaps_are_marked_on_both_sides(database: lpr.Database) -> None:
    differs = (Difference(0, "", "7"), Difference(2, "C", ""), Difference(4, "", "9"))
    hit = replace(HIT, plate="7ABD9", text="ABCD", differs=differs, tier="near", stale=True)
    raised(database, replace(SEEN, text="ABCD"), hit=hit)
    lines = run("alerts", "show", "1").stdout.splitlines()
    assert [line[11:].split() for line in lines[3:5]] == [["·ABCD·", "7AB·D9"], ["^", "^", "^", "^", "^", "^"]]
    assert (
        "  list     bolo, reason given: missing person; THE LIST IS STALE, the entry may have been taken off since"
        in lines
    )


def test_usage_errors(database: lpr.Database) -> None:
    assert (run("alerts", "show", "9").exit_code, run("alerts", "show", "9").stderr) == (
        1,
        "Error: there is no alert 9; see: lpr alerts list\n",
    )
    assert run("alerts", "decide", "1", "guilty").exit_code == 2
    assert run("alerts", "report", "--since", "2026-02-01", "--until", "2026-01-01").exit_code == 2
    assert run("alerts", "report", "--since", "soon").stderr == "Error: 'soon' is no day; write 2026-07-01\n"
