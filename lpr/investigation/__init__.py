"""Questions to the record: who was seen where and when, what belongs together, and how it is shown and handed on."""

from lpr.investigation.found import Found
from lpr.investigation.search import Answer, search
from lpr.investigation.where import Where

__all__ = ["Answer", "Found", "Where", "search"]
