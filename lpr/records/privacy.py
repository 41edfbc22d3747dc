"""What a policy lets be stored of a sighting: all, hits alone, or of the rest a keyed hash in place of the text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lpr.plates import Sighting
from lpr.records.audit import plate_hash
from lpr.records.policy import policy_of
from lpr.records.secret import secret_of

if TYPE_CHECKING:
    from lpr.records.schema import Database


class Privacy:
    """The deployment's choice, read once.

    ``reads`` says whether the reads of single frames are stored: only where everything is.
    """

    def __init__(self, database: Database | None) -> None:
        policy = None if database is None else policy_of(database.file)
        self.mode = "all" if policy is None else policy.mode
        self.reads = self.mode == "all"
        self._secret = None
        if database is not None and policy is not None and self.mode == "hashes":
            self._secret = secret_of(database.file, policy)

    def stored(self, sighting: Sighting, hit: bool) -> tuple[Sighting, str | None] | None:
        """What is to be stored of a sighting, and the keyed hash of its plate where its text is not; None: nothing."""
        if hit or self.mode == "all":
            return sighting, None
        if self._secret is None:
            return None
        bare = replace(sighting, raw="", text="", characters=(), candidates=())
        return bare, plate_hash(self._secret, sighting.text)

    def shows(self, hit: bool) -> bool:
        """Whether a picture of a sighting may be saved."""
        return hit or self.mode == "all"
