"""Forms of taking on."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.core.ui.forms import PickerField


class UploadForm(forms.Form):
    """A file, and where its numbers come from."""

    file = forms.FileField(
        label=_("文件"),
        help_text=_("xlsx，或 UTF-8、GBK 编码的 CSV；第一行（或标题下的第一行）为表头。"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.xlsx,.xlsm"}),
        error_messages={"empty": _("文件是空的，请重新选择。"), "required": _("请选择要导入的文件。")},
    )
    system = forms.CharField(
        label=_("来源系统"),
        max_length=40,
        help_text=_("例如“县医院 HIS”。同一机构同一来源的编号只导入一次，请每次写得一样。"),
    )
    institution_id = PickerField(
        "network:institution_options",
        label=_("数据所属机构"),
        required=False,
        help_text=_("来源系统由一个机构使用时选它；全县共用的系统可不选。"),
    )


class UndoForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("撤销原因"), max_length=400)
