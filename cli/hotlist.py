"""``lpr hotlist``: a group that imports a command's module only when that command is run."""

from __future__ import annotations

from importlib import import_module

import click

#: Command → where it is (module of this package: object), and what ``lpr hotlist --help`` says of it.
#: A new command needs its module and its line here.
COMMANDS = {
    # in and out
    "import": ("hotlist_import:import_", "Make a file the content of a list."),
    "sync": ("hotlist_sync:sync_", "Load the lists that are due, and say how fresh each is."),
    "export": ("hotlist_list:export", "Write a list as a file."),
    "template": ("hotlist_list:template", "Print the header of a hot list file."),
    "formats": ("hotlist_list:formats", "Show the formats that an import knows."),
    # by hand
    "add": ("hotlist_entries:add", "Put a plate on a list."),
    "edit": ("hotlist_entries:edit", "Change what an entry says."),
    "remove": ("hotlist_entries:remove", "Take a plate off a list."),
    "show": ("hotlist_show:show", "Show all that lists say of a plate."),
    "list": ("hotlist_list:list_", "Show all lists, or the entries of one."),
    "set": ("hotlist_set:set_", "Change a list's priority, maximum age, tiers, …"),
    "log": ("hotlist_log:log", "Show who changed what, when and why."),
    # matching
    "check": ("hotlist_check:check", "Show the possible matches of plates on all lists."),
    "explain": ("hotlist_explain:explain", "Show which misreads of a plate would match it."),
    "budget": ("hotlist_explain:budget", "Count the false alerts of each list and tier."),
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
