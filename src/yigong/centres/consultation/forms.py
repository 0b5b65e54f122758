"""Forms of consultations. They parse; what is right is decided by the commands."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.centres.consultation.commands.closing import ADOPTION
from yigong.centres.consultation.data import AdviceLine
from yigong.centres.consultation.rules.definitions import advice_kinds, items, parameters
from yigong.core.ui.forms import MomentField, PickerField

ROWS = 6
"""Lines of advice that the page offers."""


def _text(label: Any, rows: int = 3, required: bool = True, longest: int = 4000, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=longest, widget=forms.Textarea(attrs={"rows": rows}), **options
    )


class RequestForm(forms.Form):
    """The request; the entries of the record are ticked beside it."""

    item_code = forms.ChoiceField(label=_("会诊类型"))
    priority = forms.ChoiceField(
        label=_("急缓"), choices=[("routine", _("普通，约时间")), ("urgent", _("急，立即应答"))], widget=forms.RadioSelect,
        initial="routine",
    )  # fmt: skip
    form = forms.ChoiceField(label=_("形式"), widget=forms.RadioSelect, initial="video")
    wanted_at = MomentField(label=_("期望时间"), required=False)
    purpose_code = forms.ChoiceField(label=_("会诊目的"))
    diagnosis = forms.CharField(label=_("临床诊断"), max_length=200)
    purpose = _text(_("需要专家回答的问题"), 3, help_text=_("逐条写明，例如“1. 胸腔积液性质；2. 能否在本院治疗”。"))
    symptoms = _text(_("症状与体征"), 2, required=False)
    history = _text(_("病史摘要与目前治疗"), 4, required=False)
    gap = _text(_("资料不全仍需会诊的原因"), 2, required=False, longest=1000, help_text=_("仅限急会诊。"))
    consent = forms.BooleanField(
        label=_("已向患者或家属说明，并取得书面知情同意"), error_messages={"required": _("请先取得书面知情同意。")}
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        known = parameters()
        self.fields["item_code"].choices = [(i.code, i.name) for i in items().values()]  # type: ignore[attr-defined]
        self.fields["purpose_code"].choices = list(known.purposes.items())  # type: ignore[attr-defined]
        self.fields["form"].choices = list(known.forms.items())  # type: ignore[attr-defined]


class BeginForm(forms.Form):
    """Who is here."""

    present = forms.MultipleChoiceField(
        label=_("到场专家"), widget=forms.CheckboxSelectMultiple, error_messages={"required": _("请勾选到场的专家。")}
    )
    asking = _text(
        _("申请方参加人员"), 2, longest=400, help_text=_("每行一人，例如“王敏（全科）”。"),
        error_messages={"required": _("请填写申请方参加人员。")},
    )  # fmt: skip

    def __init__(self, *given: Any, experts: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["present"].choices = experts  # type: ignore[attr-defined]


class OpinionForm(forms.Form):
    """One expert's opinion."""

    text = _text(_("会诊意见"), 6, longest=8000, error_messages={"required": _("请填写会诊意见。")})
    basis = _text(_("依据"), 3, required=False, longest=8000)
    reason = forms.CharField(label=_("修改原因"), max_length=200, required=False)

    def __init__(self, *given: Any, amended: bool, **more: Any) -> None:
        super().__init__(*given, **more)
        if not amended:
            del self.fields["reason"]


class ConclusionForm(forms.Form):
    """The joint conclusion with its items of advice."""

    basis = _text(_("病情分析"), 4, required=False, longest=8000)
    text = _text(_("会诊结论"), 4, longest=8000, error_messages={"required": _("请填写会诊结论。")})
    reason = forms.CharField(label=_("修改原因"), max_length=200, required=False)

    def __init__(self, *given: Any, amended: bool, **more: Any) -> None:
        super().__init__(*given, **more)
        if not amended:
            del self.fields["reason"]
        kinds = [("", _("（无）")), *((k.code, k.label) for k in advice_kinds().values())]
        for n in range(1, ROWS + 1):
            self.fields[f"kind_{n}"] = forms.ChoiceField(label=_("类别"), choices=kinds, required=False)
            self.fields[f"advice_{n}"] = forms.CharField(
                label=_("建议 %(n)s") % {"n": n}, max_length=300, required=False
            )
            self.fields[f"days_{n}"] = forms.IntegerField(
                label=_("期限（天）"), min_value=0, max_value=90, required=False
            )

    def advice(self) -> list[AdviceLine]:
        """The filled lines; a missing limit is the category's."""
        given, kinds, found = self.cleaned_data, advice_kinds(), []
        for n in range(1, ROWS + 1):
            kind, text, days = given.get(f"kind_{n}") or "", given.get(f"advice_{n}") or "", given.get(f"days_{n}")
            if kind or text:
                usual = kinds[kind].days if kind in kinds else 0
                found.append(AdviceLine(kind, " ".join(text.split()), usual if days is None else days))
        return found


class ReplaceForm(forms.Form):
    """Another expert in the place of one."""

    staff_id = PickerField("consultation:experts", label=_("改请专家"))
    off_roster = forms.CharField(
        label=_("不在班时如何约定"), max_length=120, required=False, help_text=_("例如“电话约定”。")
    )


class EvaluationForm(forms.Form):
    """What the asking side thinks of it."""

    promptness = forms.TypedChoiceField(
        label=_("及时性"), coerce=int, choices=[(n, f"{n}") for n in range(5, 0, -1)], widget=forms.RadioSelect,
        error_messages={"required": _("请选择 1 到 5 分。")},
    )  # fmt: skip
    usefulness = forms.TypedChoiceField(
        label=_("对诊疗的帮助"), coerce=int, choices=[(n, f"{n}") for n in range(5, 0, -1)], widget=forms.RadioSelect,
        error_messages={"required": _("请选择 1 到 5 分。")},
    )  # fmt: skip
    adoption = forms.ChoiceField(
        label=_("采纳情况"), choices=list(ADOPTION.items()), widget=forms.RadioSelect,
        error_messages={"required": _("请选择采纳情况。")},
    )  # fmt: skip
    comment = _text(_("说明"), 3, required=False, longest=500)
