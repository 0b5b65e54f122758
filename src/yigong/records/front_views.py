"""The front page of a health record and its three sheets of paper: the page itself, the cover, the card."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET

from yigong.core import clock
from yigong.core.errors import NotFound
from yigong.core.printing import api as printing
from yigong.core.rights import guarded
from yigong.network import api as network
from yigong.records import api, policies
from yigong.records.data import Timeline
from yigong.records.frontpage import FrontPage, card_facts, front_page
from yigong.residents import api as residents
from yigong.residents.data import ResidentData

_STRETCH = 15
_PRINTED = 12


@guarded(policies.READ, about="resident")
@require_GET
def front(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """Marks, basic data and services of a person on one page; the same address gives further services as a fragment."""
    actor, before = request.actor, request.GET.get("before", "")
    services = _services(resident_id, actor, before)
    if request.htmx and before:  # type: ignore[attr-defined]
        return render(request, "records/stretch.html", {"timeline": services})
    resident = residents.identity(resident_id)
    if resident.id != resident_id:
        return redirect("records:front", resident.id)
    page = front_page(resident, actor=actor)
    values = residents.file_context(resident, actor=actor, active="front", cards=False) | {
        "page": page, "timeline": services, "particulars": _particulars(resident), "manager": _manager(resident),
    }  # fmt: skip
    return render(request, "records/front.html", values)


def _services(resident_id: UUID, actor: Any, before: str = "", limit: int = _STRETCH) -> Timeline:
    return api.timeline(resident_id, actor=actor, before=before, limit=limit)


def _particulars(resident: ResidentData) -> list[tuple[str, str]]:
    contact = next(iter(resident.contacts), None)
    return [
        (_("姓名"), resident.name), (_("性别"), resident.sex_label), (_("出生日期"), str(resident.birth_date or "—")), (_("年龄"), resident.age_text),
        (_("民族"), resident.ethnicity_label or "—"), (_("证件号码"), resident.masked_number or "—"), (_("联系电话"), resident.masked_phone or "—"),
        (_("联系人"), f"{contact.name}（{contact.relation_label}）" if contact else "—"), (_("住址"), resident.place or "—"),
    ]  # fmt: skip


def _manager(resident: ResidentData) -> str:
    key = resident.managing_institution_id
    return network.institution(key).name if key else "—"


@guarded(policies.READ, about="resident")
@require_GET
def front_print(request: HttpRequest, resident_id: UUID, sheet: str) -> HttpResponse:
    """One sheet about a person: ``page``, ``cover`` or ``card``."""
    actor = request.actor
    if sheet not in _SHEETS:
        raise NotFound()
    resident = residents.access_resident(resident_id, actor=actor, purpose=_("打印健康档案"))
    title, template, data = _SHEETS[sheet]
    page = front_page(resident, actor=actor)
    values = {"title": _(title), **data(page, resident, actor)}
    document = printing.print_document(
        f"record_{sheet}",
        template,
        values,
        actor=actor,
        about=printing.About("resident", resident.id, sheet),
        title=_(title),
    )
    return printing.answer(document)


def _page_sheet(page: FrontPage, resident: ResidentData, actor: Any) -> dict[str, Any]:
    services = _services(resident.id, actor, limit=_PRINTED)
    return {
        "subtitle": _("档案编号 %(number)s，截至 %(day)s") % {"number": resident.archive_number or "—", "day": clock.today()},
        "marks": [[title, [f"{m.title}（{m.basis}）" for m in marks]] for title, marks in page.marks],
        "none": _("无"),
        "blocks": [
            [_("人口学与社会经济学"), [list(pair) for pair in (*_particulars(resident), *page.person)]],
            [_("医疗保障"), [list(pair) for pair in page.insurance] or [[_("参保"), "—"]]],
            [_("基础健康"), [list(pair) for pair in page.health]],
        ],
        "titles": [_("个人健康标识"), _("个人基本健康信息"), _("卫生健康服务活动记录（最近 %(n)s 次）") % {"n": len(services.items)}],
        "heads": [_("日期"), _("服务"), _("机构")],
        "services": [
            [item.at.astimezone(clock.SHANGHAI).date().isoformat(), f"{item.kind_label} {item.title}", item.institution_name]
            for item in services.items
        ],
    }  # fmt: skip


def _cover_sheet(page: FrontPage, resident: ResidentData, actor: Any) -> dict[str, Any]:
    opened = page.part.opened_on
    return {
        "number_label": _("编号"), "number": resident.archive_number, "heading": _("居民健康档案"),
        "lines": [
            [_("姓名"), resident.name], [_("现住址"), resident.place], [_("户籍地址"), ""], [_("联系电话"), resident.masked_phone],
            [_("乡镇（街道）名称"), resident.township], [_("村（居）委会名称"), resident.village],
        ],
        "below": [
            [_("建档单位"), _manager(resident)], [_("建档人"), page.part.doctor], [_("责任医生"), page.part.doctor],
            [_("建档日期"), str(opened) if opened else ""],
        ],
    }  # fmt: skip


def _card_sheet(page: FrontPage, resident: ResidentData, actor: Any) -> dict[str, Any]:
    return card_facts(page, resident) | {
        "number_label": _("健康档案编号"), "diseases_label": _("慢性病患病情况"), "allergies_label": _("过敏史"),
        "place": [_("建档机构"), _manager(resident)],
    }  # fmt: skip


_SHEETS = {
    "page": (gettext_noop("居民电子健康档案首页"), "records/front", _page_sheet),
    "cover": (gettext_noop("居民健康档案封面"), "records/cover", _cover_sheet),
    "card": (gettext_noop("居民健康档案信息卡"), "records/card", _card_sheet),
}
