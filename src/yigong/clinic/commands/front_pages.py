"""The front page: begun with the discharge order, filled in by the doctor, coded and locked by the coder, unlocked only with a reason."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.clinic import policies
from yigong.clinic.commands import recording
from yigong.clinic.commands.errors import NotComplete
from yigong.clinic.data import FrontPageData, FrontPageDiagnosisData, FrontPageProcedureData
from yigong.clinic.events import FrontPageCoded, FrontPageCompleted, FrontPageReopened
from yigong.clinic.models import FrontPage, FrontPageDiagnosis, FrontPageProcedure, Stay
from yigong.clinic.queries import stays as queries
from yigong.clinic.rules import front_page as rules
from yigong.clinic.rules.workflow import FRONT_PAGE
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.core.states.api import Stale, check, start, transition

MOST = 41
# What the form writes; the rest belongs to the workflow.
FIELDS = tuple(
    field.name
    for field in FrontPage._meta.concrete_fields
    if field.name
    not in {
        "id",
        "state",
        "state_since",
        "due_at",
        "escalated_at",
        "version",
        "stay",
        "institution_id",
        "completed_at",
        "coded_at",
    }
)


def begin_front_page(stay: Stay, actor: Actor) -> FrontPage:
    """The page of a stay, begun with what the stay knows; the one that is there when there is one."""
    found = FrontPage.objects.filter(stay=stay).first()
    if found:
        return found
    page = FrontPage(
        stay=stay, institution_id=stay.institution_id, outpatient_code=stay.diagnosis_code, outpatient_name=stay.diagnosis,
        attending_doctor=stay.doctor_name[:40], responsible_nurse=stay.nurse_name[:40],
    )  # fmt: skip
    start(FRONT_PAGE, page, "draft", actor=actor)
    FrontPageDiagnosis.objects.create(
        front_page=page, place=1, code=stay.diagnosis_code, name=stay.diagnosis, admission_condition=""
    )
    return page


@racing("clinic.save_front_page")
@transaction.atomic
def save_front_page(
    *,
    stay_id: UUID,
    values: dict[str, Any],
    diagnoses: Sequence[FrontPageDiagnosisData],
    procedures: Sequence[FrontPageProcedureData],
    actor: Actor,
    expected_version: int | None = None,
) -> FrontPageData:
    """Write what the form says, whole; the doctor while it is a draft, the coder while it waits for coding. Stale when somebody else wrote first."""
    row = _locked(stay_id, actor)
    may = policies.FRONT_PAGE if row.state == "draft" else policies.CODE
    if row.state == "coded":
        raise Conflict(_("首页已编码锁定，修改前请先解锁并写明原因。"))
    if not actor.has(may):
        raise Forbidden(_("首页%(state)s，您不能修改。") % {"state": FRONT_PAGE.label(row.state)})
    if expected_version is not None and row.version != expected_version:
        raise Stale(by="")
    if len(diagnoses) > MOST or len(procedures) > MOST:
        raise InvalidInput(errors={"diagnosis_0": _("诊断和手术操作各最多 %(most)s 条。") % {"most": MOST}})
    for name, value in values.items():
        if name not in FIELDS:
            raise ValueError(f"the front page has no field {name}")
        setattr(row, name, value)
    row.version += 1
    row.save()
    row.diagnoses.all().delete()
    row.procedures.all().delete()
    FrontPageDiagnosis.objects.bulk_create(
        FrontPageDiagnosis(
            front_page=row, place=place, code=d.code[:20], name=d.name[:100], admission_condition=d.admission_condition
        )
        for place, d in enumerate(diagnoses, 1)
    )
    FrontPageProcedure.objects.bulk_create(
        FrontPageProcedure(
            front_page=row, place=place, **{name: getattr(p, name) for name in FrontPageProcedureData.__slots__}
        )
        for place, p in enumerate(procedures, 1)
    )
    return queries.front_page(stay_id)


@racing("clinic.complete_front_page")
@transaction.atomic
def complete_front_page(*, stay_id: UUID, actor: Actor) -> FrontPageData:
    """The doctor's part is whole: NotComplete names every gap by field. Diagnoses and procedures go into the record."""
    row = _locked(stay_id, actor)
    check(FRONT_PAGE, row, "complete", actor=actor)
    if row.stay.state != "discharged":
        raise Conflict(_("患者还没有出院，首页不能完成；可以先保存。"))
    _refuse_gaps(stay_id)
    row = transition(FRONT_PAGE, row, "complete", actor=actor, completed_at=clock.now())
    recording.write_front_page(row, row.stay, actor)
    record(FrontPageCompleted(row.id, row.stay_id, row.stay.resident_id, row.institution_id))
    return queries.front_page(stay_id)


@racing("clinic.code_front_page")
@transaction.atomic
def code_front_page(*, stay_id: UUID, quality_grade: str, actor: Actor) -> FrontPageData:
    """The coder has checked the codes and gives the grade (RC011); from now on the page is locked."""
    row = _locked(stay_id, actor)
    check(FRONT_PAGE, row, "code", actor=actor)
    if quality_grade not in {"1", "2", "3"}:
        raise InvalidInput(errors={"quality_grade": _("请选择病案质量。")})
    _refuse_gaps(stay_id)
    today = clock.today()
    row = transition(
        FRONT_PAGE, row, "code", actor=actor, coded_at=clock.now(), coder_name=actor.name[:40], quality_grade=quality_grade,
        quality_doctor=row.quality_doctor or actor.name[:40], quality_on=today,
    )  # fmt: skip
    record(FrontPageCoded(row.id, row.stay_id, row.stay.resident_id, row.institution_id))
    return queries.front_page(stay_id)


@transaction.atomic
def return_front_page(*, stay_id: UUID, reason: str, actor: Actor) -> FrontPageData:
    """Back to the doctor with what is wrong."""
    transition(FRONT_PAGE, _locked(stay_id, actor), "return", actor=actor, reason=reason)
    return queries.front_page(stay_id)


@transaction.atomic
def reopen_front_page(*, stay_id: UUID, reason: str, actor: Actor) -> FrontPageData:
    """Unlock a coded page; whoever built on it hears of it."""
    row = transition(FRONT_PAGE, _locked(stay_id, actor), "reopen", actor=actor, reason=reason, coded_at=None)
    record(FrontPageReopened(row.id, row.stay_id, row.stay.resident_id, row.institution_id, reason.strip()[:200]))
    return queries.front_page(stay_id)


def _locked(stay_id: UUID, actor: Actor) -> FrontPage:
    row = FrontPage.objects.select_for_update(of=("self",)).select_related("stay").filter(stay_id=stay_id).first()
    if row is None:
        raise NotFound(_("这次住院还没有病案首页，开出院医嘱后自动建立。"))
    access.require(actor, "write", Subject("front_page", row.id))
    return row


def _refuse_gaps(stay_id: UUID) -> None:
    found = [gap for gap in rules.gaps(queries.front_page(stay_id)) if gap.blocks]
    if found:
        raise NotComplete(errors={gap.field: gap.text for gap in found}, n=len(found))
