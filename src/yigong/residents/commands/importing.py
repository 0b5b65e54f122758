"""Files of people brought into the index by a job: on trial, or for good and undone as one operation."""

import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.core.jobs.api import JobCancelled, JobData, actor_of, job_kind, progress, start_job, store_result
from yigong.residents import policies
from yigong.residents.commands.import_writing import write_plan
from yigong.residents.importing import files
from yigong.residents.importing.plan import make_plan, own_part
from yigong.residents.models import LinkImport
from yigong.residents.queries import pairs
from yigong.residents.rules.text import has_controls

_STEPS = 8
_OWN = "yigong"


def start_import(
    *, uploads: Sequence[files.Upload], system: str, is_trial: bool, actor: Actor, institution_id: UUID | None = None
) -> JobData:
    """Keep the files and queue the job. For good, ``system`` names where the records come from; a record id of a system is taken in once."""
    policies.require(actor, policies.LINK)
    name = system.strip()
    if not uploads:
        raise InvalidInput(errors={"lists": _("请选择至少一个 CSV 文件。")})
    if not is_trial and (not name or len(name) > 40 or has_controls(name) or name.lower().startswith(_OWN)):
        raise InvalidInput(
            errors={"system": _("请写明来源系统的名称(1 到 40 个字,不能以 yigong 开头),例如“县医院 HIS”。")}
        )
    with transaction.atomic():
        row = LinkImport.objects.create(
            system=name, institution_id=institution_id, files=[files.safe_name(n) for n, _chunks in uploads], is_trial=is_trial,
            actor_name=actor.name, staff_id=actor.staff_id,
        )  # fmt: skip
        files.keep(row.id, uploads)
        title = _("名单试算") if is_trial else _("名单导入:%(system)s") % {"system": name}
        job = start_job("residents.link_files", title, actor, import_id=str(row.id))
        LinkImport.objects.filter(pk=row.id).update(job_id=job.id)
    return job


@job_kind("residents.link_files")
def link_files(job: JobData, *, import_id: str) -> None:
    """May run again after a crash: until everything is written in one transaction nothing is, and afterwards there is nothing left to do."""
    row = LinkImport.objects.filter(pk=import_id).first()
    if row is None:
        raise NotFound(_("这次导入已不存在。"))
    actor = actor_of(job.id)
    policies.require(actor, policies.LINK)
    if row.state == LinkImport.State.WAITING:
        with _given_up(row):
            _link(job, row, actor)
    files.forget(row.id)


@contextmanager
def _given_up(row: LinkImport) -> Iterator[None]:
    """A job that was cancelled or refused leaves nothing; one whose worker died keeps its files for the next start."""
    try:
        yield
    except (JobCancelled, InvalidInput, Conflict):
        files.forget(row.id)
        LinkImport.objects.filter(pk=row.id, state=LinkImport.State.WAITING).delete()
        raise


def _link(job: JobData, row: LinkImport, actor: Actor) -> None:
    step = [0]

    def say(text: str) -> None:
        step[0] += "完成" in text
        progress(job.id, min(step[0], _STEPS - 1), _STEPS, text.strip())

    given = files.kept(row.id)
    with tempfile.TemporaryDirectory(dir=files.folder_of(row.id)) as work:
        folder = Path(work)
        say(_("读出已建档居民 …"))
        known = folder / files.OWN_FILE
        has_known = files.write_residents(known) > 0
        counts = _run([*given, *([known] if has_known else [])], folder, say)
        plan = make_plan(folder / "clusters.csv", folder / "pairs.csv")
        counts |= {"new": len(plan.new), "known": len(plan.known), "doubts": len(plan.doubts)}
        if row.is_trial:
            _finish_trial(job, row, folder, counts)
        else:
            say(_("写入 …"))
            write_plan(row, plan, given, counts, actor)
            store_result(job.id, "rejected.zip", _packed(folder))


def _run(paths: list[Path], folder: Path, say: Callable[[str], None]) -> dict[str, int]:
    try:
        from yigong.residents.matching import bulk
    except ModuleNotFoundError as missing:
        raise Conflict(
            _("服务器上没有安装批量比对的组件(%(name)s),请系统管理员运行一次 ./yigong residents link help。")
            % {"name": missing.name}
        ) from missing
    from yigong.residents.matching.files import BadFile

    outputs = bulk.Outputs(folder / "clusters.csv", folder / "pairs.csv")
    try:
        done = bulk.link(paths, outputs, pairs.definition(), today=clock.today(), say=say, memory="4GB")
    except BadFile as refusal:
        raise InvalidInput(str(refusal).replace(f"{folder}/", "")) from refusal
    return {"records": done.records, "rejected": done.rejected, "links": done.links, "clusters": done.clusters}


def _finish_trial(job: JobData, row: LinkImport, folder: Path, counts: dict[str, int]) -> None:
    store_result(
        job.id,
        "result.zip",
        _packed(folder, ("clusters.csv", "record_id"), ("pairs.csv", "record_id_1", "record_id_2")),
    )
    done = {"state": LinkImport.State.DONE, "done_at": clock.now(), "counts": counts}
    LinkImport.objects.filter(pk=row.id).update(**done)
    progress(job.id, _STEPS, _STEPS, _("试算完成,没有写入任何数据"))


def _packed(folder: Path, *wanted: tuple[str, ...]) -> bytes:
    """The result files without our own residents, and the list of rows that were left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, *columns in wanted:
            own_part(folder / name, folder / f"own-{name}", tuple(columns))
            archive.write(folder / f"own-{name}", name)
        lost = folder / "clusters.csv.rejected.csv"
        archive.writestr("rejected.csv", lost.read_bytes() if lost.exists() else "file,line,reason,text\r\n")
    return out.getvalue()
