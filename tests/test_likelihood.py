"""The probability of a text in what a reader saw, held against the enumeration of every alignment."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpr.normalize import ALPHABET
from lpr.plates import Transcript
from lpr.recognition import likelihood
from lpr.recognition.ctc import beam_search
from lpr.recognition.likelihood import Likelihoods, condensed, likelihoods

USED = "0A"
#: All texts of up to four characters.
TEXTS = ["".join(text) for length in range(5) for text in itertools.product(USED, repeat=length)]


def view(seed: int, count: int, sharpness: float = 1.0) -> np.ndarray:
    """``count`` places in which the blank and the characters of USED share all probability."""
    shares = np.random.default_rng(seed).dirichlet(np.full(1 + len(USED), 1 / sharpness), count)
    places = np.zeros((count, 1 + len(ALPHABET)))
    places[:, [0, *(ALPHABET.index(c) + 1 for c in USED)]] = shares
    return places


def by_enumeration(places: np.ndarray) -> dict[str, float]:
    """Each text's probability: the sum over all paths that say it when repeats and then blanks are taken out."""
    symbols = ["", *ALPHABET]
    texts = dict.fromkeys(TEXTS, 0.0)
    for path in itertools.product([0, *(ALPHABET.index(c) + 1 for c in USED)], repeat=len(places)):
        text = "".join(symbols[symbol] for symbol, _ in itertools.groupby(path))
        if text in texts:
            texts[text] += math.prod(places[t, symbol] for t, symbol in enumerate(path))
    return texts


@given(seed=st.integers(0, 10**6), count=st.integers(1, 6), sharpness=st.sampled_from([0.5, 1.0, 10.0]))
def test_it_is_the_sum_over_all_alignments(seed: int, count: int, sharpness: float) -> None:
    places = view(seed, count, sharpness)
    found = likelihoods(TEXTS, [places])
    assert found.shape == (1, len(TEXTS))
    assert dict(zip(TEXTS, found[0].tolist(), strict=True)) == pytest.approx(by_enumeration(places), abs=1e-12)


def test_a_doubled_character_needs_a_blank_between() -> None:
    places = np.zeros((3, 37))
    places[:, ALPHABET.index("A") + 1] = 1.0
    assert likelihoods(["", "A", "AA"], [places]).tolist() == [[0.0, 1.0, 0.0]]
    places[1] = 0.0
    places[1, 0] = 1.0
    assert likelihoods(["", "A", "AA"], [places]).tolist() == [[0.0, 0.0, 1.0]]


def test_nothing_is_written_where_every_place_is_blank() -> None:
    places = view(1, 4)
    assert likelihoods([""], [places])[0, 0] == pytest.approx(math.prod(places[:, 0]))
    assert likelihoods([], [places]).shape == (1, 0)
    assert likelihoods(["A"], []).shape == (0, 1)


def test_a_text_longer_than_there_are_places_or_of_unknown_characters_is_impossible() -> None:
    assert likelihoods(["0A0A", "AÄ", "a"], [view(2, 3)]).tolist() == [[0.0, 0.0, 0.0]]


def test_views_of_different_length_and_texts_of_different_length_do_not_disturb_each_other() -> None:
    views = [view(3, 6), view(4, 2), view(5, 4)]
    together = likelihoods(TEXTS, views)
    for row, alone in zip(together, views, strict=True):
        for value, text in zip(row, TEXTS, strict=True):
            assert value == pytest.approx(likelihoods([text], [alone])[0, 0], abs=1e-15)


def test_it_agrees_with_the_search_for_texts() -> None:
    places = view(6, 12, sharpness=4.0)
    texts, probabilities = zip(*beam_search(places, beam=500)[:10], strict=True)
    # The search leaves out what is less than one part in a thousand in a place.
    assert likelihoods(texts, [places])[0].tolist() == pytest.approx(list(probabilities), abs=0.01)


def test_condensed_keeps_what_is_written_and_one_of_many_blanks() -> None:
    places = np.zeros((60, 37))
    places[:, 0] = 1.0
    for place, character, chance in ((9, "A", 0.9), (10, "A", 0.8), (20, "A", 0.7), (40, "0", 0.6)):
        places[place, 0] = 1.0 - chance
        places[place, ALPHABET.index(character) + 1] = chance
    kept = condensed(places)
    assert (kept.shape, kept.dtype) == ((8, 37), np.float32)
    texts = ["AA0", "A0", "AA", "", "AAA0"]
    assert likelihoods(texts, [kept])[0].tolist() == pytest.approx(likelihoods(texts, [places])[0].tolist(), abs=1e-6)


def test_condensed_keeps_all_of_a_plate_that_is_doubtful_everywhere() -> None:
    places = view(7, 20)
    assert condensed(places).tolist() == places.astype(np.float32).tolist()


def transcript(*views: np.ndarray) -> Transcript:
    return Transcript("A", "A", 0.5, (), (), places=views)


def test_several_views_are_one_observation(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = transcript(view(8, 5)), transcript(view(9, 5), view(10, 4))
    known = Likelihoods()
    found = known.of([one, two], ["A", "0"])
    assert found[0].tolist() == likelihoods(["A", "0"], one.places)[0].tolist()
    assert found[1].tolist() == likelihoods(["A", "0"], two.places).mean(axis=0).tolist()


def test_nothing_is_reckoned_twice_and_what_is_gone_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[tuple[str, ...], int]] = []

    def noting(texts: tuple[str, ...], places: list[np.ndarray]) -> np.ndarray:
        asked.append((texts, len(places)))
        return likelihoods(texts, places)

    monkeypatch.setattr(likelihood, "likelihoods", noting)
    # Equal as transcripts, but not seen the same way: each must keep its own figures.
    one, two, three = (transcript(view(seed, 5)) for seed in (11, 12, 13))
    assert one == two == three
    known = Likelihoods()
    first = known.of([one, two], ["A", "0"])
    again = known.of([one, two, three], ["0", "AA"])
    assert asked == [(("A", "0"), 2), (("AA",), 2), (("0", "AA"), 1)]
    assert again[:2, 0].tolist() == first[:, 1].tolist()
    assert again[2].tolist() == likelihoods(["0", "AA"], three.places)[0].tolist()
    known.of([three], ["0"])
    known.of([one], ["0"])
    assert asked[3:] == [(("0",), 1)]
