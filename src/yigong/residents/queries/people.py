"""Reads of residents for pages, other rooms and the duplicate check."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock, statements
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.core.once import once_a_page, remember
from yigong.residents.data import (
    ContactData,
    Dwelling,
    Lifespan,
    MaskedNumber,
    NearMatch,
    ResidentData,
    ResidentName,
    ResidentRow,
    SourceRecordData,
)
from yigong.residents.models import Contact, Identifier, Resident, SourceRecord
from yigong.residents.rules import numbers, people, sealing

# Which document stands for the person in a list, first found wins.
_SHOWN = ("01", "10", "11", "99P", "03", "06", "07", "99B", "12", "08", "04", "99")


@once_a_page
def resident_data(resident_id: UUID) -> ResidentData:
    """The golden view of a person (links followed), masked. No decision is made here: other rooms use ``api.access_resident``."""
    resident = _get(resident_id)
    masked = tuple(_masked_numbers(resident.id))
    phone = _phone(resident)
    years = people.age(resident.birth_date, _age_day(resident)) if resident.birth_date else None
    return ResidentData(
        id=resident.id,
        name=resident.name,
        sex=resident.sex,
        sex_label=_(people.SEXES[resident.sex]),
        birth_date=resident.birth_date,
        birth_precision=resident.birth_precision,
        age_years=years.years if years else None,
        age_text=years.text if years else _("年龄不详"),
        ethnicity=resident.ethnicity,
        ethnicity_label=_(people.ETHNICITY[resident.ethnicity]) if resident.ethnicity in people.ETHNICITY else "",
        masked_number=masked[0].masked if masked else "",
        masked_phone=people.mask_phone(phone),
        archive_number=resident.archive_number or "",
        division_code=resident.division_code,
        township=resident.township,
        village=resident.village,
        address=resident.address,
        household_id=resident.household_id,
        relation_to_head=resident.relation_to_head,
        managing_institution_id=resident.managing_institution_id,
        is_newborn=resident.is_newborn,
        is_test=resident.is_test,
        status=resident.status,
        status_label=_(resident.get_status_display()),
        closed_on=resident.closed_on,
        closed_reason=resident.closed_reason,
        version=resident.version,
        numbers=masked,
        contacts=tuple(_contacts(resident)),
    )


def _get(resident_id: UUID) -> Resident:
    found = statements.objects(Resident, "where id = %(id)s", {"id": resident_id})
    if not found:
        raise NotFound(_("没有找到这位居民，请返回重新查找。"))
    resident = found[0]
    return resident if resident.merged_into_id is None else _get(resident.merged_into_id)


def _age_day(resident: Resident) -> date:
    """The dead do not grow older."""
    return resident.closed_on if resident.status == "deceased" and resident.closed_on else clock.today()


def _age_text(resident: Resident) -> str:
    return people.age(resident.birth_date, _age_day(resident)).text if resident.birth_date else _("年龄不详")


def _phone(resident: Resident) -> str:
    return sealing.unseal(resident.phone_sealed, f"resident.phone:{resident.id}") if resident.phone_sealed else ""


def order_of(kind: str) -> int:
    """The first of a person's documents by this order stands for the person in a list."""
    return _SHOWN.index(kind) if kind in _SHOWN else len(_SHOWN)


def _order(identifier: Identifier) -> int:
    return order_of(identifier.kind)


def _masked_numbers(resident_id: UUID) -> Iterable[MaskedNumber]:
    held = statements.objects(Identifier, "where resident_id = %(id)s and is_active", {"id": resident_id})
    for i in sorted(held, key=_order):
        value = sealing.unseal(i.sealed, f"identifier:{i.id}")
        yield MaskedNumber(i.id, i.kind, _(numbers.KINDS[i.kind].label), people.mask_number(value))


def _contacts(resident: Resident) -> Iterable[ContactData]:
    present = "where resident_id = %(id)s and ended_at is null order by is_guardian desc, since"
    for c in statements.objects(Contact, present, {"id": resident.id}):
        phone = sealing.unseal(c.phone_sealed, f"contact.phone:{c.id}") if c.phone_sealed else ""
        label = _(people.RELATIONS.get(c.relation, people.RELATIONS["97"]))
        yield ContactData(c.id, c.name, c.relation, label, people.mask_phone(phone), c.is_guardian, c.person_id)


def citizen_number(resident_id: UUID) -> str:
    """The full citizen number of a person, empty when there is none; a linked identity may have it under another key."""
    held = Identifier.objects.filter(resident_id__in=identities(resident_id), kind="01", is_active=True).first()
    return sealing.unseal(held.sealed, f"identifier:{held.id}") if held else ""


def full_numbers(resident_id: UUID) -> list[tuple[str, str]]:
    """Label and full value of each document and the phone. Only for the door that decides and logs."""
    resident = _get(resident_id)
    found = [
        (_(numbers.KINDS[i.kind].label), sealing.unseal(i.sealed, f"identifier:{i.id}"))
        for i in sorted(resident.identifiers.filter(is_active=True), key=_order)
    ]
    return [*found, (_("电话"), _phone(resident))] if resident.phone_sealed else found


def phones(ids: Collection[UUID]) -> dict[UUID, str]:
    """Full phone numbers by the keys asked for (links followed), those that are known. Only for the door that decides and logs."""
    wanted = resolve(set(ids))
    found = {r.id: _phone(r) for r in Resident.objects.filter(pk__in=set(wanted.values()))}
    return {key: number for key, today in wanted.items() if (number := found.get(today, ""))}


def own_numbers(resident_id: UUID, kind: str) -> list[str]:
    """The stored values of one kind, for checks inside this room."""
    held = Identifier.objects.filter(resident_id=resident_id, kind=kind, is_active=True)
    return [sealing.unseal(i.sealed, f"identifier:{i.id}") for i in held]


def shown_numbers(ids: Collection[UUID]) -> dict[UUID, str]:
    """The masked number that stands for each resident in a list."""
    best: dict[UUID, Identifier] = {}
    for i in statements.objects(Identifier, "where resident_id = any(%(ids)s) and is_active", {"ids": list(ids)}):
        if i.resident_id not in best or _order(i) < _order(best[i.resident_id]):
            best[i.resident_id] = i
    return {key: people.mask_number(sealing.unseal(i.sealed, f"identifier:{i.id}")) for key, i in best.items()}


def resolve(ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The resident that each key stands for today: itself, or the one it was merged into. Unknown keys are left out."""
    found = dict(Resident.objects.filter(pk__in=ids).values_list("id", "merged_into_id"))
    onward = {key: into for key, into in found.items() if into}
    targets = resolve(set(onward.values())) if onward else {}
    return {key: targets[into] if into else key for key, into in found.items()}


_IDENTITIES = """
with recursive up as (
    select id as asked, id, merged_into_id from residents_resident where id = any(%(ids)s)
    union select up.asked, r.id, r.merged_into_id from residents_resident r join up on r.id = up.merged_into_id
), down as (
    select asked, id from up where merged_into_id is null
    union select down.asked, r.id from residents_resident r join down on r.merged_into_id = down.id
)
select id, asked from down
"""
# Of one key, so that the server plans it once.
_PERSON = _IDENTITIES.replace("= any(%(ids)s)", "= %(id)s").replace(
    "select id, asked from down",
    "select down.id, r.birth_date, r.status, r.closed_on from down join up on up.merged_into_id is null join residents_resident r on r.id = up.id",
)


def identities_of(resident_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """``identities`` of many in one statement: each key under which facts may be stored, and whose of those asked for it is."""
    asked = list(resident_ids)
    if len(asked) == 1:
        return dict.fromkeys(identities(asked[0]), asked[0])
    return {one: one for one in asked} | dict(statements.fetch(_IDENTITIES, {"ids": asked}))


def identities(resident_id: UUID) -> frozenset[UUID]:
    """All keys under which this person's facts may be stored: today's and those merged into it; one statement."""
    return _one(resident_id)[0]


def lifespan(resident_id: UUID) -> Lifespan:
    """Born when, and whether the file is closed: what a calculation needs of a person, in the statement that asks for the identities. NotFound."""
    return _found(_one(resident_id))


def _found(one: tuple[frozenset[UUID], Lifespan | None]) -> Lifespan:
    if one[1] is None:
        raise NotFound(_("没有找到这位居民，请返回重新查找。"))
    return one[1]


def ask_lifespan(resident_id: UUID) -> statements.Asked[Lifespan]:
    """``lifespan`` as a question that travels with others; within one page ``identities`` is answered with it."""

    def read(rows: list[Any]) -> Lifespan:
        one = _read_one(resident_id, rows)
        remember(_one, one, resident_id)
        return _found(one)

    return statements.Asked(_PERSON, {"id": resident_id}, read)


@once_a_page
def _one(resident_id: UUID) -> tuple[frozenset[UUID], Lifespan | None]:
    return _read_one(resident_id, statements.fetch(_PERSON, {"id": resident_id}))


def _read_one(resident_id: UUID, found: Sequence[Any]) -> tuple[frozenset[UUID], Lifespan | None]:
    keys = frozenset(row[0] for row in found) or frozenset({resident_id})
    return keys, Lifespan(*found[0][1:]) if found else None


def resident_names(ids: Collection[UUID]) -> dict[UUID, ResidentName]:
    """Names by the keys asked for (links followed); two queries however many keys."""
    wanted = resolve(set(ids))
    rows = {r.id: r for r in Resident.objects.filter(pk__in=set(wanted.values()))}
    masked = shown_numbers(rows.keys())
    return {
        key: ResidentName(
            today, rows[today].name, rows[today].sex, _(people.SEXES[rows[today].sex]), _age_text(rows[today]),
            masked.get(today, ""), rows[today].status,
        )
        for key, today in wanted.items()
    }  # fmt: skip


def dwellings(ids: Collection[UUID]) -> dict[UUID, Dwelling]:
    """Where people live, by the keys asked for (links followed); for a room that has decided about each."""
    wanted = resolve(set(ids))
    columns = (
        "id",
        "household_id",
        "division_code",
        "village",
        "address",
        "household__division_code",
        "household__address",
    )
    found = {}
    for key, house, division, village, address, *home in Resident.objects.filter(
        pk__in=set(wanted.values())
    ).values_list(*columns):
        found[key] = Dwelling(key, house, home[0] or division, village, home[1] or address)
    return {key: found[today] for key, today in wanted.items()}


def rows_of(
    residents: Sequence[Resident], mine: Collection[UUID] = (), masked: Mapping[UUID, str] | None = None
) -> list[ResidentRow]:
    """Search rows, masked, in the given order; ``masked`` numbers where the caller has read them."""
    masked = shown_numbers([r.id for r in residents]) if masked is None else masked
    return [
        ResidentRow(
            id=r.id,
            name=r.name,
            sex=r.sex,
            sex_label=_(people.SEXES[r.sex]),
            birth_date=r.birth_date,
            age_text=_age_text(r),
            masked_number=masked.get(r.id, ""),
            masked_phone=people.mask_phone(_phone(r)),
            place=r.township + r.village,
            status=r.status,
            status_label=_(r.get_status_display()),
            is_mine=r.managing_institution_id in mine,
            is_test=r.is_test,
        )
        for r in residents
    ]


def places_of(actor: Actor | None) -> list[UUID]:
    """The institutions whose people come first for this actor."""
    if actor is None:
        return []
    return list(actor.institution_ids | ({actor.institution_id} if actor.institution_id else set()))


def holder_match(resident_id: UUID, actor: Actor | None) -> NearMatch:
    """The holder of a number as a certain match."""
    resident = _get(resident_id)
    row = rows_of([resident], places_of(actor))[0]
    return NearMatch(row, "certain", (_("证件号码相同"),), same_name=False)


def sources_of(resident_id: UUID) -> list[SourceRecordData]:
    """Where this person's particulars came from, oldest first."""
    found = SourceRecord.objects.filter(resident_id__in=identities(resident_id)).order_by("since")
    return [
        SourceRecordData(s.id, s.institution_id, s.system, s.local_number, s.resident_id, s.since, s.given)
        for s in found
    ]
