"""The secret of a database, and the keyed hashes made with it: they tell that a plate is the same, not which it is.

A bare hash would not do: all plates of a state can be hashed in minutes. The secret lies in a file of its own, so that
who has only the database has nothing; who destroys it makes every keyed hash meaningless for good.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import os
from pathlib import Path
from typing import TYPE_CHECKING

from lpr.errors import FullDiskError, PolicyError

if TYPE_CHECKING:
    from lpr.records.policy import Policy

_BYTES = 32
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def secret_file(database: Path, policy: Policy) -> Path:
    """Where the secret lies: ``LPR_KEY``, or the policy's ``key``, or else beside the database, ``lpr.db.key``."""
    named = os.environ.get("LPR_KEY")
    return Path(named) if named else policy.key_file or database.with_name(database.name + ".key")


def secret_of(database: Path, policy: Policy, make: bool = True) -> bytes | None:
    """The secret of a database; made where there is none, or None without ``make``.

    Raises PolicyError when it cannot be read, made, or is none, FullDiskError when there is no room to make it.
    """
    path = secret_file(database, policy)
    try:
        written = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return _made(path) if make else None
    except (OSError, ValueError) as error:
        raise PolicyError(f"the key file {path} cannot be read ({error})") from error
    try:
        found = bytes.fromhex(written)
    except ValueError:
        found = b""
    if len(found) != _BYTES:
        raise PolicyError(f"the key file {path} must hold {2 * _BYTES} hexadecimal digits; put the right one there")
    return found


def keyed_hash(secret: bytes, text: str) -> str:
    """HMAC-SHA-256 (RFC 2104) of a text, as 64 hexadecimal digits."""
    return hmac.new(secret, text.encode("utf-8"), hashlib.sha256).hexdigest()


def _made(path: Path) -> bytes:
    secret = os.urandom(_BYTES)
    # Written beside and linked into place: of two programs that make it at once, both get the same one.
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as stream:
            stream.write(secret.hex() + "\n")
        try:
            os.link(part, path)
        except FileExistsError:
            return bytes.fromhex(path.read_text(encoding="ascii").strip())
        finally:
            part.unlink()
    except OSError as error:
        part.unlink(missing_ok=True)
        if error.errno in _FULL:
            raise FullDiskError(
                f"the key file {path} cannot be made ({error.strerror}); make room on its disk"
            ) from error
        raise PolicyError(
            f"the key file {path} cannot be made ({error.strerror}); name a place with LPR_KEY or in the policy"
        ) from error
    return secret
