"""What is forgotten each night."""

from django.db import close_old_connections, connection
from procrastinate.contrib.django import app as queue


@queue.periodic(cron="10 19 * * *")  # 03:10 in China
@queue.task(name="yigong.forget_positions", queue="ground", queueing_lock="forget_positions")
def forget_positions(timestamp: int) -> None:
    """Positions whose days are over."""
    from yigong.whereabouts.commands import forget

    close_old_connections()
    try:
        forget()
    finally:
        connection.close()
