"""Forms of this room's pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.core.ui.forms import DateField


class DecideForm(forms.Form):
    """The day and the reason of a decision."""

    on = DateField(label=_("随访日期"), required=False)
    reason = forms.CharField(label=_("依据"), max_length=200, help_text=_("例如：已电话核实，是同一天的两次测量。"))
