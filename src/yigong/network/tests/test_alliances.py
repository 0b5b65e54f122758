"""Alliances, memberships and shared centres."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from yigong.core.errors import Conflict
from yigong.core.events.models import OutboxEvent
from yigong.core.testing import race
from yigong.network import api as network
from yigong.network import errors
from yigong.network.models import Membership
from yigong.network.tests.factories import BOSS, join, make_alliance, make_institution

pytestmark = pytest.mark.django_db


def test_one_county_community_at_a_time() -> None:
    """A second community is refused until the first membership ends; the new one may start that very day."""
    site, first, second = make_institution("township"), make_alliance(), make_alliance()
    membership = join(first, site)
    with pytest.raises(errors.AlreadyInCommunity):
        join(second, site, starts_on=date(2026, 6, 1))
    join(make_alliance("specialty"), site)
    network.leave_alliance(membership_id=membership.id, ends_on=date(2026, 6, 1), reason="区划调整", actor=BOSS)
    join(second, site, starts_on=date(2026, 6, 1))
    assert network.community_of(site.id, date(2026, 5, 31)).id == first.id
    assert network.community_of(site.id, date(2026, 6, 1)).id == second.id
    assert OutboxEvent.objects.filter(name="network.membership_ended").count() == 1


def test_not_twice_in_one_alliance_and_one_lead() -> None:
    """Overlapping memberships of one institution and two leads of a community are refused; other kinds may have several leads."""
    alliance, site = make_alliance(), make_institution("county")
    join(alliance, site, role="lead")
    with pytest.raises(errors.AlreadyMember):
        join(alliance, site, starts_on=date(2027, 1, 1))
    with pytest.raises(errors.AlreadyLed):
        join(alliance, make_institution("county"), role="lead")
    remote = make_alliance("remote")
    join(remote, site, role="lead")
    join(remote, make_institution("county"), role="lead")
    assert [row.role for row in network.alliance_members(alliance.id)] == ["lead"]


def test_the_repeated_kind_cannot_lie() -> None:
    """The database holds membership.kind equal to its alliance's kind."""
    row = join(make_alliance("specialty"), make_institution())
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(pk=row.id).update(kind="community")


def test_a_village_belongs_through_its_township() -> None:
    """Community and serving centre are found at the nearest institution above."""
    county, alliance = make_institution("county"), make_alliance()
    township = make_institution("township", parent_id=county.id)
    village = make_institution(parent_id=township.id)
    join(alliance, township)
    centre = network.create_centre(kind="imaging", name="影像中心", institution_id=county.id, actor=BOSS)
    network.serve(centre_id=centre.id, institution_id=township.id, actor=BOSS)
    assert network.community_of(village.id).id == alliance.id
    assert network.serving_centre("imaging", village.id) == centre == network.centre("imaging")
    assert network.serving_centre("ecg", village.id) is None
    assert network.centres_hosted(county.id) == [centre] and network.served_by(centre.id) == {township.id}


def test_one_serving_centre_per_kind() -> None:
    """A second imaging centre for the same institution is refused, an ECG centre is not."""
    county, other, site = make_institution("county"), make_institution("county"), make_institution("township")
    for host, kind in [(county, "imaging"), (other, "imaging"), (county, "ecg")]:
        centre = network.create_centre(kind=kind, name=kind, institution_id=host.id, actor=BOSS)
        if host is other:
            with pytest.raises(errors.AlreadyServed):
                network.serve(centre_id=centre.id, institution_id=site.id, actor=BOSS)
        else:
            network.serve(centre_id=centre.id, institution_id=site.id, actor=BOSS)
    with pytest.raises(errors.CentreTwice):
        network.create_centre(kind="ecg", name="又一个", institution_id=county.id, actor=BOSS)


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("network.join_alliance")
def test_two_communities_at_once() -> None:
    """Two clerks join one institution to two communities in the same instant: one wins, the other is told why."""
    site, first, second = make_institution("township"), make_alliance(), make_alliance()
    outcomes = race(lambda: join(first, site), lambda: join(second, site))
    refused = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    assert [type(outcome) for outcome in refused] == [errors.AlreadyInCommunity]
    assert Membership.objects.filter(institution_id=site.id).count() == 1
