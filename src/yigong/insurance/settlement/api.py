"""Settlement: the door for other rooms."""

from yigong.insurance.settlement.commands.grouping import record_grouping
from yigong.insurance.settlement.data import SettlementFact
from yigong.insurance.settlement.queries.facts import settled_fact, settled_facts, settled_sums

__all__ = ["SettlementFact", "record_grouping", "settled_fact", "settled_facts", "settled_sums"]
