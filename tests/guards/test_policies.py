"""Every address of the product has a policy."""

from django.urls import URLPattern, URLResolver, get_resolver


def walk(resolver: URLResolver, prefix: str = "") -> list[tuple[str, URLPattern]]:
    """All addresses below a resolver with their full pattern."""
    found = []
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        found += walk(entry, path) if isinstance(entry, URLResolver) else [(path, entry)]
    return found


def test_every_endpoint_has_a_policy() -> None:
    """Counts the endpoints and names those without a policy."""
    endpoints = walk(get_resolver())
    bare = [path for path, entry in endpoints if not hasattr(entry.callback, "policy")]
    print(f"\n{len(endpoints) - len(bare)} of {len(endpoints)} endpoints have a policy")
    assert not bare, bare
