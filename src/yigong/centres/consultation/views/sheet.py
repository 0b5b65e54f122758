"""The consultation as it is printed."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yigong.centres.consultation.commands.opining import lines_of
from yigong.centres.consultation.rules.definitions import advice_kinds
from yigong.core import clock


def sheet_of(whole: dict[str, Any]) -> dict[str, Any]:
    """The values of the printed sheet, from what the page shows."""
    row, order, person = whole["row"], whole["order"], whole["resident"]
    current = whole["report"].current if whole["report"] else None
    kinds = advice_kinds()
    advice = [[kinds[a.category].label, a.text, str(a.days)] for a in lines_of(current)] if current else []
    newest: dict[Any, Any] = {}
    for opinion in whole["opinions"]:  # the newest version of each expert comes first
        newest.setdefault(opinion.invitation_id, opinion)
    return {
        "title": _("远程会诊单"), "subtitle": order.item_names, "version": str(current.number if current else 0),
        "facts": [
            (_("姓名"), person.name if person else ""), (_("性别"), person.sex_label if person else ""),
            (_("年龄"), person.age_text if person else ""), (_("申请单号"), order.number),
            (_("申请机构"), whole["names"][order.requesting_institution_id].name), (_("申请医生"), whole["asker_name"]),
            (_("会诊中心"), whole["names"][order.performing_institution_id].name), (_("会诊形式"), whole["form_label"]),
            (_("会诊时间"), _moment(row.began_at or row.starts_at)), (_("临床诊断"), order.clinical.diagnosis),
        ],
        "request": [
            (_("症状与体征"), order.clinical.symptoms), (_("病史摘要与目前治疗"), order.clinical.history),
            (_("会诊目的"), whole["purpose_label"]), (_("需要专家回答的问题"), order.clinical.purpose),
        ],
        "file_label": _("会诊资料"), "file": "；".join(f"{r.at.astimezone(clock.SHANGHAI):%Y-%m-%d} {r.title}" for r in whole["records"]),
        "gap": (_("缺少：") + "、".join(whole["missing"]) + " " + row.gap) if whole["missing"] else "",
        "present_label": _("参加人员"), "present": "、".join(f"{a.name}（{a.institution_name}）" for a in whole["attendances"]),
        "opinions": [
            (_("%(who)s的意见") % {"who": o.author_name}, o.text, _moment(o.signed_at), o.digest[:16]) for o in newest.values()
        ],
        "basis_label": _("病情分析"), "basis": current.sections.get("basis", "") if current else "",
        "conclusion_label": _("会诊结论"), "conclusion": current.impression if current else _("尚未签发"),
        "advice_label": _("会诊建议"), "advice_heads": [_("类别"), _("建议"), _("期限（天）")], "advice": advice,
        "note": (_("更正原因：") + current.reason) if current and current.reason else "",
        "lead_label": _("主持专家"), "lead": current.author if current else "",
        "digest": _("签发时间 %(at)s 签名摘要 SM3 %(digest)s") % {"at": _moment(current.signed_at), "digest": current.digest} if current else "",
    }  # fmt: skip


def _moment(value: datetime | None) -> str:
    return value.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M") if value else "—"
