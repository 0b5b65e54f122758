"""Decisions about residents: every basis both ways, three rights apart, one select and one insert."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.db.utils import DatabaseError
from django.test.utils import CaptureQueriesContext

from yigong.access import api as access
from yigong.access import decisions
from yigong.access.api import Decision, Refused, Subject
from yigong.access.context import RequestContext, current
from yigong.access.models import ReadLog, Relationship
from yigong.access.tests.factories import make_person
from yigong.core import clock
from yigong.core.actor import system
from yigong.network import api as network
from yigong.network.tests.factories import BOSS, make_institution

pytestmark = pytest.mark.django_db
BASES = Relationship.Basis.values


def ask(person, resident, action="read_detail") -> Decision:
    """The actor's question about a resident."""
    return access.decide(person.actor, action, Subject("resident", resident))


@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize("action", ["read_detail", "write"])
def test_each_basis_opens_and_its_end_closes(basis: str, action: str) -> None:
    """Refused without, allowed with, refused after the end with a sentence naming what ended and when."""
    doctor, resident, source = make_person("gp"), uuid4(), uuid4()
    assert not ask(doctor, resident, action).allowed
    holder = {"staff_id": doctor.staff_id} if basis == "emergency" else {"institution_id": doctor.institution.id}
    access.open_relationship(resident_id=resident, basis=basis, source=source, **holder)
    assert ask(doctor, resident, action) == Decision(
        True, basis, f"依据：{decisions.basis_label(basis)}", resident_id=resident
    )
    assert access.close_relationships(source=source) == 1
    refused = ask(doctor, resident, action)
    assert not refused.allowed and "已于" in refused.explanation and decisions.basis_label(basis) in refused.explanation


def test_the_strongest_basis_is_named() -> None:
    """A contract is named before an encounter, whatever came first; an ended contract gives way."""
    doctor, resident, contract = make_person("gp"), uuid4(), uuid4()
    place = {"resident_id": resident, "institution_id": doctor.institution.id}
    access.open_relationship(**place, basis="encounter", source=uuid4())
    access.open_relationship(**place, basis="contract", source=contract)
    assert ask(doctor, resident).basis == "contract"
    access.close_relationships(source=contract)
    assert ask(doctor, resident).basis == "encounter"


def test_a_relationship_of_another_place_or_person_opens_nothing() -> None:
    """Neither another institution's relationship nor a colleague's personal one."""
    doctor, resident = make_person("gp"), uuid4()
    colleague = make_person("gp", at=doctor.institution)
    access.open_relationship(resident_id=resident, institution_id=make_institution().id, basis="contract")
    access.open_relationship(
        resident_id=resident, institution_id=doctor.institution.id, staff_id=colleague.staff_id, basis="consent"
    )
    assert not ask(doctor, resident).allowed
    assert ask(colleague, resident).allowed


def test_a_secondment_opens_and_closes() -> None:
    """A seconded doctor sees the host's residents while the secondment lasts."""
    doctor, host, resident = make_person("specialist"), make_institution(), uuid4()
    access.open_relationship(resident_id=resident, institution_id=host.id, basis="encounter")
    assert not ask(doctor, resident).allowed
    row = network.second_staff(
        staff_id=doctor.staff_id, institution_id=host.id, form="support", reason="坐诊", actor=BOSS
    )
    assert ask(doctor, resident).allowed
    network.end_secondment(secondment_id=row.id, reason="结束", actor=BOSS)
    assert not ask(doctor, resident).allowed


def test_those_above_read_statistics_not_detail() -> None:
    """A managing institution's director counts a village's residents but does not open them."""
    county = make_institution("county")
    village = make_institution(parent_id=county.id)
    director, resident = make_person("director", at=county), uuid4()
    access.open_relationship(resident_id=resident, institution_id=village.id, basis="contract")
    assert not ask(director, resident).allowed
    assert ask(director, resident, "read_statistics").allowed
    assert access.decide(director.actor, "read_statistics", Subject("institution", village.id)).basis == "tree"
    outside = Subject("institution", make_institution().id)
    assert not access.decide(director.actor, "read_statistics", outside).allowed


@pytest.mark.parametrize(
    ("role", "detail", "statistics", "write"),
    [
        ("gp", 1, 1, 1),
        ("village_doctor", 1, 0, 1),
        ("bureau", 0, 1, 0),
        ("admin", 0, 0, 0),
        ("quality_manager", 1, 1, 0),
    ],
)
def test_three_rights_are_separate(role: str, detail: int, statistics: int, write: int) -> None:
    """The same relationship, and only the rights of the role."""
    person, resident = make_person(role), uuid4()
    access.open_relationship(resident_id=resident, institution_id=person.institution.id, basis="encounter")
    answers = [ask(person, resident, action).allowed for action in ("read_detail", "read_statistics", "write")]
    assert answers == [bool(detail), bool(statistics), bool(write)]


def test_default_is_refusal() -> None:
    """An unknown action and an unknown kind of subject are refused."""
    doctor, resident = make_person(), uuid4()
    access.open_relationship(resident_id=resident, institution_id=doctor.institution.id, basis="contract")
    assert not ask(doctor, resident, "export_everything").allowed
    assert not access.decide(doctor.actor, "read_detail", Subject("satellite", uuid4())).allowed


def test_a_refusal_offers_the_next_step() -> None:
    """Emergency access and consent are offered to those who may use them, and the error carries the decision."""
    doctor, resident = make_person("gp"), uuid4()
    with pytest.raises(Refused) as refusal:
        access.require(doctor.actor, "read_detail", Subject("resident", resident))
    addresses = [address for _label, address in refusal.value.decision.links]
    assert any("emergency" in address for address in addresses) and any("consent" in address for address in addresses)
    assert "紧急调阅" in refusal.value.next_step and "没有" in str(refusal.value)


def test_each_decision_is_logged_with_everything() -> None:
    """Who, post, place, resident, action, basis, purpose, page; refusals too; the system by name."""
    doctor, resident = make_person(), uuid4()
    token = current.set(RequestContext(page="/residents/1/"))
    try:
        access.open_relationship(resident_id=resident, institution_id=doctor.institution.id, basis="contract")
        access.decide(doctor.actor, "read_detail", Subject("resident", resident), purpose="门诊")
    finally:
        current.reset(token)
    access.decide(system("relay"), "write", Subject("resident", resident))
    first, second = ReadLog.objects.filter(resident_id=resident).order_by("at", "id")
    assert (first.staff_id, first.post_id, first.institution_id) == (
        doctor.staff_id,
        doctor.post.id,
        doctor.institution.id,
    )
    assert (first.page, first.purpose, first.basis, first.allowed) == ("/residents/1/", "门诊", "contract", True)
    assert (second.actor_name, second.basis) == ("relay", "system")


def test_two_statements_for_one_and_for_fifty() -> None:
    """One SELECT and one INSERT, however many residents a list shows."""
    doctor = make_person()
    actor, residents = doctor.actor, [uuid4() for _n in range(50)]
    for resident in residents[:20]:
        access.open_relationship(resident_id=resident, institution_id=doctor.institution.id, basis="contract")
    with CaptureQueriesContext(connection) as one:
        access.decide(actor, "read_detail", Subject("resident", residents[0]))
    with CaptureQueriesContext(connection) as many:
        answers = access.decide_many(actor, "read_detail", "resident", residents)
    assert (len(one), len(many)) == (2, 2)
    assert [answers[resident].allowed for resident in residents] == [True] * 20 + [False] * 30
    assert ReadLog.objects.filter(staff_id=doctor.staff_id).count() == 51


def test_lists_and_detail_agree() -> None:
    """``visible`` names exactly those whom ``decide`` allows."""
    doctor, residents = make_person(), [uuid4() for _n in range(6)]
    place = doctor.institution.id
    access.open_relationship(resident_id=residents[0], institution_id=place, basis="contract")
    access.open_relationship(resident_id=residents[1], staff_id=doctor.staff_id, basis="emergency")
    access.open_relationship(resident_id=residents[2], institution_id=make_institution().id, basis="contract")
    ended = uuid4()
    access.open_relationship(resident_id=residents[3], institution_id=place, basis="order", source=ended)
    access.close_relationships(source=ended)
    later = clock.now() + timedelta(days=1)
    access.open_relationship(resident_id=residents[4], institution_id=place, basis="referral", ends_at=later)
    answers = access.decide_many(doctor.actor, "read_detail", "resident", residents)
    allowed = {resident for resident, answer in answers.items() if answer.allowed}
    assert set(access.visible("resident", doctor.actor)) == allowed == {residents[0], residents[1], residents[4]}
    assert set(access.visible("resident", make_person("admin").actor)) == set()


def test_rooms_register_their_own_subjects() -> None:
    """A registered policy decides, and the resident it names is logged."""
    resident, order = uuid4(), uuid4()
    answer = Decision(True, "order", "依据：检查检验申请", resident_id=resident)
    access.register_policy("test_order", lambda actor, action, key: answer, lambda actor: [order])
    doctor = make_person()
    assert access.decide(doctor.actor, "read_detail", Subject("test_order", order)) is answer
    assert list(access.visible("test_order", doctor.actor)) == [order]
    assert ReadLog.objects.get(resident_id=resident).subject_id == order


def test_the_same_open_reason_twice_is_one() -> None:
    """An event delivered twice opens one relationship."""
    facts = {"resident_id": uuid4(), "institution_id": make_institution().id, "basis": "referral", "source": uuid4()}
    assert access.open_relationship(**facts) == access.open_relationship(**facts)
    assert access.close_relationships(source=facts["source"]) == 1


@pytest.mark.parametrize("change", ["update access_readlog set purpose = 'x'", "delete from access_readlog"])
def test_the_log_cannot_be_changed(change: str) -> None:
    """The database refuses updates and deletes, whoever asks."""
    access.decide(system("test"), "read_detail", Subject("resident", uuid4()))
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(change)


def test_months_are_made_ahead() -> None:
    """Partitions exist for two years, and asking again makes none."""
    with connection.cursor() as cursor:
        cursor.execute("select access_readlog_ensure(current_date, 24), access_readlog_ensure(current_date, 25)")
        assert cursor.fetchone() == (0, 1)
        cursor.execute("select tableoid::regclass::text from access_readlog limit 1")
