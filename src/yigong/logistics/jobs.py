"""What logistics does early in the morning."""

from django.db import close_old_connections, connection
from procrastinate.contrib.django import app as queue


@queue.periodic(cron="30 20 * * *")  # 04:30 in China
@queue.task(name="yigong.make_runs", queue="ground", queueing_lock="make_runs")
def make_runs(timestamp: int) -> None:
    """The runs of today and tomorrow."""
    from yigong.logistics.commands.runs import make_runs_ahead

    close_old_connections()
    try:
        make_runs_ahead()
    finally:
        connection.close()
