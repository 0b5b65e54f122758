"""Verdicts on an institution's standard: who records them, which holds, and that they only grow."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import ProgrammingError, transaction

from yigong.core import clock
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.testing import race
from yigong.network import api as network
from yigong.network import errors
from yigong.network.models import Accreditation
from yigong.network.queries import accreditations
from yigong.network.tests.factories import BOSS, actor_at, make_institution

START = date(2025, 1, 1)


def record(institution_id: UUID, level: str = "basic", **more: object) -> UUID:
    """A verdict of the bureau."""
    given = {
        "kind": "service",
        "starts_on": START,
        "document": "卫健〔2025〕31号",
        "decided_by": "县卫健局",
        "actor": BOSS,
    }
    return network.record_accreditation(institution_id=institution_id, level=level, **given | more)


def verdict(day: date, kind: str = "service") -> list[str | None]:
    """What holds on a day, of all that are asked."""
    return [row.verdict for row in accreditations.standing(kind, "", day)]


@pytest.mark.django_db
def test_the_latest_that_has_begun_holds() -> None:
    """A better verdict later, one that runs out, one taken back by another of the same day."""
    house = make_institution("township").id
    assert verdict(START) == [None]
    record(house)
    record(house, "recommended", starts_on=date(2025, 6, 1), ends_on=date(2026, 6, 1))
    assert verdict(START) == ["basic"] and verdict(date(2025, 7, 1)) == ["recommended"]
    assert verdict(date(2026, 6, 1)) == ["basic"], "what has run out holds no more"
    record(house, "none", starts_on=date(2025, 6, 1), document="更正通知")
    assert verdict(date(2025, 7, 1)) == ["none"]
    assert [row.id for row in accreditations.standing("service", "none", clock.today())] == [house]
    assert not accreditations.standing("service", "unknown", clock.today())
    with pytest.raises(ProgrammingError), transaction.atomic():
        Accreditation.objects.update(level="basic")
    with pytest.raises(ProgrammingError), transaction.atomic():
        Accreditation.objects.all().delete()


@pytest.mark.django_db
def test_a_mistake_is_withdrawn_and_stays_to_be_seen() -> None:
    """It holds no more, says who and why, cannot be withdrawn twice or by the institution itself, and may be recorded again."""
    county = make_institution("county")
    house = make_institution("township", parent_id=county.id).id
    key = record(house, "recommended")
    with pytest.raises(Forbidden):
        network.withdraw_accreditation(accreditation_id=key, reason="错行", actor=actor_at(house, "director"))
    with pytest.raises(InvalidInput):
        network.withdraw_accreditation(accreditation_id=key, reason=" ", actor=BOSS)
    network.withdraw_accreditation(accreditation_id=key, reason="错行", actor=actor_at(county.id, "director"))
    assert verdict(START) == [None]
    (row,) = accreditations.verdicts_of(house)
    assert (row.level, row.withdrawn_reason) == ("recommended", "错行") and row.withdrawn_by
    with pytest.raises(Conflict, match="已由"):
        network.withdraw_accreditation(accreditation_id=key, reason="再撤", actor=BOSS)
    with pytest.raises(ProgrammingError), transaction.atomic():
        Accreditation.objects.update(withdrawn_at=None, withdrawn_by="", withdrawn_reason="")
    record(house, "recommended")
    assert verdict(START) == ["recommended"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "clinic", "level": "met"}, "kind"),
        ({"level": "met"}, "level"),
        ({"starts_on": clock.today() + timedelta(days=1)}, "starts_on"),
        ({"ends_on": START}, "ends_on"),
        ({"document": " "}, "document"),
    ],
)
def test_what_is_refused(change: dict[str, object], field: str) -> None:
    """Each refusal names its field."""
    with pytest.raises(InvalidInput) as refusal:
        record(make_institution("township").id, **change)
    assert list(refusal.value.errors) == [field]


@pytest.mark.django_db
def test_no_institution_judges_itself() -> None:
    """Who manages it does; its own director does not, nor does a village doctor."""
    county = make_institution("county")
    township = make_institution("township", parent_id=county.id)
    with pytest.raises(Forbidden):
        record(township.id, actor=actor_at(township.id, "director"))
    assert record(township.id, actor=actor_at(county.id, "director"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("network.record_accreditation")
def test_one_paper_recorded_twice_at_once() -> None:
    """Two clerks enter the same paper in the same instant: one verdict, the other is told so."""
    house = make_institution("township").id
    outcomes = race(lambda: record(house), lambda: record(house))
    assert [type(one) for one in outcomes if isinstance(one, Conflict)] == [errors.AccreditedAlready]
    assert Accreditation.objects.filter(institution_id=house).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("network.withdraw_accreditation")
def test_one_verdict_withdrawn_twice_at_once() -> None:
    """One takes it back, the other learns who did."""
    key = record(make_institution("township").id)
    ways = (
        lambda: network.withdraw_accreditation(accreditation_id=key, reason="错行", actor=BOSS),
        lambda: network.withdraw_accreditation(accreditation_id=key, reason="重复", actor=BOSS),
    )
    outcomes = race(*ways)
    assert [type(one) for one in outcomes if isinstance(one, Conflict)] == [errors.WithdrawnAlready]
