"""Labelled photos in the forms in which they come: our JSON lines, CSV, YOLO's text files, the OpenALPR benchmark's.

* **jsonl**: ``photos.jsonl`` in the folder, or a file of that kind; see ``lpr.training.dataset``.
* **csv**: one plate a row. ``image`` (or ``file``), the text as ``text`` or ``plate``, the box as ``x1,y1,x2,y2`` or
  ``x,y,w,h`` in pixels, and what there is of ``state country split flag complete``. A row without a box says that its
  picture holds no plate. In a folder the file is ``labels.csv``; pictures lie beside it.
* **yolo**: a text file for each picture, of the same name, beside it or in ``labels/`` where pictures are in
  ``images/`` (with a split's folder below both or not); in each line ``class cx cy w h``, shares of the picture's
  size, and the plate's text after them where it is known. A picture without such a file, or with an empty one, holds
  no plate.
* **openalpr**: as in openalpr/benchmarks ``endtoend``: a text file beside each picture with ``file x y w h TEXT``,
  separated by tabs, pixels. One plate of each picture is labelled, so what is found beyond it does not count as false.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from lpr.errors import DatasetError
from lpr.training.dataset import CROP_FILES, LabelledCrop, LabelledPhoto, LabelledPlate, read_crops, read_photos

#: The forms, in the order in which a folder is tried.
FORMATS = ("jsonl", "csv", "openalpr", "yolo")

#: Files of labelled crops in our form, those of known state without a text among them.
CROPS = (*CROP_FILES, "us_state_crops.jsonl")

_PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif"}
#: What stands for a text that nobody can read.
_UNKNOWN_TEXTS = frozenset(("", "-", "?", "null", "none", "unreadable"))
Box = tuple[float, float, float, float]


def read_dataset(path: Path, split: str | None = None, form: str | None = None) -> list[LabelledPhoto]:
    """The labelled photos of ``path``, a folder or a file, only those of ``split`` when it is given.

    ``form`` is one of FORMATS; by default it is what the folder's files look like. Raises DatasetError naming the
    file and line that cannot be used, or what is missing.
    """
    form = form or detect(path)
    readers: dict[str, Callable[[Path, str | None], list[LabelledPhoto]]] = {
        "jsonl": lambda where, part: read_photos(where / "photos.jsonl" if where.is_dir() else where, part),
        "csv": _read_csv,
        "yolo": _read_yolo,
        "openalpr": _read_openalpr,
    }
    if form not in readers:
        raise DatasetError(f"there is no form {form!r} of labels; use one of {', '.join(FORMATS)}")
    photos = readers[form](path, split)
    if not photos:
        which = f" of split {split}" if split else ""
        raise DatasetError(f"{path} holds no labelled photo{which} in the form {form}; see: lpr eval --help")
    return photos


def read_labelled_crops(path: Path, split: str | None = None, form: str | None = None) -> list[LabelledCrop]:
    """The labelled plate crops of ``path``: a folder in our form, or a CSV ``image,text`` (or a folder's labels.csv).

    A CSV may also have ``state country split flag``. Of our JSON lines those of states without a text come too, for
    their jurisdiction. Raises DatasetError.
    """
    file = path if path.is_file() and path.suffix.lower() in (".csv", ".tsv") else None
    if file is None and path.is_dir() and form in (None, "csv") and not any((path / n).is_file() for n in CROPS):
        file = _csv_in(path)
    if file is None:
        if form not in (None, "jsonl"):
            raise DatasetError(f"crops come as jsonl or csv, not as {form}; leave --crops out to measure photos")
        return read_crops(path if path.is_dir() else path.parent, split, CROPS)
    crops = []
    for name, rows in _csv_rows(file, split).items():
        for number, row in rows:
            if not name:
                raise DatasetError(f"{file} line {number}: no picture named; fill its column image")
            text = _text(row.get("text") or row.get("plate") or "")
            crops.append(
                LabelledCrop(
                    file.parent / name,
                    row.get("split", ""),
                    row.get("source", ""),
                    row.get("country", ""),
                    text,
                    row.get("flag", "") or ("" if text else "unreadable"),
                    row.get("state") or None,
                    None,
                )
            )
    return crops


def detect(path: Path) -> str:
    """The form of the labels at ``path``. Raises DatasetError when there are none."""
    if path.is_file():
        return "csv" if path.suffix.lower() in (".csv", ".tsv") else "jsonl"
    if (path / "photos.jsonl").is_file():
        return "jsonl"
    if _csv_in(path) is not None:
        return "csv"
    pictures = _pictures(path)
    for picture in pictures:
        beside = picture.with_suffix(".txt")
        if beside.is_file() and (line := _first_line(beside)):
            return "openalpr" if line.count("\t") >= 5 else "yolo"
    if pictures and (path / "labels").is_dir():
        return "yolo"
    raise DatasetError(
        f"{path} holds no labels: neither photos.jsonl, labels.csv, nor text files beside or for the pictures "
        "(YOLO, OpenALPR); see: lpr eval --help"
    )


def _read_csv(path: Path, split: str | None) -> list[LabelledPhoto]:
    file = path if path.is_file() else _csv_in(path)
    if file is None:
        raise DatasetError(f"{path} holds no labels.csv; name the file itself")
    rows = _csv_rows(file, split)
    photos = []
    for name, plates in rows.items():
        if not name:
            raise DatasetError(f"{file} line {plates[0][0]}: no picture named; fill its column image")
        first = plates[0][1]
        labelled = tuple(plate for number, row in plates if (plate := _csv_plate(file, number, row)) is not None)
        photos.append(
            LabelledPhoto(
                file.parent / name,
                first.get("split", ""),
                first.get("source", ""),
                first.get("country", ""),
                first.get("complete", "").lower() not in ("0", "no", "false"),
                labelled,
            )
        )
    return photos


def _csv_rows(file: Path, split: str | None) -> dict[str, list[tuple[int, dict[str, str]]]]:
    """The rows of a CSV by the picture that they name, each with its line."""
    rows: dict[str, list[tuple[int, dict[str, str]]]] = {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            sample = stream.readline()
            stream.seek(0)
            delimiter = max(",;\t", key=sample.count)
            reader = csv.DictReader(stream, delimiter=delimiter)
            names = [(name or "").strip().lower() for name in reader.fieldnames or ()]
            reader.fieldnames = names
            name_column = next((name for name in ("image", "file", "filename") if name in names), None)
            if name_column is None:
                raise DatasetError(f"{file}: no column image; its header must name image, x1, y1, x2, y2 and text")
            for row in reader:
                row = {key: (value or "").strip() for key, value in row.items() if isinstance(value, str)}
                if split is None or row.get("split") == split:
                    rows.setdefault(row.get(name_column, ""), []).append((reader.line_num, row))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"cannot read {file}: {error}; it must be a CSV in UTF-8") from error
    return rows


def _csv_plate(file: Path, number: int, row: dict[str, str]) -> LabelledPlate | None:
    for names in (("x1", "y1", "x2", "y2"), ("x", "y", "w", "h")):
        values = [row.get(name, "") for name in names]
        if any(values):
            box = _numbers(values, f"{file} line {number}", f"{', '.join(names)} in pixels")
            break
    else:
        if _text(row.get("text") or row.get("plate") or ""):
            raise DatasetError(f"{file} line {number}: a text without a box; give x1, y1, x2, y2, or use --crops")
        return None
    if "w" in names:
        box = (box[0], box[1], box[0] + box[2], box[1] + box[3])
    return _plate(
        box,
        row.get("text") or row.get("plate") or "",
        f"{file} line {number}",
        row.get("flag", ""),
        row.get("state") or None,
    )


def _read_openalpr(path: Path, split: str | None) -> list[LabelledPhoto]:
    _no_splits(split, "openalpr")
    photos = []
    for picture in _pictures(path):
        file = picture.with_suffix(".txt")
        if not file.is_file():
            continue
        plates = []
        for number, line in _lines(file):
            cells = line.split("\t")
            place = f"{file} line {number}"
            if len(cells) < 6:
                raise DatasetError(f"{place}: not file, x, y, w, h and text with tabs between them")
            x, y, w, h = _numbers(cells[1:5], place, "x, y, w, h in pixels")
            plates.append(_plate((x, y, x + w, y + h), cells[5], place))
        photos.append(LabelledPhoto(picture, "", "", _country(picture, path), False, tuple(plates)))
    return photos


def _read_yolo(path: Path, split: str | None) -> list[LabelledPhoto]:
    if split is not None and not (path / "images" / split).is_dir():
        raise DatasetError(f"{path}/images has no folder {split}; leave --split out, or name one of its folders")
    photos = []
    for picture in _pictures(path / "images" / split if split is not None else path):
        beside = picture.with_suffix(".txt")
        file = beside if beside.is_file() else _yolo_file(picture, path)
        plates = []
        size = None
        for number, line in _lines(file) if file is not None and file.is_file() else ():
            cells = line.split(None, 5)
            place = f"{file} line {number}"
            if len(cells) < 5:
                raise DatasetError(f"{place}: not class, cx, cy, w, h; see: lpr eval --help")
            cx, cy, w, h = _numbers(cells[1:5], place, "cx, cy, w, h as shares of the picture's size")
            if max(cx, cy, w, h) > 1.5:
                raise DatasetError(f"{place}: YOLO's boxes are shares of the picture's size, not pixels; divide them")
            size = size or _size(picture)
            box = (
                (cx - w / 2) * size[0],
                (cy - h / 2) * size[1],
                (cx + w / 2) * size[0],
                (cy + h / 2) * size[1],
            )
            plates.append(_plate(box, cells[5] if len(cells) > 5 else "", place))
        photos.append(LabelledPhoto(picture, split or "", "", "", True, tuple(plates)))
    return photos


def _plate(box: Box, text: str, place: str, flag: str = "", state: str | None = None) -> LabelledPlate:
    if box[2] <= box[0] or box[3] <= box[1]:
        raise DatasetError(f"{place}: a box without an area; correct or delete it")
    read = _text(text)
    return LabelledPlate(box, read, flag or ("" if read else "unreadable"), state)


def _text(written: str) -> str | None:
    text = written.strip().strip('"')
    return None if text.lower() in _UNKNOWN_TEXTS else text


def _numbers(values: list[str], place: str, wanted: str) -> Box:
    try:
        a, b, c, d = (float(value) for value in values)
    except ValueError as error:
        raise DatasetError(f"{place}: {' '.join(values)!r} is not {wanted}") from error
    return a, b, c, d


def _lines(file: Path) -> list[tuple[int, str]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"cannot read {file}: {error}; it must be text in UTF-8") from error
    return [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _first_line(file: Path) -> str:
    return next((line for _, line in _lines(file)), "")


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in _PICTURES and path.is_file())


def _csv_in(folder: Path) -> Path | None:
    file = folder / "labels.csv"
    return file if file.is_file() else None


def _yolo_file(picture: Path, root: Path) -> Path | None:
    """``labels/…/NAME.txt`` for ``images/…/NAME.jpg``."""
    parts = list(picture.relative_to(root).with_suffix(".txt").parts)
    if "images" not in parts:
        return root / "labels" / Path(*parts)
    parts[parts.index("images")] = "labels"
    return root.joinpath(*parts)


def _country(picture: Path, root: Path) -> str:
    """The folder ``us``, ``eu`` or ``br`` in which the benchmark's picture lies, as country; "" for other names."""
    name = (picture.parent if picture.parent != root else root).name
    return name.upper() if len(name) == 2 else ""


def _no_splits(split: str | None, form: str) -> None:
    if split is not None:
        raise DatasetError(f"labels in the form {form} name no splits; leave --split out")


def _size(picture: Path) -> tuple[int, int]:
    """Width and height in pixels, upright."""
    from lpr.training.dataset import picture_of

    height, width = picture_of(picture).shape[:2]
    return width, height
