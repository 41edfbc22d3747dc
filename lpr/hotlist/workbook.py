"""Records of an Excel workbook: its first sheet, cells as texts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile

from lpr.errors import HotListError
from lpr.hotlist.table import Record


def read_workbook(path: Path, stream: BinaryIO) -> Iterator[Record]:
    """Every row of the first sheet that is not blank, with its number. Raises HotListError for a damaged workbook."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        workbook = openpyxl.load_workbook(stream, read_only=True, data_only=True)
        try:
            for number, row in enumerate(workbook.worksheets[0].iter_rows(values_only=True), 1):
                fields = [_text(cell) for cell in row]
                if any(fields):
                    yield number, fields, None
        finally:
            workbook.close()
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, IndexError) as e:
        raise HotListError(f"{path}: is a damaged Excel workbook ({e}); save it again, or as CSV") from e


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # a plate of digits, which Excel takes for a number
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, (datetime, date)):
        return cell.isoformat()
    return str(cell).strip()
