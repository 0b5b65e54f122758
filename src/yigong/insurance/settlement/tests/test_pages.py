"""The counter's pages with bills of the clinic: found, seen, paid, printed, returned, taken back, closed."""

import re
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.test import Client

from yigong.access import api as access
from yigong.access.models import Account
from yigong.clinic import api as clinic
from yigong.core import clock
from yigong.core.actor import system
from yigong.insurance.coverage import api as coverage
from yigong.insurance.settlement.models import DayClosing, Settlement
from yigong.insurance.settlement.tests.clinic_world import charged_bill
from yigong.insurance.settlement.tests.world import enrol, money
from yigong.network import api as network
from yigong.residents import api as residents

pytestmark = pytest.mark.django_db
BOSS = system("test")
NAME = "何秀兰"
ITEMS = [("YBZL-P", Decimal(1)), ("HY-XCG", Decimal(1)), ("YP-AMLODIPINE", Decimal(2))]


class Desk:
    """A township's counter in the browser."""

    def __init__(self, role: str = "registrar", number: str = "") -> None:
        self.place = network.create_institution(
            code="SQWSY", name="石桥镇卫生院", level="township", category="C220", parent_id=None, actor=BOSS
        ).id
        self.client, self.clerk = self.sign_in(role), None
        given = residents.NewResident(
            name=NAME,
            sex="2",
            birth_date=None if number else clock.today().replace(year=1966),
            numbers=(residents.GivenNumber("01", number),) if number else (),
        )
        self.person = residents.register_resident(given=given, actor=BOSS).resident.id
        access.open_relationship(resident_id=self.person, institution_id=self.place, basis="encounter")
        enrol(self.person)
        coverage.register_entitlement(
            resident_id=self.person,
            kind="institution",
            institution_id=self.place,
            starts_on=clock.today().replace(month=1, day=1),
            actor=BOSS,
        )

    def sign_in(self, role: str) -> Client:
        """A browser of somebody with the role."""
        staff = network.create_staff(code=uuid4().hex[:10], name="李收费", sex="2", actor=BOSS)
        network.assign_post(staff_id=staff.id, institution_id=self.place, role=role, actor=BOSS)
        account = access.create_account(
            staff_id=staff.id,
            actor=BOSS,
            username=uuid4().hex[:12],
            password="Liu-shu-cun-7",
            must_change_password=False,
        )
        client = Client()
        client.force_login(Account.objects.get(pk=account.id))
        return client

    def bill(self) -> UUID:
        """A bill that waits."""
        return charged_bill(self.person, NAME, self.place, ITEMS)

    def pay(self, bill_id: UUID, **given: str) -> Settlement:
        """As the clerk does it: look, then press the button."""
        page = self.client.get(f"/settlement/bills/{bill_id}/")
        text = page.content.decode()
        assert page.status_code == 200, text
        hidden = dict(re.findall(r'name="(shown|kind|scheme|account)" value="([^"]*)"', text))
        answer = self.client.post(f"/settlement/bills/{bill_id}/", hidden | {"idempotency_key": str(uuid4())} | given)
        assert answer.status_code == 302, answer.content.decode()
        return Settlement.objects.get(bill_id=bill_id, reverses__isnull=True, state="settled")


@pytest.fixture
def desk() -> Desk:
    """A counter."""
    return Desk()


def test_from_the_list_to_the_receipt(desk: Desk) -> None:
    """Found by name and by number, explained, paid with change, printed; the clinic's bill is settled."""
    bill_id = desk.bill()
    number = clinic.bill(bill_id).number
    assert NAME in desk.client.get("/settlement/").content.decode()
    assert desk.client.get(f"/settlement/?text={number}").headers["Location"].endswith(f"{bill_id}/")
    seen = desk.client.get(f"/settlement/bills/{bill_id}/").content.decode()
    assert "为什么我付" in seen and "普通门诊统筹" in seen
    row = desk.pay(bill_id, tendered="100")
    assert row.pool > 0 and row.paid_cash == row.person and row.tendered == 10000
    receipt = desk.client.get(f"/settlement/{row.id}/?just=1").content.decode()
    assert f"{(10000 - row.paid_cash) / 100:.2f}" in receipt and "找零" in receipt
    assert clinic.bill(bill_id).state == "settled" and clinic.bill(bill_id).settlement_ref == row.number
    sheet = desk.client.get(f"/settlement/{row.id}/print/")
    assert sheet.headers["Content-Type"] == "application/pdf" and sheet.content[:4] == b"%PDF"
    assert desk.client.get(f"/settlement/bills/{bill_id}/").status_code == 302


def test_a_doubt_is_said_before_the_money_is_taken(desk: Desk) -> None:
    """The same daily fee twice on one day: the counter sees the doubt with its evidence, and may go on."""
    plain = desk.client.get(f"/settlement/bills/{desk.bill()}/").content.decode()
    assert "收费疑点" not in plain
    bill_id = charged_bill(desk.person, NAME, desk.place, [("YBZL-P", Decimal(1)), *ITEMS])
    seen = desk.client.get(f"/settlement/bills/{bill_id}/").content.decode()
    assert "收费疑点" in seen and "同一天重复收取只应收一次的项目" in seen and "涉及 10.00 元" in seen
    assert desk.pay(bill_id).state == "settled"


def test_a_double_click_pays_once(desk: Desk) -> None:
    """The same form sent four times is one settlement and one sum of money."""
    bill_id, key = desk.bill(), str(uuid4())
    row = desk.pay(bill_id, idempotency_key=key)
    for _turn in range(3):
        answer = desk.client.post(
            f"/settlement/bills/{bill_id}/", {"shown": row.person, "kind": row.kind, "idempotency_key": key}
        )
        assert answer.headers["Location"].startswith(f"/settlement/{row.id}/")
    assert Settlement.objects.count() == 1 and money()["settle.charges", desk.place] == -row.total


def test_what_is_typed_wrong_comes_back(desk: Desk) -> None:
    """Too little cash, letters, a changed sum: a sentence on the same page, nothing settled."""
    bill_id = desk.bill()
    for given, words in (
        ({"shown": "1", "tendered": ""}, "已由 0.01 元变为"), ({"tendered": "0.5"}, "少于应收现金"), ({"card": "9999"}, "请改到一致"), ({"tendered": "十元"}, "数字"),
    ):  # fmt: skip
        hidden = dict(
            re.findall(
                r'name="(shown|kind|scheme|account)" value="([^"]*)"',
                desk.client.get(f"/settlement/bills/{bill_id}/").content.decode(),
            )
        )
        answer = desk.client.post(f"/settlement/bills/{bill_id}/", hidden | {"idempotency_key": str(uuid4())} | given)
        assert answer.status_code == 422 and words in answer.content.decode(), given
    assert not Settlement.objects.exists() and clinic.bill(bill_id).state == "open"


def test_part_of_it_goes_back(desk: Desk) -> None:
    """One of two packs: the settlement is taken back, the rest settled again, the till pays the difference only; all of it: nothing is left."""
    row = desk.pay(desk.bill())
    assert row.bill_id is not None
    drug = next(line for line in clinic.bill(row.bill_id).lines if line.item_code == "YP-AMLODIPINE")
    page = desk.client.get(f"/settlement/{row.id}/return/")
    assert drug.item_name in page.content.decode()
    given = {"reason": "未取药", "idempotency_key": str(uuid4())}
    answer = desk.client.post(f"/settlement/{row.id}/return/", given | {f"quantity_{drug.id}": "1"})
    fresh = Settlement.objects.get(bill_id=row.bill_id, state="settled")
    assert answer.headers["Location"] == f"/settlement/{fresh.id}/" and fresh.replaces_id == row.id
    assert fresh.total == row.total - drug.amount // 2 and fresh.place_in_year is not None
    assert [one.total for one in Settlement.objects.filter(reverses=row)] == [-row.total]
    assert sum(money().values()) == 0 and money()["settle.charges", desk.place] == -fresh.total
    refused = desk.client.post(
        f"/settlement/{fresh.id}/return/", given | {"idempotency_key": str(uuid4()), f"quantity_{drug.id}": "2"}
    )
    assert refused.status_code == 422 and "氨氯地平" in refused.content.decode()
    rest = {
        f"quantity_{line.id}": str(line.net_quantity) for line in clinic.bill(row.bill_id).lines if line.net_quantity
    }
    desk.client.post(f"/settlement/{fresh.id}/return/", given | {"idempotency_key": str(uuid4())} | rest)
    assert not money() and clinic.bill(row.bill_id).state == "returned"


def test_taken_back_and_settled_again(desk: Desk) -> None:
    """With a reason only; the bill waits again and can be paid again."""
    row = desk.pay(desk.bill())
    assert desk.client.post(f"/settlement/{row.id}/reverse/", {"reason": ""}).status_code == 422
    answer = desk.client.post(f"/settlement/{row.id}/reverse/", {"reason": "开错", "idempotency_key": str(uuid4())})
    assert answer.status_code == 302 and not money()
    assert row.bill_id is not None and clinic.bill(row.bill_id).state == "open"
    assert desk.pay(row.bill_id).total == row.total


def test_the_end_of_the_day(desk: Desk) -> None:
    """Sums by means; a wrong count needs a reason; closed once, printed; nothing left to close; a refund then needs money from the safe."""
    first, _second = desk.pay(desk.bill()), desk.pay(desk.bill())
    due = money()["settle.till", first.cashier_id]
    assert f"{due / 100:.2f}" in desk.client.get("/settlement/closing/").content.decode()
    wrong = desk.client.post("/settlement/closing/", {"counted_cash": "1", "idempotency_key": str(uuid4())})
    assert wrong.status_code == 422 and "请复点" in wrong.content.decode()
    desk.client.post("/settlement/closing/", {"counted_cash": f"{due / 100:.2f}", "idempotency_key": str(uuid4())})
    closing = DayClosing.objects.get()
    assert closing.sums["settled"] == 2 and closing.sums["till"] == due == money()["settle.safe", desk.place]
    assert desk.client.get(f"/settlement/closing/{closing.id}/print/").content[:4] == b"%PDF"
    again = desk.client.post("/settlement/closing/", {"counted_cash": "0", "idempotency_key": str(uuid4())})
    assert "不需要再结" in again.content.decode()
    short = desk.client.post(f"/settlement/{first.id}/reverse/", {"reason": "退", "idempotency_key": str(uuid4())})
    assert "钱箱现金不足" in short.content.decode()
    desk.client.post(
        "/settlement/closing/", {"float": "1", "amount": f"{due / 100:.2f}", "idempotency_key": str(uuid4())}
    )
    assert (
        desk.client.post(
            f"/settlement/{first.id}/reverse/", {"reason": "退", "idempotency_key": str(uuid4())}
        ).status_code
        == 302
    )


def test_deposits(desk: Desk) -> None:
    """Taken, used for a bill, the rest given back, and not a fen more."""
    address = f"/settlement/deposits/?resident={desk.person}"
    form = {"resident": str(desk.person), "means": "cash"}
    desk.client.post(address, form | {"what": "take", "amount": "200", "idempotency_key": str(uuid4())})
    assert "200.00" in desk.client.get(address).content.decode()
    due = desk.pay(bill_id := desk.bill(), deposit="5.00")
    assert due.paid_deposit == 500 and bill_id == due.bill_id
    more = desk.client.post(address, form | {"what": "return", "amount": "195.01", "idempotency_key": str(uuid4())})
    assert "预交金余额 195.00 元" in more.content.decode()
    desk.client.post(address, form | {"what": "return", "amount": "195", "idempotency_key": str(uuid4())})
    assert not [kind for kind, _owner in money() if kind.startswith("settle.deposit")]


def test_the_months_end_and_the_file(desk: Desk) -> None:
    """The running month is not closed; the person's file shows the bill and the year; another house sees a reasoned refusal."""
    row = desk.pay(desk.bill())
    officer = desk.sign_in("insurance_clerk")
    refused = officer.post("/settlement/months/", {"month": f"{clock.today():%Y-%m}", "idempotency_key": str(uuid4())})
    assert "还没有结束" in refused.content.decode()
    assert row.number in desk.client.get(f"/settlement/residents/{desk.person}/").content.decode()
    other = Desk.__new__(Desk)
    other.place = network.create_institution(
        code="QTWSY", name="青塘镇卫生院", level="township", category="C220", parent_id=None, actor=BOSS
    ).id
    answer = other.sign_in("registrar").get(f"/settlement/{row.id}/")
    assert answer.status_code == 403 and "青塘镇卫生院" in answer.content.decode()


def test_a_chronic_and_an_ordinary_part_of_one_bill(desk: Desk) -> None:
    """Split by page: the drug under the two diseases, the rest under ordinary pooling; two settlements, together the whole, each taken back alone."""
    coverage.register_entitlement(
        resident_id=desk.person,
        kind="two_diseases",
        code="I10",
        starts_on=clock.today().replace(month=1, day=1),
        actor=BOSS,
    )
    bill_id = charged_bill(desk.person, NAME, desk.place, ITEMS, diagnosis="I10.x00")
    whole = clinic.bill(bill_id)
    address = f"/settlement/bills/{bill_id}/split/"
    assert address in desk.client.get(f"/settlement/bills/{bill_id}/").content.decode()
    drug = next(line for line in whole.lines if line.item_code == "YP-AMLODIPINE")
    assert desk.client.post(address, {"lines": [drug.id], "kind": ""}).status_code == 422
    everything = {"lines": [line.id for line in whole.lines], "kind": "two-diseases"}
    assert "至少有一项" in desk.client.post(address, everything).content.decode()
    answer = desk.client.post(address, {"lines": [drug.id], "kind": "two-diseases"})
    assert answer.status_code == 302, answer.content.decode()
    fresh = UUID(answer["Location"].split("/")[3])
    special = desk.pay(fresh)
    page = desk.client.get(f"/settlement/bills/{bill_id}/?kind=pooling").content.decode()
    hidden = dict(re.findall(r'name="(shown|kind|scheme|account)" value="([^"]*)"', page))
    desk.client.post(f"/settlement/bills/{bill_id}/", hidden | {"idempotency_key": str(uuid4())})
    ordinary = Settlement.objects.get(bill_id=bill_id, state="settled")
    assert (special.kind, ordinary.kind) == ("two-diseases", "pooling")
    assert special.total == drug.amount and special.total + ordinary.total == whole.total
    assert special.pool > 0 and ordinary.pool > 0
    back = desk.client.post(f"/settlement/{special.id}/reverse/", {"reason": "药未取", "idempotency_key": str(uuid4())})
    assert back.status_code == 302
    assert Settlement.objects.get(pk=ordinary.pk).state == "settled"
