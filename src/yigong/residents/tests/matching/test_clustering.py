"""Clusters: strongest first, and never two records together that must stay apart."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from yigong.residents.matching.clustering import Clusters, components

_PAIRS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda p: p[0] != p[1]), max_size=25)


@settings(max_examples=300, deadline=None)
@given(_PAIRS, _PAIRS)
def test_enemies_never_meet(links: list[tuple[int, int]], enemies: list[tuple[int, int]]) -> None:
    """Whatever the links: no cluster holds a forbidden pair, and every link is either made or refused for a reason."""
    clusters = Clusters(12)
    clusters.forbid(enemies)
    clusters.join(links)
    roots = clusters.roots()
    assert all(roots[a] != roots[b] for a, b in enemies)
    assert all(roots[a] == roots[b] or (a, b) in clusters.refused for a, b in links)
    for a, b in clusters.refused:
        together = {r for r in range(12) if roots[r] in (roots[a], roots[b])}
        assert any(x in together and y in together for x, y in enemies)


@settings(max_examples=300, deadline=None)
@given(_PAIRS)
def test_without_enemies_clusters_are_components(links: list[tuple[int, int]]) -> None:
    """The fast way for the many and the careful way for the few agree."""
    clusters = Clusters(12)
    clusters.join(links)
    left, right = (np.array([p[side] for p in links], dtype=np.int64) for side in (0, 1))
    assert components(12, left, right).tolist() == clusters.roots()


def test_the_weakest_link_gives_way() -> None:
    """Two people hang together through a third record: it goes to the stronger side."""
    clusters = Clusters(3)
    clusters.forbid([(0, 2)])
    clusters.join([(0, 1), (1, 2)])
    assert clusters.roots() == [0, 0, 2] and clusters.refused == [(1, 2)]
