"""``./yigong bench programmes``: candidates, full recomputation of due rows and rates at county size beside the plain SQL of the same counts, and growth at a tenth and a third.

``--simulate`` (``--simulate N``) instead lives through three years of 1,000 (N) people per programme on the engine (see ``simulation``) and counts what must never be;
``--lines`` prints how many lines of definition each took.
"""

# texts: data
import argparse
import resource
import time
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from yigong.launch.bench_house import migrated, say, throwaway


def main(arguments: list[str]) -> int:
    """Measure, print."""
    parser = argparse.ArgumentParser("./yigong bench programmes")
    parser.add_argument("--residents", type=int, default=350_000)
    parser.add_argument("--enrolled", type=int, default=40_000)
    parser.add_argument(
        "--shares", default="10,3,1", help="measure at these parts of the county: a tenth, a third, the whole"
    )
    parser.add_argument(
        "--simulate", type=int, nargs="?", const=1000, default=0, help="simulate so many people per programme instead"
    )
    parser.add_argument("--step", type=int, default=73, help="days of a step of the simulation")
    parser.add_argument("--only", default="", help="one programme of the simulation")
    parser.add_argument(
        "--lines", action="store_true", help="instead: how many lines of definition each programme took"
    )
    options = parser.parse_args(arguments)
    with throwaway():
        if options.lines:
            return _lines()
        migrated()
        places = _places()
        if options.simulate:
            return _simulate(options, places)
        for share in map(int, options.shares.split(",")):
            _measure(options.residents // share, options.enrolled // share, places)
    return 0


def _lines() -> int:
    import django

    django.setup()
    from yigong.programmes.rules import sizes

    say(sizes.table())
    say(f"{sizes.engine()} lines of engine for all")
    return 0


def _places() -> list[UUID]:
    from yigong.core.actor import system
    from yigong.network import api as network

    boss = system("bench")
    found: list[UUID] = []
    town: UUID | None = None
    for n in range(80):
        level, parent = "township" if n % 20 == 0 else "village", town if n % 20 else None
        made = network.create_institution(
            code=f"B{n:03}",
            name=f"测试{n}村",
            short_name=f"测{n}",
            level=level,
            category="A100",
            parent_id=parent,
            actor=boss,
        )
        town = made.id if level == "township" else town
        found.append(made.id)
    return [p for n, p in enumerate(found) if n % 20]


_RESIDENTS = """
insert into residents_resident (id, name, name_key, pinyin, initials, reading_keys, sex, birth_date, ethnicity, division_code, township, village, address,
    relation_to_head, closed_reason, managing_institution_id)
select gen_random_uuid(), '居民' || g, '居民' || g, 'jumin' || g, 'jm' || g, '{}', (g %% 2 + 1)::text, current_date - (g * 7919::bigint %% 33000)::integer, '', '', '', '', '', '', '',
    (%(places)s::uuid[])[g %% %(n)s + 1]
from generate_series(1, %(people)s) g
"""
# A third of those from 35 on have a diagnosis of hypertension, one in nine of diabetes; every other one several times.
_CONDITIONS = """
insert into records_condition (id, resident_id, institution_id, occurred_at, code, text, status, is_lasting)
select gen_random_uuid(), r.id, r.managing_institution_id, now() - interval '100 days' * g, c.code, c.text, 'active', true
from residents_resident r
cross join (values ('I10.x00', '高血压', 3), ('E11.900', '2型糖尿病', 9)) as c (code, text, share) cross join generate_series(1, 2) g
where r.birth_date <= current_date - interval '35 years' and abs(hashtext(r.id::text || c.code)) %% c.share = 0
"""


def _fill(people: int, places: list[UUID]) -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        for table in (
            "programmes_standing",
            "programmes_candidate",
            "programmes_due",
            "programmes_visit",
            "programmes_enrolment",
            "tasks_task",
            "forms_formresponse",
            "records_condition",
            "residents_resident",
        ):
            cursor.execute(f"delete from {table}")
        cursor.execute(_RESIDENTS, {"places": places, "n": len(places), "people": people})
        cursor.execute(_CONDITIONS.replace("%%", "%"))
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")


def _timed(label: str, work: Callable[[], Any], raw: str = "", **values: Any) -> None:
    from django.db import connection

    begin, cpu = time.perf_counter(), time.process_time()
    found = work()
    took, own = time.perf_counter() - begin, time.process_time() - cpu
    beside = ""
    if raw:
        begin = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(raw, values)
            answer = cursor.fetchall()[0][0]
        beside = f"plain SQL {time.perf_counter() - begin:6.2f} s ({answer:,})"
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(f"  {label:<34}{took:8.2f} s  cpu {own:7.2f}  {found:>9,}  peak {memory:5.0f} MB  {beside}")


_RAW_CANDIDATES = """
select count(*) from residents_resident r where r.status = 'active' and r.birth_date <= current_date - interval '35 years'
    and exists (select 1 from records_condition c where c.resident_id = r.id and c.status = 'active' and c.code like 'I1%%')
    and not exists (select 1 from programmes_enrolment e where e.resident_id = r.id and e.programme = 'hypertension' and e.state = 'active')
"""
_RAW_DUE = """
select count(*) from (select e.id, max(v.on) from programmes_enrolment e left join programmes_visit v on v.enrolment_id = e.id and v.stage = 'followup'
    where e.state = 'active' group by e.id) x
"""
_RAW_RATES = """
select count(*) from (select e.id, count(v.id) filter (where v.way <> '3'), max(v.on) from programmes_enrolment e
    left join programmes_visit v on v.enrolment_id = e.id and v.on >= date_trunc('year', current_date) group by e.id) x
"""


def _measure(people: int, enrolled: int, places: list[UUID]) -> None:
    from yigong.core.actor import system
    from yigong.programmes import api, bulk
    from yigong.programmes.models import Candidate, Enrolment

    boss = system("bench")
    _fill(people, places)
    say(f"\n{people:,} residents, {enrolled:,} under management")
    _timed("candidates (hypertension)", lambda: api.find_candidates(code="hypertension", actor=boss), _RAW_CANDIDATES)
    _timed("candidates (diabetes)", lambda: api.find_candidates(code="diabetes", actor=boss))
    chosen = list(
        Candidate.objects.order_by("id").values_list(
            "programme", "resident_id", "institution_id", "resident__birth_date", "resident__sex"
        )[:enrolled]
    )
    _timed("taken over with a year of visits", lambda: bulk.load(_people(chosen), actor=boss, reason="bench"))
    _timed(
        "all due rows computed again",
        lambda: api.catch_up(actor=boss, everybody=True) + Enrolment.objects.count(),
        _RAW_DUE,
    )
    year = date.today().year  # noqa: DTZ011 - a benchmark
    _timed(
        "all rates of the year counted again",
        lambda: api.recount(actor=boss, year=year, codes=["hypertension", "diabetes"]),
        _RAW_RATES,
    )


def _people(chosen: list[tuple]) -> Any:
    from yigong.core import clock
    from yigong.programmes import bulk
    from yigong.programmes.simulation import _USUAL

    today, source = clock.today(), Random(1)
    for programme, resident, place, born, sex in chosen:
        visits = []
        for ago in (280, 190, 100, 12):
            given = {
                "symptoms": ["1"], "danger": ["none"], "adherence": "1", "reaction": "1", "complication": "1",
                "sbp": round(source.uniform(*_USUAL["sbp"])), "dbp": round(source.uniform(*_USUAL["dbp"])),
            }  # fmt: skip
            if programme == "diabetes":
                given |= {"fpg": round(source.uniform(*_USUAL["fpg"]), 1), "hypoglycaemia": "1", "foot": "1"}
            visits.append(bulk.Past("followup", today - timedelta(days=ago), "2", given))
        yield bulk.Person(resident, programme, place, born, sex, today - timedelta(days=300), visits=visits)


def _simulate(options: argparse.Namespace, places: list[UUID]) -> int:
    from django.db import connection

    from yigong.core import clock
    from yigong.core.actor import system
    from yigong.programmes import simulation
    from yigong.programmes.rules.packs import programmes

    boss, bad, today, every = system("bench"), 0, clock.today(), programmes()
    chosen = [code for code in every if not options.only or code == options.only]
    for done, code in enumerate(chosen, 1):
        _fill(options.simulate, places)
        born = simulation.born_for(every[code], today)
        with connection.cursor() as cursor:
            cursor.execute("update residents_resident set birth_date = %s, sex = '2'", [born])
            cursor.execute("select id, managing_institution_id from residents_resident")
            people = [(key, place, born, "2") for key, place in cursor.fetchall()]
        begin, cpu = time.perf_counter(), time.process_time()
        tally = simulation.run(code, people, actor=boss, days=3 * 365, step=options.step)
        bad += len(tally.broken)
        say(
            f"{done:>3} of {len(chosen)} {code:<16}{len(people):>6} people {tally.steps:>4} steps {tally.visits:>8,} visits {tally.commands:>6,} commands "
            f"({tally.refusals:,} refused) {len(tally.broken)} invariants broken {time.perf_counter() - begin:7.1f} s, cpu {time.process_time() - cpu:.1f}"
        )
        for text in tally.broken[:5]:
            say(f"    {text}")
    return 1 if bad else 0
