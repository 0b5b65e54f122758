"""What each case is worth, special requests, and the monthly statements of the institutions."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.commands import one_at_a_time, racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.ledger import api as ledger
from yigong.core.numbers.api import dated_number
from yigong.core.states.api import start, transition
from yigong.insurance.budget import errors, policies
from yigong.insurance.budget.commands.common import found, owner, require
from yigong.insurance.budget.models import CasePayment, FundCase, FundMonth, SpecialRequest, Statement, WeightSet
from yigong.insurance.budget.queries.paying import adopted_set, pure_case, weights_of
from yigong.insurance.budget.queries.terms import terms_for
from yigong.insurance.budget.rules.cases import worth
from yigong.insurance.budget.rules.clearing import percent
from yigong.insurance.budget.rules.money import yuan
from yigong.insurance.budget.rules.states import SPECIAL, STATEMENT
from yigong.insurance.budget.rules.terms import FundTerms, Paying
from yigong.insurance.payment.api import from_fen, money, per_head, released_share, to_fen
from yigong.insurance.review import api as review
from yigong.network import api as network

FUND, INSTITUTION, DEPOSIT, RELEASED = "fund.pool", "fund.institution", "fund.deposit", "fund.kept"


def fund_account(scheme: str) -> ledger.AccountData:
    """The pooled fund of a scheme: where all money of the institutions comes from; it may owe."""
    return ledger.open_account(FUND, owner("fund", scheme), "fen", may_go_negative=True)


@racing("budget.calculate_month")
@transaction.atomic
def calculate_month(*, scheme: str, month: date, actor: Actor) -> int:
    """Each case of a month and each institution's statement; again as often as wanted until it is paid. Says how many institutions."""
    require(actor, policies.KEEP)
    one_at_a_time("budget.statements", month)
    weight_set = adopted_set(month.year)
    if weight_set is None:
        raise errors.NoWeights(year=month.year)
    paid = set(
        Statement.objects.filter(month=month).exclude(state="calculated").values_list("institution_id", flat=True)
    )
    terms = terms_for(scheme, month.year)
    _pay_cases(month, weight_set, terms.paying, paid)
    houses, owed = _houses(scheme, month), _owed(month)
    for key in owed:
        houses.setdefault(key, {})
    fresh = [key for key in sorted(houses) if key not in paid]
    if houses and not fresh:
        raise errors.AlreadyPaid(month=f"{month:%Y-%m}")
    for key in fresh:
        _state(key, houses[key], month, weight_set, terms, actor, owed.get(key, 0))
    return len(fresh)


def _pay_cases(month: date, weight_set: WeightSet, paying: Paying, paid: Iterable[UUID]) -> None:
    weights = weights_of(weight_set.id)
    rows = FundCase.objects.filter(month=month).exclude(institution_id__in=paid)
    granted = dict(SpecialRequest.objects.filter(case__in=rows, state="granted").values_list("case_id", "granted"))
    CasePayment.objects.filter(month=month, weight_set=weight_set).exclude(institution_id__in=paid).delete()
    made = []
    for case in rows.iterator(chunk_size=2000):
        found_ = worth(pure_case(case, granted.get(case.id)), weights, weight_set.rate, paying)
        known = weights.get(case.group)
        made.append(
            CasePayment(
                case=case, weight_set=weight_set, month=month, institution_id=case.institution_id, kind=found_.kind,
                weight=known.weight if known else None, multiple=found_.multiple, standard=found_.standard, payable=found_.payable,
                fund=found_.fund,
            )
        )  # fmt: skip
    CasePayment.objects.bulk_create(made, batch_size=2000)


def _houses(scheme: str, month: date) -> dict[UUID, dict[str, dict[str, int]]]:
    """institution -> kind -> count and fund by item, from the months' sums (only inside the county)."""
    found_: dict[UUID, dict[str, dict[str, int]]] = {}
    rows = FundMonth.objects.filter(scheme=scheme, month=month, inside=True)
    for row in rows.values("institution_id", "kind").annotate(n=Sum("cases"), sum=Sum("pool")):
        found_.setdefault(row["institution_id"], {})[row["kind"]] = {"cases": row["n"], "pool": row["sum"]}
    return found_


def _owed(month: date) -> dict[UUID, int]:
    """institution -> what was deducted up to this month and stands on no other statement: those paid before, and those of earlier months."""
    others = Statement.objects.exclude(month=month).filter(~Q(state="calculated") | Q(month__lt=month)).order_by()
    settled = dict(others.values_list("institution_id").annotate(Sum("refused")))
    found_ = {key: amount - settled.pop(key, 0) for key, amount in review.deducted(month).items()}
    found_ |= {key: -amount for key, amount in settled.items()}
    return {key: amount for key, amount in found_.items() if amount}


def _state(
    institution_id: UUID,
    kinds: dict[str, dict[str, int]],
    month: date,
    weight_set: WeightSet,
    terms: FundTerms,
    actor: Actor,
    refused: int,
) -> None:
    paying, steps = terms.paying, []
    sums = CasePayment.objects.filter(month=month, institution_id=institution_id, weight_set=weight_set).aggregate(
        n=Count("id"), fund=Sum("fund", default=0)
    )
    by_cases, cases = sums["fund"], sums["n"]
    steps.append(
        [
            _("住院按病组"),
            _("%(n)s 例，费率 %(rate)s 元/权重，个人已按项目结算") % {"n": cases, "rate": yuan(weight_set.rate)},
            yuan(by_cases),
        ]
    )
    by_head = _by_head(institution_id, month, terms, steps)
    heads = set(paying.per_head_kinds) if by_head else set()
    visits = sum(one["pool"] for kind, one in kinds.items() if kind != "inpatient" and kind not in heads)
    steps.append([_("门诊按项目"), _("未包含在按人头付费中的门诊待遇"), yuan(visits)])
    if refused:
        steps.append([_("审核扣减"), _("已认定的基金疑点，从本月应付中扣除"), yuan(-refused)])
    whole = by_cases + by_head + visits - refused
    prepaid = to_fen(money(from_fen(whole) * paying.prepaid)) if whole > 0 else whole
    steps.append([_("本月应付"), _("以上之和"), yuan(whole)])
    steps.append([_("预付"), f"{yuan(whole)} × {percent(paying.prepaid)}", yuan(prepaid)])
    steps.append([_("质量保证金"), f"{yuan(whole)} − {yuan(prepaid)}", yuan(whole - prepaid)])
    values = {
        "weight_set": weight_set, "cases": cases, "by_item": sum(one["pool"] for one in kinds.values()), "by_cases": by_cases,
        "by_head": by_head, "by_visits": visits, "refused": refused, "prepaid": prepaid, "withheld": whole - prepaid, "steps": steps,
    }  # fmt: skip
    row = Statement.objects.filter(institution_id=institution_id, month=month).first()
    if row:
        Statement.objects.filter(pk=row.pk).update(**values)
        return
    fresh = Statement(number=dated_number("statement", "ZF"), institution_id=institution_id, month=month, **values)
    start(STATEMENT, fresh, "calculated", actor=actor)


def _by_head(institution_id: UUID, month: date, terms: FundTerms, steps: list[list[str]]) -> int:
    """A month's part of the sum for the people at home there; nothing for institutions that are not paid by head."""
    house = network.institution(institution_id)
    if house is None or house.level != "township" or "1" not in terms.paying.per_head_levels:
        return 0
    people = people_of(institution_id)
    monthly = to_fen(per_head(people, terms.paying.per_head, Decimal(1)).monthly)
    steps.append(
        [
            _("门诊按人头"),
            _("%(n)s 人 × %(price)s 元 ÷ 12") % {"n": people, "price": terms.paying.per_head},
            yuan(monthly),
        ]
    )
    return monthly


def people_of(institution_id: UUID) -> int:
    """How many people are at home with a township centre: who has any settlement of the last facts counted there."""
    from yigong.insurance.budget.models import FundFact

    rows = FundFact.objects.filter(home_id=institution_id, resident_id__isnull=False)
    return rows.aggregate(n=Count("resident_id", distinct=True))["n"]


@racing("budget.pay_statement")
@transaction.atomic
def pay_statement(*, statement_id: UUID, scheme: str, actor: Actor) -> UUID:
    """Post a month's prepayment and deposit, once: from the fund to the institution and to its deposit."""
    row = transition(STATEMENT, found(Statement, statement_id), "pay", actor=actor)
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
