"""Print: ``print_document("report", "orders/report", values, actor=actor, about=About("report", report.id, str(report.version)))``."""

import re
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.http import HttpResponse

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.ids import new_id
from yigong.core.numbers.api import dated_number
from yigong.core.printing.codes import bar_code, qr_code
from yigong.core.printing.data import About, PrintedDocument, PrintLineData
from yigong.core.printing.fonts import covers, legible
from yigong.core.printing.models import PrintedSheet, PrintLine
from yigong.core.printing.typesetting import draw, typeset

__all__ = [
    "About",
    "PrintLineData",
    "PrintedDocument",
    "answer",
    "bar_code",
    "covers",
    "draw",
    "legible",
    "print_document",
    "prints_of",
    "qr_code",
    "typeset",
]


# The typesetter writes its page tree uncompressed.
_PAGE_COUNT = re.compile(rb"/Type\s*/Pages\s*/Count (\d+)")


@racing("printing.print_document")
@transaction.atomic
def print_document(
    kind: str,
    template: str,
    data: dict[str, Any],
    *,
    actor: Actor,
    about: About,
    institution: str = "",
    title: str = "",
) -> PrintedDocument:
    """Typeset a sheet, count it and log it; nothing is logged when typesetting fails.

    ``kind`` is stable (``referral_form``); ``template`` names ``<app>/<file>`` without ending; ``data`` holds text, numbers, dates,
    lists and dicts. The heading is ``institution``, by default the actor's. Whether the actor may read what is printed, the caller
    has decided. The second and later copies carry the mark 第 n 次打印（补打）.
    """
    sheet, copy = _count(kind, about)
    mark = {
        "institution": institution or actor.institution_name,
        "number": sheet.number,
        "copy": copy,
        "printed_by": actor.name,
        "printed_at": clock.now(),
    }
    pdf = typeset(template, data, mark)
    pages = _pages(pdf)
    PrintLine.objects.create(
        sheet=sheet,
        copy=copy,
        account_id=actor.account_id,
        staff_id=actor.staff_id,
        actor_name=actor.name,
        institution_id=actor.institution_id,
        address=actor.address,
        pages=pages,
        digest=sha256(pdf).hexdigest(),
    )
    return PrintedDocument(pdf, sheet.number, copy, pages, title or str(data.get("title", kind)))


def prints_of(about: About) -> list[PrintLineData]:
    """Who printed sheets about this object, latest first (all its versions)."""
    lines = PrintLine.objects.filter(sheet__about_kind=about.kind, sheet__about_id=about.id)
    return [
        PrintLineData(line.sheet.number, line.sheet.kind, line.copy, line.at, line.actor_name, line.pages)
        for line in lines.select_related("sheet").order_by("-at", "-copy")
    ]


def answer(document: PrintedDocument) -> HttpResponse:
    """The PDF for the browser's own viewer, never kept in a cache."""
    response = HttpResponse(document.pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{document.number}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def _count(kind: str, about: About) -> tuple[PrintedSheet, int]:
    """One more copy, counted by the database: two printers at once get two numbers."""
    place = {"kind": kind, "about_kind": about.kind, "about_id": about.id, "version": about.version}
    if not PrintedSheet.objects.filter(**place).exists():
        fresh = PrintedSheet(**place, id=new_id(), number=dated_number("print", "DY"))
        PrintedSheet.objects.bulk_create([fresh], ignore_conflicts=True)
    sheet = PrintedSheet.objects.select_for_update().get(**place)
    sheet.copies += 1
    sheet.save(update_fields=["copies"])
    return sheet, sheet.copies


def _pages(pdf: bytes) -> int:
    found = _PAGE_COUNT.search(pdf)
    return int(found[1]) if found else 1
