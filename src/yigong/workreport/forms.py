"""Forms of the room."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

Choices = list[tuple[str, str]]


class EditionForm(forms.Form):
    """Which report of which period."""

    period = forms.ChoiceField(label=_("统计期"))
    scope = forms.ChoiceField(label=_("范围"))
    template = forms.ChoiceField(label=_("模板"))
    provisional = forms.BooleanField(
        label=_("这个期间没有冻结时，按初步数生成"),
        required=False,
        help_text=_("每一页都会标明“初步数”；冻结以后请重新生成"),
    )

    def __init__(self, data: Any, periods: Choices, scopes: Choices, templates: Choices) -> None:
        super().__init__(data)
        for name, values in (("period", periods), ("scope", scopes), ("template", templates)):
            self.fields[name].choices = values  # type: ignore[attr-defined]


class FilterForm(forms.Form):
    """What the list can be narrowed to."""

    q = forms.CharField(label=_("编号、范围、经办人"), required=False, max_length=60)
    state = forms.ChoiceField(label=_("状态"), required=False)

    def __init__(self, data: Any, states: Choices) -> None:
        super().__init__(data)
        self.fields["state"].choices = [("", _("全部")), *states]  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("原因"), max_length=300, widget=forms.Textarea(attrs={"rows": "3"}))


class TextForm(forms.Form):
    """A chapter's text and the version it was written on."""

    text = forms.CharField(label=_("正文"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": "16"}))
    base = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class FileForm(forms.Form):
    """A Word file that comes back."""

    file = forms.FileField(
        label=_("修改后的 Word 文件"), allow_empty_file=True, widget=forms.ClearableFileInput(attrs={"accept": ".docx"}),
        help_text=_("从这一页下载、在 Word 里改过的 .docx，不超过 20 MB；先核对差异，再确认导入"),
    )  # fmt: skip


class TableForm(forms.Form):
    """Of which period and scope a statutory table is."""

    period = forms.ChoiceField(label=_("统计期"), required=False)
    scope = forms.ChoiceField(label=_("范围"), required=False)
    provisional = forms.BooleanField(label=_("没有冻结的按初步数"), required=False)

    def __init__(self, data: Any, periods: Choices, scopes: Choices) -> None:
        super().__init__(data)
        for name, values in (("period", periods), ("scope", scopes)):
            self.fields[name].choices = values  # type: ignore[attr-defined]
