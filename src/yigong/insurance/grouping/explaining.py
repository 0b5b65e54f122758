"""In words: which rule decided what. Looks at the rules themselves, not at the compiled tree, and so checks it on every call."""

from yigong.insurance.grouping.data import Case, Grouped, Step
from yigong.insurance.grouping.engine import Engine, Leaf, Row
from yigong.insurance.grouping.rules import MCC, SEXES, Codes, Formula
from yigong.insurance.grouping.scheme import Mdc, Scheme
from yigong.insurance.grouping.telling import Labels, Teller, Told, teller

_NO_COMPLICATION = Step("complication", "", "其他诊断中没有 MCC 或 CC。")
_NO_OTHER = Step("complication", "", "没有其他诊断，没有 MCC 或 CC。")


class Explainer:
    """Writes the steps of a decision for one scheme."""

    def __init__(self, scheme: Scheme, engine: Engine) -> None:
        self._scheme, self._engine = scheme, engine
        self._diagnoses = Labels(lambda: scheme.diagnosis_names)
        self._procedures = Labels(lambda: scheme.procedure_names)
        self._categories: dict[Row, list[tuple[Mdc, Teller]]] = {}
        self._tellers: dict[int, Teller] = {}  # by identity: the formulas live as long as the scheme
        self._counted: dict[str, Step] = {}

    def refused(self, kind: str, grouped: Grouped) -> Step:
        """The last step of a case that did not get as far as the rules."""
        return Step(kind, grouped.reason, f"{grouped.status_text}：{grouped.detail}。")

    def checked(self, case: Case) -> Step:
        """The information check passed."""
        age = f"{case.age} 岁" if case.age else f"{case.age_days} 天"
        weight = f"，出生体重 {case.birth_weight} 克" if case.birth_weight else ""
        return Step("check", "ok", f"信息校验通过：{SEXES.get(case.sex or 0, '性别未校验')}，{age}{weight}。")

    def converted(self, case: Case, dx: Codes, px: Codes) -> list[Step]:
        """Codes that the map changed."""
        pairs = [*zip(case.diagnoses, dx, strict=True), *zip(case.procedures, px, strict=True)]
        return [
            Step("mapping", to, f"临床版编码 {old} 转换为医保版 {to}。", (old, to)) for old, to in pairs if old != to
        ]

    def decided(
        self, case: Case, dx: Codes, px: Codes, used: Codes, state: int, leaf: Leaf, grouped: Grouped
    ) -> list[Step]:
        """From unknown codes to the result; ``used`` are the procedures that found the leaf (one alone after a retry)."""
        steps: list[Step] = []
        self._unknown(dx, px, steps)
        if used is not px:
            self._passed(case, dx, px, state, None, steps)
            text = f"按全部手术操作未能入组，改以 {self._procedures[used[0]]} 单独再试。"
            steps.append(Step("retry", used[0], text, used))
        self._passed(case, dx, used, state, None if leaf.failed else leaf.mdc, steps)
        if leaf.failed:
            self._complications(dx, steps)
            steps.append(self.refused("result", grouped))
        else:
            self._path(case, dx, used, state, leaf, grouped, steps)
        return steps

    def _passed(self, case: Case, dx: Codes, px: Codes, state: int, until: Mdc | None, steps: list[Step]) -> None:
        for mdc, tell in self._entering(dx[0]):
            if mdc is until:
                return
            told = tell(case, dx, px, state)
            if told is not None:
                text = f"{told[0]}，符合 {mdc.code} {mdc.name}，但其中没有 ADRG 适合，继续向后。"
                steps.append(Step("passed", mdc.code, text, told[1]))

    def _entering(self, main: str) -> list[tuple[Mdc, Teller]]:
        row = self._engine.rows.get(main, self._engine.other)
        listed = self._categories.get(row)
        if listed is None:
            listed = [(mdc, self._teller(mdc.rule)) for mdc in self._engine.categories(row)]
            self._categories[row] = listed
        return listed

    def _path(
        self, case: Case, dx: Codes, px: Codes, state: int, leaf: Leaf, grouped: Grouped, steps: list[Step]
    ) -> None:
        mdc, entry, split = leaf.mdc, leaf.entry, leaf.split
        assert mdc is not None, "only a failed case has no category"
        words, codes = self._why(mdc.rule, case, dx, px, state)
        steps.append(Step("mdc", mdc.code, f"{words}进入 {mdc.code} {mdc.name}。", codes))
        if entry is None:
            words, codes = self._why(mdc.ambiguous, case, dx, px, state)
            text = f"没有手术类 ADRG 适合，而{words}归入歧义组 {grouped.drg}。"
            steps.append(Step("adrg", grouped.adrg, text, codes))
            self._complications(dx, steps)
            steps.append(self.refused("result", grouped))
            return
        words, codes = self._why(entry.rule, case, dx, px, state)
        steps.append(Step("adrg", entry.adrg, f"{words}进入 ADRG {entry.adrg} {entry.name}。", codes))
        self._complications(dx, steps)
        words, codes = self._why(split.when, case, dx, px, state) if split else ("没有细分组适合，", ())
        weight = f"，权重 {grouped.weight}" if grouped.weight is not None else ""
        steps.append(Step("drg", grouped.drg, f"{words}归入 {grouped.drg} {grouped.name}{weight}。", codes))

    def _why(self, rule: Formula, case: Case, dx: Codes, px: Codes, state: int) -> tuple[str, Codes]:
        told: Told = self._teller(rule)(case, dx, px, state)
        assert told is not None, "compiled tree and rule disagree"
        return (told[0] + "，", told[1]) if told[0] else told

    def _teller(self, rule: Formula) -> Teller:
        known = self._tellers.get(id(rule))
        if known is None:
            known = self._tellers[id(rule)] = teller(rule, self._diagnoses, self._procedures)
        return known

    def _unknown(self, dx: Codes, px: Codes, steps: list[Step]) -> None:
        if self._scheme.known_diagnoses.issuperset(dx) and self._scheme.known_procedures.issuperset(px):
            return
        strange = [code for code in dx if code not in self._scheme.known_diagnoses]
        strange += [code for code in px if code not in self._scheme.known_procedures]
        steps += [Step("unknown", code, f"编码 {code} 不在方案的编码中，不参与分组。", (code,)) for code in strange]

    def _complications(self, dx: Codes, steps: list[Step]) -> None:
        scheme, before = self._scheme, len(steps)
        table = scheme.exclusions.get(dx[0])
        for code in dx[1:]:
            found = scheme.complications.get(code)
            if found is not None:
                excluded = found[0] == table
                steps.append(
                    self._excluded(code, dx[0], found)
                    if excluded
                    else self._counted.get(code) or self._count(code, found)
                )
        if len(steps) == before:
            steps.append(_NO_COMPLICATION if len(dx) > 1 else _NO_OTHER)

    def _count(self, code: str, found: tuple[int, int]) -> Step:
        level = "MCC" if found[1] == MCC else "CC"
        step = self._counted[code] = Step(
            "complication", level, f"其他诊断 {self._diagnoses[code]} 计为 {level}。", (code,)
        )
        return step

    def _excluded(self, code: str, main: str, found: tuple[int, int]) -> Step:
        level = "MCC" if found[1] == MCC else "CC"
        words = f"与主要诊断 {main} 同属排除表 {self._scheme.exclusion_names[found[0]]}，不计"
        return Step(
            "complication", "excluded", f"其他诊断 {self._diagnoses[code]} 是 {level}，但{words}。", (code, main)
        )
