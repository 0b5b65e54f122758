"""What the worker does by itself: stale months every half minute, everything every night."""

from django.db import close_old_connections, connection
from procrastinate.contrib.django import app as queue

from yigong.core.actor import Actor
from yigong.core.jobs.api import JobData, actor_of, job_kind, progress, start_job
from yigong.indicators.commands.alarming import tell_alarms
from yigong.indicators.commands.computing import count_stale
from yigong.indicators.commands.engines import count_county


@queue.periodic(cron="* * * * * */30")
@queue.task(name="yigong.indicators_stale", queue="ground", queueing_lock="indicators_stale")
def stale(timestamp: int) -> None:
    """Count the months of which rooms spoke."""
    close_old_connections()
    try:
        count_stale()
    finally:
        connection.close()


@queue.periodic(cron="20 18 * * *")  # 02:20 in China
@queue.task(name="yigong.indicators_night", queue="ground", queueing_lock="indicators_night")
def night(timestamp: int) -> None:
    """Count everything again: what no event told of is found here. Then say what should make somebody look."""
    close_old_connections()
    try:
        count_county("postgres", by="每晚计算", say=lambda _text: None)
        tell_alarms()
    finally:
        connection.close()


def start_count(actor: Actor) -> JobData:
    """Count everything now."""
    return start_job("indicators.compute", "重新计算全部指标", actor)


@job_kind("indicators.compute")
def count(job: JobData) -> None:
    """Two years of every fact."""
    progress(job.id, 0, 1, "正在计算")
    done = count_county("postgres", by=actor_of(job.id).name, say=lambda _text: None)
    progress(job.id, 1, 1, f"{done.months} 个月，{done.cells} 个数，{done.seconds:.1f} 秒")
