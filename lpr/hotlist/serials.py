"""What plates of each region look like: forms of serials, ``@`` a letter, ``#`` a digit; the commonest first.

US forms after the OpenALPR runtime's table of states (``runtime_data/postprocess/us.patterns``), general issues alone.
"""

from __future__ import annotations

import random

from lpr.errors import HotListError

_LETTERS, _DIGITS = "ABCDEFGHJKLMNPRSTUVWXYZ", "0123456789"

_US = (
    "al ##@##@# #@##@## ##@###@,ak @@@###,az @@@#### ###@@@,ar @@@###,ca #@@@### #@#####,co @@@### @@@@## ###@@@,"
    "ct @@##### ###@@@,de ######,dc @@####,fl @@@@## @@@#@##,ga @@@####,hi @@@###,id #@##### #@@####,il @@##### ######,"
    "in ###@@@ ###@@,ia @@@###,ks ###@@@,ky ###@@@,la ###@@@,me ####@@,md #@@####,ma #@@### #@@@##,mi @@@####,"
    "mn @@@###,ms @@@###,mo @@#@#@,mt ######@,ne @@@###,nv @@@### ###@@@,nh #######,nj @##@@@,nm @@@### ###@@@,"
    "ny @@@####,nc @@@####,nd ###@@@,oh @@@####,ok @@@###,or ###@@@,pa @@@####,ri ######,sc @@@###,sd #@@###,"
    "tn @@@####,tx @@@####,ut @###@@,vt @@@###,va @@@####,wa @@@####,wv #@@###,wi @@@####,wy ######"
)
#: Jurisdiction → forms.
FORMS: dict[str, tuple[str, ...]] = {
    f"us-{line.split()[0]}": tuple(line.split()[1:]) for line in _US.split(",")
} | {
    "ca-on": ("@@@@###",), "ca-qc": ("@##@@@", "###@@@"), "ca-bc": ("@@###@",), "ca-ab": ("@@@####",),
    "gb": ("@@##@@@",), "de": ("@@@####", "@@@###", "@@####"), "fr": ("@@###@@",), "it": ("@@###@@",),
    "es": ("####@@@",), "nl": ("@@###@", "#@@@##"), "pl": ("@@@####", "@@#####"), "br": ("@@@#@##", "@@@####"),
}  # fmt: skip


class Serials:
    """Plausible plates of regions, evenly of all their forms; ``rng`` decides.

    Raises HotListError for a region whose plates are not known.
    """

    def __init__(self, regions: tuple[str, ...], rng: random.Random) -> None:
        unknown = [region for region in regions if region not in FORMS]
        if unknown:
            raise HotListError(f"no form of plates is known for {', '.join(unknown)}; there are: {', '.join(FORMS)}")
        self._forms = [FORMS[region] for region in regions]
        self._rng = rng

    def plate(self) -> str:
        rng = self._rng
        form = rng.choice(rng.choice(self._forms))
        return "".join(rng.choice(_LETTERS if c == "@" else _DIGITS) for c in form)
