"""Figures of a service: volume, turnaround, rejections, critical values. One statement per figure or breakdown."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.orders.data import Statistics
from yigong.orders.policies import require_statistics
from yigong.orders.rules import service

STAGES = {
    "perform": ("requested_at", "performed_at"),
    "upload": ("performed_at", "uploaded_at"),
    "report": ("uploaded_at", "reported_at"),
    "acknowledge": ("reported_at", "acknowledged_at"),
}
"""Stages of an order's time: from, to."""

_WHERE = """
where o.service = %(service)s and o.requested_at between %(begin)s and %(end)s
  and (o.reporting_institution_id = any(%(places)s) or o.performing_institution_id = any(%(places)s)
       or o.requesting_institution_id = any(%(places)s))
"""
_MINUTES = "extract(epoch from (o.{to} - o.{since})) / 60"
_SPREAD = (
    f"percentile_cont(0.5) within group (order by {_MINUTES}), percentile_cont(0.9) within group (order by {_MINUTES})"
)
_TOTALS = f"""
select count(*), count(o.performed_at), count(o.reported_at), count(*) filter (where v.positive),
  count(*) filter (where o.state = 'rejected'),
  count(*) filter (where o.state in ('cancelled', 'refused', 'stopped')), coalesce(sum(o.repeats), 0)::int,
  {_SPREAD.format(since="uploaded_at", to="reported_at")},
  count(*) filter (where o.reported_at <= r.limit_at)
from orders_order o left join orders_report r on r.order_id = o.id
left join orders_reportversion v on v.report_id = r.id and v.number = r.versions_count {_WHERE}
"""
_STAGE = f"select {_SPREAD}, count(o.{{to}} - o.{{since}}) from orders_order o {_WHERE}"
_BY_INSTITUTION = f"""
select o.requesting_institution_id, count(*) from orders_order o {_WHERE} group by 1 order by 2 desc limit 30
"""
_BY_GROUP = f"""
select i."group", count(*) from orders_orderitem i join orders_order o on o.id = i.order_id {_WHERE}
group by 1 order by 2 desc
"""
_BY_DAY = f"""
select (o.requested_at at time zone 'Asia/Shanghai')::date, count(*) from orders_order o {_WHERE} group by 1 order by 1
"""
_REASONS = f"""
select s.reason_code, count(*) from states_statechange s join orders_order o on o.id = s.object_id {_WHERE}
  and s."table" = 'order' and s.action in ('reject', 'repeat')
group by 1 order by 2 desc
"""
_BY_AUTHOR = f"""
select v.author_name, count(*) from orders_reportversion v join orders_report r on r.id = v.report_id
join orders_order o on o.id = r.order_id {_WHERE} and v.kind <> 'preliminary' group by 1 order by 2 desc limit 30
"""
_CRITICAL = f"""
select count(*), count(*) filter (where c.acknowledged_at - coalesce(c.notified_at, c.found_at) <= %(limit)s)
from orders_criticalvalue c join orders_order o on o.id = c.order_id {_WHERE}
"""
_Totals = tuple[int, int, int, int, int, int, int, float | None, float | None, int]


def statistics(
    service_code: str, actor: Actor, *, since: date, until: date, institution_ids: set[UUID] | None = None
) -> Statistics:
    """Figures of the orders requested in the days ``since`` to ``until`` in which the actor's institutions (or the named
    ones) have a part. Raises Forbidden without the service's right to statistics."""
    require_statistics(service_code, actor)
    values = {
        "service": service_code, "begin": datetime.combine(since, time.min, clock.SHANGHAI),
        "end": datetime.combine(until, time.max, clock.SHANGHAI), "places": list(institution_ids or actor.places),
        "limit": service(service_code).clocks.critical_acknowledge,
    }  # fmt: skip
    totals: _Totals = _all(_TOTALS, values)[0]
    critical = _all(_CRITICAL, values)[0]
    return Statistics(
        *totals,
        stages=tuple((_stage(name), *_all(_STAGE.format(since=a, to=b), values)[0]) for name, (a, b) in STAGES.items()),
        by_institution=tuple(_all(_BY_INSTITUTION, values)),
        by_group=tuple(_all(_BY_GROUP, values)),
        by_day=tuple(_all(_BY_DAY, values)),
        reject_reasons=_reasons(service_code, values),
        by_author=tuple(_all(_BY_AUTHOR, values)),
        critical=critical[0],
        critical_in_time=critical[1],
    )


def _reasons(service_code: str, values: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    definition = service(service_code)
    words = {**definition.image_reasons, **definition.reject_reasons}
    return tuple((words.get(code, code or _("未编码")), n) for code, n in _all(_REASONS, values))


def _stage(name: str) -> str:
    return {
        "perform": _("申请到检查"),
        "upload": _("检查到上传"),
        "report": _("上传到报告"),
        "acknowledge": _("报告到查阅"),
    }[name]


def _all(sql: str, values: dict[str, Any]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
