"""Reads of the network. Everything many-valued answers in one statement."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Count, F, Model, Q, QuerySet

from yigong.core import clock, statements
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.core.once import once_a_page
from yigong.network import data, rules, tree
from yigong.network.models import (
    Alliance,
    Centre,
    CentreService,
    CountyCounting,
    Department,
    Duty,
    Institution,
    Membership,
    Place,
    Post,
    Secondment,
    Staff,
)

M = TypeVar("M", bound=Model)


def holding(on: date | None = None, prefix: str = "") -> Q:
    """The condition that a half-open span contains the day (today when not given)."""
    on = on or clock.today()
    ends = f"{prefix}ends_on"
    return Q(**{f"{prefix}starts_on__lte": on}) & (Q(**{f"{ends}__isnull": True}) | Q(**{f"{ends}__gt": on}))


def get(model: type[M], key: UUID, *joined: str) -> M:
    """The row with what is joined to it, or NotFound with a sentence."""
    row = model._default_manager.select_related(*joined).filter(pk=key).first()
    if row is None:
        raise NotFound
    return row


# Places


def place_data(row: Place) -> data.PlaceData:
    """The row as other rooms see it."""
    return data.PlaceData(row.id, row.code, row.name, row.level, row.parent_id)


def place(place_id: UUID) -> data.PlaceData:
    """One place."""
    return place_data(get(Place, place_id))


def place_by_code(code: str, on: date | None = None) -> data.PlaceData | None:
    """The place that carries this area code on that day."""
    return next((place_data(row) for row in _places_on(on).filter(code=code)[:1]), None)


def places_by_code(codes: Iterable[str], on: date | None = None) -> dict[str, data.PlaceData]:
    """The places that carry these area codes on that day, by code; one question however many."""
    return {row.code: place_data(row) for row in _places_on(on).filter(code__in=set(codes))}


def places_below(code: str, level: str | None = None, on: date | None = None) -> list[data.PlaceData]:
    """All places inside an area code, itself included, in code order."""
    prefix = code.rstrip("0") if len(code) == 6 else code
    prefix = prefix + "0" * (len(prefix) % 2) if len(code) == 6 else prefix
    rows = _places_on(on).filter(code__startswith=prefix)
    return [place_data(row) for row in (rows.filter(level=level) if level else rows).order_by("code")]


def search_places(text: str, limit: int = 20) -> list[data.PlaceData]:
    """Places valid today by part of the name, initials or code."""
    rows = _places_on(None).filter(
        Q(name__contains=text) | Q(initials__startswith=text.lower()) | Q(code__startswith=text)
    )
    return [place_data(row) for row in rows.order_by("code")[:limit]]


def _places_on(on: date | None) -> QuerySet[Place]:
    on = on or clock.today()
    return Place.objects.filter(
        Q(starts_on__isnull=True) | Q(starts_on__lte=on), Q(ends_on__isnull=True) | Q(ends_on__gt=on)
    )


# Institutions


def institution_data(row: Institution) -> data.InstitutionData:
    """The row as other rooms see it."""
    return data.InstitutionData(
        id=row.id,
        code=row.code,
        name=row.name,
        short_name=row.short_name,
        level=row.level,
        category=row.category,
        parent_id=row.parent_id,
        phone=row.phone,
        place_id=row.place_id,
        address=row.address,
        credit_code=row.credit_code or "",
        grade=row.grade,
    )


def institution(institution_id: UUID) -> data.InstitutionData:
    """One institution."""
    rows = statements.objects(Institution, "where id = %(id)s", {"id": institution_id})
    return institution_data(rows[0] if rows else get(Institution, institution_id))


def institutions(ids: Iterable[UUID]) -> dict[UUID, data.InstitutionData]:
    """Institutions by key; unknown keys are left out."""
    rows = statements.objects(Institution, "where id = any(%(ids)s)", {"ids": [key for key in ids if key]})
    return {row.id: institution_data(row) for row in rows}


def institutions_by_code(codes: Iterable[str]) -> dict[str, data.InstitutionData]:
    """Institutions by code as stored (``rules.fold``); unknown codes are left out."""
    rows = Institution.objects.filter(code__in={rules.fold(code) for code in codes})
    return {row.code: institution_data(row) for row in rows}


def institutions_seen_by(actor: Actor) -> set[UUID] | None:
    """The institutions whose people an actor's post covers: the own ones and those below; None for everywhere (county and above, the system)."""
    if actor.is_system:
        return None
    if actor.institution_id is None:
        return set()
    if institution(actor.institution_id).level in {"county", "authority"}:
        return None
    return tree.descendants_of(actor.places)


def matching_institutions(text: str = "", level: str | None = None, open_only: bool = True) -> QuerySet[Institution]:
    """Rows by part of the name, initials or code, optionally of one level."""
    rows = Institution.objects.all()
    if open_only:
        rows = rows.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=clock.today()))
    if level:
        rows = rows.filter(level=level)
    for word in text.split():
        folded = rules.fold(word)
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(short_name__icontains=word)
            | Q(initials__contains=folded.lower())
            | Q(code__startswith=folded)
            | Q(credit_code__startswith=folded)
        )
    return rows


def search_institutions(text: str, level: str | None = None, limit: int = 20) -> list[data.InstitutionData]:
    """Institutions working today by part of the name, initials or code, county first."""
    rank = {"county": 0, "township": 1, "village": 2, "authority": 3, "outside": 4}
    rows = matching_institutions(text, level).order_by("code")[: max(limit, 200)]
    return [institution_data(row) for row in sorted(rows, key=lambda row: (rank[row.level], row.code))[:limit]]


def path(institution_id: UUID) -> list[data.InstitutionData]:
    """From the top of the tree down to the institution itself."""
    order = tree.ancestors(institution_id)
    found = institutions(order)
    return [found[key] for key in reversed(order)]


def is_primary_care(institution_id: UUID, definition: str = "P1") -> bool:
    """Whether the institution is primary care by P1 or P2 (see ``rules``); definitions must be named with every figure."""
    return rules.is_primary_care(institution(institution_id).category, definition)


def primary_care_ids(definition: str = "P1") -> set[UUID]:
    """All primary-care institutions by this definition."""
    rows = Institution.objects.values_list("id", "category")
    return {key for key, category in rows if rules.is_primary_care(category, definition)}


def is_counted_in_county(institution_id: UUID, on: date | None = None) -> bool:
    """Whether figures count this institution as within the county: a dated decision, else its level."""
    row = CountyCounting.objects.filter(holding(on), institution_id=institution_id).first()
    return row.counts if row else institution(institution_id).level not in {"outside", "authority"}


def counted_in_county_ids(on: date | None = None) -> set[UUID]:
    """All institutions counted as within the county on that day."""
    decided = dict(CountyCounting.objects.filter(holding(on)).values_list("institution_id", "counts"))
    rows = Institution.objects.values_list("id", "level")
    return {key for key, level in rows if decided.get(key, level not in {"outside", "authority"})}


# Departments


def department_data(row: Department) -> data.DepartmentData:
    """The row as other rooms see it."""
    return data.DepartmentData(row.id, row.institution_id, row.code, row.name, row.specialty)


def departments(institution_id: UUID) -> list[data.DepartmentData]:
    """The open departments of one institution in code order."""
    rows = Department.objects.filter(institution_id=institution_id, closed_on__isnull=True).order_by("code")
    return [department_data(row) for row in rows]


def department(department_id: UUID) -> data.DepartmentData:
    """One department."""
    return department_data(get(Department, department_id))


def departments_many(ids: Iterable[UUID]) -> dict[UUID, data.DepartmentData]:
    """Departments by key."""
    return {row.id: department_data(row) for row in Department.objects.filter(pk__in={key for key in ids if key})}


def departments_by_code(institution_ids: Iterable[UUID]) -> dict[tuple[UUID, str], data.DepartmentData]:
    """All departments of some institutions by institution and code, closed ones included."""
    rows = Department.objects.filter(institution_id__in=set(institution_ids))
    return {(row.institution_id, row.code): department_data(row) for row in rows}


# Staff, posts, duty


def staff_data(row: Staff) -> data.StaffData:
    """The row as other rooms see it."""
    return data.StaffData(row.id, row.code, row.name, row.title, row.phone, row.sex)


def staff(staff_id: UUID) -> data.StaffData:
    """One staff member."""
    return staff_data(get(Staff, staff_id))


def staff_many(ids: Iterable[UUID]) -> dict[UUID, data.StaffData]:
    """Staff by key; unknown keys are left out."""
    rows = statements.objects(Staff, "where id = any(%(ids)s)", {"ids": [key for key in ids if key]})
    return {row.id: staff_data(row) for row in rows}


def staff_by_code(codes: Iterable[str]) -> dict[str, data.StaffData]:
    """Staff by number as stored (``rules.fold``); unknown numbers are left out."""
    return {row.code: staff_data(row) for row in Staff.objects.filter(code__in={rules.fold(code) for code in codes})}


def matching_staff(text: str = "", institution_ids: Iterable[UUID] | None = None) -> QuerySet[Staff]:
    """Staff still employed by part of the name, initials or code; optionally only with a post at these places today."""
    rows = Staff.objects.filter(Q(left_on__isnull=True) | Q(left_on__gt=clock.today()))
    if institution_ids is not None:
        posts = Post.objects.filter(holding(), institution_id__in=institution_ids)
        rows = rows.filter(pk__in=posts.values("staff_id"))
    for word in text.split():
        folded = rules.fold(word)
        rows = rows.filter(
            Q(name__icontains=word) | Q(initials__startswith=folded.lower()) | Q(code__startswith=folded)
        )
    return rows


def search_staff(text: str, institution_id: UUID | None = None, limit: int = 20) -> list[data.StaffData]:
    """Staff by name, initials or code, for pickers."""
    rows = matching_staff(text, None if institution_id is None else [institution_id])
    return [staff_data(row) for row in rows.order_by("code")[:limit]]


def post_data(row: Post) -> data.PostData:
    """The row as other rooms see it; ``staff`` and ``institution`` should be joined."""
    return data.PostData(
        id=row.id,
        staff_id=row.staff_id,
        staff_name=row.staff.name,
        institution_id=row.institution_id,
        institution_name=row.institution.short_name,
        department_id=row.department_id,
        role=row.role,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )


def posts_at(institution_id: UUID, role: str | None = None, on: date | None = None) -> list[data.PostData]:
    """Posts held at an institution on a day, optionally of one role."""
    rows = Post.objects.filter(holding(on), institution_id=institution_id).select_related("staff", "institution")
    return [post_data(row) for row in (rows.filter(role=role) if role else rows).order_by("starts_on", "id")]


def posts_of(staff_id: UUID, on: date | None = None) -> list[data.PostData]:
    """Posts a staff member holds on a day, oldest first."""
    rows = Post.objects.filter(holding(on), staff_id=staff_id).select_related("staff", "institution")
    return [post_data(row) for row in rows.order_by("starts_on", "id")]


def posts_of_many(staff_ids: Iterable[UUID], on: date | None = None) -> dict[UUID, list[data.PostData]]:
    """Posts of several people on a day, in one statement."""
    found: dict[UUID, list[data.PostData]] = {}
    rows = Post.objects.filter(holding(on), staff_id__in=set(staff_ids)).select_related("staff", "institution")
    for row in rows.order_by("starts_on", "id"):
        found.setdefault(row.staff_id, []).append(post_data(row))
    return found


def workplace(staff_id: UUID, on: date | None = None) -> data.Workplace:
    """What rights are built from: posts and secondments that hold on the day."""
    row = get(Staff, staff_id)
    seconded = Secondment.objects.filter(holding(on), staff_id=staff_id).values_list("institution_id", flat=True)
    return data.Workplace(
        staff_id=row.id,
        staff_name=row.name,
        rights_version=row.rights_version,
        posts=tuple(posts_of(staff_id, on)),
        seconded_to=frozenset(seconded),
    )


def duty_data(row: Duty) -> data.DutyData:
    """The row as other rooms see it; ``staff`` should be joined."""
    return data.DutyData(row.id, row.institution_id, row.role, row.staff_id, row.staff.name, row.starts_at, row.ends_at)


def duty_staff(institution_id: UUID, role: str, at: datetime | None = None) -> data.StaffData | None:
    """Who is on duty in this role at this instant (now when not given), or None."""
    at = at or clock.now()
    rows = Duty.objects.filter(
        institution_id=institution_id, role=role, starts_at__lte=at, ends_at__gt=at, cancelled_at__isnull=True
    )
    row = rows.select_related("staff").order_by("starts_at").first()
    return staff_data(row.staff) if row else None


def duties_between(institution_id: UUID, begin: datetime, end: datetime) -> list[data.DutyData]:
    """The shifts at an institution that touch the time span, in order."""
    rows = Duty.objects.filter(
        institution_id=institution_id, starts_at__lt=end, ends_at__gt=begin, cancelled_at__isnull=True
    )
    return [duty_data(row) for row in rows.select_related("staff").order_by("starts_at", "role")]


# Centres


def centre_data(row: Centre) -> data.CentreData:
    """The row as other rooms see it."""
    return data.CentreData(
        row.id, row.kind, row.name, row.institution_id, row.department_id, row.opens_at, row.closes_at, row.phone
    )


def centre(kind: str) -> data.CentreData | None:
    """The community's centre of this kind: the oldest one working today."""
    row = Centre.objects.filter(holding(), kind=kind).order_by("starts_on", "id").first()
    return centre_data(row) if row else None


def centre_by_id(centre_id: UUID) -> data.CentreData:
    """One centre."""
    return centre_data(get(Centre, centre_id))


_SERVING = """
join network_centreservice s on s.centre_id = network_centre.id join (
    with recursive above as (
        select id, parent_id, 0 as depth from network_institution where id = %(id)s
        union select i.id, i.parent_id, depth + 1 from network_institution i join above on i.id = above.parent_id
        where depth < 20
    ) select id, depth from above
) above on above.id = s.institution_id
where s.kind = %(kind)s and s.starts_on <= %(day)s and (s.ends_on is null or s.ends_on > %(day)s)
order by above.depth limit 1
"""


def serving_centre(kind: str, institution_id: UUID, on: date | None = None) -> data.CentreData | None:
    """The shared centre that serves an institution, or the nearest one above it, with this kind of work; None when nobody does."""
    rows = statements.objects(Centre, _SERVING, {"kind": kind, "id": institution_id, "day": on or clock.today()})
    return centre_data(rows[0]) if rows else None


def centres_hosted(institution_id: UUID) -> list[data.CentreData]:
    """The centres that an institution runs today."""
    rows = Centre.objects.filter(holding(), institution_id=institution_id).order_by("kind")
    return [centre_data(row) for row in rows]


def served_by(centre_id: UUID, on: date | None = None) -> set[UUID]:
    """The institutions a centre serves on a day (those named; what they manage is served with them)."""
    rows = CentreService.objects.filter(holding(on), centre_id=centre_id)
    return set(rows.values_list("institution_id", flat=True))


# Alliances


def alliance_data(row: Alliance) -> data.AllianceData:
    """The row as other rooms see it."""
    return data.AllianceData(row.id, row.kind, row.name, row.starts_on, row.ends_on)


def membership_data(row: Membership) -> data.MembershipData:
    """The row as other rooms see it; ``institution`` should be joined."""
    return data.MembershipData(
        id=row.id,
        alliance_id=row.alliance_id,
        kind=row.kind,
        institution_id=row.institution_id,
        institution_name=row.institution.name,
        role=row.role,
        manner=row.manner,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        reason=row.reason,
    )


def alliances(kind: str | None = None, on: date | None = None) -> list[data.AllianceData]:
    """Alliances that exist on a day."""
    rows = Alliance.objects.filter(holding(on))
    return [alliance_data(row) for row in (rows.filter(kind=kind) if kind else rows).order_by("kind", "name")]


def alliance_members(alliance_id: UUID, on: date | None = None) -> list[data.MembershipData]:
    """Who belongs to the alliance on a day, lead first."""
    rows = Membership.objects.filter(holding(on), alliance_id=alliance_id).select_related("institution")
    return [membership_data(row) for row in sorted(rows, key=lambda row: (row.role != "lead", row.institution.code))]


def memberships_of(institution_id: UUID) -> list[data.MembershipData]:
    """All memberships of one institution over time, newest first."""
    rows = Membership.objects.filter(institution_id=institution_id).select_related("institution")
    return [membership_data(row) for row in rows.order_by("-starts_on", "kind")]


def community_of(institution_id: UUID, on: date | None = None) -> data.AllianceData | None:
    """The county medical community of an institution; a village clinic belongs through the institution that manages it."""
    order = tree.ancestors(institution_id)
    rows = Membership.objects.filter(holding(on), kind="community", institution_id__in=order).select_related("alliance")
    by_institution = {row.institution_id: row.alliance for row in rows}
    return next((alliance_data(by_institution[key]) for key in order if key in by_institution), None)


def leads_community(institution_id: UUID) -> bool:
    """Whether the house leads its county medical community."""
    return bool(_led_members(institution_id))


@once_a_page
def led_by(institution_id: UUID) -> frozenset[UUID]:
    """The members of the county medical community that this house leads, with all they manage; empty where it leads none."""
    return frozenset(tree.descendants_of([m.institution_id for m in _led_members(institution_id)]))


def _led_members(institution_id: UUID) -> list[data.MembershipData]:
    community = community_of(institution_id)
    members = alliance_members(community.id) if community else []
    is_lead = any(m.institution_id == institution_id and m.role == "lead" for m in members)
    return members if is_lead else []


# For the pages of this room


def institution_or_none(text: str) -> data.InstitutionData | None:
    """The institution whose key an address carries, None for anything else."""
    try:
        return institutions([UUID(text)]).get(UUID(text))
    except ValueError:
        return None


def listed_institutions(text: str, level: str, primary: str) -> QuerySet[Institution]:
    """Rows of the list, with the institution above; ``primary`` keeps P1 or P2 only."""
    rows = matching_institutions(text, level or None, open_only=False).select_related("parent")
    if primary:
        wanted = Q()
        for start in rules.primary_care_classes(primary):
            wanted |= Q(category__startswith=start)
        rows = rows.filter(wanted)
    return rows.order_by("level", "code")


def listed_staff(text: str, role: str, institution_id: UUID | None) -> QuerySet[Staff]:
    """Rows of the list of staff."""
    rows = matching_staff(text, None if institution_id is None else [institution_id])
    if role:
        rows = rows.filter(pk__in=Post.objects.filter(holding(), role=role).values("staff_id"))
    return rows.order_by("code")


def managed_by(institution_id: UUID) -> list[Institution]:
    """The institutions directly below."""
    return list(Institution.objects.filter(parent_id=institution_id).order_by("level", "code"))


def managed_counts(ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many open institutions each of these manages directly."""
    rows = Institution.objects.filter(parent_id__in=set(ids), closed_on__isnull=True)
    return dict(rows.values_list("parent_id").annotate(Count("id")).order_by())


def memberships_with_alliance(institution_id: UUID) -> QuerySet[Membership]:
    """All memberships of an institution over time."""
    rows = Membership.objects.filter(institution_id=institution_id).select_related("alliance")
    return rows.order_by("-starts_on", "kind")


def membership_rows(alliance_id: UUID) -> QuerySet[Membership]:
    """All memberships of an alliance over time, present ones first."""
    rows = Membership.objects.filter(alliance_id=alliance_id).select_related("institution")
    return rows.order_by(F("ends_on").desc(nulls_first=True), "institution__code")


def alliances_with_members() -> list[tuple[Alliance, str, int]]:
    """Each alliance, the names of its leads today, and how many members it has today."""
    found: dict[UUID, list[Membership]] = {}
    for row in Membership.objects.filter(holding()).select_related("institution"):
        found.setdefault(row.alliance_id, []).append(row)
    return [
        (
            row,
            "、".join(m.institution.name for m in found.get(row.id, []) if m.role == "lead"),
            len(found.get(row.id, [])),
        )
        for row in Alliance.objects.order_by("kind", "name")
    ]


def services_of(institution_id: UUID) -> list[CentreService]:
    """The centres that serve an institution today, its own and those reached through the institutions above; nearest wins."""
    order = tree.ancestors(institution_id)
    rows = CentreService.objects.filter(holding(), institution_id__in=order)
    nearest: dict[str, CentreService] = {}
    for row in rows.select_related("centre__institution", "institution"):
        kept = nearest.get(row.kind)
        if kept is None or order.index(row.institution_id) < order.index(kept.institution_id):
            nearest[row.kind] = row
    return [nearest[kind] for kind in sorted(nearest)]


def service_rows(centre_id: UUID) -> QuerySet[CentreService]:
    """Whom a centre serves and served."""
    rows = CentreService.objects.filter(centre_id=centre_id).select_related("institution")
    return rows.order_by(F("ends_on").desc(nulls_first=True), "institution__code")


def seconded_to(institution_id: UUID) -> QuerySet[Secondment]:
    """Who works here today from elsewhere."""
    return Secondment.objects.filter(holding(), institution_id=institution_id).select_related("staff")
