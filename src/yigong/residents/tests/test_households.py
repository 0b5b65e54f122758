"""Households: people come and go, split, merge, another head; each with a day, a reason and a line of history."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigong.access.tests.factories import make_person
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Conflict, DomainError, Forbidden, InvalidInput
from yigong.core.testing import overtakes, race
from yigong.network import api as network
from yigong.network.tests.factories import BOSS
from yigong.residents import api, queries
from yigong.residents.commands import households
from yigong.residents.models import Household, HouseholdMove, Resident
from yigong.residents.rules.households import relation_after, relation_between
from yigong.residents.rules.people import RELATIONS
from yigong.residents.tests.factories import make_actor, make_resident

pytestmark = pytest.mark.django_db
VILLAGE = "530181001001"


@pytest.fixture
def clerk() -> Actor:
    """Who registers."""
    return replace(make_actor("registrar"), staff_id=uuid4())


def family(actor: Actor) -> tuple[UUID, dict[str, UUID]]:
    """Father (head), mother, son, his wife, grandson; returns the household and people by what they are."""
    people = {
        "02": make_resident(actor, "赵大山", sex="1", birth_date=date(1950, 1, 1)).id,
        "12": make_resident(actor, "钱桂花", birth_date=date(1952, 1, 1)).id,
        "20": make_resident(actor, "赵二河", sex="1", birth_date=date(1975, 1, 1)).id,
        "38": make_resident(actor, "孙秀兰", birth_date=date(1976, 1, 1)).id,
        "41": make_resident(actor, "赵小宝", sex="1", birth_date=date(2015, 1, 1)).id,
    }
    household = api.found_household(
        head_id=people["02"], division_code=VILLAGE, address="三组 12 号", reason="立户", actor=actor
    )
    for relation, key in people.items():
        if relation != "02":
            api.move_in(household_id=household, resident_id=key, relation=relation, reason="同住", actor=actor)
    return household, people


def relations(household: UUID) -> dict[str, str]:
    """What each is, by name."""
    return {m.name: m.relation for m in queries.household(household).members}


def test_a_household_is_listed_head_first_with_its_history(clerk: Actor) -> None:
    """Everybody's coming is a line with day, reason and who did it."""
    household, people = family(clerk)
    found = queries.household(household)
    assert [m.relation for m in found.members] == ["02", "12", "20", "38", "41"]
    assert found.head_id == people["02"]
    moves = queries.household_moves(household)
    assert len(moves) == 5
    assert {m.by for m in moves} == {clerk.name}
    with pytest.raises(Conflict, match="已在这一户"):
        api.move_in(household_id=household, resident_id=people["41"], relation="41", reason="再来", actor=clerk)


def test_the_head_cannot_leave_people_behind(clerk: Actor) -> None:
    """First another head, then out; the last one takes the household's headship along."""
    household, people = family(clerk)
    with pytest.raises(Conflict, match="是户主"):
        api.move_out(resident_id=people["02"], reason="外出", actor=clerk)
    with pytest.raises(InvalidInput):
        api.move_out(resident_id=people["20"], reason=" ", actor=clerk)
    with pytest.raises(InvalidInput):
        api.move_out(resident_id=people["20"], reason="外出", on=clock.today() + timedelta(days=1), actor=clerk)
    for relation in ("12", "20", "38", "41", "02"):
        api.move_out(resident_id=people[relation], reason="外出", actor=clerk)
    found = queries.household(household)
    assert (found.members, found.head_id, found.needs_head) == ((), None, False)


def test_another_head_says_everybody_anew(clerk: Actor) -> None:
    """The son becomes head: father 父, mother 母, wife 其他亲属 to be corrected (the register does not say whose wife), grandson alike."""
    household, people = family(clerk)
    api.change_head(household_id=household, head_id=people["20"], reason="原户主年老", actor=clerk)
    assert relations(household) == {"赵二河": "02", "赵大山": "51", "钱桂花": "52", "孙秀兰": "97", "赵小宝": "97"}
    api.change_relation(resident_id=people["38"], relation="12", reason="核对户口簿", actor=clerk)
    api.change_relation(resident_id=people["41"], relation="20", reason="核对户口簿", actor=clerk)
    assert relations(household)["孙秀兰"] == "12"
    with pytest.raises(Conflict):
        api.change_relation(resident_id=people["20"], relation="12", reason="误", actor=clerk)


def test_after_the_heads_death_the_wife_is_head(clerk: Actor) -> None:
    """The page asks for it; the dead stay listed as what they were."""
    boss = make_actor("all")
    household, people = family(boss)
    api.close_resident(resident_id=people["02"], status="deceased", on=clock.today(), reason="死亡", actor=boss)
    assert queries.household(household).needs_head
    with pytest.raises(InvalidInput):
        api.change_head(household_id=household, head_id=people["02"], reason="误", actor=boss)
    api.change_head(household_id=household, head_id=people["12"], reason="原户主去世", actor=boss)
    found = queries.household(household)
    assert not found.needs_head
    assert relations(household) == {"钱桂花": "02", "赵大山": "11", "赵二河": "20", "孙秀兰": "97", "赵小宝": "41"}


def test_split_and_merge(clerk: Actor) -> None:
    """The young family goes, comes back; the empty household leads to where they live."""
    household, people = family(clerk)
    young = [people[r] for r in ("20", "38", "41")]
    with pytest.raises(InvalidInput):
        split(clerk, household, [], people["20"])
    with pytest.raises(Conflict, match="户主不能分出去"):
        split(clerk, household, [people["02"]], people["02"])
    with pytest.raises(Conflict, match="全户"):
        split(clerk, household, list(people.values()), people["20"])
    new = split(clerk, household, young, people["20"])
    assert queries.household(new).address == "三组 12 号"
    assert relations(household) == {"赵大山": "02", "钱桂花": "12"}
    with pytest.raises(Conflict, match="已不在这一户"):
        split(clerk, household, young, people["20"])
    with pytest.raises(InvalidInput):
        api.merge_households(household_id=household, other_id=household, relation="20", reason="误", actor=clerk)
    api.merge_households(household_id=household, other_id=new, relation="20", reason="合住", actor=clerk)
    assert queries.household(new).id == household
    assert relations(household)["赵二河"] == "20"
    with pytest.raises(Conflict, match="已并入"):
        api.move_in(household_id=new, resident_id=people["12"], relation="12", reason="误", actor=clerk)
    kinds = [m.kind for m in queries.household_moves(household)]
    assert kinds.count("split") == kinds.count("merge") == 3


def split(actor: Actor, household: UUID, members: list[UUID], head: UUID) -> UUID:
    """Split with a reason."""
    return api.split_household(
        household_id=household,
        member_ids=members,
        head_id=head,
        division_code="",
        address="",
        reason="分家",
        actor=actor,
    )


def test_strangers_are_refused(clerk: Actor) -> None:
    """Each person who is moved is decided about."""
    household, people = family(clerk)
    stranger = make_actor("registrar")
    with pytest.raises(Forbidden):
        api.move_out(resident_id=people["41"], reason="外出", actor=stranger)
    with pytest.raises(Forbidden):
        api.change_head(household_id=household, head_id=people["12"], reason="误", actor=stranger)


CODES = [c for c in RELATIONS if c not in {"01", "80"}]


@given(st.sampled_from(CODES), st.sampled_from(CODES), st.sampled_from("12"), st.sampled_from("12"))
def test_a_relation_read_backwards_is_its_inverse_or_unknown(one: str, other: str, sex: str, their_sex: str) -> None:
    """Parent and child, grandparent and grandchild, spouse and spouse come in pairs; nobody is parent both ways."""
    there, back = relation_between(one, sex, other), relation_between(other, their_sex, one)
    inverse = {"5": "2356", "6": "4", "4": "6", "2": "56", "3": "56", "1": "1", "7": "7"}
    if (
        one != other
        and there[:1] in inverse
        and back
        and there not in {"28", "38"}
        and one not in {"02"}
        and other not in {"02"}
    ):
        assert back[0] in inverse[there[0]]
    assert relation_after(one, sex, other) in RELATIONS


@pytest.mark.parametrize(
    ("one", "sex", "other", "is_to"),
    [
        ("12", "2", "20", "52"), ("20", "1", "12", "20"), ("20", "1", "30", "70"), ("51", "1", "52", "11"), ("51", "1", "20", "61"),
        ("20", "1", "51", "41"), ("12", "2", "43", "64"), ("02", "1", "38", "53"), ("02", "2", "28", "56"), ("38", "2", "20", ""), ("10", "2", "51", "38"),
    ],
)  # fmt: skip
def test_what_one_is_to_another(one: str, sex: str, other: str, is_to: str) -> None:
    """Read through the head."""
    assert relation_between(one, sex, other) == is_to


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("residents.split_household")
def test_two_desks_split_off_the_same_people() -> None:
    """One household more; the other desk is told they are gone."""
    clerk = make_actor("registrar")
    household, people = family(clerk)
    young = [people[r] for r in ("20", "38", "41")]
    done = race(*(lambda: split(clerk, household, young, people["20"]) for _ in range(2)))
    assert sum(isinstance(d, UUID) for d in done) == 1
    assert sum(isinstance(d, DomainError) for d in done) == 1
    assert Household.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("residents.change_head")
def test_two_heads_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second change sees the first one's relations: one head afterwards, and his relation says so."""
    clerk = make_actor("registrar")
    household, people = family(clerk)

    def become(relation: str) -> None:
        api.change_head(household_id=household, head_id=people[relation], reason="变更", actor=clerk)

    *done, too_early = overtakes(
        lambda: become("12"), lambda: become("20"), at=(households, "_set_relation"), patch=monkeypatch
    )
    assert done == [None, None]
    assert not too_early, "relations were read while they were being changed"
    heads = Resident.objects.filter(household=household, relation_to_head="02").values_list("id", flat=True)
    assert list(heads) == [Household.objects.get(pk=household).head_id] == [people["20"]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("residents.move_in")
def test_one_person_into_two_households() -> None:
    """In one of them at the end, and both changes in the history, one after the other."""
    clerk = make_actor("registrar")
    first, people = family(clerk)
    guest = make_resident(clerk, "周来顺", sex="1").id
    second = split(clerk, first, [people["20"], people["38"]], people["20"])
    done = race(
        *(
            lambda h=h: api.move_in(household_id=h, resident_id=guest, relation="97", reason="借住", actor=clerk)
            for h in (first, second)
        )
    )
    moved = list(HouseholdMove.objects.filter(resident=guest).order_by("at"))
    assert len(moved) == sum(d is None for d in done) >= 1
    assert Resident.objects.get(pk=guest).household_id == moved[-1].to_household_id
    if len(moved) == 2:
        assert moved[1].from_household_id == moved[0].to_household_id


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("residents.merge_households")
def test_two_households_merged_into_each_other_at_once() -> None:
    """One stands, the other leads to it; nobody is lost."""
    clerk = make_actor("registrar")
    first, people = family(clerk)
    second = split(clerk, first, [people["20"], people["38"]], people["20"])
    done = race(
        lambda: api.merge_households(household_id=first, other_id=second, relation="20", reason="合", actor=clerk),
        lambda: api.merge_households(household_id=second, other_id=first, relation="51", reason="合", actor=clerk),
    )
    assert sum(isinstance(d, Conflict) for d in done) == 1
    assert len(queries.household(first).members) == 5


def test_search_and_places(clerk: Actor, django_assert_max_num_queries: Any) -> None:
    """By head, member, initials, address, village and number; counts by place."""
    for code, name in (("530181", "清溪县"), ("530181001", "石桥镇"), (VILLAGE, "柳树村")):
        network.create_place(code=code, name=name, actor=BOSS)
    household, _people = family(clerk)
    other = make_resident(clerk, "冯远路", sex="1").id
    api.found_household(head_id=other, division_code="530181002001", address="五组 3 号", reason="立户", actor=clerk)
    number = Household.objects.get(pk=household).number
    for text in ("赵大山", "孙秀", "zxb", "zhaoerhe", "三组", "柳树", number):
        assert [h.id for h in queries.search_households(text, actor=clerk).items] == [household], text
    row = queries.search_households("三组", actor=clerk).items[0]
    assert (row.head_name, row.members, row.place, row.address) == ("赵大山", 5, "石桥镇柳树村", "三组 12 号")
    assert queries.search_households("三组", actor=make_actor("registrar")).items[0].address == ""
    with django_assert_max_num_queries(6):
        assert queries.search_households("", actor=clerk).total == 2
    assert queries.search_households("", within="530181001", actor=clerk).total == 1
    counted = {p.name: (p.households, p.people) for p in queries.place_counts("530181")}
    assert counted["石桥镇"] == (1, 5)
    assert {p.name: p.people for p in queries.place_counts("530181001")} == {"柳树村": 5}


def test_by_page() -> None:
    """From the file to the household and through each of its changes."""
    desk = make_person("registrar")
    client, clerk = desk.client(), desk.actor
    network.create_place(code=VILLAGE, name="柳树村", actor=BOSS)
    household, people = family(clerk)
    page = f"/residents/households/{household}/"
    assert page in client.get(f"/residents/{people['20']}/").content.decode()
    shown = client.get(page).content.decode()
    for name in ("赵大山", "赵小宝", "孙子", "三组 12 号", "未登记"):
        assert name in shown
    assert "赵大山" in client.get("/residents/households/", {"q": "zds"}).content.decode()
    assert str(household) in client.get("/residents/households/options/", {"q": "赵小宝"}).content.decode()
    assert "成员：赵小宝" in client.get("/residents/households/", {"q": "赵小宝"}).content.decode()
    assert VILLAGE in client.get("/residents/households/villages/", {"q": "柳树"}).content.decode()
    today = clock.today().isoformat()
    head = {"head_id": str(people["12"]), "on": today}
    assert client.post(page + "head/", head).status_code == 422
    assert client.post(page + "head/", head | {"reason": "年老"}).status_code == 302
    typed = {
        "member_ids": [str(people["20"]), str(people["38"])],
        "head_id": str(people["20"]),
        "on": today,
        "reason": "分家",
    }
    done = client.post(page + "split/", typed)
    assert done.status_code == 302
    new = done["Location"]
    assert (
        client.post(f"/residents/{people['38']}/household/relation/", {"relation": "12", "reason": "核对"}).status_code
        == 302
    )
    assert "妻" in client.get(new).content.decode()
    guest = make_resident(clerk, "周来顺", sex="1").id
    assert (
        client.post(
            new + "move_in/", {"resident_id": str(guest), "relation": "99", "on": today, "reason": "寄住"}
        ).status_code
        == 302
    )
    assert client.post(f"/residents/{guest}/household/out/", {"on": today, "reason": "离开"}).status_code == 302
    assert (
        client.post(
            f"/residents/{guest}/household/found/", {"place": VILLAGE, "on": today, "reason": "立户"}
        ).status_code
        == 302
    )
    assert (
        client.post(new + "address/", {"place": VILLAGE, "address": "四组 1 号", "reason": "搬迁"}).status_code == 302
    )
    merged = {"other_id": new.rstrip("/").rsplit("/", 1)[1], "relation": "20", "on": today, "reason": "并户"}
    assert client.post(page + "merge/", merged).status_code == 302
    assert client.get(new).status_code == 302
    assert client.get(page + "burn/").status_code == 404
    assert make_person("registrar").client().get(page).status_code == 403
    assert "柳树村" in client.get("/residents/households/places/?code=530181001").content.decode()
    assert client.get("/residents/households/places/").status_code == 200
