"""Taking a settlement back: a correction with the opposite sums in the open month, the posting reversed, the year as it was."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from yigong.clinic import api as clinic
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import NotFound
from yigong.core.events.api import record
from yigong.core.numbers.api import unlocked_number
from yigong.core.states.api import start, transition
from yigong.insurance.benefits import api as benefits
from yigong.insurance.invoices import api as invoices
from yigong.insurance.settlement import calculation, policies
from yigong.insurance.settlement.commands.posting import Day, entries_of, figures_dict, stamp, this_day
from yigong.insurance.settlement.commands.years import LockedYear, grow, locked_row
from yigong.insurance.settlement.data import Payment
from yigong.insurance.settlement.errors import LaterFirst, MonthClosed, NotHere, OnlyTheOffice
from yigong.insurance.settlement.events import SettlementReversed
from yigong.insurance.settlement.models import FIGURES, ClosedMonth, Settlement
from yigong.insurance.settlement.money import book, till_of
from yigong.insurance.settlement.rules import SERIES, SETTLEMENT


@racing("settlement.reverse_here")
@transaction.atomic
def reverse_here(*, settlement_id: UUID, reason: str, key: UUID, actor: Actor) -> Settlement:
    """Take a settlement back and give the money back by the means it came; returns the correction. The same key again is the same."""
    row = get(settlement_id)
    may_reverse(row, actor)
    if known := Settlement.objects.filter(key=key).first():
        return known
    year = locked_row(row.year_id) if row.year_id else None
    row = transition(SETTLEMENT, row, "reverse", actor=actor, reason=reason)
    if year is not None:
        check_order(row, year)
    return correct(row, year=year, key=key, actor=actor, reason=reason)


def get(settlement_id: UUID) -> Settlement:
    """One settlement; NotFound."""
    row = Settlement.objects.filter(pk=settlement_id).first()
    if row is None:
        raise NotFound()
    return row


def check_here(institution_id: UUID | None, actor: Actor) -> None:
    """The actor clears up the settlements of this institution, or NotHere."""
    if not actor.is_system and institution_id not in policies.places(actor):
        raise NotHere()


def may_reverse(row: Settlement, actor: Actor) -> None:
    """Of an institution whose settlements the actor clears up (``policies.places``); in a closed month only the insurance office."""
    place, month = row.institution_id, row.month
    check_here(place, actor)
    closed = place is not None and month is not None and _is_closed(place, month)
    if closed and not actor.has(policies.CORRECT):
        raise OnlyTheOffice()


def _is_closed(institution_id: UUID, month: date) -> bool:
    return ClosedMonth.objects.filter(institution_id=institution_id, month=month).exists()


def check_order(row: Settlement, year: LockedYear) -> None:
    """Last in, first out: refused when a later settlement of the year would have come out differently without this one."""
    later = Settlement.objects.filter(
        year_id=year.id, place_in_year__gt=row.place_in_year, state="settled", reverses__isnull=True
    )
    added, key = row.working.get("added", {}), str(row.pk)
    depending = [
        one.number
        for one in later.order_by("place_in_year")
        if one.working.get("continues") == key or depends(one, added)
    ]
    if depending:
        raise LaterFirst(later="、".join(depending))


def depends(later: Settlement, added: Mapping[str, int]) -> bool:
    """Whether a settlement comes out differently on sums without what an earlier one added."""
    rules = benefits.plan_released(later.plan_code, later.plan_version)
    was = calculation.from_json(rules.name, figures_dict(later), later.working)
    before = {name: amount - added.get(name, 0) for name, amount in later.working["before"].items()}
    case = was.case
    if case.kind == benefits.INPATIENT:
        case = case._replace(admission=calculation.admission_of(rules, case.level, before))
    now = benefits.settle(rules, case, before)
    return calculation.figures_of(now) != calculation.figures_of(was)


def correct(row: Settlement, *, year: LockedYear | None, key: UUID, actor: Actor, reason: str) -> Settlement:
    """The correction of a settlement whose state says reversed already; the bill waits at its room again."""
    correction = opposite(row, key=key, actor=actor, day=this_day())
    words = f"冲正 {row.number}"
    with closed_month(correction):
        correction.posting_id = book(
            entries_of(correction),
            key=f"settle:{key}",
            actor=actor,
            reason=words,
            about=row.id,
            reverses=row.posting_id,
        )
        start(SETTLEMENT, correction, "correction", actor=actor, reason=reason)
    if year is not None:
        grow(year, row.working.get("added", {}), sign=-1)
    if row.working.get("clinic") and row.bill_id is not None and clinic.bill(row.bill_id).state == "settled":
        clinic.reopen_bill(bill_id=row.bill_id, reason=reason, actor=_for_its_place(row, actor))
    tell(row, correction, reason=reason, actor=actor)
    return correction


def _for_its_place(row: Settlement, actor: Actor) -> Actor:
    """The insurance office acts for the institution whose settlement it takes back: ``may_reverse`` has decided that it may."""
    assert row.institution_id is not None
    return replace(actor, institution_ids=actor.institution_ids | {row.institution_id})


def closed_month(row: Settlement) -> AbstractContextManager[None]:
    """Turns the database's refusal of a closed month into ours."""
    assert row.month is not None
    return refusing(settlement_month_is_open=MonthClosed(month=f"{row.month:%Y-%m}"))


def opposite(row: Settlement, *, key: UUID, actor: Actor, day: Day) -> Settlement:
    """The unsaved correction: every figure with the opposite sign, the money out of the present cashier's till."""
    same = ("bill_id", "bill_number", "resident_id", "institution_id", "institution_name", "place", "scheme", "region", "kind", "level",
            "plan_code", "plan_version", "channel", "visit_ref", "person_ref", "settlement_ref")  # fmt: skip
    working: dict[str, Any] = {}
    for name in ("accounts", "deposits"):
        if name in row.working:
            working[name] = [(owner, -amount) for owner, amount in row.working[name]]
    correction = Settlement(
        number=unlocked_number(SERIES, "CZ"), key=key, reverses=row, cashier_id=till_of(actor), cashier_name=actor.name[:80], working=working,
        **{name: getattr(row, name) for name in same}, **{name: -getattr(row, name) for name in FIGURES},
    )  # fmt: skip
    stamp(correction, day)
    return correction


def tell(row: Settlement, correction: Settlement, *, reason: str, actor: Actor) -> None:
    """The event of a reversal; the invoice of what was taken back counts no more."""
    assert correction.month is not None
    invoices.cancel_of(source_id=row.id, reason=reason, actor=actor)
    record(SettlementReversed(row.id, correction.id, row.resident_id, row.institution_id, correction.month))


def refunded(row: Settlement) -> Payment:
    """What a full reversal gives back, by means."""
    return Payment(row.paid_cash, row.paid_card, row.paid_online, row.paid_deposit)
