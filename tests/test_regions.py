"""Serial formats: the tables are whole and right about known plates, and speak for a candidate without deciding."""

from __future__ import annotations

import re

import pytest

from lpr.errors import RegionError
from lpr.plates import Candidate, Transcript
from lpr.recognition.certainty import characters_of
from lpr.recognition.region import favour_formats, narrowed
from lpr.recognition.region_table import parse_form, parse_regions, regions
from lpr.recognition.settings import Settings

STATES = (  # noqa: SIM905 - fifty words are easier to read without quotes
    "al ak az ar ca co ct de dc fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or "
    "pa ri sc sd tn tx ut vt va wa wv wi wy"
).split()
PROVINCES = "ab bc mb nb nl ns nt nu on pe qc sk yt".split()  # noqa: SIM905
UNION = "at be bg cy cz de dk ee es fi fr gr hr hu ie it lt lu lv mt nl pl pt ro se si sk".split()  # noqa: SIM905


def transcript(*candidates: tuple[str, float]) -> Transcript:
    listed = tuple(Candidate(text, p) for text, p in candidates)
    characters = characters_of(listed[0].text, listed)
    best = listed[0].text
    return Transcript(best, best, min(c.confidence for c in characters), characters, listed)


def test_every_state_province_and_country_of_the_union_has_forms_and_a_source() -> None:
    table = regions()
    wanted = {f"us-{s}" for s in STATES} | {f"ca-{p}" for p in PROVINCES} | set(UNION) | {"gb", "br", "mx"}
    assert wanted <= table.keys()
    assert [code for code, region in table.items() if not region.forms or not all(region.source)] == []


@pytest.mark.parametrize(
    ("code", "text", "fits"),
    [
        ("us-ca", "7KDR482", True),  # California's cars since 1980
        ("us-ca", "8B48577", True),  # its trucks
        ("us-ca", "ABC1234", False),
        ("us-az", "CTA5B1A", False),  # seven places
        ("us-az", "ABCD12", False),  # the fourth place is a digit
        ("us-az", "ABA4CD", True),
        ("us-wv", "DAB123", True),  # D: December
        ("us-wv", "0AB123", False),
        ("ca-on", "BEMB309", True),
        ("ca-bc", "FP388V", True),
        ("ro", "B305CIL", True),
        ("ro", "IF99STK", True),
        ("ro", "XX99STK", False),  # no county XX
        ("es", "1356BNN", True),
        ("es", "1356BAN", False),  # no vowels
        ("gb", "SD63GXW", True),
        ("gb", "SD63GIW", False),  # no I
        ("de", "HDPJ1506", True),
        ("de", "HDPJ15067", False),
        ("br", "BRA2E19", True),
        ("br", "AYO9034", True),
        ("mx", "ABC123D", True),
    ],
)
def test_known_plates_fit_their_region(code: str, text: str, fits: bool) -> None:
    assert regions()[code].fits(text) == fits
    assert (regions()[code].chance(text) > 0) == fits


def test_the_chances_of_all_texts_of_a_region_add_up_to_one() -> None:
    form = parse_form("{town}#[AB]", {"town": ["X", "YZ"]})
    texts = [f"{town}{digit}{letter}" for town in ("X", "YZ") for digit in range(10) for letter in "AB"]
    assert all(form.expression.fullmatch(text) for text in texts)
    assert sum(form.chance for _ in texts) == pytest.approx(1)
    assert regions()["us-de"].chance("123456") == pytest.approx(1e-6 / (1 + 0.6 + 0.36))


def test_regions_are_named_one_by_one_or_together() -> None:
    assert parse_regions("us-al, us-ga") == ("us-al", "us-ga")
    assert set(parse_regions("ca")) == {f"ca-{p}" for p in PROVINCES}
    assert set(parse_regions("EU")) == set(UNION)
    assert len(parse_regions("us us-al")) == len({code for code in regions() if code.startswith("us-")})
    with pytest.raises(RegionError, match="no region 'us-xx'; use codes"):
        parse_regions("us-al,us-xx")
    with pytest.raises(RegionError, match="names a list 'town'"):
        parse_form("{town}##", {})
    assert narrowed(Settings(), "us-al").regions == ("us-al",)


def test_a_candidate_in_a_form_goes_before_one_in_none_within_the_margin() -> None:
    doubtful = transcript(("IABC123", 0.6), ("1ABC123", 0.3), ("1A8C123", 0.05))
    after = favour_formats(doubtful, ("us-ca",), 5.0)
    assert (after.raw, after.text) == ("IABC123", "1ABC123")  # what was read stays on record
    assert [c.text for c in after.candidates] == ["1ABC123", "IABC123", "1A8C123"]
    assert sum(c.probability for c in after.candidates) == pytest.approx(0.95)
    assert after.candidates[0].probability == pytest.approx(0.95 * 1.5 / (1.5 + 0.6 + 0.05))
    assert after.confidence == min(c.confidence for c in after.characters)
    assert after.characters[0].confidence == pytest.approx((1.5 + 0.05) / 2.15)


def test_beyond_the_margin_and_without_a_form_the_reader_has_the_last_word() -> None:
    sure = transcript(("IABC123", 0.9), ("1ABC123", 0.05))
    assert favour_formats(sure, ("us-ca",), 5.0) is sure
    right = transcript(("1ABC123", 0.5), ("IABC123", 0.45))
    assert favour_formats(right, ("us-ca",), 5.0) is right  # no surer than the reader was
    vanity = transcript(("LVTOPLY", 0.5), ("LVT0PLY", 0.4))
    assert favour_formats(vanity, ("us-ca",), 5.0) == vanity
    assert favour_formats(sure, ("us-ca",), 1.0) is sure
    nothing = Transcript("", "", 0.9, (), (Candidate("", 0.9),))
    assert favour_formats(nothing, (), 5.0) is nothing


def test_the_notation_of_the_tables_has_no_slips() -> None:
    for region in regions().values():
        for form in region.forms:
            assert re.fullmatch(r"(?:[@#?A-Z]|\[[A-Z0-9-]+\]|\{[a-z]+\})+", form.written), (region.code, form.written)
            assert len({f.written for f in region.forms}) == len(region.forms), region.code
