"""Named checks: what an expression cannot say because it looks at many rows. Each yields (path or "", values for the sentence)."""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from yigong.core.money import yuan
from yigong.core.packs.api import rows
from yigong.insurance.claims.data import Content
from yigong.insurance.claims.rules.content import any_of, day_of
from yigong.insurance.claims.rules.definitions import NODES, PROCEDURES, RESOURCES, Parameters, code_values, fields
from yigong.insurance.claims.rules.durations import minutes_of
from yigong.residents import api as residents

# ICD-10 of the insurance edition: J18.900, I10.x00, I10.x00x002, A18.001+, M05.103+J99.0*.
_DIAGNOSIS = re.compile(r"^[A-Z]\d{2}(\.[0-9x]\d{2}(x\d{2,3})?)?([+*].*)?$")
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}$")


@dataclass(frozen=True, slots=True)
class Looked:
    """What a check looks at."""

    content: Content
    basis: Mapping[str, Any]
    local: Parameters
    parameters: Mapping[str, list[str]]

    @property
    def head(self) -> Mapping[str, Any]:
        """The node ``setlinfo``."""
        return self.content["setlinfo"]

    @property
    def diagnoses(self) -> list[dict[str, Any]]:
        """The node ``diseinfo``."""
        return self.content["diseinfo"]

    @property
    def procedures(self) -> list[dict[str, Any]]:
        """The node ``oprninfo``."""
        return self.content["oprninfo"]


Faults = Iterator[tuple[str, dict[str, Any]]]
Check = Callable[[Looked], Faults]
CHECKS: dict[str, Check] = {}


def _check(work: Check) -> Check:
    CHECKS[work.__name__] = work
    return work


def _cells(content: Content) -> Iterator[tuple[str, Any, Any]]:
    """Each field with its path and value; nodes without rows have none."""
    for node in NODES:
        for field in fields(node):
            if node == "setlinfo":
                yield f"setlinfo.{field.field}", field, content[node].get(field.field)
            else:
                for place, row in enumerate(content[node]):
                    yield f"{node}.{place}.{field.field}", field, row.get(field.field)


@_check
def must_fields(look: Looked) -> Faults:
    """L01: a field that must be there is empty."""
    for path, field, value in _cells(look.content):
        if field.must == "yes" and value in (None, ""):
            yield path, {"label": field.label}


@_check
def code_values_(look: Looked) -> Faults:
    """L01: a code outside its list."""
    for path, field, value in _cells(look.content):
        if field.codes and value not in (None, "") and (known := code_values(field.codes)) and value not in known:
            yield path, {"label": field.label, "value": value}


CHECKS["code_values"] = CHECKS.pop("code_values_")


@_check
def lengths(look: Looked) -> Faults:
    """L01: too long, or not written as its kind is."""
    for path, field, value in _cells(look.content):
        if value not in (None, "") and not _fits(field, value):
            yield path, {"label": field.label, "longest": field.longest or 16}


def _fits(field: Any, value: Any) -> bool:
    if field.kind in ("text", "code"):
        return len(str(value)) <= field.longest
    if field.kind == "money":
        return isinstance(value, int) and abs(value) < 10**16
    if field.kind == "whole":
        return isinstance(value, int) and 0 <= value < 10**field.longest
    if field.kind == "number":
        return len(str(value)) <= field.longest
    if field.kind == "duration":
        return minutes_of(str(value)) is not None
    return (_DAY if field.kind == "day" else _MOMENT).match(str(value)) is not None


@_check
def one_principal(look: Looked) -> Faults:
    """L02: exactly one principal Western diagnosis, in the first place; or a TCM pair of one disease and one syndrome."""
    western = [d for d in look.diagnoses if d.get("diag_type", "1") == "1"]
    principal = [d for d in western if d.get("maindiag_flag") == "1"]
    if len(principal) != 1 or not look.diagnoses or look.diagnoses[0].get("maindiag_flag") != "1":
        yield "", {"count": len(principal)}


@_check
def code_shape(look: Looked) -> Faults:
    """L02: a diagnosis code that no edition writes like this."""
    for place, one in enumerate(look.diagnoses):
        if one["diag_code"] and one.get("diag_type", "1") == "1" and not _DIAGNOSIS.match(one["diag_code"]):
            yield f"diseinfo.{place}.diag_code", {"code": one["diag_code"]}


@_check
def age_fits_birth(look: Looked) -> Faults:
    """L03: age by birth and admission."""
    born, admitted = day_of(look.head.get("brdy")), day_of(look.head.get("adm_time"))
    if born is None or admitted is None:
        return
    years = residents.age_on(born, admitted)
    right = {"age": years or None, "nwb_age": None if years else (admitted - born).days}
    given = {name: look.head.get(name) for name in right}
    if any(given[name] is not None for name in right) and given != right:
        yield f"setlinfo.{'age' if years else 'nwb_age'}", {"right": _age(right), "given": _age(given)}


def _age(values: Mapping[str, Any]) -> str:
    return "、".join(
        f"{value} {unit}" for name, unit in (("age", "岁"), ("nwb_age", "天")) if (value := values[name]) is not None
    )


@_check
def order_of_days(look: Looked) -> Faults:
    """L05: admission, discharge, end of settlement, declaration."""
    order = [
        ("adm_time", "入院时间"),
        ("dscg_time", "出院时间"),
        ("setl_end_date", "结算结束日期"),
        ("dcla_time", "申报时间"),
    ]
    known = [(name, label, str(look.head[name])) for name, label in order if look.head.get(name)]
    for (_n, earlier, a), (later_name, later, b) in itertools.pairwise(known):
        same = min(len(a), len(b))
        if a[:same] > b[:same]:
            yield f"setlinfo.{later_name}", {"earlier": earlier, "later": later}


@_check
def days_of_stay(look: Looked) -> Faults:
    """L05: the difference of the days, the same day counts as one."""
    admitted, left = day_of(look.head.get("adm_time")), day_of(look.head.get("dscg_time"))
    given = look.head.get("act_ipt_days")
    if admitted and left and given is not None and given != max(1, (left - admitted).days):
        yield "", {"right": max(1, (left - admitted).days), "given": given}


@_check
def procedures_inside(look: Looked) -> Faults:
    """L07: operations while the patient was there."""
    for place, one in enumerate(look.procedures):
        if not _inside(day_of(one.get("oprn_oprt_date")), look.head):
            yield f"oprninfo.{place}.oprn_oprt_date", {"name": one["oprn_oprt_name"]}


def _inside(day: date | None, head: Mapping[str, Any]) -> bool:
    admitted, left = day_of(head.get("adm_time")), day_of(head.get("dscg_time"))
    return day is None or admitted is None or left is None or admitted <= day <= left


@_check
def intensive_care(look: Looked) -> Faults:
    """L07: entry before exit, inside the stay, duration their difference."""
    from datetime import datetime

    for place, one in enumerate(look.content["icuinfo"]):
        try:
            entry, leaving = (datetime.fromisoformat(one[name]) for name in ("inpool_time", "exit_time"))
        except (KeyError, ValueError):
            continue
        spent = int((leaving - entry).total_seconds() // 60)
        inside = _inside(entry.date(), look.head) and _inside(leaving.date(), look.head)
        if spent <= 0 or not inside or minutes_of(one.get("sum_dura", "")) != spent:
            yield f"icuinfo.{place}.inpool_time", {}


@_check
def items_make_total(look: Looked) -> Faults:
    """L09: categories make the total."""
    items, total = sum(one["amt"] for one in look.content["iteminfo"]), look.head.get("medfee_sumamt") or 0
    if items != total:
        yield "", {"items": yuan(items), "total": yuan(total)}


PARTS = ("claa_sumfee", "clab_amt", "fulamt_ownpay_amt", "oth_amt")


@_check
def item_parts(look: Looked) -> Faults:
    """L09: each category is its four parts."""
    for place, one in enumerate(look.content["iteminfo"]):
        if one["amt"] != sum(one[name] for name in PARTS):
            label = code_values("fee_category").get(one["med_chrgitm"], one["med_chrgitm"])
            yield f"iteminfo.{place}.amt", {"label": label}


@_check
def payers_make_total(look: Looked) -> Faults:
    """L10: funds, account and what the person pays make the total."""
    head = look.head
    paid = sum(one["fund_payamt"] for one in look.content["payinfo"])
    paid += sum(head.get(name) or 0 for name in ("acct_pay", "psn_cashpay")) + (look.basis.get("family") or 0)
    if paid != (head.get("medfee_sumamt") or 0):
        yield "", {"paid": yuan(paid), "total": yuan(head.get("medfee_sumamt") or 0)}


@_check
def own_pay(look: Looked) -> Faults:
    """L10: own pay is the sum of own parts."""
    right = sum(one["fulamt_ownpay_amt"] for one in look.content["iteminfo"])
    given = look.head.get("psn_ownpay") or 0
    if right != given:
        yield "", {"given": yuan(given), "right": yuan(right)}


@_check
def never_principal(look: Looked) -> Faults:
    """L12: external causes, most Z codes, morphology, symptoms whose cause is listed, an asterisk code alone."""
    if not look.diagnoses:
        return
    main, others = look.diagnoses[0], [d["diag_code"] for d in look.diagnoses[1:]]
    if why := _why_never(main["diag_code"], others, look.parameters):
        yield "", {"code": main["diag_code"], "name": main["diag_name"], "why": why}


def _why_never(code: str, others: list[str], given: Mapping[str, list[str]]) -> str:
    if re.match(r"^M\d{4,5}/", code):
        return "这是肿瘤形态学编码"
    if code.startswith(tuple(given["external"])):
        return "这是损伤和中毒的外部原因编码"
    if code.startswith(tuple(given["factors"])) and not code.startswith(tuple(given["factors_allowed"])):
        return "这是影响健康状态的因素，一般不作主要诊断"
    if code.endswith("*") and "+" not in code:
        return "星号编码不能单独使用"
    ill = [other for other in others if not other.startswith(("Z", *given["external"], *given["symptoms"]))]
    if code.startswith(tuple(given["symptoms"])) and ill:
        return "已列出病因诊断，症状不应作主要诊断"
    return ""


@_check
def sex_conflict(look: Looked) -> Faults:
    """L13: a diagnosis of the other sex."""
    wrong = tuple(look.parameters["female" if look.head.get("gend") == "1" else "male"])
    yield from _diagnoses(look, lambda code: code.startswith(wrong))


@_check
def age_conflict(look: Looked) -> Faults:
    """L13: perinatal codes in later life, codes of grown-ups in children."""
    given = look.parameters
    days, years = look.head.get("nwb_age"), look.head.get("age")
    old = years is not None or (days is not None and days > int(given["newborn_days"][0]))
    young = days is not None or (years is not None and years < int(given["adult_years"][0]))
    wrong = tuple(given["newborn"] * old + given["adult_only"] * young)
    yield from _diagnoses(look, lambda code: bool(wrong) and code.startswith(wrong))


def _diagnoses(look: Looked, wrong: Callable[[str], bool]) -> Faults:
    for place, one in enumerate(look.diagnoses):
        if wrong(one["diag_code"]):
            yield f"diseinfo.{place}.diag_code", {"code": one["diag_code"], "name": one["diag_name"]}


@_check
def without_resources(look: Looked) -> Faults:
    """L15: a secondary diagnosis whose known signs of use are all missing among the charges. Diagnoses without a definition pass."""
    charged = _charged(look)
    for place, one in enumerate(look.diagnoses[1:], 1):
        known = next((r for code, r in rows(RESOURCES).items() if one["diag_code"].startswith(code)), None)
        if known and not any(item in charged for item in known.item_codes):
            yield f"diseinfo.{place}.diag_code", {"code": one["diag_code"], "name": one["diag_name"]}


def _charged(look: Looked) -> dict[str, str]:
    return {line["item"]: line["name"] for line in look.basis.get("charges", ())}


@_check
def charged_not_coded(look: Looked) -> Faults:
    """L16: a charged operation whose codes are not listed."""
    coded = [one["oprn_oprt_code"] for one in look.procedures]
    for item, name in _charged(look).items():
        row = rows(PROCEDURES).get(item)
        known = row.codes if row else None
        missing = (known and not any_of(coded, known)) or (
            known is None and item.startswith(tuple(look.local.surgery_items)) and not coded
        )
        if missing:
            yield "", {"item": name}


@_check
def coded_not_charged(look: Looked) -> Faults:
    """L16: a listed operation none of whose known items is charged. Codes without a definition pass."""
    charged = _charged(look)
    for place, one in enumerate(look.procedures):
        items = [item for item, row in rows(PROCEDURES).items() if one["oprn_oprt_code"] in row.codes]
        if items and not any(item in charged for item in items):
            yield f"oprninfo.{place}.oprn_oprt_code", {"code": one["oprn_oprt_code"], "name": one["oprn_oprt_name"]}


@_check
def diagnosis_twice(look: Looked) -> Faults:
    """L18: the same diagnosis code again."""
    yield from _twice("diseinfo", "diag_code", [one["diag_code"] for one in look.diagnoses])


@_check
def procedure_twice(look: Looked) -> Faults:
    """L18: the same operation at the same time again."""
    keys = [f"{one['oprn_oprt_code']}@{one.get('oprn_oprt_date', '')}" for one in look.procedures]
    yield from _twice("oprninfo", "oprn_oprt_code", keys)


def _twice(node: str, field: str, keys: list[str]) -> Faults:
    for place, key in enumerate(keys):
        if key and key in keys[:place]:
            yield f"{node}.{place}.{field}", {"code": key.partition("@")[0]}


@_check
def clinical_edition(look: Looked) -> Faults:
    """L19: a clinical code for which the scheme's map knows the insurance edition."""
    for place, one in enumerate(look.diagnoses):
        if target := look.basis.get("conversions", {}).get(one["diag_code"]):
            yield f"diseinfo.{place}.diag_code", {"code": one["diag_code"], "target": target}


@_check
def staff_codes(look: Looked) -> Faults:
    """L23: who treated has a code and still worked here on the day of discharge (``basis.staff``: code → whether)."""
    known = look.basis.get("staff", {})
    named = [("setlinfo.chfpdr_code", "主诊医师", look.head.get("chfpdr_code"))]
    named += [(f"oprninfo.{n}.oper_dr_code", "术者", one.get("oper_dr_code")) for n, one in enumerate(look.procedures)]
    for path, label, code in named:
        if not code or not known.get(code, False):
            yield path, {"label": label}


__all__ = ["CHECKS", "PARTS", "Looked"]
