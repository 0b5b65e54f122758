"""Coverage through its pages: a person's periods added, ended, called off and undone; the roll by village, its people, sheet and print."""

import io
import re
from datetime import date
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.test import Client
from openpyxl import load_workbook

from yigong.access.api import create_account, reads_of
from yigong.access.models import Account
from yigong.core import clock
from yigong.core.actor import system
from yigong.insurance.coverage import api
from yigong.insurance.coverage.models import Category, Enrolment, Entitlement, Exemption
from yigong.insurance.coverage.queries import roll
from yigong.residents.models import Resident
from yigong.residents.tests import factories
from yigong.tasks.tests.factories import make_actor, make_institution

pytestmark = pytest.mark.django_db
BOSS, YEAR = system("test"), 2026
_people = count()


@pytest.fixture(autouse=True)
def _spring() -> Any:
    with clock.travel(date(2026, 5, 20) - clock.today()):
        yield


def signed_in(role: str, name: str, place: Any = None) -> Client:
    """Somebody at a post of the county or of a place."""
    actor = make_actor(place or make_institution(level="county"), role=role)
    made = create_account(
        staff_id=actor.staff_id, username=name, password="Liu-shu-cun-7", must_change_password=False, actor=BOSS
    )
    apps.get_model("network.Post").objects.filter(staff_id=actor.staff_id).update(starts_on=date(2020, 1, 1))
    client = Client()
    client.force_login(Account.objects.get(pk=made.id))
    return client


@pytest.fixture
def officer() -> Client:
    """The insurance office."""
    return signed_in("insurance_clerk", "yibao-test")


def person(name: str = "王小红", village: str = "柳树村", code: str = "990123101201", **values: Any) -> UUID:
    """A resident of a village."""
    born: dict[str, Any] = {"birth_date": date(1930 + next(_people) * 3 % 70, 3, 4)} | values
    key = factories.make_resident(factories.make_actor("all"), name, **born).id
    Resident.objects.filter(pk=key).update(division_code=code, township="石桥镇", village=village)
    return key


def insured(key: UUID, **more: Any) -> UUID:
    """A year of residents' insurance."""
    given: dict[str, Any] = {
        "insurance": "390",
        "region": "990100",
        "person_type": "1501",
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2027, 1, 1),
    }
    return api.enrol(resident_id=key, given=api.NewEnrolment(**(given | more)), actor=BOSS)


def sent(client: Client, address: str, **values: Any) -> str:
    """Post a form that is carried out, and read the page it leads to."""
    answer = client.post(address, values)
    assert answer.status_code == 302, re.findall(r"is-error[^<]*<[^<]*<[^<]*|y-error[^<]*", answer.content.decode())
    return client.get(answer["Location"]).content.decode()


def test_a_persons_coverage_is_kept_by_page(officer: Client) -> None:
    """Insurance, a category, a disease, the chosen institution and care elsewhere are added; one is ended, called off and both undone."""
    key, place = person(), make_institution("石桥卫生院")
    base = f"/coverage/people/{key}/"
    assert "今天没有参保" in officer.get(base).content.decode()
    enrolment = {
        "insurance": "390", "person_type": "1501", "region": "990100", "starts_on": "2026-01-01", "last_on": "2026-12-31", "source": "税务缴费",
        "missed_years": 0, "repaired_years": 0,
    }  # fmt: skip
    shown = sent(officer, f"{base}add/enrolment/", **enrolment)
    assert "城乡居民" in shown and "今天没有参保" not in shown
    since = {"starts_on": "2026-01-01", "source": "认定表"}
    sent(officer, f"{base}add/category/", code="dibao", **since)
    sent(officer, f"{base}add/chronic/", code="J44", **since)
    sent(officer, f"{base}add/institution/", institution_id=place, **since)
    shown = sent(officer, f"{base}add/elsewhere/", code="registered", **since)
    assert all(word in shown for word in ("最低生活保障", "慢性阻塞性肺", "石桥卫生院", "异地就医备案"))

    again = officer.post(f"{base}add/enrolment/", enrolment)
    assert again.status_code == 422 and "不能重复参保" in again.content.decode()

    row = Enrolment.objects.get()
    shown = sent(officer, f"{base}enrolment/{row.id}/end/", last_on="2026-05-19", reason="转职工参保")
    assert "转职工参保" in shown and "今天没有参保" in shown
    assert api.coverage_on(key, date(2026, 5, 19)).insurance == "390"
    shown = sent(officer, f"{base}enrolment/{row.id}/undo/", reason="单位没有参保")
    assert "今天没有参保" not in shown
    assert Enrolment.objects.get().ends_on == date(2027, 1, 1)
    held = Category.objects.get()
    shown = sent(officer, f"{base}category/{held.id}/call_off/", reason="录错了人")
    assert "已撤销" in shown and not api.coverage_on(key, clock.today()).identities
    sent(officer, f"{base}category/{held.id}/undo/", reason="没有录错")
    assert api.coverage_on(key, clock.today()).identities == {"dibao"}
    assert officer.get(f"/coverage/people/{person('李')}/category/{held.id}/end/").status_code == 404
    assert Entitlement.objects.count() == 3
    assert reads_of(key).total > 5


def test_what_was_called_off_makes_room(officer: Client) -> None:
    """A mistaken enrolment stands in nobody's way; undoing it later is refused because something else holds."""
    key = person()
    wrong = insured(key, insurance="310", person_type="1101")
    sent(officer, f"/coverage/people/{key}/enrolment/{wrong}/call_off/", reason="录错险种")
    insured(key)
    assert [one.insurance for one in api.coverages_on(key, clock.today())] == ["390"]
    refused = officer.post(f"/coverage/people/{key}/enrolment/{wrong}/undo/", {"reason": "又对了"})
    assert refused.status_code == 422 and "不能重复参保" in refused.content.decode()
    with pytest.raises(api.NotEnded):
        api.undo_end(what="enrolment", row_id=Enrolment.objects.get(insurance="390").id, reason="x", actor=BOSS)


def test_the_roll_by_village_opens_as_many_people_as_it_says(officer: Client) -> None:
    """Enrolled, missing, exempt and gone each count once; the exempt who enrols counts as enrolled; the sheet and the print say the same."""
    for name in ("甲一", "甲二", "甲三"):
        insured(person(name))
    person("乙一")
    away = person("乙二")
    api.exempt(resident_id=away, year=YEAR, reason="soldier", evidence="入伍通知书", actor=BOSS)
    back = person("丙一")
    api.exempt(resident_id=back, year=YEAR, reason="away", evidence="村委会证明", actor=BOSS)
    insured(back)
    dead = person("丁一")
    Resident.objects.filter(pk=dead).update(status="deceased", closed_on=date(2026, 3, 1), closed_reason="病故")
    Resident.objects.filter(pk=dead).update(created_at="2025-01-01T00:00:00Z")
    person("戊一", "河湾村", "990123101202")

    lines, whole = roll.roll(BOSS, YEAR)
    first, second = lines
    assert (first.counts, dict(first.reasons)) == (
        {"enrolled": 4, "missing": 1, "exempt": 1, "gone": 1}, {"soldier": 1, "deceased": 1},
    )  # fmt: skip
    assert (first.due, first.rate, first.register_rate, first.lacking(0.95)) == (5, 0.8, 4 / 6, 1)
    assert (second.rate, whole.due, whole.lacking(0.5)) == (0.0, 6, 0)
    page = officer.get("/coverage/?year=2026").content.decode()
    assert "石桥镇柳树村" in page and "参军服役" in page and "未核对原文" in page
    below = officer.get("/coverage/?year=2026&below=1").content.decode()
    assert "河湾村" in below
    for state, number in whole.counts.items():
        listed = officer.get(f"/coverage/people/?year=2026&state={state}").content.decode()
        assert f"共 {number} 条" in listed, state
    assert "乙一" in officer.get("/coverage/people/?year=2026&state=missing&village=990123101201").content.decode()
    book = load_workbook(io.BytesIO(officer.get("/coverage/export/?year=2026&state=missing").content))
    assert [row[1] for row in book.worksheets[1].iter_rows(min_row=2, values_only=True)] == ["乙一", "戊一"]
    assert book.worksheets[0]["E2"].value == "80.0%"
    assert officer.get("/coverage/print/?year=2026").content.startswith(b"%PDF")
    assert len(reads_of(away).rows) >= 1


def test_a_reason_needs_evidence_and_can_be_withdrawn(officer: Client) -> None:
    """Out of the denominator and in again, each with its reason; one reason a year."""
    key = person()
    address = f"/coverage/people/{key}/add/exemption/"
    refused = officer.post(address, {"year": YEAR, "reason": "abroad", "evidence": " "})
    assert refused.status_code == 422 and not Exemption.objects.exists()
    sent(officer, address, year=YEAR, reason="abroad", evidence="签证复印件")
    assert roll.roll(BOSS, YEAR)[1].counts["exempt"] == 1
    twice = officer.post(address, {"year": YEAR, "reason": "prison", "evidence": "司法所证明"})
    assert "已有不参保的理由" in twice.content.decode()
    row = Exemption.objects.get()
    sent(officer, f"/coverage/people/{key}/exemption/{row.id}/withdraw/", reason="已回国")
    assert roll.roll(BOSS, YEAR)[1].counts["missing"] == 1


def test_a_coming_year_counts_who_has_paid_for_it() -> None:
    """In autumn the roll is next year's: only insurance of its first day counts."""
    early, late = person("早"), person("晚")
    for key in (early, late):
        insured(key)
    insured(early, starts_on=date(2027, 1, 1), ends_on=date(2028, 1, 1))
    with clock.travel(date(2026, 10, 5) - clock.today()):
        assert roll.roll(BOSS, 2027)[1].counts == {"enrolled": 1, "missing": 1, "exempt": 0, "gone": 0}
        assert roll.roll(BOSS, 2026)[1].counts["enrolled"] == 2


def test_a_person_insured_under_a_linked_registration_counts() -> None:
    """Insurance kept under a key that was merged away is the person's."""
    boss = factories.make_actor("all")
    gone, kept = person("王小红"), person("王晓红")
    insured(gone)
    Resident.objects.filter(pk=gone).update(status="merged", merged_into=kept, closed_on=date(2026, 4, 1))
    assert boss and roll.roll(BOSS, YEAR)[1].counts["enrolled"] == 1


def test_the_roll_of_a_village_is_its_own() -> None:
    """A village doctor sees the own village's roll only, names where a relationship allows; without the right nothing."""
    here, there = make_institution("柳树村卫生室", level="village"), make_institution("河湾村卫生室", level="village")
    mine, other = person("本村人"), person("外村人", "河湾村", "990123101202")
    Resident.objects.filter(pk=mine).update(managing_institution_id=here)
    Resident.objects.filter(pk=other).update(managing_institution_id=there)
    doctor = signed_in("village_doctor", "cunyi-test", here)
    page = doctor.get("/coverage/?year=2026").content.decode()
    assert "柳树村" in page and "河湾村" not in page
    listed = doctor.get("/coverage/people/?year=2026&state=missing").content.decode()
    assert "外村人" not in listed and ("本村人" in listed or "无权查看姓名" in listed)
    assert doctor.get(f"/coverage/people/{mine}/add/enrolment/").status_code == 403
    assert signed_in("nurse", "hushi-test", here).get("/coverage/").status_code == 403
