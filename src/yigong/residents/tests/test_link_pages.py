"""Pages of the index as its keeper and the second person use them."""

import re
from uuid import uuid4

import pytest

from yigong.access.models import ReadLog
from yigong.access.tests.factories import make_person
from yigong.residents import api, holdings
from yigong.residents.models import LinkOperation, Resident, SourceRecord
from yigong.residents.tests.factories import citizen_number, make_actor, make_resident
from yigong.residents.tests.test_linking import pair

pytestmark = pytest.mark.django_db


def test_merge_by_page_with_preview_and_undo() -> None:
    """Pick, look ahead, merge; every field says its source; undo from the history."""
    keeper = make_person("identity_manager").client()
    first, second = pair(make_actor())
    merge = f"/residents/{first.id}/merge/"
    assert "哪一份档案" in keeper.get(merge).content.decode()
    page = keeper.get(merge, {"other": str(second.id)}).content.decode()
    assert "138****0001" in page
    assert not LinkOperation.objects.exists()
    assert keeper.post(merge, {"other": str(second.id), "reason": ""}).status_code == 422
    answer = keeper.post(merge, {"other": str(second.id), "reason": "核对身份证", "idempotency_key": str(uuid4())})
    assert answer["Location"] == f"/residents/{first.id}/index/"
    page = keeper.get(f"/residents/{second.id}/index/", follow=True).content.decode()
    history = page.split("合并与拆分历史")[1]
    assert second.name in history and "登记" in history, "what was taken over, as it was registered"
    assert "另有 1 份档案已并入" in page
    assert "有核验过的身份证件" in page
    assert ReadLog.objects.filter(resident_id=second.id, subject_kind="residents.index").exists()
    undo = re.search(r"/residents/operations/[0-9a-f-]+/", page)[0]
    assert "撤销合并" in keeper.get(undo).content.decode()
    assert keeper.post(undo, {"reason": "两个人"}).status_code == 302
    assert Resident.objects.filter(status="active").count() == 2


def test_split_by_page() -> None:
    """Ticked records become a file of their own; without a tick the page says so."""
    keeper = make_person("identity_manager").client()
    one = make_resident(make_actor(), number=citizen_number(sex="2"))
    given = api.NewResident("赵小红", "2", one.birth_date)
    key = api.link_registration(resident_id=one.id, given=given, actor=make_actor("identity_manager")).source_record_id
    address = f"/residents/{one.id}/split/"
    assert keeper.get(address)["Location"].endswith("/index/")
    assert "新的一份档案" in keeper.get(address, {"record": str(key)}).content.decode()
    assert keeper.post(address, {"record": str(key), "reason": "两个人"}).status_code == 302
    assert SourceRecord.objects.get(pk=key).resident_id != one.id


def test_a_second_person_confirms_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The merge waits in the list; its asker sees that another must confirm; the other confirms."""
    keeper, other = make_person("identity_manager").client(), make_person("quality_manager").client()
    first, second = pair(make_actor())
    busy = api.Holder("orders", "检查申请", len, len)
    monkeypatch.setattr(holdings, "_holders", {"orders": busy})
    asked = keeper.post(f"/residents/{first.id}/merge/", {"other": str(second.id), "reason": "同一人"})["Location"]
    assert "您自己提交" in keeper.get(asked).content.decode()
    assert keeper.post(asked, {"agree": "yes"}).status_code == 422
    assert asked in other.get("/residents/operations/").content.decode()
    assert other.post(asked, {"agree": "yes"}).status_code == 302
    assert Resident.objects.get(pk=second.id).merged_into_id == first.id


def test_strangers_to_the_index_are_refused() -> None:
    """A doctor neither merges nor looks at the index; the refusal is logged."""
    doctor = make_person("gp").client()
    first, _second = pair(make_actor())
    assert doctor.get(f"/residents/{first.id}/merge/").status_code == 403
    assert doctor.get(f"/residents/{first.id}/index/").status_code == 403
    assert ReadLog.objects.filter(resident_id=first.id, allowed=False).exists()
