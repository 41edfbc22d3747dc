"""The vote over the reads of one passing."""

import math
from dataclasses import replace
from datetime import datetime, timezone

import numpy as np
import pytest

from lpr.normalize import ALPHABET
from lpr.plates import Box, Candidate, Character, PlateBox, Read, Sighting, Transcript
from lpr.recognition.certainty import characters_of
from lpr.recognition.likelihood import Likelihoods
from lpr.recognition.vote import combine, sighting, vote, weigh


def transcript(*candidates: tuple[str, float]) -> Transcript:
    found = tuple(Candidate(text, p) for text, p in candidates)
    characters = characters_of(found[0].text, found)
    return Transcript(found[0].text, found[0].text, min(c.confidence for c in characters), characters, found)


def test_one_transcript_comes_out_as_it_is() -> None:
    only = transcript(("AB12", 0.6), ("A812", 0.3))
    verdict = vote([only])
    assert (verdict.text, verdict.confidence, verdict.characters, verdict.candidates, verdict.agreeing) == (
        "AB12",
        only.confidence,
        only.characters,
        only.candidates,
        (0,),
    )


def test_two_certain_reads_outvote_one_certain_misread() -> None:
    verdict = vote([transcript(("AB12", 0.9)), transcript(("A812", 0.95)), transcript(("AB12", 0.9))])
    assert verdict.text == "AB12"
    assert verdict.agreeing == (0, 2)


def test_one_certain_read_outvotes_two_doubtful_ones_that_name_it() -> None:
    doubtful = transcript(("A812", 0.41), ("AB12", 0.40))
    verdict = vote([doubtful, transcript(("AB12", 0.97)), doubtful])
    assert verdict.text == "AB12"
    assert verdict.agreeing == (1,)


def test_a_text_that_no_read_said_itself_is_a_candidate_but_not_the_text() -> None:
    # Each read has another character wrong, and all have the right text in second place.
    reads = [transcript((wrong, 0.45), ("AB12", 0.40)) for wrong in ("A812", "AB1Z", "A8I2")]
    verdict = vote(reads)
    assert verdict.text in {"A812", "AB1Z", "A8I2"}
    assert "AB12" in [c.text for c in verdict.candidates]
    assert verdict.candidates[0].text == verdict.text


def test_the_text_can_be_narrowed_down() -> None:
    reads = [transcript(("AB12", 0.9)), transcript(("A812", 0.6))]
    assert vote(reads).text == "AB12"
    verdict = vote(reads, among={"A812"})
    assert (verdict.text, verdict.agreeing, verdict.candidates[0].text) == ("A812", (1,), "A812")


def test_agreeing_reads_add_certainty_but_not_as_independent_ones() -> None:
    once = transcript(("AB12", 0.6), ("A812", 0.3))
    two, nine = vote([once] * 2).candidates[0].probability, vote([once] * 9).candidates[0].probability
    independent = 0.6**9 / (0.6**9 + 0.3**9 + 0.1**9)
    assert 0.6 < two < nine < independent


def test_probabilities_leave_room_for_what_no_read_named() -> None:
    combined = combine([[Candidate("AB12", 0.5)], [Candidate("AB12", 0.4), Candidate("A812", 0.2)]])
    assert [c.text for c in combined] == ["AB12", "A812"]
    assert 0.5 < math.fsum(c.probability for c in combined) < 1.0


def test_doubtful_reads_that_agree_make_their_text_probable_not_something_that_none_named() -> None:
    # Blurred pictures: each read leaves over more than half, but not to one and the same other text.
    doubtful = transcript(("AB12", 0.3), ("AB17", 0.05))
    verdict = vote([doubtful] * 7)
    assert verdict.text == "AB12"
    assert verdict.candidates[0].probability > 0.7
    assert verdict.candidates[0].probability <= verdict.confidence


def test_one_list_keeps_its_probabilities() -> None:
    combined = combine([[Candidate("AB12", 0.5), Candidate("A812", 0.2)]])
    assert [(c.text, c.probability) for c in combined] == [
        ("AB12", pytest.approx(0.5)),
        ("A812", pytest.approx(0.2)),
    ]


def test_ten_candidates_are_kept() -> None:
    lists = [transcript(*((f"A{i}", 0.05) for i in range(j, j + 8))) for j in (0, 8)]
    assert len(vote(lists).candidates) == 10


def seen(*places: dict[str, float], text: str, candidates: tuple[tuple[str, float], ...]) -> Transcript:
    """A read of ``text`` that saw ``places``, a blank between each two; what a place leaves over is blank as well."""
    view = np.zeros((2 * len(places), 37), np.float32)
    view[1::2, 0] = 1.0
    for row, chances in zip(view[::2], places, strict=True):
        row[0] = 1.0 - sum(chances.values())
        for character, chance in chances.items():
            row[ALPHABET.index(character) + 1] = chance
    return replace(transcript((text, 0.5), *candidates), text=text, places=(view,))


def test_what_was_seen_decides_where_the_candidates_tell_too_little() -> None:
    # Both reads saw AB12 as second best, one of them so far behind others that it is none of its candidates.
    one = seen({"A": 0.9}, {"B": 0.9}, {"1": 0.9}, {"Z": 0.5, "2": 0.4}, text="AB1Z", candidates=(("AB12", 0.3),))
    two = seen({"A": 0.9}, {"8": 0.5, "B": 0.4}, {"1": 0.9}, {"2": 0.9}, text="A812", candidates=(("A8I2", 0.001),))
    exact = vote([one, two])
    by_candidates = vote([replace(one, places=()), replace(two, places=())])
    chance = {c.text: c.probability for c in exact.candidates}
    less = {c.text: c.probability for c in by_candidates.candidates}
    assert chance["AB12"] > max(chance["AB1Z"], chance["A812"])
    assert less["AB12"] < max(less["AB1Z"], less["A812"])
    # Nobody read it itself, so that it stays a candidate.
    assert exact.text in {"AB1Z", "A812"}


def test_reads_without_places_beside_reads_with_them_are_weighed_by_their_candidates() -> None:
    one = seen({"A": 0.9}, {"1": 0.9}, text="A1", candidates=(("AI", 0.1),))
    other = transcript(("AI", 0.9))
    assert vote([one, other]) == vote([replace(one, places=()), other])


def test_what_was_reckoned_before_changes_nothing() -> None:
    reads = [
        seen({"A": 0.9}, {"1": 0.6, "I": 0.3}, text="A1", candidates=(("AI", 0.2),)),
        seen({"A": 0.7}, {"I": 0.6, "1": 0.3}, text="AI", candidates=(("A1", 0.2),)),
        seen({"A": 0.8}, {"1": 0.5, "I": 0.3}, text="A1", candidates=(("A7", 0.1),)),
    ]
    known = Likelihoods()
    for count in (2, 3):
        assert vote(reads[:count], known=known) == vote(reads[:count])


def test_exact_probabilities_are_those_of_the_formula() -> None:
    likely = np.asarray([[0.6, 0.3], [0.5, 0.0]])
    found = {c.text: c.probability for c in weigh(["AB12", "A812"], likely)}
    root = math.sqrt(2)
    first, second = (0.6 * 0.5) ** (1 / root), (0.3 * 1e-4) ** (1 / root)
    other = (0.1 * 0.5 / 30) ** (1 / root)
    total = first + second + other
    assert found == {"AB12": pytest.approx(first / total), "A812": pytest.approx(second / total)}


def test_half_a_read_counts_half() -> None:
    likely = np.asarray([[0.6, 0.3], [0.1, 0.8]])
    even = weigh(["AB12", "A812"], likely)
    assert [c.text for c in even] == ["A812", "AB12"]
    assert [c.text for c in weigh(["AB12", "A812"], likely, [1.0, 0.25])] == ["AB12", "A812"]


def test_what_is_known_beforehand_counts_once_however_many_reads_there_are() -> None:
    def factor(reads: int) -> float:
        likely = np.full((reads, 2), 0.4)
        by = {c.text: c.probability for c in weigh(["AB12", "A8I2"], likely, None, {"AB12": 5.0, "A8I2": 1.0}.get)}
        return by["AB12"] / by["A8I2"]

    assert [factor(reads) for reads in (1, 4, 24)] == [pytest.approx(5.0)] * 3


def test_equally_probable_texts_come_in_the_same_order_always() -> None:
    likely = np.full((3, 3), 0.2)
    assert [c.text for c in weigh(["B", "C", "A"], likely)] == ["A", "B", "C"]


def test_a_sighting_has_the_votes_text_and_the_best_reads_picture() -> None:
    said = transcript(("AB12", 0.9))
    taken = datetime(2024, 5, 6, tzinfo=timezone.utc)
    best = Read("clip.mp4", 7, 0.7, taken, PlateBox(Box(1, 2, 30, 40), 0.8), said)
    assert sighting(best, vote([said, said]), 2, 0.1, 0.9) == Sighting(
        source="clip.mp4",
        frame=7,
        seconds=0.7,
        taken_at=taken,
        first_seen=0.1,
        last_seen=0.9,
        reads=2,
        raw="AB12",
        text="AB12",
        confidence=1.0,
        characters=tuple(Character(c, 1.0) for c in "AB12"),
        candidates=(Candidate("AB12", vote([said, said]).candidates[0].probability),),
        box=Box(1, 2, 30, 40),
        detector_confidence=0.8,
        jurisdiction=None,
    )
