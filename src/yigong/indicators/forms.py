"""Forms of the room."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.core.months import add_months


class PeriodForm(forms.Form):
    """Which period to open."""

    kind = forms.ChoiceField(label=_("期间"), choices=[("month", _("月")), ("quarter", _("季度")), ("year", _("年度"))])
    first = forms.ChoiceField(label=_("从哪个月起"), help_text=_("季度从 1、4、7、10 月起，年度从 1 月起"))

    def __init__(self, data: Any, this_month: Any) -> None:
        super().__init__(data)
        months = [add_months(this_month, -n) for n in range(1, 24)]
        self.fields["first"].choices = [(f"{month:%Y-%m}", f"{month:%Y-%m}") for month in months]  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("原因"), max_length=300, required=False, widget=forms.Textarea)
