"""A file of examples: its plans and its vectors, which may speak of each other."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from yigong.insurance.benefits.api import Rules
from yigong.insurance.vectors.errors import FileInvalid, VectorInvalid
from yigong.insurance.vectors.fields import Fields
from yigong.insurance.vectors.plans import plan_from

PLAN = "plan_"
REMARKS = ("about", "comment", "note")


@dataclass(frozen=True)
class Vector:
    """One example of a file; ``input`` is read anew each time it is looked at."""

    name: str
    world: "World"
    given: dict[str, Any]
    expected: dict[str, Any]
    input: Fields

    def plan(self) -> Rules:
        """The plan that it names, or the file's only one."""
        return self.world.plan(self.input.text("plan", ""))


class World:
    """Everything in one file, and the plan to use where the file brings none."""

    def __init__(self, found: Any, other_plan: Rules | None = None) -> None:
        if not isinstance(found, dict) or not isinstance(found.get("vectors"), dict):
            raise FileInvalid("文件里没有 vectors 对象，不是算例文件")
        self._found, self._vectors, self._other = found, found["vectors"], other_plan
        self.unused = [name for name in found if name not in ("about", "vectors") and not name.startswith(PLAN)]
        self._plans: dict[str, Rules] = {}

    @property
    def names(self) -> list[str]:
        """The names of the examples, in their order."""
        return list(self._vectors)

    def vectors(self) -> Iterator[Vector]:
        """All examples that can be read."""
        for name in self._vectors:
            try:
                yield self.vector(name)
            except VectorInvalid:
                continue

    def vector(self, name: str) -> Vector:
        """One example."""
        found = self._vectors.get(name)
        if found is None:
            raise VectorInvalid(f"文件里没有算例 {name}")
        whole = Fields(found, name)
        given, expected = whole.raw("input"), whole.raw("expected")
        for remark in REMARKS:
            whole.text(remark, "")
        whole.end()
        if not isinstance(expected, dict) or not expected:
            raise VectorInvalid(f"{name} 的 expected 应是一个有内容的对象")
        return Vector(name, self, given, expected, Fields(given))

    def plan(self, name: str = "") -> Rules:
        """A plan by its name, with or without ``plan_``; without a name the only one of the file."""
        names = [key for key in self._found if key.startswith(PLAN)]
        if not name and not names:
            if self._other is None:
                raise VectorInvalid("文件里没有待遇方案（plan_…），也没有用 --plan 指定")
            return self._other
        if not name and len(names) > 1:
            raise VectorInvalid(f"文件里有几个待遇方案（{'、'.join(names)}），算例应以 plan 指明用哪一个")
        key = name if name.startswith(PLAN) else PLAN + name if name else names[0]
        if key not in self._found:
            raise VectorInvalid(f"文件里没有待遇方案 {key}（有：{'、'.join(names) or '无'}）")
        if key not in self._plans:
            self._plans[key] = plan_from(self._found[key], key)
        return self._plans[key]


def read_world(path: Path, other_plan: Rules | None = None) -> World:
    """The examples of a JSON file. Decimals stay exact, and a name that stands twice is refused. Raises FileInvalid."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        return World(json.loads(text, parse_float=Decimal, object_pairs_hook=_object), other_plan)
    except FileNotFoundError:
        raise FileInvalid(f"找不到算例文件 {path}") from None
    except UnicodeDecodeError:
        raise FileInvalid(f"{path.name} 不是 UTF-8 编码") from None
    except (OSError, ValueError) as fault:
        raise FileInvalid(f"{path.name} 不能读取：{fault}") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        raise ValueError(f"名称重复：{'、'.join(sorted({name for name in names if names.count(name) > 1}))}")
    return found
