"""The pages at work, through the browser's requests."""

import json
from datetime import timedelta
from typing import Any

import pytest

from yigong.core import clock
from yigong.programmes.models import Visit
from yigong.programmes.tests.world import visit
from yigong.villageday.models import Bundle, Entry

from .world import TYPED, World, back, entry, household, signed_in, taken

pytestmark = pytest.mark.django_db


def test_a_household_in_one_go(world: World) -> None:
    """Today's list leads to the house; each visit is saved by itself and the next one opens until nothing is left."""
    household(world, 2)
    browser = signed_in(world.doctor)
    page = browser.get("/villageday/?tab=week").content.decode()
    at = page.split('href="/villageday/stop/')[1].split('"')[0]
    for done in range(2):
        form = browser.get(f"/villageday/stop/{at}").content.decode()
        due = next(d for d in form.split('href="?due=')[1:] if "高血压 随访" in d.split("</a>")[0]).split('"')[0]
        wrong = browser.post(f"/villageday/stop/{at}?due={due}", TYPED | {"sbp": "400", "way": "2"})
        assert wrong.status_code == 422 and "50 到 300" in wrong.content.decode() and Visit.objects.count() == done
        browser.post(f"/villageday/stop/{at}?due={due}", TYPED | {"way": "2"})
        assert Visit.objects.count() == done + 1


def ask(browser: Any, path: str, **body: Any) -> Any:
    """A call of the app."""
    return browser.post(path, {"sent": json.dumps(body)})


def test_the_calls_of_the_app(world: World) -> None:
    """Take, send, token; nonsense is refused with a sentence and nothing is written; a stranger's login page is no answer."""
    (row,), browser = household(world, 1), signed_in(world.doctor)
    assert "data-take" in browser.get("/villageday/app/").content.decode()
    assert browser.get("/villageday/app/manifest.json").json()["display"] == "standalone"
    assert "/villageday/app/" in browser.get("/villageday/app/worker.js").content.decode()
    bundle = ask(browser, "/villageday/app/take/", now=clock.now().isoformat(), days=14).json()
    assert len(bundle["people"]) == 1 and bundle["forms"] and bundle["dues"][0]["enrolment"] == str(row.id)
    for body in ({}, {"now": "gestern"}, {"now": clock.now().isoformat(), "days": 99}):
        assert ask(browser, "/villageday/app/take/", **body).status_code == 422
    send = f"/villageday/app/send/{bundle['id']}/"
    assert "无法识别" in ask(browser, send, now=clock.now().isoformat(), entries=[{"id": "x"}]).json()["sentence"]
    one = entry(row)
    sent = {
        "id": str(one.id),
        "enrolment": str(row.id),
        "stage": "followup",
        "at": one.at.isoformat(),
        "on": one.on.isoformat(),
        "answers": TYPED,
    }
    told = ask(browser, send, now=clock.now().isoformat(), entries=[sent]).json()["told"]
    assert told[0]["state"] == "accepted" and Visit.objects.count() == 1
    assert browser.get("/villageday/app/token/").json()["revoked"] == []


def test_side_by_side_and_decided(world: World) -> None:
    """The review shows both versions; what differs is marked; a decision needs its ground."""
    (row,), browser = household(world, 1), signed_in(world.doctor)
    bundle = taken(world, days=14)
    mine = entry(row, sbp=158)
    visit(world, row, sbp=146, actor=world.colleague)
    back(world, bundle, mine)
    page = browser.get(f"/villageday/reviews/{mine.id}/").content.decode()
    assert "158" in page and "146" in page and "is-other" in page
    assert browser.post(f"/villageday/reviews/{mine.id}/drop/", {"reason": ""}).status_code == 422
    browser.post(f"/villageday/reviews/{mine.id}/drop/", {"reason": "同一次随访", "on": clock.today().isoformat()})
    assert (
        Entry.objects.get().state == "dropped"
        and "同一次随访" in browser.get(f"/villageday/reviews/{mine.id}/").content.decode()
    )


def test_a_manager_revokes(world: World) -> None:
    """The list shows a wrong clock and revokes with a reason; the phone learns it from the token."""
    household(world, 1)
    bundle = taken(world, timedelta(minutes=40), days=14)
    manager, doctor = signed_in(world.manager), signed_in(world.doctor)
    assert "快 40 分钟" in manager.get("/villageday/bundles/").content.decode()
    manager.post(f"/villageday/bundles/{bundle.id}/revoke/", {"reason": "手机丢了"})
    assert Bundle.objects.get().revoked_because == "手机丢了"
    assert doctor.get("/villageday/app/token/").json()["revoked"] == [str(bundle.id)]
