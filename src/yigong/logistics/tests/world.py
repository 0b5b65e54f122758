"""A county hospital that sends vans, two townships on a route, and the people at both ends."""

from dataclasses import dataclass
from datetime import time
from typing import Any

from django.test import Client

from yigong.access.tests.factories import Person, make_person
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.logistics import api as logistics
from yigong.logistics.data import ConsignmentData, RunRow, StopPlan
from yigong.logistics.models import Route, Van
from yigong.network.tests.factories import make_institution


@dataclass(frozen=True)
class RoadWorld:
    """Everybody on the road."""

    people: dict[str, Person]
    van: Van
    route: Route
    places: dict[str, Any]

    def actor(self, name: str) -> Actor:
        """One of the people, built anew."""
        return self.people[name].actor

    def client(self, name: str) -> Client:
        """Their browser."""
        return self.people[name].client()

    def run(self) -> RunRow:
        """Today's run of the route."""
        logistics.make_runs(on=clock.today(), actor=self.actor("dispatcher"))
        found = logistics.runs_of_day(clock.today(), self.actor("dispatcher"))
        return next(run for run in found if run.name == self.route.name)

    def waiting(self, kind: str = "specimen", who: str = "nurse", **more: Any) -> ConsignmentData:
        """Something packed that waits; from the township to the county unless said otherwise."""
        to = "county" if who in {"nurse", "second"} else "west"
        given: dict[str, Any] = {
            "kind": kind,
            "receiver_id": self.places[to].id,
            "band": "2-8" if kind == "specimen" else "any",
        }
        made = logistics.open_consignment(**{**given, **more}, pieces=3, actor=self.actor(who))
        return logistics.close_consignment(consignment_id=made.id, seal="F-1", actor=self.actor(who))

    def aboard(self, run: RunRow, **more: Any) -> ConsignmentData:
        """Something on the run."""
        return logistics.load(number=self.waiting(**more).number, run_id=run.id, actor=self.actor("driver"))


def make_road_world() -> RoadWorld:
    """Build it through the rooms' own commands."""
    county, west, east = (
        make_institution(level, name=name)
        for level, name in (("county", "县医院"), ("township", "河西卫生院"), ("township", "河东卫生院"))
    )
    people = {
        "dispatcher": make_person("logistics_dispatcher", county), "driver": make_person("driver", county),
        "other_driver": make_person("driver", county), "nurse": make_person("nurse", west), "second": make_person("nurse", east),
        "lab": make_person("lab_technician", county), "sterile": make_person("sterile_technician", county),
        "druggist": make_person("pharmacist", county),
    }  # fmt: skip
    boss = people["dispatcher"].actor
    van = logistics.add_van(plate="川A12345", name="一号冷链车", actor=boss)
    stops = [StopPlan(p.id, time(hour)) for p, hour in ((county, 0), (west, 1), (east, 2), (county, 3))]
    route = logistics.save_route(
        name="河西线", weekdays=range(1, 8), stops=stops, van_id=van.pk, driver_id=people["driver"].staff_id, actor=boss
    )  # fmt: skip
    return RoadWorld(people, van, route, {"county": county, "west": west, "east": east})
