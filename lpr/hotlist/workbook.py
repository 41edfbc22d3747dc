"""Records of an Excel workbook: the sheet that holds the list, cells as texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from zipfile import BadZipFile

from lpr.errors import HotListError
from lpr.hotlist.header import Names, columns_for, is_header
from lpr.hotlist.table import Record

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

#: A list's header stands in one of so many rows.
_HEADED = 20


def read_workbook(path: Path, stream: BinaryIO, names: Names) -> Iterator[Record]:
    """Every row that is not blank, with its number: of the first sheet, or of the only one whose header has a plate.

    ``names`` are what columns may be called. Raises HotListError for a damaged workbook, and for one in which several
    sheets hold lists: none of them may be lost.
    """
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        workbook = openpyxl.load_workbook(stream, read_only=True, data_only=True)
        try:
            for sheet in workbook.worksheets:
                # What a workbook says of its size is often wrong, and cells beyond it would be lost.
                sheet.reset_dimensions()
            for number, row in enumerate(_sheet(path, workbook.worksheets, names).iter_rows(values_only=True), 1):
                fields = [_text(cell) for cell in row]
                while fields and not fields[-1]:
                    fields.pop()
                if fields:
                    yield number, fields, None
        finally:
            workbook.close()
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, IndexError) as e:
        raise HotListError(f"{path}: is a damaged Excel workbook ({e}); save it again, or as CSV") from e


def _sheet(path: Path, sheets: Sequence[ReadOnlyWorksheet], names: Names) -> ReadOnlyWorksheet:
    lists = []
    for sheet in sheets if len(sheets) > 1 else ():
        rows = islice(sheet.iter_rows(values_only=True), _HEADED)
        headers = [columns_for([_text(cell) for cell in row], names) for row in rows]
        if any(is_header(columns, names, {}) for columns in headers):
            lists.append(sheet)
    if len(lists) > 1:
        told = ", ".join(str(sheet.title) for sheet in lists)
        raise HotListError(f"{path}: has {len(lists)} sheets with plates ({told}); save each as a file of its own")
    return lists[0] if lists else sheets[0]


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
