"""Experts are asked for a span of time that is held for them; they accept or decline, and others take their place."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.centres.consultation import policies
from yigong.centres.consultation.commands import waiting
from yigong.centres.consultation.commands.errors import AlreadyInvited, OffRoster, SlotTaken, TooFewExperts, WrongMoment
from yigong.centres.consultation.data import Invitee
from yigong.centres.consultation.events import ExpertInvited, InvitationAnswered
from yigong.centres.consultation.models import Consultation, Invitation
from yigong.centres.consultation.queries import slots
from yigong.centres.consultation.rules.definitions import items, parameters
from yigong.centres.consultation.rules.workflow import INVITATION
from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.commands import one_at_a_time, racing
from yigong.core.constraints import refusing
from yigong.core.errors import InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.core.states import api as states
from yigong.network import api as network
from yigong.orders import api as orders

ARRANGING = {"accepted", "scheduled", "no_show"}


@racing("consultation.invite")
@transaction.atomic
def invite(
    *, order_id: UUID, experts: Sequence[Invitee], starts_at: datetime, actor: Actor, meeting_url: str | None = None
) -> list[Invitation]:
    """Ask experts for one span, which is held at once; of two consultations that want the same expert one gets him (SlotTaken).

    The order is scheduled with the first invitation. ``meeting_url`` is the address of whatever room is used.
    """
    row = policies.access_consultation(order_id, actor=actor, lock=True)
    policies.must_coordinate(row, actor)
    _in(row, ARRANGING, _("邀请专家"))
    span = (starts_at, starts_at + parameters().slot)
    _check(row, experts, span)
    if meeting_url is not None:
        row.meeting_url = checked_address(meeting_url)
    made = [_ask(row, one, span, actor) for one in sorted(experts, key=lambda one: str(one.staff_id))]
    _lead(row)
    _schedule(row, span, actor)
    waiting.tell_asker(row, _("会诊已排期 %(at)s") % {"at": _moment(starts_at)})
    waiting.coordinator_done(row, actor=actor)
    return made


@racing("consultation.answer")
@transaction.atomic
def answer(*, invitation_id: UUID, accept: bool, actor: Actor, reason_code: str = "", reason: str = "") -> Invitation:
    """The expert's answer. Accepting opens his relationship to the resident; declining asks the coordinators for another.

    Twice at once: one counts, the other learns who was first.
    """
    row = _locked(invitation_id)
    if accept:
        done = states.transition(INVITATION, row, "accept", actor=actor, answered_at=clock.now())
        _open_file(done)
        waiting.expert_done(done, actor=actor)
        waiting.ask_expert(done, waiting.OPINE, _("请参加会诊并签署意见"), due_at=done.ends_at)
        if done.consultation.form == "text":
            _without_meeting(done.consultation)
    else:
        label = _declined(reason_code, reason)
        done = states.transition(
            INVITATION, row, "decline", actor=actor, reason=label, reason_code=reason_code, answered_at=clock.now()
        )
        _release(done, reason_code, label)
        waiting.expert_done(done, actor=actor)
        waiting.ask_coordinator(
            done.consultation,
            _("%(who)s谢绝会诊邀请（%(why)s），请另请专家") % {"who": done.expert.name, "why": label},
            str(done.pk),
        )
    record(InvitationAnswered(done.consultation.order_id, done.pk, accept))
    return done


@transaction.atomic
def replace(*, invitation_id: UUID, by: Invitee, actor: Actor, reason: str = "") -> Invitation:
    """Ask somebody else in the place of an expert who declined, or who is withdrawn with this step, for the same time."""
    old = _locked(invitation_id)
    row = policies.access_consultation(old.consultation.order_id, actor=actor)
    policies.must_coordinate(row, actor)
    if old.state in ("invited", "accepted"):
        withdraw(invitation_id=invitation_id, reason=reason or _("改请他人"), actor=actor)
    span = (old.starts_at, old.ends_at)
    if by.staff_id == old.expert_id:
        raise InvalidInput(errors={"staff_id": _("请另选一位专家。")})
    if Invitation.objects.filter(replaces=old).exists():
        raise AlreadyInvited(expert=old.expert.name)
    _check(row, [by], span, minimum=False)
    made = _ask(row, Invitee(by.staff_id, by.is_lead or old.is_lead, by.off_roster), span, actor, replaces=old)
    _lead(row)
    waiting.coordinator_done(row, actor=actor)
    return made


@transaction.atomic
def withdraw(*, invitation_id: UUID, reason: str, actor: Actor) -> Invitation:
    """The coordinators take an invitation back; the time is free again."""
    row = states.transition(INVITATION, _locked(invitation_id), "withdraw", actor=actor, reason=reason)
    _release(row, "", reason.strip())
    waiting.expert_done(row, actor=actor)
    return row


@transaction.atomic
def reschedule(*, order_id: UUID, starts_at: datetime, reason: str, actor: Actor) -> Consultation:
    """Another time for everybody: each expert is asked anew, and no one's time is held twice."""
    row = policies.access_consultation(order_id, actor=actor, lock=True)
    policies.must_coordinate(row, actor)
    _in(row, {"scheduled", "no_show"}, _("改期"))
    span = (starts_at, starts_at + parameters().slot)
    if starts_at <= clock.now():
        raise InvalidInput(errors={"starts_at": _("会诊时间不能早于现在。")})
    active = list(row.invitations.filter(state__in=("invited", "accepted")).order_by("expert_id"))
    for invitation in active:
        one_at_a_time("consultation expert", invitation.expert_id)
        waiting.expert_done(invitation, actor=actor)
        access.close_relationships(source=invitation.pk)
        with refusing(consultation_slot_once=_taken(invitation.expert.name, span)):
            moved = states.transition(
                INVITATION, invitation, "rebook", actor=actor, reason=reason, starts_at=span[0], ends_at=span[1]
            )
        waiting.ask_expert(
            moved, waiting.INVITED, _("会诊改期 %(at)s，请应答") % {"at": _moment(starts_at)}, moved.due_at
        )
    _schedule(row, span, actor)
    waiting.tell_asker(row, _("会诊改期 %(at)s") % {"at": _moment(starts_at)})
    return row


@transaction.atomic
def set_meeting(*, order_id: UUID, meeting_url: str, actor: Actor) -> Consultation:
    """The address of the meeting room, which is not ours."""
    row = policies.access_consultation(order_id, actor=actor, lock=True)
    policies.must_coordinate(row, actor)
    row.meeting_url = checked_address(meeting_url)
    row.save(update_fields=["meeting_url"])
    return row


def checked_address(text: str) -> str:
    """An https address, at one of the hosts that the pack lists when it lists any; blank is none."""
    if not (address := text.strip()):
        return ""
    parts, hosts = urlsplit(address), parameters().meeting_hosts
    if parts.scheme != "https" or not parts.hostname or parts.username or len(address) > 500 or " " in address:
        raise InvalidInput(errors={"meeting_url": _("会议地址应是以 https:// 开头的完整网址，请从会议软件中复制。")})
    if hosts and not any(parts.hostname == host or parts.hostname.endswith("." + host) for host in hosts):
        raise InvalidInput(
            errors={"meeting_url": _("会议地址不在本县许可的会议平台（%(h)s）。") % {"h": "、".join(hosts)}}
        )
    return address


def unanswered(row: Invitation) -> None:
    """The clock of an invitation ran out: the coordinators are asked, for an urgent one the chief on duty as well."""
    text = _("%(who)s未应答会诊邀请，请电话联系或另请专家") % {"who": row.expert.name}
    waiting.ask_coordinator(row.consultation, text, str(row.pk))
    if row.consultation.order.priority == "urgent":
        waiting.ask_coordinator(row.consultation, text, f"{row.pk}:chief", chief=True)


def end_all(order_id: UUID, reason: str) -> None:
    """The order has ended (cancelled, rejected, not done): invitations, relationships and tasks with it."""
    row = Consultation.objects.select_related("order").filter(order_id=order_id).first()
    if row is None:
        return
    for invitation in row.invitations.filter(state__in=("invited", "accepted")):
        withdraw(invitation_id=invitation.pk, reason=reason or "—", actor=system("consultation"))
    waiting.withdraw_all(row, reason or "—")


def _check(
    row: Consultation, experts: Sequence[Invitee], span: tuple[datetime, datetime], minimum: bool = True
) -> None:
    if not experts:
        raise InvalidInput(errors={"experts": _("请选择专家。")})
    if span[0] < clock.now() - timedelta(minutes=1):
        raise InvalidInput(errors={"starts_at": _("会诊时间不能早于现在。")})
    kind = items()[row.order.items.get().code]
    already = row.invitations.filter(state__in=slots.HOLDING).count()
    if minimum and already + len({one.staff_id for one in experts}) < kind.minimum_experts:
        few = TooFewExperts(kind=kind.name, n=kind.minimum_experts)
        few.errors = {"experts": str(few)}
        raise few


def _ask(
    row: Consultation, one: Invitee, span: tuple[datetime, datetime], actor: Actor, replaces: Invitation | None = None
) -> Invitation:
    one_at_a_time("consultation expert", one.staff_id)  # two inserts that exclude each other would end in a deadlock
    person, place = network.staff(one.staff_id), _place_of(one.staff_id)
    if not one.off_roster.strip() and not slots.on_roster(one.staff_id, place, span):
        off = OffRoster(expert=person.name, at=_moment(span[0]))
        off.errors = {"off_roster": str(off)}
        raise off
    made = Invitation(
        consultation=row, expert_id=one.staff_id, institution_id=place, is_lead=one.is_lead, starts_at=span[0], ends_at=span[1],
        off_roster=one.off_roster.strip()[:120], replaces=replaces,
    )  # fmt: skip
    known = {
        "consultation_slot_once": _taken(person.name, span),
        "consultation_expert_once": AlreadyInvited(expert=person.name),
    }
    with refusing(**known, consultation_one_lead=InvalidInput(errors={"lead": _("主持专家只能有一位。")})):
        states.start(INVITATION, made, "invited", actor=actor)
    waiting.ask_expert(made, waiting.INVITED, _("邀请您会诊 %(at)s，请应答") % {"at": _moment(span[0])}, made.due_at)
    record(ExpertInvited(row.order_id, made.pk, made.expert_id))
    return made


def _place_of(staff_id: UUID) -> UUID:
    """Where an expert works, when a post there is one of those that may be invited."""
    posts = [post for post in network.posts_of(staff_id) if post.role in parameters().expert_roles]
    if not posts:
        raise InvalidInput(
            errors={"experts": _("%(who)s目前没有可受邀会诊的岗位。") % {"who": network.staff(staff_id).name}}
        )
    return posts[0].institution_id


def _lead(row: Consultation) -> None:
    """Somebody at the centre's institution leads; the first who is asked when nobody was named."""
    active = row.invitations.filter(state__in=slots.HOLDING)
    if not active.filter(is_lead=True).exists():
        home = active.filter(institution_id=row.order.reporting_institution_id).order_by("id").first()
        if home is None:
            raise InvalidInput(errors={"experts": _("至少邀请一位会诊中心本院的专家，由其主持并出具结论。")})
        Invitation.objects.filter(pk=home.pk).update(is_lead=True)
    elif active.filter(is_lead=True).exclude(institution_id=row.order.reporting_institution_id).exists():
        raise InvalidInput(errors={"lead": _("主持专家应是会诊中心本院的专家。")})


def _schedule(row: Consultation, span: tuple[datetime, datetime], actor: Actor) -> None:
    row.starts_at, row.ends_at = span
    row.save(update_fields=["starts_at", "ends_at", "meeting_url"])
    if span[0] > clock.now():  # an urgent one begins at once and needs no appointment
        orders.schedule_order(order_id=row.order_id, at=span[0], actor=actor)


def _without_meeting(row: Consultation) -> None:
    """A consultation by words alone has no meeting: once every expert has accepted the opinions are written."""
    if row.began_at or row.invitations.filter(state="invited").exists():
        return
    row.began_at = row.ended_at = clock.now()
    row.save(update_fields=["began_at", "ended_at"])
    orders.finish_performing(order_id=row.order_id, actor=system("consultation"))
    orders.material_received(order_id=row.order_id, actor=system("consultation"))


def _open_file(row: Invitation) -> None:
    until = row.ends_at + timedelta(days=parameters().read_days)
    access.open_relationship(
        resident_id=row.consultation.order.resident_id,
        staff_id=row.expert_id,
        basis="order",
        source=row.pk,
        ends_at=until,
    )


def _release(row: Invitation, reason_code: str, reason: str) -> None:
    Invitation.objects.filter(pk=row.pk).update(reason_code=reason_code, reason=reason[:200])
    access.close_relationships(source=row.pk)


def _declined(reason_code: str, reason: str) -> str:
    reasons = parameters().decline_reasons
    if reason_code not in reasons:
        raise InvalidInput(errors={"reason_code": _("请选择谢绝的原因。")})
    if reason_code == "other" and not reason.strip():
        raise InvalidInput(errors={"reason": _("选择“其他”时请写明原因。")})
    return reason.strip() or reasons[reason_code]


def _locked(invitation_id: UUID) -> Invitation:
    """The invitation, its consultation locked before it, as every command here does."""
    known = Invitation.objects.filter(pk=invitation_id).values_list("consultation_id", flat=True).first()
    if known is None:
        raise NotFound(_("没有这份会诊邀请。"))
    Consultation.objects.select_for_update().get(pk=known)
    return Invitation.objects.select_for_update(of=("self",)).get(pk=invitation_id)


def _in(row: Consultation, allowed: set[str], what: str) -> None:
    if row.order.state not in allowed:
        raise WrongMoment(state=orders.order_facts(row.order_id).state_label, what=what)


def _taken(name: str, span: tuple[datetime, datetime]) -> SlotTaken:
    return SlotTaken(expert=name, at=_moment(span[0]))


def _moment(at: datetime) -> str:
    return at.astimezone(clock.SHANGHAI).strftime("%m-%d %H:%M")
