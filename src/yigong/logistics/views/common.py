"""What the pages share."""

from django.utils.translation import gettext as _

TONES = {
    "packing": "neutral", "waiting": "warn", "aboard": "info", "arrived": "info", "received": "good", "damaged": "bad", "lost": "bad",
    "withdrawn": "muted", "planned": "neutral", "under_way": "info", "done": "good", "cancelled": "muted",
}  # fmt: skip


def views() -> dict[str, str]:
    """The tabs of the list of consignments."""
    return {
        "to_send": _("待送出"), "aboard": _("在途"), "arrived": _("待签收"), "received": _("已签收"), "failed": _("破损、丢失、撤回"),
    }  # fmt: skip


def driver_words() -> dict[str, str]:
    """The driver's script's words: the page hands them over, so that they are translated like all others."""
    return {
        "online": _("有网络"), "offline": _("没有网络：照常点，先记在手机上"), "unsent": _("未上传 {n} 条"), "sending": _("正在上传"),
        "bad_line": _("网络不通，已记在手机上，恢复后自动上传。"), "login": _("登录已过期，请重新登录后上传；已点的内容仍在手机上。"),
        "secure": _("这个网址不能离线保存（需要 HTTPS），断网时请记在纸上。"), "others": _("这部手机上还有别人的 {n} 条未上传，请用本人账号登录后上传。"),
        "kept": _("没有传上去：{why}"), "over": _("这一班已跑完，上传后生效。"), "sign_first": _("请接收人在框里签名。"), "name_first": _("请填写接收人姓名。"),
        "number": _("请填写数字。"), "unload": _("要卸 {n} 件"), "load": _("要装 {n} 件"), "aboard": _("车上 {n} 件"),
        "here": _("现在在"), "next": _("下一站"),
    }  # fmt: skip
