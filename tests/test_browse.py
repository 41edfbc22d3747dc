"""The record in Datasette: views for people, labels, crops as pictures, and nothing that can be changed."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import PLATES, fake_recognizer, write_footage, write_photo
from PIL import Image
from world import HERE

import lpr
from cli.main import cli
from lpr.records.trail import accesses
from lpr.records.verify import verify

app = pytest.importorskip("datasette.app", reason="lpr[browse] is not installed")
RED, GREEN, *_ = PLATES


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_photo(tmp_path / "a.png", RED)
    write_footage(tmp_path / "clip.mkv", [(GREEN, 2, 14)], 20)
    with lpr.open_database(tmp_path / "lpr.db") as database:
        lpr.HotLists(database).add("ABC1234", "wanted", "AL", "stolen vehicle")
        list(lpr.scan(["a.png", "clip.mkv"], fake_recognizer(), database=database, camera="gate", place=HERE))
    return tmp_path / "lpr.db"


def get(file: Path, *addresses: str) -> list[Any]:
    """The answers of Datasette, as it starts by ``datasette lpr.db``."""

    async def ask() -> list[Any]:
        datasette = app.Datasette([str(file)])
        await datasette.invoke_startup()
        from lpr.investigation import browse

        if not any(plugin["name"] == "lpr" for plugin in datasette._plugins()):  # not installed: a bare checkout
            app.pm.register(browse, "lpr")
        try:
            return [await datasette.client.get(address) for address in addresses]
        finally:
            for database in datasette.databases.values():
                database.close()

    return asyncio.run(ask())


def test_views_for_people(file: Path) -> None:
    seen, matches, alerts = (
        response.json()
        for response in get(
            file, *(f"/lpr/{view}.json?_shape=array" for view in ("seen", "possible_matches", "open_alerts"))
        )
    )
    with lpr.open_database(file, readonly=True) as database:
        sure = {row["text"]: int(row["confidence"] * 100) for row in database.rows("SELECT * FROM sightings")}
    found = sorted((row["plate"], row["percent_sure"], row["camera"], row["possible_matches"] or "") for row in seen)
    assert found == [("ABC1234", 98, "gate", "wanted: ABC1234"), ("XYZ0O8", sure["XYZ0O8"], "gate", "")]
    assert next(row["or_perhaps"] for row in seen if row["plate"] == "XYZ0O8") == "XYZ0OB"
    assert [(row["read"], row["on_the_list"], row["reason"], row["advice"]) for row in matches] == [
        ("ABC1234", "ABC1234", "stolen vehicle", "verify plate, state and vehicle")
    ]
    assert [(row["on_the_list"], row["status"]) for row in alerts] == [("ABC1234", "new")]


def test_crops_are_pictures(file: Path) -> None:
    page, photo, footage, none = get(
        file, "/lpr/seen", "/-/lpr-crop/lpr/1.png", "/-/lpr-crop/lpr/2.png", "/-/lpr-crop/lpr/99.png"
    )
    assert '<img src="/-/lpr-crop/lpr/1.png"' in page.text
    assert (photo.status_code, photo.headers["content-type"]) == (200, "image/png")
    red, green = (np.asarray(Image.open(io.BytesIO(one.content)).convert("RGB")) for one in (photo, footage))
    assert tuple(red[red.shape[0] // 2, red.shape[1] // 2]) == (255, 0, 0)
    assert green[green.shape[0] // 2, green.shape[1] // 2][1] > 200
    assert none.status_code == 404


def test_a_changed_source_has_no_picture(file: Path) -> None:
    write_photo(file.parent / "a.png", GREEN)
    (answer,) = get(file, "/-/lpr-crop/lpr/1.png")
    assert answer.status_code == 404


def test_a_saved_crop_is_taken_first(file: Path) -> None:
    (file.parent / "saved.png").write_bytes(b"\x89PNG saved")
    with lpr.open_database(file) as database:
        database.execute("UPDATE alerts SET crop = ?", (str(file.parent / "saved.png"),))
    (answer,) = get(file, "/-/lpr-crop/lpr/1.png")
    assert answer.content == b"\x89PNG saved"


def test_links_and_labels(file: Path) -> None:
    page, row = get(file, "/lpr/sightings", "/lpr/sightings/1.json?_shape=objects")
    assert '<a href="/lpr/cameras/1">gate</a>' in page.text  # the camera by its name, by foreign key and label column
    assert "The view seen is made for people" in page.text
    assert row.json()["rows"][0]["text"] == "ABC1234"


def test_another_program_s_database_has_no_crops(file: Path, tmp_path: Path) -> None:
    import sqlite3

    sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE sightings (id INTEGER)").connection.close()
    (answer,) = get(tmp_path / "other.db", "/-/lpr-crop/other/1.png")
    assert answer.status_code == 404


def test_the_metadata_file(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["browse", "--metadata", "--db", "some.db"])
    tables = json.loads(result.stdout)["databases"]["some"]["tables"]
    assert tables["sightings"]["label_column"] == "text" and "people" in tables["seen"]["description"]
    with lpr.open_database(tmp_path / "lpr.db") as database:
        known = {row["name"] for row in database.rows("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
    assert set(tables) <= known


def test_each_page_is_on_the_audit_trail(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LPR_PURPOSE", "monthly review")
    monkeypatch.setenv("LPR_CASE", "26-1")
    pages = (
        "/-/versions.json",  # Datasette's own
        "/lpr/seen?_sort=time",
        "/lpr/seen.json?_shape=array&plate__contains=abc1234",
        "/lpr.json?sql=select+*+from+sightings+where+text+%3D+'ABC1234'",
        "/lpr/sightings.csv",
        "/-/lpr-crop/lpr/1.png",
    )
    answers = get(file, *pages)
    assert [answer.status_code for answer in answers] == [200] * 6
    with lpr.open_database(file) as database:
        told = [one for one in accesses(database) if one.command == "browse page"]
        assert verify(database) == []
        chain = json.dumps(database.rows("SELECT * FROM audit"))
    assert [(one.elements, one.plates, one.rows, one.outcome) for one in told] == [
        ({"page": "/lpr/seen", "_sort": "time"}, (), 2, "done"),
        ({"page": "/lpr/seen.json", "_shape": "array", "plate__contains": "?"}, ("ABC1234",), 1, "done"),
        ({"page": "/lpr.json", "sql": "select * from sightings where text = '?'"}, ("ABC1234",), 1, "done"),
        ({"page": "/lpr/sightings.csv"}, (), 2, "done"),
        ({"page": "/-/lpr-crop/lpr/1.png"}, (), 1, "done"),
    ]
    assert {(one.purpose, one.case) for one in told} == {("monthly review", "26-1")}
    assert "ABC1234" not in chain.upper()


def test_what_the_policy_refuses_is_not_shown(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LPR_PURPOSE", raising=False)
    (file.parent / "lpr-policy.toml").write_text('[purpose]\ndemand = ["browse"]\n')
    page, picture = get(file, "/lpr/seen", "/-/lpr-crop/lpr/1.png")
    assert page.status_code == picture.status_code == 403
    assert "demands a purpose" in page.text and "ABC1234" not in page.text
    with lpr.open_database(file) as database:
        assert [one["event"] for one in database.rows("SELECT event FROM audit WHERE command = 'browse page'")] == [
            "refused",
            "refused",
        ]
