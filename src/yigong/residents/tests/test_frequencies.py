"""How common a name is in this county, and what that does to a score at the counter and at the desk."""

from datetime import date, timedelta

import pytest

from yigong.core import clock
from yigong.core.actor import system
from yigong.core.jobs import worker
from yigong.core.jobs.api import jobs_of
from yigong.residents import api
from yigong.residents.bulk import BulkResident, loading
from yigong.residents.commands import counting
from yigong.residents.matching.data import Step
from yigong.residents.models import ValueFrequency
from yigong.residents.queries import pairs
from yigong.residents.tests.factories import make_actor
from yigong.residents.views.waterfall import bars_of

pytestmark = pytest.mark.django_db
BORN = date(1980, 3, 4)
COUNTY = 60_000


def load(*names: tuple[str, int]) -> None:
    """So many residents of each name, born on different days."""
    with loading(system("test"), "test") as batch:
        batch.load(
            BulkResident(
                name, "1", BORN - timedelta(days=311 * place), (None, "test", f"{name}{place}"), phone="13800000001"
            )
            for name, count in names
            for place in range(count)
        )


def large_county() -> None:
    """As if so many people had been counted, without loading them."""
    counting.count_names()
    ValueFrequency.objects.filter(column="").update(residents=COUNTY)


def name_step(name: str) -> tuple[float, Step]:
    """The probability that a person of the name born on the day is the known one, and the step of the name."""
    match = api.check_duplicates(name=name, birth_date=BORN, sex="1", actor=make_actor())[0]
    assert match.probability is not None
    scored = pairs.score(match.resident.id, match.resident.id)
    return match.probability, next(s for s in scored.steps if s.comparison == "name")


def test_a_common_name_weighs_less_than_a_rare_one() -> None:
    """Same name and same birth date, once of a name that sixty bear and once of one that nobody else bears."""
    load(("王伟", 60), ("笪翀", 1))
    large_county()
    common, usual = name_step("王伟")
    rare, seldom = name_step("笪翀")
    assert usual.frequency_bits < -6 < 0 < seldom.frequency_bits + 2
    assert 1 - common > 20 * (1 - rare)
    assert (usual.share or 0) == pytest.approx((59 + 20_000 * 2e-5) / (COUNTY + 20_000))


def test_without_a_count_the_definition_says_what_is_usual() -> None:
    """Before the first count both names weigh the same, and the waterfall claims nothing about the county."""
    load(("王伟", 3), ("笪翀", 1))
    common, usual = name_step("王伟")
    rare, _seldom = name_step("笪翀")
    assert common == rare and usual.share is None


def test_the_waterfall_says_it_in_words() -> None:
    """Common: so many bits less, with one in how many people."""
    load(("王伟", 60))
    large_county()
    match = api.check_duplicates(name="王伟", birth_date=BORN, sex="1", actor=make_actor())[0]
    bars = bars_of(pairs.score(match.resident.id, match.resident.id))
    level = next(bar.level for bar in bars if bar.label == "姓名")
    assert "在本县较常见（约每" in level and "少计" in level


def test_a_shared_phone_weighs_less() -> None:
    """A number that stands in sixty files (a village doctor's) tells little; counted at once, without the job."""
    load(("王伟", 60), ("李强", 1))
    large_county()
    match = api.check_duplicates(name="王伟", birth_date=BORN, sex="1", phone="13800000001", actor=make_actor())[0]
    home = next(s for s in pairs.score(match.resident.id, match.resident.id).steps if s.comparison == "home")
    assert home.level.startswith("phone") and home.frequency_bits < -6


def test_the_clock_counts_once_a_day() -> None:
    """The first call starts the job, a further one within the day does not; the next day counts anew."""
    load(("王伟", 3))
    counting._next_look.clear()
    assert counting.count_when_due() == 1
    (job,) = jobs_of(system("residents.index"))
    worker.run_job(job.id)
    assert ValueFrequency.objects.get(column="name", value="王伟").residents == 3
    for later, starts in ((timedelta(hours=3), 0), (timedelta(hours=25), 1)):
        with clock.travel(later):
            counting._next_look.clear()
            assert counting.count_when_due() == starts
