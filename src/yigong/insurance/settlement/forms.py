"""Forms of the counter. Money is typed in yuan and kept in fen."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.core import clock
from yigong.core.ui.forms import DateField


class MoneyField(forms.DecimalField):
    """An amount in yuan with at most two decimals; cleaned to fen, empty is nothing."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        super().__init__(max_digits=10, decimal_places=2, min_value=Decimal(0), **options)
        self.widget.attrs |= {"inputmode": "decimal", "step": "0.01", "autocomplete": "off"}

    def clean(self, value: Any) -> int:
        """Fen."""
        found = super().clean(value)
        return int(found.scaleb(2)) if found is not None else 0


class PayForm(forms.Form):
    """How the person's part is paid: everything that is not named otherwise is cash."""

    shown = forms.IntegerField(widget=forms.HiddenInput)
    tendered = MoneyField(label=_("实收现金"))
    card = MoneyField(label=_("刷卡"))
    online = MoneyField(label=_("扫码"))
    deposit = MoneyField(label=_("预交金抵扣"))


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("原因"), max_length=200, error_messages={"required": _("请写明原因，如：患者退药、开错项目。")}
    )


class DepositForm(forms.Form):
    """Money in advance."""

    what = forms.ChoiceField(
        label=_("办理"),
        choices=[("take", _("收预交金")), ("return", _("退预交金"))],
        widget=forms.RadioSelect,
        initial="take",
    )
    amount = MoneyField(label=_("金额"), required=True)
    means = forms.ChoiceField(
        label=_("方式"),
        choices=[("cash", _("现金")), ("card", _("刷卡")), ("online", _("扫码"))],
        widget=forms.RadioSelect,
        initial="cash",
    )
    note = forms.CharField(label=_("备注"), max_length=200, required=False)


class CloseForm(forms.Form):
    """The end of the day."""

    counted_cash = MoneyField(label=_("清点现金"), required=True)
    note = forms.CharField(label=_("长短款原因"), max_length=200, required=False)


class FloatForm(forms.Form):
    """Cash out of the safe."""

    amount = MoneyField(label=_("领备用金"), required=True)


class ReconcileForm(forms.Form):
    """Which day of which scheme, and of which institution that the office acts for."""

    institution = forms.ChoiceField(label=_("机构"))
    day = DateField(label=_("日期"))
    scheme = forms.ChoiceField(label=_("险种"), choices=[("390", _("城乡居民")), ("310", _("城镇职工"))])

    def __init__(self, data: Any, houses: list[tuple[str, str]]) -> None:
        super().__init__(data, initial={"institution": houses[0][0] if houses else "", "day": clock.today()})
        field = self.fields["institution"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = houses


class MonthForm(forms.Form):
    """Which month."""

    month = forms.DateField(
        label=_("月份"),
        input_formats=["%Y-%m"],
        widget=forms.DateInput(attrs={"type": "month"}),
        error_messages={"required": _("请选择月份。"), "invalid": _("请选择月份，如 2026-03。")},
    )
