"""The package: made from the terms of the packs, published, changed with a reason."""

from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, InvalidInput
from yigong.core.events.api import record
from yigong.core.states.api import start, transition
from yigong.insurance.budget import errors, policies
from yigong.insurance.budget.commands.common import found, require
from yigong.insurance.budget.events import PackagePublished
from yigong.insurance.budget.models import Package, PackageChange
from yigong.insurance.budget.queries.terms import terms_for
from yigong.insurance.budget.rules.states import PACKAGE
from yigong.insurance.budget.rules.terms import FundTerms
from yigong.insurance.payment.api import KeptBack, keep_back, to_fen


@racing("budget.make_package")
@transaction.atomic
def make_package(*, scheme: str, year: int, insured: int, actor: Actor) -> UUID:
    """A draft from the terms in force for the year: insured people × standard less what is kept back. PackageExists."""
    require(actor, policies.KEEP)
    if not 0 < insured < 100_000_000:
        raise InvalidInput(errors={"insured": _("参保人数应大于 0。")})
    terms = terms_for(scheme, year)
    financing, kept, rest = figures(terms, insured)
    row = Package(
        region=terms.region, scheme=scheme, year=year, definition=terms.code, definition_version=terms.version, insured=insured,
        financing=financing, kept_back=financing - rest, amount=rest, made_by=actor.name, steps=_steps(terms, insured, financing, kept),
    )  # fmt: skip
    with refusing(one_package_a_year=errors.PackageExists()):
        start(PACKAGE, row, "draft", actor=actor)
    return row.id


def figures(terms: FundTerms, insured: int) -> tuple[int, list[int], int]:
    """(financing, each part kept back, package) in fen."""
    held = [KeptBack(one.code, one.how, one.value) for one in terms.kept_back]
    financing, parts, rest = keep_back(insured, terms.standard.value, held)
    return to_fen(financing), [to_fen(part) for part in parts], to_fen(rest)


def _steps(terms: FundTerms, insured: int, financing: int, kept: list[int]) -> list[dict[str, object]]:
    first = {
        "title": "筹资总额", "how": f"{insured} 人 × {terms.standard.value} 元", "amount": financing,
        "source": terms.standard.source, "certainty": terms.standard.certainty,
    }  # fmt: skip
    rows = [first]
    for one, amount in zip(terms.kept_back, kept, strict=True):
        rows.append(
            {"title": one.title, "how": _how(one.how, one.value, insured), "amount": -amount, "source": one.source,
             "certainty": one.certainty}
        )  # fmt: skip
    return rows


def _how(how: str, value: Decimal, insured: int) -> str:
    if how == "share":
        return f"筹资总额 × {(value * 100).normalize():f}%"
    return f"{insured} 人 × {value} 元" if how == "per_head" else "固定金额"


@transaction.atomic
def move_package(*, package_id: UUID, action: str, actor: Actor, reason: str = "") -> None:
    """Publish, withdraw, begin or discard, as the state table allows. Closing and opening again belong to the clearing."""
    if action not in {"publish", "withdraw", "begin", "discard"}:
        raise Conflict()
    row = transition(PACKAGE, found(Package, package_id), action, actor=actor, reason=reason)
    if action == "publish":
        record(PackagePublished(package_id=row.id, year=row.year))


@racing("budget.change_package")
@transaction.atomic
def change_package(*, package_id: UUID, key: UUID, amount: int, reason: str, actor: Actor) -> UUID:
    """Adjust a published package by so many fen (negative: less), with a reason; the same key is the same change."""
    require(actor, policies.KEEP)
    faults = {}
    if not amount:
        faults["amount"] = _("请填写调整金额，调减写负数。")
    if not reason.strip():
        faults["reason"] = _("请填写调整原因。")
    if faults:
        raise InvalidInput(errors=faults)
    row = found(Package, package_id, lock=True)
    known = PackageChange.objects.filter(key=key).first()
    if known:
        return known.id
    if row.state not in {"published", "in_force"}:
        raise Conflict(_("只有已发布或执行中的总额可以调整；草稿请直接重编，已关闭的先冲回清算。"))
    changed = row.amount + amount + sum(row.changes.values_list("amount", flat=True))
    if changed < 0:
        raise InvalidInput(errors={"amount": _("调减后总额不能为负。")})
    made = PackageChange.objects.create(package=row, key=key, amount=amount, reason=reason.strip()[:200], by=actor.name)
    return made.id
