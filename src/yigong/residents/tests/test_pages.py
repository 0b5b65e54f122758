"""Pages of residents as people at the counter meet them."""

import re
from uuid import uuid4

import pytest

from yigong.access.models import ReadLog
from yigong.access.tests.factories import make_person
from yigong.residents.models import Resident
from yigong.residents.tests.factories import make_resident

pytestmark = pytest.mark.django_db
NUMBER = "530181196005040023"
TYPED = {
    "name": "王小红",
    "number_kind": "01",
    "number": NUMBER,
    "sex": "0",
    "birth_precision": "day",
    "phone": "13800000001",
}


def test_registering_by_page_reads_the_number_and_opens_the_file() -> None:
    """Birth and sex come from the number; a repeated post is one person."""
    client = make_person("village_doctor").client()
    assert "居民建档" in client.get("/residents/new/").content.decode()
    key = str(uuid4())
    first = client.post("/residents/new/", TYPED | {"idempotency_key": key})
    again = client.post("/residents/new/", TYPED | {"idempotency_key": key})
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"]
    assert Resident.objects.get().sex == "2"
    page = client.get("/residents/", {"q": "wxh"}).content.decode()
    assert "530***********0023" in page
    assert NUMBER not in page


def test_refusals_stand_beside_the_fields_and_nothing_typed_is_lost() -> None:
    """Wrong check digit, wrong phone: 422 with sentences and the same input."""
    client = make_person("village_doctor").client()
    answer = client.post("/residents/new/", TYPED | {"number": "530181196005040024", "phone": "12"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "末位校验不符" in page
    assert "电话号码应为" in page
    assert 'value="530181196005040024"' in page
    assert not Resident.objects.exists()


def test_a_held_number_leads_to_its_holder() -> None:
    """The page names the person and links the file."""
    person = make_person("village_doctor")
    client = person.client()
    holder = make_resident(person.actor, number=NUMBER)
    page = client.post("/residents/new/", TYPED).content.decode()
    assert "不能重复建档" in page
    assert str(holder.id) in page


def test_a_duplicate_at_the_desk_is_linked_instead() -> None:
    """The way on: the registration becomes one more record of the known person; to a stranger it is not linked."""
    person, elsewhere = make_person("village_doctor"), make_person("gp")
    known, other = make_resident(elsewhere.actor, number=NUMBER), make_resident(elsewhere.actor, "李四", sex="1")
    client = person.client()
    assert 'name="link_to"' in client.post("/residents/new/", TYPED).content.decode()
    assert client.post("/residents/new/", TYPED | {"link_to": str(other.id)}).status_code == 422
    done = client.post("/residents/new/", TYPED | {"link_to": str(known.id)})
    assert str(known.id) in done["Location"]
    assert client.get(f"/residents/{known.id}/").status_code == 200
    assert Resident.objects.count() == 2


def test_similar_people_are_compared_and_confirmed() -> None:
    """The comparison offers a tick per person; with it the registration goes through."""
    person = make_person("village_doctor")
    client = person.client()
    known = make_resident(person.actor)
    typed = {"name": "王晓红", "sex": "2", "birth_date": "1960-05-04", "birth_precision": "day"}
    warned = client.post("/residents/new/", typed)
    assert warned.status_code == 422
    assert re.search(rf'name="confirmed" value="{known.id}"', warned.content.decode())
    assert client.post("/residents/new/", typed | {"confirmed": [str(known.id), "x"]}).status_code == 302


def test_near_matches_while_typing() -> None:
    """The number is judged, similar people are listed, a half number is not yet a mistake."""
    person = make_person("village_doctor")
    client = person.client()
    make_resident(person.actor, number=NUMBER)
    assert "号码正确" in (page := client.post("/residents/near/", TYPED).content.decode())
    assert "证件号码相同" in page
    assert "末位校验不符" in client.post("/residents/near/", {"number": NUMBER[:-1] + "5"}).content.decode()
    assert "没有相近" in client.post("/residents/near/", {"number": NUMBER[:8]}).content.decode()
    assert "王小红" in client.post("/residents/near/", {"name": "王小"}).content.decode()


def test_markup_is_shown_as_text() -> None:
    """Names never become elements."""
    person = make_person("village_doctor")
    resident = make_resident(person.actor, "<script>alert(1)</script>")
    for address in (f"/residents/{resident.id}/", "/residents/?q=<script>", f"/residents/{resident.id}/change/"):
        page = person.client().get(address).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_the_file_decides_and_logs_and_reveals_with_purpose() -> None:
    """A stranger is refused with a next step; the related one sees masked numbers and may reveal them."""
    person = make_person("village_doctor")
    resident = make_resident(person.actor, number=NUMBER)
    client, stranger = person.client(), make_person("gp").client()
    page = client.get(f"/residents/{resident.id}/").content.decode()
    assert NUMBER not in page
    assert NUMBER in client.post(f"/residents/{resident.id}/reveal/").content.decode()
    assert ReadLog.objects.filter(resident_id=resident.id, purpose__contains="完整证件号").exists()
    refused = stranger.get(f"/residents/{resident.id}/")
    assert refused.status_code == 403
    assert "服务关系" in refused.content.decode()
    assert ReadLog.objects.filter(resident_id=resident.id, allowed=False).exists()


def test_change_and_close_by_page() -> None:
    """A change needs its reason; closing and reopening ask for theirs."""
    person = make_person("gp")
    client = person.client()
    resident = make_resident(person.actor, number=NUMBER)
    address = f"/residents/{resident.id}/change/"
    typed = {"name": "王小虹", "sex": "2", "birth_date": "1960-05-04", "birth_precision": "day", "version": "1"}
    assert client.post(address, typed).status_code == 422
    assert client.post(address, typed | {"reason": "核对身份证"}).status_code == 302
    assert client.post(address, typed | {"name": "王小洪", "reason": "又改"}).status_code == 422
    assert Resident.objects.get().name == "王小虹"
    close = f"/residents/{resident.id}/close/"
    assert client.post(close, {"status": "moved", "on": "2099-01-01", "reason": "迁出"}).status_code == 422
    assert client.post(close, {"status": "moved", "on": "2020-01-01", "reason": "迁出"}).status_code == 302
    assert "迁出" in client.get(f"/residents/{resident.id}/").content.decode()
    assert client.post(close, {"reason": "迁回"}).status_code == 302
    assert Resident.objects.get().status == "active"


def test_search_under_the_shell_box_and_in_pickers() -> None:
    """Fragments, not pages; what is too short says so."""
    person = make_person("village_doctor")
    client = person.client()
    resident = make_resident(person.actor, number=NUMBER)
    found = client.get("/residents/", {"q": "王小"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in found
    assert str(resident.id) in found
    assert f'data-value="{resident.id}"' in client.get("/residents/options/", {"q": "wxh"}).content.decode()
    assert "至少 10 位" in client.get("/residents/", {"q": "530181"}).content.decode()


def test_a_page_number_beyond_all_counting_is_an_empty_or_the_last_page() -> None:
    """A changed address is answered with a page, never with an error of the database."""
    clerk = make_person("registrar").client()
    for path in ("/residents/?q=李", "/residents/households/?q=李", "/tasks/?", "/cards/?"):
        for number in ("9" * 19, "9" * 40, "-1", "x"):
            assert clerk.get(f"{path}&page={number}").status_code in {200, 404}, (path, number)
