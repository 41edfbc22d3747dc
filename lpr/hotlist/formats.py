"""How a hot list file is laid out: its encoding, its delimiter, and which column holds what."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from lpr.errors import HotListError

#: The header of the template. Its first columns are the ones that every list should have.
TEMPLATE = ("plate", "state", "reason", "expires", "case", "nic", "ori", "vehicle", "caution", "comment")

#: Column → what files call it, small letters and digits alone; the first that a header has is taken. Among them are
#: NCIC's field names (LIC, LIS, OCA, VYR, …), Vigilant's (Hot Plate), OpenALPR's (Plate Number, State/Province) and
#: NJ SNAP's (PlateSt).
SYNONYMS: Mapping[str, str] = {
    "plate": (
        "plate platenumber plateno platenum platetext licenseplate licenceplate licenseplatenumber licenceplatenumber "
        "licenseplateno lic licno hotplate tag tagnumber tagno lp lpn license licence licensenumber vrm vrn "
        "registration registrationnumber regno reg"
    ),
    "state": (
        "state st lis platestate platest licensestate licenseplatestate lpstate tagstate issuingstate "
        "registrationstate stateprovince stateorprovince province stateabbreviation statecode jurisdiction"
    ),
    "reason": (
        "reason alertreason hotlistreason alert alerttype offense offence category reasoncode description code "
        "reasontype"
    ),
    "expires": "expires expiry expiration expirationdate expirydate expiredate validuntil until enddate",
    "case": "case caseno casenumber oca agencycase agencycaseno agencycasenumber incident incidentnumber",
    "nic": "nic nicnum nicnumber nicno ncic ncicnumber",
    "ori": "ori agencyori deptori",
    "vehicle": "vehicle vehicledescription vehicleinfo",
    "caution": "caution cautions cautionflags warning flags",
    "comment": "comment comments note notes remark remarks memo",
    "year": "vehicleyear vyr year",
    "make": "vehiclemake vma make",
    "model": "vehiclemodel vmo model",
    "style": "vehiclestyle vst style",
    "color": "vehiclecolor vehiclecolour vco color colour",
    "vin": "vin vehicleidentificationnumber",
}

_DELIMITERS = ",;\t|"
_CHUNK = 1 << 20
_MAGIC = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "compressed with gzip",
    b"%PDF": "a PDF",
}
#: A quoted field over more lines than this is taken for a quotation mark that was never closed.
_LONGEST_RECORD = 20
_UNCLOSED = "a quotation mark is missing or misplaced"

#: Line number, fields, and what is wrong with the record as such, or None.
Record = tuple[int, list[str], "str | None"]


@dataclass(frozen=True)
class Layout:
    """What the header told. ``columns`` maps every field's index to its name, known or as the header has it."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    columns: tuple[str, ...]


class ListFile:
    """A hot list file that is open for reading; use it with ``with``.

    Raises HotListError when the file cannot be read, is empty, is no text, or has no column for the plate.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._raw: BinaryIO = path.open("rb")
        except OSError as e:
            raise HotListError(f"{path}: cannot be read ({e.strerror}); check the name and its permissions") from e
        try:
            encoding, self.sha256 = _survey(path, self._raw)
            self._raw.seek(0)
            text = io.TextIOWrapper(self._raw, encoding=encoding, newline="")
            self._lines = _Lines(text)
            self.layout = self._find_layout(encoding)
        except BaseException:
            self._raw.close()
            raise

    def __enter__(self) -> ListFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._raw.close()

    def _find_layout(self, encoding: str) -> Layout:
        """Reads the header: the first line that is not blank."""
        delimiters = _DELIMITERS
        header = ""
        for header in self._decoded():
            if header.lower().startswith("sep=") and len(header.strip()) == 5:
                delimiters = header[4]  # Excel's own way to name the delimiter
            elif header.strip(" \t\r\n,;|"):
                break
        else:
            raise HotListError(f"{self.path}: is empty; its first line must be a header such as plate,state,reason")
        layouts: list[Layout] = []
        for delimiter in delimiters:
            cells = next(csv.reader([header], delimiter=delimiter), [])
            columns = _columns(cells)
            if "plate" in columns:
                layouts.append(Layout(encoding, delimiter, tuple(c.strip() for c in cells), columns))
        if not layouts:
            raise HotListError(
                f"{self.path}: no column for the plate in the first line ({_shortened(header)}); it must be a header "
                "such as plate,state,reason (see: lpr hotlist template)"
            )
        return max(layouts, key=lambda layout: len(layout.header))

    def _decoded(self) -> Iterator[str]:
        while True:
            try:
                line = next(self._lines)
            except StopIteration:
                return
            self._lines.settle()
            yield line

    def records(self) -> Iterator[Record]:
        """Every line after the header that is not blank. Goes through the file once.

        A quotation mark that is never closed costs only its own line: the lines after it are read again, so that no
        entry vanishes inside a field.
        """
        lines, layout = self._lines, self.layout
        reader = csv.reader(lines, delimiter=layout.delimiter, strict=True)
        number = lines.settled + 1
        while True:
            problem = None
            try:
                fields = next(reader)
            except StopIteration:
                return
            except (csv.Error, _TooLongError) as e:
                strict = "expected after" in str(e) or "unexpected end" in str(e)
                problem = _UNCLOSED if isinstance(e, _TooLongError) or strict else str(e)
            if problem is None and len(lines.taken) > 1 and self._swallowed(lines.taken):
                problem = _UNCLOSED
            if problem is not None:
                yield number, [lines.put_back().rstrip("\r\n")], problem
                reader = csv.reader(lines, delimiter=layout.delimiter, strict=True)
            else:
                if any(fields):
                    yield number, fields, None
                lines.settle()
            number = lines.settled + 1

    def _swallowed(self, taken: Sequence[str]) -> bool:
        """Whether a record over several lines holds one that looks like a record of its own."""
        full = len(self.layout.header) - 1
        return any(line.count(self.layout.delimiter) >= full for line in taken[1:])


class _TooLongError(Exception):
    """A record that runs over more lines than any real one."""


class _Lines:
    """The lines of a text; those of the record that is being read can be put back."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._back: deque[str] = deque()
        self.taken: list[str] = []
        self.settled = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= _LONGEST_RECORD:
            raise _TooLongError
        try:
            line = self._back.popleft() if self._back else next(self._text)
        except UnicodeDecodeError as e:
            raise HotListError(f"{self._text.name}: breaks off or is damaged ({e.reason}); get the file again") from e
        self.taken.append(line)
        return line

    def settle(self) -> None:
        """The record is done."""
        self.settled += len(self.taken)
        self.taken.clear()

    def put_back(self) -> str:
        """Puts back all lines of the record but the first, which is returned."""
        first = self.taken[0]
        self._back.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]
        self.settle()
        return first


def _columns(cells: Sequence[str]) -> tuple[str, ...]:
    squeezed = ["".join(c for c in cell.lower() if c.isalnum()) for cell in cells]
    names = [cell.strip().lower() or f"column {number}" for number, cell in enumerate(cells, 1)]
    for column, synonyms in SYNONYMS.items():
        for synonym in synonyms.split():
            if synonym in squeezed:
                names[squeezed.index(synonym)] = column
                break
    # A name that comes twice keeps both columns.
    return tuple(name if name not in names[:i] else f"{name} {i + 1}" for i, name in enumerate(names))


def _survey(path: Path, raw: BinaryIO) -> tuple[str, str]:
    """Encoding and SHA-256 of a whole file, read once in pieces."""
    digest = hashlib.sha256()
    head = b""
    utf8 = codecs.getincrementaldecoder("utf-8")()
    valid = True
    while chunk := raw.read(_CHUNK):
        head = head or chunk[:65536]
        digest.update(chunk)
        if valid:
            try:
                utf8.decode(chunk)
            except UnicodeDecodeError:
                valid = False
    for magic, what in _MAGIC.items():
        if head.startswith(magic):
            raise HotListError(f"{path}: is {what}, not a text file; save the list as CSV")
    encoding = _encoding(head, valid)
    if encoding is None:
        raise HotListError(f"{path}: is no text file; save the list as CSV (UTF-8)")
    return encoding, digest.hexdigest()


def _encoding(head: bytes, valid_utf8: bool) -> str | None:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in head:
        # Plates and headers are ASCII: in UTF-16 without its mark every other byte is zero.
        evens, odds = head[0::2].count(0), head[1::2].count(0)
        half = len(head) // 2 * 0.8
        return "utf-16-le" if odds > half > evens else "utf-16-be" if evens > half > odds else None
    if any(b < 9 or 13 < b < 27 for b in head):
        return None
    # Latin-1 reads everything; what Windows puts beyond it are dashes and quotation marks in comments.
    return "utf-8-sig" if valid_utf8 else "latin-1"


def _shortened(line: str) -> str:
    line = line.strip()
    return line if len(line) <= 60 else line[:57] + "…"
