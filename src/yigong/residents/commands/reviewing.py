"""The review desk: noting pairs and deciding them."""

from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.core.jobs.api import JobData, actor_of, job_kind, progress, start_job
from yigong.residents import policies, queries
from yigong.residents.commands.linking import merge_residents
from yigong.residents.data import PairData
from yigong.residents.holdings import holdings_of
from yigong.residents.models import CandidatePair, Identifier, Resident, SourceRecord
from yigong.residents.queries import pairs
from yigong.residents.queries.pairs import Found

State = CandidatePair.State
_CHUNK = 500


def note_pairs(found: Iterable[Found], found_by: str) -> int:
    """Put pairs on the desk; those decided before, under any key of either side, are left alone. Returns how many are new or changed."""
    noted = 0
    for one in found:
        left, right = sorted((one.left, one.right))
        if _decided_before(left, right):
            continue
        score = {"weight": one.scored.weight, "probability": one.scored.probability, "verdict": one.scored.verdict}
        score["levels"] = {s.comparison: s.level for s in one.scored.steps}
        facts = score | {"gain": _gain(left, right, one.scored.probability), "is_safe": _is_safe(left, right)}
        made, new = CandidatePair.objects.get_or_create(
            left_id=left, right_id=right, defaults=facts | {"found_by": found_by}
        )
        if not new and made.state in (State.OPEN, State.LATER):
            CandidatePair.objects.filter(pk=made.pk).update(**facts)
        noted += new
    return noted


def _decided_before(left: UUID, right: UUID) -> bool:
    ours, theirs = queries.identities(left), queries.identities(right)
    either = Q(left_id__in=ours, right_id__in=theirs) | Q(left_id__in=theirs, right_id__in=ours)
    return CandidatePair.objects.filter(either, state=State.DIFFERENT).exists()


def _gain(left: UUID, right: UUID, probability: float) -> float:
    """Probability times what a merge would join: records and rows of the smaller side."""
    return probability * min(_weight_of(left), _weight_of(right))


def _weight_of(key: UUID) -> int:
    ids = queries.identities(key)
    return SourceRecord.objects.filter(resident_id__in=ids).count() + sum(h.rows for h in holdings_of(ids))


def _is_safe(left: UUID, right: UUID) -> bool:
    """The same document, the same name and the same birth date: nothing is left to compare."""
    one, other = (Resident.objects.get(pk=key) for key in (left, right))
    if (
        one.name_key != other.name_key
        or one.birth_date is None
        or one.birth_date != other.birth_date
        or one.sex != other.sex
    ):
        return False
    held = Identifier.objects.filter(resident_id=left).values("kind", "digest")
    return any(Identifier.objects.filter(resident_id=right, **same).exists() for same in held)


@racing("residents.decide_pair")
@transaction.atomic
def decide_pair(
    *, pair_id: UUID, decision: str, actor: Actor, reason: str = "", survivor_id: UUID | None = None
) -> PairData:
    """``same`` merges (``survivor_id`` goes on, the left side when not given), ``different`` is kept for good, ``later`` puts aside.

    A reason is needed where the decision goes against the score, and for every merge that was not certain. A merge may wait for a second
    person: the pair then stays decided and names the operation.
    """
    policies.require(actor, policies.LINK)
    row = CandidatePair.objects.select_for_update().filter(pk=pair_id).first()
    if row is None:
        raise NotFound(_("没有找到这一对，可能已经处理。"))
    if row.state not in (State.OPEN, State.LATER):
        state = _(str(State(row.state).label))
        raise Conflict(_("%(by)s已经判定这一对为“%(state)s”。") % {"by": row.decided_by, "state": state})
    if decision not in (State.SAME, State.DIFFERENT, State.LATER):
        raise InvalidInput(errors={"decision": _("请选择“同一人”“不是同一人”或“暂缓”。")})
    if not reason.strip() and _needs_reason(row, decision):
        raise InvalidInput(errors={"reason": _("这个判定与系统评分不一致或并非确定，请写明依据，例如“电话核实”。")})
    row.state, row.reason, row.decided_at = decision, reason.strip()[:400], clock.now()
    row.decided_by, row.decided_staff_id = actor.name, actor.staff_id
    if decision == State.SAME:
        row.operation_id = _merge(
            row, survivor_id or row.left_id, reason.strip() or _("证件、姓名、出生日期一致"), actor
        )
    row.save()
    return pairs.pair_data([row])[0]


def _needs_reason(row: CandidatePair, decision: str) -> bool:
    if decision == State.SAME:
        return not row.is_safe
    return decision == State.DIFFERENT and row.verdict == "link"


def _merge(row: CandidatePair, survivor: UUID, reason: str, actor: Actor) -> UUID:
    other = row.right_id if survivor == row.left_id else row.left_id
    return merge_residents(survivor_id=survivor, other_id=other, reason=reason, actor=actor).id


@transaction.atomic
def decide_safe(*, pair_ids: Collection[UUID], actor: Actor) -> int:
    """Merge several pairs in which document, name and birth date are the same, looked at again now; returns how many."""
    policies.require(actor, policies.LINK)
    done = 0
    for key in pair_ids:
        row = CandidatePair.objects.filter(pk=key, state=State.OPEN).first()
        sides = queries.resolve([row.left_id, row.right_id]) if row else {}
        if row and sides[row.left_id] == row.left_id and sides[row.right_id] == row.right_id:
            if not _is_safe(row.left_id, row.right_id):
                raise Conflict(_("所选各对中有证件、姓名或出生日期不一致的，请逐对比对。"))
            decide_pair(pair_id=key, decision=State.SAME, actor=actor)
            done += 1
    return done


def start_search(*, actor: Actor) -> JobData:
    """Look for pairs among all residents, as a job with progress."""
    policies.require(actor, policies.LINK)
    return start_job("residents.find_pairs", _("全库查重"), actor)


@job_kind("residents.find_pairs")
def find_pairs(job: JobData) -> None:
    """Every way in, one after the other; a pair is compared once. May run again after a crash: noting the same pair twice is one."""
    policies.require(actor_of(job.id), policies.LINK)
    seen: set[tuple[UUID, UUID]] = set()
    noted = 0
    for step, block in enumerate(pairs.BLOCKS):
        asked = (pair for pair in pairs.candidates(block) if pair not in seen)
        while chunk := list(dict.fromkeys(islice(asked, _CHUNK))):
            seen.update(chunk)
            noted += note_pairs(list(pairs.score_many(chunk)), CandidatePair.FoundBy.JOB)
            note = _("已比较 %(n)s 对，发现 %(m)s 对") % {"n": len(seen), "m": noted}
            progress(job.id, step, len(pairs.BLOCKS), note)
    progress(job.id, len(pairs.BLOCKS), len(pairs.BLOCKS), _("发现 %(m)s 对待复核") % {"m": noted})


def note_confirmed(resident_id: UUID, confirmed: Sequence[UUID]) -> None:
    """What a desk registered in spite of a likeness is looked at again by the index."""
    today = queries.resolve(confirmed)
    asked = [(resident_id, key) for key in dict.fromkeys(today.values()) if key != resident_id]
    note_pairs(pairs.score_many(asked), CandidatePair.FoundBy.REGISTRATION)
