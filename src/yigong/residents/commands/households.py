"""Households change: people come and go, a household splits, two become one, another head is named."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.audit.api import acting
from yigong.core.commands import racing
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.core.numbers.api import dated_number
from yigong.residents import policies
from yigong.residents.commands.moving import lock_people
from yigong.residents.models import Household, HouseholdMove, Resident
from yigong.residents.rules import people
from yigong.residents.rules.households import HEAD, OTHER_RELATIVE, relation_after

Kind = HouseholdMove.Kind


@transaction.atomic
def found_household(
    *, head_id: UUID, division_code: str, address: str, reason: str, actor: Actor, on: date | None = None
) -> UUID:
    """A household of its own for one person, who becomes its head; leaves the former one."""
    day = _checked(reason, on)
    head = _people([head_id], _households(of=[head_id]), actor)[head_id]
    _refuse_leaving_head(head, [head_id])
    new = _new_household(division_code, address)
    with acting(actor, reason=reason):
        _move(head, new, "02", Kind.IN, day, reason, actor)
        _set_head(new, head)
    return new.id


@racing("residents.move_in")
@transaction.atomic
def move_in(
    *, household_id: UUID, resident_id: UUID, relation: str, reason: str, actor: Actor, on: date | None = None
) -> None:
    """Somebody joins a household; from another one he moves out at the same time."""
    day = _checked(reason, on)
    _check_relation(relation)
    locked = _households(household_id, of=[resident_id])
    household = _still_open(locked.get(household_id))
    person = _people([resident_id], locked, actor)[resident_id]
    if person.household_id == household.id:
        raise Conflict(_("“%(name)s”已在这一户。") % {"name": person.name})
    _refuse_leaving_head(person, [resident_id])
    with acting(actor, reason=reason):
        first = household.head_id is None
        _move(person, household, "02" if first else relation, Kind.IN, day, reason, actor)
        if first:
            _set_head(household, person)


@transaction.atomic
def move_out(*, resident_id: UUID, reason: str, actor: Actor, on: date | None = None) -> None:
    """Somebody leaves the household and is in none."""
    day = _checked(reason, on)
    person = _people([resident_id], _households(of=[resident_id]), actor)[resident_id]
    if person.household_id is None:
        raise Conflict(_("“%(name)s”不在任何一户。") % {"name": person.name})
    _refuse_leaving_head(person, [resident_id])
    with acting(actor, reason=reason):
        _move(person, None, "", Kind.OUT, day, reason, actor)


@racing("residents.split_household")
@transaction.atomic
def split_household(
    *,
    household_id: UUID,
    member_ids: Sequence[UUID],
    head_id: UUID,
    division_code: str,
    address: str,
    reason: str,
    actor: Actor,
    on: date | None = None,
) -> UUID:
    """Some members become a household of their own under ``head_id``; returns its key. Relations to the new head follow from the old ones."""
    day = _checked(reason, on)
    locked = _households(household_id, of=member_ids)
    household = _still_open(locked.get(household_id))
    chosen = _people(member_ids, locked, actor)
    if not chosen or head_id not in chosen:
        raise InvalidInput(errors={"head_id": _("请勾选要分出的成员，并在其中选定新户主。")})
    strangers = [p.name for p in chosen.values() if p.household_id != household.id]
    if strangers:
        raise Conflict(_("%(names)s已不在这一户，请刷新后重新选择。") % {"names": "、".join(strangers)})
    if household.head_id in chosen and _others(household, chosen):
        raise Conflict(_("户主不能分出去；请先变更户主，再分户。"))
    if not _others(household, chosen):
        raise Conflict(_("全户都要分出时不必分户，请直接修改住址或变更户主。"))
    new = _new_household(division_code or household.division_code, address or household.address)
    old_relation = chosen[head_id].relation_to_head
    with acting(actor, reason=reason):
        for person in chosen.values():
            relation = (
                "02" if person.id == head_id else relation_after(person.relation_to_head, person.sex, old_relation)
            )
            _move(person, new, relation, Kind.SPLIT, day, reason, actor)
        _set_head(new, chosen[head_id])
    return new.id


@racing("residents.merge_households")
@transaction.atomic
def merge_households(
    *, household_id: UUID, other_id: UUID, relation: str, reason: str, actor: Actor, on: date | None = None
) -> None:
    """The people of ``other_id`` join ``household_id``; ``relation`` is what the other head becomes to the head, everybody else of them is
    其他亲属 until corrected. The other household leads here from now on."""
    day = _checked(reason, on)
    _check_relation(relation)
    if household_id == other_id:
        raise InvalidInput(errors={"other_id": _("请选择另外一户。")})
    locked = _households(household_id, other_id)
    household, other = (_still_open(locked.get(key)) for key in (household_id, other_id))
    members = _people(_members(other), locked, actor, closed_too=True)
    with acting(actor, reason=reason):
        for person in members.values():
            theirs = relation if person.id == other.head_id else OTHER_RELATIVE
            _move(person, household, theirs, Kind.MERGE, day, reason, actor)
        other.head_id, other.merged_into = None, household
        other.save(update_fields=["head", "merged_into"])


@racing("residents.change_head")
@transaction.atomic
def change_head(*, household_id: UUID, head_id: UUID, reason: str, actor: Actor, on: date | None = None) -> None:
    """Another member is the head; everybody's relation is said anew from the new head. The former one may have died."""
    day = _checked(reason, on)
    locked = _households(household_id)
    household = _still_open(locked.get(household_id))
    members = _people(_members(household), locked, actor, closed_too=True)
    head = members.get(head_id)
    if head is None or head.status != Resident.Status.ACTIVE:
        raise InvalidInput(errors={"head_id": _("新户主应是本户在册的成员，请重新选择。")})
    if household.head_id == head_id:
        raise Conflict(_("“%(name)s”已是户主。") % {"name": head.name})
    before = head.relation_to_head
    with acting(actor, reason=reason):
        for person in members.values():
            relation = "02" if person.id == head_id else relation_after(person.relation_to_head, person.sex, before)
            _set_relation(person, relation)
        _note(Kind.HEAD, head, household, household, "02", day, reason, actor)
        _set_head(household, head)


@transaction.atomic
def change_relation(*, resident_id: UUID, relation: str, reason: str, actor: Actor, on: date | None = None) -> None:
    """Correct what a member is to the head."""
    day = _checked(reason, on)
    _check_relation(relation)
    person = _people([resident_id], _households(of=[resident_id]), actor)[resident_id]
    if person.household_id is None or person.relation_to_head in HEAD:
        raise Conflict(_("户主的关系不能单独更正，请变更户主。") if person.household_id else _("该居民不在任何一户。"))
    with acting(actor, reason=reason):
        _set_relation(person, relation)
        household = person.household
        _note(Kind.RELATION, person, household, household, relation, day, reason, actor)


@transaction.atomic
def change_household(*, household_id: UUID, division_code: str, address: str, reason: str, actor: Actor) -> None:
    """Correct the household's own address; the addresses in its people's files are theirs."""
    _checked(reason, None)
    policies.require(actor, policies.CHANGE)
    household = _still_open(_households(household_id).get(household_id))
    if household.head_id:
        access.require(actor, "write", Subject("resident", household.head_id))
    with acting(actor, reason=reason):
        household.division_code, household.address = division_code[:12], address.strip()[:200]
        household.save(update_fields=["division_code", "address"])


def _checked(reason: str, on: date | None) -> date:
    day = on or clock.today()
    errors = {}
    if not reason.strip():
        errors["reason"] = _("请填写原因，例如“结婚迁入”“外出务工”“分家另过”。")
    if day > clock.today():
        errors["on"] = _("日期不能晚于今天。")
    if errors:
        raise InvalidInput(errors=errors)
    return day


def _check_relation(relation: str) -> None:
    if relation not in people.RELATIONS or relation in HEAD:
        raise InvalidInput(errors={"relation": _("请从列表中选择与户主的关系。")})


def _households(*keys: UUID, of: Iterable[UUID] = ()) -> dict[UUID, Household]:
    """Lock households, those of these people too, in one order and before any person."""
    theirs = Resident.objects.filter(pk__in=list(of), household__isnull=False).values_list("household", flat=True)
    rows = Household.objects.select_for_update(of=("self",)).filter(pk__in={*keys, *theirs}).order_by("id")
    return {h.id: h for h in rows}


def _members(household: Household) -> list[UUID]:
    return list(Resident.objects.filter(household=household).exclude(status="merged").values_list("id", flat=True))


def _still_open(household: Household | None) -> Household:
    if household is None:
        raise NotFound(_("没有找到这一户，请返回重新查找。"))
    if household.merged_into_id:
        raise Conflict(_("这一户已并入另一户，请打开现在的户再操作。"))
    return household


def _people(
    keys: Iterable[UUID], locked: dict[UUID, Household], actor: Actor, closed_too: bool = False
) -> dict[UUID, Resident]:
    """The people, locked, after the right to change and the decision about each."""
    policies.require(actor, policies.CHANGE)
    found = lock_people(keys)
    for person in found.values():
        if person.household_id and person.household_id not in locked:
            raise Conflict(_("“%(name)s”刚刚被移到另一户，请刷新后再办理。") % {"name": person.name})
        if person.merged_into_id or (person.status != Resident.Status.ACTIVE and not closed_too):
            state = _(person.get_status_display())
            raise Conflict(_("“%(name)s”的档案%(state)s，不能变动户籍。") % {"name": person.name, "state": state})
        access.require(actor, "write", Subject("resident", person.id))
    return found


def _others(household: Household, chosen: Iterable[UUID]) -> bool:
    return Resident.objects.filter(household=household, status="active").exclude(pk__in=list(chosen)).exists()


def _refuse_leaving_head(person: Resident, leaving: Sequence[UUID]) -> None:
    household = person.household
    if household and household.head_id == person.id and _others(household, leaving):
        raise Conflict(_("“%(name)s”是户主，请先为这一户变更户主，再办理迁出。") % {"name": person.name})


def _new_household(division_code: str, address: str) -> Household:
    number = dated_number("household", "H")
    return Household.objects.create(number=number, division_code=division_code[:12], address=address.strip()[:200])


def _move(
    person: Resident, to: Household | None, relation: str, kind: Kind, on: date, reason: str, actor: Actor
) -> None:
    former = person.household
    person.household, person.relation_to_head = to, relation
    person.version += 1
    person.save(update_fields=["household", "relation_to_head", "version"])
    if former and former.head_id == person.id:
        Household.objects.filter(pk=former.id, head_id=person.id).update(head=None)
    _note(kind, person, former, to, relation, on, reason, actor)


def _set_relation(person: Resident, relation: str) -> None:
    if person.relation_to_head != relation:
        person.relation_to_head = relation
        person.version += 1
        person.save(update_fields=["relation_to_head", "version"])


def _set_head(household: Household, head: Resident) -> None:
    household.head_id = head.id
    household.save(update_fields=["head"])


def _note(
    kind: Kind,
    person: Resident,
    former: Household | None,
    to: Household | None,
    relation: str,
    on: date,
    reason: str,
    actor: Actor,
) -> None:
    HouseholdMove.objects.create(
        kind=kind, resident=person, from_household=former, to_household=to, relation=relation, on=on, reason=reason.strip()[:200],
        actor_name=actor.name, staff_id=actor.staff_id, institution_id=actor.institution_id, at=clock.now(),
    )  # fmt: skip
