"""Two people at once."""

import pytest

from yigong.contracts import api
from yigong.contracts.models import Contract, FeeShare, Service
from yigong.core import clock
from yigong.core.errors import DomainError
from yigong.core.testing import race
from yigong.residents import api as residents

from .world import BOSS, World, ago, broken, make_world, sign

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def village(transactional_db: None) -> World:
    """A village that other connections see."""
    return make_world()


@pytest.mark.race("contracts.sign_contract")
def test_two_teams_sign_one_person(village: World) -> None:
    """One team has the person, the other learns which."""
    person = village.person(50)
    outcomes = race(
        lambda: sign(village, person, actor=BOSS), lambda: sign(village, person, team_id=village.other, actor=BOSS)
    )
    assert [type(o) for o in outcomes if isinstance(o, Exception)] == [api.AlreadySigned]
    assert Contract.objects.filter(state="valid").count() == 1 and broken() == []


@pytest.mark.race("contracts.confirm_contract")
@pytest.mark.race("contracts.transfer_contract")
def test_confirmed_twice_and_handed_over_twice(village: World) -> None:
    """A double tap is one contract, charged once; two hand-overs of one page: one is told."""
    person = village.person(50)
    born = residents.identity(person).birth_date
    assert born
    offered = api.offer_contract(resident_id=person, team_id=village.team, packages=["basic"], actor=village.doctor)
    one, two = race(*[lambda: api.confirm_contract(token=offered.token, proof=f"{born:%Y%m%d}")] * 2)
    assert one.id == two.id and one.state == two.state == "valid" and broken() == []
    outcomes = race(
        *[
            lambda: api.transfer_contract(
                contract_id=one.id, team_id=village.other, reason="搬家", actor=BOSS, version=one.version
            )
        ]
        * 2
    )
    assert sum(isinstance(o, DomainError) for o in outcomes) == 1 and broken() == []


@pytest.mark.race("contracts.renew_contracts")
@pytest.mark.race("contracts.share_fee")
def test_renewed_and_shared_by_two(village: World) -> None:
    """A term is renewed once and a year's fee shared once, whoever else presses the button."""
    row = sign(village, starts_on=ago(330))  # a thread of its own does not travel in time
    api.note_service(contract_id=row.id, package="basic", item="education", note="", actor=village.doctor)
    year = clock.today().year
    outcomes = race(*[lambda: api.share_fee(team_id=village.team, year=year, actor=village.manager)] * 2)
    assert sum(isinstance(o, DomainError) for o in outcomes) == 1 and FeeShare.objects.count() == 1
    done = race(*[lambda: api.renew_contracts(contract_ids=[row.id], actor=village.doctor)] * 2)
    assert sorted(len(o.contracts) for o in done) == [0, 1] and Contract.objects.count() == 2
    assert Service.objects.count() == 1 and broken() == []
