"""What several pages show: names for the keys on a page, looked up at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.printing.api import bar_code
from yigong.network import api as network
from yigong.orders.data import OrderData, ServiceDefinition, VersionData, WorklistRow
from yigong.residents import api as residents

TONES = {
    "requested": "info", "accepted": "info", "scheduled": "info", "checked_in": "info", "in_progress": "info",
    "acquired": "info", "repeat": "bad", "uploaded": "info", "reported": "good", "completed": "muted",
    "cancelled": "muted", "rejected": "bad", "refused": "bad", "no_show": "warn", "stopped": "bad",
    "unclaimed": "info", "claimed": "info", "preliminary": "warn", "submitted": "info", "returned": "warn",
    "images_rejected": "bad", "final": "good", "amending": "warn", "amend_submitted": "warn", "amended": "good",
    "withdrawn": "bad", "detected": "bad", "notified": "bad", "unreachable": "bad", "acknowledged": "warn",
    "acted": "good", "closed": "muted",
}  # fmt: skip
"""The tone of each state's badge."""


@dataclass(frozen=True)
class Names:
    """Residents, institutions and staff by key, for templates."""

    residents: dict[UUID, Any]
    institutions: dict[UUID, str]
    staff: dict[UUID, str]

    def resident(self, key: UUID) -> Any:
        """The name of a resident, or None."""
        return self.residents.get(key)

    def institution(self, key: UUID | None) -> str:
        """The short name of an institution."""
        return self.institutions.get(key, "") if key else ""

    def person(self, key: UUID | None) -> str:
        """The name of a staff member."""
        return self.staff.get(key, "") if key else ""


def names_of(rows: Iterable[OrderData | WorklistRow]) -> Names:
    """Every name that a list of orders needs: one query per kind."""
    found = list(rows)
    institutions = {key for row in found for key in (row.requesting_institution_id, row.performing_institution_id)}
    institutions |= {row.reporting_institution_id for row in found if isinstance(row, OrderData)}
    staff = {row.requesting_staff_id for row in found if isinstance(row, OrderData) and row.requesting_staff_id}
    return Names(
        residents.resident_names({row.resident_id for row in found}),
        {key: one.short_name for key, one in network.institutions(institutions).items()},
        {key: one.name for key, one in network.staff_many(staff).items()},
    )


def is_at(actor: Actor, institution_id: UUID) -> bool:
    """Whether the actor works there today."""
    return institution_id in actor.institution_ids or institution_id == actor.institution_id


def sheet_of(
    order: OrderData, version: VersionData, definition: ServiceDefinition, names: Names, state: str
) -> dict[str, Any]:
    """The values of the printed report."""
    who = names.resident(order.resident_id)
    early = definition.kind_word("preliminary", order.group)
    note = _("%(kind)s，以正式报告为准。") % {"kind": early} if version.kind == "preliminary" else ""
    changed = _("补充原因：") if version.kind == "supplement" else _("更正原因：")
    note = _("本报告已撤回。") if state == "withdrawn" else note or (version.reason and changed + version.reason)
    return {
        "title": definition.label + definition.words.get("report", ""), "subtitle": order.item_names,
        "facts": [
            (_("姓名"), who.name if who else ""), (_("性别"), who.sex_label if who else ""),
            (_("年龄"), who.age_text if who else ""), (_("检查号"), order.accession),
            (_("申请单号"), order.number), (_("检查时间"), moment(order.performed_at)),
            (_("申请机构"), names.institution(order.requesting_institution_id)),
            (_("检查机构"), names.institution(order.performing_institution_id)),
            (_("申请医生"), names.person(order.requesting_staff_id)), (_("临床诊断"), order.clinical.diagnosis),
        ],
        "bar": bar_code(order.accession),
        "sections": definition.shows(version.sections), "tables": definition.tables(version.sections),
        "pictures": [(one.caption, list(one.content)) for one in definition.pictures(order.id, version)],
        "impression_label": definition.words.get("impression", _("诊断意见")), "impression": version.impression,
        "note": note or "", "author_label": _("报告医师"), "author": version.author, "reviewer_label": _("审核医师"),
        "reviewer": version.reviewer,
        "digest": _("发布时间 %(at)s 签名摘要 SM3 %(digest)s") % {"at": moment(version.signed_at), "digest": version.digest},
    }  # fmt: skip


def moment(value: datetime | None) -> str:
    """Day and minute in China."""
    return value.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M") if value else "—"
