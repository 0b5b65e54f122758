"""The documentation's examples run."""

import doctest
import importlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("src/**/README.md")])


def names_for(page: Path) -> dict[str, object]:
    """An example may use the public names of the api beside it."""
    if not (page.parent / "api.py").exists():
        return {}
    module = ".".join((page.parent / "api").relative_to(ROOT / "src").parts)
    return dict(vars(importlib.import_module(module)))


def test_examples_run() -> None:
    """Every ``>>>`` example in the pages gives what it shows."""
    tried = 0
    for page in PAGES:
        text = page.read_text("utf-8")
        if ">>>" not in text:
            continue
        test = doctest.DocTestParser().get_doctest(text, names_for(page), page.name, str(page), 0)
        outcome = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test)
        tried += outcome.attempted
        assert outcome.failed == 0, page
    print(f"\n{tried} documentation examples ran")
    assert tried > 0
