"""Forms of the desks."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.clinic.data import SessionData
from yigong.clinic.queries.sessions import PARTS
from yigong.clinic.rules import lists
from yigong.core import clock
from yigong.core.ui.forms import CodePickerField, DateField, MomentField, PickerField

Options = Sequence[tuple[str, str]]


def _options(words: dict[str, Any], blank: bool = True) -> list[tuple[str, Any]]:
    return ([("", _("请选择"))] if blank else []) + list(words.items())


class RegisterForm(forms.Form):
    """Who, with whom, how."""

    resident_id = PickerField("residents:options", label=_("患者"))
    manner = forms.ChoiceField(
        label=_("方式"),
        choices=[("window", _("普通门诊")), ("emergency", _("急诊"))],
        initial="window",
        widget=forms.RadioSelect,
    )
    session_id = forms.ChoiceField(label=_("出诊医生"), required=False)
    department_id = forms.ChoiceField(label=_("急诊科室"), required=False)

    def __init__(self, *args: Any, sessions: Sequence[SessionData], departments: Options, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["session_id"].choices = [("", _("请选择")), *((str(s.id), s.staff_name) for s in sessions)]  # type: ignore[attr-defined]
        self.fields["department_id"].choices = [("", _("请选择")), *departments]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A number of the day needs a doctor, an emergency a department."""
        given = super().clean() or {}
        if given.get("manner") == "window" and not given.get("session_id"):
            self.add_error("session_id", str(_("请选择今天出诊的医生。")))
        return given


class SessionForm(forms.Form):
    """A doctor's half day, for one or several days in a row."""

    department_id = forms.ChoiceField(label=_("科室"))
    staff_id = forms.ChoiceField(label=_("医生"))
    day = DateField(label=_("日期"))
    part = forms.ChoiceField(label=_("时段"), choices=list(PARTS.items()))
    capacity = forms.IntegerField(label=_("号数"), min_value=1, max_value=300, initial=30)
    repeat = forms.IntegerField(label=_("连续几天"), min_value=1, max_value=31, initial=1)

    def __init__(self, *args: Any, departments: Options, doctors: Options, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["department_id"].choices = departments  # type: ignore[attr-defined]
        self.fields["staff_id"].choices = doctors  # type: ignore[attr-defined]
        self.fields["day"].initial = clock.today()


class AdmitForm(forms.Form):
    """An admission."""

    resident_id = PickerField("residents:options", label=_("患者"))
    department_id = forms.ChoiceField(label=_("入院科室"))
    bed_id = forms.ChoiceField(label=_("床位"), required=False)
    way_in = forms.ChoiceField(label=_("入院途径"), choices=_options(lists.WAY_IN), initial="2")
    diagnosis_code = CodePickerField("records:diagnoses", label=_("门（急）诊诊断"))
    doctor_id = forms.ChoiceField(label=_("主管医师"), required=False)
    nursing_code = forms.ChoiceField(label=_("护理级别"))
    admitted_at = MomentField(label=_("入院时间"), required=False)
    visit_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    referral_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, departments: Options, beds: Options, doctors: Options, nursing: Options, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        for name, choices in (("department_id", departments), ("nursing_code", nursing)):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        for name, choices in (("bed_id", beds), ("doctor_id", doctors)):
            self.fields[name].choices = [("", _("暂不安排")), *choices]  # type: ignore[attr-defined]


class TransferForm(forms.Form):
    """Another department or bed."""

    department_id = forms.ChoiceField(label=_("转入科室"))
    bed_id = forms.ChoiceField(label=_("床位"), required=False)
    reason = forms.CharField(label=_("原因"), max_length=200, required=False)

    def __init__(self, *args: Any, departments: Options, beds: Options, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["department_id"].choices = departments  # type: ignore[attr-defined]
        self.fields["bed_id"].choices = [("", _("暂不安排")), *beds]  # type: ignore[attr-defined]


class DischargeForm(forms.Form):
    """How the patient leaves."""

    way_out = forms.ChoiceField(label=_("离院方式"), choices=_options(lists.WAY_OUT))
    receiving_institution = forms.CharField(
        label=_("接收机构"), max_length=100, required=False, help_text=_("转院或转社区时填写。")
    )
    discharged_at = MomentField(label=_("出院时间"), required=False, help_text=_("不填为现在。"))
    summary = forms.CharField(
        label=_("出院小结"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 5})
    )


class BedsForm(forms.Form):
    """Numbered beds of a ward."""

    department_id = forms.ChoiceField(label=_("科室"))
    numbers = forms.CharField(label=_("床号"), max_length=1000, help_text=_("多个床号用空格分开，例如“1 2 3 加1”。"))
    item_code = forms.ChoiceField(label=_("床位费"))

    def __init__(self, *args: Any, departments: Options, items: Options, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["department_id"].choices = departments  # type: ignore[attr-defined]
        self.fields["item_code"].choices = items  # type: ignore[attr-defined]
