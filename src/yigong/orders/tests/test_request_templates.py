"""Request templates: one list of the packs', shared ones and one's own; versions that leave placed orders alone; places that the record fills."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.core.states.api import WrongState
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.orders.commands.templates import TemplateChanged
from yigong.orders.data import RequestPart, TemplateText
from yigong.orders.models import Order, TextTemplate, TextTemplateUse
from yigong.orders.queries import templates as queries
from yigong.orders.rules import requests, services
from yigong.orders.tests.world import BOOT, World, browser_of, person
from yigong.records import api as records

pytestmark = pytest.mark.django_db
WORDS = {"purpose": "咳嗽待查，除外肺炎。", "symptoms": "咳嗽〔几〕天，血压〔血压〕。", "history": "诊断：〔诊断〕"}


def words(**more: Any) -> TemplateText:
    """A request template for a chest film."""
    part = {key: more.pop(key) for key in ("items", "priority") if key in more}
    given = {"title": "咳嗽 胸片", "short_code": "", "sections": WORDS, **more}
    return TemplateText(**given, request=RequestPart(**{"items": ("DR-CHEST-PA",), **part}))


def own(world: World, **more: Any) -> TextTemplate:
    """The township doctor's own template."""
    return orders.write_template(service_code="imaging", given=words(**more), actor=world.gp)


def sent(world: World, row: TextTemplate, *, version: int = 1, **more: Any) -> Any:
    """A request posted from the page with a template taken in."""
    given = {
        "items": "DR-CHEST-PA", "performing": str(world.township), "priority": "routine", "diagnosis": "咳嗽", "purpose": "除外肺炎",
        "symptoms": "咳嗽 3 天", "pregnancy": "no", "templates": f"{row.pk}@{version}", **more,
    }  # fmt: skip
    return browser_of(world.gp).post(f"/orders/imaging/new/{world.resident_id}/", given)


def test_written_picked_used_and_written_again(world: World) -> None:
    """On pages: made, offered with what the record knows, counted under its version at the order, which keeps it when a new one is written."""
    doctor = browser_of(world.gp)
    given = {
        "title": "咳嗽 胸片", "items": "DR-CHEST-PA", "priority": "urgent", **{f"s_{name}": text for name, text in WORDS.items()},
    }  # fmt: skip
    path = "/orders/templates/new/?kind=request&service=imaging"
    assert doctor.post(path, {**given, "items": "NO-SUCH"}).status_code == 422
    assert doctor.post(path, {**given, "s_purpose": "", "s_symptoms": "", "s_history": ""}).status_code == 422
    assert doctor.post(path, given).status_code == 302
    row = TextTemplate.objects.get(kind="request")
    assert (row.state, row.owner_id, row.institution_id) == ("own", world.gp.staff_id, world.township)
    page = doctor.get(f"/orders/imaging/new/{world.resident_id}/").content.decode()
    assert f"{row.pk}@1" in page and "咳嗽〔几〕天，血压档案未记录。" in page
    assert sent(world, row, symptoms="咳嗽〔几〕天").status_code == 422
    assert sent(world, row).status_code == 302
    order = Order.objects.get()
    path = f"/orders/templates/{row.pk}/"
    assert (
        doctor.post(path, {**given, "base": "1", "title": "咳嗽复查 胸片", "s_purpose": "复查肺炎。"}).status_code
        == 302
    )
    use = TextTemplateUse.objects.get()
    assert (use.order_id, use.report_id, use.key, use.version, use.title) == (
        order.pk,
        None,
        str(row.pk),
        "1",
        "咳嗽 胸片",
    )
    shown = doctor.get(f"/orders/{order.pk}/").content.decode()
    assert f'href="{path}#v1">咳嗽 胸片</a> 第 1 版' in shown and "存为申请模板" in shown
    other_side = browser_of(world.technician).get(f"/orders/{order.pk}/").content.decode()
    assert "咳嗽 胸片" in other_side
    listed = doctor.get("/orders/templates/?kind=request&service=imaging&q=ks").content.decode()
    assert "咳嗽复查 胸片" in listed and "第 2 版" in listed
    whole = doctor.get(path).content.decode()
    assert "第 1 版（已被取代）" in whole and "1 份" in whole and f"{path}compare/" in whole


def test_versions_stand_side_by_side(world: World) -> None:
    """Part by part, what differs marked on its side; any two can be chosen; reports' templates too."""
    row = own(world)
    orders.write_template(
        service_code="imaging", template_id=row.pk, base=1, actor=world.gp,
        given=words(sections={**WORDS, "purpose": "咳嗽待查，除外肺结核。"}, items=("DR-CHEST-PA", "CT-HEAD"), priority="urgent"),
    )  # fmt: skip
    doctor = browser_of(world.gp)
    page = doctor.get(f"/orders/templates/{row.pk}/compare/").content.decode()
    assert (
        "<del>炎</del>" in page
        and "<ins>结核</ins>" in page
        and "头颅 CT 平扫</ins>" in page
        and "<ins>急</ins>" in page
    )
    same = doctor.get(f"/orders/templates/{row.pk}/compare/?old=1&new=1").content.decode()
    assert "<ins>" not in same and "同一版" in same
    report = TemplateText("胸部 正常", "zc", {"impression": "未见异常。"})
    other = orders.write_template(service_code="imaging", given=report, actor=world.reader)
    orders.write_template(
        service_code="imaging", template_id=other.pk, base=1, actor=world.reader,
        given=replace(report, sections={"impression": "未见明显异常。"}),
    )  # fmt: skip
    assert "<ins>明显</ins>" in browser_of(world.reader).get(f"/orders/templates/{other.pk}/compare/").content.decode()
    assert browser_of(world.technician).get(f"/orders/templates/{row.pk}/compare/").status_code in (403, 404)


def test_shared_with_colleagues_withdrawn_and_brought_back(world: World) -> None:
    """One's own is nobody else's; given to colleagues each of them may change it; withdrawn with a reason it is not offered; brought back it is."""
    row, colleague = own(world), person("李医生", world.township, "gp")
    elsewhere = person("赵医生", world.other, "gp")
    offered = lambda who: [t for t in queries.templates_for("imaging", who, kind="request") if t.origin != "pack"]  # noqa: E731
    assert offered(world.gp) and not offered(colleague)
    assert browser_of(colleague).get(f"/orders/templates/{row.pk}/").status_code == 404
    with pytest.raises(Forbidden):
        orders.write_template(service_code="imaging", given=words(), actor=colleague, template_id=row.pk, base=1)
    with pytest.raises(Forbidden):
        orders.move_template(template_id=row.pk, action="propose", actor=world.gp)
    orders.move_template(template_id=row.pk, action="give", actor=world.gp)
    assert offered(colleague)[0].origin == "centre" and not offered(elsewhere)
    orders.write_template(
        service_code="imaging", given=words(title="咳嗽"), actor=colleague, template_id=row.pk, base=1
    )
    with pytest.raises(Forbidden):
        orders.write_template(service_code="imaging", given=words(), actor=elsewhere, template_id=row.pk, base=2)
    with pytest.raises(InvalidInput):
        orders.move_template(template_id=row.pk, action="retire_shared", actor=colleague)
    orders.move_template(template_id=row.pk, action="retire_shared", reason="改用新模板", actor=colleague)
    assert not offered(world.gp)
    page = browser_of(world.gp).get("/orders/templates/?kind=request&service=imaging&origin=retired").content.decode()
    assert "咳嗽" in page
    assert orders.move_template(template_id=row.pk, action="restore_shared", actor=colleague).state == "centre"
    assert offered(world.gp)[0].title == "咳嗽"


def test_what_was_never_shared_stays_ones_own(world: World) -> None:
    """Taken out of use by its owner it is his as before: no colleague finds it, opens it or brings it back as a shared one."""
    row, colleague = own(world), person("李医生", world.township, "gp")
    orders.move_template(template_id=row.pk, action="retire", actor=world.gp)
    found = lambda who: queries.searched("imaging", who, kind="request", origin="retired").items  # noqa: E731
    assert [one.code for one, _used in found(world.gp)] == [str(row.pk)] and not found(colleague)
    assert browser_of(colleague).get(f"/orders/templates/{row.pk}/").status_code == 404
    with pytest.raises(WrongState):
        orders.move_template(template_id=row.pk, action="restore_shared", actor=colleague)
    assert orders.move_template(template_id=row.pk, action="restore", actor=world.gp).state == "own"


def test_a_departments_template_is_its_own(world: World) -> None:
    """Shared by somebody of a department it is offered there, not in another department of the same house."""
    first, second = (
        network.create_department(institution_id=world.township, code=code, name=name, actor=BOOT).id
        for code, name in (("01", "全科"), ("02", "外科"))
    )
    one, two = (replace(world.gp, department_id=key) for key in (first, second))
    row = orders.write_template(service_code="imaging", given=words(), actor=one, shared=True)
    assert (row.state, row.department_id) == ("centre", first)
    assert any(t.code == str(row.pk) for t in queries.templates_for("imaging", one, kind="request"))
    assert not any(t.code == str(row.pk) for t in queries.templates_for("imaging", two, kind="request"))
    with pytest.raises(Forbidden, match="同科室"):
        orders.write_template(service_code="imaging", given=words(), actor=two, template_id=row.pk, base=1)
    colleague = person("李医生", world.township, "gp")
    near, far = (replace(colleague, department_id=key) for key in (first, second))
    assert queries.template_of(row.pk, near)[0] == row
    with pytest.raises(NotFound):
        queries.template_of(row.pk, far)


def test_the_second_of_two_sees_the_first_ones_version(world: World) -> None:
    """What he typed stays in the form beside the version that was saved meanwhile, and saving again makes the next one."""
    row = orders.write_template(service_code="imaging", given=words(), actor=world.gp, shared=True)
    colleague = person("李医生", world.township, "gp")
    orders.write_template(
        service_code="imaging",
        given=words(sections={"purpose": "李医生的写法。"}),
        actor=colleague,
        template_id=row.pk,
        base=1,
    )
    given = {"title": "咳嗽 胸片", "items": "DR-CHEST-PA", "priority": "", "s_purpose": "我的写法。", "base": "1"}
    doctor, path = browser_of(world.gp), f"/orders/templates/{row.pk}/"
    answer = doctor.post(path, given)
    page = answer.content.decode()
    assert (
        answer.status_code == 422
        and "李医生 已保存第 2 版" in page
        and "我的写法。" in page
        and "李医生的写法。" in page
    )
    assert 'name="base" value="2"' in page
    assert doctor.post(path, {**given, "base": "2"}).status_code == 302
    assert [v.sections["purpose"] for v in row.versions.order_by("number")] == [
        WORDS["purpose"],
        "李医生的写法。",
        "我的写法。",
    ]
    with pytest.raises(TemplateChanged):
        orders.write_template(service_code="imaging", given=words(), actor=world.gp, template_id=row.pk, base=2)


def test_the_common_ones_can_be_used_and_copied(world: World) -> None:
    """Every centre has some; each names items, choices and pieces that there are; a use of one is counted, a copy is one's own."""
    for code, definition in services().items():
        known = {item.code for item in definition.catalogue()}
        common = requests.common(code)
        assert common, code
        for one in common:
            assert one.request is not None and set(one.request.items) <= known, (code, one.code)
            checked = TemplateText(one.title, "", dict(one.sections), request=one.request)
            orders.write_template(service_code=code, given=checked, actor=person("医生", world.township, "gp"))
    doctor = browser_of(world.gp)
    page = doctor.get("/orders/templates/new/?kind=request&service=imaging&from=pack:chest-cough").content.decode()
    assert "咳嗽待查，除外肺炎、肺结核。" in page and "DR-CHEST-PA" in page
    order = world.place(templates=["pack:chest-cough@2026.1", "pack:chest-cough@1999", "no-such@1", "x"])
    assert list(TextTemplateUse.objects.filter(order_id=order.id).values_list("key", "version")) == [
        ("pack:chest-cough", "2026.1")
    ]
    assert queries.uses("imaging", "request") == {"pack:chest-cough": 1} and not queries.uses("imaging")


def test_only_ones_own_and_shared_ones_are_noted(world: World) -> None:
    """A template of somebody else, or a version that never was, is not written to an order."""
    row = own(world)
    colleague = person("李医生", world.township, "gp")
    for templates, actor in (([f"{row.pk}@1"], colleague), ([f"{row.pk}@7"], world.gp)):
        world.place(templates=templates, actor=actor, repeat_reason_code="1")
    assert not TextTemplateUse.objects.exists()


def test_the_record_fills_its_places(world: World) -> None:
    """Diagnoses, medicines and the newest pair of pressures; what it does not know it says; the doctor's places stay."""
    records.add_condition(
        resident_id=world.resident_id,
        text="高血压",
        code="I10",
        is_lasting=True,
        actor=BOOT,
        institution_id=world.township,
    )
    given = [
        records.NewResult("8480-6", "收缩压", value=Decimal(150), unit="mmHg"),
        records.NewResult("8462-4", "舒张压", value=Decimal(90), unit="mmHg"),
    ]
    records.add_result(
        resident_id=world.resident_id, title="血压", results=given, institution_id=world.township, actor=BOOT
    )
    own(world)
    [offer] = [one for one in queries.offers("imaging", world.resident_id, world.gp) if one["origin"] == "own"]
    texts = json.loads(offer["data"])["texts"]
    assert texts["symptoms"].startswith("咳嗽〔几〕天，血压150/90 mmHg（") and texts["history"] == "诊断：高血压"
    assert requests.filled("用药：〔用药〕，〔部位〕", {"用药": "档案未记录"}) == "用药：档案未记录，〔部位〕"


def test_who_asks_for_nothing_has_no_request_templates(world: World) -> None:
    """The list, the form and the command refuse with the reason."""
    technician = browser_of(world.technician)
    assert technician.get("/orders/templates/?kind=request").status_code == 403
    assert technician.get("/orders/templates/new/?kind=request&service=imaging").status_code == 403
    with pytest.raises(Forbidden):
        orders.write_template(service_code="imaging", given=words(), actor=world.technician)
    for wrong in (
        words(items=()),
        words(items=("NO-SUCH",)),
        words(priority="soon"),
        words(title=" "),
        words(sections={"findings": "x"}),
    ):
        with pytest.raises(InvalidInput):
            orders.write_template(service_code="imaging", given=wrong, actor=world.gp)


def test_what_was_asked_for_becomes_a_template(world: World) -> None:
    """From the page of an order: its items and words stand in the form; an order of somebody else's house does not."""
    order = world.place()
    path = f"/orders/templates/new/?kind=request&service=imaging&order={order.id}"
    page = browser_of(world.gp).get(path).content.decode()
    assert "DR-CHEST-PA" in page and "排除气胸" in page
    assert browser_of(person("赵医生", world.other, "gp")).get(path).status_code == 403
    assert browser_of(world.gp).get(path.replace(str(order.id), "x")).status_code == 200


def test_sharing_twice_is_said(world: World) -> None:
    """A step that is not of its state."""
    row = own(world)
    orders.move_template(template_id=row.pk, action="give", actor=world.gp)
    with pytest.raises(Conflict):
        orders.move_template(template_id=row.pk, action="give", actor=world.gp)
    assert isinstance(row.pk, UUID)
