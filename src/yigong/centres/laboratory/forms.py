"""Forms of the laboratory."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.centres.laboratory.models import Instrument, OutsideLaboratory
from yigong.centres.laboratory.rules import catalogue
from yigong.core.ui.forms import DateField
from yigong.orders import api as orders


class ScanForm(forms.Form):
    """A bar code, scanned or typed."""

    number = forms.CharField(
        label=_("标本条码"), max_length=40, error_messages={"required": _("请扫描或输入标本条码。")},
        widget=forms.TextInput(attrs={"autofocus": True, "inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip


class CollectForm(ScanForm):
    """A filled tube, with the check of identity."""

    identity_checked = forms.BooleanField(label=_("已核对姓名和另一项身份信息"), required=False)


class RejectForm(forms.Form):
    """Why a tube is no good."""

    reason_code = forms.ChoiceField(label=_("拒收原因"))
    reason = forms.CharField(label=_("说明"), max_length=200, required=False)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        choices = [("", _("请选择")), *orders.service("laboratory").image_reasons.items()]
        self.fields["reason_code"].choices = choices  # type: ignore[attr-defined]


class LossForm(forms.Form):
    """What became of a tube before the laboratory had it."""

    reason_code = forms.ChoiceField(label=_("原因"))
    reason = forms.CharField(label=_("说明"), max_length=200, required=False)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["reason_code"].choices = [("", _("请选择")), *catalogue.rules().loss_reasons.items()]  # type: ignore[attr-defined]


class NothingForm(forms.Form):
    """A button."""


class SendForm(forms.Form):
    """A box is closed for the next run, or handed to somebody who brings it."""

    courier = forms.CharField(label=_("送件人（等物流班次来取的不填）"), max_length=80, required=False)
    seal = forms.CharField(label=_("封签号"), max_length=40, required=False)


class TemperatureForm(forms.Form):
    """One reading."""

    celsius = forms.DecimalField(
        label=_("温度（℃）"), max_digits=5, decimal_places=1,
        error_messages={"required": _("请填写温度。"), "invalid": _("请填写数字，例如 4.5。")},
    )  # fmt: skip


class ArriveForm(forms.Form):
    """A box has come."""

    tubes_in = forms.IntegerField(
        label=_("实收标本数"), min_value=0, max_value=500, error_messages={"required": _("请清点并填写标本数。")}
    )
    seal_intact = forms.BooleanField(label=_("封签完好"), required=False, initial=True)


class StoreForm(forms.Form):
    """Where a tube is kept."""

    rack = forms.CharField(label=_("存放位置"), max_length=40, required=False)


class SendOutForm(forms.Form):
    """Which laboratory takes a tube."""

    outside = forms.ModelChoiceField(
        OutsideLaboratory.objects.none(), label=_("外送机构"), empty_label=_("请选择"),
        error_messages={"required": _("请选择外送机构。")},
    )  # fmt: skip

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        rows = OutsideLaboratory.objects.filter(is_active=True).order_by("name")
        self.fields["outside"].queryset = rows  # type: ignore[attr-defined]
        self.fields["outside"].label_from_instance = lambda row: row.name  # type: ignore[attr-defined]


class OutsideForm(forms.Form):
    """A laboratory outside the community."""

    name = forms.CharField(label=_("机构名称"), max_length=80, required=False)
    licence = forms.CharField(label=_("执业许可证号"), max_length=60, required=False)
    phone = forms.CharField(label=_("联系电话"), max_length=40, required=False)


class PointForm(forms.Form):
    """One control measurement."""

    value = forms.DecimalField(
        label=_("质控结果"), max_digits=16, decimal_places=4,
        error_messages={"required": _("请填写质控结果。"), "invalid": _("请填写数字。")},
    )  # fmt: skip


class ReleaseForm(forms.Form):
    """Why control is regained."""

    reason = forms.CharField(
        label=_("失控原因与处理"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class LotForm(forms.Form):
    """A control lot with the target of one analyte; more analytes of the lot are added with the same lot number."""

    instrument = forms.ModelChoiceField(Instrument.objects.none(), label=_("仪器"), empty_label=_("请选择"))
    material = forms.CharField(label=_("质控品"), max_length=80)
    level = forms.ChoiceField(label=_("水平"), choices=[("1", "1"), ("2", "2"), ("3", "3")])
    number = forms.CharField(label=_("批号"), max_length=40)
    expires_on = DateField(label=_("有效期至"))
    analyte = forms.ChoiceField(label=_("项目"))
    mean = forms.DecimalField(label=_("靶值"), max_digits=16, decimal_places=4)
    sd = forms.DecimalField(label=_("标准差"), max_digits=16, decimal_places=4)

    def __init__(self, *given: Any, instruments: list[Instrument], **more: Any) -> None:
        super().__init__(*given, **more)
        keys = [row.pk for row in instruments]
        self.fields["instrument"].queryset = Instrument.objects.filter(pk__in=keys)  # type: ignore[attr-defined]
        self.fields["instrument"].label_from_instance = lambda row: row.name  # type: ignore[attr-defined]
        numbers = [(a.code, a.name) for a in catalogue.analytes().values() if a.is_number]
        self.fields["analyte"].choices = [("", _("请选择")), *numbers]  # type: ignore[attr-defined]


class InstrumentForm(forms.Form):
    """An analyser."""

    name = forms.CharField(label=_("仪器名称"), max_length=80, required=False)
    code = forms.CharField(label=_("报文代号（MSH-3）"), max_length=40, required=False)


class WitnessForm(forms.Form):
    """The second person at a destruction."""

    witness = forms.CharField(label=_("见证人"), max_length=80, required=False)
