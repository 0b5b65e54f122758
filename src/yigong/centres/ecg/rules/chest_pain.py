"""What makes an order the first to be read, and which critical findings suggest a heart attack."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from yigong.core.packs import api as packs
from yigong.core.packs.api import Kind


class ChestPain(msgspec.Struct, forbid_unknown_fields=True):
    """``packs/*/ecg/chest-pain.toml``."""

    code: str
    version: str
    effective_from: date
    title: str
    items: list[str]
    centre_kind: str
    duty_role: str
    first_ecg: int


CHEST_PAIN: Kind[ChestPain] = packs.register(Kind("ecg-chest-pain", "ecg/chest-pain.toml", ChestPain))


def parameters() -> ChestPain:
    """The parameters in force."""
    return packs.current(CHEST_PAIN, "chest-pain")


def first(answers: Mapping[str, Any]) -> str:
    """Why an order goes to the head of the reading list; empty when it waits its turn."""
    return _("胸痛正在发作") if answers.get("chest_pain") == "now" else ""
