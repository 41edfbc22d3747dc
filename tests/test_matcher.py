"""Matching: tiers, differences, scores and states, with the promises that hold for every plate."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpr.hotlist.alignment import against, one_apart
from lpr.hotlist.confusion import Confusions, load
from lpr.hotlist.differences import differences
from lpr.hotlist.entry import TIERS, Difference, Entry, Hit
from lpr.hotlist.index import MemoryIndex
from lpr.hotlist.matcher import LEAST_NEAR, match, recompute_tier, state_agreement
from lpr.hotlist.pattern import Patterns, aligned
from lpr.hotlist.policy import Policy
from lpr.hotlist.posterior import Posterior
from lpr.hotlist.states import CANADA, UNITED_STATES, fold_state, jurisdiction_of
from lpr.normalize import ALPHABET, LOOK_ALIKES, key, normalize, parse_plate
from lpr.plates import Candidate, Character, Jurisdiction

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)

plates = st.text(ALPHABET, min_size=1, max_size=8)
# Plates of the characters that look alike: what two random plates hardly ever share.
alike = st.text("".join(LOOK_ALIKES) + "A", min_size=1, max_size=6)

ALL_TIERS = Policy(frozenset(TIERS))


def table(known: dict[tuple[str, str], float], unsuspected: float = 0.5) -> Confusions:
    """A table with round figures: what was read as c is d with the given probability, and c with what is left."""
    folded = ALPHABET.replace("O", "")
    truth = {c: {d: known.get((c, d), 1e-12) for d in folded if d != c} for c in folded}
    for c, row in truth.items():
        row[c] = 1.0 - sum(row.values())
    likely = {
        c: sorted(((d, max(truth[c][d], truth[d][c])) for d in folded if d != c), key=lambda pair: -pair[1])
        for c in folded
    }
    nothing = dict.fromkeys(folded, 0.0)
    gone = {**nothing, "1": 0.36}
    gaps = sorted(((c, gone[c] / 36) for c in folded), key=lambda pair: -pair[1])
    return Confusions("round figures", 0.5, unsuspected, 1.0, 0.1, truth, gone, nothing, truth, likely, dict(gaps), 0.1)


#: What was read as S is 5 in one case of ten and the other way round, as 3 is 8 in one of fifty; a 1 may be lost.
ROUND = table({("S", "5"): 0.1, ("5", "S"): 0.1, ("3", "8"): 0.02})
#: How much likelier the one is than the other.
SLIP = 0.1 / 0.9


def entry(
    plate: str,
    state: str | None = None,
    expires: datetime | None = None,
    entry_id: int | None = 1,
    effective: datetime | None = None,
    partial: bool = False,
) -> Entry:
    text = plate if partial else parse_plate(plate)
    return Entry(entry_id, "bolo", plate, text, state, "wanted", expires, effective=effective, partial=partial)


def hits(
    text: str,
    *entries: Entry,
    candidates: tuple[Candidate, ...] = (),
    seen: Jurisdiction | None = None,
    policy: Policy | None = None,
    characters: tuple[Character, ...] = (),
) -> list[Hit]:
    index = MemoryIndex(entries, {"bolo": policy} if policy else {})
    return match(index, text, candidates, seen, NOW, characters, ROUND)


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
            rule="the text read is the entry's",
        )
    ]


def test_candidate_of_another_length_is_aligned() -> None:
    candidates = (Candidate("ABC423", 0.7), Candidate("ABC4723", 0.2), Candidate("A8C423", 0.1))
    (hit,) = hits("ABC423", entry("ABC4723"), candidates=candidates)
    assert (hit.tier, hit.candidate, hit.score) == ("candidate", "ABC4723", pytest.approx(0.2))
    assert hit.differs == (Difference(4, "", "7"),)
    assert hit.rule == "the reader's candidate ABC4723 (20 %) is the entry's"


def test_look_alike_of_a_candidate_is_a_candidate_hit() -> None:
    candidates = (Candidate("XYZ987", 0.5), Candidate("XYW9875", 0.5))
    (hit,) = hits("XYZ987", entry("XYW987S"), candidates=candidates)
    assert (hit.tier, hit.candidate, hit.score) == ("candidate", "XYW9875", pytest.approx(0.5 * SLIP / 2, rel=1e-3))
    assert hit.rule == "the reader's candidate XYW9875 (50 %) is the entry's but for look-alikes: 5 for S"


def test_improbable_candidate_is_no_hit() -> None:
    candidates = (Candidate("ABC124", 0.996), Candidate("ABC724", 0.004))
    assert hits("ABC124", entry("ABC724"), candidates=candidates) == []


def test_candidates_that_differ_in_o_and_zero_add_up() -> None:
    candidates = (Candidate("B0B4", 0.5), Candidate("BOB4", 0.3), Candidate("BDB4", 0.2))
    exact, look_alike = hits("B0B4", entry("BOB4"), entry("BDB4", entry_id=2), candidates=candidates)
    assert (exact.score, look_alike.score) == (0.8, 0.2)


@pytest.mark.parametrize(
    ("candidates", "score"),
    [
        ((), SLIP),  # a text alone shows nothing of what else it may be: all blind errors count
        ((Candidate("SAA", 1.0),), SLIP / 2),  # half of them are among the candidates of a reader that gives some
        ((Candidate("SAA", 0.9), Candidate("5AA", 0.1)), 0.9 * SLIP / 2 + 0.1),  # all explanations add up
    ],
)
def test_score_of_a_blind_error(candidates: tuple[Candidate, ...], score: float) -> None:
    (hit,) = hits("SAA", entry("5AA"), candidates=candidates)
    assert (hit.tier, hit.score) == ("look-alike", pytest.approx(score, rel=1e-3))


def test_the_rest_goes_where_the_reader_is_in_doubt() -> None:
    candidates = (Candidate("SAS", 0.6),)
    doubt = (Character("S", 0.7), Character("A", 1.0), Character("S", 0.9))
    first, last = hits("SAS", entry("5AS"), entry("SA5", entry_id=2), candidates=candidates, characters=doubt)
    # 0.4 is left: three quarters at the first place, a tenth of it for gaps, the others for 5, all that S may be
    blind = 0.6 * SLIP / 2
    assert first.score == pytest.approx(blind + 0.4 * 0.75 * 0.9, rel=1e-3)
    assert last.score == pytest.approx(blind + 0.4 * 0.25 * 0.9, rel=1e-3)


def test_text_that_the_candidates_leave_out_gets_the_rest() -> None:
    (hit,) = hits("ABC124", entry("ABC124"), candidates=(Candidate("ABC128", 0.75),))
    assert hit.score == 0.25


@pytest.mark.parametrize(
    ("read", "listed", "rule"),
    [
        ("AB3", "AB8", "the text read is one character apart from the entry's: 3 for 8"),
        ("AB8", "AB3", "the text read is one character apart from the entry's: 8 for 3"),
        ("AB", "AB1", "the text read is one character apart from the entry's: nothing for 1"),
        ("1AB", "AB", "the text read is one character apart from the entry's: 1 for nothing"),
    ],
)
def test_near_is_one_likely_error(read: str, listed: str, rule: str) -> None:
    (hit,) = hits(read, entry(listed), policy=ALL_TIERS)
    assert (hit.tier, hit.rule, hit.candidate) == ("near", rule, read)
    assert hits(read, entry(listed)) == []  # only lists that ask for it


@pytest.mark.parametrize(
    ("read", "listed"),
    [
        ("AB3", "AB4"),  # nobody takes 3 for 4
        ("AB33", "AB88"),  # two errors
        ("AB", "AB2"),  # no 2 is ever lost
    ],
)
def test_unlikely_errors_are_not_near(read: str, listed: str) -> None:
    assert hits(read, entry(listed), policy=ALL_TIERS) == []


def test_the_readers_own_doubt_makes_near_what_its_certainty_does_not() -> None:
    confusions = table({("3", "8"): 0.0002, ("3", "9"): 0.0002})
    index = MemoryIndex([entry("AB9")], {"bolo": ALL_TIERS})
    sure = (Candidate("AB3", 0.9999),)
    unsure = (Candidate("AB3", 0.8),)
    assert match(index, "AB3", sure, None, NOW, (), confusions) == []
    (hit,) = match(
        index, "AB3", unsure, None, NOW, (Character("A", 1), Character("B", 1), Character("3", 0.8)), confusions
    )
    # half of what is left goes to each of 8 and 9, a tenth to texts of another length
    assert hit.score == pytest.approx(0.2 * 0.9 / 2 + 0.8 * 0.5 * 0.0002 / 0.9996, rel=1e-3)


def test_a_candidate_with_a_character_more_tells_where_another_may_have_been_missed() -> None:
    entries = entry("2E1W587"), entry("2EW5187")
    characters = tuple(Character(c, 0.999) for c in "2EW587")
    candidates = (Candidate("2EW587", 0.66), Candidate("2EVW587", 0.24))
    here, elsewhere = hits("2EW587", *entries, candidates=candidates, characters=characters, policy=ALL_TIERS)
    # Of the remaining 0.1 what the characters leave lies between them, four fifths of it where the candidate has its V.
    blind = 0.66 * 0.5 * 0.36 / 36
    assert (here.plate, here.tier, here.candidate) == ("2E1W587", "near", "2EW587")
    assert here.score == pytest.approx(0.094 * (0.8 + 0.2 / 7) + blind, rel=5e-3)
    assert (elsewhere.plate, elsewhere.score) == ("2EW5187", pytest.approx(0.094 * 0.2 / 7 + blind, rel=0.02))


def test_of_two_equal_characters_either_may_be_the_missed_one() -> None:
    characters = tuple(Character(c, 0.999) for c in "AB1CD")
    for candidate in ("ABX1CD", "AB1XCD"):
        candidates = (Candidate("AB1CD", 0.66), Candidate(candidate, 0.24))
        (hit,) = hits("AB1CD", entry("AB11CD"), candidates=candidates, characters=characters, policy=ALL_TIERS)
        blind = 0.66 * 0.5 * 0.36 / 36
        assert (hit.tier, hit.score) == ("near", pytest.approx(0.095 * (0.8 + 0.4 / 6) + blind, rel=5e-3))


def test_near_a_candidate() -> None:
    candidates = (Candidate("XYZ", 0.6), Candidate("AB3", 0.4))
    (hit,) = hits("XYZ", entry("AB8"), candidates=candidates, policy=ALL_TIERS)
    assert (hit.tier, hit.candidate, hit.score) == ("near", "AB3", pytest.approx(0.4 * 0.5 * 0.02 / 0.98, rel=1e-3))
    assert hit.rule == "the reader's candidate AB3 (40 %) is one character apart from the entry's: 3 for 8"


@pytest.mark.parametrize(
    ("read", "pattern"),
    [
        ("ABC123", "ABC1?3"),
        ("ABC123", "*C12*"),
        ("ABC123", "A*3"),
        ("ABC123", "*3"),
        ("ABC123", "??C*"),
        ("A0C123", "AOC*"),  # letter O and zero
        ("A8C123", "ABC*"),  # look-alikes
        ("AB", "AB*"),  # * may be nothing
        ("ABC123", "*"),
    ],
)
def test_partial_plates(read: str, pattern: str) -> None:
    (hit,) = hits(read, entry(pattern, partial=True))
    assert (hit.tier, hit.rule) == ("partial", f"the text read fits the partial plate {pattern}")
    assert recompute_tier(hit) == "partial"


@pytest.mark.parametrize(
    ("read", "pattern"), [("ABC123", "ABC?"), ("ABC123", "ABC12?3"), ("ABC123", "X*"), ("AB", "?")]
)
def test_partial_plates_that_do_not_fit(read: str, pattern: str) -> None:
    assert hits(read, entry(pattern, partial=True)) == []


def test_a_candidate_fits_a_partial_plate() -> None:
    candidates = (Candidate("XYZ", 0.5), Candidate("S9Z", 0.4), Candidate("S8Z", 0.1))
    (hit,) = hits("XYZ", entry("5?Z", partial=True), candidates=candidates)
    assert (hit.candidate, hit.differs, hit.score) == (
        "S9Z",
        (Difference(0, "S", "5"),),
        pytest.approx(0.5 * SLIP / 2, rel=1e-3),
    )
    assert hit.rule == "the reader's candidate S9Z (40 %) fits the partial plate 5?Z"


@pytest.mark.parametrize(
    ("tiers", "found"),
    [
        (("exact",), ["1AB"]),
        (("exact", "look-alike"), ["1AB", "IAB"]),
        (("candidate",), ["9AB"]),
        (("near",), ["9AB", "AB"]),  # the reader doubts its 1
        (("exact", "look-alike", "candidate", "near", "partial"), ["1AB", "IAB", "9AB", "AB", "1*"]),
        ((), []),
    ],
)
def test_a_list_hits_in_its_own_tiers(tiers: tuple[str, ...], found: list[str]) -> None:
    listed = [entry("1AB"), entry("IAB"), entry("9AB"), entry("AB"), entry("1*", partial=True)]
    candidates = (Candidate("1AB", 0.6), Candidate("9AB", 0.3))
    policy = Policy(frozenset(tiers))
    assert [h.plate for h in hits("1AB", *listed, candidates=candidates, policy=policy)] == found


def test_a_known_false_alert_never_hits() -> None:
    policy = Policy(ignored=frozenset({"1AB0"}))
    assert hits("1ABO", entry("1AB0"), entry("IABO"), entry("1*", partial=True), policy=policy) == []
    assert len(hits("IAB0", entry("1AB0"), policy=policy)) == 1


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
    assert hits("ABC1", entry("ABC1", effective=NOW + timedelta(seconds=1))) == []
    assert len(hits("ABC1", entry("ABC1", effective=NOW))) == 1


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
    (hit,) = hits("ABC124", entry("ABC124", "CO"), seen=Jurisdiction("us-mt", 1.0))
    assert (hit.tier, hit.state_agreement, hit.score) == ("exact", "conflicts", 0.1)
    assert hit.rule == "the text read is the entry's; the states conflict"
    (less_sure,) = hits("ABC124", entry("ABC124", "CO"), seen=Jurisdiction("us-mt", 0.6))
    assert less_sure.score == pytest.approx(0.46)


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
    assert hit.tier == "exact"
    assert normalize(hit.plate) == parse_plate(written)


@given(st.one_of(st.tuples(alike, alike), st.tuples(plates, plates)))
def test_matching_is_symmetric(pair: tuple[str, str]) -> None:
    a, b = pair
    there, back = (
        match(MemoryIndex([entry(listed)], {"bolo": ALL_TIERS}), read, now=NOW) for read, listed in ((a, b), (b, a))
    )
    assert [h.tier for h in there] == [h.tier for h in back]


@given(plates, st.data())
def test_every_likely_neighbour_is_found_and_no_other(text: str, data: st.DataObject) -> None:
    """The near tier against all texts that are one edit away, by brute force."""
    read = Posterior(text, (), (), load())
    found = read.neighbours(LEAST_NEAR)
    assert all(one_apart(key(text), neighbour) for neighbour in found)
    place = data.draw(st.integers(0, len(text) - 1))
    folded = key(text)
    for d in load().truth:
        neighbour = folded[:place] + d + folded[place + 1 :]
        likely = load().doubt(folded[place], d) >= LEAST_NEAR and differences(folded[place], d)
        if likely and not hits(text, entry(neighbour)):
            assert neighbour in found


@given(st.text("15SAB", max_size=7), st.lists(st.text("15SAB??**", min_size=1, max_size=6), max_size=8))
def test_partial_plates_are_found_as_if_all_were_compared(text: str, patterns: list[str]) -> None:
    listed = [entry(pattern, entry_id=n, partial=True) for n, pattern in enumerate(patterns)]
    found = [one.id for one in Patterns(listed).find(text)]
    assert sorted(found) == [one.id for one in listed if aligned(text, one.text) is not None]


@given(alike, st.lists(st.one_of(alike, plates), min_size=1, max_size=6, unique=True), st.data())
def test_every_hit_explains_itself(best: str, others: list[str], data: st.DataObject) -> None:
    share = 1 / (len(others) + 1)
    candidates = (Candidate(best, share), *(Candidate(text, share) for text in others))
    listed = data.draw(st.lists(st.one_of(st.sampled_from([best, *others]), alike), min_size=1, max_size=6))
    patterns = data.draw(
        st.lists(st.text("15SAB?*", min_size=1, max_size=5).filter(set("?*").intersection), max_size=2)
    )
    entries = [entry(text, entry_id=i) for i, text in enumerate(listed)]
    entries += [entry(text, entry_id=-1 - i, partial=True) for i, text in enumerate(patterns)]
    index = MemoryIndex(entries, {"bolo": ALL_TIERS})
    found = match(index, best, candidates, None, NOW)
    exact = {i for i, text in enumerate(listed) if key(text) == key(best)}
    assert {h.entry_id for h in found if h.tier == "exact"} == exact
    for hit in found:
        assert recompute_tier(hit) == hit.tier
        assert 0 < hit.score <= 1
        if hit.tier != "partial":
            assert _applied(hit.text, hit.differs) == hit.plate


@given(plates, plates)
def test_differences_turn_one_text_into_the_other(a: str, b: str) -> None:
    assert _applied(a, differences(a, b)) == b


def _applied(text: str, differs: tuple[Difference, ...]) -> str:
    """``text`` changed as the differences say, from the right so that positions hold."""
    for d in reversed(differs):
        assert text[d.position : d.position + len(d.read)] == d.read
        text = text[: d.position] + d.entry + text[d.position + len(d.read) :]
    return text


@pytest.mark.parametrize(
    ("text", "best", "gap", "places"),
    [
        ("ABX1CD", "AB1CD", 2, []),  # one more
        ("49RV6L2", "4PRV62", 5, [1]),  # one more, and another character
        ("AB1CD", "AB11CD", None, [2]),  # one less
        ("XB1C", "AB1CD", None, [4, 0]),
        ("AB2CE", "AB1CD", None, [2, 4]),
        ("", "A", None, [0]),
    ],
)
def test_a_candidate_beside_the_best_text(text: str, best: str, gap: int | None, places: list[int]) -> None:
    assert against(text, best) == (gap, places)
