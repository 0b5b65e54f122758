"""People under management as other rooms and pages see them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yigong.core import clock, statements
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden, NotFound
from yigong.core.forms import api as forms
from yigong.programmes import policies
from yigong.programmes.data import DueData, EnrolmentData, VisitData, VisitFact
from yigong.programmes.models import Candidate, Due, Enrolment, Visit
from yigong.programmes.rules.definition import Programme
from yigong.programmes.rules.packs import desk_stages, version_of
from yigong.programmes.rules.workflow import ENROLMENT
from yigong.residents import api as residents

# Asked at every resident's file and beside every visit.
_OPEN = "where enrolment_id = any(%(kept)s) and state = 'open' and opens_on <= %(until)s order by closes_on, id"
WAYS = dict(Visit.Way.choices)


def to_data(row: Enrolment) -> EnrolmentData:
    """The row as other rooms see it."""
    programme, today = version_of(row.programme, row.definition), clock.today()
    grade, ending, stage = programme.grade(row.grade), programme.ending(row.ending), programme.stage(row.next_stage)
    return EnrolmentData(
        id=row.id, resident_id=row.resident_id, programme=row.programme, title=_(programme.title), short=_(programme.short),
        definition=row.definition, institution_id=row.institution_id, staff_id=row.staff_id, state=row.state,
        state_label=ENROLMENT.label(row.state), started_on=row.started_on, anchor_on=row.anchor_on, ended_on=row.ended_on,
        ending=row.ending, ending_title=_(ending.title) if ending else _ENDINGS.get(row.ending, ""), grade=row.grade,
        grade_title=_(grade.title) if grade else "", tone=grade.tone if grade else "", graded_on=row.graded_on, last_on=row.last_on,
        next_due_on=row.next_due_on, next_closes_on=row.next_closes_on, next_stage=row.next_stage,
        next_title=_(stage.title) if stage else "", attempts=row.attempts, restricted=row.restricted,
        overdue=row.next_closes_on is not None and row.next_closes_on < today,
        is_open=row.next_opens_on is not None and row.next_opens_on <= today, version=row.version,
    )  # fmt: skip


SUBJECT_OF_ENDINGS = "programme_ending"
_ENDINGS = {"merged": "档案合并"}


def due_data(row: Due, today: date) -> DueData:
    """A due row with its enrolment at hand."""
    owner = row.enrolment
    programme = version_of(owner.programme, owner.definition)
    stage, grade = programme.stage(row.stage), programme.grade(owner.grade)
    urgency = "overdue" if row.closes_on < today else "open" if row.opens_on <= today else "later"
    return DueData(
        id=row.id, enrolment_id=owner.id, resident_id=owner.resident_id, programme=owner.programme, short=_(programme.short),
        stage=row.stage, title=_(stage.title) if stage else row.stage, due_on=row.due_on, opens_on=row.opens_on,
        closes_on=row.closes_on, urgency=urgency, booked_on=row.booked_on, grade_title=_(grade.title) if grade else "",
        tone=grade.tone if grade else "", institution_id=owner.institution_id, place=row.place,
    )  # fmt: skip


def visit_data(row: Visit, programme_code: str, answers: dict[str, Any] | None = None) -> VisitData:
    """A visit; with its answers also the measured values."""
    programme = version_of(programme_code, row.definition)
    stage, grade = programme.stage(row.stage), programme.grade(row.grade)
    title = (
        _(grade.title) if grade else _(programme.ungraded.title) if stage and stage.graded and programme.grades else ""
    )
    return VisitData(
        id=row.id, enrolment_id=row.enrolment_id, programme=programme_code, stage=row.stage,
        stage_title=_(stage.title) if stage else row.stage, on=row.on, way=row.way, way_label=_(WAYS[row.way]),
        institution_id=row.institution_id, staff_id=row.staff_id, definition=row.definition, grade=row.grade, grade_title=title,
        tone=grade.tone if grade else "muted", advice=_(grade.advice) if grade else "", refer=_(grade.refer) if grade else "",
        emergency=bool(grade and grade.emergency), is_complete=row.is_complete, entered_late=row.entered_late,
        late_reason=row.late_reason, void_reason=row.void_reason, recorded_at=row.recorded_at, response_id=row.response_id,
        encounter_id=row.encounter_id, key_values=key_values(programme, row.stage, answers or {}),
    )  # fmt: skip


def key_values(programme: Programme, stage_code: str, answers: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """The measured values of a visit as label and text."""
    stage = programme.stage(stage_code)
    if stage is None or not answers:
        return ()
    items = {i.code: i for i in forms.form(stage.form, programme.effective_from).items}
    measured = [m.item for m in programme.measures if m.item in answers and m.item in items]
    return tuple((_(items[c].label), f"{answers[c]} {items[c].unit}".strip()) for c in measured)


def access_enrolment(enrolment_id: UUID, *, actor: Actor, action: str = "read_detail") -> Enrolment:
    """One person's management after a logged decision about the person; NotFound, or Forbidden with the way on."""
    row = Enrolment.objects.filter(pk=enrolment_id).first()
    if row is None:
        raise NotFound()
    residents.access_resident(row.resident_id, actor=actor, action=action, purpose=_("公共卫生管理"))
    if not visible(actor, [row]):
        raise Forbidden(_("这项管理内容只对责任人员和有保密权限的人员开放；如需了解，请联系管理机构。"))
    return row


def visible(actor: Actor, rows: Iterable[Enrolment]) -> list[Enrolment]:
    """Of the enrolments of a person one may read about those that are not kept from the actor."""
    return [
        r
        for r in rows
        if not r.restricted
        or actor.is_system
        or actor.has(policies.SENSITIVE)
        or (r.staff_id and r.staff_id == actor.staff_id)
    ]


def of_resident(resident_id: UUID, *, actor: Actor) -> list[Enrolment]:
    """A person's managements, those under way first; the caller has decided about the person."""
    rows = Enrolment.objects.filter(resident_id__in=residents.identities(resident_id)).exclude(ending="merged")
    return visible(actor, rows.order_by("state", "-started_on"))


def due_rows(
    resident_ids: Collection[UUID], *, actor: Actor, today: date | None = None, later: bool = False
) -> list[DueData]:
    """What is open for these people today, longest overdue first; ``later``: also what is planned. Links are the caller's to follow."""
    day = today or clock.today()
    owners = statements.objects(Enrolment, "where resident_id = any(%(keys)s)", {"keys": list(resident_ids)})
    kept = {e.id: e for e in visible(actor, owners)}
    if not kept:
        return []
    values = {"kept": list(kept), "until": date.max if later else day}
    rows = statements.objects(Due, _OPEN, values)
    for row in rows:
        row.enrolment = kept[row.enrolment_id]
    return [due_data(row, day) for row in rows]


def with_person(rows: QuerySet[Due]) -> QuerySet[Due]:
    """Of due rows those for which somebody has to be met: not the reports that are written at a desk."""
    for programme, stage in desk_stages():
        rows = rows.exclude(enrolment__programme=programme, stage=stage)
    return rows


def visits_of(enrolments: Sequence[Enrolment], *, limit: int = 60) -> list[VisitData]:
    """The visits of these managements, newest first, with their measured values."""
    codes = {e.id: e.programme for e in enrolments}
    rows = list(Visit.objects.filter(enrolment_id__in=codes).order_by("-on", "-recorded_at")[:limit])
    answers = forms.answers_of([r.response_id for r in rows])
    return [visit_data(r, codes[r.enrolment_id], answers.get(r.response_id)) for r in rows]


def held_about(ids: Collection[UUID]) -> int:
    """How much this room keeps under these keys."""
    return Enrolment.objects.filter(resident_id__in=ids).count() + Candidate.objects.filter(resident_id__in=ids).count()


def under_way_about(ids: Collection[UUID]) -> int:
    """Managements under way: a reason for a second person at a merge."""
    return Enrolment.objects.filter(resident_id__in=ids, state="active").count()


def newest_visits(enrolment_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The answers' key of each management's newest visit."""
    rows = Visit.objects.filter(enrolment_id__in=enrolment_ids, void_reason="").order_by(
        "enrolment_id", "-on", "-recorded_at"
    )
    return dict(rows.distinct("enrolment_id").values_list("enrolment_id", "response_id"))


def facts_between(resident_ids: Collection[UUID], since: date, until: date) -> list[VisitFact]:
    """See ``api.visits_between``."""
    rows = Visit.objects.filter(enrolment__resident_id__in=resident_ids, on__gte=since, on__lt=until, void_reason="")
    columns = rows.values_list(
        "id",
        "enrolment__resident_id",
        "enrolment__programme",
        "stage",
        "on",
        "institution_id",
        "staff_id",
        "encounter_id",
    )
    return [VisitFact(*row) for row in columns]


def under_management(programme: str) -> QuerySet[Enrolment, Any]:
    """See ``api.under_management``."""
    return Enrolment.objects.filter(programme=programme, state="active").values("resident_id")


def ending_sheets(enrolments: Sequence[Enrolment]) -> dict[UUID, list[tuple[str, str]]]:
    """What was told about the endings that ask something, as label and text; empty where nothing was told yet."""
    asked = {r.id: version_of(r.programme, r.definition) for r in enrolments if r.state == "ended"}
    codes = {
        r.id: ending.form
        for r in enrolments
        if r.id in asked and (ending := asked[r.id].ending(r.ending)) and ending.form
    }
    found: dict[UUID, list[tuple[str, str]]] = {key: [] for key in codes}
    for response in forms.responses_about(SUBJECT_OF_ENDINGS, codes):
        form = forms.form_version(response.form_code, response.form_version)
        found[response.subject_id] = [(label, text) for _section, label, text in forms.sheet(form, response.answers)]
    return found
