"""``lpr hotlist``: a group that imports a command's module only when that command is run."""

from __future__ import annotations

from importlib import import_module

import click

#: Command → where it is (module of this package: object), and what ``lpr hotlist --help`` says of it.
#: A new command needs its module and its line here.
COMMANDS = {
    # in and out
    "import": ("hotlist_import:import_", "Make a file the content of a list."),
    "template": ("hotlist_list:template", "Print the header of a hot list file."),
    # by hand
    "add": ("hotlist_entries:add", "Put a plate on a list."),
    "remove": ("hotlist_entries:remove", "Take a plate off a list."),
    "list": ("hotlist_list:list_", "Show all lists, or the entries of one."),
    # matching
    "check": ("hotlist_check:check", "Show the possible matches of plates on all lists."),
}


class HotListGroup(click.Group):
    """Knows its commands by name, so that asking for one does not load the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(f".{module}", __package__), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=HotListGroup)
def hotlist() -> None:
    """Import, edit and check hot lists.

    A match is a reason to look, never a statement about a vehicle: verify plate, state and vehicle.

    \b
    Example:
      lpr hotlist import hotlists/example.csv --list example
      lpr hotlist check 8MZS536
    """
