"""Two people at once."""

from datetime import date

import pytest

from yigong.core.testing import race
from yigong.insurance.claims import api
from yigong.insurance.claims.models import CodingQuestion, GatewayMessage, SchemeInForce, SchemeVersion, SettlementList
from yigong.insurance.claims.tests.test_schemes import dearer, files
from yigong.insurance.claims.tests.world import CHARGES, House, whole

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.race("claims.build_list")
def test_one_list_of_a_settlement(house: House) -> None:
    """Front page and settlement arrive in the same instant: one list."""
    bill = house.stay()
    outcomes = race(*[lambda: api.build_list(bill_id=bill.id, actor=house.coder)] * 2)
    assert SettlementList.objects.count() == 1
    assert sum(isinstance(one, SettlementList) for one in outcomes) >= 1


@pytest.mark.race("claims.upload_list")
def test_uploaded_once(house: House) -> None:
    """Two clerks press the button: one message goes out."""
    row = whole(house)
    outcomes = race(*[lambda: api.upload_list(list_id=row.id, actor=house.clerk)] * 2)
    assert GatewayMessage.objects.count() == 1
    assert sum(isinstance(one, SettlementList) for one in outcomes) == 1


@pytest.mark.race("claims.decide_appeal")
def test_an_appeal_is_decided_once(house: House) -> None:
    """One says yes, the other no: one wins, the other is told who was first."""
    row = api.upload_list(list_id=whole(house).id, actor=house.clerk)
    api.take_answer(list_id=row.id, accepted=False, feedback="不认可", actor=house.clerk)
    appeal = api.appeal_list(list_id=row.id, text="请复核", actor=house.coder)
    outcomes = race(
        lambda: api.decide_appeal(list_id=row.id, upheld=True, reason="同意", actor=house.clerk),
        lambda: api.decide_appeal(list_id=row.id, upheld=False, reason="不同意", actor=house.clerk),
    )
    refused = [one for one in outcomes if isinstance(one, Exception)]
    appeal.refresh_from_db()
    assert len(refused) == 1 and "处理" in str(refused[0]) and appeal.upheld is not None


@pytest.mark.race("claims.ask_doctor")
def test_a_question_is_asked_once(house: House) -> None:
    """Two coders ask the same."""
    bill = house.stay(charges=(*CHARGES, ("SS-LWQ", "阑尾切除术", 90000)))
    outcomes = race(*[lambda: api.ask_doctor(stay_id=bill.stay_id, key="charged:SS-LWQ", actor=house.coder)] * 2)
    assert CodingQuestion.objects.count() == 1 and sum(isinstance(one, Exception) for one in outcomes) == 1


@pytest.mark.race("claims.answer_question")
def test_a_question_is_answered_once(house: House) -> None:
    """Two answers in the same instant: one stands."""
    bill = house.stay(charges=(*CHARGES, ("SS-LWQ", "阑尾切除术", 90000)))
    row = api.ask_doctor(stay_id=bill.stay_id, key="charged:SS-LWQ", actor=house.coder)
    outcomes = race(
        *[
            lambda outcome=outcome: api.answer_question(
                question_id=row.id, outcome=outcome, answer="", actor=house.doctor
            )
            for outcome in ("documented", "later")
        ]
    )
    assert sum(isinstance(one, Exception) for one in outcomes) == 1


@pytest.mark.race("claims.import_scheme")
def test_a_scheme_is_imported_once(house: House) -> None:
    """The same upload twice."""
    uploads = list(files().items())
    race(*[lambda: api.import_scheme(uploads=uploads, release="1", source="", actor=house.clerk)] * 2)
    assert SchemeVersion.objects.count() == 1


@pytest.mark.race("claims.put_in_force")
def test_one_scheme_a_day(house: House) -> None:
    """Two officers put two schemes in force for the same days."""
    keys = [
        api.import_scheme(uploads=list(change.items()), release=release, source="", actor=house.clerk).id
        for change, release in ((files(), "1"), (files(dearer), "2"))
    ]
    begin = date(2027, 1, 1)
    outcomes = race(
        *[
            lambda key=key: api.put_in_force(
                scheme_id=key, region="990100", valid_from=begin, valid_to=None, actor=house.clerk
            )
            for key in keys
        ]
    )
    assert SchemeInForce.objects.count() == 1 and sum(isinstance(one, Exception) for one in outcomes) == 1
