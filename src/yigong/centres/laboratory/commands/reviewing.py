"""Two people review: the technician hands in, the doctor releases. What is released goes into the record item by item."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n

from yigong.centres.laboratory.commands.results import NOT_DONE, shown
from yigong.centres.laboratory.models import TestResult, Tube
from yigong.centres.laboratory.rules import catalogue
from yigong.core.actor import Actor, system
from yigong.orders import api as orders
from yigong.orders.data import OrderData, ReportData, VersionData
from yigong.orders.events import ReportWithdrawn
from yigong.records import api as records
from yigong.records.data import NewResult, Source

ARROWS = {"LL": "↓↓", "L": "↓", "H": "↑", "HH": "↑↑", "A": "*", "N": "", "": ""}
WORDS = {"LL": _n("危急低"), "L": _n("偏低"), "H": _n("偏高"), "HH": _n("危急高"), "A": _n("异常")}


@transaction.atomic
def technical_review(*, order_id: UUID, comment: str, actor: Actor) -> ReportData:
    """The technician has checked every value and hands the report to the doctor; refuses while a value is missing or held back."""
    list(Tube.objects.select_for_update().filter(order_id=order_id).order_by("id").values_list("id"))
    order = orders.order_facts(order_id)
    if order.report_state == "unclaimed":
        orders.claim(order_id=order_id, actor=actor)
    return orders.submit_report(order_id=order_id, draft=draft(order, comment), actor=actor)


def unready(order_id: UUID) -> list[str]:
    """Why a report may not be handed in or signed; the order mechanism asks."""
    order = orders.order_facts(order_id)
    known = {r.analyte: r for r in TestResult.objects.filter(order_id=order_id)}
    names = [a.name for a in catalogue.measured([i.code for i in order.items]) if a.code not in known]
    held = [catalogue.analytes()[r.analyte].name for r in known.values() if r.held_by_id]
    told = []
    if names:
        told.append(_("缺结果：%(names)s") % {"names": "、".join(names[:8])})
    if held:
        told.append(_("质控失控，结果暂扣：%(names)s") % {"names": "、".join(held[:8])})
    return told


def draft(order: OrderData, comment: str) -> dict[str, Any]:
    """The report as it will be signed: one line for each analyte, the tubes, and a conclusion drawn from the flags."""
    rows = results_of(order)
    abnormal = [r for r in rows if r.flag not in {"", "N"}]
    lines = [
        f"{catalogue.analytes()[r.analyte].name} {shown(r)}{catalogue.analytes()[r.analyte].unit} {ARROWS[r.flag]}"
        for r in abnormal
    ]
    conclusion = _("异常 %(n)s 项：%(names)s") % {"n": len(lines), "names": "；".join(lines)} if lines else ""
    return {
        "sections": {"results": "\n".join(map(_line, rows)), "specimens": _specimens(order), "comment": comment.strip()[:2000]},
        "impression": conclusion or _("所检项目未见异常。"), "positive": bool(abnormal), "grade": "",
    }  # fmt: skip


def results_of(order: OrderData) -> list[TestResult]:
    """The values of an order in the order of the report."""
    known = {r.analyte: r for r in TestResult.objects.filter(order_id=order.id)}
    return [known[a.code] for a in catalogue.measured([i.code for i in order.items]) if a.code in known]


def file_results(order: OrderData, version: VersionData, actor: Actor) -> None:
    """A signed version's values become results of the record; a correction takes the place of the earlier ones, whose report stays readable."""
    rows = results_of(order)
    values = [_result(r) for r in rows if not r.text.startswith(NOT_DONE)]
    if not values:
        return
    taken = Tube.objects.filter(order_id=order.id, collected_at__isnull=False).order_by("collected_at").first()
    if version.kind == "amended":
        records.replace_results(request_key=order.id, results=values, reason=version.reason, actor=system("laboratory"))
        return
    records.add_result(
        resident_id=order.resident_id, title=order.item_names[:100], results=values, category="laboratory",
        institution_id=order.reporting_institution_id, occurred_at=taken.collected_at if taken else None,
        source=Source(app="laboratory", id=order.id, number=order.number), request_key=order.id, actor=system("laboratory"),
    )  # fmt: skip


def take_back_results(fact: ReportWithdrawn) -> None:
    """A withdrawn report's values are no values any more; told by ``ReportWithdrawn``."""
    if fact.service != "laboratory":
        return
    order = orders.order_facts(fact.order_id)
    if order.report_state != "withdrawn":
        return
    gone = [NewResult(code=i.code, name=i.name, text=_("报告已撤回"), code_system="local") for i in order.items]
    records.replace_results(request_key=order.id, results=gone, reason=fact.reason, actor=system("laboratory"))


def _result(row: TestResult) -> NewResult:
    analyte = catalogue.analytes()[row.analyte]
    return NewResult(
        code=analyte.loinc or analyte.code, name=analyte.name, value=row.value, text=row.text, unit=analyte.unit, low=row.low,
        high=row.high, flag=row.flag, code_system="LOINC" if analyte.loinc else "local",
    )  # fmt: skip


def _line(row: TestResult) -> str:
    analyte = catalogue.analytes()[row.analyte]
    cells = (
        analyte.name,
        shown(row),
        mark(row.flag),
        analyte.unit,
        interval(row.low, row.high) or analyte.normal,
        row.method,
    )
    return "\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in cells)


def mark(flag: str) -> str:
    """How a value is marked: arrow and word; a value that is abnormal without being high or low has its word alone."""
    arrow = "" if flag == "A" else ARROWS[flag]
    return f"{arrow} {_(WORDS[flag])}".strip() if flag in WORDS else ""


def interval(low: Decimal | None, high: Decimal | None) -> str:
    """A reference interval in words."""
    if low is None and high is None:
        return ""
    if high is None:
        return f"≥{low:f}".rstrip("0").rstrip(".")
    if not low:
        return f"≤{_plain(high)}"
    return f"{_plain(low)}–{_plain(high)}"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _specimens(order: OrderData) -> str:
    rows = Tube.objects.filter(order_id=order.id, received_at__isnull=False).exclude(state__in=["rejected", "lost"])
    parts = []
    for tube in rows.select_related("outside").order_by("number"):
        remark = _("，让步接收：%(why)s") % {"why": tube.remark} if tube.remark else ""
        outside = _("，外送%(name)s") % {"name": tube.outside.name} if tube.outside else ""
        parts.append(f"{tube.specimen} {tube.number}{remark}{outside}")
    return "；".join(parts)
