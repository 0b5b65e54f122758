"""Reading what a person typed into a form. Pure: no database, no page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from unicodedata import normalize

from django.utils.translation import gettext as _

from yigong.core.expressions.api import MISSING
from yigong.core.forms.definition import FormDefinition, Item, expression

Answers = dict[str, Any]
"""Answer by item code: str, int, Decimal, bool, date or list of option codes; items not answered are absent."""


@dataclass(frozen=True)
class Reading:
    """The outcome: ``answers`` that could be read, ``errors`` and ``warnings`` by item code."""

    answers: Answers
    errors: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)


class _Unreadable(ValueError):
    pass


def read(form: FormDefinition, typed: Mapping[str, Sequence[str]]) -> Reading:
    """Typed text by item code → answers. Hidden items are dropped, so a changed mind leaves nothing behind."""
    answers: Answers = {}
    errors: dict[str, str] = {}
    for item in form.items:
        try:
            value = _read_item(item, [normalize("NFC", t).strip() for t in typed.get(item.code, ())])
        except _Unreadable as problem:
            errors[item.code] = str(problem)
            continue
        if value is not None:
            answers[item.code] = value
    answers = {code: value for code, value in answers.items() if shown(form, _item(form, code), answers)}
    errors = {code: text for code, text in errors.items() if shown(form, _item(form, code), answers)}
    errors |= _absent(form, answers, errors)
    warnings = _checks(form, answers, errors)
    return Reading(answers, errors, warnings)


def shown(form: FormDefinition, item: Item, answers: Mapping[str, Any]) -> bool:
    """Whether an item is asked, given the other answers; an undecided condition hides it."""
    return not item.shown_when or expression(form, item.shown_when).evaluate(answers) is True


def _item(form: FormDefinition, code: str) -> Item:
    return next(item for item in form.items if item.code == code)


def _absent(form: FormDefinition, answers: Answers, errors: Mapping[str, str]) -> dict[str, str]:
    wanted = (i for i in form.items if i.required and i.code not in answers and i.code not in errors)
    return {i.code: _("请填写“%(label)s”。") % {"label": i.label} for i in wanted if shown(form, i, answers)}


def _checks(form: FormDefinition, answers: Answers, errors: dict[str, str]) -> dict[str, str]:
    warnings: dict[str, str] = {}
    for check in form.checks:
        outcome = expression(form, check.rule).evaluate(answers)
        if outcome is MISSING or outcome:
            continue
        (warnings if check.warning else errors).setdefault(check.item, check.message)
    return warnings


def _read_item(item: Item, texts: list[str]) -> Any:
    filled = [t for t in texts if t]
    if item.type == "boolean":
        return _read_boolean(item, filled)
    if not filled or item.type == "display":
        return None
    if item.type == "multichoice":
        return _read_options(item, filled)
    return _READERS[item.type](item, filled[-1])


def _read_boolean(item: Item, filled: list[str]) -> bool | None:
    if not filled:
        return None
    if filled[-1] not in {"yes", "no"}:
        raise _Unreadable(_("“%(label)s”请选择是或否。") % {"label": item.label})
    return filled[-1] == "yes"


def _read_text(item: Item, text: str) -> str:
    if len(text) > item.max_length:
        words = {"label": item.label, "max": item.max_length, "now": len(text)}
        raise _Unreadable(_("“%(label)s”最多 %(max)s 个字，现在有 %(now)s 个，请精简。") % words)
    return text


def _read_integer(item: Item, text: str) -> int:
    number = _number(item, text)
    if number != number.to_integral_value():
        raise _Unreadable(_("“%(label)s”请填整数。") % {"label": item.label})
    return int(_within(item, number))


def _read_decimal(item: Item, text: str) -> Decimal:
    return _within(item, _number(item, text))


def _number(item: Item, text: str) -> Decimal:
    try:
        number = Decimal(normalize("NFKC", text).replace(",", ""))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) > 10**12:
        raise _Unreadable(
            _("“%(label)s”请填数字，例如 %(example)s。") % {"label": item.label, "example": _example(item)}
        )
    return number


def _example(item: Item) -> str:
    return f"{item.min or 1:g}"


def _within(item: Item, number: Decimal) -> Decimal:
    too_low = item.min is not None and number < Decimal(str(item.min))
    too_high = item.max is not None and number > Decimal(str(item.max))
    if too_low or too_high:
        low, high = (f"{v:g}" if v is not None else "…" for v in (item.min, item.max))
        words = {"label": item.label, "low": low, "high": high, "unit": item.unit, "now": f"{number:f}"}
        raise _Unreadable(_("“%(label)s”应在 %(low)s 到 %(high)s %(unit)s 之间，现在是 %(now)s，请核对。") % words)
    return number


def _read_date(item: Item, text: str) -> date:
    try:
        return date.fromisoformat(normalize("NFKC", text).replace("/", "-").replace(".", "-"))
    except ValueError:
        raise _Unreadable(_("“%(label)s”不是有效日期，请按 2025-03-08 这样填写。") % {"label": item.label}) from None


def _read_choice(item: Item, text: str) -> str:
    if text not in {o.code for o in item.options}:
        raise _Unreadable(_("“%(label)s”请从列表中选择。") % {"label": item.label})
    return text


def _read_options(item: Item, texts: list[str]) -> list[str]:
    chosen = [_read_choice(item, text) for text in dict.fromkeys(texts)]
    alone = {o.code for o in item.options if o.exclusive}
    if len(chosen) > 1 and alone & set(chosen):
        label = next(o.label for o in item.options if o.code in alone & set(chosen))
        raise _Unreadable(_("选了“%(option)s”就不能再选别的。") % {"option": label})
    return chosen


_READERS: dict[str, Callable[[Item, str], Any]] = {
    "string": _read_text,
    "text": _read_text,
    "integer": _read_integer,
    "decimal": _read_decimal,
    "date": _read_date,
    "choice": _read_choice,
}
