"""What the counter does with a bill of the clinic, whichever side decides: the county's own engine or the platform."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Q

from yigong.clinic import api as clinic
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import NotFound
from yigong.core.states.api import start, transition
from yigong.insurance.settlement.bills import Bill
from yigong.insurance.settlement.clinic_bills import bill_of, clinic_bill
from yigong.insurance.settlement.commands import remote
from yigong.insurance.settlement.commands.posting import entries_of, new_row, post_new, this_day
from yigong.insurance.settlement.commands.resolving import reverse_there
from yigong.insurance.settlement.commands.reversing import (
    check_order,
    closed_month,
    correct,
    get,
    may_reverse,
    opposite,
    reverse_here,
    tell,
)
from yigong.insurance.settlement.commands.settling import may_charge, settle_here
from yigong.insurance.settlement.commands.years import lock_year, locked_row
from yigong.insurance.settlement.data import Payment
from yigong.insurance.settlement.errors import PlatformDown
from yigong.insurance.settlement.gateway import gateway_of
from yigong.insurance.settlement.models import ACTIVE, Settlement
from yigong.insurance.settlement.money import ACCOUNT, balances, book
from yigong.insurance.settlement.parameters import rules_on
from yigong.insurance.settlement.queries.preview import Choice, Preview, family_givers, look
from yigong.insurance.settlement.rules import SETTLEMENT
from yigong.residents import api as residents


def estimate(*, bill_id: UUID, choice: Choice | None = None) -> Preview:
    """What the bill would cost whom by the county's own engine alone: no platform is asked, nothing is kept. For who has decided."""
    return look(clinic_bill(bill_id), choice)


def presettle(*, bill_id: UUID, choice: Choice, actor: Actor) -> Preview:
    """What the bill will cost whom: by the county's own engine, and by the platform where there is one. Repeatable."""
    bill = clinic_bill(bill_id)
    may_charge(bill, actor)
    gateway = gateway_of(bill.institution_id)
    if gateway is None:
        return look(bill, choice)
    return remote.presettle(bill=bill, choice=choice, gateway=gateway, actor=actor)


def settle(
    *, bill_id: UUID, choice: Choice, payment: Payment, key: UUID, actor: Actor, shown: int | None = None
) -> Settlement:
    """Settle a bill and take the money; the same key again is the same settlement. Refusals as ``settle_here`` and ``settle_there``."""
    bill = clinic_bill(bill_id)
    may_charge(bill, actor)
    gateway = gateway_of(bill.institution_id)
    if gateway is None or not _at_platform(bill_id, key):
        with transaction.atomic():
            if (known := Settlement.objects.filter(key=key).first()) is not None:
                return known
            _present(bill_id, actor)
            return settle_here(bill=bill, choice=choice, payment=payment, key=key, actor=actor, shown=shown)
    if (known := Settlement.objects.filter(key=key).first()) is not None and known.state != "presettled":
        return remote.outcome(known)
    _present(bill_id, actor)
    return remote.settle_there(
        bill=bill, choice=choice, payment=payment, key=key, gateway=gateway, actor=actor, shown=shown
    )


def _at_platform(bill_id: UUID, key: UUID) -> bool:
    """Whether the platform has a part in this settlement: people who pay all themselves are settled here alone."""
    rows = Settlement.objects.filter(bill_id=bill_id, channel="platform", reverses__isnull=True)
    return rows.filter(Q(state__in=ACTIVE) | Q(key=key)).exists()


def _present(bill_id: UUID, actor: Actor) -> None:
    """The bill stands still; one that a lost attempt presented already, does."""
    if clinic.bill(bill_id).state in ("open", "partly_returned"):
        clinic.present_bill(bill_id=bill_id, actor=actor)


def reverse(*, settlement_id: UUID, reason: str, key: UUID, actor: Actor) -> Settlement:
    """Take a settlement back where it was made, then here; the bill waits again. Returns the correction."""
    row = get(settlement_id)
    if row.channel != "platform":
        return reverse_here(settlement_id=settlement_id, reason=reason, key=key, actor=actor)
    gateway = gateway_of(row.institution_id) if row.institution_id else None
    if gateway is None:
        raise PlatformDown(why="—")
    return reverse_there(settlement_id=settlement_id, reason=reason, key=key, gateway=gateway, actor=actor)


@racing("settlement.return_part")
def return_part(
    *, settlement_id: UUID, quantities: Mapping[UUID, Decimal], reason: str, key: UUID, actor: Actor
) -> Settlement:
    """Give lines of a settled bill back: the whole settlement is taken back and what is left is settled again, in one posting.

    Returns the new settlement, or the correction when nothing is left. With a platform the settlement is taken back there and the bill waits
    at the counter with the rest, because the platform has to calculate it.
    """
    row = get(settlement_id)
    may_reverse(row, actor)
    if known := Settlement.objects.filter(key=key).first():
        return known
    if row.bill_id is None:
        raise NotFound()
    if row.channel == "platform":
        clinic.return_lines(bill_id=row.bill_id, quantities=quantities, reason=reason, actor=actor, request_key=key)
        return reverse(settlement_id=settlement_id, reason=reason, key=key, actor=actor)
    with transaction.atomic():
        clinic.return_lines(bill_id=row.bill_id, quantities=quantities, reason=reason, actor=actor, request_key=key)
        return _return_here(row, reason, key, actor)


def _return_here(row: Settlement, reason: str, key: UUID, actor: Actor) -> Settlement:
    year = locked_row(row.year_id) if row.year_id else None
    row = transition(SETTLEMENT, row, "reverse", actor=actor, reason=reason)
    if year is not None:
        check_order(row, year)
    assert row.bill_id is not None
    rest = bill_of(clinic.bill(row.bill_id))
    if not rest.charges:
        return correct(row, year=year, key=key, actor=actor, reason=reason)
    return _settle_rest(row, rest, reason, key, actor)


def _settle_rest(row: Settlement, rest: Bill, reason: str, key: UUID, actor: Actor) -> Settlement:
    """The correction and the new settlement over one posting, so that the till needs only the difference."""
    year = lock_year(row.resident_id, row.scheme, row.working["year"]) if row.scheme else None
    added = row.working.get("added", {})
    sums = {name: amount - added.get(name, 0) for name, amount in year.sums.items()} if year else None
    choice = Choice(kind=row.kind, scheme=row.scheme, given_sums=sums)
    if row.scheme:
        # What the account paid before is there again when the rest is settled.
        choice.account, choice.family = row.account + _left(row, "own"), row.family + _left(row, "family")
        choice.use_account = bool(row.account + row.family)
    preview = look(rest, choice)
    correction = opposite(row, key=uuid5(key, "correction"), actor=actor, day=this_day())
    fresh = new_row(preview, paid_after(row, preview.figures.cash), key=key, actor=actor)
    fresh.replaces, fresh.settled_on = row, correction.settled_on
    entries = [*entries_of(correction), *entries_of(fresh, restored=row)]
    posting = book(
        entries,
        key=f"settle:{key}",
        actor=actor,
        reason=f"部分退费 {row.number}",
        about=fresh.id,
        reverses=row.posting_id,
    )
    with closed_month(correction):
        correction.posting_id = posting
        start(SETTLEMENT, correction, "correction", actor=actor, reason=reason)
    tell(row, correction, reason=reason, actor=actor)
    clinic.present_bill(bill_id=rest.id, actor=actor)
    change = {
        name: preview.figures.added.get(name, 0) - added.get(name, 0) for name in {*preview.figures.added, *added}
    }
    post_new(fresh, change, year=year, actor=actor, reason=reason, booked=posting)
    return fresh


def _left(row: Settlement, whose: str) -> int:
    owners = residents.identities(row.resident_id) if whose == "own" else family_givers(row.resident_id, clock.today())
    return sum(balances(owners, ACCOUNT).values())


def paid_after(row: Settlement, due: int) -> Payment:
    """How the rest is paid when lines were returned: by the same means, less what is given back in the order of the rules."""
    paid = {means: getattr(row, f"paid_{means}") for means in ("cash", "card", "online", "deposit")}
    back = sum(paid.values()) - due
    if back < 0:
        paid["cash"] -= back
        return Payment(**paid)
    for means in rules_on(clock.today()).refund_order:
        part = min(back, paid[means])
        paid[means], back = paid[means] - part, back - part
    return Payment(**paid)
