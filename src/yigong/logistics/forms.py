"""Forms of logistics."""

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from yigong.core.asked import key_of
from yigong.core.ui.forms import PickerField
from yigong.logistics.data import StopPlan
from yigong.logistics.rules import definitions

MOST_STOPS = 20
_NUMBER = {"required": _("请填写数字。"), "invalid": _("请填写数字。")}


def weekdays() -> list[tuple[str, str]]:
    """Days of the week, Monday first."""
    names = [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")]
    return [(str(n), str(name)) for n, name in enumerate(names, 1)]


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("原因"), max_length=200, widget=forms.Textarea(attrs={"rows": 3}), error_messages={"required": _("请写明原因。")}
    )  # fmt: skip


class VanForm(forms.Form):
    """A vehicle."""

    plate = forms.CharField(label=_("车牌号"), max_length=20, required=False)
    name = forms.CharField(label=_("车辆名称"), max_length=40, required=False)


class CrewForm(forms.Form):
    """Which van, who drives."""

    van_id = forms.ChoiceField(label=_("车辆"), error_messages={"required": _("请选择车辆。")})
    driver_id = forms.ChoiceField(label=_("司机"), error_messages={"required": _("请选择司机。")})

    def __init__(self, vans: Any, drivers: Any, *given: Any, needed: bool = True, **more: Any) -> None:
        super().__init__(*given, **more)
        for name, rows in (("van_id", [(one.pk, str(one)) for one in vans]), ("driver_id", drivers)):
            field = forms.ChoiceField(
                label=self.fields[name].label, required=needed, choices=[("", _t("请选择")), *rows],
                error_messages=self.fields[name].error_messages,
            )  # fmt: skip
            self.fields[name] = field


class StopsMixin:
    """Rows of a stop and its time: ``stop_1``, ``at_1``, …; empty rows are left out."""

    def stops(self, data: Any) -> tuple[list[StopPlan], list[tuple[str, str, str]]]:
        """The stops that can be read, and what was typed in each row (key, name, time)."""
        found, typed = [], []
        for n in range(1, MOST_STOPS + 1):
            key, at = key_of(data.get(f"stop_{n}")), str(data.get(f"at_{n}", ""))
            if not key and not at:
                continue
            typed.append((str(key or ""), str(data.get(f"stop_{n}__text", ""))[:60], at))
            clock = _time(at)
            if key and clock:
                found.append(StopPlan(key, clock))
        return found, typed


class RouteForm(StopsMixin, CrewForm):
    """A route."""

    name = forms.CharField(label=_("线路名称"), max_length=40, required=False)
    weekdays = forms.MultipleChoiceField(label=_("发车日"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, vans: Any, drivers: Any, *given: Any, **more: Any) -> None:
        super().__init__(vans, drivers, *given, needed=False, **more)
        self.fields["weekdays"].choices = weekdays()  # type: ignore[attr-defined]


class SendRunForm(StopsMixin, CrewForm):
    """A run outside every route."""

    name = forms.CharField(label=_("班次名称"), max_length=40, required=False)
    why = forms.CharField(label=_("临时派车的原因"), max_length=200, required=False)


class ConsignmentForm(forms.Form):
    """Something to be brought, booked by hand."""

    kind = forms.ChoiceField(label=_("物品"), error_messages={"required": _("请选择物品。")})
    receiver_id = PickerField("network:institution_options", label=_("送往"))
    band = forms.ChoiceField(label=_("运送温度"), error_messages={"required": _("请选择运送温度。")})
    pieces = forms.IntegerField(label=_("件数"), min_value=1, max_value=500, error_messages=_NUMBER)
    seal = forms.CharField(label=_("箱号或封签号"), max_length=80, required=False)
    note = forms.CharField(label=_("说明"), max_length=120, required=False)

    def __init__(self, kinds: list[str], *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        goods, bands = definitions.goods(), definitions.bands()
        self.fields["kind"].choices = [("", _t("请选择")), *((code, goods[code].label) for code in kinds)]  # type: ignore[attr-defined]
        self.fields["band"].choices = [(code, band.label) for code, band in bands.items()]  # type: ignore[attr-defined]
        self.initial.setdefault("band", "any")


class CloseForm(forms.Form):
    """Packed."""

    pieces = forms.IntegerField(label=_("件数"), min_value=1, max_value=500, error_messages=_NUMBER)
    seal = forms.CharField(label=_("箱号或封签号"), max_length=80, required=False)


class HandOverForm(forms.Form):
    """Given to somebody outside the runs."""

    courier = forms.CharField(label=_("送件人"), max_length=80, required=False)


class ReceiveForm(forms.Form):
    """Counted at the door."""

    pieces_in = forms.IntegerField(label=_("实收件数"), min_value=0, max_value=500, error_messages=_NUMBER)
    seal_intact = forms.BooleanField(label=_("封签完好"), required=False, initial=True)
    note = forms.CharField(label=_("说明"), max_length=200, required=False)


class TemperatureForm(forms.Form):
    """One reading."""

    celsius = forms.DecimalField(
        label=_("温度（℃）"), max_digits=5, decimal_places=1,
        error_messages={"required": _("请填写温度。"), "invalid": _("请填写数字，例如 4.5。")},
    )  # fmt: skip


class TroubleForm(forms.Form):
    """What holds the run up."""

    kind = forms.ChoiceField(label=_("情况"))
    note = forms.CharField(label=_("在哪里、发生了什么"), max_length=200, required=False)
    way_on = forms.CharField(label=_("下一步（绕行、等候、换车、改交其他班次）"), max_length=200, required=False)
    minutes = forms.IntegerField(
        label=_("预计延误（分钟）"), min_value=0, max_value=1440, initial=30, error_messages=_NUMBER
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["kind"].choices = list(definitions.troubles().items())  # type: ignore[attr-defined]


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None
