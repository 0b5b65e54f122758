"""Report templates: what one says, its places to fill in, and the file it is carried in. Pure."""

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
_UNIT = re.compile(r"〔([^〕|]*)\|([^〕|]{1,12})〕")
LONGEST = 20_000
MOST = 300


def with_units(text: str) -> str:
    """A place ``〔name|unit〕`` as it is put into a report: the blank, and behind it the unit that stays.

    >>> with_units("肺压缩约〔比例|%〕，长径〔长径|mm〕")
    '肺压缩约〔比例〕%，长径〔长径〕mm'
    """
    return _UNIT.sub(r"〔\1〕\2", text)


def _owner(row: Any, actor: Actor) -> bool:
    return actor.staff_id is not None and row.owner_id == actor.staff_id


def _head(row: Any, actor: Actor) -> bool:
    return (
        actor.staff_id is not None
        and row.institution_id in actor.places
        and actor.has(service(row.service).rights.review)
    )


TEMPLATE = StateTable(
    name="text_template",
    states={
        "own": State(_n("个人")), "proposed": State(_n("待共享")), "centre": State(_n("中心")), "retired": State(_n("已停用")),
    },
    steps=[
        Step("propose", {"own"}, "proposed", _n("申请共享"), who=_owner),
        Step("share", {"proposed"}, "centre", _n("共享到中心"), who=_head),
        Step("decline", {"proposed"}, "own", _n("不共享"), who=_head, reason_required=True),
        Step("retire", {"own"}, "retired", _n("停用"), who=_owner),
        Step("retire_shared", {"centre"}, "retired", _n("停用"), who=_head, reason_required=True),
        Step("restore", {"retired"}, "own", _n("恢复为个人模板"), who=_owner),
        Step("restore_shared", {"retired"}, "centre", _n("恢复为中心模板"), who=_head),
    ],
)  # fmt: skip


def may_write(row: Any, actor: Actor) -> bool:
    """The owner while it is his own, the head of the centre once it is the centre's."""
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
