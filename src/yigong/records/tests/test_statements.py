"""Prepared statements and answers kept for one page."""

import pytest
from django.db import connection

from yigong.access.tests.factories import make_person
from yigong.core import statements
from yigong.core.once import once_a_page, one_page
from yigong.core.ui.models import FormReceipt
from yigong.records import api
from yigong.records.models import Document
from yigong.residents.tests.factories import make_resident

pytestmark = pytest.mark.django_db
# The connection outlives a test: its prepared statements are those of earlier tests as well.
_ONE = "where id = %(id)s and 'told apart' <> ''"


def test_rows_come_back_as_the_queryset_brings_them() -> None:
    """Types, JSON and deferred state equal those of a queryset, prepared or not."""
    actor = make_person("gp").actor
    given = {"kind": "other", "title": "病情说明", "content": {"a": [1, None]}, "text": "写好"}
    expected = Document.objects.get(pk=api.add_document(resident_id=make_resident(actor).id, actor=actor, **given).id)
    for _n in range(4):
        (found,) = statements.objects(Document, _ONE, {"id": expected.id})
        assert found.__dict__.keys() == expected.__dict__.keys()
        assert all(getattr(found, f.attname) == getattr(expected, f.attname) for f in Document._meta.concrete_fields)
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_prepared_statements where statement like %s", ["%told apart%"])
        assert cursor.fetchone() == (1,)


def test_a_queryset_of_nothing_is_nothing() -> None:
    """An empty list of keys is a question like any other."""
    assert statements.objects(FormReceipt, "where key = any(%(keys)s)", {"keys": []}) == []


def test_one_page_asks_once_and_the_next_asks_anew() -> None:
    """Inside a page the answer is kept per arguments; outside every call asks."""
    asked = []

    @once_a_page
    def question(number: int) -> int:
        asked.append(number)
        return number * 2

    assert [question(1), question(1)] == [2, 2] and asked == [1, 1]
    for _page in range(2):
        with one_page():
            assert [question(1), question(1), question(2)] == [2, 2, 4]
    assert asked == [1, 1, 1, 2, 1, 2]
