"""What orders do at night."""

from django.db import close_old_connections, connection
from procrastinate.contrib.django import app as queue


@queue.periodic(cron="20 2 * * *")
@queue.task(name="yigong.find_repeats", queue="ground", queueing_lock="find_repeats")
def find_repeats(timestamp: int) -> None:
    """Recognised items that were done again anyway."""
    from yigong.orders.commands.recognition import find_repeats as look

    close_old_connections()
    try:
        look()
    finally:
        connection.close()
