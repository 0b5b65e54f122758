"""Documentation that points somewhere points at something."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def test_every_link_leads_somewhere() -> None:
    """Counts the relative links of all Markdown pages and names the dead ones."""
    skipped = {".yigong", "node_modules", ".git"}
    pages = [p for p in ROOT.glob("**/*.md") if not skipped & set(p.relative_to(ROOT).parts)]
    links = [(page, target) for page in pages for target in _LINK.findall(page.read_text("utf-8"))]
    dead = [f"{page.relative_to(ROOT)}: {target}" for page, target in links if not (page.parent / target).exists()]
    print(f"\n{len(links) - len(dead)} of {len(links)} links on {len(pages)} pages lead somewhere")
    assert pages
    assert not dead, dead
