"""What a scan gives: a sighting with its hits, and who finds those."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

from lpr.plates import Sighting

if TYPE_CHECKING:
    import numpy as np

    from lpr.hotlist import Hit
    from lpr.records.schema import Value


class Matcher(Protocol):
    """Compares sightings with hot lists; ``lpr.HotLists`` is one."""

    def match(self, read: Sighting) -> list[Hit]:
        """The possible matches, the strongest first; an empty list when there are none."""
        ...


@dataclass(frozen=True, eq=False)
class Scanned:
    """A sighting with its hits.

    ``crop`` is the plate as it was read, ``image`` the picture that it is in (height × width × 3, uint8, BGR); both
    are None for a sighting that comes from the record (``recorded``), unless pictures were asked for. ``alerts`` are
    the ids of those that it raised, ``sighting_id`` is that of the sighting on record, None without a record.
    """

    sighting: Sighting
    hits: tuple[Hit, ...]
    crop: np.ndarray | None
    image: np.ndarray | None
    recorded: bool = False
    alerts: tuple[int, ...] = ()
    sighting_id: int | None = None

    def row(self) -> dict[str, Any]:
        """The sighting's fields, then ``hits``, ready for JSON."""
        from lpr.records.row import to_row

        return {**to_row(self.sighting), "hits": [hit.as_row() for hit in self.hits]}


def hit_record(hit: Hit) -> dict[str, Value]:
    """The columns of the table ``hits`` that a hit fills."""
    return {
        "entry_id": hit.entry_id,
        "list": hit.list,
        "plate": hit.plate,
        "state": hit.state,
        "tier": hit.tier,
        "differs": json.dumps([asdict(difference) for difference in hit.differs]),
        "score": hit.score,
        "state_agreement": hit.state_agreement,
        "stale": int(hit.stale),
    }
