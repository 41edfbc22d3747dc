"""The tables of the database, as migrations: name → statements, in order, each applied once.

A migration that has been released never changes; what comes later is a new one. All tables are STRICT: SQLite would
otherwise store a ``numpy.float32`` silently as a BLOB, and a plate such as ``0012345`` or ``1E5`` as a number.
Times are ISO 8601 texts in UTC, ``seconds`` count into the footage, boxes are ``[x1, y1, x2, y2]`` in pixels.
"""

from __future__ import annotations

from lpr.records.tables_asking import CAMERAS, INCIDENTS, READINGS, READINGS_SOONER, SQUARES, VIEWS
from lpr.records.tables_audit import AUDIT
from lpr.records.tables_footage import FOOTAGE
from lpr.records.tables_retention import CORRECTIONS, ON_RECORD, RETENTION

_FIRST = (
    # A file, known by what is in it. One file that lies in two places is two rows.
    """
    CREATE TABLE sources (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL, -- as given
        path TEXT NOT NULL, -- absolute
        sha256 TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('photo', 'footage', 'unknown')), -- unknown: could not be opened
        created_at TEXT NOT NULL,
        UNIQUE (sha256, path)
    ) STRICT
    """,
    """
    CREATE TABLE scans (
        id INTEGER PRIMARY KEY,
        source_id INTEGER NOT NULL REFERENCES sources(id),
        lpr_version TEXT NOT NULL,
        version TEXT NOT NULL, -- of the recognizer: its weights and how it was set
        settings TEXT NOT NULL, -- JSON: the scan's own settings that decide what is found
        run TEXT NOT NULL, -- which running of lpr writes this scan; another one that takes over puts its own here
        started_at TEXT NOT NULL,
        finished_at TEXT,
        status TEXT NOT NULL CHECK (status IN ('running', 'done', 'failed')),
        error TEXT, -- why it failed
        frames INTEGER NOT NULL DEFAULT 0, -- looked at
        counts TEXT NOT NULL DEFAULT '{}', -- JSON: plates, reads, sightings, rejected by reason
        replaced_by INTEGER REFERENCES scans(id) -- the same scan, made anew
    ) STRICT
    """,
    "CREATE INDEX scans_source_id ON scans(source_id)",
    """
    CREATE TABLE sightings (
        id INTEGER PRIMARY KEY,
        scan_id INTEGER NOT NULL REFERENCES scans(id),
        number INTEGER NOT NULL, -- counts within the scan
        frame INTEGER NOT NULL,
        seconds REAL,
        taken_at TEXT,
        first_seen REAL,
        last_seen REAL,
        reads INTEGER NOT NULL,
        raw TEXT NOT NULL,
        text TEXT NOT NULL,
        key TEXT NOT NULL, -- text with O as 0
        look_alike_key TEXT NOT NULL,
        confidence REAL NOT NULL,
        characters TEXT NOT NULL, -- JSON
        candidates TEXT NOT NULL, -- JSON
        box TEXT NOT NULL, -- JSON
        detector_confidence REAL NOT NULL,
        jurisdiction TEXT,
        jurisdiction_confidence REAL,
        created_at TEXT NOT NULL,
        UNIQUE (scan_id, number)
    ) STRICT
    """,
    "CREATE INDEX sightings_text ON sightings(text)",
    "CREATE INDEX sightings_key ON sightings(key)",
    "CREATE INDEX sightings_look_alike_key ON sightings(look_alike_key)",
    "CREATE INDEX sightings_taken_at ON sightings(taken_at)",
    "CREATE INDEX sightings_confidence ON sightings(confidence)",
    # What was read in each single frame, before the vote.
    """
    CREATE TABLE reads (
        id INTEGER PRIMARY KEY,
        scan_id INTEGER NOT NULL REFERENCES scans(id),
        number INTEGER NOT NULL, -- counts within the frame
        frame INTEGER NOT NULL,
        seconds REAL,
        taken_at TEXT,
        raw TEXT NOT NULL,
        text TEXT NOT NULL,
        confidence REAL NOT NULL,
        characters TEXT NOT NULL, -- JSON
        candidates TEXT NOT NULL, -- JSON
        box TEXT NOT NULL, -- JSON
        detector_confidence REAL NOT NULL,
        jurisdiction TEXT,
        jurisdiction_confidence REAL,
        UNIQUE (scan_id, frame, number)
    ) STRICT
    """,
    """
    CREATE TABLE hotlists (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        kind TEXT,
        created_at TEXT NOT NULL,
        imported_at TEXT,
        source_file TEXT,
        source_sha256 TEXT
    ) STRICT
    """,
    # Entries are never deleted, so that a hit can always be explained: active becomes 0.
    """
    CREATE TABLE entries (
        id INTEGER PRIMARY KEY,
        list_id INTEGER NOT NULL REFERENCES hotlists(id),
        plate TEXT NOT NULL, -- as written
        text TEXT NOT NULL,
        key TEXT NOT NULL,
        look_alike_key TEXT NOT NULL,
        state TEXT,
        reason TEXT,
        line INTEGER,
        active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
        created_at TEXT NOT NULL,
        created_by TEXT, -- the user of the machine
        removed_at TEXT,
        removed_by TEXT,
        expires_at TEXT,
        details TEXT NOT NULL DEFAULT '{}' -- JSON
    ) STRICT
    """,
    "CREATE INDEX entries_list_id ON entries(list_id)",
    "CREATE INDEX entries_key ON entries(key)",
    "CREATE INDEX entries_look_alike_key ON entries(look_alike_key)",
    # What a hit said when it was found, whatever becomes of the list. entry_id is null for a list that was never
    # imported.
    """
    CREATE TABLE hits (
        id INTEGER PRIMARY KEY,
        sighting_id INTEGER NOT NULL REFERENCES sightings(id),
        entry_id INTEGER REFERENCES entries(id),
        list TEXT NOT NULL,
        plate TEXT NOT NULL,
        state TEXT,
        tier TEXT NOT NULL,
        differs TEXT NOT NULL, -- JSON
        score REAL NOT NULL,
        state_agreement TEXT NOT NULL,
        created_at TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE UNIQUE INDEX hits_once
    ON hits(sighting_id, COALESCE(entry_id, json_array(list, plate, state)))
    """,
    "CREATE INDEX hits_entry_id ON hits(entry_id)",
)

_HOT_LISTS = (
    # What an officer and the law want to know of a list. priority: 1 is the most urgent; dated_at: when its file was
    # made, by the file itself or else by its time of change; max_age: seconds after dated_at until it is stale; tiers:
    # JSON, the tiers that may hit, null for all; retention: days that inactive entries are kept, null for ever.
    "ALTER TABLE hotlists ADD COLUMN priority INTEGER",
    "ALTER TABLE hotlists ADD COLUMN origin TEXT",
    "ALTER TABLE hotlists ADD COLUMN dated_at TEXT",
    "ALTER TABLE hotlists ADD COLUMN max_age INTEGER",
    "ALTER TABLE hotlists ADD COLUMN tiers TEXT",
    "ALTER TABLE hotlists ADD COLUMN retention INTEGER",
    "ALTER TABLE hotlists ADD COLUMN format TEXT",
    # Who changed what, when and why. An import is one row; which entries it added and removed, these tell themselves.
    """
    CREATE TABLE changes (
        id INTEGER PRIMARY KEY,
        changed_at TEXT NOT NULL,
        changed_by TEXT NOT NULL, -- the user of the machine
        purpose TEXT,
        case_number TEXT,
        action TEXT NOT NULL,
        list_id INTEGER REFERENCES hotlists(id),
        list TEXT NOT NULL,
        key TEXT, -- of the plate
        plate TEXT,
        before TEXT, -- JSON
        after TEXT -- JSON
    ) STRICT
    """,
    "CREATE INDEX changes_list_id ON changes(list_id)",
    "CREATE INDEX changes_key ON changes(key)",
    # partial: text is a pattern with ? for one character and * for any number; replaces: the entry that this one is
    # a changed version of; added_in, removed_in: rows of changes.
    "ALTER TABLE entries ADD COLUMN effective_at TEXT",
    "ALTER TABLE entries ADD COLUMN partial INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE entries ADD COLUMN replaces INTEGER",
    "ALTER TABLE entries ADD COLUMN added_in INTEGER",
    "ALTER TABLE entries ADD COLUMN removed_in INTEGER",
    "CREATE INDEX entries_partial ON entries(list_id) WHERE partial = 1 AND active = 1",
    # Plates as they are read that a list must not raise hits for: known false alerts.
    """
    CREATE TABLE ignored (
        id INTEGER PRIMARY KEY,
        list_id INTEGER NOT NULL REFERENCES hotlists(id),
        plate TEXT NOT NULL,
        key TEXT NOT NULL,
        reason TEXT,
        created_at TEXT NOT NULL,
        created_by TEXT NOT NULL,
        UNIQUE (list_id, key)
    ) STRICT
    """,
    "CREATE INDEX ignored_key ON ignored(key)",
    # historical: found by looking back, when the entry came; stale: its list was over its maximum age.
    "ALTER TABLE hits ADD COLUMN historical INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE hits ADD COLUMN stale INTEGER NOT NULL DEFAULT 0",
)

_ALERTS = (
    # What was read and what the list said when the alert was raised, whatever becomes of the sighting and the entry.
    # last_taken_at, last_seconds: of the last passing within the cooldown.
    """
    CREATE TABLE alerts (
        id INTEGER PRIMARY KEY,
        sighting_id INTEGER REFERENCES sightings(id) ON DELETE SET NULL,
        entry_id INTEGER REFERENCES entries(id) ON DELETE SET NULL,
        status TEXT NOT NULL CHECK (status IN ('new', 'seen', 'decided')),
        raised_at TEXT NOT NULL,
        source TEXT NOT NULL,
        frame INTEGER NOT NULL,
        seconds REAL,
        taken_at TEXT,
        last_taken_at TEXT,
        last_seconds REAL,
        box TEXT NOT NULL, -- JSON
        crop TEXT, -- a file
        text TEXT NOT NULL,
        confidence REAL NOT NULL,
        read_state TEXT,
        list TEXT NOT NULL,
        plate TEXT NOT NULL,
        state TEXT,
        reason TEXT NOT NULL,
        tier TEXT NOT NULL,
        differs TEXT NOT NULL, -- JSON
        score REAL NOT NULL,
        state_agreement TEXT NOT NULL,
        candidate TEXT NOT NULL,
        rule TEXT NOT NULL,
        stale INTEGER NOT NULL,
        repeats INTEGER NOT NULL DEFAULT 0,
        seen_at TEXT,
        seen_by TEXT, -- the user of the machine
        decision TEXT CHECK (decision IN ('correct', 'misread', 'wrong-state', 'stale', 'other')),
        decided_at TEXT,
        decided_by TEXT,
        note TEXT
    ) STRICT
    """,
    "CREATE INDEX alerts_status ON alerts(status)",
    "CREATE INDEX alerts_source ON alerts(source, list, plate)",
    "CREATE INDEX alerts_sighting_id ON alerts(sighting_id)",
    "CREATE INDEX alerts_entry_id ON alerts(entry_id)",
    # The sightings that an alert stands for: the one that raised it, and those within the cooldown.
    """
    CREATE TABLE alert_sightings (
        alert_id INTEGER NOT NULL REFERENCES alerts(id) ON DELETE CASCADE,
        sighting_id INTEGER NOT NULL REFERENCES sightings(id) ON DELETE CASCADE,
        PRIMARY KEY (alert_id, sighting_id)
    ) STRICT
    """,
    "CREATE INDEX alert_sightings_sighting_id ON alert_sightings(sighting_id)",
    """
    CREATE TABLE alert_events (
        id INTEGER PRIMARY KEY,
        alert_id INTEGER NOT NULL REFERENCES alerts(id) ON DELETE CASCADE,
        at TEXT NOT NULL,
        by TEXT NOT NULL, -- the user of the machine
        event TEXT NOT NULL CHECK (event IN ('seen', 'decided')),
        decision TEXT,
        note TEXT
    ) STRICT
    """,
    "CREATE INDEX alert_events_alert_id ON alert_events(alert_id)",
)

_WATCHES = (
    # address: without user, password and whatever else may be secret. The source of a camera that is watched has kind
    # footage, path camera:ID and an empty sha256; each watch of it is a scan.
    "ALTER TABLE cameras ADD COLUMN address TEXT",
    "ALTER TABLE cameras ADD COLUMN region TEXT",
    # How a camera that is watched fares: written every second.
    """
    CREATE TABLE camera_health (
        camera_id INTEGER PRIMARY KEY REFERENCES cameras(id),
        watcher TEXT NOT NULL, -- process@machine
        updated_at TEXT NOT NULL,
        health TEXT NOT NULL -- JSON
    ) STRICT
    """,
)

#: Every migration, the oldest first.
MIGRATIONS = {
    "m001_first": _FIRST,
    "m002_hot_lists": _HOT_LISTS,
    "m003_alerts": _ALERTS,
    "m004_cameras": CAMERAS,
    "m005_readings": READINGS,
    "m006_incidents": INCIDENTS,
    "m007_audit": AUDIT,
    "m008_watches": _WATCHES,
    "m009_views": VIEWS,
    "m010_footage": FOOTAGE,
    "m011_retention": RETENTION,
    "m012_corrections": CORRECTIONS,
    "m013_on_record": ON_RECORD,
    "m014_readings_sooner": READINGS_SOONER,
    "m015_squares": SQUARES,
}
