"""Which diagnoses ask for a report card, under which name and within how many hours. The catalogue is data (``packs/*/notifiable-diseases.csv``)."""

from typing import Literal

import msgspec

from yigong.core.packs.api import Table, register, rows


class Notifiable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Diagnoses whose ICD-10 code begins with ``prefix``: the ``name`` on the card, the ``grade`` (甲, 乙, 丙) and the ``urgency`` by which the card's
    form tells the time limits apart (A two hours, B a day)."""

    prefix: str
    name: str
    grade: Literal["甲", "乙", "丙"]
    urgency: Literal["A", "B"]


NOTIFIABLE: Table[Notifiable] = register(Table("notifiable_diseases", "notifiable-diseases.csv", Notifiable, "prefix"))
HOURS = {"A": 2, "B": 24}


def disease_of(code: str) -> Notifiable | None:
    """The disease that a diagnosis asks to report: that of the longest beginning; None where no card is asked for."""
    known = rows(NOTIFIABLE)
    return next((known[code[:n]] for n in range(len(code), 1, -1) if code[:n] in known), None)
