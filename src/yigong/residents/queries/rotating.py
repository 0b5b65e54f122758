"""Questions that compare digests, asked under each valid key while the secret is rotated; otherwise exactly the plain ones."""

from typing import Any

from yigong.residents.data import CappedPage, NearMatch, ResidentRow
from yigong.residents.queries import near, search
from yigong.residents.rules import sealing

_CERTAINTY = ("certain", "likely", "possible")


def search_residents(text: str, *, limit: int = 20, offset: int = 0, **asked: Any) -> CappedPage[ResidentRow]:
    """See ``search.search_residents``."""
    if not sealing.is_rotating():
        return search.search_residents(text, limit=limit, offset=offset, **asked)
    pages = sealing.under_each_key(lambda: search.search_residents(text, limit=limit + offset, **asked))
    rows = {row.id: row for page in pages for row in page.items}
    total = max(len(rows), *(page.total or 0 for page in pages))
    return CappedPage(list(rows.values())[offset : offset + limit], total, offset, limit)


def near_matches(sought: near.Sought, **asked: Any) -> list[NearMatch]:
    """See ``near.near_matches``; somebody found under two keys is the more certain one."""
    if not sealing.is_rotating():
        return near.near_matches(sought, **asked)
    found: dict[Any, NearMatch] = {}
    for match in (m for answer in sealing.under_each_key(lambda: near.near_matches(sought, **asked)) for m in answer):
        known = found.get(match.resident.id)
        if known is None or _rank(match) < _rank(known):
            found[match.resident.id] = match
    return sorted(found.values(), key=_rank)


def _rank(match: NearMatch) -> tuple[int, float]:
    return (_CERTAINTY.index(match.certainty), -(match.probability or 0.0))
