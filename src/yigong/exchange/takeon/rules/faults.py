"""What can be wrong with a row, in words: what is the matter, and what to do."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

RULES: dict[str, tuple[str, str]] = {
    "required": ("没有填写", "请补填这一列"),
    "unreadable": ("有无法识别的字符", "请在来源系统重新导出为 UTF-8 或 GBK"),
    "formula": ("是公式，文件里没有它的结果", "请在表格软件中打开这个文件、保存一次，或把公式粘贴为数值"),
    "spoilt": ("是公式的错误值", "请在表格软件中改正公式"),
    "scientific": ("是科学计数，长编号的后几位已经丢失", "请在来源系统重新导出，并把这一列设为文本"),
    "too_long": ("有 %(n)s 个字，超过 %(most)s 个", "请缩短"),
    "choice": ("不在代码表中", "请填代码或名称：%(known)s"),
    "date": ("不是有效的日期", "请写成 2026-03-01"),
    "moment": ("不是有效的时间", "请写成 2026-03-01 09:30"),
    "number": ("不是整数", "请只填数字"),
    "decimal": ("不是数", "请只填数字，最多四位小数"),
    "amount": ("不是金额", "请填以元为单位的数字，最多两位小数"),
    "flag": ("无法识别", "请填“是”或“否”"),
    "quotes": ("引号没有成对，无法分列", "请检查这一行的引号"),
    "width": ("有 %(n)s 列，表头有 %(wanted)s 列", "请检查这一行是否多了逗号或少了内容"),
    "twice": ("与第 %(line)s 行编号相同", "同一编号只留一行"),
    "not_after": ("早于“%(other)s”", "请核对两个日期"),
    "future": ("晚于今天", "请核对日期"),
    "sum": ("各项之和为 %(sum)s 元，与合计不符", "请核对金额"),
    "beyond": ("大于“%(other)s”", "请核对金额"),
    "negative": ("小于 0", "请核对金额"),
    "sign": ("与数量一正一负", "退费的数量和金额都写负数"),
    "product": ("与单价乘数量（%(sum)s 元）不符", "请核对单价、数量和金额"),
    "item": ("收费目录中没有这个国家编码", "请补填费用类别，或核对编码"),
    "item_noted": ("收费目录中没有这个国家编码（%(name)s）", "已按文件中的费用类别导入，请核对编码或补充目录"),
    "outside": ("县外就医没有写医院", "请补填医院名称"),
    "revision": ("这一版已经入账，内容不同", "更正请提高版次"),
    "settled_here": ("本县窗口已有这次结算", "不必导入，以免重复计算"),
    "institution": ("没有这个机构", "请核对机构代码，或先导入机构"),
    "house_name": ("与平台登记的名称“%(name)s”不同", "请核对机构代码是否填错了行"),
    "department": ("该机构没有这个科室", "请核对科室代码，或先导入科室"),
    "staff": ("没有这个工号", "请核对工号，或先导入人员"),
    "place": ("没有这个区划", "请核对区划代码"),
    "resident": ("没有找到这位居民", "请先导入居民，或核对来源编号与证件号"),
    "person": ("证件号与来源编号指向不同的人", "请核对是否串号"),
    "number_bad": ("%(text)s", "请核对证件号"),
    "encounter": ("没有找到这次就诊或住院", "请先导入就诊或住院，或核对编号"),
    "built_on": ("内容有变化，但已有其他记录引用", "请在相应页面更正"),
    "refused": ("%(text)s", "请按提示修改"),
    "kept": ("%(text)s", "未撤销"),
}  # fmt: skip


def what(rule: str, said: Mapping[str, Any]) -> str:
    """What is wrong."""
    return _(RULES[rule][0]) % said


def todo(rule: str, said: Mapping[str, Any]) -> str:
    """What to do about it."""
    return _(RULES[rule][1]) % said
