"""Forms of this room's pages."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.contracts.rules.definition import Package
from yigong.core.ui.forms import DateField, PickerField

Choices = list[tuple[str, str]]


def _set(form: forms.Form, name: str, choices: Choices) -> None:
    form.fields[name].choices = choices  # type: ignore[attr-defined]


class SignForm(forms.Form):
    """Team, packages, begin and who signs."""

    team_id = forms.TypedChoiceField(label=_("签约团队"), coerce=UUID)
    packages = forms.MultipleChoiceField(label=_("服务包"), widget=forms.CheckboxSelectMultiple)
    starts_on = DateField(label=_("协议开始"), help_text=_("协议期一年。"))
    signer_id = PickerField(
        "residents:options",
        label=_("代签人"),
        required=False,
        help_text=_("本人签字时不填；儿童由监护人、行动不便者由已登记的代办人代签。"),
    )

    def __init__(self, *args: Any, teams: Choices, packages: list[Package], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _set(self, "team_id", teams)
        _set(
            self, "packages", [(p.code, f"{_(p.title)} · {p.price_fen / 100:g} 元") for p in packages]
        )  # texts: a price label


class HouseholdForm(forms.Form):
    """Who of the household signs with which team."""

    team_id = forms.TypedChoiceField(label=_("签约团队"), coerce=UUID)
    members = forms.TypedMultipleChoiceField(label=_("成员"), coerce=UUID, widget=forms.CheckboxSelectMultiple)
    signer_id = forms.TypedChoiceField(
        label=_("儿童的代签人"),
        coerce=UUID,
        required=False,
        empty_value=None,
        help_text=_("同户成年人；没有儿童时不用选。"),
    )
    starts_on = DateField(label=_("协议开始"))

    def __init__(self, *args: Any, teams: Choices, members: Choices, adults: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _set(self, "team_id", teams)
        _set(self, "members", members)
        _set(self, "signer_id", [("", str(_("没有儿童，不用代签"))), *adults])


class ReasonForm(forms.Form):
    """A reason."""

    reason = forms.CharField(label=_("原因"), max_length=200)


class EndForm(forms.Form):
    """Why and when a contract ends."""

    ending = forms.ChoiceField(label=_("解约原因"), widget=forms.RadioSelect)
    on = DateField(label=_("解约日期"), help_text=_("从这一天起不再有效。"))
    reason = forms.CharField(label=_("说明"), max_length=200)

    def __init__(self, *args: Any, endings: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _set(self, "ending", endings)


class TransferForm(forms.Form):
    """Which team takes over."""

    team_id = PickerField("contracts:team_options", label=_("接收的团队"))
    reason = forms.CharField(label=_("原因"), max_length=200)


class PackageForm(forms.Form):
    """A package to add."""

    package = forms.ChoiceField(label=_("服务包"), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("原因"), max_length=200)

    def __init__(self, *args: Any, packages: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _set(self, "package", packages)


class ServiceForm(forms.Form):
    """A service of which there is no record elsewhere."""

    item = forms.ChoiceField(label=_("项目"), widget=forms.RadioSelect)
    on = DateField(label=_("日期"))
    note = forms.CharField(label=_("内容"), max_length=200, required=False)

    def __init__(self, *args: Any, items: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _set(self, "item", items)


class TeamForm(forms.Form):
    """A new team."""

    name = forms.CharField(label=_("团队名称"), max_length=60)
    institution_id = PickerField("contracts:places", label=_("所属机构"))


class MemberForm(forms.Form):
    """Somebody for a seat."""

    staff_id = PickerField("contracts:staff_options", label=_("人员"))
    role = forms.ChoiceField(label=_("角色"))

    def __init__(self, *args: Any, roles: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _set(self, "role", roles)


class AreaForm(forms.Form):
    """An institution whose people a team looks after."""

    institution_id = PickerField("contracts:places", label=_("服务范围"))


class ShareForm(forms.Form):
    """A year's fee up to a day."""

    year = forms.IntegerField(min_value=2020, max_value=2100, widget=forms.HiddenInput)
    until = DateField(label=_("计算到"), help_text=_("这一天起不计。"))
