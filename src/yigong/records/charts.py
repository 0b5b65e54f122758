"""Drawings of values over time."""

from collections.abc import Sequence
from typing import Any

from yigong.core.clock import SHANGHAI
from yigong.records.data import ResultData


def spark(values: Sequence[float], width: int = 96, height: int = 24) -> str:
    """The points of an SVG polyline that fills the box."""
    low, high = min(values), max(values)
    span = (high - low) or 1
    step = (width - 4) / max(len(values) - 1, 1)
    return " ".join(
        f"{2 + n * step:.1f},{height - 3 - (v - low) / span * (height - 6):.1f}" for n, v in enumerate(values)
    )


def option(series: Sequence[Sequence[ResultData]]) -> dict[str, Any]:
    """An ECharts option: one line per code, the reference range as dashed lines, nothing that moves."""
    return {
        "animation": False,
        "grid": {"left": 46, "right": 16, "top": 36, "bottom": 40},
        "legend": {"top": 4},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "time"},
        "yAxis": {"type": "value", "scale": True, "name": series[0][-1].unit},
        "series": [_line(one) for one in series],
    }


def _line(values: Sequence[ResultData]) -> dict[str, Any]:
    limits = [v for v in (values[-1].low, values[-1].high) if v is not None]
    marks = {
        "silent": True,
        "symbol": "none",
        "label": {"show": False},
        "lineStyle": {"type": "dashed"},
        "data": [{"yAxis": float(v)} for v in limits],
    }
    return {
        "name": values[-1].name,
        "type": "line",
        "symbolSize": 7,
        "data": [
            [r.occurred_at.astimezone(SHANGHAI).isoformat(), float(r.value)] for r in values if r.value is not None
        ],
        "markLine": marks,
    }
