"""The insurance catalogue of the packs: how a national code is paid.

What is not in it is class C, all the person's own, and says so: nobody guesses a class.
"""

from decimal import Decimal
from typing import Literal

import msgspec

from yigong.core.packs.api import Table, register, rows
from yigong.insurance.benefits.api import fen, share


class InsuranceItem(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One row of ``insurance-catalogue.csv``: class A (甲), B (乙) or C (丙), the first self-pay share of class B where it differs from the
    plan's, the highest price that counts (yuan), a restriction in words, the category that benefits and relief look at, and where it was taken from."""

    code: str
    name: str
    cls: Literal["A", "B", "C"]
    first_self_pay: Decimal | None = None
    ceiling: Decimal | None = None
    restriction: str = ""
    category: str = ""
    source: str = ""
    certainty: Literal["published", "secondary", "general", "demo"] = "demo"


CATALOGUE: Table[InsuranceItem] = register(Table("insurance-catalogue", "insurance-catalogue.csv", InsuranceItem))


def catalogued(code: str) -> InsuranceItem | None:
    """The row of a national code; None when the code is not matched."""
    return rows(CATALOGUE).get(code)


def share_of(item: InsuranceItem) -> int | None:
    """The item's own first self-pay share in millionths."""
    return None if item.first_self_pay is None else share(item.first_self_pay)


def ceiling_of(item: InsuranceItem) -> int | None:
    """The highest price that counts, in 1/1,000,000 yuan."""
    return None if item.ceiling is None else fen(item.ceiling) * 10_000
