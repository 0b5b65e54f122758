"""Totals and details of a day held against the institution, the files they travel in, signing in."""

# texts: data (the simulator speaks Chinese only, like the platforms it stands for)

import base64
import json
from decimal import Decimal

from yigong.exchange.nhsa.simulator.books import Row
from yigong.exchange.nhsa.simulator.transactions.desk import ZERO, Desk, number, yuan


def totals(platform: Desk, given: Row, message: Row) -> Row:
    """3201."""
    data = given["data"]
    rows = _day(platform, data["stmt_begndate"], data["stmt_enddate"], data["insutype"], message["fixmedins_code"])
    theirs = {
        "medfee_sumamt": sum((r["total"] for r in rows), ZERO), "fund_pay_sumamt": sum((r["funds"] for r in rows), ZERO),
        "acct_pay": sum((r["account"] for r in rows), ZERO), "fixmedins_setl_cnt": Decimal(sum(-1 if r["back"] else 1 for r in rows)),
    }  # fmt: skip
    unequal = [name for name, value in theirs.items() if number(data[name], name) != value]
    said = "；".join(f"{name} 上传 {data[name]} 平台 {theirs[name]}" for name in unequal)
    return {"stmtinfo": {"stmt_rslt": "1" if unequal else "0", "stmt_rslt_dscr": said or "对账平"}}


def upload_file(platform: Desk, given: Row, message: Row) -> Row:
    """9101."""
    key = platform.books.next("F")
    platform.books.files[key] = base64.b64decode(given["fsUploadIn"]["in"])
    return {"file_qury_no": key, "dld_endtime": message["inf_time"]}


def details(platform: Desk, given: Row, message: Row) -> Row:
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
            number(other[name], name) == row[short]
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


def download_file(platform: Desk, given: Row, message: Row) -> Row:
    """9102."""
    return {
        "fsDownloadOut": {"out": base64.b64encode(platform.books.files[given["fsDownloadIn"]["file_qury_no"]]).decode()}
    }


def sign_in(platform: Desk, given: Row, message: Row) -> Row:
    """9001, 9002."""
    return {"signinoutb": {"sign_time": message["inf_time"], "sign_no": platform.books.next("Q")}}


def _day(platform: Desk, begin: str, end: str, insutype: str, fixmedins: str) -> list[Row]:
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
        "setl_id": row["setl_id"], "msgid": row["msgid"], "mdtrt_id": row["mdtrt_id"], "psn_no": row["psn_no"], "medfee_sumamt": yuan(row["total"]),
        "fund_pay_sumamt": yuan(row["funds"]), "acct_pay": yuan(row["account"]), "refd_setl_flag": "1" if row["back"] else "0",
    }  # fmt: skip
