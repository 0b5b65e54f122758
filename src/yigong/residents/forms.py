"""Forms of registration, correction and closing. Rules are the commands'; here is only what a page needs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.core.ui.forms import DateField, PickerField
from yigong.residents.data import GivenNumber, NewResident
from yigong.residents.rules import numbers, people

_KINDS = [(k.code, _(k.label)) for k in numbers.KINDS.values() if k.code not in {"12", "99H", "99I"}]
_SEXES = [("1", _("男")), ("2", _("女")), ("0", _("未知")), ("9", _("未说明"))]
_PRECISIONS = [(code, _(label)) for code, label in people.PRECISIONS.items()]
_ETHNICITIES = [("", _("请选择")), *((code, _(label)) for code, label in people.ETHNICITY.items())]
_RELATIONS = [
    ("", _("请选择")),
    *((code, _(label)) for code, label in people.RELATIONS.items() if code not in {"01", "02"}),
]
_ORDERS = [("", _("单胎")), ("1", _("双胎之一")), ("2", _("双胎之二")), ("3", _("三胎之三"))]


def _text(label: Any, longest: int, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, required=False, strip=True, **options)


# What a change compares with what its page showed.
EDITED = (
    "name", "sex", "birth_date", "birth_precision", "ethnicity", "township", "village", "address", "archive_number",
)  # fmt: skip


class ParticularsForm(forms.Form):
    """What is asked at registration and may be corrected later."""

    name = _text(_("姓名"), 60)
    number_kind = forms.ChoiceField(label=_("证件类型"), choices=_KINDS, initial="01", required=False)
    number = _text(_("证件号码"), 60, help_text=_("15 位旧号会自动升为 18 位；出生日期和性别可由身份证号带出。"))
    sex = forms.ChoiceField(label=_("性别"), choices=_SEXES, widget=forms.RadioSelect, required=False, initial="0")
    birth_date = DateField(label=_("出生日期"), required=False)
    birth_precision = forms.ChoiceField(label=_("日期准确到"), choices=_PRECISIONS, initial="day", required=False)
    phone = _text(_("电话"), 30, widget=forms.TextInput(attrs={"type": "tel"}))
    ethnicity = forms.ChoiceField(label=_("民族"), choices=_ETHNICITIES, required=False)
    township = _text(_("乡镇（街道）"), 40)
    village = _text(_("村（社区）"), 40)
    address = _text(_("组、门牌等"), 200)
    archive_number = _text(_("健康档案编号"), 20, help_text=_("17 位，没有可不填。"))

    def given(self, **others: Any) -> NewResident:
        """The input of the registration command."""
        v = self.cleaned_data
        typed = (GivenNumber(v["number_kind"] or "01", v["number"]),) if v["number"] else ()
        plain = {
            n: v[n]
            for n in ("name", "birth_date", "phone", "ethnicity", "township", "village", "address", "archive_number")
        }
        return NewResident(
            **plain, sex=v["sex"] or "0", birth_precision=v["birth_precision"] or "day", numbers=typed, **others
        )


class RegisterForm(ParticularsForm):
    """A new person, a newborn included."""

    is_newborn = forms.BooleanField(label=_("新生儿，尚未取名或没有证件"), required=False)
    mother_id = PickerField(
        "residents:options",
        label=_("母亲"),
        required=False,
        help_text=_("不填姓名时按“母亲姓名+之子/之女”登记，取名后再补全。"),
    )
    birth_order = forms.ChoiceField(label=_("胎次"), choices=_ORDERS, required=False)
    guardian_name = _text(_("联系人（监护人）"), 60)
    guardian_relation = forms.ChoiceField(label=_("与本人关系"), choices=_RELATIONS, required=False)
    guardian_phone = _text(_("联系人电话"), 30, widget=forms.TextInput(attrs={"type": "tel"}))

    def given(self, **others: Any) -> NewResident:
        """With newborn and guardian."""
        v = self.cleaned_data
        return super().given(
            is_newborn=v["is_newborn"], mother_id=v["mother_id"], birth_order=int(v["birth_order"]) if v["birth_order"] else None,
            guardian_name=v["guardian_name"], guardian_relation=v["guardian_relation"], guardian_phone=v["guardian_phone"], **others,
        )  # fmt: skip


class ChangeForm(ParticularsForm):
    """A correction. Number and phone are blank: they change only when something is typed."""

    reason = forms.CharField(label=_("修改原因"), max_length=200, help_text=_("例如“核对身份证后更正”“已取名上户”。"))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def changes(self, before: dict[str, Any]) -> dict[str, Any]:
        """What differs from what the page showed."""
        v = self.cleaned_data
        found = {n: v[n] for n in EDITED if v[n] != before.get(n)}
        if v["phone"]:
            found["phone"] = v["phone"]
        if v["number"]:
            found["number"] = GivenNumber(v["number_kind"] or "01", v["number"])
        return found


class CloseForm(forms.Form):
    """Why an identity ends."""

    status = forms.ChoiceField(
        label=_("注销类型"),
        choices=[("deceased", _("死亡")), ("moved", _("迁出")), ("cancelled", _("误建、重复等注销"))],
        widget=forms.RadioSelect,
    )
    on = DateField(label=_("日期"))
    reason = forms.CharField(
        label=_("原因和依据"), max_length=200, help_text=_("例如“死亡医学证明 第…号”“迁往外县”“重复建档”。")
    )


class ReopenForm(forms.Form):
    """Why an identity comes back."""

    reason = forms.CharField(label=_("恢复原因"), max_length=200)


class ReasonForm(forms.Form):
    """Why a change of links is made."""

    reason = forms.CharField(
        label=_("原因和依据"), max_length=400, help_text=_("例如“核对身份证原件，确为同一人”“电话核实为两个人”。")
    )


class SecondForm(forms.Form):
    """What the second person decides."""

    agree = forms.ChoiceField(
        label=_("第二人意见"), choices=[("yes", _("同意合并")), ("no", _("不同意，退回"))], widget=forms.RadioSelect
    )
    note = forms.CharField(label=_("说明"), max_length=400, required=False, help_text=_("不同意时必填。"))


class DecisionForm(forms.Form):
    """What the desk decides about a pair."""

    decision = forms.ChoiceField(
        label=_("判定"),
        choices=[("same", _("同一人")), ("different", _("不是同一人")), ("later", _("暂缓"))],
        widget=forms.RadioSelect,
    )
    survivor_id = forms.ChoiceField(label=_("同一人时留存哪份"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("依据"),
        max_length=400,
        required=False,
        help_text=_("判为同一人、或与系统评分不一致时必填，例如“电话核实”。"),
    )
