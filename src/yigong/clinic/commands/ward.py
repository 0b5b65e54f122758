"""Daily lines of a ward: bed, nursing and whatever the definition adds, once per stay and day, however often they are asked for."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.clinic import policies
from yigong.clinic.commands import charging
from yigong.clinic.commands.charging import write_lines
from yigong.clinic.data import NewCharge
from yigong.clinic.models import Bed, Bill, ChargeLine, Stay
from yigong.clinic.rules import definitions
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.clock import SHANGHAI
from yigong.core.commands import racing
from yigong.core.errors import Forbidden, InvalidInput, NotFound


@racing("clinic.charge_ward")
@transaction.atomic
def charge_ward(*, institution_id: UUID, actor: Actor, department_id: UUID | None = None) -> tuple[int, int]:
    """Write every missing daily line up to today for all who lie on a ward. Returns how many patients got lines, and how many lines."""
    if not actor.has(policies.CHARGE):
        raise Forbidden(_("您没有记账的权限，请联系本机构管理员。"))
    if not actor.is_system and institution_id not in actor.institution_ids:
        raise Forbidden(_("只能为本机构的在院患者记账。"))
    inside = Stay.objects.select_for_update(of=("self",)).filter(
        institution_id=institution_id, state__in=["on_ward", "leaving"]
    )
    if department_id:
        inside = inside.filter(department_id=department_id)
    written = [charge_days(row, clock.today(), actor) for row in inside.order_by("id")]
    return sum(1 for n in written if n), sum(written)


@transaction.atomic
def set_nursing(*, stay_id: UUID, nursing_code: str, nurse_name: str, actor: Actor) -> None:
    """The level of nursing that is charged from today on, and who answers for it."""
    if not actor.has(policies.CHARGE):
        raise Forbidden(_("您没有记账的权限，请联系本机构管理员。"))
    if nursing_code not in definitions.parameters().ward.nursing_items:
        raise InvalidInput(errors={"nursing_code": _("请选择护理级别。")})
    row = Stay.objects.select_for_update().filter(pk=stay_id, institution_id__in=actor.institution_ids).first()
    if row is None:
        raise NotFound(_("没有找到这次住院。"))
    charge_days(row, clock.today() - timedelta(days=1), actor)
    row.nursing_code, row.nurse_name = nursing_code, nurse_name.strip()[:50]
    row.save(update_fields=["nursing_code", "nurse_name"])


def charge_days(row: Stay, until: date, actor: Actor, *, leaving: bool = False) -> int:
    """The missing daily lines of a locked stay from its first day until ``until``; on the day of discharge only if the definition says so."""
    first = row.admitted_at.astimezone(SHANGHAI).date()
    last = (
        until
        if not leaving or definitions.parameters().ward.charge_last_day or until == first
        else until - timedelta(days=1)
    )
    died_on = charging.died_on(row.resident_id)
    last = min(last, died_on) if died_on else last
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    bill = Bill.objects.select_for_update(of=("self",)).select_related("visit", "stay").get(stay=row)
    if bill.state != "open" or not days:
        return 0
    wanted = [line for day in days for line in _lines_of_day(row, day)]
    known = set(ChargeLine.objects.filter(bill=bill, key__isnull=False).values_list("key", flat=True))
    missing = [line for line in wanted if line.key not in known]
    if missing:
        write_lines(bill, missing, actor)
    return len(missing)


def _lines_of_day(row: Stay, day: date) -> list[NewCharge]:
    at = max(row.admitted_at, datetime.combine(day, time(8), SHANGHAI))
    if at.astimezone(SHANGHAI).date() != day or at > clock.now():
        at = min(clock.now(), datetime.combine(day, time(23, 59), SHANGHAI))
    items = [("bed", code) for code in _bed_item(row, day)]
    items += [("nursing", row.nursing_code)] if row.nursing_code else []
    items += [(code, code) for code in definitions.parameters().ward.daily_items]
    return [NewCharge(code, definitions.ONE, performed_at=at, key=f"day:{row.id}:{day}:{what}") for what, code in items]


def _bed_item(row: Stay, day: date) -> list[str]:
    """The bed of the end of that day: where the patient lay at midnight is where the day is charged."""
    midnight = datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
    place = row.places.filter(starts_at__lt=midnight).order_by("-starts_at").first()
    if place is None or not place.bed_number:
        return []
    bed = Bed.objects.filter(department_id=place.department_id, number=place.bed_number).values_list(
        "item_code", flat=True
    )
    return list(bed[:1])
