"""What an entry may say beside its plate, state, reason and times: the names, and what they are called on a card."""

from __future__ import annotations

from collections.abc import Mapping

#: Name in ``Entry.details`` → what a person reads, in the order of a card. Names and their NCIC fields: reason_code,
#: nic (NIC), ori (ORI), case (OCA), entered (DOT or DOW), plate_type (LIT), plate_year (LIY), year (VYR), make (VMA),
#: model (VMO), style (VST), color (VCO), vin (VIN), caution (CMC), comment (MIS).
DETAILS: Mapping[str, str] = {
    "vehicle": "vehicle",
    "year": "vehicle year",
    "make": "make",
    "model": "model",
    "style": "style",
    "color": "color",
    "vin": "VIN",
    "plate_type": "plate type",
    "plate_year": "plate year",
    "caution": "CAUTION",
    "reason_code": "reason code",
    "case": "case",
    "nic": "NIC",
    "ori": "ORI",
    "entered": "entered",
    "contact": "contact",
    "comment": "comment",
}

#: The header of the template. Its first columns are the ones that every list should have.
TEMPLATE = ("plate", "state", "reason", "expires", "case", "nic", "ori", "vehicle", "caution", "comment")

#: All columns that an import understands and an export writes.
COLUMNS = ("plate", "state", "reason", "effective", "expires", *DETAILS)
