"""What the plates of each jurisdiction look like: its serial formats, read from the tables in ``regions/``.

Forms are soft evidence. A vanity plate fits none, and a plate of one state fits those of twenty others.

In a form ``@`` is a letter (one of the region's ``letters`` where these are given), ``#`` a digit, ``?`` either,
``[A-HX]`` one of the characters named, ``{name}`` one of the region's list ``name``; everything else is itself. The
notation extends that of OpenALPR's ``.patterns`` files.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lpr.errors import RegionError

_FOLDER = Path(__file__).parent / "regions"
_LETTERS, _DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
_TOKEN = re.compile(r"\[([^\]]+)\]|\{(\w+)\}|(.)")
# The first form is the general issue that most vehicles have; each next one has this share of the one before.
_NEXT = 0.6


@dataclass(frozen=True)
class Form:
    """One form: ``expression`` fits its serials; ``chance`` is that of each, when all are equally common."""

    written: str
    expression: re.Pattern[str]
    chance: float


@dataclass(frozen=True)
class Region:
    """A jurisdiction: ``code`` as in rows (``us-al``, ``ro``), its forms, the commonest first, and their source.

    ``cars`` are passenger cars in millions, 0 where the tables do not say.
    """

    code: str
    name: str
    forms: tuple[Form, ...]
    source: tuple[str, ...]
    cars: float
    note: str

    def fits(self, text: str) -> bool:
        """Whether a normalized text has one of the region's forms."""
        return any(form.expression.fullmatch(text) for form in self.forms)

    def chance(self, text: str) -> float:
        """The probability that a plate in one of the region's forms bears the normalized ``text``."""
        weights = [_NEXT**i for i in range(len(self.forms))]
        fitting = (
            weight * form.chance
            for weight, form in zip(weights, self.forms, strict=True)
            if form.expression.fullmatch(text)
        )
        return sum(fitting) / sum(weights)


@cache
def regions() -> dict[str, Region]:
    """Code → Region, in the tables' order."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    table: dict[str, Region] = {}
    for path in sorted(_FOLDER.glob("*.toml")):
        with path.open("rb") as file:
            rows: dict[str, dict[str, Any]] = tomllib.load(file)
        for code, row in rows.items():
            forms = tuple(parse_form(form, row) for form in row["forms"])
            cars = float(row.get("cars", 0.0))
            table[code] = Region(code, row["name"], forms, tuple(row["source"]), cars, row.get("note", ""))
    return table


def parse_regions(written: str) -> tuple[str, ...]:
    """The codes in a text such as ``us-al,us-ga``; ``us``, ``ca`` and ``eu`` stand for all of theirs.

    Raises RegionError for a code that the tables do not have.
    """
    known = regions()
    codes: list[str] = []
    for word in written.replace(",", " ").lower().split():
        if word in known:
            codes.append(word)
        elif word in ("us", "ca"):
            codes += [code for code in known if code.startswith(f"{word}-")]
        elif word == "eu":
            codes += [code for code in known if known[code].cars and code not in ("gb", "no", "ch")]
        else:
            raise RegionError(f"there is no region {word!r}; use codes such as us-al, ca-on, de, gb, or us, ca, eu")
    return tuple(dict.fromkeys(codes))


def parse_form(written: str, row: dict[str, Any]) -> Form:
    """A form of the tables; ``row`` has the region's ``letters`` and lists. Raises RegionError."""
    letters = str(row.get("letters", _LETTERS))
    expression, chance = "", 1.0
    for named, listed, plain in _TOKEN.findall(written):
        if named:
            expression += f"[{named}]"
            chance /= len(re.findall(f"[{named}]", _LETTERS + _DIGITS))
        elif listed:
            words = row.get(listed)
            if not isinstance(words, list) or not words:
                raise RegionError(f"the form {written!r} names a list {listed!r} that its region does not have")
            expression += f"(?:{'|'.join(words)})"
            chance /= len(words)
        elif plain == "@":
            expression += f"[{letters}]"
            chance /= len(letters)
        elif plain == "#":
            expression += r"\d"
            chance /= 10
        elif plain == "?":
            expression += "[A-Z0-9]"
            chance /= 36
        else:
            expression += re.escape(plain)
    return Form(written, re.compile(expression), chance)
