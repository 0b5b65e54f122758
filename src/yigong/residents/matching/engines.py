"""Where Splink runs: DuckDB in this process, or Spark. Both get the same prepared table and the same settings."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa

from yigong.residents.matching.files import BadFile
from yigong.residents.matching.preparation import PEOPLE, Records, add_frequencies
from yigong.residents.matching.splinking import ROW, block_columns, settings

SCORED = "scored"
_NO_SPARK = (
    "没有安装 Spark。请先运行 .yigong/venv/bin/pip install pyspark（约 480 MB，并需要 Java 17 以上），"
    "或改用 --engine duckdb（默认，不需要另装）。"
)


def score(records: Records, engine: str, least: float) -> int:
    """Score all candidate pairs through Splink into the table ``scored`` (l, r, weight), those from ``least`` bits on. Returns how many."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        {"duckdb": _on_duckdb, "spark": _on_spark}[engine](records, least)
    found = records.connection.execute(f"select count(*) from {SCORED}").fetchone()
    return int(found[0]) if found else 0


def _linker(api: Any, records: Records, tables: dict[str, Any], dialect: str) -> Any:
    from splink import Linker

    linker = Linker(
        api.register(tables[PEOPLE]), settings(records.definition, dialect), validate_settings=False, log_level=None
    )
    for column, table in tables.items():
        if column != PEOPLE:
            linker.table_management.register_term_frequency_lookup(api.register(table), column)
    return linker


def _on_duckdb(records: Records, least: float) -> None:
    from splink import DuckDBAPI

    connection = records.connection
    tables = {c: connection.table(t) for c, t in add_frequencies(records).items()}
    linker = _linker(DuckDBAPI(connection), records, {PEOPLE: connection.table(PEOPLE), **tables}, "duckdb")
    predicted = linker.inference.predict(threshold_match_weight=least, warning_mode="never")
    connection.execute(_keep(predicted.physical_name))
    predicted.drop_table_from_database_and_remove_from_cache()


def _keep(table: str) -> str:
    return (
        f"create or replace table {SCORED} as select least({ROW}_l, {ROW}_r) as l, greatest({ROW}_l, {ROW}_r) as r, "
        f"match_weight as weight from {table}"
    )


def _on_spark(records: Records, least: float) -> None:
    with _session() as (session, api):
        connection = records.connection
        wanted = [ROW, *records.definition.used, *block_columns(records.definition)]
        tables = {PEOPLE: session.createDataFrame(_arrow(connection, f"select {', '.join(wanted)} from {PEOPLE}"))}
        for column, table in add_frequencies(records).items():
            tables[column] = session.createDataFrame(_arrow(connection, f"select * from {table}"))
        linker = _linker(api, records, tables, "spark")
        predicted = linker.inference.predict(threshold_match_weight=least, warning_mode="never")
        found = predicted.as_spark_dataframe().select(f"{ROW}_l", f"{ROW}_r", "match_weight").toArrow()
    connection.register("from_spark", found)
    connection.execute(_keep("from_spark"))
    connection.unregister("from_spark")


def _arrow(connection: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    found = connection.execute(sql).to_arrow_table()
    return found


@contextmanager
def _session() -> Iterator[tuple[Any, Any]]:
    """A Spark session where ``YIGONG_SPARK`` says (``local[*]`` when it says nothing), stopped at the end."""
    try:
        import pyspark
        from pyspark.sql import SparkSession
        from splink import SparkAPI
        from splink.backends.spark import similarity_jar_location
    except ImportError:
        raise BadFile(_NO_SPARK) from None
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ.setdefault("SPARK_HOME", os.path.dirname(pyspark.__file__))
    with tempfile.TemporaryDirectory(prefix="yigong-spark-") as folder:
        builder = SparkSession.builder.master(os.environ.get("YIGONG_SPARK", "local[*]")).appName(
            "yigong residents link"
        )
        options = {
            "spark.jars": similarity_jar_location(),
            "spark.ui.enabled": "false",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.memory": os.environ.get("YIGONG_SPARK_MEMORY", "4g"),
            "spark.local.dir": folder,
            "spark.sql.warehouse.dir": os.path.join(folder, "warehouse"),
            "spark.sql.execution.arrow.pyspark.enabled": "true",
            "spark.sql.shuffle.partitions": "8",
            "spark.default.parallelism": "8",
            "spark.sql.codegen.wholeStage": "true",
        }
        for name, value in options.items():
            builder = builder.config(name, value)
        try:
            session = builder.getOrCreate()
        except Exception as failure:
            raise BadFile(
                f"Spark 没有启动成功（需要 Java 17 以上，java -version 可查看）：{str(failure).splitlines()[0]}"
            ) from failure
        session.sparkContext.setLogLevel("ERROR")
        session.sparkContext.setCheckpointDir(folder)
        try:
            yield session, SparkAPI(spark_session=session, break_lineage_method="persist")
        finally:
            session.stop()
