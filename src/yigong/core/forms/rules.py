"""Reading what a person typed into a form. Pure: no database, no page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from unicodedata import normalize

from django.utils.translation import gettext as _

from yigong.core.expressions.api import MISSING, EvaluationFailed
from yigong.core.forms.definition import Column, FormDefinition, Item, expression, reckoning

Answers = dict[str, Any]
"""Answer by item code: str, int, Decimal, bool, date, list of option codes, or a list of lines (answers by column); what is not answered is absent."""


@dataclass(frozen=True)
class Reading:
    """The outcome: ``answers`` that could be read, ``errors`` and ``warnings`` by item code."""

    answers: Answers
    errors: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)


class _Unreadable(ValueError):
    pass


def read(form: FormDefinition, typed: Mapping[str, Sequence[str]], facts: Mapping[str, Any]) -> Reading:
    """Typed text by item code → answers. Hidden items are dropped, so a changed mind leaves nothing behind; what is reckoned is reckoned anew.

    The cells of ``rows`` come by ``item.line.column``; ``facts`` are those of ``definition.FACTS`` that are known.
    """
    answers: Answers = {}
    errors: dict[str, str] = {}
    for item in form.items:
        try:
            value = (
                _read_rows(item, typed) if item.type == "rows" else _read_item(item, _clean(typed.get(item.code, ())))
            )
        except _Unreadable as problem:
            errors[item.code] = str(problem)
            continue
        if value is not None and not item.reckoned:
            answers[item.code] = value
    answers |= reckoned(form, {**facts, **answers})
    asked = {i.code for i in form.items if shown(form, i, {**facts, **answers})}
    answers = {code: value for code, value in answers.items() if code in asked}
    errors = {code: text for code, text in errors.items() if code in asked}
    errors |= _absent(form, facts, answers, errors)
    warnings = _checks(form, {**facts, **answers}, errors)
    return Reading(answers, errors, warnings)


def shown(form: FormDefinition, item: Item, known: Mapping[str, Any]) -> bool:
    """Whether an item is asked, given the other answers and the facts; an undecided condition hides it."""
    return not item.shown_when or expression(form, item.shown_when).evaluate(known) is True


def required(form: FormDefinition, item: Item, known: Mapping[str, Any]) -> bool:
    """Whether an item that is asked must be answered; an undecided condition does not ask for it."""
    return item.required or bool(item.required_when and expression(form, item.required_when).evaluate(known) is True)


def _clean(texts: Sequence[str]) -> list[str]:
    return [normalize("NFC", t).strip() for t in texts]


def reckoned(form: FormDefinition, known: Mapping[str, Any]) -> Answers:
    """The reckoned items that can be reckoned, in order, so that a later one may build on an earlier one."""
    found: Answers = {}
    for item in form.items:
        if not item.reckoned:
            continue
        try:
            value = reckoning(form, item).evaluate({**known, **found})
        except EvaluationFailed:  # a division by zero while somebody is typing
            continue
        if value is not MISSING:
            exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-item.digits), ROUND_HALF_UP)
            found[item.code] = int(value) if item.type == "integer" else exact
    return found


def _absent(
    form: FormDefinition, facts: Mapping[str, Any], answers: Answers, errors: Mapping[str, str]
) -> dict[str, str]:
    known = {**facts, **answers}
    open_ = (i for i in form.items if i.code not in answers and i.code not in errors and not i.reckoned)
    wanted = (i for i in open_ if required(form, i, known) and shown(form, i, known))
    return {i.code: _("请填写“%(label)s”。") % {"label": i.label} for i in wanted}


def _checks(form: FormDefinition, known: Mapping[str, Any], errors: dict[str, str]) -> dict[str, str]:
    warnings: dict[str, str] = {}
    for check in form.checks:
        outcome = expression(form, check.rule).evaluate(known)
        if outcome is MISSING or outcome:
            continue
        (warnings if check.warning else errors).setdefault(check.item, check.message)
    return warnings


def _read_rows(item: Item, typed: Mapping[str, Sequence[str]]) -> list[Answers] | None:
    """The lines of a table in order; a line in which nothing is filled in is no line."""
    prefix = f"{item.code}."
    places = {
        int(n) for key in typed if key.startswith(prefix) and (n := key[len(prefix) :].partition(".")[0]).isdecimal()
    }
    lines: list[Answers] = []
    for place in sorted(places):
        cells = {c.code: _clean(typed.get(f"{prefix}{place}.{c.code}", ())) for c in item.columns}
        if any(any(texts) for texts in cells.values()):
            lines.append(_read_line(item, len(lines) + 1, cells))
    if len(lines) > item.most:
        words = {"label": item.label, "most": item.most, "now": len(lines)}
        raise _Unreadable(_("“%(label)s”最多 %(most)s 行，现在有 %(now)s 行。") % words)
    return lines or None


def _read_line(item: Item, number: int, cells: Mapping[str, list[str]]) -> Answers:
    line: Answers = {}
    for column in item.columns:
        try:
            value = _read_item(column, cells[column.code])
            if value is None and column.required:
                raise _Unreadable(_("请填写“%(label)s”。") % {"label": column.label})
        except _Unreadable as problem:
            raise _Unreadable(_("第 %(n)s 行：%(problem)s") % {"n": number, "problem": problem}) from None
        if value is not None:
            line[column.code] = value
    return line


def _read_item(item: Item | Column, texts: list[str]) -> Any:
    filled = [t for t in texts if t]
    if item.type == "boolean":
        return _read_boolean(item, filled)
    if not filled or item.type == "display":
        return None
    if item.type == "multichoice":
        return _read_options(item, filled)
    return _READERS[item.type](item, filled[-1])


def _read_boolean(item: Item | Column, filled: list[str]) -> bool | None:
    if not filled:
        return None
    if filled[-1] not in {"yes", "no"}:
        raise _Unreadable(_("“%(label)s”请选择是或否。") % {"label": item.label})
    return filled[-1] == "yes"


def _read_text(item: Item | Column, text: str) -> str:
    if len(text) > item.max_length:
        words = {"label": item.label, "max": item.max_length, "now": len(text)}
        raise _Unreadable(_("“%(label)s”最多 %(max)s 个字，现在有 %(now)s 个，请精简。") % words)
    return text


def _read_integer(item: Item | Column, text: str) -> int:
    number = _number(item, text)
    if number != number.to_integral_value():
        raise _Unreadable(_("“%(label)s”请填整数。") % {"label": item.label})
    return int(_within(item, number))


def _read_decimal(item: Item | Column, text: str) -> Decimal:
    return _within(item, _number(item, text))


def _number(item: Item | Column, text: str) -> Decimal:
    try:
        number = Decimal(normalize("NFKC", text).replace(",", ""))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) > 10**12:
        raise _Unreadable(
            _("“%(label)s”请填数字，例如 %(example)s。") % {"label": item.label, "example": _example(item)}
        )
    return number


def _example(item: Item | Column) -> str:
    return f"{item.min or 1:g}"


def _within(item: Item | Column, number: Decimal) -> Decimal:
    too_low = item.min is not None and number < Decimal(str(item.min))
    too_high = item.max is not None and number > Decimal(str(item.max))
    if too_low or too_high:
        low, high = (f"{v:g}" if v is not None else "…" for v in (item.min, item.max))
        words = {"label": item.label, "low": low, "high": high, "unit": item.unit, "now": f"{number:f}"}
        raise _Unreadable(_("“%(label)s”应在 %(low)s 到 %(high)s %(unit)s 之间，现在是 %(now)s，请核对。") % words)
    return number


def _read_date(item: Item | Column, text: str) -> date:
    try:
        return date.fromisoformat(normalize("NFKC", text).replace("/", "-").replace(".", "-"))
    except ValueError:
        raise _Unreadable(_("“%(label)s”不是有效日期，请按 2025-03-08 这样填写。") % {"label": item.label}) from None


def _read_choice(item: Item | Column, text: str) -> str:
    if text not in {o.code for o in item.options}:
        raise _Unreadable(_("“%(label)s”请从列表中选择。") % {"label": item.label})
    return text


def _read_options(item: Item | Column, texts: list[str]) -> list[str]:
    chosen = [_read_choice(item, text) for text in dict.fromkeys(texts)]
    alone = {o.code for o in item.options if o.exclusive}
    if len(chosen) > 1 and alone & set(chosen):
        label = next(o.label for o in item.options if o.code in alone & set(chosen))
        raise _Unreadable(_("选了“%(option)s”就不能再选别的。") % {"option": label})
    return chosen


_READERS: dict[str, Callable[[Item | Column, str], Any]] = {
    "string": _read_text,
    "text": _read_text,
    "integer": _read_integer,
    "decimal": _read_decimal,
    "date": _read_date,
    "choice": _read_choice,
}
