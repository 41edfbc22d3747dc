"""Plates as hot lists write them: whole ones, partial ones, and those whose state has both the letter O and zero."""

from __future__ import annotations

from lpr.errors import PlateError
from lpr.hotlist.entry import LONGEST, parse_entry_plate
from lpr.hotlist.pattern import ANY_NUMBER, ANY_ONE, pattern_of

#: A partial plate must say this much: with fewer characters known it fits one plate in a few hundred. Chosen.
LEAST_KNOWN = 3

#: States whose plates have the letter O and the digit zero side by side (FIELD notes 3.6, 3.7): there one list entry
#: may stand for two vehicles, and exact matches cannot tell them apart.
BOTH_O_AND_ZERO = frozenset(("CO", "PA"))


def parse_listed(written: str) -> tuple[str, bool]:
    """The text of a plate on a list, and whether it is a partial one, whose text is a pattern with ``?`` and ``*``.

    Raises PlateError when it is empty, too long, holds a character that no plate has, or says too little.
    """
    if not written:
        raise PlateError("the plate is empty")
    if ANY_ONE not in written and ANY_NUMBER not in written:
        return parse_entry_plate(written), False
    said = written.replace(ANY_ONE, " ").replace(ANY_NUMBER, " ")
    known = parse_entry_plate(said) if said.strip() else ""
    if len(known) < LEAST_KNOWN:
        raise PlateError(f"{written!r} has only {len(known)} known characters; a partial plate needs {LEAST_KNOWN}")
    text = pattern_of(written)
    while ANY_NUMBER * 2 in text:
        text = text.replace(ANY_NUMBER * 2, ANY_NUMBER)
    if len(text.replace(ANY_NUMBER, "")) > LONGEST:
        raise PlateError(f"{written!r} stands for more than {LONGEST} characters; a plate has at most {LONGEST}")
    return text, True


def twin_of(text: str, state: str | None) -> str | None:
    """The plate that another vehicle of the same state may carry and that no match tells from ``text``, or None.

    It has zeros for the letter O and the other way round, in a state that issues both.
    """
    if state not in BOTH_O_AND_ZERO or not ("O" in text or "0" in text):
        return None
    return text.translate(str.maketrans("O0", "0O"))
