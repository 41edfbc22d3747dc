"""How probable it is that a plate says a given text, in the light of one read: the score of every hit.

The reader gives its candidates with probabilities; texts that differ only in letter O and zero are added up. On
labelled photos these hold: candidates of 20 % are right in one case of five, and the plate says none of them as often
as they leave of 1 (``python -m lpr.training.confusions`` shows it). So a text's score is the sum of:

* *What the reader says of it*: the probability of the candidate that is this text.
* *The rest.* What the candidates leave of 1 goes to texts that have one error against the best one, as often as the
  table of confusions says (``single``; what has more errors is not looked for). It goes to the places where the reader
  is in doubt, as far as no candidate explains the doubt, spread over other characters by the table. What the doubts of
  the characters do not account for is a character that was not read, most likely where candidates have one more.
* *Errors that nothing tells of.* A candidate's character c is in truth d with the probability ``truth[c][d]`` of the
  table, of which the share ``unsuspected`` counts: the others show in the candidates or in the rest. A text without
  candidates shows nothing, and all of it counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

from lpr.hotlist.alignment import against, one_gap
from lpr.hotlist.confusion import FOLDED, Confusions
from lpr.normalize import ALPHABET, key, look_alike_key, normalize
from lpr.plates import Candidate, Character

#: Doubt that the candidates explain still counts this much: they explain it by one character, it may be another.
_EXPLAINED = 0.1
#: Share of the doubt between characters that lies in other gaps than those that the candidates tell of.
_ELSEWHERE = 0.2
#: The class of look-alikes of each character.
_CLASSES = {c: look_alike_key(c) for c in ALPHABET}

#: A candidate's probability, the gap in which it has a character more, the places of the best text where it differs.
_Other = tuple[float, "int | None", list[int]]


class Posterior:
    """The probabilities of texts in the light of one read.

    ``best`` is its normalized text, ``chances`` has the candidates' probabilities, with ``best`` first; candidates that
    differ only in O and 0 stand under the likeliest of them. A best text that the candidates leave out gets what they
    leave of 1. ``characters`` tell where the reader is in doubt; without them, or when they are not those of the
    text, it is so everywhere alike.
    """

    def __init__(
        self,
        text: str,
        candidates: Sequence[Candidate],
        characters: Sequence[Character],
        confusions: Confusions,
    ) -> None:
        self.best = normalize(text)
        self.chances = _chances(self.best, candidates)
        self._confusions = confusions
        self._blind = confusions.unsuspected if candidates else 1.0
        rest = max(0.0, 1.0 - sum(self.chances.values()))
        others = [
            (chance, *against(text, self.best))
            for text, chance in self.chances.items()
            if text != self.best and abs(len(text) - len(self.best)) <= 1
        ]
        doubts = self._doubts(characters, others)
        # What the characters' doubts do not account for is where no character was read.
        whole = max(sum(doubts), rest)
        between = max(0.0, rest - sum(doubts))
        share = rest * confusions.single / whole if whole else 0.0
        self._rests = [share * doubt for doubt in doubts]
        self._gap_rests = [share * between * part for part in self._between(others)]
        missed = sum(confusions.missed.values())
        self._unread = {d: confusions.missed[d] / missed for d in FOLDED}

    def _doubts(self, characters: Sequence[Character], others: Sequence[_Other]) -> list[float]:
        """Per place of the best text how much doubt the other candidates leave unexplained."""
        doubts = [1.0 - character.confidence for character in characters]
        if len(doubts) != len(self.best) or sum(doubts) <= 0.0:
            return [1.0] * len(self.best)
        left = list(doubts)
        for chance, _, places in others:
            for i in places:
                left[i] -= chance
        return [max(unexplained, _EXPLAINED * doubt) for unexplained, doubt in zip(left, doubts, strict=True)]

    def _between(self, others: Sequence[_Other]) -> list[float]:
        """Per gap of the best text, the ends included, the share that it has of the doubt between characters.

        Candidates that have one character more than the best text tell at which gap the reader doubts.
        """
        gaps = len(self.best) + 1
        told = [0.0] * gaps
        for chance, at, _ in others:
            if at is not None:
                told[at] += chance
        whole = sum(told)
        if whole <= 0.0:
            return [1.0 / gaps] * gaps
        return [(1.0 - _ELSEWHERE) * chance / whole + _ELSEWHERE / gaps for chance in told]

    def score(self, entry: str) -> tuple[float, str]:
        """The probability that the plate says ``entry`` (normalized), and the candidate that says so loudest."""
        total, loudest, led = 0.0, -1.0, self.best
        target = key(entry)
        for text, chance in self.chances.items():
            told = chance * self._channel(key(text), target)
            if text == self.best:
                told += self._residual(key(text), target)
            total += told
            if told > loudest:
                loudest, led = told, text
        return min(1.0, total), led

    def told(self, candidate: str, pairs: Sequence[tuple[str, str]]) -> float:
        """Probability that the plate says a candidate of which some characters only are compared, (read, entry)."""
        return self.chances[candidate] * prod(self._likeness(key(c), key(d)) for c, d in pairs)

    def neighbours(self, least: float) -> dict[str, str]:
        """Texts (O as 0) one substitution, insertion or deletion from a candidate, with that candidate.

        Look-alikes are left out: the look-alike key finds them all.
        Only those whose probability, taken in the direction in which the error happens more often, is ``least`` or
        more: that makes it the same whether a is read and b listed or b read and a listed.
        """
        found: dict[str, str] = {}
        for text, chance in self.chances.items():
            if text != self.best and chance * self._blind * self._confusions.most < least:
                continue
            for neighbour in self._around(key(text), chance * self._blind, least, text == self.best):
                found.setdefault(neighbour, text)
        return found

    def _around(self, text: str, chance: float, least: float, is_best: bool) -> Iterator[str]:
        confusions = self._confusions
        rests = self._rests if is_best else [0.0] * len(text)
        share = self._share_of_gaps(text) if is_best else 0.0
        for i, (c, rest) in enumerate(zip(text, rests, strict=True)):
            before, after = text[:i], text[i + 1 :]
            weight = chance + rest * (1.0 - confusions.gaps) / (1.0 - confusions.truth[c][c])
            floor = least / weight if weight > 0.0 else 2.0
            alike = _CLASSES[c]
            for d, doubt in confusions.likely[c]:
                if doubt < floor:
                    break
                if _CLASSES[d] != alike:
                    yield before + d + after
            # Of a run of equal characters, leaving out the first is leaving out any.
            likely = chance * confusions.gap[c] + rest * share * confusions.come(c) >= least
            if likely and len(text) > 1 and before[-1:] != c:
                yield before + after
        most_gap, most_lost = next(iter(confusions.gap.values())), max(confusions.missed.values()) / len(ALPHABET)
        most_unread = max(self._unread.values())
        for i in range(len(text) + 1):
            rest = share * self._beside(rests, i)
            unread = self._gap_rests[i] if is_best else 0.0
            run = self._gap_rest(text, i, text[i]) if unread and i < len(text) else unread
            if chance * most_gap + rest * most_lost + run * most_unread < least:
                continue
            for d, gap in confusions.gap.items():
                if text[i - 1 : i] == d:
                    continue  # before its equal is beside it
                told = run if text[i : i + 1] == d else unread
                if chance * gap + rest * confusions.lost(d) + told * self._unread[d] >= least:
                    yield text[:i] + d + text[i:]

    def _share_of_gaps(self, text: str) -> float:
        """What makes the table's figures of characters that came or went shares of the rest, over all places."""
        confusions = self._confusions
        come = sum(confusions.come(c) for c in text) / len(text)
        lost = sum(confusions.lost(d) for d in FOLDED) * (1 + 1 / len(text))
        return confusions.gaps / (come + lost)

    @staticmethod
    def _beside(rests: Sequence[float], i: int) -> float:
        """The rest of a place between two characters: of the one that is more in doubt."""
        return max(rests[max(0, i - 1) : i + 1])

    def _likeness(self, c: str, d: str) -> float:
        """Probability that what was read as c is d, relative to its being c: the candidate's own is taken as it is."""
        if c == d:
            return 1.0
        row = self._confusions.truth[c]
        return self._blind * row[d] / row[c]

    def _channel(self, read: str, entry: str) -> float:
        """Probability that a plate which this candidate tells of says the entry's text, by blind errors alone."""
        if len(read) == len(entry):
            return prod(self._likeness(c, d) for c, d in zip(read, entry, strict=True) if c != d)
        gap = one_gap(read, entry)
        if gap is None:
            return 0.0
        return self._blind * self._gap(read, entry, gap)

    def _residual(self, read: str, entry: str) -> float:
        """What the entry's text gets of the rest."""
        if len(read) == len(entry):
            places = [i for i, (c, d) in enumerate(zip(read, entry, strict=True)) if c != d]
            if len(places) != 1:
                return 0.0
            i = places[0]
            row = self._confusions.truth[read[i]]
            return self._rests[i] * (1.0 - self._confusions.gaps) * row[entry[i]] / (1.0 - row[read[i]])
        gap = one_gap(read, entry)
        if gap is None:
            return 0.0
        rest = self._rests[gap] if len(read) > len(entry) else self._beside(self._rests, gap)
        unread = 0.0 if len(read) > len(entry) else self._gap_rest(read, gap, entry[gap]) * self._unread[entry[gap]]
        return rest * self._share_of_gaps(read) * self._gap(read, entry, gap) + unread

    def _gap_rest(self, read: str, gap: int, unread: str) -> float:
        """The rest of a gap into which a character goes; beside its equals, of the gaps around them as well."""
        first = last = gap
        while first and read[first - 1] == unread:
            first -= 1
        while read[last : last + 1] == unread:
            last += 1
        return sum(self._gap_rests[first : last + 1])

    def _gap(self, read: str, entry: str, at: int) -> float:
        return self._confusions.come(read[at]) if len(read) > len(entry) else self._confusions.lost(entry[at])


def _chances(best: str, candidates: Sequence[Candidate]) -> dict[str, float]:
    weighed = [(normalize(c.text), c.probability) for c in candidates]
    if all(key(text) != key(best) for text, _ in weighed):
        weighed.append((best, max(0.0, 1.0 - sum(p for _, p in weighed))))
    names: dict[str, str] = {key(best): best}
    chances: dict[str, float] = {best: 0.0}
    for text, probability in sorted(weighed, key=lambda pair: -pair[1]):
        if text:
            name = names.setdefault(key(text), text)
            chances[name] = chances.get(name, 0.0) + probability
    return chances
