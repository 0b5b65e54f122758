"""A definition's conditions in words, so that a public-health doctor can review them without reading expressions.

    in_words("sbp >= 140 || complication == '2'", Words({"sbp": "收缩压", …}, {"complication": {"2": "新出现"}}))
    '收缩压 ≥ 140，或并发症为“新出现”'

Only the wording follows from here; what is reckoned is the expression itself, which the page shows beside it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Words:
    """What the names mean, and the answers of those that are choices, by code."""

    names: Mapping[str, str]
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def name(self, code: str) -> str:
        """The meaning of a name, the name itself where it has none."""
        return self.names.get(code, code)

    def answer(self, item: str, code: str) -> str:
        """An answer of a choice in quotes."""
        return "“" + self.options.get(item, {}).get(code, code) + "”"


_NAME = r"[A-Za-z_]\w*"
_EXISTS = re.compile(rf"({_NAME})\.exists\((\w+),\s*\2\s*(==|!=)\s*'([^']*)'\)")
_ANY = re.compile(r"\[([^\]']*)\]\.exists\((\w+),\s*\2\s*(>=|<=|>|<)\s*([\d.]+)\)")
_LISTED = re.compile(rf"({_NAME})\s+in\s+\[([^\]]*)\]")
_HOLDS = re.compile(rf"'([^']*)'\s+in\s+({_NAME})")
_SAME = re.compile(rf"({_NAME})\s*(==|!=)\s*'([^']*)'")
_TOKEN = re.compile(rf"\x00(\d+)\x00|{_NAME}|\d+(?:\.\d+)?|&&|\|\||[<>!=]=|[<>!?:()+\-*/,]|\s+|.")
_SIGNS = {
    ">=": " ≥ ", "<=": " ≤ ", "==": " = ", "!=": " ≠ ", ">": " > ", "<": " < ", "+": " + ", "-": " − ", "*": " × ", "/": " ÷ ", ",": "、", "(": "（", ")": "）",
}  # fmt: skip


def in_words(expression: str, words: Words) -> str:
    """The expression as a sentence; empty for an empty one."""
    kept: list[str] = []

    def keep(text: str) -> str:
        kept.append(text)
        return f"\x00{len(kept) - 1}\x00"

    def exists(found: re.Match[str]) -> str:
        item, _of, sign, code = found.groups()
        if sign == "!=":
            return keep(
                _("%(item)s有除%(answer)s以外的") % {"item": words.name(item), "answer": words.answer(item, code)}
            )
        return keep(_("%(item)s有%(answer)s") % {"item": words.name(item), "answer": words.answer(item, code)})

    def any_of(found: re.Match[str]) -> str:
        items = "、".join(words.name(code.strip()) for code in found[1].split(","))
        return keep(_("%(items)s任一") % {"items": items} + _SIGNS[found[3]] + found[4])

    def listed(found: re.Match[str]) -> str:
        item, codes = found[1], re.findall(r"'([^']*)'", found[2])
        return keep(
            _("%(item)s为%(answers)s之一")
            % {"item": words.name(item), "answers": "、".join(words.answer(item, c) for c in codes)}
        )

    def holds(found: re.Match[str]) -> str:
        return keep(
            _("%(item)s有%(answer)s") % {"item": words.name(found[2]), "answer": words.answer(found[2], found[1])}
        )

    def same(found: re.Match[str]) -> str:
        told = {"item": words.name(found[1]), "answer": words.answer(found[1], found[3])}
        return keep((_("%(item)s为%(answer)s") if found[2] == "==" else _("%(item)s不为%(answer)s")) % told)

    text = expression.strip()
    for pattern, act in ((_ANY, any_of), (_EXISTS, exists), (_LISTED, listed), (_HOLDS, holds), (_SAME, same)):
        text = pattern.sub(act, text)
    return _joined(text, kept, words)


def _joined(text: str, kept: list[str], words: Words) -> str:
    out: list[str] = []
    asked = 0
    for token in _TOKEN.finditer(text):
        word = token[0]
        if token[1] is not None:
            out.append(kept[int(token[1])])
        elif word.isspace():
            continue
        elif word == "&&":
            out.append(_("，且"))
        elif word == "||":
            out.append(_("，或"))
        elif word == "!":
            out.append(_("不符合"))
        elif word == "?":
            asked += 1
            out.append(_("时为 "))
        elif word == ":" and asked:
            asked -= 1
            out.append(_("，否则 "))
        elif word in {"true", "false"}:
            out.append(_("是") if word == "true" else _("否"))
        else:
            out.append(_SIGNS.get(word) or words.name(word))
    return re.sub(r" {2,}", " ", "".join(out)).strip()
