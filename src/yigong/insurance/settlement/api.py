"""Settlement: the door for other rooms."""

from yigong.insurance.settlement.commands.closing import close_day, close_month, draw_float
from yigong.insurance.settlement.commands.counter import estimate, presettle, return_part, reverse, settle
from yigong.insurance.settlement.commands.deposits import credit_account, return_deposit, share_account, take_deposit
from yigong.insurance.settlement.commands.grouping import record_grouping
from yigong.insurance.settlement.commands.invoicing import issue_invoice
from yigong.insurance.settlement.commands.reconciling import reconcile
from yigong.insurance.settlement.commands.resolving import accept_platform, ask_platform, withdraw_disputed
from yigong.insurance.settlement.data import Payment, SettlementFact, SheetData
from yigong.insurance.settlement.errors import CardLost, PlatformDown, PlatformRefused, ResultUnknown
from yigong.insurance.settlement.gateway import (
    Gateway,
    PlatformAnswer,
    PlatformBill,
    PlatformDay,
    PlatformPerson,
    PlatformRow,
    register_gateway,
)
from yigong.insurance.settlement.queries.facts import numbers_settled, settled_fact, settled_facts, settled_sums
from yigong.insurance.settlement.queries.preview import Choice
from yigong.insurance.settlement.queries.sheets import sheet, sheet_of_bill
from yigong.insurance.settlement.seeding import account_of, years_of

__all__ = [
    "CardLost",
    "Choice",
    "Gateway",
    "Payment",
    "PlatformAnswer",
    "PlatformBill",
    "PlatformDay",
    "PlatformDown",
    "PlatformPerson",
    "PlatformRefused",
    "PlatformRow",
    "ResultUnknown",
    "SettlementFact",
    "SheetData",
    "accept_platform",
    "account_of",
    "ask_platform",
    "close_day",
    "close_month",
    "credit_account",
    "draw_float",
    "estimate",
    "issue_invoice",
    "numbers_settled",
    "presettle",
    "reconcile",
    "record_grouping",
    "register_gateway",
    "return_deposit",
    "return_part",
    "reverse",
    "settle",
    "settled_fact",
    "settled_facts",
    "settled_sums",
    "share_account",
    "sheet",
    "sheet_of_bill",
    "take_deposit",
    "withdraw_disputed",
    "years_of",
]
