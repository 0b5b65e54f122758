"""The glossary keeps one English term per concept."""

import re
from collections import Counter

from yigong.launch.trace import ROOT

ROW = re.compile(r"\| (.+?) \| (.+?) \| (.+?) \| (.+?) \|")


def read_groups() -> dict[str, list[tuple[str, ...]]]:
    """Heading of each group with its rows: term, Chinese, standard, meaning."""
    groups: dict[str, list[tuple[str, ...]]] = {}
    for section in (ROOT / "docs/reference/glossary.md").read_text("utf-8").split("\n## ")[1:]:
        heading, _, body = section.partition("\n")
        lines = [line for line in body.splitlines() if line.startswith("| ") and not line.startswith("| term ")]
        matches = [(line, ROW.fullmatch(line)) for line in lines]
        assert not [line for line, match in matches if match is None], "rows have four filled columns"
        groups[heading] = [match.groups() for _, match in matches if match]
    return groups


def test_one_term_per_concept() -> None:
    """Terms and Chinese words are unique, in order within their group, and none has been lost."""
    groups = read_groups()
    rows = [row for group in groups.values() for row in group]
    print(f"\n{len(rows)} terms in {len(groups)} groups")
    assert len(rows) >= 380
    for column, name in ((0, "term"), (1, "Chinese word")):
        twice = [word for word, times in Counter(row[column].lower() for row in rows).items() if times > 1]
        assert not twice, f"{name} used twice: {twice}"
    for heading, group in groups.items():
        terms = [row[0].lower() for row in group]
        assert terms == sorted(terms), f"not in order: {heading}"
    assert not [row[0] for row in rows if not re.search(r"[\u4e00-\u9fff]", row[1])], "Chinese word is missing"
