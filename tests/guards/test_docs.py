"""The documentation is true: examples run, links lead somewhere."""

import doctest
import importlib
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("src/**/README.md")])
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)")


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


def test_links_lead_somewhere() -> None:
    """Every relative link between pages and to files exists."""
    links = [(page, target) for page in PAGES for target in _LINK.findall(page.read_text("utf-8"))]
    broken = [f"{page.relative_to(ROOT)} -> {target}" for page, target in links if not (page.parent / target).exists()]
    print(f"\n{len(links) - len(broken)} of {len(links)} links lead somewhere")
    assert not broken, broken
    assert PAGES
