"""What this room tells the front page of a health record: managements under way and the newest form of basic data."""

from uuid import UUID

from yigong.core.actor import Actor
from yigong.core.forms import api as forms
from yigong.core.ui.shell import address
from yigong.network import api as network
from yigong.programmes.models import Enrolment, Visit
from yigong.programmes.queries import people
from yigong.programmes.rules import entries
from yigong.programmes.rules.packs import version_of
from yigong.records.api import Belonging, FrontPart


def front_part(resident_id: UUID, actor: Actor) -> FrontPart:
    """Managements that are restricted show only to who may see them; the caller has decided about the person."""
    rows = people.of_resident(resident_id, actor=actor)
    url = address("programmes:person", resident_id)
    belongs = {r.programme: Belonging(r.started_on, url) for r in rows if r.state == "active"}
    record = next((r for r in rows if _keeps_record(r)), None)
    visit = newest_basic(record) if record else None
    if record is None or visit is None:
        return FrontPart(belongs)
    staff = record.staff_id or visit.staff_id
    known = network.staff_many([staff]) if staff else {}
    return FrontPart(
        belongs, _answers(record, visit), visit.on, address("programmes:done", visit.id), opened_on=record.started_on,
        doctor=known[staff].name if staff in known else "",
    )  # fmt: skip


def _keeps_record(row: Enrolment) -> bool:
    """Whether it is the management of the health record itself: its form holds the basic data."""
    return any(entries.rules_for(s.form) for s in version_of(row.programme, row.definition).stages)


def newest_basic(record: Enrolment) -> Visit | None:
    """The newest valid visit of a record's management."""
    return Visit.objects.filter(enrolment=record, void_reason="").order_by("-on", "-recorded_at").first()


def _answers(record: Enrolment, visit: Visit) -> dict[str, tuple[str, str]]:
    stage = version_of(record.programme, visit.definition).stage(visit.stage)
    answers = forms.answers_of([visit.response_id]).get(visit.response_id, {})
    if stage is None:
        return {}
    sheet = forms.form(stage.form, version_of(record.programme, visit.definition).effective_from)
    words = dict(zip([i.code for i in sheet.items if i.code in answers], forms.sheet(sheet, answers), strict=True))
    return {code: (label, text) for code, (_section, label, text) in words.items()}
