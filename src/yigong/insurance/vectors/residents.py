"""Examples about what a person and the funds pay."""

from collections.abc import Mapping
from typing import Any

from yigong.insurance.benefits.api import (
    HERE,
    INPATIENT,
    Case,
    Episode,
    Line,
    Rules,
    Settlement,
    Split,
    plan_of,
    reductions,
    settle,
    split_bill,
    split_line,
    yuan,
)  # fmt: skip
from yigong.insurance.benefits.money import price, quantity
from yigong.insurance.vectors.errors import VectorInvalid
from yigong.insurance.vectors.fields import Fields
from yigong.insurance.vectors.plans import HEAD
from yigong.insurance.vectors.world import Vector

Answer = dict[str, Any]
_NO_PLAN = plan_of(HEAD | {"inpatient": {"levels": [{"level": "*", "title": "", "deductible": "0", "ratio": "0"}]}})
INSIDE = "inside_region"
REJECTED = "2"  # of the interface's hospital approval: 0 not needed, 1 approved, 2 rejected
_SUMS = {
    "ytd_pool": "pool", "ytd_covered": "pool_cost", "ytd_burden": "burden", "ytd_catastrophic": "critical",
    "ytd_large": "large", "ytd_civil": "civil", "ytd_aid": "aid", "ytd_aid_threshold": "aid_threshold", "ytd_tilt": "tilt",
    "ytd_deductible": "deductible", "ytd_civil_threshold": "civil_threshold", "ytd_tilt_threshold": "tilt_threshold",
}  # fmt: skip


def split_items(vector: Vector) -> Answer:
    """Lines taken apart, and their sums."""
    given = vector.input
    lines = items(given)
    given.end()
    splits = [split_line(_NO_PLAN, line) for line in lines]
    return {
        "lines_total_own_over_pre_scp": [[yuan(one) for one in split[:5]] for split in splits],
        "sum": _fee(_sum(splits)),
    }


def inpatient(vector: Vector) -> Answer:
    """One stay under the file's plan; with places as expected results, the same stay at each of them."""
    given, rules = vector.input, vector.plan()
    case, before = stay(given, vector), sums(given)
    given.end()
    places = {INSIDE: HERE} | {place: place for place in rules.places}
    if case.place == HERE and set(vector.expected) <= set(places):
        return {name: told(rules, settle(rules, case._replace(place=place), before)) for name, place in places.items()}
    return told(rules, settle(rules, case, before))


def outpatient(vector: Vector) -> Answer:
    """One outpatient benefit of the file's plan, by its code."""
    given, rules = vector.input, vector.plan()
    code = given.text("benefit")
    case, before = stay(given, vector)._replace(kind=code), sums(given)
    names = {
        "ytd_paid": f"paid:{code}",
        "ytd_paid_disease": f"paid:{code}:{case.disease}",
        "deductible_used": f"deductible:{code}",
    }
    before |= {name: given.fen(field) for field, name in names.items() if field in given}
    given.end()
    return told(rules, settle(rules, case, before))


def episode(vector: Vector) -> Answer:
    """Two stays of one person, the second after a referral up or down, or a further admission at the same level."""
    given, rules = vector.input, vector.plan()
    person = given.text("person", "")
    before = sums(given)
    first, then = given.inner("first"), given.inner("then")
    case, before = stay(first, vector, person), _together(before, sums(first))
    one = settle(rules, case, before)
    after = _together(_together(before, one.added), sums(then))
    way = then.text("referral", "") or _direction(case.level, str(then.raw("level")))
    if way and way not in ("up", "down"):
        raise VectorInvalid(f"{then.place}.referral 应为 up 或 down")
    second = stay(then, vector, person, case.admission + 1)
    if way:
        second = second._replace(episode=Episode(way, one.deductible, one.figure("standard")))
    for part in (first, then, given):
        part.end()
    return {"first": told(rules, one), "then": told(rules, settle(rules, second, after))}


def direct(vector: Vector) -> Answer:
    """One settlement whose terms stand in the example itself: outpatient benefits, employees, large amount."""
    given = vector.input
    fee = _base(given) if "base_after_deductible" in given else fee_of(given)
    level, disease = str(given.raw("level", "*")), given.text("disease", "")
    outpatient = bool({"annual_cap", "ytd_paid", "visit_deductible", "annual_deductible"} & given.names())
    terms, before = _outpatient_terms(given, disease) if outpatient else _inpatient_terms(given)
    document = HEAD | terms
    if "civil_subsidy" in given:
        civil = given.inner("civil_subsidy")
        document["civil"] = {"threshold": _money(civil, "threshold"), "ratio": _share(civil, "ratio"),
                             "counts": ["benefit" if outpatient else INPATIENT]}  # fmt: skip
        civil.end()
    document["account"] = {"family": True}
    kind = "benefit" if outpatient else INPATIENT
    case = Case(kind, fee, level, disease=disease, civil_servant="civil" in document)
    case = case._replace(account=given.fen("account_balance", 0), family=given.fen("family_balance", 0))
    given.end()
    rules = plan_of(document)
    return told(rules, settle(rules, case, before))


def _outpatient_terms(given: Fields, disease: str) -> tuple[Answer, dict[str, int]]:
    yearly = "annual_deductible" in given
    name = next((n for n in ("annual_deductible", "visit_deductible", "deductible") if n in given), "")
    benefit = {
        "code": "benefit", "title": "门诊", "order": 1, "kind": "two_diseases" if disease else "pooling",
        "deductible_per": "year" if yearly else "visit",
        "levels": [{"level": "*", "ratio": _share(given, "ratio"), "deductible": _money(given, name) if name else "0"}],
        "ceiling": _money(given, "annual_cap") if "annual_cap" in given else None,
        "diseases": [{"code": disease, "title": disease}] if disease else [],
    }  # fmt: skip
    before = {"paid:benefit": given.fen("ytd_paid", 0)}
    if yearly:
        before["deductible:benefit"] = given.fen("deductible_used", 0)
    return {"inpatient": _level("0", "0"), "outpatient": [benefit]}, before


def _inpatient_terms(given: Fields) -> tuple[Answer, dict[str, int]]:
    terms: Answer = {
        "inpatient": _level(_money(given, "deductible") if "deductible" in given else "0", _share(given, "ratio"))
    }
    if "pool_cap" in given:
        terms["inpatient"]["ceiling"] = {"amount": _money(given, "pool_cap")}
    if "large_ratio" in given:
        terms["large"] = {
            "ratio": _share(given, "large_ratio"),
            "ceiling": _money(given, "large_cap") if "large_cap" in given else None,
        }
    return terms, {"pool": given.fen("ytd_pool", 0), "large": given.fen("ytd_large", 0)}


def _level(deductible: str, ratio: str) -> Answer:
    return {"levels": [{"level": "*", "title": "", "deductible": deductible, "ratio": ratio}]}


def _base(given: Fields) -> Split:
    base = given.fen("base_after_deductible")
    return Split(base, in_scope=base)


def give_back(vector: Vector) -> Answer:
    """Goods returned: the whole settlement is reversed, the line corrected, and the rest settled again."""
    given, rules = vector.input, vector.plan()
    original = vector.world.vector(given.text("original"))
    case, before = stay(original.input, original), sums(original.input)
    lines = _lines_of(original, case.fee)
    returned = given.raw("returned")
    for number, one in enumerate(returned if isinstance(returned, list) else [returned]):
        _return(lines, Fields(one, f"input.returned[{number}]"))
    given.end()
    old = settle(rules, case, before)
    new = settle(rules, case._replace(fee=split_bill(rules, lines)), before)
    return {
        "reverse_pool": yuan(-old.pool), "new_fee": _fee(new.case.fee), "new": told(rules, new),
        "new_personal": yuan(new.person), "fund_change": yuan(new.funds - old.funds), "cash_refund": yuan(old.cash - new.cash),
    }  # fmt: skip


def _lines_of(original: Vector, fee: Split) -> list[Line]:
    """The lines of the bill: in the example itself, or in the example whose lines add up to its bill."""
    if "items" in original.input:
        return items(original.input)
    for other in original.world.vectors():
        if "items" in other.input:
            lines = items(other.input)
            if _sum([split_line(_NO_PLAN, line) for line in lines])[:5] == fee[:5]:
                return lines
    raise VectorInvalid(f"找不到 {original.name} 的费用明细：没有任何 items 的合计等于它的费用")


def _return(lines: list[Line], given: Fields) -> None:
    number = given.whole("line")
    if not 1 <= number <= len(lines):
        raise VectorInvalid(f"{given.place}.line：没有第 {number} 条明细")
    line = lines[number - 1]
    if line.amount is not None:
        line = line._replace(amount=line.amount - given.fen("amount"))
    else:
        line = line._replace(quantity=line.quantity - given.get("cnt", quantity))
    if min(line.amount or 0, line.quantity) < 0:
        raise VectorInvalid(f"{given.place}：退回的多于原来的")
    lines[number - 1] = line
    given.end()


def relief(vector: Vector) -> Answer:
    """Hospital relief by category of charges."""
    given = vector.input
    shares = given.inner("reduction")
    ratios = {name: shares.share(name) for name in list(shares.others())}
    amounts = {name: given.fen(name) for name in list(given.others())}
    if unknown := sorted(set(ratios) - set(amounts)):
        raise VectorInvalid(f"input.reduction 有费用里没有的类别 {'、'.join(unknown)}")
    reduced = reductions(amounts, ratios)
    given_up = sum(reduced.values())
    return {
        "reduced": {name: yuan(amount) for name, amount in reduced.items()},
        "reduction_total": yuan(given_up), "charged": yuan(sum(amounts.values()) - given_up),
    }  # fmt: skip


def items(given: Fields) -> list[Line]:
    """The lines of an example."""
    return [_line(one) for one in given.listed("items")]


def _line(given: Fields) -> Line:
    cls = given.text("cls")
    counted = "cnt" in given or "pric" in given
    line = Line(
        cls,
        None if counted else given.fen("amt"),
        given.get("cnt", quantity, 10_000),
        given.get("pric", price) if counted else None,
        given.get("cap", price, None) if given.raw("cap", None) is not None else None,
        given.share("prop", 0),
        refused=given.flag("rejected") or given.text("hosp_appr_flag", "") == REJECTED,
    )
    if counted and "amt" in given and split_line(_NO_PLAN, line).total != given.fen("amt"):
        raise VectorInvalid(f"{given.place}.amt 不等于数量乘单价")
    if cls == "B" and "prop" not in given:
        raise VectorInvalid(f"{given.place} 是乙类，缺少先行自付比例 prop")
    given.end()
    return line


def fee_of(given: Fields) -> Split:
    """A bill: under ``fee``, as lines, or its parts beside the other fields; a total that is not given is the sum of the parts."""
    if "items" in given:
        return _sum([split_line(_NO_PLAN, line) for line in items(given)])
    found = given.inner("fee") if "fee" in given else given
    own, over, first = (found.fen(name, 0) for name in ("own", "over", "pre"))
    scope = found.fen("scp")
    fee = Split(found.fen("total", own + over + first + scope), own, over, first, scope)
    if found is not given:
        found.end()
    return fee


def stay(given: Fields, vector: Vector, person: str = "", admission: int = 1) -> Case:
    """A stay as the fields of an example give it."""
    who = given.text("person", person)
    known = {one.code for one in vector.plan().plan.identities}
    if who not in ("", "ordinary") and who not in known:
        raise VectorInvalid(
            f"{given.place}.person：方案里没有人员类别“{who}”（可用：ordinary、{'、'.join(sorted(known))}）"
        )
    place = given.text("place", "") or given.text("out_of_region", HERE)
    return Case(
        INPATIENT, fee_of(given), str(given.raw("level")), given.whole("admission_no", admission),
        HERE if place == INSIDE else place, frozenset({who} - {"", "ordinary"}),
        retired=given.flag("retired"), civil_servant=given.flag("civil_servant"), tcm=given.flag("tcm"),
        age=given.whole("age") if "age" in given else None, disease=given.text("disease", ""),
        account=given.fen("account_balance", 0), family=given.fen("family_balance", 0),
    )  # fmt: skip


def sums(given: Fields) -> dict[str, int]:
    """The year's sums before."""
    return {name: given.fen(field) for field, name in _SUMS.items() if field in given}


def told(rules: Rules, done: Settlement) -> Answer:
    """A settlement under the names of the examples."""
    used = next((value for figure, value, _facts in done.steps if figure == "covered_used"), done.base)
    return {name: yuan(amount) for name, amount in {
        "dedc": done.deductible, "deductible": done.deductible, "base": done.base, "gross": done.gross, "pool": done.pool,
        "burden": done.burden, "cat": done.critical, "civil": done.civil, "aid": done.aid, "tilt": done.tilt,
        "left": done.left, "personal_total": done.person, "account": done.account, "family": done.family,
        "cash": done.cash, "covered_used_by_pool": used, "covered_above_cap": done.base - used,
        "large_amount_pay": done.large, "fund_total": done.funds,
    }.items()} | {"ratio": str(_ratio(done.ratio))}  # fmt: skip


def _ratio(ratio: int) -> str:
    return f"{ratio // 1_000_000}.{ratio % 1_000_000:06}"


def _fee(fee: Split) -> Answer:
    return dict(zip(("total", "own", "over", "pre", "scp"), map(yuan, fee[:5]), strict=True))


def _sum(splits: list[Split]) -> Split:
    return Split(*(sum(column) for column in zip(*splits, strict=True))) if splits else Split()


def _together(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in {*one, *other}}


def _direction(first: str, then: str) -> str:
    return "up" if then > first else "down" if then < first else ""


def _money(given: Fields, name: str) -> str:
    return yuan(given.fen(name))


def _share(given: Fields, name: str) -> str:
    given.share(name)
    return str(given.decimal(name))
