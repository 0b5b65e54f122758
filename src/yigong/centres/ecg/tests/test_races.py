"""Two at once: one file uploaded twice, one waiting recording attached to two orders."""

from collections.abc import Callable
from hashlib import sha256
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError

from yigong.centres.ecg.commands import receiving
from yigong.centres.ecg.models import Recording
from yigong.centres.ecg.tests.world import EcgWorld, make_ecg_world
from yigong.core.errors import DomainError
from yigong.core.testing import race
from yigong.orders.models import Order

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> EcgWorld:
    """A small county that other connections see."""
    return make_ecg_world()


def _uploading(world: EcgWorld, content: bytes, order_id: Any) -> Callable[[], Any]:
    return lambda: receiving.upload(content=content, file_name="a.scp", order_id=order_id, actor=world.village_doctor)


@pytest.mark.race("ecg.upload")
def test_the_same_file_twice_at_once_is_one_recording(world: EcgWorld) -> None:
    """ecg.upload: the unique digest lets one insert win, the other answers with it."""
    order, content = world.place(), world.file()
    results = race(*[_uploading(world, content, order.id)] * 2)
    assert not any(isinstance(one, Exception) for one in results), results
    assert Recording.objects.count() == 1 and sorted(one.again for one in results) == [False, True]
    assert Order.objects.get().studies.count() == 1


def test_looking_first_would_keep_the_file_twice(world: EcgWorld) -> None:
    """The naive order (look, then insert) lets both look before either inserts: one meets the constraint as an error."""
    digest, looked = sha256(world.file()).hexdigest(), Barrier(2)

    def naive() -> None:
        known = Recording.objects.filter(digest=digest).exists()
        looked.wait()
        if not known:
            Recording.objects.create(
                form="scp", digest=digest, original=b"x", leads=["I"], rate=500, samples=1, signal=b"x", received_by="x"
            )

    assert sum(isinstance(one, IntegrityError) for one in race(naive, naive)) == 1


@pytest.mark.race("ecg.attach")
def test_a_waiting_recording_is_attached_once(world: EcgWorld) -> None:
    """ecg.attach: two people, two orders; the row lock lets one win and tells the other who did."""
    waits = receiving.upload(content=world.file(number="?"), file_name="c.scp", actor=world.village_doctor)
    one, two = world.place(), world.place(repeat_reason_code="1")
    results = race(*(
        lambda order=order: receiving.attach(
            recording_id=waits.recording.id, order_id=order.id, actor=world.village_doctor, reason="已核对"
        )
        for order in (one, two)
    ))  # fmt: skip
    refused = [r for r in results if isinstance(r, DomainError)]
    assert len(refused) == 1 and "归入" in str(refused[0]), results
