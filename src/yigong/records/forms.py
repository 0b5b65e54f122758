"""Forms of records."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from yigong.core import clock
from yigong.core.errors import InvalidInput
from yigong.core.ui.forms import MomentField
from yigong.records import catalogue, rules
from yigong.records.commands import Visit
from yigong.records.data import NewLine
from yigong.records.models import Allergy

_KINDS = [
    ("outpatient", _("门诊")),
    ("home", _("入户")),
    ("followup", _("随访")),
    ("emergency", _("急诊")),
    ("checkup", _("体检")),
]
DIAGNOSES = 3
LINES = 2
_MOST_LINES = 20


class VisitForm(forms.Form):
    """The fixed part of the visit form; diagnoses and medicines are lines beside it."""

    kind = forms.ChoiceField(label=_("就诊方式"), choices=_KINDS, widget=forms.RadioSelect, initial="outpatient")
    occurred_at = MomentField(label=_("时间"), required=False)
    complaint = forms.CharField(label=_("主诉和病情"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    advice = forms.CharField(label=_("处理和建议"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for code, sign in rules.signs().items():
            limits = {"step": "1" if sign.whole else "any", "inputmode": "decimal", "data-unit": sign.unit}
            self.fields[code] = forms.DecimalField(
                label=f"{_t(sign.name)}（{sign.unit}）", required=False, max_digits=8, decimal_places=2,
                widget=forms.NumberInput(attrs=limits), error_messages={"invalid": _("请填写数字。")},
            )  # fmt: skip

    def signs(self) -> dict[str, Decimal | None]:
        """What was measured."""
        return {code: self.cleaned_data.get(code) for code in rules.signs()}

    def visit(self) -> Visit:
        """The command's input; InvalidInput for lines that cannot be read."""
        v = self.cleaned_data
        return Visit(
            kind=v["kind"], occurred_at=v["occurred_at"], complaint=v["complaint"], signs=self.signs(), advice=v["advice"],
            diagnoses=tuple(diagnoses(self.data)), medicines=tuple(medicines(self.data)),
        )  # fmt: skip


def diagnoses(data: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """Picked or typed diagnoses in the order of the lines."""
    found = []
    for place in range(DIAGNOSES):
        code, text = data.get(f"diagnosis_{place}", ""), data.get(f"diagnosis_{place}__text", "").strip()
        known = catalogue.diagnosis(code) if code else None
        if known:
            found.append((known.code, known.name, known.lasting == "yes"))
        elif text:
            found.append(("", text, False))
    return found


def medicines(data: Mapping[str, Any]) -> list[NewLine]:
    """The lines that carry a name; InvalidInput when days or quantity are no numbers."""
    found = []
    for place in range(_MOST_LINES):
        code, name = data.get(f"medicine_{place}", ""), data.get(f"medicine_{place}__text", "").strip()
        if not name:
            continue
        known = catalogue.medicine(code) if code else None
        typed = {part: data.get(f"{part}_{place}", "").strip() for part in ("dose", "route", "frequency", "unit")}
        if known:
            typed |= {part: typed[part] or getattr(known, part) for part in ("dose", "route", "frequency")}
        days = _number(data.get(f"days_{place}", ""), place)
        found.append(
            NewLine(
                name=known.name if known else name, code=known.code if known else "", form=known.form if known else "", **typed,
                days=int(days) if days is not None else None, quantity=_number(data.get(f"quantity_{place}", ""), place),
            )
        )  # fmt: skip
    return found


def _number(text: str, place: int) -> Decimal | None:
    if not text.strip():
        return None
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise InvalidInput(errors={"medicines": _t("第 %(n)s 行的天数和数量请填写数字。") % {"n": place + 1}})
    return value


def rows(data: Mapping[str, Any], count: int) -> list[dict[str, str]]:
    """The medicine lines as typed, for showing the form again; at least ``count``."""
    parts = ("medicine", "medicine__text", "dose", "route", "frequency", "days", "quantity", "unit")
    used = [n for n in range(_MOST_LINES) if data.get(f"medicine_{n}__text")]
    shown = max(count, used[-1] + 1 if used else 0)
    return [{part: data.get(_name(part, n), "") for part in parts} for n in range(shown)]


def next_place(data: Mapping[str, Any]) -> int | None:
    """The number of the next medicine line; None when there are enough."""
    used = [n for n in range(_MOST_LINES) if f"medicine_{n}" in data]
    place = used[-1] + 1 if used else 0
    return place if place < _MOST_LINES else None


def _name(part: str, place: int) -> str:
    return f"medicine_{place}__text" if part == "medicine__text" else f"{part}_{place}"


class AllergyForm(forms.Form):
    """An allergy."""

    category = forms.ChoiceField(
        label=_("类别"),
        choices=[(v, _(str(t))) for v, t in Allergy.Category.choices],
        initial="drug",
        widget=forms.RadioSelect,
    )
    substance = forms.CharField(label=_("过敏原"), max_length=100, help_text=_("例如“青霉素”“头孢曲松”“花生”。"))
    reaction = forms.CharField(label=_("表现"), max_length=200, required=False, help_text=_("例如“皮疹”“过敏性休克”。"))
    severity = forms.ChoiceField(
        label=_("程度"), choices=[(v, _(str(t))) for v, t in Allergy.Severity.choices], initial="unknown"
    )


class ReasonForm(forms.Form):
    """Why something ends."""

    reason = forms.CharField(label=_("原因或依据"), max_length=200)


def now_text() -> str:
    """The present minute in the form that the browser's picker wants."""
    return clock.now().astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M")
