"""The form of a comparison: one case, two plans, and what might be changed in the second."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.insurance.benefits.data import HERE, INPATIENT, Case, Split
from yigong.insurance.benefits.money import fen
from yigong.insurance.benefits.plan import BenefitPlan


class MoneyField(forms.DecimalField):
    """An amount in yuan; empty is nothing."""

    def __init__(self, label: Any, **given: Any) -> None:
        super().__init__(label=label, min_value=0, max_value=9_999_999, max_digits=9, decimal_places=2, **given)


class CompareForm(forms.Form):
    """A case as the counter knows it; amounts are those of the bill after its lines were taken apart."""

    one = forms.ChoiceField(label=gettext_lazy("方案甲"))
    other = forms.ChoiceField(label=gettext_lazy("方案乙"))
    kind = forms.ChoiceField(label=gettext_lazy("待遇"))
    level = forms.ChoiceField(label=gettext_lazy("医疗机构"))
    in_scope = MoneyField(gettext_lazy("政策范围内费用（元）"), initial=12000)
    first = MoneyField(gettext_lazy("先行自付（元）"), required=False)
    own = MoneyField(gettext_lazy("自费和超限价（元）"), required=False)
    identity = forms.ChoiceField(label=gettext_lazy("人员类别"), required=False)
    place = forms.ChoiceField(label=gettext_lazy("就医地"), required=False)
    disease = forms.ChoiceField(label=gettext_lazy("门诊病种"), required=False)
    admission = forms.IntegerField(label=gettext_lazy("本年第几次住院"), min_value=1, max_value=50, initial=1)
    pool = MoneyField(gettext_lazy("本年统筹已付（元）"), required=False)
    burden = MoneyField(gettext_lazy("本年合规自付累计（元）"), required=False)
    critical = MoneyField(gettext_lazy("本年大病保险已付（元）"), required=False)
    new_deductible = MoneyField(
        gettext_lazy("方案乙的起付线改为（元）"), required=False, help_text=gettext_lazy("只改所选医疗机构；不填则不改")
    )
    new_ratio = forms.DecimalField(
        label=gettext_lazy("方案乙的支付比例改为（%）"),
        required=False,
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
    )

    def __init__(self, data: Any, plans: list[BenefitPlan], one: str = "") -> None:
        super().__init__(data)
        names = [(f"{plan.code}/{plan.version}", plan.title) for plan in plans]
        self._choose("one", names)
        self._choose("other", names)
        self.fields["one"].initial = one
        self.fields["other"].initial = names[-1][0] if names else ""
        self._choose(
            "kind", [(INPATIENT, _("住院")), *_titles((one.code, one.title) for p in plans for one in p.outpatient)]
        )
        self._choose("level", _titles((one.level, one.title) for p in plans for one in p.inpatient.levels))
        self._choose(
            "identity", [("", _("普通参保人员")), *_titles((i.code, i.title) for p in plans for i in p.identities)]
        )
        self._choose(
            "place", [(HERE, _("市内")), *_titles((one.place, one.title) for p in plans for one in p.elsewhere)]
        )
        diseases = _titles((d.code, d.title) for p in plans for one in p.outpatient for d in one.diseases)
        self._choose("disease", [("", _("无")), *diseases])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def case(self) -> Case:
        """The case of a valid form."""
        given = self.cleaned_data
        own, first, scope = (fen(given[name] or 0) for name in ("own", "first", "in_scope"))
        return Case(
            given["kind"], Split(own + first + scope, own, 0, first, scope), given["level"], given["admission"], given["place"],
            frozenset({given["identity"]} - {""}), disease=given["disease"] if given["kind"] != INPATIENT else "",
        )  # fmt: skip

    def before(self) -> dict[str, int]:
        """The year's sums of a valid form."""
        return {name: fen(self.cleaned_data[name] or 0) for name in ("pool", "burden", "critical")}


def _titles(pairs: Any) -> list[tuple[str, str]]:
    return list({code: (code, title) for code, title in pairs}.values())
