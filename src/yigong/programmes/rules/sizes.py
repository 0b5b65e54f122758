"""How many lines of definition a programme took, for the table in ``docs/reference/programmes.md``."""

from dataclasses import dataclass
from pathlib import Path

from yigong.core.packs import api as packs
from yigong.programmes.rules import judging, sites
from yigong.programmes.rules.packs import programmes


@dataclass(frozen=True, slots=True)
class Size:
    """One programme: lines of the version in force, of its forms, and how much is in it."""

    code: str
    title: str
    definition: int
    forms: int
    stages: int
    grades: int
    rates: int


def _lines(folder: str, code: str, version: str) -> int:
    """Lines of the file that says this code and version."""
    for path in packs.ROOT.glob(f"*/{folder}/*.toml"):
        text = path.read_text("utf-8")
        if text.startswith(f'code = "{code}"') and f'\nversion = "{version}"\n' in text[:200]:
            return len(text.splitlines())
    return 0


def of_programmes() -> list[Size]:
    """The programmes in force."""
    return [
        Size(
            code, p.title, _lines("programmes", code, p.version),
            sum(_lines("forms", f.code, f.version) for f in judging.forms_of(p).values()), len(p.stages), len(p.grades), len(p.rates),
        )
        for code, p in programmes().items()
    ]  # fmt: skip


def of_outreach() -> list[Size]:
    """The light definitions in force; a stage is an activity, a grade a finding."""
    from yigong.core.forms import api as forms

    found = []
    for code, p in sites.definitions().items():
        asked = {a.form: forms.form(a.form, p.effective_from) for a in p.activities}
        lines = sum(_lines("forms", f.code, f.version) for f in asked.values())
        found.append(
            Size(
                code,
                p.title,
                _lines("outreach", code, p.version),
                lines,
                len(p.activities),
                len(p.findings),
                len(p.rates),
            )
        )
    return found


def engine() -> int:
    """Lines of this room's code, pages included, tests, texts and migrations not: what all of them run on together."""
    room = Path(__file__).parents[1]
    kinds = (".py", ".html", ".css", ".js", ".typ")
    files = [f for f in room.rglob("*") if f.suffix in kinds and not {"tests", "migrations"} & set(f.parts)]
    return sum(len(f.read_text("utf-8").splitlines()) for f in files)


def table() -> str:
    """Both as Markdown."""
    lines = []
    for head, rows in (
        (("programme", "方案", "definition", "forms", "stages", "grades", "rates", "own code"), of_programmes()),
        (
            ("light definition", "方案", "definition", "forms", "activities", "findings", "rates", "own code"),
            of_outreach(),
        ),
    ):
        lines += [f"| {' | '.join(head)} |", "|---|---|" + "--:|" * 6]
        for s in rows:
            cells = (f"`{s.code}`", s.title, s.definition, s.forms, s.stages, s.grades, s.rates, 0)
            lines.append(f"| {' | '.join(map(str, cells))} |")
        total = (
            sum(r.definition for r in rows),
            sum(r.forms for r in rows),
            sum(r.stages for r in rows),
            sum(r.grades for r in rows),
            sum(r.rates for r in rows),
            0,
        )
        lines += [f"| **{len(rows)} together** | | {' | '.join(map(str, total))} |", ""]
    return "\n".join(lines)
