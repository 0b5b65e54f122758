"""The definition as Splink settings over prepared columns: the same levels, weights and blocks, in the SQL of DuckDB or Spark."""

from typing import Any

from yigong.residents.matching.conditions import every_sql
from yigong.residents.matching.definition import Compiled, Definition, Pattern, ReadyLevel

ROW = "row_number"


def settings(definition: Definition, dialect: str) -> dict[str, Any]:
    """Splink's settings for records whose prepared columns lie beside ``row_number`` and the keys of ``block_columns``."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": ROW,
        "probability_two_random_records_match": definition.prior,
        "comparisons": [_comparison(c, dialect) for c in definition.compiled],
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": f"l.{key} = r.{key}", "sql_dialect": dialect} for key in block_columns(definition)
        ],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
        "additional_columns_to_retain": [],
    }


def block_columns(definition: Definition) -> list[str]:
    """The names of the columns that carry the digest of each block's values."""
    return [f"block_{place}" for place in range(len(definition.block))]


def gamma(code: str) -> str:
    """The column in which Splink tells the level of a comparison."""
    return f"gamma_{code}"


def _comparison(compiled: Compiled, dialect: str) -> dict[str, Any]:
    asked = compiled.comparison
    missing = {
        "sql_condition": every_sql(compiled.missing, dialect),
        "label_for_charts": asked.missing_label,
        "is_null_level": True,
    }
    return {
        "output_column_name": asked.code,
        "comparison_description": asked.label,
        "comparison_levels": [missing, *(_level(ready, dialect) for ready in compiled.levels)],
    }


def _level(ready: ReadyLevel, dialect: str) -> dict[str, Any]:
    level = ready.level
    found: dict[str, Any] = {
        "sql_condition": every_sql(ready.conditions, dialect) if ready.conditions else "ELSE",
        "label_for_charts": level.label,
        "m_probability": level.m,
        "u_probability": level.u,
        "fix_m_probability": True,
        "fix_u_probability": True,
    }
    if level.frequency:
        found |= {
            "tf_adjustment_column": level.frequency.column,
            "tf_adjustment_weight": level.frequency.weight,
            "tf_minimum_u_value": level.frequency.floor,
            "disable_tf_exact_match_detection": True,
        }
    return found


def level_sql(compiled: Compiled, dialect: str) -> str:
    """The place of the level that holds, as one CASE over columns ``…_l`` and ``…_r``."""
    highest = len(compiled.levels) - 1
    cases = [f"when {every_sql(compiled.missing, dialect)} then -1"]
    cases += [
        f"when {every_sql(ready.conditions, dialect)} then {highest - place}"
        for place, ready in enumerate(compiled.levels)
        if ready.conditions
    ]
    return f"case {' '.join(cases)} else 0 end"


def veto_sql(pattern: Pattern) -> str:
    """Whether a veto's pattern fits, over the columns that ``gamma`` names."""
    return " and ".join(f"{gamma(code)} in ({', '.join(map(str, sorted(places)))})" for code, places in pattern.terms)


def vetoed_sql(definition: Definition, verdict: str) -> str:
    """Whether any veto of one verdict fits."""
    found = [f"({veto_sql(p)})" for p in definition.patterns if p.veto.verdict == verdict]
    return "(" + " or ".join(found) + ")" if found else "false"
