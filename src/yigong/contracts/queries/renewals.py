"""What a renewal would do, before it is done."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.contracts.models import Contract
from yigong.contracts.queries.groups import groups_of
from yigong.contracts.rules.packs import packages, rules
from yigong.contracts.rules.workflow import COUNTS
from yigong.core import clock
from yigong.core.months import add_months
from yigong.residents import api as residents


@dataclass(frozen=True, slots=True)
class Planned:
    """One renewal: the new term and packages; ``changed`` when the packages differ from the old ones, ``fault`` why it cannot be."""

    contract_id: UUID
    resident_id: UUID
    name: str
    age: str
    old_ends_on: date
    starts_on: date
    ends_on: date
    packages: tuple[str, ...]
    titles: tuple[str, ...]
    changed: bool
    fee_fen: int
    fault: str

    @property
    def last_day(self) -> date:
        """The new term's last day."""
        return self.ends_on - timedelta(days=1)


def plan_of(rows: Sequence[Contract]) -> list[Planned]:
    """The renewals of these contracts; the people's names are for who may see the list."""
    today, known = clock.today(), packages()
    held = _held([r.resident_id for r in rows])
    names = residents.resident_names({r.resident_id for r in rows})
    now = groups_of([r.resident_id for r in rows], today)
    found = []
    for row in rows:
        begins = max(row.ends_on, today) if row.ends_on < today else row.ends_on
        ends = add_months(begins, rules().term_months)
        kept = {c for c in row.packages if c in known and known[c].kind == "personal"}
        fitting = {
            c
            for c, p in known.items()
            if p.kind == "basic" or (p.kind == "population" and now[row.resident_id] & set(p.groups))
        }
        chosen = tuple(c for c in known if c in kept | fitting)
        found.append(
            Planned(
                row.id, row.resident_id, names[row.resident_id].name, names[row.resident_id].age_text, row.ends_on, begins, ends, chosen,
                tuple(_(known[c].title) for c in chosen), set(chosen) != set(row.packages), sum(known[c].price_fen for c in chosen),
                _fault(row, names[row.resident_id].status, _overlaps(held[row.resident_id], begins, ends), today),
            )
        )  # fmt: skip
    return found


def _held(resident_ids: Collection[UUID]) -> dict[UUID, list[tuple[date, date]]]:
    """The terms that count of each person."""
    keys, found = residents.identities_of(resident_ids), defaultdict[UUID, list[tuple[date, date]]](list)
    rows = Contract.objects.filter(resident_id__in=keys, state__in=COUNTS)
    for key, begins, ends in rows.values_list("resident_id", "starts_on", "ends_on"):
        found[keys[key]].append((begins, ends))
    return found


def _overlaps(terms: Iterable[tuple[date, date]], begins: date, ends: date) -> bool:
    return any(first < ends and last > begins for first, last in terms)


def _fault(row: Contract, status: str, taken: bool, today: date) -> str:
    county = rules()
    if status != "active":
        return _("居民档案已注销、迁出或死亡。")
    if row.state not in {"valid", "expired"}:
        return _("协议不是有效或期满状态，请重新签约。")
    if row.is_renewed:
        return _("已续签。")
    if today < row.ends_on - timedelta(days=county.renew_before_days):
        return _("离期满还早，期满前 %(n)s 天起可以续签。") % {"n": county.renew_before_days}
    if today > row.ends_on + timedelta(days=county.renew_after_days):
        return _("期满已超过 %(n)s 天，请重新签约。") % {"n": county.renew_after_days}
    return _("已与其他团队签约。") if taken else ""
