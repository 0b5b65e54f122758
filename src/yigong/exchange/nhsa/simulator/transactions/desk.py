"""What all transactions of the simulated platform work with: its books, policies and catalogue, and how it reads and writes."""

# texts: data (the simulator speaks Chinese only, like the platforms it stands for)

import csv
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from yigong.exchange.nhsa.simulator.books import Books, Row, Visit
from yigong.exchange.nhsa.simulator.sums import Policy, money, policy_for, read_policies

ZERO = Decimal(0)


class Refusal(Exception):
    """The platform says no; the text goes out as ``err_msg``."""


class Desk:
    """The books, the policies and the catalogue together; ``fen_off`` are transactions that a fault makes wrong by a fen."""

    def __init__(self, books: Books, plans: Path, catalogue: Path) -> None:
        self.books, self.policies = books, read_policies(plans)
        with catalogue.open(encoding="utf-8", newline="") as file:
            self.catalogue = {row["code"]: row for row in csv.DictReader(file)}
        self.fen_off: set[str] = set()


def person_of(platform: Desk, data: Row) -> Row:
    """Whom a message is about, or Refusal."""
    person = platform.books.people.get(str(data.get("psn_no", "")))
    if person is None:
        raise Refusal("人员编号不存在")
    return person


def visit_of(platform: Desk, data: Row) -> Visit:
    """The registration a message is about, or Refusal."""
    visit = platform.books.visits.get(str(data.get("mdtrt_id", "")))
    if visit is None or visit.cancelled:
        raise Refusal("就诊登记不存在或已撤销")
    return visit


def person_kind(person: Row, insutype: str) -> str:
    """The kind of person under a scheme."""
    return next((one["psn_type"] for one in person["insuinfo"] if one["insutype"] == insutype), "")


def policy_of(platform: Desk, visit: Visit) -> Policy:
    """The policy that a visit is settled by, or Refusal."""
    person = platform.books.people[visit.psn_no]
    insured = next((one for one in person["insuinfo"] if one["insutype"] == visit.insutype), None)
    if insured is None:
        raise Refusal("该险种没有参保")
    found = policy_for(platform.policies, visit.insutype, insured["insuplc_admdvs"], date.fromisoformat(visit.day))
    if found is None:
        raise Refusal("统筹区没有待遇政策")
    return found


def is_settled(platform: Desk, mdtrt_id: str) -> bool:
    """Whether a settlement of the visit stands."""
    return any(s.mdtrt_id == mdtrt_id and not s.reversal_id for s in platform.books.settled.values())


def number(text: Any, name: str) -> Decimal:
    """A figure of a message, or Refusal."""
    try:
        number = Decimal(str(text))
    except InvalidOperation:
        raise Refusal(f"{name} 不是数字：{text}") from None
    if not number.is_finite():
        raise Refusal(f"{name} 不是数字：{text}")
    return number


def yuan(amount: Decimal) -> str:
    """A figure as the platform writes it."""
    return f"{money(amount):.2f}"
