"""Forms of the archive's pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yigong.core.ui.forms import PickerField


def _character_sets() -> list[tuple[str, str]]:
    return [
        ("", gettext("随设备请求，默认UTF-8")),
        ("GB18030", "GB18030"),
        ("ISO_IR 192", "UTF-8 (ISO_IR 192)"),
    ]


class AttachForm(forms.Form):
    """Pick the order by name, initials or number."""

    order = PickerField("dicom:pick_order", label=_("申请单"), help_text=_("输入居民姓名、首字母、申请单号或检查号"))
    reason = forms.CharField(
        label=_("说明"), required=False, max_length=200, help_text=_("身份不一致时必填，写明如何核实")
    )


class DetachForm(forms.Form):
    """Why an attachment is undone."""

    reason = forms.CharField(
        label=_("解除原因"), max_length=200, error_messages={"required": _("请填写解除关联的原因。")}
    )


class NodeForm(forms.Form):
    """One device or archive."""

    title = forms.CharField(label=_("AE标题"), max_length=16, help_text=_("与设备上的设置完全一致，区分大小写"))
    name = forms.CharField(label=_("名称"), max_length=60, help_text=_("例如“青石乡卫生院 DR”"))
    institution_id = PickerField("dicom:pick_institution", label=_("所属机构"), required=False)
    host = forms.CharField(label=_("主机地址"), max_length=120, required=False)
    port = forms.IntegerField(label=_("端口"), min_value=1, max_value=65535, required=False)
    may_store = forms.BooleanField(label=_("可以发送影像"), required=False)
    may_query = forms.BooleanField(label=_("可以查询"), required=False)
    may_retrieve = forms.BooleanField(label=_("可以取回影像"), required=False)
    may_worklist = forms.BooleanField(label=_("可以取检查工作列表"), required=False)
    check_address = forms.BooleanField(label=_("只接受来自该主机地址的连接"), required=False)
    character_set = forms.ChoiceField(
        label=_("应答字符集"),
        required=False,
        choices=_character_sets,
    )
    is_active = forms.BooleanField(label=_("启用"), required=False)

    def values(self) -> dict[str, Any]:
        """The cleaned values for the command."""
        return self.cleaned_data
