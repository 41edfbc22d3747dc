"""Starts the RTSP server of rtsp_server.py for tests and benchmarks, with clips made for it."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import threading
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import numpy as np

SERVER = Path(__file__).with_name("rtsp_server.py")
#: The system's Python, whose packages the bindings of GStreamer belong to.
PYTHON = "/usr/bin/python3"


def missing() -> str | None:
    """Why there can be no RTSP server here; None when there can be."""
    import av

    if "libx264" not in av.codecs_available:
        return "PyAV has no H.264 encoder here"
    check = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import Gst, GstRtspServer; "
    check += "Gst.init(None); assert all(map(Gst.ElementFactory.find, ('appsrc', 'h264parse', 'rtph264pay')))"
    if not Path(PYTHON).exists() or subprocess.run([PYTHON, "-c", check], capture_output=True, check=False).returncode:
        return "no RTSP server: apt-get install gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-{good,bad} python3-gi"
    return None


def write_units(path: Path, images: Iterable[np.ndarray], fps: int, gop: int | None = None) -> Path:
    """The images (height × width × 3, uint8, BGR; even sides) as H.264 access units, as rtsp_server.py wants them.

    A key frame each ``gop`` pictures, by default each second.
    """
    import av

    encoder: av.VideoCodecContext | None = None
    with path.open("wb") as stream:

        def write(frame: av.VideoFrame | None) -> None:
            assert encoder is not None
            for packet in encoder.encode(frame):
                data = bytes(packet)
                stream.write(struct.pack(">I", len(data)) + data)

        for number, image in enumerate(images):
            if encoder is None:
                made = av.CodecContext.create("libx264", "w")
                assert isinstance(made, av.VideoCodecContext)
                encoder = made
                encoder.height, encoder.width = image.shape[:2]
                encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, fps)
                encoder.framerate = Fraction(fps, 1)
                encoder.options = {
                    "preset": "veryfast",
                    "tune": "zerolatency",
                    "g": str(gop or fps),
                    "x264-params": "repeat-headers=1:annexb=1:sliced-threads=0",
                }
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts, frame.time_base = number, encoder.time_base
            write(frame)
        write(None)
    return path


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Server:
    """An RTSP server on this machine; ``mounts`` are path → (access units, frames a second). Use it in ``with``.

    ``loops`` are, by mount, the times (time.time()) at which its clip began anew.
    """

    def __init__(self, mounts: dict[str, tuple[Path, float]], login: tuple[str, str] | None = None) -> None:
        self.port = free_port()
        self.loops: dict[str, list[float]] = {name: [] for name in mounts}
        self._mounts, self._login = mounts, login
        self._process: subprocess.Popen[str] | None = None

    def url(self, mount: str, login: str = "") -> str:
        return f"rtsp://{login}{'@' if login else ''}127.0.0.1:{self.port}/{mount}"

    def start(self) -> None:
        words = [f"{name}={path}@{fps:g}" for name, (path, fps) in self._mounts.items()]
        secret = {} if self._login is None else {"RTSP_USER": self._login[0], "RTSP_PASSWORD": self._login[1]}
        self._process = subprocess.Popen(
            [PYTHON, str(SERVER), str(self.port), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**{k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}, **secret},
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n", "the server did not start"
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def say(self, command: str, mount: str = "*") -> None:
        """freeze, thaw, still, garble or clean."""
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(f"{command} {mount}\n")
        self._process.stdin.flush()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            word, mount, moment = line.split()
            if word == "loop":
                self.loops[mount].append(float(moment))

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
