"""Jobs with progress, through a real worker process."""

import asyncio
import logging
import signal
import uuid
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
from django.db import transaction
from django.test import Client, RequestFactory
from procrastinate.contrib.django import app as queue

from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.core.jobs import api, views, worker
from yigong.core.jobs.models import Job
from yigong.core.jobs.tests import work
from yigong.core.testing import process, wait_for

assert work
ME = Actor(name="王医生", role="gp", account_id=uuid.uuid4())
WORK = "yigong.core.jobs.tests.work"


def state_of(job_id: uuid.UUID) -> str:
    """The job's state now."""
    return api.job(job_id).state


@pytest.mark.django_db(transaction=True)
def test_kill_9_of_the_worker_in_the_middle(tmp_path: Path) -> None:
    """The job of a killed worker is taken up by the next one after the sweep and ends with one result."""
    started = api.start_job("test.count", "数一数", ME, text="双向转诊")
    sign = tmp_path / "half-way"
    with process("worker", preload=WORK, TEST_HOLD_FILE=str(sign)) as first:
        wait_for(sign.exists)
        assert api.job(started.id).percent == 50
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert state_of(started.id) == "running"
    with queue.replace_connector(queue.connector.get_worker_connector()):
        assert asyncio.run(_sweep()) == 1
    with process("worker", preload=WORK) as second:
        wait_for(lambda: api.job(started.id).is_over)
        second.send_signal(signal.SIGTERM)
        assert second.wait(30) == 0
    ended = api.job(started.id)
    assert (ended.state, ended.result_name) == ("done", "字数.txt")
    assert api.result_file(started.id).read_bytes() == b"4"
    assert Job.objects.get().starts == 2


async def _sweep() -> int:
    async with queue.open_async():
        return await worker.retry_stalled_jobs(0)


@pytest.mark.django_db
def test_endings_are_sentences(caplog: pytest.LogCaptureFixture) -> None:
    """A refusal shows its sentence; a programming error shows a number, never its text."""
    caplog.set_level(logging.CRITICAL)
    refused, broken = (api.start_job(kind, "x", ME) for kind in ("test.refuse", "test.break"))
    for one in (refused, broken):
        worker.run_job(one.id)
    assert api.job(refused.id).error == "这个月份还没有数据。"
    assert "secret" not in api.job(broken.id).error and str(broken.id)[-8:] in api.job(broken.id).error


@pytest.mark.django_db
def test_a_finished_job_is_not_run_again() -> None:
    """A second delivery of the same job does nothing; one that always kills its worker is given up."""
    one = api.start_job("test.count", "x", ME, text="ab")
    worker.run_job(one.id)
    with patch.object(api, "work_of", side_effect=AssertionError):
        worker.run_job(one.id)
    two = api.start_job("test.count", "x", ME, text="ab")
    Job.objects.filter(pk=two.id).update(state="running", starts=worker.MAX_STARTS)
    worker.run_job(two.id)
    assert state_of(two.id) == "failed"


@pytest.mark.django_db
def test_cancelling() -> None:
    """A waiting job ends at once, a running one at its next progress, an ended one cannot be cancelled."""
    one = api.start_job("test.count", "x", ME, text="ab")
    assert api.cancel_job(one.id, ME).state == "cancelled"
    worker.run_job(one.id)
    assert state_of(one.id) == "cancelled"
    two = api.start_job("test.count", "x", ME, text="ab")
    Job.objects.filter(pk=two.id).update(cancel_requested=True)
    worker.run_job(two.id)
    assert state_of(two.id) == "cancelled"
    with pytest.raises(api.JobOver):
        api.cancel_job(two.id, ME)


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_start_leaves_no_job() -> None:
    """The job is queued in the caller's transaction."""
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        api.start_job("test.count", "x", ME, text="ab")
        _ = 1 / 0
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_only_own_jobs(rf: RequestFactory, client: Client) -> None:
    """The owner sees page, progress and result; another person finds nothing; a stranger is asked to sign in."""
    one = api.start_job("test.count", "数一数", ME, text="ab")
    worker.run_job(one.id)
    request = rf.get("/")
    request.actor, request.session = ME, {}
    assert "下载结果" in views.job_page(request, job_id=one.id).content.decode()
    assert "数一数" in views.job_list(request).content.decode()
    assert b"".join(views.job_result(request, job_id=one.id)) == b"2"
    request.actor = replace(ME, account_id=uuid.uuid4())
    with pytest.raises(NotFound):
        views.job_page(request, job_id=one.id)
    assert client.get(f"/jobs/{one.id}/").status_code == 302
