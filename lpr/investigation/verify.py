"""Checks an evidence package: every file against the manifest, the manifest against its signature."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lpr.errors import EvidenceError
from lpr.investigation.evidence import FORMAT, MANIFEST, SIGNATURE
from lpr.investigation.signature import is_signed

CHANGED, MISSING, ADDED, DOUBLE, UNREADABLE = "changed", "missing", "added", "double", "unreadable"
#: The signature is whole, and by the key that was asked for, or by one that nobody vouches for.
TRUSTED, UNKNOWN = "trusted", "unknown"
# What reading a damaged file of a zip raises: NotImplementedError and RuntimeError for a broken method or flag.
_DAMAGED = (KeyError, zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError)


@dataclass(frozen=True)
class Fault:
    """What is wrong with one file of a package, and what that means."""

    path: str
    fault: str
    explanation: str

    def row(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class Verdict:
    """``faults`` is empty when nothing was changed since the package was signed by the holder of ``public_key``.

    ``key`` is trusted when that is one of the keys that were asked for; otherwise unknown: the package may have been
    changed and signed anew by somebody else. ``manifest`` is what the package says of itself.
    """

    faults: tuple[Fault, ...]
    files: int
    public_key: str | None
    key: str
    manifest: dict[str, Any]

    @property
    def holds(self) -> bool:
        return not self.faults


def verify(path: Path, keys: tuple[str, ...] = ()) -> Verdict:
    """Check a package; ``keys`` are the public keys (hexadecimal) that it may be signed with.

    A package signed with another key than one of ``keys`` has the fault that its signature is not theirs. Raises
    EvidenceError for a file that is no evidence package at all.
    """
    try:
        with zipfile.ZipFile(path) as package:
            return _verdict(package, path, tuple(key.lower() for key in keys))
    except FileNotFoundError as error:
        raise EvidenceError(f"{path}: no such file; check the path") from error
    except (OSError, zipfile.BadZipFile) as error:
        raise EvidenceError(f"{path}: no zip that can be read ({error}); get the package again") from error


def _verdict(package: zipfile.ZipFile, path: Path, keys: tuple[str, ...]) -> Verdict:
    names = [info.filename for info in package.infolist()]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    faults = [Fault(name, DOUBLE, "stands in the package more than once") for name in twice]
    written = _read(package, MANIFEST)
    if written is None:
        raise EvidenceError(f"{path}: no {MANIFEST} that can be read; this is no evidence package, or it was broken")
    manifest = _object(written)
    files = manifest.get("files")
    if manifest.get("format") != FORMAT or not isinstance(files, list):
        if manifest.get("format", FORMAT) != FORMAT:
            raise EvidenceError(f"{path}: a package of the format {manifest['format']!r}; a newer lpr may read it")
        faults.append(Fault(MANIFEST, CHANGED, "is no list of files any more"))
        files = []
    public, signed = _signature(package, written, faults)
    key = TRUSTED if signed and public in keys else UNKNOWN
    if signed and keys and public not in keys:
        faults.append(Fault(SIGNATURE, CHANGED, f"signed by {public}, which is none of the keys asked for"))
    listed = {str(file.get("path")): file for file in files if isinstance(file, dict)}
    for name, file in listed.items():
        if name not in names:
            faults.append(Fault(name, MISSING, "stands in the manifest and is not in the package"))
            continue
        found = _sha256(package, name)
        if found is None:
            faults.append(Fault(name, UNREADABLE, "its bytes are damaged"))
        elif found != file.get("sha256"):
            faults.append(Fault(name, CHANGED, f"SHA-256 is {found}, signed was {file.get('sha256')}"))
    for name in dict.fromkeys(names):
        if name not in listed and name not in (MANIFEST, SIGNATURE):
            faults.append(Fault(name, ADDED, "is in the package and not in the manifest"))
    return Verdict(tuple(faults), len(listed), public, key, manifest)


def _signature(package: zipfile.ZipFile, written: bytes, faults: list[Fault]) -> tuple[str | None, bool]:
    """The public key, and whether it signed the manifest."""
    content = _read(package, SIGNATURE)
    if content is None:
        faults.append(Fault(SIGNATURE, MISSING, "without it nobody vouches for the manifest"))
        return None, False
    signature = _object(content)
    public, value = signature.get("public_key"), signature.get("signature")
    if not isinstance(public, str) or not isinstance(value, str):
        faults.append(Fault(SIGNATURE, CHANGED, "is no signature any more"))
        return None, False
    if not is_signed(written, value, public):
        said = f"the signature in {SIGNATURE} is not of this manifest by {public}: one of them was changed"
        faults.append(Fault(MANIFEST, CHANGED, said))
        return public, False
    return public.lower(), True


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _read(package: zipfile.ZipFile, name: str) -> bytes | None:
    try:
        return package.read(name)
    except _DAMAGED:
        return None


def _sha256(package: zipfile.ZipFile, name: str) -> str | None:
    digest = hashlib.sha256()
    try:
        with package.open(name) as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    except _DAMAGED:
        return None
    return digest.hexdigest()
