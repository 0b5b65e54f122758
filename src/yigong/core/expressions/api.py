"""Small typed expressions (Common Expression Language) inside definitions: compiled and type-checked when a definition loads.

    VITALS = Vocabulary({"sbp": "int", "dbp": "int", "age": "int"})
    severe = VITALS.compile("sbp >= 180 || dbp >= 110")
    severe.evaluate({"sbp": 186})            # True: the other value is not needed
    severe.evaluate({"sbp": 150})            # MISSING: dbp decides and is not there

A value that is not there is ``MISSING`` and never zero or false. Source: CEL language definition (cel-spec), evaluated by its
reference implementation in C++.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any

from cel_expr_python import cel

from yigong.core.clock import SHANGHAI
from yigong.core.errors import DomainError

_KINDS = {
    "int": cel.Type.INT,
    "double": cel.Type.DOUBLE,
    "string": cel.Type.STRING,
    "bool": cel.Type.BOOL,
    "date": cel.Type.TIMESTAMP,
    "list(string)": cel.Type.List(cel.Type.STRING),
}
_NAMES = {"int": "INT", "double": "DOUBLE", "string": "STRING", "bool": "BOOL", "date": "TIMESTAMP"}
_PLACE = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")


class Missing(Enum):
    """The answer when a value that decides is not there."""

    MISSING = "missing"

    def __bool__(self) -> bool:
        raise TypeError("MISSING is neither true nor false; compare with `is MISSING`")


MISSING = Missing.MISSING


# Definitions hold some hundreds; what people type into a preview must not fill the memory.
_MOST_KNOWN = 4096


class ExpressionInvalid(DomainError):
    """An expression does not compile: ``line`` and ``column`` count from 1 inside its text."""

    code = "expression.invalid"
    message = "表达式有误（第 %(line)s 行第 %(column)s 列）：%(problem)s"


class EvaluationFailed(DomainError):
    """An expression could not be evaluated on these values (for example a division by zero)."""

    code = "expression.failed"
    message = "表达式“%(text)s”无法计算：%(problem)s"


@dataclass(frozen=True)
class Vocabulary:
    """The variables an expression may use, with their kinds: int, double, string, bool, date, list(string)."""

    variables: Mapping[str, str]
    _env: Any = field(init=False, repr=False, compare=False)
    _known: "dict[tuple[str, str], Expression]" = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        typed = {name: _KINDS[kind] for name, kind in self.variables.items()}
        object.__setattr__(self, "_env", cel.NewEnv(variables=typed))

    def compile(self, text: str, result: str = "bool") -> "Expression":
        """Compile and type-check, each text once; raises ExpressionInvalid naming line, column and the problem."""
        if (text, result) not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[text, result] = self._compile(text, result)
        return self._known[text, result]

    def _compile(self, text: str, result: str) -> "Expression":
        try:
            program = self._env.compile(text)
        except RuntimeError as problem:
            raise _invalid(str(problem)) from None
        if str(found := program.return_type()) != _NAMES[result]:
            raise ExpressionInvalid(line=1, column=1, problem=f"result is {found}, wanted {_NAMES[result]}")
        return Expression(text, self, program)


@dataclass(frozen=True)
class Expression:
    """One compiled expression; compare and print it by its text."""

    text: str
    vocabulary: Vocabulary = field(repr=False, compare=False)
    _program: Any = field(repr=False, compare=False)

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """The result, or MISSING when an absent (or None) value decides it; EvaluationFailed for any other fault."""
        kinds = self.vocabulary.variables
        given = {n: _convert(v, kinds[n]) for n, v in values.items() if n in kinds and v is not None}
        answer = self._program.eval(data=given)
        if str(answer.type()) != "ERROR":
            return answer.value()
        problem = str(answer.value())
        if "found in Activation" in problem:
            return MISSING
        raise EvaluationFailed(text=self.text, problem=problem)


def _convert(value: Any, kind: str) -> Any:
    if kind == "double" and isinstance(value, int | Decimal):
        return float(value)
    if kind == "date" and isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), SHANGHAI)
    return value


def _invalid(text: str) -> ExpressionInvalid:
    found = _PLACE.search(text)
    if not found:
        return ExpressionInvalid(line=1, column=1, problem=text)
    return ExpressionInvalid(line=int(found[1]), column=int(found[2]), problem=found[3])
