"""Blocks and slides go out against a promise, come back, or are lost."""

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.centres.pathology.commands.steps import locked, step
from yigong.centres.pathology.models import Loan, LoanItem
from yigong.centres.pathology.rules.specimens import LOAN
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.core.numbers.api import dated_number
from yigong.core.states import api as states
from yigong.tasks import api as tasks

OVERDUE = tasks.declare_kind("pathology.loan", gettext_lazy("病理借出逾期"))
LONGEST = timedelta(days=180)


@racing("pathology.lend")
@transaction.atomic
def lend(
    *, codes: list[str], borrower: str, relation: str, phone: str, destination: str, purpose: str, due_on: date,
    deposit: int, promised: bool, actor: Actor,
) -> Loan:  # fmt: skip
    """Blocks and slides of one case are handed out until a day; ``deposit`` in fen; ``promised``: the borrower has signed for them.

    What is lent already is refused with who lent it and when.
    """
    _check(borrower=borrower, phone=phone, destination=destination, due_on=due_on, promised=promised, codes=codes)
    rows = [locked(code) for code in sorted(dict.fromkeys(codes))]
    if len({row.order_id for row in rows}) > 1:
        raise InvalidInput(errors={"codes": _("一张借出单只借一个病例的材料。")})
    if any(row.kind == "container" for row in rows):
        raise InvalidInput(errors={"codes": _("只能借出蜡块和玻片。")})
    loan = Loan(
        number=dated_number("pathology_loan", "BJ"), centre_id=rows[0].centre_id, order_id=rows[0].order_id, borrower=borrower.strip()[:80],
        relation=relation[:40], phone=phone.strip()[:40], destination=destination.strip()[:120], purpose=purpose.strip()[:200],
        deposit=deposit, due_on=due_on, lent_by=actor.name[:80],
    )  # fmt: skip
    states.start(LOAN, loan, "out", actor=actor)
    for row in rows:
        step(row, "lend", actor, reason=_("借给 %(who)s，%(n)s") % {"who": loan.borrower, "n": loan.number})
        LoanItem.objects.create(loan=loan, specimen=row)
    return loan


@racing("pathology.take_back")
@transaction.atomic
def take_back(*, code: str, actor: Actor, place: str = "", remark: str = "") -> LoanItem:
    """One block or slide is back in the archive; the last one settles the loan."""
    row = step(
        locked(code), "take_back", actor, reason=remark, **({"place": place.strip()[:40]} if place.strip() else {})
    )
    item = _open_item(row.pk)
    item.returned_at, item.returned_to, item.remark = clock.now(), actor.name[:80], remark.strip()[:200]
    item.save(update_fields=["returned_at", "returned_to", "remark"])
    _settle(item.loan_id, actor)
    return item


@transaction.atomic
def report_loss(*, code: str, reason: str, actor: Actor) -> LoanItem:
    """The borrower cannot give it back: what happened is written down, the piece is lost for good."""
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请写明遗失或损坏的经过与责任。")})
    row = step(locked(code), "lose", actor, reason=reason, remark=reason.strip()[:300])
    item = _open_item(row.pk)
    item.lost_at, item.remark = clock.now(), reason.strip()[:200]
    item.save(update_fields=["lost_at", "remark"])
    _settle(item.loan_id, actor)
    return item


@transaction.atomic
def renew(*, loan_id: UUID, due_on: date, reason: str, actor: Actor) -> Loan:
    """Some days more, with the reason."""
    if not clock.today() < due_on <= clock.today() + LONGEST:
        raise InvalidInput(errors={"due_on": _("归还日期应在明天到 %(n)s 天之内。") % {"n": LONGEST.days}})
    row = Loan.objects.filter(pk=loan_id).first()
    if row is None:
        raise NotFound()
    row = states.transition(LOAN, row, "renew", actor=actor, reason=reason, due_on=due_on)
    tasks.resolve_task(key=f"{OVERDUE}:{row.pk}", actor=actor, note=reason)
    return row


def loan_overdue(row: Loan) -> None:
    """The day is over and something is still out; the clock's."""
    tasks.open_task(
        key=f"{OVERDUE}:{row.pk}", kind=OVERDUE, institution_id=row.centre_id, role="pathology_technician", due_at=clock.now(),
        title=_("借出逾期，请催还：%(n)s %(who)s %(phone)s") % {"n": row.number, "who": row.borrower, "phone": row.phone},
        url=reverse("pathology:loan", args=[row.pk]), subject=("order", row.order_id),
        escalate_to=tasks.Escalation(role="senior_pathologist"),
    )  # fmt: skip


def _check(*, borrower: str, phone: str, destination: str, due_on: date, promised: bool, codes: list[str]) -> None:
    errors = {}
    if not codes:
        errors["codes"] = _("请扫描或选择要借出的蜡块、玻片。")
    for name, value, label in (
        ("borrower", borrower, _("借用人")),
        ("phone", phone, _("电话")),
        ("destination", destination, _("会诊医院")),
    ):
        if not value.strip():
            errors[name] = _("请填写%(label)s。") % {"label": label}
    if not clock.today() < due_on <= clock.today() + LONGEST:
        errors["due_on"] = _("归还日期应在明天到 %(n)s 天之内。") % {"n": LONGEST.days}
    if not promised:
        errors["promised"] = _("借用人签字承诺保管责任后才能借出。")
    if errors:
        raise InvalidInput(errors=errors)


def _open_item(specimen_id: UUID) -> LoanItem:
    item = LoanItem.objects.filter(specimen_id=specimen_id, returned_at__isnull=True, lost_at__isnull=True).first()
    if item is None:
        raise Conflict(_("没有这件材料的在借记录。"))
    return item


def _settle(loan_id: UUID, actor: Actor) -> None:
    loan = Loan.objects.select_for_update().get(pk=loan_id)
    items = list(loan.items.all())
    if any(item.returned_at is None and item.lost_at is None for item in items):
        return
    lost = sum(item.lost_at is not None for item in items)
    outcome = _("归还 %(a)s 件，遗失 %(b)s 件") % {"a": len(items) - lost, "b": lost}
    states.transition(LOAN, loan, "close", actor=actor, closed_at=clock.now(), outcome=outcome)
    tasks.resolve_task(key=f"{OVERDUE}:{loan.pk}", actor=actor)
