"""The demo county's door: load it once, and say how to sign in."""

from collections.abc import Callable
from datetime import date, datetime, time
from uuid import UUID

from django.apps import apps
from django.db import transaction
from django.urls import reverse

from yigong.access import api as access
from yigong.core import clock
from yigong.core.actor import system
from yigong.core.errors import DomainError
from yigong.core.rights import ROLES
from yigong.demo.data import Login
from yigong.demo.generate import county as counties
from yigong.demo.generate.county import PASSWORD, County
from yigong.demo.generate.keys import CHINA, chance
from yigong.demo.generate.people import RESIDENTS, Person, Population
from yigong.demo.generate.visits import Year, rates
from yigong.demo.load import (
    contracts,
    examinations,
    fund,
    insurance,
    network,
    programmes,
    records,
    referrals,
    residents,
    work,
    workreport,
)
from yigong.demo.load.copying import analyse, without_triggers
from yigong.demo.load.network import Keys
from yigong.indicators.api import count_county
from yigong.network import api as network_api
from yigong.records.bulk import loading

__all__ = ["PASSWORD", "SCALES", "SEED", "Login", "ensure", "is_loaded", "logins"]

SEED = 2026
SCALES = tuple(RESIDENTS)
Progress = Callable[[str], object]


def is_loaded() -> bool:
    """Whether the database has any institution: the demo county never mixes with what is there."""
    return apps.get_model("network.Institution").objects.exists()


def ensure(
    scale: str = "small", progress: Progress = lambda text: None, *, today: date | None = None, seed: int = SEED
) -> bool:
    """Load the demo county into an empty database; False when something is there already.

    ``scale`` is small (2,000 residents), town (30,000) or county (350,000). The same seed and day give the same county. All of it is one
    transaction: an interrupted load leaves nothing. Loaded for the real today, the rooms' commands then make today's open work; a county of
    another day has none.
    """
    if is_loaded():
        return False
    day = today or clock.today()
    with transaction.atomic():
        without_triggers()
        county, keys, people = _load(scale, progress, day, seed)
    analyse()
    if day == clock.today():
        programmes.follow(people, day)
        contracts.follow(day)
        _begin_day(county, keys, people, day, progress)
    counted = count_county("postgres", by="演示县", say=lambda _text: None)
    progress(f"{counted.cells} 个月度指标数")
    if day == clock.today():
        _begin_report(keys, progress)
    return True


def _begin_day(county: County, keys: Keys, people: list[tuple[Person, UUID]], day: date, progress: Progress) -> None:
    """A refusal costs a desk's work of today only: the county is there, and the start goes on."""
    with transaction.atomic():
        refused = work.begin(county, keys, people, day)
        gp = access.actor_of(keys.of("account", "quanke"))
        programmes.watch(gp, day)
        below = {i.key for i in county.institutions if i.parent == "T01"}
        well = [key for one, key in people if one.village in below and one.status == "active" and not one.chronic]
        programmes.open_records(well[:7], gp, day)
        programmes.feast(well[:7], gp, day)
        programmes.begin([(one, key) for one, key in people if one.village in below], keys.institution["T01"], gp, day)
        village, nurse, manager = (access.actor_of(keys.of("account", n)) for n in ("cunyi", "hushi", "weishengyuan"))
        programmes.keep_vaccine(village, nurse, manager, day)
    progress("今天的待办")
    with transaction.atomic():
        fund.begin(keys, len(people))
    progress("医保基金两年的打包、使用和清算")
    for sentence in refused:
        progress(f"今天的待办有一处没有建成：{sentence}")


def _begin_report(keys: Keys, progress: Progress) -> None:
    """A refusal costs the report only."""
    try:
        with transaction.atomic():
            workreport.begin(keys)
        progress("两个冻结的月份和一份工作汇报")
    except DomainError as refusal:
        progress(f"工作汇报没有建成：{refusal}")


def _load(scale: str, progress: Progress, day: date, seed: int) -> tuple[County, Keys, list[tuple[Person, UUID]]]:
    county = counties.build(seed)
    keys = network.load(county, seed, day)
    progress(f"{len(county.institutions)} 个机构，{len(county.workers)} 名职工")
    people = residents.load(Population(seed, scale, day, county), county, keys, day)
    progress(f"{len(people)} 名居民")
    progress(insurance.load(people, county, keys, day))
    _visits(people, county, keys, day, progress)
    progress(f"{programmes.fill(county, keys, people, day)} 人次公卫管理")
    progress(f"{contracts.fill(county, keys, people, day)} 份签约协议")
    return county, keys, people


def _visits(people: list[tuple[Person, UUID]], county: County, keys: Keys, day: date, progress: Progress) -> None:
    year = Year(keys.seed, county, day)
    times = rates([person for person, _key in people], day, chance(keys.seed, "rates"))
    with loading(system("demo"), "载入示例县一年的就诊") as batch:
        now = datetime.combine(day, time(7), CHINA)
        writer, referred = records.Writer(keys, now, batch), referrals.Writer(county, keys, now)
        examined = examinations.Writer(county, keys, now, batch, lambda order: reverse("orders:detail", args=[order]))
        funded = fund.Writer(county, keys, day)
        for index, ((person, resident), visits) in enumerate(zip(people, times, strict=True)):
            for visit in year.of(person, index, visits):
                writer.write(visit, person, resident)
                referred.consider(visit, person, resident)
                examined.consider(visit, person, resident)
                funded.consider(visit, person, resident)
            if index and index % 50_000 == 0:
                progress(f"{index} 名居民的 {year.count} 次就诊 …")
        writer.flush()
        referred.flush()
        examined.flush()
        funded.flush()
    progress(f"{year.count} 次就诊，{referred.up} 次上转，{referred.down} 次下转，{examined.count} 份影像报告")


def logins() -> tuple[Login, ...]:
    """One login per role, in the order of the day's work; empty when the demo county is not loaded."""
    accounts = apps.get_model("access.Account").objects.filter(username__in=counties.LOGINS).select_related("staff")
    posts = {a.username: network_api.posts_of(a.staff_id)[0] for a in accounts if a.staff_id}
    return tuple(
        Login(ROLES[role], username, PASSWORD, posts[username].institution_name)
        for username, (role, _place) in counties.LOGINS.items()
        if username in posts
    )
