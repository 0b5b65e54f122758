"""Reads of residents."""

from yigong.residents.queries.people import (
    full_numbers,
    holder_match,
    identities,
    near_matches,
    own_numbers,
    places_of,
    resident_data,
    resident_names,
    resolve,
    rows_of,
    sources_of,
)
from yigong.residents.queries.search import search_residents

__all__ = [
    "full_numbers",
    "holder_match",
    "identities",
    "near_matches",
    "own_numbers",
    "places_of",
    "resident_data",
    "resident_names",
    "resolve",
    "rows_of",
    "search_residents",
    "sources_of",
]
