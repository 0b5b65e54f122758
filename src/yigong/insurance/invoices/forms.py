"""Forms of the room."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.core.ui.forms import PickerField
from yigong.insurance.invoices.data import KINDS


class BlockForm(forms.Form):
    """A block as it was received."""

    institution = forms.ChoiceField(label=_("使用机构"))
    kind = forms.ChoiceField(label=_("票据种类"), choices=list(KINDS.items()))
    code = forms.CharField(
        label=_("票据代码"), max_length=20, help_text=_("印在票号前的代码；没有的留空"), required=False
    )
    first = forms.CharField(label=_("起号"), max_length=12, help_text=_("照票面填写，前面的 0 不要省"))
    last = forms.CharField(label=_("止号"), max_length=12)
    source = forms.CharField(label=_("领用凭据"), max_length=200, help_text=_("财政部门的领用单号和日期"))
    holder = PickerField("network:staff_options", label=_("领用人"), required=False, help_text=_("留空为全机构共用"))

    def __init__(self, data: Any, places: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["institution"].choices = places  # type: ignore[attr-defined]


class SpoilForm(forms.Form):
    """A damaged sheet."""

    kind = forms.ChoiceField(label=_("票据种类"), choices=list(KINDS.items()))
    number = forms.CharField(label=_("废票号"), max_length=20, help_text=_("照票面填写，须是下一个号"))
    reason = forms.CharField(label=_("原因"), max_length=200)


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("原因"), max_length=200, error_messages={"required": _("请写明原因，如：抬头写错、票面打印不清。")}
    )
