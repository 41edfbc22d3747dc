"""How probable a text is in the light of what a reader saw in each place: the sum over all its alignments, exactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lpr.normalize import ALPHABET
from lpr.plates import Transcript

#: Places where the blank is at least this probable hold no character; what little they may hold is left out.
CERTAIN_BLANK = 0.999

_CLASS = {character: number for number, character in enumerate(ALPHABET, 1)}
# The class of what the reader does not know: probable nowhere.
_UNKNOWN = 1 + len(ALPHABET)


class Likelihoods:
    """How probable texts are to each of several reads, reckoned once: reads and texts come again with every vote."""

    def __init__(self) -> None:
        # By the transcript's identity, for equal texts may have been seen differently; it is kept so that its
        # identity is nobody else's.
        self._known: dict[int, tuple[Transcript, dict[str, float]]] = {}

    def of(self, transcripts: Sequence[Transcript], texts: Sequence[str]) -> np.ndarray:
        """The probability of each of ``texts`` to each of ``transcripts``, all of which have ``places``.

        len(transcripts) × len(texts), float64. A transcript's several views are one observation, seen in several
        ways: a text's probability is its mean over them. Transcripts that are not asked for any more are forgotten.
        """
        self._known = {id(t): self._known.get(id(t), (t, {})) for t in transcripts}
        # All reads of before lack the same texts, and new ones all: there are two groups at most, as a rule.
        lacking: dict[tuple[str, ...], list[Transcript]] = {}
        for transcript in transcripts:
            known = self._known[id(transcript)][1]
            missing = tuple(text for text in texts if text not in known)
            if missing:
                lacking.setdefault(missing, []).append(transcript)
        for missing, those in lacking.items():
            views = likelihoods(missing, [place for transcript in those for place in transcript.places])
            begin = 0
            for transcript in those:
                end = begin + len(transcript.places)
                means = views[begin:end].mean(axis=0).tolist()
                self._known[id(transcript)][1].update(zip(missing, means, strict=True))
                begin = end
        rows = [[self._known[id(transcript)][1][text] for text in texts] for transcript in transcripts]
        return np.asarray(rows, np.float64).reshape(len(transcripts), len(texts))


def likelihoods(texts: Sequence[str], places: Sequence[np.ndarray]) -> np.ndarray:
    """The probability of each of ``texts`` (A–Z and 0–9) in each of ``places``: len(places) × len(texts), float64.

    Each of ``places`` is one view of one plate, some number of places × 37, probabilities, class 0 the blank, then
    ALPHABET. The sum over all alignments (Graves and others, 2006, equations 6 to 8), in float64 and without
    logarithms: a text that a view excludes may come out as 0.
    """
    if not texts or not places:
        return np.zeros((len(places), len(texts)))
    longest = max(map(len, texts))
    # Blanks before, between and after the characters; shorter texts are filled up with blanks, which lead nowhere.
    signs = np.zeros((len(texts), 2 * longest + 1), np.intp)
    for row, text in zip(signs, texts, strict=True):
        row[1 : 2 * len(text) : 2] = [_CLASS.get(character, _UNKNOWN) for character in text]
    # From a character to the next one, when it is another, the blank between them may be left out.
    skips = np.zeros(signs.shape)
    skips[:, 3::2] = signs[:, 3::2] != signs[:, 1:-2:2]
    # Views of fewer places go on with blanks, which change no text.
    seen = np.zeros((max(map(len, places)), len(places), _UNKNOWN + 1))
    seen[:, :, 0] = 1.0
    for number, view in enumerate(places):
        seen[: len(view), number, :-1] = view
    # The probability of all paths so far that end at each sign; before the first place all stand at the first blank.
    paths = np.zeros((len(places), *signs.shape))
    paths[:, :, 0] = 1.0
    skipped, written = np.empty_like(paths[:, :, 2:]), np.empty_like(paths)
    for place in seen:
        np.multiply(paths[:, :, :-2], skips[:, 2:], out=skipped)
        paths[:, :, 1:] += paths[:, :, :-1].copy()
        paths[:, :, 2:] += skipped
        paths *= np.take(place, signs, axis=1, out=written, mode="clip")
    ends = np.asarray([2 * len(text) for text in texts])
    every = np.arange(len(texts))
    # In the last character, or in a blank after it; the empty text has the blank alone.
    before = np.where(ends > 0, paths[:, every, np.maximum(ends - 1, 0)], 0.0)
    answer: np.ndarray = paths[:, every, ends] + before
    return answer


def condensed(places: np.ndarray) -> np.ndarray:
    """``places`` (n × 37, probabilities) with the first of each run of certain blanks alone: what is kept of a read.

    Float32. Most places of a plate are such blanks, and one between two characters says the same as several do.
    """
    certain = places[:, 0] >= CERTAIN_BLANK
    again = certain[1:] & certain[:-1]
    return places[np.flatnonzero(np.concatenate(([True], ~again)))].astype(np.float32)
