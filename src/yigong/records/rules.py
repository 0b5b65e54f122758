"""Pure rules of records: what a time, a text, a value may be; flags, alerts and sentences."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

import msgspec
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.errors import InvalidInput
from yigong.core.expressions.api import ExpressionInvalid, Vocabulary
from yigong.core.packs.api import Kind, current, register
from yigong.records.data import AlertData, NewLine, NewResult

LONGEST_NOTE = 2_000
LONGEST_DOCUMENT = 200_000
LONGEST_CONTENT = 1_000_000
# Clocks of machines differ a little; more than this is the future.
_TOLERANCE = timedelta(minutes=5)
_SIGNS = "sbp dbp pulse temperature respiration spo2 glucose weight height".split()
VOCABULARY = Vocabulary({"age": "int", "sex": "string"} | dict.fromkeys(_SIGNS, "double"))
# From mild to grave; the gravest of a group stands for it.
_GRAVITY = ["", "N", "L", "H", "A", "LL", "HH"]


class Sign(msgspec.Struct, forbid_unknown_fields=True):
    """One vital sign: LOINC, unit, plausible range (``least``–``most``), normal range."""

    code: str
    loinc: str
    name: str
    unit: str
    least: float
    most: float
    low: float | None = None
    high: float | None = None
    whole: bool = False


class AlertRule(msgspec.Struct, forbid_unknown_fields=True):
    """Values that call for action. ``level``: urgent, warn or info; ``within_days``: when somebody must look again."""

    code: str
    when: str
    level: str
    title: str
    advice: str
    refer: bool
    within_days: int | None = None


class VitalAlerts(msgspec.Struct, forbid_unknown_fields=True):
    """The pack's definition of signs and alerts."""

    code: str
    version: str
    effective_from: date
    title: str
    signs: list[Sign]
    rules: list[AlertRule]


def _check_alerts(pack: VitalAlerts) -> Iterable[tuple[str, str]]:
    for place, rule in enumerate(pack.rules):
        if rule.level not in {"urgent", "warn", "info"}:
            yield f"rules[{place}].level", "只能是 urgent、warn 或 info"
        try:
            VOCABULARY.compile(rule.when)
        except ExpressionInvalid as bad:
            yield f"rules[{place}].when", str(bad)


ALERTS: Kind[VitalAlerts] = register(Kind("vital_alerts", "vital-alerts.toml", VitalAlerts, _check_alerts))


def signs() -> dict[str, Sign]:
    """The vital signs by short code."""
    return {sign.code: sign for sign in current(ALERTS, "vital-alerts").signs}


def alerts(values: Mapping[str, Decimal | float | None], age: int | None, sex: str) -> list[AlertData]:
    """The rules that hold for these values, gravest first. A value that was not measured fires nothing."""
    known = {"age": age, "sex": sex} | {k: float(v) for k, v in values.items() if v is not None}
    found = [
        AlertData(r.code, r.level, r.title, r.advice, r.refer, r.within_days)
        for r in current(ALERTS, "vital-alerts").rules
        if VOCABULARY.compile(r.when).evaluate(known) is True
    ]
    return sorted(found, key=lambda a: ("urgent", "warn", "info").index(a.level))


def vital_results(values: Mapping[str, Decimal | None]) -> tuple[list[NewResult], dict[str, str]]:
    """Results to record from measured signs, and a sentence for each value that cannot be."""
    results, errors = [], {}
    for code, sign in signs().items():
        value = values.get(code)
        if value is None:
            continue
        if not Decimal(str(sign.least)) <= value <= Decimal(str(sign.most)):
            errors[code] = _("%(name)s %(value)s %(unit)s 不合常理，应在 %(least)s–%(most)s 之间，请核对后重新填写。") % {
                "name": _(sign.name), "value": value, "unit": sign.unit, "least": f"{sign.least:g}", "most": f"{sign.most:g}",
            }  # fmt: skip
            continue
        results.append(_sign_result(sign, value))
    sbp, dbp = values.get("sbp"), values.get("dbp")
    if (sbp is None) != (dbp is None):
        errors["dbp" if dbp is None else "sbp"] = _("收缩压和舒张压请一起填写。")
    elif sbp is not None and dbp is not None and sbp <= dbp and not errors:
        errors["dbp"] = _("舒张压应低于收缩压，请核对两个数是否填反。")
    return results, errors


def _sign_result(sign: Sign, value: Decimal) -> NewResult:
    low, high = (Decimal(str(v)) if v is not None else None for v in (sign.low, sign.high))
    return NewResult(sign.loinc, sign.name, value, unit=sign.unit, low=low, high=high)


def flag_of(result: NewResult) -> str:
    """The reporter's flag, else judged from the limits; blank when there is nothing to judge from."""
    if result.flag or result.value is None or (result.low is None and result.high is None):
        return result.flag
    if result.low is not None and result.value < result.low:
        return "L"
    return "H" if result.high is not None and result.value > result.high else "N"


def worst(flags: Iterable[str]) -> str:
    """The gravest flag of a group."""
    return max(flags, key=_GRAVITY.index, default="")


def line_text(line: NewLine) -> str:
    """One medicine as a sentence: 氨氯地平片 5mg 口服 每日一次 28天."""
    days = _("%(n)s天") % {"n": line.days} if line.days else ""
    amount = f"×{line.quantity.normalize():f}{line.unit}" if line.quantity is not None else ""
    return " ".join(
        part for part in (line.name, line.form, line.dose, line.route, line.frequency, days, amount) if part
    )


def check_time(when: datetime | None, born: date | None, field: str = "occurred_at") -> datetime:
    """The time of an entry: not in the future, not before birth; now when blank. Raises InvalidInput."""
    at = when or clock.now()
    if at > clock.now() + _TOLERANCE:
        raise InvalidInput(errors={field: _("时间不能晚于现在，请核对日期。")})
    if born and at.astimezone(clock.SHANGHAI).date() < born:
        raise InvalidInput(errors={field: _("时间不能早于出生日期 %(d)s。") % {"d": born.isoformat()}})
    return at


def check_text(text: str, field: str, longest: int = LONGEST_NOTE, required: bool = False) -> str:
    """A free text within its length; markup is ordinary text. Raises InvalidInput."""
    if len(text) > longest:
        raise InvalidInput(
            errors={
                field: _("内容过长（%(n)s 个字），最多 %(most)s 个字；长资料请作为附件上传。")
                % {"n": len(text), "most": longest}
            }
        )
    clean = text.replace("\x00", "").strip()
    if required and not clean:
        raise InvalidInput(errors={field: _("请填写这一项。")})
    return clean


def check_line(line: NewLine, place: int) -> None:
    """One medicine: a name, sane days and quantity. Raises InvalidInput naming the line."""
    if not line.name.strip():
        raise InvalidInput(errors={"medicines": _("第 %(n)s 行没有药名，请填写或删去这一行。") % {"n": place}})
    if line.days is not None and not 1 <= line.days <= 366:
        raise InvalidInput(errors={"medicines": _("第 %(n)s 行的天数应在 1–366 之间。") % {"n": place}})
    if line.quantity is not None and not 0 < line.quantity <= 10_000:
        raise InvalidInput(errors={"medicines": _("第 %(n)s 行的数量应大于 0 且不超过 10000。") % {"n": place}})
