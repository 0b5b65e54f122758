"""What somebody says about each medicine, and the one answer of the form that follows from it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from yigong.core.errors import InvalidInput
from yigong.core.forms import api as forms
from yigong.core.packs.api import Kind, current, register
from yigong.programmes.rules.definition import Certainty
from yigong.programmes.rules.packs import versions


class Taken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way a medicine is taken; the code of the form's own answer. ``ended``: a physician stopped it, it says nothing about the person."""

    code: str
    label: str
    ended: bool = False


class MedicineUses(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of the ``programmes`` whose forms ask for the medicines: the ``item`` that lists them, the item for them as a ``whole`` (its codes are those of
    ``taken``, best first, that are not ``ended``), and how many a phone takes along."""

    code: str
    version: str
    effective_from: date
    title: str
    item: str
    whole: str
    programmes: list[str]
    taken: list[Taken]
    most_medicines: int = 10
    most_allergies: int = 10
    source: str = ""
    certainty: Certainty = "general"

    def label(self, code: str) -> str:
        """The word of a code."""
        return next((t.label for t in self.taken if t.code == code), code)


class Use(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One medicine as heard: its name, its use in words, how it is taken (a code of the definition), a note."""

    name: str
    taken: str
    text: str = ""
    note: str = ""


_LONGEST = {"name": 100, "text": 120, "note": 100}
_MOST = 30
_OPEN = "?"  # written in by hand and not answered: asked back, not lost


def _problems(given: MedicineUses) -> Iterable[tuple[str, str]]:
    wanted = {t.code for t in given.taken if not t.ended}
    for n, code in enumerate(given.programmes):
        sheets = {forms.form(s.form, p.effective_from) for p in versions(code) for s in p.stages}
        asking = [s for s in sheets if {given.item, given.whole} <= {i.code for i in s.items}]
        if not asking:
            yield f"programmes[{n}]", f"方案“{code}”没有同时问“{given.item}”和“{given.whole}”的表单"
        for sheet in asking:
            options = {o.code for i in sheet.items if i.code == given.whole for o in i.options}
            if wanted - options:
                yield "taken", f"表单“{sheet.code}”的“{given.whole}”没有选项{'、'.join(sorted(wanted - options))}"


MEDICINES: Kind[MedicineUses] = register(Kind("medicine_use", "medicine-use.toml", MedicineUses, _problems))


def medicine_uses() -> MedicineUses:
    """The definition in force."""
    return current(MEDICINES, "medicine-use")


def asks(programme: str, sheet: forms.FormDefinition) -> bool:
    """Whether this form asks how each medicine is taken."""
    rule = medicine_uses()
    return programme in rule.programmes and {rule.item, rule.whole} <= {i.code for i in sheet.items}


def checked(uses: Sequence[Use]) -> list[Use]:
    """The medicines with a name and an answer, as they are kept; InvalidInput for an answer nobody offered or a medicine named twice."""
    rule = medicine_uses()
    codes = {t.code for t in rule.taken}
    found = [
        Use(u.name.strip()[: _LONGEST["name"]], u.taken, u.text.strip()[: _LONGEST["text"]], u.note.strip()[: _LONGEST["note"]])
        for u in uses if u.name.strip() and u.taken
    ]  # fmt: skip
    names = [u.name for u in found]
    if any(u.taken not in codes for u in found):
        raise InvalidInput(errors={rule.item: _("请为每种药选择服用情况。")})
    if len(set(names)) < len(names):
        twice = next(n for n in names if names.count(n) > 1)
        raise InvalidInput(errors={rule.item: _("“%(name)s”填了两次，请核对。") % {"name": twice}})
    if len(found) > _MOST:
        raise InvalidInput(errors={rule.item: _("一次最多登记 %(n)s 种药。") % {"n": _MOST}})
    return found


def whole(uses: Sequence[Use]) -> str:
    """The form's single answer: the best way when all are taken so, the worst when all are, what lies between otherwise; nothing when none counts."""
    rule = medicine_uses()
    order = [t.code for t in rule.taken if not t.ended]
    said = {u.taken for u in uses} & set(order)
    if not said:
        return ""
    return said.pop() if len(said) == 1 else order[1]


def in_words(uses: Sequence[Use], most: int = 400) -> str:
    """All of them in one line, as the form's item wants it."""
    rule = medicine_uses()
    parts = [" ".join(filter(None, (u.name, u.text))) + f"（{rule.label(u.taken)}）" for u in uses]
    text = "；".join(parts)
    return text if len(text) <= most else text[: most - 1] + "…"


def missing(
    programme: str, sheet: forms.FormDefinition, answers: Mapping[str, Any], uses: Sequence[Use]
) -> dict[str, str]:
    """What the medicines say for the items of the form that were left open."""
    if not uses or not asks(programme, sheet):
        return {}
    rule = medicine_uses()
    most = next(i.max_length for i in sheet.items if i.code == rule.item)
    told = {rule.item: in_words(uses, most), rule.whole: whole(uses)}
    return {code: text for code, text in told.items() if text and answers.get(code) is None}


def doubt(
    programme: str, sheet: forms.FormDefinition, answers: Mapping[str, Any], uses: Sequence[Use]
) -> dict[str, str]:
    """Where the single answer and the medicines one by one do not agree."""
    if not uses or not asks(programme, sheet):
        return {}
    rule = medicine_uses()
    said, follows = answers.get(rule.whole), whole(uses)
    if not follows or said is None or said == follows:
        return {}
    item = next(i for i in sheet.items if i.code == rule.whole)
    words = {o.code: o.label for o in item.options}
    told = {"label": item.label, "said": words.get(str(said), said), "follows": words.get(follows, follows)}
    return {rule.whole: _("“%(label)s”填的是%(said)s，逐药登记是%(follows)s，请核对。") % told}


def typed(posted: Mapping[str, Any]) -> list[Use]:
    """The medicines of a page's form, as typed: ``use-0-name``, ``use-0-text``, ``use-0-taken``, ``use-1-name``, … One that was written in by hand
    (``use-2-own``) wants an answer; one that the page listed may stay without."""
    found = []
    for n in range(_MOST):
        name, taken, text = (str(posted.get(f"use-{n}-{part}") or "") for part in ("name", "taken", "text"))
        if name.strip():
            found.append(Use(name, taken or (_OPEN if posted.get(f"use-{n}-own") else ""), text))
    return found
