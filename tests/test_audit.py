"""The audit trail: what gets onto it, that it can only be added to, and what a policy demands."""

from __future__ import annotations

import json
import sqlite3
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import lpr
from cli.main import cli
from lpr.purpose import user
from lpr.records.audit import BEGINNING, hash_of, plate_hash, row_bytes
from lpr.records.policy import NO_POLICY, parse_policy, policy_of
from lpr.records.schema import Row
from lpr.records.secret import secret_of

WHY = lpr.Why("stolen vehicle", "26-0417")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("LPR_POLICY", "LPR_KEY", "LPR_PURPOSE", "LPR_CASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LPR_DB", str(tmp_path / "lpr.db"))
    return tmp_path / "lpr.db"


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words, catch_exceptions=False)


def trail(file: Path) -> list[Row]:
    with lpr.open_database(file) as database:
        return database.rows("SELECT * FROM audit ORDER BY id")


def test_an_access_is_two_rows_before_and_after(file: Path) -> None:
    with lpr.open_database(file) as database:
        with lpr.audited(database, "search", {"camera": "north"}, WHY, ["abc-1o?*"]) as access:
            assert [row["event"] for row in trail(file)] == ["asked"]
            shown = list(access.rows([{"b": 1, "a": "é"}, {"a": None}]))
        asked, answered = trail(file)
    assert shown == [{"b": 1, "a": "é"}, {"a": None}]
    assert (asked["command"], asked["purpose"], asked["case_number"]) == ("search", "stolen vehicle", "26-0417")
    assert json.loads(asked["elements"]) == {"camera": "north"}
    assert (asked["user"], asked["previous"], asked["rows"]) == (user(), BEGINNING, None)
    assert (answered["asked_in"], answered["outcome"], answered["rows"]) == (1, "done", 2)
    import hashlib

    assert answered["digest"] == hashlib.sha256('{"a":"é","b":1}\n{"a":null}\n'.encode()).hexdigest()
    assert answered["previous"] == asked["hash"] == hash_of(asked)
    assert answered["hash"] == hash_of(answered)


def test_the_plate_stands_in_the_chain_as_a_keyed_hash_and_beside_it_in_clear(file: Path) -> None:
    with lpr.open_database(file) as database, lpr.audited(database, "search", None, WHY, ["abc-1o?*"]):
        pass
    with lpr.open_database(file) as database:
        assert database.rows("SELECT audit_id, number, text FROM audit_plates") == [
            {"audit_id": 1, "number": 1, "text": "ABC1O?*"}
        ]
    secret = secret_of(file, NO_POLICY, make=False)
    assert secret is not None
    assert json.loads(trail(file)[0]["plates"]) == [plate_hash(secret, "ABC 10?*")]  # O and 0 are the same
    assert stat.S_IMODE((file.parent / "lpr.db.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("error, outcome", [(ValueError, "failed"), (KeyboardInterrupt, "interrupted")])
def test_what_was_shown_before_a_failure_is_on_the_trail(file: Path, error: type[BaseException], outcome: str) -> None:
    with (
        lpr.open_database(file) as database,
        pytest.raises(error),
        lpr.audited(database, "search", None, WHY) as access,
    ):
        access.add({"id": 1})
        raise error
    assert [(row["event"], row["outcome"], row["rows"]) for row in trail(file)] == [
        ("asked", None, None),
        ("answered", outcome, 1),
    ]


def test_a_read_only_database_is_audited_too(file: Path) -> None:
    lpr.open_database(file).close()
    with lpr.open_database(file, readonly=True) as database, lpr.audited(database, "search", None, WHY) as access:
        access.add({"id": 1})
    assert [row["event"] for row in trail(file)] == ["asked", "answered"]


def test_an_access_inside_another_is_part_of_it(file: Path) -> None:
    with (
        lpr.open_database(file) as database,
        lpr.audited(database, "report", None, WHY) as outer,
        lpr.audited(database, "search", None, WHY) as inner,
    ):
        assert inner is outer
    assert [row["command"] for row in trail(file)] == ["report", "report"]


COLUMNS = "(id, at, event, user, host, command, previous, hash)"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit SET purpose = 'other' WHERE id = 1",
        "DELETE FROM audit WHERE id = 1",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE id = 1",
        f"REPLACE INTO audit {COLUMNS} VALUES (1, '', 'asked', '', '', '', '', '')",
        f"INSERT INTO audit {COLUMNS} VALUES (9, '', 'asked', '', '', '', '', '')",
        f"INSERT INTO audit {COLUMNS} VALUES (3, '', 'asked', '', '', '', '', '')",
        "UPDATE audit_plates SET text = 'XYZ'",
        "UPDATE audit_plates SET text = NULL",
        "DELETE FROM audit_plates",
    ],
)
def test_rows_can_only_be_added_at_the_end(file: Path, sql: str) -> None:
    with lpr.open_database(file) as database, lpr.audited(database, "search", None, WHY, ["ABC1"]):
        pass
    before = trail(file)
    with pytest.raises(sqlite3.IntegrityError, match="can only be added to"):
        sqlite3.connect(file).execute(sql)
    assert trail(file) == before


def test_hot_list_commands_leave_who_when_and_why(file: Path) -> None:
    assert run("hotlist", "add", "ABC 1234", "--list", "bolo", "--reason", "test", "--purpose", "patrol").exit_code == 0
    assert run("hotlist", "check", "abc1234", "XYZ1", "--case", "7", "--nl").exit_code == 0
    assert run("hotlist", "list", "bolo", "--nl").exit_code == 0
    assert run("hotlist", "export", "bolo").exit_code == 0
    assert run("hotlist", "show", "abc1234", "--json").exit_code == 0
    assert run("hotlist", "log", "--nl").exit_code == 0
    assert run("alerts", "list", "--nl").exit_code == 0
    told = [(row["event"], row["command"], row["purpose"], row["case_number"], row["rows"]) for row in trail(file)]
    assert told == [
        ("asked", "hotlist add", "patrol", None, None),
        ("answered", "hotlist add", "patrol", None, 0),
        ("asked", "hotlist check", None, "7", None),
        ("answered", "hotlist check", None, "7", 1),
        *((event, f"hotlist {name}", None, None, n) for name in ("list", "export", "show", "log")
          for event, n in (("asked", None), ("answered", 1))),
        ("asked", "alerts list", None, None, None),
        ("answered", "alerts list", None, None, 0),
    ]  # fmt: skip
    with lpr.open_database(file) as database:
        (change,) = database.rows("SELECT * FROM changes")
    assert change["audit_id"] == 1
    assert json.loads(trail(file)[1]["elements"])["changes"] == 1


def test_a_change_by_a_program_is_one_row_and_covers_the_change(file: Path) -> None:
    with lpr.open_database(file) as database:
        lpr.HotLists(database).add("ABC1234", "bolo", "AL", "test", why=WHY)
        (change,) = database.rows("SELECT * FROM changes")
    (row,) = trail(file)
    assert (row["event"], row["command"], row["case_number"], row["rows"]) == ("changed", "hotlist add", "26-0417", 1)
    assert change.pop("audit_id") == row["id"]
    del change["id"]
    import hashlib

    assert hashlib.sha256(row_bytes(change)).hexdigest() == row["digest"]


POLICY = """
organisation = "Springfield Police"
[purpose]
demand = ["hotlist", "search"]
case = ["hotlist check"]
allowed = ["stolen vehicle", "missing person"]
"""


def test_a_policy_demands_purpose_and_case_and_refusals_are_on_the_trail(file: Path) -> None:
    (file.parent / "lpr-policy.toml").write_text(POLICY)
    add = ("hotlist", "add", "ABC1234", "--list", "bolo", "--reason", "test")
    refused = run(*add)
    assert refused.exit_code == 1
    assert "demands a purpose for lpr hotlist add; give --purpose: one of stolen vehicle, missing" in refused.stderr
    assert "is no purpose that the policy" in run(*add, "--purpose", "curious").stderr
    assert run(*add, "--purpose", "Stolen Vehicle").exit_code == 0
    assert "demands a case" in run("hotlist", "check", "ABC1234", "--purpose", "missing person").stderr
    assert run("hotlist", "check", "ABC1234", "--purpose", "missing person", "--case", "1").exit_code == 0
    assert run("alerts", "list").exit_code == 0  # not named by the policy
    rows = trail(file)
    assert [row["event"] for row in rows] == ["refused"] * 2 + ["asked", "answered", "refused"] + [
        "asked",
        "answered",
    ] * 2
    assert {row["organisation"] for row in rows} == {"Springfield Police"}
    assert {row["policy"] for row in rows} == {policy_of(file).sha256}


def test_a_policy_holds_for_programs_as_well(file: Path) -> None:
    (file.parent / "lpr-policy.toml").write_text(POLICY)
    with lpr.open_database(file) as database:
        with pytest.raises(lpr.PolicyError, match="demands a purpose"):
            lpr.HotLists(database).add("ABC1234", "bolo", "AL", "test")
        assert lpr.HotLists(database).lists() == []
        with pytest.raises(lpr.PolicyError, match="demands a purpose"), lpr.audited(database, "search"):
            raise AssertionError("must not run")
        lpr.HotLists(database).add("ABC1234", "bolo", "AL", "test", why=WHY)


def test_the_trail_may_lie_in_a_database_of_its_own(file: Path) -> None:
    (file.parent / "lpr-policy.toml").write_text('[audit]\nfile = "trail/audit.db"\nkey = "trail/key"\n')
    (file.parent / "trail").mkdir()
    assert run("hotlist", "add", "ABC 1234", "--list", "bolo", "--reason", "test").exit_code == 0
    assert run("hotlist", "check", "ABC 1234").exit_code == 0
    assert trail(file) == []
    assert len(trail(file.parent / "trail" / "audit.db")) == 4
    assert (file.parent / "trail" / "key").exists() and not (file.parent / "lpr.db.key").exists()


@pytest.mark.parametrize(
    "written, told",
    [
        ("demand = 1", "'demand' is unknown"),
        ("[purpose]\ndemnd = []", r"\[purpose\] has no 'demnd'"),
        ("[purpose]\ndemand = 'search'", "demand must be a list of texts"),
        ("organisation = 5", "organisation must be a text"),
        ("[purpose", "is no TOML file"),
    ],
)
def test_a_policy_that_is_wrong_says_where(tmp_path: Path, written: str, told: str) -> None:
    with pytest.raises(lpr.PolicyError, match=told):
        parse_policy(tmp_path / "p.toml", written.encode())


def test_a_policy_that_is_named_must_exist(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LPR_POLICY", str(file.parent / "none.toml"))
    with pytest.raises(lpr.PolicyError, match="there is no policy file"):
        policy_of(file)


def test_a_wrong_key_file_is_told(file: Path) -> None:
    (file.parent / "lpr.db.key").write_text("abc\n")
    with (
        lpr.open_database(file) as database,
        pytest.raises(lpr.PolicyError, match="64 hexadecimal digits"),
        lpr.audited(database, "search", None, WHY, ["ABC1"]),
    ):
        pass
