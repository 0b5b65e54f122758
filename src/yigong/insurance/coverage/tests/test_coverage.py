"""Coverage through its door."""

from datetime import date
from uuid import UUID, uuid4

import pytest

from yigong.access import api as access
from yigong.core.actor import Actor, system
from yigong.core.audit.api import changes_of
from yigong.core.errors import Forbidden, InvalidInput
from yigong.core.testing import race
from yigong.insurance.coverage import api
from yigong.insurance.coverage.models import Enrolment
from yigong.residents.tests.factories import make_actor, make_institution, make_resident

pytestmark = pytest.mark.django_db
FROM, NEXT = date(2026, 1, 1), date(2027, 1, 1)


@pytest.fixture
def officer() -> Actor:
    """Somebody at the insurance office."""
    return make_actor("insurance_clerk")


@pytest.fixture
def person() -> UUID:
    """A resident."""
    return make_resident(make_actor("all")).id


def insured(starts_on: date = FROM, ends_on: date | None = NEXT, **more: str) -> api.NewEnrolment:
    """A year of residents' insurance."""
    return api.NewEnrolment(
        **{"insurance": "390", "region": "990100", "person_type": "1501"} | more, starts_on=starts_on, ends_on=ends_on
    )


def test_what_holds_on_a_day(officer: Actor, person: UUID) -> None:
    """Scheme, categories and registrations by the day asked for: before, inside, on the last day and after."""
    place = make_institution().id
    api.enrol(resident_id=person, given=insured(), actor=officer)
    api.grant_category(
        resident_id=person, code="dibao", starts_on=date(2026, 3, 1), ends_on=date(2026, 6, 1), actor=officer
    )
    api.register_entitlement(resident_id=person, kind="chronic", code="I25", starts_on=FROM, actor=officer)
    api.register_entitlement(resident_id=person, kind="two_diseases", code="I10", starts_on=FROM, actor=officer)
    api.register_entitlement(
        resident_id=person, kind="institution", institution_id=place, starts_on=FROM, actor=officer
    )
    found = api.coverage_on(person, date(2026, 5, 31))
    assert (found.insurance, found.identities, found.institution_id) == ("390", {"dibao"}, place)
    assert (found.diseases("chronic"), found.diseases("two_diseases")) == ({"I25"}, {"I10"})
    assert not api.coverage_on(person, date(2026, 6, 1)).identities
    for day in (date(2025, 12, 31), NEXT):
        with pytest.raises(api.NotInsured, match=str(day)):
            api.coverage_on(person, day)


def test_nobody_is_insured_twice_on_one_day(officer: Actor, person: UUID) -> None:
    """Another scheme in the same days is refused; the next year follows on; after an early end the other scheme may begin."""
    first = api.enrol(resident_id=person, given=insured(), actor=officer)
    api.enrol(resident_id=person, given=insured(NEXT, None), actor=officer)
    employed = insured(date(2026, 9, 1), NEXT, insurance="310", person_type="1101")
    with pytest.raises(api.AlreadyInsured):
        api.enrol(resident_id=person, given=employed, actor=officer)
    api.end_enrolment(enrolment_id=first, ends_on=date(2026, 9, 1), reason="转为职工参保", actor=officer)
    api.enrol(resident_id=person, given=employed, actor=officer)
    assert api.coverage_on(person, date(2026, 8, 31)).insurance == "390"
    assert api.coverage_on(person, date(2026, 9, 1)).insurance == "310"
    with pytest.raises(api.AlreadyEnded):
        api.end_enrolment(enrolment_id=first, ends_on=date(2026, 7, 1), reason="再终止", actor=officer)
    assert changes_of(Enrolment.objects.get(pk=first))[-1].context["reason"] == "转为职工参保"


def test_a_registration_holds_once(officer: Actor, person: UUID) -> None:
    """A second institution or place at the same time, and the same disease again, are refused; another disease is not."""
    for kind, code in (("chronic", "I25"), ("elsewhere", "registered")):
        api.register_entitlement(resident_id=person, kind=kind, code=code, starts_on=FROM, actor=officer)
        with pytest.raises(api.AlreadyHeld):
            api.register_entitlement(
                resident_id=person, kind=kind, code=code, starts_on=date(2026, 5, 1), actor=officer
            )
    with pytest.raises(api.AlreadyHeld):
        api.register_entitlement(resident_id=person, kind="elsewhere", code="emergency", starts_on=FROM, actor=officer)
    api.register_entitlement(resident_id=person, kind="chronic", code="J44", starts_on=FROM, actor=officer)
    api.grant_category(resident_id=person, code="dibao", starts_on=FROM, actor=officer)
    with pytest.raises(api.AlreadyHeld):
        api.grant_category(resident_id=person, code="dibao", starts_on=NEXT, actor=officer)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (insured(insurance="999"), "insurance"),
        (insured(person_type="1101"), "person_type"),
        (insured(person_type="7777"), "person_type"),
        (insured(region="city"), "region"),
        (insured(NEXT, FROM), "ends_on"),
        (insured(date(2099, 1, 1), None), "starts_on"),
    ],
)
def test_what_makes_no_sense_is_refused(given: api.NewEnrolment, field: str, officer: Actor, person: UUID) -> None:
    """Each fault names its field; nothing is recorded."""
    with pytest.raises(InvalidInput) as refused:
        api.enrol(resident_id=person, given=given, actor=officer)
    assert set(refused.value.errors) == {field}
    assert not Enrolment.objects.exists()


def test_rights(officer: Actor, person: UUID) -> None:
    """Only the insurance office keeps the rolls; a coverage is read with a relationship to the person, and the read is logged."""
    with pytest.raises(Forbidden):
        api.enrol(resident_id=person, given=insured(), actor=make_actor("gp"))
    api.enrol(resident_id=person, given=insured(), actor=system("import"))
    reader = make_actor("gp")
    with pytest.raises(Forbidden):
        api.coverage(person, actor=reader, on=FROM)
    access.open_relationship(resident_id=person, institution_id=reader.institution_id, basis="referral", source=uuid4())
    assert api.coverage(person, actor=reader, on=FROM).region == "990100"
    assert access.reads_of(person).total


@pytest.mark.race("coverage.enrol")
@pytest.mark.django_db(transaction=True)
def test_two_desks_enrol_one_person_at_once() -> None:
    """One wins, the other learns that the person is insured."""
    officer, person = make_actor("insurance_clerk"), make_resident(make_actor("all")).id
    one, other = insured(), insured(insurance="310", person_type="1103")
    done = race(
        lambda: api.enrol(resident_id=person, given=one, actor=officer),
        lambda: api.enrol(resident_id=person, given=other, actor=officer),
    )
    assert sorted(type(found).__name__ for found in done) == ["AlreadyInsured", "UUID"]
    assert Enrolment.objects.filter(resident_id=person).count() == 1


@pytest.mark.race("coverage.grant_category")
@pytest.mark.django_db(transaction=True)
def test_two_desks_grant_one_category_at_once() -> None:
    """It is held once."""
    officer, person = make_actor("insurance_clerk"), make_resident(make_actor("all")).id
    done = race(*[lambda: api.grant_category(resident_id=person, code="dibao", starts_on=FROM, actor=officer)] * 2)
    assert sorted(type(found).__name__ for found in done) == ["AlreadyHeld", "UUID"]


@pytest.mark.race("coverage.register_entitlement")
@pytest.mark.django_db(transaction=True)
def test_two_places_registered_at_once() -> None:
    """One place at a time."""
    officer, person = make_actor("insurance_clerk"), make_resident(make_actor("all")).id
    done = race(*[
        lambda code=code: api.register_entitlement(resident_id=person, kind="elsewhere", code=code, starts_on=FROM, actor=officer)
        for code in ("registered", "emergency")
    ])  # fmt: skip
    assert sorted(type(found).__name__ for found in done) == ["AlreadyHeld", "UUID"]


@pytest.mark.race("coverage.end")
@pytest.mark.django_db(transaction=True)
def test_insurance_ends_once() -> None:
    """Of two who end it, one learns that it has ended."""
    officer, person = make_actor("insurance_clerk"), make_resident(make_actor("all")).id
    key = api.enrol(resident_id=person, given=insured(), actor=officer)
    days = (date(2026, 5, 1), date(2026, 6, 1))
    done = race(
        *[
            lambda day=day: api.end_enrolment(enrolment_id=key, ends_on=day, reason="迁出", actor=officer)
            for day in days
        ]
    )
    assert sorted(type(found).__name__ for found in done) == ["AlreadyEnded", "NoneType"]


@pytest.mark.race("coverage.call_off")
@pytest.mark.django_db(transaction=True)
def test_a_mistake_is_called_off_once() -> None:
    """Of two who call it off, one learns that it was done."""
    officer, person = make_actor("insurance_clerk"), make_resident(make_actor("all")).id
    key = api.enrol(resident_id=person, given=insured(), actor=officer)
    done = race(*[lambda: api.call_off(what="enrolment", row_id=key, reason="录错", actor=officer)] * 2)
    assert sorted(type(found).__name__ for found in done) == ["AlreadyEnded", "NoneType"]


@pytest.mark.race("coverage.undo_end")
@pytest.mark.django_db(transaction=True)
def test_an_end_is_undone_while_another_scheme_begins() -> None:
    """Either the old insurance runs on or the new one begins, never both."""
    officer, person = make_actor("insurance_clerk"), make_resident(make_actor("all")).id
    key = api.enrol(resident_id=person, given=insured(), actor=officer)
    api.end_enrolment(enrolment_id=key, ends_on=date(2026, 5, 1), reason="转职工", actor=officer)
    employed = insured(date(2026, 5, 1), NEXT, insurance="310", person_type="1101")
    done = race(
        lambda: api.undo_end(what="enrolment", row_id=key, reason="没有转成", actor=officer),
        lambda: api.enrol(resident_id=person, given=employed, actor=officer),
    )
    assert sum(isinstance(found, api.AlreadyInsured) for found in done) == 1
    assert len(api.coverages_on(person, date(2026, 6, 1))) == 1


@pytest.mark.race("coverage.exempt")
@pytest.mark.django_db(transaction=True)
def test_two_desks_exempt_one_person_at_once() -> None:
    """One reason a year."""
    officer, person = make_actor("insurance_clerk"), make_resident(make_actor("all")).id
    done = race(*[
        lambda code=code: api.exempt(resident_id=person, year=2026, reason=code, evidence="证明", actor=officer)
        for code in ("soldier", "away")
    ])  # fmt: skip
    assert sorted(type(found).__name__ for found in done) == ["AlreadyExempt", "UUID"]


@pytest.mark.race("coverage.withdraw_exemption")
@pytest.mark.django_db(transaction=True)
def test_a_reason_is_withdrawn_once() -> None:
    """Of two who withdraw it, one is told."""
    officer, person = make_actor("insurance_clerk"), make_resident(make_actor("all")).id
    key = api.exempt(resident_id=person, year=2026, reason="away", evidence="证明", actor=officer)
    done = race(*[lambda: api.withdraw_exemption(exemption_id=key, reason="已返乡", actor=officer)] * 2)
    assert sorted(type(found).__name__ for found in done) == ["Conflict", "NoneType"]
