"""Who acts and why, carried to the triggers as a setting of the transaction.

The setting travels in front of each writing statement, in the same round trip: it cannot outlive its transaction, a
rollback cannot lose it, and a pooled connection cannot carry it to the next person.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from django.db import connection, transaction

from yigong.core.statements import travels_ahead
from yigong.core.wire import Question

SETTING = "yigong.context"
_SET = f"select set_config('{SETTING}', %(facts)s, true)"
MARK = "/* writes */ "  # before a select of a function that writes
_WRITES = ("insert", "update", "delete", "merge", MARK[:6])
_WRITING_PART = re.compile(r"\b(insert\s+into|update|delete\s+from|merge\s+into)\b", re.IGNORECASE)
_current: ContextVar[dict[str, str] | None] = ContextVar("yigong_audit_context", default=None)


@contextmanager
def carried(known: dict[str, str]) -> Iterator[None]:
    """Carry these facts within the block; an inner block adds to the outer one and gives way to it at its end."""
    outer = _current.get()
    token = _current.set({**(outer or {}), **known})
    try:
        if outer is None:
            with connection.execute_wrapper(_inject):
                yield
            _forget()
        else:
            yield
    finally:
        _current.reset(token)


def _forget() -> None:
    # Only where the block ends inside a longer transaction; otherwise the transaction's end has done it.
    if connection.in_atomic_block and not connection.needs_rollback:
        with connection.cursor() as cursor:
            cursor.execute(f"select set_config('{SETTING}', '', true)")


@lru_cache(maxsize=2000)
def _writes(sql: str) -> bool:
    start = sql.lstrip()[:6].lower()
    return start.startswith(_WRITES) or (start.startswith("with") and bool(_WRITING_PART.search(sql)))


def _inject(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    if not isinstance(sql, str) or not _writes(sql):
        return execute(sql, params, many, context)
    facts, set_it = json.dumps(_current.get(), ensure_ascii=False), f"select set_config('{SETTING}', %s, true)"
    if many or isinstance(params, dict):
        with transaction.atomic():
            context["cursor"].cursor.execute(set_it, (facts,))
            return execute(sql, params, many, context)
    if params is None:
        sql, params = sql.replace("%", "%%"), ()
    result = execute(f"{set_it}; {sql}", (facts, *params), many, context)
    cursor = context["cursor"]
    while cursor.nextset():
        pass
    return result


def _ahead(sql: str) -> Question | None:
    return (_SET, {"facts": json.dumps(_current.get(), ensure_ascii=False)}) if _writes(sql) else None


travels_ahead(_inject, _ahead)
