"""Every component on one page, live: what to copy from, and what the browser tests drive."""

# texts: data
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from yigong.access.api import guarded
from yigong.console import policies
from yigong.core import clock
from yigong.core.paging import number_of, page_of_list
from yigong.core.ui import forms

_NAMES = [
    "王秀英",
    "李建国",
    "张伟芳",
    "刘桂兰",
    "陈志强",
    "杨丽",
    "赵永红",
    "黄海燕",
    "周德发",
    "吴晓梅",
    "欧阳娜娜",
    "㼆𠮷",
]


@dataclass(frozen=True)
class SampleRow:
    """A row of the sample table."""

    name: str
    urgency: str
    state: str
    due: datetime


class SampleForm(django_forms.Form):
    """One field of each kind."""

    resident = forms.CodePickerField("console:gallery_options", label="居民")
    urgency = django_forms.ChoiceField(
        label="紧急程度",
        choices=[("routine", "常规"), ("urgent", "加急"), ("emergency", "急诊")],
        widget=django_forms.RadioSelect,
        initial="routine",
    )
    day = forms.DateField(label="期望日期", help_text="医院会尽量安排在这一天。")
    arm = django_forms.ChoiceField(label="测量部位", choices=[("", "请选择"), ("left", "左臂"), ("right", "右臂")])
    systolic = django_forms.IntegerField(label="收缩压", min_value=40, max_value=300)
    reason = django_forms.CharField(label="转诊原因", widget=django_forms.Textarea, max_length=500)
    signs = django_forms.MultipleChoiceField(
        label="伴随症状",
        required=False,
        choices=[("headache", "头痛"), ("dizzy", "头晕"), ("chest", "胸闷")],
        widget=django_forms.CheckboxSelectMultiple,
    )
    paper = django_forms.FileField(label="附件", required=False, help_text="照片或 PDF，最大 20 MB。")
    agreed = django_forms.BooleanField(label="已告知患者转诊原因和费用", required=False)


def _rows() -> Iterator[SampleRow]:
    levels, states = ["routine", "urgent", "emergency", "critical"], ["待接收", "已接收", "已退回"]
    for place in range(47):
        due = clock.now() + timedelta(minutes=37 * place - 90)
        yield SampleRow(_NAMES[place % len(_NAMES)], levels[place % 4], states[place % 3], due)


@guarded(policies.GALLERY)
def gallery(request: HttpRequest) -> HttpResponse:
    """The gallery; its form can be sent to see refusals."""
    form = SampleForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return forms.once(request, lambda: "/ui/gallery/?sent=1")
    context = {
        "form": form,
        "page": page_of_list(_rows(), page=number_of(request.GET.get("page", 1)), limit=10),
        "soon": clock.now() + timedelta(minutes=25),
        "later": clock.now() + timedelta(hours=20),
        "past": clock.now() - timedelta(minutes=12),
        "option": _OPTION,
        "rows": list(zip(_OPTION["xAxis"]["data"], *(one["data"] for one in _OPTION["series"]), strict=True)),
    }
    return forms.page(request, "console/gallery.html", context, form=form)


@guarded(policies.GALLERY)
def gallery_options(request: HttpRequest) -> HttpResponse:
    """Sample options for the picker."""
    text = request.GET.get("q", "")
    found = [(f"r{place}", name, "女 · 63 岁") for place, name in enumerate(_NAMES) if text in name]
    return render(request, "ui/options.html", {"items": found[:8], "total": len(found)})


@guarded(policies.GALLERY)
def gallery_progress(request: HttpRequest) -> HttpResponse:
    """A sample job that is a third further at each look."""
    return render(
        request, "console/gallery_progress.html", {"percent": min(100, number_of(request.GET.get("at")) + 33)}
    )


_OPTION: dict = {
    "legend": {},
    "xAxis": {"type": "category", "data": ["1月", "2月", "3月", "4月", "5月", "6月"]},
    "yAxis": {"type": "value"},
    "series": [
        {"type": "bar", "name": "基层", "stack": "a", "data": [5120, 4630, 5480, 5600, 5710, 5930]},
        {"type": "bar", "name": "县级", "stack": "a", "data": [3980, 3710, 3890, 3760, 3650, 3580]},
    ],
}
