"""Where the vehicles of runs are, on the pages of dispatcher, driver and receiver."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from yigong.core.actor import Actor
from yigong.logistics.data import ConsignmentData, RunRow
from yigong.logistics.models import Run, RunStop
from yigong.network import api as network
from yigong.whereabouts import api as whereabouts

KIND = "logistics_run"


@dataclass(frozen=True, slots=True)
class Where:
    """Where a vehicle is: last seen, when it should be at the stops ahead (by institution), and the map."""

    seen: whereabouts.Seen | None
    arrivals: dict[UUID, whereabouts.Estimate]
    is_going_on: bool
    map: whereabouts.Drawing | None = None


def is_under_way(run_id: UUID) -> bool:
    """Positions are taken between the first stop and the last."""
    return Run.objects.filter(pk=run_id, state="under_way").exists()


def is_aboard(run_id: UUID, actor: Actor) -> bool:
    """The run's driver."""
    return Run.objects.filter(pk=run_id, driver_id=actor.staff_id).exists()


def of_runs(runs: Sequence[RunRow]) -> dict[UUID, whereabouts.Seen]:
    """Last positions of the runs that are under way."""
    return whereabouts.last_seen(KIND, [run.id for run in runs if run.state == "under_way"])


def of_run(run: RunRow) -> Where:
    """One run with its trail, its stops and what can be reckoned; a run that is over keeps its trail as long as positions are kept."""
    seen = whereabouts.last_seen(KIND, [run.id]).get(run.id)
    ahead = [stop.institution_id for stop in run.stops if stop.arrived_at is None and not stop.skipped]
    arrivals = _arrivals(run.id, ahead) if run.state == "under_way" else {}
    return Where(
        seen, arrivals, bool(ahead), _map([run], {run.id: seen} if seen else {}, [whereabouts.trail_of(KIND, run.id)])
    )


def of_consignment(one: ConsignmentData) -> Where | None:
    """Where a thing is that is aboard, and when it should be at its receiver's; None where it is not on a run."""
    if one.run_id is None or one.state != "aboard":
        return None
    stops = RunStop.objects.filter(run_id=one.run_id, arrived_at=None, skipped="").order_by("rank")
    ahead = list(stops.values_list("institution_id", flat=True))
    if one.receiver_id in ahead:
        ahead = ahead[: ahead.index(one.receiver_id) + 1]
    return Where(whereabouts.last_seen(KIND, [one.run_id]).get(one.run_id), _arrivals(one.run_id, ahead), bool(ahead))


def board(runs: Sequence[RunRow], seen: dict[UUID, whereabouts.Seen]) -> whereabouts.Drawing | None:
    """All vehicles under way with the stops of their runs; None where none reports."""
    out = [run for run in runs if run.id in seen]
    return _map(out, seen, []) if out else None


def _arrivals(run_id: UUID, ahead: Sequence[UUID]) -> dict[UUID, whereabouts.Estimate]:
    found: dict[UUID, whereabouts.Estimate] = {}
    for one in whereabouts.estimates(KIND, run_id, ahead):
        found.setdefault(one.institution_id, one)
    return found


def _map(
    runs: Sequence[RunRow],
    seen: dict[UUID, whereabouts.Seen],
    trails: Sequence[Sequence[whereabouts.PointData]],
) -> whereabouts.Drawing | None:
    places = network.locations_of(stop.institution_id for run in runs for stop in run.stops)
    following = {run.next.institution_id for run in runs if run.next}
    things = [
        whereabouts.Drawn(whereabouts.Spot(at.latitude, at.longitude), at.name, "next" if key in following else "stop")
        for key, at in places.items()
    ]
    things += [
        whereabouts.Drawn(seen[run.id].spot, run.name, "old" if seen[run.id].is_old else "vehicle", run.van)
        for run in runs
        if run.id in seen
    ]
    return whereabouts.draw(things, trails)
