"""Editions are asked for, built by a job, corrected by a new one."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, InvalidInput
from yigong.core.jobs.api import start_job
from yigong.core.numbers.api import dated_number
from yigong.core.packs.api import current, every, released
from yigong.core.states.api import start, transition
from yigong.indicators import api as indicators
from yigong.indicators.api import Figure, Reading
from yigong.workreport import policies
from yigong.workreport.commands.editing import tidy
from yigong.workreport.models import ChapterText, ChapterVersion, Edition, EditionFigure
from yigong.workreport.queries import editions
from yigong.workreport.queries.scopes import Scope, heads_of, scope_of
from yigong.workreport.queries.spans import facts_of, read, refuse_unfrozen, spans_of
from yigong.workreport.rules.states import EDITION
from yigong.workreport.rules.template import TEMPLATES, Template, split

JOB = "workreport.build"
Tell = Callable[[int, int, str], None]


class EditionTaken(Conflict):
    """There is this edition already."""

    code = "workreport.edition_taken"
    message = "这个期间和范围已经有一份汇报，请在列表中打开它；要重做的，先把它作废（文字会带到新的一份）。"


class NothingToCorrect(Conflict):
    """A correction of this edition is under way or was made."""

    code = "workreport.corrected_already"
    message = "这一版已经有更正版，请打开更正版继续。"


@racing("workreport.ask_edition")
@change
def ask_edition(*, template: str, kind: str, first: date, scope: str, provisional: bool, actor: Actor) -> Edition:
    """A new edition, to be built by a job. Of an unfrozen period only when ``provisional`` figures are wanted, which every page then says."""
    policies.must(actor, policies.WRITE)
    spans = spans_of(kind, first)
    refuse_unfrozen(kind, spans["now"], provisional)
    if template not in every(TEMPLATES):
        raise InvalidInput(errors={"template": _("请选择模板。")})
    with translation.override("zh-hans"):  # a report is kept in Chinese whoever asks for it
        found = scope_of(scope, actor, spans["now"].last)
    row = _new(current(TEMPLATES, template), kind, first, found, provisional, actor)
    with refusing(workreport_edition_once=EditionTaken()):
        start(EDITION, row, "building", actor=actor)
    return _queue(row, actor)


@racing("workreport.correct_edition")
@change
def correct_edition(*, edition_id: UUID, reason: str, actor: Actor) -> Edition:
    """A new edition in the place of an issued one: figures read anew with their corrections, text carried over, with a reason."""
    policies.must(actor, policies.WRITE)
    old = editions.edition(edition_id, actor=actor)
    if old.state != "issued":
        raise Conflict(_("只有已印发的汇报才需要更正版；没有印发的请直接退回修改。"))
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请写明更正的原因，例如“县外结算回流后更正基金占比”。")})
    with translation.override("zh-hans"):
        found = scope_of(old.scope, actor, old.last)
    row = _new(current(TEMPLATES, old.template), old.kind, old.first, found, old.provisional, actor)
    row.supersedes, row.reason = old, tidy(reason)[:300]
    with refusing(workreport_edition_once=NothingToCorrect()):
        start(EDITION, row, "building", actor=actor, reason=row.reason)
    return _queue(row, actor)


@change
def build_again(*, edition_id: UUID, actor: Actor) -> Edition:
    """Queue the building once more, when its job failed or was cancelled."""
    policies.must(actor, policies.WRITE)
    row = editions.edition(edition_id, actor=actor)
    if row.state != "building":
        raise Conflict(_("这份汇报已经生成，不需要重新生成。"))
    return _queue(row, actor)


def build_edition(*, edition_id: UUID, actor: Actor, tell: Tell = lambda done, total, note: None) -> Edition:
    """Read the figures, keep them with the edition, carry the last text over. An edition that was built meanwhile stays as it is."""
    row = Edition.objects.get(pk=edition_id)
    template = released(TEMPLATES, row.template, row.template_version)
    readings: dict[str, Reading] = {}
    with translation.override("zh-hans"):
        spans = spans_of(row.kind, row.first)
        for n, (name, span) in enumerate(spans.items()):
            tell(n, len(spans) + 1, indicators.period_name(row.kind, span.first))
            wanted = row.provisional if name == "now" else readings["now"].frozen is None
            if (reading := read(row.kind, span, wanted)) is not None:
                readings[name] = reading
            elif name == "now":
                refuse_unfrozen(row.kind, span, False)
        made = list(_figures(row, template, readings))
        tell(len(spans), len(spans) + 1, "写入")
        return _write(row, template, readings, made, actor)


@transaction.atomic
def _write(
    row: Edition, template: Template, readings: dict[str, Reading], made: list[EditionFigure], actor: Actor
) -> Edition:
    locked = Edition.objects.select_for_update().get(pk=row.pk)
    if locked.state != "building":
        return locked
    EditionFigure.objects.bulk_create(made, batch_size=1000)
    _carry(locked, template)
    return transition(
        EDITION, locked, "built", actor=actor, provisional=readings["now"].frozen is None, built_at=clock.now(),
        spans={name: facts_of(reading, row.kind) for name, reading in readings.items()},
    )  # fmt: skip


def asked_of(template: Template) -> dict[tuple[str, str], bool]:
    """Which indicators a template shows, in its order, and whether by institution as well."""
    found: dict[tuple[str, str], bool] = {}
    for chapter in template.chapters:
        wholes = [(one.indicator, str(one.variant)) for one in chapter.sentences]
        wholes += [split(chart.indicator) for chart in chapter.charts if chart.by == "period"]
        parts = [split(key) for table in chapter.tables for key in table.indicators]
        parts += [split(chart.indicator) for chart in chapter.charts if chart.by == "institution"]
        for key in wholes:
            found.setdefault(key, False)
        for key in parts:
            found[key] = True
    return found


def _figures(row: Edition, template: Template, readings: dict[str, Reading]) -> Iterator[EditionFigure]:
    places = None if row.places is None else {UUID(key) for key in row.places}
    known = indicators.registry(row.last)
    asked = {key: parts for key, parts in asked_of(template).items() if key[0] in known}
    now = readings["now"]
    houses = {house for rows in now.kept.values() for house in rows if house.int}
    heads, institutions = heads_of(houses)
    for (code, given), by_place in asked.items():
        definition = known[code]
        variant = given or definition.variants[0]
        for name, reading in readings.items():
            figure = reading.figure(definition, variant, places)
            yield _row(row, name, variant, figure, reading.version(definition, variant))
        if not by_place:
            continue
        inside = {house: head for house, head in heads.items() if places is None or house in places}
        for place, figure in now.grouped(definition, variant, inside).items():
            if place is None and places is not None:
                continue
            kept = _row(row, "now", variant, figure, now.version(definition, variant))
            kept.place_code = institutions[place].code if place else "-"
            kept.place_name = institutions[place].name if place else "其他（不属于任何机构）"
            yield kept


def _row(row: Edition, span: str, variant: str, figure: Figure, version: str) -> EditionFigure:
    amounts = figure.amounts
    return EditionFigure(
        edition=row, span=span, code=figure.definition.code, variant=variant, version=version,
        numerator=amounts.numerator if amounts else None, denominator=amounts.denominator if amounts else None,
        provisional=amounts.provisional if amounts else 0,
    )  # fmt: skip


def _carry(row: Edition, template: Template) -> None:
    """The text of the last edition of the same template and scope, chapter by chapter."""
    before = (
        Edition.objects.filter(template=row.template, scope=row.scope, built_at__isnull=False)
        .exclude(pk=row.pk)
        .order_by("-built_at")
        .first()
    )
    old = {one.chapter: one.text for one in before.texts.all()} if before else {}
    for chapter in template.chapters:
        text = old.get(chapter.code, "")
        kept = ChapterText.objects.create(edition=row, chapter=chapter.code, text=text, version=1 if text else 0)
        if text and before:
            ChapterVersion.objects.create(chapter=kept, number=1, text=text, source="carried", by=before.number)


def _new(template: Template, kind: str, first: date, scope: Scope, provisional: bool, actor: Actor) -> Edition:
    return Edition(
        number=dated_number("workreport", "HB"), title=template.title, template=template.code, template_version=template.version,
        kind=kind, first=first, last=spans_of(kind, first)["now"].last, scope=scope.code, scope_name=scope.name,
        places=_sorted(scope.places), provisional=provisional, made_by=actor.name,
    )  # fmt: skip


def _sorted(places: Iterable[UUID] | None) -> list[str] | None:
    return None if places is None else sorted(map(str, places))


def _queue(row: Edition, actor: Actor) -> Edition:
    row.job_id = start_job(JOB, f"生成工作汇报 {row.number}", actor, edition_id=str(row.pk)).id
    row.save(update_fields=["job_id"])
    return row
