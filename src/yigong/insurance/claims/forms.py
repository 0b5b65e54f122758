"""Forms of the room."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.core.ui.forms import DateField
from yigong.insurance.claims import groupers
from yigong.insurance.claims.commands.asking import OUTCOMES
from yigong.insurance.claims.rules.definitions import code_values, fields


class MonthField(forms.CharField):
    """A month as the browser gives it; the first day of it, or None."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"type": "month"}), max_length=7, **options)

    def to_python(self, value: Any) -> Any:
        """The first day of the month."""
        if not value:
            return None
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(f"{value}-01")
        except ValueError:
            raise forms.ValidationError(_("月份无法识别，请写成 2026-03 的样子。")) from None


class FilterForm(forms.Form):
    """What the list of lists can be narrowed to."""

    month = MonthField(label=_("结算月份"), required=False)
    state = forms.ChoiceField(label=_("状态"), required=False)
    department = forms.ChoiceField(label=_("出院科室"), required=False)
    rule = forms.ChoiceField(label=_("提示规则"), required=False)
    text = forms.CharField(label=_("姓名、清单号"), required=False, max_length=40)

    def __init__(self, data: Any, choices: dict[str, list[tuple[str, str]]]) -> None:
        super().__init__(data)
        for name, values in choices.items():
            self.fields[name].choices = [("", _("全部")), *values]  # type: ignore[attr-defined]


class OwnFieldsForm(forms.Form):
    """The fields that only the list knows; names carry an underscore because a form's name has no dots."""

    def __init__(self, data: Any, content: dict[str, Any]) -> None:
        super().__init__(data)
        for field in own_fields():
            value = content["setlinfo"].get(field.field, "")
            if field.codes:
                choices = [("", "—"), *((key, f"{key} {label}") for key, label in code_values(field.codes).items())]
                self.fields[field.field] = forms.ChoiceField(
                    label=field.label, choices=choices, required=False, initial=value
                )
            else:
                self.fields[field.field] = forms.CharField(
                    label=field.label, max_length=field.longest, required=False, initial=value
                )

    def values(self) -> dict[str, Any]:
        """By the paths that the command takes."""
        return {f"setlinfo.{name}": value for name, value in self.cleaned_data.items()}


def own_fields() -> list[Any]:
    """The fields of the head that are filled in here."""
    return [field for field in fields("setlinfo") if field.source == "own"]


class TextForm(forms.Form):
    """A reason, feedback or the text of an appeal."""

    text = forms.CharField(label=_("说明"), widget=forms.Textarea, max_length=1000)


class DecideForm(forms.Form):
    """The office's answer to an appeal."""

    upheld = forms.ChoiceField(
        label=_("结果"), choices=[("yes", _("申诉成立")), ("no", _("申诉不成立"))], widget=forms.RadioSelect
    )
    text = forms.CharField(label=_("理由"), widget=forms.Textarea, max_length=1000)


class AnswerForm(forms.Form):
    """The doctor's answer."""

    outcome = forms.ChoiceField(
        label=_("答复"), choices=[(code, _(words)) for code, words in OUTCOMES.items()], widget=forms.RadioSelect
    )
    answer = forms.CharField(label=_("补充说明"), widget=forms.Textarea, required=False, max_length=1000)


class ManyFiles(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several files."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=ManyFiles(attrs={"multiple": True}), **options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """A list of files."""
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in given]


class SchemeForm(forms.Form):
    """A scheme to import."""

    package = FilesField(
        label=_("方案文件"), help_text=_("一个 zip、一个工作簿（每个文件一张表），或文件夹中的全部文件")
    )
    release = forms.CharField(label=_("版本"), max_length=20, help_text=_("如 2026.1；已导入的版本不能覆盖"))
    source = forms.CharField(label=_("来源"), max_length=200, help_text=_("文件名称和文号"))


class InForceForm(forms.Form):
    """From when to when a scheme holds, and where."""

    region = forms.CharField(
        label=_("统筹区代码"), max_length=6, required=False, help_text=_("区划代码前 2、4 或 6 位；全国留空")
    )
    valid_from = DateField(label=_("起期"))
    valid_to = DateField(label=_("止期"), required=False)


class EndForm(forms.Form):
    """The last day of a scheme."""

    valid_to = DateField(label=_("止期"))


class CompareForm(forms.Form):
    """Two schemes and a year."""

    year = forms.IntegerField(label=_("病例年度"), min_value=2020, max_value=2100)
    one = forms.ChoiceField(label=_("现行方案"))
    other = forms.ChoiceField(label=_("比较方案"))

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        known = groupers.known()
        for name in ("one", "other"):
            self.fields[name].choices = known  # type: ignore[attr-defined]
