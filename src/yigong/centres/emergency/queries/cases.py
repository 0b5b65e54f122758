"""Cases: who may see them, lists of them, and one with everything about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Decision, Subject
from yigong.centres.emergency import policies
from yigong.centres.emergency.commands import resources, timing
from yigong.centres.emergency.models import (
    Case,
    CrewMember,
    Reading,
    Reservation,
    Run,
    SentTracing,
    TargetClock,
    TimePoint,
)
from yigong.centres.emergency.rules import definitions
from yigong.centres.emergency.rules.workflow import ACTIVE, ON_THE_WAY
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.network import api as network

_NOT_OVER = ("cancelled", "empty")


def visible(actor: Actor) -> QuerySet[Case]:
    """Cases that the actor takes part in: as centre, hospital, place of first contact, or crew."""
    if actor.is_system:
        return Case.objects.all()
    if not actor.has(policies.READ):
        return Case.objects.none()
    places = list(actor.institution_ids)
    aboard = (
        CrewMember.objects.filter(run__case=OuterRef("pk"), staff_id=actor.staff_id)
        if actor.staff_id
        else CrewMember.objects.none()
    )
    mine = Q(origin_id__in=places)
    if actor.role != "ambulance_crew":
        mine |= Q(destination_id__in=places) | Q(centre_id__in=places)
    asked = SentTracing.objects.filter(case=OuterRef("pk"), reader_id__in=places if actor.has(policies.TRACE) else [])
    return Case.objects.filter(mine | Exists(aboard) | Exists(asked))


def decide(actor: Actor, action: str, case_id: UUID) -> Decision:
    """May the actor see this case?"""
    person = Case.objects.filter(pk=case_id).values_list("resident_id", flat=True)[:1]
    if not person:
        raise NotFound()
    if actor.is_system or visible(actor).filter(pk=case_id).exists():
        return Decision(True, "emergency", _("依据：参与急救的一方"), resident_id=person[0])
    sentence = _("您所在的机构没有参与这次急救。")
    return Decision(False, "none", sentence, _("如需了解，请联系急救中心或接收医院。"), resident_id=person[0])


def access_case(case_id: UUID, actor: Actor) -> Case:
    """The row after the decision, which is logged when the person is known."""
    access.require(actor, "read_detail", Subject("emergency", case_id))
    return Case.objects.select_related("place", "origin", "destination", "centre", "resident").get(pk=case_id)


_GROUPS = {
    "way": Q(state__in=ON_THE_WAY),
    "here": Q(state__in=[s for s in ACTIVE if s not in ON_THE_WAY]),
    "over": ~Q(state__in=ACTIVE),
}


def listed(actor: Actor, asked: Mapping[str, str]) -> QuerySet[Case]:
    """The visible cases by group, pathway, text."""
    rows = visible(actor).select_related("destination", "place")
    if (group := _GROUPS.get(asked.get("group", ""))) is not None:
        rows = rows.filter(group)
    if asked.get("pathway"):
        rows = rows.filter(pathway=asked["pathway"])
    if text := asked.get("q", "").strip()[:60]:
        rows = rows.filter(Q(number__icontains=text) | Q(patient_name__icontains=text) | Q(address__icontains=text))
    return rows.order_by("-opened_at", "-id")


@dataclass(frozen=True, slots=True)
class Row:
    """A case in a list of what is going on: its vehicle, last values with their direction, the next clock."""

    case: Case
    run: Run | None
    last: Reading | None
    trend: Mapping[str, int]
    clock: TargetClock | None
    held: tuple[str, ...]


def board(rows: Iterable[Case]) -> list[Row]:
    """What the boards show of some cases, in six statements for any number of them."""
    cases = list(rows)
    ids = [one.pk for one in cases]
    runs = {
        run.case_id: run
        for run in Run.objects.filter(case_id__in=ids).exclude(state__in=_NOT_OVER).select_related("vehicle").prefetch_related(
            Prefetch("crew", CrewMember.objects.select_related("staff"))
        )
    }  # fmt: skip
    readings: dict[UUID, list[Reading]] = {}
    for reading in Reading.objects.filter(case_id__in=ids).order_by("taken_at"):
        readings.setdefault(reading.case_id, []).append(reading)
    clocks: dict[UUID, TargetClock] = {}
    for clock in TargetClock.objects.filter(case_id__in=ids, state="running").order_by(F("due_at").desc()):
        clocks[clock.case_id] = clock
    held: dict[UUID, list[str]] = {}
    for one in Reservation.objects.filter(case_id__in=ids, returned_at__isnull=True).select_related("resource"):
        if resources.state_of(one) in {"held", "settled"}:
            held.setdefault(one.case_id, []).append(one.resource.name)
    return [
        Row(
            one, runs.get(one.pk), _last(readings.get(one.pk)), trend_of(readings.get(one.pk, [])), clocks.get(one.pk),
            tuple(held.get(one.pk, ())),
        )
        for one in cases
    ]  # fmt: skip


def _last(found: list[Reading] | None) -> Reading | None:
    return found[-1] if found else None


def trend_of(readings: list[Reading]) -> dict[str, int]:
    """Whether each sign rose (1), fell (-1) or stayed (0) between its last two values."""
    found = {}
    for code in definitions.SIGNS:
        values = [float(getattr(one, code)) for one in readings if getattr(one, code) is not None]
        if len(values) > 1:
            found[code] = (values[-1] > values[-2]) - (values[-1] < values[-2])
    return found


def coming(actor: Actor) -> QuerySet[Case]:
    """Who is on the way to the actor's hospitals, most urgent first."""
    rows = visible(actor).filter(destination_id__in=actor.institution_ids, state__in=ON_THE_WAY)
    return rows.select_related("place").order_by("priority", F("eta_at").asc(nulls_last=True), "opened_at")


def department(actor: Actor) -> QuerySet[Case]:
    """Who is in the department, by level."""
    here = [state for state in ACTIVE if state not in ON_THE_WAY]
    rows = visible(actor).filter(destination_id__in=actor.institution_ids, state__in=here)
    return rows.order_by(F("level").asc(nulls_first=True), "state_since")


def my_run(actor: Actor) -> Run | None:
    """The run that the actor is on now."""
    if actor.staff_id is None:
        return None
    rows = Run.objects.filter(crew__staff_id=actor.staff_id).exclude(state__in=("back", *_NOT_OVER))
    return rows.select_related("case", "vehicle").order_by("-sent_at").first()


def my_last_runs(actor: Actor, limit: int = 5) -> list[Run]:
    """The actor's last runs that are over."""
    if actor.staff_id is None:
        return []
    rows = Run.objects.filter(crew__staff_id=actor.staff_id, state__in=("back", *_NOT_OVER))
    return list(rows.select_related("case", "vehicle").order_by("-sent_at")[:limit])


@dataclass(frozen=True, slots=True)
class NodeRow:
    """One node on the case's page: its time where known, whether this actor may enter or correct it."""

    code: str
    label: str
    point: TimePoint | None
    stands: datetime | None
    may: bool


def nodes_of(row: Case, actor: Actor) -> tuple[list[NodeRow], list[NodeRow]]:
    """The run's nodes and the pathway's, in order."""
    run = timing.running(row)
    points, words = timing.points(row, run), timing.labels(row)
    known = timing.known_times(row)
    kinds = timing.kinds_of(row, run, actor)
    path = definitions.pathway(row.pathway, row.pathway_version)
    own = list(path.nodes()) if path else ["fmc", "door"]
    on_road = list(definitions.run_nodes()) if run or row.way == "call" else []

    def one(code: str) -> NodeRow:
        stand = None if code in points else known.get(code)
        return NodeRow(code, words[code], points.get(code), stand, timing.may_enter(row, code, kinds))

    return [one(code) for code in on_road], [one(code) for code in own]


def corrections_of(row: Case) -> list[TimePoint]:
    """Times that were replaced, oldest first."""
    return list(TimePoint.objects.filter(case=row, current=False).order_by("entered_at"))


def reservations_of(row: Case) -> list[tuple[Reservation, str]]:
    """What was held for a case, with the state."""
    found = row.reservations.select_related("resource").order_by("-made_at")
    return [(one, resources.state_of(one)) for one in found]


def held_about(ids: Iterable[UUID]) -> int:
    """How many cases are kept under these residents' keys."""
    return Case.objects.filter(resident_id__in=list(ids)).count()


def under_way_about(ids: Iterable[UUID]) -> int:
    """How many of them are not over."""
    return Case.objects.filter(resident_id__in=list(ids), state__in=ACTIVE).count()


def home_card(actor: Actor) -> dict[str, Any] | None:
    """Who is coming, on the home page of a hospital with an emergency centre."""
    if not any(one.kind == "emergency" for place in actor.institution_ids for one in network.centres_hosted(place)):
        return None
    return {"coming": list(coming(actor)[:5])}


def figures_card(actor: Actor) -> dict[str, Any] | None:
    """The way to the figures for those whose menu is full."""
    return {} if actor.role in {"quality_manager", "director", "bureau"} else None
