"""The index of people: the door for other rooms. Keyword-only commands; results are frozen dataclasses of ``residents.data``."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.residents import policies, queries
from yigong.residents.commands import (
    add_contact,
    bind_document,
    change_head,
    change_household,
    change_relation,
    change_resident,
    close_resident,
    confirm_operation,
    create_household,
    decide_group,
    decide_pair,
    decide_safe,
    found_household,
    link_people,
    link_record,
    link_registration,
    merge_households,
    merge_residents,
    move_in,
    move_out,
    refuse_operation,
    register_resident,
    release_document,
    reopen_resident,
    split_household,
    split_resident,
    start_search,
    undo_operation,
    unlink_people,
    unlink_record,
)
from yigong.residents.data import (
    DocumentUse,
    Dwelling,
    GivenNumber,
    MemberData,
    NearMatch,
    NewResident,
    ResidentData,
    ResidentName,
    ResidentPanel,
    ScanAnswer,
)
from yigong.residents.errors import AlreadyMerged, Closed, NumberTaken, SimilarPeople, UndoFirst
from yigong.residents.file import file_address, file_context, filled_panels, panels_for, register_panel
from yigong.residents.holdings import Holder, register_holder
from yigong.residents.matching.files import HEADER as PEOPLE_HEADER
from yigong.residents.matching.files import people_row_problems
from yigong.residents.queries import (
    ask_lifespan,
    document_kinds,
    document_numbers,
    document_uses,
    dwellings,
    family_of,
    household_members,
    identities,
    identities_of,
    lifespan,
    resident_names,
    resolve,
    search_residents,
    sources_of,
)
from yigong.residents.queries.lookups import managing_institutions, residents_by_citizen_number, residents_by_source
from yigong.residents.queries.population import population
from yigong.residents.rules import people
from yigong.residents.rules.households import relation_between
from yigong.residents.rules.numbers import BadNumber, CheckedNumber, check_number, check_phone, years_between
from yigong.residents.rules.sealing import is_signed, sign
from yigong.residents.rules.text import squeeze
from yigong.residents.scanning import read_scan, register_reader

__all__ = [
    "PEOPLE_HEADER",
    "AlreadyMerged",
    "BadNumber",
    "CheckedNumber",
    "Closed",
    "DocumentUse",
    "Dwelling",
    "GivenNumber",
    "Holder",
    "MemberData",
    "NewResident",
    "NumberTaken",
    "ResidentName",
    "ResidentPanel",
    "ScanAnswer",
    "SimilarPeople",
    "UndoFirst",
    "access_resident",
    "add_contact",
    "age_on",
    "ask_lifespan",
    "bind_document",
    "change_head",
    "change_household",
    "change_relation",
    "change_resident",
    "check_citizen_number",
    "check_duplicates",
    "check_number",
    "check_phone",
    "citizen_number",
    "close_resident",
    "confirm_operation",
    "create_household",
    "decide_group",
    "decide_pair",
    "decide_safe",
    "document_kinds",
    "document_numbers",
    "document_uses",
    "dwellings",
    "family_of",
    "file_address",
    "file_context",
    "filled_panels",
    "found_household",
    "household_members",
    "identities",
    "identities_of",
    "identity",
    "is_signed",
    "lifespan",
    "link_people",
    "link_record",
    "link_registration",
    "managing_institutions",
    "merge_households",
    "merge_residents",
    "move_in",
    "move_out",
    "panels_for",
    "people_row_problems",
    "phones_to_ring",
    "population",
    "read_scan",
    "refuse_operation",
    "register_holder",
    "register_panel",
    "register_reader",
    "register_resident",
    "relation_between",
    "relations",
    "release_document",
    "reopen_resident",
    "resident_names",
    "residents_by_citizen_number",
    "residents_by_source",
    "resolve",
    "reveal_numbers",
    "search_residents",
    "sign",
    "sources_of",
    "split_household",
    "split_resident",
    "squeeze",
    "start_search",
    "undo_operation",
    "unlink_people",
    "unlink_record",
]


def access_resident(resident_id: UUID, *, actor: Actor, action: str = "read_detail", purpose: str = "") -> ResidentData:
    """The person behind a key (links followed), after the decision for ``action`` (``read_detail`` or ``write``), which is logged
    with ``purpose``.

    Raises NotFound, or Forbidden with the decision's explanation and next step.
    """
    resident = queries.resident_data(resident_id)
    access.require(actor, action, Subject("resident", resident.id), purpose)
    return resident


def identity(resident_id: UUID) -> ResidentData:
    """The person behind a key (links followed) without a decision: for commands whose right rests on something else (a patient who
    stands at the counter, a handler of an event). Never for a page. NotFound for an unknown key."""
    return queries.resident_data(resident_id)


def reveal_numbers(resident_id: UUID, *, actor: Actor) -> list[tuple[str, str]]:
    """Label and full value of each document number and the phone. Needs ``residents.reveal`` and the right to the file; the read is
    logged with its purpose."""
    if not actor.has(policies.REVEAL):
        raise policies.refusal(policies.REVEAL)
    resident = access_resident(resident_id, actor=actor, purpose=_("查看完整证件号码与电话"))
    return queries.full_numbers(resident.id)


def phones_to_ring(resident_ids: Collection[UUID], *, actor: Actor) -> dict[UUID, str]:
    """Phone numbers for a list of people to ring, by the keys asked for: in full with ``residents.reveal``, masked without. Each person is decided
    and logged; who may not be read, or has no number, is left out."""
    decided = access.decide_many(actor, "read_detail", "resident", set(resident_ids), _("电话随访"))
    numbers = queries.phones([key for key, one in decided.items() if one.allowed])
    return (
        numbers if actor.has(policies.REVEAL) else {key: people.mask_phone(number) for key, number in numbers.items()}
    )


def citizen_number(resident_id: UUID) -> str:
    """The full citizen number, empty when there is none. For interfaces that must send it, after the command's own decision; never for pages."""
    return queries.citizen_number(resident_id)


def check_duplicates(
    *,
    name: str,
    actor: Actor,
    birth_date: date | None = None,
    sex: str = "0",
    numbers: Sequence[GivenNumber] = (),
    phone: str = "",
    township: str = "",
    village: str = "",
    address: str = "",
) -> list[NearMatch]:
    """People who may be the described one, most certain first, masked. Input as typed; what cannot be read is left out."""
    checked = tuple(n for given in numbers if (n := _readable(given)))
    sought = queries.Sought(
        name[:60], birth_date, sex, checked, _readable_phone(phone), township[:40], village[:40], address[:200]
    )
    return queries.near_matches(sought, actor=actor)


def check_citizen_number(text: str) -> CheckedNumber:
    """Normalise (full width, blanks, x, 15 digits) and check a citizen number; BadNumber says what is wrong and what to do."""
    return check_number("01", text, clock.today())


def relations() -> dict[str, str]:
    """Label of each relation between relatives by its code of GB/T 4761 (what the one is to the other), without oneself and the head."""
    return {code: _(label) for code, label in people.RELATIONS.items() if code not in {"01", "02"}}


def age_on(born: date | None, day: date) -> int | None:
    """Completed years of age on a day; None when the birth date is unknown."""
    return years_between(born, day) if born else None


def _readable(given: GivenNumber) -> CheckedNumber | None:
    try:
        return check_number(given.kind, given.value, clock.today())
    except BadNumber:
        return None


def _readable_phone(text: str) -> str:
    try:
        return check_phone(text) if text.strip() else ""
    except BadNumber:
        return ""
