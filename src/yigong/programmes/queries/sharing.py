"""Which other managements of a person one check-up answers: their stages are ``shared`` and have the same form."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.forms import api as forms
from yigong.programmes import policies
from yigong.programmes.models import Enrolment, Visit
from yigong.programmes.queries import people
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


def titles(rows: Sequence[tuple[Enrolment, Stage]]) -> list[str]:
    """Programme and stage in words."""
    return [f"{_(version_of(r.programme, r.definition).short)} {_(s.title)}" for r, s in rows]


def twins_of(visit: Visit) -> list[Visit]:
    """The other visits of the same check-up."""
    same = Visit.objects.filter(response_id=visit.response_id, void_reason="").exclude(pk=visit.pk)
    return list(same.select_related("enrolment").order_by("enrolment_id"))


def shown_twins(visit: Visit, actor: Actor) -> list[Twin]:
    """The same for the page of a visit: those that the actor may see."""
    twins = {t.enrolment_id: t for t in twins_of(visit)}
    found = []
    for row in people.visible(actor, [t.enrolment for t in twins.values()]):
        twin, programme = twins[row.pk], version_of(row.programme, row.definition)
        stage = programme.stage(twin.stage)
        found.append(Twin(twin.id, f"{_(programme.short)} {_(stage.title) if stage else ''}".strip(), twin.is_complete))
    return found
