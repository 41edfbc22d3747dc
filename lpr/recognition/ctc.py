"""CTC: from a network's figures for each place to the texts that they may mean, with their probabilities.

A text's probability is the sum over all its alignments: all ways to spread its characters, repeats and blanks over
the places (Graves and others, 2006). Prefix beam search (Hannun and others, 2014) finds the probable texts.
"""

from __future__ import annotations

import math

import numpy as np

from lpr.normalize import ALPHABET
from lpr.plates import Candidate, Transcript
from lpr.recognition.certainty import characters_of
from lpr.recognition.likelihood import CERTAIN_BLANK, condensed

#: Logits are divided by this before they become probabilities, so that these are as right as they say.
TEMPERATURE = 0.95
#: Texts followed from place to place.
BEAM = 32
#: A text this much less probable than the best so far is not followed.
NEGLIGIBLE = 1e-6
#: Texts given.
CANDIDATES = 10
#: Characters less probable than this in a place are not followed there.
LEAST = 1e-3
#: Characters followed per place, and characters of a text: a picture of no plate, with everything possible everywhere,
#: must not take longer than one of a plate. The longest plates in use have 12 characters.
LIKELY, LONGEST = 8, 16


def decode(logits: np.ndarray, temperature: float = TEMPERATURE) -> Transcript:
    """The Transcript of one plate's ``logits`` (places × 37, float; class 0 is the blank, then ALPHABET).

    Probabilities are among all texts, not among the ten; their sum is less than 1. A text that is empty has no
    characters, and as its confidence the probability that nothing is written here.
    """
    places = probabilities(logits, temperature)
    texts = beam_search(places)
    best, probability = texts[0]
    if not best:
        empty = tuple(Candidate(text, p) for text, p in texts[:CANDIDATES])
        return Transcript("", "", probability, (), empty)
    written = [Candidate(text, p) for text, p in texts if text]
    characters = characters_of(best, written)
    confidence = min(c.confidence for c in characters)
    # What the network says is of A–Z and 0–9 alone: normalized already.
    seen = (condensed(places),)
    return Transcript(best, best, confidence, characters, tuple(written[:CANDIDATES]), places=seen)


def probabilities(logits: np.ndarray, temperature: float = TEMPERATURE) -> np.ndarray:
    """``logits`` (places × classes) as probabilities per place, float64."""
    scaled = logits.astype(np.float64) / temperature
    scaled = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    answer: np.ndarray = scaled / scaled.sum(axis=1, keepdims=True)
    return answer


def beam_search(places: np.ndarray, beam: int = BEAM) -> list[tuple[str, float]]:
    """The most probable texts with their probabilities, best first, of ``places`` (places × 37, probabilities).

    At most ``beam`` texts; equally probable ones in alphabetical order, so that the answer is always the same.
    """
    # Text → probability of all alignments so far that end in a blank, and of those that end in its last character.
    texts: dict[str, tuple[float, float]] = {"": (1.0, 0.0)}
    certain = (places[:, 0] >= CERTAIN_BLANK).tolist()
    for place, skip in zip(places, certain, strict=True):
        blank = float(place[0])
        if skip:
            texts = {text: ((ends_blank + ends_same) * blank, 0.0) for text, (ends_blank, ends_same) in texts.items()}
        else:
            order = np.argsort(-place[1:], kind="stable")[:LIKELY].tolist()
            likely = [(ALPHABET[i], p) for i in order if (p := float(place[i + 1])) >= LEAST]
            texts = _step(texts, blank, likely)
            least = NEGLIGIBLE * max(map(sum, texts.values()))
            likely_texts = [item for item in texts.items() if sum(item[1]) >= least]
            texts = dict(sorted(likely_texts, key=_by_probability)[:beam])
    ranked = sorted(texts.items(), key=_by_probability)
    return [(text, math.fsum(ends)) for text, ends in ranked]


def _step(
    texts: dict[str, tuple[float, float]], blank: float, likely: list[tuple[str, float]]
) -> dict[str, tuple[float, float]]:
    """All texts after one more place, in which the characters ``likely`` may stand."""
    longer: dict[str, tuple[float, float]] = {}
    lookup = dict(likely)
    for text, (ends_blank, ends_same) in texts.items():
        total = ends_blank + ends_same
        last = text[-1:]
        before_blank, before_same = longer.get(text, (0.0, 0.0))
        # The blank, or the last character once more, leave the text as it is.
        longer[text] = before_blank + total * blank, before_same + ends_same * lookup.get(last, 0.0)
        if len(text) == LONGEST:
            continue
        for character, p in likely:
            # The same character again is a second one only after a blank.
            grown = (ends_blank if character == last else total) * p
            if grown > 0.0:
                key = text + character
                before_blank, before_same = longer.get(key, (0.0, 0.0))
                longer[key] = before_blank, before_same + grown
    return longer


def _by_probability(item: tuple[str, tuple[float, float]]) -> tuple[float, str]:
    text, (ends_blank, ends_same) = item
    return -(ends_blank + ends_same), text
