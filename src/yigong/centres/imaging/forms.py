"""The technician's form."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.centres.imaging.models import ImagingDetail


class PerformForm(forms.Form):
    """How the pictures were taken."""

    quality = forms.ChoiceField(
        label=_("图像质量"), choices=ImagingDetail.Quality.choices, widget=forms.RadioSelect,
        error_messages={"required": _("请评定图像质量。")},
    )  # fmt: skip
    quality_note = forms.CharField(label=_("质量说明"), max_length=200, required=False)
    device = forms.CharField(label=_("设备"), max_length=80, required=False)
    view = forms.CharField(label=_("体位/序列"), max_length=80, required=False)
    images = forms.IntegerField(label=_("图像数"), min_value=0, max_value=20000, required=False)
    ctdi_vol = forms.DecimalField(label=_("CTDIvol(mGy)"), min_value=0, max_value=1000, required=False)
    dlp = forms.DecimalField(label=_("DLP(mGy·cm)"), min_value=0, max_value=20000, required=False)
    dap = forms.DecimalField(label=_("DAP(µGy·m²)"), min_value=0, max_value=100000, required=False)
    contrast_drug = forms.CharField(label=_("对比剂"), max_length=60, required=False)
    contrast_batch = forms.CharField(label=_("对比剂批号"), max_length=40, required=False)
    contrast_ml = forms.DecimalField(label=_("对比剂用量（mL）"), min_value=0, max_value=500, required=False)
    reaction = forms.CharField(label=_("不良反应"), max_length=200, required=False)
