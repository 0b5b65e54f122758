"""Forms of pathology."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.centres.pathology.models import Case
from yigong.centres.pathology.rules import catalogue
from yigong.core import clock
from yigong.core.ui.forms import DateField, MomentField
from yigong.orders import api as orders


class ScanForm(forms.Form):
    """A bar code, scanned or typed."""

    code = forms.CharField(
        label=_("条码"), max_length=40, error_messages={"required": _("请扫描或输入条码。")},
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )  # fmt: skip


class TimesForm(forms.Form):
    """When the tissue was removed and fixed."""

    fixative = forms.ChoiceField(label=_("固定液"), required=False)
    removed_at = MomentField(label=_("离体时间"), required=False)
    fixed_at = MomentField(label=_("入固定液时间"), required=False)
    unknown = forms.BooleanField(label=_("时间不详"), required=False)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        choices = [("", _("请选择")), *((code, one.label) for code, one in catalogue.rules().fixatives.items())]
        self.fields["fixative"].choices = choices  # type: ignore[attr-defined]


class AnswerForm(TimesForm):
    """The same after a rejection, with what was put right."""

    answer = forms.CharField(label=_("如何补正"), max_length=200, required=False)


class ContainerForm(TimesForm):
    """One more container; its times may follow."""

    label = forms.CharField(
        label=_("标本名称"), max_length=80, error_messages={"required": _("请填写标本名称，例如“胃窦黏膜”。")}
    )
    site = forms.CharField(label=_("部位与侧别"), max_length=80, required=False)
    pieces = forms.IntegerField(label=_("件数"), min_value=1, max_value=200, required=False)

    field_order = ("label", "site", "pieces", "fixative", "removed_at", "fixed_at", "unknown")


class ReceiveForm(ScanForm):
    """A container in hand."""

    identity_checked = forms.BooleanField(label=_("瓶签与申请单的姓名、标本、部位一致"), required=False)


class RejectForm(forms.Form):
    """A container that is not accepted; one without a label is picked from the list."""

    code = forms.ChoiceField(label=_("标本瓶"), error_messages={"required": _("请选择标本瓶。")})
    reason_code = forms.ChoiceField(label=_("拒收原因"), error_messages={"required": _("请选择拒收原因。")})
    reason = forms.CharField(label=_("说明"), max_length=200, required=False)

    def __init__(self, containers: list[Any], *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        rows = [(one.code, f"{one.letter} {one.label} {one.site}") for one in containers]
        self.fields["code"].choices = [("", _("请选择")), *rows]  # type: ignore[attr-defined]
        reasons = [("", _("请选择")), *orders.service("pathology").image_reasons.items()]
        self.fields["reason_code"].choices = reasons  # type: ignore[attr-defined]


class GrossForm(forms.Form):
    """The description and what is cut."""

    description = forms.CharField(
        label=_("大体描述"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    tissues = forms.CharField(
        label=_("取材"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}), help_text=_("一行一块，写明取自何处。"),
        error_messages={"required": _("请写明每块取自何处，一行一块。")},
    )  # fmt: skip
    recorder = forms.CharField(label=_("记录者"), max_length=80, required=False)
    decalcify = forms.BooleanField(label=_("需要脱钙"), required=False)


class StainsForm(forms.Form):
    """More stains of a block."""

    code = forms.ChoiceField(label=_("蜡块"), error_messages={"required": _("请选择蜡块。")})
    stains = forms.MultipleChoiceField(
        label=_("染色"), widget=forms.CheckboxSelectMultiple, error_messages={"required": _("请选择要加做的染色。")}
    )

    def __init__(self, blocks: list[Any], *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["code"].choices = [(b.code, f"{b.code} {b.label}") for b in blocks]  # type: ignore[attr-defined]
        self.fields["stains"].choices = [(s.code, s.name) for s in catalogue.stains().values()]  # type: ignore[attr-defined]


class PictureForm(forms.Form):
    """A picture from the microscope."""

    picture = forms.FileField(
        label=_("镜下图片"),
        widget=forms.FileInput(attrs={"accept": "image/*"}),
        error_messages={"required": _("请选择图片文件。")},
    )
    caption = forms.CharField(label=_("图片说明"), max_length=80, required=False, help_text=_("例如：HE ×100，癌巢"))
    code = forms.CharField(label=_("玻片条码"), max_length=40, required=False)


class CompareForm(forms.Form):
    """Frozen section against paraffin."""

    agreement = forms.ChoiceField(
        label=_("冰冻与石蜡诊断"), choices=Case.Agreement.choices, widget=forms.RadioSelect,
        error_messages={"required": _("请选择是否符合。")},
    )  # fmt: skip
    note = forms.CharField(label=_("差异与原因"), max_length=300, required=False)


class LoanForm(forms.Form):
    """Blocks and slides go out."""

    codes = forms.MultipleChoiceField(label=_("借出材料"), widget=forms.CheckboxSelectMultiple, required=False)
    borrower = forms.CharField(label=_("借用人"), max_length=80, required=False)
    relation = forms.ChoiceField(label=_("与患者关系"))
    phone = forms.CharField(
        label=_("电话"), max_length=40, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    destination = forms.CharField(label=_("会诊医院"), max_length=120, required=False)
    purpose = forms.CharField(label=_("用途"), max_length=200, required=False)
    due_on = DateField(label=_("应归还日期"))
    deposit = forms.DecimalField(
        label=_("押金（元）"), min_value=0, max_value=100_000, max_digits=9, decimal_places=2,
        error_messages={"required": _("请填写押金，不收填 0。")},
    )  # fmt: skip
    promised = forms.BooleanField(label=_("借用人已签字承诺保管责任"), required=False)

    def __init__(self, pieces: list[Any], *given: Any, **more: Any) -> None:
        rules = catalogue.rules()
        start = {
            "due_on": clock.today() + timedelta(days=rules.loan_days),
            "deposit": f"{rules.loan_deposit / 100:.2f}",
        }
        more["initial"] = start
        super().__init__(*given, **more)
        self.fields["codes"].choices = [(p.code, f"{p.code} {p.label}") for p in pieces]  # type: ignore[attr-defined]
        self.fields["relation"].choices = [(name, name) for name in rules.relations]  # type: ignore[attr-defined]


class RenewForm(forms.Form):
    """Some days more."""

    due_on = DateField(label=_("应归还日期"))
    reason = forms.CharField(label=_("续借原因"), max_length=200, required=False)


class WithdrawForm(forms.Form):
    """A picture is taken out of further versions."""

    picture_id = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(label=_("撤下原因"), max_length=200, required=False)
