"""Turnaround by stage, workload and rejections; every figure opens its rows."""

from datetime import date, datetime, time
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from yigong.centres.laboratory.models import Tube
from yigong.centres.laboratory.queries.tubes import tubes_data
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.paging import Page, page_of

STAGES = (
    ("collected_at", "sent_at"),
    ("sent_at", "arrived_at"),
    ("arrived_at", "received_at"),
    ("received_at", "reported_at"),
)
_COLUMN = {
    "collected_at": "t.collected_at", "sent_at": "t.sent_at", "arrived_at": "t.arrived_at", "received_at": "t.received_at",
    "reported_at": "o.reported_at",
}  # fmt: skip
_FROM = """
from laboratory_tube t join orders_order o on o.id = t.order_id
where (t.centre_id = any(%(places)s) or t.collector_id = any(%(places)s)) and t.collected_at between %(begin)s and %(end)s
"""
# A tube that another one stands for is counted where its fate is the subject, never as work: the specimen was one.
_WORK = f"{_FROM} and t.state not in ('lost', 'rejected')"


def figures(actor: Actor, since: date, until: date) -> dict[str, Any]:
    """Everything of the page for tubes collected in these days."""
    values = _values(actor, since, until)
    return {
        "stages": [_stage(a, b, values) for a, b in STAGES],
        "total": _stage("collected_at", "reported_at", values),
        "benches": _all(f"select t.bench, count(*), count(o.reported_at) {_WORK} group by 1 order by 2 desc", values),
        "collectors": _all(
            "select i.short_name, count(*), count(*) filter (where t.state = 'rejected') "
            f"{_FROM.replace('where', 'join network_institution i on i.id = t.collector_id where')} and t.state <> 'lost' group by 1 order by 2 desc limit 30",
            values,
        ),
        "faults": _all(f"select t.fault, count(*) {_FROM} and t.state = 'rejected' group by 1 order by 2 desc", values),
        "received": _all(f"select count(*) {_FROM} and (t.received_at is not null or t.state = 'rejected')", values)[0][
            0
        ],
        "rejected": _all(f"select count(*) {_FROM} and t.state = 'rejected'", values)[0][0],
        "lost": _all(f"select count(*) {_FROM} and t.state = 'lost'", values)[0][0],
    }


def rows(actor: Actor, since: date, until: date, *, view: str, value: str, page: int) -> Page:
    """The tubes behind a figure: ``rejected`` (of one fault), ``lost``, ``bench``, or those that came to the centre, of the tubes filled in these
    days."""
    values, here = _values(actor, since, until), actor.places
    found: QuerySet[Tube] = Tube.objects.filter(
        Q(centre_id__in=here) | Q(collector_id__in=here), collected_at__range=(values["begin"], values["end"])
    )
    if view == "rejected":
        found = found.filter(state="rejected", **({"fault": value} if value else {}))
    elif view == "lost":
        found = found.filter(state="lost")
    elif view == "bench":
        found = found.filter(bench=value).exclude(state__in=("lost", "rejected"))
    else:
        found = found.filter(Q(received_at__isnull=False) | Q(state="rejected"))
    joined = found.select_related("order", "box", "outside", "replacement")
    return page_of(joined.order_by("-collected_at", "id"), page=page, convert=tubes_data)


def stage_name(begin: str, end: str) -> str:
    """The words of a stage."""
    return {
        ("collected_at", "sent_at"): _("采集到交接"), ("sent_at", "arrived_at"): _("运送"), ("arrived_at", "received_at"): _("到达到签收"),
        ("received_at", "reported_at"): _("签收到发布"),
    }.get((begin, end), _("采集到发布"))  # fmt: skip


def _stage(begin: str, end: str, values: dict[str, Any]) -> tuple[str, float | None, float | None, int]:
    minutes = f"extract(epoch from ({_COLUMN[end]} - {_COLUMN[begin]})) / 60"
    spread = ", ".join(f"percentile_cont({p}) within group (order by {minutes})" for p in (0.5, 0.9))
    middle, late, count = _all(f"select {spread}, count({_COLUMN[end]} - {_COLUMN[begin]}) {_WORK}", values)[0]
    return stage_name(begin, end), middle, late, count


def _values(actor: Actor, since: date, until: date) -> dict[str, Any]:
    return {
        "places": list(actor.places), "begin": datetime.combine(since, time.min, clock.SHANGHAI),
        "end": datetime.combine(until, time.max, clock.SHANGHAI),
    }  # fmt: skip


def _all(sql: str, values: dict[str, Any]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
