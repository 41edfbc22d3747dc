"""Footage: a video file's frames, by PyAV.

PyAV and not ``cv2.VideoCapture``: measured over five clips both decode at the same speed (3 % apart), but OpenCV
ends a damaged file without a word, knows no creation time, and its clock is wrong where the first frame is not at
zero. Every frame must be decoded, for the next ones build on it; only those asked for are converted to BGR.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import av
import av.container
import av.error
import av.packet
import av.video
import numpy as np

from lpr.errors import SourceError
from lpr.recognition.ahead import ahead
from lpr.recognition.frames import LARGEST_PICTURE, Exposure, Part
from lpr.recognition.hardware import Hardware

# The only demuxers that a file may choose by its content: playlists (HLS, concat) would open other files, and
# others take any text for a picture.
_CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,mpegvideo,asf,flv,ogg,h264,hevc,mjpeg,dv,mxf,wtv,nut,ivf"
)
#: Footage that ends this much before the length that its file states has broken off. Seconds, and share of the length.
MISSING_SECONDS, MISSING_SHARE = 1.0, 0.02
# Frames that no other one is built on are left out only as long as the others are no farther apart, seconds: with many
# B-frames to each of the others too little of a passing would be seen.
_FARTHEST = 0.11
# What decoded pictures may take that wait, bytes, and how many wait: while the networks work on traffic, quiet footage
# is decoded ahead.
_WAITING_BYTES, _FEWEST, _MOST = 100_000_000, 6, 32
# Pixel formats whose first plane is the grey picture, a byte a pixel.
_PLANAR = ("yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12", "gray")
# Containers store "unknown" as their epoch, and clocks that were never set start at 1970 or 1980.
_FIRST_YEAR = 1990


@dataclass(frozen=True)
class Footage:
    """An open video file. ``total`` counts its frames as its header does, ``seconds`` is its stated length."""

    path: Path
    name: str
    container: av.container.InputContainer
    total: int | None
    seconds: float | None
    created_at: datetime | None

    def exposures(self, every: int, part: Part, begins_at: datetime | None, thin: bool) -> Iterator[Exposure]:
        """Every ``every``-th frame of ``part``, decoded ahead on a thread; the file is closed at the end.

        Raises SourceError.
        """
        codec = self.container.streams.video[0].codec_context
        waiting = _WAITING_BYTES // max(1, codec.width * codec.height * 3 // 2)
        yield from ahead(self._exposures(every, part, begins_at, thin), min(_MOST, max(_FEWEST, waiting)))

    def _exposures(self, every: int, part: Part, begins_at: datetime | None, thin: bool) -> Iterator[Exposure]:
        try:
            yield from _exposures(self, every, part, begins_at, thin)
        finally:
            self.container.close()


def open_footage(path: Path, name: str, hardware: Hardware | None = None) -> Footage:
    """Open the video file ``path``, called ``name`` in frames and errors; on ``hardware`` if that decodes it.

    Raises SourceError.
    """
    options = {"format_whitelist": _CONTAINERS, "protocol_whitelist": "file"}
    try:
        container = None
        if hardware is not None:
            container = hardware.open(path, container_options=options, metadata_errors="replace")
        if container is None:
            # With the scheme, a colon in the name is no protocol.
            container = av.open(f"file:{path}", container_options=options, metadata_errors="replace")
    except av.error.FFmpegError as error:
        raise SourceError(_not_opened(path, name)) from error
    try:
        return _described(path, name, container)
    except SourceError:
        container.close()
        raise


def _described(path: Path, name: str, container: av.container.InputContainer) -> Footage:
    if not container.streams.video:
        raise SourceError(f"{name}: holds no pictures, only sound or data; name a video file or leave it out")
    stream = container.streams.video[0]
    if stream.codec_context is None:
        raise SourceError(f"{name}: its video format cannot be decoded here; convert it to H.264 in MP4")
    if stream.codec_context.width * stream.codec_context.height > LARGEST_PICTURE:
        raise SourceError(f"{name}: its pictures are larger than lpr reads; scale it down first")
    seconds: float | None = None
    if stream.duration and stream.time_base:
        seconds = float(stream.duration * stream.time_base)
    elif container.duration and len(container.streams) == 1:
        # With sound in the file the container's length may be the sound's.
        seconds = container.duration / av.time_base
    if stream.frames and stream.average_rate:
        # A cut off AVI's duration is what is left of it; the number of frames in its header is what it had.
        seconds = max(seconds or 0.0, float(stream.frames / stream.average_rate))
    total = stream.frames or None
    if total is None and seconds is not None and stream.average_rate:
        total = max(1, round(seconds * float(stream.average_rate)))
    created = stream.metadata.get("creation_time") or container.metadata.get("creation_time")
    return Footage(path, name, container, total, seconds, _created_at(created))


def _exposures(footage: Footage, every: int, part: Part, begins_at: datetime | None, thin: bool) -> Iterator[Exposure]:
    container = footage.container
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    if thin:
        # What no other frame is built on need not be decoded, or be smoothed for others to be built on.
        stream.codec_context.skip_frame = "NONREF"
    begin = 0.0 if container.start_time is None else container.start_time / av.time_base
    last = 0.0
    damages: list[float] = []
    clean = False
    period = float(1 / stream.average_rate) if stream.average_rate else 0.04
    counter = _Counter()
    due = 0
    for picture in _pictures(container, stream, counter, begin + part.begin):
        # What a camera's recording begins with, before the first whole picture, is no damage.
        if clean and (picture is None or picture.is_corrupt):
            damages.append(last)
        if picture is None:
            continue
        clean = clean or not picture.is_corrupt
        index = counter.index(picture.pts)
        # Raw streams have no time stamps; then the stated rate is the only clock.
        before, last = last, index * period if picture.time is None else max(0.0, picture.time - begin)
        if part.end is not None and last >= part.end:
            return
        if stream.codec_context.skip_frame == "NONREF" and counter.given > 1 and last - before > _FARTHEST:
            stream.codec_context.skip_frame = "DEFAULT"
        if last < part.begin - 1e-6 or index < due:
            continue
        # With frames left out there may be none at a multiple: the next one takes its place.
        due = (index // every + 1) * every
        taken_at = None if begins_at is None else begins_at + timedelta(seconds=last)
        yield exposed(picture, footage.name, index, last, taken_at)
    if counter.given == 0 and part.begin == 0.0:
        raise SourceError(f"{footage.name}: not one frame can be decoded; copy it again or convert it to H.264 in MP4")
    if footage.seconds is not None:
        missing = footage.seconds - (last + period * (3 if thin else 1))
        if counter.given and missing > max(MISSING_SECONDS, MISSING_SHARE * footage.seconds):
            raise SourceError(
                f"{footage.name}: breaks off at second {last:.1f} of {footage.seconds:.1f}; "
                "what came before was read, copy the file again for the rest"
            )
    if damages:
        places = "1 place" if len(damages) == 1 else f"{len(damages)} places"
        raise SourceError(
            f"{footage.name}: damaged in {places}, first at second {damages[0]:.1f}; "
            "what could be decoded was read, copy the file again for the rest"
        )


class _Counter:
    """Counts frames, those that are left out as well: a frame's index is how many packets come before it in time."""

    def __init__(self) -> None:
        self.given = 0
        self._waiting: list[int] = []
        self._passed = 0
        self._timed = True

    def packet(self, packet: av.packet.Packet[Any]) -> None:
        if packet.size == 0 or packet.is_discard:
            return
        if packet.pts is None:
            self._timed = False
        else:
            heapq.heappush(self._waiting, packet.pts)

    def index(self, pts: int | None) -> int:
        """The index of the next frame, whose time stamp is ``pts``."""
        if pts is None or not self._timed:
            index = self.given if self._passed < self.given else self._passed
            self.given += 1
            self._passed = index + 1
            return index
        while self._waiting and self._waiting[0] < pts:
            heapq.heappop(self._waiting)
            self._passed += 1
        self.given += 1
        return self._passed


def _pictures(
    container: av.container.InputContainer, stream: av.video.stream.VideoStream, counter: _Counter, begin: float
) -> Iterator[av.video.frame.VideoFrame | None]:
    """The decoded pictures from the last key frame before ``begin`` (seconds) on; None for each damaged packet.

    What lies before is read but not decoded, not jumped over: only so a frame's index is known.
    """
    packets = container.demux(stream)
    group: list[av.packet.Packet[Any]] = []
    decoding = False
    while True:
        try:
            packet = next(packets, None)
        except av.error.FFmpegError:
            # The container itself ends within a packet: nothing after this place can be found. The decoder still
            # holds some pictures from before.
            yield from _flushed(stream)
            yield None
            return
        if packet is None:
            return
        counter.packet(packet)
        if not decoding:
            if packet.is_keyframe:
                group.clear()
            group.append(packet)
            time = None if packet.pts is None or packet.time_base is None else float(packet.pts * packet.time_base)
            decoding = time is None or time >= begin or packet.size == 0
            if not decoding:
                continue
            waiting, group = group, []
        else:
            waiting = [packet]
        for one in waiting:
            try:
                yield from one.decode()
            except av.error.FFmpegError:
                yield None


def _flushed(stream: av.video.stream.VideoStream) -> list[av.video.frame.VideoFrame]:
    try:
        return stream.codec_context.decode(None)
    except av.error.FFmpegError:
        return []


def exposed(
    picture: av.video.frame.VideoFrame, name: str, index: int, seconds: float, taken_at: datetime | None
) -> Exposure:
    """A decoded picture as an Exposure, upright; of a file or of a live camera."""
    # Phones store the way they were held beside the pictures; degrees are counter-clockwise.
    turns = round(picture.rotation / 90) % 4
    width, height = (picture.height, picture.width) if turns % 2 else (picture.width, picture.height)

    def develop() -> np.ndarray:
        image = picture.to_ndarray(format="bgr24")
        return np.ascontiguousarray(np.rot90(image, turns)) if turns else image

    def grey() -> np.ndarray:
        if not picture.format.name.startswith(_PLANAR):
            return develop()
        plane = picture.planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        return np.rot90(rows[: picture.height, : picture.width], turns)

    return Exposure(name, index, seconds, taken_at, width, height, develop, grey)


def _created_at(written: str | None) -> datetime | None:
    if written is None:
        return None
    try:
        moment = datetime.fromisoformat(written.strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    if moment.tzinfo is None or moment.year < _FIRST_YEAR:
        return None
    return moment.astimezone(timezone.utc)


def _not_opened(path: Path, name: str) -> str:
    with path.open("rb") as stream:
        head = stream.read(12)
    if head[4:8] in (b"ftyp", b"mdat", b"moov", b"wide", b"free") or head[:4] in (b"RIFF", b"\x1a\x45\xdf\xa3"):
        return (
            f"{name}: the footage is damaged, or was cut off before its index was written; "
            "copy it again, or repair it with ffmpeg or untrunc"
        )
    return f"{name}: neither a photo nor footage that lpr can read; leave it out, or convert it to JPEG or MP4"
