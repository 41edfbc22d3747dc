"""The camera file: a TOML file with a table for each camera."""

from __future__ import annotations

import math
import re
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lpr.errors import CameraError, RegionError
from lpr.live.address import parse_address
from lpr.live.camera import RATE, Camera
from lpr.live.hours import parse_hours
from lpr.live.trust import Trust
from lpr.places import Place
from lpr.recognition.areas import Polygon

#: The longest name of a camera.
LONGEST_NAME = 80
#: More frames a second than this no camera sends.
HIGHEST_RATE = 60.0
# One table of camera file keys: what each must be, and how that is said.
_NUMBER = (int, float)


def read_cameras(path: str | Path, environment: Mapping[str, str] | None = None) -> list[Camera]:
    """The cameras of a TOML file: a table ``[[camera]]`` for each, and ``[defaults]`` for what they have in common.

    See samples/cameras.toml for all keys. ``${NAME}`` in an address, user or password is a variable of the
    ``environment``, the process's own by default. Raises CameraError that names the camera and what is wrong.
    """
    file = Path(path)
    data = _load(file)
    tables, defaults = data.pop("camera", None), data.pop("defaults", {})
    if data or not isinstance(defaults, dict) or not isinstance(tables, list) or not tables:
        raise CameraError(
            f"{file}: must hold a table [[camera]] for each camera, perhaps [defaults], and nothing else; "
            "see samples/cameras.toml"
        )
    for key in ("name", "url"):
        if key in defaults:
            raise CameraError(f"{file}: {key} is each camera's own and cannot stand in [defaults]")
    found: dict[str, Camera] = {}
    for number, table in enumerate(tables, 1):
        if not isinstance(table, dict):
            raise CameraError(f"{file}, camera {number}: must be a table [[camera]]")
        name = table.get("name")
        where = f"{file}, camera {number}" + (f" ({name})" if isinstance(name, str) else "")
        try:
            camera = _Table({**defaults, **table}, file.parent).camera(environment)
        except CameraError as error:
            raise CameraError(f"{where}: {error}") from None
        if camera.name.casefold() in found:
            raise CameraError(f"{where}: another camera has this name; give each its own")
        found[camera.name.casefold()] = camera
    return list(found.values())


class _Table:
    """One camera's table while it is read."""

    def __init__(self, table: dict[str, Any], folder: Path) -> None:
        self._table, self._folder = table, folder
        self._known: set[str] = set()

    def camera(self, environment: Mapping[str, str] | None) -> Camera:
        name = self._text("name")
        url = self._table.get("url")
        if isinstance(url, int) and not isinstance(url, bool):
            self._table["url"] = str(url)
        url = self._text("url")
        if name is None or url is None:
            raise CameraError("name and url are needed")
        if len(name) > LONGEST_NAME or not name.isprintable():
            raise CameraError(f"its name must be one line of at most {LONGEST_NAME} characters")
        hours = self._texts("hours")
        lists = self._texts("lists")
        heading = self._number("heading", 0, 360)
        made = Camera(
            name=name,
            address=parse_address(url, self._text("user"), self._text("password"), environment),
            place=self._place(),
            heading=None if heading is None else heading % 360,
            region=self._region(),
            masks=self._polygons("masks"),
            areas=self._polygons("areas"),
            hours=parse_hours(hours or (), self._text("timezone")),
            lists=lists,
            rate=self._number("rate", 0.2, HIGHEST_RATE) or RATE,
            transport=self._text("transport") or "tcp",
            trust=self._trust(),
        )
        if made.transport not in ("tcp", "udp"):
            raise CameraError(f"transport {made.transport!r} is neither tcp nor udp")
        unknown = sorted(set(self._table) - self._known)
        if unknown:
            raise CameraError(f"{unknown[0]!r} is unknown; keys are {', '.join(sorted(self._known))}")
        return made

    def _get(self, key: str, wanted: str, fits: Callable[[Any], bool]) -> Any:
        self._known.add(key)
        value = self._table.get(key)
        if value is not None and not fits(value):
            # Never the value: it may be a password in the wrong place.
            raise CameraError(f"{key} must be {wanted}")
        return value

    def _text(self, key: str) -> str | None:
        value: str | None = self._get(key, "a text in quotes", lambda v: isinstance(v, str) and bool(v.strip()))
        return None if value is None else value.strip()

    def _texts(self, key: str) -> tuple[str, ...] | None:
        def fits(value: Any) -> bool:
            return isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))

        value = self._get(key, "a text in quotes, or several in [ ]", fits)
        return None if value is None else (value,) if isinstance(value, str) else tuple(value)

    def _number(self, key: str, least: float, most: float) -> float | None:
        def fits(value: Any) -> bool:
            return isinstance(value, _NUMBER) and not isinstance(value, bool) and least <= value <= most

        value = self._get(key, f"a number from {least:g} to {most:g}", fits)
        return None if value is None else float(value)

    def _place(self) -> Place | None:
        latitude, longitude = self._number("latitude", -90, 90), self._number("longitude", -180, 180)
        if latitude is None and longitude is None:
            return None
        if latitude is None or longitude is None:
            raise CameraError("latitude and longitude go together")
        return Place(latitude, longitude)

    def _region(self) -> str | None:
        region = self._text("region")
        if region is None:
            return None
        from lpr.recognition.region_table import parse_regions

        try:
            return ",".join(parse_regions(region))
        except RegionError as error:
            raise CameraError(f"region: {error}") from error

    def _trust(self) -> Trust:
        verify = self._get("tls_verify", "true or false", lambda v: isinstance(v, bool))
        authorities = self._text("tls_ca")
        if authorities is None:
            return Trust(verify is not False)
        if verify is False:
            raise CameraError("tls_ca says who is trusted, and tls_verify = false that anybody is; keep one")
        file = self._folder / authorities
        try:
            ssl.create_default_context(cafile=str(file))
        except OSError as error:
            wrong = "holds no certificates in PEM form" if isinstance(error, ssl.SSLError) else error.strerror
            raise CameraError(f"tls_ca: {file}: {wrong}; name the file with the certificate to be trusted") from error
        return Trust(True, file)

    def _polygons(self, key: str) -> tuple[Polygon, ...]:
        value = self._get(key, "polygons: [[[0.1, 0.2], [0.5, 0.2], [0.5, 0.9]], …], shares from 0 to 1", _are_polygons)
        return tuple(tuple((float(x), float(y)) for x, y in polygon) for polygon in value or ())


def _are_polygons(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(polygon, list)
        and len(polygon) >= 3
        and all(_is_corner(corner) for corner in polygon)
        and all(max(side) > min(side) for side in zip(*polygon, strict=True))
        for polygon in value
    )


def _is_corner(corner: Any) -> bool:
    return (
        isinstance(corner, list)
        and len(corner) == 2
        and all(isinstance(v, _NUMBER) and not isinstance(v, bool) and math.isfinite(v) and 0 <= v <= 1 for v in corner)
    )


def _load(file: Path) -> dict[str, Any]:
    try:
        import tomllib
    except ImportError:  # Python 3.10
        import tomli as tomllib
    try:
        with file.open("rb") as stream:
            data: dict[str, Any] = tomllib.load(stream)
            return data
    except FileNotFoundError as error:
        raise CameraError(f"{file}: no such file; copy samples/cameras.toml and name your cameras in it") from error
    except OSError as error:
        raise CameraError(f"{file}: cannot be read ({error.strerror}); check its permissions") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        # Its message may quote the line, and that a password.
        place = re.search(r"line \d+", str(error))
        raise CameraError(
            f"{file}: is no TOML{f', see {place[0]}' if place else ''}; see samples/cameras.toml"
        ) from None
