"""Decoding by hardware: what is not there is told once, and footage is decoded all the same."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import av
import pytest
from conftest import write_footage

from lpr.recognition import hardware
from lpr.recognition.footage import open_footage
from lpr.recognition.frames import Part
from lpr.recognition.hardware import Hardware

RED = (0, 0, 255)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_footage(tmp_path / "clip.mkv", [(RED, 3, 13)], 20)


def indexes(clip: Path, by: Hardware) -> list[int]:
    opened = open_footage(clip, clip.name, by)
    return [exposure.index for exposure in opened.exposures(1, Part(), None, thin=False)]


def absent(*arguments: Any, **options: Any) -> Any:
    raise av.error.PermissionError(1, "Operation not permitted")


def test_a_device_that_is_absent_is_tried_once_and_told_once(
    clip: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried: list[str] = []

    def open_(*arguments: Any, hwaccel: Any = None, **options: Any) -> Any:
        if hwaccel is not None:
            tried.append("device")
            absent()
        return plain(*arguments, **options)

    plain = av.open
    monkeypatch.setattr(hardware, "hwdevices_available", lambda: ["cuda", "vaapi"])
    monkeypatch.setattr(av, "open", open_)
    by = Hardware(("cuda", "vaapi"))
    with caplog.at_level(logging.WARNING):
        assert indexes(clip, by) == list(range(20))
        assert indexes(clip, by) == list(range(20))
    assert tried == ["device"] * 2  # cuda and vaapi, with the first file alone
    assert [record.getMessage() for record in caplog.records] == [
        "clip.mkv: no graphics processor here decodes it; decoded by the processor itself"
    ]


def test_without_any_device_footage_is_decoded_by_the_processor(clip: Path) -> None:
    assert indexes(clip, Hardware(())) == list(range(20))


class Device:
    """A container as a device decodes it."""

    def __init__(self, container: Any) -> None:
        self.streams = self
        self.video = [self]
        self.codec_context = self
        self.is_hwaccel = True
        self.container = container


def test_the_device_that_decodes_is_used(
    clip: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hardware, "hwdevices_available", lambda: ["cuda"])
    monkeypatch.setattr(av, "open", lambda *arguments, hwaccel, **options: Device(arguments[0]))
    opened: Any = Hardware().open(clip)
    assert opened.container == f"file:{clip}"
    assert caplog.records == []
