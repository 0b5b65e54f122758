"""Cards and codes by page, as a clerk meets them."""

import re
from datetime import timedelta

import pytest

from yigong.access.models import ReadLog
from yigong.access.tests.factories import Person, make_person
from yigong.core import clock
from yigong.residents.cards import api
from yigong.residents.cards.data import NewCard
from yigong.residents.cards.models import Card, CardUse
from yigong.residents.data import ResidentData
from yigong.residents.proxies import api as proxies
from yigong.residents.tests.factories import make_resident

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk() -> Person:
    """The registration clerk."""
    return make_person("registrar")


def with_card(clerk: Person, name: str = "王小红", number: str = "JK0001") -> ResidentData:
    """Somebody with a health card."""
    person = make_resident(clerk.actor, name)
    api.issue_card(resident_id=person.id, given=NewCard("99H", number), actor=clerk.actor)
    return person


def test_issue_lose_replace_cancel_by_page(clerk: Person) -> None:
    """One click for the electronic card; each further step asks for its reason and is listed."""
    client, person = clerk.client(), make_resident(clerk.actor)
    page = f"/cards/of/{person.id}/"
    assert "没有登记卡" in client.get(page).content.decode()
    assert client.post(page + "electronic/").status_code == 302
    assert "已有一张有效的" in client.post(page + "electronic/", follow=True).content.decode()
    card = Card.objects.get()
    assert client.post(f"/cards/{card.id}/loss/", {"version": "1"}).status_code == 422
    assert client.post(f"/cards/{card.id}/loss/", {"reason": "遗失", "version": "1"}).status_code == 302
    shown = client.get(page).content.decode()
    assert "已挂失" in shown
    assert "出示居民码" not in shown
    typed = {"reason": "遗失补卡", "medium": "physical", "number": "JK0002", "issued_on": clock.today().isoformat()}
    assert client.post(f"/cards/{card.id}/replace/", typed | {"version": "1"}).status_code == 422
    assert client.post(f"/cards/{card.id}/replace/", typed | {"version": "2"}).status_code == 302
    new = Card.objects.get(state="active")
    assert client.post(f"/cards/{new.id}/cancel/", {"reason": "不用了", "version": "1"}).status_code == 302
    shown = client.get(page).content.decode()
    assert "已换发" in shown
    assert "遗失补卡" in shown
    assert client.get(f"/cards/{new.id}/burn/").status_code == 404
    typed = {"kind": "12", "medium": "physical", "number": "JK0002", "issued_on": clock.today().isoformat()}
    assert client.post(page + "new/", typed).status_code == 302
    assert "已有一张" in client.post(page + "new/", typed | {"number": "A9988"}).content.decode()


def test_the_code_is_shown_and_draws_itself_anew(clerk: Person) -> None:
    """A page for a screen or phone; its part is asked for again by htmx; never cached."""
    client, person = clerk.client(), with_card(clerk)
    answer = client.get(f"/cards/of/{person.id}/code/")
    page = answer.content.decode()
    assert "<svg" in page
    assert 'hx-trigger="every 60s"' in page
    assert "no-store" in answer["Cache-Control"]
    part = client.get(f"/cards/of/{person.id}/code/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert re.search(r'd="[^"]+"', part)
    assert ReadLog.objects.filter(resident_id=person.id, purpose="出示居民码").exists()


def test_scanning_opens_the_file_and_says_what_is_wrong(clerk: Person) -> None:
    """The same answers at the scan page and in the search box; the read is logged by the file."""
    client, person = clerk.client(), with_card(clerk)
    text = api.code_of(person.id, actor=clerk.actor).text
    for answer in (client.post("/cards/scan/", {"code": text}), client.get("/residents/", {"q": text})):
        assert answer.status_code == 302
        assert str(person.id) in answer["Location"]
    assert client.get(answer["Location"]).status_code == 200
    assert ReadLog.objects.filter(resident_id=person.id, allowed=True).exists()
    bad = text[:-1] + ("A" if text[-1] != "A" else "B")
    for told in (client.post("/cards/scan/", {"code": bad}), client.get("/residents/", {"q": bad})):
        assert "不是本平台签发的" in told.content.decode()
    with clock.travel(timedelta(minutes=5)):
        assert "已过期" in client.post("/cards/scan/", {"code": text}).content.decode()
    assert "没有登记这个码" in client.post("/cards/scan/", {"code": "XX12345"}).content.decode()
    card = Card.objects.get()
    api.report_loss(card_id=card.id, reason="遗失", actor=clerk.actor)
    told = client.get("/residents/", {"q": "JK0001"}).content.decode()
    assert "挂失" in told
    assert "不能使用" in told


def test_the_list_under_the_box_uses_nothing_up(clerk: Person) -> None:
    """What htmx asks for while the scanner types is a preview with a way on."""
    client, person = clerk.client(), with_card(clerk)
    text = api.code_of(person.id, actor=clerk.actor).text
    page = client.get("/residents/", {"q": text}, headers={"HX-Request": "true"}).content.decode()
    assert "按回车打开" in page
    assert f"/residents/?q={text}" in page
    assert not CardUse.objects.exists()


def test_a_stranger_may_scan_but_the_file_decides(clerk: Person) -> None:
    """The code is no permission: without a relationship the file is refused with the next step."""
    person = with_card(clerk)
    stranger = make_person("registrar").client()
    text = api.code_of(person.id, actor=clerk.actor).text
    answer = stranger.post("/cards/scan/", {"code": text}, follow=True)
    assert answer.status_code == 403
    assert "服务关系" in answer.content.decode()


def test_a_mothers_code_offers_her_child(clerk: Person) -> None:
    """Who acts for others is asked for whom; the child's code can be shown from the mother's."""
    client, mother = clerk.client(), with_card(clerk)
    child = make_resident(clerk.actor, "赵小宝", sex="1", birth_date=clock.today() - timedelta(days=900))
    given = proxies.NewProxy(mother.id, "52", "guardian")
    proxies.grant_proxy(resident_id=child.id, given=given, actor=clerk.actor)
    answer = client.post("/cards/scan/", {"code": api.code_of(mother.id, actor=clerk.actor).text}, follow=True)
    page = answer.content.decode()
    assert "今天为谁办理" in page
    assert str(child.id) in page
    assert "赵小宝" in client.get(f"/cards/of/{mother.id}/code/").content.decode()
    assert client.get(f"/cards/of/{child.id}/code/", follow=True).redirect_chain
