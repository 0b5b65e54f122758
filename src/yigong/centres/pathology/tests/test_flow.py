"""The way of a specimen through the rooms' pages: sent, received, cut, stained, read, signed, amended, filed, lent."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from yigong.centres.pathology.commands import bench, grossing, lending, reading, receiving, sending
from yigong.centres.pathology.models import Case, LoanItem, Picture, Specimen
from yigong.centres.pathology.queries import figures, loans, reports
from yigong.centres.pathology.queries.specimens import case_of
from yigong.centres.pathology.tests.world import FINDINGS, PathologyWorld, picture
from yigong.core import clock
from yigong.core.errors import Conflict, DomainError, Forbidden, InvalidInput
from yigong.core.states.clocks import sweep
from yigong.logistics import api as logistics
from yigong.logistics.events import ConsignmentFailed
from yigong.orders import api as orders
from yigong.orders.tests.world import browser_of, person
from yigong.tasks.models import Task


def text_of(client: Client, url: str, status: int = 200) -> str:
    """The page's text, with the expected status."""
    answer = client.get(url)
    assert answer.status_code == status, (url, answer.status_code, answer.content.decode()[:400])
    return answer.content.decode()


def send(client: Client, url: str, **values: Any) -> str:
    """Post a form that must be accepted; where it leads."""
    answer = client.post(url, {"idempotency_key": str(uuid4()), **values})
    assert answer.status_code == 302, (url, answer.status_code, re.sub(r"\s+", " ", answer.content.decode())[-1800:])
    return answer["Location"]


def refused(client: Client, url: str, **values: Any) -> str:
    """Post a form that must be refused with a sentence."""
    answer = client.post(url, {"idempotency_key": str(uuid4()), **values})
    assert answer.status_code in {403, 404, 409, 422}, (url, answer.status_code)
    return answer.content.decode()


def now_text(minutes: int) -> str:
    """A moment as the browser sends it."""
    return (clock.now() - timedelta(minutes=minutes)).astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M")


def test_the_whole_way_on_pages(world: PathologyWorld) -> None:
    """Request, two containers, labels, receipt, cutting, stations, reading with a form, signature, print, acknowledgement."""
    gp, nurse, bench_, reader, reviewer = (
        browser_of(a) for a in (world.gp, world.nurse, world.technician, world.reader, world.reviewer)
    )
    order = world.place()
    page = f"/pathology/{order.id}/containers/"
    assert "登记标本" in text_of(nurse, "/orders/pathology/workbench/?view=to_do")
    send(
        nurse,
        page,
        action="add",
        label="胃窦黏膜",
        site="胃窦大弯",
        pieces="2",
        fixative="formalin",
        removed_at=now_text(490),
        fixed_at=now_text(480),
    )
    assert "离体时间" in refused(nurse, page, action="add", label="胃体黏膜", fixative="formalin", fixed_at=now_text(3))
    send(nurse, page, action="add", label="胃体黏膜")
    second = Specimen.objects.get(label="胃体黏膜", state="to_send")
    assert "不能早于" in refused(
        nurse,
        page,
        action="register",
        code=second.code,
        fixative="formalin",
        removed_at=now_text(3),
        fixed_at=now_text(9),
    )
    send(
        nurse,
        page,
        action="register",
        code=second.code,
        fixative="formalin",
        removed_at=now_text(520),
        fixed_at=now_text(480),
    )
    assert nurse.get(f"/pathology/{order.id}/labels/container/").content[:5] == b"%PDF-"
    shown = text_of(nurse, page)
    assert "冷缺血 10 分钟" in shown and "冷缺血 40 分钟（超时）" in shown
    first = Specimen.objects.get(label="胃窦黏膜")
    at = send(bench_, "/pathology/receive/", code=order.number).split("?")[0]
    assert at == f"/pathology/{order.id}/check/"
    assert "核对" in refused(bench_, at, action="receive", code=first.code)
    for one in (first, second):
        send(bench_, at, action="receive", code=one.code, identity_checked="on")
    number = Case.objects.get(pk=order.id).number
    assert re.fullmatch(rf"S{clock.today():%Y}-\d{{5}}", number)
    where = send(bench_, "/pathology/bench/?station=gross", code=first.code)
    assert "大体描述" in refused(bench_, where, tissues="胃窦")
    for one, tissues in ((first, "胃窦一\n胃窦二"), (second, "胃体")):
        send(
            bench_, f"/pathology/specimens/{one.pk}/gross/", description="灰白组织", tissues=tissues, recorder="褚技师"
        )
    blocks = {b.code.rsplit("-", 1)[1]: b for b in Specimen.objects.filter(kind="block")}
    assert sorted(blocks) == ["A1", "A2", "B1"]
    slides = list(Specimen.objects.filter(kind="slide"))
    for station, pieces in (
        ("process", blocks.values()),
        ("embed", blocks.values()),
        ("section", slides),
        ("stain", slides),
    ):
        for one in pieces:
            send(bench_, f"/pathology/bench/?station={station}", code=one.code.lower())
    assert "待切片" not in text_of(bench_, f"/pathology/{order.id}/case/")
    assert bench_.get(f"/pathology/{order.id}/labels/slide/").content[:5] == b"%PDF-"
    report = f"/orders/{order.id}/report/"
    assert number in text_of(reader, "/pathology/specimens/?view=ready")
    send(reader, f"/orders/{order.id}/act/", action="claim")
    assert "胃 慢性炎" in text_of(reader, report) and "病变性质" in text_of(reader, report)
    content = {"s_microscopic": "慢性炎细胞浸润。", "impression": "慢性胃炎。", "positive": "no", "grade": "A"}
    assert "病变性质" in refused(reader, report, action="submit", **content)
    send(reader, report, action="submit", nature="inflammation", hp="yes", **content)
    send(reviewer, f"/orders/{order.id}/act/", action="sign")
    seen = text_of(gp, f"/orders/{order.id}/")
    assert all(
        word in seen for word in ("慢性胃炎。", "幽门螺杆菌", "可见", "40 分钟（超时）", number, "卫医师", "沈主任")
    )
    assert gp.get(f"/orders/{order.id}/print/").content[:5] == b"%PDF-"
    send(gp, f"/orders/{order.id}/act/", action="acknowledge")
    rates = {
        rate.code: (hits, total)
        for rate, hits, total in figures.figures(world.reviewer, clock.today(), clock.today())["rates"]
    }
    assert rates["fixation"] == (1, 2) and rates["histology"] == (1, 1) and rates["rejection"] == (0, 2)
    watcher = browser_of(world.reviewer)
    assert "规范化固定率" in text_of(watcher, "/pathology/figures/")
    assert "胃体黏膜" in text_of(
        watcher, "/pathology/figures/rows/?rate=fixation&part=miss"
    ) and "胃窦黏膜" not in text_of(watcher, "/pathology/figures/rows/?rate=fixation&part=miss")


def test_a_mixed_up_container_is_refused(world: PathologyWorld) -> None:
    """A container of another request is not received against this one, whoever scans; nothing is half done."""
    order, _own = world.sent()
    other, strange = world.sent("PA-COLON")
    with pytest.raises(Conflict, match=other.number):
        receiving.receive_container(order_id=order.id, code=strange.code, identity_checked=True, actor=world.technician)
    strange.refresh_from_db()
    assert strange.state == "ready" and not Case.objects.exists()


def test_an_unlabelled_container_is_rejected_and_put_right(world: PathologyWorld) -> None:
    """The sender is asked; resubmitting needs an answer; then it is received. The rate of rejection counts it once."""
    order, row = world.sent()
    bench_ = browser_of(world.technician)
    page = f"/pathology/{order.id}/check/"
    assert "拒收原因" in refused(bench_, page, action="reject", code=row.code)
    send(bench_, page, action="reject", code=row.code, reason_code="no_label")
    task = Task.objects.get(kind="pathology.clarify")
    assert task.state == "open" and "无标签" in task.title and task.institution_id == world.base.township
    nurse = browser_of(world.nurse)
    own = f"/pathology/{order.id}/containers/"
    assert "无标签" in text_of(nurse, own)
    given = {"action": "register", "code": row.code, "fixative": "formalin", "unknown": "on"}
    assert "如何补正" in refused(nurse, own, **given)
    send(nurse, own, answer="电话核对后补贴标签", **given)
    task.refresh_from_db()
    assert task.state == "done"
    receiving.receive_container(order_id=order.id, code=row.code, identity_checked=True, actor=world.technician)
    with pytest.raises(Conflict, match="待取材"):
        receiving.reject_container(code=row.code, reason_code="empty", reason="", actor=world.technician)
    rates = {
        r.code: (hits, total)
        for r, hits, total in figures.figures(world.reviewer, clock.today(), clock.today())["rates"]
    }
    assert rates["rejection"] == (1, 1)


def test_a_frozen_section_from_the_clock_to_the_comparison(world: PathologyWorld) -> None:
    """30 minutes from receipt, the senior and the chief called, a report of its own, paraffin, a comparison that must be made."""
    order, row, (_block, slide) = world.cut("PA-FROZEN")
    report = orders.report_of(order.id, actor=world.reader)
    assert report and report.due_at and "冰冻" in report.first_reason
    assert timedelta(minutes=29) < report.due_at - clock.now() <= timedelta(minutes=30)
    with clock.travel(timedelta(minutes=21)):
        sweep()
    assert {t.role for t in Task.objects.filter(kind="report.called")} == {"senior_pathologist", "duty_chief"}
    for station in ("section", "stain"):
        bench.pass_station(station=station, code=slide.code, actor=world.technician)
    orders.claim(order_id=order.id, actor=world.reader)
    page, reader = f"/orders/{order.id}/report/", browser_of(world.reader)
    assert "发冰冻报告" in text_of(reader, page)
    early = {
        "s_microscopic": "见癌巢。",
        "impression": "(乳腺)浸润性癌。",
        "positive": "yes",
        "s_frozen_told": "李医师 10:32 复述",
    }
    send(reader, page, action="preliminary", **early)
    assert "冰冻报告" in text_of(browser_of(world.gp), f"/orders/{order.id}/")
    assert not Task.objects.filter(kind="report.called", state="open").exists()
    due = orders.report_of(order.id, actor=world.reader)
    assert due and due.due_at and due.due_at - clock.now() > timedelta(days=6)
    rates = {
        r.code: (hits, total)
        for r, hits, total in figures.figures(world.reviewer, clock.today(), clock.today())["rates"]
    }
    assert rates["frozen"] == (1, 1) and rates["agreement"] == (0, 0)
    send(reader, f"/orders/{order.id}/act/", action="claim")
    assert "冰冻与石蜡是否符合" in refused(reader, page, action="submit", **early)
    case = f"/pathology/{order.id}/case/"
    assert "写明差异" in refused(reader, case, action="compare", agreement="differs")
    send(reader, case, action="compare", agreement="differs", note="冰冻取材未及浸润灶")
    send(reader, page, action="submit", **early)
    orders.sign_report(order_id=order.id, actor=world.reviewer)
    shown = text_of(browser_of(world.gp), f"/orders/{order.id}/")
    assert "冰冻与石蜡对照" in shown and "冰冻取材未及浸润灶" in shown
    rates = {
        r.code: (hits, total)
        for r, hits, total in figures.figures(world.reviewer, clock.today(), clock.today())["rates"]
    }
    assert rates["agreement"] == (0, 1)
    assert row.is_regular is None and case_of(order.id).of("container")[0].fixation is None


def test_more_stains_hold_the_report_until_they_are_there(world: PathologyWorld) -> None:
    """Ordered by the reader, made by the technicians, results in the report's table; the reader is told."""
    order, block, _slide = world.slides()
    orders.claim(order_id=order.id, actor=world.reader)
    reader, case = browser_of(world.reader), f"/pathology/{order.id}/case/"
    send(reader, case, action="stains", code=block.code, stains=["CK", "KI67"])
    assert Task.objects.get(kind="pathology.stains").role == "pathology_technician"
    with pytest.raises(Conflict, match="还在制片"):
        orders.submit_report(order_id=order.id, draft=FINDINGS, actor=world.reader)
    made = list(Specimen.objects.filter(is_additional=True).order_by("code"))
    assert [s.code.rsplit("-", 1)[1] for s in made] == ["CK1", "KI671"]
    for one in made:
        for station in ("section", "stain"):
            bench.pass_station(station=station, code=one.code, actor=world.technician)
    assert Task.objects.get(kind="pathology.stains").state == "done"
    assert Task.objects.get(kind="pathology.stained").staff_id == world.reader.staff_id
    send(reader, case, action="result", code=made[0].code, result="+")
    orders.submit_report(order_id=order.id, draft=FINDINGS, actor=world.reader)
    orders.sign_report(order_id=order.id, actor=world.reviewer)
    report = orders.report_of(order.id, actor=world.reader)
    assert report and report.current and report.current.sections["stains"].split("\n")[0] == "A1\tCK(pan)\t+"
    assert Task.objects.get(kind="pathology.stained").state == "done"


def test_a_supplement_and_an_amendment_are_versions(world: PathologyWorld) -> None:
    """Each keeps the earlier text readable, says what it is, and tells whoever had read the old one."""
    order, _report = world.signed()
    orders.acknowledge_report(order_id=order.id, actor=world.gp)
    reader = browser_of(world.reader)
    for kind, reason in (("supplement", "补充免疫组化"), ("", "更正部位")):
        send(reader, f"/orders/{order.id}/act/", action="amend", reason=reason, kind=kind)
        orders.submit_report(order_id=order.id, draft={**FINDINGS, "impression": reason}, actor=world.reader)
        orders.sign_report(order_id=order.id, actor=world.reviewer)
    report = orders.report_of(order.id, actor=world.reader)
    assert report and [v.kind for v in report.versions] == ["final", "supplement", "amended"]
    shown = text_of(browser_of(world.gp), f"/orders/{order.id}/")
    assert all(word in shown for word in ("更正报告", "补充报告", "慢性炎", "补充免疫组化"))
    told = list(Task.objects.filter(kind="report.amended").order_by("id").values_list("title", flat=True))
    assert any("有补充" in t for t in told) and any("已更正" in t for t in told)


def test_the_second_signature(world: PathologyWorld) -> None:
    """A senior signs a negative report alone, never a positive one."""
    order, _block, _slide = world.slides()
    senior, page = browser_of(world.reviewer), f"/orders/{order.id}/report/"
    orders.claim(order_id=order.id, actor=world.reviewer)
    content = {"s_microscopic": "癌。", "impression": "腺癌。", "nature": "malignant", "who_type": "管状腺癌"}
    assert "另一位审核医师" in refused(senior, page, action="sign", positive="yes", **content)
    send(senior, page, action="sign", positive="no", **{**content, "nature": "none", "impression": "未见病变。"})
    assert orders.order(order.id, actor=world.gp).state == "reported"


def test_pictures_are_rewritten_and_stay_with_their_version(world: PathologyWorld) -> None:
    """A picture is stored as our own JPEG, served only to the order's parties, printed with the version that was signed with it."""
    order, _block, slide = world.slides()
    reader, case = browser_of(world.reader), f"/pathology/{order.id}/case/"
    file = SimpleUploadedFile("x.png", picture(), "image/png")
    send(reader, case, action="picture", picture=file, caption="HE ×100", code=slide.code)
    assert "不是能读取的图片" in refused(
        reader, case, action="picture", caption="x", picture=SimpleUploadedFile("x.png", b"<svg/>", "image/png")
    )
    row = Picture.objects.get()
    url = f"/pathology/pictures/{row.pk}/"
    answer = browser_of(world.gp).get(url)
    assert answer["Content-Type"] == "image/jpeg" and answer.content[:2] == b"\xff\xd8"
    assert browser_of(person("外镇", world.base.other, "gp")).get(url).status_code == 403
    orders.claim(order_id=order.id, actor=world.reader)
    orders.submit_report(order_id=order.id, draft=FINDINGS, actor=world.reader)
    report = orders.sign_report(order_id=order.id, actor=world.reviewer)
    send(reader, case, action="withdraw", picture_id=str(row.pk), reason="拍错视野")
    assert not reports.viewer_links(order.id)
    assert report.current and [p.caption for p in reports.printed_pictures(order.id, report.current)] == [
        "图 1 HE ×100"
    ]
    assert browser_of(world.gp).get(f"/orders/{order.id}/print/").content[:5] == b"%PDF-"


def test_undo_names_a_reason_and_keeps_the_numbers(world: PathologyWorld) -> None:
    """Back one step; a container with blocks stays cut; a cancelled number is not given again."""
    _order, container, (block, slide) = world.cut()
    page = f"/pathology/specimens/{container.pk}/"
    technician = browser_of(world.technician)
    assert (
        "2 件" not in refused(technician, page, action="undo", reason="错")
        and Specimen.objects.get(pk=container.pk).state == "grossed"
    )
    bench.pass_station(station="process", code=block.code, actor=world.technician)
    assert "原因" in refused(technician, f"/pathology/specimens/{block.pk}/", action="undo")
    send(technician, f"/pathology/specimens/{block.pk}/", action="undo", reason="放错脱水篮")
    send(technician, f"/pathology/specimens/{block.pk}/", action="cancel", reason="编号写错")
    slide.refresh_from_db()
    assert slide.state == "cancelled"
    again, _he = grossing.gross_container(code=container.code, description="", tissues=["重取"], actor=world.technician)
    assert again.code.endswith("-A2")


def test_a_scan_in_the_wrong_place_says_where_it_is(world: PathologyWorld) -> None:
    """Twice, at the wrong station, unknown: each is a sentence; nothing moves."""
    _order, container, (block, _slide) = world.cut()
    technician = browser_of(world.technician)
    send(technician, "/pathology/bench/?station=process", code=block.code)
    said = refused(technician, "/pathology/bench/?station=process", code=block.code)
    assert "脱水中" in said and "冯技师" in said
    assert "没有条码" in refused(technician, "/pathology/bench/?station=embed", code="S0000-1")
    assert "已取材" in refused(technician, "/pathology/bench/?station=stain", code=container.code)


def test_decalcification_rings(world: PathologyWorld) -> None:
    """After the pack's hours the technicians are asked to look; going on ends the to-do."""
    order, row = world.received("PA-BONE")
    block, _slide = grossing.gross_container(
        code=row.code, description="骨", tissues=["骨"], decalcify=True, actor=world.technician
    )
    assert Specimen.objects.get(pk=block.pk).state == "decalcifying"
    with clock.travel(timedelta(hours=25)):
        sweep()
        task = Task.objects.get(kind="pathology.decalcified")
        bench.pass_station(station="process", code=block.code, actor=world.technician)
        task.refresh_from_db()
        assert task.state == "done" and task.subject_id == order.id


def loan_of(world: PathologyWorld, *codes: str, days: int = 10) -> dict[str, Any]:
    """Everything a loan needs."""
    return {
        "codes": list(codes), "borrower": "李强", "relation": "子女", "phone": "13900000000", "destination": "省肿瘤医院", "purpose": "会诊",
        "due_on": clock.today() + timedelta(days=days), "deposit": 20000, "promised": True,
    }  # fmt: skip


def test_lending_until_it_is_settled(world: PathologyWorld) -> None:
    """Lent, refused twice, overdue, renewed, one back, one lost; the archive knows each on one line."""
    keeper = browser_of(world.technician)
    _order, block, slide = world.slides()
    for one in (block, slide):
        bench.file_specimen(code=one.code, place="柜 3-12", actor=world.technician)
    loan = lending.lend(**loan_of(world, block.code, slide.code), actor=world.technician)
    with pytest.raises(DomainError, match="借出"):
        lending.lend(**loan_of(world, slide.code), actor=world.technician)
    at = f"/pathology/loans/{loan.pk}/"
    assert "省肿瘤医院" in text_of(keeper, "/pathology/specimens/?view=lent")
    with clock.travel(timedelta(days=12)):
        sweep()
        assert loans.totals(world.technician) == {"out": 1, "overdue": 1, "closed": 0}
    assert Task.objects.get(kind="pathology.loan").state == "open"
    send(keeper, at, action="renew", due_on=str(clock.today() + timedelta(days=5)), reason="会诊未完")
    assert Task.objects.get(kind="pathology.loan").state == "done"
    assert send(keeper, "/pathology/loans/", code=slide.code) == at
    assert "经过" in refused(keeper, at, action="lose", code=block.code)
    send(keeper, at, action="lose", code=block.code, reason="邮寄途中破碎，借用人已签字")
    shown = text_of(keeper, at)
    assert "已结清" in shown and "归还 1 件，遗失 1 件" in shown
    assert (
        Specimen.objects.get(pk=block.pk).state == "lost"
        and LoanItem.objects.filter(returned_at__isnull=False).count() == 1
    )


def test_a_loan_needs_a_promise(world: PathologyWorld) -> None:
    """On the page: refused without the borrower's signature, then lent, printed for him to sign."""
    order, block, slide = world.slides()
    keeper, page = browser_of(world.technician), f"/pathology/{order.id}/lend/"
    given = {
        **loan_of(world, block.code, slide.code),
        "due_on": str(clock.today() + timedelta(days=10)),
        "deposit": "200.00",
    }
    assert "签字承诺" in refused(keeper, page, **{**given, "promised": ""})
    at = send(keeper, page, **{**given, "promised": "on"})
    assert "200.00" in text_of(keeper, at)
    assert keeper.get(f"{at}print/").content[:5] == b"%PDF-"


def test_who_may_do_what(world: PathologyWorld) -> None:
    """The sender does not cut, the reader does not lend, a stranger sees nothing."""
    order, row = world.sent()
    with pytest.raises(Forbidden):
        receiving.receive_container(order_id=order.id, code=row.code, identity_checked=True, actor=world.nurse)
    with pytest.raises(Forbidden):
        sending.add_container(order_id=order.id, label="x", actor=world.technician)
    with pytest.raises(Forbidden):
        reading.compare_frozen(order_id=order.id, agreement="agrees", note="", actor=world.technician)
    assert browser_of(world.reader).get("/pathology/loans/").status_code == 403
    stranger = browser_of(person("外镇", world.base.other, "gp"))
    assert stranger.get(f"/pathology/{order.id}/case/").status_code == 403
    assert stranger.get(f"/pathology/specimens/{row.pk}/").status_code == 403
    with pytest.raises(InvalidInput):
        sending.register_container(code=row.code, fixative="vodka", unknown=True, actor=world.nurse)


def test_a_cancelled_order_takes_its_containers_along(world: PathologyWorld) -> None:
    """Nothing waits for a container of an order that is over."""
    order = world.place()
    row = sending.add_container(order_id=order.id, label="黏膜", actor=world.nurse)
    orders.cancel_order(order_id=order.id, reason="不做了", actor=world.gp)
    row.refresh_from_db()
    assert row.state == "cancelled"


def test_containers_travel_in_a_box(world: PathologyWorld) -> None:
    """One box for all orders of a house; what is in it is seen by both ends; lost, each container goes back to its sender."""
    nurse = browser_of(world.nurse)
    (one, first), (two, second) = world.sent(), world.sent()
    for order in (one, two):
        page = f"/pathology/{order.id}/containers/"
        assert "放入病理箱待取" in text_of(nurse, page)
        send(nurse, page, action="pack")
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.consignment_id == second.consignment_id is not None
    box = logistics.consignment(first.consignment_id)
    assert (box.state, box.pieces_out) == ("waiting", 2)
    with pytest.raises(InvalidInput, match="没有已登记时间"):
        sending.pack_containers(order_id=one.id, actor=world.nurse)
    assert second.code in text_of(browser_of(world.technician), f"/pathology/boxes/{box.id}/")
    logistics.report_damage(consignment_id=box.id, reason="瓶盖脱落", actor=world.nurse)
    for _ in range(2):
        sending.box_failed(ConsignmentFailed(box.id, "pathology", "damaged", "瓶盖脱落"))
    first.refresh_from_db()
    assert first.state == "rejected" and "途中破损" in first.remark and first.consignment_id is None
    assert Task.objects.filter(kind="pathology.clarify", state="open").count() == 2
