"""What the benchmarks need in the demo county and make through the rooms' own commands."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4


def waiting_referrals(actor: Any, residents: Sequence[UUID]) -> list[UUID]:
    """One referral per resident from the actor's institution to the county hospital, waiting for its answer."""
    target, manager = _county_hospital(), _actor_of_role("township_manager", actor.institution_id)
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
        reason="规律服药四周血压仍控制不佳,请上级医院调整方案。",
        consent_by="本人",
        consent_relation="0",
        confirmed=True,
    )
    made = api.request_referral(given=given, actor=actor, form_key=uuid4())
    if made.state == "submitted":
        made = api.approve(referral_id=made.id, actor=manager)
    return made.id


def _county_hospital() -> UUID:
    from django.apps import apps

    account = _accounts("referral_office")[0]
    post = apps.get_model("network.Post").objects.filter(staff_id=account.staff_id, role="referral_office").first()
    assert post, "the demo county has a referral office"
    return post.institution_id


def _actor_of_role(role: str, institution_id: UUID) -> Any:
    from yigong.access.api import actor_of

    found = (actor_of(account.pk) for account in _accounts(role))
    return next(actor for actor in found if institution_id in actor.institution_ids)


def _accounts(role: str) -> list[Any]:
    from django.apps import apps

    from yigong.demo.api import logins

    names = [login.username for login in logins() if login.role == role]
    return list(apps.get_model("access.Account").objects.filter(username__in=names))
