"""The tables of accountability: the audit trail.

Part of the migrations in ``lpr.records.tables``.
"""

from __future__ import annotations

AUDIT = (
    # Who asked the record or changed a list. event: see lpr.records.audit; asked_in: the row that an answer belongs to;
    # elements: JSON, what was asked, plates left out; plates: JSON, keyed hashes of the plates that were asked for;
    # policy: SHA-256 of the policy in force; hash: of all other columns, previous: that of the row before.
    """
    CREATE TABLE audit (
        id INTEGER PRIMARY KEY, -- 1, 2, 3, …: nothing is left out
        at TEXT NOT NULL,
        event TEXT NOT NULL CHECK (event IN ('asked', 'answered', 'refused', 'changed')),
        asked_in INTEGER REFERENCES audit(id),
        user TEXT NOT NULL,
        host TEXT NOT NULL,
        organisation TEXT,
        command TEXT NOT NULL,
        elements TEXT,
        plates TEXT,
        purpose TEXT,
        case_number TEXT,
        outcome TEXT CHECK (outcome IN ('done', 'failed', 'interrupted')),
        rows INTEGER,
        digest TEXT,
        policy TEXT,
        previous TEXT NOT NULL,
        hash TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX audit_at ON audit(at)",
    "CREATE INDEX audit_asked_in ON audit(asked_in)",
    # The same plates in clear, until a purge takes them: text becomes null, erased_in the access that did it.
    """
    CREATE TABLE audit_plates (
        audit_id INTEGER NOT NULL REFERENCES audit(id),
        number INTEGER NOT NULL, -- counts within the row, from 1
        text TEXT,
        erased_in INTEGER REFERENCES audit(id),
        PRIMARY KEY (audit_id, number)
    ) STRICT
    """,
    "CREATE INDEX audit_plates_text ON audit_plates(text)",
    *(
        f"CREATE TRIGGER audit_refuses_{action} BEFORE {action} ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit trail can only be added to'); END"
        for action in ("UPDATE", "DELETE")
    ),
    # INSERT OR REPLACE would delete without asking the trigger above; and what is added goes to the end of the chain.
    """
    CREATE TRIGGER audit_refuses_INSERT BEFORE INSERT ON audit
    WHEN NEW.id IS NOT coalesce((SELECT max(id) FROM audit), 0) + 1
        OR NEW.previous IS NOT coalesce((SELECT hash FROM audit ORDER BY id DESC LIMIT 1), printf('%064d', 0))
    BEGIN SELECT RAISE(ABORT, 'the audit trail can only be added to'); END
    """,
    *(
        f"CREATE TRIGGER audit_plates_refuses_{action} BEFORE {action} ON audit_plates "
        f"{when} BEGIN SELECT RAISE(ABORT, 'the audit trail can only be added to'); END"
        for action, when in (
            ("UPDATE", "WHEN NEW.text IS NOT NULL OR NEW.erased_in IS NULL OR OLD.erased_in IS NOT NULL"),
            ("DELETE", ""),
        )
    ),
    # The access that a change of a list belongs to; of the trail, which may be a database of its own.
    "ALTER TABLE changes ADD COLUMN audit_id INTEGER",
    "CREATE INDEX changes_audit_id ON changes(audit_id)",
)
