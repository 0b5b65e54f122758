"""Two people at once."""

from uuid import uuid4

import pytest

from yigong.core.ledger import api as ledger
from yigong.core.states.api import WrongState
from yigong.core.testing import race
from yigong.referrals import api
from yigong.referrals.commands import errors
from yigong.referrals.models import Referral
from yigong.referrals.tests.world import World, make_resident, make_world, publish, sent, up

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def county(transactional_db: None) -> World:
    """A county that other connections see."""
    return make_world()


@pytest.mark.race("referrals.accept")
@pytest.mark.race("referrals.reject")
def test_accepted_and_rejected_at_once(county: World) -> None:
    """One is told done, the other learns who was first and when; the referral is one or the other."""
    for _turn in range(4):
        row = sent(county)
        outcomes = race(
            lambda r=row: api.accept(referral_id=r.id, direct_to_emergency=True, actor=county.office),
            lambda r=row: api.reject(referral_id=r.id, reason_code="1", reason="没有床位", actor=county.office2),
        )
        (lost,) = [o for o in outcomes if isinstance(o, WrongState)]
        assert "已于" in str(lost)
        assert Referral.objects.get(pk=row.id).state in {"accepted", "rejected"}


@pytest.mark.race("referrals.hold_slot")
def test_the_last_slot_twice(county: World) -> None:
    """Two referrals accepted into the last place at once: one has it, the other still waits and reads alternatives."""
    sheet = publish(county)
    rows = [
        sent(county),
        api.request_referral(given=up(county, resident_id=make_resident(county.doctor, "李四")), actor=county.doctor),
    ]
    outcomes = race(*(lambda r=r: api.accept(referral_id=r.id, sheet_id=sheet.id, actor=county.office) for r in rows))
    (lost,) = [o for o in outcomes if isinstance(o, errors.SlotTaken)]
    assert "余号" in str(lost)
    assert sorted(Referral.objects.values_list("state", flat=True)) == ["accepted", "pending_receive"]
    assert ledger.accounts_of([sheet.id], "referral.slots")[sheet.id].balance == 0


@pytest.mark.race("referrals.request")
def test_a_double_click(county: World) -> None:
    """The same form from two connections is one referral."""
    key = uuid4()
    one, two = race(*[lambda: api.request_referral(given=up(county), actor=county.doctor, form_key=key)] * 2)
    assert one.id == two.id and Referral.objects.count() == 1


@pytest.mark.race("referrals.submit")
def test_a_draft_submitted_twice(county: World) -> None:
    """One submission goes out."""
    row = api.request_referral(given=up(county), actor=county.doctor, draft=True)
    outcomes = race(*[lambda: api.submit(referral_id=row.id, actor=county.doctor)] * 2)
    assert sum(isinstance(o, WrongState) for o in outcomes) == 1


@pytest.mark.race("referrals.cancel")
@pytest.mark.race("referrals.arrive")
def test_cancelled_while_arriving(county: World) -> None:
    """The author cancels as the patient stands at the desk: one of the two holds, and the place is used or free accordingly."""
    sheet = publish(county)
    row = sent(county)
    api.accept(referral_id=row.id, sheet_id=sheet.id, actor=county.office)
    outcomes = race(
        lambda: api.cancel(referral_id=row.id, reason="放弃", actor=county.doctor),
        lambda: api.arrive(referral_id=row.id, name="张桂芳", identifier=row.number, actor=county.desk),
    )
    assert sum(isinstance(o, WrongState) for o in outcomes) == 1
    left = ledger.accounts_of([sheet.id], "referral.slots")[sheet.id].balance
    assert left == (1 if Referral.objects.get().state == "cancelled" else 0)


@pytest.mark.race("referrals.redirect")
def test_redirected_twice(county: World) -> None:
    """One successor, not two."""
    row = sent(county)
    outcomes = race(
        *[lambda: api.redirect(referral_id=row.id, to_institution_id=county.tcm.id, reason="x", actor=county.office)]
        * 2
    )
    assert sum(isinstance(o, WrongState) for o in outcomes) == 1
    assert Referral.objects.filter(parent_id=row.id).count() == 1


@pytest.mark.race("referrals.first_visit")
def test_two_first_visits(county: World) -> None:
    """Village doctor and general practitioner record at once: one visit counts."""
    from yigong.referrals.tests.test_journeys import given_access
    from yigong.referrals.tests.world import down

    row = api.request_referral(given=down(county), actor=given_access(county))
    api.accept(referral_id=row.id, actor=county.manager)
    visit = {"referral_id": row.id, "manner": "phone", "note": "平稳", "actor": county.gp}
    outcomes = race(*[lambda: api.first_visit(**visit)] * 2)
    assert sum(isinstance(o, WrongState) for o in outcomes) == 1
