"""Examples about paying institutions and sharing a budget."""

import re
from decimal import Decimal
from typing import Any

from yigong.insurance.payment import api as payment
from yigong.insurance.payment.api import money, rate
from yigong.insurance.vectors.errors import VectorInvalid
from yigong.insurance.vectors.fields import Fields
from yigong.insurance.vectors.world import Vector

Answer = dict[str, Any]
_OTHER_FACTOR = re.compile(r"payment_total_factor_(\d+(?:\.\d+)?)")


def weights(vector: Vector) -> Answer:
    """Weights and rate from history."""
    given = vector.input
    groups = []
    for one in given.listed("groups"):
        groups.append(payment.GroupCost(one.text("drg"), one.whole("cases"), one.decimal("avg_cost")))
        one.end()
    found = payment.weigh(groups, given.decimal("predicted_total_cost"))
    given.end()
    return {"overall_avg": found.mean, "rw": found.weights, "total_weight": found.total_weight, "rate": found.rate,
            "standard": found.standards}  # fmt: skip


def case_by_group(vector: Vector) -> Answer:
    """One case paid by its group."""
    given = vector.input
    zero, one = Decimal(0), Decimal(1)
    case = payment.DrgCase(
        given.decimal("rw"), given.decimal("rate"), given.decimal("cost"), given.decimal("own", zero),
        given.decimal("pre", zero), given.decimal("deductible", zero), given.decimal("ratio"), given.decimal("over", zero),
        given.decimal("hospital_coefficient", one), _limit(given, "lower_multiple"), _limit(given, "upper_multiple"),
        given.decimal("addition_factor", one), given.decimal("other_funds", zero),
    )  # fmt: skip
    given.end()
    paid = payment.pay_case(case)
    answer = {
        "standard": paid.standard, "multiple": paid.multiple, "case_type": paid.kind, "payment_total": paid.total,
        "fund_by_item": paid.by_item, "personal": paid.person, "fund": paid.by_difference,
        "fund_difference_method": paid.by_difference, "fund_ratio_method": paid.by_ratio, "hospital_balance": paid.balance,
    }  # fmt: skip
    return answer | _with_other_factors(vector, case)


def _with_other_factors(vector: Vector, case: payment.DrgCase) -> Answer:
    found = {name: _OTHER_FACTOR.fullmatch(name) for name in vector.expected}
    other = {name: Decimal(matched[1]) for name, matched in found.items() if matched}
    terms = {name: getattr(case, name) for name in case.__dataclass_fields__}
    return {
        name: payment.pay_case(payment.DrgCase(**terms | {"factor": factor})).total for name, factor in other.items()
    }


def case_by_points(vector: Vector) -> Answer:
    """One case paid by points."""
    given = vector.input
    mean = given.decimal("drg_avg_cost")
    base, value = _limit(given, "base_points"), _limit(given, "point_value")
    region, pool, points = (
        _limit(given, name) for name in ("region_avg_cost", "annual_pool_total", "annual_total_points")
    )
    if base is None:
        base = payment.base_points(mean, given.decimal("region_avg_cost") if region is None else region)
    if value is None:
        value = payment.point_value(
            given.decimal("annual_pool_total") if pool is None else pool,
            given.decimal("annual_total_points") if points is None else points,
        )
    case = payment.PointCase(
        mean, given.decimal("difference_coefficient"), given.decimal("case_cost"), _limit(given, "upper_multiple")
    )
    paid = payment.pay_points(case, base, value)
    person = _limit(given, "personal")
    given.end()
    answer = {"base_points": paid.base, "extra_multiple": paid.extra, "case_points": paid.points, "point_value": value,
              "payment_total": paid.total}  # fmt: skip
    return answer if person is None else answer | {"fund": paid.total - person}


def case_by_score(vector: Vector) -> Answer:
    """DIP cases."""
    given = vector.input
    group = payment.DipGroup(
        given.decimal("region_avg_cost"), given.decimal("disease_avg_cost"), given.decimal("score_base"),
        given.decimal("hospital_coefficient"), given.decimal("high"), given.decimal("low"),
    )  # fmt: skip
    value = payment.point_value(given.decimal("fund_total"), given.decimal("total_scores"))
    cases = []
    for one in given.listed("cases"):
        paid = payment.pay_dip(group, one.decimal("cost"), value)
        one.end()
        cases.append(
            {
                "type": paid.kind,
                "ratio": paid.ratio,
                "score": paid.score,
                "settled_score": paid.settled,
                "fund": paid.fund,
            }
        )
    given.end()
    return {"rw": group.weight, "score": group.score, "point_value": value, "cases": cases}


def bed_days(vector: Vector) -> Answer:
    """A stay paid by the day."""
    given = vector.input
    bands = [(end, one.decimal("rate")) for one, end in _bands(given, whole=True)]
    standard = payment.pay_bed_days(given.whole("days"), bands)
    person = given.decimal("personal", Decimal(0))
    given.end()
    return {"standard": standard, "fund": standard - person}


def per_head(vector: Vector) -> Answer:
    """An institution paid per head, and what becomes of surplus or overspend."""
    given = vector.input
    paid = payment.per_head(given.whole("contracted"), given.decimal("per_head"), given.decimal("prepay_share"))
    score, full = given.decimal("score"), given.decimal("withheld_full_from_score")
    if score < full and "deduct_per_point" not in given:
        raise VectorInvalid("input 缺少字段 deduct_per_point：得分不足时要知道每分扣多少")
    ratio = payment.released_share(score, full, given.decimal("deduct_per_point", Decimal(0)))
    answer: Answer = {"annual_total": paid.total, "monthly_prepay": paid.monthly, "withheld": paid.withheld,
              "withheld_released": money(paid.withheld * ratio)}  # fmt: skip
    for name in [name for name in given.others() if name.startswith("used_")]:
        left = paid.total - given.decimal(name)
        answer[name.removeprefix("used_")] = (
            {"surplus": left, "carried_forward": left}
            if left >= 0
            else {"overspend": -left, "borne_by_institution": -left}
        )
    given.end()
    return answer


def package(vector: Vector) -> Answer:
    """The county's package and its surplus."""
    given = vector.input
    terms = payment.PackageTerms(
        given.whole("insured"), given.decimal("financing_per_head"), given.decimal("risk_reserve"),
        given.decimal("catastrophic_premium_per_head"), given.decimal("regional_adjustment_fund"),
    )  # fmt: skip
    made, spent = payment.make_package(terms), given.inner("spent")
    used = sum((spent.decimal(name) for name in list(spent.others())), Decimal(0))
    steps = []
    for row in given.raw("retention"):
        if not isinstance(row, list) or len(row) != 2:
            raise VectorInvalid("input.retention：每一档写成 [起始分数, 比例]")
        step = Fields({"from": row[0], "share": row[1]}, "input.retention")
        steps.append((step.decimal("from"), step.decimal("share")))
    done = payment.share_surplus(made.package, used, given.decimal("score"), steps)
    given.end()
    return {
        "financing": made.financing, "risk_reserve": made.reserve, "catastrophic": made.critical,
        "adjustment": made.adjustment, "package": made.package, "spent": used, "surplus": done.surplus,
        "surplus_rate": done.rate, "retained": done.kept, "returned_to_fund": done.returned,
    }  # fmt: skip


def split(vector: Vector) -> Answer:
    """An amount split among members by appraisal."""
    given = vector.input
    names, members = [], []
    for one in given.listed("members"):
        names.append(one.text("id"))
        members.append((one.decimal("base_weight"), one.decimal("score")))
        one.end()
    if len(set(names)) < len(names):
        raise VectorInvalid("input.members：成员重复")
    amount = given.decimal("amount")
    if amount != money(amount):
        raise VectorInvalid("input.amount：金额最多两位小数")
    given.end()
    shares = payment.split_by_appraisal(amount, members)
    return {
        "factors": list(shares.factors), "factor_sum": sum(shares.factors, Decimal(0)),
        "largest_remainder_fen_added_to": [names[place] for place in shares.favoured],
        "shares": dict(zip(names, shares.parts, strict=True)),
    }  # fmt: skip


def overspend(vector: Vector) -> Answer:
    """Who bears what exceeds the package."""
    given = vector.input
    bands = [(end, one.decimal("fund_share")) for one, end in _bands(given)]
    done = payment.share_overspend(
        given.decimal("package"), given.decimal("spent"), given.decimal("unreasonable", Decimal(0)), bands
    )
    given.end()
    inside = {f"in_band_{number}": amount for number, amount in enumerate(done.in_bands, 1)}
    return {"overspend": done.overspend, "rate": done.rate, "reasonable": done.reasonable, "fund_bears": done.fund,
            "community_bears": done.community} | inside  # fmt: skip


def indices(vector: Vector) -> Answer:
    """DRG indicators."""
    given = vector.input
    results = []
    for one in given.listed("groups"):
        results.append(payment.GroupResult(
            one.text("drg"), one.whole("cases"), one.decimal("avg_cost"), one.decimal("avg_los"), one.decimal("rw"),
            one.decimal("region_avg_cost"), one.decimal("region_avg_los"), one.text("risk"), one.whole("deaths", 0),
        ))  # fmt: skip
        one.end()
    discharged, excluded = given.whole("discharged"), given.whole("excluded", 0)
    grouped = sum(one.cases for one in results)
    if given.whole("unassigned", discharged - excluded - grouped) != discharged - excluded - grouped:
        raise VectorInvalid("input.unassigned：出院、排除、未入组与各组病例数对不上")
    given.end()
    found = payment.indicators(results, discharged=discharged, excluded=excluded)
    return {
        "drg_count": found.groups, "total_weight": found.total_weight, "cmi": found.cmi, "cost_index": found.cost_index,
        "time_index": found.time_index, "low_risk_mortality_percent": found.low_risk_mortality,
        "grouping_rate_percent": found.grouping_rate,
    }  # fmt: skip


def clearing(vector: Vector) -> Answer:
    """The monthly payment and the year's clearing with its quality deposit."""
    given = vector.input
    monthly = money(
        (given.decimal("month_fund_payable") - given.decimal("review_deduction", Decimal(0)))
        * given.decimal("month_share")
    )
    allowed = given.decimal("year_fund_payable") - given.decimal("year_deductions", Decimal(0))
    withheld = allowed - given.decimal("year_paid")
    ratio = payment.released_share(
        given.decimal("score"), given.decimal("full_release_from"), given.decimal("deduct_per_point")
    )
    given.end()
    released = money(withheld * ratio)
    return {"monthly_paid": monthly, "year_allowed": allowed, "withheld": withheld, "release_ratio": rate(ratio),
            "released": released, "not_released": withheld - released}  # fmt: skip


def _bands(given: Fields, whole: bool = False) -> list[tuple[Fields, Any]]:
    bands = []
    for one in given.listed("bands"):
        end: Any = None
        if "to" in one:
            end = one.whole("to") if whole else one.decimal("to")
        bands.append((one, end))
    return bands


def _limit(given: Fields, name: str) -> Decimal | None:
    return given.decimal(name) if name in given else None
