"""The tables of accountability: the audit trail.

Part of the migrations in ``lpr.records.tables``.
"""

from __future__ import annotations

_REFUSE = "BEGIN SELECT RAISE(ABORT, 'the audit trail can only be added to'); END"

#: What refuses every change but adding at the end: name → SQL.
TRIGGERS = {
    "audit_refuses_update": f"CREATE TRIGGER audit_refuses_update BEFORE UPDATE ON audit {_REFUSE}",
    "audit_refuses_delete": f"CREATE TRIGGER audit_refuses_delete BEFORE DELETE ON audit {_REFUSE}",
    # INSERT OR REPLACE would delete without asking the trigger above; and what is added goes to the end of the chain.
    "audit_refuses_insert": f"""
        CREATE TRIGGER audit_refuses_insert BEFORE INSERT ON audit
        WHEN NEW.id IS NOT coalesce((SELECT max(id) FROM audit), 0) + 1
            OR NEW.previous IS NOT coalesce((SELECT hash FROM audit ORDER BY id DESC LIMIT 1), printf('%064d', 0))
        {_REFUSE}
    """,  # noqa: S608 - a constant
    # A plate in clear may be taken away by a purge, which says so.
    "audit_plates_refuses_update": f"""
        CREATE TRIGGER audit_plates_refuses_update BEFORE UPDATE ON audit_plates
        WHEN NEW.text IS NOT NULL OR NEW.erased_in IS NULL OR OLD.erased_in IS NOT NULL
            OR NEW.audit_id IS NOT OLD.audit_id OR NEW.number IS NOT OLD.number
        {_REFUSE}
    """,
    "audit_plates_refuses_delete": f"""
        CREATE TRIGGER audit_plates_refuses_delete BEFORE DELETE ON audit_plates {_REFUSE}
    """,
    "audit_plates_refuses_insert": f"""
        CREATE TRIGGER audit_plates_refuses_insert BEFORE INSERT ON audit_plates
        WHEN EXISTS (SELECT 1 FROM audit_plates WHERE audit_id = NEW.audit_id AND number = NEW.number)
        {_REFUSE}
    """,  # noqa: S608 - a constant
}

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
    *TRIGGERS.values(),
    # The access that a change of a list belongs to; of the trail, which may be a database of its own.
    "ALTER TABLE changes ADD COLUMN audit_id INTEGER",
    "CREATE INDEX changes_audit_id ON changes(audit_id)",
)
