"""Statements paid and their deposits released; special requests."""

from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.commands import one_at_a_time, racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.ledger import api as ledger
from yigong.core.numbers.api import dated_number
from yigong.core.states.api import start, transition
from yigong.insurance.budget import errors, policies
from yigong.insurance.budget.commands.calculating import not_closed
from yigong.insurance.budget.commands.common import found, owner, require
from yigong.insurance.budget.models import FundCase, SpecialRequest, Statement
from yigong.insurance.budget.queries.terms import terms_for
from yigong.insurance.budget.rules.clearing import percent
from yigong.insurance.budget.rules.states import SPECIAL, STATEMENT
from yigong.insurance.payment.api import from_fen, money, released_share, to_fen

FUND, INSTITUTION, DEPOSIT, RELEASED = "fund.pool", "fund.institution", "fund.deposit", "fund.kept"


def fund_account(scheme: str) -> ledger.AccountData:
    """The pooled fund of a scheme: where all money of the institutions comes from; it may owe."""
    return ledger.open_account(FUND, owner("fund", scheme), "fen", may_go_negative=True)


@racing("budget.pay_statement")
@transaction.atomic
def pay_statement(*, statement_id: UUID, scheme: str, actor: Actor) -> UUID:
    """Post a month's prepayment and deposit, once: from the fund to the institution and to its deposit."""
    row = found(Statement, statement_id)
    not_closed(row.month.year)
    row = transition(STATEMENT, row, "pay", actor=actor)
    entries = [
        (fund_account(scheme).id, -(row.prepaid + row.withheld)),
        (ledger.open_account(INSTITUTION, row.institution_id, "fen", may_go_negative=True).id, row.prepaid),
        (ledger.open_account(DEPOSIT, row.institution_id, "fen", may_go_negative=True).id, row.withheld),
    ]
    if not any(amount for _key, amount in entries):
        return row.id
    posting = ledger.post(
        entries, key=f"budget.statement:{row.id}", actor=actor, reason=f"{row.month:%Y-%m} 医保预付", about=row.id
    )
    row.posting_id = posting.id
    with refusing(budget_year_is_open=errors.YearIsClosed(year=row.month.year, number="—")):
        row.save(update_fields=["posting_id"])
    return row.id


@racing("budget.release_deposit")
@transaction.atomic
def release_deposit(*, statement_id: UUID, scheme: str, score: Decimal, actor: Actor) -> int:
    """The deposit of a paid month by the appraisal's score: the part earned goes to the institution, the rest back to the fund. Fen earned."""
    if not 0 <= score <= 100:
        raise InvalidInput(errors={"score": _("得分应在 0 与 100 之间。")})
    row = found(Statement, statement_id)
    paying = terms_for(scheme, row.month.year).paying
    share = released_share(score, paying.full_from, paying.per_point)
    earned = to_fen(money(from_fen(row.withheld) * share)) if row.withheld > 0 else 0
    row = transition(
        STATEMENT, row, "release", actor=actor, reason=f"得分 {score}，返还比例 {percent(share)}", released=earned
    )
    deposit = ledger.open_account(DEPOSIT, row.institution_id, "fen", may_go_negative=True).id
    institution = ledger.open_account(INSTITUTION, row.institution_id, "fen", may_go_negative=True).id
    if row.withheld:
        posting = ledger.post(
            [(deposit, -row.withheld), (institution, earned), (fund_account(scheme).id, row.withheld - earned)],
            key=f"budget.deposit:{row.id}", actor=actor, reason=f"{row.month:%Y-%m} 保证金结清", about=row.id,
        )  # fmt: skip
        row.release_posting_id = posting.id
        row.save(update_fields=["release_posting_id"])
    return earned


@racing("budget.ask_special")
@transaction.atomic
def ask_special(*, case_id: UUID, asked: int, evidence: str, actor: Actor) -> UUID:
    """Ask to have a case paid apart from its group. AlreadyAsked; TooManySpecial when the year's share of the institution is used up."""
    require(actor, policies.ASK)
    case = found(FundCase, case_id, lock=True)
    if not policies.may_see(actor, case.institution_id):
        raise Forbidden(_("这是其他机构的病例，由该机构申请。"))
    faults = {} if asked > 0 else {"asked": _("申请金额应大于 0。")}
    if not evidence.strip():
        faults["evidence"] = _("请写明理由与证据。")
    if faults:
        raise InvalidInput(errors=faults)
    one_at_a_time("budget.special", case.institution_id, case.month.year)
    _within_share(case)
    row = SpecialRequest(
        number=dated_number("special", "TL"), case=case, institution_id=case.institution_id, asked=asked, evidence=evidence.strip(),
        asked_by=actor.name, asked_by_id=actor.staff_id,
    )  # fmt: skip
    with refusing(one_special_request_of_a_case=errors.AlreadyAsked()):
        start(SPECIAL, row, "asked", actor=actor)
    return row.id


def _within_share(case: FundCase) -> None:
    year = case.month.year
    share = terms_for(case.scheme, year).paying.special_share
    cases = FundCase.objects.filter(institution_id=case.institution_id, month__year=year).count()
    most = max(1, int(cases * share))
    used = SpecialRequest.objects.filter(
        institution_id=case.institution_id, case__month__year=year, state__in=["asked", "granted"]
    ).count()
    if used >= most:
        raise errors.TooManySpecial(share=percent(share), most=most)


@racing("budget.decide_special")
@transaction.atomic
def decide_special(*, request_id: UUID, granted: int | None, reason: str, actor: Actor) -> None:
    """Grant a sum (None: refuse) with the reviewers' opinion; nobody decides on the own request."""
    row = found(SpecialRequest, request_id)
    if (
        granted is not None
        and Statement.objects.filter(institution_id=row.institution_id, month=row.case.month)
        .exclude(state="calculated")
        .exists()
    ):
        raise Conflict(_("这个月已经预付，特例请在年度清算前由新的月份补付。"))
    if granted is None:
        transition(SPECIAL, row, "refuse", actor=actor, reason=reason, decided_by=actor.name)
        return
    if granted <= 0:
        raise InvalidInput(errors={"granted": _("同意的金额应大于 0。")})
    transition(SPECIAL, row, "grant", actor=actor, reason=reason, granted=granted, decided_by=actor.name)


@transaction.atomic
def recall_special(*, request_id: UUID, actor: Actor) -> None:
    """The institution takes its request back."""
    row = found(SpecialRequest, request_id)
    if not policies.may_see(actor, row.institution_id):
        raise Forbidden(_("这是其他机构的申请。"))
    transition(SPECIAL, row, "recall", actor=actor)
