"""Lists of contracts: paged, indexed, names in two statements a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from yigong.access.api import decide_many
from yigong.contracts import policies
from yigong.contracts.data import ContractData
from yigong.contracts.models import Contract, Member
from yigong.contracts.queries.contracts import to_data
from yigong.contracts.rules.packs import rules
from yigong.core import clock, statements
from yigong.core.actor import Actor
from yigong.core.paging import Page, page_of
from yigong.core.rights import note_decision
from yigong.residents.api import resident_names
from yigong.residents.data import ResidentName

# The figures of the home page, counted as ``conditions`` counts them (a test compares the two), without building a queryset at each visit.
_HOME = """
select count(*) filter (where holds), count(*) filter (where holds and done_times = 0 and due_times > 0),
    count(*) filter (where holds and ends_on <= %(soon)s and not is_renewed),
    count(*) filter (where state = 'offered')
from (select state, ends_on, done_times, due_times, is_renewed, state = 'valid' and starts_on <= %(today)s and ends_on > %(today)s as holds
    from ({rows}) r) c
"""
_HERE = "select * from contracts_contract where institution_id = any(%(places)s) and state in ('valid', 'offered')"
# Few sit in a team of another institution: asked first, because the union costs most where it brings nothing.
_SEATS = """
select t.id from contracts_member m join contracts_team t on t.id = m.team_id
where m.staff_id = %(staff)s::uuid and m.ends_on is null and not t.institution_id = any(%(places)s)
"""
_ELSEWHERE = (
    " union all select * from contracts_contract where team_id = any(%(teams)s) and state in ('valid', 'offered')"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line."""

    contract: ContractData
    person: ResidentName


def mine(actor: Actor) -> QuerySet[Contract]:
    """Contracts of the actor's institutions and of the teams the actor sits in."""
    rows = Contract.objects.all()
    places = policies.places(actor)
    if places is None:
        return rows
    own = Q(institution_id__in=places)
    if actor.staff_id:
        seats = Member.objects.filter(staff_id=actor.staff_id, ends_on__isnull=True)
        own |= Q(team_id__in=seats.values("team_id"))
    return rows.filter(own)


def conditions() -> dict[str, Q]:
    """What stands behind each tab; "" is what holds today."""
    today, county = clock.today(), rules()
    holds = Q(state="valid", starts_on__lte=today, ends_on__gt=today)
    return {
        "": holds,
        "empty": holds & Q(done_times=0, due_times__gt=0),
        "expiring": holds & Q(ends_on__lte=today + timedelta(days=county.expiring_days), is_renewed=False),
        "offered": Q(state="offered"),
        "over": Q(state__in=["ended", "expired"]),
        "gone": Q(state__in=["withdrawn", "lapsed"]),
    }


def contracts(actor: Actor, filters: Mapping[str, str], *, page: int = 1, limit: int = 20) -> Page[Row]:
    """The page of a filtered list; each shown person is decided and logged at once."""
    rows = filtered(mine(actor), filters)
    order = ["-state_since", "id"] if filters.get("tab") in {"over", "gone"} else ["ends_on", "resident__pinyin", "id"]
    found = page_of(rows.select_related("team").order_by(*order), page=page, limit=limit, convert=_rows)
    if found.items:
        decide_many(actor, "read_detail", "resident", {row.contract.resident_id for row in found.items})
    else:
        note_decision()
    return found


def _rows(rows: list[Contract]) -> list[Row]:
    names = resident_names({r.resident_id for r in rows})
    return [Row(to_data(r), names[r.resident_id]) for r in rows]


def filtered(rows: QuerySet[Contract], filters: Mapping[str, str]) -> QuerySet[Contract]:
    """The rows that a list's filters leave."""
    rows = rows.filter(conditions().get(filters.get("tab", ""), conditions()[""]))
    if team := filters.get("team", ""):
        rows = rows.filter(team_id=team)
    if group := filters.get("group", ""):
        rows = rows.filter(groups__contains=[group])
    if package := filters.get("package", ""):
        rows = rows.filter(packages__has_key=package)
    if text := filters.get("text", "").strip():
        low = text.lower()
        rows = rows.filter(
            Q(resident__name_key__startswith=text)
            | Q(resident__pinyin__startswith=low)
            | Q(resident__initials__startswith=low)
            | Q(number=text)
        )
    return rows


def counts(actor: Actor, team: str = "") -> dict[str, int]:
    """How many stand behind each tab, in one statement."""
    rows = mine(actor).filter(team_id=team) if team else mine(actor)
    found: dict[str, int] = rows.aggregate(**{name or "now": Count("id", filter=q) for name, q in conditions().items()})
    return found


def home_counts(actor: Actor) -> dict[str, int] | None:
    """What holds, what is empty, what expires and what is offered, of the actor's institutions and teams; None for who sees the whole county."""
    places = policies.places(actor)
    if places is None:
        return None
    today = clock.today()
    soon = today + timedelta(days=rules().expiring_days)
    known = {"places": sorted(places), "staff": actor.staff_id}
    teams = [key for (key,) in statements.fetch(_SEATS, known)]
    found = statements.fetch(
        _HOME.format(rows=_HERE + _ELSEWHERE * bool(teams)), {"today": today, "soon": soon, "teams": teams, **known}
    )
    return dict(zip(("now", "empty", "expiring", "offered"), found[0], strict=True))


def ids_of(actor: Actor, filters: Mapping[str, str], limit: int) -> list[UUID]:
    """Keys of a filtered list, in its order."""
    return list(
        filtered(mine(actor), filters)
        .order_by("ends_on", "resident__pinyin", "id")
        .values_list("id", flat=True)[:limit]
    )
