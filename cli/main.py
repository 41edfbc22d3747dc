"""The ``lpr`` command: a group that imports a command's module only when that command is run."""

from __future__ import annotations

from importlib import import_module

import click

from lpr import __version__
from lpr.errors import LprError

#: Command → where it is (module of this package: object).
COMMANDS = {
    "scan": "scan:scan",
    "watch": "watch:watch",
    "cameras": "cameras:cameras",
    "annotate": "clip:annotate",
    "redact": "clip:redact",
    "hotlist": "hotlist:hotlist",
    "alerts": "alerts:alerts",
    "search": "search:search",
    "history": "history:history",
    "incident": "incident:incident",
    "common": "common:common",
    "convoy": "convoy:convoy",
    "report": "report:report",
    "verify": "verify:verify",
    "browse": "browse:browse",
    "correct": "correct:correct",
    "purge": "purge:purge",
    "hold": "hold:hold",
    "audit": "audit:audit",
    "eval": "eval:evaluate",
    "train": "train:train",
    "export": "export:export",
}

#: What ``lpr --help`` says of each: it must not import their modules to know.
SUMMARIES = {
    "scan": "Read plates from photos and footage, check hot lists, keep the record.",
    "watch": "Watch cameras live: plates, hot lists, the record.",
    "cameras": "See how watched cameras fare; try whether cameras can be reached.",
    "annotate": "Write a clip with its plates and their texts drawn in.",
    "redact": "Write a clip with every plate hidden, for release.",
    "hotlist": "Import, edit and check hot lists.",
    "alerts": "Look at possible matches, decide them, count them.",
    "search": "Find a plate, or a part of one, on record.",
    "history": "Show where a plate was, when, and at which hours usually.",
    "incident": "Put incidents on record; find the plates that were near.",
    "common": "Find the plates that were near several incidents.",
    "convoy": "Find the vehicles that keep appearing with a plate.",
    "report": "Write a page about a plate, an incident, a scan or an alert.",
    "verify": "Check an evidence package and name what was changed.",
    "browse": "Browse the record in a browser, with pictures.",
    "correct": "Say what a plate reads, beside what was read.",
    "purge": "Delete what has outlived its retention.",
    "hold": "Keep what a court needs from being deleted.",
    "audit": "See who asked the record or changed a list, and why.",
    "eval": "Measure the models on labelled photos.",
    "train": "Train detector, reader, jurisdiction and band networks.",
    "export": "Export evidence packages, or trained networks for both engines.",
}

CONTEXT_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class LazyGroup(click.Group):
    """Knows its commands by name; turns lpr's errors and Ctrl-C into one line and an exit status."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(f".{module}", __package__), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, SUMMARIES[name]) for name in COMMANDS])

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except LprError as error:
            raise click.ClickException(str(error)) from error
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(130)


@click.group(cls=LazyGroup, context_settings=CONTEXT_SETTINGS)
@click.version_option(__version__, prog_name="lpr")
def cli() -> None:
    """Licence plates from photos and footage: read, matched with hot lists, on record.

    \b
    Examples:
      lpr scan photos/
      lpr scan footage.mp4 --hotlist wanted.csv
      lpr hotlist check ABC1234
    """
