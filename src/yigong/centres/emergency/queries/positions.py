"""Where the ambulances are, for dispatcher, hospital and case."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from yigong.centres.emergency.models import CrewMember, Run
from yigong.centres.emergency.models.runs import OVER
from yigong.core.actor import Actor
from yigong.network import api as network
from yigong.whereabouts import api as whereabouts

KIND = "emergency_run"
_BRINGING = ("on_board", "left_scene")


@dataclass(frozen=True, slots=True)
class Where:
    """Where an ambulance is, when it should be at the hospital (only with the patient on board), and the map."""

    seen: whereabouts.Seen | None
    arrival: whereabouts.Estimate | None
    map: whereabouts.Drawing | None = None


def is_under_way(run_id: UUID) -> bool:
    """Positions are taken from the sending until the vehicle is back."""
    return Run.objects.filter(pk=run_id).exclude(state__in=OVER).exists()


def is_aboard(run_id: UUID, actor: Actor) -> bool:
    """One of the crew."""
    aboard = CrewMember.objects.filter(run_id=run_id)
    return actor.staff_id is not None and aboard.filter(staff_id=actor.staff_id).exists()


def of_runs(runs: Iterable[Run]) -> dict[UUID, whereabouts.Seen]:
    """Last positions of runs that are not over."""
    return whereabouts.last_seen(KIND, [run.pk for run in runs if run.state not in OVER])


def fleet_map(rows: Iterable[tuple[str, Run]], seen: dict[UUID, whereabouts.Seen]) -> whereabouts.Drawing | None:
    """All ambulances that report, by their names, with the institutions the network knows; None where none reports."""
    cars = [
        whereabouts.Drawn(seen[run.pk].spot, name, "old" if seen[run.pk].is_old else "vehicle")
        for name, run in rows
        if run.pk in seen
    ]
    known = [one for one in network.locations() if one.institution_id]
    # Village clinics would hide everything else, and a private practice is no landmark.
    landmarks = {
        key
        for key, one in network.institutions(one.institution_id for one in known if one.institution_id).items()
        if one.level == "county" or (one.parent_id and one.level == "township")
    }
    houses = [
        whereabouts.Drawn(whereabouts.Spot(one.latitude, one.longitude), one.name, "stop")
        for one in known
        if one.institution_id in landmarks
    ]
    return whereabouts.draw([*houses, *cars]) if cars else None


def of_run(run: Run, destination_id: UUID) -> Where:
    """One ambulance with its trail."""
    seen = whereabouts.last_seen(KIND, [run.pk]).get(run.pk)
    arrivals = whereabouts.estimates(KIND, run.pk, [destination_id]) if seen and run.state in _BRINGING else []
    if seen is None:
        return Where(None, None)
    places = network.locations_of([destination_id]).values()
    things = [whereabouts.Drawn(whereabouts.Spot(at.latitude, at.longitude), at.name, "next") for at in places]
    things.append(whereabouts.Drawn(seen.spot, run.vehicle.name, "old" if seen.is_old else "vehicle"))
    return Where(
        seen, arrivals[0] if arrivals else None, whereabouts.draw(things, [whereabouts.trail_of(KIND, run.pk)])
    )
