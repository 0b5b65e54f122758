"""Forms of the ECG centre."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.centres.ecg.models import AtRecording
from yigong.centres.ecg.signals.reading import LARGEST_FILE
from yigong.core.ui.forms import PickerField

ACCEPT = ".dcm,.xml,.aecg,.scp,.ecg"


class FileForm(forms.Form):
    """One electrocardiogram file."""

    file = forms.FileField(
        label=_("心电图文件"), widget=forms.FileInput(attrs={"accept": ACCEPT}),
        help_text=_("心电图机导出的 DICOM、HL7 aECG（XML）或 SCP-ECG 文件。"),
        error_messages={"required": _("请选择心电图文件。"), "empty": _("文件是空的，请重新选择。")},
    )  # fmt: skip

    def content(self) -> tuple[bytes, str]:
        """The bytes (of an oversized file only enough to see that) and the name."""
        given = self.cleaned_data["file"]
        return given.read(LARGEST_FILE + 1), given.name


class RecordForm(FileForm):
    """A file for a known order, and the resident's condition at that moment."""

    chest_pain = forms.ChoiceField(
        label=_("此刻胸痛、胸闷"), choices=AtRecording.Pain.choices, widget=forms.RadioSelect,
        error_messages={"required": _("请选择此刻有无胸痛。")},
    )  # fmt: skip
    systolic = forms.IntegerField(label=_("收缩压（mmHg）"), min_value=30, max_value=350, required=False)
    diastolic = forms.IntegerField(label=_("舒张压（mmHg）"), min_value=20, max_value=250, required=False)
    note = forms.CharField(
        label=_("采集说明"), max_length=200, required=False, help_text=_("例如：患者寒战，基线不稳。")
    )


class AttachForm(forms.Form):
    """The order that a waiting recording belongs to."""

    order = PickerField("ecg:pick_order", label=_("心电申请"))
    reason = forms.CharField(
        label=_("如何核实"), max_length=200, error_messages={"required": _("请写明如何核实是同一人。")}
    )


class DiscardForm(forms.Form):
    """Why a recording belongs to nobody."""

    reason = forms.CharField(
        label=_("不归入的原因"),
        max_length=200,
        error_messages={"required": _("请写明不归入的原因，例如“设备测试信号”。")},
    )
