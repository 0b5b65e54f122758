"""Forms of the room."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class FilterForm(forms.Form):
    """What the list can be narrowed to."""

    rule = forms.ChoiceField(label=_("规则"), required=False)
    state = forms.ChoiceField(label=_("状态"), required=False)
    institution = forms.ChoiceField(label=_("机构"), required=False)
    text = forms.CharField(label=_("姓名、账单号"), required=False, max_length=40)

    def __init__(self, data: Any, choices: dict[str, list[tuple[str, str]]]) -> None:
        super().__init__(data)
        for name, values in choices.items():
            self.fields[name].choices = [("", _("全部")), *values]  # type: ignore[attr-defined]


class ManyFiles(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """No, one or several files."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """A list of files."""
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in given if one]


class AppealForm(forms.Form):
    """The institution's explanation."""

    text = forms.CharField(label=_("申诉理由和依据"), widget=forms.Textarea, max_length=2000)
    papers = FilesField(
        label=_("附件"), required=False, widget=ManyFiles(attrs={"multiple": True, "accept": ".pdf,.jpg,.jpeg,.png"}),
        help_text=_("PDF、JPG 或 PNG，最多 5 个，合计不超过 5 MB"),
    )  # fmt: skip


class ReasonForm(forms.Form):
    """A reason."""

    reason = forms.CharField(label=_("理由"), widget=forms.Textarea, max_length=1000)


class UpholdForm(ReasonForm):
    """Upheld: what is deducted, in yuan."""

    deduct = forms.DecimalField(label=_("扣减金额（元）"), min_value=0, max_digits=12, decimal_places=2)

    def fen(self) -> int:
        """In fen."""
        return int(Decimal(self.cleaned_data["deduct"]) * 100)
