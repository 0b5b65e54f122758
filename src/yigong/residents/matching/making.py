"""Prepared columns of many records: each maker is asked once for every distinct value, whatever the number of rows that carry it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from yigong.residents.matching.definition import Definition
from yigong.residents.matching.preparing import registry
from yigong.residents.matching.preparing.registry import Maker

# The distinct inputs of a maker, column by column -> its outputs, column by column.
Make = Callable[[Maker, Sequence[pa.Array]], Sequence[pa.Array]]


@dataclass(frozen=True)
class Coded:
    """A column as the place of each row's text among the distinct ones."""

    places: np.ndarray
    texts: pa.Array

    def column(self) -> pa.Array:
        """The whole column, nothing where a text is empty."""
        empty = pa.scalar(None, pa.string())
        known = pa.compute.if_else(pa.compute.equal(self.texts, ""), empty, self.texts)
        return pa.DictionaryArray.from_arrays(pa.array(self.places, pa.int32()), known)


def prepare_columns(definition: Definition, fields: Mapping[str, pa.Array], make: Make) -> dict[str, pa.Array]:
    """The prepared columns that the definition uses, from columns of texts by field; a field that is not there is empty."""
    count = len(next(iter(fields.values())))
    nothing = Coded(np.zeros(count, np.int64), pa.array([""]))
    given = {name: _coded(fields[name]) for name in definition.fields if name in fields}
    made: dict[str, Coded] = {}
    asked = set(definition.used) | {c for maker in definition.makers for c in maker.uses}
    for maker in definition.makers:
        sources = [given.get(name, nothing) for name in maker.inputs] + [made[name] for name in maker.uses]
        places, inputs = _together(sources)
        for name, texts in zip(maker.outputs, make(maker, inputs), strict=True):
            if name in asked:
                made[name] = _composed(places, texts)
    return {name: made[name].column() for name in definition.used}


def make_here(maker: Maker, inputs: Sequence[pa.Array]) -> list[pa.Array]:
    """Ask a maker for every row of its inputs, in this process."""
    rows = map(maker.make, *(column.to_pylist() for column in inputs))
    columns = list(zip(*rows, strict=True)) or [()] * len(maker.outputs)
    return [pa.array(column, pa.string()) for column in columns]


def make_batch(name: str, inputs: pa.RecordBatch) -> pa.RecordBatch:
    """The same for a maker by name, in a form that travels between processes."""
    maker = registry.find(name)
    assert maker is not None
    return pa.RecordBatch.from_arrays(make_here(maker, inputs.columns), list(maker.outputs))


def _coded(column: pa.Array | pa.ChunkedArray) -> Coded:
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    found = whole.dictionary_encode()
    return Coded(found.indices.to_numpy(zero_copy_only=False).astype(np.int64), found.dictionary)


def _composed(places: np.ndarray, texts: pa.Array) -> Coded:
    found = _coded(texts)
    return Coded(found.places[places], found.texts)


def _together(sources: Sequence[Coded]) -> tuple[np.ndarray, list[pa.Array]]:
    """Rows as places among the distinct combinations of several columns, and those combinations column by column."""
    if len(sources) == 1:
        return sources[0].places, [sources[0].texts]
    sizes = [len(one.texts) for one in sources]
    numbers = sources[0].places.copy()
    for one, size in zip(sources[1:], sizes[1:], strict=True):
        numbers = numbers * size + one.places
    distinct, places = np.unique(numbers, return_inverse=True)
    columns: list[pa.Array] = []
    for one, size in zip(reversed(sources), reversed(sizes), strict=True):
        distinct, rest = np.divmod(distinct, size)
        columns.insert(0, one.texts.take(pa.array(rest)))
    return places, columns
