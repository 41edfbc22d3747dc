"""The batch composition: photos and footage are read, compared with hot lists and put on record."""

from __future__ import annotations


class Scanned: ...


def scan() -> None: ...
