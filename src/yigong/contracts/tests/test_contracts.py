"""Signing, confirming, ending, handing over: the commands one by one."""

from datetime import timedelta

import pytest

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.contracts import api
from yigong.contracts.models import Contract, GroupMember
from yigong.core import clock
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.states import clocks
from yigong.programmes import api as programmes
from yigong.programmes.tests.world import enrolled, visit
from yigong.records import api as records
from yigong.residents import api as residents
from yigong.residents.proxies import api as proxies

from .world import BOSS, World, broken, delivered, later, sign

pytestmark = pytest.mark.django_db


def sees(actor: object, person: object) -> str:
    """On which basis an actor reads about a person, blank when refused."""
    told = access.decide(actor, "read_detail", Subject("resident", person))
    return told.basis if told.allowed else ""


def test_signing_opens_the_file_to_the_team_and_ending_closes_it(world: World) -> None:
    """The county specialist of the team (the X) sees the person on the basis of the contract, not before and not after."""
    person = world.person(50)
    assert sees(world.specialist, person) == ""
    done = sign(world, person)
    assert done.is_running and done.is_empty and done.fee_fen == 8000 and dict(done.payers)["医保基金"] == 4000
    assert sees(world.specialist, person) == "contract"
    ended = api.end_contract(contract_id=done.id, ending="refused", reason="本人要求", actor=world.doctor)
    assert ended.state == "ended" and sees(world.specialist, person) == ""
    back = api.reopen_contract(contract_id=done.id, reason="点错了", actor=world.doctor)
    assert back.is_running and sees(world.specialist, person) == "contract" and broken() == []


def test_one_valid_contract_per_person(world: World) -> None:
    """A second one is refused with the team and the day; after the first ended it is signed; the first then cannot be resumed."""
    person = world.person(50)
    first = sign(world, person)
    with pytest.raises(api.AlreadySigned) as refusal:
        sign(world, person, team_id=world.other, actor=BOSS)
    assert "东河镇第一团队" in str(refusal.value) and "转签" in str(refusal.value)
    api.end_contract(contract_id=first.id, ending="refused", reason="换团队", actor=world.doctor)
    sign(world, person, team_id=world.other, actor=BOSS)
    with pytest.raises(api.AlreadySigned):
        api.reopen_contract(contract_id=first.id, reason="恢复", actor=world.doctor)
    assert broken() == []


def test_who_signs_for_whom(world: World) -> None:
    """A child needs a guardian; a stranger may not, a proxy may; an adult of the same household may for a child."""
    child, aunt = world.person(6), world.person(40)
    with pytest.raises(InvalidInput) as refusal:
        sign(world, child)
    assert "监护人" in refusal.value.errors["signer_id"]
    with pytest.raises(InvalidInput) as refusal:
        sign(world, child, signer_id=aunt)
    assert "代办" in refusal.value.errors["signer_id"]
    proxies.grant_proxy(
        resident_id=child, given=proxies.NewProxy(agent_id=aunt, relation="70", basis="guardian"), actor=world.doctor
    )
    assert "代签" in sign(world, child, signer_id=aunt).signer_note


def test_a_household_in_one_go(world: World) -> None:
    """Parents and child together: the child by the mother; who is signed already is told, the others are signed."""
    house_id = residents.create_household(number="H1", actor=world.doctor, division_code="", address="1号")
    mother, father, child = world.person(35), world.person(36, sex="1"), world.person(4)
    for person, relation in ((mother, "10"), (father, "70"), (child, "20")):
        residents.move_in(
            household_id=house_id, resident_id=person, relation=relation, reason="同住", actor=world.doctor
        )
    sign(world, father)
    done = api.sign_household(
        household_id=house_id, team_id=world.team, members=[mother, father, child], signer_id=mother, actor=world.doctor
    )
    assert {c.resident_id for c in done.contracts} == {mother, child}
    assert [s.resident_id for s in done.skipped] == [father] and "已有有效" in done.skipped[0].why
    young = next(c for c in done.contracts if c.resident_id == child)
    assert "同户监护人" in young.signer_note and "儿童" in young.groups and broken() == []


def test_offered_and_confirmed_by_the_resident(world: World) -> None:
    """Not valid until confirmed; the wrong number five times ends the link; confirmed twice is one contract."""
    person = world.person(50)
    born = residents.identity(person).birth_date
    assert born
    offered = api.offer_contract(resident_id=person, team_id=world.team, packages=["basic"], actor=world.doctor)
    assert offered.contract.state == "offered" and sees(world.specialist, person) == ""
    assert api.confirm_contract(token=offered.token, proof="0000").state == "offered"
    done = api.confirm_contract(token=offered.token, proof=f"{born:%Y%m%d}")
    assert done.state == "valid" and sees(world.specialist, person) == "contract"
    assert api.confirm_contract(token=offered.token, proof="whatever").id == done.id
    second = api.offer_contract(
        resident_id=world.person(51), team_id=world.team, packages=["basic"], actor=world.doctor
    )
    for _try in range(5):
        api.confirm_contract(token=second.token, proof="0000")
    with pytest.raises(api.LinkOver):
        api.confirm_contract(token=second.token, proof="0000")
    with pytest.raises(api.LinkOver):
        api.confirm_contract(token="made-up", proof="0000")
    assert broken() == []


def test_an_offer_runs_out_and_a_term_ends(world: World) -> None:
    """The clock lets an offer lapse after its days and a contract expire on its day."""
    offered = api.offer_contract(
        resident_id=world.person(50), team_id=world.team, packages=["basic"], actor=world.doctor
    )
    held = sign(world)
    with later(days=8):
        clocks.sweep()
        assert Contract.objects.get(pk=offered.contract.id).state == "lapsed"
        assert Contract.objects.get(pk=held.id).state == "valid"
    with later(days=366):
        clocks.sweep()
        assert Contract.objects.get(pk=held.id).state == "expired" and sees(world.specialist, held.resident_id) == ""


def test_death_ends_and_its_mistake_resumes(world: World) -> None:
    """The event ends the contract on the day of death; the file reopened, it goes on."""
    done = sign(world)
    day = clock.today()
    residents.close_resident(
        resident_id=done.resident_id, status="deceased", on=day, reason="死亡登记", actor=world.manager
    )
    delivered()
    row = Contract.objects.get(pk=done.id)
    assert (row.state, row.ending, row.ends_on) == ("ended", "death", day) and sees(
        world.specialist, done.resident_id
    ) == ""
    residents.reopen_resident(resident_id=done.resident_id, reason="同名误报", actor=BOSS)
    delivered()
    assert Contract.objects.get(pk=done.id).state == "valid" and broken() == []


def test_transfer_moves_people_money_and_sight(world: World) -> None:
    """Half a term later another team answers: stints, the rest of the fee, who may see."""
    done = sign(world)
    with later(days=100):
        moved = api.transfer_contract(contract_id=done.id, team_id=world.other, reason="搬到王家村", actor=world.gp)
        assert moved.team == "东河镇第二团队" and moved.starts_on == done.starts_on and broken() == []
        assert sees(world.neighbour, done.resident_id) == "contract"
        with pytest.raises(InvalidInput):
            api.transfer_contract(contract_id=done.id, team_id=world.other, reason="再来", actor=world.gp)


def test_what_records_fulfil_is_counted_once(world: World) -> None:
    """Follow-ups and contacts count by themselves, within the number due; a void one no longer; what was done before signing in the term counts."""
    person = world.person(66)
    row = enrolled(world.place, resident_id=person)
    first = visit(world.place, row)
    done = sign(world, person, packages=["basic", "hypertension"])
    assert (done.done_times, set(done.groups)) == (1, {"老年人", "高血压"})
    with later(days=40):
        second = visit(world.place, row)
        encounter = records.open_encounter(resident_id=person, kind="outpatient", actor=world.doctor, complaint="咳嗽")
        records.close_encounter(encounter_id=encounter.id, actor=world.doctor)
        delivered()
        now = api.contract_of(person, actor=world.doctor)
        assert now and now.done_times == 3 and broken() == []
        programmes.void_visit(visit_id=second.visit.id, reason="录错人", actor=world.doctor)
        delivered()
        now = api.contract_of(person, actor=world.doctor)
        assert now and now.done_times == 2
        assert first.visit.id


def test_by_hand_only_where_there_is_no_record(world: World) -> None:
    """Health education is noted, a follow-up is refused; taken back it counts no more."""
    done = sign(world)
    with pytest.raises(Conflict, match="自动计入"):
        api.note_service(contract_id=done.id, package="basic", item="contact", note="", actor=world.doctor)
    noted = api.note_service(
        contract_id=done.id, package="basic", item="education", note="高血压讲座", actor=world.doctor
    )
    assert noted.done_times == 1 and not noted.is_empty
    with pytest.raises(Conflict, match="已完成"):
        api.note_service(contract_id=done.id, package="basic", item="education", note="", actor=world.doctor)
    service = Contract.objects.get(pk=done.id).services.get()
    assert api.unnote_service(service_id=service.id, reason="登错人", actor=world.doctor).done_times == 0


def test_renewal_in_bulk(world: World) -> None:
    """Within the window the contract is renewed for the next term, once; too early and for the dead it is told why."""
    rows = [sign(world) for _n in range(3)]
    early = api.renew_contracts(contract_ids=[rows[0].id], actor=world.doctor)
    assert not early.contracts and "离期满还早" in early.skipped[0].why
    with later(days=330):
        residents.close_resident(
            resident_id=rows[2].resident_id, status="deceased", on=clock.today(), reason="死亡登记", actor=world.manager
        )
        delivered()
        done = api.renew_contracts(contract_ids=[r.id for r in rows], actor=world.doctor)
        assert len(done.contracts) == 2 and done.contracts[0].starts_on == rows[0].ends_on and len(done.skipped) == 1
        again = api.renew_contracts(contract_ids=[rows[0].id], actor=world.doctor)
        assert not again.contracts and "已续签" in again.skipped[0].why and broken() == []


def test_revoking_gives_the_fee_back(world: World) -> None:
    """A mistaken signing never held: the person may sign elsewhere for the same days."""
    done = sign(world)
    api.revoke_contract(contract_id=done.id, reason="签错人", actor=world.doctor)
    sign(world, done.resident_id, team_id=world.other, actor=BOSS)
    assert broken() == [] and Contract.objects.get(pk=done.id).state == "withdrawn"


def test_fee_is_shared_by_rule_and_taken_back(world: World) -> None:
    """By days and by fulfilment, to seats and house, posted once; reversed it may be done again."""
    rows = [sign(world) for _n in range(3)]
    for row in rows[:2]:
        api.note_service(contract_id=row.id, package="basic", item="education", note="", actor=world.doctor)
    with later(days=20):
        year = clock.today().year
        shared = api.share_fee(team_id=world.team, year=year, actor=world.manager)
        assert 0 < shared.paid_fen < shared.earned_fen and sum(fen for _r, _n, fen in shared.lines) == shared.paid_fen
        assert {title for title, _n, _f in shared.lines} >= {
            "责任乡村医生",
            "团队长",
            "机构（耗材与管理）",
        } and broken() == []
        with pytest.raises(Conflict, match="已分配"):
            api.share_fee(team_id=world.team, year=year, actor=world.manager)
        assert shared.id
        api.reverse_share(share_id=shared.id, reason="人员有误", actor=world.manager)
        again = api.share_fee(team_id=world.team, year=year, actor=world.manager)
        assert again.paid_fen == shared.paid_fen and broken() == []


def test_key_populations_follow_the_records(world: World) -> None:
    """Whoever comes under management is in the group at once; whoever leaves is not; a birthday brings the elderly by the daily round."""
    person = world.person(64)
    row = enrolled(world.place, resident_id=person)
    delivered()
    mine = GroupMember.objects.filter(resident_id=person, until__isnull=True)
    assert list(mine.values_list("group", flat=True)) == ["hypertension"]
    programmes.end(enrolment_id=row.id, ending="refused", reason="不愿意", actor=world.doctor)
    delivered()
    assert not mine.exists()
    with later(days=400):
        api.refresh_groups(actor=BOSS)
        assert list(mine.values_list("group", flat=True)) == ["elderly"]


def test_teams_are_complete_and_bounded(world: World) -> None:
    """No signing without the seats that must be filled; a seat takes no more than its number; a team with people is not closed."""
    bare = api.create_team(name="空队", institution_id=world.township.id, actor=world.manager)
    with pytest.raises(InvalidInput) as refusal:
        sign(world, team_id=bare, actor=BOSS)
    assert "团队长" in refusal.value.errors["team_id"]
    with pytest.raises(Conflict, match="最多 1 人"):
        api.add_member(team_id=world.team, staff_id=world.colleague.staff_id, role="leader", actor=world.manager)
    with pytest.raises(InvalidInput):
        api.add_member(team_id=world.team, staff_id=world.colleague.staff_id, role="specialist", actor=world.manager)
    sign(world)
    with pytest.raises(Conflict, match="转签"):
        api.close_team(team_id=world.team, reason="合并", actor=world.manager)
    with pytest.raises(Forbidden):
        sign(world, team_id=world.other, actor=world.doctor)


def test_a_term_starts_within_a_year(world: World) -> None:
    """A term of the past or far off is refused beside its field."""
    with pytest.raises(InvalidInput) as refusal:
        sign(world, starts_on=clock.today() + timedelta(days=500))
    assert "starts_on" in refusal.value.errors
