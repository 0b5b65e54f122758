"""A filled form laid out as its paper: parts under heads, tick boxes where the paper has them, small tables where it has those. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from yigong.core.forms import api as forms

# So many characters of label and answers fit into half a line.
_HALF = 18

Cell = dict[str, Any]


def laid_out(form: forms.FormDefinition, answers: Mapping[str, Any], person: Mapping[str, Any]) -> list[list[Any]]:
    """(title, cells) of each part, for ``paper`` of ``sheet.typ``. Every question asked of this person stands there, answered or not; one
    that an answer opens only where it is open."""
    asked = set(forms.told(form, forms.typed_again(answers), person).items)
    parts: list[list[Any]] = []
    for section, items in form.sections(person):
        cells = [_cell(item, answers.get(item.code)) for item in items if item.code in asked and item.type != "display"]
        if cells:
            parts.append([section or _("内容"), cells])
    return parts


def _cell(item: forms.Item, value: Any) -> Cell:
    cell: Cell = {
        "label": item.label,
        "text": "",
        "options": [],
        "heads": [],
        "lines": [],
        "wide": item.type in {"text", "rows"},
    }
    if item.type == "boolean":
        cell["options"] = [[_("是"), value is True], [_("否"), value is False]]
    elif item.options and item.type != "rows":
        chosen = value if isinstance(value, list) else [value]
        cell["options"] = [[o.label, o.code in chosen] for o in item.options]
        cell["wide"] = sum(len(o.label) + 2 for o in item.options) > _HALF
    elif item.type == "rows":
        cell["heads"] = [c.label for c in item.columns]
        cell["lines"] = [[_written(c, line.get(c.code)) for c in item.columns] for line in value or ()]
    else:
        cell["text"] = _written(item, value)
        cell["wide"] = cell["wide"] or len(cell["text"]) > _HALF
    return cell


def _written(item: forms.Item | forms.Column, value: Any) -> str:
    if value is None:
        return f"　　{item.unit}" if item.unit else ""
    labels: dict[Any, str] = {o.code: o.label for o in item.options}
    shown = value.isoformat() if isinstance(value, date) else str(labels.get(value, value))
    return f"{shown} {item.unit}".rstrip()
