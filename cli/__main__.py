"""``python -m cli`` serves a checkout as ``lpr`` serves an installation."""

from cli.main import cli

if __name__ == "__main__":
    cli(prog_name="lpr")
