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
        help_text=_("一份也不勾：都不是同一人。"),
    )
    survivor_id = forms.ChoiceField(label=_("留存哪份"), required=False, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("依据"), max_length=400, help_text=_("例如“逐一电话核实”。"))

    def __init__(self, data: Any = None, *, members: Sequence[ResidentRow]) -> None:
        super().__init__(data, initial={"same": [str(m.id) for m in members], "survivor_id": str(members[0].id)})
        choices = [(str(m.id), f"{place} {m.name}") for place, m in enumerate(members, 1)]
        for name in ("same", "survivor_id"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
