"""Faults of the machine are told as what they are."""

import errno

import pytest
from django.db import OperationalError
from django.test import RequestFactory
from psycopg.errors import AdminShutdown, DiskFull

from yigong.core.ui.errors import server_error


def caused(error: Exception, cause: Exception) -> Exception:
    """The error as Django raises it around the driver's."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("fault", "status", "word"),
    [
        (caused(OperationalError("x"), DiskFull("no space")), 507, "磁盘满了"),
        (OSError(errno.ENOSPC, "no space"), 507, "磁盘满了"),
        (caused(OperationalError("x"), AdminShutdown("bye")), 503, "数据库"),
        (ZeroDivisionError(), 500, "已记录下来"),
    ],
)
def test_each_fault_says_what_happened_and_that_nothing_is_lost(fault: Exception, status: int, word: str) -> None:
    """The page names the cause a person can act on and says that nothing typed is lost."""
    try:
        raise fault
    except type(fault):
        answer = server_error(RequestFactory().get("/"))
    text = answer.content.decode()
    assert answer.status_code == status
    assert word in text and "没有存下一半" in text
