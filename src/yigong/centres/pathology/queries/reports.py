"""What the shared pages of an order show of pathology, and what a report takes from its specimens."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.centres.pathology.models import Case, Picture
from yigong.centres.pathology.queries import specimens
from yigong.centres.pathology.rules import catalogue
from yigong.core.actor import system
from yigong.core.pictures import api as kept_pictures
from yigong.orders import api as orders
from yigong.orders.data import ReportPicture, VersionData, ViewerLink

SHOWN_OF_DIGEST = 16


def panel(order_id: UUID) -> tuple[str, dict[str, Any]] | None:
    """Containers, blocks and slides of an order, each on one line."""
    case = specimens.case_of(order_id)
    if not case.specimens:
        return None
    return "pathology/panel.html", {"case": case, "tones": TONES}


def viewer_links(order_id: UUID) -> list[ViewerLink]:
    """The pictures of an order, for its pages."""
    return [
        ViewerLink(f"{_('图')} {n} {row.caption}", url, image_url=url)
        for n, row in enumerate(pictures(order_id), 1)
        if (url := reverse("pathology:picture", args=[row.pk]))
    ]


def pictures(order_id: UUID) -> list[Picture]:
    """The pictures that stand in the next version, oldest first."""
    rows = Picture.objects.filter(order_id=order_id, withdrawn_at__isnull=True)
    return list(rows.order_by("added_at", "id"))


def printed_pictures(order_id: UUID, version: VersionData) -> list[ReportPicture]:
    """The pictures that this version was signed with."""
    lines = [line.split("\t") for line in version.sections.get("pictures", "").split("\n") if line]
    kept = Picture.objects.filter(order_id=order_id).values_list("kept", flat=True) if lines else []
    known = {digest[:SHOWN_OF_DIGEST]: jpeg for digest, jpeg in kept_pictures.contents(list(kept)).items()}
    return [ReportPicture(f"{number} {caption}", known[digest]) for number, caption, digest in lines if digest in known]


def derived(order_id: UUID) -> Mapping[str, str]:
    """The sections that nobody types: specimens with their times, stains with results, comparison, pictures."""
    case = specimens.case_of(order_id)
    containers = [s for s in case.of("container") if s.received_at]
    stains = [s for s in case.of("slide") if (s.is_additional or s.result) and s.state != "cancelled"]
    blocks = {s.id: s for s in case.specimens}
    found: dict[str, list[tuple[str, ...]]] = {
        "specimens": [(s.letter, s.label, s.site, s.cold, s.fixed) for s in containers],
        "stains": [
            (blocks[s.parent_id].code.rsplit("-", 1)[-1] if s.parent_id else "", s.label, s.result or _("待出")) for s in stains
        ],
        "comparison": _comparison(case.order_id, case),
        "pictures": [
            (f"{_('图')} {n}", row.caption, row.kept_id[:SHOWN_OF_DIGEST]) for n, row in enumerate(pictures(order_id), 1)
        ],
    }  # fmt: skip
    return {code: _table(rows) for code, rows in found.items() if rows}


def unready(order_id: UUID) -> list[str]:
    """Why a final report may not be handed in or signed."""
    order, case = orders.order_facts(order_id), specimens.case_of(order_id)
    told = []
    missing = [s.code for s in case.of("slide") if s.state in {"ordered", "sectioned"}]
    if missing:
        told.append(_("还在制片：%(codes)s") % {"codes": "、".join(missing[:6])})
    has_product = catalogue.item_of(order).is_cut
    if has_product and not missing and not any(s.state not in {"cancelled", "lost"} for s in case.of("slide")):
        told.append(_("还没有可阅的玻片"))
    if order.group == catalogue.FROZEN and not case.agreement and frozen_version(order_id):
        told.append(_("冰冻与石蜡是否符合还没有判定"))
    return told


def frozen_version(order_id: UUID) -> VersionData | None:
    """The frozen report that went out first, if any."""
    report = orders.report_of(order_id, actor=system("pathology"))
    return next((v for v in report.versions if v.kind == "preliminary"), None) if report else None


def _comparison(order_id: UUID, case: specimens.CaseData) -> list[tuple[str, ...]]:
    frozen = frozen_version(order_id) if case.agreement else None
    return [(frozen.impression, case.agreement_label, case.agreement_note)] if frozen else []


def _table(rows: list[tuple[str, ...]]) -> str:
    return "\n".join("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in row) for row in rows)


def case_number(order_id: UUID) -> str:
    """The pathology number of an order; empty before its first container was received."""
    return Case.objects.filter(pk=order_id).values_list("number", flat=True).first() or ""


TONES = {
    "to_send": "warn", "ready": "info", "rejected": "bad", "received": "info", "grossed": "info", "cut": "info", "decalcifying": "warn",
    "processing": "info", "embedded": "good", "ordered": "warn", "sectioned": "info", "stained": "good", "filed": "muted",
    "in_use": "info", "lent": "warn", "lost": "bad", "returned": "muted", "disposed": "muted", "cancelled": "muted",
}  # fmt: skip
"""The tone of each state's badge."""
