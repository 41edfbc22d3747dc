"""A deployment's policy: who it is, which commands must say why, what is stored and for how long.

A TOML file: the one that ``LPR_POLICY`` names, or else ``lpr-policy.toml`` beside the database; without one, nothing
is demanded. ``docs/accountability.md`` tells of every key, ``hotlists/policy.toml`` is one to start from.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from lpr.errors import PolicyError
from lpr.records.retention import KEEP_ALL, Retention, parse_retention

if TYPE_CHECKING:
    from lpr.purpose import Why

NAME = "lpr-policy.toml"
#: All commands.
ANY = "*"

Mode = Literal["all", "hits", "hashes"]
MODES: tuple[Mode, ...] = ("all", "hits", "hashes")
#: The deletion of what is due is demanded by the policy itself, and nobody reads anything by it.
_FREE = ("purge",)

_SECTIONS: Mapping[str, frozenset[str]] = {
    "purpose": frozenset({"demand", "case", "allowed"}),
    "audit": frozenset({"file", "key", "plates"}),
    "retention": frozenset({"preset", "sightings", "hits", "lists", "cases", "clock", "folders"}),
    "store": frozenset({"mode"}),
}


@dataclass(frozen=True)
class Policy:
    """What a policy file says; the defaults are those of no file.

    ``purpose_for`` and ``case_for`` name the commands that must say their purpose and case: ``search``, a group such as
    ``hotlist`` for all of its commands, or ``*``. ``purposes`` are those allowed, compared without regard to upper and
    lower case; none: any text. ``audit_file`` is a database of its own for the trail, ``key_file`` the secret of keyed
    hashes. ``mode`` is what is stored: ``all`` sightings, those with ``hits`` alone, or with ``hashes`` those that hit
    nothing without their text, as a keyed hash. ``sha256`` is the file's, so that the trail can say which policy was in
    force.
    """

    file: Path | None = None
    sha256: str | None = None
    organisation: str | None = None
    purpose_for: tuple[str, ...] = ()
    case_for: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    audit_file: Path | None = None
    key_file: Path | None = None
    retention: Retention = KEEP_ALL
    mode: Mode = "all"

    def objection(self, command: str, why: Why) -> str | None:
        """Why this command may not be run for this reason, and what to do; None when it may."""
        if command in _FREE:
            return None
        purpose = (why.purpose or "").strip()
        if not purpose and _names(self.purpose_for, command):
            told = f": one of {', '.join(self.purposes)}" if self.purposes else ""
            return f"the policy {self.file} demands a purpose for lpr {command}; give --purpose{told} (or LPR_PURPOSE)"
        if not (why.case or "").strip() and _names(self.case_for, command):
            return f"the policy {self.file} demands a case for lpr {command}; give --case NUMBER (or LPR_CASE)"
        if purpose and self.purposes and purpose.casefold() not in {one.casefold() for one in self.purposes}:
            return f"{purpose!r} is no purpose that the policy {self.file} allows; allowed: {', '.join(self.purposes)}"
        return None

    def demands_trail(self, command: str) -> bool:
        """Whether this command must never answer off the trail: it must say its purpose or case, or trails have a
        place of their own."""
        return self.audit_file is not None or _names((*self.purpose_for, *self.case_for), command)


NO_POLICY = Policy()


def policy_of(database: Path) -> Policy:
    """The policy for the database at that path. Raises PolicyError for one that is named and missing, or is wrong."""
    named = os.environ.get("LPR_POLICY")
    path = Path(named) if named else database.absolute().parent / NAME
    try:
        written = path.read_bytes()
    except FileNotFoundError:
        if named:
            raise PolicyError(f"there is no policy file {path}, which LPR_POLICY names") from None
        return NO_POLICY
    except OSError as error:
        raise PolicyError(f"the policy file {path} cannot be read ({error.strerror})") from error
    return parse_policy(path, written)


def parse_policy(path: Path, written: bytes) -> Policy:
    """The policy that a file says; its paths are relative to it. Raises PolicyError that names what is wrong."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        data: dict[str, Any] = tomllib.loads(written.decode("utf-8"))
    except ValueError as error:
        raise PolicyError(f"{path}: is no TOML file ({error})") from error
    sections = _sections(path, data)
    purpose, audit = sections["purpose"], sections["audit"]
    return Policy(
        file=path,
        sha256=hashlib.sha256(written).hexdigest(),
        organisation=_text(path, data, "organisation"),
        purpose_for=_texts(path, purpose, "demand"),
        case_for=_texts(path, purpose, "case"),
        purposes=_texts(path, purpose, "allowed"),
        audit_file=_file(path, audit, "file"),
        key_file=_file(path, audit, "key"),
        retention=parse_retention(path, sections["retention"], audit.get("plates")),
        mode=_mode(path, sections["store"]),
    )


def _sections(path: Path, data: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    for name, value in data.items():
        if name == "organisation":
            continue
        if name not in _SECTIONS or not isinstance(value, Mapping):
            raise PolicyError(f"{path}: {name!r} is unknown; there are: organisation, {', '.join(_SECTIONS)}")
        unknown = value.keys() - _SECTIONS[name]
        if unknown:
            there = ", ".join(sorted(_SECTIONS[name]))
            raise PolicyError(f"{path}: [{name}] has no {sorted(unknown)[0]!r}; it has: {there}")
    return {name: data.get(name, {}) for name in _SECTIONS}


def _mode(path: Path, section: Mapping[str, Any]) -> Mode:
    mode = section.get("mode", "all")
    if mode not in MODES:
        raise PolicyError(f"{path}: mode is {mode!r}, not one of {', '.join(MODES)}")
    return cast("Mode", mode)


def _names(commands: tuple[str, ...], command: str) -> bool:
    return any(one == ANY or command == one or command.startswith(f"{one} ") for one in commands)


def _text(path: Path, section: Mapping[str, Any], name: str) -> str | None:
    value = section.get(name)
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise PolicyError(f"{path}: {name} must be a text")
    return value


def _texts(path: Path, section: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = section.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise PolicyError(f'{path}: {name} must be a list of texts, such as ["search", "hotlist"]')
    return tuple(" ".join(one.split()) for one in value)


def _file(path: Path, section: Mapping[str, Any], name: str) -> Path | None:
    value = _text(path, section, name)
    return None if value is None else path.absolute().parent / Path(value).expanduser()
