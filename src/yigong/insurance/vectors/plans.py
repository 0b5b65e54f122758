"""The plan of a vector file, in the short form of worked examples or as a whole definition, made into a benefit plan."""

import re
from typing import Any

from yigong.insurance.benefits.api import Rules, plan_of, yuan
from yigong.insurance.vectors.errors import VectorInvalid
from yigong.insurance.vectors.fields import Fields

_LEVEL = re.compile(r"level(\d+)_(\w+)")
UNREGISTERED = "unregistered"
HEAD: dict[str, Any] = {
    "code": "vectors", "version": "1", "effective_from": "2000-01-01", "title": "算例", "region": "000000",
    "insurance": "390", "year": 2000, "certainty": "demo", "source": "算例文件",
}  # fmt: skip


def plan_from(found: object, name: str) -> Rules:
    """The plan under one ``plan_…`` key: a whole definition when it has a code and a version, else the short form."""
    given = Fields(found, name)
    if {"code", "version", "inpatient"} <= given.names() and isinstance(found, dict):
        return plan_of(found)
    return _short(given)


def _short(given: Fields) -> Rules:
    levels, repeat = _levels(given.inner("inpatient")), {}
    if "second_and_later_admission_deductible_factor" in given:
        repeat = {"factors": ["1", _share(given, "second_and_later_admission_deductible_factor")]}
    inpatient: dict[str, Any] = {"levels": levels, "repeat": repeat}
    for name, on in (("annual_pool_cap_fund_payment", "fund"), ("annual_pool_cap_covered_cost", "covered")):
        if given.raw(name, None) is not None:
            inpatient["ceiling"] = {"amount": _money(given, name), "on": on}
    if "guaranteed_minimum" in given:
        inpatient["minimum"] = _minimum(given.inner("guaranteed_minimum"))
    document = HEAD | {"inpatient": inpatient, "account": {}}
    if "referral" in given:
        document["referral"] = _referral(given.inner("referral"))
    if "out_of_region" in given:
        document["elsewhere"] = _elsewhere(given.inner("out_of_region"))
    identities: list[str] = []
    if "medical_assistance" in given:
        document["assistance"], identities = _assistance(given.inner("medical_assistance"))
    if "catastrophic" in given:
        document["critical"] = _critical(given.inner("catastrophic"), identities)
    document["identities"] = [{"code": one, "title": one} for one in identities]
    given.end()
    return plan_of(document)


def _levels(given: Fields) -> list[dict[str, Any]]:
    levels = []
    for name in list(given.others()):
        matched = _LEVEL.fullmatch(name)
        if matched is None:
            raise VectorInvalid(f"{given.place} 有不认识的字段 {name}（级别写成 level1_township 的样子）")
        level = given.inner(name)
        levels.append({"level": matched[1], "title": matched[2], **_terms(level)})
        level.end()
    return levels


def _terms(level: Fields) -> dict[str, str]:
    return {"deductible": _money(level, "deductible"), "ratio": _share(level, "ratio")}


def _minimum(given: Fields) -> dict[str, str]:
    found = {"ratio": _share(given, "ratio"), "of": given.text("of", "in_scope")}
    given.end()
    return found


def _referral(given: Fields) -> dict[str, Any]:
    """The rules are sentences in the short form; only those whose meaning is known are taken."""
    up, down = given.text("up"), given.text("down")
    given.end()
    if "already paid" in up:
        way = "paid"
    elif "standard of the lower" in up or "lower level's standard" in up:
        way = "standard"
    else:
        raise VectorInvalid(f"{given.place}.up：不认识的规则“{up}”")
    if down != "deductible 0":
        raise VectorInvalid(f"{given.place}.down：不认识的规则“{down}”")
    return {"up": way, "down": "none", "cheaper": "cheaper" in up}


def _elsewhere(given: Fields) -> list[dict[str, Any]]:
    """Assistance is not given to those who went elsewhere without registering: it is for care inside the region or with referral."""
    places = []
    for name in list(given.others()):
        one = given.inner(name)
        place: dict[str, Any] = {"place": name, "title": name, "assistance": name != UNREGISTERED}
        if "deductible" in one:
            place["deductible"] = _money(one, "deductible")
        if "ratio_factor" in one:
            place["factor"] = _share(one, "ratio_factor")
        else:
            place["points"] = _share(one, "ratio_minus")
        if "guaranteed_minimum" in one:
            place["minimum"] = _minimum(one.inner("guaranteed_minimum"))
        one.end()
        places.append(place)
    return places


def _assistance(given: Fields) -> tuple[dict[str, Any], list[str]]:
    given.text("base", "")
    found: dict[str, Any] = {"counts": ["inpatient"], "ceiling": _limit(given, "annual_cap")}
    if "tilt" in given:
        tilt = given.inner("tilt")
        found["tilt"] = {"threshold": _money(tilt, "threshold"), "ratio": _share(tilt, "ratio")}
        found["tilt"]["ceiling"] = _limit(tilt, "annual_cap")
        tilt.end()
    groups = []
    for name in list(given.others()):
        one = given.inner(name)
        groups.append(
            {"identity": name, "title": name, "ratio": _share(one, "ratio"), "threshold": _money(one, "threshold")}
        )
        one.end()
    return found | {"groups": groups}, [group["identity"] for group in groups]


def _critical(given: Fields, identities: list[str]) -> dict[str, Any]:
    base, bands_on = given.text("base", "without first self-pay"), given.text("bands_are_on", "accumulated burden")
    ways = {"accumulated burden": "sum", "excess": "excess", "excess over threshold": "excess"}
    if bands_on not in ways:
        raise VectorInvalid(f"{given.place}.bands_are_on：不认识的“{bands_on}”（可用：{'、'.join(ways)}）")
    if "without first self-pay" not in base and "with first self-pay" not in base:
        raise VectorInvalid(f"{given.place}.base：没有说明是否包含先行自付（with / without first self-pay）")
    tiers = [_tier(given.inner(name), name, identities, ways[bands_on]) for name in list(given.others())]
    return {"tiers": tiers, "bands_on": ways[bands_on], "with_first_self_pay": "without first self-pay" not in base}


def _tier(given: Fields, name: str, identities: list[str], bands_on: str) -> dict[str, Any]:
    threshold = _money(given, "threshold")
    begin, bands = threshold if bands_on == "sum" else "0", []
    for row in given.raw("bands"):
        if not isinstance(row, list) or len(row) != 2:
            raise VectorInvalid(f"{given.place}.bands：每一档写成 [上限, 比例]")
        band = Fields({"to": row[0], "ratio": row[1]}, f"{given.place}.bands")
        end = None if row[0] is None else _money(band, "to")
        bands.append({"from": begin, "ratio": _share(band, "ratio")} | ({} if end is None else {"to": end}))
        begin = end or begin
    tier = {"title": name, "threshold": threshold, "bands": bands, "ceiling": _limit(given, "annual_cap")}
    given.end()
    return tier | {"identities": [] if name == "ordinary" else _joined(given.place, name, identities)}


def _joined(place: str, name: str, identities: list[str]) -> list[str]:
    """The identities of a tier such as ``tekun_dibao``."""
    found, rest = [], name
    while rest:
        one = next(
            (i for i in sorted(identities, key=len, reverse=True) if rest == i or rest.startswith(i + "_")), None
        )
        if one is None:
            raise VectorInvalid(f"{place}：不认识的人员类别 {rest}（可用：ordinary、{'、'.join(identities)}）")
        found.append(one)
        rest = rest[len(one) + 1 :]
    return found


def _money(given: Fields, name: str) -> str:
    return yuan(given.fen(name))


def _limit(given: Fields, name: str) -> str | None:
    return None if given.raw(name, None) is None else _money(given, name)


def _share(given: Fields, name: str) -> str:
    given.share(name)
    return str(given.decimal(name))
