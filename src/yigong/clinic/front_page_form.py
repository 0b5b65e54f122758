"""The form of the front page: the items that are typed or chosen; what stay, person and bill know stands beside it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.clinic.rules import lists


def _choice(label: Any, words: dict[str, Any]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[("", _("请选择")), *words.items()])


def _text(label: Any, longest: int, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=longest, help_text=help_text)


def _number(label: Any, most: int, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=most, help_text=help_text)


class FrontPageForm(forms.Form):
    """Nothing is required while it is a draft; what is missing for completing is told by the checks."""

    payment_method = _choice(_("医疗付费方式"), lists.PAYMENT)
    marital_status = _choice(_("婚姻"), lists.MARITAL)
    occupation = _choice(_("职业"), lists.OCCUPATION)
    employer = _text(_("工作单位"), 200)
    contact_name = _text(_("联系人"), 40)
    contact_relation = _choice(_("与患者关系"), lists.RELATION)
    contact_phone = _text(_("联系人电话"), 40)
    contact_address = _text(_("联系人地址"), 200)
    outpatient_code = _text(_("门（急）诊诊断编码"), 20)
    outpatient_name = _text(_("门（急）诊诊断"), 100)
    pathology_code = _text(_("病理诊断编码"), 20)
    pathology_name = _text(_("病理诊断"), 100)
    pathology_number = _text(_("病理号"), 50)
    external_cause_code = _text(_("损伤中毒外因编码"), 20)
    external_cause_name = _text(_("损伤中毒的外部原因"), 100)
    drug_allergy = _choice(_("药物过敏"), lists.HAS)
    allergy_drugs = _text(_("过敏药物"), 200)
    blood_abo = _choice(_("ABO 血型"), lists.ABO)
    blood_rh = _choice(_("Rh 血型"), lists.RH)
    autopsy = _choice(_("死亡患者尸检"), lists.YES)
    department_head = _text(_("科主任"), 40)
    chief_doctor = _text(_("主任（副主任）医师"), 40)
    attending_doctor = _text(_("主治医师"), 40)
    resident_doctor = _text(_("住院医师"), 40)
    responsible_nurse = _text(_("责任护士"), 40)
    quality_doctor = _text(_("质控医师"), 40)
    quality_nurse = _text(_("质控护士"), 40)
    newborn_weights = _text(_("新生儿出生体重（克）"), 40, _("多胞胎用空格分开，精确到 10 克。"))
    newborn_admission_weight = _number(_("新生儿入院体重（克）"), 9999)
    coma_before_minutes = _number(_("入院前昏迷（分钟）"), 1_000_000)
    coma_after_minutes = _number(_("入院后昏迷（分钟）"), 1_000_000)
    ventilator_hours = _number(_("呼吸机使用（小时）"), 20_000)
    readmission_plan = _choice(_("31 天内再住院计划"), lists.HAS)
    readmission_purpose = _text(_("再住院目的"), 100)

    def clean_newborn_weights(self) -> list[int]:
        """Grams, one per child."""
        words = str(self.cleaned_data["newborn_weights"]).split()
        if len(words) > 5 or not all(word.isdigit() and len(word) <= 5 for word in words):
            raise forms.ValidationError(str(_("体重请填写整数克，最多 5 个，用空格分开。")))
        return [int(word) for word in words]

    def clean_newborn_admission_weight(self) -> int | None:
        """Between 100 and 9,999 g."""
        weight: int | None = self.cleaned_data["newborn_admission_weight"]
        if weight is not None and weight < 100:
            raise forms.ValidationError(str(_("新生儿体重以克为单位，精确到 10 克，在 100–9999 之间。")))
        return weight

    def values(self) -> dict[str, Any]:
        """The command's input."""
        return dict(self.cleaned_data)
