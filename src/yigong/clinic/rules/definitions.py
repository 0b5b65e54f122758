"""Parameters of the desks and the local price list, both from packs."""

from datetime import date
from decimal import Decimal
from functools import cache

import msgspec
from django.utils.translation import gettext as _

from yigong.clinic.data import CATEGORIES, ItemData
from yigong.core.errors import InvalidInput
from yigong.core.packs.api import Kind, Table, current, register, rows
from yigong.core.pinyin import initials

LEVELS = ("P", "1", "2", "3")
MOST_FOUND = 20
ONE = Decimal(1)


class Registration(msgspec.Struct, forbid_unknown_fields=True):
    """How long a registration holds (the first day included) and what a free follow-up number asks for."""

    valid_days: int
    follow_ups: int
    same_department: bool
    not_higher_title: bool
    only_unfinished: bool
    item_follow_up: str


class Limits(msgspec.Struct, forbid_unknown_fields=True):
    """Plausibility of lines: the most of one item, the longest course, the largest amount of a line in yuan."""

    quantity: int
    course_days: int
    line_amount: int
    back_days: int


class Ward(msgspec.Struct, forbid_unknown_fields=True):
    """What is charged every day without being ordered, beside bed and level of nursing; from ``day_ends`` (hour) on the clock writes what is
    missing of the day."""

    daily_items: list[str]
    nursing_items: list[str]
    charge_last_day: bool
    day_ends: int


class AllergyClass(msgspec.Struct, forbid_unknown_fields=True):
    """Words of medicines that an allergy against a substance also speaks against."""

    substance: str
    also: list[str]


class Consultation(msgspec.Struct, forbid_unknown_fields=True):
    """Which item a consultation costs, by title of the doctor (1 chief … 5); primary care has its own."""

    by_title: dict[str, str]
    ordinary: str
    registration: str


class Parameters(msgspec.Struct, forbid_unknown_fields=True):
    """All parameters of the room."""

    code: str
    version: str
    effective_from: date
    title: str
    hospital_level: str
    emergency_item: str
    village_item: str
    registration: Registration
    consultation: Consultation
    limits: Limits
    ward: Ward
    allergy_class: list[AllergyClass] = []


class ChargeItem(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One row of ``charge-items.csv``: local code, national code, fee type, group of the front page, prices in yuan by level."""

    code: str
    name: str
    national_code: str
    category: str
    group: str
    unit: str
    price_p: str
    price_1: str
    price_2: str
    price_3: str
    most: str
    order_code: str = ""
    medicine_code: str = ""
    source: str
    certainty: str

    def __post_init__(self) -> None:
        if self.category not in CATEGORIES:
            raise ValueError(f"费用类别 {self.category} 不在 {'、'.join(CATEGORIES)} 之中")
        for price in (self.price_p, self.price_1, self.price_2, self.price_3, self.most):
            if not price.replace(".", "", 1).isdigit():
                raise ValueError(f"价格或数量 {price!r} 不是数")


PARAMETERS: Kind[Parameters] = register(Kind("clinic", "clinic.toml", Parameters))
ITEMS: Table[ChargeItem] = register(Table("charge_items", "charge-items.csv", ChargeItem))


def parameters(on: date | None = None) -> Parameters:
    """The parameters in force on a day (today when not given)."""
    return current(PARAMETERS, "clinic", on)


def level_of(*, is_primary: bool, grade: str) -> str:
    """``P`` at primary care, else the hospital level; a hospital without a grade counts as the parameter says."""
    if is_primary:
        return "P"
    return grade if grade in LEVELS else parameters().hospital_level


def item(code: str, level: str) -> ItemData:
    """One item with its price at an institution's level; InvalidInput when the price list does not know it."""
    row = rows(ITEMS).get(code)
    if row is None:
        raise InvalidInput(errors={"item": _("收费目录中没有“%(code)s”，请从列表中重新选择。") % {"code": code}})
    return _data(row, level)


def find_items(text: str, level: str, categories: frozenset[str] | None = None) -> list[ItemData]:
    """By part of the name, initials or code; names that begin with the text first."""
    wanted = text.strip().lower()
    found = [
        row
        for row in rows(ITEMS).values()
        if (categories is None or row.category in categories)
        and (not wanted or wanted in row.name.lower() or row.code.lower().startswith(wanted) or _letters(row.name).startswith(wanted))
    ]  # fmt: skip
    found.sort(key=lambda row: not (row.name.startswith(text.strip()) or _letters(row.name) == wanted))
    return [_data(row, level) for row in found[:MOST_FOUND]]


@cache
def _letters(name: str) -> str:
    return initials(name)


def _data(row: ChargeItem, level: str) -> ItemData:
    price = {"P": row.price_p, "1": row.price_1, "2": row.price_2, "3": row.price_3}[level]
    return ItemData(
        code=row.code, name=row.name, initials=_letters(row.name), national_code=row.national_code, category=row.category,
        category_label=str(CATEGORIES[row.category][1]), front_page_group=row.group, unit=row.unit, unit_price=Decimal(price),
        most=Decimal(row.most), order_code=row.order_code, medicine_code=row.medicine_code, source=row.source, certainty=row.certainty,
    )  # fmt: skip


def all_items(level: str) -> list[ItemData]:
    """The whole price list at one level, in file order."""
    return [_data(row, level) for row in rows(ITEMS).values()]


def stamp() -> str:
    """Code and version of the parameters in force, kept with what was made under them."""
    found = parameters()
    return f"{found.code} {found.version}"


def consultation_item(title: str, level: str) -> str:
    """The item of a consultation by the doctor's title; one for all at primary care."""
    given = parameters()
    return given.village_item if level == "P" else given.consultation.by_title.get(title, given.consultation.ordinary)


def registration_items(consultation: str, level: str) -> list[str]:
    """What an ordinary registration charges: the consultation, and at hospitals the registration fee."""
    return [consultation] if level == "P" else [parameters().consultation.registration, consultation]


def medicine_code(item_code: str) -> str:
    """The code of the common medicines that an item of the price list stands for; blank when it has none."""
    row = rows(ITEMS).get(item_code)
    return row.medicine_code if row else ""


def is_item(code: str) -> bool:
    """Whether the price list has this code."""
    return code in rows(ITEMS)
