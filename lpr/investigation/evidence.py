"""Evidence: what a report is about in one zip, with the original pictures and a signed list of all its files.

manifest.json    every file with its SHA-256 and size; who made the package, when, what for, with which key
manifest.sig     the Ed25519 signature of manifest.json
report.html      for people
sightings.json   every sighting with all candidates and characters, and what hot lists said
reads.json       what was read in each single frame of these passings, before the vote
sources.json     the files that were read: SHA-256, size, recognizer and settings of each scan
custody.json     what happened to them since they came on record, in the order of time
models.json      the networks' files with their SHA-256
originals/       photos, byte by byte; footage where it is asked for
frames/          of footage: the frame that was read, decoded, as PNG
crops/           the plates as they were read, as PNG
README.txt       how to check it all, with lpr and without
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lpr.errors import EvidenceError
from lpr.investigation.custody import custody
from lpr.investigation.originals import CHANGED, LIVE, MISSING, UNCHANGED, Original, pictures
from lpr.investigation.saved import CROP, Saved
from lpr.investigation.signature import SigningKey
from lpr.purpose import Why, user
from lpr.records.schema import now

if TYPE_CHECKING:
    import numpy as np

    from lpr.investigation.report import Report
    from lpr.records.schema import Database

FORMAT = "lpr-evidence-1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
#: Zip's earliest time: the times of the package stand in its manifest.
_NO_TIME = (1980, 1, 1, 0, 0, 0)

_README = """\
Evidence package of lpr
=======================

{title}
Made {made_at} by {user} on {host}.

Check it with lpr:            lpr verify {name}
and the key it must be from:  lpr verify {name} --key {public}

Without lpr: unpack it, then
  1. compare the SHA-256 of each file with manifest.json (sha256sum *, originals/* …);
  2. manifest.sig holds the Ed25519 signature of the bytes of manifest.json and the public key, both in
     hexadecimal digits; any Ed25519 implementation checks it (openssl pkeyutl -verify -rawin).
The public key must be known from elsewhere: whoever changes a package can sign it anew, with another key.

A read is what a program made of a picture. sightings.json holds every text that it held possible, with its
probability, and sources.json the version of the models. Verify plate, state and vehicle by the picture itself.
"""


def export_evidence(
    database: Database,
    report: Report,
    target: Path,
    key: SigningKey,
    why: Why,
    access_id: int | None = None,
    footage: bool = False,
) -> dict[str, Any]:
    """Write the package of a report; its manifest.

    With ``footage`` whole footage files are in it, too. ``access_id`` is the export's own row in the audit trail.
    Raises EvidenceError when a file is changed or gone: a package must hold what was read. Of a live camera it holds
    what was saved. Nothing is left behind after an error.
    """
    lost = sorted({f"{one.name} is {one.state}" for one in report.originals if one.state in (MISSING, CHANGED)})
    if lost:
        raise EvidenceError(f"{'; '.join(lost)}: put the original files back where they were, or leave them out")
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as package:
            writer = _Writer(package)
            for original in report.originals:
                if original.state == UNCHANGED and (original.kind == "photo" or footage):
                    writer.add_file(original)
            pictured = _add_pictures(writer, report)
            manifest: dict[str, Any] = {
                "format": FORMAT,
                "title": report.title,
                "kind": report.kind,
                "asked": dict(report.asked),
                "made_at": now(),
                "made_by": user(),
                "host": platform.node(),
                "purpose": why.purpose,
                "case": why.case,
                "audit": access_id,
                "lpr": _version(),
                "public_key": key.public,
            }
            _add_texts(writer, database, report, manifest, target.name, pictured)
            manifest["files"] = writer.files
            written = json.dumps(manifest, ensure_ascii=False, indent=1).encode("utf-8")
            package.writestr(_info(MANIFEST), written)
            signature = {"algorithm": "Ed25519", "public_key": key.public, "signature": key.sign(written)}
            package.writestr(_info(SIGNATURE), json.dumps(signature, indent=1))
        beside.chmod(0o600)
        beside.replace(target)
    except OSError as error:
        raise EvidenceError(f"{target} cannot be written ({error.strerror}); name another place") from error
    finally:
        beside.unlink(missing_ok=True)
    return manifest


class _Writer:
    """Puts files into the package and notes each one's SHA-256."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self._package = package
        self.files: list[dict[str, Any]] = []
        self.places: dict[str, str] = {}

    def add(self, name: str, content: bytes, packed: bool = True) -> None:
        kind = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        self._package.writestr(_info(name, kind), content)
        self.files.append({"path": name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)})

    def add_json(self, name: str, value: Any) -> None:
        self.add(name, json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8"))

    def add_file(self, original: Original) -> None:
        """A source file as it lies there, once; raises EvidenceError when it is not what is on record any more."""
        name = f"originals/{original.sha256[:16]}{Path(original.path).suffix.lower()}"
        if original.path in self.places:
            return
        self.places[original.path] = name
        if any(file["path"] == name for file in self.files):
            return  # the same content under another name
        digest = hashlib.sha256()
        size = 0
        with Path(original.path).open("rb") as stream, self._package.open(_info(name, zipfile.ZIP_STORED), "w") as into:
            while block := stream.read(1 << 20):
                digest.update(block)
                into.write(block)
                size += len(block)
        if digest.hexdigest() != original.sha256:
            raise EvidenceError(f"{original.name} changed while it was exported; try again")
        self.files.append({"path": name, "sha256": original.sha256, "bytes": size})


def _info(name: str, kind: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _NO_TIME)
    info.compress_type = kind
    info.external_attr = 0o600 << 16
    return info


def _add_pictures(writer: _Writer, report: Report) -> dict[int, dict[str, Any]]:
    """Frames and crops; by sighting where they are in the package.

    ``as_read`` says whether the pixels of a frame of footage are those that were read, by their hash on record: another
    version of the decoder may make others of the same file.
    """
    kinds = {original.path: original.kind for original in report.originals}
    places: dict[int, dict[str, Any]] = {}
    frames: dict[tuple[str, int], str] = {}
    for one, shown in pictures(report.found, report.originals):
        place = places[one.id] = {"crop": f"crops/sighting-{one.id}.png"}
        writer.add(place["crop"], _png(shown.crop), packed=False)
        if kinds[one.path] == "photo":
            place["picture"] = writer.places[one.path]
            continue
        read = one.sighting.picture_sha256
        place["as_read"] = None if read is None else hashlib.sha256(shown.image.tobytes()).hexdigest() == read
        at = (one.sha256, one.sighting.frame)
        if at not in frames:
            frames[at] = f"frames/{one.sha256[:16]}-{one.sighting.frame:06}.png"
            writer.add(frames[at], _png(shown.image), packed=False)
        place["picture"] = frames[at]
    live = {original.path for original in report.originals if original.state == LIVE}
    for one in report.found:
        if one.path in live:
            places[one.id] = _add_saved(writer, one.id, report.saved.get(one.id, ()))
    missing = [one.id for one in report.found if one.id not in places]
    if missing:
        raise EvidenceError(f"the pictures of sightings {missing} cannot be decoded; the package would not hold them")
    return places


def _add_saved(writer: _Writer, sighting_id: int, saved: Sequence[Saved]) -> dict[str, str]:
    """What was saved of a live sighting, byte by byte: nothing else is left of it."""
    places: dict[str, str] = {}
    for one in saved:
        content = one.content()
        name = "crop" if one.kind == CROP else "picture"
        if content is not None and name not in places:
            folder = "crops" if name == "crop" else "frames"
            places[name] = f"{folder}/sighting-{sighting_id}{one.path.suffix.lower()}"
            writer.add(places[name], content, packed=False)
    return places


def _png(image: np.ndarray) -> bytes:
    import cv2

    _, encoded = cv2.imencode(".png", image)
    return bytes(encoded.tobytes())


def _add_texts(
    writer: _Writer,
    database: Database,
    report: Report,
    manifest: dict[str, Any],
    name: str,
    pictured: dict[int, dict[str, Any]],
) -> None:
    whole = json.loads(report.to_json())
    for row in whole["sightings"]:
        row.update(pictured[row["id"]])
    sources = [{**row, "packaged_as": writer.places.get(row["path"])} for row in whole.pop("sources")]
    writer.add_json("sightings.json", whole)
    writer.add_json("reads.json", _reads(database, report))
    writer.add_json("sources.json", sources)
    writer.add_json("custody.json", custody(database, report, manifest))
    writer.add_json("models.json", _models())
    writer.add("report.html", report.written("html", len(report.found)).encode("utf-8"))
    said = {"title": report.title, "name": name, "public": manifest["public_key"], "made_at": manifest["made_at"]}
    writer.add("README.txt", _README.format(**said, user=manifest["made_by"], host=manifest["host"]).encode("utf-8"))


def _reads(database: Database, report: Report) -> list[dict[str, Any]]:
    """The reads of single frames during these passings: of a photo those of the photo."""
    rows = database.rows(
        "SELECT DISTINCT reads.* FROM json_each(?) AS wanted CROSS JOIN sightings s ON s.id = wanted.value "
        "JOIN reads ON reads.scan_id = s.scan_id AND (reads.seconds IS NULL OR "
        "reads.seconds BETWEEN s.first_seen AND s.last_seen) ORDER BY reads.id",
        (json.dumps([one.id for one in report.found]),),
    )
    nested = ("characters", "candidates", "box")
    return [{name: json.loads(value) if name in nested else value for name, value in row.items()} for row in rows]


def _models() -> dict[str, str]:
    from lpr.models.weights import MANIFEST as WEIGHTS

    return dict(json.loads(WEIGHTS.read_text(encoding="utf-8")))


def _version() -> str:
    from lpr import __version__

    return __version__
