"""Why somebody reads or changes the record, and who it is."""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Why:
    """Why somebody asks the record or changes a list: the purpose in words, and the case that it is for."""

    purpose: str | None = None
    case: str | None = None


#: The reason where none is given.
UNSAID = Why()


def user() -> str:
    """Who runs this program: the account's name as the machine knows it.

    By the number of the account where the system has those: ``LOGNAME`` and ``USER`` say whatever their user likes.
    """
    try:
        import pwd
    except ImportError:  # Windows
        return _environment()
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user without a name
        return f"uid {os.getuid()}"


def _environment() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
