"""Forms of referrals. They parse; what is right is decided by the commands."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from yigong.core.ui.forms import CodePickerField, DateField, PickerField
from yigong.referrals.rules import definitions as rules

_BLANK = ("", _("请选择"))


def _choices(codes: dict[str, Any], blank: bool = True) -> list[tuple[str, Any]]:
    return [*([_BLANK] if blank else []), *codes.items()]


def _text(label: Any, rows: int = 3, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=options.pop("required", False),
        widget=forms.Textarea(attrs={"rows": rows}),
        validators=[MaxLengthValidator(5000)],
        **options,
    )


class RequestForm(forms.Form):
    """The request. The direction is not asked: it follows from the two institutions."""

    resident_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    urgency = forms.ChoiceField(
        label=_("紧急程度"), choices=rules.URGENCY.items(), widget=forms.RadioSelect, initial="routine"
    )
    to_institution_id = PickerField("referrals:institutions", label=_("转入机构"))
    to_department_id = forms.CharField(label=_("转入科室"), required=False)
    sheet_id = forms.CharField(label=_("预约号源/床位"), required=False)
    kind = forms.ChoiceField(label=_("类型"), choices=rules.KIND.items(), initial="outpatient")
    diagnosis_code = CodePickerField("records:diagnoses", label=_("初步诊断"), required=False)
    reason_code = forms.ChoiceField(label=_("转诊原因"), choices=(), required=False)
    reason = _text(
        _("主要病情与转诊原因"), 4, required=True, error_messages={"required": _("请填写主要病情和转诊原因。")}
    )
    past_history = _text(_("主要既往史"), 2)
    treatment = _text(_("已做检查与治疗经过"))
    medicines = _text(_("当前用药"), 2)
    allergies = forms.CharField(label=_("过敏史"), required=False, max_length=200)
    temperature = forms.FloatField(label=_("体温 ℃"), required=False)
    pulse = forms.IntegerField(label=_("脉搏 次/分"), required=False)
    breath = forms.IntegerField(label=_("呼吸 次/分"), required=False)
    systolic = forms.IntegerField(label=_("收缩压 mmHg"), required=False)
    diastolic = forms.IntegerField(label=_("舒张压 mmHg"), required=False)
    oxygen = forms.IntegerField(label=_("血氧 %"), required=False)
    gcs = forms.IntegerField(label=_("GCS 评分"), required=False)
    plan_text = _text(_("下一步治疗方案及康复建议"), 4)
    recheck = _text(_("复查计划"), 2)
    red_flags = _text(_("危险信号（何时应回院）"), 2)
    follow_up_on = DateField(label=_("首次随访日期"), required=False)
    skip_reason = forms.CharField(label=_("越级转诊原因"), required=False, max_length=200)
    transport = forms.ChoiceField(label=_("运送方式"), choices=_choices(rules.TRANSPORT), required=False)
    escort = forms.CharField(label=_("陪送人员"), required=False, max_length=60)
    insurance_type = forms.ChoiceField(label=_("医保类型"), choices=_choices(rules.INSURANCE), required=False)
    consent_by = forms.CharField(label=_("知情同意人"), required=False, max_length=60)
    consent_relation = forms.CharField(label=_("与患者关系"), required=False, max_length=20, initial=_("本人"))
    requester_phone = forms.CharField(label=_("申请医师电话"), required=False, max_length=30)
    confirmed = forms.BooleanField(label=_("确认重复申请"), required=False)
    # Emergency without a known resident
    patient_name = forms.CharField(label=_("患者姓名（不详可空）"), required=False, max_length=60)
    patient_sex = forms.ChoiceField(
        label=_("性别"), choices=[("0", _("不详")), ("1", _("男")), ("2", _("女"))], required=False
    )
    patient_age = forms.CharField(label=_("大约年龄"), required=False, max_length=20)
    patient_phone = forms.CharField(label=_("联系电话"), required=False, max_length=30)

    def __init__(self, *args: Any, direction: str = "up", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = rules.REASON_DOWN if direction == "down" else rules.REASON_UP
        self.fields["reason_code"].choices = _choices(reasons)  # type: ignore[attr-defined]


VITALS = tuple(rules.VITALS)
CLINICAL = ("past_history", "treatment", "medicines", "allergies", "plan_text", "recheck", "red_flags")


class ReasonForm(forms.Form):
    """One reason."""

    reason = _text(_("原因"), 2, required=True, error_messages={"required": _("请填写原因。")})


class NoteForm(forms.Form):
    """Nothing is needed."""


class AcceptForm(forms.Form):
    """The answer: a place, a bed number, or straight to the emergency department."""

    sheet_id = forms.CharField(label=_("号源/床位"), required=False)
    direct_to_emergency = forms.BooleanField(label=_("直接到急诊，不占号源"), required=False)
    bed = forms.CharField(label=_("床位号"), required=False, max_length=20)
    doctor = forms.CharField(label=_("接诊医师"), required=False, max_length=50)
    ward_phone = forms.CharField(label=_("科室电话"), required=False, max_length=30)


class AcceptDownForm(forms.Form):
    """A township needs no slot."""

    doctor = forms.CharField(label=_("责任医师"), required=False, max_length=50)
    ward_phone = forms.CharField(label=_("联系电话"), required=False, max_length=30)


class AcknowledgeForm(forms.Form):
    """The emergency desk."""

    doctor = forms.CharField(label=_("准备接诊医师"), required=False, max_length=50)
    ward_phone = forms.CharField(label=_("急诊电话"), required=False, max_length=30)


class RejectForm(forms.Form):
    """Coded reason and words."""

    reason_code = forms.ChoiceField(label=_("不接收原因"), choices=_choices(rules.REJECT), required=False)
    reason = _text(_("具体说明（转出医师可见）"), 2)


class RedirectForm(forms.Form):
    """Another receiver."""

    to_institution_id = PickerField("referrals:institutions", label=_("改转到"))
    reason = _text(_("改转原因"), 2, required=True, error_messages={"required": _("请填写改转原因。")})


class ReopenForm(forms.Form):
    """A new place for somebody who did not come."""

    sheet_id = forms.CharField(label=_("重新预约"), required=False)


class TreatForm(forms.Form):
    """Outpatient or inpatient."""

    admitted = forms.BooleanField(label=_("收住入院"), required=False)


class FeedbackForm(forms.Form):
    """What the sender and the family doctor need."""

    outcome_code = forms.ChoiceField(label=_("结束方式"), choices=_choices(rules.OUTCOME), required=False)
    diagnosis_code = CodePickerField("records:diagnoses", label=_("接诊诊断"), required=False)
    summary_text = _text(_("诊治小结"), 4)
    plan = _text(_("下一步治疗与随访建议"), 4)
    agrees = forms.NullBooleanField(
        label=_("与转诊诊断相符"),
        widget=forms.Select(choices=[("unknown", _("未评价")), ("true", _("相符")), ("false", _("不符"))]),
        required=False,
    )


class OnwardForm(forms.Form):
    """To a higher hospital still."""

    to_institution_id = PickerField("referrals:institutions", label=_("继续转到"))
    diagnosis_code = CodePickerField("records:diagnoses", label=_("目前诊断"), required=False)
    plan = _text(_("目前处置与建议"), 3)
    reason = _text(_("继续转诊原因"), 2, required=True)


class VisitForm(forms.Form):
    """A first visit or a follow-up."""

    manner = forms.ChoiceField(
        label=_("方式"), choices=[("visit", _("入户")), ("clinic", _("门诊")), ("phone", _("电话"))]
    )
    note = _text(_("情况记录"), 3)


class ArriveForm(forms.Form):
    """Two identifiers at the desk."""

    name = forms.CharField(label=_("患者姓名"), max_length=60, help_text=_("请患者自报姓名"))
    identifier = forms.CharField(label=_("证件号后四位或转诊单号"), max_length=30, help_text=_("可扫描转诊单上的单号"))
    manner = forms.ChoiceField(label=_("到诊方式"), choices=rules.TRANSPORT.items(), initial="self")
    priority = forms.ChoiceField(label=_("优先类别"), choices=rules.PRIORITY.items(), initial="visit")


class SlotForm(forms.Form):
    """What a department offers."""

    department_id = forms.ChoiceField(label=_("科室"), choices=())
    kind = forms.ChoiceField(
        label=_("类别"), choices=[("slot", _("门诊号源")), ("bed", _("床位"))], widget=forms.RadioSelect, initial="slot"
    )
    day = DateField(label=_("出诊日期"), required=False, help_text=_("床位不用选日期"))
    session = forms.ChoiceField(label=_("时段"), choices=_choices(rules.SESSION), required=False)
    doctor = forms.CharField(label=_("出诊医师"), required=False, max_length=50)
    capacity = forms.IntegerField(label=_("总数"), min_value=1, max_value=2000)
    reserved = forms.IntegerField(label=_("其中预留给转诊"), min_value=0, max_value=2000)

    def __init__(self, *args: Any, departments: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department_id"].choices = [_BLANK, *departments]  # type: ignore[attr-defined]
