"""The register of functions is whole and honest: every row is well formed and every claim names a test that exists."""

from functools import cache
from pathlib import Path

import pytest
from django.urls import Resolver404, get_resolver, resolve

from yigong.launch import trace

from .test_policies import walk

GOOD_ROW = """
[[function]]
id = "s-a1-made-up"
group = "a1"
kind = "founding"
parent = "f55"
zh = "试验"
en = "Made up"
certainty = "founding"
sources = ["002"]
functions = ["n34"]
room = "network"
state = "works"
page = "/made-up/"
tests = [
  "tests/test_made_up.py::TestPage::test_opens[zh]",
]
note = ""
"""
CASE = '<testcase classname="tests.test_made_up.TestPage" name="test_opens[{}]">{}</testcase>'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of its own whose register is ours with one more row, a claimed one."""
    (tmp_path / trace.FILE).parent.mkdir(parents=True)
    (tmp_path / "src/yigong/network").mkdir(parents=True)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_made_up.py").write_text("class TestPage:\n    def test_opens(self): ...\n", "utf-8")
    (tmp_path / trace.FILE).write_text(without_claims() + GOOD_ROW, "utf-8")
    return tmp_path


@cache
def without_claims() -> str:
    """Our register as if nothing were built yet; made once, because each edit reads the whole file."""
    text = (trace.ROOT / trace.FILE).read_text("utf-8")
    for row in trace.parse(text).rows:
        if row.is_claimed:
            text = trace.edit(text, row.id, {"state": "absent", "page": "", "tests": []})
    return text


def run(project: Path, *arguments: str) -> int:
    """One command of the register on this project."""
    return trace.main(["--root", str(project), *arguments])


def row_line(project: Path) -> int:
    """The line on which the added row begins."""
    lines = (project / trace.FILE).read_text("utf-8").splitlines()
    return lines.index('id = "s-a1-made-up"')


def test_register_is_valid_and_claims_exist(capsys: pytest.CaptureFixture[str]) -> None:
    """The real file has no problem; prints the counts and how much was looked at."""
    assert trace.main(["check"]) == 0, capsys.readouterr().out
    register = trace.parse((trace.ROOT / trace.FILE).read_text("utf-8"))
    with capsys.disabled():
        print("\n" + "\n".join(trace.count_lines(register)))
        print(f"looked at {len(register.rows)} rows and {len(register.claims())} test claims")
    assert len(register.rows) >= 640, "rows have gone"


def test_all_national_functions_have_parts() -> None:
    """Thirty-six national functions, each with sub-functions, and all 78 mapped founding capabilities."""
    rows = trace.parse((trace.ROOT / trace.FILE).read_text("utf-8")).rows
    parents = {row.parent for row in rows if row.kind == "sub"}
    assert [row.id for row in rows if row.kind == "national"] == list(trace.NATIONAL_IDS)
    assert parents == set(trace.NATIONAL_IDS)
    assert {f"f{number:02}" for number in range(1, 79)} <= {row.id for row in rows}


def leads_somewhere(page: str, routes: set[str]) -> bool:
    """Whether a page is an address of the product, as a path or as a route with its parameters."""
    try:
        return page in routes or bool(resolve(page))
    except Resolver404:
        return False


def test_claimed_pages_are_addresses() -> None:
    """Every page a row claims is routed; prints how many were looked up."""
    routes = {f"/{path}" for path, _ in walk(get_resolver())}
    register = trace.parse((trace.ROOT / trace.FILE).read_text("utf-8"))
    pages = [(row.id, row.page) for row in register.rows if row.page not in ("", trace.NO_PAGE)]
    lost = [(row_id, page) for row_id, page in pages if not leads_somewhere(page, routes)]
    print(f"\n{len(pages) - len(lost)} of {len(pages)} claimed pages are addresses, of {len(routes)}")
    assert not leads_somewhere("/no/such/page/", routes)
    assert not lost, lost


@pytest.mark.parametrize(
    ("right", "wrong", "sentence"),
    [
        ('parent = "f55"', 'parent = "f99"', "parent 'f99' is not a row"),
        ('id = "s-a1-made-up"', 'id = "s-a1-council"', "id is already used on line"),
        ('zh = "试验"', 'zh = "test"', "Chinese name is missing"),
        ('en = "Made up"', 'en = "试验"', "English name is missing"),
        ('room = "network"', 'room = "cellar"', "room 'cellar' is not in [rooms]"),
        ('room = "network"', 'room = "portal"', "room 'portal' is not built"),
        ('state = "works"', 'state = "done"', "state 'done' is not one of"),
        ('page = "/made-up/"', 'page = ""', "needs a page"),
        ("test_made_up.py", "test_gone.py", "no file tests/test_gone.py"),
        ("test_opens", "test_closes", "no TestPage::test_closes"),
        ("::TestPage::test_opens[zh]", "", "names no function"),
        ('sources = ["002"]', 'sources = ["F99"]', "source 'F99' is not in [sources]"),
        ('functions = ["n34"]', 'functions = ["n77"]', "function 'n77' is not a national row"),
        ('note = ""', "", "key 'note' is missing"),
        ('note = ""', "note = 3", "'note' must be a text"),
        ('note = ""', "note = oops", "not TOML"),
    ],
)
def test_checker_can_fail(
    project: Path, capsys: pytest.CaptureFixture[str], right: str, wrong: str, sentence: str
) -> None:
    """The same row passes as it is and fails with one thing wrong, naming file, line and row."""
    assert run(project, "check") == 0
    line = row_line(project)
    path = project / trace.FILE
    path.write_text(path.read_text("utf-8").removesuffix(GOOD_ROW) + GOOD_ROW.replace(right, wrong), "utf-8")
    capsys.readouterr()
    assert run(project, "check") == 1
    message = next(text for text in capsys.readouterr().out.splitlines() if sentence in text)
    if sentence != "not TOML":
        row_id = "s-a1-council" if "already used" in sentence else "s-a1-made-up"
        assert message.startswith(f"{trace.FILE}:{line}: {row_id}: ")


def test_empty_register_fails(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file without rows is an error, not a clean result."""
    path = project / trace.FILE
    path.write_text(path.read_text("utf-8").partition(trace.HEADER)[0], "utf-8")
    assert run(project, "check") == 1
    output = capsys.readouterr().out
    assert "no row at all" in output
    assert "looked at 0 rows and 0 test claims" in output


def test_national_function_works_only_with_all_its_parts(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One evidenced part not working keeps the whole from being called working."""
    (project / "src/yigong/centres/imaging").mkdir(parents=True)
    assert run(project, "set", "n01", "works", "--page", "/x/", "--test", "tests/test_made_up.py::TestPage") == 1
    assert "its part n01.01 is 'absent'" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("cases", "sentence"),
    [
        (CASE.format("zh", "") + CASE.format("en", ""), ""),
        (CASE.format("zh", "") + CASE.format("en", "<failure/>"), "failed"),
        (CASE.format("zh", "<error/>"), "broke"),
        (CASE.format("zh", "<skipped/>"), "was skipped"),
        ('<testcase classname="tests.test_other" name="test_opens"/>', "was not run"),
    ],
)
def test_claims_must_have_passed(project: Path, capsys: pytest.CaptureFixture[str], cases: str, sentence: str) -> None:
    """A claimed test counts when every case of it passed in the run; failed, broken, skipped or absent ones do not."""
    results = project / "run.xml"
    results.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>", "utf-8")
    assert run(project, "check", "--results", str(results)) == (1 if sentence else 0)
    output = capsys.readouterr().out
    assert sentence in output
    assert f"{0 if sentence else 1} of 1 passed" in output


def test_set_changes_one_row_only(project: Path) -> None:
    """Setting a state touches that row's lines and no other; setting it back restores the file byte for byte."""
    path = project / trace.FILE
    before = path.read_text("utf-8")
    (project / "src/yigong/centres/imaging").mkdir(parents=True)
    claim = "tests/test_made_up.py::TestPage::test_opens"
    assert run(project, "set", "n01.03", "partial", "--page", "/imaging/", "--test", claim) == 0
    row = trace.parse(path.read_text("utf-8")).by_id()["n01.03"]
    assert (row.state, row.page, row.tests) == ("partial", "/imaging/", (claim,))
    changed = set(path.read_text("utf-8").splitlines()) - set(before.splitlines())
    assert changed == {'state = "partial"', 'page = "/imaging/"', f'  "{claim}",'}
    assert run(project, "set", "n01.03", "absent") == 0
    assert path.read_text("utf-8") == before


def test_set_refuses_a_false_claim(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A test that does not exist, or a row that does not, leaves the file as it was."""
    before = (project / trace.FILE).read_text("utf-8")
    assert run(project, "set", "n01.03", "works", "--page", "/imaging/", "--test", "tests/test_gone.py::test_x") == 1
    assert run(project, "set", "n99", "absent") == 1
    assert "n99: no such row" in capsys.readouterr().out
    assert (project / trace.FILE).read_text("utf-8") == before


def test_view_follows_the_register(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A functions.md that says something else than functions.toml is reported, and rewritten on demand."""
    (project / trace.VIEW).write_text("old", "utf-8")
    assert run(project, "check") == 1
    assert "functions.md: differs" in capsys.readouterr().out
    assert run(project, "view") == 0
    assert run(project, "check") == 0
