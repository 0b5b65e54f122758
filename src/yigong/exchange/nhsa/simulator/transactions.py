"""What the simulated platform does for each transaction number. Refusals are ``Refusal``; everything else answers with ``output``."""

# texts: data (the simulator speaks Chinese only, like the platforms it stands for)

import base64
import csv
import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from yigong.exchange.nhsa.simulator.books import Books, Row, Settled, Visit
from yigong.exchange.nhsa.simulator.sums import (
    Continued,
    Policy,
    Visitor,
    Worked,
    money,
    policy_for,
    read_policies,
    work_out,
)

ZERO = Decimal(0)
SUMS = ("medfee_sumamt", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt", "act_pay_dedc", "hifp_pay", "cvlserv_pay",
        "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "oth_pay", "fund_pay_sumamt", "psn_part_amt", "acct_pay", "psn_cash_pay",
        "hosp_part_amt", "acct_mulaid_pay")  # fmt: skip
_FUNDS = {"hifp_pay": ("310100", "基本医疗统筹基金"), "hifob_pay": ("330100", "大额医疗补助"), "hifmi_pay": ("390200", "大病保险"),
          "cvlserv_pay": ("320100", "公务员补助"), "maf_pay": ("610100", "医疗救助"), "oth_pay": ("999997", "其他基金")}  # fmt: skip


_GROUPS = {"08": "material", "09": "drug", "10": "drug", "11": "drug", "13": "registration"}


class Refusal(Exception):
    """The platform says no; the text goes out as ``err_msg``."""


class Platform:
    """The books, the policies and the catalogue together."""

    def __init__(self, books: Books, plans: Path, catalogue: Path) -> None:
        self.books, self.policies = books, read_policies(plans)
        with catalogue.open(encoding="utf-8", newline="") as file:
            self.catalogue = {row["code"]: row for row in csv.DictReader(file)}
        self.fen_off: set[str] = set()
        for entry in books.journal():
            self.replay(entry)

    def replay(self, entry: Row) -> None:
        """Do again what the journal says."""
        if "person" in entry:
            self.books.add_person(entry["person"])
        elif "institution" in entry:
            self.books.add_institution(entry["institution"])
        elif "opening" in entry:
            self._open(entry["opening"])
        else:
            try:
                self.perform(entry["message"])
            except Refusal:
                return

    def enter(self, what: Row) -> None:
        """Master data from outside: people, institutions, cumulations at the opening of the books."""
        with self.books.lock:
            for person in what.get("people", ()):
                self.books.add_person(person)
                self.books.write_down({"person": person})
            for institution in what.get("institutions", ()):
                self.books.add_institution(institution)
                self.books.write_down({"institution": institution})
            for opening in what.get("openings", ()):
                self._open(opening)
                self.books.write_down({"opening": opening})

    def _open(self, opening: Row) -> None:
        key = (opening["psn_no"], opening["insutype"], opening["year"])
        self.books.cumulated[key] = {name: Decimal(amount) for name, amount in opening["sums"].items()}

    def perform(self, message: Row) -> Row:
        """One message; the same message id again gives the same answer and is not done twice."""
        known = self.books.answers.get(message["msgid"])
        if known is not None:
            return known
        handler = _HANDLERS.get(message["infno"])
        if handler is None:
            raise Refusal(f"模拟器没有交易 {message['infno']}")
        output = handler(self, message["input"], message)
        if message["infno"] in _JOURNALLED:
            self.books.answers[message["msgid"]] = output
        return output


def _person(platform: Platform, data: Row) -> Row:
    person = platform.books.people.get(str(data.get("psn_no", "")))
    if person is None:
        raise Refusal("人员编号不存在")
    return person


def identify(platform: Platform, given: Row, message: Row) -> Row:
    """1101."""
    data = given["data"]
    number = str(data.get("mdtrt_cert_no") or data.get("certno") or "")
    if data.get("mdtrt_cert_type") == "03":
        number = str(data.get("card_sn") or number)
    psn_no = platform.books.by_certificate.get(number)
    if psn_no is None:
        raise Refusal("未查询到该人员的参保信息")
    person = platform.books.people[psn_no]
    if any(card["sn"] == number and card.get("lost") for card in person.get("cards", ())):
        raise Refusal("该社会保障卡已挂失，不能使用")
    base = {name: person.get(name, "") for name in ("psn_no", "certno", "psn_name", "gend", "brdy")}
    balance, family = person.get("balance", "0.00"), person.get("family", "0.00")
    insured = [{**one, "balc": balance, "acct_mulaid_balc": family, "psn_insu_stas": "1"} for one in person["insuinfo"]]
    return {"baseinfo": base, "insuinfo": insured, "idetinfo": person.get("idetinfo", [])}


def register_visit(platform: Platform, given: Row, message: Row) -> Row:
    """2201."""
    data = given["data"]
    person = _person(platform, data)
    visit = Visit(
        platform.books.next("M"),
        person["psn_no"],
        data["insutype"],
        message["fixmedins_code"],
        False,
        day=data["begntime"][:10],
    )
    platform.books.visits[visit.mdtrt_id] = visit
    return {"data": {"mdtrt_id": visit.mdtrt_id, "psn_no": visit.psn_no, "ipt_otp_no": data.get("ipt_otp_no", "")}}


def admit(platform: Platform, given: Row, message: Row) -> Row:
    """2401."""
    data = given["mdtrtinfo"]
    person = _person(platform, data)
    visit = Visit(platform.books.next("M"), person["psn_no"], data["insutype"], message["fixmedins_code"], True, data.get("med_type", "21"),
                  data.get("dise_codg", ""), "inpatient", data["begntime"][:10], began=data["begntime"][:10])  # fmt: skip
    orders = platform.books.referred.get((visit.psn_no, visit.insutype), ())
    order = next((one for one in orders if one["begndate"] <= visit.began <= one["enddate"]), None)
    visit.referral = {"1": "up", "2": "down"}.get(order["refl_type"], "") if order else ""
    platform.books.visits[visit.mdtrt_id] = visit
    return {"result": {"mdtrt_id": visit.mdtrt_id}}


def refer(platform: Platform, given: Row, message: Row) -> Row:
    """2501."""
    data = given["refmedin"]
    person = _person(platform, data)
    platform.books.referred.setdefault((person["psn_no"], data["insutype"]), []).insert(0, data)
    return {"result": {"trt_dcla_detl_sn": platform.books.next("R")}}


def _visit(platform: Platform, data: Row) -> Visit:
    visit = platform.books.visits.get(str(data.get("mdtrt_id", "")))
    if visit is None or visit.cancelled:
        raise Refusal("就诊登记不存在或已撤销")
    return visit


def visit_information(platform: Platform, given: Row, message: Row) -> Row:
    """2203."""
    data = given["mdtrtinfo"]
    visit = _visit(platform, data)
    visit.med_type, visit.disease, visit.kind = (
        data["med_type"],
        data.get("dise_codg", ""),
        data.get("benefit_kind", "pooling"),
    )
    return {}


def _benefit(policy: Policy, visit: Visit) -> str:
    """The policy's benefit for a medical type and a disease."""
    wanted = {"14": "chronic", "9901": "two_diseases"}.get(visit.med_type, "pooling")
    for one in sorted(policy.text.get("outpatient", ()), key=lambda benefit: benefit["order"]):
        diseases = {disease["code"] for disease in one.get("diseases", ())}
        if one["kind"] == wanted and (not diseases or visit.disease in diseases):
            return str(one["code"])
    raise Refusal("该医疗类别没有可用的待遇，或病种不在待遇范围内")


def discharge(platform: Platform, given: Row, message: Row) -> Row:
    """2402."""
    visit = _visit(platform, given["dscginfo"])
    visit.discharged, visit.day = True, given["dscginfo"]["endtime"][:10]
    return {}


def cancel_visit(platform: Platform, given: Row, message: Row) -> Row:
    """2202, 2404."""
    visit = _visit(platform, given["data"])
    if _counting(platform, visit.mdtrt_id):
        raise Refusal("已结算，不能撤销登记")
    visit.cancelled = True
    return {}


def cancel_discharge(platform: Platform, given: Row, message: Row) -> Row:
    """2405."""
    visit = _visit(platform, given["data"])
    if _counting(platform, visit.mdtrt_id):
        raise Refusal("已结算，不能撤销出院")
    visit.discharged = False
    return {}


def upload_lines(platform: Platform, given: Row, message: Row) -> Row:
    """2204, 2301."""
    details, results = given["feedetail"], []
    for one in details:
        visit = _visit(platform, one)
        amount, count, price = (_number(one[name], name) for name in ("det_item_fee_sumamt", "cnt", "pric"))
        if amount < 0 or count <= 0 or price < 0 or count > 100_000:
            raise Refusal(f"明细 {one['feedetl_sn']} 的数量或金额不合理")
        policy = _policy(platform, visit)
        row = platform.catalogue.get(one["med_list_codg"])
        benefit = policy.outpatient(visit.kind) if visit.kind != "inpatient" else None
        wanted = set(benefit.get("categories", ())) if benefit else set()
        group = (row and row["category"]) or _GROUPS.get(one.get("med_chrgitm_type", ""), "")
        # hosp_appr_flag 2: the hospital (or the office) did not approve it, the person pays it all.
        refused = one.get("hosp_appr_flag") == "2" or (bool(wanted) and group not in wanted)
        parts = policy.line(row, group, amount, count, price, refused)
        visit.lines.append({"sn": one["feedetl_sn"], "batch": one.get("chrg_bchno", ""), "amount": amount, **parts})
        results.append({
            "feedetl_sn": one["feedetl_sn"], "det_item_fee_sumamt": _text(amount), "fulamt_ownpay_amt": _text(parts["own"]),
            "overlmt_amt": _text(parts["over"]), "preselfpay_amt": _text(parts["pre"]), "inscp_scp_amt": _text(parts["in"]),
            "chrgitm_lv": {"A": "01", "B": "02", "C": "03"}[row["cls"]] if row else "03",
        })  # fmt: skip
    return {"result": results}


def delete_lines(platform: Platform, given: Row, message: Row) -> Row:
    """2205, 2302; "0000" deletes everything that is not settled."""
    data = given["data"]
    visit = _visit(platform, data)
    if _counting(platform, visit.mdtrt_id):
        raise Refusal("已结算的明细不能删除")
    which = data.get("chrg_bchno") or data.get("feedetl_sn")
    visit.lines = [] if which == "0000" else [one for one in visit.lines if which not in (one["batch"], one["sn"])]
    return {}


def presettle(platform: Platform, given: Row, message: Row) -> Row:
    """2206, 2303."""
    visit, _year, worked = _work(platform, given["data"], message)
    return _answer(platform, visit, worked, "")


def settle(platform: Platform, given: Row, message: Row) -> Row:
    """2207, 2304."""
    data = given["data"]
    visit, year, worked = _work(platform, data, message)
    if visit.inpatient and not visit.discharged:
        raise Refusal("患者尚未办理出院")
    for name in ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt"):
        if name in data and _number(data[name], name) != worked.figures[name]:
            raise Refusal(f"{name} 与平台不一致：上传 {data[name]}，平台 {_text(worked.figures[name])}")
    books = platform.books
    setl_id = books.next("S")
    books.settled[setl_id] = Settled(
        setl_id, message["msgid"], visit.mdtrt_id, visit.psn_no, visit.insutype, visit.fixmedins, message["inf_time"][:10], year,
        worked.figures, worked.grown, worked.words, books.serial, line=worked.line,
    )  # fmt: skip
    books.grow((visit.psn_no, visit.insutype, year), worked.grown, 1)
    _draw(platform, visit.psn_no, worked.figures, -1)
    return _answer(platform, visit, worked, setl_id)


def revoke(platform: Platform, given: Row, message: Row) -> Row:
    """2208, 2305: last in, first out within the person's year."""
    data = given["data"]
    one = platform.books.settled.get(str(data.get("setl_id", "")))
    if one is None or one.psn_no != data.get("psn_no"):
        raise Refusal("结算记录不存在")
    if one.reversal_id:
        raise Refusal("该结算已撤销")
    return _revoke(platform, one, message)


def _revoke(platform: Platform, one: Settled, message: Row) -> Row:
    one.reversal_id, one.reversed_on = platform.books.next("S"), message["inf_time"][:10]
    platform.books.grow((one.psn_no, one.insutype, one.year), one.grown, -1)
    _draw(platform, one.psn_no, one.figures, 1)
    negative = {name: _text(-amount) for name, amount in one.figures.items()}
    return {"setlinfo": {"mdtrt_id": one.mdtrt_id, "setl_id": one.reversal_id, "init_setl_id": one.setl_id, **negative}}


def undo_unknown(platform: Platform, given: Row, message: Row) -> Row:
    """2601: what the message did, is undone; what never came, will not be done when it comes late."""
    data = given["data"]
    books = platform.books
    one = next((s for s in books.settled.values() if s.msgid == data["omsgid"]), None)
    if one is not None and not one.reversal_id:
        _revoke(platform, one, message)
    books.answers.setdefault(data["omsgid"], {"cancelled": True})
    return {}


def settlement_query(platform: Platform, given: Row, message: Row) -> Row:
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


def cumulations(platform: Platform, given: Row, message: Row) -> Row:
    """5206."""
    data = given["data"]
    year = int(str(data.get("cum_ym") or message["inf_time"])[:4])
    rows = []
    for (psn_no, insutype, of), sums in platform.books.cumulated.items():
        if psn_no == data["psn_no"] and of == year:
            rows += [
                {"insutype": insutype, "year": of, "cum_type_code": name, "cum": _text(cum)}
                for name, cum in sums.items()
                if cum
            ]
    return {"cuminfo": rows}


def totals(platform: Platform, given: Row, message: Row) -> Row:
    """3201."""
    data = given["data"]
    rows = _day(platform, data["stmt_begndate"], data["stmt_enddate"], data["insutype"], message["fixmedins_code"])
    theirs = {
        "medfee_sumamt": sum((r["total"] for r in rows), ZERO), "fund_pay_sumamt": sum((r["funds"] for r in rows), ZERO),
        "acct_pay": sum((r["account"] for r in rows), ZERO), "fixmedins_setl_cnt": Decimal(sum(-1 if r["back"] else 1 for r in rows)),
    }  # fmt: skip
    unequal = [name for name, value in theirs.items() if _number(data[name], name) != value]
    said = "；".join(f"{name} 上传 {data[name]} 平台 {theirs[name]}" for name in unequal)
    return {"stmtinfo": {"stmt_rslt": "1" if unequal else "0", "stmt_rslt_dscr": said or "对账平"}}


def upload_file(platform: Platform, given: Row, message: Row) -> Row:
    """9101."""
    key = platform.books.next("F")
    platform.books.files[key] = base64.b64decode(given["fsUploadIn"]["in"])
    return {"file_qury_no": key, "dld_endtime": message["inf_time"]}


def details(platform: Platform, given: Row, message: Row) -> Row:
    """3202: both sides' rows compared; the answer lies in a file."""
    data = given["data"]
    mine = {
        (r["setl_id"], r["back"]): r
        for r in _day(
            platform, data["stmt_begndate"], data["stmt_enddate"], data["insutype"], message["fixmedins_code"]
        )
    }
    uploaded = [json.loads(line) for line in platform.books.files[data["file_qury_no"]].decode().splitlines() if line]
    lines = []
    theirs = {(row["setl_id"], row["refd_setl_flag"] == "1"): row for row in uploaded}
    for key, row in mine.items():
        other = theirs.get(key)
        same = other and all(
            _number(other[name], name) == row[short]
            for name, short in (("medfee_sumamt", "total"), ("fund_pay_sumamt", "funds"), ("acct_pay", "account"))
        )
        lines.append(
            {
                **_listed(row),
                "stmt_rslt": "0" if same else "1",
                "memo": "" if same else "金额不符" if other else "机构端没有",
            }
        )
    lines += [
        {**row, "msgid": "", "stmt_rslt": "1", "memo": "平台端没有"} for key, row in theirs.items() if key not in mine
    ]
    answer = platform.books.next("F")
    platform.books.files[answer] = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()
    return {"fileinfo": {"file_qury_no": answer, "filename": f"{answer}.txt", "dld_endtime": message["inf_time"]}}


def download_file(platform: Platform, given: Row, message: Row) -> Row:
    """9102."""
    return {
        "fsDownloadOut": {"out": base64.b64encode(platform.books.files[given["fsDownloadIn"]["file_qury_no"]]).decode()}
    }


def sign_in(platform: Platform, given: Row, message: Row) -> Row:
    """9001, 9002."""
    return {"signinoutb": {"sign_time": message["inf_time"], "sign_no": platform.books.next("Q")}}


def _work(platform: Platform, data: Row, message: Row) -> tuple[Visit, int, Worked]:
    visit = _visit(platform, data)
    if _counting(platform, visit.mdtrt_id):
        raise Refusal("该就诊已结算，不能重复结算")
    if not visit.lines:
        raise Refusal("没有上传费用明细")
    person = platform.books.people[visit.psn_no]
    dead = person.get("died_on")
    if dead and visit.day > dead and not visit.inpatient:
        raise Refusal("该人员已死亡，不能结算死亡日期之后的费用")
    policy, on = _policy(platform, visit), date.fromisoformat(visit.day)
    parts = {name: sum((line[name] for line in visit.lines), ZERO) for name in ("own", "over", "pre", "in")}
    if "medfee_sumamt" in data and _number(data["medfee_sumamt"], "medfee_sumamt") != sum(parts.values()):
        raise Refusal(
            f"医疗费总额与明细合计不一致：上传 {data['medfee_sumamt']}，明细合计 {_text(sum(parts.values(), ZERO))}"
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


def _before(platform: Platform, visit: Visit, level: str) -> Continued | None:
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


def person_kind(person: Row, insutype: str) -> str:
    """The kind of person under a scheme."""
    return next((one["psn_type"] for one in person["insuinfo"] if one["insutype"] == insutype), "")


def _policy(platform: Platform, visit: Visit) -> Policy:
    person = platform.books.people[visit.psn_no]
    insured = next((one for one in person["insuinfo"] if one["insutype"] == visit.insutype), None)
    if insured is None:
        raise Refusal("该险种没有参保")
    found = policy_for(platform.policies, visit.insutype, insured["insuplc_admdvs"], date.fromisoformat(visit.day))
    if found is None:
        raise Refusal("统筹区没有待遇政策")
    return found


def _counting(platform: Platform, mdtrt_id: str) -> bool:
    return any(s.mdtrt_id == mdtrt_id and not s.reversal_id for s in platform.books.settled.values())


def _draw(platform: Platform, psn_no: str, figures: dict[str, Decimal], sign: int) -> None:
    person = platform.books.people[psn_no]
    person["balance"] = _text(Decimal(person.get("balance", "0")) + sign * figures["acct_pay"])
    person["family"] = _text(Decimal(person.get("family", "0")) + sign * figures["acct_mulaid_pay"])


def _answer(platform: Platform, visit: Visit, worked: Worked, setl_id: str) -> Row:
    person = platform.books.people[visit.psn_no]
    info = {
        "mdtrt_id": visit.mdtrt_id, "setl_id": setl_id, "psn_no": visit.psn_no, "psn_name": person["psn_name"], "certno": person["certno"],
        "insutype": visit.insutype, "psn_type": person_kind(person, visit.insutype), "med_type": visit.med_type,
        "pool_prop_selfpay": str(worked.figures.get("pool_prop_selfpay", ZERO)), "balc": person.get("balance", "0.00"),
        **{name: _text(worked.figures[name]) for name in SUMS},
    }  # fmt: skip
    detail = [
        {"fund_pay_type": code, "fund_pay_type_name": title, "fund_payamt": _text(worked.figures[name]), "inscp_scp_amt": _text(worked.figures["inscp_scp_amt"]),
         "setl_proc_info": "；".join(worked.words)}
        for name, (code, title) in _FUNDS.items() if worked.figures[name]
    ]  # fmt: skip
    return {"setlinfo": info, "setldetail": detail}


def _day(platform: Platform, begin: str, end: str, insutype: str, fixmedins: str) -> list[Row]:
    rows = []
    for one in platform.books.settled.values():
        if (one.insutype, one.fixmedins) != (insutype, fixmedins):
            continue
        account = one.figures["acct_pay"] + one.figures["acct_mulaid_pay"]
        base = {"setl_id": one.setl_id, "msgid": one.msgid, "psn_no": one.psn_no, "mdtrt_id": one.mdtrt_id}
        if begin <= one.day <= end:
            rows.append(
                {
                    **base,
                    "back": False,
                    "total": one.figures["medfee_sumamt"],
                    "funds": one.figures["fund_pay_sumamt"],
                    "account": account,
                }
            )
        if one.reversal_id and begin <= one.reversed_on <= end:
            rows.append(
                {
                    **base,
                    "back": True,
                    "total": -one.figures["medfee_sumamt"],
                    "funds": -one.figures["fund_pay_sumamt"],
                    "account": -account,
                }
            )
    return rows


def _listed(row: Row) -> Row:
    return {
        "setl_id": row["setl_id"], "msgid": row["msgid"], "mdtrt_id": row["mdtrt_id"], "psn_no": row["psn_no"], "medfee_sumamt": _text(row["total"]),
        "fund_pay_sumamt": _text(row["funds"]), "acct_pay": _text(row["account"]), "refd_setl_flag": "1" if row["back"] else "0",
    }  # fmt: skip


def _age(born: str, on: date) -> int | None:
    if not born:
        return None
    day = date.fromisoformat(born)
    return on.year - day.year - ((on.month, on.day) < (day.month, day.day))


def _number(text: Any, name: str) -> Decimal:
    try:
        number = Decimal(str(text))
    except InvalidOperation:
        raise Refusal(f"{name} 不是数字：{text}") from None
    if not number.is_finite():
        raise Refusal(f"{name} 不是数字：{text}")
    return number


def _text(amount: Decimal) -> str:
    return f"{money(amount):.2f}"


_HANDLERS: dict[str, Callable[[Platform, Row, Row], Row]] = {
    "1101": identify, "2201": register_visit, "2202": cancel_visit, "2203": visit_information, "2204": upload_lines, "2205": delete_lines,
    "2206": presettle, "2207": settle, "2208": revoke, "2301": upload_lines, "2302": delete_lines, "2303": presettle, "2304": settle,
    "2305": revoke, "2401": admit, "2501": refer, "2402": discharge, "2404": cancel_visit, "2405": cancel_discharge, "2601": undo_unknown, "3201": totals,
    "3202": details, "5203": settlement_query, "5206": cumulations, "9001": sign_in, "9002": sign_in, "9101": upload_file, "9102": download_file,
}  # fmt: skip
_JOURNALLED = frozenset(
    {
        "2201",
        "2202",
        "2203",
        "2204",
        "2205",
        "2207",
        "2208",
        "2301",
        "2302",
        "2304",
        "2305",
        "2401",
        "2402",
        "2404",
        "2405",
        "2501",
        "2601",
    }
)
TRANSACTIONS = tuple(sorted(_HANDLERS))
JOURNALLED = _JOURNALLED
