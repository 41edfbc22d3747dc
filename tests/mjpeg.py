"""A camera for the tests: a real HTTP server that sends JPEG after JPEG, and what can go wrong with one."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

import cv2
import numpy as np
from conftest import picture

RED, GREEN, BLUE = (0, 0, 255), (0, 255, 0), (255, 0, 0)
#: Pictures a second.
FPS = 10


class Camera:
    """Sends a picture of the plates ``colours``, moving, FPS times a second. Use it in ``with``; ``stop`` and ``start``
    switch it off and on at the same port.

    ``frozen`` sends nothing more, ``still`` the very same picture, ``garbled`` damaged ones. With ``login``
    ("user:word") clients must know it. ``connections`` counts the requests.
    """

    def __init__(self, *colours: tuple[int, int, int], login: str | None = None) -> None:
        self.colours: Sequence[tuple[int, int, int]] = colours
        self.login = login
        self.frozen = self.still = self.garbled = False
        self.connections = 0
        self._server: ThreadingHTTPServer | None = None
        self._port = 0
        self._sent = 0
        self._off = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/live"

    def with_login(self, login: str) -> str:
        return f"http://{login}@127.0.0.1:{self._port}/live"

    def start(self) -> None:
        self._off.clear()
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), self._handler())
        self._server.daemon_threads = True
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Switch it off: open connections break."""
        self._off.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Camera:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _jpeg(self) -> bytes:
        if not self.still:
            self._sent += 1
        image = picture(*self.colours, left=20 + self._sent % 40)
        # A camera's noise: no two pictures are the same.
        image[:8] = self._sent % 100
        data = bytearray(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes())
        if self.garbled:
            data[2 : len(data) - 2] = (
                np.random.default_rng(self._sent).integers(0, 255, len(data) - 4, np.uint8).tobytes()
            )
        return bytes(data)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        camera = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                camera.connections += 1
                wanted = None if camera.login is None else base64.b64encode(camera.login.encode()).decode()
                if wanted is not None and self.headers.get("Authorization") != f"Basic {wanted}":
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", 'Basic realm="camera"')
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                if self.path != "/live":
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                try:
                    while not camera._off.wait(1 / FPS):
                        if camera.frozen:
                            continue
                        data = camera._jpeg()
                        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
                        self.wfile.write(head.encode() + data + b"\r\n")
                except OSError:
                    pass
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def until(condition: object, seconds: float = 20.0) -> bool:
    """Whether ``condition()`` becomes true within ``seconds``."""
    assert callable(condition)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False
