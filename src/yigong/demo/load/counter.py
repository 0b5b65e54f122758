"""The counters of today: bills that wait, bills paid by every means, one taken back, one returned in part, stays settled from their front pages, and a
settlement at the difference desk that only the platform knows."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any, cast
from uuid import UUID

from yigong.clinic import api as clinic
from yigong.core.actor import Actor, system
from yigong.core.ids import new_id
from yigong.core.months import add_months
from yigong.demo.load.clinic import COLD, COLD_LINES, PRESSURE, PRESSURE_LINES, worker
from yigong.demo.load.work import Day, Patient
from yigong.insurance.assistance import api as assistance
from yigong.insurance.coverage import api as coverage
from yigong.insurance.invoices import api as invoices
from yigong.insurance.settlement import api as settlement
from yigong.residents import api as residents

_VISITS = ((COLD, COLD_LINES), (PRESSURE, PRESSURE_LINES)) * 4


class _Yesterday:
    """The platform's answer to yesterday's totals: one settlement more than we have."""

    def reconcile(
        self, day: date, scheme: str, sums: dict[str, int], rows: Sequence[settlement.PlatformRow]
    ) -> settlement.PlatformDay:
        """What 3201 and 3202 would say."""
        theirs = settlement.PlatformRow(f"S{day:%Y%m%d}0417", f"H990100{day:%Y%m%d}0417", "", 18_650, 10_230, 0)
        return settlement.PlatformDay(False, "结算笔数与金额不一致", (*rows, theirs))


def begin(day: Day) -> None:
    """The health centre's counter, the county's, the difference desk."""
    _give(day)
    _hold_the_roll(day)
    _receive(day)
    desk, doctor = day.actor["guahao"], day.actor["quanke"]
    bills = list(_visits(day, doctor, desk))
    _pay(bills[0], desk, "cash", tendered=10_000)
    _pay(bills[1], desk, "online")
    _pay(bills[2], desk, "card")
    _apply(day, doctor, [clinic.bill(key).resident_id for key in bills[:4]])
    taken_back = _pay(bills[3], desk, "cash")
    settlement.reverse(settlement_id=taken_back.id, reason="患者改在县医院就诊", key=new_id(), actor=desk)
    _return_a_pack(_pay(bills[5], desk, "cash"), desk)
    cashier = worker(day, day.county.at("COUNTY", "registrar")[0])
    waiting = clinic.bills_waiting(day.place("COUNTY"), "", 1).items
    for row in [one for one in waiting if one.kind == "inpatient"][:3]:
        _pay(row.id, cashier, "online")
    settlement.reconcile(
        institution_id=day.place("COUNTY"), day=day.today - timedelta(days=1), scheme="390", actor=day.actor["yibao"],
        gateway=cast(settlement.Gateway, _Yesterday()),
    )  # fmt: skip


def _visits(day: Day, doctor: Actor, desk: Actor) -> Iterator[UUID]:
    """Finished visits with a bill each; two of them stay at the counter."""
    assert doctor.staff_id is not None
    sessions = clinic.sessions_of(day.place("T01"), day.today)
    session = next(one for one in sessions if one.staff_id == doctor.staff_id and one.left)
    patients: Iterator[Patient] = islice(day.townspeople, len(_VISITS))
    for patient, (note, lines) in zip(patients, _VISITS, strict=True):
        visit = clinic.register_visit(resident_id=patient.id, session_id=session.id, actor=desk)
        clinic.begin_visit(visit_id=visit.id, actor=doctor)
        clinic.save_note(visit_id=visit.id, note=note, actor=doctor)
        clinic.order_lines(visit_id=visit.id, lines=lines, actor=doctor)
        clinic.finish_visit(visit_id=visit.id, actor=doctor)
        waiting = clinic.bills_waiting(day.place("T01"), patient.person.name, 1).items
        yield next(row.id for row in waiting if row.resident_id == patient.id)


def _pay(bill_id: UUID, cashier: Actor, means: str, tendered: int = 0) -> Any:
    due = settlement.estimate(bill_id=bill_id).figures.cash
    payment = settlement.Payment(**{means: due}, tendered=tendered if tendered >= due else 0)
    row = settlement.settle(bill_id=bill_id, choice=settlement.Choice(), payment=payment, key=new_id(), actor=cashier)
    settlement.issue_invoice(settlement_id=row.id, actor=cashier)
    return row


def _return_a_pack(row: Any, desk: Actor) -> None:
    drug = next(line for line in clinic.bill(row.bill_id).lines if line.item_code.startswith("YP-"))
    settlement.return_part(
        settlement_id=row.id, quantities={drug.id: drug.quantity}, reason="未取药", key=new_id(), actor=desk
    )


def _apply(day: Day, doctor: Actor, people: list[UUID]) -> None:
    """Applications at each station: granted, sent back, and two that wait for the insurance office."""
    office = day.actor["yibao"]
    asked = [
        ("two_diseases", "I10", "高血压 2 级", "三次非同日血压均高于 160/100，规律服药两个月。", ""),
        ("chronic", "I25", "冠心病", "曾住院诊断冠心病，长期服药，附出院小结。", ""),
        ("drug", "DEMO-YP-SACUBITRIL", "慢性心力衰竭", "射血分数 38%，常规治疗三个月效果不佳。", ""),
        ("elsewhere", "registered", "肺占位性病变", "本县不能放疗，拟转上级医院进一步诊治。", "省肿瘤医院"),
    ]
    known = coverage.askable(day.today)
    keys = [
        coverage.apply(
            resident_id=person, actor=doctor,
            given=coverage.NewApplication(kind, code if code in known[kind] else next(iter(known[kind])), diagnosis, opinion, day.today, destination),
        )
        for person, (kind, code, diagnosis, opinion, destination) in zip(people, asked, strict=True)
    ]  # fmt: skip
    until = add_months(day.today, 6)
    coverage.grant(application_id=keys[2], starts_on=day.today, ends_on=until, opinion="符合限定支付范围", actor=office)
    coverage.answer(application_id=keys[1], action="return", reason="缺近一年的出院小结", actor=office)


def _receive(day: Day) -> None:
    """Blocks of invoice numbers from the finance bureau; a sheet that jammed in the printer."""
    for kind, code in (("outpatient", "99010126"), ("inpatient", "99010226")):
        for place, first in (("T01", 410_001), ("COUNTY", 120_001)):
            invoices.open_numbers(
                institution_id=day.place(place), kind=kind, code=code, first=f"{first:010d}", last=f"{first + 999:010d}",
                source=f"县财政局领用单 2026-{first // 10_000:03d}", actor=system("demo"),
            )  # fmt: skip
    invoices.spoil(kind="outpatient", number="0000410001", reason="卡纸", actor=day.actor["guahao"])


_GIVEN = (
    ("aid", 126_000, "住院自付部分救助"),
    ("aid", 84_500, "慢性病长期用药救助"),
    ("relief", 30_000, "临时困难减免"),
)


def _give(day: Day) -> None:
    """Money of this year for assistance and relief, from the bureau; some of it given to people on the civil-affairs roll."""
    for fund, amount, paper in (("aid", 60_000_000, "县财政年度医疗救助预算"), ("relief", 8_000_000, "县慈善协会捐赠")):
        assistance.fund_in(fund=fund, amount=amount, reason=paper, key=new_id(), actor=day.actor["weijian"])
    poor = coverage.categories_held(day.today)[:3]
    for one, (fund, amount, why) in zip(poor, _GIVEN, strict=False):
        assistance.pay(
            fund=fund, resident_id=one.resident_id, category=one.code, right_on=day.today, amount=amount, why=why, key=new_id(), actor=day.actor["yibao"],
        )  # fmt: skip


def _hold_the_roll(day: Day) -> None:
    """This month's roll of the civil-affairs bureau: two people more than here, two fewer, one whom nobody knows; one is decided."""
    held = coverage.categories_held(day.today)
    lines = [(one.resident_id, one.code) for one in held[: max(0, len(held) - 2)]]
    lines += [(patient.id, "bianyuan") for patient in islice(day.townspeople, 2)]
    names = residents.resident_names([key for key, _code in lines])
    rows = [
        f"{residents.citizen_number(key)},{names[key].name},{code},{day.today.replace(day=1)}" for key, code in lines
    ]
    rows.append(f"149900180001010000,外地迁入,dibao,{day.today.replace(day=1)}")
    content = "\n".join(["证件号码,姓名,类别,起始日期", *rows]).encode()
    key = assistance.check_roll(
        name="民政低收入人口名册.csv", content=content, as_of=day.today, actor=day.actor["yibao"]
    )
    waiting = assistance.differences_of(key, "missing")
    if waiting:
        assistance.decide(
            difference_id=waiting[0], decision="grant", reason="与民政经办核实，本月新认定", actor=day.actor["yibao"]
        )
