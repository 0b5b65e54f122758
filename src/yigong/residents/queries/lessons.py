"""What the desk's decisions say about the score: right and wrong by band, and new values for the definition as a proposal."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from django.db.models import Count, F, Func, IntegerField, Value
from django.utils.translation import gettext as _

from yigong.core import clock, statements
from yigong.core.errors import Conflict
from yigong.residents.matching import api as matching
from yigong.residents.matching import learning
from yigong.residents.matching.definition import source_of
from yigong.residents.models import CandidatePair, Resident
from yigong.residents.queries import pairs

State = CandidatePair.State
_EDGES = (2, 4, 7, 10, 14)  # bits; 2 and 7 are the national cut-offs
_SAMPLE = 160
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Band:
    """Pairs of one span of weights: what was decided and what waits."""

    label: str
    same: int
    different: int
    waiting: int

    @property
    def decided(self) -> int:
        return self.same + self.different

    @property
    def share(self) -> float | None:
        """Of the decided ones, those that were one person."""
        return self.same / self.decided if self.decided else None


def bands() -> list[Band]:
    """All pairs by weight, lowest band first."""
    sums = [{"same": 0, "different": 0, "waiting": 0} for _edge in range(len(_EDGES) + 1)]
    rows = CandidatePair.objects.values("state", band=_band_of()).annotate(n=Count("id"))
    for row in rows:
        kind = row["state"] if row["state"] in ("same", "different") else "waiting"
        sums[row["band"]][kind] += row["n"]
    return [Band(_label(place), **counts) for place, counts in enumerate(sums)]


def _label(place: int) -> str:
    if place == 0:
        return _("%(to)s 分以下") % {"to": _EDGES[0]}
    if place == len(_EDGES):
        return _("%(since)s 分以上") % {"since": _EDGES[-1]}
    return _("%(since)s–%(to)s 分") % {"since": _EDGES[place - 1], "to": _EDGES[place]}


def _band_of() -> Func:
    edges = Value("{" + ",".join(map(str, _EDGES)) + "}")
    return Func(F("weight"), edges, template="width_bucket(%(expressions)s::float8[])", output_field=IntegerField())


def decided_count() -> int:
    """How many decided pairs have their levels kept, so that they teach something."""
    return CandidatePair.objects.filter(state__in=[State.SAME, State.DIFFERENT]).exclude(levels={}).count()


def proposal() -> learning.Proposal:
    """New m and u beside the definition in force, with what they would do to the pairs that were decided and those that wait."""
    chosen, today = pairs.definition(), clock.today()
    return learning.propose(chosen, _judged(), _random_pairs(chosen), next_version(chosen.version, today), today)


def next_version(version: str, today: date) -> str:
    """``2026.2`` becomes ``2026.3``; anything else gets today's date."""
    head, _dot, tail = version.rpartition(".")
    return f"{head}.{int(tail) + 1}" if head == str(today.year) and tail.isdigit() else f"{today.year}.{today:%m%d}"


def proposed_file() -> tuple[str, str]:
    """Name and text of the definition's file with the proposed values: a new version for a county's pack. Nothing is changed here."""
    text = source_of(pairs.definition())
    if not text:
        raise Conflict(_("现行的比对定义已不在定义目录里，不能据此生成新版本，请联系系统管理员。"))
    made = proposal()
    return f"matching-{made.definition.version}.toml", learning.rewrite(text, made)


def _judged() -> Iterator[learning.Judged]:
    told = {"same": True, "different": False}
    rows = CandidatePair.objects.exclude(levels={}).order_by("-decided_at").values_list("levels", "weight", "state")
    for levels, weight, state in rows[:_MOST]:
        yield learning.Judged(levels, weight, told.get(state))


def _random_pairs(chosen: matching.Definition) -> Iterator[tuple[Mapping[str, str], Mapping[str, str]]]:
    """Every pair among some residents taken at random."""
    rows = statements.objects(Resident, _RANDOM, {"n": _SAMPLE})
    ready = [matching.prepare(p, chosen) for p in pairs.fields_of_residents(rows).values()]
    yield from combinations(ready, 2)


# One pass over the keys; a page that a keeper opens now and then.
_RANDOM = """
where id in (select id from residents_resident where merged_into_id is null and status <> 'cancelled' order by random() limit %(n)s)
"""
