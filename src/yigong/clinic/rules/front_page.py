"""What a front page must say before it may be completed: pure checks that name the field to jump to (front page layout of 135 items)."""

from collections.abc import Iterator
from datetime import date, datetime

from django.utils.translation import gettext as _

from yigong.clinic.data import FrontPageData, Gap
from yigong.core.clock import SHANGHAI

_NOT_PRINCIPAL = ("V", "W", "X", "Y")


def gaps(page: FrontPageData) -> list[Gap]:
    """Everything missing or contradictory, blocking ones first, each with the field where it is mended."""
    found = [*_required(page), *_diagnoses(page), *_procedures(page), *_newborn(page), *_fees(page)]
    return sorted(found, key=lambda gap: not gap.blocks)


def _required(page: FrontPageData) -> Iterator[Gap]:
    wanted = {
        "payment_method": _("请选择医疗付费方式。"),
        "marital_status": _("请选择婚姻状况。"),
        "occupation": _("请选择职业。"),
        "contact_name": _("请填写联系人姓名。"),
        "contact_phone": _("请填写联系人电话。"),
        "outpatient_name": _("请填写门（急）诊诊断。"),
        "drug_allergy": _("请选择有无药物过敏。"),
        "blood_abo": _("请选择 ABO 血型（未查也要选）。"),
        "blood_rh": _("请选择 Rh 血型（未查也要选）。"),
        "attending_doctor": _("请填写主治医师。"),
        "responsible_nurse": _("请填写责任护士。"),
        "readmission_plan": _("请选择有无出院 31 天内再住院计划。"),
    }
    for name, text in wanted.items():
        if not getattr(page, name):
            yield Gap(name, text)
    if page.drug_allergy == "2" and not page.allergy_drugs:
        yield Gap("allergy_drugs", _("选择了有药物过敏，请写明过敏药物。"))
    if page.readmission_plan == "2" and not page.readmission_purpose:
        yield Gap("readmission_purpose", _("有再住院计划的，请写明目的。"))
    if page.stay.way_out in {"2", "3"} and not page.stay.receiving_institution:
        yield Gap("receiving_institution", _("离院方式为转院或转社区，请写明拟接收机构。"))
    if page.stay.way_out == "5" and not page.autopsy:
        yield Gap("autopsy", _("死亡患者请选择是否尸检。"))


def _diagnoses(page: FrontPageData) -> Iterator[Gap]:
    if not page.diagnoses:
        yield Gap("diagnosis_0", _("请填写出院主要诊断。"))
        return
    seen: set[str] = set()
    for place, one in enumerate(page.diagnoses):
        field = f"diagnosis_{place}"
        if not one.code:
            yield Gap(field, _("“%(name)s”没有编码，请从列表中选择。") % {"name": one.name})
        elif one.code in seen:
            yield Gap(field, _("诊断“%(name)s”重复。") % {"name": one.name})
        seen.add(one.code)
        if not one.admission_condition:
            yield Gap(f"condition_{place}", _("请选择“%(name)s”的入院病情。") % {"name": one.name})
    main = page.diagnoses[0]
    if main.code.startswith(_NOT_PRINCIPAL):
        yield Gap("diagnosis_0", _("外部原因编码（V–Y）不能作主要诊断。"))
    if main.admission_condition == "4":
        yield Gap("condition_0", _("主要诊断的入院病情为“无”，请核对是否院内新发。"), blocks=False)
    if _tumour(main.code) and not page.pathology_name:
        yield Gap("pathology_name", _("主要诊断为肿瘤，请填写病理诊断。"))
    if main.code.startswith(("S", "T")) and not page.external_cause_name:
        yield Gap("external_cause_name", _("主要诊断为损伤或中毒，请填写外部原因。"))
    for place, one in enumerate(page.diagnoses):
        if page.sex == "1" and one.code.startswith("O"):
            yield Gap(f"diagnosis_{place}", _("男性患者不应有妊娠分娩类诊断“%(name)s”。") % {"name": one.name})
        if one.code.startswith("P") and page.age_years:
            yield Gap(
                f"diagnosis_{place}", _("“%(name)s”是围生期诊断，请核对年龄。") % {"name": one.name}, blocks=False
            )


def _tumour(code: str) -> bool:
    return code.startswith("C") or (code.startswith("D") and code[1:3].isdigit() and int(code[1:3]) <= 48)


def _procedures(page: FrontPageData) -> Iterator[Gap]:
    begin, end = _day(page.stay.admitted_at), _day(page.stay.discharged_at) if page.stay.discharged_at else None
    for place, one in enumerate(page.procedures):
        field, name = f"procedure_{place}", {"name": one.name}
        if not one.code:
            yield Gap(field, _("手术操作“%(name)s”没有编码。") % name)
        if one.performed_at is None:
            yield Gap(f"performed_{place}", _("请填写“%(name)s”的日期。") % name)
        elif _day(one.performed_at) < begin or (end is not None and _day(one.performed_at) > end):
            yield Gap(f"performed_{place}", _("“%(name)s”的日期不在住院期间。") % name)
        if not one.operator_name:
            yield Gap(f"operator_{place}", _("请选择“%(name)s”的术者。") % name)
        if one.level in {"3", "4"} and not one.anaesthesia:
            yield Gap(f"anaesthesia_{place}", _("三、四级手术“%(name)s”请填写麻醉方式。") % name)
    if not page.procedures and page.fees.get("D20"):
        yield Gap("procedure_0", _("有手术治疗费用，但没有手术操作记录。"), blocks=False)


def _newborn(page: FrontPageData) -> Iterator[Gap]:
    if page.age_days is not None and page.age_days <= 28:
        if page.newborn_admission_weight is None:
            yield Gap("newborn_admission_weight", _("28 天以内的新生儿请填写入院体重。"))
        if not page.newborn_weights:
            yield Gap("newborn_weights", _("28 天以内的新生儿请填写出生体重。"))
    weights = [*page.newborn_weights, *([page.newborn_admission_weight] if page.newborn_admission_weight else [])]
    if any(weight % 10 or not 100 <= weight <= 9999 for weight in weights):
        yield Gap("newborn_weights", _("新生儿体重以克为单位，精确到 10 克，在 100–9999 之间。"))


def _fees(page: FrontPageData) -> Iterator[Gap]:
    if page.total < 500:
        yield Gap("fees", _("住院总费用不足 5 元，请核对是否漏记费用。"), blocks=False)
    if page.days > 60:
        yield Gap("days", _("住院超过 60 天，请核对入出院时间。"), blocks=False)


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()
