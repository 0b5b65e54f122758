"""Forms in which templates are written: one of reports, one of requests. They parse; what is right is decided by the command."""

from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.orders.data import RequestPart, ServiceDefinition, TemplateText
from yigong.orders.rules.requests import text_labels


class TemplateForm(django_forms.Form):
    """Title, short code, where it is offered, and a field for every part of the service's report."""

    title = django_forms.CharField(label=gettext_lazy("标题"), max_length=60)
    short_code = django_forms.CharField(
        label=gettext_lazy("短码"), max_length=20, required=False,
        help_text=gettext_lazy("小写字母、数字和连字符。书写报告时输入 / 和短码再按空格即填入。"),
    )  # fmt: skip
    groups = django_forms.MultipleChoiceField(
        label=gettext_lazy("适用类别"), required=False, widget=django_forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("不选表示都适用。"),
    )  # fmt: skip
    parts = django_forms.CharField(
        label=gettext_lazy("适用部位"), max_length=200, required=False, help_text=gettext_lazy("多个用顿号分开。")
    )
    positive = django_forms.BooleanField(label=gettext_lazy("阳性"), required=False)

    def __init__(self, *given: Any, definition: ServiceDefinition, head: bool = False, **more: Any) -> None:
        super().__init__(*given, **more)
        groups = sorted({item.group for item in definition.catalogue() if item.group})
        self.fields["groups"].choices = [(g, definition.word(f"group_{g}", g)) for g in groups]  # type: ignore[attr-defined]
        texts = [(s.code, s.label) for s in definition.sections if not s.columns and not s.is_number]
        for code, label in [*texts, ("impression", definition.words.get("impression", _("诊断意见")))]:
            self.fields[f"s_{code}"] = django_forms.CharField(
                label=label, required=False, max_length=20_000, widget=django_forms.Textarea(attrs={"rows": 3})
            )
        if head:
            self.fields["shared"] = django_forms.BooleanField(label=_("直接作为中心模板"), required=False)

    def text(self) -> TemplateText:
        """What was typed."""
        given = self.cleaned_data
        sections = {name.removeprefix("s_"): value for name, value in given.items() if name.startswith("s_") and value}
        parts = frozenset(p.strip() for p in given["parts"].replace("，", "、").split("、") if p.strip())
        return TemplateText(
            given["title"], given["short_code"], sections, frozenset(given["groups"]), parts, given["positive"]
        )


class RequestTemplateForm(django_forms.Form):
    """Title, items, urgency, specimens, the service's own choices, texts, and the pieces of a file to tick."""

    title = django_forms.CharField(label=gettext_lazy("标题"), max_length=60)
    items = django_forms.CharField(
        max_length=600, error_messages={"required": gettext_lazy("请选择项目，可输入名称、首字母或编码查找。")}
    )
    priority = django_forms.ChoiceField(
        label=gettext_lazy("急缓"), required=False,
        choices=[("", gettext_lazy("不设")), ("routine", gettext_lazy("平")), ("urgent", gettext_lazy("急"))],
    )  # fmt: skip

    def __init__(self, *given: Any, definition: ServiceDefinition, head: bool = False, **more: Any) -> None:
        super().__init__(*given, **more)
        asked = definition.asked
        if asked.one_item:
            kinds = [("", _("请选择")), *((item.code, item.name) for item in definition.catalogue())]
            self.fields["items"] = django_forms.ChoiceField(
                label=definition.word("items", _("检查项目")), choices=kinds
            )
        if asked.samples:
            self.fields["samples"] = django_forms.CharField(
                label=_("标本"), required=False, max_length=2000, help_text=_("每行一个，例如“胃窦黏膜”。"),
                widget=django_forms.Textarea(attrs={"rows": 2}),
            )  # fmt: skip
        for name, (label, values) in asked.choices().items():
            self.fields[f"c_{name}"] = django_forms.ChoiceField(
                label=label, choices=[("", _("不设")), *values.items()], required=False
            )
        for name, label in text_labels(definition).items():
            self.fields[f"s_{name}"] = django_forms.CharField(
                label=label, required=False, max_length=4000, widget=django_forms.Textarea(attrs={"rows": 3})
            )
        if pieces := asked.pieces():
            self.fields["pieces"] = django_forms.MultipleChoiceField(
                label=_("勾选资料"), required=False, choices=list(pieces.items()), widget=django_forms.CheckboxSelectMultiple,
                help_text=_("申请时勾选档案中对应这些要求的最近一条。"),
            )  # fmt: skip
        if head:
            self.fields["shared"] = django_forms.BooleanField(label=_("直接共享给同事"), required=False)

    def text(self) -> TemplateText:
        """What was typed."""
        given = self.cleaned_data
        samples = (line.strip() for line in given.get("samples", "").splitlines())
        part = RequestPart(
            tuple(dict.fromkeys(code for code in given["items"].split(",") if code)), given["priority"],
            tuple(line for line in samples if line),
            {name[2:]: value for name, value in given.items() if name.startswith("c_") and value}, tuple(given.get("pieces", ())),
        )  # fmt: skip
        sections = {name[2:]: value for name, value in given.items() if name.startswith("s_") and value}
        return TemplateText(given["title"], "", sections, request=part)


def initial_of(title: str, short_code: str, version: Any, part: RequestPart | None) -> dict[str, Any]:
    """What a form shows at first of something with ``sections``, ``groups``, ``parts`` and ``positive``."""
    texts = {f"s_{code}": text for code, text in version.sections.items()}
    if part is None:
        return {
            "title": title, "short_code": short_code, "groups": sorted(version.groups), "parts": "、".join(sorted(version.parts)),
            "positive": version.positive, **texts,
        }  # fmt: skip
    return {
        "title": title, "items": ",".join(part.items), "priority": part.priority, "samples": "\n".join(part.samples),
        "pieces": list(part.pieces), **{f"c_{name}": value for name, value in part.choices.items()}, **texts,
    }  # fmt: skip
