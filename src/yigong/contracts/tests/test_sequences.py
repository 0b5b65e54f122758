"""Whatever is done in whatever order: never two valid contracts, money adds up, done is never more than the records."""

from random import Random
from typing import Any

import pytest

from yigong.contracts import api
from yigong.contracts.models import Contract
from yigong.core import clock
from yigong.core.errors import DomainError
from yigong.programmes.tests.world import enrolled, visit
from yigong.residents import api as residents

from .world import BOSS, World, broken, delivered, later, sign

pytestmark = pytest.mark.django_db
STEPS = 26


class Play:
    """Random steps over two people and two teams."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.random = world, Random(seed)
        self.people = [world.person(50), world.person(66)]
        self.row: Any = enrolled(world.place, resident_id=self.people[1])
        self.done = 0

    def any_contract(self) -> Any:
        """One of the contracts made so far."""
        ids = list(Contract.objects.values_list("id", flat=True))
        return self.random.choice(ids) if ids else self.people[0]

    def step(self) -> None:
        """One step, which may be refused."""
        teams, pick = [self.world.team, self.world.other], self.random.choice
        one = {"contract_id": self.any_contract(), "actor": BOSS}
        steps: list[Any] = [
            lambda: sign(
                self.world,
                pick(self.people),
                team_id=pick(teams),
                actor=BOSS,
                packages=pick([["basic"], ["basic", "home_care"]]),
            ),
            lambda: api.end_contract(**one, ending="refused", reason="试"),
            lambda: api.reopen_contract(**one, reason="试"),
            lambda: api.revoke_contract(**one, reason="试"),
            lambda: api.transfer_contract(**one, team_id=pick(teams), reason="试"),
            lambda: api.note_service(**one, package="basic", item="education", note=""),
            lambda: api.add_package(**one, package="home_care", reason="试"),
            lambda: api.renew_contracts(contract_ids=[one["contract_id"]], actor=BOSS),
            lambda: api.share_fee(team_id=pick(teams), year=clock.today().year, actor=BOSS),
            lambda: visit(self.world.place, self.row),
            lambda: residents.close_resident(
                resident_id=self.people[0], status="moved", on=clock.today(), reason="迁出", actor=BOSS
            ),
            lambda: residents.reopen_resident(resident_id=self.people[0], reason="回来", actor=BOSS),
        ]
        try:
            pick(steps)()
            self.done += 1
        except DomainError:
            pass
        delivered()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_invariants_hold_after_every_step(world: World, seed: int) -> None:
    """Days pass between the steps; after each the invariants are looked at."""
    play = Play(world, seed)
    for n in range(STEPS):
        with later(days=n * 17):
            play.step()
            assert broken() == [], f"after step {n}"
    print(f"\n{play.done} of {STEPS} steps were carried out")
    assert play.done >= STEPS // 4
