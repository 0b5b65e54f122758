"""Jobs for the tests, importable by a child process."""

import os
import threading
from pathlib import Path

from yigong.core.errors import InvalidInput
from yigong.core.jobs.api import JobData, job_kind, progress, store_result


@job_kind("test.count")
def count(job: JobData, *, text: str) -> None:
    """Counts letters; told so by the environment, it stops half way for ever."""
    for place in range(len(text)):
        progress(job.id, place + 1, len(text), "正在数")
        if place == 1 and (signal := os.environ.get("TEST_HOLD_FILE")):
            Path(signal).touch()
            threading.Event().wait()
    store_result(job.id, "字数.txt", str(len(text)).encode())


@job_kind("test.refuse")
def refuse(job: JobData) -> None:
    """Refuses with a sentence."""
    raise InvalidInput("这个月份还没有数据。")


@job_kind("test.break")
def break_down(job: JobData) -> None:
    """A programming error."""
    raise ZeroDivisionError("secret detail")
