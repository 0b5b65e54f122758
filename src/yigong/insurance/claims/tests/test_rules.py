"""Every rule on both sides: a list without fault, and the same list with one thing wrong."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from yigong.insurance.claims.rules.checking import check
from yigong.insurance.claims.rules.definitions import fields, rule_set

DAY = date(2026, 11, 28)
HEAD = {
    "fixmedins_name": "清溪县人民医院", "fixmedins_code": "H53000000001", "hi_setl_lv": "02", "medcasno": "00012345", "psn_name": "张桂芳", "gend": "2",
    "brdy": "1958-03-04", "age": 68, "nwb_age": None, "naty": "01", "patn_cert_type": "01", "certno": "5301**********1234", "prfs": "27",
    "coner_name": "王建国", "patn_rlts": "1", "coner_addr": "清溪县", "coner_tel": "13800000000", "hi_type": "390", "insuplc": "990100",
    "ipt_med_type": "1", "adm_way": "2", "adm_time": "2026-11-20 09:00", "adm_caty": "内科", "dscg_time": "2026-11-27 10:00",
    "dscg_caty": "内科", "act_ipt_days": 7, "diag_code_cnt": 2, "oprn_oprt_code_cnt": 0, "vent_used_dura": "", "dscg_way": "1",
    "acp_medins_name": "", "bill_code": "530100", "bill_no": "0012345678", "biz_sn": "JS20261128000001", "days_rinp_flag_31": "1",
    "days_rinp_pup_31": "", "chfpdr_name": "李医生", "chfpdr_code": "D530000000001", "setl_begn_date": "2026-11-20",
    "setl_end_date": "2026-11-28", "medfee_sumamt": 100_000, "psn_selfpay": 25_000, "psn_ownpay": 0, "acct_pay": 0, "psn_cashpay": 25_000,
    "hi_paymtd": "4", "hsorg": "县医保局", "hsorg_opter": "李", "medins_fill_dept": "病案科", "medins_fill_psn": "赵", "dcla_time": "",
    "lv1_nurscare_days": 0, "scd_nurscare_days": 7, "spga_nurscare_days": 0, "lv3_nurscare_days": 0,
}  # fmt: skip


def diagnosis(code: str = "J18.900", name: str = "肺炎", main: bool = True, condition: str = "1") -> dict[str, Any]:
    """One diagnosis of a list."""
    return {
        "diag_type": "1",
        "diag_code": code,
        "diag_name": name,
        "adm_cond_type": condition,
        "maindiag_flag": "1" if main else "0",
    }


def procedure(code: str = "47.0900", day: str = "2026-11-21", **values: Any) -> dict[str, Any]:
    """One operation of a list."""
    given = {"oprn_oprt_type": "1", "oprn_oprt_name": "阑尾切除术", "oprn_oprt_code": code, "oprn_oprt_date": day, "anst_way": "01",
             "oper_dr_name": "李医生", "oper_dr_code": "D530000000001", "anst_dr_name": "麻", "anst_dr_code": ""}  # fmt: skip
    return given | values


def whole() -> tuple[dict[str, Any], dict[str, Any]]:
    """A list without fault, and its basis."""
    content = {
        "setlinfo": dict(HEAD), "payinfo": [{"fund_pay_type": "390100", "fund_payamt": 75_000}], "opspdiseinfo": [], "icuinfo": [],
        "bldinfo": [], "diseinfo": [diagnosis(), diagnosis("I10.x00", "原发性高血压", False)], "oprninfo": [],
        "iteminfo": [{"med_chrgitm": "09", "amt": 100_000, "claa_sumfee": 100_000, "clab_amt": 0, "fulamt_ownpay_amt": 0, "oth_amt": 0}],
    }  # fmt: skip
    charges = [{"item": "YP-AMLODIPINE", "name": "氨氯地平片", "amount": 100_000, "first": "2026-11-20"}]
    basis = {
        "charges": charges,
        "staff": {"D530000000001": True},
        "multiple": 1.1,
        "drg": {"ambiguous": False},
        "conversions": {},
    }
    return content, basis


def operated() -> tuple[dict[str, Any], dict[str, Any]]:
    """A list of an operated case without fault."""
    content, basis = whole()
    content["oprninfo"], content["setlinfo"]["oprn_oprt_code_cnt"] = [procedure()], 1
    content["diseinfo"][0] = diagnosis("K35.800", "急性阑尾炎")
    for item, name in (("SS-LWQ", "阑尾切除术"), ("MZ-YM", "椎管内麻醉")):
        basis["charges"].append({"item": item, "name": name, "amount": 1, "first": "2026-11-21"})
    return content, basis


def newborn() -> tuple[dict[str, Any], dict[str, Any]]:
    """A list of a child of ten days without fault."""
    content, basis = whole()
    content["setlinfo"] |= {
        "brdy": "2026-11-10",
        "age": None,
        "nwb_age": 10,
        "nwb_adm_type": "3",
        "nwb_bir_wt": 3200,
        "nwb_adm_wt": 3150,
    }
    content["diseinfo"] = [diagnosis("P23.900", "先天性肺炎")]
    content["setlinfo"]["diag_code_cnt"] = 1
    return content, basis


Change = Callable[[dict[str, Any], dict[str, Any]], object]


def head(**values: Any) -> Change:
    """Other values of the head."""
    return lambda content, basis: content["setlinfo"].update(values)


def main(code: str, name: str = "某病", **values: Any) -> Change:
    """Another principal diagnosis."""
    return lambda content, basis: content["diseinfo"].__setitem__(0, diagnosis(code, name, **values))


def second(code: str, name: str = "某病") -> Change:
    """Another second diagnosis."""
    return lambda content, basis: content["diseinfo"].__setitem__(1, diagnosis(code, name, main=False))


def basis_has(**values: Any) -> Change:
    """Other values beside the list."""
    return lambda content, basis: basis.update(values)


def charged(item: str, name: str = "某项目") -> Change:
    """One more charged item."""
    return lambda content, basis: basis["charges"].append({"item": item, "name": name, "amount": 1, "first": ""})


def uncharged(item: str) -> Change:
    """One charged item less."""
    return lambda content, basis: basis.update(charges=[c for c in basis["charges"] if c["item"] != item])


def operation(**values: Any) -> Change:
    """Other values of the first operation."""
    return lambda content, basis: content["oprninfo"][0].update(values)


def node(name: str, *rows: dict[str, Any]) -> Change:
    """Rows of a node."""
    return lambda content, basis: content.__setitem__(name, list(rows))


def item(**values: int) -> Change:
    """Other amounts of the first fee category."""
    return lambda content, basis: content["iteminfo"][0].update(values)


def care(entry: str, leaving: str, spent: str) -> Change:
    """A stay in intensive care."""
    return node("icuinfo", {"scs_cutd_ward_type": "1", "inpool_time": entry, "exit_time": leaving, "sum_dura": spent})


# rule → (a list without fault, what makes it wrong, what near it stays right)
CASES: dict[str, tuple[Callable[[], tuple[dict[str, Any], dict[str, Any]]], Change, Change]] = {
    "L01a": (whole, head(coner_tel=""), head(ntly="")),
    "L01b": (whole, head(hi_type="999"), head(hi_type="310")),
    "L01c": (whole, head(insuplc="9901000"), head(insuplc="990100")),
    "L02a": (whole, lambda c, b: c["diseinfo"][1].update(maindiag_flag="1"), main("J18.900")),
    "L02b": (whole, main("J18,9"), main("I10.x00x002")),
    "L03a": (whole, head(nwb_age=3), head(nwb_age=None)),
    "L03b": (whole, head(age=None), head(age=68)),
    "L03c": (whole, head(age=67), head(age=68)),
    "L04a": (newborn, head(nwb_adm_type=""), head(nwb_age=29, brdy="2026-10-22", nwb_adm_type="")),
    "L04b": (newborn, head(nwb_bir_wt=None), head(nwb_bir_wt=2500)),
    "L04c": (newborn, head(nwb_adm_wt=None), head(nwb_adm_wt=2500)),
    "L04d": (newborn, head(nwb_adm_wt=3155), head(nwb_adm_wt=9990)),
    "L05a": (whole, head(setl_end_date="2026-11-26"), head(setl_end_date="2026-11-27")),
    "L05b": (whole, head(act_ipt_days=8), head(act_ipt_days=7)),
    "L06a": (whole, head(diag_code_cnt=1), head(diag_code_cnt=2)),
    "L06b": (operated, head(oprn_oprt_code_cnt=0), head(oprn_oprt_code_cnt=1)),
    "L07a": (operated, operation(oprn_oprt_date="2026-11-19"), operation(oprn_oprt_date="2026-11-20")),
    "L07b": (whole, care("2026-11-21 10:00", "2026-11-22 10:00", "0/23/0"), care("2026-11-21 10:00", "2026-11-22 10:00", "1/0/0")),
    "L08": (whole, head(lv1_nurscare_days=2), head(lv1_nurscare_days=1)),
    "L09a": (whole, item(amt=99_999, claa_sumfee=99_999), item(amt=100_000)),
    "L09b": (whole, item(claa_sumfee=99_999), item(claa_sumfee=90_000, clab_amt=10_000)),
    "L10a": (whole, head(psn_cashpay=24_999), head(psn_cashpay=20_000, acct_pay=5_000)),
    "L10b": (whole, head(psn_ownpay=1), item(claa_sumfee=100_000)),
    "L11": (whole, head(dscg_way="2"), head(dscg_way="2", acp_medins_name="市医院")),
    "L12a": (whole, main("W19.900", "跌倒"), main("Z51.100", "化疗")),
    "L13a": (whole, main("N40.x00", "前列腺增生"), main("N39.000", "泌尿道感染")),
    "L13b": (whole, main("P23.900", "先天性肺炎"), main("J15.900", "细菌性肺炎")),
    "L14": (whole, main("J18.900", condition="4"), main("J18.900", condition="3")),
    "L15": (whole, second("E87.600", "低钾血症"), lambda c, b: (second("E87.600")(c, b), charged("HY-ELE")(c, b))),
    "L16a": (operated, basis_has(drg={"ambiguous": True}), basis_has(drg={"ambiguous": False})),
    "L16b": (operated, charged("SS-FQSX", "疝修补术"), charged("HY-XCG")),
    "L16c": (operated, uncharged("SS-LWQ"), charged("SS-LWQ")),
    "L16d": (operated, operation(anst_way=""), operation(anst_way="02")),
    "L16e": (operated, uncharged("MZ-YM"), charged("MZ-QM")),
    "L16f": (whole, charged("SX-HXB", "红细胞"), lambda c, b: (charged("SX-HXB")(c, b), node("bldinfo", {"bld_cat": "1", "bld_amt": 2, "bld_unt": "U"})(c, b))),
    "L16g": (whole, charged("ZL-HXJ-Y", "有创呼吸机"), lambda c, b: (charged("ZL-HXJ-Y")(c, b), head(vent_used_dura="1/2/0")(c, b))),
    "L17a": (whole, lambda c, b: (charged("ZL-HXJ-Y")(c, b), head(vent_used_dura="9/0/0")(c, b)), lambda c, b: (charged("ZL-HXJ-Y")(c, b), head(vent_used_dura="8/0/0")(c, b))),
    "L17b": (whole, head(pwcry_bfadm_coma_dura="0/2/0"), lambda c, b: (head(pwcry_bfadm_coma_dura="0/2/0")(c, b), main("S06.900", "颅内损伤")(c, b))),
    "L18a": (whole, second("J18.900", "肺炎"), second("J90.x00")),
    "L18b": (operated, lambda c, b: (c["oprninfo"].append(procedure()), head(oprn_oprt_code_cnt=2)(c, b)), lambda c, b: (c["oprninfo"].append(procedure(day="2026-11-22")), head(oprn_oprt_code_cnt=2)(c, b))),
    "L19": (whole, basis_has(conversions={"J18.900": "J18.901"}), basis_has(conversions={})),
    "L20": (whole, head(days_rinp_flag_31="2"), head(days_rinp_flag_31="2", days_rinp_pup_31="复查")),
    "L21a": (whole, head(dscg_way="5"), lambda c, b: (head(dscg_way="5")(c, b), basis_has(died_on="2026-11-27")(c, b))),
    "L21b": (whole, lambda c, b: (head(dscg_way="5", acp_medins_name="市医院")(c, b), basis_has(died_on="2026-11-27")(c, b)), lambda c, b: (head(dscg_way="5")(c, b), basis_has(died_on="2026-11-27")(c, b))),
    "L21c": (whole, lambda c, b: (main("R99.x00", "死亡")(c, b), node("diseinfo", diagnosis("R99.x00"))(c, b)), main("J18.900")),
    "L22a": (whole, head(medfee_sumamt=499), head(medfee_sumamt=500)),
    "L22b": (whole, head(act_ipt_days=61), head(act_ipt_days=60)),
    "L22c": (whole, basis_has(multiple=0.39), basis_has(multiple=0.4)),
    "L22d": (whole, basis_has(multiple=3.01), basis_has(multiple=3.0)),
    "L23": (whole, basis_has(staff={"D530000000001": False}), basis_has(staff={"D530000000001": True})),
    "L24": (operated, head(ipt_med_type="2"), lambda c, b: (head(ipt_med_type="2")(c, b), operation(oprn_oprt_code="53.0000")(c, b))),
}  # fmt: skip


def hit(content: dict[str, Any], basis: dict[str, Any]) -> set[str]:
    """The rules that a list breaks."""
    return {found.rule for found in check(content, basis, DAY)}


@pytest.mark.parametrize("make", [whole, operated, newborn])
def test_a_list_without_fault_has_no_finding(make: Callable[[], tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """The three lists that the cases change."""
    content, basis = make()
    if make is newborn:
        basis["charges"] = []
    assert not list(check(content, basis, DAY))


@pytest.mark.parametrize("rule", sorted(CASES))
def test_each_rule_on_both_sides(rule: str) -> None:
    """What breaks the rule is found under it, with its mark and a field that exists; what is right beside it is not."""
    make, wrong, right = CASES[rule]
    content, basis = make()
    wrong(content, basis)
    found = [one for one in check(content, basis, DAY) if one.rule == rule]
    defined = next(one for one in rule_set(DAY).rules if one.code == rule)
    names = {field.field for field in fields()}
    assert found and all(one.mark == defined.mark and one.path.rpartition(".")[2] in names for one in found), found
    content, basis = make()
    right(content, basis)
    assert rule not in hit(content, basis)


def test_every_rule_of_the_pack_has_its_case() -> None:
    """No rule without a test, and none tested that is not there."""
    assert {rule.code for rule in rule_set(DAY).rules} == set(CASES)


def test_checking_changes_nothing_and_says_nothing_twice() -> None:
    """A check is a pure reading; one sentence about one field is said once."""
    content, basis = operated()
    content["setlinfo"]["psn_cashpay"] = 1
    before = deepcopy((content, basis))
    found = check(content, basis, DAY)
    assert (content, basis) == before
    assert len({(f.rule, f.path, f.sentence) for f in found}) == len(found)


@pytest.mark.parametrize(
    ("code", "others", "allowed"),
    [
        ("R50.900", ["J18.900"], False), ("R50.900", ["Z51.100"], True), ("M80000/3", [], False), ("G01.x00*", [], False),
        ("A39.000+G01*", [], True), ("Z00.000", [], False), ("V43.500", [], False),
    ],
)  # fmt: skip
def test_what_may_be_a_principal_diagnosis(code: str, others: list[str], allowed: bool) -> None:
    """L12: external causes, factors, morphology, asterisk codes, symptoms with and without a cause."""
    content, basis = whole()
    content["diseinfo"] = [diagnosis(code), *(diagnosis(one, main=False) for one in others)]
    assert ("L12a" not in hit(content, basis)) is allowed
