"""Editions of work reports: the figures each was made from, the free text of its chapters with every version, files that came back from Word."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful


@audited
class Edition(Stateful):
    """One report of one period and scope. ``places`` are the institutions it speaks of, null the whole county; ``spans`` says of each
    span (now, previous, last_year) whether its figures were frozen, by whom and when; a correction ``supersedes`` an issued edition.
    """

    number = models.CharField(max_length=24, unique=True)
    title = models.CharField(max_length=120)
    template = models.CharField(max_length=60)
    template_version = models.CharField(max_length=20)
    kind = models.CharField(max_length=8)
    first = models.DateField()
    last = models.DateField()
    scope = models.CharField(max_length=60)
    scope_name = models.CharField(max_length=80)
    places = models.JSONField(null=True)
    provisional = models.BooleanField()
    spans = models.JSONField(default=dict)
    supersedes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="successors")
    reason = models.CharField(max_length=300, blank=True)
    job_id = models.UUIDField(null=True)
    made_by = models.CharField(max_length=80)
    built_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    signed_by = models.CharField(max_length=80, blank=True)
    signed_staff_id = models.UUIDField(null=True)
    signed_at = models.DateTimeField(null=True)
    issued_by = models.CharField(max_length=80, blank=True)
    issued_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-first", "-number"], name="workreport_edition_by_period")]
        constraints = [
            models.UniqueConstraint(
                fields=["template", "kind", "first", "scope", "supersedes"], condition=~Q(state="dropped"),
                name="workreport_edition_once", nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(kind__in=["month", "quarter", "year"]), name="workreport_edition_kind"),
            models.CheckConstraint(
                condition=Q(last__gte=F("first"), first__day=1, last__day=1), name="workreport_edition_span"
            ),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True) | ~Q(reason=""), name="workreport_correction_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["issued", "superseded"]) | Q(issued_at__isnull=False), name="workreport_issued_says_when"
            ),
        ]  # fmt: skip


class EditionFigure(models.Model):
    """One figure as it was read when the edition was built. ``numerator`` null: nothing was counted. Append-only.

    ``span`` is now, previous or last_year; ``place_code`` is empty for the whole scope, ``-`` for what belongs to no institution.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="figures")
    span = models.CharField(max_length=10)
    code = models.CharField(max_length=60)
    variant = models.CharField(max_length=2, blank=True)
    place_code = models.CharField(max_length=22, blank=True)
    place_name = models.CharField(max_length=120, blank=True)
    version = models.CharField(max_length=20)
    numerator = models.BigIntegerField(null=True)
    denominator = models.BigIntegerField(null=True)
    provisional = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "span", "code", "variant", "place_code"], name="workreport_figure_once"
            ),
            models.CheckConstraint(
                condition=Q(span__in=["now", "previous", "last_year"]), name="workreport_figure_span"
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class ChapterText(models.Model):
    """The free text of a chapter as it stands, with the number of its version; 0 is empty."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="texts")
    chapter = models.CharField(max_length=40)
    text = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "chapter"], name="workreport_chapter_once")]


class ChapterVersion(models.Model):
    """One version of a chapter's text: who wrote it, when, on what page. Append-only; number 0 was set aside, because somebody else had
    saved meanwhile, and is kept so that nothing is lost.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    chapter = models.ForeignKey(ChapterText, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    source = models.CharField(max_length=10)
    by = models.CharField(max_length=80)
    account_id = models.UUIDField(null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["chapter", "number"], condition=Q(number__gt=0), name="workreport_version_once"
            ),
            models.CheckConstraint(
                condition=Q(source__in=["page", "word", "carried"]), name="workreport_version_source"
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class Presence(models.Model):
    """Who has a chapter open for writing, as last heard of."""

    chapter = models.ForeignKey(ChapterText, on_delete=models.CASCADE, related_name="present")
    account_id = models.UUIDField()
    name = models.CharField(max_length=80)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chapter", "account_id"], name="workreport_presence_once")]


class ReturnedFile(models.Model):
    """A Word file that came back: the text found in each chapter, which figures were changed or are gone, and when it was taken over."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="returned")
    name = models.CharField(max_length=120)
    texts = models.JSONField()
    refused = models.JSONField(default=list)
    made_by = models.CharField(max_length=80)
    account_id = models.UUIDField(null=True)
    made_at = models.DateTimeField(db_default=Now())
    taken_at = models.DateTimeField(null=True)
