"""A file arrives: kept, its header looked at, its columns named; or thrown away."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.core.ids import new_id
from yigong.core.rights import permissions
from yigong.core.states.api import start, transition
from yigong.exchange.takeon import files, policies
from yigong.exchange.takeon.models import Import, Source
from yigong.exchange.takeon.rules.columns import guess
from yigong.exchange.takeon.rules.layouts import Layout, layout
from yigong.exchange.takeon.rules.states import IMPORT
from yigong.exchange.takeon.writers import writer_of

_OWN = "yigong"
_LARGEST = 2 << 30


def require(actor: Actor, code: str) -> None:
    """Refuse an actor who may not take on rows of this layout."""
    for right in (policies.USE, writer_of(code).right):
        if not actor.is_system and not actor.has(right):
            label = _(permissions()[right].label)
            raise Forbidden(_("导入这类数据需要“%(label)s”权限，请由有此权限的岗位办理。") % {"label": label})


def upload(
    *, layout_code: str, file_name: str, chunks: Iterable[bytes], system: str, institution_id: UUID | None, actor: Actor
) -> Import:
    """Keep a file and guess its columns. ``system`` and institution name where the numbers come from; a number of a source is taken on once."""
    require(actor, layout_code)
    chosen = layout(layout_code)
    name = " ".join(system.split())
    if not name or len(name) > 40 or not name.isprintable() or name.lower().startswith(_OWN):
        raise InvalidInput(
            errors={"system": _("请写明来源系统的名称（1 到 40 个字，不能以 yigong 开头），例如“县医院 HIS”。")}
        )
    key = new_id()
    try:
        path, digest, size = files.keep(key, file_name, chunks)
        if size > _LARGEST:
            raise InvalidInput(errors={"file": _("文件超过 2 GB，请按年份或机构分成几个文件。")})
        head = files.head_of(path, [n for c in chosen.each() for n in (c.label, c.name, *c.aliases)])
        with transaction.atomic():
            return _begin(key, chosen, name, institution_id, (file_name, digest, size), head, actor)
    except BaseException:
        files.forget(key)
        raise


def _begin(
    key: UUID,
    chosen: Layout,
    system: str,
    institution_id: UUID | None,
    given: tuple[str, str, int],
    head: files.Head,
    actor: Actor,
) -> Import:
    of: dict[str, Any] = {"layout": chosen.code, "institution_id": institution_id, "system": system}
    source, _made = Source.objects.get_or_create(**of)
    Source.objects.filter(pk=source.pk).update(used_at=clock.now())
    row = Import(
        id=key, source=source, layout=chosen.code, layout_version=chosen.version, file_name=_safe(given[0]), digest=given[1], size=given[2],
        header=head.header, sample=head.sample, sheet=head.sheet, sheet_name=head.sheet_name[:40], columns=guess(chosen, head.header, _remembered(source))[0], actor_name=actor.name,
        staff_id=actor.staff_id,
    )  # fmt: skip
    start(IMPORT, row, "uploaded", actor=actor)
    return row


def _remembered(source: Source) -> dict[str, str]:
    """The columns named the last time for this source, else for any other of the same institution."""
    if source.columns:
        return dict(source.columns)
    of: dict[str, Any] = {"layout": source.layout, "institution_id": source.institution_id}
    others = Source.objects.filter(**of).exclude(columns={})
    last = others.order_by("-used_at").first()
    return dict(last.columns) if last else {}


def _safe(name: str) -> str:
    plain = "".join(c for c in name.replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable())
    return plain.strip(". ")[-120:] or "data.csv"


@transaction.atomic
def name_columns(*, import_id: UUID, columns: Mapping[str, str], actor: Actor) -> Import:
    """Say which header stands for which column, and remember it for the source. Refuses a header twice and a required column without one."""
    row = access(import_id, actor, lock=True)
    if row.state not in {"uploaded", "checked"}:
        raise Conflict(_("这个文件%(state)s，不能再改列的对应。") % {"state": IMPORT.label(row.state)})
    chosen = layout(row.layout)
    named = {c.name: columns[c.name] for c in chosen.each() if columns.get(c.name)}
    errors = {
        c.name: _("这一列必填，请选择文件中对应的列。") for c in chosen.each() if c.required and c.name not in named
    }
    seen: dict[str, str] = {}
    for name, header in named.items():
        if header not in row.header:
            errors[name] = _("文件中没有“%(header)s”这一列。") % {"header": header}
        elif header in seen:
            errors[name] = _("“%(header)s”已用于另一列。") % {"header": header}
        seen[header] = name
    if errors:
        raise InvalidInput(errors=errors)
    if named != row.columns:
        row.columns = named
        row.save(update_fields=["columns"])
    Source.objects.filter(pk=row.source_id).update(columns=named)
    return row


def discard(*, import_id: UUID, actor: Actor) -> None:
    """The file goes; its line in the history stays."""
    row = access(import_id, actor)
    transition(IMPORT, row, "discard", actor=actor)
    transaction.on_commit(lambda: files.forget(row.pk))


def access(import_id: UUID, actor: Actor, *, lock: bool = False) -> Import:
    """The import, for whoever may take on its layout."""
    rows = Import.objects.select_for_update(of=("self",)) if lock else Import.objects
    row = rows.select_related("source").filter(pk=import_id).first()
    if row is None:
        raise NotFound(_("没有找到这次导入。"))
    require(actor, row.layout)
    return row
