"""``lpr hotlist`` as its user sees it: whole outputs, what goes to standard error, exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import cli
from lpr.hotlist.lists import HotLists

ROOT = Path(__file__).parents[1]
LIST = """plate,state,reason,comment
BXT4O19,TX,wanted,
8MZ5536,CA,missing person,"a child,
perhaps"
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with a database of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LPR_DB", str(tmp_path / "lpr.db"))
    (tmp_path / "list.csv").write_text(LIST)
    return tmp_path


def lpr(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["hotlist", *arguments], prog_name="lpr")


def output(*arguments: str, status: int = 0, stderr: str = "") -> str:
    result = lpr(*arguments)
    assert (result.exit_code, result.stderr) == (status, stderr), result.output
    return result.stdout


def test_import_and_import_again(here: Path) -> None:
    assert output("import", "list.csv", "--list", "example", "--kind", "bolo") == (
        "list.csv → list example: 2 added, 0 removed, 0 changed, 0 unchanged\n"
    )
    (here / "list.csv").write_text("plate,state,reason\nBXT4O19,TX,found\nABC 12,AL,stolen plate\n")
    changes = (
        "  + ABC 12  AL  stolen plate\n"
        "  - 8MZ5536  CA  missing person; comment: a child, perhaps\n"
        "  ~ BXT4O19  TX  wanted → found\n"
    )
    numbers = "list.csv → list example: 1 added, 1 removed, 1 changed, 0 unchanged"
    doubt = "list.csv: would remove 1 of 2 entries (50%)"
    assert output(
        "import", "list.csv", "--list", "example", "--dry-run", status=1, stderr=f"Warning: {doubt} (needs --force)\n"
    ) == (f"{numbers} (dry run, nothing is changed)\n{changes}")
    refusal = f"Error: {doubt}; nothing is changed; lpr hotlist import --force loads it\n"
    assert output("import", "list.csv", "--list", "example", status=1, stderr=refusal) == ""
    assert output(
        "import", "list.csv", "--list", "example", "--force", stderr=f"Warning: {doubt} (loaded by --force)\n"
    ) == (f"{numbers}\n{changes}")


def test_import_with_refused_lines_goes_on_and_ends_with_1(here: Path) -> None:
    (here / "list.csv").write_text("plate,state\nABC12,AL\n,CA\nABC12,AL\nQ?,NV\nXYZ,QQ\n")
    assert output(
        "import",
        "list.csv",
        "--list",
        "example",
        status=1,
        stderr="Warning: list.csv: state 'QQ' is no US or Canadian code, kept as written (1 line)\n"
        "Refused: list.csv, line 3: the plate is empty\n"
        "Refused: list.csv, line 5: 'Q?' has only 1 known characters; a partial plate needs 3\n"
        "list.csv: 2 lines refused; see list.csv.rejected.csv, correct them and import again\n",
    ) == ("list.csv → list example: 2 added, 0 removed, 0 changed, 0 unchanged\n  1 line repeated, counted once\n")


def test_a_file_that_is_no_list(here: Path) -> None:
    (here / "list.csv").write_text("name,date\n")
    assert (
        output(
            "import",
            "list.csv",
            "--list",
            "example",
            status=1,
            stderr="Error: list.csv: no column for the plate in the first line (name,date); it must be a header such "
            "as plate,state,reason (see: lpr hotlist template), or name it: --map plate=NAME\n",
        )
        == ""
    )


def test_add_list_remove(here: Path) -> None:
    assert output(
        "add", "abc 1234", "--list", "bolo", "--state", "0H", "--reason", "stolen plate", "--case", "26-1"
    ) == ("abc 1234 (OH, stolen plate): added to list bolo\n")
    assert output(
        "add", "X1", "--list", "bolo", "--reason", "seen", stderr="Warning: no state given; a hit cannot compare it\n"
    ) == ("X1 (state unknown, seen): added to list bolo\n")
    assert output("list") == (
        "name  kind    priority  entries  expired  dated_at  fresh  source_file\n"
        "bolo  custom  -         2        0        -         -      -\n"
    )
    assert output("list", "bolo") == (
        "plate     state  reason        expires  details\n"
        "abc 1234  OH     stolen plate  -        case: 26-1\n"
        "X1        -      seen          -\n"
    )
    assert output("list", "bolo", "--nl") == (
        '{"id": 1, "list": "bolo", "plate": "abc 1234", "text": "ABC1234", "state": "OH", "reason": "stolen plate", '
        '"expires": null, "line": null, "details": {"case": "26-1"}, "effective": null, "partial": false, '
        '"stale": false}\n'
        '{"id": 2, "list": "bolo", "plate": "X1", "text": "X1", "state": null, "reason": "seen", '
        '"expires": null, "line": null, "details": {}, "effective": null, "partial": false, "stale": false}\n'
    )
    assert output("remove", "ABC-1234", "--list", "bolo") == ("abc 1234 (OH, stolen plate): removed from list bolo\n")
    assert output("check", "ABC1234") == "ABC1234: no match\n"


def test_add_with_an_expiry(here: Path) -> None:
    lpr("add", "ABC1", "--list", "bolo", "--state", "AL", "--reason", "x", "--expires", "2099-12-31T18:00:00Z")
    (row,) = json.loads(output("list", "bolo", "--json"))
    assert row["expires"] == "2099-12-31T18:00:00+00:00"
    result = lpr("add", "ABC2", "--list", "bolo", "--state", "AL", "--reason", "x", "--expires", "soon")
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: 'soon' is no expiry; write 72h, 3d, 2026-12-31 or 2026-12-31T18:00\n",
    )


def test_check_for_people(here: Path) -> None:
    lpr("import", "list.csv", "--list", "example")
    exact = HotLists.from_files(["list.csv"]).check("bxt-4019", "CA")[0].score
    assert output("check", "8MZS536", "bxt-4019", "NOPE1", "--state", "CA") == (
        "8MZS536: possible match: verify plate, state and vehicle\n"
        "  look-alike  8MZ5536  CA  missing person\n"
        f"              list example, score {SCORE:.2g}\n"
        "              character 4: given S, on the list 5\n"
        "bxt-4019: possible match: verify plate, state and vehicle\n"
        "  exact       BXT4O19  TX  wanted\n"
        f"              list example, score {exact:.2g}, STATE CONFLICTS\n"
        "              character 5: given 0, on the list O\n"
        "NOPE1: no match\n"
    )


#: Of S read for 5, as the shipped table of confusions has it.
SCORE = HotLists.from_files([ROOT / "hotlists" / "example.csv"]).match("8MZS536")[0].score

HIT = {
    "list": "example",
    "plate": "8MZ5536",
    "state": "CA",
    "tier": "look-alike",
    "differs": [{"position": 3, "read": "S", "entry": "5"}],
    "score": SCORE,
    "state_agreement": "unknown",
    "reason": "missing person",
    "entry_id": 1,
    "text": "8MZS536",
    "candidate": "8MZS536",
    "rule": "only look-alikes differ: S for 5",
    "stale": False,
}


def test_check_for_programs(here: Path) -> None:
    lpr("import", "list.csv", "--list", "example")
    assert output("check", "8MZS536", "NOPE1", "--nl") == json.dumps(HIT) + "\n"
    assert json.loads(output("check", "8MZS536", "--json")) == [HIT]
    assert output("check", "NOPE1", "--json") == "[]\n"
    assert output("check", "8MZS536", "--csv") == (
        "list,plate,state,tier,differs,score,state_agreement,reason,entry_id,text,candidate,rule,stale\n"
        'example,8MZ5536,CA,look-alike,"[{""position"": 3, ""read"": ""S"", ""entry"": ""5""}]",'
        f"{SCORE},unknown,missing person,1,8MZS536,8MZS536,only look-alikes differ: S for 5,false\n"
    )


def test_exit_codes_of_check(here: Path) -> None:
    assert output("check", "ABC1", status=1, stderr=f"Error: there is no database {here / 'lpr.db'}; lpr scan and "
                  "lpr hotlist import make one\n") == ""  # fmt: skip
    lpr("import", "list.csv", "--list", "example")
    assert lpr("check", "8MZS536").exit_code == 0
    assert lpr("check", "8MZS536", "--exit-code").exit_code == 3
    assert lpr("check", "NOPE1", "--exit-code").exit_code == 0
    assert lpr("check").exit_code == 2
    # one bad plate does not stop the others
    assert output(
        "check",
        "A*B",
        "NOPE1",
        "--exit-code",
        status=1,
        stderr="Error: 'A*B' has the character '*'; partial plates are not supported\n",
    ) == ("NOPE1: no match\n")


def test_no_hot_list_is_not_no_match(here: Path) -> None:
    lpr("remove", "ABC1", "--list", "none")  # opens the database
    assert output("check", "ABC1", status=1, stderr=f"Error: {here / 'lpr.db'} has no hot list; lpr hotlist import "
                  "FILE --list NAME makes one\n") == ""  # fmt: skip


def test_template_is_the_shipped_one(here: Path) -> None:
    assert output("template") == (ROOT / "hotlists" / "template.csv").read_text()


def test_no_command_claims_what_a_list_cannot_know(here: Path) -> None:
    lpr("import", str(ROOT / "hotlists" / "example.csv"), "--list", "example")
    card = output("check", "7KDR482")
    assert "possible match: verify plate, state and vehicle" in card
    assert "is stolen" not in card


def test_check_loads_nothing_heavy(here: Path) -> None:
    lpr("import", "list.csv", "--list", "example")
    code = (
        "import sys\n"
        "from cli.main import cli\n"
        "cli(['hotlist', 'check', '8MZS536', '--nl'], standalone_mode=False)\n"
        "heavy = {'cv2', 'numpy', 'torch', 'openvino', 'onnxruntime', 'easyocr', 'ultralytics', 'rich', 'av', 'PIL'}\n"
        "sys.exit(', '.join(sorted(heavy & sys.modules.keys())) or None)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr, json.loads(ran.stdout)) == (0, "", HIT)
