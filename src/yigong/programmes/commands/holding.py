"""What was measured where vaccine lies puts the lots aside at once; a person judges each of them (``vaccines.judge_lot``)."""

from datetime import timedelta

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.states import api as states
from yigong.core.ui.shell import address
from yigong.network import api as network
from yigong.programmes.commands.vaccines import held_key, move
from yigong.programmes.models import Dose, Site, SiteRecord, VaccineLot
from yigong.programmes.queries.stock import HELD, STOCK, balances, lots_at
from yigong.programmes.rules import planning
from yigong.programmes.rules.workflow import VACCINE_LOT
from yigong.tasks import api as tasks
from yigong.tasks.api import Escalation


def hold_lots(record: SiteRecord, site: Site, what: str, actor: Actor) -> int:
    """Put the lots aside that lay at a place when ``what`` was measured there; returns how many. Inside the record's transaction."""
    rows = list(lots_at(site, record.on).select_for_update(of=("self",)))
    left, held = balances([row.id for row in rows]), []
    for row in rows:
        if row.state != "held" and not left[row.id][STOCK]:
            continue  # nothing of it is left
        reason = f"{site.name} {record.on} {what}"[:200]
        held.append(
            states.transition(
                VACCINE_LOT, row, "hold", actor=actor, reason=reason, held_by_id=row.held_by_id or record.id
            )
        )
        if n := left[row.id][STOCK]:
            move(row, STOCK, HELD, n, key=f"vaccine/hold/{record.id}/{row.id}", actor=actor, reason=reason)
    if held:
        _ask(record, site, what, held)
    return len(held)


def _ask(record: SiteRecord, site: Site, what: str, held: list[VaccineLot]) -> None:
    """One task for who judges: at the institution, or above a village, where nobody may judge his own refrigerator."""
    place = network.institution(site.institution_id)
    above = place.level == "village" and place.parent_id
    given = Dose.objects.filter(
        institution_id=place.id, lot__in=[r.lot for r in held], product__in=[r.product for r in held], visit__void_reason="",
        visit__on__gte=record.on,
    ).count()  # fmt: skip
    words = {"site": site.name, "what": what, "n": len(held), "given": given}
    tasks.open_task(
        key=held_key(record.id), kind="programmes.held", institution_id=place.parent_id if above and place.parent_id else place.id,
        role="township_manager" if place.level in {"village", "township"} else "quality_manager", urgent=True,
        title=_("%(site)s %(what)s：%(n)s 个批号已停用，当日起已接种 %(given)s 人，请判定") % words, url=address("programmes:record", record.id),
        due_at=planning.end_of(clock.today() + timedelta(days=1)), subject=("programme_site_record", record.id),
        escalate_to=Escalation(role="quality_manager"),
    )  # fmt: skip
