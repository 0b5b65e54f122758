"""The plan of an institution's year: drafted from the definition, moved and dropped with a reason, done by records."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.clock import SHANGHAI
from yigong.core.commands import one_at_a_time, racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.core.states import api as states
from yigong.core.ui.shell import address
from yigong.network import api as network
from yigong.programmes import policies
from yigong.programmes.models import PlannedActivity, SiteRecord
from yigong.programmes.rules import planning, yearplan
from yigong.programmes.rules import sites as rules
from yigong.programmes.rules.workflow import PLANNED
from yigong.tasks import api as tasks
from yigong.tasks.data import NewTask

SHOWN_BEFORE_DAYS = 7
LONGEST_TOPIC = 60


@racing("programmes.draft_plan")
@change
def draft_plan(*, programme: str, year: int, actor: Actor, institution_id: UUID | None = None) -> int:
    """Make the plan of a year (this one: from today on) by the definition's norms and days; returns how many things it holds. Once a year: what is
    missing later is added one by one."""
    definition, place = _where(programme, institution_id, actor)
    today = clock.today()
    if year not in {today.year, today.year + 1}:
        raise InvalidInput(errors={"year": _("只能编制今年或明年的计划。")})
    one_at_a_time(place)
    if PlannedActivity.objects.filter(programme=programme, institution_id=place, year=year).exists():
        raise Conflict(_("%(y)s 年的计划已经编好，请在计划里增减。") % {"y": year})
    level = network.institution(place).level
    drafts = yearplan.draft(definition, level, year, since=today)
    if not drafts:
        raise Conflict(_("方案没有规定这一级机构要做的工作，请逐项添加。"))
    rows = [_row(programme, place, d.activity, d.on, d.topic, d.occasion) for d in drafts]
    for row in rows:
        states.start(PLANNED, row, "planned", actor=actor, reason=_("按方案编制"))
    _ask(rows, definition)
    return len(rows)


@change
def plan_activity(*, programme: str, activity: str, on: date, topic: str, actor: Actor, institution_id: UUID | None = None) -> PlannedActivity:  # fmt: skip
    """Add one thing to the plan."""
    definition, place = _where(programme, institution_id, actor)
    errors = {}
    if definition.own_work(activity) is None:
        errors["activity"] = _("请选择工作内容。")
    if not topic.strip():
        errors["topic"] = _("请填写主题。")
    if on < clock.today():
        errors["on"] = _("计划日期不能早于今天；已经做过的直接登记活动。")
    if errors:
        raise InvalidInput(errors=errors)
    row = _row(programme, place, activity, on, topic.strip()[:LONGEST_TOPIC], "")
    with refusing(programme_plan_once=_twice(on)):
        states.start(PLANNED, row, "planned", actor=actor)
    _ask([row], definition)
    return row


@change
def move_planned(*, plan_id: UUID, on: date, reason: str, actor: Actor) -> None:
    """Another day, with the reason; its task goes along."""
    row = _own(plan_id, actor)
    if on < clock.today() or on.year != row.year:
        raise InvalidInput(errors={"on": _("请选择今天以后、%(y)s 年以内的日期。") % {"y": row.year}})
    with refusing(programme_plan_once=_twice(on)):
        states.transition(PLANNED, row, "move", actor=actor, reason=reason, on=on)
    tasks.cancel_task(key=key_of(row.id), reason=reason, actor=actor)
    _ask([row], _definition(row.programme))


@change
def drop_planned(*, plan_id: UUID, reason: str, actor: Actor) -> None:
    """It will not be done, and why."""
    row = _own(plan_id, actor)
    states.transition(PLANNED, row, "drop", actor=actor, reason=reason)
    tasks.cancel_task(key=key_of(row.id), reason=reason, actor=actor)


@change
def restore_planned(*, plan_id: UUID, actor: Actor) -> None:
    """It will be done after all."""
    row = _own(plan_id, actor)
    with refusing(programme_plan_once=_twice(row.on)):
        states.transition(PLANNED, row, "restore", actor=actor)
    _ask([row], _definition(row.programme))


def meet(plan_id: UUID, done: SiteRecord, found: rules.Finding | None, actor: Actor) -> None:
    """What was planned is done by a record of the same work (handing out paper is no lecture), unless what was found says otherwise. Within the
    record's transaction."""
    row = _own(plan_id, actor)
    if row.activity != done.activity or row.institution_id != done.institution_id or row.programme != done.programme:
        raise InvalidInput(_("所选计划不是这项工作的计划，请重新选择。"))
    if found is not None and found.unmet:
        return
    states.transition(PLANNED, row, "meet", actor=actor, record=done)
    tasks.resolve_task(key=key_of(row.id), actor=actor, note=_("活动已登记"))


def release(done: SiteRecord, reason: str, actor: Actor) -> None:
    """A record was taken back: what it had met is planned again. Within the transaction."""
    row = PlannedActivity.objects.select_for_update(of=("self",)).filter(record=done).first()
    if row is None:
        return
    states.transition(PLANNED, row, "undo", actor=actor, reason=reason, record=None)
    _ask([row], _definition(row.programme))


def key_of(plan_id: UUID) -> str:
    """The key of a planned thing's task."""
    return f"programmes/plan/{plan_id}"


def _row(programme: str, place: UUID, activity: str, on: date, topic: str, occasion: str) -> PlannedActivity:
    return PlannedActivity(
        programme=programme, institution_id=place, year=on.year, activity=activity, on=on, first_on=on, topic=topic[:LONGEST_TOPIC],
        occasion=occasion[:40],
    )  # fmt: skip


def _ask(rows: Sequence[PlannedActivity], definition: rules.Outreach) -> None:
    """A task for each, seen from a week before on."""
    asked: list[NewTask] = []
    levels = {place: network.institution(place).level for place in {row.institution_id for row in rows}}
    for row in rows:
        what = definition.activity(row.activity)
        shown = datetime.combine(row.on - timedelta(days=SHOWN_BEFORE_DAYS), time(), SHANGHAI)
        role = "village_doctor" if levels[row.institution_id] == "village" else "gp"
        asked.append(
            NewTask(
                key=key_of(row.id), kind="programmes.plan", title=f"{_(what.title) if what else row.activity}：{row.topic}",
                institution_id=row.institution_id, role=role, subject=("programme_plan", row.id),
                url=f"{address('programmes:activity', row.programme, row.activity)}?plan={row.id}", due_at=planning.end_of(row.on),
                hidden_until=shown if shown > clock.now() else None,
            )
        )  # fmt: skip
    tasks.open_tasks(tasks=asked)


def _twice(on: date) -> Conflict:
    return Conflict(_("%(d)s 已有同一主题的这项计划。") % {"d": on})


def _definition(programme: str) -> rules.Outreach:
    found = rules.definitions().get(programme)
    if found is None or not found.is_planned:
        raise NotFound(_("这个方案不编制年度计划。"))
    return found


def _where(programme: str, institution_id: UUID | None, actor: Actor) -> tuple[rules.Outreach, UUID]:
    policies.require(actor, policies.SITES)
    definition, place = _definition(programme), institution_id or actor.institution_id
    if place is None or not policies.manages(actor, place):
        raise Forbidden(_("这个机构不由您所在机构管理，不能替它编制计划。"))
    return definition, place


def _own(plan_id: UUID, actor: Actor) -> PlannedActivity:
    policies.require(actor, policies.SITES)
    row = PlannedActivity.objects.select_for_update(of=("self",)).filter(pk=plan_id).first()
    if row is None or not policies.manages(actor, row.institution_id):
        raise NotFound()
    return row
