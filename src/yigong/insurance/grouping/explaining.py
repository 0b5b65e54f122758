"""In words: which rule decided what. Looks at the rules themselves, not at the compiled tree, and so checks it on every call."""

from yigong.insurance.grouping.data import Case, Grouped, Status, Step
from yigong.insurance.grouping.engine import UNGROUPED, Engine, Leaf
from yigong.insurance.grouping.rules import MCC, SEXES, Codes, Formula, Witness, witness
from yigong.insurance.grouping.scheme import Mdc, Scheme


class Explainer:
    """Writes the steps of a decision for one scheme."""

    def __init__(self, scheme: Scheme, engine: Engine) -> None:
        self._scheme, self._engine = scheme, engine

    def refused(self, kind: str, grouped: Grouped) -> Step:
        """The only step of a case that did not get as far as the rules."""
        return Step(kind, grouped.reason, f"{grouped.status_text}:{grouped.detail}。")

    def checked(self, case: Case) -> Step:
        """The information check passed."""
        age = f"{case.age} 岁" if case.age else f"{case.age_days} 天"
        weight = f",出生体重 {case.birth_weight} 克" if case.birth_weight else ""
        return Step("check", "ok", f"信息校验通过:{SEXES.get(case.sex or 0, '性别未校验')},{age}{weight}。")

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
        steps = self._unknown(dx, px)
        if used is not px:
            steps += self._passed(case, dx, px, state, None)
            steps.append(
                Step("retry", used[0], f"按全部手术操作未能入组,改以 {self._procedure(used[0])} 单独再试。", used)
            )
        steps += self._passed(case, dx, used, state, leaf.mdc)
        steps += self._path(case, dx, used, state, leaf)
        steps += self._complications(dx, state)
        steps.append(self._result(case, dx, used, state, leaf, grouped))
        return steps

    def why_nothing(self, case: Case, dx: Codes, px: Codes, state: int) -> tuple[str, str]:
        """Reason code and sentence of a case that no rule takes."""
        main = dx[0]
        if main not in self._scheme.known_diagnoses:
            return "unknown_principal", f"主要诊断 {main} 不在方案的诊断编码中,请核对编码版本"
        entered = [mdc.code for mdc, _why in self._entered(case, dx, px, state)]
        if not entered:
            return "no_mdc", f"主要诊断 {main} 连同性别、年龄不符合任何 MDC 的进入条件"
        foreign = [code for code in px if code not in self._scheme.known_procedures]
        more = f";手术操作 {'、'.join(foreign)} 不在方案的编码中" if foreign else ""
        return "no_adrg", f"已进入 {'、'.join(entered)},但没有 ADRG 接收主要诊断 {main} 与现有手术操作的组合{more}"

    def _entered(self, case: Case, dx: Codes, px: Codes, state: int) -> list[tuple[Mdc, Witness]]:
        found = ((mdc, witness(mdc.rule, case, dx, px, state)) for mdc in self._engine.categories(dx[0]))
        return [(mdc, why) for mdc, why in found if why is not None]

    def _passed(self, case: Case, dx: Codes, px: Codes, state: int, until: Mdc | None) -> list[Step]:
        steps = []
        for mdc in self._engine.categories(dx[0]):
            if mdc is until:
                break
            why = witness(mdc.rule, case, dx, px, state)
            if why is not None:
                text = f"{self._words(why, dx, px)},符合 {mdc.code} {mdc.name},但其中没有 ADRG 适合,继续向后。"
                steps.append(Step("passed", mdc.code, text))
        return steps

    def _path(self, case: Case, dx: Codes, px: Codes, state: int, leaf: Leaf) -> list[Step]:
        if leaf.mdc is None:
            return []
        mdc, entry = leaf.mdc, leaf.entry
        steps = [self._step("mdc", mdc.code, f"进入 {mdc.code} {mdc.name}", mdc.rule, case, dx, px, state)]
        if entry is None:
            words = f"没有手术类 ADRG 适合,归入歧义组 {leaf.by_state[state].drg}"
            steps.append(self._step("adrg", self._scheme.ambiguous_adrg, words, mdc.ambiguous, case, dx, px, state))
        else:
            steps.append(
                self._step("adrg", entry.adrg, f"进入 ADRG {entry.adrg} {entry.name}", entry.rule, case, dx, px, state)
            )
        return steps

    def _step(
        self, kind: str, decided: str, outcome: str, rule: Formula, case: Case, dx: Codes, px: Codes, state: int
    ) -> Step:
        why = self._must(rule, case, dx, px, state)
        codes = tuple(code for atom, answer in why.facts if answer for code in atom.matches(dx, px))
        words = self._words(why, dx, px)
        return Step(kind, decided, f"{words + ',' if words else ''}{outcome}。", codes)

    def _must(self, rule: Formula, case: Case, dx: Codes, px: Codes, state: int) -> Witness:
        why = witness(rule, case, dx, px, state)
        assert why is not None, "compiled tree and rule disagree"
        return why

    def _words(self, why: Witness, dx: Codes, px: Codes) -> str:
        texts = []
        for atom, answer in why.facts:
            if not answer:
                texts.append(atom.no)
                continue
            name = self._diagnosis if atom.kind.startswith("dx_") else self._procedure
            matched = "、".join(name(code) for code in atom.matches(dx, px))
            before, after = atom.yes
            texts.append(f"{before} {matched} {after}" if matched else before + after)
        return ",".join(texts)

    def _unknown(self, dx: Codes, px: Codes) -> list[Step]:
        strange = [code for code in dx if code not in self._scheme.known_diagnoses]
        strange += [code for code in px if code not in self._scheme.known_procedures]
        return [Step("unknown", code, f"编码 {code} 不在方案的编码中,不参与分组。", (code,)) for code in strange]

    def _complications(self, dx: Codes, state: int) -> list[Step]:
        scheme, main = self._scheme, dx[0]
        table = scheme.exclusions.get(main)
        steps = []
        for code in dx[1:]:
            if code not in scheme.complications:
                continue
            its_table, flag = scheme.complications[code]
            level = "MCC" if flag == MCC else "CC"
            if its_table == table:
                words = f"与主要诊断 {main} 同属排除表 {scheme.exclusion_names[its_table]},不计"
                steps.append(
                    Step(
                        "complication",
                        "excluded",
                        f"其他诊断 {self._diagnosis(code)} 是 {level},但{words}。",
                        (code, main),
                    )
                )
            else:
                steps.append(Step("complication", level, f"其他诊断 {self._diagnosis(code)} 计为 {level}。", (code,)))
        if not state and not steps:
            steps.append(
                Step(
                    "complication", "", "其他诊断中没有 MCC 或 CC。" if len(dx) > 1 else "没有其他诊断,没有 MCC 或 CC。"
                )
            )
        return steps

    def _result(self, case: Case, dx: Codes, px: Codes, state: int, leaf: Leaf, grouped: Grouped) -> Step:
        if leaf is UNGROUPED or grouped.status is not Status.OK:
            return Step("result", grouped.drg, f"{grouped.status_text}:{grouped.detail}。")
        if leaf.split is None:
            return Step("drg", grouped.drg, f"没有细分组适合,归入 {grouped.drg}。")
        words = self._words(self._must(leaf.split.when, case, dx, px, state), dx, px)
        weight = f",权重 {grouped.weight}" if grouped.weight is not None else ""
        return Step("drg", grouped.drg, f"{words + ',' if words else ''}归入 {grouped.drg} {grouped.name}{weight}。")

    def _diagnosis(self, code: str) -> str:
        name = self._scheme.diagnosis_names.get(code)
        return f"{code} {name}" if name else code

    def _procedure(self, code: str) -> str:
        name = self._scheme.procedure_names.get(code)
        return f"{code} {name}" if name else code
