"""``lpr hotlist`` as its user sees it: whole outputs, what goes to standard error, exit codes."""

from __future__ import annotations

import json
import os
import re
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
            "as plate,state,reason (see: lpr hotlist template); or say which column it is: --map plate=NAME, in a file "
            "without header --map plate=1,state=2\n",
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


def test_check_tells_of_danger(here: Path) -> None:
    lpr("add", "ABC 123", "--list", "bolo", "--state", "AL", "--reason", "wanted", "--caution", "armed, alone")
    assert output("check", "ABC123") == (
        "ABC123: possible match: verify plate, state and vehicle\n"
        "  exact       ABC 123  AL  wanted\n"
        "              list bolo, score 1\n"
        "              CAUTION: armed, alone\n"
    )


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


def test_card_of_an_entry(here: Path) -> None:
    lpr("set", "bolo", "--kind", "BOLO", "--priority", "1")
    assert output(
        *("add", "ABC 012", "--list", "bolo", "--state", "PA", "--reason", "left the scene", "--vehicle", "red Jeep"),
        *("--caution", "armed", "--case", "26-7", "--purpose", "hit and run", "--expires", "2099-12-31T18:00:00Z"),
        stderr="Warning: PA issues both letter O and zero: ABC012 and ABCO12 may be two vehicles, and a hit cannot "
        "tell them apart\n",
    ) == ("ABC 012 (PA, left the scene, until 2099-12-31 18:00 UTC): added to list bolo\n")
    card = output("show", "abc-012")
    assert re.sub(r"20\d\d-\d\d-\d\d \d\d:\d\d UTC by \S+;", "NOW by ME;", card) == (
        "ABC 012  PA  left the scene\n"
        "  list          bolo (BOLO, priority 1)\n"
        "  twin          PA issues both letter O and zero: ABCO12 may be another vehicle\n"
        "  vehicle       red Jeep\n"
        "  CAUTION       armed\n"
        "  case          26-7\n"
        "  expires       2099-12-31 18:00 UTC\n"
        "  source        by hand, NOW by ME; purpose: hit and run; case 26-7\n"
        "  possible match: verify plate, state and vehicle\n"
    )
    (row,) = json.loads(output("show", "ABC012", "--json"))
    assert (row["plate"], row["details"]["caution"], row["stale"]) == ("ABC 012", "armed", False)
    message = "Error: no list has the plate XYZ1; lpr hotlist check 'XYZ1' looks for similar ones\n"
    assert output("show", "XYZ1", status=1, stderr=message) == ""


def test_edit_and_log(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LPR_PURPOSE", "patrol")
    monkeypatch.setenv("LPR_CASE", "26-9")
    lpr("add", "ABC1", "--list", "bolo", "--state", "AL", "--reason", "seen")
    assert output("edit", "abc1", "--list", "bolo", "--caution", "armed", "--new-plate", "ABC7", "--case", "26-10") == (
        "ABC1 (AL, seen) → ABC7 (AL, seen): changed on list bolo\n  caution: - → armed\n  case: - → 26-10\n"
    )
    log = json.loads(output("log", "bolo", "--json"))
    assert [(row["action"], row["plate"], row["purpose"], row["case"]) for row in log] == [
        ("add", "ABC1", "patrol", "26-9"),
        ("edit", "ABC7", "patrol", "26-10"),
    ]
    # the environment's case is why lists are changed, not the entry's own; what is given with the command is both
    assert "case" not in log[0]["after"]
    assert (log[1]["before"]["plate"], log[1]["after"]["case"]) == ("ABC1", "26-10")
    text = output("log").splitlines()
    assert text[0].split() == ["at", "by", "action", "list", "plate", "purpose", "case", "change"]
    assert text[2].endswith("26-10  plate: ABC1 → ABC7; caution: - → armed; case: - → 26-10")
    assert lpr("edit", "ABC7", "--list", "bolo").exit_code == 2  # nothing to change
    # an entry that has a case keeps it, whatever the change is for
    assert output("edit", "ABC7", "--list", "bolo", "--color", "red", "--case", "26-11").endswith("  color: - → red\n")
    assert output("edit", "ABC7", "--list", "bolo", "--new-case", "26-12").endswith("  case: 26-10 → 26-12\n")
    assert output("log", "none", status=1, stderr="Error: there is no hot list 'none'; see: lpr hotlist list\n") == ""


def test_an_export_can_be_imported_again(here: Path) -> None:
    lpr("add", "AB-1", "--list", "one", "--state", "AL", "--reason", 'a "red" one', "--vin", "1HGCM82633A004352")
    lpr("add", "AB?12*", "--list", "one", "--state", "NV", "--reason", "x", "--expires", "2099-12-31T18:00:00Z")
    (here / "list.csv").write_text("plate,zone,effective\nXYZ1,7,2020-01-02T03:04:05Z\n")
    lpr("import", "list.csv", "--list", "one")
    exported = output("export", "one")
    assert exported.splitlines()[0].startswith("plate,state,reason,effective,expires,vehicle,year,make,model")
    (here / "out.csv").write_text(exported)
    output("import", "out.csv", "--list", "two")
    assert output("export", "two") == exported
    assert len(json.loads(output("export", "one", "--json"))) == 3


def test_what_is_missing_is_asked_for_on_a_terminal(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = lpr("add", "ABC1", "--list", "bolo")
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (2, "Error: Missing option '--reason'.")
    monkeypatch.setattr("cli.hotlist_words.on_terminal", lambda: True)
    result = CliRunner().invoke(cli, ["hotlist", "add"], input="ABC1\nbolo\n\nstolen vehicle\n", prog_name="lpr")
    assert (result.exit_code, result.stdout) == (0, "ABC1 (state unknown, stolen vehicle): added to list bolo\n")
    assert [q for q in ("Plate: ", "List: ", "State (two letters", "Reason: ") if q not in result.stderr] == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_questions_on_a_real_terminal(here: Path) -> None:
    import pty

    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "cli", "hotlist", "add", "--state", "AL"],
        cwd=ROOT, stdin=slave, stdout=subprocess.PIPE, stderr=slave, text=True,
    ) as process:  # fmt: skip
        os.close(slave)
        os.write(master, b"ABC 1234\nbolo\nstolen vehicle\n")
        assert process.stdout is not None
        said = process.stdout.read()
        process.wait()
        asked = os.read(master, 4096).decode()
        os.close(master)
    assert (process.returncode, said) == (0, "ABC 1234 (AL, stolen vehicle): added to list bolo\n")
    # what is given is not asked for, and data stays on standard output
    assert [word in asked for word in ("Plate: ", "List: ", "Reason: ", "State", "added")] == [True] * 3 + [False] * 2


def test_sync_for_cron(here: Path) -> None:
    (here / "sources.toml").write_text(
        '[[list]]\nname = "daily"\nfile = "list.csv"\nmax_age = "24h"\n\n[[list]]\nname = "gone"\nfile = "gone.csv"\n'
    )
    gone = f"Error: list gone: {Path('gone.csv')}: cannot be read (No such file or directory); check the name and its "
    result = lpr("sync", "sources.toml", "--nl")
    assert (result.exit_code, result.stderr) == (1, f"{gone}permissions\n")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(row["list"], row["outcome"], row["added"], row["fresh"]) for row in rows] == [
        ("daily", "loaded", 2, "fresh"),
        ("gone", "failed", None, None),
    ]
    (here / "sources.toml").write_text('[[list]]\nname = "daily"\nfile = "list.csv"\nmax_age = "24h"\n')
    result = lpr("sync", "sources.toml")
    assert [line.split()[:2] for line in result.stdout.splitlines()[1:]] == [["daily", "unchanged"]]
    assert (result.exit_code, result.stderr) == (0, "")
    os.utime(here / "list.csv", (0, 0))
    (here / "list.csv").write_text(LIST + "NEW1,CA,x,\n")
    os.utime(here / "list.csv", (10**9, 10**9))
    result = lpr("sync", "sources.toml")
    assert result.exit_code == 1
    assert "older than the loaded one" in result.stderr


def test_a_stale_list_says_so(here: Path) -> None:
    os.utime(here / "list.csv", (10**9, 10**9))
    lpr("import", "list.csv", "--list", "example")
    assert output("set", "example", "--max-age", "24h") == "list example: max age changed\n"
    assert "list example, score" in output("check", "BXT4O19")
    assert "LIST IS STALE" in output("check", "BXT4O19")
    assert json.loads(output("check", "BXT4O19", "--json"))[0]["stale"] is True
    assert "STALE" in output("list")


def test_import_by_names_and_formats(here: Path) -> None:
    (here / "own.csv").write_text("Tag,Where\nABC1,0H\n")
    assert output("import", "own.csv", "--list", "a", "--map", "plate=Tag,state=Where", "--reason", "seen") == (
        "own.csv → list a: 1 added, 0 removed, 0 changed, 0 unchanged\n"
    )
    (row,) = json.loads(output("list", "a", "--json"))
    assert (row["plate"], row["state"], row["reason"]) == ("ABC1", "OH", "seen")
    (here / "svs.tbl").write_text("DATE07/02/2018 09:00\nABC123  CA0120180627\nTOTAL RECORD 0000001\n")
    assert output("import", "svs.tbl", "--list", "b", "--look-back", "30d") == (
        "svs.tbl → list b: 1 added, 0 removed, 0 changed, 0 unchanged\n"
        "  read as ca-clew, complete\n"
        "Looked back 30d: 0 historical hits\n"
    )
    assert lpr("formats", "ca-clew").stdout == (ROOT / "lpr/hotlist/formats/ca-clew.toml").read_text()
    assert output("formats", "--csv").splitlines()[1].startswith('ca-clew,pattern,complete,"California DOJ CLEW')


def test_an_import_warns_of_what_would_alert_too_often(here: Path) -> None:
    (here / "list.csv").write_text("plate,state\nABC123,CA\n" + "".join(f"*{n}*{n}*{n}*,CA\n" for n in range(10)))
    result = lpr("import", "list.csv", "--list", "wide")
    assert result.exit_code == 0
    assert re.fullmatch(
        r"Warning: list wide: about [\d,]+ of 100,000 plates that are on no list would alert in the partial tier; "
        r"to switch it off: lpr hotlist set wide --tiers exact,look-alike,candidate\n",
        result.stderr,
    )
