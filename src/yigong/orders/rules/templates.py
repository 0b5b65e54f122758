"""Templates: who may do what with one, its places to fill in, and the file that report templates are carried in. Pure."""

import re
import tomllib
from collections.abc import Sequence
from json import dumps
from typing import Any

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n

from yigong.core.actor import Actor
from yigong.core.errors import InvalidInput
from yigong.core.states.api import State, StateTable, Step
from yigong.orders.data import ReportTemplate
from yigong.orders.rules.packs import TemplatePack
from yigong.orders.rules.services import service

CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")
_BLANK = re.compile("〔[^〕]*〕")
_UNIT = re.compile(r"〔([^〕|]*)\|([^〕|]{1,12})〕")
LONGEST = 20_000
MOST = 300


def with_units(text: str) -> str:
    """A place ``〔name|unit〕`` as it is put into a report: the blank, and behind it the unit that stays.

    >>> with_units("肺压缩约〔比例|%〕，长径〔长径|mm〕")
    '肺压缩约〔比例〕%，长径〔长径〕mm'
    """
    return _UNIT.sub(r"〔\1〕\2", text)


def unfilled(text: str) -> str:
    """What is said of the places of a template that nobody has filled or deleted, so that nothing such as “left or right” goes out by oversight; empty
    when there is none."""
    left = _BLANK.findall(text)[:3]
    return _("模板中的%(blanks)s还没有改写，请填写或删除。") % {"blanks": "、".join(left)} if left else ""


def _owner(row: Any, actor: Actor) -> bool:
    return actor.staff_id is not None and row.owner_id == actor.staff_id


def _proposer(row: Any, actor: Actor) -> bool:
    return row.kind == "report" and _owner(row, actor)


def _giver(row: Any, actor: Actor) -> bool:
    return row.kind == "request" and _owner(row, actor)


def _head(row: Any, actor: Actor) -> bool:
    """Who answers for what is shared: of reports the centre's reviewers, of requests every colleague who may ask for the service."""
    if actor.staff_id is None or row.institution_id not in actor.places:
        return False
    rights = service(row.service).rights
    if row.kind == "report":
        return actor.has(rights.review)
    return row.department_id in (None, actor.department_id) and actor.has(rights.request)


TEMPLATE = StateTable(
    name="text_template",
    states={
        "own": State(_n("个人")), "proposed": State(_n("待共享")), "centre": State(_n("共享")), "retired": State(_n("已停用")),
        "withdrawn": State(_n("已停用")),  # was shared: stays in sight of those it was shared with
    },
    steps=[
        Step("propose", {"own"}, "proposed", _n("申请共享"), who=_proposer),
        Step("give", {"own"}, "centre", _n("共享给同事"), who=_giver),
        Step("share", {"proposed"}, "centre", _n("共享到中心"), who=_head),
        Step("decline", {"proposed"}, "own", _n("不共享"), who=_head, reason_required=True),
        Step("retire", {"own"}, "retired", _n("停用"), who=_owner),
        Step("retire_shared", {"centre"}, "withdrawn", _n("停用"), who=_head, reason_required=True),
        Step("restore", {"retired", "withdrawn"}, "own", _n("恢复为个人模板"), who=_owner),
        Step("restore_shared", {"withdrawn"}, "centre", _n("恢复为共享模板"), who=_head),
    ],
)  # fmt: skip


def pool(kind: str, department: str = "") -> str:
    """Whom a shared template is shared with, in words."""
    if kind == "report":
        return _("中心")
    return department or _("本院")


def may_see(row: Any, actor: Actor) -> bool:
    """Its owner; once it was shared whoever works where it is or was shared; a report's that waits to be shared, who decides on it."""
    if _owner(row, actor):
        return True
    if row.institution_id not in actor.places or row.state in ("own", "retired"):
        return False
    if row.state == "proposed":
        return _head(row, actor)
    return row.kind == "report" or row.department_id in (None, actor.department_id)


def may_write(row: Any, actor: Actor) -> bool:
    """The owner while it is his own; once it is shared the head of the centre, of a request any colleague."""
    return _owner(row, actor) if row.state == "own" else row.state == "centre" and _head(row, actor)


def in_file(rows: Sequence[ReportTemplate], service_code: str, title: str) -> str:
    """Templates as a file of the packs' kind (``report-templates/<service>.toml``)."""
    lines = [
        f"code = {dumps(service_code)}",
        'version = "1"',
        "effective_from = 2026-01-01",
        f"title = {_quoted(title)}",
    ]
    for row in rows:
        lines += ["", "[[templates]]", f"code = {dumps(row.short_code or row.code)}", f"title = {_quoted(row.title)}"]
        lines += [f"groups = {_quoted(sorted(row.groups))}", f"parts = {_quoted(sorted(row.parts))}"]
        lines += [f"positive = {str(row.positive).lower()}", f"findings = {_quoted(row.sections.get('findings', ''))}"]
        lines.append(f"impression = {_quoted(row.sections.get('impression', ''))}")
        more = {code: text for code, text in row.sections.items() if code not in ("findings", "impression")}
        if more:
            lines.append("sections = { " + ", ".join(f"{code} = {_quoted(text)}" for code, text in more.items()) + " }")
    return "\n".join(lines) + "\n"


def _quoted(value: Any) -> str:
    # A JSON string is a TOML basic string.
    return dumps(value, ensure_ascii=False)


class TemplateFile(msgspec.Struct):
    """The file: of the service it names."""

    code: str
    templates: list[TemplatePack]


def from_file(content: bytes, service_code: str) -> list[TemplatePack]:
    """The templates of a file; InvalidInput names what is wrong, and then nothing is taken."""
    try:
        document = tomllib.loads(content.decode("utf-8-sig"))
        found = msgspec.convert(document, TemplateFile)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as mistake:
        raise InvalidInput(
            errors={"file": _("文件无法识别：%(why)s。请使用本页导出的格式。") % {"why": mistake}}
        ) from None
    if found.code != service_code:
        raise InvalidInput(errors={"file": _("这个文件是“%(code)s”的模板，不能导入这里。") % {"code": found.code}})
    if len(found.templates) > MOST:
        raise InvalidInput(errors={"file": _("一次最多导入 %(n)s 个模板。") % {"n": MOST}})
    return found.templates
