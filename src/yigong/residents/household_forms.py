"""Forms of households. Rules are the commands'; here is only what a page needs."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.core import clock
from yigong.core.ui.forms import CodePickerField, DateField, PickerField
from yigong.residents.data import HouseholdData, ResidentData
from yigong.residents.rules import people

_RELATIONS = [
    ("", _("请选择")),
    *((code, _(label)) for code, label in people.RELATIONS.items() if code not in {"01", "02"}),
]


def _reason(example: Any) -> forms.CharField:
    return forms.CharField(label=_("原因"), max_length=200, help_text=example)


class ChangeForm(forms.Form):
    """Any change: when it took effect and why."""

    def given(self) -> dict[str, Any]:
        """The input of the command."""
        return dict(self.cleaned_data)


class HouseholdForm(ChangeForm):
    """A change of one household."""

    def __init__(self, *args: Any, household: HouseholdData, **options: Any) -> None:
        options.setdefault("initial", {"on": clock.today()})
        super().__init__(*args, **options)
        self.household = household
        self.prepare()

    def prepare(self) -> None:
        """Fill choices from the household."""

    def members(self) -> list[tuple[str, str]]:
        """Living members for a choice, with what they are to the head."""
        return [
            (str(m.resident_id), " · ".join(filter(None, (m.name, m.relation_label, m.age_text))))
            for m in self.household.living
        ]


class MoveInForm(HouseholdForm):
    """Somebody joins."""

    resident_id = PickerField(
        "residents:options", label=_("迁入的人"), help_text=_("输入姓名、首字母或证件号查找；没有建档的请先建档。")
    )
    relation = forms.ChoiceField(label=_("与户主的关系"), choices=_RELATIONS)
    on = DateField(label=_("迁入日期"))
    reason = _reason(_("例如“结婚迁入”“投靠子女”“出生”。"))


class HeadForm(HouseholdForm):
    """Another head."""

    head_id = forms.TypedChoiceField(label=_("新户主"))
    on = DateField(label=_("变更日期"))
    reason = _reason(_("例如“原户主去世”“原户主外出务工”。"))

    def prepare(self) -> None:
        """Living members but the head."""
        others = [(key, text) for key, text in self.members() if key != str(self.household.head_id)]
        _keys(self.fields["head_id"], [("", _("请选择")), *others])


class SplitForm(HouseholdForm):
    """Some members become a household of their own."""

    member_ids = forms.TypedMultipleChoiceField(label=_("分出的成员"), widget=forms.CheckboxSelectMultiple)
    head_id = forms.TypedChoiceField(label=_("新户的户主"))
    place = CodePickerField(
        "residents:place_options", label=_("新户所在村（社区）"), required=False, help_text=_("不填表示与原户相同。")
    )
    address = forms.CharField(
        label=_("新户住址（组、门牌）"), max_length=200, required=False, help_text=_("不填表示与原户相同。")
    )
    on = DateField(label=_("分户日期"))
    reason = _reason(_("例如“分家另过”“子女成家”。"))

    def prepare(self) -> None:
        """Living members but the head."""
        others = [(key, text) for key, text in self.members() if key != str(self.household.head_id)]
        _keys(self.fields["member_ids"], others)
        _keys(self.fields["head_id"], [("", _("请选择")), *others])

    def given(self) -> dict[str, Any]:
        """With the place's code."""
        typed = super().given()
        return typed | {"division_code": typed.pop("place")}


class MergeForm(HouseholdForm):
    """Another household joins this one."""

    other_id = PickerField(
        "residents:household_options",
        label=_("并入本户的另一户"),
        help_text=_("输入户主或成员姓名、首字母、住址查找。"),
    )
    relation = forms.ChoiceField(label=_("那一户的户主是本户户主的"), choices=_RELATIONS)
    on = DateField(label=_("并户日期"))
    reason = _reason(_("例如“老人与子女并户”“重复立户”。"))


class AddressForm(HouseholdForm):
    """Where the household stands."""

    place = CodePickerField("residents:place_options", label=_("村（社区）"))
    address = forms.CharField(label=_("住址（组、门牌）"), max_length=200, required=False)
    reason = _reason(_("例如“核对户口簿”“搬迁”。"))

    def prepare(self) -> None:
        """What is known now."""
        found = self.household
        self.initial = {"place": found.division_code, "place__text": found.place, "address": found.address}

    def given(self) -> dict[str, Any]:
        """With the place's code."""
        typed = super().given()
        return typed | {"division_code": typed.pop("place")}


class MemberForm(ChangeForm):
    """A change of one member."""

    def __init__(self, *args: Any, person: ResidentData, **options: Any) -> None:
        first = {"on": clock.today(), "relation": person.relation_to_head, "place": person.division_code}
        text = {"place__text": person.township + person.village, "address": person.address}
        options["initial"] = first | text
        super().__init__(*args, **options)


class MoveOutForm(MemberForm):
    """Leaving the household."""

    on = DateField(label=_("迁出日期"))
    reason = _reason(_("例如“嫁往外村”“外出定居”“集体户”。"))


class RelationForm(MemberForm):
    """What the member is to the head."""

    relation = forms.ChoiceField(label=_("与户主的关系"), choices=_RELATIONS)
    reason = _reason(_("例如“核对户口簿”。"))


class FoundForm(MemberForm):
    """A household of one's own."""

    place = CodePickerField("residents:place_options", label=_("村（社区）"))
    address = forms.CharField(label=_("住址（组、门牌）"), max_length=200, required=False)
    on = DateField(label=_("立户日期"))
    reason = _reason(_("例如“成家立户”“离婚单独立户”。"))

    def given(self) -> dict[str, Any]:
        """With the place's code."""
        typed = super().given()
        return typed | {"division_code": typed.pop("place")}


def _keys(field: forms.Field, choices: list[tuple[Any, Any]]) -> None:
    field.choices = choices  # type: ignore[attr-defined]
    field.coerce = UUID  # type: ignore[attr-defined]
