"""What a list asks of the matching: which tiers may hit, and which plates are known false alerts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lpr.hotlist.entry import DEFAULT_TIERS, Tier

if TYPE_CHECKING:
    from lpr.records.schema import Database


@dataclass(frozen=True)
class Policy:
    """How one list is matched. ``ignored`` are plates as read (letter O as zero) that never hit: known false alerts."""

    tiers: frozenset[Tier] = frozenset(DEFAULT_TIERS)
    ignored: frozenset[str] = frozenset()


#: The policy of a list that says nothing.
DEFAULT = Policy()


def policies(database: Database) -> dict[str, Policy]:
    """The policy of each list of a database by the list's name."""
    ignored: dict[int, set[str]] = {}
    for row in database.rows("SELECT list_id, key FROM ignored"):
        ignored.setdefault(row["list_id"], set()).add(row["key"])
    return {
        row["name"]: Policy(
            DEFAULT.tiers if row["tiers"] is None else frozenset(json.loads(row["tiers"])),
            frozenset(ignored.get(row["id"], ())),
        )
        for row in database.rows("SELECT id, name, tiers FROM hotlists")
    }
