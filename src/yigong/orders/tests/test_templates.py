"""Report templates: one list of packs, centre and one's own; versions that leave signed reports alone; shared by the head; files."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.orders import api as orders
from yigong.orders.commands.templates import CodeTaken, TemplateChanged
from yigong.orders.models import TextTemplate, TextTemplateUse
from yigong.orders.queries.templates import templates_for
from yigong.orders.tests.world import FINDINGS, World, browser_of
from yigong.tasks.models import Task

pytestmark = pytest.mark.django_db
WORDS = {"findings": "〔左/右〕侧胸腔见无肺纹理区，压缩约〔比例|%〕。", "impression": "〔左/右〕侧气胸。"}


def text(**more: Any) -> orders.TemplateText:
    """A template's words."""
    return orders.TemplateText(
        **{"title": "胸部 气胸", "short_code": "qx", "sections": WORDS, "positive": True, **more}
    )


def own(world: World) -> TextTemplate:
    """The reader's own template."""
    return orders.write_template(service_code="imaging", given=text(), actor=world.reader)


def test_written_found_used_and_written_again_on_pages(world: World) -> None:
    """Units stay behind their blanks; a use is counted at the signature under its version; a new version changes nothing that was signed."""
    reader = browser_of(world.reader)
    given = {
        "title": "胸部 气胸", "short_code": "qx", "groups": ["DR"], "parts": "胸部", "positive": "on",
        **{f"s_{code}": words for code, words in WORDS.items()},
    }  # fmt: skip
    assert reader.post("/orders/templates/new/?service=imaging", {**given, "short_code": "气胸"}).status_code == 422
    reader.post("/orders/templates/new/?service=imaging", given)
    row = TextTemplate.objects.get()
    for asked in ("xbqx", "qx", "气胸"):
        assert (
            f"/orders/templates/{row.pk}/"
            in reader.get(f"/orders/templates/?service=imaging&q={asked}").content.decode()
        )
    order = world.uploaded()
    orders.claim(order_id=order.id, actor=world.reader)
    page = reader.get(f"/orders/{order.id}/report/").content.decode()
    assert 'data-short="qx"' in page and "压缩约〔比例〕%" in page and 'data-short="chest-normal"' in page
    draft = {**FINDINGS, "templates": [f"{row.pk}@1", "pack:chest-pneumothorax@2026.1"]}
    orders.submit_report(order_id=order.id, draft=draft, actor=world.reader)
    report = orders.sign_report(order_id=order.id, actor=world.reviewer)
    assert reader.post(f"/orders/templates/{row.pk}/", {**given, "base": "0"}).status_code == 422
    reader.post(f"/orders/templates/{row.pk}/", {**given, "base": "1", "s_impression": "气胸。"})
    assert dict(TextTemplateUse.objects.values_list("key", "version")) == {
        str(row.pk): "1",
        "pack:chest-pneumothorax": "2026.1",
    }
    again = orders.report_of(order.id, actor=world.reader)
    assert again is not None and again.versions == report.versions
    shown = reader.get(f"/orders/templates/{row.pk}/").content.decode()
    assert "第 2 版" in shown and "第 1 版（已被取代）" in shown and "1 份" in shown


def test_the_head_shares_what_a_doctor_proposes(world: World) -> None:
    """A task for the reviewers; declined with a reason, shared, then everybody's at the centre; retired and restored."""
    row, colleague = own(world), browser_of(world.second_reader)
    path = f"/orders/templates/{row.pk}/"
    assert colleague.get(path).status_code == 404
    orders.move_template(template_id=row.pk, action="propose", actor=world.reader)
    assert Task.objects.get(kind="template.share", state="open").role == "senior_radiologist"
    with pytest.raises(Forbidden):
        orders.move_template(template_id=row.pk, action="share", actor=world.second_reader)
    with pytest.raises(InvalidInput):
        orders.move_template(template_id=row.pk, action="decline", actor=world.reviewer)
    orders.move_template(template_id=row.pk, action="decline", reason="请补部位", actor=world.reviewer)
    orders.move_template(template_id=row.pk, action="propose", actor=world.reader)
    browser_of(world.reviewer).post(f"{path}act/", {"action": "share"})
    assert [t.code for t in templates_for("imaging", world.second_reader) if t.origin == "centre"] == [str(row.pk)]
    assert (
        colleague.get(path).status_code == 200 and not Task.objects.filter(kind="template.share", state="open").exists()
    )
    with pytest.raises(Forbidden):
        orders.write_template(service_code="imaging", given=text(), actor=world.reader, template_id=row.pk, base=1)
    orders.move_template(template_id=row.pk, action="retire_shared", reason="有新版", actor=world.reviewer)
    assert not [t for t in templates_for("imaging", world.second_reader) if t.origin != "pack"]
    assert orders.move_template(template_id=row.pk, action="restore_shared", actor=world.reviewer).state == "centre"


def test_a_short_code_calls_one_template(world: World) -> None:
    """Within one's own and within the centre's; and nobody overwrites a version he has not seen."""
    row = own(world)
    with pytest.raises(CodeTaken):
        orders.write_template(service_code="imaging", given=text(title="另一个"), actor=world.reader)
    shared = orders.write_template(service_code="imaging", given=text(), actor=world.reviewer, shared=True)
    orders.move_template(template_id=row.pk, action="propose", actor=world.reader)
    with pytest.raises(Conflict, match="qx"):
        orders.move_template(template_id=row.pk, action="share", actor=world.reviewer)
    with pytest.raises(TemplateChanged):
        orders.write_template(service_code="imaging", given=text(), actor=world.reviewer, template_id=shared.pk)
    with pytest.raises(Forbidden):
        orders.write_template(service_code="imaging", given=text(short_code="x"), actor=world.gp)
    with pytest.raises(InvalidInput):
        orders.write_template(service_code="imaging", given=text(sections={"nothing": "x"}), actor=world.reader)


def test_templates_travel_as_a_file(world: World) -> None:
    """What one doctor exports another imports as his own; again it is the next version; a bad file is taken not at all."""
    own(world)
    browser, other = browser_of(world.reader), browser_of(world.second_reader)
    content = browser.get("/orders/templates/export/?service=imaging&origin=own").content
    for n in range(2):
        other.post("/orders/templates/?service=imaging", {"file": SimpleUploadedFile("t.toml", content)})
        row = TextTemplate.objects.get(owner_id=world.second_reader.staff_id)
        assert (row.title, row.short_code, row.versions_count) == ("胸部 气胸", "qx", n + 1)
    assert row.versions.get(number=2).sections == WORDS
    for bad in (b"code = ", content.replace(b'"imaging"', b'"ecg"'), b"\xff\xfe"):
        answer = other.post("/orders/templates/?service=imaging", {"file": SimpleUploadedFile("t.toml", bad)})
        assert answer.status_code == 422
    assert browser_of(world.gp).get("/orders/templates/?service=imaging").status_code == 403
