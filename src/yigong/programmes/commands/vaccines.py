"""Lots of vaccine: taken in, given, spoilt, stopped, recalled. Doses move in the ledger only."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

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
from yigong.programmes.commands.common import managed, required
from yigong.programmes.models import Dose, VaccineLot, Visit
from yigong.programmes.rules import planning
from yigong.programmes.rules.definition import Programme
from yigong.programmes.rules.packs import stock_of
from yigong.programmes.rules.workflow import VACCINE_LOT
from yigong.tasks import api as tasks

STOCK, SUPPLY, GIVEN, SPOILT = "vaccine.stock", "vaccine.supply", "vaccine.given", "vaccine.spoilt"
_UNIT, _MOST = "dose", 100_000


@racing("programmes.receive_lot")
@change
def receive_lot(*, product: str, manufacturer: str, lot: str, expires_on: date, doses: int, actor: Actor, key: UUID) -> VaccineLot:  # fmt: skip
    """Doses arrive at the actor's institution; a lot known there grows. The same key twice is one delivery."""
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
    if errors:
        raise InvalidInput(errors=errors)
    one_at_a_time("vaccine lot", place, named["product"], named["lot"])
    row = VaccineLot.objects.filter(institution_id=place, product=named["product"], lot=named["lot"]).first()
    if row is None:
        row = VaccineLot(institution_id=place, expires_on=expires_on, **named)
        state = "recalled" if _recalled(named["product"], named["lot"]) else "usable"
        states.start(VACCINE_LOT, row, state, actor=actor, reason="")
    elif (row.manufacturer, row.expires_on) != (named["manufacturer"], expires_on):
        told = {"who": row.manufacturer, "day": row.expires_on}
        raise InvalidInput(errors={"lot": _("这个批号已登记为 %(who)s、有效期至 %(day)s，请核对包装。") % told})
    _move(row, SUPPLY, STOCK, doses, key=f"vaccine/in/{key}", actor=actor, reason=_("入库"))
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
        _move(row, STOCK, SPOILT, doses, key=f"vaccine/off/{key}", actor=actor, reason=text)
    except ledger.NotEnough as short:
        raise InvalidInput(errors={"doses": str(short)}) from short


@change
def judge_lot(*, lot_id: UUID, action: str, reason: str, actor: Actor) -> int:
    """``stop`` or ``free`` a lot of the own institution; ``recall`` (and ``lift`` the recall of) it wherever the actor's view reaches, with a task
    for every institution that has it. Returns how many institutions."""
    row = _mine(lot_id, actor)
    rows = [row]
    if action in {"recall", "lift"}:
        policies.require(actor, policies.RECALL)
        sources = {"recall": ["usable", "stopped"], "lift": ["recalled"]}[action]
        same = VaccineLot.objects.filter(product=row.product, lot=row.lot, state__in=sources)
        allowed = policies.places(actor)
        rows = list((same if allowed is None else same.filter(institution_id__in=allowed)).order_by("id")) or rows
    for one in rows:
        states.transition(VACCINE_LOT, one, action, actor=actor, reason=reason)
        if action == "recall":
            _call_back(one, actor)
        elif action == "lift":
            tasks.cancel_task(key=_recall_key(one), reason=reason, actor=actor)
    return len(rows)


def _recall_key(row: VaccineLot) -> str:
    return f"programmes/recall/{row.id}"


def _call_back(row: VaccineLot, actor: Actor) -> None:
    given = Dose.objects.filter(
        lot=row.lot, product=row.product, institution_id=row.institution_id, visit__void_reason=""
    ).count()
    words = {"product": row.product, "lot": row.lot, "n": given, "left": balances([row.id])[row.id][STOCK]}
    role = "village_doctor" if network.institution(row.institution_id).level == "village" else "gp"
    tasks.open_task(
        key=_recall_key(row), kind="programmes.recall", institution_id=row.institution_id, role=role, urgent=True,
        title=_("%(product)s %(lot)s 召回：本机构已接种 %(n)s 人，库存 %(left)s 剂封存，请逐一通知") % words,
        url=address("programmes:vaccine", row.id), due_at=planning.end_of(clock.today() + timedelta(days=1)),
        subject=("programme_vaccine_lot", row.id),
    )  # fmt: skip


def _recalled(product: str, lot: str) -> bool:
    return VaccineLot.objects.filter(product=product, lot=lot, state="recalled").exists()


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


def give(programme: Programme, visit: Visit, answers: Mapping[str, Any], actor: Actor) -> None:
    """Write the dose of a visit and take it from the institution's stock, inside the visit's transaction.

    Refused: past its expiry, of a lot that was stopped or recalled by that day, and one that the stock does not have. An institution that keeps
    no stock of the lot gives it all the same; it stands in the list of a recall like the others.
    """
    dose, names = dose_of(programme, visit, answers), stock_of(programme.code)
    if dose is None or names is None:
        return
    if dose.expires_on and dose.expires_on < visit.on:
        raise InvalidInput(
            errors={names.expires: _("疫苗有效期至 %(d)s，接种日已过期，请核对。") % {"d": dose.expires_on}}
        )
    known = list(VaccineLot.objects.filter(lot=dose.lot))
    for row in known:
        mine = row.institution_id == visit.institution_id
        since = row.state_since.astimezone(SHANGHAI).date()
        if (
            row.product == dose.product
            and since <= visit.on
            and (row.state == "recalled" or (mine and row.state == "stopped"))
        ):
            told = {"lot": row.lot, "state": VACCINE_LOT.label(row.state), "day": since}
            raise InvalidInput(
                errors={names.lot: _("批号 %(lot)s 自 %(day)s 起“%(state)s”，不能接种；请换用其他批号。") % told}
            )
    here = [row for row in known if row.institution_id == visit.institution_id]
    chosen = next((row for row in here if row.product == dose.product), None)
    if here and chosen is None:
        raise InvalidInput(
            errors={
                names.product: _("批号 %(lot)s 在本机构登记的疫苗是“%(what)s”，请核对。")
                % {"lot": dose.lot, "what": here[0].product}
            }
        )
    if chosen is not None:
        try:
            dose.posting_id = _move(
                chosen, STOCK, GIVEN, 1, key=f"vaccine/dose/{visit.id}", actor=actor, reason=_("接种")
            )
        except ledger.NotEnough:
            raise InvalidInput(
                errors={names.lot: _("批号 %(lot)s 的库存已用完；请先登记入库，或换用其他批号。") % {"lot": dose.lot}}
            ) from None
    dose.save(force_insert=True)


def take_back(visit: Visit, reason: str, actor: Actor) -> None:
    """A visit that was entered by mistake: its dose is in stock again."""
    dose = Dose.objects.filter(visit=visit, posting_id__isnull=False).first()
    if dose is not None and dose.posting_id is not None:
        ledger.reverse(dose.posting_id, key=f"vaccine/back/{visit.id}", actor=actor, reason=reason)


def _move(row: VaccineLot, source: str, target: str, doses: int, *, key: str, actor: Actor, reason: str) -> UUID:
    kinds = {(source, row.id): source == SUPPLY, (target, row.id): False}
    accounts = ledger.open_accounts(kinds, _UNIT)
    entries = [(accounts[source, row.id], -doses), (accounts[target, row.id], doses)]
    return ledger.post(entries, key=key, actor=actor, reason=reason, about=row.id).id


def balances(lot_ids: list[UUID]) -> dict[UUID, dict[str, int]]:
    """Doses in stock, given and spoilt by lot."""
    found = {key: dict.fromkeys((STOCK, GIVEN, SPOILT), 0) for key in lot_ids}
    for kind in (STOCK, GIVEN, SPOILT):
        for key, one in ledger.accounts_of(lot_ids, kind).items():
            found[key][kind] = one.balance
    return found


def _mine(lot_id: UUID, actor: Actor) -> VaccineLot:
    return managed(VaccineLot, lot_id, policies.VACCINES, _("这批疫苗由其他机构管理。"), actor)
