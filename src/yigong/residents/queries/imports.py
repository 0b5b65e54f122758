"""Imports of files as pages show them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core.errors import NotFound
from yigong.core.paging import Page, page_of
from yigong.residents.models import LinkImport

_COUNTS = (
    ("records", "读入记录"), ("rejected", "未采用的行"), ("clusters", "人数(含已建档)"), ("links", "自动关联的记录对"), ("new", "新建档"),
    ("known", "关联到已建档居民的记录"), ("again", "以前已登记的记录"), ("nameless", "没有姓名、未登记的记录"), ("doubts", "待复核的对"),
    ("undone_people", "撤销的档案"), ("undone_records", "撤销的记录"), ("kept_records", "已被使用而保留的记录"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ImportData:
    """One import with its counts in words."""

    id: UUID
    system: str
    files: tuple[str, ...]
    is_trial: bool
    state: str
    state_label: str
    job_id: UUID | None
    counts: tuple[tuple[str, int], ...]
    by: str
    asked_at: datetime
    done_at: datetime | None
    undone_by: str
    undone_at: datetime | None
    undone_reason: str
    doubts: int

    @property
    def can_undo(self) -> bool:
        return self.state == LinkImport.State.DONE and not self.is_trial


def imports(page: int = 1) -> Page[ImportData]:
    """All imports, newest first."""
    found = page_of(LinkImport.objects.order_by("-asked_at", "id"), page=page)
    return Page([_data(row) for row in found.items], found.total, found.offset, found.limit)


def import_of(import_id: UUID) -> ImportData:
    """One import, or NotFound."""
    row = LinkImport.objects.filter(pk=import_id).first()
    if row is None:
        raise NotFound(_("没有找到这次导入,可能已取消或没有成功。"))
    return _data(row)


def _data(row: LinkImport) -> ImportData:
    counts = tuple((_(label), row.counts[name]) for name, label in _COUNTS if name in row.counts)
    return ImportData(
        row.id, row.system, tuple(row.files), row.is_trial, row.state, _(str(row.get_state_display())), row.job_id, counts, row.actor_name,
        row.asked_at, row.done_at, row.undone_by, row.undone_at, row.undone_reason, row.counts.get("doubts", 0),
    )  # fmt: skip
