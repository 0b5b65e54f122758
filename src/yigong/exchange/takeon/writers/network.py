"""Institutions, departments, and staff with their posts: a row at a time through the commands of ``network``."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.errors import DomainError
from yigong.core.rights import ROLES
from yigong.exchange.takeon.data import Origin, Row
from yigong.exchange.takeon.rules.layouts import Layout, layout, register_codes
from yigong.exchange.takeon.writers.base import RowWriter, refuse, register
from yigong.network import api as network

_MANAGE = "network.manage"
_REASON = "数据接入"


def fold(text: str) -> str:
    """A code as the house compares it."""
    return text.replace(" ", "").upper()


def one_by_one(rows: Sequence[Row], chosen: Layout, make: Callable[[Row], dict[str, UUID]]) -> dict[str, UUID]:
    """Each row by a command of its own; a refused one is failed and the others go on."""
    made: dict[str, UUID] = {}
    for row in rows:
        try:
            with transaction.atomic():
                made |= make(row)
        except DomainError as refusal:
            refuse(row, chosen, refusal)
    return made


class Institutions(RowWriter):
    """The whole file at once: what stands above may come further down."""

    right, batch, rehearses = _MANAGE, 100_000, True

    def check(self, rows: Sequence[Row], chosen: Layout, origin: Origin, actor: Actor) -> None:
        """Places and institutions above must be known, or come in the same file."""
        above = {fold(row.text("parent_code")) for row in rows} - {""}
        known = network.institutions_by_code(above)
        own = {fold(row.text("code")) for row in rows}
        places = network.places_by_code({row.text("place_code") for row in rows} - {""})
        for row in rows:
            parent = fold(row.text("parent_code"))
            if parent and parent not in known and parent not in own:
                row.fail(chosen, "institution", "parent_code")
            if row["place_code"] and row.text("place_code") not in places:
                row.fail(chosen, "place", "place_code")
            row.found["place"] = places.get(row.text("place_code"))

    def existing(self, rows: Sequence[Row], origin: Origin) -> dict[str, UUID]:
        """An institution is known by its code, whoever entered it."""
        known = network.institutions_by_code(row.text("code") for row in rows)
        return {row.number: known[fold(row.text("code"))].id for row in rows if fold(row.text("code")) in known}

    def create(self, rows: Sequence[Row], origin: Origin, actor: Actor) -> dict[str, UUID]:
        """Those above first."""
        chosen = layout("institutions")
        made: dict[str, UUID] = {}
        waiting = list(rows)
        while waiting:
            open_codes = {fold(row.text("code")) for row in waiting}
            ready = [row for row in waiting if fold(row.text("parent_code")) not in open_codes]
            if not ready:
                for row in waiting:
                    row.fail(chosen, "refused", "parent_code", text=_("上级机构绕成了圈"))
                break
            made |= one_by_one(ready, chosen, lambda row: {row.number: self._make(row, actor)})
            waiting = [row for row in waiting if row not in ready]
        return made

    def _make(self, row: Row, actor: Actor) -> UUID:
        return network.create_institution(code=row["code"], actor=actor, **self._facts(row)).id

    def _facts(self, row: Row) -> dict[str, Any]:
        parent = network.institutions_by_code([row.text("parent_code")]) if row["parent_code"] else {}
        place = row.found.get("place")
        texts = ("short_name", "credit_code", "ownership", "grade", "grade_class", "phone", "address")
        facts: dict[str, Any] = {name: row.text(name) for name in texts}
        facts["ownership"] = facts["ownership"] or "public"
        facts["parent_id"] = next((one.id for one in parent.values()), None)
        facts["place_id"] = place.id if place else None
        facts |= {"name": row["name"], "level": row["level"], "category": row["category"]}
        return facts | {"opened_on": row["opened_on"]}

    def change(self, row: Row, target: UUID, origin: Origin, actor: Actor) -> None:
        """What the file says now; an empty cell changes nothing."""
        facts = {name: value for name, value in self._facts(row).items() if value not in ("", None)}
        network.change_institution(institution_id=target, actor=actor, reason=_(_REASON), **facts)

    def retract(self, taken: Sequence[tuple[str, UUID]], reason: str, actor: Actor) -> dict[str, str]:
        """Those that no room names."""
        return _retracted("institution", taken, reason, actor)


class Departments(RowWriter):
    """Departments of institutions that are known."""

    right, batch, rehearses = _MANAGE, 5000, True

    def check(self, rows: Sequence[Row], chosen: Layout, origin: Origin, actor: Actor) -> None:
        """The institution."""
        known = network.institutions_by_code(row.text("institution_code") for row in rows)
        for row in rows:
            row.found["institution"] = known.get(fold(row.text("institution_code")))
            if row.found["institution"] is None:
                row.fail(chosen, "institution", "institution_code")

    def existing(self, rows: Sequence[Row], origin: Origin) -> dict[str, UUID]:
        """By institution and code."""
        known = network.departments_by_code(row.found["institution"].id for row in rows)
        keys = {row.number: (row.found["institution"].id, fold(row.text("code"))) for row in rows}
        return {number: known[key].id for number, key in keys.items() if key in known}

    def create(self, rows: Sequence[Row], origin: Origin, actor: Actor) -> dict[str, UUID]:
        """One command each."""
        return one_by_one(rows, layout("departments"), lambda row: {row.number: self._make(row, actor)})

    def _make(self, row: Row, actor: Actor) -> UUID:
        return network.create_department(
            institution_id=row.found["institution"].id, code=row["code"], name=row["name"], specialty=row.text("specialty"),
            phone=row.text("phone"), actor=actor,
        ).id  # fmt: skip

    def change(self, row: Row, target: UUID, origin: Origin, actor: Actor) -> None:
        """Name, subject, phone."""
        facts = {name: row[name] for name in ("name", "specialty", "phone") if row[name]}
        network.change_department(department_id=target, actor=actor, reason=_(_REASON), **facts)

    def retract(self, taken: Sequence[tuple[str, UUID]], reason: str, actor: Actor) -> dict[str, str]:
        """Those that no room names."""
        return _retracted("department", taken, reason, actor)


class Staff(RowWriter):
    """People, each row one post: somebody with two posts has two rows. The person is kept under the number without a post."""

    right, batch, rehearses = _MANAGE, 2000, True

    def check(self, rows: Sequence[Row], chosen: Layout, origin: Origin, actor: Actor) -> None:
        """Institution and department."""
        houses = network.institutions_by_code(row.text("institution_code") for row in rows)
        wards = network.departments_by_code(house.id for house in houses.values())
        for row in rows:
            house = row.found["institution"] = houses.get(fold(row.text("institution_code")))
            row.found["department"] = None
            if house is None:
                row.fail(chosen, "institution", "institution_code")
            elif row["department_code"]:
                ward = row.found["department"] = wards.get((house.id, fold(row.text("department_code"))))
                if ward is None:
                    row.fail(chosen, "department", "department_code")

    def existing(self, rows: Sequence[Row], origin: Origin) -> dict[str, UUID]:
        """The post that the person holds already."""
        people = network.staff_by_code(row.text("code") for row in rows)
        posts = network.posts_of_many(one.id for one in people.values())
        found = {}
        for row in rows:
            person = row.found["person"] = people.get(fold(row.text("code")))
            for post in posts.get(person.id, ()) if person else ():
                if (post.institution_id, post.role) == (row.found["institution"].id, row["role"]):
                    found[row.number] = post.id
        return found

    def create(self, rows: Sequence[Row], origin: Origin, actor: Actor) -> dict[str, UUID]:
        """The person with the first post, then the others."""
        people: dict[str, UUID] = {}
        return one_by_one(rows, layout("staff"), lambda row: self._make(row, people, actor))

    def _make(self, row: Row, people: dict[str, UUID], actor: Actor) -> dict[str, UUID]:
        code, house, ward = fold(row.text("code")), row.found["institution"], row.found["department"]
        made: dict[str, UUID] = {}
        person = row.found["person"].id if row.found["person"] else people.get(code)
        if person is None:
            person = network.create_staff(
                code=code, name=row["name"], sex=row["sex"], phone=row.text("phone"), title=row.text("title"),
                institution_id=house.id, actor=actor,
            ).id  # fmt: skip
            made[code] = person
        post = network.assign_post(
            staff_id=person, institution_id=house.id, role=row["role"], department_id=ward.id if ward else None,
            starts_on=row["starts_on"], actor=actor,
        )  # fmt: skip
        people[code] = person
        return made | {row.number: post.id}

    def change(self, row: Row, target: UUID, origin: Origin, actor: Actor) -> None:
        """The person's particulars; a post is changed by ending it on its page."""
        person = network.staff_by_code([row.text("code")])[fold(row.text("code"))]
        facts = {name: row[name] for name in ("name", "sex", "phone", "title") if row[name]}
        network.change_staff(staff_id=person.id, actor=actor, reason=_(_REASON), **facts)

    def retract(self, taken: Sequence[tuple[str, UUID]], reason: str, actor: Actor) -> dict[str, str]:
        """Posts first, then the people."""
        posts, people = [one for one in taken if "|" in one[0]], [one for one in taken if "|" not in one[0]]
        stay = _retracted("post", posts, reason, actor) if posts else {}
        return stay | (_retracted("staff", people, reason, actor) if people else {})


def _retracted(kind: str, taken: Sequence[tuple[str, UUID]], reason: str, actor: Actor) -> dict[str, str]:
    stay = network.retract(kind=kind, ids=[key for _number, key in taken], reason=reason, actor=actor)
    return {number: stay[key] for number, key in taken if key in stay}


def declare() -> None:
    """Offer tables and writers."""
    for name, table in network.code_tables().items():
        register_codes(name, lambda table=table: table)  # type: ignore[misc]
    register_codes("roles", lambda: ROLES)
    register_codes("sexes", lambda: {"1": "男", "2": "女", "0": "未知", "9": "未说明"})
    register("institutions", Institutions())
    register("departments", Departments())
    register("staff", Staff())
