"""What the benchmarks need in the demo county and make through the rooms' own commands."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4


def waiting_referrals(actor: Any, residents: Sequence[UUID]) -> list[UUID]:
    """One referral per resident from the actor's institution to the county hospital, waiting for its answer."""
    target, manager = _county_hospital(), actor_named("weishengyuan")
    return [_one(actor, manager, target, resident) for resident in residents]


def _one(actor: Any, manager: Any, target: Any, resident: UUID) -> UUID:
    from yigong.network import api as network
    from yigong.referrals import api

    department = network.departments(target)[0].id
    given = api.NewReferral(
        direction="up",
        to_institution_id=target,
        to_department_id=department,
        resident_id=resident,
        diagnosis_code="I10",
        diagnosis="原发性高血压",
        reason_code="2",
        reason="规律服药四周血压仍控制不佳，请上级医院调整方案。",
        consent_by="本人",
        consent_relation="0",
        confirmed=True,
    )
    made = api.request_referral(given=given, actor=actor, form_key=uuid4())
    if made.state == "submitted":
        made = api.approve(referral_id=made.id, actor=manager)
    return made.id


def _county_hospital() -> UUID:
    return actor_named("zhuanzhen").institution_id


def actor_named(username: str) -> Any:
    """The actor behind a login."""
    from django.apps import apps

    from yigong.access.api import actor_of

    return actor_of(apps.get_model("access.Account").objects.get(username=username).pk)
