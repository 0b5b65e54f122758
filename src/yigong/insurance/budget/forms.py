"""Forms of the room."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.insurance.budget.rules.words import METHOD_WORDS


class YuanField(forms.DecimalField):
    """An amount in yuan with two decimals; gives whole fen."""

    def __init__(self, **given: Any) -> None:
        super().__init__(max_digits=14, decimal_places=2, **given)

    def clean(self, value: Any) -> Any:
        """Whole fen, or None where nothing was given."""
        found = super().clean(value)
        return None if found is None else int(found * 100)


class PackageForm(forms.Form):
    """A new package."""

    scheme = forms.ChoiceField(label=_("险种"))
    year = forms.IntegerField(label=_("年度"), min_value=2020, max_value=2100)
    insured = forms.IntegerField(label=_("参保人数"), min_value=1, max_value=99_999_999)

    def __init__(self, data: Any, schemes: list[tuple[str, str]], year: int) -> None:
        super().__init__(data, initial={"year": year})
        field = self.fields["scheme"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = schemes


class ChangeForm(forms.Form):
    """An adjustment of a package."""

    amount = YuanField(label=_("调整金额（元，调减写负数）"))
    reason = forms.CharField(label=_("原因"), max_length=200)


class ReasonForm(forms.Form):
    """A reason."""

    reason = forms.CharField(label=_("原因"), max_length=200)


class WeighForm(forms.Form):
    """Weights or scores from history."""

    method = forms.ChoiceField(
        label=_("支付方式"),
        choices=list(METHOD_WORDS.items()),
        help_text=_("按病组测算权重和费率；按病种分值测算每个病种的分值和预算单价。"),
    )
    year = forms.IntegerField(label=_("用于年度"), min_value=2020, max_value=2100)
    history = forms.MultipleChoiceField(label=_("历史病例年份"), widget=forms.CheckboxSelectMultiple)
    predicted = YuanField(label=_("预测全年住院总费用（元，基金与个人合计）"), min_value=Decimal(1))

    def __init__(self, data: Any, years: list[int], year: int) -> None:
        super().__init__(data, initial={"year": year})
        field = self.fields["history"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(one), str(one)) for one in years]


class SpecialForm(forms.Form):
    """A request to pay a case apart."""

    asked = YuanField(label=_("申请支付总额（元）"), min_value=Decimal("0.01"))
    evidence = forms.CharField(
        label=_("理由与证据"),
        widget=forms.Textarea,
        max_length=2000,
        help_text=_("写明病情、超支的原因和依据的材料，如病程记录、检查报告的名称。"),
    )


class DecideForm(forms.Form):
    """A decision on a request."""

    granted = YuanField(
        label=_("同意支付总额（元）"), min_value=Decimal("0.01"), required=False, help_text=_("不同意时留空")
    )
    reason = forms.CharField(label=_("评审意见"), max_length=200)


class AppraisalForm(forms.Form):
    """A new edition of an appraisal."""

    year = forms.IntegerField(label=_("年度"), min_value=2020, max_value=2100)
    community_score = forms.DecimalField(
        label=_("医共体得分"), min_value=0, max_value=100, max_digits=5, decimal_places=2
    )
    note = forms.CharField(label=_("说明"), max_length=200, required=False)


class ScoresForm(forms.Form):
    """Scores of the members from a file."""

    file = forms.FileField(label=_("考核得分（CSV）"), help_text=_("两列：机构代码或名称、得分；可有第三列：来源。"))


class UnreasonableForm(forms.Form):
    """A part of the use that is unreasonable."""

    what = forms.CharField(label=_("内容"), max_length=100)
    amount = YuanField(label=_("金额（元，撤回写负数）"))
    reason = forms.CharField(label=_("认定理由"), max_length=200)
