"""Rates of the centre, each a share of one population, with the rows behind both counts; turnaround by stage; workload."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.paging import Page
from yigong.orders import api as orders

_ORDERS = """
from orders_order o join pathology_case c on c.order_id = o.id
join lateral (select i."group" from orders_orderitem i where i.order_id = o.id order by i.position limit 1) g on true
left join orders_report r on r.order_id = o.id
left join lateral (select min(v.signed_at) as at from orders_reportversion v where v.report_id = r.id and v.kind = 'preliminary') f on true
left join lateral (select min(v.signed_at) as at from orders_reportversion v where v.report_id = r.id and v.kind = 'final') p on true
where {places} and c.registered_at between %(begin)s and %(end)s
"""
_CONTAINERS = """
from pathology_specimen s join orders_order o on o.id = s.order_id left join pathology_case c on c.order_id = o.id
where {places} and s.kind = 'container'
"""
_PLACES = "(o.reporting_institution_id = any(%(places)s) or o.performing_institution_id = any(%(places)s))"
_WEEKDAYS = """
(select count(*) from generate_series((o.uploaded_at at time zone 'Asia/Shanghai')::date + 1,
  (p.at at time zone 'Asia/Shanghai')::date, interval '1 day') day where extract(isodow from day) < 6)
"""
"""Working days from receipt to the final report: Monday to Friday after the day of receipt; public holidays are not taken off."""


PAGE = 20


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate: rows are counted in ``source``, of them those that satisfy ``population``; the numerator satisfies ``hit`` as well.
    ``good`` is False where a high rate is bad."""

    code: str
    label: str
    source: str
    population: str
    hit: str
    note: str
    good: bool = True


RATES = {
    rate.code: rate
    for rate in (
        Rate("histology", _n("组织病理诊断及时率"), _ORDERS, "g.\"group\" in ('BIOPSY', 'SURGERY') and p.at is not null",
             f"{_WEEKDAYS} <= case when g.\"group\" = 'BIOPSY' then 3 else 5 end", _n("小标本 3、大标本 5 个工作日内")),
        Rate("cytology", _n("细胞病理诊断及时率"), _ORDERS, "g.\"group\" = 'CYTOLOGY' and p.at is not null", f"{_WEEKDAYS} <= 2",
             _n("2 个工作日内")),
        Rate("frozen", _n("术中快速病理诊断及时率"), _ORDERS, "g.\"group\" = 'FROZEN' and coalesce(f.at, p.at) is not null",
             "coalesce(f.at, p.at) - o.uploaded_at <= %(frozen)s", _n("核收后规定分钟内")),
        Rate("agreement", _n("术中快速与石蜡诊断符合率"), _ORDERS, "g.\"group\" = 'FROZEN' and c.agreement <> ''", "c.agreement = 'agrees'",
             _n("已判定的冰冻病例")),
        Rate("fixation", _n("标本规范化固定率"), _CONTAINERS, "s.is_regular is not null and s.grossed_at between %(begin)s and %(end)s",
             "s.is_regular", _n("离体到固定与固定时长均合规；未记录算不规范")),
        Rate("rejection", _n("标本拒收率"), _CONTAINERS,
             "(select min(h.at) from states_statechange h where h.object_id = s.id and h.action in ('receive', 'reject'))"
             " between %(begin)s and %(end)s",
             "exists (select from states_statechange h where h.object_id = s.id and h.action = 'reject')", _n("到中心的标本瓶"), good=False),
    )
}  # fmt: skip
STAGES = (
    ("removal", _n("离体到固定"), "s.removed_at", "s.fixed_at"),
    ("way", _n("固定到核收"), "s.fixed_at", "s.received_at"),
    ("cutting", _n("核收到取材"), "s.received_at", "s.grossed_at"),
    (
        "slides",
        _n("取材到出片"),
        "s.grossed_at",
        "(select max(x.ready_at) from pathology_specimen x where x.order_id = o.id and not x.is_additional)",
    ),
    ("report", _n("核收到报告"), "o.uploaded_at", "o.reported_at"),
)
_WORK = f"""
select t.label, count(*) from (
  select case s.kind when 'container' then 0 when 'block' then 1 else case when s.is_additional then 3 else 2 end end as label
  from pathology_specimen s join orders_order o on o.id = s.order_id
  where {_PLACES} and s.state <> 'cancelled'
    and coalesce(s.received_at, (select min(h.at) from states_statechange h where h.object_id = s.id and s.kind <> 'container'))
      between %(begin)s and %(end)s
) t group by 1 order by 1
"""
_PEOPLE = f"""
select h.actor_name, h.action, count(*) from states_statechange h join pathology_specimen s on s.id = h.object_id
join orders_order o on o.id = s.order_id
where {_PLACES} and h.at between %(begin)s and %(end)s
  and h.action in ('receive', 'gross', 'embed', 'section', 'stain') group by 1, 2 order by 3 desc limit 60
"""


def figures(actor: Actor, since: date, until: date) -> dict[str, Any]:
    """Everything of the page: rates as (rate, hits, population), stages as (words, median, P90, count), pieces, people by step."""
    values = _values(actor, since, until)
    people: dict[str, dict[str, int]] = {}
    for who, action, n in _all(_PEOPLE, values):
        people.setdefault(who, {})[action] = n
    work = dict(_all(_WORK, values))
    return {
        "rates": [(rate, *_share(rate, values)) for rate in RATES.values()],
        "stages": [_stage(label, since_at, until_at, values) for _code, label, since_at, until_at in STAGES],
        "work": [(label, work.get(n, 0)) for n, label in enumerate((_("标本瓶"), _("蜡块"), _("常规玻片"), _("加做玻片")))],
        "people": sorted(people.items()),
    }  # fmt: skip


def rows(actor: Actor, since: date, until: date, *, code: str, part: str, page: int) -> tuple[Rate, Page]:
    """The rows behind a rate: ``part`` is all, hit or miss. Each row: order, pathology number, what, when it came, when it was reported."""
    rate, values = RATES[code], _values(actor, since, until)
    where = {"hit": f" and ({rate.hit})", "miss": f" and not coalesce(({rate.hit}), false)"}.get(part, "")
    what = "s.code || ' ' || s.label" if rate.source is _CONTAINERS else "o.number"
    columns = f"o.id, coalesce(c.number, ''), {what}, o.resident_id, o.uploaded_at, o.reported_at"
    source = f"{_from(rate.source)} and {rate.population}{where}"
    total = _all(f"select count(*) {source}", values)[0][0]
    values |= {"limit": PAGE, "offset": PAGE * (page - 1)}
    sql = f"select {columns} {source} order by o.uploaded_at desc nulls last, o.id limit %(limit)s offset %(offset)s"
    return rate, Page(_all(sql, values), total, values["offset"], PAGE)


def _share(rate: Rate, values: dict[str, Any]) -> tuple[int, int]:
    sql = f"select count(*) filter (where {rate.hit}), count(*) {_from(rate.source)} and {rate.population}"
    return _all(sql, values)[0]


def _stage(label: str, begin: str, end: str, values: dict[str, Any]) -> tuple[str, float | None, float | None, int]:
    minutes = f"extract(epoch from ({end} - {begin})) / 60"
    source = f"select {minutes} as m {_from(_CONTAINERS)} and s.received_at between %(begin)s and %(end)s"
    spread = "percentile_cont(0.5) within group (order by m), percentile_cont(0.9) within group (order by m)"
    return _(label), *_all(f"select {spread}, count(m) from ({source}) t where m >= 0", values)[0]


def _from(source: str) -> str:
    return source.format(places=_PLACES)


def _values(actor: Actor, since: date, until: date) -> dict[str, Any]:
    return {
        "places": list(actor.places), "begin": datetime.combine(since, time.min, clock.SHANGHAI),
        "end": datetime.combine(until, time.max, clock.SHANGHAI),
        "frozen": orders.service("pathology").clocks.report_limit("FROZEN", "urgent"),
    }  # fmt: skip


def _all(sql: str, values: dict[str, Any]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
