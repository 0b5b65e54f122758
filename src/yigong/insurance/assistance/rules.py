"""The workflow of a payment, and reading a roll."""

# texts: data (the heads of the file and what is wrong with its lines, in the language of the file)

import csv
import io
from dataclasses import dataclass, field
from datetime import date

from yigong.core.asked import text_of
from yigong.core.states.api import State, StateTable, Step
from yigong.insurance.assistance import policies

PAYMENT = StateTable(
    name="assistance.payment",
    states={"owed": State("待拨付"), "paid": State("已支付"), "withdrawn": State("已收回", final=True)},
    steps=[
        Step("pay", {"owed"}, "paid", "拨付", system_only=True),
        Step("withdraw", {"paid", "owed"}, "withdrawn", "收回", permission=policies.PAY, reason_required=True),
    ],
)
CATEGORIES = {
    "tekun": "特困人员",
    "dibao": "最低生活保障对象",
    "fanpin": "返贫致贫人口",
    "bianyuan": "低保边缘家庭成员",
    "yinbing": "因病致贫重病患者",
}
HEADS = ("证件号码", "姓名", "类别", "起始日期")


@dataclass(slots=True)
class Entry:
    """One line of a roll."""

    line: int
    number: str
    name: str
    category: str
    starts_on: date


@dataclass(slots=True)
class Reading:
    """What a roll says, and what is wrong with it."""

    entries: list[Entry] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)


def read_roll(content: bytes, as_of: date) -> Reading | None:
    """A CSV in UTF-8 or GB 18030 with the heads of ``HEADS``; None when it is no such table."""
    text = text_of(content, errors="replace")
    rows = csv.DictReader(io.StringIO(text))
    if set(HEADS) - {head.strip() for head in rows.fieldnames or []}:
        return None
    codes, found, seen = (
        {word: code for code, word in CATEGORIES.items()} | {code: code for code in CATEGORIES},
        Reading(),
        set(),
    )
    for place, row in enumerate(rows, 2):
        cells = {
            (key or "").strip(): (value or "").strip() for key, value in row.items() if isinstance(value, str | None)
        }
        category, number = codes.get(cells["类别"]), cells["证件号码"]
        try:
            starts = date.fromisoformat(cells["起始日期"].replace("/", "-"))
        except ValueError:
            starts = None
        if not number:
            found.faults.append((place, "证件号码不能为空。"))
        elif category is None:
            found.faults.append((place, f"类别“{cells['类别']}”应为 {'、'.join(CATEGORIES.values())} 之一。"))
        elif starts is None or starts > as_of:
            found.faults.append((place, f"起始日期“{cells['起始日期']}”应写成 2026-01-01，且不晚于名册日期。"))
        elif (number, category) in seen:
            found.faults.append((place, "与前面的行重复。"))
        else:
            seen.add((number, category))
            found.entries.append(Entry(place, number, cells["姓名"], category, starts))
    return found
