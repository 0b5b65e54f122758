"""Prepared statements on the shortest way to the server and back: no cursor is built, and several go in one journey.

Django's cursor over psycopg's cursor costs a client several times the processor that sending a prepared statement and reading its rows does.
``core.statements`` is the door to this; nobody else needs it. Values and rows are adapted by psycopg as everywhere.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID
from weakref import WeakKeyDictionary

from psycopg import Connection, generators, pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import DataError, FeatureNotSupported, InvalidSqlStatementName, error_from_result

Row = tuple[Any, ...]
Question = tuple[str, Mapping[str, Any]]

# So many statements a connection keeps prepared; what comes later is sent with its text. The code has about a hundred.
KEPT = 500
_UUID, _UUIDS = 2950, 2951  # the types uuid and uuid[]
_IN_ORDER = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)


class Line:
    """One connection to the server: how often each statement ran, and under which name the server keeps it."""

    __slots__ = ("__weakref__", "_made", "_names", "_raw", "_runs", "_threshold")

    def __init__(self, raw: "Connection[Any]") -> None:
        self._raw = raw
        self._threshold = raw.prepare_threshold
        # From now on we alone prepare here: after a ROLLBACK psycopg would take back its own, and ours with them.
        raw.prepare_threshold = None
        self._runs: dict[_Key, int] = {}
        self._names: dict[_Key, bytes] = {}
        self._made = 0

    def ask(self, questions: Sequence[Question]) -> list[list[Row]]:
        """The rows of each statement, all in one journey, with the beginning of the transaction where one is due. Raises psycopg's errors.

        What travels together outside a transaction happens together or not at all.
        """
        raw = self._raw
        bound = [_bound(raw, *question) for question in questions]
        with raw.lock:
            begins = not raw.autocommit and raw.pgconn.transaction_status == pq.TransactionStatus.IDLE
            fresh = [one.key for one in bound if one.key not in self._names and self._is_due(one.key)]
            if begins or fresh or len(bound) > 1:
                results = self._together(bound, list(dict.fromkeys(fresh)), begins)
            else:
                self._send(bound[0])
                results = [raw.wait(generators.execute(raw.pgconn))[-1]]
        return [self._read(one, result) for one, result in zip(bound, results, strict=True)]

    def _is_due(self, key: "_Key") -> bool:
        if self._threshold is None or len(self._names) >= KEPT:
            return False
        if len(self._runs) >= 10 * KEPT:
            self._runs.clear()
        self._runs[key] = runs = self._runs.get(key, 0) + 1
        return runs > self._threshold

    def _send(self, one: "_Bound") -> None:
        conn = self._raw.pgconn
        name = self._names.get(one.key)
        if name is None:
            conn.send_query_params(one.key[0], one.values, one.key[1], one.formats)
        else:
            conn.send_query_prepared(name, one.values, one.formats)

    def _together(self, bound: "Sequence[_Bound]", fresh: "Sequence[_Key]", begins: bool) -> list[Any]:
        conn = self._raw.pgconn
        try:
            conn.enter_pipeline_mode()
            if begins:
                conn.send_query_params(b"BEGIN", None)
            for key in fresh:
                self._made += 1
                self._names[key] = b"yigong_%d" % self._made
                conn.send_prepare(self._names[key], *key)
            for one in bound:
                self._send(one)
            conn.pipeline_sync()
            ahead = len(fresh) + begins
            results = [self._raw.wait(generators.fetch_many(conn))[-1] for _ in range(ahead + len(bound) + 1)]
            conn.exit_pipeline_mode()
        except BaseException:
            # Answers may still be on their way: nobody can use this connection any more.
            self._raw.close()
            raise
        for result in results[:-1]:
            if result.status not in _IN_ORDER:
                for key in fresh:
                    self._names.pop(key, None)
                raise self._refusal(result, bound)
        return results[ahead:-1]

    def _read(self, one: "_Bound", result: Any) -> list[Row]:
        if result.status not in _IN_ORDER:
            raise self._refusal(result, [one])
        reader = Transformer.from_context(self._raw)
        reader.set_pgresult(result)
        return reader.load_rows(0, result.ntuples, tuple)

    def _refusal(self, result: Any, bound: "Sequence[_Bound]") -> Exception:
        refusal = error_from_result(result, encoding=self._raw.info.encoding)
        if isinstance(refusal, FeatureNotSupported | InvalidSqlStatementName):
            for one in bound:
                self._names.pop(one.key, None)  # a table has another shape by now: prepared anew the next time
        return refusal


_Key = tuple[bytes, tuple[int, ...]]  # the text and the types of its values
_lines: "WeakKeyDictionary[Connection[Any], Line]" = WeakKeyDictionary()


def line_of(raw: "Connection[Any]") -> Line:
    """The line of this connection."""
    line = _lines.get(raw)
    if line is None:
        line = _lines[raw] = Line(raw)
    return line


class _Text(NamedTuple):
    """A statement as the server reads it, ``$1`` for the first value, and the names of the values in this order."""

    sql: bytes
    names: tuple[str, ...]
    formats: Sequence[int]


class _Bound(NamedTuple):
    """A statement with its values as they travel."""

    key: _Key
    values: Sequence[Any]
    formats: Sequence[int]


@lru_cache(maxsize=2000)
def _text(sql: str) -> _Text:
    """
    >>> _text("select 1 where a = %(a)s and b like 'x%%' and c = %(b)s + %(a)s")[:2]
    (b"select 1 where a = $1 and b like 'x%' and c = $2 + $1", ('a', 'b'))
    """
    names: dict[str, int] = {}

    def one(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        if found[1] is None:
            raise ValueError(f"a single per cent sign in a statement with values by name: {sql}")
        return f"${names.setdefault(found[1], len(names) + 1)}"

    text = re.sub(r"%(?:\((\w+)\)s|%|)", one, sql)
    return _Text(text.encode(), tuple(names), [pq.Format.TEXT] * len(names))


class Plain(bytes):
    """A value as the server reads it at its place, whatever the type of the place is."""


def _bound(raw: "Connection[Any]", sql: str, values: Mapping[str, Any]) -> _Bound:
    # Texts, keys and lists of keys are most of what is bound; the rest is psycopg's, which looks at each element of a list twice.
    text = _text(sql)
    dumped: list[Any] = []
    types: list[int] = []
    others: list[int] = []
    for name in text.names:
        value = values[name]
        kind, known = type(value), 0
        if value is None or kind is Plain:
            pass
        elif kind is str:
            value = value.encode()
        elif kind is UUID:
            value, known = value.hex.encode(), _UUID
        elif kind is list and value and all(type(one) is UUID for one in value):
            value, known = b"{%s}" % ",".join([one.hex for one in value]).encode(), _UUIDS
        else:
            others.append(len(dumped))
        if (kind is str or kind is Plain) and b"\0" in value:
            raise DataError("a text with a NUL character cannot be stored")  # the server would read it to there
        dumped.append(value)
        types.append(known)
    formats = text.formats
    if others:
        writer, formats = Transformer.from_context(raw), list(formats)
        rest = writer.dump_sequence([dumped[n] for n in others], [PyFormat.AUTO] * len(others))
        assert writer.types is not None and writer.formats is not None
        for place, n in enumerate(others):
            dumped[n], types[n], formats[n] = rest[place], writer.types[place], writer.formats[place]
    return _Bound((text.sql, tuple(types)), dumped, formats)
