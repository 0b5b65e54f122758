"""The page shell, refusals and the home page."""

from collections.abc import Iterator

import pytest
from django.test import Client

from yigong.console.tests import stand_in


@pytest.fixture
def admin(settings: object) -> Iterator[Client]:
    """A client signed in as the administrator."""
    settings.MIDDLEWARE = stand_in.middleware()
    client = Client()
    client.cookies["role"] = "admin"
    return client


@pytest.mark.django_db
def test_gallery_shows_every_component_and_a_refused_form(admin: Client) -> None:
    """The gallery renders; a form with faults answers 422 with each field's remedy."""
    assert admin.get("/ui/gallery/").status_code == 200
    answer = admin.post("/ui/gallery/", {"systolic": "abc"})
    assert answer.status_code == 422
    assert "请从列表中选择" in answer.content.decode()
