"""Camera files, addresses without their secrets, hours, and how often a camera is looked at."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lpr
from lpr.live.address import parse_address
from lpr.live.camera import camera_at
from lpr.live.camera_file import read_cameras
from lpr.live.connection import _Clock
from lpr.live.hours import parse_hours
from lpr.live.mask import Mask
from lpr.live.pace import Pace
from lpr.places import Place

ROOT = Path(__file__).parents[1]
ENVIRONMENT = {"GATE_USER": "joe", "GATE_PASSWORD": "p@ss/w:rd", "YARD_USER": "ann", "YARD_PASSWORD": "hunter2"}


@pytest.mark.parametrize(
    ("written", "shown", "opened"),
    [
        ("rtsp://10.0.0.5/s1", "rtsp://10.0.0.5/s1", "rtsp://10.0.0.5/s1"),
        ("rtsp://joe:word@10.0.0.5:554/s1", "rtsp://10.0.0.5:554/s1", "rtsp://joe:word@10.0.0.5:554/s1"),
        # An @ in a password: the host stands behind the last one.
        ("rtsp://joe:w@rd@h/s1", "rtsp://h/s1", "rtsp://joe:w@rd@h/s1"),
        # An @ in the path is no end of a password.
        ("http://h/a@b", "http://h/a@b", "http://h/a@b"),
        # What the environment gives is taken literally, and is never shown, wherever it stands.
        ("rtsp://${GATE_USER}:${GATE_PASSWORD}@h/s", "rtsp://h/s", "rtsp://joe:p%40ss%2Fw%3Ard@h/s"),
        ("http://h/${YARD_PASSWORD}/live", "http://h/${YARD_PASSWORD}/live", "http://h/hunter2/live"),
        # Queries: which stream is shown, everything else may be a password.
        (
            "http://h/cam?channel=1&pwd=x1y2&tok",
            "http://h/cam?channel=1&pwd=…&…",
            "http://h/cam?channel=1&pwd=x1y2&tok",
        ),
        ("0", "0", "0"),
        ("/dev/video2", "/dev/video2", "/dev/video2"),
    ],
)
def test_an_address_is_opened_whole_and_shown_without_secrets(written: str, shown: str, opened: str) -> None:
    address = parse_address(written, environment=ENVIRONMENT)
    assert (address.shown, address.secret_url) == (shown, opened)
    if shown != opened:
        assert opened not in repr(address) and opened not in repr(camera_at(written) if "$" not in written else "")


def test_user_and_password_beside_the_address_may_hold_any_character() -> None:
    address = parse_address("rtsp://h:554/s", "${GATE_USER}", "${GATE_PASSWORD}", ENVIRONMENT)
    assert address.secret_url.endswith("//joe:p%40ss%2Fw%3Ard@h:554/s")
    assert address.shown == "rtsp://h:554/s"
    assert address.scrubbed(f"open {address.secret_url} as joe with p@ss/w:rd") == "open rtsp://h:554/s as *** with ***"


@given(
    st.text(st.characters(codec="ascii", exclude_characters="/?#${}\n\r\t "), min_size=3, max_size=12).map("Q".__add__)
)
def test_no_password_is_ever_shown(word: str) -> None:
    address = parse_address(f"rtsp://joe:{word}@10.1.2.3/live", environment={})
    assert word not in address.shown and word not in repr(address)
    assert word not in address.scrubbed(f"cannot open rtsp://joe:{word}@10.1.2.3/live: {word} is wrong")


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("gate.mp4", "gate.mp4: no camera's address"),
        ("ftp://h/x", "no camera's address"),
        ("rtsp:///x", "names no host"),
        ("rtsp://joe:word@h:99999/x", r"rtsp://h:99999/x: names no host, or no usable port"),
        ("rtsp://${NOT_THERE}@h/x", "the environment has no NOT_THERE"),
        ("", "no camera's address"),
    ],
)
def test_what_is_no_address_is_refused_without_its_secrets(written: str, problem: str) -> None:
    with pytest.raises(lpr.CameraError, match=problem) as caught:
        parse_address(written, environment={})
    assert "word" not in str(caught.value)


def test_the_sample_camera_file_says_what_its_comments_say() -> None:
    north, ramp, yard, desk = read_cameras(ROOT / "samples/cameras.toml", ENVIRONMENT)
    assert (north.name, north.place, north.heading) == ("gate north", Place(32.3668, -86.3), 90.0)
    assert north.address.secret_url.endswith("//joe:p%40ss%2Fw%3Ard@10.0.0.11:554/stream1")
    assert north.region == "us-al,us-ga" and len(north.masks) == 1 and north.areas == () and north.lists is None
    assert (ramp.transport, ramp.rate, len(ramp.areas)) == ("udp", 10.0, 1)
    monday = datetime(2026, 11, 23, 13, 0, tzinfo=timezone.utc)  # 07:00 in Chicago
    assert ramp.hours.hold(monday) and not ramp.hours.hold(monday.replace(day=22)), "on Sunday from 08:00"
    assert yard.address.shown == "http://10.0.0.13/mjpg/video.mjpg" and yard.rate == 5.0
    assert (desk.address.kind, desk.address.shown) == ("device", "0")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "must hold a table"),
        ("[[camera]]\nname = 'a'", r"camera 1 \(a\): name and url are needed"),
        ("[[camera]]\nname = 'a'\nurl = 'rtsp://h/1'\nlat = 3", "'lat' is unknown; keys are areas, heading"),
        ("[[camera]]\nname = 'a'\nurl = 'rtsp://h/1'\nlatitude = 91\nlongitude = 0", "latitude must be a number"),
        ("[[camera]]\nname = 'a'\nurl = 'rtsp://h/1'\nlatitude = 9", "latitude and longitude go together"),
        ("[[camera]]\nname = 'a'\nurl = 'rtsp://h/1'\nhours = '6-22'", "are no hours"),
        ("[[camera]]\nname = 'a'\nurl = 'rtsp://h/1'\ntimezone = 'Mars/Olympus'", "there is no time zone"),
        ("[[camera]]\nname = 'a'\nurl = 'rtsp://h/1'\nmasks = [[[0, 0], [1, 1]]]", "masks must be polygons"),
        ("[[camera]]\nname = 'a'\nurl = 'rtsp://h/1'\nmasks = [[[0, 0], [900, 0], [0, 9]]]", "shares from 0 to 1"),
        ("[[camera]]\nname = 'a'\nurl = 'rtsp://h/1'\nareas = [[[0, 0], [1, 0], [0.5, 0]]]", "areas must be polygons"),
        ("[[camera]]\nname = 'a'\nurl = 'rtsps://h/1'\ntls_verify = 'no'", "tls_verify must be true or false"),
        ("[[camera]]\nname = 'a'\nurl = 'rtsps://h/1'\ntls_ca = 'none.pem'", r"tls_ca: .*none\.pem: No such file"),
        ("[[camera]]\nname = 'a'\nurl = 'rtsps://h/1'\ntls_ca = 'cameras.toml'", "no certificates in PEM form"),
        ("[[camera]]\nname = 'a'\nurl = 'rtsps://h/1'\ntls_ca = 'a.pem'\ntls_verify = false", "keep one"),
        ("[[camera]]\nname = 'a'\nurl = 'rtsp://h/1'\nrate = 0", "rate must be a number from 0.2"),
        ("[[camera]]\nname = 'a'\nurl = 'rtsp://h/1'\ntransport = 'ip'", "neither tcp nor udp"),
        ("[[camera]]\nname = 'a'\nurl = 'rtsp://h/1'\nregion = 'Texas'", "region: there is no region 'texas'"),
        ("[[camera]]\nname = 'a'\nurl = 'rtsp://h/1'\npassword = 7", "password must be a text"),
        ("[[camera]]\nname = 'a'\nurl = 'rtsp://joe:word@h/1'\nuser = 'b'", "keep one"),
        ("[[camera]]\nname = 'a'\nurl = 'rtsp://${NONE}@h/1'", "the environment has no NONE"),
        ("[[camera]]\nname = 'a'\nurl = 'rtsp://h/1'\n[[camera]]\nname = 'A'\nurl = 'rtsp://h/2'", "another camera"),
        ("[defaults]\nurl = 'rtsp://h/1'\n[[camera]]\nname = 'a'", "each camera's own"),
        ("[[camera]]\nname = 'a\npassword = 'hunter2'", "is no TOML, see line 2"),
    ],
)  # fmt: skip
def test_a_wrong_camera_file_names_the_camera_and_the_key(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "cameras.toml"
    file.write_text(text)
    with pytest.raises(lpr.CameraError, match=problem) as caught:
        read_cameras(file, {})
    assert str(file) in str(caught.value) and "word@" not in str(caught.value) and "hunter2" not in str(caught.value)


def test_a_missing_camera_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(lpr.CameraError, match=r"none\.toml: no such file; copy samples/cameras\.toml"):
        read_cameras(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("hours", "moment", "holds"),
    [
        ([], "2026-11-25T03:00", True),
        (["06:00-22:00"], "2026-11-25T05:59", False),
        (["06:00-22:00"], "2026-11-25T06:00", True),
        (["06:00-22:00"], "2026-11-25T22:00", False),
        (["00:00-24:00"], "2026-11-25T23:59", True),
        # Over midnight: the night belongs to the day on which it begins. The 25th is a Wednesday.
        (["wed 22:00-06:00"], "2026-11-25T23:00", True),
        (["wed 22:00-06:00"], "2026-11-26T05:00", True),
        (["wed 22:00-06:00"], "2026-11-25T05:00", False),
        (["sat-mon 08:00-09:00"], "2026-11-23T08:30", True),
        (["sat-mon 08:00-09:00"], "2026-11-24T08:30", False),
        (["06:00-07:00", "20:00-21:00"], "2026-11-25T20:30", True),
    ],
)
def test_hours(hours: list[str], moment: str, holds: bool) -> None:
    assert parse_hours(hours, "UTC").hold(datetime.fromisoformat(moment + "+00:00")) is holds


def test_a_mask_covers_what_its_polygons_say() -> None:
    image = np.full((100, 200, 3), 200, np.uint8)
    mask = Mask([((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))], [])
    painted = mask.painted(image)
    assert not painted[:49, :99].any() and (painted[52:, :] == 200).all() and (painted[:, 102:] == 200).all()
    assert (image == 200).all(), "the picture itself is as it was"
    assert mask.covered(lpr.Box(10, 10, 40, 20), 100, 200) == 1.0
    assert mask.covered(lpr.Box(120, 60, 160, 80), 100, 200) == 0.0
    assert 0.3 < mask.covered(lpr.Box(80, 10, 120, 30), 100, 200) < 0.7
    assert Mask([], []).painted(image) is image


def test_a_pace_that_is_kept_looks_at_its_rate() -> None:
    pace, now, looks = Pace(5.0, 0.0), 0.0, 0
    while now < 10.0:
        if now >= pace.due:
            pace.took(now, now)
            looks += 1
        assert pace.review(now) is None
        now += 0.01
    assert 48 <= looks <= 51 and pace.dropped == 0 and pace.rate == 5.0


def test_a_pace_that_cannot_be_kept_is_lowered_told_once_and_raised_again() -> None:
    pace, now = Pace(5.0, 0.0), 0.0
    told: list[str] = []
    while now < 60.0:  # each look takes half a second
        pace.took(now, now - 0.5)
        told += [text for text in [pace.review(now)] if text]
        now += max(0.5, pace.due - now)
    assert len(told) == 1 and "cannot keep up" in told[0] and "instead of 5" in told[0]
    assert 1.0 <= pace.rate < 2.5 and pace.dropped > 0
    while now < 1200.0 and pace.rate < 5.0:  # the machine is free again
        pace.took(now, now)
        told += [text for text in [pace.review(now)] if text]
        now = max(now + 0.01, pace.due)
    assert pace.rate == 5.0 and told[-1].startswith("keeps up again")


def test_a_camera_that_was_away_has_dropped_nothing() -> None:
    pace = Pace(5.0, 0.0)
    pace.took(0.0, 0.0)
    pace.took(60.0, 59.95)
    assert pace.dropped == 0


def test_time_stamps_hold_against_the_clock_of_this_machine() -> None:
    clock = _Clock()
    # Even stamps, uneven arrivals: the stamps count.
    assert [round(clock.seconds(100 + 0.1 * i, 50 + 0.1 * i + 0.03 * (i % 2), True), 3) for i in range(5)] == [
        0.0, 0.1, 0.2, 0.3, 0.4,
    ]  # fmt: skip
    # The camera sets its clock back: time goes on by this machine's.
    assert clock.seconds(3.0, 50.6, True) == pytest.approx(0.6, abs=0.05)
    assert clock.seconds(3.1, 50.7, True) == pytest.approx(0.7, abs=0.05)
    # Pictures that come late without a wait: the reader is behind.
    clock.seconds(3.2, 53.2, False)
    assert clock.behind == pytest.approx(2.4, abs=0.1)
    clock.seconds(5.8, 53.3, True)
    assert clock.behind == 0.0
