"""Photographs and signatures on what was done at places: kept with the record, shown, printed, and told when used before."""

from base64 import b64encode
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from yigong.core import clock
from yigong.core.errors import InvalidInput
from yigong.core.pictures.tests.test_pictures import photo
from yigong.programmes import api
from yigong.programmes.models import Site, SitePicture, SiteRecord
from yigong.programmes.rules import sites as rules

from .test_pages import signed_in
from .test_sites import CLEAN, school
from .world import World, make_actor

pytestmark = pytest.mark.django_db

SIGNED = "data:image/png;base64," + b64encode(photo((600, 180), "#ffffff", "PNG")).decode()


def sent(browser: Client, site: Site, *photos: bytes, **more: Any) -> Any:
    """A patrol as the page sends it."""
    files = [SimpleUploadedFile(f"IMG_{n}.jpg", one, "image/jpeg") for n, one in enumerate(photos)]
    typed = {"on": clock.today().isoformat(), **CLEAN, "photos": files, **more}
    return browser.post(f"/programmes/sites/{site.id}/record/patrol/", typed)


def test_taken_shown_and_printed(world: World) -> None:
    """Two photographs and the signature; the record shows them, the sheet prints them, who may not read the record gets none."""
    site, browser = school(world), signed_in(world.doctor)
    form = browser.get(f"/programmes/sites/{site.id}/record/patrol/").content.decode()
    assert 'type="file"' in form and 'data-most="6"' in form and "multipart/form-data" in form and "<canvas" in form
    assert sent(browser, site, photo(), photo(colour="#884422"), signature=SIGNED).status_code == 302
    row = SiteRecord.objects.get()
    kept = list(SitePicture.objects.filter(record=row).order_by("place"))
    assert [one.kind for one in kept] == ["photo", "photo", "signature"]
    page = browser.get(f"/programmes/activities/{row.id}/").content.decode()
    assert page.count("/programmes/activities/pictures/") == 6 and "被检查方签名" in page and "照片相同" not in page
    answer = browser.get(f"/programmes/activities/pictures/{kept[0].id}/")
    assert answer["Content-Type"] == "image/jpeg" and answer.content[:2] == b"\xff\xd8"
    sheet = browser.get(f"/programmes/activities/{row.id}/print/")
    assert sheet["Content-Type"] == "application/pdf" and sheet.content.count(b"/Subtype/Image") == 3
    for stranger in map(signed_in, (world.neighbour, world.specialist)):
        for address in (f"pictures/{kept[0].id}/", f"{row.id}/", f"{row.id}/print/"):
            assert stranger.get(f"/programmes/activities/{address}").status_code in {403, 404}
    director = make_actor("director", "director", world.county)
    assert signed_in(director).get(f"/programmes/activities/{row.id}/").status_code == 200


def test_an_old_photograph_is_told(world: World) -> None:
    """The same picture at another place stands out on both records, with the way to the other."""
    browser, one, other = signed_in(world.doctor), school(world), school(world, name="东河中学")
    sent(browser, one, photo()), sent(browser, other, photo(), photo(colour="#112233"))
    first, second = SiteRecord.objects.get(site=one), SiteRecord.objects.get(site=other)
    for row, where in ((first, second), (second, first)):
        page = browser.get(f"/programmes/activities/{row.id}/").content.decode()
        assert page.count("与另一条记录的照片相同") == 1 and f"/programmes/activities/{where.id}/" in page


def test_too_many_or_no_picture(world: World) -> None:
    """Nothing is recorded; the sentence stands at the photographs and says that they have to be added again."""
    site, browser = school(world), signed_in(world.doctor)
    many = sent(browser, site, *[photo((40 + n, 40)) for n in range(7)])
    assert "最多 6 张照片" in many.content.decode() and "要重新加" in many.content.decode()
    assert "不是能读取的图片" in sent(browser, site, b"<svg/>").content.decode()
    assert "请重新签名" in sent(browser, site, signature="data:image/png;base64,@@").content.decode()
    assert not SiteRecord.objects.exists() and not SitePicture.objects.exists()
    with pytest.raises(InvalidInput):
        api.record_activity(
            programme="health_education", activity="material", answers={"title": "折页", "medium": "1", "copies": "9"}, actor=world.doctor,
            photos=[photo()],
        )  # fmt: skip


def test_which_works_take_pictures() -> None:
    """Every work at a place, and what is done in front of people, takes photographs; handing out paper does not."""
    every = [(p.code, a) for p in rules.definitions().values() for a in p.activities]
    taking = [a for _code, a in every if a.pictures]
    print(f"\n{len(taking)} of {len(every)} works take photographs, {sum(a.signature for _c, a in every)} a signature")
    assert all(a.pictures for _code, a in every if a.at == "site")
    assert {a.code for _code, a in every if not a.pictures} == {"material", "audiovisual"}
