"""Sessions: a doctor's half day with places in the ledger."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.clinic import policies
from yigong.clinic.commands.errors import SessionThere
from yigong.clinic.data import SessionData
from yigong.clinic.models import Session
from yigong.clinic.queries import sessions as queries
from yigong.clinic.queries.places import level_of
from yigong.clinic.rules import definitions
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.constraints import refusing
from yigong.core.errors import Forbidden, InvalidInput, NotFound
from yigong.core.ledger import api as ledger
from yigong.network import api as network

SOURCE = "clinic.places.published"


@transaction.atomic
def plan_session(
    *, department_id: UUID, staff_id: UUID, day: date, part: str, capacity: int, actor: Actor
) -> SessionData:
    """Publish so many places of a doctor's half day (``part``: morning, afternoon, evening). What is kept for referrals is published there."""
    department = network.department(department_id)
    _check_place(actor, department.institution_id)
    errors = {}
    if part not in queries.PARTS:
        errors["part"] = _("请选择时段。")
    if day < clock.today():
        errors["day"] = _("出诊日期不能早于今天。")
    if not 1 <= capacity <= 300:
        errors["capacity"] = _("号数应在 1–300 之间。")
    posts = {post.staff_id: post.staff_name for post in network.posts_at(department.institution_id)}
    if staff_id not in posts:
        errors["staff_id"] = _("请选择本机构的医生。")
    if errors:
        raise InvalidInput(errors=errors)
    title = network.staff(staff_id).title
    row = Session(
        institution_id=department.institution_id, department_id=department_id, staff_id=staff_id, staff_name=posts[staff_id], title=title,
        day=day, part=part, capacity=capacity, item_code=definitions.consultation_item(title, level_of(department.institution_id)),
    )  # fmt: skip
    with refusing(clinic_session_once=SessionThere()):
        row.save(force_insert=True)
    source = ledger.open_account(SOURCE, row.id, "slot", may_go_negative=True)
    free = ledger.open_account(queries.FREE, row.id, "slot")
    ledger.post(
        [(source.id, -capacity), (free.id, capacity)], key=f"session:{row.id}", actor=actor, reason=_("发布号源")
    )
    return queries.to_data([row])[0]


@transaction.atomic
def stop_session(*, session_id: UUID, reason: str, actor: Actor) -> int:
    """Take a session out of use: its free places vanish. Returns how many people hold a number and must be told."""
    row = Session.objects.select_for_update().filter(pk=session_id).first()
    if row is None:
        raise NotFound()
    _check_place(actor, row.institution_id)
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请填写停诊原因，例如“医师外出”。")})
    if row.stopped_at is None:
        row.stopped_at, row.stopped_reason = clock.now(), reason.strip()[:100]
        row.save(update_fields=["stopped_at", "stopped_reason"])
        source = ledger.open_account(SOURCE, row.id, "slot", may_go_negative=True)
        free = ledger.open_account(queries.FREE, row.id, "slot")
        if left := free.balance:
            ledger.post([(source.id, left), (free.id, -left)], key=f"stop:{row.id}", actor=actor, reason=reason[:200])
    return row.visits.filter(state__in=["waiting", "called"]).count()


def _check_place(actor: Actor, institution_id: UUID) -> None:
    if not actor.has(policies.SESSIONS):
        raise Forbidden(_("您没有安排出诊的权限，请联系本机构管理员。"))
    if not actor.is_system and institution_id not in actor.institution_ids:
        raise Forbidden(_("只能安排本机构医生的出诊。"))
