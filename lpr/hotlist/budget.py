"""The false-alert budget: of plausible plates that are on no list, how many would alert, and in which tier.

Plates are drawn from the forms of the regions, read by a simulated reader with the table of confusions, and matched. A
plate that is on a list is drawn again. Uniform draws understate plates that are issued in blocks.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING

from lpr.hotlist.confusion import load
from lpr.hotlist.entry import CONFLICTS, TIERS
from lpr.hotlist.index import DatabaseIndex
from lpr.hotlist.matcher import match
from lpr.hotlist.serials import FORMS, Serials
from lpr.hotlist.simulated import SimulatedReader
from lpr.hotlist.states import jurisdiction_of
from lpr.normalize import key, look_alike_key
from lpr.plates import Jurisdiction

if TYPE_CHECKING:
    from lpr.records.schema import Database

#: What a budget counts by.
PER = 100_000
#: False alerts in PER plates above which a tier is warned of: one in a thousand plates is an alert every few minutes
#: beside a busy road.
THRESHOLD = 100.0
#: Plates that an import draws: enough to see what is far above the threshold, in seconds.
_AT_IMPORT = 3_000
#: A list shorter than this has a false alert in ten thousand plates at most, whatever its tiers.
_SHORT = 5_000
_SEED = 20_260_701


@dataclass(frozen=True)
class Budget:
    """One list and tier. ``false_alerts`` of ``per`` plates on no list would alert in this tier, the strongest first.

    ``drawn`` plates were tried, of which ``alerted`` did.
    """

    list: str
    tier: str
    false_alerts: float
    per: int
    drawn: int
    alerted: int


def budget(
    database: Database,
    list_name: str | None = None,
    plates: int = PER,
    regions: tuple[str, ...] | None = None,
    states_seen: bool = False,
) -> list[Budget]:
    """The budget of one list or of all, for each list and each of its tiers.

    ``regions`` are jurisdictions of ``serials.FORMS``, by default those that the lists' entries name most, or else all
    of the US. ``states_seen``: as if the reader saw every plate's state, so that a conflict raises no alert.
    """
    names = [row["name"] for row in database.rows("SELECT name FROM hotlists ORDER BY name COLLATE NOCASE")]
    if not names:
        return []
    index = DatabaseIndex(database)
    rng = random.Random(_SEED)  # noqa: S311 - a sample that is the same each time
    chosen = regions or _regions(database, list_name)
    sources = [(Serials((region,), rng), Jurisdiction(region, 1.0)) for region in chosen]
    reader = SimulatedReader(load(), rng)
    alerted: Counter[tuple[str, str]] = Counter()
    drawn = 0
    # Where a region's serials are all listed there is nothing to draw: give up rather than go on for ever.
    for _ in range(10 * plates):
        if drawn == plates:
            break
        serials, seen = rng.choice(sources)
        plate = serials.plate()
        if any(key(entry.text) == key(plate) for entry in index.find((look_alike_key(plate),))):
            continue
        drawn += 1
        read = reader.read(plate)
        state = seen if states_seen else None
        hits = match(index, read.text, read.candidates, state, characters=read.characters)
        told: set[str] = set()
        for hit in hits:  # the strongest first: a plate alerts once in each list
            if hit.state_agreement != CONFLICTS and hit.list not in told:
                told.add(hit.list)
                alerted[hit.list, hit.tier] += 1
    return [
        Budget(name, tier, round(alerted[name, tier] * PER / max(1, drawn), 1), PER, drawn, alerted[name, tier])
        for name in names
        if list_name is None or name.casefold() == list_name.casefold()
        for tier in TIERS
        if tier in index.policy(name).tiers
    ]


def warnings(budgets: list[Budget], threshold: float = THRESHOLD) -> list[str]:
    """A sentence for each tier over the threshold, with the setting to change."""
    tiers: dict[str, list[str]] = {}
    for one in budgets:
        tiers.setdefault(one.list, []).append(one.tier)
    found = []
    for one in budgets:
        if one.false_alerts <= threshold:
            continue
        others = ",".join(tier for tier in tiers[one.list] if tier != one.tier)
        off = f"to switch it off: lpr hotlist set {quote(one.list)} --tiers {others}"
        found.append(
            f"list {one.list}: about {one.false_alerts:,.0f} of {one.per:,} plates that are on no list would alert in "
            f"the {one.tier} tier; {off if others else 'shorten the list'}"
        )
    return found


def import_warning(database: Database, list_name: str) -> list[str]:
    """What an import tells of the budget: a rough count, of tiers that are over the threshold.

    A list of a few thousand whole plates cannot be, and is not tried.
    """
    (row,) = database.rows(
        "SELECT count(*) AS entries, coalesce(sum(partial), 0) AS partial FROM entries "
        "JOIN hotlists ON hotlists.id = list_id WHERE active = 1 AND name = ? COLLATE NOCASE",
        (list_name,),
    )
    if row["entries"] < _SHORT and not row["partial"]:
        return []
    return warnings(budget(database, list_name, _AT_IMPORT))


def _regions(database: Database, list_name: str | None) -> tuple[str, ...]:
    """The jurisdictions of the entries, the ten commonest, as far as their plates' forms are known."""
    rows = database.rows(
        "SELECT state, count(*) AS n FROM entries JOIN hotlists ON hotlists.id = list_id "
        "WHERE active = 1 AND (? IS NULL OR name = ? COLLATE NOCASE) AND state IS NOT NULL "
        "GROUP BY state ORDER BY n DESC LIMIT 10",
        (list_name, list_name),
    )
    named = tuple(region for row in rows if (region := jurisdiction_of(row["state"])) in FORMS)
    return named or tuple(region for region in FORMS if region.startswith("us-"))
