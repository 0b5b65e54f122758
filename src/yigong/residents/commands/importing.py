"""Files of people brought into the index: linked among themselves and with the residents, on trial or for good."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Conflict, InvalidInput
from yigong.residents import policies
from yigong.residents.commands.import_writing import write_plan
from yigong.residents.importing import files
from yigong.residents.importing.plan import make_plan, own_part
from yigong.residents.models import LinkChange, SourceRecord
from yigong.residents.queries import pairs


@dataclass(slots=True)
class LinkedPeople:
    """What became of the records of a file, and on trial the result files: which records are one person, by which pairs."""

    counts: dict[str, int]
    results: dict[str, bytes] = field(default_factory=dict)


def link_people(
    *,
    batch_id: UUID,
    lists: list[Path],
    source: tuple[UUID | None, str],
    for_good: bool,
    actor: Actor,
    say: Callable[[str], None],
) -> LinkedPeople:
    """Link files (columns of ``PEOPLE_HEADER``) and, for good, register what is new under a batch; a record id of a source is taken in once.

    Written in one transaction: until then a killed call leaves nothing, and begun again afterwards it has nothing left to do.
    """
    policies.require(actor, policies.LINK)
    if for_good and SourceRecord.objects.filter(batch=batch_id).exists():
        return LinkedPeople(_written(batch_id))
    with tempfile.TemporaryDirectory(dir=lists[0].parent) as work:
        folder = Path(work)
        say(_("读出已建档居民 …"))
        known = folder / files.OWN_FILE
        has_known = files.write_residents(known) > 0
        counts = _run([*lists, *([known] if has_known else [])], folder, say)
        plan = make_plan(folder / "clusters.csv", folder / "pairs.csv")
        counts |= {"new": len(plan.new), "known": len(plan.known), "doubts": len(plan.doubts)}
        if not for_good:
            wanted = (("clusters.csv", "record_id"), ("pairs.csv", "record_id_1", "record_id_2"))
            return LinkedPeople(counts, {name: _own(folder, name, columns) for name, *columns in wanted})
        say(_("写入 …"))
        return LinkedPeople(counts | write_plan(plan, lists, source, batch_id, actor))


def _written(batch_id: UUID) -> dict[str, int]:
    placed = LinkChange.objects.filter(source_record__batch=batch_id)
    made = placed.filter(action="register").values("to_resident_id").distinct().count()
    return {"new": made, "known": placed.filter(action="link").count()}


def _run(paths: list[Path], folder: Path, say: Callable[[str], None]) -> dict[str, int]:
    try:
        from yigong.residents.matching import bulk
    except ModuleNotFoundError as missing:
        raise Conflict(
            _("服务器上没有安装批量比对的组件（%(name)s），请系统管理员运行一次 ./yigong residents link help。")
            % {"name": missing.name}
        ) from missing
    from yigong.residents.matching.files import BadFile

    outputs = bulk.Outputs(folder / "clusters.csv", folder / "pairs.csv")
    try:
        done = bulk.link(paths, outputs, pairs.definition(), today=clock.today(), say=say, memory="4GB")
    except BadFile as refusal:
        raise InvalidInput(str(refusal).replace(f"{folder}/", "")) from refusal
    return {"records": done.records, "rejected": done.rejected, "links": done.links, "clusters": done.clusters}


def _own(folder: Path, name: str, columns: list[str]) -> bytes:
    """A result file without our own residents."""
    own_part(folder / name, folder / f"own-{name}", tuple(columns))
    return (folder / f"own-{name}").read_bytes()
