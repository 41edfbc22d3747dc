"""How long what is on record is kept: ages from a policy file, and presets by state."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

from lpr.errors import PolicyError

_FILE = Path(__file__).with_name("presets.toml")
_UNITS = {"min": 1, "h": 60, "d": 1440, "w": 7 * 1440, "mo": 30 * 1440, "y": 365 * 1440}
_AGE = re.compile(rf"(\d{{1,6}})\s*({'|'.join(_UNITS)})")
#: Kept without end.
FOREVER = "forever"
_KEYS = ("preset", "sightings", "hits", "lists", "cases", "clock", "folders")

Clock = Literal["capture", "record"]


@dataclass(frozen=True)
class Preset:
    """A limit that a law or a system sets for sightings without a hit.

    ``confirmed``: the paragraph that sets it was read when the preset was made; otherwise it is known from second hand.
    """

    name: str
    title: str
    age: str
    source: str
    confirmed: bool


@dataclass(frozen=True)
class Retention:
    """Ages after which things go; None: never.

    ``sightings`` that hit nothing, with their reads and pictures; ``hits`` and their alerts, unless ``lists`` has an
    age for their list or ``cases`` one for the case of their entry. ``clock`` says from when ages count: ``capture``,
    when the picture was taken (when it came on record, where that is not known), or ``record``. ``folders`` hold
    other pictures, such as those of debugging, of which all files go at the age of sightings. ``asked`` is the age at
    which the plates in clear go from the audit trail; None: when a purge takes the last that was on record of them.
    ``preset`` is the one that the age of sightings was taken from.
    """

    sightings: timedelta | None = None
    hits: timedelta | None = None
    lists: Mapping[str, timedelta | None] = field(default_factory=dict)
    cases: Mapping[str, timedelta | None] = field(default_factory=dict)
    clock: Clock = "capture"
    folders: tuple[Path, ...] = ()
    asked: timedelta | None = None
    preset: Preset | None = None

    def __bool__(self) -> bool:
        """Whether anything goes at all."""
        ages = (self.sightings, self.hits, self.asked, *self.lists.values(), *self.cases.values())
        return any(age is not None for age in ages)

    def of_hit(self, list_name: str, case: str | None) -> timedelta | None:
        """The age at which a hit of that list goes; its case, where the policy has an age for it, comes first."""
        if case is not None and case in self.cases:
            return self.cases[case]
        by_name = {name.casefold(): age for name, age in self.lists.items()}
        return by_name.get(list_name.casefold(), self.hits)


#: Nothing is ever deleted.
KEEP_ALL = Retention()


@cache
def presets() -> dict[str, Preset]:
    """The presets that come with lpr, by name."""
    return {name: Preset(name=name, **said) for name, said in _load(_FILE.read_bytes()).items()}


def parse_age(written: str) -> timedelta | None:
    """``3min``, ``12h``, ``21d``, ``8w``, ``6mo`` (30 days each), ``2y`` (365 days each); None for ``forever``.

    Raises ValueError for anything else.
    """
    if written == FOREVER:
        return None
    found = _AGE.fullmatch(written.strip())
    if found is None:
        raise ValueError(f"{written!r} is no age; write 3min, 12h, 21d, 8w, 6mo, 2y or {FOREVER}")
    return timedelta(minutes=int(found[1]) * _UNITS[found[2]])


def parse_retention(path: Path, said: Mapping[str, Any], asked: object = None) -> Retention:
    """The section ``[retention]`` of a policy file, and ``plates`` of its section ``[audit]``.

    Raises PolicyError that names what is wrong.
    """
    try:
        unknown = said.keys() - set(_KEYS)
        if unknown:
            raise ValueError(f"there is no {sorted(unknown)[0]!r}; there are: {', '.join(_KEYS)}")
        preset = said.get("preset")
        if preset is not None and preset not in presets():
            raise ValueError(f"there is no preset {preset!r}; there are: {', '.join(presets())}")
        clock = said.get("clock", "capture")
        if clock not in ("capture", "record"):
            raise ValueError(f"clock is {clock!r}, not capture or record")
        own = said.get("sightings", presets()[preset].age if preset else FOREVER)
        return Retention(
            sightings=_age(own),
            hits=_age(said.get("hits", FOREVER)),
            lists={name: _age(age) for name, age in dict(said.get("lists", {})).items()},
            cases={name: _age(age) for name, age in dict(said.get("cases", {})).items()},
            clock=clock,
            folders=tuple(path.absolute().parent / Path(folder).expanduser() for folder in said.get("folders", ())),
            asked=None if asked is None else _age(asked),
            preset=presets()[preset] if preset and "sightings" not in said else None,
        )
    except (ValueError, TypeError) as error:
        raise PolicyError(f"{path}: [retention]: {error}") from error


def before(moment: datetime, age: timedelta | None) -> datetime | None:
    """What is older than this at ``moment`` has outlived ``age``; None where nothing ever does."""
    return None if age is None else moment - age


def _age(written: object) -> timedelta | None:
    if not isinstance(written, str):
        raise ValueError(f'{written!r} is no age; write "21d", in quotation marks')
    return parse_age(written)


def _load(written: bytes) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return dict(tomllib.loads(written.decode("utf-8")))
