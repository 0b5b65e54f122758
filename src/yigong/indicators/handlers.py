"""What other rooms tell makes months stale. The figures themselves are counted by the worker, a whole month at a time.

Loads and packs of sterile supply, what travels, waiting at the doctors' doors, health education and the visits of seconded staff are told by no event: the
night counts them.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from yigong.centres.consultation.events import ConsultationClosed
from yigong.centres.emergency.events import CaseClosed, CaseOpened, PatientArrived
from yigong.clinic import events as clinic
from yigong.clinic.events import Discharged, FrontPageCoded, FrontPageReopened
from yigong.contracts.events import ContractEnded, ContractSigned
from yigong.core import clock
from yigong.core.events.api import subscribe
from yigong.core.months import add_months, first_of
from yigong.indicators.commands.computing import HISTORY, note_change, note_changes
from yigong.indicators.facts import facts
from yigong.insurance.coverage.events import CoverageChanged
from yigong.insurance.settlement.events import BillSettled, SettlementReversed
from yigong.network import events as network
from yigong.orders import events as orders
from yigong.orders.events import ReportSigned
from yigong.programmes.events import EnrolmentEnded, PersonEnrolled, VisitRecorded, VisitVoided
from yigong.records.events import EncounterClosed, EncounterOpened
from yigong.referrals import events as referrals

REFERRALS = (
    referrals.ReferralSubmitted, referrals.ReferralAccepted, referrals.ReferralRejected, referrals.ReferralArrived,
    referrals.ReferralCompleted, referrals.FirstVisitDone, referrals.ReferralClosed, referrals.ReferralCancelled,
)  # fmt: skip


def listen() -> None:
    """Subscribe to everything that changes a fact."""
    for kinds, handler in (
        ((EncounterOpened,), contact_begun),
        ((EncounterClosed, Discharged, FrontPageCoded, FrontPageReopened), contact_changed),
        ((clinic.BillPresented, clinic.BillReopened, clinic.BillReturned), charged),
        (REFERRALS, referral_changed),
        ((ReportSigned,), report_signed),
        ((orders.OrderPlaced, orders.OrderCancelled, ConsultationClosed), asked),
        ((CaseOpened, PatientArrived, CaseClosed), emergency_changed),
        ((orders.CriticalFlagged, orders.CriticalAcknowledged), critical_changed),
        ((orders.MaterialReceived,), material_came),
        ((BillSettled, SettlementReversed), settled),
        ((PersonEnrolled, EnrolmentEnded), enrolment_changed),
        ((VisitRecorded, VisitVoided), followed_up),
        ((CoverageChanged,), coverage_changed),
        ((ContractSigned, ContractEnded), contract_changed),
        ((network.SecondmentBegun, network.SecondmentEnded), seconded),
        ((network.PostAssigned, network.StaffMoved), posts_changed),
        ((network.CentreServiceChanged,), centres_changed),
        ((network.AccreditationRecorded, network.AccreditationWithdrawn), accredited),
        ((network.InstitutionCreated, network.InstitutionChanged, network.InstitutionClosed, network.MembershipBegun, network.MembershipEnded), houses_changed),
    ):  # fmt: skip
        _each(kinds, handler)


def _each(kinds: tuple[type, ...], handler: Callable[[Any], None]) -> None:
    for kind in kinds:
        subscribe(kind, handler)


def _month(moment: datetime) -> date:
    return first_of(moment.astimezone(clock.SHANGHAI).date())


def _recent(fact: str, months: int = 2) -> None:
    """This month and the ones before: what an event without a day can have changed; older ones are counted every night."""
    this = first_of(clock.today())
    note_changes((fact, add_months(this, -back)) for back in range(months))


def contact_begun(event: EncounterOpened) -> None:
    """A visit counts in the month of its time."""
    note_change("visit", _month(event.occurred_at))


def contact_changed(event: Any) -> None:
    """Something ended, was declared a mistake, discharged or coded."""
    _recent("visit")
    _recent("stay", 3)


def charged(event: Any) -> None:
    """A bill was closed, opened again or partly returned: its lines lie in this month or the one before."""
    _recent("charge")


def referral_changed(event: Any) -> None:
    """A referral counts in the month of its submission, whatever happens to it later."""
    _recent("referral", 3)


def report_signed(event: ReportSigned) -> None:
    """A report of this moment."""
    _recent("report", 1)
    _recent("coverage", 1)
    _recent("recognition", 1)
    _recent("consultation")
    _recent("pathology_case")


def asked(event: Any) -> None:
    """Something was asked of a centre, taken back or closed: consultations count from the asking on."""
    _recent("consultation")


def emergency_changed(event: Any) -> None:
    """An emergency began, came or ended; single times between are found at night."""
    _recent("emergency_target")


def critical_changed(event: Any) -> None:
    """A critical value counts in the month in which it was found."""
    _recent("critical")


def material_came(event: orders.MaterialReceived) -> None:
    """Images or a tube of this moment; what is rejected is found at night."""
    _recent("specimen", 1)
    _recent("film", 1)


def settled(event: BillSettled | SettlementReversed) -> None:
    """A settlement or its correction, in its month."""
    note_change("settlement", event.month)
    note_change("inpatient_case", event.month)
    _recent("aid")


def enrolment_changed(event: Any) -> None:
    """Somebody came or went."""
    _recent("enrolment", 2)


def followed_up(event: VisitRecorded | VisitVoided) -> None:
    """A follow-up, perhaps written down late, or taken back."""
    note_change("programme_visit", first_of(event.on))
    note_change("enrolment", first_of(event.on))


def coverage_changed(event: CoverageChanged) -> None:
    """Somebody's insurance began or ended."""
    _recent("insured", 2)


def contract_changed(event: ContractSigned | ContractEnded) -> None:
    """Signed, or taken back, in the month of the signature."""
    if event.signed_on:
        note_change("contract", first_of(event.signed_on))
    _recent("team", 2)
    _recent("key_person", 2)


def seconded(event: Any) -> None:
    """A secondment counts in the month of its 183rd day; its end may take it out of any month of the last half year."""
    _recent("secondment", 8)
    _recent("outside_expert", 3)
    _recent("secondment_month")


def posts_changed(event: Any) -> None:
    """Somebody took a post or left one; licences that are entered later are found at night."""
    _recent("post", 2)
    _recent("workforce", 2)


def centres_changed(event: network.CentreServiceChanged) -> None:
    """A centre began or ended to serve."""
    _recent("centre", 2)


def accredited(event: network.AccreditationRecorded | network.AccreditationWithdrawn) -> None:
    """A verdict holds from its day on; two years back are looked at again at most."""
    note_change("accreditation", max(first_of(event.starts_on), add_months(first_of(clock.today()), -HISTORY)))


_TELLING = {"level", "category", "ownership", "parent", "parent_id", "opened_on", "closed_on", "counts"}


def houses_changed(event: Any) -> None:
    """What an institution is decides how its rows count, in all facts; the months before are looked at again too."""
    if not _TELLING.intersection(getattr(event, "fields", _TELLING)):
        return
    this = first_of(clock.today())
    note_changes(
        (fact.name, add_months(this, -back))
        for fact in facts().values()
        for back in range(HISTORY if not fact.lasting else 1)
    )
