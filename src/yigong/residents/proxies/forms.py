"""Forms of proxies."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.core.ui.forms import DateField, PickerField
from yigong.residents import api as residents
from yigong.residents.proxies.data import NewProxy
from yigong.residents.proxies.rules import BASES


class GrantForm(forms.Form):
    """Who shall act, as what, on which basis."""

    agent_id = PickerField(
        "residents:options", label=_("代办人"), help_text=_("输入姓名、首字母或证件号查找；代办人须先建档。")
    )
    relation = forms.ChoiceField(label=_("代办人是本人的"))
    basis = forms.ChoiceField(
        label=_("代办依据"), choices=[(code, _(label)) for code, label in BASES.items()], widget=forms.RadioSelect
    )
    document = forms.CharField(
        label=_("委托书或监护文书"),
        max_length=120,
        required=False,
        help_text=_("名称、编号或日期；未成年人的监护人可不填。"),
    )
    starts_on = DateField(label=_("开始日期"))
    ends_on = DateField(
        label=_("截止日期"), required=False, help_text=_("这一天起失效；不填为长期。未成年人的监护到 18 周岁自动终止。")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["relation"].choices = [("", _("请选择")), *residents.relations().items()]  # type: ignore[attr-defined]

    def given(self) -> NewProxy:
        """The input of the command."""
        return NewProxy(**self.cleaned_data)


class WithdrawForm(forms.Form):
    """Why it ends."""

    reason = forms.CharField(label=_("撤销原因"), max_length=200, help_text=_("例如“本人要求撤销”“换由长子代办”。"))
    version = forms.IntegerField(widget=forms.HiddenInput)
