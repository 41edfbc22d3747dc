"""Serial formats: what plates say. ``@`` is a letter, ``#`` a digit, ``|`` the line break of a two-line plate.

Blanks, hyphens and dots are separators as stamped; they are drawn, and are not part of the text.
Sources: the states' current and recent general issues (AAMVA License Plate Standard 2020, the OpenALPR runtime's
postprocess patterns) and the EU, UK, Brazilian, Indian and Russian regulations' published forms.
"""

from __future__ import annotations

import random
import string

US = (
    "#@@@###", "@@@ ####", "@@@-####", "@@@ ###", "@@@-###", "### @@@", "###-@@@", "@@# @##", "#@@ ####", "@## @##",
    "@###@@", "@@@###", "@@#####", "###@@#", "#@#####", "####@@", "@@ ####", "@@ #####", "@@@ @##", "##@ ###",
    "@@ ##@", "### ###", "###-###", "######", "#######", "@######", "@@####", "#-#####", "##-#####", "##@ ###",
    "@@@ ##@", "#@@ @##", "@#@ ###", "###@@@", "@@#-####", "@@-####", "### @##", "@@-#@##", "#### @#", "##### @@",
    "@##-@@@", "##@-###@", "@##@@@", "@@#@##", "@@@#@#", "#@#@##", "##@###",
)  # fmt: skip
EU = (
    "@ @@ ###", "@ @@ ####", "@@ @@ ###", "@@ @ ####", "@@@ @ ##", "@@@ @@ ###",
    "@-@@ ####", "@@-@@ ###", "@@ ###@@",
    "@@-###-@@", "@@ ### @@", "#### @@@", "####@@@", "@ #### @@", "@ ## @@@", "@ ### @@@", "@@ ## @@@", "@@-##-@@",
    "##-@@-@@", "##-@@@-#", "@-###-@@", "#@@@###", "#-@@@-###", "@@@ ###", "@@@-###", "@@@ ##@", "@@ #####",
    "@@ ## ###",
    "@@@ ####", "@@@ #####", "@@ ####@", "@@ ###@@", "#@# ####", "#@## ####", "##-@-#####", "###-@-####", "##-@@-##",
    "@@ ####", "@@-####", "@@-###-@@", "@@ @@ ##", "@@@ ###@", "@ #####", "@-#####@", "@@ ###-@@", "@@@@ ###",
    "### @@ ##", "#### @@ ##", "@@ ### @", "@#-###", "@#####@", "####-@@@",
)  # fmt: skip
UK = ("@@## @@@",) * 6 + (
    "@### @@@",
    "@## @@@",
    "@# @@@",
    "@@@ ###@",
    "@@@ ##@",
    "@@@ ####",
    "@@@ #",
    "# @@@",
    "@@@ #####",
)
BR_OLD = ("@@@-####", "@@@ ####")
MERCOSUR = ("@@@#@##", "@@@#@##", "@@ ###@@", "@@@ ####")
CANADA_MEXICO_AU = (
    "@@@@ ###", "@@@-###", "@@@ ###", "### @@@", "@@# ##@", "@#@ #@#", "@@@-##-##", "@@@-###-@", "@##-@@@", "@@-##-@@",
    "@@@ ##@", "#@@ #@@", "##@-@@#", "@@##@@", "@@@ ##", "###-@@@",
)  # fmt: skip
RUSSIA = ("@###@@ ##", "@###@@ ###")
#: What stands behind the state's letters, and where the line may break.
INDIA = ("## @@ ####", "## @ ####", "##@@####", "-##-@@-####", "## @@@ ####", "#@ @ ####", "#@@ ####")
INDIA_TWO_LINE = ("##@@|####", "##|@@####", "## @@|####", "## @|####", " ##|@@ ####", "##@|####", "-##|@@-####")
#: The states and territories of India (Central Motor Vehicles Rules, 1989), those with most vehicles more often.
_INDIAN = (
    "MH MH MH DL DL DL KA KA KA TN TN TN UP UP UP GJ GJ GJ KL KL RJ RJ HR HR MP MP WB WB AP AP TS TS PB PB BR OR OD "
    "CG JH AS CH GA HP UK UA JK PY TR ML MN NL MZ SK AR AN DD DN LA LD TG"
).split()
TWO_LINE = (
    "@@##@|@####", "@@##@|####", "@@ ##|@@ ####", "@@##|@@@", "@@@|###", "@@@|####", "@@|####", "@ @|####", "@-@@|###",
    "@@ #|####", "###|@@@", "##-@@|@@", "@@|###@", "@@@|##@", "@@@#|@##", "@ @@|##", "@@ @|###", "@###|@@@", "##|@@ ##",
    "@@|#####", "###|###", "####|@@@", "@@##|####", "###|@@ ##", "@|@@ ##@", "@@@|#@##", "##-@#|###.##", "##@#|####",
    "###|####", "@@ ##|####", "@@@|###@", "@@-|###", "@###|@@ ##",
)  # fmt: skip
#: Letters that the dies of most countries use; I, O and Q are rarer, but not so rare that a thin I counts as dirt.
_LETTERS = string.ascii_uppercase * 12 + "ABCDEFGHJKLMNPRSTUVWXYZ" * 8
#: The share of serials, where the format has a run of letters, in which some of them have a thin I among them.
#: A reader that saw few of them leaves the I out, with full confidence.
THIN = 0.18
_THIN_RUNS = (
    "IL IL LI IT TI IJ JI II IF IE IH HI IN MI CI IA "
    "CIL CIL CIL GIL OIL DIL LIL AIL CIT CID CIC UIL JIL BIL CLI LIC TIL ILT FIL SIL VIL HIL NIL MIL ZIL"
).split()
_WORDS = (
    "LOVE LUCKY BOSS KING QUEEN BABY CAR FAST RIDE ROAD GOLF FISH SURF SKI DOG CAT MOM DAD NANA PAPA MR MRS DR MISS "
    "RUN FLY JET ACE STAR SUN MOON SKY SEA BEACH OCEAN RIVER LAKE HILL ROCK WOLF BEAR LION TIGER HAWK EAGLE BUG BEE "
    "RED BLUE GRAY GOLD JADE RUBY PINK VETTE BMW AUDI FORD CHEVY JEEP MINI COOP GTO SS RS TURBO VTEC HEMI MOPAR "
    "GO GET MY YOUR I U R ON IN TO FOR THE ONE TWO LIFE LIVE FREE WILD COOL HOT ZEN YOGA JOY HOPE FAITH PEACE BLISS "
    "ROXY ZOE MAX JACK JILL MIKE DAVE JEN LIZ SAM TOM BOB JOE AMY KATE ANNA EMMA QUINN ALEX CHRIS STEVE WALLY OZZY "
    "GAMER NERD GEEK CODE HACK NINJA PIRATE ROBOT MAGIC WITCH HOWDY YALL AMIGO CIAO BYE LATER WHY NOT YES NOPE MAYBE"
).split()
_LEET = {"A": "4", "E": "3", "I": "1", "O": "0", "S": "5", "B": "8", "T": "7", "G": "6", "Z": "2"}


def serial(rng: random.Random, formats: tuple[str, ...]) -> str:
    """A serial of one of ``formats``, separators included."""
    drawn = rng.choice(formats)
    text = [rng.choice(_LETTERS) if c == "@" else rng.choice(string.digits) if c == "#" else c for c in drawn]
    if rng.random() < THIN:
        run = rng.choice(_THIN_RUNS)
        places = [at for at in range(len(drawn)) if drawn.startswith("@" * len(run), at)]
        if places:
            at = rng.choice(places)
            text[at : at + len(run)] = run
    return "".join(text)


def indian(rng: random.Random, formats: tuple[str, ...]) -> str:
    """A serial of India: a state's letters before one of ``formats``."""
    return rng.choice(_INDIAN) + serial(rng, formats)


def vanity(rng: random.Random, longest: int = 8) -> str:
    """A personalised serial: words run together, with digits or leet spelling, 2 to ``longest`` characters."""
    kind = rng.random()
    if kind < 0.25:
        letters = string.ascii_uppercase if rng.random() < 0.6 else string.ascii_uppercase + string.digits
        return "".join(rng.choice(letters) for _ in range(rng.randint(2, longest)))
    text = rng.choice(_WORDS)
    while len(text) < 2 or (len(text) < longest - 1 and rng.random() < 0.7):
        piece = rng.choice(_WORDS) if rng.random() < 0.7 else str(rng.randint(0, 99))
        text = f"{text}{' ' if rng.random() < 0.15 else '-' if rng.random() < 0.08 else ''}{piece}"
    if rng.random() < 0.3:
        text = "".join(_LEET.get(c, c) if rng.random() < 0.5 else c for c in text)
    return text[:longest].strip(" -")


def anything(rng: random.Random) -> str:
    """Any mixture of letters and digits, 3 to 9 characters, perhaps in groups."""
    characters = string.ascii_uppercase + string.digits * 2
    length = rng.choices((3, 4, 5, 6, 7, 8, 9), (1, 2, 4, 9, 10, 5, 2))[0]
    text = "".join(rng.choice(characters) for _ in range(length))
    if rng.random() < 0.5 and length > 4:
        cut = rng.randint(2, length - 2)
        text = text[:cut] + rng.choice((" ", " ", "-", ".")) + text[cut:]
    return text
