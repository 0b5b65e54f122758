"""Editions: the list, one of them, who wrote what."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.core.paging import Page, page_of
from yigong.workreport.models import ChapterText, ChapterVersion, Edition, Presence
from yigong.workreport.queries.scopes import visible_scopes

HERE = timedelta(seconds=45)


def edition(edition_id: UUID, *, actor: Actor) -> Edition:
    """One edition that the actor may open; NotFound."""
    row = visible(actor).select_related("supersedes").filter(pk=edition_id).first()
    if row is None:
        raise NotFound()
    return row


def visible(actor: Actor) -> QuerySet[Edition]:
    """All editions that the actor may open."""
    scopes = visible_scopes(actor)
    return Edition.objects.all() if scopes is None else Edition.objects.filter(scope__in=scopes)


def page_of_editions(*, actor: Actor, text: str = "", state: str = "", page: int = 1) -> Page[Edition]:
    """Editions the actor may open, the latest period first, narrowed by words (number, title, scope, who) and state."""
    rows = visible(actor).order_by("-first", "-number")
    rows = rows.filter(state=state) if state else rows.exclude(state="dropped")
    for word in text.split()[:5]:
        rows = rows.filter(
            Q(number__icontains=word)
            | Q(title__icontains=word)
            | Q(scope_name__icontains=word)
            | Q(made_by__icontains=word)
            | Q(signed_by__icontains=word)
        )
    return page_of(rows, page=page)


def chapter_text(row: Edition, chapter: str) -> ChapterText:
    """The free text of a chapter; NotFound."""
    found = row.texts.filter(chapter=chapter).first()
    if found is None:
        raise NotFound()
    return found


def versions_of(text: ChapterText, page: int = 1) -> Page[ChapterVersion]:
    """All versions of a chapter's text, those set aside included, the latest first."""
    return page_of(text.versions.order_by("-at", "-number"), page=page)


def others_at(text: ChapterText, actor: Actor) -> list[str]:
    """Who else has the chapter open for writing."""
    rows = Presence.objects.filter(chapter=text, seen_at__gt=clock.now() - HERE).order_by("name")
    return [row.name for row in rows if row.account_id != actor.account_id]


def last_written(row: Edition) -> dict[str, tuple[str, datetime]]:
    """Who wrote the version of each chapter that stands, and when."""
    found = ChapterVersion.objects.filter(chapter__edition=row, number__gt=0).order_by("number")
    return {chapter: (by, at) for chapter, by, at in found.values_list("chapter__chapter", "by", "at")}


def comparable(row: Edition, actor: Actor) -> list[Edition]:
    """Other editions of the same template that the actor may open, the latest first."""
    rows = visible(actor).filter(template=row.template, built_at__isnull=False)
    return list(rows.exclude(pk=row.pk).exclude(state="dropped").order_by("-first", "-number")[:24])


def home_card(actor: Actor) -> dict[str, int] | None:
    """How many editions wait: to be written, reviewed, issued; nothing where none does."""
    waiting = Edition.objects.filter(state__in=["draft", "review", "signed"])
    if not waiting.exists():
        return None
    rows = visible(actor).filter(pk__in=waiting)
    found = dict(rows.values_list("state").order_by().annotate(n=Count("id")))
    return {state: found.get(state, 0) for state in ("draft", "review", "signed")} if found else None
