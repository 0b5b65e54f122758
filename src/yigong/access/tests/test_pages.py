"""The pages of this room answer, in Chinese, for those who may see them."""

from uuid import uuid4

import pyotp
import pytest
from django.test import Client

from yigong.access import api as access
from yigong.access.models import Account, Consent, EmergencyAccess, ReadLog
from yigong.access.tests.factories import PASSWORD, make_person
from yigong.core import clock
from yigong.network.tests.factories import make_staff

pytestmark = pytest.mark.django_db


def test_login_page_and_the_way_back() -> None:
    """A stranger is led to the login page and back to where they wanted; not to another site."""
    person, stranger = make_person("admin"), Client()
    away = stranger.get("/access/accounts/")
    assert away["Location"] == "/access/login/?next=/access/accounts/"
    page = stranger.get(away["Location"]).content.decode()
    assert "用户名" in page and 'name="next" value="/access/accounts/"' in page
    fields = {"username": person.account.username, "password": PASSWORD}
    assert stranger.post("/access/login/", fields | {"next": "/access/accounts/"})["Location"] == "/access/accounts/"
    assert Client().post("/access/login/", fields | {"next": "https://example.org/"})["Location"] == "/"
    refused = Client().post("/access/login/", fields | {"password": "x"})
    assert refused.status_code == 401 and "用户名或密码不对" in refused.content.decode()


def test_codes_from_switching_on_to_signing_in() -> None:
    """QR code, first code, recovery codes, and from then on the second step at each sign-in."""
    person = make_person()
    client = person.client()
    page = client.get("/access/security/codes/on/").content.decode()
    plain = client.session["otp_secret"]
    assert "<svg" in page and plain in page
    assert client.post("/access/security/codes/on/", {"code": "000000"}).status_code == 422
    codes = client.post("/access/security/codes/on/", {"code": pyotp.TOTP(plain).at(clock.now())}).content.decode()
    assert codes.count("<code>") == 10
    again = Client()
    first = again.post("/access/login/", {"username": person.account.username, "password": PASSWORD})
    assert first["Location"] == "/access/login/code/"
    assert again.get("/access/security/").status_code == 302
    assert again.post("/access/login/code/", {"code": "123456"}).status_code == 422
    recovery = codes.split("<code>")[1].split("<")[0]
    assert again.post("/access/login/code/", {"code": recovery}).status_code == 302
    assert "剩余恢复码 9 个" in again.get("/access/security/").content.decode()
    assert again.post("/access/security/codes/off/", {"password": PASSWORD}).status_code == 302
    assert Account.objects.get(pk=person.account.id).otp_secret == ""


def test_keeping_accounts() -> None:
    """Find, open, reset, lock and unlock; the first password is shown once and works once."""
    admin, staff = make_person("admin"), make_staff(name="赵小兰")
    client = admin.client()
    assert "赵小兰" in client.get("/access/accounts/staff/?q=zxl").content.decode()
    form = {"staff_id": str(staff.id), "username": "zhaoxl"}
    assert "zhaoxl" in client.post("/access/accounts/new/", form).content.decode()
    assert client.post("/access/accounts/new/", form).status_code == 422
    account = Account.objects.get(username="zhaoxl")
    base = f"/access/accounts/{account.id}/"
    assert "赵小兰" in client.get("/access/accounts/?q=zxl").content.decode()
    assert "无在任岗位" in client.get(base).content.decode()
    assert client.post(base + "reset/", {"reason": ""}).status_code == 422
    assert "只显示这一次" in client.post(base + "reset/", {"reason": "本人要求"}).content.decode()
    assert client.post(base + "lock/", {"reason": "离职"}).status_code == 302
    assert "已停用" in client.get("/access/accounts/?state=locked").content.decode()
    assert client.post(base + "lock/", {"reason": "返聘"}).status_code == 302
    assert Account.objects.get(pk=account.id).is_active


def test_emergency_from_the_click_to_the_verdict() -> None:
    """Reason, one access for two clicks, the review list, the verdict."""
    doctor = make_person("specialist")
    manager, resident = make_person("quality_manager", at=doctor.institution), uuid4()
    client, page = doctor.client(), f"/access/emergency/{resident}/"
    assert "8 小时" in client.get(page).content.decode()
    assert client.post(page, {"reason": "急"}).status_code == 422
    form = {"reason": "昏迷送达，需查用药史", "idempotency_key": str(uuid4())}
    assert [client.post(page, form).status_code for _n in range(2)] == [302, 302]
    row = EmergencyAccess.objects.get(resident_id=resident)
    judge = manager.client()
    assert "昏迷送达" in judge.get("/access/emergency/").content.decode()
    review = f"/access/emergency/{row.id}/review/"
    assert "昏迷送达" in judge.get(review).content.decode()
    assert judge.post(review, {"verdict": "unclear"}).status_code == 422
    assert judge.post(review, {"verdict": "justified"}).status_code == 302
    assert "合理" in judge.get("/access/emergency/?reviewed=1").content.decode()
    assert make_person("quality_manager").client().get(review).status_code == 403


def test_consent_and_who_looked() -> None:
    """Consent opens the page of reads to the house; it shows who looked; withdrawing closes it."""
    doctor, resident = make_person("gp"), uuid4()
    client, reads = doctor.client(), f"/access/reads/{resident}/"
    refused = client.get(reads)
    assert refused.status_code == 403 and f"/access/consent/{resident}/" in refused.content.decode()
    form = {
        "giver": "self",
        "giver_name": "王秀英",
        "method": "paper",
        "purpose": "续方",
        "ends_on": clock.today().isoformat(),
    }
    assert client.post(f"/access/consent/{resident}/", form | {"giver_name": ""}).status_code == 422
    assert client.post(f"/access/consent/{resident}/", form).status_code == 302
    page = client.get(reads).content.decode()
    assert "本人授权" in page and doctor.actor.name in page
    consent = Consent.objects.get(resident_id=resident)
    assert "王秀英" in client.get(f"/access/consent/{resident}/").content.decode()
    assert client.post(f"/access/consent/{consent.id}/withdraw/").status_code == 302
    assert client.get(reads).status_code == 403
    assert "查看查阅记录" in client.get("/access/my-reads/").content.decode()
    assert ReadLog.objects.filter(resident_id=resident, allowed=False).count() == 2


def test_names_come_from_their_room() -> None:
    """Where residents are registered, pages show the name."""
    resident, doctor = uuid4(), make_person("gp")
    from yigong.access import queries

    before = list(queries._names)
    access.register_names(lambda ids: dict.fromkeys(ids, "孙志强"))
    try:
        assert "孙志强" in doctor.client().get(f"/access/emergency/{resident}/").content.decode()
    finally:
        queries._names[:] = before


def test_roles_and_permissions_for_print() -> None:
    """Every declared permission and every role stand on the page."""
    page = make_person("director").client().get("/access/roles/").content.decode()
    for permission in access.permissions().values():
        assert permission.code in page
    assert "乡村医生" in page and "系统管理员" in page


def test_a_refusal_by_role_names_who_may() -> None:
    """The sentence names the permission and the roles that carry it."""
    refused = make_person("gp").client().get("/access/accounts/")
    assert refused.status_code == 403 and "系统管理员" in refused.content.decode()
