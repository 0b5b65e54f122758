"""Cards: one of a kind in force, the old one dead at once, and what each scan is told."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden, InvalidInput
from yigong.core.states.api import Stale, WrongState
from yigong.core.testing import overtakes, race
from yigong.residents import api as residents
from yigong.residents.cards import api
from yigong.residents.cards.commands import using
from yigong.residents.cards.data import CardData, NewCard
from yigong.residents.cards.models import Card, CardUse
from yigong.residents.cards.rules.codes import make_code
from yigong.residents.tests.factories import citizen_number, make_actor, make_resident

pytestmark = pytest.mark.django_db
HEALTH, SOCIAL = "99H", "12"


@pytest.fixture
def clerk() -> Actor:
    """Who registers and issues."""
    return replace(make_actor("registrar"), staff_id=uuid4())


def issue(actor: Actor, resident_id: UUID, number: str = "JK0001", kind: str = HEALTH) -> CardData:
    """A card."""
    return api.issue_card(resident_id=resident_id, given=NewCard(kind, number), actor=actor)


def lose(actor: Actor, card: CardData) -> CardData:
    """Reported lost."""
    return api.report_loss(card_id=card.id, reason="本人挂失", actor=actor)


def renew(actor: Actor, card: CardData, number: str = "JK0002") -> CardData:
    """A new card for it."""
    return api.replace_card(card_id=card.id, given=NewCard("", number), reason="遗失补卡", actor=actor)


def outcome(actor: Actor, text: str) -> str:
    """What a scan is told."""
    found = api.scan(text=text, actor=actor)
    return found.outcome if found else "unknown"


def test_a_card_is_one_of_a_kind_and_its_number_one_persons(clerk: Actor) -> None:
    """A second card of the kind, the same number for another, a wrong kind, a citizen number: each with its own sentence."""
    number = citizen_number(sex="2")
    person, other = make_resident(clerk, number=number), make_resident(clerk, "赵大山", sex="1")
    card = issue(clerk, person.id)
    with pytest.raises(api.HasOne, match="已有一张有效的居民健康卡"):
        issue(clerk, person.id, "JK0009")
    with pytest.raises(api.NumberHeld, match="已登记在“王小红”名下"):
        issue(clerk, other.id)
    with pytest.raises(api.NumberHeld, match="居民健康卡号码，不是社会保障卡的卡号"):
        issue(clerk, other.id, "JK0001", SOCIAL)
    with pytest.raises(api.NumberHeld, match="王小红的居民身份证号码"):
        issue(clerk, other.id, number)
    with pytest.raises(InvalidInput) as refused:
        issue(clerk, other.id, citizen_number(sex="2"))
    assert "不是卡号" in refused.value.errors["number"]
    with pytest.raises(InvalidInput):
        issue(clerk, other.id, "")
    with pytest.raises(IntegrityError), transaction.atomic():
        row = Card.objects.get(pk=card.id)
        row.pk = uuid4()
        row.save(force_insert=True)


def test_loss_lifting_replacing_cancelling(clerk: Actor) -> None:
    """Each with a reason and a history; the number of a dead card leads nowhere and is said to be dead, not unknown."""
    person = make_resident(clerk)
    card = issue(clerk, person.id)
    assert outcome(clerk, "jk 0001") == "ok"
    with pytest.raises(InvalidInput):
        api.report_loss(card_id=card.id, reason=" ", actor=clerk)
    lose(clerk, card)
    assert outcome(clerk, "JK0001") == "lost"
    with pytest.raises(Stale):
        api.lift_loss(card_id=card.id, reason="找到了", expected_version=1, actor=clerk)
    assert api.lift_loss(card_id=card.id, reason="找到了", expected_version=2, actor=clerk).state == "active"
    new = renew(clerk, card)
    assert outcome(clerk, "JK0001") == "replaced"
    assert outcome(clerk, "JK0002") == "ok"
    assert residents.search_residents("JK0001", actor=clerk).total == 0
    with pytest.raises(WrongState):
        lose(clerk, card)
    api.cancel_card(card_id=new.id, reason="不再使用", actor=clerk)
    assert outcome(clerk, "JK0002") == "cancelled"
    assert issue(clerk, person.id, "JK0002").state == "active"
    listed = api.cards_of(person.id, actor=clerk)
    assert [c.state for c in listed][:1] == ["active"]
    first = next(c for c in listed if c.id == card.id)
    assert [s.label for s in first.steps] == ["发卡", "挂失", "解除挂失", "补换卡"]
    assert first.last_used_at


def test_the_same_number_may_be_kept_by_the_new_card(clerk: Actor) -> None:
    """A broken card is exchanged for one with the same number."""
    card = issue(clerk, make_resident(clerk).id)
    assert renew(clerk, card, "JK0001").state == "active"
    assert outcome(clerk, "JK0001") == "ok"


def test_a_code_is_shown_scanned_and_refused(clerk: Actor) -> None:
    """Good, again at the same desk, at another house, expired, from the future, of a lost and of a replaced card."""
    person = make_resident(clerk)
    with pytest.raises(api.NoCode):
        api.code_of(person.id, actor=clerk)
    card = api.issue_card(resident_id=person.id, given=NewCard(HEALTH, medium="electronic"), actor=clerk)
    code = api.code_of(person.id, actor=clerk)
    assert "<svg" in code.svg
    assert outcome(clerk, code.text) == outcome(clerk, code.text.lower()) == "ok"
    assert CardUse.objects.count() == 1
    elsewhere = make_actor("registrar")
    assert outcome(elsewhere, code.text) == "elsewhere"
    with clock.travel(timedelta(seconds=91)):
        assert outcome(clerk, code.text) == "expired"
    with clock.travel(-timedelta(seconds=60)):
        assert outcome(clerk, code.text) == "forged"
    assert outcome(clerk, code.text[:-1]) == "incomplete"
    assert outcome(clerk, code.text[:-1] + ("A" if code.text[-1] != "A" else "B")) == "forged"
    assert outcome(clerk, make_code(uuid4(), clock.now())) == "forged"
    fresh = api.code_of(person.id, actor=clerk).text
    lose(clerk, card)
    assert outcome(clerk, fresh) == "lost"
    with pytest.raises(api.NoCode):
        api.code_of(person.id, actor=clerk)
    renew(clerk, card)
    assert outcome(clerk, fresh) == "replaced"
    assert outcome(clerk, "张三") == outcome(clerk, "13800000000") == "unknown"


def test_a_code_carries_no_number(clerk: Actor) -> None:
    """Neither the citizen number nor the card's stands in what is shown."""
    number = citizen_number(sex="2")
    person = make_resident(clerk, number=number)
    issue(clerk, person.id, "JK778899")
    code = api.code_of(person.id, actor=clerk)
    for secret in (number, "JK778899", "778899", person.name):
        assert secret not in code.text + code.svg


def test_a_scan_of_a_closed_and_of_a_merged_identity(clerk: Actor) -> None:
    """The dead are told; who was merged leads on to the survivor, and the card stays good."""
    keeper = replace(make_actor("all"), staff_id=uuid4())
    person, survivor = make_resident(keeper, "王小虹"), make_resident(keeper, "赵大山", sex="1")
    issue(keeper, person.id)
    code = api.code_of(person.id, actor=keeper).text
    residents.merge_residents(survivor_id=survivor.id, other_id=person.id, reason="同一人", actor=keeper)
    found = api.scan(text=code, actor=keeper)
    assert found and (found.outcome, found.resident_id, found.merged) == ("ok", survivor.id, True)
    assert "已并入" in found.sentence
    residents.close_resident(
        resident_id=survivor.id, status="deceased", on=clock.today(), reason="死亡证明", actor=keeper
    )
    found = api.scan(text="JK0001", actor=keeper)
    assert found and found.outcome == "closed"
    assert "已死亡" in found.sentence


def test_an_out_of_date_card(clerk: Actor) -> None:
    """The date on the card counts; a date already past is refused at once."""
    person = make_resident(clerk)
    soon = NewCard(SOCIAL, "A12345678", valid_until=clock.today())
    api.issue_card(resident_id=person.id, given=soon, actor=clerk)
    assert outcome(clerk, "A12345678") == "ok"
    with clock.travel(timedelta(days=2)):
        assert outcome(clerk, "A12345678") == "out_of_date"
    with pytest.raises(InvalidInput):
        api.issue_card(
            resident_id=person.id, given=NewCard("03", "E12345678", valid_until=date(2020, 1, 1)), actor=clerk
        )


def test_strangers_and_roles_are_refused(clerk: Actor) -> None:
    """Issuing needs the right and the relationship; scanning needs its right."""
    person = make_resident(clerk)
    card = issue(clerk, person.id)
    with pytest.raises(Forbidden):
        lose(make_actor("registrar"), card)
    with pytest.raises(Forbidden):
        issue(make_actor("quality_manager"), person.id, "JK5", SOCIAL)
    with pytest.raises(Forbidden):
        api.scan(text="JK0001", actor=make_actor("bureau"))
    with pytest.raises(residents.Closed):
        residents.close_resident(
            resident_id=person.id,
            status="moved",
            on=clock.today(),
            reason="迁出",
            actor=replace(clerk, permissions=make_actor("all").permissions),
        )
        issue(clerk, person.id, "A123456789", SOCIAL)


def test_a_number_under_the_former_secret_is_still_held(clerk: Actor) -> None:
    """While the secret is rotated a card of before is found and its number is not given twice."""
    with override_settings(SECRET_KEY="a" * 50):
        first = make_resident(clerk, "王小红")
        issue(clerk, first.id)
    with override_settings(SECRET_KEY="b" * 50, SECRET_KEY_FALLBACKS=["a" * 50]):
        assert outcome(clerk, "JK0001") == "ok"
        with pytest.raises(api.NumberHeld):
            issue(clerk, make_resident(clerk, "赵大山", sex="1").id)


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("cards.replace")
def test_two_clerks_replace_one_card_at_once() -> None:
    """One new card; the other clerk learns who was first."""
    clerk = make_actor("registrar")
    card = issue(clerk, make_resident(clerk).id)
    done = race(lambda: renew(clerk, card, "JK0002"), lambda: renew(clerk, card, "JK0003"))
    assert sum(isinstance(d, CardData) for d in done) == 1
    assert sum(isinstance(d, WrongState) for d in done) == 1
    assert Card.objects.filter(state="active").count() == 1
    assert len([u for n in ("JK0002", "JK0003") for u in residents.document_uses(n) if u.is_active]) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("cards.issue")
def test_two_clerks_issue_at_once() -> None:
    """One card of the kind, whichever numbers they had."""
    clerk = make_actor("registrar")
    person = make_resident(clerk)
    done = race(lambda: issue(clerk, person.id, "JK1111"), lambda: issue(clerk, person.id, "JK2222"))
    assert sum(isinstance(d, CardData) for d in done) == 1
    assert sum(isinstance(d, api.HasOne) for d in done) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("cards.report_loss")
def test_a_card_used_while_it_is_reported_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """A use that has begun is written down before the report is through: never a use of a lost card."""
    clerk = make_actor("registrar")
    person = make_resident(clerk)
    card = issue(clerk, person.id)
    code = api.code_of(person.id, actor=clerk).text
    used, lost, too_early = overtakes(
        lambda: api.scan(text=code, actor=clerk), lambda: lose(clerk, card), at=(using, "_note"), patch=monkeypatch
    )
    assert (used.outcome, lost.state) == ("ok", "lost")
    assert not too_early, "the loss was reported while a use was being written"
