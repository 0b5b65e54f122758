"""Merge, split, link, unlink and undo: what moves, what stays, what is refused."""

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest

from yigong.access import api as access
from yigong.access.models import Relationship
from yigong.core.actor import Actor
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.testing import race
from yigong.residents import api, holdings
from yigong.residents.data import GivenNumber, LinkOperationData, NewResident, ResidentData
from yigong.residents.models import Identifier, LinkChange, LinkOperation, Resident, SourceRecord
from yigong.residents.tests.factories import citizen_number, make_actor, make_resident

pytestmark = pytest.mark.django_db
BORN = date(1960, 5, 4)


@pytest.fixture
def keeper() -> Actor:
    """Who keeps the index."""
    return replace(make_actor("identity_manager"), staff_id=uuid4())


def pair(actor: Actor) -> tuple[ResidentData, ResidentData]:
    """The same person twice: with a number at the one desk, with a phone at the other."""
    first = make_resident(actor, "王小红", number=citizen_number(sex="2"), archive_number="53018100100100001")
    second = make_resident(make_actor(), "王晓红", phone="13800000001", birth_date=date(1960, 5, 5), village="柳树村")
    return first, second


def merge(actor: Actor, survivor: ResidentData, other: ResidentData) -> LinkOperationData:
    """Merge with a reason."""
    return api.merge_residents(survivor_id=survivor.id, other_id=other.id, reason="核对身份证", actor=actor)


def undo(actor: Actor, operation: LinkOperationData) -> LinkOperationData:
    """Undo with a reason."""
    return api.undo_operation(operation_id=operation.id, reason="不是同一人", actor=actor)


def place(record_id: UUID) -> UUID:
    """Where a record hangs."""
    return SourceRecord.objects.get(pk=record_id).resident_id


def everything(resident_id: UUID) -> dict:
    """All that the row, its numbers and its contacts say, except the version and the nonce of what is sealed."""
    row = Resident.objects.filter(pk=resident_id).values().get()
    plain = {
        k: bytes(v) if isinstance(v, memoryview) else v for k, v in row.items() if k not in ("version", "phone_sealed")
    }
    numbers = Identifier.objects.filter(resident_id=resident_id).order_by("id").values_list("id", "is_active")
    contacts = Resident.objects.get(pk=resident_id).contacts.order_by("id").values_list("id", flat=True)
    return plain | {"numbers": list(numbers), "contacts": list(contacts)}


def test_a_merge_moves_records_and_chooses_each_field_with_a_reason(keeper: Actor) -> None:
    """The verified name stays, the phone and the address of the other come in, the old key leads to the survivor."""
    first, second = pair(make_actor())
    done = merge(keeper, first, second)
    seen = api.identity(second.id)
    assert (done.state, seen.id, seen.name, seen.birth_date) == ("done", first.id, "王小红", BORN)
    assert (seen.masked_phone, seen.village) == ("138****0001", "柳树村")
    assert api.identities(first.id) == {first.id, second.id}
    assert {s.resident_id for s in SourceRecord.objects.all()} == {first.id}
    assert LinkChange.objects.filter(action="merge").count() == len(done.records)


def test_undo_gives_back_exactly_and_what_came_later_stays(keeper: Actor) -> None:
    """Registrations and corrections after the merge stay with the survivor; the revived person is as it was."""
    first, second = pair(make_actor())
    before = everything(second.id)
    done = merge(keeper, first, second)
    given = NewResident("王小红", "2", BORN, phone="13900000002")
    later = api.link_registration(resident_id=second.id, given=given, actor=make_actor("identity_manager"))
    undo(keeper, done)
    assert everything(second.id) == before
    assert place(later.source_record_id) == first.id
    assert api.identity(first.id).masked_phone == "139****0002"
    assert api.identities(first.id) == {first.id}


def test_undo_restores_the_survivor_when_nothing_came_later(keeper: Actor) -> None:
    """Both files are what they were."""
    first, second = pair(make_actor())
    before = everything(first.id), everything(second.id)
    undo(keeper, merge(keeper, first, second))
    undo(keeper, merge(keeper, second, first))
    assert (everything(first.id), everything(second.id)) == before


def test_a_desk_related_to_the_merged_one_reads_the_survivor_until_the_undo(keeper: Actor) -> None:
    """Reasons to see a person hold for all its keys."""
    first, second = pair(make_actor())
    desk = make_actor("specialist")
    access.open_relationship(resident_id=second.id, institution_id=desk.institution_id, basis="order", source=uuid4())
    done = merge(keeper, first, second)
    assert api.access_resident(second.id, actor=desk).id == first.id
    undo(keeper, done)
    assert api.access_resident(second.id, actor=desk).id == second.id
    with pytest.raises(Forbidden):
        api.access_resident(first.id, actor=desk)


def test_split_and_its_undo(keeper: Actor) -> None:
    """Two people under one file: the second gets a file of its own with its number; undone, its key leads back."""
    desk = make_actor("identity_manager")
    one = make_resident(desk, "王小红", number=citizen_number(sex="2"))
    wrong = NewResident(
        "赵小红", "2", date(1961, 1, 1), numbers=(GivenNumber("01", citizen_number(date(1961, 1, 1), "2")),)
    )
    source = api.link_registration(resident_id=one.id, given=wrong, actor=desk).source_record_id
    before = everything(one.id)
    done = api.split_resident(resident_id=one.id, record_ids=[source], reason="两个人", actor=keeper)
    other = api.identity(done.target_id)
    assert (other.name, other.birth_date, len(other.numbers)) == ("赵小红", date(1961, 1, 1), 1)
    assert len(api.identity(one.id).numbers) == 1
    assert api.access_resident(other.id, actor=desk).id == other.id
    undo(keeper, done)
    assert everything(one.id) == before
    assert api.identity(other.id).id == one.id


def test_a_file_keeps_at_least_one_named_record(keeper: Actor) -> None:
    """The last record cannot be split off or linked away."""
    first, second = pair(make_actor())
    only = SourceRecord.objects.get(resident_id=second.id).id
    with pytest.raises(InvalidInput, match="至少要留下"):
        api.unlink_record(record_id=only, reason="拆", actor=keeper)
    with pytest.raises(InvalidInput, match="请用“合并”"):
        api.link_record(record_id=only, resident_id=first.id, reason="移", actor=keeper)


def test_what_stands_in_the_way_of_an_undo_is_named(keeper: Actor) -> None:
    """A merged into B, B into C: the second merge must be undone first; then both can be."""
    first, second = pair(make_actor())
    third = make_resident(make_actor(), "王小虹", birth_date=date(1970, 1, 1))
    inner, outer = merge(keeper, first, second), merge(keeper, third, first)
    assert api.identities(second.id) == {first.id, second.id, third.id}
    with pytest.raises(api.UndoFirst) as refused:
        undo(keeper, inner)
    assert refused.value.operation_id == outer.id
    undo(keeper, outer)
    undo(keeper, inner)
    assert {r.status for r in Resident.objects.all()} == {"active"}
    with pytest.raises(Conflict, match="不能撤销"):
        undo(keeper, inner)


def test_rings_and_merged_ones_are_refused(keeper: Actor) -> None:
    """The refusal says where the merged one lives today; nobody is merged with itself; a reason and the right are needed."""
    first, second = pair(make_actor())
    with pytest.raises(InvalidInput, match="同一份"):
        merge(keeper, first, first)
    with pytest.raises(InvalidInput):
        api.merge_residents(survivor_id=first.id, other_id=second.id, reason=" ", actor=keeper)
    with pytest.raises(Forbidden):
        merge(make_actor("registrar"), first, second)
    merge(keeper, first, second)
    for survivor, other in ((first, second), (second, first)):
        with pytest.raises(api.AlreadyMerged) as refused:
            merge(keeper, survivor, other)
        assert refused.value.into == first.id


def test_something_under_way_needs_a_second_person(keeper: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The merge waits; who asked cannot confirm; another one can, or refuses."""
    first, second = pair(make_actor())
    busy = api.Holder("orders", "检查申请", lambda ids: 2 * (second.id in ids), lambda ids: int(second.id in ids))
    monkeypatch.setattr(holdings, "_holders", {"orders": busy})
    asked = merge(keeper, first, second)
    assert (asked.state, asked.why_two) == ("waiting", "检查申请 1 项在办")
    assert Resident.objects.filter(status="merged").count() == 0
    with pytest.raises(Conflict, match="等待第二人"):
        merge(keeper, first, second)
    with pytest.raises(Forbidden, match="本人不能确认"):
        api.confirm_operation(operation_id=asked.id, actor=keeper)
    second_person = replace(make_actor("quality_manager"), staff_id=uuid4(), name="孙质控")
    api.refuse_operation(operation_id=asked.id, reason="还在住院", actor=second_person)
    again = merge(keeper, first, second)
    done = api.confirm_operation(operation_id=again.id, actor=second_person)
    assert (done.state, done.second_by) == ("done", "孙质控")
    undo(keeper, done)


def test_registration_relations_follow_their_record(keeper: Actor) -> None:
    """What the record opened for one identity holds for the one it hangs on."""
    first, second = pair(make_actor())
    key = SourceRecord.objects.get(resident_id=second.id).id
    done = merge(keeper, first, second)
    assert Relationship.objects.get(source=key).resident_id == first.id
    undo(keeper, done)
    assert Relationship.objects.get(source=key).resident_id == second.id


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("residents.merge")
def test_two_desks_merge_in_opposite_directions(keeper: Actor) -> None:
    """One goes through, the other learns that the file has been merged."""
    first, second = pair(make_actor())
    outcomes = race(lambda: merge(keeper, first, second), lambda: merge(keeper, second, first))
    assert sorted(type(o).__name__ for o in outcomes) == ["AlreadyMerged", "LinkOperationData"]
    assert Resident.objects.filter(status="merged").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("residents.confirm_merge")
def test_a_confirmation_races_a_refusal(keeper: Actor) -> None:
    """One of two second persons decides."""
    first, second = pair(make_actor())
    asked = LinkOperation.objects.create(
        kind="merge",
        state="waiting",
        origin_id=second.id,
        target_id=first.id,
        reason="同一人",
        actor_name="王",
        staff_id=uuid4(),
    )
    other = replace(make_actor("quality_manager"), staff_id=uuid4())
    outcomes = race(
        lambda: api.confirm_operation(operation_id=asked.id, actor=keeper),
        lambda: api.refuse_operation(operation_id=asked.id, reason="不同", actor=other),
    )
    assert sorted(type(o).__name__ for o in outcomes) == ["Conflict", "LinkOperationData"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("residents.undo_link")
def test_an_undo_twice_at_once(keeper: Actor) -> None:
    """One undoes, the other is told."""
    first, second = pair(make_actor())
    done = merge(keeper, first, second)
    outcomes = race(*[lambda: undo(keeper, done)] * 2)
    assert sorted(type(o).__name__ for o in outcomes) == ["Conflict", "LinkOperationData"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("residents.split")
@pytest.mark.race("residents.link")
def test_a_split_races_a_link_of_the_same_record(keeper: Actor) -> None:
    """The record goes one way only."""
    first, second = pair(make_actor())
    moved = api.link_registration(
        resident_id=first.id, given=NewResident("王红", "2", BORN), actor=make_actor("identity_manager")
    )
    key = moved.source_record_id
    outcomes = race(
        lambda: api.split_resident(resident_id=first.id, record_ids=[key], reason="拆", actor=keeper),
        lambda: api.link_record(record_id=key, resident_id=second.id, reason="移", actor=keeper),
    )
    names = sorted(type(o).__name__ for o in outcomes)
    assert names == ["Conflict", "LinkOperationData"]
    assert LinkOperation.objects.filter(state="done").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("residents.link_registration")
def test_a_registration_arrives_while_its_person_is_merged(keeper: Actor) -> None:
    """Wherever it lands, it hangs on somebody who lives."""
    first, second = pair(make_actor())
    given, desk = NewResident("王红", "2", BORN), make_actor("identity_manager")
    arrived, _merged = race(
        lambda: api.link_registration(resident_id=second.id, given=given, actor=desk),
        lambda: merge(keeper, first, second),
    )
    assert place(arrived.source_record_id) == first.id
