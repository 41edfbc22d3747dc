"""Keeps lists fresh: loads the files that a registry names, when they are new, and says how old each list is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lpr.errors import HotListError, LprError
from lpr.hotlist.attributes import purge, set_attributes
from lpr.hotlist.changes import UNSAID, Why
from lpr.hotlist.expiry import parse_span
from lpr.hotlist.format import load_toml
from lpr.hotlist.importer import How, Imported, import_file
from lpr.hotlist.source import open_source
from lpr.hotlist.store import KINDS, find_list, is_stale

if TYPE_CHECKING:
    from lpr.records.schema import Database

LOADED, UNCHANGED, FAILED, NOT_LISTED = "loaded", "unchanged", "failed", "not in the registry"
_KEYS = (
    *("name", "file", "format", "map", "mode", "reason", "state", "kind", "priority", "origin", "max_age", "tiers"),
    "retention",
)


@dataclass(frozen=True)
class ListSource:
    """One list of a registry: its file, how to read it, and what the list is."""

    name: str
    file: Path
    how: How
    attributes: dict[str, Any]


@dataclass(frozen=True)
class Synced:
    """What became of one list: ``outcome`` is loaded, unchanged, failed or, for a list of the database alone, not in
    the registry. ``dated_at`` is the date of what is loaded (ISO 8601 UTC), ``age`` its seconds until now, ``stale``
    whether that is over the list's maximum. ``problem`` says what failed; ``imported`` is what loading did.
    """

    list: str
    file: str | None
    outcome: str
    dated_at: str | None
    age: int | None
    stale: bool
    problem: str | None
    imported: Imported | None


def read_registry(path: Path) -> list[ListSource]:
    """The lists of a registry, a TOML file with a table ``[[list]]`` for each; files relative to it.

    Raises HotListError that names what is wrong with it.
    """
    data = load_toml(path)
    tables = data.get("list")
    if not isinstance(tables, list) or not tables or set(data) != {"list"}:
        raise HotListError(f"{path}: must hold tables [[list]] and nothing else; see hotlists/sources.toml")
    found: list[ListSource] = []
    for number, table in enumerate(tables, 1):
        where = f"{path}, list {number}"
        unknown = [name for name in table if name not in _KEYS]
        if unknown or "name" not in table or "file" not in table:
            problem = f"{unknown[0]!r} is unknown" if unknown else "name and file are needed"
            raise HotListError(f"{where}: {problem}; keys are {', '.join(_KEYS)}")
        found.append(_source(where, path.parent, table))
    return found


def _source(where: str, folder: Path, table: dict[str, Any]) -> ListSource:
    attributes: dict[str, Any] = {n: table[n] for n in ("kind", "priority", "origin", "tiers") if n in table}
    if attributes.get("kind", "custom") not in KINDS:
        raise HotListError(f"{where}: kind {attributes['kind']!r} is none of {', '.join(KINDS)}")
    if "max_age" in table:
        attributes["max_age"] = int(parse_span(str(table["max_age"])).total_seconds())
    if "retention" in table:
        attributes["retention"] = parse_span(str(table["retention"])).days
    how = How(
        format_name=table.get("format", "auto"),
        mapped={column: str(name) for column, name in table.get("map", {}).items()},
        mode=table.get("mode"),
        reason=table.get("reason"),
        state=table.get("state"),
    )
    return ListSource(table["name"], folder / table["file"], how, attributes)


def sync(database: Database, sources: list[ListSource], why: Why = UNSAID) -> Iterator[Synced]:
    """Load each list whose file is another than the loaded one, then tell of every list of the database.

    What fails leaves its list as it is and does not stop the others. The retention rule of all lists is applied.
    """
    named: set[str] = set()
    for source in sources:
        imported, problem = None, None
        try:
            set_attributes(database, source.name, source.attributes, why)
            file = _file(source)
            if _is_due(database, source.name, file):
                how = How(**{**vars(source.how), "why": why})
                imported = import_file(database, file, source.name, None, False, how)
                if imported.refused:
                    problem = f"{file}: {imported.refused:,} lines refused; see {imported.rejected_file}"
        except LprError as e:
            problem = str(e)
        named.add(source.name.lower())
        outcome = LOADED if imported is not None else FAILED if problem else UNCHANGED
        yield _told(database, source.name, str(source.file), outcome, problem, imported)
    for row in database.rows("SELECT name, source_file FROM hotlists ORDER BY name COLLATE NOCASE"):
        if row["name"].lower() not in named:
            yield _told(database, row["name"], row["source_file"], NOT_LISTED, None, None)
    purge(database)


def _file(source: ListSource) -> Path:
    """The file of a source; of several that a pattern names, the newest."""
    if not any(c in source.file.name for c in "*?["):
        return source.file
    found = sorted(source.file.parent.glob(source.file.name), key=lambda path: path.stat().st_mtime)
    found = [path for path in found if not path.name.endswith((".rejected.csv", ".part"))]
    if not found:
        raise HotListError(f"{source.file}: no file has such a name; check that the list is delivered")
    return found[-1]


def _is_due(database: Database, name: str, file: Path) -> bool:
    found = find_list(database, name)
    opened = open_source(file)
    opened.stream.close()
    rows = database.rows("SELECT source_sha256 FROM hotlists WHERE id = ?", (found[0],)) if found else []
    return not rows or rows[0]["source_sha256"] != opened.sha256


def _told(
    database: Database, name: str, file: str | None, outcome: str, problem: str | None, imported: Imported | None
) -> Synced:
    now = datetime.now(timezone.utc)
    rows = database.rows("SELECT dated_at, max_age FROM hotlists WHERE name = ? COLLATE NOCASE", (name,))
    dated_at, max_age = (rows[0]["dated_at"], rows[0]["max_age"]) if rows else (None, None)
    age = int((now - datetime.fromisoformat(dated_at)).total_seconds()) if dated_at else None
    return Synced(name, file, outcome, dated_at, age, is_stale(dated_at, max_age, now), problem, imported)
