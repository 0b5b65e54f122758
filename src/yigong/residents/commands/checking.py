"""The rules of particulars applied to what was typed; every field gets its own sentence."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.residents.data import GivenNumber, NewResident
from yigong.residents.models import Resident
from yigong.residents.rules import numbers, people
from yigong.residents.rules.text import has_controls


@dataclass
class Checked:
    """The input after all rules: stored forms, and the sentences about what cannot be accepted."""

    given: NewResident
    values: dict[str, Any] = field(default_factory=dict)
    documents: list[tuple[numbers.CheckedNumber, str]] = field(default_factory=list)
    phone: str = ""
    errors: dict[str, str] = field(default_factory=dict)


def check(given: NewResident) -> Checked:
    checked = Checked(given)
    _check_name_and_mother(checked)
    for place, number in enumerate(given.numbers):
        _check_one_number(checked, number, f"number_{place}" if place else "number")
    _check_particulars(checked)
    _check_birth_and_sex(checked)
    return checked


def _check_name_and_mother(checked: Checked) -> None:
    given = checked.given
    name = given.name
    if given.is_newborn and not name.strip():
        mother = Resident.objects.filter(pk=given.mother_id).first() if given.mother_id else None
        if mother is None:
            checked.errors["mother_id"] = _("新生儿没有姓名时，请先选择母亲。")
            return
        name = people.newborn_name(mother.name, given.sex, given.birth_order)
    try:
        checked.values["name"] = people.check_name(name)
    except people.BadInput as bad:
        checked.errors["name"] = str(bad)


def _check_one_number(checked: Checked, number: GivenNumber, place: str) -> None:
    if not number.value.strip():
        return
    try:
        checked.documents.append((numbers.check_number(number.kind, number.value, clock.today()), number.issuer))
    except numbers.BadNumber as bad:
        checked.errors[place] = str(bad)


def _check_particulars(checked: Checked) -> None:
    given, values, errors = checked.given, checked.values, checked.errors
    try:
        checked.phone = numbers.check_phone(given.phone) if given.phone.strip() else ""
    except numbers.BadNumber as bad:
        errors["phone"] = str(bad)
    try:
        archive = given.archive_number.strip()
        values["archive_number"] = numbers.check_archive_number(archive) if archive else None
    except numbers.BadNumber as bad:
        errors["archive_number"] = str(bad)
    if given.ethnicity and given.ethnicity not in people.ETHNICITY:
        errors["ethnicity"] = _("请从列表中选择民族。")
    if given.birth_precision not in people.PRECISIONS:
        errors["birth_precision"] = _("请选择出生日期准确到日、月、年还是估计。")
    for name, longest in (("address", 200), ("township", 40), ("village", 40)):
        _check_text(checked, name, longest)
    values |= {
        n: getattr(given, n)
        for n in ("ethnicity", "birth_precision", "division_code", "relation_to_head", "is_newborn", "is_test")
    }
    values |= {n: getattr(given, n) for n in ("household_id", "managing_institution_id")}


def _check_text(checked: Checked, name: str, longest: int) -> None:
    text = getattr(checked.given, name)
    if len(text) > longest:
        checked.errors[name] = _("内容过长（%(n)s 个字），最多 %(most)s 个字。") % {"n": len(text), "most": longest}
    elif has_controls(text):
        checked.errors[name] = _("内容中有看不见的控制字符，请删除后重新输入。")
    checked.values[name] = text.strip()


def _check_birth_and_sex(checked: Checked) -> None:
    given, values, errors = checked.given, checked.values, checked.errors
    told = next((n for n, _issuer in checked.documents if n.birth_date), None)
    try:
        values["sex"] = people.check_sex(given.sex)
        values["birth_date"] = people.check_birth(given.birth_date, clock.today())
    except people.BadInput as bad:
        errors["birth_date" if given.sex in people.SEXES else "sex"] = str(bad)
        return
    if told:
        _compare_with_number(checked, told)
    elif values["birth_date"] is None and not errors.get("number"):
        errors["birth_date"] = _("请填写出生日期；只知道年龄时填 1 月 1 日，并把准确程度选为“估计”。")


def _compare_with_number(checked: Checked, told: numbers.CheckedNumber) -> None:
    """Blank particulars are taken from the number; different ones are a question to the clerk, never overwritten in silence."""
    values, errors = checked.values, checked.errors
    if values["birth_date"] is None:
        values["birth_date"], values["birth_precision"] = told.birth_date, "day"
    elif values["birth_date"] != told.birth_date and values["birth_precision"] == "day":
        errors["birth_date"] = _(
            "出生日期与身份证号码（%(d)s）不一致，请核对证件；以证件为准时清空此栏即可自动带出。"
        ) % {"d": told.birth_date}
    if values["sex"] in {"0", "9"}:
        values["sex"] = told.sex
    elif values["sex"] != told.sex:
        errors["sex"] = _("性别与身份证号码第 17 位（%(s)s）不一致，请核对。") % {"s": _(people.SEXES[told.sex])}
