"""One normalization for both sides of every match: what was read, and what an officer typed."""

from __future__ import annotations

import unicodedata

from lpr.errors import PlateError

#: The characters that a plate's text may hold.
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

#: Classes of characters that readers and people mistake for each other (Motorola Vigilant's and crumbvms's
#: published classes, with Q beside O; FIELD notes 1.1). A look-alike match differs only inside classes.
LOOK_ALIKES = ("0ODQ", "1IL", "2Z", "5S", "6G", "8B")

_ALPHABET = frozenset(ALPHABET)
# Letters that Unicode does not decompose, but that plates or keyboards bring along.
_LETTERS = str.maketrans({"Ø": "O", "Æ": "AE", "Œ": "OE", "ẞ": "SS", "Ð": "D", "Þ": "TH", "Ł": "L", "Đ": "D"})
_O_AS_ZERO = str.maketrans("O", "0")
_O_I_AS_DIGITS = str.maketrans("OI", "01")
_FIRST_OF_CLASS = str.maketrans({c: members[0] for members in LOOK_ALIKES for c in members})


def normalize(raw: str) -> str:
    """``raw`` in capital letters A–Z and digits alone: spaces, hyphens, dots and accents are gone.

    May return an empty text. Idempotent: ``normalize(normalize(x)) == normalize(x)``.
    """
    return "".join(c for c in _decomposed(raw) if c in _ALPHABET)


def parse_plate(written: str) -> str:
    """The normalized text of a plate that a person or a file gave.

    Raises PlateError when nothing is left, or when it holds letters of another script, which would vanish silently.
    """
    text = normalize(written)
    for c in _decomposed(written):
        if c not in _ALPHABET and (c.isalpha() or c.isdigit()):
            raise PlateError(f"{written!r} has the character {c!r}; write the plate with A-Z and 0-9")
    if not text:
        raise PlateError(f"{written!r} holds no letter or digit; write the plate as it stands on the vehicle")
    return text


def _decomposed(raw: str) -> str:
    # Letters last: Ǿ decomposes into Ø and an accent.
    return unicodedata.normalize("NFKD", raw.upper()).upper().translate(_LETTERS)


def key(text: str) -> str:
    """The key under which a normalized text is matched exactly: letter O counts as zero.

    Police files themselves write O as 0 (Ohio LEADS: ``LIC CHAR 10 O=>0``, the state included).
    """
    return text.translate(_O_AS_ZERO)


def fold(text: str) -> str:
    """``text`` with O as 0 and I as 1, for scores that do not punish what no eye can tell apart."""
    return text.translate(_O_I_AS_DIGITS)


def look_alike_key(text: str) -> str:
    """The key that all look-alikes of a normalized text share: each character is its class's first."""
    return text.translate(_FIRST_OF_CLASS)


def differing(text: str, other: str) -> tuple[int, ...]:
    """Positions at which two normalized texts of one length differ, O and 0 counted as the same."""
    if len(text) != len(other):
        raise ValueError("texts of different lengths have no differing positions")
    return tuple(i for i, (a, b) in enumerate(zip(key(text), key(other), strict=True)) if a != b)
