"""Refusals of the grouper's doors. A case is never refused: it gets a status and a reason."""

from dataclasses import dataclass

from yigong.core.errors import InvalidInput, NotFound


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a table: file, line (0 when the whole file is meant) and what to correct."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        place = f"{self.file} 第 {self.line} 行" if self.line else self.file
        return f"{place}:{self.sentence}"


class SchemeInvalid(InvalidInput):
    """A scheme folder cannot be used; ``problems`` lists every fault found."""

    code = "grouping.scheme_invalid"

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        shown = "\n".join(map(str, problems[:20]))
        more = f"\n…… 另有 {len(problems) - 20} 处" if len(problems) > 20 else ""
        super().__init__(f"分组方案有 {len(problems)} 处错误，未载入：\n{shown}{more}")


class SchemeNotFound(NotFound):
    """No scheme is in force for the region and date."""

    code = "grouping.scheme_not_found"


class RecordsInvalid(InvalidInput):
    """A record file cannot be read."""

    code = "grouping.records_invalid"
