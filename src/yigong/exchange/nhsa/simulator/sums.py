"""The simulator's own calculation: decimals of yuan, each named figure rounded half up to the fen, straight from the plan's file."""

# texts: data (the simulator speaks Chinese only, like the platforms it stands for)

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

D, ZERO, ENDLESS = Decimal, Decimal(0), Decimal(10**15)
CENT = Decimal("0.01")
Cumulated = dict[str, Decimal]


def money(amount: Decimal) -> Decimal:
    """Half up to 0.01."""
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass
class Visitor:
    """Who is settled."""

    categories: frozenset[str] = frozenset()
    retired: bool = False
    civil: bool = False
    age: int | None = None
    account: Decimal = ZERO
    family: Decimal = ZERO


@dataclass(frozen=True)
class Continued:
    """The stay before: ``up`` or ``down``, what was paid of its deductible, and the deductible of its level."""

    way: str
    paid: Decimal
    line: Decimal


@dataclass
class Worked:
    """One calculation by the field names of ``setlinfo`` (d3), with what the cumulations grow by and the words."""

    figures: dict[str, Decimal] = field(default_factory=dict)
    grown: Cumulated = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    line: Decimal = ZERO


class Policy:
    """One plan as its file says it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.text = document
        self.code, self.insutype, self.region = document["code"], document["insurance"], document["region"]
        self.begins = document["effective_from"]

    def line(
        self,
        row: Mapping[str, str] | None,
        group: str,
        amount: Decimal,
        quantity: Decimal,
        price: Decimal,
        outside: bool,
    ) -> dict[str, Decimal]:
        """own, over, first and in-scope of one line; ``row`` is that of the catalogue."""
        if row is None or row["cls"] == "C" or outside:
            return {"own": amount, "over": ZERO, "pre": ZERO, "in": ZERO}
        over = ZERO
        if row["ceiling"]:
            over = min(money(max(ZERO, price - D(row["ceiling"])) * quantity), amount)
        share = ZERO
        if row["cls"] == "B":
            share = D(row["first_self_pay"]) if row["first_self_pay"] else self._item_share(group)
        first = money((amount - over) * share)
        return {"own": ZERO, "over": over, "pre": first, "in": amount - over - first}

    def _item_share(self, group: str) -> Decimal:
        shares = {row.get("category", ""): D(str(row["ratio"])) for row in self.text["items"]["first_self_pay"]}
        return shares.get(group, shares.get("", ZERO))

    def outpatient(self, code: str) -> dict[str, Any] | None:
        """The outpatient benefit with this code."""
        return next((one for one in self.text.get("outpatient", ()) if one["code"] == code), None)


def _d(value: Any) -> Decimal:
    return D(str(value))


def _level(policy: Policy, level: str) -> dict[str, Any]:
    return next(one for one in policy.text["inpatient"]["levels"] if one["level"] == level)


def work_out(
    policy: Policy,
    kind: str,
    parts: Mapping[str, Decimal],
    who: Visitor,
    so_far: Mapping[str, Decimal],
    *,
    level: str,
    disease: str = "",
    use_account: bool = True,
    continued: Continued | None = None,
) -> Worked:
    """Settle: ``parts`` are the sums of own, over, pre and in over the lines."""
    done = Worked()
    scope, say = parts["in"], done.words.append
    if kind == "inpatient":
        dedc, ratio, pool, large = _stay(policy, scope, who, so_far, level, disease, done, continued)
    else:
        dedc, ratio, pool, large = _visit(policy, kind, scope, who, so_far, level, disease, done)
    burden = scope - pool - large
    say(f"政策范围内{scope}，起付线{dedc}，比例{ratio}，统筹支付{pool}")
    critical = _critical(policy, kind, burden, parts["pre"], who, so_far, done)
    civil = _civil(policy, kind, burden - critical, who, so_far, done)
    help_ = _assistance(policy, kind, burden - critical - civil, who, so_far, done)
    left = burden - critical - civil - help_
    total = sum(parts.values(), ZERO)
    hospital = parts["over"] if policy.text["items"].get("over_ceiling") == "institution" else ZERO
    person = total - pool - large - critical - civil - help_ - hospital
    account = family = ZERO
    if use_account and (rule := policy.text.get("account")):
        may = min(person, left) if rule.get("pays_for") == "in_scope" else person
        account = min(may, who.account)
        family = min(may - account, who.family) if rule.get("family") else ZERO
    fund = pool + large + critical + civil + help_
    done.figures = {
        "medfee_sumamt": total, "fulamt_ownpay_amt": parts["own"], "overlmt_selfpay": parts["over"], "preselfpay_amt": parts["pre"],
        "inscp_scp_amt": scope, "act_pay_dedc": dedc, "hifp_pay": pool, "pool_prop_selfpay": ratio, "cvlserv_pay": civil, "hifes_pay": ZERO,
        "hifmi_pay": critical, "hifob_pay": large, "maf_pay": help_, "oth_pay": ZERO, "fund_pay_sumamt": fund, "psn_part_amt": person,
        "acct_pay": account, "psn_cash_pay": person - account - family, "hosp_part_amt": hospital, "acct_mulaid_pay": family,
    }  # fmt: skip
    return done


def _grow(done: Worked, name: str, amount: Decimal) -> None:
    if amount:
        done.grown[name] = done.grown.get(name, ZERO) + amount


def _stay(
    policy: Policy,
    scope: Decimal,
    who: Visitor,
    so_far: Mapping[str, Decimal],
    level: str,
    disease: str,
    done: Worked,
    continued: Continued | None,
) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    inpatient, row = policy.text["inpatient"], _level(policy, level)
    done.line = line = _d(row["deductible"])
    line = _waived(inpatient, line, who)
    count = int(so_far.get("times:" + level if inpatient["repeat"].get("by") == "level" else "times", ZERO)) + 1
    asked = _again(inpatient["repeat"], line, count, disease, so_far)
    if continued:
        asked = _going_on(policy.text.get("referral", {}), line, asked, continued)
    dedc = min(asked, scope)
    base = scope - dedc
    plus = _d(row.get("retired_plus", 0)) if who.retired else ZERO
    bands = row.get("bands")
    ratio = _d(bands[0]["ratio"] if bands else row["ratio"]) + plus
    gross = money(_banded(bands, base, plus)) if bands else money(base * ratio)
    if least := inpatient.get("minimum"):
        whole = scope
        gross = max(gross, min(money(whole * _d(least["ratio"])), scope))
    limit = _d(inpatient["ceiling"]["amount"]) if "ceiling" in inpatient else ENDLESS
    pool = min(gross, max(ZERO, limit - so_far.get("pool", ZERO)))
    large = ZERO
    if pool < gross and (rule := policy.text.get("large")):
        simple = not bands and gross == money(base * ratio)
        used = money(pool / ratio) if simple else money(base * pool / gross)
        room = (_d(rule["ceiling"]) if "ceiling" in rule else ENDLESS) - so_far.get("large", ZERO)
        large = min(money((base - used) * _d(rule["ratio"])), max(ZERO, room), scope - pool)
    for name, amount in (("dedc", dedc), ("pool", pool), ("large", large), ("times", D(1)), ("times:" + level, D(1))):
        _grow(done, name, amount)
    return dedc, ratio, pool, large


def _waived(inpatient: Mapping[str, Any], line: Decimal, who: Visitor) -> Decimal:
    factors = [_d(one["factor"]) for one in inpatient.get("waivers", ())
               if (not one.get("identities") or who.categories & set(one["identities"]))
               and (not one.get("under_age") or (who.age is not None and who.age < one["under_age"])) and not one.get("tcm")]  # fmt: skip
    return money(line * min(factors)) if factors and min(factors) < 1 else line


def _again(rule: Mapping[str, Any], line: Decimal, count: int, disease: str, so_far: Mapping[str, Decimal]) -> Decimal:
    way, floor = rule.get("rule", "factors"), _d(rule.get("floor", 0))
    if way == "once":
        return max(ZERO, line - so_far.get("dedc", ZERO))
    if way == "minus":
        return max(line - _d(rule["minus"]) * (count - 1), min(line, floor), ZERO)
    factors = rule.get("factors", [1])
    for one in rule.get("exceptions", ()):
        if disease and disease.startswith(tuple(one["diseases"])):
            factors = one["factors"]
            break
    return max(money(line * _d(factors[min(count, len(factors)) - 1])), min(line, floor))


def _going_on(rule: Mapping[str, Any], line: Decimal, ordinary: Decimal, before: Continued) -> Decimal:
    """The deductible of a stay that continues another by referral."""
    if before.way == "down":
        return ZERO if rule.get("down", "none") == "none" else ordinary
    if rule.get("up", "paid") == "full":
        return ordinary
    rest = max(ZERO, line - (before.paid if rule.get("up", "paid") == "paid" else before.line))
    return min(rest, ordinary) if rule.get("cheaper") else rest


def _banded(bands: list[dict[str, Any]], amount: Decimal, plus: Decimal = ZERO) -> Decimal:
    return sum(
        ((min(amount, _d(band["to"]) if "to" in band else ENDLESS) - _d(band.get("from", 0))) * (_d(band["ratio"]) + plus)
         for band in bands if amount > _d(band.get("from", 0))), ZERO,
    )  # fmt: skip


def _visit(
    policy: Policy,
    kind: str,
    scope: Decimal,
    who: Visitor,
    so_far: Mapping[str, Decimal],
    level: str,
    disease: str,
    done: Worked,
) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    benefit = policy.outpatient(kind)
    assert benefit is not None
    bands, plus = None, ZERO
    if benefit.get("like") == "inpatient":
        row = _level(policy, level)
        plus = _d(row.get("retired_plus", 0)) if who.retired else ZERO
        bands, line = row.get("bands"), ZERO
        ratio = _d(bands[0]["ratio"] if bands else row["ratio"]) + plus
    else:
        rows = {one["level"]: one for one in benefit["levels"]}
        row = rows[level] if level in rows else rows["*"]
        ratio = _d(row["ratio"]) + (_d(benefit.get("retired_plus", 0)) if who.retired else ZERO)
        line = _d(row.get("deductible", 0))
    known = next((one for one in benefit.get("diseases", ()) if one["code"] == disease), None)
    if known and "ratio" in known:
        ratio, bands = _d(known["ratio"]), None
    if benefit.get("deductible_per") == "year":
        line = max(ZERO, line - so_far.get("otp_dedc:" + kind, ZERO))
    dedc = min(line, scope)
    if benefit.get("deductible_per") == "year":
        _grow(done, "otp_dedc:" + kind, dedc)
    gross = money(_banded(bands, scope - dedc, plus)) if bands else money((scope - dedc) * ratio)
    limits = [(benefit.get("ceiling"), "otp:" + kind)]
    if known:
        limits.append((known.get("ceiling"), f"otp:{kind}:{disease}"))
    to_pool = benefit.get("like") == "inpatient" or benefit.get("counts_to_pool_ceiling")
    if to_pool and "ceiling" in policy.text["inpatient"]:
        limits.append((policy.text["inpatient"]["ceiling"]["amount"], "pool"))
    pool = gross
    for limit, name in limits:
        if limit is not None:
            pool = min(pool, max(ZERO, _d(limit) - so_far.get(name, ZERO)))
    for name in ("otp:" + kind, *([f"otp:{kind}:{disease}"] if known else []), *(["pool"] if to_pool else [])):
        _grow(done, name, pool)
    return dedc, ratio, pool, ZERO


def _critical(
    policy: Policy,
    kind: str,
    burden: Decimal,
    first: Decimal,
    who: Visitor,
    so_far: Mapping[str, Decimal],
    done: Worked,
) -> Decimal:
    rule = policy.text.get("critical")
    if rule is None or kind not in rule.get("counts", ("inpatient",)):
        return ZERO
    mine = burden + (first if rule.get("with_first_self_pay") else ZERO)
    _grow(done, "crit_base", mine)
    whole = so_far.get("crit_base", ZERO) + mine
    tier = next((one for one in rule["tiers"] if who.categories & set(one.get("identities", ()))), None)
    tier = tier or next(one for one in rule["tiers"] if not one.get("identities"))
    line = _d(tier["threshold"])
    if whole <= line:
        return ZERO
    due = min(
        money(_banded(tier["bands"], whole - line if rule.get("bands_on") == "excess" else whole)),
        _d(tier["ceiling"]) if "ceiling" in tier else ENDLESS,
    )
    paid = max(ZERO, min(due - so_far.get("crit", ZERO), burden))
    _grow(done, "crit", paid)
    return paid


def _civil(
    policy: Policy, kind: str, left: Decimal, who: Visitor, so_far: Mapping[str, Decimal], done: Worked
) -> Decimal:
    rule = policy.text.get("civil")
    if rule is None or not who.civil or kind not in rule.get("counts", ("inpatient",)):
        return ZERO
    yearly = rule.get("threshold_per") == "year"
    taken = min(left, max(ZERO, _d(rule["threshold"]) - (so_far.get("cvl_line", ZERO) if yearly else ZERO)))
    if yearly:
        _grow(done, "cvl_line", taken)
    paid = min(
        money((left - taken) * _d(rule["ratio"])),
        max(ZERO, (_d(rule["ceiling"]) if "ceiling" in rule else ENDLESS) - so_far.get("cvl", ZERO)),
    )
    _grow(done, "cvl", paid)
    return paid


def _assistance(
    policy: Policy, kind: str, left: Decimal, who: Visitor, so_far: Mapping[str, Decimal], done: Worked
) -> Decimal:
    rule = policy.text.get("assistance")
    if rule is None or kind not in rule.get("counts", ("inpatient",)):
        return ZERO
    group = next((one for one in rule["groups"] if one["identity"] in who.categories), None)
    if group is None:
        return ZERO
    taken = min(left, max(ZERO, _d(group.get("threshold", 0)) - so_far.get("maf_line", ZERO)))
    _grow(done, "maf_line", taken)
    aid = min(
        money((left - taken) * _d(group["ratio"])),
        max(ZERO, (_d(rule["ceiling"]) if "ceiling" in rule else ENDLESS) - so_far.get("maf", ZERO)),
    )
    _grow(done, "maf", aid)
    tilt = ZERO
    if more := rule.get("tilt"):
        rest = left - aid
        used = so_far.get("tilt_line", ZERO) if more.get("per") == "year" else ZERO
        over = min(rest, max(ZERO, _d(more["threshold"]) - used))
        if more.get("per") == "year":
            _grow(done, "tilt_line", over)
        tilt = min(
            money((rest - over) * _d(more["ratio"])),
            max(ZERO, (_d(more["ceiling"]) if "ceiling" in more else ENDLESS) - so_far.get("tilt", ZERO)),
        )
        _grow(done, "tilt", tilt)
    return aid + tilt


def read_policies(folder: Path) -> list[Policy]:
    """The plans of a folder."""
    return [Policy(tomllib.loads(path.read_text("utf-8"))) for path in sorted(folder.glob("*.toml"))]


def policy_for(policies: list[Policy], insutype: str, region: str, on: date) -> Policy | None:
    """The plan in force."""
    found = [one for one in policies if (one.insutype, one.region) == (insutype, region) and one.begins <= on]
    return max(found, key=lambda one: one.begins) if found else None
