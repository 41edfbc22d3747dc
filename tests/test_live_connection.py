"""Connections to what is no plain camera: files and playlists over HTTP, playlists that ask for more, webcams."""

from __future__ import annotations

import functools
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import ClassVar

import av
import cv2
import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lpr.live import webcam
from lpr.live.address import parse_address
from lpr.live.connection import Lost, Timeouts, connect
from lpr.live.trust import Trust

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


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key, as cameras make them."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(timezone.utc)
    signed = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    paths[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, plain)
    )
    return paths


class Secure(Quiet):
    """Remembers the paths that were asked for."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        super().do_GET()


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[str]:
    """The address of ``tmp_path`` over HTTPS, by a certificate that signs itself: tmp_path/camera.pem."""
    pem, key = certificate(tmp_path, "camera")
    certificate(tmp_path, "stranger")
    Secure.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Secure, directory=str(tmp_path)))
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    (tmp_path / "clip.mp4").write_bytes(CLIP.read_bytes())
    yield f"https://joe:s3cret@127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("trusted", [None, "stranger.pem"])
def test_a_certificate_that_nobody_knows_is_refused_before_anything_is_sent(
    secure: str, tmp_path: Path, trusted: str | None
) -> None:
    trust = Trust(authorities=None if trusted is None else tmp_path / trusted)
    with pytest.raises(Lost) as lost:
        connect(parse_address(f"{secure}/clip.mp4"), trust=trust)
    assert lost.value.why == "refused"
    said = str(lost.value)
    assert said.startswith("its certificate is not trusted (") and "tls_ca" in said and "tls_verify = false" in said
    assert "s3cret" not in said and Secure.asked == [], "nobody unknown is given the password"


@pytest.mark.parametrize("trust", ["camera.pem", None])
def test_a_certificate_that_is_named_or_not_asked_for_will_do(secure: str, tmp_path: Path, trust: str | None) -> None:
    known = Trust(verify=False) if trust is None else Trust(authorities=tmp_path / trust)
    connection = connect(parse_address(f"{secure}/clip.mp4"), trust=known)
    picture = next(connection.pictures())
    connection.close()
    assert picture is not None and (picture.exposure.width, picture.exposure.height) == (1280, 720)


def test_a_certificate_must_be_of_the_host(secure: str, tmp_path: Path) -> None:
    with pytest.raises(Lost, match=r"not trusted \(.*localhost"):
        connect(
            parse_address(f"{secure}/clip.mp4".replace("127.0.0.1", "localhost")),
            trust=Trust(authorities=tmp_path / "camera.pem"),
        )


def test_pieces_of_a_playlist_are_not_taken_from_anybody(secure: str, tmp_path: Path) -> None:
    playlist(tmp_path)
    with pytest.raises(Lost, match="sends HLS, whose pieces cannot be checked"):
        connect(parse_address(f"{secure}/live.m3u8"), trust=Trust(authorities=tmp_path / "camera.pem"))
    assert set(Secure.asked) == {"/live.m3u8"}
    connection = connect(parse_address(f"{secure}/live.m3u8"), trust=Trust(verify=False))
    assert next(connection.pictures()) is not None
    connection.close()


@pytest.mark.parametrize("trusted", [False, True])
def test_rtsp_over_tls_is_checked_as_well(tmp_path: Path, trusted: bool) -> None:
    pem, key = certificate(tmp_path, "camera")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    heard: list[bytes] = []

    def serve(listening: socket.socket) -> None:
        while True:
            try:
                plain, _ = listening.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(plain, server_side=True) as line:
                    heard.append(line.recv(4096))
                    line.sendall(b"RTSP/1.0 404 Not Found\r\nCSeq: 1\r\n\r\n")
            except OSError:
                plain.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        address = parse_address(f"rtsps://joe:s3cret@127.0.0.1:{listening.getsockname()[1]}/x")
        with pytest.raises(Lost) as lost:
            connect(address, trust=Trust(authorities=pem) if trusted else None)
    if trusted:
        assert lost.value.why == "missing" and "404" in str(lost.value)
        assert b"OPTIONS" in b"".join(heard)
    else:
        assert "its certificate is not trusted (" in str(lost.value)
        assert b"OPTIONS" not in b"".join(heard)
