"""Who somebody is, registrations, referrals, lines of a bill."""

# texts: data (the simulator speaks Chinese only, like the platforms it stands for)

from yigong.exchange.nhsa.simulator.books import Row, Visit
from yigong.exchange.nhsa.simulator.transactions.desk import (
    Desk,
    Refusal,
    is_settled,
    number,
    person_of,
    policy_of,
    visit_of,
    yuan,
)

_GROUPS = {"08": "material", "09": "drug", "10": "drug", "11": "drug", "13": "registration"}


def identify(platform: Desk, given: Row, message: Row) -> Row:
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


def register_visit(platform: Desk, given: Row, message: Row) -> Row:
    """2201."""
    data = given["data"]
    person = person_of(platform, data)
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


def admit(platform: Desk, given: Row, message: Row) -> Row:
    """2401."""
    data = given["mdtrtinfo"]
    person = person_of(platform, data)
    visit = Visit(platform.books.next("M"), person["psn_no"], data["insutype"], message["fixmedins_code"], True, data.get("med_type", "21"),
                  data.get("dise_codg", ""), "inpatient", data["begntime"][:10], began=data["begntime"][:10])  # fmt: skip
    orders = platform.books.referred.get((visit.psn_no, visit.insutype), ())
    order = next((one for one in orders if one["begndate"] <= visit.began <= one["enddate"]), None)
    visit.referral = {"1": "up", "2": "down"}.get(order["refl_type"], "") if order else ""
    platform.books.visits[visit.mdtrt_id] = visit
    return {"result": {"mdtrt_id": visit.mdtrt_id}}


def refer(platform: Desk, given: Row, message: Row) -> Row:
    """2501."""
    data = given["refmedin"]
    person = person_of(platform, data)
    platform.books.referred.setdefault((person["psn_no"], data["insutype"]), []).insert(0, data)
    return {"result": {"trt_dcla_detl_sn": platform.books.next("R")}}


def visit_information(platform: Desk, given: Row, message: Row) -> Row:
    """2203."""
    data = given["mdtrtinfo"]
    visit = visit_of(platform, data)
    visit.med_type, visit.disease, visit.kind = (
        data["med_type"],
        data.get("dise_codg", ""),
        data.get("benefit_kind", "pooling"),
    )
    return {}


def discharge(platform: Desk, given: Row, message: Row) -> Row:
    """2402."""
    visit = visit_of(platform, given["dscginfo"])
    visit.discharged, visit.day = True, given["dscginfo"]["endtime"][:10]
    return {}


def cancel_visit(platform: Desk, given: Row, message: Row) -> Row:
    """2202, 2404."""
    visit = visit_of(platform, given["data"])
    if is_settled(platform, visit.mdtrt_id):
        raise Refusal("已结算，不能撤销登记")
    visit.cancelled = True
    return {}


def cancel_discharge(platform: Desk, given: Row, message: Row) -> Row:
    """2405."""
    visit = visit_of(platform, given["data"])
    if is_settled(platform, visit.mdtrt_id):
        raise Refusal("已结算，不能撤销出院")
    visit.discharged = False
    return {}


def upload_lines(platform: Desk, given: Row, message: Row) -> Row:
    """2204, 2301."""
    details, results = given["feedetail"], []
    for one in details:
        visit = visit_of(platform, one)
        amount, count, price = (number(one[name], name) for name in ("det_item_fee_sumamt", "cnt", "pric"))
        if amount < 0 or count <= 0 or price < 0 or count > 100_000:
            raise Refusal(f"明细 {one['feedetl_sn']} 的数量或金额不合理")
        policy = policy_of(platform, visit)
        row = platform.catalogue.get(one["med_list_codg"])
        benefit = policy.outpatient(visit.kind) if visit.kind != "inpatient" else None
        wanted = set(benefit.get("categories", ())) if benefit else set()
        group = (row and row["category"]) or _GROUPS.get(one.get("med_chrgitm_type", ""), "")
        # hosp_appr_flag 2: the hospital (or the office) did not approve it, the person pays it all.
        refused = one.get("hosp_appr_flag") == "2" or (bool(wanted) and group not in wanted)
        parts = policy.line(row, group, amount, count, price, refused)
        visit.lines.append({"sn": one["feedetl_sn"], "batch": one.get("chrg_bchno", ""), "amount": amount, **parts})
        results.append({
            "feedetl_sn": one["feedetl_sn"], "det_item_fee_sumamt": yuan(amount), "fulamt_ownpay_amt": yuan(parts["own"]),
            "overlmt_amt": yuan(parts["over"]), "preselfpay_amt": yuan(parts["pre"]), "inscp_scp_amt": yuan(parts["in"]),
            "chrgitm_lv": {"A": "01", "B": "02", "C": "03"}[row["cls"]] if row else "03",
        })  # fmt: skip
    return {"result": results}


def delete_lines(platform: Desk, given: Row, message: Row) -> Row:
    """2205, 2302; "0000" deletes everything that is not settled."""
    data = given["data"]
    visit = visit_of(platform, data)
    if is_settled(platform, visit.mdtrt_id):
        raise Refusal("已结算的明细不能删除")
    which = data.get("chrg_bchno") or data.get("feedetl_sn")
    visit.lines = [] if which == "0000" else [one for one in visit.lines if which not in (one["batch"], one["sn"])]
    return {}
