"""``./yigong bench pages``: what every role meets that follows its menu and the links on it, each page asked twice, the slowest beside an
empty view of the same server. Names whatever does not answer, too: at the county's size a page can break that is whole in a small one.
"""

import argparse
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

from yigong.launch import bench_web
from yigong.launch.bench_web import Visitor

DEEP = 2
_LINK = re.compile(r'href="(/[^"#]*)')
_KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")
_NOT_PAGES = ("/static/", "/access/log", "/ohif/", "/dicomweb/", "/language/")


@dataclass(frozen=True)
class Seen:
    """One page as one role, and the page that links to it: milliseconds of the first and of the second asking, size and status."""

    role: str
    path: str
    origin: str
    first: float
    second: float
    size: int
    status: int

    @property
    def kind(self) -> str:
        """The address without keys and numbers: rows of one list differ by these only."""
        return kind_of(self.path)


def main(arguments: list[str]) -> int:
    """Walk as every role and print the slowest kinds of pages; exit status 1 when one does not answer as a page."""
    parser = argparse.ArgumentParser("./yigong bench pages")
    bench_web.add_options(parser)
    parser.add_argument("--running", default="", help="http://… of a platform with a demo county that runs already")
    parser.add_argument("--roles", default="", help="logins, separated by commas; all without it")
    parser.add_argument("--most", type=int, default=60, help="pages a role")
    parser.add_argument("--slowest", type=int, default=25)
    options = parser.parse_args(arguments)
    if options.running:
        return _walk_all(options.running.rstrip("/"), options)
    with bench_web.platform(options) as address:
        return _walk_all(address, options)


def _walk_all(address: str, options: argparse.Namespace) -> int:
    from yigong.demo.generate.county import LOGINS, PASSWORD

    empty = _empty(address)
    seen: list[Seen] = []
    for username in options.roles.split(",") if options.roles else LOGINS:
        seen += walk(Visitor(address, username, PASSWORD), username, options.most)
    broken = [one for one in seen if one.status >= 400]
    print(f"\n{len(seen)} pages, {len({one.kind for one in seen})} kinds; empty view {empty:.1f} ms", flush=True)
    print(f"{'ms':>7}{'first':>8}{'of empty':>10}{'kB':>7}  page")
    for one in _slowest(seen)[: options.slowest]:
        print(
            f"{one.second:7.0f}{one.first:8.0f}{one.second / empty:10.0f}{one.size / 1000:7.0f}  {one.role} {one.path}"
        )
    for one in broken:
        print(f"answers {one.status}: {one.role} {one.path} (a link on {one.origin})")
    return 1 if broken or not seen else 0


def _slowest(seen: list[Seen]) -> list[Seen]:
    worst: dict[str, Seen] = {}
    for one in seen:
        if one.kind not in worst or worst[one.kind].second < one.second:
            worst[one.kind] = one
    return sorted(worst.values(), key=lambda one: -one.second)


def _empty(address: str) -> float:
    found, opener = [], build_opener(ProxyHandler({}))
    for _time in range(50):
        begun = time.perf_counter()
        opener.open(address + "/alive/", timeout=10).close()
        found.append((time.perf_counter() - begun) * 1000)
    return median(found)


def walk(visitor: Visitor, role: str, most: int) -> Iterator[Seen]:
    """The menu, then the links of its pages, each kind of address once."""
    text = visitor.get("/")
    menu = text[text.find("y-menu") : text.find("<main")]
    queue, met = [("/", "", 0), *((path, "/", 0) for path in links(menu))], set[str]()
    while queue and len(met) < most:
        path, origin, depth = queue.pop(0)
        kind = kind_of(path)
        if kind in met:
            continue
        met.add(kind)
        one, text = _ask(visitor, role, path, origin)
        yield one
        if depth < DEEP:
            queue += [(link, path, depth + 1) for link in links(text[text.find("<main") :])]


def _ask(visitor: Visitor, role: str, path: str, origin: str) -> tuple[Seen, str]:
    status, text, spans = 200, "", []
    for _again in range(2):
        begun = time.perf_counter()
        try:
            body = visitor.fetch(path)
            size, text = (
                len(body),
                body.decode(errors="replace") if body[:200].lstrip().lower().startswith(b"<!doctype") else "",
            )
        except HTTPError as refusal:
            status, size = refusal.code, 0
        spans.append((time.perf_counter() - begun) * 1000)
    return Seen(role, path, origin, spans[0], spans[1], size, status), text


def links(text: str) -> list[str]:
    """Own addresses in a piece of a page, each once."""
    found = dict.fromkeys(link.replace("&amp;", "&") for link in _LINK.findall(text))
    return [link for link in found if not link.startswith(_NOT_PAGES)]


def kind_of(path: str) -> str:
    """An address without its keys and its question."""
    return _KEY.sub("…", urlsplit(path).path)
