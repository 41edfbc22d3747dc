"""``lpr watch`` and ``lpr cameras`` as their user sees them: rows, log, the end by signals, another process's view."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import fake_recognizer
from mjpeg import GREEN, RED, Camera, until

import lpr
from cli import cameras as cameras_command
from cli.main import cli
from cli.watch import COLUMNS

ROOT = Path(__file__).parents[1]

#: ``lpr`` with the fake networks, as a process of its own.
LPR = """
import sys
sys.path[:0] = [{root!r}, {tests!r}]
from conftest import fake_recognizer
from cli.main import cli
cli({words!r}, prog_name="lpr", obj=fake_recognizer())
"""


@contextmanager
def started(*words: str | Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """``lpr`` in the background; it is ended in the end, whatever happens."""
    code = LPR.format(root=str(ROOT), tests=str(ROOT / "tests"), words=[str(word) for word in words])
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def run(*words: str | Path, obj: object = None, **environment: str) -> Result:
    runner = CliRunner(env=environment)
    return runner.invoke(cli, [str(word) for word in words], obj=obj, prog_name="lpr")


def camera_file(folder: Path, **urls: str) -> Path:
    file = folder / "cameras.toml"
    tables = [
        f'[[camera]]\nname = "{name}"\nurl = "{url}"\nuser = "${{CAM_USER}}"\npassword = "${{CAM_WORD}}"'
        for name, url in urls.items()
    ]
    file.write_text("\n".join(tables))
    return file


def wanted(file: Path) -> None:
    assert run("hotlist", "add", "ABC1234", "--list", "wanted", "--reason", "stolen", "--db", file).exit_code == 0


def test_rows_and_summary(tmp_path: Path) -> None:
    file = tmp_path / "lpr.db"
    wanted(file)
    with Camera(RED) as source:
        done = run(
            *("watch", source.url, "--db", file, "--for", "4s", "--rate", "8", "--nl"),
            *("--save-crops", tmp_path / "crops", "--log", tmp_path / "watch.log"),
            obj=fake_recognizer(),
        )
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["event"], row["text"]) for row in rows] == [("hit", "ABC1234"), ("sighting", "ABC1234")]
    assert list(rows[0]) == list(COLUMNS)
    assert rows[0]["alerts"] == [1] == rows[1]["alerts"] and rows[0]["delay"] is not None
    assert "1 camera watched for" in done.stderr and "1 possible match, 1 new alert: verify plate" in done.stderr
    assert f"{source.url}: live" in done.stderr and f"{source.url}: live" in (tmp_path / "watch.log").read_text()
    assert "ABC1234" not in (tmp_path / "watch.log").read_text(), "no contents of hot lists in logs"
    shown = run("alerts", "show", "1", "--db", file)
    assert str(tmp_path / "crops") in shown.output, "the picture lies beside the alert"


def test_text_and_csv(tmp_path: Path) -> None:
    hot = tmp_path / "wanted.csv"
    hot.write_text("plate,state,reason\nABC1234,AL,stolen vehicle\n")
    words = ("--no-db", "--hotlist", hot, "--for", "3s", "--rate", "8")
    with Camera(RED) as source:
        text = run("watch", source.url, *words, obj=fake_recognizer())
        table = run("watch", source.url, *words, "--csv", "--quiet", obj=fake_recognizer())
    lines = text.stdout.splitlines()
    assert lines[0].split() == ["TIME", "CAMERA", "PLATE", "SURE", "READS", "OR", "PERHAPS"]
    assert lines[1].split()[1:4] == [source.url, "ABC1234", "98%"] and lines[1].endswith("IN SIGHT")
    assert lines[2] == "  > possible match: verify plate, state and vehicle"
    assert lines[-1].split()[1:3] == [source.url, "ABC1234"] and not lines[-1].endswith("IN SIGHT")
    rows = list(csv.DictReader(io.StringIO(table.stdout)))
    assert [row["event"] for row in rows] == ["hit", "sighting"] and table.stderr == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_peace(tmp_path: Path, number: int) -> None:
    file = tmp_path / "lpr.db"
    with Camera(GREEN) as source, started("watch", source.url, "--db", file, "--nl") as process:
        assert until(lambda: _reads(file) >= 3, 120), process.poll()
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert [json.loads(line)["text"] for line in out.splitlines()] == ["XYZ0O8"], "what was in sight has a row"
    assert "1 sighting." in err and "Traceback" not in err
    with lpr.open_database(file, readonly=True) as database:
        assert database.rows("SELECT status, error FROM scans") == [{"status": "done", "error": None}]
        assert [row["text"] for row in database.rows("SELECT text FROM sightings")] == ["XYZ0O8"]


def _reads(file: Path) -> int:
    try:
        with lpr.open_database(file, readonly=True) as database:
            return int(database.rows("SELECT count(*) AS n FROM reads")[0]["n"])
    except lpr.RecordsError:
        return 0


def test_another_process_sees_how_cameras_fare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "lpr.db"
    secrets = {"CAM_USER": "joe", "CAM_WORD": "hunter2"}
    with Camera(RED, login="joe:hunter2") as source:
        cameras = camera_file(tmp_path, gate=source.url, yard="http://127.0.0.1:9/live")
        with started("watch", cameras, "--db", file, **secrets) as process:
            assert until(lambda: _states(file) == {"gate": "live", "yard": "lost"}, 120), process.poll()
            arguments = Path(f"/proc/{process.pid}/cmdline")
            if arguments.exists():
                assert "hunter2" not in arguments.read_text()
            shown = run("cameras", "status", "--db", file)
            lines = shown.output.splitlines()
            assert [line.split()[:2] for line in lines[:3]] == [["CAMERA", "STATE"], ["gate", "live"], ["yard", "lost"]]
            assert lines[3] == "yard: refuses the connection; is it on, is the port right?"
            assert "hunter2" not in shown.output
            first = json.loads(run("cameras", "status", "--db", file, "--nl").output.splitlines()[0])
            assert first["watcher"].startswith(f"{process.pid}@") and first["seen"] >= first["processed"] > 0
            assert run("cameras", "status", "--db", file, "--exit-code").exit_code == 1
            process.kill()
            process.wait()
    # What was left behind by a watch that was killed does not pass for the present.
    monkeypatch.setattr(cameras_command, "STALE", 0.5)
    time.sleep(1.0)
    assert _states(file) == {"gate": "not watched", "yard": "not watched"}
    with lpr.open_database(file, readonly=True) as database:
        assert {row["status"] for row in database.rows("SELECT status FROM scans")} == {"running"}
    # The next watch says on record that the last one broke off, and keeps what it gave.
    with Camera(RED, login="joe:hunter2") as source:
        camera_file(tmp_path, gate=source.url)
        assert run("watch", cameras, "--db", file, "--for", "2s", obj=fake_recognizer(), **secrets).exit_code == 0
    with lpr.open_database(file, readonly=True) as database:
        rows = database.rows("SELECT scans.status, scans.error FROM scans JOIN sources ON sources.id = source_id "
                             "WHERE sources.name = 'gate' ORDER BY scans.id")  # fmt: skip
        assert rows == [{"status": "failed", "error": "broke off"}, {"status": "done", "error": None}]


def _states(file: Path) -> dict[str, str]:
    done = run("cameras", "status", "--db", file, "--nl")
    return {row["camera"]: row["state"] for row in map(json.loads, done.stdout.splitlines())}


def test_status_without_cameras(tmp_path: Path) -> None:
    file = tmp_path / "lpr.db"
    wanted(file)
    done = run("cameras", "status", "--db", file)
    assert (done.exit_code, done.stdout) == (0, "") and "No camera was ever watched" in done.stderr
    missing = run("cameras", "status", "--db", tmp_path / "none.db")
    assert missing.exit_code == 1 and "there is no database" in missing.output


def test_check_tries_each_camera(tmp_path: Path) -> None:
    secrets = {"CAM_USER": "joe", "CAM_WORD": "hunter2"}
    with Camera(RED, login="joe:hunter2") as source:
        cameras = camera_file(tmp_path, gate=source.url, yard="http://127.0.0.1:9/live")
        done = run("cameras", "check", cameras, "--save", tmp_path / "pictures", "--nl", **secrets)
        wrong = run("cameras", "check", cameras, "--nl", CAM_USER="joe", CAM_WORD="wrong")
    gate, yard = map(json.loads, done.stdout.splitlines())
    assert done.exit_code == 1, "the yard cannot be reached"
    assert (gate["ok"], gate["description"], gate["problem"]) == (True, "320×120 mjpeg", None)
    assert Path(gate["picture"]).name == "01-gate.jpg" and Path(gate["picture"]).stat().st_size > 500
    assert (yard["ok"], yard["problem"]) == (False, "refuses the connection; is it on, is the port right?")
    assert json.loads(wrong.stdout.splitlines()[0])["problem"] == "refuses user name and password; check them"
    assert "hunter2" not in done.output and "wrong" not in wrong.output


@pytest.mark.parametrize(
    ("words", "status", "problem"),
    [
        (["gate.mp4"], 1, "gate.mp4: no camera's address; write rtsp://…, http://… or the number of a webcam"),
        (["none.toml"], 1, "none.toml: no such file; copy samples/cameras.toml"),
        (["rtsp://h/1", "rtsp://h/1"], 1, "two cameras are called 'rtsp://h/1'; give each its own name"),
        (["rtsp://joe:word@h:1/x", "--metrics", "no"], 2, "--metrics no: write a port, 9090, or HOST:PORT"),
        (["rtsp://h/1", "--for", "soon"], 2, "--for soon: write 30s, 10m, 8h or 2d"),
        (["rtsp://h/1", "--no-db", "--list", "a"], 2, "--list names lists of the database"),
        (["rtsp://h/1", "--list", "a"], 1, "there is no hot list 'a'"),
        ([], 2, "Missing argument"),
    ],
)
def test_wrong_use_is_one_clear_line(tmp_path: Path, words: list[str], status: int, problem: str) -> None:
    done = run("watch", *words, LPR_DB=str(tmp_path / "lpr.db"), obj=fake_recognizer())
    assert (done.exit_code, done.stdout) == (status, "")
    assert problem in done.stderr and "word@" not in done.stderr and "Traceback" not in done.stderr


def test_a_webcam_that_is_not_there_is_lost_not_fatal(tmp_path: Path) -> None:
    done = run("watch", "97", "--no-db", "--for", "2s", obj=fake_recognizer())
    assert done.exit_code == 1, "with --for, a camera that never gave a picture is a failure"
    assert "webcam 97: lost: there is no such webcam, or another program uses it" in done.stderr
