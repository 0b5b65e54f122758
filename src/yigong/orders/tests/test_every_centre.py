"""Every declared service goes through the whole mechanism: a centre that is declared later joins by itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.forms import api as forms
from yigong.core.rights import ROLES, permissions_of
from yigong.core.states.clocks import sweep
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.orders.data import OrderData, ServiceDefinition
from yigong.orders.rules import services
from yigong.orders.rules.quality import definitions
from yigong.orders.tests.world import BOOT, SINCE, World, browser_of, make_world, person
from yigong.tasks.models import Task

CENTRES = ("imaging", "ecg", "laboratory", "pathology", "consultation", "sterile", "emergency")


@dataclass(frozen=True)
class Bench:
    """One service with a person for each of its rights."""

    service: ServiceDefinition
    world: World
    asker: Actor
    performer: Actor
    reader: Actor
    reviewer: Actor
    watcher: Actor

    def place(self, **more: Any) -> OrderData:
        """An order of the service's first item, every required question answered by its first choice."""
        item = self.service.catalogue()[0]
        asked = [orders.ItemInput(item.code, item.name, item.group, item.part, item.price, item.validity_days)]
        answers = {q.code: q.choices[0][0] if q.choices else "1" for q in self.service.questions if q.required}
        given = {
            "service_code": self.service.code, "resident_id": self.world.resident_id, "items": asked, "answers": answers,
            "performing_institution_id": self.world.township, "actor": self.asker,
            "clinical": orders.Clinical(purpose="检查", diagnosis="待查"), "repeat_reason_code": "1",
        }  # fmt: skip
        return orders.place_order(**{**given, **more})

    def claimed(self) -> OrderData:
        """An order whose material is at the centre, claimed by the reader."""
        order = self.place()
        arrival_of(self.service.code)(order)
        orders.claim(order_id=order.id, actor=self.reader)
        return order

    def draft(self, order: OrderData) -> dict[str, Any]:
        """A complete report, with the first answer to each required question of its form."""
        code = self.service.structured(order)
        asked = [item for item in forms.form(code).items if item.required and not item.shown_when] if code else []
        sections = {s.code: str(s.low or 1) if s.is_number else "所见" for s in self.service.sections if s.required}
        return {
            "sections": sections,
            "impression": "结论",
            "positive": False,
            "grade": next(iter(self.service.grades), ""),
            "structured": {item.code: [item.options[0].code] for item in asked},
        }

    def signed(self) -> OrderData:
        """An order with a signed report."""
        order = self.claimed()
        orders.submit_report(order_id=order.id, draft=self.draft(order), actor=self.reader)
        orders.sign_report(order_id=order.id, actor=self.reviewer)
        return order


def arrival_of(code: str) -> Callable[[OrderData], None]:
    """How material comes to a centre: its own way (``arrive`` of its tests' world), else through the archive."""
    name = f"yigong.centres.{code}.tests.world"
    own = getattr(import_module(name), "arrive", None) if find_spec(name) else None
    return own or (
        lambda order: orders.study_received(
            order_id=order.id, study_uid=f"2.25.{order.id.int}", modality="OT", images=1, actor=BOOT
        )
    )


def role_with(permission: str, *, but: str = "") -> str:
    """Some role that carries a permission."""
    return next(role for role in ROLES if permission in permissions_of(role) and role != but)


@pytest.fixture(scope="module")
def done() -> Iterator[list[str]]:
    """What passed; the last word is the count."""
    passed: list[str] = []
    yield passed
    beside = rooms_beside()
    wanted = len(services()) * len(STEPS) + sum(len(room.STEPS) for room in beside.values())
    print(f"\n{len(passed)} of {wanted} centre steps: {', '.join([*services(), *beside])}")
    for name, room in beside.items():
        print(f"{name} has no " + "; ".join(f"{step}: {why}" for step, why in room.MEANINGLESS.items()))


def rooms_beside() -> dict[str, Any]:
    """Centres that are no service of orders and say themselves what each step is with them (``every_step`` of their tests)."""
    found = {}
    for name in CENTRES:
        place = f"yigong.centres.{name}.tests.every_step"
        if name not in services() and find_spec(f"yigong.centres.{name}") and find_spec(place):
            found[name] = import_module(place)
    return found


def bench(code: str) -> Bench:
    """The small county with a centre for this service."""
    service, world = services()[code], make_world()
    if network.serving_centre(service.centre_kind, world.township) is None:
        centre = network.create_centre(
            kind=service.centre_kind, name=service.label, institution_id=world.county, actor=BOOT, starts_on=SINCE
        )
        network.serve(centre_id=centre.id, institution_id=world.township, starts_on=SINCE, actor=BOOT)
    rights = service.rights
    people = [
        person(right, place, role_with(getattr(rights, right)))
        for right, place in (
            ("request", world.township), ("perform", world.township), ("report", world.county), ("review", world.county),
            ("statistics", world.county),
        )
    ]  # fmt: skip
    return Bench(service, world, *people)


def request(b: Bench) -> None:
    """Placed, accepted by the own institution, shown on the workbench."""
    order = b.place()
    assert orders.order(order.id, actor=b.asker).state in {"requested", "accepted"}
    assert [row.id for row in orders.performing_list(b.service.code, b.performer, view="all").items] == [order.id]


def reject(b: Bench) -> None:
    """With a coded reason; the asker gets a task."""
    order = b.place()
    orders.reject_order(order_id=order.id, reason_code=next(iter(b.service.reject_reasons)), actor=b.performer)
    assert orders.order(order.id, actor=b.asker).state == "rejected"
    assert Task.objects.filter(kind="order.rejected", subject_id=order.id).exists()


def cancel(b: Bench) -> None:
    """By the asker, with a reason."""
    order = b.place()
    orders.cancel_order(order_id=order.id, reason="开单错误", actor=b.asker)
    assert orders.order(order.id, actor=b.asker).state == "cancelled"


def escalate(b: Bench) -> None:
    """A report that nobody signs in time asks the centre."""
    order = b.claimed()
    with clock.travel(timedelta(days=8)):
        sweep()
    assert Task.objects.filter(kind="report.read", subject_id=order.id).exists()


def amend(b: Bench) -> None:
    """A second version; the first stays."""
    order = b.signed()
    orders.amend_report(order_id=order.id, reason="笔误", actor=b.reader)
    orders.submit_report(order_id=order.id, draft=b.draft(order), actor=b.reader)
    orders.sign_report(order_id=order.id, actor=b.reviewer)
    report = orders.report_of(order.id, actor=b.reader)
    assert report is not None and [v.kind for v in report.versions] == ["final", "amended"]


def critical(b: Bench) -> None:
    """Flagged, acknowledged with read-back, acted on, closed; unanswered it climbs."""
    order = b.claimed()
    item, action = next(iter(b.service.critical_items)), next(iter(b.service.critical_actions))
    value = orders.flag_critical(order_id=order.id, item=item, detail="所见", actor=b.reader)
    with clock.travel(timedelta(minutes=30)):
        sweep()
    assert orders.open_criticals(b.asker)[0].level >= 1
    orders.acknowledge_critical(critical_id=value.id, read_back=True, actor=b.asker)
    orders.act_on_critical(critical_id=value.id, measure=action, text="已处置", actor=b.asker)
    orders.close_critical(critical_id=value.id, actor=b.asker)
    assert not orders.open_criticals(b.asker)


def statistics(b: Bench) -> None:
    """The page opens for who may, and counts."""
    b.signed()
    watcher = replace(b.watcher, institution_ids=frozenset({b.world.county}))
    figures = orders.statistics(b.service.code, watcher, since=clock.today() - timedelta(days=1), until=clock.today())
    assert (figures.ordered, figures.reported) == (1, 1)
    assert browser_of(b.watcher).get(f"/orders/{b.service.code}/statistics/").status_code == 200


def print_(b: Bench) -> None:
    """The signed report as PDF."""
    order = b.signed()
    assert browser_of(b.asker).get(f"/orders/{order.id}/print/").content[:5] == b"%PDF-"


def quality(b: Bench) -> None:
    """Each check of the service: drawn, scored by another, fed back, put right, checked, counted; the sheet prints."""
    b.signed()
    day = clock.today()
    manager = person("质控员", b.world.county, "quality_manager")
    packs = definitions(b.service.code)
    assert packs
    for code, pack in packs.items():
        with clock.travel(timedelta(days=40)):
            draw = orders.draw_round(definition=code, period=day, actor=manager)
        drawn = draw.samples.get()
        scorer = person("评审", b.world.county, pack.scorers[0])
        if pack.second_reading:
            orders.read_again(sample_id=drawn.pk, positive=True, text="阳性", actor=scorer)
        typed = {"defects": [next(iter(pack.deductions))]}
        assert orders.score_sample(sample_id=drawn.pk, typed=typed, actor=scorer).state == "scored"
        orders.feed_back(sample_id=drawn.pk, actor=manager)
        asked = Task.objects.get(kind="quality.rectify", subject_id=drawn.pk)
        assert asked.staff_id == drawn.person_id
        who = person("答复", drawn.answerer_id, pack.answerers[0])
        orders.answer_finding(sample_id=drawn.pk, cause="疏忽", measure="双人核对", looked_at=5, actor=who)
        assert orders.check_finding(sample_id=drawn.pk, actor=manager).state == "closed"
        browser = browser_of(manager)
        assert browser.get(f"/orders/quality/figures/?definition={code}&since={day:%Y-%m}").status_code == 200
        assert browser.get(f"/orders/quality/draws/{draw.pk}/print/").content[:5] == b"%PDF-"


STEPS: dict[str, Callable[[Bench], None]] = {
    "request": request, "reject": reject, "cancel": cancel, "escalate": escalate, "amend": amend, "critical": critical,
    "statistics": statistics, "print": print_, "quality": quality,
}  # fmt: skip


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each service and step, known only once the apps are ready."""
    if "step" in metafunc.fixturenames:
        metafunc.parametrize(("code", "step"), [(code, step) for code in services() for step in STEPS])
    if "own_step" in metafunc.fixturenames:
        pairs = [(name, step) for name, room in rooms_beside().items() for step in room.STEPS]
        metafunc.parametrize(("room", "own_step"), pairs)


@pytest.mark.django_db
def test_every_centre_takes_every_step(code: str, step: str, done: list[str]) -> None:
    """Each centre times each step."""
    STEPS[step](bench(code))
    done.append(f"{code}.{step}")


@pytest.mark.django_db
def test_every_room_beside_takes_every_step(room: str, own_step: str, done: list[str]) -> None:
    """A centre beside the mechanism has each step, or says why it has no meaning there."""
    own = rooms_beside()[room]
    assert set(own.STEPS) | set(own.MEANINGLESS) == set(STEPS) and not set(own.STEPS) & set(own.MEANINGLESS)
    own.STEPS[own_step]()
    done.append(f"{room}.{own_step}")


def test_the_table_of_the_documentation_says_what_is_walked() -> None:
    """Each centre with each step, the checks of its service, or why a step has no meaning."""
    lines = (Path(__file__).parents[4] / "docs/reference/centre-steps.md").read_text().splitlines()
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    assert table[0][1:] == list(STEPS)
    beside = rooms_beside()
    walked = {code: ["yes"] * (len(STEPS) - 1) + [", ".join(sorted(definitions(code)))] for code in services()}
    walked |= {name: [room.MEANINGLESS.get(step, "yes") for step in STEPS] for name, room in beside.items()}
    assert {row[0]: row[1:] for row in table[2:]} == walked
