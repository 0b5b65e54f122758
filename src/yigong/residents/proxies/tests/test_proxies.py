"""Who may act for whom: granted on a basis, ended by time, wish and life; no rings."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigong.access.tests.factories import make_person
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Conflict, DomainError, Forbidden, InvalidInput
from yigong.core.events import relay
from yigong.core.states import clocks
from yigong.core.testing import race
from yigong.residents import api as residents
from yigong.residents.proxies import api, rules
from yigong.residents.proxies.data import NewProxy, ProxyData
from yigong.residents.proxies.models import Proxy
from yigong.residents.tests.factories import make_actor, make_resident

pytestmark = pytest.mark.django_db
PEOPLE = enumerate(f"{a}{b}" for a in "赵钱孙李周吴郑王冯陈褚卫" for b in "安邦定国兴家立业")


@pytest.fixture
def clerk() -> Actor:
    """Who registers."""
    return replace(make_actor("registrar"), staff_id=uuid4())


def person(actor: Actor, age: int = 40, **facts: object) -> UUID:
    """Somebody of this age."""
    n, name = next(PEOPLE)
    born = clock.today() - timedelta(days=age * 365 + age // 4 + 40 + n)
    return make_resident(actor, name, birth_date=born, **facts).id


def grant(actor: Actor, principal: UUID, agent: UUID, **more: object) -> ProxyData:
    """A mandate in writing unless told otherwise."""
    facts = {"relation": "20", "basis": "consent", "document": "委托书 2026-001"} | more
    return api.grant_proxy(resident_id=principal, given=NewProxy(agent, **facts), actor=actor)  # type: ignore[arg-type]


def test_a_guardian_of_a_minor_ends_at_eighteen(clerk: Actor) -> None:
    """It carries its last day from the first on; the clock writes the end down."""
    mother, child = person(clerk), person(clerk, age=16)
    row = grant(clerk, child, mother, relation="52", basis="guardian", document="")
    born = residents.identity(child).birth_date
    assert born and row.ends_on == rules.adult_on(born)
    assert api.may_act(mother, child)
    assert not api.may_act(child, mother)
    with clock.travel(timedelta(days=365 * 3)):
        assert not api.may_act(mother, child)
        clocks.sweep()
        assert api.acting_for(mother) == []
    ended = Proxy.objects.get()
    assert ended.state == "expired"
    assert "年满 18 周岁" in api.proxies_of(child, actor=clerk)[0][0].ended_because


@given(st.dates(date(1950, 1, 1), date(2026, 1, 1)))
def test_of_age_on_the_eighteenth_birthday(born: date) -> None:
    """The first day on which somebody counts 18 years."""
    day = rules.adult_on(born)
    assert residents.age_on(born, day) == 18
    assert residents.age_on(born, day - timedelta(days=1)) == 17


@pytest.mark.parametrize(
    ("ages", "facts", "field"),
    [
        ((40, 15), {}, "agent_id"),
        ((40, 40), {"document": " "}, "document"),
        ((40, 40), {"basis": "guardian"}, "basis"),
        ((10, 40), {}, "basis"),
        ((40, 40), {"basis": "love"}, "basis"),
        ((40, 40), {"relation": "xx"}, "relation"),
        ((40, 40), {"ends_on": date(2020, 1, 1)}, "ends_on"),
        ((40, 40), {"starts_on": date(2099, 1, 1)}, "starts_on"),
    ],
)
def test_what_cannot_be(clerk: Actor, ages: tuple[int, int], facts: dict, field: str) -> None:
    """Each with a sentence beside its field."""
    principal, agent = person(clerk, age=ages[0]), person(clerk, age=ages[1])
    with pytest.raises(InvalidInput) as refused:
        grant(clerk, principal, agent, **facts)
    assert field in refused.value.errors


def test_nobody_acts_for_himself_nor_in_a_ring(clerk: Actor) -> None:
    """Directly, by two, by three; twice the same; after a withdrawal it is free again."""
    a, b, c = person(clerk), person(clerk), person(clerk)
    with pytest.raises(InvalidInput):
        grant(clerk, a, a)
    first = grant(clerk, a, b)
    with pytest.raises(Conflict, match="请勿重复登记"):
        grant(clerk, a, b)
    with pytest.raises(Conflict, match="循环"):
        grant(clerk, b, a)
    grant(clerk, b, c)
    with pytest.raises(Conflict, match="循环"):
        grant(clerk, c, a)
    with pytest.raises(InvalidInput):
        api.withdraw_proxy(proxy_id=first.id, reason="", actor=clerk)
    api.withdraw_proxy(proxy_id=first.id, reason="本人要求", actor=clerk)
    assert grant(clerk, c, a).holds


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12))
def test_however_it_is_granted_no_ring_comes_about(pairs: list[tuple[int, int]]) -> None:
    """The rule alone, over any order of grants."""
    people = [UUID(int=n + 1) for n in range(6)]
    acts: dict[UUID, set[UUID]] = {p: set() for p in people}
    for left, right in pairs:
        principal, agent = people[left], people[right]
        if not rules.closes_a_ring(principal, agent, lambda asked: set().union(*(acts[p] for p in asked))):
            acts[principal].add(agent)
    for start in people:
        seen, waiting = set(), set(acts[start])
        while waiting:
            assert start not in waiting
            seen |= waiting
            waiting = set().union(*(acts[p] for p in waiting)) - seen


@pytest.mark.parametrize(("status", "why"), [("deceased", "死亡"), ("moved", "迁出")])
def test_death_and_moving_end_both_sides(clerk: Actor, status: str, why: str) -> None:
    """Delivered by the relay; the history says why."""
    boss = make_actor("all")
    a, b, c = person(boss), person(boss), person(boss)
    grant(boss, a, b)
    grant(boss, b, c)
    residents.close_resident(resident_id=b, status=status, on=clock.today(), reason="登记", actor=boss)
    relay.deliver_waiting()
    assert set(Proxy.objects.values_list("state", flat=True)) == {"ended"}
    assert why in api.proxies_of(a, actor=boss)[0][0].ended_because
    with pytest.raises(Conflict):
        grant(boss, a, b)


def test_a_merge_leaves_nobody_acting_for_himself(clerk: Actor) -> None:
    """Agent and principal were one person; other proxies follow to the survivor."""
    boss = replace(make_actor("all"), staff_id=uuid4())
    a, b, c = person(boss), person(boss), person(boss)
    grant(boss, a, b)
    grant(boss, c, a)
    residents.merge_residents(survivor_id=b, other_id=a, reason="同一人", actor=boss)
    relay.deliver_waiting()
    assert [p.principal_id for p in api.acting_for(b)] == [c]
    assert Proxy.objects.get(principal=a).state == "ended"


def test_rights(clerk: Actor) -> None:
    """The role's right and the relationship with the person acted for."""
    a, b = person(clerk), person(clerk)
    row = grant(clerk, a, b)
    for stranger in (make_actor("registrar"), make_actor("quality_manager", None)):
        with pytest.raises(Forbidden):
            grant(stranger, b, a)
        with pytest.raises(Forbidden):
            api.withdraw_proxy(proxy_id=row.id, reason="x", actor=stranger)


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("proxies.grant")
def test_two_desks_close_a_ring_at_once() -> None:
    """One of the three is refused, whatever the order."""
    clerk = make_actor("registrar")
    people = [person(clerk) for _ in range(3)]
    ring = [*people, people[0]]
    done = race(*(lambda a=a, b=b: grant(clerk, a, b) for a, b in pairwise(ring)))
    assert sum(isinstance(d, ProxyData) for d in done) == 2
    assert sum(isinstance(d, DomainError) for d in done) == 1


def test_by_page() -> None:
    """Granted from a suggestion, listed for both sides, withdrawn."""
    desk = make_person("registrar")
    client, clerk = desk.client(), desk.actor
    mother = make_resident(clerk, "孙桂英", birth_date=date(1990, 1, 1))
    given = residents.NewResident("", "1", clock.today(), is_newborn=True, mother_id=mother.id)
    child = residents.register_resident(given=given, actor=clerk).resident
    page = client.get(f"/proxies/{child.id}/").content.decode()
    assert f"?agent={mother.id}" in page
    form = client.get(f"/proxies/{child.id}/new/?agent={mother.id}").content.decode()
    assert "孙桂英" in form
    typed = {"agent_id": str(mother.id), "relation": "52", "basis": "guardian", "starts_on": clock.today().isoformat()}
    assert client.post(f"/proxies/{child.id}/new/", typed | {"basis": "consent"}).status_code == 422
    assert client.post(f"/proxies/{child.id}/new/", typed).status_code == 302
    assert "未成年人的监护人" in client.get(f"/proxies/{mother.id}/").content.decode()
    row = Proxy.objects.get()
    assert client.post(f"/proxies/withdraw/{row.id}/", {"version": "1"}).status_code == 422
    assert client.post(f"/proxies/withdraw/{row.id}/", {"reason": "换人", "version": "1"}).status_code == 302
    assert "换人" in client.get(f"/proxies/{child.id}/").content.decode()
