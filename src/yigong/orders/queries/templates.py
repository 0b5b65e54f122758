"""The one list of report templates: the packs', the centre's and one's own."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import Count, Prefetch, Q

from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.core.paging import Page, page_of_list
from yigong.core.pinyin import initials
from yigong.orders.data import ReportTemplate
from yigong.orders.models import TextTemplate, TextTemplateUse, TextTemplateVersion
from yigong.orders.rules import service
from yigong.orders.rules.templates import with_units

ORIGINS = ("own", "proposed", "centre", "pack", "retired")


def templates_for(service_code: str, actor: Actor, *, retired: bool = False) -> list[ReportTemplate]:
    """What this actor may put into a report of the service: his own first, then the centre's, then the packs'. Two statements."""
    seen = Q(owner_id=actor.staff_id, state__in=("own", "proposed")) if actor.staff_id else Q(pk=None)
    seen |= Q(institution_id__in=actor.places, state="centre")
    if actor.has(service(service_code).rights.review):
        seen |= Q(institution_id__in=actor.places, state="proposed")
    if retired:
        seen |= Q(state="retired") & (Q(owner_id=actor.staff_id) | Q(institution_id__in=actor.places))
    rows = TextTemplate.objects.filter(seen, service=service_code).select_related("owner")
    newest = TextTemplateVersion.objects.order_by("template_id", "-number").distinct("template_id")
    kept = [_data(row) for row in rows.prefetch_related(Prefetch("versions", newest, to_attr="newest"))]
    found = [*kept, *service(service_code).templates()]
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
    service_code: str, actor: Actor, *, text: str = "", origin: str = "", page: int = 1
) -> Page[tuple[ReportTemplate, int]]:
    """A page of the list, by title, initials or short code, with how many signed reports began with each."""
    wanted = text.strip().lower()[:60]
    found = [
        one
        for one in templates_for(service_code, actor, retired=origin == "retired")
        if (not origin or one.origin == origin)
        and (not wanted or wanted in one.title.lower() or one.short_code.startswith(wanted) or wanted in (one.initials or initials(one.title)))
    ]  # fmt: skip
    used = uses(service_code)
    return page_of_list([(one, used.get(one.key, 0)) for one in found], page=page)


def uses(service_code: str) -> dict[str, int]:
    """Signed reports by the template they began with."""
    rows = TextTemplateUse.objects.filter(service=service_code).values_list("key")
    return dict(rows.annotate(n=Count("id")).order_by())


def template_of(template_id: UUID, actor: Actor) -> tuple[TextTemplate, Sequence[TextTemplateVersion]]:
    """One template that the actor may see, with its versions, newest first."""
    row = TextTemplate.objects.select_related("owner", "institution").filter(pk=template_id).first()
    if row is None or not (row.owner_id == actor.staff_id or row.institution_id in actor.places):
        raise NotFound()
    if row.state == "own" and row.owner_id != actor.staff_id:
        raise NotFound()
    return row, list(row.versions.order_by("-number"))


def _data(row: Any) -> ReportTemplate:
    last = row.newest[0]
    return ReportTemplate(
        str(row.pk), row.title, last.sections, frozenset(last.groups), frozenset(last.parts), last.positive, row.short_code,
        row.state, str(last.number), row.initials, row.owner.name,
    )  # fmt: skip
