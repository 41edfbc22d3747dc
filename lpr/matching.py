"""Matching: a sighting gets its camera, its place and its hits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lpr.places import Place
from lpr.plates import Sighting
from lpr.reading import Tally
from lpr.scanned import Matcher, Scanned

if TYPE_CHECKING:
    import numpy as np

    from lpr.recognition.passing import Passing
    from lpr.records.schema import Database


class Where:
    """Which camera made the sources, and where: as given, or as the record knows the camera."""

    def __init__(self, camera: str | None, place: Place | None) -> None:
        self.camera = camera
        self.place = place
        self._usual: Place | None = None

    def put(self, database: Database) -> None:
        """Put the camera on record, and learn where it stands."""
        if self.camera is not None:
            from lpr.records.cameras import put_camera

            self._usual = put_camera(database, self.camera, self.place).place

    def of(self, sighting: Sighting) -> Sighting:
        place = self.place
        if place is None and sighting.latitude is None:
            place = self._usual
        if place is not None:
            sighting = replace(sighting, latitude=place.latitude, longitude=place.longitude)
        return sighting if self.camera is None else replace(sighting, camera=self.camera)


class Matching:
    """Compares all that one scan finds with ``hot_lists``, None for none, and says where it was."""

    def __init__(self, hot_lists: Matcher | None, where: Where) -> None:
        self.where = where
        self._hot_lists = hot_lists

    def of(self, passing: Passing, tally: Tally) -> Scanned:
        """A passing that has just been read."""
        return self.with_hits(self.where.of(passing.sighting), passing.crop, passing.image, tally, recorded=False)

    def with_hits(
        self,
        sighting: Sighting,
        crop: np.ndarray | None,
        image: np.ndarray | None,
        tally: Tally,
        recorded: bool,
    ) -> Scanned:
        """``sighting`` with its hits, which ``tally`` counts; without ``crop`` the plate is cut from ``image``."""
        if crop is None and image is not None:
            from lpr.recognition.crop import cut

            crop = cut(image, sighting.box)
        hits = () if self._hot_lists is None else tuple(self._hot_lists.match(sighting))
        tally.sightings += 1
        tally.hits += len(hits)
        return Scanned(sighting, hits, crop, image, recorded)
