"""What still works on a full disk: a check is a question on which somebody's safety may hang."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lpr.hotlist.lists import HotLists
from lpr.records.schema import open_database

ROOT = Path(__file__).parent.parent
#: The kernel refuses to write a file beyond its first byte, as it does on a full disk.
FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))
from cli.main import cli
cli(sys.argv[1:])
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("LPR_POLICY", "LPR_KEY", "LPR_PURPOSE", "LPR_CASE"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "lpr.db"
    with open_database(file) as database:
        HotLists(database).add("8MZ5536", "wanted", "CA", "wanted person")
    return file


def check(file: Path, *more: str) -> tuple[int, str, str]:
    words = ["hotlist", "check", "8MZS536", "--db", str(file), "--exit-code", *more]
    done = subprocess.run([sys.executable, "-c", FULL, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def number_on_the_trail(file: Path) -> int:
    with open_database(file) as database:
        return int(database.rows("SELECT count(*) AS n FROM audit")[0]["n"])


def test_a_check_answers_without_room_for_the_key_of_its_trail(file: Path) -> None:
    before = number_on_the_trail(file)
    status, out, err = check(file)
    assert (status, "8MZ5536" in out) == (3, True)
    assert err.startswith("Warning: this check is not on the audit trail: ") and err.count("\n") == 1
    assert [path.name for path in file.parent.glob("*.part")] == []
    assert number_on_the_trail(file) == before


def test_a_check_answers_without_room_for_its_row(file: Path) -> None:
    file.with_name("lpr.db.key").write_text("ab" * 32 + "\n")
    status, out, err = check(file, "--nl")
    assert (status, '"plate": "8MZ5536"' in out) == (3, True)
    assert "make room" in err and err.count("\n") == 1


@pytest.mark.parametrize("section", ['[purpose]\ndemand = ["hotlist"]', '[audit]\nfile = "audit.db"'])
def test_a_policy_that_wants_the_trail_goes_before(file: Path, section: str) -> None:
    file.with_name("lpr-policy.toml").write_text(section)
    status, out, err = check(file, "--purpose", "traffic stop")
    assert (status, out) == (1, "")
    assert "demands that lpr hotlist check stands on the audit trail" in err and "make room" in err
    assert err.count("\n") == 1


def test_a_policy_that_wants_a_purpose_says_that_first(file: Path) -> None:
    file.with_name("lpr-policy.toml").write_text('[purpose]\ndemand = ["hotlist check"]')
    status, out, err = check(file)
    assert (status, out) == (1, "") and "give --purpose" in err


def test_what_is_no_check_is_refused(file: Path) -> None:
    words = ["hotlist", "show", "8MZ5536", "--db", str(file)]
    done = subprocess.run([sys.executable, "-c", FULL, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "") and "make room" in done.stderr
