"""Reads of residents."""

from yigong.residents.queries.documents import document_kinds, document_numbers, document_uses
from yigong.residents.queries.golden import beyond, contributions, everything_about, records_of, row_value
from yigong.residents.queries.golden import rules as golden_rules
from yigong.residents.queries.households import (
    family_of,
    household,
    household_members,
    household_moves,
    household_rows,
    place_counts,
    place_names,
    search_households,
)
from yigong.residents.queries.near import Sought
from yigong.residents.queries.people import (
    ask_lifespan,
    citizen_number,
    dwellings,
    full_numbers,
    holder_match,
    identities,
    identities_of,
    lifespan,
    own_numbers,
    phones,
    places_of,
    resident_data,
    resident_names,
    resolve,
    rows_of,
    sources_of,
)
from yigong.residents.queries.previews import origins_of
from yigong.residents.queries.rotating import near_matches, search_residents

__all__ = [
    "Sought",
    "ask_lifespan",
    "beyond",
    "citizen_number",
    "contributions",
    "document_kinds",
    "document_numbers",
    "document_uses",
    "dwellings",
    "everything_about",
    "family_of",
    "full_numbers",
    "golden_rules",
    "holder_match",
    "household",
    "household_members",
    "household_moves",
    "household_rows",
    "identities",
    "identities_of",
    "lifespan",
    "near_matches",
    "origins_of",
    "own_numbers",
    "phones",
    "place_counts",
    "place_names",
    "places_of",
    "records_of",
    "resident_data",
    "resident_names",
    "resolve",
    "row_value",
    "rows_of",
    "search_households",
    "search_residents",
    "sources_of",
]
