"""Forms of the room."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.core.ui.forms import DateField, PickerField
from yigong.insurance.assistance.rules import CATEGORIES

FUNDS = [("aid", _("医疗救助")), ("relief", _("济困减免"))]


class FundForm(forms.Form):
    """Money for a fund."""

    fund = forms.ChoiceField(label=_("资金"), choices=FUNDS)
    amount = forms.DecimalField(label=_("金额（元）"), min_value=0, max_digits=12, decimal_places=2)
    reason = forms.CharField(label=_("来源文件"), max_length=200)


class PayForm(forms.Form):
    """A payment."""

    fund = forms.ChoiceField(label=_("资金"), choices=FUNDS)
    resident = PickerField("residents:options", label=_("居民"))
    category = forms.ChoiceField(label=_("救助身份"), choices=list(CATEGORIES.items()))
    right_on = DateField(label=_("认定日期（结算或入院当日）"))
    amount = forms.DecimalField(label=_("金额（元）"), min_value=0, max_digits=10, decimal_places=2)
    why = forms.CharField(label=_("事由"), max_length=200)


class RollForm(forms.Form):
    """A roll of civil affairs."""

    as_of = DateField(label=_("名册日期"))
    file = forms.FileField(label=_("名册（CSV）"), help_text=_("四列：证件号码、姓名、类别、起始日期。"))
