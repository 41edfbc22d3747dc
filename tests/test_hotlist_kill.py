"""An import that is killed, or that fills the disk, leaves the whole old list or the whole new one; the next works."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from lpr.hotlist.importer import How, import_file
from lpr.hotlist.lists import HotLists
from lpr.plates import Candidate, Transcript
from lpr.records.schema import open_database

ROOT = Path(__file__).parents[1]
IMPORT = """
import sys
from pathlib import Path
from lpr.hotlist.importer import How, import_file
from lpr.records.schema import open_database
with open_database(sys.argv[1]) as database:
    print("ready", flush=True)
    sys.stdin.readline()
    import_file(database, Path(sys.argv[2]), "list", how=How(force=True))
"""


def write_lists(folder: Path, entries: int) -> dict[Path, set[str]]:
    """Two lists that have one entry in ten in common, by file."""
    rng = random.Random(3)
    found: dict[Path, set[str]] = {}
    common = [f"C{n:06}" for n in range(entries // 10)]
    for name in ("A", "B"):
        plates = [*common, *(f"{name}{n:06}" for n in range(entries - len(common)))]
        rng.shuffle(plates)
        path = folder / f"{name}.csv"
        path.write_text("plate,state,reason\n" + "".join(f"{plate},CA,stolen vehicle\n" for plate in plates))
        found[path] = set(plates)
    return found


def run_import(database: Path, path: Path, seconds: float | None) -> float:
    """Import in a process of its own, killed after so many ``seconds``; how long it ran."""
    with subprocess.Popen(
        [sys.executable, "-c", IMPORT, str(database), str(path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        begin = time.perf_counter()
        process.stdin.write("\n")
        process.stdin.flush()
        if seconds is None:
            process.wait()
        else:
            time.sleep(seconds)
            process.kill()
    return time.perf_counter() - begin


def killed_imports(folder: Path, entries: int, kills: int) -> list[str]:
    """What each of ``kills`` imports, killed at a random moment, left: "old", "new" or what is wrong with it."""
    rng = random.Random(5)
    lists = write_lists(folder, entries)
    file = folder / "lpr.db"
    old, new = lists
    with open_database(file) as database:
        import_file(database, old, "list")
    long = run_import(file, new, None)
    old, new = new, old
    found = []
    for _ in range(kills):
        run_import(file, new, rng.uniform(0, 1.3 * long))
        with open_database(file) as database:
            plates = [entry.plate for entry in HotLists(database).entries("list")]
            (state,) = database.rows("PRAGMA integrity_check")
            (told,) = database.rows("SELECT source_file FROM hotlists")
        outcome = "old" if set(plates) == lists[old] else "new" if set(plates) == lists[new] else "a mixture"
        if len(plates) != entries or state["integrity_check"] != "ok":
            outcome = f"{len(plates)} entries, {state['integrity_check']}"
        if told["source_file"] != str(old if outcome == "old" else new):
            outcome += f", said to be {told['source_file']}"
        found.append(outcome)
        if outcome == "new":
            old, new = new, old
    with open_database(file) as database:  # nothing is left behind that keeps the next import from working
        import_file(database, new, "list", how=How(force=True))
        assert {entry.plate for entry in HotLists(database).entries("list")} == lists[new]
    return found


def test_an_import_that_is_killed_leaves_the_old_list_or_the_new(tmp_path: Path) -> None:
    outcomes = killed_imports(tmp_path, entries=3_000, kills=3)
    assert set(outcomes) <= {"old", "new"}, outcomes


@pytest.mark.slow
def test_fifty_imports_that_are_killed(tmp_path: Path) -> None:
    outcomes = killed_imports(tmp_path, entries=5_000, kills=50)
    assert set(outcomes) == {"old", "new"}, outcomes


def test_who_matches_meanwhile_sees_the_old_list_or_the_new_one(tmp_path: Path) -> None:
    (old, plates), (new, others) = write_lists(tmp_path, 3_000).items()
    file = tmp_path / "lpr.db"
    with open_database(file) as database:
        import_file(database, old, "list")
    gone, come = min(plates - others), min(others - plates)
    read = Transcript(gone, gone, 0.5, (), (Candidate(gone, 0.5), Candidate(come, 0.5)))
    seen: list[set[str]] = []

    def load() -> None:
        with open_database(file) as database:
            import_file(database, new, "list", how=How(force=True))

    with open_database(file, readonly=True) as database:
        lists = HotLists(database)
        loading = threading.Thread(target=load)
        loading.start()
        while loading.is_alive():
            seen.append({hit.plate for hit in lists.match(read)})
        loading.join()
        seen.append({hit.plate for hit in lists.match(read)})
    assert seen[0] == {gone}
    assert seen[-1] == {come}
    assert [plates for plates in seen if plates not in ({gone}, {come})] == []
    assert seen == sorted(seen, key=lambda plates: plates == {come})  # and the old one never comes back


#: How large files may become, in bytes. The kernel refuses to write beyond, as it does on a full disk.
FULL = """
import resource, sys
from pathlib import Path
from lpr.errors import LprError
from lpr.hotlist.importer import How, import_file
from lpr.records.schema import open_database
most = int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
try:
    with open_database(sys.argv[1]) as database:
        import_file(database, Path(sys.argv[2]), "list", how=How(force=True))
except LprError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_a_full_disk_leaves_the_old_list(tmp_path: Path) -> None:
    (old, plates), (new, others) = write_lists(tmp_path, 3_000).items()
    file = tmp_path / "lpr.db"
    with open_database(file) as database:
        import_file(database, old, "list")
    size = file.stat().st_size
    said = []
    for most in (1, 100_000, size // 2, size):  # no room at all, for a part of the comparison, of the swap, for more
        done = subprocess.run(
            [sys.executable, "-c", FULL, str(file), str(new), str(most)],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        said.append(done.stdout + done.stderr)
        with open_database(file) as database:
            assert {entry.plate for entry in HotLists(database).entries("list")} == plates
            assert len(HotLists(database).check(min(plates - others))) == 1
            (state,) = database.rows("PRAGMA integrity_check")
            assert state["integrity_check"] == "ok"
    assert all("lpr.db" in text and "make room" in text and text.count("\n") == 1 for text in said), said
    with open_database(file) as database:  # with room again
        import_file(database, new, "list", how=How(force=True))
        assert {entry.plate for entry in HotLists(database).entries("list")} == others
