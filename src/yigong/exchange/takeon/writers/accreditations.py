"""What assessments found of institutions: each row a verdict of a paper, through the commands of ``network``, which changes none: it withdraws and records."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.errors import Conflict
from yigong.exchange.takeon.data import Origin, Row
from yigong.exchange.takeon.rules.layouts import Layout, layout
from yigong.exchange.takeon.writers.base import RowWriter, register
from yigong.exchange.takeon.writers.network import fold, one_by_one
from yigong.network import api as network


class Accreditations(RowWriter):
    """Verdicts; the same of the same paper is one, whoever entered it."""

    right, batch, rehearses = "network.manage", 2000, True

    def check(self, rows: Sequence[Row], chosen: Layout, origin: Origin, actor: Actor) -> None:
        """The institution, by its code and, where the file has it, by its name too: codes one line off are a clerk's commonest mistake."""
        known = network.institutions_by_code(row.text("institution_code") for row in rows)
        for row in rows:
            house = row.found["institution"] = known.get(fold(row.text("institution_code")))
            if house is None:
                row.fail(chosen, "institution", "institution_code")
            elif row["institution_name"] and row["institution_name"] not in (house.name, house.short_name):
                row.fail(chosen, "house_name", "institution_name", name=house.name)

    def existing(self, rows: Sequence[Row], origin: Origin) -> dict[str, UUID]:
        """By institution, assessment, first day, verdict and paper."""
        known = network.verdicts_recorded(row.found["institution"].id for row in rows)
        keys = {
            row.number: (row.found["institution"].id, row["kind"], row["starts_on"], row["level"], row["document"])
            for row in rows
        }
        return {number: known[key] for number, key in keys.items() if key in known}

    def create(self, rows: Sequence[Row], origin: Origin, actor: Actor) -> dict[str, UUID]:
        """One command each."""
        return one_by_one(rows, layout("accreditations"), lambda row: {row.number: self._record(row, actor)})

    def _record(self, row: Row, actor: Actor) -> UUID:
        return network.record_accreditation(
            institution_id=row.found["institution"].id, kind=row["kind"], level=row["level"], starts_on=row["starts_on"], ends_on=row["ends_on"],
            document=row["document"], decided_by=row["decided_by"], note=row.text("note"), actor=actor,
        )  # fmt: skip

    def change(self, row: Row, target: UUID, origin: Origin, actor: Actor) -> UUID:
        """The row was corrected at its source: what it said before is withdrawn."""
        self._withdraw(target, _("数据接入：来源的这一行已更正"), actor)
        return self._record(row, actor)

    def retract(self, taken: Sequence[tuple[str, UUID]], reason: str, actor: Actor) -> dict[str, str]:
        """All of them are withdrawn; nothing is built on a verdict."""
        for _number, key in taken:
            self._withdraw(key, reason, actor)
        return {}

    def _withdraw(self, key: UUID, reason: str, actor: Actor) -> None:
        try:
            network.withdraw_accreditation(accreditation_id=key, reason=reason, actor=actor)
        except Conflict:  # By hand, on the institution's page, before.
            return


def declare() -> None:
    """Offer the writer; the code tables come with those of ``network``."""
    register("accreditations", Accreditations())
