"""What the pickers of the request form offer."""

from uuid import UUID

from yigong.network import api as network
from yigong.network.data import InstitutionData
from yigong.referrals.rules.definitions import RANK

_LEVELS = ("county", "outside", "township", "village")


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
