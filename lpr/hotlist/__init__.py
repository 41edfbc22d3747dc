"""Hot lists: what is wanted, how it comes in, and what a read may match. Usable without reading a single photo."""

from lpr.hotlist.entry import ADVICE, Difference, Entry, Hit
from lpr.hotlist.lists import HotLists

__all__ = ["ADVICE", "Difference", "Entry", "Hit", "HotLists"]
