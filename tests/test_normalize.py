"""One normalization for both sides of every match: what it keeps, what it drops, what it refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lpr.errors import PlateError
from lpr.normalize import ALPHABET, LOOK_ALIKES, differing, fold, key, look_alike_key, normalize, parse_plate

plates = st.text(ALPHABET, min_size=1, max_size=10)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("abc-1234", "ABC1234"),
        ("  7KD R482 ", "7KDR482"),
        ("M·AB 123", "MAB123"),
        ("Ö-ÄÜ 12", "OAU12"),  # accents go, their letters stay
        ("Ø12", "O12"),  # Unicode does not decompose these
        ("Ǿ12 ǽ", "O12AE"),  # and these only down to the ones above
        ("straße", "STRASSE"),
        ("ABC１２", "ABC12"),  # full-width digits
        ("①", "1"),
        ("АВС", ""),  # Cyrillic letters that look like Latin ones
        ("", ""),
    ],
)
def test_normalize(raw: str, text: str) -> None:
    assert normalize(raw) == text


def test_parse_plate_gives_the_normalized_text() -> None:
    assert parse_plate(" 7kdr-482 ") == "7KDR482"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("", "'' holds no letter or digit; write the plate as it stands on the vehicle"),
        (" - ", "' - ' holds no letter or digit; write the plate as it stands on the vehicle"),
        ("АВ12", "'АВ12' has the character 'А'; write the plate with A-Z and 0-9"),
        ("٣12", "'٣12' has the character '٣'; write the plate with A-Z and 0-9"),
    ],
)
def test_parse_plate_refuses_what_would_vanish(written: str, message: str) -> None:
    with pytest.raises(PlateError) as caught:
        parse_plate(written)
    assert str(caught.value) == message


def test_keys() -> None:
    assert (key("BOB0"), fold("IO10"), look_alike_key("QILZSGBO")) == ("B0B0", "1010", "01125680")


def test_look_alike_classes_do_not_overlap() -> None:
    joined = "".join(LOOK_ALIKES)
    assert len(set(joined)) == len(joined)
    assert {look_alike_key(c) for c in joined} == {members[0] for members in LOOK_ALIKES}


def test_differing_positions_leave_out_o_and_zero() -> None:
    assert differing("AB0C", "A8OD") == (1, 3)


def test_differing_needs_one_length() -> None:
    with pytest.raises(ValueError, match="different lengths"):
        differing("ABC", "AB")


@given(st.text())
def test_normalize_is_idempotent(raw: str) -> None:
    text = normalize(raw)
    assert normalize(text) == text
    assert set(text) <= set(ALPHABET)


@given(plates, st.data())
def test_case_spaces_and_hyphens_do_not_matter(text: str, data: st.DataObject) -> None:
    written = "".join(
        data.draw(st.sampled_from(["", " ", "-", "\t"])) + data.draw(st.sampled_from([c, c.lower()])) for c in text
    )
    assert normalize(written) == parse_plate(written) == text


@given(st.text(max_size=12))
def test_parse_plate_agrees_with_normalize_or_refuses(written: str) -> None:
    try:
        text = parse_plate(written)
    except PlateError:
        return
    assert text == normalize(written) != ""


@given(plates)
def test_keys_are_idempotent_and_nested(text: str) -> None:
    assert key(key(text)) == key(text)
    assert look_alike_key(look_alike_key(text)) == look_alike_key(text)
    # texts with one key share a look-alike key: one look-up finds both tiers
    assert look_alike_key(key(text)) == look_alike_key(fold(text)) == look_alike_key(text)
