"""Registering, changing, closing; what is refused and what is said."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from yigong.core import clock
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.events.models import OutboxEvent
from yigong.core.testing import race
from yigong.residents import api
from yigong.residents.data import GivenNumber, NewResident
from yigong.residents.models import Identifier, LinkChange, Resident, SourceRecord
from yigong.residents.tests.factories import citizen_number, make_actor, make_resident, register

pytestmark = pytest.mark.django_db
NUMBER = "530181196005040023"


def test_registration_writes_person_source_and_history() -> None:
    """One person, one source record, one line of link history, one event; birth and sex come from the number."""
    done = register(make_actor(), "单小红", number=NUMBER, sex="0", birth_date=None, phone="138 0000 0001")
    resident = Resident.objects.get(pk=done.resident.id)
    assert (resident.sex, resident.birth_date, resident.initials) == ("2", date(1960, 5, 4), "sxh")
    assert done.resident.masked_number == "530***********" + NUMBER[-4:]
    assert done.resident.masked_phone == "138****0001"
    assert LinkChange.objects.get().source_record_id == done.source_record_id
    assert OutboxEvent.objects.get().name == "residents.registered"


def test_nothing_of_a_number_is_stored_in_the_clear() -> None:
    """Neither the number nor its tail nor the phone can be read from the tables."""
    register(make_actor(), number=NUMBER, phone="13800000001")
    seen = repr([Identifier.objects.values(), Resident.objects.values(), SourceRecord.objects.values()])
    rows = seen + repr(list(Identifier.objects.values())) + repr(list(SourceRecord.objects.values()))
    for secret in (NUMBER, NUMBER[12:], "13800000001"):
        assert secret not in rows


def test_the_same_request_twice_is_one_person() -> None:
    """A double click is answered with the first result."""
    actor, key = make_actor(), uuid4()
    given = NewResident("王小红", "2", date(1960, 5, 4))
    first = api.register_resident(given=given, actor=actor, request_key=key)
    again = api.register_resident(given=given, actor=actor, request_key=key)
    assert again.repeated
    assert again.resident.id == first.resident.id


@pytest.mark.parametrize("form", [NUMBER, "530181600504002", "５３０１８１１９６００５０４００２３"])
def test_a_held_number_is_refused_with_its_holder(form: str) -> None:
    """Every form of the number leads to the person who holds it."""
    actor = make_actor()
    holder = make_resident(actor, number=NUMBER)
    with pytest.raises(api.NumberTaken) as refused:
        register(actor, number=form)
    assert refused.value.holder.resident.id == holder.id
    assert "不能重复建档" in str(refused.value)
    assert "姓名与档案不同" not in str(refused.value)


def test_a_held_number_with_another_name_is_a_question() -> None:
    """Somebody renamed, or a wrong number."""
    actor = make_actor()
    make_resident(actor, "王小红", number=NUMBER)
    with pytest.raises(api.NumberTaken, match="姓名与档案不同"):
        register(actor, "赵四", number=NUMBER)


@pytest.mark.parametrize("name", ["王小红", "王晓红"])
def test_the_same_name_or_sound_and_birth_must_be_confirmed(name: str) -> None:
    """The warning names the similar person; looking at it allows the registration."""
    actor = make_actor()
    known = make_resident(actor, "王小红")
    with pytest.raises(api.SimilarPeople) as warned:
        register(actor, name)
    assert [m.resident.id for m in warned.value.matches] == [known.id]
    assert "出生日期相同" in warned.value.matches[0].reasons
    assert register(actor, name, confirmed=[known.id]).resident.id != known.id


def test_a_shared_phone_alone_is_only_a_hint() -> None:
    """Families share phones."""
    actor = make_actor()
    make_resident(actor, "王小红", phone="13800000001")
    register(actor, "赵四", phone="13800000001", birth_date=date(1980, 1, 1), sex="1")
    near = api.check_duplicates(name="钱五", phone="13800000001", actor=actor)
    assert {m.certainty for m in near} == {"possible"}


def test_a_newborn_takes_its_mothers_name_and_later_its_own() -> None:
    """之女 with the mother as guardian; completion renames and gives the number."""
    actor = make_actor()
    mother = make_resident(actor, "王小红")
    baby = make_resident(actor, "", birth_date=clock.today(), is_newborn=True, mother_id=mother.id)
    assert baby.name == "王小红之女"
    assert (baby.contacts[0].person_id, baby.contacts[0].is_guardian) == (mother.id, True)
    number = citizen_number(clock.today(), "2")
    changes = {"name": "李思", "number": GivenNumber("01", number)}
    named = api.change_resident(resident_id=baby.id, changes=changes, reason="已取名上户", actor=actor)
    assert (named.name, named.is_newborn, named.masked_number[-4:]) == ("李思", False, number[-4:])


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "长" * 10_000_000}, "name"),
        ({"sex": "外星人"}, "sex"),
        ({"birth_date": date(2099, 1, 1)}, "birth_date"),
        ({"birth_date": None}, "birth_date"),
        ({"birth_date": date(1961, 5, 4), "number": NUMBER}, "birth_date"),
        ({"sex": "1", "number": NUMBER}, "sex"),
        ({"number": "530181196005040024"}, "number"),
        ({"phone": "123"}, "phone"),
        ({"ethnicity": "99"}, "ethnicity"),
        ({"archive_number": "12"}, "archive_number"),
        ({"address": "长" * 201}, "address"),
        ({"is_newborn": True, "name": ""}, "mother_id"),
    ],
)
def test_bad_input_is_refused_by_field(given: dict, field: str) -> None:
    """Each field has its own sentence; nothing is written."""
    with pytest.raises(InvalidInput) as refused:
        register(make_actor(), **{"name": "王小红"} | given)
    assert list(refused.value.errors) == [field]
    assert not Resident.objects.exists()


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "Robert'); DROP TABLE residents_resident;--", "𠮷野家"])
def test_markup_and_sql_are_names(name: str) -> None:
    """They are stored as they are and found again."""
    actor = make_actor()
    resident = make_resident(actor, name)
    assert [r.id for r in api.search_residents(name[:6], actor=actor)] == [resident.id]


def test_registering_needs_the_right() -> None:
    """A director reads figures and registers nobody."""
    with pytest.raises(Forbidden, match="居民建档"):
        register(make_actor("director"))


def test_a_change_needs_a_reason_and_the_version_that_was_seen() -> None:
    """Two people changing at once: the second is told."""
    actor = make_actor()
    resident = make_resident(actor)
    with pytest.raises(InvalidInput):
        api.change_resident(resident_id=resident.id, changes={"address": "一组"}, reason=" ", actor=actor)
    seen = resident.version
    changed = api.change_resident(
        resident_id=resident.id,
        changes={"address": "一组", "phone": "13800000001"},
        reason="核实",
        actor=actor,
        version=seen,
    )
    assert (changed.address, changed.masked_phone, changed.version) == ("一组", "138****0001", seen + 1)
    with pytest.raises(Conflict):
        api.change_resident(
            resident_id=resident.id, changes={"address": "二组"}, reason="核实", actor=actor, version=seen
        )


def test_closing_and_reopening() -> None:
    """The dead keep their number; a cancelled identity frees it and may not come back while another holds it."""
    actor = make_actor()
    resident = make_resident(actor, number=NUMBER)
    closed = api.close_resident(
        resident_id=resident.id, status="deceased", on=clock.today(), reason="死亡医学证明", actor=actor
    )
    assert closed.status == "deceased"
    with pytest.raises(api.NumberTaken):
        register(actor, "赵四", number=NUMBER)
    assert api.reopen_resident(resident_id=resident.id, reason="误登", actor=actor).status == "active"
    api.close_resident(resident_id=resident.id, status="cancelled", on=clock.today(), reason="重复", actor=actor)
    other = make_resident(actor, "王小红", number=NUMBER)
    with pytest.raises(api.NumberTaken) as refused:
        api.reopen_resident(resident_id=resident.id, reason="误销", actor=actor)
    assert refused.value.holder.resident.id == other.id


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"status": "gone"}, "status"),
        ({"on": clock.today() + timedelta(days=2)}, "on"),
        ({"on": date(1900, 1, 1)}, "on"),
        ({"reason": " "}, "reason"),
    ],
)
def test_closing_is_checked(values: dict, field: str) -> None:
    """Status, date and reason."""
    actor = make_actor()
    resident = make_resident(actor)
    good = {"status": "moved", "on": clock.today(), "reason": "迁往外县"}
    with pytest.raises(InvalidInput) as refused:
        api.close_resident(resident_id=resident.id, actor=actor, **good | values)
    assert list(refused.value.errors) == [field]


def test_links_of_merged_people_are_followed() -> None:
    """Old keys lead to today's person; all keys of a person are known."""
    actor = make_actor()
    a, b, c = (make_resident(actor, name) for name in ("甲一", "乙二", "丙三"))
    Resident.objects.filter(pk=a.id).update(merged_into_id=b.id, status="merged")
    Resident.objects.filter(pk=b.id).update(merged_into_id=c.id, status="merged")
    assert api.resolve([a.id, b.id, c.id, uuid4()]) == {a.id: c.id, b.id: c.id, c.id: c.id}
    assert api.identities(a.id) == {a.id, b.id, c.id}
    assert api.access_resident(a.id, actor=actor).id == c.id
    assert api.resident_names([a.id])[a.id].name == "丙三"


def test_the_database_holds_the_line() -> None:
    """One living holder per number, no merge into oneself, link history append-only."""
    actor = make_actor()
    a = make_resident(actor, "甲一", number=NUMBER)
    b = make_resident(actor, "乙二")
    held = Identifier.objects.get(resident_id=a.id)
    for wrong in (
        lambda: Identifier.objects.create(resident_id=b.id, kind="01", sealed=b"", digest=held.digest, tail_digest=b""),
        lambda: Resident.objects.filter(pk=b.id).update(merged_into_id=b.id, status="merged"),
        lambda: Resident.objects.filter(pk=b.id).update(status="merged"),
        lambda: Resident.objects.filter(pk=b.id).update(sex="x"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()
    with pytest.raises(ProgrammingError), transaction.atomic():
        LinkChange.objects.all().delete()


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("residents.register")
def test_two_clerks_one_number() -> None:
    """One registers, the other is told who holds the number."""
    actor = make_actor()
    number = citizen_number(sex="2")
    outcomes = race(*[lambda n=n: register(actor, n, number=number) for n in ("王小红", "王红")])
    assert sorted(type(o).__name__ for o in outcomes) == ["NumberTaken", "Registered"]
    assert Resident.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("residents.register")
def test_two_clerks_one_person_without_number() -> None:
    """The second is warned of what the first has just written."""
    actor = make_actor()
    outcomes = race(*[lambda: register(actor, "王小红")] * 2)
    assert sorted(type(o).__name__ for o in outcomes) == ["Registered", "SimilarPeople"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("residents.register")
def test_a_double_click_is_one_person() -> None:
    """Both clicks get the same answer."""
    actor, key = make_actor(), uuid4()
    given = NewResident("王小红", "2", date(1960, 5, 4))
    first, second = race(*[lambda: api.register_resident(given=given, actor=actor, request_key=key)] * 2)
    assert first.resident.id == second.resident.id
    assert {first.repeated, second.repeated} == {True, False}
