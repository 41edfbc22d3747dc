"""Incidents: by hand and from files, the plates near them, and those near several."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from click.testing import CliRunner
from world import HERE, START, make, see

import lpr
from cli.main import cli
from lpr.investigation.incident_file import read_incidents
from lpr.investigation.nearby import AWAY, TOWARDS, plates_near
from lpr.investigation.shared import shared
from lpr.places import Place
from lpr.records.incidents import Incident, find_incident, incidents, put_incidents

DAY = timedelta(days=1)


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[lpr.Database]:
    monkeypatch.setenv("LPR_DB", str(tmp_path / "lpr.db"))
    with lpr.open_database(tmp_path / "lpr.db") as database:
        make(database)
        yield database


def put(database: lpr.Database, after: timedelta = timedelta(), place: Place = HERE) -> Incident:
    (made,), _ = put_incidents(database, [Incident("shooting", START + after, place)])
    return made


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, list(words))
    return result.exit_code, result.stdout, result.stderr


def test_the_closest_in_time_and_place_stand_first(database: lpr.Database) -> None:
    early = see(database, "EARLY1", -130)
    before = see(database, "BEFORE1", -60, "gate")
    there = see(database, "THERE1", 5, "gate")
    bridge = see(database, "BRIDGE1", 5, "bridge")
    late = see(database, "LATE1", 299, "gate")
    see(database, "MALL1", 5, "mall")
    see(database, "ATTIC1", 5, "attic")
    see(database, "NEVER1", None, "gate")
    answer = plates_near(database, put(database))
    assert [one.found.id for one in answer.nearby] == [there, before, bridge, late]
    assert early not in {one.found.id for one in answer.nearby}
    assert answer.without_place == 1  # the attic's
    closest, at_bridge = answer.nearby[0], answer.nearby[2]
    # (1 - 5/300) × (1 - 0/800), nothing known of the direction: × 0.8; at the bridge 500 of 800 metres away.
    assert closest.closeness == pytest.approx((1 - 5 / 300) * 0.8, abs=1e-6)
    assert at_bridge.closeness == pytest.approx((1 - 5 / 300) * (1 - 500 / 800) * 0.8, abs=1e-3)
    assert closest.why == "5 s after, 0 m away, direction unknown"


def test_the_direction_of_travel_counts(database: lpr.Database) -> None:
    """The cameras look north; the incident is in the south of the bridge."""
    fleeing = see(database, "FLEES1", 60, "bridge", direction="leaving")
    coming = see(database, "COMES1", 60, "bridge", direction="approaching")
    arriving = see(database, "COMES2", -60, "bridge", direction="approaching")
    near = {one.found.id: one for one in plates_near(database, put(database)).nearby}
    assert (near[fleeing].travel, near[fleeing].movement) == (0, AWAY)
    assert (near[coming].travel, near[coming].movement) == (180, TOWARDS)
    assert near[fleeing].why == "60 s after, 500 m away, going north, away from it"
    assert near[coming].closeness == pytest.approx(near[fleeing].closeness * 0.6)
    assert near[arriving].closeness == pytest.approx((1 - 60 / 120) * (1 - 500 / 800), abs=1e-3)


def test_two_cameras_tell_the_direction_too(database: lpr.Database) -> None:
    first, second = see(database, "8ABC123", 30, "gate"), see(database, "BABC123", 90, "bridge")
    near = {one.found.id: one for one in plates_near(database, put(database, place=Place(33.519, -86.8))).nearby}
    assert near[first].travel == pytest.approx(0, abs=0.01) and near[second].travel == pytest.approx(0, abs=0.01)
    assert near[first].movement == near[second].movement == AWAY


def test_incidents_by_hand(database: lpr.Database) -> None:
    code, out, _ = run("incident", "add", "--kind", "shooting", "--at", "2026-07-01T00:00:00Z",
                       "--place", "33.52,-86.8", "--reference", "26-1", "--note", "two shots")  # fmt: skip
    assert (code, out) == (0, "Incident 1 added: shooting, 2026-07-01 00:00:00 UTC, 33.52,-86.8 (reference 26-1)\n")
    again = run("incident", "add", "--kind", "robbery", "--at", "2026-07-01T00:01:00Z", "--place", "33.52,-86.8",
                "--reference", "26-1", "--json")[1]  # fmt: skip
    (row,) = json.loads(again)
    assert (row["id"], row["kind"], row["at"], row["note"]) == (1, "robbery", "2026-07-01T00:01:00.000+00:00", None)
    put(database, DAY)
    assert [one.id for one in incidents(database)] == [2, 1]
    assert [
        json.loads(line)["id"] for line in run("incident", "list", "--kind", "ROBBERY", "--nl")[1].splitlines()
    ] == [1]
    assert "      kind  robbery\n" in run("incident", "show", "26-1")[1]
    assert run("incident", "show", "26-2")[2] == "Error: there is no incident 26-2; see: lpr incident list\n"
    for system in ("a", "b"):
        put_incidents(database, [Incident("shooting", START, HERE, "7-7", system)])
    with pytest.raises(
        lpr.QuestionError, match="several systems have an incident 7-7; name one of these instead: 3, 4"
    ):
        find_incident(database, "7-7")


GUNSHOTS = """\
Flex ID,Incident Date/Time,Type,Rounds,Latitude,Longitude,Address
SST-1,07/01/2026 02:14:05 PM,Multiple Gunshots,6,33.5207,-86.8025,1700 4th Ave N
SST-2,never,Single Gunshot,1,33.5,-86.8,2 Main St
SST-3,07/01/2026 03:00:00 PM,Single Gunshot,1,0,0,
SST-4,07/02/2026 01:00:00 AM,Single Gunshot,1,33.51,-86.81,"5th Ave, corner"
"""
DISPATCH = {
    "calls": [
        {
            "cad_number": "26-000123",
            "call_time": "2026-07-01T19:14:30Z",
            "nature": "SHOTS FIRED",
            "location": {"lat": 33.5207, "lng": -86.8025, "address": "1700 4th Ave N"},
            "priority": 1,
        }
    ]
}
BALLISTICS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "id": "NIBIN-77",
            "geometry": {"type": "Point", "coordinates": [-86.8025, 33.5207]},
            "properties": {"date": "2026-07-01", "time": "14:14", "calibre": "9 mm"},
        }
    ],
}


def test_a_gunshot_system_s_table(tmp_path: Path) -> None:
    file = tmp_path / "shots.csv"
    file.write_text(GUNSHOTS)
    made, refused = read_incidents(file, "shotspotter")
    assert [(one.reference, one.kind, one.place, one.address) for one in made] == [
        ("SST-1", "Multiple Gunshots", Place(33.5207, -86.8025), "1700 4th Ave N"),
        ("SST-4", "Single Gunshot", Place(33.51, -86.81), "5th Ave, corner"),
    ]
    assert made[0].at == datetime(2026, 7, 1, 14, 14, 5).astimezone(timezone.utc)
    assert dict(made[0].details) == {"Rounds": "6"} and made[0].system == "shotspotter"
    assert [(one.line, one.reason) for one in refused] == [
        (3, "'never' is no time"),
        (4, "latitude and longitude are 0, which is no place of an incident"),
    ]


def test_dispatch_and_ballistics(tmp_path: Path) -> None:
    (tmp_path / "cad.json").write_text(json.dumps(DISPATCH))
    ((one,), refused) = read_incidents(tmp_path / "cad.json", "cad")
    assert refused == []
    assert (one.reference, one.kind, one.place) == ("26-000123", "SHOTS FIRED", Place(33.5207, -86.8025))
    assert one.at == datetime(2026, 7, 1, 19, 14, 30, tzinfo=timezone.utc)
    assert dict(one.details) == {"priority": 1} and one.address == "1700 4th Ave N"
    (tmp_path / "nibin.geojson").write_text(json.dumps(BALLISTICS))
    ((lead,), _) = read_incidents(tmp_path / "nibin.geojson", "nibin", kind="ballistic match")
    assert (lead.reference, lead.kind, lead.place) == ("NIBIN-77", "ballistic match", Place(33.5207, -86.8025))
    assert lead.at == datetime(2026, 7, 1, 14, 14).astimezone(timezone.utc)


@pytest.mark.parametrize(
    "content, said",
    [
        ("", "no incident in it (it holds none)"),
        ("a,b\n1,2\n", "no incident in it (line 2: no time)"),
        ("time,kind\n2026-07-01,x\n", "line 2: no latitude and longitude"),
        ("time,lat,lon\n2026-07-01,1,2\n", "line 2: no kind; name one with --kind"),
        ('{"a": ', "broken JSON (line 1"),
    ],
)
def test_files_without_incidents(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "x.csv").write_text(content)
    with pytest.raises(lpr.QuestionError) as error:
        read_incidents(tmp_path / "x.csv")
    assert said in str(error.value)


def test_an_imported_alert_gives_its_plates(database: lpr.Database, tmp_path: Path) -> None:
    see(database, "THERE1", 5, "gate")
    file = tmp_path / "alert.json"
    file.write_text(
        json.dumps({"id": 9, "type": "gunshot", "timestamp": START.timestamp(), "lat": 33.52, "lon": -86.8})
    )
    code, out, err = run("incident", "import", str(file), "--system", "shotspotter", "--plates", "--nl")
    assert (code, err) == (2, "") or code == 0
    (row,) = [json.loads(line) for line in out.splitlines()]
    assert (row["incident"], row["text"], row["seconds_after"], row["metres"]) == (1, "THERE1", 5.0, 0.0)
    text = run("incident", "plates", "9")[1]
    assert text.splitlines()[0] == "Incident 1: gunshot, 2026-07-01 00:00:00 UTC, 33.52,-86.8 (shotspotter 9)"
    assert "5 s after, 0 m away, direction unknown" in text
    assert run("incident", "import", str(file), "--system", "shotspotter")[2].endswith(
        "0 added, 1 changed, 0 refused\n"
    )


def test_plates_near_several_incidents(database: lpr.Database) -> None:
    three = [put(database), put(database, DAY), put(database, 2 * DAY)]
    for day in (0, 86400):
        see(database, "CULPR1T", day + 30)  # twice, and never else
    see(database, "CU1PRIT", 2 * 86400 + 20)  # a look-alike at the third
    for hour in range(72):
        see(database, "MAILVAN", hour * 3600 + 10)  # all the time
    see(database, "ONCE111", 40)
    found = shared(database, three)
    assert [(one.plate.text, sorted(one.near), one.seen, one.elsewhere) for one in found] == [
        ("CULPR1T", [1, 2, 3], 3, 0),
        ("MAILVAN", [1, 2, 3], 72, 69),
    ]
    culprit, van = found
    assert culprit.plate.why == "CU1PRIT differs from CULPR1T only in look-alikes"
    # As though seen there once without an incident; 69 passings and one in three days less the incidents' seven minutes
    # each: in one window, 1 - exp(-70 × 420 / 255,000).
    window = 420 / (71 * 3600 - 3 * 420)
    assert culprit.expected == pytest.approx(3 * window, rel=0.02)
    assert culprit.chance == pytest.approx((3 * window) ** 3 / 6, rel=0.05)
    assert van.expected == pytest.approx(3 * (1 - 2.718281828 ** (-70 * window)), rel=0.02)
    assert 0.001 < van.chance < 0.05
    assert [one.plate.text for one in shared(database, three, least=3)] == ["CULPR1T", "MAILVAN"]
    code, out, _ = run("common", "1", "2", "3", "--csv")
    assert code == 0 and [line.split(",")[0] for line in out.splitlines()] == ["plate", "CULPR1T", "MAILVAN"]
    assert "1 (CULPR1T), 2 (CULPR1T), 3 (CU1PRIT)" in run("common", "1", "2", "3")[1]
    assert run("common", "1", "1")[2] == "Error: name at least two different incidents\n"


def test_a_candidate_joins_a_sighting_to_a_plate(database: lpr.Database) -> None:
    two = [put(database), put(database, DAY)]
    see(database, "CULPR1T", 30)
    see(database, "CULPR7T", 86400 + 30, candidates=(("CULPR7T", 0.6), ("CULPR1T", 0.3)), confidence=0.6)
    (one,) = shared(database, two)
    assert one.plate.text == "CULPR1T" and sorted(one.near) == [1, 2]
    assert one.plate.why == "CULPR7T of sighting 2 is CULPR1T by 30%"
