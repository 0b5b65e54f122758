"""Charges taken apart: what the patient bears alone, what exceeds a price ceiling, the first self-pay, and what is in scope."""

from collections.abc import Iterable

from yigong.insurance.benefits.data import NOTHING, Line, Split
from yigong.insurance.benefits.errors import CaseInvalid
from yigong.insurance.benefits.money import LIMIT, line_amount, part
from yigong.insurance.benefits.rules import NO_LIMIT, Rules

CLASSES = {"A": "甲", "B": "乙", "C": "丙"}


def split_line(rules: Rules, line: Line, relief: int = 0) -> Split:
    """One line. Figures are rounded in the order of the rule: amount, relief, over, first self-pay; the rest is in scope.

    ``relief`` in fen was given up by the hospital before the insurance shares the bill.
    """
    if line.cls not in CLASSES:
        raise CaseInvalid(f"费用类别“{line.cls}”应为 A（甲）、B（乙）或 C（丙）")
    amount = amount_of(line)
    if abs(amount) > LIMIT:
        raise CaseInvalid("一条费用的金额过大，请核对数量和单价")
    amount -= relief
    if line.cls == "C" or line.refused:
        return Split(amount, own=amount, relief=relief)
    over = _within(_over(line), amount)
    first = part(amount - over, _first_share(rules, line)) if line.cls == "B" else 0
    return Split(amount, 0, over, first, amount - over - first, relief)


def amount_of(line: Line) -> int:
    """The charge of a line in fen."""
    if line.amount is not None:
        return line.amount
    if line.price is None:
        raise CaseInvalid("费用缺少金额，也缺少单价")
    return line_amount(line.quantity, line.price)


def split_bill(rules: Rules, lines: Iterable[Line], *, poor: bool = False, relieved: int = 0) -> Split:
    """A bill: the sums of its rounded lines. ``poor``: relief comes off first, up to the ceiling less ``relieved`` this year."""
    left = max(0, rules.relief_ceiling - relieved) if poor else 0
    sums = [0] * 6
    for line in lines:
        given = min(reduction(rules, line), left) if left else 0
        left -= given
        for place, amount in enumerate(split_line(rules, line, given)):
            sums[place] += amount
    return Split(*sums)


def reduction(rules: Rules, line: Line) -> int:
    """What the community gives up of a line's amount for the poor, in fen."""
    ratio = rules.reductions.get(line.category, 0)
    return part(amount_of(line), ratio) if ratio else 0


def reductions(amounts: dict[str, int], shares: dict[str, int], left: int = NO_LIMIT) -> dict[str, int]:
    """Relief by category of charges: each rounded by itself, together not above ``left``."""
    given: dict[str, int] = {}
    for category, amount in amounts.items():
        given[category] = min(part(amount, shares.get(category, 0)), left)
        left -= given[category]
    return given


def _over(line: Line) -> int:
    if line.ceiling is None:
        return 0
    price = line.price if line.price is not None else (line.amount or 0) * 10_000
    return line_amount(line.quantity, max(0, price - line.ceiling))


def _within(over: int, amount: int) -> int:
    """Not more than what is left of the line after relief; for returned lines both are negative."""
    return min(over, amount) if amount >= 0 else max(over, amount)


def _first_share(rules: Rules, line: Line) -> int:
    if line.first_self_pay is not None:
        return line.first_self_pay
    shares = rules.first_self_pay if rules else NOTHING
    ratio = shares.get(line.category, shares.get(""))
    if ratio is None:
        raise CaseInvalid("乙类费用没有先行自付比例，待遇方案也没有为这一类别规定")
    return ratio
