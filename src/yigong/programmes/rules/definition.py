"""What a programme is: who, stages with windows, forms, grades and what each does, what ends it, rates. Data only: no code and no markup.

One TOML file per version below ``packs/*/programmes``. Every condition is an expression over the items of the programme's forms and the facts
in ``FACTS``; ``[[rules]]`` give conditions a name, so that grades, rates and reviewers speak of them.
"""

from datetime import date
from typing import Literal

import msgspec

Certainty = Literal["found", "general", "uncertain"]
Tone = Literal["good", "info", "warn", "bad", "yellow", "orange", "purple"]

# What every expression may use besides the items of the programme's forms: name → kind, Chinese for the reviewer.
FACTS: dict[str, tuple[str, str]] = {
    "age": ("int", "访视当日周岁"),
    "months": ("int", "访视当日月龄"),
    "sex": ("string", "性别（1 男 2 女）"),
    "days": ("int", "距纳入或基准日的天数"),
    "first": ("bool", "首次有效随访"),
    "previous_grade": ("string", "上次分级代码"),
    "alerts": ("list(string)", "生命体征提示（vital-alerts 的规则代码）"),
    "stage": ("string", "本次环节代码"),
    "way": ("string", "随访方式（1 门诊 2 家庭 3 电话）"),
    "born": ("date", "出生日期"),
}


class _Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class FromResult(_Struct, frozen=True):
    """A newest result used in ``who.when`` and ``who.suspect`` under ``name``: LOINC ``code``, not older than ``within_days``."""

    name: str
    code: str
    within_days: int = 365


class Who(_Struct, frozen=True):
    """Who may be enrolled, and in which records candidates are found. Ages count on the day; ``conditions`` are ICD-10 beginnings.

    ``when`` is a further condition over ``age``, ``months``, ``sex``, ``conditions`` and the named ``results``. Somebody without the diagnosis is a
    candidate too where ``suspect`` holds for values measured anywhere: ``suspect_text`` says what to do, with the values in it. Without ``find``
    nobody is searched for: people come by hand or from another room.
    """

    text: str
    age_from: int | None = None
    age_to: int | None = None
    months_to: int | None = None
    sex: str = ""
    conditions: list[str] = []
    results: list[FromResult] = []
    admitted_within_days: int = 0
    when: str = ""
    suspect: str = ""
    suspect_text: str = ""
    find: bool = True


class Rule(_Struct, frozen=True):
    """A named value; ``otherwise`` is taken when what ``value`` needs was not recorded. The graded visit before
    offers its value as ``previous_<code>``. ``shown``: a true one is told as a finding of the visit, in its ``tone``."""

    code: str
    title: str
    value: str
    type: Literal["bool", "int", "double"] = "bool"
    otherwise: str = ""
    note: str = ""
    shown: bool = False
    tone: Tone = "warn"
    certainty: Certainty = "general"


class Score(_Struct, frozen=True):
    """How many standard deviations the measured ``item`` lies from the median of a growth table (``packs/*/growth``); conditions use it as ``code``.

    ``by`` is months (the age on the day, parts of months included) or a measured item; it is reckoned from ``months_from`` on and below
    ``months_below``. Its curve is drawn on the person's page.
    """

    code: str
    title: str
    item: str
    table: str
    by: str = "months"
    months_from: int = 0
    months_below: int = 0


class Counts(_Struct, frozen=True):
    """Weeks counted from the anchor and told at each visit whose stage lies ``before`` the stage ``until``.

    They lead to a day ``due_days`` after the anchor. ``corrected_by`` names a date of the enrolment form that gives this day better than the
    anchor does (an ultrasound): the anchor is then reckoned back from it, and both answers stay.
    """

    title: str
    due_title: str = ""
    due_days: int = 280
    corrected_by: str = ""
    until: str = ""


class Stage(_Struct, frozen=True):
    """One kind of visit. ``after`` is enrolment, birth, anchor, grade (only when a grade opens it) or another stage; the offset leads to the
    day it is due; the window is open ``early_days`` before and ``late_days`` after. ``every_days`` repeats it, ``yearly`` makes it once per
    calendar year. ``catch_up`` keeps it due after its window; ``gap_days`` is the least distance from the visit before on the same ``track``.
    ``hours`` gives a deadline in hours instead. ``desk`` is work without the person (a report): nobody is rung, told or visited for it. Where the visit of the stage before names a date in ``counts_from`` (the first that was
    answered), the offset counts from that date and not from the day of the visit. It is no longer due once the stage ``before`` has been made; its
    visit ends the management when it names an ending in ``ends``. ``offered``: it can be made at any time under management, due or not. A visit that lacks an answer of the form named in ``compulsory`` (and asked of
    this person) is kept but incomplete: it counts in no rate until it is completed, which somebody is asked to do within ``complete_days``. A visit of a
    ``shared`` stage answers the shared stages with the same form of the person's other managements too.
    """

    code: str
    title: str
    form: str
    compulsory: list[str] = []
    complete_days: int = 30
    shared: bool = False
    after: str = "enrolment"
    days: int = 0
    weeks: int = 0
    months: int = 0
    hours: int = 0
    desk: bool = False
    early_days: int = 0
    late_days: int = 0
    every_days: int = 0
    yearly: bool = False
    track: str = ""
    catch_up: bool = False
    gap_days: int = 0
    until_months: int = 0
    before: str = ""
    counts_from: list[str] = []
    ends: str = ""
    when: str = ""
    graded: bool = True
    offered: bool = False
    note: str = ""
    certainty: Certainty = "general"

    @property
    def repeats(self) -> bool:
        """Whether it comes again after each visit."""
        return bool(self.every_days or self.yearly)


class Grade(_Struct, frozen=True):
    """What a visit amounts to. The fitting grade of the highest ``severity`` holds; two of one severity must never both fit.

    ``next_days`` brings the next visit of the same stage forward, ``opens`` makes another stage due in ``opens_days``; ``refer`` proposes a
    referral with this reason; ``task`` asks somebody for something within ``task_days``; ``ends`` ends the enrolment.
    """

    code: str
    title: str
    severity: int
    when: str
    tone: Tone = "info"
    classification: str = ""
    advice: str = ""
    next_days: int = 0
    opens: str = ""
    opens_days: int = 0
    refer: str = ""
    emergency: bool = False
    task: str = ""
    task_days: int = 0
    ends: str = ""
    certainty: Certainty = "general"


class Ungraded(_Struct, frozen=True):
    """What is said and done when what decides was not recorded."""

    title: str = "资料不全，未评价"
    advice: str = "补齐必填项目后再评价。"
    next_days: int = 0


class Goal(_Struct, frozen=True):
    """A clinical goal shown to the doctor beside the assessment and never mixed with it."""

    code: str
    title: str
    when: str
    source: str = ""
    certainty: Certainty = "general"


class Measure(_Struct, frozen=True):
    """An item that is written into the record: as a vital ``sign`` (code of vital-alerts) or as a result with a LOINC code.

    ``alert_as`` lets a laboratory value be judged as that sign by vital-alerts.
    """

    item: str
    sign: str = ""
    loinc: str = ""
    title: str = ""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    alert_as: str = ""
    trend: bool = False


class Ending(_Struct, frozen=True):
    """A reason to end. ``follows`` names the resident's status that ends by itself; ``attempts`` the failed attempts in a row; ``form`` what is asked
    about it (why somebody was lost, of what he died), afterwards where it ended by itself."""

    code: str
    title: str
    form: str = ""
    follows: Literal["", "deceased", "moved", "cancelled"] = ""
    attempts: int = 0
    reopens: bool = True
    certainty: Certainty = "general"


class Lock(_Struct, frozen=True):
    """When an expired period locks: visits of a period are entered until ``days`` after its end; later with a reason. ``late_days``: a visit
    entered more days after it took place is marked as entered late."""

    period: Literal["month", "quarter", "year"] = "quarter"
    days: int = 15
    late_days: int = 7
    note: str = ""
    certainty: Certainty = "uncertain"


class Rate(_Struct, frozen=True):
    """A rate of a calendar year. ``base`` is enrolled (people under management in the year) or population (residents of ``who``'s age, up to ``months_to``
    where the rate says so).

    ``counts`` and ``of`` are conditions over ``STANDING`` and the rules' last values ``last_<rule>``.
    """

    code: str
    title: str
    counts: str
    of: str = "true"
    base: Literal["enrolled", "population"] = "enrolled"
    months_to: int | None = None
    text: str = ""
    note: str = ""
    certainty: Certainty = "general"


# What a rate may use: facts of one person's year, besides last_<rule>, visits_<stage> and day_<stage> (days from the anchor to its first visit).
STANDING: dict[str, tuple[str, str]] = {
    "managed_months": ("int", "年内在管整月数"),
    "visits": ("int", "年内有效随访次数"),
    "face_visits": ("int", "年内面对面随访次数"),
    "missed": ("int", "年内错过的环节数"),
    "contacts": ("int", "年内健康档案里的服务记录次数（各机构的就诊、体检、随访等）"),
    "overdue": ("int", "年内超过时限才登记的环节数"),
    "last_grade": ("string", "年内最近一次分级"),
    "age": ("int", "年末（或统计日）周岁"),
    "sex": ("string", "性别"),
    "ended": ("bool", "已结案"),
    "ending": ("string", "结案原因代码"),
    "late": ("int", "迟录次数"),
}


class Programme(_Struct, frozen=True):
    """One version of one programme.

    ``anchor`` is the date item of the enrolment form from which ``after = "anchor"`` counts; ``subject`` its item of which a person may have
    several at a time; ``begins_on`` and ``begins_hour`` are the items (day, hour of the day) from which limits in hours count, else the moment of
    enrolment; the same subject whose anchor lies within ``again_days`` of one registered before is taken for a second card of the same thing;
    ``restricted`` closes it to all but the responsible person and holders of the right to sensitive ones; ``never_lower``: a
    lower grade than before holds only when ``lower_when`` says that a physician decided so.
    """

    code: str
    version: str
    effective_from: date
    title: str
    short: str
    source: str
    who: Who
    stages: list[Stage]
    endings: list[Ending]
    certainty: Certainty = "general"
    effective_note: str = ""
    uncertain: list[str] = []
    anchor: str = ""
    anchor_title: str = ""
    counts: Counts | None = None
    enrol_form: str = ""
    subject: str = ""
    begins_on: str = ""
    begins_hour: str = ""
    again_days: int = 0
    restricted: bool = False
    never_lower: bool = False
    lower_when: str = ""
    order: int = 50
    scores: list[Score] = []
    rules: list[Rule] = []
    grades: list[Grade] = []
    ungraded: Ungraded = Ungraded()
    goals: list[Goal] = []
    measures: list[Measure] = []
    report_after_attempts: int = 0
    lock: Lock = Lock()
    rates: list[Rate] = []

    def __hash__(self) -> int:
        return hash((self.code, self.version))

    def stage(self, code: str) -> Stage | None:
        """The stage of a code."""
        return next((s for s in self.stages if s.code == code), None)

    def grade(self, code: str) -> Grade | None:
        """The grade of a code."""
        return next((g for g in self.grades if g.code == code), None)

    def ending(self, code: str) -> Ending | None:
        """The ending of a code."""
        return next((e for e in self.endings if e.code == code), None)
