"""Forms of the to-do list."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.core.ui.forms import MomentField, PickerField


class FinishForm(forms.Form):
    """What was done."""

    note = forms.CharField(
        label=_("处理结果"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("请写明处理结果，例如“已电话联系本人”。")},
    )  # fmt: skip


class SnoozeForm(forms.Form):
    """Until when, and why."""

    until = MomentField(label=_("暂缓到"))
    reason = forms.CharField(label=_("原因"), max_length=200, error_messages={"required": _("请填写暂缓的原因。")})


class MoveForm(forms.Form):
    """From whom to whom, and why."""

    from_staff = PickerField("tasks:people", label=_("原负责人"))
    to_staff = PickerField("tasks:people", label=_("接收人"))
    reason = forms.CharField(
        label=_("移交原因"), max_length=200, error_messages={"required": _("请填写移交原因，例如“调离”“休假”。")}
    )
