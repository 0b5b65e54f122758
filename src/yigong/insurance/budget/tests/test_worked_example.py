"""The year traced by hand in the documents is the year the rules make: its figures are read from the page and calculated again."""

import re
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest

from yigong.insurance.benefits.api import read_plan, settle_in_order
from yigong.insurance.benefits.data import Case, Split
from yigong.insurance.budget.commands.packages import figures
from yigong.insurance.budget.queries.terms import terms_for
from yigong.insurance.budget.rules.cases import FundCase, Weight, worth
from yigong.insurance.budget.rules.clearing import Member, clear
from yigong.insurance.payment.api import from_fen, to_fen

PAGE = (Path(__file__).resolve().parents[5] / "docs/explanation/budget-worked-example.md").read_text("utf-8")
PAGE_PLAN = Path(__file__).resolve().parents[5] / "packs/demo/benefits/resident-2026.toml"
_LEVEL = {"township": "1", "county": "2", "outside": "3"}
_MONEY = re.compile(r" [\d,]+\.\d\d ")
pytestmark = pytest.mark.django_db


def said(pattern: str) -> list[Decimal]:
    """The figures of one place of the page."""
    found = re.search(pattern, PAGE)
    assert found, f"the page no longer says {pattern}"
    return [Decimal(one.replace(",", "")) for one in found.groups()]


def fen(yuan: Decimal) -> int:
    """Yuan of the page in fen."""
    return int(yuan * 100)


def test_one_persons_year() -> None:
    """Every visit settled anew on the sums of those before it, and the sums of the year."""
    rows = re.findall(r"^\| (chronic|pooling|inpatient), (township|county|outside)[^|]*\|(.*)\|$", PAGE, re.MULTILINE)
    told = [
        [fen(Decimal(cell.replace(",", ""))) for cell in cells.split("|") if _MONEY.fullmatch(cell)]
        for *_what, cells in rows
    ]
    cases = [
        Case(
            kind, Split(total, own, 0, first, in_scope), _LEVEL[where], disease="I25" if kind == "chronic" else "",
            place="unregistered" if where == "outside" else "",
        )
        for (kind, where, _cells), (total, own, first, in_scope, _pool, _person) in zip(rows, told, strict=True)
    ]  # fmt: skip
    rules = read_plan(PAGE_PLAN)
    settled = settle_in_order(rules, cases)
    assert [(one.pool, one.person) for one in settled] == [(pool, person) for *_fee, pool, person in told]
    year = said(
        r"\*\*the year\*\* \| ([\d,.]+) \| ([\d,.]+) \| ([\d,.]+) \| ([\d,.]+) \| \| \*\*([\d,.]+)\*\* \| ([\d,.]+)"
    )
    assert [fen(one) for one in year] == [sum(column) for column in zip(*told, strict=True)]
    township, county = said(r"the township earned\n([\d,.]+), the county hospital ([\d,.]+)\.")
    earned = {
        where: sum(one.pool for one, row in zip(settled, rows, strict=True) if row[1] == where) for where in _LEVEL
    }
    assert (fen(township), fen(county)) == (earned["township"], earned["county"])


def test_from_visits_to_facts() -> None:
    """Inside and outside make the use that the clearing subtracts; each benefit's parts make its total."""
    inside, outside, used = said(
        r"\(([\d,.]+) yuan of the pooled fund\) and \d+ outside \(([\d,.]+)\)\. Together \*\*([\d,.]+) used"
    )
    assert inside + outside == used == said(r"surplus \| [\d,.]+ − ([\d,.]+) \|")[0]
    rows = re.findall(r"^\| [\w ]+ \| \d+ \| ([\d,.]+) \| ([\d,.]+) \| ([\d,.]+) \|$", PAGE, re.MULTILINE)
    assert len(rows) == 4
    for row in rows:
        total, pool, others = (Decimal(cell.replace(",", "")) for cell in row)
        assert total == pool + others


def test_the_package() -> None:
    """Financing, what is kept back, and the package, under the terms of 2025."""
    people, each, financing = said(r"financing \| ([\d,]+) × ([\d,]+) \| ([\d,.]+)")
    kept = [said(rf"{name} \|[^|]*\| − ([\d,.]+)")[0] for name in ("reserve", "premium", "adjustment fund")]
    (package,) = said(r"\*\*package\*\* \| \| \*\*([\d,.]+)\*\*")
    terms = terms_for("390", 2025)
    assert terms.standard.value == each
    assert figures(terms, int(people)) == (fen(financing), [fen(one) for one in kept], fen(package))


def test_the_clearing() -> None:
    """Surplus, what is kept and goes back, the centre's part and the fen it gains by its remainder."""
    package, used, surplus = said(r"surplus \| ([\d,.]+) − ([\d,.]+) \| ([\d,.]+)")
    score, kept = said(r"score ([\d.]+) reaches.*\| ([\d,.]+) \|\n")
    (returned,) = said(r"back to the fund \|.*\| ([\d,.]+) \|\n")
    weight, own_score, factor = said(r"factor (\d) × ([\d.]+) = ([\d.]+)\.")
    count, whole = said(r"factors\nof all (\d+) members add up to ([\d,.]+)\.")
    (part,) = said(r"\*\*([\d,.]+) yuan\*\*")
    terms = terms_for("390", 2025).clearing
    others = Member(uuid4(), (whole - factor) / 100, Decimal(100))
    made = clear(fen(package), fen(used), 0, score, terms, [Member(uuid4(), weight, own_score), others])
    assert (made.surplus, made.kept, made.returned) == (fen(surplus), fen(kept), fen(returned))
    exact = kept * 100 * factor / whole
    assert made.shares[0][1] == factor and fen(part) in (int(exact), int(exact) + 1) and count == 184


def test_the_month_of_the_centre() -> None:
    """The case by group, the heads, what is prepaid, the deposit and its release."""
    cost, own, first, in_scope = said(r"cost ([\d,.]+); own ([\d,.]+), first self-pay ([\d,.]+), in scope ([\d,.]+)\.")
    deductible, pool, person = said(r"− (\d+)\) × 88 % = ([\d,.]+) from the fund, ([\d,.]+) from the person")
    weight, rate, standard = said(r"standard  ([\d.]+) × ([\d,.]+) × 0\.9 \(level 1\) = ([\d,.]+);")
    (fund,) = said(r"fund +[\d,.]+ − [\d,.]+ = ([\d,.]+)")
    assert in_scope == cost - own - first and person == cost - pool
    case = FundCase(
        "DM11", "1", 5, fen(cost), fen(own), 0, fen(first), fen(deductible), 880_000, fen(pool), 0, fen(person), None
    )
    paying = terms_for("390", 2026).paying
    found = worth(case, {"DM11": Weight(weight, fen(cost))}, fen(rate), paying)
    assert (found.kind, found.standard, found.fund) == ("normal", fen(standard), fen(fund))
    people, each, heads = said(r"outpatient by head \| (\d+) people × (\d+) ÷ 12 \| ([\d,.]+)")
    assert people * each / 12 == heads and each == paying.per_head
    (items,), (payable,) = said(r"by item \| chronic diseases \| ([\d,.]+)"), said(r"\| payable \| \| ([\d,.]+)")
    assert fund + heads + items == payable
    (prepaid,), (deposit,) = said(r"prepaid \|.*\| ([\d,.]+) \|"), said(r"deposit \| .*\| ([\d,.]+) \|")
    assert to_fen(from_fen(fen(payable)) * paying.prepaid) == fen(prepaid) and payable - prepaid == deposit
    share, released = said(r"= ([\d.]+) %: ([\d,.]+) to the centre")
    assert to_fen(deposit * share / 100) == fen(released)
