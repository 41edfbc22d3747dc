"""Where the shipped weights lie, and the check that they are the ones the model cards describe."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from lpr.errors import ModelError

FOLDER = Path(__file__).parent
MANIFEST = FOLDER / "manifest.json"


def weights(name: str) -> Path:
    """The path of the shipped file ``name``, its SHA-256 checked once per process.

    Raises ModelError when the file is missing, or is not the one that the manifest names.
    """
    return _checked(FOLDER / name)


def version(name: str) -> str:
    """The version of the file ``name``: the first twelve hexadecimal digits of its SHA-256."""
    return _expected(name)[:12]


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def write_manifest(names: list[str]) -> None:
    """Record the SHA-256 of the files ``names``; other files keep their entry."""
    entries: dict[str, str] = _manifest() if MANIFEST.exists() else {}
    entries.update({name: sha256(FOLDER / name) for name in names})
    MANIFEST.write_text(json.dumps(dict(sorted(entries.items())), indent=2) + "\n", encoding="utf-8")
    _checked.cache_clear()


@cache
def _checked(path: Path) -> Path:
    expected = _expected(path.name)
    if not path.is_file():
        raise ModelError(f"the model file {path} is missing; install lpr again")
    if sha256(path) != expected:
        raise ModelError(f"the model file {path} is not the one that was shipped (SHA-256 differs); install lpr again")
    return path


def _expected(name: str) -> str:
    try:
        return _manifest()[name]
    except KeyError:
        raise ModelError(f"no model file {name!r} is shipped; {MANIFEST} names those that are") from None


def _manifest() -> dict[str, str]:
    try:
        entries: dict[str, str] = json.loads(MANIFEST.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise ModelError(f"the list of model files {MANIFEST} cannot be read; install lpr again") from error
    return entries
