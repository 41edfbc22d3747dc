"""Which files a source stands for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lpr.errors import SourceError
from lpr.sources import expand

FILES = (
    "a.jpg",
    "b.txt",
    "c.PNG",
    "[day]/d.mp4",
    "night/e.jpeg",
    "night/.hidden/f.jpg",
    "night/.g.jpg",
    "night/late/h.webp",
    "words/i.doc",
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in FILES:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()
    return tmp_path


ALL = ["./a.jpg", "./c.PNG", "./[day]/d.mp4", "./night/e.jpeg", "./night/late/h.webp"]


@pytest.mark.parametrize(
    "sources, files",
    [
        (["a.jpg"], ["a.jpg"]),
        (["b.txt"], ["b.txt"]),  # a file stands for itself, whatever it is
        (["missing.jpg"], ["missing.jpg"]),  # opening it says what is wrong
        (["rtsp://cam/?x=[1]"], ["rtsp://cam/?x=[1]"]),  # an address is no pattern
        (["."], [name.removeprefix("./") for name in ALL]),
        (["night"], ["night/e.jpeg", "night/late/h.webp"]),
        (["[day]"], ["[day]/d.mp4"]),  # the folder, not the pattern
        (["?.*"], ["a.jpg", "b.txt", "c.PNG"]),
        (["**/*.jp*g"], ["a.jpg", "night/e.jpeg"]),
        (["nigh?"], ["night/e.jpeg", "night/late/h.webp"]),  # a pattern that matches a folder
        (["a.jpg", "night/../a.jpg", "./a.jpg"], ["a.jpg"]),  # each once
        (["c.PNG", "a.jpg"], ["c.PNG", "a.jpg"]),  # in the order given
    ],
)
def test_files(sources: list[str], files: list[str]) -> None:
    assert [os.path.normpath(str(file)) if sources == ["."] else file for file in expand(sources)] == files


def test_what_lpr_writes_is_no_source() -> None:
    assert list(expand(["night"], exclude=["night/late"])) == ["night/e.jpeg"]


@pytest.mark.parametrize(
    "source, message",
    [
        ("words", "words: the folder holds no photos or footage; name another folder, or the files themselves"),
        ("*.tiff", "*.tiff: no file matches this pattern; check the path"),
    ],
)
def test_a_source_without_files_is_an_error_as_a_value(source: str, message: str) -> None:
    first, second = expand([source, "a.jpg"])
    assert isinstance(first, SourceError)
    assert (str(first), second) == (message, "a.jpg")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may open every folder")
def test_a_folder_that_cannot_be_opened(folder: Path) -> None:
    Path("night/late").chmod(0)
    try:
        first, second = expand(["night"])
    finally:
        Path("night/late").chmod(0o700)
    assert first == "night/e.jpeg"
    assert str(second) == "night/late: the folder cannot be opened (Permission denied); check its permissions"
