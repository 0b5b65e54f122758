"""Texts are found wherever people may read them."""

import ast
from pathlib import Path

from yigong.core.ui import messages


def test_texts_of_every_kind_are_found() -> None:
    """Gettext calls, labels, sentences in lists: yes. Docstrings, log lines, f-strings: no."""
    source = '''
"""说明"""
class NoBed(E):
    """说明。"""
    message = "没有空床。"
A = declare("x", "申请转诊", roles={"gp"})
B = {"1": "男"}
def f(n):
    log.warning("日志 %s", n)
    return _("共 %(n)s 条") + f"拼接{n}"
'''
    found = {text for text, _plural in messages._texts_in_python(ast.parse(source))}
    assert found == {"没有空床。", "申请转诊", "男", "共 %(n)s 条"}


def test_translated_variables_are_passed_over(tmp_path: Path) -> None:
    """A template may translate a variable or count with one: only its literal texts are collected."""
    page = tmp_path / "page.html"
    page.write_text('{{ _(label) }}{{ ngettext(one, many, n) }}{{ _("床位") }}', "utf-8")
    assert list(messages._texts_in(page)) == [("床位", "")]


def test_every_app_has_its_texts() -> None:
    """The collection covers the shell's own words and the ground's refusals."""
    found = messages.collect()
    assert "您没有这项操作的权限。" in found["yigong.core.ui"]
    assert "切换到" in found["yigong.core.ui"]
    print(f"\n{sum(map(len, found.values()))} texts in {len(found)} apps")
