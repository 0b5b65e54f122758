"""The pages at work, through the browser's requests."""

import re
from uuid import UUID

import pytest
from django.test import Client

from yigong.contracts import api
from yigong.contracts.models import Contract, FeeShare
from yigong.contracts.queries import groups
from yigong.core import clock
from yigong.programmes import api as programmes
from yigong.programmes.tests.world import ANSWERS
from yigong.residents import api as residents

from .world import World, ago, sign, signed_in

pytestmark = pytest.mark.django_db


def test_from_the_file_to_the_paper(world: World) -> None:
    """The card on the file, the form with what fits the person, the contract with what is due, the printed agreement."""
    person, browser = world.person(66), signed_in(world.doctor)
    assert "现在签约" in browser.get(f"/residents/{person}/").content.decode()
    form = browser.get(f"/contracts/sign/{person}/").content.decode()
    assert "老年人" in form and "高血压服务包" not in form
    given = {"team_id": str(world.team), "packages": ["basic"], "starts_on": clock.today().isoformat()}
    page = browser.post(f"/contracts/sign/{person}/", given, follow=True).content.decode()
    assert "老年人健康体检" in page and "签而未做" in page
    again = browser.post(f"/contracts/sign/{person}/", given)
    assert again.status_code == 422 and "已有有效的签约协议" in again.content.decode()
    row = Contract.objects.get()
    sheet = browser.get(f"/contracts/{row.id}/print/")
    assert sheet["Content-Type"] == "application/pdf" and sheet.content[:4] == b"%PDF"
    assert "签而未做" in browser.get("/contracts/?tab=empty").content.decode()


def test_the_link_of_an_offer(world: World) -> None:
    """Staff see the link once; without signing in the resident sees a masked name and confirms with the birth date; then it is a contract."""
    person, browser = world.person(50, name="欧阳桂兰"), signed_in(world.doctor)
    shown = browser.post(
        f"/contracts/offer/{person}/", {"team_id": str(world.team), "packages": ["basic"]}
    ).content.decode()
    found = re.search(r"/contracts/confirm/([\w-]+)/", shown)
    assert found and "<svg" in shown
    stranger, address = Client(), f"/contracts/confirm/{found[1]}/"
    page = stranger.get(address).content.decode()
    assert "欧**兰" in page and "欧阳桂兰" not in page
    wrong = stranger.post(address, {"proof": "1234"})
    assert wrong.status_code == 422 and "还可以试 4 次" in wrong.content.decode()
    born = residents.identity(person).birth_date
    assert born and "协议已生效" in stranger.post(address, {"proof": f"{born:%Y%m%d}"}).content.decode()
    assert Contract.objects.get().state == "valid" and stranger.get("/contracts/confirm/made-up/").status_code == 410


def test_steps_on_the_page(world: World) -> None:
    """A service by hand and its undoing, transfer, ending and resuming; a refusal stands beside its field."""
    row, browser = sign(world), signed_in(world.doctor)
    at = f"/contracts/{row.id}/"
    today = clock.today().isoformat()
    page = browser.post(
        at + "service/", {"item": "basic/education", "on": today, "note": "讲座"}, follow=True
    ).content.decode()
    assert "讲座" in page and "手工登记" in page
    service = Contract.objects.get(pk=row.id).services.get()
    browser.post(f"/contracts/services/{service.id}/undo/", {"reason": "登错"})
    assert not Contract.objects.get(pk=row.id).services.exists()
    assert browser.post(at + "transfer/", {"reason": "搬家"}).status_code == 422
    ended = browser.post(
        at + "end/", {"ending": "refused", "on": today, "reason": "本人要求"}, follow=True
    ).content.decode()
    assert "已解约" in ended and "恢复协议" in ended
    assert "有效" in browser.post(at + "reopen/", {"reason": "点错"}, follow=True).content.decode()
    moved = browser.post(at + "transfer/", {"team_id": str(world.other), "reason": "搬到王家村"}, follow=True)
    assert Contract.objects.get(pk=row.id).team_id == world.other and moved.status_code == 200


def test_renewals_with_preview(world: World) -> None:
    """The preview shows the new term and packages; what is ticked is renewed."""
    row, browser = sign(world, starts_on=ago(320)), signed_in(world.doctor)
    page = browser.get("/contracts/renewals/").content.decode()
    assert str(row.id) in page and "基本服务包" in page
    done = browser.post("/contracts/renewals/", {"contract": [str(row.id)]}, follow=True).content.decode()
    assert "已续签 1 份" in done and Contract.objects.count() == 2


def test_teams_and_fees_of_a_manager(world: World) -> None:
    """A team is made, staffed, its fee previewed, shared and taken back."""
    row = sign(world, starts_on=ago(100))
    api.note_service(contract_id=row.id, package="basic", item="education", note="", actor=world.doctor)
    browser = signed_in(world.manager)
    made = browser.post("/contracts/teams/new/", {"name": "第三团队", "institution_id": str(world.township.id)})
    assert "还缺" in browser.get(made["Location"]).content.decode()
    team = UUID(made["Location"].rstrip("/").rsplit("/", 1)[1])
    browser.post(f"/contracts/teams/{team}/member/", {"staff_id": str(world.gp.staff_id), "role": "leader"})
    browser.post(f"/contracts/teams/{team}/area/", {"institution_id": str(world.village.id)})
    page = browser.get(f"/contracts/teams/{team}/").content.decode()
    assert world.gp.name in page and "东河镇第一团队" in browser.get("/contracts/teams/").content.decode()
    fee, today = f"/contracts/teams/{world.team}/fee/", clock.today()
    assert "若今天分配" in browser.get(fee).content.decode()
    shared = browser.post(fee, {"year": today.year, "until": today.isoformat()}, follow=True).content.decode()
    assert "撤销分配" in shared
    browser.post(f"/contracts/fee/{FeeShare.objects.get().id}/undo/", {"reason": "人员有误"})
    assert FeeShare.objects.get().reversed_because == "人员有误"


def test_rates_open_their_rows(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signing 1 of 2, nothing fulfilled; the rows behind both sides."""
    one, two = world.person(66), world.person(30)
    monkeypatch.setattr(groups, "_rolls", {})  # as where no insurance room is installed
    api.refresh_groups(actor=world.doctor)
    sign(world, one)
    browser = signed_in(world.manager)
    page = browser.get("/contracts/rates/").content.decode()
    assert "50.0%" in page and "重点人群签约率" in page and "名单尚未接入" in page
    names = {key: residents.identity(key).name for key in (one, two)}
    counted = signed_in(world.doctor).get("/contracts/rates/signing/?side=counted").content.decode()
    assert names[one] in counted and names[two] not in counted
    assert world.village.short_name in browser.get("/contracts/rates/?code=signing").content.decode()
    assert browser.get("/contracts/rates/renewal/?side=missing").status_code == 200


def test_programmes_by_team(world: World) -> None:
    """The rates of a programme for a team's people: 1 of 2 under control, a third without a contract in nobody's figure; each opens its people."""
    people = [world.person(60 + n) for n in range(3)]
    for person, sbp in zip(people, (130, 160, 130), strict=True):
        row = programmes.enrol(resident_id=person, programme="hypertension", actor=world.doctor)
        answers = ANSWERS["hypertension"] | {"sbp": sbp}
        programmes.record_visit(enrolment_id=row.id, stage="followup", answers=answers, actor=world.doctor)
    team = sign(world, people[0]).team_id or world.team
    sign(world, people[1])
    page = signed_in(world.manager).get("/contracts/teams/figures/?programme=hypertension").content.decode()
    at = f"/contracts/teams/{team}/figures/hypertension/control/"
    year = clock.today().year
    assert f'{at}?year={year}&side=counted">1</a>/<a href="{at}?year={year}&side=all">2</a>' in page and "50.0%" in page
    names = [residents.identity(key).name for key in people]
    browser = signed_in(world.doctor) if world.doctor.has("contracts.figures") else signed_in(world.manager)
    counted, missing = (browser.get(f"{at}?side={side}").content.decode() for side in ("counted", "missing"))
    assert "共 1 条" in counted and "共 1 条" in missing and names[2] not in counted + missing
    assert browser.get(f"/contracts/teams/{team}/figures/mental_illness/stable/").status_code == 404
