"""Forms of institutions, alliances, centres, staff and rosters."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.core.rights import ROLES
from yigong.core.ui.forms import DateField, MomentField, PickerField
from yigong.network import rules
from yigong.network.models import Accreditation, Alliance, Centre, Institution, Membership, Qualification, Secondment

CATEGORIES = [
    (_("医院"), [("A100", _("综合医院")), ("A210", _("中医医院")), ("A300", _("中西医结合医院")), ("A511", _("专科医院"))]),
    (_("基层"), [("B100", _("社区卫生服务中心")), ("B200", _("社区卫生服务站")), ("C100", _("街道卫生院")), ("C210", _("中心卫生院")), ("C220", _("乡镇卫生院")), ("D600", _("村卫生室"))]),
    (_("门诊部和诊所"), [("D110", _("综合门诊部")), ("D211", _("普通诊所")), ("D212", _("中医诊所")), ("D300", _("卫生所（室）")), ("D400", _("医务室"))]),
    (_("专业公共卫生"), [("E100", _("急救中心")), ("G100", _("妇幼保健院")), ("J100", _("疾病预防控制中心")), ("K100", _("卫生监督所"))]),
    (_("其他"), [("P100", _("其他卫生机构"))]),
]  # fmt: skip
_EMPTY = [("", "—")]
GRADES = [("", "—"), ("1", _("一级")), ("2", _("二级")), ("3", _("三级")), ("9", _("未定级"))]
GRADE_CLASSES = [("", "—"), ("1", _("甲等")), ("2", _("乙等")), ("3", _("丙等")), ("9", _("未定等"))]
WEEKDAYS = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
SEXES = [("1", _("男")), ("2", _("女"))]
PRACTICE_CLASSES = [("", "—"), ("1", _("临床")), ("2", _("口腔")), ("3", _("公共卫生")), ("4", _("中医"))]


class InstitutionForm(forms.Form):
    """Facts of an institution."""

    name = forms.CharField(label=_("名称"), max_length=80)
    short_name = forms.CharField(label=_("简称"), max_length=30, required=False)
    code = forms.CharField(label=_("机构代码"), max_length=22, help_text=_("卫生机构代码或本县自编代码。"))
    credit_code = forms.CharField(label=_("统一社会信用代码"), max_length=18, required=False)
    level = forms.ChoiceField(label=_("级别"), choices=Institution.Level.choices)
    category = forms.ChoiceField(label=_("类别"), choices=CATEGORIES)
    ownership = forms.ChoiceField(label=_("举办性质"), choices=Institution.Ownership.choices)
    grade = forms.ChoiceField(label=_("医院等级（级）"), choices=GRADES, required=False)
    grade_class = forms.ChoiceField(label=_("医院等级（等）"), choices=GRADE_CLASSES, required=False)
    parent_id = PickerField("network:institution_options", label=_("上级管理机构"), required=False)
    place_id = PickerField("network:place_options", label=_("所在地"), required=False)
    phone = forms.CharField(label=_("电话"), max_length=30, required=False)
    address = forms.CharField(label=_("地址"), max_length=200, required=False)
    opened_on = DateField(label=_("开业日期"), required=False)


class ChangeInstitutionForm(InstitutionForm):
    """The same with a reason; the code stays."""

    code = None  # type: ignore[assignment]
    reason = forms.CharField(label=_("变更原因"), max_length=200)


class LocationForm(forms.Form):
    """Degrees of WGS-84."""

    latitude = forms.DecimalField(label=_("纬度"), max_digits=8, decimal_places=6, help_text=_("例如 32.904512"))
    longitude = forms.DecimalField(label=_("经度"), max_digits=9, decimal_places=6, help_text=_("例如 115.814233"))
    source = forms.CharField(
        label=_("怎么测的"), max_length=100, help_text=_("例如：在门口用手机定位。网上地图显示的坐标有几百米偏移，请勿直接抄。"),
    )  # fmt: skip


class CloseForm(forms.Form):
    """The day from which it no longer holds, and why."""

    ends_on = DateField(label=_("终止日期"), initial=date.today, help_text=_("从这一天起失效。"))
    reason = forms.CharField(label=_("原因"), max_length=200)


class CountingForm(forms.Form):
    """Whether figures count the institution as within the county."""

    counts = forms.TypedChoiceField(
        label=_("统计时"), choices=[("1", _("计入县域内")), ("0", _("不计入县域内"))], coerce=lambda text: text == "1"
    )
    starts_on = DateField(label=_("起始日期"), initial=date.today)
    reason = forms.CharField(label=_("依据"), max_length=200)


class AccreditationForm(forms.Form):
    """A verdict on an institution's standard."""

    kind = forms.ChoiceField(label=_("评审"), choices=Accreditation.Kind.choices)
    level = forms.ChoiceField(label=_("结果"), choices=Accreditation.Level.choices)
    starts_on = DateField(label=_("起始日期"), help_text=_("文件写明的达标日期。"))
    ends_on = DateField(label=_("有效期至"), required=False, help_text=_("从这一天起失效；长期有效则不填。"))
    document = forms.CharField(label=_("依据文件"), max_length=100, help_text=_("文号和文件名。"))
    decided_by = forms.CharField(label=_("评审机关"), max_length=80)
    note = forms.CharField(label=_("备注"), max_length=200, required=False)

    def __init__(self, *args: Any, standards: list[str], **more: Any) -> None:
        super().__init__(*args, **more)
        offered = {level for kind in standards for level in rules.LEVELS[kind]}
        kinds, levels = self.fields["kind"], self.fields["level"]
        assert isinstance(kinds, forms.ChoiceField) and isinstance(levels, forms.ChoiceField)
        kinds.choices = [one for one in Accreditation.Kind.choices if one[0] in standards]
        levels.choices = [one for one in Accreditation.Level.choices if one[0] in offered]


class WithdrawForm(forms.Form):
    """Why a verdict was entered by mistake."""

    reason = forms.CharField(label=_("撤回原因"), max_length=200, help_text=_("例如“文件看错了一行”。"))


class DepartmentForm(forms.Form):
    """A department."""

    code = forms.CharField(label=_("科室代码"), max_length=12)
    name = forms.CharField(label=_("科室名称"), max_length=40)
    specialty = forms.CharField(
        label=_("诊疗科目代码"), max_length=8, required=False, help_text=_("如 0304 心血管内科。")
    )
    phone = forms.CharField(label=_("电话"), max_length=30, required=False)


class AllianceForm(forms.Form):
    """An alliance with its charter."""

    kind = forms.ChoiceField(label=_("类型"), choices=Alliance.Kind.choices)
    name = forms.CharField(label=_("名称"), max_length=80)
    starts_on = DateField(label=_("成立日期"), initial=date.today)
    specialty = forms.CharField(label=_("专科（专科联盟）"), max_length=8, required=False)
    governing_body = forms.CharField(
        label=_("管理机构"), max_length=80, required=False, help_text=_("如医共体管委会、理事会。")
    )
    charter_number = forms.CharField(label=_("章程文号"), max_length=60, required=False)
    charter_signed_on = DateField(label=_("章程签署日期"), required=False)
    charter_ends_on = DateField(label=_("章程到期日期"), required=False)
    duties = forms.CharField(
        label=_("牵头与成员的责权利"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )


class MembershipForm(forms.Form):
    """An institution joins."""

    institution_id = PickerField("network:institution_options", label=_("机构"))
    role = forms.ChoiceField(label=_("角色"), choices=Membership.Role.choices, initial="member")
    manner = forms.ChoiceField(label=_("方式"), choices=Membership.Manner.choices, initial="agreed")
    starts_on = DateField(label=_("加入日期"), initial=date.today)
    agreement_ends_on = DateField(label=_("协议到期日期"), required=False)
    reason = forms.CharField(label=_("依据"), max_length=200, help_text=_("如协议文号或管委会决定。"))


class CentreForm(forms.Form):
    """A shared centre at this institution."""

    kind = forms.ChoiceField(label=_("类型"), choices=Centre.Kind.choices)
    name = forms.CharField(label=_("名称"), max_length=80)
    opens_at = forms.TimeField(label=_("开放时间"), required=False, widget=forms.TimeInput({"type": "time"}))
    closes_at = forms.TimeField(
        label=_("结束时间"), required=False, widget=forms.TimeInput({"type": "time"}), help_text=_("全天开放则都不填。")
    )
    phone = forms.CharField(label=_("电话"), max_length=30, required=False)


class ServeForm(forms.Form):
    """The centre serves an institution."""

    institution_id = PickerField(
        "network:institution_options", label=_("服务的机构"), help_text=_("该机构管理的下级机构一并服务。")
    )
    starts_on = DateField(label=_("起始日期"), initial=date.today)
    reason = forms.CharField(label=_("依据"), max_length=200, required=False)


class StaffForm(forms.Form):
    """A new person with the first post."""

    code = forms.CharField(label=_("工号"), max_length=20)
    name = forms.CharField(label=_("姓名"), max_length=50)
    sex = forms.ChoiceField(label=_("性别"), choices=SEXES, widget=forms.RadioSelect)
    title = forms.ChoiceField(label=_("职称"), choices=[*_EMPTY, *rules.TITLES.items()], required=False)
    phone = forms.CharField(label=_("电话"), max_length=30, required=False)


class PostForm(forms.Form):
    """A role at an institution."""

    institution_id = PickerField("network:institution_options", label=_("机构"))
    role = forms.ChoiceField(label=_("岗位"), choices=[*_EMPTY, *ROLES.items()])
    starts_on = DateField(label=_("起始日期"), initial=date.today)


class SecondmentForm(forms.Form):
    """Where the person may also work."""

    institution_id = PickerField("network:institution_options", label=_("派往机构"))
    form = forms.ChoiceField(label=_("形式"), choices=Secondment.Form.choices)
    starts_on = DateField(label=_("起始日期"), initial=date.today)
    ends_on = DateField(label=_("终止日期"), required=False, help_text=_("从这一天起不再有权限；可留空。"))
    reason = forms.CharField(label=_("事由"), max_length=200)


class QualificationForm(forms.Form):
    """A licence."""

    kind = forms.ChoiceField(label=_("证书类型"), choices=Qualification.Kind.choices)
    number = forms.CharField(label=_("证书编号"), max_length=30)
    practice_class = forms.ChoiceField(label=_("执业类别"), choices=PRACTICE_CLASSES, required=False)
    practice_level = forms.ChoiceField(
        label=_("执业级别"), choices=[*_EMPTY, ("1", _("执业")), ("2", _("执业助理"))], required=False
    )
    scope = forms.CharField(label=_("执业范围"), max_length=100, required=False)
    may_prescribe = forms.BooleanField(label=_("有处方权"), required=False)
    may_prescribe_narcotics = forms.BooleanField(label=_("有麻精药品处方权"), required=False)
    antibiotic_level = forms.TypedChoiceField(
        label=_("抗菌药物级别"),
        choices=[("0", "—"), ("1", _("非限制级")), ("2", _("限制级")), ("3", _("特殊使用级"))],
        coerce=int,
        required=False,
        empty_value=0,  # type: ignore[arg-type]  # the stubs allow only texts
    )
    issued_on = DateField(label=_("发证日期"), required=False)
    expires_on = DateField(label=_("有效期至"), required=False)


class DutyForm(forms.Form):
    """A shift."""

    staff_id = PickerField("network:staff_options", label=_("人员"))
    role = forms.ChoiceField(label=_("值班岗位"), choices=[*_EMPTY, *ROLES.items()])
    starts_at = MomentField(label=_("上班时间"))
    ends_at = MomentField(label=_("下班时间"))


class NeedForm(forms.Form):
    """A shift that must be staffed."""

    role = forms.ChoiceField(label=_("值班岗位"), choices=[*_EMPTY, *ROLES.items()])
    weekdays = forms.MultipleChoiceField(
        label=_("星期"),
        choices=list(zip("1234567", WEEKDAYS, strict=True)),
        initial=list("1234567"),
        widget=forms.CheckboxSelectMultiple,
    )
    begins = forms.TimeField(label=_("开始"), widget=forms.TimeInput(attrs={"type": "time"}))
    ends = forms.TimeField(
        label=_("结束"),
        widget=forms.TimeInput(attrs={"type": "time"}),
        help_text=_("不晚于开始时间的，为次日。全天：两个时间相同。"),
    )
    people = forms.IntegerField(label=_("人数"), min_value=1, max_value=20, initial=1)

    def clean_weekdays(self) -> str:
        """As digits, the way they are stored."""
        return "".join(sorted(self.cleaned_data["weekdays"]))


class CopyWeekForm(forms.Form):
    """From which week into which."""

    source = DateField(label=_("照哪一周"), help_text=_("选那一周的任意一天。"))
    target = DateField(label=_("排到哪一周"), help_text=_("已排的班保留，时间冲突和已离岗的人会列出来。"))


class SwapForm(forms.Form):
    """With whom, and for which shift; choices come from the roster."""

    with_ = forms.ChoiceField(label=_("与谁换"))
    reason = forms.CharField(label=_("原因"), max_length=200, required=False)

    def __init__(self, *args: Any, choices: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.pop("with_")
        field.choices = [*_EMPTY, *choices]  # type: ignore[attr-defined]
        self.fields = {"with": field, **self.fields}


def without_reason(values: dict[str, Any]) -> dict[str, Any]:
    """A form's values without the reason, which commands take by name."""
    return {key: value for key, value in values.items() if key != "reason"}
