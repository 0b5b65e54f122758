"""Grouping cases by one scheme, singly or in batches, and saying why."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from yigong.insurance.grouping.data import Case, Explanation, Grouped, Status
from yigong.insurance.grouping.engine import Branch, Engine, Leaf
from yigong.insurance.grouping.explaining import Explainer
from yigong.insurance.grouping.rules import CC, MCC, Codes
from yigong.insurance.grouping.scheme import Mdc, Scheme

_LEVELS = tuple("MCC" if state & MCC else "CC" if state & CC else "" for state in range(4))
_NEWBORN_DAYS = 28


class Grouper:
    """The grouper of one scheme.

    With ``convert`` the cases carry clinical-edition codes, which the scheme's maps turn into the insurance edition first.
    """

    def __init__(self, scheme: Scheme, *, convert: bool = False) -> None:
        self.scheme = scheme
        self._engine = Engine(scheme, _Answers(scheme))
        self._maps = (scheme.conversion("icd10"), scheme.conversion("icd9cm3")) if convert else None
        self._explainer = Explainer(scheme, self._engine)

    def group(self, case: Case) -> Grouped:
        """The group of one case. Never raises for what a record contains: see ``status`` and ``reason``."""
        return next(self.group_many((case,)))

    def group_many(self, cases: Iterable[Case]) -> Iterator[Grouped]:
        """The groups of many cases, in their order, one by one.

        This loop is written out flat, ``Engine.find`` and the complications included, because a call costs as much as the decision.
        """
        rows, other, classes, open_cell = self._engine.rows, self._engine.other, self._engine.classes, self._engine.open
        complication, exclusion, maps = self.scheme.complications.get, self.scheme.exclusions.get, self._maps
        nothing = (0, 0)
        for case in cases:
            age, sex, dx, px = case.age, case.sex, case.diagnoses, case.procedures
            if age.__class__ is not int or age < 1 or (sex != 1 and sex != 2) or not dx:  # rare: look closer
                refused = self._refusal(case)
                if refused is not None:
                    yield refused
                    continue
            if maps is not None:
                dx, px, unmapped = self._convert(dx, px)
                if unmapped is not None:
                    yield unmapped
                    continue
            main, state = dx[0], 0
            if len(dx) > 1:
                excluded = exclusion(main)
                for code in dx[1:]:
                    table, flag = complication(code, nothing)
                    if flag and table != excluded:
                        state |= flag
            row = rows.get(main, other)
            number = classes.get(px[0], 1) if px else 0
            node: Any = row.cells[number] or open_cell(row, number)
            while node.__class__ is Branch:
                mask = node.mask
                answer = state & mask if mask else node.test(case, dx, px, state)
                node = (node.yes or node.grow(True)) if answer else (node.no or node.grow(False))
            yield self._second_look(case, dx, px, state, node)[0] if node.failed else node.by_state[state]

    def explain(self, case: Case) -> Explanation:
        """The group of one case and the steps that led to it, in Chinese."""
        explainer = self._explainer
        refused = self._refusal(case)
        if refused is not None:
            return Explanation(refused, (explainer.refused("check", refused),))
        dx, px = case.diagnoses, case.procedures
        steps = [explainer.checked(case)]
        if self._maps is not None:
            dx, px, refused = self._convert(dx, px)
            if refused is not None:
                return Explanation(refused, (*steps, explainer.refused("mapping", refused)))
            steps += explainer.converted(case, dx, px)
        state = self._state(dx)
        leaf, used = self._engine.find(case, dx, px, state), px
        if leaf.failed:
            grouped, leaf, used = self._second_look(case, dx, px, state, leaf)
        else:
            grouped = leaf.by_state[state]
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

    def _second_look(self, case: Case, dx: Codes, px: Codes, state: int, failed: Leaf) -> tuple[Grouped, Leaf, Codes]:
        """A case that found no group: some regions try again with each further procedure alone. Answer, leaf and procedures used."""
        if self.scheme.retry_with_each_other_procedure:
            for code in px[1:]:
                leaf = self._engine.find(case, dx, (code,), state)
                if not leaf.failed:
                    return leaf.by_state[state], leaf, (code,)
        main, known = dx[0], self._engine.rows
        if main not in known and main not in self.scheme.known_diagnoses:
            detail = f"主要诊断 {main} 不在方案的诊断编码中，请核对编码版本"
            return self._nothing(Status.UNGROUPED, "unknown_principal", detail, state), failed, px
        return failed.by_state[state], failed, px

    def _refusal(self, case: Case) -> Grouped | None:
        for reason in self.scheme.checks:
            sentence = _CHECKS[reason](case)
            if sentence:
                return self._nothing(Status.INVALID, reason, sentence)
        return None if case.diagnoses else self._nothing(Status.UNGROUPED, "no_diagnosis", "没有主要诊断")

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

    def _nothing(self, status: Status, reason: str, detail: str, state: int = 0) -> Grouped:
        mdc, adrg, drg = self.scheme.ungrouped
        text = self.scheme.status_texts[status]
        return Grouped(mdc, adrg, drg, status, text, cc_level=_LEVELS[state], reason=reason, detail=detail)


class _Answers:
    """The answers of a scheme, each made once and shared by all its cases."""

    def __init__(self, scheme: Scheme) -> None:
        self._scheme = scheme

    def found(self, drg: str) -> tuple[Grouped, ...]:
        scheme, ambiguous = self._scheme, drg[1:] == self._scheme.ambiguous_adrg
        status = Status.AMBIGUOUS if ambiguous else Status.OK
        answer = Grouped(
            mdc="MDC" + drg[:1],
            adrg=scheme.ambiguous_adrg if ambiguous else drg[:3],
            drg=drg,
            status=status,
            status_text=scheme.status_texts[status],
            name=scheme.drg_names.get(drg, ""),
            weight=scheme.weights.get(drg),
            reason="ambiguous" if ambiguous else "",
            detail="主要手术操作与主要诊断不相符，按歧义病案处理" if ambiguous else "",
        )
        return tuple(replace(answer, cc_level=level) for level in _LEVELS)

    def failed(self, mdc: Mdc | None) -> tuple[Grouped, ...]:
        if mdc is None:
            reason, detail = "no_mdc", "主要诊断连同性别、年龄不符合任何 MDC 的进入条件"
        else:
            reason = "no_adrg"
            detail = f"已进入 {mdc.code} {mdc.name}，但没有 ADRG 接收这一主要诊断与手术操作的组合"
        codes, text = self._scheme.ungrouped, self._scheme.status_texts[Status.UNGROUPED]
        answer = Grouped(*codes, Status.UNGROUPED, text, reason=reason, detail=detail)
        return tuple(replace(answer, cc_level=level) for level in _LEVELS)


def _sex(case: Case) -> str:
    return (
        "" if case.sex in (1, 2) else f"性别应为 1（男）或 2（女），实为 {case.sex if case.sex is not None else '空'}"
    )


def _age(case: Case) -> str:
    return "" if type(case.age) is int else "缺年龄，或年龄不是整数"


def _age_days(case: Case) -> str:
    return "不足 1 周岁但缺日龄" if case.age == 0 and case.age_days is None else ""


def _birth_weight(case: Case) -> str:
    newborn = case.age == 0 and case.age_days is not None and case.age_days <= _NEWBORN_DAYS
    return f"新生儿（{_NEWBORN_DAYS} 天内）缺出生体重" if newborn and case.birth_weight is None else ""


_CHECKS = {"sex": _sex, "age": _age, "age_days": _age_days, "birth_weight": _birth_weight}
