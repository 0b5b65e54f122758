"""Editions: asked for, built from frozen figures, written, signed, issued, corrected; and what happens at once."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from yigong.core import clock
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.core.jobs import worker
from yigong.core.jobs.api import job
from yigong.core.states.api import WrongState
from yigong.core.testing import overtakes, race
from yigong.indicators.api import Amounts, counted, frozen_of
from yigong.indicators.commands import computing, freezing
from yigong.indicators.data import Span
from yigong.indicators.tests.world import settle, this_month, visit
from yigong.workreport.commands import editing, making, moving
from yigong.workreport.commands.making import EditionTaken, NothingToCorrect
from yigong.workreport.models import ChapterText, ChapterVersion, Edition, EditionFigure
from yigong.workreport.queries import documents, editions, spans
from yigong.workreport.queries.scopes import scopes_for
from yigong.workreport.queries.spans import NotFrozen
from yigong.workreport.tests.world import BEFORE, LAST, YEAR_AGO, asked, built, frozen, make_reporting

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Any:
    """Three frozen months."""
    return make_reporting()


def issued(world: Any, row: Edition) -> Edition:
    """Submitted, signed by the director, issued by the bureau."""
    moving.move_edition(edition_id=row.pk, action="submit", actor=world.quality)
    moving.sign_edition(edition_id=row.pk, actor=world.director)
    return moving.issue_edition(edition_id=row.pk, actor=world.bureau)


def test_every_figure_is_the_frozen_one(world: Any) -> None:
    """Of each span the county's figure as frozen, and by institution parts that make the whole."""
    row = built(world)
    looked = agree = 0
    for span, month in (("now", LAST), ("previous", BEFORE), ("last_year", YEAR_AGO)):
        for one in row.figures.filter(span=span, place_code=""):
            if one.code not in counted():
                assert one.numerator is None, one.code
                continue
            found = frozen_of(one.code, one.variant, Span(month, month), None)
            mine = Amounts(one.numerator, one.denominator, one.provisional) if one.numerator is not None else None
            looked += 1
            if found is None:  # nothing was frozen of it: nothing counted, or nothing found
                agree += mine is None or (mine.numerator, mine.denominator or 0) == (0, 0)
            else:
                agree += mine == found.corrected.amounts
    print(f"\n{agree} of {looked} figures are the frozen ones")
    assert agree == looked > 60
    parts = 0
    for whole in row.figures.filter(span="now", place_code=""):
        rows = row.figures.filter(span="now", code=whole.code, variant=whole.variant).exclude(place_code="")
        if rows:
            assert sum(one.numerator for one in rows) == whole.numerator, whole.code
            assert sum(one.denominator or 0 for one in rows) == (whole.denominator or 0), whole.code
            parts += 1
    print(f"{parts} figures are made by their institutions")
    assert parts >= 5


def test_late_facts_change_no_edition(world: Any) -> None:
    """What is counted later changes nothing; a correction of the period changes only a new edition, and the difference is shown."""
    row = built(world)
    before = documents.document(row).figures()
    settle(world, LAST, 90_000, institution_id=None, place="registered", institution_name="省中医院", source="return")
    computing.compute_all(since=LAST)
    freezing.correct_figure(
        period_id=freezing.Period.objects.get(first=LAST).pk,
        code="fund-in-county-share",
        reason="回流",
        actor=world.quality,
    )
    assert documents.document(row).figures() == before
    issued(world, row)
    fresh = making.correct_edition(edition_id=row.pk, reason="县外回流", actor=world.director)
    worker.run_job(fresh.job_id)
    fresh.refresh_from_db()
    changed, _texts = documents.differences(fresh, row)
    assert {line.key for pair in changed for line in pair if line} == {"fund-in-county-share.v"}
    note = next(note for note in documents.document(fresh).notes if note.code == "fund-in-county-share")
    assert "其后更正 1 次" in "".join(piece.text for piece in note.pieces)
    issued(world, fresh)
    row.refresh_from_db()
    assert row.state == "superseded"
    with pytest.raises(Conflict):
        making.correct_edition(edition_id=row.pk, reason="再来", actor=world.director)


def test_unfrozen_is_refused_or_marked(world: Any) -> None:
    """A period that is not frozen is refused; asked for all the same, every form of it says so. A month that is not over is refused."""
    with pytest.raises(NotFrozen):
        asked(world, first=this_month(3))
    with pytest.raises(InvalidInput):
        asked(world, first=this_month(), provisional=True)
    with pytest.raises(InvalidInput):
        asked(world, kind="quarter", first=this_month(1).replace(month=2), provisional=True)
    row = built(world, first=this_month(3), provisional=True)
    assert row.provisional and documents.document(row).mark and not row.spans["now"]["frozen"]
    assert not built(world, provisional=True).provisional  # what is frozen is not provisional


def test_no_comparison_without_a_frozen_one() -> None:
    """Where the period before was not frozen the sentence says so instead of comparing."""
    world = make_reporting(freeze=(LAST,))
    report = documents.document(built(world))
    told = "".join(paragraph.text for chapter in report.chapters for paragraph in chapter.paragraphs)
    assert "没有可比" not in told and "上升" not in told and "下降" not in told
    assert [remark for remark in report.remarks if remark.startswith("上期、上年同期没有冻结数")], report.remarks


def test_what_only_some_figures_lack_is_said_at_these() -> None:
    """The month before was frozen: it is compared with; only the year before is said to be missing, once."""
    report = documents.document(built(make_reporting(freeze=(LAST, BEFORE))))
    told = "".join(paragraph.text for chapter in report.chapters for paragraph in chapter.paragraphs)
    assert "上期" in told and "上年同期" not in told
    assert [remark for remark in report.remarks if remark.startswith("上年同期没有冻结数")]


def test_where_all_periods_are_frozen_nothing_is_said_for_all() -> None:
    """Each figure is compared; what single ones lack stands at these."""
    whole = documents.document(built(make_reporting()))
    assert not [remark for remark in whole.remarks if "没有冻结数" in remark]
    told = "".join(paragraph.text for chapter in whole.chapters for paragraph in chapter.paragraphs)
    assert "上年同期" in told and told.count("没有可比的冻结数") < told.count("。")


def test_a_community_speaks_of_its_members(world: Any) -> None:
    """The clinic outside the community is left out; a township may not open a county's report."""
    code = next(one.code for one in scopes_for(world.director) if one.places)
    county, community = built(world), built(world, scope=code)

    def visits(row: Edition) -> int:
        return row.figures.get(span="now", code="visits", place_code="").numerator

    assert visits(county) - visits(community) == 5
    with pytest.raises(Forbidden):
        asked(world, actor=world.manager)
    with pytest.raises(NotFound):
        editions.edition(county.pk, actor=world.manager)


def test_the_way_of_an_edition(world: Any) -> None:
    """Written, submitted, returned, signed by one, issued by another; afterwards closed."""
    row = built(world)
    editing.save_chapter(edition_id=row.pk, chapter="next", text="一、抓签约\n二、抓随访", base=0, actor=world.director)
    moving.move_edition(edition_id=row.pk, action="submit", actor=world.quality)
    with pytest.raises(editing.NotADraft):
        editing.save_chapter(edition_id=row.pk, chapter="next", text="晚了", base=1, actor=world.director)
    moving.move_edition(edition_id=row.pk, action="return", actor=world.director, reason="再核")
    moving.move_edition(edition_id=row.pk, action="submit", actor=world.quality)
    with pytest.raises(Forbidden):
        moving.sign_edition(edition_id=row.pk, actor=world.quality)
    moving.sign_edition(edition_id=row.pk, actor=world.director)
    with pytest.raises(Forbidden):
        moving.issue_edition(edition_id=row.pk, actor=world.director)
    done = moving.issue_edition(edition_id=row.pk, actor=world.bureau)
    assert done.digest == moving.digest_of(done) and done.issued_by == "陈局长"
    with pytest.raises(WrongState):
        moving.move_edition(edition_id=row.pk, action="drop", actor=world.director, reason="不要了")


def test_text_goes_on_to_the_next_edition(world: Any) -> None:
    """The last edition's text is carried over chapter by chapter, a dropped one's too, and says where it comes from."""
    row = built(world, first=BEFORE)
    editing.save_chapter(edition_id=row.pk, chapter="problems", text="村医缺口", base=0, actor=world.director)
    moving.move_edition(edition_id=row.pk, action="drop", actor=world.director, reason="重做")
    again = built(world)
    kept = editions.chapter_text(again, "problems")
    version = kept.versions.get()
    assert (kept.text, kept.version, version.source, version.by) == ("村医缺口", 1, "carried", row.number)


def test_nobody_writes_over_anybody(world: Any) -> None:
    """The second to save is told whose text stands; the own is set aside; on the right base it stands. All versions stay."""
    row = built(world)
    first = editing.save_chapter(edition_id=row.pk, chapter="next", text="甲", base=0, actor=world.director)
    second = editing.save_chapter(edition_id=row.pk, chapter="next", text="乙", base=0, actor=world.quality)
    assert (first.version, second.is_conflict, second.text, second.other) == (1, True, "甲", "王院长")
    again = editing.save_chapter(edition_id=row.pk, chapter="next", text="乙", base=0, actor=world.quality)
    assert again.is_conflict
    assert (
        editing.save_chapter(
            edition_id=row.pk, chapter="next", text="甲\r\n乙  \n\n\n\n丙\n", base=1, actor=world.quality
        ).version
        == 2
    )
    kept = ChapterText.objects.get(edition=row, chapter="next")
    assert kept.text == "甲\n乙\n\n丙"
    assert sorted(kept.versions.values_list("number", "text")) == [(0, "乙"), (1, "甲"), (2, "甲\n乙\n\n丙")]
    same = editing.save_chapter(edition_id=row.pk, chapter="next", text="甲\n乙\n\n丙", base=1, actor=world.director)
    assert not same.is_conflict and same.version == 2
    with pytest.raises(InvalidInput):
        editing.save_chapter(edition_id=row.pk, chapter="next", text="长" * 20_001, base=2, actor=world.director)
    with pytest.raises(NotFound):
        editing.save_chapter(edition_id=row.pk, chapter="nonsense", text="x", base=0, actor=world.director)


def test_figures_and_versions_are_append_only(world: Any) -> None:
    """The database refuses a change, whoever asks."""
    row = built(world)
    editing.save_chapter(edition_id=row.pk, chapter="next", text="甲", base=0, actor=world.director)
    for rows in (EditionFigure.objects.filter(edition=row), ChapterVersion.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.delete()


def test_a_failed_build_is_built_again(world: Any) -> None:
    """A killed or failed job leaves an edition that can be built again; a second run of the same job changes nothing."""
    row = asked(world)
    again = making.build_again(edition_id=row.pk, actor=world.director)
    assert again.job_id != row.job_id
    worker.run_job(again.job_id)
    count = EditionFigure.objects.count()
    worker.run_job(row.job_id)
    assert job(row.job_id).state == "done" and EditionFigure.objects.count() == count
    with pytest.raises(Conflict):
        making.build_again(edition_id=row.pk, actor=world.director)


@pytest.mark.race("workreport.ask_edition")
@pytest.mark.django_db(transaction=True)
def test_two_ask_for_the_same() -> None:
    """One edition, the other is told that it is there."""
    world = make_reporting()
    outcomes = race(*[lambda who=who: asked(world, actor=who) for who in (world.director, world.bureau)])
    assert sorted(isinstance(one, EditionTaken) for one in outcomes) == [False, True]
    assert Edition.objects.count() == 1


@pytest.mark.race("workreport.issue_edition")
@pytest.mark.django_db(transaction=True)
def test_two_issue_at_once() -> None:
    """One issues, the other learns who."""
    world = make_reporting()
    from yigong.tasks.tests.factories import make_actor

    row, other = built(world), make_actor(world.county, "bureau", "林副局长")
    moving.move_edition(edition_id=row.pk, action="submit", actor=world.quality)
    moving.sign_edition(edition_id=row.pk, actor=world.director)
    outcomes = race(
        *[lambda who=who: moving.issue_edition(edition_id=row.pk, actor=who) for who in (world.bureau, other)]
    )
    assert sorted(isinstance(one, WrongState) for one in outcomes) == [False, True]


@pytest.mark.race("workreport.correct_edition")
@pytest.mark.django_db(transaction=True)
def test_two_correct_at_once() -> None:
    """One correction."""
    world = make_reporting()
    row = issued(world, built(world))
    outcomes = race(
        *[
            lambda who=who: making.correct_edition(edition_id=row.pk, reason="更正", actor=who)
            for who in (world.director, world.bureau)
        ]
    )
    assert sorted(isinstance(one, NothingToCorrect) for one in outcomes) == [False, True]


@pytest.mark.race("workreport.save_chapter")
@pytest.mark.django_db(transaction=True)
def test_two_save_one_chapter_at_once() -> None:
    """One text stands, the other is set aside; both are there."""
    world = make_reporting()
    row = built(world)
    pair = ((world.director, "甲"), (world.quality, "乙"))
    outcomes = race(
        *[
            lambda who=who, text=text: editing.save_chapter(
                edition_id=row.pk, chapter="next", text=text, base=0, actor=who
            )
            for who, text in pair
        ]
    )
    assert sorted(one.is_conflict for one in outcomes) == [False, True]
    assert sorted(ChapterVersion.objects.values_list("text", flat=True)) == ["乙", "甲"]


@pytest.mark.django_db(transaction=True)
def test_freezing_while_building(monkeypatch: Any) -> None:
    """A period is frozen in the middle of a provisional build: the edition is provisional throughout and says so; a new one is frozen."""
    world = make_reporting(freeze=(BEFORE,))
    row = asked(world, provisional=True)
    built_row, _frozen, _overtaken = overtakes(
        lambda: making.build_edition(edition_id=row.pk, actor=world.director), lambda: frozen(world, LAST), at=(making, "_write"), patch=monkeypatch, seconds=5
    )  # fmt: skip
    assert built_row.provisional and not built_row.spans["now"]["frozen"] and documents.document(built_row).mark
    assert spans.is_frozen("month", LAST)
    moving.move_edition(edition_id=row.pk, action="drop", actor=world.director, reason="已冻结")
    assert not built(world).provisional


def test_who_is_there(world: Any) -> None:
    """Two at one chapter hear of each other, for as long as they are there."""
    from dataclasses import replace
    from datetime import timedelta

    from yigong.core.ids import new_id

    row = built(world)
    text = editions.chapter_text(row, "next")
    one, other = replace(world.director, account_id=new_id()), replace(world.quality, account_id=new_id())
    editing.be_present(chapter_id=text.pk, actor=one)
    assert editions.others_at(text, other) == ["王院长"] and editions.others_at(text, one) == []
    with clock.travel(timedelta(minutes=2)):
        assert editions.others_at(text, other) == []


def test_a_late_visit_is_seen_by_a_provisional_edition_only(world: Any) -> None:
    """The frozen edition keeps its figure; a provisional one of another month counts what is there now."""
    visit(world, world.county, this_month(3), 7)
    computing.compute_all(since=this_month(3))
    row = built(world, first=this_month(3), provisional=True)
    assert row.figures.get(span="now", code="visits", place_code="").numerator == 7


def test_pasted_signs_make_no_document_impossible(world: Any) -> None:
    """A control character pasted from elsewhere is left out, so that Word, PDF and spreadsheet can still be made; emoji and rare characters stay."""
    from yigong.workreport.output import reading, word

    row = built(world)
    editing.save_chapter(edition_id=row.pk, chapter="next", text="抓\x0b签\x00约😀𪛗<b>&", base=0, actor=world.director)
    assert editions.chapter_text(row, "next").text == "抓签约😀𪛗<b>&"
    assert reading.read(word.write(documents.document(row), row.pk)).texts["next"] == (1, "抓签约😀𪛗<b>&")
