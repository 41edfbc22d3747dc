"""Where a camera's pictures come from, with its secrets apart from what may be shown.

Nothing that comes from the environment and no user name or password is ever part of ``shown``, of an error or of
``repr``: rows, logs, metrics and the record only ever get those.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote, urlsplit

from lpr.errors import CameraError

Kind = Literal["rtsp", "http", "device"]

_SCHEMES: dict[str, Kind] = {"rtsp": "rtsp", "rtsps": "rtsp", "http": "http", "https": "http"}
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
#: Names of query parameters that say which stream is meant; any other may be a password or a token.
_HARMLESS = frozenset(
    {"camera", "channel", "ch", "codec", "compression", "fps", "profile", "proto", "resolution", "stream", "subtype"}
    | {"transportmode", "unicast"}
)
#: Shorter ones are no secret, and would remove every such character from messages.
_LEAST_SECRET = 3


@dataclass(frozen=True)
class Address:
    """A camera's address. ``shown`` is fit for anybody's eyes, ``secret_url`` is what is opened: show it to nobody.

    ``kind`` is "device" for a webcam: then ``secret_url`` is its number or its path, ``0`` or ``/dev/video0``.
    """

    shown: str
    kind: Kind
    secret_url: str = field(repr=False)
    _secrets: tuple[str, ...] = field(repr=False)

    def endpoint(self) -> tuple[str, str, int | None]:
        """Scheme, host and port of a camera in the network; no port where the address names none."""
        begin, _, rest = _around_credentials(self.secret_url)
        # Without user and password: those may hold any character.
        parts = urlsplit(begin + rest)
        return parts.scheme, parts.hostname or "", parts.port

    def scrubbed(self, text: str) -> str:
        """``text``, an error of a library for example, without this address and without its secrets."""
        text = text.replace(self.secret_url, self.shown)
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text


def parse_address(
    written: str,
    user: str | None = None,
    password: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Address:
    """The address that somebody wrote: rtsp(s)://…, http(s)://…, a webcam's number or /dev/videoN.

    ``${NAME}`` in any of the three stands for a variable of the environment, which is taken literally: a password
    may hold any character. ``user`` and ``password`` go before the host. Raises CameraError, which names no secret.
    """
    values = os.environ if environment is None else environment
    secrets: list[str] = []

    def fill(text: str, escape: bool) -> str:
        def value(match: re.Match[str]) -> str:
            found = values.get(match[1])
            if not found:
                raise CameraError(f"the environment has no {match[1]}; set it before lpr is started")
            secrets.extend((found, quote(found, safe="")))
            return quote(found, safe="") if escape else found

        return _VARIABLE.sub(value, text)

    written = written.strip()
    if written.isdecimal() or re.fullmatch(r"/dev/\w+", written):
        if user or password:
            raise CameraError(f"{written}: a webcam has no user and no password; leave them out")
        return Address(written, "device", written, ())
    begin, at, rest = _around_credentials(written)
    if at and (user or password):
        raise CameraError(f"{begin}{_shown_rest(rest)}: the user stands in the address and beside it; keep one")
    url = fill(begin, False) + (fill(at, True) + "@" if at else "") + fill(rest, False)
    if at:
        secrets += [part for part in (at, *at.split(":", 1)) if part]
    if user is not None or password is not None:
        name, word = fill(user or "", False), fill(password or "", False)
        secrets += [part for part in (name, word, quote(name, safe=""), quote(word, safe="")) if part]
        url = f"{fill(begin, False)}{quote(name, safe='')}:{quote(word, safe='')}@{fill(rest, False)}"
    scheme = url.partition("://")[0].lower()
    shown = f"{begin}{_shown_rest(rest)}"
    if "://" not in url or scheme not in _SCHEMES:
        raise CameraError(f"{shown}: no camera's address; write rtsp://…, http://… or the number of a webcam")
    try:
        # Without user and password: those may hold any character.
        parts = urlsplit(f"{scheme}://{fill(rest, False)}")
        whole = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        whole = False
    if not whole:
        raise CameraError(f"{shown}: names no host, or no usable port; write {scheme}://HOST:PORT/PATH")
    secrets += [value for name, value in _query(rest) if name.lower() not in _HARMLESS]
    return Address(shown, _SCHEMES[scheme], url, tuple(s for s in dict.fromkeys(secrets) if len(s) >= _LEAST_SECRET))


def _around_credentials(written: str) -> tuple[str, str, str]:
    """What stands before the user name, user name and password, what follows the last @ before the path."""
    scheme, sep, rest = written.partition("://")
    if not sep:
        return "", "", written
    # Variables may stand in the place of anything, but hold no slash as they are written.
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    at = host.rfind("@")
    return (f"{scheme}://", "", rest) if at < 0 else (f"{scheme}://", host[:at], rest[at + 1 :])


def _query(rest: str) -> list[tuple[str, str]]:
    query = rest.partition("?")[2].partition("#")[0]
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return [(name, value) for name, _, value in pairs]


def _shown_rest(rest: str) -> str:
    """Host, path and the harmless part of the query; variables stay names."""
    before = re.split(r"[?#]", rest, maxsplit=1)[0]
    # A parameter without a value may be a token as well.
    shown = [f"{n}={v}" if n.lower() in _HARMLESS and v else "…" if not v else f"{n}=…" for n, v in _query(rest)]
    return before + ("?" + "&".join(shown) if shown else "")
