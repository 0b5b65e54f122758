"""Pages for refusals and faults: what happened, whether anything is lost, and the way on."""

import errno
import sys
from dataclasses import dataclass

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg.errors import DiskFull

from yigong.core.errors import DomainError, InvalidInput


@dataclass(frozen=True)
class Refusal:
    """A refusal as the page shows it."""

    status: int
    title: str
    text: str
    next_step: str = ""
    retry: bool = False
    links: tuple[tuple[str, str], ...] = ()


_TITLES = {
    400: gettext_lazy("请求无法识别"),
    403: gettext_lazy("没有权限"),
    404: gettext_lazy("没有找到"),
    409: gettext_lazy("现在不能完成"),
    413: gettext_lazy("内容太大"),
    422: gettext_lazy("填写有误"),
}


def refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """A DomainError as a page, or as a short notice where a part of a page was asked for."""
    title = str(_TITLES.get(error.status, _("现在不能完成")))
    decision = getattr(error, "decision", None)
    if decision is not None:
        return show(
            request, Refusal(error.status, title, decision.explanation, decision.next_step, links=decision.links)
        )
    sentences = list(error.errors.values()) if isinstance(error, InvalidInput) else []
    text = " ".join([str(error), *map(str, sentences)])
    step = str(error.fields.get("next_step", ""))
    return show(request, Refusal(error.status, title, text, step, retry=error.status == 409))


def show(request: HttpRequest, what: Refusal) -> HttpResponse:
    """Render a refusal; htmx gets a fragment that the page shows as a toast."""
    part = bool(getattr(request, "htmx", False)) and not request.htmx.boosted  # type: ignore[attr-defined]
    template = "ui/refused_part.html" if part else "ui/refused.html"
    return render(request, template, {"refusal": what}, status=what.status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 when too much was sent at once."""
    if isinstance(exception, RequestDataTooBig):
        text = _("一次提交的文字超过了上限。请把过长的内容拆开，或作为附件上传。")
        return show(request, Refusal(413, str(_TITLES[413]), text, retry=True))
    return show(request, Refusal(400, str(_TITLES[400]), _("地址或内容不完整，请从菜单重新进入。")))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 from the framework."""
    return show(request, Refusal(403, str(_TITLES[403]), _("您没有这项操作的权限。")))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 with a way on."""
    return show(request, Refusal(404, str(_TITLES[404]), _("网址不完整，或内容已被撤销。可从菜单或搜索重新进入。")))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's safety mark is out of date: what was typed is kept in the browser and refilled."""
    text = _("页面打开太久，或您在另一个窗口重新登录过。您填写的内容已保存在本机，返回后会自动填回。")
    return show(request, Refusal(403, _("请返回再提交一次"), text, retry=True))


def server_error(request: HttpRequest) -> HttpResponse:
    """500 without details; needs neither the database nor the session. A full disk (507) and a lost database (503) say so."""
    status, text = _fault(sys.exc_info()[1])
    return HttpResponse(loader.get_template("ui/broken.html").render({"text": text}), status=status)


def _fault(error: BaseException | None) -> tuple[int, str]:
    kept = _("这次没有保存，也没有存下一半；您填写的内容还在本机，返回后会自动填回。")
    if isinstance(error, OperationalError) and isinstance(error.__cause__, DiskFull):
        return 507, _("服务器的磁盘满了，请通知系统管理员清理空间。") + kept
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return 507, _("服务器的磁盘满了，请通知系统管理员清理空间。") + kept
    if isinstance(error, OperationalError):
        return 503, _("数据库暂时连接不上（可能正在重启），请过一会儿再试。") + kept
    return 500, _("系统出了点问题，已记录下来。") + kept
