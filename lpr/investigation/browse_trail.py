"""Each page of the record that Datasette serves, on the audit trail like every other question.

An ASGI wrapper: a page is ``asked`` before Datasette hears of it and ``answered`` when it has been sent. Purpose and
case are those of ``LPR_PURPOSE`` and ``LPR_CASE``, which ``lpr browse`` sets. Without a trail there is no page. Crops
that a page shows belong to that page; one that is asked for alone is a page.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from datasette.utils import tilde_decode
from datasette.utils.asgi import Response

from lpr.errors import LprError
from lpr.purpose import Why
from lpr.records.audit import Access, audited
from lpr.records.schema import open_database

COMMAND = "browse page"

_Message = MutableMapping[str, Any]
_Send = Callable[[_Message], Awaitable[None]]
_App = Callable[[Any, Any, _Send], Awaitable[None]]

_CROP = "/-/lpr-crop/"
#: A literal of SQL: what somebody looks for, a plate perhaps.
_LITERAL = re.compile(r"'((?:[^']|'')*)'|\"((?:[^\"]|\"\")*)\"")
#: Parameters of Datasette's own pages that say how a page looks; all others may hold plates.
_LOOKS = re.compile(r"_(sort|sort_desc|size|next|nofacet|nocount|shape|facet\w*|col|nocol|labels|stream|dl|trace)")
#: Values that are surely no plate: Datasette's yes.
_PLAIN = ("", "1", "on", "off")


def recorded(app: _App, databases: Callable[[], dict[str, Any]]) -> _App:
    """``app``, each page of a database of lpr on that one's trail. ``databases`` are Datasette's, by name."""

    async def wrapped(scope: Any, receive: Any, send: _Send) -> None:
        file = None if scope["type"] != "http" else _file(scope, databases())
        if file is None:
            await app(scope, receive, send)
            return
        elements, plates = _asked(scope)
        why = Why(os.environ.get("LPR_PURPOSE"), os.environ.get("LPR_CASE"))
        page = None
        try:
            with (
                open_database(file, readonly=True) as database,
                audited(database, COMMAND, elements, why, plates) as access,
            ):
                page = _Page(access, elements["page"], send)
                await app(scope, receive, page.send)
        except LprError as error:
            if page is not None:
                raise
            # The policy or the trail refused before Datasette was asked.
            await Response.text(f"{error}\n", status=403).asgi_send(send)

    return wrapped


class _Page:
    """What is sent, counted and digested as it passes."""

    def __init__(self, access: Access, path: str, send: _Send) -> None:
        self._access, self._path, self._send = access, path, send
        self._digest = hashlib.sha256()
        self._lines = 0
        self._body = bytearray()
        self._type = ""

    async def send(self, message: _Message) -> None:
        if message["type"] == "http.response.start":
            self._access.note(status=message["status"])
            headers = {name.lower(): value for name, value in message["headers"]}
            self._type = headers.get(b"content-type", b"").decode("latin-1")
        elif message["type"] == "http.response.body":
            part = message.get("body", b"")
            self._digest.update(part)
            self._lines += part.count(b"\n")
            if "html" in self._type or "json" in self._type:
                self._body += part
            if not message.get("more_body"):
                self._access.add({"sha256": self._digest.hexdigest()})
                self._access.count = self._rows()
        await self._send(message)

    def _rows(self) -> int:
        """How many rows of the record the page shows; a picture is one."""
        if "json" in self._type:
            said = json.loads(self._body)
            rows = said.get("rows", ()) if isinstance(said, dict) else said
            return len(rows) if isinstance(rows, list) else 0
        if "html" in self._type:
            tables = self._body.split(b'<table class="rows-and-columns"')[1:]
            return sum(table.split(b"</table>")[0].partition(b"<tbody>")[2].count(b"<tr>") for table in tables)
        if self._path.endswith(".csv"):
            return max(0, self._lines - 1)
        if self._path.endswith(".json"):  # an object a line, none after the last
            return self._lines + 1
        return int(self._type.startswith("image/"))


def _file(scope: Any, databases: dict[str, Any]) -> Path | None:
    """The database of lpr that a request is for; None for Datasette's own pages and what a page brings along."""
    path = str(scope["path"])
    name = path.removeprefix(_CROP).lstrip("/").split("/")[0]
    if path.startswith(_CROP):
        headers = dict(scope["headers"])
        if headers.get(b"sec-fetch-dest") == b"image" and headers.get(b"sec-fetch-site") == b"same-origin":
            return None
    candidates = [tilde_decode(name), tilde_decode(name).rpartition(".")[0]]
    database = next((databases[one] for one in candidates if one in databases), None)
    if database is None or database.path is None:
        return None
    return Path(database.path) if _is_of_lpr(Path(database.path)) else None


def _is_of_lpr(file: Path) -> bool:
    try:
        with open_database(file, readonly=True):
            return True
    except LprError:
        return False


def _asked(scope: Any) -> tuple[dict[str, Any], list[str]]:
    """What a request asks for, what may be a plate left out, and what was left out."""
    left_out: list[str] = []

    def literal(found: re.Match[str]) -> str:
        left_out.append(found[1] or found[2] or "")
        return "'?'"

    told: dict[str, Any] = {"page": str(scope["path"])}
    for name, value in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True):
        if name == "sql" or name.startswith("_where"):
            told[name] = _LITERAL.sub(literal, value)
        elif _LOOKS.fullmatch(name) or value in _PLAIN:
            told[name] = value
        else:
            left_out.append(value)
            told[name] = "?"
    plates = [text for text in left_out if any(c.isalnum() for c in text)]
    return told, plates
