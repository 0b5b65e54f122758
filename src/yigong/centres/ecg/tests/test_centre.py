"""The ECG centre through its pages: from the village's phone to the signed report and the chest-pain alarm."""

import gzip
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from yigong.centres.ecg.commands import receiving
from yigong.centres.ecg.models import Measurement, Recording
from yigong.centres.ecg.tests.world import INFERIOR, REPORT, EcgWorld, tell
from yigong.core import clock
from yigong.core.errors import Conflict, Forbidden
from yigong.core.events.models import OutboxEvent
from yigong.core.states.clocks import sweep
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.orders.models import Report
from yigong.orders.tests.world import BOOT, browser_of
from yigong.tasks.models import Task


def text_of(client: Client, url: str, status: int = 200) -> str:
    """The page's text, with the expected status."""
    answer = client.get(url)
    assert answer.status_code == status, (url, answer.status_code, answer.content.decode()[:400])
    return answer.content.decode()


def send(client: Client, url: str, status: int = 302, **values: Any) -> str:
    """Post a form; where it leads, or the page that refused it."""
    answer = client.post(url, {"idempotency_key": str(uuid4()), **values})
    shown = answer.content.decode()
    assert answer.status_code == status, (url, answer.status_code, re.sub(r"\s+", " ", shown)[-1500:])
    return answer["Location"] if status == 302 else shown


def given(content: bytes, name: str = "1.scp") -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content)


def test_from_the_village_to_the_signed_report(world: EcgWorld) -> None:
    """Order, upload on the clinic's phone, head of the list, machine's proposals, one signature, read by the village."""
    village, reader = browser_of(world.village_doctor), browser_of(world.reader)
    new = f"/orders/ecg/new/{world.resident_id}/"
    assert "目前有无胸痛" in text_of(village, new)
    page = send(
        village, new, items="ECG-12", performing=str(world.base.village), priority="routine", diagnosis="胸痛待查",
        purpose="排除心肌梗死", chest_pain="no",
    )  # fmt: skip
    order_id = UUID(page.split("/")[2])
    assert "采集上传" in text_of(village, page)
    record = f"/ecg/{order_id}/record/"
    assert "不能识别" in send(village, record, 422, file=given(b"not an ecg at all", "x.bin"), chest_pain="now")
    assert not Recording.objects.exists()
    send(village, record, file=given(world.file(INFERIOR)), chest_pain="now", systolic="150", diastolic="90")
    tell()
    listed = text_of(reader, "/orders/ecg/worklist/")
    assert "胸痛正在发作" in listed and "李秀英" in listed
    assert send(reader, "/orders/ecg/next/", view="waiting") == f"{page}report/"
    reading = text_of(reader, f"{page}report/")
    assert "签发报告" in reading and 'data-proposal="heart_rate"' in reading and "正常心电图" in reading
    assert f"/ecg/{order_id}/trace/?embed=1" in reading
    look = text_of(reader, f"/ecg/{order_id}/trace/?embed=1")
    assert "机器测量·未经医师确认" in look and "下壁" in look and "由 I、II 计算" in look
    refused = send(
        reader, f"{page}report/", 422, action="sign", s_findings="窦性心律。", s_heart_rate="900", impression="窦性心律",
        positive="no", draft_version="0",
    )  # fmt: skip
    assert "10 到 350" in refused
    send(
        reader, f"{page}report/", action="sign", s_findings="II、III、aVF 抬高", s_heart_rate="88", s_pr="160", positive="yes",
        impression="疑似急性下壁心肌梗死", draft_version="0",
    )  # fmt: skip
    shown = text_of(village, page)
    assert "疑似急性下壁心肌梗死" in shown and "88 次/分" in shown and "正在发作" in shown
    send(village, f"{page}act/", action="acknowledge")
    assert orders.order(order_id, actor=world.village_doctor).state == "completed"
    version = orders.report_of(order_id, actor=world.reader).current
    assert version.author == version.reviewer == "冯心电" and version.sections["heart_rate"] == "88"


def test_the_picture_is_packed_and_may_be_kept(world: EcgWorld) -> None:
    """SVG by gzip, with the asked speed, gain and leads; somebody of another township is refused."""
    order = world.recorded()
    [row] = receiving.queries.of_order(order.id)
    reader, url = browser_of(world.reader), f"/ecg/{order.id}/{row.id}/trace.svg"
    answer = reader.get(f"{url}?layout=12x1&speed=50&gain=20&lead=II&lead=V1", headers={"Accept-Encoding": "gzip"})
    svg = gzip.decompress(answer.content).decode()
    assert answer["Content-Encoding"] == "gzip" and "50 mm/s  20 mm/mV" in svg and ">V6<" not in svg
    usual = reader.get(url).content
    packed = len(reader.get(url, headers={"Accept-Encoding": "gzip"}).content)
    print(f"3x4 of a noisy 500 Hz recording: {len(usual)} bytes, {packed} packed")
    assert packed < 25_000 and "private" in answer["Cache-Control"]
    stranger = browser_of(orders_person(world, "ecg_reader"))
    assert stranger.get(url).status_code == 403


def orders_person(world: EcgWorld, role: str) -> Any:
    """Somebody of an institution that is no party."""
    from yigong.orders.tests.world import person

    return person("外人", world.base.other, role)


def test_a_red_alert_calls_the_place_of_treatment(world: EcgWorld) -> None:
    """The critical value's clock starts, the county's duty gets an urgent task, the event is out, the village sees where to and how."""
    order = world.recorded(INFERIOR)
    orders.claim(order_id=order.id, actor=world.reader)
    reader, village = browser_of(world.reader), browser_of(world.village_doctor)
    page = send(
        reader, f"/orders/{order.id}/critical/", item="acs_st_elevation", detail="II、III、aVF 抬高 0.25 mV,胸痛 2 小时"
    )
    assert OutboxEvent.objects.filter(name="ecg.chest_pain_suspected").count() == 1
    assert not Task.objects.filter(kind="ecg.chest_pain").exists()
    tell()
    task = Task.objects.get(kind="emergency.expect")
    assert task.institution_id == world.base.county and task.role == "duty_chief" and task.urgent
    alarm = text_of(village, page)
    assert "县急诊急救中心" in alarm and "0500-120" in alarm
    assert f"/referrals/new/?resident={world.resident_id}" in alarm and "urgency=emergency" in alarm
    assert "胸痛通道" in text_of(browser_of(world.chief), "/tasks/")
    other = world.recorded(seed=2, repeat_reason_code="1")
    orders.claim(order_id=other.id, actor=world.reader)
    orders.flag_critical(order_id=other.id, item="potassium", detail="T 波高尖", actor=world.reader)
    tell()
    assert Task.objects.filter(kind="emergency.expect").count() == 1


def test_suspicion_goes_to_the_head_and_more_readers_are_called(world: EcgWorld) -> None:
    """A routine order with raised ST overtakes; after three minutes a second reader, after five the chief; claiming ends the calls."""
    first = world.recorded(seed=1)
    second = world.recorded(INFERIOR, seed=2, repeat_reason_code="1")
    listed = orders.worklist("ecg", world.reader)
    assert [row.order_id for row in listed.items] == [second.id, first.id]
    assert "STEMI" in listed.items[0].first_reason
    with clock.travel(seconds(200)):
        sweep()
        assert [t.role for t in Task.objects.filter(kind="report.called")] == ["ecg_reader"]
    with clock.travel(seconds(310)):
        sweep()
        sweep()
        assert sorted(t.role for t in Task.objects.filter(kind="report.called")) == ["duty_chief", "ecg_reader"]
    orders.claim(order_id=second.id, actor=world.reader)
    orders.submit_report(order_id=second.id, draft=REPORT, actor=world.reader)
    assert not Task.objects.filter(kind="report.called", closed_at__isnull=True).exists()


def seconds(n: int) -> Any:
    """A span."""
    from datetime import timedelta

    return timedelta(seconds=n)


def test_the_reader_on_the_roster_is_asked(world: EcgWorld) -> None:
    """An urgent order opens the task of the person on duty, not of everybody."""
    now = clock.now()
    network.plan_duty(
        institution_id=world.base.county, role="ecg_reader", staff_id=world.second_reader.staff_id,
        starts_at=now - seconds(60), ends_at=now + seconds(3600), actor=BOOT,
    )  # fmt: skip
    order = world.recorded(priority="urgent")
    task = Task.objects.get(kind="report.read", subject_id=order.id)
    assert task.staff_id == world.second_reader.staff_id


def test_a_long_recording_needs_two_signatures(world: EcgWorld) -> None:
    """The definition says so for Holter: the author cannot sign, a second reader can."""
    item = orders.ItemInput("ECG-HOLTER24", "动态心电图 24 小时", "HOLTER", "心脏", 18000, 30)
    order = world.recorded(items=[item])
    orders.claim(order_id=order.id, actor=world.reader)
    assert "提交审核" in text_of(browser_of(world.reader), f"/orders/{order.id}/report/")
    with pytest.raises(Forbidden, match="另一位"):
        receiving_sign(order.id, world.reader)
    assert orders.report_of(order.id, actor=world.reader).state == "claimed"
    orders.submit_report(order_id=order.id, draft=REPORT, actor=world.reader)
    orders.sign_report(order_id=order.id, actor=world.second_reader)


def receiving_sign(order_id: UUID, actor: Any) -> None:
    """One doctor's signature."""
    from yigong.orders.commands.reporting import submit_and_sign

    submit_and_sign(order_id=order_id, draft=REPORT, actor=actor)


def test_files_find_their_order_or_wait_for_a_person(world: EcgWorld) -> None:
    """By the key that the worklist gave the device; by nothing; for another person: a list, and an attachment with its reason."""
    nurse = world.village_doctor
    number = world.resident_id.hex
    order = world.place()
    found = receiving.upload(content=world.file(number=number), file_name="a.scp", actor=nurse)
    assert not found.waits and found.recording.order_id == order.id
    again = receiving.upload(content=bytes_of(found), file_name="a.scp", actor=nurse)
    assert again.again and Recording.objects.count() == 1
    waits = receiving.upload(content=world.file(seed=9, number="X-1", name="王五"), file_name="b.scp", actor=nurse)
    assert waits.waits
    page = browser_of(world.village_doctor)
    assert "王五" in text_of(page, "/ecg/unmatched/")
    second = world.place(repeat_reason_code="1")
    place = f"/ecg/unmatched/{waits.recording.id}/"
    send(page, place, 422, order=str(second.id))
    assert send(page, place, order=str(second.id), reason="电话核对，机器上姓名未改") == f"/orders/{second.id}/"
    blocked = orders.order(second.id, actor=nurse)
    assert blocked.identity == "mismatch" and blocked.state == "uploaded"
    with pytest.raises(Conflict, match="归入申请单"):
        receiving.attach(recording_id=waits.recording.id, order_id=order.id, actor=nurse)


def bytes_of(found: Any) -> bytes:
    """The file as it is kept."""
    import zlib

    return zlib.decompress(bytes(Recording.objects.get(pk=found.recording.id).original))


def test_a_file_is_not_given_to_two_orders_and_a_stranger_does_not_upload(world: EcgWorld) -> None:
    """The same bytes for another order are refused by name; only the performing institution uploads; a discarded file needs a reason."""
    content = world.file()
    order = world.place()
    receiving.upload(content=content, file_name="a.scp", order_id=order.id, actor=world.village_doctor)
    other = world.place(repeat_reason_code="1")
    with pytest.raises(Conflict, match="另一张申请单"):
        receiving.upload(content=content, file_name="a.scp", order_id=other.id, actor=world.village_doctor)
    with pytest.raises(Forbidden):
        receiving.upload(content=world.file(seed=4), file_name="b.scp", order_id=other.id, actor=world.nurse)
    waits = receiving.upload(content=world.file(seed=5, number="?"), file_name="c.scp", actor=world.village_doctor)
    village = browser_of(world.village_doctor)
    send(village, f"/ecg/unmatched/{waits.recording.id}/discard/", 422)
    send(village, f"/ecg/unmatched/{waits.recording.id}/discard/", reason="设备测试信号")
    assert "c.scp" not in text_of(village, "/ecg/unmatched/")
    original = village.get(f"/ecg/{order.id}/{Recording.objects.get(order_id=order.id).id}/original/")
    assert original.content == content


def test_poor_quality_goes_back_and_the_new_tracing_takes_its_place(world: EcgWorld) -> None:
    """Lead reversal: the reader sends it back, the clinic records again, the report waits again."""
    order = world.recorded()
    orders.claim(order_id=order.id, actor=world.reader)
    orders.reject_images(order_id=order.id, reason_code="reversal", actor=world.reader)
    assert orders.order(order.id, actor=world.reader).state == "repeat"
    assert Task.objects.filter(kind="order.repeat", role="village_doctor").exists()
    receiving.upload(content=world.file(seed=8), file_name="2.scp", order_id=order.id, actor=world.village_doctor)
    tell()
    assert Report.objects.get(order_id=order.id).state == "unclaimed"
    assert "第几份" in text_of(browser_of(world.reader), f"/ecg/{order.id}/trace/")


def test_earlier_recordings_stand_beside(world: EcgWorld) -> None:
    """Compare with the earlier one; a recording of somebody else is not found under this order."""
    old = world.recorded(seed=1)
    new = world.recorded(INFERIOR, seed=2, repeat_reason_code="1")
    [earlier] = receiving.queries.of_order(old.id)
    reader = browser_of(world.reader)
    page = text_of(reader, f"/ecg/{new.id}/trace/?with={earlier.id}")
    assert page.count("data-sheet") == 2
    assert reader.get(f"/ecg/{new.id}/{earlier.id}/trace.svg").status_code == 200
    assert reader.get(f"/ecg/{new.id}/{uuid4()}/trace.svg").status_code == 404
    assert Measurement.objects.count() == 2
