"""The states of a camera."""

from __future__ import annotations

State = str
CONNECTING: State = "connecting"
LIVE: State = "live"
LOST: State = "lost"
FROZEN: State = "frozen"
GARBLED: State = "garbled"
OFF: State = "off hours"
#: Of a camera on record whose lpr does not run any more.
NOT_WATCHED: State = "not watched"
