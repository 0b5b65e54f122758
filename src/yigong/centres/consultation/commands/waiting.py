"""The tasks that consultations open. One place, so that each has one opener and one end."""

from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.centres.consultation.models import Advice, Consultation, Invitation
from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.network import api as network
from yigong.residents import api as residents
from yigong.tasks import api as tasks

INVITED = tasks.declare_kind("consultation.invited", gettext_lazy("会诊邀请待应答"))
ARRANGE = tasks.declare_kind("consultation.arrange", gettext_lazy("会诊待安排"))
OPINE = tasks.declare_kind("consultation.opine", gettext_lazy("会诊意见待书写"))
ADVICE = tasks.declare_kind("consultation.advice", gettext_lazy("会诊建议待落实"))
EVALUATE = tasks.declare_kind("consultation.evaluate", gettext_lazy("会诊待评价"))
REWRITE = tasks.declare_kind("consultation.rewrite", gettext_lazy("会诊结论待重写"))
TOLD = tasks.declare_kind("consultation.told", gettext_lazy("会诊安排通知"))
ROOM = system("consultation")
_COORDINATORS = ("referral_office", "duty_chief")


def page_of(row: Consultation) -> str:
    """The address of a consultation."""
    return reverse("consultation:detail", args=[row.order_id])


def ask_expert(invitation: Invitation, kind: str, text: str, due_at: datetime | None = None) -> None:
    """Ask one expert."""
    row = invitation.consultation
    _open(
        row, f"{kind}:{invitation.pk}:{invitation.version}", kind, text, invitation.institution_id,
        staff_id=invitation.expert_id, due_at=due_at,
    )  # fmt: skip


def expert_done(invitation: Invitation, *, actor: Actor) -> None:
    """Nothing is waited for from this expert."""
    for kind in (INVITED, OPINE):
        for version in range(1, invitation.version + 1):
            tasks.resolve_task(key=f"{kind}:{invitation.pk}:{version}", actor=actor)


def ask_coordinator(row: Consultation, text: str, suffix: str, *, chief: bool = False) -> None:
    """Ask the centre's coordinators; with ``chief`` the chief on duty."""
    place = row.order.performing_institution_id
    held = [role for role in _COORDINATORS if network.posts_at(place, role)] or list(_COORDINATORS)
    role = "duty_chief" if chief else held[0]
    person = network.duty_staff(place, role)
    _open(
        row, f"{ARRANGE}:{row.order_id}:{suffix}", ARRANGE, text, place, role="" if person else role,
        staff_id=person.id if person else None, due_at=clock.now(),
    )  # fmt: skip


def coordinator_done(row: Consultation, *, actor: Actor) -> None:
    """What the coordinators were asked for has happened."""
    keys = [f"{ARRANGE}:{row.order_id}:experts"]
    keys += [
        f"{ARRANGE}:{row.order_id}:{pk}{tail}"
        for pk in row.invitations.values_list("pk", flat=True)
        for tail in ("", ":chief")
    ]
    tasks.resolve_tasks(keys=keys, actor=actor)


def tell_asker(row: Consultation, text: str) -> None:
    """Tell the asking doctor about a time, in place of what was told before."""
    key = f"{TOLD}:{row.order_id}"
    tasks.cancel_task(key=key, reason=_("安排已变更"), actor=ROOM)
    _open(
        row,
        key,
        TOLD,
        text,
        row.order.requesting_institution_id,
        staff_id=row.order.requesting_staff_id,
        due_at=row.starts_at,
    )


def ask_advice(advice: Advice, label: str) -> None:
    """Ask the asking doctor to carry one item out."""
    row = advice.consultation
    urgent = advice.limit_at - clock.now() < timedelta(hours=1)
    _open(
        row, f"{ADVICE}:{advice.pk}", ADVICE, f"{label} {advice.text[:60]}", row.order.requesting_institution_id,
        staff_id=row.order.requesting_staff_id, due_at=advice.limit_at, urgent=urgent,
    )  # fmt: skip


def ask_evaluation(row: Consultation) -> None:
    """Ask the asking doctor what the consultation was worth."""
    _open(
        row, f"{EVALUATE}:{row.order_id}", EVALUATE, _("请评价会诊"), row.order.requesting_institution_id,
        staff_id=row.order.requesting_staff_id, due_at=clock.now() + timedelta(days=7), urgent=False,
    )  # fmt: skip


def ask_rewrite(row: Consultation, reason: str) -> None:
    """Ask the lead expert for a conclusion in the place of the withdrawn one."""
    lead = row.invitations.filter(state="opined").order_by("-is_lead", "id").first()
    if lead is not None:
        _open(
            row, f"{REWRITE}:{row.order_id}", REWRITE, _("会诊结论已撤回（%(why)s），请重新出具") % {"why": reason},
            lead.institution_id, staff_id=lead.expert_id, due_at=clock.now() + timedelta(days=1),
        )  # fmt: skip


def rewritten(row: Consultation, *, actor: Actor) -> None:
    """A conclusion stands again."""
    tasks.resolve_task(key=f"{REWRITE}:{row.order_id}", actor=actor)


def withdraw_all(row: Consultation, reason: str) -> None:
    """The consultation has ended otherwise: nobody waits for anything of it."""
    actor = ROOM
    for invitation in row.invitations.all():
        expert_done(invitation, actor=actor)
    coordinator_done(row, actor=actor)
    for key in (f"{TOLD}:{row.order_id}", f"{EVALUATE}:{row.order_id}"):
        tasks.cancel_task(key=key, reason=reason, actor=actor)


def _open(
    row: Consultation, key: str, kind: str, text: str, institution_id: UUID, *, role: str = "", staff_id: UUID | None = None,
    due_at: datetime | None = None, urgent: bool | None = None,
) -> None:  # fmt: skip
    person = residents.resident_names([row.order.resident_id]).get(row.order.resident_id)
    tasks.open_task(
        key=key, kind=kind, title=f"{text}：{person.name if person else ''}", institution_id=institution_id, url=page_of(row),
        role=role if role or staff_id else "gp", staff_id=staff_id, about_resident_id=row.order.resident_id, due_at=due_at,
        urgent=row.order.priority == "urgent" if urgent is None else urgent, subject=("order", row.order_id),
        escalate_to=tasks.Escalation(role="duty_chief"),
    )  # fmt: skip
