"""The page shell, refusals and the home page."""

import pytest
from django.test import Client

from yigong.console.tests.people import PASSWORD, make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Client:
    """A client signed in as the administrator."""
    client = Client()
    client.post("/access/login/", {"username": make_account("admin"), "password": PASSWORD})
    return client


def test_gallery_shows_every_component_and_a_refused_form(admin: Client) -> None:
    """The gallery renders; a form with faults answers 422 with each field's remedy."""
    assert admin.get("/ui/gallery/").status_code == 200
    answer = admin.post("/ui/gallery/", {"systolic": "abc"})
    assert answer.status_code == 422
    assert "请从列表中选择" in answer.content.decode()


def test_strict_content_policy_everywhere(admin: Client) -> None:
    """No page allows scripts or styles inside itself, and none contains any."""
    for path in ["/", "/ui/gallery/", "/access/login/"]:
        answer = admin.get(path)
        assert "unsafe" not in answer["Content-Security-Policy"]
        text = answer.content.decode()
        assert "<script>" not in text and " style=" not in text and " onclick=" not in text


def test_refusals_have_a_way_on(admin: Client) -> None:
    """An unknown address, a lost safety mark and a part of a page each get a Chinese sentence and a way on."""
    lost = admin.get("/nowhere/")
    assert lost.status_code == 404 and "回到首页" in lost.content.decode()
    strict = Client(enforce_csrf_checks=True)
    refused = strict.post("/language/", {"language": "en"})
    assert refused.status_code == 403 and "自动填回" in refused.content.decode()
    part = admin.get("/nowhere/", headers={"HX-Request": "true"}).content.decode()
    assert "y-toast" in part and "<html" not in part


def test_language_is_kept_in_a_cookie(admin: Client) -> None:
    """The switch answers with the cookie and goes back to our own pages only."""
    answer = admin.post("/language/", {"language": "en", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/" and answer.cookies["django_language"].value == "en"


def test_expired_session_leads_back_to_the_page_of_the_form() -> None:
    """A form posted after the session ended comes back to the page it was on; a part of a page offers the login."""
    client = Client()
    sent = client.post("/ui/gallery/", headers={"Referer": "http://testserver/ui/gallery/?page=2"})
    assert sent["Location"].endswith("?next=/ui/gallery/%3Fpage%3D2")
    part = client.get("/ui/gallery/options/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/x/"})
    assert part.status_code == 286 and part["X-Login"].endswith("?next=/x/")
