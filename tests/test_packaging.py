"""The wheel and the source archive: what is in them, and that they run elsewhere, with the network cut off."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

#: Laid beside a program, Python runs it at start-up: every connection to another machine fails.
NO_NETWORK = """
import socket

def refuse(self, address, *more):
    if self.family in (socket.AF_INET, socket.AF_INET6):
        raise OSError(f"the network is cut off, but something asked for {address}")
    return connect(self, address, *more)

connect, socket.socket.connect, socket.socket.connect_ex = socket.socket.connect, refuse, refuse
"""


def run(*words: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "LPR_DB")}
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def git_files() -> list[str]:
    """The repository's files; without git (in an unpacked source archive) all that lie there."""
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    if listed.returncode == 0:
        return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]
    return [path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_file()]


def build(kind: str, source: Path, to: Path) -> Path:
    """Builds a wheel or sdist as pip would, with the setuptools that is installed."""
    code = f"import sys; from setuptools import build_meta as b; print(b.build_{kind}({str(to)!r}))"
    done = run(sys.executable, "-W", "ignore", "-c", code, cwd=source)
    assert done.returncode == 0, done.stderr[-3000:]
    return to / done.stdout.split()[-1]


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sdist made of a copy of the checkout, and the wheel made of that sdist."""
    folder = tmp_path_factory.mktemp("build")
    copy = folder / "checkout"
    for name in git_files():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    sdist = build("sdist", copy, folder)
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (unpacked,) = (folder / "unpacked").iterdir()
    return sdist, build("wheel", unpacked, folder)


@pytest.fixture(scope="module")
def installed(archives: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; the dependencies are this environment's, lpr itself is not."""
    folder = tmp_path_factory.mktemp("environment")
    done = run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    assert done.returncode == 0, done.stderr
    python = folder / "venv/bin/python"
    site = Path(run(python, "-c", "import site; print(site.getsitepackages()[0])", cwd=folder).stdout.strip())
    # A plain path in a .pth file brings packages, but not the .pth files there, so no editable lpr either.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (site / "sitecustomize.py").write_text(NO_NETWORK)
    done = run(
        sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", archives[1],
        cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / "venv"


def test_the_wheel_holds_the_library_the_command_the_weights_and_the_types(archives: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(archives[1]) as wheel:
        names = set(wheel.namelist())
    ours = {name for name in git_files() if name.startswith(("lpr/", "cli/")) and name.endswith(".py")}
    expected = {name if name.startswith("lpr/") else "lpr/" + name for name in ours}
    assert expected - names == set()
    manifest = json.loads((ROOT / "lpr/models/manifest.json").read_text())
    weights = {f"lpr/models/{name}" for name in (*manifest, "manifest.json")}
    assert weights | {"lpr/py.typed"} <= names
    top = {name.split("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"lpr"}, "takes no other top-level name"


def test_the_wheel_names_its_licence_and_stays_small(archives: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(archives[1]) as wheel:
        metadata = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        text = wheel.read(metadata).decode()
        assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())
    assert "License-Expression: AGPL-3.0-or-later" in text or "License: AGPL-3.0-or-later" in text
    assert archives[1].stat().st_size < 40 * 2**20


def test_the_source_archive_holds_every_file_of_the_repository(archives: tuple[Path, Path]) -> None:
    with tarfile.open(archives[0]) as sdist:
        held = {name.partition("/")[2] for name in sdist.getnames()}
    left_out = {name for name in git_files() if name not in held}
    assert {name for name in left_out if not name.startswith(".")} == set()


def test_the_command_runs_elsewhere_without_a_network(installed: Path, tmp_path: Path) -> None:
    lpr = installed / "bin/lpr"
    shown = run(lpr, "--version", cwd=tmp_path)
    assert (shown.returncode, shown.stdout.split()[0]) == (0, "lpr,"), shown.stderr
    where = run(installed / "bin/python", "-c", "import lpr; print(lpr.__file__)", cwd=tmp_path)
    assert Path(where.stdout.strip()).is_relative_to(installed)
    added = run(lpr, "hotlist", "add", "8MZ5536", "--list", "mine", "--reason", "test", "--db", "a.db", cwd=tmp_path)
    assert added.returncode == 0, added.stderr
    checked = run(lpr, "hotlist", "check", "8MZS536", "--nl", "--db", "a.db", cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr
    assert json.loads(checked.stdout)["tier"] == "look-alike"


def test_a_photo_is_read_elsewhere_without_a_network(installed: Path, tmp_path: Path) -> None:
    photo = ROOT / "samples/12-night-spain.jpg"
    done = run(installed / "bin/lpr", "scan", photo, "--no-db", "--nl", "--quiet", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "4821KMT" in [json.loads(line)["text"] for line in done.stdout.splitlines()]


def test_the_network_is_really_cut_off(installed: Path, tmp_path: Path) -> None:
    code = "import socket; socket.create_connection(('127.0.0.1', 9), timeout=1)"
    done = run(installed / "bin/python", "-c", code, cwd=tmp_path)
    assert "the network is cut off" in done.stderr


def test_a_bare_checkout_runs(tmp_path: Path) -> None:
    done = run(sys.executable, "-m", "cli", "--version", cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("lpr, version ")


@pytest.mark.slow
def test_type_checkers_see_the_types_of_the_installed_library(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "user.py").write_text(
        "import lpr\n\nreveal_type(lpr.normalize('a'))\nreveal_type(lpr.Recognizer)\nfor found in lpr.scan('x'):\n"
        "    reveal_type(found.sighting.text)\n"
    )
    done = run(
        sys.executable, "-m", "mypy", "--python-executable", installed / "bin/python", "--strict", "user.py",
        cwd=tmp_path,
    )  # fmt: skip
    notes = [line.partition("note: ")[2] for line in done.stdout.splitlines() if "Revealed type" in line]
    assert done.returncode == 0, done.stdout
    assert [note.rpartition(" is ")[2] for note in notes][0::2] == ['"str"', '"str"']
    assert '"Any"' not in done.stdout


def test_both_builds_of_opencv_are_of_one_version() -> None:
    # They fill the same folder: of different versions, files of one overwrite half of the other's.
    assert version("opencv-python") == version("opencv-python-headless")


def test_the_two_builds_of_opencv_have_one_bound() -> None:
    lines = (ROOT / "setup.cfg").read_text().split()
    bounds = {
        line.partition(">=")[2] for line in lines if line.startswith(("opencv-python>=", "opencv-python-headless"))
    }
    assert len(bounds) == 1
