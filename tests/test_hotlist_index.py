"""The database's index: changes count at once, whoever makes them, and nothing goes through all entries."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

import lpr
from lpr.hotlist import index as index_module
from lpr.hotlist.entry import TIERS, Entry
from lpr.hotlist.index import DatabaseIndex, MemoryIndex
from lpr.hotlist.lists import HotLists
from lpr.hotlist.matcher import LEAST_NEAR, match
from lpr.hotlist.policy import Policy
from lpr.hotlist.posterior import Posterior
from lpr.normalize import key
from lpr.records.schema import now


@pytest.fixture
def database(tmp_path: Path) -> lpr.Database:
    return lpr.open_database(tmp_path / "lpr.db")


ROOT = Path(__file__).parents[1]


def tiers(lists: HotLists, text: str) -> list[str]:
    return [hit.tier for hit in lists.match(text)]


def neighbour(text: str) -> str:
    """A text that is near."""
    from lpr.hotlist.confusion import load

    return next(iter(sorted(Posterior(text, (), (), load()).neighbours(LEAST_NEAR))))


def test_a_change_by_another_process_counts_at_once(tmp_path: Path, database: lpr.Database) -> None:
    watching = HotLists(lpr.open_database(tmp_path / "lpr.db", readonly=True))
    officer = HotLists(database)
    read = neighbour("ABC128")
    assert tiers(watching, "ABC128") == []
    officer.add("ABC128", "bolo", "AL", "x")
    assert (tiers(watching, "ABC128"), tiers(watching, read)) == (["exact"], [])
    officer.set("bolo", {"tiers": list(TIERS)})
    assert tiers(watching, read) == ["near"]
    officer.set("bolo", {"tiers": ["look-alike"]})
    assert (tiers(watching, "ABC128"), tiers(watching, "A8C128")) == ([], ["look-alike"])
    officer.set("bolo", {"tiers": None})
    (row,) = database.rows("SELECT id FROM hotlists")
    ignored = {"list_id": row["id"], "plate": "ABC128", "key": "ABC128", "created_at": now(), "created_by": "kim"}
    ignored_id = database.insert("ignored", ignored)
    assert tiers(watching, "ABC128") == []
    database.execute("DELETE FROM ignored WHERE id = ?", (ignored_id,))
    assert tiers(watching, "ABC128") == ["exact"]


#: Matches one plate over and over; says when it first hits.
WATCH = """
import sys, time
import lpr
with lpr.open_database(sys.argv[1], readonly=True) as database:
    lists = lpr.HotLists(database)
    lists.match(sys.argv[2])
    print("watching", flush=True)
    end = time.time() + 60
    while time.time() < end:
        hits = lists.match(sys.argv[2])
        if hits:
            print(time.time(), hits[0].tier, flush=True)
            break
        time.sleep(0.02)
"""


@pytest.mark.parametrize(("plate", "tier"), [("ABC128", "exact"), ("AB?12*", "partial")])
def test_an_entry_is_live_in_another_process_within_a_second(
    tmp_path: Path, database: lpr.Database, plate: str, tier: str
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WATCH, str(tmp_path / "lpr.db"), "ABC128"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as watching:
        assert watching.stdout is not None
        assert watching.stdout.readline() == "watching\n"
        HotLists(database).add(plate, "bolo", "AL", "x")
        added = time.time()
        seen, found = watching.stdout.readline().split()
    assert found == tier
    assert float(seen) - added < 1.0


def test_partial_plates_come_and_go(tmp_path: Path, database: lpr.Database) -> None:
    watching = HotLists(lpr.open_database(tmp_path / "lpr.db", readonly=True))
    officer = HotLists(database)
    assert tiers(watching, "ABC128") == []
    officer.add("AB?12*", "bolo", "AL", "x")
    assert tiers(watching, "ABC128") == ["partial"]
    officer.remove("AB?12*", "bolo")
    assert tiers(watching, "ABC128") == []


def test_nothing_goes_through_all_entries(database: lpr.Database) -> None:
    plan = [row["detail"] for row in database.rows(f"EXPLAIN QUERY PLAN {index_module._BY_KEYS}", ('["A"]',))]
    assert any("entries USING INDEX entries_look_alike_key (look_alike_key=?)" in step for step in plan)
    assert not [step for step in plan if step.startswith("SCAN") and "wanted" not in step]


def test_memory_and_database_find_the_same(database: lpr.Database) -> None:
    plates = ["ABC128", "A8C128", "ABC12B", "ABC1288", "AB128", "XYZ", "ABC*"]
    lists = HotLists(database)
    for plate in plates:
        lists.add(plate, "bolo", None, "x")
    lists.set("bolo", {"tiers": list(TIERS)})
    memory = MemoryIndex(
        [Entry(None, "bolo", plate, plate, None, "x", partial="*" in plate) for plate in plates],
        {"bolo": Policy(frozenset(TIERS))},
    )
    for read in ("ABC128", "AB128", "XYZ", key(neighbour("ABC128"))):
        ours, theirs = match(DatabaseIndex(database), read), match(memory, read)
        assert [(h.plate, h.tier, h.score) for h in ours] == [(h.plate, h.tier, h.score) for h in theirs]
