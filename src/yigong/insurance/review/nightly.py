"""Every night the rules run over all bills; a person may start a run as a job."""

from django.db import close_old_connections, connection
from procrastinate.contrib.django import app as queue

from yigong.core.actor import Actor, system
from yigong.core.jobs.api import JobData, actor_of, job_kind, progress, start_job
from yigong.insurance.review.commands.nightly import run_rules


@queue.periodic(cron="40 18 * * *")  # 02:40 in China
@queue.task(name="yigong.review_night", queue="ground", queueing_lock="review_night")
def night(timestamp: int) -> None:
    """The nightly run."""
    close_old_connections()
    try:
        run_rules(actor=system("review"))
    finally:
        connection.close()


def start_run(actor: Actor) -> JobData:
    """Run the rules now."""
    return start_job("review.run", "检查全部账单的医保疑点", actor)


@job_kind("review.run")
def run(job: JobData) -> None:
    """One statement does the work; the progress says what came of it."""
    progress(job.id, 0, 1, "正在检查")
    done = run_rules(actor=actor_of(job.id))
    progress(job.id, 1, 1, f"{done.bills} 张账单，命中 {done.hits} 处，新增 {done.fresh} 条")
