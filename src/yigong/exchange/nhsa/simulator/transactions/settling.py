"""A bill calculated, settled, taken back and asked about."""

# texts: data (the simulator speaks Chinese only, like the platforms it stands for)

from datetime import date, timedelta
from decimal import Decimal

from yigong.exchange.nhsa.simulator.books import Row, Settled, Visit
from yigong.exchange.nhsa.simulator.sums import Continued, Visitor, Worked, work_out
from yigong.exchange.nhsa.simulator.transactions.desk import (
    ZERO,
    Desk,
    Refusal,
    is_settled,
    number,
    person_kind,
    policy_of,
    visit_of,
    yuan,
)

SUMS = ("medfee_sumamt", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt", "act_pay_dedc", "hifp_pay", "cvlserv_pay",
        "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "oth_pay", "fund_pay_sumamt", "psn_part_amt", "acct_pay", "psn_cash_pay",
        "hosp_part_amt", "acct_mulaid_pay")  # fmt: skip
_FUNDS = {"hifp_pay": ("310100", "基本医疗统筹基金"), "hifob_pay": ("330100", "大额医疗补助"), "hifmi_pay": ("390200", "大病保险"),
          "cvlserv_pay": ("320100", "公务员补助"), "maf_pay": ("610100", "医疗救助"), "oth_pay": ("999997", "其他基金")}  # fmt: skip


def presettle(platform: Desk, given: Row, message: Row) -> Row:
    """2206, 2303."""
    visit, _year, worked = _work(platform, given["data"], message)
    return _answer(platform, visit, worked, "")


def settle(platform: Desk, given: Row, message: Row) -> Row:
    """2207, 2304."""
    data = given["data"]
    visit, year, worked = _work(platform, data, message)
    if visit.inpatient and not visit.discharged:
        raise Refusal("患者尚未办理出院")
    for name in ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt"):
        if name in data and number(data[name], name) != worked.figures[name]:
            raise Refusal(f"{name} 与平台不一致：上传 {data[name]}，平台 {yuan(worked.figures[name])}")
    books = platform.books
    setl_id = books.next("S")
    books.settled[setl_id] = Settled(
        setl_id, message["msgid"], visit.mdtrt_id, visit.psn_no, visit.insutype, visit.fixmedins, message["inf_time"][:10], year,
        worked.figures, worked.grown, worked.words, books.serial, line=worked.line,
    )  # fmt: skip
    books.grow((visit.psn_no, visit.insutype, year), worked.grown, 1)
    _draw(platform, visit.psn_no, worked.figures, -1)
    return _answer(platform, visit, worked, setl_id)


def revoke(platform: Desk, given: Row, message: Row) -> Row:
    """2208, 2305: last in, first out within the person's year."""
    data = given["data"]
    one = platform.books.settled.get(str(data.get("setl_id", "")))
    if one is None or one.psn_no != data.get("psn_no"):
        raise Refusal("结算记录不存在")
    if one.reversal_id:
        raise Refusal("该结算已撤销")
    return _revoke(platform, one, message)


def _revoke(platform: Desk, one: Settled, message: Row) -> Row:
    one.reversal_id, one.reversed_on = platform.books.next("S"), message["inf_time"][:10]
    platform.books.grow((one.psn_no, one.insutype, one.year), one.grown, -1)
    _draw(platform, one.psn_no, one.figures, 1)
    negative = {name: yuan(-amount) for name, amount in one.figures.items()}
    return {"setlinfo": {"mdtrt_id": one.mdtrt_id, "setl_id": one.reversal_id, "init_setl_id": one.setl_id, **negative}}


def undo_unknown(platform: Desk, given: Row, message: Row) -> Row:
    """2601: what the message did, is undone; what never came, will not be done when it comes late."""
    data = given["data"]
    books = platform.books
    one = next((s for s in books.settled.values() if s.msgid == data["omsgid"]), None)
    if one is not None and not one.reversal_id:
        _revoke(platform, one, message)
    books.answers.setdefault(data["omsgid"], {"cancelled": True})
    return {}


def settlement_query(platform: Desk, given: Row, message: Row) -> Row:
    """5203."""
    data = given["data"]
    found = [s for s in platform.books.settled.values() if s.psn_no == data["psn_no"]]
    if data.get("mdtrt_id"):
        found = [s for s in found if s.mdtrt_id == data["mdtrt_id"]]
    if data.get("setl_id"):
        found = [s for s in found if s.setl_id == data["setl_id"]]
    rows = []
    for one in found:
        visit = platform.books.visits[one.mdtrt_id]
        answer = _answer(platform, visit, Worked(one.figures, one.grown, one.words), one.setl_id)["setlinfo"]
        rows.append(
            {**answer, "refd_setl_flag": "1" if one.reversal_id else "0", "year": one.year, "medins_setl_id": one.msgid}
        )
    return {"setlinfo": rows}


def cumulations(platform: Desk, given: Row, message: Row) -> Row:
    """5206."""
    data = given["data"]
    year = int(str(data.get("cum_ym") or message["inf_time"])[:4])
    rows = []
    for (psn_no, insutype, of), sums in platform.books.cumulated.items():
        if psn_no == data["psn_no"] and of == year:
            rows += [
                {"insutype": insutype, "year": of, "cum_type_code": name, "cum": yuan(cum)}
                for name, cum in sums.items()
                if cum
            ]
    return {"cuminfo": rows}


def _work(platform: Desk, data: Row, message: Row) -> tuple[Visit, int, Worked]:
    visit = visit_of(platform, data)
    if is_settled(platform, visit.mdtrt_id):
        raise Refusal("该就诊已结算，不能重复结算")
    if not visit.lines:
        raise Refusal("没有上传费用明细")
    person = platform.books.people[visit.psn_no]
    dead = person.get("died_on")
    if dead and visit.day > dead and not visit.inpatient:
        raise Refusal("该人员已死亡，不能结算死亡日期之后的费用")
    policy, on = policy_of(platform, visit), date.fromisoformat(visit.day)
    parts = {name: sum((line[name] for line in visit.lines), ZERO) for name in ("own", "over", "pre", "in")}
    if "medfee_sumamt" in data and number(data["medfee_sumamt"], "medfee_sumamt") != sum(parts.values()):
        raise Refusal(
            f"医疗费总额与明细合计不一致：上传 {data['medfee_sumamt']}，明细合计 {yuan(sum(parts.values(), ZERO))}"
        )
    kind = person_kind(person, visit.insutype)
    who = Visitor(
        frozenset(one["psn_idet_type"] for one in person.get("idetinfo", ()) if one["begntime"][:10] <= visit.day and (not one.get("endtime") or visit.day < one["endtime"][:10])),
        kind.startswith("12"), kind in ("1102", "1202"), _age(person.get("brdy", ""), on), Decimal(person.get("balance", "0")), Decimal(person.get("family", "0")),
    )  # fmt: skip
    level = platform.books.institutions.get(visit.fixmedins, {}).get("level", "1")
    worked = work_out(policy, visit.kind, parts, who, platform.books.sums(visit.psn_no, visit.insutype, on.year), level=level,
                      disease=visit.disease, use_account=data.get("acct_used_flag") == "1", continued=_before(platform, visit, level))  # fmt: skip
    if message["infno"] in platform.fen_off:
        _off_by_one(worked)
    return visit, on.year, worked


def _before(platform: Desk, visit: Visit, level: str) -> Continued | None:
    """The stay that a registered referral continues: at another level, left at most three days before."""
    if not visit.referral:
        return None
    earliest = str(date.fromisoformat(visit.began) - timedelta(days=3))
    for one in reversed(platform.books.settled.values()):
        stay = platform.books.visits[one.mdtrt_id]
        there = platform.books.institutions.get(one.fixmedins, {}).get("level", "1")
        same = (one.psn_no, one.insutype) == (visit.psn_no, visit.insutype) and stay.inpatient and not one.reversal_id
        if same and there != level and (there < level) == (visit.referral == "up") and stay.day >= earliest:
            return Continued(visit.referral, one.figures["act_pay_dedc"], one.line)
    return None


def _off_by_one(worked: Worked) -> None:
    """The fault "one fen": the pool pays a fen less, the person a fen more."""
    for name in ("hifp_pay", "fund_pay_sumamt"):
        worked.figures[name] -= Decimal("0.01")
    for name in ("psn_part_amt", "psn_cash_pay"):
        worked.figures[name] += Decimal("0.01")


def _draw(platform: Desk, psn_no: str, figures: dict[str, Decimal], sign: int) -> None:
    person = platform.books.people[psn_no]
    person["balance"] = yuan(Decimal(person.get("balance", "0")) + sign * figures["acct_pay"])
    person["family"] = yuan(Decimal(person.get("family", "0")) + sign * figures["acct_mulaid_pay"])


def _answer(platform: Desk, visit: Visit, worked: Worked, setl_id: str) -> Row:
    person = platform.books.people[visit.psn_no]
    info = {
        "mdtrt_id": visit.mdtrt_id, "setl_id": setl_id, "psn_no": visit.psn_no, "psn_name": person["psn_name"], "certno": person["certno"],
        "insutype": visit.insutype, "psn_type": person_kind(person, visit.insutype), "med_type": visit.med_type,
        "pool_prop_selfpay": str(worked.figures.get("pool_prop_selfpay", ZERO)), "balc": person.get("balance", "0.00"),
        **{name: yuan(worked.figures[name]) for name in SUMS},
    }  # fmt: skip
    detail = [
        {"fund_pay_type": code, "fund_pay_type_name": title, "fund_payamt": yuan(worked.figures[name]), "inscp_scp_amt": yuan(worked.figures["inscp_scp_amt"]),
         "setl_proc_info": "；".join(worked.words)}
        for name, (code, title) in _FUNDS.items() if worked.figures[name]
    ]  # fmt: skip
    return {"setlinfo": info, "setldetail": detail}


def _age(born: str, on: date) -> int | None:
    if not born:
        return None
    day = date.fromisoformat(born)
    return on.year - day.year - ((on.month, on.day) < (day.month, day.day))
