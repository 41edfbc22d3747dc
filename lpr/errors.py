"""The errors that lpr raises: one base, few named cases, the remedy in every message."""

from __future__ import annotations


class LprError(Exception):
    """Base of every error that lpr raises on purpose; its text is one line fit for a person."""


class SourceError(LprError):
    """A photo or footage file that cannot be read, or a place that holds none."""


class CameraError(LprError):
    """A camera, or a file that describes cameras, which cannot be used as it stands."""


class ModelError(LprError):
    """A model file that is missing, changed, or does not fit the engine that was asked for."""


class EngineError(LprError):
    """An engine or device that this machine does not offer."""


class HotListError(LprError):
    """A hot list, or a file meant to become one, that cannot be used as it stands."""


class EvidenceError(LprError):
    """An evidence package that cannot be made, or a file that is none."""


class QuestionError(LprError):
    """A question to the record that cannot be understood, or is about something that is not on record."""


class RecordsError(LprError):
    """The database cannot be opened, read or written."""


class FullDiskError(RecordsError):
    """Something must be written, and its disk has no room."""


class PolicyError(LprError):
    """The deployment's policy does not allow what was asked, or its policy or key file cannot be used."""


class DatasetError(LprError):
    """Labelled photos or crops that cannot be used for training or evaluation."""


class PlaceError(LprError):
    """A text that names no place, or no distance."""


class PlateError(LprError):
    """A text that is no plate: nothing is left of it after normalization, or it has a forbidden character."""


class RegionError(LprError):
    """A jurisdiction that the tables of serial formats do not have, or a table without sense."""
