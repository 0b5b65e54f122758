"""The public library's own client over a real socket, and one message on two connections at once."""

import asyncio
import threading
from collections.abc import Iterator
from threading import Barrier

import pytest
from django.db import IntegrityError, connections
from hl7.client import MLLPClient

from yigong.centres.laboratory.models import TestResult
from yigong.centres.laboratory.tests.world import LabWorld, make_lab_world
from yigong.core.testing import race
from yigong.exchange.hl7v2 import commands
from yigong.exchange.hl7v2.models import Message
from yigong.exchange.hl7v2.server import serve
from yigong.exchange.hl7v2.tests.writers import oru

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> LabWorld:
    """A small county that other connections see."""
    return make_lab_world()


@pytest.fixture
def port() -> Iterator[int]:
    """The door listening on a free port, in a thread of its own."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    started, loop = threading.Event(), asyncio.new_event_loop()

    async def run() -> None:
        ready = asyncio.Event()
        task = asyncio.ensure_future(serve("127.0.0.1", free, workers=1, ready=ready))
        stop.append(task)
        await ready.wait()
        started.set()
        await asyncio.wait({task})

    stop: list[asyncio.Task] = []
    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    assert started.wait(20)
    yield free
    loop.call_soon_threadsafe(stop[0].cancel)
    thread.join(20)
    loop.close()


def test_the_librarys_client_sends_and_is_answered(world: LabWorld, port: int) -> None:
    """Two messages on one connection, one of them wrong; a new connection afterwards."""
    order = world.received("LAB-ELEC")
    number = world.tubes(order)[0].number
    with MLLPClient("127.0.0.1", port) as client:
        first = client.send_message(oru(number, {"K": ("4.2", "mmol/L"), "NA": ("141", "mmol/L")})).decode()
        second = client.send_message(oru("1", {"K": ("4.2", "mmol/L")})).decode()
    assert "MSA|AA|" in first and "MSA|AE|" in second
    with MLLPClient("127.0.0.1", port) as client:
        assert "MSA|AR|" in client.send_message("MSH|^~\\&|X|Y|||1||ACK|9|P|2.3\r").decode()
    assert TestResult.objects.filter(order_id=order.id).count() == 2
    connections.close_all()


@pytest.mark.race("hl7v2.receive")
def test_one_message_on_two_connections_is_one(world: LabWorld) -> None:
    """hl7v2.receive: one is processed, the other waits and answers the same."""
    number = world.tubes(world.received("LAB-ELEC"))[0].number
    block = oru(number, {"K": ("4.2", "mmol/L")}, control="R1").encode()
    answers = race(*[lambda: commands.receive(block)] * 2)
    assert all(isinstance(one, str) and "MSA|AA|R1" in one for one in answers), answers
    assert Message.objects.count() == 1 and TestResult.objects.get().runs == 1


def test_looking_first_would_keep_it_twice_or_fail(world: LabWorld) -> None:
    """The naive order (look, then insert) lets both look before either inserts: one meets the constraint as an error."""
    looked = Barrier(2)

    def naive() -> None:
        known = Message.objects.filter(control_id="N1").exists()
        looked.wait()
        if not known:
            Message.objects.create(control_id="N1", digest="x", raw="x", state="failed", code="AE")

    assert sum(isinstance(one, IntegrityError) for one in race(naive, naive)) == 1
