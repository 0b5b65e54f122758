"""Trying another version on everybody under management, and taking the one in force over at once: long work with progress."""

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.jobs import api as jobs
from yigong.programmes import policies
from yigong.programmes.commands.upkeep import adopt
from yigong.programmes.models import Enrolment, Trial, TrialRow
from yigong.programmes.queries import effects
from yigong.programmes.rules.packs import version_of

_PORTION = 500


def try_version(*, code: str, version: str, actor: Actor, told: jobs.JobData | None = None) -> Trial:
    """Reckon what a version would change; nothing but the trial is written. ``told``: the job whose progress is shown. A repetition begins anew."""
    policies.require(actor, policies.DEFINE)
    new, today = version_of(code, version), clock.today()
    with transaction.atomic():
        Trial.objects.filter(programme=code, definition=version).delete()
        trial = Trial.objects.create(programme=code, definition=version, on=today)
    ids = list(Enrolment.objects.filter(programme=code, state="active").order_by("id").values_list("id", flat=True))
    for start in range(0, len(ids), _PORTION):
        rows = list(effects.changed(new, ids[start : start + _PORTION], today))
        for row in rows:
            row.trial = trial
            trial.moved += bool(row.shifted)
            trial.regraded += row.grade_before != row.grade_after
            trial.opened += row.opened
            trial.closed += row.closed
        trial.people += len(ids[start : start + _PORTION])
        TrialRow.objects.bulk_create(rows)
        if told is not None:
            jobs.progress(told.id, trial.people, len(ids), _("正在试算"))
    trial.is_whole = True
    trial.save()
    return trial


@jobs.job_kind("programmes.try")
def try_job(job: jobs.JobData, *, code: str, version: str) -> None:
    """The same from the page."""
    trial = try_version(code=code, version=version, actor=jobs.actor_of(job.id), told=job)
    words = {
        "people": trial.people,
        "moved": trial.moved,
        "grades": trial.regraded,
        "opened": trial.opened,
        "closed": trial.closed,
    }
    told = (
        _(
            "在管 %(people)s 人：日期变动 %(moved)s 人，分级变动 %(grades)s 人，新开任务 %(opened)s 项，撤销任务 %(closed)s 项。"
        )
        % words
    )
    jobs.progress(job.id, max(1, trial.people), max(1, trial.people), told)


@jobs.job_kind("programmes.adopt")
def adopt_job(job: jobs.JobData, *, code: str) -> None:
    """Bring everybody to the version in force now instead of with the next round of the clock."""
    actor = jobs.actor_of(job.id)
    policies.require(actor, policies.DEFINE)
    done = adopt(code=code, actor=actor, told=lambda n, total: jobs.progress(job.id, n, total, _("正在换用")))
    jobs.progress(job.id, max(1, done), max(1, done), _("已换用 %(n)s 人。") % {"n": done})


def behind(code: str, version: str) -> int:
    """How many under management follow another version than this one."""
    return Enrolment.objects.filter(programme=code, state="active").exclude(definition=version).count()


__all__ = ["behind", "try_version"]
