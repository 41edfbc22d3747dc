"""Matching: tiers, differences, scores and states, with the promises that hold for every plate."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpr.hotlist.differences import differences, tier_of
from lpr.hotlist.entry import Difference, Entry, Hit
from lpr.hotlist.index import MemoryIndex
from lpr.hotlist.matcher import CONFUSION, match, state_agreement
from lpr.hotlist.states import CANADA, UNITED_STATES, fold_state, jurisdiction_of
from lpr.normalize import ALPHABET, LOOK_ALIKES, key, normalize, parse_plate
from lpr.plates import Candidate, Jurisdiction

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)

plates = st.text(ALPHABET, min_size=1, max_size=8)
# Plates of the characters that look alike: what two random plates hardly ever share.
alike = st.text("".join(LOOK_ALIKES) + "A", min_size=1, max_size=6)


def entry(plate: str, state: str | None = None, expires: datetime | None = None, entry_id: int | None = 1) -> Entry:
    return Entry(entry_id, "bolo", plate, parse_plate(plate), state, "wanted", expires)


def hits(
    text: str, *entries: Entry, candidates: tuple[Candidate, ...] = (), seen: Jurisdiction | None = None
) -> list[Hit]:
    return match(MemoryIndex(entries), text, candidates, seen, NOW)


@pytest.mark.parametrize(
    ("read", "listed", "tier", "differs"),
    [
        ("ABC123", "ABC123", "exact", ()),
        # O against 0 is exact, but the officer sees it
        ("BXT4019", "BXT4O19", "exact", (Difference(4, "0", "O"),)),
        ("8MZS536", "8MZ5536", "look-alike", (Difference(3, "S", "5"),)),
        ("QB1", "0BI", "look-alike", (Difference(0, "Q", "0"), Difference(2, "1", "I"))),
    ],
)
def test_tier_of_one_text(read: str, listed: str, tier: str, differs: tuple[Difference, ...]) -> None:
    (hit,) = hits(read, entry(listed))
    assert (hit.tier, hit.differs, hit.text, hit.plate) == (tier, differs, read, listed)


@pytest.mark.parametrize(
    ("read", "listed"),
    [
        ("ABC123", "ABC124"),  # one edit, no look-alikes
        ("ABC123", "ABC12"),  # one character less
        ("ABC3", "ABC8"),  # 3 and 8 are in no class
    ],
)
def test_other_plates_are_no_hit(read: str, listed: str) -> None:
    assert hits(read, entry(listed)) == []


def test_the_whole_hit() -> None:
    assert hits("7KD R482", entry("7KDR-482", "CA")) == [
        Hit(
            list="bolo",
            plate="7KDR-482",
            state="CA",
            tier="exact",
            differs=(),
            score=1.0,
            state_agreement="unknown",
            reason="wanted",
            entry_id=1,
            text="7KDR482",
            candidate="7KDR482",
        )
    ]


def test_candidate_of_another_length_is_aligned() -> None:
    candidates = (Candidate("ABC123", 0.7), Candidate("ABC1723", 0.2), Candidate("A8C123", 0.1))
    (hit,) = hits("ABC123", entry("ABC1723"), candidates=candidates)
    assert (hit.tier, hit.candidate, hit.score) == ("candidate", "ABC1723", 0.2)
    assert hit.differs == (Difference(4, "", "7"),)


def test_look_alike_of_a_candidate_is_a_candidate_hit() -> None:
    candidates = (Candidate("XYZ987", 0.6), Candidate("XYW9875", 0.4))
    (hit,) = hits("XYZ987", entry("XYW987S"), candidates=candidates)
    assert (hit.tier, hit.candidate, hit.score) == ("candidate", "XYW9875", pytest.approx(0.4 * CONFUSION))


def test_improbable_candidate_is_no_hit() -> None:
    candidates = (Candidate("ABC123", 0.985), Candidate("ABC723", 0.015))
    assert hits("ABC123", entry("ABC723"), candidates=candidates) == []


def test_candidates_that_differ_in_o_and_zero_add_up() -> None:
    candidates = (Candidate("B0B4", 0.5), Candidate("BOB4", 0.3), Candidate("BDB4", 0.2))
    exact, look_alike = hits("B0B4", entry("BOB4"), entry("BDB4", entry_id=2), candidates=candidates)
    assert (exact.score, look_alike.score) == (0.8, 0.2)


def test_look_alike_outside_the_candidates_keeps_its_floor() -> None:
    candidates = (Candidate("S55", 0.9999), Candidate("555", 0.00001))
    (hit,) = hits("S55", entry("555"), candidates=candidates)
    assert hit.score == pytest.approx(0.9999 * CONFUSION)


def test_text_that_the_candidates_leave_out_gets_the_rest() -> None:
    (hit,) = hits("ABC123", entry("ABC123"), candidates=(Candidate("ABC128", 0.75),))
    assert hit.score == 0.25


def test_order_is_tier_then_score() -> None:
    candidates = (Candidate("1AB", 0.6), Candidate("7AB", 0.3))
    listed = [entry("7AB", entry_id=1), entry("IAB", entry_id=2), entry("LA8", entry_id=3), entry("1AB", entry_id=4)]
    found = hits("1AB", *listed, candidates=candidates)
    assert [(h.tier, h.plate) for h in found] == [
        ("exact", "1AB"),
        ("look-alike", "IAB"),
        ("look-alike", "LA8"),
        ("candidate", "7AB"),
    ]


def test_expired_entry_matches_nothing() -> None:
    assert hits("ABC1", entry("ABC1", expires=NOW)) == []
    assert len(hits("ABC1", entry("ABC1", expires=NOW + timedelta(seconds=1)))) == 1


def test_two_entries_of_one_plate_are_two_hits() -> None:
    found = hits("ABC1", entry("ABC1", "CA", entry_id=1), entry("ABC1", "NV", entry_id=2))
    assert [(h.entry_id, h.state) for h in found] == [(1, "CA"), (2, "NV")]


@pytest.mark.parametrize(
    ("seen", "listed", "agreement"),
    [
        (None, "CA", "unknown"),
        (Jurisdiction("us-ca", 0.9), None, "unknown"),
        (Jurisdiction("us-ca", 0.9), "CA", "agrees"),
        (Jurisdiction("us-mt", 0.9), "CO", "conflicts"),  # Aurora, 2020
        (Jurisdiction("us-mt", 0.4), "CO", "unknown"),  # the reader is not sure
        (Jurisdiction("us", 0.9), "CO", "unknown"),  # the country alone
        (Jurisdiction("us", 0.9), "ON", "conflicts"),
        (Jurisdiction("ca-on", 0.9), "ON", "agrees"),
        (Jurisdiction("de", 0.9), "DE", "conflicts"),  # Germany against Delaware
        (Jurisdiction("mx", 0.9), "MX", "agrees"),  # outside the tables: equal as written
        (Jurisdiction("us-tx", 0.9), "QQ", "unknown"),
    ],
)
def test_state_agreement(seen: Jurisdiction | None, listed: str | None, agreement: str) -> None:
    assert state_agreement(seen, listed) == agreement


def test_conflicting_state_lowers_the_score_and_keeps_the_hit() -> None:
    (hit,) = hits("ABC123", entry("ABC123", "CO"), seen=Jurisdiction("us-mt", 0.99))
    assert (hit.tier, hit.state_agreement, hit.score) == ("exact", "conflicts", 0.1)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("AL", "AL"),
        (" al ", "AL"),
        ("0H", "OH"),  # TX/MN NCIC extracts
        ("C0", "CO"),
        ("0K", "OK"),
        ("0R", "OR"),
        ("M0", "MO"),
        ("0N", "ON"),
        ("1L", "IL"),
        ("us-al", "AL"),
        ("CA-ON", "ON"),
        ("Alabama", "AL"),
        ("new  york", "NY"),
        ("Québec", "QUÉBEC"),  # kept as given
        ("QQ", "QQ"),
        ("", None),
        ("XX", None),
        (None, None),
    ],
)
def test_fold_state(written: str | None, folded: str | None) -> None:
    assert fold_state(written) == folded


def test_states_are_whole() -> None:
    assert (len(UNITED_STATES), len(CANADA)) == (56, 13)
    assert not UNITED_STATES.keys() & CANADA.keys()
    assert jurisdiction_of("OH") == "us-oh"


@given(st.text(max_size=12))
def test_fold_state_is_idempotent(written: str) -> None:
    folded = fold_state(written)
    assert fold_state(folded) == folded


@given(plates, st.data())
def test_case_spaces_hyphens_and_o_zero_never_miss(text: str, data: st.DataObject) -> None:
    written = "".join(
        data.draw(st.sampled_from(["", " ", "-", " - "]))
        + data.draw(st.sampled_from([c, c.lower(), *("oO0" if c in "O0" else "")]))
        for c in text
    )
    (hit,) = hits(text, entry(written))
    assert (hit.tier, hit.score) == ("exact", 1.0)
    assert normalize(hit.plate) == parse_plate(written)


@given(st.one_of(st.tuples(alike, alike), st.tuples(plates, plates)))
def test_matching_is_symmetric(pair: tuple[str, str]) -> None:
    a, b = pair
    there, back = hits(a, entry(b)), hits(b, entry(a))
    assert [(h.tier, h.score) for h in there] == [(h.tier, h.score) for h in back]


@given(alike, st.lists(alike, min_size=1, max_size=6, unique=True), st.data())
def test_every_hit_explains_itself(best: str, others: list[str], data: st.DataObject) -> None:
    share = 1 / (len(others) + 1)
    candidates = (Candidate(best, share), *(Candidate(text, share) for text in others))
    listed = data.draw(st.lists(st.sampled_from([best, *others]), min_size=1, max_size=4))
    found = hits(best, *(entry(text, entry_id=i) for i, text in enumerate(listed)), candidates=candidates)
    assert {h.entry_id for h in found} == set(range(len(listed)))
    for hit in found:
        assert tier_of(hit.differs) == hit.tier
        assert _applied(hit.text, hit.differs) == hit.plate
        assert 0 < hit.score <= 1
        assert (hit.tier == "exact") == (key(hit.text) == key(hit.plate))


@given(plates, plates)
def test_differences_turn_one_text_into_the_other(a: str, b: str) -> None:
    assert _applied(a, differences(a, b)) == b


def _applied(text: str, differs: tuple[Difference, ...]) -> str:
    """``text`` changed as the differences say, from the right so that positions hold."""
    for d in reversed(differs):
        assert text[d.position : d.position + len(d.read)] == d.read
        text = text[: d.position] + d.entry + text[d.position + len(d.read) :]
    return text
