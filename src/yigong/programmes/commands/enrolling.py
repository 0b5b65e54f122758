"""Beginning, handing over, ending and resuming the management of one person."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.clock import SHANGHAI
from yigong.core.commands import one_at_a_time, racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.core.forms import api as forms
from yigong.core.months import months_between
from yigong.core.states import api as states
from yigong.network import api as network
from yigong.programmes import policies
from yigong.programmes.commands import common, endings, notifying, upkeep
from yigong.programmes.data import EnrolmentData
from yigong.programmes.errors import AlreadyEnrolled, NotEligible, RegisteredBefore
from yigong.programmes.events import EnrolmentEnded, PersonEnrolled
from yigong.programmes.models import Candidate, Enrolment, Hold
from yigong.programmes.queries import standing, working
from yigong.programmes.queries.people import to_data
from yigong.programmes.rules import counting, judging, planning
from yigong.programmes.rules.definition import Programme
from yigong.programmes.rules.packs import programmes
from yigong.programmes.rules.workflow import ENROLMENT
from yigong.residents import api as residents
from yigong.residents.data import ResidentData
from yigong.tasks import api as tasks


@racing("programmes.enrol")
@change
def enrol(
    *,
    resident_id: UUID,
    programme: str,
    actor: Actor,
    on: date | None = None,
    answers: Mapping[str, Any] | None = None,
    institution_id: UUID | None = None,
    staff_id: UUID | None = None,
    reason: str = "",
    source: str = "",
    began_at: datetime | None = None,
    request_key: UUID | None = None,
) -> EnrolmentData:
    """Take a person into a programme from a day on (today when not given). ``answers`` are those of the enrolment form, as typed.

    Not eligible by age or sex: only with a ``reason``; so is a second card of the same thing (RegisteredBefore). Never twice in one programme at a time (AlreadyEnrolled, held by the database).
    """
    policies.require(actor, policies.WORK)
    one_at_a_time(resident_id)
    if request_key and (done := Enrolment.objects.filter(request_key=request_key).first()):
        return to_data(done)
    day = on or clock.today()
    definition = programmes().get(programme)
    if definition is None:
        raise NotFound(_("没有生效的公卫方案“%(code)s”。") % {"code": programme})
    person = residents.access_resident(resident_id, actor=actor, action="write")
    _fit(person, definition, day, reason)
    reading = _read(definition, answers or {}, judging.person_facts(person.birth_date, person.sex, day))
    place = institution_id or person.managing_institution_id or actor.institution_id
    if place is None or not policies.manages(actor, place):
        place = actor.institution_id
    if place is None:
        raise InvalidInput(errors={"institution_id": _("请选择管理机构。")})
    anchor = counting.anchor_of(definition, reading.answers)
    subject = str(reading.answers.get(definition.subject, ""))[:40] if definition.subject else ""
    _not_again(definition, person, subject, anchor, reason)
    row = Enrolment(
        resident_id=person.id, programme=definition.code, definition=definition.version, institution_id=place,
        staff_id=staff_id, restricted=definition.restricted, started_on=day, anchor_on=anchor, subject=subject,
        began_at=began_at or _beginning(definition, reading.answers),
        facts=judging.plain(reading.answers), source=source[:30], request_key=request_key,
    )  # fmt: skip
    with refusing(programme_enrolment_one_at_a_time=AlreadyEnrolled(name=person.name, programme=definition.title)):
        states.start(ENROLMENT, row, "active", actor=actor, reason=reason)
    if reading.answers:
        form = forms.form(definition.enrol_form, definition.effective_from)
        forms.save(form, reading, subject=("programme_enrolment", row.id), resident_id=person.id, actor=actor)
    _relate(row)
    Candidate.objects.filter(programme=definition.code, resident_id=person.id, state="waiting").update(
        state="accepted", decided_by=actor.name, decided_at=clock.now()
    )
    if row.subject:
        tasks.resolve_task(key=notifying.key_of(row.programme, person.id, row.subject), actor=actor, note=_("已登记"))
    settle(row.id, actor=actor)
    record(PersonEnrolled(row.id, person.id, definition.code, place))
    return to_data(Enrolment.objects.get(pk=row.id))


def _fit(person: ResidentData, programme: Programme, day: date, reason: str) -> None:
    if person.status != "active":
        raise Conflict(
            _("%(name)s的档案为“%(status)s”，不能纳入管理。") % {"name": person.name, "status": person.status_label}
        )
    if day > clock.today():
        raise InvalidInput(errors={"on": _("纳入日期不能晚于今天。")})
    if person.birth_date and day < person.birth_date:
        raise InvalidInput(errors={"on": _("纳入日期不能早于出生日期 %(d)s。") % {"d": person.birth_date}})
    why = unfit(programme, person.birth_date, person.sex, day)
    if why and not reason.strip():
        raise NotEligible(errors={"reason": why + _("确需纳入请写明原因。")}, name=person.name, why=why)


def _not_again(programme: Programme, person: ResidentData, subject: str, anchor: date | None, reason: str) -> None:
    if not programme.again_days or anchor is None or reason.strip():
        return
    span = timedelta(days=programme.again_days)
    rows = Enrolment.objects.filter(
        programme=programme.code, resident_id__in=residents.identities(person.id), subject=subject,
        anchor_on__range=(anchor - span, anchor + span), state="ended",
    )  # fmt: skip
    before = rows.exclude(ending__in=_NOTHING).order_by("-started_on").first()
    if before is not None:
        facts = {"name": person.name, "what": subject, "day": before.anchor_on, "on": before.started_on}
        raise RegisteredBefore(errors={"reason": _(RegisteredBefore.message) % facts}, **facts)


# Endings that say that there was nothing to register.
_NOTHING = {"wrong", "excluded"}


def _beginning(programme: Programme, answers: Mapping[str, Any]) -> datetime:
    """The moment from which limits in hours count: that of the diagnosis or discovery where the form asks for it, never one to come."""
    on, hour = answers.get(programme.begins_on), answers.get(programme.begins_hour)
    if not isinstance(on, date):
        return clock.now()
    at = datetime.combine(on, time(hour if isinstance(hour, int) else 0), SHANGHAI)
    if at > clock.now():
        raise InvalidInput(
            errors={programme.begins_on: _("时间 %(at)s 晚于现在，请核对。") % {"at": f"{at:%Y-%m-%d %H:%M}"}}
        )
    return at


def unfit(programme: Programme, born: date | None, sex: str, day: date) -> str:
    """Why a person of this age and sex is not one the programme is for; blank when it fits."""
    who = programme.who
    if who.sex and sex != who.sex:
        return _("本方案只管理%(sex)s性。") % {"sex": _("男") if who.sex == "1" else _("女")}
    if born is None:
        return ""
    months = months_between(born, day)
    if who.age_from is not None and months < who.age_from * 12:
        return _("年龄 %(n)s 岁，未满 %(from)s 岁。") % {"n": months // 12, "from": who.age_from}
    if who.age_to is not None and months // 12 > who.age_to:
        return _("年龄 %(n)s 岁，已超过 %(to)s 岁。") % {"n": months // 12, "to": who.age_to}
    if who.months_to is not None and months > who.months_to:
        return _("月龄 %(n)s，已超过 %(to)s 月。") % {"n": months, "to": who.months_to}
    return ""


def _read(programme: Programme, answers: Mapping[str, Any], facts: Mapping[str, Any]) -> forms.Reading:
    if not programme.enrol_form:
        return forms.Reading({})
    reading = forms.read(forms.form(programme.enrol_form, programme.effective_from), answers, facts)
    if reading.errors:
        raise InvalidInput(errors=reading.errors)
    if programme.anchor and (anchor := reading.answers.get(programme.anchor)) and anchor > clock.today():
        raise InvalidInput(
            errors={programme.anchor: _("“%(title)s”不能晚于今天。") % {"title": programme.anchor_title}}
        )
    counts = programme.counts
    if counts and (start := counting.anchor_of(programme, reading.answers)) and start > clock.today():
        words = {"title": counts.due_title, "days": counts.due_days}
        raise InvalidInput(errors={counts.corrected_by: _("“%(title)s”距今天超过 %(days)s 天，请核对。") % words})
    return reading


def settle(enrolment_id: UUID, *, actor: Actor) -> None:
    """After a change of one person: due rows, tasks and this year's rates follow."""
    settled(working.load([enrolment_id], today=clock.today())[0], actor=actor)


def settled(work: working.Working, *, actor: Actor) -> None:
    """The same for an enrolment at hand that knows the change already."""
    today = clock.today()
    upkeep.apply([work], actor=actor, today=today)
    standing.rewrite_one(work, today)


@racing("programmes.end")
@change
def end(
    *,
    enrolment_id: UUID,
    ending: str,
    reason: str,
    actor: Actor,
    on: date | None = None,
    answers: Mapping[str, Any] | None = None,
) -> EnrolmentData:
    """End the management for one of the definition's reasons: due rows and tasks end with it. ``answers`` are those of the ending's own form, as
    typed."""
    work = common.locked(enrolment_id, actor, clock.today())
    common.active(work.enrolment)
    chosen = work.programme.ending(ending)
    if chosen is None:
        raise InvalidInput(errors={"ending": _("请选择结案原因。")})
    endings.keep(work, chosen, answers or {}, actor)
    return to_data(finish(work, ending, reason.strip() or chosen.title, actor=actor, on=on))


def finish(work: working.Working, ending: str, reason: str, *, actor: Actor, on: date | None = None, by_itself: bool = False) -> Enrolment:  # fmt: skip
    """The ending itself, also for the clock and for what follows a death."""
    day = on or clock.today()
    row = work.enrolment
    if day > clock.today() or day < row.started_on:
        raise InvalidInput(errors={"on": _("结案日期应在纳入日期 %(d)s 与今天之间。") % {"d": row.started_on}})
    last = work.visits[-1].on if work.visits else None
    if last and day < last:
        raise InvalidInput(errors={"on": _("最近一次随访在 %(d)s，结案日期不能更早。") % {"d": last}})
    values: dict[str, Any] = {
        "ended_on": day,
        "ending": ending,
        "next_due_on": None,
        "next_opens_on": None,
        "next_closes_on": None,
        "next_stage": "",
    }
    by = replace(actor, role="system") if by_itself else actor  # the rule ends it; who set it off stays in the history
    done = states.transition(ENROLMENT, row, "close" if by_itself else "end", actor=by, reason=reason, **values)
    access.close_relationships(source=row.id)
    settle(row.id, actor=actor)
    record(EnrolmentEnded(row.id, row.resident_id, row.programme, row.institution_id, ending))
    return done


@racing("programmes.reopen")
@change
def reopen(*, enrolment_id: UUID, reason: str, actor: Actor) -> EnrolmentData:
    """Resume a management that ended for a reason that may be resumed; the plan begins again from its visits."""
    work = common.locked(enrolment_id, actor, clock.today())
    row = work.enrolment
    if row.state != "ended":
        raise Conflict(_("管理没有结案，不需要恢复。"))
    chosen = work.programme.ending(row.ending)
    if chosen and not chosen.reopens:
        raise Conflict(_("因“%(why)s”结案的不能恢复；如结案有误，请先更正居民档案状态。") % {"why": _(chosen.title)})
    person = residents.identity(row.resident_id)
    if person.status != "active":
        raise Conflict(_("居民档案为“%(status)s”，请先恢复档案。") % {"status": person.status_label})
    return to_data(resume(row, reason, actor=actor, name=person.name, title=work.programme.title))


def resume(
    row: Enrolment, reason: str, *, actor: Actor, name: str = "", title: str = "", by_itself: bool = False
) -> Enrolment:
    """The reopening itself."""
    with refusing(programme_enrolment_one_at_a_time=AlreadyEnrolled(name=name, programme=title)):
        done = states.transition(
            ENROLMENT,
            row,
            "revive" if by_itself else "reopen",
            actor=actor,
            reason=reason,
            ended_on=None,
            ending="",
            attempts=0,
            merged_by=None,
        )
    _relate(row)
    settle(row.id, actor=actor)
    return Enrolment.objects.get(pk=done.pk)


def _relate(row: Enrolment) -> None:
    """The managing institution may see the person, and so may the health centre above a village clinic."""
    place = network.institution(row.institution_id)
    upper = [place.parent_id] if place.level == "village" and place.parent_id else []
    for holder in (place.id, *upper):
        access.open_relationship(resident_id=row.resident_id, institution_id=holder, basis="programme", source=row.id)


@change
def transfer(
    *, enrolment_id: UUID, institution_id: UUID, reason: str, actor: Actor, staff_id: UUID | None = None
) -> EnrolmentData:
    """Hand the management to another institution or person; open tasks go along."""
    work = common.locked(enrolment_id, actor, clock.today())
    common.active(work.enrolment)
    network.institution(institution_id)
    if staff_id and not any(p.institution_id == institution_id for p in network.posts_of(staff_id)):
        raise InvalidInput(errors={"staff_id": _("所选人员不在接收机构任职，请重新选择。")})
    row = states.transition(
        ENROLMENT,
        work.enrolment,
        "transfer",
        actor=actor,
        reason=reason,
        institution_id=institution_id,
        staff_id=staff_id,
    )
    access.close_relationships(source=row.id)
    _relate(row)
    keys = [upkeep.key_of(d.id) for d in work.dues if d.state == "open"]
    tasks.cancel_tasks(keys=keys, reason=_("管理机构已变更"), actor=actor)
    fresh = working.load([row.id], today=clock.today())
    changes = upkeep.Changes(moved=[d for d in fresh[0].dues if d.state == "open"])
    upkeep.write(changes, {row.id: fresh[0]}, actor)
    settle(row.id, actor=actor)
    return to_data(Enrolment.objects.get(pk=row.id))


@change
def amend(*, enrolment_id: UUID, answers: Mapping[str, Any], reason: str, actor: Actor) -> EnrolmentData:
    """Change the answers of the enrolment form (a personal target, the date of the last period); the plan follows."""
    work = common.locked(enrolment_id, actor, clock.today())
    common.active(work.enrolment)
    reading = _read(work.programme, answers, judging.person_facts(work.born, work.sex, clock.today()))
    form = forms.form(work.programme.enrol_form, work.programme.effective_from)
    subject = ("programme_enrolment", enrolment_id)
    before = forms.responses(subject)
    forms.save(
        form,
        reading,
        subject=subject,
        resident_id=work.enrolment.resident_id,
        actor=actor,
        replaces=before[0].pk if before else None,
    )
    anchor = counting.anchor_of(work.programme, reading.answers)
    states.transition(
        ENROLMENT,
        work.enrolment,
        "amend",
        actor=actor,
        reason=reason,
        facts=judging.plain(reading.answers),
        anchor_on=anchor,
    )
    settle(enrolment_id, actor=actor)
    return to_data(Enrolment.objects.get(pk=enrolment_id))


@change
def hold(*, enrolment_id: UUID, reason: str, actor: Actor, track: str = "", until: date | None = None) -> UUID:
    """Put a track (all when blank) off until a day, or until it is lifted. Returns the hold's key."""
    work = common.locked(enrolment_id, actor, clock.today())
    common.active(work.enrolment)
    text = common.required(reason, "reason", _("请写明暂缓或禁忌的原因。"))
    if track and track not in planning.tracks(work.programme):
        raise InvalidInput(errors={"track": _("请从列表中选择要暂缓的项目。")})
    if until and until < clock.today():
        raise InvalidInput(errors={"until": _("请选择今天或以后的日期。")})
    with refusing(programme_one_hold_per_track=Conflict(_("这个项目已在暂缓中，请先解除。"))):
        row = Hold.objects.create(
            enrolment_id=enrolment_id, track=track, reason=text, since=clock.today(), until=until, is_lasting=until is None,
            actor_name=actor.name,
        )  # fmt: skip
    settle(enrolment_id, actor=actor)
    return row.id


@change
def lift(*, hold_id: UUID, reason: str, actor: Actor) -> None:
    """The reason to put off has gone: what is due comes back."""
    row = Hold.objects.select_for_update().filter(pk=hold_id).first()
    if row is None:
        raise NotFound()
    common.locked(row.enrolment_id, actor, clock.today())
    if row.lifted_on:
        raise Conflict(_("这项暂缓已于 %(d)s 解除。") % {"d": row.lifted_on})
    row.lifted_on, row.lifted_reason = clock.today(), common.required(reason, "reason", _("请写明解除的依据。"))
    row.save(update_fields=["lifted_on", "lifted_reason"])
    settle(row.enrolment_id, actor=actor)
