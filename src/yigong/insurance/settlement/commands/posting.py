"""Writing a settlement: the row, its first step, the posting, the person's year and the event, in few statements."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from yigong.clinic import api as clinic
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.constraints import refusing_for_good
from yigong.core.events.api import outbox_row, record
from yigong.core.ids import new_id
from yigong.core.ledger.api import KeyReused
from yigong.core.numbers.api import unlocked_number
from yigong.core.statements import answers, inserting
from yigong.core.states.api import begin
from yigong.insurance.settlement import calculation
from yigong.insurance.settlement.commands.years import GROW, LockedYear, growth
from yigong.insurance.settlement.data import Payment
from yigong.insurance.settlement.errors import AlreadySettled, MonthClosed
from yigong.insurance.settlement.events import BillSettled
from yigong.insurance.settlement.models import FIGURES, Settlement
from yigong.insurance.settlement.money import (
    ACCOUNT,
    DEPOSIT,
    Entry,
    balances,
    bill_entries,
    booking,
    deposit_owner,
    in_words,
    spread,
    till_of,
)
from yigong.insurance.settlement.queries.preview import Preview, family_givers
from yigong.insurance.settlement.rules import SERIES, SETTLEMENT
from yigong.residents import api as residents


@dataclass(frozen=True, slots=True)
class Day:
    """When something is posted."""

    at: datetime
    on: date

    @property
    def month(self) -> date:
        """The first day of its month."""
        return self.on.replace(day=1)


def this_day() -> Day:
    """Now, in China."""
    at = clock.now()
    return Day(at, at.astimezone(clock.SHANGHAI).date())


def new_row(
    preview: Preview, payment: Payment, *, key: UUID, actor: Actor, channel: str = "local", number: str = ""
) -> Settlement:
    """An unsaved row with the figures of a preview; nothing is posted yet. ``number`` when it was taken already."""
    bill, figures = preview.bill, preview.figures
    known = {name: getattr(figures, name) for name in FIGURES if not name.startswith("paid_")}
    return Settlement(
        number=number or unlocked_number(SERIES, "JS"), key=key, bill_id=bill.id, bill_number=bill.number, resident_id=bill.resident_id,
        institution_id=bill.institution_id, institution_name=actor.institution_name[:100], scheme=preview.scheme,
        region=preview.insured.region if preview.scheme and preview.insured else "", kind=preview.option.kind, level=preview.level,
        cashier_id=till_of(actor), cashier_name=actor.name[:80], **known, **means_of(payment), tendered=payment.tendered,
        plan_code=preview.rules.plan.code if preview.rules else "", plan_version=preview.rules.plan.version if preview.rules else "",
        lines=list(preview.lines), working=working_of(preview), channel=channel,
    )  # fmt: skip


def means_of(payment: Payment) -> dict[str, int]:
    """The columns of the means of payment."""
    return {f"paid_{means}": getattr(payment, means) for means in ("cash", "card", "online", "deposit")}


def working_of(preview: Preview) -> dict[str, Any]:
    """What explains the settlement later; for people who pay all themselves, why."""
    bill = preview.bill
    stay = {"began_on": bill.began_on.isoformat(), "ended_on": bill.ended_on.isoformat(), "clinic": bill.from_clinic}
    if preview.settled is None:
        return stay | {"why_own": preview.uninsured, "disease": "", "diseases": list(bill.diseases)}
    facts: dict[str, Any] = {
        "before": dict(preview.sums),
        "disease": preview.option.disease,
        "diseases": list(bill.diseases),
        "year": preview.year,
    }
    if preview.continues is not None:
        facts["continues"] = str(preview.continues)
    return calculation.to_json(preview.settled) | facts | stay


def stamp(row: Settlement, day: Day) -> None:
    """Make the row a fact of a day."""
    row.settled_at, row.settled_on, row.month = day.at, day.on, day.month


def place_in(row: Settlement, year: LockedYear | None) -> None:
    """The row's place in the person's year."""
    if year is not None:
        row.year_id, row.place_in_year = year.id, year.place


def post_new(
    row: Settlement,
    added: Mapping[str, int],
    *,
    year: LockedYear | None,
    actor: Actor,
    reason: str = "",
    booked: UUID | None = None,
) -> None:
    """Write a new settlement with everything that belongs to it. AlreadySettled, MonthClosed, or a refusal of the ledger."""
    stamp(row, this_day())
    place_in(row, year)
    assert row.month is not None and row.institution_id is not None
    taken = AlreadySettled(bill=row.bill_number, number="")
    event = BillSettled(row.id, row.bill_id, row.resident_id, row.institution_id, row.month)
    with refusing_for_good(
        one_settlement_of_a_bill=taken,
        settlement_key_key=taken,
        settlement_month_is_open=MonthClosed(month=f"{row.month:%Y-%m}"),
    ):
        entries, row.posting_id = entries_of(row), booked or new_id()
        first = begin(SETTLEMENT, row, "settled", actor=actor, reason=reason)
        grown = (GROW, growth(year, added)) if year is not None else ("", {})
        written = inserting([row, first, outbox_row(event)], *grown)
        if booked is not None:
            answers(written)
        else:
            asked = booking(
                entries, key=f"settle:{row.key}", actor=actor, reason=f"结算 {row.number}", about=row.id, posting_id=row.posting_id,
            )  # fmt: skip
            with in_words():
                # The posting last: what an institution's counters share in the ledger is held for the shortest time.
                _, posting = answers(written, asked)
            if posting.id != row.posting_id:
                raise KeyReused()  # a posting without its settlement: the key was used for something else
    _tell_the_clinic(row, actor)


def tell(row: Settlement, actor: Actor) -> None:
    """The bill's room and everybody else learn of a settlement."""
    assert row.month is not None
    _tell_the_clinic(row, actor)
    record(BillSettled(row.id, row.bill_id, row.resident_id, row.institution_id, row.month))


def _tell_the_clinic(row: Settlement, actor: Actor) -> None:
    if row.working.get("clinic") and row.bill_id is not None:
        clinic.mark_settled(bill_id=row.bill_id, settlement_ref=row.number, actor=actor)


def entries_of(row: Settlement, restored: Settlement | None = None) -> list[Entry]:
    """The ledger entries of a row: personal accounts kept here are drawn on in local mode only. ``restored`` is a settlement that is taken
    back in the same posting: what it had drawn can be drawn again."""
    assert row.institution_id is not None and row.cashier_id is not None
    accounts = account_draws(row, _drawn(restored, "accounts")) if row.channel == "local" else []
    deposits = deposit_draws(row, _drawn(restored, "deposits"))
    return bill_entries(row, till=row.cashier_id, from_account=accounts, from_deposit=deposits)


def _drawn(row: Settlement | None, what: str) -> dict[UUID, int]:
    return {UUID(owner): amount for owner, amount in row.working.get(what, ())} if row else {}


def _available(owners: Iterable[UUID], kind: str, back: Mapping[UUID, int]) -> dict[UUID, int]:
    known = balances(owners, kind)
    return {owner: known.get(owner, 0) + back.get(owner, 0) for owner in owners}


def account_draws(row: Settlement, back: Mapping[UUID, int]) -> list[tuple[UUID, int]]:
    """From whose personal account how much; kept with the row, so that a correction gives it back to the same."""
    kept = row.working.get("accounts")
    if kept is not None:
        return [(UUID(owner), amount) for owner, amount in kept]
    draws = []
    if row.account:
        draws += spread(row.account, _available(sorted(residents.identities(row.resident_id)), ACCOUNT, back))
    if row.family:
        assert row.settled_on is not None
        draws += spread(row.family, _available(family_givers(row.resident_id, row.settled_on), ACCOUNT, back))
    if draws:
        row.working["accounts"] = [(str(owner), amount) for owner, amount in draws]
    return draws


def deposit_draws(row: Settlement, back: Mapping[UUID, int]) -> list[tuple[UUID, int]]:
    """From which deposit of the person how much."""
    kept = row.working.get("deposits")
    if kept is not None:
        return [(UUID(owner), amount) for owner, amount in kept]
    if not row.paid_deposit or row.institution_id is None:
        return []
    owners = [deposit_owner(key, row.institution_id) for key in sorted(residents.identities(row.resident_id))]
    draws = spread(row.paid_deposit, _available(owners, DEPOSIT, back))
    short = row.paid_deposit - sum(amount for _, amount in draws)
    # More than there is: let the ledger refuse it in the account where the person looks for it.
    draws += [(owners[0], short)] if short else []
    row.working["deposits"] = [(str(owner), amount) for owner, amount in draws]
    return draws


def payment_of(row: Settlement) -> Payment:
    """How a row was paid."""
    return Payment(row.paid_cash, row.paid_card, row.paid_online, row.paid_deposit, row.tendered)


def figures_dict(row: Settlement) -> dict[str, int]:
    """The columns of a row by name."""
    return {name: getattr(row, name) for name in FIGURES}


def as_json(figures: Any) -> dict[str, int]:
    """Figures as they are kept as evidence."""
    return {name: value for name, value in asdict(figures).items() if isinstance(value, int) and value}
