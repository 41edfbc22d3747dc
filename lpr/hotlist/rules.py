"""Why a hit is one of its tier, in a sentence that an officer can check against the picture."""

from __future__ import annotations

from lpr.hotlist.differences import differences
from lpr.hotlist.entry import CANDIDATE, CONFLICTS, EXACT, LOOK_ALIKE, NEAR, Entry, Tier
from lpr.hotlist.posterior import Posterior
from lpr.normalize import key


def rule(tier: Tier, read: Posterior, entry: Entry, led: str, agreement: str) -> str:
    """The rule by which ``led``, the read's best text or a candidate, leads to the entry in this tier."""
    sentence = _sentence(tier, read, entry, led)
    return f"{sentence}; the states conflict" if agreement == CONFLICTS else sentence


def _sentence(tier: Tier, read: Posterior, entry: Entry, led: str) -> str:
    if tier == EXACT:
        return "the text read is the entry's" + ("" if read.best == entry.text else " but for letter O and zero")
    if tier == LOOK_ALIKE:
        return f"only look-alikes differ: {_pairs(read.best, entry.text)}"
    source = "the text read" if led == read.best else f"the reader's candidate {led} ({_percent(read.chances[led])})"
    if tier == CANDIDATE:
        same = key(led) == key(entry.text)
        return f"{source} is the entry's" + ("" if same else f" but for look-alikes: {_pairs(led, entry.text)}")
    if tier == NEAR:
        return f"{source} is one character apart from the entry's: {_pairs(led, entry.text)}"
    return f"{source} fits the partial plate {entry.text}"


def _pairs(read: str, entry: str) -> str:
    found = [
        f"{d.read or 'nothing'} for {d.entry or 'nothing'}"
        for d in differences(read, entry)
        if key(d.read) != key(d.entry)
    ]
    return ", ".join(found)


def _percent(chance: float) -> str:
    return f"{100 * chance:.2g} %"
