"""A film: a clip written anew, each frame changed by a function, times kept, without sound and without metadata."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

import av
import av.error
import numpy as np

from lpr.errors import SourceError
from lpr.recognition.frames import Frame

#: Times are written in this unit, MPEG's own: every usual frame rate is a whole number of them.
_TICK = Fraction(1, 90_000)
#: x264's scale of quality; at 18 no difference to the original is seen.
_QUALITY = "18"


def write_film(
    path: Path, frames: Iterable[Frame], change: Callable[[Frame], np.ndarray], rate: float | None = None
) -> int:
    """Write ``frames`` to ``path`` (MP4, H.264), each as ``change`` returns it; how many there were.

    The file is written beside its place and put there when it is whole; also when ``frames`` ends with a
    SourceError, which is raised then. A picture of odd sides loses its last row or column: H.264 has none such.
    Raises SourceError when ``path`` cannot be written or exists.
    """
    if path.exists():
        raise SourceError(f"{path}: exists already; name another file, or remove it first")
    beside = path.with_name(f".{path.name}.part")
    broken: SourceError | None = None
    written = 0
    try:
        with av.open(str(beside), "w", format="mp4", options={"movflags": "+faststart"}) as container:
            stream = container.add_stream(_encoder(), rate=Fraction(rate or 30).limit_denominator(1001))
            stream.pix_fmt = "yuv420p"
            if stream.codec_context.name == "libx264":
                stream.options = {"crf": _QUALITY, "preset": "veryfast"}
            else:
                stream.bit_rate = 12_000_000
            stream.codec_context.time_base = _TICK
            last = -1
            pictures = iter(frames)
            while True:
                try:
                    frame = next(pictures, None)
                except SourceError as error:
                    broken = error
                    break
                if frame is None:
                    break
                image = change(frame)
                height, width = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2
                if not written:
                    stream.width, stream.height = width, height
                picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(image[:height, :width]), format="bgr24")
                # Two frames of one time are told apart by a tick: encoders refuse equals.
                last = max(last + 1, round((frame.seconds or 0.0) / _TICK))
                picture.pts, picture.time_base = last, _TICK
                for packet in stream.encode(picture):
                    container.mux(packet)
                written += 1
            for packet in stream.encode() if written else ():
                container.mux(packet)
        if written:
            beside.replace(path)
    except (av.error.FFmpegError, OSError) as error:
        raise SourceError(f"{path}: cannot be written ({error}); name another place, or make room") from error
    finally:
        beside.unlink(missing_ok=True)
    if broken is not None:
        raise broken
    return written


def _encoder() -> str:
    return "libx264" if "libx264" in av.codecs_available else "mpeg4"
