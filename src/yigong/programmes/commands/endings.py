"""What is asked about an ending: why somebody was lost, of what he died. Told with the ending, or afterwards where it came by itself."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.errors import Conflict, InvalidInput
from yigong.core.forms import api as forms
from yigong.programmes.commands import common
from yigong.programmes.queries.people import SUBJECT_OF_ENDINGS
from yigong.programmes.queries.working import Working
from yigong.programmes.rules.definition import Ending


@change
def tell_ending(*, enrolment_id: UUID, answers: Mapping[str, Any], actor: Actor) -> None:
    """Answer (again) what is asked about how a management ended."""
    work = common.locked(enrolment_id, actor, clock.today())
    row = work.enrolment
    chosen = work.programme.ending(row.ending)
    if row.state != "ended" or chosen is None or not chosen.form:
        raise Conflict(_("这次管理的结案不需要补填内容。"))
    keep(work, chosen, answers, actor)


def keep(work: Working, ending: Ending, answers: Mapping[str, Any], actor: Actor) -> None:
    """Store the answers of an ending's form where it has one; a second time replaces the first. Within the transaction."""
    if not ending.form:
        return
    form = forms.form(ending.form, work.programme.effective_from)
    reading = forms.read(form, answers)
    if reading.errors:
        raise InvalidInput(errors=reading.errors)
    subject = (SUBJECT_OF_ENDINGS, work.enrolment.id)
    before = forms.responses(subject)
    forms.save(
        form, reading, subject=subject, resident_id=work.enrolment.resident_id, actor=actor,
        replaces=before[0].pk if before else None,
    )  # fmt: skip
