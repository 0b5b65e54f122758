"""The pages that keep the network, driven like an administrator would (here, because signing in stands above the network)."""

from datetime import timedelta

import pytest

from yigong.access.tests.factories import make_person
from yigong.core import clock
from yigong.network import api as network
from yigong.network.models import Centre, CentreService, Duty, Institution, Membership, Post, Secondment
from yigong.network.tests.factories import BOSS, make_institution, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    """An administrator at the county hospital."""
    return make_person("admin", at=make_institution("county", name="清溪县人民医院"))


def test_an_institution_from_search_to_sheet(admin) -> None:
    """Open, find by initials, change with a reason, export, close; a wrong code is refused beside its field."""
    client = admin.client()
    form = {"name": "柳树村卫生室", "code": "LSC01", "level": "village", "category": "D600", "ownership": "public"}
    form |= {"parent_id": str(admin.institution.id)}
    refused = client.post("/network/institutions/new/", form | {"credit_code": "91350100M000100Y44"})
    assert refused.status_code == 422 and "校验位不对" in refused.content.decode()
    assert client.post("/network/institutions/new/", form).status_code == 302
    row = Institution.objects.get(code="LSC01")
    base = f"/network/institutions/{row.id}/"
    assert "柳树村卫生室" in client.get("/network/institutions/?q=lsc&primary=P1").content.decode()
    assert "柳树村卫生室" not in client.get("/network/institutions/?q=lsc&level=county").content.decode()
    assert "清溪县人民医院 → 柳树村卫生室" in client.get(base).content.decode()
    changed = {**form, "phone": "0351-7654321", "reason": "电话更新"}
    assert client.post(base + "change/", changed).status_code == 302
    assert client.post(base + "change/", changed | {"reason": ""}).status_code == 422
    assert "0351-7654321" in client.get(base).content.decode()
    sheet = client.get("/network/institutions/export/?q=lsc")
    assert sheet.content[:2] == b"PK" and "attachment" in sheet["Content-Disposition"]
    assert client.post(base + "departments/new/", {"code": "01", "name": "全科", "specialty": "02"}).status_code == 302
    count = {"counts": "0", "starts_on": "2026-01-01", "reason": "县外设点"}
    assert client.post(base + "counting/", count).status_code == 302
    assert "不计入县域内" in client.get(base).content.decode()
    close = {"ends_on": clock.today().isoformat(), "reason": "撤并"}
    assert client.post(base + "close/", close).status_code == 302
    assert "已停业" in client.get("/network/institutions/?q=lsc").content.decode()


def test_an_alliance_and_its_centre(admin) -> None:
    """Found an alliance, join, see the picture, set up a centre, serve, end both."""
    client, site = admin.client(), make_institution("township", name="石桥镇卫生院", parent_id=admin.institution.id)
    form = {"kind": "community", "name": "清溪县医共体", "starts_on": "2026-01-01", "governing_body": "医管委"}
    page = client.post("/network/alliances/new/", form)["Location"]
    for place, role in [(admin.institution, "lead"), (site, "member")]:
        facts = {"institution_id": str(place.id), "role": role, "manner": "entrusted", "starts_on": "2026-01-01"}
        assert client.post(page + "join/", facts | {"reason": "组建"}).status_code == 302
    again = client.post(page + "join/", facts | {"reason": "再来"})
    assert again.status_code == 422 and "已是该联合体成员" in again.content.decode()
    shown = client.get(page).content.decode()
    assert shown.count("<rect") == 2 and "管理 1 家" in shown and "医管委" in shown
    assert "清溪县医共体" in client.get("/network/alliances/").content.decode()
    centre = {"kind": "imaging", "name": "县影像中心", "opens_at": "08:00"}
    base = f"/network/institutions/{admin.institution.id}/centres/new/"
    assert client.post(base, centre).status_code == 422
    centre_page = client.post(base, centre | {"closes_at": "18:00"})["Location"]
    serve = {"institution_id": str(site.id), "starts_on": "2026-01-01"}
    assert client.post(centre_page + "serve/", serve).status_code == 302
    assert "08:00–18:00" in client.get(centre_page).content.decode()
    assert "县影像中心" in client.get(f"/network/institutions/{site.id}/").content.decode()
    end = {"ends_on": clock.today().isoformat(), "reason": "调整"}
    assert client.post(f"/network/services/{CentreService.objects.get().id}/end/", end).status_code == 302
    membership = Membership.objects.get(institution_id=site.id)
    assert client.post(f"/network/memberships/{membership.id}/end/", end).status_code == 302
    assert network.serving_centre("imaging", site.id) is None and Centre.objects.count() == 1


def test_a_person_from_the_first_day_to_the_move(admin) -> None:
    """Register, give a post, second elsewhere, license, end both; the list shows where the person works."""
    client, site = admin.client(), make_institution("township", name="石桥镇卫生院")
    away = client.post("/network/staff/new/", {"code": "QX0001", "name": "赵小兰", "sex": "2", "title": "3"})[
        "Location"
    ]
    post = {"institution_id": str(admin.institution.id), "role": "gp", "starts_on": clock.today().isoformat()}
    person = client.post(away, post)["Location"]
    assert client.post(away, post).status_code == 422
    second = {
        "institution_id": str(site.id),
        "form": "stationed",
        "starts_on": clock.today().isoformat(),
        "reason": "帮扶",
    }
    assert client.post(person + "second/", second).status_code == 302
    licence = {"kind": "practice", "number": "110140121000999", "may_prescribe": "on", "expires_on": "2020-01-01"}
    assert client.post(person + "qualifications/new/", licence).status_code == 302
    shown = client.get(person).content.decode()
    assert "派驻" in shown and "已过期" in shown and "处方权" in shown
    assert "赵小兰" in client.get(f"/network/institutions/{site.id}/").content.decode()
    assert "赵小兰" in client.get(f"/network/staff/?q=zxl&role=gp&institution={admin.institution.id}").content.decode()
    assert "清溪县人民医院" in client.get("/network/staff/options/?q=zxl").content.decode()
    end = {"ends_on": clock.today().isoformat(), "reason": "调离"}
    row = Secondment.objects.get(institution_id=site.id)
    assert client.post(f"/network/secondments/{row.id}/end/", end).status_code == 302
    held = Post.objects.get(staff_id=row.staff_id)
    assert client.post(f"/network/posts/{held.id}/end/", end).status_code == 302
    assert "无在任岗位" in client.get("/network/staff/?q=zxl").content.decode()


def test_a_week_of_duty(admin) -> None:
    """Plan a night, see it in its week, refuse the double, cancel."""
    client, day = admin.client(), clock.today()
    form = {"staff_id": str(admin.staff_id), "role": "duty_chief"}
    form |= {"starts_at": f"{day}T18:00", "ends_at": f"{day + timedelta(days=1)}T08:00"}
    plan = f"/network/roster/{admin.institution.id}/plan/"
    week = client.post(plan, form)["Location"]
    shown = client.get(week).content.decode()
    assert "18:00–08:00" in shown and "（次日）" in shown and "总值班" in shown
    assert "已有排班" in client.post(plan, form).content.decode()
    assert client.post(plan, form | {"ends_at": f"{day}T17:00"}).status_code == 422
    assert client.post(f"/network/roster/{Duty.objects.get().id}/cancel/").status_code == 302
    assert "还没有排班" in client.get(week).content.decode()
    assert client.get("/network/roster/?week=nonsense&institution=x").status_code == 200


def test_others_see_but_do_not_change(admin) -> None:
    """A village doctor reads the pages without buttons; a form is refused before it is filled in."""
    client = make_person("village_doctor").client()
    page = client.get(f"/network/institutions/{admin.institution.id}/")
    assert page.status_code == 200 and "变更信息" not in page.content.decode()
    assert client.get(f"/network/institutions/{admin.institution.id}/change/").status_code == 403
    director = make_person("director").client()
    assert director.get(f"/network/institutions/{admin.institution.id}/change/").status_code == 403


@pytest.mark.parametrize("page", ["institutions/?page=2", "staff/?page=2"])
def test_long_lists_cost_the_same(admin, django_assert_max_num_queries, page: str) -> None:
    """A page of thirty rows costs no query per row."""
    for _n in range(40):
        make_institution(parent_id=admin.institution.id)
    for _n in range(40):
        staff = make_staff()
        network.assign_post(staff_id=staff.id, institution_id=admin.institution.id, role="nurse", actor=BOSS)
    client = admin.client()
    client.get("/access/post/")
    with django_assert_max_num_queries(6):
        assert client.get(f"/network/{page}").status_code == 200


def test_a_verdict_on_a_standard() -> None:
    """The director records a verdict on the form; the institution's page and the list show it."""
    county = make_institution("county", name="清溪县人民医院")
    township = make_institution("township", parent_id=county.id, name="石桥镇卫生院")
    client = make_person("director", at=county).client()
    address = f"/network/institutions/{township.id}/accreditations/new/"
    offered = client.get(address).content.decode()
    assert "推荐标准" in offered and "村卫生室标准化" not in offered
    given = {
        "kind": "service",
        "level": "recommended",
        "starts_on": "2025-01-01",
        "document": "卫健〔2025〕31号",
        "decided_by": "县卫健局",
    }
    assert client.post(address, given).status_code == 302
    page = client.get(f"/network/institutions/{township.id}/").content.decode()
    assert "优质服务基层行" in page and "推荐标准" in page and "卫健〔2025〕31号" in page
    assert "石桥镇卫生院" in client.get("/network/accreditations/?level=recommended").content.decode()
    assert "石桥镇卫生院" not in client.get("/network/accreditations/?level=unknown").content.decode()
    assert "已登记，无需再次登记" in client.post(address, given).content.decode()
