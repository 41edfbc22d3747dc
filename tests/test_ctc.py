"""CTC decoding, held against the enumeration of every alignment."""

import itertools
import math
import time

import numpy as np
import pytest

from lpr.normalize import ALPHABET
from lpr.recognition.ctc import BEAM, LONGEST, beam_search, decode, probabilities

USED = "0AB"


def places_of(seed: int, count: int, sharpness: float) -> np.ndarray:
    """``count`` places in which the blank and the characters of USED share all probability."""
    figures = np.random.default_rng(seed).normal(0, sharpness, (count, 1 + len(USED)))
    shares = np.exp(figures) / np.exp(figures).sum(axis=1, keepdims=True)
    places = np.zeros((count, 1 + len(ALPHABET)))
    places[:, [0, *(ALPHABET.index(c) + 1 for c in USED)]] = shares
    return places


def by_enumeration(places: np.ndarray) -> dict[str, float]:
    texts: dict[str, float] = {}
    symbols = ["", *ALPHABET]
    used = [0, *(ALPHABET.index(c) + 1 for c in USED)]
    for path in itertools.product(used, repeat=len(places)):
        text = "".join(symbols[symbol] for symbol, _ in itertools.groupby(path))
        texts[text] = texts.get(text, 0.0) + math.prod(places[t, symbol] for t, symbol in enumerate(path))
    return texts


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("sharpness", [0.5, 3.0])
def test_probabilities_are_sums_over_all_alignments(seed: int, sharpness: float) -> None:
    places = places_of(seed, 5, sharpness)
    exact = by_enumeration(places)
    found = beam_search(places, beam=1000)
    # What is left out is less than one part in a thousand per place and character.
    assert dict(found) == pytest.approx({text: exact[text] for text, _ in found}, abs=0.01)
    best = max(exact, key=lambda text: exact[text])
    assert found[0][0] == best
    assert found == sorted(found, key=lambda item: (-item[1], item[0]))


def test_a_doubled_character_needs_a_blank_between() -> None:
    places = np.zeros((3, 37))
    places[:, ALPHABET.index("A") + 1] = 1.0
    assert beam_search(places)[0] == ("A", 1.0)
    places[1] = 0.0
    places[1, 0] = 1.0
    assert beam_search(places)[0] == ("AA", 1.0)


def test_certain_blanks_are_passed_over_with_their_probability() -> None:
    places = np.zeros((4, 37))
    places[:, 0] = 0.9995
    places[:, 1:] = 0.0005 / 36
    places[2] = 0.0
    places[2, ALPHABET.index("K") + 1] = 1.0
    ((text, probability), *_) = beam_search(places)
    assert text == "K"
    assert probability == pytest.approx(0.9995**3)


def logits_of(places: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(places, 1e-12)).astype(np.float32)


def plate(text: str, doubts: dict[int, dict[str, float]]) -> np.ndarray:
    """Logits of ``text``, three places a character, with the characters that ``doubts`` gives for a position."""
    places = np.full((3 * len(text), 37), 1e-9)
    for i, character in enumerate(text):
        places[3 * i, 0] = places[3 * i + 2, 0] = 1.0
        for c, p in doubts.get(i, {character: 1.0}).items():
            places[3 * i + 1, ALPHABET.index(c) + 1 if c else 0] = p
    return logits_of(places)


def test_a_transcript_holds_text_candidates_and_each_characters_confidence() -> None:
    found = decode(plate("AB12", {1: {"B": 0.75, "8": 0.25}, 3: {"2": 0.6, "Z": 0.32, "7": 0.08}}), temperature=1.0)
    assert (found.raw, found.text) == ("AB12", "AB12")
    assert [(c.text, round(c.probability, 4)) for c in found.candidates] == [
        ("AB12", 0.45),
        ("AB1Z", 0.24),
        ("A812", 0.15),
        ("A81Z", 0.08),
        ("AB17", 0.06),
        ("A817", 0.02),
    ]
    assert [(c.character, round(c.confidence, 4)) for c in found.characters] == [
        ("A", 1.0),
        ("B", 0.75),
        ("1", 1.0),
        ("2", 0.6),
    ]
    assert found.confidence == min(c.confidence for c in found.characters)


def test_a_character_that_may_be_missing_makes_only_itself_doubtful() -> None:
    found = decode(plate("AB12", {1: {"B": 0.7, "": 0.3}}), temperature=1.0)
    assert [(c.text, round(c.probability, 3)) for c in found.candidates] == [("AB12", 0.7), ("A12", 0.3)]
    assert [round(c.confidence, 3) for c in found.characters] == [1.0, 0.7, 1.0, 1.0]


def test_no_text_is_an_empty_transcript_with_the_probability_that_nothing_is_there() -> None:
    found = decode(plate("A", {0: {"": 0.8, "A": 0.2}}), temperature=1.0)
    assert (found.raw, found.text, found.characters) == ("", "", ())
    assert found.confidence == pytest.approx(0.8, abs=1e-6)
    assert [(c.text, round(c.probability, 3)) for c in found.candidates] == [("", 0.8), ("A", 0.2)]


def test_the_empty_text_is_no_candidate_of_a_read() -> None:
    found = decode(plate("A", {0: {"": 0.2, "A": 0.8}}), temperature=1.0)
    assert [(c.text, round(c.probability, 3)) for c in found.candidates] == [("A", 0.8)]


def test_temperature_flattens() -> None:
    logits = plate("A", {0: {"A": 0.9, "B": 0.1}})[1:2]
    cold, warm = probabilities(logits, 1.0), probabilities(logits, 2.0)
    a, b = ALPHABET.index("A") + 1, ALPHABET.index("B") + 1
    assert cold[0, a] / cold[0, b] == pytest.approx(9.0)
    assert warm[0, a] / warm[0, b] == pytest.approx(3.0)
    assert warm.sum() == pytest.approx(1.0)


def test_all_36_characters_can_be_read() -> None:
    read = [decode(plate(ALPHABET[i : i + 12], {})).text for i in (0, 12, 24)]
    assert "".join(read) == ALPHABET


def test_noise_gives_the_same_bounded_answer_every_time() -> None:
    noise = np.random.default_rng(5).normal(0, 3, (96, 37)).astype(np.float32)
    started = time.perf_counter()
    first = decode(noise)
    # Thirty times what it takes: a guard against a search that explodes, not a benchmark.
    assert time.perf_counter() - started < 0.5
    assert len(first.text) <= LONGEST
    assert len(first.candidates) == 10
    assert decode(noise) == first
    assert len(beam_search(probabilities(noise))) <= BEAM


def test_values_are_plain_python() -> None:
    """SQLite stores a numpy number silently as a BLOB."""
    found = decode(plate("AB", {}), temperature=1.0)
    assert type(found.confidence) is float
    assert {type(c.probability) for c in found.candidates} == {float}
    assert {type(c.confidence) for c in found.characters} == {float}
