"""Background jobs with progress.

@job_kind("letters.count")
def count_letters(job: JobData, *, text: str) -> None:
    for place in range(len(text)):
        progress(job.id, place + 1, len(text), "正在数")
    store_result(job.id, "字数.txt", str(len(text)).encode())

start_job("letters.count", "数一数", actor, text="双向转诊")

A job may be started again after a crash of the worker: what it does must bear that (use keys, write results at the end).
"""

import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as queue

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Conflict, DomainError, NotFound
from yigong.core.jobs.data import JobData
from yigong.core.jobs.models import Job

__all__ = ["JobCancelled", "JobData", "actor_of", "cancel_job", "job", "job_kind", "jobs_of", "progress", "result_file",
           "start_job", "store_result"]  # fmt: skip

QUEUE = "jobs"
TASK = "yigong.run_job"
_kinds: dict[str, Callable[..., None]] = {}


class JobCancelled(DomainError):
    """The user has cancelled the job; raised by ``progress`` inside the running job."""

    code = "job.cancelled"
    message = "任务已取消。"


class JobOver(Conflict):
    """The job has ended already."""

    code = "job.over"
    message = "任务已经结束，不能再取消。"


def job_kind(kind: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register the function that does jobs of this kind; call it from ``apps.ready`` by importing its module."""

    def mark(work: Callable[..., None]) -> Callable[..., None]:
        _kinds[kind] = work
        return work

    return mark


def work_of(kind: str) -> Callable[..., None]:
    """The registered function; ``LookupError`` when nobody declares the kind."""
    return _kinds[kind]


@transaction.atomic
def start_job(kind: str, title: str, actor: Actor, **arguments: Any) -> JobData:
    """Queue a job in the surrounding transaction: when that is rolled back, no job exists. ``arguments`` are plain values."""
    work_of(kind)
    row = Job.objects.create(
        kind=kind,
        title=title,
        arguments=msgspec.to_builtins(arguments),
        account_id=actor.account_id,
        staff_id=actor.staff_id,
        actor=msgspec.to_builtins(asdict(actor)),
    )
    row.queue_id = queue.configure_task(TASK, queue=QUEUE, allow_unknown=True).defer(job_id=str(row.id))
    row.save(update_fields=["queue_id"])
    return to_data(row)


def job(job_id: UUID) -> JobData:
    """One job; NotFound when there is none. Pages ask ``job_of`` with the actor instead."""
    return to_data(_get(job_id))


def job_of(job_id: UUID, actor: Actor) -> JobData:
    """One job of this actor; another's job is NotFound."""
    row = _get(job_id)
    if not actor.is_system and (row.account_id is None or row.account_id != actor.account_id):
        raise NotFound()
    return to_data(row)


def jobs_of(actor: Actor, limit: int = 50) -> list[JobData]:
    """The actor's own jobs, newest first."""
    return [to_data(row) for row in Job.objects.filter(account_id=actor.account_id).order_by("-created_at")[:limit]]


def progress(job_id: UUID, done: int, total: int | None = None, note: str = "") -> None:
    """Say how far the job is; raises JobCancelled when the user wants it to stop. Visible at once outside a transaction."""
    changed = Job.objects.filter(pk=job_id, cancel_requested=False).update(done=done, total=total, note=note[:200])
    if not changed:
        raise JobCancelled()


def store_result(job_id: UUID, name: str, content: bytes) -> None:
    """Keep the result file under the job, complete or not at all."""
    folder = _folder(job_id)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / "result.part"
    part.write_bytes(content)
    part.rename(folder / "result")
    Job.objects.filter(pk=job_id).update(result_name=name[:120])


def result_file(job_id: UUID) -> Path:
    """Where the finished job's result lies; NotFound without one."""
    path = _folder(job_id) / "result"
    if not path.exists():
        raise NotFound()
    return path


@transaction.atomic
def cancel_job(job_id: UUID, actor: Actor) -> JobData:
    """Ask the job to stop; a waiting one ends at once, a running one at its next ``progress``. JobOver when it has ended."""
    job_of(job_id, actor)
    row = Job.objects.select_for_update().get(pk=job_id)
    if to_data(row).is_over:
        raise JobOver()
    row.cancel_requested = True
    if row.state == Job.State.WAITING:
        row.state, row.finished_at = Job.State.CANCELLED, clock.now()
    row.save(update_fields=["cancel_requested", "state", "finished_at"])
    return to_data(row)


def actor_of(job_id: UUID) -> Actor:
    """Who started the job; commands called by the job act in this name."""
    return msgspec.convert(_get(job_id).actor, Actor, strict=False)


def forget_job_files(job_id: UUID) -> None:
    """Remove the job's files (retention)."""
    shutil.rmtree(_folder(job_id), ignore_errors=True)


def to_data(row: Job) -> JobData:
    """The job for pages."""
    return JobData(
        id=row.id,
        kind=row.kind,
        title=row.title,
        state=row.state,
        state_label=_(str(Job.State(row.state).label)),
        done=row.done,
        total=row.total,
        note=row.note,
        error=row.error,
        result_name=row.result_name,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def _get(job_id: UUID) -> Job:
    try:
        return Job.objects.get(pk=job_id)
    except Job.DoesNotExist:
        raise NotFound() from None


def _folder(job_id: UUID) -> Path:
    return Path(settings.DATA) / "jobs" / str(job_id)
