"""Who may act for whom, on which basis, until when."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.states.api import State, StateTable, Step
from yigong.residents.proxies import policies

ADULT = 18
GUARDIAN, APPOINTED, CONSENT = "guardian", "appointed", "consent"
# 民法典 27 (minors' guardians), 28 and 31 (adults without capacity, appointed by committee or court), 161 and 165 (mandate in writing).
BASES = {GUARDIAN: "未成年人的监护人", APPOINTED: "成年人的指定监护人", CONSENT: "本人书面委托"}
ACTIVE, EXPIRED, WITHDRAWN, ENDED = "active", "expired", "withdrawn", "ended"


def adult_on(born: date) -> date:
    """The eighteenth birthday; who was born on 29 February is of age on 1 March."""
    try:
        return born.replace(year=born.year + ADULT)
    except ValueError:
        return date(born.year + ADULT, 3, 1)


def last_end(basis: str, born: date | None) -> date | None:
    """The first day on which this basis holds no longer by itself; None: no such day."""
    return adult_on(born) if basis == GUARDIAN and born else None


def faults(
    basis: str,
    document: str,
    principal_age: int | None,
    agent_age: int | None,
    starts_on: date,
    ends_on: date | None,
    today: date,
) -> dict[str, str]:
    """Sentences by field for what cannot be."""
    found = {}
    if basis not in BASES:
        found["basis"] = _("请选择代办依据。")
    if agent_age is None or agent_age < ADULT:
        found["agent_id"] = _("代办人应年满 18 周岁；出生日期不详的，请先补全代办人的档案。")
    if basis == GUARDIAN and (principal_age is None or principal_age >= ADULT):
        found["basis"] = _("被代办人已满 18 周岁，不能再按未成年人的监护人登记；请选本人书面委托或指定监护人。")
    if basis in (APPOINTED, CONSENT) and principal_age is not None and principal_age < ADULT:
        found["basis"] = _("被代办人不满 18 周岁，请选未成年人的监护人。")
    if basis in (APPOINTED, CONSENT) and not document.strip():
        found["document"] = _("请填写委托书或监护文书的名称、编号或日期，原件留存备查。")
    if starts_on > today + timedelta(days=31):
        found["starts_on"] = _("开始日期不能晚于一个月之后。")
    if ends_on is not None and ends_on <= max(starts_on, today):
        found["ends_on"] = _("截止日期应晚于今天和开始日期。")
    return found


def closes_a_ring(principal: UUID, agent: UUID, who_acts_for: Callable[[set[UUID]], set[UUID]]) -> bool:
    """Whether somebody would in the end act for himself. ``who_acts_for``: those who act for any of these people."""
    seen: set[UUID] = set()
    waiting = {agent}
    while waiting:
        if principal in waiting:
            return True
        seen |= waiting
        waiting = who_acts_for(waiting) - seen
    return False


def _until(row: object) -> timedelta | None:
    ends_on: date | None = getattr(row, "ends_on", None)
    if ends_on is None:
        return None
    return datetime.combine(ends_on, time(0), clock.SHANGHAI) - clock.now()


def _ends(row: object) -> None:
    from yigong.residents.proxies.commands import expire

    expire(row)


PROXY = StateTable(
    name="proxy",
    states={
        ACTIVE: State("有效", due=_until),
        EXPIRED: State("已到期", final=True),
        WITHDRAWN: State("已撤销", final=True),
        ENDED: State("已终止", final=True),
    },
    steps=[
        Step("withdraw", {ACTIVE}, WITHDRAWN, "撤销", permission=policies.KEEP, reason_required=True),
        Step("expire", {ACTIVE}, EXPIRED, "到期", system_only=True),
        Step("end", {ACTIVE}, ENDED, "终止", system_only=True),
    ],
    on_due=_ends,
)
