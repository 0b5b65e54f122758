"""A list from what is known: front page, bill, settlement, coverage, person and people who treated. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from yigong.clinic.data import BillData, FrontPageData, FrontPageProcedureData
from yigong.core.clock import SHANGHAI
from yigong.insurance.claims.data import Content
from yigong.insurance.claims.rules.definitions import Parameters
from yigong.insurance.claims.rules.durations import written
from yigong.insurance.settlement.data import SheetData

_LEVELS = {"1": "01", "2": "02", "3": "03", "P": "01"}
_CLASSES = {"A": "claa_sumfee", "B": "clab_amt"}
_PLAIN = {
    "prfs": "occupation", "emp_name": "employer", "coner_name": "contact_name", "patn_rlts": "contact_relation",
    "coner_addr": "contact_address", "coner_tel": "contact_phone", "otp_wm_dise": "outpatient_name", "wm_dise_code": "outpatient_code",
    "resp_nurs_name": "responsible_nurse", "days_rinp_flag_31": "readmission_plan", "days_rinp_pup_31": "readmission_purpose",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """Everything a list is made from. ``staff`` is code by staff key, ``departments`` name by key, ``certificate`` (type, masked number),
    ``invoice`` (code, number)."""

    page: FrontPageData
    bill: BillData
    sheet: SheetData
    institution_name: str
    institution_code: str
    ethnicity: str
    address: str
    certificate: tuple[str, str]
    category: str
    departments: Mapping[Any, str]
    staff: Mapping[Any, str]
    filled_by: str = ""
    own: Mapping[str, Any] = field(default_factory=dict)
    invoice: tuple[str, str] = ("", "")


def assemble(known: Known, local: Parameters) -> Content:
    """The content of a list; own fields come last, so that what was typed here wins over defaults, never over the record."""
    page, sheet = known.page, known.sheet
    head = _head(known) | _stay(known) | _money(sheet)
    head |= {name: getattr(page, source) for name, source in _PLAIN.items()}
    head |= _nursing(known.bill, local) | _defaults(known, local)
    diagnoses, procedures = _diagnoses(page), _procedures(known)
    head |= {"diag_code_cnt": len(diagnoses), "oprn_oprt_code_cnt": len(procedures)}
    own = known.own
    for path, value in own.items():
        node, _, name = path.partition(".")
        if node == "setlinfo":
            head[name] = value
    return {
        "setlinfo": head, "payinfo": _funds(sheet), "opspdiseinfo": [], "diseinfo": diagnoses, "iteminfo": _items(sheet),
        "oprninfo": procedures, "icuinfo": list(own.get("icuinfo", ())), "bldinfo": list(own.get("bldinfo", ())),
    }  # fmt: skip


def _head(known: Known) -> dict[str, Any]:
    page, sheet = known.page, known.sheet
    grown = page.age_days is None
    return {
        "fixmedins_name": known.institution_name, "fixmedins_code": known.institution_code[:12],
        "hi_setl_lv": _LEVELS.get(known.bill.institution_level, ""), "hi_no": sheet.person_ref, "medcasno": page.stay.record_number,
        "psn_name": page.patient_name, "gend": page.sex, "brdy": _day(page.birth_date), "age": page.age_years if grown else None,
        "nwb_age": page.age_days, "ntly": "CHN", "naty": known.ethnicity, "patn_cert_type": known.certificate[0],
        "certno": known.certificate[1], "curr_addr": known.address, "hi_type": sheet.scheme, "insuplc": sheet.region,
        "sp_psn_type": known.category, "nwb_bir_wt": page.newborn_weights[0] if page.newborn_weights else None,
        "nwb_adm_wt": page.newborn_admission_weight,
    }  # fmt: skip


def _stay(known: Known) -> dict[str, Any]:
    page, stay, names = known.page, known.page.stay, known.departments
    passed = [names.get(key, "") for key in page.transfers]
    return {
        "adm_way": stay.way_in, "adm_time": _moment(stay.admitted_at), "adm_caty": names.get(stay.admission_department_id, ""),
        "refldept_dept": "→".join(passed) if len(passed) > 1 else "", "dscg_time": _moment(stay.discharged_at),
        "dscg_caty": names.get(stay.department_id, ""), "act_ipt_days": page.days, "dscg_way": stay.way_out,
        "acp_medins_name": stay.receiving_institution, "chfpdr_name": stay.doctor_name, "chfpdr_code": known.staff.get(stay.doctor_id, ""),
        "vent_used_dura": written((page.ventilator_hours or 0) * 60), "pwcry_bfadm_coma_dura": written(page.coma_before_minutes),
        "pwcry_afadm_coma_dura": written(page.coma_after_minutes),
    }  # fmt: skip


def _money(sheet: SheetData) -> dict[str, Any]:
    cash = sum(sheet.paid.values())
    return {
        "biz_sn": sheet.number, "setl_end_date": _day(sheet.settled_on), "medfee_sumamt": sheet.total,
        "psn_selfpay": max(0, sheet.person - sheet.own), "psn_ownpay": sheet.own, "acct_pay": sheet.account,
        "psn_cashpay": cash,
    }  # fmt: skip


def _defaults(known: Known, local: Parameters) -> dict[str, Any]:
    page = known.page
    return {
        "setl_begn_date": _day(page.stay.admitted_at.astimezone(SHANGHAI).date()), "ipt_med_type": "1", "trt_type": "1",
        "nwb_adm_type": "", "acp_optins_code": "", "bill_code": known.invoice[0], "bill_no": known.invoice[1], "hi_paymtd": local.payment_method,
        "hsorg": local.office, "hsorg_opter": local.office_clerk, "medins_fill_dept": local.department,
        "medins_fill_psn": known.filled_by or page.coder_name, "dcla_time": "",
    }  # fmt: skip


def _nursing(bill: BillData, local: Parameters) -> dict[str, int]:
    """Days of nursing by level as they were charged."""
    names = {
        "spga": "spga_nurscare_days",
        "lv1": "lv1_nurscare_days",
        "scd": "scd_nurscare_days",
        "lv3": "lv3_nurscare_days",
    }
    charged = dict.fromkeys(local.nursing_items.values(), 0)
    for line in bill.lines:
        if line.item_code in charged:
            charged[line.item_code] += int(line.net_quantity)
    return {names[level]: charged[item] for level, item in local.nursing_items.items() if level in names}


def _diagnoses(page: FrontPageData) -> list[dict[str, Any]]:
    return [
        {
            "diag_type": "1", "diag_code": one.code, "diag_name": one.name, "adm_cond_type": one.admission_condition,
            "maindiag_flag": "1" if place == 0 else "0",
        }
        for place, one in enumerate(page.diagnoses)
    ]  # fmt: skip


def _procedures(known: Known) -> list[dict[str, Any]]:
    return [_procedure(one, place, known) for place, one in enumerate(known.page.procedures)]


def _procedure(one: FrontPageProcedureData, place: int, known: Known) -> dict[str, Any]:
    day = one.performed_at.astimezone(SHANGHAI).date() if one.performed_at else None
    return {
        "oprn_oprt_type": "1" if place == 0 else "2", "oprn_oprt_name": one.name, "oprn_oprt_code": one.code,
        "oprn_oprt_date": _day(day), "anst_way": one.anaesthesia, "oper_dr_name": one.operator_name,
        "oper_dr_code": known.staff.get(one.operator_id, ""), "anst_dr_name": one.anaesthetist, "anst_dr_code": "",
    }  # fmt: skip


def _items(sheet: SheetData) -> list[dict[str, Any]]:
    """Amounts by fee category: class A and B inside the list, what is wholly the person's, and what exceeds a ceiling as other."""
    sums: dict[str, dict[str, int]] = {}
    for line in sheet.lines:
        one = sums.setdefault(
            line["category"], dict.fromkeys(("amt", *_CLASSES.values(), "fulamt_ownpay_amt", "oth_amt"), 0)
        )
        inside = line["total"] - line["own"] - line["over"]
        one["amt"] += line["total"]
        one["fulamt_ownpay_amt"] += line["own"]
        one["oth_amt"] += line["over"]
        one[_CLASSES.get(line["class"], "oth_amt")] += inside
    return [{"med_chrgitm": category} | sums[category] for category in sorted(sums)]


def _funds(sheet: SheetData) -> list[dict[str, Any]]:
    """Payments by fund code; the same money of two of our funds under one code is one line."""
    pool = {"310": "310100", "390": "390100"}.get(sheet.scheme, "390100")
    codes = {
        "pool": pool, "large": "330100", "critical": "390200", "civil": "320100", "aid": "610100", "tilt": "610100", "other": "999997",
    }  # fmt: skip
    sums: dict[str, int] = {}
    for name, amount in sheet.funds.items():
        if amount:
            sums[codes[name]] = sums.get(codes[name], 0) + amount
    if sheet.institution_part:
        sums["630100"] = sheet.institution_part
    return [{"fund_pay_type": code, "fund_payamt": amount} for code, amount in sums.items()]


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at else ""
