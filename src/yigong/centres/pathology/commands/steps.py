"""One step of one specimen: found by its bar code, locked, refused with where it is."""

from typing import Any

from django.utils.translation import gettext as _

from yigong.centres.pathology.commands.errors import NoSuchSpecimen, SpecimenElsewhere
from yigong.centres.pathology.models import Specimen
from yigong.centres.pathology.rules.specimens import SPECIMEN
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.states import api as states

LIVE = [code for code, state in SPECIMEN.states.items() if code not in {"cancelled", "lost"}]


def locked(code: str) -> Specimen:
    """What carries this bar code, locked; NoSuchSpecimen."""
    text = clean(code)
    found = Specimen.objects.select_for_update().filter(code=text).first()
    if found is None:
        raise NoSuchSpecimen(code=text or "—")
    return found


def clean(code: str) -> str:
    """A bar code as scanners and people give it."""
    return "".join(code.split())[:40].upper()


def step(
    row: Specimen, action: str, actor: Actor, *, reason: str = "", reason_code: str = "", **values: Any
) -> Specimen:
    """One step; a wrong state says where the specimen is, who brought it there and when."""
    if SPECIMEN.step(row.state, action) is None:
        last = states.history(row.pk)[-1]
        raise SpecimenElsewhere(
            code=row.code, state=SPECIMEN.label(row.state), who=last.actor_name, action=label_of(action),
            at=last.at.astimezone(clock.SHANGHAI).strftime("%m-%d %H:%M"),
        )  # fmt: skip
    return states.transition(SPECIMEN, row, action, actor=actor, reason=reason, reason_code=reason_code, **values)


def label_of(action: str) -> str:
    """The words of a step."""
    return _(next(one.label for one in SPECIMEN.steps if one.action == action))
