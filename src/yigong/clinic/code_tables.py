"""The code tables of this room for rooms that read files: code -> name."""

from typing import Any

from yigong.clinic.data import CATEGORIES
from yigong.clinic.rules import lists


def code_tables() -> dict[str, dict[str, str]]:
    """The lists of the front page by name."""
    found: dict[str, dict[str, Any]] = {
        "way_in": lists.WAY_IN, "way_out": lists.WAY_OUT, "payment": lists.PAYMENT, "marital": lists.MARITAL, "occupation": lists.OCCUPATION,
        "relation": lists.RELATION, "admission_condition": lists.CONDITION, "has": lists.HAS, "yes": lists.YES, "abo": lists.ABO, "rh": lists.RH,
        "quality": lists.QUALITY, "operation_level": lists.OPERATION_LEVEL, "wound": lists.WOUND, "anaesthesia": lists.ANAESTHESIA,
    }  # fmt: skip
    found["charge_categories"] = dict(CATEGORIES.values())
    return {name: {code: str(label) for code, label in table.items()} for name, table in found.items()}
