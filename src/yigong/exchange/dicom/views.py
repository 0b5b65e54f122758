"""Pages of the archive: list, quick look, unmatched, nodes, storage, upload."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from yigong.core.asked import DAMAGED_ZIP
from yigong.core.errors import DomainError, NotFound
from yigong.core.paging import number_of
from yigong.core.rights import guarded, note_decision
from yigong.core.ui import forms as ui
from yigong.exchange.dicom import api, commands, forms, matching, policies, queries, rules
from yigong.exchange.dicom.archive import files, pixels
from yigong.exchange.dicom.archive.settling import settle
from yigong.exchange.dicom.errors import NotDicom, NotStored, TooLarge
from yigong.exchange.dicom.models import ConflictingInstance, Instance, Node, Series, Study, StudyAttachment
from yigong.exchange.dicom.scp import client
from yigong.exchange.dicom.web import multipart, stow, wado
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.residents import api as residents

MODALITIES = ["CT", "MR", "CR", "DX", "DR", "US", "MG", "XA", "ES", "NM", "PT", "ECG"]
# (name, centre, width) in Hounsfield units
PRESETS = [
    (gettext_lazy("腹部"), 40, 400), (gettext_lazy("肺"), -600, 1500), (gettext_lazy("纵隔"), 50, 350), (gettext_lazy("骨"), 400, 1800),
    (gettext_lazy("脑"), 40, 80), (gettext_lazy("肝"), 60, 160), (gettext_lazy("血管"), 300, 600),
]  # fmt: skip


@guarded(policies.READ)
def studies(request: HttpRequest) -> HttpResponse:
    """All studies the actor may open, with search."""
    asked = request.GET
    found = queries.search(
        policies.visible(request.actor),
        text=asked.get("q", "")[:60],
        modality=asked.get("modality", "")[:16],
        since=rules.parse_date(asked.get("since", "")),
        until=rules.parse_date(asked.get("until", "")),
        page=number_of(asked.get("page")),
    )
    note_decision()
    page = {"page": found, "asked": asked, "modalities": MODALITIES, "may_send": request.actor.has(policies.SEND)}
    return render(request, "dicom/studies.html", page)


@guarded(policies.READ, about="study")
def study(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """The quick look: thumbnails, one image, frames, windows; without script too. ``embed=1`` is for the reading page."""
    row = _opened(request, study_id)
    series = list(row.series.order_by("number", "id"))
    chosen = next((s for s in series if str(s.pk) == request.GET.get("series")), _first_shown(series))
    total = _picture_count(chosen) if chosen else 0
    number = min(max(1, number_of(request.GET.get("n"))), max(total, 1))
    page = {
        "study": queries.to_data([row])[0],
        "series": series,
        "chosen": chosen,
        "total": total,
        "number": number,
        "window": request.GET.get("window", ""),
        "presets": PRESETS if chosen and chosen.modality == "CT" else [],
        "viewer": queries.full_viewer_url(row.uid) if queries.viewer_installed() else "",
        "may_match": request.actor.has(policies.MATCH),
        "attachment": StudyAttachment.objects.filter(study=row, detached_at__isnull=True).first(),
        "conflicts": row.conflicts.filter(resolved_at__isnull=True),
    }
    template = "dicom/embedded.html" if request.GET.get("embed") else "dicom/study.html"
    return render(request, template, page)


@guarded(policies.READ, about="study")
def picture(request: HttpRequest, study_id: UUID, series_id: UUID, number: int) -> HttpResponse:
    """Picture ``number`` (from 1) of a series: its images in order, each with all its frames."""
    policies.open_study(study_id, actor=request.actor)
    rows = Instance.objects.filter(series_id=series_id, series__study_id=study_id, frames__gt=0)
    place = number
    for pk, frames in rows.order_by("number", "id").values_list("pk", "frames"):
        if place <= frames:
            row = Instance.objects.defer("header").get(pk=pk)
            return wado.picture(request, row, place, largest=1024)
        place -= frames
    raise NotFound()


@guarded(policies.READ, about="study")
def thumbnail(request: HttpRequest, study_id: UUID, series_id: UUID | None = None) -> HttpResponse:
    """A small picture of a study or series; a drawing where there is nothing to see."""
    policies.open_study(study_id, actor=request.actor)
    rows = Series.objects.filter(study_id=study_id)
    chosen = rows.filter(pk=series_id).first() if series_id else _first_shown(list(rows.order_by("number", "id")))
    row = wado.middle_of(chosen) if chosen else None
    if row is None:
        return redirect("/static/dicom/no-picture.svg")
    try:
        return wado.picture(request, row, 1, largest=120)
    except pixels.NotRenderable:
        return redirect("/static/dicom/no-picture.svg")


@guarded(policies.MATCH)
def unmatched(request: HttpRequest) -> HttpResponse:
    """Studies that wait for a person, longest waiting first."""
    page = api.unmatched(actor=request.actor, page=number_of(request.GET.get("page")))
    note_decision()
    conflicts = ConflictingInstance.objects.filter(resolved_at__isnull=True).select_related("study")[:50]
    return render(request, "dicom/unmatched.html", {"page": page, "conflicts": conflicts})


@guarded(policies.MATCH, about="study")
def match(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Compare a study with an order side by side, and attach it."""
    row = _opened(request, study_id)
    form = forms.AttachForm(request.POST or None, initial=_proposed(row))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            return ui.once(request, lambda: _attached(row, values, request))
        except DomainError as refusal:
            ui.refuse(form, refusal)
    page = {"study": queries.to_data([row])[0], "form": form, "proposal": _proposal(row, request)}
    return ui.page(request, "dicom/match.html", page, form=form)


@guarded(policies.MATCH, about="study")
def detach(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Undo an attachment with a reason."""
    row = _opened(request, study_id)
    form = forms.DetachForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            commands.detach_study(study_id=row.pk, reason=reason, actor=request.actor)
            return redirect("dicom:match", row.pk)
        except DomainError as refusal:
            ui.refuse(form, refusal)
    return ui.page(request, "dicom/detach.html", {"study": queries.to_data([row])[0], "form": form}, form=form)


@guarded(policies.MATCH)
def pick_order(request: HttpRequest) -> HttpResponse:
    """Orders for the picker: by name, initials, order or accession number."""
    text = request.GET.get("q", "").strip()[:60]
    rows = _orders_like(text, request) if len(text) > 1 else []
    names = residents.resident_names([row.resident_id for row in rows])
    items = [(str(row.id), _order_label(row, names), f"{row.state_label} {row.item_names}") for row in rows]
    return render(request, "ui/options.html", {"items": items, "total": len(items)})


def _orders_like(text: str, request: HttpRequest) -> list[Any]:
    """Orders performed or asked for at the actor's places, and the one with exactly this accession number."""
    found = [row for code in orders.services() for row in orders.performing_list(code, request.actor, text=text).items]
    found += orders.order_list(request.actor, text=text).items
    exact = orders.find_by_accession(text)
    return list({row.id: row for row in [*([exact] if exact else []), *found]}.values())[:20]


@guarded(policies.MANAGE)
def nodes(request: HttpRequest) -> HttpResponse:
    """Devices and archives with what they may do."""
    rows = list(Node.objects.order_by("-is_active", "name"))
    places = network.institutions({node.institution_id for node in rows if node.institution_id})
    return render(request, "dicom/nodes.html", {"nodes": rows, "places": places, "use": queries.storage_use()})


@guarded(policies.MANAGE)
def node(request: HttpRequest, node_id: UUID | None = None) -> HttpResponse:
    """Register or change a node."""
    row = Node.objects.filter(pk=node_id).first() if node_id else None
    if node_id and row is None:
        raise NotFound()
    form = forms.NodeForm(request.POST or None, initial=_node_initial(row))
    if request.method == "POST" and form.is_valid():
        values = form.values()
        try:
            return ui.once(request, lambda: _saved_node(node_id, values, request))
        except DomainError as refusal:
            ui.refuse(form, refusal)
    return ui.page(request, "dicom/node.html", {"form": form, "node": row}, form=form)


@guarded(policies.MANAGE)
def pick_institution(request: HttpRequest) -> HttpResponse:
    """Institutions for the picker."""
    found = network.search_institutions(request.GET.get("q", "")[:60], limit=20)
    rows = getattr(found, "items", found)
    items = [(str(place.id), place.name, place.short_name) for place in rows]
    return render(request, "ui/options.html", {"items": items, "total": len(items)})


@guarded(policies.MANAGE)
@require_POST
def echo(request: HttpRequest, node_id: UUID) -> HttpResponse:
    """Call a node with C-ECHO and say how it went."""
    row = Node.objects.filter(pk=node_id).first()
    if row is None:
        raise NotFound()
    answer = client.echo(row)
    return render(request, "dicom/echo.html", {"answer": answer, "node": row})


@guarded(policies.SEND)
def upload(request: HttpRequest) -> HttpResponse:
    """Send files or a zip from a township without a connected device."""
    if request.method == "POST":
        rows = [_take_upload(given, given.name or "", request) for given in request.FILES.getlist("files")]
        return render(request, "dicom/upload.html", {"results": [line for lines in rows for line in lines]})
    return render(request, "dicom/upload.html", {"results": []})


@guarded(policies.SEND)
@require_POST
def upload_one(request: HttpRequest) -> HttpResponse:
    """One file as the raw body, streamed to disk; answers with its lines for the page."""
    name = unquote(request.headers.get("X-File-Name", ""))[:200]
    if int(request.headers.get("Content-Length") or 0) > multipart.LIMIT:
        too_large = TooLarge(limit="2 GB")
        return render(request, "dicom/uploaded.html", {"results": [_line(name, str(too_large))]}, status=413)
    lines = _take_upload(request, name, request)
    return render(request, "dicom/uploaded.html", {"results": lines})


def _take_upload(source: Any, name: str, request: HttpRequest) -> list[dict[str, Any]]:
    files.prepare()
    intake = stow.intake_of(request.actor)
    try:
        place = multipart.receive_whole(source)
    except NotStored as refusal:
        return [_line(name, str(refusal))]
    try:
        lines = list(_take_zip(place, name, intake)) if zipfile.is_zipfile(place) else [_take_file(place, name, intake)]
    finally:
        place.unlink(missing_ok=True)
    for study_id in intake.studies:
        settle(study_id)
    return lines


def _take_file(place: Path, name: str, intake: Any) -> dict[str, Any]:
    try:
        stored = stow.store_file(place, intake)
    except NotStored as refusal:
        return _line(name, str(refusal))
    words = {
        "new": _("已存入"),
        "again": _("已有相同影像，未重复存入"),
        "conflict": _("与已有影像标识相同但内容不同，已另存待核对"),
    }
    return _line(name, words[stored.outcome], study_id=stored.study_id, good=stored.outcome != "conflict")


def _take_zip(place: Path, name: str, intake: Any) -> Iterator[dict[str, Any]]:
    """Each object in a zip; other files are named and left. A zip that grows beyond the limit is refused."""
    left = multipart.LIMIT
    try:
        with zipfile.ZipFile(place) as archive:
            for entry in archive.infolist():
                if entry.is_dir() or entry.filename.upper().endswith("DICOMDIR"):
                    continue
                left -= entry.file_size
                if left < 0:
                    yield _line(name, str(TooLarge(limit="2 GB")))
                    return
                with archive.open(entry) as inside:
                    part = multipart.receive_whole(inside)
                try:
                    yield _take_file(part, entry.filename, intake)
                finally:
                    part.unlink(missing_ok=True)
    except (*DAMAGED_ZIP, io.UnsupportedOperation):
        yield _line(name, str(NotDicom(what="zip")))


def _line(name: str, text: str, *, study_id: UUID | None = None, good: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "text": text,
        "good": good,
        "url": reverse("dicom:study", args=[study_id]) if study_id else "",
    }


def _opened(request: HttpRequest, study_id: UUID) -> Study:
    row = Study.objects.filter(pk=study_id).first()
    if row is None:
        raise NotFound()
    policies.open_study(row.pk, actor=request.actor)
    return row


def _first_shown(series: list[Series]) -> Series | None:
    shown = Instance.objects.filter(series__in=series, frames__gt=0).values_list("series_id", flat=True).distinct()
    ids = set(shown)
    return next((s for s in series if s.pk in ids), series[0] if series else None)


def _picture_count(series: Series) -> int:
    return sum(Instance.objects.filter(series=series).values_list("frames", flat=True))


def _proposed(row: Study) -> dict[str, Any]:
    found = _proposal(row, None)
    return {"order": found["order"].id, "order__text": found["label"]} if found else {}


def _proposal(row: Study, request: HttpRequest | None) -> dict[str, Any] | None:
    """The order that the identifiers point to, and what differs, for the comparison."""
    found = matching.propose(row)
    order = orders.find_by_accession(found.accession) if found else None
    if found is None or order is None:
        return None
    person = residents.resident_names([found.resident_id])[found.resident_id]
    label = f"{person.name} {person.sex_label} {person.age_text} · {order.number}"
    return {"match": found, "order": order, "person": person, "label": label}


def _attached(row: Study, values: dict[str, Any], request: HttpRequest) -> str:
    commands.attach_study(study_id=row.pk, order_id=values["order"], reason=values["reason"], actor=request.actor)
    return reverse("dicom:study", args=[row.pk])


def _order_label(row: Any, names: dict[UUID, Any]) -> str:
    person = names.get(row.resident_id)
    return f"{person.name} {person.sex_label} {person.age_text} · {row.number}" if person else row.number


def _node_initial(row: Node | None) -> dict[str, Any]:
    if row is None:
        return {"may_store": True, "is_active": True}
    names = [*forms.NodeForm.base_fields]
    place = network.institutions({row.institution_id}) if row.institution_id else {}
    label = {"institution_id__text": next(iter(place.values())).name} if place else {}
    return {name: getattr(row, name) for name in names} | label


def _saved_node(node_id: UUID | None, values: dict[str, Any], request: HttpRequest) -> str:
    commands.save_node(node_id=node_id, actor=request.actor, **values)
    return reverse("dicom:nodes")
