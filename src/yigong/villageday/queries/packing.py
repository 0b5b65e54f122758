"""What goes onto a phone, and the same people as a way through the village."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.forms import api as forms
from yigong.programmes import api as programmes
from yigong.records import api as records
from yigong.residents import api as residents
from yigong.villageday.data import Due, Person, Stop
from yigong.villageday.rules import way_key


@dataclass(frozen=True, slots=True)
class Packed:
    """Plain values, ready for JSON; ``left_out`` people are due too and did not fit."""

    until: date
    people: list[dict[str, Any]]
    dues: list[dict[str, Any]]
    forms: dict[str, dict[str, Any]]
    shelves: dict[str, dict[str, Any]]
    uses: dict[str, Any]
    left_out: int


def stops(actor: Actor, days: int) -> tuple[list[Stop], programmes.Bundle]:
    """The households with something due within some days, in the order of a walk. Decides about each person and logs."""
    found = programmes.bundle_for(actor=actor, days=days)
    dues: dict[UUID, list[Due]] = {}
    of = {e.id: e for e in found.enrolments}
    for d in found.dues:
        row = Due(
            d.id,
            d.enrolment_id,
            d.short,
            d.title,
            d.closes_on,
            d.urgency,
            of[d.enrolment_id].grade_title,
            of[d.enrolment_id].tone,
        )
        dues.setdefault(d.resident_id, []).append(row)
    places = residents.dwellings(dues)
    by_key: dict[str, Stop] = {}
    for key, mine in dues.items():
        home, who = places[key], found.people[key]
        place = str(home.household_id or key)
        stop = by_key.setdefault(place, Stop(place, home.household_id, home.village, home.address))
        stop.people.append(Person(key, who.name, who.sex_label, who.age_text, tuple(mine)))
    order = {str(h.household_id or key): way_key(h.division_code, h.address) for key, h in places.items()}
    return sorted(by_key.values(), key=lambda s: (order[s.key], s.key)), found


def pack(actor: Actor, days: int, most: int) -> Packed:
    """The bundle of an actor: the most urgent people first until it is full, then in the order of the walk."""
    way, found = stops(actor, days)
    everybody = [p for stop in way for p in stop.people]
    kept = {p.id for p in sorted(everybody, key=lambda p: min(d.closes_on for d in p.dues))[:most]}
    of = {e.id: e for e in found.enrolments}
    taken = _taken(kept)
    people = [
        {"key": str(p.id), "name": p.name, "sex": p.sex, "age": p.age, "stop": n, "place": f"{stop.village}{stop.address}", "home": stop.key, **taken[p.id]}
        for n, stop in enumerate(way, 1) for p in stop.people if p.id in kept
    ]  # fmt: skip
    dues = []
    used: set[str] = set()
    racks: dict[str, programmes.Shelf] = {}
    shelves: dict[str, dict[str, Any]] = {}
    for d in found.dues:
        if d.resident_id not in kept:
            continue
        stage = found.programmes[d.programme].stage(d.stage)
        if stage is None:
            continue
        used.add(stage.form)
        one = of[d.enrolment_id]
        dues.append({
            "enrolment": str(d.enrolment_id), "person": str(d.resident_id), "stage": d.stage, "short": d.short, "title": d.title, "form": stage.form,
            "opens": d.opens_on.isoformat(), "closes": d.closes_on.isoformat(), "urgency": d.urgency, "version": one.version,
            "last_on": one.last_on.isoformat() if one.last_on else None, "grade": one.grade_title, "tone": one.tone,
            "last": _last(found, d.enrolment_id, stage.form), "asks": programmes.asks_medicines(d.programme, found.forms[stage.form]),
            "asked": _asked(found, d, found.forms[stage.form]), "shelf": _rack(racks, shelves, d.programme, stage.track, found.institution_id),
        })  # fmt: skip
    sheets = {code: _sheet(found.forms[code]) for code in used if code in found.forms}
    rule = programmes.medicine_uses()
    uses = {
        "title": rule.title,
        "item": rule.item,
        "whole": rule.whole,
        "taken": [[t.code, t.label] for t in rule.taken],
    }
    return Packed(found.until, people, dues, sheets, shelves, uses, len(everybody) - len(kept))


def _taken(people: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Medicines and allergies of each person from the record, no more than the county's limit; ``more`` says how many were left behind."""
    limit, rows, allergic = programmes.medicine_uses(), programmes.medicine_rows(people), records.allergies_of(people)
    found = {}
    for key in people:
        mine, known = rows.get(key, []), allergic.get(key, [])
        more = max(0, len(mine) - limit.most_medicines), max(0, len(known) - limit.most_allergies)
        found[key] = {
            "medicines": [_medicine(m) for m in mine[: limit.most_medicines]], "more": more,
            "allergies": [a.substance + (f"（{a.reaction}）" if a.reaction else "") for a in known[: limit.most_allergies]],
        }  # fmt: skip
    return found


def _medicine(row: programmes.MedicineRow) -> dict[str, Any]:
    days = {"since": row.since, "last": row.last_on, "until": row.until, "before_on": row.before_on}
    return {
        "name": row.name, "text": row.text, "giver": row.giver, "before": row.before, "heard": row.heard,
        **{name: day.isoformat() if day else None for name, day in days.items()},
    }  # fmt: skip


def _rack(
    racks: dict[str, programmes.Shelf], shelves: dict[str, dict[str, Any]], programme: str, track: str, place: UUID
) -> str:
    """The name under which the lots for this visit lie in the bundle, empty where none are kept; each shelf is read once."""
    if programme not in racks:
        racks[programme] = programmes.shelf(programme, place)
    name = f"{programme}/{track}"
    if name not in shelves:
        found = racks[programme].choices(track)
        if not found:
            return ""
        shelves[name] = {
            "offered": [_lot(c) for c in found.offered], "others": [_lot(c) for c in found.others], "barred": [_lot(c) for c in found.barred],
            "notice": found.notice,
        }  # fmt: skip
    return name


def _lot(choice: programmes.LotChoice) -> dict[str, Any]:
    return {
        "product": choice.product, "lot": choice.lot, "expires": choice.expires_on.isoformat(), "left": choice.left, "why": choice.why,
        "fill": choice.fill,
    }  # fmt: skip


def _last(found: programmes.Bundle, enrolment: UUID, form: str) -> list[list[str]]:
    """The newest answers in words: readings, medicines, advice."""
    answers = found.last_answers.get(enrolment)
    return (
        [[label, text] for _section, label, text in forms.sheet(found.forms[form], answers)][:40]
        if answers and form in found.forms
        else []
    )


def _asked(found: programmes.Bundle, due: programmes.DueData, form: forms.FormDefinition) -> list[str] | None:
    """The questions this person may be asked, where the form does not ask everybody the same."""
    if not any(i.shown_when for i in form.items):
        return None
    born, sex = found.born.get(due.resident_id), found.people[due.resident_id].sex
    return [i.code for i in form.asked(programmes.person_facts(born, sex, clock.today(), due.stage))]


def _sheet(form: forms.FormDefinition) -> dict[str, Any]:
    """A form as the phone draws it. Whether a question that depends on another answer applies is the server's to know: it is shown, and never
    required; what is reckoned is reckoned there too."""
    return {"code": form.code, "title": form.title, "items": [_item(i) for i in form.items if not i.reckoned]}


def _item(item: forms.Item) -> dict[str, Any]:
    return _control(item) | {
        "section": item.section, "help": item.help, "required": item.required and not item.shown_when, "usual": item.usual,
        "when": bool(item.shown_when), "columns": [_control(c) | {"required": c.required} for c in item.columns], "most": item.most,
    }  # fmt: skip


def _control(item: forms.Item | forms.Column) -> dict[str, Any]:
    return {
        "code": item.code, "label": item.label, "type": item.type, "unit": item.unit, "min": item.min, "max": item.max,
        "options": [[o.code, o.label, o.exclusive] for o in item.options],
    }  # fmt: skip


def side(form: forms.FormDefinition, answers: Mapping[str, Any]) -> dict[str, str]:
    """Answers in words by label, for two versions side by side."""
    return {label: text for _section, label, text in forms.sheet(form, answers)}


def beside(left: Mapping[str, str], right: Mapping[str, str]) -> Iterable[tuple[str, str, str]]:
    """(question, phone, platform) of everything either says."""
    for label in dict.fromkeys([*left, *right]):
        yield label, left.get(label, ""), right.get(label, "")
