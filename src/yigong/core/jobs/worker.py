"""What the worker process runs: jobs, and the periodic tasks of the ground floor."""

import logging
from datetime import UTC, datetime
from uuid import UUID

from django.db import close_old_connections, connection, transaction
from django.utils.translation import gettext as _
from procrastinate import JobContext
from procrastinate.contrib.django import app as queue

from yigong.core import clock
from yigong.core.audit.api import acting, seal
from yigong.core.errors import DomainError
from yigong.core.jobs import api
from yigong.core.jobs.models import Job

log = logging.getLogger(__name__)
STALLED_SECONDS = 30
MAX_STARTS = 3


@queue.task(name=api.TASK, queue=api.QUEUE)
def run_queued(job_id: str) -> None:
    """Run one job in the worker's thread, on a connection of its own."""
    close_old_connections()
    try:
        run_job(UUID(job_id))
    finally:
        connection.close()


def run_job(job_id: UUID) -> None:
    """Do the work of one waiting (or interrupted) job and write how it ended; a second call of a finished job does nothing."""
    row = _begin(job_id)
    if row is None:
        return
    try:
        with acting(api.actor_of(job_id), reason=row.title):
            api.work_of(row.kind)(api.to_data(row), **row.arguments)
        _end(job_id, Job.State.DONE)
    except api.JobCancelled:
        _end(job_id, Job.State.CANCELLED)
    except DomainError as refusal:
        _end(job_id, Job.State.FAILED, str(refusal))
    except Exception:
        log.exception("job %s (%s) failed", job_id, row.kind)
        _end(
            job_id,
            Job.State.FAILED,
            _("任务因程序错误没有完成，已记入日志（编号 %(id)s）。请重试一次，仍不行请联系管理员。")
            % {"id": str(job_id)[-8:]},
        )


@queue.periodic(cron="* * * * * */15")
@queue.task(name="yigong.retry_stalled", queue="ground", pass_context=True, queueing_lock="retry_stalled")
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Give jobs of dead workers to a living one."""
    await retry_stalled_jobs(STALLED_SECONDS)


@queue.periodic(cron="*/10 * * * *")
@queue.task(name="yigong.seal_history", queue="ground", queueing_lock="seal_history")
def seal_history(timestamp: int) -> None:
    """Seal what history has become safe to seal."""
    close_old_connections()
    try:
        seal()
    finally:
        connection.close()


async def retry_stalled_jobs(seconds: float) -> int:
    """Requeue jobs whose worker has not been heard of for so many seconds; returns how many."""
    stalled = list(await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=seconds))
    for found in stalled:
        await queue.job_manager.retry_job(found, retry_at=datetime.now(UTC))
    return len(stalled)


@transaction.atomic
def _begin(job_id: UUID) -> Job | None:
    row = Job.objects.select_for_update().filter(pk=job_id).first()
    if row is None or row.state not in {Job.State.WAITING, Job.State.RUNNING}:
        return None
    if row.starts >= MAX_STARTS:
        # A job that kills its worker each time would otherwise kill it for ever.
        row.state, row.finished_at = Job.State.FAILED, clock.now()
        row.error = _("任务几次都在中途中断，已停止。请联系管理员查看日志。")
        row.save(update_fields=["state", "finished_at", "error"])
        return None
    row.state, row.started_at, row.starts = Job.State.RUNNING, clock.now(), row.starts + 1
    row.save(update_fields=["state", "started_at", "starts"])
    return row


def _end(job_id: UUID, state: str, error: str = "") -> None:
    Job.objects.filter(pk=job_id).update(state=state, error=error, finished_at=clock.now())
