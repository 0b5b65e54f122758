"""Calling a lot back, telling everybody who was given it, and the end of it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.commands import one_at_a_time, racing
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.core.states import api as states
from yigong.core.ui.shell import address
from yigong.network import api as network
from yigong.programmes import policies
from yigong.programmes.commands.common import required
from yigong.programmes.models import Dose, Recall, RecallContact, VaccineLot
from yigong.programmes.queries import recalls
from yigong.programmes.queries.recalls import House
from yigong.programmes.rules import planning
from yigong.programmes.rules.workflow import RECALL, VACCINE_LOT
from yigong.tasks import api as tasks


@racing("programmes.call_back")
@change
def call_back(*, product: str, lot: str, reason: str, actor: Actor) -> Recall:
    """Call a lot back: sealed wherever the actor's view reaches, blocked for everybody, a task for every institution that has it, gave it, or whose
    people were given it. A lot that nobody has and nobody was given is closed at once and stays blocked. Called again by somebody who sees further,
    it reaches those too; again without anything new is a Conflict."""
    policies.require(actor, policies.RECALL)
    product, lot = product.strip()[:60], lot.strip()[:40]
    errors = {name: _("请填写，与疫苗包装一致。") for name, text in (("product", product), ("lot", lot)) if not text}
    if errors:
        raise InvalidInput(errors=errors)
    why = required(reason, "reason", _("请写明召回的依据，例如“国家药监局召回通知”。"))
    one_at_a_time("vaccine recall", product, lot)
    places = policies.places(actor)
    rows = VaccineLot.objects.filter(product=product, lot=lot, state__in=["usable", "held", "stopped"]).order_by("id")
    sealed = list(rows if places is None else rows.filter(institution_id__in=places))
    row = recalls.recalled(product, lot)
    if row is None:
        row = Recall(product=product, lot=lot, reason=why, institution_id=actor.institution_id, called_at=clock.now())
        states.start(RECALL, row, "open", actor=actor, reason=why)
    elif not sealed:
        told = {"day": row.called_at.astimezone(clock.SHANGHAI).date()}
        raise Conflict(_("这个批号已于 %(day)s 召回，您所辖的机构没有新的库存要封存。") % told)
    else:
        row = states.transition(RECALL, row, "extend", actor=actor, reason=why)
    for one in sealed:
        states.transition(VACCINE_LOT, one, "recall", actor=actor, reason=why)
    reached = recalls.houses(product, lot, places, row)
    _ask(row, reached.values())
    return _settled(row, actor)


def _key(row: Recall, place: UUID) -> str:
    return f"programmes/recall/{row.id}/{place}"


def _ask(row: Recall, houses: Iterable[House]) -> None:
    """A task for every house that has something to do."""
    waiting = {h.institution_id: h for h in houses if not h.is_done}
    for place, level in {i.id: i.level for i in network.institutions(waiting).values()}.items():
        house = waiting[place]
        words = {"product": row.product, "lot": row.lot, "n": house.given, "m": house.elsewhere, "left": house.left}
        tasks.open_task(
            key=_key(row, place), kind="programmes.recall", institution_id=place, role="village_doctor" if level == "village" else "gp", urgent=True,
            title=_("%(product)s %(lot)s 召回：本机构已接种 %(n)s 人，管理对象在别处接种 %(m)s 人，库存 %(left)s 剂封存，请逐一通知") % words,
            url=address("programmes:recall", row.id), due_at=planning.end_of(clock.today() + timedelta(days=1)), subject=("programme_recall", row.id),
        )  # fmt: skip


@racing("programmes.note_contact")
@change
def note_contact(*, recall_id: UUID, dose_id: UUID, outcome: str, actor: Actor, note: str = "") -> RecallContact:
    """What became of telling one person of the recall; the house where nobody is left to tell and nothing lies sealed is done."""
    policies.require(actor, policies.VACCINES)
    row = _locked(recall_id)
    dose = Dose.objects.select_related("visit__enrolment").filter(pk=dose_id, product=row.product, lot=row.lot).first()
    if dose is None or dose.visit.void_reason:
        raise NotFound(_("名单上没有这一剂。"))
    if not any(policies.manages(actor, p) for p in (dose.institution_id, dose.visit.enrolment.institution_id)):
        raise Forbidden(_("由接种机构或管理机构通知。"))
    if outcome not in RecallContact.Outcome.values:
        raise InvalidInput(errors={"outcome": _("请选择通知结果。")})
    text = required(note, "note", _("请写明有什么不适、怎样处理。")) if outcome == "unwell" else note.strip()[:200]
    said = {"outcome": outcome, "note": text, "at": clock.now(), "staff_id": actor.staff_id, "actor_name": actor.name}
    contact, _made = RecallContact.objects.update_or_create(recall=row, dose=dose, defaults=said)
    _settled(row, actor)
    return contact


def moved(product: str, lot: str, actor: Actor) -> None:
    """Doses came, left the house or were given (or a dose was taken back) of a lot that may be recalled: who has something to do is asked, who is done is
    not; a closed recall that has something to do again is open."""
    found = recalls.recalled(product, lot)
    if found is None:
        return
    row = _locked(found.id)
    houses = recalls.houses(product, lot, None, row)
    if row.state == "closed" and not all(h.is_done for h in houses.values()) and not _was_closed_by_hand(row):
        row = states.transition(
            RECALL, row, "resume", actor=replace(actor, role="system"), reason=_("又有库存或接种对象")
        )
    if row.state == "open":
        _ask(row, houses.values())
        _settled(row, actor)


def _was_closed_by_hand(row: Recall) -> bool:
    return states.history(row.id)[-1].action == "close"


def _settled(row: Recall, actor: Actor) -> Recall:
    """End the tasks of the houses that are done; the recall is closed when all are."""
    every = recalls.houses(row.product, row.lot, None, row)
    done = [_key(row, place) for place, house in every.items() if house.is_done]
    if done:
        tasks.resolve_tasks(keys=done, actor=actor, note=_("已逐一通知，没有库存"))
    if row.state == "open" and all(h.is_done for h in every.values()):
        people = recalls.doses_of(row.product, row.lot).count()
        text = _("接种过的 %(n)s 人都已通知，没有封存的库存。") if people else _("没有机构有库存，也没有人接种过。")
        by = replace(actor, role="system")  # the rule ends it; who did the last thing stays in the history
        return states.transition(RECALL, row, "finish", actor=by, reason=text % {"n": people})
    return row


@change
def close_recall(*, recall_id: UUID, reason: str, actor: Actor) -> Recall:
    """End a recall although somebody could not be told or doses still lie sealed: with the reason, its tasks end, the lot stays blocked."""
    policies.require(actor, policies.RECALL)
    row = _mine(_locked(recall_id), actor)
    row = states.transition(RECALL, row, "close", actor=actor, reason=reason)
    _cancel(row, reason, actor)
    return row


@change
def lift_recall(*, recall_id: UUID, reason: str, actor: Actor) -> Recall:
    """The recall was withdrawn: lots may be given again (one that waited for a judgement of its temperature waits again), tasks end."""
    policies.require(actor, policies.RECALL)
    row = _mine(_locked(recall_id), actor)
    for one in VaccineLot.objects.filter(product=row.product, lot=row.lot, state="recalled").order_by("id"):
        source = one.held_by_id
        free = states.transition(VACCINE_LOT, one, "lift", actor=actor, reason=reason, held_by_id=None)
        if source:
            why = _("召回前超温，尚未判定")
            states.transition(VACCINE_LOT, free, "hold", actor=actor, reason=why, held_by_id=source)
    row = states.transition(RECALL, row, "lift", actor=actor, reason=reason)
    _cancel(row, reason, actor)
    return row


def _cancel(row: Recall, reason: str, actor: Actor) -> None:
    every = recalls.houses(row.product, row.lot, None, row)
    tasks.cancel_tasks(keys=[_key(row, place) for place in every], reason=reason, actor=actor)


def _locked(recall_id: UUID) -> Recall:
    row = Recall.objects.select_for_update(of=("self",)).filter(pk=recall_id).first()
    if row is None:
        raise NotFound(_("没有找到这次召回。"))
    return row


def _mine(row: Recall, actor: Actor) -> Recall:
    if row.institution_id is not None and not policies.manages(actor, row.institution_id):
        raise Forbidden(_("由发起召回的机构或其上级办理。"))
    return row
