"""The way of an edition: review, signature, issue."""

import hashlib
from typing import Any
from uuid import UUID

from django.db import transaction

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.states.api import transition
from yigong.workreport.models import Edition
from yigong.workreport.queries import editions
from yigong.workreport.rules.states import EDITION


@transaction.atomic
def move_edition(*, edition_id: UUID, action: str, actor: Actor, reason: str = "") -> Edition:
    """Submit, return, recall, take a signature back, drop: the steps that change nothing else."""
    values: dict[str, Any] = (
        {"signed_by": "", "signed_staff_id": None, "signed_at": None, "digest": ""} if action == "unsign" else {}
    )
    return transition(EDITION, editions.edition(edition_id, actor=actor), action, actor=actor, reason=reason, **values)


@transaction.atomic
def sign_edition(*, edition_id: UUID, actor: Actor) -> Edition:
    """Answer for the edition as it stands; its digest stays with the signature."""
    row = editions.edition(edition_id, actor=actor)
    return transition(
        EDITION, row, "sign", actor=actor, signed_by=actor.name, signed_staff_id=actor.staff_id, signed_at=clock.now(),
        digest=digest_of(row),
    )  # fmt: skip


@racing("workreport.issue_edition")
@transaction.atomic
def issue_edition(*, edition_id: UUID, actor: Actor) -> Edition:
    """Issue a signed edition. Of two people at once one issues, the other learns who; the edition it corrects is replaced in the same step."""
    row = transition(
        EDITION, editions.edition(edition_id, actor=actor), "issue", actor=actor, issued_by=actor.name, issued_at=clock.now()
    )  # fmt: skip
    if row.supersedes is not None:
        transition(EDITION, row.supersedes, "supersede", actor=actor, reason=row.reason)
    return row


def digest_of(row: Edition) -> str:
    """Figures and texts in one word."""
    figures = list(
        row.figures.order_by("span", "code", "variant", "place_code").values_list(
            "span", "code", "variant", "place_code", "version", "numerator", "denominator"
        )
    )
    texts = sorted(row.texts.values_list("chapter", "text"))
    return hashlib.sha256(repr((figures, texts)).encode()).hexdigest()
