"""Drawings: values of a person over time, the stages and grades of a definition."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from yigong.core.forms import api as forms
from yigong.programmes.data import VisitData
from yigong.programmes.models import Enrolment
from yigong.programmes.rules import judging, planning
from yigong.programmes.rules.definition import Programme
from yigong.programmes.rules.packs import version_of


def trends(
    rows: Sequence[Enrolment], visits: Sequence[VisitData]
) -> list[tuple[str, dict[str, Any], list[tuple[str, ...]]]]:
    """Per programme with values over time its drawing and the rows behind it."""
    found = []
    answers = forms.answers_of([v.response_id for v in visits])
    for row in rows:
        programme = version_of(row.programme, row.definition)
        drawn = [m for m in programme.measures if m.trend]
        labels = {i.code: i.label for f in judging.forms_of(programme).values() for i in f.items}
        series: dict[str, list[list[Any]]] = defaultdict(list)
        for v in sorted((v for v in visits if v.enrolment_id == row.id and not v.void_reason), key=lambda v: v.on):
            given = answers.get(v.response_id, {})
            for m in drawn:
                if given.get(m.item) is not None:
                    series[m.item].append([v.on.isoformat(), float(given[m.item])])
        lines = {item: points for item, points in series.items() if len(points) > 1}
        if lines:
            found.append((_(programme.short), _option({_(labels[i]): p for i, p in lines.items()}), _table(lines)))
    return found


def _option(lines: dict[str, list[list[Any]]]) -> dict[str, Any]:
    return {
        "animation": False, "grid": {"left": 46, "right": 16, "top": 36, "bottom": 30}, "legend": {"top": 4},
        "tooltip": {"trigger": "axis"}, "xAxis": {"type": "time"}, "yAxis": {"type": "value", "scale": True},
        "series": [{"name": name, "type": "line", "symbolSize": 7, "data": points} for name, points in lines.items()],
    }  # fmt: skip


def _table(lines: dict[str, list[list[Any]]]) -> list[tuple[str, ...]]:
    days = sorted({day for points in lines.values() for day, _value in points}, reverse=True)
    by = {item: dict(map(tuple, points)) for item, points in lines.items()}
    return [(day, *(f"{by[i][day]:g}" if day in by[i] else "—" for i in lines)) for day in days[:20]]


WIDTH, BOX, GAP = 860, 40, 18


def diagram(programme: Programme) -> dict[str, Any]:
    """Boxes of stages by track and of grades, and the arrows between them, ready for an SVG: stages left, grades right."""
    boxes: list[dict[str, Any]] = []
    arrows: list[str] = []
    y = 10
    for stages in planning.tracks(programme).values():
        shown = stages[:_IN_TRACK]
        for n, stage in enumerate(shown):
            x, top = 10 + (n % 2) * 225, y + (n // 2) * (BOX + GAP)
            boxes.append(_box(x, top, 205, _(stage.title), when(stage), "stage"))
            if n % 2 == 1:
                arrows.append(f"M{x - 20} {top + BOX / 2} H{x}")
        if len(stages) > len(shown):
            boxes[-1]["note"] += _(" …共 %(n)s 项") % {"n": len(stages)}
        y += -(-len(shown) // 2) * (BOX + GAP)
    grades = sorted(programme.grades, key=lambda g: -g.severity)
    for n, grade in enumerate(grades):
        top = 10 + n * (BOX + 12)
        boxes.append(_box(560, top, 290, _(grade.title), does(programme, grade), grade.tone))
        arrows.append(f"M{_right(boxes)} {10 + BOX / 2} H505 V{top + BOX / 2} H560")
    height = max(y, 20 + len(grades) * (BOX + 12))
    return {"boxes": boxes, "arrows": arrows, "width": WIDTH if grades else 460, "height": height}


_IN_TRACK = 6


def _box(x: int, y: int, width: int, text: str, note: str, tone: str) -> dict[str, Any]:
    return {"x": x, "y": y, "w": width, "h": BOX, "text": text, "note": note, "tone": tone}


def _right(boxes: list[dict[str, Any]]) -> int:
    """Where the first row of stages ends."""
    return max(b["x"] + b["w"] for b in boxes if b["tone"] == "stage" and b["y"] == 10)


def when(stage: Any) -> str:
    """When a stage is due, in words."""
    if stage.hours:
        return _("纳入后 %(n)s 小时内") % {"n": stage.hours}
    if stage.yearly:
        return _("每自然年1次")
    if stage.every_days:
        return _("每 %(n)s 天") % {"n": stage.every_days}
    starts = {"enrolment": _("纳入"), "birth": _("出生"), "anchor": _("基准日"), "grade": _("分级触发")}
    start = starts.get(stage.after, stage.after)
    parts = [_("%(n)s 月") % {"n": stage.months} if stage.months else "", _("%(n)s 周") % {"n": stage.weeks} if stage.weeks else "",
             _("%(n)s 天") % {"n": stage.days} if stage.days else ""]  # fmt: skip
    return start if stage.after == "grade" else start + "+" + "".join(p for p in parts if p) if any(parts) else start


def does(programme: Programme, grade: Any) -> str:
    """What a grade does, in words."""
    parts = []
    if grade.next_days:
        parts.append(_("%(n)s 天内再访") % {"n": grade.next_days})
    if grade.opens:
        stage = programme.stage(grade.opens)
        parts.append(
            _("%(n)s 天内%(what)s") % {"n": grade.opens_days, "what": _(stage.title) if stage else grade.opens}
        )
    if grade.refer:
        parts.append(_("紧急转诊") if grade.emergency else _("建议转诊"))
    if grade.task:
        parts.append(_("派任务"))
    if grade.ends:
        parts.append(_("结案"))
    return " · ".join(parts) or _("按计划")
