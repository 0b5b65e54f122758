"""The plans of the packs: those in force and those that come into force within a year."""

from datetime import date, timedelta
from functools import lru_cache

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.errors import NotFound
from yigong.core.packs.api import Kind, current, every, register, released
from yigong.insurance.benefits.checks import mistakes
from yigong.insurance.benefits.plan import BenefitPlan
from yigong.insurance.benefits.rules import Rules

PLANS: Kind[BenefitPlan] = register(Kind("benefits", "benefits/*.toml", BenefitPlan, mistakes))
_AHEAD = timedelta(days=366)


def known_plans() -> list[BenefitPlan]:
    """Plans in force today and those to come within a year, by code and date."""
    today = clock.today()
    found = {(p.code, p.version): p for day in (today, today + _AHEAD) for p in every(PLANS, day).values()}
    return sorted(found.values(), key=lambda plan: (plan.code, plan.effective_from))


def plan_named(code: str, version: str) -> BenefitPlan:
    """One of the known plans; NotFound."""
    found = next((plan for plan in known_plans() if (plan.code, plan.version) == (code, version)), None)
    if found is None:
        raise NotFound(f"没有待遇方案 {code} {version}。")
    return found


def rules_on(code: str, on: date) -> Rules:
    """The plan in force on a day, ready for calculation."""
    return ready(current(PLANS, code, on))


def plan_for(region: str, insurance: str, on: date) -> Rules:
    """The plan of an insured region and a kind of insurance in force on a day; NotFound when the packs have none."""
    found = [plan for plan in every(PLANS, on).values() if (plan.region, plan.insurance) == (region, insurance)]
    if not found:
        raise NotFound(
            _("参保地 %(region)s 没有 %(on)s 生效的待遇方案，请先在配置包中登记。") % {"region": region, "on": on}
        )
    return ready(max(found, key=lambda plan: (plan.effective_from, plan.version)))


def plans_on(on: date) -> list[BenefitPlan]:
    """All plans in force on a day."""
    return sorted(every(PLANS, on).values(), key=lambda plan: (plan.region, plan.insurance, plan.code))


def plan_released(code: str, version: str) -> Rules:
    """The exact plan that an old settlement names, from the packs or the archive."""
    return ready(released(PLANS, code, version))


@lru_cache(maxsize=64)
def ready(plan: BenefitPlan) -> Rules:
    """A plan made ready for calculation, once."""
    return Rules(plan)
