"""One connection to a camera, by PyAV: its pictures as they come, until it is lost.

PyAV and not ``cv2.VideoCapture``: timeouts hold for every call, errors say what happened (a wrong password, no such
stream, silence), damaged pictures are marked, and a picture is converted to BGR only when somebody wants it.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Literal, Protocol

import av
import av.container
import av.error
import av.video
import numpy as np

from lpr.errors import SourceError
from lpr.live.address import Address
from lpr.live.trust import Trust
from lpr.recognition.footage import exposed
from lpr.recognition.frames import LARGEST_PICTURE, Exposure

Why = Literal["lost", "silent", "refused", "missing", "garbled", "frozen"]

# What a stream may make FFmpeg open: nothing on this machine's disk (a playlist could name files).
_PROTOCOLS = "rtsp,rtp,rtcp,udp,tcp,tls,srtp,http,https,httpproxy,crypto,hls,data"
_FORMATS = "rtsp,hls,mpjpeg,mjpeg,mpegts,flv,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,h264,hevc,ivf,ogg,sdp,rtp"
#: FFmpeg looks at a stream for so long before the first picture, microseconds: its default of seconds is a delay, and
#: ``nobuffer`` loses the pictures of that time.
_ANALYZE = "100000"
#: Waiting longer for a packet than this means that the reader is not behind: there was none.
_WAITED = 0.004
#: Behind by so many seconds, the decoder leaves out what no other picture needs; behind by more, all but key frames.
BEHIND, FAR_BEHIND = 1.0, 3.0
#: Not behind any more.
_CAUGHT_UP = 0.3
# Containers that come as fast as the line carries them: played by their own clock.
_PACED = ("hls", "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "ivf", "ogg")
# Seconds that time stamps may differ from this machine's clock before that counts instead, and may leap from one
# picture to the next.
_DRIFT, _JUMP = 3.0, 10.0
#: After damage, pictures up to the next key frame are built on what is damaged; but some streams have no key frames.
_LONGEST_DAMAGE = 2.0


class Lost(SourceError):  # noqa: N818 - it is what happened, and each camera sees it some day
    """A connection that could not be made, or is over. ``why`` says of which kind; its text has no secrets."""

    def __init__(self, message: str, why: Why) -> None:
        super().__init__(message)
        self.why = why


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture as it came. ``arrived`` is time.monotonic(), ``taken_at`` the same by the clock, UTC.

    ``seconds`` is the stream's own time since the connection began. ``exposure`` converts it on demand; its source and
    index are nobody's yet. ``fingerprint`` differs between any two pictures of a camera that works: there is always
    some noise.
    """

    arrived: float
    taken_at: datetime
    seconds: float
    exposure: Exposure
    fingerprint: int


class Connection(Protocol):
    """An open camera. ``pictures`` ends only by raising Lost; None stands for a picture that is damaged."""

    behind: float
    description: str

    def pictures(self) -> Iterator[Picture | None]: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Timeouts:
    """Seconds until a camera that does not answer counts as lost: while connecting, and between two pictures."""

    connect: float = 5.0
    silence: float = 5.0


def connect(
    address: Address, transport: str = "tcp", timeouts: Timeouts | None = None, trust: Trust | None = None
) -> Connection:
    """Open a camera. Raises Lost."""
    if address.kind == "device":
        from lpr.live.webcam import Webcam

        return Webcam(address)
    return Stream(address, transport, timeouts or Timeouts(), trust or Trust())


class Stream:
    """An RTSP or HTTP stream."""

    def __init__(self, address: Address, transport: str, timeouts: Timeouts, trust: Trust) -> None:
        self.behind = 0.0
        self._address, self._timeouts, self._trust = address, timeouts, trust
        self._unchecked = trust.verify and address.secret_url.lower().startswith("https:")
        formats = _FORMATS.replace("hls,", "") if self._unchecked else _FORMATS
        options = {"analyzeduration": _ANALYZE, "protocol_whitelist": _PROTOCOLS, "format_whitelist": formats}
        options.update(trust.options())
        if address.kind == "rtsp":
            options["rtsp_transport"] = transport
        began = time.monotonic()
        try:
            self._container = av.open(
                address.secret_url,
                options=options,
                timeout=(timeouts.connect, timeouts.silence),
                metadata_errors="replace",
            )
        except (av.error.FFmpegError, OSError, ValueError) as error:
            # Not "from error": its text has the password, and a traceback would show it.
            raise self._lost(error, True, time.monotonic() - began) from None
        try:
            self._stream = self._video()
        except Lost:
            self._container.close()
            raise
        context = self._stream.codec_context
        self.description = f"{context.width}×{context.height} {context.name}"

    def _video(self) -> av.video.stream.VideoStream:
        if not self._container.streams.video:
            raise Lost("sends sound or data, but no pictures; check which stream the address names", "missing")
        stream = self._container.streams.video[0]
        if stream.codec_context is None:
            raise Lost("sends video of a kind that cannot be decoded here; set the camera to H.264", "missing")
        if stream.codec_context.width * stream.codec_context.height > LARGEST_PICTURE:
            raise Lost("sends pictures larger than lpr reads; set the camera to a smaller size", "missing")
        # One thread for each camera: several decode one picture late, and there may be many cameras.
        stream.thread_type = "SLICE"
        stream.codec_context.thread_count = 1
        return stream

    def pictures(self) -> Iterator[Picture | None]:
        paced = self._container.format.name in _PACED
        packets = self._container.demux(self._stream)
        clock = _Clock()
        damaged_since: float | None = None
        while True:
            asked = time.monotonic()
            try:
                packet = next(packets, None)
            except (av.error.FFmpegError, OSError) as error:
                raise self._lost(error, False, time.monotonic() - asked) from None
            if packet is None or packet.size == 0:
                raise Lost("the stream ended", "lost")
            arrived, moment = time.monotonic(), datetime.now(timezone.utc)
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                damaged_since = arrived if damaged_since is None else damaged_since
                yield None
                continue
            for frame in frames:
                seconds = clock.seconds(frame.time, arrived, arrived - asked > _WAITED)
                if paced and seconds > clock.passed(arrived):
                    time.sleep(min(1.0, seconds - clock.passed(arrived)))
                    arrived, moment = time.monotonic(), datetime.now(timezone.utc)
                elif not paced:
                    self._keep_up(clock.behind)
                if frame.is_corrupt:
                    damaged_since = arrived if damaged_since is None else damaged_since
                elif frame.key_frame or (damaged_since is not None and arrived - damaged_since > _LONGEST_DAMAGE):
                    damaged_since = None
                yield None if damaged_since is not None else _picture(frame, arrived, moment, seconds)

    def close(self) -> None:
        self._container.close()

    def _keep_up(self, behind: float) -> None:
        """Let the decoder leave out pictures while more come than it can decode."""
        self.behind = behind
        context = self._stream.codec_context
        if behind > FAR_BEHIND:
            context.skip_frame = "NONKEY"
        elif behind > BEHIND and context.skip_frame == "DEFAULT":
            context.skip_frame = "NONREF"
        elif behind < _CAUGHT_UP and context.skip_frame != "DEFAULT":
            context.skip_frame = "DEFAULT"

    def _lost(self, error: Exception, connecting: bool, waited: float) -> Lost:
        limit = self._timeouts.connect if connecting else self._timeouts.silence
        if isinstance(error, (av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError)):
            return Lost("refuses user name and password; check them", "refused")
        if isinstance(error, av.error.HTTPNotFoundError):
            return Lost("has no such stream (404); check the path of the address", "missing")
        # FFmpeg calls the end of its time by several names, "invalid data" among them.
        if isinstance(error, (av.error.TimeoutError, av.error.ExitError, TimeoutError)) or waited >= limit:
            if connecting:
                return Lost(f"does not answer within {limit:g} s; is it on, is the network up?", "silent")
            return Lost(f"sends nothing for {limit:g} s", "frozen")
        complaint = self._trust.complaint(self._address, limit) if connecting else None
        if complaint is not None:
            return Lost(complaint, "refused")
        if connecting and self._unchecked and isinstance(error, av.error.ArgumentError):
            # FFmpeg checks the certificate of the playlist's server alone, and would take the pieces from anybody.
            return Lost(
                "sends HLS, whose pieces cannot be checked to be its own; set tls_verify = false in the camera file "
                "for a line that nobody else is on, or use rtsps",
                "missing",
            )
        if isinstance(error, ConnectionRefusedError):
            return Lost("refuses the connection; is it on, is the port right?", "lost")
        if isinstance(error, av.error.InvalidDataError):
            return Lost("sends no video that can be decoded; check which stream the address names", "missing")
        if isinstance(error, av.error.EOFError):
            return Lost("the stream ended", "lost")
        reason = self._address.scrubbed(getattr(error, "strerror", None) or type(error).__name__)
        return Lost(f"cannot be {'opened' if connecting else 'read'} ({reason}); check address and network", "lost")


class _Clock:
    """The stream's own time, held to the clock of this machine.

    Time stamps are even where the network is not, but a camera may set its clock, or run fast or slow.
    """

    def __init__(self) -> None:
        self.behind = 0.0
        self._began: float | None = None
        self._offset: float | None = None
        self._last = self._usual = 0.0

    def passed(self, now: float) -> float:
        """Seconds since the first picture, by this machine."""
        return 0.0 if self._began is None else now - self._began

    def seconds(self, own: float | None, arrived: float, waited: bool) -> float:
        """Seconds since the first picture, never falling; ``own`` is the picture's time stamp, if it has one.

        ``waited`` says that the reader had to wait for it, so that it cannot be behind.
        """
        if self._began is None:
            self._began = arrived
        passed = self.passed(arrived)
        if own is None:
            self._last = max(self._last, passed)
            return self._last
        if self._offset is None:
            self._offset = own - passed
        stamp = own - self._offset
        adrift = waited and abs(stamp - passed) > _DRIFT
        if adrift or stamp < self._last - _DRIFT or stamp > self._last + _JUMP:
            stamp = max(passed, self._last)
            self._offset = own - stamp
        if waited:
            self._usual = passed - stamp
        self.behind = max(0.0, passed - stamp - self._usual)
        self._last = max(self._last, stamp)
        return self._last


def _picture(frame: av.video.frame.VideoFrame, arrived: float, moment: datetime, seconds: float) -> Picture:
    # Of the brightness every 16th row: enough to tell two pictures, and no work.
    plane = frame.planes[0]
    size = plane.line_size * plane.height
    rows = np.frombuffer(memoryview(plane), np.uint8)[:size].reshape(plane.height, plane.line_size)
    exposure = exposed(frame, "", 0, seconds, moment)
    return Picture(arrived, moment, seconds, exposure, zlib.crc32(rows[::16].tobytes()))
