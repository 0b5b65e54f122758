"""Forms of the emergency centre."""

from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from yigong.centres.emergency.data import Crew, NewCase
from yigong.centres.emergency.models import CrewMember, Vehicle
from yigong.centres.emergency.rules import definitions
from yigong.core.ui.forms import CodePickerField, MomentField, PickerField

_REASON = {"required": _("请写明原因。")}
_YES_NO = [("", _("没问到")), ("yes", _("是")), ("no", _("否"))]
_SEX = [("0", _("未知")), ("1", _("男")), ("2", _("女"))]


def _answer(text: str) -> bool | None:
    return {"yes": True, "no": False}.get(text)


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("原因"), max_length=200, widget=forms.Textarea(attrs={"rows": 3}), error_messages=_REASON
    )


class _CaseForm(forms.Form):
    """What every beginning asks."""

    complaint = forms.ChoiceField(label=_("主诉"))
    story = forms.CharField(label=_("情况"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    resident_id = PickerField("residents:options", label=_("居民"), required=False, help_text=_("身份不明可以先不选。"))
    patient_name = forms.CharField(label=_("称呼"), max_length=60, required=False)
    patient_sex = forms.ChoiceField(label=_("性别"), choices=_SEX, required=False)
    patient_age = forms.IntegerField(label=_("大约年龄"), min_value=0, max_value=130, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [("", _t("请选择")), *((one.code, one.label) for one in definitions.parameters().complaint)]
        self.fields["complaint"] = forms.ChoiceField(
            label=_("主诉"), choices=choices, error_messages={"required": _("请选择主诉。")}
        )

    def given(self) -> NewCase:
        """The command's input."""
        v = self.cleaned_data
        answers: dict[str, Any] = {
            name: _answer(v.get(name, "")) for name in ("conscious", "breathing", "heavy_bleeding")
        }
        plain = (
            "complaint",
            "story",
            "resident_id",
            "patient_name",
            "patient_age",
            "caller",
            "phone",
            "place_id",
            "address",
        )
        words: dict[str, Any] = {name: v[name] for name in plain if v.get(name) not in (None, "")}
        return NewCase(
            **words, **answers, patient_sex=v.get("patient_sex") or "0", destination_id=v.get("destination_id")
        )


class CallForm(_CaseForm):
    """What the dispatcher asks on the telephone."""

    phone = forms.CharField(
        label=_("呼救电话"), max_length=30, error_messages={"required": _("请登记呼救电话，车组要用它联系。")}
    )
    caller = forms.CharField(label=_("呼救人"), max_length=60, required=False)
    place_id = PickerField("network:place_options", label=_("乡镇或村"), required=False)
    address = forms.CharField(
        label=_("详细地点"), max_length=200, required=False, help_text=_("路口、单位、村口等明显标志。")
    )
    conscious = forms.ChoiceField(label=_("叫得应吗"), choices=_YES_NO, required=False, widget=forms.RadioSelect)
    breathing = forms.ChoiceField(label=_("呼吸正常吗"), choices=_YES_NO, required=False, widget=forms.RadioSelect)
    heavy_bleeding = forms.ChoiceField(label=_("出血多吗"), choices=_YES_NO, required=False, widget=forms.RadioSelect)
    # Dispatchers may not look for residents: identity is settled at the hospital.
    resident_id = None  # type: ignore[assignment]
    field_order = (
        "phone", "caller", "place_id", "address", "complaint", "story", "conscious", "breathing", "heavy_bleeding", "patient_name",
        "patient_sex", "patient_age",
    )  # fmt: skip


class WalkInForm(_CaseForm):
    """Who stands in the department."""

    at = MomentField(label=_("进门时间"), required=False, help_text=_("不填为现在。"))


class FirstForm(_CaseForm):
    """The first contact in a village or township."""

    at = MomentField(label=_("首次接触时间"), required=False, help_text=_("不填为现在；已过几分钟的请填写并说明。"))
    phone = forms.CharField(label=_("联系电话"), max_length=30, required=False)
    address = forms.CharField(label=_("现在在哪里"), max_length=200, required=False)
    by_ambulance = forms.BooleanField(label=_("请急救中心派车"), required=False, initial=True)
    reason = forms.CharField(label=_("补录原因"), max_length=200, required=False)


class DispatchForm(forms.Form):
    """A vehicle and its crew."""

    vehicle = forms.ChoiceField(
        label=_("车辆"), widget=forms.RadioSelect, error_messages={"required": _("请选择车辆。")}
    )
    driver = PickerField("emergency:mate_options", label=_("驾驶员"), required=False)
    doctor = PickerField("emergency:mate_options", label=_("医师"), required=False)
    nurse = PickerField("emergency:mate_options", label=_("护士"), required=False)
    bearer = PickerField("emergency:mate_options", label=_("担架员"), required=False)
    crew_reason = forms.CharField(label=_("换人原因"), max_length=200, required=False)
    destination_id = PickerField(
        "network:institution_options", label=_("送往医院"), required=False, help_text=_("不填为本急救中心所在医院。")
    )

    def __init__(self, vehicles: list[tuple[str, str]], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["vehicle"] = forms.ChoiceField(
            label=_("车辆"), choices=vehicles, widget=forms.RadioSelect, error_messages={"required": _("请选择车辆。")}
        )
        for role in CrewMember.Role.values:
            self.fields[role].widget.url = reverse("emergency:crew_options", args=[role])

    def crew(self) -> list[Crew]:
        """Who goes."""
        roles = CrewMember.Role.values
        return [Crew(self.cleaned_data[role], role) for role in roles if self.cleaned_data.get(role)]

    @property
    def vehicle_id(self) -> UUID:
        """The vehicle's key."""
        return UUID(self.cleaned_data["vehicle"])


class SeatForm(forms.Form):
    """Somebody for a vehicle."""

    role = forms.ChoiceField(label=_("在车上是"), choices=CrewMember.Role.choices)
    staff_id = PickerField("emergency:mate_options", label=_("人员"))


class TimeForm(forms.Form):
    """One time, entered or corrected."""

    at = MomentField(label=_("时间"))
    reason = forms.CharField(label=_("补录或更正的原因"), max_length=200, required=False)


class SignsForm(forms.Form):
    """Vital signs."""

    note = forms.CharField(label=_("备注"), max_length=200, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        words = definitions.sign_words()
        own: dict[str, forms.Field] = {}
        for code, (name, unit) in words.items():
            label = f"{_t(name)}（{_t(unit)}）"
            mode = {"inputmode": "decimal"}
            own[code] = (
                forms.DecimalField(
                    label=label, required=False, max_digits=4, decimal_places=1, widget=forms.NumberInput(attrs=mode)
                )
                if code in {"temperature", "glucose"}
                else forms.IntegerField(
                    label=label, required=False, min_value=0, max_value=400, widget=forms.NumberInput(attrs=mode)
                )
            )
        self.fields = {**own, **self.fields}

    def values(self) -> dict[str, Any]:
        """What was measured, by sign."""
        return {code: self.cleaned_data.get(code) for code in definitions.SIGNS}


class TriageForm(SignsForm):
    """Signs and level."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        del self.fields["note"]
        levels = [(str(one.code), one.label) for one in definitions.parameters().level]
        self.fields["level"] = forms.TypedChoiceField(
            label=_("级别"),
            choices=levels,
            coerce=int,
            widget=forms.RadioSelect,
            error_messages={"required": _("请选择级别。")},
        )
        self.fields["reason"] = forms.CharField(label=_("理由（定级轻于测量值时必填）"), max_length=200, required=False)


class TracingForm(forms.Form):
    """An ECG sent ahead."""

    finding = forms.ChoiceField(label=_("所见"), widget=forms.RadioSelect)
    note = forms.CharField(label=_("说明"), max_length=200, required=False)
    picture = forms.FileField(
        label=_("心电图照片"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png", "capture": "environment"}),
    )

    recording = forms.FileField(
        label=_("心电图机文件（DICOM、aECG、SCP）"), required=False,
        help_text=_("有文件的传文件：接收医院看原图，心电中心优先判读。"),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        findings = [(one.code, one.label) for one in definitions.parameters().ecg_finding]
        self.fields["finding"] = forms.ChoiceField(
            label=_("所见"),
            choices=findings,
            widget=forms.RadioSelect,
            error_messages={"required": _("请选择所见，看不准选“请上级判读”。")},
        )

    def values(self) -> dict[str, Any]:
        """Arguments of ``send_tracing``."""
        given = dict(self.cleaned_data)
        picture, file = given.pop("picture"), given.pop("recording")
        given |= {"recording": file.read(8_000_000), "file_name": file.name} if file else {}
        return {**given, "picture": picture.read(4_000_000) if picture else None}


class ReadTracingForm(forms.Form):
    """What the reader of an ECG says."""

    finding = forms.ChoiceField(label=_("判读"), widget=forms.RadioSelect)
    reading = forms.CharField(label=_("意见"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        found = [(one.code, one.label) for one in definitions.parameters().ecg_finding if one.code != "unclear"]
        self.fields["finding"] = forms.ChoiceField(
            label=_("判读"), choices=found, widget=forms.RadioSelect, error_messages={"required": _("请选择判读结果。")}
        )


class PathwayForm(forms.Form):
    """Which pathway."""

    code = forms.ChoiceField(label=_("救治通道"), required=False, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("改变或退出的原因"), max_length=200, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [*((one.code, one.title) for one in definitions.pathways().values()), ("none", _t("不进通道"))]
        self.fields["code"] = forms.ChoiceField(label=_("救治通道"), choices=choices, widget=forms.RadioSelect)

    @property
    def chosen(self) -> str:
        """The code, empty for none."""
        return "" if self.cleaned_data["code"] == "none" else str(self.cleaned_data["code"])


class TreatmentForm(forms.Form):
    """What will be done."""

    treatment = forms.ChoiceField(label=_("治疗方案"), widget=forms.RadioSelect)

    def __init__(self, path: definitions.Pathway | None, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(one.code, one.label) for one in path.treatment] if path else []
        self.fields["treatment"] = forms.ChoiceField(label=_("治疗方案"), choices=choices, widget=forms.RadioSelect)


class IdentityForm(forms.Form):
    """Who it is."""

    resident_id = PickerField("residents:options", label=_("居民"))
    proof = forms.CharField(label=_("核对依据"), max_length=100, help_text=_("例如身份证、社保卡、家属辨认。"))


class OutcomeForm(forms.Form):
    """How it ended."""

    outcome = forms.ChoiceField(label=_("转归"), widget=forms.RadioSelect)
    diagnosis_code = CodePickerField("records:diagnoses", label=_("诊断"), required=False)
    place = forms.CharField(label=_("收住科室或转往医院"), max_length=120, required=False)
    note = forms.CharField(label=_("说明"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        outcomes = [(one.code, one.label) for one in definitions.parameters().outcome]
        self.fields["outcome"] = forms.ChoiceField(
            label=_("转归"), choices=outcomes, widget=forms.RadioSelect, error_messages={"required": _("请选择转归。")}
        )


class HandoverForm(forms.Form):
    """The crew's part of the sheet."""

    condition = forms.CharField(label=_("交接时病情"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    given = forms.CharField(
        label=_("院前用药和处置"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    belongings = forms.CharField(label=_("随身物品"), max_length=200, required=False)


class OtherHospitalForm(forms.Form):
    """Handed to a hospital outside the platform."""

    place = forms.CharField(label=_("接收医院"), max_length=120)
    receiver = forms.CharField(label=_("接收人"), max_length=80)


class RedirectForm(forms.Form):
    """To another hospital of the platform."""

    destination_id = PickerField("network:institution_options", label=_("改送医院"))
    reason = forms.CharField(label=_("原因"), max_length=200, error_messages=_REASON)


class StationForm(forms.Form):
    """A station."""

    name = forms.CharField(label=_("站点名称"), max_length=60)
    institution_id = PickerField("network:institution_options", label=_("所属机构"))
    phone = forms.CharField(label=_("电话"), max_length=30, required=False)


class VehicleForm(forms.Form):
    """An ambulance."""

    plate = forms.CharField(label=_("车牌号"), max_length=14)
    name = forms.CharField(label=_("呼号"), max_length=40, required=False, help_text=_("例如 急救 1 号。"))
    kind = forms.ChoiceField(label=_("车型"), choices=Vehicle.Kind.choices)


class ResourceForm(forms.Form):
    """Beds or rooms."""

    kind = forms.ChoiceField(label=_("种类"))
    name = forms.CharField(label=_("名称"), max_length=60)
    capacity = forms.IntegerField(label=_("数量"), min_value=1, max_value=200, initial=1)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds = [(one.code, one.label) for one in definitions.parameters().resource]
        self.fields["kind"] = forms.ChoiceField(label=_("种类"), choices=kinds)
