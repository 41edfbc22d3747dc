"""The tables of retention and corrections: pictures, legal holds, counts of what was deleted, what people read.

Part of the migrations in ``lpr.records.tables``.
"""

from __future__ import annotations

CORRECTIONS = (
    # What a person says the plate of a sighting is, beside what was read, which stays. The text stands in readings,
    # too, with rank -1, so that searches find it. replaced_by: a later correction of the same sighting.
    """
    CREATE TABLE corrections (
        id INTEGER PRIMARY KEY,
        sighting_id INTEGER NOT NULL REFERENCES sightings(id) ON DELETE CASCADE,
        text TEXT NOT NULL,
        state TEXT,
        note TEXT,
        purpose TEXT,
        case_number TEXT,
        created_at TEXT NOT NULL,
        created_by TEXT NOT NULL, -- the user of the machine
        replaced_by INTEGER REFERENCES corrections(id)
    ) STRICT
    """,
    "CREATE INDEX corrections_sighting_id ON corrections(sighting_id)",
    "CREATE INDEX corrections_replaced_by ON corrections(replaced_by)",
)

RETENTION = (
    # A file that shows a sighting; one that shows several has a row for each. Without a sighting it is to be deleted.
    """
    CREATE TABLE pictures (
        id INTEGER PRIMARY KEY,
        sighting_id INTEGER REFERENCES sightings(id) ON DELETE SET NULL,
        kind TEXT NOT NULL CHECK (kind IN ('crop', 'annotated', 'debug')),
        path TEXT NOT NULL, -- absolute
        created_at TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX pictures_sighting_id ON pictures(sighting_id)",
    "CREATE INDEX pictures_path ON pictures(path)",
    # What must not be deleted, whatever its age: all that is given must fit. plate: its look-alike key.
    """
    CREATE TABLE holds (
        id INTEGER PRIMARY KEY,
        placed_at TEXT NOT NULL,
        placed_by TEXT NOT NULL,
        reason TEXT NOT NULL,
        case_number TEXT,
        plate TEXT,
        list TEXT,
        camera TEXT,
        source TEXT,
        sighting_id INTEGER,
        since TEXT,
        until TEXT,
        released_at TEXT,
        released_by TEXT
    ) STRICT
    """,
    # What purges deleted, by the day (UTC) on which it came on record, so that yearly reports stay right; and, with
    # counts that nobody reads, what is still to be done for them: see lpr.records.deletion and lpr.records.purge.
    """
    CREATE TABLE purged (
        day TEXT NOT NULL,
        what TEXT NOT NULL,
        list TEXT NOT NULL, -- empty: of no list
        count INTEGER NOT NULL,
        PRIMARY KEY (day, what, list)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX reads_taken_at ON reads(taken_at)",
    # Where the policy stores no text of what hit nothing: the keyed hash of the plate.
    "ALTER TABLE sightings ADD COLUMN plate_hash TEXT",
    "CREATE INDEX sightings_plate_hash ON sightings(plate_hash) WHERE plate_hash IS NOT NULL",
)

ON_RECORD = (
    # Since when a sighting is on record: reports count by it, and retention may. scan_id, so that counting need not
    # look at the sightings themselves.
    "CREATE INDEX sightings_created_at ON sightings(created_at, scan_id)",
)
