"""Charts of one case: its times in a row, its targets as bars, its signs as curves."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yigong.centres.emergency.models import Reading, TargetClock
from yigong.centres.emergency.rules.definitions import Pathway, sign_words
from yigong.core import clock

_GOOD, _BAD, _OPEN = "#2f7d4f", "#b3261e", "#8a97a6"


def timeline(path: Pathway, known: Mapping[str, datetime], labels: Mapping[str, str]) -> dict[str, Any] | None:
    """The pathway's known times on one axis in minutes from the first contact (before it: negative), and the rows behind."""
    order = [code for code in path.nodes() if code in known and code != "onset"]
    if len(order) < 2:
        return None
    begin = min(known[code] for code in order)
    rows = sorted((known[code], code) for code in order)
    points = [
        {"name": labels[code], "value": [round((at - begin).total_seconds() / 60, 1), place], "label": {"show": True}}
        for place, (at, code) in enumerate(rows)
    ]
    names = [labels[code] for _at, code in rows]
    option = {
        "grid": {"left": 8, "right": 48, "top": 10, "bottom": 28, "containLabel": True}, "tooltip": {},
        "xAxis": {"type": "value", "name": _("分钟"), "minInterval": 1}, "yAxis": {"type": "category", "data": names, "inverse": True},
        "series": [{"type": "scatter", "symbolSize": 12, "data": [point["value"] for point in points]}],
    }  # fmt: skip
    shown = [
        (
            labels[code],
            at.astimezone(clock.SHANGHAI).strftime("%m-%d %H:%M:%S"),
            f"{(at - begin).total_seconds() / 60:.1f}",
        )
        for at, code in rows
    ]
    return {"option": option, "rows": shown}


def targets(clocks: Sequence[TargetClock], now: datetime) -> dict[str, Any] | None:
    """Minutes taken (or run so far) beside the target of each clock that has started."""
    rows = [(one, ((one.stopped_at or now) - one.started_at).total_seconds() / 60) for one in clocks if one.started_at]
    if not rows:
        return None
    names = [one.label for one, _n in rows]
    colour = {"met": _GOOD, "missed": _BAD, "unknown": _BAD}
    bars = [
        {"value": round(n, 1), "itemStyle": {"color": colour.get(one.state, _OPEN if n <= one.minutes else _BAD)}}
        for one, n in rows
    ]
    option = {
        "grid": {"left": 8, "right": 24, "top": 28, "bottom": 8, "containLabel": True}, "tooltip": {}, "legend": {"data": [_("用时"), _("目标")]},
        "xAxis": {"type": "value"}, "yAxis": {"type": "category", "data": names, "inverse": True},
        "series": [
            {"type": "bar", "name": _("用时"), "data": bars, "barMaxWidth": 14},
            {"type": "bar", "name": _("目标"), "data": [one.minutes for one, _n in rows], "barMaxWidth": 6, "itemStyle": {"color": "#c9d3de"}},
        ],
    }  # fmt: skip
    return {"option": option, "rows": [(one.label, f"{n:.1f}", str(one.minutes)) for one, n in rows]}


def signs(readings: Sequence[Reading]) -> dict[str, Any] | None:
    """Curves of the main signs, from two readings on."""
    if len(readings) < 2:
        return None
    words = sign_words()
    at = [one.taken_at.astimezone(clock.SHANGHAI).strftime("%H:%M") for one in readings]
    codes = [
        code
        for code in ("sbp", "dbp", "pulse", "spo2", "respiration")
        if any(getattr(one, code) is not None for one in readings)
    ]
    option = {
        "grid": {"left": 8, "right": 16, "top": 30, "bottom": 8, "containLabel": True}, "tooltip": {"trigger": "axis"},
        "legend": {"data": [words[code][0] for code in codes]}, "xAxis": {"type": "category", "data": at}, "yAxis": {"type": "value"},
        "series": [
            {"type": "line", "name": words[code][0], "connectNulls": True, "data": [getattr(one, code) for one in readings]} for code in codes
        ],
    }  # fmt: skip
    rows = [
        (moment, *("—" if getattr(one, code) is None else getattr(one, code) for code in codes))
        for moment, one in zip(at, readings, strict=True)
    ]
    return {"option": option, "rows": rows, "heads": [_("时间"), *(words[code][0] for code in codes)]}
