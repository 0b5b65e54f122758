"""The life of an invoice, and what is written on it."""

from yigong.core.states.api import State, StateTable, Step
from yigong.insurance.invoices import policies

INVOICE = StateTable(
    name="invoice",
    states={
        "issued": State("已开具"),
        "voided": State("已作废", final=True),
        "awaiting": State("待冲红"),
        "reversed": State("已冲红", final=True),
        "red": State("红票", final=True),
        "spoiled": State("废票", final=True),
    },
    steps=[
        # Before the cashier's day is closed the paper is still there: it is stamped void. Afterwards only a red invoice takes it back.
        Step("void", {"issued"}, "voided", "作废", permission=policies.ISSUE, reason_required=True),
        Step("take_back", {"issued"}, "awaiting", "冲红", permission=policies.ISSUE, reason_required=True),
        Step("redden", {"awaiting"}, "reversed", "开出红票", permission=policies.ISSUE),
    ],
)

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")


def in_words(fen: int) -> str:
    """An amount as it is written on an invoice: 壹佰贰拾叁元肆角伍分, 整 where no fen follow, 负 before a red one."""
    yuan, rest = divmod(abs(fen), 100)
    jiao, odd = divmod(rest, 10)
    whole = _whole(yuan) + "元" if yuan else ""
    parts = (_DIGITS[jiao] + "角" if jiao else "零" if odd and yuan else "") + (_DIGITS[odd] + "分" if odd else "整")
    return ("负" if fen < 0 else "") + (whole + parts if yuan or rest else "零元整")


def _whole(number: int) -> str:
    """A whole number by groups of four digits; a gap inside is one 零."""
    groups = []
    for place in range(len(_GROUPS)):
        number, part = divmod(number, 10_000)
        if part:
            gap = "零" if part < 1000 and number else ""
            groups.append(gap + _group(part) + _GROUPS[place])
        elif groups and number and not groups[-1].startswith("零"):
            groups.append("零")
    return "".join(reversed(groups))


def _group(number: int) -> str:
    """Up to four digits."""
    text = ""
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            text += _DIGITS[digit] + _UNITS[place]
        elif text and not text.endswith("零") and number % 10**place:
            text += "零"
    return text
