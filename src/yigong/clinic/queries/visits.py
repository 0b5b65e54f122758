"""Visits: the desk's list of today, a doctor's queue, one visit."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from yigong.clinic.data import NewCharge, VisitData
from yigong.clinic.models import Visit
from yigong.clinic.queries import sessions
from yigong.clinic.rules import definitions, registration
from yigong.clinic.rules.money import amount_of
from yigong.clinic.rules.registration import Earlier, Judgement
from yigong.clinic.rules.workflow import VISIT
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.paging import Page, page_of

PAGE = 20
_PLAIN = [name for name in VisitData.__slots__ if name not in {"state_label", "diagnoses"}]


def visit_data(row: Visit) -> VisitData:
    """The row as other rooms see it."""
    values = {name: getattr(row, name) for name in _PLAIN}
    found = tuple(row.diagnoses.values_list("code", "name")) if row.state == "finished" else ()
    return VisitData(**values, state_label=VISIT.label(row.state), diagnoses=found)


def by_request(request_key: UUID) -> VisitData | None:
    """What this very request registered before."""
    row = Visit.objects.filter(request_key=request_key).first()
    return visit_data(row) if row else None


def judge(visit: Visit) -> Judgement:
    """Whether the (new) visit's number is free, from the person's registrations at the institution that are still valid or have just ended."""
    return judged(visit.resident_id, visit.institution_id, visit.department_id, visit.title, visit.manner)


def judged(
    resident_id: UUID, institution_id: UUID, department_id: UUID | None, title: str, manner: str = "window"
) -> Judgement:
    """The same question before anybody registers, for the desk's page."""
    if manner == "emergency":
        return Judgement(None, "")
    rules, today = definitions.parameters().registration, clock.today()
    rows = (
        Visit.objects.filter(resident_id=resident_id, institution_id=institution_id, valid_until__gte=today)
        .exclude(state="cancelled")
        .annotate(followed=Count("followed_by", filter=~Q(followed_by__state="cancelled")))
        .order_by("-registered_at")[:20]
    )
    earlier = [
        Earlier(
            visit_id=row.id, department_id=row.department_id, title=row.title, registered_on=row.registered_on, valid_until=row.valid_until,
            is_follow_up=row.follows_id is not None, is_emergency=row.manner == "emergency", is_finished=row.state == "finished",
            followed=row.followed,
        )
        for row in rows
    ]  # fmt: skip
    return registration.judge(earlier, department_id, title, today, rules)


def sum_of(lines: Sequence[NewCharge], level: str) -> int:
    """Fen of lines that are about to be charged."""
    return sum(amount_of(definitions.item(line.item_code, level).unit_price, line.quantity) for line in lines)


def other_doctors(visit: Visit) -> str:
    """Whom to offer instead when the last place went, as words."""
    found = [
        s
        for s in sessions.sessions_of(visit.institution_id, clock.today())
        if s.left and s.department_id == visit.department_id
    ]
    return "、".join(f"{s.staff_name}（{s.part_label}，余 {s.left}）" for s in found[:3])


def of_day(institution_id: UUID, day: date, *, text: str = "", state: str = "", page: int = 1) -> Page[Visit]:
    """The desk's list: those who wait first, then the others, newest first."""
    rows = Visit.objects.filter(institution_id=institution_id, registered_on=day)
    if state:
        rows = rows.filter(state__in=["called", "seeing"] if state == "seeing" else [state])
    for word in text.split():
        rows = rows.filter(
            Q(patient_name__icontains=word)
            | Q(patient_initials__startswith=word.lower())
            | Q(number__iendswith=word)
            | Q(staff_name__icontains=word)
        )
    return page_of(rows.order_by("-registered_at"), page=page, limit=PAGE)


def counts_of_day(institution_id: UUID, day: date) -> dict[str, int]:
    """How many of a day's visits are in which state, and how many numbers were free."""
    rows = Visit.objects.filter(institution_id=institution_id, registered_on=day)
    found = dict(rows.values_list("state").annotate(n=Count("id")).values_list("state", "n"))
    free = rows.filter(follows__isnull=False).exclude(state="cancelled").count()
    return {
        "waiting": found.get("waiting", 0),
        "seeing": found.get("called", 0) + found.get("seeing", 0),
        "finished": found.get("finished", 0),
        "cancelled": found.get("cancelled", 0),
        "all": sum(found.values()) - found.get("cancelled", 0),
        "free": free,
    }


def queue_of(actor: Actor) -> QuerySet[Visit]:
    """Whom this doctor sees: today's numbers of the doctor, and those of the own department that name nobody.

    The one in the room first, then emergencies and referrals, then by number.
    """
    mine = Q(staff_id=actor.staff_id)
    if actor.department_id:
        mine |= Q(staff_id__isnull=True, department_id=actor.department_id)
    else:
        mine |= Q(staff_id__isnull=True, department_id__isnull=True)
    rank = Case(
        When(state="seeing", then=Value(0)),
        When(state="called", then=Value(1)),
        When(manner__in=["emergency", "referral"], then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    rows = Visit.objects.filter(mine, institution_id__in=actor.institution_ids, registered_on=clock.today())
    return rows.annotate(rank=rank).order_by("rank", "serial", "registered_at")


def queue_page(actor: Actor, state: str, page: int = 1) -> Page[Visit]:
    """The doctor's list: ``waiting`` (with whoever is in the room) or ``finished``."""
    states = ["finished", "cancelled"] if state == "finished" else ["waiting", "called", "seeing"]
    rows = queue_of(actor).filter(state__in=states)
    return page_of(rows.order_by("-finished_at") if state == "finished" else rows, page=page, limit=PAGE)
