"""Clips written anew: annotated and redacted, looked at frame by frame."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from click.testing import CliRunner
from conftest import FakeDetector, FakeReader, fake_recognizer, write_footage, write_photo

from cli.main import cli
from lpr import Box, PlateBox, Recognizer, SourceError, open_frames
from lpr.recognition.annotation import annotate_clip
from lpr.recognition.film import write_film
from lpr.recognition.redaction import hide, redact
from lpr.recognition.trace import Tracer, joined

RED, BLUE = (0, 0, 255), (255, 0, 0)


class Blinking(FakeDetector):
    """Finds nothing in two pictures of three."""

    def __init__(self) -> None:
        self.looks = 0

    def detect(self, image: np.ndarray) -> list[PlateBox]:
        self.looks += 1
        return super().detect(image) if self.looks % 3 == 1 else []


def images(clip: Path) -> list[np.ndarray]:
    with open_frames(clip) as frames:
        return [frame.image for frame in frames]


def bright(image: np.ndarray) -> int:
    """How many pixels of a plate are there to be seen."""
    return int((image.max(axis=2) > 128).sum())


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_footage(tmp_path / "clip.mkv", [(RED, 3, 13), (BLUE, 28, 38)], 40)


def test_no_frame_leaks_a_plate_though_most_looks_miss_it(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    before = [image.max() for image in images(clip)]
    done = redact(clip, out, Recognizer(Blinking(), FakeReader(), version="fake"))
    after = images(out)
    assert (done.frames, done.kept) == (40, ())
    assert max(before) == 255
    assert len(after) == len(before) == 40
    # Nothing is left as bright as a plate.
    assert max(image.max() for image in after) < 200


def test_a_named_plate_stays_to_be_seen(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    done = redact(clip, out, fake_recognizer(), keep=["AL5SHOP"])
    assert (done.hidden, done.kept) == (1, ("AL5SHOP",))
    image = images(out)[32]
    assert bright(image) == pytest.approx(1200, abs=150)


def test_hiding_leaves_no_characters() -> None:
    image = np.zeros((200, 300, 3), np.uint8)
    image[80:120, 100:200] = 255
    image[85:115, 110:190:8] = 0
    hidden = hide(image, [Box(100, 80, 200, 120)])
    rows = hidden[80:120, 100:200, 0].astype(int)
    assert np.abs(rows - rows[0]).max() <= 1  # nothing changes from top to bottom
    assert np.abs(np.diff(rows[0])).max() < 12  # and nothing has an edge
    assert (hidden[:50] == image[:50]).all()


def test_an_annotated_clip_shows_box_and_text(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    done = annotate_clip(clip, out, fake_recognizer())
    assert [sighting.text for sighting in done.sightings] == ["ABC1234", "AL5SHOP"]
    before, after = images(clip), images(out)
    assert len(after) == 40
    changed = [np.abs(a.astype(int) - b.astype(int)).max() > 100 for a, b in zip(after, before, strict=True)]
    assert changed[4:12] == [True] * 8
    assert changed[0:2] == [False] * 2


def test_times_are_kept_whatever_the_frame_rate(tmp_path: Path) -> None:
    source = tmp_path / "vfr.mkv"
    times = [0, 40, 50, 200, 1000, 1033]
    with av.open(str(source), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 120, "yuvj444p"
        stream.codec_context.time_base = stream.time_base = Fraction(1, 1000)
        for time in times:
            frame = av.VideoFrame.from_ndarray(np.zeros((120, 320, 3), np.uint8), format="bgr24")
            frame.pts, frame.time_base = time, stream.codec_context.time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    out = tmp_path / "out.mp4"
    with open_frames(source) as frames:
        assert write_film(out, frames, lambda frame: frame.image, 25) == 6
    with open_frames(out) as frames:
        assert [round(1000 * (frame.seconds or 0)) for frame in frames] == times


def test_nothing_is_overwritten_and_a_photo_is_refused(clip: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken.mp4"
    taken.write_text("mine")
    with pytest.raises(SourceError, match="exists already"):
        redact(clip, taken, fake_recognizer())
    assert taken.read_text() == "mine"
    with pytest.raises(SourceError, match="is the clip itself"):
        redact(clip, clip, fake_recognizer())
    with pytest.raises(SourceError, match="a photo"):
        redact(write_photo(tmp_path / "a.png", RED), tmp_path / "new.mp4", fake_recognizer())
    assert not (tmp_path / "new.mp4").exists()


def test_a_clip_that_breaks_off_is_written_as_far_as_it_goes(clip: Path, tmp_path: Path) -> None:
    broken, out = tmp_path / "broken.mkv", tmp_path / "out.mp4"
    broken.write_bytes(clip.read_bytes()[: clip.stat().st_size * 2 // 3])
    with pytest.raises(SourceError, match=r"broken\.mkv"):
        redact(broken, out, fake_recognizer())
    assert 10 <= len(images(out)) < 40


def test_the_commands(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, ["redact", "clip.mkv", "--except", "al 5-shop"], obj=fake_recognizer())
    assert (result.exit_code, result.stdout) == (0, "clip-redacted.mp4\n"), result.stderr
    assert result.stderr == "40 frames, 1 plate hidden, left to be seen: AL5SHOP.\n"
    result = CliRunner().invoke(cli, ["annotate", "clip.mkv", "-o", "read.mp4"], obj=fake_recognizer())
    assert (result.exit_code, result.stdout) == (0, "read.mp4\n"), result.stderr
    assert result.stderr == "40 frames, 2 sightings: ABC1234, AL5SHOP\n"
    result = CliRunner().invoke(cli, ["redact", "clip.mkv"], obj=fake_recognizer())
    assert result.exit_code == 1
    assert "clip-redacted.mp4: exists already" in result.stderr


def test_a_trace_goes_on_between_and_a_little_beyond_what_was_seen() -> None:
    trace = joined([(1.0, Box(0, 0, 100, 20)), (2.0, Box(100, 0, 200, 20))])
    assert trace.at(1.5) == Box(50, 0, 150, 20)
    assert trace.at(2.2) is None
    assert trace.at(2.2, margin=0.5) == Box(120, 0, 220, 20)
    assert trace.at(0.8, margin=0.5) == Box(-20, 0, 80, 20)
    assert trace.at(2.6, margin=0.5) is None
    # Before it was seen it may have moved as it did then, or not at all.
    assert trace.within(1.5, margin=0.5) == Box(50, 0, 150, 20)
    assert trace.within(0.8, margin=0.5) == Box(-20, 0, 100, 20)
    assert trace.within(2.2, margin=0.5) == Box(100, 0, 220, 20)
    assert trace.within(2.6, margin=0.5) is None
    assert [round(trace.beyond(seconds), 6) for seconds in (0.8, 1.5, 2.2)] == [0.2, 0.0, 0.2]
    # Loose boxes of the last frames do not tell where it goes.
    loose = joined([(i / 30, Box(x, 0, x + 100, 20)) for i, x in enumerate([0, 3, 7, 10, 13, 17, 20, 23, 27, 35])])
    box = loose.at(1.3, margin=1.0)
    assert box is not None and 150 <= box.x1 <= 154


def test_traces_of_plates_that_cross_stay_apart() -> None:
    tracer = Tracer(gap=1.0)
    for i in range(10):
        tracer.add(
            i / 10,
            [PlateBox(Box(40 * i, 0, 40 * i + 80, 20), 0.9), PlateBox(Box(400 - 40 * i, 60, 480 - 40 * i, 80), 0.9)],
        )
    assert [len(trace.places) for trace in tracer.traces] == [10, 10]
