"""Decoding of footage by a graphics processor, where there is one that knows the format."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import av
import av.container
import av.error
from av.codec.hwaccel import HWAccel, hwdevices_available

_LOG = logging.getLogger("lpr.footage")
#: FFmpeg's names of what decodes, in the order in which they are tried; the libraries in use may have fewer.
DEVICES = ("cuda", "videotoolbox", "d3d11va", "vaapi", "qsv")


class Hardware:
    """Opens footage on the first of ``devices`` (by default all that this FFmpeg knows) that is there.

    That none is there is told once, as a warning in the log ``lpr.footage``; so is the first file in a format that
    none of them decodes.
    """

    def __init__(self, devices: tuple[str, ...] | None = None) -> None:
        known = hwdevices_available()
        self._devices = [device for device in (DEVICES if devices is None else devices) if device in known]
        self._told = False

    def open(self, path: Path, **options: Any) -> av.container.InputContainer | None:
        """The footage ``path``, decoded by hardware; None when nothing here decodes it.

        ``options`` are those of ``av.open``. Raises av.error.FFmpegError for what is no footage.
        """
        for device in list(self._devices):
            try:
                accelerator = HWAccel(device, allow_software_fallback=True)
                container: av.container.InputContainer = av.open(f"file:{path}", hwaccel=accelerator, **options)
            except av.error.InvalidDataError:
                raise
            except (av.error.FFmpegError, NotImplementedError, ValueError):
                # The device is not there, or does not answer.
                self._devices.remove(device)
                continue
            video = container.streams.video
            if video and video[0].codec_context is not None and video[0].codec_context.is_hwaccel:
                return container
            container.close()
        if not self._told:
            self._told = True
            _LOG.warning(
                "%s: no graphics processor here decodes it; decoded by the processor itself",
                path.name,
            )
        return None


#: What ``lpr scan --hardware`` uses: devices that are not there are tried once.
HARDWARE = Hardware()
