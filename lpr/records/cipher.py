"""Encryption at rest by SQLCipher, where it is installed and ``LPR_CIPHER_KEY_FILE`` names the passphrase."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from lpr.errors import RecordsError

#: What opening and using a database raises; SQLCipher's own errors once it is loaded.
ERRORS: list[type[Exception]] = [sqlite3.Error]


def connect(uri: str, timeout: float) -> sqlite3.Connection:
    """A connection to the database at a URI; encrypted where a key file is named.

    Raises RecordsError when the key file or SQLCipher is missing.
    """
    named = os.environ.get("LPR_CIPHER_KEY_FILE")
    if not named:
        return sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None)
    connection = _module().connect(uri, uri=True, timeout=timeout, isolation_level=None)
    passphrase = _passphrase(Path(named)).replace("'", "''")
    connection.execute(f"PRAGMA key = '{passphrase}'")
    found: sqlite3.Connection = connection
    return found


def _passphrase(path: Path) -> str:
    try:
        written = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise RecordsError(f"the passphrase file {path}, which LPR_CIPHER_KEY_FILE names, cannot be read") from error
    if not written or "\0" in written:
        raise RecordsError(f"the passphrase file {path} holds no passphrase; write one into it")
    return written


def _module() -> Any:
    try:
        from sqlcipher3 import dbapi2
    except ImportError as error:
        raise RecordsError(
            "LPR_CIPHER_KEY_FILE asks for encryption, but SQLCipher is not installed; pip install lpr[cipher]"
        ) from error
    if dbapi2.Error not in ERRORS:
        ERRORS.append(dbapi2.Error)
    return dbapi2
