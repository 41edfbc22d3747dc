"""Footage as cameras write it: B-frames left out, parts of it, and scans that go on within it."""

from __future__ import annotations

from datetime import datetime, timezone
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from conftest import FakeDetector, FakeReader, fake_recognizer, write_footage

import lpr
import lpr.reading
from lpr.plates import PlateBox
from lpr.recognition.clock import Clock
from lpr.recognition.frames import Part, open_frames

BLUE, RED, GREEN = (255, 0, 0), (0, 0, 255), (0, 255, 0)


@pytest.fixture
def b_frames(tmp_path: Path) -> Path:
    """H.264 with B-frames and a changing frame rate; each frame a little lighter than the one before."""
    path = tmp_path / "b.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.options = {"bf": "3", "g": "20", "crf": "5"}
        stream.codec_context.time_base = Fraction(1, 1000)
        for i in range(90):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 20 + i, np.uint8), format="bgr24")
            frame.pts, frame.time_base = 40 * i + 20 * max(0, i - 30), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def seen(path: Path, **options: object) -> list[tuple[int, float, int]]:
    """Index, milliseconds and grey of each frame."""
    with open_frames(path, **options) as frames:  # type: ignore[arg-type]
        return [(f.index, round(1000 * (f.seconds or 0)), round(float(f.image.mean()))) for f in frames]


def test_frames_left_out_change_neither_indexes_nor_times(b_frames: Path) -> None:
    whole, thin = seen(b_frames), seen(b_frames, thin=True)
    assert [index for index, _, _ in whole] == list(range(90))
    greys = [grey for _, _, grey in whole]
    assert greys == sorted(greys) and greys[-1] - greys[0] > 70
    assert 20 <= len(thin) < 80
    # The same pictures, too: each index has a grey of its own.
    assert [whole[index] for index, _, _ in thin] == thin


@pytest.mark.parametrize("thin", [False, True])
def test_a_part_has_the_indexes_and_times_of_the_whole(b_frames: Path, thin: bool) -> None:
    whole = seen(b_frames, thin=thin)
    part = seen(b_frames, part=Part(1.0, 2.5), thin=thin)
    assert [one[:2] for one in part] == [one[:2] for one in whole if 1000 <= one[1] < 2500]
    assert len(part) > 5


def test_the_clock_tells_when_each_frame_was_taken(b_frames: Path) -> None:
    clock = Clock(datetime(2024, 5, 17, 12, tzinfo=timezone.utc))
    with open_frames(b_frames, clock=clock, part=Part(1.0)) as frames:
        frame = next(iter(frames))
    assert frame.taken_at == datetime(2024, 5, 17, 12, 0, 1, tzinfo=timezone.utc)


def test_a_scan_goes_on_within_a_file_from_what_is_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lpr.reading, "SEGMENT", 2.0)
    clip = write_footage(tmp_path / "clip.mkv", [(BLUE, 5, 14), (RED, 60, 70), (GREEN, 110, 120)], 150)

    class Timed(FakeDetector):
        looks = 0

        def detect(self, image: np.ndarray) -> list[PlateBox]:
            Timed.looks += 1
            return super().detect(image)

    settings = lpr.Recognizer(FakeDetector(), FakeReader()).settings
    with lpr.open_database(tmp_path / "lpr.db") as database:
        first = lpr.scan(clip, fake_recognizer(), database=database, every=1)
        texts = [next(first).sighting.text, next(first).sighting.text]
        first.close()
        (row,) = database.rows("SELECT status, checkpoint FROM scans")
        assert row["status"] == "running"
        assert row["checkpoint"] is not None
        again = lpr.Recognizer(Timed(), FakeReader(), version="fake 1", settings=settings)
        found = list(lpr.scan(clip, again, database=database, every=1))
        assert texts == ["AL5SHOP", "ABC1234"]
        assert [(one.sighting.text, one.recorded) for one in found] == [
            ("AL5SHOP", True),
            ("ABC1234", True),
            ("XYZ0O8", False),
        ]
        # What was complete has not been looked at again.
        assert 60 <= Timed.looks <= 100
        (row,) = database.rows("SELECT status, checkpoint, frames FROM scans")
        assert (row["status"], row["checkpoint"], row["frames"]) == ("done", None, 150)
        assert [r["n"] for r in database.rows("SELECT count(*) AS n FROM sightings")] == [3]


def test_no_frames_are_left_out_where_the_others_are_far_apart(tmp_path: Path) -> None:
    path = tmp_path / "b.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.options = {"bf": "7", "b-adapt": "0", "b-pyramid": "none", "g": "60"}
        for i in range(120):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((48, 64, 3), 20 + i, np.uint8), "bgr24")))
        container.mux(stream.encode())
    thin = seen(path, thin=True)
    # After the first gap all are there: it took a few frames that were decoded ahead.
    assert len(thin) > 60
    assert {later[0] - before[0] for before, later in pairwise(thin[60:])} <= {1}
