"""The history of a plate, and who keeps appearing with it."""

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
from lpr.investigation.convoy import convoy
from lpr.investigation.history import history
from lpr.investigation.moments import parse_moment, parse_span

HOUR = 3600.0


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[lpr.Database]:
    monkeypatch.setenv("LPR_DB", str(tmp_path / "lpr.db"))
    with lpr.open_database(tmp_path / "lpr.db") as database:
        make(database)
        yield database


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, list(words))
    return result.exit_code, result.stdout, result.stderr


def test_a_history(database: lpr.Database) -> None:
    for day in range(4):  # to work and back
        see(database, "8ABC123", day * 24 * HOUR + 7.2 * HOUR, "gate")
        see(database, "8ABC123", day * 24 * HOUR + 8.4 * HOUR, "bridge")
    see(database, "BABC123", 20 * HOUR, None, confidence=0.6, candidates=(("BABC123", 0.6), ("8ABC123", 0.3)))
    see(database, "8ABC123", None, "gate")
    see(database, "8ABC1Z8", 1 * HOUR, "mall")  # much less probable than --least-score
    answer = history(database, "8ABC123", zone=timezone.utc, least_score=0.05)
    times = [one.sighting.taken_at for one in answer.found]
    assert times[:-1] == sorted(times[:-1], key=str) and times[-1] is None and len(times) == 10
    assert (answer.first, answer.last) == (
        START + timedelta(hours=7.2),
        START + timedelta(days=3, hours=8.4),
    )
    assert [(stay.name, stay.times) for stay in answer.stays] == [("gate", 5), ("bridge", 4), ("gate.mp4", 1)]
    assert answer.stays[0].place == lpr.Place(HERE.latitude, HERE.longitude)
    assert {hour: times for hour, times in enumerate(answer.hours) if times} == {7: 4, 8: 4, 20: 1}
    assert answer.usual_hours == (7, 9)
    assert answer.weekdays == (0, 0, 3, 2, 2, 2, 0)  # 1 July 2026 is a Wednesday


def test_hours_are_those_of_the_zone(database: lpr.Database) -> None:
    from zoneinfo import ZoneInfo

    see(database, "8ABC123", 7.2 * HOUR)
    answer = history(database, "8ABC123", zone=ZoneInfo("America/Chicago"))
    assert answer.hours.index(1) == 2 and answer.weekdays.index(1) == 2  # UTC-5 in July
    assert answer.usual_hours is None  # one sighting makes no habit


def test_the_command(database: lpr.Database) -> None:
    for day in range(4):
        see(database, "8ABC123", day * 24 * HOUR + 7.2 * HOUR, "gate")
    code, out, err = run("history", "8ABC123", "--tz", "UTC")
    assert (code, err) == (0, "")
    assert out.startswith("4 sightings from 2026-07-01 07:12:00 to 2026-07-04 07:12:00 (UTC)\n\nID  READ")
    assert (
        "PLACE  TIMES  FIRST (UTC)          LAST (UTC)\ngate   4      2026-07-01 07:12:00  2026-07-04 07:12:00" in out
    )
    assert out.endswith("Usually between 07:00 and 08:00; by day: Wednesday 1, Thursday 1, Friday 1, Saturday 1\n")
    assert [json.loads(line)["id"] for line in run("history", "8ABC123", "--nl")[1].splitlines()] == [1, 2, 3, 4]
    (place,) = json.loads(run("history", "8ABC123", "--by", "place", "--json")[1])
    assert (place["place"], place["times"], place["first"]) == ("gate", 4, "2026-07-01T07:12:00.000+00:00")
    hours = json.loads(run("history", "8ABC123", "--by", "hour", "--json", "--tz", "UTC")[1])
    assert hours[7] == {"hour": 7, "times": 4} and len(hours) == 24
    assert run("history", "8ABC123", "--tz", "Mars/Base")[2].startswith("Error: 'Mars/Base' is no time zone; write")
    assert run("history", "QQQ111") == (0, "", "Nothing on record fits\n")


def test_a_convoy(database: lpr.Database) -> None:
    for number, camera in enumerate(("gate", "bridge", "mall")):
        moment = number * 600.0
        see(database, "8ABC123", moment, camera)
        see(database, ("F0LL0W1", "FOLLOW1", "F0LLQW1")[number], moment + 8, camera)
        see(database, "TAX1", moment - 20, camera)
        see(database, f"RANDOM{number}", moment + 3, camera)
        see(database, "LATE11", moment + 61, camera)
    for number in range(30):
        see(database, "TAX1", 5000 + number * 100.0, "gate")
    see(database, "8ABC123", 9000, "attic")
    see(database, "8ABC123", None, "gate")
    answer = convoy(database, "8ABC123")
    assert (answer.used, answer.unused) == (4, 1)
    follower, taxi = answer.companions
    assert follower.plate.text == "F0LL0W1"
    assert (follower.cameras, len(follower.meetings), follower.seen, follower.share) == (
        ("bridge", "gate", "mall"),
        3,
        3,
        1,
    )
    assert [round(one.gap) for one in follower.meetings] == [8, 8, 8]
    assert "FOLLOW1 differs from F0LL0W1 only in look-alikes" in follower.plate.why
    assert (taxi.plate.text, taxi.seen, round(taxi.share, 3)) == ("TAX1", 33, round(3 / 33, 3))
    _, out, err = run("convoy", "8ABC123", "--gap", "10s", "--json")
    (row,) = json.loads(out)
    assert (row["plate"], row["gap"], row["cameras"]) == ("F0LL0W1", 8.0, ["bridge", "gate", "mall"])
    assert err == "4 sightings of the plate compared; 1 have no camera or no time on record\n"
    assert "F0LL0W1  3        3      +8.0 s   3     100%   bridge, gate, mall" in run("convoy", "8ABC123")[1]
    assert "No vehicle kept appearing" in run("convoy", "8ABC123", "--cameras", "4")[2]


@pytest.mark.parametrize(
    "written, seconds", [("90s", 90), ("2m", 120), ("1.5h", 5400), ("3 days", 259200), ("1w", 604800), ("5 min", 300)]
)
def test_spans(written: str, seconds: float) -> None:
    assert parse_span(written).total_seconds() == seconds


def test_moments() -> None:
    now = datetime(2026, 7, 3, 12, tzinfo=timezone.utc)
    local = datetime(2026, 7, 1, 14, 30).astimezone(timezone.utc)
    midnight = datetime(2026, 7, 1).astimezone(timezone.utc)
    assert parse_moment("12h", now=now) == datetime(2026, 7, 3, 0, tzinfo=timezone.utc)
    assert parse_moment("2026-07-01 14:30") == parse_moment("2026-07-01T14:30") == local
    assert parse_moment("2026-07-01T14:30:05-05:00") == datetime(2026, 7, 1, 19, 30, 5, tzinfo=timezone.utc)
    assert parse_moment("2026-07-01T14:30Z") == datetime(2026, 7, 1, 14, 30, tzinfo=timezone.utc)
    assert parse_moment("2026-07-01") == midnight
    assert parse_moment("2026-07-01", ends=True) == midnight + timedelta(days=1) - timedelta(milliseconds=1)
    for written in ("soon", "2026-13-01", "12", "2026-07-01T25:00"):
        with pytest.raises(lpr.QuestionError, match="is no time; write 2026-07-01"):
            parse_moment(written)
