"""A list as the form shows it: groups of labelled values, rows of the nodes, findings with the place to correct them."""

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

from yigong.core.money import yuan
from yigong.insurance.claims.models import Finding, SettlementList
from yigong.insurance.claims.rules.definitions import (
    ON_THE_FRONT_PAGE,
    ON_THE_LIST,
    Field,
    code_values,
    field_of,
    fields,
)

_TITLES = {
    "basic": "一、基本信息", "stay": "三、住院诊疗信息", "diagnoses": "诊断", "procedures": "手术操作与护理", "money": "四、医疗收费信息",
}  # fmt: skip  # texts: data


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the form: the path is the anchor a finding jumps to."""

    path: str
    label: str
    value: str
    tone: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding with where to go: an anchor on this page, the list's own fields, or the front page."""

    rule: str
    mark: str
    origin: str
    sentence: str
    label: str
    anchor: str
    url: str
    action: str


def groups(row: SettlementList) -> list[tuple[str, list[Cell]]]:
    """The head's fields by group, in the order of the form; empty optional fields stay visible as a dash."""
    wrong = _by_path(row)
    found = []
    for key, title in _TITLES.items():
        cells = [_cell(field, row, wrong) for field in fields("setlinfo") if field.group == key]
        found.append((title, cells))
    return found


def nodes(row: SettlementList) -> list[tuple[str, list[str], list[list[Cell]]]]:
    """Title, heads and rows of the other nodes that have rows, and of those that every list has."""
    wrong, shown = _by_path(row), []
    for node, title in (
        ("diseinfo", "出院诊断"), ("oprninfo", "手术及操作"), ("icuinfo", "重症监护"), ("bldinfo", "输血"), ("iteminfo", "收费项目（元）"),
        ("payinfo", "基金支付（元）"),
    ):  # fmt: skip  # texts: data
        if row.content[node] or node in ("diseinfo", "iteminfo", "payinfo"):
            known = fields(node)
            rows = [
                [_part(field, node, place, one, wrong) for field in known]
                for place, one in enumerate(row.content[node])
            ]
            shown.append((title, [field.label for field in known], rows))
    return shown


def _by_path(row: SettlementList) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in row.findings.all():
        found.setdefault(finding.path, []).append(finding)
    return found


def _cell(field: Field, row: SettlementList, wrong: dict[str, list[Finding]]) -> Cell:
    path = f"setlinfo.{field.field}"
    return _made(field, path, row.content["setlinfo"].get(field.field), wrong)


def _part(field: Field, node: str, place: int, one: dict[str, Any], wrong: dict[str, list[Finding]]) -> Cell:
    return _made(field, f"{node}.{place}.{field.field}", one.get(field.field), wrong)


def _made(field: Field, path: str, value: Any, wrong: dict[str, list[Finding]]) -> Cell:
    about = wrong.get(path, [])
    tone = "bad" if any(one.mark == "block" for one in about) else "warn" if about else ""
    return Cell(path, field.label, shown(field, value), tone, tuple(one.sentence for one in about))


def shown(field: Field, value: Any) -> str:
    """A value as the form prints it: codes with their words, fen as yuan."""
    if value in (None, ""):
        return ""
    if field.kind == "money":
        return yuan(value)
    if field.codes:
        label = code_values(field.codes).get(str(value), "")
        return f"{value} {label}".strip()
    if field.kind == "duration":
        days, hours, minutes = str(value).split("/") if str(value).count("/") == 2 else (value, "0", "0")
        return f"{days} 天 {hours} 小时 {minutes} 分"
    return str(value)


def findings(row: SettlementList) -> list[ShownFinding]:
    """Blocking ones first, each with where to correct it."""
    made = [_shown_finding(one, row) for one in row.findings.all()]
    return sorted(made, key=lambda one: one.mark != "block")


def _shown_finding(one: Finding, row: SettlementList) -> ShownFinding:
    field = field_of(one.path)
    source = field.source if field else ""
    url, action = "", "看字段"
    if source in ON_THE_LIST:
        url, action = reverse("claims:own", args=[row.id]) + f"#id_{one.path.rpartition('.')[2]}", "去填写"
    elif source in ON_THE_FRONT_PAGE:
        url, action = front_page_url(row), "去病案首页"
    return ShownFinding(
        one.rule, one.mark, one.origin, one.sentence, field.label if field else "", _anchor(one.path), url, action
    )


def _anchor(path: str) -> str:
    return f"#{path}" if path else ""


def front_page_url(row: SettlementList) -> str:
    """The front page's page; the coding desk while clinic offers none."""
    try:
        return reverse("clinic:front_page", args=[row.stay_id])
    except NoReverseMatch:
        return reverse("claims:desk", args=[row.stay_id])
