"""Makes the README's pictures: runs lpr over the samples as a person would and keeps what the terminal shows.

    python docs/make_images.py

Writes docs/images/terminal.svg and docs/images/annotated.jpg.
"""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
SHOWN = "samples/01-day-california.jpg"
COMMAND = ["lpr", "scan", "samples/", "--hotlist", "hotlists/example.csv"]


def in_terminal(words: list[str], **environment: str) -> str:
    """What the command writes: standard output as to a terminal, with colours, then the summary."""
    ours, theirs = pty.openpty()
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(
            words,
            cwd=ROOT,
            stdout=theirs,
            stderr=errors,
            env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "110", **environment},
        )
        os.close(theirs)
        chunks = []
        try:
            while chunk := os.read(ours, 65536):
                chunks.append(chunk)
        except OSError:
            pass  # Linux says so at the end of a terminal's output
        finally:
            os.close(ours)
        status = child.wait()
        errors.seek(0)
        told = errors.read().decode()
    if status:
        raise SystemExit(f"{' '.join(words)} ended with status {status}: {told}")
    return b"".join(chunks).decode().replace("\r\n", "\n") + told


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "cli", *COMMAND[1:], "--annotate", f"{folder}/read"]
        shown = in_terminal(words, LPR_DB=f"{folder}/lpr.db")
        (picture,) = Path(folder, "read").rglob(f"*{Path(SHOWN).stem}*")
        shutil.copy(picture, IMAGES / "annotated.jpg")
    console = Console(record=True, width=110, file=open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
    console.print(Text("$ ", style="green") + Text(" ".join(COMMAND)))
    console.print(Text.from_ansi(shown))
    svg = console.export_svg(title="lpr", theme=MONOKAI)
    # rich names a web font; the picture must not fetch anything.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace("<svg ", '<svg xml:space="preserve" ', 1)  # some viewers drop the blanks that indent a line
    svg = svg.replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")
    (IMAGES / "terminal.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
