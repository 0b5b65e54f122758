"""Forms of sign-in, accounts, consent and emergency access."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yigong.access.models import Consent, EmergencyAccess
from yigong.core.ui.forms import DateField, PickerField


class PasswordForm(forms.Form):
    """The old password and twice the new one."""

    old = forms.CharField(
        label=_("原密码"), strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
    )
    new = forms.CharField(
        label=_("新密码"),
        strip=False,
        max_length=128,
        help_text=_("至少 10 位，含大小写字母、数字、符号中的三种；或 16 位以上的一句话。"),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("再输一遍"), strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )

    def clean_again(self) -> str:
        """Both must be the same."""
        if self.cleaned_data["again"] != self.cleaned_data.get("new"):
            raise forms.ValidationError(_("两次输入的新密码不一致，请重新输入。"))
        return self.cleaned_data["again"]


class CodeForm(forms.Form):
    """A code from the phone or a recovery code."""

    code = forms.CharField(
        label=_("动态验证码"),
        max_length=20,
        help_text=_("手机验证器上当前显示的 6 位数字；手机不在身边时输入恢复码。"),
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class OwnPasswordForm(forms.Form):
    """The owner shows presence with the password."""

    password = forms.CharField(
        label=_("密码"), strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
    )


class AccountForm(forms.Form):
    """A login for a staff member."""

    staff_id = PickerField("access:staff_options", label=_("人员"))
    username = forms.CharField(
        label=_("用户名"), max_length=40, help_text=_("3 至 40 个字母或数字，如姓名拼音或工号。")
    )


class ReasonForm(forms.Form):
    """A reason for the record."""

    reason = forms.CharField(label=_("原因"), max_length=200)


class ConsentForm(forms.Form):
    """What the resident allows."""

    giver = forms.ChoiceField(label=_("授权人"), choices=Consent.Giver.choices, initial="self")
    giver_name = forms.CharField(label=_("授权人姓名"), max_length=60)
    method = forms.ChoiceField(label=_("授权方式"), choices=Consent.Method.choices, initial="paper")
    witness = forms.CharField(label=_("见证人"), max_length=60, required=False, help_text=_("口头授权时填写。"))
    purpose = forms.CharField(label=_("查阅目的"), max_length=200)
    ends_on = DateField(label=_("授权截止日"), help_text=_("到这一天为止，最长一年；居民可随时撤回。"))


class EmergencyForm(forms.Form):
    """Why the record must be opened without a relationship."""

    reason = forms.CharField(
        label=_("紧急情况"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("写明患者情况和需要查阅的内容，例如“昏迷患者送达急诊，需查用药史和过敏史”。"),
    )


class ReviewForm(forms.Form):
    """The verdict on an emergency access."""

    verdict = forms.ChoiceField(label=_("结论"), choices=EmergencyAccess.Verdict.choices, widget=forms.RadioSelect)
    comment = forms.CharField(label=_("说明"), max_length=500, required=False, widget=forms.Textarea({"rows": 2}))
