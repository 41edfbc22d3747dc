"""Connections to what is no plain camera: files and playlists over HTTP, playlists that ask for more, webcams."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from lpr.live import webcam
from lpr.live.address import parse_address
from lpr.live.connection import Lost, Timeouts, connect

ROOT = Path(__file__).parents[1]
CLIP = ROOT / "samples/clip.mp4"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """The address of a folder that is served over HTTP: ``tmp_path``."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path)))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def playlist(folder: Path) -> None:
    with av.open(str(CLIP)) as clip, av.open(str(folder / "live.m3u8"), "w", format="hls") as made:
        stream = clip.streams.video[0]
        copied = made.add_stream_from_template(stream)
        for packet in clip.demux(stream):
            if packet.dts is not None:
                packet.stream = copied
                made.mux(packet)


@pytest.mark.parametrize("name", ["clip.mp4", "live.m3u8"])
def test_what_comes_faster_than_it_plays_is_played_at_its_own_speed(web: str, tmp_path: Path, name: str) -> None:
    if name == "clip.mp4":
        (tmp_path / name).write_bytes(CLIP.read_bytes())
    else:
        playlist(tmp_path)
    connection = connect(parse_address(f"{web}/{name}"))
    began: float | None = None
    for picture in connection.pictures():
        assert picture is not None
        began = time.monotonic() if began is None else began
        if picture.seconds >= 1.5:
            break
    assert began is not None and time.monotonic() - began > 1.2, "1.5 seconds of it took that long"
    assert picture.exposure.develop().shape == (720, 1280, 3)
    connection.close()


def test_a_playlist_opens_no_files_of_this_machine(web: str, tmp_path: Path) -> None:
    (tmp_path / "evil.m3u8").write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nfile://{CLIP}\n#EXT-X-ENDLIST\n"
    )
    with pytest.raises(Lost):
        for _ in connect(parse_address(f"{web}/evil.m3u8")).pictures():
            pass


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("none", None, r"has no such stream \(404\); check the path of the address"),
        ("text", b"this is no video " * 99, "sends no video that can be decoded"),
        ("empty", b"", "the stream ended|sends no video|cannot be opened"),
    ],
)
def test_what_is_no_stream_is_named(web: str, tmp_path: Path, name: str, content: bytes | None, problem: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(Lost, match=problem) as caught:
        connect(parse_address(f"{web}/{name}?token=abc123"))
    assert "abc123" not in str(caught.value)


def test_a_host_that_does_not_answer_costs_the_timeout_and_no_more() -> None:
    import socket

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        began = time.monotonic()
        with pytest.raises(Lost, match=r"does not answer within 0\.5 s") as caught:
            connect(parse_address(f"rtsp://127.0.0.1:{silent.getsockname()[1]}/x"), timeouts=Timeouts(0.5, 0.5))
        assert caught.value.why == "silent" and time.monotonic() - began < 10


def test_a_webcams_pictures_come_until_it_is_unplugged(monkeypatch: pytest.MonkeyPatch) -> None:
    # OpenCV itself, with a clip in the place of the device.
    capture = cv2.VideoCapture
    monkeypatch.setattr(webcam.cv2, "VideoCapture", lambda where: capture(str(CLIP)) if where == 3 else capture(where))
    connection = connect(parse_address("3"))
    assert connection.description == "1280×720 webcam"
    found: list[np.ndarray] = []
    with pytest.raises(Lost, match="gives no pictures any more; is it plugged in"):
        for picture in connection.pictures():
            if picture is not None:
                found.append(picture.exposure.develop())
    connection.close()
    assert len(found) == 46 and found[0].shape == (720, 1280, 3)


@pytest.mark.parametrize("number", ["97", "/dev/video97"])
def test_a_webcam_that_is_not_there(number: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Lost, match="there is no such"):
        connect(parse_address(number))
    assert capfd.readouterr().err == "", "OpenCV writes nothing of its own"
