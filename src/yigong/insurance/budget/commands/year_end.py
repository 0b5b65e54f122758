"""Close a year's payments by head or by disease score, and take a closing back."""

from uuid import UUID

from django.db import transaction

from yigong.core.actor import Actor
from yigong.core.commands import one_at_a_time, racing
from yigong.core.errors import InvalidInput
from yigong.core.ledger import api as ledger
from yigong.core.numbers.api import dated_number
from yigong.core.states.api import start, transition
from yigong.insurance.budget import errors, policies
from yigong.insurance.budget.commands.common import found, require
from yigong.insurance.budget.commands.paying import INSTITUTION, fund_account
from yigong.insurance.budget.models import YearClose, YearCloseLine, YearClosePart
from yigong.insurance.budget.queries.year_end import YearEnd, closing_of, year_end
from yigong.insurance.budget.rules.clearing import as_json
from yigong.insurance.budget.rules.states import YEAR_CLOSE
from yigong.insurance.budget.rules.words import CLOSE_WORDS


@racing("budget.close_year")
@transaction.atomic
def close_year(*, scheme: str, year: int, kind: str, actor: Actor) -> UUID:
    """Close a year by head or by disease score: every month over and paid. Posted once: the fund pays each institution what is still due, or gets it
    back, and pays the village clinics their part. NotReady says what is missing; the loser of a race reads who was first (AlreadyCleared)."""
    require(actor, policies.CLEAR)
    if kind not in CLOSE_WORDS:
        raise InvalidInput()
    one_at_a_time("budget.year", year)
    done = closing_of(year, kind)
    if done:
        raise errors.AlreadyCleared(by=done.by, number=done.number)
    made = year_end(scheme, year, kind)
    if made.why_not or not made.lines:
        raise errors.NotReady(why="".join(made.why_not))
    row = YearClose(
        number=dated_number("year_close", "NJ"), kind=kind, scheme=scheme, year=year, appraisal=made.appraisal, weight_set=made.weight_set,
        point_value=made.value, paid=made.paid, due=made.due, given=made.given, steps=as_json(made.steps), by=actor.name,
    )  # fmt: skip
    start(YEAR_CLOSE, row, "posted", actor=actor)
    _write(row, made)
    row.posting_id = _post(row, made, actor)
    row.save(update_fields=["posting_id"])
    return row.id


def _write(row: YearClose, made: YearEnd) -> None:
    lines = YearCloseLine.objects.bulk_create(
        YearCloseLine(
            close=row, institution_id=one.institution_id, people=one.people, score=one.score, scores=one.scores, paid=one.paid,
            served=one.served, used=one.used, kept=one.kept, returned=one.returned, fund_bears=one.fund_bears, borne=one.borne,
            given=sum(part[1] for part in one.parts), due=one.due, steps=as_json(one.steps),
        )
        for one in made.lines
    )  # fmt: skip
    YearClosePart.objects.bulk_create(
        YearClosePart(line=line, institution_id=key, amount=amount, favoured=favoured)
        for line, one in zip(lines, made.lines, strict=True)
        for key, amount, favoured in one.parts
    )


def _post(row: YearClose, made: YearEnd, actor: Actor) -> UUID | None:
    """The fund against the institutions and village clinics, to the fen."""
    amounts: dict[UUID, int] = {}
    for one in made.lines:
        amounts[one.institution_id] = amounts.get(one.institution_id, 0) + one.balance
        for key, amount, _favoured in one.parts:
            amounts[key] = amounts.get(key, 0) + amount
    accounts = {
        key: ledger.open_account(INSTITUTION, key, "fen", may_go_negative=True).id for key in sorted(amounts, key=str)
    }
    entries = [(fund_account(row.scheme).id, -sum(amounts.values()))]
    entries += [(account, amounts[key]) for key, account in accounts.items()]
    if not any(amount for _key, amount in entries):
        return None
    words = f"{row.year} 年度{CLOSE_WORDS[row.kind]}结算 {row.number}"
    return ledger.post(entries, key=f"budget.year_close:{row.id}", actor=actor, reason=words, about=row.id).id


@racing("budget.reopen_year")
@transaction.atomic
def reopen_year(*, close_id: UUID, reason: str, actor: Actor) -> None:
    """Take a closing back by a counter-posting, with a reason; the year's months can be corrected again."""
    row = found(YearClose, close_id)
    one_at_a_time("budget.year", row.year)
    row = transition(YEAR_CLOSE, row, "reverse", actor=actor, reason=reason)
    if row.posting_id:
        counter = ledger.reverse(row.posting_id, key=f"budget.year_close.reverse:{row.id}", actor=actor, reason=reason)
        row.reversal_id = counter.id
        row.save(update_fields=["reversal_id"])
