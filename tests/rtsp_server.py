"""A real RTSP server for the tests: GStreamer's, run by the system's Python, which has its bindings.

    python3 rtsp_server.py PORT MOUNT=ACCESS_UNITS@FPS …

ACCESS_UNITS is a file of H.264 access units (Annex B), each behind its length (4 bytes, big endian); it is sent in a
loop, in real time, from its begin when the first client comes. With RTSP_USER and RTSP_PASSWORD in the environment,
clients must know them (digest). Commands on standard input, one a line, each with a mount or ``*``: ``freeze`` sends
nothing more, ``still`` repeats the first picture for ever, ``thaw`` goes on; ``garble`` overwrites parts of each access
unit, ``clean`` ends that. Each start of the loop is told on standard output as ``loop MOUNT SECONDS``, SECONDS by
time.time(): when its first picture was "taken".
"""

from __future__ import annotations

import os
import random
import struct
import sys
import threading
import time
from pathlib import Path

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

PIPELINE = (
    "( appsrc name=source is-live=true format=time do-timestamp=false block=true max-bytes=400000 "
    "caps=video/x-h264,stream-format=byte-stream,alignment=au ! h264parse config-interval=-1 "
    "! rtph264pay name=pay0 pt=96 )"
)


def access_units(path: str) -> list[bytes]:
    data = Path(path).read_bytes()
    units, at = [], 0
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        units.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    return units


class Mount(GstRtspServer.RTSPMediaFactory):
    """One stream; a thread feeds it while somebody looks."""

    def __init__(self, name: str, units: list[bytes], fps: float) -> None:
        super().__init__()
        self.name, self.units, self.fps = name, units, fps
        self.frozen = self.still = self.garbled = False
        self.set_launch(PIPELINE)
        self.set_shared(True)
        self.connect("media-configure", self._configured)

    def _configured(self, _: object, media: GstRtspServer.RTSPMedia) -> None:
        source = media.get_element().get_by_name("source")
        gone = threading.Event()
        media.connect("unprepared", lambda *_: gone.set())
        threading.Thread(target=self._feed, args=(source, gone), daemon=True).start()

    def _feed(self, source: Gst.Element, gone: threading.Event) -> None:
        number, begin, chance = 0, time.monotonic(), random.Random(1)
        step = Gst.SECOND / self.fps
        while not gone.is_set():
            wait = begin + number / self.fps - time.monotonic()
            if wait > 0 and gone.wait(wait):
                return
            index = 0 if self.still else number % len(self.units)
            unit = self.units[index]
            if index == 0 and not self.still:
                print(f"loop {self.name} {time.time():.3f}", flush=True)
            if self.garbled:
                # The start codes and headers stay, so that it is H.264 still.
                damaged = bytearray(unit)
                for _ in range(max(3, len(damaged) // 60)):
                    damaged[chance.randrange(min(40, len(damaged) - 1), len(damaged))] = chance.randrange(256)
                unit = bytes(damaged)
            number += 1
            if self.frozen:
                continue
            buffer = Gst.Buffer.new_wrapped(unit)
            buffer.pts = buffer.dts = int((number - 1) * step)
            buffer.duration = int(step)
            if source.emit("push-buffer", buffer) != Gst.FlowReturn.OK:
                return


def main() -> None:
    Gst.init(None)
    server = GstRtspServer.RTSPServer.new()
    server.set_address("127.0.0.1")
    server.set_service(sys.argv[1])
    auth: GstRtspServer.RTSPAuth | None = None
    if user := os.environ.get("RTSP_USER"):
        auth = GstRtspServer.RTSPAuth.new()
        auth.set_supported_methods(2)  # digest
        token = GstRtspServer.RTSPToken.new()
        token.set_string("media.factory.role", user)
        auth.add_digest(user, os.environ["RTSP_PASSWORD"], token)
        server.set_auth(auth)
    mounts: dict[str, Mount] = {}
    for word in sys.argv[2:]:
        name, _, rest = word.partition("=")
        path, _, fps = rest.partition("@")
        mount = mounts[name] = Mount(name, access_units(path), float(fps))
        if user:
            role, _ = Gst.Structure.from_string(
                f"{user}, media.factory.access=(boolean)true, media.factory.construct=(boolean)true"
            )
            mount.add_role_from_structure(role)
        server.get_mount_points().add_factory(f"/{name}", mount)
    if server.attach(None) == 0:
        sys.exit(f"port {sys.argv[1]} cannot be had")
    loop = GLib.MainLoop()
    threading.Thread(target=_listen, args=(mounts, loop), daemon=True).start()
    print("ready", flush=True)
    loop.run()


def _listen(mounts: dict[str, Mount], loop: GLib.MainLoop) -> None:
    for line in sys.stdin:
        command, _, name = line.strip().partition(" ")
        for mount in mounts.values() if name == "*" else [mounts[name]]:
            if command == "freeze":
                mount.frozen = True
            elif command == "thaw":
                mount.frozen = mount.still = False
            elif command == "still":
                mount.still = True
            elif command == "garble":
                mount.garbled = True
            elif command == "clean":
                mount.garbled = False
    loop.quit()


main()
