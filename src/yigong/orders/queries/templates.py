"""The one list of templates, of reports or of requests: the packs', the shared ones and one's own."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import Count, Prefetch, Q
from django.urls import reverse

from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.core.paging import Page, page_of_list
from yigong.core.pinyin import initials
from yigong.orders.data import CatalogueItem, ReportTemplate, RequestPart, ServiceDefinition
from yigong.orders.models import TextTemplate, TextTemplateUse, TextTemplateVersion
from yigong.orders.rules import requests, service
from yigong.orders.rules.templates import may_see, with_units
from yigong.records import api as records
from yigong.residents import api as residents

ORIGINS = ("own", "proposed", "centre", "pack", "retired")
OVER = ("retired", "withdrawn")  # one of them in every list: taken out of use


def templates_for(
    service_code: str, actor: Actor, *, kind: str = "report", retired: bool = False
) -> list[ReportTemplate]:
    """What this actor may begin a report of the service with, or a request (``kind``): his own first, then what is shared, then the packs'. Two
    statements."""
    definition = service(service_code)
    near = Q(institution_id__in=actor.places)
    if kind == "request":
        near &= Q(department_id__isnull=True) | Q(department_id=actor.department_id)
    seen = Q(owner_id=actor.staff_id, state__in=("own", "proposed")) if actor.staff_id else Q(pk=None)
    seen |= near & Q(state="centre")
    if kind == "report" and actor.has(definition.rights.review):
        seen |= near & Q(state="proposed")
    if retired:
        seen |= Q(owner_id=actor.staff_id, state__in=OVER) if actor.staff_id else Q(pk=None)
        seen |= near & Q(state="withdrawn")
    rows = TextTemplate.objects.filter(seen, service=service_code, kind=kind).select_related("owner")
    newest = TextTemplateVersion.objects.order_by("template_id", "-number").distinct("template_id")
    kept = [_data(row) for row in rows.prefetch_related(Prefetch("versions", newest, to_attr="newest"))]
    found = [*kept, *(definition.templates() if kind == "report" else requests.common(service_code))]
    return sorted(found, key=lambda t: ORIGINS.index(t.origin))


def choices(service_code: str, actor: Actor) -> list[ReportTemplate]:
    """The same list as the picker beside a report takes it: units behind their blanks, initials for all, without what waits to be shared."""
    return [
        replace(
            one, sections={code: with_units(text) for code, text in one.sections.items()},
            initials=one.initials or initials(one.title),
        )
        for one in templates_for(service_code, actor)
        if one.origin != "proposed" or one.owner == actor.name
    ]  # fmt: skip


def searched(
    service_code: str, actor: Actor, *, kind: str = "report", text: str = "", origin: str = "", page: int = 1
) -> Page[tuple[ReportTemplate, int]]:
    """A page of the list, by title, initials or short code, with how often each was used."""
    wanted = text.strip().lower()[:60]
    found = [
        one
        for one in templates_for(service_code, actor, kind=kind, retired=origin == "retired")
        if (not origin or one.origin == origin)
        and (not wanted or wanted in one.title.lower() or one.short_code.startswith(wanted) or wanted in (one.initials or initials(one.title)))
    ]  # fmt: skip
    used = uses(service_code, kind)
    return page_of_list([(one, used.get(one.key, 0)) for one in found], page=page)


def uses(service_code: str, kind: str = "report") -> dict[str, int]:
    """Signed reports, or placed orders, by the template they began with."""
    rows = TextTemplateUse.objects.filter(service=service_code, order__isnull=kind == "report").values_list("key")
    return dict(rows.annotate(n=Count("id")).order_by())


def title_then(one: ReportTemplate, version: str) -> str:
    """What a template was called in one of its versions; empty for a version that never was."""
    if one.origin == "pack":
        return one.title if version == one.version else ""
    number = int(version) if version.isdecimal() and len(version) < 6 else 0
    found = TextTemplateVersion.objects.filter(template_id=UUID(one.code), number=number).first()
    return (found.title or one.title) if found else ""


def used_in(order_id: UUID, actor: Actor) -> list[tuple[str, str, str]]:
    """The templates that a request was written with: title and version of that day, and the address of the template for who may see it."""
    found = []
    for use in TextTemplateUse.objects.filter(order_id=order_id).order_by("at", "id"):
        own = None if use.key.startswith("pack:") else TextTemplate.objects.filter(pk=use.key).first()
        address = f"{reverse('orders:template', args=[own.pk])}#v{use.version}" if own and may_see(own, actor) else ""
        found.append((use.title, use.version, address))
    return found


def offers(service_code: str, resident_id: UUID, actor: Actor) -> list[dict[str, Any]]:
    """The request templates for the page of a request about a resident: his own and the most used first. ``data`` is what the page fills in, the places
    that the record knows filled."""
    definition, person = service(service_code), residents.identity(resident_id)
    found = [
        one
        for one in templates_for(service_code, actor, kind="request")
        if one.request is None or one.request.sex in ("", person.sex)
    ]
    if not found:
        return []
    words = requests.known(person, records.summary(resident_id, actor=actor))
    used, items = uses(service_code, "request"), {item.code: item for item in definition.catalogue()}
    found.sort(key=lambda one: (ORIGINS.index(one.origin), -used.get(one.key, 0), one.title))
    return [_offer(one, words, items, definition) for one in found]


def _offer(
    one: ReportTemplate, words: Mapping[str, str], items: Mapping[str, CatalogueItem], definition: ServiceDefinition
) -> dict[str, Any]:
    part = one.request or RequestPart()
    here = [items[code] for code in part.items if code in items]
    data = {
        "key": f"{one.key}@{one.version}", "title": one.title, "gone": len(part.items) - len(here),
        "items": [
            {"code": i.code, "name": i.name, "group": i.group, "kind": definition.word(f"group_{i.group}", i.group)} for i in here
        ],
        "texts": {name: requests.filled(text, words) for name, text in one.sections.items() if name in requests.TEXTS},
        "choices": ({"priority": part.priority} if part.priority else {})
        | ({"item_code": here[0].code} if definition.asked.one_item and here else {}) | dict(part.choices),
        "samples": list(part.samples), "pieces": list(part.pieces),
    }  # fmt: skip
    about = "、".join(item.name for item in here)
    return {"title": one.title, "origin": one.origin, "about": about, "data": json.dumps(data, ensure_ascii=False)}


def template_of(template_id: UUID, actor: Actor) -> tuple[TextTemplate, Sequence[TextTemplateVersion]]:
    """One template that the actor may see, with its versions, newest first."""
    row = TextTemplate.objects.select_related("owner", "institution", "department").filter(pk=template_id).first()
    if row is None or not may_see(row, actor):
        raise NotFound()
    return row, list(row.versions.order_by("-number"))


def _data(row: Any) -> ReportTemplate:
    last = row.newest[0]
    return ReportTemplate(
        str(row.pk), row.title, last.sections, frozenset(last.groups), frozenset(last.parts), last.positive, row.short_code,
        "retired" if row.state in OVER else row.state, str(last.number), row.initials, row.owner.name, part_of(last),
    )  # fmt: skip


def part_of(version: TextTemplateVersion) -> RequestPart | None:
    """What a version sets besides its texts; None for a report's."""
    kept = version.request
    if not kept:
        return None
    return RequestPart(
        tuple(kept["items"]),
        kept["priority"],
        tuple(kept["samples"]),
        kept["choices"],
        tuple(kept["pieces"]),
        kept["sex"],
    )
