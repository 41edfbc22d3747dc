"""The documents say what the program does: each command has an example and its page, each name and link exists."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType

import click
import pytest

import lpr
from cli.main import COMMANDS, SUMMARIES, cli
from lpr.plates import Sighting

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_cli_reference", ROOT / "docs/make_cli_reference.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


REFERENCE = _reference()
ALL = {" ".join(path): command for path, command in REFERENCE.commands(cli)}
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "hotlists/README.md"]


def examples(text: str) -> list[list[str]]:
    """The words of each line of ``text`` that starts with lpr (or pipes into it), what follows a pipe left out."""
    found = []
    for line in text.splitlines():
        for part in re.split(r"(?<!\|)\|(?!\|)", line):
            stripped = part.strip().removeprefix("$ ")
            if stripped.startswith("lpr "):
                words = shlex.split(stripped, comments=True)
                found.append([word for word in words if word not in (">", "&")])
    return found


def command_of(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that the words call, and the words left for it."""
    command, rest = ALL["lpr"], words[1:]
    name = "lpr"
    while rest and f"{name} {rest[0]}" in ALL:
        name, rest = f"{name} {rest[0]}", rest[1:]
        command = ALL[name]
    return command, rest


@pytest.mark.parametrize("name", ALL)
def test_each_command_says_what_it_does_and_how(name: str) -> None:
    text = REFERENCE.help_of(ALL[name], tuple(name.split()))
    assert re.search(r"^  Examples?:$", text, re.MULTILINE), f"{name} --help has no example"
    shown = examples(text.split("Example", 1)[1])
    assert shown, f"{name} --help shows no line that starts with lpr"
    assert any(words[: len(name.split())] == name.split() for words in shown)


@pytest.mark.parametrize("name", ALL)
def test_each_option_says_what_it_does(name: str) -> None:
    silent = [
        parameter.opts[0]
        for parameter in ALL[name].params
        if isinstance(parameter, click.Option)
        and not parameter.help
        and not isinstance(parameter.type, click.Choice)  # its choices say it
    ]
    assert silent == []


def test_the_reference_is_what_the_commands_say() -> None:
    written = (ROOT / "docs/cli-reference.md").read_text(encoding="utf-8")
    # Words alone: where lines break is the choice of click's version.
    assert written.split() == REFERENCE.page().split(), "run: python docs/make_cli_reference.py"


def test_every_command_has_a_summary_and_is_in_the_readme() -> None:
    assert COMMANDS.keys() == SUMMARIES.keys()
    assert [name for name in COMMANDS if f"`lpr {name}" not in README and f"lpr {name} " not in README] == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_command_line_shown_exists_with_its_options(page: Path) -> None:
    wrong = []
    for words in examples(page.read_text(encoding="utf-8")):
        command, rest = command_of(words)
        if isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
            wrong.append(f"{' '.join(words)}: no such command")
        known = {option for parameter in command.params for option in parameter.opts} | {"-h", "--help", "--version"}
        wrong += [f"{' '.join(words)}: {word}" for word in rest if re.match(r"--?[a-z]", word) and word not in known]
    assert wrong == []


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CHANGELOG.md", ROOT / "samples/README.md"], ids=str)
def test_every_link_inside_the_repository_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    broken = [t for t in targets if not re.match(r"[a-z]+:", t) and not (page.parent / t).exists()]
    assert broken == []


def test_the_row_table_names_the_fields_of_a_row_in_order() -> None:
    section = README.split("## What a row holds", 1)[1].split("\n## ", 1)[0]
    named = [
        name for row in re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    ]
    fields = [*Sighting.__dataclass_fields__, "hits"]
    assert sorted(named) == sorted(fields)


def test_the_readme_names_its_version_nowhere_but_the_changelog_does() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[?({re.escape(lpr.__version__)}|Unreleased)\]?", changelog, re.MULTILINE)


def test_the_public_names_are_sorted_and_documented() -> None:
    assert lpr.__all__ == sorted(lpr.__all__)
    assert len(set(lpr.__all__)) == len(lpr.__all__)
    silent = [name for name in lpr.__all__ if not (getattr(lpr, name).__doc__ or "").strip()]
    assert silent == []
    missing = [name for name in lpr.__all__ if name not in dir(lpr)]
    assert missing == []


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        lpr.nothing  # noqa: B018


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "docs/python.md"], ids=str)
def test_python_in_the_documents_compiles_and_names_what_there_is(page: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        compile(block, str(page), "exec")
        names = set(re.findall(r"\blpr\.([A-Za-z_]+)", block))
        assert [name for name in names if name not in lpr.__all__] == []
