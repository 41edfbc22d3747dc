"""Characters of two texts that agree, and what that makes of their certainty."""

import pytest

from lpr.plates import Candidate, Character
from lpr.recognition.certainty import agreeing_positions, characters_of, distance


@pytest.mark.parametrize(
    ("text", "other", "expected"),
    [
        ("AB12", "AB12", [0, 1, 2, 3]),
        ("AB12", "A812", [0, 2, 3]),  # substituted
        ("AB12", "AB2", [0, 1, 3]),  # missing
        ("AB12", "AB112", [0, 2, 3]),  # one too many
        ("AB12", "AB123", [0, 1, 2]),  # one too many behind
        ("AB12", "XAB12", [1, 2, 3]),  # one too many in front
        ("ABCD", "XABC", [1, 2]),  # the same length, but moved
        ("AB12", "", []),
        ("AB", "12", []),
    ],
)
def test_positions_are_confirmed_by_the_shortest_edit(text: str, other: str, expected: list[int]) -> None:
    assert agreeing_positions(text, other) == expected


@pytest.mark.parametrize(
    ("text", "other", "expected"),
    [("", "", 0), ("AB12", "AB12", 0), ("AB12", "A812", 1), ("AB12", "AB2", 1), ("", "AB", 2), ("ABCD", "XABC", 2)],
)
def test_distance_counts_edits(text: str, other: str, expected: int) -> None:
    assert distance(text, other) == expected
    assert distance(other, text) == expected


def test_a_characters_confidence_is_the_share_of_probability_that_agrees_with_it() -> None:
    candidates = [Candidate("AB1", 0.4), Candidate("A81", 0.2), Candidate("AB", 0.2)]
    found = characters_of("AB1", candidates)
    assert "".join(c.character for c in found) == "AB1"
    assert [c.confidence for c in found] == pytest.approx([1.0, 0.75, 0.75])


def test_a_text_that_may_lack_a_character_is_not_certain() -> None:
    # All three say JTV60; one half of their probability says that more stands behind it, a third that more is in front.
    candidates = [Candidate("JTV60", 0.1), Candidate("JTV601", 0.3), Candidate("1JTV60", 0.2)]
    found = characters_of("JTV60", candidates)
    assert [c.confidence for c in found] == pytest.approx([2 / 3, 1.0, 1.0, 1.0, 0.5])


def test_candidates_without_probability_give_no_confidence() -> None:
    assert characters_of("A", [Candidate("A", 0.0)]) == (Character("A", 0.0),)
