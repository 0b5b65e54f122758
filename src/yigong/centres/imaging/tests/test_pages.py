"""The imaging centre through its pages."""

import re
from uuid import UUID, uuid4

from django.test import Client

from yigong.orders import api as orders
from yigong.orders.tests.world import BOOT, World, browser_of

REPORT = {"s_findings": "左侧胸腔见无肺纹理区。", "impression": "左侧气胸。", "positive": "yes", "grade": "A"}


def text_of(client: Client, url: str, status: int = 200) -> str:
    """The page's text, with the expected status."""
    answer = client.get(url)
    assert answer.status_code == status, (url, answer.status_code, answer.content.decode()[:400])
    return answer.content.decode()


def send(client: Client, url: str, **values: str) -> str:
    """Post a form that must be accepted; where it leads."""
    answer = client.post(url, {"idempotency_key": str(uuid4()), **values})
    assert answer.status_code == 302, (url, answer.status_code, re.sub(r"\s+", " ", answer.content.decode())[-1500:])
    return answer["Location"]


def test_from_request_to_acknowledgement(world: World) -> None:
    """Request, perform, claim, critical value, submit, sign, print, acknowledge: each by the right person on his page."""
    gp, technician, reader, reviewer = (
        browser_of(a) for a in (world.gp, world.technician, world.reader, world.reviewer)
    )
    new = f"/orders/imaging/new/{world.resident_id}/"
    assert "是否妊娠" in text_of(gp, new)
    assert "胸部正位" in text_of(gp, "/orders/imaging/items/?q=xbzw")
    refused = gp.post(new, {"items": "DR-CHEST-PA", "performing": str(world.township), "priority": "urgent"})
    assert refused.status_code == 422 and "请填写" in refused.content.decode()
    request = {
        "items": "DR-CHEST-PA", "performing": str(world.township), "priority": "urgent", "diagnosis": "胸痛待查",
        "purpose": "排除气胸", "pregnancy": "no",
    }  # fmt: skip
    page = send(gp, new, **request)
    order_id = UUID(page.split("/")[2])
    assert "李秀英" in text_of(technician, "/orders/imaging/workbench/")
    for action in ("check_in", "start"):
        send(technician, f"{page}act/", action=action)
    assert "再次核对" in text_of(technician, f"{page}perform/")
    send(technician, f"{page}perform/", quality="A", device="DR-01", images="1")
    orders.study_received(order_id=order_id, study_uid="1.2.3", modality="DX", images=1, actor=BOOT)
    assert "李秀英" in text_of(reader, "/orders/imaging/worklist/")
    assert send(reader, "/orders/imaging/next/", view="waiting") == f"{page}report/"
    assert "胸部正位 正常" in text_of(reader, f"{page}report/")
    draft = reader.post(f"{page}draft/", {**REPORT, "draft_version": "0"})
    assert draft.json() == {"draft_version": 1}
    assert "确认上报危急值" in text_of(reader, f"{page}critical/")
    alarm = send(reader, f"{page}critical/", item="tension_pneumothorax", detail="肺压缩 80%")
    assert "确认接收" in text_of(gp, alarm)
    not_read_back = gp.post(alarm, {"action": "acknowledge", "idempotency_key": str(uuid4())})
    assert not_read_back.status_code == 422 and "复述" in not_read_back.content.decode()
    send(gp, alarm, action="acknowledge", read_back="on")
    send(gp, alarm, action="act", measure="transfer", text="救护车转县医院")
    assert "张力性" in text_of(reader, "/orders/critical/")
    incomplete = reader.post(f"{page}report/", {"action": "submit"})
    assert incomplete.status_code == 422 and "请填写“检查所见”" in incomplete.content.decode()
    send(reader, f"{page}report/", action="submit", **REPORT)
    assert "审核发布" in text_of(reviewer, f"{page}report/")
    send(reviewer, f"{page}act/", action="sign")
    shown = text_of(gp, page)
    assert "左侧气胸。" in shown and "郑主任" in shown and "DR-01" in shown
    assert gp.get(f"{page}print/")["Content-Type"] == "application/pdf"
    send(gp, f"{page}act/", action="acknowledge")
    assert "已完成" in text_of(gp, page)
    assert "张力性" not in text_of(reviewer, "/orders/imaging/statistics/")
    assert "李秀英" in text_of(gp, "/orders/?view=done")


def test_a_refusal_names_its_reason(world: World) -> None:
    """A stranger to the order, a role without the right and a wrong action each get a sentence."""
    order = world.place()
    from yigong.orders.tests.world import person

    stranger = browser_of(person("外镇", world.other, "gp"))
    assert "不是这张申请单" in text_of(stranger, f"/orders/{order.id}/", 403)
    assert "岗位" in text_of(stranger, "/orders/imaging/worklist/", 403)
    assert browser_of(world.gp).post(f"/orders/{order.id}/act/", {"action": "nonsense"}).status_code == 422


def test_a_double_click_places_one_order(world: World) -> None:
    """The same form twice leads to the same order."""
    gp, key = browser_of(world.gp), str(uuid4())
    values = {
        "items": "DR-CHEST-PA", "performing": str(world.township), "priority": "routine", "diagnosis": "咳嗽",
        "purpose": "排除肺炎", "pregnancy": "no", "idempotency_key": key,
    }  # fmt: skip
    url = f"/orders/imaging/new/{world.resident_id}/"
    first, second = gp.post(url, values), gp.post(url, values)
    assert first["Location"] == second["Location"] and orders.order_list(world.gp).total == 1


def test_an_equal_result_is_shown_before_ordering(world: World) -> None:
    """The page part lists it with the money saved; sending without a reason is refused beside the field."""
    world.signed()
    gp = browser_of(world.gp)
    url = f"/orders/imaging/new/{world.resident_id}/"
    assert "可节约 60.00 元" in text_of(gp, f"{url}check/?items=DR-CHEST-PA")
    values = {
        "items": "DR-CHEST-PA", "performing": str(world.township), "priority": "routine", "diagnosis": "咳嗽",
        "purpose": "复查", "pregnancy": "no",
    }  # fmt: skip
    assert "仍在有效期内" in gp.post(url, values).content.decode()
    assert send(gp, url, **values, repeat_reason_code="1")


def test_the_safety_rules() -> None:
    """Contrast, magnet and radiation: blocks and warnings from a draft."""
    from yigong.centres.imaging.rules.safety import check
    from yigong.orders.data import Clinical, ItemInput, OrderDraft

    def codes(item: str, group: str, **answers: str) -> set[tuple[str, str]]:
        draft = OrderDraft("imaging", uuid4(), "2", 30, (ItemInput(item, "x", group),), Clinical(), answers, "routine")
        return {(f.level, f.code) for f in check(draft)}

    assert codes("CT-HEAD-C", "CT", pregnancy="no", contrast_allergy="yes", egfr="20", metformin="yes") == {
        ("block", "contrast_allergy"), ("block", "low_egfr"), ("warn", "metformin"),
    }  # fmt: skip
    assert codes("MR-HEAD", "MR", pacemaker="yes", claustrophobia="yes") == {
        ("block", "pacemaker"), ("warn", "claustrophobia"),
    }  # fmt: skip
    assert codes("DR-CHEST-PA", "DR", pregnancy="unknown") == {("warn", "maybe_pregnant")}
    assert codes("US-ABD", "US", pregnancy="yes") == set()


def test_reports_are_found_by_name_initials_and_number(world: World) -> None:
    """The search boxes of the requesting doctor and of the reading centre; somebody else's name finds nothing."""
    order, _report = world.signed()
    gp, reader = browser_of(world.gp), browser_of(world.reader)
    for url in ("/orders/?view=all", "/orders/imaging/worklist/?view=done"):
        for text in ("李秀英", "lxy", order.number):
            assert "李秀英" in text_of(gp if url.startswith("/orders/?") else reader, f"{url}&q={text}"), (url, text)
        assert "李秀英" not in text_of(gp if url.startswith("/orders/?") else reader, f"{url}&q=王五")
