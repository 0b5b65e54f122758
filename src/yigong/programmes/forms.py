"""Small forms of this room's pages."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.core.ui.forms import DateField, PickerField


class VisitHead(forms.Form):
    """Day, manner, confirmation and the reason of a late entry: what stands above every visit form."""

    on = DateField(label=_("随访日期"))
    way = forms.ChoiceField(
        label=_("随访方式"),
        choices=[("1", _("门诊")), ("2", _("家庭")), ("3", _("电话"))],
        widget=forms.RadioSelect,
        initial="1",
    )
    late_reason = forms.CharField(
        label=_("补录原因"), required=False, max_length=200, help_text=_("统计期已锁定时填写")
    )
    lot_reason = forms.CharField(
        label=_("已经接种，情况说明"),
        required=False,
        max_length=200,
        help_text=_("只在这一剂确实已经接种时填写，例如“接种时还没有接到召回通知”；还没有接种的请换批号"),
    )
    confirmed = forms.BooleanField(label=_("不常见的数值已核对无误"), required=False)


class ReasonForm(forms.Form):
    """A reason."""

    reason = forms.CharField(label=_("原因"), max_length=200)


class EndForm(forms.Form):
    """Why and when the management ends."""

    ending = forms.ChoiceField(label=_("结案原因"), widget=forms.RadioSelect)
    on = DateField(label=_("结案日期"))
    reason = forms.CharField(label=_("说明"), required=False, max_length=200)

    def __init__(self, *args: Any, endings: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ending"].choices = endings  # type: ignore[attr-defined]


class NothingMore(forms.Form):
    """A step that asks nothing beside its definition's own form."""


class TransferForm(forms.Form):
    """To whom the management goes."""

    institution_id = PickerField("programmes:institutions", label=_("接收机构"))
    reason = forms.CharField(label=_("原因"), max_length=200, help_text=_("例如：迁居本县其他村、改由卫生院管理"))


class AttemptForm(forms.Form):
    """An attempt that failed."""

    way = forms.ChoiceField(
        label=_("联系方式"),
        choices=[("3", _("电话")), ("2", _("上门")), ("1", _("约到门诊"))],
        widget=forms.RadioSelect,
        initial="3",
    )
    note = forms.CharField(label=_("情况"), max_length=200, help_text=_("例如：电话无人接听；家中无人"))


class HoldForm(forms.Form):
    """What is put off, why and until when."""

    track = forms.ChoiceField(label=_("暂缓的项目"), required=False)
    reason = forms.CharField(label=_("原因或禁忌"), max_length=200)
    until = DateField(label=_("到哪天为止"), required=False, help_text=_("不填则一直暂缓，解除时写明依据"))

    def __init__(self, *args: Any, tracks: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["track"].choices = tracks  # type: ignore[attr-defined]


class BookForm(forms.Form):
    """The agreed day."""

    on = DateField(label=_("预约日期"))


class EnrolForm(forms.Form):
    """Since when, and why in spite of an age or sex that does not fit."""

    on = DateField(label=_("纳入日期"))
    reason = forms.CharField(
        label=_("说明"), required=False, max_length=200, help_text=_("年龄、性别不符合条件而确需纳入时填写")
    )


class SampleForm(forms.Form):
    """Between which days visits are drawn."""

    since = DateField(label=_("随访日期从"))
    until = DateField(label=_("到"))


class CheckForm(forms.Form):
    """What the person said on the telephone."""

    outcome = forms.ChoiceField(
        label=_("核查结果"),
        choices=[("real", _("属实")), ("not", _("不属实")), ("unreached", _("未联系上"))],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=_("说明"), required=False, max_length=200)


class SiteForm(forms.Form):
    """A place to be watched."""

    kind = forms.ChoiceField(label=_("单位类别"))
    name = forms.CharField(label=_("单位名称"), max_length=80)
    address = forms.CharField(label=_("地址"), required=False, max_length=120)
    contact = forms.CharField(label=_("联系人"), required=False, max_length=40)
    phone = forms.CharField(label=_("联系电话"), required=False, max_length=30)
    since = DateField(label=_("纳入管理日期"))

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]


class RecordHead(forms.Form):
    """The day of a patrol or activity."""

    on = DateField(label=_("日期"))


class PlanForm(forms.Form):
    """One thing to be done this year."""

    activity = forms.ChoiceField(label=_("工作"))
    on = DateField(label=_("日期"))
    topic = forms.CharField(label=_("主题"), max_length=60)

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["activity"].choices = kinds  # type: ignore[attr-defined]


class LotForm(forms.Form):
    """A delivery of vaccine, as the packing says."""

    product = forms.CharField(label=_("疫苗名称"), max_length=60)
    manufacturer = forms.CharField(label=_("生产企业"), max_length=60)
    lot = forms.CharField(label=_("批号"), max_length=40)
    expires_on = DateField(label=_("有效期至"))
    doses = forms.IntegerField(label=_("入库剂数"), min_value=1, max_value=100_000)
    store_id = forms.TypedChoiceField(label=_("放进哪台冰箱"), coerce=UUID, empty_value=None, required=False)

    def __init__(self, *args: Any, stores: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["store_id"]
        field.choices = stores if len(stores) == 1 else [("", _("未写明")), *stores]  # type: ignore[attr-defined]
        if not stores:
            field.help_text = _(
                "本机构还没有在管的冰箱；在“巡查与宣教”的冷链里登记后，超温时才能只停用那一台里的批号。"
            )


class RecallForm(forms.Form):
    """Which lot is called back, and on what ground."""

    product = forms.CharField(label=_("疫苗名称"), max_length=60)
    lot = forms.CharField(label=_("批号"), max_length=40)
    reason = forms.CharField(label=_("召回依据"), max_length=200, help_text=_("例如：国家药监局召回通知及文号"))


class SpoiltForm(forms.Form):
    """How many doses were lost, and why."""

    doses = forms.IntegerField(label=_("报损剂数"), min_value=1, max_value=100_000)
    reason = forms.CharField(label=_("报损原因"), max_length=200, help_text=_("例如：超温、破损、过期"))


class AlarmForm(forms.Form):
    """What was found when somebody looked at an alarm."""

    outcome = forms.ChoiceField(
        label=_("核实结果"),
        choices=[("real", _("确有聚集，已报告")), ("explained", _("有原因，不是聚集")), ("data", _("登记或编码问题"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("核实情况"), max_length=200, help_text=_("例如：同班学生集中就诊，已报县疾控"))
