"""A diagnosis that the law wants reported: a task with its hours for whoever made it, met by the card."""

from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.clock import SHANGHAI
from yigong.core.ui.shell import address
from yigong.network import api as network
from yigong.programmes.models import Enrolment
from yigong.programmes.rules.notifiable import HOURS, disease_of
from yigong.programmes.rules.warning import surveillance
from yigong.records.events import ConditionAdded
from yigong.residents import api as residents
from yigong.tasks import api as tasks

KIND = "programmes.notify"
_ROLES = {"village": "village_doctor", "township": "gp"}
# A disease written down again within so many days is the same illness.
_SAME = timedelta(days=10)


def ask_for_card(event: ConditionAdded) -> bool:
    """Open the task of the report card where the catalogue asks for one and none was registered these days; whether it was opened.

    A hospital of the county reports from its own system: its doctors are not asked here.
    """
    disease, programme = disease_of(event.code), surveillance().report
    place = network.institution(event.institution_id) if disease else None
    if disease is None or place is None or place.level not in _ROLES or not programme:
        return False
    who, now = residents.identities(event.resident_id), clock.now()
    rows = Enrolment.objects.filter(programme=programme, resident_id__in=who, subject=disease.name)
    if rows.filter(started_on__gte=clock.today() - _SAME).exists():
        return False
    at = now.astimezone(SHANGHAI)
    given = {
        "disease": disease.name,
        "urgency": disease.urgency,
        "diagnosed_on": at.date().isoformat(),
        "diagnosed_hour": at.hour,
    }
    name = residents.resident_names([event.resident_id])[event.resident_id].name
    tasks.open_task(
        key=key_of(programme, event.resident_id, disease.name), kind=KIND, institution_id=place.id, role=_ROLES[place.level],
        title=_("%(name)s：填写传染病报告卡（%(what)s）") % {"name": name, "what": disease.name}, about_resident_id=event.resident_id,
        url=f"{address('programmes:enrol', event.resident_id, programme)}?{urlencode(given)}", due_at=now + timedelta(hours=HOURS[disease.urgency]),
        urgent=disease.urgency == "A", subject=("condition", event.condition_id),
    )  # fmt: skip
    return True


def key_of(programme: str, resident_id: UUID, subject: str) -> str:
    """The key of the task of one person's card for one disease."""
    return f"programmes/notify/{programme}/{resident_id}/{subject}"[:120]
