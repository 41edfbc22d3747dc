"""The tables that questions to the record need: cameras and places, texts and who reads them, incidents.

Part of the migrations in ``lpr.records.tables``.
"""

from __future__ import annotations


def folded(text: str) -> str:
    """SQL for ``normalize.look_alike_key`` of a normalized text."""
    for c, first in (("O", "0"), ("D", "0"), ("Q", "0"), ("I", "1"), ("L", "1"),
                     ("Z", "2"), ("S", "5"), ("G", "6"), ("B", "8")):  # fmt: skip
        text = f"replace({text}, '{c}', '{first}')"
    return text


def _reversed(text: str) -> str:
    """SQL for the reversed form of a text of at most 32 characters; no plate has more than twelve."""
    return " || ".join(f"substr({text}, {i}, 1)" for i in range(32, 0, -1))


CAMERAS = (
    # A camera by the name that people give it. heading: degrees clockwise from north that it looks in; what approaches
    # it travels the other way.
    """
    CREATE TABLE cameras (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE COLLATE NOCASE,
        latitude REAL CHECK (latitude BETWEEN -90 AND 90),
        longitude REAL CHECK (longitude BETWEEN -180 AND 180),
        heading REAL CHECK (heading >= 0 AND heading < 360),
        created_at TEXT NOT NULL
    ) STRICT
    """,
    # Where a sighting was made stays with it, wherever its camera is put later. direction: approaching or leaving.
    "ALTER TABLE sightings ADD COLUMN camera_id INTEGER REFERENCES cameras(id)",
    "ALTER TABLE sightings ADD COLUMN latitude REAL",
    "ALTER TABLE sightings ADD COLUMN longitude REAL",
    "ALTER TABLE sightings ADD COLUMN direction TEXT",
    "CREATE INDEX sightings_camera ON sightings(camera_id, taken_at)",
)

#: A candidate less probable than this is no reading: the matcher would not report it either (LEAST_CANDIDATE).
_LEAST = 0.005
_CANDIDATE, _PROBABILITY = "json_extract(value, '$[0]')", "json_extract(value, '$[1]')"
_KEY, _CANDIDATE_KEY = folded("NEW.text"), folded(_CANDIDATE)

_ADD_READINGS = f"""
    INSERT OR IGNORE INTO texts (text)
        SELECT NEW.text WHERE NEW.text <> ''
        UNION ALL
        SELECT {_CANDIDATE} FROM json_each(NEW.candidates)
        WHERE {_PROBABILITY} >= {_LEAST} AND {_CANDIDATE_KEY} <> {_KEY};
    INSERT OR IGNORE INTO readings (text_id, sighting_id, rank, probability)
        SELECT id, NEW.id, 0, coalesce(
            (SELECT {_PROBABILITY} FROM json_each(NEW.candidates) WHERE {_CANDIDATE} = NEW.text),
            NEW.confidence)
        FROM texts WHERE look_alike_key = {_KEY} AND text = NEW.text
        UNION ALL
        SELECT texts.id, NEW.id, json_each.key, {_PROBABILITY} FROM json_each(NEW.candidates)
        JOIN texts ON texts.look_alike_key = {_CANDIDATE_KEY} AND texts.text = {_CANDIDATE}
        WHERE {_PROBABILITY} >= {_LEAST} AND {_CANDIDATE_KEY} <> {_KEY};
"""  # noqa: S608 - constants only

# The same again, faster: the keys of a text are worked out only where it is new, and those of a candidate not where it
# is the text itself.
_ADD_READINGS_SOONER = f"""
    INSERT OR IGNORE INTO texts (text)
        SELECT NEW.text WHERE NEW.text <> ''
        AND NOT EXISTS (SELECT 1 FROM texts WHERE look_alike_key = {_KEY} AND text = NEW.text)
        UNION ALL
        SELECT {_CANDIDATE} FROM json_each(NEW.candidates)
        WHERE {_PROBABILITY} >= {_LEAST} AND {_CANDIDATE} <> NEW.text AND {_CANDIDATE_KEY} <> {_KEY};
    INSERT OR IGNORE INTO readings (text_id, sighting_id, rank, probability)
        SELECT id, NEW.id, 0, coalesce(
            (SELECT {_PROBABILITY} FROM json_each(NEW.candidates) WHERE {_CANDIDATE} = NEW.text LIMIT 1),
            NEW.confidence)
        FROM texts WHERE look_alike_key = {_KEY} AND text = NEW.text
        UNION ALL
        SELECT texts.id, NEW.id, json_each.key, {_PROBABILITY} FROM json_each(NEW.candidates)
        CROSS JOIN texts ON texts.look_alike_key = {_CANDIDATE_KEY} AND texts.text = {_CANDIDATE}
        WHERE {_PROBABILITY} >= {_LEAST} AND {_CANDIDATE} <> NEW.text AND {_CANDIDATE_KEY} <> {_KEY};
"""  # noqa: S608 - constants only


def _following(body: str) -> tuple[str, str]:
    """The triggers by which texts and readings follow the sightings that are added and changed."""
    return (
        f"CREATE TRIGGER sightings_read AFTER INSERT ON sightings BEGIN {body} END",
        f"""
        CREATE TRIGGER sightings_reread AFTER UPDATE OF text, candidates ON sightings BEGIN
            DELETE FROM readings WHERE sighting_id = OLD.id AND rank >= 0;
            {body}
        END
        """,  # noqa: S608 - constants only
    )


READINGS = (
    # Nested values as short arrays: [["A", 0.98], …] and [["ABC1234", 0.97], …].
    *(
        f"UPDATE {table} SET {column} = (SELECT coalesce(json_group_array(json_array("  # noqa: S608 - constants
        f"json_extract(value, '$.{said}'), json_extract(value, '$.{share}'))), '[]') FROM json_each({column}))"
        for table in ("sightings", "reads")
        for column, said, share in (("characters", "character", "confidence"), ("candidates", "text", "probability"))
    ),
    # Every text that any sighting may say, once: searches with wildcards go through these, not through all sightings.
    # The keys are columns that exist in their index alone.
    f"""
    CREATE TABLE texts (
        id INTEGER PRIMARY KEY,
        text TEXT NOT NULL,
        look_alike_key TEXT GENERATED ALWAYS AS ({folded("text")}) VIRTUAL,
        reversed_key TEXT GENERATED ALWAYS AS ({folded(_reversed("text"))}) VIRTUAL
    ) STRICT
    """,
    "CREATE UNIQUE INDEX texts_look_alike_key ON texts(look_alike_key, text)",
    "CREATE INDEX texts_reversed_key ON texts(reversed_key)",
    # Which sighting may say which text. rank: 0 is the text that was read, 1 to 9 are the reader's other candidates as
    # they stand in its list, those left out that are look-alikes of the text read, because their key finds it anyway,
    # and those that are hardly probable. -1 is for a text that a person says the plate has.
    """
    CREATE TABLE readings (
        text_id INTEGER NOT NULL REFERENCES texts(id),
        sighting_id INTEGER NOT NULL REFERENCES sightings(id) ON DELETE CASCADE,
        rank INTEGER NOT NULL,
        probability REAL NOT NULL,
        PRIMARY KEY (text_id, sighting_id)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX readings_sighting_id ON readings(sighting_id)",
    # Whoever writes or deletes a sighting need not know of them: a sighting that goes takes all its texts along.
    *_following(_ADD_READINGS),
    """
    CREATE TRIGGER readings_forgotten AFTER DELETE ON readings
    WHEN NOT EXISTS (SELECT 1 FROM readings WHERE text_id = OLD.text_id) BEGIN
        DELETE FROM texts WHERE id = OLD.text_id;
    END
    """,
    # What is on record already comes into the two tables by its own trigger.
    "UPDATE sightings SET text = text",
    "DROP INDEX sightings_text",
    "DROP INDEX sightings_key",
    "DROP INDEX sightings_look_alike_key",
    # No question to a large record starts at the confidence: it narrows down what a plate or a time has found.
    "DROP INDEX sightings_confidence",
    "ALTER TABLE sightings DROP COLUMN key",
    "ALTER TABLE sightings DROP COLUMN look_alike_key",
)

_SQUARE = ", ".join(
    ("CAST(({0}.latitude + 90) * 10000 AS INTEGER)", "CAST(({0}.longitude + 180) * 10000 AS INTEGER)",
     "coalesce({0}.camera_id, 0)")
)  # fmt: skip


def _add_squares(of: str, rest: str = "WHERE 1") -> str:
    """A conflict clause of its own, because that of the statement which sets off a trigger would go before it."""
    return f"INSERT INTO squares SELECT {_SQUARE.format(of)} {rest} ON CONFLICT DO NOTHING"


SQUARES = (
    # Which cameras made sightings in which square of a ten thousandth of a degree: a question about a place goes to
    # these cameras alone. north, east: the square's corner in ten thousandths of a degree from the south pole and from
    # 180 degrees west. camera_id: 0 for sightings of none. Rows go with the last sighting of their camera.
    """
    CREATE TABLE squares (
        north INTEGER NOT NULL,
        east INTEGER NOT NULL,
        camera_id INTEGER NOT NULL,
        PRIMARY KEY (north, east, camera_id)
    ) STRICT, WITHOUT ROWID
    """,
    *(
        f"CREATE TRIGGER {name} AFTER {event} ON sightings WHEN NEW.latitude IS NOT NULL AND NEW.longitude IS NOT NULL "
        f"BEGIN {_add_squares('NEW')}; END"
        for name, event in (
            ("sightings_placed", "INSERT"),
            ("sightings_moved", "UPDATE OF camera_id, latitude, longitude"),
        )
    ),
    _add_squares("s", "FROM sightings s WHERE latitude IS NOT NULL AND longitude IS NOT NULL"),
)

READINGS_SOONER = (
    "DROP TRIGGER sightings_read",
    "DROP TRIGGER sightings_reread",
    *_following(_ADD_READINGS_SOONER),
)

INCIDENTS = (
    # What happened somewhere at some time, written by hand or told by another system. system and reference name it
    # there: telling it again changes the row.
    """
    CREATE TABLE incidents (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        at TEXT NOT NULL,
        latitude REAL NOT NULL CHECK (latitude BETWEEN -90 AND 90),
        longitude REAL NOT NULL CHECK (longitude BETWEEN -180 AND 180),
        reference TEXT,
        system TEXT,
        address TEXT,
        note TEXT,
        details TEXT NOT NULL DEFAULT '{}', -- JSON: whatever else the file said
        created_at TEXT NOT NULL,
        created_by TEXT NOT NULL -- the user of the machine
    ) STRICT
    """,
    "CREATE UNIQUE INDEX incidents_reference ON incidents(coalesce(system, ''), reference) WHERE reference IS NOT NULL",
    "CREATE INDEX incidents_at ON incidents(at)",
)

VIEWS = (
    # For people who browse the record. picture holds the sighting's number: lpr.investigation.browse shows its crop.
    """
    CREATE VIEW seen AS
    SELECT s.id, s.id AS picture, s.text AS plate, CAST(s.confidence * 100 AS INTEGER) AS percent_sure,
        (SELECT group_concat(json_extract(value, '$[0]'), ' ') FROM json_each(s.candidates)
         WHERE json_extract(value, '$[1]') >= 0.02 AND json_extract(value, '$[0]') <> s.text) AS or_perhaps,
        s.taken_at AS time, cameras.name AS camera, s.latitude, s.longitude, s.direction,
        (SELECT group_concat(list || ': ' || plate, ', ') FROM hits WHERE hits.sighting_id = s.id) AS possible_matches,
        sources.name AS file, s.seconds, s.reads, s.jurisdiction
    FROM sightings s JOIN scans ON scans.id = s.scan_id AND scans.replaced_by IS NULL
    JOIN sources ON sources.id = scans.source_id LEFT JOIN cameras ON cameras.id = s.camera_id
    """,
    """
    CREATE VIEW possible_matches AS
    SELECT hits.id, s.id AS picture, s.text AS read, hits.plate AS on_the_list, hits.state, hits.list, hits.tier,
        hits.score, hits.state_agreement, hits.stale, entries.reason, s.taken_at AS time, cameras.name AS camera,
        sources.name AS file, hits.created_at AS found_at, 'verify plate, state and vehicle' AS advice
    FROM hits JOIN sightings s ON s.id = hits.sighting_id
    JOIN scans ON scans.id = s.scan_id AND scans.replaced_by IS NULL
    JOIN sources ON sources.id = scans.source_id LEFT JOIN cameras ON cameras.id = s.camera_id
    LEFT JOIN entries ON entries.id = hits.entry_id
    """,
    """
    CREATE VIEW open_alerts AS
    SELECT id, sighting_id AS picture, status, raised_at, text AS read, plate AS on_the_list, state, list, reason, tier,
        score, rule, state_agreement, stale, repeats, source
    FROM alerts WHERE status <> 'decided'
    """,
)
