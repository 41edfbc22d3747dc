"""Writes docs/cli-reference.md from what each command says of itself; with --check only compares.

python docs/make_cli_reference.py [--check]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

Words = tuple[str, ...]

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "cli-reference.md"
#: A terminal of this width: what a reader of the page has.
WIDTH = 100


def commands(
    command: click.Command, path: tuple[str, ...] = ("lpr",)
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """The command and all below it, each with the words that call it."""
    yield path, command
    if isinstance(command, click.Group):
        with click.Context(command, info_name=path[-1]) as context:
            for name in command.list_commands(context):
                child = command.get_command(context, name)
                assert child is not None
                yield from commands(child, (*path, name))


def help_of(command: click.Command, path: Words) -> str:
    """What ``--help`` prints."""
    settings = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    # A command inherits -h from the root when it is run; here each one stands alone.
    settings.setdefault("help_option_names", ["-h", "--help"])
    with click.Context(command, info_name=" ".join(path), **settings) as context:
        return command.get_help(context)


def page() -> str:
    from cli.main import cli

    parts = [
        "# All commands\n",
        "Written by `docs/make_cli_reference.py` from the commands themselves; do not edit.\n",
    ]
    for path, command in commands(cli):
        text = "\n".join(line.rstrip() for line in help_of(command, path).splitlines())
        parts.append(f"## `{' '.join(path)}`\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def main() -> int:
    sys.path.insert(0, str(ROOT))
    made = page()
    if "--check" in sys.argv[1:]:
        # Words alone: where lines break is the choice of click's version.
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8").split() != made.split():
            print(f"{PAGE} is not what the commands say; run: python docs/make_cli_reference.py", file=sys.stderr)
            return 1
        return 0
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
