"""What templates need besides the rows."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.insurance.settlement import policies
from yigong.insurance.settlement.models import FUNDS, Settlement
from yigong.insurance.settlement.rules import SETTLEMENT
from yigong.residents import api as residents

TONES = {
    "presettled": "info", "settling": "info", "unknown": "warn", "disputed": "bad", "settled": "good", "reversing": "info",
    "reverse_unknown": "warn", "reversed": "muted", "correction": "muted", "dropped": "muted",
}  # fmt: skip


def fund_words() -> dict[str, str]:
    """The funds by their column."""
    return {
        "pool": _("统筹基金"), "large": _("职工大额"), "critical": _("大病保险"), "civil": _("公务员补助"), "aid": _("医疗救助"), "tilt": _("倾斜救助"),
        "other": _("其他基金"),
    }  # fmt: skip


def means_words() -> dict[str, str]:
    """The means of payment by their column."""
    return {
        "account": _("个人账户"), "family": _("家庭共济"), "paid_cash": _("现金"), "paid_card": _("刷卡"), "paid_online": _("扫码"), "paid_deposit": _("预交金"),
    }  # fmt: skip


def payers(row: Any) -> list[tuple[str, int]]:
    """Who pays how much of it, those who pay something."""
    found = [(words, getattr(row, name)) for name, words in fund_words().items() if getattr(row, name)]
    return [*found, *([(_("医疗机构承担"), row.institution_part)] if row.institution_part else [])]


def paid(row: Settlement) -> list[tuple[str, int]]:
    """By which means the person's part was paid."""
    return [(words, getattr(row, name)) for name, words in means_words().items() if getattr(row, name)]


def parts(row: Any) -> list[tuple[str, int]]:
    """What the bill is made of."""
    named = [
        (_("自费"), row.own),
        (_("超限价"), row.over),
        (_("先行自付"), row.first_self_pay),
        (_("政策范围内"), row.in_scope),
    ]
    return [one for one in named if one[1]] + ([(_("济困减免（已减）"), row.relief)] if row.relief else [])


def funds_of(row: Any) -> int:
    """The sum of all funds."""
    return sum(getattr(row, name) for name in FUNDS)


def names(rows: Iterable[Settlement]) -> dict[Any, Any]:
    """Names of the people in a list."""
    return residents.resident_names({row.resident_id for row in rows})


def label(state: str) -> str:
    """A state in words."""
    return SETTLEMENT.label(state)


def tabs(actor: Actor, active: str) -> list[tuple[str, str, bool, int | None]]:
    """The parts of the counter."""
    every = [
        ("counter", _("待收费"), policies.CHARGE), ("settlements", _("结算单"), policies.READ), ("deposits", _("预交金"), policies.CHARGE),
        ("closing", _("日结"), policies.CHARGE), ("differences", _("差异台"), policies.RESOLVE), ("months", _("月结"), policies.CLOSE_MONTH),
    ]  # fmt: skip
    found = [
        (words, reverse(f"settlement:{name}"), name == active, None) for name, words, right in every if actor.has(right)
    ]
    return [*found, *([(_("票据"), reverse("invoices:list"), False, None)] if actor.has("invoices.read") else [])]


def common(actor: Actor, active: str) -> dict[str, Any]:
    """At hand in every template of the room."""
    return {
        "tabs": tabs(actor, active),
        "tones": TONES,
        "label": label,
        "payers": payers,
        "paid": paid,
        "parts": parts,
        "funds_of": funds_of,
    }
