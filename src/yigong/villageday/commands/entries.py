"""What a phone brings back: each visit becomes a visit, or waits with both versions side by side."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock, device
from yigong.core.actor import Actor
from yigong.core.audit.api import acting
from yigong.core.changes import change
from yigong.core.commands import one_at_a_time, racing
from yigong.core.errors import DomainError, Forbidden, InvalidInput, NotFound, sentence
from yigong.core.states.api import start, transition
from yigong.core.ui.shell import address
from yigong.network import api as network
from yigong.programmes import api as programmes
from yigong.tasks import api as tasks
from yigong.villageday import policies
from yigong.villageday.data import EntryIn, Told
from yigong.villageday.models import Bundle, Entry
from yigong.villageday.rules import ENTRY, limits


@racing("villageday.receive")
def receive(*, bundle_id: UUID, entries: Sequence[EntryIn], device_at: datetime, actor: Actor) -> list[Told]:
    """Take what a phone brings back, each visit in a transaction of its own: into the record, or into the review. The same visit twice is once.

    ``device_at``: what the phone's clock says now; how far it was ahead at taking along and now puts its times right or shows that they cannot be.
    """
    policies.require(actor, policies.USE)
    bundle = Bundle.objects.filter(pk=bundle_id).first()
    if bundle is None:
        raise NotFound(_("没有找到这个随访包；请重新带走后再录。"))
    if bundle.staff_id != actor.staff_id:
        raise Forbidden(_("这个随访包是别人带走的，请用带走时的账号登录后再上传。"))
    if len(entries) > limits().most_entries:
        raise InvalidInput(_("一次最多上传 %(n)s 条。") % {"n": limits().most_entries})
    now = clock.now()
    back = device_at - now
    told = []
    for entry in sorted(entries, key=lambda e: e.at):
        try:
            with transaction.atomic(), acting(actor, _("离线随访上传")):
                told.append(_take(bundle, entry, back, now, actor))
        except DomainError as refusal:  # not even a person to hang it on: it stays on the phone with the sentence
            told.append(Told(entry.id, "refused", str(refusal)))
    Bundle.objects.filter(pk=bundle.pk).update(returned_at=now)
    return told


def _take(bundle: Bundle, entry: EntryIn, back: timedelta, now: datetime, actor: Actor) -> Told:
    one_at_a_time(entry.id)
    if done := Entry.objects.filter(pk=entry.id).first():
        return Told(done.id, done.state, done.sentence)
    managed = _managed(entry, bundle, actor)
    on, doubt = _day(bundle, entry, back)
    row = Entry(
        id=entry.id, bundle=bundle, enrolment_id=entry.enrolment, resident_id=managed.resident_id, stage=entry.stage[:30], said_on=entry.on, on=on,
        device_at=entry.at, sent_at=now, way=entry.way[:1], answers=entry.answers, confirmed=entry.confirmed, medicines=msgspec.to_builtins(entry.medicines),
        basis={"version": entry.version, "last_on": entry.last_on.isoformat() if entry.last_on else ""},
    )  # fmt: skip
    row.moved_to = managed.institution_id if _has_moved(managed, bundle) else None
    row.why, row.sentence = _conflict(bundle, entry, managed, now) or doubt or ("", "")
    if not row.why:
        row.why, row.sentence = _record(row, actor)
    start(ENTRY, row, "review" if row.why else "accepted", actor=actor, reason=row.sentence)
    if row.why:
        _ask(row, managed, bundle)
    return Told(row.id, row.state, row.sentence)


def _managed(entry: EntryIn, bundle: Bundle, actor: Actor) -> programmes.EnrolmentData:
    """The management the visit was written for. Who lost sight of the person because another institution took over has still written a visit."""
    try:
        return programmes.enrolment(entry.enrolment, actor=actor)
    except Forbidden:
        found = programmes.management(entry.enrolment)
        if found is None or not _has_moved(found, bundle):
            raise
        return found


def _has_moved(managed: programmes.EnrolmentData, bundle: Bundle) -> bool:
    return managed.institution_id not in network.descendants_of({bundle.institution_id})


def _day(bundle: Bundle, entry: EntryIn, back: timedelta) -> tuple[date, tuple[str, str] | None]:
    """The day put right, and the doubt about it: a clock changed meanwhile, or one so wrong that the day is another."""
    taken, within = timedelta(seconds=bundle.clock_ahead), timedelta(minutes=limits().clock_minutes)
    at, _is_sure = device.corrected(entry.at, taken, back, within)
    on = entry.on + device.days_off(entry.at, at)
    words = {
        "": None,
        device.CHANGED: _("手机时间在途中改动过，随访日期无法确定，请核对。"),
        device.OTHER_DAY: _("手机时间与实际相差一天：手机上是 %(said)s，应为 %(on)s，请核对。")
        % {"said": entry.on, "on": on},
    }
    sentence = words[device.doubt(entry.at, taken, back, within)]
    return on, ("clock", sentence) if sentence else None


def _conflict(
    bundle: Bundle, entry: EntryIn, managed: programmes.EnrolmentData, now: datetime
) -> tuple[str, str] | None:
    """Why a visit must be looked at before it goes in."""
    if bundle.revoked_at:
        return "revoked", _("随访包已被收回（%(why)s），请核对后决定是否采用。") % {"why": bundle.revoked_because}
    if now > bundle.expires_at:
        return "expired", _("随访包已于 %(day)s 过期，请核对后决定是否采用。") % {
            "day": f"{bundle.expires_at.astimezone(clock.SHANGHAI):%m-%d}"
        }
    if managed.state != "active":
        words = {"why": managed.ending_title, "on": managed.ended_on}
        return "ended", _("带走之后，这项管理已于 %(on)s 结案（%(why)s）。") % words
    if _has_moved(managed, bundle):
        place = network.institution(managed.institution_id)
        return "moved", _("带走之后，管理已转到%(place)s，由该机构核对后决定是否采用。") % {
            "place": place.short_name or place.name
        }
    if (
        managed.last_on
        and managed.last_on != entry.last_on
        and (entry.last_on is None or managed.last_on > entry.last_on)
    ):
        return "changed", _("带走之后，平台上已有 %(on)s 的另一次随访。") % {"on": managed.last_on}
    return None


def _record(row: Entry, actor: Actor, late_reason: str = "") -> tuple[str, str]:
    """The visit itself, nothing half-written; what refuses it as a code and a sentence. ``late_reason``: why a person lets in what is late, or a dose
    of a lot that was called back or used up meanwhile."""
    try:
        with transaction.atomic():
            done = programmes.record_visit(
                enrolment_id=row.enrolment_id, stage=row.stage, answers=row.answers, actor=actor, on=row.on, way=row.way, confirmed=row.confirmed,
                idempotency_key=row.id, late_reason=late_reason, lot_reason=late_reason, staff_id=row.bundle.staff_id,
                medicines=msgspec.convert(row.medicines, list[programmes.Use]),
            )  # fmt: skip
    except DomainError as refusal:
        return "refused", sentence(refusal)[:400]
    row.visit_id = done.visit.id
    return "", ""


def _ask(row: Entry, managed: programmes.EnrolmentData, bundle: Bundle) -> None:
    role = ""
    if row.moved_to:
        role = "village_doctor" if network.institution(row.moved_to).level == "village" else "gp"
    tasks.open_task(
        key=f"villageday/{row.id}", kind="villageday.review", title=_("离线随访待核对：%(what)s") % {"what": managed.short},
        institution_id=row.moved_to or bundle.institution_id, url=address("villageday:review", row.id), role=role,
        staff_id=None if row.moved_to else bundle.staff_id,
        about_resident_id=managed.resident_id, subject=("village_entry", row.id), due_at=clock.now() + timedelta(days=3),
    )  # fmt: skip


@racing("villageday.accept_entry")
@change
def accept_entry(*, entry_id: UUID, reason: str, actor: Actor, on: date | None = None) -> UUID:
    """Take a waiting visit into the record as the phone wrote it, on its day or another; unlikely values count as confirmed. Returns the visit."""
    row = _waiting(entry_id, actor)
    row.on = on or row.on
    row.confirmed = True
    why, sentence = _record(row, actor, late_reason=reason)
    if why:
        raise InvalidInput(sentence, errors={"on": sentence})
    row = transition(ENTRY, row, "accept", actor=actor, reason=reason, on=row.on, confirmed=True, visit_id=row.visit_id)
    tasks.resolve_task(key=f"villageday/{row.id}", actor=actor, note=_("已采用"))
    assert row.visit_id
    return row.visit_id


@change
def drop_entry(*, entry_id: UUID, reason: str, actor: Actor) -> None:
    """A waiting visit is not taken, with a reason; what was written stays readable."""
    row = transition(ENTRY, _waiting(entry_id, actor), "drop", actor=actor, reason=reason)
    tasks.resolve_task(key=f"villageday/{row.id}", actor=actor, note=_("不采用"))


def _waiting(entry_id: UUID, actor: Actor) -> Entry:
    row = Entry.objects.select_for_update(of=("self",)).filter(pk=entry_id).select_related("bundle").first()
    if row is None:
        raise NotFound(_("没有找到这条离线随访。"))
    if not may_decide(row, actor):
        raise Forbidden(_("由录入的医生或所在机构核对。"))
    return row


def may_decide(row: Entry, actor: Actor) -> bool:
    """The one who wrote it, or somebody with the right to visits at the institution, the one that took the person over, or one above."""
    if actor.is_system or (actor.has(policies.USE) and row.bundle.staff_id == actor.staff_id):
        return True
    places = network.descendants_of(actor.institution_ids)
    return actor.has(policies.USE) and (row.bundle.institution_id in places or row.moved_to in places)
