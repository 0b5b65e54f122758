"""Forms of the review desk."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.residents.data import ResidentRow


class GroupForm(forms.Form):
    """Which members of a group are one person, and which file goes on."""

    same = forms.MultipleChoiceField(
        label=_("同一人的档案"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("一份也不勾:都不是同一人。"),
    )
    survivor_id = forms.ChoiceField(label=_("留存哪份"), required=False, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("依据"), max_length=400, help_text=_("例如“逐一电话核实”。"))

    def __init__(self, data: Any = None, *, members: Sequence[ResidentRow]) -> None:
        super().__init__(data, initial={"same": [str(m.id) for m in members], "survivor_id": str(members[0].id)})
        choices = [(str(m.id), f"{place} {m.name}") for place, m in enumerate(members, 1)]
        for name in ("same", "survivor_id"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]


class ManyFiles(forms.ClearableFileInput):
    """Several files in one field."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more uploaded files."""

    widget = ManyFiles(attrs={"accept": ".csv,.txt", "multiple": True})

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Each of them."""
        one = super().clean
        found = data if isinstance(data, list | tuple) else [data]
        return [one(each, initial) for each in found] if found else one(None, initial)


class ImportForm(forms.Form):
    """Files of people, on trial or for good."""

    lists = FilesField(label=_("CSV 文件"), help_text=_("一个或几个来源的名单,UTF-8 或 GB18030;表头见说明。"))
    purpose = forms.ChoiceField(
        label=_("用途"),
        choices=[
            ("trial", _("试算:只给出结果文件,不写入任何数据")),
            ("real", _("导入:登记来源记录,自动关联,拿不准的进复核台")),
        ],
        widget=forms.RadioSelect,
        initial="trial",
    )
    system = forms.CharField(
        label=_("来源系统"),
        max_length=40,
        required=False,
        help_text=_("导入时必填,例如“县医院 HIS”;同一系统的 record_id 只登记一次。"),
    )
