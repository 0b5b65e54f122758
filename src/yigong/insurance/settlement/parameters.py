"""Local rules of settlement that are no benefits, from the packs."""

from datetime import date
from typing import Literal

import msgspec

from yigong.core.packs.api import Kind, current, register


class SettlementRules(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """``stay_year``: a stay across the turn of the year counts wholly to the year of ``discharge`` or of ``admission``.
    ``refund_order``: by which means money is given back first. ``ask_after``: seconds until the platform is asked about a lost answer."""

    code: str
    version: str
    effective_from: date
    title: str
    certainty: Literal["published", "secondary", "general", "demo"]
    source: str
    stay_year: Literal["discharge", "admission"] = "discharge"
    refund_order: tuple[Literal["cash", "online", "card", "deposit"], ...] = ("cash", "online", "card", "deposit")
    ask_after: int = 60


RULES: Kind[SettlementRules] = register(Kind("settlement", "settlement.toml", SettlementRules))


def rules_on(day: date) -> SettlementRules:
    """The rules in force on a day."""
    return current(RULES, "settlement", day)
