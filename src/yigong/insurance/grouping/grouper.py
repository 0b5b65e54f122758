"""Grouping cases by one scheme, singly or in batches, and saying why."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from yigong.insurance.grouping.data import Case, Explanation, Grouped, Status
from yigong.insurance.grouping.engine import UNGROUPED, Engine, Leaf
from yigong.insurance.grouping.explaining import Explainer
from yigong.insurance.grouping.rules import CC, MCC, Codes
from yigong.insurance.grouping.scheme import Scheme

_LEVELS = tuple("MCC" if state & MCC else "CC" if state & CC else "" for state in range(4))
_NEWBORN_DAYS = 28


class Grouper:
    """The grouper of one scheme.

    With ``convert`` the cases carry clinical-edition codes, which the scheme's maps turn into the insurance edition first.
    """

    def __init__(self, scheme: Scheme, *, convert: bool = False) -> None:
        self.scheme = scheme
        self._engine = Engine(scheme, self._answers)
        self._maps = (scheme.conversion("icd10"), scheme.conversion("icd9cm3")) if convert else None
        self._explainer = Explainer(scheme, self._engine)

    def group(self, case: Case) -> Grouped:
        """The group of one case. Never raises for what a record contains: see ``status`` and ``reason``."""
        return next(self.group_many((case,)))

    def group_many(self, cases: Iterable[Case]) -> Iterator[Grouped]:
        """The groups of many cases, in their order, one by one."""
        find, state_of = self._engine.find, self._state
        for case in cases:
            age, dx, px = case.age, case.diagnoses, case.procedures
            if age.__class__ is not int or age < 1 or (case.sex != 1 and case.sex != 2):  # rare: look closer
                refused = self._refusal(case)
                if refused is not None:
                    yield refused
                    continue
            if self._maps is not None:
                dx, px, unmapped = self._convert(dx, px)
                if unmapped is not None:
                    yield unmapped
                    continue
            if not dx:
                yield self._nothing(Status.UNGROUPED, "no_diagnosis", "没有主要诊断")
                continue
            state = state_of(dx) if len(dx) > 1 else 0
            leaf = find(case, dx, px, state)
            if leaf is UNGROUPED:
                leaf, _px = self._retry(case, dx, px, state)
            yield leaf.by_state[state] if leaf is not UNGROUPED else self._without_group(case, dx, px, state)

    def explain(self, case: Case) -> Explanation:
        """The group of one case and the steps that led to it, in Chinese."""
        grouped = self.group(case)
        dx, px = case.diagnoses, case.procedures
        explainer = self._explainer
        if grouped.status is Status.INVALID or grouped.reason == "no_diagnosis":
            return Explanation(grouped, (explainer.refused("check", grouped),))
        steps = [explainer.checked(case)]
        if self._maps is not None:
            dx, px, _unmapped = self._convert(dx, px)
            if grouped.status in (Status.DX_UNMAPPED, Status.PX_UNMAPPED):
                return Explanation(grouped, (*steps, explainer.refused("mapping", grouped)))
            steps += explainer.converted(case, dx, px)
        state = self._state(dx)
        leaf, used = self._engine.find(case, dx, px, state), px
        if leaf is UNGROUPED:
            leaf, used = self._retry(case, dx, px, state)
        steps += explainer.decided(case, dx, px, used, state, leaf, grouped)
        return Explanation(grouped, tuple(steps))

    def _state(self, dx: Codes) -> int:
        """Which of MCC and CC the other diagnoses bring after exclusions."""
        complications, table, state = self.scheme.complications, self.scheme.exclusions.get(dx[0]), 0
        for code in dx[1:]:
            if code in complications:
                its_table, flag = complications[code]
                if its_table != table:
                    state |= flag
        return state

    def _retry(self, case: Case, dx: Codes, px: Codes, state: int) -> tuple[Leaf, Codes]:
        """Some regions try an ungrouped case again with each further procedure alone."""
        if self.scheme.retry_with_each_other_procedure:
            for code in px[1:]:
                leaf = self._engine.find(case, dx, (code,), state)
                if leaf is not UNGROUPED:
                    return leaf, (code,)
        return UNGROUPED, px

    def _refusal(self, case: Case) -> Grouped | None:
        for reason in self.scheme.checks:
            sentence = _CHECKS[reason](case)
            if sentence:
                return self._nothing(Status.INVALID, reason, sentence)
        return None

    def _convert(self, dx: Codes, px: Codes) -> tuple[Codes, Codes, Grouped | None]:
        diagnoses, procedures = self._maps or ({}, {})
        for codes, known, status, words in (
            (dx, diagnoses, Status.DX_UNMAPPED, "诊断"),
            (px, procedures, Status.PX_UNMAPPED, "手术操作"),
        ):
            missing = [code for code in codes if code not in known]
            if missing:
                return dx, px, self._nothing(status, status.value, f"{words} {'、'.join(missing)} 不在编码转换表中")
        return tuple(map(diagnoses.__getitem__, dx)), tuple(map(procedures.__getitem__, px)), None

    def _answers(self, drg: str) -> tuple[Grouped, ...]:
        """The answers of one group by CC/MCC state, made once and shared by all cases."""
        ambiguous = drg[1:] == self.scheme.ambiguous_adrg
        status = Status.AMBIGUOUS if ambiguous else Status.OK
        answer = Grouped(
            mdc="MDC" + drg[:1],
            adrg=self.scheme.ambiguous_adrg if ambiguous else drg[:3],
            drg=drg,
            status=status,
            status_text=self.scheme.status_texts[status],
            name=self.scheme.drg_names.get(drg, ""),
            weight=self.scheme.weights.get(drg),
            reason="ambiguous" if ambiguous else "",
            detail="主要手术操作与主要诊断不相符,按歧义病案处理" if ambiguous else "",
        )
        return tuple(replace(answer, cc_level=level) for level in _LEVELS)

    def _nothing(self, status: Status, reason: str, detail: str, level: str = "") -> Grouped:
        mdc, adrg, drg = self.scheme.ungrouped
        return Grouped(
            mdc, adrg, drg, status, self.scheme.status_texts[status], cc_level=level, reason=reason, detail=detail
        )

    def _without_group(self, case: Case, dx: Codes, px: Codes, state: int) -> Grouped:
        reason, detail = self._explainer.why_nothing(case, dx, px, state)
        return self._nothing(Status.UNGROUPED, reason, detail, _LEVELS[state])


def _sex(case: Case) -> str:
    return "" if case.sex in (1, 2) else f"性别应为 1(男)或 2(女),实为 {case.sex if case.sex is not None else '空'}"


def _age(case: Case) -> str:
    return "" if type(case.age) is int else "缺年龄,或年龄不是整数"


def _age_days(case: Case) -> str:
    return "不足 1 周岁但缺日龄" if case.age == 0 and case.age_days is None else ""


def _birth_weight(case: Case) -> str:
    newborn = case.age == 0 and case.age_days is not None and case.age_days <= _NEWBORN_DAYS
    return f"新生儿({_NEWBORN_DAYS} 天内)缺出生体重" if newborn and case.birth_weight is None else ""


_CHECKS = {"sex": _sex, "age": _age, "age_days": _age_days, "birth_weight": _birth_weight}


@lru_cache(maxsize=8)
def grouper_for(scheme_folder: str, convert: bool = False) -> Grouper:
    """The grouper of a folder, kept for the life of the process (loading takes about half a second)."""
    from pathlib import Path

    from yigong.insurance.grouping.scheme import load_scheme

    return Grouper(load_scheme(Path(scheme_folder)), convert=convert)
