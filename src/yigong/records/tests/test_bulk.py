"""Loading prepared rows."""

from decimal import Decimal

import pytest

from yigong.core import clock
from yigong.core.audit.models import BulkLoad, RowChange
from yigong.core.ids import new_id
from yigong.records import api, bulk
from yigong.residents.tests.factories import make_actor, make_resident

pytestmark = pytest.mark.django_db


def test_every_table_takes_its_documented_columns() -> None:
    """One row of each; the timeline and the summary show them."""
    actor = make_actor()
    resident, now = make_resident(actor), clock.now()
    visit, group, prescription, document = new_id(), new_id(), new_id(), new_id()

    def entry(key: object) -> tuple:
        return (key, resident.id, actor.institution_id, None, now, "demo", "1")

    rows = {
        "encounter": (*entry(visit), "outpatient", "AMB", False, None, "finished", now, "头晕\t\\N", ""),
        "condition": (*entry(new_id()), visit, "ICD-10", "I10", "高血压", "active", True, True, None),
        "allergy": (*entry(new_id()), None, "drug", "", "青霉素", "", "mild", True),
        "result_group": (*entry(group), visit, "vital", "vital", "生命体征", "H"),
        "result": (new_id(), group, resident.id, now, "LOINC", "8480-6", "收缩压", Decimal(150), "", "mmHg", None, None, "H"),
        "prescription": (*entry(prescription), visit, "western", True, ""),
        "prescription_line": (new_id(), prescription, 1, "", "氨氯地平片", "", "5mg", "口服", "每日一次", 28, None, ""),
        "procedure": (*entry(new_id()), visit, "ICD-9-CM-3", "", "换药", ""),
        "document": (
            *entry(document), visit, document, 1, None, "other", "说明", {"甲": 1}, "文", "李", "final", "", "records", None, now,
        ),
    }  # fmt: skip
    with bulk.loading(actor, "示例") as batch:
        for table in bulk.COLUMNS:
            assert batch.load(table, [rows[table]]) == 1
    assert not RowChange.objects.filter(table__startswith="records_").exists()
    page = api.timeline(resident.id, actor=actor)
    assert {i.kind for i in page.items} == {"encounter", "document", "allergy"}
    assert page.counts == dict.fromkeys(page.counts, 1)
    assert api.summary(resident.id, actor=actor).medicines_text == "氨氯地平片 5mg 口服 每日一次 28天"
    assert api.document(document, actor=actor).content == {"甲": 1}
    assert BulkLoad.objects.get().rows == dict.fromkeys(bulk.COLUMNS, 1)
