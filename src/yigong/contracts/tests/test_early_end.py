"""The fee for days that nobody will serve: back to its sources by the ending's rule, and in again when the contract goes on."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigong.contracts import api
from yigong.contracts.models import Contract
from yigong.contracts.rules import fees
from yigong.core import clock
from yigong.core.errors import Conflict
from yigong.core.ledger import api as ledger
from yigong.residents import api as residents
from yigong.tasks.models import Task

from .world import World, broken, delivered, later, sign

TERM = (date(2026, 1, 1), date(2027, 1, 1))


@given(
    fee=st.dictionaries(st.sampled_from(["insurance", "public", "person"]), st.integers(0, 20_000), min_size=1),
    day=st.integers(0, 365),
)
def test_parts_add_up(fee: dict[str, int], day: int) -> None:
    """Earned and returned are the whole fee; no source gets back more than it paid."""
    until = date.fromordinal(TERM[0].toordinal() + day)
    total = sum(fee.values())
    back = fees.returned(total, fee, TERM, until)
    assert sum(back.values()) + fees.earned(total, TERM, TERM, until) == total
    assert all(fen <= fee[source] for source, fen in back.items())


def pool(team: object) -> int:
    """What a team's pool holds."""
    return sum(a.balance for a in ledger.accounts_of([team], "contracts.pool").values())


@pytest.mark.django_db
def test_back_and_in_again(world: World) -> None:
    """Ended by the institution a hundred days on: the rest goes back; reopened: it comes in again. At the person's own wish nothing goes back."""
    row = sign(world)
    whole = pool(world.team)
    assert whole == row.fee_fen > 0
    with later(days=100):
        done = api.end_contract(contract_id=row.id, ending="institution", reason="团队撤销", actor=world.doctor)
        kept = row.fee_fen * 100 // (row.term_ends_on - row.starts_on).days
        assert pool(world.team) == kept and done.returned_fen == row.fee_fen - kept and broken() == []
        api.reopen_contract(contract_id=row.id, reason="误操作", actor=world.doctor)
        assert pool(world.team) == whole and Contract.objects.get().returned == {} and broken() == []
        own = api.end_contract(contract_id=row.id, ending="refused", reason="本人要求", actor=world.doctor)
        assert own.returned_fen == 0 and pool(world.team) == whole and broken() == []


@pytest.mark.django_db
def test_a_shared_pool(world: World) -> None:
    """What was shared cannot go back: a clerk is told what to do first; a death ends the contract and the manager is asked to see to the money."""
    row, person = sign(world), None
    person = row.resident_id
    Contract.objects.filter(pk=row.id).update(done_times=0)
    with later(days=30):
        account = ledger.accounts_of([world.team], "contracts.pool")[world.team]
        sink = ledger.open_account("contracts.house", world.township.id, "fen")
        ledger.post(
            [(account.id, -account.balance), (sink.id, account.balance)],
            key="test/empty",
            actor=world.manager,
            reason="x",
            about=row.id,
        )
        with pytest.raises(Conflict, match="先撤销分配"):
            api.end_contract(contract_id=row.id, ending="institution", reason="团队撤销", actor=world.doctor)
        assert Contract.objects.get().state == "valid"
        residents.close_resident(
            resident_id=person, status="deceased", on=clock.today(), reason="死亡登记", actor=world.manager
        )
        delivered()
        assert Contract.objects.get().state == "ended"
        assert Task.objects.filter(kind="contracts.refund", state="open").count() == 1
