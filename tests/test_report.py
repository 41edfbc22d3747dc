"""Reports: one page that needs nothing else, and the same for programs."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import stat
import subprocess
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from conftest import PLATES, fake_recognizer, write_photo
from world import HERE, START

import lpr
from cli.main import cli
from lpr.investigation.chart_map import Spot, map_svg
from lpr.investigation.chart_time import MOST_LANES, hours_svg, timeline_svg
from lpr.investigation.report import of_plate
from lpr.places import Place

RED, GREEN, *_ = PLATES  # ABC1234, and XYZ0O8 with the candidate XYZ0OB
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LPR_DB", str(tmp_path / "lpr.db"))
    write_photo(tmp_path / "a.png", RED, GREEN)
    write_photo(tmp_path / "b.png", RED)
    with lpr.open_database() as database:
        lists = lpr.HotLists(database)
        lists.add("ABC1234", "wanted", "AL", "stolen vehicle <b>")
        for name, camera, place in (("a.png", "gate", HERE), ("b.png", "bridge", Place(33.525, -86.8))):
            list(lpr.scan([name], fake_recognizer(), database=database, camera=camera, place=place))
        for number in (1, 2, 3):
            moment = (START + timedelta(minutes=number)).isoformat(timespec="milliseconds")
            database.execute("UPDATE sightings SET taken_at = ? WHERE id = ?", (moment, number))
    return tmp_path


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, list(words))
    return result.exit_code, result.stdout, result.stderr


class Page(HTMLParser):
    """What a browser would fetch, and what it would show."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "action", "data")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, "the page is not well-formed"

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words += data


def test_the_page_holds_everything_and_asks_for_nothing(folder: Path) -> None:
    code, out, err = run("report", "plate", "ABC1234", "-o", "r.html")
    assert (code, out, err) == (0, "", "r.html: 2 sightings, 2 sources\n")
    text = (folder / "r.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    assert len(page.addresses) == 4 and all(one.startswith("data:image/") for one in page.addresses)
    assert "script" not in page.tags and "link" not in page.tags
    assert "default-src 'none'; img-src data:" in text
    assert re.findall(r"url\(|@import|https?://", text) == []
    for said in ("Plate ABC1234", "2026-07-01 00:01:00", "camera gate", "33.52000, -86.80000", "possible match",
                 "The text read is the plate asked for", "unchanged", "fake 1"):  # fmt: skip
        assert said in page.words
    sha256 = lpr_sha256(folder / "a.png")
    assert sha256 in page.words
    assert stat.S_IMODE((folder / "r.html").stat().st_mode) == 0o600
    assert page.tags.count("svg") == 3  # timeline, map, hours


def lpr_sha256(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_page_shows_candidates_and_doubt(folder: Path) -> None:
    run("report", "plate", "XYZ0O8", "-o", "r.html")
    page = Page((folder / "r.html").read_text(encoding="utf-8"))
    assert re.search(r"XYZ0O8\s*70 %\s*XYZ0OB\s*20 %", page.words)
    assert "<mark>B</mark>" in (folder / "r.html").read_text(encoding="utf-8")


def test_what_is_written_on_a_list_is_only_text(folder: Path) -> None:
    (alert_id,) = [row["id"] for row in lpr.open_database().rows("SELECT id FROM alerts ORDER BY id LIMIT 1")]
    run("report", "alert", str(alert_id), "-o", "r.html")
    text = (folder / "r.html").read_text(encoding="utf-8")
    assert "stolen vehicle &lt;b&gt;" in text and "<b>stolen" not in text
    assert "verify plate, state and vehicle" in text


def test_a_file_that_changed_or_went_is_told_and_not_shown(folder: Path) -> None:
    write_photo(folder / "a.png", GREEN)
    (folder / "b.png").unlink()
    run("report", "plate", "ABC1234", "-o", "r.html")
    page = Page((folder / "r.html").read_text(encoding="utf-8"))
    assert page.addresses == []
    assert "No picture: the file has changed since it was read" in page.words
    assert "No picture: the file is not there any more" in page.words


def test_at_most_so_many_pictures(folder: Path) -> None:
    run("report", "plate", "ABC1234", "-o", "r.html", "--pictures", "1")
    page = Page((folder / "r.html").read_text(encoding="utf-8"))
    assert len(page.addresses) == 2 and "No picture: pictures of the first 1 sightings only" in page.words


def test_for_programs(folder: Path) -> None:
    assert run("report", "plate", "ABC1234", "-o", "r.json")[0] == 0
    whole = json.loads((folder / "r.json").read_text())
    assert [row["text"] for row in whole["sightings"]] == ["ABC1234", "ABC1234"]
    assert whole["sightings"][0]["hits"][0]["list"] == "wanted"
    assert [(one["name"], one["state"]) for one in whole["sources"]] == [("a.png", "unchanged"), ("b.png", "unchanged")]
    assert [one["place"] for one in whole["places"]] == ["bridge", "gate"]

    assert run("report", "plate", "ABC1234", "-o", "r.csv")[0] == 0
    rows = list(csv.DictReader(io.StringIO((folder / "r.csv").read_text())))
    assert [(row["text"], row["camera"], json.loads(row["box"])) for row in rows] == [
        ("ABC1234", "gate", [20, 50, 80, 70]),
        ("ABC1234", "bridge", [20, 50, 80, 70]),
    ]
    features = json.loads(run("report", "plate", "ABC1234", "-o", "-", "--format", "geojson")[1])["features"]
    assert features[0]["geometry"] == {"type": "Point", "coordinates": [-86.8, 33.52]}
    assert features[1]["properties"]["camera"] == "bridge"

    kml = parse(run("report", "plate", "ABC1234", "-o", "-", "--format", "kml")[1])
    space = {"k": "http://www.opengis.net/kml/2.2"}
    marks = kml.findall(".//k:Placemark", space)
    assert [mark.findtext("k:name", "", space) for mark in marks] == ["ABC1234", "ABC1234"]
    assert marks[0].findtext(".//k:coordinates", "", space) == "-86.8,33.52"
    assert marks[0].findtext(".//k:when", "", space) == "2026-07-01T00:01:00.000+00:00"


def test_an_incident_and_a_scan(folder: Path) -> None:
    run(
        "incident",
        "add",
        "--kind",
        "shooting",
        "--at",
        "2026-07-01T00:01:30Z",
        "--place",
        "33.52,-86.8",
        "--reference",
        "7",
    )
    assert run("report", "incident", "7", "-o", "i.html")[2] == "i.html: 3 sightings, 2 sources\n"
    page = Page((folder / "i.html").read_text(encoding="utf-8"))
    assert "Sightings, the closest first" in page.words and "30 s before, 0 m away" in page.words
    features = json.loads(run("report", "incident", "7", "-o", "-", "--format", "geojson")[1])["features"]
    assert features[0]["properties"]["kind"] == "shooting" and len(features) == 4
    assert run("report", "scan", "a.png", "-o", "s.html")[2] == "s.html: 2 sightings, 1 source\n"
    assert "1 frames, 2 plates found, 2 reads accepted" in Page((folder / "s.html").read_text(encoding="utf-8")).words
    assert run("report", "scan", "c.png", "-o", "x.html")[2].startswith("Error: there is no scan of c.png on record")


def test_nothing_is_replaced_unasked(folder: Path) -> None:
    (folder / "r.html").write_text("mine")
    assert run("report", "plate", "ABC1234", "-o", "r.html")[2] == (
        "Error: r.html is there already; name another file, or say --force\n"
    )
    assert (folder / "r.html").read_text() == "mine"
    assert run("report", "plate", "ABC1234", "-o", "r.html", "--force")[0] == 0
    assert run("report", "plate", "ABC1234", "-o", "r.docx")[0] == 2
    assert run("report", "plate", "ABC1234", "-o", "nowhere/r.html")[2].endswith(
        "nowhere/r.html cannot be written (No such file or directory); name another place\n"
    )
    assert not list(folder.glob(".r*"))


def test_a_plate_that_was_never_seen(folder: Path) -> None:
    with lpr.open_database() as database:
        report = of_plate(database, "QQQ111")
    page = Page(report.written("html"))
    assert "Nothing on record fits." in page.words
    assert report.to_csv() == "id\n"


def parse(text: str) -> ElementTree.Element:
    """Raises ParseError for what is not well-formed."""
    return ElementTree.fromstring(text)  # noqa: S314 - lpr wrote it


def points(svg: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r'<circle class="dot" cx="([\d.]+)" cy="([\d.]+)"', svg)]


def test_the_map_is_to_scale_with_north_up() -> None:
    spots = [
        Spot("south", Place(33.0, -86.0), 9),
        Spot("north", Place(33.01, -86.0), 4),
        Spot("east", Place(33.0, -85.99), 1),
    ]
    svg = map_svg(spots)
    parse(svg)
    (x0, y0), (x1, y1), (x2, y2) = points(svg)
    assert x0 == x1 and y1 < y0 and y2 == y0 and x2 > x0
    # A degree of longitude is shorter than one of latitude by the cosine of the latitude.
    assert (x2 - x0) / (y0 - y1) == pytest.approx(0.8387, abs=0.005)
    metres = float(re.search(r">(\d+) m<", svg)[1])  # type: ignore[index]
    bar = float(re.search(r"v-6v6h([\d.]+)v-6", svg)[1])  # type: ignore[index]
    assert metres / bar == pytest.approx(1111.95 / (y0 - y1), rel=0.01)
    assert all(f">{spot.name}" in svg for spot in spots)


def test_a_map_with_an_incident_shows_its_circle() -> None:
    svg = map_svg([Spot("<gate>", HERE, 1)], event=HERE, within=800, event_name="shooting")
    parse(svg)
    radius = float(re.search(r'class="event"[^>]* r="([\d.]+)"', svg)[1])  # type: ignore[index]
    assert 100 < radius < 190 and "&lt;gate&gt;" in svg
    with pytest.raises(ValueError, match="a map needs a place"):
        map_svg([])


def test_the_timeline_is_to_scale() -> None:
    times = [START, START + timedelta(minutes=10), START + timedelta(minutes=40)]
    svg = timeline_svg([("gate", times)], event=START + timedelta(minutes=20))
    parse(svg)
    a, b, c = (x for x, _ in points(svg))
    assert (c - a) / (b - a) == pytest.approx(4, abs=0.02)
    many = timeline_svg([(f"camera {i}", [START]) for i in range(15)])
    assert len(points(many)) == 15 and many.count("lane") == MOST_LANES and "6 other places" in many
    parse(hours_svg([0] * 23 + [7]))
    with pytest.raises(ValueError, match="a timeline needs a time"):
        timeline_svg([])


def requests_of(page: Path, folder: Path) -> list[str]:
    """The addresses that a page asks for in Chromium, what the browser fetches for itself left out."""
    log, picture = folder / f"{page.stem}.net.json", folder / f"{page.stem}.png"
    command = [
        *(str(CHROMIUM), "--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=390,844"),
        *(f"--log-net-log={log}", f"--user-data-dir={folder / 'profile'}", f"--screenshot={picture}"),
        page.absolute().as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert picture.stat().st_size > 5_000, done.stderr
    written = json.loads(log.read_text(encoding="utf-8"))
    names = {number: name for name, number in written["constants"]["logEventTypes"].items()}
    jobs = [event["params"] for event in written["events"] if names[event["type"]] == "URL_REQUEST_START_JOB"]
    return [job["url"] for job in jobs if job.get("initiator", "not an origin") != "not an origin"]


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium to open the page with")
def test_a_browser_that_opens_the_page_asks_no_server(folder: Path) -> None:
    run("report", "plate", "ABC1234", "-o", "r.html")
    (folder / "control.html").write_text('<h1>A page that asks</h1><img src="http://127.0.0.1:9/picture.png">')
    assert requests_of(folder / "control.html", folder) == ["http://127.0.0.1:9/picture.png"]
    assert requests_of(folder / "r.html", folder) == []
