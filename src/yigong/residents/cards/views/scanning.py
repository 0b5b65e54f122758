"""Scanning a code or a card, and for whom its bearer has come."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yigong.core.rights import guarded
from yigong.residents import api as residents
from yigong.residents.cards import policies
from yigong.residents.cards.commands import scan as use
from yigong.residents.cards.forms import ScanForm
from yigong.residents.cards.reading import answer
from yigong.residents.proxies import api as proxies


@guarded(policies.SCAN)
def scan(request: HttpRequest) -> HttpResponse:
    """A field for the scanner's keystrokes, the camera where the browser offers it; a good code opens the file."""
    form = ScanForm(request.POST or None)
    told = None
    if request.method == "POST" and form.is_valid():
        found = use(text=form.cleaned_data["code"], actor=request.actor)
        told = answer(found, form.cleaned_data["code"]) if found else residents.ScanAnswer(_unknown())
        if told.goes_on:
            if told.sentence:
                messages.info(request, told.sentence)
            return redirect(told.url)
    return render(request, "cards/scan.html", {"told": told}, status=422 if told or form.errors else 200)


def _unknown() -> str:
    return _("没有登记这个码或卡号。请核对后重扫；首次持卡的，先查找居民再登记这张卡。")


@guarded(policies.SCAN, about="resident")
def choose(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """The bearer acts for others too: whose file is it today?"""
    person = residents.access_resident(resident_id, actor=request.actor, purpose=_("扫码"))
    values = {"resident": person, "wards": proxies.acting_for(person.id), "file_address": residents.file_address}
    return render(request, "cards/choose.html", values)
