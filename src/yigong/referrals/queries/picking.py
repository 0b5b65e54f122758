"""What the pickers of the request form offer."""

from functools import cache
from uuid import UUID

from yigong.core.pinyin import initials
from yigong.network import api as network
from yigong.network.data import InstitutionData
from yigong.referrals.rules.definitions import DIAGNOSES, RANK, Diagnosis, rows

_LEVELS = ("county", "outside", "township", "village")


def diagnoses(text: str, limit: int = 20) -> tuple[list[Diagnosis], int]:
    """Common diagnoses by code, Chinese or pinyin initials; how many there are in all. Nothing typed gives the first ones."""
    wanted = text.strip().upper()
    found = [row for row, letters in _with_initials() if not wanted or _fits(row, letters, wanted)]
    found.sort(key=lambda row: (not row.name.startswith(text.strip()), not row.code.startswith(wanted)))
    return found[:limit], len(found)


def diagnosis_name(code: str) -> str:
    """The name of a listed code, else nothing."""
    found = rows(DIAGNOSES).get(code)
    return found.name if found else ""


def receivers(text: str, home_id: UUID, limit: int = 20) -> list[InstitutionData]:
    """Institutions that treat, without the own one; those above in the tree first."""
    found = [
        place for place in network.search_institutions(text, limit=60) if place.id != home_id and place.level in RANK
    ]
    above = network.ancestors(home_id)
    found.sort(key=lambda place: (above.index(place.id) if place.id in above else 99, _LEVELS.index(place.level)))
    return found[:limit]


def usual_receiver(home_id: UUID) -> InstitutionData | None:
    """The nearest county-level institution above, for a form that nobody has touched yet."""
    above = network.institutions(network.ancestors(home_id))
    return next(
        (above[key] for key in network.ancestors(home_id) if key != home_id and above[key].level == "county"), None
    )


def _fits(row: Diagnosis, letters: str, wanted: str) -> bool:
    return wanted in row.name.upper() or row.code.startswith(wanted) or letters.startswith(wanted) or wanted in letters


@cache
def _cached(count: int) -> list[tuple[Diagnosis, str]]:
    return [(row, initials(row.name).upper()) for row in rows(DIAGNOSES).values()]


def _with_initials() -> list[tuple[Diagnosis, str]]:
    return _cached(len(rows(DIAGNOSES)))
