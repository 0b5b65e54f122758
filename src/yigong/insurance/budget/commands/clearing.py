"""The year's clearing: appraisal, what was unreasonable, posting, reversal."""

import csv
import io
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.asked import text_of
from yigong.core.commands import one_at_a_time, racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, InvalidInput
from yigong.core.events.api import record
from yigong.core.ledger import api as ledger
from yigong.core.numbers.api import dated_number
from yigong.core.states.api import start, transition
from yigong.insurance.budget import errors, policies
from yigong.insurance.budget.commands.common import found, owner, require
from yigong.insurance.budget.commands.paying import INSTITUTION, fund_account
from yigong.insurance.budget.events import ClearingReversed, YearCleared
from yigong.insurance.budget.models import (
    Appraisal,
    AppraisalScore,
    Clearing,
    ClearingShare,
    Package,
    Unreasonable,
    YearClose,
)
from yigong.insurance.budget.queries.clearing import reckoning
from yigong.insurance.budget.queries.terms import terms_for
from yigong.insurance.budget.rules.clearing import Cleared, as_json, base_weights
from yigong.insurance.budget.rules.states import APPRAISAL, CLEARING, PACKAGE

KEPT = "fund.year"


@racing("budget.new_appraisal")
@transaction.atomic
def new_appraisal(
    *, scheme: str, year: int, community_score: Decimal, actor: Actor, note: str = "", members: Mapping[UUID, str]
) -> UUID:
    """A new edition with the members' base weights (by layers of the terms) and no scores yet; ``members`` are their levels."""
    require(actor, policies.APPRAISE)
    one_at_a_time("budget.appraisal", year)
    if not 0 <= community_score <= 100:
        raise InvalidInput(errors={"community_score": _("得分应在 0 与 100 之间。")})
    edition = (Appraisal.objects.filter(year=year).aggregate(last=Max("edition"))["last"] or 0) + 1
    row = Appraisal(
        year=year,
        edition=edition,
        note=note[:200],
        community_score=community_score,
        made_by=actor.name,
        made_by_id=actor.staff_id,
    )
    start(APPRAISAL, row, "draft", actor=actor)
    weights = base_weights(members, terms_for(scheme, year).clearing.layers)
    AppraisalScore.objects.bulk_create(
        AppraisalScore(appraisal=row, institution_id=key, base=weight, score=0) for key, weight in weights.items()
    )
    return row.id


@transaction.atomic
def score_members(*, appraisal_id: UUID, scores: Mapping[UUID, tuple[Decimal, str]], actor: Actor) -> int:
    """Enter scores of members (with where they come from) while the appraisal is a draft. Frozen; says how many were entered."""
    require(actor, policies.APPRAISE)
    row = found(Appraisal, appraisal_id, lock=True)
    if row.state != "draft":
        raise errors.Frozen() if row.state in {"frozen", "replaced"} else Conflict(_("已核对，请先退回修改。"))
    known = {one.institution_id: one for one in row.scores.all()}
    strangers = [key for key in scores if key not in known]
    if strangers:
        raise InvalidInput(_("有 %(n)s 个机构不是参加分配的成员。") % {"n": len(strangers)})
    for key, (score, source) in scores.items():
        if not 0 <= score <= 100:
            raise InvalidInput(_("得分 %(score)s 不在 0 与 100 之间。") % {"score": score})
        known[key].score, known[key].source = score, source[:100]
    with refusing(appraisal_is_frozen=errors.Frozen()):
        AppraisalScore.objects.bulk_update([known[key] for key in scores], ["score", "source"])
    return len(scores)


def read_scores(
    content: bytes, names: Mapping[str, UUID]
) -> tuple[dict[UUID, tuple[Decimal, str]], list[tuple[int, str]]]:
    """A CSV of institution (code or name), score, source: what it says and what is wrong with it, by line."""
    text = text_of(content, errors="replace")
    told: dict[UUID, tuple[Decimal, str]] = {}
    faults: list[tuple[int, str]] = []
    for place, row in enumerate(csv.reader(io.StringIO(text)), 1):
        cells = [cell.strip() for cell in row] + ["", "", ""]
        if not any(cells) or (place == 1 and not cells[1].replace(".", "").isdigit()):
            continue
        key = names.get(cells[0])
        try:
            score = Decimal(cells[1])
        except InvalidOperation:
            score = Decimal(-1)
        if key is None:
            faults.append((place, _("“%(name)s”不是参加分配的成员。") % {"name": cells[0]}))
        elif not (score.is_finite() and 0 <= score <= 100):
            faults.append((place, _("得分“%(text)s”应为 0–100 的数。") % {"text": cells[1]}))
        elif key in told:
            faults.append((place, _("“%(name)s”出现了两次。") % {"name": cells[0]}))
        else:
            told[key] = (score, cells[2])
    return told, faults


@racing("budget.sign_appraisal")
@transaction.atomic
def move_appraisal(*, appraisal_id: UUID, action: str, actor: Actor, reason: str = "") -> None:
    """Check, send back, sign (a second person), drop. A signed edition replaces the one before it, unless that was cleared with."""
    row = found(Appraisal, appraisal_id, lock=True)
    one_at_a_time("budget.appraisal", row.year)
    if action == "sign":
        before = Appraisal.objects.filter(year=row.year, state="frozen").first()
        if before:
            if Clearing.objects.filter(appraisal=before, state="posted").exists():
                raise Conflict(_("这一年已按原考核结果清算，请先冲回清算再签署新版。"))
            if standing := YearClose.objects.filter(appraisal=before, state="posted").first():
                raise Conflict(
                    _("按人头付费已按原考核结果结算（%(number)s），请先在“年度结算”里冲回再签署新版。")
                    % {"number": standing.number}
                )
            transition(APPRAISAL, before, "replace", actor=actor, reason=f"由第 {row.edition} 版替代")
        transition(APPRAISAL, row, "sign", actor=actor, signed_by=actor.name, signed_by_id=actor.staff_id)
        return
    transition(APPRAISAL, row, action, actor=actor, reason=reason)


@racing("budget.set_apart")
@transaction.atomic
def set_apart(*, package_id: UUID, key: UUID, amount: int, what: str, reason: str, actor: Actor) -> UUID:
    """Say that so much of the use was unreasonable (negative: take it back), who says so and why. The same key is the same decision."""
    require(actor, policies.DECIDE)
    faults = {}
    if not amount:
        faults["amount"] = _("请填写金额。")
    faults |= {name: _("请填写。") for name, text in (("what", what), ("reason", reason)) if not text.strip()}
    if faults:
        raise InvalidInput(errors=faults)
    package = found(Package, package_id, lock=True)
    known = Unreasonable.objects.filter(key=key).first()
    if known:
        return known.id
    if package.state == "closed":
        raise Conflict(_("这个年度已经清算，请先冲回。"))
    if amount + sum(package.unreasonable.values_list("amount", flat=True)) < 0:
        raise InvalidInput(errors={"amount": _("撤回的金额超过已认定的合计。")})
    row = Unreasonable(
        package=package, key=key, amount=amount, what=what.strip()[:100], reason=reason.strip()[:200], by=actor.name
    )
    row.save(force_insert=True)
    return row.id


@racing("budget.clear_year")
@transaction.atomic
def clear_year(*, package_id: UUID, actor: Actor) -> UUID:
    """Clear a package: all months closed, nothing provisional left, a frozen appraisal. Posted once; the loser of a race reads who was first."""
    require(actor, policies.CLEAR)
    package = found(Package, package_id, lock=True)
    done = Clearing.objects.filter(package=package, state="posted").first()
    if done:
        raise errors.AlreadyCleared(by=done.by, number=done.number)
    made = reckoning(package)
    if made.why_not or made.cleared is None or made.appraisal is None:
        raise errors.NotReady(why="".join(made.why_not))
    row = _row(package, made.appraisal, made.cleared, actor)
    start(CLEARING, row, "posted", actor=actor)
    ClearingShare.objects.bulk_create(
        ClearingShare(
            clearing=row, institution_id=member.institution_id, base=member.base, score=member.score, factor=factor, amount=amount,
            favoured=favoured,
        )
        for member, factor, amount, favoured in made.cleared.shares
    )  # fmt: skip
    row.posting_id = _post(row, package, made.cleared, actor)
    row.save(update_fields=["posting_id"])
    transition(PACKAGE, package, "close", actor=actor)
    record(YearCleared(clearing_id=row.id, package_id=package.id, year=package.year))
    return row.id


def _row(package: Package, appraisal: Appraisal, made: Cleared, actor: Actor) -> Clearing:
    return Clearing(
        number=dated_number("clearing", "QS"), package=package, appraisal=appraisal, amount=made.amount, used=made.used,
        surplus=made.surplus, unreasonable=made.unreasonable, kept=made.kept, returned=made.returned, fund_bears=made.fund_bears,
        community_bears=made.community_bears, steps=as_json(made.steps), by=actor.name,
    )  # fmt: skip


def _post(row: Clearing, package: Package, made: Cleared, actor: Actor) -> UUID | None:
    """The year's account against the fund and the members: what is left goes out to the fen, what is over is brought in."""
    year = ledger.open_account(KEPT, owner("fund.year", package.scheme, package.year), "fen", may_go_negative=True).id
    entries = [(year, -made.surplus), (fund_account(package.scheme).id, made.returned - made.fund_bears)]
    for member, _factor, amount, _favoured in made.shares:
        account = ledger.open_account(INSTITUTION, member.institution_id, "fen", may_go_negative=True)
        entries.append((account.id, amount))
    if not any(amount for _key, amount in entries):
        return None
    posting = ledger.post(
        entries,
        key=f"budget.clearing:{row.id}",
        actor=actor,
        reason=f"{package.year} 年度清算 {row.number}",
        about=row.id,
    )
    return posting.id


@racing("budget.reverse_clearing")
@transaction.atomic
def reverse_clearing(*, clearing_id: UUID, reason: str, actor: Actor) -> None:
    """Take a clearing back by a counter-posting, with a reason; the package is in force again."""
    row = transition(CLEARING, found(Clearing, clearing_id), "reverse", actor=actor, reason=reason)
    if row.posting_id:
        counter = ledger.reverse(row.posting_id, key=f"budget.clearing.reverse:{row.id}", actor=actor, reason=reason)
        row.reversal_id = counter.id
        row.save(update_fields=["reversal_id"])
    transition(PACKAGE, row.package, "reopen", actor=actor, reason=reason)
    record(ClearingReversed(clearing_id=row.id, package_id=row.package_id, year=row.package.year))
