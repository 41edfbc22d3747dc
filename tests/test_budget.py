"""What the tiers of a list find and cost: explained misreads, the false-alert budget, the table they come from."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import lpr
from cli.main import cli
from lpr.errors import HotListError
from lpr.hotlist.budget import Budget, budget, import_warning, warnings
from lpr.hotlist.confusion import SHIPPED, load
from lpr.hotlist.entry import TIERS
from lpr.hotlist.explain import explain, shares
from lpr.hotlist.lists import HotLists
from lpr.hotlist.serials import FORMS, Serials
from lpr.hotlist.simulated import SimulatedReader
from lpr.normalize import ALPHABET
from lpr.plates import Candidate, Transcript
from lpr.training.confusions import Counts, alignment, measure, reliability, table, write


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> lpr.Database:
    monkeypatch.setenv("LPR_DB", str(tmp_path / "lpr.db"))
    return lpr.open_database()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["hotlist", *arguments], prog_name="lpr")


def test_the_shipped_table_is_one() -> None:
    confusions = load()
    assert confusions.about
    for row in (*confusions.truth.values(), *confusions.read.values()):
        assert 0.9 < sum(row.values()) <= 1.0 + 1e-9
    # what every eye mistakes is likelier than what none does
    assert confusions.doubt("5", "S") > 10 * confusions.doubt("5", "W")


@pytest.mark.parametrize("text", ["", "{}", '{"about": "x"}', SHIPPED.read_text().replace("0.0", "7.0", 1)])
def test_what_is_no_table(tmp_path: Path, text: str) -> None:
    (tmp_path / "table.json").write_text(text)
    with pytest.raises(HotListError, match=r"table.json is no table of confusions .*lpr.training.confusions makes one"):
        load(tmp_path / "table.json")


@pytest.mark.parametrize(
    ("read", "text", "pairs"),
    [
        ("AB3", "AB8", "AA BB 38"),
        ("AB", "A1B", "AA  1 BB"),
        ("AIB", "AB", "AA I  BB"),
        ("ABCD", "XBCDE", "AX BB CC DD  E"),
    ],
)
def test_alignment(read: str, text: str, pairs: str) -> None:
    told = "".join(f"{a or ' '}{d or ' '} " for a, d in alignment(read, text)).rstrip()
    assert told == pairs


def transcript(text: str, *others: str) -> Transcript:
    return Transcript(text, text, 0.9, (), tuple(Candidate(t, 0.1) for t in (text, *others)))


def test_measuring_a_reader(tmp_path: Path) -> None:
    pairs = [
        ("ABC123", transcript("ABC123")),
        ("ABC128", transcript("ABC123", "ABC128")),  # foreseen
        ("ABC128", transcript("ABC12B")),  # blind
        ("ABC128", transcript("AC128")),
        ("ABC128", transcript("ABCI128")),
        ("ABC128", transcript("ZZZZZ99")),  # another plate
    ]
    counts = measure(pairs)
    assert (counts.plates, counts.wrong, counts.left_out) == (5, 4, 1)
    # three errors that no candidate sets right; of two of their plates one has a character more, one a character less
    assert (counts.errors, counts.unforeseen, counts.unsuspected) == (4, 3, 0)
    assert (counts.lost, counts.single, counts.gaps) == (3, 3, 2)
    assert counts.read == Counter({("8", "3"): 1, ("8", "B"): 1})
    assert (counts.missed, counts.added) == (Counter("B"), Counter("I"))
    write(table(counts, "five plates"), tmp_path / "table.json")
    confusions = load(tmp_path / "table.json")
    assert confusions.about == "five plates"
    write(table(measure(pairs[:1] * 5), "no error"), tmp_path / "without.json")
    without = load(tmp_path / "without.json")
    assert confusions.read["8"]["3"] > 2 * without.read["8"]["3"]
    assert confusions.missed["B"] > confusions.missed["A"]
    assert confusions.added["I"] > confusions.added["L"]


def test_what_the_reader_tells_of_an_error() -> None:
    counts = Counts()
    sure = (Candidate("AB3XYZ", 0.98), Candidate("4B3XYZ", 0.015))
    read = Transcript("AB3XYZ", "AB3XYZ", 0.9, (), sure)
    counts.add("AB8XYZ", read)  # neither a candidate nor the rest tells of it
    assert (counts.errors, counts.unforeseen, counts.unsuspected) == (1, 1, 1)
    counts.add("4B8XYZ", read)  # one of the two errors is foreseen
    assert (counts.errors, counts.unforeseen, counts.unsuspected) == (3, 2, 2)
    assert (counts.lost, counts.single) == (2, 1)
    zero = Transcript("0B3XYZ", "0B3XYZ", 0.9, (), (Candidate("0B3XYZ", 1.0),))
    counts.add("OB3XYZ", zero)  # letter O for zero is none
    assert (counts.errors, counts.wrong) == (3, 3)


def test_reliability() -> None:
    pairs = [
        (text, Transcript("AB3", "AB3", 0.9, (), (Candidate("AB3", 0.75), Candidate("AB8", 0.2))))
        for text in ("AB3", "AB3", "AB8", "AB4")
    ]
    assert reliability(pairs) == [
        ("candidate", 0.1, 4, pytest.approx(0.2), 0.25),
        ("candidate", 0.3, 4, pytest.approx(0.75), 0.5),
        ("rest", 0.03, 4, pytest.approx(0.05), 0.25),
    ]


def test_a_table_of_nothing_is_refused() -> None:
    with pytest.raises(lpr.DatasetError, match="no labelled plate was read"):
        table(Counts(), "nothing")


def test_a_simulated_reader_errs_as_the_table_says() -> None:
    confusions = load()
    reader = SimulatedReader(confusions, random.Random(1))
    reads = [reader.read("8") for _ in range(40_000)]  # of which one in a hundred errs
    for c in "B3":
        share = sum(t.text == c for t in reads) / len(reads)
        assert share == pytest.approx(confusions.read["8"][c], rel=0.5, abs=0.002)
    wrong = [t for t in reads if t.text != "8"]
    unforeseen = sum(all(c.text != "8" for c in t.candidates) for t in wrong) / len(wrong)
    assert unforeseen == pytest.approx(confusions.unforeseen, abs=0.1)
    doubted = [t for t in reads if 0.6 < t.confidence < 0.9]
    assert sum(t.text == "8" for t in doubted) / len(doubted) == pytest.approx(0.75, abs=0.1)
    # what it tells is so, however the plate is read
    serials = Serials(("us-ca", "us-ny"), random.Random(2))
    pairs = [(plate, reader.read(plate)) for plate in (serials.plate() for _ in range(6_000))]
    for what, least, number, told, so in reliability(pairs):
        if number > 100:
            assert so == pytest.approx(told, abs=0.08, rel=0.5), (what, least)


def test_serials_have_their_regions_forms() -> None:
    plates = Serials(("us-ca",), random.Random(1))
    forms = {"".join("#" if c.isdigit() else "@" for c in plates.plate()) for _ in range(50)}
    assert forms == set(FORMS["us-ca"])
    assert all(set(form) <= set("@#") for forms_ in FORMS.values() for form in forms_)
    with pytest.raises(HotListError, match="no form of plates is known for us-xx; there are: us-al"):
        Serials(("us-xx",), random.Random(1))


def test_explained_misreads() -> None:
    found = explain("8MZ 5536", TIERS)
    assert (found[0].read, found[0].tier) == ("8MZ5536", "exact")
    tiers = {one.read: one.tier for one in found}
    assert (tiers["8MZS536"], tiers["BMZS536"]) == ("look-alike", "look-alike")
    assert "near" in tiers.values()
    likely = [one.probability for one in found[1:]]
    assert likely == sorted(likely, reverse=True)
    assert sum(shares(found).values()) == pytest.approx(1.0)
    # the tiers of the list decide
    assert {one.tier for one in explain("8MZ5536", ("exact",))} == {"exact", None}


def test_explain_command() -> None:
    lines = run("explain", "8MZ5536", "--tiers", "exact,look-alike").stdout.splitlines()
    assert lines[0] == "8MZ5536, tiers exact, look-alike"
    assert lines[1] == f"Confusions: {load().about}"
    assert lines[2].split() == ["read", "probability", "tier", "score", "rule"]
    assert lines[3].split()[0] == "8MZ5536"
    assert lines[-1].startswith("Of misreads with one error or two look-alikes: look-alike ")
    rows = json.loads(run("explain", "8MZ5536", "--json").stdout)
    assert len(rows) > 400
    assert run("explain", "8MZ5536", "--tiers", "hunch").exit_code == 2
    assert run("explain", "日本").exit_code == 1


def crowded(database: lpr.Database) -> None:
    """A list with a tenth of all plates of two letters and one digit, and with all tiers."""
    lists = HotLists(database)
    letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
    with database.atomic():
        for n, text in enumerate(f"{a}{b}{d}" for a in letters for b in letters for d in "0123456789"):
            if n % 11 == 0:
                lists.add(text, "crowded", "QQ", "x")
        lists.set("crowded", {"tiers": list(TIERS)})


def test_budget(database: lpr.Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FORMS, "qq", ("@@#",))
    crowded(database)
    found = {one.tier: one for one in budget(database, plates=400)}
    assert list(found) == list(TIERS)
    assert {one.drawn for one in found.values()} == {400}
    near, partial = found["near"], found["partial"]
    assert near.alerted > 40  # many entries are one likely error away
    assert near.false_alerts == near.alerted * 250
    assert partial.alerted == 0
    told = warnings(list(found.values()))
    assert any("in the near tier; to switch it off: lpr hotlist set crowded --tiers exact,look-alike,candidate" in line
               for line in told)  # fmt: skip
    # the same plates each time
    assert list(found.values()) == budget(database, plates=400)
    HotLists(database).set("crowded", {"tiers": ["exact"]})
    (exact,) = budget(database, plates=400)
    assert exact.alerted < near.alerted / 5


def test_an_import_warns_of_partial_plates_that_fit_too_much(database: lpr.Database) -> None:
    HotLists(database).add("ABC123", "bolo", "AL", "x")
    assert import_warning(database, "bolo") == []
    database.execute("UPDATE entries SET partial = 1, text = '*', look_alike_key = '*'")
    (warning,) = import_warning(database, "bolo")
    assert warning.startswith(
        "list bolo: about 100,000 of 100,000 plates that are on no list would alert in the partial"
    )


@pytest.mark.parametrize(
    ("tiers", "remedy"),
    [
        (("exact", "near"), "to switch it off: lpr hotlist set 'my list' --tiers exact"),
        (("near",), "shorten the list"),
    ],
)
def test_a_warning_names_the_setting(tiers: tuple[str, ...], remedy: str) -> None:
    budgets = [Budget("my list", tier, 250.0 if tier == "near" else 0.0, 100_000, 400, 1) for tier in tiers]
    told = "list my list: about 250 of 100,000 plates that are on no list would alert in the near tier; "
    assert warnings(budgets) == [told + remedy]
    assert warnings(budgets, threshold=250) == []


def test_budget_command(database: lpr.Database) -> None:
    assert run("budget").stderr == ("Error: there is no hot list; lpr hotlist import FILE --list NAME makes one\n")
    HotLists(database).add("ABC1234", "bolo", "AL", "x")
    result = run("budget", "--plates", "50", "--csv")
    assert (result.exit_code, result.stdout) == (
        0,
        "list,tier,false_alerts,per,drawn,alerted\n"
        + "".join(f"bolo,{tier},0.0,100000,50,0\n" for tier in ("exact", "look-alike", "candidate", "partial")),
    )
    assert run("budget", "--list", "nope").exit_code == 1
    assert run("budget", "--region", "mars").stderr.startswith("Error: no form of plates is known for mars")
    assert set(ALPHABET) >= set("".join(c for c in Serials(("gb",), random.Random(2)).plate()))
