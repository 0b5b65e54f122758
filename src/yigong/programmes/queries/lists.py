"""Lists of people under management and of candidates: paged, indexed, names in two statements a page."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from yigong.access.api import decide_many
from yigong.core import clock, statements
from yigong.core.actor import Actor
from yigong.core.clock import SHANGHAI
from yigong.core.paging import Page, page_of
from yigong.core.rights import note_decision
from yigong.programmes import policies
from yigong.programmes.data import EnrolmentData
from yigong.programmes.models import Attempt, Candidate, Due, Enrolment, Notice
from yigong.programmes.queries.people import to_data, with_person
from yigong.programmes.rules.packs import visit_messages
from yigong.residents.api import resident_names
from yigong.residents.data import ResidentName


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One line of “my people”."""

    enrolment: EnrolmentData
    person: ResidentName


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """One line of the candidates."""

    id: UUID
    programme: str
    person: ResidentName
    resident_id: UUID
    institution_id: UUID
    why: str
    found_on: date
    state: str
    reason: str
    decided_by: str


def mine(actor: Actor) -> QuerySet[Enrolment]:
    """Those whom the actor's institutions manage, restricted ones left out for who may not see them."""
    rows = Enrolment.objects.all()
    places = policies.places(actor)
    if places is not None:
        rows = rows.filter(institution_id__in=places)
    if not actor.has(policies.SENSITIVE):
        rows = rows.filter(Q(restricted=False) | Q(staff_id=actor.staff_id) if actor.staff_id else Q(restricted=False))
    return rows


def people(actor: Actor, filters: Mapping[str, str], *, page: int = 1, limit: int = 20) -> Page[PersonRow]:
    """The page of a filtered list; each shown person is decided and logged at once."""
    rows = _filtered(mine(actor), filters)
    order = ["-ended_on", "id"] if filters.get("due") == "ended" else [F("next_closes_on").asc(nulls_last=True), "id"]
    found = page_of(rows.order_by(*order), page=page, limit=limit, convert=_rows)
    if found.items:
        decide_many(actor, "read_detail", "resident", {row.enrolment.resident_id for row in found.items})
    else:
        note_decision()
    return found


def calls(actor: Actor, *, tried: bool, programme: str = "") -> QuerySet[Due]:
    """Whom to ring, each management once with its most pressing open visit: neither agreed for a later day nor (unless ``tried``) rung today."""
    today = clock.today()
    begin = datetime.combine(today, time(), SHANGHAI)
    rung = Attempt.objects.filter(at__gte=begin).values("enrolment_id")
    people = mine(actor).filter(state="active")
    people = people.filter(pk__in=rung) if tried else people.exclude(pk__in=rung)
    if programme:
        people = people.filter(programme=programme)
    rows = _most_pressing(_open(people, today), today)
    return rows.exclude(booked_on__gt=today).select_related("enrolment").order_by("closes_on", "id")


def to_tell(actor: Actor, *, programme: str = "", late: bool = False) -> QuerySet[Due]:
    """Whom a message should tell of an open visit, each management once: due soon (or past its last day), not agreed for a day, not told of this visit
    before. Never of a programme that is kept from others: a telephone is read by others too."""
    today, rule = clock.today(), visit_messages()
    people = mine(actor).filter(state="active", restricted=False)
    if programme:
        people = people.filter(programme=programme)
    until = today + timedelta(days=rule.before_days)
    rows = _open(people, today).filter(booked_on=None)
    rows = rows.filter(closes_on__lt=today) if late else rows.filter(closes_on__range=(today, until))
    rows = rows.filter(~Exists(Notice.objects.filter(due=OuterRef("pk"))))
    return _most_pressing(rows, today).select_related("enrolment").order_by("closes_on", "id")


def _open(people: QuerySet[Enrolment], today: date) -> QuerySet[Due]:
    """The open visits of these managements for which somebody has to be met."""
    return with_person(Due.objects.filter(state="open", opens_on__lte=today, enrolment__in=people))


def _most_pressing(rows: QuerySet[Due], today: date) -> QuerySet[Due]:
    pressing = Q(closes_on__lt=OuterRef("closes_on")) | Q(closes_on=OuterRef("closes_on"), id__lt=OuterRef("id"))
    same = with_person(Due.objects.filter(pressing, enrolment=OuterRef("enrolment"), state="open", opens_on__lte=today))
    return rows.filter(~Exists(same))


def told_lists(actor: Actor) -> list[tuple[UUID, date, str, int]]:
    """(batch, day, by whom, how many) of the newest lists of messages about the actor's people."""
    rows = Notice.objects.filter(due__enrolment__in=mine(actor)).values_list("batch", "on", "actor_name")
    return list(rows.annotate(n=Count("id")).order_by("-on", "batch")[:20])


def told(actor: Actor, batch: UUID) -> QuerySet[Notice]:
    """The visits of one list that the actor may see."""
    rows = Notice.objects.filter(batch=batch, due__enrolment__in=mine(actor))
    return rows.select_related("due__enrolment").order_by("due__closes_on", "id")


def last_tries(ids: Collection[UUID]) -> dict[UUID, Attempt]:
    """The newest failed attempt of each of these managements; one statement."""
    rows = Attempt.objects.filter(enrolment_id__in=ids).order_by("enrolment_id", "-at").distinct("enrolment_id")
    return {row.enrolment_id: row for row in rows}


def _rows(rows: list[Enrolment]) -> list[PersonRow]:
    names = resident_names({r.resident_id for r in rows})
    return [PersonRow(to_data(r), names[r.resident_id]) for r in rows]


def _filtered(rows: QuerySet[Enrolment], filters: Mapping[str, str]) -> QuerySet[Enrolment]:
    today = clock.today()
    due = filters.get("due", "")
    rows = rows.filter(state="ended" if due == "ended" else "active")
    if due == "overdue":
        rows = rows.filter(next_closes_on__lt=today)
    elif due == "open":
        rows = rows.filter(next_opens_on__lte=today)
    elif due == "week":
        rows = rows.filter(next_closes_on__lte=today + timedelta(days=7))
    elif due == "lost":
        rows = rows.filter(attempts__gte=1)
    if ending := filters.get("ending", ""):
        rows = rows.filter(ending=ending)
    if code := filters.get("programme", ""):
        rows = rows.filter(programme=code)
    if grade := filters.get("grade", ""):
        rows = rows.filter(grade=grade) if grade != "none" else rows.filter(grade="")
    if place := filters.get("place", ""):
        rows = rows.filter(institution_id=place)
    if text := filters.get("text", "").strip():
        low = text.lower()
        name = (
            Q(resident__name_key__startswith=text)
            | Q(resident__pinyin__startswith=low)
            | Q(resident__initials__startswith=low)
        )
        rows = rows.filter(name)
    return rows


def counts(actor: Actor, filters: Mapping[str, str]) -> dict[str, int]:
    """How many stand behind each tab, in one statement."""
    today = clock.today()
    rows = mine(actor)
    if code := filters.get("programme", ""):
        rows = rows.filter(programme=code)
    active = Q(state="active")
    return rows.aggregate(
        all=Count("id", filter=active),
        overdue=Count("id", filter=active & Q(next_closes_on__lt=today)),
        open=Count("id", filter=active & Q(next_opens_on__lte=today)),
        week=Count("id", filter=active & Q(next_closes_on__lte=today + timedelta(days=7))),
        lost=Count("id", filter=active & Q(attempts__gte=1)),
    )


# The figures of the home page, counted as ``counts`` does (a test compares the two), without building a queryset at each visit.
_HOME = """
select count(*), count(*) filter (where next_closes_on < %(today)s), count(*) filter (where next_opens_on <= %(today)s)
from programmes_enrolment
where state = 'active' and institution_id = any(%(places)s) and (%(sensitive)s or not restricted or staff_id = %(staff)s::uuid)
"""


def home_counts(actor: Actor) -> dict[str, int] | None:
    """Who is under management, overdue and due at the actor's institutions; None for who sees the whole county."""
    places = policies.places(actor)
    if places is None:
        return None
    values = {
        "today": clock.today(), "places": sorted(places), "sensitive": actor.has(policies.SENSITIVE), "staff": actor.staff_id,
    }  # fmt: skip
    return dict(zip(("all", "overdue", "open"), statements.fetch(_HOME, values)[0], strict=True))


def by_programme(actor: Actor) -> list[tuple[str, int, int]]:
    """(programme, under management, overdue) of the actor's people."""
    late = Count("id", filter=Q(next_closes_on__lt=clock.today()))
    rows = mine(actor).filter(state="active").values("programme").annotate(n=Count("id"), late=late).order_by("-n")
    return [(r["programme"], r["n"], r["late"]) for r in rows]


def candidates(actor: Actor, filters: Mapping[str, str], *, page: int = 1, limit: int = 20) -> Page[CandidateRow]:
    """Candidates of the actor's institutions; minimal identity only, decided and logged."""
    rows = Candidate.objects.filter(state=filters.get("state") or "waiting")
    places = policies.places(actor)
    if places is not None:
        rows = rows.filter(institution_id__in=places)
    if code := filters.get("programme", ""):
        rows = rows.filter(programme=code)
    if text := filters.get("text", "").strip():
        rows = rows.filter(Q(resident__name_key__startswith=text) | Q(resident__pinyin__startswith=text.lower()))
    found = page_of(
        rows.order_by("programme", "resident__pinyin", "id"), page=page, limit=limit, convert=_candidate_rows
    )
    if found.items:
        decide_many(actor, "read_detail", "resident", {row.resident_id for row in found.items})
    else:
        note_decision()
    return found


def _candidate_rows(rows: list[Candidate]) -> list[CandidateRow]:
    names = resident_names({r.resident_id for r in rows})
    return [
        CandidateRow(
            r.id,
            r.programme,
            names[r.resident_id],
            r.resident_id,
            r.institution_id,
            r.why,
            r.found_on,
            r.state,
            r.reason,
            r.decided_by,
        )
        for r in rows
    ]


def waiting_by_programme(actor: Actor) -> dict[str, int]:
    """How many candidates wait, by programme."""
    rows: Any = Candidate.objects.filter(state="waiting")
    places = policies.places(actor)
    if places is not None:
        rows = rows.filter(institution_id__in=places)
    return dict(rows.values_list("programme").annotate(n=Count("id")))
