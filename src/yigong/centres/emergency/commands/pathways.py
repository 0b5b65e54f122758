"""The pathway of a case: entered, changed, its treatment decided, the team called, the checklist ticked, quality judged."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.centres.emergency import policies
from yigong.centres.emergency.commands import clocks, timing
from yigong.centres.emergency.commands.common import locked_case
from yigong.centres.emergency.commands.errors import NotYours
from yigong.centres.emergency.models import Case, Preparation, TeamCall
from yigong.centres.emergency.rules import definitions
from yigong.centres.emergency.rules.workflow import at_centre, at_hospital
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden, InvalidInput, NotFound
from yigong.core.forms import api as forms
from yigong.network import api as network
from yigong.tasks import api as tasks

TEAM = tasks.declare_kind("emergency.team", gettext_lazy("急救团队呼叫"), pressing=True)


@transaction.atomic
def choose_pathway(*, case_id: UUID, code: str, actor: Actor, reason: str = "") -> Case:
    """Enter a pathway, or change to another or to none with a reason: the clocks of the old one end as not applicable."""
    row = locked_case(case_id)
    if not actor.is_system and not timing.kinds_of(row, timing.running(row), actor):
        raise NotYours(label=_("救治通道"), who=_("车组、接收医院或首诊机构"))
    if row.pathway and row.pathway != code and not reason.strip():
        raise InvalidInput(errors={"reason": _("改变或退出救治通道请写明原因。")})
    set_pathway(row, code, actor, reason)
    return row


def set_pathway(row: Case, code: str, actor: Actor, reason: str = "") -> None:
    """Write the pathway in force today; the caller has asked."""
    from yigong.core.audit.api import acting

    path = definitions.pathway(code)
    with acting(actor, reason=reason.strip() or _("进入救治通道")):
        row.pathway, row.pathway_version, row.treatment = code, path.version if path else "", ""
        row.save(update_fields=["pathway", "pathway_version", "treatment"])
    clocks.follow(row)


@transaction.atomic
def decide_treatment(*, case_id: UUID, treatment: str, actor: Actor) -> Case:
    """What will be done: it decides which targets count."""
    row = locked_case(case_id)
    if "hospital" not in timing.kinds_of(row, None, actor) and not actor.is_system:
        raise NotYours(label=_("治疗方案"), who=_("接收医院"))
    path = definitions.pathway(row.pathway, row.pathway_version)
    if path is None or not path.word("treatment", treatment):
        raise InvalidInput(errors={"treatment": _("请从列表中选择治疗方案。")})
    row.treatment = treatment
    row.save(update_fields=["treatment"])
    known = timing.points(row, timing.running(row))
    if "decision" in path.nodes() and "decision" not in known:
        timing.write(row, None, "decision", clock.now(), actor)
    else:
        clocks.follow(row)
    return row


@transaction.atomic
def call_team(*, case_id: UUID, actor: Actor) -> list[TeamCall]:
    """Call the pathway's team by the roster: who is on duty, else everybody of the role. Called once a role; calling again changes nothing."""
    row = locked_case(case_id)
    if not actor.has(policies.RECEIVE) or not (at_hospital(row, actor) or at_centre(row, actor)):
        raise Forbidden()
    path = definitions.pathway(row.pathway, row.pathway_version)
    if path is None:
        raise InvalidInput(_("请先选择救治通道，团队名单写在通道里。"))
    for role in path.team:
        staff = network.duty_staff(row.destination_id, role)
        call, new = TeamCall.objects.get_or_create(
            case=row, role=role,
            defaults={
                "staff_id": staff.id if staff else None, "name": staff.name if staff else "", "called_at": clock.now(),
                "called_by": actor.name[:80],
            },
        )  # fmt: skip
        if new:
            _ask(row, call, path.title)
    known = timing.points(row, timing.running(row))
    if "team_called" in path.nodes() and "team_called" not in known:
        timing.write(row, None, "team_called", clock.now(), actor)
    return list(row.team.order_by("called_at", "id"))


@transaction.atomic
def answer_call(*, call_id: UUID, actor: Actor) -> TeamCall:
    """“I am coming”: by who was called, or a colleague of the role. The first answer counts."""
    call = TeamCall.objects.select_for_update(of=("self",)).select_related("case").filter(pk=call_id).first()
    if call is None:
        raise NotFound()
    if call.case.destination_id not in actor.institution_ids or actor.role not in {call.role, "duty_chief"}:
        raise Forbidden(_("这次呼叫的是%(role)s，请由本岗位人员应答。") % {"role": _role(call.role)})
    if call.answered_at is None:
        call.answered_at, call.answered_by = clock.now(), actor.name[:80]
        call.save(update_fields=["answered_at", "answered_by"])
        tasks.resolve_task(key=f"{TEAM}:{call.pk}", actor=actor)
    return call


@transaction.atomic
def tick(*, case_id: UUID, code: str, done: bool, actor: Actor) -> None:
    """One line of the checklist, done or not after all."""
    row = locked_case(case_id)
    if not actor.has(policies.RECEIVE) or not at_hospital(row, actor):
        raise Forbidden()
    path = definitions.pathway(row.pathway, row.pathway_version)
    if path is None or not path.word("prepare", code):
        raise NotFound()
    if done:
        Preparation.objects.get_or_create(
            case=row, code=code, defaults={"done_at": clock.now(), "done_by": actor.name[:80]}
        )
    else:
        Preparation.objects.filter(case=row, code=code).delete()


@transaction.atomic
def judge_quality(*, case_id: UUID, typed: QueryDict, actor: Actor) -> Case:
    """The pathway's quality form; again it replaces the earlier one, which stays."""
    row = locked_case(case_id)
    if not actor.has(policies.QUALITY) or not (at_hospital(row, actor) or at_centre(row, actor)):
        raise Forbidden()
    path = definitions.pathway(row.pathway, row.pathway_version)
    if path is None:
        raise InvalidInput(_("这个病例没有进入救治通道，没有质控表。"))
    definition = forms.form(path.form)
    reading = forms.read(definition, typed)
    row.quality_response_id = forms.save(
        definition, reading, subject=("emergency", row.pk), actor=actor, resident_id=row.resident_id, replaces=row.quality_response_id
    )  # fmt: skip
    row.save(update_fields=["quality_response_id"])
    return row


def _ask(row: Case, call: TeamCall, title: str) -> None:
    tasks.open_task(
        key=f"{TEAM}:{call.pk}", kind=TEAM, institution_id=row.destination_id, role="" if call.staff_id else call.role,
        staff_id=call.staff_id, urgent=True, title=_("%(title)s团队请到位：%(number)s") % {"title": title, "number": row.number},
        url=reverse("emergency:case", args=[row.pk]), subject=("emergency", row.pk), about_resident_id=row.resident_id,
        due_at=clock.now() + _answer_time(), escalate_to=tasks.Escalation(role="duty_chief"),
    )  # fmt: skip


def _answer_time() -> timedelta:
    """How long an answer may take."""
    return timedelta(minutes=definitions.limits().team_minutes)


def _role(code: str) -> str:
    from yigong.access.api import role_label

    return role_label(code)
