"""Serial formats as soft evidence: candidates that have a region's form become more probable than they were."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from lpr.plates import Candidate, Transcript
from lpr.recognition.certainty import characters_of
from lpr.recognition.region_table import parse_regions, regions
from lpr.recognition.settings import Settings


def narrowed(settings: Settings, written: str) -> Settings:
    """``settings`` under which only the formats of the regions in ``written`` (``us-al,us-ga``) count.

    Raises RegionError for a region that the tables do not have.
    """
    return replace(settings, regions=parse_regions(written))


def has_format(text: str, codes: Sequence[str]) -> bool:
    """Whether ``text`` has a serial format of the regions ``codes``, or of any, when there are none."""
    return _has_format(text, tuple(codes))


@functools.lru_cache(maxsize=4096)
def _has_format(text: str, codes: tuple[str, ...]) -> bool:
    table = regions()
    return any(table[code].fits(text) for code in codes or table)


def format_factor(settings: Settings) -> Callable[[str], float]:
    """How many times as probable as one in no format a text is beforehand, as ``settings`` say."""
    codes, margin = settings.regions, settings.region_margin
    return lambda text: margin if has_format(text, codes) else 1.0


def favour_formats(transcript: Transcript, codes: Sequence[str], margin: float) -> Transcript:
    """``transcript`` with a candidate in front that has a form of the regions ``codes`` (of any, when there are none).

    Such a candidate counts as ``margin`` times as probable as one in no form (a Bayes factor), so only where the best
    candidate has none and is less than ``margin`` times as probable does anything change: then all candidates are
    weighed anew, their sum staying what it was. ``raw`` remains what the reader said; ``text`` and the characters'
    confidences follow the candidates.
    """
    if margin <= 1.0 or not transcript.text or not transcript.candidates:
        return transcript
    fitting = [has_format(candidate.text, codes) for candidate in transcript.candidates]
    if fitting[0] or not any(fitting):
        return transcript
    before = math.fsum(c.probability for c in transcript.candidates)
    weights = [
        c.probability * (margin if fits else 1.0) for c, fits in zip(transcript.candidates, fitting, strict=True)
    ]
    scale = before / math.fsum(weights) if before > 0.0 else 1.0
    weighed = [Candidate(c.text, weight * scale) for c, weight in zip(transcript.candidates, weights, strict=True)]
    ranked = tuple(sorted(weighed, key=lambda c: -c.probability))
    if ranked[0].text == transcript.candidates[0].text:
        return transcript  # the reader is sure enough
    characters = characters_of(ranked[0].text, ranked)
    return replace(
        transcript,
        text=ranked[0].text,
        confidence=min(c.confidence for c in characters),
        characters=characters,
        candidates=ranked,
    )
