"""Alliances with their members, shared centres with whom they serve."""

from datetime import date
from uuid import UUID

from django.db.models import F, QuerySet

from yigong.core import clock, statements
from yigong.core.once import once_a_page
from yigong.network import data, tree
from yigong.network.models import (
    Alliance,
    Centre,
    CentreService,
    Membership,
)
from yigong.network.queries.basis import get, holding


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
