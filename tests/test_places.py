"""Places: as people write them, how far apart they are, and where photos say that they were taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import PLATES, picture, write_photo
from PIL import Image

import lpr
from lpr.places import Place, parse_distance, parse_place, wind
from lpr.recognition.frames import open_frames
from lpr.records.cameras import find_camera, put_camera

RED = next(iter(PLATES))
# Latitude and longitude from public gazetteers; the distance from a geodesic calculator on WGS 84: 3,935.7 km.
NEW_YORK, LOS_ANGELES = Place(40.7128, -74.0060), Place(34.0522, -118.2437)


def test_distances_and_bearings() -> None:
    assert NEW_YORK.distance(LOS_ANGELES) == pytest.approx(3_935_700, rel=0.006)
    assert NEW_YORK.distance(NEW_YORK) == 0
    # One degree of latitude on the sphere is 111.195 km; one of longitude at 60 degrees north half of that.
    assert Place(0, 0).distance(Place(1, 0)) == pytest.approx(111_195, abs=1)
    assert Place(60, 10).distance(Place(60, 11)) == pytest.approx(55_597, abs=10)
    assert Place(0, 179.5).distance(Place(0, -179.5)) == pytest.approx(111_195, abs=1)  # across the date line
    assert [round(Place(0, 0).bearing(other)) for other in (Place(1, 0), Place(0, 1), Place(-1, 0), Place(0, -1))] == [
        *(0, 90, 180, 270)
    ]
    assert [wind(bearing) for bearing in (0, 22, 23, 180, 350)] == ["north", "north", "north-east", "south", "north"]


def test_places_and_distances_as_people_write_them() -> None:
    assert parse_place(" 33.5207, -86.8025 ") == parse_place("33.5207 -86.8025") == Place(33.5207, -86.8025)
    assert [parse_distance(written) for written in ("500m", "1.5 km", "2mi", "100FT")] == pytest.approx(
        [500.0, 1500.0, 3218.688, 30.48]
    )


@pytest.mark.parametrize(
    "written, said",
    [
        ("Birmingham", "'Birmingham' is no place; write latitude,longitude in degrees"),
        ("33.5", "is no place"),
        ("95,0", "latitude goes from -90 to 90"),
        ("nan,0", "latitude goes from -90 to 90"),
    ],
)
def test_what_is_no_place(written: str, said: str) -> None:
    with pytest.raises(lpr.PlaceError, match=said):
        parse_place(written)


@pytest.mark.parametrize("written", ["500", "m", "-5m", "5 furlongs", "1e3m"])
def test_what_is_no_distance(written: str) -> None:
    with pytest.raises(lpr.PlaceError, match="is no distance; write it with its unit: 500m"):
        parse_distance(written)


def photo_at(path: Path, gps: dict[int, object]) -> Path:
    exif = Image.Exif()
    exif[0x8825] = gps
    Image.fromarray(picture(RED)[:, :, ::-1]).save(path, exif=exif, quality=95)
    return path


@pytest.mark.parametrize(
    "gps, place",
    [
        ({1: "N", 2: (33.0, 31.0, 14.52), 3: "W", 4: (86.0, 48.0, 9.0)}, Place(33.5207, -86.8025)),
        ({1: "S", 2: (33.0, 51.0, 0.0), 3: "E", 4: (151.0, 12.0, 0.0)}, Place(-33.85, 151.2)),
        ({1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)}, None),  # no fix
        ({1: "N", 2: (33.0, 31.0, 14.0), 3: "W", 4: (86.0, 48.0, 9.0), 9: "V"}, None),  # void
        ({1: "N", 2: (33.0, 31.0, 14.0)}, None),
        ({1: "N", 2: (933.0, 31.0, 14.0), 3: "W", 4: (86.0, 48.0, 9.0)}, None),
        ({}, None),
    ],
)
def test_where_a_photo_says_that_it_was_taken(tmp_path: Path, gps: dict[int, object], place: Place | None) -> None:
    with open_frames(photo_at(tmp_path / "a.jpg", gps)) as frames:
        (frame,) = frames
    assert frame.place == place


def test_camera_and_place_come_on_record(tmp_path: Path, recognizer: lpr.Recognizer) -> None:
    with_gps = photo_at(tmp_path / "gps.jpg", {1: "N", 2: (33.0, 31.0, 14.52), 3: "W", 4: (86.0, 48.0, 9.0)})
    without = write_photo(tmp_path / "plain.png", RED)
    gate = Place(33.5, -86.8)
    with lpr.open_database(tmp_path / "lpr.db") as database:

        def where(**options: object) -> list[tuple[object, ...]]:
            found = lpr.scan([with_gps, without], recognizer, database=database, **options)  # type: ignore[arg-type]
            rows = [one.row() for one in found]
            return [(row["camera"], row["latitude"], row["longitude"]) for row in rows]

        assert where() == [(None, 33.5207, -86.8025), (None, None, None)]
        # Known of the camera is its place: a photo's own is better.
        put_camera(database, "gate", gate)
        assert where(camera="Gate", again=True) == [("Gate", 33.5207, -86.8025), ("Gate", 33.5, -86.8)]
        assert find_camera(database, "GATE").place == gate
        # Files on record get what is said of them now; the camera's own name stays.
        assert where(camera="gate", place=Place(1, 2)) == [("gate", 1, 2), ("gate", 1, 2)]
        assert find_camera(database, "gate").place == Place(1, 2)
        assert len(database.rows("SELECT 1 FROM cameras")) == 1
        with pytest.raises(lpr.RecordsError, match="there is no camera 'yard' on record; there are: gate"):
            find_camera(database, "yard")
