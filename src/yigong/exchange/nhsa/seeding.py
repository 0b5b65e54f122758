"""What the simulator must know before it can play the platform: people with their coverage, institutions with their level, sums so far."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from yigong.core import clock
from yigong.exchange.nhsa.api import contracted
from yigong.insurance.benefits.api import yuan
from yigong.insurance.coverage import api as coverage
from yigong.insurance.settlement.api import account_of, years_of
from yigong.network import api as network
from yigong.residents import api as residents

# Our names of a year's sums, by those of the simulator's own books; what has another name there begins with it.
_SUMS = {
    "deductible": "dedc", "pool": "pool", "large": "large", "admissions": "times", "burden": "crit_base", "critical": "crit",
    "civil_threshold": "cvl_line", "civil": "cvl", "aid_threshold": "maf_line", "aid": "maf", "tilt_threshold": "tilt_line", "tilt": "tilt",
}  # fmt: skip
_PREFIXES = {"admissions:": "times:", "deductible:": "otp_dedc:", "paid:": "otp:"}
_LEVELS = {"village": "1", "township": "1", "county": "2", "outside": "3"}


def person(resident_id: UUID) -> dict[str, Any] | None:
    """A person for the simulator; None for who is not insured or has no citizen number."""
    number, covered = residents.citizen_number(resident_id), coverage.coverages_on(resident_id, clock.today())
    if not covered or not number:
        return None
    known = residents.identity(resident_id)
    own, family = account_of(resident_id)
    return {
        "psn_no": f"99{resident_id.int % 10**12:012d}", "certno": number, "psn_name": known.name, "gend": known.sex,
        "brdy": str(known.birth_date or ""), "balance": yuan(own), "family": yuan(family), "cards": [{"sn": f"K{number}"}],
        "insuinfo": [{"insutype": one.insurance, "psn_type": one.person_type, "insuplc_admdvs": one.region, "cvlserv_flag": "0"} for one in covered],
        "idetinfo": [{"psn_idet_type": code, "begntime": "2000-01-01"} for code in sorted(covered[0].identities)],
        "died_on": str(known.closed_on) if known.status == "deceased" and known.closed_on else "",
    }  # fmt: skip


def institution(institution_id: UUID) -> dict[str, Any]:
    """An institution for the simulator."""
    place = network.institution(institution_id)
    row = contracted(institution_id)
    return {"code": row.code, "name": row.name, "level": _LEVELS.get(place.level, "1") if place else "1"}


def opening(resident_id: UUID, psn_no: str) -> Iterator[dict[str, Any]]:
    """The sums of the person's years so far, in yuan, under the simulator's names."""
    for scheme, year, sums in years_of(resident_id):
        kept = {there: _amount(name, amount) for name, amount in sums.items() if (there := _there(name))}
        yield {"psn_no": psn_no, "insutype": scheme, "year": year, "sums": kept}


def _there(name: str) -> str:
    for ours, theirs in _PREFIXES.items():
        if name.startswith(ours):
            return theirs + name.removeprefix(ours)
    return _SUMS.get(name, "")


def _amount(name: str, amount: int) -> str:
    return str(amount) if name.startswith("admissions") else yuan(amount)


def everything(resident_ids: Iterable[UUID], institution_ids: Iterable[UUID]) -> dict[str, Any]:
    """All of it, as the simulator takes it in."""
    people: list[dict[str, Any]] = []
    openings: list[dict[str, Any]] = []
    for key in resident_ids:
        if (one := person(key)) is not None:
            people.append(one)
            openings += opening(key, one["psn_no"])
    return {"people": people, "institutions": [institution(key) for key in institution_ids], "openings": openings}
