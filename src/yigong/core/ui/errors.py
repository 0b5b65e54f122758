"""Pages for refusals."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 with a way on."""
    return render(
        request, "ui/refused.html", {"title": "没有找到这个页面", "text": "网址不完整或内容已撤销。"}, status=404
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500 without details."""
    return HttpResponse("<h1>系统出了点问题</h1><p>您填写的内容没有丢失,请返回上一页重试。</p>", status=500)
