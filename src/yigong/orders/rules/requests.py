"""Request templates: the files of the packs, the places that the record fills, and two versions side by side. Pure but for the packs."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from difflib import SequenceMatcher
from functools import lru_cache
from typing import cast

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n

from yigong.core import clock
from yigong.core.packs import api as packs
from yigong.core.packs.api import Kind
from yigong.orders.data import ReportTemplate, RequestPart, ServiceDefinition
from yigong.orders.rules.packs import PRIORITIES
from yigong.records.data import RecordSummary, ResultData
from yigong.residents.data import ResidentData

TEXTS = ("purpose", "symptoms", "history")
"""The fields of a request that a template writes into."""

RESULTS: dict[str, tuple[tuple[str, ...], ...]] = {
    _n("血压"): (("8480-6", "8462-4"),), _n("空腹血糖"): (("14771-0",),), _n("糖化血红蛋白"): (("4548-4",),),
    _n("肌酐"): (("14682-9",),), _n("血红蛋白"): (("718-7",),), _n("血钾"): (("2823-3",),),
}  # fmt: skip
"""Places filled with the newest result of a year: by name the LOINC codes that answer for it, two of them together where they are one pair."""

PLACES = (_n("诊断"), _n("过敏史"), _n("用药"), _n("性别"), _n("年龄"), *RESULTS)
"""The names in 〔〕 that the record fills; every other is left for the doctor."""

_PLACE = re.compile("〔([^〕|]*)〕")


class RequestTemplatePack(msgspec.Struct, forbid_unknown_fields=True):
    """One request to start from."""

    code: str
    title: str
    items: list[str]
    purpose: str
    symptoms: str = ""
    history: str = ""
    priority: str = ""
    samples: list[str] = []
    choices: dict[str, str] = {}
    pieces: list[str] = []
    sex: str = ""

    def texts(self) -> dict[str, str]:
        """What it says, by field; empty ones left out."""
        return {name: text for name in TEXTS if (text := getattr(self, name)).strip()}

    def part(self) -> RequestPart:
        """What it sets besides."""
        return RequestPart(
            tuple(self.items), self.priority, tuple(self.samples), self.choices, tuple(self.pieces), self.sex
        )


class RequestTemplatesPack(msgspec.Struct, forbid_unknown_fields=True):
    """``packs/*/request-templates/<service>.toml``."""

    code: str
    version: str
    effective_from: date
    title: str
    templates: list[RequestTemplatePack]


def _check(pack: RequestTemplatesPack) -> Iterable[tuple[str, str]]:
    for place, one in enumerate(pack.templates):
        if one.priority not in ("", *PRIORITIES):
            yield f"templates[{place}].priority", "只能是 routine 或 urgent，或不写"
        if not one.items:
            yield f"templates[{place}].items", "至少写一个项目"
    if len({one.code for one in pack.templates}) < len(pack.templates):
        yield "templates", "有两个模板的 code 相同"


REQUESTS: Kind[RequestTemplatesPack] = packs.register(
    Kind("request-templates", "request-templates/*.toml", RequestTemplatesPack, _check)
)


@lru_cache(maxsize=32)
def common(service_code: str) -> tuple[ReportTemplate, ...]:
    """The community's common request templates in force for a service."""
    found = packs.every(REQUESTS).get(service_code)
    return tuple(
        ReportTemplate(one.code, one.title, one.texts(), version=found.version if found else "", request=one.part())
        for one in (found.templates if found else [])
    )


def known(person: ResidentData, summary: RecordSummary) -> dict[str, str]:
    """What the record says for each place; a place for which it says nothing says so, which is not the same as nothing being there."""
    words = {
        "诊断": summary.conditions_text, "过敏史": summary.allergies_text, "用药": summary.medicines_text,
        "性别": person.sex_label, "年龄": person.age_text,
    }  # fmt: skip
    words |= {name: _newest(summary, ways) for name, ways in RESULTS.items()}
    return {name: words[name] or _("档案未记录") for name in PLACES}


def _newest(summary: RecordSummary, ways: Iterable[Sequence[str]]) -> str:
    found = [pair for codes in ways if all(pair := [summary.result(code) for code in codes])]
    values = max(found, key=lambda pair: pair[0].occurred_at, default=None)  # type: ignore[union-attr]
    if values is None:
        return ""
    number = "/".join(f"{one.value.normalize():f}" if one.value is not None else one.text for one in values if one)
    first = cast(ResultData, values[0])
    return f"{number} {first.unit}（{first.occurred_at.astimezone(clock.SHANGHAI):%Y-%m-%d}）"


def taken(text: str) -> list[str]:
    """The versions of templates (``key@version``) that a request page says were taken in."""
    return [one for one in text[:600].split(",") if "@" in one]


def filled(text: str, words: Mapping[str, str]) -> str:
    """The text with the places that the record fills; others stay for the doctor.

    >>> filled("高血压复查，血压〔血压〕，〔近期症状〕", {"血压": "150/90 mmHg"})
    '高血压复查，血压150/90 mmHg，〔近期症状〕'
    """
    return _PLACE.sub(lambda place: words.get(place.group(1), place.group(0)), text)


def shown(
    template_texts: Mapping[str, str], part: RequestPart | None, definition: ServiceDefinition
) -> list[tuple[str, str]]:
    """One version in words: label and text of each part that says something. Works for reports (no ``part``) too."""
    labels = {s.code: s.label for s in definition.sections} | {
        "impression": definition.word("impression", _("诊断意见"))
    }
    if part is None:
        return [(labels.get(code, code), text) for code, text in template_texts.items() if text]
    names = {item.code: item.name for item in definition.catalogue()}
    urgency = {"routine": _("平"), "urgent": _("急")}
    lines = [(definition.word("items", _("检查项目")), "、".join(names.get(code, code) for code in part.items))]
    lines += [(_("急缓"), urgency.get(part.priority, "")), (_("标本"), "\n".join(part.samples))]
    lines += [
        (label, values.get(part.choices.get(name, ""), ""))
        for name, (label, values) in definition.asked.choices().items()
    ]
    lines += [(label, template_texts.get(name, "")) for name, label in text_labels(definition).items()]
    pieces = definition.asked.pieces()
    lines.append((_("勾选资料"), "、".join(pieces.get(code, code) for code in part.pieces)))
    return [(label, text) for label, text in lines if text]


def text_labels(definition: ServiceDefinition) -> dict[str, str]:
    """What the texts of a request are called by a service."""
    return {
        "purpose": definition.word("purpose", _("检查目的")), "symptoms": _("症状与体征"), "history": definition.word("history", _("病史摘要")),
    }  # fmt: skip


def beside(old: Sequence[tuple[str, str]], new: Sequence[tuple[str, str]]) -> list[tuple[str, list, list]]:
    """Two versions part by part: label, and for each side its pieces (text, whether the other side lacks it)."""
    before, after = dict(old), dict(new)
    return [
        (label, *_pieces(before.get(label, ""), after.get(label, ""))) for label in dict.fromkeys([*before, *after])
    ]


def _pieces(old: str, new: str) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    left, right = list[tuple[str, bool]](), list[tuple[str, bool]]()
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if a < b:
            left.append((old[a:b], kind != "equal"))
        if c < d:
            right.append((new[c:d], kind != "equal"))
    return left, right
