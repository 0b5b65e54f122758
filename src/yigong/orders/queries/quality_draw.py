"""What may be drawn in a period, and whether a draw can be repeated: reads of quality sampling before there is a sample."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from yigong.core import clock, statements
from yigong.core.states.models import StateChange
from yigong.orders.models import QualityRound
from yigong.orders.rules import quality, service
from yigong.orders.rules.quality import Case, QualityPack
from yigong.orders.rules.signing import sm3

# The first signed version of each report: append-only, so that the same question gives the same answer at any later time.
_CASES = """
select v.id, o.id, {stratum}, {person}
from orders_reportversion v join orders_report r on r.id = v.report_id join orders_order o on o.id = r.order_id
where v.kind = 'final' and v.signed_at >= %(begin)s and v.signed_at < %(end)s and r.service = %(service)s
  and r.reporting_institution_id = %(centre)s and (%(groups)s::text[] = '{{}}' or r."group" = any(%(groups)s))
order by v.id
"""
_STRATA = {
    "requesting": "o.requesting_institution_id",
    "performing": "o.performing_institution_id",
    "reporting": "o.reporting_institution_id",
}
_PEOPLE = {
    "author": "v.author_id",
    "requester": "o.requesting_staff_id",
    "performer": """coalesce((select s.staff_id from states_statechange s where s.object_id = o.id and s.action = any(%(actions)s)
        and s.at <= v.signed_at and s.staff_id is not null order by s.at desc limit 1), o.performed_by_id)""",
}


def cases(pack: QualityPack, centre: UUID, day: date) -> list[Case]:
    """Every report that may be drawn, in order of their keys."""
    first = quality.begin_of(pack, day)
    since, until = clock.span(first, quality.end_of(pack, first))
    sql = _CASES.format(stratum=_STRATA[pack.stratum], person=_PEOPLE[pack.person])
    values = {
        "begin": since, "end": until, "service": pack.service, "centre": centre, "groups": pack.groups, "actions": pack.actions,
    }  # fmt: skip
    found = [Case(*row) for row in statements.fetch(sql, values)]
    if pack.person != "performer":
        return found
    handled = hands(pack, [case.order_id for case in found if case.person_id is None])
    return [
        case
        if case.person_id
        else Case(case.version_id, case.order_id, case.institution_id, handled.get(case.order_id))
        for case in found
    ]


def hands(pack: QualityPack, order_ids: Sequence[UUID]) -> Mapping[UUID, UUID]:
    """Who took the definition's step with what the centre handles for these orders (tubes, slides): the last one of each order."""
    whose = {key: order for order, keys in service(pack.service).handled(order_ids).items() for key in keys}
    steps = StateChange.objects.filter(object_id__in=whose, action__in=pack.actions, staff_id__isnull=False)
    return {whose[key]: staff for key, staff in steps.order_by("at").values_list("object_id", "staff_id") if staff}


def parties(service_code: str, orders: Sequence[UUID], reports: Mapping[UUID, UUID]) -> dict[UUID, set[UUID]]:
    """Everybody who had a hand in these orders, by order: whoever took a step of the order, of its report or of what the centre handled."""
    whose = {key: key for key in orders} | {report: order for order, report in reports.items()}
    definition = service(service_code)
    whose |= {key: order for order, keys in definition.handled(orders).items() for key in keys}
    found: dict[UUID, set[UUID]] = {key: set(people) for key, people in definition.took_part(orders).items()}
    steps = StateChange.objects.filter(object_id__in=whose, staff_id__isnull=False)
    for key, staff in steps.values_list("object_id", "staff_id").distinct():
        if staff:
            found.setdefault(whose[key], set()).add(staff)
    return found


def digest(found: Sequence[Case]) -> str:
    """What stands for all reports that could be drawn."""
    return sm3({"reports": [str(case.version_id) for case in found]})


def drawn_again(row: QualityRound) -> bool:
    """Draw once more from the kept seed: whether the same reports could be drawn and the same were."""
    pack = quality.as_drawn(row.definition, row.definition_version)
    found = cases(pack, row.institution_id, row.period)
    chosen = {case.version_id for case in quality.draw(found, pack, row.seed)}
    return digest(found) == row.digest and chosen == set(row.samples.values_list("report_version_id", flat=True))
