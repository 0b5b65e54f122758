"""The tasks of quality sampling. One place, so that each has one opener and one end."""

from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.network import api as network
from yigong.orders.models import QualityRound, QualitySample
from yigong.orders.rules.quality import QualityPack, sheet_of
from yigong.orders.rules.quality_states import pack_of
from yigong.tasks import api as tasks

SCORE = tasks.declare_kind("quality.score", gettext_lazy("质控待评分"))
FEEDBACK = tasks.declare_kind("quality.feedback", gettext_lazy("质控待反馈"))
RECTIFY = tasks.declare_kind("quality.rectify", gettext_lazy("质控待整改"))
CHECK = tasks.declare_kind("quality.check", gettext_lazy("质控待复核"))
LATE = tasks.declare_kind("quality.late", gettext_lazy("质控逾期"))
MANAGER = "quality_manager"
_UP = tasks.Escalation(role=MANAGER)


def label(period: date) -> str:
    """A period in words: the month it begins with."""
    return _("%(year)s 年 %(month)s 月") % {"year": period.year, "month": period.month}


def ask_scorers(row: QualityRound, pack: QualityPack) -> None:
    """One task for a whole draw, for the first post of the definition that anybody holds at the centre."""
    post = next((role for role in pack.scorers if network.posts_at(row.institution_id, role)), pack.scorers[0])
    title = _("%(title)s %(period)s 抽查待评分") % {"title": pack.title, "period": label(row.period)}
    tasks.open_task(
        key=f"{SCORE}:{row.pk}", kind=SCORE, title=title, institution_id=row.institution_id, role=post, url=_page(row),
        subject=("quality_round", row.pk), due_at=clock.now() + timedelta(days=pack.score_days), escalate_to=_UP,
    )  # fmt: skip


def after_score(row: QualitySample, *, actor: Actor) -> None:
    """The scorers' task ends with the last one; the manager is asked as soon as something waits for him."""
    draw = row.round
    if not draw.samples.filter(state__in=("drawn", "read")).exists():
        tasks.resolve_task(key=f"{SCORE}:{draw.pk}", actor=actor)
    if row.state == "scored":
        pack = pack_of(row)
        _ask_manager(
            f"{FEEDBACK}:{draw.pk}", FEEDBACK, _("%(title)s %(period)s 有缺陷待反馈") % {"title": pack.title, "period": label(draw.period)},
            draw, _page(draw), pack.check_days,
        )  # fmt: skip


def fed_back(row: QualitySample, *, actor: Actor) -> None:
    """The manager's task ends with the last one."""
    if not row.round.samples.filter(state="scored").exists():
        tasks.resolve_task(key=f"{FEEDBACK}:{row.round_id}", actor=actor)


def ask_to_rectify(row: QualitySample, day: date) -> None:
    """Ask whose work it is, with the defects in the title."""
    pack = pack_of(row)
    words = {o.code: o.label for item in sheet_of(pack, row.form_version).items for o in item.options}
    found = "、".join(words.get(code, code) for code in row.defects) or _("复读不一致")
    post = next((role for role in pack.answerers if network.posts_at(row.answerer_id, role)), pack.answerers[0])
    tasks.open_task(
        key=f"{RECTIFY}:{row.pk}", kind=RECTIFY, title=f"{pack.title}：{found}", institution_id=row.answerer_id,
        staff_id=row.person_id, role="" if row.person_id else post, url=reverse("orders:quality_sample", args=[row.pk]),
        subject=("quality_sample", row.pk), due_at=clock.span(day, day)[1],
        escalate_to=tasks.Escalation(role=MANAGER, institution_id=row.round.institution_id),
    )  # fmt: skip


def rectified(row: QualitySample, *, actor: Actor) -> None:
    """It was answered."""
    tasks.resolve_task(key=f"{RECTIFY}:{row.pk}", actor=actor)


def ask_to_check(row: QualitySample, text: str) -> None:
    """Ask the managers to look at an answer or an objection."""
    pack = pack_of(row)
    url = reverse("orders:quality_sample", args=[row.pk])
    _ask_manager(f"{CHECK}:{row.pk}", CHECK, f"{text}：{pack.title}", row.round, url, pack.check_days)


def checked(row: QualitySample, *, actor: Actor) -> None:
    """The managers have decided."""
    tasks.resolve_task(key=f"{CHECK}:{row.pk}", actor=actor)


def tell_late(row: QualitySample, state: str) -> None:
    """Something stands still."""
    draw, pack = row.round, pack_of(row)
    title = _("%(title)s %(period)s 逾期：%(state)s") % {
        "title": pack.title, "period": label(draw.period), "state": state,
    }  # fmt: skip
    _ask_manager(f"{LATE}:{draw.pk}:{row.state}", LATE, title, draw, f"{_page(draw)}?state={row.state}", 0)


def no_longer_late(row: QualitySample, state: str, *, actor: Actor) -> None:
    """A sample has left this state: nothing late is left there once the last late one has."""
    if not row.round.samples.filter(state=state, due_at__lte=clock.now()).exists():
        tasks.resolve_task(key=f"{LATE}:{row.round_id}:{state}", actor=actor)


def _ask_manager(key: str, kind: str, title: str, draw: QualityRound, url: str, days: int) -> None:
    tasks.open_task(
        key=key, kind=kind, title=title, institution_id=draw.institution_id, role=MANAGER, url=url,
        subject=("quality_round", draw.pk), due_at=clock.now() + timedelta(days=days), escalate_to=tasks.Escalation(role="director"),
    )  # fmt: skip


def _page(row: QualityRound) -> str:
    return reverse("orders:quality_round", args=[row.pk])
