"""A plan read from its file, outside the packs: for the command line, for drafts and for tests."""

# texts: data (words for whoever writes plans)

from pathlib import Path
from typing import Any

import msgspec

from yigong.core.packs.source import PackError, Problem, convert, line_of, read_toml
from yigong.insurance.benefits.checks import mistakes
from yigong.insurance.benefits.errors import PlanInvalid
from yigong.insurance.benefits.plan import BenefitPlan
from yigong.insurance.benefits.rules import Rules


def read_plan(path: Path | str) -> Rules:
    """The plan of a TOML file. Raises PlanInvalid naming file and line of every mistake."""
    path = Path(path)
    try:
        document, lines = read_toml(path, path.name)
        plan: BenefitPlan = convert(document, BenefitPlan, lines, path.name)
    except FileNotFoundError:
        raise PlanInvalid(f"找不到待遇方案文件 {path}") from None
    except PackError as fault:
        raise PlanInvalid(f"待遇方案不能使用：\n{fault}") from None
    found = [Problem(path.name, line_of(f"`$.{place}`", lines), text) for place, text in mistakes(plan)]
    if found:
        raise PlanInvalid("待遇方案不能使用：\n" + "\n".join(map(str, found)))
    return Rules(plan)


def plan_of(document: dict[str, Any]) -> Rules:
    """The plan of a document (JSON or made by a program). Raises PlanInvalid naming the place of every mistake."""
    try:
        plan = msgspec.convert(document, BenefitPlan, strict=False)
    except msgspec.ValidationError as fault:
        raise PlanInvalid(f"待遇方案不能使用：{fault}") from None
    found = [f"{place}:{text}" for place, text in mistakes(plan)]
    if found:
        raise PlanInvalid("待遇方案不能使用：\n" + "\n".join(found))
    return Rules(plan)
