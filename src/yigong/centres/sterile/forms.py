"""Forms of the sterile supply centre."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from yigong.centres.sterile.commands.shortages import DISPOSITIONS
from yigong.centres.sterile.models import MonitoringTest
from yigong.centres.sterile.rules import definitions
from yigong.core.asked import key_of
from yigong.core.ui.forms import CodePickerField, DateField, PickerField

_REASON = {"required": _("请写明原因。")}


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("原因"), max_length=200, widget=forms.Textarea(attrs={"rows": 3}), error_messages=_REASON
    )


class ScanForm(forms.Form):
    """What stands beside the box; each step shows its own part."""

    code = forms.CharField(label=_("扫码"), max_length=60)
    load_id = forms.CharField(label=_("锅次"), required=False)
    delivery_id = forms.CharField(label=_("发放单"), required=False)
    second = forms.CharField(label=_("另一人"), required=False, max_length=80)
    method = forms.CharField(label=_("方法"), required=False, max_length=40)
    material = forms.CharField(label=_("包装材料"), required=False, max_length=16)
    infection = forms.CharField(label=_("特殊感染"), required=False, max_length=16)
    reason = forms.CharField(label=_("原因"), required=False, max_length=200)

    def context(self) -> dict[str, Any]:
        """The values for ``data.Context``."""
        given = self.cleaned_data
        keys = {"load_id": key_of(given["load_id"]), "delivery_id": key_of(given["delivery_id"])}
        return keys | {name: given[name] for name in ("second", "method", "material", "infection", "reason")}


class CountForm(forms.Form):
    """How many of each instrument came back."""

    second = forms.CharField(label=_("交接人"), max_length=80, required=False)
    infection = forms.ChoiceField(label=_("特殊感染"), required=False)
    reason = forms.CharField(label=_("未使用退回的原因"), max_length=200, required=False)

    def __init__(self, known: definitions.SetDefinition, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        infections = [(one.code, one.label) for one in definitions.parameters().infection]
        self.fields["infection"] = forms.ChoiceField(
            label=_("特殊感染"), required=False, choices=[("", _t("无")), *infections]
        )
        for one in known.item:
            self.fields[f"n_{one.code}"] = forms.IntegerField(
                label=_t("%(item)s（应有 %(n)s）") % {"item": one.name, "n": one.quantity}, min_value=0, max_value=one.quantity,
                initial=one.quantity,
            )  # fmt: skip

    def counted(self) -> dict[str, int]:
        """Found pieces by item."""
        return {name[2:]: n for name, n in self.cleaned_data.items() if name.startswith("n_")}


class RegisterForm(forms.Form):
    """New packs of a set."""

    set_code = CodePickerField("sterile:pick_set", label=_("器械包"))
    count = forms.IntegerField(label=_("数量"), min_value=1, max_value=100, initial=1)
    owner_id = PickerField(
        "network:institution_options", label=_("专用机构"), required=False, help_text=_("只供一家机构使用时填写。")
    )


class AsideForm(ReasonForm):
    """Repair, lost, scrapped …"""

    action = forms.ChoiceField(
        label=_("情况"),
        choices=[
            ("repair", _("送修")),
            ("mend", _("修好")),
            ("lose", _("遗失")),
            ("find", _("找到")),
            ("scrap", _("报废")),
        ],
    )


class MachineForm(forms.Form):
    """A new machine."""

    code = forms.CharField(label=_("编号"), max_length=12, help_text=_("印在标签上，例如 M1。"))
    name = forms.CharField(label=_("名称"), max_length=60)
    method = forms.ChoiceField(label=_("类型"), choices=list(definitions.METHODS.items()))


class LoadForm(forms.Form):
    """A load on a machine."""

    programme = forms.ChoiceField(label=_("程序"))

    def __init__(self, method: str, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(one.code, one.label) for one in definitions.programmes(method)]
        self.fields["programme"] = forms.ChoiceField(label=_("程序"), choices=choices)


class FinishForm(forms.Form):
    """What the machine wrote, or what its display showed."""

    curve = forms.CharField(
        label=_("设备记录"), required=False, widget=forms.Textarea(attrs={"rows": 5}), max_length=200_000,
        help_text=_("从设备导出后粘贴或选择文件，每行“时间，温度℃，压力kPa”，例如 08:30:00,134.2,208。"),
    )  # fmt: skip
    file = forms.FileField(
        label=_("或选择记录文件"), required=False, widget=forms.FileInput(attrs={"accept": ".csv,.txt"})
    )
    temperature = forms.FloatField(label=_("最低温度（℃）"), required=False, min_value=0, max_value=200)
    minutes = forms.FloatField(label=_("维持（分钟）"), required=False, min_value=0, max_value=600)
    pressure = forms.FloatField(label=_("压力（kPa）"), required=False, min_value=-100, max_value=600)
    a0 = forms.IntegerField(label="A0", required=False, min_value=0, max_value=1_000_000)

    def values(self) -> dict[str, Any]:
        """Arguments of ``finish_load``."""
        given = dict(self.cleaned_data)
        file = given.pop("file")
        if file:
            given["curve"] = file.read(2_000_000).decode("utf-8-sig", errors="replace")
        given["a0"] = given["a0"] or 0
        return given


class ResultForm(forms.Form):
    """One result of monitoring."""

    kind = forms.ChoiceField(label=_("项目"))
    good = forms.ChoiceField(
        label=_("结果"), choices=[("yes", _("合格")), ("no", _("不合格"))], widget=forms.RadioSelect,
        error_messages={"required": _("请选择结果。")},
    )  # fmt: skip
    lot = forms.CharField(label=_("指示物批号"), required=False, max_length=40)
    note = forms.CharField(label=_("说明"), required=False, max_length=300, help_text=_("不合格时必填。"))

    def __init__(self, kinds: tuple[str, ...], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        labels = dict(MonitoringTest.Kind.choices)
        self.fields["kind"] = forms.ChoiceField(label=_("项目"), choices=[(kind, labels[kind]) for kind in kinds])

    def values(self) -> dict[str, Any]:
        """Arguments of the command."""
        return {**self.cleaned_data, "good": self.cleaned_data["good"] == "yes"}


class RequestForm(forms.Form):
    """So many of each set."""

    needed_on = DateField(label=_("需要日期"))
    urgent = forms.BooleanField(label=_("加急"), required=False)
    note = forms.CharField(label=_("说明"), required=False, max_length=200, help_text=_("加急时必填。"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for code, one in definitions.sets().items():
            self.fields[f"q_{code}"] = forms.IntegerField(label=one.title, required=False, min_value=0, max_value=500)

    def quantities(self) -> dict[str, int]:
        """Wanted packs by set."""
        return {name[2:]: n for name, n in self.cleaned_data.items() if name.startswith("q_") and n}


class DeliveryForm(forms.Form):
    """To whom."""

    institution_id = PickerField("network:institution_options", label=_("发往机构"))


class SendForm(forms.Form):
    """Who drives, in what."""

    courier = forms.CharField(label=_("送件人（等物流班次来取的不填）"), max_length=80, required=False)
    container = forms.CharField(label=_("密闭箱（车）编号"), max_length=80)


class NoteForm(forms.Form):
    """What is wrong."""

    note = forms.CharField(label=_("说明"), max_length=300, error_messages={"required": _("请写明情况。")})


class ShortageForm(forms.Form):
    """How a shortage ends."""

    disposition = forms.ChoiceField(label=_("处理方式"), choices=list(DISPOSITIONS.items()))
    amount = forms.DecimalField(
        label=_("赔付金额（元）"), required=False, min_value=0, max_value=100_000, max_digits=8, decimal_places=2
    )
    note = forms.CharField(label=_("处理经过"), max_length=200, error_messages={"required": _("请写明处理经过。")})

    def values(self) -> dict[str, Any]:
        """Arguments of ``settle_shortage``, the amount in fen."""
        given = dict(self.cleaned_data)
        return {**given, "amount": int((given["amount"] or 0) * 100)}


class UseForm(forms.Form):
    """A pack opened for a patient."""

    encounter_id = forms.ChoiceField(label=_("就诊"), error_messages={"required": _("请选择就诊。")})
    code = forms.CharField(
        label=_("扫无菌包标签"), max_length=60, widget=forms.TextInput(attrs={"autofocus": "", "autocomplete": "off"})
    )
    used_for = forms.CharField(label=_("用于"), max_length=100, required=False, help_text=_("例如：右小腿清创缝合。"))
    indicator = forms.ChoiceField(
        label=_("包内化学指示物"), choices=[("good", _("合格")), ("bad", _("不合格"))], widget=forms.RadioSelect,
        error_messages={"required": _("请查看包内化学指示物。")},
    )  # fmt: skip

    def __init__(self, encounters: list[tuple[str, str]], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["encounter_id"] = forms.ChoiceField(
            label=_("就诊"), choices=encounters, error_messages={"required": _("请选择就诊。")}
        )


class ItemForm(forms.Form):
    """How one pack of a recall is settled."""

    note = forms.CharField(label=_("处置经过"), max_length=300, error_messages={"required": _("请写明处置经过。")})
