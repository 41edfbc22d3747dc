"""Search for a plate, or a part of one: every sighting that may say it, ranked, each with the reason.

Texts are looked up first: ``texts`` holds each text that any sighting may say once, under its look-alike key, forwards
and backwards; ``readings`` lead from there to the sightings. What is found is then compared with what was asked for by
the matcher of the hot lists, which gives tier, score and reason.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING

from lpr.errors import PlateError
from lpr.hotlist import matcher
from lpr.hotlist.confusion import load
from lpr.hotlist.entry import EXACT, NEAR, TIERS, Entry, parse_entry_plate
from lpr.hotlist.index import MemoryIndex
from lpr.hotlist.pattern import ANY_NUMBER, ANY_ONE, pattern_of
from lpr.hotlist.policy import Policy
from lpr.hotlist.posterior import Posterior
from lpr.hotlist.states import fold_state
from lpr.investigation.found import SIGHTINGS, Found, fetch, made, plain
from lpr.investigation.where import Where
from lpr.normalize import LOOK_ALIKES, look_alike_key
from lpr.plates import Jurisdiction
from lpr.records.audit import plate_hash
from lpr.records.policy import policy_of
from lpr.records.schema import candidates_from_json, characters_from_json
from lpr.records.secret import secret_of

if TYPE_CHECKING:
    from lpr.records.schema import Database, Row, Value

#: Up to so many sightings are scored, so that the best of all stands first. Of more, one page is.
SCORED = 1000
#: A pattern that more texts fit is looked for among the sightings, the newest first, not among the texts.
BROAD = 2000
#: A text that a person says the plate has: stands before everything that was read.
CORRECTED = "corrected"

_ORDER = (CORRECTED, *TIERS)
_ANYTHING = Where()
_NONE: Mapping[int, str] = {}


@dataclass(frozen=True)
class Answer:
    """One page of what a search found. ``total`` is None where more fits than was counted.

    ``ranked``: the best stand first; otherwise more fits than can be ranked, and the newest do.
    """

    found: tuple[Found, ...]
    total: int | None
    more: bool
    ranked: bool


def search(
    database: Database,
    plate: str,
    where: Where = _ANYTHING,
    state: str | None = None,
    near_misses: bool = False,
    limit: int = 100,
    offset: int = 0,
) -> Answer:
    """The sightings that may show ``plate``, of which ``?`` is one unknown character and ``*`` any number of them.

    The same plate, look-alikes and the reader's other candidates are found; with ``near_misses`` also texts one
    likely misread away. ``state`` (AL, de, …) lowers what was read as another state's. ``limit`` from ``offset`` on are
    returned. Raises PlateError for what is neither plate nor pattern, QuestionError for a camera or list that is not on
    record.
    """
    entry = asked_for(plate, state)
    where.check(database)
    if entry.text.strip(ANY_NUMBER) == "":
        return _newest(database, None, where, limit, offset)
    ids = _texts(database, entry, near_misses)
    if len(ids) > BROAD:
        return _newest(database, entry, where, limit, offset)
    condition, values = where.sql()
    hashed = _hashed(database, entry, where)
    sightings = database.rows(
        "SELECT s.id, max(CASE WHEN r.rank = -1 THEN texts.text END) AS corrected FROM json_each(?) AS t "  # noqa: S608
        "CROSS JOIN texts ON texts.id = t.value CROSS JOIN readings r ON r.text_id = texts.id "
        f"CROSS JOIN {SIGHTINGS} WHERE s.id = r.sighting_id{condition} "
        "GROUP BY s.id ORDER BY min(r.rank) > 0, s.taken_at DESC, s.id DESC",
        (json.dumps(ids), *values),
    )
    scored = len(sightings) <= SCORED
    chosen = sightings if scored else sightings[offset : offset + limit]
    corrected = {row["id"]: row["corrected"] for row in chosen if row["corrected"]}
    found = compare(entry, fetch(database, (row["id"] for row in chosen)), corrected, near_misses)
    if not scored:
        return Answer(tuple(found), len(sightings), offset + limit < len(sightings), False)
    found = _ranked([*found, *hashed])
    return Answer(tuple(found[offset : offset + limit]), len(found), offset + limit < len(found), True)


def asked_for(plate: str, state: str | None = None) -> Entry:
    """What is searched for in the form of a hot list's entry. Raises PlateError, HotListError."""
    folded = fold_state(state)
    if ANY_ONE not in plate and ANY_NUMBER not in plate:
        return Entry(None, "", plate, parse_entry_plate(plate), folded, "")
    literals = plate.replace(ANY_ONE, "").replace(ANY_NUMBER, "")
    if literals.strip():
        parse_entry_plate(literals)
    pattern = pattern_of(plate)
    while ANY_NUMBER * 2 in pattern:
        pattern = pattern.replace(ANY_NUMBER * 2, ANY_NUMBER)
    if len(pattern) > 2 * 12:
        raise PlateError(f"{plate!r} is too long for a plate")
    return Entry(None, "", plate, pattern, folded, "", partial=True)


def compare(
    entry: Entry, rows: list[Row], corrected: Mapping[int, str] = _NONE, near_misses: bool = False
) -> list[Found]:
    """Sightings (rows of ``fetch``) compared with what was asked for, the best first; those that don't fit left out.

    ``corrected`` are the texts that persons say the plates have, by sighting. ``near_misses`` lets texts fit that are
    one likely misread away.
    """
    # Looking for neighbours costs more than all the rest.
    tiers = frozenset(TIERS) if near_misses else frozenset(TIERS) - {NEAR}
    index = MemoryIndex([entry], {"": Policy(tiers)})
    found: list[Found] = []
    for row in rows:
        said = corrected.get(row["id"])
        if said is not None:
            for hit in matcher.match(index, said)[:1]:
                tier = CORRECTED if hit.tier == EXACT else hit.tier
                why = f"a person says that the plate is {said}"
                if hit.tier != EXACT:
                    why += f": {_why(hit.rule)}"
                found.append(made(row, tier, hit.score, why, said, hit.differs))
            continue
        code = row["jurisdiction"]
        hits = matcher.match(
            index,
            row["text"],
            candidates_from_json(row["candidates"]),
            None if code is None else Jurisdiction(code, row["jurisdiction_confidence"]),
            characters=characters_from_json(row["characters"]),
        )
        for hit in hits[:1]:
            found.append(made(row, hit.tier, hit.score, _why(hit.rule), hit.candidate, hit.differs))
    return _ranked(found)


def _ranked(found: list[Found]) -> list[Found]:
    """The strongest tier first, then the most probable, then the newest."""
    found.sort(key=lambda one: (one.sighting.taken_at is not None, one.sighting.taken_at, one.id), reverse=True)
    found.sort(key=lambda one: (_ORDER.index(one.tier), -one.score))
    return found


def _hashed(database: Database, entry: Entry, where: Where) -> list[Found]:
    """The sightings of which the policy let only a keyed hash be stored, and that is the hash of this very plate."""
    if entry.partial or not database.rows("SELECT 1 FROM sightings WHERE plate_hash IS NOT NULL LIMIT 1"):
        return []
    secret = secret_of(database.file, policy_of(database.file), make=False)
    if secret is None:
        return []
    condition, values = where.sql()
    rows = database.rows(
        f"SELECT s.id FROM {SIGHTINGS} WHERE s.plate_hash = ?{condition}",  # noqa: S608 - constants
        (plate_hash(secret, entry.text), *values),
    )
    why = "its text is not stored, and its keyed hash is that of the plate asked for"
    return [
        made(row, EXACT, row["confidence"], why, entry.text, ()) for row in fetch(database, (r["id"] for r in rows))
    ]


def _why(rule: str) -> str:
    """The matcher's sentence about an entry, about the plate that was asked for."""
    return rule.replace("the entry's", "the plate asked for").replace("the partial plate", "the pattern")


def _texts(database: Database, entry: Entry, near_misses: bool) -> list[int]:
    """The ids of the texts that fit, one more than BROAD at most."""
    if entry.partial:
        index, sql, values = _pattern_sql(look_alike_key(entry.text))
        rows = database.rows(f"SELECT id FROM texts INDEXED BY {index} WHERE {sql} LIMIT {BROAD + 1}", values)  # noqa: S608 - constants
        return [row["id"] for row in rows]
    keys = {look_alike_key(entry.text)}
    if near_misses:
        read = Posterior(entry.text, (), (), load())
        keys.update(look_alike_key(neighbour) for neighbour in read.neighbours(matcher.LEAST_NEAR))
    rows = database.rows(
        "SELECT texts.id FROM json_each(?) AS k CROSS JOIN texts ON look_alike_key = k.value",
        (json.dumps(sorted(keys)),),
    )
    return [row["id"] for row in rows]


def _pattern_sql(pattern: str) -> tuple[str, str, list[Value]]:
    """The index of ``texts`` that the longer literal end of a folded pattern leads into, and the condition on it.

    Without such an end all of the index is gone through, which is still much less than all sightings.
    """
    backwards = pattern[::-1]
    head, tail = _head(pattern), _head(backwards)
    column = "look_alike_key" if len(head) >= len(tail) else "reversed_key"
    start, glob = (head, pattern) if column == "look_alike_key" else (tail, backwards)
    sql = f"{column} >= ? AND {column} < ? AND {column} GLOB ?"
    return f"texts_{column}", sql, [start, f"{start}~", glob]


def _head(pattern: str) -> str:
    """The literals before the first wildcard."""
    wild = [pattern.index(c) for c in (ANY_ONE, ANY_NUMBER) if c in pattern]
    return pattern[: min(wild)] if wild else pattern


def _newest(database: Database, entry: Entry | None, where: Where, limit: int, offset: int) -> Answer:
    """Sightings whose best text fits, the newest first; all of them without an entry."""
    says, values_said = "", []
    if entry is not None:
        says, values_said = " AND s.text GLOB ?", ["".join(_class(c) for c in entry.text)]
    with ExitStack() as stack:
        # Each camera's newest come one by one, so that no more is looked at than is shown.
        each = [
            stack.enter_context(
                closing(
                    database.each(
                        f"SELECT s.id, s.taken_at FROM {SIGHTINGS} WHERE 1{condition}{says} "  # noqa: S608 - constants
                        "ORDER BY s.taken_at DESC, s.id DESC LIMIT ?",
                        (*values, *values_said, offset + limit + 1),
                    )
                )
            )
            for condition, values in where.by_camera(database)
        ]
        newest = merge(*each, key=lambda row: (row["taken_at"] or "", row["id"]), reverse=True)
        rows = list(islice(newest, offset, offset + limit + 1))
    ids = [row["id"] for row in rows[:limit]]
    fetched = {row["id"]: row for row in fetch(database, ids)}
    found: list[Found] = []
    for sighting_id in ids:
        row = fetched[sighting_id]
        found += [plain(row)] if entry is None else compare(entry, [row])
    more = len(rows) > limit
    return Answer(tuple(found), None if more else offset + len(ids), more, False)


def _class(c: str) -> str:
    """A pattern's character for GLOB on a text as it was read: the whole class of look-alikes."""
    return next((f"[{members}]" for members in LOOK_ALIKES if c in members), c)
