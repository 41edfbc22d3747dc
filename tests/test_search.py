"""Search: what is found, in which order, and the reason that each row gives."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from world import HERE, START, make, see

import lpr
from cli.main import cli
from cli.output import aligned
from lpr.hotlist.confusion import load
from lpr.investigation import Where, search
from lpr.investigation.search import SCORED
from lpr.normalize import look_alike_key
from lpr.places import Place
from lpr.records.audit import plate_hash
from lpr.records.cameras import put_camera
from lpr.records.policy import policy_of
from lpr.records.secret import secret_of


@pytest.fixture
def database(tmp_path: Path) -> Iterator[lpr.Database]:
    with lpr.open_database(tmp_path / "lpr.db") as database:
        make(database)
        see(database, "8ABC123", 0, "gate")  # 1
        see(database, "BABC123", 60, "bridge")  # 2, a look-alike
        see(database, "8ABC723", 120, "mall", [("8ABC723", 0.7), ("8ABC123", 0.2), ("8ABC129", 0.001)], 0.7)  # 3
        see(database, "8ABC124", 180, "gate")  # 4, a near miss
        see(database, "8A8C1Z3", 240, None)  # 5, a look-alike in two places, no camera
        see(database, "XYZ0O8", None, "gate")  # 6, at an unknown time
        see(database, "ABC1234", 300, "gate")  # 7
        yield database


def found(answer: object) -> list[tuple[int, str]]:
    return [(one.id, one.tier) for one in answer.found]  # type: ignore[attr-defined]


def test_exact_then_look_alikes_then_candidates(database: lpr.Database) -> None:
    answer = search(database, "8abc-123")
    assert found(answer) == [(1, "exact"), (2, "look-alike"), (5, "look-alike"), (3, "candidate")]
    assert [one.why for one in answer.found] == [
        "the text read is the plate asked for",
        "only look-alikes differ: B for 8",
        "only look-alikes differ: 8 for B, Z for 2",
        "the reader's candidate 8ABC123 (20 %) is the plate asked for",
    ]
    assert (answer.total, answer.more, answer.ranked) == (4, False, True)
    assert answer.found[0].score == pytest.approx(0.98, abs=0.001)
    assert answer.found[3].score == pytest.approx(0.2, abs=0.01)
    assert [(d.position, d.read, d.entry) for d in answer.found[1].differs] == [(0, "B", "8")]


def test_a_doubtful_read_of_the_plate_stands_before_a_sure_look_alike(database: lpr.Database) -> None:
    doubtful = see(database, "8ABC1Z3", 10, "gate", [("8ABC1Z3", 0.5), ("8ABC123", 0.4)], 0.5)
    assert found(search(database, "8ABC123"))[:2] == [(1, "exact"), (doubtful, "look-alike")]


def test_letter_o_and_zero_are_one(database: lpr.Database) -> None:
    assert found(search(database, "XYZO08")) == [(6, "exact")]
    assert search(database, "XYZO08").found[0].why == "the text read is the plate asked for but for letter O and zero"


def test_near_misses_on_request(database: lpr.Database) -> None:
    see(database, "8ABC12", 1)
    assert (4, "near") not in found(search(database, "8ABC123"))
    # What 3 is taken for most often, by the table as it was measured last.
    other = next(c for c, _ in load().likely["3"] if look_alike_key(c) != look_alike_key("3"))
    likely = see(database, f"8ABC12{other}", 1)
    hits = found(search(database, "8ABC123", near_misses=True))
    assert (likely, "near") in hits and hits.index((3, "candidate")) < hits.index((likely, "near"))


@pytest.mark.parametrize(
    "pattern, ids",
    [
        ("8ABC*", [1, 2, 3, 4, 5]),  # look-alikes of the literals count
        ("*BC723", [3]),  # a wildcard in front: by the reversed key
        ("?ABC123", [1, 2, 3, 5]),  # 3 by its candidate
        ("*C12?", [1, 2, 3, 4, 5]),
        ("ABC????", [7]),
        ("??BC?2?", [1, 2, 3, 4, 5]),
        ("*Y*O*", [6]),
        ("QQ*", []),
    ],
)
def test_patterns(database: lpr.Database, pattern: str, ids: list[int]) -> None:
    answer = search(database, pattern)
    assert sorted(one.id for one in answer.found) == ids
    assert {one.tier for one in answer.found} <= {"partial"}


def test_the_best_fit_of_a_pattern_stands_first(database: lpr.Database) -> None:
    assert [one.id for one in search(database, "8ABC12?").found][:2] == [4, 1]  # both sure, the newer one first
    assert [one.id for one in search(database, "?ABC123").found] == [2, 1, 3, 5]  # 5 has two look-alikes


@pytest.mark.parametrize(
    "where, ids",
    [
        (Where(), [7, 5, 4, 3, 2, 1, 6]),
        (Where(since=START + timedelta(seconds=60), until=START + timedelta(seconds=180)), [4, 3, 2]),
        (Where(cameras=("GATE",)), [7, 4, 1, 6]),
        (Where(cameras=("bridge", "mall")), [3, 2]),
        (Where(near=HERE, within=499), [7, 4, 1, 6]),
        (Where(near=HERE, within=501), [7, 4, 2, 1, 6]),
        (Where(near=Place(HERE.latitude, HERE.longitude + 1), within=5000), []),
        (Where(confidence=0.9), [7, 5, 4, 2, 1, 6]),
        (Where(list_name="wanted"), [2]),
        (Where(scan_id=2), []),
    ],
)
def test_what_narrows_it_down(database: lpr.Database, where: Where, ids: list[int]) -> None:
    database.insert("hotlists", {"name": "wanted", "created_at": "2026"})
    hit = {"sighting_id": 2, "list": "wanted", "plate": "8ABC123", "tier": "look-alike", "differs": "[]", "score": 0.1}
    database.insert("hits", {**hit, "state_agreement": "unknown", "created_at": "2026"})
    assert [one.id for one in search(database, "*", where).found] == ids


def test_a_place_is_asked_of_the_cameras_that_were_there(database: lpr.Database) -> None:
    """The same sightings, in the same order, as if each of them were looked at."""
    chance = random.Random(8)
    centres = [HERE, Place(0.0, 179.9999), Place(-10.0, -179.9999), Place(84.9, 20.0), Place(-89.999, 0.0)]
    ids = []
    for number in range(300):
        centre = chance.choice(centres)
        # Also just inside and just outside of a circle of 500 metres, and of a square.
        metres = chance.choice((499.99, 500.01, 700 * chance.random()))
        latitude = min(
            90.0, max(-90.0, centre.latitude + chance.choice((-1, 0, 1, chance.random())) * metres / 111_195)
        )
        longitude = centre.longitude + chance.choice((-1, 1)) * metres / 111_195 * chance.random()
        if number < len(centres):
            latitude, longitude = centres[number].latitude, centres[number].longitude
        ids.append(see(database, f"AAA{number:03}", number, chance.choice(("attic", "gate", None))))
        database.execute(
            "UPDATE sightings SET latitude = ?, longitude = ? WHERE id = ?",
            (latitude, (longitude + 180) % 360 - 180, ids[-1]),
        )
    for centre in centres:
        for within in (0.5, 500, 650):
            where = Where(near=centre, within=within)
            condition, values = where.sql()
            sql = f"SELECT id FROM sightings s WHERE 1{condition} ORDER BY taken_at DESC, id DESC"
            expected = [row["id"] for row in database.rows(sql, values)]
            assert expected, "else this tests nothing"
            assert [one.id for one in search(database, "*", where, limit=1000).found] == expected
            assert [one.id for one in search(database, "*", where, limit=3, offset=2).found] == expected[2:5]


def test_where_no_camera_was_nothing_is_looked_at(database: lpr.Database) -> None:
    assert Where(near=Place(12.0, 12.0)).by_camera(database) == []
    assert Where(near=HERE, cameras=("mall",)).by_camera(database) == []
    assert len(Where(near=HERE, cameras=("mall", "gate"), within=400).by_camera(database)) == 1
    # A camera that is put somewhere else was still here.
    put_camera(database, "gate", Place(1.0, 1.0))
    assert len(Where(near=HERE, within=400).by_camera(database)) == 1


def test_a_state_lowers_what_was_read_as_another_ones(database: lpr.Database) -> None:
    texan = see(database, "8ABC123", 500, state="us-tx")
    assert [one.id for one in search(database, "8ABC123", state="AL").found][:2] == [1, texan]
    assert search(database, "8ABC123", state="TX").found[0].id == texan


def test_a_replaced_scan_is_left_out(database: lpr.Database) -> None:
    other = make(database, "again.mp4")
    see(database, "8ABC123", 0, scan=other)
    assert len(search(database, "8ABC123").found) == 5
    database.execute("UPDATE scans SET replaced_by = ? WHERE id = 1", (other,))
    assert found(search(database, "8ABC123")) == [(8, "exact")]


def test_pages_follow_each_other_and_many_sightings_are_still_ranked(database: lpr.Database) -> None:
    with database.atomic():
        for number in range(30):
            see(database, "TAXI77", number, confidence=0.5 + number / 100)
    pages = [search(database, "TAXI77", limit=12, offset=offset) for offset in (0, 12, 24, 36)]
    assert [len(page.found) for page in pages] == [12, 12, 6, 0]
    assert [page.more for page in pages] == [True, True, False, False]
    scores = [one.score for page in pages for one in page.found]
    assert scores == sorted(scores, reverse=True) and len({one.id for page in pages for one in page.found}) == 30


def test_more_than_can_be_ranked_come_newest_first(database: lpr.Database) -> None:
    with database.atomic():
        for number in range(SCORED + 5):
            see(database, "TAXI77", number)
    answer = search(database, "TAXI7?", limit=10, offset=SCORED)
    assert (answer.total, answer.ranked, answer.more, len(answer.found)) == (SCORED + 5, False, False, 5)
    first = search(database, "TAXI77", limit=3)
    times = [one.sighting.taken_at for one in first.found]
    assert times == [START + timedelta(seconds=SCORED + 4 - i) for i in range(3)]


def test_a_person_s_correction_stands_first(database: lpr.Database) -> None:
    text = database.insert("texts", {"text": "ZZZ999"})
    database.insert("readings", {"text_id": text, "sighting_id": 7, "rank": -1, "probability": 1.0})
    answer = search(database, "ZZZ999")
    assert found(answer) == [(7, "corrected")]
    assert answer.found[0].why == "a person says that the plate is ZZZ999"
    assert found(search(database, "ZZ2999")) == [(7, "look-alike")]
    assert found(search(database, "ZZZ*")) == [(7, "partial")]
    assert found(search(database, "ABC1234")) == [(7, "exact")]


def test_a_plate_whose_text_is_not_stored_is_found_by_its_hash(database: lpr.Database) -> None:
    secret = secret_of(database.file, policy_of(database.file))
    assert secret is not None
    hashed = see(database, "", 700, "gate", (("", 0.9),))
    database.execute("UPDATE sightings SET plate_hash = ? WHERE id = ?", (plate_hash(secret, "7QQQ777"), hashed))
    answer = search(database, "7qqq-777")
    assert found(answer) == [(hashed, "exact")]
    assert answer.found[0].why == "its text is not stored, and its keyed hash is that of the plate asked for"
    assert found(search(database, "7QQQ778")) == []
    assert found(search(database, "7QQQ777", Where(cameras=("mall",)))) == []


@pytest.mark.parametrize("plate", ["", "?*%", "АВС123", "8ABC!23", "A" * 30])
def test_what_is_no_plate_is_refused(database: lpr.Database, plate: str) -> None:
    with pytest.raises(lpr.PlateError):
        search(database, plate)


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, list(words))
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def named(database: lpr.Database, monkeypatch: pytest.MonkeyPatch) -> lpr.Database:
    monkeypatch.setenv("LPR_DB", str(database.file))
    database.insert("hotlists", {"name": "wanted", "created_at": "2026"})
    return database


def test_the_command_for_people(named: lpr.Database) -> None:
    code, out, err = run("search", "8ABC123", "--camera", "bridge", "--camera", "mall")
    assert (code, err) == (0, "2 sightings\n")
    why = "the reader's candidate 8ABC123 (20 %) is the plate asked for"
    lines = [
        ["ID", "READ", "MATCH", "SCORE", "TIME (UTC)", "WHERE", "WHY"],
        [
            "2",
            "BABC123",
            "look-alike",
            _score(named, 2),
            "2026-07-01 00:01:00",
            "bridge",
            "only look-alikes differ: B for 8",
        ],
        ["3", "8ABC723", "candidate", _score(named, 3), "2026-07-01 00:02:00", "mall", why],
    ]
    assert out == aligned(lines) + "\n"
    hint = "--near-misses also finds texts that are one likely misread away\n"
    assert run("search", "QQQ777") == (0, "", f"Nothing on record fits\n{hint}")
    assert run("search", "QQQ777", "--near-misses") == (0, "", "Nothing on record fits\n")
    assert run("search", "*")[2] == "7 sightings, the newest first\n"
    assert run("search", "*", "--limit", "3")[2] == "1 to 3, the newest first; the next page: --page 2\n"
    assert run("search", "8ABC123", "--limit", "3")[2] == "1 to 3 of 4; the next page: --page 2\n"
    assert run("search", "8ABC123", "--limit", "3", "--page", "2")[2] == "4 to 4 of 4\n"


def _score(database: lpr.Database, sighting_id: int) -> str:
    (score,) = [one.score for one in search(database, "8ABC123").found if one.id == sighting_id]
    return f"{score:.2g}"


def test_the_command_for_programs(named: lpr.Database) -> None:
    code, out, _ = run("search", "8ABC123", "--json", "--near", "33.52,-86.80", "--within", "100m")
    (row,) = json.loads(out)
    assert code == 0
    assert (row["id"], row["tier"], row["text"], row["camera"], row["differs"]) == (1, "exact", "8ABC123", "gate", [])
    assert (row["source"], row["sha256"], row["taken_at"]) == ("gate.mp4", "gate.mp4", "2026-07-01T00:00:00.000+00:00")
    lines = run("search", "*", "--nl", "--limit", "3", "--page", "2")[1].splitlines()
    assert [json.loads(line)["id"] for line in lines] == [3, 2, 1]


def test_what_was_asked_is_on_the_trail(named: lpr.Database) -> None:
    run("search", "8ABC12?", "--camera", "gate", "--purpose", "stolen vehicle", "--case", "26-1")
    rows = named.rows("SELECT command, elements, purpose, case_number, rows FROM audit ORDER BY id DESC LIMIT 2")
    assert (rows[1]["command"], rows[1]["purpose"], rows[1]["case_number"]) == ("search", "stolen vehicle", "26-1")
    assert json.loads(rows[1]["elements"]) == {"camera": ["gate"], "page": 1}
    assert rows[0]["rows"] == 2


@pytest.mark.parametrize(
    "words, said",
    [
        (("--within", "5m"), "--within needs --near"),
        (("--near", "here"), "'here' is no place"),
        (("--near", "1,2", "--within", "5"), "'5' is no distance"),
        (("--from", "soon"), "'soon' is no time"),
        (("--from", "2026-07-02", "--to", "2026-07-01"), "--from is after --to"),
        (("--camera", "yard"), "there is no camera 'yard' on record; there are: attic, bridge, gate, mall"),
        (("--list", "nothing"), "there is no hot list 'nothing' on record; there are: wanted"),
    ],
)
def test_what_the_command_refuses(named: lpr.Database, words: tuple[str, ...], said: str) -> None:
    code, out, err = run("search", "8ABC123", *words)
    assert code in (1, 2) and out == "" and said in err
