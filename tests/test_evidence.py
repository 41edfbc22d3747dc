"""Evidence packages: what is in them, and that every change is found and named."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import PLATES, fake_recognizer, write_footage, write_photo
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from PIL import Image
from world import HERE

import lpr
from cli.main import cli
from lpr.investigation.signature import signing_key
from lpr.investigation.verify import verify
from lpr.records.corrections import correct
from lpr.records.row import to_record

RED, GREEN, BLUE, *_ = PLATES


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, list(words))
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LPR_DB", str(tmp_path / "lpr.db"))
    write_photo(tmp_path / "a.png", RED, GREEN)
    write_footage(tmp_path / "clip.mkv", [(RED, 2, 14)], 20)
    with lpr.open_database() as database:
        lpr.HotLists(database).add("ABC1234", "wanted", "AL", "stolen vehicle")
        list(lpr.scan(["a.png", "clip.mkv"], fake_recognizer(), database=database, camera="gate", place=HERE))
        assert len(database.rows("SELECT 1 FROM sightings")) == 3
    return tmp_path


@pytest.fixture
def package(folder: Path) -> Path:
    assert run("export", "evidence", "plate", "ABC1234", "-o", "e.zip", "--case", "26-1", "--purpose", "theft")[0] == 0
    return folder / "e.zip"


def contents(package: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(package) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def rewrite(package: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    files = contents(package)
    change(files)
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return package


def faults(package: Path, *keys: str) -> list[tuple[str, str]]:
    return [(fault.fault, fault.path) for fault in verify(package, keys).faults]


def test_what_is_in_a_package(package: Path, folder: Path) -> None:
    files = contents(package)
    photo = hashlib.sha256((folder / "a.png").read_bytes()).hexdigest()
    clip = hashlib.sha256((folder / "clip.mkv").read_bytes()).hexdigest()
    assert files[f"originals/{photo[:16]}.png"] == (folder / "a.png").read_bytes()
    assert f"originals/{clip[:16]}.mkv" not in files
    manifest = json.loads(files["manifest.json"])
    assert (manifest["case"], manifest["purpose"], manifest["title"]) == ("26-1", "theft", "Plate ABC1234")
    assert {one["path"]: one["sha256"] for one in manifest["files"]} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items() if not name.startswith("manifest")
    }
    sightings = json.loads(files["sightings.json"])["sightings"]
    assert [one["text"] for one in sightings] == ["ABC1234", "ABC1234"]
    assert sightings[0]["candidates"] == [{"text": "ABC1234", "probability": 0.98}]
    assert sightings[0]["hits"][0]["list"] == "wanted"
    by_source = {one["source"]: one for one in sightings}
    crop = np.asarray(Image.open(io.BytesIO(files[by_source["a.png"]["crop"]])).convert("RGB"))
    assert crop.shape == (24, 68, 3) and tuple(crop[12, 34]) == (255, 0, 0)  # the plate with a margin
    seen = by_source["clip.mkv"]
    assert seen["picture"] == f"frames/{clip[:16]}-{seen['frame']:06}.png"
    assert Image.open(io.BytesIO(files[seen["picture"]])).size == (320, 120)
    assert seen["as_read"] is True and len(seen["picture_sha256"]) == 64
    sources = json.loads(files["sources.json"])
    assert {(one["name"], one["sha256"], one["state"]) for one in sources} == {
        ("a.png", photo, "unchanged"),
        ("clip.mkv", clip, "unchanged"),
    }
    assert sources[0]["version"] == "fake 1" and "recognizer" in sources[0]["settings"]
    reads = json.loads(files["reads.json"])
    assert {one["text"] for one in reads} == {"ABC1234", "XYZ0O8"} and len(reads) >= 3
    events = [one["event"] for one in json.loads(files["custody.json"])]
    assert events.index("source on record") < events.index("scan begun") < events.index("sighting on record")
    assert events.count("alert raised") == 2
    assert events[-1] == "evidence exported"
    assert set(json.loads(files["models.json"])) > {"plate_detector.onnx", "plate_reader.onnx"}
    assert b"lpr verify e.zip --key" in files["README.txt"]
    assert stat.S_IMODE(package.stat().st_mode) == 0o600


def test_the_signature_is_plain_ed25519(package: Path) -> None:
    """Checked without lpr, as README.txt says."""
    files = contents(package)
    signature = json.loads(files["manifest.sig"])
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signature["public_key"]))
    key.verify(bytes.fromhex(signature["signature"]), files["manifest.json"])
    assert signature["public_key"] == run("export", "key")[1].strip()


def test_a_correction_is_in_the_package_and_on_the_page(folder: Path) -> None:
    with lpr.open_database() as database:
        (seen,) = database.rows("SELECT id FROM sightings WHERE text = 'XYZ0O8'")
        correct(database, seen["id"], "XYZ0B8", note="seen by eye", why=lpr.Why("review", "26-1"))
    assert run("export", "evidence", "plate", "XYZ0B8", "-o", "e.zip")[0] == 0
    files = contents(folder / "e.zip")
    (sighting,) = json.loads(files["sightings.json"])["sightings"]
    assert (sighting["text"], sighting["tier"], sighting["corrections"][0]["text"]) == ("XYZ0O8", "corrected", "XYZ0B8")
    (event,) = [one for one in json.loads(files["custody.json"]) if one["event"] == "corrected"]
    assert (event["sighting"], event["text"], event["note"], event["case"]) == (
        seen["id"],
        "XYZ0B8",
        "seen by eye",
        "26-1",
    )
    assert b"says that it reads XYZ0B8" in files["report.html"]


def test_footage_on_request(folder: Path) -> None:
    assert run("export", "evidence", "scan", "clip.mkv", "-o", "e.zip", "--footage")[0] == 0
    clip = (folder / "clip.mkv").read_bytes()
    assert contents(folder / "e.zip")[f"originals/{hashlib.sha256(clip).hexdigest()[:16]}.mkv"] == clip
    assert verify(folder / "e.zip").holds


def test_a_whole_package_verifies(package: Path) -> None:
    code, out, err = run("verify", str(package))
    assert (code, out) == (0, "")
    assert "none changed since" in err and err.endswith("Signed with this record's own key\n")
    key = run("export", "key")[1].strip()
    assert verify(package, (key.upper(),)).key == "trusted"
    assert run("verify", str(package), "--key", key)[2].endswith("Signed with the key asked for\n")
    assert "nothing here says whose that is" in run("verify", str(package), "--db", "elsewhere.db")[2]


def test_each_changed_file_is_named(package: Path) -> None:
    names = [name for name in contents(package) if not name.startswith("manifest")]
    whole = package.read_bytes()
    assert len(names) >= 10
    for name in names:

        def change(files: dict[str, bytes], name: str = name) -> None:
            files[name] = files[name][:-1] + bytes([files[name][-1] ^ 1])

        assert faults(rewrite(package, change)) == [("changed", name)]
        package.write_bytes(whole)


def test_a_text_that_was_exchanged_is_named(package: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        files["sightings.json"] = files["sightings.json"].replace(b"ABC1234", b"ABC1284")

    code, out, err = run("verify", str(rewrite(package, change)))
    assert code == 1 and out.startswith("CHANGED: sightings.json: SHA-256 is ")
    assert err.endswith("1 fault: this is not what was signed\n")
    (row,) = json.loads(run("verify", str(package), "--json")[1])
    assert (row["path"], row["fault"]) == ("sightings.json", "changed")


def test_removed_added_and_doubled_files_are_named(package: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        del files["reads.json"]
        files["confession.txt"] = b"I did it"

    rewrite(package, change)
    with zipfile.ZipFile(package, "a") as opened, pytest.warns(UserWarning, match="Duplicate name"):
        opened.writestr("README.txt", "another one")
    assert faults(package) == [
        ("double", "README.txt"),
        ("missing", "reads.json"),
        ("changed", "README.txt"),
        ("added", "confession.txt"),
    ]


def test_a_manifest_that_was_fitted_to_a_change_is_named(package: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        fresh = files["sightings.json"].replace(b"ABC1234", b"ABC1284")
        before, after = (hashlib.sha256(one).hexdigest().encode() for one in (files["sightings.json"], fresh))
        files["sightings.json"] = fresh
        files["manifest.json"] = files["manifest.json"].replace(before, after)

    assert faults(rewrite(package, change)) == [("changed", "manifest.json")]


def test_a_package_signed_anew_is_found_by_the_key(package: Path, folder: Path) -> None:
    genuine = run("export", "key")[1].strip()
    forger = signing_key(folder / "forger.pem")

    def change(files: dict[str, bytes]) -> None:
        files["manifest.json"] = files["manifest.json"].replace(b"ABC1234", b"ABC1284")
        signature = {"public_key": forger.public, "signature": forger.sign(files["manifest.json"])}
        files["manifest.sig"] = json.dumps(signature).encode()

    rewrite(package, change)
    assert faults(package) == [] and verify(package).key == "unknown"
    assert faults(package, genuine) == [("changed", "manifest.sig")]
    assert "nothing here says whose that is" in run("verify", str(package))[2]


@pytest.mark.parametrize(
    "signature", [b"", b"{}", b'{"public_key": "zz", "signature": "zz"}', b"[1]", b'{"public_key": 1, "signature": 2}']
)
def test_a_broken_signature_is_named(package: Path, signature: bytes) -> None:
    rewrite(package, lambda files: files.update({"manifest.sig": signature}))
    ((fault, path),) = faults(package)
    assert fault == "changed" and path in ("manifest.sig", "manifest.json")


def test_damaged_bytes_are_named(package: Path) -> None:
    """One bit of the compressed report.html falls over."""
    with zipfile.ZipFile(package) as opened:
        info = opened.getinfo("report.html")
    content = bytearray(package.read_bytes())
    content[info.header_offset + 30 + len("report.html") + info.compress_size // 2] ^= 4
    package.write_bytes(content)
    ((fault, path),) = faults(package)
    assert path == "report.html" and fault in ("unreadable", "changed")


def test_what_is_no_package(folder: Path) -> None:
    (folder / "text.zip").write_text("a letter")
    with zipfile.ZipFile(folder / "other.zip", "w") as other:
        other.writestr("a.txt", "a")
    with zipfile.ZipFile(folder / "newer.zip", "w") as newer:
        newer.writestr("manifest.json", '{"format": "lpr-evidence-9", "files": []}')
    for name, said in (
        ("none.zip", "no such file"),
        ("text.zip", "no zip that can be read"),
        ("other.zip", "no manifest.json that can be read"),
        ("newer.zip", "a newer lpr may read it"),
    ):
        code, _, err = run("verify", name)
        assert code == 1 and said in err


def test_no_evidence_without_the_originals(folder: Path) -> None:
    write_photo(folder / "a.png", GREEN)
    code, _, err = run("export", "evidence", "plate", "ABC1234", "-o", "e.zip")
    assert code == 1 and err == (
        "Error: a.png is changed: put the original files back where they were, or leave them out\n"
    )
    assert not list(folder.glob("*e.zip*"))
    assert "nothing on record fits" in run("export", "evidence", "plate", "QQQ111", "-o", "e.zip")[2]


def test_the_key_is_the_owner_s_alone_and_stays(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run("export", "key")[1]
    assert run("export", "key")[1] == first
    assert stat.S_IMODE((folder / "lpr.db.signing-key").stat().st_mode) == 0o600
    monkeypatch.setenv("LPR_SIGNING_KEY", str(folder / "other.pem"))
    assert run("export", "key")[1] != first
    (folder / "other.pem").write_text("no key")
    assert "other.pem cannot be used" in run("export", "key")[2]


def live(folder: Path, crop: bytes | None) -> int:
    """A sighting of a camera that was watched, of which a crop was saved or not; its id."""
    with lpr.open_database() as database:
        source = {"name": "yard", "path": "camera:1", "sha256": "", "bytes": 0, "kind": "footage", "created_at": "2026"}
        scan = {"source_id": database.insert("sources", source), "lpr_version": "0", "version": "v", "settings": "{}"}
        scan_id = database.insert("scans", {**scan, "run": "r", "started_at": "2026", "status": "running"})
        (seen,) = list(lpr.scan(["a.png"], fake_recognizer()))[:1]
        row = {
            "scan_id": scan_id,
            "number": 1,
            "created_at": "2026",
            **to_record(replace(seen.sighting, text="LIVE77", candidates=())),
        }
        sighting_id = database.insert("sightings", row)
        if crop is not None:
            (folder / "saved.png").write_bytes(crop)
            (alert,) = database.rows("SELECT * FROM alerts ORDER BY id LIMIT 1")
            del alert["id"]
            raised = {**alert, "sighting_id": sighting_id, "crop": str(folder / "saved.png")}
            alert_id = database.insert("alerts", raised)
            database.insert("alert_sightings", {"alert_id": alert_id, "sighting_id": sighting_id})
    return sighting_id


def test_of_a_live_camera_there_is_what_was_saved(folder: Path) -> None:
    sighting_id = live(folder, b"\x89PNG saved")
    assert run("export", "evidence", "plate", "LIVE77", "-o", "e.zip")[0] == 0
    files = contents(folder / "e.zip")
    assert files[f"crops/sighting-{sighting_id}.png"] == b"\x89PNG saved"
    (source,) = json.loads(files["sources.json"])
    assert (source["state"], source["sha256"], source["packaged_as"]) == ("live", "", None)
    assert verify(folder / "e.zip").holds
    run("report", "plate", "LIVE77", "-o", "r.html")
    text = (folder / "r.html").read_text()
    assert "data:image/png;base64,iVBORyBzYXZlZA==" in text and "none: a live camera" in text


def test_of_a_live_camera_nothing_may_have_been_saved(folder: Path) -> None:
    live(folder, None)
    assert run("export", "evidence", "plate", "LIVE77", "-o", "e.zip")[0] == 0
    assert verify(folder / "e.zip").holds
    run("report", "plate", "LIVE77", "-o", "r.html")
    assert "seen live, and no picture was saved" in (folder / "r.html").read_text()
