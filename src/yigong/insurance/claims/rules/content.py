"""What the rules' expressions see of a list: its own fields, and what stands beside it (``basis``) and is not declared."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from yigong.insurance.claims.data import Content
from yigong.insurance.claims.rules.definitions import Parameters
from yigong.insurance.claims.rules.durations import minutes_of


def facts_of(content: Content, basis: Mapping[str, Any], local: Parameters) -> dict[str, Any]:
    """The values of ``definitions.FACTS``; what the list does not say is left out."""
    head, diagnoses, procedures = content["setlinfo"], content["diseinfo"], content["oprninfo"]
    charged = [line["item"] for line in basis.get("charges", ())]
    ventilator = minutes_of(head.get("vent_used_dura", "")) or 0
    main = diagnoses[0] if diagnoses else {}
    codes = [one["oprn_oprt_code"] for one in procedures]
    return {
        "has_age": _given(head, "age"), "has_age_days": _given(head, "nwb_age"), "age_years": head.get("age"),
        "age_days": head.get("nwb_age"), "days": whole(head, "act_ipt_days"), "newborn_type": head.get("nwb_adm_type", ""),
        "birth_weight": whole(head, "nwb_bir_wt"), "admission_weight": whole(head, "nwb_adm_wt"),
        "diagnosis_count": whole(head, "diag_code_cnt"), "diagnoses_listed": len(diagnoses),
        "procedure_count": whole(head, "oprn_oprt_code_cnt"), "procedures_listed": len(procedures),
        "nursing_days": sum(whole(head, name) for name in NURSING), "way_out": head.get("dscg_way", ""),
        "receiving": head.get("acp_medins_name", ""), "main_code": main.get("diag_code", ""), "main_condition": main.get("adm_cond_type", ""),
        "diagnoses": [one["diag_code"] for one in diagnoses], "procedures": codes,
        "procedure_misfits": bool(basis.get("drg", {}).get("ambiguous")),
        "anaesthesia_charged": any_of(charged, local.anaesthesia_items), "anaesthesia_listed": any(one.get("anst_way") for one in procedures),
        "blood_charged": any_of(charged, local.blood_items), "blood_listed": bool(content["bldinfo"]),
        "ventilator_charged": any_of(charged, local.ventilator_items), "ventilator_hours": ventilator // 60,
        "coma_minutes": sum(minutes_of(head.get(name, "")) or 0 for name in COMA),
        "readmission": head.get("days_rinp_flag_31", ""), "readmission_purpose": head.get("days_rinp_pup_31", ""),
        "died_in_register": _died(basis, head), "total": head.get("medfee_sumamt") or 0, "multiple": basis.get("multiple"),
        "inpatient_kind": head.get("ipt_med_type", ""), "day_surgery_listed": any(code in local.day_surgery for code in codes),
    }  # fmt: skip


NURSING = ("spga_nurscare_days", "lv1_nurscare_days", "scd_nurscare_days", "lv3_nurscare_days")
COMA = ("pwcry_bfadm_coma_dura", "pwcry_afadm_coma_dura")


def whole(node: Mapping[str, Any], name: str) -> int:
    """A whole number of a node; 0 where it says nothing usable (another rule tells)."""
    value = node.get(name)
    return value if isinstance(value, int) else int(value) if isinstance(value, str) and value.isdigit() else 0


def any_of(codes: Iterable[str], prefixes: Iterable[str]) -> bool:
    """Whether any code begins with any of the prefixes."""
    given = tuple(prefixes)
    return bool(given) and any(code.startswith(given) for code in codes)


def day_of(text: Any) -> date | None:
    """The day of a day or moment as the list writes it."""
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def _given(node: Mapping[str, Any], name: str) -> bool:
    return node.get(name) not in (None, "")


def _died(basis: Mapping[str, Any], head: Mapping[str, Any]) -> bool:
    died, left = day_of(basis.get("died_on")), day_of(head.get("dscg_time"))
    return died is not None and left is not None and died <= left
