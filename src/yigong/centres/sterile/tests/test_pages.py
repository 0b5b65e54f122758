"""The room through its pages: scanning with and without the script, release, recall list, costs, figures, who sees what."""

from datetime import timedelta

import pytest
from django.test import Client

from yigong.centres.sterile.commands import loading, monitoring, shortages
from yigong.centres.sterile.models import Load, Pack, Recall, Round, Shortage, SupplyRequest
from yigong.centres.sterile.tests.world import SterileWorld
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.orders.tests.world import browser_of


def scan(client: Client, step: str, code: str, **more: str) -> str:
    """One code as the script sends it; the line that comes back."""
    return client.post(f"/sterile/scan/{step}/", {"code": code, **more}, headers={"X-Scan": "1"}).content.decode()


def test_the_box_answers_each_code_with_a_line(world: SterileWorld) -> None:
    """Done, done already (by whom), unknown, empty; a machine's code chooses its open load."""
    client, (pack,) = browser_of(world.technician), world.packs()
    assert "分类完成" in scan(client, "sort", pack.label)
    assert "孙消毒" in scan(client, "sort", pack.label)
    assert "没有编码为" in scan(client, "sort", "XYZ") and "没有读到编码" in scan(client, "sort", "")
    assert "请先选择清洗锅次" in scan(client, "clean", pack.label)
    load = loading.open_load(machine_id=world.washer.pk, programme="wash", actor=world.technician)
    assert f'data-load="{load.pk}"' in scan(client, "clean", "q1")
    assert "清洗完成" in scan(client, "clean", pack.label, load_id=str(load.pk))
    whole = client.post("/sterile/scan/sort/", {"code": pack.label})
    assert whole.status_code == 200 and "当前状态为" in whole.content.decode()
    assert client.get("/sterile/scan/nonsense/").status_code == 404
    assert browser_of(world.nurse).get("/sterile/scan/sort/").status_code == 403


def test_a_load_from_start_to_release(world: SterileWorld) -> None:
    """Buttons and forms of one load; a curve is pasted; the release button is there when everything is good."""
    client = browser_of(world.technician)
    load = world.filled(world.prepared([pack.label for pack in world.packs(2)]))
    world.bowie_dick(world.steriliser)
    here = f"/sterile/loads/{load.pk}/"
    assert client.post(here + "start/").status_code == 302
    bad = client.post(here + "finish/", {"curve": "08:00:00,134\n昨天，135"})
    assert bad.status_code == 422 and "第 2 行无法识别" in bad.content.decode()
    curve = "\n".join(f"08:0{n}:00,134.{n},206" for n in range(6))
    assert client.post(here + "finish/", {"curve": curve}).status_code == 302
    page = client.get(here).content.decode()
    assert "缺少化学监测" in page and "温度压力曲线" in page and f"{here}release/" not in page
    assert client.post(here + "result/", {"kind": "chemical", "good": "yes"}).status_code == 302
    assert f"{here}release/" in client.get(here).content.decode()
    assert client.post(here + "release/", follow=True).content.decode().count("已放行 2 包") == 1
    assert Load.objects.get(pk=load.pk).state == "released"
    refused = client.post(here + "release/", follow=True).content.decode()
    assert "不能放行" in refused and "孙消毒" in refused


def test_a_count_with_a_shortage_is_settled_with_money(world: SterileWorld) -> None:
    """Counted piece by piece; paid for; in the month's statement beside the packs; reopened with a reason."""
    (label,) = world.received(world.stored())
    world.use(label)
    client, pack = browser_of(world.technician), world.pack(label)
    given = {"n_QZ-W14": "1", "n_QZ-Y14": "1", "n_JD-W14": "0", "n_WP-100": "1", "second": "王司机"}
    assert client.post(f"/sterile/packs/{pack.pk}/count/", given).status_code == 302
    row = Shortage.objects.get()
    assert "组织剪" in client.get("/sterile/shortages/").content.decode()
    settle = f"/sterile/shortages/{row.pk}/settle/"
    assert client.post(settle, {"disposition": "paid", "note": "赔付"}).status_code == 422
    assert client.post(settle, {"disposition": "paid", "note": "赔付", "amount": "45.50"}).status_code == 302
    page = client.get("/sterile/costs/").content.decode()
    assert "51.50" in page and "45.50" in page and "6.00" in page
    assert "51.50" in browser_of(world.manager).get("/sterile/costs/").content.decode()
    assert "51.50" not in browser_of(world.manager).get(f"/sterile/costs/?place={world.other}").content.decode()
    sheet = client.get(f"/sterile/costs/print/?place={world.township}")
    assert sheet.content[:5] == b"%PDF-" and client.get("/sterile/costs/export/").content[:2] == b"PK"
    shortages.reopen_shortage(shortage_id=row.pk, reason="金额有误", actor=world.technician)
    assert "45.50" not in client.get("/sterile/costs/").content.decode()


def test_costs_take_the_price_of_the_day_and_credit_recalls(world: SterileWorld) -> None:
    """Frozen at issue; a pack recalled before its use costs nothing; a set without a price is counted as such, not as free."""
    used, unused = world.received(world.stored(2))
    world.use(used)
    (bare,) = world.received(world.stored(), world.other)
    Round.objects.filter(label=bare).update(price=None)
    load = Round.objects.get(label=unused).load_id
    monitoring.record_result(load_id=load, kind="biological", good=False, note="阳性", actor=world.technician)
    page = browser_of(world.technician).get("/sterile/costs/").content.decode()
    assert page.count("召回免计") >= 2 and "未定价" in page
    from yigong.centres.sterile.queries.figures import costs

    found = {one.institution_id: one for one in costs(clock.today().replace(day=1), world.technician)}
    mine = found[world.township]
    assert (mine.packs, mine.credited, mine.amount, mine.unpriced) == (2, 1, 600, 0)
    assert (found[world.other].amount, found[world.other].credited + found[world.other].unpriced) == (0, 1)


def test_the_recall_page_names_patients_to_who_may_know(world: SterileWorld) -> None:
    """The nurse of the institution sees her patient, the centre's recall desk too, another township sees neither; the list prints."""
    used, other = world.stored(2)
    world.received([used])
    world.received([other], world.other)
    world.use(used)
    load = Round.objects.get(label=used).load_id
    answered = browser_of(world.technician).post(
        f"/sterile/loads/{load}/result/", {"kind": "biological", "good": "no", "note": "48 h 阳性"}
    )
    row = Recall.objects.get()
    here = f"/sterile/recalls/{row.pk}/"
    assert answered["Location"] == here
    for actor, sees in (
        (world.nurse, True),
        (world.quality, True),
        (world.technician, True),
        (world.other_nurse, False),
    ):
        page = browser_of(actor).get(here).content.decode()
        assert ("李秀英" in page, used in page) == (sees, sees), actor.name
    assert browser_of(world.nurse).get(here + "print/").content[:5] == b"%PDF-"
    client = browser_of(world.other_nurse)
    assert client.post(here + "seal/").status_code == 302 and row.items.get(holder=world.other).state == "sealed"
    item = row.items.get(state="exposed")
    assert client.get(f"/sterile/recalls/items/{item.pk}/assess/").status_code == 404
    nurse = browser_of(world.nurse)
    assert nurse.post(f"/sterile/recalls/items/{item.pk}/assess/", {"note": ""}).status_code == 422
    assert nurse.post(f"/sterile/recalls/items/{item.pk}/assess/", {"note": "随访无异常"}).status_code == 302


def test_a_township_asks_receives_and_uses(world: SterileWorld) -> None:
    """Request, delivery, scanning, receipt, use bound to the encounter; the resident's page then shows the pack."""
    nurse, technician = browser_of(world.nurse), browser_of(world.technician)
    wanted = {"needed_on": clock.today().isoformat(), "q_HYB-XZ": "2"}
    assert nurse.post("/sterile/requests/new/", {"needed_on": clock.today().isoformat()}).status_code == 422
    assert nurse.post("/sterile/requests/new/", {**wanted, "urgent": "on"}).status_code == 422
    assert nurse.post("/sterile/requests/new/", wanted).status_code == 302
    asked, labels = SupplyRequest.objects.get(), world.stored(2)
    begun = technician.post(f"/sterile/requests/{asked.pk}/deliver/")
    delivery = begun["Location"].rsplit("=", 1)[1]
    for label in labels:
        assert "已装入发放单" in scan(technician, "issue", label, delivery_id=delivery)
    sent = {"courier": "老陈", "container": "X-1"}
    assert technician.post(f"/sterile/deliveries/{delivery}/send/", sent).status_code == 302
    assert technician.get(f"/sterile/deliveries/{delivery}/print/").content[:5] == b"%PDF-"
    assert "已签收" in scan(nurse, "receive", labels[0])
    assert "已签收 1 包" in nurse.post(f"/sterile/deliveries/{delivery}/receive/", follow=True).content.decode()
    use = f"/sterile/use/{world.resident_id}/"
    given = {"encounter_id": str(world.encounter_id), "code": labels[0], "used_for": "换药", "indicator": "good"}
    bad = nurse.post(use, {**given, "indicator": "bad"})
    assert bad.status_code == 422 and "不能使用" in bad.content.decode()
    assert nurse.post(use, given).status_code == 302
    twice = nurse.post(use, given)
    assert twice.status_code == 422 and "已使用" in twice.content.decode()
    assert labels[0] in nurse.get(use).content.decode()
    assert use in nurse.get(f"/residents/{world.resident_id}/").content.decode()


def test_lists_find_by_initials_and_code(world: SterileWorld) -> None:
    """Packs by code, name, initials, state; a scanned label opens its pack; labels print."""
    labels = world.stored(2)
    client = browser_of(world.technician)
    for text in ("xhyb", "小换药", labels[0][:8].lower()):
        assert labels[0] in client.get(f"/sterile/packs/?q={text}").content.decode(), text
    assert labels[0] not in client.get("/sterile/packs/?state=used").content.decode()
    page = client.get(f"/sterile/find/?code={labels[1].lower()}").content.decode()
    assert labels[1] in page and "孙消毒 / 核对人" in page
    load = Pack.objects.get(round__label=labels[0]).round.load
    assert client.get(f"/sterile/packs/labels/?load={load.number}").content[:5] == b"%PDF-"
    for path in ("packs/register/", "deliveries/new/", "machines/new/", "sets/", "loads/"):
        assert client.get(f"/sterile/{path}").status_code == 200, path
    assert "申领" in browser_of(world.nurse).get("/").content.decode()
    assert browser_of(world.other_nurse).get(f"/sterile/find/?code={labels[1]}").status_code == 404


@pytest.mark.parametrize("role", ["technician", "quality"])
def test_figures_open_their_rows(world: SterileWorld, role: str) -> None:
    """Each number has as many rows behind it."""
    labels = world.received(world.stored(3))
    world.use(labels[0])
    actor: Actor = getattr(world, role)
    client = browser_of(actor)
    page = client.get("/sterile/figures/")
    from yigong.centres.sterile.queries.figures import figures, scans, slow_rounds

    found = figures(clock.today() - timedelta(days=29), clock.today(), actor)
    assert (found.steps["store"], found.steps["issue"], found.loads, found.traced) == (3, 3, (1, 1), (3, 3))
    assert found.turnaround[2:] == (3, 3) and not slow_rounds(clock.today(), clock.today(), actor).exists()
    for kind in found.steps:
        if kind != "register":
            assert scans(clock.today() - timedelta(days=29), clock.today(), actor, kind).count() == found.steps[kind]
            assert client.get(f"/sterile/figures/{kind}/").status_code == 200
    assert client.get("/sterile/figures/slow/").status_code == client.get("/sterile/figures/loads/").status_code == 200
    assert client.get("/sterile/figures/x/").status_code == 404 and page.status_code == 200
