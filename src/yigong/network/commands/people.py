"""Staff, posts, qualifications and secondments: one function per change."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.constraints import refusing
from yigong.core.errors import InvalidInput
from yigong.core.events.api import record
from yigong.core.pinyin import initials
from yigong.core.rights import ROLES
from yigong.network import data, errors, events, queries, rules
from yigong.network.commands.shared import check_span, end, lock, set_fields, text
from yigong.network.models import (
    Post,
    Qualification,
    Secondment,
    Staff,
)
from yigong.network.policies import check_may_manage


@change
def create_staff(
    *,
    code: str,
    name: str,
    sex: str,
    actor: Actor,
    phone: str = "",
    title: str = "",
    institution_id: UUID | None = None,
) -> data.StaffData:
    """A new staff member (no post yet); ``institution_id`` is where the person will work and decides who may add them."""
    check_may_manage(actor, institution_id)
    row = Staff(code=rules.fold(code), name=text(name, "name"), sex=sex, phone=phone.strip(), title=title)
    row.initials = initials(row.name)[:40]
    if not row.code:
        raise InvalidInput(errors={"code": _("请填写工号。")})
    if sex not in {"0", "1", "2", "9"}:
        raise InvalidInput(errors={"sex": _("请选择性别。")})
    taken = errors.CodeTaken(errors={"code": _("工号已被使用，请核对。")}, value=row.code)
    with refusing(network_staff_code_key=taken):
        row.save(force_insert=True)
    return queries.staff_data(row)


@change
def change_staff(*, staff_id: UUID, actor: Actor, reason: str, **changes: Any) -> data.StaffData:
    """Change name, sex, phone or title of a staff member with a reason; the number stays."""
    check_may_manage(actor, _home_of(staff_id))
    text(reason, "reason")
    row = lock(Staff, staff_id)
    set_fields(row, changes, {"name", "sex", "phone", "title"})
    row.initials = initials(text(row.name, "name"))[:40]
    row.save()
    return queries.staff_data(row)


@change
def add_qualification(*, staff_id: UUID, kind: str, number: str, actor: Actor, **facts: Any) -> UUID:
    """Record a licence; ``facts`` are the fields of Qualification (practice_class, scope, may_prescribe, expires_on…)."""
    check_may_manage(actor, _home_of(staff_id))
    if kind not in Qualification.Kind.values:
        raise InvalidInput(errors={"kind": _("请选择证书类型。")})
    row = Qualification(staff_id=staff_id, kind=kind, number=rules.fold(number), **facts)
    if not row.number:
        raise InvalidInput(errors={"number": _("请填写证书编号。")})
    taken = errors.CodeTaken(errors={"number": _("这个证书编号已登记，请核对。")}, value=row.number)
    with refusing(qualification_number_once=taken):
        row.save(force_insert=True)
    return row.id


@change
def assign_post(
    *,
    staff_id: UUID,
    institution_id: UUID,
    role: str,
    actor: Actor,
    department_id: UUID | None = None,
    starts_on: date | None = None,
) -> data.PostData:
    """Give a staff member a role at an institution from a day on; the rights of the role begin with it."""
    check_may_manage(actor, institution_id)
    if role not in ROLES:
        raise InvalidInput(errors={"role": _("请选择岗位。")})
    person = lock(Staff, staff_id)
    _check_department(department_id, institution_id)
    row = Post(staff=person, institution_id=institution_id, department_id=department_id, role=role)
    row.starts_on = starts_on or clock.today()
    with refusing(post_no_overlap=errors.PostTwice(staff=person.name)):
        row.save(force_insert=True)
    _bump(staff_id)
    record(events.PostAssigned(post_id=row.id, staff_id=staff_id, institution_id=institution_id, role=role))
    return queries.post_data(row)


@change
def end_post(
    *, post_id: UUID, reason: str, actor: Actor, ends_on: date | None = None, to_institution_id: UUID | None = None
) -> data.PostData:
    """A staff member gives up a post from ``ends_on`` (today: at once); tells who is left with open work."""
    row = lock(Post, post_id)
    check_may_manage(actor, row.institution_id)
    end(row, ends_on or clock.today(), reason)
    _bump(row.staff_id)
    record(
        events.StaffMoved(
            staff_id=row.staff_id,
            post_id=row.id,
            from_institution_id=row.institution_id,
            role=row.role,
            to_institution_id=to_institution_id,
        )
    )
    return queries.post_data(row)


@change
def second_staff(
    *,
    staff_id: UUID,
    institution_id: UUID,
    form: str,
    reason: str,
    actor: Actor,
    department_id: UUID | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> data.SecondmentData:
    """Let a staff member also work at another institution for a time; ``form`` is one of Secondment.Form."""
    check_may_manage(actor, _home_of(staff_id))
    if form not in Secondment.Form.values:
        raise InvalidInput(errors={"form": _("请选择派驻形式。")})
    person = lock(Staff, staff_id)
    _check_department(department_id, institution_id)
    row = Secondment(staff=person, institution_id=institution_id, department_id=department_id, form=form)
    row.reason, row.starts_on, row.ends_on = text(reason, "reason"), starts_on or clock.today(), ends_on
    check_span(row.starts_on, ends_on)
    with refusing(secondment_no_overlap=errors.SecondedTwice(staff=person.name)):
        row.save(force_insert=True)
    _bump(staff_id)
    record(events.SecondmentBegun(secondment_id=row.id, staff_id=staff_id, institution_id=institution_id))
    return _secondment_data(row)


@change
def end_secondment(*, secondment_id: UUID, reason: str, actor: Actor, ends_on: date | None = None) -> None:
    """The widening is over from ``ends_on`` (today: at once)."""
    row = lock(Secondment, secondment_id)
    check_may_manage(actor, _home_of(row.staff_id))
    end(row, ends_on or clock.today(), reason)
    _bump(row.staff_id)
    record(events.SecondmentEnded(secondment_id=row.id, staff_id=row.staff_id, institution_id=row.institution_id))


def _bump(staff_id: UUID) -> None:
    """Sessions compare this version on each request, so a change of rights takes effect at once."""
    Staff.objects.filter(pk=staff_id).update(rights_version=F("rights_version") + 1)


def _home_of(staff_id: UUID) -> UUID | None:
    posts = queries.posts_of(staff_id)
    return posts[0].institution_id if posts else None


def _check_department(department_id: UUID | None, institution_id: UUID) -> None:
    if department_id and queries.department(department_id).institution_id != institution_id:
        raise InvalidInput(errors={"department_id": _("这个科室不属于所选机构，请重新选择。")})


def _secondment_data(row: Secondment) -> data.SecondmentData:
    return data.SecondmentData(
        row.id, row.staff_id, row.institution_id, row.form, row.starts_on, row.ends_on, row.reason
    )
