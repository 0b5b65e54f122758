"""Experts' calendars: shifts of the roster cut into slots, with what is held."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID

from yigong.centres.consultation.data import Calendar
from yigong.centres.consultation.models import Invitation
from yigong.centres.consultation.rules import slots
from yigong.centres.consultation.rules.definitions import parameters
from yigong.core import clock
from yigong.network import api as network

HOLDING = ("invited", "accepted", "opined")


def held_by(staff_ids: Collection[UUID], begin: datetime, end: datetime) -> dict[UUID, list[slots.Span]]:
    """What is held of these experts' time, by expert; one question."""
    found: dict[UUID, list[slots.Span]] = defaultdict(list)
    rows = Invitation.objects.filter(expert_id__in=staff_ids, state__in=HOLDING, starts_at__lt=end, ends_at__gt=begin)
    for expert_id, starts_at, ends_at in rows.values_list("expert_id", "starts_at", "ends_at"):
        found[expert_id].append((starts_at, ends_at))
    return found


def calendars(institution_ids: Iterable[UUID], day: date) -> list[Calendar]:
    """Every expert on the roster of these institutions on one day (China's time), with free and held slots."""
    begin = datetime.combine(day, time(), clock.SHANGHAI)
    end, known = begin + timedelta(days=1), parameters()
    shifts: dict[tuple[UUID, UUID, str], list[slots.Span]] = defaultdict(list)
    for place in institution_ids:
        for duty in network.duties_between(place, begin, end):
            if duty.role in known.expert_roles:
                shifts[place, duty.staff_id, duty.role].append((max(begin, duty.starts_at), min(end, duty.ends_at)))
    people = network.staff_many({person for _place, person, _role in shifts})
    places = network.institutions({place for place, _person, _role in shifts})
    held = held_by(list(people), begin, end)
    found = []
    for (place, person, role), spans in shifts.items():
        cut = [slot for span in spans for slot in slots.cut(span, known.slot, after=clock.now())]
        open_ = slots.free(cut, held[person])
        found.append(
            Calendar(
                person, people[person].name, people[person].title, place, places[place].short_name, role,
                tuple(open_), tuple(slot for slot in cut if slot not in open_),
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: (one.institution_name, one.name))


def on_roster(staff_id: UUID, institution_id: UUID, span: slots.Span) -> bool:
    """Whether one shift of this expert covers the whole span."""
    duties = [d for d in network.duties_between(institution_id, *span) if d.staff_id == staff_id]
    return slots.covered(span, [(d.starts_at, d.ends_at) for d in duties])
