"""The app's words: the page hands them to the script, so that they are translated like all others."""

from django.utils.translation import gettext as _


def words() -> dict[str, str]:
    """By the names the script uses."""
    return {
        "title": _("入户随访"), "take": _("带走随访包"), "take_note": _("在有网络的地方带走，断网后也能看名单、录随访；内容用口令加密，只存在这部手机上。"),
        "pin": _("设一个 {n} 位数字口令"), "pin_again": _("再输一次口令"), "pin_differs": _("两次口令不一样，请重新输入。"), "pin_short": _("口令应为 {n} 位数字。"),
        "open": _("打开"), "pin_ask": _("输入口令打开随访包"), "pin_wrong": _("口令不对，还可以试 {n} 次。"), "pin_wiped": _("口令多次不对，名单已从手机清除；已录的随访还在，联网后用原口令上传。"),
        "online": _("有网络"), "offline": _("没有网络"), "waiting": _("{n} 条待上传"), "send": _("上传"), "sent": _("已上传 {n} 条，其中 {m} 条待核对。"), "login": _("请先登录平台，再上传或带走。"),
        "login_link": _("去登录"), "expired": _("随访包已过期，名单已清除；请重新带走。"), "revoked": _("随访包已被管理员收回，名单已清除。"), "clock_back": _("手机时间被调早了，请校准后再打开。"),
        "due": _("{n} 户 {m} 人，{k} 项"), "left_out": _("另有 {n} 人超出上限，没有带上。"), "until": _("有效到 {day}"), "overdue": _("逾期"), "closes": _("期限 {day}"), "done": _("已录"),
        "search": _("姓名或门牌"), "back": _("返回"), "save": _("保存随访"), "saved": _("已保存在手机上。"), "required": _("请填写“{label}”。"), "range": _("“{label}”应在 {min} 到 {max} 之间。"),
        "number": _("“{label}”应填数字。"), "last": _("上次"), "way": _("随访方式"), "home": _("家庭"), "clinic": _("门诊"), "phone": _("电话"), "on": _("随访日期"), "when": _("如适用"), "results": _("上传结果"),
        "accepted": _("已入档"), "review": _("待核对"), "dropped": _("不采用"), "refused": _("未接收"), "retake": _("重新带走"), "queue_first": _("还有没上传的随访，请先上传再重新带走。"), "next": _("本户下一项"),
        "unlikely": _("不常见的数值已核对无误"), "failed": _("没有成功：{why}"), "bad_line": _("网络不通，稍后再试；内容仍在手机上。"), "yes": _("是"), "no": _("否"), "secure": _("浏览器不能加密（需要 HTTPS），不能带走随访包。"),
        "day_page": _("在线工作页"), "empty": _("这几天没有到期的随访。"), "missing_queue": _("待上传的随访要用录入时的口令打开。"),
        "lots": _("选疫苗批号"), "lot_expires": _("有效期至 {day}"), "lot_left": _("剩 {n} 剂"), "lot_past": _("已过期"), "lot_out": _("已用完"), "lot_others": _("其他疫苗（{n}）"),
        "since": _("{day} 起"), "last_given": _("最近 {day} 开具"), "heard": _("随访时自述"), "ran_out": _("应于 {day} 用完"), "no_medicines": _("健康档案里没有正在用的药。"),
        "other_medicine": _("其他药品，例如自己买的"), "other_use": _("用法，例如 0.5g 每日三次"), "add_medicine": _("加一种药"), "add_line": _("加一行"), "usual": _("其余未见异常"), "how_taken": _("请选择“{name}”的服用情况。"),
        "more_medicines": _("另有 {n} 种药超出上限，没有带上。"), "allergies": _("过敏"), "more_allergies": _("，另有 {n} 种没有带上"),
    }  # fmt: skip
