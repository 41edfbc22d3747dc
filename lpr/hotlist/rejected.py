"""``FILE.rejected.csv``: the refused lines of a hot list file with their numbers and reasons, so that none is lost."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TextIO

from lpr.errors import HotListError
from lpr.hotlist.lines import Refused

_FIRST_COLUMNS = ("line", "problem")


def rejected_path(path: Path) -> Path:
    """Where the refused lines of a file are written."""
    return path.with_name(path.name + ".rejected.csv")


class Rejected:
    """Takes refused lines; written beside the file and renamed into place. Use it with ``with``.

    ``count`` is how many there were, ``first`` the first ``shown`` of them. Without ``keep`` nothing is written.
    """

    def __init__(self, path: Path, header: Sequence[str], shown: int, keep: bool) -> None:
        self.count = 0
        self.first: list[Refused] = []
        self._target = rejected_path(path)
        self._part = self._target.with_name(self._target.name + ".part")
        self._header = header
        self._shown = shown
        self._keep = keep
        self._file: TextIO | None = None

    def __enter__(self) -> Rejected:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()
            self._part.unlink(missing_ok=True)

    def add(self, refused: Refused) -> None:
        self.count += 1
        if len(self.first) < self._shown:
            self.first.append(refused)
        if not self._keep:
            return
        try:
            if self._file is None:
                self._file = self._part.open("w", encoding="utf-8", newline="")
                self._row((*_FIRST_COLUMNS, *self._header))
            self._row((str(refused.line), refused.problem, *refused.fields))
        except OSError as e:
            raise self._unwritable(e) from e

    def publish(self) -> Path | None:
        """Puts the file into place, None when no line was refused. The file of an earlier import goes."""
        if not self._keep:
            return None
        try:
            if self._file is None:
                self._remove_old()
                return None
            self._file.close()
            self._part.replace(self._target)
        except OSError as e:
            raise self._unwritable(e) from e
        return self._target

    def _row(self, cells: Sequence[str]) -> None:
        assert self._file is not None
        csv.writer(self._file, lineterminator="\n").writerow(cells)

    def _remove_old(self) -> None:
        # Only what this class wrote: the name may be taken by a file of the user's own.
        if self._target.is_file():
            with self._target.open(encoding="utf-8", errors="replace") as old:
                ours = old.readline().startswith(",".join(_FIRST_COLUMNS))
            if ours:
                self._target.unlink()

    def _unwritable(self, error: OSError) -> HotListError:
        return HotListError(
            f"{self._target}: cannot be written ({error.strerror}), and refused lines must not be lost; "
            "copy the list to a folder where you may write"
        )
