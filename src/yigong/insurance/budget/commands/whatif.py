"""What-if on a real year, as a job with progress."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from datetime import date
from decimal import Decimal
from itertools import groupby, islice
from multiprocessing import get_context
from os import cpu_count
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.errors import InvalidInput
from yigong.core.jobs.api import JobData, job_kind, progress, start_job, store_result
from yigong.insurance.benefits.api import plan_documents, plan_of
from yigong.insurance.budget import policies
from yigong.insurance.budget.commands.common import found, require
from yigong.insurance.budget.models import FundCase, FundFact, WhatIf
from yigong.insurance.budget.queries.paying import adopted_set, pure_case, weights_of
from yigong.insurance.budget.queries.terms import terms_for
from yigong.insurance.budget.queries.use import package_of, used
from yigong.insurance.budget.queries.whatif import clearing_after, result_sheet
from yigong.insurance.budget.rules import whatif as rules
from yigong.insurance.budget.rules.cases import worth

JOB = "budget.what_if"
_PEOPLE = 4000  # of one parcel to a process
_SAMPLE = 1000


def plan_document(scheme: str, code: str, version: str) -> dict[str, Any]:
    """The plan's document; InvalidInput when it is not known."""
    for plan in plan_documents(scheme):
        if (plan["code"], plan["version"]) == (code, version):
            return plan
    raise InvalidInput(errors={"plan": _("没有这个待遇方案，请重新选择。")})


@transaction.atomic
def ask_what_if(
    *,
    title: str,
    scheme: str,
    year: int,
    plan: str,
    changes: Sequence[Mapping[str, Any]],
    sharing: Mapping[str, Any],
    actor: Actor,
) -> UUID:
    """Queue a what-if: a plan (``code/version``) and changes of it, of the rate (``rate`` factor) or of the sharing (``retention`` factor).

    The changed plan is checked like any other before the job begins; it is published nowhere.
    """
    require(actor, policies.WHAT_IF)
    code, _slash, version = plan.partition("/")
    document = plan_document(scheme, code, version)
    if not changes and not sharing:
        raise InvalidInput(_("请至少改动一项。"))
    try:
        plan_of(rules.changed_plan(document, changes))
    except (StopIteration, KeyError):
        raise InvalidInput(_("所选方案没有这一项待遇或级别，请重新选择。")) from None
    row = WhatIf.objects.create(
        title=title[:100] or _("政策试算"), year=year, scheme=scheme, plan_code=code, plan_version=version,
        changes={"plan": [dict(one) for one in changes]}, sharing=dict(sharing), made_by=actor.name, account_id=actor.account_id,
    )  # fmt: skip
    job = start_job(JOB, _("政策试算：%(title)s") % {"title": row.title}, actor, what_if_id=str(row.id))
    row.job_id = job.id
    row.save(update_fields=["job_id"])
    return row.id


@job_kind(JOB)
def run_what_if(job: JobData, *, what_if_id: str) -> None:
    """Settle the year again and keep what came out, with a sheet to download."""
    row = found(WhatIf, UUID(what_if_id))
    document = plan_document(row.scheme, row.plan_code, row.plan_version)
    changed = rules.changed_plan(document, row.changes["plan"])
    names: dict[UUID | None, int] = {}
    people: list[UUID | None] = []
    parts = _settle_again(job, document, changed, _people(row, names, people))
    whole = rules.joined(parts)
    row.result = _result(row, whole, list(names), people)
    store_result(job.id, f"试算-{row.title}.xlsx", result_sheet(row))
    row.save(update_fields=["result"])


def _people(
    row: WhatIf, names: dict[UUID | None, int], people: list[UUID | None]
) -> Iterator[tuple[int, list[rules.Row]]]:
    facts = FundFact.objects.filter(
        scheme=row.scheme,
        month__gte=date(row.year, 1, 1),
        month__lte=date(row.year, 12, 1),
        cases=1,
        resident_id__isnull=False,
    ).order_by("resident_id", "settled_on", "id")
    columns = ("resident_id", "institution_id", "kind", "place", "level", "total", "own", "over", "first_self_pay", "in_scope",
               "identities", "disease")  # fmt: skip
    reversed_ = set(
        FundFact.objects.filter(scheme=row.scheme, month__year=row.year, cases__lt=0).values_list("ref", flat=True)
    )
    rows = facts.exclude(ref__in=reversed_) if len(reversed_) < 1000 else facts
    for person, mine in groupby(rows.values_list(*columns).iterator(chunk_size=5000), key=lambda one: one[0]):
        place = len(people)
        people.append(person)
        yield place, [rules.Row(names.setdefault(one[1], len(names)), *one[2:]) for one in mine]


def _settle_again(
    job: JobData, now: dict[str, Any], then: dict[str, Any], people: Iterator[tuple[int, list[rules.Row]]]
) -> list[rules.Part]:
    """Parcels of people to as many processes as there are cores, two ahead; the wish to cancel is heard after each."""
    done: list[rules.Part] = []
    cores = min(4, cpu_count() or 1)
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as processes:
        waiting: set[Future[rules.Part]] = set()
        count = 0
        try:
            while parcel := list(islice(people, _PEOPLE)):
                waiting.add(processes.submit(rules.again, now, then, parcel))
                count += len(parcel)
                if len(waiting) > cores:
                    ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    done += [one.result() for one in ready]
                progress(job.id, sum(len(part.people) for part in done), None, _("已送算 %(n)s 人") % {"n": count})
            done += [one.result() for one in waiting]
            progress(job.id, count, count, _("正在汇总"))
        except BaseException:
            for one in waiting:
                one.cancel()
            raise
    return done


def _result(
    row: WhatIf, whole: rules.Part, institutions: list[UUID | None], people: list[UUID | None]
) -> dict[str, Any]:
    cases = _case_payments(row)
    before, after_ = (sum(values[place] for values in whole.institutions.values()) for place in (1, 2))
    houses = []
    for place, values in sorted(whole.institutions.items(), key=lambda pair: -pair[1][1]):
        key = institutions[place]
        now, then = cases.get(key, (0, 0)) if key else (0, 0)
        houses.append({
            "institution": str(key) if key else None, "settled": values[0], "pool": values[1:3], "person": values[3:5],
            "cases": [now, then],
        })  # fmt: skip
    # The same thousand people at every run: those whose keys come first in a fixed shuffle.
    sample = sorted(whole.people, key=lambda place: _shuffle(people[place]))[:_SAMPLE]
    changes = [whole.people[place][1] - whole.people[place][0] for place in sample]
    package = package_of(row.scheme, row.year)
    return {
        "settled": whole.settled, "unsettled": whole.unsettled, "people": len(whole.people), "pool": [before, after_],
        "person": [sum(v[place] for v in whole.institutions.values()) for place in (3, 4)],
        "houses": houses, "sample": len(sample), "spread": rules.spread(changes),
        "winners": sum(change < 0 for change in changes), "losers": sum(change > 0 for change in changes),
        "sample_rows": sorted(
            ([whole.people[place][0], whole.people[place][1]] for place in sample), key=lambda pair: pair[1] - pair[0]
        ),
        "recorded": used(row.scheme, row.year),
        "clearing": clearing_after(package, after_ - before, row.sharing) if package else None,
    }  # fmt: skip


def _shuffle(key: UUID | None) -> bytes:
    from hashlib import blake2b

    return blake2b(str(key).encode(), digest_size=8).digest()


def _case_payments(row: WhatIf) -> dict[UUID, tuple[int, int]]:
    """institution -> what its cases are worth now and with the changed rate; nothing when the rate is not changed."""
    factor = Decimal(row.sharing.get("rate") or 1)
    weight_set = adopted_set(row.year)
    if factor == 1 or weight_set is None:
        return {}
    weights, paying = weights_of(weight_set.id), terms_for(row.scheme, row.year).paying
    found_: dict[UUID, tuple[int, int]] = {}
    for case in FundCase.objects.filter(month__gte=date(row.year, 1, 1), month__lte=date(row.year, 12, 1)).iterator():
        one = pure_case(case)
        now = worth(one, weights, weight_set.rate, paying).fund
        then = worth(one, weights, int(weight_set.rate * factor), paying).fund
        sums = found_.get(case.institution_id, (0, 0))
        found_[case.institution_id] = (sums[0] + now, sums[1] + then)
    return found_
