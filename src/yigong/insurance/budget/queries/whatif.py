"""What is read and written down of a what-if."""

import io
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import xlsxwriter
from django.utils.translation import gettext as _

from yigong.insurance.budget.models import Package, WhatIf
from yigong.insurance.budget.queries.clearing import reckoning
from yigong.insurance.budget.queries.terms import terms_for
from yigong.insurance.budget.queries.use import institution_names
from yigong.insurance.budget.rules.clearing import Clearing, clear
from yigong.insurance.payment.api import from_fen


def clearing_after(package: Package, more: int, sharing: Mapping[str, Any]) -> dict[str, Any] | None:
    """The clearing now and with so much more use and the changed sharing; None without a frozen appraisal. Nothing is posted."""
    now = reckoning(package).cleared
    if now is None:
        return None
    terms = terms_for(package.scheme, package.year).clearing
    members = [member for member, *_rest in now.shares]
    score = reckoning(package).appraisal
    assert score is not None
    used = max(0, now.used + more)
    then = clear(
        now.amount,
        used,
        min(now.unreasonable, max(0, used - now.amount)),
        score.community_score,
        changed(terms, sharing),
        members,
    )
    return {
        "surplus": [now.surplus, then.surplus], "kept": [now.split, then.split],
        "shares": [
            [str(one[0].institution_id), one[2], other[2]] for one, other in sorted(zip(now.shares, then.shares, strict=True), key=lambda pair: -abs(pair[0][2]))
        ],
    }  # fmt: skip


def changed(terms: Clearing, sharing: Mapping[str, Any]) -> Clearing:
    """The sharing with another share kept at every score, where one is given (0 to 1, as text)."""
    kept = sharing.get("kept")
    if not kept:
        return terms
    return msgspec.structs.replace(
        terms, retention=tuple(msgspec.structs.replace(step, share=Decimal(kept)) for step in terms.retention)
    )


def result_sheet(row: WhatIf) -> bytes:
    """The result as a workbook: institutions, sample, clearing."""
    result, out = row.result or {}, io.BytesIO()
    names = institution_names([UUID(one["institution"]) for one in result["houses"] if one["institution"]])
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
        sheet = book.add_worksheet(_("机构"))
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 8, 18)
        sheet.write_row(
            0,
            0,
            [
                _("机构"),
                _("结算"),
                _("基金（现行）"),
                _("基金（试改）"),
                _("差额"),
                _("个人（现行）"),
                _("个人（试改）"),
                _("差额"),
            ],
            bold,
        )
        for place, one in enumerate(result["houses"], 1):
            key = one["institution"]
            sheet.write(place, 0, names.get(UUID(key), "") if key else _("县外"))
            sheet.write(place, 1, one["settled"])
            figures = (
                *one["pool"],
                one["pool"][1] - one["pool"][0],
                *one["person"],
                one["person"][1] - one["person"][0],
            )
            for column, amount in enumerate(figures, 2):
                # A cell of a workbook is a binary number; text would not add up in the reader's sheet.
                sheet.write_number(place, column, float(from_fen(amount)), money)
        people = book.add_worksheet(_("抽样居民"))
        people.write_row(0, 0, [_("个人负担（现行）"), _("个人负担（试改）"), _("差额")], bold)
        people.set_column(0, 2, 18)
        for place, (now, then) in enumerate(result["sample_rows"], 1):
            for column, amount in enumerate((now, then, then - now)):
                people.write_number(place, column, float(from_fen(amount)), money)
    return out.getvalue()


def said(row: WhatIf) -> list[str]:
    """The changes in words."""
    found = []
    for one in row.changes.get("plan", []):
        what = _("住院") if one["kind"] == "inpatient" else one.get("title") or one["kind"]
        parts = []
        if one.get("deductible"):
            parts.append(_("起付线改为 %(n)s 元") % {"n": one["deductible"]})
        if one.get("ratio"):
            parts.append(_("支付比例改为 %(n)s%%") % {"n": (Decimal(one["ratio"]) * 100).normalize().to_eng_string()})
        found.append(f"{what} {one.get('level_title') or one['level']}：{'、'.join(parts)}")
    if row.sharing.get("rate"):
        found.append(_("病组费率 × %(n)s") % {"n": row.sharing["rate"]})
    if row.sharing.get("kept"):
        found.append(
            _("结余留用比例改为 %(n)s%%") % {"n": (Decimal(row.sharing["kept"]) * 100).normalize().to_eng_string()}
        )
    return found
