"""Orders from request to acknowledgement, and everything that can go wrong on the way."""

from dataclasses import replace
from datetime import timedelta

import pytest

from yigong.core import clock
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.events.models import OutboxEvent
from yigong.core.states import clocks
from yigong.core.states.api import WrongState, history
from yigong.orders import api as orders
from yigong.orders.commands.errors import (
    CannotPerformThere,
    DraftChanged,
    IdentityMismatch,
    NotYours,
    RepeatNeedsReason,
    SafetyBlock,
    SecondSignature,
)
from yigong.orders.models import Report, ReportVersion
from yigong.orders.rules.signing import sm3
from yigong.orders.tests.world import BOOT, CHEST, FINDINGS, World, person
from yigong.tasks import api as tasks


def events() -> list[str]:
    """Names of recorded events."""
    return list(OutboxEvent.objects.order_by("id").values_list("name", flat=True))


def test_the_whole_loop(world: World) -> None:
    """Own order accepted at once, images, claim, submit, second signature, document, task for the asker, acknowledgement."""
    order, report = world.signed()
    assert [h.to_state for h in history(order.id)] == ["requested", "accepted", "uploaded", "reported"]
    version = report.current
    assert version and (version.author, version.reviewer, version.kind) == ("周医师", "郑主任", "final")
    assert [t.kind for t in tasks.tasks_for(world.gp).items] == ["report.acknowledge"]
    orders.acknowledge_report(order_id=order.id, actor=world.gp)
    orders.acknowledge_report(order_id=order.id, actor=world.gp)
    assert tasks.tasks_for(world.gp).total == 0
    assert orders.order(order.id, actor=world.gp).state == "completed"
    wanted = ["order.placed", "order.accepted", "order.material_received", "report.signed", "report.acknowledged"]
    assert [e for e in events() if e.split(".")[0] in {"order", "report"}] == wanted


def test_numbers_are_unique_and_short_enough_for_devices(world: World) -> None:
    """Accession numbers fit DICOM's 16 characters; the same idempotency key gives the same order."""
    first, second = world.place(idempotency_key="k"), world.place(idempotency_key="k")
    third = world.place(repeat_reason_code="1")
    assert first.id == second.id and first.accession != third.accession and len(third.accession) <= 16
    assert orders.find_by_accession(first.accession) == orders.order(first.id, actor=world.gp)


def test_missing_answers_are_named(world: World) -> None:
    """Purpose, diagnosis and the pregnancy question come back by field."""
    with pytest.raises(InvalidInput) as refusal:
        world.place(clinical=orders.Clinical(), answers={})
    assert set(refusal.value.errors) == {"purpose", "diagnosis", "pregnancy"}


def test_pregnancy_stops_a_film_until_a_doctor_says_why(world: World) -> None:
    """The block names its field; with a reason the order goes on and the finding stays on it."""
    with pytest.raises(SafetyBlock) as refusal:
        world.place(answers={"pregnancy": "yes"})
    assert "override_reason" in refusal.value.errors
    order = world.place(answers={"pregnancy": "yes"}, override_reason="抢救，已告知并签字")
    assert order.findings and order.answers["override_reason"] == "抢救，已告知并签字"


def test_an_equal_valid_result_needs_a_reason_to_repeat(world: World) -> None:
    """Within its validity the item is refused without one of the lawful reasons; afterwards it is free."""
    world.signed()
    with pytest.raises(RepeatNeedsReason, match="县人民医院"):
        world.place()
    assert world.place(repeat_reason_code="1").id
    with clock.travel(timedelta(days=15)):
        assert orders.earlier_results(world.resident_id, ["DR-CHEST-PA"]) == []


def test_only_institutions_with_a_tie_can_be_asked(world: World) -> None:
    """A neighbour township is neither above nor the centre; the county is."""
    with pytest.raises(CannotPerformThere):
        world.place(performing_institution_id=world.other)
    order = world.place(performing_institution_id=world.county)
    assert order.state == "requested"
    county_technician = person("钱技师", world.county, "technician")
    assert [t.kind for t in tasks.tasks_for(county_technician).items] == ["order.accept"]
    with pytest.raises(Forbidden):
        orders.accept_order(order_id=order.id, actor=world.gp)
    orders.reject_order(order_id=order.id, reason_code="equipment", actor=county_technician)
    assert tasks.tasks_for(county_technician).total == 0
    assert "设备故障" in tasks.tasks_for(world.gp).items[0].title
    with pytest.raises(WrongState, match="钱技师"):
        orders.accept_order(order_id=order.id, actor=county_technician)


def test_strangers_see_and_change_nothing(world: World) -> None:
    """Another township's GP is refused with a next step; a village doctor there cannot order in another's name."""
    order = world.place()
    stranger = person("外镇医生", world.other, "gp")
    with pytest.raises(Forbidden, match="不是这张申请单"):
        orders.order(order.id, actor=stranger)
    with pytest.raises(Forbidden):
        orders.cancel_order(order_id=order.id, reason="x", actor=stranger)
    assert orders.order_list(stranger).total == 0 and orders.order_list(world.gp).total == 1
    with pytest.raises(Forbidden):
        world.place(actor=stranger)


def test_cancelling_needs_a_reason_and_ends_tasks_and_relationships(world: World) -> None:
    """After the images are there it is too late."""
    order = world.place(performing_institution_id=world.county)
    with pytest.raises(InvalidInput):
        orders.cancel_order(order_id=order.id, reason="", actor=world.gp)
    assert orders.cancel_order(order_id=order.id, reason="患者转院", actor=world.gp).state == "cancelled"
    late = world.uploaded()
    with pytest.raises(WrongState):
        orders.cancel_order(order_id=late.id, reason="患者转院", actor=world.gp)


def test_a_second_reader_learns_who_has_it(world: World) -> None:
    """Claim, release, claim by the other; drafts are kept; a stale draft is refused."""
    order = world.uploaded()
    orders.claim(order_id=order.id, actor=world.reader)
    with pytest.raises(NotYours, match="周医师"):
        orders.claim(order_id=order.id, actor=world.second_reader)
    assert orders.save_draft(order_id=order.id, draft=FINDINGS, draft_version=0, actor=world.reader) == 1
    with pytest.raises(DraftChanged):
        orders.save_draft(order_id=order.id, draft=FINDINGS, draft_version=0, actor=world.reader)
    orders.release_claim(order_id=order.id, actor=world.reader)
    report = orders.claim(order_id=order.id, actor=world.second_reader)
    assert report.draft["impression"] == "左侧气胸。"


def test_idle_claims_go_back_to_the_list(world: World) -> None:
    """After the idle time the clock releases; a draft in between keeps it."""
    order = world.uploaded()
    orders.claim(order_id=order.id, actor=world.reader)
    with clock.travel(timedelta(minutes=20)):
        orders.save_draft(order_id=order.id, draft=FINDINGS, draft_version=0, actor=world.reader)
    with clock.travel(timedelta(minutes=40)):
        assert orders.release_idle() == 0
    with clock.travel(timedelta(minutes=51)):
        assert orders.release_idle() == 1
    assert Report.objects.get(order_id=order.id).claimed_by is None


def test_urgent_comes_first_and_the_next_case_is_one_call(world: World) -> None:
    """Urgent before longer waiting; the list has totals; nothing left gives None."""
    routine, urgent = world.uploaded(), world.uploaded(priority="urgent", repeat_reason_code="4")
    page = orders.worklist("imaging", world.reader)
    assert [row.order_id for row in page.items] == [urgent.id, routine.id] and page.total == 2
    assert orders.claim_next(service_code="imaging", actor=world.reader).order_id == urgent.id
    assert orders.claim_next(service_code="imaging", actor=world.reader).order_id == routine.id
    assert orders.claim_next(service_code="imaging", actor=world.reader) is None
    totals = orders.worklist_totals("imaging", world.reader)
    assert (totals["waiting"], totals["mine"], totals["urgent"]) == (0, 2, 1)


def test_author_and_reviewer_are_two_people(world: World) -> None:
    """A reviewer who wrote the report cannot sign it; a returned report comes back with the remark as a task."""
    order = world.uploaded()
    orders.claim(order_id=order.id, actor=world.reviewer)
    orders.submit_report(order_id=order.id, draft=FINDINGS, actor=world.reviewer)
    with pytest.raises(SecondSignature):
        orders.sign_report(order_id=order.id, actor=world.reviewer)
    other = world.submitted(repeat_reason_code="1")
    with pytest.raises(Forbidden):
        orders.sign_report(order_id=other.id, actor=world.reader)
    orders.return_report(order_id=other.id, reason="请补充压缩比例", actor=world.reviewer)
    assert "请补充压缩比例" in tasks.tasks_for(world.reader).items[0].title


def test_an_incomplete_report_is_not_submitted(world: World) -> None:
    """Findings, impression and the positive mark are asked for by field."""
    order = world.uploaded()
    orders.claim(order_id=order.id, actor=world.reader)
    with pytest.raises(InvalidInput) as refusal:
        orders.submit_report(order_id=order.id, draft={}, actor=world.reader)
    assert set(refusal.value.errors) == {"findings", "impression", "positive"}
    template = {"sections": {"findings": "〔左〕侧胸腔透亮。"}, "impression": "〔左〕侧气胸。", "positive": True}
    with pytest.raises(InvalidInput, match="有误") as refusal:
        orders.submit_report(order_id=order.id, draft=template, actor=world.reader)
    assert set(refusal.value.errors) == {"findings", "impression"} and "〔左〕" in refusal.value.errors["findings"]


def test_an_amendment_keeps_the_old_version_and_tells_the_reader(world: World) -> None:
    """Version 2 with a reason; version 1 unchanged and its digest still true; the asker gets a task of its own."""
    order, first = world.signed()
    orders.acknowledge_report(order_id=order.id, actor=world.gp)
    orders.amend_report(order_id=order.id, reason="左右写反", actor=world.reader)
    draft = {**FINDINGS, "impression": "右侧气胸。"}
    orders.submit_report(order_id=order.id, draft=draft, actor=world.reader)
    report = orders.sign_report(order_id=order.id, actor=world.reviewer)
    assert [(v.number, v.kind, v.impression) for v in report.versions] == [
        (1, "final", "左侧气胸。"), (2, "amended", "右侧气胸。"),
    ]  # fmt: skip
    assert report.versions[0] == replace(first.versions[0], acknowledged=report.versions[0].acknowledged)
    from yigong.orders.queries import signed_content

    stored = ReportVersion.objects.get(pk=report.versions[0].id)
    assert sm3(signed_content(stored.report.order, stored)) == stored.digest
    assert [t.kind for t in tasks.tasks_for(world.gp).items] == ["report.amended"]
    orders.acknowledge_report(order_id=order.id, actor=world.gp)
    assert tasks.tasks_for(world.gp).total == 0


def test_bad_images_go_back_with_a_reason(world: World) -> None:
    """The performing side gets a task; new images bring the same report row back to the list."""
    order = world.uploaded()
    with pytest.raises(InvalidInput):
        orders.reject_images(order_id=order.id, reason_code="nonsense", actor=world.reader)
    orders.reject_images(order_id=order.id, reason_code="motion", actor=world.reader)
    assert [t.kind for t in tasks.tasks_for(world.technician).items] == ["order.repeat"]
    assert orders.worklist("imaging", world.reader).total == 0
    orders.study_received(order_id=order.id, study_uid="9.9", modality="DX", images=2, actor=BOOT)
    assert orders.worklist("imaging", world.reader).total == 1 and tasks.tasks_for(world.technician).total == 0


def test_images_of_somebody_else_block_the_report(world: World) -> None:
    """The differences are named; a person resolves them with a reason; then the report goes on."""
    order = world.place()
    wrong = orders.StudyIdentity(patient_id=str(world.resident_id), name="张三", sex="M")
    orders.study_received(
        accession=order.accession, study_uid="5.5", modality="DX", images=1, actor=BOOT, identity=wrong
    )
    orders.claim(order_id=order.id, actor=world.reader)
    with pytest.raises(IdentityMismatch, match="张三"):
        orders.submit_report(order_id=order.id, draft=FINDINGS, actor=world.reader)
    assert [t.kind for t in tasks.tasks_for(world.technician).items] == ["order.identity"]
    orders.resolve_identity(order_id=order.id, reason="设备录错姓名，已电话核对", actor=world.technician)
    with pytest.raises(Conflict):
        orders.resolve_identity(order_id=order.id, reason="再次", actor=world.technician)
    assert orders.submit_report(order_id=order.id, draft=FINDINGS, actor=world.reader).state == "submitted"


def test_matching_by_accession_and_by_person(world: World) -> None:
    """Accession first, then the only open order of the person; never by name; a foreign study number is refused."""
    order = world.place()
    found = orders.find_order_for_study(accession=order.accession.lower(), name="LI^XIUYING", sex="F")
    assert found and found.exact and found.by == "accession"
    by_person = orders.find_order_for_study(patient_identifier=world.resident_id.hex, modality="DX")
    assert by_person and by_person.order_id == order.id
    assert orders.find_order_for_study(name="李秀英", modality="DX") is None
    wrong = orders.find_order_for_study(accession=order.accession, name="王^五", sex="M")
    assert wrong and not wrong.exact and len(wrong.differences) == 2
    world.uploaded(uid="7.7", repeat_reason_code="1")
    with pytest.raises(orders.StudyElsewhere):
        orders.study_received(order_id=order.id, study_uid="7.7", modality="DX", images=1, actor=BOOT)


def test_a_late_report_asks_the_centre(world: World) -> None:
    """The clock opens one task for the readers and marks the report once."""
    order = world.uploaded()
    with clock.travel(timedelta(hours=2, minutes=1)):
        clocks.sweep()
        clocks.sweep()
        assert [t.kind for t in tasks.tasks_for(world.reader).items] == ["report.read"]
        orders.claim(order_id=order.id, actor=world.reader)
        orders.submit_report(order_id=order.id, draft=FINDINGS, actor=world.reader)
        assert tasks.tasks_for(world.reader).total == 0


def test_a_device_sees_its_orders_of_today(world: World) -> None:
    """Open orders of its institution and modality, with the accession number; none of another institution."""
    order = world.place()
    listed = orders.modality_worklist(institution_id=world.township, modality="DR")
    assert [(i.accession, i.patient_name, i.item_code) for i in listed] == [
        (order.accession, "李秀英", "DR-CHEST-PA")
    ]  # fmt: skip
    assert orders.modality_worklist(institution_id=world.township, modality="CT") == []
    assert orders.modality_worklist(institution_id=world.county, modality="DR") == []


def test_statistics_count_time_and_reasons(world: World) -> None:
    """Volume, turnaround, repeats with reasons; only for those with the right."""
    world.signed()
    bad = world.uploaded(repeat_reason_code="1")
    orders.reject_images(order_id=bad.id, reason_code="motion", actor=world.reader)
    day = clock.today()
    figures = orders.statistics("imaging", world.reviewer, since=day, until=day)
    assert (figures.ordered, figures.reported, figures.positive, figures.in_time) == (2, 1, 1, 1)
    assert figures.reject_reasons == (("运动伪影", 1),) and figures.by_group == (("DR", 2),)
    assert figures.median_minutes is not None and [stage[3] for stage in figures.stages] == [2, 2, 1, 0]
    with pytest.raises(Forbidden):
        orders.statistics("imaging", world.reader, since=day, until=day)


def test_a_preliminary_report_is_marked_and_must_be_finished(world: World) -> None:
    """At night one reader lets a provisional text out; it files no document; the final one follows."""
    order = world.uploaded(priority="urgent")
    orders.claim(order_id=order.id, actor=world.reader)
    report = orders.release_preliminary(order_id=order.id, draft=FINDINGS, actor=world.reader)
    assert report.current and report.current.kind == "preliminary"
    orders.submit_report(order_id=order.id, draft=FINDINGS, actor=world.reader)
    report = orders.sign_report(order_id=order.id, actor=world.reviewer)
    assert [v.kind for v in report.versions] == ["preliminary", "final"]


def test_a_withdrawn_report_stays_readable_and_warns(world: World) -> None:
    """The order goes back to waiting for images or a new report, the asker is told to stop relying on it."""
    order, _report = world.signed()
    orders.withdraw_report(order_id=order.id, reason="图像为他人", actor=world.reviewer)
    assert orders.report_of(order.id, actor=world.gp).versions
    assert "report.amended" in [t.kind for t in tasks.tasks_for(world.gp).items]
    assert orders.order(order.id, actor=world.gp).state == "uploaded"


def test_a_withdrawn_report_is_written_anew(world: World) -> None:
    """Where the words were wrong and not the images: the next version, with the reason of the withdrawal, and the asker is told."""
    order, _report = world.signed()
    orders.withdraw_report(order_id=order.id, reason="左右写反", actor=world.reviewer)
    with pytest.raises(Forbidden):
        orders.rewrite_report(order_id=order.id, actor=world.technician)
    draft = orders.rewrite_report(order_id=order.id, actor=world.reader).draft
    assert draft["impression"] == FINDINGS["impression"]
    orders.submit_report(order_id=order.id, draft={**FINDINGS, "impression": "右侧气胸。"}, actor=world.reader)
    report = orders.sign_report(order_id=order.id, actor=world.reviewer)
    assert [(v.kind, v.impression, v.reason) for v in report.versions] == [
        ("final", "左侧气胸。", ""),
        ("amended", "右侧气胸。", "左右写反"),
    ]
    assert [t.kind for t in tasks.tasks_for(world.gp).items] == ["report.amended"]
    assert orders.acknowledge_report(order_id=order.id, actor=world.gp).state == "final"
    assert not tasks.tasks_for(world.gp).items and orders.order(order.id, actor=world.gp).state == "completed"


def test_items_cannot_repeat_within_one_order(world: World) -> None:
    """The same item twice in one order is a mistake."""
    with pytest.raises(InvalidInput):
        world.place(items=[CHEST, CHEST])
