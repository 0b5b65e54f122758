"""Lots of vaccine: taken in, given, spoilt, stopped, recalled. Doses move in the ledger only."""

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.clock import SHANGHAI
from yigong.core.commands import one_at_a_time, racing
from yigong.core.errors import Forbidden, InvalidInput
from yigong.core.ledger import api as ledger
from yigong.core.states import api as states
from yigong.core.ui.shell import address
from yigong.network import api as network
from yigong.programmes import policies
from yigong.programmes.commands import recalls
from yigong.programmes.commands.common import managed, required
from yigong.programmes.errors import LotBlocked
from yigong.programmes.models import Dose, LotStay, VaccineLot, Visit
from yigong.programmes.queries import recalls as found
from yigong.programmes.queries.stock import GIVEN, HELD, SPOILT, STOCK, SUPPLY, balances, stores_of
from yigong.programmes.queries.working import Working
from yigong.programmes.rules import planning
from yigong.programmes.rules.definition import Programme, Stage
from yigong.programmes.rules.packs import Stock, stock_of
from yigong.programmes.rules.workflow import VACCINE_LOT
from yigong.residents import api as residents
from yigong.tasks import api as tasks

_UNIT, _MOST = "dose", 100_000


@racing("programmes.receive_lot")
@change
def receive_lot(
    *, product: str, manufacturer: str, lot: str, expires_on: date, doses: int, actor: Actor, key: UUID, store_id: UUID | None = None
) -> VaccineLot:  # fmt: skip
    """Doses arrive at the actor's institution and go into one of its refrigerators; a lot known there grows. The same key twice is one delivery."""
    policies.require(actor, policies.VACCINES)
    place = actor.institution_id
    if place is None:
        raise Forbidden(_("请以所在机构的岗位登录后登记疫苗入库。"))
    named = {"product": product.strip()[:60], "manufacturer": manufacturer.strip()[:60], "lot": lot.strip()[:40]}
    errors = {name: _("请填写，与疫苗包装一致。") for name, text in named.items() if not text}
    if not 0 < doses <= _MOST:
        errors["doses"] = _("剂数应在 1 到 %(most)s 之间。") % {"most": _MOST}
    if expires_on < clock.today():
        errors["expires_on"] = _("有效期至 %(d)s，已经过期，不能入库。") % {"d": expires_on}
    stores = {site.id for site in stores_of(place)}
    if store_id is not None and store_id not in stores:
        errors["store_id"] = _("请选择本机构在管的冰箱。")
    if errors:
        raise InvalidInput(errors=errors)
    one_at_a_time("vaccine lot", place, named["product"], named["lot"])
    row = VaccineLot.objects.filter(institution_id=place, product=named["product"], lot=named["lot"]).first()
    if row is None:
        row = VaccineLot(institution_id=place, expires_on=expires_on, **named)
        state = "recalled" if found.recalled(named["product"], named["lot"]) else "usable"
        states.start(VACCINE_LOT, row, state, actor=actor, reason="")
    elif (row.manufacturer, row.expires_on) != (named["manufacturer"], expires_on):
        told = {"who": row.manufacturer, "day": row.expires_on}
        raise InvalidInput(errors={"lot": _("这个批号已登记为 %(who)s、有效期至 %(day)s，请核对包装。") % told})
    elif row.state == "held":
        raise InvalidInput(errors={"lot": _("这个批号超温待判定，判定之前不能再入库。")})
    elif row.state == "discarded":
        row = states.transition(VACCINE_LOT, row, "restock", actor=actor)
    if store_id is not None:
        LotStay.objects.get_or_create(lot=row, site_id=store_id, until=None, defaults={"since": clock.today()})
    move(row, SUPPLY, STOCK, doses, key=f"vaccine/in/{key}", actor=actor, reason=_("入库"))
    recalls.moved(row.product, row.lot, actor)
    return row


@racing("programmes.write_off")
@change
def write_off(*, lot_id: UUID, doses: int, reason: str, actor: Actor, key: UUID) -> None:
    """Doses that were broken, warmed or ran out of time, with the reason."""
    row = _mine(lot_id, actor)
    if not 0 < doses <= _MOST:
        raise InvalidInput(errors={"doses": _("剂数应在 1 到 %(most)s 之间。") % {"most": _MOST}})
    text = required(reason, "reason", _("请写明报损原因，例如“超温”“破损”“过期”。"))
    try:
        move(row, STOCK, SPOILT, doses, key=f"vaccine/off/{key}", actor=actor, reason=text)
    except ledger.NotEnough as short:
        raise InvalidInput(errors={"doses": str(short)}) from short
    recalls.moved(row.product, row.lot, actor)


@change
def move_lot(*, lot_id: UUID, store_id: UUID, actor: Actor) -> None:
    """A lot of the own institution lies in this refrigerator from today on, and in no other."""
    row = _mine(lot_id, actor)
    if store_id not in {site.id for site in stores_of(row.institution_id)}:
        raise InvalidInput(errors={"store_id": _("请选择本机构在管的冰箱。")})
    row = VaccineLot.objects.select_for_update(of=("self",)).get(pk=row.id)
    LotStay.objects.filter(lot=row, until=None).exclude(site_id=store_id).update(until=clock.today())
    LotStay.objects.get_or_create(lot=row, site_id=store_id, until=None, defaults={"since": clock.today()})


@change
def judge_lot(*, lot_id: UUID, action: str, reason: str, actor: Actor) -> int:
    """``stop`` or ``free`` a lot of the own institution, ``release`` or ``discard`` one that is held for a judgement or was recalled; ``recall`` it (and
    ``lift`` its recall) wherever it lies. Returns how many institutions."""
    row = _mine(lot_id, actor)
    if action in {"release", "discard"}:
        return _judged(row, action, reason, actor)
    if action == "recall":
        recalls.call_back(product=row.product, lot=row.lot, reason=reason, actor=actor)
        return len(found.houses(row.product, row.lot, policies.places(actor)))
    if action == "lift" and (recall := found.recalled(row.product, row.lot)) is not None:
        houses = found.houses(row.product, row.lot, policies.places(actor))
        recalls.lift_recall(recall_id=recall.id, reason=reason, actor=actor)
        return len(houses)
    states.transition(VACCINE_LOT, row, action, actor=actor, reason=reason)
    return 1


def _judged(row: VaccineLot, action: str, reason: str, actor: Actor) -> int:
    """A held lot may be given again, or all of it is spoilt; the reason stands on the ledger. The last one judged ends the task."""
    source = row.held_by_id
    row = states.transition(VACCINE_LOT, row, action, actor=actor, reason=reason, held_by_id=None)
    left = balances([row.id])[row.id]
    for kind in (HELD,) if action == "release" else (HELD, STOCK):
        if left[kind]:
            target, key = STOCK if action == "release" else SPOILT, f"vaccine/{action}/{row.id}/{row.version}/{kind}"
            move(row, kind, target, left[kind], key=key, actor=actor, reason=reason)
    if source and not VaccineLot.objects.filter(held_by_id=source).exists():
        tasks.resolve_task(key=held_key(source), actor=actor, note=reason)
    recalls.moved(row.product, row.lot, actor)
    return 1


def held_key(record_id: UUID) -> str:
    """The key of the task to judge what a measurement put aside."""
    return f"programmes/held/{record_id}"


def dose_of(programme: Programme, visit: Visit, answers: Mapping[str, Any]) -> Dose | None:
    """The dose that a visit of a programme that gives vaccines gave; None where it gave none."""
    names = stock_of(programme.code)
    if names is None or not answers.get(names.lot):
        return None
    expires = answers.get(names.expires)
    return Dose(
        visit=visit, institution_id=visit.institution_id, product=str(answers.get(names.product, "")).strip()[:60],
        manufacturer=str(answers.get(names.manufacturer, "")).strip()[:60], lot=str(answers[names.lot]).strip()[:40],
        expires_on=date.fromisoformat(expires) if isinstance(expires, str) else expires,
    )  # fmt: skip


def doubts(programme: Programme, stage: Stage, answers: Mapping[str, Any]) -> dict[str, str]:
    """Another vaccine than this visit's, by the name on its packing: somebody looks twice and confirms, or takes the right one."""
    names = stock_of(programme.code)
    words = names.tracks.get(stage.track, []) if names else []
    product = str(answers.get(names.product) or "") if names else ""
    if not names or not words or not product or any(word in product for word in words):
        return {}
    told = {"stage": _(stage.title), "product": product}
    return {names.product: _("这一环节是“%(stage)s”，填的疫苗是“%(product)s”，请核对。") % told}


def give(work: Working, visit: Visit, answers: Mapping[str, Any], actor: Actor, despite: str = "") -> None:
    """Write the dose of a visit and take it from the institution's stock, inside the visit's transaction.

    Refused: past its expiry, of a lot that was stopped or recalled by that day, and one that the stock does not have; ``despite`` says why a dose that
    went in all the same stands, and its person is told of at once. An institution that keeps no stock of the lot gives it all the same; it stands in
    the list of a recall like the others.
    """
    programme = work.programme
    dose, names = dose_of(programme, visit, answers), stock_of(programme.code)
    if dose is None or names is None:
        return
    # The institution's own rows are locked: a lot that is put aside in this instant is either empty by one dose or refused.
    mine = VaccineLot.objects.filter(lot=dose.lot, institution_id=visit.institution_id).order_by("id")
    list(mine.select_for_update(of=("self",)).values_list("id"))
    known = list(VaccineLot.objects.filter(lot=dose.lot).select_related("held_by__site"))
    here = [row for row in known if row.institution_id == visit.institution_id]
    chosen = next((row for row in here if row.product == dose.product), None)
    if here and chosen is None:
        raise InvalidInput(
            errors={
                names.product: _("批号 %(lot)s 在本机构登记的疫苗是“%(what)s”，请核对。")
                % {"lot": dose.lot, "what": here[0].product}
            }
        )
    anyhow = despite.strip()[:200]
    doubt = _doubt(dose, known, visit, names)
    if doubt and not anyhow:
        raise LotBlocked(errors=doubt)
    if chosen is not None and not _taken(chosen, dose, visit, actor, anyhow=bool(anyhow)):
        out = {names.lot: _("批号 %(lot)s 的库存已用完；请先登记入库，或换用其他批号。") % {"lot": dose.lot}}
        if not anyhow:
            raise LotBlocked(errors=out)
        dose.despite = anyhow
    if doubt:
        dose.despite = anyhow
        _tell(work, visit, next(iter(doubt.values())), actor)
    dose.save(force_insert=True)
    recalls.moved(dose.product, dose.lot, actor)


def _doubt(dose: Dose, known: Iterable[VaccineLot], visit: Visit, names: Stock) -> dict[str, str]:
    """Why this dose should not have been given on that day, by the form's item."""
    if dose.expires_on and dose.expires_on < visit.on:
        return {names.expires: _("疫苗有效期至 %(d)s，接种日已过期，请核对。") % {"d": dose.expires_on}}
    recall = found.recalled(dose.product, dose.lot)
    if recall and (since := recall.called_at.astimezone(SHANGHAI).date()) <= visit.on:
        told = {"lot": dose.lot, "state": VACCINE_LOT.label("recalled"), "day": since}
        return {names.lot: _("批号 %(lot)s 自 %(day)s 起“%(state)s”，不能接种；请换用其他批号。") % told}
    for row in known:
        if row.product == dose.product and (why := _refused(row, visit)):
            return {names.lot: why}
    return {}


def _taken(row: VaccineLot, dose: Dose, visit: Visit, actor: Actor, *, anyhow: bool) -> bool:
    """Take the dose from the institution's stock; False where none is left. A lot that was put aside gives one that went in before, or ``anyhow``."""
    aside = HELD if row.state == "held" or (anyhow and not balances([row.id])[row.id][STOCK]) else STOCK
    try:
        with transaction.atomic() if anyhow else nullcontext():
            if aside == HELD:
                why = _("停用前已接种，补录")
                move(row, HELD, STOCK, 1, key=f"vaccine/late/{visit.id}", actor=actor, reason=why)
            dose.posting_id = move(row, STOCK, GIVEN, 1, key=f"vaccine/dose/{visit.id}", actor=actor, reason=_("接种"))
    except ledger.NotEnough:
        return False
    return True


def _tell(work: Working, visit: Visit, why: str, actor: Actor) -> None:
    """Somebody was given what should not have been given: the house that gave it looks after him today."""
    row = work.enrolment
    name = residents.resident_names([row.resident_id])[row.resident_id].name
    level = network.institution(visit.institution_id).level
    tasks.open_task(
        key=f"programmes/despite/{visit.id}", kind="programmes.recall", institution_id=visit.institution_id, urgent=True,
        role="village_doctor" if level == "village" else "gp", title=_("%(name)s已接种不应使用的疫苗，请告知并随访：%(why)s") % {"name": name, "why": why},
        url=address("programmes:done", visit.id), about_resident_id=row.resident_id, due_at=planning.end_of(clock.today() + timedelta(days=1)),
        subject=("programme_visit", visit.id),
    )  # fmt: skip


def _refused(row: VaccineLot, visit: Visit) -> str:
    """Why a lot may not be given at a visit: put aside or stopped here, by that day."""
    since = row.state_since.astimezone(SHANGHAI).date()
    if row.institution_id == visit.institution_id and row.state == "held" and row.held_by and row.held_by.site:
        told = {"lot": row.lot, "store": row.held_by.site.name, "day": row.held_by.on}
        if row.held_by.on <= visit.on:
            return _("批号 %(lot)s 因“%(store)s”%(day)s 超温停用，判定之前不能接种；请换用其他批号。") % told
    blocked = row.institution_id == visit.institution_id and row.state == "stopped"
    told = {"lot": row.lot, "state": VACCINE_LOT.label(row.state), "day": since}
    if blocked and since <= visit.on:
        return _("批号 %(lot)s 自 %(day)s 起“%(state)s”，不能接种；请换用其他批号。") % told
    return ""


def take_back(visit: Visit, reason: str, actor: Actor) -> None:
    """A visit that was entered by mistake: its dose is in stock again."""
    tasks.cancel_task(key=f"programmes/despite/{visit.id}", reason=reason, actor=actor)
    dose = Dose.objects.filter(visit=visit).first()
    if dose is None:
        return
    if dose.posting_id is not None:
        ledger.reverse(dose.posting_id, key=f"vaccine/back/{visit.id}", actor=actor, reason=reason)
    recalls.moved(dose.product, dose.lot, actor)


def move(row: VaccineLot, source: str, target: str, doses: int, *, key: str, actor: Actor, reason: str) -> UUID:
    """Book doses of a lot from one account to another; returns the posting."""
    kinds = {(source, row.id): source == SUPPLY, (target, row.id): False}
    accounts = ledger.open_accounts(kinds, _UNIT)
    entries = [(accounts[source, row.id], -doses), (accounts[target, row.id], doses)]
    return ledger.post(entries, key=key, actor=actor, reason=reason, about=row.id).id


def _mine(lot_id: UUID, actor: Actor) -> VaccineLot:
    return managed(VaccineLot, lot_id, policies.VACCINES, _("这批疫苗由其他机构管理。"), actor)
