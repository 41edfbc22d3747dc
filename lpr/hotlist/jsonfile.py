"""Records of a JSON hot list: an array of objects, objects below a key, or one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lpr.errors import HotListError
from lpr.hotlist.table import Record


def read_json(path: Path, text: str, below: str | None) -> tuple[list[str], list[Record]]:
    """All keys in the order of their first appearance, and the records by these keys, numbered from 1.

    ``below`` is the key of the array, None for any. Objects inside of records are spread out, texts are plates.
    Raises HotListError for what is no list of objects.
    """
    try:
        data = json.loads(text)
    except ValueError:
        data = list(_lines(path, text))
    if isinstance(data, dict):
        arrays = [data[below]] if below in data else [v for v in data.values() if isinstance(v, list)]
        data = arrays[0] if len(arrays) == 1 and isinstance(arrays[0], list) else [data]
    if not isinstance(data, list):
        raise HotListError(f"{path}: is no list of JSON objects, one for each entry")
    data = [_flat(one) if isinstance(one, dict) else {"plate": one} if isinstance(one, str) else one for one in data]
    keys: dict[str, None] = {}
    for one in data:
        if isinstance(one, dict):
            keys.update(dict.fromkeys(one))
    records: list[Record] = []
    for number, one in enumerate(data, 1):
        if isinstance(one, Mapping):
            records.append((number, [_text(one.get(key)) for key in keys], None))
        else:
            records.append((number, [json.dumps(one, ensure_ascii=False)], "is no JSON object"))
    return list(keys), records


def _flat(one: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """An object without objects inside: ``{"plate": {"number": …}}`` has the key ``plate number``."""
    found: dict[str, Any] = {}
    for key, value in one.items():
        if isinstance(value, dict) and value:
            found.update(_flat(value, f"{above}{key} "))
        else:
            found[above + key] = value
    return found


def _lines(path: Path, text: str) -> Iterator[Any]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield json.loads(line)
            except ValueError as e:
                raise HotListError(f"{path}, line {number}: is no JSON ({e}); get the file again") from e


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (dict, list, bool)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
