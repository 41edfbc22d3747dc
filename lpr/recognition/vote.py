"""The vote: one text out of all reads of one passing vehicle.

Every read brings not only its best text but its candidates with probabilities. Their logarithms are added, as for
independent witnesses, and divided by √n: frames of one passing are not independent, the same dirt is on the plate in
each. What a read does not name is not impossible to it: a text of the same length gets what the read's distributions
over the characters of each place make of it, another one a part of what the read left over.

That is quick and good enough for a short list. Where the reads bring what they saw in each place, the texts of the
short list are then weighed exactly: by the sum over all alignments of each with each read, in the same sum.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lpr.plates import Candidate, Character, Read, Sighting, Transcript
from lpr.recognition.certainty import characters_of
from lpr.recognition.likelihood import Likelihoods

#: Candidates kept.
CANDIDATES = 10
# What a text that a read does not name gets of the least that it does name; no read alone makes a text impossible.
_UNNAMED_SHARE, _LEAST = 0.1, 1e-4
# The least that a character which none of a read's candidates has in a place gets there.
_CHARACTER = 0.003
# Texts over which what a read leaves over is spread: that two reads leave much over does not say that it is the same.
# Fewer of them where reads are weighed exactly: what is left over there is not for want of candidates.
_OTHER_TEXTS, _OTHER_TEXTS_EXACTLY = 100, 30
# Texts weighed exactly, beside those that a read said itself.
_SHORT_LIST = 16


@dataclass(frozen=True)
class Verdict:
    """What the reads of one passing say together. ``agreeing`` are those whose own best text is ``text``."""

    text: str
    confidence: float
    characters: tuple[Character, ...]
    candidates: tuple[Candidate, ...]
    agreeing: tuple[int, ...]


def vote(
    transcripts: Sequence[Transcript],
    among: Container[str] | None = None,
    weights: Sequence[float] | None = None,
    favour: Callable[[str], float] | None = None,
    known: Likelihoods | None = None,
) -> Verdict:
    """The verdict over ``transcripts`` (at least one, none of them empty).

    ``text`` is the most probable among those that at least one read said itself: a text that nobody read has no
    picture to show. ``among``, which holds at least one of those, narrows them down further. ``weights``, up
    to 1 each, say how much each transcript counts, by default all the same. One transcript alone comes out as it is.

    When all transcripts have ``places``, those decide. Then ``favour`` says how many times as probable as another one
    a text is beforehand; ``known`` remembers what was reckoned, for who votes again with one read more.
    """
    if len(transcripts) == 1:
        only = transcripts[0]
        return Verdict(only.text, only.confidence, only.characters, only.candidates, (0,))
    combined = combine([t.candidates for t in transcripts], weights)
    if all(t.places for t in transcripts):
        texts = dict.fromkeys([c.text for c in combined[:_SHORT_LIST]] + sorted(t.text for t in transcripts))
        likely = (known if known is not None else Likelihoods()).of(transcripts, list(texts))
        combined = weigh(list(texts), likely, weights, favour)
    said = {t.text for t in transcripts if among is None or t.text in among}
    text = next(c.text for c in combined if c.text in said)
    # The agreed text comes first, as in every list of candidates, even where a text that nobody read scores higher.
    ranked = [c for c in combined if c.text == text] + [c for c in combined if c.text != text]
    characters = characters_of(text, ranked)
    agreeing = tuple(i for i, t in enumerate(transcripts) if t.text == text)
    return Verdict(text, min(c.confidence for c in characters), characters, tuple(ranked[:CANDIDATES]), agreeing)


def weigh(
    texts: Sequence[str],
    likely: np.ndarray,
    weights: Sequence[float] | None = None,
    favour: Callable[[str], float] | None = None,
) -> list[Candidate]:
    """``texts`` with their probabilities in the light of all reads, best first.

    ``likely`` is reads × texts: the probability of each text to each read. ``weights``, up to 1 each, say how much
    each read counts; ``favour`` how many times as probable as another one a text is beforehand. As with ``combine``
    the probabilities' sum is less than 1.
    """
    shares = np.ones(len(likely)) if weights is None else np.asarray(weights, np.float64)
    left = 1.0 - likely.sum(axis=1)
    scores = shares @ np.log(np.maximum(likely, _LEAST))
    count = max(1.0, float(shares.sum()))
    other = float(shares @ np.log(np.maximum(left, _LEAST))) - (count - 1.0) * math.log(_OTHER_TEXTS_EXACTLY)
    # What is known beforehand is known once, however many reads there are.
    chances = scores / math.sqrt(count)
    if favour is not None:
        chances += np.log([favour(text) for text in texts])
    other /= math.sqrt(count)
    highest = max(other, float(chances.max()))
    shared = np.exp(chances - highest)
    total = float(shared.sum()) + math.exp(other - highest)
    ranked = sorted(zip(texts, (shared / total).tolist(), strict=True), key=lambda item: (-item[1], item[0]))
    return [Candidate(text, chance) for text, chance in ranked]


def combine(lists: Sequence[Sequence[Candidate]], weights: Sequence[float] | None = None) -> list[Candidate]:
    """All texts that any list names, with their probabilities in the light of all lists, best first.

    ``weights``, up to 1 each, say how much each list counts: a list of weight 1/2 is half a witness. The
    probabilities' sum is less than 1: something else may be true, as each list says by its own sum.
    """
    named = [{c.text: c.probability for c in candidates if c.text} for candidates in lists]
    texts = sorted(set().union(*named))
    scores = dict.fromkeys(texts, 0.0)
    other = 0.0
    shares = [1.0] * len(lists) if weights is None else list(weights)
    for probabilities, share in zip(named, shares, strict=True):
        left = max(0.0, 1.0 - math.fsum(probabilities.values()))
        least = min(left, min(probabilities.values(), default=left))
        unnamed = max(_LEAST, _UNNAMED_SHARE * least)
        places = _places(probabilities)
        other += share * math.log(max(_LEAST, left))
        for text in texts:
            probability = probabilities.get(text)
            if probability is None:
                by_place = _by_place(text, places)
                probability = unnamed if by_place is None else min(least, by_place)
            scores[text] += share * math.log(max(_LEAST, probability))
    other -= max(0.0, math.fsum(shares) - 1.0) * math.log(_OTHER_TEXTS)
    root = math.sqrt(max(1.0, math.fsum(shares)))
    highest = max([other, *scores.values()])
    chances = {text: math.exp((score - highest) / root) for text, score in scores.items()}
    total = math.fsum(chances.values()) + math.exp((other - highest) / root)
    ranked = sorted(chances.items(), key=lambda item: (-item[1], item[0]))
    return [Candidate(text, chance / total) for text, chance in ranked]


def _places(probabilities: Mapping[str, float]) -> list[dict[str, float]]:
    """For each place of a read's best text the probabilities of the characters there, by its candidates of that length.

    Candidates of another length say nothing about places: which characters they share is one alignment of many.
    """
    best = max(probabilities, key=probabilities.__getitem__, default="")
    places: list[dict[str, float]] = [{} for _ in best]
    for text, probability in probabilities.items():
        if len(text) == len(best):
            for place, character in zip(places, text, strict=True):
                place[character] = place.get(character, 0.0) + probability
    return places


def _by_place(text: str, places: Sequence[Mapping[str, float]]) -> float | None:
    """The probability of ``text`` as the product over ``places``; None when it has another number of them."""
    if len(text) != len(places):
        return None
    total = math.fsum(places[0].values()) if places else 0.0
    if total <= 0.0:
        return None
    # What the candidates leave over may be any character anywhere.
    floor = max(_CHARACTER, _UNNAMED_SHARE * (1.0 - min(1.0, total)))
    product = total
    for place, character in zip(places, text, strict=True):
        product *= max(place.get(character, 0.0) / total, floor)
    return product


def sighting(best: Read, verdict: Verdict, reads: int, first_seen: float | None, last_seen: float | None) -> Sighting:
    """The verdict as a Sighting; ``reads`` agreed on it, and its picture's fields are those of the read ``best``."""
    return Sighting(
        source=best.source,
        frame=best.frame,
        seconds=best.seconds,
        taken_at=best.taken_at,
        first_seen=first_seen,
        last_seen=last_seen,
        reads=reads,
        raw=best.transcript.raw,
        text=verdict.text,
        confidence=verdict.confidence,
        characters=verdict.characters,
        candidates=verdict.candidates,
        box=best.plate.box,
        detector_confidence=best.plate.confidence,
        jurisdiction=best.transcript.jurisdiction,
    )
