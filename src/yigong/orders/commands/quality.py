"""Quality sampling: draw, read again, score, feed back, put right, check. Whoever had a hand in a report judges nothing of it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n

from yigong.core import clock, draws
from yigong.core.actor import Actor, system
from yigong.core.commands import one_at_a_time, racing
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.core.forms import api as forms
from yigong.core.states import api as states
from yigong.orders.commands import quality_tasks as asks
from yigong.orders.events import QualityScored
from yigong.orders.models import Order, QualityRound, QualitySample, Report, ReportVersion
from yigong.orders.policies import QUALITY
from yigong.orders.queries import quality_draw
from yigong.orders.rules import quality
from yigong.orders.rules.quality import QualityPack
from yigong.orders.rules.quality_states import QUALITY_SAMPLE, pack_of

ROOM = system("orders")
LONGEST = 2000


class AlreadyDrawn(Conflict):
    """A period is drawn once: a second draw would let somebody look for nicer reports."""

    code = "quality.drawn"
    message = _n("%(title)s %(period)s 已由%(who)s于 %(at)s 抽取，每期只抽一次，请直接评分。")


class NothingToDraw(InvalidInput):
    """No report was signed in the period."""

    code = "quality.nothing"
    message = _n("%(period)s 没有已发布的报告可供抽查（%(title)s）。")


class ReadFirst(Conflict):
    """A second reading comes before the score."""

    code = "quality.read_first"
    message = _n("本项为双人判读：请先独立复读并登记结果，再看原报告评分。")


@racing("orders.draw_round")
@transaction.atomic
def draw_round(*, definition: str, period: date, actor: Actor) -> QualityRound:
    """Draw the reports of one ended period at the actor's centre. The seed is made here and kept; nobody chooses it, and a period is drawn once."""
    centre, pack = actor.institution_id, quality.definitions().get(definition)
    if not actor.has(QUALITY) or centre is None:
        raise Forbidden(_("质控抽查由中心的质控员抽取。"))
    if pack is None:
        raise NotFound(_("没有这项质控抽查。"))
    first = quality.begin_of(pack, period)
    if quality.end_of(pack, first) >= clock.today():
        raise InvalidInput(_("%(period)s 尚未结束，期满后才能抽取。") % {"period": asks.label(first)})
    one_at_a_time("quality", definition, centre, first)
    before = QualityRound.objects.filter(definition=definition, institution_id=centre, period=first).first()
    if before is not None:
        at = before.drawn_at.astimezone(clock.SHANGHAI).strftime("%m-%d %H:%M")
        raise AlreadyDrawn(title=pack.title, period=asks.label(first), who=before.drawn_by_name, at=at)
    found = quality_draw.cases(pack, centre, first)
    if not found:
        raise NothingToDraw(title=pack.title, period=asks.label(first))
    seed = draws.new_seed()
    chosen = quality.draw(found, pack, seed)
    row = QualityRound.objects.create(
        definition=pack.code, definition_version=pack.version, service=pack.service, institution_id=centre, period=first, seed=seed,
        eligible=len(found), drawn=len(chosen), digest=quality_draw.digest(found), drawn_by_id=actor.staff_id,
        drawn_by_name=actor.name,
    )  # fmt: skip
    _take(row, pack, chosen, actor)
    asks.ask_scorers(row, pack)
    return row


@racing("orders.read_again")
@transaction.atomic
def read_again(*, sample_id: UUID, positive: bool, text: str, actor: Actor) -> QualitySample:
    """The second reading, given before the report is shown. It is kept as it was given."""
    row = _sample(sample_id)
    if not pack_of(row).second_reading:
        raise InvalidInput(_("本项不需要复读，请直接评分。"))
    if not text.strip():
        raise InvalidInput(errors={"text": _("请写明您独立判读的结论。")})
    first = row.report_version.positive
    return _step(
        row, "read", actor=actor, second=positive, second_text=text.strip()[:LONGEST], second_by_id=actor.staff_id,
        agrees=None if first is None else first == positive,
    )  # fmt: skip


@racing("orders.score_sample")
@transaction.atomic
def score_sample(*, sample_id: UUID, typed: Mapping[str, Any], actor: Actor) -> QualitySample:
    """Score one report by the sheet: points and grade follow from the coded defects. One without any fault closes at once; the others wait for
    the quality manager's feedback."""
    row = _sample(sample_id)
    pack = pack_of(row)
    if pack.second_reading and row.state == "drawn":
        raise ReadFirst()
    sheet = quality.sheet_of(pack)
    reading = forms.read(sheet, typed)
    if reading.errors:
        raise InvalidInput(errors=reading.errors)
    defects = [code for code in reading.answers[quality.DEFECTS] if code != quality.NONE]
    result, before = quality.score(pack, defects), row.response_id
    row = _step(
        row, "score", actor=actor, defects=defects, points=result.points, grade=result.grade,
        passed=result.passed, comment=reading.answers.get(quality.COMMENT, ""), scored_by_id=actor.staff_id, scored_by_name=actor.name,
        scored_at=clock.now(), form_version=sheet.version,
    )  # fmt: skip
    row.response_id = forms.save(
        sheet,
        reading,
        subject=("quality_sample", row.pk),
        resident_id=row.order.resident_id,
        actor=actor,
        replaces=before,
    )
    row.save(update_fields=["response_id"])
    if result.passed and not defects and row.agrees is not False:
        row = _step(row, "pass", actor=ROOM)
    record(
        QualityScored(row.pk, row.order_id, row.round.definition, row.institution_id, row.round.period, result.passed)
    )
    asks.after_score(row, actor=actor)
    return row


@transaction.atomic
def feed_back(*, sample_id: UUID, actor: Actor) -> QualitySample:
    """Tell whose work it is what was found, with the day until which it is to be put right."""
    row = _sample(sample_id)
    day = clock.today() + timedelta(days=pack_of(row).rectify_days)
    row = _step(row, "feed_back", actor=actor, rectify_by=day)
    asks.ask_to_rectify(row, day)
    asks.fed_back(row, actor=actor)
    return row


@transaction.atomic
def feed_back_all(*, round_id: UUID, actor: Actor) -> int:
    """All scored reports of a draw at once; returns how many."""
    waiting = list(
        QualitySample.objects.filter(round_id=round_id, state="scored").order_by("number").values_list("pk", flat=True)
    )
    for key in waiting:
        feed_back(sample_id=key, actor=actor)
    return len(waiting)


@transaction.atomic
def answer_finding(*, sample_id: UUID, cause: str, measure: str, looked_at: int | None, actor: Actor) -> QualitySample:
    """What the cause was and what was done – not on the sample alone: ``looked_at`` is how many similar ones of one's own were looked through."""
    errors = {}
    if not cause.strip():
        errors["cause"] = _("请写明原因。")
    if not measure.strip():
        errors["measure"] = _("请写明整改措施。")
    if looked_at is None or not 0 <= looked_at <= 10_000:
        errors["looked_at"] = _("请填写自查了多少份同类报告；没有自查的填 0。")
    if errors:
        raise InvalidInput(errors=errors)
    row = _step(
        _sample(sample_id), "answer", actor=actor, cause=cause.strip()[:LONGEST], measure=measure.strip()[:LONGEST],
        looked_at=looked_at, answered_by_name=actor.name, answered_at=clock.now(),
    )  # fmt: skip
    asks.rectified(row, actor=actor)
    asks.ask_to_check(row, _("质控整改待复核"))
    return row


@transaction.atomic
def contest_finding(*, sample_id: UUID, reason: str, actor: Actor) -> QualitySample:
    """Whose work it is holds the score to be wrong."""
    row = _step(_sample(sample_id), "contest", actor=actor, reason=reason)
    asks.rectified(row, actor=actor)
    asks.ask_to_check(row, _("质控评分有异议"))
    return row


@transaction.atomic
def uphold_finding(*, sample_id: UUID, reason: str, actor: Actor) -> QualitySample:
    """The score stands; the finding is to be put right, from today on."""
    return _to_rectify(sample_id, "uphold", reason, actor)


@transaction.atomic
def send_back_finding(*, sample_id: UUID, reason: str, actor: Actor) -> QualitySample:
    """What was done is not enough."""
    return _to_rectify(sample_id, "send_back", reason, actor)


@transaction.atomic
def score_again(*, sample_id: UUID, reason: str, actor: Actor) -> QualitySample:
    """The score is void; somebody else reads and scores. The old sheet stays, replaced by the new one."""
    row = _sample(sample_id)
    earlier = [*row.earlier, *({row.scored_by_id, row.second_by_id} - {None})]
    row = _step(
        row, "score_again", actor=actor, reason=reason, second=None, second_text="", second_by_id=None, agrees=None,
        defects=[], points=None, grade="", passed=None, comment="", scored_by_id=None, scored_by_name="", scored_at=None,
        earlier=list(dict.fromkeys(earlier)),
    )  # fmt: skip
    asks.checked(row, actor=actor)
    asks.ask_scorers(row.round, pack_of(row))
    asks.fed_back(row, actor=actor)
    return row


@transaction.atomic
def check_finding(*, sample_id: UUID, actor: Actor) -> QualitySample:
    """The manager has checked what was put right; the sample is closed."""
    row = _step(_sample(sample_id), "check", actor=actor)
    asks.checked(row, actor=actor)
    return row


@transaction.atomic
def drop_sample(*, sample_id: UUID, reason: str, actor: Actor) -> QualitySample:
    """It cannot be scored (images lost, drawn of the wrong kind): it stays on the list with its reason and counts as not scored."""
    row = _step(_sample(sample_id), "drop", actor=actor, reason=reason)
    asks.after_score(row, actor=actor)
    return row


def sample_overdue(row: QualitySample) -> None:
    """A clock ran out: the quality managers see what stands still, one task for each draw and state."""
    asks.tell_late(row, QUALITY_SAMPLE.label(row.state))


def _step(row: QualitySample, action: str, *, actor: Actor, reason: str = "", **values: Any) -> QualitySample:
    """One step; what was late in the state it leaves may be late no more."""
    before = row.state
    row = states.transition(QUALITY_SAMPLE, row, action, actor=actor, reason=reason, **values)
    asks.no_longer_late(row, before, actor=actor)
    return row


def _to_rectify(sample_id: UUID, action: str, reason: str, actor: Actor) -> QualitySample:
    row = _sample(sample_id)
    day = clock.today() + timedelta(days=pack_of(row).rectify_days)
    row = _step(row, action, actor=actor, reason=reason, rectify_by=day)
    asks.checked(row, actor=actor)
    asks.ask_to_rectify(row, day)
    return row


def _sample(sample_id: UUID) -> QualitySample:
    rows = QualitySample.objects.select_related("round", "order", "report_version")
    row = rows.filter(pk=sample_id).first()
    if row is None:
        raise NotFound(_("没有这份质控样本。"))
    return row


def _take(row: QualityRound, pack: QualityPack, chosen: list[quality.Case], actor: Actor) -> None:
    orders = {o.pk: o for o in Order.objects.filter(pk__in=[case.order_id for case in chosen])}
    versions = {v.pk: v for v in ReportVersion.objects.filter(pk__in=[case.version_id for case in chosen])}
    reports = dict(Report.objects.filter(order_id__in=orders).values_list("order_id", "pk"))
    hands = quality_draw.parties(row.service, list(orders), reports)
    samples = []
    for number, case in enumerate(quality.ordered(chosen, row.seed), 1):
        order, version = orders[case.order_id], versions[case.version_id]
        own = {version.author_id, version.reviewer_id, order.performed_by_id, order.requesting_staff_id, case.person_id}
        samples.append(
            QualitySample(
                round=row, number=number, order=order, report_version=version, institution_id=case.institution_id,
                answerer_id=getattr(order, f"{pack.answers}_institution_id"), person_id=case.person_id,
                parties=sorted((own | hands.get(order.pk, set())) - {None}),
            )
        )  # fmt: skip
    states.start_many(QUALITY_SAMPLE, samples, lambda sample: "drawn", actor=actor)
