"""Places, institutions and departments: one function per change."""

from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.constraints import refusing
from yigong.core.errors import InvalidInput
from yigong.core.events.api import record
from yigong.core.pinyin import initials
from yigong.network import data, errors, events, queries, rules, tree
from yigong.network.commands.shared import lock, set_fields, text
from yigong.network.models import (
    CountyCounting,
    Department,
    Institution,
    Place,
)
from yigong.network.policies import check_may_manage


@change
def create_place(
    *,
    code: str,
    name: str,
    actor: Actor,
    parent_id: UUID | None = None,
    starts_on: date | None = None,
    predecessor_ids: tuple[UUID, ...] = (),
) -> data.PlaceData:
    """A new area by its national code; a renamed or split area names its predecessors."""
    check_may_manage(actor, None)
    code = rules.fold(code)
    if not code.isdigit() or len(code) not in {6, 9, 12}:
        raise InvalidInput(errors={"code": _("区划代码为 6、9 或 12 位数字，请查国家统计局公布的代码。")})
    row = Place(code=code, name=text(name, "name"), level=rules.place_level(code), parent_id=parent_id)
    row.initials, row.starts_on = initials(row.name)[:40], starts_on
    with refusing(place_code_once=errors.CodeTaken(value=code)):
        row.save(force_insert=True)
    row.predecessors.set(predecessor_ids)  # type: ignore[arg-type]  # the stubs know only whole-number keys
    return queries.place_data(row)


@change
def end_place(*, place_id: UUID, ends_on: date, actor: Actor) -> data.PlaceData:
    """An abolished area: valid until the day before ``ends_on``; addresses that used it keep it."""
    check_may_manage(actor, None)
    row = queries.get(Place, place_id)
    row.ends_on = ends_on
    row.save(update_fields=["ends_on"])
    return queries.place_data(row)


@change
def create_institution(
    *,
    code: str,
    name: str,
    level: str,
    category: str,
    actor: Actor,
    short_name: str = "",
    parent_id: UUID | None = None,
    place_id: UUID | None = None,
    credit_code: str = "",
    ownership: str = "public",
    grade: str = "",
    grade_class: str = "",
    phone: str = "",
    address: str = "",
    opened_on: date | None = None,
) -> data.InstitutionData:
    """A new institution. ``category`` is a WS 218 class (A100, C220, D600…), ``level`` one of Institution.Level."""
    check_may_manage(actor, parent_id)
    row = Institution(
        code=rules.fold(code),
        name=text(name, "name"),
        short_name=text(short_name or name, "short_name")[:30],
        level=level,
        category=rules.fold(category),
        credit_code=rules.fold(credit_code) or None,
        ownership=ownership,
        grade=grade,
        grade_class=grade_class,
        parent_id=parent_id,
        place_id=place_id,
        phone=phone.strip(),
        address=address.strip(),
        opened_on=opened_on,
    )
    _check_institution(row)
    with _institution_codes(row):
        row.save(force_insert=True)
    record(events.InstitutionCreated(institution_id=row.id))
    return queries.institution_data(row)


_INSTITUTION_FIELDS = {
    "name", "short_name", "level", "category", "credit_code", "ownership", "grade", "grade_class", "parent_id",
    "place_id", "phone", "address", "opened_on",
}  # fmt: skip


@change
def change_institution(*, institution_id: UUID, actor: Actor, reason: str, **changes: Any) -> data.InstitutionData:
    """Change facts of an institution (any of name, level, category, parent_id, place_id, phone…) with a reason."""
    check_may_manage(actor, institution_id)
    text(reason, "reason")
    if unknown := set(changes) - _INSTITUTION_FIELDS:
        raise TypeError(f"not a field that may change: {sorted(unknown)}")
    row = Institution.objects.select_for_update().get(pk=queries.get(Institution, institution_id).pk)
    changed = {name: value for name, value in changes.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, rules.fold(value) or None if name == "credit_code" else value)
    if "parent_id" in changed and row.parent_id and row.parent_id in tree.descendants(row.id):
        raise errors.TreeLoop(errors={"parent_id": _(errors.TreeLoop.message)})
    _check_institution(row)
    with _institution_codes(row):
        row.save()
    if changed:
        record(events.InstitutionChanged(institution_id=row.id, fields=tuple(sorted(changed))))
    return queries.institution_data(row)


@change
def close_institution(*, institution_id: UUID, closed_on: date, reason: str, actor: Actor) -> data.InstitutionData:
    """The institution stops working on a day; its records stay readable."""
    check_may_manage(actor, institution_id)
    text(reason, "reason")
    row = queries.get(Institution, institution_id)
    row.closed_on = closed_on
    row.save(update_fields=["closed_on"])
    record(events.InstitutionClosed(institution_id=row.id, closed_on=closed_on))
    return queries.institution_data(row)


@change
def count_in_county(*, institution_id: UUID, counts: bool, starts_on: date, reason: str, actor: Actor) -> None:
    """Decide from a day on whether figures count this institution as within the county; an open earlier decision ends there."""
    check_may_manage(actor, None)
    text(reason, "reason")
    lock(Institution, institution_id)
    open_rows = CountyCounting.objects.filter(institution_id=institution_id, ends_on__isnull=True)
    open_rows.filter(starts_on__lte=starts_on).update(ends_on=starts_on)
    taken = errors.Conflict(_("这段时间内已有“是否计入县域”的决定，请先更改日期。"))
    with refusing(county_counting_no_overlap=taken):
        CountyCounting.objects.create(institution_id=institution_id, counts=counts, starts_on=starts_on, reason=reason)


@change
def create_department(
    *, institution_id: UUID, code: str, name: str, actor: Actor, specialty: str = "", phone: str = ""
) -> data.DepartmentData:
    """A new department; ``specialty`` is a national subject code without dots (0304)."""
    check_may_manage(actor, institution_id)
    row = Department(institution_id=institution_id, code=rules.fold(code), name=text(name, "name"))
    row.specialty, row.phone = specialty.replace(".", "").strip(), phone.strip()
    if not row.code:
        raise InvalidInput(errors={"code": _("请填写科室代码。")})
    if row.specialty and not row.specialty.isdigit():
        raise InvalidInput(errors={"specialty": _("诊疗科目代码为 2、4 或 6 位数字，如 0304。")})
    with refusing(department_code_once=errors.CodeTaken(value=row.code)):
        row.save(force_insert=True)
    return queries.department_data(row)


@change
def change_department(*, department_id: UUID, actor: Actor, reason: str, **changes: Any) -> data.DepartmentData:
    """Change name, specialty or phone of a department with a reason; its code stays."""
    row = lock(Department, department_id)
    check_may_manage(actor, row.institution_id)
    text(reason, "reason")
    set_fields(row, changes, {"name", "specialty", "phone"})
    if row.specialty and not row.specialty.isdigit():
        raise InvalidInput(errors={"specialty": _("诊疗科目代码为 2、4 或 6 位数字，如 0304。")})
    row.save()
    return queries.department_data(row)


def _check_institution(row: Institution) -> None:
    problems: dict[str, str] = {}
    if problem := rules.institution_code_problem(row.code):
        problems["code"] = _(problem)
    if row.credit_code and (problem := rules.credit_code_problem(row.credit_code)):
        problems["credit_code"] = _(problem)
    if row.level not in Institution.Level.values:
        problems["level"] = _("请选择机构级别。")
    if not row.category or not row.category[0].isalpha():
        problems["category"] = _("请选择机构类别。")
    if problems:
        raise InvalidInput(errors=problems)
    row.initials = initials(row.name)[:40]


def _institution_codes(row: Institution) -> Any:
    taken = _("已被其他机构使用，请核对。")
    return refusing(
        network_institution_code_key=errors.CodeTaken(errors={"code": taken}, value=row.code),
        network_institution_credit_code_key=errors.CodeTaken(errors={"credit_code": taken}, value=row.credit_code),
    )
