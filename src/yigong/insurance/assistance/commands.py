"""Money in, payments and their withdrawal, the civil-affairs roll."""

from collections.abc import Collection
from datetime import date
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.core.ledger import api as ledger
from yigong.core.numbers.api import dated_number
from yigong.core.states.api import start, transition
from yigong.insurance.assistance import policies, rules
from yigong.insurance.assistance.accounts import FUNDS, account, outside
from yigong.insurance.assistance.counter import pay_all_owed
from yigong.insurance.assistance.models import Difference, Payment, Roll
from yigong.insurance.coverage import api as coverage
from yigong.residents import api as residents


class NotEligible(Conflict):
    """No category on the day that counts."""

    code = "assistance.not_eligible"
    message = "此人在 %(on)s 没有有效的救助身份，不能支付。请核对民政名册或改用当日有效的日期。"


class RollKnown(Conflict):
    """The same roll again."""

    code = "assistance.roll_known"
    message = "这份名册已经导入过（%(number)s）。"


def _require(actor: Actor, permission: str) -> None:
    if not actor.has(permission):
        raise Forbidden()


@transaction.atomic
def fund_in(*, fund: str, amount: int, reason: str, key: UUID, actor: Actor) -> int:
    """Money given to a fund, which first pays what it owes; the same key is the same gift. The balance after it."""
    _require(actor, policies.FUND)
    faults = {} if amount > 0 else {"amount": _("金额应大于 0。")}
    if fund not in FUNDS:
        faults["fund"] = _("请选择资金。")
    if not reason.strip():
        faults["reason"] = _("请填写来源文件。")
    if faults:
        raise InvalidInput(errors=faults)
    ledger.post(
        [(outside(fund), -amount), (account(fund).id, amount)], key=f"assistance.in:{key}", actor=actor, reason=reason
    )
    pay_all_owed(fund)
    return account(fund).balance


@racing("assistance.pay")
@transaction.atomic
def pay(
    *, fund: str, resident_id: UUID, category: str, right_on: date, amount: int, why: str, key: UUID, actor: Actor
) -> UUID:
    """Pay somebody who held the category on the day that counts (of the settlement or admission). NotEligible; NotEnough from the ledger."""
    _require(actor, policies.PAY)
    known = Payment.objects.filter(key=key).first()
    if known:
        return known.id
    faults = {} if 0 < amount <= 100_000_000 else {"amount": _("金额应大于 0，不超过一百万元。")}
    if right_on > clock.today():
        faults["right_on"] = _("日期不能晚于今天。")
    if not why.strip():
        faults["why"] = _("请填写事由。")
    if fund not in FUNDS:
        faults["fund"] = _("请选择资金。")
    if faults:
        raise InvalidInput(errors=faults)
    if category not in held_on(resident_id, right_on):
        raise NotEligible(on=right_on)
    row = Payment(
        number=dated_number("assistance", "JZ"), key=key, fund=fund, resident_id=resident_id, category=category, right_on=right_on,
        amount=amount, why=why.strip()[:200], by=actor.name,
    )  # fmt: skip
    start(rules.PAYMENT, row, "paid", actor=actor)
    entries = [(account(fund).id, -amount), (outside(fund), amount)]
    row.posting_id = ledger.post(entries, key=f"assistance.pay:{row.id}", actor=actor, reason=why, about=row.id).id
    row.save(update_fields=["posting_id"])
    return row.id


def held_on(resident_id: UUID, on: date) -> frozenset[str]:
    """The categories a person held on a day; nobody insured holds none."""
    try:
        return coverage.coverage_on(resident_id, on).identities
    except coverage.NotInsured:
        return frozenset(one.code for one in coverage.categories_held(on, resident_id))


@racing("assistance.withdraw")
@transaction.atomic
def withdraw(*, payment_id: UUID, reason: str, actor: Actor) -> None:
    """Take a payment back into its fund, with a reason, once."""
    row = Payment.objects.filter(pk=payment_id).first()
    if row is None:
        raise NotFound()
    if row.settlement_id is not None:
        raise Conflict(_("这笔由结算产生：请在收费处冲正这次结算，款项会自动退回资金账户。"))
    if row.posting_id is None:
        raise Conflict()
    counter = None
    if rules.PAYMENT.step(row.state, "withdraw") and actor.has(policies.PAY) and reason.strip():
        counter = ledger.reverse(row.posting_id, key=f"assistance.back:{row.id}", actor=actor, reason=reason).id
    transition(rules.PAYMENT, row, "withdraw", actor=actor, reason=reason, reversal_id=counter)


@racing("assistance.check_roll")
@transaction.atomic
def check_roll(*, name: str, content: bytes, as_of: date, actor: Actor) -> UUID:
    """Hold a roll of a day against the categories that we have: people are matched by number through the index; differences wait for a decision."""
    _require(actor, policies.RECONCILE)
    digest = sha256(content + as_of.isoformat().encode()).hexdigest()
    known = Roll.objects.filter(digest=digest).first()
    if known:
        raise RollKnown(number=known.number)
    read = rules.read_roll(content, as_of)
    if read is None or not (read.entries or read.faults):
        raise InvalidInput(errors={"file": _("文件不能识别：应有“证件号码、姓名、类别、起始日期”四列。")})
    roll = Roll.objects.create(
        number=dated_number("roll", "MC"), digest=digest, file_name=name[-120:], as_of=as_of, rows=len(read.entries) + len(read.faults),
        faults=read.faults[:500], made_by=actor.name,
    )  # fmt: skip
    ours = {(one.resident_id, one.code): one.id for one in coverage.categories_held(as_of)}
    theirs: set[tuple[UUID, str]] = set()
    rows: list[Difference] = []
    people = _people({one.number for one in read.entries}, actor)
    for one in read.entries:
        person = people.get(one.number)
        if person is None:
            rows.append(
                Difference(roll=roll, what="unknown", line=one.line, category=one.category, starts_on=one.starts_on)
            )
            continue
        theirs.add((person, one.category))
        if (person, one.category) not in ours:
            rows.append(
                Difference(
                    roll=roll,
                    what="missing",
                    line=one.line,
                    resident_id=person,
                    category=one.category,
                    starts_on=one.starts_on,
                )
            )
    if not read.faults:
        # Whoever stands in a line that could not be read would otherwise be called extra.
        rows += [
            Difference(roll=roll, what="extra", resident_id=person, category=code, category_id=key)
            for (person, code), key in ours.items()
            if (person, code) not in theirs
        ]
    Difference.objects.bulk_create(rows, batch_size=1000)
    roll.same = len(theirs & ours.keys())
    roll.save(update_fields=["same"])
    return roll.id


def _people(numbers: Collection[str], actor: Actor) -> dict[str, UUID]:
    """Number -> person. Citizen numbers in one question; the few that are none (a passport) one by one."""
    found = residents.residents_by_citizen_number(numbers)
    for number in sorted(set(numbers) - found.keys()):
        if not _is_citizen_number(number):
            hits = residents.search_residents(number, actor=actor, limit=2).items
            found |= {number: hits[0].id} if len(hits) == 1 else {}
    return found


def _is_citizen_number(number: str) -> bool:
    try:
        residents.check_number("01", number, clock.today())
    except residents.BadNumber:
        return len(number) in {15, 18}  # mistyped: no other document is that long
    return True


@racing("assistance.decide")
@transaction.atomic
def decide(*, difference_id: UUID, decision: str, reason: str, actor: Actor) -> None:
    """``grant`` the category to somebody on the roll, ``end`` it for somebody who is not, or ``leave`` it; each with a reason, once."""
    _require(actor, policies.RECONCILE)
    row = Difference.objects.select_for_update().filter(pk=difference_id).select_related("roll").first()
    if row is None:
        raise NotFound()
    if row.decision:
        raise Conflict(_("这一条已由 %(who)s 决定。") % {"who": row.by})
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请填写理由。")})
    allowed = {"missing": {"grant", "leave"}, "extra": {"end", "leave"}, "unknown": {"leave"}}[row.what]
    if decision not in allowed:
        raise InvalidInput(_("这种差异不能这样处理。"))
    source = f"民政名册 {row.roll.number}"
    if decision == "grant" and row.resident_id and row.starts_on:
        coverage.grant_category(
            resident_id=row.resident_id, code=row.category, starts_on=row.starts_on, actor=actor, source=source
        )
    if decision == "end" and row.category_id:
        coverage.end_category(
            category_id=row.category_id, ends_on=row.roll.as_of, reason=f"{source}：{reason}"[:100], actor=actor
        )
    row.decision, row.reason, row.by, row.at = decision, reason.strip()[:200], actor.name, clock.now()
    row.save(update_fields=["decision", "reason", "by", "at"])
