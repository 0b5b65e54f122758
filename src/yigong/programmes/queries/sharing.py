"""Which other managements of a person one check-up answers: their stages are ``shared`` and have the same form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.forms import api as forms
from yigong.programmes import policies
from yigong.programmes.models import Enrolment, Visit
from yigong.programmes.queries import people, working
from yigong.programmes.queries.working import Working
from yigong.programmes.rules import planning
from yigong.programmes.rules.definition import Stage
from yigong.programmes.rules.packs import version_of
from yigong.residents import api as residents


@dataclass(frozen=True, slots=True)
class Twin:
    """The same check-up under another programme, as its page names it."""

    visit_id: UUID
    title: str
    is_complete: bool


def partner_rows(row: Enrolment, stage: Stage, actor: Actor) -> list[tuple[Enrolment, Stage]]:
    """The person's other managements under way that the stage's form answers; those that the actor may not see or work on are left out."""
    if not stage.shared:
        return []
    sheet = forms.form(stage.form, version_of(row.programme, row.definition).effective_from)
    keys = residents.identities(row.resident_id)
    found = []
    for one in Enrolment.objects.filter(resident_id__in=keys, state="active").exclude(pk=row.pk).order_by("id"):
        programme = version_of(one.programme, one.definition)
        same = next((s for s in programme.stages if s.shared and s.form == stage.form), None)
        seen = policies.may_see(
            actor, institution_id=one.institution_id, staff_id=one.staff_id, restricted=one.restricted
        )
        if same and seen and forms.form(same.form, programme.effective_from) == sheet:
            found.append((one, same))
    return found


def partners(
    row: Enrolment, stage: Stage, actor: Actor, on: date, *, with_reason: bool = False, lock: bool = False
) -> list[tuple[Working, Stage]]:
    """Of these the ones that a check-up of a day answers: begun by then, without one in that year, not put off, and not in a locked period
    unless it is entered with a reason. ``lock`` holds their rows."""
    rows = {one.pk: same for one, same in partner_rows(row, stage, actor)}
    works = working.load(rows, lock=lock, today=clock.today()) if rows else []
    found = [(w, rows[w.enrolment.pk]) for w in works]
    return [(w, same) for w, same in found if _takes(w, same, on, with_reason)]


def _takes(work: Working, stage: Stage, on: date, with_reason: bool) -> bool:
    done = any(v.stage == stage.code and v.on.year == on.year for v in work.visits)
    put_off = bool({"", planning.track_of(stage)} & work.held)
    locked = not with_reason and clock.today() > planning.locks_on(work.programme, on)
    return on >= work.enrolment.started_on and not (done or put_off or locked)


def titles(found: Sequence[tuple[Working, Stage]]) -> list[str]:
    """Programme and stage in words."""
    return [f"{_(w.programme.short)} {_(s.title)}" for w, s in found]


def twins_of(visit: Visit) -> list[Visit]:
    """The other visits of the same check-up, looked for among the person's own."""
    keys = residents.identities(visit.enrolment.resident_id)
    same = Visit.objects.filter(enrolment__resident_id__in=keys, response_id=visit.response_id, void_reason="")
    return list(same.exclude(pk=visit.pk).select_related("enrolment").order_by("enrolment_id"))


def shown_twins(visit: Visit, actor: Actor) -> list[Twin]:
    """The same for the page of a visit: those that the actor may see."""
    twins = {t.enrolment_id: t for t in twins_of(visit)}
    found = []
    for row in people.visible(actor, [t.enrolment for t in twins.values()]):
        twin, programme = twins[row.pk], version_of(row.programme, row.definition)
        stage = programme.stage(twin.stage)
        found.append(Twin(twin.id, f"{_(programme.short)} {_(stage.title) if stage else ''}".strip(), twin.is_complete))
    return found
