"""Months close in order; what comes later is booked in the next open one."""

from datetime import date
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.audit.api import acting
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.months import add_months
from yigong.insurance.budget import errors, policies
from yigong.insurance.budget.commands.common import require
from yigong.insurance.budget.models import BudgetMonth, FundMonth
from yigong.insurance.budget.models.facts import SUMMED
from yigong.insurance.budget.queries.use import overview
from yigong.insurance.budget.rules.money import yuan
from yigong.network import api as network
from yigong.tasks import api as tasks


@racing("budget.close_month")
@transaction.atomic
def close_month(*, region: str, scheme: str, month: date, actor: Actor) -> UUID:
    """Close a month that is over, after those before it. MonthClosed, MonthsBefore, MonthNotOver."""
    require(actor, policies.KEEP)
    if add_months(month, 1) > clock.today():
        raise errors.MonthNotOver(month=f"{month:%Y-%m}")
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtext('budget.month ' || %s || %s || %s::date::text))",
            [region, scheme, month],
        )
    booked = FundMonth.objects.filter(region=region, scheme=scheme)
    first = booked.order_by("booked").values_list("booked", flat=True).first()
    closed = set(BudgetMonth.objects.filter(region=region, scheme=scheme).values_list("month", flat=True))
    waiting = _waiting(first, month, closed)
    if waiting:
        raise errors.MonthsBefore(month=f"{waiting:%Y-%m}")
    sums = booked.filter(booked=month).aggregate(**{name: Sum(name) for name in SUMMED})
    row = BudgetMonth(region=region, scheme=scheme, month=month, closed_by=actor.name)
    row.sums = {name: value or 0 for name, value in sums.items()}
    with (
        acting(actor, reason=f"关账 {month:%Y-%m}"),
        refusing(budget_month_closed_once=errors.MonthClosed(month=f"{month:%Y-%m}")),
    ):
        row.save(force_insert=True)
    _warn(scheme, month, actor)
    return row.id


def _warn(scheme: str, month: date, actor: Actor) -> None:
    """A year that is going to cost more than its package is told to those who lead, with each month that closes."""
    seen = overview(scheme, month.year)
    if (
        actor.institution_id is None
        or seen.forecast is None
        or seen.amount is None
        or seen.forecast.expected <= seen.amount
    ):
        return
    words = {
        "year": month.year,
        "expected": yuan(seen.forecast.expected),
        "over": yuan(seen.forecast.expected - seen.amount),
    }
    tasks.open_task(
        key=f"budget.pace.{scheme}.{month:%Y-%m}", kind="budget.pace", role="director", institution_id=network.ancestors(actor.institution_id)[-1],
        title=_("打包基金预计超支：%(year)s 年预计用 %(expected)s 元，超 %(over)s 元") % words, url=f"/budget/?year={month.year}&scheme={scheme}",
    )  # fmt: skip


def _waiting(first: date | None, month: date, closed: set[date]) -> date | None:
    """The first month before this one that was not closed."""
    while first is not None and first < month:
        if first not in closed:
            return first
        first = add_months(first, 1)
    return None
