"""The codes of the states and provinces whose plates stand on hot lists, and how files miswrite them."""

from __future__ import annotations

import re

_UNITED_STATES = (
    "AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,CT Connecticut,DE Delaware,"
    "DC District of Columbia,FL Florida,GA Georgia,HI Hawaii,ID Idaho,IL Illinois,IN Indiana,IA Iowa,KS Kansas,"
    "KY Kentucky,LA Louisiana,ME Maine,MD Maryland,MA Massachusetts,MI Michigan,MN Minnesota,MS Mississippi,"
    "MO Missouri,MT Montana,NE Nebraska,NV Nevada,NH New Hampshire,NJ New Jersey,NM New Mexico,NY New York,"
    "NC North Carolina,ND North Dakota,OH Ohio,OK Oklahoma,OR Oregon,PA Pennsylvania,RI Rhode Island,"
    "SC South Carolina,SD South Dakota,TN Tennessee,TX Texas,UT Utah,VT Vermont,VA Virginia,WA Washington,"
    "WV West Virginia,WI Wisconsin,WY Wyoming,"
    "AS American Samoa,GU Guam,MP Northern Mariana Islands,PR Puerto Rico,VI Virgin Islands"
)
_CANADA = (
    "AB Alberta,BC British Columbia,MB Manitoba,NB New Brunswick,NL Newfoundland and Labrador,NS Nova Scotia,"
    "NT Northwest Territories,NU Nunavut,ON Ontario,PE Prince Edward Island,QC Quebec,SK Saskatchewan,YT Yukon"
)


def _table(lines: str) -> dict[str, str]:
    return dict(line.split(" ", 1) for line in lines.split(","))


#: Postal code → name: US states, the federal district and territories.
UNITED_STATES = _table(_UNITED_STATES)
#: Postal code → name: Canadian provinces and territories. No code is also a US one.
CANADA = _table(_CANADA)

_KNOWN = UNITED_STATES.keys() | CANADA.keys()
_BY_NAME = {name.upper(): code for names in (UNITED_STATES, CANADA) for code, name in names.items()}
# What files write for "not known"; XX is NCIC's.
_UNKNOWN = frozenset(("", "-", "--", "?", "??", "N/A", "NA", "NONE", "NULL", "UN", "UNK", "UNKNOWN", "XX", "ZZ"))
_DIGITS_AS_LETTERS = str.maketrans("01", "OI")
_ISO_SUBDIVISION = re.compile(r"(US|CA)[-_ ]([A-Z0-9]{2})")


def fold_state(written: str | None) -> str | None:
    """The postal code of a state as a file or a person wrote it, None for unknown.

    ``0H`` is OH (Ohio LEADS and TX/MN NCIC extracts write O as zero, the state included), ``us-al`` is AL,
    ``Alabama`` is AL. What is not known as a state is kept as given, in capital letters. Idempotent.
    """
    code = " ".join((written or "").upper().split())
    if code in _UNKNOWN:
        return None
    iso = _ISO_SUBDIVISION.fullmatch(code)
    if iso and (known := _known(iso[2])) in (UNITED_STATES if iso[1] == "US" else CANADA):
        return known
    return _known(code) or _BY_NAME.get(code.replace(".", ""), code)


def _known(code: str) -> str | None:
    if code in _KNOWN:
        return code
    letters = code.translate(_DIGITS_AS_LETTERS)
    return letters if letters in _KNOWN else None


def is_known(state: str) -> bool:
    """Whether a folded state is one of the tables above."""
    return state in _KNOWN


def jurisdiction_of(state: str) -> str:
    """The jurisdiction code (``us-al``, ``ca-on``) of a folded state; an unknown one in small letters."""
    if state in UNITED_STATES:
        return f"us-{state.lower()}"
    if state in CANADA:
        return f"ca-{state.lower()}"
    return state.lower()
