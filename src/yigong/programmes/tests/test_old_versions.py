"""What was begun under a version whose forms have changed since, or are gone from the packs, is still read, judged and shown."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
import pytest

from yigong.core.errors import NotFound
from yigong.core.forms import api as forms
from yigong.core.packs import api as packs
from yigong.core.packs.models import ReleasedDefinition
from yigong.programmes.models import Enrolment
from yigong.programmes.rules import judging
from yigong.programmes.rules.packs import programmes, version_of

from .test_pages import signed_in
from .world import World, enrolled

SINCE = date(2000, 1, 1)


@pytest.fixture
def archive(world: World) -> Iterator[World]:
    """A programme's version of long ago: one of its forms is gone, another has lost the question that decided."""
    asked = {
        "code": "unwell_then",
        "label": "当时的题目",
        "type": "choice",
        "options": [{"code": "1", "label": "否"}, {"code": "2", "label": "是"}],
    }
    sheet = {
        "code": "tcm-child",
        "version": "2000.1",
        "effective_from": str(SINCE),
        "title": "当时的表",
        "items": [asked],
    }
    present = msgspec.to_builtins(programmes()["tcm_child"])
    rule = {"code": "bad", "title": "异常", "value": "unwell_then == '2'"}
    grades = [
        {"code": "bad", "title": "异常", "severity": 2, "when": "bad"}, {"code": "good", "title": "正常", "severity": 1, "when": "!bad"},
    ]  # fmt: skip
    stages = [present["stages"][0] | {"graded": True}, present["stages"][1] | {"form": "gone-form"}]
    then = present | {"version": "2000.1", "rules": [rule], "grades": grades, "stages": stages}
    rows = [("form", sheet), ("form", sheet | {"code": "gone-form"}), ("programme", then)]
    for kind, content in rows:
        ReleasedDefinition.objects.create(
            kind=kind, code=content["code"], version="2000.1", effective_from=SINCE, content=content, digest="-", source="-",
        )  # fmt: skip
    packs.archived.cache_clear()
    yield world
    packs.archived.cache_clear()


@pytest.mark.django_db
def test_a_version_of_the_archive_is_judged(archive: World) -> None:
    """By the question that its form asked then; a form that is gone is read in its last version, one that never was is not found."""
    old = version_of("tcm_child", "2000.1")
    assert judging.judge(old, {"unwell_then": "2"}).grade.code == "bad"
    assert judging.judge(old, {"unwell_then": "1"}).grade.code == "good"
    assert forms.form("gone-form", date(2026, 1, 1)).version == "2000.1"
    for code, more in (("gone-form", {"also_gone": False}), ("never-there", {})):
        with pytest.raises(NotFound):
            forms.form(code, date(2026, 1, 1), **more)


@pytest.mark.django_db
def test_the_page_of_somebody_under_it(archive: World) -> None:
    """The person's page and the list open before the clock brings everybody to the version in force."""
    row: Any = enrolled(archive, "tcm_child", resident_id=archive.person(months=13))
    Enrolment.objects.filter(pk=row.id).update(definition="2000.1")
    browser = signed_in(archive.doctor)
    assert browser.get(f"/programmes/person/{row.resident_id}/").status_code == 200
    assert browser.get("/programmes/").status_code == 200
    assert browser.get(f"/programmes/enrolment/{row.id}/visit/m12/").status_code == 200
