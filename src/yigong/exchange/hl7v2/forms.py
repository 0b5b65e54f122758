"""Forms of the desk."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CorrectForm(forms.Form):
    """The corrected text, one segment to a line."""

    text = forms.CharField(
        label=_("更正后的报文"),
        max_length=200_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
    )
    reason = forms.CharField(label=_("更正说明"), max_length=300, required=False)


class DiscardForm(forms.Form):
    """Why a message is nobody's."""

    reason = forms.CharField(label=_("作废原因"), max_length=300, required=False)
