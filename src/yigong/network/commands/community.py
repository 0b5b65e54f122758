"""Alliances and shared centres: one function per change."""

from datetime import date, time
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import InvalidInput
from yigong.core.events.api import record
from yigong.network import data, errors, events, queries
from yigong.network.commands.shared import end, lock, text
from yigong.network.models import (
    Alliance,
    Centre,
    CentreService,
    Institution,
    Membership,
)
from yigong.network.policies import check_may_manage


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
