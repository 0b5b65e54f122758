"""Signing: in person, a household at once, or offered online and confirmed by the resident."""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.contracts.commands import common, counting, money
from yigong.contracts.data import ContractData, Offered, SignedMany, Skipped
from yigong.contracts.errors import AlreadySigned, LinkOver
from yigong.contracts.events import ContractSigned
from yigong.contracts.models import Contract, Stint, Team
from yigong.contracts.queries.contracts import overlapping, to_data
from yigong.contracts.queries.groups import groups_of
from yigong.contracts.rules import fees
from yigong.contracts.rules.counting import due_items
from yigong.contracts.rules.definition import Package
from yigong.contracts.rules.packs import packages as packages_on
from yigong.contracts.rules.packs import rules
from yigong.contracts.rules.workflow import CONTRACT
from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.changes import change
from yigong.core.commands import one_at_a_time, racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, DomainError, InvalidInput
from yigong.core.events.api import record
from yigong.core.months import add_months
from yigong.core.numbers.api import dated_number
from yigong.core.states.api import start, transition
from yigong.residents import api as residents
from yigong.residents.data import ResidentData
from yigong.residents.proxies import api as proxies

ADULT = 18


@racing("contracts.sign_contract")
@change
def sign_contract(
    *,
    resident_id: UUID,
    team_id: UUID,
    packages: Collection[str],
    actor: Actor,
    starts_on: date | None = None,
    signer_id: UUID | None = None,
    request_key: UUID | None = None,
) -> ContractData:
    """Sign in person: valid at once. ``signer_id`` signs for a child or for somebody who named a proxy.

    Refused: a second valid contract in the term (AlreadySigned names the team), a package that is not for this person, a term of the past or far
    off, a signer without the right. The same key twice is one contract.
    """
    if done := _repeated(request_key):
        return done
    team = common.open_team(team_id, actor)
    person = residents.access_resident(resident_id, actor=actor, action="write", purpose=_("家庭医生签约"))
    one_at_a_time(person.id)
    if done := _repeated(request_key):
        return done
    row = drafted(person, team, packages, actor, starts_on, signer_id)
    row.way, row.request_key = "paper", request_key
    return to_data(signed(row, team, person, actor))


@change
def sign_household(
    *,
    household_id: UUID,
    team_id: UUID,
    members: Collection[UUID],
    actor: Actor,
    signer_id: UUID | None = None,
    packages: Mapping[UUID, Collection[str]] | None = None,
    starts_on: date | None = None,
) -> SignedMany:
    """A whole household in one go: each chosen member gets the packages of the own key populations (or those given); ``signer_id`` signs for the
    children. Who cannot be signed is told with the reason, the others are signed."""
    team = common.open_team(team_id, actor)
    living = {m.resident_id: m for m in residents.household_members(household_id) if m.status == "active"}
    done: list[ContractData] = []
    skipped: list[Skipped] = []
    for key in sorted(set(members) & set(living)):
        person = living[key]
        minor = person.age_years is not None and person.age_years < ADULT
        chosen = (packages or {}).get(key) or proposed(key)
        try:
            one = sign_contract(
                resident_id=key, team_id=team.id, packages=chosen, actor=actor, starts_on=starts_on,
                signer_id=signer_id if minor and signer_id != key else None,
            )  # fmt: skip
        except DomainError as refusal:
            sentences = list(refusal.errors.values()) if isinstance(refusal, InvalidInput) else []
            skipped.append(Skipped(key, person.name, "".join(sentences) or str(refusal)))
        else:
            Contract.objects.filter(pk=one.id).update(household_id=household_id)
            done.append(one)
    if not done and not skipped:
        raise InvalidInput(errors={"members": _("请至少选一名成员。")})
    return SignedMany(tuple(done), tuple(skipped))


@change
def offer_contract(
    *, resident_id: UUID, team_id: UUID, packages: Collection[str], actor: Actor, signer_id: UUID | None = None
) -> Offered:
    """Offer a contract that the resident (or who signs for him) confirms by a link within the county's days. The link's secret is told once."""
    team = common.open_team(team_id, actor)
    person = residents.access_resident(resident_id, actor=actor, action="write", purpose=_("家庭医生签约"))
    one_at_a_time(person.id)
    if Contract.objects.filter(resident_id__in=residents.identities(person.id), state="offered").exists():
        raise Conflict(_("已有一份等居民确认的协议；如需重发，请先撤回那一份。"))
    row = drafted(person, team, packages, actor, None, signer_id)
    token = secrets.token_urlsafe(18)
    row.way, row.token = "online", digest(token)
    start(CONTRACT, row, "offered", actor=actor)
    return Offered(to_data(row), token)


@racing("contracts.confirm_contract")
def confirm_contract(*, token: str, proof: str, actor: Actor | None = None) -> ContractData:
    """The resident confirms what was offered. ``proof`` is the last four characters of the signer's document number (the birth date as 19550809
    where there is none). Confirmed twice it is one contract; a wrong proof leaves it offered, too many end the link. Without ``actor`` the signer
    acts, by name."""
    row = Contract.objects.filter(token=digest(token)).exclude(token="").first()
    if row is None:
        raise LinkOver()
    signer = residents.identity(row.signer_id or row.resident_id)
    return _confirm(
        row=row, signer=signer, proof=proof, actor=actor or system(_("居民 %(name)s") % {"name": signer.name})
    )


@change
def _confirm(*, row: Contract, signer: ResidentData, proof: str, actor: Actor) -> ContractData:
    row = Contract.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.state == "valid":
        return to_data(row)
    if row.state != "offered" or row.tries >= rules(row.starts_on).confirm_tries:
        raise LinkOver()
    if not hmac.compare_digest(proof.strip().upper().encode(), proof_of(signer).encode()):
        return _wrong_proof(row)
    one_at_a_time(row.resident_id)
    person, team = residents.identity(row.resident_id), Team.objects.get(pk=row.team_id)
    _free(row, person)
    with refusing(contract_one_at_a_time=_taken(row, person)):
        row = transition(CONTRACT, row, "confirm", actor=actor, signed_on=clock.today())
    return to_data(_became_valid(row, team, actor))


def _wrong_proof(row: Contract) -> ContractData:
    """Answered, not raised: the count of tries must not be rolled back with a refusal. The view looks at the state."""
    row.tries += 1
    row.save(update_fields=["tries"])
    return to_data(row)


@change
def add_package(*, contract_id: UUID, package: str, reason: str, actor: Actor) -> ContractData:
    """Add a package to a contract under way: its price is charged in full, its items are due from now on."""
    row = common.contract_of(contract_id, actor)
    text = common.required(reason)
    if row.state != "valid" or row.ends_on <= clock.today():
        raise Conflict(_("只有有效的协议可以增加服务包。"))
    if package in row.packages:
        raise InvalidInput(errors={"package": _("协议中已有这个服务包。")})
    groups = groups_of([row.resident_id], clock.today()).get(row.resident_id, set())
    added = _chosen([package], groups, clock.today())
    row.packages = {**row.packages, package: added[0].version}
    row.groups = sorted({*row.groups, *groups})
    more = fees.payers_of(added)
    row.payers = {s: row.payers.get(s, 0) + more.get(s, 0) for s in {*row.payers, *more}}
    row.fee_fen += added[0].price_fen
    row.version += 1
    row.save(update_fields=["packages", "groups", "payers", "fee_fen", "version"])
    money.charge(row, more, actor=actor, part=package, reason=text)
    counting.count_again([row.id])
    return to_data(Contract.objects.get(pk=row.id))


def proposed(resident_id: UUID, on: date | None = None) -> list[str]:
    """The packages a person would get without choosing: the basic one and those of the own key populations."""
    day = on or clock.today()
    groups = groups_of([resident_id], day).get(resident_id, set())
    return [
        c
        for c, p in packages_on(day).items()
        if p.kind == "basic" or (p.kind == "population" and groups & set(p.groups))
    ]


def proof_of(person: ResidentData) -> str:
    """What the link asks for: the last four characters of the citizen number, else the birth date."""
    number = residents.citizen_number(person.id)
    return number[-4:].upper() if number else f"{person.birth_date:%Y%m%d}" if person.birth_date else "—"


def digest(token: str) -> str:
    """What is kept of a link's secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def _repeated(key: UUID | None) -> ContractData | None:
    row = Contract.objects.filter(request_key=key).first() if key else None
    return to_data(row) if row else None


def drafted(
    person: ResidentData,
    team: Team,
    codes: Collection[str],
    actor: Actor,
    starts_on: date | None,
    signer_id: UUID | None,
) -> Contract:
    """A new, unsaved contract, everything about it checked (renewals make theirs by it too)."""
    today = clock.today()
    begins = starts_on or today
    errors: dict[str, str] = {}
    if person.status != "active":
        raise Conflict(_("居民档案%(status)s，不能签约。") % {"status": person.status_label})
    if not today - timedelta(days=366) < begins <= today + timedelta(days=366):
        errors["starts_on"] = _("开始日期应在前后一年之内。")
    if missing := _empty_seats(team):
        errors["team_id"] = _("团队还缺“%(seats)s”，补齐后才能签约。") % {"seats": "、".join(missing)}
    signer, note, fault = who_signs(person, signer_id)
    if fault:
        errors["signer_id"] = fault
    groups = groups_of([person.id], today).get(person.id, set())
    chosen: list[Package] = []
    try:
        chosen = _chosen(codes, groups, begins)
    except InvalidInput as refusal:
        errors |= refusal.errors
    if errors:
        raise InvalidInput(errors=errors)
    county = rules(begins)
    ends = add_months(begins, county.term_months)
    row = Contract(
        number=dated_number("contract", "QY", 5), resident_id=person.id, household_id=person.household_id, team=team,
        institution_id=team.institution_id, rules_version=county.version, packages={p.code: p.version for p in chosen},
        groups=sorted(groups), starts_on=begins, ends_on=ends, term_ends_on=ends, signed_on=today, signer_id=signer, signer_note=note,
        staff_id=actor.staff_id, fee_fen=sum(p.price_fen for p in chosen), payers=fees.payers_of(chosen), way="paper",
        due_times=sum(i.times for _p, i in due_items(chosen, groups)),
    )  # fmt: skip
    _free(row, person)
    return row


def who_signs(person: ResidentData, signer_id: UUID | None) -> tuple[UUID | None, str, str]:
    """(key, words, fault) of who signs: the person, a proxy in force, or for a child an adult of the own household."""
    minor = person.age_years is not None and person.age_years < ADULT
    if signer_id is None or signer_id == person.id:
        fault = _("%(name)s未满 18 周岁，请选择代签的监护人。") % {"name": person.name} if minor else ""
        return None, _("本人"), fault
    signer = residents.identity(signer_id)
    if signer.status != "active" or signer.age_years is None or signer.age_years < ADULT:
        return signer.id, "", _("代签人应年满 18 周岁且档案正常。")
    if proxies.may_act(signer.id, person.id):
        return signer.id, _("%(name)s（已登记的代办人）代签") % {"name": signer.name}, ""
    if minor and person.household_id and person.household_id == signer.household_id:
        return signer.id, _("%(name)s（同户监护人）代签") % {"name": signer.name}, ""
    return signer.id, "", _("%(name)s还不是这位居民的代办人，请先在居民档案登记代办关系。") % {"name": signer.name}


def _chosen(codes: Collection[str], groups: Collection[str], on: date) -> list[Package]:
    known = packages_on(on)
    if not codes:
        raise InvalidInput(errors={"packages": _("请至少选一个服务包。")})
    for code in codes:
        if code not in known:
            raise InvalidInput(errors={"packages": _("没有这个服务包，请刷新页面重选。")})
        if known[code].kind == "population" and not set(known[code].groups) & set(groups):
            raise InvalidInput(
                errors={
                    "packages": _("“%(title)s”只适用于相应的重点人群，这位居民不在其中。")
                    % {"title": _(known[code].title)}
                }
            )
    return [p for c, p in known.items() if c in set(codes)]


def _empty_seats(team: Team) -> Sequence[str]:
    taken = list(team.members.filter(ends_on__isnull=True).values_list("role", flat=True))
    return [_(r.title) for r in rules().roles if taken.count(r.code) < r.least]


def _free(row: Contract, person: ResidentData) -> None:
    """Refuse when any identity of the person has a contract on one of the days; names it."""
    if overlapping(residents.identities(person.id), row.starts_on, row.ends_on).exists():
        raise _taken(row, person)


def _taken(row: Contract, person: ResidentData) -> AlreadySigned:
    held = overlapping(residents.identities(person.id), row.starts_on, row.ends_on).select_related("team").first()
    team, until = (held.team.name, held.ends_on - timedelta(days=1)) if held else (_("另一支团队"), row.ends_on)
    return AlreadySigned(name=person.name, team=team, until=until)


def signed(row: Contract, team: Team, person: ResidentData, actor: Actor) -> Contract:
    """Save a drafted contract as valid, with all that follows."""
    with refusing(contract_one_at_a_time=_taken(row, person)):
        start(CONTRACT, row, "valid", actor=actor)
    return _became_valid(row, team, actor)


def _became_valid(row: Contract, team: Team, actor: Actor) -> Contract:
    """The team's stint, the right to see, the charge, the fact; and what was done in the term already counts."""
    Stint.objects.create(contract=row, team=team, starts_on=row.starts_on, ends_on=row.ends_on)
    common.let_see([row], team)
    money.charge(row, row.payers, actor=actor)
    record(ContractSigned(row.id, row.resident_id, team.id, row.institution_id, row.signed_on or clock.today()))
    counting.count_again([row.id])
    return Contract.objects.get(pk=row.id)
