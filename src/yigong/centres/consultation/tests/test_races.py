"""Two connections at once: one wins, the other learns who was first."""

from typing import Any

import pytest

from yigong.centres.consultation import api as consultation
from yigong.centres.consultation.models import Advice, Evaluation, Invitation, Opinion
from yigong.centres.consultation.tests.world import make_consult_world
from yigong.core.testing import race

pytestmark = pytest.mark.django_db(transaction=True)


def kinds(results: list[Any]) -> list[str]:
    """Class names of the outcomes, sorted."""
    return sorted(type(result).__name__ for result in results)


@pytest.mark.race("consultation.invite")
def test_one_slot_of_an_expert_is_taken_once() -> None:
    """Two consultations want the same half hour; overlapping halves too."""
    world = make_consult_world()
    first, second = world.accepted(), world.accepted()
    results = race(lambda: world.invite(first), lambda: world.invite(second))
    assert kinds(results) == ["SlotTaken", "list"]
    assert Invitation.objects.filter(expert_id=world.lead.staff_id, state="invited").count() == 1


@pytest.mark.race("consultation.answer")
def test_an_invitation_is_answered_once() -> None:
    """Accepting in one window and declining in another: an acceptance never follows a refusal."""
    world = make_consult_world()
    [asked] = world.invite(world.accepted())
    results = race(
        lambda: consultation.answer(invitation_id=asked.pk, accept=True, actor=world.lead),
        lambda: consultation.answer(invitation_id=asked.pk, accept=True, actor=world.lead),
    )
    assert kinds(results) == ["Invitation", "WrongState"]


@pytest.mark.race("consultation.opine")
def test_two_windows_sign_one_opinion() -> None:
    """One first version; the second is asked why it changes the first."""
    world = make_consult_world()
    order = world.held()
    results = race(*[lambda: consultation.sign_opinion(order_id=order.id, text="同意", actor=world.lead)] * 2)
    assert kinds(results) == ["InvalidInput", "Opinion"]
    assert Opinion.objects.count() == 1


@pytest.mark.race("consultation.answer_advice")
def test_one_advice_is_answered_once() -> None:
    """Done and not done at once."""
    world = make_consult_world()
    order = world.concluded()
    advice = Advice.objects.filter(consultation__order_id=order.id).earliest("position")
    results = race(
        lambda: consultation.answer_advice(advice_id=advice.pk, done=True, actor=world.gp),
        lambda: consultation.answer_advice(advice_id=advice.pk, done=False, note="拒绝", actor=world.gp),
    )
    assert kinds(results) == ["Advice", "WrongState"]


@pytest.mark.race("consultation.evaluate")
def test_one_evaluation() -> None:
    """The second learns who evaluated."""
    world = make_consult_world()
    order = world.concluded()
    results = race(
        *[lambda: consultation.evaluate(order_id=order.id, promptness=5, usefulness=5, adoption="all", actor=world.gp)]
        * 2
    )
    assert kinds(results) == ["Conflict", "Evaluation"]
    assert Evaluation.objects.count() == 1
