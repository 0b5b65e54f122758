"""What an assessment found of an institution's standard."""

from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import InvalidInput
from yigong.core.events.api import record
from yigong.network import errors, events, queries, rules
from yigong.network.commands.shared import text
from yigong.network.models import Accreditation, Institution
from yigong.network.policies import check_may_manage
from yigong.network.queries import accreditations


@racing("network.record_accreditation")
@change
def record_accreditation(
    *,
    institution_id: UUID,
    kind: str,
    level: str,
    starts_on: date,
    document: str,
    decided_by: str,
    actor: Actor,
    ends_on: date | None = None,
    note: str = "",
) -> UUID:
    """Write down a verdict from a day on; ``ends_on`` is the first day on which it no longer holds. Not by the institution itself: by who manages it."""
    house = queries.get(Institution, institution_id)
    check_may_manage(actor, house.parent_id)
    fault = {}
    if kind not in rules.standards_of(house.category):
        fault["kind"] = _("“%(name)s”不参加这项评审，请核对机构类别。") % {"name": house.name}
    elif level not in rules.LEVELS[kind]:
        fault["level"] = _("这项评审没有这个结果，请重新选择。")
    if starts_on > clock.today():
        fault["starts_on"] = _("评审结果的日期不能晚于今天。")
    if ends_on and ends_on <= starts_on:
        fault["ends_on"] = _("有效期须晚于起始日期。")
    if fault:
        raise InvalidInput(errors=fault)
    row = Accreditation(
        institution=house, kind=kind, level=level, starts_on=starts_on, ends_on=ends_on, document=text(document, "document"),
        decided_by=text(decided_by, "decided_by"), note=note.strip(), recorded_by=actor.name,
    )  # fmt: skip
    with refusing(accreditation_once=errors.AccreditedAlready(document=row.document)):
        row.save(force_insert=True)
    record(events.AccreditationRecorded(institution_id=house.id, kind=kind, starts_on=starts_on))
    return row.id


@racing("network.withdraw_accreditation")
@change
def withdraw_accreditation(*, accreditation_id: UUID, reason: str, actor: Actor) -> None:
    """Take back a verdict that was entered by mistake: it holds no more, and stays to be seen with who took it back and why."""
    accreditations.verdict(accreditation_id)
    row = Accreditation.objects.select_for_update(of=("self",)).select_related("institution").get(pk=accreditation_id)
    check_may_manage(actor, row.institution.parent_id)
    given = text(reason, "reason")[:200]
    if row.withdrawn_at is not None:
        raise errors.WithdrawnAlready(name=row.withdrawn_by)
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = clock.now(), actor.name, given
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    record(events.AccreditationWithdrawn(institution_id=row.institution_id, kind=row.kind, starts_on=row.starts_on))
