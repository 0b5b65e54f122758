"""What a team earned in a year, and how it is or was shared."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from yigong.contracts.data import FeeShareData
from yigong.contracts.models import FeeShare, Stint, Team
from yigong.contracts.rules import fees
from yigong.contracts.rules.packs import rules
from yigong.contracts.rules.workflow import COUNTS
from yigong.core.ledger import api as ledger
from yigong.network import api as network


@dataclass(frozen=True, slots=True)
class Reckoned:
    """Before it is posted; amounts in fen."""

    pool_fen: int
    earned_fen: int
    paid_fen: int
    done_times: int
    due_times: int
    lines: tuple[fees.Line, ...]


def reckon(team: Team, year: int, until: date) -> Reckoned:
    """The days served by this team from the year's first day to the day before ``until``, and their share of the fees."""
    begin = date(year, 1, 1)
    rows = Stint.objects.filter(team=team, starts_on__lt=until, ends_on__gt=begin, contract__state__in=COUNTS).exclude(
        starts_on=F("ends_on")
    )
    earned = done = due = 0
    for since, ends, c_from, c_to, fee, was_done, was_due in rows.values_list(
        "starts_on", "ends_on", "contract__starts_on", "contract__term_ends_on", "contract__fee_fen", "contract__done_times", "contract__due_times"
    ).iterator(5000):  # fmt: skip
        term, served = (c_from, c_to), (since, ends)
        earned += fees.earned(fee, term, served, until) - fees.earned(fee, term, served, begin)
        done, due = done + was_done, due + was_due
    pool = _pool(team.id)
    earned = min(earned, pool)  # a fee taken in may be less than agreed; nothing is paid out that never came in
    rule = rules().fee
    paid = fees.paid_out(earned, done, due, rule)
    seats: dict[str, list[UUID]] = defaultdict(list)
    for role, staff in team.members.filter(ends_on__isnull=True).order_by("id").values_list("role", "staff_id"):
        seats[role].append(staff)
    return Reckoned(pool, earned, paid, done, due, tuple(fees.share(paid, rule, seats)))


def _pool(team_id: UUID) -> int:
    found = ledger.accounts_of([team_id], "contracts.pool")
    return found[team_id].balance if team_id in found else 0


def preview(team: Team, year: int, until: date) -> FeeShareData:
    """The sharing that ``share_fee`` would make."""
    found = reckon(team, year, until)
    lines = [(line.role, str(line.staff_id or ""), line.fen) for line in found.lines]
    return FeeShareData(
        None,
        year,
        until,
        found.pool_fen,
        found.earned_fen,
        found.paid_fen,
        found.done_times,
        found.due_times,
        _lines(lines),
    )


def shares_of(team: Team) -> list[FeeShareData]:
    """The sharings of a team, newest first."""
    return [to_data(row) for row in FeeShare.objects.filter(team=team).order_by("-at")[:20]]


def to_data(row: FeeShare) -> FeeShareData:
    """The row as a page shows it."""
    return FeeShareData(
        row.id, row.year, row.until, _pool(row.team_id), row.earned_fen, row.paid_fen, row.done_times, row.due_times,
        _lines([(role, staff, fen) for role, staff, fen in row.lines]), row.by, row.reversed_because,
    )  # fmt: skip


def _lines(lines: list[tuple[str, str, int]]) -> tuple[tuple[str, str, int], ...]:
    county = rules()
    people = network.staff_many({UUID(staff) for _role, staff, _fen in lines if staff})
    found = []
    for role, staff, fen in lines:
        seat = county.role(role)
        name = people[UUID(staff)].name if staff and UUID(staff) in people else ""
        found.append((_(seat.title) if seat else _(county.fee.house_title), name, fen))
    return tuple(found)
