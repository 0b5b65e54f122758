"""What becomes of messages: taken, unmatched, failed; corrected, replayed, discarded."""

import hl7
import pytest

from yigong.centres.laboratory.models import TestResult
from yigong.centres.laboratory.tests.world import LabWorld
from yigong.core.errors import Conflict, InvalidInput
from yigong.exchange.hl7v2 import commands, rules
from yigong.exchange.hl7v2.models import Message
from yigong.exchange.hl7v2.tests.writers import oru
from yigong.orders import api as orders
from yigong.orders.tests.world import browser_of
from yigong.tasks.models import Task

pytestmark = pytest.mark.django_db


def acked(text: str) -> tuple[str, str, str]:
    """Code, control id and words of the answer, as the library reads it."""
    msa = hl7.parse(commands.receive(text.encode())).segment("MSA")
    return str(msa[1]), str(msa[2]), str(msa[3]) if len(msa) > 3 else ""


@pytest.fixture
def number(world: LabWorld) -> str:
    """The bar code of a received tube for the salts."""
    return world.tubes(world.received("LAB-ELEC"))[0].number


def test_a_good_message_is_taken_and_its_repeat_changes_nothing(world: LabWorld, number: str) -> None:
    """AA twice, entered once; a critical value starts its clock."""
    text = oru(number, {"2823-3": ("6.9", "mmol/L"), "NA": ("140", "mmol/L"), "GLU": ("5", "mmol/L")}, control="A1")
    assert acked(text)[0] == "AE"  # glucose was not asked for: nothing is kept
    assert not TestResult.objects.exists()
    text = oru(number, {"2823-3": ("6.9", "mmol/L"), "NA": ("140", "mmol/L")}, control="A2")
    assert acked(text) == ("AA", "A2", "") == acked(text)
    assert TestResult.objects.count() == 2 and Message.objects.filter(control_id="A2").count() == 1
    assert {r.source for r in TestResult.objects.all()} == {"hl7"} and {r.runs for r in TestResult.objects.all()} == {1}
    assert [c.item for c in orders.open_criticals(world.gp)] == ["K"]


def test_the_same_control_id_with_other_content_is_refused(world: LabWorld, number: str) -> None:
    """AR: which of the two is meant nobody can know. On another day the counter may begin anew."""
    assert acked(oru(number, {"K": ("4.0", "mmol/L")}, control="7"))[0] == "AA"
    code, _control, said = acked(oru(number, {"K": ("4.4", "mmol/L")}, control="7"))
    assert code == "AR" and "内容不同" in said
    assert acked(oru(number, {"K": ("4.4", "mmol/L")}, control="7", when="20261102080000"))[0] == "AA"


@pytest.mark.parametrize(
    ("change", "code", "state", "said"),
    [
        ({"kind": "ADT^A01"}, "AR", "failed", "ADT"), ({"version": "1.0"}, "AR", "failed", "1.0"), ({"sender": "NOBODY"}, "AE", "unmatched", "NOBODY"),
        ({"status": "P"}, "AE", "failed", "OBX-11"),
    ],
)  # fmt: skip
def test_what_is_not_taken_lies_at_the_desk(
    world: LabWorld, number: str, change: dict[str, str], code: str, state: str, said: str
) -> None:
    """The right answer, and the place where it waits."""
    answer = acked(oru(number, {"K": ("4.0", "mmol/L")}, **change))
    row = Message.objects.get()
    assert (answer[0], row.state) == (code, state) and said in answer[2]


@pytest.mark.parametrize(
    "block",
    [b"", b"hello", b"MSH|^~\\&|BA400", b"PID|1\rOBX|1", b"MSH|^~\\&|BA400|L|||2026||ORU^R01|X1|P|2.3.1\r", b"\xff\xfe\x00\x00", b"MSH|^~\\&|" + b"A" * 5000],
)  # fmt: skip
def test_nonsense_is_answered_and_kept(world: LabWorld, block: bytes) -> None:
    """No block makes the door fall; each is answered with AR or AE and lies at the desk."""
    answer = hl7.parse(commands.receive(block))
    assert str(answer.segment("MSA")[1]) in {"AR", "AE"}
    assert Message.objects.get().state == "failed"


def test_units_and_unknown_tubes(world: LabWorld, number: str) -> None:
    """A unit without a factor fails, a declared one is converted; an unknown bar code is unmatched with a task."""
    assert "mg/dL" in acked(oru(number, {"K": ("16", "mg/dL")}))[2]
    assert acked(oru(number, {"K": ("4.1", "mEq/L")}))[0] == "AA"
    assert acked(oru("1099999999999999", {"K": ("4.1", "mmol/L")}))[0] == "AE"
    assert Message.objects.filter(state="unmatched").count() == 1
    assert Task.objects.filter(kind="hl7v2.failed", state="open").count() == 2


def test_a_result_for_a_cancelled_order(world: LabWorld) -> None:
    """Fails with the reason; the tube is nobody's any more."""
    order = world.collected("K")
    tube = world.tubes(order)[0]
    assert "签收" in acked(oru(tube.number, {"K": ("4", "mmol/L")}))[2]
    other = world.place("K", repeat_reason_code="1")
    orders.cancel_order(order_id=other.id, reason="开单错误", actor=world.gp)
    assert "撤销" in acked(oru(world.tubes(other)[0].number, {"K": ("4", "mmol/L")}))[2]


def test_a_message_is_corrected_and_replayed_on_the_page(world: LabWorld, number: str) -> None:
    """Wrong bar code: corrected with a reason, processed, the task ends; original and correction stay."""
    wrong = oru("1000000000000000", {"K": ("4.1", "mmol/L")}, control="W1")
    assert acked(wrong)[0] == "AE"
    row = Message.objects.get()
    browser = browser_of(world.technician)
    assert "W1" in browser.get("/hl7v2/").content.decode()
    page = browser.get(f"/hl7v2/{row.pk}/").content.decode()
    assert "1000000000000000" in page
    text = wrong.replace("1000000000000000", number).replace("\r", "\r\n")
    refused = browser.post(f"/hl7v2/{row.pk}/", {"action": "correct", "text": text, "reason": ""})
    assert refused.status_code == 422
    browser.post(f"/hl7v2/{row.pk}/", {"action": "correct", "text": text, "reason": "条码贴错，核对标本号"})
    row.refresh_from_db()
    assert row.state == "taken" and row.raw != row.corrected and row.handled_by == world.technician.name
    assert str(TestResult.objects.get().value) == "4.1000"
    assert not Task.objects.filter(kind="hl7v2.failed", state="open").exists()
    assert acked(wrong)[0] == "AA"  # the analyser sends it once more
    with pytest.raises(Conflict):
        commands.replay(message_id=row.pk, actor=world.technician)


def test_a_message_is_replayed_when_its_cause_is_gone(world: LabWorld) -> None:
    """The tube was not received yet; afterwards the original goes through."""
    from yigong.centres.laboratory.commands import receiving

    order = world.collected("K")
    number = world.tubes(order)[0].number
    assert acked(oru(number, {"K": ("4.1", "mmol/L")}))[0] == "AE"
    row = Message.objects.get()
    assert commands.replay(message_id=row.pk, actor=world.technician).state == "failed"
    receiving.receive_tube(number=number, actor=world.technician)
    assert commands.replay(message_id=row.pk, actor=world.technician).state == "taken"


def test_discarding_asks_for_a_reason(world: LabWorld) -> None:
    """A blank run of the analyser."""
    commands.receive(oru("1", {"K": ("0", "mmol/L")}).encode())
    row = Message.objects.get()
    with pytest.raises(InvalidInput):
        commands.discard(message_id=row.pk, reason=" ", actor=world.technician)
    commands.discard(message_id=row.pk, reason="仪器空白测试", actor=world.technician)
    row.refresh_from_db()
    assert (row.state, row.code) == ("discarded", "AE")


def test_gbk_is_read(world: LabWorld) -> None:
    """Older analysers write Chinese in GB 18030."""
    text = oru("1", {"K": ("4", "mmol/L")})
    assert "李" in rules.decoded(text.encode("gb18030"))
    assert rules.read(rules.decoded(text.encode("gb18030"))).specimens[0].numbers == ("1", "1")
