"""Periods: opened, checked, signed by one person, frozen by another, corrected with a reason."""

import dataclasses
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.months import add_months, first_of
from yigong.core.states.api import start, transition
from yigong.indicators import policies
from yigong.indicators.models import Correction, FrozenFigure, Period
from yigong.indicators.queries import frozen
from yigong.indicators.queries.frozen import LENGTHS, digest_of, span_of
from yigong.indicators.rules.consistency import findings
from yigong.indicators.rules.figures import Amounts
from yigong.indicators.rules.states import PERIOD


class PeriodTaken(Conflict):
    """There is this period already."""

    code = "indicators.period_taken"
    message = "这个期间已经有了，请在列表中打开它。"


class ChangedSinceSigned(Conflict):
    """The figures are not those that were signed."""

    code = "indicators.changed_since_signed"
    message = "签署之后数字有变动，不能冻结。请退回核对，重新签署。"


@transaction.atomic
def open_period(*, kind: str, first: date, actor: Actor) -> UUID:
    """Open a month, quarter or year that is over, and check it."""
    _must(actor, policies.SIGN)
    if kind not in LENGTHS or first.day != 1 or (first.month - 1) % LENGTHS[kind]:
        raise InvalidInput(errors={"first": _("请选择期间的第一个月：季度从 1、4、7、10 月起，年度从 1 月起。")})
    last = frozen.last_of(kind, first)
    if last >= first_of(clock.today()):
        raise InvalidInput(
            errors={
                "first": _("这个期间还没有结束，请在 %(month)s 之后再核对。")
                % {"month": f"{add_months(last, 1):%Y-%m}"}
            }
        )
    row = Period(kind=kind, first=first, last=last)
    with refusing(indicator_period_once=PeriodTaken()):
        start(PERIOD, row, "open", actor=actor)
    return check_period(period_id=row.id, actor=actor).id


@transaction.atomic
def check_period(*, period_id: UUID, actor: Actor) -> Period:
    """Look at the figures again and keep what was found."""
    row = frozen.period(period_id)
    found = [dataclasses.asdict(one) for one in findings(frozen.looks_at(span_of(row)))]
    return transition(PERIOD, row, "check", actor=actor, findings=found, checked_at=clock.now())


@transaction.atomic
def sign_period(*, period_id: UUID, actor: Actor, reason: str = "") -> Period:
    """Answer for the figures as they are now. With bad findings only with a reason, which stays with the signature."""
    row = check_period(period_id=period_id, actor=actor)
    if not reason.strip() and any(one["level"] == "bad" for one in row.findings):
        raise InvalidInput(errors={"reason": _("核对发现不一致，请处理后再签署；确需带问题签署的，请写明原因。")})
    digest = digest_of(frozen.amounts_now(span_of(row)))
    return transition(
        PERIOD,
        row,
        "sign",
        actor=actor,
        reason=reason,
        digest=digest,
        signed_by=actor.name,
        signed_staff_id=actor.staff_id,
    )


@racing("indicators.freeze")
@transaction.atomic
def freeze_period(*, period_id: UUID, actor: Actor) -> Period:
    """Keep the figures for good, exactly those that were signed. Of two people at once one freezes, the other learns who."""
    row = transition(
        PERIOD, frozen.period(period_id), "freeze", actor=actor, frozen_by=actor.name, frozen_at=clock.now()
    )
    amounts = frozen.amounts_now(span_of(row))
    if digest_of(amounts) != row.digest:
        raise ChangedSinceSigned()
    FrozenFigure.objects.bulk_create(
        [_figure(row, key, version, one) for key, (version, one) in amounts.items()], batch_size=2000
    )
    return row


@transaction.atomic
def move_period(*, period_id: UUID, action: str, actor: Actor, reason: str) -> Period:
    """Send a signed period back, take a signature back, or drop an open period."""
    return transition(PERIOD, frozen.period(period_id), action, actor=actor, reason=reason)


@racing("indicators.correct")
@transaction.atomic
def correct_figure(*, period_id: UUID, code: str, reason: str, actor: Actor) -> UUID:
    """Write beside the frozen figures of an indicator what is counted today, with a reason; the frozen ones stay."""
    _must(actor, policies.CORRECT)
    row = Period.objects.select_for_update().get(pk=frozen.period(period_id).pk)
    if row.state != "frozen":
        raise Conflict(_("只有已冻结的期间才需要更正；没有冻结的请重新核对。"))
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请写明更正的原因，例如“县外结算 3 月回流补到 12 例”。")})
    held = frozen.latest_revisions(row, code)
    now = {key: pair for key, pair in frozen.amounts_now(span_of(row)).items() if key[0] == code}
    changed = [key for key in held.keys() | now.keys() if not _same(held.get(key), now.get(key))]
    if not changed:
        raise Conflict(_("现在的数字与冻结的一致，不需要更正。"))
    correction = Correction.objects.create(period=row, code=code, reason=reason.strip(), made_by=actor.name)
    for key in changed:
        known = held.get(key)
        version, amounts = now.get(key) or (
            known.version if known else "",
            Amounts(0, 0 if known and known.denominator is not None else None),
        )
        one = _figure(row, key, version, amounts)
        one.revision, one.correction = (known.revision if known else 0) + 1, correction
        one.save(force_insert=True)
    return correction.id


def _figure(row: Period, key: frozen.Key, version: str, amounts: Amounts) -> FrozenFigure:
    code, variant, house = key
    return FrozenFigure(
        period=row, code=code, variant=variant, institution_id=house, version=version, numerator=amounts.numerator,
        denominator=amounts.denominator, provisional=amounts.provisional,
    )  # fmt: skip


def _same(held: FrozenFigure | None, now: tuple[str, Amounts] | None) -> bool:
    mine = (held.numerator, held.denominator or 0) if held else (0, 0)
    other = (now[1].numerator, now[1].denominator or 0) if now else (0, 0)
    return mine == other


def _must(actor: Actor, permission: str) -> None:
    if not actor.has(permission):
        raise Forbidden()


__all__ = ["check_period", "correct_figure", "freeze_period", "move_period", "open_period", "sign_period"]
