"""When footage began, as people, file names and files say it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from lpr.errors import SourceError
from lpr.recognition.clock import Clock, by_name, parse_moment, parse_seconds, parse_zone

UTC = timezone.utc
CREATED = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stem", "pattern", "found"),
    [
        ("cam1_20240517-140300", "cam1_%Y%m%d-%H%M%S", datetime(2024, 5, 17, 14, 3)),
        ("x_cam1_20240517-140300_part2", "cam1_%Y%m%d-%H%M%S", datetime(2024, 5, 17, 14, 3)),
        ("2024-05-17T14.03.00+0200", "%Y-%m-%dT%H.%M.%S%z", datetime(2024, 5, 17, 12, 3, tzinfo=UTC)),
        ("99999999_20240517", "%Y%m%d", datetime(2024, 5, 17)),  # the first digits are no date
        ("cam2_20240517-140300", "cam1_%Y%m%d-%H%M%S", None),
        ("a.b 17", "a.b %d", datetime(1900, 1, 17)),
        ("aXb 17", "a.b %d", None),  # a dot is a dot
    ],
)
def test_names_tell_times(stem: str, pattern: str, found: datetime | None) -> None:
    assert by_name(stem, pattern) == found


def test_a_directive_without_a_form_is_refused() -> None:
    with pytest.raises(ValueError, match="%A is no part of a name pattern"):
        by_name("x", "%A")


def test_a_name_without_a_zone_needs_one() -> None:
    clock = Clock(pattern="%Y%m%d-%H%M%S")
    with pytest.raises(SourceError, match="has no time zone; say it, for example --zone UTC"):
        clock.begin(Path("a/20240517-140300.mp4"), CREATED)
    berlin = Clock(pattern="%Y%m%d-%H%M%S", zone=parse_zone("Europe/Berlin"))
    # Summer time in May, not in December.
    assert berlin.begin(Path("20240517-140300.mp4"), None) == datetime(2024, 5, 17, 12, 3, tzinfo=UTC)
    assert berlin.begin(Path("20241217-140300.mp4"), None) == datetime(2024, 12, 17, 13, 3, tzinfo=UTC)


def test_a_name_off_the_pattern_is_an_error_and_no_guess() -> None:
    with pytest.raises(SourceError, match="does not follow"):
        Clock(pattern="%Y%m%d-%H%M%S", zone=UTC).begin(Path("holiday.mp4"), CREATED)


def test_what_was_said_comes_before_what_the_file_says() -> None:
    start = datetime(2024, 5, 17, 14, 3, tzinfo=timezone(timedelta(hours=2)))
    assert Clock(start).begin(Path("a.mp4"), CREATED) == datetime(2024, 5, 17, 12, 3, tzinfo=UTC)
    assert Clock().begin(Path("a.mp4"), CREATED) == CREATED
    assert Clock().begin(Path("a.mp4"), None) is None


def test_moments_and_zones() -> None:
    assert parse_moment("2024-05-17T14:03:00Z", None) == datetime(2024, 5, 17, 14, 3, tzinfo=UTC)
    assert parse_moment("2024-05-17 14:03", parse_zone("-05:00")) == datetime(2024, 5, 17, 19, 3, tzinfo=UTC)
    with pytest.raises(ValueError, match="has no time zone"):
        parse_moment("2024-05-17 14:03", None)
    with pytest.raises(ValueError, match="is no time zone"):
        parse_zone("Mars/Olympus")
    assert parse_zone("local").utcoffset(datetime.now()) is not None


@pytest.mark.parametrize(
    ("written", "seconds"), [("90", 90.0), ("1:30", 90.0), ("0:01:30.5", 90.5), ("2:00:00", 7200.0)]
)
def test_places_in_footage(written: str, seconds: float) -> None:
    assert parse_seconds(written) == seconds


@pytest.mark.parametrize("written", ["", "x", "1:75", "-3", "1:2:3:4"])
def test_no_places_in_footage(written: str) -> None:
    with pytest.raises(ValueError, match="is no place in footage"):
        parse_seconds(written)
