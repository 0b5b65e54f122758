"""Places, institutions, alliances, centres, staff and posts: one function per change."""

from datetime import date, time
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import InvalidInput
from yigong.core.events.api import record
from yigong.core.pinyin import initials
from yigong.core.rights import ROLES
from yigong.network import data, errors, events, queries, rules, tree
from yigong.network.models import (
    Alliance,
    Centre,
    CentreService,
    CountyCounting,
    Department,
    Institution,
    Membership,
    Place,
    Post,
    Qualification,
    Secondment,
    Staff,
)
from yigong.network.policies import check_may_manage

# Places


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


# Institutions


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
    _set(row, changes, {"name", "specialty", "phone"})
    if row.specialty and not row.specialty.isdigit():
        raise InvalidInput(errors={"specialty": _("诊疗科目代码为 2、4 或 6 位数字，如 0304。")})
    row.save()
    return queries.department_data(row)


# Alliances


@change
def create_alliance(
    *,
    kind: str,
    name: str,
    starts_on: date,
    actor: Actor,
    place_id: UUID | None = None,
    specialty: str = "",
    governing_body: str = "",
    charter_number: str = "",
    charter_signed_on: date | None = None,
    charter_ends_on: date | None = None,
    duties: str = "",
) -> data.AllianceData:
    """A new alliance of one of the five kinds with the facts of its charter."""
    check_may_manage(actor, None)
    if kind not in Alliance.Kind.values:
        raise InvalidInput(errors={"kind": _("请选择联合体类型。")})
    row = Alliance(
        kind=kind,
        name=text(name, "name"),
        starts_on=starts_on,
        place_id=place_id,
        specialty=specialty,
        governing_body=governing_body,
        charter_number=charter_number,
        charter_signed_on=charter_signed_on,
        charter_ends_on=charter_ends_on,
        duties=duties,
    )
    with refusing(network_alliance_name_key=errors.CodeTaken(value=name)):
        row.save(force_insert=True)
    return queries.alliance_data(row)


@racing("network.join_alliance")
@change
def join_alliance(
    *,
    alliance_id: UUID,
    institution_id: UUID,
    role: str,
    starts_on: date,
    reason: str,
    actor: Actor,
    manner: str = "agreed",
    agreement_ends_on: date | None = None,
) -> data.MembershipData:
    """An institution joins. Refuses a second membership in the same alliance, a second county community, a second lead."""
    check_may_manage(actor, None)
    alliance = queries.get(Alliance, alliance_id)
    # The lock makes racing joins queue; two exclusion checks at once would end in a deadlock instead of an answer.
    institution = lock(Institution, institution_id)
    lock(Alliance, alliance_id)
    row = Membership(
        alliance=alliance,
        kind=alliance.kind,
        institution=institution,
        role=role,
        manner=manner,
        agreement_ends_on=agreement_ends_on,
        starts_on=starts_on,
        reason=text(reason, "reason"),
    )
    with refusing(
        membership_no_overlap=errors.AlreadyMember(institution=institution.name),
        membership_one_community=errors.AlreadyInCommunity(institution=institution.name),
        membership_one_lead=errors.AlreadyLed(),
    ):
        row.save(force_insert=True)
    record(events.MembershipBegun(membership_id=row.id, alliance_id=alliance.id, institution_id=institution.id))
    return queries.membership_data(row)


@change
def leave_alliance(*, membership_id: UUID, ends_on: date, reason: str, actor: Actor) -> data.MembershipData:
    """A membership ends: ``ends_on`` is the first day on which the institution no longer belongs."""
    check_may_manage(actor, None)
    row = end(lock(Membership, membership_id), ends_on, reason)
    record(
        events.MembershipEnded(
            membership_id=row.id, alliance_id=row.alliance_id, institution_id=row.institution_id, ends_on=ends_on
        )
    )
    return queries.membership_data(row)


# Shared centres


@change
def create_centre(
    *,
    kind: str,
    name: str,
    institution_id: UUID,
    actor: Actor,
    department_id: UUID | None = None,
    opens_at: time | None = None,
    closes_at: time | None = None,
    phone: str = "",
    starts_on: date | None = None,
) -> data.CentreData:
    """A shared centre at its host; without hours it works around the clock."""
    check_may_manage(actor, institution_id)
    if kind not in Centre.Kind.values:
        raise InvalidInput(errors={"kind": _("请选择共享中心类型。")})
    if (opens_at is None) != (closes_at is None):
        raise InvalidInput(errors={"closes_at": _("开放时间请同时填写起止，全天开放则都不填。")})
    row = Centre(kind=kind, name=text(name, "name"), institution_id=institution_id, department_id=department_id)
    row.opens_at, row.closes_at, row.phone = opens_at, closes_at, phone
    row.starts_on = starts_on or clock.today()
    with refusing(centre_once_per_host=errors.CentreTwice()):
        row.save(force_insert=True)
    return queries.centre_data(row)


@change
def serve(
    *, centre_id: UUID, institution_id: UUID, actor: Actor, starts_on: date | None = None, reason: str = ""
) -> None:
    """The centre serves an institution (and what it manages) from a day on; one centre per kind and institution at a time."""
    centre = queries.get(Centre, centre_id)
    check_may_manage(actor, centre.institution_id)
    institution = lock(Institution, institution_id)
    with refusing(centre_service_one_per_kind=errors.AlreadyServed(institution=institution.name)):
        CentreService.objects.create(
            centre=centre,
            kind=centre.kind,
            institution=institution,
            starts_on=starts_on or clock.today(),
            reason=reason,
        )
    record(events.CentreServiceChanged(centre_id=centre.id, institution_id=institution.id, kind=centre.kind))


@change
def end_service(*, service_id: UUID, ends_on: date, reason: str, actor: Actor) -> None:
    """The centre no longer serves this institution from a day on."""
    row = lock(CentreService, service_id)
    check_may_manage(actor, row.centre.institution_id)
    row.ends_on, row.reason = ends_on, text(reason, "reason")
    row.save(update_fields=["ends_on", "reason"])
    record(events.CentreServiceChanged(centre_id=row.centre_id, institution_id=row.institution_id, kind=row.kind))


# Staff


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
    _set(row, changes, {"name", "sex", "phone", "title"})
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


# Shared steps


def text(value: str, field: str) -> str:
    value = value.strip()
    if not value:
        raise InvalidInput(errors={field: _("请填写这一项。")})
    return value


def _set(row: Any, changes: dict[str, Any], allowed: set[str]) -> None:
    if unknown := set(changes) - allowed:
        raise TypeError(f"not a field that may change: {sorted(unknown)}")
    for name, value in changes.items():
        setattr(row, name, value)


def lock(model: Any, key: UUID) -> Any:
    row = model.objects.select_for_update(of=("self",)).filter(pk=key).first()
    if row is None:
        raise errors.NotFound
    return row


def check_span(starts_on: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise InvalidInput(errors={"ends_on": _("结束日期不能早于开始日期。")})


def end(row: Any, ends_on: date, reason: str) -> Any:
    if row.ends_on is not None and row.ends_on <= clock.today():
        raise errors.AlreadyEnded(ends_on=row.ends_on)
    check_span(row.starts_on, ends_on)
    row.ends_on, row.end_reason = ends_on, text(reason, "reason")
    row.save(update_fields=["ends_on", "end_reason"])
    return row


def _bump(staff_id: UUID) -> None:
    """Sessions compare this version on each request, so a change of rights takes effect at once."""
    Staff.objects.filter(pk=staff_id).update(rights_version=F("rights_version") + 1)


def _home_of(staff_id: UUID) -> UUID | None:
    posts = queries.posts_of(staff_id)
    return posts[0].institution_id if posts else None


def _check_department(department_id: UUID | None, institution_id: UUID) -> None:
    if department_id and queries.department(department_id).institution_id != institution_id:
        raise InvalidInput(errors={"department_id": _("这个科室不属于所选机构，请重新选择。")})


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


def _secondment_data(row: Secondment) -> data.SecondmentData:
    return data.SecondmentData(
        row.id, row.staff_id, row.institution_id, row.form, row.starts_on, row.ends_on, row.reason
    )
