"""Values of the printed bill and of the day's closing."""

from typing import Any

from django.utils.translation import gettext as _

from yigong.core.printing.api import bar_code
from yigong.insurance.benefits.api import WHY, yuan
from yigong.insurance.invoices import api as invoices
from yigong.insurance.invoices.data import KINDS
from yigong.insurance.settlement.models import DayClosing, Settlement
from yigong.insurance.settlement.queries import reading
from yigong.insurance.settlement.queries.preview import scheme_label
from yigong.insurance.settlement.views import presenting
from yigong.residents import api as residents

_CLASSES = {"A": "甲", "B": "乙", "C": "丙"}


def bill_sheet(row: Settlement) -> dict[str, Any]:
    """Everything on the bill: who, lines, sums, means, and why the person pays what they pay."""
    person = residents.identity(row.resident_id)
    invoice = invoices.counting([row.id]).get(row.id)
    told = [f"{one.text}{f'({one.doubt})' if one.doubt else ''}" for one in reading.told(row, _)]
    heading = {"correction": _("医疗费用冲正单"), "reversed": _("医疗费用结算单（已冲正）")}.get(
        row.state, _("医疗费用结算单")
    )
    return {
        "title": heading, "subtitle": row.number, "bar": bar_code(row.number),
        "facts": [
            (_("姓名"), person.name), (_("性别"), person.sex_label), (_("年龄"), person.age_text), (_("险种"), scheme_label(row.scheme)),
            (_("账单号"), row.bill_number), (_("票据号"), invoice.number if invoice else "—"), (_("结算时间"), row.settled_at.astimezone().strftime("%Y-%m-%d %H:%M") if row.settled_at else ""),
        ],
        "heads": [_("项目"), _("类"), _("数量"), _("金额"), _("自费"), _("超限价"), _("先行自付"), _("范围内")],
        "lines": [_line(line) for line in row.lines],
        "sums": [(_("总费用"), yuan(row.total)), *((words, yuan(amount)) for words, amount in presenting.parts(row))],
        "payers": [(words, yuan(amount)) for words, amount in presenting.payers(row)],
        "paid": [(words, yuan(amount)) for words, amount in presenting.paid(row)],
        "person_label": _("个人应付"), "person": yuan(row.person), "why_label": why_of(row.person), "why": told or [_own(row)],
        "warnings": [f"{line['name']}：{line['warning']}" for line in row.lines if line.get("warning")],
        "cashier_label": _("收费员"), "cashier": row.cashier_name, "payers_label": _("基金与减免"), "paid_label": _("个人支付"), "sums_label": _("费用"),
        "warnings_label": _("请留意"), "signed": _("患者或家属签字"),
    }  # fmt: skip


def why_of(person: int) -> str:
    """The heading of the reasons."""
    return _(WHY).format(yuan(person))


def _own(row: Settlement) -> str:
    return row.working.get("why_own") or _("按自费结算。")


def _line(line: dict[str, Any]) -> list[str]:
    quantity = f"{line['quantity'] / 10_000:g} {line['unit']}"
    return [
        line["name"],
        _CLASSES[line["class"]],
        quantity,
        *(yuan(line[name]) for name in ("total", "own", "over", "first", "in_scope")),
    ]


def invoice_run(one: dict[str, Any]) -> list[str]:
    """An unbroken run of invoice numbers of a closing."""
    return [
        str(KINDS[one["kind"]]),
        one["first"],
        one["last"],
        *(str(one[name]) for name in ("count", "voided", "red", "spoiled")),
    ]


def closing_sheet(row: DayClosing) -> dict[str, Any]:
    """What a cashier hands in."""
    sums, words = row.sums, presenting.means_words() | presenting.fund_words()
    return {
        "title": _("收费日结单"), "subtitle": row.number,
        "facts": [(_("收费员"), row.cashier_name), (_("结账时间"), row.closed_at.astimezone().strftime("%Y-%m-%d %H:%M")), (_("备注"), row.note)],
        "heads": [_("项目"), _("金额")],
        "rows": [
            [_("结算笔数"), str(sums["settled"])], [_("冲正笔数"), str(sums["taken_back"])], [_("总费用"), yuan(sums["total"])],
            *([label, yuan(sums[name])] for name, label in words.items() if sums.get(name)),
            [_("收预交金（现金）"), yuan(sums["deposits"]["take_cash"])], [_("退预交金（现金）"), yuan(sums["deposits"]["return_cash"])],
            [_("应交现金"), yuan(sums["till"])], [_("清点现金"), yuan(row.counted_cash)],
        ],
        # Closings from before invoices were numbered here have none.
        "invoice_heads": [_("票据"), _("起号"), _("止号"), _("张数"), _("作废"), _("红票"), _("废票")],
        "invoices": [invoice_run(one) for one in sums.get("invoices", ())],
        "cashier_label": _("收费员"), "cashier": row.cashier_name, "receiver": _("财务签收"),
    }  # fmt: skip
