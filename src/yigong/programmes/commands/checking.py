"""Drawing visits for the check by telephone, what was heard, and what follows where a visit was not real."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock, draws
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.commands import one_at_a_time, racing
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.core.packs import api as packs
from yigong.core.ui.shell import address
from yigong.network import api as network
from yigong.programmes import policies
from yigong.programmes.commands import common
from yigong.programmes.models import Check, SampleDraw, Visit
from yigong.programmes.queries import draws as kept
from yigong.programmes.queries import screening
from yigong.programmes.rules import planning
from yigong.programmes.rules.packs import SCREENING
from yigong.residents import api as residents
from yigong.tasks import api as tasks


@racing("programmes.draw_sample")
@change
def draw_sample(*, since: date, until: date, actor: Actor) -> int:
    """Draw visits between two days for the check: the definition's share of each institution's, not fewer than its least; never one twice. The seed is
    made here and kept with the population; nobody chooses. Returns how many."""
    policies.require(actor, policies.CHECK)
    if since > until:
        raise InvalidInput(errors={"until": _("结束日期不能早于开始日期。")})
    one_at_a_time("visit sample")  # a health centre and the county above it never draw the same visit
    rule = packs.current(SCREENING, "visit-screening")
    places = policies.places(actor)
    rows = Visit.objects.filter(on__range=(since, until), void_reason="")
    if places is not None:
        rows = rows.filter(institution_id__in=places)
    taken = set(Check.objects.filter(visit__in=rows).values_list("visit_id", flat=True))
    strata: dict[UUID, list[UUID]] = defaultdict(list)
    sizes: dict[UUID, int] = defaultdict(int)
    before: dict[UUID, int] = defaultdict(int)
    for key, place in rows.order_by("institution_id", "id").values_list("id", "institution_id"):
        sizes[place] += 1
        if key in taken:
            before[place] += 1
        else:
            strata[place].append(key)
    wanted = {
        place: min(len(keys), max(0, draws.share(sizes[place], rule.sample_percent, rule.sample_least) - before[place]))
        for place, keys in strata.items()
    }
    row = _keep(strata, wanted, since=since, until=until, screen="", actor=actor) if any(wanted.values()) else None
    return _drawn(dict.fromkeys(_chosen(row), ""), row, actor)


@change
def draw_hits(*, screen: str, since: date, until: date, actor: Actor) -> int:
    """Put what a screen points at onto the list for the check: its visits, and of a person whose work as a whole stands out as many of his as the
    least sample, by a kept draw; never one twice. Returns how many."""
    policies.require(actor, policies.CHECK)
    rule, places = packs.current(SCREENING, "visit-screening"), policies.places(actor)
    one_at_a_time("visit sample")
    hits = screening.hits(since, until, places, only=screen)
    chosen = {hit.visit_id for hit in hits if hit.visit_id}
    suspects = sorted({hit.staff_id for hit in hits if hit.visit_id is None and hit.staff_id})
    rows = Visit.objects.filter(staff_id__in=suspects, on__range=(since, until), void_reason="").order_by("id")
    strata: dict[UUID, list[UUID]] = {key: [] for key in suspects}
    for key, staff in (rows if places is None else rows.filter(institution_id__in=places)).values_list(
        "id", "staff_id"
    ):
        if staff:
            strata[staff].append(key)
    taken = set(
        Check.objects.filter(visit_id__in={k for keys in strata.values() for k in keys}).values_list(
            "visit_id", flat=True
        )
    )
    strata = {staff: [k for k in keys if k not in taken | chosen] for staff, keys in strata.items()}
    wanted = {staff: min(len(keys), rule.sample_least) for staff, keys in strata.items()}
    row = _keep(strata, wanted, since=since, until=until, screen=screen, actor=actor) if any(wanted.values()) else None
    done = set(Check.objects.filter(visit_id__in=chosen).values_list("visit_id", flat=True))
    made = _drawn(dict.fromkeys(sorted(chosen - done), screen), None, actor)
    return made + _drawn(dict.fromkeys(_chosen(row), screen), row, actor)


def _keep(
    strata: Mapping[UUID, Sequence[UUID]], wanted: Mapping[UUID, int], *, since: date, until: date, screen: str, actor: Actor
) -> SampleDraw:  # fmt: skip
    listed, population = kept.packed(strata, wanted)
    rule = packs.current(SCREENING, "visit-screening")
    return SampleDraw.objects.create(
        institution_id=actor.institution_id, since=since, until=until, screen=screen, definition=rule.version, seed=draws.new_seed(), strata=listed,
        population=population, eligible=sum(map(len, strata.values())), drawn=sum(wanted.values()), digest=kept.digest(population),
        drawn_at=clock.now(), staff_id=actor.staff_id, actor_name=actor.name,
    )  # fmt: skip


def _chosen(row: SampleDraw | None) -> list[UUID]:
    return draws.take(*kept.unpacked(row), row.seed) if row else []


def _drawn(chosen: Mapping[UUID, str], draw: SampleDraw | None, actor: Actor) -> int:
    """Write the drawn visits, and the task of who rings."""
    Check.objects.bulk_create(
        [Check(visit_id=key, drawn_on=clock.today(), why=why, draw=draw) for key, why in chosen.items()],
        ignore_conflicts=True,
    )
    if chosen and actor.institution_id:
        tasks.open_task(
            key=_ring_key(actor.institution_id), kind="programmes.check", institution_id=actor.institution_id, staff_id=actor.staff_id,
            title=_("电话抽查：抽到的随访待核对"), url=address("programmes:sample"), due_at=planning.end_of(clock.today() + timedelta(days=14)),
            subject=("institution", actor.institution_id),
        )  # fmt: skip
    return len(chosen)


def _ring_key(place: UUID) -> str:
    return f"programmes/check/{place}"


def untrue_key(visit_id: UUID) -> str:
    """The key of the task to see to a visit that was not real."""
    return f"programmes/untrue/{visit_id}"


@change
def settle_check(*, check_id: UUID, text: str, actor: Actor) -> None:
    """What was done about a visit that was not real; ends its task."""
    row = _mine(check_id, actor)
    if row.outcome != "not" or row.handled:
        raise Conflict(_("这次随访不是待处理的不属实随访。"))
    settle(row, common.required(text, "text", _("请写明处理情况，例如“已重新随访，扣减当次补助”。")), actor)


def settle(row: Check, text: str, actor: Actor) -> None:
    """The same by another command of this room."""
    row.handled, row.handled_by = text[:200], actor.name
    row.save(update_fields=["handled", "handled_by"])
    tasks.resolve_task(key=untrue_key(row.visit_id), actor=actor, note=row.handled)


def _mine(check_id: UUID, actor: Actor) -> Check:
    policies.require(actor, policies.CHECK)
    row = Check.objects.select_for_update(of=("self",)).select_related("visit__enrolment").filter(pk=check_id).first()
    if row is None or not policies.manages(actor, row.visit.institution_id):
        raise NotFound()
    return row


@change
def note_check(*, check_id: UUID, outcome: str, actor: Actor, note: str = "") -> None:
    """What the person said on the telephone: the visit was real, was not, or nobody answered."""
    row = _mine(check_id, actor)
    if outcome not in {"real", "not", "unreached"}:
        raise InvalidInput(errors={"outcome": _("请选择核查结果。")})
    if outcome == "not" and not note.strip():
        raise InvalidInput(errors={"note": _("请写明不属实的情况。")})
    if row.handled:
        raise Conflict(_("这次随访已按不属实处理（%(what)s），核查结果不能再改。") % {"what": row.handled})
    row.outcome, row.note, row.checked_by, row.checked_at = outcome, note.strip()[:200], actor.name, clock.now()
    row.save(update_fields=["outcome", "note", "checked_by", "checked_at"])
    if outcome == "not":
        _ask(row)
    else:
        tasks.cancel_task(key=untrue_key(row.visit_id), reason=_("核查结果已更正"), actor=actor)
    places = policies.places(actor)
    waiting = Check.objects.filter(outcome="")
    if places is not None:
        waiting = waiting.filter(visit__institution_id__in=places)
    if actor.institution_id and not waiting.exists():
        tasks.resolve_task(key=_ring_key(actor.institution_id), actor=actor, note=_("已全部核对"))


def _ask(row: Check) -> None:
    """Whoever leads the institution, or the one above a village, sees to a visit that was not real."""
    visit = row.visit
    place = network.institution(visit.institution_id)
    above = place.parent_id if place.level == "village" and place.parent_id else place.id
    name = residents.resident_names([visit.enrolment.resident_id])[visit.enrolment.resident_id].name
    tasks.open_task(
        key=untrue_key(visit.id), kind="programmes.untrue", institution_id=above,
        role="quality_manager" if place.level == "county" else "township_manager", about_resident_id=visit.enrolment.resident_id,
        title=_("%(place)s %(day)s 对%(name)s的随访经电话核查不属实，请处理")
        % {"place": place.short_name or place.name, "day": visit.on, "name": name},
        url=f"{address('programmes:sample')}?state=not", due_at=planning.end_of(clock.today() + timedelta(days=7)),
        subject=("programme_visit", visit.id),
    )  # fmt: skip
