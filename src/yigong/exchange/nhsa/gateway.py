"""Settlement's gateway over the national transactions: our bills as their fields, their ``setlinfo`` as our sums."""

# texts: data (names and words of the national interface, kept in the log as they are)

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from yigong.exchange.nhsa.client import Client
from yigong.insurance.benefits.api import fen, yuan
from yigong.insurance.settlement.api import (
    CardLost,
    PlatformAnswer,
    PlatformBill,
    PlatformDay,
    PlatformPerson,
    PlatformRefused,
    PlatformRow,
)
from yigong.residents import api as residents

# setlinfo (d3) by our names.
FIELDS = {
    "total": "medfee_sumamt", "own": "fulamt_ownpay_amt", "over": "overlmt_selfpay", "first_self_pay": "preselfpay_amt", "in_scope": "inscp_scp_amt",
    "deductible": "act_pay_dedc", "pool": "hifp_pay", "large": "hifob_pay", "critical": "hifmi_pay", "civil": "cvlserv_pay", "maf": "maf_pay",
    "institution_part": "hosp_part_amt", "person": "psn_part_amt", "account": "acct_pay", "family": "acct_mulaid_pay",
}  # fmt: skip
_MEDICAL_TYPES = {"inpatient": "21", "pooling": "11", "two-diseases": "9901"}
_BATCH = 100


class NhsaGateway:
    """One institution's way to the platform."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def new_message_id(self) -> str:
        """A fresh message id."""
        return self.client.message_id()

    def identify(self, resident_id: UUID, certificate: str) -> PlatformPerson:
        """1101 by the identity card's number; a card reported lost is refused with CardLost."""
        number = number_of(resident_id)
        data = {
            "mdtrt_cert_type": certificate,
            "mdtrt_cert_no": number,
            "card_sn": "",
            "begntime": "",
            "psn_cert_type": "01",
            "certno": number,
        }
        try:
            found = self.client.call("1101", {"data": data})
        except PlatformRefused as refusal:
            if "挂失" in str(refusal):
                raise CardLost() from refusal
            raise
        insured = found.get("insuinfo") or []
        first = insured[0] if insured else {}
        schemes = {str(one["insutype"]): str(one.get("psn_type", "")) for one in insured}
        return PlatformPerson(
            str(found["baseinfo"]["psn_no"]),
            schemes,
            fen(str(first.get("balc") or "0")),
            fen(str(first.get("acct_mulaid_balc") or "0")),
        )

    def presettle(self, bill: PlatformBill) -> PlatformAnswer:
        """Registration (once), diagnoses, lines anew, pre-settlement."""
        return self._presettle_stay(bill) if bill.bill.is_stay else self._presettle_visit(bill)

    def _presettle_visit(self, bill: PlatformBill) -> PlatformAnswer:
        about, ref = bill.bill.number, bill.visit_ref
        if not ref:
            data = self._certified(bill) | {
                "begntime": f"{bill.bill.began_on} 08:00:00",
                "ipt_otp_no": about,
                "insutype": bill.scheme,
            }
            ref = self.client.call("2201", {"data": data}, about=about)["data"]["mdtrt_id"]
        info = {
            "mdtrt_id": ref,
            "psn_no": bill.person_ref,
            "med_type": medical_type(bill),
            "begntime": f"{bill.bill.began_on} 08:00:00",
            "dise_codg": bill.disease,
        }
        self.client.call("2203", {"mdtrtinfo": info, "diseinfo": _diagnoses(bill)}, about=about)
        self.client.call(
            "2205", {"data": {"mdtrt_id": ref, "chrg_bchno": "0000", "psn_no": bill.person_ref}}, about=about
        )
        self._upload("2204", bill, ref)
        return self._answer(self.client.call("2206", {"data": self._settling(bill, ref)}, about=about), bill, ref)

    def _presettle_stay(self, bill: PlatformBill) -> PlatformAnswer:
        about, ref = bill.bill.number, bill.visit_ref
        if not ref:
            if bill.bill.referral:
                self.client.call("2501", {"refmedin": _referred(bill)}, about=about)
            data = self._certified(bill) | {
                "insutype": bill.scheme,
                "begntime": f"{bill.bill.began_on} 08:00:00",
                "med_type": "21",
                "ipt_no": about,
                "dise_codg": bill.disease,
            }
            ref = self.client.call("2401", {"mdtrtinfo": data, "diseinfo": _diagnoses(bill)}, about=about)["result"][
                "mdtrt_id"
            ]
        self.client.call(
            "2302", {"data": {"feedetl_sn": "0000", "mdtrt_id": ref, "psn_no": bill.person_ref}}, about=about
        )
        self._upload("2301", bill, ref)
        leaving = {
            "mdtrt_id": ref,
            "psn_no": bill.person_ref,
            "insutype": bill.scheme,
            "endtime": f"{bill.bill.ended_on} 11:00:00",
            "dise_codg": bill.disease,
        }
        self.client.call("2402", {"dscginfo": leaving, "diseinfo": _diagnoses(bill)}, about=about)
        return self._answer(self.client.call("2303", {"data": self._settling(bill, ref)}, about=about), bill, ref)

    def settle(self, bill: PlatformBill) -> PlatformAnswer:
        """2207 or 2304 under the stored message id."""
        infno = "2304" if bill.bill.is_stay else "2207"
        data = self._settling(bill, bill.visit_ref) | {
            "invono": bill.number,
            **{FIELDS[name]: yuan(bill.figures[name]) for name in ("own", "over", "first_self_pay", "in_scope")},
        }
        return self._answer(
            self.client.call(infno, {"data": data}, message_id=bill.message_id, about=bill.bill.number),
            bill,
            bill.visit_ref,
        )

    def ask(self, bill: PlatformBill) -> PlatformAnswer | None:
        """5203; when nothing is there, 2601 makes sure that a late arrival of our message is not carried out any more."""
        for row in self._settlements(bill):
            if row["medins_setl_id"] == bill.message_id and row["refd_setl_flag"] == "0":
                return self._answer({"setlinfo": row}, bill, bill.visit_ref)
        infno = "2304" if bill.bill.is_stay else "2207"
        data = {"psn_no": bill.person_ref, "omsgid": bill.message_id, "oinfno": infno}
        self.client.call("2601", {"data": data}, about=bill.bill.number)
        return None

    def reverse(self, bill: PlatformBill) -> str:
        """2208 or 2305."""
        data = {"setl_id": bill.settlement_ref, "mdtrt_id": bill.visit_ref, "psn_no": bill.person_ref}
        infno = "2305" if bill.bill.is_stay else "2208"
        answer = self.client.call(infno, {"data": data}, message_id=bill.reversal_message, about=bill.bill.number)
        return str(answer["setlinfo"]["setl_id"])

    def ask_reversed(self, bill: PlatformBill) -> bool:
        """5203; a reversal of ours that is not there yet is called off by 2601, so that it is not carried out when it comes late, and asked for
        once more, because it may have come in between."""
        if self._is_reversed(bill):
            return True
        if not bill.reversal_message:
            return False
        infno = "2305" if bill.bill.is_stay else "2208"
        data = {"psn_no": bill.person_ref, "omsgid": bill.reversal_message, "oinfno": infno}
        self.client.call("2601", {"data": data}, about=bill.bill.number)
        return self._is_reversed(bill)

    def _is_reversed(self, bill: PlatformBill) -> bool:
        rows = [row for row in self._settlements(bill) if row["setl_id"] == bill.settlement_ref]
        return bool(rows) and all(row["refd_setl_flag"] == "1" for row in rows)

    def withdraw(self, bill: PlatformBill) -> None:
        """Lines, discharge and registration of an unsettled visit, in the opposite order."""
        about, key = bill.bill.number, {"mdtrt_id": bill.visit_ref, "psn_no": bill.person_ref}
        if bill.bill.is_stay:
            self.client.call("2302", {"data": key | {"feedetl_sn": "0000"}}, about=about)
            self.client.call("2405", {"data": key}, about=about)
            self.client.call("2404", {"data": key}, about=about)
        else:
            self.client.call("2205", {"data": key | {"chrg_bchno": "0000"}}, about=about)
            self.client.call("2202", {"data": key | {"ipt_otp_no": about}}, about=about)

    def reconcile(self, day: date, scheme: str, sums: Mapping[str, int], rows: Sequence[PlatformRow]) -> PlatformDay:
        """3201; where the totals differ, our rows go up in a file (9101), are compared (3202), and the answer comes down (9102)."""
        data = {
            "insutype": scheme, "clr_type": "11", "setl_optins": self.client.rules.region, "stmt_begndate": str(day), "stmt_enddate": str(day),
            "medfee_sumamt": yuan(sums["total"]), "fund_pay_sumamt": yuan(sums["funds"]), "acct_pay": yuan(sums["account"]), "fixmedins_setl_cnt": sums["count"],
        }  # fmt: skip
        result = self.client.call("3201", {"data": data})["stmtinfo"]
        if str(result["stmt_rslt"]) == "0":
            return PlatformDay(True, str(result["stmt_rslt_dscr"]))
        file = "\n".join(json.dumps(_listed(row)) for row in rows).encode()
        up = self.client.call(
            "9101",
            {
                "fsUploadIn": {
                    "in": base64.b64encode(file).decode(),
                    "filename": f"{day}.txt",
                    "fixmedins_code": self.client.place.code,
                }
            },
        )
        said = self.client.call("3202", {"data": data | {"file_qury_no": up["file_qury_no"]}})["fileinfo"]
        down = self.client.call(
            "9102",
            {
                "fsDownloadIn": {
                    "file_qury_no": said["file_qury_no"],
                    "filename": said["filename"],
                    "fixmedins_code": self.client.place.code,
                }
            },
        )
        lines = [
            json.loads(line) for line in base64.b64decode(down["fsDownloadOut"]["out"]).decode().splitlines() if line
        ]
        theirs = tuple(_row(line) for line in lines if line["memo"] != "平台端没有")
        return PlatformDay(False, str(result["stmt_rslt_dscr"]), theirs)

    def _settlements(self, bill: PlatformBill) -> list[dict[str, Any]]:
        data = {"psn_no": bill.person_ref, "mdtrt_id": bill.visit_ref, "setl_id": ""}
        return list(self.client.call("5203", {"data": data}, about=bill.bill.number).get("setlinfo") or [])

    def _certified(self, bill: PlatformBill) -> dict[str, Any]:
        return {"psn_no": bill.person_ref, "mdtrt_cert_type": "02", "mdtrt_cert_no": number_of(bill.bill.resident_id)}

    def _settling(self, bill: PlatformBill, ref: str) -> dict[str, Any]:
        return self._certified(bill) | {
            "med_type": medical_type(bill), "medfee_sumamt": yuan(bill.figures["total"]), "psn_setlway": "01", "mdtrt_id": ref,
            "chrg_bchno": bill.bill.number, "insutype": bill.scheme, "acct_used_flag": "1" if bill.use_account else "0",
        }  # fmt: skip

    def _upload(self, infno: str, bill: PlatformBill, ref: str) -> None:
        """In batches, because the platform takes 40,000 characters at a time."""
        for place in range(0, len(bill.lines), _BATCH):
            details = [_detail(line, bill, ref) for line in bill.lines[place : place + _BATCH]]
            self.client.call(infno, {"feedetail": details}, about=bill.bill.number)

    def _answer(self, output: Mapping[str, Any], bill: PlatformBill, ref: str) -> PlatformAnswer:
        info = output["setlinfo"]
        figures = {name: fen(str(info[field])) for name, field in FIELDS.items()}
        figures["other"] = fen(str(info["oth_pay"])) + fen(str(info["hifes_pay"]))
        words = tuple(str(one["setl_proc_info"]) for one in output.get("setldetail", ()) if one.get("setl_proc_info"))
        return PlatformAnswer(figures, ref, bill.person_ref, str(info.get("setl_id") or ""), words)


def medical_type(bill: PlatformBill) -> str:
    """``med_type``: ordinary, chronic or special, two diseases, inpatient."""
    return _MEDICAL_TYPES.get(bill.kind, "14")


def number_of(resident_id: UUID) -> str:
    """The person's citizen number, for the envelope only: the log masks it."""
    return residents.citizen_number(resident_id)


def _detail(line: Mapping[str, Any], bill: PlatformBill, ref: str) -> dict[str, Any]:
    # After hospital relief; the price stays, so the sum is what counts.
    return {
        "feedetl_sn": str(line["number"])[:30], "mdtrt_id": ref, "psn_no": bill.person_ref, "chrg_bchno": bill.bill.number, "dise_codg": bill.disease,
        "rx_circ_flag": "0", "fee_ocur_time": f"{bill.bill.ended_on} 09:00:00", "med_list_codg": line["code"] or "", "medins_list_codg": line["code"] or line["name"],
        "det_item_fee_sumamt": yuan(line["total"]), "cnt": _decimal(line["quantity"], 4), "pric": _decimal(line["price"], 6),
        "med_chrgitm_type": line["category"], "medins_list_name": line["name"], "hosp_appr_flag": "2" if line.get("refused") else "0",
    }  # fmt: skip


def _referred(bill: PlatformBill) -> dict[str, Any]:
    """The registration of a referral: valid from the day of the admission, because the order was checked for that day already. The kinds of
    referral differ by province; here 1 is up and 2 is down."""
    diseases = bill.bill.diseases
    return {
        "psn_no": bill.person_ref, "insutype": bill.scheme, "diag_code": diseases[0] if diseases else "", "hosp_agre_refl_flag": "1",
        "refl_type": {"up": "1", "down": "2"}[bill.bill.referral], "refl_date": str(bill.bill.began_on), "refl_rea": bill.bill.referral_number,
        "begndate": str(bill.bill.began_on), "enddate": str(bill.bill.ended_on), "refl_used_flag": "0",
    }  # fmt: skip


def _decimal(whole: int, places: int) -> str:
    return f"{whole // 10**places}.{whole % 10**places:0{places}d}"


def _diagnoses(bill: PlatformBill) -> list[dict[str, Any]]:
    return [
        {
            "diag_type": "1",
            "diag_srt_no": str(place),
            "diag_code": code,
            "maindiag_flag": "1" if place == 1 else "0",
            "vali_flag": "1",
        }
        for place, code in enumerate(bill.bill.diseases, 1)
    ]


def _listed(row: PlatformRow) -> dict[str, str]:
    return {
        "setl_id": row.settlement_ref, "msgid": row.message_id, "psn_no": row.person_ref, "medfee_sumamt": yuan(row.total),
        "fund_pay_sumamt": yuan(row.funds), "acct_pay": yuan(row.account), "refd_setl_flag": "1" if row.reversed else "0",
    }  # fmt: skip


def _row(line: Mapping[str, Any]) -> PlatformRow:
    return PlatformRow(
        str(line["setl_id"]), str(line["msgid"]), str(line["psn_no"]), fen(str(line["medfee_sumamt"])), fen(str(line["fund_pay_sumamt"])),
        fen(str(line["acct_pay"])), str(line["refd_setl_flag"]) == "1",
    )  # fmt: skip
