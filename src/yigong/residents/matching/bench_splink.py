"""Splink with the comparisons of its own library and its own training, on the same records and blocks: what one gets without a definition."""

import time
import warnings

from yigong.residents.matching.preparation import PEOPLE, Records
from yigong.residents.matching.splinking import ROW, block_columns

_COLUMNS = ("name", "sex", "birth", "number", "phone", "address")


def link(records: Records, threshold: float) -> tuple[float, float]:
    """Train, predict and cluster into ``clusters``; ``judged`` is emptied. Returns seconds in all and of the prediction."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _link(records, threshold)


def _link(records: Records, threshold: float) -> tuple[float, float]:
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    connection = records.connection
    begin = time.perf_counter()
    columns = ", ".join([ROW, *_COLUMNS, *block_columns(records.definition)])
    connection.execute(f"create or replace table plain as select {columns} from {PEOPLE}")
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name=ROW,
        blocking_rules_to_generate_predictions=[block_on(c) for c in block_columns(records.definition)],
        comparisons=[
            cl.NameComparison("name"),
            cl.ExactMatch("sex"),
            cl.DamerauLevenshteinAtThresholds("birth", [1, 2]),
            cl.DamerauLevenshteinAtThresholds("number", [1, 2]),
            cl.ExactMatch("phone").configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("address", [0.9, 0.8]),
        ],
    )
    linker = Linker(DuckDBAPI(connection).register(connection.table("plain")), settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("number"), block_on("name", "birth", "sex")], recall=0.9
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    for rule in (block_on("number"), block_on("name", "birth")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    started = time.perf_counter()
    predicted = linker.inference.predict(threshold_match_probability=threshold, warning_mode="never")
    predicting = time.perf_counter() - started
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold)
    connection.execute(
        f"create or replace table clusters as select {ROW}, cluster_id as cluster from {clusters.physical_name}"
    )
    total = time.perf_counter() - begin
    connection.execute("create or replace table judged (l bigint, r bigint, verdict varchar)")
    return total, predicting
