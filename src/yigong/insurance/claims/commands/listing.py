"""Making, checking and completing a list."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core.actor import Actor, system
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.core.ids import new_id
from yigong.core.numbers.api import dated_number
from yigong.core.states.api import check as may
from yigong.core.states.api import start, transition
from yigong.insurance.claims import policies
from yigong.insurance.claims.data import Found
from yigong.insurance.claims.models import OVER, Finding, SettlementList
from yigong.insurance.claims.queries.sources import basis_of, known_of
from yigong.insurance.claims.rules.assembling import Known, assemble
from yigong.insurance.claims.rules.checking import check
from yigong.insurance.claims.rules.definitions import ON_THE_LIST, field_of, parameters, rule_set
from yigong.insurance.claims.rules.workflow import LIST, is_here
from yigong.insurance.settlement import api as settlement
from yigong.network import api as network

CLERK = system("claims")


@racing("claims.build_list")
@transaction.atomic
def build_list(*, bill_id: UUID, actor: Actor) -> SettlementList:
    """The list of an inpatient settlement, made new when there is none, filled again while it has not gone out.

    NothingToDeclare says what is missing. Two calls at once make one list.
    """
    known = known_of(bill_id)
    row = _current(known.sheet.id)
    if row is None:
        row = _new(known, actor)
    elif row.state in ("draft", "checked"):
        row = _filled_again(row, actor)
    row = checked(row)
    _record_group(row)
    return row


def _current(settlement_id: UUID) -> SettlementList | None:
    rows = SettlementList.objects.select_for_update().filter(settlement_id=settlement_id)
    return rows.exclude(state__in=OVER).first()


def _new(known: Known, actor: Actor) -> SettlementList:
    row = SettlementList(
        id=new_id(), number=dated_number("claim", "QD"), settlement_id=known.sheet.id, settlement_number=known.sheet.number,
        bill_id=known.bill.id, stay_id=known.page.stay.id, resident_id=known.page.resident_id, institution_id=known.bill.institution_id,
        settled_on=known.sheet.settled_on, month=known.sheet.settled_on.replace(day=1),
    )  # fmt: skip
    _fill(row, known)
    with refusing(claims_one_list_of_a_settlement=Conflict()):
        start(LIST, row, "draft", actor=actor)
    return row


def _filled_again(row: SettlementList, actor: Actor) -> SettlementList:
    known = known_of(row.bill_id, own=row.own)
    if row.state == "checked":
        row = transition(LIST, row, "reopen", actor=CLERK)
    _fill(row, known)
    row.outdated = ""
    row.save()
    return row


def _fill(row: SettlementList, known: Known) -> None:
    """What the list says, and what its own columns repeat of it for lists and filters."""
    page = known.page
    row.content, row.basis, row.total = assemble(known, parameters(row.settled_on)), basis_of(known), known.sheet.total
    row.patient_name = page.patient_name
    age = f"{page.age_years}岁" if page.age_days is None else f"{page.age_days}天"
    row.patient_note = f"{ {'1': '男', '2': '女'}.get(page.sex, '') } {age}".strip()
    row.department_id = page.stay.department_id
    main = page.diagnoses[0] if page.diagnoses else None
    row.main_code, row.main_name = (main.code, main.name) if main else ("", "")
    drg = row.basis["drg"]
    row.drg_scheme, row.drg_code, row.drg_name = drg["scheme"], drg["code"], drg["name"][:120]
    row.expected = row.basis["expected"]


def checked(row: SettlementList) -> SettlementList:
    """Run all rules and keep what they find in the place of what the last check found."""
    found = check(row.content, row.basis, row.settled_on)
    row.findings.filter(origin="own").delete()
    Finding.objects.bulk_create(_finding(row, place, one) for place, one in enumerate(found))
    row.blocks = sum(one.mark == "block" for one in found)
    row.warns = sum(one.mark == "warn" for one in found)
    row.rules_version = rule_set(row.settled_on).version
    row.save(update_fields=["blocks", "warns", "rules_version"])
    return row


def _finding(row: SettlementList, place: int, one: Found) -> Finding:
    return Finding(of=row, place=place, rule=one.rule, mark=one.mark, path=one.path[:60], sentence=one.sentence[:300])


@transaction.atomic
def check_list(*, list_id: UUID, actor: Actor) -> SettlementList:
    """Fill the list again from its sources, run all rules; without blocking findings it is checked, else it stays a draft."""
    row = locked(list_id, actor, policies.CODE)
    may(LIST, row, "check", actor=actor)
    row = checked(_filled_again(row, actor))
    if not row.blocks:
        row = transition(LIST, row, "check", actor=actor)
        _record_group(row)
    return row


def _record_group(row: SettlementList) -> None:
    drg = row.basis["drg"]
    if not drg["code"] or drg["weight"] == "":
        return
    weight = int(drg["weight"].replace(".", "")) * 100  # four decimals → millionths
    settlement.record_grouping(
        settlement_id=row.settlement_id, scheme=row.drg_scheme[:40], code=row.drg_code, name=row.drg_name, weight=weight,
        payable=row.expected, actor=CLERK,
    )  # fmt: skip


@transaction.atomic
def set_own_fields(
    *, list_id: UUID, values: dict[str, Any], actor: Actor, expected_version: int | None = None
) -> SettlementList:
    """Fill in what only the list knows (receipt, insurance office, intensive care, transfusion); other fields are refused by name."""
    row = locked(list_id, actor, policies.CODE)
    for path in values:
        field = field_of(path) if "." in path else None
        if path not in ("icuinfo", "bldinfo") and (field is None or field.source not in ON_THE_LIST):
            label = field.label if field else path
            raise InvalidInput(
                errors={path: _("“%(label)s”不在清单上修改，请到病案首页或收费处更正。") % {"label": label}}
            )
    if row.state not in ("draft", "checked"):
        may(LIST, row, "check", actor=actor)
    if expected_version is not None and row.version != expected_version:
        raise Conflict()
    row.own = row.own | values
    row.version += 1
    row.save(update_fields=["own", "version"])
    return checked(_filled_again(row, actor))


def locked(list_id: UUID, actor: Actor, permission: str) -> SettlementList:
    """The list, locked, for somebody of its institution with the right."""
    row = SettlementList.objects.select_for_update().filter(pk=list_id).first()
    if row is None:
        raise NotFound(_("没有找到这份结算清单。"))
    if not actor.has(permission) or not (actor.is_system or is_here(row, actor)):
        name = network.institution(row.institution_id).name
        raise Forbidden(_("这份清单属于%(name)s，您的岗位不能处理；请联系该机构的病案或医保人员。") % {"name": name})
    return row
