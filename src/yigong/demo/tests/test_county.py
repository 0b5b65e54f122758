"""The demo county: whole, in shape, the same every time, and open to its logins."""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, time

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import F
from django.test import Client

from yigong.access import api as access_api
from yigong.contracts.queries import lists as contract_lists
from yigong.core import clock
from yigong.demo import api
from yigong.demo.generate import county as counties
from yigong.demo.generate.people import Population
from yigong.demo.load import work
from yigong.orders import api as orders_api
from yigong.programmes.queries import lists as programme_lists
from yigong.residents import api as residents_api
from yigong.tasks import api as tasks_api

DAY = date(2026, 11, 20)
# What another moment or another salt makes different: sealing nonces, the hash of the password, the time of writing.
_VOLATILE = {
    "sealed",
    "phone_sealed",
    "password",
    "counted_at",
    "created_at",
    "recorded_at",
    "since",
    "at",
    "batch",
    "source_record_id",
    "changed_at",
    "opened_at",
    "written_at",
    "warn_at",
}
# Rows whose keys come from a counter or from the index of people.
_OWN_KEYS = {
    "residents_identifier", "residents_sourcerecord", "residents_linkchange", "orders_orderitem", "orders_reportreceipt",
    "indicators_cell", "indicators_computation", "indicators_roll", "programmes_enrolment", "programmes_visit", "programmes_due", "programmes_dose", "forms_formresponse", "tasks_task",
    "budget_fundfact", "budget_fundcase",
}  # fmt: skip
# Columns that hold such a key.
_LEADS_TO_ONE = {
    "indicators_roll": {"computed_at", "took_ms"},
    "indicators_computation": {"begun_at", "ended_at", "took_ms"},
    "programmes_visit": {"enrolment_id", "response_id"},
    "programmes_due": {"enrolment_id", "visit_id"},
    "programmes_dose": {"visit_id"},
    "forms_formresponse": {"subject_id"},
    "tasks_task": {"key", "subject_id", "url"},
}


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker) -> Iterator[dict]:
    """The small county, once for this module; its fingerprint."""
    with django_db_blocker.unblock():
        assert api.ensure("small", today=DAY)
        yield _fingerprint()
        _empty()


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select tablename from pg_tables where schemaname = 'public' and tablename <> 'django_migrations'"
        )
        names = ", ".join(f'"{row[0]}"' for row in cursor.fetchall())
        cursor.execute("set session_replication_role = replica")
        cursor.execute(f"truncate {names} cascade")
        cursor.execute("set session_replication_role = default")


def _fingerprint() -> dict[str, tuple[int, str]]:
    """Rows and digest of every filled table of our rooms, in key order, without what may differ."""
    found = {}
    for model in apps.get_models():
        meta = model._meta
        if not model.__module__.startswith("yigong.") or not meta.managed or meta.app_label == "audit":
            continue
        volatile = _VOLATILE | ({"id"} if meta.db_table in _OWN_KEYS else set())
        volatile |= _LEADS_TO_ONE.get(meta.db_table, set())
        columns = [f.column for f in meta.concrete_fields if f.column not in volatile]
        picked = ", ".join(f'"{c}"' for c in columns)
        with connection.cursor() as cursor:
            cursor.execute(f'select {picked} from "{meta.db_table}"')
            rows = sorted(map(repr, cursor.fetchall()))
        if rows:
            found[meta.db_table] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
    return found


@pytest.mark.usefixtures("loaded")
@pytest.mark.django_db
def test_it_has_the_shape_of_the_reference() -> None:
    """Institutions, people and prevalence as the county's scaled figures say."""
    institutions = apps.get_model("network.Institution").objects
    assert institutions.filter(level="village").count() == 170
    assert institutions.filter(category__startswith="C").count() == 9
    assert institutions.filter(category="B100").count() == 1
    assert apps.get_model("residents.Resident").objects.count() == 2000
    contracts = apps.get_model("access.Relationship").objects.filter(basis="contract").values("resident_id").distinct()
    assert 0.74 < contracts.count() / 2000 < 0.82


@pytest.mark.usefixtures("loaded")
@pytest.mark.django_db
def test_the_year_has_the_published_shares() -> None:
    """3.32 visits a head, six of ten in primary care, half of those in the village, 120 admissions per thousand residents."""
    visits = apps.get_model("records.Encounter").objects
    total = visits.count()
    days = (
        DAY - date(2025, 11, 1)
    ).days  # From the first of the month that was a year ago: no chart begins with half a month.
    assert total == round(2000 * 1_163_518 / 350_000 * days / 365) == 6995
    first = visits.order_by("occurred_at")[0].occurred_at.astimezone(clock.SHANGHAI).date()
    assert first == date(2025, 11, 1)
    assert 0.58 < visits.exclude(institution__level="county").count() / total < 0.62
    assert 0.27 < visits.filter(institution__level="village").count() / total < 0.33
    assert 0.10 < visits.filter(kind="inpatient").count() / 2000 * 365 / days < 0.14
    early = visits.filter(occurred_at__date__lt=F("resident__birth_date"))
    assert not early.exists()


@pytest.mark.usefixtures("loaded")
@pytest.mark.django_db
def test_referrals_are_rare_and_mostly_upwards() -> None:
    """About two per thousand visits; every step of each is in its history, the last one being its state."""
    found = apps.get_model("referrals.Referral").objects
    assert 5 <= found.count() <= 25
    assert found.filter(direction="up").count() > found.filter(direction="down").count() > 0
    changes = apps.get_model("states.StateChange").objects
    for row in found.all():
        last = changes.filter(object_id=row.id).latest("at", "version")
        assert (last.to_state, last.version) == (row.state, row.version)


@pytest.mark.usefixtures("loaded")
@pytest.mark.django_db
def test_signatures_of_loaded_reports_hold() -> None:
    """A report of the year opens like one that was signed at a desk: its digest covers what it says."""
    from yigong.orders.queries.one import signed_content
    from yigong.orders.rules.signing import sm3

    versions = apps.get_model("orders.ReportVersion").objects.select_related("report__order")
    assert 100 < versions.count() < 300
    for version in versions[:20]:
        assert version.digest == sm3(signed_content(version.report.order, version))


@pytest.mark.usefixtures("loaded")
@pytest.mark.django_db
def test_todays_films_are_taken_of_people_without_a_valid_one() -> None:
    """Whatever day it is: of a few people the year's report still holds, and a second film would be refused without a reason."""
    residents = apps.get_model("residents.Resident").objects.order_by("id")
    everybody = [work.Patient(key, None) for key in residents.values_list("id", flat=True)]
    with clock.travel(datetime.combine(DAY, time(9), clock.SHANGHAI) - clock.now()):
        fit = {patient.id for patient in work.without_result(everybody)}
        codes = ["DR-CHEST-PA"]
        examined = {p.id for p in everybody if orders_api.earlier_results(p.id, codes)}
    assert 1 < len(examined) < 40
    assert fit == {p.id for p in everybody} - examined


def test_numbers_are_valid_and_nobodys() -> None:
    """Every citizen number passes the check, none twice, none from an area that exists, no phone that an operator has."""
    people = list(Population(api.SEED, "small", DAY, counties.build(api.SEED)))
    numbers = [p.number for p in people if p.number]
    assert len(set(numbers)) == len(numbers)
    for person in people:
        if person.number:
            checked = residents_api.check_citizen_number(person.number)
            assert (checked.birth_date, checked.sex) == (person.born, person.sex)
            assert person.number[2:4] == "99"
        assert not person.phone or person.phone.startswith("169")


@pytest.mark.usefixtures("loaded")
@pytest.mark.django_db
def test_a_second_load_leaves_it_alone() -> None:
    """A second start keeps what is there."""
    assert not api.ensure("small", today=DAY)


@pytest.mark.usefixtures("loaded")
@pytest.mark.django_db
def test_every_foreign_key_leads_somewhere() -> None:
    """The load writes without the database's checks, so they are made up for here."""
    looked_at = 0
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.is_relation and model.__module__.startswith("yigong."):
                target = field.related_model._meta
                with connection.cursor() as cursor:
                    cursor.execute(
                        f'select count(*) from "{model._meta.db_table}" a where a."{field.column}" is not null and not exists '
                        f'(select 1 from "{target.db_table}" b where b."{target.pk.column}" = a."{field.column}")'
                    )
                    assert cursor.fetchone() == (0,), f"{model._meta.label}.{field.name}"
                looked_at += 1
    print(f"\n{looked_at} foreign keys lead somewhere")
    assert looked_at > 20


@pytest.mark.usefixtures("loaded")
@pytest.mark.django_db
def test_every_login_signs_in_to_a_home() -> None:
    """One login per role; each finds its home page."""
    found = api.logins()
    assert {login.username for login in found} == set(counties.LOGINS)
    for login in found:
        client = Client()
        answer = client.post("/access/login/", {"username": login.username, "password": login.password}, follow=True)
        assert answer.status_code == 200, login
        assert client.get("/").status_code == 200, login


@pytest.mark.usefixtures("loaded")
@pytest.mark.django_db
def test_the_home_page_counts_as_the_lists_do() -> None:
    """The prepared statements of the home page against the tabs of the lists, for every login that sees a part of the county."""
    compared = 0
    for login in api.logins():
        actor = access_api.actor_of(apps.get_model("access.Account").objects.get(username=login.username).pk)
        for home, listed in [
            (contract_lists.home_counts(actor), contract_lists.counts(actor)),
            (programme_lists.home_counts(actor), programme_lists.counts(actor, {})),
        ]:
            compared += bool(home and any(home.values()))
            assert home is None or home == {name: listed[name] for name in home}, login.username
    print(f"\n{compared} cards with figures")
    assert compared > 2


@pytest.mark.django_db(transaction=True)
def test_two_loads_are_equal(loaded: dict) -> None:
    """The same seed and day make the same county, table by table."""
    _empty()  # the fixture's county, whose fingerprint was taken
    assert api.ensure("small", today=DAY)
    again = _fingerprint()
    print(f"\n{len(again)} tables with {sum(n for n, _ in again.values())} rows are equal")
    assert again == loaded
    assert len(again) > 20


@pytest.mark.usefixtures("loaded")
@pytest.mark.django_db(transaction=True)
def test_every_clinical_desk_has_work_today() -> None:
    """Loaded for today, the rooms' commands leave something to do at each station of the two journeys."""
    _empty()
    said: list[str] = []
    assert api.ensure("small", said.append)
    assert "今天的待办" in said and not [line for line in said if "没有建成" in line]
    busy = {}
    for username in ("cunyi", "quanke", "weishengyuan", "jishi", "zhuanke", "yingxiang", "zhuanzhen"):
        account = apps.get_model("access.Account").objects.get(username=username)
        busy[username] = tasks_api.count_for(access_api.actor_of(account.id)).waiting
    print(f"\n{busy}")
    assert all(busy.values())
    lots = apps.get_model("programmes.VaccineLot").objects.values_list("institution_id", "state")
    assert len({place for place, _state in lots}) == 2 and {state for _place, state in lots} == {
        "usable",
        "held",
        "recalled",
    }
    alarm = apps.get_model("programmes.SyndromeAlarm").objects.get()
    waiting = apps.get_model("tasks.Task").objects.filter(state="open")
    told = {kind: waiting.filter(kind=f"programmes.{kind}").count() for kind in ("held", "recall", "warning")}
    print(f"{told}, {alarm.cases} cases against {alarm.limit:.1f}")
    assert told["held"] == 1 and told["recall"] > 1 and told["warning"] == 1
    reports = apps.get_model("orders.Report").objects
    assert {"unclaimed", "submitted", "final"} <= set(reports.values_list("state", flat=True))
