"""Forms of cards."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.core import clock
from yigong.core.ui.forms import DateField
from yigong.residents import api as residents
from yigong.residents.cards.data import NewCard
from yigong.residents.cards.rules.parameters import parameters


class CardForm(forms.Form):
    """A card in the hand of the clerk."""

    medium = forms.ChoiceField(
        label=_("形式"),
        choices=[("physical", _("实体卡")), ("electronic", _("电子卡"))],
        widget=forms.RadioSelect,
        initial="physical",
    )
    number = forms.CharField(
        label=_("卡号"),
        max_length=50,
        required=False,
        help_text=_("用读卡器读入或照卡面填写；电子健康卡不填时由平台编号。"),
    )
    issuer = forms.CharField(label=_("发卡单位"), max_length=80, required=False)
    issued_on = DateField(label=_("发卡日期"))
    valid_until = DateField(label=_("有效期至"), required=False, help_text=_("卡面没有写的不填。"))

    def __init__(self, *args: Any, **options: Any) -> None:
        options["initial"] = {"issued_on": clock.today(), "medium": "physical"} | options.get("initial", {})
        super().__init__(*args, **options)

    def given(self, kind: str = "") -> NewCard:
        """The input of the command."""
        typed = {k: v for k, v in self.cleaned_data.items() if k not in {"kind", "reason", "version"}}
        return NewCard(kind=kind or self.cleaned_data["kind"], **typed)


class IssueForm(CardForm):
    """A first card of a kind."""

    kind = forms.ChoiceField(label=_("卡的种类"))
    field_order = ("kind", "medium", "number", "issuer", "issued_on", "valid_until")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        labels = residents.document_kinds()
        self.fields["kind"].choices = [(code, labels[code]) for code in parameters().kinds]  # type: ignore[attr-defined]


class ReplaceForm(CardForm):
    """A new card for an old one."""

    reason = forms.CharField(label=_("补换原因"), max_length=200, help_text=_("例如“遗失补卡”“损坏换卡”“到期换卡”。"))
    version = forms.IntegerField(widget=forms.HiddenInput)
    field_order = ("reason", "medium", "number", "issuer", "issued_on", "valid_until", "version")


class StepForm(forms.Form):
    """Loss, lifting, cancelling: only the reason."""

    reason = forms.CharField(label=_("原因"), max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput)


class ScanForm(forms.Form):
    """What the scanner sends."""

    code = forms.CharField(label=_("扫码或卡号"), max_length=120)
