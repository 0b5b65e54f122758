"""Forms of the room. What can be chosen comes from the benefit plans in force."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.core.ui.forms import DateField, PickerField
from yigong.insurance.benefits import api as benefits
from yigong.insurance.coverage import rules
from yigong.insurance.coverage.parameters import enrolment_rules
from yigong.insurance.coverage.queries.person import asked_for, titles
from yigong.network import api as network


class PeriodForm(forms.Form):
    """From when until when, and on what ground."""

    starts_on = DateField(label=_("起始日期"))
    last_on = DateField(label=_("截止日期（含当日）"), required=False, help_text=_("长期有效的不填。"))
    source = forms.CharField(label=_("依据"), max_length=100, help_text=_("如缴费记录、认定文件或备案号。"))


class EnrolForm(PeriodForm):
    """Insurance."""

    insurance = forms.ChoiceField(label=_("险种"), choices=list(rules.INSURANCES.items()))
    person_type = forms.ChoiceField(label=_("人员类别"), choices=list(rules.PERSON_TYPES.items()))
    region = forms.ChoiceField(label=_("参保地"))
    paid_on = DateField(
        label=_("缴费日期"), required=False, help_text=_("集中缴费期内缴的可以不填；逾期缴费的要填，用来算等待期。")
    )
    missed_years = forms.IntegerField(label=_("此前断保年数"), min_value=0, max_value=rules.MOST_MISSED, initial=0)
    repaired_years = forms.IntegerField(label=_("其中已补缴年数"), min_value=0, max_value=rules.MOST_MISSED, initial=0)
    field_order = (
        "insurance",
        "person_type",
        "region",
        "starts_on",
        "last_on",
        "paid_on",
        "missed_years",
        "repaired_years",
    )

    def __init__(self, *args: Any, on: date, **options: Any) -> None:
        super().__init__(*args, **options)
        codes = dict.fromkeys(plan.region for plan in benefits.plans_on(on))
        named = network.places_by_code(codes)
        field: Any = self.fields["region"]
        field.choices = [(code, named[code].name if code in named else code) for code in codes]


class CategoryForm(PeriodForm):
    """A category of person."""

    code = forms.ChoiceField(label=_("救助身份"))
    field_order = ("code", "starts_on", "last_on")

    def __init__(self, *args: Any, on: date, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["code"]
        field.choices = list(titles(on)["identity"].items())


class CodeForm(PeriodForm):
    """A disease, or care elsewhere."""

    code = forms.ChoiceField(label=_("内容"))
    field_order = ("code", "starts_on", "last_on")

    def __init__(self, *args: Any, on: date, kind: str, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["code"]
        field.label = _("备案类型") if kind == "elsewhere" else _("病种")
        field.choices = list(titles(on)["place" if kind == "elsewhere" else kind].items())


class ApplyForm(forms.Form):
    """What a doctor asks for."""

    code = forms.ChoiceField(label=_("病种"))
    diagnosis = forms.CharField(label=_("诊断"), max_length=200)
    destination = forms.CharField(label=_("转往医疗机构"), max_length=200, help_text=_("写明地区和机构名称。"))
    starts_on = DateField(label=_("起始日期"))
    opinion = forms.CharField(label=_("病情与依据"), widget=forms.Textarea(attrs={"rows": 5}), max_length=2000)
    evidence = forms.MultipleChoiceField(
        label=_("附上病历资料"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("勾选的内容原样交给医保办，其余病历看不到。")
    )  # fmt: skip

    def __init__(self, *args: Any, on: date, kind: str, offered: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        known: dict[str, Any] = dict(self.fields)
        known["code"].label = {"elsewhere": _("备案类型"), "drug": _("药品")}.get(kind, _("病种"))
        known["code"].choices = list(asked_for(kind, on).items())
        known["evidence"].choices = offered
        if kind != "elsewhere":
            del self.fields["destination"]
        if not offered:
            del self.fields["evidence"]


class GrantForm(forms.Form):
    """From when until when it is granted."""

    starts_on = DateField(label=_("起始日期"))
    last_on = DateField(label=_("截止日期（含当日）"), required=False, help_text=_("长期有效的不填。"))
    opinion = forms.CharField(label=_("审核意见"), max_length=200, required=False)


class InstitutionForm(PeriodForm):
    """The chosen institution."""

    institution_id = PickerField("network:institution_options", label=_("选定机构"))
    field_order = ("institution_id", "starts_on", "last_on")


class ExemptForm(forms.Form):
    """Why somebody need not be enrolled here."""

    year = forms.IntegerField(label=_("年度"), min_value=2000, max_value=2100)
    reason = forms.ChoiceField(label=_("理由"))
    evidence = forms.CharField(label=_("凭证"), max_length=200)

    def __init__(self, *args: Any, on: date, **options: Any) -> None:
        super().__init__(*args, **options)
        known = enrolment_rules(on).reasons
        field: Any = self.fields["reason"]
        field.choices = [(one.code, f"{one.title}（{one.evidence}）") for one in known]


class ReasonForm(forms.Form):
    """Why something is called off or undone."""

    reason = forms.CharField(label=_("原因"), max_length=100)


class EndForm(ReasonForm):
    """The last day, and why."""

    last_on = DateField(label=_("最后一天（含当日）"))
    field_order = ("last_on", "reason")
