"""The definitions of the national pack hold together, on many more samples than a load tries."""

import csv
import re
from pathlib import Path

import pytest

from yigong.core.packs import api as packs
from yigong.programmes.rules import judging, sampling, sizes
from yigong.programmes.rules.packs import PROGRAMME, programmes, versions
from yigong.records import api as records

CODES = [
    "hypertension", "diabetes", "elderly", "copd", "mental_illness", "tuberculosis", "pregnancy", "child", "tcm_child", "vaccination",
    "discharge", "infectious", "health_record", "aefi", "tumour",
]  # fmt: skip


def test_all_are_in_force() -> None:
    """Fifteen programmes, one of them in three versions, one in two."""
    assert set(programmes()) == set(CODES)
    assert [v.version for v in versions("child")] == ["2023.2", "2017.2"]
    assert [v.version for v in versions("vaccination")] == ["2025.2", "2025.1", "2021.1"]


@pytest.mark.parametrize("code", CODES)
def test_no_gap_no_overlap(code: str) -> None:
    """Complete visits at every threshold get exactly one grade."""
    programme = programmes()[code]
    assert list(sampling.problems(programme, 600)) == []
    assert PROGRAMME.check and list(PROGRAMME.check(programme)) == []
    if programme.grades:
        print(f"\n{code}: {len(sampling.samples(programme, 600))} samples, {len(programme.grades)} grades")


def test_the_table_of_lines_is_true() -> None:
    """The page says how many lines of definition each programme took; what it says is what the files hold."""
    page = (packs.ROOT.parent / "docs" / "reference" / "programmes.md").read_text("utf-8")
    table = sizes.table()
    every = [*sizes.of_programmes(), *sizes.of_outreach()]
    print(
        f"\n{sum(bool(s.definition and s.forms) for s in every)} of {len(every)} definitions counted; {sizes.engine()} lines of engine for all"
    )
    assert all(s.definition and s.forms for s in every)
    assert table in page, "./yigong bench programmes --lines prints the table as it is now"


def test_no_code_per_programme() -> None:
    """How many lines of definition and forms each programme took; none of code: no module or template names a programme or one of its stages."""
    room = Path(judging.__file__).parents[1]
    measured = {"bench.py", "simulation.py"}  # they choose what to measure
    parts = [
        f for f in [*room.rglob("*.py"), *room.rglob("*.html")] if "tests" not in f.parts and f.name not in measured
    ]
    text = "\n".join(f.read_text() for f in parts)
    folders = [*packs.ROOT.glob("*/programmes/*.toml"), *packs.ROOT.glob("*/forms/*.toml")]
    lines = {f: f.read_text() for f in folders}
    for code, programme in programmes().items():
        forms = set(judging.forms_of(programme))
        own = sum(
            len(t.splitlines())
            for f, t in lines.items()
            if t.startswith(f'code = "{code}"') and f.parent.name == "programmes"
        )
        asked = sum(
            len(t.splitlines()) for t in lines.values() if any(t.startswith(f'code = "{form}"') for form in forms)
        )
        print(f"\n{code}: {own} lines of definition, {asked} of forms, 0 of code", end="")
        named = [
            word for word in (code, *(s.code for s in programme.stages)) if f'"{word}"' in text and word not in _WORDS
        ]
        assert own and asked and not named, (code, named)


# Words of the engine itself that happen to be codes of stages or programmes.
_WORDS = {"first", "followup", "extra"}


def test_what_finds_people_is_measured_somewhere() -> None:
    """A result that makes somebody a candidate, or that fills in a form, is one that the laboratory reports or a sign that is measured: one code each."""
    with (packs.ROOT / "national" / "laboratory-analytes.csv").open(encoding="utf-8") as file:
        reported = {row["loinc"] for row in csv.DictReader(file)} | {sign.loinc for sign in records.signs().values()}
    searched = {(p.code, r.name): r.code for p in programmes().values() for r in p.who.results}
    sheets = {f.code: f for p in programmes().values() for f in judging.forms_of(p).values()}
    filled = {
        (f.code, i.code): i.prefill for f in sheets.values() for i in f.items if re.fullmatch(r"\d+-\d", i.prefill)
    }
    strange = {name: code for name, code in (searched | filled).items() if code not in reported}
    print(f"\n{len(searched)} results find people, {len(filled)} fill in forms, {len(strange)} of them nobody reports")
    assert searched and filled and strange == {}
