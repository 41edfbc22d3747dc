"""How a hot list file is laid out, told by a TOML file: lpr's own in ``formats/``, or one that a user wrote."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lpr.errors import HotListError
from lpr.hotlist.details import COLUMNS

KINDS = ("table", "columns", "fixed", "pattern", "json")
COMPLETE, INCREMENTAL = "complete", "incremental"
FOLDER = Path(__file__).with_name("formats")
_KEYS = {
    *("title", "kind", "delimiter", "columns", "rest", "patterns", "records", "header", "footer", "skip", "detect"),
    *("constants", "derived", "codes", "remove", "mode", "others", "examples"),
}


@dataclass(frozen=True)
class Example:
    """Lines of a format, what each entry they make says by column, and the numbers of the lines that are refused."""

    text: str
    entries: tuple[Mapping[str, str], ...]
    refused: tuple[int, ...]


@dataclass(frozen=True)
class Rule:
    """A line that is no entry: ``pattern`` finds it; ``date`` is how the date in it is written, None without."""

    pattern: re.Pattern[str]
    date: str | None
    required: bool


@dataclass(frozen=True)
class Format:
    """One layout.

    ``kind`` says how a line becomes fields: ``table`` (a header names the columns; ``names`` holds what each may be
    called, in small letters and digits), ``columns`` (no header; ``order``), ``fixed`` (``slices``, first character
    and the one after the last, from 0), ``pattern`` (the first of ``patterns`` that fits, its named groups), ``json``
    (objects below ``records``, ``names`` as for a table).
    ``rest``: the last column takes all further fields. ``derived``: column → (column, first, after the last) that it
    is cut from. ``codes``: column → code → what it means; those of ``reason_code`` become the reason. ``remove``: the
    words in the column ``action`` that take a plate off the list.
    """

    name: str
    title: str
    kind: str
    delimiter: str | None
    names: Mapping[str, tuple[str, ...]]
    order: tuple[str, ...]
    slices: Mapping[str, tuple[int, int]]
    patterns: tuple[re.Pattern[str], ...]
    rest: bool
    records: str | None
    header: Rule | None
    footer: Rule | None
    skip: tuple[re.Pattern[str], ...]
    detect: re.Pattern[str] | None
    constants: Mapping[str, str]
    derived: Mapping[str, tuple[str, int, int]]
    codes: Mapping[str, Mapping[str, str]]
    remove: frozenset[str]
    mode: str
    examples: tuple[Example, ...]


def format_names() -> list[str]:
    """The formats that come with lpr."""
    return sorted(path.stem for path in FOLDER.glob("*.toml") if not path.stem.startswith("_"))


def find_format(named: str) -> Format:
    """The format of that name, or the one that a TOML file describes. Raises HotListError where there is none."""
    if named.lower().endswith(".toml"):
        return read_format(Path(named))
    if named.lower() not in format_names():
        raise HotListError(f"there is no format {named!r}; one of {', '.join(format_names())}, auto, or your FILE.toml")
    return _shipped(named.lower())


def shipped_formats() -> list[Format]:
    """All formats that come with lpr, by name."""
    return [_shipped(name) for name in format_names()]


@cache
def _shipped(name: str) -> Format:
    return read_format(FOLDER / f"{name}.toml")


def read_format(path: Path) -> Format:
    """The format that a TOML file describes. Raises HotListError that names what is wrong with it."""
    try:
        data = _load(path)
    except OSError as e:
        raise HotListError(f"{path}: cannot be read ({e.strerror}); check the name of the format file") from e
    except ValueError as e:
        raise HotListError(f"{path}: is no TOML file ({e}); see docs/hotlists.md for one to start from") from e
    try:
        return _format(path, data)
    except (KeyError, ValueError, TypeError, AttributeError, re.error) as e:
        said = f"{e} is missing" if isinstance(e, KeyError) else str(e)
        raise HotListError(f"{path}: is no hot list format ({said}); see docs/hotlists.md") from e


def _load(path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    with path.open("rb") as file:
        data: dict[str, Any] = tomllib.load(file)
    return data


def load_toml(path: Path) -> dict[str, Any]:
    """A TOML file. Raises HotListError when it cannot be read or is none."""
    try:
        return _load(path)
    except OSError as e:
        raise HotListError(f"{path}: cannot be read ({e.strerror}); check the name") from e
    except ValueError as e:
        raise HotListError(f"{path}: is no TOML file ({e})") from e


def _format(path: Path, data: dict[str, Any]) -> Format:
    unknown = data.keys() - _KEYS
    if unknown:
        raise ValueError(f"{sorted(unknown)[0]!r} is none of its keys: {', '.join(sorted(_KEYS))}")
    kind = data["kind"]
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}, not one of {', '.join(KINDS)}")
    columns = data.get("columns", {})
    if "others" in data:
        others = _load(FOLDER / f"{data['others']}.toml")["columns"]
        columns = {**columns, **{name: called for name, called in others.items() if name not in columns}}
    patterns = tuple(re.compile(p) for p in data.get("patterns", ()))
    derived = {
        name: (str(d["from"]), int(d["slice"][0]), int(d["slice"][1])) for name, d in data.get("derived", {}).items()
    }
    made = Format(
        name=path.stem,
        title=str(data["title"]),
        kind=kind,
        delimiter=data.get("delimiter"),
        names={n: tuple(squeeze(s) for s in ([v] if isinstance(v, str) else v)) for n, v in columns.items()}
        if kind in ("table", "json")
        else {},
        order=_order(columns) if kind == "columns" else (),
        slices={n: (int(a), int(b)) for n, (a, b) in columns.items()} if kind == "fixed" else {},
        patterns=patterns,
        rest=bool(data.get("rest", False)),
        records=data.get("records"),
        header=_rule(data.get("header")),
        footer=_rule(data.get("footer")),
        skip=tuple(re.compile(p) for p in data.get("skip", ())),
        detect=re.compile(data["detect"]) if "detect" in data else None,
        constants={n: str(v) for n, v in data.get("constants", {}).items()},
        derived=derived,
        codes=_codes(data.get("codes", {})),
        remove=frozenset(str(word).upper() for word in data.get("remove", ())),
        mode=data.get("mode", COMPLETE),
        examples=tuple(
            Example(e["text"], tuple(e.get("entries", ())), tuple(e.get("refused", ())))
            for e in data.get("examples", ())
        ),
    )
    if made.mode not in (COMPLETE, INCREMENTAL):
        raise ValueError(f"mode is {made.mode!r}, not {COMPLETE} or {INCREMENTAL}")
    if "plate" not in columns_of(made):
        raise ValueError("no column is the plate")
    return made


def _order(columns: dict[str, Any]) -> tuple[str, ...]:
    """Names by their numbers, which count from 1; a column that has no name is called by its number."""
    names = {int(number): name for name, number in columns.items()}
    if min(names) < 1 or len(names) < len(columns):
        raise ValueError("columns are numbered from 1, each number once")
    return tuple(names.get(number, f"column {number}") for number in range(1, max(names) + 1))


def columns_of(format_: Format) -> tuple[str, ...]:
    """The columns that a file of this format may have, by their names here."""
    if format_.kind == "pattern":
        groups: dict[str, None] = {}
        for pattern in format_.patterns:
            groups.update(dict.fromkeys(pattern.groupindex))
        return tuple(groups)
    return tuple(format_.names or format_.slices) or format_.order


def _rule(data: dict[str, Any] | None) -> Rule | None:
    if data is None:
        return None
    return Rule(re.compile(data.get("pattern", ".*")), data.get("date"), bool(data.get("required", False)))


def _codes(data: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Code tables; one that is a name (``color = "ncic"``) is that table of ``formats/_ncic.toml``."""
    found: dict[str, dict[str, str]] = {}
    for column, table in data.items():
        if isinstance(table, str):
            table = _load(FOLDER / f"_{table}.toml")[column]
        found[column] = {str(code): str(meaning) for code, meaning in table.items()}
    return found


def squeeze(name: str) -> str:
    """A column's name in small letters and digits alone, as names are compared."""
    return "".join(c for c in name.lower() if c.isalnum())


def parse_map(written: str) -> dict[str, str]:
    """``plate=LIC,state=LIS`` as column → the file's own name for it. Raises HotListError for what cannot be meant."""
    found: dict[str, str] = {}
    for part in written.split(","):
        column, equals, name = (p.strip() for p in part.partition("="))
        if not equals or not name or column not in COLUMNS:
            raise HotListError(
                f"--map {written!r}: {part.strip()!r} is no column=name; columns are {', '.join(COLUMNS)}"
            )
        found[column] = name
    return found
